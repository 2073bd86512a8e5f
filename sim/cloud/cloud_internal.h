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
};

/* Makes the instance row and schedules its boot; asg_id may be WB_NO_ID. Returns its id. */
uint32_t wb_cloud_launch(wb_cloud *cloud, const wb_fleet_request *request,
                         const wb_fleet_override *chosen, uint32_t asg_id);

/* The cheapest override that has an available offering, or UINT32_MAX; refused ones go to out. */
uint32_t wb_cloud_choose(const wb_cloud *cloud, const wb_fleet_request *request,
                         wb_fleet_result *out);

/* An instance of a group began to shut down or was taken away: keeps the counts. */
void wb_cloud_asg_lost_instance(wb_cloud *cloud, uint32_t asg_id, bool is_decrement);

/* Subscribes the groups' events. */
void wb_cloud_asg_init(wb_cloud *cloud);

#endif
