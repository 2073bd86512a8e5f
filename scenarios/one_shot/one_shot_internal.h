/*
 * Shared by the files that read an input:
 *
 *     one_shot_read.c     files, region, zones, catalogs, pools
 *     one_shot_pods.c     pods and workloads: what runs, what wants a place
 *     one_shot_nodes.c    nodes and NodeClaims
 *     one_shot_storage.c  claims that StatefulSets make, classes that the files lack
 */
#ifndef WB_SCENARIOS_ONE_SHOT_ONE_SHOT_INTERNAL_H
#define WB_SCENARIOS_ONE_SHOT_ONE_SHOT_INTERNAL_H

#include "base/hash_map.h"
#include "scenarios/one_shot/one_shot.h"

#define WB_ONE_SHOT_PODS_MAX 1000000U

/* An input in the making: its arrays with room to grow. */
typedef struct wb_one_shot_reader {
    wb_arena *arena; /* borrowed: of the result */
    wb_intern *intern;
    wb_findings *findings;
    wb_one_shot_input *input;
    wb_one_shot_group *groups;
    wb_one_shot_pod *pods;
    wb_one_shot_running *running;
    wb_one_shot_node *nodes;
    uint32_t *live_counts; /* per group: pods that are there already */
    const wb_pod_template **daemons;
    const char **notes;
    const wb_pod_template **templates; /* each distinct one once */
    wb_volume_claim *claims;
    wb_storage_class *classes;
    uint32_t group_capacity, pod_capacity, running_capacity;
    uint32_t template_count, template_capacity;
    int64_t latest_ms;            /* the newest pod's creation: pods to be made are as new */
    wb_hash_map node_by_name;     /* owned */
    wb_hash_map group_by_name;    /* owned: by kind, namespace and name */
    wb_hash_map pod_by_name;      /* owned: by namespace and name */
    wb_hash_map template_by_hash; /* owned */
} wb_one_shot_reader;

/* Adds a sentence to the notes. */
WB_PRINTF(2, 3) void wb_one_shot_note(wb_one_shot_reader *reader, const char *fmt, ...);

/* Nodes and in-flight NodeClaims; before pods, which are bound to them. */
void wb_one_shot_read_nodes(wb_one_shot_reader *reader);

/* Pods as they are, then those that workloads still have to make, then DaemonSets. */
WB_MUST_CHECK wb_status wb_one_shot_read_pods(wb_one_shot_reader *reader, wb_error *err);

/* A volume claim by name, or NULL. */
const wb_volume_claim *wb_one_shot_find_claim(const wb_one_shot_reader *reader,
                                              uint32_t namespace_name, uint32_t name);

/* The template of a StatefulSet's pod of that ordinal: with the volumes that its claim templates
 * make, and the claims made too where the files lack them. */
const wb_pod_template *wb_one_shot_claimed_template(wb_one_shot_reader *reader,
                                                    const wb_workload *workload, int32_t ordinal);

/* Storage of the manifest with what was made; classes that are named and not there are taken to
 * wait for the first consumer, as EBS classes do. */
void wb_one_shot_finish_storage(wb_one_shot_reader *reader);

#endif
