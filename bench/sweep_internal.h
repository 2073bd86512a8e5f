/* Shared by the files of a sweep. */
#ifndef WB_BENCH_SWEEP_INTERNAL_H
#define WB_BENCH_SWEEP_INTERNAL_H

#include "base/text.h"
#include "bench/figure_list.h"
#include "bench/sweep.h"

/* How much of its scenario a run sees. */
typedef struct wb_sweep_window {
    double share;         /* of its length */
    double horizon_share; /* of the horizon, if the scenario has one, on top of that */
} wb_sweep_window;

/* Means over the runs of a point's last round; false: it has none. */
bool wb_sweep_average(wb_sweep *sweep, wb_sweep_point *point);

/* How good points are beside each other: whether a is at least as good as b in all objectives, and
 * better in one. */
bool wb_sweep_dominates(const wb_sweep *sweep, const wb_sweep_point *a, const wb_sweep_point *b);

/* Of points that ran in round (indices), the best count first: by how many others are better in all
 * objectives, then by the figure that is to be small, then by index. */
void wb_sweep_rank(const wb_sweep *sweep, uint32_t *indices, uint32_t count);

#endif
