/*
 * Generated traces: services whose load follows the day, and batch queues, from a short YAML
 * specification (docs/trace-format.md, "Generated traces"). Same specification and seed, same
 * bytes.
 */
#ifndef WB_TRACES_TRACE_GENERATE_H
#define WB_TRACES_TRACE_GENERATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/findings.h"
#include "base/intern.h"
#include "base/status.h"

typedef struct wb_trace_generate_options {
    const char *spec_path;
    const char *spec_text; /* the specification itself, spec_path then only names it; NULL: read */
    const char *output_path;
    double scale; /* multiplies replicas and arrival rates; 1.0 as the specification says */
    bool seed_is_set;
    uint64_t seed; /* instead of the specification's */
} wb_trace_generate_options;

typedef struct wb_trace_generate_report {
    uint64_t pod_count, service_pod_count, batch_pod_count;
    uint32_t shape_count;
    int64_t end_ms;
} wb_trace_generate_report;

/* Reads the specification and writes the trace. What is wrong with the specification goes to
 * findings (then WB_ERR_INPUT). arena: for the time of the call. */
WB_MUST_CHECK wb_status wb_trace_generate(const wb_trace_generate_options *options, wb_arena *arena,
                                          wb_intern *intern, wb_findings *findings,
                                          wb_trace_generate_report *out, wb_error *err);

#endif
