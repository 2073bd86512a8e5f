/*
 * Fields of Pod and PodTemplateSpec and of all that they are made of.
 * Source: the json tags of k8s.io/api v0.36 (core/v1), and clusterName of older API servers.
 */
#include "kube/schema_table.h"

static const wb_schema_field owner_reference_fields[] = {
    STRING("apiVersion"), BOOL("blockOwnerDeletion"),
    BOOL("controller"),   STRING("kind"),
    STRING("name"),       STRING("uid")};
static const wb_schema owner_reference = WB_SCHEMA_OF(owner_reference_fields);

static const wb_schema_field object_meta_fields[] = {MAP_OF_STRINGS("annotations"),
                                                     STRING("clusterName"),
                                                     STRING("creationTimestamp"),
                                                     INTEGER("deletionGracePeriodSeconds"),
                                                     STRING("deletionTimestamp"),
                                                     LIST_OF_STRINGS("finalizers"),
                                                     STRING("generateName"),
                                                     INTEGER("generation"),
                                                     MAP_OF_STRINGS("labels"),
                                                     ANY("managedFields"),
                                                     STRING("name"),
                                                     STRING("namespace"),
                                                     LIST_OF_OBJECTS("ownerReferences",
                                                                     &owner_reference),
                                                     STRING("resourceVersion"),
                                                     STRING("selfLink"),
                                                     STRING("uid")};
const wb_schema wb_schema_object_meta = WB_SCHEMA_OF(object_meta_fields);

static const wb_schema_field host_path_volume_source_fields[] = {STRING("path"), STRING("type")};
const wb_schema wb_schema_host_path_volume_source = WB_SCHEMA_OF(host_path_volume_source_fields);

static const wb_schema_field empty_dir_volume_source_fields[] = {STRING("medium"), INTEGER("mode"),
                                                                 QUANTITY("sizeLimit")};
static const wb_schema empty_dir_volume_source = WB_SCHEMA_OF(empty_dir_volume_source_fields);

static const wb_schema_field aws_elastic_block_store_volume_source_fields[] = {
    STRING("fsType"), INTEGER("partition"), BOOL("readOnly"), STRING("volumeID")};
const wb_schema wb_schema_aws_elastic_block_store_volume_source =
    WB_SCHEMA_OF(aws_elastic_block_store_volume_source_fields);

static const wb_schema_field key_to_path_fields[] = {STRING("key"), INTEGER("mode"), STRING("path"),
                                                     INTEGER("user")};
static const wb_schema key_to_path = WB_SCHEMA_OF(key_to_path_fields);

static const wb_schema_field secret_volume_source_fields[] = {
    INTEGER("defaultMode"), INTEGER("defaultUser"), LIST_OF_OBJECTS("items", &key_to_path),
    BOOL("optional"), STRING("secretName")};
static const wb_schema secret_volume_source = WB_SCHEMA_OF(secret_volume_source_fields);

static const wb_schema_field nfs_volume_source_fields[] = {STRING("path"), BOOL("readOnly"),
                                                           STRING("server")};
const wb_schema wb_schema_nfs_volume_source = WB_SCHEMA_OF(nfs_volume_source_fields);

static const wb_schema_field persistent_volume_claim_volume_source_fields[] = {STRING("claimName"),
                                                                               BOOL("readOnly")};
static const wb_schema persistent_volume_claim_volume_source =
    WB_SCHEMA_OF(persistent_volume_claim_volume_source_fields);

static const wb_schema_field object_field_selector_fields[] = {STRING("apiVersion"),
                                                               STRING("fieldPath")};
static const wb_schema object_field_selector = WB_SCHEMA_OF(object_field_selector_fields);

static const wb_schema_field resource_field_selector_fields[] = {STRING("containerName"),
                                                                 QUANTITY("divisor"),
                                                                 STRING("resource")};
static const wb_schema resource_field_selector = WB_SCHEMA_OF(resource_field_selector_fields);

static const wb_schema_field downward_api_volume_file_fields[] = {
    OBJECT("fieldRef", &object_field_selector), INTEGER("mode"), STRING("path"),
    OBJECT("resourceFieldRef", &resource_field_selector), INTEGER("user")};
static const wb_schema downward_api_volume_file = WB_SCHEMA_OF(downward_api_volume_file_fields);

static const wb_schema_field downward_api_volume_source_fields[] = {
    INTEGER("defaultMode"), INTEGER("defaultUser"),
    LIST_OF_OBJECTS("items", &downward_api_volume_file)};
static const wb_schema downward_api_volume_source = WB_SCHEMA_OF(downward_api_volume_source_fields);

static const wb_schema_field config_map_volume_source_fields[] = {
    INTEGER("defaultMode"), INTEGER("defaultUser"), LIST_OF_OBJECTS("items", &key_to_path),
    STRING("name"), BOOL("optional")};
static const wb_schema config_map_volume_source = WB_SCHEMA_OF(config_map_volume_source_fields);

static const wb_schema_field secret_projection_fields[] = {LIST_OF_OBJECTS("items", &key_to_path),
                                                           STRING("name"), BOOL("optional")};
static const wb_schema secret_projection = WB_SCHEMA_OF(secret_projection_fields);

static const wb_schema_field downward_api_projection_fields[] = {
    LIST_OF_OBJECTS("items", &downward_api_volume_file)};
static const wb_schema downward_api_projection = WB_SCHEMA_OF(downward_api_projection_fields);

static const wb_schema_field config_map_projection_fields[] = {
    LIST_OF_OBJECTS("items", &key_to_path), STRING("name"), BOOL("optional")};
static const wb_schema config_map_projection = WB_SCHEMA_OF(config_map_projection_fields);

static const wb_schema_field service_account_token_projection_fields[] = {
    STRING("audience"), INTEGER("expirationSeconds"), STRING("path"), INTEGER("user")};
static const wb_schema service_account_token_projection =
    WB_SCHEMA_OF(service_account_token_projection_fields);

static const wb_schema_field label_selector_requirement_fields[] = {STRING("key"),
                                                                    STRING("operator"),
                                                                    LIST_OF_STRINGS("values")};
static const wb_schema label_selector_requirement = WB_SCHEMA_OF(label_selector_requirement_fields);

static const wb_schema_field label_selector_fields[] = {
    LIST_OF_OBJECTS("matchExpressions", &label_selector_requirement),
    MAP_OF_STRINGS("matchLabels")};
const wb_schema wb_schema_label_selector = WB_SCHEMA_OF(label_selector_fields);

static const wb_schema_field cluster_trust_bundle_projection_fields[] = {
    OBJECT("labelSelector", &wb_schema_label_selector),
    STRING("name"),
    BOOL("optional"),
    STRING("path"),
    STRING("signerName"),
    INTEGER("user")};
static const wb_schema cluster_trust_bundle_projection =
    WB_SCHEMA_OF(cluster_trust_bundle_projection_fields);

static const wb_schema_field pod_certificate_projection_fields[] = {STRING("certificateChainPath"),
                                                                    STRING("credentialBundlePath"),
                                                                    STRING("keyPath"),
                                                                    STRING("keyType"),
                                                                    INTEGER("maxExpirationSeconds"),
                                                                    STRING("signerName"),
                                                                    INTEGER("user"),
                                                                    MAP_OF_STRINGS(
                                                                        "userAnnotations")};
static const wb_schema pod_certificate_projection = WB_SCHEMA_OF(pod_certificate_projection_fields);

static const wb_schema_field volume_projection_fields[] = {
    OBJECT("clusterTrustBundle", &cluster_trust_bundle_projection),
    OBJECT("configMap", &config_map_projection),
    OBJECT("downwardAPI", &downward_api_projection),
    OBJECT("podCertificate", &pod_certificate_projection),
    OBJECT("secret", &secret_projection),
    OBJECT("serviceAccountToken", &service_account_token_projection)};
static const wb_schema volume_projection = WB_SCHEMA_OF(volume_projection_fields);

static const wb_schema_field projected_volume_source_fields[] = {
    INTEGER("defaultMode"), INTEGER("defaultUser"), LIST_OF_OBJECTS("sources", &volume_projection)};
static const wb_schema projected_volume_source = WB_SCHEMA_OF(projected_volume_source_fields);

static const wb_schema_field local_object_reference_fields[] = {STRING("name")};
static const wb_schema local_object_reference = WB_SCHEMA_OF(local_object_reference_fields);

static const wb_schema_field csi_volume_source_fields[] = {
    STRING("driver"), STRING("fsType"), OBJECT("nodePublishSecretRef", &local_object_reference),
    BOOL("readOnly"), MAP_OF_STRINGS("volumeAttributes")};
static const wb_schema csi_volume_source = WB_SCHEMA_OF(csi_volume_source_fields);

static const wb_schema_field volume_resource_requirements_fields[] = {
    MAP_OF_QUANTITIES("limits"), MAP_OF_QUANTITIES("requests")};
static const wb_schema volume_resource_requirements =
    WB_SCHEMA_OF(volume_resource_requirements_fields);

static const wb_schema_field typed_local_object_reference_fields[] = {STRING("apiGroup"),
                                                                      STRING("kind"),
                                                                      STRING("name")};
static const wb_schema typed_local_object_reference =
    WB_SCHEMA_OF(typed_local_object_reference_fields);

static const wb_schema_field typed_object_reference_fields[] = {STRING("apiGroup"), STRING("kind"),
                                                                STRING("name"),
                                                                STRING("namespace")};
static const wb_schema typed_object_reference = WB_SCHEMA_OF(typed_object_reference_fields);

static const wb_schema_field persistent_volume_claim_spec_fields[] = {
    LIST_OF_STRINGS("accessModes"),
    OBJECT("dataSource", &typed_local_object_reference),
    OBJECT("dataSourceRef", &typed_object_reference),
    OBJECT("resources", &volume_resource_requirements),
    OBJECT("selector", &wb_schema_label_selector),
    STRING("storageClassName"),
    STRING("volumeAttributesClassName"),
    STRING("volumeMode"),
    STRING("volumeName")};
const wb_schema wb_schema_persistent_volume_claim_spec =
    WB_SCHEMA_OF(persistent_volume_claim_spec_fields);

static const wb_schema_field persistent_volume_claim_template_fields[] = {
    OBJECT("metadata", &wb_schema_object_meta),
    OBJECT("spec", &wb_schema_persistent_volume_claim_spec)};
static const wb_schema persistent_volume_claim_template =
    WB_SCHEMA_OF(persistent_volume_claim_template_fields);

static const wb_schema_field ephemeral_volume_source_fields[] = {
    OBJECT("volumeClaimTemplate", &persistent_volume_claim_template)};
static const wb_schema ephemeral_volume_source = WB_SCHEMA_OF(ephemeral_volume_source_fields);

static const wb_schema_field image_volume_source_fields[] = {STRING("pullPolicy"),
                                                             STRING("reference")};
static const wb_schema image_volume_source = WB_SCHEMA_OF(image_volume_source_fields);

static const wb_schema_field volume_fields[] = {
    OBJECT("awsElasticBlockStore", &wb_schema_aws_elastic_block_store_volume_source),
    ANY("azureDisk"),
    ANY("azureFile"),
    ANY("cephfs"),
    ANY("cinder"),
    OBJECT("configMap", &config_map_volume_source),
    OBJECT("csi", &csi_volume_source),
    OBJECT("downwardAPI", &downward_api_volume_source),
    OBJECT("emptyDir", &empty_dir_volume_source),
    OBJECT("ephemeral", &ephemeral_volume_source),
    ANY("fc"),
    ANY("flexVolume"),
    ANY("flocker"),
    ANY("gcePersistentDisk"),
    ANY("gitRepo"),
    ANY("glusterfs"),
    OBJECT("hostPath", &wb_schema_host_path_volume_source),
    OBJECT("image", &image_volume_source),
    ANY("iscsi"),
    STRING("name"),
    OBJECT("nfs", &wb_schema_nfs_volume_source),
    OBJECT("persistentVolumeClaim", &persistent_volume_claim_volume_source),
    ANY("photonPersistentDisk"),
    ANY("portworxVolume"),
    OBJECT("projected", &projected_volume_source),
    ANY("quobyte"),
    ANY("rbd"),
    ANY("scaleIO"),
    OBJECT("secret", &secret_volume_source),
    ANY("storageos"),
    ANY("vsphereVolume")};
static const wb_schema volume = WB_SCHEMA_OF(volume_fields);

static const wb_schema_field container_port_fields[] = {INTEGER("containerPort"), STRING("hostIP"),
                                                        INTEGER("hostPort"), STRING("name"),
                                                        STRING("protocol")};
static const wb_schema container_port = WB_SCHEMA_OF(container_port_fields);

static const wb_schema_field config_map_env_source_fields[] = {STRING("name"), BOOL("optional")};
static const wb_schema config_map_env_source = WB_SCHEMA_OF(config_map_env_source_fields);

static const wb_schema_field secret_env_source_fields[] = {STRING("name"), BOOL("optional")};
static const wb_schema secret_env_source = WB_SCHEMA_OF(secret_env_source_fields);

static const wb_schema_field env_from_source_fields[] = {
    OBJECT("configMapRef", &config_map_env_source), STRING("prefix"),
    OBJECT("secretRef", &secret_env_source)};
static const wb_schema env_from_source = WB_SCHEMA_OF(env_from_source_fields);

static const wb_schema_field config_map_key_selector_fields[] = {STRING("key"), STRING("name"),
                                                                 BOOL("optional")};
static const wb_schema config_map_key_selector = WB_SCHEMA_OF(config_map_key_selector_fields);

static const wb_schema_field secret_key_selector_fields[] = {STRING("key"), STRING("name"),
                                                             BOOL("optional")};
static const wb_schema secret_key_selector = WB_SCHEMA_OF(secret_key_selector_fields);

static const wb_schema_field file_key_selector_fields[] = {STRING("key"), BOOL("optional"),
                                                           STRING("path"), STRING("volumeName")};
static const wb_schema file_key_selector = WB_SCHEMA_OF(file_key_selector_fields);

static const wb_schema_field env_var_source_fields[] = {
    OBJECT("configMapKeyRef", &config_map_key_selector), OBJECT("fieldRef", &object_field_selector),
    OBJECT("fileKeyRef", &file_key_selector), OBJECT("resourceFieldRef", &resource_field_selector),
    OBJECT("secretKeyRef", &secret_key_selector)};
static const wb_schema env_var_source = WB_SCHEMA_OF(env_var_source_fields);

static const wb_schema_field env_var_fields[] = {STRING("name"), STRING("value"),
                                                 OBJECT("valueFrom", &env_var_source)};
static const wb_schema env_var = WB_SCHEMA_OF(env_var_fields);

static const wb_schema_field resource_claim_fields[] = {STRING("name"), STRING("request")};
static const wb_schema resource_claim = WB_SCHEMA_OF(resource_claim_fields);

static const wb_schema_field resource_requirements_fields[] = {
    LIST_OF_OBJECTS("claims", &resource_claim), MAP_OF_QUANTITIES("limits"),
    MAP_OF_QUANTITIES("requests")};
static const wb_schema resource_requirements = WB_SCHEMA_OF(resource_requirements_fields);

static const wb_schema_field container_resize_policy_fields[] = {STRING("resourceName"),
                                                                 STRING("restartPolicy")};
static const wb_schema container_resize_policy = WB_SCHEMA_OF(container_resize_policy_fields);

static const wb_schema_field container_restart_rule_on_exit_codes_fields[] = {
    STRING("operator"), LIST_OF_INTEGERS("values")};
static const wb_schema container_restart_rule_on_exit_codes =
    WB_SCHEMA_OF(container_restart_rule_on_exit_codes_fields);

static const wb_schema_field container_restart_rule_fields[] = {
    STRING("action"), OBJECT("exitCodes", &container_restart_rule_on_exit_codes)};
static const wb_schema container_restart_rule = WB_SCHEMA_OF(container_restart_rule_fields);

static const wb_schema_field volume_mount_fields[] = {LIST_OF_STRINGS("bindMountOptions"),
                                                      STRING("mountPath"),
                                                      STRING("mountPropagation"),
                                                      STRING("name"),
                                                      BOOL("readOnly"),
                                                      STRING("recursiveReadOnly"),
                                                      STRING("subPath"),
                                                      STRING("subPathExpr")};
static const wb_schema volume_mount = WB_SCHEMA_OF(volume_mount_fields);

static const wb_schema_field volume_device_fields[] = {STRING("devicePath"), STRING("name")};
static const wb_schema volume_device = WB_SCHEMA_OF(volume_device_fields);

static const wb_schema_field exec_action_fields[] = {LIST_OF_STRINGS("command")};
static const wb_schema exec_action = WB_SCHEMA_OF(exec_action_fields);

static const wb_schema_field http_header_fields[] = {STRING("name"), STRING("value")};
static const wb_schema http_header = WB_SCHEMA_OF(http_header_fields);

static const wb_schema_field http_get_action_fields[] = {
    STRING("host"),     LIST_OF_OBJECTS("httpHeaders", &http_header),
    STRING("path"),     COUNT("port"),
    STRING("protocol"), STRING("scheme")};
static const wb_schema http_get_action = WB_SCHEMA_OF(http_get_action_fields);

static const wb_schema_field tcp_socket_action_fields[] = {STRING("host"), COUNT("port")};
static const wb_schema tcp_socket_action = WB_SCHEMA_OF(tcp_socket_action_fields);

static const wb_schema_field grpc_action_fields[] = {STRING("mode"), INTEGER("port"),
                                                     STRING("service")};
static const wb_schema grpc_action = WB_SCHEMA_OF(grpc_action_fields);

static const wb_schema_field probe_fields[] = {OBJECT("exec", &exec_action),
                                               INTEGER("failureThreshold"),
                                               OBJECT("grpc", &grpc_action),
                                               OBJECT("httpGet", &http_get_action),
                                               INTEGER("initialDelaySeconds"),
                                               INTEGER("periodSeconds"),
                                               INTEGER("successThreshold"),
                                               OBJECT("tcpSocket", &tcp_socket_action),
                                               INTEGER("terminationGracePeriodSeconds"),
                                               INTEGER("timeoutSeconds")};
static const wb_schema probe = WB_SCHEMA_OF(probe_fields);

static const wb_schema_field sleep_action_fields[] = {INTEGER("seconds")};
static const wb_schema sleep_action = WB_SCHEMA_OF(sleep_action_fields);

static const wb_schema_field lifecycle_handler_fields[] = {OBJECT("exec", &exec_action),
                                                           OBJECT("httpGet", &http_get_action),
                                                           OBJECT("sleep", &sleep_action),
                                                           OBJECT("tcpSocket", &tcp_socket_action)};
static const wb_schema lifecycle_handler = WB_SCHEMA_OF(lifecycle_handler_fields);

static const wb_schema_field lifecycle_fields[] = {OBJECT("postStart", &lifecycle_handler),
                                                   OBJECT("preStop", &lifecycle_handler),
                                                   STRING("stopSignal")};
static const wb_schema lifecycle = WB_SCHEMA_OF(lifecycle_fields);

static const wb_schema_field capabilities_fields[] = {LIST_OF_STRINGS("add"),
                                                      LIST_OF_STRINGS("drop")};
static const wb_schema capabilities = WB_SCHEMA_OF(capabilities_fields);

static const wb_schema_field se_linux_options_fields[] = {STRING("level"), STRING("role"),
                                                          STRING("type"), STRING("user")};
static const wb_schema se_linux_options = WB_SCHEMA_OF(se_linux_options_fields);

static const wb_schema_field windows_security_context_options_fields[] = {
    STRING("gmsaCredentialSpec"), STRING("gmsaCredentialSpecName"), BOOL("hostProcess"),
    STRING("runAsUserName")};
static const wb_schema windows_security_context_options =
    WB_SCHEMA_OF(windows_security_context_options_fields);

static const wb_schema_field seccomp_profile_fields[] = {STRING("localhostProfile"),
                                                         STRING("type")};
static const wb_schema seccomp_profile = WB_SCHEMA_OF(seccomp_profile_fields);

static const wb_schema_field app_armor_profile_fields[] = {STRING("localhostProfile"),
                                                           STRING("type")};
static const wb_schema app_armor_profile = WB_SCHEMA_OF(app_armor_profile_fields);

static const wb_schema_field security_context_fields[] = {
    BOOL("allowPrivilegeEscalation"),
    OBJECT("appArmorProfile", &app_armor_profile),
    OBJECT("capabilities", &capabilities),
    BOOL("privileged"),
    STRING("procMount"),
    BOOL("readOnlyRootFilesystem"),
    INTEGER("runAsGroup"),
    BOOL("runAsNonRoot"),
    INTEGER("runAsUser"),
    OBJECT("seLinuxOptions", &se_linux_options),
    OBJECT("seccompProfile", &seccomp_profile),
    OBJECT("windowsOptions", &windows_security_context_options)};
static const wb_schema security_context = WB_SCHEMA_OF(security_context_fields);

static const wb_schema_field container_fields[] = {
    LIST_OF_STRINGS("args"),
    LIST_OF_STRINGS("command"),
    LIST_OF_OBJECTS("env", &env_var),
    LIST_OF_OBJECTS("envFrom", &env_from_source),
    STRING("image"),
    STRING("imagePullPolicy"),
    OBJECT("lifecycle", &lifecycle),
    OBJECT("livenessProbe", &probe),
    STRING("name"),
    LIST_OF_OBJECTS("ports", &container_port),
    OBJECT("readinessProbe", &probe),
    LIST_OF_OBJECTS("resizePolicy", &container_resize_policy),
    OBJECT("resources", &resource_requirements),
    STRING("restartPolicy"),
    LIST_OF_OBJECTS("restartPolicyRules", &container_restart_rule),
    OBJECT("securityContext", &security_context),
    OBJECT("startupProbe", &probe),
    BOOL("stdin"),
    BOOL("stdinOnce"),
    STRING("terminationMessagePath"),
    STRING("terminationMessagePolicy"),
    BOOL("tty"),
    LIST_OF_OBJECTS("volumeDevices", &volume_device),
    LIST_OF_OBJECTS("volumeMounts", &volume_mount),
    STRING("workingDir")};
static const wb_schema container = WB_SCHEMA_OF(container_fields);

static const wb_schema_field ephemeral_container_fields[] = {
    LIST_OF_STRINGS("args"),
    LIST_OF_STRINGS("command"),
    LIST_OF_OBJECTS("env", &env_var),
    LIST_OF_OBJECTS("envFrom", &env_from_source),
    STRING("image"),
    STRING("imagePullPolicy"),
    OBJECT("lifecycle", &lifecycle),
    OBJECT("livenessProbe", &probe),
    STRING("name"),
    LIST_OF_OBJECTS("ports", &container_port),
    OBJECT("readinessProbe", &probe),
    LIST_OF_OBJECTS("resizePolicy", &container_resize_policy),
    OBJECT("resources", &resource_requirements),
    STRING("restartPolicy"),
    LIST_OF_OBJECTS("restartPolicyRules", &container_restart_rule),
    OBJECT("securityContext", &security_context),
    OBJECT("startupProbe", &probe),
    BOOL("stdin"),
    BOOL("stdinOnce"),
    STRING("targetContainerName"),
    STRING("terminationMessagePath"),
    STRING("terminationMessagePolicy"),
    BOOL("tty"),
    LIST_OF_OBJECTS("volumeDevices", &volume_device),
    LIST_OF_OBJECTS("volumeMounts", &volume_mount),
    STRING("workingDir")};
static const wb_schema ephemeral_container = WB_SCHEMA_OF(ephemeral_container_fields);

static const wb_schema_field sysctl_fields[] = {STRING("name"), STRING("value")};
static const wb_schema sysctl = WB_SCHEMA_OF(sysctl_fields);

static const wb_schema_field pod_security_context_fields[] = {
    OBJECT("appArmorProfile", &app_armor_profile),
    INTEGER("fsGroup"),
    STRING("fsGroupChangePolicy"),
    INTEGER("runAsGroup"),
    BOOL("runAsNonRoot"),
    INTEGER("runAsUser"),
    STRING("seLinuxChangePolicy"),
    OBJECT("seLinuxOptions", &se_linux_options),
    OBJECT("seccompProfile", &seccomp_profile),
    LIST_OF_INTEGERS("supplementalGroups"),
    STRING("supplementalGroupsPolicy"),
    LIST_OF_OBJECTS("sysctls", &sysctl),
    OBJECT("windowsOptions", &windows_security_context_options)};
static const wb_schema pod_security_context = WB_SCHEMA_OF(pod_security_context_fields);

static const wb_schema_field node_selector_requirement_fields[] = {STRING("key"),
                                                                   STRING("operator"),
                                                                   LIST_OF_STRINGS("values")};
const wb_schema wb_schema_node_selector_requirement =
    WB_SCHEMA_OF(node_selector_requirement_fields);

static const wb_schema_field node_selector_term_fields[] = {
    LIST_OF_OBJECTS("matchExpressions", &wb_schema_node_selector_requirement),
    LIST_OF_OBJECTS("matchFields", &wb_schema_node_selector_requirement)};
const wb_schema wb_schema_node_selector_term = WB_SCHEMA_OF(node_selector_term_fields);

static const wb_schema_field node_selector_fields[] = {
    LIST_OF_OBJECTS("nodeSelectorTerms", &wb_schema_node_selector_term)};
const wb_schema wb_schema_node_selector = WB_SCHEMA_OF(node_selector_fields);

static const wb_schema_field preferred_scheduling_term_fields[] = {
    OBJECT("preference", &wb_schema_node_selector_term), INTEGER("weight")};
static const wb_schema preferred_scheduling_term = WB_SCHEMA_OF(preferred_scheduling_term_fields);

static const wb_schema_field node_affinity_fields[] = {
    LIST_OF_OBJECTS("preferredDuringSchedulingIgnoredDuringExecution", &preferred_scheduling_term),
    OBJECT("requiredDuringSchedulingIgnoredDuringExecution", &wb_schema_node_selector)};
static const wb_schema node_affinity = WB_SCHEMA_OF(node_affinity_fields);

static const wb_schema_field pod_affinity_term_fields[] = {
    OBJECT("labelSelector", &wb_schema_label_selector),
    LIST_OF_STRINGS("matchLabelKeys"),
    LIST_OF_STRINGS("mismatchLabelKeys"),
    OBJECT("namespaceSelector", &wb_schema_label_selector),
    LIST_OF_STRINGS("namespaces"),
    STRING("topologyKey")};
static const wb_schema pod_affinity_term = WB_SCHEMA_OF(pod_affinity_term_fields);

static const wb_schema_field weighted_pod_affinity_term_fields[] = {
    OBJECT("podAffinityTerm", &pod_affinity_term), INTEGER("weight")};
static const wb_schema weighted_pod_affinity_term = WB_SCHEMA_OF(weighted_pod_affinity_term_fields);

static const wb_schema_field pod_affinity_fields[] = {
    LIST_OF_OBJECTS("preferredDuringSchedulingIgnoredDuringExecution", &weighted_pod_affinity_term),
    LIST_OF_OBJECTS("requiredDuringSchedulingIgnoredDuringExecution", &pod_affinity_term)};
static const wb_schema pod_affinity = WB_SCHEMA_OF(pod_affinity_fields);

static const wb_schema_field pod_anti_affinity_fields[] = {
    LIST_OF_OBJECTS("preferredDuringSchedulingIgnoredDuringExecution", &weighted_pod_affinity_term),
    LIST_OF_OBJECTS("requiredDuringSchedulingIgnoredDuringExecution", &pod_affinity_term)};
static const wb_schema pod_anti_affinity = WB_SCHEMA_OF(pod_anti_affinity_fields);

static const wb_schema_field affinity_fields[] = {OBJECT("nodeAffinity", &node_affinity),
                                                  OBJECT("podAffinity", &pod_affinity),
                                                  OBJECT("podAntiAffinity", &pod_anti_affinity)};
static const wb_schema affinity = WB_SCHEMA_OF(affinity_fields);

static const wb_schema_field toleration_fields[] = {STRING("effect"), STRING("key"),
                                                    STRING("operator"),
                                                    INTEGER("tolerationSeconds"), STRING("value")};
static const wb_schema toleration = WB_SCHEMA_OF(toleration_fields);

static const wb_schema_field host_alias_fields[] = {LIST_OF_STRINGS("hostnames"), STRING("ip")};
static const wb_schema host_alias = WB_SCHEMA_OF(host_alias_fields);

static const wb_schema_field pod_dns_config_option_fields[] = {STRING("name"), STRING("value")};
static const wb_schema pod_dns_config_option = WB_SCHEMA_OF(pod_dns_config_option_fields);

static const wb_schema_field pod_dns_config_fields[] = {
    LIST_OF_STRINGS("nameservers"), LIST_OF_OBJECTS("options", &pod_dns_config_option),
    LIST_OF_STRINGS("searches")};
static const wb_schema pod_dns_config = WB_SCHEMA_OF(pod_dns_config_fields);

static const wb_schema_field pod_readiness_gate_fields[] = {STRING("conditionType")};
static const wb_schema pod_readiness_gate = WB_SCHEMA_OF(pod_readiness_gate_fields);

static const wb_schema_field topology_spread_constraint_fields[] = {
    OBJECT("labelSelector", &wb_schema_label_selector),
    LIST_OF_STRINGS("matchLabelKeys"),
    INTEGER("maxSkew"),
    INTEGER("minDomains"),
    STRING("nodeAffinityPolicy"),
    STRING("nodeTaintsPolicy"),
    STRING("topologyKey"),
    STRING("whenUnsatisfiable")};
static const wb_schema topology_spread_constraint = WB_SCHEMA_OF(topology_spread_constraint_fields);

static const wb_schema_field pod_os_fields[] = {STRING("name")};
static const wb_schema pod_os = WB_SCHEMA_OF(pod_os_fields);

static const wb_schema_field pod_scheduling_gate_fields[] = {STRING("name")};
static const wb_schema pod_scheduling_gate = WB_SCHEMA_OF(pod_scheduling_gate_fields);

static const wb_schema_field pod_resource_claim_fields[] = {STRING("name"),
                                                            STRING("resourceClaimName"),
                                                            STRING("resourceClaimTemplateName")};
static const wb_schema pod_resource_claim = WB_SCHEMA_OF(pod_resource_claim_fields);

static const wb_schema_field pod_scheduling_group_fields[] = {STRING("podGroupName")};
static const wb_schema pod_scheduling_group = WB_SCHEMA_OF(pod_scheduling_group_fields);

static const wb_schema_field eviction_responder_fields[] = {STRING("name"), INTEGER("priority")};
static const wb_schema eviction_responder = WB_SCHEMA_OF(eviction_responder_fields);

static const wb_schema_field pod_spec_fields[] = {
    INTEGER("activeDeadlineSeconds"),
    OBJECT("affinity", &affinity),
    BOOL("automountServiceAccountToken"),
    LIST_OF_OBJECTS("containers", &container),
    OBJECT("dnsConfig", &pod_dns_config),
    STRING("dnsPolicy"),
    BOOL("enableServiceLinks"),
    LIST_OF_OBJECTS("ephemeralContainers", &ephemeral_container),
    LIST_OF_OBJECTS("evictionResponders", &eviction_responder),
    LIST_OF_OBJECTS("hostAliases", &host_alias),
    BOOL("hostIPC"),
    BOOL("hostNetwork"),
    BOOL("hostPID"),
    BOOL("hostUsers"),
    STRING("hostname"),
    STRING("hostnameOverride"),
    LIST_OF_OBJECTS("imagePullSecrets", &local_object_reference),
    LIST_OF_OBJECTS("initContainers", &container),
    STRING("nodeName"),
    MAP_OF_STRINGS("nodeSelector"),
    OBJECT("os", &pod_os),
    MAP_OF_QUANTITIES("overhead"),
    STRING("preemptionPolicy"),
    INTEGER("priority"),
    STRING("priorityClassName"),
    LIST_OF_OBJECTS("readinessGates", &pod_readiness_gate),
    LIST_OF_OBJECTS("resourceClaims", &pod_resource_claim),
    OBJECT("resources", &resource_requirements),
    STRING("restartPolicy"),
    STRING("runtimeClassName"),
    STRING("schedulerName"),
    LIST_OF_OBJECTS("schedulingGates", &pod_scheduling_gate),
    OBJECT("schedulingGroup", &pod_scheduling_group),
    OBJECT("securityContext", &pod_security_context),
    STRING("serviceAccount"),
    STRING("serviceAccountName"),
    BOOL("setHostnameAsFQDN"),
    BOOL("shareProcessNamespace"),
    STRING("subdomain"),
    INTEGER("terminationGracePeriodSeconds"),
    LIST_OF_OBJECTS("tolerations", &toleration),
    LIST_OF_OBJECTS("topologySpreadConstraints", &topology_spread_constraint),
    LIST_OF_OBJECTS("volumes", &volume)};
const wb_schema wb_schema_pod_spec = WB_SCHEMA_OF(pod_spec_fields);

static const wb_schema_field pod_fields[] = {STRING("apiVersion"), STRING("kind"),
                                             OBJECT("metadata", &wb_schema_object_meta),
                                             OBJECT("spec", &wb_schema_pod_spec), ANY("status")};
const wb_schema wb_schema_pod = WB_SCHEMA_OF(pod_fields);

static const wb_schema_field pod_template_spec_fields[] = {
    OBJECT("metadata", &wb_schema_object_meta), OBJECT("spec", &wb_schema_pod_spec)};
const wb_schema wb_schema_pod_template_spec = WB_SCHEMA_OF(pod_template_spec_fields);
