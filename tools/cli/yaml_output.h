/* A document tree as block-style YAML that reads back as the same tree: maps and lists indented by
 * two, every string quoted as JSON quotes it, which YAML takes. */
#ifndef WB_TOOLS_CLI_YAML_OUTPUT_H
#define WB_TOOLS_CLI_YAML_OUTPUT_H

#include "base/document.h"
#include "base/text.h"

/* Adds root, a map or a list; nesting is the document reader's 100 at most. */
void wb_yaml_output_print(const wb_node *root, wb_text *out);

/* What stands behind a node as a comment; and whether words are written as words, for people who go
 * on with the file by hand, not as quoted strings. */
typedef struct wb_yaml_notes {
    const char *(*note)(const void *context, const wb_node *node); /* NULL: nothing */
    const void *context;
    bool has_plain_words;
} wb_yaml_notes;

/* The same with such notes. */
void wb_yaml_output_print_noted(const wb_node *root, const wb_yaml_notes *notes, wb_text *out);

#endif
