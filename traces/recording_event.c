/*
 * One document of a recording: what is it, and who takes it. Kinds are told by content, document
 * by document, so that a file may hold several of them.
 *
 *     {"type":"ADDED","object":{..}}           a watch event
 *     {"kind":"Event","apiVersion":"audit..."} the audit log
 *     {"kind":"Pod",...}                       an element of a list, or a single object
 *     {"detail-type":..} {"SpotPrice":..}      EC2
 *     {"message":"{..}"} {"Body":"{..}"}       one of these, in a log group's or a queue's wrapping
 *
 * A watch that is begun again repeats ADDED for everything that is there. Such a beginning is a
 * session; what an earlier session knew and a later one does not list went in between.
 */
#include <assert.h>
#include <string.h>

#include "traces/recording_internal.h"

#define WRAPPINGS_MAX 3

/* A typed list (PodList) leaves the kind out of its elements. */
static const char *kind_of(const wb_node *object)
{
    const char *kind = wb_node_string(wb_node_get(object, "kind"), "");
    if (*kind != 0) {
        return kind;
    }
    if (wb_node_find(object, "spec.containers") != NULL) {
        return "Pod";
    }
    return wb_node_find(object, "status.nodeInfo") != NULL ? "Node" : "";
}

void wb_recording_event_object(wb_recording *recording, const wb_node *object,
                               wb_recording_sight sight, uint8_t source, int64_t at_ms)
{
    assert(recording != NULL);
    if (object == NULL || object->kind != WB_NODE_MAP) {
        return;
    }
    const char *kind = kind_of(object);
    wb_recording_clock_observe(recording, object, at_ms);
    if (strcmp(kind, "Pod") == 0) {
        wb_recording_pods_see(recording, object, sight, source, at_ms);
    } else if (wb_recording_objects_keeps(wb_node_string(wb_node_get(object, "kind"), ""))) {
        wb_recording_objects_see(recording, object, sight, source, at_ms);
    } else {
        wb_recording_count(recording, WB_RECORDING_OTHER_KIND, kind);
    }
}

/* ---- watches ---- */

static void begin_session(wb_recording *recording, const wb_node *object)
{
    wb_recording_session *session = WB_RECORDING_ADD(recording->sessions);
    *session = (wb_recording_session){
        .kind = wb_intern_add(&recording->intern, kind_of(object)),
        .stream = recording->stream,
    };
    recording->session = (uint32_t)recording->sessions.count; /* 0 means none */
    recording->last_revision = 0;
}

/* The row of an object that a watch may have told of before. */
typedef struct watched_row {
    bool is_known, is_pod;
    uint32_t row;
} watched_row;

static watched_row row_of(const wb_recording *recording, const wb_node *object)
{
    watched_row found = {.is_pod = strcmp(kind_of(object), "Pod") == 0};
    if (found.is_pod) {
        uint64_t row = 0;
        found.is_known =
            wb_hash_map_get(&recording->pod_by_uid, wb_recording_pods_uid(object), &row) &&
            !recording->pods.rows[row].is_gone;
        found.row = (uint32_t)row;
        return found;
    }
    const wb_node *metadata = wb_node_get(object, "metadata");
    found.row = wb_recording_objects_find(recording, kind_of(object),
                                          wb_node_string(wb_node_get(metadata, "namespace"), ""),
                                          wb_node_string(wb_node_get(metadata, "name"), ""));
    found.is_known = found.row != UINT32_MAX && !recording->objects.rows[found.row].is_gone;
    return found;
}

static uint32_t *session_of(wb_recording *recording, bool is_pod, uint32_t row)
{
    return is_pod ? &recording->pods.rows[row].session : &recording->objects.rows[row].session;
}

/* An ADDED of what this session has told of before begins another session, unless it may be a mere
 * copy: it is older than what was told, or the event right before it over again. Whether it is the
 * latter. */
static bool heed_repetition(wb_recording *recording, const wb_node *object, uint64_t revision)
{
    const bool was_copy = recording->copied_row > 0;
    const watched_row found = row_of(recording, object);
    if (!found.is_known || *session_of(recording, found.is_pod, found.row) != recording->session) {
        return false;
    }
    const uint64_t told = found.is_pod ? recording->pods.rows[found.row].watch_revision
                                       : recording->objects.rows[found.row].watch_revision;
    if (revision > 0 && revision < told) {
        return false;
    }
    if (revision > 0 && revision == recording->previous_revision) {
        recording->copied_row = found.row + 1;
        recording->copied_is_pod = found.is_pod;
        return true;
    }
    wb_recording_count(recording, WB_RECORDING_RESTART, NULL);
    begin_session(recording, object);
    if (was_copy) { /* it was the first of this list after all */
        *session_of(recording, recording->copied_is_pod, recording->copied_row - 1) =
            recording->session;
    }
    return false;
}

static void take_watched(wb_recording *recording, const wb_node *object, wb_recording_sight sight)
{
    const uint64_t revision = wb_recording_clock_revision(object);
    bool is_copy = false;
    if (recording->session == 0) {
        begin_session(recording, object);
    } else if (sight == WB_RECORDING_ADDED) {
        is_copy = heed_repetition(recording, object, revision);
    }
    recording->copied_row = is_copy ? recording->copied_row : 0;
    recording->previous_revision = revision;
    wb_recording_session *session = &recording->sessions.rows[recording->session - 1];
    if (sight == WB_RECORDING_ADDED && recording->last_revision == 0) {
        /* the list that a watch begins with: it is as new as the newest in it */
        session->first_revision =
            revision > session->first_revision ? revision : session->first_revision;
    } else {
        if (revision < recording->last_revision) {
            wb_recording_count(recording, WB_RECORDING_BACKWARDS, NULL);
        }
        recording->last_revision = revision > 0 ? revision : 1;
    }
    recording->has_watch = true;
    wb_recording_event_object(recording, object, sight, WB_RECORDING_FROM_WATCH, -1);
}

static wb_status take_watch_event(wb_recording *recording, const wb_node *root, wb_error *err)
{
    const char *type = wb_node_string(wb_node_get(root, "type"), "");
    const wb_node *object = wb_node_get(root, "object");
    if (strcmp(type, "ADDED") == 0) {
        take_watched(recording, object, WB_RECORDING_ADDED);
    } else if (strcmp(type, "MODIFIED") == 0) {
        take_watched(recording, object, WB_RECORDING_CHANGED);
    } else if (strcmp(type, "DELETED") == 0) {
        take_watched(recording, object, WB_RECORDING_REMOVED);
    } else if (strcmp(type, "BOOKMARK") == 0) {
        wb_recording_count(recording, WB_RECORDING_BOOKMARK, NULL);
    } else if (strcmp(type, "ERROR") == 0) {
        wb_recording_count(recording, WB_RECORDING_ERROR_EVENT,
                           wb_node_string(wb_node_get(object, "message"), NULL));
        recording->session = 0;
    } else {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: type: '%s' is no watch event, expected ADDED, MODIFIED, DELETED, "
                       "BOOKMARK or ERROR",
                       recording->path, (unsigned long long)recording->line, type);
    }
    return WB_OK;
}

/* ---- any document ---- */

/* The text in which CloudWatch ("message") or SQS ("Body") wraps a document; NULL: none. */
static const wb_node *wrapped_text(const wb_node *root)
{
    static const char *const keys[] = {"message", "Body", "body"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const wb_node *text = wb_node_get(root, keys[i]);
        if (text != NULL && text->kind == WB_NODE_STRING) {
            return text;
        }
    }
    return NULL;
}

static wb_status unwrap(wb_recording *recording, const wb_node *text, const wb_node **out,
                        wb_error *err)
{
    const wb_document_input input = {
        .file = "", .text = text->text, .length = text->text_length, .syntax = WB_DOCUMENT_JSON};
    wb_document_stream stream = {0};
    wb_error inner;
    const wb_status status = wb_document_read_text(&recording->scratch, &input, &stream, &inner);
    if (status != WB_OK || stream.count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: the message in this object is no JSON object",
                       recording->path, (unsigned long long)recording->line);
    }
    *out = stream.roots[0];
    return WB_OK;
}

static wb_status take_listed(wb_recording *recording, const wb_node *root, bool is_item,
                             wb_error *err)
{
    if (wb_node_get(root, "metadata") == NULL || *kind_of(root) == 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: not part of a recording, expected a Kubernetes object, a watch "
                       "event, an audit event, an EC2 event or a spot price",
                       recording->path, (unsigned long long)recording->line);
    }
    if (!is_item) { /* objects one after another: a watch that does not say what happened */
        wb_recording_count(recording, WB_RECORDING_PLAIN_WATCH, NULL);
    }
    recording->has_list = true;
    wb_recording_event_object(recording, root, WB_RECORDING_LISTED, WB_RECORDING_FROM_LIST, -1);
    return WB_OK;
}

wb_status wb_recording_event_take(wb_recording *recording, const wb_node *document, bool is_item,
                                  wb_error *err)
{
    assert(recording != NULL && document != NULL && document->kind == WB_NODE_MAP);
    const wb_node *root = document;
    for (int i = 0;
         i < WRAPPINGS_MAX && wrapped_text(root) != NULL && wb_node_get(root, "kind") == NULL;
         i++) {
        WB_TRY(unwrap(recording, wrapped_text(root), &root, err));
    }
    recording->event_count++;
    if (wb_node_get(root, "type") != NULL && wb_node_get(root, "object") != NULL) {
        return take_watch_event(recording, root, err);
    }
    if (wb_recording_audit_take(recording, root) || wb_recording_spot_take(recording, root)) {
        return WB_OK;
    }
    return take_listed(recording, root, is_item, err);
}
