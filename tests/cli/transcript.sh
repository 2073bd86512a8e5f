# Sourced by the tests of this folder: a folder of its own, commands with their exact outcome.
#
#   . "$(dirname "$0")/transcript.sh"
#   expect 2 "werkbank: unknown option '--x', ..." run --x     status, the one line of stderr, words
#   finish
#
# $work is the folder, and the current one; "$WERKBANK" the program. What a command printed is in
# $work/out and $work/err until the next one.
# shellcheck shell=sh

set -u
work=$(mktemp -d "${TMPDIR:-/tmp}/werkbank-cli-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
checks=0
failures=0

fail() { # what...
    failures=$((failures + 1))
    printf 'FAILED: %s\n' "$*"
    sed 's/^/    err: /' err
    head -5 out | sed 's/^/    out: /'
}

# Runs werkbank with the words; the status goes to $status.
werkbank() {
    status=0
    "$WERKBANK" "$@" >out 2>err || status=$?
    checks=$((checks + 1))
}

# The status and the whole of standard error: nothing for "", else one line; a line that ends in
# "..." is compared up to there.
expect() { # status line words...
    wanted=$1
    line=$2
    shift 2
    werkbank "$@"
    [ "$status" -eq "$wanted" ] || fail "status $status, expected $wanted: $*"
    found=$(cat err)
    lines=$(wc -l <err)
    if [ -z "$line" ]; then
        [ -z "$found" ] || fail "expected nothing on standard error: $*"
    elif [ "$lines" -ne 1 ]; then
        fail "$lines lines on standard error, expected one: $*"
    else
        case $line in
        *...)
            case $found in
            "${line%...}"*) ;;
            *) fail "expected '$line': $*" ;;
            esac
            ;;
        *) [ "$found" = "$line" ] || fail "expected '$line': $*" ;;
        esac
    fi
}

# A claim about files or output, as a command that succeeds.
check() { # what command...
    what=$1
    shift
    checks=$((checks + 1))
    "$@" || fail "$what"
}

# What a database answers.
ask() { # database query
    sqlite3 -readonly -bail "$1" "$2"
}

# Every line that a block of text on a page of the tree shows must be in what was printed last.
shows_page() { # page number of the block
    awk -v wanted="$2" '/^```text/ {n++; on = n == wanted; next} /^```/ {on = 0} on' \
        "$WERKBANK_SOURCE/$1" >shown
    sed 's/ *$//' out >printed
    while IFS= read -r line; do
        check "$1: $line" grep -Fxq -e "$line" printed
    done <shown
}

finish() {
    printf '%d checks, %d failed\n' "$checks" "$failures"
    [ "$failures" -eq 0 ]
    exit
}
