/*
 * MessagePack: any bytes. What can be converted is JSON that our reader takes (but for its own
 * limits and keys that occur twice or hold a zero byte), and is not much longer than the input;
 * what cannot says where.
 */
#include <assert.h>
#include <string.h>

#include "base/document.h"
#include "traces/msgpack.h"
#include "tests/fuzz/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nothing[1];
    wb_text json;
    wb_error err = {0};
    wb_text_init(&json);
    const wb_status status = wb_msgpack_to_json(size > 0 ? data : nothing, size, &json, &err);
    if (status == WB_OK) {
        wb_arena arena;
        wb_arena_init(&arena, "fuzz", 0, NULL);
        const wb_document_input input = {"fuzz", wb_text_string(&json), json.length,
                                         WB_DOCUMENT_JSON};
        wb_document_stream stream;
        const wb_status read = wb_document_read_text(&arena, &input, &stream, &err);
        assert(read == WB_OK || read == WB_ERR_LIMIT || strstr(err.text, "key") != NULL);
        wb_arena_release(&arena);
    } else {
        assert(status == WB_ERR_INPUT && strncmp(err.text, "byte ", 5) == 0);
    }
    assert(json.length <= 16 * size + 64);
    wb_text_release(&json);
    return 0;
}
