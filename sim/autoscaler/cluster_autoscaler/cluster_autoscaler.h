/* The contender cluster_autoscaler: see the .c file's head for what of the real one it does. */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CLUSTER_AUTOSCALER_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_CLUSTER_AUTOSCALER_H

#include "sim/autoscaler/autoscaler.h"

/* Registered in autoscaler.c under the kind "cluster_autoscaler". */
extern const wb_autoscaler_ops wb_cluster_autoscaler_ops;

/* The catalog as the kubelets of the group's nodes report it, in arena; NULL: as it is. */
const wb_catalog *wb_cluster_autoscaler_sizes(wb_arena *arena, wb_intern *intern,
                                              const wb_catalog *catalog,
                                              const wb_node_group *group);

#endif
