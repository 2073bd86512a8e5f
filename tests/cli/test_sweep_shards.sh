#!/bin/sh
# A sweep over several machines: shards, merged, and the search that goes on from there, give the
# database and the table of one process, to the byte.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

cp -r "$WERKBANK_SOURCE/scenarios/nginx-demo" demo
cat >sweep.yaml <<'YAML'
apiVersion: werkbank/v1
kind: Sweep
metadata: {name: small}
spec:
  scenario: demo/scenario.yaml
  seeds: [1, 2, 3]
  parameters:
    nodepool/default:
      spec.disruption.consolidateAfter: [0s, 10m, 1h]
      spec.disruption.consolidationPolicy: [WhenEmpty, WhenEmptyOrUnderutilized]
YAML
expect 0 '' sweep sweep.yaml --db one.db -o json
cp out one.json
for index in 0 1 2; do
    expect 0 '' sweep sweep.yaml --db by.db --shard "$index/3" -q
    check "shard $index prints no table" [ ! -s out ]
done
expect 0 '' merge by.*-of-0003.db --keep figures --out merged.db
expect 0 '' sweep sweep.yaml --db two.db --merged merged.db -o json
check "the table is that of one process" cmp one.json out
check "and so is the database" cmp one.db two.db
check "no parts are left" [ ! -e two.db.parts ]

sed 's/1h\]/2h]/' sweep.yaml >other.yaml
expect 2 "werkbank: merged.db: of another set (other jobs, inputs, version or program), expect..." \
    sweep other.yaml --db three.db --merged merged.db
finish
