#include "tools/cli/nodegroups_output.h"

#include <assert.h>
#include <string.h>

#include "tools/cli/result_table.h"

static const wb_result_column columns[] = {
    {"CONTENDER", "contender", false, false}, {"GROUP", "group", false, false},
    {"TYPES", "types", false, false},         {"MARKET", "market", false, false},
    {"ZONES", "zones", false, false},         {"MAX", "max", true, false},
    {"MEAN NODES", "nodes", true, false},
};

static const char *type_name(const wb_nodegroups_output *output, uint32_t type_index)
{
    return wb_intern_text(output->intern, output->catalog->types[type_index].name);
}

/* "m5.xlarge +7" */
static void set_types(const wb_nodegroups_output *output, const wb_node_group *group,
                      wb_result_table *table)
{
    assert(group->type_count > 0);
    if (group->type_count > 1) {
        wb_result_table_set_format(table, 2, "%s +%u", type_name(output, group->type_indexes[0]),
                                   group->type_count - 1);
    } else {
        wb_result_table_set(table, 2, type_name(output, group->type_indexes[0]));
    }
}

static void add_rows(const wb_nodegroups_output *output, const wb_node_group_advice_set *set,
                     wb_result_table *table)
{
    for (uint32_t i = 0; i < set->group_count; i++) {
        const wb_node_group_advice_group *advised = &set->groups[i];
        const wb_node_group *group = &advised->group;
        wb_result_table_add_row(table);
        wb_result_table_set(table, 0, set->name);
        wb_result_table_set(table, 1, group->name);
        set_types(output, group, table);
        wb_result_table_set(table, 3, wb_capacity_type_name(group->capacity_type));
        wb_result_table_set_format(table, 4, "%u%s", group->zone_count,
                                   group->is_per_zone ? ", one each" : "");
        wb_result_table_set_format(table, 5, "%d", group->max_count);
        wb_result_table_set_format(table, 6, "%.1f", advised->node_count);
    }
}

static void add_reasons(const wb_node_group_advice_set *set, wb_text *out)
{
    wb_text_add_format(out, "\n%s:\n", set->name);
    for (uint32_t i = 0; i < set->group_count; i++) {
        wb_text_add_format(out, "  %s: %s\n", set->groups[i].group.name, set->groups[i].why);
    }
    for (uint32_t i = 0; i < set->flag_count; i++) {
        wb_text_add_format(out, "  --%s=", set->flags[i].name);
        wb_text_add_json_string(out, set->flags[i].value);
        wb_text_add_string(out, "\n");
    }
}

void wb_nodegroups_output_table(const wb_nodegroups_output *output, wb_text *out)
{
    assert(output != NULL && out != NULL);
    const wb_node_group_advice *advice = output->advice;
    wb_result_table table;
    wb_result_table_init(&table, output->arena, columns, sizeof(columns) / sizeof(columns[0]));
    table.is_colored = output->is_colored;
    add_rows(output, &advice->engineered, &table);
    add_rows(output, &advice->naive, &table);
    wb_result_table_print(&table, "table", out);
    add_reasons(&advice->engineered, out);
    add_reasons(&advice->naive, out);
    for (uint32_t i = 0; i < advice->note_count; i++) {
        wb_text_add_format(out, "%snote: %s\n", i == 0 ? "\n" : "", advice->notes[i]);
    }
}

/* ---- the fields of a group, in flow style: YAML and JSON alike ---- */

static void add_map(const wb_intern *intern, wb_labels labels, wb_text *out)
{
    wb_text_add_string(out, "{");
    for (uint32_t i = 0; i < labels.count; i++) {
        wb_text_add_string(out, i > 0 ? ", " : "");
        wb_text_add_json_string(out, wb_intern_text(intern, labels.items[i].key));
        wb_text_add_string(out, ": ");
        wb_text_add_json_string(out, wb_intern_text(intern, labels.items[i].value));
    }
    wb_text_add_string(out, "}");
}

static void add_taints(const wb_intern *intern, const wb_node_group *group, wb_text *out)
{
    static const char *const effects[] = {"", "NoSchedule", "PreferNoSchedule", "NoExecute"};
    wb_text_add_string(out, "[");
    for (uint32_t i = 0; i < group->taint_count; i++) {
        const wb_taint *taint = &group->taints[i];
        wb_text_add_string(out, i > 0 ? ", {\"key\": " : "{\"key\": ");
        wb_text_add_json_string(out, wb_intern_text(intern, taint->key));
        if (taint->value != 0) {
            wb_text_add_string(out, ", \"value\": ");
            wb_text_add_json_string(out, wb_intern_text(intern, taint->value));
        }
        wb_text_add_format(out, ", \"effect\": \"%s\"}", effects[taint->effect]);
    }
    wb_text_add_string(out, "]");
}

typedef struct field_style {
    const char *open, *between, *close, *quote; /* around fields; around their names */
} field_style;

static void begin_field(const field_style *style, const char *name, wb_text *out)
{
    wb_text_add_format(out, "%s%s%s%s: ", style->between, style->quote, name, style->quote);
}

static void add_group(const wb_nodegroups_output *output, const wb_node_group *group,
                      const field_style *style, wb_text *out)
{
    wb_text_add_format(out, "%s%sname%s: ", style->open, style->quote, style->quote);
    wb_text_add_json_string(out, group->name);
    begin_field(style, "instanceTypes", out);
    for (uint32_t i = 0; i < group->type_count; i++) {
        wb_text_add_string(out, i > 0 ? ", " : "[");
        wb_text_add_json_string(out, type_name(output, group->type_indexes[i]));
    }
    wb_text_add_string(out, "]");
    begin_field(style, "capacityType", out);
    wb_text_add_json_string(out, wb_capacity_type_name(group->capacity_type));
    if (group->zone_count < output->zone_count) {
        begin_field(style, "zones", out);
        for (uint32_t i = 0; i < group->zone_count; i++) {
            wb_text_add_string(out, i > 0 ? ", " : "[");
            wb_text_add_json_string(out, wb_intern_text(output->intern, group->zones[i]));
        }
        wb_text_add_string(out, "]");
    }
    if (group->is_per_zone) {
        begin_field(style, "perZone", out);
        wb_text_add_string(out, "true");
    }
    begin_field(style, "max", out);
    wb_text_add_format(out, "%d", group->max_count);
    if (group->labels.count > 0) {
        begin_field(style, "labels", out);
        add_map(output->intern, group->labels, out);
    }
    if (group->taint_count > 0) {
        begin_field(style, "taints", out);
        add_taints(output->intern, group, out);
    }
    if (group->policy.on_demand_strategy == WB_ALLOCATION_PRIORITIZED &&
        group->capacity_type == WB_CAPACITY_ON_DEMAND && group->type_count > 1) {
        begin_field(style, "onDemandStrategy", out);
        wb_text_add_json_string(out, "prioritized");
    }
    wb_text_add_string(out, style->close);
}

static void add_flags(const wb_node_group_advice_set *set, const char *between, wb_text *out)
{
    for (uint32_t i = 0; i < set->flag_count; i++) {
        wb_text_add_string(out, i > 0 ? between : "");
        wb_text_add_json_string(out, set->flags[i].name);
        wb_text_add_string(out, ": ");
        wb_text_add_json_string(out, set->flags[i].value);
    }
}

static void add_yaml_set(const wb_nodegroups_output *output, const wb_node_group_advice_set *set,
                         wb_text *out)
{
    static const field_style style = {"      - ", "\n        ", "\n", ""};
    if (set->group_count == 0) {
        return;
    }
    wb_text_add_format(out, "  - name: ca-%s\n    kind: cluster_autoscaler\n", set->name);
    if (set->flag_count > 0) {
        wb_text_add_string(out, "    flags:\n      ");
        add_flags(set, "\n      ", out);
        wb_text_add_string(out, "\n");
    }
    wb_text_add_string(out, "    nodeGroups:\n");
    for (uint32_t i = 0; i < set->group_count; i++) {
        wb_text_add_format(out, "      # %s\n", set->groups[i].why);
        add_group(output, &set->groups[i].group, &style, out);
    }
}

void wb_nodegroups_output_yaml(const wb_nodegroups_output *output, wb_text *out)
{
    assert(output != NULL && out != NULL);
    for (uint32_t i = 0; i < output->advice->note_count; i++) {
        wb_text_add_format(out, "# %s\n", output->advice->notes[i]);
    }
    wb_text_add_string(out, "contenders:\n");
    add_yaml_set(output, &output->advice->engineered, out);
    add_yaml_set(output, &output->advice->naive, out);
}

static void add_json_set(const wb_nodegroups_output *output, const wb_node_group_advice_set *set,
                         wb_text *out)
{
    wb_text_add_format(out,
                       "\n  {\"name\": \"ca-%s\", \"kind\": \"cluster_autoscaler\","
                       " \"flags\": {",
                       set->name);
    add_flags(set, ", ", out);
    wb_text_add_string(out, "}, \"nodeGroups\": [");
    for (uint32_t i = 0; i < set->group_count; i++) {
        static const field_style style = {"\n    {", ", ", "", "\""};
        wb_text_add_string(out, i > 0 ? "," : "");
        add_group(output, &set->groups[i].group, &style, out);
        wb_text_add_format(out, ", \"nodes\": %.2f, \"pods\": %.2f, \"why\": ",
                           set->groups[i].node_count, set->groups[i].pod_count);
        wb_text_add_json_string(out, set->groups[i].why);
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, "]}");
}

void wb_nodegroups_output_json(const wb_nodegroups_output *output, wb_text *out)
{
    assert(output != NULL && out != NULL);
    wb_text_add_string(out, "{\"contenders\": [");
    add_json_set(output, &output->advice->engineered, out);
    wb_text_add_string(out, ",");
    add_json_set(output, &output->advice->naive, out);
    wb_text_add_string(out, "],\n\"notes\": [");
    for (uint32_t i = 0; i < output->advice->note_count; i++) {
        wb_text_add_string(out, i > 0 ? ", " : "");
        wb_text_add_json_string(out, output->advice->notes[i]);
    }
    wb_text_add_string(out, "]}\n");
}
