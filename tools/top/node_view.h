/*
 * How a recorded run stood at one moment: its nodes with what they cost and carry. Read from the
 * tables, so any moment can be asked for, in any order.
 */
#ifndef WB_TOOLS_TOP_NODE_VIEW_H
#define WB_TOOLS_TOP_NODE_VIEW_H

#include <stdbool.h>

#include "base/arena.h"
#include "sim/store/store.h"

typedef struct wb_node_view_row {
    int64_t node_id;
    const char *name, *instance_type, *zone, *market; /* live in the arena of the view */
    int64_t price_nusd_per_hour, age_ms;
    int64_t pod_count;
    int64_t cpu_milli, cpu_milli_requested; /* allocatable, and asked of it */
    int64_t memory_bytes, memory_bytes_requested;
    bool is_ready;
} wb_node_view_row;

typedef struct wb_node_view {
    int64_t at_ms;
    wb_node_view_row *nodes; /* in the order asked for; live in the arena */
    uint32_t node_count;
    int64_t pods_waiting, cost_nusd; /* as of the last sample */
    int64_t price_nusd_per_hour, pod_count;
    int64_t cpu_milli, cpu_milli_requested, memory_bytes, memory_bytes_requested;
} wb_node_view;

typedef enum wb_node_order {
    WB_NODE_ORDER_AGE, /* oldest first */
    WB_NODE_ORDER_PRICE,
    WB_NODE_ORDER_CPU, /* least used first: the candidates of consolidation */
    WB_NODE_ORDER_NAME,
    WB_NODE_ORDER_COUNT,
} wb_node_order;

/* "age", "price", "cpu", "name". */
const char *wb_node_view_order_name(wb_node_order order);

/* The run at a moment. filter: only nodes in whose name, type, zone or market it occurs ("": all);
 * totals are of the nodes that are shown. */
WB_MUST_CHECK wb_status wb_node_view_read(wb_store *store, int64_t run_id, int64_t at_ms,
                                          wb_arena *arena, wb_node_view *out, wb_error *err);
void wb_node_view_arrange(wb_node_view *view, wb_node_order order, const char *filter);

#endif
