/*
 * Instance types over time. The types that carry most node hours over all runs get a band and a
 * colour of their own, the same in every panel; the rest share one. A band's height in a bin is the
 * mean number of nodes over it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "tools/plot/plot_internal.h"

#define TYPES_SHOWN 8
#define TYPES_MAX   2048 /* more than EC2 has; what is beyond counts as other */

typedef struct type_use {
    const char *name;
    int64_t node_ms;
} type_use;

typedef struct mix {
    const wb_run_set *set;
    type_use *types; /* TYPES_MAX */
    uint32_t type_count;
    /* of one run: [type, the last is other][bin] */
    int64_t used_ms[TYPES_SHOWN + 1][WB_PLOT_BINS];
} mix;

/* Row: instance_type, node_ms. Adds over runs. */
static void see_type(void *context, const wb_store_row *row)
{
    mix *of = context;
    const char *name = wb_store_rows_text(row, 0);
    for (uint32_t i = 0; i < of->type_count; i++) {
        if (strcmp(of->types[i].name, name) == 0) {
            of->types[i].node_ms += wb_store_rows_int(row, 1);
            return;
        }
    }
    if (of->type_count < TYPES_MAX) {
        of->types[of->type_count++] = (type_use){.name = wb_arena_copy_string(of->set->arena, name),
                                                 .node_ms = wb_store_rows_int(row, 1)};
    }
}

static int compare_use(const void *a, const void *b, void *context)
{
    (void)context;
    const type_use *left = a;
    const type_use *right = b;
    if (left->node_ms != right->node_ms) {
        return left->node_ms > right->node_ms ? -1 : 1;
    }
    return strcmp(left->name, right->name);
}

static uint32_t band_of(const mix *of, const char *name)
{
    for (uint32_t i = 0; i < TYPES_SHOWN && i < of->type_count; i++) {
        if (strcmp(of->types[i].name, name) == 0) {
            return i;
        }
    }
    return TYPES_SHOWN;
}

/* Row: instance_type, from_ms, to_ms. */
static void see_instance(void *context, const wb_store_row *row)
{
    mix *of = context;
    const int64_t from_ms = wb_store_rows_int(row, 1);
    const int64_t to_ms = wb_store_rows_int(row, 2);
    int64_t *used_ms = of->used_ms[band_of(of, wb_store_rows_text(row, 0))];
    const uint32_t last = wb_plot_bin(of->set, to_ms);
    for (uint32_t bin = wb_plot_bin(of->set, from_ms); bin <= last; bin++) {
        const int64_t begin_ms = wb_plot_bin_start_ms(of->set, bin);
        const int64_t end_ms = wb_plot_bin_start_ms(of->set, bin + 1);
        const int64_t low_ms = from_ms > begin_ms ? from_ms : begin_ms;
        const int64_t high_ms = to_ms < end_ms ? to_ms : end_ms;
        used_ms[bin] += high_ms > low_ms ? high_ms - low_ms : 0;
    }
}

/* One line a bin: time, then the upper edge of each band, other first since it lies lowest. The
 * last one again where it ends, so that the bands reach there. */
static void add_bands(const mix *of, uint32_t shown, wb_text *out)
{
    for (uint32_t line = 0; line <= WB_PLOT_BINS; line++) {
        const uint32_t bin = line < WB_PLOT_BINS ? line : WB_PLOT_BINS - 1;
        const int64_t begin_ms = wb_plot_bin_start_ms(of->set, bin);
        const int64_t width_ms = wb_plot_bin_start_ms(of->set, bin + 1) - begin_ms;
        const double width = width_ms > 0 ? (double)width_ms : 1.0;
        double edge = (double)of->used_ms[TYPES_SHOWN][bin] / width;
        wb_text_add_format(out, "%.6g %.4g",
                           wb_plot_time(of->set, wb_plot_bin_start_ms(of->set, line)), edge);
        for (uint32_t band = shown; band > 0; band--) {
            edge += (double)of->used_ms[band - 1][bin] / width;
            wb_text_add_format(out, " %.4g", edge);
        }
        wb_text_add_string(out, "\n");
    }
}

wb_status wb_plot_mix_add(const wb_run_set *set, wb_text *out, wb_error *err)
{
    assert(set != NULL && out != NULL);
    mix *of = WB_ARENA_NEW(set->arena, mix);
    of->set = set;
    of->types = WB_ARENA_ARRAY(set->arena, type_use, TYPES_MAX);
    for (uint32_t i = 0; i < set->run_count; i++) {
        const wb_store_query query = {
            "SELECT instance_type, sum(node_ms) FROM costs WHERE run_id = ?1 GROUP BY 1",
            set->runs[i].run_id, 0, NULL};
        WB_TRY(wb_store_rows_read(set->store, &query, see_type, of, err));
    }
    wb_sort(of->types, of->type_count, sizeof(type_use), compare_use, NULL);
    const uint32_t shown = of->type_count < TYPES_SHOWN ? of->type_count : TYPES_SHOWN;
    wb_text_add_format(out, "type_count = %u\nhas_other = %d\narray types[%u]\n", shown,
                       of->type_count > shown, shown > 0 ? shown : 1);
    for (uint32_t i = 0; i < shown; i++) {
        wb_text_add_format(out, "types[%u] = ", i + 1);
        wb_plot_add_string(out, of->types[i].name);
        wb_text_add_string(out, "\n");
    }
    wb_plot_begin_data(out, "mix");
    for (uint32_t i = 0; i < set->run_count; i++) {
        memset(of->used_ms, 0, sizeof of->used_ms);
        const wb_store_query query = {
            "SELECT instance_type, running_ms, coalesce(ended_ms, ?2) FROM instances"
            " WHERE run_id = ?1 AND running_ms IS NOT NULL",
            set->runs[i].run_id, set->runs[i].end_ms, NULL};
        WB_TRY(wb_store_rows_read(set->store, &query, see_instance, of, err));
        add_bands(of, shown, out);
        wb_plot_end_run(out);
    }
    wb_plot_end_data(out);
    return WB_OK;
}
