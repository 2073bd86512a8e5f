#!/bin/sh
# The bound of a run with more kinds of pods than its programs take (docs/bound.md, Classes): their
# requests are rounded down, the law holds, and little is lost.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/../cli/transcript.sh"

cp "$WERKBANK_SOURCE/scenarios/nginx-demo/nodepool.yaml" .
cat >scenario.yaml <<'YAML'
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: kinds, description: pods of many kinds}
spec:
  horizon: 2h
  workload: [{manifest: kinds.yaml, at: 0s}]
  contenders:
    - {name: karpenter, kind: karpenter, manifests: [nodepool.yaml]}
    - name: ca
      kind: cluster_autoscaler
      nodeGroups: [{name: general, instanceTypes: [m5.4xlarge], max: 60}]
YAML

# Deployments of two pods, no two with equal requests.
make() { # count
    awk -v count="$1" 'BEGIN {
        for (i = 0; i < count; i++) {
            printf "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d%d, namespace: x}\n", i
            printf "spec:\n  replicas: 2\n  selector: {matchLabels: {app: d%d}}\n", i
            printf "  template:\n    metadata: {labels: {app: d%d}}\n    spec:\n", i
            printf "      containers:\n        - {name: c, image: i, resources: {requests: "
            printf "{cpu: %dm, memory: %dMi}}}\n---\n", 203 + 7 * i, 411 + 13 * ((i * 29) % 200)
        }
    }' >kinds.yaml
}

law="SELECT count(*) FROM figures JOIN bounds USING (run_id)
    WHERE bound_nusd <= own_bound_nusd AND own_bound_nusd <= cost_nusd
    AND cost_nusd < 4 * bound_nusd"

make 120
werkbank run scenario.yaml --db few.db -q
check "as they are" [ "$(sqlite3 few.db "$law AND rounding_bits = 0 AND classes = 120")" = 2 ]

make 400
werkbank run scenario.yaml --db many.db -q
check "rounded to some bits" \
    [ "$(sqlite3 many.db "$law AND rounding_bits BETWEEN 3 AND 8
        AND classes BETWEEN 40 AND 160")" = 2 ]
check "the own bound of the groups stays within 15 % of what their pods fill" \
    [ "$(sqlite3 many.db "SELECT count(*) FROM bounds JOIN runs USING (run_id) WHERE
        contender = 'ca' AND own_bound_nusd > 0.85 * (SELECT sum(cpu_milli * (coalesce(gone_ms,
        end_ms) - bound_ms)) / 3.6e6 / 15890.0 * 768e6 FROM pods JOIN shapes USING (run_id,
        shape_id) WHERE pods.run_id = bounds.run_id AND bound_ms IS NOT NULL)")" = 1 ]
finish
