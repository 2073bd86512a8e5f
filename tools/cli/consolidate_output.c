#include "tools/cli/consolidate_output.h"

#include <assert.h>

#include "base/duration.h"
#include "kube/names.h"
#include "tools/cli/result_table.h"

#define NODES_NAMED 3 /* of one command's; the rest is counted */
#define PODS_NAMED  6 /* of one destination's */

static const wb_result_column columns[] = {
    {"COMMAND", "command", true, false}, {"AFTER", "after", true, false},
    {"METHOD", "method", false, false},  {"NODES", "nodes", false, false},
    {"REPLACED BY", "by", false, false}, {"PODS MOVED", "pods_moved", true, false},
    {"$/HOUR", "per_hour", true, false}, {"$/MONTH", "per_month", true, false},
};

static const char *text_of(const wb_consolidate_report *report, uint32_t id)
{
    return wb_intern_text(report->input->intern, id);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- commands ---- */

/* "m5.large on-demand us-east-1a". */
static void print_offering(const wb_consolidate_report *report, const wb_consolidate_node *node,
                           wb_text *out)
{
    wb_text_add_string(out, node->type != 0 ? text_of(report, node->type) : "unknown type");
    if (node->market != 0) {
        wb_text_add_format(out, " %s", text_of(report, node->market));
    }
    if (node->zone != 0) {
        wb_text_add_format(out, " %s", text_of(report, node->zone));
    }
}

static void print_nodes(const wb_consolidate_report *report, const wb_consolidate_node *nodes,
                        uint32_t count, bool with_offering, wb_text *out)
{
    for (uint32_t i = 0; i < count && i < NODES_NAMED; i++) {
        wb_text_add_format(out, "%s%s", i > 0 ? ", " : "", text_of(report, nodes[i].name));
        if (with_offering) {
            wb_text_add_string(out, " (");
            print_offering(report, &nodes[i], out);
            wb_text_add_string(out, ")");
        }
    }
    if (count > NODES_NAMED) {
        wb_text_add_format(out, " and %u more", count - NODES_NAMED);
    }
}

static void add_command_row(wb_result_table *table, const wb_consolidate_report *report,
                            uint32_t index)
{
    const wb_consolidate_step *command = &report->commands[index];
    char after[48];
    wb_duration_print(command->after_ms, after);
    wb_text text;
    wb_text_init(&text);
    wb_result_table_add_row(table);
    wb_result_table_set_format(table, 0, "%u", index + 1U);
    wb_result_table_set(table, 1, after);
    wb_result_table_set(table, 2, wb_disruption_method_name(command->method));
    print_nodes(report, command->removed, command->removed_count, false, &text);
    wb_result_table_set(table, 3, wb_text_string(&text));
    if (command->launched_count > 0) {
        wb_text_clear(&text);
        print_nodes(report, command->launched, command->launched_count, true, &text);
        wb_result_table_set(table, 4, wb_text_string(&text));
    }
    wb_result_table_set_format(table, 5, "%u", command->moved_count);
    wb_result_table_set_format(table, 6, "%.4f", command->saving_usd_per_hour);
    wb_result_table_set_format(table, 7, "%.2f",
                               command->saving_usd_per_hour * WB_CONSOLIDATE_HOURS_PER_MONTH);
    wb_text_release(&text);
}

/* Whether an earlier move goes to the same node, or is lost as this one is. */
static bool is_told(const wb_consolidate_step *command, uint32_t index)
{
    const wb_consolidate_move *move = &command->moves[index];
    for (uint32_t i = 0; i < index; i++) {
        if (command->moves[i].is_lost == move->is_lost &&
            (move->is_lost || command->moves[i].to_node == move->to_node)) {
            return true;
        }
    }
    return false;
}

/* "  1: to ip-10-0-1-21: shop/web-1, shop/web-2". */
static void print_moves(const wb_consolidate_report *report, uint32_t index, wb_text *out)
{
    const wb_consolidate_step *command = &report->commands[index];
    for (uint32_t i = 0; i < command->move_count; i++) {
        const wb_consolidate_move *first = &command->moves[i];
        uint32_t count = 0;
        if (is_told(command, i)) {
            continue;
        }
        if (first->is_lost) {
            wb_text_add_format(out, "  %u: deleted, as no owner makes them anew: ", index + 1U);
        } else {
            wb_text_add_format(out, "  %u: to %s: ", index + 1U, text_of(report, first->to_node));
        }
        for (uint32_t m = i; m < command->move_count; m++) {
            const wb_consolidate_move *move = &command->moves[m];
            const bool is_same = move->is_lost == first->is_lost &&
                                 (move->is_lost || move->to_node == first->to_node);
            if (is_same && count++ < PODS_NAMED) {
                wb_text_add_format(out, "%s%s/%s", count > 1 ? ", " : "",
                                   text_of(report, move->namespace_name),
                                   text_of(report, move->name));
                wb_text_add_string(out, move->from_node == 0 ? " (pending)" : "");
            }
        }
        if (count > PODS_NAMED) {
            wb_text_add_format(out, " and %u more", count - PODS_NAMED);
        }
        wb_text_add_string(out, "\n");
    }
}

static void print_commands(const wb_consolidate_report *report, wb_arena *scratch, wb_text *out)
{
    if (report->command_count == 0) {
        wb_text_add_string(out, "no commands: Karpenter would leave the cluster as it is\n");
        return;
    }
    wb_result_table table;
    wb_result_table_init(&table, scratch, columns, sizeof(columns) / sizeof(columns[0]));
    for (uint32_t i = 0; i < report->command_count; i++) {
        add_command_row(&table, report, i);
    }
    wb_result_table_print(&table, "table", out);
    if (report->moved_count + report->lost_count > 0) {
        wb_text_add_string(out, "\nwhere the pods go\n");
    }
    for (uint32_t i = 0; i < report->command_count; i++) {
        print_moves(report, i, out);
    }
}

static void print_totals(const wb_consolidate_report *report, wb_text *out)
{
    const wb_one_shot_input *input = report->input;
    const double saving = report->before_usd_per_hour - report->after_usd_per_hour;
    char start[48];
    char after[48];
    wb_duration_print_time(report->start_ms, start);
    wb_duration_print(report->end_ms - report->start_ms, after);
    wb_text_add_format(out,
                       "\n%u command%s; %u node%s for %.4f %s an hour become %u for %.4f: %.4f an "
                       "hour less, %.2f a month of %d h; %u pod%s moved",
                       report->command_count, plural(report->command_count), report->before_count,
                       plural(report->before_count), report->before_usd_per_hour,
                       input->catalog.currency, report->after_count, report->after_usd_per_hour,
                       saving, saving * WB_CONSOLIDATE_HOURS_PER_MONTH,
                       WB_CONSOLIDATE_HOURS_PER_MONTH, report->moved_count,
                       plural(report->moved_count));
    if (report->lost_count > 0) {
        wb_text_add_format(out, ", %u bare pod%s lost", report->lost_count,
                           plural(report->lost_count));
    }
    wb_text_add_format(out,
                       "\nfrom %s, as the files show it, to %s after; region %s%s; prices: %s\n",
                       start, after, wb_intern_text(input->intern, input->catalog.region),
                       input->region_is_assumed ? " (the files name none)" : "",
                       input->catalog.price_source);
    if (report->stopped != NULL) {
        wb_text_add_format(out, "stopped: %s\n", report->stopped);
    }
}

/* ---- nodes that stay ---- */

static void print_stay(const wb_consolidate_report *report, const wb_consolidate_stay *stay,
                       wb_text *out)
{
    wb_text_add_format(out, "  %s (", text_of(report, stay->node.name));
    print_offering(report, &stay->node, out);
    if (stay->node.price_usd_per_hour > 0) {
        wb_text_add_format(out, ", %.4f an hour", stay->node.price_usd_per_hour);
    }
    wb_text_add_format(out, ", %u pod%s)\n", stay->node.pod_count, plural(stay->node.pod_count));
    for (uint32_t i = 0; i < stay->reason_count; i++) {
        wb_text_add_format(out, "      %s: %s\n", stay->reasons[i].code, stay->reasons[i].text);
    }
}

void wb_consolidate_output_table(const wb_consolidate_report *report, wb_arena *scratch,
                                 wb_text *out)
{
    assert(report != NULL && scratch != NULL && out != NULL);
    print_commands(report, scratch, out);
    print_totals(report, out);
    if (report->stay_count > 0) {
        wb_text_add_string(out, "\nwhy the others stay\n");
    }
    for (uint32_t i = 0; i < report->stay_count; i++) {
        print_stay(report, &report->stays[i], out);
    }
}
