#!/bin/sh
# The bound where spot prices move (docs/bound.md): each interval goes by the least price of its
# time, so the law holds when prices fall to a tenth, and the bound follows when they rise.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/../cli/transcript.sh"

cp "$WERKBANK_SOURCE/scenarios/spot-weather/nodepool.yaml" \
    "$WERKBANK_SOURCE/scenarios/spot-weather/service.yaml" .
cat >scenario.yaml <<'YAML'
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: prices, description: spot prices that move}
spec:
  horizon: 24h
  spot: {recorded: [{trace: prices.jsonl}]}
  workload: [{manifest: service.yaml, at: 0s}]
  contenders:
    - {name: karpenter, kind: karpenter, manifests: [nodepool.yaml]}
    - name: ca
      kind: cluster_autoscaler
      nodeGroups:
        - {name: spot, instanceTypes: [m5.xlarge, m5a.xlarge], capacityType: spot, max: 20}
YAML

# The bound of the first contender for prices of all pools: from the start, from the 12th hour.
bound_of() { # nano-dollars nano-dollars
    echo '{"trace":"werkbank/v1","source":"by hand","end_ms":86400000}' >prices.jsonl
    for at in 0:"$1" 43200000:"$2"; do
        for type in m5.xlarge m5a.xlarge m6i.xlarge; do
            for zone in a b c; do
                printf '{"at":%s,"spot":"price","type":"%s","zone":"us-east-1%s","value":%s}\n' \
                    "${at%%:*}" "$type" "$zone" "${at#*:}" >>prices.jsonl
            done
        done
    done
    echo '{"end":86400000,"records":18}' >>prices.jsonl
    rm -f runs.db
    werkbank run scenario.yaml --db runs.db -q
    check "it runs at $1, then $2" [ "$status" -eq 0 ]
    broken=$(sqlite3 runs.db "SELECT count(*) FROM figures JOIN bounds USING (run_id)
        WHERE bound_nusd > own_bound_nusd OR own_bound_nusd > cost_nusd OR seen_machines > 0
        OR 4 * bound_nusd < cost_nusd")
    check "bound <= own bound <= cost <= 4 bounds at $1, then $2" [ "$broken" = 0 ]
    bound=$(sqlite3 runs.db "SELECT bound_nusd FROM bounds WHERE run_id = 1")
}

bound_of 80000000 80000000
flat=$bound
bound_of 80000000 8000000
fallen=$bound
bound_of 80000000 160000000
risen=$bound
check "half a day at a tenth: 55 % of $flat is $fallen" \
    awk -v a="$flat" -v b="$fallen" 'BEGIN { exit !(b > 0.53 * a && b < 0.57 * a) }'
check "half a day at double: 150 % of $flat is $risen" \
    awk -v a="$flat" -v b="$risen" 'BEGIN { exit !(b > 1.46 * a && b < 1.54 * a) }'
finish
