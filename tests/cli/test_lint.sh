#!/bin/sh
# werkbank lint: a set of files with something of everything, the shipped sets, and its formats.
cd "$WERKBANK_SOURCE" || exit 1
sh "$WERKBANK_SOURCE/tests/cli/replay.sh" tests/cli/lint/*.transcript
