/*
 * Pieces of objects as compact JSON with the keys of every map in order of name. kubectl prints
 * them so, the audit log as the Go structs have them; printed alike, equal objects are equal texts.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/sort.h"
#include "base/text.h"
#include "traces/recording_internal.h"

/* Maps have few keys; those on the way down need no memory of their own. */
enum {
    FEW_KEYS = 32
};

static int compare_keys(const void *a, const void *b, void *context)
{
    const wb_node *map = context;
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;
    const int order = strcmp(map->keys[left], map->keys[right]);
    if (order != 0) {
        return order;
    }
    return left < right ? -1 : left > right ? 1 : 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the map that is printed */
static void print_map(const wb_node *map, wb_text *out)
{
    uint32_t few[FEW_KEYS];
    uint32_t *order =
        map->count <= FEW_KEYS ? few : wb_heap_memory_alloc(map->count, sizeof(uint32_t));
    for (uint32_t i = 0; i < map->count; i++) {
        order[i] = i;
    }
    if (map->count > 1) {
        wb_node copy = *map; /* the sort's context is not const */
        wb_sort(order, map->count, sizeof order[0], compare_keys, &copy);
    }
    wb_text_add_string(out, "{");
    for (uint32_t i = 0; i < map->count; i++) {
        wb_text_add_string(out, i > 0 ? "," : "");
        wb_text_add_json_string(out, map->keys[order[i]]);
        wb_text_add_string(out, ":");
        wb_recording_json_print(map->children[order[i]], out);
    }
    wb_text_add_string(out, "}");
    if (order != few) {
        wb_heap_memory_free(order);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): the document reader limits nesting to 100 */
void wb_recording_json_print(const wb_node *node, wb_text *out)
{
    assert(node != NULL && out != NULL);
    if (node->kind == WB_NODE_MAP) {
        print_map(node, out);
        return;
    }
    if (node->kind != WB_NODE_LIST) {
        wb_node_print_json(node, out);
        return;
    }
    wb_text_add_string(out, "[");
    for (uint32_t i = 0; i < node->count; i++) {
        wb_text_add_string(out, i > 0 ? "," : "");
        wb_recording_json_print(node->children[i], out);
    }
    wb_text_add_string(out, "]");
}

void wb_recording_json_add_key(wb_text *out, const char *key)
{
    assert(out->length > 0);
    const char last = out->bytes[out->length - 1];
    wb_text_add_string(out, last == '{' || last == '[' ? "" : ",");
    wb_text_add_json_string(out, key);
    wb_text_add_string(out, ":");
}

void wb_recording_json_add(wb_text *out, const char *key, const wb_node *value)
{
    if (!wb_node_is_null(value)) {
        wb_recording_json_add_key(out, key);
        wb_recording_json_print(value, out);
    }
}
