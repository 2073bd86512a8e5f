/*
 * werkbank lint: files looked through for what decoding cannot see. The checks are in
 * scenarios/one_shot; here are options and output. Status 1 when something is found, so that a
 * pipeline may stop.
 */
#include <stdio.h>
#include <string.h>

#include "scenarios/one_shot/lint.h"
#include "tools/cli/command_list.h"
#include "tools/cli/one_shot_session.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    WB_OPTION_DUMPS,
    WB_OPTION_REGION,
    WB_OPTION_ZONE,
    WB_OPTION_CATALOG,
    WB_OPTION_MIN_VALUES_POLICY,
    WB_OPTION_STRICT,
    WB_OPTION_OUTPUT("table|json"),
};

/* As compilers print them: editors jump to the place, grep finds the check. */
static void print_lines(const wb_lint_report *report, wb_text *out)
{
    for (uint32_t i = 0; i < report->count; i++) {
        const wb_lint_finding *one = &report->findings[i];
        const bool has_path = one->path[0] != '\0';
        wb_text_add_format(out, "%s:%u: %s: %s: %s%s%s [%s]\n",
                           one->position.file != NULL ? one->position.file : "-",
                           one->position.line,
                           one->severity == WB_SEVERITY_ERROR ? "error" : "warning", one->object,
                           has_path ? one->path : "", has_path ? ": " : "", one->text, one->check);
    }
    wb_text_add_format(out, "%u error%s, %u warning%s\n", report->error_count,
                       report->error_count == 1 ? "" : "s", report->warning_count,
                       report->warning_count == 1 ? "" : "s");
}

static void add_string(wb_text *out, const char *name, const char *value)
{
    wb_text_add_json_string(out, name);
    wb_text_add_string(out, ": ");
    wb_text_add_json_string(out, value);
}

static void print_json(const wb_lint_report *report, wb_text *out)
{
    wb_text_add_format(out,
                       "{\n  \"schema\": \"werkbank/lint/v1\",\n  \"errors\": %u,\n"
                       "  \"warnings\": %u,\n  \"findings\": [",
                       report->error_count, report->warning_count);
    for (uint32_t i = 0; i < report->count; i++) {
        const wb_lint_finding *one = &report->findings[i];
        wb_text_add_string(out, i > 0 ? ",\n    {" : "\n    {");
        add_string(out, "file", one->position.file != NULL ? one->position.file : "");
        wb_text_add_format(out, ", \"line\": %u, \"column\": %u, ", one->position.line,
                           one->position.column);
        add_string(out, "severity", one->severity == WB_SEVERITY_ERROR ? "error" : "warning");
        wb_text_add_string(out, ", ");
        add_string(out, "check", one->check);
        wb_text_add_string(out, ",\n     ");
        add_string(out, "object", one->object);
        wb_text_add_string(out, ", ");
        add_string(out, "path", one->path);
        wb_text_add_string(out, ",\n     ");
        add_string(out, "finding", one->text);
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, "]\n}\n");
}

static wb_exit print_report(const wb_invocation *invocation, const wb_lint_report *report)
{
    wb_text text;
    wb_text_init(&text);
    if (strcmp(wb_command_text(invocation, "output"), "json") == 0) {
        print_json(report, &text);
    } else {
        print_lines(report, &text);
    }
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return written == WB_EXIT_DONE && report->error_count > 0 ? WB_EXIT_FINDING : written;
}

static wb_exit execute(wb_one_shot_session *session)
{
    const wb_one_shot_options wanted = {
        .min_values_best_effort = wb_one_shot_session_is_best_effort(session->invocation),
        .ignores_cluster = true,
    };
    wb_error err = {0};
    const wb_status status = wb_one_shot_session_read(session, &wanted, &err);
    if (wb_terminal_close_findings(session->invocation, &session->findings, status, &err) !=
        WB_OK) {
        wb_terminal_print_error(&err);
        return WB_EXIT_USAGE;
    }
    wb_lint_report report;
    wb_lint_run(&session->arena, &session->input, &report);
    return print_report(session->invocation, &report);
}

static wb_exit run(wb_invocation *invocation)
{
    wb_one_shot_session session;
    wb_one_shot_session_init(&session, invocation);
    const wb_exit exit_status = execute(&session);
    wb_one_shot_session_release(&session);
    return exit_status;
}

const wb_command wb_lint_command = {
    .name = "lint",
    .operands = "",
    .summary = "what will bite in NodePools, workloads and PDBs",
    .description =
        "Reads NodePools, NodeClasses, workloads and PodDisruptionBudgets, places every pod in an\n"
        "empty cluster, and names what will bite: pods that no NodePool can serve, pools that can\n"
        "never win, limits below one node, budgets that block every drain. Exit 1 when a finding\n"
        "is an error, 0 with warnings only, 2 when a file can't be read or is refused.",
    .examples = "  werkbank lint -f manifests/\n"
                "  kubectl get nodepools,ec2nodeclasses,deployments,pdb -A -o yaml | werkbank lint "
                "-f -",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
