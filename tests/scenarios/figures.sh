# Sourced by the end-to-end tests, behind tests/cli/transcript.sh: figures of runs, gathered.
# shellcheck shell=sh

# Adds the rows of one run to found.csv, the scenario's name in front, the header once.
add() { # name words...
    name=$1
    shift
    expect 0 '' run "$@" -o csv --quiet
    tr -d '\r' <out >rows
    [ -s found.csv ] || sed '1s/^/scenario,/; 1q' rows >found.csv
    sed "1d; s/^/$name,/" rows >>found.csv
}
