/*
 * What the decoders of kube/ share among themselves: metadata, and the pieces that several objects
 * are made of. Only kube/manifest.c and kube/manifest_*.c include this.
 */
#ifndef WB_KUBE_MANIFEST_INTERNAL_H
#define WB_KUBE_MANIFEST_INTERNAL_H

#include "kube/field.h"
#include "kube/manifest.h"

/* ObjectMeta, as far as anything here reads it. */
typedef struct wb_object_meta {
    uint32_t name, namespace_name, uid; /* interned; namespace 0 for cluster-scoped objects */
    wb_labels labels, annotations;      /* annotations filtered as the context says */
    int64_t created_ms, deletion_ms;    /* epoch ms; -1: absent */
} wb_object_meta;

typedef enum wb_meta_scope {
    WB_META_CLUSTER,    /* nodes, pools, classes: no namespace */
    WB_META_NAMESPACED, /* namespace "default" is filled in */
    WB_META_TEMPLATE,   /* a template's metadata: neither name nor namespace needed */
} wb_meta_scope;

/* Reads a "metadata" field; a name and a namespace are required as scope says. */
void wb_manifest_decode_meta(const wb_field *meta, wb_meta_scope scope, wb_object_meta *out);

/* Labels from a map of strings, sorted; bad keys and values are findings. */
wb_labels wb_manifest_decode_label_map(const wb_field *map);

/* The same without spelling rules: tags and annotations. */
wb_labels wb_manifest_decode_text_map(const wb_field *map);

/* Which signs and names a list of quantities may have. */
typedef enum wb_resource_rules {
    WB_RESOURCES_ANY,       /* signs as they come */
    WB_RESOURCES_POSITIVE,  /* no negative amounts */
    WB_RESOURCES_CONTAINER, /* also: names that a container may ask for, whole extended ones */
} wb_resource_rules;

/* A sorted list of what a map of quantities holds; what breaks a rule is a finding and left out. */
wb_resource_list wb_manifest_decode_resource_map(const wb_field *map, wb_resource_rules rules);

/* One quantity in units (bytes, counts); false after a finding, *out untouched. */
bool wb_manifest_decode_quantity(const wb_field *field, bool is_milli, int64_t *out);

/* Which operators a list of expressions knows. */
typedef enum wb_expression_rules {
    WB_EXPRESSIONS_SELECTOR, /* In NotIn Exists DoesNotExist */
    WB_EXPRESSIONS_NODE,     /* also Gt Lt */
    WB_EXPRESSIONS_NODEPOOL, /* also Gte Lte, and minValues */
} wb_expression_rules;

/* A list of {key, operator, values}, each held to the rules of its operator. NULL for none. */
const wb_label_expression *wb_manifest_decode_expressions(const wb_field *list,
                                                          wb_expression_rules rules,
                                                          uint32_t *out_count);

/* An absent selector gives is_set false. */
void wb_manifest_decode_label_selector(const wb_field *field, wb_label_selector *out);

/* A list of node selector terms. */
const wb_node_term *wb_manifest_decode_node_terms(const wb_field *list, uint32_t *out_count);
void wb_manifest_decode_node_term(const wb_field *field, wb_node_term *out);

/* Taints of a node or a pool; pairs of key and effect must be unique. */
const wb_taint *wb_manifest_decode_taint_list(const wb_field *list, uint32_t *out_count);
uint32_t wb_manifest_decode_effect(const wb_field *taint);

/* A pod's spec, with the labels and annotations of meta; and a whole template. */
void wb_manifest_decode_pod_spec(const wb_object_meta *meta, const wb_field *spec,
                                 wb_pod_template *out);
void wb_manifest_decode_template_field(const wb_field *template, wb_pod_template *out);

/* Parts of a pod's spec. */
void wb_manifest_decode_affinity(const wb_field *affinity, wb_pod_template *out);
void wb_manifest_decode_spreads(const wb_field *list, wb_pod_template *out);
void wb_manifest_decode_tolerations(const wb_field *list, wb_pod_template *out);
void wb_manifest_decode_containers(const wb_field *spec, wb_pod_template *out);
void wb_manifest_decode_volumes(const wb_field *spec, wb_pod_template *out);

/* Parts of NodePool templates and NodeClaims. A pool's requirements are held to the rules for keys
 * that users may constrain. */
const wb_label_expression *wb_manifest_decode_requirements(const wb_field *spec, bool is_pool,
                                                           uint32_t *out_count);
void wb_manifest_check_class_reference(const wb_field *reference);

/* Hours, minutes and seconds; fallback when absent and after a finding; WB_DURATION_NEVER only
 * where is_never_allowed. */
int64_t wb_manifest_decode_duration(const wb_field *owner, const char *name, bool is_never_allowed,
                                    int64_t fallback);

/* Whether text is five cron fields or a macro like @daily. */
bool wb_manifest_is_cron(const char *text);

/* An integer or a percentage of 0 to 100 (policy and rolling updates). */
wb_bound_kind wb_manifest_decode_bound(const wb_field *field, int32_t *out);

/* The CSI driver that took over an in-tree plugin ("kubernetes.io/aws-ebs"), or the name itself. */
uint32_t wb_manifest_csi_name(wb_intern *intern, const char *plugin);

/* Whole objects, schema included; out points to the struct of the kind. False after findings. */
bool wb_manifest_read_pod(const wb_field *object, void *out);
bool wb_manifest_read_workload(const wb_field *object, void *out);
bool wb_manifest_read_nodepool(const wb_field *object, void *out);
bool wb_manifest_read_nodeclaim(const wb_field *object, void *out);
bool wb_manifest_read_nodeclass(const wb_field *object, void *out);
bool wb_manifest_read_node(const wb_field *object, void *out);
bool wb_manifest_read_pdb(const wb_field *object, void *out);
bool wb_manifest_read_hpa(const wb_field *object, void *out);
bool wb_manifest_read_priority_class(const wb_field *object, void *out);
bool wb_manifest_read_node_overlay(const wb_field *object, void *out);
bool wb_manifest_read_namespace(const wb_field *object, void *out);
bool wb_manifest_read_volume_claim(const wb_field *object, void *out);
bool wb_manifest_read_persistent_volume(const wb_field *object, void *out);
bool wb_manifest_read_storage_class(const wb_field *object, void *out);

/* Where the conversion of NodePools from v1beta1 keeps the kubelet's settings, as JSON. */
#define WB_MANIFEST_KUBELET_ANNOTATION "compatibility.karpenter.sh/v1beta1-kubelet-conversion"

/* Rewrites an object of an earlier API as the v1 document that means the same. False: it is none.
 * *out is NULL after findings. */
bool wb_manifest_convert(const wb_field *object, const char *kind, const char *api_version,
                         const wb_node **out);

/* The AWSNodeTemplate (v1alpha1) that a Provisioner's inline spec.provider stands for, under the
 * Provisioner's name, by which its conversion refers to it. NULL: object has none. */
const wb_node *wb_manifest_inline_template(const wb_field *object, const char *kind);

/* The kubelet's settings that that annotation holds, or NULL. */
const wb_nodeclass *wb_manifest_decode_kubelet_annotation(const wb_field *metadata);

/* A fingerprint of what stands under a field, with lists as sets and without zero values; skipped
 * keys of the map itself (a list that NULL ends; may be NULL) don't count. 0: nothing is set. */
uint64_t wb_manifest_hash(const wb_field *field, const char *const *skipped);

/* A CSINode holds a limit per driver: an array in the arena. */
bool wb_manifest_read_attach_limits(const wb_field *object, const wb_attach_limit **out,
                                    uint32_t *out_count);

#endif
