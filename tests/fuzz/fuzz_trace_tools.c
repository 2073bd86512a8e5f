/*
 * Tools on traces: any bytes as a trace through each of them. What a tool writes is a trace that
 * our own reader takes; what it refuses, it refuses in one line, and leaves no file. Counting and
 * validating say the same of every input as the check does.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "traces/trace_anonymize.h"
#include "traces/trace_cut.h"
#include "traces/trace_merge.h"
#include "traces/trace_scale.h"
#include "traces/trace_stats.h"
#include "traces/trace_table.h"
#include "traces/trace_validate.h"
#include "tests/fuzz/fuzz_target.h"

/* The output is good, or there is none and one line says why. */
static void expect_good(wb_status status, const wb_error *err, const char *output_path)
{
    wb_error inner = {0};
    if (status == WB_OK) {
        const wb_status read = wb_trace_check(output_path, NULL, &inner);
        assert(read == WB_OK);
    } else {
        assert(err->text[0] != 0 && strchr(err->text, '\n') == NULL);
        assert(access(output_path, F_OK) != 0);
    }
    (void)unlink(output_path);
}

static void make_traces(const char *path, const char *output_path)
{
    static const char *const labels[] = {"app=web"};
    const wb_trace_cut_options cuts[] = {
        {.from_ms = 100, .to_ms = -1},
        {.from_ms = 0, .to_ms = 300, .labels = labels, .label_count = 1},
    };
    const wb_trace_scale_options scale = {.rate = 1.5, .size = 2, .jitter_ms = 100, .seed = 1};
    const wb_trace_merge_input inputs[] = {{path, 0}, {path, 10}};
    const wb_trace_merge_options merge = {.ignores_calendar = true};
    wb_trace_tool_report report;
    wb_error err = {0};
    for (size_t i = 0; i < 2; i++) {
        expect_good(wb_trace_cut(path, &cuts[i], output_path, &report, &err), &err, output_path);
    }
    expect_good(wb_trace_scale_pods(path, &scale, output_path, &report, &err), &err, output_path);
    expect_good(wb_trace_merge(inputs, 2, &merge, output_path, &report, &err), &err, output_path);
    expect_good(wb_trace_anonymize(path, "secretkey", 9, output_path, &report, &err), &err,
                output_path);
    const wb_status status = wb_trace_table_write(path, output_path, &report, &err);
    assert(status == WB_OK || access(output_path, F_OK) != 0);
    (void)unlink(output_path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static wb_trace_stats stats;
    char path[] = "/tmp/werkbank-fuzz-XXXXXX";
    char output_path[64];
    wb_trace_oddities oddities;
    wb_error checked = {0};
    wb_error err = {0};
    const int file = mkstemp(path);
    assert(file >= 0);
    const ssize_t written = write(file, data, size);
    assert(written == (ssize_t)size);
    close(file);
    (void)snprintf(output_path, sizeof output_path, "%s.out", path);
    const wb_status status = wb_trace_check(path, NULL, &checked);
    const wb_status counted = wb_trace_stats_read(path, &stats, &err);
    assert(counted == status && strcmp(err.text, checked.text) == 0);
    const wb_status validated = wb_trace_validate(path, &oddities, &err);
    assert(validated == status);
    make_traces(path, output_path);
    unlink(path);
    return 0;
}
