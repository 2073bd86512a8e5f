/*
 * The subcommands in the order in which help shows them: the everyday ones first.
 */
#include "tools/cli/command_list.h"

static const wb_command *const commands[] = {
    &wb_run_command,
    &wb_compare_command,
    &wb_bound_command,
    &wb_sweep_command,
    &wb_tune_command,
    &wb_plot_command,
    &wb_report_command,
    &wb_explain_command,
    &wb_export_command,
    &wb_top_command,
    &wb_solve_command,
    &wb_consolidate_command,
    &wb_lint_command,
    &wb_preflight_command,
    &wb_nodegroups_suggest_command,
    &wb_trace_import_command,
    &wb_trace_generate_command,
    &wb_trace_info_command,
    &wb_trace_cut_command,
    &wb_trace_scale_command,
    &wb_trace_merge_command,
    &wb_trace_shift_command,
    &wb_trace_anonymize_command,
    &wb_trace_validate_command,
    &wb_trace_convert_command,
    &wb_trace_diff_command,
    &wb_catalog_list_command,
    &wb_catalog_show_command,
    &wb_catalog_import_command,
    &wb_cases_command,
    &wb_diff_command,
    &wb_merge_command,
    &wb_bench_run_command,
    &wb_bench_baseline_command,
    &wb_bench_check_command,
    &wb_bench_hold_command,
    &wb_bench_solver_command,
    &wb_bench_trace_command,
    &wb_bench_consolidation_command,
    &wb_bench_node_groups_command,
    &wb_help_command,
    &wb_version_command,
    &wb_completion_command,
    &wb_man_command,
};

const wb_command *const *wb_command_list(uint32_t *out_count)
{
    *out_count = (uint32_t)(sizeof(commands) / sizeof(commands[0]));
    return commands;
}
