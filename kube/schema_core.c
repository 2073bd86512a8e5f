/*
 * Fields of workloads, nodes, storage and policy objects.
 * Source: the json tags of k8s.io/api v0.36 (apps/v1, batch/v1, core/v1, policy/v1, scheduling/v1,
 * storage/v1).
 */
#include "kube/schema_table.h"

/* Tables are filled to the end of the line: one field a line would be 900 lines. */
/* clang-format off */

/* Deployment and ReplicaSet. */
static const wb_schema_field rolling_update_deployment_fields[] = {
    WB_COUNT("maxSurge"), WB_COUNT("maxUnavailable")};
static const wb_schema rolling_update_deployment = WB_SCHEMA_OF(rolling_update_deployment_fields);
static const wb_schema_field deployment_strategy_fields[] = {
    WB_OBJECT("rollingUpdate", &rolling_update_deployment), WB_STRING("type")};
static const wb_schema deployment_strategy = WB_SCHEMA_OF(deployment_strategy_fields);
static const wb_schema_field deployment_spec_fields[] = {
    WB_INTEGER("minReadySeconds"), WB_BOOL("paused"), WB_INTEGER("progressDeadlineSeconds"),
    WB_INTEGER("replicas"), WB_INTEGER("revisionHistoryLimit"),
    WB_OBJECT("selector", &wb_schema_label_selector), WB_OBJECT("strategy", &deployment_strategy),
    WB_OBJECT("template", &wb_schema_pod_template_spec)};
static const wb_schema deployment_spec = WB_SCHEMA_OF(deployment_spec_fields);
static const wb_schema_field deployment_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &deployment_spec), WB_ANY("status")};
const wb_schema wb_schema_deployment = WB_SCHEMA_OF(deployment_fields);
static const wb_schema_field replica_set_spec_fields[] = {
    WB_INTEGER("minReadySeconds"), WB_INTEGER("replicas"),
    WB_OBJECT("selector", &wb_schema_label_selector),
    WB_OBJECT("template", &wb_schema_pod_template_spec)};
static const wb_schema replica_set_spec = WB_SCHEMA_OF(replica_set_spec_fields);
static const wb_schema_field replica_set_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &replica_set_spec), WB_ANY("status")};
const wb_schema wb_schema_replica_set = WB_SCHEMA_OF(replica_set_fields);

/* StatefulSet, whose claim templates are whole claims. */
static const wb_schema_field persistent_volume_claim_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &wb_schema_persistent_volume_claim_spec), WB_ANY("status")};
const wb_schema wb_schema_persistent_volume_claim = WB_SCHEMA_OF(persistent_volume_claim_fields);
static const wb_schema_field rolling_update_stateful_set_strategy_fields[] = {
    WB_COUNT("maxUnavailable"), WB_INTEGER("partition")};
static const wb_schema rolling_update_stateful_set_strategy =
    WB_SCHEMA_OF(rolling_update_stateful_set_strategy_fields);
static const wb_schema_field stateful_set_update_strategy_fields[] = {
    WB_OBJECT("rollingUpdate", &rolling_update_stateful_set_strategy), WB_STRING("type")};
static const wb_schema stateful_set_update_strategy =
    WB_SCHEMA_OF(stateful_set_update_strategy_fields);
static const wb_schema_field stateful_set_persistent_volume_claim_retention_policy_fields[] = {
    WB_STRING("whenDeleted"), WB_STRING("whenScaled")};
static const wb_schema stateful_set_persistent_volume_claim_retention_policy =
    WB_SCHEMA_OF(stateful_set_persistent_volume_claim_retention_policy_fields);
static const wb_schema_field stateful_set_ordinals_fields[] = {WB_INTEGER("start")};
static const wb_schema stateful_set_ordinals = WB_SCHEMA_OF(stateful_set_ordinals_fields);
static const wb_schema_field stateful_set_spec_fields[] = {
    WB_INTEGER("minReadySeconds"), WB_OBJECT("ordinals", &stateful_set_ordinals),
    WB_OBJECT("persistentVolumeClaimRetentionPolicy",
        &stateful_set_persistent_volume_claim_retention_policy),
    WB_STRING("podManagementPolicy"), WB_INTEGER("replicas"), WB_INTEGER("revisionHistoryLimit"),
    WB_OBJECT("selector", &wb_schema_label_selector), WB_STRING("serviceName"),
    WB_OBJECT("template", &wb_schema_pod_template_spec),
    WB_OBJECT("updateStrategy", &stateful_set_update_strategy),
    WB_LIST_OF_OBJECTS("volumeClaimTemplates", &wb_schema_persistent_volume_claim)};
static const wb_schema stateful_set_spec = WB_SCHEMA_OF(stateful_set_spec_fields);
static const wb_schema_field stateful_set_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &stateful_set_spec), WB_ANY("status")};
const wb_schema wb_schema_stateful_set = WB_SCHEMA_OF(stateful_set_fields);

/* DaemonSet. */
static const wb_schema_field rolling_update_daemon_set_fields[] = {
    WB_COUNT("maxSurge"), WB_COUNT("maxUnavailable")};
static const wb_schema rolling_update_daemon_set = WB_SCHEMA_OF(rolling_update_daemon_set_fields);
static const wb_schema_field daemon_set_update_strategy_fields[] = {
    WB_OBJECT("rollingUpdate", &rolling_update_daemon_set), WB_STRING("type")};
static const wb_schema daemon_set_update_strategy = WB_SCHEMA_OF(daemon_set_update_strategy_fields);
static const wb_schema_field daemon_set_spec_fields[] = {
    WB_INTEGER("minReadySeconds"), WB_INTEGER("revisionHistoryLimit"),
    WB_OBJECT("selector", &wb_schema_label_selector),
    WB_OBJECT("template", &wb_schema_pod_template_spec),
    WB_OBJECT("updateStrategy", &daemon_set_update_strategy)};
static const wb_schema daemon_set_spec = WB_SCHEMA_OF(daemon_set_spec_fields);
static const wb_schema_field daemon_set_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &daemon_set_spec), WB_ANY("status")};
const wb_schema wb_schema_daemon_set = WB_SCHEMA_OF(daemon_set_fields);

/* Job. Failure and success policies end jobs early; replayed jobs end as recorded. */
static const wb_schema_field pod_failure_policy_on_exit_codes_requirement_fields[] = {
    WB_STRING("containerName"), WB_STRING("operator"), WB_LIST_OF_INTEGERS("values")};
static const wb_schema pod_failure_policy_on_exit_codes_requirement =
    WB_SCHEMA_OF(pod_failure_policy_on_exit_codes_requirement_fields);
static const wb_schema_field pod_failure_policy_on_pod_conditions_pattern_fields[] = {
    WB_ANY("status"), WB_STRING("type")};
static const wb_schema pod_failure_policy_on_pod_conditions_pattern =
    WB_SCHEMA_OF(pod_failure_policy_on_pod_conditions_pattern_fields);
static const wb_schema_field pod_failure_policy_rule_fields[] = {
    WB_STRING("action"), WB_OBJECT("onExitCodes", &pod_failure_policy_on_exit_codes_requirement),
    WB_LIST_OF_OBJECTS("onPodConditions", &pod_failure_policy_on_pod_conditions_pattern)};
static const wb_schema pod_failure_policy_rule = WB_SCHEMA_OF(pod_failure_policy_rule_fields);
static const wb_schema_field pod_failure_policy_fields[] = {
    WB_LIST_OF_OBJECTS("rules", &pod_failure_policy_rule)};
static const wb_schema pod_failure_policy = WB_SCHEMA_OF(pod_failure_policy_fields);
static const wb_schema_field success_policy_rule_fields[] = {
    WB_INTEGER("succeededCount"), WB_STRING("succeededIndexes")};
static const wb_schema success_policy_rule = WB_SCHEMA_OF(success_policy_rule_fields);
static const wb_schema_field success_policy_fields[] = {
    WB_LIST_OF_OBJECTS("rules", &success_policy_rule)};
static const wb_schema success_policy = WB_SCHEMA_OF(success_policy_fields);

/* Job and CronJob. */
static const wb_schema_field job_spec_fields[] = {
    WB_INTEGER("activeDeadlineSeconds"), WB_INTEGER("backoffLimit"),
    WB_INTEGER("backoffLimitPerIndex"), WB_STRING("completionMode"), WB_INTEGER("completions"),
    WB_STRING("managedBy"), WB_BOOL("manualSelector"), WB_INTEGER("maxFailedIndexes"),
    WB_INTEGER("parallelism"), WB_OBJECT("podFailurePolicy", &pod_failure_policy),
    WB_STRING("podReplacementPolicy"), WB_ANY("scheduling"),
    WB_OBJECT("selector", &wb_schema_label_selector), WB_OBJECT("successPolicy", &success_policy),
    WB_BOOL("suspend"), WB_OBJECT("template", &wb_schema_pod_template_spec),
    WB_INTEGER("ttlSecondsAfterFinished")};
static const wb_schema job_spec = WB_SCHEMA_OF(job_spec_fields);
static const wb_schema_field job_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &job_spec), WB_ANY("status")};
const wb_schema wb_schema_job = WB_SCHEMA_OF(job_fields);
static const wb_schema_field job_template_spec_fields[] = {
    WB_OBJECT("metadata", &wb_schema_object_meta), WB_OBJECT("spec", &job_spec)};
static const wb_schema job_template_spec = WB_SCHEMA_OF(job_template_spec_fields);
static const wb_schema_field cron_job_spec_fields[] = {
    WB_STRING("concurrencyPolicy"), WB_INTEGER("failedJobsHistoryLimit"),
    WB_OBJECT("jobTemplate", &job_template_spec), WB_STRING("schedule"),
    WB_INTEGER("startingDeadlineSeconds"), WB_INTEGER("successfulJobsHistoryLimit"),
    WB_BOOL("suspend"), WB_STRING("timeZone")};
static const wb_schema cron_job_spec = WB_SCHEMA_OF(cron_job_spec_fields);
static const wb_schema_field cron_job_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &cron_job_spec), WB_ANY("status")};
const wb_schema wb_schema_cron_job = WB_SCHEMA_OF(cron_job_fields);

/* ReplicationController, older than selectors with expressions. */
static const wb_schema_field replication_controller_spec_fields[] = {
    WB_INTEGER("minReadySeconds"), WB_INTEGER("replicas"), WB_MAP_OF_STRINGS("selector"),
    WB_OBJECT("template", &wb_schema_pod_template_spec)};
static const wb_schema replication_controller_spec =
    WB_SCHEMA_OF(replication_controller_spec_fields);
static const wb_schema_field replication_controller_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &replication_controller_spec), WB_ANY("status")};
const wb_schema wb_schema_replication_controller = WB_SCHEMA_OF(replication_controller_fields);

/* Node. */
static const wb_schema_field taint_fields[] = {
    WB_STRING("effect"), WB_STRING("key"), WB_STRING("timeAdded"), WB_STRING("value")};
const wb_schema wb_schema_taint = WB_SCHEMA_OF(taint_fields);
static const wb_schema_field node_pod_preemption_policy_fields[] = {
    WB_LIST_OF_STRINGS("disableResizePreemption")};
static const wb_schema node_pod_preemption_policy = WB_SCHEMA_OF(node_pod_preemption_policy_fields);
static const wb_schema_field node_spec_fields[] = {
    WB_ANY("configSource"), WB_STRING("externalID"), WB_STRING("podCIDR"),
    WB_LIST_OF_STRINGS("podCIDRs"), WB_OBJECT("podPreemptionPolicy", &node_pod_preemption_policy),
    WB_STRING("providerID"), WB_LIST_OF_OBJECTS("taints", &wb_schema_taint),
    WB_BOOL("unschedulable")};
static const wb_schema node_spec = WB_SCHEMA_OF(node_spec_fields);
static const wb_schema_field node_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &node_spec), WB_ANY("status")};
const wb_schema wb_schema_node = WB_SCHEMA_OF(node_fields);

/* PersistentVolume: where it is and what attaches it. Disks of other clouds are not looked into. */
static const wb_schema_field local_volume_source_fields[] = {
    WB_STRING("fsType"), WB_STRING("path")};
static const wb_schema local_volume_source = WB_SCHEMA_OF(local_volume_source_fields);
static const wb_schema_field secret_reference_fields[] = {
    WB_STRING("name"), WB_STRING("namespace")};
static const wb_schema secret_reference = WB_SCHEMA_OF(secret_reference_fields);
static const wb_schema_field csi_persistent_volume_source_fields[] = {
    WB_OBJECT("controllerExpandSecretRef", &secret_reference),
    WB_OBJECT("controllerPublishSecretRef", &secret_reference), WB_STRING("driver"),
    WB_STRING("fsType"), WB_OBJECT("nodeExpandSecretRef", &secret_reference),
    WB_OBJECT("nodePublishSecretRef", &secret_reference),
    WB_OBJECT("nodeStageSecretRef", &secret_reference), WB_BOOL("readOnly"),
    WB_MAP_OF_STRINGS("volumeAttributes"), WB_STRING("volumeHandle")};
static const wb_schema csi_persistent_volume_source =
    WB_SCHEMA_OF(csi_persistent_volume_source_fields);
static const wb_schema_field object_reference_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("fieldPath"), WB_STRING("kind"), WB_STRING("name"),
    WB_STRING("namespace"), WB_STRING("resourceVersion"), WB_STRING("uid")};
static const wb_schema object_reference = WB_SCHEMA_OF(object_reference_fields);
static const wb_schema_field volume_node_affinity_fields[] = {
    WB_OBJECT("required", &wb_schema_node_selector)};
static const wb_schema volume_node_affinity = WB_SCHEMA_OF(volume_node_affinity_fields);
static const wb_schema_field persistent_volume_spec_fields[] = {
    WB_LIST_OF_STRINGS("accessModes"),
    WB_OBJECT("awsElasticBlockStore", &wb_schema_aws_elastic_block_store_volume_source),
    WB_ANY("azureDisk"), WB_ANY("azureFile"), WB_MAP_OF_QUANTITIES("capacity"), WB_ANY("cephfs"),
    WB_ANY("cinder"), WB_OBJECT("claimRef", &object_reference),
    WB_OBJECT("csi", &csi_persistent_volume_source), WB_ANY("fc"), WB_ANY("flexVolume"),
    WB_ANY("flocker"), WB_ANY("gcePersistentDisk"), WB_ANY("glusterfs"),
    WB_OBJECT("hostPath", &wb_schema_host_path_volume_source), WB_ANY("iscsi"),
    WB_OBJECT("local", &local_volume_source), WB_LIST_OF_STRINGS("mountOptions"),
    WB_OBJECT("nfs", &wb_schema_nfs_volume_source),
    WB_OBJECT("nodeAffinity", &volume_node_affinity), WB_STRING("persistentVolumeReclaimPolicy"),
    WB_ANY("photonPersistentDisk"), WB_ANY("portworxVolume"), WB_ANY("quobyte"), WB_ANY("rbd"),
    WB_ANY("scaleIO"), WB_STRING("storageClassName"), WB_ANY("storageos"),
    WB_STRING("volumeAttributesClassName"), WB_STRING("volumeMode"), WB_ANY("vsphereVolume")};
static const wb_schema persistent_volume_spec = WB_SCHEMA_OF(persistent_volume_spec_fields);
static const wb_schema_field persistent_volume_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &persistent_volume_spec), WB_ANY("status")};
const wb_schema wb_schema_persistent_volume = WB_SCHEMA_OF(persistent_volume_fields);

/* Namespace, budget, priority. */
static const wb_schema_field namespace_spec_fields[] = {WB_LIST_OF_STRINGS("finalizers")};
static const wb_schema namespace_spec = WB_SCHEMA_OF(namespace_spec_fields);
static const wb_schema_field namespace_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &namespace_spec), WB_ANY("status")};
const wb_schema wb_schema_namespace = WB_SCHEMA_OF(namespace_fields);
static const wb_schema_field pod_disruption_budget_spec_fields[] = {
    WB_COUNT("maxUnavailable"), WB_COUNT("minAvailable"),
    WB_OBJECT("selector", &wb_schema_label_selector), WB_STRING("unhealthyPodEvictionPolicy")};
static const wb_schema pod_disruption_budget_spec = WB_SCHEMA_OF(pod_disruption_budget_spec_fields);
static const wb_schema_field pod_disruption_budget_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &pod_disruption_budget_spec), WB_ANY("status")};
const wb_schema wb_schema_pod_disruption_budget = WB_SCHEMA_OF(pod_disruption_budget_fields);
static const wb_schema_field priority_class_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("description"), WB_BOOL("globalDefault"), WB_STRING("kind"),
    WB_OBJECT("metadata", &wb_schema_object_meta), WB_STRING("preemptionPolicy"),
    WB_INTEGER("value")};
const wb_schema wb_schema_priority_class = WB_SCHEMA_OF(priority_class_fields);

/* StorageClass. */
static const wb_schema_field topology_selector_label_requirement_fields[] = {
    WB_STRING("key"), WB_LIST_OF_STRINGS("values")};
static const wb_schema topology_selector_label_requirement =
    WB_SCHEMA_OF(topology_selector_label_requirement_fields);
static const wb_schema_field topology_selector_term_fields[] = {
    WB_LIST_OF_OBJECTS("matchLabelExpressions", &topology_selector_label_requirement)};
static const wb_schema topology_selector_term = WB_SCHEMA_OF(topology_selector_term_fields);
static const wb_schema_field storage_class_fields[] = {
    WB_BOOL("allowVolumeExpansion"),
    WB_LIST_OF_OBJECTS("allowedTopologies", &topology_selector_term), WB_STRING("apiVersion"),
    WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_LIST_OF_STRINGS("mountOptions"), WB_MAP_OF_STRINGS("parameters"), WB_STRING("provisioner"),
    WB_STRING("reclaimPolicy"), WB_STRING("volumeBindingMode")};
const wb_schema wb_schema_storage_class = WB_SCHEMA_OF(storage_class_fields);

/* CSINode: attach limits. */
static const wb_schema_field volume_node_resources_fields[] = {WB_INTEGER("count")};
static const wb_schema volume_node_resources = WB_SCHEMA_OF(volume_node_resources_fields);
static const wb_schema_field csi_node_driver_fields[] = {
    WB_OBJECT("allocatable", &volume_node_resources), WB_STRING("name"), WB_STRING("nodeID"),
    WB_LIST_OF_STRINGS("topologyKeys")};
static const wb_schema csi_node_driver = WB_SCHEMA_OF(csi_node_driver_fields);
static const wb_schema_field csi_node_spec_fields[] = {
    WB_LIST_OF_OBJECTS("drivers", &csi_node_driver)};
static const wb_schema csi_node_spec = WB_SCHEMA_OF(csi_node_spec_fields);
static const wb_schema_field csi_node_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &csi_node_spec), WB_ANY("status")};
const wb_schema wb_schema_csi_node = WB_SCHEMA_OF(csi_node_fields);
/* clang-format on */
