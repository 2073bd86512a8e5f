#include "kube/catalog/catalog_overlay.h"

#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "kube/names.h"

/* An overlay in the order in which they are taken, and whether it is in conflict. */
typedef struct ranked {
    const wb_node_overlay *overlay;
    bool is_out;
} ranked;

typedef struct overlayer {
    wb_arena *arena;
    const wb_intern *intern;
    const wb_nodepool *pool;
    ranked *order;
    uint32_t count;
} overlayer;

static int compare_ranked(const void *a, const void *b, void *context)
{
    const wb_intern *intern = context;
    const wb_node_overlay *left = ((const ranked *)a)->overlay;
    const wb_node_overlay *right = ((const ranked *)b)->overlay;
    if (left->weight != right->weight) {
        return left->weight > right->weight ? -1 : 1;
    }
    return strcmp(wb_intern_text(intern, left->name), wb_intern_text(intern, right->name));
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
    labels = wb_labels_with(of->arena, labels, WB_NAME_NODEPOOL, of->pool->name);
    labels = wb_labels_with(of->arena, labels, WB_NAME_INSTANCE_TYPE, type->name);
    if (offering != NULL) {
        const char *market = wb_capacity_type_name(offering->capacity_type);
        labels = wb_labels_with(of->arena, labels, WB_NAME_ZONE, offering->zone);
        labels = wb_labels_with(of->arena, labels, WB_NAME_CAPACITY_TYPE,
                                wb_intern_find(of->intern, market));
    }
    return labels;
}

/* Market and zone are an offering's: for a type as such they are left out. */
static bool matches(const overlayer *of, const wb_node_overlay *overlay, wb_labels labels,
                    bool is_offering)
{
    for (uint32_t i = 0; i < overlay->requirement_count; i++) {
        const wb_label_expression *one = &overlay->requirements[i];
        const bool is_of_offering = one->key == WB_NAME_ZONE || one->key == WB_NAME_CAPACITY_TYPE;
        if ((is_offering || !is_of_offering) &&
            !wb_label_expression_matches(of->intern, one, labels)) {
            return false;
        }
    }
    return true;
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

/* The overlay that sets an offering's price, or NULL. */
static const wb_node_overlay *price_of(const overlayer *of, const wb_catalog_type *type,
                                       const wb_offering *offering)
{
    const wb_arena_mark mark = wb_arena_get_mark(of->arena);
    const wb_labels labels = labels_of(of, type, offering);
    const wb_node_overlay *found = NULL;
    for (uint32_t i = 0; i < of->count && found == NULL; i++) {
        const wb_node_overlay *overlay = of->order[i].overlay;
        if (!of->order[i].is_out && overlay->price_kind != WB_OVERLAY_PRICE_NONE &&
            matches(of, overlay, labels, true)) {
            found = overlay;
        }
    }
    wb_arena_rewind(of->arena, mark);
    return found;
}

/* Whether two overlays of one weight change the price of one offering of the type, each another. */
static bool prices_clash(const overlayer *of, const wb_catalog_type *type, const wb_node_overlay *a,
                         const wb_node_overlay *b)
{
    if (a->price_kind == WB_OVERLAY_PRICE_NONE || b->price_kind == WB_OVERLAY_PRICE_NONE ||
        (a->price_kind == b->price_kind && a->price_value >= b->price_value &&
         a->price_value <= b->price_value)) {
        return false;
    }
    bool is_clash = false;
    for (uint32_t i = 0; i < type->offering_count && !is_clash; i++) {
        const wb_arena_mark mark = wb_arena_get_mark(of->arena);
        const wb_labels labels = labels_of(of, type, &type->offerings[i]);
        is_clash = matches(of, a, labels, true) && matches(of, b, labels, true);
        wb_arena_rewind(of->arena, mark);
    }
    return is_clash;
}

static bool capacities_clash(const overlayer *of, const wb_catalog_type *type,
                             const wb_node_overlay *a, const wb_node_overlay *b)
{
    bool is_clash = false;
    for (uint32_t i = 0; i < a->capacity.count && !is_clash; i++) {
        const int64_t other = wb_resource_list_get(b->capacity, a->capacity.items[i].name);
        is_clash = other != 0 && other != a->capacity.items[i].amount;
    }
    if (!is_clash) {
        return false;
    }
    const wb_arena_mark mark = wb_arena_get_mark(of->arena);
    const wb_labels labels = labels_of(of, type, NULL);
    is_clash = matches(of, a, labels, false) && matches(of, b, labels, false);
    wb_arena_rewind(of->arena, mark);
    return is_clash;
}

/* Of two in conflict the later by name is out; one that is out is in nobody's way. */
static void find_conflicts(overlayer *of, const wb_catalog *catalog)
{
    for (uint32_t i = 0; i < of->count; i++) {
        for (uint32_t j = 0; j < i && !of->order[i].is_out; j++) {
            const wb_node_overlay *a = of->order[j].overlay;
            const wb_node_overlay *b = of->order[i].overlay;
            if (of->order[j].is_out || a->weight != b->weight) {
                continue;
            }
            for (uint32_t t = 0; t < catalog->type_count && !of->order[i].is_out; t++) {
                of->order[i].is_out = prices_clash(of, &catalog->types[t], a, b) ||
                                      capacities_clash(of, &catalog->types[t], a, b);
            }
        }
    }
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
    for (uint32_t i = 0; i < of->count; i++) {
        const wb_node_overlay *overlay = of->order[i].overlay;
        const wb_labels labels = labels_of(of, type, NULL);
        if (of->order[i].is_out || overlay->capacity.count == 0 ||
            !matches(of, overlay, labels, false)) {
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

wb_catalog wb_catalog_overlay_apply(wb_arena *arena, const wb_intern *intern,
                                    const wb_catalog *catalog, const wb_nodepool *pool,
                                    const wb_node_overlays *overlays)
{
    assert(arena != NULL && catalog != NULL && pool != NULL && overlays != NULL);
    overlayer of = {
        .arena = arena,
        .intern = intern,
        .pool = pool,
        .order = WB_ARENA_ARRAY(arena, ranked, (size_t)overlays->count + 1),
        .count = overlays->count,
    };
    for (uint32_t i = 0; i < of.count; i++) {
        of.order[i].overlay = &overlays->items[i];
    }
    wb_intern view = *intern;
    wb_sort(of.order, of.count, sizeof of.order[0], compare_ranked, &view);
    find_conflicts(&of, catalog);
    wb_catalog made = *catalog;
    made.types = WB_ARENA_ARRAY(arena, wb_catalog_type, catalog->type_count);
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        made.types[i] = catalog->types[i];
        apply_prices(&of, &made.types[i]);
        apply_capacity(&of, &made.types[i]);
    }
    return made;
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
