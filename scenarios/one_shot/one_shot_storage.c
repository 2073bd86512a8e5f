/* Volume claims that StatefulSets' controllers would make, and classes that the files lack. */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "scenarios/one_shot/one_shot_internal.h"

const wb_volume_claim *wb_one_shot_find_claim(const wb_one_shot_reader *reader,
                                              uint32_t namespace_name, uint32_t name)
{
    const wb_solver_problem *storage = &reader->input->storage;
    for (uint32_t i = 0; i < storage->volume_claim_count; i++) {
        if (reader->claims[i].name == name && reader->claims[i].namespace_name == namespace_name) {
            return &reader->claims[i];
        }
    }
    return NULL;
}

/* "<claim template>-<StatefulSet>-<ordinal>", as the controller names claims. */
static uint32_t claim_name(wb_one_shot_reader *reader, const wb_workload *workload,
                           uint32_t template_name, int32_t ordinal)
{
    assert(template_name != 0 && ordinal >= 0);
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s-%s-%d", wb_intern_text(reader->intern, template_name),
                       wb_intern_text(reader->intern, workload->name), ordinal);
    const uint32_t name = wb_intern_add(reader->intern, wb_text_string(&text));
    wb_text_release(&text);
    return name;
}

static void add_claim(wb_one_shot_reader *reader, const wb_volume_claim *claim)
{
    assert(claim->name != 0 && claim->namespace_name != 0);
    wb_solver_problem *storage = &reader->input->storage;
    const uint32_t count = storage->volume_claim_count;
    reader->claims =
        wb_arena_grow(reader->arena, reader->claims, count, count + 1U, sizeof(*reader->claims));
    reader->claims[count] = *claim;
    storage->volume_claim_count = count + 1;
}

const wb_pod_template *wb_one_shot_claimed_template(wb_one_shot_reader *reader,
                                                    const wb_workload *workload, int32_t ordinal)
{
    assert(workload->kind == WB_OWNER_STATEFUL_SET);
    if (workload->claim_template_count == 0) {
        return workload->template;
    }
    const wb_pod_template *from = workload->template;
    wb_pod_template *made = WB_ARENA_NEW(reader->arena, wb_pod_template);
    wb_volume *volumes = WB_ARENA_ARRAY(reader->arena, wb_volume,
                                        from->volume_count + workload->claim_template_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < workload->claim_template_count; i++) {
        const wb_volume *claim = &workload->claim_templates[i];
        const uint32_t name = claim_name(reader, workload, claim->name, ordinal);
        volumes[count++] =
            (wb_volume){.kind = WB_VOLUME_CLAIM, .name = claim->name, .claim_name = name};
        if (wb_one_shot_find_claim(reader, workload->namespace_name, name) == NULL) {
            const wb_volume_claim unbound = {.name = name,
                                             .namespace_name = workload->namespace_name,
                                             .storage_class = claim->storage_class};
            add_claim(reader, &unbound);
        }
    }
    for (uint32_t i = 0; i < from->volume_count; i++) {
        bool is_replaced = false;
        for (uint32_t c = 0; c < workload->claim_template_count; c++) {
            is_replaced = is_replaced || workload->claim_templates[c].name == from->volumes[i].name;
        }
        if (!is_replaced) {
            volumes[count++] = from->volumes[i];
        }
    }
    *made = *from;
    made->volumes = volumes;
    made->volume_count = count;
    return made;
}

static bool has_class(const wb_one_shot_reader *reader, uint32_t name)
{
    for (uint32_t i = 0; i < reader->input->storage.storage_class_count; i++) {
        const wb_storage_class *class = &reader->classes[i];
        if (name != 0 ? class->name == name : class->is_default) {
            return true;
        }
    }
    return false;
}

/* What EBS classes are: the volume is made in the zone of the pod's node. */
static void assume_class(wb_one_shot_reader *reader, uint32_t name)
{
    if (has_class(reader, name)) {
        return;
    }
    wb_solver_problem *storage = &reader->input->storage;
    const uint32_t count = storage->storage_class_count;
    const uint32_t known = name != 0 ? name : (uint32_t)WB_NAME_DEFAULT;
    reader->classes =
        wb_arena_grow(reader->arena, reader->classes, count, count + 1U, sizeof(*reader->classes));
    reader->classes[count] = (wb_storage_class){
        .name = known,
        .provisioner = wb_intern_add(reader->intern, "ebs.csi.aws.com"),
        .is_default = name == 0,
    };
    storage->storage_class_count = count + 1;
    wb_one_shot_note(reader,
                     "StorageClass %s is not in the files: WaitForFirstConsumer of "
                     "ebs.csi.aws.com is assumed",
                     name != 0 ? wb_intern_text(reader->intern, name) : "(the default)");
}

/* The name of the default class, which the API server fills in. */
static uint32_t default_class(const wb_one_shot_reader *reader)
{
    for (uint32_t i = 0; i < reader->input->storage.storage_class_count; i++) {
        if (reader->classes[i].is_default) {
            return reader->classes[i].name;
        }
    }
    return 0;
}

void wb_one_shot_finish_storage(wb_one_shot_reader *reader)
{
    assert(reader != NULL);
    wb_solver_problem *storage = &reader->input->storage;
    for (uint32_t i = 0; i < storage->volume_claim_count; i++) {
        if (reader->claims[i].volume_name == 0) {
            assume_class(reader, reader->claims[i].storage_class);
        }
        if (reader->claims[i].storage_class == 0) {
            reader->claims[i].storage_class = default_class(reader);
        }
    }
    for (uint32_t p = 0; p < reader->input->pod_count; p++) {
        const wb_pod_template *template = reader->pods[p].template;
        for (uint32_t v = 0; v < template->volume_count; v++) {
            if (template->volumes[v].kind == WB_VOLUME_EPHEMERAL) {
                assume_class(reader, template->volumes[v].storage_class);
            }
        }
    }
    storage->volume_claims = reader->claims;
    storage->storage_classes = reader->classes;
}
