/* spec.storage: EBS volumes of claims, off where it is absent. Claims that the controllers of
 * StatefulSets would make join the scenario's own objects here, for as many ordinals as the
 * workload ever has; a class that the files lack is taken for what EBS classes are. */
#include <assert.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/quantity.h"
#include "kube/names.h"
#include "scenarios/scenario_internal.h"

static const wb_boot_phase default_attach = {6000, 0.4};
static const wb_boot_phase default_detach = {5000, 0.4};

static bool has_claim(const wb_manifest *base, uint32_t namespace_name, uint32_t name)
{
    for (uint32_t i = 0; i < base->volume_claim_count; i++) {
        if (base->volume_claims[i].name == name &&
            base->volume_claims[i].namespace_name == namespace_name) {
            return true;
        }
    }
    return false;
}

/* The class of that name, or the default one; made where there is none. */
static uint32_t ensure_class(const wb_scenario_loader *loader, uint32_t name)
{
    wb_manifest *base = loader->scenario->base;
    for (uint32_t i = 0; i < base->storage_class_count; i++) {
        if (name != 0 ? base->storage_classes[i].name == name
                      : base->storage_classes[i].is_default) {
            return base->storage_classes[i].name;
        }
    }
    const uint32_t known = name != 0 ? name : wb_intern_add(loader->context.intern, "gp3");
    base->storage_classes =
        wb_arena_grow(loader->context.arena, base->storage_classes, base->storage_class_count,
                      base->storage_class_count + (size_t)1, sizeof base->storage_classes[0]);
    base->storage_classes[base->storage_class_count++] = (wb_storage_class){
        .name = known,
        .provisioner = wb_intern_add(loader->context.intern, "ebs.csi.aws.com"),
        .is_default = name == 0,
    };
    return known;
}

/* What a claim template asks for, in bytes. */
static int64_t requested_bytes(const wb_workload *workload, uint32_t index)
{
    const wb_node *list = workload->source != NULL
                              ? wb_node_find(workload->source, "spec.volumeClaimTemplates")
                              : NULL;
    const wb_node *claim = list != NULL && index < list->count ? list->children[index] : NULL;
    const wb_node *size =
        claim != NULL ? wb_node_find(claim, "spec.resources.requests.storage") : NULL;
    wb_quantity quantity;
    return size != NULL && wb_quantity_parse(wb_node_string(size, ""), &quantity, NULL) == WB_OK
               ? wb_quantity_units(&quantity)
               : 0;
}

static void add_claim(const wb_scenario_loader *loader, const wb_workload *workload, uint32_t index,
                      int32_t ordinal)
{
    wb_manifest *base = loader->scenario->base;
    const wb_volume *template = &workload->claim_templates[index];
    char text[600];
    (void)snprintf(text, sizeof text, "%s-%s-%d",
                   wb_intern_text(loader->context.intern, template->name),
                   wb_intern_text(loader->context.intern, workload->name), ordinal);
    const uint32_t name = wb_intern_add(loader->context.intern, text);
    if (has_claim(base, workload->namespace_name, name)) {
        return;
    }
    base->volume_claims =
        wb_arena_grow(loader->context.arena, base->volume_claims, base->volume_claim_count,
                      base->volume_claim_count + (size_t)1, sizeof base->volume_claims[0]);
    base->volume_claims[base->volume_claim_count++] = (wb_volume_claim){
        .name = name,
        .namespace_name = workload->namespace_name,
        .storage_class = ensure_class(loader, template->storage_class),
        .request_bytes = requested_bytes(workload, index),
    };
}

/* The most replicas that the workload's steps ever ask for. */
static int32_t most_replicas(const wb_scenario *scenario, const wb_workload *workload)
{
    int32_t most = workload->replicas;
    for (uint32_t i = 0; i < scenario->step_count; i++) {
        const wb_scenario_step *step = &scenario->steps[i];
        if (step->kind == WB_STEP_SCALE && step->owner_kind == workload->kind &&
            step->name == workload->name && step->namespace_name == workload->namespace_name &&
            step->replicas > most) {
            most = step->replicas;
        }
    }
    return most;
}

static void add_claims_of(const wb_scenario_loader *loader, const wb_manifest *manifest)
{
    for (uint32_t i = 0; i < manifest->workload_count; i++) {
        const wb_workload *workload = &manifest->workloads[i];
        const int32_t count = most_replicas(loader->scenario, workload);
        for (uint32_t c = 0; c < workload->claim_template_count; c++) {
            for (int32_t ordinal = 0; ordinal < count; ordinal++) {
                add_claim(loader, workload, c, ordinal);
            }
        }
    }
}

void wb_scenario_load_storage(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    const wb_field storage = wb_field_get(spec, "storage");
    const wb_field force = wb_field_get(&storage, "forceDetach");
    wb_scenario *scenario = loader->scenario;
    scenario->storage = (wb_cloud_storage_options){
        .is_on = wb_field_is_set(&storage),
        .attach = default_attach,
        .detach = default_detach,
        .force_detach_ms = wb_scenario_duration(&force, 6 * WB_MS_PER_MINUTE),
    };
    if (!scenario->storage.is_on) {
        return;
    }
    wb_scenario_load_phase(&storage, "attach", &scenario->storage.attach);
    wb_scenario_load_phase(&storage, "detach", &scenario->storage.detach);
    add_claims_of(loader, scenario->base);
    for (uint32_t i = 0; i < scenario->step_count; i++) {
        if (scenario->steps[i].kind == WB_STEP_APPLY) {
            add_claims_of(loader, scenario->steps[i].manifest);
        }
    }
}
