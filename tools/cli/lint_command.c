/*
 * werkbank lint: files looked through for what decoding cannot see. The checks are in
 * scenarios/one_shot; here are options and output. Status 1 when something is found, so that a
 * pipeline may stop.
 */
#include <stdio.h>
#include <string.h>

#include "kube/names.h"
#include "scenarios/one_shot/lint.h"
#include "tools/cli/command_list.h"
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
    {.name = "min-values-policy",
     .kind = WB_OPTION_CHOICE,
     .value_name = "POLICY",
     .default_text = "Strict",
     .choices = "Strict|BestEffort",
     .help = "what minValues count for, as Karpenter's setting"},
    {.name = "strict",
     .kind = WB_OPTION_FLAG,
     .help = "refuse unknown fields in manifests instead of warning"},
    WB_OPTION_OUTPUT("table|json"),
};

static wb_status load(wb_invocation *invocation, wb_intern *intern, wb_findings *findings,
                      wb_one_shot_input *out, wb_error *err)
{
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
        .min_values_best_effort =
            strcmp(wb_command_text(invocation, "min-values-policy"), "BestEffort") == 0,
        .ignores_cluster = true,
    };
    const wb_status status =
        wb_one_shot_read(invocation->arena, intern, &wanted, findings, out, err);
    wb_terminal_print_findings(findings, wb_command_flag(invocation, "quiet"));
    if (status != WB_OK && findings->error_count > 0) {
        err->text[0] = 0; /* said already, finding by finding */
    }
    return status;
}

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

static wb_exit run(wb_invocation *invocation)
{
    wb_intern intern;
    wb_findings findings;
    wb_one_shot_input input;
    wb_error err = {0};
    wb_intern_init(&intern, invocation->arena);
    wb_names_init(&intern);
    wb_findings_init(&findings, invocation->arena, wb_command_flag(invocation, "strict"));
    if (load(invocation, &intern, &findings, &input, &err) != WB_OK) {
        if (err.text[0] != 0) {
            wb_terminal_error("%s", err.text);
        }
        wb_intern_release(&intern);
        return WB_EXIT_USAGE;
    }
    wb_lint_report report;
    wb_lint_run(invocation->arena, &input, &report);
    const wb_exit exit_status = print_report(invocation, &report);
    wb_intern_release(&intern);
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
