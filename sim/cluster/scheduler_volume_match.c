/*
 * Which volumes go with a node: node affinity of bound PVs, PVs for claims that wait for their
 * first consumer (the smallest that fits), provisioning where the class allows it, and zone labels.
 */
#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "kube/names.h"
#include "sim/cluster/scheduler_volumes.h"

/* The class that never provisions. */
#define NO_PROVISIONER "kubernetes.io/no-provisioner"

/* ---- affinity of one PV or class ---- */

static bool any_term_matches(const wb_scheduler_core *core, const wb_node_term *terms,
                             uint32_t count, uint32_t slot)
{
    const wb_scheduler_row *row = &core->rows[slot];
    for (uint32_t i = 0; i < count; i++) {
        if (wb_scheduler_filter_node_term(core, &terms[i], row->node.labels, row->node.name)) {
            return true;
        }
    }
    return false;
}

/* A PV without node affinity is reached from everywhere. */
static bool volume_reaches(const wb_scheduler_core *core, const wb_persistent_volume *volume,
                           uint32_t slot)
{
    return volume->required_term_count == 0 ||
           any_term_matches(core, volume->required_terms, volume->required_term_count, slot);
}

/* Whether a volume of the class can be made for a pod on slot. */
static bool class_provisions(const wb_scheduler_core *core, uint32_t class_index, uint32_t slot)
{
    assert(core->volumes != NULL);
    if (class_index == WB_SCHEDULER_NONE) {
        return core->volumes->storage.provisions_at_once;
    }
    const wb_storage_class *class = &core->volumes->storage.classes[class_index];
    if (class->provisioner == 0 ||
        strcmp(wb_intern_text(core->intern, class->provisioner), NO_PROVISIONER) == 0) {
        return false;
    }
    return class->allowed_topology_count == 0 ||
           any_term_matches(core, class->allowed_topologies, class->allowed_topology_count, slot);
}

/* ---- claims that wait ---- */

/* Whether PV index belongs to claim already: by its claimRef, or given to it here. */
static bool is_held_by(const wb_scheduler_volumes *volumes, uint32_t index, uint32_t claim_index)
{
    const wb_persistent_volume *volume = &volumes->storage.volumes[index];
    if (claim_index == WB_SCHEDULER_NONE) {
        return false;
    }
    const wb_volume_claim *claim = &volumes->storage.claims[claim_index];
    return volumes->holder_of_volume[index] == claim_index ||
           (volume->claim_name == claim->name && volume->claim_name != 0 &&
            volume->claim_namespace == claim->namespace_name);
}

/* Taken by somebody: a claimRef, or a pod that was placed here before. */
static bool is_held(const wb_scheduler_volumes *volumes, uint32_t index)
{
    return volumes->holder_of_volume[index] != WB_SCHEDULER_NONE ||
           volumes->storage.volumes[index].claim_name != 0;
}

static bool is_taken(const uint32_t *taken, uint32_t count, uint32_t volume)
{
    for (uint32_t i = 0; i < count; i++) {
        if (taken[i] == volume) {
            return true;
        }
    }
    return false;
}

/* The PV for a claim on slot: the one it holds, else the smallest free one that is large enough, of
 * its class, and reaches the node. taken: given to other claims of the pod in this round. */
static uint32_t find_volume(const wb_scheduler_core *core, const wb_scheduler_planned_volume *item,
                            uint32_t slot, const uint32_t *taken, uint32_t taken_count)
{
    assert(item->kind == WB_PLANNED_DELAYED);
    const wb_scheduler_volumes *volumes = core->volumes;
    const uint32_t class_name = item->claim == WB_SCHEDULER_NONE
                                    ? item->class_name
                                    : volumes->storage.claims[item->claim].storage_class;
    uint32_t best = WB_SCHEDULER_NONE;
    for (uint32_t i = 0; i < volumes->storage.volume_count; i++) {
        const wb_persistent_volume *volume = &volumes->storage.volumes[i];
        if (volume->capacity_bytes < item->request_bytes || volume->is_deleting ||
            is_taken(taken, taken_count, i)) {
            continue;
        }
        if (is_held_by(volumes, i, item->claim)) {
            return volume_reaches(core, volume, slot) ? i : WB_SCHEDULER_NONE;
        }
        if (is_held(volumes, i) || !volume->is_available || volume->storage_class != class_name ||
            !volume_reaches(core, volume, slot)) {
            continue;
        }
        if (best == WB_SCHEDULER_NONE ||
            volume->capacity_bytes < volumes->storage.volumes[best].capacity_bytes) {
            best = i;
        }
    }
    return best;
}

typedef struct sized_item {
    uint32_t index;
    int64_t bytes;
} sized_item;

static int compare_sizes(const void *a, const void *b, void *context)
{
    (void)context;
    const sized_item *x = a;
    const sized_item *y = b;
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

/* The delayed claims of plan, smallest first, so that small claims don't take large volumes. */
static sized_item *sort_delayed(wb_scheduler_core *core, const wb_scheduler_volume_plan *plan,
                                uint32_t *out_count)
{
    sized_item *items = WB_ARENA_ARRAY(&core->scratch, sized_item, (size_t)plan->count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->count; i++) {
        if (plan->items[i].kind == WB_PLANNED_DELAYED) {
            items[count++] = (sized_item){i, plan->items[i].request_bytes};
        }
    }
    wb_sort_stable(items, count, sizeof(*items), compare_sizes, NULL);
    *out_count = count;
    return items;
}

/* The node that a claim was promised to, by its annotation or here; 0: none. */
static uint32_t selected_node(const wb_scheduler_volumes *volumes, uint32_t claim)
{
    assert(claim == WB_SCHEDULER_NONE || claim < volumes->storage.claim_count);
    if (claim == WB_SCHEDULER_NONE) {
        return 0;
    }
    const uint32_t here = volumes->node_of_claim[claim];
    return here != 0 ? here : volumes->storage.claims[claim].selected_node;
}

/* Gives every delayed claim a PV, or has it provisioned; chosen[i] is the PV of plan->items[i], or
 * NONE. False when some claim gets neither. */
static bool match_delayed(wb_scheduler_core *core, const wb_scheduler_volume_plan *plan,
                          uint32_t slot, uint32_t *chosen)
{
    uint32_t count = 0;
    const sized_item *items = sort_delayed(core, plan, &count);
    uint32_t *taken = WB_ARENA_ARRAY(&core->scratch, uint32_t, (size_t)plan->count + 1);
    uint32_t taken_count = 0;
    bool all_provision = true;
    for (uint32_t i = 0; i < count; i++) {
        const wb_scheduler_planned_volume *item = &plan->items[items[i].index];
        chosen[items[i].index] = WB_SCHEDULER_NONE;
        const uint32_t promised = selected_node(core->volumes, item->claim);
        if (promised != 0) {
            if (promised != core->rows[slot].node.name) {
                return false;
            }
        } else {
            const uint32_t volume = find_volume(core, item, slot, taken, taken_count);
            chosen[items[i].index] = volume;
            if (volume != WB_SCHEDULER_NONE) {
                taken[taken_count++] = volume;
                continue;
            }
        }
        all_provision = all_provision && class_provisions(core, item->storage_class, slot);
    }
    return all_provision;
}

/* ---- filters ---- */

uint64_t wb_scheduler_volume_match_reasons(wb_scheduler_core *core,
                                           const wb_scheduler_volume_plan *plan, uint32_t slot)
{
    const wb_scheduler_volumes *volumes = core->volumes;
    const uint32_t zone = wb_labels_get(core->rows[slot].node.labels, WB_NAME_ZONE);
    uint64_t reasons = 0;
    for (uint32_t i = 0; i < plan->count; i++) {
        const wb_scheduler_planned_volume *item = &plan->items[i];
        bool reaches = true;
        if (item->kind == WB_PLANNED_BOUND) {
            reaches = volume_reaches(core, &volumes->storage.volumes[item->volume], slot);
        } else if (item->kind == WB_PLANNED_PROVISIONED) {
            reaches = volumes->zone_of_claim[item->claim] == zone;
        }
        reasons |= reaches ? 0 : UINT64_C(1) << WB_REASON_VOLUME_NODE;
    }
    uint32_t *chosen = WB_ARENA_ARRAY(&core->scratch, uint32_t, (size_t)plan->count + 1);
    if (!match_delayed(core, plan, slot, chosen)) {
        reasons |= UINT64_C(1) << WB_REASON_NO_VOLUME;
    }
    return reasons;
}

/* Whether value is one of the values joined by "__" in joined. */
static bool joined_has(const char *joined, const char *value)
{
    assert(joined != NULL && value != NULL);
    const size_t length = strlen(value);
    while (true) {
        const char *end = strstr(joined, "__");
        const size_t part = end == NULL ? strlen(joined) : (size_t)(end - joined);
        if (part == length && memcmp(joined, value, length) == 0) {
            return true;
        }
        if (end == NULL) {
            return false;
        }
        joined = end + 2;
    }
}

/* The labels that VolumeZone knows; an old one of the PV may be answered by the node's new one. */
static const struct {
    const char *name;
    uint32_t current;
} zone_labels[] = {
    {"failure-domain.beta.kubernetes.io/zone", WB_NAME_ZONE},
    {"failure-domain.beta.kubernetes.io/region", WB_NAME_REGION},
    {"topology.kubernetes.io/zone", WB_NAME_ZONE},
    {"topology.kubernetes.io/region", WB_NAME_REGION},
};

enum {
    ZONE_LABEL_COUNT = sizeof(zone_labels) / sizeof(zone_labels[0])
};

/* Every zone or region label of the PV must be answered by the node. */
static bool labels_agree(const wb_scheduler_core *core, wb_labels of_volume, wb_labels of_node)
{
    for (uint32_t i = 0; i < ZONE_LABEL_COUNT; i++) {
        const uint32_t key = wb_intern_find(core->intern, zone_labels[i].name);
        if (key == 0 || !wb_labels_has(of_volume, key)) {
            continue;
        }
        const uint32_t node_key = wb_labels_has(of_node, key) ? key : zone_labels[i].current;
        if (!wb_labels_has(of_node, node_key) ||
            !joined_has(wb_intern_text(core->intern, wb_labels_get(of_volume, key)),
                        wb_intern_text(core->intern, wb_labels_get(of_node, node_key)))) {
            return false;
        }
    }
    return true;
}

static bool node_has_zone_label(const wb_scheduler_core *core, wb_labels labels)
{
    for (uint32_t i = 0; i < ZONE_LABEL_COUNT; i++) {
        const uint32_t key = wb_intern_find(core->intern, zone_labels[i].name);
        if (key != 0 && wb_labels_has(labels, key)) {
            return true;
        }
    }
    return false;
}

bool wb_scheduler_volume_match_zones(const wb_scheduler_core *core,
                                     const wb_scheduler_volume_plan *plan, uint32_t slot)
{
    const wb_labels labels = core->rows[slot].node.labels;
    if (!node_has_zone_label(core, labels)) {
        return true; /* a cluster of one zone may not label its nodes */
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        const wb_scheduler_planned_volume *item = &plan->items[i];
        if (item->kind == WB_PLANNED_BOUND && !item->is_ephemeral &&
            !labels_agree(core, core->volumes->storage.volumes[item->volume].labels, labels)) {
            return false;
        }
    }
    return true;
}

/* ---- reserving ---- */

void wb_scheduler_core_reserve_volumes(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                       uint32_t node_id)
{
    const uint32_t slot = wb_scheduler_core_slot(core, node_id);
    assert(slot != WB_SCHEDULER_NONE && pod->shape < core->shape_count);
    if (core->volumes == NULL || !core->shapes[pod->shape].uses_volumes) {
        return;
    }
    wb_scheduler_volumes *volumes = core->volumes;
    wb_scheduler_cycle cycle;
    wb_scheduler_cycle_begin(core, pod, &cycle);
    const wb_scheduler_volume_plan *plan = cycle.volumes;
    if (plan == NULL || cycle.all.plugin != WB_PLUGIN_PASSED) {
        return; /* bound by hand, past the filters */
    }
    uint32_t *chosen = WB_ARENA_ARRAY(&core->scratch, uint32_t, (size_t)plan->count + 1);
    if (!match_delayed(core, plan, slot, chosen)) {
        return;
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        const wb_scheduler_planned_volume *item = &plan->items[i];
        if (item->kind != WB_PLANNED_DELAYED || item->claim == WB_SCHEDULER_NONE) {
            continue;
        }
        if (chosen[i] != WB_SCHEDULER_NONE) {
            volumes->holder_of_volume[chosen[i]] = item->claim;
        } else if (volumes->storage.provisions_at_once) {
            volumes->zone_of_claim[item->claim] =
                wb_labels_get(core->rows[slot].node.labels, WB_NAME_ZONE);
        } else {
            volumes->node_of_claim[item->claim] = core->rows[slot].node.name;
        }
    }
}
