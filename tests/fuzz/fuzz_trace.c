/*
 * Traces: any bytes as a file of our own format. A trace that passes the check is read to its end
 * record, and the check is a function of the bytes: it says the same twice.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kube/names.h"
#include "traces/trace.h"
#include "tests/fuzz/fuzz_target.h"

/* Writes data to a new file, whose name goes to path. */
static void write_file(char *path, const uint8_t *data, size_t size)
{
    const int file = mkstemp(path);
    assert(file >= 0);
    assert(write(file, data, size) == (ssize_t)size);
    close(file);
}

static uint64_t read_to_end(const char *path)
{
    wb_arena arena;
    wb_arena_init(&arena, "fuzz", 0, NULL);
    wb_intern intern;
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_error err;
    wb_trace_reader *reader = NULL;
    assert(wb_trace_reader_open(path, &arena, &intern, &reader, &err) == WB_OK);
    uint64_t count = 0;
    int64_t now_ms = INT64_MIN;
    wb_trace_record record = {.kind = WB_TRACE_SHAPE};
    while (record.kind != WB_TRACE_END) {
        assert(wb_trace_reader_next(reader, &record, &err) == WB_OK);
        count++;
        if (record.kind == WB_TRACE_POD || record.kind == WB_TRACE_DELETE) {
            assert(record.at_ms >= now_ms);
            now_ms = record.at_ms;
        }
    }
    wb_trace_reader_close(reader);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/werkbank-fuzz-XXXXXX";
    write_file(path, data, size);
    wb_trace_summary first;
    wb_trace_summary second;
    wb_error err;
    const wb_status status = wb_trace_check(path, &first, &err);
    if (status == WB_OK) {
        assert(read_to_end(path) > 0);
        assert(wb_trace_check(path, &second, &err) == WB_OK);
        assert(strcmp(first.digest, second.digest) == 0);
    } else {
        assert(strchr(err.text, '\n') == NULL);
    }
    unlink(path);
    return 0;
}
