#!/bin/sh
# werkbank plot: every kind draws, what is drawn is what the views say, the same bytes each time,
# and one line for what can't be drawn.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

command -v gnuplot >/dev/null 2>&1 || {
    echo "skipped: gnuplot is not installed"
    exit 77
}
werkbank run "$WERKBANK_SOURCE/scenarios/day/scenario.yaml" --db day.db -q -o csv
check "the run is there" [ "$status" = 0 ]
value() { sqlite3 day.db "$1"; }

# The block of one run in a datablock of a .gp file: block FILE NAME INDEX
block() {
    awk -v name="\$$2 << WB_END" -v want="$3" '
        $0 == name { on = 1; run = 0; empty = 0; next }
        on && $0 == "WB_END" { exit }
        on && $0 == "" { empty++; if (empty == 2) { run++; empty = 0 } next }
        on { empty = 0; if (run == want) print }' "$1"
}

# ---- every kind ----

for kind in nodes cost latency utilisation mix gantt churn arrivals; do
    expect 0 '' plot day.db "$kind" --out "$kind.svg"
    check "$kind is an SVG" grep -q '^<svg' "$kind.svg"
    check "$kind is whole" grep -qx '</svg>' "$kind.svg"
    check "$kind names its scenario" grep -q 'day: ' "$kind.svg"
    expect 0 '' plot day.db "$kind"
    check "$kind is the same on standard output" cmp -s out "$kind.svg"
    expect 0 '' plot day.db "$kind" --out "$kind.gp"
done
expect 0 '' plot day.db nodes --out nodes.png
check "PNG by its ending" [ "$(head -c 4 nodes.png | tail -c 3)" = PNG ]
for kind in nodes cost latency utilisation mix gantt churn; do
    check "$kind names both contenders" [ "$(grep -c '^names\[[12]\] = ' "$kind.gp")" = 2 ]
    check "karpenter is blue in $kind" grep -q "^colors\[1\] = '#0072B2'" "$kind.gp"
done

# ---- the data are those of the views ----

for run in 1 2; do
    index=$((run - 1))
    cost=$(value "SELECT printf('%.6f', cost_usd) FROM runs_summary WHERE run_id = $run")
    check "run $run: the cost line ends at the cost" \
        [ "$(block cost.gp samples $index | tail -n 1 | cut -d' ' -f5)" = "$cost" ]
    most=$(value "SELECT max(waiting) FROM (SELECT sum(step) OVER (ORDER BY at, step) AS waiting
        FROM (SELECT created_ms AS at, 1 AS step FROM pods WHERE run_id = $run AND is_daemon = 0
            AND bound_ms > created_ms UNION ALL SELECT bound_ms, -1 FROM pods
            WHERE run_id = $run AND is_daemon = 0 AND bound_ms > created_ms))")
    check "run $run: the most pods waiting, $most, is drawn" \
        [ "$(block nodes.gp waiting $index | cut -d' ' -f2 | sort -n | tail -n 1)" = "$most" ]
    slowest=$(value "SELECT printf('%.3f 100.0000', max_ms / 1e3) FROM pod_latency_percentiles
        WHERE run_id = $run")
    check "run $run: the distribution ends at the slowest pod" \
        [ "$(block latency.gp latencies $index | tail -n 1)" = "$slowest" ]
    evicted=$(value "SELECT evictions FROM figures WHERE run_id = $run")
    check "run $run: all evictions are in the churn" \
        [ "$(block churn.gp churn $index | tail -n 1 | cut -d' ' -f1)" = "$evicted" ]
    nodes=$(value "SELECT count(*) FROM instances WHERE run_id = $run")
    check "run $run: a bar for every node" [ "$(block gantt.gp bars $index | wc -l)" = "$nodes" ]
    # Bands are means over bins: their sum over time is the node hours of the bill.
    hours=$(value "SELECT printf('%.1f', sum(node_ms) / 3.6e6) FROM costs WHERE run_id = $run")
    drawn=$(block mix.gp mix $index | sed '$d' | awk -v span="$(sed -n 's/^span = //p' mix.gp)" \
        '{ sum += $NF } END { printf "%.1f", sum * span / NR }')
    check "run $run: the bands add up to $hours node hours, drawn $drawn" \
        awk -v a="$hours" -v b="$drawn" 'BEGIN { exit !(a - b < 0.2 && b - a < 0.2) }'
done
pods=$(value "SELECT pods_total FROM figures WHERE run_id = 1")
drawn=$(block arrivals.gp arrivals 0 | awk -v span="$(sed -n 's/^span = //p' mix.gp)" \
    '{ sum += $2 } END { printf "%.0f", sum * span / NR }')
check "the arrivals add up to the pods" [ "$drawn" = "$pods" ]

# Pods that come on the minute wait between the samples of the minutes, and are drawn all the same.
werkbank run "$WERKBANK_SOURCE/scenarios/night/scenario.yaml" --db night.db -q -o csv
expect 0 '' plot night.db nodes --out night.gp
check "no sample of the night's morning has a pod waiting" [ "$(sqlite3 night.db "SELECT sum(
    pods_pending) FROM samples WHERE run_id = 1 AND at_ms BETWEEN 21600000 AND 32400000")" = 0 ]
check "but three wait at once" [ "$(block night.gp waiting 0 |
    awk '$1 >= 6 && $1 < 9 && $2 > most { most = $2 } END { print most }')" = 3 ]

# ---- what can't be drawn ----

expect 2 "werkbank: 'pie' is no kind of plot, expected one of nodes, cost, latency, utilisation, \
mix, gantt, churn, arrivals" plot day.db pie
expect 2 "werkbank: --out: 'x.pdf' does not end in .svg, .png or .gp" plot day.db nodes --out x.pdf
expect 2 "werkbank: no finished run has seed 7, the lowest is 42" plot day.db nodes --seed 7
mkdir nothing
PATH=$work/nothing "$WERKBANK" plot day.db nodes --out never.svg 2>err
check "without gnuplot one line names the package" grep -qx 'werkbank: gnuplot is not installed '\
'(Debian: gnuplot-nox); --out FILE.gp writes its program instead' err
check "nothing is written then" [ ! -e never.svg ]
expect 3 "werkbank: no/where.svg: cannot create: No such file or directory" \
    plot day.db nodes --out no/where.svg
finish
