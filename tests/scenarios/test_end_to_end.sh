#!/bin/sh
# The shipped scenarios from end to end: every figure and the digest of each run, exactly, from
# tests/scenarios/expected.csv. Every build must give these (gcc and clang, -O0 and -O2,
# sanitizers).
#
# A change that is meant is made with
#     WERKBANK=build/werkbank tests/scenarios/test_end_to_end.sh update
# and reviewed as a difference of that file.
here=$(cd "$(dirname "$0")" && pwd)
WERKBANK=$(cd "$(dirname "${WERKBANK:?names the program}")" && pwd)/$(basename "$WERKBANK")
WERKBANK_SOURCE=${WERKBANK_SOURCE:-$here/../..}
# shellcheck source=tests/cli/transcript.sh
. "$here/../cli/transcript.sh"
# shellcheck source=tests/scenarios/figures.sh
. "$here/figures.sh"

add nginx-demo "$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml"
add day "$WERKBANK_SOURCE/scenarios/day/scenario.yaml"
add drift "$WERKBANK_SOURCE/scenarios/drift/scenario.yaml"
add recorded "$WERKBANK_SOURCE/scenarios/recorded/scenario.yaml" --contender recorded
expect 0 '' trace generate "$WERKBANK_SOURCE/scenarios/scale/scale.spec.yaml" \
    --scale-percent 1 --out scale.trace --quiet
add scale-1-percent "$WERKBANK_SOURCE/scenarios/scale/scenario.yaml" --trace scale.trace

if [ "${1:-}" = update ]; then
    cp found.csv "$here/expected.csv"
    echo "written: $here/expected.csv"
    exit 0
fi
diff "$here/expected.csv" found.csv ||
    fail "figures changed; if that is meant: tests/scenarios/test_end_to_end.sh update"
checks=$((checks + 1))
finish
