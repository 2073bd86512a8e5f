#!/bin/sh
# The regression gate: a planted regression is caught and its first decision named, a refactoring
# passes with nothing changed; bounds, tolerances, the forms for CI systems, and bad input.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

suites=$WERKBANK_SOURCE/scenarios/suites

# ---- the shipped suites are whole ----

expect 0 '' bench run "$suites/smoke.yaml" --db smoke.db -o csv -q
check "smoke keeps its bounds" sh -c '! grep -q FAILED out'
werkbank bench run "$suites/full.yaml" --shard 0/50 --db full.db -o csv
check "full names what is absent" grep -q "trace 'openb.trace.zst' is absent" err
(cd "$WERKBANK_SOURCE/scenarios" && grep -rl --include='*.yaml' '^kind: Scenario' .) |
    sed 's/^\.//' | sort >shipped
sed -n 's/.*scenario: \.\.//p' "$suites/full.yaml" | sort >in-full
check "full has every shipped scenario: $(diff shipped in-full | tr '\n' ' ')" cmp shipped in-full

# ---- the gate on the ci suite ----

expect 0 '' bench baseline "$suites/ci.yaml" --db before.db --out ci.baseline
check "a baseline is small" [ "$(wc -c <ci.baseline)" -lt 120000 ]
expect 0 '' bench check "$suites/ci.yaml" --baseline ci.baseline
check "the same program gives the same" grep -q 'as before, 0 changed, 0 failed$' out

other() { # program words...
    program=$1
    shift
    status=0
    "$program" "$@" >out 2>err || status=$?
}
if [ -x "${WERKBANK_REFACTORED:-}" ]; then
    other "$WERKBANK_REFACTORED" bench check "$suites/ci.yaml" --baseline ci.baseline
    check "a refactoring passes" [ "$status" -eq 0 ]
    check "and nothing has changed" grep -q 'as before, 0 changed, 0 failed$' out

    other "$WERKBANK_WITH_REGRESSION" bench check "$suites/ci.yaml" --baseline ci.baseline \
        --baseline-db before.db --db after.db
    kept='the baseline kept it: no cheaper node could take its pods$'
    check "a regression fails" [ "$status" -eq 1 ]
    check "its figures are named" grep -q '^night/underutilized/seed=42 .*cost_usd .*FAILED' out
    check "what has no part in it is as before" sh -c '! grep -q "^spot-weather" out'
    check "the first decision is told from the baseline's database" grep -q \
        "^nginx-demo/karpenter/seed=1: at 00:03:15 this version replaced .*, $kept" out
    cp out by-db
    other "$WERKBANK_WITH_REGRESSION" bench check "$suites/ci.yaml" --baseline ci.baseline \
        --results after.db --program "$WERKBANK"
    for file in out by-db; do
        grep '^nginx-demo.*: at' "$file" >"$file.told"
    done
    check "or by the baseline's program" [ -s out.told ]
    check "in the same words" cmp out.told by-db.told
    other "$WERKBANK_WITH_REGRESSION" bench check "$suites/ci.yaml" --baseline ci.baseline \
        --results after.db
    check "or from the baseline alone" grep -q \
        '^nginx-demo/karpenter/seed=1: the first decision that differs is no. 2 of' out

    werkbank diff before.db after.db --contender karpenter
    check "diff finds them too" [ "$status" -eq 1 ]
    check "and tells what differs" grep -q \
        '^nginx-demo/karpenter/seed=1: at 00:03:15 B replaced default-00000 by .*, A kept it' out
    check "and what does not" grep -q '^spot-weather/karpenter/seed=1: the same' out
    expect 1 '' diff before.db after.db -o json
    check "diff's JSON is JSON" [ "$(sqlite3 :memory: "SELECT json_valid(readfile('out'))")" = 1 ]
else
    echo "not checked: the programs with planted changes are not built here"
fi

# ---- forms, on a small suite ----

cat >small.yaml <<YAML
apiVersion: werkbank/v1
kind: Suite
metadata: {name: small}
spec:
  bounds:
    cost_usd: {tolerance: 1%}
    work.events: {tolerance: 10}
  runs:
    - scenario: $WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml
      seeds: [1, 2]
      contenders: [karpenter]
YAML
expect 0 '' bench baseline small.yaml --out base
expect 0 '' bench check small.yaml --baseline base --junit c.xml --markdown c.md --json c.json \
    --benchmark c.bench
check "JUnit has a case per run" [ "$(grep -c '<testcase' c.xml)" -eq 2 ]
check "Markdown says it passed" grep -q '^### werkbank small: passed, nothing changed$' c.md
for file in c.json c.bench; do
    check "$file is JSON" [ "$(sqlite3 :memory: "SELECT json_valid(readfile('$file'))")" = 1 ]
done
values="SELECT count(*) FROM json_each(readfile('c.bench')) WHERE value ->> 'value' > 0"
check "the benchmark has values" [ "$(sqlite3 :memory: "$values")" -ge 8 ]
if command -v tidy >/dev/null; then
    check "JUnit is XML" tidy -xml -q -e c.xml
fi

edit() { sed "$1" base >changed; }
edit '/seed=1$/,/seed=2$/s/cost_usd 0.1034/cost_usd 0.1035/'
expect 0 '' bench check small.yaml --baseline changed
check "a change within its tolerance passes" grep -q '2 runs, 1 as before, 1 changed, 0 failed$' out
check "and is named" grep -q 'cost_usd .*-0.10 %.*within its tolerance of 1 %' out
edit '/seed=1$/,/seed=2$/s/cost_usd 0.1034/cost_usd 0.1134/'
expect 1 '' bench check small.yaml --baseline changed --junit c.xml
check "one beyond it fails" grep -q 'cost_usd .*-8.82 %.*FAILED: beyond its tolerance of 1 %' out
check "in JUnit as well" [ "$(grep -c '<failure' c.xml)" -eq 1 ]
edit 's/work.events 129/work.events 118/'
expect 1 '' bench check small.yaml --baseline changed
check "more work than tolerated fails" \
    grep -q 'work.events .*FAILED: beyond its tolerance of 10' out
edit 's/work.events 129/work.events 1290/'
expect 0 '' bench check small.yaml --baseline changed
check "less work passes" grep -q 'work.events .*less work' out
edit 's/seed=2$/seed=3/'
expect 1 '' bench check small.yaml --baseline changed
check "a run that is gone fails" grep -q 'seed=3 .*FAILED: only in the baseline' out
check "a new one is told" grep -q 'seed=2 .*not in the baseline' out
edit 's/inputs ./inputs -/'
expect 1 '' bench check small.yaml --baseline changed
check "other inputs are named" grep -q 'inputs .*another scenario, manifest or trace' out
# Runs of some hundredths of a second: by how much they differ is chance.
sed 's/^  bounds:/  time: {tolerance: 1000%}\n&/' small.yaml >timed.yaml
expect 0 '' bench check timed.yaml --baseline base --program "$WERKBANK" --time
check "time is compared in turns" grep -q '^CPU time: .* of it$' out

sed 's/cost_usd: {tolerance: 1%}/cost_usd: {max: 0.1}/' small.yaml >tight.yaml
expect 1 '' bench run tight.yaml
check "a broken bound is named" \
    grep -q 'FAILED: cost_usd is 0.103427533, more than its bound of 0.1' out

# ---- bad input ----

expect 2 "werkbank: --baseline: is missing, expected a file that bench baseline wrote" \
    bench check small.yaml
expect 2 "werkbank: --time: needs --program, the program to compare with" \
    bench check small.yaml --baseline base --time
printf 'some text\n' >bad
expect 2 "werkbank: bad:1: found 'some text', expected 'werkbank-baseline 1'" \
    bench check small.yaml --baseline bad
sed 's/trail .*/trail 3:12 2:13/' base >bad
werkbank bench check small.yaml --baseline bad
check "a broken trail is named" grep -q "^werkbank: bad:[0-9]*: '3:12 2:13' is no trail, exp" err
sed 's/cost_usd:/cost_ust:/' small.yaml >bad.yaml
expect 2 "werkbank: bad.yaml:6:5: spec.bounds: 'cost_ust' is no figure, expected one such as..." \
    bench run bad.yaml
sed 's/1%/1 per cent/' small.yaml >bad.yaml
expect 2 "werkbank: bad.yaml:6:27: spec.bounds.cost_usd.tolerance: '1 per cent' is no toler..." \
    bench run bad.yaml
sed 's/\[karpenter\]/[carpenter]/' small.yaml >bad.yaml
expect 2 "werkbank: bad.yaml:11:20: spec.runs[0].contenders[0]: 'carpenter' is no contender of..." \
    bench run bad.yaml
sed 's/\[1, 2\]/[1, 1]/' small.yaml >bad.yaml
expect 3 "werkbank: 'nginx-demo/karpenter/seed=1' occurs twice, expected each run once" \
    bench run bad.yaml
sed 's/scenario: .*/scenario: nowhere.yaml/' small.yaml >bad.yaml
expect 2 "werkbank: bad.yaml:9:17: spec.runs[0].scenario: nowhere.yaml: cannot open: No such f..." \
    bench run bad.yaml

finish
