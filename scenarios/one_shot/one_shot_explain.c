#include "scenarios/one_shot/one_shot_explain.h"

#include <assert.h>
#include <string.h>

#include "base/nearest.h"
#include "kube/names.h"
#include "solver/requirements.h"
#include "solver/taints.h"

/* --- Existing nodes -------------------------------------------------------------------- */

/* Taints that a node loses by itself while it starts do not keep the pod away. */
static bool tolerates_node(const wb_intern *intern, const wb_pod_template *template,
                           const wb_solver_node_desc *node)
{
    const wb_taints_tolerance tolerance = {template->tolerations, template->toleration_count, true};
    for (uint32_t i = 0; i < node->taint_count; i++) {
        const bool passes = node->is_managed && !node->is_initialized &&
                            wb_taints_is_ephemeral(intern, &node->taints[i]);
        if (!passes && !wb_taints_tolerated(intern, &node->taints[i], 1, tolerance)) {
            return false;
        }
    }
    return true;
}

/* Selector, and any of the required terms. */
static bool matches_labels(const wb_intern *intern, const wb_pod_template *template,
                           wb_labels labels)
{
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label *asked = &template->node_selector.items[i];
        if (!wb_labels_has(labels, asked->key) ||
            wb_labels_get(labels, asked->key) != asked->value) {
            return false;
        }
    }
    for (uint32_t t = 0; t < template->required_term_count; t++) {
        const wb_node_term *term = &template->required_terms[t];
        bool holds = term->field_count == 0 && term->expression_count > 0;
        for (uint32_t e = 0; holds && e < term->expression_count; e++) {
            holds = wb_label_expression_matches(intern, &term->expressions[e], labels);
        }
        if (holds) {
            return true;
        }
    }
    return template->required_term_count == 0;
}

/* At the end of the solve: what it placed on the node is taken off. */
static bool has_room(wb_arena *arena, const wb_one_shot_solution *solution, uint32_t node_index,
                     const wb_pod_template *template)
{
    assert(node_index < solution->problem.node_count);
    const wb_arena_mark mark = wb_arena_get_mark(arena);
    wb_resource_list left = wb_solver_node_remaining(arena, solution->nodes[node_index]);
    for (uint32_t i = 0; i < solution->problem.pod_count; i++) {
        if (solution->result.placements[i].node_index == node_index) {
            const wb_one_shot_pod *placed = &solution->input->pods[solution->pod_index[i]];
            left = wb_resource_list_subtract(arena, left, placed->template->requests);
        }
    }
    bool fits = true;
    for (uint32_t i = 0; i < template->requests.count; i++) {
        const wb_resource *one = &template->requests.items[i];
        fits = fits && one->amount <= wb_resource_list_get(left, one->name);
    }
    wb_arena_rewind(arena, mark);
    return fits;
}

static void count_nodes(wb_arena *arena, const wb_one_shot_solution *solution,
                        const wb_pod_template *template, wb_one_shot_node_counts *out)
{
    assert(out->offered == 0);
    const wb_one_shot_input *input = solution->input;
    for (uint32_t n = 0; n < input->node_count; n++) {
        const wb_solver_node_desc *node = &input->nodes[n].desc;
        if (input->nodes[n].role != WB_NODE_ROLE_OFFERED) {
            continue;
        }
        out->offered++;
        if (!tolerates_node(input->intern, template, node)) {
            out->tainted++;
        } else if (!matches_labels(input->intern, template, node->labels)) {
            out->unlabelled++;
        } else if (!has_room(arena, solution, n, template)) {
            out->full++;
        } else {
            out->other++;
        }
    }
}

/* --- One pod --------------------------------------------------------------------------- */

static uint32_t count_left(const wb_one_shot_solution *solution, uint32_t group_index)
{
    assert(group_index < solution->input->group_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < solution->input->pod_count; i++) {
        uint32_t claim_index = 0;
        uint32_t node_index = 0;
        count += solution->input->pods[i].group_index == group_index &&
                 !wb_one_shot_is_placed(solution, i, &claim_index, &node_index);
    }
    return count;
}

static void add_funnels(wb_arena *arena, const wb_one_shot_solution *solution,
                        wb_one_shot_explanation *out)
{
    assert(out->funnel_count == 0);
    uint32_t count = wb_solver_world_pool_count(solution->world);
    if (out->node_index != WB_ONE_SHOT_NONE) {
        count = 0; /* no NodePool was asked */
    } else if (out->claim_index != WB_ONE_SHOT_NONE) {
        count = solution->result.claims[out->claim_index].pool_index + 1;
    }
    wb_one_shot_funnel *funnels = WB_ARENA_ARRAY(arena, wb_one_shot_funnel, count);
    for (uint32_t p = 0; p < count; p++) {
        wb_one_shot_funnel_pod(arena, solution, p, out->pod_index, &funnels[p]);
    }
    out->funnels = funnels;
    out->funnel_count = count;
}

void wb_one_shot_explain(wb_arena *arena, const wb_one_shot_solution *solution, uint32_t pod_index,
                         wb_one_shot_explanation *out)
{
    assert(arena != NULL && solution != NULL && out != NULL);
    const wb_one_shot_pod *pod = &solution->input->pods[pod_index];
    *out = (wb_one_shot_explanation){.pod_index = pod_index};
    out->is_placed =
        wb_one_shot_is_placed(solution, pod_index, &out->claim_index, &out->node_index);
    out->left_count = count_left(solution, pod->group_index);
    if (out->node_index == WB_ONE_SHOT_NONE) {
        count_nodes(arena, solution, pod->template, &out->nodes);
    }
    add_funnels(arena, solution, out);
    if (!out->is_placed) {
        wb_one_shot_relax(arena, solution, pod_index, &out->fixes);
    }
}

/* --- Which pods ------------------------------------------------------------------------ */

static bool is_left(const wb_one_shot_solution *solution, uint32_t pod_index)
{
    uint32_t claim_index = 0;
    uint32_t node_index = 0;
    return !wb_one_shot_is_placed(solution, pod_index, &claim_index, &node_index);
}

/* "ns/name" or the name alone; with a kind in front for workloads. */
static bool is_named(const wb_intern *intern, const char *wanted, const char *kind,
                     uint32_t namespace_name, uint32_t name)
{
    const size_t kind_length = kind != NULL ? strlen(kind) : 0;
    if (kind_length > 0 && strncmp(wanted, kind, kind_length) == 0 && wanted[kind_length] == '/') {
        wanted += kind_length + 1;
    }
    const char *space = wb_intern_text(intern, namespace_name);
    const size_t space_length = strlen(space);
    if (strncmp(wanted, space, space_length) == 0 && wanted[space_length] == '/') {
        wanted += space_length + 1;
    }
    return strcmp(wanted, wb_intern_text(intern, name)) == 0;
}

static wb_status fail_unknown(wb_arena *arena, const wb_one_shot_solution *solution,
                              const char *name, wb_error *err)
{
    const wb_one_shot_input *input = solution->input;
    const char **known = WB_ARENA_ARRAY(arena, const char *, input->group_count);
    uint32_t count = 0;
    for (uint32_t g = 0; g < input->group_count; g++) {
        if (input->groups[g].pod_count > 0) {
            known[count++] = wb_intern_text(input->intern, input->groups[g].name);
        }
    }
    if (count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "'%s': no pod in the files wants a place", name);
    }
    const char *nearest = wb_nearest_name(name, strlen(name), known, count);
    return wb_fail(err, WB_ERR_INPUT, "'%s' is no pod or workload that wants a place, %s '%s'%s",
                   name, nearest != NULL ? "did you mean" : "expected one such as",
                   nearest != NULL ? nearest : known[0], nearest != NULL ? "?" : "");
}

wb_status wb_one_shot_explain_find(wb_arena *scratch, const wb_one_shot_solution *solution,
                                   const char *name, uint32_t *out_pod_index, wb_error *err)
{
    assert(scratch != NULL);
    assert(solution != NULL && name != NULL && out_pod_index != NULL);
    const wb_one_shot_input *input = solution->input;
    uint32_t best = WB_ONE_SHOT_NONE;
    for (uint32_t i = 0; i < input->pod_count; i++) {
        const wb_one_shot_pod *pod = &input->pods[i];
        if (is_named(input->intern, name, "Pod", pod->namespace_name, pod->name)) {
            *out_pod_index = i;
            return WB_OK;
        }
        const wb_one_shot_group *group = &input->groups[pod->group_index];
        if (is_named(input->intern, name, group->kind, group->namespace_name, group->name) &&
            (best == WB_ONE_SHOT_NONE || (is_left(solution, i) && !is_left(solution, best)))) {
            best = i;
        }
    }
    if (best == WB_ONE_SHOT_NONE) {
        return fail_unknown(scratch, solution, name, err);
    }
    *out_pod_index = best;
    return WB_OK;
}

uint32_t wb_one_shot_explain_left(wb_arena *arena, const wb_one_shot_solution *solution,
                                  const uint32_t **out_pod_indices)
{
    assert(arena != NULL && out_pod_indices != NULL);
    const wb_one_shot_input *input = solution->input;
    uint32_t *indices = WB_ARENA_ARRAY(arena, uint32_t, input->group_count);
    bool *is_seen = WB_ARENA_ARRAY(arena, bool, input->group_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < input->pod_count; i++) {
        const uint32_t group_index = input->pods[i].group_index;
        if (!is_seen[group_index] && is_left(solution, i)) {
            is_seen[group_index] = true;
            indices[count++] = i;
        }
    }
    *out_pod_indices = indices;
    return count;
}
