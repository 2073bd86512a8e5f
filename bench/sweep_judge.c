/* What the points of a sweep say: means, which are feasible, the front, the best. */
#include <assert.h>

#include "base/sort.h"
#include "bench/sweep_internal.h"

bool wb_sweep_average(wb_sweep *sweep, wb_sweep_point *point)
{
    assert(sweep != NULL && point != NULL);
    assert(wb_figure_list_count() <= WB_SWEEP_FIGURES_MAX);
    for (uint32_t f = 0; f < wb_figure_list_count() && point->run_count > 0; f++) {
        double sum = 0.0;
        for (uint32_t r = 0; r < point->run_count; r++) {
            sum += wb_figure_list_value(point->runs[r], f);
        }
        point->figures[f] = sum / point->run_count;
    }
    return point->run_count > 0;
}

bool wb_sweep_dominates(const wb_sweep *sweep, const wb_sweep_point *a, const wb_sweep_point *b)
{
    bool is_better = false;
    for (uint32_t i = 0; i < sweep->spec->objective_count; i++) {
        const uint32_t figure = sweep->spec->objectives[i];
        if (a->figures[figure] > b->figures[figure]) {
            return false;
        }
        is_better = is_better || a->figures[figure] < b->figures[figure];
    }
    return is_better;
}

static bool is_equal(const wb_sweep *sweep, const wb_sweep_point *a, const wb_sweep_point *b)
{
    for (uint32_t i = 0; i < sweep->spec->objective_count; i++) {
        const uint32_t figure = sweep->spec->objectives[i];
        if (a->figures[figure] < b->figures[figure] || a->figures[figure] > b->figures[figure]) {
            return false;
        }
    }
    return true;
}

/* A run that leaves pods behind is cheap for a bad reason. */
static bool is_feasible(const wb_sweep *sweep, const wb_sweep_point *point)
{
    static const char *const keys[] = {"pods_unscheduled", "pods_lost"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const uint32_t figure = wb_sweep_spec_figure(keys[i]);
        if (point->figures[figure] > sweep->points[0].figures[figure]) {
            return false;
        }
    }
    return true;
}

static bool is_within(const wb_sweep *sweep, const wb_sweep_point *point)
{
    for (uint32_t i = 0; i < sweep->spec->limit_count; i++) {
        const wb_sweep_limit *limit = &sweep->spec->limits[i];
        const double allowed =
            limit->value * (limit->is_relative ? sweep->points[0].figures[limit->figure] : 1.0);
        if (point->figures[limit->figure] > allowed) {
            return false;
        }
    }
    return true;
}

typedef struct ranked {
    uint32_t index, dominator_count;
    double figure;
} ranked;

static int compare_ranked(const void *a, const void *b, void *context)
{
    const ranked *left = a;
    const ranked *right = b;
    (void)context;
    if (left->dominator_count != right->dominator_count) {
        return left->dominator_count < right->dominator_count ? -1 : 1;
    }
    if (left->figure < right->figure || left->figure > right->figure) {
        return left->figure < right->figure ? -1 : 1;
    }
    return (left->index > right->index) - (left->index < right->index);
}

void wb_sweep_rank(const wb_sweep *sweep, uint32_t *indices, uint32_t count)
{
    assert(sweep != NULL && (indices != NULL || count == 0));
    ranked *rows = WB_ARENA_ARRAY(sweep->arena, ranked, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_sweep_point *point = &sweep->points[indices[i]];
        rows[i] = (ranked){.index = indices[i], .figure = point->figures[sweep->spec->minimise]};
        for (uint32_t j = 0; j < count; j++) {
            rows[i].dominator_count +=
                wb_sweep_dominates(sweep, &sweep->points[indices[j]], point) ? 1U : 0U;
        }
        if (!is_feasible(sweep, point)) {
            rows[i].dominator_count += count;
        }
    }
    wb_sort(rows, count, sizeof rows[0], compare_ranked, NULL);
    for (uint32_t i = 0; i < count; i++) {
        indices[i] = rows[i].index;
    }
}

/* Of points that came to the same the first one is on the front. */
static void find_front(wb_sweep *sweep, uint32_t index)
{
    wb_sweep_point *point = &sweep->points[index];
    point->is_on_front = point->is_feasible;
    for (uint32_t i = 0; i < sweep->point_count && point->is_on_front; i++) {
        const wb_sweep_point *other = &sweep->points[i];
        const bool counts = other->is_feasible && other->role == WB_SWEEP_TRIED;
        point->is_on_front = !counts || !(wb_sweep_dominates(sweep, other, point) ||
                                          (i < index && is_equal(sweep, other, point)));
    }
}

void wb_sweep_judge(wb_sweep *sweep)
{
    assert(sweep != NULL && sweep->point_count > 0);
    sweep->best = UINT32_MAX;
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        wb_sweep_point *point = &sweep->points[i];
        point->is_complete = wb_sweep_average(sweep, point) && point->is_complete;
    }
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        wb_sweep_point *point = &sweep->points[i];
        point->is_feasible = point->is_complete && is_feasible(sweep, point);
        point->is_within = point->is_feasible && is_within(sweep, point);
        const double figure = point->figures[sweep->spec->minimise];
        if (point->is_within && point->role == WB_SWEEP_TRIED &&
            (sweep->best == UINT32_MAX ||
             figure < sweep->points[sweep->best].figures[sweep->spec->minimise])) {
            sweep->best = i;
        }
    }
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        find_front(sweep, i);
    }
}
