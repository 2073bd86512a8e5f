/*
 * Nodes side by side over time. A node is drawn in the lowest lane that is free when it is
 * launched, and leaves it when it ends; so there are as many lanes as nodes at most at a time, and
 * a run of 60,000 nodes is as legible as one of 60.
 *
 *     lane 2          ┌──── node 4 ────┐
 *     lane 1     ┌─ node 2 ─┐ ┌── node 5 ──────
 *     lane 0  ┌──── node 1 ────┐   ┌─ node 6 ─┐
 *             ───────────────────────────────▶ time
 */
#include <assert.h>
#include <string.h>

#include "tools/plot/plot_internal.h"

#define BARS_MAX      2500 /* of the Gantt chart: more make a file of megabytes, and a grey mass */
#define HEAT_COLUMNS  240
#define HEAT_ROWS_MAX 60
static_assert(WB_PLOT_BINS % HEAT_COLUMNS == 0, "a column is a whole number of bins");

typedef struct lane_node {
    int64_t from_ms, ready_ms, to_ms; /* ready_ms -1: never */
    uint32_t node_id, lane;           /* node_id UINT32_MAX: the instance never joined */
    bool is_spot;
    char mark; /* see mark_of */
    int64_t cpu_milli;
} lane_node;

typedef struct lanes {
    wb_arena *arena;
    lane_node *nodes;
    uint32_t count, capacity;
    int64_t *free_ms; /* per lane: when its last node ends */
    uint32_t lane_count, lane_capacity;
    int64_t shortest_shown_ms; /* Gantt: bars under that are left out */
    uint32_t shown_count;
} lanes;

/* What ended a node, as the chart tells it apart: c packed, d drift or expiry, i interrupted or
 * broken, - nothing that needs a mark. */
static char mark_of(const char *cause)
{
    static const struct {
        const char *cause;
        char mark;
    } marks[] = {
        {"emptiness", 'c'},     {"consolidation", 'c'},
        {"scale-down", 'c'},    {"drift", 'd'},
        {"expiration", 'd'},    {"interruption", 'i'},
        {"instance-lost", 'i'}, {"node-repair", 'i'},
        {"launch-failed", 'i'}, {"garbage-collection", 'i'},
    };
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (strcmp(marks[i].cause, cause) == 0) {
            return marks[i].mark;
        }
    }
    return '-';
}

static uint32_t take_lane(lanes *of, int64_t from_ms, int64_t to_ms)
{
    uint32_t lane = 0;
    while (lane < of->lane_count && of->free_ms[lane] > from_ms) {
        lane++;
    }
    if (lane == of->lane_count) {
        if (of->lane_count == of->lane_capacity) {
            const uint32_t capacity = of->lane_capacity * 2 + 64;
            of->free_ms = wb_arena_grow(of->arena, of->free_ms, of->lane_count, capacity,
                                        sizeof of->free_ms[0]);
            of->lane_capacity = capacity;
        }
        of->lane_count++;
    }
    of->free_ms[lane] = to_ms;
    return lane;
}

/* Row: node_id, from_ms, ready_ms, to_ms, capacity_type, cause, cpu_milli; by from_ms. */
static void see_node(void *context, const wb_store_row *row)
{
    lanes *of = context;
    if (of->count == of->capacity) {
        const uint32_t capacity = of->capacity * 2 + 256;
        of->nodes = wb_arena_grow(of->arena, of->nodes, of->count, capacity, sizeof of->nodes[0]);
        of->capacity = capacity;
    }
    lane_node *node = &of->nodes[of->count++];
    *node = (lane_node){
        .node_id = wb_store_rows_is_null(row, 0) ? UINT32_MAX : (uint32_t)wb_store_rows_int(row, 0),
        .from_ms = wb_store_rows_int(row, 1),
        .ready_ms = wb_store_rows_is_null(row, 2) ? -1 : wb_store_rows_int(row, 2),
        .to_ms = wb_store_rows_int(row, 3),
        .is_spot = strcmp(wb_store_rows_text(row, 4), "spot") == 0,
        .mark = mark_of(wb_store_rows_text(row, 5)),
        .cpu_milli = wb_store_rows_int(row, 6),
    };
    node->lane = take_lane(of, node->from_ms, node->to_ms);
}

static wb_status read_lanes(const wb_run_set *set, uint32_t run, lanes *out, wb_error *err)
{
    *out = (lanes){.arena = set->arena};
    const wb_store_query query = {
        "SELECT i.node_id, coalesce(i.launched_ms, i.requested_ms) AS from_ms, i.ready_ms,"
        " coalesce(i.ended_ms, ?2), i.capacity_type, i.cause, coalesce(n.cpu_milli, 0)"
        " FROM instances i LEFT JOIN nodes n ON n.run_id = i.run_id AND n.node_id = i.node_id"
        " WHERE i.run_id = ?1 ORDER BY from_ms, i.instance_id",
        set->runs[run].run_id, set->runs[run].end_ms, NULL};
    return wb_store_rows_read(set->store, &query, see_node, out, err);
}

/* ---- Gantt chart ---- */

/* Lifts the shortest bar that is shown until few enough are left. */
static void choose_bars(lanes *of, int64_t span_ms)
{
    of->shown_count = of->count;
    while (of->shown_count > BARS_MAX) {
        of->shortest_shown_ms += of->shortest_shown_ms / 4 + span_ms / 4096 + 1;
        of->shown_count = 0;
        for (uint32_t i = 0; i < of->count; i++) {
            of->shown_count += of->nodes[i].to_ms - of->nodes[i].from_ms >= of->shortest_shown_ms;
        }
    }
}

static void add_bar(const wb_run_set *set, const lane_node *node, wb_text *out)
{
    const int64_t ready_ms =
        node->ready_ms >= 0 && node->ready_ms < node->to_ms ? node->ready_ms : node->to_ms;
    wb_text_add_format(out, "%u %.6g %.6g %.6g %d %c\n", node->lane,
                       wb_plot_time(set, node->from_ms), wb_plot_time(set, ready_ms),
                       wb_plot_time(set, node->to_ms), node->is_spot, node->mark);
}

wb_status wb_plot_lanes_gantt(const wb_run_set *set, wb_text *out, wb_error *err)
{
    assert(set != NULL && out != NULL);
    lanes all[WB_RUN_SET_MAX];
    wb_plot_begin_data(out, "bars");
    for (uint32_t run = 0; run < set->run_count; run++) {
        WB_TRY(read_lanes(set, run, &all[run], err));
        choose_bars(&all[run], set->span_ms);
        for (uint32_t i = 0; i < all[run].count; i++) {
            const lane_node *node = &all[run].nodes[i];
            if (node->to_ms - node->from_ms >= all[run].shortest_shown_ms) {
                add_bar(set, node, out);
            }
        }
        if (all[run].shown_count == 0) {
            wb_text_add_string(out, "0 -1 -1 -1 0 -\n"); /* gnuplot refuses an empty block */
        }
        wb_plot_end_run(out);
    }
    wb_plot_end_data(out);
    wb_text_add_format(out, "array lane_counts[%u]\narray notes[%u]\n", set->run_count,
                       set->run_count);
    for (uint32_t run = 0; run < set->run_count; run++) {
        wb_text_add_format(out, "lane_counts[%u] = %u\nnotes[%u] = '", run + 1, all[run].lane_count,
                           run + 1);
        if (all[run].shown_count < all[run].count) {
            wb_text_add_format(out, ": the %u longest of %u nodes", all[run].shown_count,
                               all[run].count);
        } else {
            wb_text_add_format(out, ": %u node%s", all[run].count, all[run].count == 1 ? "" : "s");
        }
        wb_text_add_string(out, "'\n");
    }
    return WB_OK;
}

/* ---- utilisation ---- */

/* Requested and allocatable CPU, milli-CPU x ms, over rows of lanes and columns of time. */
typedef struct heat_map {
    const wb_run_set *set;
    uint32_t *lane_of_node; /* by node id; UINT32_MAX: none */
    uint32_t node_limit, lanes_per_row, row_count;
    int64_t *used, *offered; /* row_count x HEAT_COLUMNS */
} heat_map;

static void spread_over(const heat_map *map, int64_t *grid, uint32_t lane, int64_t amount,
                        const int64_t range_ms[2])
{
    const uint32_t bins = WB_PLOT_BINS / HEAT_COLUMNS;
    int64_t *row = &grid[(size_t)(lane / map->lanes_per_row) * HEAT_COLUMNS];
    const uint32_t last = wb_plot_bin(map->set, range_ms[1]) / bins;
    for (uint32_t column = wb_plot_bin(map->set, range_ms[0]) / bins; column <= last; column++) {
        const int64_t begin_ms = wb_plot_bin_start_ms(map->set, column * bins);
        const int64_t end_ms = wb_plot_bin_start_ms(map->set, (column + 1) * bins);
        const int64_t low_ms = range_ms[0] > begin_ms ? range_ms[0] : begin_ms;
        const int64_t high_ms = range_ms[1] < end_ms ? range_ms[1] : end_ms;
        row[column] += high_ms > low_ms ? (high_ms - low_ms) * amount : 0;
    }
}

/* Row: node_id, bound_ms, gone_ms, cpu_milli. */
static void see_pod(void *context, const wb_store_row *row)
{
    heat_map *map = context;
    const int64_t node_id = wb_store_rows_int(row, 0);
    if (node_id >= map->node_limit || map->lane_of_node[node_id] == UINT32_MAX) {
        return;
    }
    const int64_t range_ms[2] = {wb_store_rows_int(row, 1), wb_store_rows_int(row, 2)};
    spread_over(map, map->used, map->lane_of_node[node_id], wb_store_rows_int(row, 3), range_ms);
}

static void init_heat_map(heat_map *map, const wb_run_set *set, const lanes *of)
{
    *map = (heat_map){.set = set};
    for (uint32_t i = 0; i < of->count; i++) {
        const uint32_t node_id = of->nodes[i].node_id;
        if (node_id != UINT32_MAX && node_id >= map->node_limit) {
            map->node_limit = node_id + 1;
        }
    }
    map->lane_of_node = WB_ARENA_ARRAY(set->arena, uint32_t, (size_t)map->node_limit + 1);
    memset(map->lane_of_node, 0xFF, ((size_t)map->node_limit + 1) * sizeof(uint32_t));
    const uint32_t lane_count = of->lane_count > 0 ? of->lane_count : 1;
    map->lanes_per_row = (lane_count + HEAT_ROWS_MAX - 1) / HEAT_ROWS_MAX;
    map->row_count = (lane_count + map->lanes_per_row - 1) / map->lanes_per_row;
    const size_t cell_count = (size_t)map->row_count * HEAT_COLUMNS;
    map->used = WB_ARENA_ARRAY(set->arena, int64_t, cell_count);
    map->offered = WB_ARENA_ARRAY(set->arena, int64_t, cell_count);
    for (uint32_t i = 0; i < of->count; i++) {
        const lane_node *node = &of->nodes[i];
        if (node->node_id != UINT32_MAX && node->ready_ms >= 0) {
            const int64_t range_ms[2] = {node->ready_ms, node->to_ms};
            map->lane_of_node[node->node_id] = node->lane;
            spread_over(map, map->offered, node->lane, node->cpu_milli, range_ms);
        }
    }
}

static void add_heat_map(const heat_map *map, wb_text *out)
{
    for (uint32_t row = 0; row < map->row_count; row++) {
        for (uint32_t column = 0; column < HEAT_COLUMNS; column++) {
            const size_t cell = (size_t)row * HEAT_COLUMNS + column;
            const double middle =
                wb_plot_time(map->set, map->set->span_ms) * ((double)column + 0.5) / HEAT_COLUMNS;
            const double lane = ((double)row + 0.5) * (double)map->lanes_per_row;
            if (map->offered[cell] == 0) {
                wb_text_add_format(out, "%.6g %.6g NaN\n", middle, lane);
            } else {
                wb_text_add_format(out, "%.6g %.6g %.3g\n", middle, lane,
                                   100.0 * (double)map->used[cell] / (double)map->offered[cell]);
            }
        }
    }
}

wb_status wb_plot_lanes_utilisation(const wb_run_set *set, wb_text *out, wb_error *err)
{
    assert(set != NULL && out != NULL);
    uint32_t lane_counts[WB_RUN_SET_MAX];
    wb_plot_begin_data(out, "heat");
    for (uint32_t run = 0; run < set->run_count; run++) {
        const wb_arena_mark mark = wb_arena_get_mark(set->arena);
        lanes of;
        heat_map map;
        WB_TRY(read_lanes(set, run, &of, err));
        init_heat_map(&map, set, &of);
        const wb_store_query query = {
            "SELECT p.node_id, p.bound_ms, coalesce(p.gone_ms, ?2), s.cpu_milli FROM pods p"
            " JOIN shapes s ON s.run_id = p.run_id AND s.shape_id = p.shape_id"
            " WHERE p.run_id = ?1 AND p.node_id IS NOT NULL AND p.bound_ms IS NOT NULL",
            set->runs[run].run_id, set->runs[run].end_ms, NULL};
        WB_TRY(wb_store_rows_read(set->store, &query, see_pod, &map, err));
        add_heat_map(&map, out);
        wb_plot_end_run(out);
        lane_counts[run] = map.row_count * map.lanes_per_row;
        wb_arena_rewind(set->arena, mark);
    }
    wb_plot_end_data(out);
    wb_text_add_format(out, "array lane_counts[%u]\n", set->run_count);
    for (uint32_t run = 0; run < set->run_count; run++) {
        wb_text_add_format(out, "lane_counts[%u] = %u\n", run + 1, lane_counts[run]);
    }
    return WB_OK;
}
