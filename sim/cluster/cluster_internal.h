/*
 * What the files of sim/cluster share behind cluster.h. Included by them alone.
 *
 * Every change of a pod's state goes through one door: take the pod's contribution out of all sums
 * (wb_cluster_count_pod with -1), change the row, put the new contribution in (+1). So the sums of
 * cluster, owner, controller and PDBs can't drift apart, and a new sum has one place to go.
 */
#ifndef WB_SIM_CLUSTER_CLUSTER_INTERNAL_H
#define WB_SIM_CLUSTER_CLUSTER_INTERNAL_H

#include "base/cron.h"
#include "sim/cluster/cluster.h"
#include "sim/kernel/event_kinds.h"

/* The memory of one controller: row i belongs to cluster->workloads[i]. */
typedef struct wb_controller {
    uint32_t owner_id;
    uint32_t shape_id;     /* of the template in force; a CronJob has it for its Jobs */
    bool is_in_force;      /* false: an unused row */
    bool is_touched;       /* a reconcile event is under way */
    bool is_over;          /* Job: complete or failed */
    uint32_t parent_index; /* Job: the CronJob that made it, or WB_NO_ID */

    uint32_t available_count;          /* pods running on a ready node */
    uint32_t outdated_active_count;    /* active pods of another shape than shape_id */
    uint32_t outdated_available_count; /* of these, the available ones */

    uint32_t *slots; /* owned; StatefulSet: the living pod of each ordinal, or WB_NO_ID */
    uint32_t slot_count;

    int32_t succeeded_count, failed_count; /* Job */

    wb_cron cron;    /* CronJob */
    int64_t fire_ms; /* CronJob: the one firing that counts; -1: none */
} wb_controller;

typedef struct wb_id_list {
    uint32_t *ids; /* owned */
    uint32_t count, capacity;
} wb_id_list;

struct wb_cluster_workloads {
    wb_controller *items;  /* owned; as many as cluster->workloads */
    wb_id_list daemonsets; /* workload indices, in order of first application */
    wb_id_list unused_rows;
    wb_id_list scratch;                    /* pods gathered by whoever needs a list for a moment */
    uint32_t duration_key, field_name_key; /* interned: werkbank/duration, metadata.name */
    uint32_t pressure_keys[3], network_unavailable_key; /* taints that DaemonSets tolerate */
};

/* ---- cluster.c ---- */

/* Appends; grows as needed. */
void wb_cluster_add_to_list(wb_id_list *list, uint32_t id);

/* Takes id out, keeping the order; it must be there. */
void wb_cluster_remove_from_list(wb_id_list *list, uint32_t id);

/* Schedules an event of phase CLUSTER; a failure becomes the deferred error. */
void wb_cluster_schedule(wb_cluster *cluster, int64_t at_ms, wb_event_kind kind, uint32_t subject);

/* The owner of that kind and name, or WB_NO_ID. */
uint32_t wb_cluster_find_owner(const wb_cluster *cluster, wb_owner_kind kind,
                               uint32_t namespace_name, uint32_t name);

/* Keeps err as the deferred error unless there is one already. */
void wb_cluster_defer_error(wb_cluster *cluster, const wb_error *err);

/* ---- cluster_taint_eviction.c ---- */

/* Subscribes to its events. */
void wb_cluster_subscribe_taints(wb_cluster *cluster);

/* The node has just turned not ready: its pods go when they have tolerated that long enough. */
void wb_cluster_watch_node(wb_cluster *cluster, uint32_t node_id);

/* The same for a pod that was bound to a node that is not ready. */
void wb_cluster_watch_pod(wb_cluster *cluster, uint32_t pod_id);

/* The node's kubelet fell silent, or speaks again: what was told to stop there stays, or stops. */
void wb_cluster_suspend_terminations(wb_cluster *cluster, uint32_t node_id);
void wb_cluster_resume_terminations(wb_cluster *cluster, uint32_t node_id);

/* Its grace period is over, but nobody says that it has stopped; and the end of that state. */
void wb_cluster_note_stuck(wb_cluster *cluster, uint32_t pod_id);
void wb_cluster_forget_stuck(wb_cluster *cluster, uint32_t pod_id);

/* ---- cluster_pods.c ---- */

/* How long the containers of a pod take to stop, at most. */
int64_t wb_cluster_stop_ms(const wb_cluster *cluster, uint32_t pod_id);

/* options.pod_limit, or its default. */
uint64_t wb_cluster_pod_limit(const wb_cluster *cluster);

/* Adds (sign 1) or takes away (-1) what the pod's present row means to every sum. */
void wb_cluster_count_pod(wb_cluster *cluster, uint32_t pod_id, int32_t sign);

/* The pod begins to terminate: gone after min(grace, pod_stop_ms, limit_ms unless -1). One that
 * has no node must be ended by wb_cluster_end_unbound before the verb returns. */
void wb_cluster_terminate_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause,
                              int64_t limit_ms);

/* The pod is gone: off its node, owner and name; then whoever waited for that acts. */
void wb_cluster_end_pod(wb_cluster *cluster, uint32_t pod_id, wb_pod_state state, wb_cause cause);

/* The end of a terminating pod, as its cause and its owner have it: DELETED, EVICTED or LOST. */
void wb_cluster_end_terminated(wb_cluster *cluster, uint32_t pod_id);

/* The same at once for a pod that was told to terminate before it had a node; else nothing. */
void wb_cluster_end_unbound(wb_cluster *cluster, uint32_t pod_id);

/* The shape of an ordinal's pod of a StatefulSet with claim templates: shape_id, the workload's,
 * with claims of its own. */
uint32_t wb_cluster_claimed_shape(wb_cluster *cluster, const wb_workload *workload,
                                  uint32_t shape_id, uint32_t ordinal);

/* Schedules the start of a STARTING pod whose node is ready and that has no start under way. */
void wb_cluster_begin_start(wb_cluster *cluster, uint32_t pod_id);

/* The parts of the cluster's own init and release. */
void wb_cluster_subscribe_pods(wb_cluster *cluster);
void wb_cluster_release_pods(wb_cluster *cluster);

/* ---- cluster_nodes.c ---- */

/* Puts a pod whose row says STARTING on its node: chain and sums. */
void wb_cluster_join_node(wb_cluster *cluster, uint32_t pod_id);
void wb_cluster_leave_node(wb_cluster *cluster, uint32_t pod_id);

/* Notes that a pod began to terminate on its node. */
void wb_cluster_note_termination(wb_cluster *cluster, uint32_t pod_id);

/* Makes room for needed resources in the columns of every node. */
void wb_cluster_widen_resources(wb_cluster *cluster, uint32_t needed);
void wb_cluster_release_nodes(wb_cluster *cluster);

/* ---- cluster_eviction.c ---- */

/* A terminating pod whose replacement waits for its end, because it takes over the name. */
bool wb_cluster_pod_awaits_successor(const wb_cluster *cluster, uint32_t pod_id);

/* Takes an active pod away: it terminates (see wb_cluster_terminate_pod), and its owner's rule
 * applies. No PDB is asked. */
void wb_cluster_take_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause, int64_t limit_ms);

/* The successor of a pod that awaited one and is gone now. */
void wb_cluster_succeed_pod(wb_cluster *cluster, uint32_t pod_id);

/* Which PDBs select a new shape. */
void wb_cluster_match_pdbs(wb_cluster *cluster, uint32_t shape_id);

/* Adds (1) or takes away (-1) the replicas that a controller here desires, at its PDBs. */
void wb_cluster_count_desired(wb_cluster *cluster, uint32_t owner_id, int32_t sign);

/* Whether PDBs expect the owner's desired replicas, rather than count its pods. */
bool wb_cluster_owner_states_replicas(const wb_cluster *cluster, uint32_t owner_id);

/* ---- cluster_workloads.c ---- */

/* The controller of an owner, or NULL when the trace drives it (owner_id may be WB_NO_ID). */
wb_controller *wb_cluster_controller_of(const wb_cluster *cluster, uint32_t owner_id);

/* Has the controller of owner_id, if there is one, look at its pods again, once, later in this
 * millisecond. DaemonSets are not woken by this: they look at one node at a time, at once. */
void wb_cluster_touch_owner(wb_cluster *cluster, uint32_t owner_id);

/* Creates one pod of the controller's present template; ordinal names it. */
uint32_t wb_cluster_create_controlled(wb_cluster *cluster, uint32_t workload_index,
                                      uint32_t ordinal, uint32_t replaces);

/* A pod is about to be taken away: a Job here counts a failure, and may give up. */
void wb_cluster_controller_loses_pod(wb_cluster *cluster, uint32_t pod_id);

/* What the controller creates at once for a pod that was just taken away. */
void wb_cluster_controller_replace_pod(wb_cluster *cluster, uint32_t pod_id);

/* A pod ended, with or without a controller here; node and owner know already. */
void wb_cluster_controller_ended_pod(wb_cluster *cluster, uint32_t pod_id);

/* Makes the row a controller in force for owner_id; for the parts of workloads. */
uint32_t wb_cluster_add_workload_row(wb_cluster *cluster, const wb_workload *workload,
                                     uint32_t owner_id);
void wb_cluster_remove_workload_row(wb_cluster *cluster, uint32_t workload_index);

/* The parts of the cluster's own init and release. */
void wb_cluster_init_workloads(wb_cluster *cluster);
void wb_cluster_release_workloads(wb_cluster *cluster);

/* ---- cluster_rollout.c ---- */

/* One look at what is and what is wanted, for the kinds with replicas. */
void wb_cluster_reconcile_replicas(wb_cluster *cluster, uint32_t workload_index);
void wb_cluster_reconcile_stateful(wb_cluster *cluster, uint32_t workload_index);

/* Forgets a StatefulSet's pod that is gone; whether its ordinal is still within the replicas; and
 * fills the ordinal again, as the pod's replacement. */
void wb_cluster_free_slot(wb_cluster *cluster, uint32_t workload_index, uint32_t pod_id);
bool wb_cluster_slot_is_wanted(const wb_cluster *cluster, uint32_t pod_id);
void wb_cluster_refill_slot(wb_cluster *cluster, uint32_t workload_index, uint32_t pod_id);

/* Deletes count active pods (fewer when there are fewer), the least valuable first: not scheduled,
 * not started, not ready, lower deletion cost, newer. outdated_only: of other shapes only. */
void wb_cluster_delete_replicas(wb_cluster *cluster, uint32_t workload_index, uint32_t count,
                                bool outdated_only);

/* ---- cluster_jobs.c ---- */

/* The same for a Job; it may leave its row when a CronJob made it. */
void wb_cluster_reconcile_job(wb_cluster *cluster, uint32_t workload_index);
/* Arms a CronJob that was put in force or changed; has it make a Job now, and arms it again. */
void wb_cluster_apply_cron(wb_cluster *cluster, uint32_t workload_index);
void wb_cluster_fire_cron(wb_cluster *cluster, uint32_t workload_index);

/* How long a pod of this template runs when a Job made it. */
int64_t wb_cluster_job_duration_ms(const wb_cluster *cluster, const wb_pod_template *template);

/* ---- cluster_daemonsets.c ---- */

/* Creates and deletes pods so that the node has those of the DaemonSets that want it. */
void wb_cluster_refresh_daemons(wb_cluster *cluster, uint32_t node_id);

/* A DaemonSet's pod is gone: its node gets another one, if it is still wanted. */
void wb_cluster_daemonset_ended_pod(wb_cluster *cluster, uint32_t pod_id);

/* Takes a pinned pod that is still pending off its node's waiting chain. */
void wb_cluster_forget_waiting_daemon(wb_cluster *cluster, uint32_t pod_id);

/* The same for one DaemonSet over all nodes; pods of an older template go. */
void wb_cluster_reconcile_daemonset(wb_cluster *cluster, uint32_t workload_index);

/* Room was made on the node: DaemonSet pods that wait for it are bound if they fit now. */
void wb_cluster_bind_waiting_daemons(wb_cluster *cluster, uint32_t node_id);

/* The node is gone: those that still waited for it go, too. */
void wb_cluster_end_waiting_daemons(wb_cluster *cluster, uint32_t node_id);

/* ---- cluster_start_gates.c ---- */

/* When the last gate lets the pod through; INT64_MAX: one does not yet. The gates are asked in
 * turn, so that a pod without its volumes takes no address. */
int64_t wb_cluster_pass_gates(wb_cluster *cluster, uint32_t pod_id);

#endif
