/*
 * Recordings of clusters: any bytes as one file, and cut in two as two files of one recording. What
 * is imported is a trace that our own reader takes; what is not says so in one line, and leaves no
 * file.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "traces/recording.h"
#include "traces/trace.h"
#include "tests/fuzz/fuzz_target.h"

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert(file != NULL);
    const size_t written = fwrite(data, 1, size, file);
    assert(written == size);
    (void)fclose(file);
}

static void import(const char *const *paths, uint32_t count, const char *output_path)
{
    wb_arena arena;
    wb_arena_init(&arena, "fuzz", 0, NULL);
    const wb_trace_import_options options = {
        .input_path = paths[0],
        .input_paths = paths,
        .input_count = count,
        .output_path = output_path,
    };
    wb_trace_import_report report = {0};
    wb_error err = {0};
    if (wb_recording_import(&options, &arena, &report, &err) == WB_OK) {
        wb_trace_summary summary = {0};
        const wb_status status = wb_trace_check(output_path, &summary, &err);
        assert(status == WB_OK);
        assert(summary.pod_count == report.pod_count);
        assert(summary.spot_count == report.spot_count);
        assert(summary.scale_count == report.scale_count);
        assert(summary.end_ms == report.end_ms);
        (void)unlink(output_path);
    } else {
        assert(err.text[0] != 0 && strchr(err.text, '\n') == NULL);
        assert(access(output_path, F_OK) != 0);
    }
    wb_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char folder[] = "/tmp/werkbank-fuzz-XXXXXX";
    char paths[3][64];
    const char *made = mkdtemp(folder);
    assert(made != NULL);
    for (int i = 0; i < 3; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/%d", folder, i);
    }
    const char *const inputs[] = {paths[0], paths[1]};
    write_file(paths[0], data, size);
    import(inputs, 1, paths[2]);
    /* the first line feed behind the middle parts two files */
    const uint8_t *feed = memchr(data + size / 2, '\n', size - size / 2);
    const size_t first = feed != NULL ? (size_t)(feed - data) + 1 : size;
    write_file(paths[0], data, first);
    write_file(paths[1], data + first, size - first);
    import(inputs, 2, paths[2]);
    (void)unlink(paths[0]);
    (void)unlink(paths[1]);
    (void)rmdir(folder);
    return 0;
}
