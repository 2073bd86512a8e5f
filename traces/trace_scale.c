/*
 * Scaling in one pass and a sorter: copies come later than their pod, behind records that follow
 * it. A record waits in the sorter as its kind, its fields and its text.
 */
#include "traces/trace_scale.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/document.h"
#include "base/quantity.h"
#include "base/random.h"
#include "traces/trace_rewrite.h"
#include "traces/trace_sort.h"

#define DRAW_EXTRA  0 /* whether a pod gets one copy more than the whole part of rate */
#define DRAW_JITTER 1 /* this and the following: a copy's delay */

/* In the sorter, in front of a pod's name and its node's, or of a record's fields. */
typedef struct waiting_record {
    int64_t until_ms, runs_ms, bound_ms, started_ms, gone_ms;
    uint32_t shape_number, owner_number;
    int32_t exit_code;
    uint8_t is_pod, is_checkpointed, has_node, unused;
} waiting_record;

typedef struct scale_pass {
    const wb_trace_scale_options *options;
    wb_trace_rewrite_input input;
    wb_trace_rewrite_output output;
    wb_trace_sort *sort; /* owned */
    wb_text text, waiting;
    size_t scaled_shape_count; /* templates of the input that were scaled so far */
    int64_t end_ms;
    uint64_t read_pod_count;
} scale_pass;

/* ---- JSON with other numbers ---- */

static bool is_scaled_resource(const char *name)
{
    return strcmp(name, "cpu") == 0 || strcmp(name, "memory") == 0;
}

/* A quantity times factor, rounded up to a milli of CPU or a byte. */
static void add_scaled_quantity(const char *name, const char *text, double factor, wb_text *out)
{
    wb_quantity quantity;
    wb_error ignored;
    char printed[48];
    if (wb_quantity_parse(text, &quantity, &ignored) != WB_OK) {
        wb_text_add_json_string(out, text);
        return;
    }
    const bool is_cpu = strcmp(name, "cpu") == 0;
    const double value = ceil(
        (double)(is_cpu ? wb_quantity_milli(&quantity) : wb_quantity_units(&quantity)) * factor);
    const int64_t bounded = value > 4e18 ? INT64_C(4000000000000000000) : (int64_t)value;
    if (is_cpu) {
        wb_quantity_print_milli(bounded, printed);
    } else {
        wb_quantity_print_bytes(bounded, printed);
    }
    wb_text_add_json_string(out, printed);
}

/* Prints node with the CPU and memory of every "requests" and "limits" map scaled. */
/* NOLINTNEXTLINE(misc-no-recursion): a document is at most 100 deep */
static void print_sized(const wb_node *node, double factor, bool is_resources, wb_text *out)
{
    if (node->kind == WB_NODE_LIST) {
        wb_text_add_string(out, "[");
        for (uint32_t i = 0; i < node->count; i++) {
            wb_text_add_string(out, i > 0 ? "," : "");
            print_sized(node->children[i], factor, false, out);
        }
        wb_text_add_string(out, "]");
        return;
    }
    if (node->kind != WB_NODE_MAP) {
        wb_node_print_json(node, out);
        return;
    }
    wb_text_add_string(out, "{");
    for (uint32_t i = 0; i < node->count; i++) {
        const wb_node *child = node->children[i];
        const bool is_scalar = child->kind == WB_NODE_STRING || child->kind == WB_NODE_NUMBER;
        const char *key = node->keys[i];
        wb_text_add_string(out, i > 0 ? "," : "");
        wb_text_add_json_string(out, key);
        wb_text_add_string(out, ":");
        if (is_resources && is_scalar && is_scaled_resource(key)) {
            add_scaled_quantity(key, child->text, factor, out);
        } else {
            print_sized(child, factor, strcmp(key, "requests") == 0 || strcmp(key, "limits") == 0,
                        out);
        }
    }
    wb_text_add_string(out, "}");
}

static int64_t scaled_count(const scale_pass *pass, int64_t count)
{
    const int64_t scaled = (int64_t)floor((double)count * pass->options->rate + 0.5);
    const int64_t bounded = scaled > INT32_MAX ? INT32_MAX : scaled;
    return count > 0 && bounded < 1 ? 1 : bounded;
}

/* Templates that the input declared since the last call. */
static void scale_shapes(scale_pass *pass)
{
    for (; pass->scaled_shape_count < pass->input.shape_count; pass->scaled_shape_count++) {
        wb_trace_declared *shape = &pass->input.shapes[pass->scaled_shape_count];
        wb_arena arena;
        wb_arena_init(&arena, "template", 0, NULL);
        wb_text_clear(&pass->text);
        print_sized(wb_trace_rewrite_template(&arena, shape), pass->options->size, false,
                    &pass->text);
        wb_trace_rewrite_replace(shape, wb_text_string(&pass->text), pass->text.length);
        wb_arena_release(&arena);
    }
}

/* ---- records ---- */

static wb_random_key draw_key(const scale_pass *pass, const char *namespace_name, const char *name)
{
    return (wb_random_key){
        .seed = pass->options->seed,
        .stream = WB_RANDOM_TRACE_SCALE,
        .ordinal = wb_hash_map_join(wb_digest_hash64(namespace_name, strlen(namespace_name)),
                                    wb_digest_hash64(name, strlen(name))),
    };
}

static uint32_t copy_count(const scale_pass *pass, wb_random_key key)
{
    const double whole = floor(pass->options->rate);
    const bool is_extra = wb_random_unit(key, DRAW_EXTRA) < pass->options->rate - whole;
    return (uint32_t)whole + (is_extra ? 1U : 0U);
}

/* The first copy is the pod itself. */
static int64_t delay_of(const scale_pass *pass, wb_random_key key, uint32_t copy)
{
    return copy == 0 || pass->options->jitter_ms == 0
               ? 0
               : (int64_t)wb_random_below(key, DRAW_JITTER + (uint64_t)copy,
                                          (uint64_t)pass->options->jitter_ms);
}

static int64_t delayed(int64_t at_ms, int64_t delay_ms)
{
    return at_ms < 0 ? -1 : at_ms + delay_ms;
}

static wb_status add_waiting(scale_pass *pass, int64_t at_ms, const waiting_record *waiting,
                             const char *text, const char *node_name, wb_error *err)
{
    assert(at_ms >= 0);
    if (at_ms > WB_TRACE_TIME_MAX_MS) {
        return wb_fail(err, WB_ERR_INPUT, "a copy would come after more than 31 years");
    }
    wb_text_clear(&pass->waiting);
    wb_text_add(&pass->waiting, (const char *)waiting, sizeof *waiting);
    wb_text_add(&pass->waiting, text, strlen(text) + 1);
    if (node_name != NULL) {
        wb_text_add(&pass->waiting, node_name, strlen(node_name) + 1);
    }
    return wb_trace_sort_add(pass->sort, at_ms, wb_text_string(&pass->waiting),
                             pass->waiting.length, err);
}

static void name_copy(const char *name, uint32_t copy, char *out, size_t size)
{
    (void)snprintf(out, size, copy == 0 ? "%s" : "%s-x%u", name, copy);
}

static wb_status take_pod(scale_pass *pass, wb_error *err)
{
    const wb_trace_record *record = &pass->input.record;
    const wb_trace_declared *shape = &pass->input.shapes[record->shape_number];
    const wb_random_key key = draw_key(pass, shape->namespace_name, record->name);
    const uint32_t count = copy_count(pass, key);
    pass->read_pod_count++;
    for (uint32_t i = 0; i < count; i++) {
        const int64_t delay_ms = delay_of(pass, key, i);
        char name[300];
        const waiting_record waiting = {
            .until_ms = delayed(record->until_ms, delay_ms),
            .runs_ms = record->runs_ms,
            .bound_ms = delayed(record->history.bound_ms, delay_ms),
            .started_ms = delayed(record->history.started_ms, delay_ms),
            .gone_ms = delayed(record->history.gone_ms, delay_ms),
            .shape_number = record->shape_number,
            .owner_number = record->owner_number,
            .exit_code = record->history.exit_code,
            .is_pod = 1,
            .is_checkpointed = record->is_checkpointed ? 1 : 0,
            .has_node = record->history.node_name != NULL ? 1 : 0,
        };
        name_copy(record->name, i, name, sizeof name);
        WB_TRY(add_waiting(pass, record->at_ms + delay_ms, &waiting, name,
                           record->history.node_name, err));
    }
    return WB_OK;
}

static wb_status take_deleted_pod(scale_pass *pass, wb_error *err)
{
    const wb_trace_record *record = &pass->input.record;
    const char *namespace_name = wb_intern_text(&pass->input.intern, record->namespace_name);
    const wb_random_key key = draw_key(pass, namespace_name, record->name);
    const waiting_record waiting = {.is_pod = 0};
    for (uint32_t i = 0; i < copy_count(pass, key); i++) {
        char name[300];
        name_copy(record->name, i, name, sizeof name);
        wb_text_clear(&pass->text);
        wb_text_add_string(&pass->text, "\"delete\":\"Pod\",\"namespace\":");
        wb_text_add_json_string(&pass->text, namespace_name);
        wb_text_add_string(&pass->text, ",\"name\":");
        wb_text_add_json_string(&pass->text, name);
        WB_TRY(add_waiting(pass, record->at_ms + delay_of(pass, key, i), &waiting,
                           wb_text_string(&pass->text), NULL, err));
    }
    return WB_OK;
}

static bool has_replicas(const char *kind)
{
    return strcmp(kind, "Deployment") == 0 || strcmp(kind, "StatefulSet") == 0 ||
           strcmp(kind, "ReplicaSet") == 0;
}

/* Prints node, a map, with its value under key changed to number, or added. */
static void print_with_number(const wb_node *node, const char *key, int64_t number, double factor,
                              wb_text *out)
{
    wb_text_add_format(out, "{\"%s\":%lld", key, (long long)number);
    for (uint32_t i = 0; node != NULL && i < node->count; i++) {
        if (strcmp(node->keys[i], key) != 0) {
            wb_text_add_string(out, ",");
            wb_text_add_json_string(out, node->keys[i]);
            wb_text_add_string(out, ":");
            print_sized(node->children[i], factor, false, out);
        }
    }
    wb_text_add_string(out, "}");
}

/* An applied object: sizes scaled, and the replicas of what has some. */
static void add_object(const scale_pass *pass, const wb_node *object, wb_text *out)
{
    const double size = pass->options->size;
    const wb_node *spec = wb_node_get(object, "spec");
    wb_text_add_string(out, "\"apply\":");
    if (!has_replicas(wb_node_string(wb_node_get(object, "kind"), "")) || spec == NULL ||
        spec->kind != WB_NODE_MAP) {
        print_sized(object, size, false, out);
        return;
    }
    const int64_t replicas = wb_node_int64(wb_node_get(spec, "replicas"), 1);
    for (uint32_t i = 0; i < object->count; i++) {
        wb_text_add_string(out, i > 0 ? "," : "{");
        wb_text_add_json_string(out, object->keys[i]);
        wb_text_add_string(out, ":");
        if (object->children[i] == spec) {
            print_with_number(spec, "replicas", scaled_count(pass, replicas), size, out);
        } else {
            print_sized(object->children[i], size, false, out);
        }
    }
    wb_text_add_string(out, "}");
}

static wb_status take_other(scale_pass *pass, wb_error *err)
{
    const wb_trace_record *record = &pass->input.record;
    const waiting_record waiting = {.is_pod = 0};
    if (record->kind == WB_TRACE_DELETE && strcmp(record->delete_kind, "Pod") == 0) {
        return take_deleted_pod(pass, err);
    }
    wb_text_clear(&pass->text);
    if (record->kind == WB_TRACE_APPLY) {
        add_object(pass, wb_node_get(record->source, "apply"), &pass->text);
    } else if (record->kind == WB_TRACE_SCALE) {
        const char *namespace_name = wb_intern_text(&pass->input.intern, record->namespace_name);
        wb_text_add_format(&pass->text, "\"scale\":\"%s\",\"namespace\":",
                           wb_trace_owner_kind_name(record->owner_kind));
        wb_text_add_json_string(&pass->text, namespace_name);
        wb_text_add_string(&pass->text, ",\"name\":");
        wb_text_add_json_string(&pass->text, record->name);
        wb_text_add_format(&pass->text, ",\"replicas\":%lld",
                           (long long)scaled_count(pass, record->replicas));
    } else {
        wb_trace_rewrite_rest(record, &pass->text);
    }
    return add_waiting(pass, record->at_ms, &waiting, wb_text_string(&pass->text), NULL, err);
}

static wb_status read_records(scale_pass *pass, wb_error *err)
{
    for (;;) {
        WB_TRY(wb_trace_rewrite_next(&pass->input, err));
        scale_shapes(pass);
        if (pass->input.record.kind == WB_TRACE_END) {
            pass->end_ms = pass->input.record.at_ms;
            wb_trace_rewrite_note_end(&pass->output, &pass->input.record);
            return wb_trace_sort_finish(pass->sort, err);
        }
        WB_TRY(pass->input.record.kind == WB_TRACE_POD ? take_pod(pass, err)
                                                       : take_other(pass, err));
    }
}

static wb_status write_waiting(scale_pass *pass, const wb_trace_sort_record *sorted, wb_error *err)
{
    waiting_record waiting;
    assert(sorted->length > sizeof waiting);
    memcpy(&waiting, sorted->bytes, sizeof waiting);
    const char *text = sorted->bytes + sizeof waiting;
    if (waiting.is_pod == 0) {
        return wb_trace_rewrite_other(&pass->output, sorted->at_ms, text, err);
    }
    const wb_trace_pod_history history = {
        .node_name = waiting.has_node != 0 ? text + strlen(text) + 1 : NULL,
        .bound_ms = waiting.bound_ms,
        .started_ms = waiting.started_ms,
        .gone_ms = waiting.gone_ms,
        .exit_code = waiting.exit_code,
    };
    const wb_trace_pod pod = {.at_ms = sorted->at_ms,
                              .name = text,
                              .shape_number = waiting.shape_number,
                              .owner_number = waiting.owner_number,
                              .until_ms = waiting.until_ms,
                              .runs_ms = waiting.runs_ms,
                              .is_checkpointed = waiting.is_checkpointed != 0,
                              .history = &history};
    return wb_trace_rewrite_pod(&pass->output, &pass->input, &pod, err);
}

static wb_status write_records(scale_pass *pass, wb_error *err)
{
    WB_TRY(read_records(pass, err));
    for (;;) {
        wb_trace_sort_record sorted;
        WB_TRY(wb_trace_sort_next(pass->sort, &sorted, err));
        if (sorted.bytes == NULL) {
            return WB_OK;
        }
        WB_TRY(write_waiting(pass, &sorted, err));
    }
}

wb_status wb_trace_scale_pods(const char *path, const wb_trace_scale_options *options,
                              const char *output_path, wb_trace_tool_report *out, wb_error *err)
{
    assert(path != NULL && options != NULL && output_path != NULL && out != NULL);
    assert(options->rate >= 0 && options->rate <= 1e6 && options->size > 0);
    assert(options->jitter_ms >= 0);
    scale_pass pass = {.options = options};
    WB_TRY(wb_trace_rewrite_open(&pass.input, path, err));
    pass.sort = wb_trace_sort_new(0);
    wb_text_init(&pass.text);
    wb_text_init(&pass.waiting);
    const wb_trace_info_header *header = wb_trace_reader_header(pass.input.reader);
    const wb_trace_info_header new_header = {.epoch_ms = header->epoch_ms,
                                             .end_ms = -1,
                                             .source = header->source};
    wb_status status = wb_trace_rewrite_begin(&pass.output, output_path, &new_header, err);
    if (status == WB_OK) {
        status = write_records(&pass, err);
        status = wb_trace_rewrite_finish(&pass.output, status, pass.end_ms, err);
    }
    *out = (wb_trace_tool_report){.read_pod_count = pass.read_pod_count,
                                  .pod_count = pass.output.pod_count,
                                  .record_count = pass.output.record_count,
                                  .end_ms = pass.output.last_ms};
    wb_trace_sort_free(pass.sort);
    wb_trace_rewrite_close(&pass.input);
    wb_text_release(&pass.text);
    wb_text_release(&pass.waiting);
    return status;
}
