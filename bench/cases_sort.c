/*
 * Sort vectors: keys and the order of original indices that Go's sort.Slice left them in. Upstream
 * sorts some lists by an unstable sort, and its order of equals decides which claim gets a pod;
 * ours must do the same steps.
 */
#include "solver/claim_sort.h"
#include "bench/cases_internal.h"

static bool recognises(const char *path, const wb_node *root)
{
    (void)path;
    return wb_node_get(root, "keys") != NULL && wb_node_get(root, "order") != NULL;
}

static wb_status run(wb_cases_case *one, wb_error *err)
{
    const wb_node *keys = wb_node_get(one->root, "keys");
    const wb_node *order = wb_node_get(one->root, "order");
    if (keys->count != order->count) {
        return wb_fail(err, WB_ERR_INPUT, "%s: %u keys and %u places", one->name, keys->count,
                       order->count);
    }
    uint64_t *items = WB_ARENA_ARRAY(one->arena, uint64_t, keys->count);
    for (uint32_t i = 0; i < keys->count; i++) {
        items[i] = wb_claim_sort_item((uint32_t)wb_node_int64(keys->children[i], 0), i);
    }
    wb_claim_sort(items, keys->count);
    wb_text expected;
    wb_text actual;
    wb_text_init(&expected);
    wb_text_init(&actual);
    for (uint32_t i = 0; i < keys->count; i++) {
        wb_text_add_format(&expected, " %s", order->children[i]->text);
        wb_text_add_format(&actual, " %u", wb_claim_sort_id(items[i]));
    }
    (void)wb_cases_compare(one, "order", wb_text_string(&expected), wb_text_string(&actual));
    wb_text_release(&expected);
    wb_text_release(&actual);
    return WB_OK;
}

const wb_cases_kind wb_cases_sort = {.name = "sort", .recognises = recognises, .run = run};
