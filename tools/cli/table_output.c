#include "tools/cli/table_output.h"

#include <assert.h>

#include "tools/cli/terminal.h"

wb_exit wb_table_output_write(const wb_invocation *invocation, wb_result_table *table)
{
    assert(invocation != NULL && table != NULL);
    wb_text text;
    wb_text_init(&text);
    table->is_colored = wb_terminal_has_color(invocation);
    wb_result_table_print(table, wb_command_text(invocation, "output"), &text);
    const wb_exit exit_status = wb_terminal_write_result(&text);
    wb_text_release(&text);
    return exit_status;
}
