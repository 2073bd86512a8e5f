#include "kube/scheduler_config.h"

#include "base/duration.h"
#include "kube/names.h"

static const wb_score_resource cpu_and_memory[] = {{WB_NAME_CPU, 1}, {WB_NAME_MEMORY, 1}};

/* Weights and arguments of kube-scheduler 1.36, spec/kube-scheduler.md section 4. */
static const wb_scheduler_profile default_profile = {
    .weights = {[WB_SCORE_TAINT_TOLERATION] = 3,
                [WB_SCORE_NODE_AFFINITY] = 2,
                [WB_SCORE_NODE_RESOURCES_FIT] = 1,
                [WB_SCORE_POD_TOPOLOGY_SPREAD] = 2,
                [WB_SCORE_INTER_POD_AFFINITY] = 2,
                [WB_SCORE_BALANCED_ALLOCATION] = 1,
                [WB_SCORE_IMAGE_LOCALITY] = 1},
    .strategy = WB_SCORE_LEAST_ALLOCATED,
    .resources = cpu_and_memory,
    .resource_count = 2,
    .has_system_spreads = true,
    .hard_affinity_weight = 1,
    .candidate_percentage = 10,
    .candidate_least = 100,
};

static const wb_scheduler_config default_config = {
    .profiles = &default_profile,
    .profile_count = 1,
    .first_backoff_ms = 1 * WB_MS_PER_SECOND,
    .longest_backoff_ms = 10 * WB_MS_PER_SECOND,
};

wb_scheduler_profile wb_scheduler_config_default_profile(void)
{
    return default_profile;
}

const wb_scheduler_config *wb_scheduler_config_default(void)
{
    return &default_config;
}
