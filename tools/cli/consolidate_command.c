/* werkbank consolidate: what Karpenter would do to a cluster, and why the rest stays. */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "kube/names.h"
#include "tools/cli/command_list.h"
#include "tools/cli/consolidate_output.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "filename",
     .letter = 'f',
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "manifests or 'kubectl get -o json|yaml' dumps: a file, a folder, - for standard "
             "input"},
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
    WB_OPTION_OUTPUT("table|json|yaml"),
};

/* One invocation's parts, released together. */
typedef struct consolidate_state {
    wb_invocation *invocation;
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_one_shot_input input;
    wb_consolidate_report report;
} consolidate_state;

static bool choice_is(const wb_invocation *invocation, const char *name, const char *value)
{
    return strcmp(wb_command_text(invocation, name), value) == 0;
}

static wb_status load(consolidate_state *state, wb_error *err)
{
    const wb_invocation *invocation = state->invocation;
    const wb_option_value *files = wb_command_value(invocation, "filename");
    const wb_option_value *zones = wb_command_value(invocation, "zone");
    if (files->text_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "no files: expected -f FILE, a folder, or -f -");
    }
    const wb_one_shot_options wanted = {
        .paths = files->texts,
        .zones = zones->texts,
        .path_count = files->text_count,
        .zone_count = zones->text_count,
        .region = wb_command_text(invocation, "region"),
        .catalog_path = wb_command_text(invocation, "catalog"),
        .preference_policy = choice_is(invocation, "preference-policy", "Ignore")
                                 ? WB_PREFERENCE_IGNORE
                                 : WB_PREFERENCE_RESPECT,
        .min_values_best_effort = choice_is(invocation, "min-values-policy", "BestEffort"),
    };
    const wb_status status = wb_one_shot_read(&state->arena, &state->intern, &wanted,
                                              &state->findings, &state->input, err);
    wb_terminal_print_findings(&state->findings, wb_command_flag(invocation, "quiet"));
    if (status != WB_OK && state->findings.error_count > 0) {
        err->text[0] = 0; /* said already, finding by finding */
    }
    if (status == WB_OK && state->input.node_count == 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "no nodes among the files: expected a dump such as from 'kubectl get "
                       "nodes,nodeclaims,nodepools,ec2nodeclasses,pods,pdb -A -o json'");
    }
    return status;
}

static wb_status solve(consolidate_state *state, wb_error *err)
{
    const wb_invocation *invocation = state->invocation;
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
    return wb_consolidate_run(&state->arena, &state->input, &wanted, &state->report, err);
}

static void print_notes(const consolidate_state *state)
{
    if (wb_command_flag(state->invocation, "quiet")) {
        return;
    }
    for (uint32_t i = 0; i < state->input.note_count; i++) {
        wb_terminal_error("note: %s", state->input.notes[i]);
    }
    for (uint32_t i = 0; i < state->report.note_count; i++) {
        wb_terminal_error("note: %s", state->report.notes[i]);
    }
}

static wb_exit execute(consolidate_state *state)
{
    wb_error err = {0};
    if (load(state, &err) != WB_OK || solve(state, &err) != WB_OK) {
        if (err.text[0] != 0) {
            wb_terminal_error("%s", err.text);
        }
        return WB_EXIT_USAGE;
    }
    print_notes(state);
    wb_text text;
    wb_text_init(&text);
    if (choice_is(state->invocation, "output", "json")) {
        wb_consolidate_output_json(&state->report, &text);
    } else if (choice_is(state->invocation, "output", "yaml")) {
        wb_consolidate_output_yaml(&state->report, &state->arena, &text);
    } else {
        wb_consolidate_output_table(&state->report, &state->arena, &text);
    }
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return written == WB_EXIT_DONE && state->report.stopped != NULL ? WB_EXIT_FINDING : written;
}

static wb_exit run(wb_invocation *invocation)
{
    consolidate_state state = {.invocation = invocation};
    wb_arena_init(&state.arena, "one-shot", 0, NULL);
    wb_intern_init(&state.intern, &state.arena);
    wb_names_init(&state.intern);
    wb_findings_init(&state.findings, &state.arena, wb_command_flag(invocation, "strict"));
    const wb_exit exit_status = execute(&state);
    wb_intern_release(&state.intern);
    wb_arena_release(&state.arena);
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
