/*
 * A scenario for tests: files in a folder of its own, loaded and run as the command does it.
 *
 *     wb_scenario_fixture_init(&fixture);
 *     wb_scenario_fixture_write(&fixture, "s.yaml", text);
 *     wb_scenario_fixture_load(&fixture, "s.yaml");
 *     wb_scenario_fixture_run(&fixture, 0, store, NULL, &figures);
 */
#ifndef WB_TESTS_SCENARIOS_SCENARIO_FIXTURE_H
#define WB_TESTS_SCENARIOS_SCENARIO_FIXTURE_H

#include "scenarios/simulation.h"
#include "tests/base/scratch_folder.h"

typedef struct wb_scenario_fixture {
    wb_scratch_folder folder;
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_scenario_overrides overrides; /* may be set between init and load */
    wb_scenario scenario;
    wb_status status; /* of the last load or run */
    wb_error err;
} wb_scenario_fixture;

/* Starts with an empty folder and no findings. */
void wb_scenario_fixture_init(wb_scenario_fixture *fixture);
/* Removes the folder. */
void wb_scenario_fixture_release(wb_scenario_fixture *fixture);

/* Writes a file of the scenario's folder; its path as by wb_scratch_folder_join. */
const char *wb_scenario_fixture_write(wb_scenario_fixture *fixture, const char *name,
                                      const char *text);

/* Loads a file of the folder; findings, status and err say how that went. */
void wb_scenario_fixture_load(wb_scenario_fixture *fixture, const char *name);

/* Runs one contender into store; stop_flag may be NULL. */
void wb_scenario_fixture_run(wb_scenario_fixture *fixture, uint32_t contender_index,
                             wb_store *store, const volatile sig_atomic_t *stop_flag,
                             wb_run_figures *out);

/* A small world that has all that a run records: 300 pods and more (services that follow a day,
 * jobs, pods that fit nowhere, a bare pod), a DaemonSet, a budget, and three contenders: "few" (two
 * fixed machines: pods wait), "many" (ten), "karpenter". As the file "world.yaml". */
void wb_scenario_fixture_write_world(wb_scenario_fixture *fixture);

#endif
