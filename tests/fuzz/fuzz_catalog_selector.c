/* Label expressions: any text is refused in one line or picks types of a small catalog. */
#include <assert.h>
#include <string.h>

#include "kube/catalog/catalog_selector.h"
#include "kube/names.h"
#include "tests/fuzz/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wb_arena arena;
    wb_arena_init(&arena, "fuzz", 0, NULL);
    wb_intern intern;
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    const wb_label labels[] = {{WB_NAME_ARCH, WB_NAME_ARM64},
                               {WB_NAME_INSTANCE_CPU, wb_intern_add(&intern, "8")}};
    const wb_offering offering = {.zone = wb_intern_add(&intern, "us-east-1a")};
    wb_catalog_type type = {.name = wb_intern_add(&intern, "m5.large"), .labels = {labels, 2}};
    const wb_catalog catalog = {.types = &type, .type_count = 1};
    const char *text = wb_arena_copy_text(&arena, (const char *)data, size);
    wb_catalog_selector selector;
    wb_error err = {.text = ""};
    if (wb_catalog_selector_parse(&arena, &intern, &catalog, text, &selector, &err) == WB_OK) {
        (void)wb_catalog_selector_matches_type(&selector, &intern, &type);
        (void)wb_catalog_selector_matches_offering(&selector, &intern, &offering);
    } else {
        assert(strstr(err.text, "column") != NULL);
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return 0;
}
