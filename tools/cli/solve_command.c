/*
 * werkbank solve: pods and NodePools from files, one solve, what would be launched. No simulation:
 * the input is a moment, from manifests or from dumps of a live cluster. The work is in
 * scenarios/one_shot; here are options, and which output is chosen.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/one_shot/lint.h"
#include "tools/cli/command_list.h"
#include "tools/cli/explain_output.h"
#include "tools/cli/one_shot_session.h"
#include "tools/cli/solve_output.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    WB_OPTION_DUMPS,
    WB_OPTION_REGION,
    WB_OPTION_ZONE,
    WB_OPTION_CATALOG,
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
    WB_OPTION_PREFERENCE_POLICY,
    WB_OPTION_MIN_VALUES_POLICY,
    WB_OPTION_STRICT,
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
    wb_one_shot_session session;
    wb_one_shot_solution solution;
} solve_state;

static bool choice_is(const wb_invocation *invocation, const char *name, const char *value)
{
    return strcmp(wb_command_text(invocation, name), value) == 0;
}

static wb_status load(solve_state *state, wb_error *err)
{
    const wb_invocation *invocation = state->session.invocation;
    const wb_option_value *pools = wb_command_value(invocation, "pool");
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
        .pools = pools->texts,
        .pool_count = pools->text_count,
        .preference_policy = wb_one_shot_session_preference_policy(invocation),
        .open_claim_sort = choice_is(invocation, "open-claim-sort", "stable")
                               ? WB_OPEN_CLAIM_SORT_STABLE
                               : WB_OPEN_CLAIM_SORT_EXACT,
        .min_values_best_effort = wb_one_shot_session_is_best_effort(invocation),
    };
    wb_status status = wb_one_shot_session_read(&state->session, &wanted, err);
    if (status == WB_OK) {
        status = wb_lint_refuse(&state->session.arena, &state->session.input,
                                &state->session.findings, err);
    }
    return wb_terminal_close_findings(invocation, &state->session.findings, status, err);
}

/* The pods that operands name, else one of each workload that is left over. */
static wb_status choose_explained(solve_state *state, const uint32_t **out, uint32_t *out_count,
                                  wb_error *err)
{
    const wb_invocation *invocation = state->session.invocation;
    *out_count = 0;
    if (!wb_command_flag(invocation, "explain")) {
        return WB_OK;
    }
    if (invocation->operand_count == 0) {
        *out_count = wb_one_shot_explain_left(&state->session.arena, &state->solution, out);
        return WB_OK;
    }
    uint32_t *indices = WB_ARENA_ARRAY(&state->session.arena, uint32_t, invocation->operand_count);
    for (uint32_t i = 0; i < invocation->operand_count; i++) {
        WB_TRY(wb_one_shot_explain_find(&state->session.arena, &state->solution,
                                        invocation->operands[i], &indices[i], err));
    }
    *out = indices;
    *out_count = invocation->operand_count;
    return WB_OK;
}

static void print_json(solve_state *state, const uint32_t *explained, uint32_t count, wb_text *out)
{
    wb_solve_output_json(&state->solution, out);
    if (wb_command_flag(state->session.invocation, "explain")) {
        wb_text_add_string(out, ",\n  \"explanations\": [");
        for (uint32_t i = 0; i < count; i++) {
            wb_one_shot_explanation explanation;
            wb_one_shot_explain(&state->session.arena, &state->solution, explained[i],
                                &explanation);
            wb_text_add_string(out, i > 0 ? "," : "");
            wb_explain_output_json(&state->solution, &explanation, out);
        }
        wb_text_add_string(out, "]");
    }
    if (wb_command_flag(state->session.invocation, "bound")) {
        wb_one_shot_bound bound;
        wb_one_shot_bound_find(&state->session.arena, &state->solution, &bound);
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
    if (choice_is(state->session.invocation, "output", "json")) {
        print_json(state, explained, count, &text);
    } else if (choice_is(state->session.invocation, "output", "yaml")) {
        wb_solve_output_yaml(&state->solution, &state->session.arena, &text);
    } else {
        wb_solve_output_table(&state->solution, &state->session.arena, &text);
        if (wb_command_flag(state->session.invocation, "bound")) {
            wb_one_shot_bound bound;
            wb_one_shot_bound_find(&state->session.arena, &state->solution, &bound);
            wb_solve_output_bound(&bound, state->session.input.catalog.currency, &text);
        }
        for (uint32_t i = 0; i < count; i++) {
            wb_one_shot_explanation explanation;
            wb_one_shot_explain(&state->session.arena, &state->solution, explained[i],
                                &explanation);
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
        wb_terminal_print_error(&err);
        return WB_EXIT_USAGE;
    }
    for (uint32_t i = 0; i < state->session.input.note_count &&
                         !wb_command_flag(state->session.invocation, "quiet");
         i++) {
        wb_terminal_error("note: %s", state->session.input.notes[i]);
    }
    wb_one_shot_solve(&state->session.arena, &state->session.input, NULL, true, &state->solution);
    const wb_exit written = print_solution(state);
    const bool has_left = state->solution.left_count > 0;
    wb_one_shot_release(&state->solution);
    return written == WB_EXIT_DONE && has_left ? WB_EXIT_FINDING : written;
}

static wb_exit run(wb_invocation *invocation)
{
    solve_state state = {0};
    wb_one_shot_session_init(&state.session, invocation);
    const wb_exit exit_status = execute(&state);
    wb_one_shot_session_release(&state.session);
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
