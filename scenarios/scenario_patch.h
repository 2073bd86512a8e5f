/*
 * Changes to a scenario's files that are made as they are read: what a sweep varies.
 *
 *     target                 path
 *     nodepool/default       spec.disruption.consolidateAfter      an object of the manifests, by
 *     Deployment/shop/web    spec.replicas                         kind (any case), [namespace,] name
 *     contender/ca           flags.expander                        an entry of spec.contenders
 *     scenario               spec.spot.share                       the scenario itself
 *
 * Paths are base/document_patch.h's. The scenario's digest takes them in.
 */
#ifndef WB_SCENARIOS_SCENARIO_PATCH_H
#define WB_SCENARIOS_SCENARIO_PATCH_H

#include "base/digest.h"
#include "base/document_patch.h"

typedef struct wb_scenario_patch {
    const char *target, *path; /* borrowed */
    wb_node *value;            /* borrowed, becomes part of the tree; NULL: the field is removed */
} wb_scenario_patch;

/* Applies those whose target is in the document: of a scenario file (is_scenario), or of a manifest
 * (an object or a List). *hits counts, per patch, the documents that it was applied to. */
WB_MUST_CHECK wb_status wb_scenario_patch_apply(wb_arena *arena, wb_node *document,
                                                bool is_scenario, const wb_scenario_patch *patches,
                                                uint32_t count, uint32_t *hits, wb_error *err);

/* What is at the path now, in the same sense; NULL: nothing, or another document. */
const wb_node *wb_scenario_patch_find(const wb_node *document, bool is_scenario, const char *target,
                                      const char *path);

#endif
