#!/bin/sh
# Bad input: each gets one clear line with its place, exit status 2, and no database is written.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

# ---- files that are right, and their broken twins ----

cat >t <<'X'
{"trace":"werkbank/v1"}
{"shape":0,"template":{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"1"}}}]}}}
{"at":1000,"pod":"a","shape":0,"runs":60000}
{"end":61000,"records":2}
X
head -c 150 t >"cut"
sed 's/"runs":60000/"until":999/' t >early
sed 's/"runs":60000/"until":61000/; s/"at":1000/"at":2000/;'\
' s/"end".*/"at":1999,"pod":"b","shape":0}/' t >backwards
sed '$d' t >unfinished
sed 's/"records":2/"records":3/' t >miscounted
zstd -q t -o packed.zst
head -c "$(($(wc -c <packed.zst) - 4))" packed.zst >cut.zst
printf 'name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,x,1,0,0\n' >list.csv

cat >pool.yaml <<'X'
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
      requirements:
        - {key: kubernetes.io/arch, operator: In, values: [amd64]}
---
apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {name: default}
spec:
  role: r
  amiSelectorTerms: [{alias: al2023@latest}]
  subnetSelectorTerms: [{tags: {a: b}}]
  securityGroupSelectorTerms: [{tags: {a: b}}]
X
sed 's/operator: In/operator: Within/' pool.yaml >operator.yaml
sed '3s/.*/metadata:\n\tname: default/' pool.yaml >tab.yaml
sed '3s/.*/metadata:\n    name: default\n  labels: {}/' pool.yaml >indent.yaml

cat >web.yaml <<'X'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: c
          image: i
          resources: {requests: {cpu: "1", memory: 1Gi}}
X
sed 's/1Gi/1.5.2Gi/' web.yaml >quantity.yaml
sed 's/cpu: "1"/cpu: "5000"/' web.yaml >big.yaml

# A scenario of a workload entry and a contender, as s.yaml.
scenario() { # workload contender
    cat >s.yaml <<X
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: s}
spec:
  horizon: 1h
  workload:
    - $1
  contenders:
    - $2
X
}
fixed='{kind: fixed, nodes: [{instanceType: m5.large}]}'

# The run is refused with that line, and leaves no file.
refuse() { # line words...
    refused=$1
    shift
    expect 2 "werkbank: $refused" run s.yaml --db run.db "$@"
    check "nothing on standard output" [ ! -s out ]
    check "no database" [ ! -e run.db ]
}

# ---- the list ----

scenario '{trace: t}' "$fixed"
expect 0 '' run s.yaml --db run.db
check "a database" [ -s run.db ]
rm -f run.db

scenario '{trace: t}' '{kind: karpenter, manifests: tab.yaml}'
refuse 'tab.yaml:4:1: a tab indents this line, expected spaces'
scenario '{trace: t}' '{kind: karpenter, manifests: indent.yaml}'
refuse 'indent.yaml:5:3: ...'
scenario '{trace: t}' '{kind: karpenter, manifests: operator.yaml}'
refuse 'operator.yaml:9:47: spec.template.spec.requirements[0].operator: Invalid value:'\
' "Within": must be one of ...'
scenario '{manifest: quantity.yaml}' "$fixed"
refuse "quantity.yaml:13:52: spec.template.spec.containers[0].resources.requests.memory:\
 '1.5.2Gi' is not a quantity, expected ..."
scenario '{manifest: none.yaml}' "$fixed"
refuse 's.yaml:7:18: spec.workload[0].manifest: none.yaml: cannot open: No such file or directory'

scenario '{trace: cut}' "$fixed"
refuse 's.yaml:7:15: spec.workload[0].trace: cut:3: the trace is cut in the middle of a record,'\
' expected a line end'
scenario '{trace: early}' "$fixed"
refuse "s.yaml:7:15: spec.workload[0].trace: early:3: pod 'a' is deleted at 999 ms ('until'),\
 before its creation at 1000 ms ('at')"
scenario '{trace: backwards}' "$fixed"
refuse "s.yaml:7:15: spec.workload[0].trace: backwards:4: 'at' is 1999, expected no less than\
 2000, the time of the record before"
scenario '{trace: unfinished}' "$fixed"
refuse 's.yaml:7:15: spec.workload[0].trace: unfinished: the trace ends after line 3 without its'\
' last line, expected {"end":...}: it is cut off'
scenario '{trace: miscounted}' "$fixed"
refuse 's.yaml:7:15: spec.workload[0].trace: miscounted:4: the last line counts 3 records, 2'\
' were found: lines are missing or doubled'
scenario '{trace: cut.zst}' "$fixed"
refuse 's.yaml:7:15: spec.workload[0].trace: cut.zst: ...'
scenario '{trace: none}' "$fixed"
refuse 's.yaml:7:15: spec.workload[0].trace: none: cannot open: No such file or directory'

scenario '{trace: t}' '{kind: fixed, nodes: [{instanceType: m9.large}]}'
refuse "s.yaml:9:44: spec.contenders[0].nodes[0].instanceType: 'm9.large' is not an instance\
 type of region us-east-1 (see: werkbank catalog list)"
scenario '{trace: t}' '{kind: fixed, nodes: [{instanceType: m5.large, zone: eu-west-1a}]}'
refuse "s.yaml:9:60: spec.contenders[0].nodes[0].zone: 'eu-west-1a' is not one of the scenario's\
 zones (spec.zones)"
scenario '{trace: t}' "$fixed"
sed -i 's/horizon: 1h/zones: [us-east-1a, eu-west-1a]/' s.yaml
refuse "s.yaml:5:23: spec.zones[1]: 'eu-west-1a' is not a zone of region us-east-1, expected\
 us-east-1a, us-east-1b ..."

# The scenario itself.
scenario '{trace: t}' "$fixed"
sed -i 's/^  horizon/\thorizon/' s.yaml
refuse 's.yaml:5:1: a tab indents this line, expected spaces'
scenario '{trace: t}' "$fixed"
sed -i 's/^  horizon/   horizon/' s.yaml
refuse 's.yaml:6:3: ...'
printf 'hello\n' >s.yaml
refuse 's.yaml:1:1: expected a map, found a string (hello)'
rm s.yaml
refuse 's.yaml: cannot open: No such file or directory'

# ---- what the command line names ----

scenario '{trace: t}' "$fixed"
refuse 'none: cannot open: No such file or directory' --trace none
refuse 'cut:3: the trace is cut in the middle of a record, expected a line end' --trace cut
refuse 'cut.zst: ...' --trace cut.zst
refuse "list.csv:2: cpu_milli: 'x' is not a whole number from 0 to 100000000" --trace list.csv
refuse 'pool.yaml: not a recording that trace import knows, ...' --trace pool.yaml
refuse "--contender: 'none' is not a contender of s.yaml, expected one of its names, such as\
 'fixed'" --contender none
refuse 'none.json: cannot open: No such file or directory' --catalog none.json
refuse 'pool.yaml: found 2 documents, expected one catalog' --catalog pool.yaml
refuse "--seed: '-1' is not a whole number between 0 and 9223372036854775807" --seed -1
refuse "--queue: 'list' is not one of calendar|heap" --queue list

# ---- outputs that cannot be written ----

expect 2 'werkbank: /nowhere/run.db: cannot open: unable to open database file' \
    run s.yaml --db /nowhere/run.db
expect 2 "werkbank: $work: cannot open: unable to open database file" run s.yaml --db "$work"
cp web.yaml garbage.db
expect 2 'werkbank: garbage.db: not a werkbank database: file is not a database' \
    run s.yaml --db garbage.db
check "the file is as it was" cmp -s web.yaml garbage.db
sed -i 's/,x,/,1000,/' list.csv
expect 2 'werkbank: /nowhere/x: ...' trace import list.csv --out /nowhere/x -q
expect 2 'werkbank: --out is missing, expected the trace to write' trace import list.csv

# ---- what reads only ----

expect 2 'werkbank: cut:3: the trace is cut in the middle of a record, expected a line end' \
    trace info cut
expect 2 'werkbank: none: cannot open: No such file or directory' trace info none
expect 2 'werkbank: none.db: cannot open: No such file or directory' compare none.db
expect 2 'werkbank: garbage.db: not a werkbank database: file is not a database' compare garbage.db
check "reading makes no file" [ ! -e none.db ]

# ---- a pod that no machine can hold is no mistake ----

scenario '{manifest: big.yaml}' "$fixed"
expect 0 "werkbank: warning: big.yaml:1:1: Deployment 'web' asks for cpu 5k and memory 1Gi, more\
 than any instance type has for pods; the largest, ..." \
    run s.yaml --db run.db -o json
check "both pods are said to have never run" grep -q '"pods_unscheduled":[[:space:]]*2' out
check "with a reason" grep -q '"reason":[[:space:]]*"..*"' out
expect 0 '' run s.yaml --db run.db --quiet

finish
