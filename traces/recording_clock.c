/*
 * When was it? Watch events carry no time, but their objects carry some, and resourceVersions of
 * one cluster grow with time. So every time that the API server wrote into an object (creation,
 * deletion, the last update in managedFields) says: at this revision it was at least so late. The
 * running maximum over revisions then dates events that say nothing themselves, to the second in a
 * busy cluster.
 *
 * Times that kubelets write (conditions, containers) serve where kubectl left managedFields out, as
 * it does by default. A node's clock may be wrong, so those beyond the rest are left aside.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "base/sort.h"
#include "traces/recording_internal.h"

/* How far a kubelet's time may lie behind the last of the API server's and still be believed. While
 * a watch runs, ten minutes without a single write are rare, and clocks that are off by more are
 * not; a list shows the API server's hand only in what was created or deleted lately. */
#define SKEW_LIMIT_MS      (10 * WB_MS_PER_MINUTE)
#define SKEW_LIMIT_LIST_MS (30 * WB_MS_PER_DAY)

/* Times before 2001 and after 2100 are broken clocks (0001-01-01 is Go's zero). */
#define TIME_MIN_MS INT64_C(978307200000)
#define TIME_MAX_MS INT64_C(4102444800000)

int64_t wb_recording_clock_time(const wb_node *node)
{
    const char *text = wb_node_string(node, "");
    int64_t at_ms = -1;
    wb_error ignored;
    if (*text == 0 || wb_duration_parse_time(text, &at_ms, &ignored) != WB_OK) {
        return -1;
    }
    return at_ms >= TIME_MIN_MS && at_ms <= TIME_MAX_MS ? at_ms : -1;
}

uint64_t wb_recording_clock_revision(const wb_node *object)
{
    const char *text = wb_node_string(wb_node_find(object, "metadata.resourceVersion"), "");
    uint64_t revision = 0;
    for (const char *at = text; *at != 0; at++) {
        if (*at < '0' || *at > '9' || revision > UINT64_MAX / 10 - 10) {
            return 0;
        }
        revision = revision * 10 + (uint64_t)(*at - '0');
    }
    return revision;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The last time that the API server itself wrote into the object. */
static int64_t server_time(const wb_node *metadata)
{
    int64_t at_ms = wb_recording_clock_time(wb_node_get(metadata, "creationTimestamp"));
    const int64_t deadline_ms = wb_recording_clock_time(wb_node_get(metadata, "deletionTimestamp"));
    const int64_t grace_s = wb_node_int64(wb_node_get(metadata, "deletionGracePeriodSeconds"), 0);
    if (deadline_ms >= 0 && grace_s >= 0 && grace_s < TIME_MIN_MS / WB_MS_PER_SECOND) {
        at_ms = later(at_ms, deadline_ms - grace_s * WB_MS_PER_SECOND);
    }
    const wb_node *fields = wb_node_get(metadata, "managedFields");
    for (uint32_t i = 0; fields != NULL && fields->kind == WB_NODE_LIST && i < fields->count; i++) {
        at_ms = later(at_ms, wb_recording_clock_time(wb_node_get(fields->children[i], "time")));
    }
    return at_ms;
}

/* The last change of a condition: by a kubelet's clock, mostly. */
static int64_t kubelet_time(const wb_node *object)
{
    const wb_node *conditions = wb_node_find(object, "status.conditions");
    int64_t at_ms = -1;
    for (uint32_t i = 0;
         conditions != NULL && conditions->kind == WB_NODE_LIST && i < conditions->count; i++) {
        at_ms = later(at_ms, wb_recording_clock_time(
                                 wb_node_get(conditions->children[i], "lastTransitionTime")));
    }
    return at_ms;
}

/* A sample that an earlier revision's already implies is not kept: a stream in order costs one per
 * second that it spans, not one per event. */
static void add_sample(wb_recording *recording, uint64_t revision, int64_t at_ms, bool is_kubelet)
{
    assert(revision > 0 && at_ms >= 0);
    if (recording->samples.count > 0) {
        const wb_recording_sample *last = &recording->samples.rows[recording->samples.count - 1];
        if (last->revision <= revision && last->at_ms >= at_ms && !last->is_kubelet) {
            return;
        }
    }
    *WB_RECORDING_ADD(recording->samples) =
        (wb_recording_sample){.revision = revision, .at_ms = at_ms, .is_kubelet = is_kubelet};
}

void wb_recording_clock_observe(wb_recording *recording, const wb_node *object, int64_t event_ms)
{
    assert(recording != NULL && object != NULL);
    const wb_node *metadata = wb_node_get(object, "metadata");
    const int64_t server_ms = server_time(metadata);
    const int64_t at_ms = event_ms >= 0 ? event_ms : server_ms;
    const uint64_t revision = wb_recording_clock_revision(object);
    recording->latest_ms = later(recording->latest_ms, at_ms);
    if (revision == 0) {
        return;
    }
    if (at_ms >= 0) {
        add_sample(recording, revision, at_ms, false);
    }
    const int64_t kubelet_ms = kubelet_time(object);
    if (event_ms < 0 && kubelet_ms > at_ms) {
        add_sample(recording, revision, kubelet_ms, true);
    }
}

static int compare_samples(const void *a, const void *b, void *context)
{
    const wb_recording_sample *left = a;
    const wb_recording_sample *right = b;
    (void)context;
    return left->revision < right->revision ? -1 : left->revision > right->revision ? 1 : 0;
}

void wb_recording_clock_settle(wb_recording *recording)
{
    const bool is_live = recording->has_watch || recording->has_audit;
    const int64_t slack_ms = is_live ? SKEW_LIMIT_MS : SKEW_LIMIT_LIST_MS;
    const int64_t limit_ms =
        recording->latest_ms >= 0 ? recording->latest_ms + slack_ms : INT64_MAX;
    recording->kubelet_limit_ms = limit_ms;
    recording->clock_end_ms = recording->latest_ms;
    size_t kept = 0;
    for (size_t i = 0; i < recording->samples.count; i++) {
        const wb_recording_sample sample = recording->samples.rows[i];
        if (sample.is_kubelet && sample.at_ms > limit_ms) {
            wb_recording_count(recording, WB_RECORDING_SKEW, "a node's clock ahead of the rest");
            continue;
        }
        recording->samples.rows[kept++] = sample;
    }
    recording->samples.count = kept;
    if (kept == 0) {
        return;
    }
    wb_sort_stable(recording->samples.rows, kept, sizeof recording->samples.rows[0],
                   compare_samples, NULL);
    int64_t latest_ms = -1;
    for (size_t i = 0; i < kept; i++) {
        latest_ms = later(latest_ms, recording->samples.rows[i].at_ms);
        recording->samples.rows[i].at_ms = latest_ms;
    }
    recording->latest_ms = later(recording->latest_ms, latest_ms);
    recording->clock_end_ms = recording->latest_ms;
}

int64_t wb_recording_clock_at(const wb_recording *recording, uint64_t revision)
{
    size_t low = 0;
    size_t high = recording->samples.count; /* the answer lies before high */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (recording->samples.rows[middle].revision <= revision) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? recording->samples.rows[low - 1].at_ms : -1;
}
