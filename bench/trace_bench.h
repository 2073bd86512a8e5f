/*
 * How fast traces are read, looked into and imported: megabytes of JSON lines per second of CPU
 * time, in one thread.
 *
 * Either files are given (traces of ours, or recordings that trace import reads), or a trace of
 * many pods is made in a temporary file, with the shapes and lengths of line that a replayed
 * cluster has.
 */
#ifndef WB_BENCH_TRACE_BENCH_H
#define WB_BENCH_TRACE_BENCH_H

#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

typedef struct wb_trace_bench_options {
    const char *path;   /* NULL: make a trace */
    uint64_t pod_count; /* of the one that is made */
} wb_trace_bench_options;

#define WB_TRACE_BENCH_STEPS_MAX 5

/* One way through the file. */
typedef struct wb_trace_bench_step {
    const char *name; /* "read", "read plain", "info", "copy", "import" */
    uint64_t bytes, records;
    double cpu_ms;
} wb_trace_bench_step;

typedef struct wb_trace_bench_result {
    wb_trace_bench_step steps[WB_TRACE_BENCH_STEPS_MAX];
    uint32_t step_count;
    int64_t rss_bytes; /* largest resident memory of the process */
} wb_trace_bench_result;

/* One run of each step. WB_ERR_*: the file can't be read, or the temporary one not be made. */
WB_MUST_CHECK wb_status wb_trace_bench_run(const wb_trace_bench_options *options, wb_arena *arena,
                                           wb_trace_bench_result *out, wb_error *err);

#endif
