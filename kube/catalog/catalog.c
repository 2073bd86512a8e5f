/*
 * Looking things up in a catalog that is complete.
 *
 * Names are found through an array over the range of their interned ids. A catalog is interned type
 * by type with the label values between the names, so for 1,345 types the range is some 2,000 ids:
 * 8 KiB, one load per question. A type has two or three offerings per zone, so prices are found by
 * walking them.
 */
#include "kube/catalog/catalog.h"

#include <assert.h>
#include <fnmatch.h>
#include <string.h>

#include "kube/catalog/catalog_internal.h"

void wb_catalog_index(wb_arena *arena, wb_catalog *catalog)
{
    catalog->index_by_name = NULL;
    catalog->name_span = 0;
    if (catalog->type_count == 0) {
        return;
    }
    uint32_t first = UINT32_MAX;
    uint32_t last = 0;
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        const uint32_t name = catalog->types[i].name;
        assert(name != 0);
        first = name < first ? name : first;
        last = name > last ? name : last;
    }
    const uint32_t span = last - first + 1;
    uint32_t *index = WB_ARENA_ARRAY(arena, uint32_t, span);
    memset(index, 0xff, span * sizeof(index[0]));
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        index[catalog->types[i].name - first] = i;
    }
    catalog->index_by_name = index;
    catalog->first_name = first;
    catalog->name_span = span;
}

uint32_t wb_catalog_find(const wb_catalog *catalog, uint32_t name)
{
    assert(catalog != NULL);
    if (catalog->index_by_name != NULL) {
        const uint32_t offset = name - catalog->first_name; /* wraps to a large one below it */
        return offset < catalog->name_span ? catalog->index_by_name[offset] : UINT32_MAX;
    }
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        if (catalog->types[i].name == name) {
            return i;
        }
    }
    return UINT32_MAX;
}

/* Shell globs, as golden cases and users write them: "m5.*" must not be a regular expression. */
static bool matches_any_glob(const char *name, const char *const *globs, uint32_t glob_count)
{
    for (uint32_t i = 0; i < glob_count; i++) {
        if (fnmatch(globs[i], name, 0) == 0) {
            return true;
        }
    }
    return false;
}

wb_catalog wb_catalog_select(wb_arena *arena, const wb_intern *intern, const wb_catalog *catalog,
                             const char *const *globs, uint32_t glob_count)
{
    assert(glob_count == 0 || globs != NULL);
    wb_catalog selected = *catalog;
    selected.types = WB_ARENA_ARRAY(arena, wb_catalog_type, catalog->type_count);
    selected.type_count = 0;
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        if (matches_any_glob(wb_intern_text(intern, catalog->types[i].name), globs, glob_count)) {
            selected.types[selected.type_count++] = catalog->types[i];
        }
    }
    wb_catalog_index(arena, &selected);
    return selected;
}

bool wb_catalog_price(const wb_catalog *catalog, uint32_t type_index, uint32_t zone,
                      wb_capacity_type capacity_type, double *out_usd_per_hour)
{
    assert(type_index < catalog->type_count);
    const wb_catalog_type *type = &catalog->types[type_index];
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering *offering = &type->offerings[i];
        if (offering->zone == zone && offering->capacity_type == capacity_type) {
            *out_usd_per_hour = offering->price_usd_per_hour;
            return true;
        }
    }
    return false;
}

const char *wb_capacity_type_name(wb_capacity_type capacity_type)
{
    static const char *const names[] = {
        [WB_CAPACITY_ON_DEMAND] = "on-demand",
        [WB_CAPACITY_SPOT] = "spot",
        [WB_CAPACITY_RESERVED] = "reserved",
    };
    assert((size_t)capacity_type < sizeof(names) / sizeof(names[0]));
    return names[capacity_type];
}
