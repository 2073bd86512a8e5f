# Sourced by the tests of explain: what a story says.
# shellcheck shell=sh

# shellcheck disable=SC2317 # check calls it
# Whether the story in $work/out has a moment at a time (ms) whose text holds words.
has() { # ms words
    awk -v ms="$1" -v words="$2" '
        /^  / { split($1 == int($1) "d" ? $2 : $1, t, /[:.]/)
                days = $2 ~ /^[0-9]+:/ ? substr($1, 1, length($1) - 1) : 0
                at = (((days * 24 + t[1]) * 60 + t[2]) * 60 + t[3]) * 1000 + t[4]
                if (at == ms && index($0, words)) found = 1 }
        END { exit !found }' out
}
