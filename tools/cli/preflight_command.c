/*
 * werkbank preflight: an installation's files checked before it runs, or the least policy that
 * recorded runs needed. The checks are in scenarios/preflight; here are options and output.
 */
#include <stdio.h>
#include <string.h>

#include "kube/names.h"
#include "scenarios/preflight/least_policy.h"
#include "scenarios/preflight/preflight.h"
#include "tools/cli/command_list.h"
#include "tools/cli/json_output.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "filename",
     .letter = 'f',
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "a policy, a trust policy, values.yaml, a manifest, an answer of the AWS CLI; known "
             "by its content"},
    {.name = "boundary",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "the permissions boundary of the controller's role"},
    {.name = "scp",
     .kind = WB_OPTION_TEXT,
     .is_repeated = true,
     .value_name = "FILE",
     .help = "a service control policy of the account"},
    {.name = "cluster",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "the cluster's name; otherwise the one that the files say"},
    {.name = "account",
     .kind = WB_OPTION_TEXT,
     .value_name = "ID",
     .help = "the account; otherwise the one that the files say"},
    {.name = "region",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "the region; otherwise the one that the files say"},
    {.name = "namespace",
     .letter = 'n',
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "of the service account; otherwise its manifest's, else kube-system"},
    {.name = "oidc-provider",
     .kind = WB_OPTION_TEXT,
     .value_name = "HOST/id/ID",
     .help = "the cluster's; otherwise describe-cluster's, else the trust policy's own"},
    {.name = "controller",
     .kind = WB_OPTION_CHOICE,
     .value_name = "KIND",
     .default_text = "karpenter",
     .choices = "karpenter|cluster_autoscaler",
     .help = "whose calls are checked"},
    {.name = "from",
     .kind = WB_OPTION_TEXT,
     .value_name = "FILE.db",
     .help = "instead: print the least policy that the runs in this database needed"},
    {.name = "contender",
     .kind = WB_OPTION_TEXT,
     .value_name = "NAME",
     .help = "with --from: only the runs of this contender"},
    WB_OPTION_OUTPUT("table|json"),
};

static const char *const titles[WB_PREFLIGHT_KIND_COUNT] = {"INCONSISTENT", "MISSING",
                                                            "WIDER THAN NEEDED",
                                                            "NOT CHECKED, OR WORTH KNOWING"};

static void print_finding(const wb_preflight_finding *one, wb_text *out)
{
    wb_text_add_format(out, "  %s: %s: %s\n",
                       one->is_error                    ? "error"
                       : one->kind == WB_PREFLIGHT_NOTE ? "note"
                                                        : "warning",
                       one->subject, one->text);
    const struct {
        const char *label, *text;
    } lines[] = {{"fails", one->failing}, {"so", one->therefore}, {"see", one->where}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (lines[i].text != NULL && lines[i].text[0] != '\0') {
            wb_text_add_format(out, "      %-5s  %s\n", lines[i].label, lines[i].text);
        }
    }
}

static void print_for_people(const wb_preflight_report *report, wb_text *out)
{
    uint32_t warning_count = 0;
    wb_text_add_format(out, "%s\n", report->names_sources);
    for (uint32_t i = 0; i < report->count; i++) {
        const wb_preflight_finding *one = &report->findings[i];
        if (i == 0 || report->findings[i - 1].kind != one->kind) {
            wb_text_add_format(out, "\n%s\n", titles[one->kind]);
        }
        print_finding(one, out);
        warning_count += !one->is_error && one->kind != WB_PREFLIGHT_NOTE ? 1U : 0U;
    }
    wb_text_add_format(out, "\n%u call%s decided; %u error%s, %u warning%s\n", report->call_count,
                       report->call_count == 1 ? "" : "s", report->error_count,
                       report->error_count == 1 ? "" : "s", warning_count,
                       warning_count == 1 ? "" : "s");
}

static void add_text(cJSON *object, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        (void)cJSON_AddStringToObject(object, name, value);
    } else {
        (void)cJSON_AddNullToObject(object, name);
    }
}

static void print_json(const wb_preflight_report *report, wb_text *out)
{
    cJSON *json = wb_json_output_new();
    (void)cJSON_AddStringToObject(json, "schema", "werkbank/preflight/v1");
    (void)cJSON_AddStringToObject(json, "cluster", report->names.cluster);
    (void)cJSON_AddStringToObject(json, "account", report->names.account);
    (void)cJSON_AddStringToObject(json, "region", report->names.region);
    (void)cJSON_AddNumberToObject(json, "calls", report->call_count);
    (void)cJSON_AddNumberToObject(json, "errors", report->error_count);
    cJSON *findings = cJSON_AddArrayToObject(json, "findings");
    for (uint32_t i = 0; i < report->count; i++) {
        const wb_preflight_finding *one = &report->findings[i];
        cJSON *item = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(item, "kind", wb_preflight_kind_name(one->kind));
        (void)cJSON_AddBoolToObject(item, "error", one->is_error);
        add_text(item, "subject", one->subject);
        add_text(item, "finding", one->text);
        add_text(item, "fails", one->failing);
        add_text(item, "consequence", one->therefore);
        add_text(item, "where", one->where);
        (void)cJSON_AddItemToArray(findings, item);
    }
    wb_json_output_print(json, out);
}

static wb_status check_files(const wb_invocation *invocation, wb_preflight_report *out,
                             wb_error *err)
{
    const wb_option_value *files = wb_command_value(invocation, "filename");
    const wb_option_value *boundaries = wb_command_value(invocation, "boundary");
    const wb_option_value *scps = wb_command_value(invocation, "scp");
    if (files->text_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "no files: expected -f FILE, or --from FILE.db");
    }
    const wb_preflight_options wanted = {
        .paths = files->texts,
        .boundary_paths = boundaries->texts,
        .scp_paths = scps->texts,
        .path_count = files->text_count,
        .boundary_count = boundaries->text_count,
        .scp_count = scps->text_count,
        .cluster = wb_command_text(invocation, "cluster"),
        .account = wb_command_text(invocation, "account"),
        .region = wb_command_text(invocation, "region"),
        .namespace_name = wb_command_text(invocation, "namespace"),
        .oidc_provider = wb_command_text(invocation, "oidc-provider"),
        .is_cluster_autoscaler =
            strcmp(wb_command_text(invocation, "controller"), "cluster_autoscaler") == 0,
    };
    wb_intern *intern = WB_ARENA_NEW(invocation->arena, wb_intern);
    wb_findings *findings = WB_ARENA_NEW(invocation->arena, wb_findings);
    wb_intern_init(intern, invocation->arena);
    wb_names_init(intern);
    wb_findings_init(findings, invocation->arena, false);
    const wb_status status =
        wb_preflight_check(invocation->arena, intern, &wanted, findings, out, err);
    wb_intern_release(intern); /* the report's texts are the arena's */
    return wb_terminal_close_findings(invocation, findings, status, err);
}

static wb_exit run_check(const wb_invocation *invocation)
{
    wb_preflight_report report;
    wb_error err = {0};
    if (check_files(invocation, &report, &err) != WB_OK) {
        wb_terminal_print_error(&err);
        return WB_EXIT_USAGE;
    }
    wb_text text;
    wb_text_init(&text);
    if (strcmp(wb_command_text(invocation, "output"), "json") == 0) {
        print_json(&report, &text);
    } else {
        print_for_people(&report, &text);
    }
    const wb_exit written = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return written == WB_EXIT_DONE && report.error_count > 0 ? WB_EXIT_FINDING : written;
}

static wb_exit print_least_policy(const wb_invocation *invocation, const char *path)
{
    wb_store *store = NULL;
    wb_error err = {0};
    if (wb_store_open_readonly(path, &store, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    wb_text text;
    uint32_t run_count = 0;
    wb_text_init(&text);
    wb_exit status = WB_EXIT_FAILED;
    if (wb_least_policy_print(store, invocation->arena, wb_command_text(invocation, "contender"),
                              &text, &run_count, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
    } else if (run_count == 0) {
        wb_terminal_error("%s: no finished run%s has an identity (spec.identity), so that no "
                          "call was counted",
                          path,
                          wb_command_text(invocation, "contender") != NULL ? " of that name" : "");
        status = WB_EXIT_USAGE;
    } else {
        status = wb_terminal_write_result(&text);
    }
    wb_text_release(&text);
    wb_store_close(store);
    return status;
}

static wb_exit run(wb_invocation *invocation)
{
    const char *path = wb_command_text(invocation, "from");
    if (path == NULL) {
        return run_check(invocation);
    }
    if (wb_command_value(invocation, "filename")->text_count > 0) {
        wb_terminal_error("both -f and --from: expected one of them");
        return WB_EXIT_USAGE;
    }
    return print_least_policy(invocation, path);
}

const wb_command wb_preflight_command = {
    .name = "preflight",
    .operands = "",
    .summary = "check an installation's IAM policies, roles and names before it runs",
    .description =
        "Decides every call that the controller will make under its role's policies, as IAM\n"
        "would, and holds the files against one another: what is missing, with the call that\n"
        "would fail and what follows; what disagrees (cluster, role, queue, discovery tags);\n"
        "what is wider than needed. Status 1 when something that is needed is missing.\n"
        "With --from the least policy that recorded runs needed, as JSON.",
    .examples =
        "  werkbank preflight -f values.yaml -f policy.json -f trust.json -f nodepool.yaml\n"
        "  aws eks describe-cluster --name shop | werkbank preflight -f - -f values.yaml\n"
        "  werkbank preflight --from runs.db > least-policy.json",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
