/*
 * SimKube traces, version 2: the manifests of a cluster as they were applied and deleted, in
 * MessagePack (.sktrace) or JSON, with the run times of finished pods beside them. Some 100 events.
 *
 * Manifests become apply and delete records as they are; our controllers make the pods. Run times
 * of an owner's pods are given to its template as annotation werkbank/duration (the median: a
 * template has one); bare pods become pod records with their own.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/document.h"
#include "base/duration.h"
#include "base/sort.h"
#include "kube/names.h"
#include "traces/import_internal.h"
#include "traces/msgpack.h"

#define UNIX_S_MAX INT64_C(253402300799) /* the last second of the year 9999 */
#define TIME_S_MAX (WB_TRACE_TIME_MAX_MS / WB_MS_PER_SECOND)

/* By the first byte (a MessagePack map of a few keys, or a JSON object) and by a key that nobody
 * else uses, looked for near the beginning only. */
static bool recognises(const wb_import *import)
{
    const unsigned char first = (unsigned char)import->text[0];
    if (first >= 0x80 && first < 0x90) { /* a MessagePack map of a few keys */
        const size_t head = import->length < 64 ? import->length : 64;
        for (size_t i = 0; i + 7 < head; i++) {
            if (memcmp(import->text + i, "version", 7) == 0 ||
                memcmp(import->text + i, "config", 6) == 0) {
                return true;
            }
        }
        return false;
    }
    return first == '{' && strstr(import->text, "\"trackedObjects\"") != NULL;
}

/* The trace as one tree, from either form. */
static wb_status read_tree(const wb_import *import, const wb_node **out, wb_error *err)
{
    wb_text json;
    wb_text_init(&json);
    wb_document_input input = {.file = import->options->input_path,
                               .text = import->text,
                               .length = import->length,
                               .syntax = WB_DOCUMENT_JSON};
    wb_status status = WB_OK;
    wb_error inner = {0};
    if (import->text[0] != '{') {
        status =
            wb_msgpack_to_json((const unsigned char *)import->text, import->length, &json, &inner);
        input.file = ""; /* lines and columns of the JSON in between tell nobody anything */
        input.text = wb_text_string(&json);
        input.length = json.length;
    }
    wb_document_stream stream = {0};
    if (status == WB_OK) {
        status = wb_document_read_text(import->arena, &input, &stream, &inner);
    }
    wb_text_release(&json);
    if (status != WB_OK) {
        const char *behind_place = inner.text[0] == ':' ? strstr(inner.text, ": ") : NULL;
        const char *text = behind_place != NULL ? behind_place + 2 : inner.text;
        const bool has_place = *input.file != 0;
        return wb_fail(err, status, "%s%s%s", has_place ? "" : import->options->input_path,
                       has_place ? "" : ": ", text);
    }
    if (stream.count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "%s: expected one trace", import->options->input_path);
    }
    *out = stream.roots[0];
    return WB_OK;
}

/* Finished run times of the pods of one owner, in ms. */
typedef struct run_times {
    int64_t *ms; /* in the import's arena */
    uint32_t count;
} run_times;

static void add_run_time(const wb_import *import, run_times *times, const wb_node *lifecycle)
{
    const wb_node *finished = wb_node_get(lifecycle, "Finished");
    if (finished == NULL || finished->kind != WB_NODE_LIST || finished->count != 2) {
        return; /* Empty, or still running at the end */
    }
    const int64_t start_s = wb_node_int64(finished->children[0], -1);
    const int64_t end_s = wb_node_int64(finished->children[1], -1);
    if (start_s < 0 || end_s < start_s || end_s - start_s > TIME_S_MAX) {
        return;
    }
    times->ms = wb_arena_grow(import->arena, times->ms, times->count, times->count + 1U,
                              sizeof times->ms[0]);
    times->ms[times->count++] = (end_s - start_s) * WB_MS_PER_SECOND;
}

static int compare_ms(const void *a, const void *b, void *context)
{
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;
    (void)context;
    return left < right ? -1 : left > right ? 1 : 0;
}

/* pod_lifecycles maps "<gvk>|<namespace>/<name>" to { pod hash: [lifecycle] }. */
static run_times times_of(const wb_import *import, const wb_node *root, const char *kind,
                          const char *namespace_name, const char *name)
{
    assert(kind != NULL && namespace_name != NULL && name != NULL);
    run_times times = {0};
    const wb_node *all = wb_node_get(root, "pod_lifecycles");
    wb_text wanted;
    wb_text_init(&wanted);
    wb_text_add_format(&wanted, ".%s|%s/%s", kind, namespace_name, name);
    for (uint32_t i = 0; all != NULL && all->kind == WB_NODE_MAP && i < all->count; i++) {
        const size_t key_length = strlen(all->keys[i]);
        if (key_length < wanted.length ||
            strcmp(all->keys[i] + key_length - wanted.length, wb_text_string(&wanted)) != 0) {
            continue;
        }
        const wb_node *by_hash = all->children[i];
        for (uint32_t j = 0; by_hash->kind == WB_NODE_MAP && j < by_hash->count; j++) {
            const wb_node *list = by_hash->children[j];
            for (uint32_t k = 0; list->kind == WB_NODE_LIST && k < list->count; k++) {
                add_run_time(import, &times, list->children[k]);
            }
        }
    }
    wb_text_release(&wanted);
    if (times.count > 0) {
        wb_sort_stable(times.ms, times.count, sizeof times.ms[0], compare_ms, NULL);
    }
    return times;
}

/* Prints node as JSON; the map at path gets the annotation in front of its own entries. */
/* NOLINTNEXTLINE(misc-no-recursion): a level per step of path, six at most */
static void print_annotated(const wb_node *node, const char *const *path, int64_t duration_ms,
                            wb_text *out)
{
    assert(duration_ms >= 0);
    if (node->kind != WB_NODE_MAP) {
        wb_node_print_json(node, out);
        return;
    }
    wb_text_add_string(out, "{");
    bool has_step = false;
    bool has_entry = false;
    if (*path == NULL) {
        char text[48];
        wb_duration_print(duration_ms, text);
        wb_text_add_format(out, "\"werkbank/duration\":\"%s\"", text);
        has_entry = true;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        wb_text_add_string(out, has_entry ? "," : "");
        has_entry = true;
        wb_text_add_json_string(out, node->keys[i]);
        wb_text_add_string(out, ":");
        if (*path != NULL && strcmp(node->keys[i], *path) == 0 &&
            node->children[i]->kind == WB_NODE_MAP) {
            has_step = true;
            print_annotated(node->children[i], path + 1, duration_ms, out);
        } else {
            wb_node_print_json(node->children[i], out);
        }
    }
    if (*path != NULL && !has_step) { /* no metadata or annotations there yet */
        wb_text_add_string(out, has_entry ? "," : "");
        wb_text_add_json_string(out, *path);
        wb_text_add_string(out, ":");
        const wb_node empty = {.kind = WB_NODE_MAP, .text = ""};
        print_annotated(&empty, path + 1, duration_ms, out);
    }
    wb_text_add_string(out, "}");
}

static void print_object(const wb_node *object, const char *kind, const run_times *times,
                         wb_text *out)
{
    static const char *const job_path[] = {"spec", "template", "metadata", "annotations", NULL};
    static const char *const cron_path[] = {"spec",     "jobTemplate", "spec", "template",
                                            "metadata", "annotations", NULL};
    const bool is_job = strcmp(kind, "Job") == 0;
    const bool is_cron = strcmp(kind, "CronJob") == 0;
    if (times->count > 0 && (is_job || is_cron)) {
        print_annotated(object, is_cron ? cron_path : job_path, times->ms[times->count / 2], out);
    } else {
        wb_node_print_json(object, out);
    }
}

/* The state of one import. */
typedef struct simkube_trace {
    wb_import *import;
    const wb_node *root;
    wb_trace_writer *writer;
    int64_t start_s;
    uint32_t shape_count;
    uint32_t event_index;    /* for messages */
    wb_hash_map living_pods; /* hash of a bare pod's namespace and name to 1 while it is there */
} simkube_trace;

static const char *name_of(const wb_node *object)
{
    return wb_node_string(wb_node_find(object, "metadata.name"), "");
}

static const char *namespace_of(const wb_node *object)
{
    return wb_node_string(wb_node_find(object, "metadata.namespace"), "default");
}

static uint64_t pod_key(const wb_node *object)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s/%s", namespace_of(object), name_of(object));
    const uint64_t key = wb_digest_hash64(wb_text_string(&text), text.length);
    wb_text_release(&text);
    return key;
}

/* An object is recorded again whenever it changes; a pod that is there already stays as it began.
 * */
static bool is_new_pod(simkube_trace *trace, const wb_node *object)
{
    const uint64_t key = pod_key(object);
    uint64_t is_there = 0;
    (void)wb_hash_map_get(&trace->living_pods, key, &is_there);
    (void)wb_hash_map_put(&trace->living_pods, key, 1);
    return is_there == 0;
}

/* A bare pod runs for its recorded time, or until it is deleted. */
static wb_status write_bare_pod(simkube_trace *trace, const wb_node *object, int64_t at_ms,
                                wb_error *err)
{
    const run_times times =
        times_of(trace->import, trace->root, "Pod", namespace_of(object), name_of(object));
    wb_text json;
    wb_text_init(&json);
    wb_text_add_string(&json, "{\"metadata\":{\"labels\":");
    const wb_node *labels = wb_node_find(object, "metadata.labels");
    if (labels != NULL && labels->kind == WB_NODE_MAP) {
        wb_node_print_json(labels, &json);
    } else {
        wb_text_add_string(&json, "{}");
    }
    wb_text_add_string(&json, "},\"spec\":");
    const wb_node *spec = wb_node_get(object, "spec");
    if (spec != NULL) {
        wb_node_print_json(spec, &json);
    } else {
        wb_text_add_string(&json, "{}");
    }
    wb_text_add_string(&json, "}");
    wb_status status = wb_trace_writer_shape(trace->writer, trace->shape_count,
                                             namespace_of(object), wb_text_string(&json), err);
    wb_text_release(&json);
    WB_TRY(status);
    const wb_trace_pod pod = {
        .at_ms = at_ms,
        .name = name_of(object),
        .shape_number = trace->shape_count++,
        .owner_number = UINT32_MAX,
        .until_ms = -1,
        .runs_ms = times.count > 0 ? times.ms[0] : -1,
    };
    trace->import->report->pod_count++;
    return wb_trace_writer_pod(trace->writer, &pod, err);
}

/* What our own reader would refuse is refused here, where the recording's place can be named. */
static wb_status check_object(const simkube_trace *trace, const wb_node *object, wb_error *err)
{
    wb_arena arena;
    wb_intern intern;
    wb_findings findings;
    wb_manifest manifest;
    wb_arena_init(&arena, "simkube object", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    wb_findings_init(&findings, &arena, false);
    wb_manifest_init(&manifest);
    const wb_decode_context context = {.arena = &arena, .intern = &intern, .findings = &findings};
    wb_manifest_add_document(&manifest, &context, object);
    wb_status status = WB_OK;
    if (findings.error_count > 0) {
        const char *text = findings.errors[0].text;
        const bool has_place = object->file != NULL && *object->file != 0;
        status = has_place ? wb_fail(err, WB_ERR_INPUT, "%s", text)
                           : wb_fail(err, WB_ERR_INPUT, "%s: events[%u], %s '%s': %s",
                                     trace->import->options->input_path, trace->event_index,
                                     wb_node_string(wb_node_get(object, "kind"), ""),
                                     name_of(object), text);
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return status;
}

static wb_status write_applied(simkube_trace *trace, const wb_node *object, int64_t at_ms,
                               wb_error *err)
{
    const char *kind = wb_node_string(wb_node_get(object, "kind"), "");
    if (*kind == 0 || *name_of(object) == 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: events[%u].applied_objs: an object has no kind or no metadata.name",
                       trace->import->options->input_path, trace->event_index);
    }
    WB_TRY(check_object(trace, object, err));
    if (strcmp(kind, "Pod") == 0) {
        return is_new_pod(trace, object) ? write_bare_pod(trace, object, at_ms, err) : WB_OK;
    }
    const run_times times =
        times_of(trace->import, trace->root, kind, namespace_of(object), name_of(object));
    wb_text json;
    wb_text_init(&json);
    print_object(object, kind, &times, &json);
    const wb_status status =
        wb_trace_writer_apply(trace->writer, at_ms, wb_text_string(&json), err);
    wb_text_release(&json);
    trace->import->report->object_count++;
    return status;
}

static wb_status write_event(simkube_trace *trace, const wb_node *event, int64_t at_ms,
                             wb_error *err)
{
    const wb_node *applied = wb_node_get(event, "applied_objs");
    const wb_node *deleted = wb_node_get(event, "deleted_objs");
    for (uint32_t i = 0; applied != NULL && i < applied->count; i++) {
        WB_TRY(write_applied(trace, applied->children[i], at_ms, err));
    }
    for (uint32_t i = 0; deleted != NULL && i < deleted->count; i++) {
        const wb_node *object = deleted->children[i];
        const char *kind = wb_node_string(wb_node_get(object, "kind"), "");
        if (*kind == 0 || *name_of(object) == 0) {
            continue; /* nothing can be deleted without a name */
        }
        if (strcmp(kind, "Pod") == 0) {
            (void)wb_hash_map_put(&trace->living_pods, pod_key(object), 0);
        }
        WB_TRY(wb_trace_writer_delete(trace->writer, at_ms, kind, namespace_of(object),
                                      name_of(object), err));
    }
    return WB_OK;
}

static wb_status write_events(simkube_trace *trace, const wb_node *events, wb_error *err)
{
    int64_t last_ms = 0;
    for (uint32_t i = 0; i < events->count; i++) {
        const wb_node *event = events->children[i];
        const wb_node *ts = wb_node_get(event, "ts");
        int64_t ts_s = 0;
        if (ts == NULL || !wb_node_is_int64(ts, &ts_s) || ts_s < 0 || ts_s > UNIX_S_MAX) {
            return wb_fail(err, WB_ERR_INPUT,
                           "%s: events[%u].ts: is missing or no time, expected Unix seconds",
                           trace->import->options->input_path, i);
        }
        trace->start_s = i == 0 ? ts_s : trace->start_s;
        const int64_t at_ms = (ts_s - trace->start_s) * WB_MS_PER_SECOND;
        if (at_ms < last_ms || at_ms > WB_TRACE_TIME_MAX_MS) {
            return wb_fail(err, WB_ERR_INPUT,
                           "%s: events[%u].ts: is %lld, expected at least the one before, and at "
                           "most 31 years after the first",
                           trace->import->options->input_path, i, (long long)ts_s);
        }
        last_ms = at_ms;
        trace->event_index = i;
        WB_TRY(write_event(trace, event, at_ms, err));
    }
    trace->import->report->end_ms = last_ms;
    return WB_OK;
}

static wb_status read(wb_import *import, wb_error *err)
{
    const wb_node *root = NULL;
    WB_TRY(read_tree(import, &root, err));
    if (wb_node_int64(wb_node_get(root, "version"), 0) != 2) {
        return wb_fail(err, WB_ERR_INPUT, "%s: a SimKube trace of version %lld, expected 2",
                       import->options->input_path,
                       (long long)wb_node_int64(wb_node_get(root, "version"), 1));
    }
    const wb_node *events = wb_node_get(root, "events");
    if (events == NULL || events->kind != WB_NODE_LIST || events->count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: 'events' is missing or empty, expected a list",
                       import->options->input_path);
    }
    simkube_trace trace = {.import = import, .root = root};
    const int64_t start_s = wb_node_int64(wb_node_get(events->children[0], "ts"), -1);
    const bool has_epoch = start_s >= 0 && start_s <= UNIX_S_MAX; /* else refused below */
    const wb_trace_info_header header = {.epoch_ms = has_epoch ? start_s * WB_MS_PER_SECOND : -1,
                                         .end_ms = -1,
                                         .source = "simkube"};
    WB_TRY(wb_trace_writer_open(import->options->output_path, &header, &trace.writer, err));
    wb_hash_map_init(&trace.living_pods);
    const wb_status status = write_events(&trace, events, err);
    wb_hash_map_release(&trace.living_pods);
    if (status != WB_OK) {
        wb_trace_writer_abandon(trace.writer);
        return status;
    }
    import->report->shape_count = trace.shape_count;
    return wb_trace_writer_commit(trace.writer, import->report->end_ms, err);
}

const wb_importer wb_import_simkube = {
    .name = "simkube",
    .help = "SimKube trace version 2, MessagePack or JSON",
    .recognises = recognises,
    .read = read,
};
