#include "tools/report/run_groups.h"

#include <assert.h>
#include <string.h>

#include "bench/figure_list.h"

#define PAIRS_MAX 4096 /* seeds of one comparison; more change nothing that is shown */

static wb_run_group *group_of(wb_run_groups *groups, const wb_run_figures *run, wb_arena *arena,
                              uint32_t run_limit)
{
    for (uint32_t i = 0; i < groups->count; i++) {
        if (strcmp(groups->items[i].mean.contender, run->contender) == 0) {
            return &groups->items[i];
        }
    }
    wb_run_group *group = &groups->items[groups->count++];
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers it is */
    group->runs = wb_arena_zalloc(arena, run_limit, sizeof group->runs[0]);
    return group;
}

/* A run recorded again under its seed takes the place of the older one. */
static void add_run(wb_run_group *group, const wb_run_figures *run)
{
    group->mean = *run;
    for (uint32_t i = 0; i < group->run_count; i++) {
        if (group->runs[i]->seed == run->seed) {
            group->runs[i] = run;
            return;
        }
    }
    group->runs[group->run_count++] = run;
}

double wb_run_groups_mean(const wb_run_group *of, uint32_t figure)
{
    assert(of != NULL && of->run_count > 0);
    double sum = 0.0;
    for (uint32_t i = 0; i < of->run_count; i++) {
        sum += wb_figure_list_value(of->runs[i], figure);
    }
    return sum / (double)of->run_count;
}

static void set_mean(wb_run_group *group)
{
    for (uint32_t f = 0; f < wb_figure_list_count(); f++) {
        const wb_figure *figure = wb_figure_list_get(f);
        const double mean = wb_run_groups_mean(group, f);
        char *field = (char *)&group->mean + figure->offset;
        if (wb_figure_list_is_real(f)) {
            memcpy(field, &mean, sizeof mean);
        } else {
            const int64_t whole = (int64_t)(mean + 0.5);
            memcpy(field, &whole, sizeof whole);
        }
    }
}

wb_run_groups wb_run_groups_make(const wb_run_figures *runs, uint32_t count, wb_arena *arena)
{
    assert(runs != NULL && count >= 1 && arena != NULL);
    wb_run_groups groups = {.items = WB_ARENA_ARRAY(arena, wb_run_group, count)};
    for (uint32_t i = 0; i < count; i++) {
        add_run(group_of(&groups, &runs[i], arena, count), &runs[i]);
    }
    for (uint32_t i = 0; i < groups.count; i++) {
        set_mean(&groups.items[i]);
    }
    return groups;
}

const wb_run_group *wb_run_groups_find(const wb_run_groups *groups, const char *contender)
{
    assert(groups != NULL && contender != NULL);
    for (uint32_t i = 0; i < groups->count; i++) {
        if (strcmp(groups->items[i].mean.contender, contender) == 0) {
            return &groups->items[i];
        }
    }
    return NULL;
}

static const wb_run_figures *run_of_seed(const wb_run_group *group, uint64_t seed)
{
    for (uint32_t i = 0; i < group->run_count; i++) {
        if (group->runs[i]->seed == seed) {
            return group->runs[i];
        }
    }
    return NULL;
}

wb_paired wb_run_groups_compare(const wb_run_group *of, const wb_run_group *baseline,
                                uint32_t figure, bool is_relative)
{
    assert(of != NULL && baseline != NULL);
    double values[PAIRS_MAX];
    double baselines[PAIRS_MAX];
    double sum = 0.0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < of->run_count && count < PAIRS_MAX; i++) {
        const wb_run_figures *other = run_of_seed(baseline, of->runs[i]->seed);
        if (other != NULL) {
            values[count] = wb_figure_list_value(of->runs[i], figure);
            baselines[count] = wb_figure_list_value(other, figure);
            sum += baselines[count++];
        }
    }
    if (count == 0 || (is_relative && !(sum > 0.0))) {
        return (wb_paired){.count = 0};
    }
    wb_paired out = wb_paired_differences(values, baselines, count);
    if (is_relative) {
        const double mean = sum / (double)count;
        out.mean /= mean;
        out.half_width /= mean;
    }
    return out;
}

bool wb_run_groups_know(const wb_run_groups *groups, uint32_t figure)
{
    assert(groups != NULL && figure < wb_figure_list_count());
    if (wb_figure_list_get(figure)->place != WB_FIGURE_IF_ANY) {
        return true;
    }
    for (uint32_t i = 0; i < groups->count; i++) {
        if (wb_figure_list_value(&groups->items[i].mean, figure) >= 0.0) {
            return true;
        }
    }
    return false;
}
