/*
 * Our own trace format, and the one way to read and write it: a stream of records in order of time.
 *
 * A trace is line-oriented JSON (docs/trace-format.md), zstd-compressed when its name ends in .zst,
 * read record by record in constant memory. Times are milliseconds since the trace's epoch. A pod
 * names a shape (a Kubernetes pod template) that was declared before it, so that a million pods
 * repeat nothing.
 *
 *   {"trace":"werkbank/v1","epoch":"2023-01-01T00:00:00Z","source":"...","end_ms":...}  first line
 *   {"shape":7,"namespace":"web","template":{"metadata":{...},"spec":{...}}}
 *   {"owner":3,"kind":"Deployment","namespace":"web","name":"api"}
 *   {"at":120,"pod":"api-5","shape":7,"owner":3,"until":86400000}  a service, to its end
 *   {"at":121,"pod":"job-1","shape":8,"owner":4,"runs":540000}         run to completion
 *   {"at":121,"pod":"x","shape":8}                                     until a delete record
 *   {"at":300,"delete":"Pod","namespace":"web","name":"api-5"}
 *   {"at":0,"apply":{"apiVersion":"apps/v1","kind":"Deployment",...}}  controllers make the pods
 *   {"at":900,"delete":"Deployment","namespace":"web","name":"api"}
 *
 * and, in traces that were recorded from a cluster, what happened there beside the workload:
 *
 *   {"at":121,"pod":"x","shape":8,"node":"ip-1","bound":900,"started":2000,"gone":9000,"exit":0}
 *   {"at":0,"node":"ip-1","ready":true,"object":{"kind":"Node",...}}   as it is from now on
 *   {"at":950,"node":"ip-1","gone":true}
 *   {"at":300,"scale":"Deployment","namespace":"web","name":"api","replicas":10}
 *   {"at":500,"spot":"interruption","type":"m5.xlarge","zone":"us-east-1b","instance":"i-0a"}
 *   {"at":500,"spot":"price","type":"m5.xlarge","zone":"us-east-1b","value":61300000}
 *
 *   {"end":86400000,"records":12345,"approximated":20}              last line: nothing was cut
 */
#ifndef WB_TRACES_TRACE_H
#define WB_TRACES_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/findings.h"
#include "base/status.h"
#include "kube/manifest.h"

/* Times and lengths of time in a trace end here: 31 years. Sums over a million pods then fit. */
#define WB_TRACE_TIME_MAX_MS INT64_C(1000000000000)

/* Shapes, and owners, of one trace: what every reader keeps a few numbers of. Beyond, WB_ERR_LIMIT:
 * a trace that repeats nothing would be held whole after all. */
#define WB_TRACE_SHAPES_MAX UINT32_C(1000000)
#define WB_TRACE_OWNERS_MAX UINT32_C(20000000)

typedef enum wb_trace_record_kind {
    WB_TRACE_SHAPE,
    WB_TRACE_OWNER,
    WB_TRACE_POD,
    WB_TRACE_APPLY, /* one Kubernetes object: workload, PDB, PVC, node ... */
    WB_TRACE_DELETE,
    WB_TRACE_NODE,  /* a recorded node appears, changes or goes */
    WB_TRACE_SCALE, /* the replicas of a workload were set */
    WB_TRACE_SPOT,  /* what EC2's spot market did to a pool (type, zone) */
    WB_TRACE_END,
} wb_trace_record_kind;

typedef enum wb_trace_spot_event {
    WB_TRACE_SPOT_INTERRUPTION, /* the two-minute warning of one instance */
    WB_TRACE_SPOT_REBALANCE,    /* the rebalance recommendation of one instance */
    WB_TRACE_SPOT_ENDED,        /* the instance began to shut down */
    WB_TRACE_SPOT_PRICE,        /* value: nano-dollars per hour from now on */
    WB_TRACE_SPOT_CAPACITY,     /* value: instances that the pool would have sold from now on */
    WB_TRACE_SPOT_EVENT_COUNT
} wb_trace_spot_event;

/* What the recording says about the fate of one pod; a replay but that of contender `recorded`
 * leaves it aside. Times are of the trace. */
typedef struct wb_trace_pod_history {
    const char *node_name; /* where it ran; NULL: never bound */
    int64_t bound_ms;      /* -1: not known, or never */
    int64_t started_ms;    /* its containers began; -1 */
    int64_t gone_ms;       /* its object was removed, or it finished; -1 */
    int32_t exit_code;     /* of its last container to end; -1: not known */
} wb_trace_pod_history;

/* One record; what a kind does not use is zero. Texts and pointers live until the next read, except
 * templates and manifests, which live in the reader's arena. */
typedef struct wb_trace_record {
    wb_trace_record_kind kind;
    uint64_t line;                   /* in the file, from 1 */
    int64_t at_ms;                   /* all but SHAPE and OWNER */
    uint32_t shape_number;           /* SHAPE: being declared; POD: declared before. Dense from 0 */
    uint32_t owner_number;           /* OWNER: being declared; POD: UINT32_MAX for a bare pod */
    uint32_t namespace_name;         /* interned: SHAPE, OWNER, DELETE, SCALE */
    const wb_pod_template *template; /* SHAPE */
    wb_owner_kind owner_kind;        /* OWNER, SCALE; DELETE of a workload */
    const char *name;                /* OWNER, POD, DELETE, NODE, SCALE */
    const char *delete_kind;         /* DELETE: "Pod", "Deployment", ... */
    int64_t until_ms;                /* POD: recorded end; -1: none */
    int64_t runs_ms;                 /* POD: run to completion; -1: none */
    bool is_checkpointed;            /* POD: an evicted batch pod goes on where it was */
    wb_trace_pod_history history;    /* POD */
    const wb_manifest *manifest;     /* APPLY: exactly one object */
    const wb_node_object *node;      /* NODE: as it is from now on; NULL: it is gone */
    bool is_ready;                   /* NODE */
    int32_t replicas;                /* SCALE */
    wb_trace_spot_event spot_event;  /* SPOT */
    const char *instance_type;       /* SPOT: "m5.xlarge"; NULL: not known */
    const char *zone;                /* SPOT: "us-east-1b" or a zone id; NULL: not known */
    const char *instance;            /* SPOT: "i-0a..", for events of one instance; NULL */
    const char *node_name;           /* SPOT: the node on that instance; NULL: not known */
    int64_t value;                   /* SPOT: of PRICE and CAPACITY */
    const wb_node *source;           /* the whole line, for tools that write records again; NULL for
                                        a POD that the fast path read */
    const char *text;                /* the line as it is, not zero-terminated */
    size_t text_length;
    uint64_t approximated_count; /* END: see wb_trace_unmodelled */
    uint64_t left_out_count;     /* END */
} wb_trace_record;

typedef struct wb_trace_info_header {
    int64_t epoch_ms;   /* calendar time of 0; -1: the trace has no calendar */
    int64_t end_ms;     /* span, when the writer knew it; -1 */
    const char *source; /* what it was made from */
} wb_trace_info_header;

/* ---- reading ---- */

typedef struct wb_trace_reader wb_trace_reader;

/* Opens path and reads the first line. arena receives templates and manifests (run lifetime). */
WB_MUST_CHECK wb_status wb_trace_reader_open(const char *path, wb_arena *arena, wb_intern *intern,
                                             wb_trace_reader **out, wb_error *err);
void wb_trace_reader_close(wb_trace_reader *reader);

/* The first line, as read by open; valid until close. */
const wb_trace_info_header *wb_trace_reader_header(const wb_trace_reader *reader);

/* The next record. After WB_TRACE_END there is none (asserted). WB_ERR_INPUT with file, line, field
 * and what was expected: a cut record, a file without its last line, times that go backwards, a pod
 * that ends before it begins, a shape that was not declared, bytes behind the last line. */
WB_MUST_CHECK wb_status wb_trace_reader_next(wb_trace_reader *reader, wb_trace_record *out,
                                             wb_error *err);

/* Reads every record by the plain way from now on, which is the oracle of the fast one: for tests
 * and benchmarks. */
void wb_trace_reader_set_plain(wb_trace_reader *reader);

/* Bytes of the file consumed: for progress. */
uint64_t wb_trace_reader_offset_bytes(const wb_trace_reader *reader);

/* What is in a trace. Sums that do not fit show as INT64_MAX. */
typedef struct wb_trace_summary {
    uint64_t record_count, pod_count, shape_count, owner_count, apply_count, delete_count;
    uint64_t node_count, scale_count, spot_count; /* records of these kinds */
    int64_t first_ms, end_ms;
    int64_t epoch_ms;        /* calendar time of 0; -1: none */
    int64_t cpu_milli_hours; /* requests x lifetime, over pods with a known end */
    int64_t gpu_milli_hours;
    uint64_t batch_count, service_count, open_count;
    uint64_t approximated_count, left_out_count; /* see wb_trace_unmodelled */
    int64_t max_pod_cpu_milli, max_pod_memory_bytes;
    char digest[33]; /* of the unpacked lines */
} wb_trace_summary;

/* Sees every SHAPE and APPLY record of a trace while it is checked; both live until check ends. */
typedef struct wb_trace_visitor {
    void *context;
    void (*visit)(void *context, const wb_trace_record *record);
} wb_trace_visitor;

/* Reads the whole trace once without keeping it: WB_OK, or the first thing wrong. Called before a
 * run writes anything. out may be NULL. */
WB_MUST_CHECK wb_status wb_trace_check(const char *path, wb_trace_summary *out, wb_error *err);

/* The same with a visitor, which may be NULL. */
WB_MUST_CHECK wb_status wb_trace_check_each(const char *path, const wb_trace_visitor *visitor,
                                            wb_trace_summary *out, wb_error *err);

/* ---- writing ---- */

typedef struct wb_trace_writer wb_trace_writer;

/* Begins a trace at path with its first line; nothing appears there before commit. WB_ERR_IO: it
 * can't be written. */
WB_MUST_CHECK wb_status wb_trace_writer_open(const char *path, const wb_trace_info_header *header,
                                             wb_trace_writer **out, wb_error *err);

/* Records must come in order of at_ms (asserted); shapes and owners before their pods.
 * template_json is the pod template as compact JSON ({"metadata":..,"spec":..}). */
WB_MUST_CHECK wb_status wb_trace_writer_shape(wb_trace_writer *writer, uint32_t shape_number,
                                              const char *namespace_name, const char *template_json,
                                              wb_error *err);
WB_MUST_CHECK wb_status wb_trace_writer_owner(wb_trace_writer *writer, uint32_t owner_number,
                                              wb_owner_kind kind, const char *namespace_name,
                                              const char *name, wb_error *err);

typedef struct wb_trace_pod {
    int64_t at_ms;
    const char *name;
    uint32_t shape_number, owner_number; /* owner UINT32_MAX: bare */
    int64_t until_ms, runs_ms;           /* -1: none */
    bool is_checkpointed;
    const wb_trace_pod_history *history; /* NULL: nothing is known */
} wb_trace_pod;

/* One pod; its shape and owner must have been written (asserted), at most one of until and runs. */
WB_MUST_CHECK wb_status wb_trace_writer_pod(wb_trace_writer *writer, const wb_trace_pod *pod,
                                            wb_error *err);
/* One Kubernetes object, as compact JSON, that is applied at at_ms. */
WB_MUST_CHECK wb_status wb_trace_writer_apply(wb_trace_writer *writer, int64_t at_ms,
                                              const char *object_json, wb_error *err);
/* An object (a pod or one that was applied) that is deleted at at_ms. */
WB_MUST_CHECK wb_status wb_trace_writer_delete(wb_trace_writer *writer, int64_t at_ms,
                                               const char *kind, const char *namespace_name,
                                               const char *name, wb_error *err);

/* A recorded node as it is from at_ms on: object_json is the Node as compact JSON; NULL: it is gone
 * (is_ready is then ignored). */
WB_MUST_CHECK wb_status wb_trace_writer_node(wb_trace_writer *writer, int64_t at_ms,
                                             const char *name, bool is_ready,
                                             const char *object_json, wb_error *err);

typedef struct wb_trace_scale {
    int64_t at_ms;
    wb_owner_kind kind;
    const char *namespace_name, *name;
    int32_t replicas; /* >= 0 */
} wb_trace_scale;

/* The replicas of a workload were set. In a replay this moves a workload that was applied; of one
 * whose pods are records it is history. */
WB_MUST_CHECK wb_status wb_trace_writer_scale(wb_trace_writer *writer, const wb_trace_scale *scale,
                                              wb_error *err);

typedef struct wb_trace_spot {
    int64_t at_ms;
    wb_trace_spot_event event;
    const char *instance_type, *zone; /* NULL: not known; PRICE and CAPACITY need both */
    const char *instance, *node_name; /* NULL: not known */
    int64_t value;                    /* PRICE, CAPACITY: >= 0 */
} wb_trace_spot;

/* One event of a spot pool or of one spot instance. */
WB_MUST_CHECK wb_status wb_trace_writer_spot(wb_trace_writer *writer, const wb_trace_spot *spot,
                                             wb_error *err);

/* "interruption", "rebalance", "ended", "price", "capacity". */
const char *wb_trace_spot_event_name(wb_trace_spot_event event);

/* A record other than a shape, owner or pod, as a trace that was read has it: rest are its fields
 * but 'at', as JSON without the outer braces (`"delete":"Pod","name":"x"`). */
WB_MUST_CHECK wb_status wb_trace_writer_rest(wb_trace_writer *writer, int64_t at_ms,
                                             const char *rest, wb_error *err);

/* The kind that a record names ("Deployment"), or WB_OWNER_OTHER; and a kind's name. */
wb_owner_kind wb_trace_owner_kind(const char *name);
const char *wb_trace_owner_kind_name(wb_owner_kind kind);

/* What a recording held that a trace of ours cannot say: pods and objects that stand here for
 * something else, and such that are not here at all. The last line says it where it is not 0. */
typedef struct wb_trace_unmodelled {
    uint64_t approximated_count, left_out_count;
} wb_trace_unmodelled;

/* Before commit; without it nothing is said. */
void wb_trace_writer_set_unmodelled(wb_trace_writer *writer, wb_trace_unmodelled unmodelled);

/* Writes the last line and makes the file appear; frees writer. */
WB_MUST_CHECK wb_status wb_trace_writer_commit(wb_trace_writer *writer, int64_t end_ms,
                                               wb_error *err);
void wb_trace_writer_abandon(wb_trace_writer *writer);

#endif
