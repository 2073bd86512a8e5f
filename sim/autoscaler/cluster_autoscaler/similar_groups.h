/*
 * Which groups are alike enough to share a scale-up (--balance-similar-node-groups): the AWS
 * comparator of spec/cluster-autoscaler.md section 3.
 */
#ifndef WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_SIMILAR_GROUPS_H
#define WB_SIM_AUTOSCALER_CLUSTER_AUTOSCALER_SIMILAR_GROUPS_H

#include <stdbool.h>
#include <stdint.h>

struct wb_ca_loop;

/* The groups similar to group, by index, into out (room for all groups); how many. Health is not
 * looked at. */
uint32_t wb_similar_groups_find(const struct wb_ca_loop *loop, uint32_t group, uint32_t *out);

#endif
