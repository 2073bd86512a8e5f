/* spec.faults and spec.images: what happens to machines and to their images, for every contender
 * alike. */
#include <assert.h>

#include "base/sort.h"
#include "scenarios/scenario_internal.h"

static void load_fault(const wb_field *entry, wb_fault *out)
{
    static const char *const kinds[] = {"notReady", "condition", "lost", "neverRegisters"};
    const wb_field at = wb_field_get(entry, "at");
    const wb_field kind = wb_field_get(entry, "kind");
    const wb_field lasts = wb_field_get(entry, "for");
    const wb_field condition = wb_field_get(entry, "condition");
    const wb_field share = wb_field_get(entry, "share");
    const wb_field count = wb_field_get(entry, "count");
    *out = (wb_fault){
        .kind = (wb_fault_kind)wb_field_choice(&kind, kinds, 4, WB_FAULT_NOT_READY),
        .at_ms = wb_scenario_duration(&at, 0),
        .for_ms = wb_scenario_duration(&lasts, -1),
        .condition = wb_field_id(&condition),
        .share = wb_node_double(share.node, 1.0),
        .count = (uint32_t)wb_field_int32(&count, INT32_MAX),
    };
    if (!wb_field_is_set(&at)) {
        wb_field_error(&at, "is missing, expected the time of the fault");
    }
    if (!wb_field_is_set(&kind)) {
        wb_field_error(&kind, "is missing, expected notReady, condition, lost or neverRegisters");
    }
    if ((out->kind == WB_FAULT_CONDITION) != wb_field_is_set(&condition)) {
        wb_field_error(&condition, "goes with kind condition and only with it: the condition that "
                                   "turns False, such as StorageReady");
    }
    if (out->share <= 0.0 || out->share > 1.0) {
        wb_field_error(&share, "is '%s', expected a number above 0, up to 1",
                       wb_field_text(&share));
    }
    if (wb_field_int32(&count, 1) < 1) {
        wb_field_error(&count, "is %d, expected 1 or more", wb_field_int32(&count, 1));
    }
}

static int compare_releases(const void *a, const void *b, void *context)
{
    const wb_image_release *left = a;
    const wb_image_release *right = b;
    (void)context;
    return (left->at_ms > right->at_ms) - (left->at_ms < right->at_ms);
}

static void load_images(wb_scenario_loader *loader, const wb_field *spec)
{
    const wb_field list = wb_field_get(spec, "images");
    const uint32_t count = wb_field_count(&list);
    wb_image_release *images = WB_ARENA_ARRAY(loader->context.arena, wb_image_release, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        const wb_field at = wb_field_get(&entry, "at");
        const wb_field family = wb_field_get(&entry, "family");
        if (!wb_field_is_set(&at)) {
            wb_field_error(&at, "is missing, expected when the image comes out");
        }
        if (!wb_field_is_set(&family)) {
            wb_field_error(&family, "is missing, expected a family as in an alias: al2023, al2, "
                                    "bottlerocket");
        }
        images[i] = (wb_image_release){.at_ms = wb_scenario_duration(&at, 0),
                                       .family = wb_field_text(&family)};
    }
    if (count > 0) {
        wb_sort_stable(images, count, sizeof images[0], compare_releases, NULL);
    }
    loader->scenario->images = images;
    loader->scenario->image_count = count;
}

void wb_scenario_load_faults(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    const wb_field list = wb_field_get(spec, "faults");
    const uint32_t count = wb_field_count(&list);
    wb_fault *faults = WB_ARENA_ARRAY(loader->context.arena, wb_fault, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        load_fault(&entry, &faults[i]);
    }
    loader->scenario->faults = faults;
    loader->scenario->fault_count = count;
    load_images(loader, spec);
}
