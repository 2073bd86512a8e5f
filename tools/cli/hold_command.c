/* werkbank bench hold: the hold model of the pending-event set. */
#include <string.h>

#include "bench/hold.h"
#include "tools/cli/command_list.h"
#include "tools/cli/result_table.h"
#include "tools/cli/table_output.h"
#include "tools/cli/terminal.h"

static const wb_option options[] = {
    {.name = "pending",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "1000000",
     .minimum = 1,
     .maximum = 100000000,
     .help = "events in the queue"},
    {.name = "holds",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "10000000",
     .minimum = 1,
     .maximum = INT64_MAX,
     .help = "measured holds"},
    {.name = "queue",
     .kind = WB_OPTION_CHOICE,
     .value_name = "KIND",
     .default_text = "calendar",
     .choices = "calendar|heap",
     .help = "the pending-event set"},
    {.name = "seed",
     .kind = WB_OPTION_INTEGER,
     .value_name = "N",
     .default_text = "1",
     .minimum = 0,
     .maximum = INT64_MAX,
     .help = "seed of the steps"},
    WB_OPTION_OUTPUT("table|json|csv"),
};

static const wb_result_column columns[] = {
    {"PENDING", "pending", true, false},
    {"QUEUE", "queue", false, false},
    {"HOLDS", "holds", true, false},
    {"CPU S", "cpu_seconds", true, false},
    {"HOLDS/S", "holds_per_second", true, false},
    {"NS/HOLD", "ns_per_hold", true, false},
    {"BYTES/EVENT", "bytes_per_pending", true, false},
    {"RSS BYTES", "rss_bytes", true, false},
    {"FINAL TICK", "final_event_ticks", true, false},
    {"CHECKSUM", "checksum", false, false},
};

static wb_exit run(wb_invocation *invocation)
{
    const char *queue = wb_command_text(invocation, "queue");
    const wb_hold_options hold = {
        .pending = (size_t)wb_command_number(invocation, "pending"),
        .holds = (uint64_t)wb_command_number(invocation, "holds"),
        .queue_kind = strcmp(queue, "heap") == 0 ? WB_EVENT_QUEUE_HEAP : WB_EVENT_QUEUE_CALENDAR,
        .seed = (uint64_t)wb_command_number(invocation, "seed"),
    };
    wb_hold_result result;
    wb_error err;
    if (wb_hold_run(&hold, &result, &err) != WB_OK) {
        wb_terminal_error("%s", err.text);
        return WB_EXIT_USAGE;
    }
    wb_result_table table;
    wb_result_table_init(&table, invocation->arena, columns, sizeof(columns) / sizeof(columns[0]));
    wb_result_table_add_row(&table);
    wb_result_table_set_format(&table, 0, "%zu", hold.pending);
    wb_result_table_set(&table, 1, queue);
    wb_result_table_set_format(&table, 2, "%llu", (unsigned long long)result.holds);
    wb_result_table_set_format(&table, 3, "%.3f", result.cpu_seconds);
    wb_result_table_set_format(&table, 4, "%.0f", result.holds_per_second);
    wb_result_table_set_format(&table, 5, "%.1f", result.ns_per_hold);
    wb_result_table_set_format(&table, 6, "%.1f", result.bytes_per_pending);
    wb_result_table_set_format(&table, 7, "%lld", (long long)result.resident_bytes_max);
    wb_result_table_set_format(&table, 8, "%lld", (long long)result.final_event_ticks);
    wb_result_table_set_format(&table, 9, "%016llx", (unsigned long long)result.checksum);
    return wb_table_output_write(invocation, &table);
}

const wb_command wb_bench_hold_command = {
    .name = "bench hold",
    .operands = "",
    .summary = "time the event kernel by the hold model",
    .description = "Holds N events pending: takes the earliest and pushes it again an exponential\n"
                   "step later, as often as asked, and prints holds per second of CPU time.",
    .examples = "  werkbank bench hold --pending 1000000",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
