#include "tools/top/node_view.h"

#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "sim/store/store_rows.h"

typedef struct view_reader {
    wb_node_view *view;
    wb_arena *arena;
    uint32_t capacity;
} view_reader;

/* Row: node_id, name, type, zone, market, price, since_ms, is_ready, cpu, memory, pods, cpu and
 * memory requested. */
static void see_node(void *context, const wb_store_row *row)
{
    view_reader *reader = context;
    wb_node_view *view = reader->view;
    if (view->node_count == reader->capacity) {
        const uint32_t capacity = reader->capacity * 2 + 64;
        view->nodes = wb_arena_grow(reader->arena, view->nodes, view->node_count, capacity,
                                    sizeof view->nodes[0]);
        reader->capacity = capacity;
    }
    view->nodes[view->node_count++] = (wb_node_view_row){
        .node_id = wb_store_rows_int(row, 0),
        .name = wb_arena_copy_string(reader->arena, wb_store_rows_text(row, 1)),
        .instance_type = wb_arena_copy_string(reader->arena, wb_store_rows_text(row, 2)),
        .zone = wb_arena_copy_string(reader->arena, wb_store_rows_text(row, 3)),
        .market = wb_arena_copy_string(reader->arena, wb_store_rows_text(row, 4)),
        .price_nusd_per_hour = wb_store_rows_int(row, 5),
        .age_ms = view->at_ms - wb_store_rows_int(row, 6),
        .is_ready = wb_store_rows_int(row, 7) != 0,
        .cpu_milli = wb_store_rows_int(row, 8),
        .memory_bytes = wb_store_rows_int(row, 9),
        .pod_count = wb_store_rows_int(row, 10),
        .cpu_milli_requested = wb_store_rows_int(row, 11),
        .memory_bytes_requested = wb_store_rows_int(row, 12),
    };
}

/* Row: pods_pending, cost_nusd. */
static void see_sample(void *context, const wb_store_row *row)
{
    wb_node_view *view = context;
    view->pods_waiting = wb_store_rows_int(row, 0);
    view->cost_nusd = wb_store_rows_int(row, 1);
}

wb_status wb_node_view_read(wb_store *store, int64_t run_id, int64_t at_ms, wb_arena *arena,
                            wb_node_view *out, wb_error *err)
{
    assert(store != NULL && at_ms >= 0 && arena != NULL && out != NULL);
    wb_node_view view = {.at_ms = at_ms};
    view_reader reader = {.view = &view, .arena = arena};
    const wb_store_query nodes = {
        "WITH load AS MATERIALIZED (SELECT p.node_id, sum(p.is_daemon = 0) AS pods,"
        " sum(s.cpu_milli) AS cpu, sum(s.memory_bytes) AS memory FROM pods p"
        " JOIN shapes s ON s.run_id = ?1 AND s.shape_id = p.shape_id WHERE p.run_id = ?1"
        " AND p.bound_ms <= ?2 AND (p.gone_ms IS NULL OR p.gone_ms > ?2) GROUP BY p.node_id)"
        " SELECT n.node_id, n.name, coalesce(n.instance_type, ''), coalesce(n.zone, ''),"
        " coalesce(i.capacity_type, ''), coalesce(i.price_nusd_per_hour, 0),"
        " coalesce(i.running_ms, n.added_ms), n.ready_ms IS NOT NULL AND n.ready_ms <= ?2,"
        " n.cpu_milli, n.memory_bytes, coalesce(l.pods, 0), coalesce(l.cpu, 0),"
        " coalesce(l.memory, 0) FROM nodes n"
        " LEFT JOIN instances i ON i.run_id = ?1 AND i.instance_id = n.instance_id"
        " LEFT JOIN load l ON l.node_id = n.node_id WHERE n.run_id = ?1 AND n.added_ms <= ?2"
        " AND (n.gone_ms IS NULL OR n.gone_ms > ?2) ORDER BY n.node_id",
        run_id, at_ms, NULL};
    WB_TRY(wb_store_rows_read(store, &nodes, see_node, &reader, err));
    const wb_store_query sample = {"SELECT pods_pending, cost_nusd FROM samples WHERE run_id = ?1"
                                   " AND at_ms <= ?2 ORDER BY sample_id DESC LIMIT 1",
                                   run_id, at_ms, NULL};
    WB_TRY(wb_store_rows_read(store, &sample, see_sample, &view, err));
    *out = view;
    return WB_OK;
}

/* ---- what is shown, and in which order ---- */

const char *wb_node_view_order_name(wb_node_order order)
{
    static const char *const names[WB_NODE_ORDER_COUNT] = {"age", "price", "cpu", "name"};
    assert(order < WB_NODE_ORDER_COUNT);
    return names[order];
}

static double cpu_share(const wb_node_view_row *row)
{
    return row->cpu_milli > 0 ? (double)row->cpu_milli_requested / (double)row->cpu_milli : 0.0;
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const wb_node_order order = *(const wb_node_order *)context;
    const wb_node_view_row *left = a;
    const wb_node_view_row *right = b;
    int by = 0;
    switch (order) {
    case WB_NODE_ORDER_AGE:
        by = (left->age_ms < right->age_ms) - (left->age_ms > right->age_ms);
        break;
    case WB_NODE_ORDER_PRICE:
        by = (left->price_nusd_per_hour < right->price_nusd_per_hour) -
             (left->price_nusd_per_hour > right->price_nusd_per_hour);
        break;
    case WB_NODE_ORDER_CPU:
        by = (cpu_share(left) > cpu_share(right)) - (cpu_share(left) < cpu_share(right));
        break;
    case WB_NODE_ORDER_NAME: by = strcmp(left->name, right->name); break;
    case WB_NODE_ORDER_COUNT: break;
    }
    return by != 0 ? by : (left->node_id > right->node_id) - (left->node_id < right->node_id);
}

static bool is_shown(const wb_node_view_row *row, const char *filter)
{
    return strstr(row->name, filter) != NULL || strstr(row->instance_type, filter) != NULL ||
           strstr(row->zone, filter) != NULL || strstr(row->market, filter) != NULL;
}

void wb_node_view_arrange(wb_node_view *view, wb_node_order order, const char *filter)
{
    assert(view != NULL && order < WB_NODE_ORDER_COUNT && filter != NULL);
    uint32_t count = 0;
    for (uint32_t i = 0; i < view->node_count; i++) {
        const wb_node_view_row row = view->nodes[i];
        if (is_shown(&row, filter)) {
            view->nodes[count++] = row;
            view->price_nusd_per_hour += row.price_nusd_per_hour;
            view->pod_count += row.pod_count;
            view->cpu_milli += row.cpu_milli;
            view->cpu_milli_requested += row.cpu_milli_requested;
            view->memory_bytes += row.memory_bytes;
            view->memory_bytes_requested += row.memory_bytes_requested;
        }
    }
    view->node_count = count;
    if (count > 0) {
        wb_sort(view->nodes, count, sizeof view->nodes[0], compare_rows, &order);
    }
}
