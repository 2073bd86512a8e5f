/* Catalogs: what decodes prints as JSON that decodes again and prints the same. */
#include <assert.h>
#include <string.h>

#include "base/document.h"
#include "base/text.h"
#include "kube/catalog/catalog.h"
#include "kube/names.h"
#include "tests/fuzz/fuzz_target.h"

/* Decodes text and prints what came of it; false: it was refused. */
static bool decode_and_print(const char *text, size_t length, wb_text *out)
{
    wb_arena arena;
    wb_arena_init(&arena, "fuzz", 0, NULL);
    wb_intern intern;
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    const wb_document_input input = {
        .file = "fuzz", .text = text, .length = length, .syntax = WB_DOCUMENT_JSON};
    wb_document_stream stream;
    wb_catalog catalog;
    wb_error err;
    const bool is_good =
        wb_document_read_text(&arena, &input, &stream, &err) == WB_OK && stream.count > 0 &&
        wb_catalog_decode(&arena, &intern, stream.roots[0], &catalog, &err) == WB_OK;
    if (is_good) {
        wb_catalog_print_json(&catalog, &intern, out);
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return is_good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wb_text first;
    wb_text second;
    wb_text_init(&first);
    wb_text_init(&second);
    if (decode_and_print((const char *)data, size, &first)) {
        const bool is_good = decode_and_print(first.bytes, first.length, &second);
        assert(is_good);
        assert(strcmp(wb_text_string(&first), wb_text_string(&second)) == 0);
    }
    wb_text_release(&first);
    wb_text_release(&second);
    return 0;
}
