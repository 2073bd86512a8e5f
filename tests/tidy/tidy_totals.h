/*
 * The house in figures: function lengths, comments, asserts, for any set of folders. Tests are best
 * counted apart: their tables of cases would spoil the figures of what is shipped.
 */
#ifndef WB_TESTS_TIDY_TIDY_TOTALS_H
#define WB_TESTS_TIDY_TIDY_TOTALS_H

#include <stddef.h>
#include <stdint.h>

#include "tests/tidy/tidy_tree.h"

typedef struct wb_tidy_totals {
    size_t file_count, function_count;
    size_t line_count;                           /* that are not blank */
    size_t comment_line_count;                   /* of these, with a comment on them */
    size_t assert_count;                         /* assert, static_assert */
    size_t long_function_count;                  /* over WB_TIDY_LONG_FUNCTION lines */
    uint32_t lines_median, lines_p90, lines_max; /* per function */
} wb_tidy_totals;

/* From here on a function is more than one screen on many screens. */
#define WB_TIDY_LONG_FUNCTION 60

/* Sums up the C files under the given folders: "base/ kube/". */
void wb_tidy_totals_init(wb_tidy_totals *out, const wb_tidy_tree *tree, const char *folders);

/* Shares in percent, and asserts per 1,000 lines; 0 for an empty house. */
double wb_tidy_totals_comment_percent(const wb_tidy_totals *totals);
double wb_tidy_totals_long_function_percent(const wb_tidy_totals *totals);
double wb_tidy_totals_asserts_per_1000(const wb_tidy_totals *totals);

#endif
