/*
 * Fields of Pod and PodTemplateSpec and of all that they are made of.
 * Source: the json tags of k8s.io/api v0.36 (core/v1), and clusterName of older API servers.
 */
#include "kube/schema_table.h"

/* Tables are filled to the end of the line: one field a line would be 900 lines. */
/* clang-format off */

/* Metadata of every object. Owners, name and labels decide; managedFields is the API server's
 * own bookkeeping and half of a dump. */
static const wb_schema_field owner_reference_fields[] = {
    WB_STRING("apiVersion"), WB_BOOL("blockOwnerDeletion"), WB_BOOL("controller"),
    WB_STRING("kind"), WB_STRING("name"), WB_STRING("uid")};
static const wb_schema owner_reference = WB_SCHEMA_OF(owner_reference_fields);
static const wb_schema_field object_meta_fields[] = {
    WB_MAP_OF_STRINGS("annotations"), WB_STRING("clusterName"), WB_STRING("creationTimestamp"),
    WB_INTEGER("deletionGracePeriodSeconds"), WB_STRING("deletionTimestamp"),
    WB_LIST_OF_STRINGS("finalizers"), WB_STRING("generateName"), WB_INTEGER("generation"),
    WB_MAP_OF_STRINGS("labels"), WB_ANY("managedFields"), WB_STRING("name"), WB_STRING("namespace"),
    WB_LIST_OF_OBJECTS("ownerReferences", &owner_reference), WB_STRING("resourceVersion"),
    WB_STRING("selfLink"), WB_STRING("uid")};
const wb_schema wb_schema_object_meta = WB_SCHEMA_OF(object_meta_fields);

/* Volume sources. Claims and generic ephemeral volumes tie a pod to a zone, emptyDir to its
 * node; the others tie it to nothing. Sources of other clouds are not looked into. */
static const wb_schema_field host_path_volume_source_fields[] = {
    WB_STRING("path"), WB_STRING("type")};
const wb_schema wb_schema_host_path_volume_source = WB_SCHEMA_OF(host_path_volume_source_fields);
static const wb_schema_field empty_dir_volume_source_fields[] = {
    WB_STRING("medium"), WB_INTEGER("mode"), WB_QUANTITY("sizeLimit")};
static const wb_schema empty_dir_volume_source = WB_SCHEMA_OF(empty_dir_volume_source_fields);
static const wb_schema_field aws_elastic_block_store_volume_source_fields[] = {
    WB_STRING("fsType"), WB_INTEGER("partition"), WB_BOOL("readOnly"), WB_STRING("volumeID")};
const wb_schema wb_schema_aws_elastic_block_store_volume_source =
    WB_SCHEMA_OF(aws_elastic_block_store_volume_source_fields);
static const wb_schema_field key_to_path_fields[] = {
    WB_STRING("key"), WB_INTEGER("mode"), WB_STRING("path"), WB_INTEGER("user")};
static const wb_schema key_to_path = WB_SCHEMA_OF(key_to_path_fields);
static const wb_schema_field secret_volume_source_fields[] = {
    WB_INTEGER("defaultMode"), WB_INTEGER("defaultUser"), WB_LIST_OF_OBJECTS("items", &key_to_path),
    WB_BOOL("optional"), WB_STRING("secretName")};
static const wb_schema secret_volume_source = WB_SCHEMA_OF(secret_volume_source_fields);
static const wb_schema_field nfs_volume_source_fields[] = {
    WB_STRING("path"), WB_BOOL("readOnly"), WB_STRING("server")};
const wb_schema wb_schema_nfs_volume_source = WB_SCHEMA_OF(nfs_volume_source_fields);
static const wb_schema_field persistent_volume_claim_volume_source_fields[] = {
    WB_STRING("claimName"), WB_BOOL("readOnly")};
static const wb_schema persistent_volume_claim_volume_source =
    WB_SCHEMA_OF(persistent_volume_claim_volume_source_fields);
static const wb_schema_field object_field_selector_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("fieldPath")};
static const wb_schema object_field_selector = WB_SCHEMA_OF(object_field_selector_fields);
static const wb_schema_field resource_field_selector_fields[] = {
    WB_STRING("containerName"), WB_QUANTITY("divisor"), WB_STRING("resource")};
static const wb_schema resource_field_selector = WB_SCHEMA_OF(resource_field_selector_fields);
static const wb_schema_field downward_api_volume_file_fields[] = {
    WB_OBJECT("fieldRef", &object_field_selector), WB_INTEGER("mode"), WB_STRING("path"),
    WB_OBJECT("resourceFieldRef", &resource_field_selector), WB_INTEGER("user")};
static const wb_schema downward_api_volume_file = WB_SCHEMA_OF(downward_api_volume_file_fields);
static const wb_schema_field downward_api_volume_source_fields[] = {
    WB_INTEGER("defaultMode"), WB_INTEGER("defaultUser"),
    WB_LIST_OF_OBJECTS("items", &downward_api_volume_file)};
static const wb_schema downward_api_volume_source = WB_SCHEMA_OF(downward_api_volume_source_fields);
static const wb_schema_field config_map_volume_source_fields[] = {
    WB_INTEGER("defaultMode"), WB_INTEGER("defaultUser"), WB_LIST_OF_OBJECTS("items", &key_to_path),
    WB_STRING("name"), WB_BOOL("optional")};
static const wb_schema config_map_volume_source = WB_SCHEMA_OF(config_map_volume_source_fields);
static const wb_schema_field secret_projection_fields[] = {
    WB_LIST_OF_OBJECTS("items", &key_to_path), WB_STRING("name"), WB_BOOL("optional")};
static const wb_schema secret_projection = WB_SCHEMA_OF(secret_projection_fields);
static const wb_schema_field downward_api_projection_fields[] = {
    WB_LIST_OF_OBJECTS("items", &downward_api_volume_file)};
static const wb_schema downward_api_projection = WB_SCHEMA_OF(downward_api_projection_fields);
static const wb_schema_field config_map_projection_fields[] = {
    WB_LIST_OF_OBJECTS("items", &key_to_path), WB_STRING("name"), WB_BOOL("optional")};
static const wb_schema config_map_projection = WB_SCHEMA_OF(config_map_projection_fields);
static const wb_schema_field service_account_token_projection_fields[] = {
    WB_STRING("audience"), WB_INTEGER("expirationSeconds"), WB_STRING("path"), WB_INTEGER("user")};
static const wb_schema service_account_token_projection =
    WB_SCHEMA_OF(service_account_token_projection_fields);

/* Label selectors, as affinity, spread, workloads and budgets use them. */
static const wb_schema_field label_selector_requirement_fields[] = {
    WB_STRING("key"), WB_STRING("operator"), WB_LIST_OF_STRINGS("values")};
static const wb_schema label_selector_requirement = WB_SCHEMA_OF(label_selector_requirement_fields);
static const wb_schema_field label_selector_fields[] = {
    WB_LIST_OF_OBJECTS("matchExpressions", &label_selector_requirement),
    WB_MAP_OF_STRINGS("matchLabels")};
const wb_schema wb_schema_label_selector = WB_SCHEMA_OF(label_selector_fields);

/* Projected volumes join several sources in one folder. */
static const wb_schema_field cluster_trust_bundle_projection_fields[] = {
    WB_OBJECT("labelSelector", &wb_schema_label_selector), WB_STRING("name"), WB_BOOL("optional"),
    WB_STRING("path"), WB_STRING("signerName"), WB_INTEGER("user")};
static const wb_schema cluster_trust_bundle_projection =
    WB_SCHEMA_OF(cluster_trust_bundle_projection_fields);
static const wb_schema_field pod_certificate_projection_fields[] = {
    WB_STRING("certificateChainPath"), WB_STRING("credentialBundlePath"), WB_STRING("keyPath"),
    WB_STRING("keyType"), WB_INTEGER("maxExpirationSeconds"), WB_STRING("signerName"),
    WB_INTEGER("user"), WB_MAP_OF_STRINGS("userAnnotations")};
static const wb_schema pod_certificate_projection = WB_SCHEMA_OF(pod_certificate_projection_fields);
static const wb_schema_field volume_projection_fields[] = {
    WB_OBJECT("clusterTrustBundle", &cluster_trust_bundle_projection),
    WB_OBJECT("configMap", &config_map_projection),
    WB_OBJECT("downwardAPI", &downward_api_projection),
    WB_OBJECT("podCertificate", &pod_certificate_projection),
    WB_OBJECT("secret", &secret_projection),
    WB_OBJECT("serviceAccountToken", &service_account_token_projection)};
static const wb_schema volume_projection = WB_SCHEMA_OF(volume_projection_fields);
static const wb_schema_field projected_volume_source_fields[] = {
    WB_INTEGER("defaultMode"), WB_INTEGER("defaultUser"),
    WB_LIST_OF_OBJECTS("sources", &volume_projection)};
static const wb_schema projected_volume_source = WB_SCHEMA_OF(projected_volume_source_fields);

/* References to objects of the same namespace, secrets above all. */
static const wb_schema_field local_object_reference_fields[] = {WB_STRING("name")};
static const wb_schema local_object_reference = WB_SCHEMA_OF(local_object_reference_fields);
static const wb_schema_field csi_volume_source_fields[] = {
    WB_STRING("driver"), WB_STRING("fsType"),
    WB_OBJECT("nodePublishSecretRef", &local_object_reference), WB_BOOL("readOnly"),
    WB_MAP_OF_STRINGS("volumeAttributes")};
static const wb_schema csi_volume_source = WB_SCHEMA_OF(csi_volume_source_fields);

/* Claims, also as templates within a pod. */
static const wb_schema_field volume_resource_requirements_fields[] = {
    WB_MAP_OF_QUANTITIES("limits"), WB_MAP_OF_QUANTITIES("requests")};
static const wb_schema volume_resource_requirements =
    WB_SCHEMA_OF(volume_resource_requirements_fields);
static const wb_schema_field typed_local_object_reference_fields[] = {
    WB_STRING("apiGroup"), WB_STRING("kind"), WB_STRING("name")};
static const wb_schema typed_local_object_reference =
    WB_SCHEMA_OF(typed_local_object_reference_fields);
static const wb_schema_field typed_object_reference_fields[] = {
    WB_STRING("apiGroup"), WB_STRING("kind"), WB_STRING("name"), WB_STRING("namespace")};
static const wb_schema typed_object_reference = WB_SCHEMA_OF(typed_object_reference_fields);
static const wb_schema_field persistent_volume_claim_spec_fields[] = {
    WB_LIST_OF_STRINGS("accessModes"), WB_OBJECT("dataSource", &typed_local_object_reference),
    WB_OBJECT("dataSourceRef", &typed_object_reference),
    WB_OBJECT("resources", &volume_resource_requirements),
    WB_OBJECT("selector", &wb_schema_label_selector), WB_STRING("storageClassName"),
    WB_STRING("volumeAttributesClassName"), WB_STRING("volumeMode"), WB_STRING("volumeName")};
const wb_schema wb_schema_persistent_volume_claim_spec =
    WB_SCHEMA_OF(persistent_volume_claim_spec_fields);
static const wb_schema_field persistent_volume_claim_template_fields[] = {
    WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &wb_schema_persistent_volume_claim_spec)};
static const wb_schema persistent_volume_claim_template =
    WB_SCHEMA_OF(persistent_volume_claim_template_fields);
static const wb_schema_field ephemeral_volume_source_fields[] = {
    WB_OBJECT("volumeClaimTemplate", &persistent_volume_claim_template)};
static const wb_schema ephemeral_volume_source = WB_SCHEMA_OF(ephemeral_volume_source_fields);
static const wb_schema_field image_volume_source_fields[] = {
    WB_STRING("pullPolicy"), WB_STRING("reference")};
static const wb_schema image_volume_source = WB_SCHEMA_OF(image_volume_source_fields);

/* One volume is a name and one of the sources. */
static const wb_schema_field volume_fields[] = {
    WB_OBJECT("awsElasticBlockStore", &wb_schema_aws_elastic_block_store_volume_source),
    WB_ANY("azureDisk"), WB_ANY("azureFile"), WB_ANY("cephfs"), WB_ANY("cinder"),
    WB_OBJECT("configMap", &config_map_volume_source), WB_OBJECT("csi", &csi_volume_source),
    WB_OBJECT("downwardAPI", &downward_api_volume_source),
    WB_OBJECT("emptyDir", &empty_dir_volume_source),
    WB_OBJECT("ephemeral", &ephemeral_volume_source), WB_ANY("fc"), WB_ANY("flexVolume"),
    WB_ANY("flocker"), WB_ANY("gcePersistentDisk"), WB_ANY("gitRepo"), WB_ANY("glusterfs"),
    WB_OBJECT("hostPath", &wb_schema_host_path_volume_source),
    WB_OBJECT("image", &image_volume_source), WB_ANY("iscsi"), WB_STRING("name"),
    WB_OBJECT("nfs", &wb_schema_nfs_volume_source),
    WB_OBJECT("persistentVolumeClaim", &persistent_volume_claim_volume_source),
    WB_ANY("photonPersistentDisk"), WB_ANY("portworxVolume"),
    WB_OBJECT("projected", &projected_volume_source), WB_ANY("quobyte"), WB_ANY("rbd"),
    WB_ANY("scaleIO"), WB_OBJECT("secret", &secret_volume_source), WB_ANY("storageos"),
    WB_ANY("vsphereVolume")};
static const wb_schema volume = WB_SCHEMA_OF(volume_fields);

/* Containers. Of all this only resources, ports and restart policies decide anything; the rest
 * is here so that a typo in a probe is told. */
static const wb_schema_field container_port_fields[] = {
    WB_INTEGER("containerPort"), WB_STRING("hostIP"), WB_INTEGER("hostPort"), WB_STRING("name"),
    WB_STRING("protocol")};
static const wb_schema container_port = WB_SCHEMA_OF(container_port_fields);

/* Environment, from fields of the pod, config maps and secrets. */
static const wb_schema_field config_map_env_source_fields[] = {
    WB_STRING("name"), WB_BOOL("optional")};
static const wb_schema config_map_env_source = WB_SCHEMA_OF(config_map_env_source_fields);
static const wb_schema_field secret_env_source_fields[] = {WB_STRING("name"), WB_BOOL("optional")};
static const wb_schema secret_env_source = WB_SCHEMA_OF(secret_env_source_fields);
static const wb_schema_field env_from_source_fields[] = {
    WB_OBJECT("configMapRef", &config_map_env_source), WB_STRING("prefix"),
    WB_OBJECT("secretRef", &secret_env_source)};
static const wb_schema env_from_source = WB_SCHEMA_OF(env_from_source_fields);
static const wb_schema_field config_map_key_selector_fields[] = {
    WB_STRING("key"), WB_STRING("name"), WB_BOOL("optional")};
static const wb_schema config_map_key_selector = WB_SCHEMA_OF(config_map_key_selector_fields);
static const wb_schema_field secret_key_selector_fields[] = {
    WB_STRING("key"), WB_STRING("name"), WB_BOOL("optional")};
static const wb_schema secret_key_selector = WB_SCHEMA_OF(secret_key_selector_fields);
static const wb_schema_field file_key_selector_fields[] = {
    WB_STRING("key"), WB_BOOL("optional"), WB_STRING("path"), WB_STRING("volumeName")};
static const wb_schema file_key_selector = WB_SCHEMA_OF(file_key_selector_fields);
static const wb_schema_field env_var_source_fields[] = {
    WB_OBJECT("configMapKeyRef", &config_map_key_selector),
    WB_OBJECT("fieldRef", &object_field_selector), WB_OBJECT("fileKeyRef", &file_key_selector),
    WB_OBJECT("resourceFieldRef", &resource_field_selector),
    WB_OBJECT("secretKeyRef", &secret_key_selector)};
static const wb_schema env_var_source = WB_SCHEMA_OF(env_var_source_fields);
static const wb_schema_field env_var_fields[] = {
    WB_STRING("name"), WB_STRING("value"), WB_OBJECT("valueFrom", &env_var_source)};
static const wb_schema env_var = WB_SCHEMA_OF(env_var_fields);

/* Requests, limits and claims of devices; resize policies of in-place resizes. */
static const wb_schema_field resource_claim_fields[] = {WB_STRING("name"), WB_STRING("request")};
static const wb_schema resource_claim = WB_SCHEMA_OF(resource_claim_fields);
static const wb_schema_field resource_requirements_fields[] = {
    WB_LIST_OF_OBJECTS("claims", &resource_claim), WB_MAP_OF_QUANTITIES("limits"),
    WB_MAP_OF_QUANTITIES("requests")};
static const wb_schema resource_requirements = WB_SCHEMA_OF(resource_requirements_fields);
static const wb_schema_field container_resize_policy_fields[] = {
    WB_STRING("resourceName"), WB_STRING("restartPolicy")};
static const wb_schema container_resize_policy = WB_SCHEMA_OF(container_resize_policy_fields);

/* Restart rules of single containers (Kubernetes 1.34 on). */
static const wb_schema_field container_restart_rule_on_exit_codes_fields[] = {
    WB_STRING("operator"), WB_LIST_OF_INTEGERS("values")};
static const wb_schema container_restart_rule_on_exit_codes =
    WB_SCHEMA_OF(container_restart_rule_on_exit_codes_fields);
static const wb_schema_field container_restart_rule_fields[] = {
    WB_STRING("action"), WB_OBJECT("exitCodes", &container_restart_rule_on_exit_codes)};
static const wb_schema container_restart_rule = WB_SCHEMA_OF(container_restart_rule_fields);

/* Where volumes go in a container. */
static const wb_schema_field volume_mount_fields[] = {
    WB_LIST_OF_STRINGS("bindMountOptions"), WB_STRING("mountPath"), WB_STRING("mountPropagation"),
    WB_STRING("name"), WB_BOOL("readOnly"), WB_STRING("recursiveReadOnly"), WB_STRING("subPath"),
    WB_STRING("subPathExpr")};
static const wb_schema volume_mount = WB_SCHEMA_OF(volume_mount_fields);
static const wb_schema_field volume_device_fields[] = {WB_STRING("devicePath"), WB_STRING("name")};
static const wb_schema volume_device = WB_SCHEMA_OF(volume_device_fields);

/* Probes and hooks. */
static const wb_schema_field exec_action_fields[] = {WB_LIST_OF_STRINGS("command")};
static const wb_schema exec_action = WB_SCHEMA_OF(exec_action_fields);
static const wb_schema_field http_header_fields[] = {WB_STRING("name"), WB_STRING("value")};
static const wb_schema http_header = WB_SCHEMA_OF(http_header_fields);
static const wb_schema_field http_get_action_fields[] = {
    WB_STRING("host"), WB_LIST_OF_OBJECTS("httpHeaders", &http_header), WB_STRING("path"),
    WB_COUNT("port"), WB_STRING("protocol"), WB_STRING("scheme")};
static const wb_schema http_get_action = WB_SCHEMA_OF(http_get_action_fields);
static const wb_schema_field tcp_socket_action_fields[] = {WB_STRING("host"), WB_COUNT("port")};
static const wb_schema tcp_socket_action = WB_SCHEMA_OF(tcp_socket_action_fields);
static const wb_schema_field grpc_action_fields[] = {
    WB_STRING("mode"), WB_INTEGER("port"), WB_STRING("service")};
static const wb_schema grpc_action = WB_SCHEMA_OF(grpc_action_fields);
static const wb_schema_field probe_fields[] = {
    WB_OBJECT("exec", &exec_action), WB_INTEGER("failureThreshold"),
    WB_OBJECT("grpc", &grpc_action), WB_OBJECT("httpGet", &http_get_action),
    WB_INTEGER("initialDelaySeconds"), WB_INTEGER("periodSeconds"), WB_INTEGER("successThreshold"),
    WB_OBJECT("tcpSocket", &tcp_socket_action), WB_INTEGER("terminationGracePeriodSeconds"),
    WB_INTEGER("timeoutSeconds")};
static const wb_schema probe = WB_SCHEMA_OF(probe_fields);
static const wb_schema_field sleep_action_fields[] = {WB_INTEGER("seconds")};
static const wb_schema sleep_action = WB_SCHEMA_OF(sleep_action_fields);
static const wb_schema_field lifecycle_handler_fields[] = {
    WB_OBJECT("exec", &exec_action), WB_OBJECT("httpGet", &http_get_action),
    WB_OBJECT("sleep", &sleep_action), WB_OBJECT("tcpSocket", &tcp_socket_action)};
static const wb_schema lifecycle_handler = WB_SCHEMA_OF(lifecycle_handler_fields);
static const wb_schema_field lifecycle_fields[] = {
    WB_OBJECT("postStart", &lifecycle_handler), WB_OBJECT("preStop", &lifecycle_handler),
    WB_STRING("stopSignal")};
static const wb_schema lifecycle = WB_SCHEMA_OF(lifecycle_fields);

/* Security contexts of containers. */
static const wb_schema_field capabilities_fields[] = {
    WB_LIST_OF_STRINGS("add"), WB_LIST_OF_STRINGS("drop")};
static const wb_schema capabilities = WB_SCHEMA_OF(capabilities_fields);
static const wb_schema_field se_linux_options_fields[] = {
    WB_STRING("level"), WB_STRING("role"), WB_STRING("type"), WB_STRING("user")};
static const wb_schema se_linux_options = WB_SCHEMA_OF(se_linux_options_fields);
static const wb_schema_field windows_security_context_options_fields[] = {
    WB_STRING("gmsaCredentialSpec"), WB_STRING("gmsaCredentialSpecName"), WB_BOOL("hostProcess"),
    WB_STRING("runAsUserName")};
static const wb_schema windows_security_context_options =
    WB_SCHEMA_OF(windows_security_context_options_fields);
static const wb_schema_field seccomp_profile_fields[] = {
    WB_STRING("localhostProfile"), WB_STRING("type")};
static const wb_schema seccomp_profile = WB_SCHEMA_OF(seccomp_profile_fields);
static const wb_schema_field app_armor_profile_fields[] = {
    WB_STRING("localhostProfile"), WB_STRING("type")};
static const wb_schema app_armor_profile = WB_SCHEMA_OF(app_armor_profile_fields);
static const wb_schema_field security_context_fields[] = {
    WB_BOOL("allowPrivilegeEscalation"), WB_OBJECT("appArmorProfile", &app_armor_profile),
    WB_OBJECT("capabilities", &capabilities), WB_BOOL("privileged"), WB_STRING("procMount"),
    WB_BOOL("readOnlyRootFilesystem"), WB_INTEGER("runAsGroup"), WB_BOOL("runAsNonRoot"),
    WB_INTEGER("runAsUser"), WB_OBJECT("seLinuxOptions", &se_linux_options),
    WB_OBJECT("seccompProfile", &seccomp_profile),
    WB_OBJECT("windowsOptions", &windows_security_context_options)};
static const wb_schema security_context = WB_SCHEMA_OF(security_context_fields);

/* A container, and the kind that is added for debugging. */
static const wb_schema_field container_fields[] = {
    WB_LIST_OF_STRINGS("args"), WB_LIST_OF_STRINGS("command"), WB_LIST_OF_OBJECTS("env", &env_var),
    WB_LIST_OF_OBJECTS("envFrom", &env_from_source), WB_STRING("image"),
    WB_STRING("imagePullPolicy"), WB_OBJECT("lifecycle", &lifecycle),
    WB_OBJECT("livenessProbe", &probe), WB_STRING("name"),
    WB_LIST_OF_OBJECTS("ports", &container_port), WB_OBJECT("readinessProbe", &probe),
    WB_LIST_OF_OBJECTS("resizePolicy", &container_resize_policy),
    WB_OBJECT("resources", &resource_requirements), WB_STRING("restartPolicy"),
    WB_LIST_OF_OBJECTS("restartPolicyRules", &container_restart_rule),
    WB_OBJECT("securityContext", &security_context), WB_OBJECT("startupProbe", &probe),
    WB_BOOL("stdin"), WB_BOOL("stdinOnce"), WB_STRING("terminationMessagePath"),
    WB_STRING("terminationMessagePolicy"), WB_BOOL("tty"),
    WB_LIST_OF_OBJECTS("volumeDevices", &volume_device),
    WB_LIST_OF_OBJECTS("volumeMounts", &volume_mount), WB_STRING("workingDir")};
static const wb_schema container = WB_SCHEMA_OF(container_fields);
static const wb_schema_field ephemeral_container_fields[] = {
    WB_LIST_OF_STRINGS("args"), WB_LIST_OF_STRINGS("command"), WB_LIST_OF_OBJECTS("env", &env_var),
    WB_LIST_OF_OBJECTS("envFrom", &env_from_source), WB_STRING("image"),
    WB_STRING("imagePullPolicy"), WB_OBJECT("lifecycle", &lifecycle),
    WB_OBJECT("livenessProbe", &probe), WB_STRING("name"),
    WB_LIST_OF_OBJECTS("ports", &container_port), WB_OBJECT("readinessProbe", &probe),
    WB_LIST_OF_OBJECTS("resizePolicy", &container_resize_policy),
    WB_OBJECT("resources", &resource_requirements), WB_STRING("restartPolicy"),
    WB_LIST_OF_OBJECTS("restartPolicyRules", &container_restart_rule),
    WB_OBJECT("securityContext", &security_context), WB_OBJECT("startupProbe", &probe),
    WB_BOOL("stdin"), WB_BOOL("stdinOnce"), WB_STRING("targetContainerName"),
    WB_STRING("terminationMessagePath"), WB_STRING("terminationMessagePolicy"), WB_BOOL("tty"),
    WB_LIST_OF_OBJECTS("volumeDevices", &volume_device),
    WB_LIST_OF_OBJECTS("volumeMounts", &volume_mount), WB_STRING("workingDir")};
static const wb_schema ephemeral_container = WB_SCHEMA_OF(ephemeral_container_fields);

/* Security context of the pod. */
static const wb_schema_field sysctl_fields[] = {WB_STRING("name"), WB_STRING("value")};
static const wb_schema sysctl = WB_SCHEMA_OF(sysctl_fields);
static const wb_schema_field pod_security_context_fields[] = {
    WB_OBJECT("appArmorProfile", &app_armor_profile), WB_INTEGER("fsGroup"),
    WB_STRING("fsGroupChangePolicy"), WB_INTEGER("runAsGroup"), WB_BOOL("runAsNonRoot"),
    WB_INTEGER("runAsUser"), WB_STRING("seLinuxChangePolicy"),
    WB_OBJECT("seLinuxOptions", &se_linux_options), WB_OBJECT("seccompProfile", &seccomp_profile),
    WB_LIST_OF_INTEGERS("supplementalGroups"), WB_STRING("supplementalGroupsPolicy"),
    WB_LIST_OF_OBJECTS("sysctls", &sysctl),
    WB_OBJECT("windowsOptions", &windows_security_context_options)};
static const wb_schema pod_security_context = WB_SCHEMA_OF(pod_security_context_fields);

/* Node affinity, also of volumes. */
static const wb_schema_field node_selector_requirement_fields[] = {
    WB_STRING("key"), WB_STRING("operator"), WB_LIST_OF_STRINGS("values")};
const wb_schema wb_schema_node_selector_requirement =
    WB_SCHEMA_OF(node_selector_requirement_fields);
static const wb_schema_field node_selector_term_fields[] = {
    WB_LIST_OF_OBJECTS("matchExpressions", &wb_schema_node_selector_requirement),
    WB_LIST_OF_OBJECTS("matchFields", &wb_schema_node_selector_requirement)};
const wb_schema wb_schema_node_selector_term = WB_SCHEMA_OF(node_selector_term_fields);
static const wb_schema_field node_selector_fields[] = {
    WB_LIST_OF_OBJECTS("nodeSelectorTerms", &wb_schema_node_selector_term)};
const wb_schema wb_schema_node_selector = WB_SCHEMA_OF(node_selector_fields);
static const wb_schema_field preferred_scheduling_term_fields[] = {
    WB_OBJECT("preference", &wb_schema_node_selector_term), WB_INTEGER("weight")};
static const wb_schema preferred_scheduling_term = WB_SCHEMA_OF(preferred_scheduling_term_fields);
static const wb_schema_field node_affinity_fields[] = {

    WB_LIST_OF_OBJECTS("preferredDuringSchedulingIgnoredDuringExecution",
        &preferred_scheduling_term),
    WB_OBJECT("requiredDuringSchedulingIgnoredDuringExecution", &wb_schema_node_selector)};
static const wb_schema node_affinity = WB_SCHEMA_OF(node_affinity_fields);

/* Pod affinity and anti-affinity. */
static const wb_schema_field pod_affinity_term_fields[] = {
    WB_OBJECT("labelSelector", &wb_schema_label_selector), WB_LIST_OF_STRINGS("matchLabelKeys"),
    WB_LIST_OF_STRINGS("mismatchLabelKeys"),
    WB_OBJECT("namespaceSelector", &wb_schema_label_selector), WB_LIST_OF_STRINGS("namespaces"),
    WB_STRING("topologyKey")};
static const wb_schema pod_affinity_term = WB_SCHEMA_OF(pod_affinity_term_fields);
static const wb_schema_field weighted_pod_affinity_term_fields[] = {
    WB_OBJECT("podAffinityTerm", &pod_affinity_term), WB_INTEGER("weight")};
static const wb_schema weighted_pod_affinity_term = WB_SCHEMA_OF(weighted_pod_affinity_term_fields);
static const wb_schema_field pod_affinity_fields[] = {

    WB_LIST_OF_OBJECTS("preferredDuringSchedulingIgnoredDuringExecution",
        &weighted_pod_affinity_term),
    WB_LIST_OF_OBJECTS("requiredDuringSchedulingIgnoredDuringExecution", &pod_affinity_term)};
static const wb_schema pod_affinity = WB_SCHEMA_OF(pod_affinity_fields);
static const wb_schema_field pod_anti_affinity_fields[] = {

    WB_LIST_OF_OBJECTS("preferredDuringSchedulingIgnoredDuringExecution",
        &weighted_pod_affinity_term),
    WB_LIST_OF_OBJECTS("requiredDuringSchedulingIgnoredDuringExecution", &pod_affinity_term)};
static const wb_schema pod_anti_affinity = WB_SCHEMA_OF(pod_anti_affinity_fields);
static const wb_schema_field affinity_fields[] = {
    WB_OBJECT("nodeAffinity", &node_affinity), WB_OBJECT("podAffinity", &pod_affinity),
    WB_OBJECT("podAntiAffinity", &pod_anti_affinity)};
static const wb_schema affinity = WB_SCHEMA_OF(affinity_fields);

/* Tolerations and the rest of a pod's spec. */
static const wb_schema_field toleration_fields[] = {
    WB_STRING("effect"), WB_STRING("key"), WB_STRING("operator"), WB_INTEGER("tolerationSeconds"),
    WB_STRING("value")};
static const wb_schema toleration = WB_SCHEMA_OF(toleration_fields);
static const wb_schema_field host_alias_fields[] = {
    WB_LIST_OF_STRINGS("hostnames"), WB_STRING("ip")};
static const wb_schema host_alias = WB_SCHEMA_OF(host_alias_fields);
static const wb_schema_field pod_dns_config_option_fields[] = {
    WB_STRING("name"), WB_STRING("value")};
static const wb_schema pod_dns_config_option = WB_SCHEMA_OF(pod_dns_config_option_fields);
static const wb_schema_field pod_dns_config_fields[] = {
    WB_LIST_OF_STRINGS("nameservers"), WB_LIST_OF_OBJECTS("options", &pod_dns_config_option),
    WB_LIST_OF_STRINGS("searches")};
static const wb_schema pod_dns_config = WB_SCHEMA_OF(pod_dns_config_fields);
static const wb_schema_field pod_readiness_gate_fields[] = {WB_STRING("conditionType")};
static const wb_schema pod_readiness_gate = WB_SCHEMA_OF(pod_readiness_gate_fields);

/* Topology spread. */
static const wb_schema_field topology_spread_constraint_fields[] = {
    WB_OBJECT("labelSelector", &wb_schema_label_selector), WB_LIST_OF_STRINGS("matchLabelKeys"),
    WB_INTEGER("maxSkew"), WB_INTEGER("minDomains"), WB_STRING("nodeAffinityPolicy"),
    WB_STRING("nodeTaintsPolicy"), WB_STRING("topologyKey"), WB_STRING("whenUnsatisfiable")};
static const wb_schema topology_spread_constraint = WB_SCHEMA_OF(topology_spread_constraint_fields);

/* Gates, claims and groups of newer schedulers. */
static const wb_schema_field pod_os_fields[] = {WB_STRING("name")};
static const wb_schema pod_os = WB_SCHEMA_OF(pod_os_fields);
static const wb_schema_field pod_scheduling_gate_fields[] = {WB_STRING("name")};
static const wb_schema pod_scheduling_gate = WB_SCHEMA_OF(pod_scheduling_gate_fields);
static const wb_schema_field pod_resource_claim_fields[] = {
    WB_STRING("name"), WB_STRING("resourceClaimName"), WB_STRING("resourceClaimTemplateName")};
static const wb_schema pod_resource_claim = WB_SCHEMA_OF(pod_resource_claim_fields);
static const wb_schema_field pod_scheduling_group_fields[] = {WB_STRING("podGroupName")};
static const wb_schema pod_scheduling_group = WB_SCHEMA_OF(pod_scheduling_group_fields);
static const wb_schema_field eviction_responder_fields[] = {
    WB_STRING("name"), WB_INTEGER("priority")};
static const wb_schema eviction_responder = WB_SCHEMA_OF(eviction_responder_fields);

/* The spec, the pod, and the template that workloads make pods of. */
static const wb_schema_field pod_spec_fields[] = {
    WB_INTEGER("activeDeadlineSeconds"), WB_OBJECT("affinity", &affinity),
    WB_BOOL("automountServiceAccountToken"), WB_LIST_OF_OBJECTS("containers", &container),
    WB_OBJECT("dnsConfig", &pod_dns_config), WB_STRING("dnsPolicy"), WB_BOOL("enableServiceLinks"),
    WB_LIST_OF_OBJECTS("ephemeralContainers", &ephemeral_container),
    WB_LIST_OF_OBJECTS("evictionResponders", &eviction_responder),
    WB_LIST_OF_OBJECTS("hostAliases", &host_alias), WB_BOOL("hostIPC"), WB_BOOL("hostNetwork"),
    WB_BOOL("hostPID"), WB_BOOL("hostUsers"), WB_STRING("hostname"), WB_STRING("hostnameOverride"),
    WB_LIST_OF_OBJECTS("imagePullSecrets", &local_object_reference),
    WB_LIST_OF_OBJECTS("initContainers", &container), WB_STRING("nodeName"),
    WB_MAP_OF_STRINGS("nodeSelector"), WB_OBJECT("os", &pod_os), WB_MAP_OF_QUANTITIES("overhead"),
    WB_STRING("preemptionPolicy"), WB_INTEGER("priority"), WB_STRING("priorityClassName"),
    WB_LIST_OF_OBJECTS("readinessGates", &pod_readiness_gate),
    WB_LIST_OF_OBJECTS("resourceClaims", &pod_resource_claim),
    WB_OBJECT("resources", &resource_requirements), WB_STRING("restartPolicy"),
    WB_STRING("runtimeClassName"), WB_STRING("schedulerName"),
    WB_LIST_OF_OBJECTS("schedulingGates", &pod_scheduling_gate),
    WB_OBJECT("schedulingGroup", &pod_scheduling_group),
    WB_OBJECT("securityContext", &pod_security_context), WB_STRING("serviceAccount"),
    WB_STRING("serviceAccountName"), WB_BOOL("setHostnameAsFQDN"), WB_BOOL("shareProcessNamespace"),
    WB_STRING("subdomain"), WB_INTEGER("terminationGracePeriodSeconds"),
    WB_LIST_OF_OBJECTS("tolerations", &toleration),
    WB_LIST_OF_OBJECTS("topologySpreadConstraints", &topology_spread_constraint),
    WB_LIST_OF_OBJECTS("volumes", &volume)};
const wb_schema wb_schema_pod_spec = WB_SCHEMA_OF(pod_spec_fields);
static const wb_schema_field pod_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &wb_schema_pod_spec), WB_ANY("status")};
const wb_schema wb_schema_pod = WB_SCHEMA_OF(pod_fields);
static const wb_schema_field pod_template_spec_fields[] = {
    WB_OBJECT("metadata", &wb_schema_object_meta), WB_OBJECT("spec", &wb_schema_pod_spec)};
const wb_schema wb_schema_pod_template_spec = WB_SCHEMA_OF(pod_template_spec_fields);
/* clang-format on */
