/*
 * werkbank bench check: a suite against its baseline.
 *
 *     runs made (or read) ─▶ figures compared ─▶ first differing decision ─▶ told, exit 0 or 1
 *                                                   │
 *                            from the baseline's database, else by asking the baseline's program,
 *                            else by the trail in the baseline itself
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file_writer.h"
#include "tools/cli/command_list.h"
#include "tools/cli/gate_output.h"
#include "tools/cli/suite_session.h"
#include "tools/cli/terminal.h"

#define EXPLAINED_BY_PROGRAM_MAX 5 /* changed runs that the old program makes again */

static const wb_option options[] = {
    WB_SUITE_SESSION_OPTIONS,
    {.name = "baseline",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "what bench baseline wrote (needed)"},
    {.name = "results",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "check the runs of this database (of bench run or merge) instead of making them"},
    {.name = "baseline-db",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "the runs of the baseline (bench run --db): tells what was decided there"},
    {.name = "program",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "the baseline's program: tells the same by making changed runs again"},
    {.name = "time",
     .kind = WB_OPTION_FLAG,
     .help = "also compare CPU time with --program, run in turns"},
    {.name = "junit",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "write the verdict there too, as JUnit XML"},
    {.name = "markdown",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "likewise, as Markdown (a job summary)"},
    {.name = "json", .kind = WB_OPTION_TEXT, .value_name = "FILE", .help = "likewise, as JSON"},
    {.name = "benchmark",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "likewise, as input of github-action-benchmark (customSmallerIsBetter)"},
    WB_OPTION_OUTPUT("table|json|junit|markdown|benchmark"),
};

typedef struct check_state {
    wb_suite_session session;
    wb_baseline baseline;
    wb_gate gate;
    wb_program_times times;
    bool has_times;
} check_state;

static wb_status explain_by_database(check_state *state, wb_error *err)
{
    const char *path = wb_command_text(state->session.invocation, "baseline-db");
    wb_arena *arena = &state->session.arena;
    wb_gate_stores stores = {.after = state->session.store};
    if (path == NULL) {
        return wb_gate_explain(&state->gate, &stores, arena, err);
    }
    wb_baseline in_before;
    WB_TRY(wb_store_open_readonly(path, &stores.before, err));
    wb_status status = wb_baseline_from_store(stores.before, arena, &in_before, err);
    stores.in_before = &in_before;
    status = status == WB_OK ? wb_gate_explain(&state->gate, &stores, arena, err) : status;
    wb_store_close(stores.before);
    return status;
}

/* The changed run as the old program makes it, in a database of its own. */
static wb_status explain_run_by_program(check_state *state, uint32_t index, const wb_run_job *job,
                                        const char *program, wb_error *err)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s.before-%ld", state->session.db_path, (long)getpid());
    wb_store *before = NULL;
    wb_status status = wb_program_run_job(program, job, path, NULL, err);
    status = status == WB_OK ? wb_store_open_readonly(path, &before, err) : status;
    const wb_run_side side = {before, 1, "the baseline"};
    status = status == WB_OK ? wb_gate_explain_run(&state->gate.runs[index], &side,
                                                   state->session.store, &state->session.arena, err)
                             : status;
    wb_store_close(before);
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        char file[4200];
        (void)snprintf(file, sizeof file, "%s%s", path, endings[i]);
        (void)unlink(file);
    }
    return status;
}

static wb_status explain_by_program(check_state *state, const char *program, wb_error *err)
{
    const wb_suite *suite = &state->session.suite;
    uint32_t explained_count = 0;
    for (uint32_t i = 0; i < state->gate.run_count && explained_count < EXPLAINED_BY_PROGRAM_MAX;
         i++) {
        const wb_gate_run *run = &state->gate.runs[i];
        for (uint32_t j = 0; *run->first_difference != 0 && j < suite->job_count; j++) {
            if (strcmp(suite->jobs[j].key, run->key) == 0) {
                WB_TRY(explain_run_by_program(state, i, &suite->jobs[j], program, err));
                explained_count++;
                break;
            }
        }
    }
    return WB_OK;
}

static wb_status compare_times(check_state *state, const char *program, wb_error *err)
{
    const wb_suite *suite = &state->session.suite;
    char self[4096];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0) {
        return wb_fail(err, WB_ERR_IO, "--time: cannot find this program's own file");
    }
    self[length] = 0;
    state->has_times = true;
    const wb_program_turns turns = {program, self, suite->time_rounds};
    return wb_program_run_turns(&turns, suite->jobs, suite->job_count, &state->times, err);
}

static wb_status judge(check_state *state, wb_error *err)
{
    const wb_invocation *invocation = state->session.invocation;
    const char *program = wb_command_text(invocation, "program");
    wb_gate_compare(&state->session.suite, &state->baseline, &state->session.found,
                    &state->session.arena, &state->gate);
    WB_TRY(explain_by_database(state, err));
    if (program != NULL && wb_command_text(invocation, "baseline-db") == NULL) {
        WB_TRY(explain_by_program(state, program, err));
    }
    return wb_command_flag(invocation, "time") ? compare_times(state, program, err) : WB_OK;
}

/* The forms that CI systems take as files. */
static wb_status write_files(check_state *state, const wb_gate_report *report, wb_error *err)
{
    static const char *const forms[] = {"junit", "markdown", "json", "benchmark"};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const char *path = wb_command_text(state->session.invocation, forms[i]);
        if (path == NULL) {
            continue;
        }
        wb_text text;
        wb_text_init(&text);
        wb_gate_output_print(report, forms[i], &state->session.arena, &text);
        const wb_status status =
            wb_file_writer_write_file(path, wb_text_string(&text), text.length, err);
        wb_text_release(&text);
        WB_TRY(status);
    }
    return WB_OK;
}

static wb_exit report_all(check_state *state)
{
    wb_error err = {0};
    if (judge(state, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_FAILED;
    }
    const wb_gate_report report = {
        .gate = &state->gate,
        .suite = &state->session.suite,
        .times = state->has_times ? &state->times : NULL,
        .times_fail =
            state->has_times && state->times.ratio > 1.0 + state->session.suite.time_tolerance,
    };
    if (write_files(state, &report, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_FAILED;
    }
    wb_text text;
    wb_text_init(&text);
    wb_gate_output_print(&report, wb_command_text(state->session.invocation, "output"),
                         &state->session.arena, &text);
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    if (written != WB_EXIT_DONE) {
        return written;
    }
    return wb_gate_output_is_failure(&report) ? WB_EXIT_FINDING : WB_EXIT_DONE;
}

/* Options that want each other, said before anything runs. */
static wb_exit check_options(const wb_invocation *invocation)
{
    if (wb_command_text(invocation, "baseline") == NULL) {
        wb_terminal_error("--baseline: is missing, expected a file that bench baseline wrote");
        return WB_EXIT_USAGE;
    }
    if (wb_command_flag(invocation, "time") && wb_command_text(invocation, "program") == NULL) {
        wb_terminal_error("--time: needs --program, the program to compare with");
        return WB_EXIT_USAGE;
    }
    const char *program = wb_command_text(invocation, "program");
    if (program != NULL && access(program, X_OK) != 0) {
        wb_terminal_error("--program: '%s' cannot be run, expected a werkbank program", program);
        return WB_EXIT_USAGE;
    }
    return WB_EXIT_DONE;
}

static wb_exit load_and_run(check_state *state)
{
    const wb_invocation *invocation = state->session.invocation;
    wb_error err = {0};
    if (wb_baseline_read(wb_command_text(invocation, "baseline"), &state->session.arena,
                         &state->baseline, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    const char *results = wb_command_text(invocation, "results");
    return results != NULL ? wb_suite_session_read(&state->session, results)
                           : wb_suite_session_run(&state->session, NULL);
}

static wb_exit run(wb_invocation *invocation)
{
    wb_exit exit_status = check_options(invocation);
    if (exit_status != WB_EXIT_DONE) {
        return exit_status;
    }
    check_state state = {.has_times = false};
    exit_status = wb_suite_session_open(&state.session, invocation);
    exit_status = exit_status == WB_EXIT_DONE ? load_and_run(&state) : exit_status;
    exit_status = exit_status == WB_EXIT_DONE ? report_all(&state) : exit_status;
    wb_suite_session_close(&state.session);
    return exit_status;
}

const wb_command wb_bench_check_command = {
    .name = "bench check",
    .operands = "SUITE.yaml",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "hold a suite against its baseline: exit status 1 on a regression",
    .description =
        "Runs the suite and compares every figure with the baseline. Simulations have no noise,\n"
        "so any change is named; one beyond its tolerance fails. Speed is judged by work counted\n"
        "(events, checks, simulations, rows), and with --time by CPU time as a ratio to the\n"
        "baseline's program. For each changed run the first decision that differs is told.",
    .examples =
        "  werkbank bench check scenarios/suites/ci.yaml --baseline ci.baseline\n"
        "  werkbank bench check ci.yaml --baseline ci.baseline --program ./werkbank-main \\\n"
        "      --time --junit check.xml --markdown check.md",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
