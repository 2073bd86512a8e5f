#include "solver/solver_world.h"

#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/heap_memory.h"
#include "solver/claim_classes.h"
#include "solver/pod_identity.h"
#include "solver/pod_shape.h"
#include "solver/solver_world_internal.h"

uint32_t wb_solver_world_resource(wb_solver_world *world, uint32_t name)
{
    assert(world != NULL);
    assert(name != 0);
    for (uint32_t i = 0; i < world->resource_count; i++) { /* some 15 names: a walk will do */
        if (world->resource_names[i] == name) {
            return i;
        }
    }
    if (world->resource_count == world->resource_capacity) {
        world->resource_capacity =
            (uint32_t)wb_heap_memory_next_capacity(world->resource_capacity,
                                                   (size_t)world->resource_count + 1);
        world->resource_names =
            wb_heap_memory_resize(world->resource_names, world->resource_capacity,
                                  sizeof(*world->resource_names));
    }
    world->resource_names[world->resource_count] = name;
    return world->resource_count++;
}

wb_demands wb_solver_world_demands(wb_solver_world *world, wb_arena *arena, wb_resource_list list)
{
    assert(world != NULL && arena != NULL);
    wb_demand *items = WB_ARENA_ARRAY(arena, wb_demand, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        items[i].resource = wb_solver_world_resource(world, list.items[i].name);
        items[i].amount = list.items[i].amount;
    }
    return (wb_demands){.items = items, .count = list.count};
}

wb_resource_list wb_solver_world_list(const wb_solver_world *world, wb_arena *arena,
                                      const int64_t *dense, uint32_t count)
{
    assert(arena != NULL);
    assert(count <= world->resource_count);
    wb_resource *items = WB_ARENA_ARRAY(arena, wb_resource, count);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (dense[i] == 0) {
            continue;
        }
        const wb_resource one = {.name = world->resource_names[i], .amount = dense[i]};
        uint32_t slot = kept++;
        for (; slot > 0 && items[slot - 1].name > one.name; slot--) {
            items[slot] = items[slot - 1];
        }
        items[slot] = one;
    }
    return (wb_resource_list){.items = items, .count = kept};
}

wb_solver_world *wb_solver_world_new(wb_arena *arena, const wb_solver_world_desc *desc)
{
    assert(arena != NULL);
    assert(desc->intern != NULL);
    wb_solver_world *world = WB_ARENA_NEW(arena, wb_solver_world);
    wb_arena_init(&world->lasting, "solver world", arena->limit_bytes, arena->on_limit);
    world->arena = &world->lasting;
    world->intern = desc->intern;
    world->min_values_best_effort = desc->min_values_best_effort;
    world->reserved_capacity_off = desc->reserved_capacity_off;
    world->daemon_namespace =
        desc->daemon_namespace != 0 ? desc->daemon_namespace : (uint32_t)WB_NAME_KUBE_SYSTEM;
    world->offering_version = 1;
    world->daemon_version = 1;
    wb_hash_map_init(&world->shape_by_hash);
    wb_hash_map_init(&world->labels_by_hash);
    wb_hash_map_init(&world->kind_by_hash);
    wb_arena_init(&world->prepared, "prepared world", 0, NULL);
    /* The three that every pod asks for come first, whatever the catalog's order. */
    (void)wb_solver_world_resource(world, WB_NAME_CPU);
    (void)wb_solver_world_resource(world, WB_NAME_MEMORY);
    (void)wb_solver_world_resource(world, WB_NAME_PODS);
    wb_solver_world_build_types(world, desc);
    wb_solver_world_build_pools(world, desc);
    return world;
}

void wb_solver_world_release(wb_solver_world *world)
{
    assert(world != NULL);
    wb_hash_map_release(&world->shape_by_hash);
    wb_hash_map_release(&world->labels_by_hash);
    wb_hash_map_release(&world->kind_by_hash);
    if (world->classes != NULL) {
        wb_claim_classes_release(world->classes);
        world->classes = NULL;
    }
    wb_arena_release(&world->prepared);
    wb_arena_release(&world->lasting);
    assert(world->node_count == 0); /* nodes go before their world */
    wb_heap_memory_free(world->nodes_by_name);
    wb_heap_memory_free(world->shapes);
    wb_heap_memory_free(world->resource_names);
    world->shapes = NULL;
    world->resource_names = NULL;
}

wb_intern *wb_solver_world_intern(const wb_solver_world *world)
{
    return world->intern;
}

uint32_t wb_solver_world_type_count(const wb_solver_world *world)
{
    return world->type_count;
}

const wb_catalog_type *wb_solver_world_type(const wb_solver_world *world, uint32_t type_index)
{
    assert(type_index < world->type_count);
    return world->types[type_index].source;
}

wb_offering wb_solver_world_offering(const wb_solver_world *world, uint32_t type_index,
                                     uint32_t offering_index)
{
    assert(type_index < world->type_count);
    assert(offering_index < world->types[type_index].offering_count);
    return world->offerings[world->types[type_index].first_offering + offering_index].now;
}

wb_resource_list wb_solver_world_allocatable(wb_arena *arena, const wb_solver_world *world,
                                             uint32_t type_index)
{
    assert(arena != NULL);
    assert(type_index < world->type_count);
    int64_t *dense = WB_ARENA_ARRAY(arena, int64_t, world->type_resource_count);
    for (uint32_t r = 0; r < world->type_resource_count; r++) {
        dense[r] = wb_solver_world_allocatable_of(world, r, type_index);
    }
    return wb_solver_world_list(world, arena, dense, world->type_resource_count);
}

uint32_t wb_solver_world_pool_count(const wb_solver_world *world)
{
    return world->pool_count;
}

const wb_nodepool *wb_solver_world_pool(const wb_solver_world *world, uint32_t pool_index)
{
    assert(pool_index < world->pool_count);
    return world->pools[pool_index].nodepool;
}

uint32_t wb_solver_world_find_pool(const wb_solver_world *world, uint32_t name)
{
    assert(world != NULL);
    for (uint32_t i = 0; i < world->pool_count; i++) {
        if (world->pools[i].nodepool->name == name) {
            return i;
        }
    }
    return UINT32_MAX;
}

/* The offerings of a type name in a zone (0: all) under a market, one after the other: the first
 * at or above from, or the count. */
static uint32_t next_match(const wb_solver_world *world, uint32_t from, uint32_t type_name,
                           uint32_t zone, wb_capacity_type capacity_type)
{
    for (uint32_t i = from; i < world->offering_count; i++) {
        const wb_world_offering *offering = &world->offerings[i];
        const wb_world_type *type = &world->types[offering->type_index];
        if (type->source->name != type_name) {
            i = type->first_offering + type->offering_count - 1;
            continue;
        }
        if (offering->now.capacity_type == capacity_type &&
            (zone == 0 || offering->now.zone == zone)) {
            return i;
        }
    }
    return world->offering_count;
}

void wb_solver_world_set_available(wb_solver_world *world, uint32_t type_name, uint32_t zone,
                                   wb_capacity_type capacity_type, bool is_available)
{
    assert(world != NULL);
    for (uint32_t i = 0;; i++) {
        i = next_match(world, i, type_name, zone, capacity_type);
        if (i == world->offering_count) {
            return;
        }
        wb_offering *now = &world->offerings[i].now;
        world->offering_version += now->is_available != is_available;
        now->is_available = is_available;
    }
}

void wb_solver_world_set_price(wb_solver_world *world, uint32_t type_name, uint32_t zone,
                               wb_capacity_type capacity_type, double price_usd_per_hour)
{
    assert(world != NULL);
    assert(price_usd_per_hour >= 0.0);
    for (uint32_t i = 0;; i++) {
        i = next_match(world, i, type_name, zone, capacity_type);
        if (i == world->offering_count) {
            return;
        }
        world->offerings[i].now.price_usd_per_hour = price_usd_per_hour;
        world->offering_version++;
    }
}

void wb_solver_world_set_type_price(wb_solver_world *world, uint32_t type_index, uint32_t zone,
                                    wb_capacity_type capacity_type, double price_usd_per_hour)
{
    assert(world != NULL && type_index < world->type_count);
    assert(price_usd_per_hour >= 0.0);
    const wb_world_type *type = &world->types[type_index];
    for (uint32_t i = 0; i < type->offering_count; i++) {
        wb_offering *now = &world->offerings[type->first_offering + i].now;
        if (now->zone == zone && now->capacity_type == capacity_type) {
            now->price_usd_per_hour = price_usd_per_hour;
            world->offering_version++;
        }
    }
}

void wb_solver_world_reset_offerings(wb_solver_world *world)
{
    assert(world != NULL);
    for (uint32_t i = 0; i < world->type_count; i++) {
        const wb_world_type *type = &world->types[i];
        for (uint32_t k = 0; k < type->offering_count; k++) {
            world->offerings[type->first_offering + k].now = type->source->offerings[k];
        }
    }
    world->offering_version++;
}

static void list_shape(wb_solver_world *world, wb_solver_shape *shape)
{
    assert(world != NULL && shape != NULL);
    if (world->shape_count == world->shape_capacity) {
        world->shape_capacity =
            (uint32_t)wb_heap_memory_next_capacity(world->shape_capacity,
                                                   (size_t)world->shape_count + 1);
        world->shapes =
            wb_heap_memory_resize(world->shapes, world->shape_capacity, sizeof(wb_solver_shape *));
    }
    world->shapes[world->shape_count++] = shape;
}

static const uint32_t *keep_row(wb_solver_world *world, const wb_pod_identity *row, size_t count)
{
    assert(world != NULL && row != NULL);
    uint32_t *numbers = wb_arena_alloc(world->arena, count * sizeof(*numbers));
    memcpy(numbers, row->numbers, count * sizeof(*numbers));
    return numbers;
}

/* Labels and namespace as one object for all shapes that have them; equal hashes sit in
 * neighbouring keys of the map. */
static wb_pod_labels *find_labels(wb_solver_world *world, wb_labels labels, uint32_t namespace_name)
{
    uint32_t room[64];
    wb_pod_identity row = wb_pod_identity_start(world->arena, room, 64);
    wb_pod_identity_write_labels(&row, labels, namespace_name);
    const size_t bytes = row.count * sizeof(*row.numbers);
    uint64_t key = wb_digest_hash64(row.numbers, bytes);
    uint64_t found = 0;
    for (; wb_hash_map_get(&world->labels_by_hash, key, &found); key++) {
        wb_pod_labels *known = world->label_sets[found];
        if (known->number_count == row.count && memcmp(known->numbers, row.numbers, bytes) == 0) {
            return known;
        }
    }
    if (world->label_set_count == world->label_set_capacity) {
        const uint32_t capacity = world->label_set_capacity * 2 + 16;
        world->label_sets = wb_arena_grow(world->arena, world->label_sets, world->label_set_count,
                                          capacity, sizeof(wb_pod_labels *));
        world->label_set_capacity = capacity;
    }
    wb_pod_labels *made = WB_ARENA_NEW(world->arena, wb_pod_labels);
    *made = (wb_pod_labels){.labels = labels,
                            .namespace_name = namespace_name,
                            .numbers = keep_row(world, &row, row.count),
                            .number_count = row.count};
    (void)wb_hash_map_put(&world->labels_by_hash, key, world->label_set_count);
    world->label_sets[world->label_set_count++] = made;
    return made;
}

/* The kind whose row is the first count numbers of row. */
static wb_pod_kind *find_kind(wb_solver_world *world, const wb_pod_template *template,
                              uint32_t namespace_name, const wb_pod_identity *row, size_t count)
{
    assert(world != NULL && template != NULL && row != NULL);
    const size_t bytes = count * sizeof(*row->numbers);
    uint64_t key = wb_digest_hash64(row->numbers, bytes);
    uint64_t found = 0;
    for (; wb_hash_map_get(&world->kind_by_hash, key, &found); key++) {
        wb_pod_kind *known = world->kinds[found];
        if (known->number_count == count && memcmp(known->numbers, row->numbers, bytes) == 0) {
            return known;
        }
    }
    if (world->kind_count == world->kind_capacity) {
        const uint32_t capacity = world->kind_capacity * 2 + 16;
        world->kinds = wb_arena_grow(world->arena, world->kinds, world->kind_count, capacity,
                                     sizeof(wb_pod_kind *));
        world->kind_capacity = capacity;
    }
    wb_pod_kind *kind = WB_ARENA_NEW(world->arena, wb_pod_kind);
    kind->template = template;
    kind->labels = find_labels(world, template->labels, namespace_name);
    kind->numbers = keep_row(world, row, count);
    kind->number_count = count;
    (void)wb_hash_map_put(&world->kind_by_hash, key, world->kind_count);
    world->kinds[world->kind_count++] = kind;
    return kind;
}

uint32_t wb_solver_world_shape(wb_solver_world *world, const wb_pod_template *template,
                               uint32_t namespace_name)
{
    assert(world != NULL);
    assert(template != NULL && namespace_name != 0);
    const wb_solver_shape *last = world->last_shape;
    if (last != NULL && last->kind->labels->namespace_name == namespace_name &&
        wb_pod_template_places_alike(last->template, template)) {
        return last->id; /* pods of one owner come together */
    }
    uint32_t room[512];
    const wb_arena_mark mark = wb_arena_get_mark(world->arena);
    wb_pod_identity row = wb_pod_identity_start(world->arena, room, 512);
    wb_pod_identity_write_kind(&row, template, namespace_name);
    const size_t kind_count = row.count;
    wb_pod_identity_write_shape(&row, template);
    const size_t bytes = row.count * sizeof(*row.numbers);
    uint64_t key = wb_digest_hash64(row.numbers, bytes);
    uint64_t found = 0;
    for (; wb_hash_map_get(&world->shape_by_hash, key, &found); key++) {
        wb_solver_shape *known = world->shapes[found];
        if (known->number_count == row.count && memcmp(known->numbers, row.numbers, bytes) == 0) {
            wb_arena_rewind(world->arena, mark);
            world->last_shape = known;
            return (uint32_t)found;
        }
    }
    wb_pod_kind *kind = find_kind(world, template, namespace_name, &row, kind_count);
    wb_solver_shape *shape = wb_pod_shape_new(world, kind, template);
    shape->numbers = keep_row(world, &row, row.count);
    shape->number_count = row.count;
    (void)wb_hash_map_put(&world->shape_by_hash, key, world->shape_count);
    list_shape(world, shape);
    world->last_shape = shape;
    return shape->id;
}

uint32_t wb_solver_world_shape_count(const wb_solver_world *world)
{
    assert(world != NULL);
    return world->shape_count;
}
