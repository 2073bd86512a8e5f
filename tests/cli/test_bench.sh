#!/bin/sh
# The stopwatches print what scripts read: keys that stay, a number for each.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

has_number() { # key
    check "$bench says $1" grep -Eq "\"$1\": ?[0-9]" out
}

bench=consolidation
for packing in loose tight; do
    expect 0 '' bench consolidation --nodes 12 --packing "$packing" -o json
    has_number nodes
    has_number pods
    has_number pass_ms
    has_number rss_bytes
    check "$packing: ten pods a node" grep -Eq '"nodes": ?12,.*"pods": ?120,' out
done

bench=solver
expect 0 '' bench solver --diverse 50 -o json
has_number pods
has_number nodes
has_number solve_ms
has_number rss_bytes

expect 0 '' bench trace --pods 1000 -o json
has_number records
has_number cpu_ms
has_number megabytes_per_s

expect 2 "werkbank: --nodes: '0' is not a whole number between 1 and 100000" \
    bench consolidation --nodes 0
expect 2 "werkbank: --packing: 'middling' is not one of loose|tight" \
    bench consolidation --packing middling

finish
