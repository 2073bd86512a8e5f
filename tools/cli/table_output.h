/* A result table as the answer of a command: in the format of -o, with colour where it may have,
 * on standard output. */
#ifndef WB_TOOLS_CLI_TABLE_OUTPUT_H
#define WB_TOOLS_CLI_TABLE_OUTPUT_H

#include "tools/cli/command.h"
#include "tools/cli/result_table.h"

/* Writes it; the command must have the option output. WB_EXIT_FAILED, said, when that fails. */
wb_exit wb_table_output_write(const wb_invocation *invocation, wb_result_table *table);

#endif
