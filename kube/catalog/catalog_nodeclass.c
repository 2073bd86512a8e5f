#include "kube/catalog/catalog_nodeclass.h"

#include <assert.h>
#include <string.h>

#include "base/quantity.h"
#include "kube/catalog/catalog_facts.h"
#include "kube/names.h"

#define MIB INT64_C(1048576)
#define GIB (INT64_C(1024) * MIB)

#define DEFAULT_EVICTION_BYTES  (100 * MIB)
#define DEFAULT_ROOT_BYTES      (20 * GIB)
#define DEFAULT_EPHEMERAL_BYTES GIB /* kube-reserved */
#define GIGABYTE                INT64_C(1000000000)

/* status.subnets of the NodeClass as a dump shows it: the controller has resolved the selectors. */
static const wb_node *find_subnets(const wb_nodeclass *nodeclass)
{
    const wb_node *subnets =
        nodeclass->source != NULL ? wb_node_find(nodeclass->source, "status.subnets") : NULL;
    return subnets != NULL && subnets->kind == WB_NODE_LIST && subnets->count > 0 ? subnets : NULL;
}

bool wb_catalog_nodeclass_matters(const wb_nodeclass *nodeclass)
{
    assert(nodeclass != NULL);
    return nodeclass->max_pods > 0 || nodeclass->pods_per_core > 0 ||
           nodeclass->kube_reserved.count > 0 || nodeclass->system_reserved.count > 0 ||
           nodeclass->eviction_hard_memory != NULL || nodeclass->eviction_soft_memory != NULL ||
           nodeclass->eviction_hard_disk != NULL || nodeclass->eviction_soft_disk != NULL ||
           nodeclass->is_raid0 || nodeclass->ami_family == WB_AMI_FAMILY_BOTTLEROCKET ||
           nodeclass->root_volume_bytes != DEFAULT_ROOT_BYTES || nodeclass->zones != NULL ||
           find_subnets(nodeclass) != NULL;
}

/* Bottlerocket's kubelet settings know no podsPerCore. */
static int64_t pods_of(const wb_nodeclass *nodeclass, const wb_catalog_type *type)
{
    assert(nodeclass->max_pods >= 0 && nodeclass->pods_per_core >= 0);
    const int64_t limit_by_eni = wb_resource_list_get(type->capacity, WB_NAME_PODS);
    const int64_t cores = wb_resource_list_get(type->capacity, WB_NAME_CPU) / 1000;
    const int64_t pods = nodeclass->max_pods > 0 ? nodeclass->max_pods : limit_by_eni;
    const int64_t by_core = nodeclass->pods_per_core * cores;
    return nodeclass->pods_per_core > 0 && by_core < pods &&
                   nodeclass->ami_family != WB_AMI_FAMILY_BOTTLEROCKET
               ? by_core
               : pods;
}

/* The part of an amount that a percentage is, rounded up; 100 % means that the signal is off. */
static int64_t percentage_of(const wb_quantity *percentage, int64_t amount)
{
    const int64_t whole = 100000; /* in thousandths of a percent */
    const int64_t part = wb_quantity_milli(percentage);
    if (part == whole) {
        return 0;
    }
    return amount / whole * part + (amount % whole * part + whole - 1) / whole;
}

/* "200Mi", or "5%" of the capacity; -1 when it is not given. Text that is neither was refused on
 * reading. */
static int64_t threshold_bytes(const char *text, int64_t capacity_bytes)
{
    assert(capacity_bytes >= 0);
    char number[32];
    wb_quantity quantity;
    const size_t length = text != NULL ? strcspn(text, "%") : 0;
    if (text == NULL || length >= sizeof(number)) {
        return -1;
    }
    memcpy(number, text, length);
    number[length] = '\0';
    if (wb_quantity_parse(number, &quantity, NULL) != WB_OK) {
        return -1;
    }
    return text[length] == '%' ? percentage_of(&quantity, capacity_bytes)
                               : wb_quantity_units(&quantity);
}

/* What the kubelet keeps free: the larger of the thresholds that are given. Bottlerocket's settings
 * know no soft ones. */
static int64_t eviction_bytes(const wb_nodeclass *nodeclass, uint32_t resource,
                              int64_t capacity_bytes)
{
    assert(resource == WB_NAME_MEMORY || resource == WB_NAME_EPHEMERAL_STORAGE);
    const bool is_memory = resource == WB_NAME_MEMORY;
    const bool has_soft = nodeclass->ami_family != WB_AMI_FAMILY_BOTTLEROCKET;
    const char *hard = is_memory ? nodeclass->eviction_hard_memory : nodeclass->eviction_hard_disk;
    const char *soft = is_memory ? nodeclass->eviction_soft_memory : nodeclass->eviction_soft_disk;
    const int64_t hard_bytes = threshold_bytes(hard, capacity_bytes);
    const int64_t soft_bytes = has_soft ? threshold_bytes(soft, capacity_bytes) : -1;
    const int64_t larger = hard_bytes > soft_bytes ? hard_bytes : soft_bytes;
    if (larger >= 0) {
        return larger;
    }
    return is_memory ? DEFAULT_EVICTION_BYTES : (capacity_bytes + 9) / 10;
}

/* The type's own reserve, or what the NodeClass says instead. Families that size it by the pods
 * that really run follow maxPods; AL2023 sizes it by the ENI limit whatever maxPods says. */
static int64_t kube_reserved_memory(const wb_nodeclass *nodeclass, const wb_catalog_type *type,
                                    int64_t pods)
{
    if (wb_resource_list_has(nodeclass->kube_reserved, WB_NAME_MEMORY)) {
        return wb_resource_list_get(nodeclass->kube_reserved, WB_NAME_MEMORY);
    }
    if (nodeclass->ami_family == WB_AMI_FAMILY_BOTTLEROCKET) {
        return wb_catalog_facts_overhead_memory_mib(pods) * MIB - DEFAULT_EVICTION_BYTES;
    }
    const int64_t both = wb_resource_list_get(type->overhead, WB_NAME_MEMORY);
    return both > DEFAULT_EVICTION_BYTES ? both - DEFAULT_EVICTION_BYTES : 0;
}

static int64_t kube_reserved_or(const wb_nodeclass *nodeclass, uint32_t name, int64_t otherwise)
{
    return wb_resource_list_has(nodeclass->kube_reserved, name)
               ? wb_resource_list_get(nodeclass->kube_reserved, name)
               : otherwise;
}

/* Instance disks joined by RAID0 take the root volume's place for pods. */
static int64_t ephemeral_bytes(const wb_intern *intern, const wb_nodeclass *nodeclass,
                               const wb_catalog_type *type)
{
    if (nodeclass->is_raid0 && wb_labels_has(type->labels, WB_NAME_INSTANCE_LOCAL_NVME)) {
        wb_quantity gigabytes;
        const uint32_t value = wb_labels_get(type->labels, WB_NAME_INSTANCE_LOCAL_NVME);
        if (wb_quantity_parse(wb_intern_text(intern, value), &gigabytes, NULL) == WB_OK) {
            return wb_quantity_units(&gigabytes) * GIGABYTE;
        }
    }
    return nodeclass->root_volume_bytes;
}

static void apply_sizes(wb_arena *arena, const wb_intern *intern, const wb_nodeclass *nodeclass,
                        wb_catalog_type *type)
{
    assert(nodeclass->root_volume_bytes > 0);
    const int64_t pods = pods_of(nodeclass, type);
    const int64_t memory = wb_resource_list_get(type->capacity, WB_NAME_MEMORY);
    const int64_t disk = ephemeral_bytes(intern, nodeclass, type);
    const wb_resource_list system = nodeclass->system_reserved;
    const struct {
        uint32_t name;
        int64_t amount;
    } overhead[] = {
        {WB_NAME_CPU, kube_reserved_or(nodeclass, WB_NAME_CPU,
                                       wb_resource_list_get(type->overhead, WB_NAME_CPU))},
        {WB_NAME_MEMORY, kube_reserved_memory(nodeclass, type, pods) +
                             eviction_bytes(nodeclass, WB_NAME_MEMORY, memory)},
        {WB_NAME_EPHEMERAL_STORAGE,
         kube_reserved_or(nodeclass, WB_NAME_EPHEMERAL_STORAGE, DEFAULT_EPHEMERAL_BYTES) +
             eviction_bytes(nodeclass, WB_NAME_EPHEMERAL_STORAGE, disk)},
    };
    for (size_t i = 0; i < sizeof(overhead) / sizeof(overhead[0]); i++) {
        type->overhead = wb_resource_list_with(arena, type->overhead, overhead[i].name,
                                               overhead[i].amount +
                                                   wb_resource_list_get(system, overhead[i].name));
    }
    type->capacity = wb_resource_list_with(arena, type->capacity, WB_NAME_PODS, pods);
    type->capacity = wb_resource_list_with(arena, type->capacity, WB_NAME_EPHEMERAL_STORAGE, disk);
}

/* What was found out goes before what a dump's status says. */
static bool has_subnet_in(const wb_intern *intern, const wb_nodeclass *nodeclass, uint32_t zone)
{
    for (uint32_t i = 0; i < nodeclass->zone_count; i++) {
        if (nodeclass->zones[i] == zone) {
            return true;
        }
    }
    const wb_node *subnets = nodeclass->zones == NULL ? find_subnets(nodeclass) : NULL;
    for (uint32_t i = 0; subnets != NULL && i < subnets->count; i++) {
        const char *name = wb_node_string(wb_node_get(subnets->children[i], "zone"), "");
        if (strcmp(name, wb_intern_text(intern, zone)) == 0) {
            return true;
        }
    }
    return false;
}

static void keep_zones(wb_arena *arena, const wb_intern *intern, const wb_nodeclass *nodeclass,
                       wb_catalog_type *type)
{
    assert(nodeclass->zones != NULL || find_subnets(nodeclass) != NULL);
    wb_offering *kept = WB_ARENA_ARRAY(arena, wb_offering, type->offering_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        if (has_subnet_in(intern, nodeclass, type->offerings[i].zone)) {
            kept[count++] = type->offerings[i];
        }
    }
    type->offerings = kept;
    type->offering_count = count;
}

wb_catalog wb_catalog_nodeclass_apply(wb_arena *arena, wb_intern *intern, const wb_catalog *catalog,
                                      const wb_nodeclass *nodeclass)
{
    assert(arena != NULL && catalog != NULL && nodeclass != NULL);
    const bool has_zones = nodeclass->zones != NULL || find_subnets(nodeclass) != NULL;
    wb_catalog made = *catalog;
    made.types = WB_ARENA_ARRAY(arena, wb_catalog_type, catalog->type_count);
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        made.types[i] = catalog->types[i];
        apply_sizes(arena, intern, nodeclass, &made.types[i]);
        if (has_zones) {
            keep_zones(arena, intern, nodeclass, &made.types[i]);
        }
    }
    return made;
}
