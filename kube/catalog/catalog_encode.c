/* A catalog as JSON: the schema is in README.md, the reader in catalog_decode.c. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/quantity.h"
#include "base/sort.h"
#include "kube/catalog/catalog.h"
#include "kube/names.h"

/* The shortest digits that read back as the same double. */
static void add_number(wb_text *out, double number)
{
    char digits[40];
    for (int precision = 6; precision <= 17; precision++) {
        (void)snprintf(digits, sizeof(digits), "%.*g", precision, number);
        if (strtod(digits, NULL) == number) {
            break;
        }
    }
    wb_text_add_string(out, digits);
}

/* "key": with a comma before it unless it is an object's first. */
static void add_key(wb_text *out, const char *key, bool *is_first)
{
    wb_text_add_string(out, *is_first ? "" : ",");
    wb_text_add_json_string(out, key);
    wb_text_add_string(out, ":");
    *is_first = false;
}

/* By text: ids have an order too, but not one that a reader or a diff can follow. */
static int compare_label_keys(const void *a, const void *b, void *context)
{
    const wb_intern *const *intern = context;
    return strcmp(wb_intern_text(*intern, ((const wb_label *)a)->key),
                  wb_intern_text(*intern, ((const wb_label *)b)->key));
}

static void add_labels(wb_text *out, const wb_intern *intern, wb_labels labels)
{
    wb_label *sorted = wb_heap_memory_alloc(labels.count, sizeof(sorted[0]));
    for (uint32_t i = 0; i < labels.count; i++) {
        sorted[i] = labels.items[i];
    }
    wb_sort(sorted, labels.count, sizeof(sorted[0]), compare_label_keys, &intern);
    bool is_first = true;
    wb_text_add_string(out, "{");
    for (uint32_t i = 0; i < labels.count; i++) {
        add_key(out, wb_intern_text(intern, sorted[i].key), &is_first);
        wb_text_add_json_string(out, wb_intern_text(intern, sorted[i].value));
    }
    wb_heap_memory_free(sorted);
    wb_text_add_string(out, "}");
}

/* Amounts that people read as 7577Mi; pods and devices are plain counts. */
static bool is_in_bytes(uint32_t resource)
{
    return resource == WB_NAME_MEMORY || resource == WB_NAME_EPHEMERAL_STORAGE ||
           resource == WB_NAME_HUGEPAGES_2MI || resource == WB_NAME_HUGEPAGES_1GI;
}

static void add_resources(wb_text *out, const wb_intern *intern, wb_resource_list resources)
{
    bool is_first = true;
    wb_text_add_string(out, "{");
    for (uint32_t i = 0; i < resources.count; i++) {
        const wb_resource *resource = &resources.items[i];
        char quantity[48];
        if (resource->name == WB_NAME_CPU) {
            wb_quantity_print_milli(resource->amount, quantity);
        } else if (is_in_bytes(resource->name)) {
            wb_quantity_print_bytes(resource->amount, quantity);
        } else {
            (void)snprintf(quantity, sizeof(quantity), "%" PRId64, resource->amount);
        }
        add_key(out, wb_intern_text(intern, resource->name), &is_first);
        wb_text_add_json_string(out, quantity);
    }
    wb_text_add_string(out, "}");
}

/* A reservation's fields only where there is one, as in the golden cases. */
static void add_offerings(wb_text *out, const wb_intern *intern, const wb_catalog_type *type)
{
    wb_text_add_string(out, "[");
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering *offering = &type->offerings[i];
        wb_text_add_string(out, i == 0 ? "{\"zone\":" : ",{\"zone\":");
        wb_text_add_json_string(out, wb_intern_text(intern, offering->zone));
        wb_text_add_format(out, ",\"capacityType\":\"%s\",\"price\":",
                           wb_capacity_type_name(offering->capacity_type));
        add_number(out, offering->price_usd_per_hour);
        wb_text_add_format(out, ",\"available\":%s", offering->is_available ? "true" : "false");
        if (offering->capacity_type == WB_CAPACITY_RESERVED) {
            wb_text_add_string(out, ",\"reservationId\":");
            wb_text_add_json_string(out, wb_intern_text(intern, offering->reservation_id));
            wb_text_add_format(out, ",\"reservationCapacity\":%d", offering->reservation_count);
        }
        wb_text_add_string(out, "}");
    }
    wb_text_add_string(out, "]");
}

/* Test cases only: what no label can say, such as a key that has several values. */
static void add_extra_requirements(wb_text *out, const wb_intern *intern,
                                   const wb_catalog_type *type)
{
    bool is_first = true;
    wb_text_add_string(out, ",\"extraRequirements\":{");
    for (uint32_t i = 0; i < type->extra_requirement_count; i++) {
        const wb_extra_requirement *extra = &type->extra_requirements[i];
        add_key(out, wb_intern_text(intern, extra->key), &is_first);
        wb_text_add_string(out, "[");
        for (uint32_t j = 0; j < extra->value_count; j++) {
            wb_text_add_string(out, j == 0 ? "" : ",");
            wb_text_add_json_string(out, wb_intern_text(intern, extra->values[j]));
        }
        wb_text_add_string(out, "]");
    }
    wb_text_add_string(out, "}");
}

/* What AWS' own catalog has no field for; left out where it is not known. */
static void add_optional_fields(wb_text *out, const wb_intern *intern, const wb_catalog_type *type)
{
    if (type->savings_percent != INT32_MIN) {
        wb_text_add_format(out, ",\"savingsPercent\":%d", type->savings_percent);
    }
    if (type->interruption_band >= 0) {
        wb_text_add_format(out, ",\"interruptionBand\":%d", type->interruption_band);
    }
    if (type->volume_limit > 0) {
        wb_text_add_format(out, ",\"volumeLimit\":%d,\"volumeLimitIsShared\":%s",
                           type->volume_limit, type->volume_limit_is_shared ? "true" : "false");
    }
    if (type->eni_count > 0) {
        wb_text_add_format(out, ",\"eniCount\":%d,\"eniIpv4Count\":%d", type->eni_count,
                           type->eni_ipv4_count);
    }
    if (type->extra_requirement_count > 0) {
        add_extra_requirements(out, intern, type);
    }
    if (type->plain_requirements) {
        wb_text_add_string(out, ",\"plainInstanceRequirements\":true");
    }
}

void wb_catalog_print_type_json(const wb_catalog *catalog, const wb_intern *intern,
                                uint32_t type_index, wb_text *out)
{
    assert(type_index < catalog->type_count);
    const wb_catalog_type *type = &catalog->types[type_index];
    wb_text_add_string(out, "{\"name\":");
    wb_text_add_json_string(out, wb_intern_text(intern, type->name));
    wb_text_add_string(out, ",\"labels\":");
    add_labels(out, intern, type->labels);
    wb_text_add_string(out, ",\"capacity\":");
    add_resources(out, intern, type->capacity);
    wb_text_add_string(out, ",\"overhead\":");
    add_resources(out, intern, type->overhead);
    wb_text_add_string(out, ",\"offerings\":");
    add_offerings(out, intern, type);
    add_optional_fields(out, intern, type);
    wb_text_add_string(out, "}");
}

void wb_catalog_print_json(const wb_catalog *catalog, const wb_intern *intern, wb_text *out)
{
    assert(catalog->region != 0);
    wb_text_add_string(out, "{\"region\":");
    wb_text_add_json_string(out, wb_intern_text(intern, catalog->region));
    wb_text_add_string(out, ",\"zones\":[");
    for (uint32_t i = 0; i < catalog->zone_count; i++) {
        wb_text_add_string(out, i == 0 ? "" : ",");
        wb_text_add_json_string(out, wb_intern_text(intern, catalog->zones[i]));
    }
    wb_text_add_string(out, "]");
    if (catalog->currency != NULL) {
        wb_text_add_string(out, ",\n\"currency\":");
        wb_text_add_json_string(out, catalog->currency);
    }
    if (catalog->price_source != NULL) {
        wb_text_add_string(out, ",\n\"priceSource\":");
        wb_text_add_json_string(out, catalog->price_source);
    }
    wb_text_add_string(out, ",\n\"instanceTypes\":[");
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        wb_text_add_string(out, i == 0 ? "\n" : ",\n");
        wb_catalog_print_type_json(catalog, intern, i, out);
    }
    wb_text_add_string(out, "\n]}\n");
}
