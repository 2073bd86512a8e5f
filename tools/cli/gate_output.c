#include "tools/cli/gate_output.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/cli/json_output.h"
#include "tools/cli/result_table.h"

/* What should be small, for charts over time. */
static const struct {
    const char *name, *unit;
} charted[] = {
    {"cost_usd", "USD"},   {"pod_latency_ms_p99", "ms"},          {"pods_unscheduled", "pods"},
    {"evictions", "pods"}, {"work.requirement_checks", "checks"}, {"work.events", "events"},
};

bool wb_gate_output_is_failure(const wb_gate_report *report)
{
    assert(report != NULL && report->gate != NULL);
    return report->gate->failed_count > 0 || report->times_fail;
}

/* "+1.20 %", or nothing where no share can be said. */
static void print_share(const wb_gate_change *change, char *out, size_t size)
{
    out[0] = 0;
    if (change->share != 0.0) {
        (void)snprintf(out, size, "%+.2f %%", change->share * 100.0);
    }
}

static void print_summary(const wb_gate_report *report, wb_text *out)
{
    const wb_gate *gate = report->gate;
    wb_text_add_format(out, "%s: %u runs, %u as before, %u changed, %u failed\n",
                       report->suite->name, gate->run_count, gate->run_count - gate->changed_count,
                       gate->changed_count - gate->failed_count, gate->failed_count);
    if (report->times != NULL) {
        wb_text_add_format(
            out, "CPU time: %.2f s against %.2f s of the baseline's program, %.2f of it%s\n",
            (double)report->times->after_ns / 1e9, (double)report->times->before_ns / 1e9,
            report->times->ratio, report->times_fail ? ": beyond its tolerance" : "");
    }
}

static void print_changes(const wb_gate_report *report, const char *format, wb_arena *arena,
                          wb_text *out)
{
    static const wb_result_column columns[] = {
        {"RUN", "run", false, false},      {"FIGURE", "figure", false, false},
        {"BEFORE", "before", true, false}, {"NOW", "now", true, false},
        {"CHANGE", "change", true, false}, {"VERDICT", "verdict", false, false},
    };
    wb_result_table table;
    wb_result_table_init(&table, arena, columns, sizeof(columns) / sizeof(columns[0]));
    for (uint32_t r = 0; r < report->gate->run_count; r++) {
        const wb_gate_run *run = &report->gate->runs[r];
        for (uint32_t i = 0; i < run->change_count; i++) {
            const wb_gate_change *change = &run->changes[i];
            char share[32];
            print_share(change, share, sizeof share);
            wb_result_table_add_row(&table);
            wb_result_table_set(&table, 0, run->key);
            wb_result_table_set(&table, 1, change->name);
            wb_result_table_set(&table, 2, *change->before != 0 ? change->before : NULL);
            wb_result_table_set(&table, 3, *change->after != 0 ? change->after : NULL);
            wb_result_table_set(&table, 4, share[0] != 0 ? share : NULL);
            wb_result_table_set_format(&table, 5, "%s%s", change->is_failure ? "FAILED: " : "",
                                       change->verdict);
        }
    }
    if (table.row_count > 0) {
        wb_result_table_print(&table, format, out);
        wb_text_add_string(out, "\n");
    }
}

/* Where each changed run parts from the baseline. */
static void print_differences(const wb_gate_report *report, const char *mark, wb_text *out)
{
    for (uint32_t r = 0; r < report->gate->run_count; r++) {
        const wb_gate_run *run = &report->gate->runs[r];
        if (*run->first_difference != 0) {
            wb_text_add_format(out, "%s%s: %s\n", mark, run->key, run->first_difference);
        }
    }
}

static void print_table(const wb_gate_report *report, wb_arena *arena, wb_text *out)
{
    print_changes(report, "table", arena, out);
    print_differences(report, "", out);
    print_summary(report, out);
}

static void print_markdown(const wb_gate_report *report, wb_arena *arena, wb_text *out)
{
    wb_text_add_format(out, "### werkbank %s: %s\n\n", report->suite->name,
                       wb_gate_output_is_failure(report) ? "failed"
                       : report->gate->changed_count > 0 ? "passed, with changes"
                                                         : "passed, nothing changed");
    print_changes(report, "markdown", arena, out);
    print_differences(report, "- ", out);
    wb_text_add_string(out, "\n");
    print_summary(report, out);
}

static void add_changes(cJSON *to, const wb_gate_run *run)
{
    cJSON *changes = cJSON_AddArrayToObject(to, "changes");
    for (uint32_t i = 0; i < run->change_count; i++) {
        const wb_gate_change *change = &run->changes[i];
        cJSON *one = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(one, "figure", change->name);
        (void)cJSON_AddStringToObject(one, "before", change->before);
        (void)cJSON_AddStringToObject(one, "now", change->after);
        (void)cJSON_AddNumberToObject(one, "share", change->share);
        (void)cJSON_AddStringToObject(one, "verdict", change->verdict);
        (void)cJSON_AddBoolToObject(one, "failure", change->is_failure);
        (void)cJSON_AddItemToArray(changes, one);
    }
}

static const char *status_of(const wb_gate_run *run)
{
    if (run->failure_count > 0) {
        return "failed";
    }
    return run->change_count > 0 ? "changed" : "same";
}

static void print_json(const wb_gate_report *report, wb_text *out)
{
    cJSON *root = wb_json_output_new();
    (void)cJSON_AddStringToObject(root, "schema", "werkbank-check/1");
    (void)cJSON_AddStringToObject(root, "suite", report->suite->name);
    (void)cJSON_AddBoolToObject(root, "passed", !wb_gate_output_is_failure(report));
    (void)cJSON_AddNumberToObject(root, "changed", report->gate->changed_count);
    (void)cJSON_AddNumberToObject(root, "failed", report->gate->failed_count);
    cJSON *runs = cJSON_AddArrayToObject(root, "runs");
    for (uint32_t r = 0; r < report->gate->run_count; r++) {
        const wb_gate_run *run = &report->gate->runs[r];
        cJSON *one = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(one, "run", run->key);
        (void)cJSON_AddStringToObject(one, "status", status_of(run));
        (void)cJSON_AddStringToObject(one, "digest", run->after != NULL ? run->after->digest : "");
        (void)cJSON_AddStringToObject(one, "first_difference", run->first_difference);
        add_changes(one, run);
        (void)cJSON_AddItemToArray(runs, one);
    }
    if (report->times != NULL) {
        cJSON *times = cJSON_AddObjectToObject(root, "cpu_time");
        (void)cJSON_AddNumberToObject(times, "before_seconds",
                                      (double)report->times->before_ns / 1e9);
        (void)cJSON_AddNumberToObject(times, "now_seconds", (double)report->times->after_ns / 1e9);
        (void)cJSON_AddNumberToObject(times, "ratio", report->times->ratio);
        (void)cJSON_AddBoolToObject(times, "failure", report->times_fail);
    }
    wb_json_output_print(root, out);
}

/* Markup characters, and control characters that XML 1.0 does not take at all. */
static void add_xml(wb_text *out, const char *text)
{
    for (; *text != 0; text++) {
        switch (*text) {
        case '&': wb_text_add_string(out, "&amp;"); break;
        case '<': wb_text_add_string(out, "&lt;"); break;
        case '>': wb_text_add_string(out, "&gt;"); break;
        case '"': wb_text_add_string(out, "&quot;"); break;
        default: wb_text_add(out, (unsigned char)*text < ' ' ? " " : text, 1); break;
        }
    }
}

static void add_junit_case(const wb_gate_run *run, const char *suite, wb_text *out)
{
    wb_text_add_string(out, "    <testcase classname=\"werkbank.");
    add_xml(out, suite);
    wb_text_add_string(out, "\" name=\"");
    add_xml(out, run->key);
    wb_text_add_string(out, "\">\n");
    wb_text message;
    wb_text_init(&message);
    for (uint32_t i = 0; i < run->change_count; i++) {
        const wb_gate_change *change = &run->changes[i];
        wb_text_add_format(&message, "%s: %s to %s, %s\n", change->name, change->before,
                           change->after, change->verdict);
    }
    if (*run->first_difference != 0) {
        wb_text_add_format(&message, "%s\n", run->first_difference);
    }
    if (run->failure_count > 0) {
        char head[64];
        (void)snprintf(head, sizeof head, "%u figure%s beyond tolerance", run->failure_count,
                       run->failure_count == 1 ? "" : "s");
        wb_text_add_format(out, "      <failure message=\"%s\">", head);
        add_xml(out, wb_text_string(&message));
        wb_text_add_string(out, "</failure>\n");
    } else if (run->change_count > 0) {
        wb_text_add_string(out, "      <system-out>");
        add_xml(out, wb_text_string(&message));
        wb_text_add_string(out, "</system-out>\n");
    }
    wb_text_release(&message);
    wb_text_add_string(out, "    </testcase>\n");
}

static void print_junit(const wb_gate_report *report, wb_text *out)
{
    const uint32_t time_cases = report->times != NULL ? 1 : 0;
    const uint32_t tests = report->gate->run_count + time_cases;
    const uint32_t failures = report->gate->failed_count + (report->times_fail ? 1U : 0U);
    wb_text_add_format(out,
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<testsuites tests=\"%u\" failures=\"%u\" errors=\"0\">\n"
                       "  <testsuite name=\"werkbank ",
                       tests, failures);
    add_xml(out, report->suite->name);
    wb_text_add_format(out, "\" tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"0\">\n", tests,
                       failures);
    for (uint32_t r = 0; r < report->gate->run_count; r++) {
        add_junit_case(&report->gate->runs[r], report->suite->name, out);
    }
    if (report->times != NULL) {
        wb_text_add_string(out, "    <testcase classname=\"werkbank.");
        add_xml(out, report->suite->name);
        wb_text_add_string(out, "\" name=\"CPU time\">\n");
        if (report->times_fail) {
            wb_text_add_format(out, "      <failure message=\"%.2f of the baseline's\"/>\n",
                               report->times->ratio);
        }
        wb_text_add_string(out, "    </testcase>\n");
    }
    wb_text_add_string(out, "  </testsuite>\n</testsuites>\n");
}

static void print_benchmark(const wb_gate_report *report, wb_text *out)
{
    const char *separator = "";
    wb_text_add_string(out, "[");
    for (uint32_t r = 0; r < report->gate->run_count; r++) {
        const wb_gate_run *run = &report->gate->runs[r];
        for (size_t i = 0; run->after != NULL && i < sizeof(charted) / sizeof(charted[0]); i++) {
            const char *value = wb_baseline_value_of(run->after, charted[i].name);
            if (value == NULL) {
                continue;
            }
            wb_text_add_format(out, "%s\n  {\"name\": ", separator);
            char name[600];
            (void)snprintf(name, sizeof name, "%s %s", run->key, charted[i].name);
            wb_text_add_json_string(out, name);
            wb_text_add_format(out, ", \"unit\": \"%s\", \"value\": %s}", charted[i].unit, value);
            separator = ",";
        }
    }
    wb_text_add_string(out, "\n]\n");
}

void wb_gate_output_print(const wb_gate_report *report, const char *format, wb_arena *arena,
                          wb_text *out)
{
    assert(report != NULL && format != NULL && arena != NULL && out != NULL);
    if (strcmp(format, "json") == 0) {
        print_json(report, out);
    } else if (strcmp(format, "junit") == 0) {
        print_junit(report, out);
    } else if (strcmp(format, "markdown") == 0) {
        print_markdown(report, arena, out);
    } else if (strcmp(format, "benchmark") == 0) {
        print_benchmark(report, out);
    } else {
        assert(strcmp(format, "table") == 0);
        print_table(report, arena, out);
    }
}
