#include "solver/topology_rules.h"

#include <assert.h>
#include <string.h>

/* Ids ascending, each once. */
static uint32_t insert_id(uint32_t *ids, uint32_t count, uint32_t id)
{
    uint32_t slot = count;
    while (slot > 0 && ids[slot - 1] > id) {
        slot--;
    }
    if (slot > 0 && ids[slot - 1] == id) {
        return count;
    }
    memmove(ids + slot + 1, ids + slot, (count - slot) * sizeof(*ids));
    ids[slot] = id;
    return count + 1;
}

static int compare_expressions(const wb_label_expression *a, const wb_label_expression *b)
{
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    if (a->op != b->op) {
        return a->op < b->op ? -1 : 1;
    }
    if (a->value_count != b->value_count) {
        return a->value_count < b->value_count ? -1 : 1;
    }
    for (uint32_t i = 0; i < a->value_count; i++) {
        if (a->values[i] != b->values[i]) {
            return a->values[i] < b->values[i] ? -1 : 1;
        }
    }
    return 0;
}

/* A selector under construction: room for all expressions is reserved at the start. */
typedef struct selector_draft {
    wb_label_expression *expressions;
    uint32_t count;
} selector_draft;

static void add_expression(wb_arena *arena, selector_draft *draft, wb_label_expression added)
{
    assert(arena != NULL && draft != NULL);
    uint32_t *values = wb_arena_alloc(arena, added.value_count * sizeof(*values));
    uint32_t value_count = 0;
    for (uint32_t i = 0; i < added.value_count; i++) {
        value_count = insert_id(values, value_count, added.values[i]);
    }
    added.values = values;
    added.value_count = value_count;
    uint32_t slot = draft->count;
    while (slot > 0 && compare_expressions(&draft->expressions[slot - 1], &added) > 0) {
        slot--;
    }
    if (slot > 0 && compare_expressions(&draft->expressions[slot - 1], &added) == 0) {
        return;
    }
    memmove(draft->expressions + slot + 1, draft->expressions + slot,
            (draft->count - slot) * sizeof(*draft->expressions));
    draft->expressions[slot] = added;
    draft->count++;
}

/* key op {the pod's value}, for each of keys that the pod is labelled with. */
static void add_match_keys(wb_arena *arena, selector_draft *draft, wb_labels labels,
                           const uint32_t *keys, uint32_t count, wb_operator op)
{
    assert(arena != NULL && draft != NULL);
    for (uint32_t i = 0; i < count; i++) {
        if (wb_labels_has(labels, keys[i])) {
            const uint32_t value = wb_labels_get(labels, keys[i]);
            add_expression(arena, draft,
                           (wb_label_expression){
                               .key = keys[i], .op = op, .value_count = 1, .values = &value});
        }
    }
}

static selector_draft start_selector(wb_arena *arena, const wb_label_selector *from, uint32_t extra)
{
    assert(arena != NULL && from != NULL);
    selector_draft draft = {.expressions = WB_ARENA_ARRAY(arena, wb_label_expression,
                                                          (size_t)from->expression_count + extra)};
    for (uint32_t i = 0; i < from->expression_count; i++) {
        add_expression(arena, &draft, from->expressions[i]);
    }
    return draft;
}

static wb_label_selector finish_selector(const wb_label_selector *from, selector_draft draft)
{
    return (wb_label_selector){.is_set = from->is_set,
                               .expression_count = draft.count,
                               .expressions = draft.expressions};
}

static void use_namespace(wb_arena *arena, wb_topology_group *group, uint32_t name)
{
    assert(arena != NULL && group != NULL);
    uint32_t *namespaces = wb_arena_alloc(arena, sizeof(*namespaces));
    namespaces[0] = name;
    group->namespaces = namespaces;
    group->namespace_count = 1;
}

/* A namespace that no object describes has only its name as a label. */
static bool namespace_matches(wb_arena *arena, const wb_solver_problem *problem,
                              const wb_label_selector *selector, uint32_t name)
{
    assert(arena != NULL && problem != NULL && selector != NULL);
    for (uint32_t i = 0; i < problem->namespace_count; i++) {
        if (problem->namespaces[i].name == name) {
            return wb_label_selector_matches(selector, problem->namespaces[i].labels);
        }
    }
    wb_label *own = WB_ARENA_NEW(arena, wb_label);
    *own = (wb_label){.key = WB_NAME_NAMESPACE_NAME, .value = name};
    return wb_label_selector_matches(selector, (wb_labels){.items = own, .count = 1});
}

static void resolve_namespaces(wb_arena *arena, const wb_solver_world *world,
                               const wb_solver_problem *problem, const wb_pod_term *term,
                               uint32_t own_namespace, wb_topology_group *group)
{
    assert(arena != NULL && world != NULL && problem != NULL && group != NULL);
    if (!term->namespace_selector.is_set && term->namespace_count == 0) {
        use_namespace(arena, group, own_namespace);
        return;
    }
    const size_t room =
        (size_t)term->namespace_count + problem->namespace_count + world->label_set_count;
    uint32_t *names = wb_arena_alloc(arena, (room + 1) * sizeof(*names));
    uint32_t count = 0;
    for (uint32_t i = 0; i < term->namespace_count; i++) {
        count = insert_id(names, count, term->namespaces[i]);
    }
    if (term->namespace_selector.is_set) {
        for (uint32_t i = 0; i < problem->namespace_count; i++) {
            const wb_namespace *one = &problem->namespaces[i];
            if (wb_label_selector_matches(&term->namespace_selector, one->labels)) {
                count = insert_id(names, count, one->name);
            }
        }
        uint32_t last = 0;
        for (uint32_t i = 0; i < world->label_set_count; i++) {
            const uint32_t name = world->label_sets[i]->namespace_name;
            if (name != last &&
                namespace_matches(arena, problem, &term->namespace_selector, name)) {
                count = insert_id(names, count, name);
            }
            last = name;
        }
    }
    group->namespaces = names;
    group->namespace_count = count;
}

/* Nodes that a spread counts: the selector with each of the required terms. */
static wb_topology_filter spread_filter(wb_arena *arena, wb_solver_world *world,
                                        const wb_pod_variant *variant,
                                        const wb_spread_constraint *spread)
{
    assert(arena != NULL && world != NULL && variant != NULL && spread != NULL);
    const wb_pod_template *template = variant->kind->template;
    const wb_requirements selected =
        wb_requirements_from_labels(arena, world->intern, template->node_selector);
    const uint32_t count = variant->required_term_count > 0 ? variant->required_term_count : 1;
    wb_requirements *terms = WB_ARENA_ARRAY(arena, wb_requirements, count);
    for (uint32_t i = 0; i < count; i++) {
        terms[i] = selected;
        if (i < variant->required_term_count) {
            const wb_node_term *term = &variant->required_terms[i];
            terms[i] =
                wb_requirements_merge(arena, world->intern, selected,
                                      wb_requirements_from_expressions(arena, world->intern,
                                                                       term->expressions,
                                                                       term->expression_count));
        }
    }
    return (wb_topology_filter){
        .terms = terms,
        .term_count = count,
        .honors_affinity = spread->node_affinity_policy != WB_NODE_POLICY_IGNORE,
        .honors_taints = spread->node_taints_policy == WB_NODE_POLICY_HONOR,
        .tolerance = variant->tolerance,
    };
}

static void draft_spread(wb_arena *arena, wb_solver_world *world, const wb_pod_variant *variant,
                         const wb_spread_constraint *spread, wb_topology_group *out)
{
    assert(arena != NULL && world != NULL && variant != NULL && spread != NULL);
    const wb_pod_kind *kind = variant->kind;
    selector_draft selector =
        start_selector(arena, &spread->selector, spread->match_label_key_count);
    add_match_keys(arena, &selector, kind->labels->labels, spread->match_label_keys,
                   spread->match_label_key_count, WB_OPERATOR_IN);
    *out = (wb_topology_group){
        .kind = WB_TOPOLOGY_SPREAD,
        .key = spread->topology_key,
        .selector = finish_selector(&spread->selector, selector),
        .max_skew = spread->max_skew,
        .min_domains = spread->min_domains,
        .filter = spread_filter(arena, world, variant, spread),
    };
    use_namespace(arena, out, kind->labels->namespace_name);
}

/* What drafts of one pod share. */
typedef struct drafting {
    wb_arena *arena;
    wb_solver_world *world;
    const wb_solver_problem *problem;
    const wb_pod_kind *kind;
} drafting;

static void draft_terms(const drafting *work, wb_topology_kind kind, const wb_pod_term *terms,
                        uint32_t count, wb_topology_rules *out)
{
    assert(work != NULL && out != NULL);
    for (uint32_t i = 0; i < count; i++) {
        const wb_pod_term *term = &terms[i];
        const wb_labels labels = work->kind->labels->labels;
        selector_draft selector =
            start_selector(work->arena, &term->selector,
                           term->match_label_key_count + term->mismatch_label_key_count);
        add_match_keys(work->arena, &selector, labels, term->match_label_keys,
                       term->match_label_key_count, WB_OPERATOR_IN);
        add_match_keys(work->arena, &selector, labels, term->mismatch_label_keys,
                       term->mismatch_label_key_count, WB_OPERATOR_NOT_IN);
        wb_topology_group *draft = &out->drafts[out->count++];
        *draft = (wb_topology_group){
            .kind = kind,
            .key = term->topology_key,
            .selector = finish_selector(&term->selector, selector),
            .max_skew = INT32_MAX,
        };
        resolve_namespaces(work->arena, work->world, work->problem, term,
                           work->kind->labels->namespace_name, draft);
    }
}

wb_topology_rules wb_topology_rules_of(wb_arena *arena, wb_solver_world *world,
                                       const wb_solver_problem *problem,
                                       const wb_pod_variant *variant)
{
    assert(arena != NULL && world != NULL && problem != NULL && variant != NULL);
    const wb_pod_template *template = variant->kind->template;
    const drafting work = {arena, world, problem, variant->kind};
    const size_t room = (size_t)variant->spread_count + template->affinity_required_count +
                        template->anti_affinity_required_count + variant->affinity_preferred_count +
                        variant->anti_affinity_preferred_count;
    wb_topology_rules rules = {.drafts = WB_ARENA_ARRAY(arena, wb_topology_group, room)};
    for (uint32_t i = 0; i < variant->spread_count; i++) {
        const wb_spread_constraint *spread = &variant->spreads[i];
        if (variant->policy == WB_PREFERENCE_RESPECT ||
            spread->when_unsatisfiable == WB_SPREAD_DO_NOT_SCHEDULE) {
            draft_spread(arena, world, variant, spread, &rules.drafts[rules.count++]);
        }
    }
    draft_terms(&work, WB_TOPOLOGY_AFFINITY, template->affinity_required,
                template->affinity_required_count, &rules);
    draft_terms(&work, WB_TOPOLOGY_AFFINITY, variant->affinity_preferred,
                variant->affinity_preferred_count, &rules);
    draft_terms(&work, WB_TOPOLOGY_ANTI_AFFINITY, template->anti_affinity_required,
                template->anti_affinity_required_count, &rules);
    draft_terms(&work, WB_TOPOLOGY_ANTI_AFFINITY, variant->anti_affinity_preferred,
                variant->anti_affinity_preferred_count, &rules);
    assert(rules.count <= room);
    return rules;
}

wb_topology_rules wb_topology_rules_inverse(wb_arena *arena, wb_solver_world *world,
                                            const wb_solver_problem *problem,
                                            const wb_pod_kind *kind)
{
    assert(arena != NULL && world != NULL && problem != NULL && kind != NULL);
    const drafting work = {arena, world, problem, kind};
    const wb_pod_template *template = kind->template;
    wb_topology_rules rules = {
        .drafts = WB_ARENA_ARRAY(arena, wb_topology_group, template->anti_affinity_required_count)};
    draft_terms(&work, WB_TOPOLOGY_INVERSE, template->anti_affinity_required,
                template->anti_affinity_required_count, &rules);
    return rules;
}
