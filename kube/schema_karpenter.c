/*
 * Fields of Karpenter's NodePool and NodeClaim (karpenter.sh/v1), the AWS provider's EC2NodeClass
 * (karpenter.k8s.aws/v1), and the kubelet configuration within it.
 * Source: the CRDs of August 2026, the json tags of k8s.io/kubelet v0.36.
 */
#include "kube/schema_table.h"

static const wb_schema_field requirement_fields[] = {STRING("key"), INTEGER("minValues"),
                                                     STRING("operator"), LIST_OF_STRINGS("values")};
static const wb_schema requirement = WB_SCHEMA_OF(requirement_fields);

static const wb_schema_field node_class_reference_fields[] = {STRING("group"), STRING("kind"),
                                                              STRING("name")};
static const wb_schema node_class_reference = WB_SCHEMA_OF(node_class_reference_fields);

static const wb_schema_field budget_fields[] = {STRING("duration"), STRING("nodes"),
                                                LIST_OF_STRINGS("reasons"), STRING("schedule")};
static const wb_schema budget = WB_SCHEMA_OF(budget_fields);

static const wb_schema_field disruption_fields[] = {LIST_OF_OBJECTS("budgets", &budget),
                                                    STRING("consolidateAfter"),
                                                    STRING("consolidationPolicy")};
static const wb_schema disruption = WB_SCHEMA_OF(disruption_fields);

static const wb_schema_field template_meta_fields[] = {MAP_OF_STRINGS("annotations"),
                                                       MAP_OF_STRINGS("labels")};
static const wb_schema template_meta = WB_SCHEMA_OF(template_meta_fields);

static const wb_schema_field template_spec_fields[] = {
    STRING("expireAfter"),
    OBJECT("nodeClassRef", &node_class_reference),
    LIST_OF_OBJECTS("requirements", &requirement),
    LIST_OF_OBJECTS("startupTaints", &wb_schema_taint),
    LIST_OF_OBJECTS("taints", &wb_schema_taint),
    STRING("terminationGracePeriod")};
static const wb_schema template_spec = WB_SCHEMA_OF(template_spec_fields);

static const wb_schema_field node_claim_template_fields[] = {OBJECT("metadata", &template_meta),
                                                             OBJECT("spec", &template_spec)};
static const wb_schema node_claim_template = WB_SCHEMA_OF(node_claim_template_fields);

static const wb_schema_field node_pool_spec_fields[] = {
    OBJECT("disruption", &disruption), MAP_OF_QUANTITIES("limits"), INTEGER("replicas"),
    OBJECT("template", &node_claim_template), INTEGER("weight")};
static const wb_schema node_pool_spec = WB_SCHEMA_OF(node_pool_spec_fields);

static const wb_schema_field node_pool_fields[] = {STRING("apiVersion"), STRING("kind"),
                                                   OBJECT("metadata", &wb_schema_object_meta),
                                                   OBJECT("spec", &node_pool_spec), ANY("status")};
const wb_schema wb_schema_node_pool = WB_SCHEMA_OF(node_pool_fields);

static const wb_schema_field claim_resources_fields[] = {MAP_OF_QUANTITIES("requests")};
static const wb_schema claim_resources = WB_SCHEMA_OF(claim_resources_fields);

static const wb_schema_field node_claim_spec_fields[] = {
    STRING("expireAfter"),
    OBJECT("nodeClassRef", &node_class_reference),
    LIST_OF_OBJECTS("requirements", &requirement),
    OBJECT("resources", &claim_resources),
    LIST_OF_OBJECTS("startupTaints", &wb_schema_taint),
    LIST_OF_OBJECTS("taints", &wb_schema_taint),
    STRING("terminationGracePeriod")};
static const wb_schema node_claim_spec = WB_SCHEMA_OF(node_claim_spec_fields);

static const wb_schema_field node_claim_fields[] = {STRING("apiVersion"), STRING("kind"),
                                                    OBJECT("metadata", &wb_schema_object_meta),
                                                    OBJECT("spec", &node_claim_spec),
                                                    ANY("status")};
const wb_schema wb_schema_node_claim = WB_SCHEMA_OF(node_claim_fields);

/* maxPods may be an expression per instance type; the provider reads the rest as it stands. */
static const wb_schema_field memory_swap_configuration_fields[] = {STRING("swapBehavior")};
static const wb_schema memory_swap_configuration = WB_SCHEMA_OF(memory_swap_configuration_fields);

static const wb_schema_field shutdown_grace_period_by_pod_priority_fields[] = {
    INTEGER("priority"), INTEGER("shutdownGracePeriodSeconds")};
static const wb_schema shutdown_grace_period_by_pod_priority =
    WB_SCHEMA_OF(shutdown_grace_period_by_pod_priority_fields);

static const wb_schema_field memory_reservation_fields[] = {MAP_OF_QUANTITIES("limits"),
                                                            INTEGER("numaNode")};
static const wb_schema memory_reservation = WB_SCHEMA_OF(memory_reservation_fields);

static const wb_schema_field user_namespaces_fields[] = {INTEGER("idsPerPod")};
static const wb_schema user_namespaces = WB_SCHEMA_OF(user_namespaces_fields);

static const wb_schema_field kubelet_configuration_fields[] = {
    STRING("address"),
    LIST_OF_STRINGS("allowedUnsafeSysctls"),
    STRING("apiVersion"),
    ANY("authentication"),
    ANY("authorization"),
    STRING("cgroupDriver"),
    STRING("cgroupRoot"),
    BOOL("cgroupsPerQOS"),
    LIST_OF_STRINGS("clusterDNS"),
    STRING("clusterDomain"),
    STRING("configMapAndSecretChangeDetectionStrategy"),
    INTEGER("containerLogMaxFiles"),
    STRING("containerLogMaxSize"),
    INTEGER("containerLogMaxWorkers"),
    STRING("containerLogMonitorInterval"),
    STRING("containerRuntimeEndpoint"),
    STRING("contentType"),
    BOOL("cpuCFSQuota"),
    STRING("cpuCFSQuotaPeriod"),
    STRING("cpuManagerPolicy"),
    MAP_OF_STRINGS("cpuManagerPolicyOptions"),
    STRING("cpuManagerReconcilePeriod"),
    ANY("crashLoopBackOff"),
    MAP_OF_STRINGS("defaultPodSysctls"),
    BOOL("enableContentionProfiling"),
    BOOL("enableControllerAttachDetach"),
    BOOL("enableDebugFlagsHandler"),
    BOOL("enableDebuggingHandlers"),
    BOOL("enableProfilingHandler"),
    BOOL("enableServer"),
    BOOL("enableSystemLogHandler"),
    BOOL("enableSystemLogQuery"),
    LIST_OF_STRINGS("enforceNodeAllocatable"),
    INTEGER("eventBurst"),
    INTEGER("eventRecordQPS"),
    MAP_OF_STRINGS("evictionHard"),
    INTEGER("evictionMaxPodGracePeriod"),
    MAP_OF_STRINGS("evictionMinimumReclaim"),
    STRING("evictionPressureTransitionPeriod"),
    MAP_OF_STRINGS("evictionSoft"),
    MAP_OF_STRINGS("evictionSoftGracePeriod"),
    BOOL("failCgroupV1"),
    BOOL("failSwapOn"),
    MAP_OF_BOOLS("featureGates"),
    STRING("fileCheckFrequency"),
    STRING("hairpinMode"),
    STRING("healthzBindAddress"),
    INTEGER("healthzPort"),
    STRING("httpCheckFrequency"),
    INTEGER("imageGCHighThresholdPercent"),
    INTEGER("imageGCLowThresholdPercent"),
    STRING("imageMaximumGCAge"),
    STRING("imageMinimumGCAge"),
    STRING("imagePullCredentialsVerificationPolicy"),
    STRING("imageServiceEndpoint"),
    INTEGER("iptablesDropBit"),
    INTEGER("iptablesMasqueradeBit"),
    BOOL("kernelMemcgNotification"),
    STRING("kind"),
    INTEGER("kubeAPIBurst"),
    INTEGER("kubeAPIQPS"),
    MAP_OF_STRINGS("kubeReserved"),
    STRING("kubeReservedCgroup"),
    STRING("kubeletCgroups"),
    BOOL("localStorageCapacityIsolation"),
    ANY("logging"),
    BOOL("makeIPTablesUtilChains"),
    INTEGER("maxOpenFiles"),
    INTEGER("maxParallelImagePulls"),
    COUNT("maxPods"),
    STRING("memoryManagerPolicy"),
    STRING("memoryReservationPolicy"),
    OBJECT("memorySwap", &memory_swap_configuration),
    NUMBER("memoryThrottlingFactor"),
    BOOL("mergeDefaultEvictionSettings"),
    INTEGER("nodeLeaseDurationSeconds"),
    INTEGER("nodeStatusMaxImages"),
    STRING("nodeStatusReportFrequency"),
    STRING("nodeStatusUpdateFrequency"),
    INTEGER("oomScoreAdj"),
    STRING("podCIDR"),
    STRING("podLogsDir"),
    INTEGER("podPidsLimit"),
    INTEGER("podsPerCore"),
    INTEGER("port"),
    LIST_OF_STRINGS("preloadedImagesVerificationAllowlist"),
    BOOL("protectKernelDefaults"),
    STRING("providerID"),
    MAP_OF_STRINGS("qosReserved"),
    INTEGER("readOnlyPort"),
    BOOL("registerNode"),
    LIST_OF_OBJECTS("registerWithTaints", &wb_schema_taint),
    INTEGER("registryBurst"),
    INTEGER("registryPullQPS"),
    LIST_OF_OBJECTS("reservedMemory", &memory_reservation),
    STRING("reservedSystemCPUs"),
    STRING("resolvConf"),
    BOOL("rotateCertificates"),
    BOOL("runOnce"),
    STRING("runtimeRequestTimeout"),
    BOOL("seccompDefault"),
    BOOL("serializeImagePulls"),
    BOOL("serverTLSBootstrap"),
    STRING("showHiddenMetricsForVersion"),
    STRING("shutdownGracePeriod"),
    LIST_OF_OBJECTS("shutdownGracePeriodByPodPriority", &shutdown_grace_period_by_pod_priority),
    STRING("shutdownGracePeriodCriticalPods"),
    BOOL("singleProcessOOMKill"),
    STRING("staticPodPath"),
    STRING("staticPodURL"),
    ANY("staticPodURLHeader"),
    STRING("streamingConnectionIdleTimeout"),
    STRING("syncFrequency"),
    STRING("systemCgroups"),
    MAP_OF_STRINGS("systemReserved"),
    STRING("systemReservedCgroup"),
    STRING("tlsCertFile"),
    LIST_OF_STRINGS("tlsCipherSuites"),
    LIST_OF_INTEGERS("tlsCurvePreferences"),
    STRING("tlsMinVersion"),
    STRING("tlsPrivateKeyFile"),
    STRING("topologyManagerPolicy"),
    MAP_OF_STRINGS("topologyManagerPolicyOptions"),
    STRING("topologyManagerScope"),
    ANY("tracing"),
    OBJECT("userNamespaces", &user_namespaces),
    STRING("volumePluginDir"),
    STRING("volumeStatsAggPeriod")};
const wb_schema wb_schema_kubelet_configuration = WB_SCHEMA_OF(kubelet_configuration_fields);

static const wb_schema_field subnet_term_fields[] = {STRING("id"), MAP_OF_STRINGS("tags")};
static const wb_schema subnet_term = WB_SCHEMA_OF(subnet_term_fields);

static const wb_schema_field security_group_term_fields[] = {STRING("id"), STRING("name"),
                                                             MAP_OF_STRINGS("tags")};
static const wb_schema security_group_term = WB_SCHEMA_OF(security_group_term_fields);

static const wb_schema_field capacity_reservation_term_fields[] = {
    STRING("id"), STRING("instanceMatchCriteria"), STRING("ownerID"), MAP_OF_STRINGS("tags")};
static const wb_schema capacity_reservation_term = WB_SCHEMA_OF(capacity_reservation_term_fields);

static const wb_schema_field placement_group_selector_fields[] = {STRING("id"), STRING("name")};
static const wb_schema placement_group_selector = WB_SCHEMA_OF(placement_group_selector_fields);

static const wb_schema_field ami_term_fields[] = {STRING("alias"),        STRING("id"),
                                                  STRING("name"),         STRING("owner"),
                                                  STRING("ssmParameter"), MAP_OF_STRINGS("tags")};
static const wb_schema ami_term = WB_SCHEMA_OF(ami_term_fields);

static const wb_schema_field metadata_options_fields[] = {STRING("httpEndpoint"),
                                                          STRING("httpProtocolIPv6"),
                                                          INTEGER("httpPutResponseHopLimit"),
                                                          STRING("httpTokens")};
static const wb_schema metadata_options = WB_SCHEMA_OF(metadata_options_fields);

static const wb_schema_field connection_tracking_fields[] = {INTEGER("tcpEstablishedTimeout"),
                                                             INTEGER("udpStreamTimeout"),
                                                             INTEGER("udpTimeout")};
static const wb_schema connection_tracking = WB_SCHEMA_OF(connection_tracking_fields);

static const wb_schema_field block_device_fields[] = {BOOL("deleteOnTermination"),
                                                      BOOL("encrypted"),
                                                      INTEGER("iops"),
                                                      STRING("kmsKeyID"),
                                                      STRING("snapshotID"),
                                                      INTEGER("throughput"),
                                                      INTEGER("volumeInitializationRate"),
                                                      QUANTITY("volumeSize"),
                                                      STRING("volumeType")};
static const wb_schema block_device = WB_SCHEMA_OF(block_device_fields);

static const wb_schema_field block_device_mapping_fields[] = {STRING("deviceName"),
                                                              OBJECT("ebs", &block_device),
                                                              BOOL("rootVolume")};
static const wb_schema block_device_mapping = WB_SCHEMA_OF(block_device_mapping_fields);

static const wb_schema_field network_interface_fields[] = {INTEGER("deviceIndex"),
                                                           STRING("interfaceType"),
                                                           INTEGER("networkCardIndex")};
static const wb_schema network_interface = WB_SCHEMA_OF(network_interface_fields);

static const wb_schema_field cpu_options_fields[] = {STRING("nestedVirtualization")};
static const wb_schema cpu_options = WB_SCHEMA_OF(cpu_options_fields);

static const wb_schema_field node_class_spec_fields[] = {
    STRING("amiFamily"),
    LIST_OF_OBJECTS("amiSelectorTerms", &ami_term),
    BOOL("associatePublicIPAddress"),
    LIST_OF_OBJECTS("blockDeviceMappings", &block_device_mapping),
    LIST_OF_OBJECTS("capacityReservationSelectorTerms", &capacity_reservation_term),
    OBJECT("connectionTracking", &connection_tracking),
    STRING("context"),
    OBJECT("cpuOptions", &cpu_options),
    BOOL("detailedMonitoring"),
    STRING("instanceProfile"),
    STRING("instanceStorePolicy"),
    INTEGER("ipPrefixCount"),
    OBJECT("kubelet", &wb_schema_kubelet_configuration),
    OBJECT("metadataOptions", &metadata_options),
    LIST_OF_OBJECTS("networkInterfaces", &network_interface),
    OBJECT("placementGroupSelector", &placement_group_selector),
    STRING("role"),
    LIST_OF_OBJECTS("securityGroupSelectorTerms", &security_group_term),
    LIST_OF_OBJECTS("subnetSelectorTerms", &subnet_term),
    MAP_OF_STRINGS("tags"),
    STRING("userData")};
static const wb_schema node_class_spec = WB_SCHEMA_OF(node_class_spec_fields);

static const wb_schema_field ec2_node_class_fields[] = {STRING("apiVersion"), STRING("kind"),
                                                        OBJECT("metadata", &wb_schema_object_meta),
                                                        OBJECT("spec", &node_class_spec),
                                                        ANY("status")};
const wb_schema wb_schema_ec2_node_class = WB_SCHEMA_OF(ec2_node_class_fields);
