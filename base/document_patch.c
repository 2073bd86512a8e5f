#include "base/document_patch.h"

#include <assert.h>
#include <string.h>

#define SEGMENT_MAX 256

/* One step of a path. */
typedef struct segment {
    char text[SEGMENT_MAX];
    bool is_bracketed;
} segment;

/* Takes "[text]" or "[\"text\"]"; false when it has no end. */
static bool take_brackets(const char **at, segment *out)
{
    const char *start = *at + 1;
    const char *end = strchr(start, ']');
    const bool is_quoted = *start == '"';
    if (is_quoted) {
        start++;
        const char *quote = strchr(start, '"');
        if (quote == NULL || quote[1] != ']') {
            return false;
        }
        end = quote;
    }
    if (end == NULL || end == start || end - start >= SEGMENT_MAX) {
        return false;
    }
    memcpy(out->text, start, (size_t)(end - start));
    out->text[end - start] = '\0';
    out->is_bracketed = true;
    *at = end + (is_quoted ? 2 : 1);
    return true;
}

/* The next step; false at the end of the path, and where there is none: *at is then not the end. */
static bool next_segment(const char **at, bool is_first, segment *out)
{
    if (**at == '\0') {
        return false;
    }
    if (**at == '[') {
        return take_brackets(at, out);
    }
    const char *start = *at + (is_first ? 0 : 1);
    const size_t length = strcspn(start, ".[");
    if ((!is_first && **at != '.') || length == 0 || length >= SEGMENT_MAX) {
        return false;
    }
    memcpy(out->text, start, length);
    out->text[length] = '\0';
    out->is_bracketed = false;
    *at = start + length;
    return true;
}

/* The index of a child that a step names; UINT32_MAX: there is none. */
static uint32_t find_child(const wb_node *node, const segment *step)
{
    if (node->kind == WB_NODE_MAP) {
        for (uint32_t i = 0; i < node->count; i++) {
            if (strcmp(node->keys[i], step->text) == 0) {
                return i;
            }
        }
        return UINT32_MAX;
    }
    if (node->kind != WB_NODE_LIST || !step->is_bracketed) {
        return UINT32_MAX;
    }
    static const char *const names[] = {"key", "name"};
    for (uint32_t i = 0; i < node->count; i++) {
        for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
            const wb_node *name = wb_node_get(node->children[i], names[n]);
            if (name != NULL && strcmp(wb_node_string(name, ""), step->text) == 0) {
                return i;
            }
        }
    }
    const size_t digits = strspn(step->text, "0123456789");
    uint32_t index = 0;
    for (size_t i = 0; i < digits && digits <= 6; i++) {
        index = index * 10 + (uint32_t)(step->text[i] - '0');
    }
    return step->text[digits] == '\0' && digits <= 6 && index < node->count ? index : UINT32_MAX;
}

const wb_node *wb_document_patch_find(const wb_node *root, const char *path)
{
    assert(path != NULL);
    const wb_node *node = root;
    const char *at = path;
    segment step;
    for (bool is_first = true; node != NULL && next_segment(&at, is_first, &step);
         is_first = false) {
        const uint32_t index = find_child(node, &step);
        node = index == UINT32_MAX ? NULL : node->children[index];
    }
    return *at == '\0' && *path != '\0' ? node : NULL;
}

/* Makes room for one more entry behind the last; the arrays are new, since they may be shared. */
static void append(wb_arena *arena, wb_node *map, const char *key, wb_node *child)
{
    const uint32_t count = map->count;
    const char **keys = WB_ARENA_ARRAY(arena, const char *, (size_t)count + 1);
    wb_node **children = WB_ARENA_ARRAY(arena, wb_node *, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = map->keys[i];
        children[i] = map->children[i];
    }
    keys[count] = wb_arena_copy_string(arena, key);
    children[count] = child;
    map->keys = keys;
    map->key_places = NULL;
    map->children = children;
    map->count = count + 1;
}

static void take_out(wb_arena *arena, wb_node *node, uint32_t index)
{
    assert(index < node->count);
    const char **keys = WB_ARENA_ARRAY(arena, const char *, node->count);
    wb_node **children = WB_ARENA_ARRAY(arena, wb_node *, node->count);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < node->count; i++) {
        if (i != index) {
            keys[kept] = node->kind == WB_NODE_MAP ? node->keys[i] : NULL;
            children[kept++] = node->children[i];
        }
    }
    node->keys = node->kind == WB_NODE_MAP ? keys : NULL;
    node->key_places = NULL;
    node->children = children;
    node->count = kept;
}

static wb_node *new_map(wb_arena *arena, const wb_node *beside)
{
    wb_node *map = WB_ARENA_NEW(arena, wb_node);
    *map = (wb_node){
        .kind = WB_NODE_MAP,
        .line = beside->line,
        .column = beside->column,
        .text = "",
        .file = beside->file,
    };
    return map;
}

/* A null on the way, and a map without entries, may become a map. */
static wb_status check_parent(wb_node *node, const segment *step, const char *path, wb_error *err)
{
    if (node->kind == WB_NODE_NULL && !step->is_bracketed) {
        node->kind = WB_NODE_MAP;
    }
    if (node->kind == WB_NODE_MAP) {
        return WB_OK;
    }
    if (node->kind == WB_NODE_LIST) {
        return wb_fail(err, WB_ERR_INPUT, "%s: '%s' is not in the list at %s:%u", path, step->text,
                       node->file, node->line);
    }
    return wb_fail(err, WB_ERR_INPUT, "%s: '%s' would be inside %s at %s:%u", path, step->text,
                   wb_node_kind_name(node->kind), node->file, node->line);
}

/* The last step: puts value, or takes out what is there. */
static wb_status put(wb_arena *arena, wb_node *node, const segment *step, const char *path,
                     wb_node *value, wb_error *err)
{
    const uint32_t index = find_child(node, step);
    if (index == UINT32_MAX) {
        if (value == NULL) {
            return WB_OK; /* not there already */
        }
        WB_TRY(check_parent(node, step, path, err));
        append(arena, node, step->text, value);
        return WB_OK;
    }
    assert(node->children != NULL);
    if (value == NULL) {
        take_out(arena, node, index);
    } else {
        node->children[index] = value;
    }
    return WB_OK;
}

/* A step on the way: into what is there, or into a new map. */
static wb_status enter(wb_arena *arena, wb_node **node, const segment *step, const char *path,
                       wb_error *err)
{
    const uint32_t index = find_child(*node, step);
    if (index != UINT32_MAX) {
        assert((*node)->children != NULL);
        *node = (*node)->children[index];
        return WB_OK;
    }
    WB_TRY(check_parent(*node, step, path, err));
    wb_node *child = new_map(arena, *node);
    append(arena, *node, step->text, child);
    *node = child;
    return WB_OK;
}

wb_status wb_document_patch_set(wb_arena *arena, wb_node *root, const char *path, wb_node *value,
                                wb_error *err)
{
    assert(arena != NULL && root != NULL && path != NULL);
    wb_node *node = root;
    const char *at = path;
    segment step;
    if (!next_segment(&at, true, &step)) {
        return wb_fail(err, WB_ERR_INPUT, "'%s' is not a path, expected keys like spec.limits.cpu",
                       path);
    }
    while (*at != '\0') {
        segment following;
        if (!next_segment(&at, false, &following)) {
            return wb_fail(err, WB_ERR_INPUT,
                           "'%s' is not a path from '%s' on, expected .key or [name]", path, at);
        }
        if (value == NULL && find_child(node, &step) == UINT32_MAX) {
            return WB_OK; /* nothing there to remove */
        }
        WB_TRY(enter(arena, &node, &step, path, err));
        step = following;
    }
    return put(arena, node, &step, path, value, err);
}
