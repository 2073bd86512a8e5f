/* Shared by the files that advise on node groups: classes of pods, and types for them. */
#ifndef WB_SCENARIOS_NODE_GROUP_ADVICE_INTERNAL_H
#define WB_SCENARIOS_NODE_GROUP_ADVICE_INTERNAL_H

#include "scenarios/node_group_advice.h"

/* Of a node's cores and memory, less what EKS and the kubelet keep. */
#define WB_NODE_GROUP_TYPES_USABLE 0.94

/* cpu:memory ratios of EC2's families (c, m, r) and where the next begins to suit better. */
typedef struct wb_node_group_ratio {
    const char *name;
    double gib_per_core, up_to;
} wb_node_group_ratio;

enum {
    WB_NODE_GROUP_GENERAL = 1,
    WB_NODE_GROUP_RATIO_COUNT = 3
};

extern const wb_node_group_ratio wb_node_group_types_ratios[WB_NODE_GROUP_RATIO_COUNT];

/* A kind of pod with what it means for nodes. */
typedef struct wb_node_group_placed {
    const wb_node_group_demand_kind *kind;
    uint32_t class_index;
    double cores, gib, gpus; /* of one pod */
    double size;             /* in cores of a node of its class */
} wb_node_group_placed;

/* Pods that share groups. */
typedef struct wb_node_group_class {
    uint32_t pool_index;
    uint32_t arch;         /* interned */
    uint32_t gpu_resource; /* interned; 0: none */
    uint32_t ratio;
    double gpus;            /* of one pod: nodes for one GPU and for eight are not the same */
    uint64_t selector_hash; /* of what its pods select instance types by; 0: nothing */
    const wb_pod_template *selecting; /* borrowed: one of those pods; NULL: they select none */
    double cores;                     /* demand in cores of its nodes */
    double pods;
    double share; /* of its pool's demand */
    bool is_zonal, has_zonal_volumes;
    bool selects_pool, selects_market;
    bool is_merged; /* into the class before */
} wb_node_group_class;

typedef struct wb_node_group_advisor {
    wb_arena *arena;
    const wb_node_group_advice_input *input;
    wb_node_group_placed *kinds;
    wb_node_group_class *classes;
    wb_node_group_advice_group *groups;
    const char **notes;
    uint32_t kind_count, class_count, class_capacity, group_count, group_capacity, note_count;
    uint32_t note_capacity;
} wb_node_group_advisor;

/* What a node must have room for. */
typedef struct wb_node_group_need {
    double cores;                        /* the size to aim at */
    double pod_cores, pod_gib, pod_gpus; /* of the largest pod */
} wb_node_group_need;

/* ---- node_group_types.c ---- */

/* Cores of a type; memory in GiB as EC2 advertises it (what the kernel keeps makes capacity
 * smaller). */
double wb_node_group_types_cores(const wb_catalog_type *type);
double wb_node_group_types_gib(const wb_intern *intern, const wb_catalog_type *type);

/* The GPU or accelerator that a list names, interned; 0: none. */
uint32_t wb_node_group_types_gpu(wb_resource_list list);

/* The type that a group of the class is built on, or UINT32_MAX: right in shape, with room for what
 * is needed, the smallest that reaches the size aimed at, then the cheapest. */
uint32_t wb_node_group_types_base(const wb_node_group_advisor *self,
                                  const wb_node_group_class *class, const wb_node_group_need *need,
                                  wb_capacity_type market);

/* The base and types of its size, the cheapest first, in the advisor's arena. */
const uint32_t *wb_node_group_types_mix(wb_node_group_advisor *self,
                                        const wb_node_group_class *class, uint32_t base,
                                        wb_capacity_type market, uint32_t *out_count);

#endif
