/*
 * Inside of the volume filters: what scheduler_volumes.c and scheduler_volume_match.c share.
 */
#ifndef WB_SIM_CLUSTER_SCHEDULER_VOLUMES_H
#define WB_SIM_CLUSTER_SCHEDULER_VOLUMES_H

#include "sim/cluster/scheduler_internal.h"

struct wb_scheduler_volumes {
    wb_scheduler_storage storage; /* arrays borrowed */
    wb_hash_map claim_by_name, volume_by_name, class_by_name, limit_by_node;
    uint32_t *holder_of_volume; /* owned: claim that was given the PV here; NONE */
    uint32_t *node_of_claim;    /* owned: name of the node that it is to be provisioned for; 0 */
    uint32_t *zone_of_claim;    /* owned: zone in which it was provisioned; 0 */
    uint32_t *users_of_claim;   /* owned: placed pods that use it */
};

typedef enum wb_scheduler_planned_kind {
    WB_PLANNED_BOUND,       /* to volume */
    WB_PLANNED_DELAYED,     /* WaitForFirstConsumer: bound or provisioned with this pod */
    WB_PLANNED_PROVISIONED, /* by a simulation, in zone_of_claim */
    WB_PLANNED_ANYWHERE,    /* constrains nothing */
} wb_scheduler_planned_kind;

typedef struct wb_scheduler_planned_volume {
    const char *name; /* of the claim; in scratch or interned */
    uint32_t claim;   /* index into storage.claims; NONE: an ephemeral one without object */
    uint32_t volume;  /* index into storage.volumes; BOUND only */
    uint32_t class_name, storage_class; /* interned; index into storage.classes or NONE */
    int64_t request_bytes;
    uint32_t users_before; /* of the claim, when the cycle began */
    wb_scheduler_planned_kind kind;
    bool is_ephemeral;
} wb_scheduler_planned_volume;

struct wb_scheduler_volume_plan {
    wb_scheduler_planned_volume *items;
    uint32_t count;
    uint32_t conflicts_before; /* ReadWriteOncePod claims in use when the cycle began */
};

/* VolumeBinding on one node: bits of WB_REASON_*; 0: it passes. */
uint64_t wb_scheduler_volume_match_reasons(wb_scheduler_core *core,
                                           const wb_scheduler_volume_plan *plan, uint32_t slot);

/* VolumeZone on one node: the zone and region labels of bound PVs. */
bool wb_scheduler_volume_match_zones(const wb_scheduler_core *core,
                                     const wb_scheduler_volume_plan *plan, uint32_t slot);

#endif
