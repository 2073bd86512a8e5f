/*
 * Makes the pods of a specification, sorts them by time, writes them. Every draw is a pure function
 * of (seed, source, ordinal), so that a source that is added leaves the others alone; pods wait in
 * a sorter that outgrows no memory, shapes are numbered when it is known which occur.
 */
#include "traces/trace_generate.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/duration.h"
#include "base/heap_memory.h"
#include "base/sort.h"
#include "base/text.h"
#include "traces/generate_internal.h"

static int compare_shapes(const void *a, const void *b, void *context)
{
    const wb_generated_shape *left = a;
    const wb_generated_shape *right = b;
    (void)context;
    if (left->source != right->source) {
        return left->source < right->source ? -1 : 1;
    }
    return left->variant < right->variant ? -1 : left->variant > right->variant ? 1 : 0;
}

/* By source, then variant: so that a trace of plain sources numbers them as the specification. */
static void number_shapes(wb_generator *gen)
{
    wb_sort(gen->shapes, gen->shape_count, sizeof gen->shapes[0], compare_shapes, NULL);
    for (size_t i = 0; i < gen->shape_count; i++) {
        (void)wb_hash_map_put(
            &gen->shape_rows,
            wb_generate_pods_shape_key(gen->shapes[i].source, gen->shapes[i].variant), i);
    }
}

/* ---- writing ---- */

typedef struct source_view {
    const char *name, *namespace_name;
    wb_owner_kind kind;
    const wb_generated_pods *pods;
    bool is_checkpointed;
} source_view;

static source_view view_of(const wb_generate_spec *spec, uint32_t source)
{
    assert(source < spec->service_count + spec->batch_count);
    if (source < spec->service_count) {
        const wb_generated_service *service = &spec->services[source];
        return (source_view){service->name, service->namespace_name, service->kind, &service->pods,
                             false};
    }
    const wb_generated_batch *batch = &spec->batches[source - spec->service_count];
    return (source_view){batch->name, batch->namespace_name, batch->kind, &batch->pods,
                         batch->is_checkpointed};
}

static wb_status write_shape(const wb_generator *gen, wb_trace_writer *writer, size_t shape,
                             wb_error *err)
{
    assert(shape < gen->shape_count);
    const source_view source = view_of(gen->spec, gen->shapes[shape].source);
    wb_arena arena;
    wb_arena_init(&arena, "template", 0, NULL);
    const char *json =
        wb_generate_template_print(source.pods, source.name, gen->shapes[shape].variant, &arena);
    const wb_status status =
        wb_trace_writer_shape(writer, (uint32_t)shape, source.namespace_name, json, err);
    wb_arena_release(&arena);
    return status;
}

/* An owner behind its shapes, the first of which is *shape; it then is the next source's. */
static wb_status write_source(const wb_generator *gen, wb_trace_writer *writer, uint32_t number,
                              size_t *shape, wb_error *err)
{
    const source_view source = view_of(gen->spec, number);
    for (; *shape < gen->shape_count && gen->shapes[*shape].source == number; (*shape)++) {
        WB_TRY(write_shape(gen, writer, *shape, err));
    }
    return wb_trace_writer_owner(writer, number, source.kind, source.namespace_name, source.name,
                                 err);
}

static wb_status write_sources(const wb_generator *gen, wb_trace_writer *writer, wb_error *err)
{
    const wb_generate_spec *spec = gen->spec;
    size_t shape = 0;
    for (uint32_t i = 0; i < spec->service_count + spec->batch_count; i++) {
        WB_TRY(write_source(gen, writer, i, &shape, err));
    }
    return WB_OK;
}

static wb_status write_class(wb_trace_writer *writer, const char *name, wb_error *err)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, "{\"apiVersion\":\"storage.k8s.io/v1\",\"kind\":\"StorageClass\","
                              "\"metadata\":{\"name\":");
    wb_text_add_json_string(&text, name);
    wb_text_add_string(&text, "},\"provisioner\":\"ebs.csi.aws.com\","
                              "\"volumeBindingMode\":\"WaitForFirstConsumer\"}");
    const wb_status status = wb_trace_writer_apply(writer, 0, wb_text_string(&text), err);
    wb_text_release(&text);
    return status;
}

static wb_status write_claim(wb_trace_writer *writer, const source_view *source,
                             const wb_generated_volume *volume, uint32_t ordinal, wb_error *err)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text,
                       "{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",\"metadata\":{"
                       "\"name\":\"%s-%s-%u\",\"namespace\":\"%s\"},\"spec\":{\"accessModes\":["
                       "\"ReadWriteOnce\"],\"storageClassName\":",
                       volume->name, source->name, ordinal, source->namespace_name);
    wb_text_add_json_string(&text, volume->storage_class);
    wb_text_add_string(&text, ",\"resources\":{\"requests\":{\"storage\":");
    wb_text_add_json_string(&text, volume->size);
    wb_text_add_string(&text, "}}}}");
    const wb_status status = wb_trace_writer_apply(writer, 0, wb_text_string(&text), err);
    wb_text_release(&text);
    return status;
}

/* The claims of every replica that there ever is, from the start: a pod whose claim is unknown
 * waits for ever. They stay when a replica goes, as those of a StatefulSet do. */
static wb_status write_claims(const wb_generator *gen, wb_trace_writer *writer, wb_error *err)
{
    wb_hash_map classes; /* names that were written */
    wb_hash_map claims;  /* source and ordinal */
    wb_status status = WB_OK;
    wb_hash_map_init(&classes);
    wb_hash_map_init(&claims);
    for (size_t i = 0; i < gen->shape_count && status == WB_OK; i++) {
        const source_view source = view_of(gen->spec, gen->shapes[i].source);
        const wb_generated_pods *pods = source.pods;
        const uint32_t ordinal =
            (gen->shapes[i].variant >> pods->constraint_count) / pods->choice_count;
        if (pods->volume_count == 0 ||
            !wb_hash_map_put(&claims, wb_generate_pods_shape_key(gen->shapes[i].source, ordinal),
                             1)) {
            continue;
        }
        for (uint32_t j = 0; j < pods->volume_count && status == WB_OK; j++) {
            const char *name = pods->volumes[j].storage_class;
            if (wb_hash_map_put(&classes, wb_digest_hash64(name, strlen(name)), 1)) {
                status = write_class(writer, name, err);
            }
            if (status == WB_OK) {
                status = write_claim(writer, &source, &pods->volumes[j], ordinal, err);
            }
        }
    }
    wb_hash_map_release(&classes);
    wb_hash_map_release(&claims);
    return status;
}

/* A StatefulSet's pods are numbered by replica; what a rollout made anew says so, since a trace
 * names each of its pods once. */
static void name_pod(const source_view *source, const wb_generated_pod *pod, char *out, size_t size)
{
    if (source->kind != WB_OWNER_STATEFUL_SET) {
        (void)snprintf(out, size, "%s-%u", source->name, pod->ordinal);
    } else if (pod->incarnation == 0) {
        (void)snprintf(out, size, "%s-%u", source->name, pod->replica);
    } else {
        (void)snprintf(out, size, "%s-%u-r%u", source->name, pod->replica, pod->incarnation);
    }
}

static wb_status write_pod(const wb_generator *gen, wb_trace_writer *writer,
                           const wb_generated_pod *pod, wb_error *err)
{
    const source_view source = view_of(gen->spec, pod->source);
    uint64_t shape_number = 0;
    const bool is_known =
        wb_hash_map_get(&gen->shape_rows, wb_generate_pods_shape_key(pod->source, pod->variant),
                        &shape_number);
    assert(is_known);
    char name[160];
    name_pod(&source, pod, name, sizeof name);
    const wb_trace_pod record = {
        .at_ms = pod->at_ms,
        .name = name,
        .shape_number = (uint32_t)shape_number,
        .owner_number = pod->source,
        .until_ms = pod->until_ms,
        .runs_ms = pod->runs_ms,
        .is_checkpointed = source.is_checkpointed,
    };
    return wb_trace_writer_pod(writer, &record, err);
}

static wb_status write_pods(const wb_generator *gen, wb_trace_writer *writer, wb_error *err)
{
    WB_TRY(write_sources(gen, writer, err));
    WB_TRY(write_claims(gen, writer, err));
    for (;;) {
        wb_trace_sort_record record;
        wb_generated_pod pod;
        WB_TRY(wb_trace_sort_next(gen->sort, &record, err));
        if (record.bytes == NULL) {
            return WB_OK;
        }
        assert(record.length == sizeof pod);
        memcpy(&pod, record.bytes, sizeof pod);
        WB_TRY(write_pod(gen, writer, &pod, err));
    }
}

static wb_status write_trace(const wb_generator *gen, wb_error *err)
{
    const wb_trace_info_header header = {.epoch_ms = gen->spec->epoch_ms,
                                         .end_ms = gen->spec->span_ms,
                                         .source = "generated"};
    wb_trace_writer *writer = NULL;
    WB_TRY(wb_trace_sort_finish(gen->sort, err));
    WB_TRY(wb_trace_writer_open(gen->options->output_path, &header, &writer, err));
    const wb_status status = write_pods(gen, writer, err);
    if (status != WB_OK) {
        wb_trace_writer_abandon(writer);
        return status;
    }
    return wb_trace_writer_commit(writer, gen->spec->span_ms, err);
}

/* ---- the whole ---- */

/* Makes the pods; returns how many of them are services'. */
static size_t make_pods(wb_generator *gen)
{
    const wb_generate_spec *spec = gen->spec;
    for (uint32_t i = 0; i < spec->service_count + spec->batch_count; i++) {
        const wb_generated_pods *pods = view_of(spec, i).pods;
        if (pods->choice_count == 1 && pods->constraint_count == 0 && pods->volume_count == 0) {
            wb_generate_pods_note_shape(gen, i,
                                        0); /* its one shape is there even when no pod comes */
        }
    }
    for (uint32_t i = 0; i < spec->service_count; i++) {
        wb_generate_service_add(gen, i);
    }
    const size_t service_pods = gen->pod_count;
    for (uint32_t i = 0; i < spec->batch_count; i++) {
        wb_generate_batch_add(gen, i);
    }
    return service_pods;
}

static wb_status finish(wb_generator *gen, wb_error *err)
{
    if (gen->status != WB_OK) {
        return wb_fail(err, gen->status, "%s", gen->err.text);
    }
    if (gen->is_full) {
        return wb_fail(err, WB_ERR_LIMIT, "%s: makes more than %zu pods, expected less (scale)",
                       gen->options->spec_path, WB_GENERATE_PODS_MAX);
    }
    number_shapes(gen);
    return write_trace(gen, err);
}

wb_status wb_trace_generate(const wb_trace_generate_options *options, wb_arena *arena,
                            wb_intern *intern, wb_findings *findings, wb_trace_generate_report *out,
                            wb_error *err)
{
    assert(options->scale > 0.0 && out != NULL);
    wb_generate_spec spec;
    WB_TRY(wb_generate_spec_read(options, arena, intern, findings, &spec, err));
    wb_generator gen = {.spec = &spec,
                        .options = options,
                        .seed = options->seed_is_set ? options->seed : spec.seed,
                        .sort = wb_trace_sort_new(0)};
    wb_hash_map_init(&gen.shape_rows);
    const size_t service_pods = make_pods(&gen);
    const wb_status status = finish(&gen, err);
    wb_trace_sort_free(gen.sort);
    wb_hash_map_release(&gen.shape_rows);
    wb_heap_memory_free(gen.shapes);
    WB_TRY(status);
    *out = (wb_trace_generate_report){
        .pod_count = gen.pod_count,
        .service_pod_count = service_pods,
        .batch_pod_count = gen.pod_count - service_pods,
        .shape_count = (uint32_t)gen.shape_count,
        .end_ms = spec.span_ms,
    };
    return WB_OK;
}
