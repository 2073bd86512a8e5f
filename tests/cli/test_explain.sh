#!/bin/sh
# werkbank explain: what it tells of pods and nodes picked all over a run is what the tables say,
# and one line for what is not there.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

werkbank run "$WERKBANK_SOURCE/scenarios/day/scenario.yaml" --db day.db -q -o csv
check "two runs are there" [ "$(sqlite3 day.db 'SELECT count(*) FROM figures')" = 2 ]

# shellcheck disable=SC2317 # check calls it
# Whether the story in $work/out has a moment at a time (ms) whose text holds words.
has() { # ms words
    awk -v ms="$1" -v words="$2" '
        /^  / { split($1 == int($1) "d" ? $2 : $1, t, /[:.]/)
                days = $2 ~ /^[0-9]+:/ ? substr($1, 1, length($1) - 1) : 0
                at = (((days * 24 + t[1]) * 60 + t[2]) * 60 + t[3]) * 1000 + t[4]
                if (at == ms && index($0, words)) found = 1 }
        END { exit !found }' out
}

# ---- pods, all over the run ----

for pick in 3 290 571 802 1133 1404 1679 1950 2221 2490; do
    for run in 1 2; do
        contender=$([ $run = 1 ] && echo karpenter || echo cluster-autoscaler)
        row=$(sqlite3 day.db "SELECT p.namespace || '/' || p.name, p.created_ms, p.bound_ms,
            p.running_ms, p.gone_ms, n.name, p.state FROM pods p
            JOIN nodes n USING (run_id, node_id)
            WHERE run_id = $run AND is_daemon = 0 ORDER BY pod_id LIMIT 1 OFFSET $pick")
        IFS='|' read -r name created bound running gone node state <<R
$row
R
        expect 0 '' explain day.db --pod "$name" --contender "$contender"
        check "$name: its name and contender" grep -q "^pod $name .*, under $contender\$" out
        check "$name: created at $created" has "$created" "created: ${name#*/} asks "
        check "$name: bound at $bound to $node" has "$bound" "bound to node $node ("
        check "$name: runs at $running" has "$running" "runs; pod latency "
        check "$name: nothing is told of a time that is not its own" \
            [ "$(has $((created - 1)) created && echo yes)" = "" ]
        check "$name: gone at $gone" has "$gone" "gone: $state"
    done
done

# ---- nodes ----

for pick in 0 9 17 26 35 44 53 62 71 80; do
    row=$(sqlite3 day.db "SELECT n.name, i.requested_ms, i.running_ms, n.ready_ms, i.ended_ms,
        printf('%.4f', i.cost_nusd / 1e9), i.cause, i.instance_type,
        (SELECT count(*) FROM pods p WHERE p.run_id = 1 AND p.node_id = n.node_id
            AND is_daemon = 0) FROM nodes n JOIN instances i USING (run_id, instance_id)
        WHERE run_id = 1 ORDER BY n.node_id LIMIT 1 OFFSET $pick")
    IFS='|' read -r name requested running ready ended cost cause kind pods <<R
$row
R
    expect 0 '' explain day.db --node "$name"
    check "$name: its type" grep -q "^node $name, NodeClaim .*: $kind, .*, under karpenter\$" out
    check "$name: requested at $requested" has "$requested" "requested from EC2"
    check "$name: billed from $running" has "$running" "billing begins at"
    check "$name: ready at $ready" has "$ready" "ready"
    check "$name: ended at $ended by $cause for \$$cost" has "$ended" "ended by $cause after "
    check "$name: cost" grep -q "it cost \$$cost\$" out
    check "$name: takes $pods pods" [ "$(grep -c '  takes ' out)" = "$pods" ]
done

# ---- a moment, JSON, and what is not there ----

at=$(sqlite3 day.db "SELECT at_ms FROM decisions WHERE run_id = 1 AND kind LIKE '%consolidation'
    LIMIT 1")
expect 0 '' explain day.db --at "${at}ms" --window 1s --contender karpenter
check "the decision of that moment is told" has "$at" "consolidation"
check "and how things stood" grep -q ' pods running, .* spent so far$' out
expect 0 '' explain day.db --pod web-1 -o json
check "JSON names its schema" grep -q '"schema":.*"werkbank/story/v1"' out
check "and has both contenders" [ "$(grep -c '"contender":' out)" = 2 ]
expect 2 "werkbank: no pod 'nope' in this run, names are such as 'shop/web-0'" \
    explain day.db --pod nope
expect 2 "werkbank: no node 'nope' in this run, names are such as 'default-00001-00001'" \
    explain day.db --node nope
expect 2 "werkbank: expected one of --pod, --node and --at" explain day.db
expect 2 "werkbank: no finished run of that contender" explain day.db --pod web-1 --contender x
finish
