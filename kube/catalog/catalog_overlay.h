/*
 * What NodeOverlays make of a catalog: the prices and extended resources that Karpenter believes in
 * when it simulates and when it orders what it asks EC2 for. What a machine costs stays EC2's.
 *
 * Overlays are taken by weight, the highest first, and of one weight by name, the last first; each
 * field of an offering (its price) or of a type (a resource) is changed by the first that matches.
 * A type is matched when one of its offerings is. An overlay that would change what another of its
 * weight has changed is in conflict with it and not applied at all, in no pool, even where both
 * say the same. Source: Karpenter's nodeoverlay controller, August 2026.
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

/* A NodePool and the types that it may have. */
typedef struct wb_overlaid_pool {
    const wb_nodepool *pool;   /* borrowed */
    const wb_catalog *catalog; /* borrowed; in the end as the pool sees it */
} wb_overlaid_pool;

/* Gives each pool the catalog that it sees under all overlays but those in conflict, which go to
 * *out_conflicts; returns the others, those in force, in the order in which they are taken. Lists,
 * types and offerings are copied into arena, the rest is shared; without overlays the catalogs stay
 * what they are. */
wb_node_overlays wb_catalog_overlay_apply(wb_arena *arena, const wb_intern *intern,
                                          const wb_node_overlays *all, wb_overlaid_pool *pools,
                                          uint32_t pool_count, wb_node_overlays *out_conflicts);

/* What pool believes that an offering of the type costs under overlays that are in force, when
 * EC2's price is the one in offering. Scratch memory comes from arena. */
double wb_catalog_overlay_price(wb_arena *arena, const wb_intern *intern,
                                const wb_node_overlays *in_force, const wb_nodepool *pool,
                                const wb_catalog_type *type, const wb_offering *offering);

/* Whether some overlay changes prices: EC2 is then asked by priority and not by its own prices. */
bool wb_catalog_overlay_has_prices(const wb_node_overlays *overlays);

#endif
