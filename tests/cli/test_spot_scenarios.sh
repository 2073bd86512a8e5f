#!/bin/sh
# The shipped scenarios of the spot market, of a failing zone and of quotas show what they say, and
# every contender meets the same market.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

# ---- spot-storm ----

expect 0 "" run "$WERKBANK_SOURCE/scenarios/spot-storm/scenario.yaml" --db storm.db
check "run says who drained in time" grep -q '^karpenter: EC2 warned [0-9]* machines: ' out
grep '^karpenter: EC2 warned' out >told
expect 0 "" compare storm.db
check "and so does compare" grep -qFf told out
expect 0 "" compare storm.db -o csv
check "but not to programs" [ "$(grep -c 'EC2 warned' out)" = 0 ]
check "every contender was warned" \
    [ "$(ask storm.db 'SELECT count(*) FROM warnings_summary WHERE warned >= 10')" = 4 ]
check "a group without a handler loses what does not end by itself" \
    [ "$(ask storm.db "SELECT pods_lost * 10 > pods * 9 FROM warnings_summary
        JOIN runs USING (run_id) WHERE contender = 'group'")" = 1 ]
check "with a handler and under Karpenter most of them get away" \
    [ "$(ask storm.db "SELECT count(*) FROM warnings_summary JOIN runs USING (run_id)
        WHERE contender IN ('karpenter', 'group-handler') AND pods_lost * 5 < pods")" = 2 ]
check "capacity rebalancing ends machines without a drain" \
    [ "$(ask storm.db "SELECT left_early > 0 AND pods_lost > 0 FROM warnings_summary JOIN runs
        USING (run_id) WHERE contender = 'group-rebalanced'")" = 1 ]
check "spot is billed at moving prices" \
    [ "$(ask storm.db "SELECT count(DISTINCT price_nusd_per_hour) FROM instances
        WHERE capacity_type = 'spot' AND instance_type = 'm5a.2xlarge'")" -ge 5 ]
check "and Karpenter falls back to on-demand" \
    [ "$(ask storm.db "SELECT count(*) > 0 FROM instances JOIN runs USING (run_id)
        WHERE contender = 'karpenter' AND capacity_type = 'on-demand'")" = 1 ]

# The n-th machine of a pool meets the same fate at a step of its capacity, whoever launched it: if
# that of one contender is warned and another one's stands there, that one is warned too. Steps
# fall on whole minutes less two; the single machines of the trace are left out by their times.
cat >fates.sql <<'END'
WITH machines AS (SELECT run_id, instance_type, zone, requested_ms, i.ended_ms, warned_ms,
    row_number() OVER (PARTITION BY run_id, instance_type, zone ORDER BY instance_id) AS ordinal
  FROM instances i LEFT JOIN warnings w USING (run_id, instance_id)
  WHERE capacity_type = 'spot'),
singles (at_ms) AS (VALUES (4620000), (13260000), (15960000), (32300000), (36540000), (41640000),
  (57120000), (62400000), (80040000), (82080000)),
pairs AS (SELECT a.warned_ms AS a_ms, b.warned_ms AS b_ms
  FROM machines a JOIN machines b USING (instance_type, zone, ordinal)
  WHERE a.run_id <> b.run_id AND a.warned_ms IS NOT NULL
  AND a.warned_ms NOT IN (SELECT at_ms FROM singles)
  AND b.requested_ms <= a.warned_ms AND b.ended_ms > a.warned_ms
  AND (b.warned_ms IS NULL OR b.warned_ms >= a.warned_ms))
SELECT count(*) >= 10, sum(b_ms IS NOT a_ms) FROM pairs;
END
check "interruptions of a pool do not depend on who runs" \
    [ "$(sqlite3 -readonly storm.db <fates.sql)" = "1|0" ]

# ---- a recording of one's own ----

cat >own.trace <<'END'
{"trace":"werkbank/v1","source":"test","end_ms":86400000}
{"at":0,"spot":"capacity","type":"p3.2xlarge","zone":"us-east-1f","value":4}
{"at":0,"spot":"capacity","type":"p3.2xlarge","zone":"eu-west-1a","value":4}
{"at":7200000,"spot":"capacity","type":"p3.2xlarge","zone":"us-east-1f","value":0}
{"end":86400000,"records":3}
END
werkbank run "$WERKBANK_SOURCE/scenarios/spot-storm/scenario.yaml" --spot own.trace --db own.db \
    --contender karpenter
check "another recording takes the shipped one's place" [ "$status" = 0 ]
check "pools that the scenario does not have are a warning" grep -q \
    '1 of 3 spot records are of pools that the scenario does not have (p3.2xlarge in eu-west-1a' err
check "all that stood in its pool was warned two minutes ahead" [ "$(ask own.db \
    "SELECT count(*) > 0 AND min(warned_ms) = 7080000 AND max(warned_ms) = 7080000 FROM warnings
        WHERE warned_ms IS NOT NULL")" = 1 ]
check "nothing is sold in it afterwards" [ "$(ask own.db "SELECT count(*) FROM instances WHERE
    instance_type = 'm5a.2xlarge' AND zone = 'us-east-1a' AND capacity_type = 'spot'
    AND requested_ms >= 7080000")" = 0 ]

# ---- events as EventBridge archives them, imported on the way ----

bus() { # what, time of day, instance
    printf '{"version":"0","id":"%s","detail-type":"%s","source":"aws.ec2","account":"1",' "$2" "$1"
    printf '"time":"2026-03-01T%sZ","region":"us-east-1",' "$2"
    printf '"resources":["arn:aws:ec2:us-east-1b:instance/%s"],' "$3"
    printf '"detail":{"instance-id":"%s","instance-action":"terminate"}}\n' "$3"
}
bus 'EC2 Instance Rebalance Recommendation' 10:00:00 i-01 >archive.jsonl
bus 'EC2 Spot Instance Interruption Warning' 10:30:00 i-01 >>archive.jsonl
bus 'EC2 Spot Instance Interruption Warning' 11:00:00 i-02 >>archive.jsonl
werkbank run "$WERKBANK_SOURCE/scenarios/spot-storm/scenario.yaml" --spot archive.jsonl \
    --db bus.db --contender karpenter --contender group
check "an archive of EventBridge takes its place too" [ "$status" = 0 ]
check "its warnings hit machines of that zone at their times" [ "$(ask bus.db "SELECT
    count(DISTINCT run_id) = 2 AND count(*) = 4 AND sum(zone = 'us-east-1b') = 4 AND
    sum(warned_ms IN (1800000, 3600000)) = 4 FROM warnings JOIN instances
    USING (run_id, instance_id) WHERE warned_ms IS NOT NULL")" = 1 ]

# ---- maintenance and failed status checks under a group ----

sed -n '/^  - /!p' "$WERKBANK_SOURCE/scenarios/quota/service.yaml" >service.yaml
cat >ill.yaml <<'END'
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: ill}
spec:
  horizon: 3h
  faults:
    - {at: 1h, kind: impaired, count: 1}
    - {at: 2h, kind: maintenance, count: 1, for: 30m}
  workload: [{manifest: service.yaml, at: 0s}]
  contenders:
    - name: group
      kind: cluster_autoscaler
      terminationHandler: true
      nodeGroups: [{name: g, instanceTypes: [m5.xlarge], max: 20}]
END
expect 0 "" run ill.yaml --db ill.db
check "a group replaces an impaired machine after two minutes" [ "$(ask ill.db "SELECT count(*) = 1
    AND min(ended_ms) = 3720000 FROM instances WHERE cause = 'node-repair'")" = 1 ]
check "a handler drains before maintenance, which ends the machine" [ "$(ask ill.db "SELECT
    (SELECT count(*) FROM decisions WHERE kind = 'maintenance' AND at_ms = 7200000) = 1 AND
    (SELECT count(*) FROM warnings WHERE ended_ms = 9000000 AND pods_lost = 0) <= 1")" = 1 ]

# ---- zone-outage ----

expect 0 "" run "$WERKBANK_SOURCE/scenarios/zone-outage/scenario.yaml" --db zone.db
check "nothing is launched in the dead zone" [ "$(ask zone.db "SELECT count(*) FROM instances
    WHERE zone = 'us-east-1a' AND requested_ms BETWEEN 3600000 AND 7199999")" = 0 ]
check "every pod that was there runs elsewhere within eleven minutes" [ "$(ask zone.db "SELECT
    count(DISTINCT p.run_id) = 3 AND max(p.running_ms) < 4260000 FROM pods p JOIN nodes n USING
    (run_id, node_id) WHERE p.replaces IS NOT NULL AND n.zone <> 'us-east-1a'")" = 1 ]
check "Karpenter leaves the empty machines alone until the zone is back" [ "$(ask zone.db "SELECT
    min(ended_ms) >= 7200000 AND count(*) = 4 FROM instances JOIN runs USING (run_id) WHERE
    contender = 'karpenter' AND cause = 'emptiness'")" = 1 ]
check "the shortage next door was met" [ "$(ask zone.db "SELECT count(*) > 0 FROM api_calls
    WHERE error = 'InsufficientInstanceCapacity'")" = 1 ]

# ---- quota ----

expect 0 "" run "$WERKBANK_SOURCE/scenarios/quota/scenario.yaml" --db quota.db
# All three types have 4 vCPUs: 16 on-demand machines and 12 on spot, at any moment.
cat >peak.sql <<'END'
WITH steps AS (SELECT run_id, capacity_type, requested_ms AS at_ms, 1 AS change FROM instances
  UNION ALL SELECT run_id, capacity_type, ended_ms, -1 FROM instances),
sums AS (SELECT capacity_type, sum(change) OVER (PARTITION BY run_id, capacity_type
  ORDER BY at_ms, change) AS machines FROM steps)
SELECT capacity_type, max(machines) FROM sums GROUP BY 1 ORDER BY 1;
END
check "the quotas are used up and never exceeded" \
    [ "$(sqlite3 -readonly quota.db <peak.sql | tr '\n' ' ')" = "on-demand|16 spot|12 " ]
check "both codes are counted" [ "$(ask quota.db "SELECT count(DISTINCT error) FROM api_calls WHERE
    error IN ('VcpuLimitExceeded', 'MaxSpotInstanceCountExceeded')")" = 2 ]
check "and shown" grep -q 'karpenter: CreateFleet: .* failed: VcpuLimitExceeded' out
check "pods wait that nothing can be launched for" [ "$(ask quota.db \
    'SELECT count(*) FROM figures WHERE pods_unscheduled > 0')" = 2 ]

# ---- a recording from its middle on, and later ----

cat >prices.trace <<'END'
{"trace":"werkbank/v1","source":"test","end_ms":86400000}
{"at":0,"spot":"price","type":"m5.xlarge","zone":"z","value":40000000}
{"at":3600000,"spot":"price","type":"m5.xlarge","zone":"z","value":60000000}
{"at":10800000,"spot":"price","type":"m5.xlarge","zone":"z","value":80000000}
{"end":86400000,"records":3}
END
prices() { # entry of recorded: what the first machine of each hour costs
    cat >priced.yaml <<END
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: priced}
spec:
  horizon: 3h
  spot: {recorded: [{trace: prices.trace, zones: {z: us-east-1a}$1}]}
  workload: [{manifest: service.yaml, at: 0s}]
  contenders:
    - {name: fixed, kind: fixed, boot: instant, nodes: [{name: n, instanceType: m5.xlarge, count: 1,
       zone: us-east-1a, capacityType: spot}]}
END
    rm -f priced.db
    werkbank run priced.yaml --db priced.db
    ask priced.db 'SELECT cost_nusd FROM figures'
}
check "prices are those of the recording" [ "$(prices '')" = 160000000 ]
check "from begins in its middle, at the price then in force" \
    [ "$(prices ', from: 2h')" = 220000000 ]
# an hour at the catalog's price, 0.06528, then one at 0.04 and one at 0.06
check "shift begins it later" [ "$(prices ', shift: 1h')" = 165280000 ]

# ---- a burst under rate limits ----

cat >burst.yaml <<'END'
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: burst}
spec:
  horizon: 2h
  apiLimits: {mutating: {size: 2, perSecond: 1}}
  workload: [{manifest: service.yaml, at: 0s}]
  contenders: [{name: karpenter, kind: karpenter, manifests: [nodepool.yaml]}]
END
cp "$WERKBANK_SOURCE/scenarios/quota/nodepool.yaml" .
expect 0 "" run burst.yaml --db burst.db
check "launch templates, tags and polls are calls" [ "$(ask burst.db "SELECT count(DISTINCT call)
    FROM api_calls WHERE call IN ('CreateLaunchTemplate', 'CreateTags', 'DescribeSubnets')")" = 3 ]
check "every pod runs in the end" [ "$(ask burst.db \
    'SELECT pods_running = pods_total FROM figures')" = 1 ]
sed 's/size: 2, perSecond: 1/size: 1, perSecond: 1/' burst.yaml >tight.yaml
expect 0 "" run tight.yaml --db tight.db
check "a bucket that the template has emptied refuses the launch, and it is tried again" \
    [ "$(ask tight.db "SELECT count(*) = 1 FROM api_calls WHERE call = 'CreateFleet'
        AND error = 'RequestLimitExceeded'")" = 1 ]
check "which costs a second or two" [ "$(ask tight.db "ATTACH 'burst.db' AS burst;
    SELECT min(t.launched_ms) - min(b.launched_ms) BETWEEN 500 AND 3000 FROM instances t,
    burst.instances b")" = 1 ]

# ---- what is wrong is said ----

scenario() { # lines of spec
    printf '%s\n' 'apiVersion: werkbank/v1' 'kind: Scenario' 'metadata: {name: t}' 'spec:' "$@" \
        '  workload: [{manifest: pod.yaml, at: 0s}]' \
        '  contenders: [{name: n, kind: "null"}]' >t.yaml
}
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c}]}\n' >pod.yaml
scenario '  capacity: {pools: [{zone: us-east-1z, count: 1}]}'
expect 2 "werkbank: t.yaml:5:29: spec.capacity.pools[0].zone: 'us-east-1z' is not ..." run t.yaml
scenario '  capacity: {pools: [{zone: us-east-1a}]}'
expect 2 "werkbank: t.yaml:5:22: spec.capacity.pools[0]: has none of count and ..." run t.yaml
scenario '  capacity: {outages: [{at: 1h}]}'
expect 2 "werkbank: t.yaml:5:24: spec.capacity.outages[0].zone: is missing, ..." run t.yaml
scenario '  quotas: {spot: {standard: -1}}'
expect 2 "werkbank: t.yaml:5:29: spec.quotas.spot.standard: is -1, expected vCPUs, ..." run t.yaml
scenario '  apiLimits: {mutating: {size: 5, perSecond: 0}}'
expect 2 "werkbank: t.yaml:5:46: spec.apiLimits.mutating.perSecond: refills 0 tokens ..." run t.yaml
scenario '  spot: {recorded: [{trace: none.trace}]}'
expect 2 "werkbank: t.yaml:5:21: spec.spot.recorded[0]: none.trace: ..." run t.yaml
finish
