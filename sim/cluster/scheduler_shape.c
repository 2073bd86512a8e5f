/*
 * What depends on a pod's template alone: effective requests in the three readings that filters and
 * scores use, the nodes that it names, and the trackers of its spread and affinity constraints.
 */
#include <assert.h>

#include "base/heap_memory.h"
#include "base/sort.h"
#include "kube/names.h"
#include "sim/cluster/scheduler_internal.h"

/* What LeastAllocated takes for a container that does not say: schedutil.DefaultMilliCPURequest and
 * DefaultMemoryRequest. */
#define DEFAULT_CPU_MILLI    INT64_C(100)
#define DEFAULT_MEMORY_BYTES (INT64_C(200) * 1024 * 1024)

/* ---- requests ---- */

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The effective request of one resource, where a container without a request for it counts as
 * missing: sum of containers and sidecars, or the largest init container with the sidecars started
 * before it; pod-level resources replace that; overhead comes on top. */
static int64_t effective_request(const wb_pod_template *template, uint32_t name, int64_t missing,
                                 bool honors_pod_level)
{
    assert(name == WB_NAME_CPU || name == WB_NAME_MEMORY);
    int64_t running = 0;
    int64_t sidecars = 0;
    int64_t init_peak = 0;
    for (uint32_t i = 0; i < template->container_count; i++) {
        const wb_container *container = &template->containers[i];
        const int64_t amount = wb_resource_list_has(container->requests, name)
                                   ? wb_resource_list_get(container->requests, name)
                                   : missing;
        if (!container->is_init) {
            running += amount;
        } else if (container->is_sidecar) {
            running += amount;
            sidecars += amount;
            init_peak = larger(init_peak, sidecars);
        } else {
            init_peak = larger(init_peak, sidecars + amount);
        }
    }
    int64_t total = larger(running, init_peak);
    if (honors_pod_level && wb_resource_list_has(template->pod_level_requests, name)) {
        total = wb_resource_list_get(template->pod_level_requests, name);
    }
    return total + wb_resource_list_get(template->overhead, name);
}

/* While pending, pod-level resources are ignored and every silent container gets the default; once
 * on a node, pod-level resources count, and where there are any the default steps in only for a
 * resource that nobody names (kube-scheduler 1.36 reads the two sides differently). */
static void fill_score_requests(wb_scheduler_shape *shape)
{
    static const struct {
        uint32_t name;
        int64_t missing;
    } scored[] = {{WB_NAME_CPU, DEFAULT_CPU_MILLI}, {WB_NAME_MEMORY, DEFAULT_MEMORY_BYTES}};
    const wb_pod_template *t = shape->template;
    int64_t pending[2];
    int64_t placed[2];
    for (int i = 0; i < 2; i++) {
        pending[i] = effective_request(t, scored[i].name, scored[i].missing, false);
        const bool is_named = wb_resource_list_has(t->requests, scored[i].name);
        const bool uses_default = t->pod_level_requests.count == 0 || !is_named;
        placed[i] =
            effective_request(t, scored[i].name, uses_default ? scored[i].missing : 0, true);
    }
    shape->score_cpu_milli = pending[0];
    shape->score_memory_bytes = pending[1];
    shape->nonzero_cpu_milli = placed[0];
    shape->nonzero_memory_bytes = placed[1];
}

/* By dense index, zeros left out: what the fit filter walks for every node. */
static void fill_requests(wb_scheduler_core *core, wb_scheduler_shape *shape)
{
    const wb_resource_list list = shape->template->requests;
    wb_scheduler_request *requests =
        WB_ARENA_ARRAY(&core->arena, wb_scheduler_request, (size_t)list.count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < list.count; i++) {
        /* Pods are counted apart; a resource requested as 0 is not checked. */
        if (list.items[i].name != WB_NAME_PODS && list.items[i].amount > 0) {
            requests[count++] =
                (wb_scheduler_request){wb_scheduler_core_resource(core, list.items[i].name),
                                       list.items[i].amount};
        }
    }
    shape->requests = requests;
    shape->request_count = count;
    shape->cpu_milli = wb_resource_list_get(list, WB_NAME_CPU);
    shape->memory_bytes = wb_resource_list_get(list, WB_NAME_MEMORY);
    fill_score_requests(shape);
}

/* ---- nodes that are named ---- */

static bool expression_has_value(const wb_label_expression *expression, uint32_t value)
{
    for (uint32_t i = 0; i < expression->value_count; i++) {
        if (expression->values[i] == value) {
            return true;
        }
    }
    return false;
}

/* The first metadata.name In field of term, or NULL. */
static const wb_label_expression *naming_field(const wb_node_term *term)
{
    for (uint32_t i = 0; i < term->field_count; i++) {
        if (term->fields[i].op == WB_OPERATOR_IN) {
            return &term->fields[i];
        }
    }
    return NULL;
}

/* Fields of one term are ANDed: a node must be named by all of them. */
static bool every_field_names(const wb_node_term *term, uint32_t name)
{
    for (uint32_t i = 0; i < term->field_count; i++) {
        if (term->fields[i].op == WB_OPERATOR_IN && !expression_has_value(&term->fields[i], name)) {
            return false;
        }
    }
    return true;
}

/* When every term names nodes, only these are looked at. One term that names none turns it off. */
static void fill_named_nodes(wb_scheduler_core *core, wb_scheduler_shape *shape)
{
    const wb_pod_template *t = shape->template;
    uint32_t most = 0;
    for (uint32_t i = 0; i < t->required_term_count; i++) {
        const wb_label_expression *field = naming_field(&t->required_terms[i]);
        if (field == NULL) {
            return;
        }
        most += field->value_count;
    }
    if (!t->required_is_set || t->required_term_count == 0) {
        return;
    }
    uint32_t *names = WB_ARENA_ARRAY(&core->arena, uint32_t, (size_t)most + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->required_term_count; i++) {
        const wb_label_expression *field = naming_field(&t->required_terms[i]);
        for (uint32_t v = 0; v < field->value_count; v++) {
            if (every_field_names(&t->required_terms[i], field->values[v])) {
                names[count++] = field->values[v];
            }
        }
    }
    shape->named_nodes = names;
    shape->named_node_count = count;
    shape->has_named_nodes = true;
}

/* ---- life cycle ---- */

void wb_scheduler_shape_init(wb_scheduler_core *core, wb_scheduler_shape *shape,
                             const wb_pod_template *template, uint32_t namespace_name)
{
    assert(template != NULL);
    *shape = (wb_scheduler_shape){
        .template = template,
        .namespace_name = namespace_name,
        .rules = wb_scheduler_profile_find(core, template->scheduler_name),
        .priority = template->priority_is_set ? template->priority : 0,
        .uses_host_ports = template->host_port_count > 0,
    };
    for (uint32_t i = 0; i < template->volume_count; i++) {
        const wb_volume_kind kind = template->volumes[i].kind;
        shape->uses_volumes |= kind == WB_VOLUME_CLAIM || kind == WB_VOLUME_EPHEMERAL;
    }
    wb_text_init(&shape->failure.message);
    fill_requests(core, shape);
    fill_named_nodes(core, shape);
}

void wb_scheduler_shape_release(wb_scheduler_shape *shape)
{
    wb_scheduler_core_list_release(&shape->groups);
    wb_scheduler_core_list_release(&shape->carried_terms);
    wb_scheduler_core_list_release(&shape->hit_terms);
    wb_heap_memory_free(shape->entries);
    wb_heap_memory_free(shape->details);
    wb_heap_memory_free(shape->failure.histogram);
    wb_text_release(&shape->failure.message);
}

/* ---- spread ---- */

/* kube-scheduler's built-in constraints for pods of a Service, ReplicaSet or StatefulSet that state
 * none themselves. */
static const wb_spread_constraint system_defaults[] = {
    {.topology_key = WB_NAME_HOSTNAME,
     .max_skew = 3,
     .when_unsatisfiable = WB_SPREAD_SCHEDULE_ANYWAY},
    {.topology_key = WB_NAME_ZONE, .max_skew = 5, .when_unsatisfiable = WB_SPREAD_SCHEDULE_ANYWAY},
};

enum {
    SYSTEM_DEFAULT_COUNT = sizeof(system_defaults) / sizeof(system_defaults[0])
};

/* Equal policies and equal node affinity share one eligibility, whatever else the templates say. */
static uint32_t eligibility_for(wb_scheduler_core *core, const wb_scheduler_shape *shape,
                                const wb_spread_constraint *constraint, const uint32_t *keys,
                                uint32_t key_count)
{
    const wb_scheduler_eligibility wanted = {
        .template = shape->template,
        .honors_affinity = constraint->node_affinity_policy != WB_NODE_POLICY_IGNORE,
        .honors_taints = constraint->node_taints_policy == WB_NODE_POLICY_HONOR,
        .keys = keys,
        .key_count = key_count,
    };
    return wb_scheduler_counts_add_eligibility(core, &wanted);
}

/* One constraint of shape's own, among nodes that have all keys. */
static wb_scheduler_spread make_spread(wb_scheduler_core *core, const wb_scheduler_shape *shape,
                                       const wb_spread_constraint *constraint, const uint32_t *keys,
                                       uint32_t key_count)
{
    assert(key_count > 0 && constraint->topology_key != 0);
    const wb_scheduler_predicate predicate =
        wb_scheduler_groups_spread_predicate(core, constraint, shape->template,
                                             shape->namespace_name);
    const uint32_t group = wb_scheduler_groups_add_selected(core, &predicate, 1, true);
    const bool is_soft = constraint->when_unsatisfiable == WB_SPREAD_SCHEDULE_ANYWAY;
    uint32_t tracker = WB_SCHEDULER_NONE;
    if (!is_soft || constraint->topology_key != WB_NAME_HOSTNAME) {
        const uint32_t eligibility = eligibility_for(core, shape, constraint, keys, key_count);
        tracker =
            wb_scheduler_counts_add_tracker(core, group, constraint->topology_key, eligibility);
        if (!is_soft) {
            wb_scheduler_counts_need_least(core, tracker);
        }
    }
    return (wb_scheduler_spread){
        .group = group,
        .tracker = tracker,
        .max_skew = constraint->max_skew,
        .min_domains = constraint->min_domains > 0 ? constraint->min_domains : 1,
        /* The pod matches an empty selector, though that counts no pods. */
        .self_match = wb_label_selector_matches(&predicate.selector, shape->template->labels),
        .topology = wb_scheduler_counts_add_topology(core, constraint->topology_key),
    };
}

/* The constraints of one kind, in the order of the template. */
static uint32_t prepare_spreads(wb_scheduler_core *core, const wb_scheduler_shape *shape,
                                wb_spread_unsatisfiable kind, wb_scheduler_spread **out_items)
{
    const wb_pod_template *t = shape->template;
    uint32_t *keys = WB_ARENA_ARRAY(&core->arena, uint32_t, (size_t)t->spread_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->spread_count; i++) {
        if (t->spreads[i].when_unsatisfiable == kind) {
            keys[count++] = t->spreads[i].topology_key;
        }
    }
    wb_scheduler_spread *items =
        WB_ARENA_ARRAY(&core->arena, wb_scheduler_spread, (size_t)count + 1);
    uint32_t filled = 0;
    for (uint32_t i = 0; i < t->spread_count; i++) {
        if (t->spreads[i].when_unsatisfiable == kind) {
            items[filled++] = make_spread(core, shape, &t->spreads[i], keys, count);
        }
    }
    assert(filled == count);
    *out_items = items;
    return count;
}

/* A default constraint for shape's pods in group, among nodes that have all keys. */
static wb_scheduler_spread default_spread(wb_scheduler_core *core, const wb_scheduler_shape *shape,
                                          uint32_t group, const wb_spread_constraint *constraint,
                                          const wb_scheduler_spread_set *set)
{
    assert(group < core->group_count);
    const uint32_t key = constraint->topology_key;
    wb_scheduler_spread spread = {
        .group = group,
        .tracker = WB_SCHEDULER_NONE,
        .max_skew = constraint->max_skew,
        .topology = wb_scheduler_counts_add_topology(core, key),
    };
    if (key != WB_NAME_HOSTNAME) {
        const uint32_t key_count = set->requires_all_keys ? set->count : 0;
        const uint32_t eligibility = eligibility_for(core, shape, constraint, set->keys, key_count);
        spread.tracker = wb_scheduler_counts_add_tracker(core, group, key, eligibility);
    }
    return spread;
}

/* The default constraints for shape's pods in group, made once: the system's, or those of the
 * profile's list, which count like a pod's own where nodes lack a key. */
static wb_scheduler_spread_set add_default_set(wb_scheduler_core *core,
                                               const wb_scheduler_shape *shape, uint32_t group)
{
    const wb_scheduler_profile *profile = shape->rules->config;
    const bool is_system = profile->has_system_spreads;
    const wb_spread_constraint *constraints =
        is_system ? system_defaults : profile->default_spreads;
    const uint32_t count = is_system ? SYSTEM_DEFAULT_COUNT : profile->default_spread_count;
    wb_scheduler_spread *items =
        WB_ARENA_ARRAY(&core->arena, wb_scheduler_spread, (size_t)count + 1);
    uint32_t *keys = WB_ARENA_ARRAY(&core->arena, uint32_t, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = constraints[i].topology_key;
    }
    const wb_scheduler_spread_set set = {
        .items = items, .count = count, .keys = keys, .requires_all_keys = !is_system};
    for (uint32_t i = 0; i < count; i++) {
        items[i] = default_spread(core, shape, group, &constraints[i], &set);
    }
    return set;
}

wb_scheduler_spread_set wb_scheduler_shape_soft(wb_scheduler_core *core, uint32_t shape_id,
                                                uint32_t group)
{
    assert(shape_id < core->shape_count);
    const wb_scheduler_shape *shape = &core->shapes[shape_id];
    assert(shape->are_constraints_ready);
    /* Any constraint of its own, a hard one too, turns the defaults off. */
    if (shape->template->spread_count > 0 || group == WB_SCHEDULER_NONE) {
        return shape->soft;
    }
    uint64_t found = 0;
    const uint64_t key = (uint64_t)shape_id << 32 | group;
    if (wb_hash_map_get(&core->soft_by_key, key, &found)) {
        return core->soft_sets[found];
    }
    if (core->soft_set_count == core->soft_set_capacity) {
        core->soft_set_capacity = core->soft_set_capacity * 2 + 8;
        core->soft_sets = wb_heap_memory_resize(core->soft_sets, core->soft_set_capacity,
                                                sizeof(*core->soft_sets));
    }
    const wb_scheduler_spread_set set = add_default_set(core, shape, group);
    core->soft_sets[core->soft_set_count] = set;
    wb_hash_map_put(&core->soft_by_key, key, core->soft_set_count++);
    return set;
}

/* ---- pod affinity ---- */

/* A tracker for each term, of the pods that this term selects. */
static uint32_t *track_terms(wb_scheduler_core *core, const wb_scheduler_shape *shape,
                             const wb_pod_term *terms, uint32_t count)
{
    uint32_t *trackers = WB_ARENA_ARRAY(&core->arena, uint32_t, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_scheduler_predicate predicate =
            wb_scheduler_groups_term_predicate(core, &terms[i], shape->template,
                                               shape->namespace_name);
        const uint32_t group = wb_scheduler_groups_add_selected(core, &predicate, 1, false);
        trackers[i] =
            wb_scheduler_counts_add_tracker(core, group, terms[i].topology_key, WB_SCHEDULER_NONE);
    }
    return trackers;
}

/* Required affinity counts only pods that match all terms together. */
static void prepare_affinity(wb_scheduler_core *core, wb_scheduler_shape *shape)
{
    assert(shape->affinity == NULL && shape->affinity_count == 0);
    const wb_pod_template *t = shape->template;
    const uint32_t count = t->affinity_required_count;
    if (count == 0) {
        return;
    }
    wb_scheduler_predicate *predicates =
        WB_ARENA_ARRAY(&core->arena, wb_scheduler_predicate, count);
    shape->matches_own_affinity = true;
    for (uint32_t i = 0; i < count; i++) {
        predicates[i] = wb_scheduler_groups_term_predicate(core, &t->affinity_required[i], t,
                                                           shape->namespace_name);
        shape->matches_own_affinity &=
            wb_scheduler_groups_predicate_matches(core, &predicates[i], shape->namespace_name,
                                                  t->labels);
    }
    const uint32_t group = wb_scheduler_groups_add_selected(core, predicates, count, false);
    shape->affinity = WB_ARENA_ARRAY(&core->arena, uint32_t, count);
    shape->affinity_count = count;
    for (uint32_t i = 0; i < count; i++) {
        shape->affinity[i] =
            wb_scheduler_counts_add_tracker(core, group, t->affinity_required[i].topology_key,
                                            WB_SCHEDULER_NONE);
    }
}

/* Liked company with its weight, disliked with the weight's negative. */
static void prepare_preferred(wb_scheduler_core *core, wb_scheduler_shape *shape)
{
    const wb_pod_template *t = shape->template;
    const uint32_t liked = t->affinity_preferred_count;
    const uint32_t disliked = t->anti_affinity_preferred_count;
    const uint32_t *likes = track_terms(core, shape, t->affinity_preferred, liked);
    const uint32_t *dislikes = track_terms(core, shape, t->anti_affinity_preferred, disliked);
    shape->preferred =
        WB_ARENA_ARRAY(&core->arena, wb_scheduler_weighted, (size_t)liked + disliked + 1);
    shape->preferred_count = liked + disliked;
    for (uint32_t i = 0; i < liked; i++) {
        shape->preferred[i] = (wb_scheduler_weighted){likes[i], t->affinity_preferred[i].weight};
    }
    for (uint32_t i = 0; i < disliked; i++) {
        shape->preferred[liked + i] =
            (wb_scheduler_weighted){dislikes[i], -t->anti_affinity_preferred[i].weight};
    }
}

void wb_scheduler_shape_prepare(wb_scheduler_core *core, wb_scheduler_shape *shape)
{
    if (shape->are_constraints_ready) {
        return;
    }
    shape->hard_count = prepare_spreads(core, shape, WB_SPREAD_DO_NOT_SCHEDULE, &shape->hard);
    shape->soft.count = prepare_spreads(core, shape, WB_SPREAD_SCHEDULE_ANYWAY, &shape->soft.items);
    shape->soft.requires_all_keys = true;
    prepare_affinity(core, shape);
    shape->anti_affinity_count = shape->template->anti_affinity_required_count;
    shape->anti_affinity = track_terms(core, shape, shape->template->anti_affinity_required,
                                       shape->template->anti_affinity_required_count);
    prepare_preferred(core, shape);
    shape->are_constraints_ready = true;
}
