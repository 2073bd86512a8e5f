/*
 * The little world of Cluster Autoscaler's golden cases: groups, machines, nodes and pods, moved
 * second by second. Format and rules: golden/cluster-autoscaler/README.md. Shared by the
 * cases_cluster_autoscaler*.c files alone.
 */
#ifndef WB_BENCH_CASES_CLUSTER_AUTOSCALER_INTERNAL_H
#define WB_BENCH_CASES_CLUSTER_AUTOSCALER_INTERNAL_H

#include "kube/manifest.h"
#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"
#include "bench/cases_internal.h"

#define WB_CA_CASE_NONE UINT32_MAX

typedef struct wb_ca_case_machine {
    uint64_t key;
    const char *name;
    uint32_t node;       /* index; NONE before it registers */
    int64_t ready_at_ms; /* when the node is there and ready; -1: never */
    int64_t fails_at_ms; /* when the cloud says that it could not be made; -1: it can */
    bool is_gone;
} wb_ca_case_machine;

typedef struct wb_ca_case_group {
    const char *name;
    wb_resource_list capacity, allocatable;
    wb_labels labels;
    const wb_taint *taints;
    uint32_t taint_count;
    int32_t target;
    int64_t boot_ms;
    int32_t cloud_capacity; /* instances that the cloud can give; -1: any number */
    bool never_registers;
    wb_ca_case_machine *machines; /* in the arena */
    uint32_t machine_count, machine_capacity;
    uint32_t new_count; /* names <group>-new-<k> */
} wb_ca_case_group;

typedef struct wb_ca_case_node {
    const char *name;
    uint32_t name_id, group;
    wb_labels labels;
    wb_resource_list capacity, allocatable;
    wb_taint taints[WB_CA_SNAPSHOT_TAINTS_MAX];
    uint32_t taint_count;
    bool is_ready, is_unschedulable, has_disabled_scale_down, is_gone;
    int64_t created_ms;
    int64_t free_cpu_milli, free_memory_bytes, free_pods;
} wb_ca_case_node;

typedef struct wb_ca_case_pod {
    const char *name, *base_name; /* base: of the pod that it replaced first */
    const wb_pod_template *template;
    uint32_t namespace_name, shape, owner; /* owner: index or NONE */
    uint32_t node;                         /* index; NONE while pending */
    uint32_t row;                          /* in the loop's snapshot; NONE while pending */
    int64_t created_ms;
    bool is_daemon, is_mirror, is_gone, is_replacement;
    bool is_expendable; /* below the priority cut-off: holds no node */
} wb_ca_case_pod;

typedef struct wb_ca_case_owner {
    wb_owner_kind kind;
    const char *kind_name, *name; /* as written */
    uint32_t namespace_name;
    int32_t replicas; /* -1: it is missing */
    bool is_stated;   /* replicas are not counted from the pods */
} wb_ca_case_owner;

/* One line of the timeline, or one deletion begun. */
typedef struct wb_ca_case_event {
    int64_t at_s;
    const char *what, *subject; /* subject: group; "" for evictions */
    int64_t count, target_after;
    bool has_target;
} wb_ca_case_event;

typedef struct wb_ca_case_deletion {
    const char *node;
    int64_t at_s;
    bool is_drain;
} wb_ca_case_deletion;

typedef struct wb_ca_case {
    wb_cases_case *one; /* borrowed: where mismatches go */
    wb_arena *arena;
    wb_intern *intern;
    wb_findings findings;
    wb_decode_context context;
    const wb_node *root;
    int64_t now_ms;

    wb_ca_flags flags;
    wb_ca_group *configs; /* by group: what the autoscaler knows */
    wb_ca_case_group *groups;
    wb_ca_case_node *nodes;
    wb_ca_case_pod *pods;
    wb_ca_case_owner *owners;
    wb_workload *daemon_sets;
    uint32_t group_count, node_count, pod_count, owner_count, daemon_set_count;
    uint32_t node_capacity, pod_capacity, owner_capacity;
    wb_ca_budget *budgets;
    uint32_t budget_count;
    const wb_node *refused; /* names of pods whose eviction is always refused */
    uint64_t next_key;

    wb_ca_loop loop;
    wb_ca_instance *instances; /* handed out */
    uint32_t instance_capacity;
    wb_ca_snapshot_pod *pending; /* handed out */
    uint32_t pending_capacity;

    wb_ca_case_event *timeline;
    wb_ca_case_deletion *deletions;
    uint32_t timeline_count, timeline_capacity, deletion_count, deletion_capacity;
    bool is_recording; /* timeline; off while the case is set up */

    bool runs_once; /* kind scale-up */
    bool has_result, has_scaled_up;
    const char *last_unneeded, *last_unremovable; /* of the pass before */
} wb_ca_case;

/* ---- cases_cluster_autoscaler_load.c ---- */

/* Everything of the case but the events. */
WB_MUST_CHECK wb_status wb_cases_cluster_autoscaler_load(wb_ca_case *of, wb_error *err);

/* The pods of a list of workloads, pending since created_ms. */
void wb_cases_cluster_autoscaler_add_workloads(wb_ca_case *of, const wb_node *list,
                                               int64_t created_ms);

/* ---- cases_cluster_autoscaler_world.c ---- */

/* The ops of the world, for the loop. */
wb_ca_world wb_cases_cluster_autoscaler_world(wb_ca_case *of);

/* Adds a copy; the index. */
uint32_t wb_cases_cluster_autoscaler_add_node(wb_ca_case *of, const wb_ca_case_node *node);
uint32_t wb_cases_cluster_autoscaler_add_pod(wb_ca_case *of, const wb_ca_case_pod *pod);

/* The owner of that kind and name, made on first sight. */
uint32_t wb_cases_cluster_autoscaler_owner(wb_ca_case *of, const char *kind_name, const char *name,
                                           uint32_t namespace_name);

/* A machine of the group; its node is added when it is there from the beginning. */
void wb_cases_cluster_autoscaler_add_machine(wb_ca_case *of, uint32_t group,
                                             const wb_ca_case_machine *machine);

/* Puts a pod on a node. */
void wb_cases_cluster_autoscaler_bind(wb_ca_case *of, uint32_t index, uint32_t node);

/* What happens in one second before the loop: machines that are due, events, binding. */
void wb_cases_cluster_autoscaler_tick(wb_ca_case *of);

/* ---- cases_cluster_autoscaler_compare.c ---- */

/* What one pass left: for kinds that look at the first, at the first scale-up, at each change. */
void wb_cases_cluster_autoscaler_observe(wb_ca_case *of);

/* The rest, at the end. */
void wb_cases_cluster_autoscaler_compare_end(wb_ca_case *of);

#endif
