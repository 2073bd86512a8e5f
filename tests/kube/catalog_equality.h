/* Holds two catalogs made with one intern table against each other, field by field. */
#ifndef WB_TESTS_KUBE_CATALOG_EQUALITY_H
#define WB_TESTS_KUBE_CATALOG_EQUALITY_H

#include <stdbool.h>

#include "kube/catalog/catalog.h"

static inline bool wb_catalog_equality_of_labels(wb_labels a, wb_labels b)
{
    bool equal = a.count == b.count;
    for (uint32_t i = 0; equal && i < a.count; i++) {
        equal = a.items[i].key == b.items[i].key && a.items[i].value == b.items[i].value;
    }
    return equal;
}

static inline bool wb_catalog_equality_of_resources(wb_resource_list a, wb_resource_list b)
{
    bool equal = a.count == b.count;
    for (uint32_t i = 0; equal && i < a.count; i++) {
        equal = a.items[i].name == b.items[i].name && a.items[i].amount == b.items[i].amount;
    }
    return equal;
}

static inline bool wb_catalog_equality_of_offerings(const wb_catalog_type *a,
                                                    const wb_catalog_type *b)
{
    bool equal = a->offering_count == b->offering_count;
    for (uint32_t i = 0; equal && i < a->offering_count; i++) {
        const wb_offering *x = &a->offerings[i];
        const wb_offering *y = &b->offerings[i];
        equal = x->zone == y->zone && x->capacity_type == y->capacity_type &&
                x->price_usd_per_hour == y->price_usd_per_hour &&
                x->is_available == y->is_available && x->reservation_id == y->reservation_id &&
                x->reservation_count == y->reservation_count;
    }
    return equal;
}

static inline bool wb_catalog_equality_of_extras(const wb_catalog_type *a, const wb_catalog_type *b)
{
    bool equal = a->extra_requirement_count == b->extra_requirement_count &&
                 a->plain_requirements == b->plain_requirements;
    for (uint32_t i = 0; equal && i < a->extra_requirement_count; i++) {
        const wb_extra_requirement *x = &a->extra_requirements[i];
        const wb_extra_requirement *y = &b->extra_requirements[i];
        equal = x->key == y->key && x->value_count == y->value_count;
        for (uint32_t j = 0; equal && j < x->value_count; j++) {
            equal = x->values[j] == y->values[j];
        }
    }
    return equal;
}

/* What golden/catalog.json has: not the figures that are ours. */
static inline bool wb_catalog_equality_of_types(const wb_catalog_type *a, const wb_catalog_type *b)
{
    return a->name == b->name && wb_catalog_equality_of_labels(a->labels, b->labels) &&
           wb_catalog_equality_of_resources(a->capacity, b->capacity) &&
           wb_catalog_equality_of_resources(a->overhead, b->overhead) &&
           wb_catalog_equality_of_offerings(a, b) && wb_catalog_equality_of_extras(a, b);
}

/* All that an instance type has. */
static inline bool wb_catalog_equality_of_whole_types(const wb_catalog_type *a,
                                                      const wb_catalog_type *b)
{
    return wb_catalog_equality_of_types(a, b) && a->interruption_band == b->interruption_band &&
           a->savings_percent == b->savings_percent && a->volume_limit == b->volume_limit &&
           a->volume_limit_is_shared == b->volume_limit_is_shared && a->eni_count == b->eni_count &&
           a->eni_ipv4_count == b->eni_ipv4_count;
}

/* The index of the first type that differs, or UINT32_MAX. */
static inline uint32_t wb_catalog_equality_find_difference(const wb_catalog *a, const wb_catalog *b,
                                                           bool (*equal)(const wb_catalog_type *,
                                                                         const wb_catalog_type *))
{
    const uint32_t count = a->type_count < b->type_count ? a->type_count : b->type_count;
    for (uint32_t i = 0; i < count; i++) {
        if (!equal(&a->types[i], &b->types[i])) {
            return i;
        }
    }
    return a->type_count == b->type_count ? UINT32_MAX : count;
}

#endif
