/*
 * Nodes of a dump, and NodeClaims that have no node yet, as the solver sees them.
 *
 * A node is managed when a NodeClaim names it or its provider id, or (where the dump has no
 * NodeClaims) when it carries the label of a NodePool. It is initialised when the label says so. A
 * node that is being deleted, or that Karpenter has tainted as disrupted, takes no pods, and those
 * on it want another place.
 */
#include <assert.h>

#include "kube/names.h"
#include "scenarios/one_shot/one_shot_internal.h"

static const wb_nodeclaim *claim_of(const wb_manifest *manifest, const wb_node_object *node)
{
    for (uint32_t i = 0; i < manifest->nodeclaim_count; i++) {
        const wb_nodeclaim *claim = &manifest->nodeclaims[i];
        if ((claim->node_name != 0 && claim->node_name == node->name) ||
            (claim->provider_id != 0 && claim->provider_id == node->provider_id)) {
            return claim;
        }
    }
    return NULL;
}

static bool is_disrupted(const wb_node_object *node)
{
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (node->taints[i].key == WB_NAME_TAINT_DISRUPTED) {
            return true;
        }
    }
    return false;
}

/* The limits of a node's CSINode lie together: one object made them. */
static void find_attach_limits(const wb_manifest *manifest, wb_solver_node_desc *desc)
{
    assert(desc->name != 0 && desc->attach_limit_count == 0);
    for (uint32_t i = 0; i < manifest->attach_limit_count; i++) {
        if (manifest->attach_limits[i].node_name == desc->name) {
            if (desc->attach_limit_count == 0) {
                desc->attach_limits = &manifest->attach_limits[i];
            }
            desc->attach_limit_count++;
        }
    }
}

static wb_one_shot_node describe_node(const wb_one_shot_reader *reader, const wb_node_object *node)
{
    assert(node->name != 0);
    const wb_manifest *manifest = &reader->input->manifest;
    const wb_nodeclaim *claim = claim_of(manifest, node);
    const uint32_t pool = wb_labels_get(node->labels, WB_NAME_NODEPOOL);
    const bool is_managed = claim != NULL || pool != 0;
    wb_one_shot_node made = {
        .desc =
            {
                .name = node->name,
                .nodepool = pool != 0 || claim == NULL ? pool : claim->nodepool,
                .labels = node->labels,
                .taints = node->taints,
                .taint_count = node->taint_count,
                .is_managed = is_managed,
                .is_initialized =
                    !is_managed || wb_labels_get(node->labels, WB_NAME_INITIALIZED) == WB_NAME_TRUE,
                .has_node = true,
                .capacity = node->capacity,
                .allocatable = node->allocatable,
            },
        .role = WB_NODE_ROLE_OFFERED,
        .object = node,
        .claim = claim,
    };
    if (claim != NULL) {
        made.desc.startup_taints = claim->startup_taints;
        made.desc.startup_taint_count = claim->startup_taint_count;
        made.desc.claim_capacity = claim->capacity;
        made.desc.claim_allocatable = claim->allocatable;
    }
    if (node->deletion_ms >= 0 || (claim != NULL && claim->deletion_ms >= 0) ||
        is_disrupted(node)) {
        made.role = WB_NODE_ROLE_DELETING;
    }
    find_attach_limits(manifest, &made.desc);
    return made;
}

/* Launched, and its node not there yet: pods may be promised to it. */
static wb_one_shot_node describe_claim(const wb_nodeclaim *claim)
{
    assert(claim->launched_ms >= 0);
    return (wb_one_shot_node){
        .desc =
            {
                .name = claim->name,
                .nodepool = claim->nodepool,
                .labels = claim->labels,
                .taints = claim->taints,
                .startup_taints = claim->startup_taints,
                .taint_count = claim->taint_count,
                .startup_taint_count = claim->startup_taint_count,
                .is_managed = true,
                .capacity = claim->capacity,
                .allocatable = claim->allocatable,
                .claim_capacity = claim->capacity,
                .claim_allocatable = claim->allocatable,
            },
        .role = claim->deletion_ms >= 0 ? WB_NODE_ROLE_DELETING : WB_NODE_ROLE_OFFERED,
        .claim = claim,
    };
}

static bool has_node(const wb_manifest *manifest, const wb_nodeclaim *claim)
{
    for (uint32_t i = 0; i < manifest->node_count; i++) {
        if (claim_of(manifest, &manifest->nodes[i]) == claim) {
            return true;
        }
    }
    return false;
}

static void add_claims(wb_one_shot_reader *reader)
{
    const wb_manifest *manifest = &reader->input->manifest;
    for (uint32_t i = 0; i < manifest->nodeclaim_count; i++) {
        const wb_nodeclaim *claim = &manifest->nodeclaims[i];
        if (has_node(manifest, claim)) {
            continue;
        }
        if (claim->launched_ms < 0 || claim->allocatable.count == 0) {
            wb_one_shot_note(reader, "NodeClaim %s is not launched yet: it is left out",
                             wb_intern_text(reader->intern, claim->name));
            continue;
        }
        reader->nodes[reader->input->node_count++] = describe_claim(claim);
    }
}

void wb_one_shot_read_nodes(wb_one_shot_reader *reader)
{
    assert(reader != NULL && reader->input->node_count == 0);
    const wb_manifest *manifest = &reader->input->manifest;
    const size_t room = (size_t)manifest->node_count + manifest->nodeclaim_count;
    reader->nodes = WB_ARENA_ARRAY(reader->arena, wb_one_shot_node, room);
    for (uint32_t i = 0; i < manifest->node_count; i++) {
        uint64_t known = 0;
        if (wb_hash_map_get(&reader->node_by_name, manifest->nodes[i].name, &known)) {
            continue; /* two dumps of one cluster */
        }
        (void)wb_hash_map_put(&reader->node_by_name, manifest->nodes[i].name,
                              reader->input->node_count);
        reader->nodes[reader->input->node_count++] = describe_node(reader, &manifest->nodes[i]);
    }
    add_claims(reader);
    reader->input->nodes = reader->nodes;
}
