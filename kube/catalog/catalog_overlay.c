#include "kube/catalog/catalog_overlay.h"

#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "kube/names.h"

/* A pool's types under overlays. */
typedef struct overlayer {
    wb_arena *arena;
    const wb_intern *intern;
    const wb_nodepool *pool;
    wb_node_overlays overlays; /* in force so far, in their order */
} overlayer;

static int compare_overlays(const void *a, const void *b, void *context)
{
    const wb_intern *intern = context;
    const wb_node_overlay *left = a;
    const wb_node_overlay *right = b;
    if (left->weight != right->weight) {
        return left->weight > right->weight ? -1 : 1;
    }
    return strcmp(wb_intern_text(intern, right->name), wb_intern_text(intern, left->name));
}

/* What requirements are held against: the type's labels, the pool's, and the offering's. */
static wb_labels labels_of(const overlayer *of, const wb_catalog_type *type,
                           const wb_offering *offering)
{
    wb_labels labels = type->labels;
    for (uint32_t i = 0; i < of->pool->labels.count; i++) {
        labels = wb_labels_with(of->arena, labels, of->pool->labels.items[i].key,
                                of->pool->labels.items[i].value);
    }
    const char *market = wb_capacity_type_name(offering->capacity_type);
    labels = wb_labels_with(of->arena, labels, WB_NAME_NODEPOOL, of->pool->name);
    labels = wb_labels_with(of->arena, labels, WB_NAME_INSTANCE_TYPE, type->name);
    labels = wb_labels_with(of->arena, labels, WB_NAME_ZONE, offering->zone);
    return wb_labels_with(of->arena, labels, WB_NAME_CAPACITY_TYPE,
                          wb_intern_find(of->intern, market));
}

static bool matches(const overlayer *of, const wb_node_overlay *overlay, wb_labels labels)
{
    for (uint32_t i = 0; i < overlay->requirement_count; i++) {
        if (!wb_label_expression_matches(of->intern, &overlay->requirements[i], labels)) {
            return false;
        }
    }
    return true;
}

/* Whether one offering of the type is matched by all of count overlays. */
static bool match_together(const overlayer *of, const wb_catalog_type *type,
                           const wb_node_overlay *const *overlays, uint32_t count)
{
    bool is_match = false;
    for (uint32_t i = 0; i < type->offering_count && !is_match; i++) {
        const wb_arena_mark mark = wb_arena_get_mark(of->arena);
        const wb_labels labels = labels_of(of, type, &type->offerings[i]);
        is_match = true;
        for (uint32_t j = 0; j < count && is_match; j++) {
            is_match = matches(of, overlays[j], labels);
        }
        wb_arena_rewind(of->arena, mark);
    }
    return is_match;
}

static double adjusted(const wb_node_overlay *overlay, double price)
{
    double changed = price;
    switch (overlay->price_kind) {
    case WB_OVERLAY_PRICE_NONE: break;
    case WB_OVERLAY_PRICE_SET: changed = overlay->price_value; break;
    case WB_OVERLAY_PRICE_ADD: changed = price + overlay->price_value; break;
    case WB_OVERLAY_PRICE_PERCENT: changed = price * (1.0 + overlay->price_value / 100.0); break;
    }
    return changed > 0.0 ? changed : 0.0;
}

/* ---- conflicts ---- */

static bool prices_clash(const overlayer *of, const wb_catalog_type *type,
                         const wb_node_overlay *overlay)
{
    bool is_clash = false;
    for (uint32_t i = 0; i < of->overlays.count && !is_clash; i++) {
        const wb_node_overlay *const both[] = {&of->overlays.items[i], overlay};
        is_clash = both[0]->weight == overlay->weight &&
                   both[0]->price_kind != WB_OVERLAY_PRICE_NONE &&
                   match_together(of, type, both, 2);
    }
    return is_clash;
}

/* Of the overlays that give the type resources the controller remembers the last alone, so with
 * those before it nothing is in conflict. */
static bool capacities_clash(const overlayer *of, const wb_catalog_type *type,
                             const wb_node_overlay *overlay)
{
    if (!match_together(of, type, &overlay, 1)) {
        return false;
    }
    const wb_node_overlay *last = NULL;
    for (uint32_t i = of->overlays.count; i > 0 && last == NULL; i--) {
        const wb_node_overlay *other = &of->overlays.items[i - 1];
        if (other->weight == overlay->weight && other->capacity.count > 0 &&
            match_together(of, type, &other, 1)) {
            last = other;
        }
    }
    bool is_clash = false;
    for (uint32_t i = 0; last != NULL && i < overlay->capacity.count; i++) {
        is_clash =
            is_clash || wb_resource_list_has(last->capacity, overlay->capacity.items[i].name);
    }
    return is_clash;
}

/* Whether it would change what one of its weight that is in force has changed, in some pool. */
static bool is_in_conflict(overlayer *of, const wb_node_overlay *overlay,
                           const wb_overlaid_pool *pools, uint32_t pool_count)
{
    const uint32_t count = of->overlays.count;
    if (count == 0 || of->overlays.items[count - 1].weight != overlay->weight) {
        return false;
    }
    bool is_clash = false;
    for (uint32_t p = 0; p < pool_count; p++) {
        of->pool = pools[p].pool;
        for (uint32_t t = 0; t < pools[p].catalog->type_count && !is_clash; t++) {
            const wb_catalog_type *type = &pools[p].catalog->types[t];
            is_clash =
                (overlay->price_kind != WB_OVERLAY_PRICE_NONE && prices_clash(of, type, overlay)) ||
                (overlay->capacity.count > 0 && capacities_clash(of, type, overlay));
        }
    }
    return is_clash;
}

/* Those in force; the others go to *out_conflicts. */
static wb_node_overlays choose(overlayer *of, const wb_node_overlays *all,
                               const wb_overlaid_pool *pools, uint32_t pool_count,
                               wb_node_overlays *out_conflicts)
{
    wb_node_overlay *order = WB_ARENA_ARRAY(of->arena, wb_node_overlay, (size_t)all->count + 1);
    wb_node_overlay *conflicts = WB_ARENA_ARRAY(of->arena, wb_node_overlay, (size_t)all->count + 1);
    for (uint32_t i = 0; i < all->count; i++) {
        order[i] = all->items[i];
    }
    wb_intern view = *of->intern;
    wb_sort(order, all->count, sizeof order[0], compare_overlays, &view);
    of->overlays = (wb_node_overlays){order, 0};
    uint32_t conflict_count = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        if (is_in_conflict(of, &order[i], pools, pool_count)) {
            conflicts[conflict_count++] = order[i];
        } else {
            order[of->overlays.count++] = order[i];
        }
    }
    *out_conflicts = (wb_node_overlays){conflicts, conflict_count};
    return of->overlays;
}

/* ---- what they change ---- */

/* The overlay that sets an offering's price, or NULL. */
static const wb_node_overlay *price_of(const overlayer *of, const wb_catalog_type *type,
                                       const wb_offering *offering)
{
    const wb_arena_mark mark = wb_arena_get_mark(of->arena);
    const wb_labels labels = labels_of(of, type, offering);
    const wb_node_overlay *found = NULL;
    for (uint32_t i = 0; i < of->overlays.count && found == NULL; i++) {
        const wb_node_overlay *overlay = &of->overlays.items[i];
        if (overlay->price_kind != WB_OVERLAY_PRICE_NONE && matches(of, overlay, labels)) {
            found = overlay;
        }
    }
    wb_arena_rewind(of->arena, mark);
    return found;
}

static void apply_prices(const overlayer *of, wb_catalog_type *type)
{
    wb_offering *offerings = WB_ARENA_ARRAY(of->arena, wb_offering, type->offering_count);
    for (uint32_t i = 0; i < type->offering_count; i++) {
        offerings[i] = type->offerings[i];
        const wb_node_overlay *overlay = price_of(of, type, &offerings[i]);
        if (overlay != NULL) {
            offerings[i].price_usd_per_hour = adjusted(overlay, offerings[i].price_usd_per_hour);
        }
    }
    type->offerings = offerings;
}

static void apply_capacity(const overlayer *of, wb_catalog_type *type)
{
    wb_resource_list added = {0};
    for (uint32_t i = 0; i < of->overlays.count; i++) {
        const wb_node_overlay *overlay = &of->overlays.items[i];
        if (overlay->capacity.count == 0 || !match_together(of, type, &overlay, 1)) {
            continue;
        }
        for (uint32_t r = 0; r < overlay->capacity.count; r++) {
            const wb_resource *one = &overlay->capacity.items[r];
            if (wb_resource_list_get(added, one->name) == 0) {
                added = wb_resource_list_with(of->arena, added, one->name, one->amount);
            }
        }
    }
    for (uint32_t r = 0; r < added.count; r++) {
        type->capacity = wb_resource_list_with(of->arena, type->capacity, added.items[r].name,
                                               added.items[r].amount);
    }
}

static const wb_catalog *overlaid(const overlayer *of, const wb_catalog *catalog)
{
    wb_catalog *made = WB_ARENA_NEW(of->arena, wb_catalog);
    *made = *catalog;
    made->types = WB_ARENA_ARRAY(of->arena, wb_catalog_type, catalog->type_count);
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        made->types[i] = catalog->types[i];
        apply_prices(of, &made->types[i]);
        apply_capacity(of, &made->types[i]);
    }
    return made;
}

wb_node_overlays wb_catalog_overlay_apply(wb_arena *arena, const wb_intern *intern,
                                          const wb_node_overlays *all, wb_overlaid_pool *pools,
                                          uint32_t pool_count, wb_node_overlays *out_conflicts)
{
    assert(arena != NULL && intern != NULL && all != NULL && out_conflicts != NULL);
    assert(pools != NULL || pool_count == 0);
    overlayer of = {.arena = arena, .intern = intern};
    *out_conflicts = (wb_node_overlays){0};
    if (all->count == 0) {
        return of.overlays;
    }
    const wb_node_overlays in_force = choose(&of, all, pools, pool_count, out_conflicts);
    for (uint32_t i = 0; i < pool_count; i++) {
        of.pool = pools[i].pool;
        pools[i].catalog = overlaid(&of, pools[i].catalog);
    }
    return in_force;
}

double wb_catalog_overlay_price(wb_arena *arena, const wb_intern *intern,
                                const wb_node_overlays *in_force, const wb_nodepool *pool,
                                const wb_catalog_type *type, const wb_offering *offering)
{
    assert(arena != NULL && in_force != NULL && pool != NULL);
    assert(type != NULL && offering != NULL);
    const overlayer of = {.arena = arena, .intern = intern, .pool = pool, .overlays = *in_force};
    const wb_node_overlay *overlay = price_of(&of, type, offering);
    return overlay != NULL ? adjusted(overlay, offering->price_usd_per_hour)
                           : offering->price_usd_per_hour;
}

bool wb_catalog_overlay_has_prices(const wb_node_overlays *overlays)
{
    assert(overlays != NULL);
    for (uint32_t i = 0; i < overlays->count; i++) {
        if (overlays->items[i].price_kind != WB_OVERLAY_PRICE_NONE) {
            return true;
        }
    }
    return false;
}
