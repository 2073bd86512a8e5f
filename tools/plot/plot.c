#include "tools/plot/plot.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "tools/plot/plot_internal.h"

/* The scripts of this folder as they are, see plot_scripts.S. */
#define SCRIPT(name) extern const char wb_plot_script_##name[]
SCRIPT(common);
SCRIPT(nodes);
SCRIPT(cost);
SCRIPT(latency);
SCRIPT(utilisation);
SCRIPT(mix);
SCRIPT(gantt);
SCRIPT(churn);
SCRIPT(arrivals);

static const struct {
    wb_plot_kind kind;
    const char *script;
    wb_plot_data_fn add_data;
    int width, height;  /* pixels */
    int height_per_run; /* added for each run that has a panel of its own */
} kinds[] = {
    {{"nodes", "nodes, running and waiting pods over time"},
     wb_plot_script_nodes,
     wb_plot_waiting_add,
     900,
     640,
     0},
    {{"cost", "cost over time: in all (USD) and per hour (USD/h)"},
     wb_plot_script_cost,
     wb_plot_series_samples,
     900,
     560,
     0},
    {{"latency", "pod latency (s): the share of pods that ran within a time"},
     wb_plot_script_latency,
     wb_plot_series_latency,
     900,
     440,
     0},
    {{"utilisation", "CPU requested of what nodes offer (%), over nodes and time"},
     wb_plot_script_utilisation,
     wb_plot_lanes_utilisation,
     900,
     34,
     272},
    {{"mix", "nodes by instance type over time"},
     wb_plot_script_mix,
     wb_plot_mix_add,
     900,
     34,
     272},
    {{"gantt", "each node from launch to end, by market, with what ended it"},
     wb_plot_script_gantt,
     wb_plot_lanes_gantt,
     900,
     110,
     272},
    {{"churn", "saving (USD/h) that disruption won against pods that it evicted"},
     wb_plot_script_churn,
     wb_plot_series_churn,
     900,
     440,
     0},
    {{"arrivals", "pods created per hour over time"},
     wb_plot_script_arrivals,
     wb_plot_series_arrivals,
     900,
     360,
     0},
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

const wb_plot_kind *wb_plot_kinds(uint32_t *out_count)
{
    static wb_plot_kind list[KIND_COUNT];
    for (size_t i = 0; i < KIND_COUNT; i++) {
        list[i] = kinds[i].kind;
    }
    *out_count = (uint32_t)KIND_COUNT;
    return list;
}

/* ---- what the data functions share ---- */

static int64_t time_unit_ms(const wb_run_set *set)
{
    return set->span_ms < 2 * WB_MS_PER_HOUR    ? WB_MS_PER_MINUTE
           : set->span_ms < 96 * WB_MS_PER_HOUR ? WB_MS_PER_HOUR
                                                : 24 * WB_MS_PER_HOUR;
}

double wb_plot_time(const wb_run_set *set, int64_t at_ms)
{
    return (double)at_ms / (double)time_unit_ms(set);
}

const char *wb_plot_time_unit(const wb_run_set *set)
{
    const int64_t unit_ms = time_unit_ms(set);
    return unit_ms == WB_MS_PER_MINUTE ? "minutes" : unit_ms == WB_MS_PER_HOUR ? "hours" : "days";
}

uint32_t wb_plot_bin(const wb_run_set *set, int64_t at_ms)
{
    if (at_ms <= 0) {
        return 0;
    }
    if (at_ms >= set->span_ms) {
        return WB_PLOT_BINS - 1;
    }
    /* A span of 584 years times 480 does not fit; one of a million years does not occur. */
    return (uint32_t)((uint64_t)at_ms * WB_PLOT_BINS / (uint64_t)set->span_ms);
}

int64_t wb_plot_bin_start_ms(const wb_run_set *set, uint32_t i)
{
    assert(i <= WB_PLOT_BINS);
    const uint64_t product = (uint64_t)set->span_ms * i;
    return (int64_t)((product + WB_PLOT_BINS - 1) / WB_PLOT_BINS);
}

void wb_plot_add_string(wb_text *out, const char *text)
{
    wb_text_add_string(out, "'");
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'') {
            wb_text_add_string(out, "''");
        } else if ((unsigned char)*c >= ' ') {
            wb_text_add(out, c, 1);
        }
    }
    wb_text_add_string(out, "'");
}

void wb_plot_begin_data(wb_text *out, const char *name)
{
    wb_text_add_format(out, "$%s << WB_END\n", name);
}

void wb_plot_end_run(wb_text *out)
{
    wb_text_add_string(out, "\n\n");
}

void wb_plot_end_data(wb_text *out)
{
    wb_text_add_string(out, "WB_END\n");
}

/* ---- the script ---- */

static void add_head(const wb_run_set *set, size_t kind, const wb_plot_target *target, wb_text *out)
{
    const int height = kinds[kind].height + kinds[kind].height_per_run * (int)set->run_count;
    const bool is_png = strcmp(target->format, "png") == 0;
    assert(is_png || strcmp(target->format, "svg") == 0);
    wb_text_add_format(out, "set terminal %s size %d,%d font 'sans-serif,12'%s\n",
                       is_png ? "pngcairo" : "svg", kinds[kind].width, height,
                       is_png ? "" : " background '#ffffff'");
    if (target->path != NULL) {
        wb_text_add_string(out, "set output ");
        wb_plot_add_string(out, target->path);
        wb_text_add_string(out, "\n");
    }
    wb_text_add_string(out, "scenario = ");
    wb_plot_add_string(out, set->scenario);
    wb_text_add_format(out,
                       "\nheight = %d.0\ntime_unit = '%s'\nspan = %.6g\nrun_count = %u\n"
                       "array names[%u]\narray colors[%u]\n",
                       height, wb_plot_time_unit(set), wb_plot_time(set, set->span_ms),
                       set->run_count, set->run_count, set->run_count);
    for (uint32_t i = 0; i < set->run_count; i++) {
        wb_text_add_format(out, "names[%u] = ", i + 1);
        wb_plot_add_string(out, set->runs[i].contender);
        wb_text_add_format(out, "\ncolors[%u] = '%s'\n", i + 1, set->runs[i].color);
    }
}

wb_status wb_plot_write_script(const wb_run_set *set, const char *kind,
                               const wb_plot_target *target, wb_text *out, wb_error *err)
{
    assert(set != NULL && set->run_count > 0 && target != NULL && out != NULL);
    size_t at = 0;
    while (strcmp(kinds[at].kind.name, kind) != 0) {
        at++;
        assert(at < KIND_COUNT);
    }
    add_head(set, at, target, out);
    WB_TRY(kinds[at].add_data(set, out, err));
    wb_text_add_string(out, wb_plot_script_common);
    wb_text_add_string(out, kinds[at].script);
    return WB_OK;
}
