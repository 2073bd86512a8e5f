#!/bin/sh
# docs/money.md: the commands of its worked example print what the page shows.
cd "$WERKBANK_SOURCE" || exit 1
sh "$WERKBANK_SOURCE/tests/cli/replay.sh" docs/money.md
