/*
 * The mocked EC2: fleets, instances with boot latency, per-second billing, Auto Scaling groups.
 *
 * What the cloud does to an offering is a function of (seed, pool, ordinal in the pool, time),
 * never of who asks in which order (common random numbers). An instance that registers becomes a
 * Node of the cluster; the contender that launched it hears of each step through its client
 * hooks. Billing: per second from running to the end, at least 60 s, in nano-dollars; price as
 * in the catalog, USD per hour. Rows are never reused.
 */
#ifndef WB_SIM_CLOUD_CLOUD_H
#define WB_SIM_CLOUD_CLOUD_H

#include <stdbool.h>
#include <stdint.h>

#include "kube/catalog/catalog.h"
#include "sim/cloud/boot_model.h"
#include "sim/cloud/cloud_api.h"
#include "sim/cloud/fault.h"
#include "sim/cloud/market.h"
#include "sim/cloud/network.h"
#include "sim/cloud/spot_weather.h"
#include "sim/cloud/throttle.h"
#include "sim/cluster/cluster.h"

typedef enum wb_instance_state {
    WB_INSTANCE_PENDING,
    WB_INSTANCE_RUNNING,
    WB_INSTANCE_SHUTTING_DOWN,
    WB_INSTANCE_TERMINATED,
} wb_instance_state;

/* What the machine tells the API server when it joins. Borrowed parts must outlive the run. */
typedef struct wb_launch_template {
    wb_labels labels; /* beyond instance type, arch, os, zone and region, which are added */
    const wb_taint *taints;
    uint32_t taint_count;
    const wb_taint *startup_taints; /* those of taints that an agent takes off after Ready */
    uint32_t startup_taint_count;
    const char *name_prefix; /* node names: <prefix>-<instance id> */
    const wb_catalog *sizes; /* capacity and overhead as the kubelet was told to report them: the
                                  cloud's types in their order; NULL: as in its catalog */
    int64_t
        gone_poll_ms; /* who told it to end asks so often whether it is gone; 0: knows at once */
    const wb_boot_model *boot; /* its join and ready; NULL: the cloud's */
    bool has_karpenter_labels; /* the type's karpenter.k8s.aws labels and the capacity type too */
    bool never_registers;      /* the kubelet never joins (a fault) */
} wb_launch_template;

typedef struct wb_instance {
    wb_instance_state state;
    wb_capacity_type capacity_type;
    uint32_t type_index;                /* into the catalog */
    uint32_t zone;                      /* interned */
    uint32_t pool_ordinal;              /* the n-th instance ever of (type, zone, market), from 0 */
    uint32_t claim_id, node_id, asg_id; /* WB_NO_ID: none */
    const wb_launch_template *launch_template; /* borrowed */
    int64_t price_nusd_per_hour;               /* at its launch */
    int64_t requested_ms, launched_ms, running_ms, registered_ms, ready_ms, ended_ms; /* -1 */
    int64_t recommended_ms, notice_ms; /* spot: rebalance recommendation, 2-minute warning; -1 */
    int64_t impaired_ms;               /* since when its status checks fail; -1: they don't */
    int64_t cost_nusd;                 /* final once terminated */
    int64_t reserved_until_ms;  /* its reservation ended, its price is another since; -1: no */
    int64_t reserved_cost_nusd; /* until then */
    bool is_free;               /* interrupted within its first hour: not charged */
    bool is_at_risk;            /* its group replaces it before it is interrupted */
    bool is_stand_in;           /* for a machine of a recording */
    bool is_recorded;           /* by contender recorded: comes and goes as it did */
    bool has_vanished;          /* it ended, and nobody was told */
    uint32_t fault_index;       /* the fault that it suffers from; WB_NO_ID: none */
    uint32_t subnet;            /* the n-th of the network's, from 1; 0: none is modelled */
    int64_t address_count;      /* of the subnet, that it holds */
    int64_t pod_address_count;  /* pods that have one of these */
    wb_cause cause;             /* why it ended */
} wb_instance;

/* How EC2 picks among the pools that have capacity. "Deep" pools have much to spare (only with spot
 * weather; else all are alike). What decides after depth is the override's priority, then names. */
typedef enum wb_allocation_strategy {
    WB_ALLOCATION_LOWEST_PRICE,
    WB_ALLOCATION_PRIORITIZED,
    WB_ALLOCATION_CAPACITY_OPTIMIZED,             /* the deepest pool */
    WB_ALLOCATION_CAPACITY_OPTIMIZED_PRIORITIZED, /* the first of the deep ones */
    WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED,       /* the cheapest of the deep ones */
    WB_ALLOCATION_STRATEGY_COUNT
} wb_allocation_strategy;

/* One thing a fleet may launch. */
typedef struct wb_fleet_override {
    uint32_t type_index, zone;
    double priority; /* lower first: the price, or the place in the user's list */
    uint32_t subnet; /* the n-th of the network's, from 1; 0: the zone's with most free addresses */
} wb_fleet_override;

typedef struct wb_fleet_request {
    const wb_fleet_override *overrides;
    uint32_t override_count;
    wb_allocation_strategy strategy;
    wb_capacity_type capacity_type;
    const wb_launch_template *launch_template;
    uint32_t claim_id;      /* WB_NO_ID for none */
    uint32_t count;         /* target capacity; 0: 1 */
    uint32_t *instance_ids; /* out: room for count ids; NULL: only the first is told */
} wb_fleet_request;

/* An offering that the fleet was refused. */
typedef struct wb_fleet_error {
    uint32_t type_index, zone;
    const char *code; /* "InsufficientInstanceCapacity", ... : a literal */
    uint32_t subnet;  /* of the override */
} wb_fleet_error;

#define WB_FLEET_ERRORS_MAX 64

typedef struct wb_fleet_result {
    uint32_t instance_id;    /* the first; WB_NO_ID: nothing was launched */
    uint32_t launched_count; /* less than asked for: the errors say why */
    const char *call_error;  /* the call as a whole was refused, a literal; NULL: it was not */
    int64_t delay_ms;        /* of the answer, beyond the usual */
    wb_fleet_error errors[WB_FLEET_ERRORS_MAX];
    uint32_t error_count;
} wb_fleet_result;

/* How the launcher hears of its instances; hooks may be NULL. The node is there once registered.
 * startup_taints_gone comes with or after instance_ready, and not for nodes that have none. */
typedef struct wb_cloud_client {
    void *context;
    void (*instance_launched)(void *context, uint32_t instance_id); /* the call came back */
    void (*instance_registered)(void *context, uint32_t instance_id, uint32_t node_id);
    void (*instance_ready)(void *context, uint32_t instance_id, uint32_t node_id);
    void (*startup_taints_gone)(void *context, uint32_t instance_id, uint32_t node_id);
    void (*rebalance_recommended)(void *context, uint32_t instance_id);
    void (*interruption_notice)(void *context, uint32_t instance_id);   /* 2 minutes before */
    void (*maintenance_announced)(void *context, uint32_t instance_id); /* it will be stopped */
    void (*instance_impaired)(void *context, uint32_t instance_id);     /* its status checks fail */
    void (*instance_stopped)(void *context, uint32_t instance_id);      /* it ends, nobody asked */
    void (*instance_gone)(void *context, uint32_t instance_id, wb_cause cause);
    /* A machine that vanished is off EC2's list, and its Node is the launcher's to remove; NULL:
     * instance_gone, as for every other. */
    void (*instance_vanished)(void *context, uint32_t instance_id);
    void (*claim_lost)(void *context, uint32_t instance_id); /* somebody deleted its NodeClaim */
} wb_cloud_client;

/* The mixed instances policy of a group, and what keeps it in order. All zero: every instance is of
 * the group's capacity type, the cheapest first, zones and risks are left alone. */
typedef struct wb_asg_policy {
    const int32_t *weights;       /* borrowed: units of each type; NULL: 1 each */
    bool is_mixed;                /* else capacity_type alone decides */
    int32_t on_demand_base;       /* units that are on-demand whatever follows */
    int32_t on_demand_percentage; /* of the units above the base, rounded up */
    wb_allocation_strategy on_demand_strategy, spot_strategy;
    int32_t spot_pool_count;  /* lowest-price: spread over so many of the cheapest; 0: 1 */
    bool rebalances_zones;    /* AZRebalance */
    bool rebalances_capacity; /* replaces a machine at its rebalance recommendation */
} wb_asg_policy;

/* An Auto Scaling group: wants desired_count units and works towards it. */
typedef struct wb_asg {
    const char *name;
    const uint32_t *type_indexes; /* of the mixed instances policy; first one is the template's */
    uint32_t type_count;
    const uint32_t *zones;
    uint32_t zone_count;
    wb_capacity_type capacity_type;
    wb_asg_policy policy;
    int32_t min_count, max_count, desired_count;
    int32_t instance_count;   /* pending and running, not shutting down */
    int32_t unit_count;       /* the same by weight */
    int32_t surge_count;      /* units beyond the desired ones that are to replace others */
    int32_t zone_surge_count; /* of these, machines that a fuller zone will make room for */
    uint64_t change_count;    /* of the desired capacity: numbers the reaction draws */
    uint64_t loss_count;      /* likewise of machines that went */
    const wb_launch_template *launch_template;
    const char *refusal; /* why its last launch found nothing, a literal */
} wb_asg;

/* A capacity pool of the spot market, once somebody has asked for it. */
typedef struct wb_spot_pool {
    uint32_t type_index, zone;
    uint64_t hash;
    int64_t last_ms, next_ms; /* warnings of the last wave (-1: none yet) and of the next */
    uint32_t next_index;      /* of the next wave */
    int64_t event_ms;         /* of the one event that is pending; -1: none */
} wb_spot_pool;

/* A new image of an AMI family comes out: what "al2023@latest" names from then on. */
typedef struct wb_image_release {
    int64_t at_ms;
    const char *family; /* as in an alias: "al2023" */
} wb_image_release;

/* What IAM keeps from the controller and its nodes, each as the message that the user reads; all
 * NULL: nothing. Written by identity.h, read by whoever would act. */
typedef struct wb_cloud_permissions {
    const char *no_launch;      /* it does not get to launching: the EC2NodeClass is not ready */
    const char *no_queue;       /* interruption messages are not read */
    const char *no_join;        /* machines come up and never become nodes */
    const char *message, *code; /* of the call that was refused last */
} wb_cloud_permissions;

/* A call made a moment ago, which equal ones join. */
typedef struct wb_merged_call {
    wb_cloud_action action;
    uint64_t key;
    int64_t first_ms, last_ms;
    uint32_t count;   /* of callers; 0: an empty row */
    const char *code; /* how it was refused, a literal; NULL: it was not */
} wb_merged_call;

#define WB_MERGED_CALLS_MAX 32

/* What a fault has hit: machines, calls, messages, offerings. */
typedef struct wb_cloud_fault_tally {
    uint64_t seen_count; /* calls that it could have hit */
    uint64_t hit_count;  /* since it began last */
    int64_t begun_ms;    /* -1: not yet */
    uint32_t turn;       /* how often it has begun */
} wb_cloud_fault_tally;

/* A subnet's addresses in this run. */
typedef struct wb_cloud_subnet {
    int64_t used_count, peak_count;
    uint64_t refused_launch_count; /* launches that found none */
    uint64_t waiting_pod_count;    /* pods that found none when they started */
} wb_cloud_subnet;

/* EBS volumes of claims: whether they are followed, and what attaching takes. */
typedef struct wb_cloud_storage_options {
    bool is_on;
    wb_boot_phase attach, detach;
    int64_t force_detach_ms; /* from a node that went with pods on it */
} wb_cloud_storage_options;

typedef struct wb_cloud_volume {
    uint32_t claim_index;      /* into the storage's claims */
    uint32_t zone;             /* 0: not made yet */
    uint32_t node_id;          /* attached there, or being so; WB_NO_ID */
    uint32_t user_count;       /* pods there that use it */
    int64_t created_ms;        /* -1: not yet */
    int64_t ready_ms, free_ms; /* attached since then; detached from then on */
    int64_t waited_ms;         /* of pods, for it to be attached */
    uint32_t attach_count, forced_count;
    bool is_forced; /* its last detach waits for the six minutes */
} wb_cloud_volume;

/* Claims and volumes as controllers see them, and what became of those of EBS. */
typedef struct wb_cloud_storage {
    wb_cloud_storage_options options;
    wb_volume_claim *claims;                  /* run arena: as many as the manifest's */
    wb_persistent_volume *persistent_volumes; /* run arena: the manifest's, then those made */
    wb_cloud_volume *volumes;                 /* run arena */
    uint32_t persistent_volume_count, volume_count;
    uint32_t driver; /* interned */
    wb_hash_map volume_by_claim;
    bool *pod_has_volumes; /* owned; by pod: it is counted at its volumes */
    uint32_t *waiting;     /* owned: pods that wait for a volume that is in use elsewhere */
    uint32_t pod_capacity, waiting_count, waiting_capacity;
} wb_cloud_storage;

typedef struct wb_cloud {
    wb_kernel *kernel;
    wb_cluster *cluster;
    wb_observers *observers;
    wb_arena *arena;
    wb_intern *intern;
    const wb_catalog *catalog;
    wb_boot_model boot;
    wb_cloud_client client; /* the one contender of this run */
    uint64_t seed;
    wb_spot_weather weather;
    const wb_fault *faults;           /* borrowed */
    const wb_image_release *releases; /* borrowed; by time */
    uint32_t fault_count, release_count;
    wb_cloud_fault_tally *fault_tallies; /* run arena; one per fault */
    wb_spot_pool *spot_pools;            /* owned */
    uint32_t spot_pool_count, spot_pool_capacity;
    wb_hash_map spot_pool_by_key;
    wb_cloud_permissions permissions;
    struct wb_identity_gate *identity; /* in the arena; NULL: IAM is not asked */
    uint64_t interruption_count;       /* warnings sent */
    wb_instance *instances;            /* owned */
    wb_asg *asgs;                      /* owned */
    uint32_t instance_count, instance_capacity, asg_count, asg_capacity;
    uint32_t *living_instances; /* owned: ids of instances not terminated, ascending */
    uint32_t living_instance_count;
    wb_throttle throttle;
    wb_merged_call merged_calls[WB_MERGED_CALLS_MAX]; /* a ring */
    uint32_t merged_call_next;
    bool calls_are_full;                 /* callers make every call that the real ones make */
    wb_hash_map template_keys;           /* launch templates that exist, by what is in them */
    wb_market market;                    /* arrays borrowed */
    struct wb_market_step *market_steps; /* owned; by time */
    uint32_t market_step_count, next_market_step;
    int64_t *capacity_peaks; /* owned; by capacity: the most that it ever holds, UNLIMITED aside */
    uint32_t *recorded_instances; /* owned; by recorded id, the machine that stands in for it */
    const uint8_t *quota_classes; /* run arena; by type */
    int64_t quota_used[WB_QUOTA_MARKET_COUNT][WB_QUOTA_CLASS_COUNT]; /* vCPUs */
    wb_hash_map price_by_pool;                                       /* into market.prices */
    wb_hash_map pool_ordinals;  /* (type, zone, market) to instances launched so far */
    int64_t ended_cost_nusd[3]; /* by capacity type: instances whose billing has ended */
    wb_cloud_api api;           /* the front door: gates, and calls by outcome */
    wb_network network;         /* arrays borrowed */
    wb_cloud_subnet *subnets;   /* run arena; by subnet */
    bool *pod_has_address;      /* owned; by pod */
    uint32_t *address_waiting;  /* owned: pods that wait for an address, in order */
    uint32_t pod_address_capacity, address_waiting_count, address_waiting_capacity;
    bool address_retry_is_due, is_retrying_addresses;
    wb_cloud_storage storage;
} wb_cloud;

typedef struct wb_cloud_options {
    uint64_t seed;
    wb_boot_model boot;
    const wb_catalog *catalog; /* borrowed */
    wb_spot_weather weather;   /* all zero: nothing is ever interrupted */
    const wb_market *market;   /* its arrays borrowed; NULL: none */
    wb_throttle_limits limits; /* all zero: none */
    bool calls_are_full;       /* launch templates, tags and polls are calls of their own */
    const wb_fault *faults;    /* borrowed */
    uint32_t fault_count;
    const wb_image_release *releases; /* borrowed; by time */
    uint32_t release_count;
    const wb_network *network; /* its arrays borrowed; NULL: none */
    wb_cloud_storage_options storage;
} wb_cloud_options;

/* cluster (with its kernel, arena, intern and observers) must outlive cloud. */
void wb_cloud_init(wb_cloud *cloud, wb_cluster *cluster, const wb_cloud_options *options);
void wb_cloud_release(wb_cloud *cloud);
void wb_cloud_set_client(wb_cloud *cloud, const wb_cloud_client *client);

/* ---- calls of the API: each passes the front door, cloud_api.h ---- */

/* CreateFleet, type instant: launches machine by machine the override that the strategy picks among
 * those that have capacity (then priority, type name, zone name), until as many are there as asked
 * for or no pool has room; with one error per override that was refused. lowest-price and
 * price-capacity-optimized go by what spot costs now where the market has a price history, else by
 * the overrides' priorities. */
void wb_cloud_create_fleet(wb_cloud *cloud, const wb_fleet_request *request, wb_fleet_result *out);

/* TerminateInstances: shutting-down at once, gone after the shutdown phase. Billing ends now. A
 * second call does nothing. The Node object goes when the instance is gone, unless the contender
 * removed it before. Returns NULL, or the code that refused the call: nothing has happened then. */
const char *wb_cloud_terminate(wb_cloud *cloud, uint32_t instance_id, wb_cause cause);

/* A call that reads: DescribeInstanceStatus and the like. NULL, or the code that refused it. */
const char *wb_cloud_describe(wb_cloud *cloud, wb_cloud_action action);

/* Addresses of a subnet (from 1) that nobody holds; only with a network. */
int64_t wb_cloud_subnet_free(const wb_cloud *cloud, uint32_t subnet);

/* GiB of EBS volumes of a class (interned name) times the hours that they have been there. */
double wb_cloud_storage_gib_hours(const wb_cloud *cloud, uint32_t storage_class, int64_t at_ms);

/* ---- what a launcher hears ---- */

#define WB_CLOUD_MESSAGE_COPIES 2

/* A message about an instance goes to the launcher's queue now: how often it comes there (0 to 2),
 * and how much later than usual. */
uint32_t wb_cloud_deliver_message(wb_cloud *cloud, uint32_t instance_id,
                                  int64_t out_delays_ms[WB_CLOUD_MESSAGE_COPIES]);

/* Whether an offering of the catalog was not sold any more at a moment that has passed. */
bool wb_cloud_offering_has_ended(const wb_cloud *cloud, const wb_fleet_override *offering,
                                 wb_capacity_type capacity_type, int64_t at_ms);

/* An instance's reservation has ended: it goes on at the on-demand price, if there is one. It still
 * counts among the reserved ones. */
void wb_cloud_leave_reservation(wb_cloud *cloud, uint32_t instance_id);

/* ---- machines of a recording (contender recorded) ---- */

/* A machine that runs from now on, at what its offering, which the catalog must have (asserted),
 * costs; its node is told when it has joined. The id of the instance. */
uint32_t wb_cloud_add_recorded(wb_cloud *cloud, const wb_fleet_override *offering,
                               wb_capacity_type capacity_type);
void wb_cloud_join_recorded(wb_cloud *cloud, uint32_t instance_id, uint32_t node_id);

/* It went now: its bill ends. A second call does nothing. */
void wb_cloud_end_recorded(wb_cloud *cloud, uint32_t instance_id, wb_cause cause);

/* ---- Auto Scaling groups ---- */

/* Adds a group (copied; its arrays borrowed) and starts towards desired_count. */
uint32_t wb_cloud_add_asg(wb_cloud *cloud, const wb_asg *asg);

/* SetDesiredCapacity, clamped to nothing: WB_ERR_INPUT outside min and max, as EC2 does;
 * WB_ERR_LIMIT when the front door refused the call. */
WB_MUST_CHECK wb_status wb_cloud_set_desired(wb_cloud *cloud, uint32_t asg_id, int32_t desired,
                                             wb_error *err);

/* TerminateInstanceInAutoScalingGroup with decrement. NULL, or the code that refused the call. */
const char *wb_cloud_asg_terminate(wb_cloud *cloud, uint32_t instance_id, wb_cause cause);

/* ---- money ---- */

/* What a pool's machine costs per hour now; the pool must be on offer. */
int64_t wb_cloud_price_nusd(const wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                            wb_capacity_type capacity_type);

/* Cost of one instance if it ended at at_ms (its final cost when it has ended). */
int64_t wb_cloud_instance_cost_nusd(const wb_cloud *cloud, uint32_t instance_id, int64_t at_ms);

/* All instances that ever were, up to at_ms; and per market. */
int64_t wb_cloud_cost_nusd(const wb_cloud *cloud, int64_t at_ms);
int64_t wb_cloud_cost_by_market_nusd(const wb_cloud *cloud, int64_t at_ms,
                                     wb_capacity_type capacity_type);

/* Ends the billing of all at the horizon (cause HORIZON); the rows then hold final costs. */
void wb_cloud_close(wb_cloud *cloud, int64_t at_ms);

/* The bill once all has ended (after close), worked out again from nothing but each machine's times
 * and prices: every row, and their sum per market. A wrong one is a bug of ours (asserted). */
void wb_cloud_check_bill(const wb_cloud *cloud);

/* Nano-dollars for billed milliseconds at a price: whole seconds rounded up, at least 60. */
int64_t wb_cloud_bill_nusd(int64_t price_nusd_per_hour, int64_t billed_ms);

#endif
