#!/bin/sh
# The same input and seed give the same bytes: twice, by either event queue, alone or beside another
# contender, from any folder; another seed gives others.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

digest_of() { # file contender
    awk -v name="$2" '$1 == "\"name\":" { found = index($0, "\"" name "\"") }
        $1 == "\"digest\":" && found { gsub(/[",]/, "", $2); print $2; exit }' "$1"
}

for name in nginx-demo day; do
    scenario=$WERKBANK_SOURCE/scenarios/$name/scenario.yaml
    expect 0 '' run "$scenario" -o json
    mv out first.json
    check "$name has a digest" grep -Eq '^."digest":."[0-9a-f]{32}"' first.json
    expect 0 '' run "$scenario" -o json --db "$name.db"
    check "$name: two runs give the same bytes" cmp first.json out
    expect 0 '' run "$scenario" -o json --queue heap --db "$name.db"
    check "$name: a heap gives the same bytes" cmp first.json out
    for contender in karpenter cluster-autoscaler; do
        expect 0 '' run "$scenario" -o json --contender "$contender"
        together=$(digest_of first.json "$contender")
        alone=$(digest_of out "$contender")
        check "$name: $contender has a digest" [ "${#together}" -eq 32 ]
        check "$name: $contender alone is as beside others" [ "$together" = "$alone" ]
    done
    # The tables hold the same rows, run by run, wall clocks aside.
    if command -v sqlite3 >/dev/null; then
        for table in shapes pods nodes instances claims commands command_nodes events decisions \
            samples figures work; do
            for run in 1 3; do
                sqlite3 "$name.db" "SELECT * FROM $table WHERE run_id = $run" |
                    sed 's/^[0-9]*|//' >"rows.$run"
            done
            check "$name: $table" cmp rows.1 rows.3
        done
    else
        echo "not checked: sqlite3 is not installed"
    fi
done

# The rest on the smaller of the two.
scenario=$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml
expect 0 '' run "$scenario" -o json
mv out first.json
(cd / && "$WERKBANK" run "$scenario" -o json) >out 2>err
check "another folder gives the same bytes" cmp first.json out
expect 0 '' run "$scenario" -o json --contender cluster-autoscaler --contender karpenter
check "the order of options does not matter" cmp first.json out
expect 0 '' run "$scenario" -o json --seed 12345
check "another seed is another run" sh -c '! cmp -s first.json out'
cp out other.json
expect 0 '' run "$scenario" -o json --seed 12345
check "which is the same twice" cmp other.json out

# A trace: packed or not, generated twice.
for round in 1 2; do
    expect 0 '' trace generate "$WERKBANK_SOURCE/scenarios/day/day.spec.yaml" \
        --out "day.$round.trace.zst" -q
done
check "a generated trace is the same twice" cmp day.1.trace.zst day.2.trace.zst
expect 0 '' trace generate "$WERKBANK_SOURCE/scenarios/day/day.spec.yaml" --out day.trace -q
expect 0 '' trace info day.trace -o json
grep -o "digest.*" out >plain
expect 0 '' trace info day.1.trace.zst -o json
grep -o "digest.*" out >packed
check "a plain trace is as a packed one" cmp plain packed

finish
