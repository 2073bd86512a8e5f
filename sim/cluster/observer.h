/*
 * What the simulation tells whoever listens: one ops struct through which cluster, cloud and
 * contenders announce every change. The recorder (sim/store) is one listener, a contender's
 * controllers are another; none is known to those who announce.
 *
 * Every hook may be NULL. Hooks are called in the order in which listeners were added, at the
 * moment of the change, with the new state already in the tables; a hook may schedule events but
 * must not create or delete pods or nodes itself (controllers act in events of their own phase).
 */
#ifndef WB_SIM_CLUSTER_OBSERVER_H
#define WB_SIM_CLUSTER_OBSERVER_H

#include <stdbool.h>
#include <stdint.h>

/* Why a pod or node went. The names (wb_cause_name) are what the database shows. */
typedef enum wb_cause {
    WB_CAUSE_NONE,
    WB_CAUSE_FINISHED,  /* ran to completion */
    WB_CAUSE_WORKLOAD,  /* deleted or scaled down by its owner or by the trace */
    WB_CAUSE_EMPTINESS, /* the five below: Karpenter's disruption */
    WB_CAUSE_CONSOLIDATION,
    WB_CAUSE_DRIFT,
    WB_CAUSE_EXPIRATION,
    WB_CAUSE_NODE_REPAIR,
    WB_CAUSE_INTERRUPTION, /* spot */
    WB_CAUSE_SCALE_DOWN,   /* Cluster Autoscaler */
    WB_CAUSE_PREEMPTION,
    WB_CAUSE_INSTANCE_LOST, /* the machine went without a drain */
    WB_CAUSE_LAUNCH_FAILED,
    WB_CAUSE_REBALANCE,          /* an Auto Scaling group evened out its zones */
    WB_CAUSE_NODE_NOT_READY,     /* its node had been not ready, or unreachable, for too long */
    WB_CAUSE_GARBAGE_COLLECTION, /* Karpenter's: one of NodeClaim and instance was gone */
    WB_CAUSE_NODEPOOL_DELETED,   /* NodeClaims go with their NodePool */
    WB_CAUSE_RECORDED,           /* it went so in the recording that is re-enacted */
    WB_CAUSE_HORIZON,            /* the simulation ended */
    WB_CAUSE_COUNT
} wb_cause;

/* "finished", "scale-down", ... */
const char *wb_cause_name(wb_cause cause);

/* A decision of a contender, for the decisions table: what it did, to what, and why. Texts are
 * borrowed for the call. */
typedef struct wb_decision {
    int64_t at_ms;
    const char *kind;    /* "provision", "consolidate", "emptiness", "scale-up", "scale-down" ... */
    const char *subject; /* NodePool, node group or node */
    const char *outcome; /* instance type and market launched, nodes removed, "no-op" ... */
    const char *reason;  /* one sentence: why this one */
    int64_t pod_count;   /* pods that it was about */
    int64_t node_count;  /* nodes launched or removed */
    int64_t saving_nusd_per_hour; /* predicted; 0 where that has no meaning */
} wb_decision;

/* A reason for which a contender leaves a node alone, from now on or no longer. */
typedef struct wb_hold {
    const char *code; /* a literal: "pdb", "NotUnderutilized" */
    const char *text; /* half a sentence; borrowed for the call; NULL when it holds no longer */
    bool is_held;
} wb_hold;

/* A fault that the scenario sets: it begins, or is over. Borrowed for the call. */
typedef struct wb_fault_note {
    const char *kind;   /* as in the scenario: "apiError" */
    const char *detail; /* "lost: 2 machines" */
    bool is_over;
} wb_fault_note;

typedef struct wb_observer {
    void *context; /* borrowed; handed to every hook */

    void (*pod_created)(void *context, uint32_t pod_id);
    /* The scheduler found no node; called at every failed attempt. reason is borrowed. */
    void (*pod_unschedulable)(void *context, uint32_t pod_id, const char *reason);
    void (*pod_bound)(void *context, uint32_t pod_id, uint32_t node_id);
    void (*pod_running)(void *context, uint32_t pod_id);
    void (*pod_terminating)(void *context, uint32_t pod_id, wb_cause cause);
    /* Off its node, for whatever reason; its row stays readable. */
    void (*pod_gone)(void *context, uint32_t pod_id, wb_cause cause);
    void (*eviction_refused)(void *context, uint32_t pod_id); /* by a PDB */

    void (*node_added)(void *context, uint32_t node_id); /* Node object there, not ready */
    void (*node_ready)(void *context, uint32_t node_id);
    void (*node_changed)(void *context, uint32_t node_id); /* labels, taints, cordon, ready */
    void (*node_removed)(void *context, uint32_t node_id, wb_cause cause);

    /* NodeClaims (or an ASG's instances, which have no claim): from wish to end. */
    void (*claim_created)(void *context, uint32_t claim_id);
    void (*claim_changed)(void *context, uint32_t claim_id); /* launched, registered, initialised */
    void (*claim_gone)(void *context, uint32_t claim_id, wb_cause cause);

    void (*instance_launched)(void *context, uint32_t instance_id);
    void (*instance_ended)(void *context, uint32_t instance_id, wb_cause cause);
    void (*cloud_error)(void *context, const char *call, const char *code, const char *detail);

    void (*decision)(void *context, const wb_decision *decision);
    /* A look at the nodes found this one held for a reason, or not any more. A reason holds until
     * it is taken back, or the node goes. */
    void (*node_held)(void *context, uint32_t node_id, const wb_hold *hold);

    void (*fault)(void *context, const wb_fault_note *note);
    void (*fault_hit)(void *context, uint32_t node_id, const char *kind); /* one of its nodes */
} wb_observer;

#define WB_OBSERVERS_MAX 8

typedef struct wb_observers {
    wb_observer items[WB_OBSERVERS_MAX];
    uint32_t count;
} wb_observers;

/* Starts without listeners. */
void wb_observers_init(wb_observers *observers);

/* Adds one listener (copied); at most WB_OBSERVERS_MAX (asserted). */
void wb_observers_add(wb_observers *observers, const wb_observer *observer);

/* Calls hook of every listener that has it: WB_NOTIFY(observers, pod_bound, pod_id, node_id). */
#define WB_NOTIFY(observers, hook, ...)                                                 \
    do {                                                                                \
        for (uint32_t notify_i = 0; notify_i < (observers)->count; notify_i++) {        \
            if ((observers)->items[notify_i].hook != NULL) {                            \
                (observers)->items[notify_i].hook((observers)->items[notify_i].context, \
                                                  __VA_ARGS__);                         \
            }                                                                           \
        }                                                                               \
    } while (0)

#endif
