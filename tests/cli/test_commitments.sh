#!/bin/sh
# Reservations and plans through the command: whole bills to the nano-dollar, and what is refused,
# where and why. m5.large costs 0.096 USD per hour, m5.xlarge 0.192, g5.xlarge 1.006.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

cat >pod.yaml <<'END'
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: c, image: nginx, resources: {requests: {cpu: 100m}}}]}
END

# A scenario of one hour with these machines and that money, each a line.
write() { # file nodes money
    cat >"$1" <<END
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: bill}
spec:
  horizon: 1h
  zones: [us-east-1a, us-east-1b]
  workload: [{manifest: pod.yaml, at: 0s}]
  contenders: [{kind: fixed, boot: instant, nodes: [$2]}]
  money: {$3}
END
}

# The lines of the bill that cost something.
bill() { # nodes money
    write scenario.yaml "$1" "$2"
    rm -f bill.db
    expect 0 "" run scenario.yaml --db bill.db
    ask bill.db "SELECT item || ' ' || ifnull(detail, '') || ' ' || cost_nusd FROM bill
        WHERE cost_nusd > 0 ORDER BY position" >found
}

is_bill() { # what line...
    what=$1
    shift
    printf '%s\n' "$@" >wanted
    check "$what" diff wanted found
}

large='{name: l, instanceType: m5.large, zone: us-east-1a}'
xlarge='{name: x, instanceType: m5.xlarge, zone: us-east-1b}'
gpu='{name: g, instanceType: g5.2xlarge, zone: us-east-1a}'
of_large='instanceType: m5.large, usdPerHour: 0.06, name: r'

bill "$xlarge" "reservedInstances: [{$of_large}]"
is_bill "a reservation of no zone pays half of the next size" \
    'on-demand  96000000' 'reserved instances r 60000000'
bill "$xlarge" "reservedInstances: [{$of_large, sizeFlexible: false}]"
is_bill "not where it is said to be for its size" \
    'on-demand  192000000' 'unused commitment r 60000000'
bill "$xlarge" "reservedInstances: [{$of_large, zone: us-east-1b}]"
is_bill "nor one of a zone" 'on-demand  192000000' 'unused commitment r 60000000'
bill "$gpu" "reservedInstances: [{instanceType: g5.xlarge, usdPerHour: 0.6, name: r}]"
is_bill "nor one of a family without flexibility" \
    'on-demand  1212000000' 'unused commitment r 600000000'
bill "$large, $xlarge" \
    'savingsPlans: [{name: p, usdPerHour: 0.1, discount: 0.2, discounts: {m5.xlarge: 0.5}}]'
# 0.096 of the xlarge; 0.004 of the large at 0.0768/h is 0.005 at list.
is_bill "a plan pays where it saves most" 'on-demand  91000000' 'savings plan p 100000000'

# ---- what is refused ----

# The place is where that text begins.
refused() { # money text message
    write bad.yaml "$large" "$1"
    column=$(awk -v text="$2" 'NR == 9 {print index($0, text)}' bad.yaml)
    expect 2 "werkbank: bad.yaml:9:$column: spec.money.$3" run bad.yaml
}

plan='savingsPlans: [{usdPerHour: 1, discount: 0.2, discounts:'
refused "$plan {m55: 0.3}}]" m55 \
    "savingsPlans[0].discounts: 'm55' is neither a family nor an instance type of region..."
refused "$plan {m5.huge: 0.3}}]" m5.huge \
    "savingsPlans[0].discounts: 'm5.huge' is neither a family nor an instance type of region..."
refused "$plan {m5: 31}}]" 31 \
    "savingsPlans[0].discounts.m5: is '31', expected a number from 0 to 0.99"
refused "$plan {m5: some}}]" some \
    "savingsPlans[0].discounts.m5: expected a number, found a string (some)"
refused "$plan {m5: }}]" '{m5: }' \
    "savingsPlans[0].discounts.m5: is missing, expected its discount off..."
refused "$plan {m5d.large: 0.3}, kind: instance, family: m5}]" m5d.large \
    "savingsPlans[0].discounts: 'm5d.large' is not of the plan's family, expected m5 or its types"
refused "reservedInstances: [{$of_large, zone: us-east-1a, sizeFlexible: true}]" true \
    "reservedInstances[0].sizeFlexible: is true, expected false: a reservation of a zone..."
refused 'reservedInstances: [{instanceType: g5.xlarge, usdPerHour: 1, sizeFlexible: true}]' true \
    "reservedInstances[0].sizeFlexible: is true, expected false: AWS has no size..."
refused 'reservedInstances: [{instanceType: m5.large, usdPerHour: 1, sizeFlexible: zonal}]' zonal \
    "reservedInstances[0].sizeFlexible: expected true or false, found a string (zonal)"
finish
