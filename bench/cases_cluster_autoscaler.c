/*
 * Golden cases of Cluster Autoscaler: what the real main loop did in virtual time, put to ours. The
 * cloud, API server and scheduler around it are as simple as the recording's
 * (cases_cluster_autoscaler_world.c). Kinds: scale-up (one pass), scale-down and timeline (a pass
 * every scan-interval).
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "bench/cases_cluster_autoscaler_internal.h"

#define FIRST_PASS_S 10

static bool recognises(const char *path, const wb_node *root)
{
    (void)path;
    const wb_node *groups = wb_node_get(root, "nodeGroups");
    return groups != NULL && groups->kind == WB_NODE_LIST && wb_node_get(root, "expected") != NULL;
}

static void run_second(wb_ca_case *of, bool has_pass)
{
    wb_ca_loop_run_deletions(&of->loop, of->now_ms);
    if (!of->runs_once) {
        wb_cases_cluster_autoscaler_tick(of);
    }
    if (has_pass) {
        wb_ca_loop_run(&of->loop, of->now_ms);
        wb_cases_cluster_autoscaler_observe(of);
    }
}

static void run_seconds(wb_ca_case *of)
{
    assert(of != NULL);
    const int64_t interval_s = of->flags.scan_interval_ms / WB_MS_PER_SECOND;
    const int64_t end_s = of->runs_once
                              ? FIRST_PASS_S
                              : wb_node_int64(wb_node_get(of->root, "runSeconds"), FIRST_PASS_S);
    of->is_recording = true;
    for (int64_t second = 1; second <= end_s; second++) {
        of->now_ms = second * WB_MS_PER_SECOND;
        const bool has_pass = of->runs_once ? second == FIRST_PASS_S : second % interval_s == 0;
        run_second(of, has_pass);
    }
}

static wb_status run(wb_cases_case *one, wb_error *err)
{
    wb_ca_case of = {
        .one = one,
        .arena = one->arena,
        .intern = one->intern,
        .root = one->root,
        .runs_once = strcmp(wb_node_string(wb_node_get(one->root, "kind"), ""), "scale-up") == 0,
        .next_key = 1,
    };
    WB_TRY(wb_cases_cluster_autoscaler_load(&of, err));
    run_seconds(&of);
    wb_cases_cluster_autoscaler_compare_end(&of);
    wb_ca_loop_release(&of.loop);
    return WB_OK;
}

const wb_cases_kind wb_cases_cluster_autoscaler = {.name = "cluster-autoscaler",
                                                   .recognises = recognises,
                                                   .run = run};
