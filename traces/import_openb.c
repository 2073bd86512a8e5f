/*
 * Alibaba's openb pod lists (cluster-trace-gpu-v2023): one CSV row per pod, times in seconds from
 * the start of the trace, rows in no order. Some 8,000 rows.
 *
 * A pod that ran to an end (Succeeded, Failed) or is best effort is run to completion: it runs for
 * deletion - scheduling. A pod that was running when it was deleted, or never ran (Pending), is
 * there from creation to deletion. GPUs are whole on EKS: a shared one counts as one. Lists with
 * five columns have no times: their pods are there for the first hour.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/duration.h"
#include "base/sort.h"
#include "traces/import_internal.h"

#define HEADER_SHORT "name,cpu_milli,memory_mib,num_gpu,gpu_milli"
#define HEADER_LONG \
    HEADER_SHORT ",gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time"
#define FIELDS_SHORT 5
#define FIELDS_MAX   11

/* Far above any machine and any recording; a number beyond is a slip, not a pod. */
#define CPU_MILLI_MAX  INT64_C(100000000)
#define MEMORY_MIB_MAX INT64_C(1000000000)
#define GPU_COUNT_MAX  1000
#define GPU_MILLI_MAX  1000
#define TIME_S_MAX     (WB_TRACE_TIME_MAX_MS / WB_MS_PER_SECOND)

static const char *const qos_classes[] = {"LS", "BE", "Burstable", "Guaranteed"};
static const char *const phases[] = {"Pending", "Running", "Succeeded", "Failed", "Unknown"};

enum {
    FIELD_NAME,
    FIELD_CPU,
    FIELD_MEMORY,
    FIELD_GPU_COUNT,
    FIELD_GPU_MILLI,
    FIELD_GPU_SPEC,
    FIELD_QOS,
    FIELD_PHASE,
    FIELD_CREATED,
    FIELD_DELETED,
    FIELD_SCHEDULED,
};

typedef struct openb_pod {
    const char *name, *gpu_spec, *qos, *phase; /* in the import's arena */
    int64_t cpu_milli, memory_mib, gpu_count, gpu_milli;
    int64_t created_s, deleted_s, scheduled_s; /* scheduled -1: never */
    uint32_t row;                              /* line of the file, from 1 */
    bool is_batch;
} openb_pod;

typedef struct openb_list {
    openb_pod *pods; /* in the import's arena */
    uint32_t count, capacity;
    bool has_times;
    uint32_t shared_gpu_count, never_ran_count;
    double recorded_gpu_s, asked_gpu_s; /* creation to deletion; shares as shares, as whole ones */
} openb_list;

/* Both lists begin with the same five columns. */
static bool recognises(const wb_import *import)
{
    return strncmp(import->text, HEADER_SHORT, strlen(HEADER_SHORT)) == 0;
}

/* Cuts a line of the text in place of nothing: copies it, splits at commas. */
static uint32_t split(wb_arena *arena, const char *line, size_t length,
                      const char *fields[FIELDS_MAX + 1])
{
    assert(memchr(line, '\n', length) == NULL);
    char *copy = wb_arena_copy_text(arena, line, length);
    uint32_t count = 0;
    while (count <= FIELDS_MAX) {
        fields[count++] = copy;
        char *comma = strchr(copy, ',');
        if (comma == NULL) {
            break;
        }
        *comma = 0;
        copy = comma + 1;
    }
    return count;
}

/* A column that holds a number, and the largest that is believed. */
typedef struct number_field {
    int column;
    const char *name;
    int64_t maximum;
} number_field;

static const number_field cpu_field = {FIELD_CPU, "cpu_milli", CPU_MILLI_MAX};
static const number_field memory_field = {FIELD_MEMORY, "memory_mib", MEMORY_MIB_MAX};
static const number_field gpu_count_field = {FIELD_GPU_COUNT, "num_gpu", GPU_COUNT_MAX};
static const number_field gpu_milli_field = {FIELD_GPU_MILLI, "gpu_milli", GPU_MILLI_MAX};
static const number_field created_field = {FIELD_CREATED, "creation_time", TIME_S_MAX};
static const number_field deleted_field = {FIELD_DELETED, "deletion_time", TIME_S_MAX};
static const number_field scheduled_field = {FIELD_SCHEDULED, "scheduled_time", TIME_S_MAX};

static wb_status take_number(const wb_import *import, uint32_t row, const number_field *field,
                             const char *const *fields, int64_t *out, wb_error *err)
{
    const char *text = fields[field->column];
    int64_t value = 0;
    bool is_valid = *text != 0;
    for (const char *at = text; *at != 0 && is_valid; at++) {
        value = value * 10 + (*at - '0');
        is_valid = *at >= '0' && *at <= '9' && value <= field->maximum;
    }
    if (!is_valid) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%u: %s: '%s' is not a whole number from 0 to %lld",
                       import->options->input_path, row, field->name, text,
                       (long long)field->maximum);
    }
    *out = value;
    return WB_OK;
}

/* One of a few words: what is written into templates must be known. */
static wb_status take_choice(const wb_import *import, const openb_pod *pod, const char *name,
                             const char *text, wb_error *err)
{
    assert(text != NULL);
    const bool is_qos = strcmp(name, "qos") == 0;
    const char *const *choices = is_qos ? qos_classes : phases;
    const size_t count =
        is_qos ? sizeof(qos_classes) / sizeof(qos_classes[0]) : sizeof(phases) / sizeof(phases[0]);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(choices[i], text) == 0) {
            return WB_OK;
        }
    }
    return wb_fail(err, WB_ERR_INPUT, "%s:%u: %s: '%s' is not one of %s",
                   import->options->input_path, pod->row, name, text,
                   is_qos ? "LS, BE, Burstable, Guaranteed"
                          : "Pending, Running, Succeeded, Failed, Unknown");
}

/* Creation, scheduling (if any) and deletion follow each other. */
static wb_status check_order(const wb_import *import, const openb_pod *pod, wb_error *err)
{
    assert(pod->created_s >= 0 && pod->deleted_s >= 0); /* take_number gives no others */
    const bool is_scheduled = pod->scheduled_s >= 0;
    if (is_scheduled && pod->scheduled_s < pod->created_s) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%u: pod '%s' is scheduled at %lld s, before its creation at %lld s",
                       import->options->input_path, pod->row, pod->name,
                       (long long)pod->scheduled_s, (long long)pod->created_s);
    }
    const int64_t begin_s = is_scheduled ? pod->scheduled_s : pod->created_s;
    if (pod->deleted_s < begin_s) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%u: pod '%s' is deleted at %lld s, before its %s at %lld s",
                       import->options->input_path, pod->row, pod->name, (long long)pod->deleted_s,
                       is_scheduled ? "scheduling" : "creation", (long long)begin_s);
    }
    return WB_OK;
}

static wb_status read_times(const wb_import *import, const char *const *fields, openb_pod *pod,
                            wb_error *err)
{
    WB_TRY(take_number(import, pod->row, &created_field, fields, &pod->created_s, err));
    WB_TRY(take_number(import, pod->row, &deleted_field, fields, &pod->deleted_s, err));
    pod->scheduled_s = -1;
    if (fields[FIELD_SCHEDULED][0] != 0) {
        WB_TRY(take_number(import, pod->row, &scheduled_field, fields, &pod->scheduled_s, err));
    }
    WB_TRY(check_order(import, pod, err));
    pod->gpu_spec = fields[FIELD_GPU_SPEC];
    pod->qos = fields[FIELD_QOS];
    pod->phase = fields[FIELD_PHASE];
    WB_TRY(take_choice(import, pod, "qos", pod->qos, err));
    WB_TRY(take_choice(import, pod, "pod_phase", pod->phase, err));
    const bool has_ended =
        strcmp(pod->phase, "Succeeded") == 0 || strcmp(pod->phase, "Failed") == 0;
    pod->is_batch = pod->scheduled_s >= 0 && (has_ended || strcmp(pod->qos, "BE") == 0);
    return WB_OK;
}

/* Two counts go into the notes of the report: pods that share a GPU (they get a whole one), and
 * pods that waited until they were deleted. */
static void keep_pod(const wb_import *import, openb_list *list, const openb_pod *pod)
{
    assert(pod->row > 0 && pod->name != NULL);
    assert(list->count <= list->capacity);
    list->shared_gpu_count += pod->gpu_count == 1 && pod->gpu_milli < 1000 ? 1U : 0U;
    if (list->has_times) {
        const double gpu_s = (double)(pod->deleted_s - pod->created_s) * (double)pod->gpu_count;
        list->recorded_gpu_s += gpu_s * (double)pod->gpu_milli / 1000;
        list->asked_gpu_s += gpu_s;
    }
    list->never_ran_count += list->has_times && pod->scheduled_s < 0 ? 1U : 0U;
    if (list->count == list->capacity) {
        const uint32_t capacity = list->capacity == 0 ? 1024 : list->capacity * 2;
        list->pods = wb_arena_grow(import->arena, list->pods, list->capacity, capacity,
                                   sizeof list->pods[0]);
        list->capacity = capacity;
    }
    list->pods[list->count++] = *pod;
}

static wb_status read_row(const wb_import *import, openb_list *list, const char *line,
                          size_t length, uint32_t row, wb_error *err)
{
    const char *fields[FIELDS_MAX + 1];
    const uint32_t expected = list->has_times ? FIELDS_MAX : FIELDS_SHORT;
    const uint32_t count = split(import->arena, line, length, fields);
    if (count != expected) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%u: found %s%u fields, expected %u",
                       import->options->input_path, row, count > FIELDS_MAX ? "more than " : "",
                       count > FIELDS_MAX ? FIELDS_MAX : count, expected);
    }
    openb_pod pod = {.row = row,
                     .name = fields[FIELD_NAME],
                     .gpu_spec = "",
                     .qos = "LS",
                     .phase = "Running",
                     .deleted_s = 3600};
    if (*pod.name == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%u: name: is empty, expected the pod's name",
                       import->options->input_path, row);
    }
    WB_TRY(take_number(import, row, &cpu_field, fields, &pod.cpu_milli, err));
    WB_TRY(take_number(import, row, &memory_field, fields, &pod.memory_mib, err));
    WB_TRY(take_number(import, row, &gpu_count_field, fields, &pod.gpu_count, err));
    WB_TRY(take_number(import, row, &gpu_milli_field, fields, &pod.gpu_milli, err));
    if (list->has_times) {
        WB_TRY(read_times(import, fields, &pod, err));
    }
    keep_pod(import, list, &pod);
    return WB_OK;
}

static bool is_line(const char *line, size_t length, const char *expected)
{
    return strlen(expected) == length && strncmp(line, expected, length) == 0;
}

/* The first line says which of the two lists this is. */
static wb_status read_header(const wb_import *import, openb_list *list, const char *line,
                             size_t length, wb_error *err)
{
    list->has_times = is_line(line, length, HEADER_LONG);
    if (!list->has_times && !is_line(line, length, HEADER_SHORT)) {
        return wb_fail(err, WB_ERR_INPUT, "%s:1: unknown columns, expected '%s'",
                       import->options->input_path, HEADER_LONG);
    }
    return WB_OK;
}

static wb_status read_rows(const wb_import *import, openb_list *list, wb_error *err)
{
    const char *at = import->text;
    const char *end = import->text + import->length;
    for (uint32_t row = 1; at < end; row++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (newline == NULL) {
            return wb_fail(err, WB_ERR_INPUT,
                           "%s:%u: the list is cut in the middle of a row, expected a line end",
                           import->options->input_path, row);
        }
        const char *line_end = newline > at && newline[-1] == '\r' ? newline - 1 : newline;
        const size_t length = (size_t)(line_end - at);
        WB_TRY(row == 1 ? read_header(import, list, at, length, err)
                        : read_row(import, list, at, length, row, err));
        at = newline + 1;
    }
    return WB_OK;
}

static int compare_pods(const void *a, const void *b, void *context)
{
    const openb_pod *left = a;
    const openb_pod *right = b;
    (void)context;
    if (left->created_s != right->created_s) {
        return left->created_s < right->created_s ? -1 : 1;
    }
    return left->row < right->row ? -1 : left->row > right->row ? 1 : 0;
}

/* Names of the GPUs that stand in for the models joined by '|', once each. */
static wb_status add_gpu_names(const wb_import *import, const openb_pod *pod, wb_text *out,
                               wb_error *err)
{
    const char *seen[16];
    uint32_t seen_count = 0;
    for (const char *at = pod->gpu_spec; *at != 0;) {
        const size_t length = strcspn(at, "|");
        const wb_gpu_twin *twin = wb_trace_import_gpu_twin(at, length);
        if (twin == NULL) {
            return wb_fail(err, WB_ERR_INPUT, "%s:%u: gpu_spec: '%.*s' is not a known GPU model",
                           import->options->input_path, pod->row, (int)length, at);
        }
        bool is_seen = false;
        for (uint32_t i = 0; i < seen_count; i++) {
            is_seen = is_seen || strcmp(seen[i], twin->gpu_name) == 0;
        }
        if (!is_seen && seen_count < 16) {
            wb_text_add_format(out, "%s\"%s\"", seen_count > 0 ? "," : "", twin->gpu_name);
            seen[seen_count++] = twin->gpu_name;
        }
        at += length + (at[length] == '|' ? 1 : 0);
    }
    return WB_OK;
}

static wb_status template_json(const wb_import *import, const openb_pod *pod, wb_text *out,
                               wb_error *err)
{
    wb_text_add_format(out,
                       "{\"metadata\":{\"labels\":{\"app\":\"openb\",\"qos\":\"%s\"}},\"spec\":{"
                       "\"containers\":[{\"name\":\"main\",\"image\":\"openb\",\"resources\":{"
                       "\"requests\":{\"cpu\":\"%lldm\",\"memory\":\"%lldMi\"",
                       pod->qos, (long long)pod->cpu_milli, (long long)pod->memory_mib);
    if (pod->gpu_count > 0) {
        wb_text_add_format(out,
                           ",\"nvidia.com/gpu\":\"%lld\"},\"limits\":{\"nvidia.com/gpu\":\"%lld\"",
                           (long long)pod->gpu_count, (long long)pod->gpu_count);
    }
    wb_text_add_string(out, "}}}]");
    if (pod->gpu_spec[0] != 0) {
        wb_text_add_string(out, ",\"affinity\":{\"nodeAffinity\":{"
                                "\"requiredDuringSchedulingIgnoredDuringExecution\":{"
                                "\"nodeSelectorTerms\":[{\"matchExpressions\":[{\"key\":"
                                "\"karpenter.k8s.aws/instance-gpu-name\",\"operator\":\"In\","
                                "\"values\":[");
        WB_TRY(add_gpu_names(import, pod, out, err));
        wb_text_add_string(out, "]}]}]}}}");
    }
    wb_text_add_format(out, ",\"restartPolicy\":\"%s\"}}", pod->is_batch ? "Never" : "Always");
    return WB_OK;
}

/* Shapes and owners as they first appear: one owner per shape, so equal pods belong together. */
typedef struct openb_shapes {
    wb_hash_map number_by_text; /* hash of template and kind */
    uint32_t count;
} openb_shapes;

static wb_status shape_of(const wb_import *import, openb_shapes *shapes, wb_trace_writer *writer,
                          const openb_pod *pod, uint32_t *out, wb_error *err)
{
    wb_text json;
    wb_text_init(&json);
    wb_status status = template_json(import, pod, &json, err);
    const uint64_t key = wb_digest_hash64(wb_text_string(&json), json.length);
    uint64_t number = 0;
    if (status == WB_OK && !wb_hash_map_get(&shapes->number_by_text, key, &number)) {
        number = shapes->count++;
        (void)wb_hash_map_put(&shapes->number_by_text, key, number);
        char name[32];
        (void)snprintf(name, sizeof name, "openb-%s-%llu", pod->is_batch ? "job" : "service",
                       (unsigned long long)number);
        status =
            wb_trace_writer_shape(writer, (uint32_t)number, "openb", wb_text_string(&json), err);
        if (status == WB_OK) {
            status = wb_trace_writer_owner(writer, (uint32_t)number,
                                           pod->is_batch ? WB_OWNER_JOB : WB_OWNER_DEPLOYMENT,
                                           "openb", name, err);
        }
    }
    wb_text_release(&json);
    *out = (uint32_t)number;
    return status;
}

static wb_status write_pods(const wb_import *import, const openb_list *list, openb_shapes *shapes,
                            wb_trace_writer *writer, wb_error *err)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const openb_pod *pod = &list->pods[i];
        uint32_t shape_number = 0;
        WB_TRY(shape_of(import, shapes, writer, pod, &shape_number, err));
        const bool is_bound = list->has_times && pod->scheduled_s >= 0;
        const wb_trace_pod_history history = {
            .bound_ms = is_bound ? pod->scheduled_s * WB_MS_PER_SECOND : -1,
            .started_ms = -1,
            .gone_ms = list->has_times ? pod->deleted_s * WB_MS_PER_SECOND : -1,
            .exit_code = -1,
        };
        const wb_trace_pod record = {
            .at_ms = pod->created_s * WB_MS_PER_SECOND,
            .name = pod->name,
            .shape_number = shape_number,
            .owner_number = shape_number,
            .until_ms = pod->is_batch ? -1 : pod->deleted_s * WB_MS_PER_SECOND,
            .runs_ms = pod->is_batch ? (pod->deleted_s - pod->scheduled_s) * WB_MS_PER_SECOND : -1,
            .history = &history,
        };
        WB_TRY(wb_trace_writer_pod(writer, &record, err));
    }
    return WB_OK;
}

static wb_status write_list(wb_import *import, const openb_list *list, wb_error *err)
{
    int64_t end_ms = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const int64_t deleted_ms = list->pods[i].deleted_s * WB_MS_PER_SECOND;
        end_ms = deleted_ms > end_ms ? deleted_ms : end_ms;
    }
    const wb_trace_info_header header = {.epoch_ms = -1, .end_ms = end_ms, .source = "openb"};
    wb_trace_writer *writer = NULL;
    WB_TRY(wb_trace_writer_open(import->options->output_path, &header, &writer, err));
    openb_shapes shapes = {0};
    wb_hash_map_init(&shapes.number_by_text);
    const wb_status status = write_pods(import, list, &shapes, writer, err);
    wb_hash_map_release(&shapes.number_by_text);
    if (status != WB_OK) {
        wb_trace_writer_abandon(writer);
        return status;
    }
    import->report->pod_count = list->count;
    import->report->shape_count = shapes.count;
    import->report->end_ms = end_ms;
    const wb_trace_unmodelled unmodelled = {.approximated_count = list->shared_gpu_count};
    wb_trace_writer_set_unmodelled(writer, unmodelled);
    return wb_trace_writer_commit(writer, end_ms, err);
}

static wb_status read(wb_import *import, wb_error *err)
{
    openb_list list = {0};
    WB_TRY(read_rows(import, &list, err));
    if (list.count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: holds no pods", import->options->input_path);
    }
    wb_sort(list.pods, list.count, sizeof list.pods[0], compare_pods, NULL);
    if (list.shared_gpu_count > 0) {
        wb_trace_import_note(import,
                             "%u pods share a GPU in the recording; EKS hands out whole ones, so "
                             "each asks for one",
                             list.shared_gpu_count);
    }
    if (list.has_times) {
        wb_trace_import_note(import,
                             "%.1f GPU hours from creation to deletion; %.1f as asked for here",
                             list.recorded_gpu_s / 3600, list.asked_gpu_s / 3600);
    }
    if (list.never_ran_count > 0) {
        wb_trace_import_note(import,
                             "%u pods never ran in the recording; they wait from creation to "
                             "deletion",
                             list.never_ran_count);
    }
    if (!list.has_times) {
        wb_trace_import_note(import,
                             "the list has no times; its pods are there for the first hour");
    }
    return write_list(import, &list, err);
}

const wb_importer wb_import_openb = {
    .name = "openb",
    .help = "Alibaba openb pod list, CSV (cluster-trace-gpu-v2023)",
    .recognises = recognises,
    .read = read,
};
