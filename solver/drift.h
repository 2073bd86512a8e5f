/*
 * What drift is: whether a machine still is what its NodePool and NodeClass ask for. Which drifted
 * node goes when is solver/disruption_drift.c's.
 *
 * Pure. A set of what a NodeClass selects (images, subnets, security groups) is a set of numbers,
 * equal exactly when the things are. Source: Karpenter core and its AWS provider,
 * spec/disruption.md section 14.
 */
#ifndef WB_SOLVER_DRIFT_H
#define WB_SOLVER_DRIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "kube/catalog/catalog.h"
#include "kube/nodepool.h"

/* In the order in which they are looked for: the first that holds is the reason. */
typedef enum wb_drift_reason {
    WB_DRIFT_NONE,
    WB_DRIFT_NODEPOOL,     /* the template's hash is another */
    WB_DRIFT_REQUIREMENTS, /* the labels no longer meet the pool's requirements */
    WB_DRIFT_TYPE_NOT_FOUND,
    WB_DRIFT_NODECLASS, /* the hash of the NodeClass is another */
    WB_DRIFT_AMI,
    WB_DRIFT_SECURITY_GROUP,
    WB_DRIFT_SUBNET,
    WB_DRIFT_REASON_COUNT
} wb_drift_reason;

/* As in the condition Drifted: "AMIDrift"; and as half a sentence for people. "" for NONE. */
const char *wb_drift_reason_name(wb_drift_reason reason);
const char *wb_drift_reason_sentence(wb_drift_reason reason);

/* An annotation with a hash and the one with the version of its making. Hashes of two versions are
 * not comparable, so nothing drifts by them. version NULL: there is no such annotation. */
typedef struct wb_drift_hash {
    uint64_t hash;
    const char *version; /* "v3" */
} wb_drift_hash;

#define WB_DRIFT_HASH_VERSION "v3" /* of both annotations, August 2026 */

typedef struct wb_drift_set {
    const uint64_t *items; /* borrowed; in any order, each once */
    uint32_t count;
} wb_drift_set;

/* What a NodeClaim was made of. */
typedef struct wb_drift_machine {
    wb_labels labels;
    wb_drift_hash pool, node_class;
    uint64_t image, subnet;
    wb_drift_set security_groups;
} wb_drift_machine;

/* What it would be made of now. */
typedef struct wb_drift_wish {
    const wb_nodepool *nodepool;
    const wb_catalog
        *catalog; /* NULL: the type is not looked for (machines younger than an hour) */
    wb_drift_hash pool, node_class;
    wb_drift_set images, subnets, security_groups;
} wb_drift_wish;

/* The first reason. Memory of the comparison is taken from scratch and given back. */
wb_drift_reason wb_drift_find(wb_arena *scratch, wb_intern *intern, const wb_drift_machine *machine,
                              const wb_drift_wish *wish);

#endif
