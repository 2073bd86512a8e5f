/*
 * NodeOverlay: requirements, and a price, a priceAdjustment or extended resources.
 *
 * price and priceAdjustment exclude each other; a price is a plain number, an adjustment a signed
 * one or a signed percentage, at least -100 %. Resources that every node has can't be overlaid.
 * Source: karpenter.sh CRD of NodeOverlay, v1alpha1.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/node_overlay.h"
#include "kube/schema.h"

enum {
    WEIGHT_MAX = 10000
};

/* A decimal number without exponent; *out_end is what stands behind it. */
static bool read_number(const char *text, double *out, const char **out_end)
{
    const size_t length = strspn(text, "0123456789.");
    char *end = NULL;
    *out = strtod(text, &end);
    *out_end = text + length;
    return length > 0 && end == text + length && isfinite(*out);
}

static void decode_price(const wb_field *spec, wb_node_overlay *out)
{
    const wb_field price = wb_field_get(spec, "price");
    const wb_field adjustment = wb_field_get(spec, "priceAdjustment");
    const char *text = wb_field_text(&adjustment);
    const char *end = NULL;
    if (wb_field_is_set(&price) && wb_field_is_set(&adjustment)) {
        wb_field_invalid(&adjustment, "cannot set both 'price' and 'priceAdjustment'");
    } else if (wb_field_is_set(&price)) {
        out->price_kind = WB_OVERLAY_PRICE_SET;
        if (!read_number(wb_field_text(&price), &out->price_value, &end) || *end != '\0') {
            wb_field_invalid(&price, "expected a number such as 0.05");
        }
    } else if (wb_field_is_set(&adjustment)) {
        const bool is_signed = *text == '+' || *text == '-';
        const bool is_number = is_signed && read_number(text + 1, &out->price_value, &end);
        const bool is_percent = is_number && strcmp(end, "%") == 0;
        out->price_kind = is_percent ? WB_OVERLAY_PRICE_PERCENT : WB_OVERLAY_PRICE_ADD;
        out->price_value *= *text == '-' ? -1.0 : 1.0;
        if (!is_number || (*end != '\0' && !is_percent) ||
            (is_percent && out->price_value < -100.0)) {
            wb_field_invalid(&adjustment, "expected a signed number or percentage such as -10%% "
                                          "or +0.05");
            out->price_value = 0.0;
        }
    }
}

static void decode_capacity(const wb_field *spec, wb_node_overlay *out)
{
    static const uint32_t standard[] = {WB_NAME_CPU, WB_NAME_MEMORY, WB_NAME_PODS,
                                        WB_NAME_EPHEMERAL_STORAGE};
    const wb_field capacity = wb_field_get(spec, "capacity");
    out->capacity = wb_manifest_decode_resources(spec->context, capacity.node, "spec.capacity");
    for (size_t i = 0; i < sizeof(standard) / sizeof(standard[0]); i++) {
        if (wb_resource_list_get(out->capacity, standard[i]) != 0) {
            wb_field_invalid(&capacity, "invalid resource restricted: '%s' is what every node has",
                             wb_intern_text(spec->context->intern, standard[i]));
        }
    }
}

bool wb_manifest_read_node_overlay(const wb_field *object, void *out_object)
{
    assert(object != NULL && out_object != NULL);
    wb_node_overlay *out = out_object;
    const size_t errors_before = wb_field_error_count(object);
    wb_schema_check(object, &wb_schema_node_overlay);
    const wb_field metadata = wb_field_get(object, "metadata");
    const wb_field spec = wb_field_get(object, "spec");
    const wb_field weight = wb_field_get(&spec, "weight");
    wb_object_meta meta;
    wb_manifest_decode_meta(&metadata, WB_META_CLUSTER, &meta);
    *out = (wb_node_overlay){.name = meta.name, .weight = wb_field_int32(&weight, 0)};
    if (wb_field_is_set(&weight) && (out->weight < 1 || out->weight > WEIGHT_MAX)) {
        wb_field_invalid(&weight, "should be from 1 to %d", WEIGHT_MAX);
    }
    out->requirements = wb_manifest_decode_requirements(&spec, false, &out->requirement_count);
    decode_price(&spec, out);
    decode_capacity(&spec, out);
    return wb_field_error_count(object) == errors_before;
}
