/* A document tree as block-style YAML that reads back as the same tree: maps and lists indented by
 * two, every string quoted as JSON quotes it, which YAML takes. */
#ifndef WB_TOOLS_CLI_YAML_OUTPUT_H
#define WB_TOOLS_CLI_YAML_OUTPUT_H

#include "base/document.h"
#include "base/text.h"

/* Adds root, a map or a list; nesting is the document reader's 100 at most. */
void wb_yaml_output_print(const wb_node *root, wb_text *out);

#endif
