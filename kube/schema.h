/*
 * Which fields each object has, and of which kind: one table per object of the API.
 *
 * The walk along these tables finds unknown fields (with the nearest known name) and values of the
 * wrong kind, for every field of the API, those that decide nothing included: a dump of a real
 * cluster passes in silence, a misspelt field does not. Decoders behind it may take kinds for
 * granted. Tables are sorted by name; a test holds that.
 * For kube/, and for files of our own that keep its habits (scenarios, trace specifications).
 */
#ifndef WB_KUBE_SCHEMA_H
#define WB_KUBE_SCHEMA_H

#include "kube/field.h"

typedef enum wb_schema_kind {
    WB_SCHEMA_ANY, /* not looked into: status, managedFields, cloud volumes of other clouds */
    WB_SCHEMA_STRING,
    WB_SCHEMA_INTEGER,
    WB_SCHEMA_NUMBER,
    WB_SCHEMA_BOOL,
    WB_SCHEMA_QUANTITY, /* a string or a number */
    WB_SCHEMA_COUNT,    /* an integer or a string: "25%" */
    WB_SCHEMA_OBJECT,
} wb_schema_kind;

typedef enum wb_schema_shape {
    WB_SCHEMA_ONE,
    WB_SCHEMA_LIST,
    WB_SCHEMA_MAP,
} wb_schema_shape;

typedef struct wb_schema wb_schema;

typedef struct wb_schema_field {
    const char *name;
    wb_schema_kind kind;
    wb_schema_shape shape;
    const wb_schema *object; /* of WB_SCHEMA_OBJECT */
} wb_schema_field;

struct wb_schema {
    const wb_schema_field *fields; /* sorted by name */
    size_t field_count;
};

/* Complains about every unknown field and every value of the wrong kind beneath field. An absent
 * field passes. */
void wb_schema_check(const wb_field *field, const wb_schema *schema);

/* The same for a value that is no object: a map of strings, a list of taints. */
void wb_schema_check_value(const wb_field *field, const wb_schema_field *expected);

/* The field of that name, or NULL. */
const wb_schema_field *wb_schema_find(const wb_schema *schema, const char *name);

/* The name nearest to text by edits (at most a third of its length, at least 2), or NULL. */
const char *wb_schema_nearest(const char *text, const char *const *names, size_t name_count);

/* Objects, by the names of their kinds. */
extern const wb_schema wb_schema_object_meta;
extern const wb_schema wb_schema_host_path_volume_source;
extern const wb_schema wb_schema_aws_elastic_block_store_volume_source;
extern const wb_schema wb_schema_nfs_volume_source;
extern const wb_schema wb_schema_label_selector;
extern const wb_schema wb_schema_persistent_volume_claim_spec;
extern const wb_schema wb_schema_node_selector_requirement;
extern const wb_schema wb_schema_node_selector_term;
extern const wb_schema wb_schema_node_selector;
extern const wb_schema wb_schema_pod_spec;
extern const wb_schema wb_schema_pod;
extern const wb_schema wb_schema_pod_template_spec;
extern const wb_schema wb_schema_deployment;
extern const wb_schema wb_schema_replica_set;
extern const wb_schema wb_schema_persistent_volume_claim;
extern const wb_schema wb_schema_stateful_set;
extern const wb_schema wb_schema_daemon_set;
extern const wb_schema wb_schema_job;
extern const wb_schema wb_schema_cron_job;
extern const wb_schema wb_schema_replication_controller;
extern const wb_schema wb_schema_taint;
extern const wb_schema wb_schema_node;
extern const wb_schema wb_schema_persistent_volume;
extern const wb_schema wb_schema_namespace;
extern const wb_schema wb_schema_pod_disruption_budget;
extern const wb_schema wb_schema_priority_class;
extern const wb_schema wb_schema_storage_class;
extern const wb_schema wb_schema_csi_node;
extern const wb_schema wb_schema_kubelet_configuration;
extern const wb_schema wb_schema_node_pool;
extern const wb_schema wb_schema_node_claim;
extern const wb_schema wb_schema_node_overlay;
extern const wb_schema wb_schema_ec2_node_class;
extern const wb_schema wb_schema_beta_node_pool;
extern const wb_schema wb_schema_beta_node_claim;
extern const wb_schema wb_schema_beta_node_class;
extern const wb_schema wb_schema_provisioner;
extern const wb_schema wb_schema_aws_node_template;
extern const wb_schema wb_schema_kube_scheduler_configuration;
extern const wb_schema wb_schema_horizontal_pod_autoscaler;

#endif
