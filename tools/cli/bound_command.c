/*
 * werkbank bound: how far each run's cost lies above the least that any schedule could have had.
 *
 * A database holds the bounds of its runs, since they are computed when a run ends; a scenario is
 * run here, in memory, for the sake of them.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "kube/names.h"
#include "sim/store/store_bound.h"
#include "scenarios/simulation.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/terminal.h"
#include "tools/cli/trace_source.h"
#include "tools/cli/version.h"

static const wb_option options[] = {
    {.name = "trace",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "of a scenario: replay this trace instead of its own"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "of a scenario: seed of every random stream, instead of its own"},
    WB_OPTION_OUTPUT("table|wide|json|csv|markdown"),
};

static const wb_result_column columns[] = {
    {"RUN", "run_id", true, true},
    {"CONTENDER", "contender", false, false},
    {"SEED", "seed", true, true},
    {"COST", "cost_usd", true, false},
    {"BOUND", "bound_usd", true, false},
    {"ABOVE %", "above_percent", true, false},
    {"OWN BOUND", "own_bound_usd", true, false},
    {"ABOVE %", "above_own_percent", true, false},
    {"POD HOURS", "pod_hours", true, false},
    {"CLASSES", "classes", true, true},
    {"INTERVALS", "intervals", true, true},
    {"MACHINES", "machines", true, true},
    {"OWN MACHINES", "own_machines", true, true},
    {"SEEN ONLY", "seen_machines", true, true},
};

/* One invocation's parts. */
typedef struct bound_state {
    wb_invocation *invocation;
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_scenario scenario;
    wb_store *store; /* owned */
    wb_run_figures *runs;
    uint32_t run_count;
    wb_store_bound *bounds; /* of the run of the same index */
    bool *has_bound;
    const char *price_source;
} bound_state;

/* ---- getting the runs ---- */

/* Whether the file begins as SQLite's do. */
static bool is_database(const char *path)
{
    static const char magic[] = "SQLite format 3";
    char head[sizeof magic] = "";
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    const size_t length = fread(head, 1, sizeof head, file);
    (void)fclose(file);
    return length == sizeof head && memcmp(head, magic, sizeof magic) == 0;
}

static wb_status load_scenario(bound_state *state, const char *path, wb_error *err)
{
    wb_invocation *invocation = state->invocation;
    const wb_option_value *traces = wb_command_value(invocation, "trace");
    const char **paths = WB_ARENA_ARRAY(&state->arena, const char *, traces->text_count + 1);
    for (uint32_t i = 0; i < traces->text_count; i++) {
        WB_TRY(wb_trace_source_open(traces->texts[i], wb_command_flag(invocation, "quiet"),
                                    &state->arena, &paths[i], err));
    }
    const wb_scenario_overrides overrides = {
        .findings = &state->findings,
        .trace_paths = paths,
        .trace_count = traces->text_count,
        .seed_is_set = wb_command_flag(invocation, "seed"),
        .seed = (uint64_t)wb_command_number(invocation, "seed"),
    };
    const wb_status status =
        wb_scenario_load(&state->arena, &state->intern, path, &overrides, &state->scenario, err);
    return wb_terminal_close_findings(invocation, &state->findings, status, err);
}

static wb_status run_scenario(bound_state *state, const char *path, wb_error *err)
{
    WB_TRY(load_scenario(state, path, err));
    WB_TRY(wb_store_open(":memory:", &state->store, err));
    const wb_simulation_options simulation = {
        .store = state->store,
        .stop_flag = wb_terminal_stop_flag(),
        .version = WB_VERSION,
    };
    for (uint32_t i = 0; i < state->scenario.contender_count; i++) {
        wb_run_figures figures;
        WB_TRY(wb_simulation_run(&state->scenario, &state->intern, i, &simulation, &figures, err));
    }
    return WB_OK;
}

static wb_status get_runs(bound_state *state, wb_error *err)
{
    const char *path = state->invocation->operands[0];
    if (is_database(path)) {
        WB_TRY(wb_store_open_readonly(path, &state->store, err));
    } else {
        WB_TRY(run_scenario(state, path, err));
    }
    WB_TRY(wb_store_figures(state->store, &state->arena, &state->runs, &state->run_count, err));
    if (state->run_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: holds no finished run", path);
    }
    state->bounds = WB_ARENA_ARRAY(&state->arena, wb_store_bound, state->run_count);
    state->has_bound = WB_ARENA_ARRAY(&state->arena, bool, state->run_count);
    for (uint32_t i = 0; i < state->run_count; i++) {
        WB_TRY(wb_store_bound_read(state->store, &state->arena, state->runs[i].run_id,
                                   &state->bounds[i], &state->has_bound[i], err));
    }
    return WB_OK;
}

/* ---- printing ---- */

static void set_above(wb_result_table *table, uint32_t column, int64_t cost_nusd,
                      int64_t bound_nusd)
{
    if (bound_nusd > 0) {
        wb_result_table_set_format(table, column, "%.1f",
                                   100.0 * ((double)cost_nusd / (double)bound_nusd - 1.0));
    }
}

static void fill_row(wb_result_table *table, const wb_run_figures *run, const wb_store_bound *bound)
{
    wb_result_table_add_row(table);
    wb_result_table_set_format(table, 0, "%lld", (long long)run->run_id);
    wb_result_table_set(table, 1, run->contender);
    wb_result_table_set_format(table, 2, "%llu", (unsigned long long)run->seed);
    wb_result_table_set_format(table, 3, "%.4f", (double)run->cost_nusd / 1e9);
    if (bound == NULL) {
        return; /* the run was made without one: dashes */
    }
    wb_result_table_set_format(table, 4, "%.4f", (double)bound->bound_nusd / 1e9);
    set_above(table, 5, run->cost_nusd, bound->bound_nusd);
    wb_result_table_set_format(table, 6, "%.4f", (double)bound->own_nusd / 1e9);
    set_above(table, 7, run->cost_nusd, bound->own_nusd);
    wb_result_table_set_format(table, 8, "%.1f", (double)bound->served_pod_ms / 3.6e6);
    wb_result_table_set_format(table, 9, "%u", bound->class_count);
    wb_result_table_set_format(table, 10, "%u", bound->interval_count);
    wb_result_table_set_format(table, 11, "%u", bound->machine_count);
    wb_result_table_set_format(table, 12, "%u", bound->own_machine_count);
    wb_result_table_set_format(table, 13, "%u", bound->seen_machine_count);
}

/* "karpenter's pods on the bound's machines: m5a.8xlarge on-demand 122.2 h, ..." */
static void add_mix(const wb_run_figures *run, const wb_store_bound *bound, wb_text *out)
{
    wb_text_add_format(out, "%s: the bound would run", run->contender);
    for (uint32_t i = 0; i < bound->mix_count; i++) {
        const wb_store_bound_machine *machine = &bound->mix[i];
        wb_text_add_format(out, "%s %s %s %.1f h ($%.2f)", i > 0 ? "," : "", machine->instance_type,
                           machine->capacity_type, (double)machine->node_ms / 3.6e6,
                           (double)machine->cost_nusd / 1e9);
    }
    wb_text_add_string(out, "\n");
}

/* The least of the bounds of one scenario and seed holds for every run of it. */
static void add_least(const bound_state *state, wb_text *out)
{
    int64_t least = -1;
    bool is_one = true;
    for (uint32_t i = 0; i < state->run_count; i++) {
        is_one = is_one && strcmp(state->runs[i].scenario, state->runs[0].scenario) == 0 &&
                 state->runs[i].seed == state->runs[0].seed;
        if (!state->has_bound[i]) {
            return;
        }
        const int64_t bound_nusd = state->bounds[i].bound_nusd;
        least = least < 0 || bound_nusd < least ? bound_nusd : least;
    }
    if (is_one && least >= 0) {
        wb_text_add_format(out, "\n%s: below every run: $%.4f\n", state->runs[0].scenario,
                           (double)least / 1e9);
    }
}

static void print(const bound_state *state, wb_text *out)
{
    const char *format = wb_command_text(state->invocation, "output");
    wb_result_table table;
    wb_result_table_init(&table, state->invocation->arena, columns,
                         sizeof(columns) / sizeof(columns[0]));
    table.is_colored = wb_terminal_has_color(state->invocation);
    for (uint32_t i = 0; i < state->run_count; i++) {
        fill_row(&table, &state->runs[i], state->has_bound[i] ? &state->bounds[i] : NULL);
    }
    wb_result_table_print(&table, format, out);
    if (strcmp(format, "table") != 0 && strcmp(format, "wide") != 0) {
        return;
    }
    add_least(state, out);
    for (uint32_t i = 0; i < state->run_count; i++) {
        if (state->has_bound[i] && state->bounds[i].mix_count > 0) {
            add_mix(&state->runs[i], &state->bounds[i], out);
        }
    }
    wb_text_add_format(out, "prices: %s\n", state->price_source);
}

static wb_exit execute(bound_state *state)
{
    wb_error err = {0};
    if (get_runs(state, &err) != WB_OK ||
        wb_store_price_source(state->store, state->invocation->arena, &state->price_source, &err) !=
            WB_OK) {
        wb_terminal_print_error(&err);
        return *wb_terminal_stop_flag() != 0 ? wb_terminal_signal_exit() : WB_EXIT_USAGE;
    }
    wb_text text;
    wb_text_init(&text);
    print(state, &text);
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}

static wb_exit run(wb_invocation *invocation)
{
    bound_state state = {.invocation = invocation};
    wb_arena_init(&state.arena, "scenario", 0, NULL);
    wb_intern_init(&state.intern, &state.arena);
    wb_names_init(&state.intern);
    wb_findings_init(&state.findings, &state.arena, false);
    const wb_exit exit_status = execute(&state);
    wb_trace_source_remove_all();
    wb_store_close(state.store);
    wb_intern_release(&state.intern);
    wb_arena_release(&state.arena);
    return exit_status;
}

const wb_command wb_bound_command = {
    .name = "bound",
    .operands = "FILE.db|SCENARIO.yaml",
    .operand_minimum = 1,
    .operand_maximum = 1,
    .summary = "the least that any schedule could have cost",
    .description =
        "Below the cost of each run: what the room that its pods had would have cost at least,\n"
        "on any mix of the machines that the scenario's contenders may buy, in fractions, and\n"
        "(OWN BOUND) on those of its own contender alone. Proven by linear programming, see\n"
        "docs/bound.md. A database holds the bounds of its runs; a scenario is run, in memory.",
    .examples = "  werkbank bound day.db\n"
                "  werkbank bound scenarios/night/scenario.yaml -o markdown",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
