/*
 * A settled recording as a trace: every table's rows become entries of one list, which is sorted by
 * time and written. At one moment objects come first, then nodes, then pods: a pod may need all of
 * them.
 *
 * Pods are written with what a replay needs (created, until or runs) and what really happened
 * (node, bound, started, gone, exit). until is when the deletion was asked for: how long a pod
 * takes to stop is the simulation's business.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/sort.h"
#include "base/text.h"
#include "kube/names.h"
#include "traces/recording_internal.h"

/* What an entry of the list is; the order is that of one moment. */
typedef enum entry_kind {
    ENTRY_OBJECT,
    ENTRY_NODE,
    ENTRY_SCALE,
    ENTRY_DAEMON_SET, /* made from its pods; row: of owners */
    ENTRY_POD,
    ENTRY_SPOT,
    ENTRY_DELETE,
} entry_kind;

typedef struct entry {
    int64_t at_ms; /* of the trace */
    uint32_t row, sequence;
    uint8_t kind;
    bool is_ready; /* nodes */
} entry;

typedef struct writing {
    wb_recording *recording;
    wb_recording_span span;
    wb_trace_writer *writer;
    wb_trace_import_report *report;
    entry *entries; /* owned */
    size_t entry_count, entry_capacity;
    uint32_t shape_count, owner_count;
    int64_t cpu_milli_ms_thousands; /* requests x lifetime, in milli-CPU x seconds */
} writing;

static entry *add_entry(writing *w, entry_kind kind, int64_t at_ms, uint32_t row)
{
    w->entries =
        wb_recording_grow(w->entries, w->entry_count, &w->entry_capacity, sizeof w->entries[0]);
    entry *added = &w->entries[w->entry_count];
    *added = (entry){
        .at_ms = at_ms >= 0 ? at_ms : 0, /* without a time: from the start */
        .row = row,
        .sequence = (uint32_t)w->entry_count,
        .kind = (uint8_t)kind,
    };
    w->entry_count++;
    return added;
}

/* A calendar time as a trace's: what was before it is at its start, what some wrong clock put
 * behind it at its end. -1 stays -1. */
static int64_t trace_time(const writing *w, int64_t at_ms)
{
    if (at_ms < 0) {
        return -1;
    }
    const int64_t until_ms = at_ms < w->span.end_ms ? at_ms : w->span.end_ms;
    return until_ms > w->span.epoch_ms ? until_ms - w->span.epoch_ms : 0;
}

static const char *text_of(const writing *w, uint32_t id)
{
    return wb_intern_text(&w->recording->intern, id);
}

/* ---- versions of objects ---- */

static int compare_versions(const void *a, const void *b, void *context)
{
    const wb_recording_version *left = a;
    const wb_recording_version *right = b;
    (void)context;
    if (left->object != right->object) {
        return left->object < right->object ? -1 : 1;
    }
    if (left->at_ms != right->at_ms) {
        return left->at_ms < right->at_ms ? -1 : 1;
    }
    return left->sequence < right->sequence ? -1 : 1;
}

/* Where the audit log told of an object in full, the watch's version of the same change is the
 * worse dated one, and is left aside. */
static bool is_covered(const writing *w, const wb_recording_version *version, bool has_exact)
{
    return has_exact && !version->is_exact && version->at_ms <= w->recording->audit_end_ms;
}

/* How a node was at the entry before; kept while its versions are walked. */
typedef struct node_state {
    const char *json; /* NULL: not there */
    bool is_ready;
    int64_t at_ms;
    size_t entry_end; /* behind its last entry */
} node_state;

#define LOOK_AHEAD 64 /* versions: a kubelet reports sizes in its first few updates */
#define NO_STATUS  ",\"status\":{}}" /* how a node's text ends that tells no sizes */

/* A node that tells no sizes yet has those that it reports a moment later: without room it would be
 * of no use to a replay. */
static const char *described(const writing *w, uint32_t row)
{
    wb_recording *recording = w->recording;
    const wb_recording_version *version = &recording->versions.rows[row];
    const char *status = version->status;
    const size_t end = row + (size_t)LOOK_AHEAD;
    for (size_t i = row; i < end && i < recording->versions.count && status == NULL; i++) {
        const wb_recording_version *later = &recording->versions.rows[i];
        if (later->object != version->object || (later->json == NULL && !later->is_patch)) {
            break;
        }
        status = later->status;
    }
    const size_t length = strlen(version->json);
    const size_t tail = sizeof(NO_STATUS) - 1;
    if (version->status != NULL || status == NULL || length < tail ||
        strcmp(version->json + length - tail, NO_STATUS) != 0) {
        return version->json;
    }
    wb_text json;
    wb_text_init(&json);
    wb_text_add(&json, version->json, length - tail);
    wb_text_add_format(&json, ",\"status\":%s}", status);
    const char *whole = wb_arena_copy_text(&recording->arena, wb_text_string(&json), json.length);
    wb_text_release(&json);
    return whole;
}

static void add_node_version(writing *w, uint32_t row, node_state *state)
{
    const wb_recording_version *version = &w->recording->versions.rows[row];
    const bool was_there = state->json != NULL;
    const char *json = version->is_patch       ? state->json
                       : version->json != NULL ? described(w, row)
                                               : NULL;
    int64_t at_ms = version->at_ms > state->at_ms ? version->at_ms : state->at_ms;
    if (json == NULL && !was_there) {
        return; /* gone twice, or a patch of a node that nobody described */
    }
    const bool is_same = was_there && json != NULL && strcmp(json, state->json) == 0;
    if (is_same && version->is_ready == state->is_ready) {
        return;
    }
    if (!was_there) {
        const int64_t created_ms = w->recording->objects.rows[version->object].created_ms;
        at_ms = state->at_ms < 0 && created_ms >= 0 ? created_ms : at_ms;
        if (version->is_ready && version->ready_ms > at_ms) {
            w->recording->versions.rows[row].json = json;
            (void)add_entry(w, ENTRY_NODE, trace_time(w, at_ms), row);
            at_ms = version->ready_ms;
        }
    } else if (is_same && version->ready_ms > state->at_ms && version->ready_ms < at_ms) {
        at_ms = version->ready_ms;
    }
    const int64_t trace_ms = trace_time(w, at_ms);
    const bool is_same_moment = state->entry_end == w->entry_count && state->entry_end > 0 &&
                                was_there && json != NULL &&
                                w->entries[w->entry_count - 1].at_ms == trace_ms;
    if (is_same_moment) { /* of one moment the last counts */
        w->entry_count--;
    }
    entry *added = add_entry(w, ENTRY_NODE, trace_ms, row);
    added->is_ready = version->is_ready;
    *state = (node_state){json, version->is_ready, at_ms, w->entry_count};
    w->recording->versions.rows[row].json = json; /* a patch is whole from now on */
}

static void add_object_version(writing *w, uint32_t row, node_state *state)
{
    const wb_recording_version *version = &w->recording->versions.rows[row];
    int64_t at_ms = version->at_ms > state->at_ms ? version->at_ms : state->at_ms;
    const bool was_there = state->json != NULL;
    if (version->json == NULL ? !was_there : was_there && strcmp(version->json, state->json) == 0) {
        return;
    }
    if (!was_there && state->at_ms < 0) {
        const int64_t created_ms = w->recording->objects.rows[version->object].created_ms;
        at_ms = created_ms >= 0 ? created_ms : at_ms;
    }
    (void)add_entry(w, version->json == NULL ? ENTRY_DELETE : ENTRY_OBJECT, trace_time(w, at_ms),
                    row);
    *state = (node_state){.json = version->json, .at_ms = at_ms};
}

/* Whether any version between first and end tells an object in full by its own time. */
static bool has_exact_version(const wb_recording *recording, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const wb_recording_version *version = &recording->versions.rows[i];
        if (version->is_exact && version->json != NULL) {
            return true;
        }
    }
    return false;
}

static void add_versions(writing *w)
{
    const wb_recording *recording = w->recording;
    const size_t count = recording->versions.count;
    if (count == 0) {
        return;
    }
    wb_sort(recording->versions.rows, count, sizeof recording->versions.rows[0], compare_versions,
            NULL);
    for (size_t first = 0, end = 0; first < count; first = end) {
        const uint32_t object = recording->versions.rows[first].object;
        while (end < count && recording->versions.rows[end].object == object) {
            end++;
        }
        const bool has_exact = has_exact_version(recording, first, end);
        node_state state = {.at_ms = -1};
        for (size_t i = first; i < end; i++) {
            if (is_covered(w, &recording->versions.rows[i], has_exact)) {
                continue;
            }
            if (recording->objects.rows[object].is_node) {
                add_node_version(w, (uint32_t)i, &state);
            } else {
                add_object_version(w, (uint32_t)i, &state);
            }
        }
    }
}

/* ---- scales ---- */

static int compare_scales(const void *a, const void *b, void *context)
{
    const wb_recording_scale *left = a;
    const wb_recording_scale *right = b;
    (void)context;
    if (left->object != right->object) {
        return left->object < right->object ? -1 : 1;
    }
    if (left->at_ms != right->at_ms) {
        return left->at_ms < right->at_ms ? -1 : 1;
    }
    return left->sequence < right->sequence ? -1 : 1;
}

static void add_scales(writing *w)
{
    const wb_recording *recording = w->recording;
    const size_t count = recording->scales.count;
    int32_t replicas = -1;
    if (count == 0) {
        return;
    }
    wb_sort(recording->scales.rows, count, sizeof recording->scales.rows[0], compare_scales, NULL);
    for (size_t i = 0; i < count; i++) {
        const wb_recording_scale *scale = &recording->scales.rows[i];
        if (i == 0 || recording->scales.rows[i - 1].object != scale->object) {
            replicas = -1;
        }
        const bool is_covered_one = !scale->is_exact && recording->has_audit && replicas >= 0 &&
                                    scale->at_ms <= recording->audit_end_ms;
        if (scale->replicas == replicas || is_covered_one) {
            continue;
        }
        replicas = scale->replicas;
        (void)add_entry(w, ENTRY_SCALE, trace_time(w, scale->at_ms), (uint32_t)i);
    }
}

/* ---- pods ---- */

/* When the pod's object had gone, or the trace's end. */
static int64_t removal_of(const writing *w, const wb_recording_pod *pod)
{
    return pod->gone_ms >= 0 && pod->gone_ms < w->span.end_ms ? pod->gone_ms : w->span.end_ms;
}

static void sum_up(writing *w, const wb_recording_pod *pod)
{
    const int64_t cpu_milli = w->recording->shapes.rows[pod->shape].cpu_milli;
    const int64_t from_ms = pod->created_ms > w->span.epoch_ms ? pod->created_ms : w->span.epoch_ms;
    const int64_t life_s = (removal_of(w, pod) - from_ms) / 1000;
    int64_t product = 0;
    if (life_s < 0 || __builtin_mul_overflow(cpu_milli, life_s, &product) ||
        __builtin_add_overflow(w->cpu_milli_ms_thousands, product, &w->cpu_milli_ms_thousands)) {
        w->cpu_milli_ms_thousands = life_s < 0 ? w->cpu_milli_ms_thousands : INT64_MAX;
    }
}

static bool is_batch(const writing *w, const wb_recording_pod *pod)
{
    if (pod->owner != UINT32_MAX) {
        const wb_owner_kind kind = w->recording->owners.rows[pod->owner].kind;
        if (kind == WB_OWNER_JOB || kind == WB_OWNER_CRON_JOB) {
            return true;
        }
    }
    return !pod->restarts_always;
}

static void add_pods(writing *w)
{
    wb_recording *recording = w->recording;
    for (size_t i = 0; i < recording->pods.count; i++) {
        const wb_recording_pod *pod = &recording->pods.rows[i];
        const char *name = text_of(w, pod->name);
        const int64_t end_ms =
            pod->finished_ms >= 0 && is_batch(w, pod) ? pod->finished_ms : pod->gone_ms;
        if (pod->shape == UINT32_MAX || pod->created_ms < 0) {
            wb_recording_count(recording, WB_RECORDING_NO_SPEC, name);
            continue;
        }
        if (recording->shapes.rows[pod->shape].is_refused) {
            continue; /* counted with its reason when it was first seen */
        }
        if ((end_ms >= 0 && end_ms < w->span.epoch_ms) || pod->created_ms > w->span.end_ms) {
            wb_recording_count(recording, WB_RECORDING_ENDED_BEFORE, name);
            continue;
        }
        if (pod->created_ms < w->span.epoch_ms) {
            wb_recording_count(recording, WB_RECORDING_CREATED_BEFORE, name);
        }
        if (pod->gone_ms < 0 && pod->finished_ms < 0) {
            wb_recording_count(recording, WB_RECORDING_LEFT_OPEN, name);
        }
        if (pod->owner != UINT32_MAX) {
            recording->owners.rows[pod->owner].shape = pod->shape;
        }
        sum_up(w, pod);
        (void)add_entry(w, ENTRY_POD, trace_time(w, pod->created_ms), (uint32_t)i);
    }
}

/* DaemonSets of which only pods were recorded: other contenders' nodes need them too. */
static void add_daemon_sets(writing *w)
{
    wb_recording *recording = w->recording;
    for (size_t i = 0; i < recording->owners.count; i++) {
        const wb_recording_owner *owner = &recording->owners.rows[i];
        if (owner->kind != WB_OWNER_DAEMON_SET || owner->shape == UINT32_MAX ||
            wb_recording_objects_find(recording, "DaemonSet", text_of(w, owner->namespace_name),
                                      text_of(w, owner->name)) != UINT32_MAX) {
            continue;
        }
        wb_recording_count(recording, WB_RECORDING_DAEMON_SET_MADE, text_of(w, owner->name));
        (void)add_entry(w, ENTRY_DAEMON_SET, 0, (uint32_t)i);
    }
}

/* ---- spot ---- */

static int compare_spots(const void *a, const void *b, void *context)
{
    const wb_recording_spot *left = a;
    const wb_recording_spot *right = b;
    (void)context;
    if (left->at_ms != right->at_ms) {
        return left->at_ms < right->at_ms ? -1 : 1;
    }
    return left->sequence < right->sequence ? -1 : 1;
}

static uint64_t pool_key(const wb_recording_spot *spot)
{
    return (uint64_t)spot->type << 32 | spot->zone;
}

/* Prices hold until the next one, so of those before the trace the last of each pool counts. */
static void add_spots(writing *w)
{
    wb_recording *recording = w->recording;
    const size_t count = recording->spots.count;
    if (count == 0) {
        return;
    }
    wb_hash_map last_before;
    wb_hash_map_init(&last_before);
    wb_sort(recording->spots.rows, count, sizeof recording->spots.rows[0], compare_spots, NULL);
    for (size_t i = 0; i < count; i++) {
        const wb_recording_spot *spot = &recording->spots.rows[i];
        if (spot->event == WB_TRACE_SPOT_PRICE && spot->at_ms < w->span.epoch_ms) {
            (void)wb_hash_map_put(&last_before, pool_key(spot), i);
        }
    }
    for (size_t i = 0; i < count; i++) {
        const wb_recording_spot *spot = &recording->spots.rows[i];
        uint64_t last = UINT64_MAX;
        if (spot->event == WB_TRACE_SPOT_PRICE) {
            (void)wb_hash_map_get(&last_before, pool_key(spot), &last);
        }
        if (spot->at_ms > w->span.end_ms || (spot->at_ms < w->span.epoch_ms && last != i)) {
            wb_recording_count(recording, WB_RECORDING_SPOT_OUTSIDE, NULL);
            continue;
        }
        (void)add_entry(w, ENTRY_SPOT, trace_time(w, spot->at_ms), (uint32_t)i);
        w->report->spot_count++;
    }
    wb_hash_map_release(&last_before);
}

/* ---- writing ---- */

static int compare_entries(const void *a, const void *b, void *context)
{
    const entry *left = a;
    const entry *right = b;
    (void)context;
    if (left->at_ms != right->at_ms) {
        return left->at_ms < right->at_ms ? -1 : 1;
    }
    if (left->kind != right->kind) {
        return left->kind < right->kind ? -1 : 1;
    }
    return left->sequence < right->sequence ? -1 : 1;
}

static wb_status write_object(writing *w, const entry *e, wb_error *err)
{
    const wb_recording_version *version = &w->recording->versions.rows[e->row];
    const wb_recording_object *object = &w->recording->objects.rows[version->object];
    if (wb_recording_check_refuses(w->recording, version->json)) {
        wb_recording_count(w->recording, WB_RECORDING_OBJECT_REFUSED, text_of(w, object->name));
        return WB_OK;
    }
    w->report->object_count++;
    return wb_trace_writer_apply(w->writer, e->at_ms, version->json, err);
}

static wb_status write_delete(writing *w, const entry *e, wb_error *err)
{
    const wb_recording_version *version = &w->recording->versions.rows[e->row];
    const wb_recording_object *object = &w->recording->objects.rows[version->object];
    const char *namespace_name = text_of(w, object->namespace_name);
    return wb_trace_writer_delete(w->writer, e->at_ms, text_of(w, object->kind),
                                  *namespace_name != 0 ? namespace_name : "default",
                                  text_of(w, object->name), err);
}

static wb_status write_node(writing *w, const entry *e, wb_error *err)
{
    const wb_recording_version *version = &w->recording->versions.rows[e->row];
    const wb_recording_object *object = &w->recording->objects.rows[version->object];
    const char *name = text_of(w, object->name);
    if (version->json != NULL && wb_recording_check_refuses(w->recording, version->json)) {
        wb_recording_count(w->recording, WB_RECORDING_OBJECT_REFUSED, name);
        return WB_OK;
    }
    return wb_trace_writer_node(w->writer, e->at_ms, name, e->is_ready, version->json, err);
}

static wb_status write_scale(writing *w, const entry *e, wb_error *err)
{
    const wb_recording_scale *row = &w->recording->scales.rows[e->row];
    const wb_recording_object *object = &w->recording->objects.rows[row->object];
    const char *namespace_name = text_of(w, object->namespace_name);
    const wb_trace_scale scale = {
        .at_ms = e->at_ms,
        .kind = wb_trace_owner_kind(text_of(w, object->kind)),
        .namespace_name = *namespace_name != 0 ? namespace_name : "default",
        .name = text_of(w, object->name),
        .replicas = row->replicas,
    };
    w->report->scale_count++;
    return wb_trace_writer_scale(w->writer, &scale, err);
}

static wb_status write_daemon_set(writing *w, const entry *e, wb_error *err)
{
    wb_text json;
    wb_text_init(&json);
    wb_recording_shapes_print_daemon_set(w->recording, &w->recording->owners.rows[e->row], &json);
    wb_status status = WB_OK;
    if (wb_recording_check_refuses(w->recording, wb_text_string(&json))) {
        wb_recording_count(w->recording, WB_RECORDING_OBJECT_REFUSED, NULL);
    } else {
        w->report->object_count++;
        status = wb_trace_writer_apply(w->writer, e->at_ms, wb_text_string(&json), err);
    }
    wb_text_release(&json);
    return status;
}

/* Shapes and owners are declared before the first pod that has them. */
static wb_status declare(writing *w, const wb_recording_pod *pod, wb_error *err)
{
    wb_recording_shape *shape = &w->recording->shapes.rows[pod->shape];
    if (shape->number == UINT32_MAX) {
        shape->number = w->shape_count++;
        WB_TRY(wb_trace_writer_shape(w->writer, shape->number, text_of(w, shape->namespace_name),
                                     wb_recording_check_volumes(w->recording, shape), err));
    }
    if (shape->lost_volumes) {
        wb_recording_count(w->recording, WB_RECORDING_VOLUME_DROPPED, text_of(w, pod->name));
    }
    if (pod->owner == UINT32_MAX || w->recording->owners.rows[pod->owner].number != UINT32_MAX) {
        return WB_OK;
    }
    wb_recording_owner *owner = &w->recording->owners.rows[pod->owner];
    owner->number = w->owner_count++;
    return wb_trace_writer_owner(w->writer, owner->number, owner->kind,
                                 text_of(w, owner->namespace_name), text_of(w, owner->name), err);
}

/* How long it lives: until it was told to go, or as long as its work took. */
static void set_lifetime(const writing *w, const wb_recording_pod *pod, wb_trace_pod *out)
{
    assert(out->until_ms == -1 && out->runs_ms == -1);
    if (pod->finished_ms >= 0 && is_batch(w, pod)) {
        int64_t started_ms = pod->started_ms >= 0 ? pod->started_ms : pod->created_ms;
        started_ms = started_ms > w->span.epoch_ms ? started_ms : w->span.epoch_ms;
        out->runs_ms = pod->finished_ms > started_ms ? pod->finished_ms - started_ms : 0;
    } else if (pod->finished_ms >= 0) { /* a service that the kubelet gave up */
        out->until_ms = trace_time(w, pod->finished_ms);
    } else if (pod->asked_ms >= 0) {
        out->until_ms = trace_time(w, pod->asked_ms);
    }
    if (out->until_ms >= 0 && out->until_ms < out->at_ms) {
        out->until_ms = out->at_ms;
    }
}

static wb_status write_pod(writing *w, const entry *e, wb_error *err)
{
    const wb_recording_pod *row = &w->recording->pods.rows[e->row];
    const char *node = text_of(w, row->node);
    WB_TRY(declare(w, row, err));
    if (row->node != 0 && wb_recording_objects_find(w->recording, "Node", "", node) == UINT32_MAX) {
        wb_recording_count(w->recording, WB_RECORDING_NODE_UNKNOWN, node);
    }
    const bool is_run = row->finished_ms >= 0 && is_batch(w, row);
    const wb_trace_pod_history history = {
        .node_name = row->node != 0 ? node : NULL,
        .bound_ms = row->node != 0 ? trace_time(w, row->bound_ms) : -1,
        .started_ms = trace_time(w, row->started_ms),
        .gone_ms = trace_time(w, is_run ? row->finished_ms : row->gone_ms),
        .exit_code = row->exit_code,
    };
    wb_trace_pod pod = {
        .at_ms = e->at_ms,
        .name = text_of(w, row->name),
        .shape_number = w->recording->shapes.rows[row->shape].number,
        .owner_number =
            row->owner != UINT32_MAX ? w->recording->owners.rows[row->owner].number : UINT32_MAX,
        .until_ms = -1,
        .runs_ms = -1,
        .history = &history,
    };
    set_lifetime(w, row, &pod);
    w->report->pod_count++;
    return wb_trace_writer_pod(w->writer, &pod, err);
}

static wb_status write_spot(writing *w, const entry *e, wb_error *err)
{
    const wb_recording_spot *row = &w->recording->spots.rows[e->row];
    wb_trace_spot spot = {
        .at_ms = e->at_ms,
        .event = row->event,
        .instance_type = row->type != 0 ? text_of(w, row->type) : NULL,
        .zone = row->zone != 0 ? text_of(w, row->zone) : NULL,
        .instance = row->instance != 0 ? text_of(w, row->instance) : NULL,
        .value = row->value,
    };
    if (row->instance != 0 && !wb_recording_check_instance(w->recording, row->instance, &spot)) {
        wb_recording_count(w->recording, WB_RECORDING_INSTANCE_UNKNOWN, spot.instance);
    }
    return wb_trace_writer_spot(w->writer, &spot, err);
}

static wb_status write_entry(writing *w, const entry *e, wb_error *err)
{
    switch ((entry_kind)e->kind) {
    case ENTRY_OBJECT: return write_object(w, e, err);
    case ENTRY_NODE: return write_node(w, e, err);
    case ENTRY_SCALE: return write_scale(w, e, err);
    case ENTRY_DAEMON_SET: return write_daemon_set(w, e, err);
    case ENTRY_POD: return write_pod(w, e, err);
    case ENTRY_SPOT: return write_spot(w, e, err);
    case ENTRY_DELETE: return write_delete(w, e, err);
    }
    return WB_OK;
}

static wb_status write_all(writing *w, const char *path, wb_error *err)
{
    const int64_t end_ms = w->span.end_ms - w->span.epoch_ms;
    const wb_trace_info_header header = {.epoch_ms = w->span.epoch_ms,
                                         .end_ms = end_ms,
                                         .source = "recording"};
    WB_TRY(wb_trace_writer_open(path, &header, &w->writer, err));
    wb_status status = WB_OK;
    for (size_t i = 0; i < w->entry_count && status == WB_OK; i++) {
        status = write_entry(w, &w->entries[i], err);
    }
    if (status != WB_OK) {
        wb_trace_writer_abandon(w->writer);
        return status;
    }
    const wb_trace_unmodelled unmodelled = {
        .approximated_count = w->recording->counts[WB_RECORDING_VOLUME_DROPPED],
        .left_out_count = w->recording->counts[WB_RECORDING_NO_SPEC] +
                          w->recording->counts[WB_RECORDING_SPEC_REFUSED] +
                          w->recording->counts[WB_RECORDING_OBJECT_REFUSED],
    };
    wb_trace_writer_set_unmodelled(w->writer, unmodelled);
    return wb_trace_writer_commit(w->writer, end_ms, err);
}

static void count_nodes(writing *w)
{
    for (size_t i = 0; i < w->recording->objects.count; i++) {
        w->report->node_count += w->recording->objects.rows[i].is_node ? 1U : 0U;
    }
}

wb_status wb_recording_write(wb_recording *recording, const wb_trace_import_options *options,
                             wb_trace_import_report *report, wb_error *err)
{
    assert(recording != NULL && options != NULL && report != NULL);
    writing w = {.recording = recording, .report = report};
    wb_recording_settle(recording, options->has_history ? options->history_ms : -1, &w.span);
    add_versions(&w);
    add_scales(&w);
    add_pods(&w);
    add_daemon_sets(&w);
    add_spots(&w);
    count_nodes(&w);
    if (w.entry_count > 0) {
        wb_sort(w.entries, w.entry_count, sizeof w.entries[0], compare_entries, NULL);
    }
    const wb_status status = write_all(&w, options->output_path, err);
    report->format = "recording";
    report->shape_count = w.shape_count;
    report->end_ms = w.span.end_ms - w.span.epoch_ms;
    report->epoch_ms = w.span.epoch_ms;
    report->cpu_milli_hours = w.cpu_milli_ms_thousands / 3600;
    wb_heap_memory_free(w.entries);
    return status;
}
