/*
 * What holds of every recorded run, whatever the scenario and the contender: laws as SQL, each
 * giving the rows that break it.
 */
#ifndef WB_TESTS_SCENARIOS_RUN_LAWS_H
#define WB_TESTS_SCENARIOS_RUN_LAWS_H

#include "tests/scenarios/run_fixture.h"

/* How many laws there are; the name of one reads as a sentence. */
size_t wb_run_laws_count(void);
const char *wb_run_laws_name(size_t law);

/* Whether the run keeps a law; when not, prints the first rows that break it unless is_silent. */
bool wb_run_laws_is_kept(wb_run_fixture *fixture, size_t law, int64_t run_id, bool is_silent);

/* Laws that the run breaks, each printed with its first rows; 0 when it breaks none. */
uint32_t wb_run_laws_check(wb_run_fixture *fixture, int64_t run_id);

#endif
