/*
 * Sets of pods that something counts: those that a selector selects, those that carry a pod
 * (anti-)affinity term, those of an owner.
 *
 * Membership is a matter of shapes (but for owners), so each shape keeps the list of groups that
 * count it, and a pod that comes or goes touches just those. Groups and terms are made by content:
 * a thousand shapes that differ only in their requests share one. Real clusters have tens to
 * hundreds of groups; matching a new shape with each of them is cheap beside decoding it.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/cluster/scheduler_internal.h"

/* Groups times node slots beyond which owners get no group of their own; two bytes each. */
#define GROUP_CELLS_MAX (UINT64_C(1) << 26)

/* ---- predicates ---- */

static wb_labels namespace_labels(const wb_scheduler_core *core, uint32_t name)
{
    for (uint32_t i = 0; i < core->namespace_count; i++) {
        if (core->namespaces[i].name == name) {
            return core->namespaces[i].labels;
        }
    }
    return (wb_labels){0};
}

static bool namespace_matches(const wb_scheduler_core *core,
                              const wb_scheduler_predicate *predicate, uint32_t namespace_name)
{
    if (predicate->namespace_count == 0 && !predicate->namespace_selector.is_set) {
        return namespace_name == predicate->own_namespace;
    }
    for (uint32_t i = 0; i < predicate->namespace_count; i++) {
        if (predicate->namespaces[i] == namespace_name) {
            return true;
        }
    }
    return predicate->namespace_selector.is_set &&
           wb_label_selector_matches(&predicate->namespace_selector,
                                     namespace_labels(core, namespace_name));
}

bool wb_scheduler_groups_predicate_matches(const wb_scheduler_core *core,
                                           const wb_scheduler_predicate *predicate,
                                           uint32_t namespace_name, wb_labels labels)
{
    if (predicate->empty_selects_nothing && predicate->selector.expression_count == 0) {
        return false;
    }
    return namespace_matches(core, predicate, namespace_name) &&
           wb_label_selector_matches(&predicate->selector, labels);
}

static uint64_t hash_selector(const wb_label_selector *selector, uint64_t hash)
{
    hash = wb_hash_map_join(hash, (uint64_t)selector->is_set << 32 | selector->expression_count);
    for (uint32_t i = 0; i < selector->expression_count; i++) {
        const wb_label_expression *expression = &selector->expressions[i];
        hash = wb_hash_map_join(hash, (uint64_t)expression->key << 8 | expression->op);
        for (uint32_t v = 0; v < expression->value_count; v++) {
            hash = wb_hash_map_join(hash, expression->values[v]);
        }
    }
    return hash;
}

static uint64_t hash_predicate(const wb_scheduler_predicate *predicate, uint64_t hash)
{
    hash = wb_hash_map_join(hash, (uint64_t)predicate->own_namespace << 1 |
                                      predicate->empty_selects_nothing);
    for (uint32_t i = 0; i < predicate->namespace_count; i++) {
        hash = wb_hash_map_join(hash, predicate->namespaces[i]);
    }
    return hash_selector(&predicate->selector, hash_selector(&predicate->namespace_selector, hash));
}

static bool ids_equal(const uint32_t *a, const uint32_t *b, uint32_t count)
{
    return count == 0 || memcmp(a, b, count * sizeof(*a)) == 0;
}

static bool selectors_equal(const wb_label_selector *a, const wb_label_selector *b)
{
    if (a->is_set != b->is_set || a->expression_count != b->expression_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->expression_count; i++) {
        const wb_label_expression *x = &a->expressions[i];
        const wb_label_expression *y = &b->expressions[i];
        if (x->key != y->key || x->op != y->op || x->value_count != y->value_count ||
            !ids_equal(x->values, y->values, x->value_count)) {
            return false;
        }
    }
    return true;
}

/* Field by field: equal predicates share a group, and with it its counts. */
static bool predicates_equal(const wb_scheduler_predicate *a, const wb_scheduler_predicate *b)
{
    return a->own_namespace == b->own_namespace &&
           a->empty_selects_nothing == b->empty_selects_nothing &&
           a->namespace_count == b->namespace_count &&
           ids_equal(a->namespaces, b->namespaces, a->namespace_count) &&
           selectors_equal(&a->namespace_selector, &b->namespace_selector) &&
           selectors_equal(&a->selector, &b->selector);
}

/* selector with "key op (the pod's own value)" for each key that the pod's labels have. A selector
 * that is not set becomes set by it: kube-scheduler merges the requirements of both. */
static wb_label_selector with_label_keys(wb_scheduler_core *core, wb_label_selector selector,
                                         const uint32_t *keys, uint32_t key_count, wb_operator op,
                                         wb_labels labels)
{
    assert(key_count == 0 || keys != NULL);
    uint32_t added = 0;
    for (uint32_t i = 0; i < key_count; i++) {
        added += wb_labels_has(labels, keys[i]) ? 1 : 0;
    }
    if (added == 0) {
        return selector;
    }
    wb_label_expression *expressions = WB_ARENA_ARRAY(&core->arena, wb_label_expression,
                                                      (size_t)selector.expression_count + added);
    for (uint32_t i = 0; i < selector.expression_count; i++) {
        expressions[i] = selector.expressions[i];
    }
    uint32_t count = selector.expression_count;
    for (uint32_t i = 0; i < key_count; i++) {
        if (wb_labels_has(labels, keys[i])) {
            uint32_t *value = WB_ARENA_NEW(&core->arena, uint32_t);
            *value = wb_labels_get(labels, keys[i]);
            expressions[count++] =
                (wb_label_expression){.key = keys[i], .op = op, .value_count = 1, .values = value};
        }
    }
    return (
        wb_label_selector){.is_set = true, .expression_count = count, .expressions = expressions};
}

wb_scheduler_predicate wb_scheduler_groups_term_predicate(wb_scheduler_core *core,
                                                          const wb_pod_term *term,
                                                          const wb_pod_template *template,
                                                          uint32_t namespace_name)
{
    wb_label_selector selector = term->selector;
    selector = with_label_keys(core, selector, term->match_label_keys, term->match_label_key_count,
                               WB_OPERATOR_IN, template->labels);
    selector =
        with_label_keys(core, selector, term->mismatch_label_keys, term->mismatch_label_key_count,
                        WB_OPERATOR_NOT_IN, template->labels);
    return (wb_scheduler_predicate){
        .own_namespace = namespace_name,
        .namespaces = term->namespaces,
        .namespace_count = term->namespace_count,
        .namespace_selector = term->namespace_selector,
        .selector = selector,
    };
}

wb_scheduler_predicate wb_scheduler_groups_spread_predicate(wb_scheduler_core *core,
                                                            const wb_spread_constraint *constraint,
                                                            const wb_pod_template *template,
                                                            uint32_t namespace_name)
{
    return (wb_scheduler_predicate){
        .own_namespace = namespace_name,
        .selector =
            with_label_keys(core, constraint->selector, constraint->match_label_keys,
                            constraint->match_label_key_count, WB_OPERATOR_IN, template->labels),
        .empty_selects_nothing = true,
    };
}

/* ---- groups ---- */

/* Every predicate must match: a group of several is what required affinity and default spreading
 * look for. */
static bool group_has_shape(const wb_scheduler_core *core, const wb_scheduler_group *group,
                            const wb_scheduler_shape *shape)
{
    assert(group->kind == WB_GROUP_SELECTED);
    for (uint32_t i = 0; i < group->predicate_count; i++) {
        if (!wb_scheduler_groups_predicate_matches(
                core, &group->predicates[i], shape->namespace_name, shape->template->labels)) {
            return false;
        }
    }
    return true;
}

/* Counts nobody yet. */
static uint32_t add_group(wb_scheduler_core *core, wb_scheduler_group group)
{
    assert(group.count_of_slot == NULL && group.trackers.count == 0);
    if (core->group_count == core->group_capacity) {
        core->group_capacity = core->group_capacity * 2 + 16;
        core->groups =
            wb_heap_memory_resize(core->groups, core->group_capacity, sizeof(*core->groups));
    }
    group.count_of_slot =
        wb_heap_memory_zalloc((size_t)core->slot_capacity + 1, sizeof(*group.count_of_slot));
    core->groups[core->group_count] = group;
    return core->group_count++;
}

/* Counts the pods that are there already. */
static void count_placed_pods(wb_scheduler_core *core, uint32_t group_id)
{
    assert(core->groups[group_id].kind != WB_GROUP_CARRIERS);
    const wb_scheduler_group *group = &core->groups[group_id];
    for (uint32_t i = 0; i < core->pod_row_count; i++) {
        const wb_scheduler_pod_row *row = &core->pods[i];
        if (row->slot == WB_SCHEDULER_NONE ||
            (group->skips_terminating && row->pod.is_terminating)) {
            continue;
        }
        const bool is_member = group->kind == WB_GROUP_OWNED
                                   ? row->pod.group == group_id
                                   : group_has_shape(core, group, &core->shapes[row->pod.shape]);
        if (is_member) {
            wb_scheduler_counts_add(core, group_id, row->slot, 1);
        }
    }
}

uint32_t wb_scheduler_groups_add_selected(wb_scheduler_core *core,
                                          const wb_scheduler_predicate *predicates, uint32_t count,
                                          bool skips_terminating)
{
    assert(count > 0);
    uint64_t key = wb_hash_map_join(count, skips_terminating);
    for (uint32_t i = 0; i < count; i++) {
        key = hash_predicate(&predicates[i], key);
    }
    uint64_t found = 0;
    for (; wb_hash_map_get(&core->group_by_hash, key, &found); key++) {
        const wb_scheduler_group *group = &core->groups[found];
        bool is_equal =
            group->predicate_count == count && group->skips_terminating == skips_terminating;
        for (uint32_t i = 0; is_equal && i < count; i++) {
            is_equal = predicates_equal(&group->predicates[i], &predicates[i]);
        }
        if (is_equal) {
            return (uint32_t)found;
        }
    }
    wb_scheduler_predicate *copy =
        WB_ARENA_ARRAY(&core->arena, wb_scheduler_predicate, (size_t)count);
    memcpy(copy, predicates, count * sizeof(*copy));
    const uint32_t id =
        add_group(core, (wb_scheduler_group){.kind = WB_GROUP_SELECTED,
                                             .predicates = copy,
                                             .predicate_count = count,
                                             .skips_terminating = skips_terminating});
    wb_hash_map_put(&core->group_by_hash, key, id);
    for (uint32_t i = 0; i < core->shape_count; i++) {
        if (group_has_shape(core, &core->groups[id], &core->shapes[i])) {
            wb_scheduler_core_list_add(&core->shapes[i].groups, id);
        }
    }
    count_placed_pods(core, id);
    return id;
}

uint32_t wb_scheduler_core_add_default_group(wb_scheduler_core *core, uint32_t namespace_name,
                                             const wb_label_selector *selectors, uint32_t count)
{
    assert(count > 0 && selectors != NULL);
    wb_scheduler_predicate *predicates =
        WB_ARENA_ARRAY(&core->arena, wb_scheduler_predicate, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        predicates[i] =
            (wb_scheduler_predicate){.own_namespace = namespace_name, .selector = selectors[i]};
    }
    return wb_scheduler_groups_add_selected(core, predicates, count, true);
}

uint32_t wb_scheduler_core_add_owner_group(wb_scheduler_core *core, uint32_t owner_id)
{
    uint64_t key = wb_hash_map_join(WB_GROUP_OWNED, (uint64_t)owner_id << 32 | WB_SCHEDULER_NONE);
    uint64_t found = 0;
    for (; wb_hash_map_get(&core->group_by_hash, key, &found); key++) {
        const wb_scheduler_group *group = &core->groups[found];
        if (group->kind == WB_GROUP_OWNED && group->subject == owner_id) {
            return (uint32_t)found;
        }
    }
    if ((uint64_t)(core->group_count + 1) * core->slot_capacity > GROUP_CELLS_MAX) {
        return WB_SCHEDULER_NONE;
    }
    const uint32_t id = add_group(core, (wb_scheduler_group){.kind = WB_GROUP_OWNED,
                                                             .subject = owner_id,
                                                             .skips_terminating = true});
    wb_hash_map_put(&core->group_by_hash, key, id);
    return id; /* no pod can have named it before */
}

/* ---- terms ---- */

/* Whether a term that running pods carry selects pods of shape. */
static bool term_hits(const wb_scheduler_core *core, const wb_scheduler_term *term,
                      const wb_scheduler_shape *shape)
{
    return wb_scheduler_groups_predicate_matches(core, &term->predicate, shape->namespace_name,
                                                 shape->template->labels);
}

/* Registers a term that shapes carry, by content, and matches it with every shape. */
static uint32_t add_term(wb_scheduler_core *core, const wb_scheduler_term *term,
                         uint32_t topology_key)
{
    assert(topology_key != 0 && term->weight != 0);
    uint64_t key = wb_hash_map_join((uint64_t)term->kind << 32 | topology_key,
                                    (uint64_t)(int64_t)term->weight);
    key = hash_predicate(&term->predicate, key);
    for (uint32_t i = 0; i < core->term_count; i++) {
        const wb_scheduler_term *other = &core->terms[i];
        if (other->hash == key && other->kind == term->kind && other->weight == term->weight &&
            other->topology_key == topology_key &&
            predicates_equal(&other->predicate, &term->predicate)) {
            return i;
        }
    }
    if (core->term_count == core->term_capacity) {
        core->term_capacity = core->term_capacity * 2 + 16;
        core->terms = wb_heap_memory_resize(core->terms, core->term_capacity, sizeof(*core->terms));
    }
    const uint32_t id = core->term_count++;
    core->terms[id] = *term;
    core->terms[id].hash = key;
    core->terms[id].topology_key = topology_key;
    core->terms[id].group =
        add_group(core, (wb_scheduler_group){.kind = WB_GROUP_CARRIERS, .subject = id});
    core->terms[id].tracker = wb_scheduler_counts_add_tracker(core, core->terms[id].group,
                                                              topology_key, WB_SCHEDULER_NONE);
    for (uint32_t i = 0; i < core->shape_count; i++) {
        if (term_hits(core, &core->terms[id], &core->shapes[i])) {
            wb_scheduler_core_list_add(&core->shapes[i].hit_terms, id);
        }
    }
    return id;
}

/* Registers the terms of one list of shape's template, and makes the shape a member of the group
 * of their carriers. */
static void carry_terms(wb_scheduler_core *core, uint32_t shape_id, const wb_pod_term *terms,
                        uint32_t count, wb_scheduler_term_kind kind, int32_t sign)
{
    assert(sign == 1 || sign == -1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_scheduler_shape *shape = &core->shapes[shape_id];
        const wb_scheduler_term term = {
            .predicate = wb_scheduler_groups_term_predicate(core, &terms[i], shape->template,
                                                            shape->namespace_name),
            .kind = kind,
            /* A required affinity of a running pod scores 1: hardPodAffinityWeight's default. */
            .weight = kind == WB_TERM_PREFERRED ? sign * terms[i].weight : 1,
        };
        const uint32_t id = add_term(core, &term, terms[i].topology_key);
        wb_scheduler_core_list_add(&core->shapes[shape_id].carried_terms, id);
        wb_scheduler_core_list_add(&core->shapes[shape_id].groups, core->terms[id].group);
    }
}

void wb_scheduler_groups_add_shape(wb_scheduler_core *core, uint32_t shape_id)
{
    assert(shape_id + 1 == core->shape_count);
    wb_scheduler_shape *shape = &core->shapes[shape_id];
    for (uint32_t i = 0; i < core->group_count; i++) {
        if (core->groups[i].kind == WB_GROUP_SELECTED &&
            group_has_shape(core, &core->groups[i], shape)) {
            wb_scheduler_core_list_add(&shape->groups, i);
        }
    }
    for (uint32_t i = 0; i < core->term_count; i++) {
        if (term_hits(core, &core->terms[i], shape)) {
            wb_scheduler_core_list_add(&shape->hit_terms, i);
        }
    }
    const wb_pod_template *t = shape->template;
    carry_terms(core, shape_id, t->anti_affinity_required, t->anti_affinity_required_count,
                WB_TERM_ANTI_REQUIRED, 1);
    carry_terms(core, shape_id, t->affinity_required, t->affinity_required_count,
                WB_TERM_AFFINITY_REQUIRED, 1);
    carry_terms(core, shape_id, t->affinity_preferred, t->affinity_preferred_count,
                WB_TERM_PREFERRED, 1);
    carry_terms(core, shape_id, t->anti_affinity_preferred, t->anti_affinity_preferred_count,
                WB_TERM_PREFERRED, -1);
}
