/*
 * Which NodePool takes a pod, and which instance types that pool may become: the static part of
 * Karpenter's rules, by labels alone. For advice on node groups; decisions are the solver's.
 */
#ifndef WB_SCENARIOS_NODE_GROUP_FIT_H
#define WB_SCENARIOS_NODE_GROUP_FIT_H

#include "kube/catalog/catalog.h"
#include "kube/nodepool.h"
#include "kube/pod.h"

/* Whether the pool's taints are tolerated and its own labels agree with what the pod selects. */
bool wb_node_group_fit_takes(const wb_intern *intern, const wb_nodepool *pool,
                             const wb_pod_template *template);

/* Whether the pool's requirements, and the pod's where template is not NULL, allow the type. */
bool wb_node_group_fit_allows(const wb_intern *intern, const wb_nodepool *pool,
                              const wb_pod_template *template, const wb_catalog_type *type);

/* Whether pool and pod allow a market, a zone. */
bool wb_node_group_fit_allows_value(const wb_intern *intern, const wb_nodepool *pool,
                                    const wb_pod_template *template, uint32_t key, uint32_t value);

/* Whether rules of the pod bind it to zones: spread, affinity or a selector. */
bool wb_node_group_fit_is_zonal(const wb_pod_template *template);

/* A number for what the pod selects instance types by, beyond architecture and system; 0: none. */
uint64_t wb_node_group_fit_selector_hash(const wb_intern *intern, const wb_pod_template *template);

/* The keys of these, at most so many; returns how many. */
uint32_t wb_node_group_fit_selected_keys(const wb_intern *intern, const wb_pod_template *template,
                                         uint32_t *out, uint32_t capacity);

/* Whether the pod selects by that label. */
bool wb_node_group_fit_selects(const wb_pod_template *template, uint32_t key);

#endif
