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

#include "base/digest.h"
#include "base/duration.h"
#include "kube/field.h"
#include "kube/schema_table.h"
#include "traces/generate_internal.h"

#define NAME_MAX_LENGTH 50
#define COPIES_MAX      10000
#define SOURCES_MAX     100000
#define STEPS_MAX       10000000

static const wb_schema_field crowd_fields[] = {
    WB_STRING("at"),
    WB_NUMBER("factor"),
    WB_STRING("length"),
    WB_NUMBER("perWeek"),
};
static const wb_schema crowd_schema = WB_SCHEMA_OF(crowd_fields);

static const wb_schema_field rollout_fields[] = {
    WB_LIST_OF_STRINGS("at"), WB_COUNT("maxSurge"),    WB_COUNT("maxUnavailable"),
    WB_NUMBER("perWeek"),     WB_STRING("readyAfter"),
};
static const wb_schema rollout_schema = WB_SCHEMA_OF(rollout_fields);

static const wb_schema_field constraint_fields[] = {
    WB_STRING("affinity"), WB_STRING("antiAffinity"),
    WB_INTEGER("maxSkew"), WB_MAP_OF_STRINGS("nodeSelector"),
    WB_STRING("per"),      WB_OBJECT("pod", &wb_schema_pod_template_spec),
    WB_NUMBER("share"),    WB_BOOL("soft"),
    WB_STRING("spread"),   WB_ANY("tolerations"),
};
static const wb_schema constraint_schema = WB_SCHEMA_OF(constraint_fields);

static const wb_schema_field volume_fields[] = {
    WB_STRING("name"),
    WB_QUANTITY("size"),
    WB_STRING("storageClass"),
};
static const wb_schema volume_schema = WB_SCHEMA_OF(volume_fields);

static const wb_schema_field duration_fields[] = {
    WB_STRING("kind"),  WB_STRING("max"),   WB_STRING("median"), WB_LIST_OF_STRINGS("quantiles"),
    WB_NUMBER("shape"), WB_NUMBER("sigma"),
};
static const wb_schema duration_schema = WB_SCHEMA_OF(duration_fields);

static const wb_schema_field choice_fields[] = {
    WB_OBJECT("duration", &duration_schema),
    WB_ANY("pod"),
    WB_INTEGER("podsPerJob"),
    WB_NUMBER("weight"),
};
static const wb_schema choice_schema = WB_SCHEMA_OF(choice_fields);

static const wb_schema_field trend_fields[] = {
    WB_STRING("every"),
    WB_LIST_OF_NUMBERS("factors"),
};
static const wb_schema trend_schema = WB_SCHEMA_OF(trend_fields);

static const wb_schema_field service_fields[] = {
    WB_INTEGER("base"),
    WB_LIST_OF_OBJECTS("constraints", &constraint_schema),
    WB_INTEGER("copies"),
    WB_LIST_OF_OBJECTS("crowds", &crowd_schema),
    WB_LIST_OF_NUMBERS("hours"),
    WB_STRING("kind"),
    WB_STRING("name"),
    WB_STRING("namespace"),
    WB_INTEGER("peak"),
    WB_ANY("pod"),
    WB_LIST_OF_OBJECTS("pods", &choice_schema),
    WB_STRING("profile"),
    WB_OBJECT("rollouts", &rollout_schema),
    WB_STRING("step"),
    WB_BOOL("stepped"),
    WB_OBJECT("trend", &trend_schema),
    WB_LIST_OF_OBJECTS("volumes", &volume_schema),
    WB_LIST_OF_NUMBERS("week"),
    WB_NUMBER("weekend"),
};
static const wb_schema service_schema = WB_SCHEMA_OF(service_fields);

static const wb_schema_field burst_fields[] = {
    WB_NUMBER("jobs"),
    WB_STRING("within"),
};
static const wb_schema burst_schema = WB_SCHEMA_OF(burst_fields);

static const wb_schema_field batch_fields[] = {
    WB_OBJECT("bursts", &burst_schema),
    WB_BOOL("checkpointed"),
    WB_LIST_OF_OBJECTS("constraints", &constraint_schema),
    WB_INTEGER("copies"),
    WB_OBJECT("duration", &duration_schema),
    WB_BOOL("gang"),
    WB_LIST_OF_NUMBERS("hours"),
    WB_INTEGER("initialJobs"),
    WB_STRING("jitter"),
    WB_NUMBER("jobsPerHour"),
    WB_STRING("kind"),
    WB_STRING("name"),
    WB_STRING("namespace"),
    WB_ANY("pod"),
    WB_LIST_OF_OBJECTS("pods", &choice_schema),
    WB_INTEGER("podsPerJob"),
    WB_STRING("profile"),
    WB_STRING("schedule"),
    WB_INTEGER("stages"),
    WB_BOOL("stepped"),
    WB_OBJECT("trend", &trend_schema),
    WB_LIST_OF_NUMBERS("week"),
    WB_NUMBER("weekend"),
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

/* A fleet's entry is read once per copy, each under a name of its own. */
static const char *name_of(const wb_field *entry, int64_t copy, int64_t copy_count)
{
    assert(copy >= 0 && copy < copy_count);
    const char *name = take_name(entry, "name", NULL);
    char text[NAME_MAX_LENGTH + 32];
    (void)snprintf(text, sizeof text, "%.*s-%lld", NAME_MAX_LENGTH, name, (long long)copy);
    return copy_count == 1 ? name : wb_arena_copy_string(entry->context->arena, text);
}

static wb_owner_kind kind_of(const wb_field *entry, const char *const *names, uint32_t count)
{
    assert(count > 0);
    const wb_field kind = wb_field_get(entry, "kind");
    return wb_trace_owner_kind(names[wb_field_choice(&kind, names, count, 0)]);
}

static void read_service(const wb_field *entry, const char *name, wb_generated_service *out)
{
    static const char *const kinds[] = {"Deployment", "StatefulSet"};
    assert(name != NULL && out != NULL);
    *out = (wb_generated_service){
        .name = name,
        .namespace_name = take_name(entry, "namespace", "default"),
        .kind = kind_of(entry, kinds, 2),
        .base_count = wb_generate_load_count(entry, "base", 1),
        .step_ms = wb_generate_load_duration(entry, "step", 5 * WB_MS_PER_MINUTE),
    };
    wb_generate_template_read(entry, name, &out->pods);
    out->peak_count = wb_generate_load_count(entry, "peak", out->base_count);
    wb_generate_load_profile(entry, &out->profile);
    wb_generate_load_crowds(entry, out);
    wb_generate_load_rollouts(entry, out);
    if (out->peak_count < out->base_count) {
        wb_field_error(entry, "peak %lld is less than base %lld", (long long)out->peak_count,
                       (long long)out->base_count);
    }
    if (out->pods.volume_count > 0 && out->kind != WB_OWNER_STATEFUL_SET) {
        const wb_field volumes = wb_field_get(entry, "volumes");
        wb_field_error(&volumes, "belong to a Deployment, expected kind: StatefulSet");
    }
}

/* Jobs that start by the clock, and such that come in bursts. */
static void read_arrivals(const wb_field *entry, int64_t epoch_ms, wb_generated_batch *out)
{
    const wb_field schedule = wb_field_get(entry, "schedule");
    const wb_field bursts = wb_field_get(entry, "bursts");
    const wb_field jobs = wb_field_get(&bursts, "jobs");
    wb_error err;
    out->has_schedule = wb_field_is_set(&schedule);
    out->jitter_ms = wb_generate_load_duration(entry, "jitter", 10 * WB_MS_PER_SECOND);
    if (out->has_schedule &&
        wb_cron_parse(wb_field_text(&schedule), &out->schedule, &err) != WB_OK) {
        wb_field_error(&schedule, "%s", err.text);
    }
    if (out->has_schedule && epoch_ms < 0) {
        wb_field_error(&schedule, "needs a calendar, expected spec.epoch");
    }
    if (out->has_schedule &&
        (wb_node_get(entry->node, "jobsPerHour") != NULL || wb_field_is_set(&bursts))) {
        wb_field_error(&schedule, "stands beside jobsPerHour or bursts, expected one of them");
    }
    out->burst_jobs = wb_generate_load_number(&bursts, "jobs", wb_field_is_set(&bursts) ? 10 : 1);
    out->burst_within_ms = wb_generate_load_duration(&bursts, "within", WB_MS_PER_MINUTE);
    if (out->burst_jobs < 1.0) {
        wb_field_error(&jobs, "is %s, expected at least 1", wb_field_text(&jobs));
    }
}

static void read_batch(const wb_field *entry, const char *name, int64_t epoch_ms,
                       wb_generated_batch *out)
{
    static const char *const kinds[] = {"Job", "CronJob", "Deployment"};
    assert(name != NULL && out != NULL);
    const wb_field duration = wb_field_get(entry, "duration");
    const wb_field stages = wb_field_get(entry, "stages");
    const wb_field pods_per_job = wb_field_get(entry, "podsPerJob");
    *out = (wb_generated_batch){
        .name = name,
        .namespace_name = take_name(entry, "namespace", "default"),
        .kind = kind_of(entry, kinds, 3),
        .jobs_per_hour = wb_generate_load_number(entry, "jobsPerHour", 1.0),
        .stages = wb_generate_load_count(entry, "stages", 1),
        .initial_jobs = wb_generate_load_count(entry, "initialJobs", 0),
        .duration = wb_generate_load_lengths(&duration),
        .is_gang = wb_field_get_bool(entry, "gang", false),
        .is_checkpointed = wb_field_get_bool(entry, "checkpointed", false),
    };
    wb_generate_template_read(entry, name, &out->pods);
    wb_generate_load_profile(entry, &out->profile);
    read_arrivals(entry, epoch_ms, out);
    if (wb_generate_load_count(entry, "podsPerJob", 1) == 0) {
        wb_field_error(&pods_per_job, "is 0, expected at least 1");
    }
    if (out->stages < 1 || out->stages > 100) {
        wb_field_error(&stages, "is %lld, expected 1 to 100", (long long)out->stages);
    }
}

/* Pods are named after their source, so no two sources share a name. */
static void check_name(wb_hash_map *names, const wb_field *entry, const char *name)
{
    assert(names != NULL && name != NULL);
    const uint64_t key = wb_digest_hash64(name, strlen(name));
    const wb_field field = wb_field_get(entry, "name");
    if (wb_field_is_set(&field) && !wb_hash_map_put(names, key, 1)) {
        wb_field_error(&field, "'%s' is taken by another service or batch queue", name);
    }
}

static int64_t copies_of(const wb_field *entry)
{
    const wb_field field = wb_field_get(entry, "copies");
    const int64_t count = wb_field_int64(&field, 1);
    if (count < 1 || count > COPIES_MAX) {
        wb_field_error(&field, "is %lld, expected 1 to %d", (long long)count, COPIES_MAX);
        return 1;
    }
    return count;
}

static uint32_t count_sources(const wb_field *list)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < wb_field_count(list); i++) {
        const wb_field entry = wb_field_at(list, i);
        const int64_t copies = wb_node_int64(wb_node_get(entry.node, "copies"), 1);
        count += copies >= 1 && copies <= COPIES_MAX ? copies : 1;
    }
    return count > SOURCES_MAX ? 0 : (uint32_t)count;
}

static void read_services(const wb_field *list, wb_hash_map *names, wb_generate_spec *out)
{
    wb_generated_service *items =
        WB_ARENA_ARRAY(list->context->arena, wb_generated_service, (size_t)count_sources(list) + 1);
    for (uint32_t i = 0; i < wb_field_count(list); i++) {
        const wb_field entry = wb_field_at(list, i);
        const int64_t copies = copies_of(&entry);
        for (int64_t copy = 0; copy < copies; copy++) {
            const size_t before = wb_field_error_count(list);
            const char *name = name_of(&entry, copy, copies);
            read_service(&entry, name, &items[out->service_count++]);
            check_name(names, &entry, name);
            copy = wb_field_error_count(list) > before ? copies : copy; /* said once */
        }
    }
    out->services = items;
}

static void read_batches(const wb_field *list, wb_hash_map *names, wb_generate_spec *out)
{
    wb_generated_batch *items =
        WB_ARENA_ARRAY(list->context->arena, wb_generated_batch, (size_t)count_sources(list) + 1);
    for (uint32_t i = 0; i < wb_field_count(list); i++) {
        const wb_field entry = wb_field_at(list, i);
        const int64_t copies = copies_of(&entry);
        for (int64_t copy = 0; copy < copies; copy++) {
            const size_t before = wb_field_error_count(list);
            const char *name = name_of(&entry, copy, copies);
            read_batch(&entry, name, out->epoch_ms, &items[out->batch_count++]);
            check_name(names, &entry, name);
            copy = wb_field_error_count(list) > before ? copies : copy;
        }
    }
    out->batches = items;
}

static void read_lists(const wb_field *spec, wb_generate_spec *out)
{
    const wb_field services = wb_field_get(spec, "services");
    const wb_field batches = wb_field_get(spec, "batches");
    if (wb_field_count(&services) + wb_field_count(&batches) == 0) {
        wb_field_error(spec, "has neither services nor batches");
        return;
    }
    if ((wb_field_count(&services) > 0 && count_sources(&services) == 0) ||
        (wb_field_count(&batches) > 0 && count_sources(&batches) == 0)) {
        wb_field_error(spec, "makes more than %d services or batch queues with their copies",
                       SOURCES_MAX);
        return;
    }
    wb_hash_map names;
    wb_hash_map_init(&names);
    read_services(&services, &names, out);
    read_batches(&batches, &names, out);
    wb_hash_map_release(&names);
    for (uint32_t i = 0; i < out->service_count; i++) {
        if (out->span_ms / out->services[i].step_ms > STEPS_MAX) {
            wb_field_error(spec, "has a service whose replicas are set more than %d times",
                           STEPS_MAX);
            return;
        }
    }
}

static wb_status read_document(const wb_trace_generate_options *options, wb_arena *arena,
                               wb_document_stream *out, wb_error *err)
{
    if (options->spec_text == NULL) {
        return wb_document_read_file(arena, options->spec_path, 0, out, err);
    }
    const wb_document_input input = {.file = options->spec_path,
                                     .text = options->spec_text,
                                     .length = strlen(options->spec_text)};
    return wb_document_read_text(arena, &input, out, err);
}

wb_status wb_generate_spec_read(const wb_trace_generate_options *options, wb_arena *arena,
                                wb_intern *intern, wb_findings *findings, wb_generate_spec *out,
                                wb_error *err)
{
    assert(options != NULL && options->spec_path != NULL && out != NULL);
    wb_document_stream stream;
    WB_TRY(read_document(options, arena, &stream, err));
    if (stream.count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "%s: found %zu documents, expected one TraceSpec",
                       options->spec_path, stream.count);
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
        .span_ms = wb_generate_load_duration(&spec, "span", WB_MS_PER_DAY),
        .epoch_ms = wb_field_time_ms(&epoch),
    };
    out->week_offset_ms = wb_generate_load_week_offset(out->epoch_ms);
    read_lists(&spec, out);
    return wb_findings_status(findings, err);
}
