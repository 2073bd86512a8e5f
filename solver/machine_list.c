#include "solver/machine_list.h"

#include <assert.h>

#include "solver/solver_world_internal.h"
#include "solver/taints.h"

/* What one option is known by: three maps, each of which must agree. */
typedef struct option_maps {
    wb_requirements pool, type, offering;
} option_maps;

static option_maps maps_of(const wb_solver_world *world, const wb_machine_option *option)
{
    assert(option->pool_index < world->pool_count && option->type_index < world->type_count);
    const wb_world_type *type = &world->types[option->type_index];
    assert(option->offering_index < type->offering_count);
    return (option_maps){
        .pool = world->pools[option->pool_index].requirements,
        .type = type->requirements,
        .offering = world->offerings[type->first_offering + option->offering_index].requirements,
    };
}

/* Options in the making. */
typedef struct option_list {
    wb_machine_option *items;
    uint32_t count, capacity;
} option_list;

static void add_option(wb_arena *arena, option_list *list, wb_machine_option option)
{
    if (list->count == list->capacity) {
        const uint32_t wider = list->capacity == 0 ? 256 : list->capacity * 2;
        list->items = wb_arena_grow(arena, list->items, list->count, wider, sizeof list->items[0]);
        list->capacity = wider;
    }
    list->items[list->count++] = option;
}

/* The offerings of one type that the pool lets through. */
static void add_type(wb_arena *arena, const wb_solver_world *world, uint32_t pool_index,
                     uint32_t type_index, option_list *list)
{
    assert(pool_index < world->pool_count && type_index < world->type_count);
    const wb_world_type *type = &world->types[type_index];
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_world_offering *offering = &world->offerings[type->first_offering + i];
        if (offering->now.capacity_type != WB_CAPACITY_RESERVED &&
            wb_requirements_intersects(world->intern, world->pools[pool_index].requirements,
                                       offering->requirements, NULL)) {
            add_option(arena, list,
                       (wb_machine_option){
                           .pool_index = pool_index,
                           .type_index = type_index,
                           .offering_index = i,
                           .offering = offering->now,
                       });
        }
    }
}

uint32_t wb_machine_list_make(wb_arena *arena, const wb_solver_world *world,
                              const wb_machine_option **out)
{
    assert(world != NULL && out != NULL);
    option_list list = {0};
    for (uint32_t p = 0; p < world->pool_count; p++) {
        const uint64_t *types = world->pools[p].compatible;
        for (size_t t = wb_bitset_next(types, world->word_count, 0); t != SIZE_MAX;
             t = wb_bitset_next(types, world->word_count, t + 1)) {
            add_type(arena, world, p, (uint32_t)t, &list);
        }
    }
    *out = list.items;
    return list.count;
}

/* Labels or terms that name hosts: of an option one cannot know whether it becomes that host. */
static bool names_hosts(wb_requirements selector, const wb_pod_template *template)
{
    bool found = wb_requirements_get(selector, WB_NAME_HOSTNAME) != NULL;
    for (uint32_t i = 0; i < template->required_term_count; i++) {
        const wb_node_term *term = &template->required_terms[i];
        found = found || term->field_count > 0;
        for (uint32_t k = 0; k < term->expression_count; k++) {
            found = found || term->expressions[k].key == WB_NAME_HOSTNAME;
        }
    }
    return found;
}

wb_machine_wish wb_machine_list_wish(wb_arena *arena, wb_intern *intern,
                                     const wb_pod_template *template)
{
    assert(template != NULL);
    wb_requirements selector = wb_requirements_from_labels(arena, intern, template->node_selector);
    const bool has_hosts = names_hosts(selector, template);
    selector = wb_requirements_without(arena, selector, WB_NAME_HOSTNAME);
    const uint32_t term_count = template->required_term_count;
    const uint32_t room = term_count > 0 ? term_count : 1;
    wb_requirements *alternatives = WB_ARENA_ARRAY(arena, wb_requirements, room);
    uint32_t count = 0;
    for (uint32_t i = 0; i < term_count; i++) {
        const wb_node_term *term = &template->required_terms[i];
        if (term->expression_count == 0 && term->field_count == 0) {
            continue; /* an empty term matches nothing */
        }
        const wb_requirements own =
            wb_requirements_without(arena,
                                    wb_requirements_from_expressions(
                                        arena, intern, term->expressions, term->expression_count),
                                    WB_NAME_HOSTNAME);
        alternatives[count++] = wb_requirements_merge(arena, intern, selector, own);
    }
    if (!template->required_is_set && term_count == 0) {
        alternatives[count++] = selector;
    }
    return (wb_machine_wish){
        .alternatives = alternatives,
        .alternative_count = count,
        .tolerations = template->tolerations,
        .toleration_count = template->toleration_count,
        .names_hosts = has_hosts,
    };
}

static bool same_tolerations(const wb_machine_wish *a, const wb_machine_wish *b)
{
    return wb_taints_tolerances_equal(
        (wb_taints_tolerance){a->tolerations, a->toleration_count, true},
        (wb_taints_tolerance){b->tolerations, b->toleration_count, true});
}

bool wb_machine_list_same(const wb_machine_wish *a, const wb_machine_wish *b)
{
    if (a->alternative_count != b->alternative_count || !same_tolerations(a, b)) {
        return false;
    }
    for (uint32_t i = 0; i < a->alternative_count; i++) {
        if (!wb_requirements_equals(a->alternatives[i], b->alternatives[i])) {
            return false;
        }
    }
    return true;
}

bool wb_machine_list_allows(const wb_solver_world *world, const wb_machine_option *option,
                            const wb_machine_wish *wish)
{
    const option_maps maps = maps_of(world, option);
    const wb_nodepool *pool = world->pools[option->pool_index].nodepool;
    const wb_taints_tolerance tolerance = {wish->tolerations, wish->toleration_count, true};
    if (!wb_taints_tolerated(world->intern, pool->taints, pool->taint_count, tolerance)) {
        return false;
    }
    for (uint32_t i = 0; i < wish->alternative_count; i++) {
        const wb_requirements asked = wish->alternatives[i];
        if (wb_requirements_intersects(world->intern, maps.type, asked, NULL) &&
            wb_requirements_intersects(world->intern, maps.offering, asked, NULL) &&
            wb_requirements_compatible(world->intern, maps.pool, asked, WB_UNDEFINED_WELL_KNOWN,
                                       NULL) == WB_COMPATIBLE) {
            return true;
        }
    }
    return false;
}

/* Whether every value that the map can have under the key is one that is asked for. A key that the
 * map leaves open, or that is asked for by exclusion, is not certain. */
static bool is_certain(const wb_intern *intern, wb_requirements map, const wb_requirement *asked)
{
    const wb_requirement *given = wb_requirements_get(map, asked->key);
    if (given == NULL || given->is_complement || given->value_count == 0) {
        return false;
    }
    for (uint32_t i = 0; i < given->value_count; i++) {
        if (!wb_requirement_has(intern, asked, given->values[i])) {
            return false;
        }
    }
    return true;
}

bool wb_machine_list_carries(const wb_solver_world *world, const wb_machine_option *option,
                             const wb_machine_wish *daemon)
{
    const option_maps maps = maps_of(world, option);
    const wb_nodepool *pool = world->pools[option->pool_index].nodepool;
    const wb_taints_tolerance tolerance = {daemon->tolerations, daemon->toleration_count, true};
    if (daemon->names_hosts ||
        !wb_taints_tolerated(world->intern, pool->taints, pool->taint_count, tolerance) ||
        !wb_taints_tolerated(world->intern, pool->startup_taints, pool->startup_taint_count,
                             tolerance)) {
        return false;
    }
    for (uint32_t i = 0; i < daemon->alternative_count; i++) {
        const wb_requirements asked = daemon->alternatives[i];
        bool is_met = true;
        for (uint32_t k = 0; k < asked.count && is_met; k++) {
            const wb_requirement *one = &asked.items[k];
            is_met = is_certain(world->intern, maps.offering, one) ||
                     is_certain(world->intern, maps.type, one) ||
                     is_certain(world->intern, maps.pool, one);
        }
        if (is_met) {
            return true;
        }
    }
    return false;
}
