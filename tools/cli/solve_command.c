/*
 * werkbank solve: pods and NodePools from files, one solve, what would be launched. No simulation:
 * the input is a moment, from manifests or from dumps of a live cluster. The work is in
 * scenarios/one_shot; here are options, and which output is chosen.
 */
#include <stdio.h>
#include <string.h>

#include "kube/names.h"
#include "scenarios/one_shot/lint.h"
#include "tools/cli/command_list.h"
#include "tools/cli/explain_output.h"
#include "tools/cli/solve_output.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "filename",
     .letter = 'f',
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "manifests or 'kubectl get -o json|yaml' dumps: a file, a folder, - for standard "
             "input"},
    {.name = "region",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "the region; otherwise the one that the files name, else us-east-1"},
    {.name = "zone",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "NAME",
     .help = "a zone where nodes may be; otherwise a, b, c and those that the files name"},
    {.name = "catalog",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "a catalog from catalog import instead of the shipped one"},
    {.name = "pool",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "NAME",
     .help = "consider only this NodePool"},
    {.name = "explain",
     .kind = WB_OPTION_FLAG,
     .help = "tell step by step what ruled out which instance types, and what would help: of the "
             "pods or workloads named behind the options, else of all that are left over"},
    {.name = "bound",
     .kind = WB_OPTION_FLAG,
     .help = "tell what machines for these pods must cost at least, whoever packs them"},
    {.name = "open-claim-sort",
     .kind = WB_OPTION_CHOICE,
     .value_name = "ORDER",
     .default_text = "exact",
     .choices = "exact|stable",
     .help = "upstream's unstable order of open claims, or a stable one"},
    {.name = "preference-policy",
     .kind = WB_OPTION_CHOICE,
     .value_name = "POLICY",
     .default_text = "Respect",
     .choices = "Respect|Ignore",
     .help = "what preferred terms count for, as Karpenter's setting"},
    {.name = "min-values-policy",
     .kind = WB_OPTION_CHOICE,
     .value_name = "POLICY",
     .default_text = "Strict",
     .choices = "Strict|BestEffort",
     .help = "what minValues count for, as Karpenter's setting"},
    {.name = "strict",
     .kind = WB_OPTION_FLAG,
     .help = "refuse unknown fields in manifests instead of warning"},
    {.name = "output",
     .letter = 'o',
     .kind = WB_OPTION_CHOICE,
     .value_name = "FORMAT",
     .default_text = "table",
     .choices = "table|json|yaml",
     .help = "format of standard output; yaml prints NodeClaim objects"},
};

/* One invocation's parts, released together. */
typedef struct solve_state {
    wb_invocation *invocation;
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_one_shot_input input;
    wb_one_shot_solution solution;
} solve_state;

static bool choice_is(const wb_invocation *invocation, const char *name, const char *value)
{
    return strcmp(wb_command_text(invocation, name), value) == 0;
}

static wb_status load(solve_state *state, wb_error *err)
{
    const wb_invocation *invocation = state->invocation;
    const wb_option_value *files = wb_command_value(invocation, "filename");
    const wb_option_value *zones = wb_command_value(invocation, "zone");
    const wb_option_value *pools = wb_command_value(invocation, "pool");
    if (files->text_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "no files: expected -f FILE, a folder, or -f -");
    }
    if (invocation->operand_count > 0 && !wb_command_flag(invocation, "explain")) {
        return wb_fail(err, WB_ERR_INPUT, "'%s': names of pods go with --explain, files with -f",
                       invocation->operands[0]);
    }
    static const char *const not_yaml[] = {"explain", "bound"};
    for (size_t i = 0; i < sizeof(not_yaml) / sizeof(not_yaml[0]); i++) {
        if (choice_is(invocation, "output", "yaml") && wb_command_flag(invocation, not_yaml[i])) {
            return wb_fail(err, WB_ERR_INPUT, "--%s goes with -o table or json, not yaml",
                           not_yaml[i]);
        }
    }
    const wb_one_shot_options wanted = {
        .paths = files->texts,
        .zones = zones->texts,
        .pools = pools->texts,
        .path_count = files->text_count,
        .zone_count = zones->text_count,
        .pool_count = pools->text_count,
        .region = wb_command_text(invocation, "region"),
        .catalog_path = wb_command_text(invocation, "catalog"),
        .preference_policy = choice_is(invocation, "preference-policy", "Ignore")
                                 ? WB_PREFERENCE_IGNORE
                                 : WB_PREFERENCE_RESPECT,
        .open_claim_sort = choice_is(invocation, "open-claim-sort", "stable")
                               ? WB_OPEN_CLAIM_SORT_STABLE
                               : WB_OPEN_CLAIM_SORT_EXACT,
        .min_values_best_effort = choice_is(invocation, "min-values-policy", "BestEffort"),
    };
    wb_status status = wb_one_shot_read(&state->arena, &state->intern, &wanted, &state->findings,
                                        &state->input, err);
    if (status == WB_OK) {
        status = wb_lint_refuse(&state->arena, &state->input, &state->findings, err);
    }
    wb_terminal_print_findings(&state->findings, wb_command_flag(invocation, "quiet"));
    if (status != WB_OK && state->findings.error_count > 0) {
        err->text[0] = 0; /* said already, finding by finding */
    }
    return status;
}

/* The pods that operands name, else one of each workload that is left over. */
static wb_status choose_explained(solve_state *state, const uint32_t **out, uint32_t *out_count,
                                  wb_error *err)
{
    const wb_invocation *invocation = state->invocation;
    *out_count = 0;
    if (!wb_command_flag(invocation, "explain")) {
        return WB_OK;
    }
    if (invocation->operand_count == 0) {
        *out_count = wb_one_shot_explain_left(&state->arena, &state->solution, out);
        return WB_OK;
    }
    uint32_t *indices = WB_ARENA_ARRAY(&state->arena, uint32_t, invocation->operand_count);
    for (uint32_t i = 0; i < invocation->operand_count; i++) {
        WB_TRY(wb_one_shot_explain_find(&state->arena, &state->solution, invocation->operands[i],
                                        &indices[i], err));
    }
    *out = indices;
    *out_count = invocation->operand_count;
    return WB_OK;
}

static void print_json(solve_state *state, const uint32_t *explained, uint32_t count, wb_text *out)
{
    wb_solve_output_json(&state->solution, out);
    if (wb_command_flag(state->invocation, "explain")) {
        wb_text_add_string(out, ",\n  \"explanations\": [");
        for (uint32_t i = 0; i < count; i++) {
            wb_one_shot_explanation explanation;
            wb_one_shot_explain(&state->arena, &state->solution, explained[i], &explanation);
            wb_text_add_string(out, i > 0 ? "," : "");
            wb_explain_output_json(&state->solution, &explanation, out);
        }
        wb_text_add_string(out, "]");
    }
    if (wb_command_flag(state->invocation, "bound")) {
        wb_one_shot_bound bound;
        wb_one_shot_bound_find(&state->arena, &state->solution, &bound);
        wb_solve_output_bound_json(&bound, out);
    }
    wb_text_add_string(out, "\n}\n");
}

static wb_exit print_solution(solve_state *state)
{
    const uint32_t *explained = NULL;
    uint32_t count = 0;
    wb_error err;
    if (choose_explained(state, &explained, &count, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    wb_text text;
    wb_text_init(&text);
    if (choice_is(state->invocation, "output", "json")) {
        print_json(state, explained, count, &text);
    } else if (choice_is(state->invocation, "output", "yaml")) {
        wb_solve_output_yaml(&state->solution, &state->arena, &text);
    } else {
        wb_solve_output_table(&state->solution, &state->arena, &text);
        if (wb_command_flag(state->invocation, "bound")) {
            wb_one_shot_bound bound;
            wb_one_shot_bound_find(&state->arena, &state->solution, &bound);
            wb_solve_output_bound(&bound, state->input.catalog.currency, &text);
        }
        for (uint32_t i = 0; i < count; i++) {
            wb_one_shot_explanation explanation;
            wb_one_shot_explain(&state->arena, &state->solution, explained[i], &explanation);
            wb_explain_output_table(&state->solution, &explanation, &text);
        }
    }
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return written;
}

static wb_exit execute(solve_state *state)
{
    wb_error err = {0};
    if (load(state, &err) != WB_OK) {
        if (err.text[0] != 0) {
            wb_terminal_error("%s", err.text);
        }
        return WB_EXIT_USAGE;
    }
    for (uint32_t i = 0;
         i < state->input.note_count && !wb_command_flag(state->invocation, "quiet"); i++) {
        wb_terminal_error("note: %s", state->input.notes[i]);
    }
    wb_one_shot_solve(&state->arena, &state->input, NULL, true, &state->solution);
    const wb_exit written = print_solution(state);
    const bool has_left = state->solution.left_count > 0;
    wb_one_shot_release(&state->solution);
    return written == WB_EXIT_DONE && has_left ? WB_EXIT_FINDING : written;
}

static wb_exit run(wb_invocation *invocation)
{
    solve_state state = {.invocation = invocation};
    wb_arena_init(&state.arena, "one-shot", 0, NULL);
    wb_intern_init(&state.intern, &state.arena);
    wb_names_init(&state.intern);
    wb_findings_init(&state.findings, &state.arena, wb_command_flag(invocation, "strict"));
    const wb_exit exit_status = execute(&state);
    wb_intern_release(&state.intern);
    wb_arena_release(&state.arena);
    return exit_status;
}

const wb_command wb_solve_command = {
    .name = "solve",
    .operands = "[POD...]",
    .operand_maximum = UINT32_MAX,
    .summary = "the NodeClaims that Karpenter would make for your own files",
    .description =
        "Reads NodePools, NodeClasses, workloads and pods, and dumps of a live cluster (nodes, "
        "pods,\nclaims: kubectl get ... -o json), and solves once for every pod without a place. "
        "Prints the\nNodeClaims, what they would launch as and cost, and what is left over and "
        "why. Exit 1\nwhen a pod is left over.",
    .examples = "  werkbank solve -f nodepool.yaml -f deployment.yaml\n"
                "  werkbank solve -f manifests/ --explain shop/web\n"
                "  werkbank solve -f manifests/ --bound\n"
                "  kubectl get nodes,pods,pvc,nodepools,ec2nodeclasses -A -o json | werkbank solve "
                "-f -",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
