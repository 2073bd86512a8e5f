#include "scenarios/one_shot/one_shot_relax.h"

#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "scenarios/one_shot/one_shot_funnel.h"
#include "scenarios/one_shot/one_shot_relax_internal.h"

#define PAIRED_EDITS_MAX 24 /* beyond these pairs are not tried: 276 solves */

/* The search for one group of pods. */
typedef struct search {
    wb_arena *arena;  /* of the result */
    wb_arena scratch; /* owned: of one solve, emptied after it */
    const wb_one_shot_solution *before;
    uint32_t group_index;
    const wb_pod_template **templates; /* distinct ones of the group */
    uint32_t template_count;
    uint32_t placed_before; /* of the group */
    wb_one_shot_fix *found; /* in arena */
    uint32_t found_count, tried_count;
} search;

static uint32_t count_placed(const wb_one_shot_solution *solution, uint32_t group_index)
{
    assert(group_index < solution->input->group_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < solution->input->pod_count; i++) {
        uint32_t claim_index = 0;
        uint32_t node_index = 0;
        count += solution->input->pods[i].group_index == group_index &&
                 wb_one_shot_is_placed(solution, i, &claim_index, &node_index);
    }
    return count;
}

static void gather_templates(search *state)
{
    assert(state->template_count == 0);
    const wb_one_shot_input *input = state->before->input;
    for (uint32_t i = 0; i < input->pod_count; i++) {
        if (input->pods[i].group_index != state->group_index) {
            continue;
        }
        uint32_t known = 0;
        while (known < state->template_count &&
               state->templates[known] != input->pods[i].template) {
            known++;
        }
        if (known == state->template_count) {
            state->templates = wb_arena_grow(state->arena, state->templates, known, known + 1U,
                                             sizeof(wb_pod_template *));
            state->templates[state->template_count++] = input->pods[i].template;
        }
    }
}

/* The input's change that the edits amount to, in the scratch arena. */
static wb_one_shot_change make_change(search *state, const wb_one_shot_edit *const *edits,
                                      uint32_t edit_count)
{
    assert(state->template_count > 0);
    const wb_one_shot_input *input = state->before->input;
    const wb_pod_template **changed =
        WB_ARENA_ARRAY(&state->scratch, const wb_pod_template *, state->template_count);
    wb_solver_pool *pools = WB_ARENA_ARRAY(&state->scratch, wb_solver_pool, input->pool_count);
    for (uint32_t t = 0; t < state->template_count; t++) {
        changed[t] = state->templates[t];
        for (uint32_t e = 0; e < edit_count; e++) {
            changed[t] = wb_one_shot_relax_template(&state->scratch, input, edits[e], changed[t]);
        }
    }
    for (uint32_t p = 0; p < input->pool_count; p++) {
        pools[p] = input->pools[p];
        for (uint32_t e = 0; e < edit_count; e++) {
            pools[p].nodepool =
                wb_one_shot_relax_pool(&state->scratch, edits[e], p, pools[p].nodepool);
        }
    }
    return (wb_one_shot_change){.templates_from = state->templates,
                                .templates_to = changed,
                                .template_count = state->template_count,
                                .pools = pools};
}

/* A limit is raised by so much as the nodes then have: those there are and those to come. */
static void print_need(const wb_one_shot_edit *edit, const wb_one_shot_solution *after,
                       wb_text *out)
{
    const wb_one_shot_input *input = after->input;
    const wb_nodepool *pool = input->pools[edit->pool_index].nodepool;
    if (edit->kind != WB_ONE_SHOT_EDIT_LIMIT) {
        return;
    }
    const uint32_t resource = pool->limits.items[edit->index].name;
    int64_t sum = 0;
    for (uint32_t i = 0; i < input->node_count; i++) {
        const wb_solver_node_desc *node = &input->nodes[i].desc;
        sum += node->nodepool == pool->name ? wb_resource_list_get(node->capacity, resource) : 0;
    }
    for (uint32_t i = 0; i < after->result.claim_count; i++) {
        const wb_one_shot_claim *claim = &after->claims[i];
        if (claim->type_index != WB_ONE_SHOT_NONE &&
            wb_solver_world_pool(after->world, claim->made->pool_index)->name == pool->name) {
            sum += wb_resource_list_get(
                wb_solver_world_type(after->world, claim->type_index)->capacity, resource);
        }
    }
    wb_text_add_string(out, ": its nodes would have ");
    wb_one_shot_funnel_print_amount(resource, sum, out);
}

static void keep_fix(search *state, const wb_one_shot_edit *const *edits, uint32_t edit_count,
                     const wb_one_shot_solution *after, uint32_t placed)
{
    assert(placed > state->placed_before);
    const uint32_t others_before =
        state->before->input->pod_count - state->before->left_count - state->placed_before;
    const uint32_t others_after = after->input->pod_count - after->left_count - placed;
    wb_text text;
    wb_text_init(&text);
    for (uint32_t e = 0; e < edit_count; e++) {
        wb_text_add_format(&text, "%s%s", e > 0 ? ", and " : "", edits[e]->text);
        print_need(edits[e], after, &text);
    }
    state->found = wb_arena_grow(state->arena, state->found, state->found_count,
                                 state->found_count + 1U, sizeof(*state->found));
    state->found[state->found_count++] = (wb_one_shot_fix){
        .text = wb_arena_copy_string(state->arena, wb_text_string(&text)),
        .placed_count = placed,
        .other_lost_count = others_before > others_after ? others_before - others_after : 0,
        .added_price_usd_per_hour = after->price_usd_per_hour - state->before->price_usd_per_hour,
    };
    wb_text_release(&text);
}

static void try_edits(search *state, const wb_one_shot_edit *const *edits, uint32_t edit_count)
{
    assert(edit_count == 1 || edit_count == 2);
    const wb_one_shot_change change = make_change(state, edits, edit_count);
    wb_one_shot_solution after;
    wb_one_shot_solve(&state->scratch, state->before->input, &change, false, &after);
    state->tried_count++;
    const uint32_t placed = count_placed(&after, state->group_index);
    if (placed > state->placed_before) {
        keep_fix(state, edits, edit_count, &after, placed);
    }
    wb_one_shot_release(&after);
    wb_arena_clear(&state->scratch);
}

/* Two changes of one list that shift each other's indices, or of the same thing, make no pair. */
static bool can_pair(const wb_one_shot_edit *a, const wb_one_shot_edit *b)
{
    return a->kind != b->kind || a->pool_index != b->pool_index;
}

static void try_all(search *state, const wb_one_shot_edits *edits)
{
    for (uint32_t i = 0; i < edits->count; i++) {
        const wb_one_shot_edit *const one[] = {&edits->items[i]};
        try_edits(state, one, 1);
    }
    if (state->found_count > 0) {
        return;
    }
    const uint32_t count = edits->count < PAIRED_EDITS_MAX ? edits->count : PAIRED_EDITS_MAX;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = i + 1; j < count; j++) {
            const wb_one_shot_edit *const pair[] = {&edits->items[i], &edits->items[j]};
            if (can_pair(pair[0], pair[1])) {
                try_edits(state, pair, 2);
            }
        }
    }
}

/* Stable: equal ones stay in the order of the list, the pod's own changes first. */
static int compare_fixes(const void *a, const void *b, void *context)
{
    (void)context;
    const wb_one_shot_fix *p = a;
    const wb_one_shot_fix *q = b;
    if (p->placed_count != q->placed_count) {
        return p->placed_count > q->placed_count ? -1 : 1;
    }
    if (p->other_lost_count != q->other_lost_count) {
        return p->other_lost_count < q->other_lost_count ? -1 : 1;
    }
    return (p->added_price_usd_per_hour > q->added_price_usd_per_hour) -
           (p->added_price_usd_per_hour < q->added_price_usd_per_hour);
}

void wb_one_shot_relax(wb_arena *arena, const wb_one_shot_solution *solution, uint32_t pod_index,
                       wb_one_shot_fixes *out)
{
    assert(arena != NULL && solution != NULL && out != NULL);
    assert(pod_index < solution->input->pod_count);
    search state = {.arena = arena,
                    .before = solution,
                    .group_index = solution->input->pods[pod_index].group_index};
    wb_arena_init(&state.scratch, "one-shot relaxing", 0, NULL);
    gather_templates(&state);
    state.placed_before = count_placed(solution, state.group_index);
    wb_one_shot_edits *edits = WB_ARENA_NEW(arena, wb_one_shot_edits);
    wb_one_shot_relax_list(arena, solution, pod_index, edits);
    try_all(&state, edits);
    wb_sort_stable(state.found, state.found_count, sizeof(*state.found), compare_fixes, NULL);
    *out = (wb_one_shot_fixes){
        .count =
            state.found_count < WB_ONE_SHOT_FIXES_MAX ? state.found_count : WB_ONE_SHOT_FIXES_MAX,
        .tried_count = state.tried_count,
        .are_pairs = state.found_count > 0 && state.tried_count > edits->count,
    };
    out->dropped_count = state.found_count - out->count;
    memcpy(out->items, state.found, out->count * sizeof(*out->items));
    wb_arena_release(&state.scratch);
}
