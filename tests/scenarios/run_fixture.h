/*
 * Whole runs for tests: a scenario loaded, run under its contenders into a database of its own, and
 * that database asked in SQL.
 */
#ifndef WB_TESTS_SCENARIOS_RUN_FIXTURE_H
#define WB_TESTS_SCENARIOS_RUN_FIXTURE_H

#include <sqlite3.h>

#include "scenarios/simulation.h"
#include "tests/base/scratch_folder.h"

typedef struct wb_run_fixture {
    wb_scratch_folder folder; /* for the scenario's files, when it is made here */
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_scenario scenario;
    wb_store *store; /* owned: runs.db in the folder */
    sqlite3 *db;     /* owned: the same file, for queries */
} wb_run_fixture;

/* Starts with an empty folder and database. */
void wb_run_fixture_init(wb_run_fixture *fixture);
void wb_run_fixture_release(wb_run_fixture *fixture);

/* Loads a scenario file; false, with what is wrong printed, when it has faults. */
bool wb_run_fixture_load(wb_run_fixture *fixture, const char *path);

/* The same of a shipped scenario ("day"). */
bool wb_run_fixture_load_shipped(wb_run_fixture *fixture, const char *name);

/* Runs one contender; it must end well (asserted). */
wb_run_figures wb_run_fixture_run(wb_run_fixture *fixture, uint32_t contender_index,
                                  wb_event_queue_kind queue_kind);

/* The connection that the queries below use, from now on in one transaction that ends, undone, with
 * the fixture: for changes that a query should find. */
sqlite3 *wb_run_fixture_writable(wb_run_fixture *fixture);

/* Rows that sql gives for run_id; prints the first ones under title (NULL: silently). */
uint32_t wb_run_fixture_count_rows(wb_run_fixture *fixture, const char *title, const char *sql,
                                   int64_t run_id);

#endif
