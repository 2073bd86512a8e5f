/*
 * The machines of a run's bound: what the contenders may buy, with what of it is left for pods, and
 * which classes of pods may run there.
 *
 *     universe's options ──▶ capacity less DaemonSets' pods, least price, classes
 *     the run's machines ──▶ whatever no option covers is added as the run shows it
 *
 * DaemonSets are counted only where the run bears them out: every one of its nodes must have
 * carried at least what is taken off, from its first pod of the workload to its last.
 */
#ifndef WB_SCENARIOS_BOUND_BOUND_MACHINES_H
#define WB_SCENARIOS_BOUND_BOUND_MACHINES_H

#include "solver/cost_bound.h"
#include "scenarios/bound/bound_universe.h"
#include "scenarios/bound/run_classes.h"

/* A machine by name; ids are interned. */
typedef struct wb_bound_machine {
    uint32_t type_name, zone;
    wb_capacity_type capacity_type;
    uint32_t contender;             /* whose it is; the run's own for what only the run shows */
    int64_t listed_nusd;            /* per hour: the catalog's price */
    const wb_market_series *prices; /* borrowed: what it cost over time; NULL: that, all the time */
} wb_bound_machine;

typedef struct wb_bound_machines {
    wb_cost_bound_machine *items; /* prices in USD per hour, the catalog's */
    wb_bound_machine *names;      /* of the same index */
    uint32_t count, seen_count;   /* the last seen_count are the run's own, covered by no option */
    bool counts_daemons;
    bool have_prices; /* some machine has a price history */
} wb_bound_machines;

/* Everything lives in arena. */
void wb_bound_machines_make(wb_arena *arena, const wb_bound_universe *universe,
                            const wb_finished_run *run, const wb_run_classes *classes,
                            uint32_t contender, wb_bound_machines *out);

/* The least price of a machine between two times, in USD per hour. */
double wb_bound_machines_least_price(const wb_bound_machine *machine, int64_t from_ms,
                                     int64_t to_ms);

#endif
