/*
 * Node groups as users have them: the scenario's plain list, eksctl's ClusterConfig, and what
 * `aws autoscaling describe-auto-scaling-groups` prints. All become the same wb_node_group; what
 * would change nodes and is not followed is a warning, what can't be known is an error.
 * Shared by the files that load a scenario (docs/node-groups.md is the page for users).
 */
#ifndef WB_SCENARIOS_NODE_GROUP_FILES_H
#define WB_SCENARIOS_NODE_GROUP_FILES_H

#include "scenarios/scenario_internal.h"

/* A list that grows in the loader's arena. */
typedef struct wb_node_group_files {
    wb_node_group *items;
    uint32_t count, capacity;
} wb_node_group_files;

/* nodeGroups and nodeGroupFiles of a contender whose settings are loaded. */
void wb_node_group_files_load(wb_scenario_loader *loader, const wb_field *contender,
                              wb_contender *out);

/* Adds a group. */
void wb_node_group_files_add(wb_scenario_loader *loader, wb_node_group_files *list,
                             const wb_node_group *group);

/* The groups of a ClusterConfig; of an answer of describe-auto-scaling-groups. */
void wb_node_group_eksctl_read(wb_scenario_loader *loader, const wb_field *root,
                               wb_node_group_files *list);
void wb_node_group_asgs_read(wb_scenario_loader *loader, const wb_field *root,
                             wb_node_group_files *list);

/* ---- pieces ---- */

/* Catalog indices of a list of type names; one error where it is empty. */
const uint32_t *wb_node_group_files_types(wb_scenario_loader *loader, const wb_field *list,
                                          uint32_t *out_count);

/* "value:Effect" of a key, as tags and eksctl's maps write taints; false after a finding. */
bool wb_node_group_files_taint(wb_scenario_loader *loader, const wb_field *field, const char *key,
                               wb_taint *out);

/* A strategy by EC2's name; fallback when absent or after a finding. */
wb_allocation_strategy wb_node_group_files_strategy(const wb_field *field, bool is_spot,
                                                    wb_allocation_strategy fallback);

/* An error where 0 <= min <= desired <= max does not hold. */
void wb_node_group_files_check_sizes(const wb_field *field, const wb_node_group *group);

#endif
