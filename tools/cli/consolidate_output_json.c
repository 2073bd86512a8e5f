/* One JSON object; docs/consolidate.md names the fields. YAML is the same tree, printed as YAML. */
#include <assert.h>
#include <string.h>

#include "base/document.h"
#include "base/duration.h"
#include "kube/names.h"
#include "tools/cli/consolidate_output.h"
#include "tools/cli/yaml_output.h"

static void add_string(wb_text *out, const char *name, const char *value)
{
    wb_text_add_json_string(out, name);
    wb_text_add_string(out, ": ");
    wb_text_add_json_string(out, value);
}

/* A label that a node may lack. */
static void add_id(wb_text *out, const wb_consolidate_report *report, const char *name, uint32_t id)
{
    wb_text_add_string(out, ", ");
    if (id != 0) {
        add_string(out, name, wb_intern_text(report->input->intern, id));
    } else {
        wb_text_add_json_string(out, name);
        wb_text_add_string(out, ": null");
    }
}

static void add_time(wb_text *out, const char *name, int64_t at_ms)
{
    char text[48];
    wb_duration_print_time(at_ms, text);
    add_string(out, name, text);
}

/* The members of a node, without braces. */
static void add_node(wb_text *out, const wb_consolidate_report *report,
                     const wb_consolidate_node *node)
{
    add_string(out, "name", wb_intern_text(report->input->intern, node->name));
    add_id(out, report, "nodepool", node->nodepool);
    add_id(out, report, "instance_type", node->type);
    add_id(out, report, "zone", node->zone);
    add_id(out, report, "capacity_type", node->market);
    wb_text_add_format(out, ", \"price_per_hour\": %.6f, \"pods\": %u", node->price_usd_per_hour,
                       node->pod_count);
}

static void add_nodes(wb_text *out, const wb_consolidate_report *report, const char *name,
                      const wb_consolidate_node *nodes, uint32_t count)
{
    wb_text_add_format(out, ",\n     \"%s\": [", name);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_string(out, i > 0 ? ",\n      {" : "{");
        add_node(out, report, &nodes[i]);
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, "]");
}

static void add_move(wb_text *out, const wb_consolidate_report *report,
                     const wb_consolidate_move *move)
{
    const wb_intern *intern = report->input->intern;
    wb_text pod;
    wb_text_init(&pod);
    wb_text_add_format(&pod, "%s/%s", wb_intern_text(intern, move->namespace_name),
                       wb_intern_text(intern, move->name));
    wb_text_add_string(out, "{");
    add_string(out, "pod", wb_text_string(&pod));
    wb_text_release(&pod);
    add_id(out, report, "from", move->from_node);
    add_id(out, report, "to", move->is_lost ? 0 : move->to_node);
    wb_text_add_format(out, ", \"lost\": %s}", move->is_lost ? "true" : "false");
}

static void add_savings(wb_text *out, double usd_per_hour)
{
    wb_text_add_format(out, "\"saving_per_hour\": %.6f, \"saving_per_month\": %.4f", usd_per_hour,
                       usd_per_hour * WB_CONSOLIDATE_HOURS_PER_MONTH);
}

static void add_command(wb_text *out, const wb_consolidate_report *report, uint32_t index)
{
    const wb_consolidate_step *command = &report->commands[index];
    wb_text_add_format(out, "{\"number\": %u, \"after_seconds\": %.3f, ", index + 1U,
                       (double)command->after_ms / 1000.0);
    add_string(out, "method", wb_disruption_method_name(command->method));
    wb_text_add_string(out, ", ");
    add_string(out, "reason", wb_disruption_reason_name(command->method));
    wb_text_add_string(out, ", ");
    add_string(out, "decision", command->launched_count > 0 ? "replace" : "delete");
    wb_text_add_string(out, ",\n     ");
    add_savings(out, command->saving_usd_per_hour);
    wb_text_add_format(out, ", \"estimated_saving_per_hour\": %.6f",
                       command->estimate_usd_per_hour);
    wb_text_add_format(out, ", \"pods_moved\": %u, \"pods_lost\": %u", command->moved_count,
                       command->lost_count);
    add_nodes(out, report, "nodes", command->removed, command->removed_count);
    add_nodes(out, report, "replacements", command->launched, command->launched_count);
    wb_text_add_string(out, ",\n     \"moves\": [");
    for (uint32_t i = 0; i < command->move_count; i++) {
        wb_text_add_string(out, i > 0 ? ",\n      " : "");
        add_move(out, report, &command->moves[i]);
    }
    wb_text_add_string(out, "]}");
}

static void add_stay(wb_text *out, const wb_consolidate_report *report,
                     const wb_consolidate_stay *stay)
{
    assert(stay->reason_count > 0);
    wb_text_add_string(out, "{");
    add_node(out, report, &stay->node);
    wb_text_add_string(out, ",\n     \"reasons\": [");
    for (uint32_t i = 0; i < stay->reason_count; i++) {
        wb_text_add_string(out, i > 0 ? ",\n      {" : "{");
        add_string(out, "code", stay->reasons[i].code);
        wb_text_add_string(out, ", ");
        add_string(out, "text", stay->reasons[i].text);
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, "]}");
}

static void add_notes(wb_text *out, const wb_consolidate_report *report)
{
    const uint32_t inputs = report->input->note_count;
    wb_text_add_string(out, ",\n  \"notes\": [");
    for (uint32_t i = 0; i < inputs + report->note_count; i++) {
        wb_text_add_string(out, i > 0 ? ",\n    " : "\n    ");
        wb_text_add_json_string(out,
                                i < inputs ? report->input->notes[i] : report->notes[i - inputs]);
    }
    wb_text_add_string(out, "]");
}

static void add_head(wb_text *out, const wb_consolidate_report *report)
{
    const wb_one_shot_input *input = report->input;
    wb_text_add_string(out, "{\n  \"schema\": \"werkbank/consolidate/v1\",\n  ");
    add_string(out, "region", wb_intern_text(input->intern, input->catalog.region));
    wb_text_add_string(out, ",\n  ");
    add_string(out, "currency", input->catalog.currency);
    wb_text_add_string(out, ",\n  ");
    add_string(out, "price_source", input->catalog.price_source);
    wb_text_add_string(out, ",\n  ");
    add_time(out, "start", report->start_ms);
    wb_text_add_string(out, ", ");
    add_time(out, "end", report->end_ms);
    wb_text_add_format(out, ",\n  \"nodes_before\": %u, \"nodes_after\": %u", report->before_count,
                       report->after_count);
    wb_text_add_format(out,
                       ",\n  \"price_per_hour_before\": %.6f, \"price_per_hour_after\": %.6f, ",
                       report->before_usd_per_hour, report->after_usd_per_hour);
    add_savings(out, report->before_usd_per_hour - report->after_usd_per_hour);
    wb_text_add_format(out, ",\n  \"pods_moved\": %u, \"pods_lost\": %u, \"stopped\": ",
                       report->moved_count, report->lost_count);
    if (report->stopped != NULL) {
        wb_text_add_json_string(out, report->stopped);
    } else {
        wb_text_add_string(out, "null");
    }
}

void wb_consolidate_output_json(const wb_consolidate_report *report, wb_text *out)
{
    assert(report != NULL && out != NULL);
    add_head(out, report);
    wb_text_add_string(out, ",\n  \"commands\": [");
    for (uint32_t i = 0; i < report->command_count; i++) {
        wb_text_add_string(out, i > 0 ? ",\n    " : "\n    ");
        add_command(out, report, i);
    }
    wb_text_add_string(out, "],\n  \"stays\": [");
    for (uint32_t i = 0; i < report->stay_count; i++) {
        wb_text_add_string(out, i > 0 ? ",\n    " : "\n    ");
        add_stay(out, report, &report->stays[i]);
    }
    wb_text_add_string(out, "]");
    add_notes(out, report);
    wb_text_add_string(out, "\n}\n");
}

void wb_consolidate_output_yaml(const wb_consolidate_report *report, wb_arena *scratch,
                                wb_text *out)
{
    assert(report != NULL && scratch != NULL && out != NULL);
    wb_text json;
    wb_text_init(&json);
    wb_consolidate_output_json(report, &json);
    const wb_document_input input = {"report", wb_text_string(&json), json.length,
                                     WB_DOCUMENT_JSON};
    wb_document_stream stream = {0};
    const wb_status status = wb_document_read_text(scratch, &input, &stream, NULL);
    assert(status == WB_OK && stream.count == 1); /* our own JSON */
    (void)status;
    wb_text_release(&json);
    wb_yaml_output_print(stream.roots[0], out);
}
