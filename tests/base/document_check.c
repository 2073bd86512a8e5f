#include "tests/base/document_check.h"

#include <string.h>

#include "base/text.h"
#include "tests/harness.h"

void wb_document_check_reads(const char *text, wb_document_syntax syntax, const char *json)
{
    wb_arena arena;
    wb_arena_init(&arena, "document", 0, NULL);
    const wb_document_input input = {"f", text, strlen(text), syntax};
    wb_document_stream stream = {NULL, 0};
    wb_error err = {WB_OK, ""};
    wb_text found;
    wb_text_init(&found);
    const wb_status status = wb_document_read_text(&arena, &input, &stream, &err);
    for (size_t i = 0; status == WB_OK && i < stream.count; i++) {
        wb_node_print_json(stream.roots[i], &found);
        wb_text_add_string(&found, "\n");
    }
    if (status != WB_OK || strcmp(wb_text_string(&found), json) != 0) {
        printf("\n%s\ngave %s%s\n", text, wb_text_string(&found), err.text);
        CU_FAIL("a text reads otherwise");
    }
    wb_text_release(&found);
    wb_arena_release(&arena);
}

void wb_document_check_fails(const char *text, size_t length, wb_document_syntax syntax,
                             wb_status status, const char *message)
{
    wb_arena arena;
    wb_arena_init(&arena, "document", 0, NULL);
    const wb_document_input input = {"f", text, length, syntax};
    wb_document_stream stream = {NULL, 77};
    wb_error err = {WB_OK, ""};
    const wb_status found = wb_document_read_text(&arena, &input, &stream, &err);
    if (found != status || strcmp(err.text, message) != 0) {
        printf("\n%.200s\ngave status %d: %s\n", text, (int)found, err.text);
        CU_FAIL("a text fails otherwise");
    }
    CU_ASSERT_EQUAL(stream.count, 77); /* untouched on failure */
    wb_arena_release(&arena);
}

/* The numbers among node and what is below it, and whether each says its place. */
static size_t check_numbers(const wb_node *root)
{
    const wb_node *open[1000] = {root};
    size_t open_count = 1;
    size_t checked = 0;
    while (open_count > 0) {
        const wb_node *node = open[--open_count];
        CU_ASSERT(node->line > 0 && node->column > 0);
        if (node->kind == WB_NODE_NUMBER) {
            CU_ASSERT_EQUAL(wb_node_int64(node, -1), (int64_t)node->line * 100 + node->column);
            checked++;
        }
        for (uint32_t i = 0; i < node->count; i++) {
            open[open_count++] = node->children[i];
        }
    }
    return checked;
}

size_t wb_document_check_places(const char *text, wb_document_syntax syntax)
{
    wb_arena arena;
    wb_arena_init(&arena, "document", 0, NULL);
    const wb_document_input input = {"f", text, strlen(text), syntax};
    wb_document_stream stream = {NULL, 0};
    size_t checked = 0;
    CU_ASSERT_EQUAL(wb_document_read_text(&arena, &input, &stream, NULL), WB_OK);
    if (stream.count == 1) {
        checked = check_numbers(stream.roots[0]);
    }
    wb_arena_release(&arena);
    return checked;
}
