/*
 * What both readers build with: nodes in batches, one stack of the children of all open lists and
 * maps, from which a closed one takes its exact arrays, and the search for duplicate keys.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/document_internal.h"
#include "base/heap_memory.h"
#include "base/sort.h"

/* 128 nodes of 64 bytes: two pages at a time. */
enum {
    BATCH = 128
};

/* Up to here comparing every key with every other is faster than sorting; a pod's longest map of
 * fixed fields has some 40 keys, most have fewer than 10. */
enum {
    FEW_KEYS = 24
};

void wb_document_builder_init(wb_document_builder *builder, wb_arena *arena, const char *file,
                              wb_error *err)
{
    assert(builder != NULL && arena != NULL);
    assert(file != NULL);
    *builder = (wb_document_builder){.arena = arena, .file = file, .err = err};
}

void wb_document_builder_release(wb_document_builder *builder)
{
    assert(builder != NULL);
    wb_heap_memory_free(builder->entries);
    builder->entries = NULL;
    builder->entry_count = 0;
    builder->entry_capacity = 0;
}

wb_node *wb_document_builder_node(wb_document_builder *builder, wb_node_kind kind, uint32_t line,
                                  uint32_t column)
{
    assert(line > 0 && column > 0);
    if (builder->batch_left == 0) {
        builder->batch = wb_arena_alloc(builder->arena, BATCH * sizeof(*builder->batch));
        builder->batch_left = BATCH;
    }
    wb_node *node = builder->batch++;
    builder->batch_left--;
    *node =
        (wb_node){.kind = kind, .line = line, .column = column, .text = "", .file = builder->file};
    return node;
}

void wb_document_builder_push(wb_document_builder *builder, wb_document_entry entry)
{
    assert(entry.node != NULL);
    if (builder->entry_count == builder->entry_capacity) {
        builder->entry_capacity =
            wb_heap_memory_next_capacity(builder->entry_capacity, builder->entry_count + 1);
        builder->entries = wb_heap_memory_resize(builder->entries, builder->entry_capacity,
                                                 sizeof(*builder->entries));
    }
    builder->entries[builder->entry_count++] = entry;
}

/* The entries from first_entry on; NULL when there are none, since the array may not exist yet. */
static const wb_document_entry *entries_from(const wb_document_builder *builder, size_t first_entry)
{
    assert(first_entry <= builder->entry_count);
    return first_entry < builder->entry_count ? builder->entries + first_entry : NULL;
}

/* Moves the entries from first_entry on into node's own arrays. */
static void take_children(wb_document_builder *builder, wb_node *node, size_t first_entry)
{
    assert(first_entry <= builder->entry_count);
    const size_t count = builder->entry_count - first_entry;
    const wb_document_entry *entries = entries_from(builder, first_entry);
    assert(count <= UINT32_MAX);
    node->count = (uint32_t)count;
    if (count == 0) {
        return;
    }
    /* One allocation for all arrays: most maps hold few keys. */
    const size_t map_size = sizeof(void *) + sizeof(wb_node_place);
    void **memory =
        wb_arena_alloc(builder->arena,
                       count * (sizeof(void *) + (node->kind == WB_NODE_MAP ? map_size : 0)));
    node->children = (wb_node **)memory;
    for (size_t i = 0; i < count; i++) {
        node->children[i] = entries[i].node;
    }
    if (node->kind == WB_NODE_MAP) {
        node->keys = (const char **)(void *)(memory + count);
        wb_node_place *places = (wb_node_place *)(void *)(memory + 2 * count);
        for (size_t i = 0; i < count; i++) {
            node->keys[i] = entries[i].key;
            places[i] = (wb_node_place){.line = entries[i].line, .column = entries[i].column};
        }
        node->key_places = places;
    }
    builder->entry_count = first_entry;
}

void wb_document_builder_close_list(wb_document_builder *builder, wb_node *list, size_t first_entry)
{
    assert(list->kind == WB_NODE_LIST);
    take_children(builder, list, first_entry);
}

/* wb_sort's context, which must not be const itself. */
typedef struct key_order {
    const wb_document_entry *entries;
} key_order;

/* By text, then by place, so that the order is total and the first of equal keys stays first. */
static int compare_keys(const void *a, const void *b, void *context)
{
    const wb_document_entry *entries = ((const key_order *)context)->entries;
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;
    const int order = strcmp(entries[left].key, entries[right].key);
    if (order != 0) {
        return order;
    }
    return left < right ? -1 : 1;
}

void wb_document_builder_find_repeats(const wb_document_entry *entries, size_t count,
                                      bool *same_before)
{
    assert(count <= UINT32_MAX);
    uint32_t *order = wb_heap_memory_alloc(count, sizeof(*order));
    for (size_t i = 0; i < count; i++) {
        order[i] = (uint32_t)i;
        same_before[i] = false;
    }
    key_order context = {entries};
    wb_sort(order, count, sizeof(*order), compare_keys, &context);
    for (size_t i = 1; i < count; i++) {
        same_before[order[i]] = strcmp(entries[order[i - 1]].key, entries[order[i]].key) == 0;
    }
    wb_heap_memory_free(order);
}

/* The first entry whose key was there before, or count. */
static size_t first_repeat_of_few(const wb_document_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (entries[i].key[0] == entries[j].key[0] &&
                strcmp(entries[i].key, entries[j].key) == 0) {
                return i;
            }
        }
    }
    return count;
}

/* The first in the order of the file, as first_repeat_of_few: which message one gets must not
 * depend on how many keys there are. */
static size_t first_repeat_of_many(const wb_document_entry *entries, size_t count)
{
    bool *same_before = wb_heap_memory_alloc(count, sizeof(*same_before));
    wb_document_builder_find_repeats(entries, count, same_before);
    size_t first = 0;
    while (first < count && !same_before[first]) {
        first++;
    }
    wb_heap_memory_free(same_before);
    return first;
}

wb_status wb_document_builder_close_map(wb_document_builder *builder, wb_node *map,
                                        size_t first_entry)
{
    assert(map->kind == WB_NODE_MAP);
    assert(first_entry <= builder->entry_count);
    const size_t count = builder->entry_count - first_entry;
    const wb_document_entry *entries = entries_from(builder, first_entry);
    const size_t repeat = count <= FEW_KEYS ? first_repeat_of_few(entries, count)
                                            : first_repeat_of_many(entries, count);
    if (repeat < count) {
        return wb_document_builder_fail(builder, WB_ERR_INPUT, entries[repeat].line,
                                        entries[repeat].column,
                                        "duplicate key '%.100s', expected each key once in a map",
                                        entries[repeat].key);
    }
    take_children(builder, map, first_entry);
    return WB_OK;
}

void wb_document_builder_add_root(wb_document_builder *builder, wb_node *root)
{
    assert(root != NULL);
    if (builder->root_count == builder->root_capacity) {
        const size_t capacity = builder->root_capacity == 0 ? 4 : 2 * builder->root_capacity;
        builder->roots = wb_arena_grow(builder->arena, builder->roots, builder->root_count,
                                       capacity, sizeof(wb_node *));
        builder->root_capacity = capacity;
    }
    builder->roots[builder->root_count++] = root;
}

wb_status wb_document_builder_fail(const wb_document_builder *builder, wb_status status,
                                   uint32_t line, uint32_t column, const char *fmt, ...)
{
    assert(line > 0 && column > 0);
    char message[400];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    return wb_fail(builder->err, status, "%s:%u:%u: %s", builder->file, line, column, message);
}

static size_t skip_digits(const char *text, size_t at)
{
    while (text[at] >= '0' && text[at] <= '9') {
        at++;
    }
    return at;
}

size_t wb_document_builder_number_length(const char *text)
{
    /* RFC 8259 section 6: no leading zeros, digits on both sides of the point. */
    const size_t start = text[0] == '-' ? 1 : 0;
    size_t at = text[start] == '0' ? start + 1 : skip_digits(text, start);
    if (at == start) {
        return 0;
    }
    if (text[at] == '.') {
        const size_t end = skip_digits(text, at + 1);
        if (end == at + 1) {
            return 0;
        }
        at = end;
    }
    if (text[at] == 'e' || text[at] == 'E') {
        const size_t digits = at + (text[at + 1] == '+' || text[at + 1] == '-' ? 2 : 1);
        const size_t end = skip_digits(text, digits);
        if (end == digits) {
            return 0;
        }
        at = end;
    }
    return at;
}
