/*
 * Which runs of the claim order (claims with equally many pods) have claims of which class.
 *
 * When no claim of some classes can take a pod, the claims of the others are looked for in runs
 * that have any, and runs of thousands are passed over in one step. Some 10 classes times 100 runs.
 */
#ifndef WB_SOLVER_CLASS_RUNS_H
#define WB_SOLVER_CLASS_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Claims of one class, by number of pods. */
typedef struct wb_class_run {
    uint32_t class_id;
    uint32_t *claim_counts;
    uint32_t capacity;
} wb_class_run;

typedef struct wb_class_runs {
    wb_arena *arena; /* borrowed */
    wb_class_run *classes;
    uint32_t class_count, class_capacity;
    uint32_t *place_of; /* by class id: 1 + place in classes, 0: none */
    uint32_t place_capacity;
} wb_class_runs;

/* Starts empty. */
void wb_class_runs_init(wb_class_runs *runs, wb_arena *arena);

/* One more claim of the class with so many pods. */
void wb_class_runs_add(wb_class_runs *runs, uint32_t class_id, uint32_t pod_count);

/* A claim with so many pods got one more, and with it another class or the same. */
void wb_class_runs_move(wb_class_runs *runs, uint32_t from_class_id, uint32_t to_class_id,
                        uint32_t pod_count);

/* Whether some claim with so many pods is of a class that has not refused this try: refused_try is
 * by class id (claim_classes.h). */
bool wb_class_runs_has_open(const wb_class_runs *runs, uint32_t pod_count,
                            const uint64_t *refused_try, uint64_t try_serial);

#endif
