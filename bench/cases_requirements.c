/*
 * Requirement vectors: what Karpenter's library says of two requirements (their intersection, its
 * kind, whether there is one, which values it has) and of two maps of them (whether they are
 * compatible). Kept apart from scheduling cases, where a wrong answer shows as a wrong node, three
 * functions later.
 */
#include <stdio.h>
#include <string.h>

#include "base/sort.h"
#include "kube/names.h"
#include "solver/requirements.h"
#include "bench/cases_internal.h"

static bool recognises(const char *path, const wb_node *root)
{
    (void)path;
    const char *op = wb_node_string(wb_node_get(root, "op"), "");
    return strcmp(op, "intersection") == 0 || strcmp(op, "compatible") == 0;
}

static const char *const operators[] = {"In", "NotIn", "Exists", "DoesNotExist",
                                        "Gt", "Lt",    "Gte",    "Lte"};

static wb_label_expression read_expression(wb_cases_case *one, const wb_node *node)
{
    const char *op = wb_node_string(wb_node_get(node, "operator"), "");
    const wb_node *list = wb_node_get(node, "values");
    const uint32_t count = list != NULL ? list->count : 0;
    uint32_t *values = WB_ARENA_ARRAY(one->arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = wb_intern_add(one->intern, wb_node_string(list->children[i], ""));
    }
    wb_label_expression made = {
        .key = wb_intern_add(one->intern, wb_node_string(wb_node_get(node, "key"), "")),
        .value_count = count,
        .values = values,
        .min_values = (int32_t)wb_node_int64(wb_node_get(node, "minValues"), 0),
    };
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (strcmp(op, operators[i]) == 0) {
            made.op = (wb_operator)i;
        }
    }
    return made;
}

static wb_requirements read_map(wb_cases_case *one, const wb_node *list)
{
    wb_requirements made = {0};
    for (uint32_t i = 0; list != NULL && i < list->count; i++) {
        const wb_label_expression expression = read_expression(one, list->children[i]);
        const wb_requirement added =
            wb_requirement_from_expression(one->arena, one->intern, &expression);
        made = wb_requirements_add(one->arena, one->intern, made, &added);
    }
    return made;
}

static void compare_bool(wb_cases_case *one, const char *field, bool actual)
{
    const wb_node *expected = wb_node_get(one->root, field);
    if (expected != NULL) {
        (void)wb_cases_compare(one, field, wb_node_bool(expected, false) ? "true" : "false",
                               actual ? "true" : "false");
    }
}

static const char *expressions_text(wb_cases_case *one, const wb_label_expression *made,
                                    uint32_t count)
{
    wb_text text;
    wb_text_init(&text);
    for (uint32_t i = 0; i < count; i++) {
        wb_text_add_format(&text, "%s %s [", wb_intern_text(one->intern, made[i].key),
                           operators[made[i].op]);
        for (uint32_t v = 0; v < made[i].value_count; v++) {
            wb_text_add_format(&text, " %s", wb_intern_text(one->intern, made[i].values[v]));
        }
        wb_text_add_format(&text, " ] min %d; ", made[i].min_values);
    }
    const char *copy = wb_arena_copy_string(one->arena, wb_text_string(&text));
    wb_text_release(&text);
    return copy;
}

static void compare_intersection(wb_cases_case *one)
{
    const wb_label_expression left = read_expression(one, wb_node_get(one->root, "a"));
    const wb_label_expression right = read_expression(one, wb_node_get(one->root, "b"));
    const wb_requirement a = wb_requirement_from_expression(one->arena, one->intern, &left);
    const wb_requirement b = wb_requirement_from_expression(one->arena, one->intern, &right);
    const wb_requirement both = wb_requirement_intersect(one->arena, one->intern, &a, &b);
    compare_bool(one, "hasIntersection", wb_requirement_has_intersection(one->intern, &a, &b));
    static const char *const kinds[] = {"In", "NotIn", "Exists", "DoesNotExist"};
    (void)wb_cases_compare(one, "kind", wb_node_string(wb_node_get(one->root, "kind"), ""),
                           kinds[wb_requirement_kind_of(&both)]);
    const wb_node *result = wb_node_get(one->root, "result");
    wb_label_expression *expected = WB_ARENA_ARRAY(one->arena, wb_label_expression, result->count);
    for (uint32_t i = 0; i < result->count; i++) {
        expected[i] = read_expression(one, result->children[i]);
    }
    uint32_t count = 0;
    const wb_label_expression *actual =
        wb_requirement_to_expressions(one->arena, one->intern, &both, &count);
    (void)wb_cases_compare(one, "result", expressions_text(one, expected, result->count),
                           expressions_text(one, actual, count));
    const wb_node *has = wb_node_get(one->root, "has");
    for (uint32_t i = 0; has != NULL && i < has->count; i++) {
        char where[80];
        (void)snprintf(where, sizeof(where), "has %.60s", has->keys[i]);
        const uint32_t value = wb_intern_add(one->intern, has->keys[i]);
        (void)wb_cases_compare(one, where, wb_node_bool(has->children[i], false) ? "true" : "false",
                               wb_requirement_has(one->intern, &both, value) ? "true" : "false");
    }
}

static wb_status run(wb_cases_case *one, wb_error *err)
{
    (void)err;
    if (strcmp(wb_node_string(wb_node_get(one->root, "op"), ""), "intersection") == 0) {
        compare_intersection(one);
        return WB_OK;
    }
    const wb_requirements node = read_map(one, wb_node_get(one->root, "node"));
    const wb_requirements incoming = read_map(one, wb_node_get(one->root, "incoming"));
    compare_bool(one, "intersects", wb_requirements_intersects(one->intern, node, incoming, NULL));
    compare_bool(one, "compatibleStrict",
                 wb_requirements_compatible(one->intern, node, incoming, WB_UNDEFINED_NONE, NULL) ==
                     WB_COMPATIBLE);
    compare_bool(one, "compatibleWellKnownUndefinedAllowed",
                 wb_requirements_compatible(one->intern, node, incoming, WB_UNDEFINED_WELL_KNOWN,
                                            NULL) == WB_COMPATIBLE);
    return WB_OK;
}

const wb_cases_kind wb_cases_requirements = {.name = "requirements",
                                             .recognises = recognises,
                                             .run = run};
