/*
 * What NodeOverlays make of a catalog: the prices and extended resources that Karpenter believes in
 * when it simulates and when it orders what it asks EC2 for. What a machine costs stays EC2's.
 *
 * Overlays are taken by weight, the highest first; each field of an offering (its price) or of a
 * type (a resource) is changed by the first that matches. Two of one weight that would change the
 * same field are in conflict: the one whose name comes later is not applied at all. Source:
 * Karpenter's documentation of NodeOverlays (v1.14).
 */
#ifndef WB_KUBE_CATALOG_CATALOG_OVERLAY_H
#define WB_KUBE_CATALOG_CATALOG_OVERLAY_H

#include "kube/catalog/catalog.h"
#include "kube/node_overlay.h"
#include "kube/nodepool.h"

typedef struct wb_node_overlays {
    const wb_node_overlay *items; /* borrowed */
    uint32_t count;
} wb_node_overlays;

/* The catalog as pool sees it under the overlays; types and offerings are copied into arena, the
 * rest is shared. */
wb_catalog wb_catalog_overlay_apply(wb_arena *arena, const wb_intern *intern,
                                    const wb_catalog *catalog, const wb_nodepool *pool,
                                    const wb_node_overlays *overlays);

/* Whether some overlay changes the price of an offering of the pool: EC2 is then asked by priority
 * and not by its own prices. */
bool wb_catalog_overlay_has_prices(const wb_node_overlays *overlays);

#endif
