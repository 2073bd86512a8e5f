#!/bin/sh
# werkbank tune, end to end on the day: the search sees the first part of the trace, what is there
# now and the best point run on the rest too, and the figures are those of runs of the parts as
# trace cut makes them.
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
  seeds: [1, 2, 3]
  best: {atMost: {pod_latency_ms_p99: 2x, disruptions: 3x}}
  parameters:
    nodepool/default:
      spec.disruption.consolidateAfter: [0s, 10m]
      spec.template.spec.requirements[karpenter.k8s.aws/instance-cpu].values: [["17"], ["33"]]
YAML
cd "$work"
"$WERKBANK" tune sweep.yaml --db one.db -j 2 > table.txt
grep -q "^best of 4 points: " table.txt || fail "no best point: $(cat table.txt)"
grep -q "^on what the search has not seen: cost " table.txt || fail "no verdict: $(cat table.txt)"
grep -q "^what matters for cost" table.txt || fail "no sensitivity: $(cat table.txt)"
[ -z "$(ls one.db.* 2> /dev/null)" ] || fail "left behind: $(ls one.db.*)"
"$WERKBANK" tune sweep.yaml --db two.db -j 1 -o json > two.json
cmp one.db two.db || fail "the database depends on the number of workers"

# What is there now, on the parts, by hand.
"$WERKBANK" trace info day/day.trace.zst -o json > info.json
end=$(sqlite3 :memory: "SELECT json_extract(readfile('info.json'), '\$[0].span_ms')")
"$WERKBANK" trace cut day/day.trace.zst --from "$((end / 2))ms" --out unseen.trace.zst > /dev/null
for seed in 1 2 3; do
    "$WERKBANK" run day/scenario.yaml --trace unseen.trace.zst --contender karpenter \
        --seed $seed -o json > "run-$seed.json"
done
for key in cost_usd disruptions; do
    differ=$(sqlite3 :memory: "WITH runs(mean) AS (SELECT avg(
            json_extract(readfile('run-' || value || '.json'), '\$.contenders[0].$key'))
            FROM json_each('[1, 2, 3]')),
        rows(unseen) AS (SELECT json_extract(value, '\$.unseen_now')
            FROM json_each(readfile('two.json'), '\$.figures')
            WHERE json_extract(value, '\$.figure') = '$key')
        SELECT mean, unseen FROM runs LEFT JOIN rows
        WHERE mean IS NULL OR unseen IS NULL OR abs(mean - unseen) >= 1e-6 * max(1, mean)")
    [ -z "$differ" ] || fail "the unseen part's $key is not that of its runs: $differ"
    differ=$(sqlite3 :memory: "SELECT value FROM json_each(readfile('two.json'), '\$.figures')
        WHERE json_extract(value, '\$.figure') = '$key' AND abs(
            json_extract(value, '\$.unseen_best') - json_extract(value, '\$.unseen_now')
            - json_extract(value, '\$.difference')) >= 1e-6 * max(1, json_extract(value,
            '\$.unseen_now'))")
    [ -z "$differ" ] || fail "the difference of $key is in another unit: $differ"
done

# Nothing to split.
sed 's/- trace: .*/- {manifest: objects.yaml, at: 1s}/; s/  seed: 42/  seed: 42\n  horizon: 1h/' \
    day/scenario.yaml > day/none.yaml
sed 's/scenario.yaml/none.yaml/' sweep.yaml > none.yaml
if "$WERKBANK" tune none.yaml --db none.db 2> none.txt; then fail "nothing was split"; fi
grep -q "has no trace" none.txt || fail "no trace: $(cat none.txt)"
echo "tune: ok"
