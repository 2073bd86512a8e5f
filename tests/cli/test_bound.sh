#!/bin/sh
# werkbank bound: its page with real output, the forms, and what is wrong.
cd "$WERKBANK_SOURCE" || exit 1
sh tests/cli/replay.sh docs/bound.md || exit 1
# shellcheck source=tests/cli/transcript.sh
. tests/cli/transcript.sh

day=$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml
werkbank run "$day" --db runs.db -q
expect 0 '' bound runs.db -o csv
cp out of-database
expect 0 '' bound "$day" -o csv
check "a scenario's bounds are those of its runs in a database" cmp -s out of-database
check "two runs and a header" [ "$(wc -l <out)" -eq 3 ]
expect 0 '' bound runs.db -o json
check "JSON has the bound" grep -q '"bound_usd":' out
expect 0 '' compare runs.db -o csv
check "compare has the distance" grep -q 'cost_above_bound' out
expect 0 '' compare runs.db
check "and shows it" grep -q 'above the bound' out

sqlite3 runs.db "DELETE FROM bounds; DELETE FROM bound_machines; UPDATE figures SET
    cost_above_bound = -1"
expect 0 '' bound runs.db
check "a run without a bound has dashes" grep -q '^karpenter .* - ' out
expect 0 '' compare runs.db
check "likewise in compare" grep -q '^  above the bound  *-  *-  *-$' out

sqlite3 runs.db "DELETE FROM figures; UPDATE runs SET state = 'running'"
expect 2 'werkbank: runs.db: holds no finished run' bound runs.db
expect 2 'werkbank: nowhere.db: ...' bound nowhere.db
expect 2 'werkbank: ...' bound
finish
