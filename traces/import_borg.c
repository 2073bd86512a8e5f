/*
 * Google's Borg trace 2019 (clusterdata-2019 v3): instance events as BigQuery exports them, one
 * CSV row or one JSON object per event, in no order (an export comes in shards). What is taken:
 *
 *   time, type               microseconds from 600 s before the trace; 0 before it, 2^63-1 after
 *   collection_id, instance_index                               which instance
 *   collection_type          an alloc set's instance (1) is a reservation, taken as a pod
 *   alloc_collection_id      an instance inside a reservation: left out, for it takes no room
 *   priority, scheduling_class                                  bands become labels and namespaces
 *   resource_request.cpus, .memory                              shares of the largest machine
 *
 * A pod is an instance from SCHEDULE to the next EVICT, FAIL, FINISH, KILL or LOST, created when it
 * was submitted before; a further SCHEDULE makes another pod. FINISH and FAIL are runs to
 * completion, the others ends from outside. Constraints, machines and changes of a running
 * instance's request are left out. Memory: a row per living instance. The trace itself is in
 * BigQuery only: the tests are on events made in this form.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/document.h"
#include "base/heap_memory.h"
#include "base/line_reader.h"
#include "base/quantity.h"
#include "traces/csv_rows.h"
#include "traces/import_sink.h"

#define NAMESPACE     "borg"
#define OFFSET_US     INT64_C(600000000)
#define AFTER_US      INT64_MAX
#define TIME_MAX_US   (WB_TRACE_TIME_MAX_MS * 1000)
#define PRIORITY_MAX  1000
#define CLASS_MAX     3
#define KEY_PER_US    16 /* events of one time: in the order of their types, which is causal */
#define ID_DIGITS_MAX 19

enum {
    EVENT_SUBMIT,
    EVENT_QUEUE,
    EVENT_ENABLE,
    EVENT_SCHEDULE,
    EVENT_EVICT,
    EVENT_FAIL,
    EVENT_FINISH,
    EVENT_KILL,
    EVENT_LOST,
    EVENT_UPDATE_PENDING,
    EVENT_UPDATE_RUNNING,
    EVENT_COUNT
};

static const char *const event_names[EVENT_COUNT] = {
    "SUBMIT", "QUEUE", "ENABLE", "SCHEDULE",       "EVICT",          "FAIL",
    "FINISH", "KILL",  "LOST",   "UPDATE_PENDING", "UPDATE_RUNNING",
};

enum {
    FIELD_TIME,
    FIELD_TYPE,
    FIELD_COLLECTION,
    FIELD_INSTANCE,
    FIELD_COLLECTION_TYPE,
    FIELD_ALLOC,
    FIELD_PRIORITY,
    FIELD_CLASS,
    FIELD_CPU,
    FIELD_MEMORY,
    FIELD_COUNT
};

/* Names in JSON (a dotted path) and, the dot as it is or as '_', in CSV. */
static const char *const field_names[FIELD_COUNT] = {
    "time",
    "type",
    "collection_id",
    "instance_index",
    "collection_type",
    "alloc_collection_id",
    "priority",
    "scheduling_class",
    "resource_request.cpus",
    "resource_request.memory",
};

/* One event on its way through the sorter. Requests are milli-CPU and MiB of the real machine. */
typedef struct borg_event {
    int64_t time_us;
    uint64_t collection_id;
    int64_t instance_index, cpu_milli, memory_mib; /* sizes -1: not stated */
    int32_t type, priority, scheduling_class, is_alloc;
} borg_event;

/* An instance between its first and its last event. */
typedef struct borg_instance {
    borg_event latest;                  /* with the sizes and priority that were stated last */
    int64_t submitted_ms, scheduled_ms; /* -1: not yet */
    int64_t resubmitted_ms;             /* submitted again while it still ran; -1 */
    uint32_t next_free;
    bool is_alive;
} borg_instance;

typedef struct borg_trace {
    wb_import *import;
    wb_import_sink sink;
    wb_trace_sort *events;    /* owned */
    wb_hash_map by_id;        /* joined id to index in instances */
    borg_instance *instances; /* owned */
    uint32_t instance_count, instance_capacity, free_head;
    wb_text json;
    int64_t end_ms;
    uint64_t inside_count, after_count, evicted_count, update_count, never_count, unsized_count;
} borg_trace;

static bool recognises(const wb_import *import)
{
    const char *end = strchr(import->text, '\n');
    const size_t length = end == NULL ? import->length : (size_t)(end - import->text);
    char first[2048];
    (void)snprintf(first, sizeof first, "%.*s", (int)(length < 2047 ? length : 2047), import->text);
    return strstr(first, "collection_id") != NULL && strstr(first, "instance_index") != NULL &&
           strstr(first, "type") != NULL;
}

/* ---- one event ---- */

/* An event as its file has it. */
typedef struct borg_row {
    const char *place;              /* file and line, for messages */
    const char *texts[FIELD_COUNT]; /* "": not stated */
} borg_row;

static wb_status fail_value(const borg_row *row, int field, const char *expected, wb_error *err)
{
    return wb_fail(err, WB_ERR_INPUT, "%s: %s: '%.64s' is not %s", row->place, field_names[field],
                   row->texts[field], expected);
}

/* A whole number without sign; 2^63-1 and ids beyond 2^53 exactly. */
static bool parse_whole(const char *text, int64_t *out)
{
    const size_t length = strspn(text, "0123456789");
    if (length == 0 || length > ID_DIGITS_MAX || text[length] != 0) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *out = (int64_t)value;
    return value <= INT64_MAX;
}

static wb_status take_whole(const borg_row *row, int field, int64_t maximum, int64_t *out,
                            wb_error *err)
{
    if (!parse_whole(row->texts[field], out) || *out > maximum) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "a whole number from 0 to %lld",
                       (long long)maximum);
        return fail_value(row, field, expected, err);
    }
    return WB_OK;
}

/* The same; 0 where nothing is stated. */
static wb_status take_optional(const borg_row *row, int field, int64_t maximum, int64_t *out,
                               wb_error *err)
{
    *out = 0;
    return *row->texts[field] == 0 ? WB_OK : take_whole(row, field, maximum, out, err);
}

static wb_status take_time(const borg_row *row, int64_t *out, wb_error *err)
{
    WB_TRY(take_whole(row, FIELD_TIME, AFTER_US, out, err));
    if (*out > TIME_MAX_US && *out != AFTER_US) {
        return fail_value(row, FIELD_TIME, "within 31 years", err);
    }
    return WB_OK;
}

static wb_status take_type(const borg_row *row, int32_t *out, wb_error *err)
{
    int64_t number = -1;
    if (!parse_whole(row->texts[FIELD_TYPE], &number)) {
        for (int i = 0; i < EVENT_COUNT; i++) {
            number = strcmp(event_names[i], row->texts[FIELD_TYPE]) == 0 ? i : number;
        }
    }
    if (number < 0 || number >= EVENT_COUNT) {
        return fail_value(row, FIELD_TYPE, "an event type (0 to 10, or its name)", err);
    }
    *out = (int32_t)number;
    return WB_OK;
}

/* A share of the largest machine in units of it, rounded up; -1 where nothing is stated. */
static wb_status take_share(const borg_row *row, int field, int64_t whole, int64_t *out,
                            wb_error *err)
{
    static const wb_csv_range range = {1e9, 0, 1};
    int64_t billionths = 0;
    *out = -1;
    if (*row->texts[field] == 0) {
        return WB_OK;
    }
    if (!wb_csv_rows_parse_scaled(row->texts[field], &range, &billionths)) {
        return fail_value(row, field, "a share from 0 to 1", err);
    }
    *out = (int64_t)ceil((double)billionths * (double)whole / 1e9);
    return WB_OK;
}

static wb_status take_sizes(const wb_import *import, const borg_row *row, borg_event *out,
                            wb_error *err)
{
    WB_TRY(take_share(row, FIELD_CPU, wb_trace_import_machine_cpu_milli(import), &out->cpu_milli,
                      err));
    return take_share(row, FIELD_MEMORY, wb_trace_import_machine_memory_bytes(import) >> 20,
                      &out->memory_mib, err);
}

static wb_status read_event(const wb_import *import, const borg_row *row, borg_event *out,
                            wb_error *err)
{
    int64_t collection = 0;
    int64_t alloc = 0;
    int64_t priority = 0;
    int64_t scheduling_class = 0;
    *out = (borg_event){.time_us = 0};
    WB_TRY(take_time(row, &out->time_us, err));
    WB_TRY(take_type(row, &out->type, err));
    WB_TRY(take_whole(row, FIELD_COLLECTION, INT64_MAX, &collection, err));
    WB_TRY(take_whole(row, FIELD_INSTANCE, INT32_MAX, &out->instance_index, err));
    WB_TRY(take_optional(row, FIELD_ALLOC, INT64_MAX, &alloc, err));
    WB_TRY(take_optional(row, FIELD_PRIORITY, PRIORITY_MAX, &priority, err));
    WB_TRY(take_optional(row, FIELD_CLASS, CLASS_MAX, &scheduling_class, err));
    out->collection_id = (uint64_t)collection;
    out->is_alloc = alloc > 0 ? 1 : 0;
    out->priority = (int32_t)priority;
    out->scheduling_class = (int32_t)scheduling_class;
    return take_sizes(import, row, out, err);
}

static wb_status keep_event(borg_trace *trace, const borg_event *event, wb_error *err)
{
    if (event->time_us == AFTER_US) {
        trace->after_count++;
        return WB_OK;
    }
    if (event->is_alloc != 0) {
        trace->inside_count++;
        return WB_OK;
    }
    return wb_trace_sort_add(trace->events, event->time_us * KEY_PER_US + event->type, event,
                             sizeof *event, err);
}

/* ---- the two forms of a file ---- */

/* The field's column under either name, or WB_CSV_NO_COLUMN. */
static uint32_t find_column(const wb_csv_rows *rows, int field)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s", field_names[field]);
    const uint32_t column = wb_csv_rows_column(rows, name);
    char *dot = strchr(name, '.');
    if (column != WB_CSV_NO_COLUMN || dot == NULL) {
        return column;
    }
    *dot = '_';
    return wb_csv_rows_column(rows, name);
}

static wb_status find_columns(const wb_csv_rows *rows, uint32_t columns[FIELD_COUNT], wb_error *err)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        columns[i] = find_column(rows, i);
    }
    for (int i = FIELD_TIME; i <= FIELD_INSTANCE; i++) {
        WB_TRY(wb_csv_rows_require(rows, field_names[i], &columns[i], err));
    }
    return WB_OK;
}

static wb_status read_csv(borg_trace *trace, wb_csv_rows *rows, wb_error *err)
{
    uint32_t columns[FIELD_COUNT];
    WB_TRY(find_columns(rows, columns, err));
    for (;;) {
        bool is_there = false;
        WB_TRY(wb_csv_rows_next(rows, &is_there, err));
        if (!is_there) {
            return WB_OK;
        }
        char place[512];
        borg_row row = {.place = place};
        borg_event event;
        (void)snprintf(place, sizeof place, "%s:%llu", wb_csv_rows_path(rows),
                       (unsigned long long)wb_csv_rows_line(rows));
        for (int i = 0; i < FIELD_COUNT; i++) {
            row.texts[i] = wb_csv_rows_text(rows, columns[i]);
        }
        WB_TRY(read_event(trace->import, &row, &event, err));
        WB_TRY(keep_event(trace, &event, err));
    }
}

static wb_status read_json_line(borg_trace *trace, wb_arena *scratch, const char *line,
                                size_t length, const char *place, wb_error *err)
{
    const wb_document_input input = {
        .file = place, .text = line, .length = length, .syntax = WB_DOCUMENT_JSON};
    wb_document_stream stream = {0};
    borg_row row = {.place = place};
    borg_event event;
    WB_TRY(wb_document_read_text(scratch, &input, &stream, err));
    for (int i = 0; i < FIELD_COUNT; i++) { /* BigQuery writes 64-bit integers as strings */
        const wb_node *node =
            stream.count == 1 ? wb_node_find(stream.roots[0], field_names[i]) : NULL;
        const bool is_scalar =
            node != NULL && (node->kind == WB_NODE_STRING || node->kind == WB_NODE_NUMBER);
        row.texts[i] = is_scalar ? node->text : "";
    }
    WB_TRY(read_event(trace->import, &row, &event, err));
    return keep_event(trace, &event, err);
}

static wb_status read_json(borg_trace *trace, wb_line_reader *lines, wb_error *err)
{
    wb_arena scratch;
    wb_arena_init(&scratch, "borg event", 0, NULL);
    wb_status status = WB_OK;
    while (status == WB_OK) {
        char *line = NULL;
        size_t length = 0;
        bool is_cut = false;
        char place[512];
        status = wb_line_reader_next(lines, &line, &length, &is_cut, err);
        if (status != WB_OK || line == NULL) {
            break;
        }
        (void)snprintf(place, sizeof place, "%s:%llu", trace->import->options->input_path,
                       (unsigned long long)wb_line_reader_line(lines));
        wb_arena_clear(&scratch);
        status = read_json_line(trace, &scratch, line, length, place, err);
    }
    wb_arena_release(&scratch);
    return status;
}

/* ---- instances ---- */

static const char *band_of(int32_t priority)
{
    static const struct {
        int32_t above;
        const char *name;
    } bands[] = {{360, "monitoring"}, {120, "production"}, {116, "mid"}, {100, "batch"}};
    for (size_t i = 0; i < sizeof(bands) / sizeof(bands[0]); i++) {
        if (priority >= bands[i].above) {
            return bands[i].name;
        }
    }
    return "free";
}

static wb_status declare(borg_trace *trace, const borg_event *event, wb_trace_pod *pod,
                         wb_error *err)
{
    char owner[64];
    (void)snprintf(owner, sizeof owner, "collection-%llu",
                   (unsigned long long)event->collection_id);
    wb_text_clear(&trace->json);
    wb_text_add_format(&trace->json,
                       "{\"metadata\":{\"labels\":{\"band\":\"%s\",\"scheduling-class\":\"%d\"}},"
                       "\"spec\":{\"priority\":%d,\"containers\":[{\"name\":\"task\",\"image\":"
                       "\"task\",\"resources\":{\"requests\":{\"cpu\":\"%lldm\",\"memory\":"
                       "\"%lldMi\"}}}]}}",
                       band_of(event->priority), event->scheduling_class, event->priority,
                       (long long)(event->cpu_milli < 0 ? 0 : event->cpu_milli),
                       (long long)(event->memory_mib < 0 ? 0 : event->memory_mib));
    WB_TRY(wb_import_sink_shape(&trace->sink, NAMESPACE, wb_text_string(&trace->json),
                                &pod->shape_number, err));
    return wb_import_sink_owner(&trace->sink,
                                event->scheduling_class <= 1 ? WB_OWNER_JOB : WB_OWNER_DEPLOYMENT,
                                NAMESPACE, owner, &pod->owner_number, err);
}

/* A pod of what is known of the instance; end_ms -1: it is there at the end of the trace. */
static wb_status write_pod(borg_trace *trace, const borg_instance *instance, int64_t end_ms,
                           bool is_completed, wb_error *err)
{
    const int64_t start_ms = instance->scheduled_ms;
    const int64_t created_ms = instance->submitted_ms >= 0 ? instance->submitted_ms : start_ms;
    assert(created_ms >= 0);
    char name[80];
    (void)snprintf(name, sizeof name, "task-%llu-%lld-%lld",
                   (unsigned long long)instance->latest.collection_id,
                   (long long)instance->latest.instance_index, (long long)(created_ms / 1000));
    const wb_trace_pod_history history = {.bound_ms = start_ms,
                                          .started_ms = start_ms,
                                          .gone_ms = end_ms,
                                          .exit_code = is_completed ? 0 : -1};
    const bool is_run = is_completed && start_ms >= 0 && end_ms >= 0;
    wb_trace_pod pod = {.at_ms = created_ms,
                        .name = name,
                        .until_ms = is_run ? -1 : end_ms,
                        .runs_ms = is_run ? end_ms - start_ms : -1,
                        .history = &history};
    trace->never_count += start_ms < 0 ? 1 : 0;
    trace->unsized_count += instance->latest.cpu_milli < 0 ? 1 : 0;
    WB_TRY(declare(trace, &instance->latest, &pod, err));
    return wb_import_sink_pod(&trace->sink, &pod, err);
}

/* The instance of an event, made on first sight. */
static borg_instance *find_instance(borg_trace *trace, const borg_event *event, uint64_t *out_key)
{
    const uint64_t key = wb_hash_map_join(event->collection_id, (uint64_t)event->instance_index);
    uint64_t index = 0;
    *out_key = key;
    if (wb_hash_map_get(&trace->by_id, key, &index)) {
        return &trace->instances[index];
    }
    if (trace->free_head != UINT32_MAX) {
        index = trace->free_head;
        trace->free_head = trace->instances[index].next_free;
    } else {
        if (trace->instance_count == trace->instance_capacity) {
            trace->instance_capacity =
                (uint32_t)wb_heap_memory_next_capacity(trace->instance_capacity,
                                                       trace->instance_count + (size_t)1);
            trace->instances = wb_heap_memory_resize(trace->instances, trace->instance_capacity,
                                                     sizeof trace->instances[0]);
        }
        index = trace->instance_count++;
    }
    trace->instances[index] = (borg_instance){.submitted_ms = -1,
                                              .scheduled_ms = -1,
                                              .resubmitted_ms = -1,
                                              .latest = {.cpu_milli = -1, .memory_mib = -1},
                                              .is_alive = true};
    (void)wb_hash_map_put(&trace->by_id, key, index);
    return &trace->instances[index];
}

/* Sizes that an event leaves out stay as they were. */
static void take_latest(borg_instance *instance, const borg_event *event)
{
    const borg_event before = instance->latest;
    instance->latest = *event;
    if (event->cpu_milli < 0) {
        instance->latest.cpu_milli = before.cpu_milli;
        instance->latest.memory_mib = before.memory_mib;
    }
}

static wb_status end_instance(borg_trace *trace, borg_instance *instance, uint64_t key,
                              const borg_event *event, int64_t at_ms, wb_error *err)
{
    if (instance->scheduled_ms >= 0 || instance->submitted_ms >= 0) {
        const bool is_completed = event->type == EVENT_FINISH || event->type == EVENT_FAIL;
        WB_TRY(write_pod(trace, instance, at_ms, is_completed, err));
    }
    trace->evicted_count += event->type == EVENT_EVICT ? 1 : 0;
    if (instance->resubmitted_ms >= 0) { /* in the moment of its end, which sorts behind it */
        instance->submitted_ms = instance->resubmitted_ms;
        instance->scheduled_ms = -1;
        instance->resubmitted_ms = -1;
        return WB_OK;
    }
    const uint32_t index = (uint32_t)(instance - trace->instances);
    instance->is_alive = false;
    instance->next_free = trace->free_head;
    trace->free_head = index;
    (void)wb_hash_map_remove(&trace->by_id, key);
    return WB_OK;
}

static wb_status apply_event(borg_trace *trace, const borg_event *event, wb_error *err)
{
    const int64_t us = event->time_us <= OFFSET_US ? 0 : event->time_us - OFFSET_US;
    const int64_t at_ms = us / 1000;
    uint64_t key = 0;
    trace->end_ms = at_ms > trace->end_ms ? at_ms : trace->end_ms;
    if (event->type == EVENT_UPDATE_RUNNING) {
        trace->update_count++;
        return WB_OK;
    }
    borg_instance *instance = find_instance(trace, event, &key);
    take_latest(instance, event);
    switch (event->type) {
    case EVENT_SUBMIT:
    case EVENT_QUEUE:
    case EVENT_ENABLE:
    case EVENT_UPDATE_PENDING:
        if (event->type == EVENT_SUBMIT && instance->scheduled_ms >= 0) {
            instance->resubmitted_ms = at_ms;
        } else if (instance->submitted_ms < 0 && instance->scheduled_ms < 0) {
            instance->submitted_ms = at_ms;
        }
        return WB_OK;
    case EVENT_SCHEDULE:
        instance->scheduled_ms = instance->scheduled_ms < 0 ? at_ms : instance->scheduled_ms;
        return WB_OK;
    default: return end_instance(trace, instance, key, event, at_ms, err);
    }
}

static wb_status apply_events(borg_trace *trace, wb_error *err)
{
    for (;;) {
        wb_trace_sort_record record;
        borg_event event;
        WB_TRY(wb_trace_sort_next(trace->events, &record, err));
        if (record.bytes == NULL) {
            return WB_OK;
        }
        assert(record.length == sizeof event);
        memcpy(&event, record.bytes, sizeof event);
        WB_TRY(apply_event(trace, &event, err));
    }
}

/* What is there at the end of the trace. */
static wb_status write_living(borg_trace *trace, wb_error *err)
{
    for (uint32_t i = 0; i < trace->instance_count; i++) {
        if (!trace->instances[i].is_alive) {
            continue;
        }
        WB_TRY(write_pod(trace, &trace->instances[i], -1, false, err));
    }
    return WB_OK;
}

static wb_status replay_events(borg_trace *trace, wb_error *err)
{
    WB_TRY(wb_trace_sort_finish(trace->events, err));
    WB_TRY(apply_events(trace, err));
    return write_living(trace, err);
}

static void add_notes(const borg_trace *trace)
{
    char memory[48];
    const wb_import *import = trace->import;
    wb_quantity_print_bytes(wb_trace_import_machine_memory_bytes(import), memory);
    wb_trace_import_note(trace->import, "1.0 stands for a machine of %lld CPUs and %s (--machine)",
                         (long long)(wb_trace_import_machine_cpu_milli(import) / 1000), memory);
    wb_trace_import_note(trace->import,
                         "left out: %llu events of tasks inside an alloc set's instance (that is "
                         "the pod), %llu after the trace, %llu changes of a running request; "
                         "constraints and machines",
                         (unsigned long long)trace->inside_count,
                         (unsigned long long)trace->after_count,
                         (unsigned long long)trace->update_count);
    wb_trace_import_note(trace->import,
                         "%llu pods were evicted in the recording, %llu never ran, %llu state no "
                         "request",
                         (unsigned long long)trace->evicted_count,
                         (unsigned long long)trace->never_count,
                         (unsigned long long)trace->unsized_count);
}

static wb_status read_file(borg_trace *trace, wb_error *err)
{
    const char *path = trace->import->options->input_path;
    wb_status status = WB_OK;
    if (trace->import->text[0] == '{') {
        wb_line_reader *lines = NULL;
        WB_TRY(wb_line_reader_open(path, &lines, err));
        status = read_json(trace, lines, err);
        wb_line_reader_close(lines);
        return status;
    }
    wb_csv_rows *rows = NULL;
    WB_TRY(wb_csv_rows_open(path, ',', true, &rows, err));
    status = read_csv(trace, rows, err);
    wb_csv_rows_close(rows);
    return status;
}

static wb_status read(wb_import *import, wb_error *err)
{
    borg_trace trace = {.import = import, .free_head = UINT32_MAX};
    const wb_trace_info_header header = {.epoch_ms = -1, .end_ms = -1, .source = "borg"};
    trace.events = wb_trace_sort_new(0);
    wb_hash_map_init(&trace.by_id);
    wb_text_init(&trace.json);
    wb_status status = read_file(&trace, err);
    if (status == WB_OK) {
        status = wb_import_sink_open(&trace.sink, import, &header, err);
        if (status == WB_OK) {
            status = replay_events(&trace, err);
            status = wb_import_sink_close(&trace.sink, status, trace.end_ms, err);
        }
    }
    wb_trace_sort_free(trace.events);
    wb_hash_map_release(&trace.by_id);
    wb_text_release(&trace.json);
    wb_heap_memory_free(trace.instances);
    if (status == WB_OK) {
        add_notes(&trace);
    }
    return status;
}

const wb_importer wb_import_borg = {
    .name = "borg",
    .help = "Google Borg 2019 instance events, CSV or JSON lines",
    .is_streamed = true,
    .recognises = recognises,
    .read = read,
};
