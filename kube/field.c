/*
 * Fields of a document under decoding: getting children, reading values, complaining.
 *
 * A decoder makes a field for whatever it looks at, 40 bytes of stack and none of the heap; a path
 * is printed only for a finding, of which there are at most twenty errors. A pod of a real dump
 * takes 11 microseconds all in all, of which the walk of the schema is 2, so that a million of them
 * are read in the time it takes to parse their JSON.
 *
 *     root("")  ◀── spec ◀── containers ◀── [0] ◀── resources ◀── limits ◀── nvidia.com/gpu
 *     path:         spec.    containers     [0].    resources.    limits     [nvidia.com/gpu]
 */
#include "kube/field.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"

enum {
    PATH_SIZE = 384,
    TEXT_SIZE = 512,
    QUOTED_LIMIT = 120,
    DEPTH_LIMIT = 64
};

wb_field wb_field_root(const wb_decode_context *context, const wb_node *node, const char *path)
{
    assert(context != NULL);
    assert(context->arena != NULL && context->intern != NULL && context->findings != NULL);
    return (wb_field){
        .context = context,
        .node = wb_node_is_null(node) ? NULL : node,
        .name = path != NULL ? path : "",
    };
}

/* Null and absent are one: the API server drops explicit nulls before it defaults. */
wb_field wb_field_get(const wb_field *parent, const char *name)
{
    assert(parent != NULL);
    assert(name != NULL);
    const wb_node *node = wb_node_get(parent->node, name);
    return (wb_field){
        .context = parent->context,
        .parent = parent,
        .node = wb_node_is_null(node) ? NULL : node,
        .name = name,
    };
}

/* An element of a list has no name, which is how a path knows to print its index. */
wb_field wb_field_at(const wb_field *parent, uint32_t index)
{
    assert(parent != NULL);
    assert(parent->node != NULL && index < parent->node->count);
    const wb_node *node = parent->node->children[index];
    return (wb_field){
        .context = parent->context,
        .parent = parent,
        .node = wb_node_is_null(node) ? NULL : node,
        .name = parent->node->kind == WB_NODE_MAP ? parent->node->keys[index] : NULL,
        .index = index,
    };
}

uint32_t wb_field_count(const wb_field *list)
{
    assert(list != NULL);
    return list->node != NULL && list->node->kind == WB_NODE_LIST ? list->node->count : 0;
}

uint32_t wb_field_entry_count(const wb_field *map)
{
    assert(map != NULL);
    return map->node != NULL && map->node->kind == WB_NODE_MAP ? map->node->count : 0;
}

bool wb_field_is_set(const wb_field *field)
{
    return field->node != NULL;
}

/* Numbers count as text, since quantities and ports-or-names may be written as either. */
const char *wb_field_text(const wb_field *field)
{
    const wb_node *node = field->node;
    if (node == NULL || (node->kind != WB_NODE_STRING && node->kind != WB_NODE_NUMBER)) {
        return "";
    }
    return node->text;
}

uint32_t wb_field_id(const wb_field *field)
{
    return wb_intern_add(field->context->intern, wb_field_text(field));
}

bool wb_field_bool(const wb_field *field, bool fallback)
{
    return wb_node_bool(field->node, fallback);
}

int64_t wb_field_int64(const wb_field *field, int64_t fallback)
{
    int64_t value = 0;
    return field->node != NULL && wb_node_is_int64(field->node, &value) ? value : fallback;
}

/* 32 bits are what the API has for counts; more than that is an error of the file, never a cut. */
int32_t wb_field_int32(const wb_field *field, int32_t fallback)
{
    const int64_t value = wb_field_int64(field, fallback);
    if (value < INT32_MIN || value > INT32_MAX) {
        wb_field_invalid(field, "must fit in 32 bits");
        return fallback;
    }
    return (int32_t)value;
}

/* Times of dumps are always texts; a wrong kind has been complained about. */
int64_t wb_field_time_ms(const wb_field *field)
{
    if (!wb_field_is_set(field) || field->node->kind != WB_NODE_STRING) {
        return -1;
    }
    int64_t at_ms = -1;
    wb_error err;
    if (wb_duration_parse_time(field->node->text, &at_ms, &err) != WB_OK) {
        wb_field_error(field, "%s", err.text);
        return -1;
    }
    return at_ms;
}

int64_t wb_field_seconds_ms(const wb_field *field, int64_t fallback)
{
    if (!wb_field_is_set(field) || field->node->kind != WB_NODE_NUMBER) {
        return fallback;
    }
    const int64_t seconds = wb_field_int64(field, -1);
    if (seconds < 0) {
        wb_field_invalid(field, "must be greater than or equal to 0");
        return fallback;
    }
    if (seconds > INT64_MAX / WB_MS_PER_SECOND) {
        wb_field_invalid(field, "must be at most %lld seconds",
                         (long long)(INT64_MAX / WB_MS_PER_SECOND));
        return fallback;
    }
    return seconds * WB_MS_PER_SECOND;
}

const uint32_t *wb_field_ids(const wb_field *field, uint32_t *out_count)
{
    assert(out_count != NULL);
    const uint32_t count = wb_field_count(field);
    *out_count = count;
    if (count == 0) {
        return NULL;
    }
    uint32_t *ids = WB_ARENA_ARRAY(field->context->arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(field, i);
        ids[i] = wb_field_id(&element);
    }
    return ids;
}

/* "In, NotIn, Exists" */
static void print_names(const char *const *names, uint32_t name_count, char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < name_count && length < size; i++) {
        const int added =
            snprintf(out + length, size - length, "%s%s", i == 0 ? "" : ", ", names[i]);
        assert(added >= 0);
        length += (size_t)added;
    }
}

uint32_t wb_field_choice(const wb_field *field, const char *const *names, uint32_t name_count,
                         uint32_t fallback)
{
    assert(names != NULL && name_count > 0);
    if (!wb_field_is_set(field) || field->node->kind == WB_NODE_LIST ||
        field->node->kind == WB_NODE_MAP) {
        return fallback;
    }
    const char *text = field->node->text;
    for (uint32_t i = 0; i < name_count; i++) {
        if (strcmp(text, names[i]) == 0) {
            return i;
        }
    }
    char list[TEXT_SIZE];
    print_names(names, name_count, list, sizeof(list));
    wb_field_invalid(field, "must be one of %s", list);
    return fallback;
}

uint32_t wb_field_get_id(const wb_field *parent, const char *name)
{
    const wb_field field = wb_field_get(parent, name);
    return wb_field_id(&field);
}

bool wb_field_get_bool(const wb_field *parent, const char *name, bool fallback)
{
    const wb_field field = wb_field_get(parent, name);
    return wb_field_bool(&field, fallback);
}

int32_t wb_field_get_int32(const wb_field *parent, const char *name, int32_t fallback)
{
    const wb_field field = wb_field_get(parent, name);
    return wb_field_int32(&field, fallback);
}

int64_t wb_field_get_time_ms(const wb_field *parent, const char *name)
{
    const wb_field field = wb_field_get(parent, name);
    return wb_field_time_ms(&field);
}

bool wb_field_get_is(const wb_field *parent, const char *name, const char *text)
{
    const wb_field field = wb_field_get(parent, name);
    return strcmp(wb_field_text(&field), text) == 0;
}

bool wb_field_check_kind(const wb_field *root, const char *kind)
{
    assert(kind != NULL);
    const wb_field own = wb_field_get(root, "kind");
    const char *text = wb_field_text(&own);
    if (*text == '\0' || strcmp(text, kind) == 0) {
        return true;
    }
    wb_field_error(&own, "is '%s', expected %s", text, kind);
    return false;
}

/* --- Complaints --------------------------------------------------------------------- */

/* One step of a path behind length bytes; the length after it, which may lie beyond size. */
static size_t print_step(const wb_field *field, char *out, size_t size, size_t length)
{
    int added = 0;
    if (length >= size) {
        return length;
    }
    if (field->name == NULL) {
        added = snprintf(out + length, size - length, "[%u]", field->index);
    } else if (field->parent != NULL && strpbrk(field->name, "./[") != NULL) {
        added = snprintf(out + length, size - length, "[%s]", field->name);
    } else {
        added = snprintf(out + length, size - length, "%s%s", length == 0 ? "" : ".", field->name);
    }
    assert(added >= 0);
    return length + (size_t)added;
}

/* Made only for messages: from the root down, while fields know their parents only. Chains are as
 * long as decoders nest, some 20 for a term of affinity in a list of CronJobs. */
void wb_field_path(const wb_field *field, char *out, size_t size)
{
    const wb_field *chain[DEPTH_LIMIT];
    size_t depth = 0;
    size_t length = 0;
    assert(field != NULL);
    assert(size > 0);
    out[0] = '\0';
    for (const wb_field *at = field; at != NULL; at = at->parent) {
        assert(depth < DEPTH_LIMIT);
        chain[depth++] = at;
    }
    while (depth > 0) {
        length = print_step(chain[--depth], out, size, length);
    }
}

/* What is missing has no place of its own: the map that lacks it has. */
static wb_position place_of(const wb_field *field)
{
    const wb_field *at = field;
    while (at->node == NULL && at->parent != NULL) {
        at = at->parent;
    }
    return at->node != NULL ? wb_node_position(at->node) : (wb_position){0};
}

/* Texts are cut at their buffers: they quote input, which has no bounds. */
WB_PRINTF(3, 0)
static void complain(const wb_field *field, wb_severity severity, const char *fmt, va_list args)
{
    char path[PATH_SIZE];
    char text[TEXT_SIZE];
    wb_field_path(field, path, sizeof(path));
    (void)vsnprintf(text, sizeof(text), fmt, args);
    wb_findings_add(field->context->findings, severity, place_of(field), path, "%s", text);
}

void wb_field_key_error(const wb_field *entry, const char *fmt, ...)
{
    char path[PATH_SIZE];
    char text[TEXT_SIZE];
    assert(entry->parent != NULL && entry->name != NULL);
    wb_field_path(entry->parent, path, sizeof(path));
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    wb_findings_add(entry->context->findings, WB_SEVERITY_ERROR,
                    wb_node_key_position(entry->parent->node, entry->index), path, "%s", text);
}

void wb_field_error(const wb_field *field, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain(field, WB_SEVERITY_ERROR, fmt, args);
    va_end(args);
}

void wb_field_warn(const wb_field *field, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain(field, WB_SEVERITY_WARNING, fmt, args);
    va_end(args);
}

/* The value as the API server quotes it: strings in quotes, numbers and booleans bare. */
static void print_value(const wb_field *field, char *out, size_t size)
{
    const wb_node *node = field->node;
    if (node == NULL) {
        (void)snprintf(out, size, "null");
        return;
    }
    const bool is_cut = node->text_length > QUOTED_LIMIT;
    switch (node->kind) {
    case WB_NODE_STRING:
        (void)snprintf(out, size, "\"%.*s%s\"", QUOTED_LIMIT, node->text, is_cut ? "..." : "");
        return;
    case WB_NODE_NUMBER:
    case WB_NODE_BOOL:
        (void)snprintf(out, size, "%.*s%s", QUOTED_LIMIT, node->text, is_cut ? "..." : "");
        return;
    case WB_NODE_NULL:
    case WB_NODE_LIST:
    case WB_NODE_MAP: (void)snprintf(out, size, "%s", wb_node_kind_name(node->kind)); return;
    }
}

void wb_field_invalid(const wb_field *field, const char *fmt, ...)
{
    char value[QUOTED_LIMIT + 16];
    char detail[TEXT_SIZE];
    print_value(field, value, sizeof(value));
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(detail, sizeof(detail), fmt, args);
    va_end(args);
    wb_field_error(field, "Invalid value: %s: %s", value, detail);
}

/* An empty text counts as missing, as omitempty makes it for the API server. */
bool wb_field_require(const wb_field *field, const char *detail)
{
    const wb_node *node = field->node;
    if (node != NULL && (node->kind != WB_NODE_STRING || node->text_length > 0)) {
        return true;
    }
    if (detail != NULL) {
        wb_field_error(field, "Required value: %s", detail);
    } else {
        wb_field_error(field, "Required value");
    }
    return false;
}

bool wb_field_expect(const wb_field *field, const char *what)
{
    if (!wb_field_is_set(field)) {
        wb_field_error(field, "is missing, expected %s", what);
        return false;
    }
    return true;
}

bool wb_field_accept(const wb_field *field, const char *problem)
{
    if (problem == NULL) {
        return true;
    }
    wb_field_invalid(field, "%s", problem);
    return false;
}

size_t wb_field_error_count(const wb_field *field)
{
    return field->context->findings->error_count + field->context->findings->dropped_count;
}
