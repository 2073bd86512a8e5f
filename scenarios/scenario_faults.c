/* spec.faults: machines that fall ill, die or never join, for every contender alike. */
#include <assert.h>

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
}
