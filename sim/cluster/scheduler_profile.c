/*
 * The profiles of a KubeSchedulerConfiguration as the core reads them: weights by plugin, resources
 * by dense index. Which profile a shape belongs to is its template's schedulerName.
 */
#include <assert.h>

#include "sim/cluster/scheduler_internal.h"

/* Plugins that score, as the configuration and as the core number them. */
static const wb_scheduler_plugin plugin_of_score[WB_SCORE_PLUGIN_COUNT] = {
    [WB_SCORE_TAINT_TOLERATION] = WB_PLUGIN_TAINT_TOLERATION,
    [WB_SCORE_NODE_AFFINITY] = WB_PLUGIN_NODE_AFFINITY,
    [WB_SCORE_NODE_RESOURCES_FIT] = WB_PLUGIN_NODE_RESOURCES_FIT,
    [WB_SCORE_POD_TOPOLOGY_SPREAD] = WB_PLUGIN_POD_TOPOLOGY_SPREAD,
    [WB_SCORE_INTER_POD_AFFINITY] = WB_PLUGIN_INTER_POD_AFFINITY,
    [WB_SCORE_BALANCED_ALLOCATION] = WB_PLUGIN_BALANCED_ALLOCATION,
    [WB_SCORE_IMAGE_LOCALITY] = WB_PLUGIN_IMAGE_LOCALITY,
};

/* DynamicResources always scores 0 here; it is in reports with its default weight. */
#define DYNAMIC_RESOURCES_WEIGHT 2

static void init_one(wb_scheduler_core *core, const wb_scheduler_profile *config,
                     wb_scheduler_rules *out)
{
    assert(config->resource_count > 0);
    *out = (wb_scheduler_rules){.config = config, .fit_resource_count = config->resource_count};
    for (uint32_t i = 0; i < WB_SCORE_PLUGIN_COUNT; i++) {
        assert(config->weights[i] >= 0);
        out->weights[plugin_of_score[i]] = config->weights[i];
    }
    out->weights[WB_PLUGIN_DYNAMIC_RESOURCES] = DYNAMIC_RESOURCES_WEIGHT;
    wb_scheduler_fit_resource *resources =
        WB_ARENA_ARRAY(&core->arena, wb_scheduler_fit_resource, config->resource_count);
    for (uint32_t i = 0; i < config->resource_count; i++) {
        resources[i] = (wb_scheduler_fit_resource){
            .resource = wb_scheduler_core_resource(core, config->resources[i].name),
            .weight = config->resources[i].weight,
        };
    }
    out->fit_resources = resources;
    out->percentage = config->percentage_of_nodes_to_score;
    if (core->options.percentage_of_nodes_to_score > 0) {
        out->percentage = core->options.percentage_of_nodes_to_score;
    }
    out->preemption_is_off = config->preemption_is_off || core->options.preemption_is_off;
}

void wb_scheduler_profile_init_all(wb_scheduler_core *core)
{
    const wb_scheduler_config *config =
        core->options.config != NULL ? core->options.config : wb_scheduler_config_default();
    assert(config->profile_count > 0 && core->rules == NULL);
    core->rules = WB_ARENA_ARRAY(&core->arena, wb_scheduler_rules, config->profile_count);
    core->rules_count = config->profile_count;
    for (uint32_t i = 0; i < config->profile_count; i++) {
        init_one(core, &config->profiles[i], &core->rules[i]);
    }
}

const wb_scheduler_rules *wb_scheduler_profile_find(const wb_scheduler_core *core,
                                                    uint32_t scheduler_name)
{
    assert(core->rules_count > 0);
    for (uint32_t i = 0; i < core->rules_count; i++) {
        if (core->rules[i].config->scheduler_name == scheduler_name) {
            return &core->rules[i];
        }
    }
    return &core->rules[0];
}
