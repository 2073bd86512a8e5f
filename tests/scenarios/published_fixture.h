/*
 * Figures of the scenarios under scenarios/published, exactly: a table of what to ask a run's
 * database for, and the answers. docs/fidelity.md puts the same figures beside the published ones.
 */
#ifndef WB_TESTS_SCENARIOS_PUBLISHED_FIXTURE_H
#define WB_TESTS_SCENARIOS_PUBLISHED_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

/* One question about one run; rows of the same scenario, contender and seed share it. */
typedef struct wb_published_row {
    const char *name;
    const char *scenario; /* below scenarios/published */
    uint32_t contender_index;
    uint64_t seed;
    const char *sql; /* one value; ?1 is the run */
    const char *expected;
} wb_published_row;

/* Runs what the rows name and asserts their answers, printing those that differ. */
void wb_published_fixture_check(const wb_published_row *rows, size_t count);

#endif
