#!/bin/sh
# werkbank explain over a run of 10,000 pods: ten pods and ten nodes drawn at random, every moment
# of each story held against the store. SEED draws others.
# shellcheck source=tests/cli/story.sh
. "$(dirname "$0")/story.sh"
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

seed=${SEED:-20260725}
expect 0 '' trace generate "$WERKBANK_SOURCE/scenarios/scale/scale.spec.yaml" \
    --scale-percent 1 --out scale.trace -q
expect 0 '' run "$WERKBANK_SOURCE/scenarios/scale/scenario.yaml" --trace scale.trace \
    --db s.db -q -o csv
value() { sqlite3 s.db "$1"; }
pods=$(value "SELECT count(*) FROM pods WHERE is_daemon = 0")
nodes=$(value "SELECT count(*) FROM instances")
check "10,000 pods ran, $pods, on $nodes nodes" [ "$pods" -gt 9900 ]

# The next draw below a bound, in $drawn: a linear congruential generator (Park and Miller).
draw() { # bound
    seed=$((seed * 48271 % 2147483647))
    drawn=$((seed % $1))
}

# ---- pods ----

# Every time that the rows of a pod and of those that replaced it have, and nothing else.
draws=0
while [ "$draws" -lt 10 ]; do
    draws=$((draws + 1))
    draw "$pods"
    name=$(value "SELECT namespace || '/' || name FROM pods WHERE is_daemon = 0
        ORDER BY pod_id LIMIT 1 OFFSET $drawn")
    id=$(value "SELECT pod_id FROM pods WHERE is_daemon = 0 ORDER BY pod_id LIMIT 1 OFFSET $drawn")
    while [ -n "$(value "SELECT replaces FROM pods WHERE pod_id = $id")" ]; do
        id=$(value "SELECT replaces FROM pods WHERE pod_id = $id")
    done
    expect 0 '' explain s.db --pod "$name"
    moments=0
    while [ -n "$id" ]; do
        value "SELECT p.created_ms || '|created: ' || p.name || ' asks ' || s.cpu_milli || 'm CPU'
            FROM pods p JOIN shapes s USING (shape_id) WHERE pod_id = $id
            UNION ALL SELECT first_unschedulable_ms || '|it waits: ' || r.text FROM pods p
                JOIN reasons r ON r.reason_id = p.waited_for WHERE pod_id = $id
            UNION ALL SELECT p.bound_ms || '|bound to node ' || n.name || ' (' || n.instance_type
                FROM pods p JOIN nodes n USING (node_id) WHERE pod_id = $id
            UNION ALL SELECT running_ms || '|runs; pod latency '
                || printf('%.1f s', (running_ms - created_ms) / 1e3) FROM pods WHERE pod_id = $id
            UNION ALL SELECT gone_ms || '|gone: ' || state || coalesce(', ' || cause, '')
                FROM pods WHERE pod_id = $id
            UNION ALL SELECT at_ms || '|evict' FROM events WHERE pod_id = $id
            UNION ALL SELECT c.created_ms || '|NodeClaim ' || c.name || ' is made for '
                || c.pod_count FROM pods p JOIN nodes n USING (node_id)
                JOIN claims c USING (claim_id) WHERE pod_id = $id
                AND c.created_ms BETWEEN p.created_ms AND p.bound_ms
            UNION ALL SELECT c.created_ms || '|ruled out for it: ' || c.ruled_out
                FROM pods p JOIN nodes n USING (node_id) JOIN claims c USING (claim_id)
                WHERE pod_id = $id AND c.created_ms BETWEEN p.created_ms AND p.bound_ms
            UNION ALL SELECT n.ready_ms || '|node ' || n.name || ' is ready' FROM pods p
                JOIN nodes n USING (node_id) WHERE pod_id = $id
                AND n.ready_ms BETWEEN p.created_ms AND p.bound_ms" >rows
        while IFS='|' read -r at words; do
            [ -n "$at" ] || continue # a time that has not come
            moments=$((moments + 1))
            check "$name: $words at $at" has "$at" "$words"
        done <rows
        id=$(value "SELECT replaced_by FROM pods WHERE pod_id = $id")
    done
    check "$name: $moments moments and no other" [ "$(grep -c '^  ' out)" = "$moments" ]
done

# ---- nodes ----

draws=0
while [ "$draws" -lt 10 ]; do
    draws=$((draws + 1))
    draw "$nodes"
    id=$drawn
    expect 0 '' explain s.db --node "i-$id"
    value "SELECT requested_ms || '|requested from EC2' FROM instances WHERE instance_id = $id
        UNION ALL SELECT running_ms || '|billing begins at \$'
            || printf('%.4f/h', price_nusd_per_hour / 1e9) FROM instances WHERE instance_id = $id
        UNION ALL SELECT registered_ms || '|registered as ' FROM instances WHERE instance_id = $id
        UNION ALL SELECT ready_ms || '|ready' FROM instances WHERE instance_id = $id
        UNION ALL SELECT ended_ms || '|ended by ' || cause || ' after '
            || printf('%.2f h, it cost \$%.4f', (ended_ms - running_ms) / 3.6e6, cost_nusd / 1e9)
            FROM instances WHERE instance_id = $id
        UNION ALL SELECT created_ms || '|' || instance_type || ' at \$'
            || printf('%.4f', price_nusd_per_hour / 1e9) || '/h is the cheapest of ' || type_count
            || ' instance types; next: ' || alternatives FROM claims WHERE instance_id = $id
        UNION ALL SELECT created_ms || '|ruled out for it: ' || ruled_out FROM claims
            WHERE instance_id = $id
        UNION ALL SELECT p.bound_ms || '|takes ' || p.namespace || '/' || p.name FROM pods p
            JOIN nodes n USING (node_id) WHERE n.instance_id = $id AND is_daemon = 0
        UNION ALL SELECT p.gone_ms || '|' || p.name || ' is gone: ' || p.state FROM pods p
            JOIN nodes n USING (node_id) WHERE n.instance_id = $id AND is_daemon = 0
        UNION ALL SELECT s.first_ms || '|is left alone: ' || s.detail FROM stays s
            JOIN nodes n USING (node_id) WHERE n.instance_id = $id
        UNION ALL SELECT c.found_ms || '|is a ' || k.role || ' of a command by ' || c.method
            FROM commands c JOIN command_nodes k USING (command_id) JOIN claims l USING (claim_id)
            WHERE l.instance_id = $id
        UNION ALL SELECT d.at_ms || '|' || d.kind || ': ' || d.outcome FROM decisions d
            JOIN claims l ON l.name = d.subject WHERE l.instance_id = $id
        UNION ALL SELECT e.at_ms || '|node-removed' FROM events e JOIN nodes n USING (node_id)
            WHERE n.instance_id = $id AND e.kind = 'node-removed'" >rows
    moments=0
    while IFS='|' read -r at words; do
        [ -n "$at" ] || continue
        moments=$((moments + 1))
        check "instance $id: $words at $at" has "$at" "$words"
    done <rows
    check "instance $id: $moments moments and no other" [ "$(grep -c '^  ' out)" = "$moments" ]
done
finish
