#!/bin/sh
# werkbank report: valid HTML that needs nothing from outside, the figures of the views, and one
# line for what can't be reported.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

command -v gnuplot >/dev/null 2>&1 || {
    echo "skipped: gnuplot is not installed"
    exit 77
}
werkbank run "$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml" --db a.db -q -o csv
werkbank run "$WERKBANK_SOURCE/scenarios/nginx-demo/scenario.yaml" --db a.db -q -o csv --seed 2
check "two seeds are there" [ "$(sqlite3 a.db 'SELECT count(*) FROM runs')" = 4 ]

expect 0 '' report a.db --out a.html
expect 0 '' report a.db
check "standard output has the same page" cmp -s out a.html
check "the page is whole" [ "$(tail -n 1 a.html)" = "</html>" ]
check "all eight pictures are inside" [ "$(grep -c '<figure><img alt="Plot of ' a.html)" = 8 ]
check "no script is needed" [ "$(grep -ci '<script' a.html)" = 0 ]
check "nothing is fetched" [ "$(grep -cE '(src|href|url)[=(]"?(https?:)?//' a.html)" = 0 ]
if command -v tidy >/dev/null 2>&1; then
    check "it is valid HTML" tidy -q -e a.html
    cat err
else
    echo "skipped: tidy is not installed, validity is not checked"
fi

# ---- what it says ----

check "the verdict is compare's" grep -q '(2 seeds, 95 % confidence)\.</p>' a.html
"$WERKBANK" compare a.db | grep '(2 seeds, 95' >sentence
check "word for word" grep -qF "<p>$(cat sentence).</p>" a.html
for contender in karpenter cluster-autoscaler; do
    mean=$(sqlite3 a.db "SELECT printf('\$%.2f', avg(cost_usd)) FROM runs_summary
        WHERE contender = '$contender'")
    check "the mean cost of $contender, $mean" grep -qF "<td class=\"n\">$mean</td>" a.html
    digest=$(sqlite3 a.db "SELECT digest FROM runs WHERE contender = '$contender' LIMIT 1")
    check "the digest of $contender" grep -qF "<dd>$digest</dd>" a.html
done
check "the decision that saved most" grep -q 'single-node consolidation' a.html
kept=$(sqlite3 a.db "SELECT reason || '</td><td>' || min(detail) FROM stays WHERE run_id = 1
    GROUP BY reason ORDER BY sum(total_ms) DESC LIMIT 1")
check "what kept most nodes: $kept" grep -qF "<td>$kept</td>" a.html
check "every table names its columns" \
    [ "$(grep -c '<thead><tr><th scope="col"' a.html)" = "$(grep -c '<table>' a.html)" ]

# ---- options and errors ----

expect 0 '' report a.db --no-plots --baseline cluster-autoscaler
check "no pictures when not wanted" [ "$(grep -c '<figure>' out)" = 0 ]
check "ratios to the other" grep -q 'Ratios are to cluster-autoscaler' out
expect 2 "werkbank: --baseline: no finished run of contender 'x', expected one such as \
'karpenter'" report a.db --baseline x
expect 2 "werkbank: no finished run has seed 9, the lowest is 1" report a.db --seed 9
expect 3 "werkbank: no.db: cannot open: No such file or directory" report no.db
expect 3 "werkbank: no/where.html: cannot create: No such file or directory" \
    report a.db --out no/where.html
finish
