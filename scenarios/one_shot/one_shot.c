#include "scenarios/one_shot/one_shot.h"

#include <assert.h>
#include <string.h>

#include "kube/names.h"

/* --- From an input to a problem -------------------------------------------------------- */

static wb_solver_world *make_world(wb_arena *arena, const wb_one_shot_input *input,
                                   const wb_one_shot_change *change)
{
    const wb_solver_world_desc desc = {
        .intern = input->intern,
        .pools = change != NULL && change->pools != NULL ? change->pools : input->pools,
        .pool_count = input->pool_count,
        .catalog = &input->catalog,
        .daemon_templates = input->daemons,
        .daemon_count = input->daemon_count,
        .daemon_namespace = input->daemon_namespace,
        .min_values_best_effort = input->options.min_values_best_effort,
    };
    return wb_solver_world_new(arena, &desc);
}

static const wb_pod_template *changed_template(const wb_one_shot_change *change,
                                               const wb_pod_template *template)
{
    for (uint32_t i = 0; change != NULL && i < change->template_count; i++) {
        if (change->templates_from[i] == template) {
            return change->templates_to[i];
        }
    }
    return template;
}

static void make_nodes(wb_arena *arena, const wb_one_shot_input *input, wb_one_shot_solution *out)
{
    assert(out->world != NULL);
    uint8_t *roles = WB_ARENA_ARRAY(arena, uint8_t, input->node_count);
    out->nodes = WB_ARENA_ARRAY(arena, wb_solver_node *, input->node_count);
    for (uint32_t i = 0; i < input->node_count; i++) {
        roles[i] = input->nodes[i].role;
        out->nodes[i] = wb_solver_node_new(out->world, &input->nodes[i].desc);
    }
    for (uint32_t i = 0; i < input->running_count; i++) {
        const wb_one_shot_running *pod = &input->running[i];
        const uint32_t shape_id =
            wb_solver_world_shape(out->world, pod->template, pod->namespace_name);
        wb_solver_node_bind(out->world, out->nodes[pod->node_index], shape_id, pod->name,
                            pod->flags);
    }
    out->problem.nodes = out->nodes;
    out->problem.node_roles = roles;
    out->problem.node_count = input->node_count;
}

/* Pods that Karpenter's validation lets through; it does not look at those of nodes that go. */
static void make_pods(wb_arena *arena, const wb_one_shot_input *input,
                      const wb_one_shot_change *change, wb_one_shot_solution *out)
{
    assert(out->world != NULL);
    wb_solver_pod *pods = WB_ARENA_ARRAY(arena, wb_solver_pod, input->pod_count);
    wb_pod_verdict *verdicts = WB_ARENA_ARRAY(arena, wb_pod_verdict, input->pod_count);
    uint32_t *problem_index = WB_ARENA_ARRAY(arena, uint32_t, input->pod_count);
    uint32_t *pod_index = WB_ARENA_ARRAY(arena, uint32_t, input->pod_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < input->pod_count; i++) {
        const wb_one_shot_pod *pod = &input->pods[i];
        const wb_pod_template *template = changed_template(change, pod->template);
        const bool is_bound = pod->bound_node_index != WB_ONE_SHOT_NONE;
        verdicts[i] = is_bound ? WB_POD_PROVISIONABLE
                               : wb_provisioning_validate(input->intern, &out->problem, template,
                                                          pod->name, pod->namespace_name);
        problem_index[i] = WB_ONE_SHOT_NONE;
        if (verdicts[i] != WB_POD_PROVISIONABLE) {
            continue;
        }
        pods[count] = (wb_solver_pod){
            .name = pod->name,
            .namespace_name = pod->namespace_name,
            .uid = pod->uid,
            .created_ms = pod->created_ms,
            .shape_id = wb_solver_world_shape(out->world, template, pod->namespace_name),
            .bound_node_index = pod->bound_node_index,
        };
        problem_index[i] = count;
        pod_index[count++] = i;
    }
    out->verdicts = verdicts;
    out->problem_index = problem_index;
    out->pod_index = pod_index;
    out->problem.pods = pods;
    out->problem.pod_count = count;
}

/* --- From the solver's claims to launches ---------------------------------------------- */

/* The cheapest override; the first of equal ones, as types come by price and name. */
static void choose_launch(const wb_one_shot_solution *solution, wb_one_shot_claim *claim)
{
    assert(claim->made != NULL);
    claim->type_index = WB_ONE_SHOT_NONE;
    for (uint32_t i = 0; i < claim->plan.override_count; i++) {
        const wb_launch_override *one = &claim->plan.overrides[i];
        if (claim->type_index == WB_ONE_SHOT_NONE ||
            one->price_usd_per_hour < claim->price_usd_per_hour) {
            claim->type_index = one->type_index;
            claim->zone =
                wb_solver_world_offering(solution->world, one->type_index, one->offering_index)
                    .zone;
            claim->price_usd_per_hour = one->price_usd_per_hour;
        }
    }
    claim->capacity_type = claim->plan.capacity_type;
}

static const char *name_claim(wb_arena *arena, const wb_one_shot_solution *solution,
                              uint32_t claim_index)
{
    assert(claim_index < solution->result.claim_count);
    const wb_solver_result *result = &solution->result;
    const uint32_t pool_index = result->claims[claim_index].pool_index;
    uint32_t number = 1;
    for (uint32_t i = 0; i < claim_index; i++) {
        number += result->claims[i].pool_index == pool_index;
    }
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s-%u",
                       wb_intern_text(solution->input->intern,
                                      wb_solver_world_pool(solution->world, pool_index)->name),
                       number);
    const char *name = wb_arena_copy_string(arena, wb_text_string(&text));
    wb_text_release(&text);
    return name;
}

static void launch_claim(wb_arena *arena, wb_one_shot_solution *solution, uint32_t claim_index,
                         wb_one_shot_claim *out)
{
    assert(claim_index < solution->result.claim_count);
    const wb_solver_claim *made = &solution->result.claims[claim_index];
    const wb_launch_request request = {
        .requirements = made->requirements,
        .type_indices = made->type_indices,
        .type_count = made->type_count,
        .requests = made->requests,
    };
    *out = (wb_one_shot_claim){
        .name = name_claim(arena, solution, claim_index),
        .made = made,
        .plan = wb_launch_prepare(arena, solution->world, &request),
        .cpu_requested_milli = wb_resource_list_get(made->requests, WB_NAME_CPU),
        .memory_requested_bytes = wb_resource_list_get(made->requests, WB_NAME_MEMORY),
    };
    choose_launch(solution, out);
    if (out->type_index != WB_ONE_SHOT_NONE) {
        const wb_resource_list allocatable =
            wb_solver_world_allocatable(arena, solution->world, out->type_index);
        out->cpu_allocatable_milli = wb_resource_list_get(allocatable, WB_NAME_CPU);
        out->memory_allocatable_bytes = wb_resource_list_get(allocatable, WB_NAME_MEMORY);
    }
}

/* --- Solving --------------------------------------------------------------------------- */

static void sum_up(wb_one_shot_solution *solution)
{
    assert(solution->left_count == 0);
    for (uint32_t i = 0; i < solution->result.claim_count; i++) {
        solution->price_usd_per_hour += solution->claims[i].price_usd_per_hour;
    }
    for (uint32_t i = 0; i < solution->input->pod_count; i++) {
        uint32_t claim_index = 0;
        uint32_t node_index = 0;
        const bool is_placed = wb_one_shot_is_placed(solution, i, &claim_index, &node_index);
        solution->on_node_count += is_placed && node_index != WB_ONE_SHOT_NONE;
        solution->left_count += !is_placed;
    }
}

void wb_one_shot_solve(wb_arena *arena, const wb_one_shot_input *input,
                       const wb_one_shot_change *change, bool explains, wb_one_shot_solution *out)
{
    assert(arena != NULL && input != NULL && out != NULL);
    assert(change == NULL || change->template_count == 0 || change->templates_to != NULL);
    *out = (wb_one_shot_solution){.input = input,
                                  .world = make_world(arena, input, change),
                                  .problem = input->storage};
    out->problem.options = (wb_solver_options){
        .preference_policy = input->options.preference_policy,
        .open_claim_sort = input->options.open_claim_sort,
        .explain = explains,
    };
    make_nodes(arena, input, out);
    make_pods(arena, input, change, out);
    out->result = wb_provisioning_solve(arena, out->world, &out->problem);
    wb_one_shot_claim *claims = WB_ARENA_ARRAY(arena, wb_one_shot_claim, out->result.claim_count);
    for (uint32_t i = 0; i < out->result.claim_count; i++) {
        launch_claim(arena, out, i, &claims[i]);
    }
    out->claims = claims;
    sum_up(out);
}

void wb_one_shot_release(wb_one_shot_solution *solution)
{
    for (uint32_t i = 0; i < solution->problem.node_count; i++) {
        wb_solver_node_free(solution->nodes[i]);
    }
    if (solution->world != NULL) {
        wb_solver_world_release(solution->world);
    }
    *solution = (wb_one_shot_solution){0};
}

/* --- Reading a solution ---------------------------------------------------------------- */

bool wb_one_shot_is_placed(const wb_one_shot_solution *solution, uint32_t pod_index,
                           uint32_t *out_claim_index, uint32_t *out_node_index)
{
    assert(pod_index < solution->input->pod_count);
    *out_claim_index = WB_ONE_SHOT_NONE;
    *out_node_index = WB_ONE_SHOT_NONE;
    const uint32_t index = solution->problem_index[pod_index];
    if (index == WB_ONE_SHOT_NONE) {
        return false;
    }
    const wb_solver_placement *placement = &solution->result.placements[index];
    *out_claim_index = placement->claim_index;
    *out_node_index = placement->node_index;
    return placement->claim_index != WB_PLACED_ON_NONE ||
           placement->node_index != WB_PLACED_ON_NONE;
}

static const char *const verdict_sentences[] = {
    [WB_POD_NOT_CONSIDERED] = "Karpenter does not look at it",
    [WB_POD_IGNORED_OPT_OUT] = "it opts out: karpenter.sh/nodepool DoesNotExist",
    [WB_POD_IGNORED_RESTRICTED_LABEL] =
        "Karpenter ignores it: its node selector or affinity names a restricted label",
    [WB_POD_IGNORED_MATCH_FIELDS] = "Karpenter ignores it: its node affinity uses matchFields",
    [WB_POD_IGNORED_UNKNOWN_VALUE] =
        "Karpenter ignores it: it asks for a capacity type or tenancy that does not exist",
    [WB_POD_IGNORED_VOLUME] = "Karpenter ignores it: a volume claim of it is missing, lost, or "
                              "waits for a volume that nobody makes",
};

void wb_one_shot_print_reason(const wb_one_shot_solution *solution, uint32_t pod_index,
                              wb_text *out)
{
    assert(pod_index < solution->input->pod_count);
    const uint32_t index = solution->problem_index[pod_index];
    if (index == WB_ONE_SHOT_NONE) {
        wb_text_add_string(out, verdict_sentences[solution->verdicts[pod_index]]);
        return;
    }
    const char *separator = "";
    for (uint32_t i = 0; i < solution->result.reason_count; i++) {
        if (solution->result.reasons[i].pod_index == index) {
            wb_text_add_string(out, separator);
            wb_provisioning_reason_print(solution->world, &solution->result.reasons[i], out);
            separator = "; ";
        }
    }
    const uint32_t refused = solution->result.placements[index].refused;
    if (separator[0] == '\0' && (refused & WB_REFUSED_NO_NODEPOOL) != 0) {
        wb_text_add_string(out, "no NodePool offers any instance type");
    } else if (separator[0] == '\0' && (refused & WB_REFUSED_DRA) != 0) {
        wb_text_add_string(out, "it uses dynamic resource allocation, which Karpenter does not");
    } else if (separator[0] == '\0' && (refused & WB_REFUSED_MIN_VALUES) != 0) {
        wb_text_add_string(out, "minValues can't be met by the cheapest 600 instance types");
    }
}

void wb_one_shot_print_group(const wb_one_shot_input *input, const wb_one_shot_group *group,
                             wb_text *out)
{
    wb_text_add_format(out, "%s %s/%s", group->kind,
                       wb_intern_text(input->intern, group->namespace_name),
                       wb_intern_text(input->intern, group->name));
}
