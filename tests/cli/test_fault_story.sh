#!/bin/sh
# Faults are named: by run with what each has hit, by report in a table, by the view in SQL.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

expect 0 '' run "$WERKBANK_SOURCE/scenarios/faults/scenario.yaml" --db f.db -q
cp out told
for line in 'karpenter: fault at 1h0m0s: notReady: 2 nodes' \
    'karpenter: fault at 4h0m0s: vanishes: 1 machine' \
    'node-repair: fault at 2h0m0s: condition StorageReady; 1 node' \
    'karpenter: fault until 7h57m0s: apiError CreateFleet: InternalError; 10 calls' \
    'karpenter: fault until 10h10m0s: messageLost: 1 message' \
    'cluster-autoscaler: fault until 13h10m0s: controlPlane'; do
    check "$line" grep -qxF "$line" told
done
check "machines of groups have no NodeClaim" \
    grep -qxF 'cluster-autoscaler: fault at 5h0m0s: orphaned: 0 machines' told
check "what became of pods" \
    grep -q "^karpenter: [0-9]* pods taken away by 'garbage-collection', 0 lost" told
werkbank run "$WERKBANK_SOURCE/scenarios/faults/scenario.yaml" --db g.db -q -o csv
check "programs that read figures are spared" [ "$(grep -c ': fault ' out)" = 0 ]

check "the view has each with its beginning and its end" \
    [ "$(sqlite3 f.db 'SELECT count(*), sum(is_over), count(DISTINCT kind) FROM faults WHERE
        run_id = 1')" = '28|10|13' ]
check "and the nodes that were hit" \
    [ "$(sqlite3 f.db "SELECT count(*) FROM events WHERE run_id = 1 AND
        kind = 'fault-hit'")" -gt 8 ]

expect 0 '' report f.db --no-plots
check "the report has a table of them" grep -q '<td>controlPlane</td>' out
check "with what they hit" grep -q '<td>lost: 2 machines</td>' out

# ---- what can't be ----

cat >bad.yaml <<EOF
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: bad}
spec:
  horizon: 1h
  workload: [{manifest: $WERKBANK_SOURCE/scenarios/faults/workload.yaml}]
  faults: [{kind: lots}, {at: 1h, kind: controlPlane}, {every: 1h, kind: apiError}]
  contenders: [{kind: fixed, nodes: [{instanceType: m5.large}]}]
EOF
werkbank run bad.yaml --db b.db -q
check "it is refused" [ "$status" = 2 ]
check "an unknown kind" grep -q 'bad.yaml:7:.*faults\[0\].kind: Invalid value: "lots"' err
check "a fault needs its time" grep -q 'faults\[0\].at: is missing, expected the time of' err
check "the control plane must come back" grep -q 'faults\[1\].for: is missing' err
check "what comes again must end" grep -q 'faults\[2\].for: is missing' err
finish
