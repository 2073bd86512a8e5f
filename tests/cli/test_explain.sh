#!/bin/sh
# werkbank explain: what it tells of pods and nodes picked all over a run is what the tables say,
# and one line for what is not there.
# shellcheck source=tests/cli/story.sh
. "$(dirname "$0")/story.sh"
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

werkbank run "$WERKBANK_SOURCE/scenarios/day/scenario.yaml" --db day.db -q -o csv
check "two runs are there" [ "$(sqlite3 day.db 'SELECT count(*) FROM figures')" = 2 ]

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
    check "$name: why it was left alone" [ "$(grep -c '  is left alone: ' out)" = \
        "$(sqlite3 day.db "SELECT count(*) FROM stays JOIN nodes USING (run_id, node_id)
        WHERE run_id = 1 AND name = '$name'")" ]
done

# ---- why a node stayed, why a type was ruled out ----

name=$(sqlite3 day.db "SELECT n.name FROM stays s JOIN nodes n USING (run_id, node_id)
    WHERE run_id = 2 AND reason = 'BlockedByPod' ORDER BY s.total_ms DESC LIMIT 1")
expect 0 '' explain day.db --node "$name"
check "Cluster Autoscaler's reasons are told, of $name" \
    grep -qE 'is left alone: pod .* may not be moved: [A-Za-z]+ \([0-9.]+ min' out
# What a claim is said to have lost its types by adds up, in every claim.
sqlite3 day.db "SELECT ruled_out, type_count FROM claims WHERE run_id = 1" |
    awk -F'|' '{ rest = $1
        match(rest, /of [0-9]+ instance types/); left = substr(rest, RSTART + 3) + 0
        while (match(rest, /, [0-9]+ by /)) {
            left -= substr(rest, RSTART + 2) + 0; rest = substr(rest, RSTART + RLENGTH) }
        if (left != $2) { print $0; bad = 1 } } END { exit bad || NR < 50 }' >off
check "types ruled out add up: $(head -n 1 off)" [ ! -s off ]
# The same steps as solve --explain tells of the same pods before the same NodePool.
"$WERKBANK" run "$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml" --db nginx.db -q -o csv >out
"$WERKBANK" solve -f "$WERKBANK_SOURCE/scenarios/nginx-demo/nodepool.yaml" \
    -f "$WERKBANK_SOURCE/scenarios/nginx-demo/nginx.yaml" --explain nginx -q 2>err |
    awk '/ instance types$/ { left = $1 }
        / after the NodePool/ { print left - $1; left = $1 }' >want
sqlite3 nginx.db "SELECT ruled_out FROM claims WHERE run_id = 1 AND claim_id = 0" |
    grep -oE "[0-9]+ by the NodePool's" | cut -d' ' -f1 >have
check "as solve --explain has them" sh -c '[ -s want ] && cmp -s want have'

# ---- a moment, JSON, and what is not there ----

at=$(sqlite3 day.db "SELECT at_ms FROM decisions WHERE run_id = 1 AND kind LIKE '%consolidation'
    LIMIT 1")
expect 0 '' explain day.db --at "${at}ms" --window 1s --contender karpenter
check "the decision of that moment is told" has "$at" "consolidation"
check "and how things stood" grep -q ' pods running, .* spent so far$' out
for run in 1 2; do # what kept nodes then, in as many lines as there are reasons, with all the nodes
    contender=$([ $run = 1 ] && echo karpenter || echo cluster-autoscaler)
    expect 0 '' explain day.db --at 8h --window 1s --contender "$contender"
    sqlite3 day.db "SELECT count(DISTINCT coalesce(detail, reason)) || ' ' || count(*) FROM stays
        WHERE run_id = $run AND first_ms <= 28801000
        AND coalesce(last_ms, 28801000) >= 28799000" >want
    awk '/ is left alone/ { lines++; nodes++; if (/, as is one other: /) nodes++
        if (match($0, /, as are [0-9]+/)) nodes += substr($0, RSTART + 9, RLENGTH - 9) }
        END { print lines, nodes }' out >have
    check "nodes were kept then" [ "$(cat want)" != "0 0" ]
    check "and what kept them is told, $(cat want)" cmp want have
done
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
