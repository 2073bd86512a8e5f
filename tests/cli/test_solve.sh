#!/bin/sh
# werkbank solve: the shipped sets of files, bad input, and the page that shows it all.
cd "$WERKBANK_SOURCE" || exit 1
sh "$WERKBANK_SOURCE/tests/cli/replay.sh" tests/cli/solve/*.transcript docs/solve.md
