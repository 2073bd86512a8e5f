/*
 * The walk along the tables of fields: unknown names, wrong kinds, the nearest known name.
 *
 * Costs some 2 microseconds a pod of a dump, most of it binary searches by name; the edit distance
 * is only computed for names that are wrong.
 *
 *     spec:                        table of PodSpec
 *       containers:        known,  a list of objects ──▶ table of Container
 *       - image: nginx     known,  a string
 *         imagePullPolcy:  unknown ──▶ nearest of the table's names: imagePullPolicy
 *       hostNetwork: "on"  known,  true or false expected, a string found
 */
#include "kube/schema.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    NAME_LIMIT = 64,
    PATH_SIZE = 384,
    NAMES_LIMIT = 128
};

/* Binary search: a pod spec has 43 fields, and each pod brings 15 of them. */
const wb_schema_field *wb_schema_find(const wb_schema *schema, const char *name)
{
    assert(schema != NULL);
    assert(name != NULL);
    size_t low = 0;
    size_t high = schema->field_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(schema->fields[middle].name, name);
        if (order == 0) {
            return &schema->fields[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* --- The nearest known name --------------------------------------------------------- */

static int to_lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions and replacements from a to b, letters' case aside; both at most
 * NAME_LIMIT long. */
static size_t edit_distance(const char *a, const char *b)
{
    const size_t a_length = strlen(a);
    const size_t b_length = strlen(b);
    size_t row[NAME_LIMIT + 1];
    assert(a_length <= NAME_LIMIT && b_length <= NAME_LIMIT);
    for (size_t j = 0; j <= b_length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            const size_t above = row[j];
            const size_t replaced = diagonal + (to_lower(a[i - 1]) == to_lower(b[j - 1]) ? 0U : 1U);
            row[j] = least(replaced, least(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[b_length];
}

/* A third of the letters may differ, or two in short names: "affinty", "nodename", but not "os". */
const char *wb_schema_nearest(const char *text, const char *const *names, size_t name_count)
{
    assert(text != NULL);
    assert(names != NULL || name_count == 0);
    const size_t length = strlen(text);
    if (length > NAME_LIMIT) {
        return NULL;
    }
    const char *nearest = NULL;
    size_t best = (length / 3 > 2 ? length / 3 : 2) + 1;
    if (best > length) {
        best = length; /* a name of two letters is not "near" everything */
    }
    for (size_t i = 0; i < name_count; i++) {
        if (strlen(names[i]) > NAME_LIMIT) {
            continue;
        }
        const size_t distance = edit_distance(text, names[i]);
        if (distance < best) { /* the first one wins a tie: tables are sorted */
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

/* --- The walk ----------------------------------------------------------------------- */

/* A misspelt field would silently do nothing, which is the worst that a manifest can do. */
static void complain_of_unknown(const wb_field *field, const wb_schema *schema)
{
    const char *names[NAMES_LIMIT];
    assert(schema->field_count <= NAMES_LIMIT);
    for (size_t i = 0; i < schema->field_count; i++) {
        names[i] = schema->fields[i].name;
    }
    const char *nearest = wb_schema_nearest(field->name, names, schema->field_count);
    char path[PATH_SIZE];
    wb_field_path(field, path, sizeof(path));
    wb_findings *findings = field->context->findings;
    wb_findings_add(findings, findings->strict ? WB_SEVERITY_ERROR : WB_SEVERITY_WARNING,
                    wb_node_key_position(field->parent->node, field->index), NULL,
                    "unknown field '%s'%s%s%s", path, nearest != NULL ? ", did you mean '" : "",
                    nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

/* Values are quoted for scalars: "found a number (5)" tells what to put in quotes. */
static void expect(const wb_field *field, const char *expected)
{
    const wb_node *node = field->node;
    if (node->kind == WB_NODE_STRING || node->kind == WB_NODE_NUMBER ||
        node->kind == WB_NODE_BOOL) {
        wb_field_error(field, "expected %s, found %s (%.60s)", expected,
                       wb_node_kind_name(node->kind), node->text);
    } else {
        wb_field_error(field, "expected %s, found %s", expected, wb_node_kind_name(node->kind));
    }
}

/* NOLINTBEGIN(misc-no-recursion): along the tables, which are 12 deep at most and hold no cycle */

/* Our strings end at a zero byte; a text that holds one would silently become a shorter one. */
static void check_text(const wb_field *field, const char *expected)
{
    if (field->node->kind != WB_NODE_STRING) {
        expect(field, expected);
    } else if (strlen(field->node->text) != field->node->text_length) {
        wb_field_error(field, "Invalid value: must not hold a zero byte");
    }
}

/* One value of a field, an element of a list, an entry of a map. */
static void check_one(const wb_field *field, const wb_schema_field *expected)
{
    int64_t integer = 0;
    if (!wb_field_is_set(field)) {
        return; /* null is absent */
    }
    const wb_node *node = field->node;
    switch (expected->kind) {
    case WB_SCHEMA_ANY: return;
    case WB_SCHEMA_STRING: check_text(field, "a string"); return;
    case WB_SCHEMA_INTEGER:
        if (!wb_node_is_int64(node, &integer)) {
            expect(field, "an integer");
        }
        return;
    case WB_SCHEMA_NUMBER:
        if (node->kind != WB_NODE_NUMBER) {
            expect(field, "a number");
        }
        return;
    case WB_SCHEMA_BOOL:
        if (node->kind != WB_NODE_BOOL) {
            expect(field, "true or false");
        }
        return;
    case WB_SCHEMA_QUANTITY:
        if (node->kind != WB_NODE_NUMBER) {
            check_text(field, "a quantity");
        }
        return;
    case WB_SCHEMA_COUNT:
        if (!wb_node_is_int64(node, &integer)) {
            check_text(field, "an integer or a string");
        }
        return;
    case WB_SCHEMA_OBJECT: wb_schema_check(field, expected->object); return;
    }
}

void wb_schema_check_value(const wb_field *field, const wb_schema_field *expected)
{
    assert(field != NULL);
    assert(expected != NULL);
    if (!wb_field_is_set(field)) {
        return;
    }
    if (expected->shape == WB_SCHEMA_ONE) {
        check_one(field, expected);
        return;
    }
    const bool is_list = expected->shape == WB_SCHEMA_LIST;
    if (field->node->kind != (is_list ? WB_NODE_LIST : WB_NODE_MAP)) {
        expect(field, is_list ? "a list" : "a map");
        return;
    }
    for (uint32_t i = 0; i < field->node->count; i++) {
        const wb_field element = wb_field_at(field, i);
        if (is_list && !wb_field_is_set(&element)) {
            wb_field_error(&element, "expected a value, found null");
        }
        check_one(&element, expected);
    }
}

void wb_schema_check(const wb_field *field, const wb_schema *schema)
{
    assert(field != NULL);
    assert(schema != NULL);
    if (!wb_field_is_set(field)) {
        return;
    }
    if (field->node->kind != WB_NODE_MAP) {
        expect(field, "a map");
        return;
    }
    for (uint32_t i = 0; i < wb_field_entry_count(field); i++) {
        const wb_field child = wb_field_at(field, i);
        const wb_schema_field *expected = wb_schema_find(schema, child.name);
        if (expected == NULL) {
            complain_of_unknown(&child, schema);
        } else {
            wb_schema_check_value(&child, expected);
        }
    }
}

/* NOLINTEND(misc-no-recursion) */
