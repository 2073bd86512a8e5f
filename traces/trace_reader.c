/*
 * Reads a trace record by record. A line is parsed into a scratch arena that is rewound before the
 * next one; only templates and applied objects stay, in the caller's arena.
 *
 * Pod lines are most of a trace (a million of them beside a few hundred shapes): those that look as
 * our writer writes them are read without a tree (trace_fast.h), and the order of checks for the
 * others follows them.
 */
#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/duration.h"
#include "base/heap_memory.h"
#include "base/line_reader.h"
#include "base/text.h"
#include "kube/names.h"
#include "traces/trace.h"
#include "traces/trace_fast.h"
#include "traces/trace_internal.h"

#define LEFT_OUT_MAX 1000000000 /* of a recording; sums over traces stay far below 2^63 */

struct wb_trace_reader {
    wb_line_reader *lines; /* owned */
    const char *path;      /* in arena */
    wb_arena *arena;       /* borrowed: templates, manifests */
    wb_intern *intern;     /* borrowed */
    wb_arena scratch;      /* owned: one record */
    wb_trace_info_header header;
    wb_digest *digest;        /* owned; of the unpacked lines, the first one too */
    wb_trace_fast_state fast; /* time of the last record, shapes and owners so far */
    uint64_t record_count;
    bool has_ended, is_plain;
};

static const struct {
    wb_owner_kind kind;
    const char *name;
} owner_kinds[] = {
    {WB_OWNER_REPLICA_SET, "ReplicaSet"},
    {WB_OWNER_DEPLOYMENT, "Deployment"},
    {WB_OWNER_STATEFUL_SET, "StatefulSet"},
    {WB_OWNER_DAEMON_SET, "DaemonSet"},
    {WB_OWNER_JOB, "Job"},
    {WB_OWNER_CRON_JOB, "CronJob"},
    {WB_OWNER_NODE, "Node"},
    {WB_OWNER_REPLICATION_CONTROLLER, "ReplicationController"},
};

wb_owner_kind wb_trace_owner_kind(const char *name)
{
    assert(name != NULL);
    for (size_t i = 0; i < sizeof(owner_kinds) / sizeof(owner_kinds[0]); i++) {
        if (strcmp(owner_kinds[i].name, name) == 0) {
            return owner_kinds[i].kind;
        }
    }
    return WB_OWNER_OTHER;
}

const char *wb_trace_owner_kind_name(wb_owner_kind kind)
{
    for (size_t i = 0; i < sizeof(owner_kinds) / sizeof(owner_kinds[0]); i++) {
        if (owner_kinds[i].kind == kind) {
            return owner_kinds[i].name;
        }
    }
    return "Other";
}

static unsigned long long line_number(const wb_trace_reader *reader)
{
    return (unsigned long long)wb_line_reader_line(reader->lines);
}

/* One message for a field that is missing or of the wrong kind. */
static wb_status fail_field(const wb_trace_reader *reader, const wb_node *found, const char *field,
                            const char *expected, wb_error *err)
{
    if (found == NULL) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: '%s' is missing, expected %s", reader->path,
                       line_number(reader), field, expected);
    }
    return wb_fail(err, WB_ERR_INPUT, "%s:%llu:%u: '%s' is %s, expected %s", reader->path,
                   line_number(reader), found->column, field,
                   found->text[0] != 0 ? found->text : wb_node_kind_name(found->kind), expected);
}

/* A whole number >= minimum; absent_value when the field is not there (INT64_MIN: required). */
static wb_status take_number(const wb_trace_reader *reader, const wb_node *record,
                             const char *field, int64_t absent_value, int64_t *out, wb_error *err)
{
    const wb_node *node = wb_node_get(record, field);
    if (node == NULL && absent_value != INT64_MIN) {
        *out = absent_value;
        return WB_OK;
    }
    int64_t value = 0;
    if (node == NULL || !wb_node_is_int64(node, &value) || value < 0) {
        return fail_field(reader, node, field, "a whole number that is not negative", err);
    }
    *out = value;
    return WB_OK;
}

static wb_status take_string(const wb_trace_reader *reader, const wb_node *record,
                             const char *field, const char **out, wb_error *err)
{
    const wb_node *node = wb_node_get(record, field);
    if (node == NULL || node->kind != WB_NODE_STRING || node->text_length == 0) {
        return fail_field(reader, node, field, "a name", err);
    }
    *out = node->text;
    return WB_OK;
}

static wb_status take_namespace(const wb_trace_reader *reader, const wb_node *record, uint32_t *out,
                                wb_error *err)
{
    const char *name = "default";
    if (wb_node_get(record, "namespace") != NULL) {
        WB_TRY(take_string(reader, record, "namespace", &name, err));
    }
    *out = wb_intern_add(reader->intern, name);
    return WB_OK;
}

/* A time or a length of time in ms: a number that sums of a million pods can bear. */
static wb_status take_ms(const wb_trace_reader *reader, const wb_node *record, const char *field,
                         int64_t absent_value, int64_t *out, wb_error *err)
{
    WB_TRY(take_number(reader, record, field, absent_value, out, err));
    if (*out > WB_TRACE_TIME_MAX_MS) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: '%s' is %lld ms, expected at most %lld (31 years)", reader->path,
                       line_number(reader), field, (long long)*out,
                       (long long)WB_TRACE_TIME_MAX_MS);
    }
    return WB_OK;
}

/* Time of a record, which must not lie before the one before. */
static wb_status take_time(wb_trace_reader *reader, const wb_node *record, int64_t *out,
                           wb_error *err)
{
    WB_TRY(take_ms(reader, record, "at", INT64_MIN, out, err));
    if (*out < reader->fast.last_ms) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: 'at' is %lld, expected no less than %lld, the time of the record "
                       "before",
                       reader->path, line_number(reader), (long long)*out,
                       (long long)reader->fast.last_ms);
    }
    reader->fast.last_ms = *out;
    return WB_OK;
}

/* The line's findings as one error, with the file's line in front. */
static wb_status first_finding(const wb_trace_reader *reader, const wb_findings *findings,
                               wb_error *err)
{
    const char *text = findings->error_count > 0 ? findings->errors[0].text : "is unusable";
    return wb_fail(err, WB_ERR_INPUT, "%s:%llu: %s", reader->path, line_number(reader), text);
}

/* Every reader of a trace keeps something of each shape and owner: that must stay bounded. */
static wb_status fail_limit(const wb_trace_reader *reader, const char *what, uint32_t limit,
                            wb_error *err)
{
    return wb_fail(err, WB_ERR_LIMIT, "%s:%llu: more than %u %s, expected fewer", reader->path,
                   line_number(reader), limit, what);
}

static wb_status read_shape(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                            wb_error *err)
{
    assert(out->until_ms == -1 && out->runs_ms == -1); /* nothing of a record before */
    int64_t number = 0;
    WB_TRY(take_number(reader, record, "shape", INT64_MIN, &number, err));
    if (number != reader->fast.shape_count) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: 'shape' is %lld, expected %u: shapes are numbered from 0 in order",
                       reader->path, line_number(reader), (long long)number,
                       reader->fast.shape_count);
    }
    if (reader->fast.shape_count == WB_TRACE_SHAPES_MAX) {
        return fail_limit(reader, "shapes", WB_TRACE_SHAPES_MAX, err);
    }
    WB_TRY(take_namespace(reader, record, &out->namespace_name, err));
    const wb_node *template = wb_node_get(record, "template");
    if (template == NULL || template->kind != WB_NODE_MAP) {
        return fail_field(reader, template, "template", "a pod template", err);
    }
    wb_findings findings;
    wb_findings_init(&findings, &reader->scratch, false);
    const wb_decode_context context = {.arena = reader->arena,
                                       .intern = reader->intern,
                                       .findings = &findings};
    wb_pod_template *decoded = WB_ARENA_NEW(reader->arena, wb_pod_template);
    if (!wb_manifest_decode_pod_template(&context, wb_node_get(template, "metadata"),
                                         wb_node_get(template, "spec"), decoded) ||
        findings.error_count > 0) {
        return first_finding(reader, &findings, err);
    }
    out->kind = WB_TRACE_SHAPE;
    out->shape_number = reader->fast.shape_count++;
    out->template = decoded;
    return WB_OK;
}

/* Owners matter for eviction: a pod with one is made anew by it, a bare one is lost. */
static wb_status read_owner(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                            wb_error *err)
{
    int64_t number = 0;
    const char *kind = NULL;
    WB_TRY(take_number(reader, record, "owner", INT64_MIN, &number, err));
    if (number != reader->fast.owner_count) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: 'owner' is %lld, expected %u: owners are numbered from 0 in order",
                       reader->path, line_number(reader), (long long)number,
                       reader->fast.owner_count);
    }
    if (reader->fast.owner_count == WB_TRACE_OWNERS_MAX) {
        return fail_limit(reader, "owners", WB_TRACE_OWNERS_MAX, err);
    }
    WB_TRY(take_string(reader, record, "kind", &kind, err));
    WB_TRY(take_string(reader, record, "name", &out->name, err));
    WB_TRY(take_namespace(reader, record, &out->namespace_name, err));
    out->kind = WB_TRACE_OWNER;
    out->owner_kind = wb_trace_owner_kind(kind);
    out->owner_number = reader->fast.owner_count++;
    return WB_OK;
}

/* A number that an earlier line must have declared. */
static wb_status take_declared(const wb_trace_reader *reader, const wb_node *record,
                               const char *field, uint32_t declared_count, uint32_t *out,
                               wb_error *err)
{
    assert(field != NULL && out != NULL);
    int64_t number = 0;
    WB_TRY(take_number(reader, record, field, INT64_MIN, &number, err));
    if (number >= declared_count) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: %s %lld was not declared before, expected one of the %u above",
                       reader->path, line_number(reader), field, (long long)number, declared_count);
    }
    *out = (uint32_t)number;
    return WB_OK;
}

/* What a recording knows of the pod; nothing of it need be there. */
static wb_status read_history(const wb_trace_reader *reader, const wb_node *record,
                              wb_trace_pod_history *out, wb_error *err)
{
    int64_t exit_code = 0;
    *out = (wb_trace_pod_history){.exit_code = -1};
    if (wb_node_get(record, "node") != NULL) {
        WB_TRY(take_string(reader, record, "node", &out->node_name, err));
    }
    WB_TRY(take_ms(reader, record, "bound", -1, &out->bound_ms, err));
    WB_TRY(take_ms(reader, record, "started", -1, &out->started_ms, err));
    WB_TRY(take_ms(reader, record, "gone", -1, &out->gone_ms, err));
    WB_TRY(take_number(reader, record, "exit", -1, &exit_code, err));
    if (exit_code > INT32_MAX) {
        return fail_field(reader, wb_node_get(record, "exit"), "exit", "an exit code", err);
    }
    out->exit_code = (int32_t)exit_code;
    return WB_OK;
}

/* until and runs exclude each other: a service has a recorded end, a batch pod a length that
 * does not depend on when it starts. */
static wb_status check_pod_end(const wb_trace_reader *reader, const wb_trace_record *pod,
                               wb_error *err)
{
    assert(pod->kind == WB_TRACE_POD);
    if (pod->until_ms >= 0 && pod->until_ms < pod->at_ms) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: pod '%s' is deleted at %lld ms ('until'), before its creation at "
                       "%lld ms ('at')",
                       reader->path, line_number(reader), pod->name, (long long)pod->until_ms,
                       (long long)pod->at_ms);
    }
    if (pod->until_ms >= 0 && pod->runs_ms >= 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: pod '%s' has both 'until' and 'runs', expected one of them",
                       reader->path, line_number(reader), pod->name);
    }
    return WB_OK;
}

static wb_status read_pod(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                          wb_error *err)
{
    WB_TRY(take_time(reader, record, &out->at_ms, err));
    WB_TRY(take_string(reader, record, "pod", &out->name, err));
    WB_TRY(
        take_declared(reader, record, "shape", reader->fast.shape_count, &out->shape_number, err));
    if (wb_node_get(record, "owner") != NULL) {
        WB_TRY(take_declared(reader, record, "owner", reader->fast.owner_count, &out->owner_number,
                             err));
    }
    WB_TRY(take_ms(reader, record, "until", -1, &out->until_ms, err));
    WB_TRY(take_ms(reader, record, "runs", -1, &out->runs_ms, err));
    out->is_checkpointed = wb_node_bool(wb_node_get(record, "checkpointed"), false);
    WB_TRY(read_history(reader, record, &out->history, err));
    out->kind = WB_TRACE_POD;
    return check_pod_end(reader, out, err);
}

static wb_status read_apply(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                            wb_error *err)
{
    WB_TRY(take_time(reader, record, &out->at_ms, err));
    wb_findings findings;
    wb_findings_init(&findings, &reader->scratch, false);
    const wb_decode_context context = {.arena = reader->arena,
                                       .intern = reader->intern,
                                       .findings = &findings};
    wb_manifest *manifest = WB_ARENA_NEW(reader->arena, wb_manifest);
    wb_manifest_init(manifest);
    wb_manifest_add_document(manifest, &context, wb_node_get(record, "apply"));
    if (findings.error_count > 0) {
        return first_finding(reader, &findings, err);
    }
    out->kind = WB_TRACE_APPLY;
    out->manifest = manifest;
    return WB_OK;
}

/* Whether the object exists is the cluster's business, not the reader's: a Deployment's pods are
 * never in the trace. */
static wb_status read_delete(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                             wb_error *err)
{
    WB_TRY(take_time(reader, record, &out->at_ms, err));
    WB_TRY(take_string(reader, record, "delete", &out->delete_kind, err));
    WB_TRY(take_string(reader, record, "name", &out->name, err));
    WB_TRY(take_namespace(reader, record, &out->namespace_name, err));
    out->owner_kind = wb_trace_owner_kind(out->delete_kind);
    out->kind = WB_TRACE_DELETE;
    return WB_OK;
}

/* A node that goes has no object; one that is there has always one, so that a replay needs no
 * memory of earlier records. */
static wb_status read_node(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                           wb_error *err)
{
    assert(out->node == NULL && !out->is_ready);
    WB_TRY(take_time(reader, record, &out->at_ms, err));
    WB_TRY(take_string(reader, record, "node", &out->name, err));
    out->kind = WB_TRACE_NODE;
    if (wb_node_bool(wb_node_get(record, "gone"), false)) {
        return WB_OK;
    }
    const wb_node *object = wb_node_get(record, "object");
    if (object == NULL || object->kind != WB_NODE_MAP) {
        return fail_field(reader, object, "object", "a Node, or \"gone\":true", err);
    }
    wb_findings findings;
    wb_findings_init(&findings, &reader->scratch, false);
    const wb_decode_context context = {.arena = reader->arena,
                                       .intern = reader->intern,
                                       .findings = &findings};
    wb_node_object *node = WB_ARENA_NEW(reader->arena, wb_node_object);
    if (!wb_manifest_decode_node(&context, object, node) || findings.error_count > 0) {
        return first_finding(reader, &findings, err);
    }
    if (strcmp(wb_intern_text(reader->intern, node->name), out->name) != 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: 'node' is '%s', but its object is that of '%s'",
                       reader->path, line_number(reader), out->name,
                       wb_intern_text(reader->intern, node->name));
    }
    out->node = node;
    out->is_ready = wb_node_bool(wb_node_get(record, "ready"), false);
    return WB_OK;
}

static wb_status read_scale(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                            wb_error *err)
{
    const char *kind = NULL;
    int64_t replicas = 0;
    WB_TRY(take_time(reader, record, &out->at_ms, err));
    WB_TRY(take_string(reader, record, "scale", &kind, err));
    WB_TRY(take_string(reader, record, "name", &out->name, err));
    WB_TRY(take_namespace(reader, record, &out->namespace_name, err));
    WB_TRY(take_number(reader, record, "replicas", INT64_MIN, &replicas, err));
    out->owner_kind = wb_trace_owner_kind(kind);
    if (out->owner_kind == WB_OWNER_OTHER) {
        return fail_field(reader, wb_node_get(record, "scale"), "scale", "a kind of workload", err);
    }
    if (replicas > INT32_MAX) {
        return fail_field(reader, wb_node_get(record, "replicas"), "replicas", "a number of pods",
                          err);
    }
    out->replicas = (int32_t)replicas;
    out->kind = WB_TRACE_SCALE;
    return WB_OK;
}

static const char *const spot_event_names[WB_TRACE_SPOT_EVENT_COUNT] = {
    [WB_TRACE_SPOT_INTERRUPTION] = "interruption",
    [WB_TRACE_SPOT_REBALANCE] = "rebalance",
    [WB_TRACE_SPOT_ENDED] = "ended",
    [WB_TRACE_SPOT_PRICE] = "price",
    [WB_TRACE_SPOT_CAPACITY] = "capacity",
};

const char *wb_trace_spot_event_name(wb_trace_spot_event event)
{
    assert(event < WB_TRACE_SPOT_EVENT_COUNT);
    return spot_event_names[event];
}

static wb_status take_optional_string(const wb_trace_reader *reader, const wb_node *record,
                                      const char *field, const char **out, wb_error *err)
{
    return wb_node_get(record, field) == NULL ? WB_OK
                                              : take_string(reader, record, field, out, err);
}

static wb_status take_spot_event(const wb_trace_reader *reader, const wb_node *record,
                                 wb_trace_spot_event *out, wb_error *err)
{
    const char *name = "";
    WB_TRY(take_string(reader, record, "spot", &name, err));
    for (uint32_t event = 0; event < WB_TRACE_SPOT_EVENT_COUNT; event++) {
        if (strcmp(spot_event_names[event], name) == 0) {
            *out = (wb_trace_spot_event)event;
            return WB_OK;
        }
    }
    return fail_field(reader, wb_node_get(record, "spot"), "spot",
                      "interruption, rebalance, ended, price or capacity", err);
}

/* Prices and capacities are of a pool, which must then be named; the others may name what is
 * known of the instance. */
static wb_status read_spot(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                           wb_error *err)
{
    WB_TRY(take_time(reader, record, &out->at_ms, err));
    WB_TRY(take_spot_event(reader, record, &out->spot_event, err));
    out->kind = WB_TRACE_SPOT;
    WB_TRY(take_optional_string(reader, record, "type", &out->instance_type, err));
    WB_TRY(take_optional_string(reader, record, "zone", &out->zone, err));
    WB_TRY(take_optional_string(reader, record, "instance", &out->instance, err));
    WB_TRY(take_optional_string(reader, record, "node", &out->node_name, err));
    if (out->spot_event != WB_TRACE_SPOT_PRICE && out->spot_event != WB_TRACE_SPOT_CAPACITY) {
        return WB_OK;
    }
    if (out->instance_type == NULL || out->zone == NULL) {
        return fail_field(reader, NULL, out->zone == NULL ? "zone" : "type", "the pool's", err);
    }
    return take_number(reader, record, "value", INT64_MIN, &out->value, err);
}

/* Behind the last line the file ends, and so does a packed one: two traces put together, or a .zst
 * that lost its tail, are no trace. */
static wb_status expect_no_more(const wb_trace_reader *reader, wb_error *err)
{
    assert(reader->has_ended);
    char *line = NULL;
    size_t length = 0;
    bool is_cut = false;
    WB_TRY(wb_line_reader_next(reader->lines, &line, &length, &is_cut, err));
    if (line != NULL) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: a line behind the last one ('end')",
                       reader->path, line_number(reader));
    }
    return WB_OK;
}

/* What the recording had and this trace has not; absent is 0. */
static wb_status read_unmodelled(const wb_trace_reader *reader, const wb_node *record,
                                 wb_trace_record *out, wb_error *err)
{
    int64_t approximated_count = 0;
    int64_t left_out_count = 0;
    WB_TRY(take_number(reader, record, "approximated", 0, &approximated_count, err));
    WB_TRY(take_number(reader, record, "left_out", 0, &left_out_count, err));
    if ((uint64_t)approximated_count > reader->record_count || left_out_count > LEFT_OUT_MAX) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: 'approximated' is %lld and 'left_out' %lld, expected at most the "
                       "%llu records and %d",
                       reader->path, line_number(reader), (long long)approximated_count,
                       (long long)left_out_count, (unsigned long long)reader->record_count,
                       LEFT_OUT_MAX);
    }
    out->approximated_count = (uint64_t)approximated_count;
    out->left_out_count = (uint64_t)left_out_count;
    return WB_OK;
}

static wb_status read_end(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                          wb_error *err)
{
    int64_t record_count = 0;
    WB_TRY(take_ms(reader, record, "end", INT64_MIN, &out->at_ms, err));
    WB_TRY(take_number(reader, record, "records", INT64_MIN, &record_count, err));
    if ((uint64_t)record_count != reader->record_count) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: the last line counts %lld records, %llu were found: lines are "
                       "missing or doubled",
                       reader->path, line_number(reader), (long long)record_count,
                       (unsigned long long)reader->record_count);
    }
    if (out->at_ms < reader->fast.last_ms) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: 'end' is %lld, before the last record at %lld",
                       reader->path, line_number(reader), (long long)out->at_ms,
                       (long long)reader->fast.last_ms);
    }
    WB_TRY(read_unmodelled(reader, record, out, err));
    out->kind = WB_TRACE_END;
    reader->has_ended = true;
    return expect_no_more(reader, err);
}

/* The next line, NULL at the end of the file. */
static wb_status next_line(wb_trace_reader *reader, char **out, size_t *out_length, wb_error *err)
{
    bool is_cut = false;
    WB_TRY(wb_line_reader_next(reader->lines, out, out_length, &is_cut, err));
    if (*out == NULL) {
        return WB_OK;
    }
    if (is_cut) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:%llu: the trace is cut in the middle of a record, expected a line end",
                       reader->path, line_number(reader));
    }
    wb_digest_add_bytes(reader->digest, *out, *out_length);
    wb_digest_add_bytes(reader->digest, "\n", 1);
    return WB_OK;
}

/* A line as a map in scratch. */
static wb_status parse_line(wb_trace_reader *reader, const char *line, size_t length,
                            const wb_node **out, wb_error *err)
{
    wb_arena_clear(&reader->scratch);
    const wb_document_input input = {
        .file = "", .text = line, .length = length, .syntax = WB_DOCUMENT_JSON};
    wb_document_stream stream = {0};
    wb_error inner;
    if (wb_document_read_text(&reader->scratch, &input, &stream, &inner) != WB_OK) {
        const char *place = strstr(inner.text, ": "); /* its ":1:<column>" is of the line only */
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: %s", reader->path, line_number(reader),
                       place != NULL ? place + 2 : inner.text);
    }
    if (stream.count != 1 || stream.roots[0]->kind != WB_NODE_MAP) {
        return wb_fail(err, WB_ERR_INPUT, "%s:%llu: expected one JSON object per line",
                       reader->path, line_number(reader));
    }
    *out = stream.roots[0];
    return WB_OK;
}

/* A record is what its first telling field says; pods first, for they are most of a trace. A pod
 * and a spot event may name a node, so both come before it. */
static const struct {
    const char *field;
    wb_status (*read)(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                      wb_error *err);
} record_kinds[] = {
    {"pod", read_pod},        {"delete", read_delete}, {"apply", read_apply},
    {"template", read_shape}, {"owner", read_owner},   {"spot", read_spot},
    {"node", read_node},      {"scale", read_scale},   {"end", read_end},
};

static wb_status read_by_field(wb_trace_reader *reader, const wb_node *record, wb_trace_record *out,
                               wb_error *err)
{
    for (size_t i = 0; i < sizeof(record_kinds) / sizeof(record_kinds[0]); i++) {
        if (wb_node_get(record, record_kinds[i].field) != NULL) {
            return record_kinds[i].read(reader, record, out, err);
        }
    }
    return wb_fail(err, WB_ERR_INPUT,
                   "%s:%llu: not a record, expected one of the fields pod, delete, apply, "
                   "template, owner, spot, node, scale, end",
                   reader->path, line_number(reader));
}

wb_status wb_trace_reader_next(wb_trace_reader *reader, wb_trace_record *out, wb_error *err)
{
    assert(reader != NULL && out != NULL && !reader->has_ended);
    const wb_node *record = NULL;
    char *line = NULL;
    size_t length = 0;
    WB_TRY(next_line(reader, &line, &length, err));
    if (line == NULL) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: the trace ends after line %llu without its last line, expected "
                       "{\"end\":...}: it is cut off",
                       reader->path, line_number(reader));
    }
    *out = (wb_trace_record){.line = wb_line_reader_line(reader->lines),
                             .text = line,
                             .text_length = length,
                             .owner_number = UINT32_MAX,
                             .until_ms = -1,
                             .runs_ms = -1};
    if (!reader->is_plain && wb_trace_fast_read_pod(&reader->fast, line, length, out)) {
        reader->record_count++;
        return WB_OK;
    }
    WB_TRY(parse_line(reader, line, length, &record, err));
    out->source = record;
    const wb_status status = read_by_field(reader, record, out, err);
    reader->record_count++;
    return status;
}

/* What is no trace at all is told how to become one; what is one but of another version is not
 * read half. */
static wb_status read_header(wb_trace_reader *reader, wb_error *err)
{
    const wb_node *record = NULL;
    char *line = NULL;
    size_t length = 0;
    WB_TRY(next_line(reader, &line, &length, err));
    const bool is_map = line != NULL && parse_line(reader, line, length, &record, NULL) == WB_OK;
    const char *magic = wb_node_string(wb_node_get(record, "trace"), "");
    if (!is_map || strcmp(magic, WB_TRACE_MAGIC) != 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s:1: not a werkbank trace, expected {\"trace\":\"" WB_TRACE_MAGIC
                       "\",...} in the first line (see: werkbank trace import)",
                       reader->path);
    }
    reader->header = (wb_trace_info_header){.epoch_ms = -1, .end_ms = -1};
    const char *epoch = wb_node_string(wb_node_get(record, "epoch"), "");
    if (*epoch != 0) {
        wb_error inner;
        if (wb_duration_parse_time(epoch, &reader->header.epoch_ms, &inner) != WB_OK) {
            return fail_field(reader, wb_node_get(record, "epoch"), "epoch", "an RFC 3339 time",
                              err);
        }
    }
    WB_TRY(take_number(reader, record, "end_ms", -1, &reader->header.end_ms, err));
    reader->header.source =
        wb_arena_copy_string(reader->arena, wb_node_string(wb_node_get(record, "source"), ""));
    return WB_OK;
}

wb_status wb_trace_reader_open(const char *path, wb_arena *arena, wb_intern *intern,
                               wb_trace_reader **out, wb_error *err)
{
    assert(path != NULL && arena != NULL && intern != NULL && out != NULL);
    wb_trace_reader *reader = wb_heap_memory_zalloc(1, sizeof *reader);
    reader->arena = arena;
    reader->intern = intern;
    reader->path = wb_arena_copy_string(arena, path);
    reader->digest = wb_digest_new();
    wb_arena_init(&reader->scratch, "trace record", 0, NULL);
    wb_status status = wb_line_reader_open(path, &reader->lines, err);
    if (status == WB_OK) {
        status = read_header(reader, err);
    }
    if (status != WB_OK) {
        wb_trace_reader_close(reader);
        return status;
    }
    *out = reader;
    return WB_OK;
}

void wb_trace_reader_close(wb_trace_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    wb_line_reader_close(reader->lines);
    wb_digest_free(reader->digest);
    wb_arena_release(&reader->scratch);
    wb_heap_memory_free(reader);
}

void wb_trace_reader_set_plain(wb_trace_reader *reader)
{
    assert(reader != NULL);
    reader->is_plain = true;
}

const wb_trace_info_header *wb_trace_reader_header(const wb_trace_reader *reader)
{
    assert(reader != NULL);
    return &reader->header;
}

void wb_trace_reader_digest(const wb_trace_reader *reader, char out[33])
{
    assert(reader != NULL);
    wb_digest_text(reader->digest, out);
}

uint64_t wb_trace_reader_offset_bytes(const wb_trace_reader *reader)
{
    return wb_line_reader_offset_bytes(reader->lines);
}
