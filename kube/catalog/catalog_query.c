/*
 * Rows for people. Everything here happens once per command, on 1,345 types, so it is written to be
 * plain: it walks the whole catalog for each question and keeps nothing.
 */
#include "kube/catalog/catalog_query.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/quantity.h"
#include "base/sort.h"
#include "kube/catalog/catalog_selector.h"
#include "kube/names.h"
#include "kube/schema.h"
#include "kube/syntax.h"

#define NO_PRICE (-1.0)

/* ---------------------------------------------------------------------------- rows */

/* Capacity less overhead: what pods can have. */
static int64_t allocatable_of(const wb_catalog_type *type, uint32_t resource)
{
    return wb_resource_list_get(type->capacity, resource) -
           wb_resource_list_get(type->overhead, resource);
}

/* Whole GPUs of any maker; a type has one maker at most. */
static int64_t gpu_count(const wb_catalog_type *type)
{
    return wb_resource_list_get(type->capacity, WB_NAME_NVIDIA_GPU) +
           wb_resource_list_get(type->capacity, WB_NAME_AMD_GPU) +
           wb_resource_list_get(type->capacity, WB_NAME_HABANA_GAUDI);
}

/* A price below 0 is none. */
static void keep_lower(double *price, double other)
{
    if (*price < 0.0 || other < *price) {
        *price = other;
    }
}

/* Fills *out with the best prices in zone (0: anywhere) of the offerings that selector picks; false
 * when it picks none. An offering that is not available is picked but sets no price. */
static bool make_row(const wb_intern *intern, const wb_catalog_type *type,
                     const wb_catalog_selector *selector, uint32_t zone, wb_catalog_row *out)
{
    double prices[] = {NO_PRICE, NO_PRICE, NO_PRICE}; /* by capacity type */
    bool is_picked = false;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering *offering = &type->offerings[i];
        if ((zone != 0 && offering->zone != zone) ||
            !wb_catalog_selector_matches_offering(selector, intern, offering)) {
            continue;
        }
        is_picked = true;
        if (offering->is_available) {
            keep_lower(&prices[offering->capacity_type], offering->price_usd_per_hour);
        }
    }
    *out = (wb_catalog_row){
        .zone = zone,
        .on_demand_price = prices[WB_CAPACITY_ON_DEMAND],
        .spot_price = prices[WB_CAPACITY_SPOT],
        .reserved_price = prices[WB_CAPACITY_RESERVED],
        .cpu_milli = wb_resource_list_get(type->capacity, WB_NAME_CPU),
        .memory_bytes = wb_resource_list_get(type->capacity, WB_NAME_MEMORY),
        .allocatable_cpu_milli = allocatable_of(type, WB_NAME_CPU),
        .allocatable_memory_bytes = allocatable_of(type, WB_NAME_MEMORY),
        .pods = wb_resource_list_get(type->capacity, WB_NAME_PODS),
        .gpu_count = gpu_count(type),
    };
    return is_picked;
}

typedef struct row_order {
    const wb_intern *intern;
    const wb_catalog *catalog;
    wb_catalog_order order;
    bool is_descending;
} row_order;

/* The price that an order looks at; below 0: the row has none. */
static double row_price(const wb_catalog_row *row, wb_catalog_order order)
{
    if (order == WB_CATALOG_ORDER_ON_DEMAND) {
        return row->on_demand_price;
    }
    if (order == WB_CATALOG_ORDER_SPOT) {
        return row->spot_price;
    }
    double price = row->on_demand_price;
    if (row->spot_price >= 0.0) {
        keep_lower(&price, row->spot_price);
    }
    if (row->reserved_price >= 0.0) {
        keep_lower(&price, row->reserved_price);
    }
    return price;
}

static int compare_numbers(double a, double b)
{
    return a < b ? -1 : (a > b ? 1 : 0);
}

/* 0 for rows that the order does not tell apart. */
static int compare_keys(const row_order *by, const wb_catalog_row *a, const wb_catalog_row *b)
{
    switch (by->order) {
    case WB_CATALOG_ORDER_CATALOG: return 0;
    case WB_CATALOG_ORDER_NAME:
        return strcmp(wb_intern_text(by->intern, by->catalog->types[a->type_index].name),
                      wb_intern_text(by->intern, by->catalog->types[b->type_index].name));
    case WB_CATALOG_ORDER_PRICE:
    case WB_CATALOG_ORDER_ON_DEMAND:
    case WB_CATALOG_ORDER_SPOT:
        return compare_numbers(row_price(a, by->order), row_price(b, by->order));
    case WB_CATALOG_ORDER_CPU: return compare_numbers((double)a->cpu_milli, (double)b->cpu_milli);
    case WB_CATALOG_ORDER_MEMORY:
        return compare_numbers((double)a->memory_bytes, (double)b->memory_bytes);
    }
    assert(false);
    return 0;
}

/* Only orders by price mind. */
static bool lacks_price(const wb_catalog_row *row, wb_catalog_order order)
{
    const bool is_by_price = order == WB_CATALOG_ORDER_PRICE ||
                             order == WB_CATALOG_ORDER_ON_DEMAND || order == WB_CATALOG_ORDER_SPOT;
    return is_by_price && row_price(row, order) < 0.0;
}

/* Rows enter the sort in catalog order, type by type and zone by zone; a stable sort keeps equal
 * ones so. */
static int compare_rows(const void *a, const void *b, void *context)
{
    const row_order *by = context;
    const bool a_lacks = lacks_price(a, by->order);
    const bool b_lacks = lacks_price(b, by->order);
    if (a_lacks != b_lacks) {
        return a_lacks ? 1 : -1; /* last, whichever way the rest runs */
    }
    const int compared = compare_keys(by, a, b);
    return by->is_descending ? -compared : compared;
}

/* Picked rows of one type, behind the count that are there; returns the new count. */
static uint32_t add_rows(const wb_intern *intern, const wb_catalog *catalog, uint32_t type_index,
                         const wb_catalog_selector *selector, bool per_zone, wb_catalog_row *rows)
{
    uint32_t count = 0;
    const uint32_t step_count = per_zone ? catalog->zone_count : 1;
    for (uint32_t i = 0; i < step_count; i++) {
        const uint32_t zone = per_zone ? catalog->zones[i] : 0;
        if (make_row(intern, &catalog->types[type_index], selector, zone, &rows[count])) {
            rows[count].type_index = type_index;
            count++;
        }
    }
    return count;
}

wb_status wb_catalog_query_rows(wb_arena *arena, wb_intern *intern, const wb_catalog *catalog,
                                const wb_catalog_query *query, wb_catalog_rows *out, wb_error *err)
{
    assert(catalog != NULL && query != NULL && out != NULL);
    wb_catalog_selector selector;
    WB_TRY(wb_catalog_selector_parse(arena, intern, catalog, query->selector, &selector, err));
    const wb_catalog picked =
        query->glob_count == 0
            ? *catalog
            : wb_catalog_select(arena, intern, catalog, query->globs, query->glob_count);
    const size_t rows_max =
        (size_t)catalog->type_count * (query->per_zone ? catalog->zone_count : 1);
    wb_catalog_row *rows = WB_ARENA_ARRAY(arena, wb_catalog_row, rows_max);
    uint32_t count = 0;
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        const wb_catalog_type *type = &catalog->types[i];
        if (wb_catalog_find(&picked, type->name) != UINT32_MAX &&
            wb_catalog_selector_matches_type(&selector, intern, type)) {
            count += add_rows(intern, catalog, i, &selector, query->per_zone, rows + count);
        }
    }
    row_order by = {intern, catalog, query->order, query->is_descending};
    wb_sort_stable(rows, count, sizeof(rows[0]), compare_rows, &by);
    const bool is_cut = query->row_limit > 0 && query->row_limit < count;
    *out = (wb_catalog_rows){rows, is_cut ? query->row_limit : count};
    return WB_OK;
}

static const char *const order_words[] = {
    [WB_CATALOG_ORDER_CATALOG] = "catalog", [WB_CATALOG_ORDER_NAME] = "name",
    [WB_CATALOG_ORDER_PRICE] = "price",     [WB_CATALOG_ORDER_ON_DEMAND] = "on-demand",
    [WB_CATALOG_ORDER_SPOT] = "spot",       [WB_CATALOG_ORDER_CPU] = "cpu",
    [WB_CATALOG_ORDER_MEMORY] = "memory",
};

bool wb_catalog_query_parse_order(const char *word, wb_catalog_order *out)
{
    assert(word != NULL && out != NULL);
    for (uint32_t i = 0; i < sizeof(order_words) / sizeof(order_words[0]); i++) {
        if (strcmp(order_words[i], word) == 0) {
            *out = (wb_catalog_order)i;
            return true;
        }
    }
    return false;
}

const char *wb_catalog_query_order_names(void)
{
    return "catalog, name, price, on-demand, spot, cpu, memory";
}

/* ---------------------------------------------------------------------------- one type */

wb_status wb_catalog_query_find(const wb_catalog *catalog, const wb_intern *intern,
                                const char *name, uint32_t *out_index, wb_error *err)
{
    assert(catalog != NULL && name != NULL && out_index != NULL);
    const uint32_t id = wb_intern_find(intern, name);
    const uint32_t index = id != 0 ? wb_catalog_find(catalog, id) : UINT32_MAX;
    if (index != UINT32_MAX) {
        *out_index = index;
        return WB_OK;
    }
    const char **names = wb_heap_memory_alloc(catalog->type_count, sizeof(names[0]));
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        names[i] = wb_intern_text(intern, catalog->types[i].name);
    }
    const char *nearest = wb_schema_nearest(name, names, catalog->type_count);
    wb_heap_memory_free(names);
    const char *region = wb_intern_text(intern, catalog->region);
    if (nearest == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "'%s' is not an instance type of the catalog of %s", name,
                       region);
    }
    return wb_fail(err, WB_ERR_INPUT,
                   "'%s' is not an instance type of the catalog of %s; did you mean '%s'?", name,
                   region, nearest);
}

typedef struct detail_list {
    wb_arena *arena;
    const wb_intern *intern;
    wb_catalog_detail *items; /* in arena */
    uint32_t count, capacity;
} detail_list;

WB_PRINTF(4, 5)
static void add_detail(detail_list *list, const char *group, const char *name, const char *fmt, ...)
{
    assert(list->count < list->capacity);
    char value[256];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(value, sizeof(value), fmt, args);
    va_end(args);
    list->items[list->count++] =
        (wb_catalog_detail){group, name, wb_arena_copy_string(list->arena, value)};
}

/* As people read it: 1930m, 7577Mi, 29. */
static void print_amount(uint32_t resource, int64_t amount, char out[48])
{
    if (resource == WB_NAME_CPU) {
        wb_quantity_print_milli(amount, out);
    } else if (resource == WB_NAME_MEMORY || resource == WB_NAME_EPHEMERAL_STORAGE) {
        wb_quantity_print_bytes(amount, out);
    } else {
        (void)snprintf(out, 48, "%" PRId64, amount);
    }
}

static void add_resources(detail_list *list, const char *group, wb_resource_list resources)
{
    for (uint32_t i = 0; i < resources.count; i++) {
        char amount[48];
        print_amount(resources.items[i].name, resources.items[i].amount, amount);
        add_detail(list, group, wb_intern_text(list->intern, resources.items[i].name), "%s",
                   amount);
    }
}

static int compare_label_keys(const void *a, const void *b, void *context)
{
    const detail_list *list = context;
    return strcmp(wb_intern_text(list->intern, ((const wb_label *)a)->key),
                  wb_intern_text(list->intern, ((const wb_label *)b)->key));
}

/* In alphabetical order, as everywhere else where labels are shown. */
static void add_labels(detail_list *list, wb_labels labels)
{
    wb_label *sorted = WB_ARENA_ARRAY(list->arena, wb_label, labels.count);
    for (uint32_t i = 0; i < labels.count; i++) {
        sorted[i] = labels.items[i];
    }
    wb_sort(sorted, labels.count, sizeof(sorted[0]), compare_label_keys, list);
    for (uint32_t i = 0; i < labels.count; i++) {
        add_detail(list, "labels", wb_intern_text(list->intern, sorted[i].key), "%s",
                   wb_intern_text(list->intern, sorted[i].value));
    }
}

/* The advisor publishes bands, no figures: the words say no more than it does. */
static void add_advice(detail_list *list, const wb_catalog_type *type)
{
    static const char *const bands[] = {"below 5 %", "5 to 10 %", "10 to 15 %", "15 to 20 %",
                                        "above 20 %"};
    if (type->savings_percent != INT32_MIN) {
        add_detail(list, "spot", "savings", "%d %%", type->savings_percent);
    }
    if (type->interruption_band >= 0) {
        assert(type->interruption_band < 5);
        add_detail(list, "spot", "interrupted in a month", "%s", bands[type->interruption_band]);
    }
}

static void add_limits(detail_list *list, const wb_catalog_type *type)
{
    if (type->volume_limit > 0) {
        add_detail(list, "limits", "EBS volumes", "%d%s", type->volume_limit,
                   type->volume_limit_is_shared ? ", ENIs included" : "");
    }
    if (type->eni_count > 0) {
        add_detail(list, "limits", "ENIs", "%d of %d IPv4 addresses", type->eni_count,
                   type->eni_ipv4_count);
    }
}

uint32_t wb_catalog_query_details(wb_arena *arena, const wb_intern *intern,
                                  const wb_catalog *catalog, uint32_t type_index,
                                  const wb_catalog_detail **out)
{
    assert(type_index < catalog->type_count);
    const wb_catalog_type *type = &catalog->types[type_index];
    const wb_resource_list allocatable =
        wb_resource_list_subtract(arena, type->capacity, type->overhead);
    /* Spot advice and limits are four lines at most. */
    detail_list list = {
        .arena = arena,
        .intern = intern,
        .capacity = type->capacity.count + type->overhead.count + allocatable.count +
                    type->labels.count + 4,
    };
    list.items = WB_ARENA_ARRAY(arena, wb_catalog_detail, list.capacity);
    add_resources(&list, "capacity", type->capacity);
    add_resources(&list, "overhead", type->overhead);
    add_resources(&list, "allocatable", allocatable);
    add_labels(&list, type->labels);
    add_advice(&list, type);
    add_limits(&list, type);
    *out = list.items;
    return list.count;
}

/* ---------------------------------------------------------------------------- GPUs */

/* A type with a GPU: which, and where in the catalog. */
typedef struct gpu_carrier {
    uint32_t name, type_index;
} gpu_carrier;

static int compare_carriers(const void *a, const void *b, void *context)
{
    const gpu_carrier *x = a;
    const gpu_carrier *y = b;
    const wb_intern *const *intern = context;
    const int compared = strcmp(wb_intern_text(*intern, x->name), wb_intern_text(*intern, y->name));
    if (compared != 0) {
        return compared;
    }
    return x->type_index < y->type_index ? -1 : (x->type_index > y->type_index ? 1 : 0);
}

/* The label is the only place that has it; 0 when it is no number. */
static int64_t gpu_memory_mib(const wb_intern *intern, const wb_catalog_type *type)
{
    const char *text =
        wb_intern_text(intern, wb_labels_get(type->labels, WB_NAME_INSTANCE_GPU_MEMORY));
    int64_t memory_mib = 0;
    return wb_syntax_parse_int64(text, &memory_mib) ? memory_mib : 0;
}

uint32_t wb_catalog_query_gpus(wb_arena *arena, const wb_intern *intern, const wb_catalog *catalog,
                               const wb_catalog_gpu **out)
{
    assert(catalog != NULL && out != NULL);
    gpu_carrier *carriers = WB_ARENA_ARRAY(arena, gpu_carrier, catalog->type_count);
    uint32_t carrier_count = 0;
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        const uint32_t name = wb_labels_get(catalog->types[i].labels, WB_NAME_INSTANCE_GPU_NAME);
        if (name != 0) {
            carriers[carrier_count++] = (gpu_carrier){name, i};
        }
    }
    wb_sort(carriers, carrier_count, sizeof(carriers[0]), compare_carriers, &intern);

    wb_catalog_gpu *gpus = WB_ARENA_ARRAY(arena, wb_catalog_gpu, carrier_count);
    uint32_t *type_indices = WB_ARENA_ARRAY(arena, uint32_t, carrier_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < carrier_count; i++) {
        const wb_catalog_type *type = &catalog->types[carriers[i].type_index];
        type_indices[i] = carriers[i].type_index;
        if (i == 0 || carriers[i].name != carriers[i - 1].name) {
            gpus[count++] = (wb_catalog_gpu){
                .name = carriers[i].name,
                .manufacturer = wb_labels_get(type->labels, WB_NAME_INSTANCE_GPU_MANUFACTURER),
                .type_indices = &type_indices[i],
            };
        }
        wb_catalog_gpu *gpu = &gpus[count - 1];
        const int64_t memory_mib = gpu_memory_mib(intern, type);
        gpu->memory_mib = memory_mib > gpu->memory_mib ? memory_mib : gpu->memory_mib;
        gpu->type_count++;
    }
    *out = gpus;
    return count;
}
