#!/bin/sh
# One figure, one value: what compare prints as table, CSV, JSON and Markdown, what the report has,
# and what the view shows are the same, figure by figure. (The plots' data: test_plot.sh; the view
# against the tables: tests/sim/test_store_figures.c.)
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

werkbank run "$WERKBANK_SOURCE/scenarios/spot-weather/scenario.yaml" --db a.db -q -o csv
check "four runs are there" [ "$(sqlite3 a.db 'SELECT count(*) FROM figures')" = 4 ]

# ---- CSV and JSON against the view, every column of every run ----

expect 0 '' compare a.db -o csv
tr -d '\r' <out >a.csv
expect 0 '' compare a.db -o json
cp out a.json
head -n 1 a.csv | tr ',' '\n' | sed '1,2d; $d' >keys
check "there are thirty figures and more, $(wc -l <keys)" [ "$(wc -l <keys)" -gt 30 ]
while read -r key; do
    case $key in
    pending_pod_ms) column='1000 * s.pending_pod_s' ;;
    *) column=s.$key ;;
    esac
    sqlite3 a.db ".mode csv" ".import a.csv csv_rows" "SELECT s.contender,
        iif($column IS NULL, '-', printf('%.6f', $column)),
        iif(c.$key = '', '-', printf('%.6f', c.$key)),
        (SELECT iif(json_type(value, '\$.$key') = 'null', '-',
                printf('%.6f', json_extract(value, '\$.$key')))
            FROM json_each(readfile('a.json'), '\$.contenders')
            WHERE json_extract(value, '\$.name') = s.contender)
        FROM runs_summary s JOIN csv_rows c ON c.name = s.contender" "DROP TABLE csv_rows" >rows
    # shellcheck disable=SC2016 # fields of awk
    check "$key is the same in view, CSV and JSON: $(head -n 1 rows)" \
        awk -F, '{ n++; if ($2 != $3 || $2 != $4) exit bad = 1 } END { exit bad || n != 4 }' rows
done <keys

# ---- the tables against one another ----

# Rows as "title|value|value|...", of contenders alone: without ratios and differences.
expect 0 '' compare a.db -o wide
awk -F'   +' 'NR > 1 && NF < 3 { exit } NR > 1 { sub(/^ +/, "", $1); line = $1
    for (i = 2; i <= NF; i += i == 2 ? 1 : 3) line = line "|" $i
    print line }' out >wide.rows
grep -vx paid_usd keys >rows # nothing is paid here
check "a row for every figure" [ "$(wc -l <wide.rows)" = "$(wc -l <rows)" ]
expect 0 '' report a.db --no-plots
sed -n '/<h2>Figures/,/<\/section>/p' out | grep '^<tr><th scope="row"' |
    sed -e 's/<tr><th[^>]*>//; s/<\/th>//; s/<td[^>]*>/|/g; s/<[^>]*>//g' |
    awk -F'|' '{ line = $1; for (i = 2; i <= NF; i += i == 2 ? 1 : 2) line = line "|" $i
        print line }' >report.rows
check "the report has the same rows" cmp wide.rows report.rows
for form in table markdown; do
    expect 0 '' compare a.db -o $form
    if [ $form = table ]; then
        awk -F'   +' 'NR > 1 && NF < 3 { exit } NR > 1 { sub(/^ +/, "", $1); line = $1
            for (i = 2; i <= NF; i += i == 2 ? 1 : 2) line = line "|" $i
            print line }' out >$form.rows
    else
        awk -F' *[|] *' 'NR > 2 && !/^[|]/ { exit } NR > 2 { line = $2
            for (i = 3; i < NF; i += i == 3 ? 1 : 2) line = line "|" $i
            print line }' out >$form.rows
    fi
    check "$form has twenty rows and more" [ "$(wc -l <$form.rows)" -gt 20 ]
    grep -vxFf wide.rows $form.rows >others
    check "and no other values than the wide table: $(head -n 1 others)" \
        [ "$(grep -cxFf wide.rows $form.rows)" = "$(wc -l <$form.rows)" ]
done

# ---- JSON's comparison is the table's ----

ratio=$(sqlite3 :memory: "SELECT printf('%.2fx', json_extract(value, '\$.figures.cost_usd.ratio'))
    FROM json_each(readfile('a.json'), '\$.comparisons')" | tr '\n' ' ')
shown=$("$WERKBANK" compare a.db | awk '/^cost / { print $4, $6, $8, "" }')
check "ratios of the cost, $ratio" [ "$ratio" = "$shown" ]
sqlite3 :memory: "SELECT json_extract(readfile('a.json'), '\$.verdict')" | sed '/^$/d' >sentences
"$WERKBANK" compare a.db | grep ' than karpenter; ' >said
check "the verdict is the same" cmp sentences said
finish
