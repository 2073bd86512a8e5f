/*
 * Cutting in one pass. What lies before the window goes into a table of the latest record for each
 * thing (an applied object, a scale, a node, a price of a pool, a pod without a stated end), which
 * is written when the window opens; pods whose end is stated go through at once. So memory depends
 * on what is alive at the window's begin, not on what lies before it.
 */
#include "traces/trace_cut.h"

#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/document.h"
#include "base/heap_memory.h"
#include "traces/trace_rewrite.h"

enum {
    LABELS_UNKNOWN,
    LABELS_MATCH,
    LABELS_DIFFER
};

/* A thing that is there when the window opens: a record's fields, or an open pod. */
typedef struct state_row {
    char *text; /* owned: fields, or the pod's name; NULL: it went again */
    bool is_pod;
    wb_trace_pod pod; /* without name and history */
    wb_trace_pod_history history;
} state_row;

typedef struct cut_pass {
    const wb_trace_cut_options *options;
    wb_trace_rewrite_input input;
    wb_trace_rewrite_output output;
    wb_hash_map row_by_key;
    state_row *rows; /* owned, in order of first appearance */
    size_t row_count, row_capacity;
    wb_hash_map kept; /* keys of objects and open pods that passed the filters */
    wb_text text;
    uint64_t read_pod_count, carried_count;
    bool is_open; /* the window has begun */
} cut_pass;

/* ---- filters ---- */

static bool allows_namespace(const cut_pass *pass, const char *namespace_name)
{
    for (uint32_t i = 0; i < pass->options->namespace_count; i++) {
        if (strcmp(pass->options->namespaces[i], namespace_name) == 0) {
            return true;
        }
    }
    return pass->options->namespace_count == 0;
}

/* Whether labels (a map or NULL) hold "key=value" or "key". */
static bool has_label(const wb_node *labels, const char *wanted)
{
    const size_t key_length = strcspn(wanted, "=");
    for (uint32_t i = 0; labels != NULL && labels->kind == WB_NODE_MAP && i < labels->count; i++) {
        if (strlen(labels->keys[i]) == key_length &&
            strncmp(labels->keys[i], wanted, key_length) == 0) {
            return wanted[key_length] == 0 ||
                   strcmp(wb_node_string(labels->children[i], ""), wanted + key_length + 1) == 0;
        }
    }
    return false;
}

static bool has_labels(const cut_pass *pass, const wb_node *labels)
{
    for (uint32_t i = 0; i < pass->options->label_count; i++) {
        if (!has_label(labels, pass->options->labels[i])) {
            return false;
        }
    }
    return true;
}

/* Decided once per shape, from its template. */
static bool allows_shape(const cut_pass *pass, wb_trace_declared *shape)
{
    if (shape->label_mark == LABELS_UNKNOWN && pass->options->label_count > 0) {
        wb_arena arena;
        wb_arena_init(&arena, "template", 0, NULL);
        const wb_node *labels =
            wb_node_find(wb_trace_rewrite_template(&arena, shape), "metadata.labels");
        shape->label_mark = has_labels(pass, labels) ? LABELS_MATCH : LABELS_DIFFER;
        wb_arena_release(&arena);
    }
    return allows_namespace(pass, shape->namespace_name) && shape->label_mark != LABELS_DIFFER;
}

static bool is_cluster_scoped(const char *kind)
{
    static const char *const kinds[] = {"PriorityClass", "StorageClass", "PersistentVolume",
                                        "Node",          "NodePool",     "EC2NodeClass",
                                        "NodeClaim",     "Namespace",    "CSINode"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i], kind) == 0) {
            return true;
        }
    }
    return false;
}

/* An object of a namespace must be in an allowed one, and it or its pods must have the labels. */
static bool allows_object(const cut_pass *pass, const wb_node *object)
{
    const char *kind = wb_node_string(wb_node_get(object, "kind"), "");
    if (is_cluster_scoped(kind)) {
        return true;
    }
    return allows_namespace(pass, wb_node_string(wb_node_find(object, "metadata.namespace"),
                                                 "default")) &&
           (has_labels(pass, wb_node_find(object, "metadata.labels")) ||
            has_labels(pass, wb_node_find(object, "spec.template.metadata.labels")));
}

/* ---- keys ---- */

static uint64_t join_text(uint64_t key, const char *text)
{
    return wb_hash_map_join(key, wb_digest_hash64(text, strlen(text)));
}

static uint64_t object_key(const char *kind, const char *namespace_name, const char *name)
{
    return join_text(join_text(join_text((uint64_t)WB_TRACE_APPLY, kind), namespace_name), name);
}

static uint64_t apply_key(const wb_node *object)
{
    const char *kind = wb_node_string(wb_node_get(object, "kind"), "");
    return object_key(kind,
                      wb_node_string(wb_node_find(object, "metadata.namespace"),
                                     is_cluster_scoped(kind) ? "" : "default"),
                      wb_node_string(wb_node_find(object, "metadata.name"), ""));
}

static const char *namespace_of(const cut_pass *pass)
{
    return wb_intern_text(&pass->input.intern, pass->input.record.namespace_name);
}

/* What a record is about; two records of one key follow each other in the thing's life. */
static uint64_t record_key(const cut_pass *pass)
{
    const wb_trace_record *record = &pass->input.record;
    switch (record->kind) {
    case WB_TRACE_APPLY: return apply_key(wb_node_get(record->source, "apply"));
    case WB_TRACE_DELETE:
        return object_key(record->delete_kind,
                          is_cluster_scoped(record->delete_kind) ? "" : namespace_of(pass),
                          record->name);
    case WB_TRACE_NODE: return join_text((uint64_t)WB_TRACE_NODE, record->name);
    case WB_TRACE_SCALE:
        return object_key(wb_trace_owner_kind_name(record->owner_kind), namespace_of(pass),
                          record->name) ^
               UINT64_C(1);
    default:
        return join_text(join_text(wb_hash_map_join((uint64_t)WB_TRACE_SPOT,
                                                    (uint64_t)record->spot_event),
                                   record->instance_type == NULL ? "" : record->instance_type),
                         record->zone == NULL ? "" : record->zone);
    }
}

/* ---- before the window ---- */

static state_row *find_row(cut_pass *pass, uint64_t key, bool is_made)
{
    uint64_t index = 0;
    if (wb_hash_map_get(&pass->row_by_key, key, &index)) {
        return &pass->rows[index];
    }
    if (!is_made) {
        return NULL;
    }
    if (pass->row_count == pass->row_capacity) {
        pass->row_capacity = wb_heap_memory_next_capacity(pass->row_capacity, pass->row_count + 1);
        pass->rows = wb_heap_memory_resize(pass->rows, pass->row_capacity, sizeof pass->rows[0]);
    }
    (void)wb_hash_map_put(&pass->row_by_key, key, pass->row_count);
    pass->rows[pass->row_count] = (state_row){.text = NULL};
    return &pass->rows[pass->row_count++];
}

static void forget(cut_pass *pass, uint64_t key)
{
    state_row *row = find_row(pass, key, false);
    if (row != NULL) {
        wb_heap_memory_free(row->text);
        row->text = NULL;
        (void)wb_hash_map_remove(&pass->row_by_key, key); /* it may come again, behind others */
    }
}

static void set_text(state_row *row, const char *text, size_t length)
{
    row->text = wb_heap_memory_resize(row->text, length + 1, 1);
    memcpy(row->text, text, length);
    row->text[length] = 0;
}

/* A pod that began before the window, as it is at its begin. False: it has ended by then. */
static bool carry(const cut_pass *pass, wb_trace_pod *pod, wb_trace_pod_history *history)
{
    const int64_t from_ms = pass->options->from_ms;
    if (pod->at_ms >= from_ms) {
        return true;
    }
    const int64_t began_ms = history->bound_ms >= 0 ? history->bound_ms : pod->at_ms;
    if (pod->runs_ms >= 0 && began_ms < from_ms) {
        const int64_t left_ms = began_ms + pod->runs_ms - from_ms;
        pod->runs_ms = left_ms;
        if (left_ms <= 0) {
            return false;
        }
    }
    if ((pod->until_ms >= 0 && pod->until_ms <= from_ms) ||
        (history->gone_ms >= 0 && history->gone_ms <= from_ms)) {
        return false;
    }
    pod->at_ms = from_ms;
    return true;
}

/* Times as the window counts them; what lies before it was at its begin, behind it is not known. */
static int64_t moved(const cut_pass *pass, int64_t at_ms)
{
    const wb_trace_cut_options *options = pass->options;
    if (at_ms < 0 || (options->to_ms >= 0 && at_ms > options->to_ms)) {
        return -1;
    }
    return at_ms < options->from_ms ? 0 : at_ms - options->from_ms;
}

static wb_status write_pod(cut_pass *pass, wb_trace_pod pod, wb_trace_pod_history history,
                           wb_error *err)
{
    history.bound_ms = moved(pass, history.bound_ms);
    history.started_ms = moved(pass, history.started_ms);
    history.gone_ms = moved(pass, history.gone_ms);
    pod.at_ms = pod.at_ms - pass->options->from_ms;
    pod.until_ms = moved(pass, pod.until_ms);
    pod.history = &history;
    assert(pod.at_ms >= 0);
    return wb_trace_rewrite_pod(&pass->output, &pass->input, &pod, err);
}

static wb_status take_pod(cut_pass *pass, wb_error *err)
{
    const wb_trace_record *record = &pass->input.record;
    wb_trace_pod pod = wb_trace_rewrite_pod_of(record);
    wb_trace_pod_history history = record->history;
    wb_trace_declared *shape = &pass->input.shapes[record->shape_number];
    const bool is_early = record->at_ms < pass->options->from_ms;
    const bool is_endless = pod.until_ms < 0 && pod.runs_ms < 0;
    pass->read_pod_count++;
    if (!allows_shape(pass, shape) || !carry(pass, &pod, &history) ||
        (is_early && pass->options->leaves_running)) {
        return WB_OK;
    }
    const uint64_t key = object_key("Pod", shape->namespace_name, record->name);
    if (is_endless) {
        (void)wb_hash_map_put(&pass->kept, key, 1);
    }
    if (is_early && is_endless) { /* a delete record before the window may still come */
        state_row *row = find_row(pass, key, true);
        set_text(row, record->name, strlen(record->name));
        row->is_pod = true;
        row->pod = pod;
        row->history = history;
        row->history.node_name = NULL; /* dies with the record */
        return WB_OK;
    }
    pass->carried_count += is_early ? 1 : 0;
    return write_pod(pass, pod, history, err);
}

/* Whether a record of another kind than pod passes the filters. */
static bool allows_record(cut_pass *pass, uint64_t key)
{
    const wb_trace_record *record = &pass->input.record;
    uint64_t ignored = 0;
    if (record->kind == WB_TRACE_APPLY) {
        if (!allows_object(pass, wb_node_get(record->source, "apply"))) {
            return false;
        }
        (void)wb_hash_map_put(&pass->kept, key, 1);
        return true;
    }
    if (record->kind != WB_TRACE_DELETE && record->kind != WB_TRACE_SCALE) {
        return true;
    }
    const uint64_t object = record->kind == WB_TRACE_SCALE ? key ^ UINT64_C(1) : key;
    return allows_namespace(pass, namespace_of(pass)) &&
           (pass->options->label_count == 0 || wb_hash_map_get(&pass->kept, object, &ignored));
}

/* A record before the window changes what is there when it opens. */
static void note_early(cut_pass *pass, uint64_t key)
{
    const wb_trace_record *record = &pass->input.record;
    const bool is_lasting =
        record->kind == WB_TRACE_APPLY || record->kind == WB_TRACE_SCALE ||
        (record->kind == WB_TRACE_NODE && record->node != NULL) ||
        (record->kind == WB_TRACE_SPOT && (record->spot_event == WB_TRACE_SPOT_PRICE ||
                                           record->spot_event == WB_TRACE_SPOT_CAPACITY));
    if (record->kind == WB_TRACE_DELETE || (record->kind == WB_TRACE_NODE && !is_lasting)) {
        forget(pass, key);
        forget(pass, key ^ UINT64_C(1)); /* the scale of a deleted workload */
    } else if (is_lasting) {
        wb_text_clear(&pass->text);
        wb_trace_rewrite_rest(record, &pass->text);
        set_text(find_row(pass, key, true), wb_text_string(&pass->text), pass->text.length);
    }
}

/* A thing as it is when the window opens; nothing where it went again. */
static wb_status write_row(cut_pass *pass, state_row *row, wb_error *err)
{
    if (row->text == NULL) {
        return WB_OK;
    }
    if (!row->is_pod) {
        return wb_trace_rewrite_other(&pass->output, 0, row->text, err);
    }
    row->pod.name = row->text;
    pass->carried_count++;
    return write_pod(pass, row->pod, row->history, err);
}

/* The window opens: what is there is written at its begin. */
static wb_status write_state(cut_pass *pass, wb_error *err)
{
    assert(!pass->is_open);
    pass->is_open = true;
    for (size_t i = 0; i < pass->row_count; i++) {
        WB_TRY(write_row(pass, &pass->rows[i], err));
    }
    return WB_OK;
}

static wb_status take_other(cut_pass *pass, wb_error *err)
{
    const wb_trace_record *record = &pass->input.record;
    const uint64_t key = record_key(pass);
    if (!allows_record(pass, key)) {
        return WB_OK;
    }
    if (record->at_ms < pass->options->from_ms) {
        note_early(pass, key);
        return WB_OK;
    }
    wb_text_clear(&pass->text);
    wb_trace_rewrite_rest(record, &pass->text);
    return wb_trace_rewrite_other(&pass->output, record->at_ms - pass->options->from_ms,
                                  wb_text_string(&pass->text), err);
}

static bool is_behind_window(const cut_pass *pass)
{
    const int64_t to_ms = pass->options->to_ms;
    return to_ms >= 0 && pass->input.record.at_ms >= to_ms;
}

/* Of what lies behind the window only the pods are counted. */
static wb_status take_record(cut_pass *pass, wb_error *err)
{
    const bool is_pod = pass->input.record.kind == WB_TRACE_POD;
    if (is_behind_window(pass)) {
        pass->read_pod_count += is_pod ? 1 : 0;
        return WB_OK;
    }
    return is_pod ? take_pod(pass, err) : take_other(pass, err);
}

/* The trace's last line. Where all of it lies before the window, that opens here. */
static wb_status take_end(cut_pass *pass, int64_t *out_end_ms, wb_error *err)
{
    const wb_trace_cut_options *options = pass->options;
    const wb_trace_record *record = &pass->input.record;
    const int64_t end_ms = is_behind_window(pass) ? options->to_ms : record->at_ms;
    assert(record->kind == WB_TRACE_END);
    *out_end_ms = end_ms > options->from_ms ? end_ms - options->from_ms : 0;
    wb_trace_rewrite_note_end(&pass->output, record);
    return pass->is_open ? WB_OK : write_state(pass, err);
}

static wb_status cut_records(cut_pass *pass, int64_t *out_end_ms, wb_error *err)
{
    for (;;) {
        WB_TRY(wb_trace_rewrite_next(&pass->input, err));
        const wb_trace_record *record = &pass->input.record;
        const bool is_due = !pass->is_open && record->at_ms >= pass->options->from_ms;
        WB_TRY(is_due ? write_state(pass, err) : WB_OK);
        if (record->kind == WB_TRACE_END) {
            return take_end(pass, out_end_ms, err);
        }
        WB_TRY(take_record(pass, err));
    }
}

static wb_status cut_to(cut_pass *pass, const char *output_path, wb_trace_tool_report *out,
                        wb_error *err)
{
    const wb_trace_info_header *header = wb_trace_reader_header(pass->input.reader);
    const wb_trace_info_header new_header = {
        .epoch_ms = header->epoch_ms < 0 ? -1 : header->epoch_ms + pass->options->from_ms,
        .end_ms = -1,
        .source = header->source,
    };
    int64_t end_ms = 0;
    WB_TRY(wb_trace_rewrite_begin(&pass->output, output_path, &new_header, err));
    wb_status status = cut_records(pass, &end_ms, err);
    status = wb_trace_rewrite_finish(&pass->output, status, end_ms, err);
    *out = (wb_trace_tool_report){.read_pod_count = pass->read_pod_count,
                                  .pod_count = pass->output.pod_count,
                                  .record_count = pass->output.record_count,
                                  .carried_count = pass->carried_count,
                                  .end_ms = pass->output.last_ms};
    return status;
}

wb_status wb_trace_cut(const char *path, const wb_trace_cut_options *options,
                       const char *output_path, wb_trace_tool_report *out, wb_error *err)
{
    assert(path != NULL && options != NULL && output_path != NULL && out != NULL);
    assert(options->from_ms >= 0 && (options->to_ms < 0 || options->to_ms >= options->from_ms));
    cut_pass pass = {.options = options};
    WB_TRY(wb_trace_rewrite_open(&pass.input, path, err));
    wb_hash_map_init(&pass.row_by_key);
    wb_hash_map_init(&pass.kept);
    wb_text_init(&pass.text);
    const wb_status status = cut_to(&pass, output_path, out, err);
    wb_trace_rewrite_close(&pass.input);
    wb_hash_map_release(&pass.row_by_key);
    wb_hash_map_release(&pass.kept);
    wb_text_release(&pass.text);
    for (size_t i = 0; i < pass.row_count; i++) {
        wb_heap_memory_free(pass.rows[i].text);
    }
    wb_heap_memory_free(pass.rows);
    return status;
}
