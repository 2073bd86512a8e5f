/*
 * Scale-up: options by estimate, the expander's choice, the cloud call
 * (spec/cluster-autoscaler.md section 3). One option per pass.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_SCALE_UP_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_SCALE_UP_H

#include "sim/autoscaler/cluster_autoscaler/expander.h"

struct wb_ca_loop;

typedef enum wb_scale_up_result {
    WB_SCALE_UP_NOT_TRIED,
    WB_SCALE_UP_NOT_NEEDED,
    WB_SCALE_UP_IN_COOLDOWN, /* all pods are too new */
    WB_SCALE_UP_NO_OPTIONS,
    WB_SCALE_UP_AT_MAX_NODES, /* --max-nodes-total */
    WB_SCALE_UP_SUCCESSFUL,
    WB_SCALE_UP_ERROR,
} wb_scale_up_result;

/* Why a group was not considered; "" when it was. */
typedef enum wb_scale_up_skip {
    WB_SCALE_UP_CONSIDERED,
    WB_SCALE_UP_SKIP_UNHEALTHY,
    WB_SCALE_UP_SKIP_BACKED_OFF,
    WB_SCALE_UP_SKIP_MAX_SIZE,
    WB_SCALE_UP_SKIP_LIMIT, /* cores or memory of the cluster */
    WB_SCALE_UP_SKIP_NO_TEMPLATE,
} wb_scale_up_skip;

typedef struct wb_scale_up_report {
    wb_scale_up_result result;
    wb_expander_option *options; /* considered, by group; in the loop's scratch, like the rest */
    uint32_t option_count;
    wb_scale_up_skip *skips; /* by group; NULL when nothing was tried */
    uint32_t **similar;      /* per option: the groups that it is balanced with */
    uint32_t *similar_counts;
    uint32_t *unhelped_pods; /* pod ids that no group could take */
    uint32_t unhelped_count;
    int32_t *increases; /* by group: what was asked of the cloud; NULL: nothing */
    uint32_t chosen;    /* index into options */
    const char *reason; /* the expander's */
} wb_scale_up_report;

/* "ScaleUpSuccessful", ...: the real program's words. */
const char *wb_scale_up_result_name(wb_scale_up_result result);

/* "in back-off after a failed scale-up", ...; "" for a group that was considered. */
const char *wb_scale_up_skip_text(wb_scale_up_skip skip);

/* Scales up for loop->pending; fills loop->report.scale_up. */
void wb_scale_up_run(struct wb_ca_loop *loop);

/* --enforce-node-group-min-size. */
void wb_scale_up_to_minimum(struct wb_ca_loop *loop);

#endif
