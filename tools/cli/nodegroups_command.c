/* werkbank nodegroups suggest: what Cluster Autoscaler should be given to be compared fairly. */
#include <string.h>

#include "scenarios/node_group_advice.h"
#include "scenarios/one_shot/one_shot.h"
#include "tools/cli/command_list.h"
#include "tools/cli/nodegroups_output.h"
#include "tools/cli/one_shot_session.h"
#include "tools/cli/terminal.h"
#include "tools/cli/trace_source.h"

static const wb_option options[] = {
    WB_OPTION_FILES(
        "manifests: NodePools, DaemonSets, workloads; a file, a folder, - for standard input"),
    {.name = "trace",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "a trace whose pods want nodes; formats that trace import knows are imported"},
    {.name = "scenario",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "workload, place and, without -f, the NodePools of this scenario's first Karpenter"},
    WB_OPTION_REGION,
    WB_OPTION_ZONE,
    WB_OPTION_CATALOG,
    WB_OPTION_STRICT,
    {.name = "output",
     .letter = 'o',
     .kind = WB_OPTION_CHOICE,
     .value_name = "FORMAT",
     .default_text = "table",
     .choices = "table|yaml|json",
     .help = "format of standard output; yaml is what a scenario takes"},
};

typedef struct suggest_state {
    wb_one_shot_session session;
    wb_scenario scenario;
    wb_node_group_demand demand;
    wb_node_group_advice_input input;
} suggest_state;

static wb_status read_files(suggest_state *state, wb_error *err)
{
    const wb_one_shot_options wanted = {.ignores_cluster = true};
    WB_TRY(wb_one_shot_session_read(&state->session, &wanted, err));
    state->input.catalog = &state->session.input.catalog;
    state->input.zones = state->session.input.catalog.zones;
    state->input.zone_count = state->session.input.catalog.zone_count;
    state->input.pools = state->session.input.manifest.nodepools;
    state->input.pool_count = state->session.input.manifest.nodepool_count;
    wb_node_group_demand_add_manifest(&state->demand, &state->session.input.manifest);
    return WB_OK;
}

/* The scenario's workload and place; its NodePools only where no files bring any. */
static wb_status read_scenario(suggest_state *state, const char *path, wb_error *err)
{
    const wb_scenario_overrides overrides = {
        .findings = &state->session.findings,
        .catalog_path = wb_command_text(state->session.invocation, "catalog"),
    };
    WB_TRY(wb_scenario_load(&state->session.arena, &state->session.intern, path, &overrides,
                            &state->scenario, err));
    state->input.catalog = &state->scenario.catalog;
    state->input.zones = state->scenario.zones;
    state->input.zone_count = state->scenario.zone_count;
    for (uint32_t i = 0; i < state->scenario.contender_count && state->input.pool_count == 0; i++) {
        const wb_manifest *manifest = state->scenario.contenders[i].manifest;
        state->input.pools = manifest->nodepools;
        state->input.pool_count = manifest->nodepool_count;
    }
    return wb_node_group_demand_add_scenario(&state->demand, &state->scenario, err);
}

static wb_status read_traces(suggest_state *state, wb_error *err)
{
    const wb_option_value *traces = wb_command_value(state->session.invocation, "trace");
    const bool is_quiet = wb_command_flag(state->session.invocation, "quiet");
    for (uint32_t i = 0; i < traces->text_count; i++) {
        const char *path = NULL;
        WB_TRY(wb_trace_source_open(traces->texts[i], is_quiet, &state->session.arena, &path, err));
        WB_TRY(wb_node_group_demand_add_trace(&state->demand, path, err));
    }
    return WB_OK;
}

static wb_status read_all(suggest_state *state, wb_error *err)
{
    const char *scenario = wb_command_text(state->session.invocation, "scenario");
    const bool has_files = wb_command_value(state->session.invocation, "filename")->text_count > 0;
    if (!has_files && scenario == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "no NodePools: expected -f FILE, or --scenario FILE");
    }
    wb_status status = has_files ? read_files(state, err) : WB_OK;
    if (status == WB_OK && scenario != NULL) {
        status = read_scenario(state, scenario, err);
    }
    WB_TRY(wb_terminal_close_findings(state->session.invocation, &state->session.findings, status,
                                      err));
    return read_traces(state, err);
}

static wb_exit print_advice(suggest_state *state, const wb_node_group_advice *advice)
{
    const wb_nodegroups_output output = {
        .arena = &state->session.arena,
        .intern = &state->session.intern,
        .catalog = state->input.catalog,
        .advice = advice,
        .zone_count = state->input.zone_count,
        .is_colored = wb_terminal_has_color(state->session.invocation),
    };
    const char *form = wb_command_text(state->session.invocation, "output");
    wb_text text;
    wb_text_init(&text);
    if (strcmp(form, "json") == 0) {
        wb_nodegroups_output_json(&output, &text);
    } else if (strcmp(form, "yaml") == 0) {
        wb_nodegroups_output_yaml(&output, &text);
    } else {
        wb_nodegroups_output_table(&output, &text);
    }
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return written;
}

static wb_exit execute(suggest_state *state)
{
    wb_error err = {0};
    wb_node_group_advice advice;
    wb_status status = read_all(state, &err);
    if (status == WB_OK) {
        state->input.intern = &state->session.intern;
        state->input.demand = &state->demand;
        status = wb_node_group_advice_make(&state->session.arena, &state->input, &advice, &err);
    }
    if (status != WB_OK) {
        wb_terminal_print_error(&err);
        return status == WB_ERR_IO ? WB_EXIT_FAILED : WB_EXIT_USAGE;
    }
    return print_advice(state, &advice);
}

static wb_exit run(wb_invocation *invocation)
{
    suggest_state state = {0};
    wb_one_shot_session_init(&state.session, invocation);
    wb_node_group_demand_init(&state.demand, &state.session.arena, &state.session.intern);
    const wb_exit exit_status = execute(&state);
    wb_trace_source_remove_all();
    wb_one_shot_session_release(&state.session);
    return exit_status;
}

const wb_command wb_nodegroups_suggest_command = {
    .name = "nodegroups suggest",
    .operands = "",
    .summary = "node groups for Cluster Autoscaler that match NodePools and a workload",
    .description =
        "Derives the node groups that a competent engineer would make for these NodePools and "
        "pods,\nso that a comparison with Karpenter is fair, and naive ones beside them, and says "
        "why.\nThe rules are in docs/node-groups.md; -o yaml is what a scenario takes.",
    .examples = "  werkbank nodegroups suggest -f nodepool.yaml --trace day.trace.zst\n"
                "  werkbank nodegroups suggest --scenario scenarios/day/scenario.yaml -o yaml",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
