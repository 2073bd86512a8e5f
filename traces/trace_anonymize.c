/*
 * Record by record: names through the keyed hash, templates and objects through anonymize_json.c.
 * Owners and shapes are replaced where the input keeps them, before the first pod writes them.
 */
#include "traces/trace_anonymize.h"

#include <assert.h>
#include <string.h>

#include "base/document.h"
#include "base/heap_memory.h"
#include "traces/anonymize_json.h"
#include "traces/trace_rewrite.h"

typedef struct anonymous_pass {
    wb_keyed_hash_key key;
    wb_trace_rewrite_input input;
    wb_trace_rewrite_output output;
    wb_text text;
    size_t done_shape_count, done_owner_count;
    uint64_t pod_count;
    int64_t end_ms;
} anonymous_pass;

static const char *const kept[] = {
    "times: creation, end, run time, binding, and the calendar time of 0",
    "requests, limits, capacities; numbers and switches of every kind",
    "kinds of owners and objects, operators, effects, policies, schedules of CronJobs",
    "which things have the same name, label, namespace, image or node (as equal hashes)",
    "label keys of Kubernetes, Karpenter, EKS, NVIDIA and AMD (kubernetes.io/...), but not the "
    "role in node-role.kubernetes.io/; names of such projects' storage drivers",
    "values of zone, region, instance type, architecture, OS, capacity type and instance features",
    "instance types and zones of spot events, prices",
    "left out: annotations (but a few switches), env, commands, probes, mounts, addresses, owners' "
    "references, secrets' and config maps' data, parameters of storage",
    NULL,
};

const char *const *wb_trace_anonymize_kept(void)
{
    return kept;
}

/* What was declared since the last call. */
static void hide_declared(anonymous_pass *pass)
{
    char name[24];
    wb_trace_rewrite_input *input = &pass->input;
    for (; pass->done_shape_count < input->shape_count; pass->done_shape_count++) {
        wb_trace_declared *shape = &input->shapes[pass->done_shape_count];
        wb_arena arena;
        wb_arena_init(&arena, "template", 0, NULL);
        wb_text_clear(&pass->text);
        wb_anonymize_json_add(pass->key, wb_trace_rewrite_template(&arena, shape), &pass->text);
        wb_trace_rewrite_replace(shape, wb_text_string(&pass->text), pass->text.length);
        wb_anonymize_json_name(pass->key, shape->namespace_name, name);
        wb_trace_rewrite_rename(shape, name);
        wb_arena_release(&arena);
    }
    for (; pass->done_owner_count < input->owner_count; pass->done_owner_count++) {
        wb_trace_declared *owner = &input->owners[pass->done_owner_count];
        wb_anonymize_json_name(pass->key, owner->json, name);
        wb_trace_rewrite_replace(owner, name, strlen(name));
        wb_anonymize_json_name(pass->key, owner->namespace_name, name);
        wb_trace_rewrite_rename(owner, name);
    }
}

static wb_status write_pod(anonymous_pass *pass, wb_error *err)
{
    char name[24];
    char node_name[24];
    wb_trace_pod pod = wb_trace_rewrite_pod_of(&pass->input.record);
    wb_trace_pod_history history = pass->input.record.history;
    wb_anonymize_json_name(pass->key, pod.name, name);
    pod.name = name;
    if (history.node_name != NULL) {
        wb_anonymize_json_name(pass->key, history.node_name, node_name);
        history.node_name = node_name;
    }
    pod.history = &history;
    pass->pod_count++;
    return wb_trace_rewrite_pod(&pass->output, &pass->input, &pod, err);
}

/* Fields of the record itself whose texts are kept; "node" and "instance" are names. */
static bool is_kept_field(const char *field)
{
    static const char *const fields[] = {"delete", "scale", "spot", "type", "zone"};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (strcmp(fields[i], field) == 0) {
            return true;
        }
    }
    return false;
}

static wb_status write_other(anonymous_pass *pass, wb_error *err)
{
    const wb_trace_record *record = &pass->input.record;
    const wb_node *source = record->source;
    bool is_first = true;
    assert(source != NULL);
    wb_text_clear(&pass->text);
    for (uint32_t i = 0; i < source->count; i++) {
        const wb_node *value = source->children[i];
        if (strcmp(source->keys[i], "at") == 0) {
            continue;
        }
        wb_text_add_string(&pass->text, is_first ? "" : ",");
        wb_text_add_json_string(&pass->text, source->keys[i]);
        wb_text_add_string(&pass->text, ":");
        if (is_kept_field(source->keys[i]) && value->kind == WB_NODE_STRING) {
            wb_node_print_json(value, &pass->text);
        } else {
            wb_anonymize_json_add(pass->key, value, &pass->text);
        }
        is_first = false;
    }
    return wb_trace_rewrite_other(&pass->output, record->at_ms, wb_text_string(&pass->text), err);
}

static wb_status write_records(anonymous_pass *pass, wb_error *err)
{
    for (;;) {
        WB_TRY(wb_trace_rewrite_next(&pass->input, err));
        hide_declared(pass);
        if (pass->input.record.kind == WB_TRACE_END) {
            pass->end_ms = pass->input.record.at_ms;
            wb_trace_rewrite_note_end(&pass->output, &pass->input.record);
            return WB_OK;
        }
        WB_TRY(pass->input.record.kind == WB_TRACE_POD ? write_pod(pass, err)
                                                       : write_other(pass, err));
    }
}

wb_status wb_trace_anonymize(const char *path, const char *key, size_t length,
                             const char *output_path, wb_trace_tool_report *out, wb_error *err)
{
    assert(path != NULL && key != NULL && output_path != NULL && out != NULL);
    anonymous_pass pass = {.key = wb_keyed_hash_key_of(key, length)};
    WB_TRY(wb_trace_rewrite_open(&pass.input, path, err));
    wb_text_init(&pass.text);
    const wb_trace_info_header *header = wb_trace_reader_header(pass.input.reader);
    const wb_trace_info_header new_header = {.epoch_ms = header->epoch_ms,
                                             .end_ms = header->end_ms,
                                             .source = "anonymous"};
    wb_status status = wb_trace_rewrite_begin(&pass.output, output_path, &new_header, err);
    if (status == WB_OK) {
        status = write_records(&pass, err);
        status = wb_trace_rewrite_finish(&pass.output, status, pass.end_ms, err);
    }
    *out = (wb_trace_tool_report){.read_pod_count = pass.pod_count,
                                  .pod_count = pass.output.pod_count,
                                  .record_count = pass.output.record_count,
                                  .end_ms = pass.output.last_ms};
    wb_trace_rewrite_close(&pass.input);
    wb_text_release(&pass.text);
    return status;
}
