/*
 * The runs of a database that are shown together: drawn, told, exported, watched.
 *
 * One database may hold many runs. A set has one run of each contender: that of the lowest seed, or
 * of the seed asked for; the latest if it was recorded again. The same contender has the same
 * colour wherever it is drawn: blue for the first karpenter, vermilion for the first
 * cluster_autoscaler, green for fixed (Okabe and Ito's palette, told apart by the colour-blind),
 * others by their order.
 */
#ifndef WB_TOOLS_RUNS_RUN_SET_H
#define WB_TOOLS_RUNS_RUN_SET_H

#include "base/arena.h"
#include "sim/store/store.h"

#define WB_RUN_SET_MAX 6 /* more lines than that are not told apart */

typedef struct wb_run_set_item {
    int64_t run_id, end_ms;
    const char *contender, *kind; /* live in the arena of the set */
    const char *color;            /* "#0072B2" */
} wb_run_set_item;

typedef struct wb_run_set {
    wb_store *store; /* borrowed */
    wb_arena *arena; /* borrowed; outlives the set */
    const char *scenario;
    uint64_t seed;
    int64_t epoch_ms; /* calendar time of virtual 0; -1: none */
    int64_t span_ms;  /* of the longest run, at least 1 */
    wb_run_set_item runs[WB_RUN_SET_MAX];
    uint32_t run_count;
} wb_run_set;

/* Chooses the runs. seed < 0: the lowest one there is. WB_ERR_INPUT when no finished run of that
 * seed exists; more than WB_RUN_SET_MAX contenders: the first ones are taken. */
WB_MUST_CHECK wb_status wb_run_set_open(wb_store *store, int64_t seed, wb_arena *arena,
                                        wb_run_set *out, wb_error *err);

#endif
