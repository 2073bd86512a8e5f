#!/bin/sh
# Every shell script of the repository passes shellcheck.
cd "$WERKBANK_SOURCE" || exit 1
command -v shellcheck >/dev/null || {
    echo "SKIPPED: shellcheck is not installed"
    exit 77
}
find tests -name '*.sh' -exec shellcheck dev .ci/run {} +
