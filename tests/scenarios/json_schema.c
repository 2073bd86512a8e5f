#include "tests/scenarios/json_schema.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 256

static bool is_type(const wb_node *value, const char *type)
{
    static const struct {
        const char *name;
        wb_node_kind kind;
    } types[] = {
        {"null", WB_NODE_NULL},     {"boolean", WB_NODE_BOOL}, {"number", WB_NODE_NUMBER},
        {"string", WB_NODE_STRING}, {"array", WB_NODE_LIST},   {"object", WB_NODE_MAP},
    };
    int64_t integer = 0;
    if (strcmp(type, "integer") == 0) {
        return wb_node_is_int64(value, &integer);
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].name, type) == 0) {
            return value->kind == types[i].kind;
        }
    }
    return false;
}

static bool is_equal(const wb_node *a, const wb_node *b)
{
    return a->kind == b->kind && strcmp(a->text, b->text) == 0;
}

static bool is_remark(const char *keyword)
{
    static const char *const remarks[] = {"$schema", "title", "description", "format"};
    for (size_t i = 0; i < sizeof(remarks) / sizeof(remarks[0]); i++) {
        if (strcmp(remarks[i], keyword) == 0) {
            return true;
        }
    }
    return false;
}

/* One keyword's rule, for values of the kind that it is about. */
typedef void check(const wb_node *schema, const wb_node *rule, const wb_node *value,
                   const char *path, wb_text *complaints);

static void check_type(const wb_node *schema, const wb_node *rule, const wb_node *value,
                       const char *path, wb_text *complaints)
{
    (void)schema;
    bool is_one = rule->kind == WB_NODE_STRING && is_type(value, rule->text);
    for (uint32_t i = 0; rule->kind == WB_NODE_LIST && i < rule->count; i++) {
        is_one = is_one || is_type(value, rule->children[i]->text);
    }
    if (!is_one) {
        wb_text_add_format(complaints, "%s: of another type\n", path);
    }
}

static void check_const(const wb_node *schema, const wb_node *rule, const wb_node *value,
                        const char *path, wb_text *complaints)
{
    (void)schema;
    if (!is_equal(rule, value)) {
        wb_text_add_format(complaints, "%s: not '%s'\n", path, rule->text);
    }
}

static void check_enum(const wb_node *schema, const wb_node *rule, const wb_node *value,
                       const char *path, wb_text *complaints)
{
    (void)schema;
    bool is_one = false;
    for (uint32_t i = 0; i < rule->count; i++) {
        is_one = is_one || is_equal(rule->children[i], value);
    }
    if (!is_one) {
        wb_text_add_format(complaints, "%s: none of the values\n", path);
    }
}

/* NOLINTBEGIN(misc-no-recursion): as deep as the schema, which holds no cycle */

/* Together with additionalProperties: entries that properties does not name. */
static void check_properties(const wb_node *schema, const wb_node *rule, const wb_node *value,
                             const char *path, wb_text *complaints)
{
    const wb_node *additional = wb_node_get(schema, "additionalProperties");
    for (uint32_t i = 0; value->kind == WB_NODE_MAP && i < value->count; i++) {
        char inner[PATH_SIZE];
        (void)snprintf(inner, sizeof inner, "%s.%s", path, value->keys[i]);
        const wb_node *known = wb_node_get(rule, value->keys[i]);
        if (known != NULL) {
            wb_json_schema_check(known, value->children[i], inner, complaints);
        } else if (additional != NULL && !wb_node_bool(additional, true)) {
            wb_text_add_format(complaints, "%s: unknown\n", inner);
        }
    }
}

static void check_additional(const wb_node *schema, const wb_node *rule, const wb_node *value,
                             const char *path, wb_text *complaints)
{
    if (wb_node_get(schema, "properties") != NULL || rule->kind != WB_NODE_MAP ||
        value->kind != WB_NODE_MAP) {
        return;
    }
    for (uint32_t i = 0; i < value->count; i++) {
        char inner[PATH_SIZE];
        (void)snprintf(inner, sizeof inner, "%s.%s", path, value->keys[i]);
        wb_json_schema_check(rule, value->children[i], inner, complaints);
    }
}

static void check_items(const wb_node *schema, const wb_node *rule, const wb_node *value,
                        const char *path, wb_text *complaints)
{
    (void)schema;
    for (uint32_t i = 0; value->kind == WB_NODE_LIST && i < value->count; i++) {
        char inner[PATH_SIZE];
        (void)snprintf(inner, sizeof inner, "%s[%u]", path, i);
        wb_json_schema_check(rule, value->children[i], inner, complaints);
    }
}

static void check_one_of(const wb_node *schema, const wb_node *rule, const wb_node *value,
                         const char *path, wb_text *complaints)
{
    (void)schema;
    uint32_t count = 0;
    wb_text inner;
    wb_text_init(&inner);
    for (uint32_t i = 0; i < rule->count; i++) {
        const size_t before = inner.length;
        wb_json_schema_check(rule->children[i], value, path, &inner);
        count += inner.length == before ? 1U : 0U;
    }
    if (count != 1) {
        wb_text_add_format(complaints, "%s: fits %u of the choices\n", path, count);
        wb_text_add_string(complaints, wb_text_string(&inner));
    }
    wb_text_release(&inner);
}

/* NOLINTEND(misc-no-recursion) */

static void check_required(const wb_node *schema, const wb_node *rule, const wb_node *value,
                           const char *path, wb_text *complaints)
{
    (void)schema;
    for (uint32_t i = 0; value->kind == WB_NODE_MAP && i < rule->count; i++) {
        if (wb_node_get(value, rule->children[i]->text) == NULL) {
            wb_text_add_format(complaints, "%s.%s: missing\n", path, rule->children[i]->text);
        }
    }
}

static void check_least_items(const wb_node *schema, const wb_node *rule, const wb_node *value,
                              const char *path, wb_text *complaints)
{
    (void)schema;
    if (value->kind == WB_NODE_LIST && (int64_t)value->count < wb_node_int64(rule, 0)) {
        wb_text_add_format(complaints, "%s: too short\n", path);
    }
}

static void check_minimum(const wb_node *schema, const wb_node *rule, const wb_node *value,
                          const char *path, wb_text *complaints)
{
    (void)schema;
    if (value->kind == WB_NODE_NUMBER && wb_node_double(value, 0) < wb_node_double(rule, 0)) {
        wb_text_add_format(complaints, "%s: less than %s\n", path, rule->text);
    }
}

static void check_maximum(const wb_node *schema, const wb_node *rule, const wb_node *value,
                          const char *path, wb_text *complaints)
{
    (void)schema;
    if (value->kind == WB_NODE_NUMBER && wb_node_double(value, 0) > wb_node_double(rule, 0)) {
        wb_text_add_format(complaints, "%s: more than %s\n", path, rule->text);
    }
}

static const struct {
    const char *keyword;
    check *check;
} rules[] = {
    {"type", check_type},
    {"const", check_const},
    {"enum", check_enum},
    {"properties", check_properties},
    {"additionalProperties", check_additional},
    {"items", check_items},
    {"oneOf", check_one_of},
    {"required", check_required},
    {"minItems", check_least_items},
    {"minimum", check_minimum},
    {"maximum", check_maximum},
};

void wb_json_schema_check(const wb_node *schema, const wb_node *value, const char *path,
                          wb_text *complaints)
{
    assert(schema != NULL && schema->kind == WB_NODE_MAP && value != NULL);
    for (uint32_t i = 0; i < schema->count; i++) {
        size_t row = 0;
        while (row < sizeof(rules) / sizeof(rules[0]) &&
               strcmp(rules[row].keyword, schema->keys[i]) != 0) {
            row++;
        }
        if (row < sizeof(rules) / sizeof(rules[0])) {
            rules[row].check(schema, schema->children[i], value, path, complaints);
        } else if (!is_remark(schema->keys[i])) {
            wb_text_add_format(complaints, "%s: the schema's '%s' is not known here\n", path,
                               schema->keys[i]);
        }
    }
}

bool wb_json_schema_is(const wb_node *schema, const char *type)
{
    assert(type != NULL);
    const wb_node *named = wb_node_get(schema, "type");
    const wb_node *values = wb_node_get(schema, "enum");
    const wb_node *value = wb_node_get(schema, "const");
    bool is_of_type = named != NULL || values != NULL || value != NULL;
    if (named != NULL) {
        is_of_type = named->kind == WB_NODE_STRING && strcmp(named->text, type) == 0;
    }
    for (uint32_t i = 0; values != NULL && i < values->count; i++) {
        is_of_type = is_of_type && is_type(values->children[i], type);
    }
    return is_of_type && (value == NULL || is_type(value, type));
}
