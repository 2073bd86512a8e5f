#!/bin/sh
# Runs that are ended from outside: by SIGINT (130), by SIGTERM (143), by SIGKILL. Each leaves a
# valid
# database in which that run shows as unfinished, and the next run into it works.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

# Ten times the shipped day takes long enough to be interrupted, a day's hundredth is soon done.
expect 0 '' trace generate "$WERKBANK_SOURCE/scenarios/day/day.spec.yaml" --scale-percent 1000 \
    --out big.trace -q
expect 0 '' trace generate "$WERKBANK_SOURCE/scenarios/day/day.spec.yaml" --scale-percent 1 \
    --out small.trace -q
scenario=$WERKBANK_SOURCE/scenarios/day/scenario.yaml

# Starts a long run into $1, waits until it is recorded, and sends $2; its status goes to $status.
run_and_send() { # database signal
    # a shell that runs in the background gives its children SIGINT ignored; timeout does not
    timeout --preserve-status -s "$2" 600 "$WERKBANK" run "$scenario" --trace big.trace \
        --contender cluster-autoscaler --db "$1" >out 2>err &
    process=$!
    waited=0
    while ! "$WERKBANK" compare "$1" 2>&1 | grep -q '1 unfinished'; do
        sleep 0.1
        waited=$((waited + 1))
        if [ "$waited" -gt 1200 ] || ! kill -0 "$process" 2>/dev/null; then
            fail "the run did not begin"
            break
        fi
    done
    sleep 0.2
    # timeout hands on the signal that it gets; SIGKILL it cannot
    if [ "$2" = KILL ]; then
        read -r child _ <"/proc/$process/task/$process/children"
        kill -KILL "$child"
    else
        kill "-$2" "$process"
    fi
    status=0
    wait "$process" || status=$?
    checks=$((checks + 1))
}

check_database() { # database
    expect 2 "werkbank: $1: holds no finished run, and 1 unfinished" compare "$1"
    if command -v sqlite3 >/dev/null; then
        check "integrity of $1" [ "$(sqlite3 "$1" 'PRAGMA integrity_check')" = ok ]
        check "state in $1" [ "$(sqlite3 "$1" 'SELECT state FROM runs')" = running ]
        check "no figures in $1" [ "$(sqlite3 "$1" 'SELECT count(*) FROM figures')" = 0 ]
    else
        echo "not checked: sqlite3 is not installed"
    fi
    expect 0 '' run "$scenario" --trace small.trace --contender karpenter --db "$1"
    expect 0 'werkbank: warning: 1 unfinished run is left out' compare "$1"
    check "the second run is compared" grep -q karpenter out
    expect 0 '' compare "$1" --quiet
}

if ! command -v timeout >/dev/null; then
    echo "SKIPPED: timeout is not installed"
    exit 77
fi

run_and_send int.db INT
check "SIGINT is status 130" [ "$status" -eq 130 ]
check "one line says when" grep -Eq "^werkbank: contender 'cluster-autoscaler': interrupted at\
 [0-9]+ ms of virtual time\$" err
check "and only that" [ "$(wc -l <err)" -eq 1 ]
check "nothing on standard output" [ ! -s out ]
check_database int.db

run_and_send term.db TERM
check "SIGTERM is status 143" [ "$status" -eq 143 ]
check_database term.db

run_and_send kill.db KILL
check "SIGKILL is status 137" [ "$status" -eq 137 ]
check_database kill.db

# Imports on the way leave nothing behind.
mkdir temporary
printf 'name,cpu_milli,memory_mib,num_gpu,gpu_milli\na,1000,1,0,0\n' >list.csv
TMPDIR=$work/temporary
export TMPDIR
werkbank run "$scenario" --trace list.csv -q
check "a list is imported and run" [ "$status" -eq 0 ]
check "the import is removed" [ -z "$(ls temporary)" ]
werkbank run "$scenario" --trace list.csv --trace none -q
check "another is missing" [ "$status" -eq 2 ]
check "the import is removed then too" [ -z "$(ls temporary)" ]

finish
