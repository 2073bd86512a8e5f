/* Which instance type a group is built on, and which may stand beside it. */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "scenarios/node_group_advice_internal.h"
#include "scenarios/node_group_fit.h"

#define GIB             ((double)(INT64_C(1) << 30))
#define SPOT_TYPES_MAX  8
#define ON_DEMAND_TYPES 3

const wb_node_group_ratio wb_node_group_types_ratios[WB_NODE_GROUP_RATIO_COUNT] = {
    {"compute", 2.0, 2.83},
    {"general", 4.0, 5.66},
    {"memory", 8.0, 1e9},
};

double wb_node_group_types_cores(const wb_catalog_type *type)
{
    return (double)wb_resource_list_get(type->capacity, WB_NAME_CPU) / 1000.0;
}

static double type_gib(const wb_catalog_type *type)
{
    return (double)wb_resource_list_get(type->capacity, WB_NAME_MEMORY) / GIB;
}

double wb_node_group_types_gib(const wb_intern *intern, const wb_catalog_type *type)
{
    const char *mib = wb_intern_text(intern, wb_labels_get(type->labels, WB_NAME_INSTANCE_MEMORY));
    int64_t value = 0;
    for (; *mib >= '0' && *mib <= '9' && value < INT32_MAX; mib++) {
        value = value * 10 + (*mib - '0');
    }
    return value > 0 ? (double)value / 1024.0 : type_gib(type);
}

static const uint32_t gpu_resources[] = {WB_NAME_NVIDIA_GPU, WB_NAME_AMD_GPU, WB_NAME_NEURON,
                                         WB_NAME_NEURON_CORE, WB_NAME_HABANA_GAUDI};

uint32_t wb_node_group_types_gpu(wb_resource_list list)
{
    for (size_t i = 0; i < sizeof(gpu_resources) / sizeof(gpu_resources[0]); i++) {
        if (wb_resource_list_get(list, gpu_resources[i]) > 0) {
            return gpu_resources[i];
        }
    }
    return 0;
}

/* What an engineer leaves out unless nothing else is there: burstable, flex and metal, and sizes
 * between the usual ones (3xlarge), which few families have. */
static bool is_plain(const wb_node_group_advisor *self, const wb_catalog_type *type)
{
    const wb_intern *intern = self->input->intern;
    const char *category =
        wb_intern_text(intern, wb_labels_get(type->labels, WB_NAME_INSTANCE_CATEGORY));
    const char *size = wb_intern_text(intern, wb_labels_get(type->labels, WB_NAME_INSTANCE_SIZE));
    const int64_t cores = (int64_t)wb_node_group_types_cores(type);
    return (cores >= 32 || (cores & (cores - 1)) == 0) && strcmp(category, "t") != 0 &&
           strncmp(size, "metal", 5) != 0 &&
           wb_labels_get(type->labels, WB_NAME_INSTANCE_CAPABILITY_FLEX) != WB_NAME_TRUE;
}

/* The lowest price in the zones; below 0: not offered in all of them. */
static double price_of(const wb_node_group_advisor *self, uint32_t type_index,
                       wb_capacity_type market)
{
    double lowest = -1.0;
    for (uint32_t z = 0; z < self->input->zone_count; z++) {
        double price = 0.0;
        if (!wb_catalog_price(self->input->catalog, type_index, self->input->zones[z], market,
                              &price)) {
            return -1.0;
        }
        lowest = lowest < 0.0 || price < lowest ? price : lowest;
    }
    return lowest;
}

/* Whether the type is one that the class' pool may become. */
static bool is_candidate(const wb_node_group_advisor *self, const wb_node_group_class *class,
                         uint32_t type_index, wb_capacity_type market, bool only_plain)
{
    const wb_catalog_type *type = &self->input->catalog->types[type_index];
    return wb_node_group_types_gpu(type->capacity) == class->gpu_resource &&
           wb_labels_get(type->labels, WB_NAME_ARCH) == class->arch &&
           (!only_plain || is_plain(self, type)) && price_of(self, type_index, market) > 0.0 &&
           wb_node_group_fit_allows(self->input->intern, &self->input->pools[class->pool_index],
                                    class->selecting, type);
}

static bool has_room(const wb_node_group_advisor *self, const wb_catalog_type *type,
                     const wb_node_group_class *class, const wb_node_group_need *need)
{
    const wb_node_group_demand *demand = self->input->demand;
    const double cores = wb_node_group_types_cores(type) * WB_NODE_GROUP_TYPES_USABLE -
                         (double)demand->daemon_cpu_milli / 1000.0;
    const double gib =
        type_gib(type) * WB_NODE_GROUP_TYPES_USABLE - (double)demand->daemon_memory_bytes / GIB;
    const double gpus = class->gpu_resource != 0
                            ? (double)wb_resource_list_get(type->capacity, class->gpu_resource)
                            : 0.0;
    return need->pod_cores <= cores && need->pod_gib <= gib && need->pod_gpus <= gpus;
}

/* How badly a type's shape suits the class: 0, or 1 beyond a third off its ratio. */
static int misfit(const wb_node_group_advisor *self, const wb_node_group_class *class,
                  const wb_catalog_type *type)
{
    const double off = wb_node_group_types_gib(self->input->intern, type) /
                       wb_node_group_types_cores(type) /
                       wb_node_group_types_ratios[class->ratio].gib_per_core;
    return class->gpu_resource == 0 && (off < 0.75 || off > 1.34) ? 1 : 0;
}

/* Whether a is the better base of a group: shape, then room for the size aimed at (the smallest
 * such), then price. Types come in catalog order, so ties stay with the first. */
static bool is_better(const wb_node_group_advisor *self, const wb_node_group_class *class,
                      const wb_node_group_need *need, wb_capacity_type market,
                      const uint32_t pair[2])
{
    const wb_catalog_type *a = &self->input->catalog->types[pair[0]];
    const wb_catalog_type *b = &self->input->catalog->types[pair[1]];
    const int a_misfit = misfit(self, class, a);
    const int b_misfit = misfit(self, class, b);
    if (a_misfit != b_misfit) {
        return a_misfit < b_misfit;
    }
    const bool a_reaches = wb_node_group_types_cores(a) >= need->cores;
    const bool b_reaches = wb_node_group_types_cores(b) >= need->cores;
    if (class->gpu_resource == 0 && a_reaches != b_reaches) {
        return a_reaches;
    }
    const double a_cores = wb_node_group_types_cores(a);
    const double b_cores = wb_node_group_types_cores(b);
    if (class->gpu_resource == 0 && (a_cores < b_cores || b_cores < a_cores)) {
        return a_reaches ? a_cores < b_cores : a_cores > b_cores;
    }
    return price_of(self, pair[0], market) < price_of(self, pair[1], market);
}

uint32_t wb_node_group_types_base(const wb_node_group_advisor *self,
                                  const wb_node_group_class *class, const wb_node_group_need *need,
                                  wb_capacity_type market)
{
    for (int only_plain = 1; only_plain >= 0; only_plain--) {
        uint32_t best = UINT32_MAX;
        for (uint32_t t = 0; t < self->input->catalog->type_count; t++) {
            if (is_candidate(self, class, t, market, only_plain == 1) &&
                has_room(self, &self->input->catalog->types[t], class, need) &&
                (best == UINT32_MAX ||
                 is_better(self, class, need, market, (const uint32_t[2]){t, best}))) {
                best = t;
            }
        }
        if (best != UINT32_MAX) {
            return best;
        }
    }
    return UINT32_MAX;
}

/* Cluster Autoscaler knows the first type only, so the others must be of its size. */
static bool is_same_size(const wb_catalog_type *a, const wb_catalog_type *b)
{
    const uint32_t gpu = wb_node_group_types_gpu(a->capacity);
    return wb_resource_list_get(a->capacity, WB_NAME_CPU) ==
               wb_resource_list_get(b->capacity, WB_NAME_CPU) &&
           wb_labels_get(a->labels, WB_NAME_INSTANCE_MEMORY) ==
               wb_labels_get(b->labels, WB_NAME_INSTANCE_MEMORY) &&
           (gpu == 0 ||
            wb_resource_list_get(a->capacity, gpu) == wb_resource_list_get(b->capacity, gpu));
}

/* The base and its like, the cheapest first; base stays where prices are equal. */
const uint32_t *wb_node_group_types_mix(wb_node_group_advisor *self,
                                        const wb_node_group_class *class, uint32_t base,
                                        wb_capacity_type market, uint32_t *out_count)
{
    const uint32_t most = market == WB_CAPACITY_SPOT ? SPOT_TYPES_MAX : ON_DEMAND_TYPES;
    const wb_catalog_type *types = self->input->catalog->types;
    uint32_t *found = WB_ARENA_ARRAY(self->arena, uint32_t, (size_t)most + 1);
    uint32_t count = 0;
    for (uint32_t t = 0; t < self->input->catalog->type_count; t++) {
        if (!is_same_size(&types[t], &types[base]) ||
            !is_candidate(self, class, t, market, is_plain(self, &types[base]))) {
            continue;
        }
        uint32_t at = count;
        while (at > 0 && price_of(self, t, market) < price_of(self, found[at - 1], market)) {
            found[at] = found[at - 1]; /* has room for one more than is kept */
            at--;
        }
        found[at] = t;
        count = count < most ? count + 1 : count;
    }
    *out_count = count;
    return found;
}
