/*
 * Lines over time and the distribution of pod latency. Rows are thinned to what a picture of
 * WB_PLOT_BINS points can show while they are read, so a run of any length costs constant memory;
 * latencies are the exception, 8 bytes a pod, since they are sorted.
 */
#include <assert.h>

#include "base/duration.h"
#include "tools/plot/plot_internal.h"

#define NUSD_PER_USD 1e9

/* ---- samples: of each bin the last sample, and the most pods waiting ---- */

typedef struct sample_bins {
    const wb_run_set *set;
    wb_text *out;
    int64_t bin; /* of the sample kept back; -1: none */
    double time;
    int64_t nodes, running, pending, cost_nusd, rate_nusd_per_hour;
} sample_bins;

static void add_sample(const sample_bins *bins)
{
    if (bins->bin >= 0) {
        wb_text_add_format(bins->out, "%.6g %lld %lld %lld %.6f %.6f\n", bins->time,
                           (long long)bins->nodes, (long long)bins->running,
                           (long long)bins->pending, (double)bins->cost_nusd / NUSD_PER_USD,
                           (double)bins->rate_nusd_per_hour / NUSD_PER_USD);
    }
}

static void see_sample(void *context, const wb_store_row *row)
{
    sample_bins *bins = context;
    const int64_t at_ms = wb_store_rows_int(row, 0);
    const int64_t bin = (int64_t)wb_plot_bin(bins->set, at_ms);
    const int64_t pending = wb_store_rows_int(row, 3);
    const bool is_new = bin != bins->bin;
    if (is_new) {
        add_sample(bins);
    }
    bins->pending = is_new || pending > bins->pending ? pending : bins->pending;
    bins->bin = bin;
    bins->time = wb_plot_time(bins->set, at_ms);
    bins->nodes = wb_store_rows_int(row, 1);
    bins->running = wb_store_rows_int(row, 2);
    bins->cost_nusd = wb_store_rows_int(row, 4);
    bins->rate_nusd_per_hour = wb_store_rows_int(row, 5);
}

wb_status wb_plot_series_samples(const wb_run_set *set, wb_text *out, wb_error *err)
{
    assert(set != NULL && out != NULL);
    wb_plot_begin_data(out, "samples");
    for (uint32_t i = 0; i < set->run_count; i++) {
        sample_bins bins = {.set = set, .out = out, .bin = -1};
        const wb_store_query query = {
            "SELECT at_ms, nodes, pods_running, pods_pending, cost_nusd, cost_rate_nusd_per_hour"
            " FROM samples WHERE run_id = ?1 ORDER BY sample_id",
            set->runs[i].run_id, 0, NULL};
        wb_text_add_string(out, "0 0 0 0 0 0\n"); /* a run begins with nothing, and a line */
        WB_TRY(wb_store_rows_read(set->store, &query, see_sample, &bins, err));
        add_sample(&bins);
        wb_plot_end_run(out);
    }
    wb_plot_end_data(out);
    return WB_OK;
}

/* ---- latency ---- */

/* A point wherever the curve has moved by a pixel to the right or upwards. */
static void add_distribution(const wb_plot_times *list, wb_text *out)
{
    int64_t last_ms = -1;
    double last_share = -1.0;
    for (size_t i = 0; i < list->count; i++) {
        const bool is_last_of_equals =
            i + 1 == list->count || list->items_ms[i + 1] != list->items_ms[i];
        if (!is_last_of_equals) {
            continue;
        }
        const double share = 100.0 * (double)(i + 1) / (double)list->count;
        const bool has_moved = last_ms < 0 || share - last_share >= 0.2 ||
                               (double)list->items_ms[i] >= 1.01 * (double)last_ms;
        if (has_moved || i + 1 == list->count) {
            /* Zero has no place on a logarithmic axis: what is under 0.1 s is drawn there. */
            const int64_t drawn_ms = list->items_ms[i] > 100 ? list->items_ms[i] : 100;
            wb_text_add_format(out, "%.3f %.4f\n", (double)drawn_ms / 1e3, share);
            last_ms = list->items_ms[i];
            last_share = share;
        }
    }
}

wb_status wb_plot_series_latency(const wb_run_set *set, wb_text *out, wb_error *err)
{
    assert(set != NULL && out != NULL);
    wb_plot_begin_data(out, "latencies");
    for (uint32_t i = 0; i < set->run_count; i++) {
        const wb_arena_mark mark = wb_arena_get_mark(set->arena);
        wb_plot_times list;
        WB_TRY(wb_plot_times_read(set, i, "SELECT latency_ms FROM pod_latency WHERE run_id = ?1",
                                  &list, err));
        wb_text_add_string(out, "0.1 0\n");
        add_distribution(&list, out);
        wb_plot_end_run(out);
        wb_arena_rewind(set->arena, mark);
    }
    wb_plot_end_data(out);
    return WB_OK;
}

/* ---- arrivals ---- */

#define ARRIVAL_BARS 120
static_assert(WB_PLOT_BINS % ARRIVAL_BARS == 0, "a bar is a whole number of bins");

typedef struct arrival_bars {
    const wb_run_set *set;
    int64_t counts[ARRIVAL_BARS];
} arrival_bars;

static void see_arrival(void *context, const wb_store_row *row)
{
    arrival_bars *bars = context;
    const uint32_t bin = wb_plot_bin(bars->set, wb_store_rows_int(row, 0));
    bars->counts[bin / (WB_PLOT_BINS / ARRIVAL_BARS)]++;
}

/* Every contender meets the same arrivals, so the first run speaks for all. */
wb_status wb_plot_series_arrivals(const wb_run_set *set, wb_text *out, wb_error *err)
{
    assert(set != NULL && out != NULL);
    arrival_bars bars = {.set = set};
    const wb_store_query query = {
        "SELECT created_ms FROM pods WHERE run_id = ?1 AND is_daemon = 0 AND replaces IS NULL",
        set->runs[0].run_id, 0, NULL};
    WB_TRY(wb_store_rows_read(set->store, &query, see_arrival, &bars, err));
    const double bar_hours = (double)set->span_ms / (double)ARRIVAL_BARS / (double)WB_MS_PER_HOUR;
    wb_plot_begin_data(out, "arrivals");
    for (uint32_t i = 0; i < ARRIVAL_BARS; i++) {
        const double middle =
            wb_plot_time(set, set->span_ms) * ((double)i + 0.5) / (double)ARRIVAL_BARS;
        wb_text_add_format(out, "%.6g %.6g\n", middle, (double)bars.counts[i] / bar_hours);
    }
    wb_plot_end_data(out);
    return WB_OK;
}

/* ---- churn against saving ---- */

typedef struct churn_line {
    wb_text *out;
    int64_t evicted, saved_nusd_per_hour;
} churn_line;

static void see_churn(void *context, const wb_store_row *row)
{
    churn_line *line = context;
    line->evicted += wb_store_rows_int(row, 1);
    line->saved_nusd_per_hour += wb_store_rows_int(row, 2);
    wb_text_add_format(line->out, "%lld %.6f\n", (long long)line->evicted,
                       (double)line->saved_nusd_per_hour / NUSD_PER_USD);
}

/* Cluster Autoscaler does not reckon in money: what it saves is the price of a node it deletes. */
wb_status wb_plot_series_churn(const wb_run_set *set, wb_text *out, wb_error *err)
{
    assert(set != NULL && out != NULL);
    wb_plot_begin_data(out, "churn");
    for (uint32_t i = 0; i < set->run_count; i++) {
        churn_line line = {.out = out};
        const wb_store_query query = {
            "SELECT at_ms, 1 AS evicted, 0 AS saved FROM events"
            " WHERE run_id = ?1 AND kind = 'eviction'"
            " UNION ALL SELECT d.at_ms, 0, CASE WHEN d.kind = 'scale-down'"
            " THEN coalesce(i.price_nusd_per_hour, 0) ELSE d.saving_nusd_per_hour END"
            " FROM decisions d LEFT JOIN nodes n ON n.run_id = ?1 AND n.name = d.subject"
            " LEFT JOIN instances i ON i.run_id = ?1 AND i.instance_id = n.instance_id"
            " WHERE d.run_id = ?1 AND d.kind NOT IN ('provision', 'replacement', 'scale-up')"
            " ORDER BY 1, 2 DESC, 3",
            set->runs[i].run_id, 0, NULL};
        wb_text_add_string(out, "0 0\n");
        WB_TRY(wb_store_rows_read(set->store, &query, see_churn, &line, err));
        wb_plot_end_run(out);
    }
    wb_plot_end_data(out);
    return WB_OK;
}
