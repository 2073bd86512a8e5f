#include "solver/claim_classes.h"

#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "solver/offering_filter.h"

wb_claim_classes *wb_claim_classes_get(wb_solver_world *world)
{
    assert(world != NULL);
    if (world->classes == NULL) {
        wb_claim_classes *made = WB_ARENA_NEW(world->arena, wb_claim_classes);
        made->world = world;
        made->arena = world->arena;
        wb_requirement_sets_init(&made->sets, world->arena);
        wb_type_columns_init(&made->room, world->arena, world, world->allocatable);
        wb_type_columns_init(&made->capacity, world->arena, world, world->capacity);
        wb_hash_map_init(&made->by_hash);
        wb_hash_map_init(&made->edges);
        made->of_pool = WB_ARENA_ARRAY(world->arena, wb_claim_class *, world->pool_count);
        world->classes = made;
    }
    return world->classes;
}

void wb_claim_classes_release(wb_claim_classes *classes)
{
    assert(classes != NULL);
    wb_requirement_sets_release(&classes->sets);
    wb_hash_map_release(&classes->by_hash);
    wb_hash_map_release(&classes->edges);
}

static wb_claim_class *find_or_add(wb_claim_classes *classes, const wb_claim_class *parent,
                                   uint32_t pool_index, wb_requirements requirements)
{
    uint64_t key = wb_hash_map_join(wb_requirements_hash(requirements), pool_index);
    uint64_t found = 0;
    for (; wb_hash_map_get(&classes->by_hash, key, &found); key++) {
        wb_claim_class *known = classes->items[found];
        if (known->pool_index == pool_index &&
            wb_requirements_equals(known->requirements, requirements)) {
            return known;
        }
    }
    if (classes->count == classes->capacity_count) {
        const uint32_t capacity = classes->capacity_count * 2 + 16;
        classes->items = wb_arena_grow(classes->arena, classes->items, classes->count, capacity,
                                       sizeof(wb_claim_class *));
        classes->refused_try = wb_arena_grow(classes->arena, classes->refused_try, classes->count,
                                             capacity, sizeof(*classes->refused_try));
        classes->capacity_count = capacity;
    }
    wb_claim_class *class = WB_ARENA_NEW(classes->arena, wb_claim_class);
    class->id = classes->count;
    class->pool_index = pool_index;
    class->requirements = wb_requirements_copy(classes->arena, requirements);
    class->has_min_values = wb_requirements_has_min_values(requirements);
    class->parent = parent;
    classes->refused_try[classes->count] = 0;
    classes->items[classes->count++] = class;
    (void)wb_hash_map_put(&classes->by_hash, key, class->id);
    return class;
}

wb_claim_class *wb_claim_classes_of_pool(wb_claim_classes *classes, uint32_t pool_index)
{
    assert(pool_index < classes->world->pool_count);
    if (classes->of_pool[pool_index] == NULL) {
        classes->of_pool[pool_index] =
            find_or_add(classes, NULL, pool_index, classes->world->pools[pool_index].requirements);
    }
    return classes->of_pool[pool_index];
}

wb_claim_class *wb_claim_classes_intern(wb_claim_classes *classes, const wb_claim_class *parent,
                                        wb_requirements requirements)
{
    assert(classes != NULL);
    return find_or_add(classes, parent, parent->pool_index, requirements);
}

/* Values of edges that lead nowhere; others are class ids behind these. */
enum {
    EDGE_NEVER = 0,   /* incompatible, whatever the claim is narrowed to */
    EDGE_NOT_NOW = 1, /* incompatible as the claim is */
    EDGE_FIRST_ID = 2
};

static wb_claim_class *class_of_edge(const wb_claim_classes *classes, uint64_t value)
{
    assert(value < (uint64_t)classes->count + EDGE_FIRST_ID);
    return value >= EDGE_FIRST_ID ? classes->items[value - EDGE_FIRST_ID] : NULL;
}

/* Ids are far below 2^31: the kind of edge has the lowest bit. */
static uint64_t edge_of(const wb_claim_class *class, uint32_t set_id, bool is_choice)
{
    return (uint64_t) class->id << 33 | (uint64_t)set_id << 1 | is_choice;
}

/* A claim's set under a key only shrinks, so what does not meet it now never will; but a key that
 * the claim does not name may come to be named, and an Exists become a NotIn, which then goes with
 * absence: these failures are of the moment. */
static bool fails_for_good(wb_compatibility compatibility, const wb_requirement *asked)
{
    const wb_requirement_kind kind = wb_requirement_kind_of(asked);
    return compatibility == WB_INCOMPATIBLE_VALUES &&
           (kind == WB_REQUIREMENT_IN || kind == WB_REQUIREMENT_EXISTS);
}

wb_claim_class *wb_claim_classes_join(wb_claim_classes *classes, wb_claim_class *class,
                                      uint32_t set_id, bool *out_fails_for_good)
{
    assert(classes != NULL && class != NULL);
    if (set_id == 0) {
        return class;
    }
    const uint64_t edge = edge_of(class, set_id, false);
    uint64_t value = EDGE_NEVER;
    if (!wb_hash_map_get(&classes->edges, edge, &value)) {
        const wb_requirements asked = wb_requirement_sets_get(&classes->sets, set_id);
        const wb_intern *intern = classes->world->intern;
        uint32_t key = 0;
        const wb_compatibility compatibility =
            wb_requirements_compatible(intern, class->requirements, asked, WB_UNDEFINED_WELL_KNOWN,
                                       &key);
        if (compatibility == WB_COMPATIBLE) {
            const wb_requirements both =
                wb_requirements_merge(classes->arena, intern, class->requirements, asked);
            value =
                (uint64_t)find_or_add(classes, class, class->pool_index, both)->id + EDGE_FIRST_ID;
        } else if (!fails_for_good(compatibility, wb_requirements_get(asked, key))) {
            value = EDGE_NOT_NOW;
        }
        (void)wb_hash_map_put(&classes->edges, edge, value);
    }
    *out_fails_for_good = value == EDGE_NEVER;
    return class_of_edge(classes, value);
}

wb_claim_class *wb_claim_classes_narrow(wb_claim_classes *classes, wb_claim_class *class,
                                        uint32_t set_id)
{
    assert(classes != NULL && class != NULL);
    if (set_id == 0) {
        return class;
    }
    const uint64_t edge = edge_of(class, set_id, true);
    uint64_t value = EDGE_NOT_NOW;
    if (!wb_hash_map_get(&classes->edges, edge, &value)) {
        const wb_requirements choice = wb_requirement_sets_get(&classes->sets, set_id);
        const wb_intern *intern = classes->world->intern;
        const wb_requirements narrowed =
            wb_requirements_merge(classes->arena, intern, class->requirements, choice);
        if (wb_requirements_compatible(intern, class->requirements, narrowed,
                                       WB_UNDEFINED_WELL_KNOWN, NULL) == WB_COMPATIBLE) {
            const wb_requirements both =
                wb_requirements_merge(classes->arena, intern, class->requirements, narrowed);
            value =
                (uint64_t)find_or_add(classes, class, class->pool_index, both)->id + EDGE_FIRST_ID;
        }
        (void)wb_hash_map_put(&classes->edges, edge, value);
    }
    return class_of_edge(classes, value);
}

static bool is_offering_key(uint32_t key)
{
    return key == WB_NAME_ZONE || key == WB_NAME_CAPACITY_TYPE ||
           key == WB_NAME_CAPACITY_RESERVATION_ID || key == WB_NAME_CAPACITY_RESERVATION_TYPE ||
           key == WB_NAME_CAPACITY_RESERVATION_INTERRUPTIBLE;
}

/* What class asks beyond its parent: only these keys need a look. */
static wb_requirements added_requirements(wb_arena *arena, const wb_claim_class *class,
                                          bool *out_has_offering_key)
{
    assert(arena != NULL && class != NULL);
    wb_requirement *items = wb_arena_alloc(arena, class->requirements.count * sizeof(*items));
    uint32_t count = 0;
    *out_has_offering_key = class->parent == NULL;
    for (uint32_t i = 0; i < class->requirements.count; i++) {
        const wb_requirement *one = &class->requirements.items[i];
        const wb_requirement *before =
            class->parent != NULL ? wb_requirements_get(class->parent->requirements, one->key)
                                  : NULL;
        if (before != NULL && wb_requirement_equals(before, one)) {
            continue;
        }
        if (is_offering_key(one->key)) { /* an allowed offering shows that the type meets it */
            *out_has_offering_key = true;
        } else {
            items[count++] = *one;
        }
    }
    return (wb_requirements){.items = items, .count = count};
}

/* NOLINTNEXTLINE(misc-no-recursion): up the chain of ancestors, some 1 to 10 */
const uint64_t *wb_claim_classes_allowed(wb_claim_classes *classes, wb_claim_class *class)
{
    assert(classes != NULL && class != NULL);
    wb_solver_world *world = classes->world;
    if (class->allowed_version == world->offering_version) {
        return class->allowed;
    }
    /* Ancestors first; chains are as long as a claim was narrowed, some 1 to 10. */
    const uint64_t *from = world->pools[class->pool_index].types;
    if (class->parent != NULL) {
        from = wb_claim_classes_allowed(classes, classes->items[class->parent->id]);
    }
    if (class->allowed == NULL) {
        class->allowed = WB_ARENA_ARRAY(classes->arena, uint64_t, world->word_count);
    }
    const wb_arena_mark mark = wb_arena_get_mark(classes->arena);
    bool has_offering_key = false;
    const wb_requirements added = added_requirements(classes->arena, class, &has_offering_key);
    const wb_offering_filter filter = wb_offering_filter_of(world, class->requirements);
    wb_bitset_copy(class->allowed, from, world->word_count);
    for (size_t t = wb_bitset_next(from, world->word_count, 0); t != SIZE_MAX;
         t = wb_bitset_next(from, world->word_count, t + 1)) {
        if (!wb_requirements_intersects(world->intern, world->types[t].requirements, added, NULL) ||
            (has_offering_key && !wb_offering_filter_has(&filter, (uint32_t)t))) {
            wb_bitset_remove(class->allowed, t);
        }
    }
    wb_arena_rewind(classes->arena, mark);
    class->allowed_version = world->offering_version;
    return class->allowed;
}

static int compare_prices(const void *a, const void *b, void *context)
{
    const wb_solver_world *world = context;
    const wb_priced_type *p = a;
    const wb_priced_type *q = b;
    if (p->price_usd_per_hour < q->price_usd_per_hour ||
        p->price_usd_per_hour > q->price_usd_per_hour) {
        return p->price_usd_per_hour < q->price_usd_per_hour ? -1 : 1;
    }
    const int by_name =
        strcmp(wb_intern_text(world->intern, world->types[p->type_index].source->name),
               wb_intern_text(world->intern, world->types[q->type_index].source->name));
    return by_name != 0 ? by_name
                        : (p->type_index > q->type_index) - (p->type_index < q->type_index);
}

void wb_claim_classes_sort_priced(wb_solver_world *world, wb_priced_type *priced, size_t count)
{
    assert(world != NULL);
    bool is_sorted = true; /* synthetic catalogs often are */
    for (size_t i = 1; i < count && is_sorted; i++) {
        is_sorted = compare_prices(&priced[i - 1], &priced[i], world) < 0;
    }
    if (!is_sorted) {
        wb_sort(priced, count, sizeof(*priced), compare_prices, world);
    }
}

const uint32_t *wb_claim_classes_by_price(wb_claim_classes *classes, wb_claim_class *class,
                                          uint32_t *out_count)
{
    assert(classes != NULL && class != NULL);
    wb_solver_world *world = classes->world;
    if (class->price_version != world->offering_version) {
        const uint64_t *allowed = wb_claim_classes_allowed(classes, class);
        const size_t count = wb_bitset_member_count(allowed, world->word_count);
        if (class->by_price == NULL || class->by_price_count < count) {
            class->by_price = WB_ARENA_ARRAY(classes->arena, uint32_t, count);
        }
        const wb_arena_mark mark = wb_arena_get_mark(classes->arena);
        const wb_offering_filter filter = wb_offering_filter_of(world, class->requirements);
        wb_priced_type *priced = wb_arena_alloc(classes->arena, count * sizeof(*priced));
        size_t slot = 0;
        for (size_t t = wb_bitset_next(allowed, world->word_count, 0); t != SIZE_MAX;
             t = wb_bitset_next(allowed, world->word_count, t + 1)) {
            priced[slot++] =
                (wb_priced_type){wb_offering_filter_price(&filter, (uint32_t)t), (uint32_t)t};
        }
        wb_claim_classes_sort_priced(world, priced, count);
        for (size_t i = 0; i < count; i++) {
            class->by_price[i] = priced[i].type_index;
        }
        class->by_price_count = (uint32_t)count;
        class->price_version = world->offering_version;
        wb_arena_rewind(classes->arena, mark);
    }
    *out_count = class->by_price_count;
    return class->by_price;
}

wb_requirements wb_claim_classes_shown(wb_claim_classes *classes, wb_claim_class *class)
{
    assert(classes != NULL && class != NULL);
    if (!class->is_shown_known) {
        class->shown =
            wb_requirements_without(classes->arena, class->requirements, WB_NAME_REGISTERED);
        class->shown = wb_requirements_without(classes->arena, class->shown, WB_NAME_INITIALIZED);
        class->is_shown_known = true;
    }
    return class->shown;
}
