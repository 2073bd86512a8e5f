#!/bin/sh
# Help of every command, answers to wrong words, completion scripts and the man page.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

# ---- help ----

expect 0 '' --help
check "the overview says what it is" grep -q '^werkbank: an offline simulator' out
sed -n 's/^  \([a-z][a-z ]*[a-z]\)   *[a-zA-Z].*/\1/p' out >commands
check "the overview lists the commands" [ "$(wc -l <commands)" -ge 15 ]
cp out overview
expect 0 '' help
check "help is --help" cmp -s overview out
expect 0 '' -h
check "-h is --help" cmp -s overview out
expect 2 ''
check "no word is answered by the overview" cmp -s overview out

while read -r first second; do
    # two words at most, and none of them empty
    set -- "$first" ${second:+"$second"}
    expect 0 '' "$@" --help
    check "usage of $*" grep -q "^usage: werkbank $*" out
    check "common options of $*" grep -q '^  -h, --help  *print this help and exit$' out
    check "no line of $* is broken by a terminal" awk 'length > 100 { exit 1 }' out
    cp out long
    expect 0 '' "$@" -h
    check "-h of $*" cmp -s long out
    expect 0 '' help "$@"
    check "help $*" cmp -s long out
done <commands

# ---- wrong words ----

expect 2 '' trace
check "the first of two words is answered by their list" grep -q '^  trace validate ' out
check "and by no other command" [ "$(grep -c '^  trace ' out)" = "$(grep -c '^  ' out)" ]
cp out group
expect 0 '' trace --help
check "so with --help" cmp -s group out
expect 0 '' help trace
check "and with help in front" cmp -s group out
expect 2 "werkbank: unknown command 'tra', expected one of 'werkbank help'" tra
expect 2 "werkbank: unknown command 'fly', expected one of 'werkbank help'" fly
expect 2 "werkbank: unknown command 'trace fly', expected one of 'werkbank help'" trace fly
expect 2 "werkbank: unknown command 'fly', expected one of 'werkbank help'" help fly
expect 2 "werkbank: unknown option '--sed', did you mean '--seed'?" run s.yaml --sed 3
expect 2 "werkbank: unknown option '--zzzzzz', expected one of 'werkbank run --help'" \
    run s.yaml --zzzzzz
expect 2 "werkbank: unknown option '-x', expected one of 'werkbank run --help'" run s.yaml -x
expect 2 'werkbank: --seed needs a value, expected N' run s.yaml --seed
expect 2 "werkbank: --seed: 'many' is not a whole number between 0 and 9223372036854775807" \
    run s.yaml --seed=many
expect 2 "werkbank: --seed: '9223372036854775808' is not a whole number between 0 and\
 9223372036854775807" \
    run s.yaml --seed 9223372036854775808
expect 2 'werkbank: --seed is given twice, expected once' run s.yaml --seed 1 --seed 2
expect 2 "werkbank: --strict takes no value, found 'yes'" run s.yaml --strict=yes
expect 2 "werkbank: --output: 'xml' is not one of table|wide|json|csv|markdown" run s.yaml -o xml
expect 2 "werkbank: --output: '' is not one of table|wide|json|csv|markdown" run s.yaml -o ''
expect 2 'werkbank: SCENARIO.yaml is missing, expected: werkbank run SCENARIO.yaml' run
expect 2 "werkbank: unexpected argument 'b.yaml', expected: werkbank run SCENARIO.yaml" \
    run a.yaml b.yaml
expect 2 'werkbank: -x.yaml: cannot open: No such file or directory' run -- -x.yaml

# ---- version ----

expect 0 '' version
check "the version" grep -Eq '^werkbank [0-9]+\.[0-9]+\.[0-9]+$' out
cp out version
expect 0 '' --version
check "--version is version" cmp -s version out
expect 0 '' version -ojson
check "the version as JSON" grep -Eq '^\{"version": ?"[0-9.]+"' out

# ---- pages ----

for shell in bash zsh fish; do
    expect 0 '' completion "$shell"
    check "a script for $shell" [ -s out ]
    cp out "completion.$shell"
    while read -r word _; do
        check "$shell completes $word" grep -q -- "$word" out
    done <commands
done
expect 2 "werkbank: 'csh' is not one of bash, zsh, fish" completion csh
if command -v bash >/dev/null; then
    check "bash reads its script" bash -n completion.bash
    # what bash offers behind "werkbank run --s"
    bash -c '. ./completion.bash; COMP_WORDS=(werkbank run --s); COMP_CWORD=2; _werkbank
             printf "%s\n" "${COMPREPLY[@]}"' >offered
    check "bash offers --seed, --spot and --strict" \
        [ "$(sort offered | tr '\n' ' ')" = "--seed --spot --strict " ]
    bash -c '. ./completion.bash; COMP_WORDS=(werkbank trace im); COMP_CWORD=2; _werkbank
             printf "%s\n" "${COMPREPLY[@]}"' >offered
    check "bash offers the second word" [ "$(cat offered)" = import ]
else
    echo "not checked: bash is not installed"
fi
# an apostrophe in a help text must not end fish's string
check "fish's quotes are closed on each line" \
    awk '{ gsub(/\\./, ""); if (gsub(/\047/, "") % 2) exit 1 }' completion.fish
for shell in zsh fish; do
    if command -v "$shell" >/dev/null; then
        check "$shell reads its script" "$shell" -n "completion.$shell"
    else
        echo "not checked: $shell is not installed"
    fi
done

expect 0 '' man
cp out werkbank.1
check "a man page" grep -q '^\.TH WERKBANK 1' werkbank.1
while read -r command; do
    check "the man page has $command" grep -q "$(printf '%s' "$command" | sed\
 's/-/.*/g')" werkbank.1
done <commands
if command -v groff >/dev/null; then
    groff -man -Tascii -P-cbou -ww werkbank.1 >page 2>complaints
    check "groff renders it without complaint" [ ! -s complaints ]
    check "the page has sections" grep -q 'EXIT STATUS' page
elif command -v man >/dev/null; then
    check "man renders it" man -l -E ascii ./werkbank.1 >page
else
    echo "not rendered: neither groff nor man is installed"
fi

# A full disk behind a redirection must not look like success.
if [ -c /dev/full ]; then
    status=0
    "$WERKBANK" help >/dev/full 2>err || status=$?
    check "output that is lost is status 3" [ "$status" -eq 3 ]
    check "and is said" grep -q '^werkbank: standard output: cannot write: ' err
fi

finish
