#!/bin/sh
# werkbank consolidate: dumps, what-ifs, formats, bad input, and the page that shows it all.
cd "$WERKBANK_SOURCE" || exit 1
sh "$WERKBANK_SOURCE/tests/cli/replay.sh" tests/cli/consolidate/*.transcript docs/consolidate.md
