/* NodeOverlay (karpenter.sh/v1alpha1): what Karpenter is to believe of instance types beside what
 * EC2 says: other prices, extended resources. */
#ifndef WB_KUBE_NODE_OVERLAY_H
#define WB_KUBE_NODE_OVERLAY_H

#include "kube/label.h"
#include "kube/resource.h"

typedef enum wb_overlay_price {
    WB_OVERLAY_PRICE_NONE,
    WB_OVERLAY_PRICE_SET,     /* price: this many dollars an hour */
    WB_OVERLAY_PRICE_ADD,     /* priceAdjustment "+0.05": so many more (or less) */
    WB_OVERLAY_PRICE_PERCENT, /* priceAdjustment "-10%" */
} wb_overlay_price;

typedef struct wb_node_overlay {
    uint32_t name;                           /* interned */
    int32_t weight;                          /* 1 to 10000, 0: none is said; the higher wins */
    const wb_label_expression *requirements; /* ANDed, on type, market, zone and pool */
    uint32_t requirement_count;
    wb_overlay_price price_kind;
    double price_value;        /* dollars, or per cent */
    wb_resource_list capacity; /* extended resources that nodes of such types have as well */
} wb_node_overlay;

#endif
