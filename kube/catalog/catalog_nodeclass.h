/*
 * What an EC2NodeClass makes of the catalog: the same types with other pods, overhead and disks, in
 * the zones of its subnets.
 *
 * The shipped catalog is sized for AL2023 with the kubelet's defaults (catalog_facts.h). One that
 * sets maxPods, reserves, eviction thresholds, a root volume or RAID0 gives its pools nodes of
 * other sizes; one whose status lists subnets offers their zones only. Source: Karpenter AWS
 * provider, pkg/providers/instancetype/types.go (August 2026).
 */
#ifndef WB_KUBE_CATALOG_CATALOG_NODECLASS_H
#define WB_KUBE_CATALOG_CATALOG_NODECLASS_H

#include "kube/catalog/catalog.h"
#include "kube/nodeclass.h"

/* Whether the NodeClass changes anything: pools of those that do not may share the catalog. */
bool wb_catalog_nodeclass_matters(const wb_nodeclass *nodeclass);

/* The catalog as pools of nodeclass see it. Types and offerings are copied into arena, the rest is
 * shared. A type without an offering in the subnets' zones stays, without offerings. */
wb_catalog wb_catalog_nodeclass_apply(wb_arena *arena, wb_intern *intern, const wb_catalog *catalog,
                                      const wb_nodeclass *nodeclass);

#endif
