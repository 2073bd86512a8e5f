/*
 * Manifests and dumps: every object of a set of files, decoded, defaulted and validated as the API
 * server and Karpenter's own admission would. Unknown fields are warnings with their position and
 * the nearest known name (errors when the findings are strict); unknown kinds are warnings.
 * Accepts single objects, multi-document streams, kind List (and typed lists).
 */
#ifndef WB_KUBE_MANIFEST_H
#define WB_KUBE_MANIFEST_H

#include "base/document.h"
#include "base/findings.h"
#include "kube/hpa.h"
#include "kube/node_object.h"
#include "kube/node_overlay.h"
#include "kube/nodeclass.h"
#include "kube/nodepool.h"
#include "kube/pod.h"
#include "kube/policy.h"
#include "kube/scheduler_config.h"
#include "kube/storage.h"
#include "kube/workload.h"

/* What a decoder needs everywhere. */
typedef struct wb_decode_context {
    wb_arena *arena;       /* where results live */
    wb_intern *intern;     /* made by wb_names_init */
    wb_findings *findings; /* where complaints go */
    bool keep_annotations; /* false: only those that some decision reads */
} wb_decode_context;

/* All arrays live in the arena of the context; objects in the order in which they were read. */
typedef struct wb_manifest {
    wb_pod *pods;
    wb_workload *workloads;
    wb_nodepool *nodepools;
    wb_nodeclaim *nodeclaims;
    wb_nodeclass *nodeclasses;
    wb_node_overlay *node_overlays;
    wb_node_object *nodes;
    wb_pdb *pdbs;
    wb_priority_class *priority_classes;
    wb_namespace *namespaces;
    wb_volume_claim *volume_claims;
    wb_persistent_volume *persistent_volumes;
    wb_storage_class *storage_classes;
    wb_attach_limit *attach_limits;
    wb_hpa *hpas;
    uint32_t pod_count, workload_count, nodepool_count, nodeclaim_count, nodeclass_count;
    uint32_t node_count, pdb_count, priority_class_count, namespace_count;
    uint32_t volume_claim_count, persistent_volume_count, storage_class_count, attach_limit_count;
    uint32_t hpa_count, node_overlay_count;
    uint32_t skipped_count; /* objects of kinds that decide nothing (Service, ConfigMap ...) */
} wb_manifest;

/* Starts empty. Nothing needs to be released: all memory is the contexts' arena's. */
void wb_manifest_init(wb_manifest *manifest);

/* Decodes one document (an object or a list) and appends to manifest. Complaints go to the
 * context's findings, and reading goes on until they are full. */
void wb_manifest_add_document(wb_manifest *manifest, const wb_decode_context *context,
                              const wb_node *root);

/* Reads a file, a folder (its .yaml, .yml and .json files, by name) or "-". WB_ERR_*: a file can't
 * be read or parsed at all; what is wrong inside objects goes to the findings. */
WB_MUST_CHECK wb_status wb_manifest_add_path(wb_manifest *manifest,
                                             const wb_decode_context *context, const char *path,
                                             wb_error *err);

/* The decoders of single objects, for callers that hold one (golden cases, traces, scenarios).
 * Each returns false after adding findings when the API server would refuse the object; *out is
 * filled all the same, as far as the object could be understood. apiVersion and kind are not looked
 * at (but a workload's kind, which says what it is). */
bool wb_manifest_decode_pod(const wb_decode_context *context, const wb_node *node, wb_pod *out);
bool wb_manifest_decode_pod_template(const wb_decode_context *context, const wb_node *metadata,
                                     const wb_node *spec, wb_pod_template *out);
bool wb_manifest_decode_nodepool(const wb_decode_context *context, const wb_node *node,
                                 wb_nodepool *out);
bool wb_manifest_decode_nodeclass(const wb_decode_context *context, const wb_node *node,
                                  wb_nodeclass *out);
bool wb_manifest_decode_nodeclaim(const wb_decode_context *context, const wb_node *node,
                                  wb_nodeclaim *out);
bool wb_manifest_decode_node(const wb_decode_context *context, const wb_node *node,
                             wb_node_object *out);
bool wb_manifest_decode_workload(const wb_decode_context *context, const wb_node *node,
                                 wb_workload *out);
bool wb_manifest_decode_pdb(const wb_decode_context *context, const wb_node *node, wb_pdb *out);

/* The same for a KubeSchedulerConfiguration, apiVersion and kind included: no object of the API, so
 * wb_manifest_add_document does not know it. */
bool wb_manifest_decode_scheduler_config(const wb_decode_context *context, const wb_node *node,
                                         wb_scheduler_config *out);

/* Pieces: labels from a map, resources, taints, selectors; path is the field's for messages. */
wb_labels wb_manifest_decode_labels(const wb_decode_context *context, const wb_node *node,
                                    const char *path);
wb_resource_list wb_manifest_decode_resources(const wb_decode_context *context, const wb_node *node,
                                              const char *path);
bool wb_manifest_decode_selector(const wb_decode_context *context, const wb_node *node,
                                 const char *path, wb_label_selector *out);
const wb_taint *wb_manifest_decode_taints(const wb_decode_context *context, const wb_node *node,
                                          const char *path, uint32_t *out_count);

#endif
