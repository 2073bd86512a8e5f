/*
 * Prices: `aws ec2 describe-spot-price-history`, `aws pricing get-products` and the price list's
 * bulk file. Only Linux without a licence, on shared tenancy and not reserved, counts; of spot the
 * latest price of each type and zone.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/document.h"
#include "base/text.h"
#include "kube/catalog/catalog_import_internal.h"

/* ---------------------------------------------------------------------------- spot */

/* A price as AWS writes it, in a string; below 0 after a finding. */
static double read_price(const wb_field *field)
{
    const char *text = wb_field_text(field);
    char *end = NULL;
    const double price = strtod(text, &end);
    if (end == text || *end != '\0' || !(price >= 0.0) || isinf(price)) {
        wb_field_error(field, "'%.40s' is not a price of at least 0 per hour", text);
        return -1.0;
    }
    return price;
}

/* The history runs from new to old; of two prices of one moment the first stays. */
static void keep_latest_spot(wb_catalog_importer *importer, const wb_catalog_import_spot *spot)
{
    const uint64_t key = wb_catalog_import_key(spot->zone, spot->type);
    uint64_t known = 0;
    if (wb_hash_map_get(&importer->spot_by_key, key, &known)) {
        if (spot->at_ms > importer->spots[known].at_ms) {
            importer->spots[known] = *spot;
        }
        return;
    }
    importer->spots = wb_catalog_import_grow(importer->arena, importer->spots, importer->spot_count,
                                             &importer->spot_capacity, sizeof(importer->spots[0]));
    wb_hash_map_put(&importer->spot_by_key, key, importer->spot_count);
    importer->spots[importer->spot_count++] = *spot;
}

/* "Linux/UNIX (Amazon VPC)" is the same product in accounts old enough to have EC2-Classic. */
static bool is_linux_spot(const wb_field *entry)
{
    return wb_field_get_is(entry, "ProductDescription", "Linux/UNIX") ||
           wb_field_get_is(entry, "ProductDescription", "Linux/UNIX (Amazon VPC)");
}

void wb_catalog_import_read_spot_history(wb_catalog_importer *importer, const wb_field *root)
{
    assert(importer != NULL);
    const wb_field history = wb_field_get(root, "SpotPriceHistory");
    importer->has_spot = true;
    for (uint32_t i = 0; i < wb_field_count(&history); i++) {
        const wb_field entry = wb_field_at(&history, i);
        if (!is_linux_spot(&entry)) {
            importer->skipped_count++;
            continue;
        }
        const wb_field price = wb_field_get(&entry, "SpotPrice");
        const wb_catalog_import_spot spot = {
            .zone = wb_field_get_id(&entry, "AvailabilityZone"),
            .type = wb_field_get_id(&entry, "InstanceType"),
            .per_hour = read_price(&price),
            .at_ms = wb_field_get_time_ms(&entry, "Timestamp"),
        };
        if (spot.zone == 0 || spot.type == 0 || spot.at_ms < 0) {
            wb_field_error(&entry, "expected AvailabilityZone, InstanceType and Timestamp");
        } else if (spot.per_hour >= 0.0) {
            keep_latest_spot(importer, &spot);
            if (spot.at_ms > importer->spot_latest_ms) {
                importer->spot_latest_ms = spot.at_ms;
            }
        }
    }
}

/* ---------------------------------------------------------------------------- on demand */

/* What a product must say, where it says it at all: hand-made lists leave things out. */
static bool is_plain_linux(const wb_field *attributes)
{
    static const struct {
        const char *name, *value;
    } wanted[] = {
        {"operatingSystem", "Linux"}, {"tenancy", "Shared"},         {"preInstalledSw", "NA"},
        {"capacitystatus", "Used"},   {"operation", "RunInstances"}, {"marketoption", "OnDemand"},
    };
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        const wb_field attribute = wb_field_get(attributes, wanted[i].name);
        if (wb_field_is_set(&attribute) &&
            strcmp(wb_field_text(&attribute), wanted[i].value) != 0) {
            return false;
        }
    }
    return true;
}

/* The first currency of the price of one dimension; false when it is billed by something else. */
static bool read_dimension(wb_catalog_importer *importer, const wb_field *dimension, double *out)
{
    const wb_field prices = wb_field_get(dimension, "pricePerUnit");
    if (!wb_field_get_is(dimension, "unit", "Hrs") || wb_field_entry_count(&prices) == 0) {
        return false;
    }
    const wb_field price = wb_field_at(&prices, 0);
    if (importer->currency == NULL) {
        importer->currency = wb_arena_copy_string(importer->arena, price.name);
    } else if (strcmp(importer->currency, price.name) != 0) {
        wb_field_error(&price, "a price in %.10s after prices in %s", price.name,
                       importer->currency);
    }
    *out = read_price(&price);
    return *out > 0.0;
}

/* The hourly price of a product's on-demand terms ({"<offer>": {"priceDimensions": {...}}}). */
static bool read_terms(wb_catalog_importer *importer, const wb_field *terms, double *out)
{
    for (uint32_t i = 0; i < wb_field_entry_count(terms); i++) {
        const wb_field offer = wb_field_at(terms, i);
        const wb_field dimensions = wb_field_get(&offer, "priceDimensions");
        for (uint32_t j = 0; j < wb_field_entry_count(&dimensions); j++) {
            const wb_field dimension = wb_field_at(&dimensions, j);
            if (read_dimension(importer, &dimension, out)) {
                return true;
            }
        }
    }
    return false;
}

/* Two products of one type that pass the filter mean that the filter is too wide for this list;
 * then neither price may be trusted. */
static void keep_price(wb_catalog_importer *importer, const wb_field *product,
                       const wb_catalog_import_price *price)
{
    const uint64_t key = wb_catalog_import_key(price->region, price->type);
    uint64_t known = 0;
    if (wb_hash_map_get(&importer->price_by_key, key, &known)) {
        if (importer->prices[known].per_hour != price->per_hour) {
            wb_field_error(product, "a second price for %s: %g after %g",
                           wb_intern_text(importer->intern, price->type), price->per_hour,
                           importer->prices[known].per_hour);
        }
        return;
    }
    importer->prices =
        wb_catalog_import_grow(importer->arena, importer->prices, importer->price_count,
                               &importer->price_capacity, sizeof(importer->prices[0]));
    wb_hash_map_put(&importer->price_by_key, key, importer->price_count);
    importer->prices[importer->price_count++] = *price;
}

/* One product with its on-demand terms. */
static void read_product(wb_catalog_importer *importer, const wb_field *product,
                         const wb_field *on_demand_terms)
{
    const wb_field attributes = wb_field_get(product, "attributes");
    wb_catalog_import_price price = {
        .region = wb_field_get_id(&attributes, "regionCode"),
        .type = wb_field_get_id(&attributes, "instanceType"),
    };
    /* Without a type it is a disk, a gateway, or a family's dedicated host. */
    if (price.type == 0 || !is_plain_linux(&attributes) ||
        !read_terms(importer, on_demand_terms, &price.per_hour)) {
        importer->skipped_count++;
        return;
    }
    if (price.region == 0) {
        wb_field_error(product, "expected regionCode among the attributes of %s",
                       wb_intern_text(importer->intern, price.type));
        return;
    }
    keep_price(importer, product, &price);
}

/* The latest day on which any of the lists was published. */
static void note_publication(wb_catalog_importer *importer, const wb_field *holder)
{
    const wb_field date = wb_field_get(holder, "publicationDate");
    const char *text = wb_field_text(&date);
    if (strlen(text) >= strlen("2026-01-31") &&
        (importer->price_date == NULL || strncmp(text, importer->price_date, 10) > 0)) {
        importer->price_date = wb_arena_copy_text(importer->arena, text, 10);
    }
}

/* {"product": {"attributes": ...}, "terms": {"OnDemand": ...}} */
static void read_price_item(wb_catalog_importer *importer, const wb_field *item)
{
    const wb_field product = wb_field_get(item, "product");
    const wb_field terms = wb_field_get(item, "terms");
    const wb_field on_demand = wb_field_get(&terms, "OnDemand");
    if (!wb_field_is_set(&product)) {
        wb_field_error(item, "expected a product and its terms");
        return;
    }
    note_publication(importer, item);
    read_product(importer, &product, &on_demand);
}

/* An element of PriceList is a string that holds JSON; it is read as a document of its own, whose
 * messages name the element. */
static void read_packed_item(wb_catalog_importer *importer, const wb_field *element)
{
    char path[64];
    wb_field_path(element, path, sizeof(path));
    const wb_position position = wb_node_position(element->node);
    wb_text name;
    wb_text_init(&name);
    wb_text_add_format(&name, "%s:%u:%u: in %s", position.file, position.line, position.column,
                       path);
    const wb_document_input input = {
        .file = wb_text_string(&name),
        .text = element->node->text,
        .length = element->node->text_length,
        .syntax = WB_DOCUMENT_JSON,
    };
    wb_document_stream stream;
    wb_error err;
    const wb_status status =
        wb_document_read_text(element->context->findings->arena, &input, &stream, &err);
    wb_text_release(&name);
    if (status != WB_OK) {
        wb_findings_add(element->context->findings, WB_SEVERITY_ERROR, (wb_position){0}, NULL, "%s",
                        err.text);
        return;
    }
    if (stream.count != 1) {
        wb_field_error(element, "not the JSON of one product");
        return;
    }
    const wb_field item = wb_field_root(element->context, stream.roots[0], "");
    read_price_item(importer, &item);
}

void wb_catalog_import_read_price_list(wb_catalog_importer *importer, const wb_field *root)
{
    assert(importer != NULL);
    const wb_field named = wb_field_get(root, "PriceList");
    const wb_field *list = wb_field_is_set(&named) ? &named : root; /* jq '.PriceList' */
    importer->has_prices = true;
    for (uint32_t i = 0; i < wb_field_count(list); i++) {
        const wb_field element = wb_field_at(list, i);
        if (element.node != NULL && element.node->kind == WB_NODE_STRING) {
            read_packed_item(importer, &element);
        } else {
            read_price_item(importer, &element);
        }
    }
}

/* Both maps have some 100,000 entries in no order that one may rely on, so the terms are found by a
 * hash of their SKU; two SKUs of one hash would at worst leave a product without its price. */
void wb_catalog_import_read_bulk_prices(wb_catalog_importer *importer, const wb_field *root)
{
    assert(importer != NULL);
    const wb_field products = wb_field_get(root, "products");
    const wb_field terms = wb_field_get(root, "terms");
    const wb_field on_demand = wb_field_get(&terms, "OnDemand");
    importer->has_prices = true;
    note_publication(importer, root);
    wb_hash_map terms_by_sku;
    wb_hash_map_init(&terms_by_sku);
    for (uint32_t i = 0; i < wb_field_entry_count(&on_demand); i++) {
        const wb_field of_product = wb_field_at(&on_demand, i);
        wb_hash_map_put(&terms_by_sku, wb_digest_hash64(of_product.name, strlen(of_product.name)),
                        i);
    }
    for (uint32_t i = 0; i < wb_field_entry_count(&products); i++) {
        const wb_field product = wb_field_at(&products, i);
        uint64_t index = 0;
        if (wb_hash_map_get(&terms_by_sku, wb_digest_hash64(product.name, strlen(product.name)),
                            &index)) {
            const wb_field of_product = wb_field_at(&on_demand, (uint32_t)index);
            read_product(importer, &product, &of_product);
        } else {
            importer->skipped_count++;
        }
    }
    wb_hash_map_release(&terms_by_sku);
}
