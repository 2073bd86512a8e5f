/* How `nodegroups suggest` prints its two contenders: a table with reasons, YAML or JSON. */
#ifndef WB_TOOLS_CLI_NODEGROUPS_OUTPUT_H
#define WB_TOOLS_CLI_NODEGROUPS_OUTPUT_H

#include "base/text.h"
#include "scenarios/node_group_advice.h"

typedef struct wb_nodegroups_output {
    wb_arena *arena;           /* borrowed */
    const wb_intern *intern;   /* borrowed */
    const wb_catalog *catalog; /* borrowed */
    const wb_node_group_advice *advice;
    uint32_t zone_count; /* of the place: a group in all of them needs not name them */
    bool is_colored;
} wb_nodegroups_output;

/* A table of the groups, then why each is as it is, then the notes. */
void wb_nodegroups_output_table(const wb_nodegroups_output *output, wb_text *out);

/* `contenders:` as a scenario's spec takes it; reasons are comments. */
void wb_nodegroups_output_yaml(const wb_nodegroups_output *output, wb_text *out);

/* {"contenders": [...], "notes": [...]}, fields as in a scenario, and why. */
void wb_nodegroups_output_json(const wb_nodegroups_output *output, wb_text *out);

#endif
