/*
 * What is in a trace, in more than counts: arrivals and concurrency over time, how large requests
 * and how long lives are, which shapes lead, and the hours asked for.
 *
 * One pass, in memory that depends on the number of shapes, of pods without a stated end that are
 * alive, and of applied workloads, never on the number of pods.
 */
#ifndef WB_TRACES_TRACE_STATS_H
#define WB_TRACES_TRACE_STATS_H

#include "traces/trace.h"
#include "traces/trace_histogram.h"
#include "traces/trace_series.h"

#define WB_TRACE_STATS_SHAPES 10 /* leading shapes that are named */

typedef struct wb_trace_stats_shape {
    uint32_t shape_number;
    uint64_t pod_count;
    int64_t cpu_milli, memory_bytes, gpu_count;
    char namespace_name[64]; /* cut where longer */
} wb_trace_stats_shape;

typedef struct wb_trace_stats {
    wb_trace_summary summary;
    /* Requests x (creation to end): the end is what the recording says ('gone'), else 'until', else
     * 'runs' after creation, else a delete record or the end of the trace. So time that pods
     * waited in the recording counts. */
    int64_t resident_cpu_milli_hours, resident_gpu_milli_hours;
    /* Replicas of applied Deployments, StatefulSets and ReplicaSets x time, cut at the end. */
    int64_t workload_cpu_milli_hours, workload_replicas_peak, workload_replicas_end;
    wb_trace_series arrivals;                           /* pods created */
    wb_trace_series pods, cpu_milli, gpu;               /* running sums: what is there */
    wb_trace_histogram cpu_requests;                    /* milli-CPU, a value per pod */
    wb_trace_histogram memory_requests;                 /* MiB */
    wb_trace_histogram gpu_requests;                    /* whole GPUs */
    wb_trace_histogram lifetimes;                       /* seconds, pods whose end is known */
    wb_trace_histogram gaps;                            /* ms between arrivals */
    wb_trace_stats_shape shapes[WB_TRACE_STATS_SHAPES]; /* by pods, then by number */
    uint32_t shape_count;                               /* of shapes[] */
} wb_trace_stats;

/* Reads the trace at path, checking every record. WB_ERR_INPUT: the first thing wrong. */
WB_MUST_CHECK wb_status wb_trace_stats_read(const char *path, wb_trace_stats *out, wb_error *err);

#endif
