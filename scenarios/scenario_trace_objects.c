/*
 * What a trace applies and the scheduler must know from the start: claims, volumes, classes,
 * namespaces. Controllers here make none of them, and a pod whose claim is unknown would wait for
 * ever, so they join the scenario's own objects when it is loaded; what the scenario brings itself
 * under the same name stays.
 *
 * Most traces apply none, and only those that do are read a second time, up to the last of them.
 */
#include <assert.h>

#include "kube/names.h"
#include "scenarios/scenario_internal.h"

uint64_t wb_scenario_standing_count(const wb_trace_record *record)
{
    assert(record != NULL);
    if (record->kind != WB_TRACE_APPLY) {
        return 0;
    }
    const wb_manifest *manifest = record->manifest;
    return (uint64_t)manifest->namespace_count + manifest->volume_claim_count +
           manifest->persistent_volume_count + manifest->storage_class_count +
           manifest->priority_class_count;
}

/* Whether base has an object of the kind and name of the one in added already. */
static bool has_already(const wb_manifest *base, const wb_manifest *added)
{
    for (uint32_t i = 0; added->namespace_count > 0 && i < base->namespace_count; i++) {
        if (base->namespaces[i].name == added->namespaces[0].name) {
            return true;
        }
    }
    for (uint32_t i = 0; added->volume_claim_count > 0 && i < base->volume_claim_count; i++) {
        if (base->volume_claims[i].name == added->volume_claims[0].name &&
            base->volume_claims[i].namespace_name == added->volume_claims[0].namespace_name) {
            return true;
        }
    }
    for (uint32_t i = 0; added->persistent_volume_count > 0 && i < base->persistent_volume_count;
         i++) {
        if (base->persistent_volumes[i].name == added->persistent_volumes[0].name) {
            return true;
        }
    }
    for (uint32_t i = 0; added->storage_class_count > 0 && i < base->storage_class_count; i++) {
        if (base->storage_classes[i].name == added->storage_classes[0].name) {
            return true;
        }
    }
    for (uint32_t i = 0; added->priority_class_count > 0 && i < base->priority_class_count; i++) {
        if (base->priority_classes[i].name == added->priority_classes[0].name) {
            return true;
        }
    }
    return false;
}

/* Decodes the object again, with the scenario's own names and for as long as the scenario lives. */
static void take(wb_scenario_loader *loader, const wb_trace_record *record)
{
    const wb_node *object = wb_node_get(record->source, "apply");
    wb_manifest added;
    wb_manifest_init(&added);
    wb_manifest_add_document(&added, &loader->context, object);
    if (!has_already(loader->scenario->base, &added)) {
        wb_manifest_add_document(loader->scenario->base, &loader->context, object);
    }
}

void wb_scenario_take_standing(wb_scenario_loader *loader, const char *path, uint64_t count)
{
    assert(loader != NULL && path != NULL);
    if (count == 0) {
        return;
    }
    wb_arena arena;
    wb_intern intern;
    wb_trace_reader *reader = NULL;
    wb_trace_record record = {0};
    wb_error err;
    wb_arena_init(&arena, "trace objects", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_status status = wb_trace_reader_open(path, &arena, &intern, &reader, &err);
    while (status == WB_OK && count > 0 && record.kind != WB_TRACE_END) {
        status = wb_trace_reader_next(reader, &record, &err);
        const uint64_t standing = status == WB_OK ? wb_scenario_standing_count(&record) : 0;
        if (standing > 0) {
            take(loader, &record);
        }
        count = standing < count ? count - standing : 0;
    }
    if (status != WB_OK) { /* it was read before: it changed meanwhile */
        wb_findings_add(loader->context.findings, WB_SEVERITY_ERROR, (wb_position){0}, NULL, "%s",
                        err.text);
    }
    wb_trace_reader_close(reader);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}
