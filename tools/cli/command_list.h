/* The subcommands, one per file. A new one: its file, a line here, a line in command_list.c. */
#ifndef WB_TOOLS_CLI_COMMAND_LIST_H
#define WB_TOOLS_CLI_COMMAND_LIST_H

#include "tools/cli/command.h"

extern const wb_command wb_run_command;
extern const wb_command wb_compare_command;
extern const wb_command wb_bound_command;
extern const wb_command wb_sweep_command;
extern const wb_command wb_tune_command;
extern const wb_command wb_plot_command;
extern const wb_command wb_report_command;
extern const wb_command wb_explain_command;
extern const wb_command wb_export_command;
extern const wb_command wb_nodegroups_suggest_command;
extern const wb_command wb_top_command;
extern const wb_command wb_trace_import_command;
extern const wb_command wb_trace_generate_command;
extern const wb_command wb_trace_info_command;
extern const wb_command wb_trace_cut_command;
extern const wb_command wb_trace_scale_command;
extern const wb_command wb_trace_merge_command;
extern const wb_command wb_trace_shift_command;
extern const wb_command wb_trace_anonymize_command;
extern const wb_command wb_trace_validate_command;
extern const wb_command wb_trace_convert_command;
extern const wb_command wb_trace_diff_command;
extern const wb_command wb_catalog_list_command;
extern const wb_command wb_catalog_show_command;
extern const wb_command wb_catalog_import_command;
extern const wb_command wb_solve_command;
extern const wb_command wb_consolidate_command;
extern const wb_command wb_preflight_command;
extern const wb_command wb_lint_command;
extern const wb_command wb_cases_command;
extern const wb_command wb_diff_command;
extern const wb_command wb_merge_command;
extern const wb_command wb_bench_run_command;
extern const wb_command wb_bench_baseline_command;
extern const wb_command wb_bench_check_command;
extern const wb_command wb_bench_hold_command;
extern const wb_command wb_bench_solver_command;
extern const wb_command wb_bench_trace_command;
extern const wb_command wb_bench_node_groups_command;
extern const wb_command wb_bench_consolidation_command;
extern const wb_command wb_version_command;
extern const wb_command wb_help_command;
extern const wb_command wb_completion_command;
extern const wb_command wb_man_command;

#endif
