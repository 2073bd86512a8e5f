/*
 * The contender with a given set of nodes: all of them are launched at time 0 and stay to the end.
 * It is the cluster that was never scaled: the floor for latency, often the ceiling for cost.
 */
#include "sim/autoscaler/fixed/fixed_autoscaler.h"

#include <assert.h>

typedef struct fixed_state {
    wb_autoscaler_env env;
    const wb_contender *contender; /* borrowed */
} fixed_state;

static void validate(const wb_contender *contender, wb_intern *intern, wb_findings *findings)
{
    (void)intern;
    for (uint32_t i = 0; i < contender->setting_count; i++) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, contender->settings[i].position, "settings",
                        "'%s' is not a setting of contender kind 'fixed', which has none",
                        contender->settings[i].name);
    }
    if (contender->fixed_nodes_count == 0) {
        wb_findings_add(findings, WB_SEVERITY_ERROR, contender->position, "nodes",
                        "contender '%s' of kind 'fixed' has no nodes, expected at least one entry",
                        contender->name);
    }
}

static wb_status create(const wb_autoscaler_env *env, const wb_contender *contender,
                        void **out_self, wb_error *err)
{
    (void)err;
    fixed_state *state = WB_ARENA_NEW(env->arena, fixed_state);
    *state = (fixed_state){.env = *env, .contender = contender};
    *out_self = state;
    return WB_OK;
}

static wb_status launch(const fixed_state *state, const wb_fixed_nodes *nodes,
                        const wb_launch_template *template, uint32_t ordinal, wb_error *err)
{
    const wb_autoscaler_env *env = &state->env;
    const uint32_t zone = nodes->zone != 0 ? nodes->zone : env->zones[ordinal % env->zone_count];
    const wb_fleet_override override = {.type_index = nodes->type_index, .zone = zone};
    const wb_fleet_request request = {
        .overrides = &override,
        .override_count = 1,
        .capacity_type = nodes->capacity_type,
        .launch_template = template,
        .claim_id = WB_NO_ID,
    };
    wb_fleet_result result;
    wb_cloud_create_fleet(env->cloud, &request, &result);
    if (result.instance_id == WB_NO_ID) {
        return wb_fail(err, WB_ERR_INPUT, "contender '%s': %s in %s: %s", state->contender->name,
                       wb_intern_text(env->intern, env->catalog->types[nodes->type_index].name),
                       wb_intern_text(env->intern, zone),
                       result.call_error != NULL ? result.call_error : result.errors[0].code);
    }
    return WB_OK;
}

static wb_status launch_all(const fixed_state *state, const wb_fixed_nodes *nodes, wb_error *err)
{
    wb_launch_template *template = WB_ARENA_NEW(state->env.arena, wb_launch_template);
    *template = (wb_launch_template){
        .labels = nodes->labels,
        .taints = nodes->taints,
        .taint_count = nodes->taint_count,
        .name_prefix = nodes->name_prefix,
    };
    for (uint32_t ordinal = 0; ordinal < nodes->count; ordinal++) {
        WB_TRY(launch(state, nodes, template, ordinal, err));
    }
    return WB_OK;
}

static wb_status start(void *self, wb_error *err)
{
    const fixed_state *state = self;
    assert(state->env.zone_count > 0);
    for (uint32_t i = 0; i < state->contender->fixed_nodes_count; i++) {
        WB_TRY(launch_all(state, &state->contender->fixed_nodes[i], err));
    }
    return WB_OK;
}

const wb_autoscaler_ops wb_fixed_autoscaler_ops = {
    .kind = "fixed",
    .help = "a given set of nodes, launched at the start and kept to the end",
    .validate = validate,
    .create = create,
    .start = start,
};
