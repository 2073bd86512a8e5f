/*
 * One row per pod, filled from whatever tells of it, in any order.
 *
 * A deletion is seen as up to three states of the object (facts: traces/formats.md of the project's
 * shared folder, checked on a recording):
 *
 *     deletionTimestamp = asked + 30 s, grace 30   asked for; the kubelet stops the containers
 *     deletionTimestamp = removal, grace 0         the kubelet is done
 *     DELETED with the same values                 the object is gone
 *
 * A finished pod, or one without a kubelet, has only the last two.
 */
#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/duration.h"
#include "traces/recording_internal.h"

/* A pod that was first known by name (from an audit log without response bodies) is the one that is
 * seen in full later if it was created within this time. */
#define SAME_POD_MS (2 * WB_MS_PER_SECOND)

void wb_recording_pods_set_time(int64_t *field, int64_t at_ms)
{
    assert(field != NULL);
    if (*field < 0 && at_ms >= 0) {
        *field = at_ms;
    }
}

static uint64_t name_key(uint32_t namespace_name, uint32_t name)
{
    return (uint64_t)namespace_name << 32 | name;
}

static wb_recording_pod *add_pod(wb_recording *recording, uint32_t namespace_name, uint32_t name)
{
    const size_t row = recording->pods.count;
    uint64_t namesake = UINT32_MAX;
    (void)wb_hash_map_get(&recording->pod_by_name, name_key(namespace_name, name), &namesake);
    wb_recording_pod *pod = WB_RECORDING_ADD(recording->pods);
    *pod = (wb_recording_pod){
        .created_ms = -1,
        .bound_ms = -1,
        .started_ms = -1,
        .finished_ms = -1,
        .asked_ms = -1,
        .gone_ms = -1,
        .name = name,
        .namespace_name = namespace_name,
        .shape = UINT32_MAX,
        .owner = UINT32_MAX,
        .namesake = (uint32_t)namesake,
        .exit_code = -1,
        .restarts_always = true,
    };
    (void)wb_hash_map_put(&recording->pod_by_name, name_key(namespace_name, name), row);
    return pod;
}

/* Whether the pod can have been there at at_ms, as far as is known. */
static bool can_be_at(const wb_recording_pod *pod, int64_t at_ms)
{
    return at_ms < 0 || ((pod->gone_ms < 0 || pod->gone_ms + SAME_POD_MS >= at_ms) &&
                         (pod->created_ms < 0 || pod->created_ms - SAME_POD_MS <= at_ms));
}

wb_recording_pod *wb_recording_pods_named(wb_recording *recording, const char *namespace_name,
                                          const char *name, int64_t at_ms, bool may_make)
{
    assert(recording != NULL && namespace_name != NULL && name != NULL);
    if (*name == 0) {
        wb_recording_count(recording, WB_RECORDING_NO_NAME, NULL);
        return NULL;
    }
    const uint32_t namespace_id = wb_intern_add(&recording->intern, namespace_name);
    const uint32_t name_id = wb_intern_add(&recording->intern, name);
    uint64_t row = UINT32_MAX;
    (void)wb_hash_map_get(&recording->pod_by_name, name_key(namespace_id, name_id), &row);
    while (row != UINT32_MAX) {
        wb_recording_pod *pod = &recording->pods.rows[row];
        if (can_be_at(pod, at_ms)) {
            return pod;
        }
        row = pod->namesake;
    }
    return may_make ? add_pod(recording, namespace_id, name_id) : NULL;
}

/* Objects without a uid (anonymised ones) are told apart by name and creation. */
uint64_t wb_recording_pods_uid(const wb_node *object)
{
    const wb_node *metadata = wb_node_get(object, "metadata");
    const wb_node *uid = wb_node_get(metadata, "uid");
    if (uid != NULL && uid->text_length > 0) {
        return wb_digest_hash64(uid->text, uid->text_length);
    }
    const char *parts[] = {wb_node_string(wb_node_get(metadata, "namespace"), ""),
                           wb_node_string(wb_node_get(metadata, "name"), ""),
                           wb_node_string(wb_node_get(metadata, "creationTimestamp"), "")};
    uint64_t hash = 1;
    for (size_t i = 0; i < 3; i++) {
        hash = wb_hash_map_join(hash, wb_digest_hash64(parts[i], strlen(parts[i])));
    }
    return hash;
}

/* The row of the pod with that uid, or of one of its name that was known without one. */
static wb_recording_pod *find_pod(wb_recording *recording, uint64_t uid_hash, uint64_t key,
                                  int64_t created_ms)
{
    uint64_t row = 0;
    if (wb_hash_map_get(&recording->pod_by_uid, uid_hash, &row)) {
        return &recording->pods.rows[row];
    }
    if (!wb_hash_map_get(&recording->pod_by_name, key, &row)) {
        return NULL;
    }
    wb_recording_pod *pod = &recording->pods.rows[row];
    const int64_t distance_ms = pod->created_ms - created_ms;
    const bool is_near = pod->created_ms < 0 || created_ms < 0 ||
                         (distance_ms <= SAME_POD_MS && distance_ms >= -SAME_POD_MS);
    if (pod->uid_hash != 0 || pod->is_gone || !is_near) {
        return NULL;
    }
    (void)wb_hash_map_put(&recording->pod_by_uid, uid_hash, row);
    return pod;
}

/* ---- status ---- */

typedef struct run_span {
    int64_t started_ms, finished_ms; /* -1 */
    int32_t exit_code;               /* of the last to finish; -1 */
} run_span;

static void add_container(run_span *span, const wb_node *status)
{
    const wb_node *state = wb_node_get(status, "state");
    const wb_node *terminated = wb_node_get(state, "terminated");
    const wb_node *running = wb_node_get(state, "running");
    const wb_node *now = terminated != NULL ? terminated : running;
    const int64_t started_ms = wb_recording_clock_time(wb_node_get(now, "startedAt"));
    const int64_t finished_ms = wb_recording_clock_time(wb_node_get(terminated, "finishedAt"));
    if (started_ms >= 0 && (span->started_ms < 0 || started_ms < span->started_ms)) {
        span->started_ms = started_ms;
    }
    if (finished_ms >= 0 && finished_ms >= span->finished_ms) {
        const int64_t code = wb_node_int64(wb_node_get(terminated, "exitCode"), -1);
        span->finished_ms = finished_ms;
        span->exit_code = code >= 0 && code <= INT32_MAX ? (int32_t)code : -1;
    }
}

static run_span span_of(const wb_node *status)
{
    run_span span = {-1, -1, -1};
    const wb_node *list = wb_node_get(status, "containerStatuses");
    for (uint32_t i = 0; list != NULL && list->kind == WB_NODE_LIST && i < list->count; i++) {
        add_container(&span, list->children[i]);
    }
    return span;
}

/* When a condition turned, or the last of any; -1. */
static int64_t condition_time(const wb_node *status, const char *type, const char *value)
{
    const wb_node *list = wb_node_get(status, "conditions");
    int64_t at_ms = -1;
    for (uint32_t i = 0; list != NULL && list->kind == WB_NODE_LIST && i < list->count; i++) {
        const wb_node *condition = list->children[i];
        const bool is_it =
            type == NULL ||
            (strcmp(wb_node_string(wb_node_get(condition, "type"), ""), type) == 0 &&
             strcmp(wb_node_string(wb_node_get(condition, "status"), ""), value) == 0);
        const int64_t turned_ms =
            wb_recording_clock_time(wb_node_get(condition, "lastTransitionTime"));
        at_ms = is_it && turned_ms > at_ms ? turned_ms : at_ms;
    }
    return at_ms;
}

void wb_recording_pods_status(wb_recording_pod *pod, const wb_node *status, bool is_newest)
{
    assert(pod != NULL);
    if (status == NULL || status->kind != WB_NODE_MAP) {
        return;
    }
    const char *phase = wb_node_string(wb_node_get(status, "phase"), "");
    const run_span span = span_of(status);
    const bool has_failed = strcmp(phase, "Failed") == 0;
    wb_recording_pods_set_time(&pod->bound_ms, condition_time(status, "PodScheduled", "True"));
    wb_recording_pods_set_time(&pod->started_ms, span.started_ms);
    if (!is_newest || (!has_failed && strcmp(phase, "Succeeded") != 0)) {
        return;
    }
    pod->phase = has_failed ? WB_RECORDING_FAILED : WB_RECORDING_SUCCEEDED;
    pod->exit_code = span.exit_code >= 0 ? span.exit_code : pod->exit_code;
    if (span.finished_ms >= 0) {
        pod->finished_ms = span.finished_ms;
    } else { /* taken away by the kubelet: nothing ran to its end, but the conditions turned */
        wb_recording_pods_set_time(&pod->finished_ms, condition_time(status, NULL, NULL));
    }
}

/* ---- one sight of a pod ---- */

static void take_deletion(wb_recording_pod *pod, const wb_node *metadata)
{
    const int64_t deadline_ms = wb_recording_clock_time(wb_node_get(metadata, "deletionTimestamp"));
    const int64_t grace_s = wb_node_int64(wb_node_get(metadata, "deletionGracePeriodSeconds"), 0);
    if (deadline_ms < 0 || grace_s < 0 || grace_s > deadline_ms / WB_MS_PER_SECOND) {
        return;
    }
    const int64_t asked_ms = deadline_ms - grace_s * WB_MS_PER_SECOND;
    if (pod->asked_ms < 0 || asked_ms < pod->asked_ms) {
        pod->asked_ms = asked_ms;
    }
    if (grace_s == 0) {
        pod->gone_ms = deadline_ms;
    }
}

static void take_object(wb_recording *recording, wb_recording_pod *pod, const wb_node *object,
                        bool is_newest)
{
    const wb_node *metadata = wb_node_get(object, "metadata");
    const wb_node *spec = wb_node_get(object, "spec");
    const char *node = wb_node_string(wb_node_get(spec, "nodeName"), "");
    if (pod->shape == UINT32_MAX) {
        pod->shape = wb_recording_shapes_of(recording, object);
    }
    if (pod->owner == UINT32_MAX) {
        pod->owner = wb_recording_shapes_owner_of(recording, object);
    }
    if (*node != 0) {
        pod->node = wb_intern_add(&recording->intern, node);
    }
    wb_recording_pods_set_time(&pod->created_ms,
                               wb_recording_clock_time(wb_node_get(metadata, "creationTimestamp")));
    pod->restarts_always =
        strcmp(wb_node_string(wb_node_get(spec, "restartPolicy"), "Always"), "Always") == 0;
    pod->is_mirror =
        wb_node_get(wb_node_get(metadata, "annotations"), "kubernetes.io/config.mirror") != NULL;
    take_deletion(pod, metadata);
    wb_recording_pods_status(pod, wb_node_get(object, "status"), is_newest);
}

/* What a watch tells about itself: whether it began anew, and whether this was told before. */
static void note_watch(wb_recording *recording, const wb_recording_pod *pod, bool is_new,
                       wb_recording_sight sight, uint64_t revision)
{
    if (is_new && sight == WB_RECORDING_CHANGED) {
        wb_recording_count(recording, WB_RECORDING_FIRST_MODIFIED, NULL);
    } else if (is_new && sight == WB_RECORDING_REMOVED) {
        wb_recording_count(recording, WB_RECORDING_FIRST_DELETED, NULL);
    } else if (revision != 0 && revision <= pod->watch_revision &&
               (sight != WB_RECORDING_REMOVED || pod->is_gone)) {
        wb_recording_count(recording, WB_RECORDING_DUPLICATE, NULL);
    }
}

void wb_recording_pods_see(wb_recording *recording, const wb_node *object, wb_recording_sight sight,
                           uint8_t source, int64_t at_ms)
{
    assert(recording != NULL && object != NULL);
    const wb_node *metadata = wb_node_get(object, "metadata");
    const char *name = wb_node_string(wb_node_get(metadata, "name"), "");
    if (*name == 0) {
        wb_recording_count(recording, WB_RECORDING_NO_NAME, NULL);
        return;
    }
    const uint32_t namespace_id =
        wb_intern_add(&recording->intern,
                      wb_node_string(wb_node_get(metadata, "namespace"), "default"));
    const uint32_t name_id = wb_intern_add(&recording->intern, name);
    const uint64_t uid_hash = wb_recording_pods_uid(object);
    const int64_t created_ms = wb_recording_clock_time(wb_node_get(metadata, "creationTimestamp"));
    const uint64_t revision = wb_recording_clock_revision(object);
    wb_recording_pod *pod =
        find_pod(recording, uid_hash, name_key(namespace_id, name_id), created_ms);
    const bool is_new = pod == NULL;
    if (is_new) {
        (void)wb_hash_map_put(&recording->pod_by_uid, uid_hash, recording->pods.count);
        pod = add_pod(recording, namespace_id, name_id);
    }
    pod->uid_hash = uid_hash;
    if (source == WB_RECORDING_FROM_WATCH) {
        note_watch(recording, pod, is_new, sight, revision);
        pod->session = recording->session;
        pod->watch_revision = revision > pod->watch_revision ? revision : pod->watch_revision;
    }
    pod->sources |= source;
    take_object(recording, pod, object, revision == 0 || revision >= pod->revision);
    pod->revision = revision > pod->revision ? revision : pod->revision;
    if (sight == WB_RECORDING_REMOVED) {
        pod->is_gone = true;
        wb_recording_pods_set_time(&pod->gone_ms, at_ms);
        pod->gone_revision = revision;
    }
}
