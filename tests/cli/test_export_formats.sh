#!/bin/sh
# The exported formats field by field: OpenMetrics by its grammar and by a public parser, FOCUS by
# column, type and allowed value, trace events by what each kind must have. (What they say against
# the tables: test_export.sh.)
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

werkbank run "$WERKBANK_SOURCE/scenarios/spot-weather/scenario.yaml" --db a.db -q -o csv
werkbank run "$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml" --db b.db -q -o csv
check "six runs are there" [ "$(sqlite3 a.db 'SELECT count(*) FROM runs')$(sqlite3 b.db \
    'SELECT count(*) FROM runs')" = 42 ]

# ---- OpenMetrics 1.0 ----

for db in a b; do
    expect 0 '' export $db.db --as openmetrics --out $db.om
    name='[a-zA-Z_:][a-zA-Z0-9_:]*'
    label='[a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\\\|\\n|\\")*"'
    number='-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?'
    sample="$name\{$label(,$label)*\} $number $number"
    grep -vE "^(# TYPE $name (gauge|counter)|# HELP $name [^\\]*|# EOF|$sample)\$" $db.om >strange
    check "$db: every line is one of the grammar's: $(head -n 1 strange)" [ ! -s strange ]
    check "$db: nothing stands behind the end" [ "$(grep -n '^# EOF$' $db.om | cut -d: -f1)" = \
        "$(wc -l <$db.om)" ]
    # shellcheck disable=SC2016 # fields of awk
    check "$db: a type, then a help, then samples of that family in unbroken series" awk '
        /^# TYPE/ { family = $3; type = $4; helped = 0; previous = ""; next }
        /^# HELP/ { if ($3 != family || helped++) exit bad = 1; next }
        /^# EOF/ { next }
        { series = $0; sub(/\} .*/, "}", series)
          wanted = family (type == "counter" ? "_total" : "")
          if (substr(series, 1, length(wanted) + 1) != wanted "{" || !helped) exit bad = 1
          if (series != previous && series in seen) exit bad = 1
          seen[series]; previous = series }
        END { exit bad }' $db.om
done
cat >names <<'NAMES'
karpenter_cluster_state_node_count
karpenter_cluster_utilization_percent
karpenter_nodeclaims_created
karpenter_nodeclaims_disrupted
karpenter_nodeclaims_terminated
karpenter_scheduler_unschedulable_pods_count
karpenter_voluntary_disruption_decisions
NAMES
grep -hoE '^# TYPE karpenter_[a-z_]+' a.om b.om | cut -d' ' -f3 | sort -u >have
check "Karpenter's metrics have Karpenter's names: $(comm -13 names have | head -n 1)" \
    [ -z "$(comm -13 names have)" ]
# Before 0.17 (Debian has 0.16) it compares the nanoseconds of any two seconds.
parse='import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as families
from prometheus_client.samples import Timestamp
Timestamp.__gt__ = lambda a, b: (a.sec, a.nsec) > (b.sec, b.nsec)
print(sum(len(f.samples) for f in families(open(sys.argv[1]).read())))'
python=
for name in python3 /usr/bin/python3; do # Debian's package belongs to Debian's own
    "$name" -c 'import prometheus_client' 2>/dev/null && python=$name && break
done
if [ -n "$python" ]; then
    for db in a b; do
        check "$db: prometheus_client reads every sample" \
            [ "$("$python" -c "$parse" $db.om)" = "$(grep -vc '^#' $db.om)" ]
    done
else
    echo "skipped: prometheus_client is not installed, its parser is not asked"
fi

# ---- FOCUS 1.0 ----

# Column, type, whether it may be null, allowed values. Source: the published specification,
# version 1.0, "Columns". N: numeric, S: string, D: date and time in UTC, J: JSON object.
cat >columns <<'COLUMNS'
AvailabilityZone|S|null|
BilledCost|N|not|
BillingAccountId|S|not|
BillingAccountName|S|null|
BillingCurrency|S|not|'USD'
BillingPeriodEnd|D|not|
BillingPeriodStart|D|not|
ChargeCategory|S|not|'Usage','Purchase','Tax','Credit','Adjustment'
ChargeClass|S|null|'Correction'
ChargeDescription|S|null|
ChargeFrequency|S|not|'One-Time','Recurring','Usage-Based'
ChargePeriodEnd|D|not|
ChargePeriodStart|D|not|
CommitmentDiscountCategory|S|null|'Spend','Usage'
CommitmentDiscountId|S|null|
CommitmentDiscountName|S|null|
CommitmentDiscountStatus|S|null|'Used','Unused'
CommitmentDiscountType|S|null|
ConsumedQuantity|N|null|
ConsumedUnit|S|null|'Hours'
ContractedCost|N|not|
ContractedUnitPrice|N|null|
EffectiveCost|N|not|
InvoiceIssuerName|S|not|
ListCost|N|not|
ListUnitPrice|N|null|
PricingCategory|S|null|'Standard','Dynamic','Committed','Other'
PricingQuantity|N|null|
PricingUnit|S|null|'Hours'
ProviderName|S|not|
PublisherName|S|not|
RegionId|S|null|
RegionName|S|null|
ResourceId|S|null|
ResourceName|S|null|
ResourceType|S|null|
ServiceCategory|S|not|'Compute'
ServiceName|S|not|
SkuId|S|null|
SkuPriceId|S|null|
SubAccountId|S|null|
SubAccountName|S|null|
Tags|J|null|
COLUMNS
for db in a b; do
    expect 0 '' export $db.db --as focus --out $db.csv
    head -n 1 $db.csv | tr -d '\r' | tr ',' '\n' | grep -v '^x_' >have
    cut -d'|' -f1 columns >want
    check "$db: the columns of the specification, in its order" cmp want have
    check "$db: others begin with x_" [ "$(head -n 1 $db.csv | tr -d '\r' | tr ',' '\n' |
        grep -c '^x_[A-Z]')" = 7 ]
    while IFS='|' read -r column kind null values; do
        case $kind in
        N) rule="$column GLOB '[0-9]*' AND $column NOT GLOB '*[^0-9.]*'" ;;
        D) rule="strftime('%Y-%m-%dT%H:%M:%SZ', $column) = replace($column, '.' ||
            substr($column, 21, 3) || 'Z', 'Z')" ;;
        J) rule="json_valid($column) AND json_type($column) = 'object'" ;;
        *) rule="length($column) > 0" ;;
        esac
        [ -z "$values" ] || rule="$rule AND $column IN ($values)"
        [ "$null" = not ] || rule="$column = '' OR $rule"
        wrong=$(sqlite3 :memory: ".mode csv" ".import $db.csv f" \
            "SELECT $column FROM f WHERE NOT coalesce($rule, 0) LIMIT 1")
        check "$db: $column is $kind, ${values:-any}, $null: $wrong" [ -z "$wrong" ]
    done <columns
    check "$db: costs are what quantity and price say, to a minute and the free first hour" \
        [ "$(sqlite3 :memory: ".mode csv" ".import $db.csv f" "SELECT count(*) FROM f WHERE
        BilledCost <> EffectiveCost OR BilledCost <> ListCost OR ChargeClass <> '' OR (BilledCost
        > 0 AND abs(BilledCost - PricingQuantity * ListUnitPrice) > ListUnitPrice / 59)")" = 0 ]
done
check "spot is priced dynamically" [ "$(cut -d, -f27 a.csv | sort -u | tr '\n' ' ')" = \
    "Dynamic PricingCategory " ]

# ---- trace events ----

for db in a b; do
    expect 0 '' export $db.db --as perfetto --out $db.json
    sqlite3 trace_$db.db "CREATE TABLE e AS SELECT json_extract(value, '\$.ph') AS ph,
        json_extract(value, '\$.name') AS name, json_extract(value, '\$.cat') AS cat,
        json_extract(value, '\$.pid') AS pid, json_extract(value, '\$.tid') AS tid,
        json_extract(value, '\$.ts') AS ts, json_extract(value, '\$.dur') AS dur,
        json_extract(value, '\$.id') AS id, json_extract(value, '\$.args') AS args
        FROM json_each(readfile('$db.json'), '\$.traceEvents')"
    events() { sqlite3 trace_$db.db "$1"; }
    check "$db: kinds of events" [ "$(events 'SELECT DISTINCT ph FROM e ORDER BY 1' |
        tr '\n' ' ')" = "C M X b e " ]
    while IFS='|' read -r kind what rule; do
        wrong=$(events "SELECT count(*) FROM e WHERE ph IN ($kind) AND NOT coalesce($rule, 0)")
        check "$db: $kind has $what: $wrong without" [ "$wrong" = 0 ]
    done <<'RULES'
'C','M','X','b','e'|a process and a thread|typeof(pid) = 'integer' AND tid = 0
'C','M','X','b','e'|a name|length(name) > 0
'C','X','b','e'|a time in whole microseconds|typeof(ts) = 'integer' AND ts >= 0
'X'|a length|typeof(dur) = 'integer' AND dur >= 0
'X'|a price|json_extract(args, '$.usd_per_hour') >= 0
'C'|a count|json_type(args, '$.count') = 'integer'
'M'|the name of a process|name = 'process_name' AND json_type(args, '$.name') = 'text'
'b','e'|a category and an id|cat = 'pod' AND length(id) > 0
RULES
    named=$(events "SELECT count(*) FROM e WHERE ph = 'M'")
    check "$db: every process is named once" [ "$named $named" = "$(events "SELECT
        count(DISTINCT pid) || ' ' || count(DISTINCT CASE ph WHEN 'M' THEN pid END) FROM e")" ]
    check "$db: every asynchronous slice begins once and ends once, not before" [ "$(events "SELECT
        count(*) FROM (SELECT id FROM e WHERE ph IN ('b', 'e') GROUP BY id HAVING
        group_concat(ph, '') <> 'be' OR min(ts) <> min(CASE ph WHEN 'b' THEN ts END) OR
        count(DISTINCT pid) <> 1 OR count(DISTINCT name) <> 1)")" = 0 ]
    # The same times as the tables have.
    missing() { sqlite3 trace_$db.db "ATTACH '$db.db' AS s" "SELECT count(*) FROM ($1)"; }
    check "$db: slices of nodes are the nodes'" [ "$(missing "SELECT 1000 * coalesce(ready_ms,
        added_ms), 1000 * (coalesce(gone_ms, end_ms) - coalesce(ready_ms, added_ms))
        FROM s.nodes JOIN s.runs USING (run_id)
        EXCEPT SELECT ts, dur FROM e WHERE ph = 'X'")" = 0 ]
    check "$db: slices of pods are the pods'" [ "$(missing "SELECT namespace || '/' || name,
        1000 * bound_ms, 1000 * coalesce(gone_ms, end_ms) FROM s.pods JOIN s.runs USING (run_id)
        WHERE bound_ms IS NOT NULL AND is_daemon = 0
        EXCEPT SELECT b.name, b.ts, e.ts FROM e b JOIN e USING (id)
        WHERE b.ph = 'b' AND e.ph = 'e'")" = 0 ]
done
finish
