/*
 * Changes to a scenario's files that are made as they are read: what a sweep varies.
 *
 *     target                 path
 *     nodepool/default       spec.disruption.consolidateAfter
 *     Deployment/shop/web    spec.replicas
 *     contender/ca           flags.expander
 *     nodegroup/general      maxSize
 *     scenario               spec.spot.share
 *
 * A target is an object of the manifests by kind (in any case), namespace (may be left out) and
 * name, an entry of spec.contenders, a node group by name (wherever it is written: in the
 * scenario's nodeGroups, or in a node group file of any form, whose own field names the path then
 * has), or the scenario itself.
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

typedef struct wb_scenario_patches {
    const wb_scenario_patch *items; /* borrowed */
    uint32_t count;
    uint32_t *hits; /* borrowed: per patch, the documents that it was applied to */
} wb_scenario_patches;

/* Applies those whose target is in the document: of a scenario file (is_scenario), or of a manifest
 * (an object or a List); hits count them. */
WB_MUST_CHECK wb_status wb_scenario_patch_apply(const wb_scenario_patches *patches,
                                                wb_node *document, bool is_scenario,
                                                wb_arena *arena, wb_error *err);

/* What is at the path now, in the same sense; NULL: nothing, or another document. */
const wb_node *wb_scenario_patch_find(const wb_node *document, bool is_scenario, const char *target,
                                      const char *path);

#endif
