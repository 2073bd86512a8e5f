#!/bin/sh
# trace generate from the command line: the shipped specifications through a run, --fit with its
# reports, and options that do not go together.
. "$WERKBANK_SOURCE/tests/cli/transcript.sh"

scenarios="$WERKBANK_SOURCE/scenarios"
day="$scenarios/day/day.trace.zst"

# A run takes what is generated: pods with claims start, those of a storm run to their end.
for name in volumes cron-storm training; do
    expect 0 '' trace generate "$scenarios/generate/$name.spec.yaml" --out $name.trace -q
    werkbank run "$scenarios/generate/scenario.yaml" --trace $name.trace --db $name.db -o json -q
    check "a run of $name ends" test "$status" = 0
    check "and no pod of $name waits for ever, under either" \
        test "$(grep -Ec '"pods_unscheduled":.0,' out)" = 2
done

# What is fitted makes the same trace as its specification.
expect 0 '' trace generate --fit "$day" --seed 4 --write-spec fitted.yaml --plot fit.gp \
    --out fitted.trace -o json
for figure in '"standing":30' '"hours":24' '"pods_left_out":0' '"distances":' \
    '"measure": *"inter-arrival time"' '"measure": *"lifetime"' '"ks": *0\.0'; do
    check "the report has $figure" grep -q "$figure" out
done
check "the picture's program has both traces" test "$(grep -Ec '^[$](first|second) << ' fit.gp)" = 2
expect 0 '' trace generate fitted.yaml --out again.trace -q
check "the specification makes the same trace" cmp fitted.trace again.trace
expect 0 '' trace generate --fit "$day" --seed 4 --out twice.trace -q
check "and so does the same seed" cmp fitted.trace twice.trace
expect 0 '' trace generate --fit "$day" --seed 5 --out other.trace -q
check "another seed makes another" test "$(cmp -s fitted.trace other.trace; echo $?)" = 1
expect 0 '' trace generate --fit "$day" --span 72h --out long.trace -o csv
check "as long as was asked for" grep -q '"end_ms":259200000' long.trace
expect 0 '' trace generate --fit "$day" --out table.trace
check "a table of both, and one of distances" grep -q '^MEASURE .* KS$' out

# Files of a cluster: what its controllers made is fitted, the objects are not.
expect 0 'werkbank: 8 applied objects are left out: their controllers'"'"' pods are not fitted' \
    trace generate --fit "$scenarios/recorded/shop.trace.zst" --span 1h --out shop.trace

expect 2 'werkbank: --fit takes the place of SPEC.yaml, expected one of the two' \
    trace generate fitted.yaml --fit "$day" --out x.trace
missing="expected a specification, or a trace to fit one to (--fit)"
expect 2 "werkbank: SPEC.yaml is missing, $missing" trace generate --out x.trace
expect 2 'werkbank: --span, --write-spec and --plot go with --fit' \
    trace generate fitted.yaml --span 3h --out x.trace
expect 2 'werkbank: --fit reads both traces again to compare them, expected files instead of -' \
    trace generate --fit "$day" --out -
expect 2 "werkbank: --plot: 'fit.pdf' does not end in .svg, .png or .gp" \
    trace generate --fit "$day" --plot fit.pdf --out x.trace
expect 2 'werkbank: fitted.yaml:1: ...' trace generate --fit fitted.yaml --out y.trace
check "no trace of what was refused" test ! -e y.trace
finish
