/*
 * spec.spot.recorded: traces whose spot records (docs/trace-format.md) are replayed at their times:
 * prices, capacities, and what happened to single machines. A recording of other pools than the
 * scenario's can be laid over them by renaming its zones and types; records of pools that the
 * scenario does not have are left aside, which is a warning.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/hash_map.h"
#include "base/heap_memory.h"
#include "base/sort.h"
#include "scenarios/scenario_internal.h"

/* A price or a capacity, on its way into a series. */
typedef struct recorded_value {
    uint32_t type_index, zone;
    wb_market_point point;
} recorded_value;

typedef struct recorded_values {
    recorded_value *items; /* owned */
    uint32_t count, capacity;
} recorded_values;

/* What one entry of the list says, and what was read by it. */
typedef struct recording {
    wb_scenario_loader *loader;
    const wb_field *entry; /* NULL: given on the command line */
    const char *path;
    int64_t from_ms, shift_ms;
    uint64_t number;     /* of the file, from 1 */
    uint32_t left_aside; /* records of pools that the scenario does not have */
    char example[96];    /* one of them */
    recorded_values capacities;
    recorded_values *prices; /* of all files */
    wb_market_event *events; /* owned; of all files */
    uint32_t event_count, event_capacity;
    wb_hash_map *machine_ids; /* (file, machine) to its dense id */
    wb_arena *arena;          /* of one reading */
    wb_intern intern;         /* likewise */
} recording;

/* The scenario's word for one of the recording's: by the entry's map, else the same. */
static const char *renamed(const recording *of, const char *map_name, const char *text)
{
    if (of->entry == NULL) {
        return text;
    }
    const wb_field map = wb_field_get(of->entry, map_name);
    const wb_field found = wb_field_get(&map, text);
    return wb_field_is_set(&found) ? wb_field_text(&found) : text;
}

/* The pool of a record; false, and noted, when the scenario has none such. */
static bool find_pool(recording *of, const wb_trace_record *record, uint32_t *out_type,
                      uint32_t *out_zone)
{
    const wb_scenario *scenario = of->loader->scenario;
    wb_intern *intern = of->loader->context.intern;
    *out_type = WB_MARKET_ANY_TYPE;
    *out_zone = WB_MARKET_ANY_ZONE;
    bool is_known = true;
    if (record->instance_type != NULL) {
        const char *name = renamed(of, "instanceTypes", record->instance_type);
        *out_type = wb_catalog_find(&scenario->catalog, wb_intern_add(intern, name));
        is_known = *out_type != UINT32_MAX;
    }
    if (record->zone != NULL && is_known) {
        const uint32_t zone = wb_intern_add(intern, renamed(of, "zones", record->zone));
        is_known = false;
        for (uint32_t i = 0; i < scenario->zone_count; i++) {
            is_known = is_known || scenario->zones[i] == zone;
        }
        *out_zone = zone;
    }
    if (!is_known && of->left_aside++ == 0) {
        (void)snprintf(of->example, sizeof of->example, "%s in %s",
                       record->instance_type != NULL ? record->instance_type : "any type",
                       record->zone != NULL ? record->zone : "any zone");
    }
    return is_known;
}

/* What holds at the first moment that is replayed holds from there on; single events before it are
 * none of the replay's. */
static void add_value(const recording *of, recorded_values *to, uint32_t type_index, uint32_t zone,
                      const wb_trace_record *record)
{
    if (to->count == to->capacity) {
        to->capacity = (uint32_t)wb_heap_memory_next_capacity(to->capacity, (size_t)to->count + 1);
        to->items = wb_heap_memory_resize(to->items, to->capacity, sizeof to->items[0]);
    }
    const int64_t at_ms = record->at_ms > of->from_ms ? record->at_ms : of->from_ms;
    to->items[to->count++] =
        (recorded_value){type_index, zone, {at_ms - of->from_ms + of->shift_ms, record->value}};
}

static void add_event(recording *of, uint32_t type_index, uint32_t zone,
                      const wb_trace_record *record)
{
    static const wb_market_event_kind kinds[WB_TRACE_SPOT_EVENT_COUNT] = {
        [WB_TRACE_SPOT_INTERRUPTION] = WB_MARKET_INTERRUPTION,
        [WB_TRACE_SPOT_REBALANCE] = WB_MARKET_REBALANCE,
        [WB_TRACE_SPOT_ENDED] = WB_MARKET_ENDED,
    };
    wb_market *market = &of->loader->scenario->market;
    if (record->at_ms < of->from_ms) {
        return;
    }
    uint64_t id = market->recorded_count;
    if (record->instance != NULL) {
        const uint32_t name = wb_intern_add(of->loader->context.intern, record->instance);
        const uint64_t key = of->number << 32 | name;
        if (!wb_hash_map_get(of->machine_ids, key, &id)) {
            (void)wb_hash_map_put(of->machine_ids, key, id);
        }
    }
    market->recorded_count += id == market->recorded_count ? 1U : 0U;
    if (of->event_count == of->event_capacity) {
        of->event_capacity =
            (uint32_t)wb_heap_memory_next_capacity(of->event_capacity, (size_t)of->event_count + 1);
        of->events = wb_heap_memory_resize(of->events, of->event_capacity, sizeof of->events[0]);
    }
    of->events[of->event_count++] = (wb_market_event){
        .at_ms = record->at_ms - of->from_ms + of->shift_ms,
        .kind = kinds[record->spot_event],
        .type_index = type_index,
        .zone = zone,
        .recorded_id = (uint32_t)id,
    };
}

static void take_record(recording *of, const wb_trace_record *record)
{
    uint32_t type_index;
    uint32_t zone;
    if (record->kind != WB_TRACE_SPOT || !find_pool(of, record, &type_index, &zone)) {
        return;
    }
    if (record->spot_event == WB_TRACE_SPOT_CAPACITY) {
        add_value(of, &of->capacities, type_index, zone, record);
    } else if (record->spot_event != WB_TRACE_SPOT_PRICE) {
        add_event(of, type_index, zone, record);
    } else if (type_index != WB_MARKET_ANY_TYPE && zone != WB_MARKET_ANY_ZONE) {
        add_value(of, of->prices, type_index, zone, record);
    }
}

static wb_status read_records(recording *of, wb_error *err)
{
    wb_trace_reader *reader = NULL;
    wb_trace_record record = {0};
    WB_TRY(wb_trace_reader_open(of->path, of->arena, &of->intern, &reader, err));
    wb_status status = wb_trace_reader_next(reader, &record, err);
    while (status == WB_OK && record.kind != WB_TRACE_END) {
        take_record(of, &record);
        status = wb_trace_reader_next(reader, &record, err);
    }
    wb_trace_reader_close(reader);
    return status;
}

static int compare_values(const void *a, const void *b, void *context)
{
    const recorded_value *left = a;
    const recorded_value *right = b;
    (void)context;
    if (left->type_index != right->type_index) {
        return left->type_index < right->type_index ? -1 : 1;
    }
    if (left->zone != right->zone) {
        return left->zone < right->zone ? -1 : 1;
    }
    return (left->point.at_ms > right->point.at_ms) - (left->point.at_ms < right->point.at_ms);
}

static bool is_same_pool(const recorded_value *a, const recorded_value *b)
{
    return a->type_index == b->type_index && a->zone == b->zone;
}

/* One series per pool; of several values of one moment the last of the file counts. Sorted in
 * place; the series live in the loader's arena. */
static wb_market_series *make_series(const wb_scenario_loader *loader, recorded_values *values,
                                     uint32_t *out_count)
{
    wb_arena *arena = loader->context.arena;
    const uint32_t count = values->count;
    if (count > 0) {
        wb_sort_stable(values->items, count, sizeof values->items[0], compare_values, NULL);
    }
    wb_market_series *series = WB_ARENA_ARRAY(arena, wb_market_series, (size_t)count + 1);
    wb_market_point *points = WB_ARENA_ARRAY(arena, wb_market_point, (size_t)count + 1);
    uint32_t made = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const recorded_value *value = &values->items[i];
        const bool is_new = i == 0 || !is_same_pool(value, &values->items[i - 1]);
        if (is_new) {
            series[made++] = (wb_market_series){value->type_index, value->zone, &points[kept], 0};
        }
        if (!is_new && points[kept - 1].at_ms == value->point.at_ms) {
            points[kept - 1] = value->point;
            continue;
        }
        points[kept++] = value->point;
        series[made - 1].point_count++;
    }
    *out_count = made;
    return series;
}

/* Capacities of one file; how they are meant is said for the file. */
static void add_capacities(recording *of)
{
    static const char *const meanings[] = {"share", "count"};
    const wb_field meaning =
        of->entry != NULL ? wb_field_get(of->entry, "capacity") : (wb_field){0};
    const bool is_share = of->entry == NULL || wb_field_choice(&meaning, meanings, 2, 0) == 0;
    uint32_t count = 0;
    const wb_market_series *series = make_series(of->loader, &of->capacities, &count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_market_capacity one = {
            .series = series[i],
            .markets = 1U << WB_CAPACITY_SPOT,
            .takes = true,
            .is_share = is_share,
            .code = "InsufficientInstanceCapacity",
        };
        wb_scenario_add_capacities(of->loader, &one, 1);
    }
}

static void complain(const recording *of, const char *text)
{
    if (of->entry != NULL) {
        wb_field_error(of->entry, "%s", text);
    } else {
        wb_findings_add(of->loader->context.findings, WB_SEVERITY_ERROR, (wb_position){0}, NULL,
                        "%s", text);
    }
}

static void read_recording(recording *of)
{
    wb_trace_summary summary;
    wb_error err;
    if (wb_trace_check(of->path, &summary, &err) != WB_OK) {
        complain(of, err.text);
        return;
    }
    wb_digest_add_text(of->loader->digest, summary.digest);
    wb_arena arena;
    wb_arena_init(&arena, "recording", 0, NULL);
    of->arena = &arena;
    wb_intern_init(&of->intern, &arena);
    const wb_status status = read_records(of, &err);
    wb_intern_release(&of->intern);
    wb_arena_release(&arena);
    if (status != WB_OK) {
        complain(of, err.text);
        return;
    }
    add_capacities(of);
    if (of->left_aside > 0) {
        wb_findings_add(of->loader->context.findings, WB_SEVERITY_WARNING, (wb_position){0},
                        "spec.spot.recorded",
                        "%s: %u of %llu spot records are of pools that the scenario does not have "
                        "(%s, for example): left aside; rename with zones and instanceTypes",
                        of->path, of->left_aside, (unsigned long long)summary.spot_count,
                        of->example);
    } else if (summary.spot_count == 0) {
        complain(of, "has no spot records");
    }
}

static int compare_events(const void *a, const void *b, void *context)
{
    const wb_market_event *left = a;
    const wb_market_event *right = b;
    (void)context;
    return (left->at_ms > right->at_ms) - (left->at_ms < right->at_ms);
}

/* The entries of the list, or the files of the command line instead, laid over the scenario as its
 * first entry says. */
static void read_all(recording *of, const wb_field *list)
{
    const wb_scenario_overrides *overrides = of->loader->overrides;
    const bool is_given = overrides->spot_count > 0;
    const uint32_t count = is_given ? overrides->spot_count : wb_field_count(list);
    for (uint32_t i = 0; i < count; i++) {
        const bool has_entry = wb_field_count(list) > (is_given ? 0 : i);
        const wb_field entry = has_entry ? wb_field_at(list, is_given ? 0 : i) : (wb_field){0};
        const wb_field trace = wb_field_get(&entry, "trace");
        const wb_field from = wb_field_get(&entry, "from");
        const wb_field shift = wb_field_get(&entry, "shift");
        of->entry = has_entry ? &entry : NULL;
        of->number = i + 1;
        of->left_aside = 0;
        of->from_ms = wb_scenario_duration(&from, 0);
        of->shift_ms = wb_scenario_duration(&shift, 0);
        of->path = is_given ? overrides->spot_paths[i] : wb_scenario_resolve(of->loader, &trace);
        if (of->path != NULL) {
            read_recording(of);
        }
        of->capacities.count = 0;
    }
}

void wb_scenario_load_recorded(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    wb_market *market = &loader->scenario->market;
    const wb_field spot = wb_field_get(spec, "spot");
    const wb_field list = wb_field_get(&spot, "recorded");
    recorded_values prices = {0};
    wb_hash_map machine_ids;
    wb_hash_map_init(&machine_ids);
    recording of = {.loader = loader, .prices = &prices, .machine_ids = &machine_ids};
    read_all(&of, &list);
    wb_market_event *events =
        WB_ARENA_ARRAY(loader->context.arena, wb_market_event, (size_t)of.event_count + 1);
    for (uint32_t i = 0; i < of.event_count; i++) {
        events[i] = of.events[i];
    }
    wb_sort_stable(events, of.event_count, sizeof events[0], compare_events, NULL);
    market->events = events;
    market->event_count = of.event_count;
    market->prices = make_series(loader, &prices, &market->price_count);
    wb_heap_memory_free(prices.items);
    wb_heap_memory_free(of.events);
    wb_heap_memory_free(of.capacities.items);
    wb_hash_map_release(&machine_ids);
}
