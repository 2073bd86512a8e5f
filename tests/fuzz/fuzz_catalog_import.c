/* AWS' files: any bytes are refused in one line or become a catalog that can be printed. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "kube/catalog/catalog_import.h"
#include "kube/names.h"
#include "tests/fuzz/fuzz_target.h"

static void import_file(const char *path)
{
    wb_arena arena;
    wb_arena_init(&arena, "fuzz", 0, NULL);
    wb_intern intern;
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    const char *const paths[] = {path};
    const wb_catalog_import_options options = {.paths = paths, .path_count = 1};
    wb_catalog catalog;
    wb_error err = {.text = ""};
    if (wb_catalog_import(&arena, &intern, &options, &catalog, NULL, &err) == WB_OK) {
        wb_text text;
        wb_text_init(&text);
        wb_catalog_print_json(&catalog, &intern, &text);
        wb_text_release(&text);
    } else {
        assert(err.text[0] != '\0');
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/wb-fuzz-XXXXXX";
    const int file = mkstemp(path);
    assert(file >= 0);
    const ssize_t written = write(file, data, size);
    assert(written == (ssize_t)size);
    close(file);
    import_file(path);
    remove(path);
    return 0;
}
