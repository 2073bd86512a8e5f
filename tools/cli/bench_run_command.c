/*
 * werkbank bench run and bench baseline: a suite's runs, into a database, and as the text that
 * bench check holds later runs against.
 */
#include <assert.h>
#include <string.h>

#include "base/file_writer.h"
#include "bench/gate.h"
#include "tools/cli/command_list.h"
#include "tools/cli/gate_output.h"
#include "tools/cli/result_table.h"
#include "tools/cli/suite_session.h"
#include "tools/cli/table_output.h"
#include "tools/cli/terminal.h"

static const wb_option run_options[] = {
    WB_SUITE_SESSION_OPTIONS,
    {.name = "shard",
     .kind = WB_OPTION_TEXT,
     .value_name = "I/N",
     .help = "run only share I of N, from 0, into FILE.I-of-N.db (default: what Slurm, Kubernetes "
             "or AWS Batch say in an array; 'all' ignores them)"},
    {.name = "keep",
     .kind = WB_OPTION_CHOICE,
     .value_name = "WHAT",
     .default_text = "all",
     .choices = "all|figures",
     .help = "what the database holds: every row, or one row per run: identity, figures, work"},
    WB_OPTION_OUTPUT("table|json|csv|markdown"),
};

/* What a person looks at first; the database has the rest. */
static const wb_result_column columns[] = {
    {"RUN", "run", false, false},
    {"COST USD", "cost_usd", true, false},
    {"P99 MS", "pod_latency_ms_p99", true, false},
    {"UNSCHEDULED", "pods_unscheduled", true, false},
    {"NODES", "nodes_launched", true, false},
    {"EVICTIONS", "evictions", true, false},
    {"EVENTS", "work.events", true, false},
    {"CHECKS", "work.requirement_checks", true, false},
    {"DIGEST", "digest", false, false},
    {"BOUNDS", "bounds", false, false},
};

static void add_row(wb_result_table *table, const wb_gate_run *run)
{
    wb_result_table_add_row(table);
    wb_result_table_set(table, 0, run->key);
    for (uint32_t c = 1; c < 8; c++) {
        wb_result_table_set(table, c, wb_baseline_value_of(run->after, columns[c].key));
    }
    wb_result_table_set(table, 8, run->after->digest);
    if (run->failure_count == 0) {
        wb_result_table_set(table, 9, "kept");
        return;
    }
    const wb_gate_change *first = run->changes;
    while (!first->is_failure) {
        first++;
    }
    wb_result_table_set_format(table, 9, "FAILED: %s is %s, %s", first->name, first->after,
                               first->verdict);
}

static wb_exit print_runs(wb_suite_session *session)
{
    wb_gate gate;
    wb_gate_compare(&session->suite, NULL, &session->found, &session->arena, &gate);
    wb_result_table table;
    wb_result_table_init(&table, &session->arena, columns, sizeof(columns) / sizeof(columns[0]));
    for (uint32_t i = 0; i < gate.run_count; i++) {
        add_row(&table, &gate.runs[i]);
    }
    const wb_exit written = wb_table_output_write(session->invocation, &table);
    if (written != WB_EXIT_DONE) {
        return written;
    }
    return gate.failed_count > 0 ? WB_EXIT_FINDING : WB_EXIT_DONE;
}

/* The shard that the option or the engine names; said, since it is easily overlooked. */
static wb_exit find_shard(const wb_suite_session *session, wb_shard *out)
{
    wb_error err = {0};
    const wb_invocation *invocation = session->invocation;
    if (wb_shard_find(wb_command_text(invocation, "shard"), out, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    if (out->count > session->suite.job_count) {
        wb_terminal_error("%s: %u shards of %u runs, expected at most one shard per run",
                          out->source, out->count, session->suite.job_count);
        return WB_EXIT_USAGE;
    }
    if (out->count > 0 && wb_command_text(invocation, "db") == NULL) {
        wb_terminal_error("--db: is missing, expected a file for the runs of the shard");
        return WB_EXIT_USAGE;
    }
    if (out->count > 0 && !wb_command_flag(invocation, "quiet")) {
        wb_terminal_error("shard %u of %u (%s) goes to %s", out->index, out->count, out->source,
                          wb_shard_path(out, wb_command_text(invocation, "db"), invocation->arena));
    }
    return WB_EXIT_DONE;
}

static wb_exit run(wb_invocation *invocation)
{
    wb_suite_session session;
    wb_shard shard;
    wb_exit exit_status = wb_suite_session_open(&session, invocation);
    if (strcmp(wb_command_text(invocation, "keep"), "figures") == 0) {
        session.keep = WB_STORE_KEEP_FIGURES;
    }
    exit_status = exit_status == WB_EXIT_DONE ? find_shard(&session, &shard) : exit_status;
    exit_status =
        exit_status == WB_EXIT_DONE ? wb_suite_session_run(&session, &shard) : exit_status;
    exit_status = exit_status == WB_EXIT_DONE ? print_runs(&session) : exit_status;
    wb_suite_session_close(&session);
    return exit_status;
}

const wb_command wb_bench_run_command = {
    .name = "bench run",
    .operands = "SUITE.yaml",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "run a suite: scenarios under contenders and seeds, several at a time",
    .description =
        "Runs every scenario, contender and seed of the suite, each simulation in a process of\n"
        "its own, and holds the figures against the suite's bounds: exit status 1 when one is\n"
        "broken.\n"
        "What was interrupted goes on where it was when the command is given again with the same\n"
        "--db. The database is the same, to the byte, for any number of processes and shards.",
    .examples = "  werkbank bench run scenarios/suites/smoke.yaml\n"
                "  werkbank bench run scenarios/suites/ci.yaml -j 2 --db ci.db\n"
                "  werkbank bench run scenarios/suites/full.yaml --shard 3/20 --db full.db",
    .options = run_options,
    .option_count = sizeof(run_options) / sizeof(run_options[0]),
    .run = run,
};

/* ---- bench baseline ---- */

static const wb_option baseline_options[] = {
    WB_SUITE_SESSION_OPTIONS,
    {.name = "out",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .default_text = "-",
     .help = "write the baseline to this file"},
    {.name = "results",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "take the runs from this database (of bench run or merge) instead of making them"},
};

static wb_exit write_baseline(const wb_suite_session *session)
{
    const char *path = wb_command_text(session->invocation, "out");
    wb_text text;
    wb_text_init(&text);
    wb_baseline_print(&session->found, &text);
    wb_error err = {0};
    wb_exit exit_status = WB_EXIT_DONE;
    if (strcmp(path, "-") == 0) {
        exit_status = wb_terminal_write_result(&text);
    } else if (wb_file_writer_write_file(path, wb_text_string(&text), text.length, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        exit_status = WB_EXIT_FAILED;
    }
    wb_text_release(&text);
    return exit_status;
}

static wb_exit baseline(wb_invocation *invocation)
{
    wb_suite_session session;
    wb_exit exit_status = wb_suite_session_open(&session, invocation);
    const char *results = wb_command_text(invocation, "results");
    if (exit_status == WB_EXIT_DONE) {
        exit_status = results != NULL ? wb_suite_session_read(&session, results)
                                      : wb_suite_session_run(&session, NULL);
    }
    exit_status = exit_status == WB_EXIT_DONE ? write_baseline(&session) : exit_status;
    wb_suite_session_close(&session);
    return exit_status;
}

const wb_command wb_bench_baseline_command = {
    .name = "bench baseline",
    .operands = "SUITE.yaml",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "write down what a suite gives, for bench check",
    .description =
        "Runs the suite and writes its figures as a small text for version control, one\n"
        "line per figure: a reviewer reads in its diff what a change does.",
    .examples = "  werkbank bench baseline scenarios/suites/ci.yaml --out ci.baseline\n"
                "  werkbank bench baseline full.yaml --results full.db --out full.baseline",
    .options = baseline_options,
    .option_count = sizeof(baseline_options) / sizeof(baseline_options[0]),
    .run = baseline,
};
