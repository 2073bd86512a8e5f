/*
 * Fields of workloads, nodes, storage and policy objects.
 * Source: the json tags of k8s.io/api v0.36 (apps/v1, batch/v1, core/v1, policy/v1, scheduling/v1,
 * storage/v1).
 */
#include "kube/schema_table.h"

static const wb_schema_field rolling_update_deployment_fields[] = {COUNT("maxSurge"),
                                                                   COUNT("maxUnavailable")};
static const wb_schema rolling_update_deployment = WB_SCHEMA_OF(rolling_update_deployment_fields);

static const wb_schema_field deployment_strategy_fields[] = {
    OBJECT("rollingUpdate", &rolling_update_deployment), STRING("type")};
static const wb_schema deployment_strategy = WB_SCHEMA_OF(deployment_strategy_fields);

static const wb_schema_field deployment_spec_fields[] = {
    INTEGER("minReadySeconds"),
    BOOL("paused"),
    INTEGER("progressDeadlineSeconds"),
    INTEGER("replicas"),
    INTEGER("revisionHistoryLimit"),
    OBJECT("selector", &wb_schema_label_selector),
    OBJECT("strategy", &deployment_strategy),
    OBJECT("template", &wb_schema_pod_template_spec)};
static const wb_schema deployment_spec = WB_SCHEMA_OF(deployment_spec_fields);

static const wb_schema_field deployment_fields[] = {STRING("apiVersion"), STRING("kind"),
                                                    OBJECT("metadata", &wb_schema_object_meta),
                                                    OBJECT("spec", &deployment_spec),
                                                    ANY("status")};
const wb_schema wb_schema_deployment = WB_SCHEMA_OF(deployment_fields);

static const wb_schema_field replica_set_spec_fields[] = {
    INTEGER("minReadySeconds"), INTEGER("replicas"), OBJECT("selector", &wb_schema_label_selector),
    OBJECT("template", &wb_schema_pod_template_spec)};
static const wb_schema replica_set_spec = WB_SCHEMA_OF(replica_set_spec_fields);

static const wb_schema_field replica_set_fields[] = {STRING("apiVersion"), STRING("kind"),
                                                     OBJECT("metadata", &wb_schema_object_meta),
                                                     OBJECT("spec", &replica_set_spec),
                                                     ANY("status")};
const wb_schema wb_schema_replica_set = WB_SCHEMA_OF(replica_set_fields);

static const wb_schema_field persistent_volume_claim_fields[] = {
    STRING("apiVersion"), STRING("kind"), OBJECT("metadata", &wb_schema_object_meta),
    OBJECT("spec", &wb_schema_persistent_volume_claim_spec), ANY("status")};
const wb_schema wb_schema_persistent_volume_claim = WB_SCHEMA_OF(persistent_volume_claim_fields);

static const wb_schema_field rolling_update_stateful_set_strategy_fields[] = {
    COUNT("maxUnavailable"), INTEGER("partition")};
static const wb_schema rolling_update_stateful_set_strategy =
    WB_SCHEMA_OF(rolling_update_stateful_set_strategy_fields);

static const wb_schema_field stateful_set_update_strategy_fields[] = {
    OBJECT("rollingUpdate", &rolling_update_stateful_set_strategy), STRING("type")};
static const wb_schema stateful_set_update_strategy =
    WB_SCHEMA_OF(stateful_set_update_strategy_fields);

static const wb_schema_field stateful_set_persistent_volume_claim_retention_policy_fields[] = {
    STRING("whenDeleted"), STRING("whenScaled")};
static const wb_schema stateful_set_persistent_volume_claim_retention_policy =
    WB_SCHEMA_OF(stateful_set_persistent_volume_claim_retention_policy_fields);

static const wb_schema_field stateful_set_ordinals_fields[] = {INTEGER("start")};
static const wb_schema stateful_set_ordinals = WB_SCHEMA_OF(stateful_set_ordinals_fields);

static const wb_schema_field stateful_set_spec_fields[] = {
    INTEGER("minReadySeconds"),
    OBJECT("ordinals", &stateful_set_ordinals),
    OBJECT("persistentVolumeClaimRetentionPolicy",
           &stateful_set_persistent_volume_claim_retention_policy),
    STRING("podManagementPolicy"),
    INTEGER("replicas"),
    INTEGER("revisionHistoryLimit"),
    OBJECT("selector", &wb_schema_label_selector),
    STRING("serviceName"),
    OBJECT("template", &wb_schema_pod_template_spec),
    OBJECT("updateStrategy", &stateful_set_update_strategy),
    LIST_OF_OBJECTS("volumeClaimTemplates", &wb_schema_persistent_volume_claim)};
static const wb_schema stateful_set_spec = WB_SCHEMA_OF(stateful_set_spec_fields);

static const wb_schema_field stateful_set_fields[] = {STRING("apiVersion"), STRING("kind"),
                                                      OBJECT("metadata", &wb_schema_object_meta),
                                                      OBJECT("spec", &stateful_set_spec),
                                                      ANY("status")};
const wb_schema wb_schema_stateful_set = WB_SCHEMA_OF(stateful_set_fields);

static const wb_schema_field rolling_update_daemon_set_fields[] = {COUNT("maxSurge"),
                                                                   COUNT("maxUnavailable")};
static const wb_schema rolling_update_daemon_set = WB_SCHEMA_OF(rolling_update_daemon_set_fields);

static const wb_schema_field daemon_set_update_strategy_fields[] = {
    OBJECT("rollingUpdate", &rolling_update_daemon_set), STRING("type")};
static const wb_schema daemon_set_update_strategy = WB_SCHEMA_OF(daemon_set_update_strategy_fields);

static const wb_schema_field daemon_set_spec_fields[] = {
    INTEGER("minReadySeconds"), INTEGER("revisionHistoryLimit"),
    OBJECT("selector", &wb_schema_label_selector), OBJECT("template", &wb_schema_pod_template_spec),
    OBJECT("updateStrategy", &daemon_set_update_strategy)};
static const wb_schema daemon_set_spec = WB_SCHEMA_OF(daemon_set_spec_fields);

static const wb_schema_field daemon_set_fields[] = {STRING("apiVersion"), STRING("kind"),
                                                    OBJECT("metadata", &wb_schema_object_meta),
                                                    OBJECT("spec", &daemon_set_spec),
                                                    ANY("status")};
const wb_schema wb_schema_daemon_set = WB_SCHEMA_OF(daemon_set_fields);

static const wb_schema_field pod_failure_policy_on_exit_codes_requirement_fields[] = {
    STRING("containerName"), STRING("operator"), LIST_OF_INTEGERS("values")};
static const wb_schema pod_failure_policy_on_exit_codes_requirement =
    WB_SCHEMA_OF(pod_failure_policy_on_exit_codes_requirement_fields);

static const wb_schema_field pod_failure_policy_on_pod_conditions_pattern_fields[] = {
    ANY("status"), STRING("type")};
static const wb_schema pod_failure_policy_on_pod_conditions_pattern =
    WB_SCHEMA_OF(pod_failure_policy_on_pod_conditions_pattern_fields);

static const wb_schema_field pod_failure_policy_rule_fields[] = {
    STRING("action"), OBJECT("onExitCodes", &pod_failure_policy_on_exit_codes_requirement),
    LIST_OF_OBJECTS("onPodConditions", &pod_failure_policy_on_pod_conditions_pattern)};
static const wb_schema pod_failure_policy_rule = WB_SCHEMA_OF(pod_failure_policy_rule_fields);

static const wb_schema_field pod_failure_policy_fields[] = {
    LIST_OF_OBJECTS("rules", &pod_failure_policy_rule)};
static const wb_schema pod_failure_policy = WB_SCHEMA_OF(pod_failure_policy_fields);

static const wb_schema_field success_policy_rule_fields[] = {INTEGER("succeededCount"),
                                                             STRING("succeededIndexes")};
static const wb_schema success_policy_rule = WB_SCHEMA_OF(success_policy_rule_fields);

static const wb_schema_field success_policy_fields[] = {
    LIST_OF_OBJECTS("rules", &success_policy_rule)};
static const wb_schema success_policy = WB_SCHEMA_OF(success_policy_fields);

static const wb_schema_field job_spec_fields[] = {INTEGER("activeDeadlineSeconds"),
                                                  INTEGER("backoffLimit"),
                                                  INTEGER("backoffLimitPerIndex"),
                                                  STRING("completionMode"),
                                                  INTEGER("completions"),
                                                  STRING("managedBy"),
                                                  BOOL("manualSelector"),
                                                  INTEGER("maxFailedIndexes"),
                                                  INTEGER("parallelism"),
                                                  OBJECT("podFailurePolicy", &pod_failure_policy),
                                                  STRING("podReplacementPolicy"),
                                                  ANY("scheduling"),
                                                  OBJECT("selector", &wb_schema_label_selector),
                                                  OBJECT("successPolicy", &success_policy),
                                                  BOOL("suspend"),
                                                  OBJECT("template", &wb_schema_pod_template_spec),
                                                  INTEGER("ttlSecondsAfterFinished")};
static const wb_schema job_spec = WB_SCHEMA_OF(job_spec_fields);

static const wb_schema_field job_fields[] = {STRING("apiVersion"), STRING("kind"),
                                             OBJECT("metadata", &wb_schema_object_meta),
                                             OBJECT("spec", &job_spec), ANY("status")};
const wb_schema wb_schema_job = WB_SCHEMA_OF(job_fields);

static const wb_schema_field job_template_spec_fields[] = {
    OBJECT("metadata", &wb_schema_object_meta), OBJECT("spec", &job_spec)};
static const wb_schema job_template_spec = WB_SCHEMA_OF(job_template_spec_fields);

static const wb_schema_field cron_job_spec_fields[] = {STRING("concurrencyPolicy"),
                                                       INTEGER("failedJobsHistoryLimit"),
                                                       OBJECT("jobTemplate", &job_template_spec),
                                                       STRING("schedule"),
                                                       INTEGER("startingDeadlineSeconds"),
                                                       INTEGER("successfulJobsHistoryLimit"),
                                                       BOOL("suspend"),
                                                       STRING("timeZone")};
static const wb_schema cron_job_spec = WB_SCHEMA_OF(cron_job_spec_fields);

static const wb_schema_field cron_job_fields[] = {STRING("apiVersion"), STRING("kind"),
                                                  OBJECT("metadata", &wb_schema_object_meta),
                                                  OBJECT("spec", &cron_job_spec), ANY("status")};
const wb_schema wb_schema_cron_job = WB_SCHEMA_OF(cron_job_fields);

static const wb_schema_field replication_controller_spec_fields[] = {
    INTEGER("minReadySeconds"), INTEGER("replicas"), MAP_OF_STRINGS("selector"),
    OBJECT("template", &wb_schema_pod_template_spec)};
static const wb_schema replication_controller_spec =
    WB_SCHEMA_OF(replication_controller_spec_fields);

static const wb_schema_field replication_controller_fields[] = {
    STRING("apiVersion"), STRING("kind"), OBJECT("metadata", &wb_schema_object_meta),
    OBJECT("spec", &replication_controller_spec), ANY("status")};
const wb_schema wb_schema_replication_controller = WB_SCHEMA_OF(replication_controller_fields);

static const wb_schema_field taint_fields[] = {STRING("effect"), STRING("key"), STRING("timeAdded"),
                                               STRING("value")};
const wb_schema wb_schema_taint = WB_SCHEMA_OF(taint_fields);

static const wb_schema_field node_pod_preemption_policy_fields[] = {
    LIST_OF_STRINGS("disableResizePreemption")};
static const wb_schema node_pod_preemption_policy = WB_SCHEMA_OF(node_pod_preemption_policy_fields);

static const wb_schema_field node_spec_fields[] = {ANY("configSource"),
                                                   STRING("externalID"),
                                                   STRING("podCIDR"),
                                                   LIST_OF_STRINGS("podCIDRs"),
                                                   OBJECT("podPreemptionPolicy",
                                                          &node_pod_preemption_policy),
                                                   STRING("providerID"),
                                                   LIST_OF_OBJECTS("taints", &wb_schema_taint),
                                                   BOOL("unschedulable")};
static const wb_schema node_spec = WB_SCHEMA_OF(node_spec_fields);

static const wb_schema_field node_fields[] = {STRING("apiVersion"), STRING("kind"),
                                              OBJECT("metadata", &wb_schema_object_meta),
                                              OBJECT("spec", &node_spec), ANY("status")};
const wb_schema wb_schema_node = WB_SCHEMA_OF(node_fields);

static const wb_schema_field local_volume_source_fields[] = {STRING("fsType"), STRING("path")};
static const wb_schema local_volume_source = WB_SCHEMA_OF(local_volume_source_fields);

static const wb_schema_field secret_reference_fields[] = {STRING("name"), STRING("namespace")};
static const wb_schema secret_reference = WB_SCHEMA_OF(secret_reference_fields);

static const wb_schema_field csi_persistent_volume_source_fields[] = {
    OBJECT("controllerExpandSecretRef", &secret_reference),
    OBJECT("controllerPublishSecretRef", &secret_reference),
    STRING("driver"),
    STRING("fsType"),
    OBJECT("nodeExpandSecretRef", &secret_reference),
    OBJECT("nodePublishSecretRef", &secret_reference),
    OBJECT("nodeStageSecretRef", &secret_reference),
    BOOL("readOnly"),
    MAP_OF_STRINGS("volumeAttributes"),
    STRING("volumeHandle")};
static const wb_schema csi_persistent_volume_source =
    WB_SCHEMA_OF(csi_persistent_volume_source_fields);

static const wb_schema_field object_reference_fields[] = {
    STRING("apiVersion"), STRING("fieldPath"),       STRING("kind"), STRING("name"),
    STRING("namespace"),  STRING("resourceVersion"), STRING("uid")};
static const wb_schema object_reference = WB_SCHEMA_OF(object_reference_fields);

static const wb_schema_field volume_node_affinity_fields[] = {
    OBJECT("required", &wb_schema_node_selector)};
static const wb_schema volume_node_affinity = WB_SCHEMA_OF(volume_node_affinity_fields);

static const wb_schema_field persistent_volume_spec_fields[] = {
    LIST_OF_STRINGS("accessModes"),
    OBJECT("awsElasticBlockStore", &wb_schema_aws_elastic_block_store_volume_source),
    ANY("azureDisk"),
    ANY("azureFile"),
    MAP_OF_QUANTITIES("capacity"),
    ANY("cephfs"),
    ANY("cinder"),
    OBJECT("claimRef", &object_reference),
    OBJECT("csi", &csi_persistent_volume_source),
    ANY("fc"),
    ANY("flexVolume"),
    ANY("flocker"),
    ANY("gcePersistentDisk"),
    ANY("glusterfs"),
    OBJECT("hostPath", &wb_schema_host_path_volume_source),
    ANY("iscsi"),
    OBJECT("local", &local_volume_source),
    LIST_OF_STRINGS("mountOptions"),
    OBJECT("nfs", &wb_schema_nfs_volume_source),
    OBJECT("nodeAffinity", &volume_node_affinity),
    STRING("persistentVolumeReclaimPolicy"),
    ANY("photonPersistentDisk"),
    ANY("portworxVolume"),
    ANY("quobyte"),
    ANY("rbd"),
    ANY("scaleIO"),
    STRING("storageClassName"),
    ANY("storageos"),
    STRING("volumeAttributesClassName"),
    STRING("volumeMode"),
    ANY("vsphereVolume")};
static const wb_schema persistent_volume_spec = WB_SCHEMA_OF(persistent_volume_spec_fields);

static const wb_schema_field persistent_volume_fields[] = {
    STRING("apiVersion"), STRING("kind"), OBJECT("metadata", &wb_schema_object_meta),
    OBJECT("spec", &persistent_volume_spec), ANY("status")};
const wb_schema wb_schema_persistent_volume = WB_SCHEMA_OF(persistent_volume_fields);

static const wb_schema_field namespace_spec_fields[] = {LIST_OF_STRINGS("finalizers")};
static const wb_schema namespace_spec = WB_SCHEMA_OF(namespace_spec_fields);

static const wb_schema_field namespace_fields[] = {STRING("apiVersion"), STRING("kind"),
                                                   OBJECT("metadata", &wb_schema_object_meta),
                                                   OBJECT("spec", &namespace_spec), ANY("status")};
const wb_schema wb_schema_namespace = WB_SCHEMA_OF(namespace_fields);

static const wb_schema_field pod_disruption_budget_spec_fields[] = {
    COUNT("maxUnavailable"), COUNT("minAvailable"), OBJECT("selector", &wb_schema_label_selector),
    STRING("unhealthyPodEvictionPolicy")};
static const wb_schema pod_disruption_budget_spec = WB_SCHEMA_OF(pod_disruption_budget_spec_fields);

static const wb_schema_field pod_disruption_budget_fields[] = {
    STRING("apiVersion"), STRING("kind"), OBJECT("metadata", &wb_schema_object_meta),
    OBJECT("spec", &pod_disruption_budget_spec), ANY("status")};
const wb_schema wb_schema_pod_disruption_budget = WB_SCHEMA_OF(pod_disruption_budget_fields);

static const wb_schema_field priority_class_fields[] = {STRING("apiVersion"),
                                                        STRING("description"),
                                                        BOOL("globalDefault"),
                                                        STRING("kind"),
                                                        OBJECT("metadata", &wb_schema_object_meta),
                                                        STRING("preemptionPolicy"),
                                                        INTEGER("value")};
const wb_schema wb_schema_priority_class = WB_SCHEMA_OF(priority_class_fields);

static const wb_schema_field topology_selector_label_requirement_fields[] = {
    STRING("key"), LIST_OF_STRINGS("values")};
static const wb_schema topology_selector_label_requirement =
    WB_SCHEMA_OF(topology_selector_label_requirement_fields);

static const wb_schema_field topology_selector_term_fields[] = {
    LIST_OF_OBJECTS("matchLabelExpressions", &topology_selector_label_requirement)};
static const wb_schema topology_selector_term = WB_SCHEMA_OF(topology_selector_term_fields);

static const wb_schema_field storage_class_fields[] = {BOOL("allowVolumeExpansion"),
                                                       LIST_OF_OBJECTS("allowedTopologies",
                                                                       &topology_selector_term),
                                                       STRING("apiVersion"),
                                                       STRING("kind"),
                                                       OBJECT("metadata", &wb_schema_object_meta),
                                                       LIST_OF_STRINGS("mountOptions"),
                                                       MAP_OF_STRINGS("parameters"),
                                                       STRING("provisioner"),
                                                       STRING("reclaimPolicy"),
                                                       STRING("volumeBindingMode")};
const wb_schema wb_schema_storage_class = WB_SCHEMA_OF(storage_class_fields);

static const wb_schema_field volume_node_resources_fields[] = {INTEGER("count")};
static const wb_schema volume_node_resources = WB_SCHEMA_OF(volume_node_resources_fields);

static const wb_schema_field csi_node_driver_fields[] = {
    OBJECT("allocatable", &volume_node_resources), STRING("name"), STRING("nodeID"),
    LIST_OF_STRINGS("topologyKeys")};
static const wb_schema csi_node_driver = WB_SCHEMA_OF(csi_node_driver_fields);

static const wb_schema_field csi_node_spec_fields[] = {
    LIST_OF_OBJECTS("drivers", &csi_node_driver)};
static const wb_schema csi_node_spec = WB_SCHEMA_OF(csi_node_spec_fields);

static const wb_schema_field csi_node_fields[] = {STRING("apiVersion"), STRING("kind"),
                                                  OBJECT("metadata", &wb_schema_object_meta),
                                                  OBJECT("spec", &csi_node_spec), ANY("status")};
const wb_schema wb_schema_csi_node = WB_SCHEMA_OF(csi_node_fields);
