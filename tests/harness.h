/*
 * What every CUnit program here shares: a table of named tests, a main that runs it, and the way to
 * skip with a reason. Include it once, in the file that has the table.
 */
#ifndef WB_TESTS_HARNESS_H
#define WB_TESTS_HARNESS_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <CUnit/Basic.h>

typedef struct wb_test_case {
    const char *name; /* reads as a sentence */
    void (*run)(void);
} wb_test_case;

/* Runs count cases as one suite; the value for main to return: 0 all passed, 1 not. */
static inline int wb_test_run(const char *suite_name, const wb_test_case *cases, size_t count)
{
    if (CU_initialize_registry() != CUE_SUCCESS) {
        return 1;
    }
    CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
    for (size_t i = 0; suite != NULL && i < count; i++) {
        if (CU_add_test(suite, cases[i].name, cases[i].run) == NULL) {
            return 1;
        }
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    const unsigned failed = CU_get_number_of_failures() + (suite == NULL ? 1U : 0U);
    CU_cleanup_registry();
    return failed == 0 ? 0 : 1;
}

/* The folder of golden vectors and recordings, or NULL where it is absent. */
static inline const char *wb_test_shared_folder(void)
{
    const char *folder = getenv("WERKBANK_SHARED");
    return folder != NULL && access(folder, R_OK) == 0 ? folder : NULL;
}

/* Ends the program as skipped, saying why. */
static inline void wb_test_skip(const char *reason)
{
    printf("SKIPPED: %s\n", reason);
    exit(77);
}

#define WB_TEST_COUNT(cases) (sizeof(cases) / sizeof((cases)[0]))

#endif
