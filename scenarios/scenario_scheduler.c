/*
 * How kube-scheduler is tuned: spec.scheduler for all contenders, or a contender's own instead. A
 * path names a KubeSchedulerConfiguration; a map may name one too (or hold it), and has the few
 * settings that scenarios like to try without writing one.
 */
#include <assert.h>

#include "base/file.h"
#include "scenarios/scenario_internal.h"

#define CONFIG_LIMIT_BYTES ((size_t)1 << 20)

/* The KubeSchedulerConfiguration of a file, or written out in place. */
static void read_config(wb_scenario_loader *loader, const wb_field *field, wb_scheduler_config *out)
{
    if (field->node->kind == WB_NODE_MAP) {
        (void)wb_manifest_decode_scheduler_config(&loader->context, field->node, out);
        return;
    }
    const char *path = wb_scenario_resolve(loader, field);
    if (path == NULL) {
        return;
    }
    wb_error err;
    char *text = NULL;
    size_t length = 0;
    wb_document_stream stream;
    if (wb_file_read(loader->context.arena, path, CONFIG_LIMIT_BYTES, &text, &length, &err) !=
        WB_OK) {
        wb_field_error(field, "%s", err.text);
        return;
    }
    wb_digest_add_bytes(loader->digest, text, length);
    const wb_document_input input = {.file = path, .text = text, .length = length};
    if (wb_document_read_text(loader->context.arena, &input, &stream, &err) != WB_OK) {
        wb_findings_add(loader->context.findings, WB_SEVERITY_ERROR, (wb_position){0}, NULL, "%s",
                        err.text);
        return;
    }
    if (stream.count != 1) {
        wb_field_error(field, "has %zu documents, expected one KubeSchedulerConfiguration",
                       stream.count);
        return;
    }
    (void)wb_manifest_decode_scheduler_config(&loader->context, stream.roots[0], out);
}

/* "strategy" is for all profiles; RequestedToCapacityRatio needs a curve, hence a configuration. */
static void set_strategy(wb_scenario_loader *loader, const wb_field *strategy,
                         wb_scheduler_config *config)
{
    static const char *const names[] = {"LeastAllocated", "MostAllocated"};
    if (!wb_field_is_set(strategy)) {
        return;
    }
    const wb_score_strategy wanted = (wb_score_strategy)wb_field_choice(strategy, names, 2, 0);
    wb_scheduler_profile *profiles =
        WB_ARENA_ARRAY(loader->context.arena, wb_scheduler_profile, config->profile_count);
    for (uint32_t i = 0; i < config->profile_count; i++) {
        profiles[i] = config->profiles[i];
        profiles[i].strategy = wanted;
    }
    config->profiles = profiles;
}

static void read_map(wb_scenario_loader *loader, const wb_field *map, wb_scheduler_config *config,
                     wb_scheduler_options *out)
{
    static const char *const ties[] = {"first", "drawn"};
    const size_t errors_before = wb_field_error_count(map);
    wb_schema_check(map, &wb_scenario_scheduler_schema);
    if (wb_field_error_count(map) > errors_before) { /* below, kinds are taken for granted */
        return;
    }
    const wb_field file = wb_field_get(map, "config");
    const wb_field strategy = wb_field_get(map, "strategy");
    const wb_field percentage = wb_field_get(map, "percentageOfNodesToScore");
    const wb_field tie = wb_field_get(map, "ties");
    if (wb_field_is_set(&file)) {
        read_config(loader, &file, config);
    }
    set_strategy(loader, &strategy, config);
    out->percentage_of_nodes_to_score = wb_field_int32(&percentage, 0);
    out->preemption_is_off = !wb_field_get_bool(map, "preemption", true);
    out->waits_for_backoff = !wb_field_get_bool(map, "popFromBackoff", true);
    out->ties_are_drawn = wb_field_choice(&tie, ties, 2, 0) == 1;
    if (out->percentage_of_nodes_to_score < 0 || out->percentage_of_nodes_to_score > 100) {
        wb_field_error(&percentage, "is %d, expected 0 (adaptive) to 100",
                       out->percentage_of_nodes_to_score);
    }
}

void wb_scenario_load_scheduler(wb_scenario_loader *loader, const wb_field *owner,
                                wb_scheduler_options *out)
{
    assert(loader != NULL && owner != NULL && out != NULL);
    const wb_field scheduler = wb_field_get(owner, "scheduler");
    if (!wb_field_is_set(&scheduler)) {
        return;
    }
    *out = (wb_scheduler_options){0};
    wb_scheduler_config *config = WB_ARENA_NEW(loader->context.arena, wb_scheduler_config);
    *config = *wb_scheduler_config_default();
    out->config = config;
    if (scheduler.node->kind == WB_NODE_MAP) {
        read_map(loader, &scheduler, config, out);
    } else if (scheduler.node->kind == WB_NODE_STRING) {
        read_config(loader, &scheduler, config);
    } else {
        wb_field_error(&scheduler,
                       "expected the path of a KubeSchedulerConfiguration or a map, "
                       "found %s",
                       wb_node_kind_name(scheduler.node->kind));
    }
}
