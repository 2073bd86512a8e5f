#!/bin/sh
# werkbank nodegroups suggest: the shipped inputs in its three formats, and what is missing.
cd "$WERKBANK_SOURCE" || exit 1
sh "$WERKBANK_SOURCE/tests/cli/replay.sh" tests/cli/nodegroups/*.transcript
