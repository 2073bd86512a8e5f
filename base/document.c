/*
 * Entry to both readers, and the walk through what they read.
 *
 * Lookups compare keys one by one: the maps of Kubernetes objects have some five to twenty keys,
 * and a decoder asks for each of them once. Whoever has a map of thousands (ConfigMap data) walks
 * it in order instead.
 */
#include "base/document.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/document_internal.h"
#include "base/file.h"
#include "base/text.h"
#include "base/utf8.h"

enum {
    DEFAULT_LIMIT_BYTES = 1 << 30
};

/* Whether text is JSON by its first byte that is no blank. */
static bool looks_like_json(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (strchr(" \t\r\n", text[i]) == NULL || text[i] == '\0') {
            return text[i] == '{' || text[i] == '[';
        }
    }
    return false;
}

/* Reads text, which the JSON reader may write to. */
static wb_status read_in_place(wb_document_builder *builder, char *text, size_t length,
                               wb_document_syntax syntax, wb_document_stream *out)
{
    assert(text[length] == '\0');
    if (length >= UINT32_MAX) {
        return wb_fail(builder->err, WB_ERR_LIMIT,
                       "%s: holds %zu bytes, expected less than 4 GiB in one document",
                       builder->file, length);
    }
    /* Editors on Windows put a byte order mark first; neither syntax gives it a meaning. */
    const size_t skip = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    text += skip;
    length -= skip;
    if (syntax == WB_DOCUMENT_AUTO) {
        syntax = looks_like_json(text, length) ? WB_DOCUMENT_JSON : WB_DOCUMENT_YAML;
    }
    WB_TRY(syntax == WB_DOCUMENT_JSON ? wb_document_json_read(builder, text, length)
                                      : wb_document_yaml_read(builder, text, length));
    *out = (wb_document_stream){.roots = builder->roots, .count = builder->root_count};
    return WB_OK;
}

static wb_status read_text(wb_arena *arena, const wb_document_input *input, const char *skipped_key,
                           wb_document_stream *out, wb_error *err)
{
    assert(input->file != NULL);
    assert(input->text != NULL || input->length == 0);
    wb_document_builder builder;
    wb_document_builder_init(&builder, arena, wb_arena_copy_string(arena, input->file), err);
    builder.skipped_key = skipped_key;
    char *copy = wb_arena_copy_text(arena, input->text, input->length);
    const wb_status status = read_in_place(&builder, copy, input->length, input->syntax, out);
    wb_document_builder_release(&builder);
    return status;
}

wb_status wb_document_read_text(wb_arena *arena, const wb_document_input *input,
                                wb_document_stream *out, wb_error *err)
{
    assert(arena != NULL && out != NULL);
    return read_text(arena, input, NULL, out, err);
}

wb_status wb_document_read_without(wb_arena *arena, const wb_document_input *input,
                                   const char *skipped_key, wb_document_stream *out, wb_error *err)
{
    assert(arena != NULL && out != NULL);
    assert(skipped_key != NULL && input->syntax == WB_DOCUMENT_JSON);
    return read_text(arena, input, skipped_key, out, err);
}

wb_status wb_document_read_file(wb_arena *arena, const char *path, size_t limit_bytes,
                                wb_document_stream *out, wb_error *err)
{
    assert(arena != NULL && out != NULL);
    assert(path != NULL);
    char *text = NULL;
    size_t length = 0;
    WB_TRY(wb_file_read(arena, path, limit_bytes == 0 ? DEFAULT_LIMIT_BYTES : limit_bytes, &text,
                        &length, err));
    wb_document_builder builder;
    wb_document_builder_init(&builder, arena, wb_arena_copy_string(arena, path), err);
    const wb_status status = read_in_place(&builder, text, length, WB_DOCUMENT_AUTO, out);
    wb_document_builder_release(&builder);
    return status;
}

/* The child of map under the key of length bytes, or NULL. */
static const wb_node *get_length(const wb_node *node, const char *key, size_t length)
{
    if (node == NULL || node->kind != WB_NODE_MAP) {
        return NULL;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        if (node->keys[i][0] == key[0] && strncmp(node->keys[i], key, length) == 0 &&
            node->keys[i][length] == '\0') {
            return node->children[i];
        }
    }
    return NULL;
}

const wb_node *wb_node_get(const wb_node *node, const char *key)
{
    assert(key != NULL);
    return get_length(node, key, strlen(key));
}

const wb_node *wb_node_find(const wb_node *node, const char *dotted_path)
{
    assert(dotted_path != NULL);
    const char *step = dotted_path;
    while (node != NULL) {
        const size_t length = strcspn(step, ".");
        node = get_length(node, step, length);
        if (step[length] == '\0') {
            return node;
        }
        step += length + 1;
    }
    return NULL;
}

bool wb_node_is_null(const wb_node *node)
{
    return node == NULL || node->kind == WB_NODE_NULL;
}

const char *wb_node_string(const wb_node *node, const char *fallback)
{
    return node != NULL && node->kind == WB_NODE_STRING ? node->text : fallback;
}

/* Reads "-12", "12e3": the amount without sign; false for fractions and what does not fit. */
static bool read_integer(const char *text, bool *out_is_negative, uint64_t *out)
{
    *out_is_negative = text[0] == '-';
    text += *out_is_negative ? 1 : 0;
    uint64_t value = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (__builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value)) {
            return false;
        }
    }
    if (*text == 'e' || *text == 'E') {
        const long exponent = strtol(text + 1, NULL, 10);
        for (long i = 0; i < exponent && value != 0; i++) {
            if (__builtin_mul_overflow(value, 10U, &value)) {
                return false;
            }
        }
        *out = value;
        return exponent >= 0;
    }
    *out = value;
    return *text == '\0';
}

bool wb_node_is_int64(const wb_node *node, int64_t *out)
{
    assert(out != NULL);
    bool is_negative = false;
    uint64_t amount = 0;
    if (node == NULL || node->kind != WB_NODE_NUMBER ||
        !read_integer(node->text, &is_negative, &amount)) {
        return false;
    }
    if (amount > (uint64_t)INT64_MAX + (is_negative ? 1U : 0U)) {
        return false;
    }
    /* Negated as unsigned, since -INT64_MIN has no int64. */
    *out = (int64_t)(is_negative ? -amount : amount);
    return true;
}

int64_t wb_node_int64(const wb_node *node, int64_t fallback)
{
    int64_t value = 0;
    return wb_node_is_int64(node, &value) ? value : fallback;
}

uint64_t wb_node_uint64(const wb_node *node, uint64_t fallback)
{
    bool is_negative = false;
    uint64_t amount = 0;
    if (node == NULL || node->kind != WB_NODE_NUMBER ||
        !read_integer(node->text, &is_negative, &amount) || (is_negative && amount != 0)) {
        return fallback;
    }
    return amount;
}

double wb_node_double(const wb_node *node, double fallback)
{
    return node != NULL && node->kind == WB_NODE_NUMBER ? strtod(node->text, NULL) : fallback;
}

bool wb_node_bool(const wb_node *node, bool fallback)
{
    if (node == NULL || node->kind != WB_NODE_BOOL) {
        return fallback;
    }
    return node->text[0] == 't' || node->text[0] == 'T';
}

wb_position wb_node_position(const wb_node *node)
{
    if (node == NULL) {
        return (wb_position){NULL, 0, 0};
    }
    return (wb_position){.file = node->file, .line = node->line, .column = node->column};
}

wb_position wb_node_key_position(const wb_node *map, uint32_t index)
{
    assert(map != NULL && map->kind == WB_NODE_MAP);
    assert(index < map->count);
    if (map->key_places == NULL) {
        return wb_node_position(map->children[index]);
    }
    const wb_node_place place = map->key_places[index];
    return (wb_position){.file = map->file, .line = place.line, .column = place.column};
}

const char *wb_node_kind_name(wb_node_kind kind)
{
    switch (kind) {
    case WB_NODE_NULL: return "null";
    case WB_NODE_BOOL: return "true or false";
    case WB_NODE_NUMBER: return "a number";
    case WB_NODE_STRING: return "a string";
    case WB_NODE_LIST: return "a list";
    case WB_NODE_MAP: return "a map";
    }
    assert(false && "a kind of node");
    return "";
}

/* Lists and maps print their opening bracket; the caller closes them after the children. */
static void print_scalar(const wb_node *node, wb_text *out)
{
    switch (node->kind) {
    case WB_NODE_NULL: wb_text_add_string(out, "null"); break;
    case WB_NODE_BOOL: wb_text_add_string(out, wb_node_bool(node, false) ? "true" : "false"); break;
    case WB_NODE_NUMBER: wb_text_add(out, node->text, node->text_length); break;
    case WB_NODE_STRING: wb_text_add_json_bytes(out, node->text, node->text_length); break;
    case WB_NODE_LIST: wb_text_add_string(out, "["); break;
    case WB_NODE_MAP: wb_text_add_string(out, "{"); break;
    }
}

static bool has_children(const wb_node *node)
{
    return node->kind == WB_NODE_LIST || node->kind == WB_NODE_MAP;
}

/* Walks with a stack of its own: the depth is bounded by the readers, and a tree that aliases make
 * wide is printed as wide as it is. */
void wb_node_print_json(const wb_node *node, struct wb_text *out)
{
    assert(node != NULL);
    assert(out != NULL);
    struct {
        const wb_node *node;
        uint32_t next; /* child to print */
    } open[WB_DOCUMENT_MAX_DEPTH];
    size_t depth = 0;
    for (;;) {
        print_scalar(node, out);
        if (has_children(node)) {
            assert(depth < WB_DOCUMENT_MAX_DEPTH);
            open[depth].node = node;
            open[depth++].next = 0;
        }
        while (depth > 0 && open[depth - 1].next == open[depth - 1].node->count) {
            wb_text_add_string(out, open[depth - 1].node->kind == WB_NODE_LIST ? "]" : "}");
            depth--;
        }
        if (depth == 0) {
            return;
        }
        const wb_node *parent = open[depth - 1].node;
        const uint32_t next = open[depth - 1].next++;
        if (next > 0) {
            wb_text_add_string(out, ",");
        }
        if (parent->kind == WB_NODE_MAP) {
            wb_text_add_json_string(out, parent->keys[next]);
            wb_text_add_string(out, ":");
        }
        node = parent->children[next];
    }
}
