#!/bin/sh
# The bill has the volumes of claims: GiB, hours and the month's price as a reader of the scenario
# works them out.
set -eu
: "${WERKBANK:?} ${WERKBANK_SOURCE:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

cp "$WERKBANK_SOURCE"/scenarios/ebs-zones/* "$work"
cd "$work"
sed 's/^spec:/spec:\n  money: {volumes: [{storageClass: gp3, usdPerGiBMonth: 0.1}]}/' \
    scenario.yaml > paid.yaml
"$WERKBANK" run paid.yaml --db paid.db > out.txt
grep -q "volumes gp3" out.txt || fail "no volumes in: $(cat out.txt)"
# Every line of the class costs a tenth of a dollar per GiB-month, to a nano-dollar's rounding.
bad=$(sqlite3 paid.db "select count(*) from bill where item = 'volumes'
    and (quantity <= 0 or abs(cost_nusd - quantity * 1e8) > 1)")
[ "$bad" = 0 ] || fail "$bad lines are priced wrongly"
lines=$(sqlite3 paid.db "select count(*) from bill where item = 'volumes'")
runs=$(sqlite3 paid.db "select count(*) from runs")
[ "$lines" = "$runs" ] || fail "$lines lines for $runs runs"
echo "volume bill: ok"
