#!/bin/sh
# The tools on traces, end to end: info, cut, scale, merge, shift, anonymize, validate, convert and
# diff on one small trace that has every kind of record (trace/all.trace).
. "$WERKBANK_SOURCE/tests/cli/transcript.sh"

cp "$WERKBANK_SOURCE/tests/cli/trace/all.trace" .

# lines FILE PATTERN: how many lines have it
lines() {
    grep -c -- "$2" "$1"
}

expect 0 '' trace validate all.trace -o json
check "every record is good, nothing is odd" grep -q '"valid":"yes","records":17,"oddities":0' out

expect 0 '' trace info all.trace -o json
for figure in '"pods":.4' '"deleted":.2' '"nodes":.2' '"scales":.1' '"spot":.3' '"open":.1' \
    '"declared_replicas_peak":.6' '"peak_pods":.4'; do
    check "info has $figure" grep -q "$figure" out
done
# web-1 250m x 540 s, web-2 250m x 300 s, night-1 2 x 320 s, night-2 2 x 60 s
check "CPU hours from creation to end" grep -q '"resident_cpu_hours":.0.269' out
# 500m x (4 x 180 s + 6 x 300 s)
check "CPU hours of declared replicas" grep -q '"declared_cpu_hours":.0.350' out
expect 0 '' trace info all.trace --plot all.gp
check "a plot's program holds its data" grep -q 'series << EOD' all.gp

# A window takes with it what is there when it begins.
expect 0 '' trace cut all.trace --from 4m --to 6m --out cut.trace -q
head -7 cut.trace >cut.head
check "pods that live on are cut to what is left" \
    cmp cut.head "$WERKBANK_SOURCE/tests/cli/trace/cut.head"
check "the deployment comes with its scale" test "$(lines cut.trace '"replicas":6')" = 1
check "an open pod comes too" grep -q '{"at":0,"pod":"web-2","shape":0,"owner":0}' cut.trace
check "one price holds at the begin" test "$(lines cut.trace '"spot":"price"')" = 2
check "and the later one comes at its time" grep -q '{"at":0,"spot":"price".*50000000' cut.trace
check "the deletion behind the window does not come" test "$(lines cut.trace '"delete"')" = 0
expect 0 '' trace validate cut.trace -o csv
expect 0 '' trace cut all.trace -n batch --out batch.trace -q
check "a namespace alone" test "$(lines batch.trace '"pod":"night')$(lines batch.trace web)" = 20
expect 0 '' trace cut all.trace -l app=web --out web.trace -q
check "a label alone, with its deletion" \
    test "$(lines web.trace '"pod":')$(lines web.trace '"delete":"Pod"')" = 21
expect 0 '' trace cut all.trace --from 2026-01-05T00:05:00Z --leave-running --out late.trace -q
check "a calendar time, and only new pods" test "$(lines late.trace '"pod":')" = 1
expected="expected a duration such as 36h or a calendar time such as 2026-01-05T10:00:00Z"
expect 2 "werkbank: --from: 'soon' is no time, $expected" \
    trace cut all.trace --from soon --out x.trace

# Scaling: all, none, three of each; a deleted pod's copies are deleted.
expect 0 '' trace scale all.trace --rate 1 --jitter 0s --out same.trace -q
expect 0 '' trace convert all.trace --out plain.trace -q
expect 0 '' trace diff same.trace plain.trace
expect 0 '' trace scale all.trace --rate 0 --out none.trace -q
check "no pods are left" test "$(lines none.trace '"pod":')" = 0
expect 0 '' trace scale all.trace --rate 3 --size 2 --seed 5 --out three.trace -q
expect 0 '' trace scale all.trace --rate 3 --size 2 --seed 5 --out again.trace -q
check "the same seed gives the same bytes" cmp three.trace again.trace
check "three of each" \
    test "$(lines three.trace '"pod":')$(lines three.trace '"delete":"Pod"')" = 123
check "requests are doubled" grep -q '"cpu":"500m","memory":"512Mi"' three.trace
check "replicas are tripled" grep -q '"replicas":12' three.trace
check "and so are scales" grep -q '"replicas":18' three.trace
expect 0 '' trace validate three.trace -o csv
check "copies go with their pods" grep -q '^three.trace,yes,27,0,' out

# Merging, shifting, packing.
expect 0 '' trace shift all.trace --by 1h --out later.trace.zst -q
expect 0 '' trace shift later.trace.zst --by -1h --out back.trace -q
expect 0 '' trace diff plain.trace back.trace
expect 0 '' trace merge plain.trace later.trace.zst --out both.trace -q
expect 0 '' trace info both.trace -o json
check "shapes of both are one" grep -q '"shapes":.2' out
check "pods of both are there" grep -q '"pods":.8' out
check "times are those of each" grep -q '"span_ms":.4200000' out
expected="expected 0 or more, within 31 years (see: werkbank trace cut --from)"
expect 2 "werkbank: all.trace:2: the record at 0 ms would come to -1000 ms, $expected" \
    trace shift all.trace --by -1s --out x.trace

# Anonymous: no name is left, the structure is.
echo 0123456789 >key
expect 0 '' trace anonymize all.trace --key-file key --out hidden.trace -q
for word in shop batch web night acme blue team hunter2 SECRET ip-1 i-0a; do
    check "$word is hidden" test "$(lines hidden.trace "$word")" = 0
done
check "a zone is kept" test "$(lines hidden.trace us-east-1a)" = 5
expect 0 '' trace validate hidden.trace -o csv
check "nothing is odd in it" grep -q '^hidden.trace,yes,17,0,' out
expect 2 'werkbank: --key-file is missing, expected a file with a key: names are hashed with it' \
    trace anonymize all.trace --out x.trace

# A table of pods and back.
expect 0 '' trace convert all.trace --out all.csv -q
expect 0 '' trace import all.csv --out table.trace -q
grep -o '"pod":"[a-z0-9-]*"' table.trace | sort >found
grep -o '"pod":"[a-z0-9-]*"' all.trace | sort >wanted
check "the pods are the same" cmp found wanted

# What differs.
expect 1 '' trace diff all.trace cut.trace
check "the first lines that differ are shown" grep -q '^> cut.trace:2: {"shape":0' out
sed '/"night-2"/d' all.trace >less.trace
expect 1 '' trace validate less.trace -o csv
check "a broken trace is told" grep -q 'the last line counts 17 records, 16 were found' out

finish
