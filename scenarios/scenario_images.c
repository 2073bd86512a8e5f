/* spec.imageSizes: how long pulls take by the size of images, off where it is absent. */
#include <assert.h>

#include "base/quantity.h"
#include "scenarios/scenario_internal.h"

#define DEFAULT_PER_SECOND (INT64_C(50) * 1024 * 1024) /* docs/scenario.md says whence */
#define DEFAULT_OTHERWISE  (INT64_C(200) * 1024 * 1024)

static int64_t load_bytes(const wb_field *field, int64_t fallback, int64_t least)
{
    wb_quantity quantity;
    if (!wb_field_is_set(field)) {
        return fallback;
    }
    if (wb_quantity_parse(wb_field_text(field), &quantity, NULL) != WB_OK ||
        wb_quantity_units(&quantity) < least) {
        wb_field_error(field, "is '%s', expected bytes such as 300Mi", wb_field_text(field));
        return fallback;
    }
    return wb_quantity_units(&quantity);
}

void wb_scenario_load_image_sizes(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    const wb_field owner = wb_field_get(spec, "imageSizes");
    if (!wb_field_is_set(&owner)) {
        return;
    }
    const wb_field rate = wb_field_get(&owner, "perSecond");
    const wb_field otherwise = wb_field_get(&owner, "otherwise");
    const wb_field sizes = wb_field_get(&owner, "sizes");
    const uint32_t count = wb_field_entry_count(&sizes);
    wb_image_size *out = WB_ARENA_ARRAY(loader->context.arena, wb_image_size, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field size = wb_field_at(&sizes, i);
        out[i] = (wb_image_size){
            .image = wb_intern_add(loader->context.intern, sizes.node->keys[i]),
            .bytes = load_bytes(&size, 0, 0),
        };
    }
    loader->scenario->image_sizes = (wb_image_pull_sizes){
        .sizes = out,
        .count = count,
        .otherwise_bytes = load_bytes(&otherwise, DEFAULT_OTHERWISE, 0),
        .bytes_per_second = load_bytes(&rate, DEFAULT_PER_SECOND, 1),
    };
}
