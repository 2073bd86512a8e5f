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

# The READMEs' GPU hours: shares of a GPU are told by the import, which makes whole ones of them.
gpu_hours() { # list
    werkbank trace import "$WERKBANK_SHARED/traces/alibaba-openb-2023/openb_pod_list_$1.csv" \
        --out good.trace
    sed -n 's/.*: \([0-9]*\)[.0-9]* GPU hours .*/\1/p' err
}
check "GPU hours of the default list" [ "$(gpu_hours default)" = 51600 ]
check "GPU hours of shared GPUs" [ "$(gpu_hours gpushare60)" = 34517 ]
werkbank trace import "$WERKBANK_SHARED/traces/alibaba-dlrm-2025/disaggregated_DLRM_trace.csv" \
    --out good.trace -q
werkbank trace info good.trace -o json
check "CPU hours of DLRM: 265.4 million" grep -Eq '"resident_cpu_hours":.2654[0-9]{5}\.' out
check "GPU hours of DLRM: 2.38 million" grep -Eq '"resident_gpu_hours":.237[5-9][0-9]{3}\.' out

finish
