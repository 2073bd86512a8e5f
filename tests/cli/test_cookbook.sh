#!/bin/sh
# docs/cookbook.md: every command on it prints what the page shows.
cd "$WERKBANK_SOURCE" || exit 1
sh "$WERKBANK_SOURCE/tests/cli/replay.sh" docs/cookbook.md
