#!/bin/sh
# werkbank export: each format is what its readers expect, and says what the tables say.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

werkbank run "$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml" --db a.db -q -o csv
value() { sqlite3 a.db "$1"; }
check "two runs are there" [ "$(value 'SELECT count(*) FROM figures')" = 2 ]

# ---- OpenMetrics ----

expect 0 '' export a.db --as openmetrics --out a.om
check "it ends as it must" [ "$(tail -n 1 a.om)" = "# EOF" ]
# shellcheck disable=SC2016 # fields of awk
check "families are whole, samples in order of time, counters never fall" awk '
    /^# TYPE / { if (seen[$3]++) exit bad = 1; name = $3; type = $4; next }
    /^# (HELP|EOF)/ { next }
    { series = $1; sub(/_total\{/, "{", series)
      if (index(series, name "{") != 1) exit bad = 1
      if ((type == "counter") != ($1 ~ /_total\{/)) exit bad = 1
      if (series in time && time[series] >= $NF) exit bad = 1
      if (type == "counter" && series in count && count[series] > $(NF - 1)) exit bad = 1
      time[series] = $NF; count[series] = $(NF - 1) }
    END { exit bad }' a.om
last() { grep "^$1{.*contender=\"$2\"" a.om | tail -n 1 | cut -d' ' -f2; }
check "the last of a counter is the count" \
    [ "$(last karpenter_nodeclaims_created_total karpenter)" = \
    "$(value 'SELECT count(*) FROM claims WHERE run_id = 1')" ]
check "the bill of each" [ "$(last werkbank_cost_usd_total cluster-autoscaler)" = \
    "$(value "SELECT printf('%.9f', cost_nusd / 1e9) FROM figures WHERE run_id = 2")" ]
check "no metric of Karpenter's for another" \
    [ "$(grep -c '^karpenter_.*contender="cluster-autoscaler"' a.om)" = 0 ]
if command -v promtool >/dev/null 2>&1; then
    check "Prometheus takes it" promtool tsdb create-blocks-from openmetrics a.om blocks
else
    echo "skipped: promtool is not installed, OpenMetrics is checked by rule only"
fi

# ---- FOCUS ----

# Billed so much, to the nano-dollar, over all rows of a contender.
billed() { # file contender
    sqlite3 :memory: ".mode csv" ".import $1 rows" "SELECT sum(CAST(replace(BilledCost, '.', '')
        AS INTEGER)) FROM rows WHERE x_Contender = '$2'"
}
expect 0 '' export a.db --as focus --out a.csv
for run in 1 2; do
    contender=$([ $run = 1 ] && echo karpenter || echo cluster-autoscaler)
    check "the rows of $contender add up to its bill" \
        [ "$(billed a.csv "$contender")" = "$(value "SELECT cost_nusd FROM figures
            WHERE run_id = $run")" ]
done
check "a row per instance" [ "$(($(wc -l <a.csv) - 1))" = "$(value 'SELECT count(*)
    FROM instances WHERE running_ms IS NOT NULL')" ]
# The same bill where a month ends half an hour into the run.
cp a.db b.db
sqlite3 b.db "UPDATE runs SET epoch_ms = strftime('%s', '2025-12-31 23:30:00') * 1000"
expect 0 '' export b.db --as focus --out b.csv
check "an instance over the end of a month has two rows" [ "$(wc -l <b.csv)" -gt "$(wc -l <a.csv)" ]
check "with a period each" grep -q '2026-01-01T00:00:00Z,2025-12-01T00:00:00Z' b.csv
check "which add up to the same bill" \
    [ "$(billed b.csv karpenter)" = "$(billed a.csv karpenter)" ]
check "no charge leaves its billing period" [ "$(sqlite3 :memory: ".mode csv" ".import b.csv rows" \
    "SELECT count(*) FROM rows WHERE ChargePeriodStart < BillingPeriodStart
    OR ChargePeriodEnd > BillingPeriodEnd OR ChargePeriodStart > ChargePeriodEnd")" = 0 ]

# ---- Perfetto, events, CSV ----

expect 0 '' export a.db --as perfetto --out a.json
json() { sqlite3 :memory: "$1"; }
check "Perfetto's JSON is valid" [ "$(json "SELECT json_valid(readfile('a.json'))")" = 1 ]
check "every event has phase, process and name" [ "$(json "SELECT count(*) FROM
    json_each(readfile('a.json'), '\$.traceEvents') WHERE json_extract(value, '\$.ph') IS NULL
    OR json_extract(value, '\$.pid') IS NULL OR json_extract(value, '\$.name') IS NULL")" = 0 ]
check "a slice per node" [ "$(json "SELECT count(*) FROM json_each(readfile('a.json'),
    '\$.traceEvents') WHERE json_extract(value, '\$.ph') = 'X'
    AND json_extract(value, '\$.dur') >= 0")" = "$(value 'SELECT count(*) FROM nodes')" ]
for edge in b e; do
    check "an edge $edge per pod" [ "$(json "SELECT count(*) FROM json_each(readfile('a.json'),
        '\$.traceEvents') WHERE json_extract(value, '\$.ph') = '$edge'")" = \
        "$(value 'SELECT count(*) FROM pods WHERE node_id IS NOT NULL AND is_daemon = 0')" ]
done
expect 0 '' export a.db --as events --out e.json
check "an Event per event and decision" [ "$(json "SELECT json_array_length(readfile('e.json'),
    '\$.items')")" = "$(value 'SELECT (SELECT count(*) FROM events) +
    (SELECT count(*) FROM decisions)')" ]
expect 0 '' export a.db --view costs
check "CSV of a view, all rows" [ "$(($(wc -l <out) - 1))" = \
    "$(value 'SELECT count(*) FROM costs')" ]
check "its head" [ "$(head -n 1 out | tr -d '\r')" = \
    "run_id,capacity_type,instance_type,zone,instances,node_ms,cost_nusd" ]
expect 0 '' export a.db --as events --out e.json.zst
check "packed by its ending" [ "$(zstd -qdc e.json.zst | cksum)" = "$(cksum <e.json)" ]

# ---- what can't be exported ----

expect 2 "werkbank: --view: 'x' is no table or view of the database (docs/database.md)" \
    export a.db --view x
expect 3 "werkbank: no/where: cannot create: No such file or directory" export a.db --out no/where
finish
