/*
 * Importers: any bytes as a recording, by every name and by content. What is imported is a trace
 * that our own reader takes; what is not says so in one line, and leaves no file.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "traces/trace.h"
#include "traces/trace_import.h"
#include "tests/fuzz/fuzz_target.h"

static void import_as(const char *format, const char *input_path)
{
    char output_path[64];
    (void)snprintf(output_path, sizeof output_path, "%s.trace", input_path);
    wb_arena arena;
    wb_arena_init(&arena, "fuzz", 0, NULL);
    const wb_trace_import_options options = {.input_path = input_path,
                                             .output_path = output_path,
                                             .format = format};
    wb_trace_import_report report;
    wb_error err = {0};
    if (wb_trace_import(&options, &arena, &report, &err) == WB_OK) {
        wb_trace_summary summary = {0};
        const wb_status status = wb_trace_check(output_path, &summary, &err);
        assert(status == WB_OK);
        assert(summary.pod_count == report.pod_count);
        (void)unlink(output_path);
    } else {
        assert(err.text[0] != 0 && strchr(err.text, '\n') == NULL);
        assert(access(output_path, F_OK) != 0);
    }
    wb_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const formats[] = {NULL,       "openb",      "simkube", "gpu-nodes",
                                          "dlrm",     "spot-gpu",   "borg",    "azure",
                                          "skypilot", "spot-price", "csv",     "spot-advisor"};
    char path[] = "/tmp/werkbank-fuzz-XXXXXX";
    const int file = mkstemp(path);
    assert(file >= 0);
    const ssize_t written = write(file, data, size);
    assert(written == (ssize_t)size);
    close(file);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        import_as(formats[i], path);
    }
    unlink(path);
    return 0;
}
