/*
 * Reading a suite and spelling it out. Scenarios are loaded as werkbank run would, for their
 * contenders' names, their own seed and the fingerprint of all that they read; the workers load
 * them again.
 */
#include "bench/suite.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "kube/schema_table.h"
#include "bench/figure_list.h"
#include "bench/work_list.h"

#define JOBS_MAX        999999 /* six digits in the names of parts */
#define TIME_TOLERANCE  0.10
#define TIME_ROUNDS     3
#define TIME_ROUNDS_MAX 100

static const wb_schema_field metadata_fields[] = {
    WB_STRING("description"),
    WB_STRING("name"),
};
static const wb_schema metadata_schema = WB_SCHEMA_OF(metadata_fields);

static const wb_schema_field run_fields[] = {
    WB_ANY("bounds"),
    WB_LIST_OF_STRINGS("contenders"),
    WB_STRING("name"),
    WB_BOOL("optional"),
    WB_STRING("scenario"),
    WB_LIST_OF_INTEGERS("seeds"),
    WB_LIST_OF_STRINGS("traces"),
};
static const wb_schema run_schema = WB_SCHEMA_OF(run_fields);

static const wb_schema_field bound_fields[] = {
    WB_NUMBER("max"),
    WB_NUMBER("min"),
    WB_COUNT("tolerance"),
};
static const wb_schema bound_schema = WB_SCHEMA_OF(bound_fields);

static const wb_schema_field time_fields[] = {
    WB_INTEGER("rounds"),
    WB_STRING("tolerance"),
};
static const wb_schema time_schema = WB_SCHEMA_OF(time_fields);

static const wb_schema_field spec_fields[] = {
    WB_ANY("bounds"),
    WB_LIST_OF_OBJECTS("runs", &run_schema),
    WB_LIST_OF_INTEGERS("seeds"),
    WB_OBJECT("time", &time_schema),
};
static const wb_schema spec_schema = WB_SCHEMA_OF(spec_fields);

static const wb_schema_field suite_fields[] = {
    WB_STRING("apiVersion"),
    WB_STRING("kind"),
    WB_OBJECT("metadata", &metadata_schema),
    WB_OBJECT("spec", &spec_schema),
};
static const wb_schema suite_schema = WB_SCHEMA_OF(suite_fields);

/* What is being loaded. */
typedef struct suite_loader {
    wb_decode_context context;
    const wb_suite_options *options;
    const char *folder; /* of the suite, with a trailing slash, or "" */
    wb_suite suite;
    wb_suite_entry *entries;
    wb_run_job *jobs;
    uint32_t *entry_of_job;
    const char **absent;
    uint32_t job_capacity;
    wb_field default_seeds;
} suite_loader;

/* ---- bounds ---- */

static const char *nearest_figure(const char *name)
{
    const char *names[64];
    uint32_t count = 0;
    for (uint32_t i = 0; i < wb_figure_list_count() && count < 48; i++) {
        names[count++] = wb_figure_list_get(i)->key;
    }
    for (uint32_t i = 0; i < WB_WORK_LIST_COUNT; i++) {
        names[count++] = wb_work_list_name(i);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return name;
        }
    }
    const char *nearest = wb_schema_nearest(name, names, count);
    return nearest != NULL ? nearest : names[0];
}

/* "1%" is a share, a bare number an amount in the figure's unit. */
static bool read_tolerance(const wb_field *field, double *out, bool *out_is_relative)
{
    const char *text = wb_field_text(field);
    char *end = NULL;
    const double value = strtod(text, &end);
    if (end == text || !(value >= 0.0) || !(value <= 1e18)) {
        return false;
    }
    *out_is_relative = strcmp(end, "%") == 0;
    *out = *out_is_relative ? value / 100.0 : value;
    return *out_is_relative || *end == 0;
}

static void load_bound(const wb_field *field, wb_suite_bound *out)
{
    wb_schema_check(field, &bound_schema);
    const wb_field minimum = wb_field_get(field, "min");
    const wb_field maximum = wb_field_get(field, "max");
    const wb_field tolerance = wb_field_get(field, "tolerance");
    *out = (wb_suite_bound){
        .figure = field->name,
        .has_minimum = wb_field_is_set(&minimum),
        .has_maximum = wb_field_is_set(&maximum),
        .has_tolerance = wb_field_is_set(&tolerance),
        .minimum = wb_node_double(minimum.node, 0.0),
        .maximum = wb_node_double(maximum.node, 0.0),
    };
    const char *nearest = nearest_figure(field->name);
    if (strcmp(nearest, field->name) != 0) {
        wb_field_key_error(field, "'%s' is no figure, expected one such as '%s'", field->name,
                           nearest);
    }
    if (out->has_tolerance && !read_tolerance(&tolerance, &out->tolerance, &out->is_relative)) {
        wb_field_error(&tolerance, "'%s' is no tolerance, expected one such as 1%% or 0.5",
                       wb_field_text(&tolerance));
    }
}

static const wb_suite_bound *load_bounds(const suite_loader *loader, const wb_field *owner,
                                         uint32_t *out_count)
{
    const wb_field field = wb_field_get(owner, "bounds");
    const uint32_t count = wb_field_entry_count(&field);
    wb_suite_bound *bounds = WB_ARENA_ARRAY(loader->context.arena, wb_suite_bound, count + 1);
    if (wb_field_is_set(&field) && field.node->kind != WB_NODE_MAP) {
        wb_field_error(&field, "is %s, expected a map of figures",
                       wb_node_kind_name(field.node->kind));
    }
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&field, i);
        load_bound(&entry, &bounds[i]);
    }
    *out_count = count;
    return bounds;
}

/* ---- runs ---- */

static const char *resolve(const suite_loader *loader, const char *folder, const char *path)
{
    if (path[0] == '/') {
        return wb_arena_copy_string(loader->context.arena, path);
    }
    const size_t size = strlen(folder) + strlen(path) + 2;
    char *joined = wb_arena_alloc(loader->context.arena, size);
    const bool needs_slash = folder[0] != 0 && folder[strlen(folder) - 1] != '/';
    (void)snprintf(joined, size, "%s%s%s", folder, needs_slash ? "/" : "", path);
    return joined;
}

/* A trace beside the suite, else in the first of the folders that has it; NULL: nowhere. */
static const char *find_trace(const suite_loader *loader, const char *name)
{
    const char *path = resolve(loader, loader->folder, name);
    for (uint32_t i = 0; access(path, R_OK) != 0; i++) {
        if (i == loader->options->trace_folder_count) {
            return NULL;
        }
        path = resolve(loader, loader->options->trace_folders[i], name);
    }
    return path;
}

/* False when one is missing: a finding, or of an optional entry a note. */
static bool find_traces(suite_loader *loader, const wb_field *run, const char ***out,
                        uint32_t *out_count)
{
    const wb_field field = wb_field_get(run, "traces");
    const wb_field optional = wb_field_get(run, "optional");
    *out_count = wb_field_count(&field);
    *out = WB_ARENA_ARRAY(loader->context.arena, const char *, *out_count + 1);
    for (uint32_t i = 0; i < *out_count; i++) {
        const wb_field name = wb_field_at(&field, i);
        (*out)[i] = find_trace(loader, wb_field_text(&name));
        if ((*out)[i] == NULL && wb_field_bool(&optional, false)) {
            loader->absent[loader->suite.absent_count++] = wb_field_text(&name);
            return false;
        }
        if ((*out)[i] == NULL) {
            wb_field_error(&name,
                           "'%s' cannot be read, expected a trace beside the suite or in a "
                           "folder that --traces names",
                           wb_field_text(&name));
            return false;
        }
    }
    return true;
}

static void digest_inputs(const wb_scenario *scenario, char out[33])
{
    wb_digest *digest = wb_digest_new();
    wb_digest_add_text(digest, scenario->digest);
    for (uint32_t i = 0; i < scenario->trace_count; i++) {
        wb_digest_add_text(digest, scenario->traces[i].summary.digest);
    }
    wb_digest_text(digest, out);
    wb_digest_free(digest);
}

static wb_run_job *next_job(suite_loader *loader)
{
    wb_suite *suite = &loader->suite;
    if (suite->job_count == loader->job_capacity) {
        const uint32_t old = loader->job_capacity;
        loader->job_capacity = old * 2 + 16;
        loader->jobs = wb_arena_grow(loader->context.arena, loader->jobs, old, loader->job_capacity,
                                     sizeof loader->jobs[0]);
        loader->entry_of_job = wb_arena_grow(loader->context.arena, loader->entry_of_job, old,
                                             loader->job_capacity, sizeof loader->entry_of_job[0]);
    }
    return &loader->jobs[suite->job_count];
}

/* One contender under every seed. */
static void add_jobs(suite_loader *loader, const wb_field *run, const wb_run_job *like,
                     uint64_t own_seed)
{
    wb_field seeds = wb_field_get(run, "seeds");
    seeds = wb_field_is_set(&seeds) ? seeds : loader->default_seeds;
    const uint32_t count = wb_field_count(&seeds);
    const char *name = loader->entries[loader->suite.entry_count].name;
    for (uint32_t i = 0; i < (count > 0 ? count : 1); i++) {
        wb_run_job *job = next_job(loader);
        *job = *like;
        job->seed = own_seed;
        if (count > 0) {
            const wb_field seed = wb_field_at(&seeds, i);
            job->seed = (uint64_t)wb_field_int64(&seed, 0);
        }
        char key[512];
        (void)snprintf(key, sizeof key, "%s/%s/seed=%llu", name, like->contender,
                       (unsigned long long)job->seed);
        job->key = wb_arena_copy_string(loader->context.arena, key);
        loader->entry_of_job[loader->suite.job_count++] = loader->suite.entry_count;
    }
}

static void add_contenders(suite_loader *loader, const wb_field *run, wb_run_job *like,
                           const wb_scenario *scenario)
{
    const wb_field wanted = wb_field_get(run, "contenders");
    if (!wb_field_is_set(&wanted)) {
        for (uint32_t i = 0; i < scenario->contender_count; i++) {
            like->contender = scenario->contenders[i].name;
            add_jobs(loader, run, like, scenario->seed);
        }
        return;
    }
    for (uint32_t w = 0; w < wb_field_count(&wanted); w++) {
        const wb_field name = wb_field_at(&wanted, w);
        uint32_t found = 0;
        while (found < scenario->contender_count &&
               strcmp(scenario->contenders[found].name, wb_field_text(&name)) != 0) {
            found++;
        }
        if (found == scenario->contender_count) {
            wb_field_error(&name, "'%s' is no contender of the scenario, expected one such as '%s'",
                           wb_field_text(&name), scenario->contenders[0].name);
            continue;
        }
        like->contender = scenario->contenders[found].name;
        add_jobs(loader, run, like, scenario->seed);
    }
}

/* What the entry's run reads; false after findings. */
static bool load_scenario(suite_loader *loader, const wb_field *field, wb_run_job *like,
                          wb_scenario *out)
{
    wb_findings *findings = WB_ARENA_NEW(loader->context.arena, wb_findings);
    wb_findings_init(findings, loader->context.arena, loader->context.findings->strict);
    const wb_scenario_overrides overrides = {
        .findings = findings,
        .trace_paths = like->trace_paths,
        .trace_count = like->trace_count,
    };
    wb_error inner = {0};
    const wb_status status = wb_scenario_load(loader->context.arena, loader->context.intern,
                                              like->scenario_path, &overrides, out, &inner);
    const wb_position nowhere = {NULL, 0, 0}; /* the texts have their places in front */
    for (size_t i = 0; i < findings->warning_count; i++) {
        wb_findings_add(loader->context.findings, WB_SEVERITY_WARNING, nowhere, NULL, "%s",
                        findings->warnings[i].text);
    }
    for (size_t i = 0; i < findings->error_count; i++) {
        wb_findings_add(loader->context.findings, WB_SEVERITY_ERROR, nowhere, NULL, "%s",
                        findings->errors[i].text);
    }
    if (status != WB_OK && findings->error_count == 0) {
        wb_field_error(field, "%s", inner.text);
    }
    return status == WB_OK;
}

static void load_run(suite_loader *loader, const wb_field *run)
{
    const wb_field path = wb_field_get(run, "scenario");
    const char **traces = NULL;
    uint32_t trace_count = 0;
    if (!wb_field_require(&path, "the path of a scenario") ||
        !find_traces(loader, run, &traces, &trace_count)) {
        return;
    }
    wb_run_job like = {
        .scenario_path = resolve(loader, loader->folder, wb_field_text(&path)),
        .seed_is_set = true,
        .trace_paths = traces,
        .trace_count = trace_count,
    };
    wb_scenario scenario;
    if (!load_scenario(loader, &path, &like, &scenario)) {
        return;
    }
    char digest[33];
    digest_inputs(&scenario, digest);
    like.inputs_digest = wb_arena_copy_string(loader->context.arena, digest);
    const wb_field name = wb_field_get(run, "name");
    wb_suite_entry *entry = &loader->entries[loader->suite.entry_count];
    entry->name = wb_field_is_set(&name) ? wb_field_text(&name) : scenario.name;
    entry->scenario_path = like.scenario_path;
    entry->bounds = load_bounds(loader, run, &entry->bound_count);
    add_contenders(loader, run, &like, &scenario);
    loader->suite.entry_count++;
}

/* ---- the file ---- */

static void load_time(suite_loader *loader, const wb_field *spec)
{
    const wb_field time_field = wb_field_get(spec, "time");
    const wb_field tolerance = wb_field_get(&time_field, "tolerance");
    const wb_field rounds = wb_field_get(&time_field, "rounds");
    const int32_t round_count = wb_field_int32(&rounds, TIME_ROUNDS);
    bool is_relative = true;
    loader->suite.time_tolerance = TIME_TOLERANCE;
    if (wb_field_is_set(&tolerance) &&
        (!read_tolerance(&tolerance, &loader->suite.time_tolerance, &is_relative) ||
         !is_relative)) {
        wb_field_error(&tolerance, "'%s' is no share, expected one such as 10%%",
                       wb_field_text(&tolerance));
    }
    if (round_count < 1 || round_count > TIME_ROUNDS_MAX) {
        wb_field_error(&rounds, "is %d, expected 1 to %d", round_count, TIME_ROUNDS_MAX);
    }
    loader->suite.time_rounds = (uint32_t)round_count;
}

static void load_suite(suite_loader *loader, const wb_field *root)
{
    const wb_field api_version = wb_field_get(root, "apiVersion");
    const wb_field kind = wb_field_get(root, "kind");
    if (strcmp(wb_field_text(&api_version), "werkbank/v1") != 0) {
        wb_field_error(&api_version, "is '%s', expected werkbank/v1", wb_field_text(&api_version));
    }
    if (strcmp(wb_field_text(&kind), "Suite") != 0) {
        wb_field_error(&kind, "is '%s', expected Suite", wb_field_text(&kind));
    }
    const wb_field metadata = wb_field_get(root, "metadata");
    const wb_field name = wb_field_get(&metadata, "name");
    (void)wb_field_require(&name, "the suite's name");
    loader->suite.name = wb_field_text(&name);
    const wb_field spec = wb_field_get(root, "spec");
    const wb_field runs = wb_field_get(&spec, "runs");
    const uint32_t count = wb_field_count(&runs);
    if (count == 0) {
        wb_field_error(&runs, "is empty, expected at least one scenario");
    }
    loader->entries = WB_ARENA_ARRAY(loader->context.arena, wb_suite_entry, count + 1);
    loader->absent = WB_ARENA_ARRAY(loader->context.arena, const char *, count + 1);
    loader->default_seeds = wb_field_get(&spec, "seeds");
    loader->suite.bounds = load_bounds(loader, &spec, &loader->suite.bound_count);
    load_time(loader, &spec);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field run = wb_field_at(&runs, i);
        load_run(loader, &run);
    }
}

static wb_status read_root(wb_arena *arena, const char *path, wb_node **out, wb_error *err)
{
    wb_document_stream stream;
    WB_TRY(wb_document_read_file(arena, path, 0, &stream, err));
    if (stream.count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "%s: found %zu documents, expected one Suite", path,
                       stream.count);
    }
    *out = stream.roots[0];
    return WB_OK;
}

wb_status wb_suite_load(wb_arena *arena, wb_intern *intern, const char *path,
                        const wb_suite_options *options, wb_suite *out, wb_error *err)
{
    assert(path != NULL && options != NULL && options->findings != NULL && out != NULL);
    wb_node *document = NULL;
    WB_TRY(read_root(arena, path, &document, err));
    const char *slash = strrchr(path, '/');
    suite_loader loader = {
        .context = {.arena = arena, .intern = intern, .findings = options->findings},
        .options = options,
        .folder = slash == NULL ? "" : wb_arena_copy_text(arena, path, (size_t)(slash - path) + 1),
        .suite = {.path = path},
    };
    const wb_field root = wb_field_root(&loader.context, document, "");
    if (wb_field_check_kind(&root, "Suite")) {
        wb_schema_check(&root, &suite_schema);
    }
    WB_TRY(wb_findings_status(options->findings, err)); /* below, kinds are taken for granted */
    load_suite(&loader, &root);
    WB_TRY(wb_findings_status(options->findings, err));
    if (loader.suite.job_count == 0) {
        return wb_fail(err, WB_ERR_INPUT, "%s: no run is left, expected at least one", path);
    }
    if (loader.suite.job_count > JOBS_MAX) {
        return wb_fail(err, WB_ERR_LIMIT, "%s: %u runs, expected at most %d", path,
                       loader.suite.job_count, JOBS_MAX);
    }
    loader.suite.entries = loader.entries;
    loader.suite.jobs = loader.jobs;
    loader.suite.entry_of_job = loader.entry_of_job;
    loader.suite.absent = loader.absent;
    *out = loader.suite;
    return WB_OK;
}

static const wb_suite_bound *find_in(const wb_suite_bound *bounds, uint32_t count,
                                     const char *figure)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(bounds[i].figure, figure) == 0) {
            return &bounds[i];
        }
    }
    return NULL;
}

const wb_suite_bound *wb_suite_find_bound(const wb_suite *suite, uint32_t job, const char *figure)
{
    assert(suite != NULL && job < suite->job_count && figure != NULL);
    const wb_suite_entry *entry = &suite->entries[suite->entry_of_job[job]];
    const wb_suite_bound *own = find_in(entry->bounds, entry->bound_count, figure);
    return own != NULL ? own : find_in(suite->bounds, suite->bound_count, figure);
}
