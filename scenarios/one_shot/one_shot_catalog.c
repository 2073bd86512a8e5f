#include "scenarios/one_shot/one_shot_catalog.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "kube/catalog/catalog_import.h"
#include "kube/catalog/catalog_nodeclass.h"
#include "kube/catalog/catalog_overlay.h"
#include "kube/catalog/catalog_shipped.h"
#include "kube/names.h"

#define ZONES_MAX      16
#define DEFAULT_REGION "us-east-1"

/* --- Region and zones ------------------------------------------------------------------ */

/* Length of the region in "us-east-1a"; 0 for what is no zone of that form. */
static size_t region_length(const char *zone)
{
    assert(zone != NULL);
    const size_t length = strlen(zone);
    return length > 2 && isalpha((unsigned char)zone[length - 1]) != 0 &&
                   isdigit((unsigned char)zone[length - 2]) != 0
               ? length - 1
               : 0;
}

/* What the files say of zones: called for each zone that they name, until it returns true. */
typedef bool (*zone_visitor)(void *context, const char *zone);

static bool visit_label(const wb_intern *intern, wb_labels labels, zone_visitor visit,
                        void *context)
{
    for (uint32_t i = 0; i < labels.count; i++) {
        const char *key = wb_intern_text(intern, labels.items[i].key);
        if ((labels.items[i].key == WB_NAME_ZONE ||
             strcmp(key, "failure-domain.beta.kubernetes.io/zone") == 0 ||
             strcmp(key, "topology.ebs.csi.aws.com/zone") == 0) &&
            visit(context, wb_intern_text(intern, labels.items[i].value))) {
            return true;
        }
    }
    return false;
}

static bool visit_expressions(wb_intern *intern, const wb_label_expression *expressions,
                              uint32_t count, zone_visitor visit, void *context)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t v = 0; wb_names_unalias(intern, expressions[i].key) == WB_NAME_ZONE &&
                             expressions[i].op == WB_OPERATOR_IN && v < expressions[i].value_count;
             v++) {
            if (visit(context, wb_intern_text(intern, expressions[i].values[v]))) {
                return true;
            }
        }
    }
    return false;
}

/* Nodes know best, then volumes, then what NodePools ask for. */
static bool visit_zones(const wb_one_shot_reader *reader, zone_visitor visit, void *context)
{
    const wb_manifest *manifest = &reader->input->manifest;
    wb_intern *intern = reader->intern;
    for (uint32_t i = 0; i < manifest->node_count; i++) {
        if (visit_label(intern, manifest->nodes[i].labels, visit, context)) {
            return true;
        }
    }
    for (uint32_t i = 0; i < manifest->persistent_volume_count; i++) {
        const wb_persistent_volume *volume = &manifest->persistent_volumes[i];
        for (uint32_t t = 0; t < volume->required_term_count; t++) {
            if (visit_expressions(intern, volume->required_terms[t].expressions,
                                  volume->required_terms[t].expression_count, visit, context)) {
                return true;
            }
        }
    }
    for (uint32_t i = 0; i < manifest->nodepool_count; i++) {
        const wb_nodepool *pool = &manifest->nodepools[i];
        if (visit_expressions(intern, pool->requirements, pool->requirement_count, visit,
                              context) ||
            visit_label(intern, pool->labels, visit, context)) {
            return true;
        }
    }
    return false;
}

typedef struct region_search {
    wb_arena *arena;
    const char *region; /* NULL: not found */
} region_search;

static bool take_region(void *context, const char *zone)
{
    region_search *search = context;
    const size_t length = region_length(zone);
    if (length > 0) {
        search->region = wb_arena_copy_text(search->arena, zone, length);
    }
    return length > 0;
}

typedef struct zone_list {
    const char *region;
    const char *names[ZONES_MAX];
    uint32_t count;
} zone_list;

static bool take_zone(void *context, const char *zone)
{
    zone_list *list = context;
    const size_t length = strlen(list->region);
    if (strncmp(zone, list->region, length) != 0 || region_length(zone) != length) {
        return false;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(list->names[i], zone) == 0) {
            return false;
        }
    }
    if (list->count < ZONES_MAX) {
        list->names[list->count++] = zone;
    }
    return false;
}

/* The zones asked for, else a, b and c and whatever else the files name. */
static void gather_zones(const wb_one_shot_reader *reader, const char *region, zone_list *out)
{
    assert(region != NULL && out != NULL);
    const wb_one_shot_options *options = &reader->input->options;
    *out = (zone_list){.region = region};
    for (uint32_t i = 0; i < options->zone_count && i < ZONES_MAX; i++) {
        out->names[out->count++] = options->zones[i];
    }
    if (out->count > 0) {
        return;
    }
    for (char letter = 'a'; letter <= 'c'; letter++) {
        wb_text zone;
        wb_text_init(&zone);
        wb_text_add_format(&zone, "%s%c", region, letter);
        out->names[out->count++] = wb_arena_copy_string(reader->arena, wb_text_string(&zone));
        wb_text_release(&zone);
    }
    (void)visit_zones(reader, take_zone, out);
}

/* --- Catalog --------------------------------------------------------------------------- */

static bool has_shipped_prices(const char *region)
{
    const char *const *names = NULL;
    const uint32_t count = wb_catalog_regions(&names);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(names[i], region) == 0) {
            return true;
        }
    }
    return false;
}

/* The spot advisor's table knows all commercial regions. */
static bool is_real_region(wb_arena *arena, const char *region)
{
    assert(region != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(arena);
    wb_catalog_shipped shipped;
    wb_catalog_shipped_open(arena, region, &shipped);
    const bool is_real = shipped.advice_column != UINT32_MAX;
    wb_arena_rewind(arena, mark);
    return is_real;
}

/* Turns the catalog of one region into another's: each type is offered in every wanted zone as it
 * is in the first of its own. */
static void rename_zones(wb_arena *arena, wb_intern *intern, const zone_list *zones,
                         wb_catalog *catalog)
{
    assert(zones->count > 0 && catalog->zone_count > 0);
    const uint32_t first_zone = catalog->zones[0];
    uint32_t *ids = WB_ARENA_ARRAY(arena, uint32_t, zones->count);
    for (uint32_t z = 0; z < zones->count; z++) {
        ids[z] = wb_intern_add(intern, zones->names[z]);
    }
    for (uint32_t t = 0; t < catalog->type_count; t++) {
        wb_catalog_type *type = &catalog->types[t];
        wb_offering *made =
            WB_ARENA_ARRAY(arena, wb_offering, (size_t)type->offering_count * zones->count);
        uint32_t count = 0;
        for (uint32_t z = 0; z < zones->count; z++) {
            for (uint32_t o = 0; o < type->offering_count; o++) {
                if (type->offerings[o].zone == first_zone) {
                    made[count] = type->offerings[o];
                    made[count++].zone = ids[z];
                }
            }
        }
        type->offerings = made;
        type->offering_count = count;
    }
    catalog->region = wb_intern_add(intern, zones->region);
    catalog->zones = ids;
    catalog->zone_count = zones->count;
}

static wb_status load_stand_in(wb_one_shot_reader *reader, const zone_list *zones, wb_error *err)
{
    assert(zones->count > 0);
    for (uint32_t i = 0; i < zones->count; i++) {
        if (strncmp(zones->names[i], zones->region, strlen(zones->region)) != 0) {
            return wb_fail(err, WB_ERR_INPUT, "zone '%s' is not in region '%s' ('%sa', ...)",
                           zones->names[i], zones->region, zones->region);
        }
    }
    const wb_catalog_place place = {.region = DEFAULT_REGION};
    wb_catalog *catalog = &reader->input->catalog;
    WB_TRY(wb_catalog_load(reader->arena, reader->intern, &place, catalog, err));
    rename_zones(reader->arena, reader->intern, zones, catalog);
    wb_one_shot_note(
        reader,
        "no prices of region %s are shipped: instance types and prices of " DEFAULT_REGION
        " stand in for it ('werkbank catalog import' makes a catalog of %s)",
        zones->region, zones->region);
    return WB_OK;
}

wb_status wb_one_shot_catalog_load(wb_one_shot_reader *reader, wb_error *err)
{
    assert(reader != NULL);
    const wb_one_shot_options *options = &reader->input->options;
    if (options->catalog_path != NULL) {
        return wb_catalog_import_read_back(reader->arena, reader->intern, options->catalog_path,
                                           &reader->input->catalog, err);
    }
    region_search search = {.arena = reader->arena, .region = options->region};
    if (search.region == NULL) {
        (void)visit_zones(reader, take_region, &search);
    }
    reader->input->region_is_assumed = search.region == NULL;
    const char *region = search.region != NULL ? search.region : DEFAULT_REGION;
    zone_list zones;
    gather_zones(reader, region, &zones);
    if (!has_shipped_prices(region) && is_real_region(reader->arena, region)) {
        return load_stand_in(reader, &zones, err);
    }
    const wb_catalog_place place = {region, zones.names, zones.count};
    return wb_catalog_load(reader->arena, reader->intern, &place, &reader->input->catalog, err);
}

/* --- NodePools ------------------------------------------------------------------------- */

static bool is_kept(const wb_one_shot_reader *reader, const wb_nodepool *pool)
{
    const wb_one_shot_options *options = &reader->input->options;
    for (uint32_t i = 0; i < options->pool_count; i++) {
        if (strcmp(options->pools[i], wb_intern_text(reader->intern, pool->name)) == 0) {
            return true;
        }
    }
    return options->pool_count == 0;
}

static wb_status check_names(const wb_one_shot_reader *reader, wb_error *err)
{
    const wb_one_shot_options *options = &reader->input->options;
    const wb_manifest *manifest = &reader->input->manifest;
    if (manifest->nodepool_count == 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "no NodePool among the files: expected at least one of karpenter.sh/v1, "
                       "such as from 'kubectl get nodepools,ec2nodeclasses -o yaml'");
    }
    for (uint32_t i = 0; i < options->pool_count; i++) {
        const uint32_t name = wb_intern_find(reader->intern, options->pools[i]);
        bool is_known = false;
        for (uint32_t p = 0; p < manifest->nodepool_count; p++) {
            is_known = is_known || manifest->nodepools[p].name == name;
        }
        if (!is_known) {
            return wb_fail(err, WB_ERR_INPUT,
                           "--pool: no NodePool '%s' in the files, there is '%s'",
                           options->pools[i],
                           wb_intern_text(reader->intern, manifest->nodepools[0].name));
        }
    }
    return WB_OK;
}

static const wb_nodeclass *find_class(const wb_manifest *manifest, uint32_t name)
{
    for (uint32_t i = 0; i < manifest->nodeclass_count; i++) {
        if (manifest->nodeclasses[i].name == name) {
            return &manifest->nodeclasses[i];
        }
    }
    return NULL;
}

/* Pools of one NodeClass share its catalog: the solver tells catalogs apart by address. */
static const wb_catalog *class_catalog_of(wb_one_shot_reader *reader, const wb_nodepool *pool,
                                          const wb_solver_pool *before, uint32_t before_count,
                                          const wb_catalog *const *class_catalogs)
{
    assert(pool != NULL && before_count < reader->input->manifest.nodepool_count);
    const wb_nodeclass *class = find_class(&reader->input->manifest, pool->node_class_name);
    if (class == NULL) {
        wb_one_shot_note(reader,
                         "NodePool %s: NodeClass %s is not in the files, AL2023 with the "
                         "kubelet's defaults is assumed",
                         wb_intern_text(reader->intern, pool->name),
                         wb_intern_text(reader->intern, pool->node_class_name));
    }
    if (class == NULL) {
        return &reader->input->catalog;
    }
    const wb_nodeclass joined = wb_nodeclass_with_kubelet(class, pool->kubelet);
    if (!wb_catalog_nodeclass_matters(&joined)) {
        return &reader->input->catalog;
    }
    for (uint32_t i = 0; i < before_count; i++) {
        if (before[i].nodepool->node_class_name == pool->node_class_name &&
            before[i].nodepool->kubelet == pool->kubelet) {
            return class_catalogs[i];
        }
    }
    wb_catalog *made = WB_ARENA_NEW(reader->arena, wb_catalog);
    *made =
        wb_catalog_nodeclass_apply(reader->arena, reader->intern, &reader->input->catalog, &joined);
    return made;
}

/* NodeOverlays may look at the pool, so under them each has a catalog of its own. */
static void overlay_pools(wb_one_shot_reader *reader, wb_solver_pool *pools, uint32_t count)
{
    const wb_manifest *manifest = &reader->input->manifest;
    const wb_node_overlays all = {manifest->node_overlays, manifest->node_overlay_count};
    wb_overlaid_pool *overlaid = WB_ARENA_ARRAY(reader->arena, wb_overlaid_pool, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        overlaid[i] = (wb_overlaid_pool){pools[i].nodepool, pools[i].catalog};
    }
    wb_node_overlays conflicts;
    (void)wb_catalog_overlay_apply(reader->arena, reader->intern, &all, overlaid, count,
                                   &conflicts);
    for (uint32_t i = 0; i < conflicts.count; i++) {
        wb_one_shot_note(reader, "NodeOverlay %s is left out: conflict with another overlay",
                         wb_intern_text(reader->intern, conflicts.items[i].name));
    }
    for (uint32_t i = 0; i < count; i++) {
        pools[i].catalog = overlaid[i].catalog;
    }
}

/* A repeated name is a mistake: the API server has one object of a name. */
static void check_is_new(wb_one_shot_reader *reader, const wb_nodepool *pool,
                         const wb_solver_pool *before, uint32_t before_count)
{
    for (uint32_t i = 0; i < before_count; i++) {
        if (before[i].nodepool->name == pool->name) {
            wb_findings_add(reader->findings, WB_SEVERITY_ERROR, wb_node_position(pool->source),
                            "metadata.name",
                            "Duplicate value: \"%s\": another NodePool of that "
                            "name is in the files",
                            wb_intern_text(reader->intern, pool->name));
            return;
        }
    }
}

wb_status wb_one_shot_catalog_load_pools(wb_one_shot_reader *reader, wb_error *err)
{
    assert(reader != NULL);
    WB_TRY(check_names(reader, err));
    wb_manifest *manifest = &reader->input->manifest;
    wb_solver_pool *pools = WB_ARENA_ARRAY(reader->arena, wb_solver_pool, manifest->nodepool_count);
    const wb_catalog **class_catalogs =
        WB_ARENA_ARRAY(reader->arena, const wb_catalog *, manifest->nodepool_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < manifest->nodepool_count; i++) {
        const wb_nodepool *pool = &manifest->nodepools[i];
        if (!is_kept(reader, pool)) {
            continue;
        }
        const char *name = wb_intern_text(reader->intern, pool->name);
        if (pool->replicas >= 0) {
            wb_one_shot_note(reader, "NodePool %s is static: it takes no part in provisioning",
                             name);
        } else if (pool->is_deleting || !pool->is_ready) {
            wb_one_shot_note(reader, "NodePool %s is %s: it is left out", name,
                             pool->is_deleting ? "being deleted" : "not ready");
        }
        check_is_new(reader, pool, pools, count);
        class_catalogs[count] = class_catalog_of(reader, pool, pools, count, class_catalogs);
        pools[count] = (wb_solver_pool){pool, class_catalogs[count]};
        count++;
    }
    overlay_pools(reader, pools, count);
    reader->input->pools = pools;
    reader->input->pool_count = count;
    return wb_findings_status(reader->findings, err);
}
