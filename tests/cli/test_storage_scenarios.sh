#!/bin/sh
# Volumes that bind pods to zones: attaching takes time, a lost node holds them for six minutes, and
# what that does to each contender.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

ebs=$WERKBANK_SOURCE/scenarios/ebs-zones

expect 0 "" run "$ebs/scenario.yaml" --db ebs.db
shows_page docs/network.md 3
check "no replica ever changes its zone" [ "$(ask ebs.db "SELECT count(*) FROM (SELECT p.run_id,
    p.name FROM pods p JOIN nodes n USING (run_id, node_id) WHERE p.name LIKE 'db-%'
    GROUP BY 1, 2 HAVING count(DISTINCT n.zone) > 1)")" = 0 ]
check "volumes of a lost node are held for six minutes" [ "$(ask ebs.db "WITH lost AS (
    SELECT run_id, name, gone_ms FROM pods WHERE cause = 'instance-lost')
    SELECT count(*) >= 9 AND min(p.running_ms - lost.gone_ms) >= 360000 FROM pods p JOIN lost
    USING (run_id, name) WHERE p.created_ms >= lost.gone_ms AND p.running_ms IS NOT NULL")" = 1 ]
check "which run says" grep -q '^karpenter: AttachVolume: .* failed: Multi-Attach error' out
check "those of a drained one are there within a minute of the new node" [ "$(ask ebs.db "SELECT
    count(*) >= 3 AND max(running_ms - bound_ms) < 60000 FROM pods JOIN runs USING (run_id)
    WHERE contender = 'karpenter' AND created_ms BETWEEN 3600000 AND 3700000")" = 1 ]
check "Karpenter buys in the zone of the volumes" [ "$(ask ebs.db "SELECT count(*) >= 1 AND
    min(zone = 'us-east-1a') = 1 FROM instances JOIN runs USING (run_id) WHERE
    contender = 'karpenter' AND capacity_type = 'on-demand'
    AND requested_ms BETWEEN 3600000 AND 4000000")" = 1 ]
check "a group over all zones leaves replicas waiting for an hour" [ "$(ask ebs.db "SELECT
    count(*) >= 2 FROM pods JOIN runs USING (run_id) WHERE contender = 'one-group' AND
    created_ms BETWEEN 3600000 AND 3700000 AND
    ifnull(bound_ms, 10800000) - created_ms > 3000000")" = 1 ]

# ---- attach limits: both types take 27, the root volume among them ----

cp "$ebs/nodepool.yaml" .
sed 's/replicas: 9/replicas: 40/; s/1500m, memory: 6Gi/10m, memory: 10Mi/
    /topologySpread/,/labelSelector/d' "$ebs/database.yaml" >database.yaml
sed '/^  spot:/,/^  faults:/d; /kind: lost/d; s/^  zones: .*/  zones: [us-east-1a]/' \
    "$ebs/scenario.yaml" >many.yaml
expect 0 "" run many.yaml --db many.db --contender karpenter
check "a node takes no more volumes than its type" [ "$(ask many.db "SELECT max(c) FROM (SELECT
    count(*) AS c FROM pods WHERE bound_ms IS NOT NULL AND gone_ms IS NULL AND name LIKE 'db-%'
    GROUP BY node_id)")" = 26 ]
check "and the rest gets another node" [ "$(ask many.db "SELECT count(*) FROM pods WHERE
    name LIKE 'db-%' AND running_ms IS NOT NULL")" -ge 40 ]

cat >csinode.yaml <<'END'
apiVersion: storage.k8s.io/v1
kind: CSINode
metadata: {name: default-00000-00000}
spec: {drivers: [{name: ebs.csi.aws.com, nodeID: i-1, allocatable: {count: 5}}]}
END
sed 's/^  storage: .*/&\n  objects: csinode.yaml/' many.yaml >told.yaml
expect 0 "" run told.yaml --db told.db --contender karpenter
check "a CSINode's own limit goes before the type's, for both schedulers" [ "$(ask told.db "SELECT
    sum(n.name = 'default-00000-00000') = 5 AND sum(gone_pod IS NULL) = 40 FROM (SELECT node_id,
    run_id, gone_ms AS gone_pod FROM pods WHERE running_ms IS NOT NULL AND name LIKE 'db-%')
    JOIN nodes n USING (run_id, node_id)")" = 1 ]

# ---- settings ----

sed 's/^  storage: .*/  storage: {attach: 20s, detach: 1s, forceDetach: 1m}/' "$ebs/scenario.yaml" \
    >fast.yaml
cp "$ebs/database.yaml" .
expect 0 "" run fast.yaml --db fast.db --contender karpenter
check "a shorter force is shorter" [ "$(ask fast.db "WITH lost AS (
    SELECT run_id, name, gone_ms FROM pods WHERE cause = 'instance-lost')
    SELECT min(p.running_ms - lost.gone_ms) BETWEEN 80000 AND 150000 FROM pods p JOIN lost
    USING (run_id, name) WHERE p.created_ms >= lost.gone_ms")" = 1 ]
sed 's/^  storage: .*/  storage: {attach: fast}/' "$ebs/scenario.yaml" >bad.yaml
expect 2 "werkbank: bad.yaml:19:21: spec.storage.attach: ..." run bad.yaml
finish
