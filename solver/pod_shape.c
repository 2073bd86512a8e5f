#include "solver/pod_shape.h"

#include <assert.h>
#include <string.h>

#include "solver/claim_sort.h"
#include "solver/host_ports.h"

wb_solver_shape *wb_pod_shape_get(const wb_solver_world *world, uint32_t shape_id)
{
    assert(shape_id < world->shape_count);
    return world->shapes[shape_id];
}

/* The order in which upstream's unstable sort leaves terms, heaviest first. */
static uint32_t *order_by_weight(wb_arena *arena, const int32_t *weights, uint32_t count)
{
    uint64_t *items = wb_arena_alloc(arena, count * sizeof(*items));
    for (uint32_t i = 0; i < count; i++) {
        items[i] = wb_claim_sort_item((uint32_t)(INT32_MAX - weights[i]), i);
    }
    wb_claim_sort(items, count);
    uint32_t *order = wb_arena_alloc(arena, count * sizeof(*order));
    for (uint32_t i = 0; i < count; i++) {
        order[i] = wb_claim_sort_id(items[i]);
    }
    return order;
}

static const wb_node_term *sort_node_terms(wb_arena *arena, const wb_node_term *terms,
                                           uint32_t count)
{
    if (count < 2) {
        return terms;
    }
    int32_t *weights = wb_arena_alloc(arena, count * sizeof(*weights));
    for (uint32_t i = 0; i < count; i++) {
        weights[i] = terms[i].weight;
    }
    const uint32_t *order = order_by_weight(arena, weights, count);
    wb_node_term *sorted = wb_arena_alloc(arena, count * sizeof(*sorted));
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = terms[order[i]];
    }
    return sorted;
}

static const wb_pod_term *sort_pod_terms(wb_arena *arena, const wb_pod_term *terms, uint32_t count)
{
    if (count < 2) {
        return terms;
    }
    int32_t *weights = wb_arena_alloc(arena, count * sizeof(*weights));
    for (uint32_t i = 0; i < count; i++) {
        weights[i] = terms[i].weight;
    }
    const uint32_t *order = order_by_weight(arena, weights, count);
    wb_pod_term *sorted = wb_arena_alloc(arena, count * sizeof(*sorted));
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = terms[order[i]];
    }
    return sorted;
}

wb_requirements wb_pod_shape_strict(wb_solver_world *world, const wb_pod_template *template,
                                    const wb_node_term *terms, uint32_t term_count)
{
    assert(world != NULL && template != NULL);
    wb_requirements made = {0};
    if (template->node_selector.count > 0) {
        made = wb_requirements_from_labels(world->arena, world->intern, template->node_selector);
    }
    if (term_count > 0) {
        const wb_requirements first =
            wb_requirements_from_expressions(world->arena, world->intern, terms[0].expressions,
                                             terms[0].expression_count);
        made = wb_requirements_merge(world->arena, world->intern, made, first);
    }
    return made;
}

/* Fills in what follows from the terms that are left. */
static void finish_variant(wb_solver_world *world, wb_pod_variant *variant)
{
    assert(world != NULL && variant != NULL);
    variant->strict = wb_pod_shape_strict(world, variant->kind->template, variant->required_terms,
                                          variant->required_term_count);
    variant->requirements = variant->strict;
    if (variant->policy == WB_PREFERENCE_RESPECT && variant->preferred_term_count > 0) {
        const wb_node_term *heaviest = &variant->preferred_terms[0];
        const wb_requirements wished =
            wb_requirements_from_expressions(world->arena, world->intern, heaviest->expressions,
                                             heaviest->expression_count);
        variant->requirements =
            wb_requirements_merge(world->arena, world->intern, variant->strict, wished);
    }
}

wb_pod_variant *wb_pod_shape_first(wb_solver_world *world, wb_pod_kind *kind,
                                   wb_preference_policy policy)
{
    assert(world != NULL && kind != NULL);
    if (kind->first[policy] != NULL) {
        return kind->first[policy];
    }
    const wb_pod_template *pod = kind->template;
    wb_arena *arena = world->arena;
    wb_pod_variant *variant = WB_ARENA_NEW(arena, wb_pod_variant);
    *variant = (wb_pod_variant){
        .kind = kind,
        .policy = policy,
        .required_terms = pod->required_terms,
        .required_term_count = pod->required_term_count,
        .spreads = pod->spreads,
        .spread_count = pod->spread_count,
        .tolerance = {.tolerations = pod->tolerations, .count = pod->toleration_count},
    };
    if (policy == WB_PREFERENCE_RESPECT) {
        variant->preferred_term_count = pod->preferred_term_count;
        variant->preferred_terms =
            sort_node_terms(arena, pod->preferred_terms, pod->preferred_term_count);
        variant->affinity_preferred_count = pod->affinity_preferred_count;
        variant->affinity_preferred =
            sort_pod_terms(arena, pod->affinity_preferred, pod->affinity_preferred_count);
        variant->anti_affinity_preferred_count = pod->anti_affinity_preferred_count;
        variant->anti_affinity_preferred =
            sort_pod_terms(arena, pod->anti_affinity_preferred, pod->anti_affinity_preferred_count);
    }
    finish_variant(world, variant);
    kind->first[policy] = variant;
    return variant;
}

/* The first ScheduleAnyway spread goes, and the last constraint takes its slot. */
static bool drop_soft_spread(wb_arena *arena, wb_pod_variant *variant)
{
    assert(arena != NULL && variant != NULL);
    for (uint32_t i = 0; i < variant->spread_count; i++) {
        if (variant->spreads[i].when_unsatisfiable != WB_SPREAD_SCHEDULE_ANYWAY) {
            continue;
        }
        wb_spread_constraint *kept =
            wb_arena_alloc(arena, variant->spread_count * sizeof(*variant->spreads));
        memcpy(kept, variant->spreads, variant->spread_count * sizeof(*variant->spreads));
        kept[i] = kept[variant->spread_count - 1];
        variant->spreads = kept;
        variant->spread_count--;
        return true;
    }
    return false;
}

/* Takes one step in place; false when none applies. Under policy Ignore the preferences count for
 * nothing, so dropping them would only try the same pod again: those steps are left out. */
static bool take_step(const wb_solver_world *world, wb_pod_variant *variant)
{
    assert(world != NULL && variant != NULL);
    if (variant->required_term_count > 1) {
        variant->required_terms++;
        variant->required_term_count--;
        return true;
    }
    if (variant->affinity_preferred_count > 0) {
        variant->affinity_preferred++;
        variant->affinity_preferred_count--;
        return true;
    }
    if (variant->anti_affinity_preferred_count > 0) {
        variant->anti_affinity_preferred++;
        variant->anti_affinity_preferred_count--;
        return true;
    }
    if (variant->preferred_term_count > 0) {
        variant->preferred_terms++;
        variant->preferred_term_count--;
        return true;
    }
    if (variant->policy == WB_PREFERENCE_RESPECT && drop_soft_spread(world->arena, variant)) {
        return true;
    }
    if (world->prefers_no_schedule && !wb_taints_tolerates_preference(variant->tolerance)) {
        variant->tolerance.tolerates_preference = true;
        return true;
    }
    return false;
}

wb_pod_variant *wb_pod_shape_relax(wb_solver_world *world, wb_pod_variant *variant)
{
    assert(world != NULL && variant != NULL);
    if (variant->next != NULL || variant->is_last) {
        return variant->next;
    }
    wb_pod_variant step = *variant;
    if (!take_step(world, &step)) {
        variant->is_last = true;
        return NULL;
    }
    step.step++;
    step.next = NULL;
    step.is_interned = false;
    step.solve_serial = 0;
    step.solve_data = NULL;
    step.cluster_serial = 0;
    step.cluster_data = NULL;
    finish_variant(world, &step);
    variant->next = WB_ARENA_NEW(world->arena, wb_pod_variant);
    *variant->next = step;
    return variant->next;
}

static bool has_claim_volumes(const wb_pod_template *template)
{
    for (uint32_t i = 0; i < template->volume_count; i++) {
        const wb_volume_kind kind = template->volumes[i].kind;
        if (kind == WB_VOLUME_CLAIM || kind == WB_VOLUME_EPHEMERAL) {
            return true;
        }
    }
    return false;
}

static int64_t demand_of(wb_demands demands, const wb_solver_world *world, uint32_t name)
{
    for (uint32_t i = 0; i < demands.count; i++) {
        if (world->resource_names[demands.items[i].resource] == name) {
            return demands.items[i].amount;
        }
    }
    return 0;
}

wb_solver_shape *wb_pod_shape_new(wb_solver_world *world, wb_pod_kind *kind,
                                  const wb_pod_template *template)
{
    assert(world != NULL && kind != NULL && template != NULL);
    wb_solver_shape *shape = WB_ARENA_NEW(world->arena, wb_solver_shape);
    shape->id = world->shape_count;
    shape->kind = kind;
    shape->template = template;
    shape->demands = wb_solver_world_demands(world, world->arena, template->requests);
    shape->cpu_milli = demand_of(shape->demands, world, WB_NAME_CPU);
    shape->memory_bytes = demand_of(shape->demands, world, WB_NAME_MEMORY);
    if (template->host_port_count > 0) {
        wb_host_port *ports = WB_ARENA_ARRAY(world->arena, wb_host_port, template->host_port_count);
        shape->port_count = wb_host_ports_of(world->intern, template, ports);
        shape->ports = ports;
    }
    shape->has_claim_volumes = has_claim_volumes(template);
    return shape;
}
