#!/bin/sh
# werkbank top: a moment as the tables have it, at any width, and the terminal with its keys.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

werkbank run "$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml" --db a.db -q -o csv
value() { sqlite3 a.db "$1"; }
check "two runs are there" [ "$(value 'SELECT count(*) FROM figures')" = 2 ]

# ---- a moment ----

at=1200000 # 20 minutes in: after the first scale-up, before anything is taken away
expect 0 '' top a.db --at 20m
nodes=$(value "SELECT count(*) FROM nodes WHERE run_id = 1 AND added_ms <= $at
    AND coalesce(gone_ms, 1e15) > $at")
pods=$(value "SELECT count(*) FROM pods WHERE run_id = 1 AND is_daemon = 0 AND bound_ms <= $at
    AND coalesce(gone_ms, 1e15) > $at")
check "its head counts nodes and pods" [ "$(head -n 1 out)" = \
    "nginx-demo, karpenter at 0d 00:20:00: $nodes nodes, $pods pods, 0 waiting" ]
price=$(value "SELECT printf('%.4f/hour, \$%.2f/month', sum(price_nusd_per_hour) / 1e9,
    730 * sum(price_nusd_per_hour) / 1e9) FROM instances i JOIN nodes n USING (run_id, node_id)
    WHERE run_id = 1 AND n.added_ms <= $at AND coalesce(n.gone_ms, 1e15) > $at")
check "the price of its nodes: $price" grep -qF "\$$price, " out
value "SELECT n.name || ' ' || n.instance_type || ' ' || CAST(round(100.0 * (SELECT
    sum(s.cpu_milli) FROM pods p JOIN shapes s USING (run_id, shape_id) WHERE p.run_id = 1
    AND p.node_id = n.node_id AND p.bound_ms <= $at AND coalesce(p.gone_ms, 1e15) > $at)
    / n.cpu_milli) AS INTEGER) || '%' FROM nodes n WHERE run_id = 1 AND n.added_ms <= $at
    AND coalesce(n.gone_ms, 1e15) > $at" >rows
check "there are nodes to see" [ "$(wc -l <rows)" -ge 1 ]
while read -r name kind cpu; do
    check "$name with $kind and $cpu of CPU" grep -qE "^$name +$kind .* $cpu  \[" out
done <rows
expect 0 '' top a.db --at 20m --contender cluster-autoscaler --sort name
check "the other contender" grep -q '^nginx-demo, cluster-autoscaler at' out
check "by name" sh -c 'tail -n +5 out | cut -d" " -f1 | sort -c'
for width in 20 60 110; do
    expect 0 '' top a.db --at 20m --width $width
    check "no line is longer than $width" awk -v w=$width 'length > w { exit 1 }' out
done
expect 0 '' top a.db --at 20m --filter no-such-node
check "the filter leaves nothing" [ "$(wc -l <out)" = 4 ]

# ---- what can't be shown ----

expect 2 "werkbank: top needs a terminal; --at TIME prints one moment" top a.db
expect 2 "werkbank: --contender: no finished run of 'x', expected one such as 'karpenter'" \
    top a.db --at 1m --contender x

# ---- the terminal ----

command -v tmux >/dev/null 2>&1 || {
    echo "skipped: tmux is not installed, the terminal is not tried"
    finish
}
pane() { tmux -S "$work/tmux" "$@"; }
# shellcheck disable=SC2317 # check calls it
# Waits until the screen shows words: at most ten seconds, since machines are slow at times.
shows() {
    tries=0
    while [ "$tries" -lt 100 ]; do
        pane capture-pane -p >seen 2>/dev/null
        grep -qF -- "$1" seen && return 0
        sleep 0.1
        tries=$((tries + 1))
    done
    return 1
}
pane -f /dev/null new-session -d -x 120 -y 20 "'$WERKBANK' top a.db --speed 1; echo ended \$?; cat"
check "it plays" shows "playing 1x"
pane send-keys ' '
check "space pauses" shows "paused 1x"
pane send-keys '.'
check "a dot steps an hour" shows "at 0d 01:00:0"
pane send-keys Tab
check "tab goes to the next contender" shows "nginx-demo, cluster-autoscaler"
pane send-keys 's'
check "s sorts" shows "by price"
pane send-keys '/' 'zzz' Enter
check "/ filters" shows "0 nodes"
pane resize-window -x 30 -y 4
check "a terminal too small says so" shows "too small"
pane send-keys 'q'
pane resize-window -x 80 -y 10
check "q ends it with status 0" shows "ended 0"
pane kill-server 2>/dev/null

# ---- what the terminal shows is what --at prints, key by key ----

werkbank run "$WERKBANK_SOURCE/scenarios/day/scenario.yaml" --db day.db -q -o csv
check "the day ran" [ "$status" = 0 ]
# shellcheck disable=SC2317 # check calls it
# Waits until the screen, but for its last line, is the moment that these options print.
same_as() { # columns lines options of top...
    columns=$(($1 - 1))
    lines=$(($2 - 1))
    shift 2
    "$WERKBANK" top day.db "$@" --width "$columns" 2>/dev/null | head -n "$lines" |
        sed 's/ *$//' >want
    tries=0
    while [ "$tries" -lt 100 ]; do
        pane capture-pane -p 2>/dev/null | head -n "$lines" | sed 's/ *$//' | sed '/^$/d' >seen
        cmp -s want seen && return 0
        sleep 0.1
        tries=$((tries + 1))
    done
    diff want seen
    return 1
}
pane -f /dev/null new-session -d -x 120 -y 20 "'$WERKBANK' top day.db --speed 1; cat"
check "it plays the day" shows "playing 1x"
pane send-keys ' '
check "it stands still" shows "paused 1x"
pane send-keys 'g' '.'
check "an hour from the start" same_as 120 20 --at 1h
pane send-keys Right Right
check "right steps a minute" same_as 120 20 --at 62m
pane send-keys Left
check "left steps back" same_as 120 20 --at 61m
pane send-keys ','
check "comma steps back an hour" same_as 120 20 --at 1m
pane send-keys 'g' '.'
check "g goes to the start" same_as 120 20 --at 1h
for order in price cpu name; do
    pane send-keys 's'
    check "s sorts by $order" same_as 120 20 --at 1h --sort $order
done
pane send-keys 's' '/' '8xlarge' Enter
check "the filter leaves some" same_as 120 20 --at 1h --filter 8xlarge
check "not none, nor all" [ "$(wc -l <want)" -gt 5 ]
for size in 80x12 50x12 24x8; do
    pane resize-window -x ${size%x*} -y ${size#*x}
    check "at $size" same_as ${size%x*} ${size#*x} --at 1h --filter 8xlarge
done
pane resize-window -x 120 -y 20
pane send-keys '/' Enter
check "an empty filter is none" same_as 120 20 --at 1h
pane send-keys Down Down
sed -n '7p' want >third # above the nodes are four lines
check "down scrolls by lines" sh -c \
    "sleep 1; tmux -S '$work/tmux' capture-pane -p | sed -n '5p' | sed 's/ *\$//' | cmp - third"
pane send-keys '+'
check "plus doubles the speed" shows "paused 2x"
pane send-keys 'q'
pane kill-server 2>/dev/null
finish
