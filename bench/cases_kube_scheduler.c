/*
 * Runs one case of kube-scheduler: pod by pod in the order recorded, decided by our core, held to
 * the step of that number, then carried out as ours decided. After the first difference later ones
 * may be its consequences: the first is the one to look at.
 *
 * Victims are gone at once, and a pod that preempted is tried again, once.
 */
#include "bench/cases_kube_scheduler.h"

#include <assert.h>
#include <stdio.h>

#include "bench/cases_kube_scheduler_internal.h"

/* Pods bound in a case start one second after another, later than all that were there before. */
#define FIRST_BOUND_START_MS INT64_C(1767312000000) /* 2026-01-02T00:00:00Z */

typedef struct wb_case_run {
    wb_scheduler_case of;
    wb_scheduler_queue queue;
    const wb_node *steps; /* expected */
    uint32_t step_count;  /* made so far */
    uint32_t bound_count; /* bound in the run */
    uint32_t difference_count;
    uint32_t *retries; /* owned by the case's arena: preemptors, in order */
    uint32_t retry_count;
    const wb_cases_kube_scheduler_sink *sink; /* borrowed */
} wb_case_run;

/* The pod counts on its node from now on. */
static void bind(wb_case_run *run, uint32_t pod_id, uint32_t node_id)
{
    assert(pod_id < run->of.pod_count && node_id < run->of.node_count);
    wb_scheduler_case_pod *row = &run->of.pods[pod_id];
    row->pod.start_ms = FIRST_BOUND_START_MS + 1000 * (int64_t)run->bound_count;
    run->bound_count++;
    const wb_scheduler_core_pod pod = wb_cases_kube_scheduler_pod(&run->of, pod_id);
    wb_scheduler_core_reserve_volumes(run->of.core, &pod, node_id);
    wb_scheduler_core_assign(run->of.core, &pod, node_id);
}

/* One attempt: decide, compare, carry out. Victims are gone at once. */
static void attempt(wb_case_run *run, uint32_t pod_id, bool is_retry)
{
    assert(pod_id < run->of.pod_count);
    wb_scheduler_report report = {.arena = &run->of.arena};
    wb_scheduler_decision decision;
    const wb_scheduler_core_pod pod = wb_cases_kube_scheduler_pod(&run->of, pod_id);
    wb_scheduler_core_decide(run->of.core, &pod, &report, &decision);
    uint32_t *victims = WB_ARENA_ARRAY(&run->of.arena, uint32_t, (size_t)decision.victim_count + 1);
    for (uint32_t i = 0; i < decision.victim_count; i++) {
        victims[i] = decision.victims[i];
    }
    const wb_scheduler_case_step step = {
        .pod_id = pod_id,
        .is_retry = is_retry,
        .report = &report,
        .decision = &decision,
        .victims = victims,
        .victim_count = decision.victim_count,
    };
    if (run->step_count < run->steps->count) {
        const uint32_t count =
            wb_cases_kube_scheduler_compare(&run->of, &step, run->steps->children[run->step_count],
                                            run->sink);
        run->difference_count += count;
    }
    run->step_count++;
    if (decision.node_id != WB_SCHEDULER_NONE) {
        bind(run, pod_id, decision.node_id);
        return;
    }
    for (uint32_t i = 0; i < step.victim_count; i++) {
        (void)wb_scheduler_core_unassign(run->of.core, victims[i]);
    }
    if (decision.nominated_node_id != WB_SCHEDULER_NONE && !is_retry) {
        run->retries[run->retry_count++] = pod_id;
    }
}

/* Holds one number of the whole case to the recording. */
static void compare_count(wb_case_run *run, const char *what, uint32_t expected, uint32_t found)
{
    if (expected != found) {
        char texts[2][32];
        (void)snprintf(texts[0], sizeof(texts[0]), "%u", expected);
        (void)snprintf(texts[1], sizeof(texts[1]), "%u", found);
        run->sink->on_difference(run->sink->context, what, texts[0], texts[1]);
        run->difference_count++;
    }
}

/* expected.notTried: pods with scheduling gates, by name. */
static void compare_gated(wb_case_run *run, const wb_node *root)
{
    const wb_node *expected = wb_node_find(root, "expected.notTried");
    uint32_t found = 0;
    for (uint32_t i = run->of.bound_count; i < run->of.pod_count; i++) {
        found += run->of.pods[i].pod.template->has_scheduling_gates ? 1 : 0;
    }
    compare_count(run, "notTried", expected == NULL ? 0 : expected->count, found);
}

static void try_all(wb_case_run *run)
{
    for (uint32_t i = run->of.bound_count; i < run->of.pod_count; i++) {
        if (!run->of.pods[i].pod.template->has_scheduling_gates) {
            wb_scheduler_queue_add(&run->queue, i, run->of.pods[i].shape,
                                   wb_scheduler_core_priority(run->of.core, run->of.pods[i].shape),
                                   0);
        }
    }
    uint32_t pod_id = 0;
    while (wb_scheduler_queue_pop(&run->queue, &pod_id)) {
        attempt(run, pod_id, false);
        (void)wb_scheduler_queue_remove(&run->queue, pod_id, 0);
    }
    /* attempt does not add to the list when it retries. */
    for (uint32_t i = 0; i < run->retry_count; i++) {
        attempt(run, run->retries[i], true);
    }
}

static wb_status run_case(wb_case_run *run, const wb_node *root, bool is_plain, wb_error *err)
{
    WB_TRY(wb_cases_kube_scheduler_load(root, is_plain, &run->of, err));
    run->steps = wb_node_find(root, "expected.steps");
    run->retries = WB_ARENA_ARRAY(&run->of.arena, uint32_t, (size_t)run->of.pod_count + 1);
    try_all(run);
    compare_gated(run, root);
    compare_count(run, "steps", run->steps->count, run->step_count);
    return WB_OK;
}

wb_status wb_cases_kube_scheduler_run(const wb_node *root, bool is_plain,
                                      const wb_cases_kube_scheduler_sink *sink,
                                      uint32_t *out_differences, wb_error *err)
{
    assert(root != NULL && sink != NULL && sink->on_difference != NULL);
    assert(out_differences != NULL);
    wb_case_run run = {.sink = sink};
    wb_scheduler_queue_init(&run.queue);
    const wb_status status = run_case(&run, root, is_plain, err);
    if (status == WB_OK) {
        *out_differences = run.difference_count;
    }
    wb_scheduler_queue_release(&run.queue);
    wb_cases_kube_scheduler_release(&run.of);
    return status;
}
