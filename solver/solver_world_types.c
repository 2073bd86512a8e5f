/*
 * Catalogue entries as instance types: requirements, columns of resources, offerings.
 * Source: golden/scheduling/README.md ("A catalogue entry becomes an instance type thus"),
 * spec/scheduling.md section 6.
 */
#include <assert.h>
#include <string.h>

#include "solver/solver_world_internal.h"

/* Labels that a type of the AWS provider either has or says DoesNotExist to. */
static const uint32_t provider_labels[] = {
    WB_NAME_WINDOWS_BUILD,
    WB_NAME_INSTANCE_HYPERVISOR,
    WB_NAME_INSTANCE_ENCRYPTION,
    WB_NAME_INSTANCE_CATEGORY,
    WB_NAME_INSTANCE_CAPABILITY_FLEX,
    WB_NAME_INSTANCE_FAMILY,
    WB_NAME_INSTANCE_GENERATION,
    WB_NAME_INSTANCE_SIZE,
    WB_NAME_INSTANCE_LOCAL_NVME,
    WB_NAME_INSTANCE_CPU,
    WB_NAME_INSTANCE_CPU_MANUFACTURER,
    WB_NAME_INSTANCE_CPU_CLOCK,
    WB_NAME_INSTANCE_MEMORY,
    WB_NAME_INSTANCE_EBS_BANDWIDTH,
    WB_NAME_INSTANCE_NETWORK_BANDWIDTH,
    WB_NAME_INSTANCE_GPU_NAME,
    WB_NAME_INSTANCE_GPU_MANUFACTURER,
    WB_NAME_INSTANCE_GPU_COUNT,
    WB_NAME_INSTANCE_GPU_MEMORY,
    WB_NAME_INSTANCE_ACCELERATOR_NAME,
    WB_NAME_INSTANCE_ACCELERATOR_MANUFACTURER,
    WB_NAME_INSTANCE_ACCELERATOR_COUNT,
    WB_NAME_NITRO_SANDBOX,
    WB_NAME_CAPACITY_RESERVATION_ID,
    WB_NAME_CAPACITY_RESERVATION_TYPE,
    WB_NAME_CAPACITY_RESERVATION_INTERRUPTIBLE,
};

static const uint32_t reservation_labels[] = {
    WB_NAME_CAPACITY_RESERVATION_ID,
    WB_NAME_CAPACITY_RESERVATION_TYPE,
    WB_NAME_CAPACITY_RESERVATION_INTERRUPTIBLE,
};

enum {
    PROVIDER_LABEL_COUNT = sizeof(provider_labels) / sizeof(provider_labels[0]),
    RESERVATION_LABEL_COUNT = sizeof(reservation_labels) / sizeof(reservation_labels[0]),
    DRAFT_MAX = 128 /* labels of a type and what is added are some 45; more go elsewhere */
};

static uint32_t capacity_type_label(wb_capacity_type capacity_type)
{
    static const uint32_t labels[] = {
        [WB_CAPACITY_ON_DEMAND] = WB_NAME_ON_DEMAND,
        [WB_CAPACITY_SPOT] = WB_NAME_SPOT,
        [WB_CAPACITY_RESERVED] = WB_NAME_RESERVED,
    };
    return labels[capacity_type];
}

/* A map under construction: unordered, replaced by key. */
typedef struct draft {
    wb_requirement *items;
    uint32_t count;
} draft;

static bool draft_has(const draft *made, uint32_t key)
{
    for (uint32_t i = 0; i < made->count; i++) {
        if (made->items[i].key == key) {
            return true;
        }
    }
    return false;
}

static void draft_set(draft *made, wb_requirement one)
{
    for (uint32_t i = 0; i < made->count; i++) {
        if (made->items[i].key == one.key) {
            made->items[i] = one;
            return;
        }
    }
    made->items[made->count++] = one;
}

/* Insertion: some 40 items, nearly in order. */
static wb_requirements draft_finish(const draft *made)
{
    for (uint32_t i = 1; i < made->count; i++) {
        const wb_requirement moved = made->items[i];
        uint32_t slot = i;
        for (; slot > 0 && made->items[slot - 1].key > moved.key; slot--) {
            made->items[slot] = made->items[slot - 1];
        }
        made->items[slot] = moved;
    }
    return (wb_requirements){.items = made->items, .count = made->count};
}

/* Zones, markets and reservations of a type's offerings. Neighbours in a catalog mostly have the
 * same, so the last answer is kept and its values are shared. */
typedef struct market_memo {
    const wb_catalog_type *of; /* NULL: none yet */
    wb_requirement zones, markets, reservations;
} market_memo;

static bool has_same_markets(const wb_catalog_type *a, const wb_catalog_type *b)
{
    if (a->offering_count != b->offering_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->offering_count; i++) {
        if (a->offerings[i].zone != b->offerings[i].zone ||
            a->offerings[i].capacity_type != b->offerings[i].capacity_type ||
            a->offerings[i].reservation_id != b->offerings[i].reservation_id) {
            return false;
        }
    }
    return true;
}

static void find_markets(wb_solver_world *world, const wb_catalog_type *type, market_memo *memo)
{
    assert(world != NULL && type != NULL && memo != NULL);
    if (memo->of != NULL && has_same_markets(memo->of, type)) {
        return;
    }
    wb_arena *arena = world->arena;
    const uint32_t count = type->offering_count;
    uint32_t *zones = wb_arena_alloc(arena, count * sizeof(*zones));
    uint32_t *markets = wb_arena_alloc(arena, count * sizeof(*markets));
    uint32_t *reservations = wb_arena_alloc(arena, count * sizeof(*reservations));
    uint32_t reservation_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        zones[i] = type->offerings[i].zone;
        markets[i] = capacity_type_label(type->offerings[i].capacity_type);
        if (type->offerings[i].capacity_type == WB_CAPACITY_RESERVED) {
            reservations[reservation_count++] = type->offerings[i].reservation_id;
        }
    }
    memo->of = type;
    memo->zones = wb_requirement_in(arena, WB_NAME_ZONE, zones, count);
    memo->markets = wb_requirement_in(arena, WB_NAME_CAPACITY_TYPE, markets, count);
    memo->reservations =
        wb_requirement_in(arena, WB_NAME_CAPACITY_RESERVATION_ID, reservations, reservation_count);
}

/* The map {key In value} without memory of its own: value must last. */
static wb_requirement one_value(uint32_t key, const uint32_t *value)
{
    return (wb_requirement){.key = key, .values = value, .value_count = 1};
}

static const uint32_t default_values[] = {WB_NAME_DEFAULT};
static const uint32_t false_values[] = {WB_NAME_FALSE};

static void add_markets(const market_memo *memo, draft *made)
{
    assert(memo != NULL && made != NULL);
    draft_set(made, memo->zones);
    draft_set(made, memo->markets);
    if (memo->reservations.value_count > 0) {
        draft_set(made, memo->reservations);
        draft_set(made, one_value(WB_NAME_CAPACITY_RESERVATION_TYPE, default_values));
        draft_set(made, one_value(WB_NAME_CAPACITY_RESERVATION_INTERRUPTIBLE, false_values));
    }
}

/* What every type of the AWS provider says besides its labels. */
static void add_provider_labels(wb_solver_world *world, const wb_catalog *catalog, draft *made)
{
    assert(world != NULL && catalog != NULL && made != NULL);
    if (catalog->region != 0) {
        draft_set(made, one_value(WB_NAME_REGION, &catalog->region));
    }
    draft_set(made, world->tenancy);
    for (uint32_t i = 0; i < PROVIDER_LABEL_COUNT; i++) {
        if (!draft_has(made, provider_labels[i])) {
            draft_set(made, wb_requirement_does_not_exist(provider_labels[i]));
        }
    }
}

/* key In values, borrowed from the catalog where they stand in order already. */
static wb_requirement in_values(wb_solver_world *world, uint32_t key, const uint32_t *values,
                                uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (values[i - 1] >= values[i]) {
            return wb_requirement_in(world->arena, key, values, count);
        }
    }
    return (wb_requirement){.key = key, .values = values, .value_count = count};
}

/* Catalogs use the same few label keys for every type. */
static uint32_t unalias(wb_solver_world *world, uint32_t key)
{
    wb_key_memo *memo = &world->unaliased[key % WB_WORLD_KEY_MEMOS];
    if (memo->key != key) {
        *memo = (wb_key_memo){key, wb_names_unalias(world->intern, key)};
    }
    return memo->current;
}

static wb_requirements type_requirements(wb_solver_world *world, const wb_catalog *catalog,
                                         const wb_catalog_type *type, market_memo *memo)
{
    assert(world != NULL && catalog != NULL && type != NULL && memo != NULL);
    find_markets(world, type, memo);
    wb_requirement usual[DRAFT_MAX];
    const size_t room =
        (size_t)type->labels.count + type->extra_requirement_count + PROVIDER_LABEL_COUNT + 8;
    wb_requirement *items =
        room <= DRAFT_MAX ? usual : wb_arena_alloc(world->arena, room * sizeof(*items));
    draft made = {.items = items};
    for (uint32_t i = 0; i < type->labels.count; i++) {
        const wb_label *label = &type->labels.items[i];
        items[made.count++] = one_value(unalias(world, label->key), &label->value);
    }
    for (uint32_t i = 0; i < type->extra_requirement_count; i++) {
        const wb_extra_requirement *extra = &type->extra_requirements[i];
        draft_set(&made,
                  in_values(world, unalias(world, extra->key), extra->values, extra->value_count));
    }
    if (!draft_has(&made, WB_NAME_INSTANCE_TYPE)) {
        draft_set(&made, one_value(WB_NAME_INSTANCE_TYPE, &type->name));
    }
    add_markets(memo, &made);
    if (!type->plain_requirements) {
        add_provider_labels(world, catalog, &made);
    }
    wb_requirements finished = draft_finish(&made);
    wb_requirement *kept = wb_arena_alloc(world->arena, finished.count * sizeof(*kept));
    memcpy(kept, finished.items, finished.count * sizeof(*kept));
    finished.items = kept;
    return finished;
}

/* Offerings of one zone and market share a map. */
static wb_requirements offering_requirements(wb_solver_world *world, const wb_offering *offering,
                                             uint32_t zone)
{
    assert(world != NULL && offering != NULL);
    const uint32_t slot = zone * 2 + (offering->capacity_type == WB_CAPACITY_SPOT ? 1 : 0);
    const bool is_shared = offering->capacity_type != WB_CAPACITY_RESERVED;
    if (is_shared && slot < world->market_map_count && world->market_maps[slot].count > 0) {
        return world->market_maps[slot];
    }
    wb_arena *arena = world->arena;
    draft made = {.items = wb_arena_alloc(arena, 5 * sizeof(*made.items))};
    const uint32_t market = capacity_type_label(offering->capacity_type);
    draft_set(&made, one_value(WB_NAME_ZONE, &offering->zone));
    draft_set(&made, wb_requirement_in(arena, WB_NAME_CAPACITY_TYPE, &market, 1));
    if (!is_shared) {
        draft_set(&made, one_value(WB_NAME_CAPACITY_RESERVATION_ID, &offering->reservation_id));
        draft_set(&made, one_value(WB_NAME_CAPACITY_RESERVATION_TYPE, default_values));
        draft_set(&made, one_value(WB_NAME_CAPACITY_RESERVATION_INTERRUPTIBLE, false_values));
        return draft_finish(&made);
    }
    for (uint32_t i = 0; i < RESERVATION_LABEL_COUNT; i++) {
        draft_set(&made, wb_requirement_does_not_exist(reservation_labels[i]));
    }
    if (slot >= world->market_map_count) {
        const uint32_t count = slot * 2 + 8;
        world->market_maps = wb_arena_grow(arena, world->market_maps, world->market_map_count,
                                           count, sizeof(*world->market_maps));
        memset(world->market_maps + world->market_map_count, 0,
               (count - world->market_map_count) * sizeof(*world->market_maps));
        world->market_map_count = count;
    }
    world->market_maps[slot] = draft_finish(&made);
    return world->market_maps[slot];
}

/* Capacity less overhead; hugepages come out of memory, which stops at zero. */
static void fill_columns(wb_solver_world *world, uint32_t type_index)
{
    wb_world_type *type = &world->types[type_index];
    const wb_resource_list capacity = type->source->capacity;
    int64_t huge_bytes = 0;
    for (uint32_t i = 0; i < capacity.count; i++) {
        const wb_resource *one = &capacity.items[i];
        const size_t at =
            (size_t)wb_solver_world_resource(world, one->name) * world->type_stride + type_index;
        world->capacity[at] = one->amount;
        world->allocatable[at] =
            one->amount - wb_resource_list_get(type->source->overhead, one->name);
        const char *name = wb_intern_text(world->intern, one->name);
        huge_bytes += strncmp(name, "hugepages-", 10) == 0 ? one->amount : 0;
        type->is_negative = type->is_negative || world->allocatable[at] < 0;
    }
    if (huge_bytes > 0) {
        const size_t at =
            (size_t)wb_solver_world_resource(world, WB_NAME_MEMORY) * world->type_stride +
            type_index;
        const int64_t left = world->allocatable[at] - huge_bytes;
        world->allocatable[at] = left > 0 ? left : 0;
    }
}

static uint32_t zone_index(wb_solver_world *world, uint32_t zone)
{
    uint32_t index = 0;
    while (index < world->zone_count && world->zones[index] != zone) {
        index++;
    }
    if (index == world->zone_capacity) {
        const uint32_t capacity = world->zone_capacity * 2 + 8;
        world->zones = wb_arena_grow(world->arena, world->zones, world->zone_count, capacity,
                                     sizeof(*world->zones));
        world->zone_capacity = capacity;
    }
    world->zones[index] = zone;
    world->zone_count += index == world->zone_count;
    return index;
}

/* Reservations are few, and every solve looks for them. */
static void list_reserved(wb_solver_world *world, uint32_t offering_index)
{
    if (world->reserved_count == world->reserved_capacity) {
        const uint32_t capacity = world->reserved_capacity * 2 + 8;
        world->reserved_offerings =
            wb_arena_grow(world->arena, world->reserved_offerings, world->reserved_count, capacity,
                          sizeof(*world->reserved_offerings));
        world->reserved_capacity = capacity;
    }
    world->reserved_offerings[world->reserved_count++] = offering_index;
}

static void add_offerings(wb_solver_world *world, uint32_t type_index)
{
    wb_world_type *type = &world->types[type_index];
    type->first_offering = world->offering_count;
    type->offering_count = type->source->offering_count;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering *offering = &type->source->offerings[i];
        const uint32_t zone = zone_index(world, offering->zone);
        if (offering->capacity_type == WB_CAPACITY_RESERVED) {
            list_reserved(world, world->offering_count);
        }
        world->offerings[world->offering_count++] = (wb_world_offering){
            .now = *offering,
            .requirements = offering_requirements(world, offering, zone),
            .type_index = type_index,
            .zone_index = zone,
        };
    }
}

/* The catalogs of the pools and of existing nodes, each once, in the order of the description. */
static void gather_catalogs(wb_solver_world *world, const wb_solver_world_desc *desc)
{
    assert(world != NULL && desc != NULL);
    world->catalogs = WB_ARENA_ARRAY(world->arena, const wb_catalog *, desc->pool_count + 1);
    world->catalog_first_type = WB_ARENA_ARRAY(world->arena, uint32_t, desc->pool_count + 1);
    for (uint32_t i = 0; i <= desc->pool_count; i++) {
        const wb_catalog *catalog = i < desc->pool_count ? desc->pools[i].catalog : desc->catalog;
        uint32_t known = 0;
        while (known < world->catalog_count && world->catalogs[known] != catalog) {
            known++;
        }
        if (catalog == NULL || known < world->catalog_count) {
            continue;
        }
        world->catalogs[known] = catalog;
        world->catalog_first_type[known] = world->type_count;
        world->catalog_count++;
        world->type_count += catalog->type_count;
        for (uint32_t t = 0; t < catalog->type_count; t++) {
            world->offering_count += catalog->types[t].offering_count;
        }
    }
}

void wb_solver_world_build_types(wb_solver_world *world, const wb_solver_world_desc *desc)
{
    assert(desc != NULL);
    assert(world->types == NULL);
    gather_catalogs(world, desc);
    for (uint32_t c = 0; c < world->catalog_count; c++) {
        for (uint32_t t = 0; t < world->catalogs[c]->type_count; t++) {
            const wb_resource_list capacity = world->catalogs[c]->types[t].capacity;
            for (uint32_t i = 0; i < capacity.count; i++) {
                (void)wb_solver_world_resource(world, capacity.items[i].name);
            }
        }
    }
    world->type_resource_count = world->resource_count;
    world->type_stride = (world->type_count + 63) / 64 * 64;
    world->word_count = wb_bitset_word_count(world->type_count);
    const size_t cells = (size_t)world->type_resource_count * world->type_stride;
    world->allocatable = WB_ARENA_ARRAY(world->arena, int64_t, cells);
    world->capacity = WB_ARENA_ARRAY(world->arena, int64_t, cells);
    world->types = WB_ARENA_ARRAY(world->arena, wb_world_type, world->type_count);
    world->offerings = WB_ARENA_ARRAY(world->arena, wb_world_offering, world->offering_count);
    world->offering_count = 0;
    const uint32_t tenancies[] = {WB_NAME_DEFAULT, wb_intern_add(world->intern, "dedicated")};
    world->tenancy = wb_requirement_in(world->arena, WB_NAME_INSTANCE_TENANCY, tenancies, 2);
    market_memo memo = {0};
    for (uint32_t c = 0; c < world->catalog_count; c++) {
        const wb_catalog *catalog = world->catalogs[c];
        for (uint32_t t = 0; t < catalog->type_count; t++) {
            const uint32_t type_index = world->catalog_first_type[c] + t;
            world->types[type_index].source = &catalog->types[t];
            world->types[type_index].requirements =
                type_requirements(world, catalog, &catalog->types[t], &memo);
            fill_columns(world, type_index);
            add_offerings(world, type_index);
        }
    }
}
