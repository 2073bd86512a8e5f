#!/bin/sh
# Every file of the shared traces imports into a good trace, or is refused as its README says
# (one is deliberately incomplete). Skipped where the folder is absent.
. "$WERKBANK_SOURCE/tests/cli/transcript.sh"

if [ ! -d "${WERKBANK_SHARED:-}/traces" ]; then
    echo "SKIPPED: no recordings: WERKBANK_SHARED names no folder"
    exit 77
fi

find "$WERKBANK_SHARED/traces" -type f ! -name '*.md' | sort >files
check "there are some" [ -s files ]
while read -r file; do
    case $file in
    */simkube/validation_trace.json)
        expect 2 "werkbank: $file:21:29: spec.selector: Required value" \
            trace import "$file" --out refused.trace
        check "nothing is left of it" [ ! -e refused.trace ]
        ;;
    *)
        expect 0 '' trace import "$file" --out good.trace -q
        expect 0 '' trace validate good.trace
        ;;
    esac
done <files

finish
