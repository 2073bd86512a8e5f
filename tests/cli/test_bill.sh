#!/bin/sh
# A bill of ten events, worked out by hand, against the database, to the nano-dollar: moving spot
# prices, interruptions within the first hour and after it, machines that end by themselves, and
# what stays to the end. m5.large in us-east-1 costs 0.096 USD per hour on demand.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

cat >pod.yaml <<'END'
apiVersion: v1
kind: Pod
metadata: {name: a}
spec: {containers: [{name: c, image: nginx, resources: {requests: {cpu: 100m}}}]}
END
cat >market.trace <<'END'
{"trace":"werkbank/v1","source":"by hand","end_ms":7200000}
{"at":0,"spot":"price","type":"m5.large","zone":"us-east-1a","value":50000000}
{"at":600500,"spot":"price","type":"m5.large","zone":"us-east-1a","value":80000000}
{"at":900000,"spot":"interruption","type":"m5.large","zone":"us-east-1a","instance":"i-1"}
{"at":1000000,"spot":"rebalance","type":"m5.large","zone":"us-east-1a","instance":"i-2"}
{"at":1800000,"spot":"price","type":"m5.large","zone":"us-east-1a","value":20000000}
{"at":2000000,"spot":"ended","type":"m5.large","zone":"us-east-1a","instance":"i-3"}
{"at":2500250,"spot":"price","type":"m5.large","zone":"us-east-1b","value":33300000}
{"at":3700000,"spot":"interruption","type":"m5.large","zone":"us-east-1a","instance":"i-2"}
{"at":5000000,"spot":"price","type":"m5.large","zone":"us-east-1a","value":89999900}
{"end":7200000,"records":9}
END
cat >scenario.yaml <<'END'
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: bill}
spec:
  horizon: 2h
  zones: [us-east-1a, us-east-1b]
  spot: {recorded: [{trace: market.trace}]}
  faults: [{at: 1h12m1s, kind: lost, count: 1}]
  workload: [{manifest: pod.yaml, at: 0s}]
  contenders:
    - name: fixed
      kind: fixed
      boot: instant
      nodes:
        - {name: od, instanceType: m5.large, zone: us-east-1a, capacityType: on-demand, count: 2}
        - {name: a, instanceType: m5.large, zone: us-east-1a, capacityType: spot, count: 4}
        - {name: b, instanceType: m5.large, zone: us-east-1b, capacityType: spot, count: 1}
END
# Seconds are billed at the price in force when they begin, so a price of 600.5 s holds from second
# 601 on. Sums of seconds x nano-dollars per hour, divided by 3,600 and rounded once:
#
#  0 on-demand, lost at 4,321 s     4,321 x 96.0                                     415,816.000
#  1 on-demand, to the end          7,200 x 96.0                                     691,200.000
#  2 spot a, warned at 900 s        gone at 1,020 s: EC2 ended it in its first hour        free
#  3 spot a, gone at 3,820 s        601 x 50 + 1,199 x 80 + 2,020 x 20               166,370.000
#  4 spot a, ended at 2,000 s       601 x 50 + 1,199 x 80 + 200 x 20                 129,970.000
#  5 spot a, to the end             601 x 50 + 1,199 x 80 + 3,200 x 20 + 2,200 x 89.9999
#                                                                                    387,969.780
#  6 spot b, to the end             2,501 x 32.64 (the catalog's) + 4,699 x 33.3     238,109.340
cat >wanted <<'END'
0|4321000|instance-lost|115226667
1|7200000|horizon|192000000
2|1020000|interruption|0
3|3820000|interruption|46213889
4|2000000|instance-lost|36102778
5|7200000|horizon|107769383
6|7200000|horizon|66141483
END
expect 0 "" run scenario.yaml --db bill.db
sqlite3 bill.db 'SELECT instance_id, ended_ms, cause, cost_nusd FROM instances' >found
check "every machine's bill is the one worked out by hand" diff wanted found
total=$(awk -F'|' '{ sum += $4 } END { printf "%d", sum }' wanted)
check "the run's bill is their sum, $total" \
    [ "$(sqlite3 bill.db 'SELECT cost_nusd FROM figures')" = "$total" ]
check "so are the markets' bills" [ "$(sqlite3 bill.db \
    'SELECT cost_on_demand_nusd + cost_spot_nusd FROM figures')" = "$total" ]
check "and the view's" [ "$(sqlite3 bill.db 'SELECT sum(cost_nusd) FROM costs')" = "$total" ]
sqlite3 bill.db 'SELECT instance_id, warned_ms, ended_ms, is_taken FROM warnings' >found
printf '%s\n' '0||4321000|1' '2|900000|1020000|1' '3|3700000|3820000|1' '4||2000000|1' >wanted
check "four machines were taken, two of them after a warning" diff wanted found

# ---- charged within the first hour, if the scenario says so ----

sed 's/spot: {recorded/spot: {firstHourFree: false, recorded/' scenario.yaml >charged.yaml
expect 0 "" run charged.yaml --db charged.db
# 601 x 50 + 419 x 80 = 63,570 million, / 3,600
check "an interruption in the first hour costs its seconds" [ "$(sqlite3 charged.db \
    'SELECT cost_nusd FROM instances WHERE instance_id = 2')" = 17658333 ]
finish
