/*
 * Shared by the files that import the recording of a cluster only (recording_*.c,
 * import_recording.c): what has been gathered so far, as tables.
 *
 *   files ─▶ recording_stream ─▶ recording_event ─┬─▶ recording_pods      a row per pod
 *                                                 ├─▶ recording_objects   versions of all else
 *                                                 └─▶ recording_spot      a row per spot event
 *                                 recording_clock ◀┘   when was resourceVersion n?
 *                       all of it ─▶ recording_write ─▶ a trace
 *
 * Several files tell of the same things (a list, a watch stream, the audit log), in any order. So
 * a fact is set once and later tellings only fill gaps; what changes is told apart by
 * resourceVersion. Memory goes with the number of pods and changes, not with that of events: some
 * 160 bytes a pod.
 */
#ifndef WB_TRACES_RECORDING_INTERNAL_H
#define WB_TRACES_RECORDING_INTERNAL_H

#include "base/document.h"
#include "base/hash_map.h"
#include "base/intern.h"
#include "base/text.h"
#include "traces/recording.h"
#include "traces/trace.h"

/* What happened to parts of a recording; recording.c has the words. */
typedef enum wb_recording_reason {
    WB_RECORDING_DUPLICATE,
    WB_RECORDING_RESTART,
    WB_RECORDING_ERROR_EVENT,
    WB_RECORDING_BOOKMARK,
    WB_RECORDING_GONE_IN_GAP,
    WB_RECORDING_GONE_BEFORE_WATCH,
    WB_RECORDING_FIRST_MODIFIED,
    WB_RECORDING_FIRST_DELETED,
    WB_RECORDING_BACKWARDS,
    WB_RECORDING_CUT,
    WB_RECORDING_PLAIN_WATCH,
    WB_RECORDING_SKEW,
    WB_RECORDING_CREATED_BEFORE,
    WB_RECORDING_ENDED_BEFORE,
    WB_RECORDING_NO_SPEC,
    WB_RECORDING_SPEC_REFUSED,
    WB_RECORDING_OBJECT_REFUSED,
    WB_RECORDING_NO_NAME,
    WB_RECORDING_AUDIT_STAGE,
    WB_RECORDING_AUDIT_FAILED,
    WB_RECORDING_AUDIT_READ,
    WB_RECORDING_AUDIT_OTHER,
    WB_RECORDING_EVICTED,
    WB_RECORDING_EVICTION_REFUSED,
    WB_RECORDING_DELETECOLLECTION,
    WB_RECORDING_OTHER_KIND,
    WB_RECORDING_NODE_UNKNOWN,
    WB_RECORDING_VOLUME_DROPPED,
    WB_RECORDING_DAEMON_SET_MADE,
    WB_RECORDING_RUN_WITHOUT_TIMES,
    WB_RECORDING_OTHER_EVENT,
    WB_RECORDING_OTHER_PRODUCT,
    WB_RECORDING_SPOT_OUTSIDE,
    WB_RECORDING_SPOT_REPEATED,
    WB_RECORDING_INSTANCE_UNKNOWN,
    WB_RECORDING_LEFT_OPEN,
    WB_RECORDING_REASON_COUNT
} wb_recording_reason;

enum {
    WB_RECORDING_FROM_LIST = 1,
    WB_RECORDING_FROM_WATCH = 2,
    WB_RECORDING_FROM_AUDIT = 4,
};

typedef enum wb_recording_phase {
    WB_RECORDING_ALIVE, /* Pending, Running, Unknown */
    WB_RECORDING_SUCCEEDED,
    WB_RECORDING_FAILED,
} wb_recording_phase;

/* One pod; times are epoch ms, -1: not known. */
typedef struct wb_recording_pod {
    uint64_t uid_hash, revision; /* newest resourceVersion that was seen of it */
    uint64_t watch_revision;     /* likewise by a watch */
    uint64_t gone_revision;      /* of its removal, when only that is known; 0 */
    int64_t created_ms, bound_ms, started_ms, finished_ms;
    int64_t asked_ms;                    /* deletion or eviction was asked for */
    int64_t gone_ms;                     /* the object was removed */
    uint32_t name, namespace_name, node; /* interned; node 0: never bound */
    uint32_t shape, owner;               /* rows; UINT32_MAX: none */
    uint32_t namesake; /* the row of the pod before it with its name; UINT32_MAX */
    uint32_t session;  /* of its stream, in which it was seen last */
    int32_t exit_code;
    uint8_t phase, sources;
    bool is_gone, restarts_always, is_mirror;
} wb_recording_pod;

/* A pod template that pods share. */
typedef struct wb_recording_shape {
    const char *json; /* in the recording's arena */
    uint64_t hash;
    int64_t cpu_milli;
    uint32_t namespace_name;
    uint32_t number;   /* in the trace; UINT32_MAX: not written yet */
    bool is_refused;   /* our reader would not take it */
    bool lost_volumes; /* claims that were not recorded were taken out */
} wb_recording_shape;

typedef struct wb_recording_owner {
    wb_owner_kind kind;
    uint32_t namespace_name, name;
    uint32_t number; /* in the trace; UINT32_MAX: not written yet */
    uint32_t shape;  /* of the last pod of it */
} wb_recording_owner;

/* Everything that is no pod: a Node, PDB, PVC, ... by kind, namespace and name. */
typedef struct wb_recording_object {
    uint32_t kind, namespace_name, name; /* interned */
    int64_t created_ms;
    uint64_t revision, watch_revision; /* as of a pod */
    uint64_t audit_revision;           /* likewise by an audit log */
    uint32_t session;
    uint8_t sources;
    bool is_node, is_gone;
} wb_recording_object;

/* How an object was from some time on. */
typedef struct wb_recording_version {
    uint32_t object;
    uint32_t sequence;  /* in the order of reading */
    uint64_t revision;  /* 0: not known */
    int64_t at_ms;      /* -1: by revision */
    int64_t ready_ms;   /* nodes: since when Ready is as it is; -1 */
    const char *json;   /* in the recording's arena; NULL: it is gone */
    const char *status; /* nodes: capacity and allocatable, as in json; NULL: not told */
    bool is_ready, is_exact;
    bool is_patch; /* only is_ready is told: json is that of the version before */
} wb_recording_version;

typedef struct wb_recording_scale {
    uint32_t object, sequence;
    uint64_t revision;
    int64_t at_ms; /* -1: by revision */
    int32_t replicas;
    bool is_exact;
} wb_recording_scale;

typedef struct wb_recording_spot {
    int64_t at_ms, value;
    uint32_t type, zone, instance; /* interned; 0: not known */
    uint32_t sequence;
    wb_trace_spot_event event;
} wb_recording_spot;

/* One observation of the API server's clock. */
typedef struct wb_recording_sample {
    uint64_t revision;
    int64_t at_ms;
    bool is_kubelet; /* by a node's clock, which may be wrong */
} wb_recording_sample;

/* One watch that was begun: where a stream, or its restart, starts. */
typedef struct wb_recording_session {
    uint64_t first_revision;
    uint32_t kind; /* interned: of its objects */
    uint32_t stream;
} wb_recording_session;

#define WB_RECORDING_TABLE(type) \
    struct {                     \
        type *rows; /* owned */  \
        size_t count, capacity;  \
    }

struct wb_recording {
    wb_arena arena;   /* texts and shapes, to the end of the import */
    wb_arena scratch; /* one document */
    wb_arena check;   /* what a new template is decoded into */
    wb_intern intern;
    const char *path; /* borrowed: the file being read */
    uint64_t line;
    uint32_t stream, session; /* of the watch being read; session 0: none yet */
    uint32_t sequence;
    uint64_t last_revision;     /* of the watch being read */
    uint64_t previous_revision; /* of its event before this one */
    uint32_t copied_row;        /* of what that event may have been a copy of, plus 1; 0: none */
    bool copied_is_pod;
    int64_t earliest_ms;      /* of the audit log's events; -1 */
    int64_t audit_end_ms;     /* likewise the last; -1 */
    int64_t latest_ms;        /* of anything; -1 */
    int64_t clock_end_ms;     /* likewise of what is believed, when all files are read */
    int64_t kubelet_limit_ms; /* a node's time behind this is not believed */
    bool has_watch, has_audit, has_list;
    WB_RECORDING_TABLE(wb_recording_pod) pods;
    WB_RECORDING_TABLE(wb_recording_shape) shapes;
    WB_RECORDING_TABLE(wb_recording_owner) owners;
    WB_RECORDING_TABLE(wb_recording_object) objects;
    WB_RECORDING_TABLE(wb_recording_version) versions;
    WB_RECORDING_TABLE(wb_recording_scale) scales;
    WB_RECORDING_TABLE(wb_recording_spot) spots;
    WB_RECORDING_TABLE(wb_recording_sample) samples;
    WB_RECORDING_TABLE(wb_recording_session) sessions;
    wb_hash_map pod_by_uid, pod_by_name, shape_by_hash, owner_by_key, object_by_key, spot_by_key,
        node_by_instance;
    bool instances_are_indexed;
    uint64_t counts[WB_RECORDING_REASON_COUNT];
    const char *examples[WB_RECORDING_REASON_COUNT]; /* the first of each; NULL */
    uint64_t event_count, bytes;
};

/* Room for one more row at the end of a table; the row is zeroed. */
#define WB_RECORDING_ADD(table)                                                                   \
    ((table).rows =                                                                               \
         wb_recording_grow((table).rows, (table).count, &(table).capacity, sizeof *(table).rows), \
     &(table).rows[(table).count++])

/* The array with room for count + 1 rows, that row zeroed. */
void *wb_recording_grow(void *rows, size_t count, size_t *capacity, size_t size);

/* Counts reason; the first time the place being read, or example when not NULL, is kept. */
void wb_recording_count(wb_recording *recording, wb_recording_reason reason, const char *example);

/* ---- recording_clock.c ---- */

/* node as an RFC 3339 time in epoch ms; -1: absent or no time. */
int64_t wb_recording_clock_time(const wb_node *node);

/* The object's resourceVersion; 0: it has none that is a number. */
uint64_t wb_recording_clock_revision(const wb_node *object);

/* Takes what object's own times tell about the time of its revision. is_exact_ms: the time of the
 * event itself, -1: not known. */
void wb_recording_clock_observe(wb_recording *recording, const wb_node *object, int64_t event_ms);

/* After the last file: sorts, and leaves aside kubelets' times that lie beyond the rest. */
void wb_recording_clock_settle(wb_recording *recording);

/* The earliest time at which revision can have been written; -1: nothing is known. */
int64_t wb_recording_clock_at(const wb_recording *recording, uint64_t revision);

/* ---- recording_event.c ---- */

/* What an object was seen as. */
typedef enum wb_recording_sight {
    WB_RECORDING_LISTED,
    WB_RECORDING_ADDED,
    WB_RECORDING_CHANGED,
    WB_RECORDING_REMOVED,
} wb_recording_sight;

/* One document of a file, whatever it is. WB_ERR_INPUT: it is nothing that we know. */
WB_MUST_CHECK wb_status wb_recording_event_take(wb_recording *recording, const wb_node *document,
                                                bool is_item, wb_error *err);

/* One object in full, seen at at_ms (-1: the event has no time). */
void wb_recording_event_object(wb_recording *recording, const wb_node *object,
                               wb_recording_sight sight, uint8_t source, int64_t at_ms);

/* Whether root is an event of an audit log; takes it. */
bool wb_recording_audit_take(wb_recording *recording, const wb_node *root);

/* ---- recording_pods.c ---- */

/* One sight of a pod in full: fills its row. at_ms: of the event, -1: it has no time. */
void wb_recording_pods_see(wb_recording *recording, const wb_node *object, wb_recording_sight sight,
                           uint8_t source, int64_t at_ms);

/* The pod that had that name at at_ms, made when none is known and may be (NULL otherwise): a
 * StatefulSet's pods take over the names of those before them. */
wb_recording_pod *wb_recording_pods_named(wb_recording *recording, const char *namespace_name,
                                          const char *name, int64_t at_ms, bool may_make);

/* What tells a pod from all others: a hash of its uid. */
uint64_t wb_recording_pods_uid(const wb_node *object);

/* What a pod's status says: phase, run times, exit code. */
void wb_recording_pods_status(wb_recording_pod *pod, const wb_node *status, bool is_newest);

/* Sets *field when it is not set yet. */
void wb_recording_pods_set_time(int64_t *field, int64_t at_ms);

/* ---- recording_json.c ---- */

/* node as compact JSON, the keys of its maps in order of name. */
void wb_recording_json_print(const wb_node *node, wb_text *out);

/* "key": behind what stands in the open map of out, with a comma where one is due; and the value,
 * both left out when value is NULL or null. */
void wb_recording_json_add_key(wb_text *out, const char *key);
void wb_recording_json_add(wb_text *out, const char *key, const wb_node *value);

/* ---- recording_shapes.c ---- */

/* The rows of a pod's template and owner; UINT32_MAX: none. */
uint32_t wb_recording_shapes_of(wb_recording *recording, const wb_node *pod);
uint32_t wb_recording_shapes_owner_of(wb_recording *recording, const wb_node *pod);

/* A DaemonSet as a manifest made of one of its pods' templates, into out. */
void wb_recording_shapes_print_daemon_set(const wb_recording *recording,
                                          const wb_recording_owner *owner, wb_text *out);

/* A pod template as a trace keeps it: what decides where and how long a pod runs. */
void wb_recording_shapes_print_template(const wb_node *metadata, const wb_node *spec,
                                        bool is_daemon, wb_text *out);

/* ---- recording_objects.c ---- */

/* Whether objects of kind are kept at all. */
bool wb_recording_objects_keeps(const char *kind);

/* The same of any other object that is kept: adds a version where something changed. */
void wb_recording_objects_see(wb_recording *recording, const wb_node *object,
                              wb_recording_sight sight, uint8_t source, int64_t at_ms);

/* The row of an object, or UINT32_MAX. */
uint32_t wb_recording_objects_find(const wb_recording *recording, const char *kind,
                                   const char *namespace_name, const char *name);

/* One that is known by name only, or whose end is. */
void wb_recording_objects_create(wb_recording *recording, const char *kind, const char *name,
                                 int64_t at_ms);
void wb_recording_objects_delete(wb_recording *recording, const char *kind,
                                 const char *namespace_name, const char *name, int64_t at_ms);

/* A patch of a node's status: it became ready, or is no longer. */
void wb_recording_objects_node_status(wb_recording *recording, const char *name,
                                      const wb_node *status, int64_t at_ms);

/* Replicas of a workload were set. */
void wb_recording_objects_scale(wb_recording *recording, const wb_recording_scale *scale,
                                const char *kind, const char *namespace_name, const char *name);

/* ---- recording_spot.c ---- */

/* Whether document is an event of EC2 (EventBridge, CloudTrail) or a price; takes it. */
bool wb_recording_spot_take(wb_recording *recording, const wb_node *document);

/* Whether path is a table of price changes, tab-separated. */
bool wb_recording_spot_is_table(const char *head, size_t length);
WB_MUST_CHECK wb_status wb_recording_spot_read_table(wb_recording *recording, wb_error *err);

/* ---- recording_settle.c ---- */

/* When the trace begins and ends, in epoch ms. */
typedef struct wb_recording_span {
    int64_t epoch_ms, end_ms;
} wb_recording_span;

/* After the last file: dates what has no time of its own, ends what went unseen, repairs times that
 * contradict each other, and says what the trace spans. history_ms: how long before the recording
 * began a creation keeps its time; -1: as the files suggest. */
void wb_recording_settle(wb_recording *recording, int64_t history_ms, wb_recording_span *out);

/* ---- recording_check.c ---- */

/* Whether our own reader would refuse this object. */
bool wb_recording_check_refuses(wb_recording *recording, const char *json);

/* The shape's template, without its volumes when the recording lacks what they need. */
const char *wb_recording_check_volumes(wb_recording *recording, wb_recording_shape *shape);

/* Fills node, type and zone of a spot event from the node on that instance (interned); false: there
 * is none. */
bool wb_recording_check_instance(wb_recording *recording, uint32_t instance, wb_trace_spot *out);

/* ---- recording_write.c ---- */

/* Everything that was gathered, as a trace. */
WB_MUST_CHECK wb_status wb_recording_write(wb_recording *recording,
                                           const wb_trace_import_options *options,
                                           wb_trace_import_report *report, wb_error *err);

#endif
