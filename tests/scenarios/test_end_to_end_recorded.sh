#!/bin/sh
# Real recordings from end to end, like test_end_to_end.sh, from
# tests/scenarios/expected_recorded.csv:
# SimKube's dsb-scaling and the openb list, every pod accounted for. Skipped, and said so, where the
# recordings are absent. "update" writes the file.
here=$(cd "$(dirname "$0")" && pwd)
WERKBANK=$(cd "$(dirname "${WERKBANK:?names the program}")" && pwd)/$(basename "$WERKBANK")
WERKBANK_SOURCE=${WERKBANK_SOURCE:-$here/../..}
traces=${WERKBANK_SHARED:-$WERKBANK_SOURCE/../shared}/traces
simkube=$traces/simkube/dsb-scaling.sktrace
openb=$traces/alibaba-openb-2023/openb_pod_list_default.csv
if [ ! -r "$simkube" ] || [ ! -r "$openb" ]; then
    echo "SKIPPED: no recordings: WERKBANK_SHARED names no folder"
    exit 77
fi
# shellcheck source=tests/cli/transcript.sh
. "$here/../cli/transcript.sh"
# shellcheck source=tests/scenarios/figures.sh
. "$here/figures.sh"

add simkube "$WERKBANK_SOURCE/scenarios/simkube/scenario.yaml" --trace "$simkube"
add openb "$WERKBANK_SOURCE/scenarios/openb/scenario.yaml" --trace "$openb"

# Every pod ends in exactly one of four ways.
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["pods_total"] != $at["pods_finished"] + $at["pods_running"] + $at["pods_unscheduled"] + \
        $at["pods_lost"] { exit 1 }
    $1 == "openb" && $at["pods_total"] != 8152 { exit 1 }' found.csv ||
    fail "a pod is not accounted for"
checks=$((checks + 1))

if [ "${1:-}" = update ]; then
    cp found.csv "$here/expected_recorded.csv"
    echo "written: $here/expected_recorded.csv"
    exit 0
fi
diff "$here/expected_recorded.csv" found.csv ||
    fail "figures changed; if that is meant: tests/scenarios/test_end_to_end_recorded.sh update"
checks=$((checks + 1))
finish
