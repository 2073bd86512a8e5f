#!/bin/sh
# docs/bound.md's claim: no contender of any shipped scenario costs less than its bound, whatever is
# within a few seconds' reach; and the bound is not so low as to say nothing.
#
# Those that need a recorded trace are held to it where the recordings are at hand.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/../cli/transcript.sh"

# The law for every finished run of a database; the second line is what a bound must be good for:
# at least a fifth of the cost.
hold() { # database name
    check "$2: every run has a bound, and all of its machines are explained" \
        [ "$(sqlite3 "$1" "SELECT count(*) FROM figures JOIN runs USING (run_id)
            LEFT JOIN bounds USING (run_id) WHERE bound_nusd IS NULL
            OR seen_machines > 0 AND contender_kind <> 'recorded'")" = 0 ]
    check "$2: bound <= bound with its own machines <= cost" \
        [ "$(sqlite3 "$1" "SELECT count(*) FROM figures JOIN bounds USING (run_id)
            WHERE bound_nusd > own_bound_nusd OR own_bound_nusd > cost_nusd")" = 0 ]
    check "$2: the bound with its own machines is worth something" \
        [ "$(sqlite3 "$1" "SELECT count(*) FROM figures JOIN bounds USING (run_id)
            WHERE cost_nusd > 5 * own_bound_nusd")" = 0 ]
}

count=0
grep -rl --include='*.yaml' '^kind: Scenario' "$WERKBANK_SOURCE/scenarios" | sort >shipped
while read -r path; do
    name=${path#"$WERKBANK_SOURCE/scenarios/"}
    case $name in scale/*) continue ;; esac # below
    ! grep -q 'requiresTrace: true' "$path" || continue
    werkbank run "$path" --quiet --db "run.$count.db"
    check "$name runs" [ "$status" -eq 0 ]
    hold "run.$count.db" "$name"
    count=$((count + 1))
done <shipped
check "two dozen scenarios are shipped, $count" [ "$count" -ge 24 ]

werkbank trace generate "$WERKBANK_SOURCE/scenarios/scale/scale.spec.yaml" --scale-percent 1 \
    --out scale.trace --quiet
werkbank run "$WERKBANK_SOURCE/scenarios/scale/scenario.yaml" --trace scale.trace --quiet \
    --db scale.db
hold scale.db scale

# The traces of other people, where they are at hand.
traces=${WERKBANK_SHARED:-$WERKBANK_SOURCE/../shared}/traces
for pair in simkube:simkube/dsb-scaling.sktrace \
    openb:alibaba-openb-2023/openb_pod_list_default.csv; do
    if [ -r "$traces/${pair#*:}" ]; then
        werkbank run "$WERKBANK_SOURCE/scenarios/${pair%%:*}/scenario.yaml" \
            --trace "$traces/${pair#*:}" --quiet --db "${pair%%:*}.db"
        hold "${pair%%:*}.db" "${pair%%:*}"
    fi
done

# ---- the law can fail ----

sqlite3 run.0.db "UPDATE bounds SET own_bound_nusd = 2 * (SELECT max(cost_nusd) FROM figures)"
broken=$(sqlite3 run.0.db "SELECT count(*) FROM figures JOIN bounds USING (run_id)
    WHERE own_bound_nusd > cost_nusd")
check "a bound above the cost is seen" [ "$broken" -gt 0 ]
finish
