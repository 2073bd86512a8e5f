/*
 * The synthetic workload of the upstream scheduler's benchmark: golden/scheduling/bench.md. Drawn
 * from our own random streams, so the same seed gives the same pods everywhere.
 */
#ifndef WB_BENCH_SOLVER_WORKLOAD_H
#define WB_BENCH_SOLVER_WORKLOAD_H

#include "kube/catalog/catalog.h"
#include "kube/nodepool.h"
#include "kube/pod.h"

/* The 400 types fake-it-<i> with five offerings each. */
wb_catalog wb_solver_workload_catalog(wb_arena *arena, wb_intern *intern);

/* The one NodePool. */
wb_nodepool wb_solver_workload_nodepool(wb_arena *arena, wb_intern *intern);

/* count pods of the five classes, each with a template of its own. */
const wb_pod *wb_solver_workload_diverse(wb_arena *arena, wb_intern *intern, uint32_t count,
                                         uint64_t seed);

/* count equal pods with preferences that can't all be met. */
const wb_pod *wb_solver_workload_preference(wb_arena *arena, wb_intern *intern, uint32_t count,
                                            uint64_t seed);

#endif
