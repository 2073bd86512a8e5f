/*
 * A folder of golden cases: what the tests of each kind share. Cases are recorded outcomes of the
 * real programs; they are no part of the repository, and a test without them says that it is
 * skipped.
 */
#ifndef WB_TESTS_BENCH_GOLDEN_FIXTURE_H
#define WB_TESTS_BENCH_GOLDEN_FIXTURE_H

#include "bench/cases.h"

/* The path of golden/<name> in the shared folder, until the next call; skips the whole program
 * where there is none. */
const char *wb_golden_fixture_folder(const char *name);

/* Runs the cases under the folder as options say, whose paths and on_line are set here: each
 * mismatch is printed. Asserts that the cases could be run at all. */
void wb_golden_fixture_run(const char *folder, wb_cases_options options, wb_cases_report *out);

/* The same, and asserts that every case passes and that at least least_count are there: fewer means
 * that the test looked in the wrong place. */
void wb_golden_fixture_pass(const char *folder, wb_cases_options options, size_t least_count);

#endif
