/* Shared by the files of sim/cloud only. */
#ifndef WB_SIM_CLOUD_CLOUD_INTERNAL_H
#define WB_SIM_CLOUD_CLOUD_INTERNAL_H

#include "sim/cloud/cloud.h"

/* The phases of a boot, as draw numbers. */
enum {
    WB_BOOT_PHASE_API,
    WB_BOOT_PHASE_START,
    WB_BOOT_PHASE_JOIN,
    WB_BOOT_PHASE_READY,
    WB_BOOT_PHASE_SHUTDOWN,
    WB_BOOT_PHASE_ASG,
    WB_BOOT_PHASE_STARTUP_TAINTS,
    WB_BOOT_PHASE_HEALTH,
    WB_BOOT_PHASE_ATTACH, /* these two of volumes */
    WB_BOOT_PHASE_DETACH,
};

/* Makes the instance row and schedules its boot, the call's answer delay_ms later than usual;
 * asg_id may be WB_NO_ID. Returns its id. */
uint32_t wb_cloud_launch(wb_cloud *cloud, const wb_fleet_request *request,
                         const wb_fleet_override *chosen, uint32_t asg_id, int64_t delay_ms);

/* A new row, not filled yet, which stands among the living; and one that stands there no more. */
wb_instance *wb_cloud_add_instance_row(wb_cloud *cloud);
void wb_cloud_forget_living(wb_cloud *cloud, uint32_t instance_id);

/* The offering of a pool, or NULL. */
const wb_offering *wb_cloud_offering(const wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                                     wb_capacity_type capacity_type);

/* Tells observers of a call that was refused as a whole; instance_id may be WB_NO_ID. */
void wb_cloud_announce_error(const wb_cloud *cloud, wb_cloud_action action, const char *code,
                             uint32_t instance_id);

/* The override that the strategy picks among those with capacity, or UINT32_MAX; refused ones go to
 * out. */
uint32_t wb_cloud_choose(wb_cloud *cloud, const wb_fleet_request *request, wb_fleet_result *out);

/* Why an offering can't be launched now, a literal; NULL: it can. */
const char *wb_cloud_refusal(wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                             wb_capacity_type capacity_type);

/* A stable name for the draws of (type, zone, market). */
uint64_t wb_cloud_pool_hash(const wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                            wb_capacity_type capacity_type);

/* EC2 takes a spot machine back: its billing ends, its shutdown begins. */
void wb_cloud_reclaim(wb_cloud *cloud, uint32_t instance_id);

/* A machine ends without anybody's call: its billing ends, its shutdown begins. */
void wb_cloud_lose(wb_cloud *cloud, uint32_t instance_id);

/* A machine stops by itself: its node is not ready from now on, and its launcher hears of it. */
void wb_cloud_stop_instance(wb_cloud *cloud, uint32_t instance_id);

/* ---- cloud_market.c ---- */

/* Makes the list of what will happen, and schedules its first step. */
void wb_cloud_market_init(wb_cloud *cloud);
void wb_cloud_market_release(wb_cloud *cloud);

/* Why a pool has no room for another machine, a literal; NULL: it has. */
const char *wb_cloud_market_refusal(const wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                                    wb_capacity_type capacity_type);

/* How much of what a spot pool can hold at its best it holds now, 0 to 1; 1 where nothing limits
 * it. */
double wb_cloud_market_depth(const wb_cloud *cloud, uint32_t type_index, uint32_t zone);

/* ---- cloud_quota.c ---- */

/* Sorts the types into classes. */
void wb_cloud_quota_init(wb_cloud *cloud);

/* Which quota a machine more would exceed, as its error code; NULL: none. */
const char *wb_cloud_quota_refusal(const wb_cloud *cloud, uint32_t type_index,
                                   wb_capacity_type capacity_type);

/* sign 1: the machine counts from now on; -1: no longer. */
void wb_cloud_quota_note(wb_cloud *cloud, const wb_instance *instance, int sign);

/* ---- cloud_network.c ---- */

/* Puts the gate for pods' addresses in place, if there are subnets. */
void wb_cloud_network_init(wb_cloud *cloud);
void wb_cloud_network_release(wb_cloud *cloud);

/* The zone's subnet with most free addresses, from 1; 0: it has none. */
uint32_t wb_cloud_network_roomiest(const wb_cloud *cloud, uint32_t zone);

/* Why an override's subnet has no room for a machine, a literal; NULL: it has. Counts it. */
const char *wb_cloud_network_refusal(wb_cloud *cloud, const wb_fleet_override *override);

/* A machine takes its first address, those of its pods once it has joined, and gives all back when
 * it is gone. */
void wb_cloud_network_note_launch(wb_cloud *cloud, uint32_t instance_id,
                                  const wb_fleet_override *chosen);
void wb_cloud_network_note_join(wb_cloud *cloud, uint32_t instance_id);
void wb_cloud_network_note_end(wb_cloud *cloud, uint32_t instance_id);

/* ---- cloud_storage.c ---- */

/* Puts the gate for pods' volumes in place, if they are followed. */
void wb_cloud_storage_init(wb_cloud *cloud);
void wb_cloud_storage_release(wb_cloud *cloud);

/* Volumes that a machine of the type can have for pods; 0: no limit. */
int32_t wb_cloud_storage_limit(const wb_cloud *cloud, uint32_t type_index);

/* ---- cloud_outage.c ---- */

/* Schedules the outages. */
void wb_cloud_outage_init(wb_cloud *cloud);

/* When the zone's outage is over, INT64_MAX: never; -1: there is none now. */
int64_t wb_cloud_outage_end_ms(const wb_cloud *cloud, uint32_t zone);

/* ---- cloud_throttle.c ---- */

/* Puts the gate in place, if there are limits. */
void wb_cloud_throttle_init(wb_cloud *cloud);

/* ---- cloud_templates.c ---- */

/* Makes sure that the launch template of a request exists, by the calls that Karpenter makes for
 * it; NULL, or the code that refused one of them. */
const char *wb_cloud_templates_ensure(wb_cloud *cloud, const wb_fleet_request *request);

/* Tags a machine that has registered; refused, it is tried again by itself. */
void wb_cloud_templates_tag(wb_cloud *cloud, uint32_t instance_id);

/* Subscribes the retries, frees the list of templates. */
void wb_cloud_templates_init(wb_cloud *cloud);
void wb_cloud_templates_release(wb_cloud *cloud);

/* ---- cloud_price.c ---- */

/* Indexes the market's prices by pool. */
void wb_cloud_price_init(wb_cloud *cloud);

/* The pool's price over time, or NULL: it is the catalog's all the time. */
const wb_market_series *wb_cloud_price_series(const wb_cloud *cloud, uint32_t type_index,
                                              uint32_t zone, wb_capacity_type capacity_type);

/* ---- cloud_faults.c ---- */

/* Schedules the faults that the scenario sets. */
void wb_cloud_faults_init(wb_cloud *cloud);

/* Whether a machine that runs now never joins the cluster. */
bool wb_cloud_faults_keep_away(wb_cloud *cloud, uint32_t instance_id);

/* Whether a fault goes on now; those without a length have but a beginning. */
bool wb_cloud_faults_is_on(const wb_cloud *cloud, uint32_t fault_index);

/* Whether a fault hits a machine, if it stands. */
bool wb_cloud_faults_hit(const wb_cloud *cloud, uint32_t fault_index, const wb_instance *instance);

/* The run ends: faults that last tell what they have hit. */
void wb_cloud_faults_close(wb_cloud *cloud);

/* ---- cloud_fault_windows.c ---- */

/* Puts the fault gate into its slot, where a fault is of calls. */
void wb_cloud_fault_windows_init(wb_cloud *cloud);

/* Counts the offerings that a fault of them ends. */
void wb_cloud_fault_end_offering(wb_cloud *cloud, uint32_t fault_index);

/* "apiError CreateFleet: InternalError; 12 calls" */
void wb_cloud_fault_describe(const wb_cloud *cloud, uint32_t fault_index, bool is_over, char *out,
                             size_t size);

/* ---- cloud_spot.c ---- */

/* Subscribes the events of spot, and schedules those that the scenario sets. */
void wb_cloud_spot_init(wb_cloud *cloud);

/* Frees the pools. */
void wb_cloud_spot_release(wb_cloud *cloud);

/* A machine was launched: its pool's next wave is due from now on. */
void wb_cloud_spot_note_launch(wb_cloud *cloud, uint32_t instance_id);

/* A spot machine that EC2 may warn: it lives and has not been warned. */
bool wb_cloud_spot_is_standing(const wb_instance *instance);

/* The two-minute warning, and the recommendation before it, of a machine that stands. */
void wb_cloud_spot_warn(wb_cloud *cloud, uint32_t instance_id);
void wb_cloud_spot_recommend(wb_cloud *cloud, uint32_t instance_id);

/* Whether a pool sells nothing now; and how much it has to spare, 0 to 1. */
bool wb_cloud_spot_is_short(wb_cloud *cloud, uint32_t type_index, uint32_t zone);
double wb_cloud_spot_depth(const wb_cloud *cloud, uint32_t type_index, uint32_t zone);

/* ---- cloud_asg*.c ---- */

/* A group ends one of its machines for its own reasons: no gate is asked. */
void wb_cloud_asg_end(wb_cloud *cloud, uint32_t instance_id, wb_cause cause);

/* An instance of a group began to shut down or was taken away: keeps the counts. */
void wb_cloud_asg_lost_instance(wb_cloud *cloud, uint32_t instance_id, bool is_decrement);

/* An instance of a group runs: what it was to replace may go. */
void wb_cloud_asg_in_service(wb_cloud *cloud, uint32_t instance_id);

/* EC2 recommends to move off an instance of a group. */
void wb_cloud_asg_at_risk(wb_cloud *cloud, uint32_t instance_id);

/* Whether an instance stands in the group: pending or running. */
bool wb_cloud_asg_counts(const wb_instance *instance, uint32_t asg_id);

/* Units of one instance of that type. */
int32_t wb_cloud_asg_weight(const wb_asg *asg, uint32_t type_index);

/* Launches one instance where it is wanted most; false when no pool has capacity. */
bool wb_cloud_asg_launch(wb_cloud *cloud, uint32_t asg_id);

/* Launches in one zone; false when no pool there has capacity. */
bool wb_cloud_asg_launch_in(wb_cloud *cloud, uint32_t asg_id, uint32_t zone);

/* Instances of the group that stand in a zone. */
uint32_t wb_cloud_asg_population(const wb_cloud *cloud, uint32_t asg_id, uint32_t zone);

/* With AZRebalance: begins to even out zones that differ by more than one. */
void wb_cloud_asg_rebalance(wb_cloud *cloud, uint32_t asg_id);

/* Looks at the group again so much later. */
void wb_cloud_asg_look_later(wb_cloud *cloud, uint32_t asg_id, int64_t delay_ms);

/* Subscribes the groups' events. */
void wb_cloud_asg_init(wb_cloud *cloud);

#endif
