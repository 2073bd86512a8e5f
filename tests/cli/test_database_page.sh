#!/bin/sh
# docs/database.md: every query that it shows runs on a real database, and answers; every table and
# view that it names is there with the columns that it names, and none is left out.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

page=$WERKBANK_SOURCE/docs/database.md
werkbank run "$WERKBANK_SOURCE/scenarios/day/scenario.yaml" --db day.db -q -o csv
check "two runs are there" [ "$(sqlite3 day.db 'SELECT count(*) FROM figures')" = 2 ]

# ---- queries, one file each ----

awk '/^```sql$/ { n++; on = 1; next } /^```$/ { on = 0 } on { print > ("query." n) }' "$page"
count=0
for query in query.*; do
    count=$((count + 1))
    check "$query runs: $(head -n 1 "$query")" \
        sh -c "sqlite3 -readonly -bail day.db <'$query' >'$query.out' 2>&1"
    case $(cat "$query") in
    # Nothing of a plain day: every pod ran, no command need have failed, EC2 took nothing.
    *unscheduled* | *failure* | *warned*) ;;
    *) check "$query answers" [ -s "$query.out" ] ;;
    esac
done
check "there are a dozen at least, $count" [ "$count" -ge 12 ]

# ---- tables and views ----

# shellcheck disable=SC2016 # backquotes of the page
sed -n 's/^| `\([a-z_]*\)` | .* | \([a-z0-9_, ]*\) |$/\1 \2/p' "$page" | tr -d ',' >named
check "tables and views are named" [ "$(wc -l <named)" -ge 15 ]
while read -r name columns; do
    sqlite3 day.db "SELECT name FROM pragma_table_info('$name')" >have
    # shellcheck disable=SC2086 # one column a word
    printf '%s\n' $columns >want
    check "$name has the columns that the page names" cmp -s want have
done <named
sqlite3 day.db "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY 1" |
    while read -r name; do
        grep -q "^$name " named || echo "$name"
    done >silent
check "no table or view is left out: $(tr '\n' ' ' <silent)" [ ! -s silent ]
finish
