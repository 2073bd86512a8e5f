#include "tools/cli/yaml_output.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

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

/* Nothing that any reader of YAML takes for anything but a string. */
static bool is_plain_word(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "0123456789-_./@";
    static const char *const taken[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};
    const size_t length = strlen(text);
    if (length == 0 || strspn(text, letters) == 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strcasecmp(text, taken[i]) == 0) {
            return false;
        }
    }
    for (size_t i = 0; i < length; i++) {
        if (strchr(letters, text[i]) == NULL && strchr(others, text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static void print_scalar(const wb_node *node, bool has_plain_words, wb_text *out)
{
    if (has_plain_words && node->kind == WB_NODE_STRING && is_plain_word(node->text)) {
        wb_text_add_string(out, node->text);
        return;
    }
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
static void print_key(const char *key, bool has_plain_words, wb_text *out)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    const bool is_plain = has_plain_words && is_plain_word(key);
    if (is_plain || (key[0] != '\0' && strspn(key, letters) == strlen(key))) {
        wb_text_add_string(out, key);
    } else {
        wb_text_add_json_string(out, key);
    }
    wb_text_add_string(out, ":");
}

static void print_note(const wb_yaml_notes *notes, const wb_node *node, wb_text *out)
{
    const char *note = notes->note == NULL ? NULL : notes->note(notes->context, node);
    if (note != NULL && *note != '\0') {
        wb_text_add_format(out, " # %s", note);
    }
}

void wb_yaml_output_print(const wb_node *root, wb_text *out)
{
    static const wb_yaml_notes none = {0};
    wb_yaml_output_print_noted(root, &none, out);
}

void wb_yaml_output_print_noted(const wb_node *root, const wb_yaml_notes *notes, wb_text *out)
{
    assert(root != NULL && notes != NULL && out != NULL);
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
            print_key(top->node->keys[at], notes->has_plain_words, out);
            if (is_block(child)) {
                print_note(notes, child, out);
            }
            wb_text_add_string(out, is_block(child) ? "\n" : " ");
        } else {
            wb_text_add_string(out, "- ");
            is_on_line = is_block(child);
        }
        if (is_block(child)) {
            assert(depth <= DEPTH_MAX);
            levels[depth++] = (level){child, 0};
        } else {
            print_scalar(child, notes->has_plain_words, out);
            print_note(notes, child, out);
            wb_text_add_string(out, "\n");
        }
    }
}
