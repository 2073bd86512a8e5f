/*
 * Where two runs part: the first decision that differs, in words. Everything after it differs as a
 * consequence, so the first is the one to look at.
 *
 *     at 08:14:10 A replaced default-00041 by c7g.2xlarge on-demand (single-node consolidation), B
 *     kept it: budget
 *
 * Where all decisions are the same, the first pod that was bound or ran at another time. Times are
 * hours, minutes and seconds of virtual time.
 */
#ifndef WB_BENCH_RUN_DIFF_H
#define WB_BENCH_RUN_DIFF_H

#include <stdbool.h>

#include "sim/store/store.h"

/* One of the two. */
typedef struct wb_run_side {
    wb_store *store; /* borrowed */
    int64_t run_id;
    const char *label; /* "A" */
} wb_run_side;

typedef struct wb_run_difference {
    bool is_different;
    const char *kind;     /* "decision", "pod", "record"; "" when there is none */
    int64_t at_ms;        /* -1: of no moment */
    uint32_t same_count;  /* decisions that are the same in both, up to there */
    const char *sentence; /* without capital or full stop */
} wb_run_difference;

/* Looks for it; texts live in arena. */
WB_MUST_CHECK wb_status wb_run_diff_find(const wb_run_side *a, const wb_run_side *b,
                                         wb_arena *arena, wb_run_difference *out, wb_error *err);

/* A decision as what somebody did: "replaced default-00041 by c7g.large (...)"; lives in arena. */
const char *wb_run_diff_tell(const wb_decision_row *row, wb_arena *arena);

/* "08:14:10", with milliseconds where there are some. */
void wb_run_diff_print_time(int64_t at_ms, char out[48]);

#endif
