#include "tools/cli/yaml_output.h"

#include <assert.h>
#include <string.h>

#define DEPTH_MAX 100 /* the reader's */

/* An open map or list. */
typedef struct level {
    const wb_node *node;
    uint32_t next; /* child */
} level;

static bool is_block(const wb_node *node)
{
    return (node->kind == WB_NODE_MAP || node->kind == WB_NODE_LIST) && node->count > 0;
}

static void print_scalar(const wb_node *node, wb_text *out)
{
    switch (node->kind) {
    case WB_NODE_NULL: wb_text_add_string(out, "null"); return;
    case WB_NODE_STRING: wb_text_add_json_bytes(out, node->text, node->text_length); return;
    case WB_NODE_BOOL:
    case WB_NODE_NUMBER: wb_text_add_string(out, node->text); return;
    case WB_NODE_LIST: wb_text_add_string(out, "[]"); return; /* empty: the others are blocks */
    case WB_NODE_MAP: wb_text_add_string(out, "{}"); return;
    }
}

static void indent(wb_text *out, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++) {
        wb_text_add_string(out, "  ");
    }
}

/* Keys of ours are plain words; others are quoted. */
static void print_key(const char *key, wb_text *out)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    if (key[0] != '\0' && strspn(key, letters) == strlen(key)) {
        wb_text_add_string(out, key);
    } else {
        wb_text_add_json_string(out, key);
    }
    wb_text_add_string(out, ":");
}

void wb_yaml_output_print(const wb_node *root, wb_text *out)
{
    assert(root->kind == WB_NODE_MAP || root->kind == WB_NODE_LIST);
    level levels[DEPTH_MAX + 1];
    uint32_t depth = 1;
    bool is_on_line = false; /* behind "- ": a map's first key stands there */
    levels[0] = (level){root, 0};
    while (depth > 0) {
        level *top = &levels[depth - 1];
        if (top->next == top->node->count) {
            depth--;
            continue;
        }
        const uint32_t at = top->next++;
        const wb_node *child = top->node->children[at];
        indent(out, is_on_line ? 0 : depth - 1U);
        is_on_line = false;
        if (top->node->kind == WB_NODE_MAP) {
            print_key(top->node->keys[at], out);
            wb_text_add_string(out, is_block(child) ? "\n" : " ");
        } else {
            wb_text_add_string(out, "- ");
            is_on_line = is_block(child);
        }
        if (is_block(child)) {
            assert(depth <= DEPTH_MAX);
            levels[depth++] = (level){child, 0};
        } else {
            print_scalar(child, out);
            wb_text_add_string(out, "\n");
        }
    }
}
