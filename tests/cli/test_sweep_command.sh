#!/bin/sh
# werkbank sweep, end to end: stopped and killed it goes on where it was, and its database is the
# same to the byte as that of one which ran undisturbed, with any number of workers; halving gives
# up points early; the best point's manifests run, and give the figures that the sweep promised.
set -eu
: "${WERKBANK:?} ${WERKBANK_SOURCE:?}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

cp -r "$WERKBANK_SOURCE/scenarios/day" "$work/day"
cat > "$work/sweep.yaml" <<'YAML'
apiVersion: werkbank/v1
kind: Sweep
metadata: {name: small}
spec:
  scenario: day/scenario.yaml
  seeds: [1, 2]
  parameters:
    nodepool/default:
      spec.disruption.consolidateAfter: [0s, 10m]
      spec.disruption.consolidationPolicy: [WhenEmpty, WhenEmptyOrUnderutilized]
YAML
cd "$work"
"$WERKBANK" sweep sweep.yaml --db one.db -j 1 -o json > one.json
# Stopped when two runs are finished, killed when four are: each run is done once.
sweep() {
    "$WERKBANK" sweep sweep.yaml --db two.db -j 2 > /dev/null &
    pid=$!
    while [ "$(find two.db.parts -name "*.db" 2> /dev/null | wc -l)" -lt "$2" ] && kill -0 $pid; do
        sleep 0.05
    done
    kill -"$1" $pid || fail "too fast to be stopped"
    wait $pid || true
}
sweep TERM 2 2> stopped.txt
grep -q "the same command goes on" stopped.txt || fail "stopped: $(cat stopped.txt)"
sweep KILL 4
ls two.db.parts/*.db > /dev/null 2>&1 || fail "nothing was kept"
"$WERKBANK" sweep sweep.yaml --db two.db -j 2 -o json > two.json
cmp one.db two.db || fail "the database depends on how it was made"
cmp one.json two.json || fail "the result depends on how it was made"
[ ! -e two.db.parts ] || fail "parts were left behind"

# 5 points and 2 put-backs with 2 seeds each, all in the database.
runs=$(sqlite3 one.db "select count(*) from runs where state = 'finished'")
[ "$runs" = 14 ] || fail "$runs runs, expected 14"
[ "$(sqlite3 :memory: "SELECT count(*), sum(json_extract(value, '\$.verdict') = 'best')
    FROM json_each(readfile('one.json'))")" = '5|1' ] || fail "the points: $(cat one.json)"
[ "$(sqlite3 :memory: "SELECT json_type(readfile('one.json'), '\$[0].consolidateAfter'),
    json_extract(readfile('one.json'), '\$[0].verdict') LIKE 'as it is%'")" = 'null|1' ] ||
    fail "the first point: $(cat one.json)"

# The best point as files gives what was promised.
"$WERKBANK" sweep sweep.yaml --db one.db -j 2 --write-best best > table.txt 2> wrote.txt
grep -q "^best: point " table.txt || fail "no best point: $(cat table.txt)"
grep -q "# was \"1m\"; this alone: cost " best/nodepool.yaml ||
    fail "no note: $(cat best/nodepool.yaml)"
cp best/nodepool.yaml day/nodepool.yaml
best=$(sqlite3 :memory: "SELECT json_extract(value, '\$.cost_usd')
    FROM json_each(readfile('one.json')) WHERE json_extract(value, '\$.verdict') = 'best'")
for seed in 1 2; do
    "$WERKBANK" run day/scenario.yaml --contender karpenter --seed $seed -o json > run.json
    sqlite3 :memory: "SELECT json_extract(readfile('run.json'), '\$.contenders[0].cost_usd')" \
        >> costs.txt
done
awk -v best="$best" '{ sum += $1 } END { off = sum / NR - best; exit !(off * off < 1e-12) }' \
    costs.txt || fail "the best point's manifests cost $(cat costs.txt), promised $best"

# Halving: all points for a share of the day, the better half for all of it.
sed 's/seeds: .*/search: {method: halving, points: 12, rounds: 2, keep: 0.5}/
     s/\[0s, 10m\]/{from: 0s, to: 30m}/' sweep.yaml > halving.yaml
"$WERKBANK" sweep halving.yaml --db three.db -j 2 -o csv > three.csv
early=$(grep -c "given up early" three.csv)
[ "$early" = 6 ] || fail "$early points were given up early, expected 6"

# A node group in a file of its own form (eksctl): the best point's file runs as promised.
cp -r "$WERKBANK_SOURCE/scenarios/spot-weather" "$work/spot-weather"
cat > groups.yaml <<'YAML'
apiVersion: werkbank/v1
kind: Sweep
metadata: {name: groups}
spec:
  scenario: spot-weather/scenario.yaml
  contender: ca-managed
  objectives: [cost_usd, evictions]
  best: {atMost: {evictions: 100}}
  parameters:
    nodegroup/spot:
      instanceTypes: [[m5.xlarge], [m5.2xlarge]]
YAML
"$WERKBANK" sweep groups.yaml --db groups.db -o json --write-best groups > groups.json 2> wrote.txt
grep -q "instanceTypes: # was .*this alone: cost " groups/groups.eksctl.yaml ||
    fail "no note: $(cat wrote.txt groups/groups.eksctl.yaml)"
cp groups/groups.eksctl.yaml spot-weather/
"$WERKBANK" run spot-weather/scenario.yaml --contender ca-managed -o json > run.json
costs=$(sqlite3 :memory: "SELECT json_extract(readfile('run.json'), '\$.contenders[0].cost_usd'),
    json_extract(value, '\$.cost_usd') FROM json_each(readfile('groups.json'))
    WHERE json_extract(value, '\$.verdict') LIKE 'best%'")
if [ -z "$costs" ] || [ "${costs%|*}" != "${costs#*|}" ]; then
    fail "the best node group costs and was promised: $costs"
fi

# Limits that nothing keeps are named, with the values that were asked for.
sed 's/evictions: 100/{evictions: 100, cost_usd: 0.5x}/; s/{{/{/; s/}}/}/' groups.yaml > strict.yaml
"$WERKBANK" sweep strict.yaml --db groups.db --write-best strict > strict.txt 2> wrote.txt
grep -qF '(evictions at most 100, cost_usd at most 0.5x)' strict.txt ||
    fail "which limits: $(tail -n 2 strict.txt)"
grep -q '^werkbank: nothing to write: .*(evictions at most 100, cost_usd at most 0.5x)' wrote.txt ||
    fail "no word of the limits: $(cat wrote.txt)"
[ ! -e strict ] || fail "a folder for nothing"

# Faults of the sweep and of a target that is not there.
sed 's/nodepool\/default/nodepool\/other/' sweep.yaml > wrong.yaml
if "$WERKBANK" sweep wrong.yaml --db wrong.db 2> wrong.txt; then fail "a wrong target was taken"; fi
grep -q "'nodepool/other' is nothing in" wrong.txt || fail "wrong target: $(cat wrong.txt)"
echo "sweep: ok"
