#!/bin/sh
# Subnets that run out of addresses, and NodeClasses that select nothing: what the run says of them.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

ip=$WERKBANK_SOURCE/scenarios/ip-exhaustion

# ---- ip-exhaustion ----

expect 0 "" run "$ip/scenario.yaml" --db ip.db
shows_page docs/network.md 1
check "run says which call found no address" grep -q \
    '^karpenter: CreateFleet: .* calls failed: InsufficientFreeAddressesInSubnet' out
check "and that nodes found none for their pods" grep -q \
    '^group: AssignPrivateIpAddresses: .* calls failed: InsufficientFreeAddressesInSubnet' out
check "Karpenter lets a zone rest with its last subnet" [ "$(ask ip.db "SELECT count(*) > 0 FROM
    decisions WHERE kind = 'subnet-exhausted' AND subject = 'subnet-0b1' AND
    outcome = 'subnet and its zone not used for 3 minutes'")" = 1 ]
check "each time three minutes at least" [ "$(ask ip.db "WITH t AS (SELECT subject, at_ms,
    lag(at_ms) OVER (PARTITION BY run_id, subject ORDER BY at_ms) AS before FROM decisions
    WHERE kind = 'subnet-exhausted') SELECT count(*) > 3 AND min(at_ms - before) >= 180000
    FROM t WHERE before IS NOT NULL")" = 1 ]
check "pods that are bound never start for want of an address" [ "$(ask ip.db "SELECT
    count(DISTINCT run_id) = 2 AND count(*) >= 100 FROM pods
    WHERE bound_ms IS NOT NULL AND running_ms IS NULL AND gone_ms > bound_ms + 600000")" = 1 ]
# m5.xlarge: 30 addresses hold 28 pods; the two subnets have 150, so no more than 140 pods ever run.
cat >peak.sql <<'END'
WITH steps AS (SELECT run_id, running_ms AS at_ms, 1 AS change FROM pods
  WHERE running_ms IS NOT NULL
  UNION ALL SELECT run_id, gone_ms, -1 FROM pods WHERE running_ms IS NOT NULL),
sums AS (SELECT sum(change) OVER (PARTITION BY run_id ORDER BY at_ms, change) AS pods FROM steps)
SELECT max(pods) BETWEEN 80 AND 140 FROM sums;
END
check "no more pods run than there are addresses for" [ "$(sqlite3 -readonly ip.db <peak.sql)" = 1 ]

# ---- the same with room, and with prefixes ----

variant() { # sed program
    sed "$1" "$ip/scenario.yaml" >"$PWD/v.yaml"
}
cp "$ip/service.yaml" "$ip/nodepool.yaml" .
variant 's#10.0.0.0/25#10.0.0.0/17#; s#10.0.1.0/27#10.0.128.0/17#'
expect 0 "" run v.yaml --db room.db
check "with room enough nothing fails" [ "$(ask room.db "SELECT count(*) FROM api_calls
    WHERE error IS NOT NULL")" = 0 ]
check "and every pod runs" [ "$(ask room.db "SELECT count(*) FROM pods
    WHERE running_ms IS NULL")" = 0 ]

# ---- selectors ----

variant 's#karpenter.sh/discovery: shop#karpenter.sh/discovery: other#'
expect 0 "" run v.yaml --db lost.db
check "a selector that selects nothing is told as its condition" grep -q \
    'nodeclass-not-ready: .*(SubnetSelector did not match any Subnets)' out
check "nothing is launched" [ "$(ask lost.db "SELECT count(*) FROM instances JOIN runs
    USING (run_id) WHERE contender = 'karpenter'")" = 0 ]
check "and its pods say why" grep -q \
    'an EC2NodeClass is not ready: SubnetSelector did not match any Subnets' out

sed 's#subnetSelectorTerms: .*#subnetSelectorTerms: [{id: subnet-0b1}]#' "$ip/nodepool.yaml" \
    >nodepool.yaml
variant 's#10.0.1.0/27#10.0.1.0/20#'
expect 0 "" run v.yaml --db zone.db
check "a NodeClass with subnets in one zone stays there" [ "$(ask zone.db "SELECT
    group_concat(DISTINCT zone) FROM instances JOIN runs USING (run_id)
    WHERE contender = 'karpenter'")" = us-east-1b ]

# ---- drift: other subnets, other groups, the same by another term ----

cp "$ip/nodepool.yaml" nodepool.yaml
sed -n '/^---$/,$p' "$ip/nodepool.yaml" | sed 1d >class.yaml
sed 's#subnetSelectorTerms: .*#subnetSelectorTerms: [{id: subnet-0a1}, {id: subnet-0b1}]#' \
    class.yaml >same.yaml
sed 's#subnetSelectorTerms: .*#subnetSelectorTerms: [{id: subnet-0b1}]#' class.yaml >b.yaml
variant '/scale:/d; s#10.0.1.0/27#10.0.1.0/20#
    s#manifests: \[nodepool.yaml\]#&\n      changes: [{at: 30m, apply: same.yaml}]#'
expect 0 "" run v.yaml --db same.db --contender karpenter
check "the same subnets by another term are no drift" [ "$(ask same.db "SELECT count(*) FROM claims
    WHERE drift <> ''")" = 0 ]
variant '/scale:/d; s#10.0.1.0/27#10.0.1.0/20#
    s#manifests: \[nodepool.yaml\]#&\n      changes: [{at: 30m, apply: b.yaml}]#'
expect 0 "" run v.yaml --db drift.db --contender karpenter
check "machines in a subnet that is selected no more drift" [ "$(ask drift.db "SELECT count(*) = 2
    FROM claims WHERE drift = 'SubnetDrift'")" = 1 ]

# ---- what is wrong is said ----

scenario() { # lines of spec
    printf '%s\n' 'apiVersion: werkbank/v1' 'kind: Scenario' 'metadata: {name: t}' 'spec:' "$@" \
        '  workload: [{manifest: service.yaml, at: 0s}]' \
        '  contenders: [{name: n, kind: "null"}]' >t.yaml
}
scenario '  network: {subnets: [{id: a, zone: us-east-1a, freeAddresses: 5}]}'
expect 2 "werkbank: t.yaml:5:28: spec.network.subnets[0].id: is 'a', expected ..." run t.yaml
scenario '  network: {subnets: [{id: subnet-1, zone: us-east-1a}]}'
expect 2 "werkbank: t.yaml:5:23: spec.network.subnets[0]: has none of cidr and ..." run t.yaml
scenario '  network: {subnets: [{id: subnet-1, zone: us-east-1a, cidr: 10.0.0.0/29}]}'
expect 2 "werkbank: t.yaml:5:62: spec.network.subnets[0].cidr: is '10.0.0.0/29', ..." run t.yaml
scenario '  network: {securityGroups: [{name: x}]}'
expect 2 "werkbank: t.yaml:5:30: spec.network.securityGroups[0].id: is ..." run t.yaml
finish
