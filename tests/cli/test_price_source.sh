#!/bin/sh
# What prints money for people says where the prices come from, and of which date. (CSV, and tables
# that are lists of rows to programs, have it in the database.)
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

source='price tables of 20[0-9][0-9]-[0-9][0-9]-[0-9][0-9]; spot: .* of 20[0-9][0-9]-'
here=$WERKBANK_SOURCE/scenarios

named() { # words...
    werkbank "$@"
    check "$1 ends well: $*" [ "$status" -le 1 ]
    check "prices named: $*" grep -q "$source" out
}

named run "$here/nginx-demo/scenario.yaml" --db a.db -q
named run "$here/nginx-demo/scenario.yaml" -o json -q
named run "$here/nginx-demo/scenario.yaml" -o markdown -q
for form in table wide markdown json; do
    named compare a.db -o $form
done
named bound a.db
named bound "$here/nginx-demo/scenario.yaml" -q
named explain a.db --at 1m
named sweep "$here/cookbook/floor/sweep.yaml" --db b.db -q
named sweep "$here/cookbook/floor/sweep.yaml" --db b.db -q -o markdown
named solve -f "$here/solve/web" -q
named solve -f "$here/solve/web" -q -o json
named consolidate -f "$here/consolidate/shop" -q
named consolidate -f "$here/consolidate/shop" -q -o json
named catalog show m5.large
werkbank report a.db --out a.html
check "and by the page" grep -q "$source" a.html

# What a run settles by names what that goes by, too.
cat >money.yaml <<END
apiVersion: werkbank/v1
kind: Scenario
metadata: {name: money}
spec:
  horizon: 1h
  money: {source: the sheet of 2026-11-01, discount: {onDemand: 0.1}}
  workload: [{manifest: $here/nginx-demo/nginx.yaml, at: 1s}]
  contenders:
    - {name: two, kind: fixed, nodes: [{name: a, instanceType: m5.large, count: 2}]}
END
werkbank run money.yaml -q --db money.db
check "a bill names its sheet" grep -q "discounts and commitments: the sheet of 2026-11-01" out
werkbank compare money.db
check "so does compare" grep -q "discounts and commitments: the sheet of 2026-11-01" out
finish
