/*
 * The recording of a cluster from first file to trace: opens the files, tells tables from JSON,
 * and keeps the account of what was repaired or dropped.
 */
#include "traces/recording.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/byte_source.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "traces/recording_internal.h"
#include "traces/recording_stream.h"

#define HEAD_BYTES ((size_t)1 << 16)

/* What is said of each reason. "repaired": the trace has what was meant; "dropped": it has not;
 * "noted": nothing was lost, but it is good to know. */
static const struct {
    const char *action, *text;
} reasons[WB_RECORDING_REASON_COUNT] = {
    [WB_RECORDING_DUPLICATE] = {"repaired", "watch events that repeat what was told before"},
    [WB_RECORDING_RESTART] = {"repaired", "watches that began anew within a file"},
    [WB_RECORDING_ERROR_EVENT] = {"repaired", "ERROR events: a gap in the watch"},
    [WB_RECORDING_BOOKMARK] = {"dropped", "BOOKMARK events, which tell nothing"},
    [WB_RECORDING_GONE_IN_GAP] = {"repaired",
                                  "objects that went in a gap: they end where the watch resumes"},
    [WB_RECORDING_GONE_BEFORE_WATCH] =
        {"repaired", "pods of a list that had gone when the watch began: they end there"},
    [WB_RECORDING_FIRST_MODIFIED] = {"repaired", "objects first seen at MODIFIED"},
    [WB_RECORDING_FIRST_DELETED] = {"repaired", "objects first seen at DELETED"},
    [WB_RECORDING_BACKWARDS] = {"repaired", "watch events whose resourceVersion goes back"},
    [WB_RECORDING_CUT] = {"dropped", "documents that are cut off at the end of a file"},
    [WB_RECORDING_PLAIN_WATCH] =
        {"noted", "single objects outside any list or watch event: deletions can't be seen"},
    [WB_RECORDING_SKEW] = {"repaired", "times that contradict others: a clock was wrong"},
    [WB_RECORDING_CREATED_BEFORE] = {"noted", "pods older than the trace: there from its start"},
    [WB_RECORDING_ENDED_BEFORE] = {"dropped", "pods that had ended before the trace begins"},
    [WB_RECORDING_NO_SPEC] = {"dropped", "pods without a spec (audit level below Request)"},
    [WB_RECORDING_SPEC_REFUSED] = {"dropped", "pod specs that werkbank does not take"},
    [WB_RECORDING_OBJECT_REFUSED] = {"dropped", "objects that werkbank does not take"},
    [WB_RECORDING_NO_NAME] = {"dropped", "events that do not name their object"},
    [WB_RECORDING_AUDIT_STAGE] = {"dropped", "audit events of earlier stages of a request"},
    [WB_RECORDING_AUDIT_FAILED] = {"dropped", "requests that the API server refused"},
    [WB_RECORDING_AUDIT_READ] = {"dropped", "audit events of reads"},
    [WB_RECORDING_AUDIT_OTHER] = {"dropped", "audit events of other resources"},
    [WB_RECORDING_EVICTED] = {"noted", "evictions that were accepted"},
    [WB_RECORDING_EVICTION_REFUSED] = {"noted", "evictions that a budget refused (429)"},
    [WB_RECORDING_DELETECOLLECTION] = {"dropped", "deletions of collections, which name no pod"},
    [WB_RECORDING_OTHER_KIND] = {"dropped", "objects of kinds that decide nothing here"},
    [WB_RECORDING_NODE_UNKNOWN] = {"noted", "pods on nodes that were not recorded"},
    [WB_RECORDING_VOLUME_DROPPED] =
        {"dropped", "volumes of pods whose claims, volumes or classes were not recorded"},
    [WB_RECORDING_DAEMON_SET_MADE] = {"repaired", "DaemonSets made from their pods"},
    [WB_RECORDING_RUN_WITHOUT_TIMES] = {"repaired", "finished pods without the times of their run"},
    [WB_RECORDING_OTHER_EVENT] = {"dropped", "EC2 events that are not about spot"},
    [WB_RECORDING_OTHER_PRODUCT] = {"dropped", "spot prices of products other than Linux"},
    [WB_RECORDING_SPOT_OUTSIDE] = {"dropped", "spot events outside the time of the recording"},
    [WB_RECORDING_SPOT_REPEATED] = {"dropped", "spot events that were told before"},
    [WB_RECORDING_INSTANCE_UNKNOWN] =
        {"noted", "spot events of instances that are no recorded node: their type is not known"},
    [WB_RECORDING_LEFT_OPEN] = {"noted", "pods still there at the end"},
};

void *wb_recording_grow(void *rows, size_t count, size_t *capacity, size_t size)
{
    assert(count <= *capacity && count < UINT32_MAX);
    if (count == *capacity) {
        *capacity = wb_heap_memory_next_capacity(*capacity, count + 1);
        rows = wb_heap_memory_resize(rows, *capacity, size);
    }
    memset((char *)rows + count * size, 0, size);
    return rows;
}

void wb_recording_count(wb_recording *recording, wb_recording_reason reason, const char *example)
{
    assert(reason < WB_RECORDING_REASON_COUNT);
    if (recording->counts[reason]++ > 0) {
        return;
    }
    char text[512];
    if (recording->path == NULL || recording->line == 0) {
        (void)snprintf(text, sizeof text, "%.160s", example != NULL ? example : "");
    } else {
        (void)snprintf(text, sizeof text, "%.200s:%llu%s%.160s", recording->path,
                       (unsigned long long)recording->line, example != NULL ? ": " : "",
                       example != NULL ? example : "");
    }
    recording->examples[reason] = wb_arena_copy_string(&recording->arena, text);
}

/* ---- files ---- */

static bool contains(const char *head, size_t length, const char *mark)
{
    const size_t size = strlen(mark);
    for (size_t i = 0; i + size <= length; i++) {
        if (memcmp(head + i, mark, size) == 0) {
            return true;
        }
    }
    return false;
}

bool wb_recording_recognises(const char *head, size_t length)
{
    static const char *const marks[] = {
        "\"ADDED\"",       "\"MODIFIED\"",  "\"DELETED\"",          "\"BOOKMARK\"",
        "\"ERROR\"",       "audit.k8s.io/", "\"SpotPriceHistory\"", "\"detail-type\"",
        "BidEvictedEvent", "\"items\"",     "\"metadata\"",
    };
    size_t at = 0;
    while (at < length && strchr(" \t\r\n", head[at]) != NULL && head[at] != 0) {
        at++;
    }
    const char *brace = memchr(head + at, '{', length - at);
    const size_t in_front = brace != NULL ? (size_t)(brace - head) : length;
    for (size_t i = at; i < in_front; i++) { /* the time of a log export, or an array's bracket */
        if (head[i] == 0 || strchr("0123456789-:.+TZ[ \t\r\n", head[i]) == NULL) {
            return false;
        }
    }
    if (brace == NULL || contains(head, length, "\"trackedObjects\"")) {
        return false;
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (contains(head, length, marks[i])) {
            return true;
        }
    }
    return false;
}

static wb_status read_head(const char *path, char *out, size_t *out_length, wb_error *err)
{
    wb_byte_source *source = NULL;
    WB_TRY(wb_byte_source_open(path, &source, err));
    size_t length = 0;
    size_t count = 1;
    wb_status status = WB_OK;
    while (status == WB_OK && count > 0 && length < HEAD_BYTES) {
        status = wb_byte_source_read(source, out + length, HEAD_BYTES - length, &count, err);
        length += status == WB_OK ? count : 0;
    }
    wb_byte_source_close(source);
    *out_length = length;
    return status;
}

wb_status wb_recording_is_one(const char *path, bool *out, wb_error *err)
{
    char *head = wb_heap_memory_alloc(HEAD_BYTES, 1);
    size_t length = 0;
    const wb_status status = read_head(path, head, &length, err);
    if (status == WB_OK) {
        *out = wb_recording_recognises(head, length) || wb_recording_spot_is_table(head, length);
    }
    wb_heap_memory_free(head);
    return status;
}

static wb_status read_documents(wb_recording *recording, wb_recording_stream *stream, wb_error *err)
{
    for (;;) {
        const wb_node *document = NULL;
        WB_TRY(wb_recording_stream_next(stream, &recording->scratch, &document, err));
        if (document == NULL) {
            break;
        }
        recording->line = wb_recording_stream_line(stream);
        WB_TRY(
            wb_recording_event_take(recording, document, wb_recording_stream_is_item(stream), err));
    }
    if (wb_recording_stream_was_cut(stream)) {
        wb_recording_count(recording, WB_RECORDING_CUT, NULL);
    }
    return WB_OK;
}

static wb_status read_stream(wb_recording *recording, wb_error *err)
{
    wb_recording_stream *stream = NULL;
    WB_TRY(wb_recording_stream_open(recording->path, &stream, err));
    const wb_status status = read_documents(recording, stream, err);
    recording->bytes += wb_recording_stream_bytes(stream);
    wb_recording_stream_close(stream);
    return status;
}

static wb_status read_file(wb_recording *recording, const char *path, wb_error *err)
{
    bool is_table = false;
    recording->path = path;
    recording->line = 0;
    recording->stream++;
    recording->session = 0;
    recording->last_revision = 0;
    if (strcmp(path, "-") != 0) { /* what comes through a pipe can't be looked at twice */
        char *head = wb_heap_memory_alloc(HEAD_BYTES, 1);
        size_t length = 0;
        const wb_status status = read_head(path, head, &length, err);
        is_table = status == WB_OK && wb_recording_spot_is_table(head, length);
        wb_heap_memory_free(head);
        WB_TRY(status);
    }
    return is_table ? wb_recording_spot_read_table(recording, err) : read_stream(recording, err);
}

/* ---- life ---- */

static void init(wb_recording *recording)
{
    *recording = (wb_recording){.earliest_ms = -1, .audit_end_ms = -1, .latest_ms = -1};
    wb_arena_init(&recording->arena, "recording", 0, NULL);
    wb_arena_init(&recording->scratch, "recorded object", 0, NULL);
    wb_arena_init(&recording->check, "recorded template", 0, NULL);
    wb_intern_init(&recording->intern, &recording->arena);
    wb_hash_map *maps[] = {&recording->pod_by_uid,      &recording->pod_by_name,
                           &recording->shape_by_hash,   &recording->owner_by_key,
                           &recording->object_by_key,   &recording->spot_by_key,
                           &recording->node_by_instance};
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        wb_hash_map_init(maps[i]);
    }
}

static void release(wb_recording *recording)
{
    void *tables[] = {recording->pods.rows,    recording->shapes.rows,   recording->owners.rows,
                      recording->objects.rows, recording->versions.rows, recording->scales.rows,
                      recording->spots.rows,   recording->samples.rows,  recording->sessions.rows};
    wb_hash_map *maps[] = {&recording->pod_by_uid,      &recording->pod_by_name,
                           &recording->shape_by_hash,   &recording->owner_by_key,
                           &recording->object_by_key,   &recording->spot_by_key,
                           &recording->node_by_instance};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        wb_heap_memory_free(tables[i]);
    }
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        wb_hash_map_release(maps[i]);
    }
    wb_intern_release(&recording->intern);
    wb_arena_release(&recording->check);
    wb_arena_release(&recording->scratch);
    wb_arena_release(&recording->arena);
}

static void report_counts(const wb_recording *recording, wb_arena *arena,
                          wb_trace_import_report *report)
{
    for (size_t i = 0; i < WB_RECORDING_REASON_COUNT; i++) {
        if (recording->counts[i] == 0) {
            continue;
        }
        assert(report->change_count < WB_TRACE_IMPORT_CHANGES_MAX);
        report->changes[report->change_count++] = (wb_trace_import_change){
            .action = reasons[i].action,
            .reason = reasons[i].text,
            .count = recording->counts[i],
            .example = wb_arena_copy_string(
                arena, recording->examples[i] != NULL ? recording->examples[i] : ""),
        };
    }
    report->event_count = recording->event_count;
    report->byte_count = recording->bytes;
}

wb_status wb_recording_import(const wb_trace_import_options *options, wb_arena *arena,
                              wb_trace_import_report *report, wb_error *err)
{
    assert(options != NULL && arena != NULL && report != NULL);
    static_assert(WB_RECORDING_REASON_COUNT <= WB_TRACE_IMPORT_CHANGES_MAX, "a row per reason");
    const char *const single[] = {options->input_path};
    const char *const *paths = options->input_count > 0 ? options->input_paths : single;
    const uint32_t count = options->input_count > 0 ? options->input_count : 1;
    wb_recording *recording = wb_heap_memory_zalloc(1, sizeof *recording);
    init(recording);
    wb_status status = WB_OK;
    for (uint32_t i = 0; i < count && status == WB_OK; i++) {
        status = read_file(recording, paths[i], err);
    }
    recording->path = NULL;
    recording->line = 0;
    if (status == WB_OK && recording->event_count == 0) {
        status =
            wb_fail(err, WB_ERR_INPUT, "%s: holds no objects or events of a recording", paths[0]);
    }
    if (status == WB_OK) {
        status = wb_recording_write(recording, options, report, err);
        report_counts(recording, arena, report);
    }
    release(recording);
    wb_heap_memory_free(recording);
    return status;
}
