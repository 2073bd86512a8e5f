/*
 * Small random scenarios: a function of the seed, no two alike. Several NodePools (taints, weights,
 * limits, budgets, expiry, every consolidation policy), node groups of one or several types,
 * Deployments and StatefulSets with spreads, affinities and PDBs that are scaled and deleted, Jobs,
 * DaemonSets from the start or later, a generated trace, a horizon or none.
 */
#ifndef WB_TESTS_SCENARIOS_SCENARIO_MAKER_H
#define WB_TESTS_SCENARIOS_SCENARIO_MAKER_H

#include <stdint.h>

#include "tests/base/scratch_folder.h"

/* Node groups of a made scenario have at most so many instances each (per zone, where they are per
 * zone), and NodePools that have a limit so many CPUs; these neither expire nor consolidate. */
#define WB_SCENARIO_MAKER_GROUP_MAX 12
#define WB_SCENARIO_MAKER_LIMIT     "32"

/* Writes the files of the scenario into folder; returns the scenario's path as by join. Contender 0
 * is Karpenter, 1 Cluster Autoscaler. */
const char *wb_scenario_maker_write(wb_scratch_folder *folder, uint64_t seed);

#endif
