/*
 * What the files of the karpenter contender share: its settings, its NodeClaims, its commands.
 *
 *   karpenter.c               ops, hooks of cluster and cloud
 *   karpenter_settings.c      settings, and what is wrong with a contender
 *   wb_karpenter_pools.c         NodePools and what their NodeClasses make of the catalog
 *   wb_karpenter_claims.c        NodeClaims: created, launched, registered, initialised, gone
 *   wb_karpenter_provisioner.c   batch window
 *   karpenter_solve.c            the solve of a window's pods, and what is done with its answer
 *   wb_karpenter_termination.c   drain and end of a NodeClaim
 *   karpenter_interruption.c     messages of the interruption queue
 *   karpenter_collection.c       garbage collection
 *   karpenter_offerings.c        offerings that are sold no more, reservations that end
 *   karpenter_launch.c           launches that the API refused, and their retries
 *   karpenter_polls.c            calls that are made each minute
 *   karpenter_prices.c           spot prices as they were last asked for
 *   wb_karpenter_disruption.c    the disruption loop and its commands
 *   wb_karpenter_picture.c       the cluster as the solver's disruption code sees it
 *   wb_karpenter_health.c        liveness of NodeClaims, node repair
 *   wb_karpenter_static.c        static NodePools
 *   wb_karpenter_record.c        what became of commands, for the recorder
 *   karpenter_ruled_out.c     what a NodeClaim could not be, and why
 *   wb_karpenter_drift.c         changes of NodePools and NodeClasses, and who drifts by them
 *
 * Source of the behaviour: spec/scheduling.md, spec/disruption.md.
 */
#ifndef WB_SIM_AUTOSCALER_KARPENTER_KARPENTER_INTERNAL_H
#define WB_SIM_AUTOSCALER_KARPENTER_KARPENTER_INTERNAL_H

#include "kube/catalog/catalog_overlay.h"
#include "solver/disruption.h"
#include "solver/drift.h"
#include "solver/launch.h"
#include "solver/provisioning.h"
#include "sim/autoscaler/karpenter/karpenter.h"
#include "sim/kernel/event_kinds.h"

/* Our events, as offsets from WB_EVENT_CONTROLLER_FIRST. */
typedef enum wb_karpenter_event {
    WB_KARPENTER_EVENT_BATCH,       /* the batch window may close */
    WB_KARPENTER_EVENT_LOOP,        /* a pass of the disruption loop */
    WB_KARPENTER_EVENT_VALIDATE,    /* 15 s after a command was computed, or when drift's has been;
                                       subject: command */
    WB_KARPENTER_EVENT_COMMAND,     /* look at a running command; subject: command */
    WB_KARPENTER_EVENT_DRAIN,       /* a look at a node that is drained; subject: claim */
    WB_KARPENTER_EVENT_EVICT,       /* a try of its eviction queue; subject: claim */
    WB_KARPENTER_EVENT_EXPIRE,      /* expireAfter has passed; subject: claim */
    WB_KARPENTER_EVENT_OFFERING,    /* an offering may be available again */
    WB_KARPENTER_EVENT_BUDGET,      /* a budget's window ends; subject: NodePool << 16 | budget */
    WB_KARPENTER_EVENT_FREED,       /* a pod's do-not-disrupt has run out */
    WB_KARPENTER_EVENT_LIVENESS,    /* a launch or registration may have taken too long; claim */
    WB_KARPENTER_EVENT_REPAIR,      /* an ill node may be repaired; subject: claim */
    WB_KARPENTER_EVENT_STOPPED,     /* a message that a machine has stopped; subject: claim */
    WB_KARPENTER_EVENT_STATIC,      /* the minute's look at static pools */
    WB_KARPENTER_EVENT_IMAGE,       /* a new image is seen */
    WB_KARPENTER_EVENT_CHANGE,      /* manifests are applied; subject: the contender's change */
    WB_KARPENTER_EVENT_DECIDED,     /* the solve under way has its answer */
    WB_KARPENTER_EVENT_MESSAGE,     /* from the interruption queue; subject: claim */
    WB_KARPENTER_EVENT_MAINTENANCE, /* a message that a machine will be stopped; subject: claim */
    WB_KARPENTER_EVENT_IMPAIRED,    /* a status check may have failed for too long; claim */
    WB_KARPENTER_EVENT_PRICES,      /* spot prices are asked for again */
    WB_KARPENTER_EVENT_POLL,        /* what is asked for each minute; subject: which minute */
    WB_KARPENTER_EVENT_LAUNCH,      /* another try of a refused launch; subject: its row */
    WB_KARPENTER_EVENT_COLLECT,     /* garbage collection looks; subject: claim */
    WB_KARPENTER_EVENT_CATALOG,     /* an offering that ended may be missed; subject: claim */
    WB_KARPENTER_EVENT_COUNT
} wb_karpenter_event;

#define WB_KARPENTER_POD_WAITING     (1U << 31) /* in the list of waiting pods */
#define WB_KARPENTER_POD_TERMINATING (1U << 30) /* known to the solver's node as terminating */
#define WB_KARPENTER_POD_SEEN        (1U << 29) /* was in that list once */
#define WB_KARPENTER_POD_REFUSED     ((1U << 29) - 1)

#define WB_KARPENTER_BUDGETS_MAX 50 /* of a NodePool: its API's limit */

/* A pod in the eviction queue. */
typedef struct wb_karpenter_eviction {
    uint32_t pod_id;
    uint32_t failure_count; /* as far as it lengthens the back-off */
    int64_t due_ms;
} wb_karpenter_eviction;

/* A NodeClaim. Rows are never reused. Times are -1 until they have come. */
typedef struct wb_karpenter_claim {
    const char *name;               /* run arena */
    uint32_t name_id;               /* interned */
    const wb_nodepool *pool;        /* borrowed: of self->pools, as it is now */
    const wb_nodepool *origin;      /* borrowed: the version of the pool that it was made from */
    const wb_nodeclass *node_class; /* borrowed: the version that it was launched by */
    const wb_catalog *catalog;      /* borrowed: the types as that made them */
    wb_drift_reason drift_reason;   /* condition Drifted */
    int64_t drifted_ms;             /* since when; -1: it is not */
    uint32_t instance_id;           /* WB_NO_ID only for a claim whose launch failed */
    uint32_t node_id;               /* WB_NO_ID until registered */
    uint32_t type_index;            /* catalog; of the launched type */
    uint32_t zone;
    wb_capacity_type capacity_type;
    double price_usd_per_hour;
    uint32_t pod_count, type_count;
    const char *alternatives; /* run arena */
    const char *ruled_out;    /* run arena */
    wb_solver_node *node;     /* owned; NULL once gone */
    wb_labels labels;
    int64_t created_ms, launched_ms, registered_ms, initialized_ms, gone_ms;
    int64_t nominated_until_ms;
    int64_t last_pod_event_ms;  /* status.lastPodEventTime */
    int64_t deleted_ms;         /* deletionTimestamp */
    int64_t tainted_ms;         /* when its node got the taint of disruption; -1: it has none */
    int64_t deadline_ms;        /* with terminationGracePeriod; -1: none */
    uint32_t end_failure_count; /* calls to end its instance that were refused */
    int64_t look_due_ms, eviction_due_ms; /* of the events that count; INT64_MAX: none is due */
    wb_karpenter_eviction *evictions;     /* owned; of its node's pods, in the order of arrival */
    uint32_t eviction_count, eviction_capacity;
    bool is_silent;      /* its node was initialised and is not Ready now */
    bool is_marked;      /* for deletion, by a command or by its deletion */
    bool is_orphaned;    /* the object was lost: its machine is nobody's until it is collected */
    bool is_terminating; /* the instance was told to end */
    wb_cause cause;
    uint32_t command_id; /* that waits for it, or removes it; WB_NO_ID */
    uint32_t removed_by; /* the command that deleted it, for good; WB_NO_ID */
    uint32_t told_holds; /* WB_BLOCKED_*: why it was left alone, as told to the observers */
    const wb_attach_limit *attach_limit; /* of its Node, run arena or manifest; NULL: none known */
} wb_karpenter_claim;

/* A pod and the NodeClaim that the last solve meant for it. */
typedef struct wb_karpenter_planned_pod {
    uint32_t pod_id, claim_id;
} wb_karpenter_planned_pod;

typedef enum wb_karpenter_command_state {
    WB_KARPENTER_COMMAND_VALIDATING,
    WB_KARPENTER_COMMAND_WAITING, /* for its replacements */
    WB_KARPENTER_COMMAND_DONE,
    WB_KARPENTER_COMMAND_FAILED,
    WB_KARPENTER_COMMAND_REJECTED, /* by its validation */
} wb_karpenter_command_state;

/* A decision of the disruption loop under way. */
typedef struct wb_karpenter_command {
    wb_karpenter_command_state state;
    wb_cause cause;
    wb_disruption_command plan; /* run arena; without candidates and moves */
    uint32_t *claim_ids;        /* candidates; run arena */
    uint32_t claim_count;
    uint32_t *destination_ids; /* claims that the simulation put pods on; run arena */
    uint32_t destination_count;
    uint32_t *replacement_ids; /* claims, one per replacement of the plan; run arena */
    int64_t deadline_ms;       /* by when all replacements must be initialised */
    int64_t found_ms, started_ms, deleted_ms, finished_ms; /* -1: not yet */
    uint32_t considered_count, simulation_count;
    uint32_t going_count;       /* of its nodes that are not gone yet */
    uint32_t evicted_pod_count; /* DaemonSets' not counted */
    const char *failure;        /* literal; "" */
} wb_karpenter_command;

typedef struct wb_karpenter_settings {
    int64_t batch_idle_ms, batch_max_ms;
    wb_preference_policy preference_policy;
    wb_open_claim_sort open_claim_sort;
    bool min_values_best_effort;
    bool spot_to_spot;
    bool repairs_nodes;      /* feature gate NodeRepair */
    bool keeps_static_pools; /* feature gate StaticCapacity */
    bool heeds_overlays;     /* feature gate NodeOverlay */
    bool disruption_is_off;
    bool interruption_queue_is_off;
} wb_karpenter_settings;

/* An offering that a launch found without capacity; hidden for three minutes. */
typedef struct wb_karpenter_hidden_offering {
    uint32_t type_name, zone;
    wb_capacity_type capacity_type;
    int64_t until_ms;
} wb_karpenter_hidden_offering;

/* A NodeClaim whose launch was refused by the API as such, not for want of capacity: the object is
 * there, unlaunched, and is tried again. */
typedef struct wb_karpenter_refused_launch {
    const wb_nodepool *pool;
    wb_requirements requirements;  /* run arena, as the two below */
    const wb_catalog_type **types; /* that it may be; of the pool's catalog */
    wb_resource_list requests;
    uint32_t type_count, pod_count, failure_count;
    uint32_t command_id, replacement; /* the command that waits for it, and its place in that */
    int64_t first_ms;
    const char *why;  /* as in the request, a literal */
    const char *code; /* of the last refusal, a literal */
    bool is_over;     /* launched, or given up */
} wb_karpenter_refused_launch;

/* A provisioning solve. */
typedef struct wb_karpenter_pass wb_karpenter_pass;

typedef struct wb_karpenter {
    wb_autoscaler_env env;
    const wb_contender *contender;
    wb_karpenter_settings settings;
    wb_nodepool *pools; /* run arena: as they are now, all taken as Ready; they stay in place */
    const wb_nodepool **pool_versions; /* run arena: the manifests' that pools are copies of */
    const wb_catalog **class_catalogs; /* by pool: the types as its NodeClass makes them, in the
                                          order of the run's catalog */
    const wb_catalog **pool_catalogs;  /* likewise, as NodeOverlays make those */
    const wb_nodeclass **classes;      /* run arena: the versions in force */
    uint32_t pool_count, class_count;
    wb_node_overlay *overlays; /* run arena: those that are there, in conflict or not */
    uint32_t overlay_count;
    wb_node_overlays overlays_in_force, overlays_in_conflict; /* run arena */
    int64_t *budget_due_ms; /* run arena: by pool and budget, of the event that counts */

    wb_arena world_arena;   /* owned: what one world needs, released when another is made */
    wb_arena solve_arena;   /* owned: emptied after each solve */
    wb_arena pass_arena;    /* owned: of the solve under way */
    wb_arena scratch_arena; /* owned: of one simulated removal; empty in between */
    wb_solver_world *world;
    struct wb_karpenter_ruled_out *ruled_out; /* world arena: what was worked out so far */
    uint64_t daemon_version;                  /* of the DaemonSets that the world knows */
    bool world_is_stale;                      /* pools have changed since it was made */
    uint32_t *shape_ids; /* owned: world's by the cluster's; WB_NO_ID: not asked yet */
    uint32_t shape_capacity;

    wb_karpenter_claim *claims; /* owned */
    uint32_t claim_count, claim_capacity;
    uint32_t *living_claims; /* owned; ids, ascending */
    uint32_t living_count, living_capacity;
    uint32_t unlaunched_count;

    uint32_t *waiting; /* owned: pods that the scheduler could not place, in order of arrival */
    uint32_t waiting_count, waiting_capacity;
    wb_disruption_work work; /* of the provisioner too */
    uint32_t
        *pod_marks; /* owned: WB_KARPENTER_POD_* and WB_REFUSED_* of the last solve, by pod id */
    uint32_t pod_mark_capacity;
    uint32_t *uids; /* owned: by pod id; 0: not asked yet */
    uint32_t uid_capacity;
    bool waiting_heeds_pods; /* one of the waiting asks for pods, or is spread over them */
    wb_karpenter_pass *pass; /* of which the answer is awaited; NULL: none */
    bool batch_is_asked;     /* while one was: a window opens after it */
    bool batch_is_open;
    int64_t batch_opened_ms, batch_last_ms, batch_closed_ms;
    int64_t batch_due_ms;           /* of the one event that counts; INT64_MAX: none is due */
    uint64_t change_count;          /* of anything that a failed pod could profit from */
    uint64_t solved_change_count;   /* as it was at the last solve */
    wb_karpenter_planned_pod *plan; /* owned: what the last solve placed */
    uint32_t plan_count, plan_capacity;

    wb_karpenter_command *commands; /* owned */
    uint32_t command_count, command_capacity, running_command_count;
    bool loop_is_blocked;    /* a validation, or the end of a search, is waited for */
    bool validation_is_void; /* the command waited for knows types of a world that is no more */
    int64_t static_due_ms; /* of the one look at static pools that counts; INT64_MAX: none is due */
    bool static_is_short;  /* a static pool found no capacity: counts as one unlaunched */
    int64_t loop_last_ms;  /* end of the last pass */
    int64_t loop_takes_ms; /* that the searches of this pass take, with a decision latency */
    uint32_t *unseen_pools; /* owned: names of those that the last single-node search, cut off, did
                                not get to */
    uint32_t unseen_pool_count;
    int64_t loop_due_ms; /* of the one event that counts; INT64_MAX: none is due */
    int64_t state_ms;    /* the "consolidation state": when something last changed */
    uint64_t state_serial;
    uint64_t memory[WB_DISRUPTION_METHOD_COUNT]; /* the state that a method found nothing in */

    int64_t prices_ms;                    /* when spot prices were last asked for; -1: not yet */
    wb_karpenter_hidden_offering *hidden; /* owned */
    uint32_t hidden_count, hidden_capacity;
    int64_t *subnet_hidden_until_ms;               /* run arena; by subnet */
    wb_karpenter_refused_launch *refused_launches; /* owned */
    uint32_t refused_launch_count, refused_launch_capacity;
    const char
        *launch_refusal; /* the API's answer to the last launch, a literal; NULL: it went on */
    const char *launch_message; /* what IAM said beside; NULL: nothing */
    bool launch_was_asked;      /* EC2 was asked for the last one: some offering was not hidden */
} wb_karpenter;

/* ---- karpenter_settings.c ---- */

/* The contender's settings; complaints go to findings, which may be NULL. */
wb_karpenter_settings wb_karpenter_read_settings(const wb_contender *contender,
                                                 wb_findings *findings);

/* As wb_autoscaler_ops wants it. */
void wb_karpenter_validate(const wb_contender *contender, wb_intern *intern, wb_findings *findings);

/* ---- karpenter.c ---- */

/* Schedules one of our events: now, when its time passed while the control plane stood still. */
void wb_karpenter_schedule(wb_karpenter *self, int64_t at_ms, wb_karpenter_event event,
                           uint32_t subject);

/* The world's shape of a pod. */
uint32_t wb_karpenter_shape(wb_karpenter *self, uint32_t pod_id);

/* Makes the world, or makes it anew when the DaemonSets changed. */
void wb_karpenter_refresh_world(wb_karpenter *self);

/* Has the loop woken when windows of budgets end: of all, after they may have changed. */
void wb_karpenter_schedule_budgets(wb_karpenter *self);

/* Whether a pod may be moved: not a DaemonSet's, not terminating. */
bool wb_karpenter_pod_is_reschedulable(const wb_karpenter *self, uint32_t pod_id);

/* The marks of a pod, room for which is made. Valid until the next pod's are asked for. */
uint32_t *wb_karpenter_pod_mark(wb_karpenter *self, uint32_t pod_id);

/* ---- wb_karpenter_pools.c ---- */

/* The EC2NodeClass of that name, or NULL. */
const wb_nodeclass *wb_karpenter_find_nodeclass(const wb_manifest *manifest, uint32_t name);

/* Takes over the manifest's NodePools, NodeClasses and NodeOverlays, with room for those that
 * changes add; once, when the contender is made. */
void wb_karpenter_make_pools(wb_karpenter *self);

/* Replaces those of a name that is there, adds others; the world is stale then. */
void wb_karpenter_apply_pools(wb_karpenter *self, const wb_manifest *manifest);

/* Marks the pool of that name as being deleted; returns its index, or UINT32_MAX. */
uint32_t wb_karpenter_delete_pool(wb_karpenter *self, uint32_t name);

/* The manifest's version that one of self->pools is a copy of. */
const wb_nodepool *wb_karpenter_pool_version(const wb_karpenter *self, const wb_nodepool *pool);

/* The NodeClass in force that a pool refers to, or NULL. */
const wb_nodeclass *wb_karpenter_class_of(const wb_karpenter *self, const wb_nodepool *pool);

/* Takes the NodeOverlay of that name away, which is there; the world is stale then. */
void wb_karpenter_delete_overlay(wb_karpenter *self, uint32_t name);

/* Says which NodeOverlays are not applied, as their conditions do. */
void wb_karpenter_announce_overlays(wb_karpenter *self);

/* The instance types of one of self->pools, each under its index in the run's catalog. */
const wb_catalog *wb_karpenter_pool_catalog(const wb_karpenter *self, const wb_nodepool *pool);

/* ---- wb_karpenter_claims.c ---- */

/* What a new NodeClaim is made from. */
typedef struct wb_karpenter_claim_request {
    const wb_nodepool *pool;
    wb_requirements requirements;
    const uint32_t *type_indices; /* world; none: all of the pool's (static pools) */
    uint32_t type_count, pod_count;
    wb_resource_list requests;
    const char *why; /* "provision" or the disruption method: for the decision's row */
    const wb_pod_template
        *first_pod;       /* that it was opened for; NULL: a replacement, a static one */
    bool is_retried;      /* when the API refuses the call: else that is the end of it */
    uint32_t command_id;  /* of is_retried: that it is a replacement of; WB_NO_ID: of none */
    uint32_t replacement; /* the how many-th of that command */
} wb_karpenter_claim_request;

/* Creates and launches; WB_NO_ID when the cloud had no capacity (offerings are then hidden) or
 * refused the call. */
uint32_t wb_karpenter_create_claim(wb_karpenter *self, const wb_karpenter_claim_request *request);

/* ---- karpenter_ruled_out.c ---- */

/* Which pools and types were ruled out for a claim, by what, in half a sentence; "" for those of
 * static pools. Lives in the run's arena. */
const char *wb_karpenter_describe_ruled_out(wb_karpenter *self,
                                            const wb_karpenter_claim_request *request);

/* ---- karpenter_subnets.c ---- */

/* Why a NodeClass is not ready, a literal; NULL: it is. And the same of the first that is not. */
const char *wb_karpenter_class_problem(const wb_karpenter *self, const wb_nodeclass *nodeclass);
const char *wb_karpenter_find_class_problem(const wb_karpenter *self);

/* Puts the zones of a NodeClass's subnets into it, where they are not all of the run's. */
void wb_karpenter_resolve_zones(const wb_karpenter *self, wb_nodeclass *inout);

/* The subnet of a zone that a launch names; 0: none is modelled. False: all are hidden. */
bool wb_karpenter_pick_subnet(const wb_karpenter *self, const wb_nodeclass *nodeclass,
                              uint32_t zone, uint32_t *out_subnet);

/* A launch found a subnet (from 1) without a free address: hides it, and its zone after the last.
 */
void wb_karpenter_hide_subnet(wb_karpenter *self, uint32_t subnet);

/* Notes which NodePools are ready by their NodeClasses; and says which NodeClasses are not. */
void wb_karpenter_check_classes(wb_karpenter *self);
void wb_karpenter_announce_classes(wb_karpenter *self);

/* ---- karpenter_polls.c ---- */

/* Begins to ask the cloud each minute, where such calls count. */
void wb_karpenter_start_polls(wb_karpenter *self);
void wb_karpenter_on_poll(wb_karpenter *self, uint32_t minute);

/* ---- karpenter_prices.c ---- */

/* Begins to ask for spot prices, where they move. */
void wb_karpenter_start_prices(wb_karpenter *self);
void wb_karpenter_on_prices(wb_karpenter *self);

/* Puts the prices that were last heard into a world that was just made. */
void wb_karpenter_apply_prices(wb_karpenter *self);

/* ---- karpenter_launch.c ---- */

/* Keeps a refused launch for another try. */
void wb_karpenter_keep_launch(wb_karpenter *self, const wb_karpenter_claim_request *request,
                              const char *code);
void wb_karpenter_on_launch_due(wb_karpenter *self, uint32_t row);

/* The unlaunched NodeClaims of a pool; and deletes at most count of them, returns how many. */
uint32_t wb_karpenter_count_launches(const wb_karpenter *self, const wb_nodepool *pool);
uint32_t wb_karpenter_cancel_launches(wb_karpenter *self, const wb_nodepool *pool, uint32_t count);

/* Brings the solver's node in step with the claim and its Node. */
void wb_karpenter_update_node(wb_karpenter *self, uint32_t claim_id);
void wb_karpenter_on_launched(wb_karpenter *self, uint32_t instance_id);
void wb_karpenter_on_registered(wb_karpenter *self, uint32_t instance_id, uint32_t node_id);
void wb_karpenter_on_ready(wb_karpenter *self, uint32_t instance_id, uint32_t node_id);
void wb_karpenter_on_gone(wb_karpenter *self, uint32_t instance_id, wb_cause cause);
void wb_karpenter_on_offering_due(wb_karpenter *self);
void wb_karpenter_hide_offering(wb_karpenter *self, uint32_t type_name, uint32_t zone,
                                wb_capacity_type capacity_type);

/* ---- wb_karpenter_provisioner.c ---- */

/* A pod (or a deleting node's pods) asks for capacity: opens the batch window or extends it. */
void wb_karpenter_trigger(wb_karpenter *self);
void wb_karpenter_add_waiting(wb_karpenter *self, uint32_t pod_id);

/* A pod that waited is bound: the nomination of its node lasts as long as it does for the real one,
 * whose solves go on every 10 s until then. */
void wb_karpenter_note_bound(wb_karpenter *self, uint32_t pod_id, uint32_t claim_id);

/* Brings the nominations of planned NodeClaims up to date; before they are asked for. */
void wb_karpenter_renew_nominations(wb_karpenter *self);

/* Something that a refused pod could profit from has happened. */
void wb_karpenter_note_change(wb_karpenter *self);
wb_status wb_karpenter_on_batch(wb_karpenter *self, wb_error *err);

/* The solve under way has been carried out: windows may open again. */
void wb_karpenter_resume_batches(wb_karpenter *self);

/* How long a node is nominated for that was given pods. */
int64_t wb_karpenter_nomination_window_ms(const wb_karpenter *self);

/* Why the last solve had no place for a pod, in one sentence. */
bool wb_karpenter_explain_pod(const void *self, uint32_t pod_id, char *out, size_t out_size);

/* A problem with options, namespaces and storage filled in. */
void wb_karpenter_begin_problem(wb_karpenter *self, wb_solver_problem *problem);

/* The nodes of all living claims for a problem, in order of claim id, with their roles; nodes that
 * are marked are DELETING. Arrays live in the solve arena. */
void wb_karpenter_fill_nodes(wb_karpenter *self, wb_solver_problem *problem, uint8_t **out_roles,
                             uint32_t **out_claim_ids);

/* Waiting pods that Karpenter's validation lets through, written to pods, their ids to pod_ids
 * unless that is NULL (room for all waiting ones); returns how many. */
uint32_t wb_karpenter_add_waiting_pods(wb_karpenter *self, const wb_solver_problem *problem,
                                       wb_solver_pod *pods, uint32_t *pod_ids);

/* The pods of one claim's node that would have to move, appended to pods. Returns the new count. */
uint32_t wb_karpenter_add_pods_of(wb_karpenter *self, uint32_t claim_id, uint32_t node_index,
                                  wb_solver_pod *pods, uint32_t count);

/* ---- karpenter_solve.c ---- */

/* Solves for what waits and acts on the answer: at once, or when the decision latency is over. */
void wb_karpenter_solve(wb_karpenter *self);
void wb_karpenter_on_decided(wb_karpenter *self);

/* ---- wb_karpenter_termination.c ---- */

/* Deletes a NodeClaim: taints its node and drains it, then ends the instance. */
void wb_karpenter_delete_claim(wb_karpenter *self, uint32_t claim_id, wb_cause cause);

/* The same with the time after which nothing is waited for; -1: none. */
void wb_karpenter_end_claim(wb_karpenter *self, uint32_t claim_id, wb_cause cause,
                            int64_t deadline_ms);
void wb_karpenter_on_drain(wb_karpenter *self, uint32_t claim_id);
void wb_karpenter_on_evict(wb_karpenter *self, uint32_t claim_id);

/* Until when do-not-disrupt protects a pod: for ever, for so long from its start, or not (0). */
int64_t wb_karpenter_protected_until(const wb_karpenter *self, uint32_t pod_id);

/* A pod has left the claim's node: when that is drained, the drain goes on. */
void wb_karpenter_note_left(wb_karpenter *self, uint32_t claim_id);

/* ---- karpenter_interruption.c ---- */

/* A message about an instance is put into the queue: event comes for its claim, unless a fault
 * loses it, later or twice by another. */
void wb_karpenter_receive(wb_karpenter *self, uint32_t instance_id, wb_karpenter_event event);

/* EC2 has warned an instance: the message goes to the queue, if there is one. */
void wb_karpenter_on_warning(wb_karpenter *self, uint32_t instance_id);
void wb_karpenter_on_message(wb_karpenter *self, uint32_t claim_id);

/* EC2 recommends to leave an instance, which is noted and no more; announces its maintenance; and
 * what the message of that does. */
void wb_karpenter_on_recommendation(wb_karpenter *self, uint32_t instance_id);
void wb_karpenter_on_maintenance(wb_karpenter *self, uint32_t instance_id);
void wb_karpenter_on_maintenance_message(wb_karpenter *self, uint32_t claim_id);

/* ---- wb_karpenter_disruption.c ---- */

/* The disruption loop should look again (something changed). */
void wb_karpenter_wake_loop(wb_karpenter *self);

/* Something changed that lets consolidation search again. */
void wb_karpenter_mark_state(wb_karpenter *self);
wb_status wb_karpenter_on_loop(wb_karpenter *self, wb_error *err);
void wb_karpenter_on_validate(wb_karpenter *self, uint32_t command_id);
void wb_karpenter_on_command(wb_karpenter *self, uint32_t command_id);

/* A replacement whose launch had been refused is launched after all; or will never be (why, a
 * literal), which ends the command. A command that is over hears of neither. */
void wb_karpenter_adopt_replacement(wb_karpenter *self, uint32_t command_id, uint32_t replacement,
                                    uint32_t claim_id);
void wb_karpenter_miss_replacement(wb_karpenter *self, uint32_t command_id, const char *why);

/* For the recorder. */
bool wb_karpenter_view_command(const void *self, uint32_t command_id, wb_command_view *out);

/* The work of its solves and simulations, as the ops struct has it. */
void wb_karpenter_count_work(const void *self, wb_autoscaler_work *out);

/* A claim that a command deleted is gone; a pod of it begins to terminate for that. */
void wb_karpenter_note_removed(wb_karpenter *self, uint32_t claim_id);
void wb_karpenter_note_evicted(wb_karpenter *self, const wb_karpenter_claim *claim, wb_cause cause);

/* Tells the observers why the nodes of a picture that was looked at are left alone, where that has
 * changed. is_partial: not all methods were asked; what these found before still holds. */
void wb_karpenter_note_holds(wb_karpenter *self, wb_disruption *picture, bool is_partial);

/* ---- wb_karpenter_drift.c ---- */

/* Brings a claim's condition Drifted up to date. */
void wb_karpenter_check_drift(wb_karpenter *self, uint32_t claim_id);
void wb_karpenter_schedule_changes(wb_karpenter *self);
void wb_karpenter_on_image(wb_karpenter *self);
void wb_karpenter_on_change(wb_karpenter *self, uint32_t change_index);

/* ---- wb_karpenter_health.c ---- */

/* A new claim must be launched and registered in time. */
void wb_karpenter_watch_liveness(wb_karpenter *self, uint32_t claim_id);
void wb_karpenter_on_liveness(wb_karpenter *self, uint32_t claim_id);

/* A claim's node may have fallen ill, or is not Ready yet. */
void wb_karpenter_watch_health(wb_karpenter *self, uint32_t claim_id);
void wb_karpenter_on_repair(wb_karpenter *self, uint32_t claim_id);

/* EC2's status checks of an instance fail; and the poll that finds them failing for too long. */
void wb_karpenter_on_impaired(wb_karpenter *self, uint32_t instance_id);
void wb_karpenter_on_impaired_due(wb_karpenter *self, uint32_t claim_id);

/* A machine has stopped by itself; and what its message does. */
void wb_karpenter_on_stopped(wb_karpenter *self, uint32_t instance_id);
void wb_karpenter_on_stopped_message(wb_karpenter *self, uint32_t claim_id);

/* ---- karpenter_collection.c ---- */

/* The machine of a NodeClaim is gone, and nobody said so; somebody deleted its NodeClaim. */
void wb_karpenter_on_vanished(wb_karpenter *self, uint32_t instance_id);
void wb_karpenter_on_claim_lost(wb_karpenter *self, uint32_t instance_id);
void wb_karpenter_on_collect(wb_karpenter *self, uint32_t claim_id);

/* ---- karpenter_offerings.c ---- */

/* Has the ends of offerings noticed when the provider would: once, at the start. */
void wb_karpenter_schedule_offering_ends(wb_karpenter *self);

/* The provider notices an end (subject UINT32_MAX), or a claim's type is looked for again. */
void wb_karpenter_on_catalog(wb_karpenter *self, uint32_t claim_id);

/* Takes what is known to have ended out of the solver's world; after that was made. */
void wb_karpenter_hide_ended(wb_karpenter *self);

/* Whether an override's error says that the offering has no room, for which Karpenter hides it. Any
 * other is an error of the launch, which is tried again. */
bool wb_karpenter_is_capacity_error(const char *code);

/* The catalog in which the claim's offering is looked for, in the solve arena; NULL: it is not. */
const wb_catalog *wb_karpenter_catalog_for_drift(wb_karpenter *self,
                                                 const wb_karpenter_claim *claim);

/* ---- wb_karpenter_static.c ---- */

/* Begins to look after static pools, now and each minute, when there are any. */
void wb_karpenter_start_static(wb_karpenter *self);

/* A NodeClaim of the pool is deleted or gone: if that is static, it is looked after now. */
void wb_karpenter_note_static(wb_karpenter *self, const wb_nodepool *pool);

/* Offerings that were hidden are not any more. */
void wb_karpenter_retry_static(wb_karpenter *self);
void wb_karpenter_on_static(wb_karpenter *self);

/* ---- wb_karpenter_picture.c ---- */

/* What orders equal pods: their ids, as text. Interned. */
uint32_t wb_karpenter_pod_uid(wb_karpenter *self, uint32_t pod_id);

/* The cluster as it is now, in the solve arena; node indices are indices of living_claims. */
wb_disruption *wb_karpenter_take_picture(wb_karpenter *self);

/* A command in the run's arena: what its validation and its launch need. */
wb_disruption_command wb_karpenter_keep_command(wb_karpenter *self,
                                                const wb_disruption_command *found);

#endif
