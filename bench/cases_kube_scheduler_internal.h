/* What the loader and the comparison of kube-scheduler cases share. */
#ifndef WB_BENCH_CASES_KUBE_SCHEDULER_INTERNAL_H
#define WB_BENCH_CASES_KUBE_SCHEDULER_INTERNAL_H

#include "kube/manifest.h"
#include "sim/cluster/scheduler_core.h"
#include "sim/cluster/scheduler_queue.h"
#include "sim/cluster/scheduler_report.h"
#include "bench/cases_kube_scheduler.h"

/* One Pod of the case; pod ids are indices into wb_scheduler_case.pods. */
typedef struct wb_scheduler_case_pod {
    wb_pod pod;
    uint32_t shape, group; /* of the core */
    const char *title;     /* name, with "namespace/" in front unless that is default */
} wb_scheduler_case_pod;

typedef struct wb_scheduler_case {
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_manifest manifest; /* storage, namespaces, PDBs */
    wb_node_object *nodes;
    uint32_t node_count;
    wb_scheduler_case_pod *pods; /* bound ones first, then the pending ones in order of creation */
    uint32_t bound_count, pod_count;
    wb_scheduler_core *core; /* owned */
} wb_scheduler_case;

/* Decodes the objects of root and fills a core with them, nominations included. */
WB_MUST_CHECK wb_status wb_cases_kube_scheduler_load(const wb_node *root, bool is_plain,
                                                     wb_scheduler_case *out, wb_error *err);

/* Frees what load made; allowed after a failed load. */
void wb_cases_kube_scheduler_release(wb_scheduler_case *of);

/* The core's description of a pod of the case. */
wb_scheduler_core_pod wb_cases_kube_scheduler_pod(const wb_scheduler_case *of, uint32_t pod_id);

/* One attempt of ours, to be compared with one expected step. */
typedef struct wb_scheduler_case_step {
    uint32_t pod_id;
    bool is_retry;
    const wb_scheduler_report *report;
    const wb_scheduler_decision *decision;
    const uint32_t *victims; /* pod ids; as the decision's, but kept */
    uint32_t victim_count;
} wb_scheduler_case_step;

/* Compares every field; tells sink each difference and returns how many. */
uint32_t wb_cases_kube_scheduler_compare(const wb_scheduler_case *of,
                                         const wb_scheduler_case_step *step,
                                         const wb_node *expected,
                                         const wb_cases_kube_scheduler_sink *sink);

#endif
