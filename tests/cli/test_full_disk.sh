#!/bin/sh
# Disks that are full, files at their limit, databases that are damaged: each gets one clear line.
# An output that cannot be begun is status 2, one that fails on the way is 3; what was not asked to
# be written is never written, and what was half written is not there or is a valid database.
# (Every single write that can fail: tests/faults.)
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

scenario=$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml
spec=$WERKBANK_SOURCE/scenarios/day/day.spec.yaml

# ---- a device without room ----

if [ -w /dev/full ]; then
    expect 2 'werkbank: /dev/full: cannot write: database or disk is full' \
        run "$scenario" --db /dev/full
    expect 2 'werkbank: /dev/full: cannot write: No space left on device' \
        trace generate "$spec" --scale-percent 1 --out /dev/full -q

    # Standard output to it, as behind a redirection.
    for words in "run $scenario -o json" "run $scenario" "catalog list" "--help" "version" \
        "solve -f $WERKBANK_SOURCE/scenarios/solve/web"; do
        status=0
        # shellcheck disable=SC2086 # words
        "$WERKBANK" $words >/dev/full 2>err || status=$?
        : >out
        check "status 3, not $status: $words" [ "$status" -eq 3 ]
        check "one line: $words" [ "$(cat err)" = \
            'werkbank: standard output: cannot write: No space left on device' ]
    done
else
    echo "not checked: this system has no /dev/full"
fi

# ---- files that may not grow ----

# The command with files of at most so many blocks of 512 bytes; SIGXFSZ must not end it.
limited() { # blocks words...
    blocks=$1
    shift
    status=0
    (ulimit -f "$blocks" && exec "$WERKBANK" "$@") >out 2>err || status=$?
    checks=$((checks + 1))
}

limited 1 trace generate "$spec" --scale-percent 20 --out limit.trace -q
check "a trace at its limit is status 2" [ "$status" -eq 2 ]
check "and one line" [ "$(cat err)" = 'werkbank: limit.trace: cannot write: File too large' ]
check "and not there" [ -z "$(find . -name 'limit.trace*')" ]

expect 0 '' run "$scenario" -o json
mv out expected
# shellcheck disable=SC2317 # called through check
is_known_end() {
    case $status in
    0) cmp -s out expected && [ ! -s err ] ;;
    2 | 3)
        [ "$(wc -l <err)" -eq 1 ] && [ ! -s out ] &&
            grep -q '^werkbank: .*limit.db: cannot ' err
        ;;
    *) false ;;
    esac
}
borne=0
refused=0
for blocks in 10 100 120 140 160 180 200 220 240 260 280 1000; do
    rm -f limit.db*
    limited "$blocks" run "$scenario" -o json --db limit.db
    check "a database of $blocks blocks: status $status and one line" is_known_end
    if [ "$status" -eq 0 ]; then borne=$((borne + 1)); else refused=$((refused + 1)); fi
    expect 0 '' run "$scenario" -o json --db limit.db # there is room again
    check "the next run into it is the same" cmp -s out expected
done
check "some had room ($borne), some had none ($refused)" [ $((borne * refused)) -gt 0 ]

# ---- databases that are damaged ----

expect 0 '' run "$scenario" --db whole.db
for bytes in 100 512 5000 50000; do
    head -c "$bytes" whole.db >cut.db
    expect 2 'werkbank: cut.db: not a werkbank database: database disk image is malformed' \
        compare cut.db
    expect 2 'werkbank: cut.db: not a werkbank database: database disk image is malformed' \
        run "$scenario" --db cut.db
done

# Sixteen bytes overwritten here and there: one line with the file's name, or a text was hit that
# decides nothing (at most a warning) and the comparison is printed. Never a signal.
# shellcheck disable=SC2317 # called through check
is_told_or_printed() {
    case $status in
    0) ! grep -qv '^werkbank: warning: ' err && [ -s out ] ;;
    2 | 3) [ "$(wc -l <err)" -eq 1 ] && grep -q '^werkbank: hit.db: ' err && [ ! -s out ] ;;
    *) false ;;
    esac
}
hit=0
size=$(wc -c <whole.db)
at=0
while [ "$at" -lt "$size" ]; do
    cp whole.db hit.db
    printf 'XXXXXXXXXXXXXXXX' | dd of=hit.db bs=1 seek="$at" conv=notrunc 2>/dev/null
    werkbank compare hit.db
    check "damage at byte $at: status $status" is_told_or_printed
    [ "$status" -eq 0 ] || hit=$((hit + 1))
    at=$((at + 997)) # a prime: every part of a page is met
done
check "some damage is noticed ($hit)" [ "$hit" -gt 3 ]

: >empty.db
expect 2 'werkbank: empty.db: not a werkbank database, expected one that werkbank run wrote' \
    compare empty.db
expect 2 'werkbank: .: cannot open: ...' compare .
expect 2 'werkbank: cut.db: not a werkbank database: ...' compare whole.db cut.db

finish
