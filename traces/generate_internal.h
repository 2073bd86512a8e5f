/*
 * Shared by the files of the trace generator only: a specification as read, which says what is
 * made but not how many pods that will be. generate_spec.c fills it, trace_generate.c lives on it.
 */
#ifndef WB_TRACES_GENERATE_INTERNAL_H
#define WB_TRACES_GENERATE_INTERNAL_H

#include "base/random.h"
#include "traces/trace.h"
#include "traces/trace_generate.h"

#define WB_PROFILE_HOURS 24

/* A service: replicas between base and peak, as the profile of the day says. */
typedef struct wb_generated_service {
    const char *name, *namespace_name;
    const char *template_json;
    int64_t base_count, peak_count;
    int32_t profile[WB_PROFILE_HOURS]; /* per mille of the way from base to peak, per hour */
    int64_t step_ms;                   /* how often the replicas are set */
} wb_generated_service;

/* A queue of batch jobs: Poisson arrivals, lognormal durations. */
typedef struct wb_generated_batch {
    const char *name, *namespace_name;
    const char *template_json;
    double jobs_per_hour; /* at 1000 per mille of the profile */
    int64_t pods_per_job;
    int32_t profile[WB_PROFILE_HOURS];
    int64_t duration_median_ms, duration_max_ms;
    double duration_sigma;
    bool is_checkpointed;
} wb_generated_batch;

typedef struct wb_generate_spec {
    uint64_t seed;
    int64_t span_ms, epoch_ms;
    const wb_generated_service *services;
    const wb_generated_batch *batches;
    uint32_t service_count, batch_count;
} wb_generate_spec;

/* Reads the specification; complaints go to findings. */
WB_MUST_CHECK wb_status wb_generate_spec_read(const char *path, wb_arena *arena, wb_intern *intern,
                                              wb_findings *findings, wb_generate_spec *out,
                                              wb_error *err);

#endif
