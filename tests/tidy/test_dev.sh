#!/bin/sh
# ./dev where nothing can be installed: it names every missing package with the line that installs
# them, and stops with status 2 before it builds anything.
set -u
cd "$WERKBANK_SOURCE" || exit 1
failed=0

expect() { # what, wanted, found
    if [ "$2" != "$3" ]; then
        echo "$1: '$3', not '$2'"
        failed=1
    fi
}

status=0
./dev help >/dev/null || status=$?
expect "status of help" 0 "$status"

status=0
./dev no-such-command >/dev/null 2>&1 || status=$?
expect "status of an unknown command" 2 "$status"

# A machine with a shell and little else: no compiler, no CMake, no apt-get, no sudo.
bin=$(mktemp -d) || exit 1
trap 'rm -rf "$bin"' EXIT
for tool in dirname env id nproc sh; do
    ln -s "$(command -v "$tool")" "$bin/$tool"
done
status=0
output=$(PATH=$bin ./dev packages build 2>&1) || status=$?
expect "status without packages" 2 "$status"
for package in gcc cmake ninja-build pkg-config libcjson-dev libsqlite3-dev libyaml-dev \
    libzstd-dev zlib1g-dev libxxhash-dev; do
    case $output in
    *"apt-get install"*" $package "*) ;;
    *) expect "named as missing" "$package" "$output" ;;
    esac
done
exit "$failed"
