/*
 * Quantities and lists of them. CPU is kept in milli-units, everything else in whole units, both
 * rounded up, as the scheduler counts.
 *
 * Sums of amounts saturate (resource.c), so a quantity of 2^63 - 1 is no trap.
 */
#include <assert.h>
#include <string.h>

#include "base/quantity.h"
#include "base/sort.h"
#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/syntax.h"

/* The unit is the reader's choice: only cpu is asked for in milli-units. */
bool wb_manifest_decode_quantity(const wb_field *field, bool is_milli, int64_t *out)
{
    assert(field != NULL);
    assert(out != NULL);
    const char *text = wb_field_text(field);
    wb_quantity quantity;
    wb_error err;
    if (wb_quantity_parse(text, &quantity, &err) != WB_OK) {
        wb_field_error(field, "%s", err.text);
        return false;
    }
    *out = is_milli ? wb_quantity_milli(&quantity) : wb_quantity_units(&quantity);
    return true;
}

static bool has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Native names carry no domain, or kubernetes.io's own. */
static bool is_native(const char *name)
{
    return strchr(name, '/') == NULL || strstr(name, "kubernetes.io/") != NULL;
}

/* What a container may ask for: three of the kubelet's own, huge pages, anything with a domain. */
static void check_container_resource(const wb_field *entry)
{
    static const char *const native[] = {"cpu", "memory", "ephemeral-storage"};
    const char *name = entry->name;
    const char *problem = wb_syntax_check_qualified_name(name);
    if (problem != NULL) {
        wb_field_key_error(entry, "Invalid value: \"%.130s\": %s", name, problem);
        return;
    }
    if (!is_native(name) || has_prefix(name, "hugepages-")) {
        if (!is_native(name) && wb_field_text(entry)[0] != '\0') {
            wb_quantity quantity;
            if (wb_quantity_parse(wb_field_text(entry), &quantity, NULL) == WB_OK &&
                quantity.nanos % 1000000000 != 0) {
                wb_field_invalid(entry, "must be an integer");
            }
        }
        return;
    }
    for (size_t i = 0; i < sizeof(native) / sizeof(native[0]); i++) {
        if (strcmp(name, native[i]) == 0) {
            return;
        }
    }
    wb_field_key_error(
        entry,
        "Invalid value: \"%.130s\": must be a standard resource for containers (cpu, "
        "memory, ephemeral-storage, hugepages-<size>) or carry a domain",
        name);
}

static int compare_resource_names(const void *a, const void *b, void *context)
{
    (void)context;
    const uint32_t x = ((const wb_resource *)a)->name;
    const uint32_t y = ((const wb_resource *)b)->name;
    return x < y ? -1 : (x > y ? 1 : 0);
}

/* Bad entries are left out of the list and the good ones kept, so that one typo is one finding. */
wb_resource_list wb_manifest_decode_resource_map(const wb_field *map, wb_resource_rules rules)
{
    assert(map != NULL);
    const uint32_t count = wb_field_entry_count(map);
    if (count == 0) {
        return (wb_resource_list){0};
    }
    wb_resource *items = WB_ARENA_ARRAY(map->context->arena, wb_resource, count);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(map, i);
        const uint32_t name = wb_intern_add(map->context->intern, entry.name);
        int64_t amount = 0;
        if (name == 0 || !wb_field_is_set(&entry) || entry.node->kind == WB_NODE_LIST ||
            entry.node->kind == WB_NODE_MAP ||
            !wb_manifest_decode_quantity(&entry, name == WB_NAME_CPU, &amount)) {
            continue;
        }
        if (rules != WB_RESOURCES_ANY && amount < 0) {
            wb_field_invalid(&entry, "must be greater than or equal to 0");
            continue;
        }
        if (rules == WB_RESOURCES_CONTAINER) {
            check_container_resource(&entry);
        }
        items[kept++] = (wb_resource){.name = name, .amount = amount};
    }
    wb_sort(items, kept, sizeof(*items), compare_resource_names, NULL);
    return (wb_resource_list){.items = items, .count = kept};
}
