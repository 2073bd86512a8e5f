/* werkbank nodegroups suggest: what Cluster Autoscaler should be given to be compared fairly. */
#include <string.h>

#include "kube/names.h"
#include "scenarios/node_group_advice.h"
#include "scenarios/one_shot/one_shot.h"
#include "tools/cli/command_list.h"
#include "tools/cli/nodegroups_output.h"
#include "tools/cli/terminal.h"
#include "tools/cli/trace_source.h"

static const wb_option options[] = {
    {.name = "filename",
     .letter = 'f',
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "manifests: NodePools, DaemonSets, workloads; a file, a folder, - for standard input"},
    {.name = "trace",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "a trace whose pods want nodes; formats that trace import knows are imported"},
    {.name = "scenario",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE",
     .help = "workload, place and, without -f, the NodePools of this scenario's first Karpenter"},
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
    {.name = "strict",
     .kind = WB_OPTION_FLAG,
     .help = "refuse unknown fields in manifests instead of warning"},
    {.name = "output",
     .letter = 'o',
     .kind = WB_OPTION_CHOICE,
     .value_name = "FORMAT",
     .default_text = "table",
     .choices = "table|yaml|json",
     .help = "format of standard output; yaml is what a scenario takes"},
};

typedef struct suggest_state {
    wb_invocation *invocation;
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_scenario scenario;
    wb_one_shot_input files;
    wb_node_group_demand demand;
    wb_node_group_advice_input input;
} suggest_state;

static wb_status read_files(suggest_state *state, wb_error *err)
{
    const wb_invocation *invocation = state->invocation;
    const wb_option_value *files = wb_command_value(invocation, "filename");
    const wb_option_value *zones = wb_command_value(invocation, "zone");
    const wb_one_shot_options wanted = {
        .paths = files->texts,
        .zones = zones->texts,
        .path_count = files->text_count,
        .zone_count = zones->text_count,
        .region = wb_command_text(invocation, "region"),
        .catalog_path = wb_command_text(invocation, "catalog"),
        .ignores_cluster = true,
    };
    WB_TRY(wb_one_shot_read(&state->arena, &state->intern, &wanted, &state->findings, &state->files,
                            err));
    state->input.catalog = &state->files.catalog;
    state->input.zones = state->files.catalog.zones;
    state->input.zone_count = state->files.catalog.zone_count;
    state->input.pools = state->files.manifest.nodepools;
    state->input.pool_count = state->files.manifest.nodepool_count;
    wb_node_group_demand_add_manifest(&state->demand, &state->files.manifest);
    return WB_OK;
}

/* The scenario's workload and place; its NodePools only where no files bring any. */
static wb_status read_scenario(suggest_state *state, const char *path, wb_error *err)
{
    const wb_scenario_overrides overrides = {
        .findings = &state->findings,
        .catalog_path = wb_command_text(state->invocation, "catalog"),
    };
    WB_TRY(
        wb_scenario_load(&state->arena, &state->intern, path, &overrides, &state->scenario, err));
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
    const wb_option_value *traces = wb_command_value(state->invocation, "trace");
    const bool is_quiet = wb_command_flag(state->invocation, "quiet");
    for (uint32_t i = 0; i < traces->text_count; i++) {
        const char *path = NULL;
        WB_TRY(wb_trace_source_open(traces->texts[i], is_quiet, &state->arena, &path, err));
        WB_TRY(wb_node_group_demand_add_trace(&state->demand, path, err));
    }
    return WB_OK;
}

static wb_status read_all(suggest_state *state, wb_error *err)
{
    const char *scenario = wb_command_text(state->invocation, "scenario");
    const bool has_files = wb_command_value(state->invocation, "filename")->text_count > 0;
    if (!has_files && scenario == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "no NodePools: expected -f FILE, or --scenario FILE");
    }
    wb_status status = has_files ? read_files(state, err) : WB_OK;
    if (status == WB_OK && scenario != NULL) {
        status = read_scenario(state, scenario, err);
    }
    wb_terminal_print_findings(&state->findings, wb_command_flag(state->invocation, "quiet"));
    if (status != WB_OK && state->findings.error_count > 0) {
        err->text[0] = 0; /* said already, finding by finding */
    }
    WB_TRY(status);
    return read_traces(state, err);
}

static wb_exit print_advice(suggest_state *state, const wb_node_group_advice *advice)
{
    const wb_nodegroups_output output = {
        .arena = &state->arena,
        .intern = &state->intern,
        .catalog = state->input.catalog,
        .advice = advice,
        .zone_count = state->input.zone_count,
        .is_colored = wb_terminal_has_color(state->invocation),
    };
    const char *form = wb_command_text(state->invocation, "output");
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
        state->input.intern = &state->intern;
        state->input.demand = &state->demand;
        status = wb_node_group_advice_make(&state->arena, &state->input, &advice, &err);
    }
    if (status != WB_OK) {
        if (err.text[0] != 0) {
            wb_terminal_error("%s", err.text);
        }
        return status == WB_ERR_IO ? WB_EXIT_FAILED : WB_EXIT_USAGE;
    }
    return print_advice(state, &advice);
}

static wb_exit run(wb_invocation *invocation)
{
    suggest_state state = {.invocation = invocation};
    wb_arena_init(&state.arena, "node groups", 0, NULL);
    wb_intern_init(&state.intern, &state.arena);
    wb_names_init(&state.intern);
    wb_findings_init(&state.findings, &state.arena, wb_command_flag(invocation, "strict"));
    wb_node_group_demand_init(&state.demand, &state.arena, &state.intern);
    const wb_exit exit_status = execute(&state);
    wb_trace_source_remove_all();
    wb_intern_release(&state.intern);
    wb_arena_release(&state.arena);
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
