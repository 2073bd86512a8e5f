/*
 * The verdict of a gate in the forms that people and CI systems read.
 *
 *     table       changes for people, a line at the end that says how it went
 *     json        one document, schema "werkbank-check/1"
 *     junit       a test case per run, a failure where it fails
 *     markdown    for a job summary or a comment on a pull request
 *     benchmark   github-action-benchmark's customSmallerIsBetter: what should be small, per run
 */
#ifndef WB_TOOLS_CLI_GATE_OUTPUT_H
#define WB_TOOLS_CLI_GATE_OUTPUT_H

#include "bench/gate.h"
#include "bench/program_run.h"

typedef struct wb_gate_report {
    const wb_gate *gate;
    const wb_suite *suite;
    const wb_program_times *times; /* NULL: not asked for */
    bool times_fail;
} wb_gate_report;

/* Appends the report in that format (asserted to be one of the above). arena: scratch. */
void wb_gate_output_print(const wb_gate_report *report, const char *format, wb_arena *arena,
                          wb_text *out);

/* Whether anything failed. */
bool wb_gate_output_is_failure(const wb_gate_report *report);

#endif
