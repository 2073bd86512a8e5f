#!/bin/sh
# The recording of a real cluster, shipped with a scenario, there and back: its files become a
# trace, contender recorded re-enacts it, and the exported nodes are those that kubectl and the
# audit log saw, at their times.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

folder="$WERKBANK_SOURCE/scenarios/recorded"

# ---- import ----

werkbank trace import "$folder"/*.json*.zst --out all.trace.zst -o json
check "fifty pods on five nodes" grep -q '"pods":50,.*"nodes":5,' out
check "evictions that a budget refused are told" \
    grep -q '"count": *3,"reason":"evictions that a budget refused (429)"' out
check "the shipped trace is that of the shipped files" \
    cmp -s all.trace.zst "$folder/shop.trace.zst"

# ---- there and back ----

# name, added and gone (ms of the trace), as the audit log has them
cat >expected <<'END'
ip-10-0-0-10.ec2.internal,0,
ip-10-0-1-10.ec2.internal,0,
ip-10-0-2-10.ec2.internal,1000,118000
ip-10-0-3-10.ec2.internal,1000,
ip-10-0-4-10.ec2.internal,76000,
END
nodes() {
    werkbank run "$folder/scenario.yaml" --contender recorded --trace "$1" --db "$2" -q -o csv
    werkbank export "$2" --as csv --view nodes --out nodes.csv
    cut -d, -f3,10,12 nodes.csv | sed 1d | sort
}
nodes all.trace.zst all.db >found
check "nodes come and go as they did" cmp expected found
# shellcheck disable=SC2016 # fields of awk
check "the node count over time is the recorded one" awk -F, '
    function count(file, at,   n, f) { n = 0
        for (i = 1; i <= rows[file]; i++) { split(row[file, i], f, ",")
            if (f[2] <= at && (f[3] == "" || at < f[3])) n++ }
        return n }
    { row[FILENAME, ++rows[FILENAME]] = $0 }
    END { for (at = 0; at <= 202000; at += 500)
              if (count("expected", at) != count("found", at)) exit 1 }' expected found
value() { sqlite3 all.db "$1"; }
check "every pod ran where it had run" [ "$(value "SELECT count(*) FROM pods JOIN nodes
    USING (run_id, node_id) WHERE NOT is_daemon")" = 45 ]
check "a node costs what its type costs: 201 s of m5.2xlarge spot" [ "$(value "SELECT cost_nusd
    FROM instances JOIN nodes USING (run_id, instance_id)
    WHERE name LIKE 'ip-10-0-3-10.%'")" = 9862400 ]

# From kubectl alone: a deletion has no time of its own and is dated by what else was written then,
# at most two seconds early here.
werkbank trace import "$folder/pods-watch.json.zst" "$folder/nodes-watch.json.zst" \
    --out watch.trace -q
nodes watch.trace watch.db >watched
# shellcheck disable=SC2016 # fields of awk
check "kubectl's watches give the same nodes" awk -F, '
    NR == FNR { added[$1] = $2; gone[$1] = $3; next }
    { early = gone[$1] - $3
      if ($2 != added[$1] || early < 0 || early > 2000) bad = 1
      seen++ }
    END { exit bad || seen != 5 }' expected watched

# ---- what a recording lacks ----

# A node of a type that nobody sells, a pod on a node that was not recorded, a claim with its volume
# and one without. The scheduler finds the claim in the trace; what can't be had is left out.
pod() { # name, node, claim
    printf '{"kind":"Pod","metadata":{"name":"%s","namespace":"x","uid":"%s","creationTimestamp":' \
        "$1" "$1"
    printf '"2026-01-01T00:01:00Z"},"spec":{"containers":[{"name":"c"}],"nodeName":"%s",' "$2"
    printf '"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"%s"}}]}}' "$3"
}
{
    printf '{"kind":"List","items":[%s,%s,%s,' "$(pod a kwok-1 c)" "$(pod b never c)" \
        "$(pod d kwok-1 none)"
    cat <<'END'
{"kind":"PersistentVolumeClaim","metadata":{"name":"c","namespace":"x"},"spec":{"volumeName":"v",
 "accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"1Gi"}}}},
{"kind":"PersistentVolume","metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},
 "accessModes":["ReadWriteMany"],"claimRef":{"namespace":"x","name":"c"}}},
{"kind":"Node","metadata":{"name":"kwok-1","creationTimestamp":"2026-01-01T00:00:00Z",
 "labels":{"node.kubernetes.io/instance-type":"kwok"}},"spec":{},"status":{"capacity":{"cpu":"8",
 "memory":"16Gi","pods":"50"},"conditions":[{"type":"Ready","status":"True"}]}}]}
END
} >list.json
werkbank trace import list.json --out list.trace
check "a pod on an unknown node is told" grep -q '^noted  *1  *pods on nodes that were not' out
check "a volume that can't be had is told" grep -q '^dropped  *1  *volumes of pods' out
cat >list.yaml <<'END'
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: list}
spec:
  horizon: 10m
  region: us-east-1
  zones: [us-east-1a]
  workload: [{trace: list.trace}]
  contenders: [{name: recorded, kind: recorded}]
END
expect 0 '' run list.yaml --db list.db -q
value() { sqlite3 list.db "$1"; }
check "a type that is not sold costs nothing, and that is said" [ "$(value "SELECT count(*)
    FROM decisions, figures WHERE kind = 'unpriced-node' AND subject = 'kwok-1'
    AND cost_nusd = 0")" = 1 ]
check "after a minute the scheduler takes a pod whose node never came, claim and all" \
    [ "$(value "SELECT name || bound_ms FROM pods WHERE name = 'b'")" = b120000 ]
check "and that is said" [ "$(value "SELECT count(*) FROM decisions
    WHERE kind = 'unrecorded-node' AND subject = 'never'")" = 1 ]

werkbank trace import "$folder/pods-watch.json.zst" --out pods.trace -q
expect 0 "werkbank: warning: list.yaml:9:16: spec.contenders[0]: contender 'recorded' ..." \
    run list.yaml --trace pods.trace

# ---- through the tools ----

# A cut begins with what was there, in an order of its own; a trace without names is the same trace.
werkbank trace cut "$folder/shop.trace.zst" --from 1m --to 2m30s --out part.trace -q
nodes part.trace part.db >found
check "a part of the recording has its nodes" [ "$(cut -d, -f2,3 found | tr '\n' ' ')" = \
    "0, 0, 0,58000 0, 16000, " ]
printf 'a key that nobody else has' >key
werkbank trace anonymize all.trace.zst --key-file key --out nameless.trace -q
nodes nameless.trace nameless.db >found
check "without names its nodes come and go as before" [ "$(cut -d, -f2,3 found | sort)" = \
    "$(cut -d, -f2,3 expected | sort)" ]

# ---- bad input ----

printf '{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"a"}},' >cut.json
expect 2 'werkbank: cut.json:1: the list is cut off, expected ...' \
    trace import cut.json --out x.trace
check "nothing is left behind" [ ! -e x.trace ]
printf 'a,b\n' >other.csv
expect 2 "werkbank: other.csv: no part of a cluster's recording, expected ..." \
    trace import cut.json other.csv --out x.trace

finish
