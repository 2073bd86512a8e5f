#!/bin/sh
# Replays transcripts: files (or pages) with lines that begin "    $ " or "$ ", each a command, and
# below them what it prints, standard error first, then "? N" where it ends with status N.
#
#     replay.sh FILE...            compare; prints a diff and ends with 1 where one differs
#     replay.sh --write FILE...    write what comes now: look at the diff before you commit it
#
# Commands run in the root of the sources; $results is a folder that a page's commands share, empty
# at its start. In a page (.md) only fenced blocks of ```console count.
set -u
cd "$WERKBANK_SOURCE" || exit 1
PATH=$(dirname "$WERKBANK"):$PATH
export PATH
unset WERKBANK_CATALOG
export NO_COLOR=1
write=0
if [ "${1:-}" = --write ]; then
    write=1
    shift
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

run() { # command
    status=0
    sh -c "$1" >"$scratch/out" 2>"$scratch/err" || status=$?
    printf '$ %s\n' "$1"
    cat "$scratch/err" "$scratch/out"
    if [ "$status" -ne 0 ]; then
        printf '? %s\n' "$status"
    fi
}

replay() { # file
    results=$scratch/results
    export results
    rm -rf "$results"
    mkdir "$results"
    case $1 in
    *.md) inside=0 ;;
    *) inside=2 ;; # all of it
    esac
    while IFS= read -r line || [ -n "$line" ]; do
        if [ "$inside" -eq 0 ]; then
            printf '%s\n' "$line"
            [ "$line" != '```console' ] || inside=1
        elif [ "$inside" -eq 1 ] && [ "$line" = '```' ]; then
            printf '%s\n' "$line"
            inside=0
        else
            case $line in
            '$ '*) run "${line#??}" ;;
            '# '*) [ "$inside" -ne 2 ] || printf '%s\n' "$line" ;;
            esac
        fi
    done <"$1"
}

failed=0
for file in "$@"; do
    replay "$file" >"$scratch/now"
    if [ "$write" -eq 1 ]; then
        cat "$scratch/now" >"$file"
    elif ! diff -u "$file" "$scratch/now"; then
        echo "$file: not what it was"
        failed=1
    fi
done
exit "$failed"
