/* The single changes: a list of what could be tried, and how each is carried out on a copy. */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "solver/taints.h"
#include "scenarios/one_shot/one_shot_funnel.h"
#include "scenarios/one_shot/one_shot_relax_internal.h"

/* A list being filled for one pod. */
typedef struct edit_list {
    wb_arena *arena;
    const wb_one_shot_solution *solution;
    wb_one_shot_edits *edits;
    wb_text text; /* owned: of the edit to come */
} edit_list;

static wb_intern *intern_of(const edit_list *list)
{
    return list->solution->input->intern;
}

/* Takes the text gathered so far. */
static void add_edit(edit_list *list, wb_one_shot_edit edit)
{
    if (list->edits->count < WB_ONE_SHOT_EDITS_MAX) {
        edit.text = wb_arena_copy_string(list->arena, wb_text_string(&list->text));
        list->edits->items[list->edits->count++] = edit;
    }
    wb_text_clear(&list->text);
}

static void add_expression_text(edit_list *list, const wb_label_expression *expression)
{
    wb_one_shot_funnel_print_expression(intern_of(list), expression, &list->text);
}

/* --- Changes of the pod ---------------------------------------------------------------- */

static void list_selectors(edit_list *list, const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label *label = &template->node_selector.items[i];
        wb_text_add_format(&list->text, "drop the node selector %s=%s",
                           wb_intern_text(intern_of(list), label->key),
                           wb_intern_text(intern_of(list), label->value));
        add_edit(list, (wb_one_shot_edit){.kind = WB_ONE_SHOT_EDIT_SELECTOR, .index = i});
    }
    for (uint32_t t = 0; t < template->required_term_count; t++) {
        const wb_node_term *term = &template->required_terms[t];
        for (uint32_t e = 0; e < term->expression_count; e++) {
            wb_text_add_string(&list->text, "drop the required node affinity ");
            add_expression_text(list, &term->expressions[e]);
            add_edit(list, (wb_one_shot_edit){
                               .kind = WB_ONE_SHOT_EDIT_EXPRESSION, .index = t, .detail = e});
        }
    }
}

static void list_topology(edit_list *list, const wb_pod_template *template)
{
    const wb_intern *intern = intern_of(list);
    for (uint32_t i = 0; i < template->spread_count; i++) {
        if (template->spreads[i].when_unsatisfiable == WB_SPREAD_DO_NOT_SCHEDULE) {
            wb_text_add_format(&list->text, "make the spread over %s ScheduleAnyway",
                               wb_intern_text(intern, template->spreads[i].topology_key));
            add_edit(list, (wb_one_shot_edit){.kind = WB_ONE_SHOT_EDIT_SPREAD, .index = i});
        }
    }
    for (uint32_t i = 0; i < template->affinity_required_count; i++) {
        wb_text_add_format(&list->text, "drop the required pod affinity over %s",
                           wb_intern_text(intern, template->affinity_required[i].topology_key));
        add_edit(list, (wb_one_shot_edit){.kind = WB_ONE_SHOT_EDIT_AFFINITY, .index = i});
    }
    for (uint32_t i = 0; i < template->anti_affinity_required_count; i++) {
        wb_text_add_format(&list->text, "drop the required pod anti-affinity over %s",
                           wb_intern_text(intern,
                                          template->anti_affinity_required[i].topology_key));
        add_edit(list, (wb_one_shot_edit){.kind = WB_ONE_SHOT_EDIT_ANTI_AFFINITY, .index = i});
    }
    if (template->host_port_count > 0) {
        wb_text_add_string(&list->text, "drop the host ports");
        add_edit(list, (wb_one_shot_edit){.kind = WB_ONE_SHOT_EDIT_PORTS});
    }
}

/* --- Changes of or for a NodePool ------------------------------------------------------ */

static void list_taints(edit_list *list, const wb_pod_template *template, uint32_t pool_index)
{
    static const char *const effects[] = {"", "NoSchedule", "PreferNoSchedule", "NoExecute"};
    const wb_intern *intern = intern_of(list);
    const wb_nodepool *pool = list->solution->input->pools[pool_index].nodepool;
    const wb_taints_tolerance tolerance = {template->tolerations, template->toleration_count, true};
    for (uint32_t i = 0; i < pool->taint_count; i++) {
        const wb_taint *taint = &pool->taints[i];
        if (wb_taints_tolerated(intern, taint, 1, tolerance)) {
            continue;
        }
        wb_text_add_format(&list->text, "tolerate the taint %s%s%s:%s of NodePool %s, or remove it",
                           wb_intern_text(intern, taint->key), taint->value != 0 ? "=" : "",
                           wb_intern_text(intern, taint->value), effects[taint->effect],
                           wb_intern_text(intern, pool->name));
        add_edit(list, (wb_one_shot_edit){.kind = WB_ONE_SHOT_EDIT_TOLERATION,
                                          .pool_index = pool_index,
                                          .index = i});
    }
}

static void list_requirements(edit_list *list, uint32_t pool_index)
{
    assert(pool_index < list->solution->input->pool_count);
    const wb_nodepool *pool = list->solution->input->pools[pool_index].nodepool;
    const char *name = wb_intern_text(intern_of(list), pool->name);
    for (uint32_t i = 0; i < pool->requirement_count; i++) {
        wb_text_add_format(&list->text, "drop the requirement ");
        add_expression_text(list, &pool->requirements[i]);
        wb_text_add_format(&list->text, " of NodePool %s", name);
        add_edit(list, (wb_one_shot_edit){.kind = WB_ONE_SHOT_EDIT_REQUIREMENT,
                                          .pool_index = pool_index,
                                          .index = i});
        if (pool->requirements[i].min_values > 0) {
            wb_text_add_format(&list->text, "drop minValues %d of %s of NodePool %s",
                               pool->requirements[i].min_values,
                               wb_intern_text(intern_of(list), pool->requirements[i].key), name);
            add_edit(list, (wb_one_shot_edit){.kind = WB_ONE_SHOT_EDIT_MIN_VALUES,
                                              .pool_index = pool_index,
                                              .index = i});
        }
    }
    for (uint32_t i = 0; i < pool->limits.count; i++) {
        wb_text_add_format(&list->text, "raise the limit %s of NodePool %s (now ",
                           wb_intern_text(intern_of(list), pool->limits.items[i].name), name);
        wb_one_shot_funnel_print_amount(pool->limits.items[i].name, pool->limits.items[i].amount,
                                        &list->text);
        wb_text_add_string(&list->text, ")");
        add_edit(list, (wb_one_shot_edit){
                           .kind = WB_ONE_SHOT_EDIT_LIMIT, .pool_index = pool_index, .index = i});
    }
    if (pool->limit_nodes >= 0) {
        wb_text_add_format(&list->text, "raise the limit nodes of NodePool %s (now %lld)", name,
                           (long long)pool->limit_nodes);
        add_edit(list,
                 (wb_one_shot_edit){.kind = WB_ONE_SHOT_EDIT_NODE_LIMIT, .pool_index = pool_index});
    }
}

/* Requests that the largest type left can't meet, lowered to what it can. */
static void list_requests(edit_list *list, uint32_t pod_index, uint32_t pool_index)
{
    assert(pool_index < list->solution->input->pool_count);
    const wb_one_shot_input *input = list->solution->input;
    const wb_resource_list requests = input->pods[pod_index].template->requests;
    const wb_nodepool *pool = input->pools[pool_index].nodepool;
    const uint32_t world_pool = wb_solver_world_find_pool(list->solution->world, pool->name);
    for (uint32_t i = 0; world_pool != UINT32_MAX && i < requests.count; i++) {
        const wb_resource *one = &requests.items[i];
        if (one->name == WB_NAME_PODS || one->amount == 0) {
            continue;
        }
        const int64_t most =
            wb_one_shot_funnel_most(list->arena, list->solution, world_pool, pod_index, one->name);
        if (most <= 0 || most >= one->amount) {
            continue;
        }
        wb_text_add_format(&list->text, "lower the request of ");
        wb_one_shot_funnel_print_amount(one->name, one->amount, &list->text);
        wb_text_add_format(&list->text, " %s to ", wb_intern_text(intern_of(list), one->name));
        wb_one_shot_funnel_print_amount(one->name, most, &list->text);
        wb_text_add_format(&list->text, ", the most that NodePool %s has",
                           wb_intern_text(intern_of(list), pool->name));
        add_edit(list, (wb_one_shot_edit){.kind = WB_ONE_SHOT_EDIT_REQUEST,
                                          .pool_index = pool_index,
                                          .index = i,
                                          .amount = most});
    }
}

void wb_one_shot_relax_list(wb_arena *arena, const wb_one_shot_solution *solution,
                            uint32_t pod_index, wb_one_shot_edits *out)
{
    assert(arena != NULL && solution != NULL && out != NULL);
    assert(pod_index < solution->input->pod_count);
    const wb_pod_template *template = solution->input->pods[pod_index].template;
    edit_list list = {.arena = arena, .solution = solution, .edits = out};
    out->count = 0;
    wb_text_init(&list.text);
    list_selectors(&list, template);
    list_topology(&list, template);
    for (uint32_t p = 0; p < solution->input->pool_count; p++) {
        list_taints(&list, template, p);
        list_requirements(&list, p);
        list_requests(&list, pod_index, p);
    }
    wb_text_release(&list.text);
}

/* --- Carrying one out ------------------------------------------------------------------ */

/* count elements of size bytes less the index-th. */
static void *copy_without(wb_arena *arena, const void *from, uint32_t count, size_t size,
                          uint32_t index)
{
    assert(index < count);
    unsigned char *made = wb_arena_zalloc(arena, count, size);
    const unsigned char *bytes = from;
    memcpy(made, bytes, index * size);
    memcpy(made + index * size, bytes + (index + 1) * size, (count - index - 1) * size);
    return made;
}

static void drop_expression(wb_arena *arena, const wb_one_shot_edit *edit, wb_pod_template *made)
{
    assert(edit->index < made->required_term_count);
    wb_node_term *terms = WB_ARENA_ARRAY(arena, wb_node_term, made->required_term_count);
    memcpy(terms, made->required_terms, made->required_term_count * sizeof(*terms));
    wb_node_term *term = &terms[edit->index];
    term->expressions = copy_without(arena, term->expressions, term->expression_count,
                                     sizeof(*term->expressions), edit->detail);
    term->expression_count--;
    made->required_terms = terms;
    if (term->expression_count == 0 && term->field_count == 0) {
        made->required_term_count = 0; /* a term without conditions: anything will do */
        made->required_is_set = false;
    }
}

static void soften_spread(wb_arena *arena, const wb_one_shot_edit *edit, wb_pod_template *made)
{
    assert(edit->index < made->spread_count);
    wb_spread_constraint *spreads = WB_ARENA_ARRAY(arena, wb_spread_constraint, made->spread_count);
    memcpy(spreads, made->spreads, made->spread_count * sizeof(*spreads));
    spreads[edit->index].when_unsatisfiable = WB_SPREAD_SCHEDULE_ANYWAY;
    spreads[edit->index].min_domains = 0;
    made->spreads = spreads;
}

static void add_toleration(wb_arena *arena, const wb_nodepool *pool, const wb_one_shot_edit *edit,
                           wb_pod_template *made)
{
    assert(edit->index < pool->taint_count);
    const wb_taint *taint = &pool->taints[edit->index];
    wb_toleration *tolerations = WB_ARENA_ARRAY(arena, wb_toleration, made->toleration_count + 1U);
    if (made->toleration_count > 0) {
        memcpy(tolerations, made->tolerations, made->toleration_count * sizeof(*tolerations));
    }
    tolerations[made->toleration_count++] = (wb_toleration){.key = taint->key,
                                                            .value = taint->value,
                                                            .op = WB_TOLERATION_EQUAL,
                                                            .effect = taint->effect,
                                                            .seconds = -1};
    made->tolerations = tolerations;
}

const wb_pod_template *wb_one_shot_relax_template(wb_arena *arena, const wb_one_shot_input *input,
                                                  const wb_one_shot_edit *edit,
                                                  const wb_pod_template *template)
{
    assert(arena != NULL && input != NULL && edit != NULL && template != NULL);
    if (edit->kind >= WB_ONE_SHOT_EDIT_REQUIREMENT) {
        return template;
    }
    wb_pod_template *made = WB_ARENA_NEW(arena, wb_pod_template);
    *made = *template;
    switch (edit->kind) {
    case WB_ONE_SHOT_EDIT_SELECTOR:
        made->node_selector.items =
            copy_without(arena, template->node_selector.items, template->node_selector.count,
                         sizeof(wb_label), edit->index);
        made->node_selector.count--;
        break;
    case WB_ONE_SHOT_EDIT_EXPRESSION: drop_expression(arena, edit, made); break;
    case WB_ONE_SHOT_EDIT_SPREAD: soften_spread(arena, edit, made); break;
    case WB_ONE_SHOT_EDIT_AFFINITY:
        made->affinity_required =
            copy_without(arena, template->affinity_required, template->affinity_required_count,
                         sizeof(wb_pod_term), edit->index);
        made->affinity_required_count--;
        break;
    case WB_ONE_SHOT_EDIT_ANTI_AFFINITY:
        made->anti_affinity_required =
            copy_without(arena, template->anti_affinity_required,
                         template->anti_affinity_required_count, sizeof(wb_pod_term), edit->index);
        made->anti_affinity_required_count--;
        break;
    case WB_ONE_SHOT_EDIT_PORTS: made->host_port_count = 0; break;
    case WB_ONE_SHOT_EDIT_TOLERATION:
        add_toleration(arena, input->pools[edit->pool_index].nodepool, edit, made);
        break;
    default:
        assert(edit->kind == WB_ONE_SHOT_EDIT_REQUEST);
        made->requests =
            wb_resource_list_with(arena, template->requests,
                                  template->requests.items[edit->index].name, edit->amount);
        break;
    }
    return made;
}

const wb_nodepool *wb_one_shot_relax_pool(wb_arena *arena, const wb_one_shot_edit *edit,
                                          uint32_t pool, const wb_nodepool *nodepool)
{
    assert(arena != NULL && edit != NULL && nodepool != NULL);
    if (edit->kind < WB_ONE_SHOT_EDIT_REQUIREMENT || edit->pool_index != pool) {
        return nodepool;
    }
    wb_nodepool *made = WB_ARENA_NEW(arena, wb_nodepool);
    *made = *nodepool;
    if (edit->kind == WB_ONE_SHOT_EDIT_REQUIREMENT) {
        made->requirements =
            copy_without(arena, nodepool->requirements, nodepool->requirement_count,
                         sizeof(wb_label_expression), edit->index);
        made->requirement_count--;
    } else if (edit->kind == WB_ONE_SHOT_EDIT_MIN_VALUES) {
        wb_label_expression *requirements =
            WB_ARENA_ARRAY(arena, wb_label_expression, nodepool->requirement_count);
        memcpy(requirements, nodepool->requirements,
               nodepool->requirement_count * sizeof(*requirements));
        requirements[edit->index].min_values = 0;
        made->requirements = requirements;
    } else if (edit->kind == WB_ONE_SHOT_EDIT_LIMIT) {
        made->limits.items = copy_without(arena, nodepool->limits.items, nodepool->limits.count,
                                          sizeof(wb_resource), edit->index);
        made->limits.count--;
    } else {
        made->limit_nodes = -1;
    }
    return made;
}
