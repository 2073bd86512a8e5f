/*
 * Reads a TraceSpec: services and batch queues (docs/trace-format.md, "Generated traces").
 *
 * Every complaint is a finding with its place, up to twenty, so that a specification is put right
 * in one go. Pod templates are decoded here although the generator only copies their text: what a
 * run would refuse later is refused now, at the line that says it.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/text.h"
#include "kube/field.h"
#include "kube/schema_table.h"
#include "traces/generate_internal.h"

#define NAME_MAX_LENGTH 50

static const wb_schema_field service_fields[] = {
    WB_INTEGER("base"), WB_STRING("name"),    WB_STRING("namespace"), WB_INTEGER("peak"),
    WB_ANY("pod"),      WB_STRING("profile"), WB_STRING("step"),
};
static const wb_schema service_schema = WB_SCHEMA_OF(service_fields);

static const wb_schema_field duration_fields[] = {
    WB_STRING("max"),
    WB_STRING("median"),
    WB_NUMBER("sigma"),
};
static const wb_schema duration_schema = WB_SCHEMA_OF(duration_fields);

static const wb_schema_field batch_fields[] = {
    WB_BOOL("checkpointed"),  WB_OBJECT("duration", &duration_schema),
    WB_NUMBER("jobsPerHour"), WB_STRING("name"),
    WB_STRING("namespace"),   WB_ANY("pod"),
    WB_INTEGER("podsPerJob"), WB_STRING("profile"),
};
static const wb_schema batch_schema = WB_SCHEMA_OF(batch_fields);

static const wb_schema_field spec_fields[] = {
    WB_LIST_OF_OBJECTS("batches", &batch_schema),    WB_STRING("epoch"), WB_INTEGER("seed"),
    WB_LIST_OF_OBJECTS("services", &service_schema), WB_STRING("span"),
};
static const wb_schema spec_schema = WB_SCHEMA_OF(spec_fields);

static const wb_schema_field root_fields[] = {
    WB_STRING("apiVersion"),
    WB_STRING("kind"),
    WB_ANY("metadata"),
    WB_OBJECT("spec", &spec_schema),
};
static const wb_schema root_schema = WB_SCHEMA_OF(root_fields);

/* Office hours, an evening peak, and no shape at all; per mille per hour of the day (UTC). */
static const struct {
    const char *name;
    int32_t hours[WB_PROFILE_HOURS];
} profiles[] = {
    {"flat", {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,
              1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}},
    {"office", {40,  20,  0,   0,   10,  40,  150, 400, 750, 950, 1000, 960,
                880, 940, 990, 960, 880, 700, 480, 320, 220, 150, 100,  60}},
    {"evening", {350, 200, 110, 50,  0,   20,  90,  200, 320,  380, 420, 460,
                 500, 490, 470, 480, 550, 680, 840, 960, 1000, 950, 780, 550}},
    {"night", {1000, 960, 900, 820, 700, 520, 300, 120, 40,  0,   0,   0,
               20,   20,  30,  40,  60,  100, 180, 300, 460, 640, 820, 940}},
};

static int64_t take_duration(const wb_field *parent, const char *name, int64_t fallback_ms)
{
    const wb_field field = wb_field_get(parent, name);
    int64_t ms = fallback_ms;
    wb_error ignored;
    if (wb_field_is_set(&field) &&
        (wb_duration_parse(wb_field_text(&field), &ms, &ignored) != WB_OK || ms <= 0 ||
         ms > WB_TRACE_TIME_MAX_MS)) {
        wb_field_error(&field, "'%s' is not a duration like 1h30m", wb_field_text(&field));
        return fallback_ms;
    }
    return ms;
}

static int64_t take_count(const wb_field *parent, const char *name, int64_t fallback)
{
    const wb_field field = wb_field_get(parent, name);
    const int64_t value = wb_field_int64(&field, fallback);
    if (value < 0 || value > 10000000) {
        wb_field_error(&field, "is %lld, expected 0 to 10000000", (long long)value);
        return fallback;
    }
    return value;
}

static double take_rate(const wb_field *parent, const char *name, double fallback)
{
    const wb_field field = wb_field_get(parent, name);
    const double value = wb_node_double(field.node, fallback);
    if (!(value >= 0.0 && value <= 1e7)) {
        wb_field_error(&field, "is '%s', expected a number from 0 to 10000000",
                       wb_field_text(&field));
        return fallback;
    }
    return value;
}

static void take_profile(const wb_field *parent, int32_t out[WB_PROFILE_HOURS])
{
    assert(parent != NULL && out != NULL);
    const wb_field field = wb_field_get(parent, "profile");
    const char *name = wb_field_is_set(&field) ? wb_field_text(&field) : "flat";
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        if (strcmp(profiles[i].name, name) == 0) {
            memcpy(out, profiles[i].hours, sizeof profiles[i].hours);
            return;
        }
    }
    wb_field_error(&field, "'%s' is not one of flat, office, evening, night", name);
}

/* A name that pods can be numbered under: <name>-<ordinal> must still be one. */
static const char *take_name(const wb_field *parent, const char *name, const char *fallback)
{
    const wb_field field = wb_field_get(parent, name);
    if (!wb_field_is_set(&field) && fallback == NULL) {
        wb_field_error(&field, "is missing, expected a name");
        return "";
    }
    const char *text = wb_field_text(&field);
    if (!wb_field_is_set(&field) && fallback != NULL) {
        text = fallback;
    }
    const size_t length = strlen(text);
    bool is_valid =
        length > 0 && length <= NAME_MAX_LENGTH && text[0] != '-' && text[length - 1] != '-';
    for (size_t i = 0; i < length; i++) {
        is_valid = is_valid && strchr("abcdefghijklmnopqrstuvwxyz0123456789-", text[i]) != NULL;
    }
    if (!is_valid) {
        wb_field_error(&field,
                       "'%.80s' is not a name of at most %d lower-case letters, digits and '-'",
                       text, NAME_MAX_LENGTH);
    }
    return text;
}

/* pod: is a pod template as Kubernetes has it ({metadata, spec}); decoded once, to be sure. */
static const char *take_template(const wb_field *parent)
{
    const wb_field pod = wb_field_get(parent, "pod");
    const wb_field metadata = wb_field_get(&pod, "metadata");
    const wb_field spec = wb_field_get(&pod, "spec");
    wb_pod_template template;
    if (!wb_field_is_set(&spec)) {
        wb_field_error(&pod, "has no spec, expected a pod template");
        return "{}";
    }
    (void)wb_manifest_decode_pod_template(parent->context, metadata.node, spec.node, &template);
    wb_text text;
    wb_text_init(&text);
    wb_node_print_json(pod.node, &text);
    const char *copy = wb_arena_copy_string(parent->context->arena, wb_text_string(&text));
    wb_text_release(&text);
    return copy;
}

static void read_service(const wb_field *entry, wb_generated_service *out)
{
    *out = (wb_generated_service){
        .name = take_name(entry, "name", NULL),
        .namespace_name = take_name(entry, "namespace", "default"),
        .template_json = take_template(entry),
        .base_count = take_count(entry, "base", 1),
        .step_ms = take_duration(entry, "step", 5 * WB_MS_PER_MINUTE),
    };
    out->peak_count = take_count(entry, "peak", out->base_count);
    take_profile(entry, out->profile);
    if (out->peak_count < out->base_count) {
        wb_field_error(entry, "peak %lld is less than base %lld", (long long)out->peak_count,
                       (long long)out->base_count);
    }
}

static void read_batch(const wb_field *entry, wb_generated_batch *out)
{
    const wb_field duration = wb_field_get(entry, "duration");
    *out = (wb_generated_batch){
        .name = take_name(entry, "name", NULL),
        .namespace_name = take_name(entry, "namespace", "default"),
        .template_json = take_template(entry),
        .jobs_per_hour = take_rate(entry, "jobsPerHour", 1.0),
        .pods_per_job = take_count(entry, "podsPerJob", 1),
        .duration_median_ms = take_duration(&duration, "median", 10 * WB_MS_PER_MINUTE),
        .duration_sigma = take_rate(&duration, "sigma", 0.0),
        .duration_max_ms = take_duration(&duration, "max", 24 * WB_MS_PER_HOUR),
        .is_checkpointed = wb_field_get_bool(entry, "checkpointed", false),
    };
    take_profile(entry, out->profile);
    if (out->pods_per_job == 0) {
        const wb_field pods_per_job = wb_field_get(entry, "podsPerJob");
        wb_field_error(&pods_per_job, "is 0, expected at least 1");
    }
}

static const char *source_name(const wb_generate_spec *spec, uint32_t index)
{
    assert(index < spec->service_count + spec->batch_count);
    return index < spec->service_count ? spec->services[index].name
                                       : spec->batches[index - spec->service_count].name;
}

/* Pods are named after their source, so no two sources share a name. */
static void check_names(const wb_field *spec, const wb_generate_spec *out)
{
    const wb_field services = wb_field_get(spec, "services");
    const wb_field batches = wb_field_get(spec, "batches");
    for (uint32_t i = 1; i < out->service_count + out->batch_count; i++) {
        const wb_field entry = i < out->service_count
                                   ? wb_field_at(&services, i)
                                   : wb_field_at(&batches, i - out->service_count);
        const wb_field name = wb_field_get(&entry, "name");
        for (uint32_t j = 0; j < i; j++) {
            if (wb_field_is_set(&name) && strcmp(source_name(out, i), source_name(out, j)) == 0) {
                wb_field_error(&name, "'%s' is taken by another service or batch queue",
                               source_name(out, i));
                break;
            }
        }
    }
}

static void read_lists(const wb_field *spec, wb_generate_spec *out)
{
    wb_arena *arena = spec->context->arena;
    const wb_field services = wb_field_get(spec, "services");
    const wb_field batches = wb_field_get(spec, "batches");
    out->service_count = wb_field_count(&services);
    out->batch_count = wb_field_count(&batches);
    wb_generated_service *service_items =
        WB_ARENA_ARRAY(arena, wb_generated_service, (size_t)out->service_count + 1);
    wb_generated_batch *batch_items =
        WB_ARENA_ARRAY(arena, wb_generated_batch, (size_t)out->batch_count + 1);
    for (uint32_t i = 0; i < out->service_count; i++) {
        const wb_field entry = wb_field_at(&services, i);
        read_service(&entry, &service_items[i]);
    }
    for (uint32_t i = 0; i < out->batch_count; i++) {
        const wb_field entry = wb_field_at(&batches, i);
        read_batch(&entry, &batch_items[i]);
    }
    out->services = service_items;
    out->batches = batch_items;
    check_names(spec, out);
    if (out->service_count + out->batch_count == 0) {
        wb_field_error(spec, "has neither services nor batches");
    }
}

wb_status wb_generate_spec_read(const char *path, wb_arena *arena, wb_intern *intern,
                                wb_findings *findings, wb_generate_spec *out, wb_error *err)
{
    assert(path != NULL && out != NULL);
    wb_document_stream stream;
    WB_TRY(wb_document_read_file(arena, path, 0, &stream, err));
    if (stream.count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "%s: found %zu documents, expected one TraceSpec", path,
                       stream.count);
    }
    const wb_decode_context context = {.arena = arena, .intern = intern, .findings = findings};
    const wb_field root = wb_field_root(&context, stream.roots[0], "");
    wb_schema_check(&root, &root_schema);
    WB_TRY(wb_findings_status(findings, err)); /* below, kinds are taken for granted */
    const wb_field kind = wb_field_get(&root, "kind");
    if (strcmp(wb_field_text(&kind), "TraceSpec") != 0) {
        wb_field_error(&kind, "is '%s', expected TraceSpec", wb_field_text(&kind));
    }
    const wb_field spec = wb_field_get(&root, "spec");
    const wb_field seed = wb_field_get(&spec, "seed");
    const wb_field epoch = wb_field_get(&spec, "epoch");
    *out = (wb_generate_spec){
        .seed = (uint64_t)wb_field_int64(&seed, 1),
        .span_ms = take_duration(&spec, "span", WB_MS_PER_DAY),
        .epoch_ms = wb_field_time_ms(&epoch),
    };
    read_lists(&spec, out);
    return wb_findings_status(findings, err);
}
