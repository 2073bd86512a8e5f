/*
 * Golden cases of kube-scheduler: what the real one decided, pod by pod, put to ours.
 *
 * A case holds plain Kubernetes objects and expected.steps, one per scheduling attempt: feasible
 * nodes, the first plugin that rejects each other node, every score, the best nodes, preemption.
 * Format: golden/kube-scheduler/README.md. The filters and scores are those of the simulation.
 */
#ifndef WB_BENCH_CASES_KUBE_SCHEDULER_H
#define WB_BENCH_CASES_KUBE_SCHEDULER_H

#include <stdint.h>

#include "base/document.h"
#include "base/status.h"

/* Whom differences are told: where ("p2: n1: plugin"), the recorded value and ours, as text that is
 * borrowed for the call. */
typedef struct wb_cases_kube_scheduler_sink {
    void (*on_difference)(void *context, const char *where, const char *expected,
                          const char *found);
    void *context;
} wb_cases_kube_scheduler_sink;

/* Runs the case in root; *out_differences counts the fields that differ, each of which was told to
 * sink. is_plain: with the caches of the scheduler off. WB_ERR_INPUT: root is no such case. */
WB_MUST_CHECK wb_status wb_cases_kube_scheduler_run(const wb_node *root, bool is_plain,
                                                    const wb_cases_kube_scheduler_sink *sink,
                                                    uint32_t *out_differences, wb_error *err);

#endif
