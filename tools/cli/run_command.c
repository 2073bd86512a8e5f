/*
 * werkbank run: a scenario under its contenders, into a database, and the comparison printed.
 *
 *     load     scenario, manifests, traces to their last line   wrong: status 2, no database
 *     run      each contender in turn, each a row of runs       wrong: status 3, run failed
 *     print    figures read back through the views; a story when decisions are few
 *
 * The comparison is printed from the database and not from what the simulation remembers: what is
 * stored is what is shown. Without --db the database is in memory.
 */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "kube/names.h"
#include "scenarios/simulation.h"
#include "tools/cli/bill_story.h"
#include "tools/cli/cloud_story.h"
#include "tools/cli/command_list.h"
#include "tools/cli/fault_story.h"
#include "tools/cli/figure_table.h"
#include "tools/cli/terminal.h"
#include "tools/cli/trace_source.h"
#include "tools/cli/version.h"

#define WB_RUN_CONTENDERS_MAX 12
#define STORY_DECISIONS_MAX   16 /* more would bury the figures */

static const wb_option options[] = {
    {.name = "trace",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "replay this trace instead of the scenario's; formats that trace import knows are "
             "imported on the way"},
    {.name = "spot",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "replay the spot records of this trace instead of those of spec.spot.recorded, laid "
             "over the scenario as its first entry says"},
    {.name = "db",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "record the runs in this SQLite database (made if need be)"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "seed of every random stream, instead of the scenario's"},
    {.name = "contender",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "NAME",
     .help = "run only this contender"},
    {.name = "catalog",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "use this instance catalog (from catalog import) instead of the shipped one"},
    {.name = "queue",
     .kind = WB_OPTION_CHOICE,
     .value_name = "KIND",
     .default_text = "calendar",
     .choices = "calendar|heap",
     .help = "the pending-event set; both give the same bytes"},
    {.name = "strict",
     .kind = WB_OPTION_FLAG,
     .help = "refuse unknown fields in manifests and scenarios instead of warning"},
    WB_OPTION_OUTPUT("table|wide|json|csv|markdown"),
};

/* One invocation's parts, released together. */
typedef struct run_state {
    wb_invocation *invocation;
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_scenario scenario;
    wb_store *store;
    wb_run_figures figures[WB_RUN_CONTENDERS_MAX];
    uint32_t run_count;
    double started_at;
    const char *contender_name;
} run_state;

/* The end is the scenario's expected one; a run that goes on beyond it stays at 100 %. */
static void show_progress(void *context, const wb_simulation_progress *progress)
{
    const run_state *state = context;
    const double seconds = wb_terminal_seconds() - state->started_at;
    const double done = progress->expected_end_ms > 0
                            ? (double)progress->now_ms / (double)progress->expected_end_ms
                            : 0.0;
    const double share = done > 1.0 ? 1.0 : done;
    const double rest = share > 0.001 ? seconds / share - seconds : 0.0;
    char now[48];
    wb_duration_print(progress->now_ms - progress->now_ms % 1000, now);
    char bar[21];
    for (int i = 0; i < 20; i++) {
        bar[i] = (double)i < share * 20.0 ? '#' : '.';
    }
    bar[20] = 0;
    wb_terminal_show_progress(
        "%s [%s] %s simulated, %.1fM events/s, %u nodes, %u pending, ETA %.0f s",
        state->contender_name, bar, now,
        seconds > 0.0 ? (double)progress->event_count / seconds / 1e6 : 0.0, progress->node_count,
        progress->pending_count, rest);
}

static bool is_wanted(const run_state *state, const char *name)
{
    const wb_option_value *wanted = wb_command_value(state->invocation, "contender");
    for (uint32_t i = 0; i < wanted->text_count; i++) {
        if (strcmp(wanted->texts[i], name) == 0) {
            return true;
        }
    }
    return wanted->text_count == 0;
}

/* Every --contender must be one of the scenario's. */
static wb_status check_wanted(const run_state *state, wb_error *err)
{
    const wb_option_value *wanted = wb_command_value(state->invocation, "contender");
    for (uint32_t i = 0; i < wanted->text_count; i++) {
        bool is_known = false;
        for (uint32_t j = 0; j < state->scenario.contender_count; j++) {
            is_known =
                is_known || strcmp(state->scenario.contenders[j].name, wanted->texts[i]) == 0;
        }
        if (!is_known) {
            return wb_fail(err, WB_ERR_INPUT,
                           "--contender: '%s' is not a contender of %s, expected "
                           "one of its names, such as '%s'",
                           wanted->texts[i], state->scenario.path,
                           state->scenario.contenders[0].name);
        }
    }
    if (state->scenario.contender_count > WB_RUN_CONTENDERS_MAX) {
        return wb_fail(err, WB_ERR_LIMIT, "%s: %u contenders, expected at most %d",
                       state->scenario.path, state->scenario.contender_count,
                       WB_RUN_CONTENDERS_MAX);
    }
    return WB_OK;
}

/* The traces that an option names, imported where they are of other formats. */
static wb_status open_traces(run_state *state, const char *option, const char ***out, wb_error *err)
{
    const wb_option_value *files = wb_command_value(state->invocation, option);
    const bool is_quiet = wb_command_flag(state->invocation, "quiet");
    const char **paths = WB_ARENA_ARRAY(&state->arena, const char *, files->text_count + 1);
    for (uint32_t i = 0; i < files->text_count; i++) {
        WB_TRY(wb_trace_source_open(files->texts[i], is_quiet, &state->arena, &paths[i], err));
    }
    *out = paths;
    return WB_OK;
}

/* Nothing is written until all of it is known to be right. */
static wb_status load(run_state *state, wb_error *err)
{
    wb_invocation *invocation = state->invocation;
    const char **traces = NULL;
    const char **spots = NULL;
    WB_TRY(open_traces(state, "trace", &traces, err));
    WB_TRY(open_traces(state, "spot", &spots, err));
    const wb_scenario_overrides overrides = {
        .findings = &state->findings,
        .trace_paths = traces,
        .trace_count = wb_command_value(invocation, "trace")->text_count,
        .spot_paths = spots,
        .spot_count = wb_command_value(invocation, "spot")->text_count,
        .seed_is_set = wb_command_flag(invocation, "seed"),
        .seed = (uint64_t)wb_command_number(invocation, "seed"),
        .catalog_path = wb_command_text(invocation, "catalog"),
    };
    const wb_status status =
        wb_scenario_load(&state->arena, &state->intern, invocation->operands[0], &overrides,
                         &state->scenario, err);
    WB_TRY(wb_terminal_close_findings(invocation, &state->findings, status, err));
    return check_wanted(state, err);
}

static wb_status run_contenders(run_state *state, wb_error *err)
{
    const char *db = wb_command_text(state->invocation, "db");
    WB_TRY(wb_store_open(db != NULL ? db : ":memory:", &state->store, err));
    const bool has_progress = wb_terminal_has_progress(state->invocation);
    const bool is_heap = strcmp(wb_command_text(state->invocation, "queue"), "heap") == 0;
    const wb_simulation_options simulation = {
        .store = state->store,
        .stop_flag = wb_terminal_stop_flag(),
        .progress = has_progress ? show_progress : NULL,
        .progress_context = state,
        .queue_kind = is_heap ? WB_EVENT_QUEUE_HEAP : WB_EVENT_QUEUE_CALENDAR,
        .version = WB_VERSION,
    };
    for (uint32_t i = 0; i < state->scenario.contender_count; i++) {
        state->contender_name = state->scenario.contenders[i].name;
        if (!is_wanted(state, state->contender_name)) {
            continue;
        }
        state->started_at = wb_terminal_seconds();
        WB_TRY(wb_simulation_run(&state->scenario, &state->intern, i, &simulation,
                                 &state->figures[state->run_count], err));
        state->run_count++;
        wb_terminal_finish_progress();
    }
    return WB_OK;
}

/* Stories are for people, not for programs that read figures. */
static bool tells_stories(const run_state *state)
{
    const char *format = wb_command_text(state->invocation, "output");
    return strcmp(format, "table") == 0 || strcmp(format, "wide") == 0;
}

/* What the cloud and the scenario's faults did to each run, behind an empty line if anything. */
static wb_status add_cloud_story(run_state *state, wb_text *out, wb_error *err)
{
    wb_text told;
    wb_text_init(&told);
    wb_status status = WB_OK;
    for (uint32_t i = 0; tells_stories(state) && i < state->run_count && status == WB_OK; i++) {
        status = wb_bill_story_print(state->store, &state->figures[i], &state->arena, &told, err);
        if (status == WB_OK) {
            status =
                wb_cloud_story_print(state->store, &state->figures[i], &state->arena, &told, err);
        }
        if (status == WB_OK) {
            status = wb_fault_story_print(state->store, &state->figures[i], &told, err);
        }
    }
    if (told.length > 0) {
        wb_text_add_format(out, "\n%s", wb_text_string(&told));
    }
    wb_text_release(&told);
    return status;
}

/* The story of a run that took few decisions: what was launched when, and why. */
static wb_status add_story(run_state *state, wb_text *out, wb_error *err)
{
    if (!tells_stories(state)) {
        return WB_OK;
    }
    for (uint32_t r = 0; r < state->run_count; r++) {
        wb_decision_rows rows;
        WB_TRY(wb_store_decisions(state->store, &state->arena, state->figures[r].run_id,
                                  STORY_DECISIONS_MAX, &rows, err));
        if (rows.total_count > STORY_DECISIONS_MAX) {
            continue; /* a long story: the table decisions has it */
        }
        for (uint32_t i = 0; i < rows.count; i++) {
            char at[48];
            wb_duration_print(rows.items[i].at_ms - rows.items[i].at_ms % 1000, at);
            wb_text_add_format(out, "%s%s at %s: %s: %s (%s)\n", i == 0 ? "\n" : "",
                               state->figures[r].contender, at, rows.items[i].kind,
                               rows.items[i].outcome, rows.items[i].reason);
        }
    }
    return WB_OK;
}

static wb_status print_figures(run_state *state, wb_error *err)
{
    const wb_unscheduled_group *groups[WB_RUN_CONTENDERS_MAX];
    uint32_t counts[WB_RUN_CONTENDERS_MAX];
    for (uint32_t i = 0; i < state->run_count; i++) {
        wb_unscheduled_group *found = NULL;
        WB_TRY(wb_store_unscheduled(state->store, &state->arena, state->figures[i].run_id, &found,
                                    &counts[i], err));
        groups[i] = found;
    }
    const wb_figure_table table = {
        .runs = state->figures,
        .run_count = state->run_count,
        .unscheduled = groups,
        .unscheduled_counts = counts,
        .scenario = state->scenario.name,
        .price_source = state->scenario.catalog.price_source,
        .is_colored = wb_terminal_has_color(state->invocation),
    };
    wb_text text;
    wb_text_init(&text);
    wb_figure_table_print(&table, &state->arena, wb_command_text(state->invocation, "output"),
                          &text);
    wb_status told = add_cloud_story(state, &text, err);
    told = told == WB_OK ? add_story(state, &text, err) : told;
    if (told != WB_OK) {
        wb_text_release(&text);
        return told;
    }
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return written == WB_EXIT_DONE ? WB_OK : WB_ERR_IO; /* said by the writer */
}

static wb_exit execute(run_state *state)
{
    wb_error err = {0};
    if (load(state, &err) != WB_OK) {
        wb_terminal_print_error(&err);
        return WB_EXIT_USAGE;
    }
    wb_status status = run_contenders(state, &err);
    if (status == WB_OK) {
        status = print_figures(state, &err);
    }
    if (status == WB_OK) {
        return WB_EXIT_DONE;
    }
    wb_terminal_print_error(&err);
    if (*wb_terminal_stop_flag() != 0) {
        return wb_terminal_signal_exit();
    }
    return state->store == NULL ? WB_EXIT_USAGE : WB_EXIT_FAILED;
}

static wb_exit run(wb_invocation *invocation)
{
    run_state state = {.invocation = invocation};
    wb_arena_init(&state.arena, "scenario", 0, NULL);
    wb_intern_init(&state.intern, &state.arena);
    wb_names_init(&state.intern);
    wb_findings_init(&state.findings, &state.arena, wb_command_flag(invocation, "strict"));
    const wb_exit exit_status = execute(&state);
    wb_trace_source_remove_all();
    wb_store_close(state.store);
    wb_intern_release(&state.intern);
    wb_arena_release(&state.arena);
    return exit_status;
}

const wb_command wb_run_command = {
    .name = "run",
    .operands = "SCENARIO.yaml",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "replay a scenario under its contenders and compare them",
    .description =
        "Runs the scenario once per contender in virtual time, records each run in the database,\n"
        "and prints their figures side by side: cost, pod latency, unscheduled pods, nodes, churn\n"
        "and utilisation, each as a ratio to the first contender. The same input and seed give\n"
        "the same bytes.",
    .examples = "  werkbank run scenarios/day/scenario.yaml --db day.db\n"
                "  werkbank run scenarios/openb/scenario.yaml --trace openb.trace.zst -o json",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
