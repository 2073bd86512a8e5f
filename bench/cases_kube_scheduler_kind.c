/*
 * kube-scheduler's cases as a kind of golden case; the work is in cases_kube_scheduler.c, which
 * tests call without a run of cases around it.
 */
#include "bench/cases_internal.h"
#include "bench/cases_kube_scheduler.h"

static bool recognises(const char *path, const wb_node *root)
{
    (void)path;
    return wb_node_find(root, "expected.steps") != NULL;
}

static void on_difference(void *context, const char *where, const char *expected, const char *found)
{
    wb_cases_mismatch(context, where, expected, found);
}

static wb_status run(wb_cases_case *one, wb_error *err)
{
    const wb_cases_kube_scheduler_sink sink = {.on_difference = on_difference, .context = one};
    uint32_t differences = 0;
    return wb_cases_kube_scheduler_run(one->root, one->options->plain, &sink, &differences, err);
}

const wb_cases_kind wb_cases_kube_scheduler = {.name = "kube-scheduler",
                                               .recognises = recognises,
                                               .run = run};
