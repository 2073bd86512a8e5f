#include "tools/report/verdict.h"

#include <assert.h>
#include <string.h>

#include "bench/figure_list.h"

static uint32_t figure_of(const char *key)
{
    uint32_t index = 0;
    while (strcmp(wb_figure_list_get(index)->key, key) != 0) {
        index++;
    }
    return index;
}

static double size_of(double value)
{
    return value < 0.0 ? -value : value;
}

/* What is paid decides, where both runs say it. */
static uint32_t deciding_cost(const wb_run_group *of, const wb_run_group *baseline)
{
    const bool is_paid = of->mean.paid_usd > 0.0 && baseline->mean.paid_usd > 0.0;
    return figure_of(is_paid ? "paid_usd" : "cost_usd");
}

static void add_cost(const wb_run_group *of, const wb_run_group *baseline, wb_text *out)
{
    const wb_paired cost = wb_run_groups_compare(of, baseline, deciding_cost(of, baseline), true);
    wb_text_add_format(out, "%s ", of->mean.contender);
    if (cost.count == 0) {
        wb_text_add_format(out, "cannot be compared with %s in cost", baseline->mean.contender);
    } else if (!wb_paired_is_significant(&cost)) {
        if (cost.count == 1) {
            wb_text_add_format(out, "costs the same as %s", baseline->mean.contender);
        } else {
            wb_text_add_format(out,
                               "does not differ in cost from %s beyond chance (%+.1f %% ± %.1f %%)",
                               baseline->mean.contender, 100.0 * cost.mean,
                               100.0 * cost.half_width);
        }
    } else {
        wb_text_add_format(out, "costs %.1f %%", 100.0 * size_of(cost.mean));
        if (cost.count > 1) {
            wb_text_add_format(out, " ± %.1f %%", 100.0 * cost.half_width);
        }
        wb_text_add_format(out, " %s than %s", cost.mean < 0.0 ? "less" : "more",
                           baseline->mean.contender);
    }
}

static void add_latency(const wb_run_group *of, const wb_run_group *baseline, wb_text *out)
{
    const wb_paired wait =
        wb_run_groups_compare(of, baseline, figure_of("pod_latency_ms_p99"), false);
    if (wait.count == 0) {
        return;
    }
    if (!wb_paired_is_significant(&wait)) {
        wb_text_add_string(out, wait.count == 1
                                    ? "; its p99 pod latency is the same"
                                    : "; p99 pod latency does not differ beyond chance");
        return;
    }
    wb_text_add_format(out, "; its p99 pod latency is %.1f s", size_of(wait.mean) / 1e3);
    if (wait.count > 1) {
        wb_text_add_format(out, " ± %.1f s", wait.half_width / 1e3);
    }
    wb_text_add_string(out, wait.mean < 0.0 ? " shorter" : " longer");
}

/* A cheap run that leaves pods behind is no saving: said whenever the two differ. */
static void add_unserved(const wb_run_group *of, const wb_run_group *baseline, wb_text *out)
{
    static const struct {
        const char *key, *what;
    } rows[] = {{"pods_unscheduled", "never ran"}, {"pods_lost", "were lost"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint32_t figure = figure_of(rows[i].key);
        const double mine = wb_figure_list_value(&of->mean, figure);
        const double theirs = wb_figure_list_value(&baseline->mean, figure);
        if (mine != theirs) {
            wb_text_add_format(out, "; %.0f of its pods %s, %.0f of %s's", mine, rows[i].what,
                               theirs, baseline->mean.contender);
        }
    }
}

void wb_verdict_add(const wb_run_groups *groups, const wb_run_group *baseline, wb_text *out)
{
    assert(groups != NULL && baseline != NULL && out != NULL);
    for (uint32_t i = 0; i < groups->count; i++) {
        const wb_run_group *of = &groups->items[i];
        if (of != baseline) {
            add_cost(of, baseline, out);
            add_latency(of, baseline, out);
            add_unserved(of, baseline, out);
            if (of->run_count > 1) {
                wb_text_add_format(out, " (%u seeds, 95 %% confidence)", of->run_count);
            }
            wb_text_add_string(out, "\n");
        }
    }
}
