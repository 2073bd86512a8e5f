/*
 * werkbank diff: the first decision in which two runs differ, in words.
 *
 * Runs of two databases are paired by scenario, contender and seed, the latest of each; runs that
 * one of them lacks are named. With --run-a and --run-b any two runs are compared, those of two
 * contenders as well.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "bench/run_diff.h"
#include "tools/cli/command_list.h"
#include "tools/cli/json_output.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "contender",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "NAME",
     .help = "compare only runs of this contender"},
    {.name = "run-a",
     .kind = WB_OPTION_INTEGER,
     .value_name = "ID",
     .minimum = 1,
     .maximum = INT64_MAX,
     .help = "compare this run of A, whatever it is, with --run-b"},
    {.name = "run-b",
     .kind = WB_OPTION_INTEGER,
     .value_name = "ID",
     .minimum = 1,
     .maximum = INT64_MAX,
     .help = "compare this run of B with --run-a"},
    WB_OPTION_OUTPUT("table|json"),
};

/* Both databases. */
typedef struct diff_state {
    const wb_invocation *invocation;
    wb_arena *arena;
    wb_store *stores[2]; /* owned */
    wb_run_figures *runs[2];
    uint32_t counts[2];
    uint32_t pair_count, different_count, lone_count;
    wb_text text;
    cJSON *json; /* the list of pairs; owned until printed */
} diff_state;

static bool is_same_run(const wb_run_figures *a, const wb_run_figures *b)
{
    return a->seed == b->seed && strcmp(a->contender, b->contender) == 0 &&
           strcmp(a->scenario, b->scenario) == 0;
}

/* The latest run of that side which is as run, or NULL. */
static const wb_run_figures *find_latest(const diff_state *state, int side,
                                         const wb_run_figures *run)
{
    for (uint32_t i = state->counts[side]; i-- > 0;) {
        if (is_same_run(&state->runs[side][i], run)) {
            return &state->runs[side][i];
        }
    }
    return NULL;
}

static const wb_run_figures *find_id(const diff_state *state, int side, int64_t run_id)
{
    for (uint32_t i = 0; i < state->counts[side]; i++) {
        if (state->runs[side][i].run_id == run_id) {
            return &state->runs[side][i];
        }
    }
    return NULL;
}

static void print_name(const wb_run_figures *a, const wb_run_figures *b, char *out, size_t size)
{
    if (is_same_run(a, b)) {
        (void)snprintf(out, size, "%s/%s/seed=%llu", a->scenario, a->contender,
                       (unsigned long long)a->seed);
    } else {
        (void)snprintf(out, size, "%s/%s/seed=%llu and %s/%s/seed=%llu", a->scenario, a->contender,
                       (unsigned long long)a->seed, b->scenario, b->contender,
                       (unsigned long long)b->seed);
    }
}

static void add_pair(diff_state *state, const char *name, const wb_run_difference *found)
{
    if (state->json != NULL) {
        cJSON *one = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(one, "run", name);
        (void)cJSON_AddBoolToObject(one, "different", found->is_different);
        (void)cJSON_AddStringToObject(one, "kind", found->kind);
        (void)cJSON_AddNumberToObject(one, "decisions_before", found->same_count);
        if (found->at_ms >= 0) {
            (void)cJSON_AddNumberToObject(one, "at_ms", (double)found->at_ms);
        }
        (void)cJSON_AddStringToObject(one, "sentence", found->sentence);
        (void)cJSON_AddItemToArray(state->json, one);
        return;
    }
    if (!found->is_different) {
        wb_text_add_format(&state->text, "%s: the same, %u decisions\n", name, found->same_count);
        return;
    }
    wb_text_add_format(&state->text, "%s: %s", name, found->sentence);
    if (strcmp(found->kind, "decision") == 0) {
        wb_text_add_format(&state->text, " (%u decision%s before it the same)", found->same_count,
                           found->same_count == 1 ? "" : "s");
    }
    wb_text_add_string(&state->text, "\n");
}

static wb_status compare_pair(diff_state *state, const wb_run_figures *a, const wb_run_figures *b,
                              wb_error *err)
{
    const wb_run_side side_a = {state->stores[0], a->run_id, "A"};
    const wb_run_side side_b = {state->stores[1], b->run_id, "B"};
    wb_run_difference found;
    WB_TRY(wb_run_diff_find(&side_a, &side_b, state->arena, &found, err));
    char name[600];
    print_name(a, b, name, sizeof name);
    add_pair(state, name, &found);
    state->pair_count++;
    state->different_count += found.is_different ? 1U : 0U;
    return WB_OK;
}

static bool is_wanted(const diff_state *state, const wb_run_figures *run)
{
    const wb_option_value *names = wb_command_value(state->invocation, "contender");
    for (uint32_t i = 0; i < names->text_count; i++) {
        if (strcmp(names->texts[i], run->contender) == 0) {
            return true;
        }
    }
    return names->text_count == 0;
}

static void name_lone(diff_state *state, const wb_run_figures *run, int side)
{
    state->lone_count++;
    if (state->json == NULL) {
        wb_text_add_format(&state->text, "%s/%s/seed=%llu: only in %s\n", run->scenario,
                           run->contender, (unsigned long long)run->seed, side == 0 ? "A" : "B");
    }
}

static wb_status compare_all(diff_state *state, wb_error *err)
{
    for (uint32_t i = 0; i < state->counts[0]; i++) {
        const wb_run_figures *a = &state->runs[0][i];
        if (!is_wanted(state, a) || find_latest(state, 0, a) != a) {
            continue;
        }
        const wb_run_figures *b = find_latest(state, 1, a);
        if (b == NULL) {
            name_lone(state, a, 0);
            continue;
        }
        WB_TRY(compare_pair(state, a, b, err));
    }
    for (uint32_t i = 0; i < state->counts[1]; i++) {
        const wb_run_figures *b = &state->runs[1][i];
        if (is_wanted(state, b) && find_latest(state, 0, b) == NULL) {
            name_lone(state, b, 1);
        }
    }
    return state->pair_count > 0
               ? WB_OK
               : wb_fail(err, WB_ERR_INPUT,
                         "%s and %s have no finished run of one scenario, contender and seed; "
                         "--run-a and --run-b compare any two",
                         state->invocation->operands[0], state->invocation->operands[1]);
}

static wb_status compare_two(diff_state *state, wb_error *err)
{
    static const char *const names[2] = {"run-a", "run-b"};
    const wb_run_figures *found[2];
    for (int s = 0; s < 2; s++) {
        const int64_t run_id = wb_command_number(state->invocation, names[s]);
        if (!wb_command_value(state->invocation, names[s])->is_set) {
            return wb_fail(err, WB_ERR_INPUT, "--%s: is missing, expected both --run-a and --run-b",
                           names[s]);
        }
        found[s] = find_id(state, s, run_id);
        if (found[s] == NULL) {
            return wb_fail(err, WB_ERR_INPUT, "--%s: %s has no finished run %lld", names[s],
                           state->invocation->operands[s], (long long)run_id);
        }
    }
    return compare_pair(state, found[0], found[1], err);
}

static wb_status compare(diff_state *state, wb_error *err)
{
    for (int s = 0; s < 2; s++) {
        WB_TRY(wb_store_open_readonly(state->invocation->operands[s], &state->stores[s], err));
        WB_TRY(wb_store_figures(state->stores[s], state->arena, &state->runs[s], &state->counts[s],
                                err));
    }
    const bool is_of_two = wb_command_value(state->invocation, "run-a")->is_set ||
                           wb_command_value(state->invocation, "run-b")->is_set;
    return is_of_two ? compare_two(state, err) : compare_all(state, err);
}

static wb_exit run(wb_invocation *invocation)
{
    diff_state state = {.invocation = invocation, .arena = invocation->arena};
    wb_text_init(&state.text);
    cJSON *root = NULL;
    if (strcmp(wb_command_text(invocation, "output"), "json") == 0) {
        root = wb_json_output_new();
        (void)cJSON_AddStringToObject(root, "schema", "werkbank-diff/1");
        state.json = cJSON_AddArrayToObject(root, "pairs");
    }
    wb_error err = {0};
    const wb_status status = compare(&state, &err);
    wb_store_close(state.stores[0]);
    wb_store_close(state.stores[1]);
    wb_exit exit_status = WB_EXIT_USAGE;
    if (status != WB_OK) {
        wb_terminal_error("%s", err.text);
        cJSON_Delete(root);
    } else {
        if (root != NULL) {
            wb_json_output_print(root, &state.text);
        }
        exit_status = wb_terminal_write_result(&state.text);
        if (exit_status == WB_EXIT_DONE && state.different_count + state.lone_count > 0) {
            exit_status = WB_EXIT_FINDING;
        }
    }
    wb_text_release(&state.text);
    return exit_status;
}

const wb_command wb_diff_command = {
    .name = "diff",
    .operands = "A.db B.db",
    .operand_minimum = 2,
    .operand_maximum = 2,
    .summary = "the first decision in which two runs differ, in words",
    .description =
        "Pairs the finished runs of two databases by scenario, contender and seed and tells for\n"
        "each pair the first decision that differs: what one did, what the other did instead and\n"
        "why. Where no decision differs, the first pod that was bound or ran at another time.\n"
        "Exit status 0: all pairs are the same, 1: some differ, or have no partner.",
    .examples = "  werkbank diff main.db branch.db\n"
                "  werkbank diff day.db day.db --run-a 1 --run-b 2",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
