/* werkbank consolidate: what Karpenter would do to a cluster, and why the rest stays. */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "tools/cli/command_list.h"
#include "tools/cli/consolidate_output.h"
#include "tools/cli/one_shot_session.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    WB_OPTION_DUMPS,
    {.name = "policy",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "[POOL/]FIELD=VALUE",
     .help = "what if: consolidationPolicy, consolidateAfter, budgets (20%, 3, or a JSON list), "
             "limits, requirements (JSON) or weight of all NodePools or of one"},
    {.name = "spot-to-spot",
     .kind = WB_OPTION_FLAG,
     .help = "with the feature gate SpotToSpotConsolidation on"},
    {.name = "now",
     .kind = WB_OPTION_TEXT,
     .value_name = "TIME",
     .help = "when the dump was taken (RFC 3339); otherwise the newest moment that it names"},
    {.name = "within",
     .kind = WB_OPTION_DURATION,
     .value_name = "DURATION",
     .default_text = "24h",
     .help = "how far to go on in time where consolidateAfter or a budget's schedule has to be "
             "waited for; 0s: only what would be done now"},
    {.name = "max-commands",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "1000",
     .minimum = 1,
     .maximum = 1000000,
     .help = "stop after so many commands"},
    WB_OPTION_REGION,
    WB_OPTION_ZONE,
    WB_OPTION_CATALOG,
    WB_OPTION_PREFERENCE_POLICY,
    WB_OPTION_MIN_VALUES_POLICY,
    WB_OPTION_STRICT,
    WB_OPTION_OUTPUT("table|json|yaml"),
};

/* One invocation's parts, released together. */
typedef struct consolidate_state {
    wb_one_shot_session session;
    wb_consolidate_report report;
} consolidate_state;

static bool choice_is(const wb_invocation *invocation, const char *name, const char *value)
{
    return strcmp(wb_command_text(invocation, name), value) == 0;
}

static wb_status load(consolidate_state *state, wb_error *err)
{
    const wb_invocation *invocation = state->session.invocation;
    const wb_one_shot_options wanted = {
        .preference_policy = wb_one_shot_session_preference_policy(invocation),
        .min_values_best_effort = wb_one_shot_session_is_best_effort(invocation),
    };
    const wb_status status = wb_one_shot_session_read(&state->session, &wanted, err);
    WB_TRY(wb_terminal_close_findings(invocation, &state->session.findings, status, err));
    if (state->session.input.node_count == 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "no nodes among the files: expected a dump such as from 'kubectl get "
                       "nodes,nodeclaims,nodepools,ec2nodeclasses,pods,pdb -A -o json'");
    }
    return WB_OK;
}

static wb_status solve(consolidate_state *state, wb_error *err)
{
    const wb_invocation *invocation = state->session.invocation;
    const wb_option_value *policies = wb_command_value(invocation, "policy");
    const char *now = wb_command_text(invocation, "now");
    wb_consolidate_options wanted = {
        .policies = policies->texts,
        .policy_count = policies->text_count,
        .now_ms = -1,
        .within_ms = wb_command_number(invocation, "within"),
        .command_limit = (uint32_t)wb_command_number(invocation, "max-commands"),
        .spot_to_spot = wb_command_flag(invocation, "spot-to-spot"),
    };
    if (now != NULL && wb_duration_parse_time(now, &wanted.now_ms, NULL) != WB_OK) {
        return wb_fail(err, WB_ERR_INPUT,
                       "option --now: '%s' is no time, expected one like 2026-08-03T12:00:00Z",
                       now);
    }
    return wb_consolidate_run(&state->session.arena, &state->session.input, &wanted, &state->report,
                              err);
}

static void print_notes(const consolidate_state *state)
{
    if (wb_command_flag(state->session.invocation, "quiet")) {
        return;
    }
    for (uint32_t i = 0; i < state->session.input.note_count; i++) {
        wb_terminal_error("note: %s", state->session.input.notes[i]);
    }
    for (uint32_t i = 0; i < state->report.note_count; i++) {
        wb_terminal_error("note: %s", state->report.notes[i]);
    }
}

static wb_exit execute(consolidate_state *state)
{
    wb_error err = {0};
    if (load(state, &err) != WB_OK || solve(state, &err) != WB_OK) {
        wb_terminal_print_error(&err);
        return WB_EXIT_USAGE;
    }
    print_notes(state);
    wb_text text;
    wb_text_init(&text);
    if (choice_is(state->session.invocation, "output", "json")) {
        wb_consolidate_output_json(&state->report, &text);
    } else if (choice_is(state->session.invocation, "output", "yaml")) {
        wb_consolidate_output_yaml(&state->report, &state->session.arena, &text);
    } else {
        wb_consolidate_output_table(&state->report, &state->session.arena, &text);
    }
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return written == WB_EXIT_DONE && state->report.stopped != NULL ? WB_EXIT_FINDING : written;
}

static wb_exit run(wb_invocation *invocation)
{
    consolidate_state state = {0};
    wb_one_shot_session_init(&state.session, invocation);
    const wb_exit exit_status = execute(&state);
    wb_one_shot_session_release(&state.session);
    return exit_status;
}

const wb_command wb_consolidate_command = {
    .name = "consolidate",
    .operands = "",
    .summary = "what Karpenter's disruption would do to a cluster, and why nodes stay",
    .description =
        "Reads a dump of a live cluster (nodes, NodeClaims, NodePools, pods, PDBs: kubectl get "
        "...\n-o json) and goes through Karpenter's disruption methods until nothing is left: "
        "each\ncommand with its saving and the pods it moves, then for every node that stays the "
        "reason,\nwith the pods, PDBs, budgets or prices at fault. Nothing is changed anywhere. "
        "Exit 1 when\nthe commands do not come to an end.",
    .examples =
        "  kubectl get nodes,nodeclaims,nodepools,ec2nodeclasses,pods,pdb,pvc,pv -A -o json "
        ">dump.json\n"
        "  werkbank consolidate -f dump.json\n"
        "  werkbank consolidate -f dump.json --policy consolidationPolicy=Balanced\n"
        "  werkbank consolidate -f dump.json --policy general/budgets=30% --within 0s",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
