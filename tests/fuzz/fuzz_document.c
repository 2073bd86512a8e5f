/*
 * Documents: any bytes, read as JSON and as YAML. What can be read prints as JSON that can be read
 * again and prints the same; what cannot says so in one line.
 */
#include <assert.h>
#include <string.h>

#include "base/document.h"
#include "base/text.h"
#include "tests/fuzz/fuzz_target.h"

static void print_stream(const wb_document_stream *stream, wb_text *out)
{
    for (size_t i = 0; i < stream->count; i++) {
        wb_node_print_json(stream->roots[i], out);
        wb_text_add_string(out, "\n");
    }
}

static void check_round_trip(wb_arena *arena, const wb_document_stream *stream)
{
    wb_text first;
    wb_text second;
    wb_text_init(&first);
    wb_text_init(&second);
    print_stream(stream, &first);
    wb_document_stream again;
    wb_error err;
    const wb_document_input input = {"again", wb_text_string(&first), first.length,
                                     WB_DOCUMENT_JSON};
    const wb_status status = wb_document_read_text(arena, &input, &again, &err);
    assert(status == WB_OK || status == WB_ERR_LIMIT);
    if (status == WB_OK) {
        print_stream(&again, &second);
        assert(strcmp(wb_text_string(&first), wb_text_string(&second)) == 0);
    }
    wb_text_release(&first);
    wb_text_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const wb_document_syntax syntaxes[] = {WB_DOCUMENT_JSON, WB_DOCUMENT_YAML};
    for (size_t i = 0; i < sizeof syntaxes / sizeof *syntaxes; i++) {
        wb_arena arena;
        wb_arena_init(&arena, "fuzz", 0, NULL);
        const char *text = wb_arena_copy_text(&arena, (const char *)data, size);
        wb_document_stream stream;
        wb_error err;
        const wb_document_input input = {"fuzz", text, size, syntaxes[i]};
        if (wb_document_read_text(&arena, &input, &stream, &err) == WB_OK) {
            check_round_trip(&arena, &stream);
        } else {
            assert(err.status != WB_OK && strchr(err.text, '\n') == NULL);
        }
        wb_arena_release(&arena);
    }
    return 0;
}
