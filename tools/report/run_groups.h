/*
 * Runs by contender: the same contender under several seeds is one column of a comparison, its
 * mean; differences to another contender are taken seed by seed.
 */
#ifndef WB_TOOLS_REPORT_RUN_GROUPS_H
#define WB_TOOLS_REPORT_RUN_GROUPS_H

#include "base/arena.h"
#include "sim/store/store.h"
#include "bench/paired.h"

typedef struct wb_run_group {
    wb_run_figures mean;         /* of every figure; contender and scenario as in the runs */
    const wb_run_figures **runs; /* borrowed, in the order given; one per seed, the latest */
    uint32_t run_count;
} wb_run_group;

typedef struct wb_run_groups {
    wb_run_group *items; /* by first appearance; lives in the arena */
    uint32_t count;
} wb_run_groups;

/* Groups count >= 1 runs, which must outlive the groups. */
wb_run_groups wb_run_groups_make(const wb_run_figures *runs, uint32_t count, wb_arena *arena);

/* The group of a contender, or NULL. */
const wb_run_group *wb_run_groups_find(const wb_run_groups *groups, const char *contender);

/* The mean of a figure over the seeds, not rounded as in mean, where whole figures stay whole. */
double wb_run_groups_mean(const wb_run_group *of, uint32_t figure);

/* A figure (index in the figure list) of one group less that of the baseline, over the seeds that
 * both have, in the figure's unit; is_relative: over the baseline's mean. count 0: no common seed,
 * or a relative difference to nothing. */
wb_paired wb_run_groups_compare(const wb_run_group *of, const wb_run_group *baseline,
                                uint32_t figure, bool is_relative);

/* Whether a figure is a row of tables: one that is shown if any has it is not where no group knows
 * it (a bill that nobody asked for). */
bool wb_run_groups_know(const wb_run_groups *groups, uint32_t figure);

#endif
