/*
 * What can be said only when the last file has been read: the times of events that carry none, the
 * ends that no event told of, and where the trace begins.
 *
 * A recording of an hour holds pods that are months old. They are there from the trace's start, or
 * a replay would spend months on a handful of survivors; but what was created within a minute
 * before the recording began keeps its time, since the first list comes a little after the first
 * pods of a test. A list alone has no beginning: every pod keeps its time.
 */
#include <assert.h>

#include "base/duration.h"
#include "traces/recording_internal.h"

#define DEFAULT_HISTORY_MS WB_MS_PER_MINUTE

static int64_t earlier(int64_t a, int64_t b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* ---- ends in gaps ---- */

/* The first watch of kind that was begun after revision, and after the session that saw the object
 * last; NULL: none, so nobody missed it. */
static const wb_recording_session *next_session(const wb_recording *recording, uint32_t kind,
                                                uint32_t session, uint64_t revision)
{
    for (size_t i = session; i < recording->sessions.count; i++) {
        const wb_recording_session *next = &recording->sessions.rows[i];
        if (next->kind == kind && next->first_revision > revision) {
            return next;
        }
    }
    return NULL;
}

/* Whether any watch has told of pods in that namespace: a watch of one namespace does not miss
 * pods of others. */
static wb_hash_map watched_namespaces(const wb_recording *recording)
{
    wb_hash_map map;
    wb_hash_map_init(&map);
    for (size_t i = 0; i < recording->pods.count; i++) {
        const wb_recording_pod *pod = &recording->pods.rows[i];
        if ((pod->sources & WB_RECORDING_FROM_WATCH) != 0) {
            (void)wb_hash_map_put(&map, pod->namespace_name, 1);
        }
    }
    return map;
}

/* Pods that a later watch does not list. An audit log that told of the pod would have told of its
 * end too, so what only it knows is left alone. */
static void end_missing_pods(wb_recording *recording)
{
    wb_hash_map watched = watched_namespaces(recording);
    const uint32_t kind = wb_intern_find(&recording->intern, "Pod");
    for (size_t i = 0; i < recording->pods.count && recording->sessions.count > 0; i++) {
        wb_recording_pod *pod = &recording->pods.rows[i];
        uint64_t ignored = 0;
        const bool was_told =
            (pod->sources & (WB_RECORDING_FROM_WATCH | WB_RECORDING_FROM_LIST)) != 0;
        if (pod->is_gone || pod->gone_ms >= 0 || !was_told ||
            !wb_hash_map_get(&watched, pod->namespace_name, &ignored)) {
            continue;
        }
        const wb_recording_session *next =
            next_session(recording, kind, pod->session, pod->revision);
        if (next == NULL) {
            continue;
        }
        pod->is_gone = true;
        pod->gone_revision = next->first_revision;
        wb_recording_count(recording,
                           pod->session == 0 ? WB_RECORDING_GONE_BEFORE_WATCH
                                             : WB_RECORDING_GONE_IN_GAP,
                           wb_intern_text(&recording->intern, pod->name));
    }
    wb_hash_map_release(&watched);
}

static void end_missing_objects(wb_recording *recording)
{
    for (size_t i = 0; i < recording->objects.count; i++) {
        wb_recording_object *object = &recording->objects.rows[i];
        if (object->is_gone || object->session == 0) {
            continue;
        }
        const wb_recording_session *next =
            next_session(recording, object->kind, object->session, object->revision);
        if (next == NULL) {
            continue;
        }
        object->is_gone = true;
        *WB_RECORDING_ADD(recording->versions) =
            (wb_recording_version){.object = (uint32_t)i,
                                   .sequence = recording->sequence++,
                                   .revision = next->first_revision,
                                   .at_ms = -1,
                                   .ready_ms = -1};
        wb_recording_count(recording, WB_RECORDING_GONE_IN_GAP,
                           wb_intern_text(&recording->intern, object->name));
    }
}

/* ---- times ---- */

/* Moves *field to at least at_ms; whether it had to. */
static bool raise_to(int64_t *field, int64_t at_ms)
{
    if (*field < 0 || *field >= at_ms) {
        return false;
    }
    *field = at_ms;
    return true;
}

/* Where the run of a container lies before floor_ms or behind end_ms, as a node's wrong clock tells
 * it, when it was is moved between the two; how long it was is right, since one clock told both. */
static bool move_run(wb_recording_pod *pod, int64_t floor_ms, int64_t end_ms)
{
    const bool has_both = pod->started_ms >= 0 && pod->finished_ms > pod->started_ms;
    const int64_t run_ms = has_both ? pod->finished_ms - pod->started_ms : 0;
    if (pod->finished_ms >= 0 && pod->finished_ms < floor_ms) {
        pod->finished_ms = floor_ms + run_ms < end_ms ? floor_ms + run_ms : end_ms;
        pod->started_ms = pod->started_ms >= 0 ? floor_ms : -1;
        return true;
    }
    if (later(pod->started_ms, pod->finished_ms) <= end_ms) {
        return false;
    }
    if (pod->finished_ms >= 0) {
        pod->finished_ms = end_ms;
        pod->started_ms = pod->started_ms >= 0 ? later(floor_ms, end_ms - run_ms) : -1;
    } else {
        pod->started_ms = floor_ms;
    }
    return true;
}

/* Created, bound, started, finished, gone come in this order whatever clocks said: those of the API
 * server (created, asked, gone) are one clock and are believed. Containers of what is still there
 * may run a little behind that clock's last time, but not by more than a kubelet is believed. */
static void order_times(wb_recording *recording, wb_recording_pod *pod)
{
    bool is_skewed = raise_to(&pod->bound_ms, pod->created_ms);
    is_skewed = raise_to(&pod->asked_ms, pod->created_ms) || is_skewed;
    is_skewed = raise_to(&pod->gone_ms, later(pod->asked_ms, pod->created_ms)) || is_skewed;
    const int64_t floor_ms = later(pod->created_ms, pod->bound_ms);
    if (pod->gone_ms >= 0) {
        is_skewed = move_run(pod, floor_ms, later(floor_ms, pod->gone_ms)) || is_skewed;
    } else if (later(pod->started_ms, pod->finished_ms) > recording->kubelet_limit_ms) {
        is_skewed = move_run(pod, floor_ms, later(floor_ms, recording->clock_end_ms)) || is_skewed;
    } else {
        is_skewed = move_run(pod, floor_ms, INT64_MAX) || is_skewed;
    }
    is_skewed = raise_to(&pod->started_ms, floor_ms) || is_skewed;
    is_skewed = raise_to(&pod->finished_ms, later(pod->started_ms, pod->created_ms)) || is_skewed;
    if (is_skewed) {
        wb_recording_count(recording, WB_RECORDING_SKEW,
                           wb_intern_text(&recording->intern, pod->name));
    }
}

static void date_pod(wb_recording *recording, wb_recording_pod *pod)
{
    if (pod->created_ms < 0) {
        pod->created_ms = earlier(earlier(pod->bound_ms, pod->started_ms), pod->asked_ms);
        pod->created_ms = earlier(pod->created_ms, pod->gone_ms);
    }
    if (pod->created_ms < 0) {
        pod->created_ms = wb_recording_clock_at(recording, pod->revision);
    }
    if (pod->is_gone && pod->gone_ms < 0) {
        pod->gone_ms = later(wb_recording_clock_at(recording, pod->gone_revision),
                             later(pod->asked_ms, pod->created_ms));
    }
    if (pod->gone_ms >= 0) {
        pod->is_gone = true;
        wb_recording_pods_set_time(&pod->asked_ms, pod->gone_ms);
    }
    if (pod->phase != WB_RECORDING_ALIVE && pod->finished_ms < 0) {
        wb_recording_count(recording, WB_RECORDING_RUN_WITHOUT_TIMES,
                           wb_intern_text(&recording->intern, pod->name));
        pod->finished_ms =
            pod->asked_ms >= 0 ? pod->asked_ms : wb_recording_clock_at(recording, pod->revision);
    }
    if (pod->created_ms >= 0) {
        order_times(recording, pod);
    }
    const int64_t last_ms =
        later(later(pod->created_ms, pod->finished_ms), later(pod->gone_ms, pod->started_ms));
    recording->latest_ms = later(recording->latest_ms, last_ms);
}

static void date_versions(wb_recording *recording)
{
    for (size_t i = 0; i < recording->versions.count; i++) {
        wb_recording_version *version = &recording->versions.rows[i];
        const wb_recording_object *object = &recording->objects.rows[version->object];
        if (version->at_ms < 0) {
            version->at_ms = wb_recording_clock_at(recording, version->revision);
        }
        version->at_ms = later(version->at_ms, object->created_ms);
        recording->latest_ms = later(recording->latest_ms, version->at_ms);
    }
    for (size_t i = 0; i < recording->scales.count; i++) {
        wb_recording_scale *scale = &recording->scales.rows[i];
        const wb_recording_object *object = &recording->objects.rows[scale->object];
        if (scale->at_ms < 0) {
            scale->at_ms = wb_recording_clock_at(recording, scale->revision);
        }
        scale->at_ms = later(scale->at_ms, object->created_ms);
        recording->latest_ms = later(recording->latest_ms, scale->at_ms);
    }
}

/* ---- the span ---- */

/* When the first watch or audit event was; -1: there is none. */
static int64_t recording_start(const wb_recording *recording)
{
    int64_t start_ms = recording->earliest_ms;
    for (size_t i = 0; i < recording->sessions.count; i++) {
        start_ms =
            earlier(start_ms,
                    wb_recording_clock_at(recording, recording->sessions.rows[i].first_revision));
    }
    return start_ms;
}

static int64_t first_creation(const wb_recording *recording)
{
    int64_t first_ms = -1;
    for (size_t i = 0; i < recording->pods.count; i++) {
        first_ms = earlier(first_ms, recording->pods.rows[i].created_ms);
    }
    for (size_t i = 0; i < recording->objects.count; i++) {
        if (recording->objects.rows[i].is_node) {
            first_ms = earlier(first_ms, recording->objects.rows[i].created_ms);
        }
    }
    return first_ms;
}

static void find_span(const wb_recording *recording, int64_t history_ms, wb_recording_span *out)
{
    const int64_t start_ms = recording_start(recording);
    const int64_t created_ms = first_creation(recording);
    *out = (wb_recording_span){.epoch_ms = created_ms, .end_ms = recording->latest_ms};
    const bool is_live = recording->has_watch || recording->has_audit;
    const bool is_spot_only = recording->pods.count == 0 && recording->objects.count == 0;
    for (size_t i = 0; i < recording->spots.count && !is_live; i++) {
        out->epoch_ms =
            is_spot_only ? earlier(out->epoch_ms, recording->spots.rows[i].at_ms) : out->epoch_ms;
        out->end_ms = later(out->end_ms, recording->spots.rows[i].at_ms);
    }
    if (is_spot_only && out->epoch_ms >= 0) {
        return;
    }
    if (start_ms >= 0 && (history_ms >= 0 || is_live)) {
        const int64_t kept_ms = history_ms >= 0 ? history_ms : DEFAULT_HISTORY_MS;
        out->epoch_ms = created_ms >= 0 ? later(created_ms, start_ms - kept_ms) : start_ms;
    } else if (history_ms >= 0) {
        out->epoch_ms = later(created_ms, recording->latest_ms - history_ms);
    }
    out->epoch_ms = out->epoch_ms >= 0 ? out->epoch_ms : later(recording->latest_ms, 0);
    if (out->end_ms < out->epoch_ms) {
        out->end_ms = out->epoch_ms;
    }
    if (out->end_ms - out->epoch_ms > WB_TRACE_TIME_MAX_MS) {
        out->epoch_ms = out->end_ms - WB_TRACE_TIME_MAX_MS;
    }
}

void wb_recording_settle(wb_recording *recording, int64_t history_ms, wb_recording_span *out)
{
    assert(recording != NULL && out != NULL);
    wb_recording_clock_settle(recording);
    end_missing_pods(recording);
    end_missing_objects(recording);
    for (size_t i = 0; i < recording->pods.count; i++) {
        date_pod(recording, &recording->pods.rows[i]);
    }
    date_versions(recording);
    find_span(recording, history_ms, out);
}
