/*
 * Fields of Karpenter's NodePool and NodeClaim (karpenter.sh/v1), the AWS provider's EC2NodeClass
 * (karpenter.k8s.aws/v1), and the kubelet configuration within it.
 * Source: the CRDs of August 2026, the json tags of k8s.io/kubelet v0.36.
 */
#include "kube/schema_table.h"

/* Tables are filled to the end of the line: one field a line would be 900 lines. */
/* clang-format off */

/* NodePool and NodeClaim. */
static const wb_schema_field requirement_fields[] = {
    WB_STRING("key"), WB_INTEGER("minValues"), WB_STRING("operator"), WB_LIST_OF_STRINGS("values")};
static const wb_schema requirement = WB_SCHEMA_OF(requirement_fields);
static const wb_schema_field node_class_reference_fields[] = {
    WB_STRING("group"), WB_STRING("kind"), WB_STRING("name")};
static const wb_schema node_class_reference = WB_SCHEMA_OF(node_class_reference_fields);
static const wb_schema_field budget_fields[] = {
    WB_STRING("duration"), WB_STRING("nodes"), WB_LIST_OF_STRINGS("reasons"),
    WB_STRING("schedule")};
static const wb_schema budget = WB_SCHEMA_OF(budget_fields);
static const wb_schema_field disruption_fields[] = {
    WB_LIST_OF_OBJECTS("budgets", &budget), WB_STRING("consolidateAfter"),
    WB_STRING("consolidationPolicy")};
static const wb_schema disruption = WB_SCHEMA_OF(disruption_fields);
static const wb_schema_field template_meta_fields[] = {
    WB_MAP_OF_STRINGS("annotations"), WB_MAP_OF_STRINGS("labels")};
static const wb_schema template_meta = WB_SCHEMA_OF(template_meta_fields);
static const wb_schema_field template_spec_fields[] = {
    WB_STRING("expireAfter"), WB_OBJECT("nodeClassRef", &node_class_reference),
    WB_LIST_OF_OBJECTS("requirements", &requirement),
    WB_LIST_OF_OBJECTS("startupTaints", &wb_schema_taint),
    WB_LIST_OF_OBJECTS("taints", &wb_schema_taint), WB_STRING("terminationGracePeriod")};
static const wb_schema template_spec = WB_SCHEMA_OF(template_spec_fields);
static const wb_schema_field node_claim_template_fields[] = {
    WB_OBJECT("metadata", &template_meta), WB_OBJECT("spec", &template_spec)};
static const wb_schema node_claim_template = WB_SCHEMA_OF(node_claim_template_fields);
static const wb_schema_field node_pool_spec_fields[] = {
    WB_OBJECT("disruption", &disruption), WB_MAP_OF_QUANTITIES("limits"), WB_INTEGER("replicas"),
    WB_OBJECT("template", &node_claim_template), WB_INTEGER("weight")};
static const wb_schema node_pool_spec = WB_SCHEMA_OF(node_pool_spec_fields);
static const wb_schema_field node_pool_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &node_pool_spec), WB_ANY("status")};
const wb_schema wb_schema_node_pool = WB_SCHEMA_OF(node_pool_fields);
static const wb_schema_field claim_resources_fields[] = {WB_MAP_OF_QUANTITIES("requests")};
static const wb_schema claim_resources = WB_SCHEMA_OF(claim_resources_fields);
static const wb_schema_field node_claim_spec_fields[] = {
    WB_STRING("expireAfter"), WB_OBJECT("nodeClassRef", &node_class_reference),
    WB_LIST_OF_OBJECTS("requirements", &requirement), WB_OBJECT("resources", &claim_resources),
    WB_LIST_OF_OBJECTS("startupTaints", &wb_schema_taint),
    WB_LIST_OF_OBJECTS("taints", &wb_schema_taint), WB_STRING("terminationGracePeriod")};
static const wb_schema node_claim_spec = WB_SCHEMA_OF(node_claim_spec_fields);
static const wb_schema_field node_claim_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &node_claim_spec), WB_ANY("status")};
const wb_schema wb_schema_node_claim = WB_SCHEMA_OF(node_claim_fields);

/* maxPods may be an expression per instance type; the provider reads the rest as it stands. */
static const wb_schema_field memory_swap_configuration_fields[] = {WB_STRING("swapBehavior")};
static const wb_schema memory_swap_configuration = WB_SCHEMA_OF(memory_swap_configuration_fields);
static const wb_schema_field shutdown_grace_period_by_pod_priority_fields[] = {
    WB_INTEGER("priority"), WB_INTEGER("shutdownGracePeriodSeconds")};
static const wb_schema shutdown_grace_period_by_pod_priority =
    WB_SCHEMA_OF(shutdown_grace_period_by_pod_priority_fields);
static const wb_schema_field memory_reservation_fields[] = {
    WB_MAP_OF_QUANTITIES("limits"), WB_INTEGER("numaNode")};
static const wb_schema memory_reservation = WB_SCHEMA_OF(memory_reservation_fields);
static const wb_schema_field user_namespaces_fields[] = {WB_INTEGER("idsPerPod")};
static const wb_schema user_namespaces = WB_SCHEMA_OF(user_namespaces_fields);
static const wb_schema_field kubelet_configuration_fields[] = {
    WB_STRING("address"), WB_LIST_OF_STRINGS("allowedUnsafeSysctls"), WB_STRING("apiVersion"),
    WB_ANY("authentication"), WB_ANY("authorization"), WB_STRING("cgroupDriver"),
    WB_STRING("cgroupRoot"), WB_BOOL("cgroupsPerQOS"), WB_LIST_OF_STRINGS("clusterDNS"),
    WB_STRING("clusterDomain"), WB_STRING("configMapAndSecretChangeDetectionStrategy"),
    WB_INTEGER("containerLogMaxFiles"), WB_STRING("containerLogMaxSize"),
    WB_INTEGER("containerLogMaxWorkers"), WB_STRING("containerLogMonitorInterval"),
    WB_STRING("containerRuntimeEndpoint"), WB_STRING("contentType"), WB_BOOL("cpuCFSQuota"),
    WB_STRING("cpuCFSQuotaPeriod"), WB_STRING("cpuManagerPolicy"),
    WB_MAP_OF_STRINGS("cpuManagerPolicyOptions"), WB_STRING("cpuManagerReconcilePeriod"),
    WB_ANY("crashLoopBackOff"), WB_MAP_OF_STRINGS("defaultPodSysctls"),
    WB_BOOL("enableContentionProfiling"), WB_BOOL("enableControllerAttachDetach"),
    WB_BOOL("enableDebugFlagsHandler"), WB_BOOL("enableDebuggingHandlers"),
    WB_BOOL("enableProfilingHandler"), WB_BOOL("enableServer"), WB_BOOL("enableSystemLogHandler"),
    WB_BOOL("enableSystemLogQuery"), WB_LIST_OF_STRINGS("enforceNodeAllocatable"),
    WB_INTEGER("eventBurst"), WB_INTEGER("eventRecordQPS"), WB_MAP_OF_STRINGS("evictionHard"),
    WB_INTEGER("evictionMaxPodGracePeriod"), WB_MAP_OF_STRINGS("evictionMinimumReclaim"),
    WB_STRING("evictionPressureTransitionPeriod"), WB_MAP_OF_STRINGS("evictionSoft"),
    WB_MAP_OF_STRINGS("evictionSoftGracePeriod"), WB_BOOL("failCgroupV1"), WB_BOOL("failSwapOn"),
    WB_MAP_OF_BOOLS("featureGates"), WB_STRING("fileCheckFrequency"), WB_STRING("hairpinMode"),
    WB_STRING("healthzBindAddress"), WB_INTEGER("healthzPort"), WB_STRING("httpCheckFrequency"),
    WB_INTEGER("imageGCHighThresholdPercent"), WB_INTEGER("imageGCLowThresholdPercent"),
    WB_STRING("imageMaximumGCAge"), WB_STRING("imageMinimumGCAge"),
    WB_STRING("imagePullCredentialsVerificationPolicy"), WB_STRING("imageServiceEndpoint"),
    WB_INTEGER("iptablesDropBit"), WB_INTEGER("iptablesMasqueradeBit"),
    WB_BOOL("kernelMemcgNotification"), WB_STRING("kind"), WB_INTEGER("kubeAPIBurst"),
    WB_INTEGER("kubeAPIQPS"), WB_MAP_OF_STRINGS("kubeReserved"), WB_STRING("kubeReservedCgroup"),
    WB_STRING("kubeletCgroups"), WB_BOOL("localStorageCapacityIsolation"), WB_ANY("logging"),
    WB_BOOL("makeIPTablesUtilChains"), WB_INTEGER("maxOpenFiles"),
    WB_INTEGER("maxParallelImagePulls"), WB_COUNT("maxPods"), WB_STRING("memoryManagerPolicy"),
    WB_STRING("memoryReservationPolicy"), WB_OBJECT("memorySwap", &memory_swap_configuration),
    WB_NUMBER("memoryThrottlingFactor"), WB_BOOL("mergeDefaultEvictionSettings"),
    WB_INTEGER("nodeLeaseDurationSeconds"), WB_INTEGER("nodeStatusMaxImages"),
    WB_STRING("nodeStatusReportFrequency"), WB_STRING("nodeStatusUpdateFrequency"),
    WB_INTEGER("oomScoreAdj"), WB_STRING("podCIDR"), WB_STRING("podLogsDir"),
    WB_INTEGER("podPidsLimit"), WB_INTEGER("podsPerCore"), WB_INTEGER("port"),
    WB_LIST_OF_STRINGS("preloadedImagesVerificationAllowlist"), WB_BOOL("protectKernelDefaults"),
    WB_STRING("providerID"), WB_MAP_OF_STRINGS("qosReserved"), WB_INTEGER("readOnlyPort"),
    WB_BOOL("registerNode"), WB_LIST_OF_OBJECTS("registerWithTaints", &wb_schema_taint),
    WB_INTEGER("registryBurst"), WB_INTEGER("registryPullQPS"),
    WB_LIST_OF_OBJECTS("reservedMemory", &memory_reservation), WB_STRING("reservedSystemCPUs"),
    WB_STRING("resolvConf"), WB_BOOL("rotateCertificates"), WB_BOOL("runOnce"),
    WB_STRING("runtimeRequestTimeout"), WB_BOOL("seccompDefault"), WB_BOOL("serializeImagePulls"),
    WB_BOOL("serverTLSBootstrap"), WB_STRING("showHiddenMetricsForVersion"),
    WB_STRING("shutdownGracePeriod"),
    WB_LIST_OF_OBJECTS("shutdownGracePeriodByPodPriority", &shutdown_grace_period_by_pod_priority),
    WB_STRING("shutdownGracePeriodCriticalPods"), WB_BOOL("singleProcessOOMKill"),
    WB_STRING("staticPodPath"), WB_STRING("staticPodURL"), WB_ANY("staticPodURLHeader"),
    WB_STRING("streamingConnectionIdleTimeout"), WB_STRING("syncFrequency"),
    WB_STRING("systemCgroups"), WB_MAP_OF_STRINGS("systemReserved"),
    WB_STRING("systemReservedCgroup"), WB_STRING("tlsCertFile"),
    WB_LIST_OF_STRINGS("tlsCipherSuites"), WB_LIST_OF_INTEGERS("tlsCurvePreferences"),
    WB_STRING("tlsMinVersion"), WB_STRING("tlsPrivateKeyFile"), WB_STRING("topologyManagerPolicy"),
    WB_MAP_OF_STRINGS("topologyManagerPolicyOptions"), WB_STRING("topologyManagerScope"),
    WB_ANY("tracing"), WB_OBJECT("userNamespaces", &user_namespaces), WB_STRING("volumePluginDir"),
    WB_STRING("volumeStatsAggPeriod")};
const wb_schema wb_schema_kubelet_configuration = WB_SCHEMA_OF(kubelet_configuration_fields);

/* EC2NodeClass: what selects subnets, security groups, images, reservations. */
static const wb_schema_field subnet_term_fields[] = {WB_STRING("id"), WB_MAP_OF_STRINGS("tags")};
static const wb_schema subnet_term = WB_SCHEMA_OF(subnet_term_fields);
static const wb_schema_field security_group_term_fields[] = {
    WB_STRING("id"), WB_STRING("name"), WB_MAP_OF_STRINGS("tags")};
static const wb_schema security_group_term = WB_SCHEMA_OF(security_group_term_fields);
static const wb_schema_field capacity_reservation_term_fields[] = {
    WB_STRING("id"), WB_STRING("instanceMatchCriteria"), WB_STRING("ownerID"),
    WB_MAP_OF_STRINGS("tags")};
static const wb_schema capacity_reservation_term = WB_SCHEMA_OF(capacity_reservation_term_fields);
static const wb_schema_field placement_group_selector_fields[] = {
    WB_STRING("id"), WB_STRING("name")};
static const wb_schema placement_group_selector = WB_SCHEMA_OF(placement_group_selector_fields);
static const wb_schema_field ami_term_fields[] = {
    WB_STRING("alias"), WB_STRING("id"), WB_STRING("name"), WB_STRING("owner"),
    WB_STRING("ssmParameter"), WB_MAP_OF_STRINGS("tags")};
static const wb_schema ami_term = WB_SCHEMA_OF(ami_term_fields);

/* How instances are set up: none of it changes what fits on them, but for the disks. */
static const wb_schema_field metadata_options_fields[] = {
    WB_STRING("httpEndpoint"), WB_STRING("httpProtocolIPv6"), WB_INTEGER("httpPutResponseHopLimit"),
    WB_STRING("httpTokens")};
static const wb_schema metadata_options = WB_SCHEMA_OF(metadata_options_fields);
static const wb_schema_field connection_tracking_fields[] = {
    WB_INTEGER("tcpEstablishedTimeout"), WB_INTEGER("udpStreamTimeout"), WB_INTEGER("udpTimeout")};
static const wb_schema connection_tracking = WB_SCHEMA_OF(connection_tracking_fields);
static const wb_schema_field block_device_fields[] = {
    WB_BOOL("deleteOnTermination"), WB_BOOL("encrypted"), WB_INTEGER("iops"), WB_STRING("kmsKeyID"),
    WB_STRING("snapshotID"), WB_INTEGER("throughput"), WB_INTEGER("volumeInitializationRate"),
    WB_QUANTITY("volumeSize"), WB_STRING("volumeType")};
static const wb_schema block_device = WB_SCHEMA_OF(block_device_fields);
static const wb_schema_field block_device_mapping_fields[] = {
    WB_STRING("deviceName"), WB_OBJECT("ebs", &block_device), WB_BOOL("rootVolume")};
static const wb_schema block_device_mapping = WB_SCHEMA_OF(block_device_mapping_fields);
static const wb_schema_field network_interface_fields[] = {
    WB_INTEGER("deviceIndex"), WB_STRING("interfaceType"), WB_INTEGER("networkCardIndex")};
static const wb_schema network_interface = WB_SCHEMA_OF(network_interface_fields);
static const wb_schema_field cpu_options_fields[] = {WB_STRING("nestedVirtualization")};
static const wb_schema cpu_options = WB_SCHEMA_OF(cpu_options_fields);
static const wb_schema_field node_class_spec_fields[] = {
    WB_STRING("amiFamily"), WB_LIST_OF_OBJECTS("amiSelectorTerms", &ami_term),
    WB_BOOL("associatePublicIPAddress"),
    WB_LIST_OF_OBJECTS("blockDeviceMappings", &block_device_mapping),
    WB_LIST_OF_OBJECTS("capacityReservationSelectorTerms", &capacity_reservation_term),
    WB_OBJECT("connectionTracking", &connection_tracking), WB_STRING("context"),
    WB_OBJECT("cpuOptions", &cpu_options), WB_BOOL("detailedMonitoring"),
    WB_STRING("instanceProfile"), WB_STRING("instanceStorePolicy"), WB_INTEGER("ipPrefixCount"),
    WB_OBJECT("kubelet", &wb_schema_kubelet_configuration),
    WB_OBJECT("metadataOptions", &metadata_options),
    WB_LIST_OF_OBJECTS("networkInterfaces", &network_interface),
    WB_OBJECT("placementGroupSelector", &placement_group_selector), WB_STRING("role"),
    WB_LIST_OF_OBJECTS("securityGroupSelectorTerms", &security_group_term),
    WB_LIST_OF_OBJECTS("subnetSelectorTerms", &subnet_term), WB_MAP_OF_STRINGS("tags"),
    WB_STRING("userData")};
static const wb_schema node_class_spec = WB_SCHEMA_OF(node_class_spec_fields);
static const wb_schema_field ec2_node_class_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &node_class_spec), WB_ANY("status")};
const wb_schema wb_schema_ec2_node_class = WB_SCHEMA_OF(ec2_node_class_fields);
static const wb_schema_field node_overlay_spec_fields[] = {
    WB_ANY("capacity"), WB_QUANTITY("price"), WB_STRING("priceAdjustment"),
    WB_LIST_OF_OBJECTS("requirements", &wb_schema_node_selector_requirement),
    WB_INTEGER("weight")};
static const wb_schema node_overlay_spec = WB_SCHEMA_OF(node_overlay_spec_fields);
static const wb_schema_field node_overlay_fields[] = {
    WB_STRING("apiVersion"), WB_STRING("kind"), WB_OBJECT("metadata", &wb_schema_object_meta),
    WB_OBJECT("spec", &node_overlay_spec), WB_ANY("status")};
const wb_schema wb_schema_node_overlay = WB_SCHEMA_OF(node_overlay_fields);
/* clang-format on */
