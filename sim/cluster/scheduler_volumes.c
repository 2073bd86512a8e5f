/*
 * Volume filters: VolumeRestrictions (ReadWriteOncePod), NodeVolumeLimits (attach limits), and
 * VolumeBinding and VolumeZone, whose checks of one node are in scheduler_volume_match.c.
 *
 * A pod's claims are looked up once per cycle (the plan); what prefilters find wrong there rejects
 * every node. Volumes that a bound pod was given stay given: the PV is gone for other claims, and a
 * claim that is to be provisioned remembers its node, or, in a simulation, its zone.
 *
 * Source: spec/kube-scheduler.md section 3 and kube-scheduler 1.36's volume plugins.
 */
#include "sim/cluster/scheduler_volumes.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/heap_memory.h"
#include "kube/names.h"

/* ---- tables ---- */

static uint64_t pair_key(uint32_t a, uint32_t b)
{
    return (uint64_t)a << 32 | b;
}

static uint32_t look_up(const wb_hash_map *map, uint64_t key)
{
    uint64_t found = 0;
    return wb_hash_map_get(map, key, &found) ? (uint32_t)found : WB_SCHEDULER_NONE;
}

static void fill_none(uint32_t *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        items[i] = WB_SCHEDULER_NONE;
    }
}

void wb_scheduler_core_set_storage(wb_scheduler_core *core, const wb_scheduler_storage *storage)
{
    assert(storage != NULL && core->pod_by_id.used_count == 0);
    wb_scheduler_volumes_release(core);
    wb_scheduler_volumes *volumes = wb_heap_memory_zalloc(1, sizeof(*volumes));
    volumes->storage = *storage;
    wb_hash_map_init(&volumes->claim_by_name);
    wb_hash_map_init(&volumes->volume_by_name);
    wb_hash_map_init(&volumes->class_by_name);
    wb_hash_map_init(&volumes->limit_by_node);
    for (uint32_t i = 0; i < storage->claim_count; i++) {
        const wb_volume_claim *claim = &storage->claims[i];
        wb_hash_map_put(&volumes->claim_by_name, pair_key(claim->namespace_name, claim->name), i);
    }
    for (uint32_t i = 0; i < storage->volume_count; i++) {
        wb_hash_map_put(&volumes->volume_by_name, storage->volumes[i].name, i);
    }
    for (uint32_t i = 0; i < storage->class_count; i++) {
        wb_hash_map_put(&volumes->class_by_name, storage->classes[i].name, i);
    }
    for (uint32_t i = 0; i < storage->limit_count; i++) {
        const wb_attach_limit *limit = &storage->limits[i];
        wb_hash_map_put(&volumes->limit_by_node, pair_key(limit->node_name, limit->driver), i);
    }
    const size_t claims = (size_t)storage->claim_count + 1;
    volumes->holder_of_volume =
        wb_heap_memory_alloc((size_t)storage->volume_count + 1, sizeof(uint32_t));
    fill_none(volumes->holder_of_volume, storage->volume_count);
    volumes->node_of_claim = wb_heap_memory_zalloc(claims, sizeof(uint32_t));
    volumes->zone_of_claim = wb_heap_memory_zalloc(claims, sizeof(uint32_t));
    volumes->users_of_claim = wb_heap_memory_zalloc(claims, sizeof(uint32_t));
    core->volumes = volumes;
}

void wb_scheduler_volumes_release(wb_scheduler_core *core)
{
    wb_scheduler_volumes *volumes = core->volumes;
    if (volumes == NULL) {
        return;
    }
    wb_hash_map_release(&volumes->claim_by_name);
    wb_hash_map_release(&volumes->volume_by_name);
    wb_hash_map_release(&volumes->class_by_name);
    wb_hash_map_release(&volumes->limit_by_node);
    wb_heap_memory_free(volumes->holder_of_volume);
    wb_heap_memory_free(volumes->node_of_claim);
    wb_heap_memory_free(volumes->zone_of_claim);
    wb_heap_memory_free(volumes->users_of_claim);
    wb_heap_memory_free(volumes);
    core->volumes = NULL;
}

static bool is_claim_volume(const wb_volume *volume)
{
    return volume->kind == WB_VOLUME_CLAIM || volume->kind == WB_VOLUME_EPHEMERAL;
}

/* The claim that volume of pod uses, or WB_SCHEDULER_NONE. *out_name is its name, in scratch or
 * interned. */
static uint32_t find_claim(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                           const wb_volume *volume, const char **out_name)
{
    assert(core->volumes != NULL && is_claim_volume(volume));
    const wb_scheduler_shape *shape = &core->shapes[pod->shape];
    uint32_t name = volume->claim_name;
    *out_name = wb_intern_text(core->intern, name);
    if (volume->kind == WB_VOLUME_EPHEMERAL) {
        const char *volume_name = wb_intern_text(core->intern, volume->name);
        const size_t size = strlen(pod->name) + strlen(volume_name) + 2;
        char *text = wb_arena_alloc(&core->scratch, size);
        (void)snprintf(text, size, "%s-%s", pod->name, volume_name);
        name = wb_intern_find(core->intern, text);
        *out_name = text;
    }
    return name == 0
               ? WB_SCHEDULER_NONE
               : look_up(&core->volumes->claim_by_name, pair_key(shape->namespace_name, name));
}

void wb_scheduler_volumes_change(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                 uint32_t slot, int32_t delta)
{
    assert(delta == 1 || delta == -1);
    (void)slot; /* who uses which claim matters cluster-wide; nodes are walked when asked about */
    if (core->volumes == NULL) {
        return;
    }
    const wb_arena_mark mark = wb_arena_get_mark(&core->scratch);
    const wb_pod_template *template = core->shapes[pod->shape].template;
    for (uint32_t i = 0; i < template->volume_count; i++) {
        if (template->volumes[i].kind != WB_VOLUME_CLAIM) {
            continue;
        }
        const char *name = NULL;
        const uint32_t claim = find_claim(core, pod, &template->volumes[i], &name);
        if (claim != WB_SCHEDULER_NONE) {
            uint32_t *users = &core->volumes->users_of_claim[claim];
            assert(delta > 0 || *users > 0);
            *users += delta > 0 ? 1U : UINT32_MAX;
        }
    }
    wb_arena_rewind(&core->scratch, mark);
}

/* ---- the plan ---- */

/* A prefilter's verdict: no node is looked at. text names what is wrong, where the reason has no
 * fixed words. */
static void reject_all(wb_scheduler_cycle *cycle, wb_scheduler_plugin plugin,
                       wb_scheduler_reason reason, const char *text)
{
    assert(cycle->all.plugin == WB_PLUGIN_PASSED);
    cycle->all = (wb_scheduler_rejection){.plugin = (uint8_t)plugin,
                                          .reason = (uint8_t)reason,
                                          .is_unresolvable = true};
    cycle->all_text = text;
}

WB_PRINTF(2, 3)
static const char *say(wb_scheduler_core *core, const char *fmt, ...)
{
    char text[640];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    return wb_arena_copy_string(&core->scratch, text);
}

/* VolumeRestrictions' prefilter: every named claim exists; how many ReadWriteOncePod claims others
 * use already. */
static bool plan_restrictions(wb_scheduler_core *core, wb_scheduler_cycle *cycle)
{
    wb_scheduler_volume_plan *plan = cycle->volumes;
    const wb_scheduler_volumes *volumes = core->volumes;
    for (uint32_t i = 0; i < plan->count; i++) {
        wb_scheduler_planned_volume *item = &plan->items[i];
        if (item->claim == WB_SCHEDULER_NONE) {
            if (item->is_ephemeral) {
                continue;
            }
            reject_all(cycle, WB_PLUGIN_VOLUME_RESTRICTIONS, WB_REASON_VOLUME_TEXT,
                       say(core, "persistentvolumeclaim \"%.250s\" not found", item->name));
            return false;
        }
        item->users_before = volumes->users_of_claim[item->claim];
        const bool is_exclusive =
            !item->is_ephemeral && volumes->storage.claims[item->claim].is_read_write_once_pod;
        if (is_exclusive && item->users_before > 0) {
            plan->conflicts_before++;
        }
    }
    return true;
}

/* VolumeBinding's first check of one claim. */
static bool claim_is_usable(wb_scheduler_core *core, wb_scheduler_cycle *cycle,
                            const wb_scheduler_planned_volume *item)
{
    if (item->claim == WB_SCHEDULER_NONE) {
        assert(item->is_ephemeral);
        if (core->volumes->storage.provisions_at_once) {
            return true; /* its controller creates the claim before anybody looks */
        }
        reject_all(cycle, WB_PLUGIN_VOLUME_BINDING, WB_REASON_VOLUME_TEXT,
                   say(core,
                       "waiting for ephemeral volume controller to create the "
                       "persistentvolumeclaim \"%.250s\"",
                       item->name));
        return false;
    }
    const wb_volume_claim *claim = &core->volumes->storage.claims[item->claim];
    if (claim->is_lost) {
        reject_all(cycle, WB_PLUGIN_VOLUME_BINDING, WB_REASON_VOLUME_TEXT,
                   say(core,
                       "persistentvolumeclaim \"%.250s\" bound to non-existent persistentvolume "
                       "\"%.250s\"",
                       item->name, wb_intern_text(core->intern, claim->volume_name)));
        return false;
    }
    if (claim->is_deleting) {
        reject_all(cycle, WB_PLUGIN_VOLUME_BINDING, WB_REASON_VOLUME_TEXT,
                   say(core, "persistentvolumeclaim \"%.250s\" is being deleted", item->name));
        return false;
    }
    return true;
}

/* Sorts a claim into bound, to be bound here, or neither; false: an unbound claim that should have
 * been bound before. */
static bool classify(wb_scheduler_core *core, wb_scheduler_planned_volume *item)
{
    const wb_scheduler_volumes *volumes = core->volumes;
    const wb_volume_claim *claim =
        item->claim == WB_SCHEDULER_NONE ? NULL : &volumes->storage.claims[item->claim];
    const uint32_t class_name = claim == NULL ? item->class_name : claim->storage_class;
    item->storage_class = look_up(&volumes->class_by_name, class_name);
    item->request_bytes = claim == NULL ? 0 : claim->request_bytes;
    if (claim != NULL && claim->volume_name != 0 && claim->is_bind_completed) {
        item->kind = WB_PLANNED_BOUND;
        item->volume = look_up(&volumes->volume_by_name, claim->volume_name);
        return true;
    }
    if (claim != NULL && volumes->zone_of_claim[item->claim] != 0) {
        item->kind = WB_PLANNED_PROVISIONED;
        return true;
    }
    const bool waits = item->storage_class != WB_SCHEDULER_NONE &&
                       !volumes->storage.classes[item->storage_class].is_immediate;
    if (waits && (claim == NULL || claim->volume_name == 0)) {
        item->kind = WB_PLANNED_DELAYED;
        return true;
    }
    item->kind = WB_PLANNED_ANYWHERE;
    /* In a simulation the controllers have bound it somewhere; nobody knows where. */
    return volumes->storage.provisions_at_once;
}

/* VolumeBinding's and VolumeZone's prefilters. */
static void plan_binding(wb_scheduler_core *core, wb_scheduler_cycle *cycle)
{
    wb_scheduler_volume_plan *plan = cycle->volumes;
    for (uint32_t i = 0; i < plan->count; i++) {
        if (!claim_is_usable(core, cycle, &plan->items[i])) {
            return;
        }
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        if (!classify(core, &plan->items[i])) {
            reject_all(cycle, WB_PLUGIN_VOLUME_BINDING, WB_REASON_IMMEDIATE_UNBOUND, NULL);
            return;
        }
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        const wb_scheduler_planned_volume *item = &plan->items[i];
        if (item->kind == WB_PLANNED_BOUND && item->volume == WB_SCHEDULER_NONE) {
            const uint32_t name = core->volumes->storage.claims[item->claim].volume_name;
            reject_all(cycle, WB_PLUGIN_VOLUME_ZONE, WB_REASON_VOLUME_TEXT,
                       say(core, "persistentvolume \"%.250s\" not found",
                           wb_intern_text(core->intern, name)));
            return;
        }
    }
}

void wb_scheduler_volumes_plan(wb_scheduler_core *core, wb_scheduler_cycle *cycle)
{
    if (core->volumes == NULL) {
        return; /* nothing is known of claims: they constrain nothing */
    }
    const wb_pod_template *template = cycle->shape->template;
    wb_scheduler_volume_plan *plan = WB_ARENA_NEW(&core->scratch, wb_scheduler_volume_plan);
    plan->items = WB_ARENA_ARRAY(&core->scratch, wb_scheduler_planned_volume,
                                 (size_t) template->volume_count + 1);
    for (uint32_t i = 0; i < template->volume_count; i++) {
        const wb_volume *volume = &template->volumes[i];
        if (!is_claim_volume(volume)) {
            continue;
        }
        wb_scheduler_planned_volume *item = &plan->items[plan->count++];
        *item = (wb_scheduler_planned_volume){
            .is_ephemeral = volume->kind == WB_VOLUME_EPHEMERAL,
            .class_name = volume->storage_class,
            .volume = WB_SCHEDULER_NONE,
        };
        item->claim = find_claim(core, cycle->pod, volume, &item->name);
    }
    cycle->volumes = plan;
    if (plan_restrictions(core, cycle)) {
        plan_binding(core, cycle);
    }
}

/* ---- filters ---- */

/* kube-scheduler counts a claim in use once, then pods that come and go one by one; and it skips
 * the check when nobody used any claim at the start of the cycle. */
static bool exclusive_claims_are_free(const wb_scheduler_core *core,
                                      const wb_scheduler_volume_plan *plan)
{
    if (plan->conflicts_before == 0) {
        return true;
    }
    int64_t conflicts = plan->conflicts_before;
    for (uint32_t i = 0; i < plan->count; i++) {
        const wb_scheduler_planned_volume *item = &plan->items[i];
        if (!item->is_ephemeral &&
            core->volumes->storage.claims[item->claim].is_read_write_once_pod) {
            conflicts += (int64_t)core->volumes->users_of_claim[item->claim] - item->users_before;
        }
    }
    return conflicts <= 0;
}

/* One attachable volume: a PV, or a claim that is still to be provisioned. */
typedef struct attachable {
    uint32_t driver;
    uint64_t identity;
} attachable;

/* What a claim attaches: its PV, or itself while it is unbound. False: nothing that a driver
 * counts. */
static bool attachable_of_claim(const wb_scheduler_core *core, uint32_t claim_index,
                                attachable *out)
{
    assert(claim_index < core->volumes->storage.claim_count);
    const wb_scheduler_volumes *volumes = core->volumes;
    const wb_volume_claim *claim = &volumes->storage.claims[claim_index];
    const uint32_t volume = look_up(&volumes->volume_by_name, claim->volume_name);
    if (claim->volume_name != 0 && volume != WB_SCHEDULER_NONE) {
        *out = (attachable){volumes->storage.volumes[volume].driver, pair_key(1, volume)};
        return out->driver != 0;
    }
    const uint32_t class_index = look_up(&volumes->class_by_name, claim->storage_class);
    if (class_index == WB_SCHEDULER_NONE) {
        return false;
    }
    *out =
        (attachable){volumes->storage.classes[class_index].provisioner, pair_key(2, claim_index)};
    return out->driver != 0;
}

/* Adds one more volume unless it is in the list. */
static void add_attachable(attachable *list, uint32_t *count, attachable item)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (list[i].identity == item.identity) {
            return;
        }
    }
    list[(*count)++] = item;
}

/* Adds the volumes of one pod on a node. */
static void add_pod_attachables(wb_scheduler_core *core, const wb_scheduler_core_pod *pod,
                                attachable *list, uint32_t *count)
{
    const wb_pod_template *template = core->shapes[pod->shape].template;
    for (uint32_t i = 0; i < template->volume_count; i++) {
        const char *name = NULL;
        attachable item;
        if (!is_claim_volume(&template->volumes[i])) {
            continue;
        }
        const uint32_t claim = find_claim(core, pod, &template->volumes[i], &name);
        if (claim != WB_SCHEDULER_NONE && attachable_of_claim(core, claim, &item)) {
            add_attachable(list, count, item);
        }
    }
}

static uint32_t count_driver(const attachable *list, uint32_t from, uint32_t to, uint32_t driver)
{
    assert(from <= to);
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++) {
        count += list[i].driver == driver ? 1 : 0;
    }
    return count;
}

/* Room for the volumes of all pods on slot and of the cycle's. */
static size_t most_attachables(const wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                               uint32_t slot)
{
    size_t most = (size_t)cycle->volumes->count + 1;
    for (uint32_t row = core->rows[slot].first_pod; row != WB_SCHEDULER_NONE;
         row = core->pods[row].next) {
        most += core->shapes[core->pods[row].pod.shape].template->volume_count;
    }
    return most;
}

/* What a CSINode says, else what the node's machine can take; -1: no limit. */
static int32_t attach_limit(const wb_scheduler_volumes *volumes, const wb_scheduler_core_node *node,
                            uint32_t driver)
{
    const uint32_t row = look_up(&volumes->limit_by_node, pair_key(node->name, driver));
    if (row != WB_SCHEDULER_NONE) {
        return volumes->storage.limits[row].count;
    }
    return node->volume_limit > 0 && node->volume_driver == driver ? node->volume_limit : -1;
}

void wb_scheduler_core_copy_claim_zones(wb_scheduler_core *core, const wb_scheduler_core *from)
{
    if (core->volumes != NULL && from->volumes != NULL) {
        assert(core->volumes->storage.claim_count == from->volumes->storage.claim_count);
        memcpy(core->volumes->zone_of_claim, from->volumes->zone_of_claim,
               core->volumes->storage.claim_count * sizeof(uint32_t));
    }
}

/* Volumes of one driver on the node and of the pod, each counted once, against the CSINode's
 * limit. Nodes without a limit (or without a CSINode) take any number. */
static bool attach_limits_allow(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                uint32_t slot)
{
    const wb_scheduler_volumes *volumes = core->volumes;
    const wb_scheduler_core_node *node = &core->rows[slot].node;
    if (volumes->storage.limit_count == 0 && node->volume_limit == 0) {
        return true;
    }
    attachable *list =
        WB_ARENA_ARRAY(&core->scratch, attachable, most_attachables(core, cycle, slot));
    uint32_t attached = 0;
    for (uint32_t row = core->rows[slot].first_pod; row != WB_SCHEDULER_NONE;
         row = core->pods[row].next) {
        add_pod_attachables(core, &core->pods[row].pod, list, &attached);
    }
    uint32_t total = attached; /* one that is attached already is not counted again */
    add_pod_attachables(core, cycle->pod, list, &total);
    for (uint32_t i = attached; i < total; i++) {
        const uint32_t driver = list[i].driver;
        const int32_t limit = attach_limit(volumes, node, driver);
        if (limit >= 0 && count_driver(list, 0, total, driver) > (uint32_t)limit) {
            return false;
        }
    }
    return true;
}

bool wb_scheduler_volumes_pass(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                               uint32_t slot, wb_scheduler_rejection *out)
{
    assert(cycle->volumes != NULL && core->volumes != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(&core->scratch);
    *out = (wb_scheduler_rejection){.plugin = WB_PLUGIN_PASSED};
    core->counters.filter_calls++;
    if (!exclusive_claims_are_free(core, cycle->volumes)) {
        out->plugin = WB_PLUGIN_VOLUME_RESTRICTIONS;
        out->reason = WB_REASON_RWOP;
    } else if (!attach_limits_allow(core, cycle, slot)) {
        out->plugin = WB_PLUGIN_NODE_VOLUME_LIMITS;
        out->reason = WB_REASON_VOLUME_COUNT;
    } else {
        out->lacking = wb_scheduler_volume_match_reasons(core, cycle->volumes, slot);
        if (out->lacking != 0) {
            out->plugin = WB_PLUGIN_VOLUME_BINDING;
            out->is_unresolvable = true;
        } else if (!wb_scheduler_volume_match_zones(core, cycle->volumes, slot)) {
            out->plugin = WB_PLUGIN_VOLUME_ZONE;
            out->reason = WB_REASON_VOLUME_ZONE;
            out->is_unresolvable = true;
        }
    }
    wb_arena_rewind(&core->scratch, mark);
    return out->plugin == WB_PLUGIN_PASSED;
}
