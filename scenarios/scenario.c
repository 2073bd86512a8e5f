/* The scenario file itself: its head, the cluster, the catalog. Workload and contenders have files
 * of their own. */
#include "scenarios/scenario.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/file.h"
#include "kube/names.h"
#include "scenarios/scenario_internal.h"

#define FILE_LIMIT_BYTES    ((size_t)64 << 20)
#define CATALOG_LIMIT_BYTES ((size_t)1 << 30)
#define ZONES_MAX           26 /* a letter each */

const char *wb_scenario_resolve(const wb_scenario_loader *loader, const wb_field *field)
{
    assert(loader != NULL && field != NULL);
    const char *path = wb_field_text(field);
    if (!wb_field_is_set(field) || *path == 0) {
        wb_field_error(field, "is empty, expected the path of a file");
        return NULL;
    }
    if (*path != '/') {
        wb_text joined;
        wb_text_init(&joined);
        wb_text_add_format(&joined, "%s%s", loader->folder, path);
        path = wb_arena_copy_string(loader->context.arena, wb_text_string(&joined));
        wb_text_release(&joined);
    }
    return path;
}

/* Makes the changes that the overrides ask for in one document. */
static void patch(wb_scenario_loader *loader, wb_node *document, bool is_scenario)
{
    const wb_scenario_patches patches = {
        .items = loader->overrides->patches,
        .count = loader->overrides->patch_count,
        .hits = loader->patch_hits,
    };
    wb_error err;
    if (wb_scenario_patch_apply(&patches, document, is_scenario, loader->context.arena, &err) !=
        WB_OK) {
        wb_findings_add(loader->context.findings, WB_SEVERITY_ERROR, (wb_position){0}, NULL, "%s",
                        err.text);
    }
}

/* A change that found nothing to change is a misspelt target. */
static void check_patches(wb_scenario_loader *loader)
{
    for (uint32_t i = 0; i < loader->overrides->patch_count; i++) {
        const wb_scenario_patch *one = &loader->overrides->patches[i];
        if (loader->patch_hits[i] == 0) {
            wb_findings_add(loader->context.findings, WB_SEVERITY_ERROR,
                            wb_node_position(one->value), one->path,
                            "'%s' is nothing in %s and its manifests, expected one such as "
                            "nodepool/default, contender/karpenter, nodegroup/general or scenario",
                            one->target, loader->scenario->path);
        }
        wb_text value;
        wb_text_init(&value);
        if (one->value != NULL) {
            wb_node_print_json(one->value, &value);
        }
        wb_digest_add_text(loader->digest, one->target);
        wb_digest_add_text(loader->digest, one->path);
        wb_digest_add_text(loader->digest, wb_text_string(&value));
        wb_text_release(&value);
    }
}

const char *wb_scenario_read_documents(wb_scenario_loader *loader, const wb_field *field,
                                       wb_document_stream *out)
{
    assert(loader != NULL && field != NULL && out != NULL);
    const char *path = wb_scenario_resolve(loader, field);
    if (path == NULL) {
        return NULL;
    }
    wb_error err;
    char *text = NULL;
    size_t length = 0;
    if (wb_file_read(loader->context.arena, path, FILE_LIMIT_BYTES, &text, &length, &err) !=
        WB_OK) {
        wb_field_error(field, "%s", err.text);
        return NULL;
    }
    wb_digest_add_bytes(loader->digest, text, length);
    const wb_document_input input = {.file = path, .text = text, .length = length};
    if (wb_document_read_text(loader->context.arena, &input, out, &err) != WB_OK) {
        wb_findings_add(loader->context.findings, WB_SEVERITY_ERROR, (wb_position){0}, NULL, "%s",
                        err.text);
        return NULL;
    }
    for (size_t i = 0; i < out->count; i++) {
        patch(loader, out->roots[i], false);
    }
    return path;
}

/* The one ConfigMap that decides something: the priority expander's. */
static void note_config_map(wb_scenario_loader *loader, const wb_node *root)
{
    const wb_node *name = wb_node_find(root, "metadata.name");
    if (strcmp(wb_node_string(wb_node_get(root, "kind"), ""), "ConfigMap") == 0 &&
        strcmp(wb_node_string(name, ""), "cluster-autoscaler-priority-expander") == 0) {
        loader->priorities = wb_node_find(root, "data.priorities");
    }
}

static void read_manifest(wb_scenario_loader *loader, const wb_field *field, wb_manifest *out)
{
    wb_document_stream stream;
    if (wb_scenario_read_documents(loader, field, &stream) == NULL) {
        return;
    }
    for (size_t i = 0; i < stream.count; i++) {
        note_config_map(loader, stream.roots[i]);
        wb_manifest_add_document(out, &loader->context, stream.roots[i]);
    }
}

void wb_scenario_read_manifests(wb_scenario_loader *loader, const wb_field *field, wb_manifest *out)
{
    assert(loader != NULL && field != NULL && out != NULL);
    if (field->node != NULL && field->node->kind == WB_NODE_MAP) {
        wb_field_error(field, "expected a path or a list of paths, found a map");
        return;
    }
    if (field->node != NULL && field->node->kind == WB_NODE_LIST) {
        for (uint32_t i = 0; i < wb_field_count(field); i++) {
            const wb_field entry = wb_field_at(field, i);
            read_manifest(loader, &entry, out);
        }
    } else if (wb_field_is_set(field)) {
        read_manifest(loader, field, out);
    }
}

int64_t wb_scenario_duration(const wb_field *field, int64_t fallback)
{
    assert(field != NULL);
    int64_t ms = fallback;
    wb_error err;
    if (wb_field_is_set(field) &&
        (wb_duration_parse(wb_field_text(field), &ms, &err) != WB_OK || ms < 0)) {
        wb_field_error(field, "'%s' is not a duration like 1h30m", wb_field_text(field));
        return fallback;
    }
    return ms;
}

bool wb_scenario_type(const wb_scenario_loader *loader, const wb_field *field, uint32_t *out)
{
    assert(loader != NULL && field != NULL && out != NULL);
    const uint32_t index = wb_catalog_find(&loader->scenario->catalog, wb_field_id(field));
    if (index == UINT32_MAX) {
        wb_field_error(field,
                       "'%s' is not an instance type of region %s (see: werkbank catalog list)",
                       wb_field_text(field),
                       wb_intern_text(loader->context.intern, loader->scenario->catalog.region));
        return false;
    }
    *out = index;
    return true;
}

static bool has_zone(const wb_scenario *scenario, uint32_t zone)
{
    for (uint32_t i = 0; i < scenario->zone_count; i++) {
        if (scenario->zones[i] == zone) {
            return true;
        }
    }
    return false;
}

uint32_t wb_scenario_zone(const wb_scenario_loader *loader, const wb_field *field)
{
    assert(loader != NULL && field != NULL);
    if (!wb_field_is_set(field)) {
        return 0;
    }
    const uint32_t zone = wb_field_id(field);
    if (!has_zone(loader->scenario, zone)) {
        wb_field_error(field, "'%s' is not one of the scenario's zones (spec.zones)",
                       wb_field_text(field));
        return 0;
    }
    return zone;
}

const uint32_t *wb_scenario_zones(const wb_scenario_loader *loader, const wb_field *field,
                                  uint32_t *out_count)
{
    assert(loader != NULL && field != NULL && out_count != NULL);
    if (!wb_field_is_set(field)) {
        *out_count = loader->scenario->zone_count;
        return loader->scenario->zones;
    }
    const uint32_t *zones = wb_field_ids(field, out_count);
    for (uint32_t i = 0; i < *out_count; i++) {
        const wb_field entry = wb_field_at(field, i);
        (void)wb_scenario_zone(loader, &entry);
    }
    return zones;
}

/* A zone of the region is the region's name and one letter. */
static bool is_zone_of(const char *zone, const char *region)
{
    const size_t length = strlen(region);
    return strncmp(zone, region, length) == 0 && zone[length] >= 'a' && zone[length] <= 'z' &&
           zone[length + 1] == 0;
}

/* The catalog of --catalog, instead of the shipped one; its bytes are part of the digest. */
static wb_status read_catalog(wb_scenario_loader *loader, const char *path, wb_error *err)
{
    wb_arena *arena = loader->context.arena;
    char *text = NULL;
    size_t length = 0;
    wb_document_stream stream;
    WB_TRY(wb_file_read(arena, path, CATALOG_LIMIT_BYTES, &text, &length, err));
    const wb_document_input input = {.file = path, .text = text, .length = length};
    WB_TRY(wb_document_read_text(arena, &input, &stream, err));
    if (stream.count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "%s: found %zu documents, expected one catalog", path,
                       stream.count);
    }
    wb_digest_add_bytes(loader->digest, text, length);
    return wb_catalog_decode(arena, loader->context.intern, stream.roots[0],
                             &loader->scenario->catalog, err);
}

/* Zones that spec.zones names: of the region, once each, and in a catalog that was given. */
static void load_zones(wb_scenario_loader *loader, const wb_field *zones, const char *region)
{
    wb_scenario *scenario = loader->scenario;
    uint32_t count = 0;
    const uint32_t *ids = wb_field_ids(zones, &count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field zone = wb_field_at(zones, i);
        const char *name = wb_field_text(&zone);
        if (!is_zone_of(name, region)) {
            wb_field_error(&zone, "'%s' is not a zone of region %s, expected %sa, %sb ...", name,
                           region, region, region);
            continue;
        }
        bool is_offered = scenario->catalog.zone_count == 0;
        for (uint32_t j = 0; j < scenario->catalog.zone_count; j++) {
            is_offered = is_offered || scenario->catalog.zones[j] == ids[i];
        }
        if (!is_offered) {
            wb_field_error(&zone, "'%s' is not in the catalog", name);
        }
        for (uint32_t j = 0; j < i; j++) {
            if (ids[j] == ids[i]) {
                wb_field_error(&zone, "'%s' is named twice", name);
                break;
            }
        }
    }
    scenario->zones = ids;
    scenario->zone_count = count;
}

/* The shipped catalog for the region and the zones. */
static wb_status load_shipped_catalog(wb_scenario_loader *loader, const char *region, wb_error *err)
{
    wb_scenario *scenario = loader->scenario;
    const char *zone_names[ZONES_MAX];
    assert(scenario->zone_count <= ZONES_MAX);
    for (uint32_t i = 0; i < scenario->zone_count; i++) {
        zone_names[i] = wb_intern_text(loader->context.intern, scenario->zones[i]);
    }
    const wb_catalog_place place = {region, zone_names, scenario->zone_count};
    return wb_catalog_load(loader->context.arena, loader->context.intern, &place,
                           &scenario->catalog, err);
}

/* KWOK's nodes hold nothing back for kubelet and system: what a type has, pods can have. */
static void load_overhead(wb_scenario_loader *loader, const wb_field *spec)
{
    static const char *const names[] = {"eks", "none"};
    const wb_field overhead = wb_field_get(spec, "nodeOverhead");
    wb_catalog *catalog = &loader->scenario->catalog;
    if (wb_field_choice(&overhead, names, 2, 0) == 0) {
        return;
    }
    for (uint32_t i = 0; i < catalog->type_count; i++) {
        catalog->types[i].overhead = (wb_resource_list){0};
    }
}

/* Region, zones and catalog; false after a finding, for without them every type is unknown. */
static bool load_region(wb_scenario_loader *loader, const wb_field *spec)
{
    wb_scenario *scenario = loader->scenario;
    const wb_field region = wb_field_get(spec, "region");
    const wb_field zones = wb_field_get(spec, "zones");
    const wb_field *place = wb_field_is_set(&region) ? &region : spec;
    const char *name = wb_field_is_set(&region) ? wb_field_text(&region) : "us-east-1";
    const char *path = loader->overrides->catalog_path;
    const size_t error_count = wb_field_error_count(spec);
    wb_error err;
    if (path != NULL) {
        if (read_catalog(loader, path, &err) != WB_OK) {
            wb_findings_add(loader->context.findings, WB_SEVERITY_ERROR, (wb_position){0}, NULL,
                            "%s", err.text);
            return false;
        }
        const char *of_catalog = wb_intern_text(loader->context.intern, scenario->catalog.region);
        if (wb_field_is_set(&region) && strcmp(name, of_catalog) != 0) {
            wb_field_error(&region, "is '%s', but the catalog %s is of region '%s'", name, path,
                           of_catalog);
            return false;
        }
        name = of_catalog;
    }
    load_zones(loader, &zones, name);
    if (wb_field_error_count(spec) > error_count) {
        return false;
    }
    if (path == NULL && load_shipped_catalog(loader, name, &err) != WB_OK) {
        wb_field_error(place, "%s", err.text);
        return false;
    }
    scenario->region = scenario->catalog.region;
    load_overhead(loader, spec);
    if (scenario->zone_count == 0) {
        scenario->zones = scenario->catalog.zones;
        scenario->zone_count = scenario->catalog.zone_count;
    }
    return true;
}

static void load_cluster(wb_scenario_loader *loader, const wb_field *spec)
{
    wb_scenario *scenario = loader->scenario;
    const wb_field cluster = wb_field_get(spec, "cluster");
    const wb_field start = wb_field_get(&cluster, "podStart");
    const wb_field stop = wb_field_get(&cluster, "podStop");
    const wb_field delay = wb_field_get(&cluster, "schedulingDelay");
    const wb_field job = wb_field_get(&cluster, "jobDuration");
    scenario->cluster = (wb_cluster_options){
        .seed = scenario->seed,
        .pod_start_ms = wb_scenario_duration(&start, -1),
        .pod_stop_ms = wb_scenario_duration(&stop, 1000),
        .schedule_mark_ms = wb_scenario_duration(&delay, 0),
        .job_duration_ms = wb_scenario_duration(&job, wb_cluster_default_options().job_duration_ms),
    };
}

static void load_head(wb_scenario_loader *loader, const wb_field *root)
{
    wb_scenario *scenario = loader->scenario;
    const wb_field api_version = wb_field_get(root, "apiVersion");
    const wb_field kind = wb_field_get(root, "kind");
    if (strcmp(wb_field_text(&api_version), "werkbank/v1") != 0) {
        wb_field_error(&api_version, "is '%s', expected werkbank/v1", wb_field_text(&api_version));
    }
    if (strcmp(wb_field_text(&kind), "Scenario") != 0) {
        wb_field_error(&kind, "is '%s', expected Scenario", wb_field_text(&kind));
    }
    const wb_field metadata = wb_field_get(root, "metadata");
    const wb_field name = wb_field_get(&metadata, "name");
    (void)wb_field_expect(&name, "the scenario's name");
    const wb_field description = wb_field_get(&metadata, "description");
    scenario->name = wb_field_text(&name);
    scenario->description = wb_field_text(&description);
}

static void load_spec(wb_scenario_loader *loader, const wb_field *spec)
{
    wb_scenario *scenario = loader->scenario;
    const wb_field seed = wb_field_get(spec, "seed");
    const wb_field horizon = wb_field_get(spec, "horizon");
    const wb_field epoch = wb_field_get(spec, "epoch");
    const wb_field interval = wb_field_get(spec, "sampleInterval");
    scenario->seed = loader->overrides->seed_is_set ? loader->overrides->seed
                                                    : (uint64_t)wb_field_int64(&seed, 1);
    scenario->horizon_ms = wb_scenario_duration(&horizon, -1);
    scenario->epoch_ms = wb_field_time_ms(&epoch);
    scenario->sample_interval_ms = wb_scenario_duration(&interval, 60 * WB_MS_PER_SECOND);
    if (scenario->sample_interval_ms == 0) {
        wb_field_error(&interval, "is 0s, expected more than nothing");
    }
    if (scenario->horizon_ms == 0) {
        wb_field_error(&horizon, "is 0s, expected more than nothing");
    }
    const bool has_region = load_region(loader, spec);
    load_cluster(loader, spec);
    wb_scenario_load_scheduler(loader, spec, &scenario->scheduler);
    wb_scenario_load_latency(spec, &scenario->decision_latency);
    const wb_field objects = wb_field_get(spec, "objects");
    wb_scenario_read_manifests(loader, &objects, scenario->base);
    if (has_region) {
        wb_scenario_load_spot(loader, spec);
        wb_scenario_load_market(loader, spec);
        wb_scenario_load_money(loader, spec);
        wb_scenario_load_api(loader, spec);
        wb_scenario_load_network(loader, spec);
        wb_scenario_load_image_sizes(loader, spec);
        wb_scenario_load_faults(loader, spec);
        wb_scenario_load_workload(loader, spec);
        wb_scenario_load_storage(loader, spec);
        wb_scenario_load_signals(loader, spec);
        wb_scenario_load_contenders(loader, spec);
    }
}

static const char *folder_of(wb_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? "" : wb_arena_copy_text(arena, path, (size_t)(slash - path) + 1);
}

wb_status wb_scenario_load(wb_arena *arena, wb_intern *intern, const char *path,
                           const wb_scenario_overrides *overrides, wb_scenario *out, wb_error *err)
{
    assert(path != NULL && overrides != NULL && out != NULL);
    wb_findings *findings = overrides->findings;
    assert(findings != NULL);
    char *text = NULL;
    size_t length = 0;
    wb_document_stream stream;
    WB_TRY(wb_file_read(arena, path, FILE_LIMIT_BYTES, &text, &length, err));
    const wb_document_input input = {.file = path, .text = text, .length = length};
    WB_TRY(wb_document_read_text(arena, &input, &stream, err));
    if (stream.count != 1) {
        return wb_fail(err, WB_ERR_INPUT, "%s: found %zu documents, expected one Scenario", path,
                       stream.count);
    }
    wb_scenario scenario = {.path = path, .base = WB_ARENA_NEW(arena, wb_manifest)};
    wb_manifest_init(scenario.base);
    wb_scenario_loader loader = {
        .context = {.arena = arena, .intern = intern, .findings = findings},
        .scenario = &scenario,
        .folder = folder_of(arena, path),
        .digest = wb_digest_new(),
        .overrides = overrides,
        .patch_hits = WB_ARENA_ARRAY(arena, uint32_t, overrides->patch_count),
    };
    wb_digest_add_bytes(loader.digest, text, length);
    patch(&loader, stream.roots[0], true);
    const wb_field root = wb_field_root(&loader.context, stream.roots[0], "");
    if (wb_field_check_kind(&root, "Scenario")) {
        wb_schema_check(&root, &wb_scenario_schema);
    }
    if (findings->error_count > 0) { /* below, kinds are taken for granted */
        wb_digest_free(loader.digest);
        return wb_findings_status(findings, err);
    }
    load_head(&loader, &root);
    const wb_field spec = wb_field_get(&root, "spec");
    if (wb_field_is_set(&spec)) {
        load_spec(&loader, &spec);
    } else {
        wb_field_error(&spec, "is missing, expected the scenario's parts");
    }
    check_patches(&loader);
    wb_digest_text(loader.digest, scenario.digest);
    wb_digest_free(loader.digest);
    WB_TRY(wb_findings_status(findings, err));
    *out = scenario;
    return WB_OK;
}
