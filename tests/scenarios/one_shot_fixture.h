/*
 * What the tests of one-shot provisioning share: manifests as text in, an input and its solution
 * out. Every test's files come with the same NodePool unless they bring their own.
 */
#ifndef WB_TESTS_SCENARIOS_ONE_SHOT_FIXTURE_H
#define WB_TESTS_SCENARIOS_ONE_SHOT_FIXTURE_H

#include "scenarios/one_shot/one_shot.h"

/* A NodePool "general" of c, m and r types, amd64, spot and on-demand, and its NodeClass. */
extern const char wb_one_shot_fixture_pool[];

typedef struct wb_one_shot_fixture {
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_one_shot_input input;
    wb_one_shot_solution solution;
    bool is_solved;
    wb_error err;
    wb_status status; /* of reading */
} wb_one_shot_fixture;

/* Reads the two texts (each a stream of documents; second may be NULL) as one set of files. */
void wb_one_shot_fixture_read(wb_one_shot_fixture *f, const char *first, const char *second,
                              bool ignores_cluster);

/* Reads and solves with explains; reading must succeed. */
void wb_one_shot_fixture_solve(wb_one_shot_fixture *f, const char *first, const char *second);

/* Ends what read or solve began. */
void wb_one_shot_fixture_release(wb_one_shot_fixture *f);

#endif
