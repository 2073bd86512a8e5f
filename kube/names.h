/*
 * The strings that Kubernetes, Karpenter and EC2 gave a meaning to, interned at fixed ids, so that
 * code compares with WB_NAME_ZONE and never with a literal.
 *
 * Call wb_names_init on a fresh wb_intern before anything else is interned.
 */
#ifndef WB_KUBE_NAMES_H
#define WB_KUBE_NAMES_H

#include <stdbool.h>

#include "base/intern.h"

/* X(constant, text). Append at the end only within a group; the order fixes ids, not meaning. */
#define WB_NAMES(X)                                                                               \
    /* resources */                                                                               \
    X(CPU, "cpu")                                                                                 \
    X(MEMORY, "memory")                                                                           \
    X(PODS, "pods")                                                                               \
    X(EPHEMERAL_STORAGE, "ephemeral-storage")                                                     \
    X(NVIDIA_GPU, "nvidia.com/gpu")                                                               \
    X(AMD_GPU, "amd.com/gpu")                                                                     \
    X(NEURON, "aws.amazon.com/neuron")                                                            \
    X(NEURON_CORE, "aws.amazon.com/neuroncore")                                                   \
    X(HABANA_GAUDI, "habana.ai/gaudi")                                                            \
    X(EFA, "vpc.amazonaws.com/efa")                                                               \
    X(POD_ENI, "vpc.amazonaws.com/pod-eni")                                                       \
    X(HUGEPAGES_2MI, "hugepages-2Mi")                                                             \
    X(HUGEPAGES_1GI, "hugepages-1Gi")                                                             \
    /* labels */                                                                                  \
    X(HOSTNAME, "kubernetes.io/hostname")                                                         \
    X(ARCH, "kubernetes.io/arch")                                                                 \
    X(OS, "kubernetes.io/os")                                                                     \
    X(ZONE, "topology.kubernetes.io/zone")                                                        \
    X(REGION, "topology.kubernetes.io/region")                                                    \
    X(INSTANCE_TYPE, "node.kubernetes.io/instance-type")                                          \
    X(WINDOWS_BUILD, "node.kubernetes.io/windows-build")                                          \
    X(ZONE_ID, "topology.k8s.aws/zone-id")                                                        \
    X(NODEPOOL, "karpenter.sh/nodepool")                                                          \
    X(CAPACITY_TYPE, "karpenter.sh/capacity-type")                                                \
    X(REGISTERED, "karpenter.sh/registered")                                                      \
    X(INITIALIZED, "karpenter.sh/initialized")                                                    \
    X(EC2NODECLASS, "karpenter.k8s.aws/ec2nodeclass")                                             \
    X(INSTANCE_HYPERVISOR, "karpenter.k8s.aws/instance-hypervisor")                               \
    X(INSTANCE_ENCRYPTION, "karpenter.k8s.aws/instance-encryption-in-transit-supported")          \
    X(INSTANCE_CATEGORY, "karpenter.k8s.aws/instance-category")                                   \
    X(INSTANCE_CAPABILITY_FLEX, "karpenter.k8s.aws/instance-capability-flex")                     \
    X(INSTANCE_FAMILY, "karpenter.k8s.aws/instance-family")                                       \
    X(INSTANCE_GENERATION, "karpenter.k8s.aws/instance-generation")                               \
    X(INSTANCE_SIZE, "karpenter.k8s.aws/instance-size")                                           \
    X(INSTANCE_LOCAL_NVME, "karpenter.k8s.aws/instance-local-nvme")                               \
    X(INSTANCE_CPU, "karpenter.k8s.aws/instance-cpu")                                             \
    X(INSTANCE_CPU_MANUFACTURER, "karpenter.k8s.aws/instance-cpu-manufacturer")                   \
    X(INSTANCE_CPU_CLOCK, "karpenter.k8s.aws/instance-cpu-sustained-clock-speed-mhz")             \
    X(INSTANCE_MEMORY, "karpenter.k8s.aws/instance-memory")                                       \
    X(INSTANCE_EBS_BANDWIDTH, "karpenter.k8s.aws/instance-ebs-bandwidth")                         \
    X(INSTANCE_NETWORK_BANDWIDTH, "karpenter.k8s.aws/instance-network-bandwidth")                 \
    X(INSTANCE_GPU_NAME, "karpenter.k8s.aws/instance-gpu-name")                                   \
    X(INSTANCE_GPU_MANUFACTURER, "karpenter.k8s.aws/instance-gpu-manufacturer")                   \
    X(INSTANCE_GPU_COUNT, "karpenter.k8s.aws/instance-gpu-count")                                 \
    X(INSTANCE_GPU_MEMORY, "karpenter.k8s.aws/instance-gpu-memory")                               \
    X(INSTANCE_ACCELERATOR_NAME, "karpenter.k8s.aws/instance-accelerator-name")                   \
    X(INSTANCE_ACCELERATOR_MANUFACTURER, "karpenter.k8s.aws/instance-accelerator-manufacturer")   \
    X(INSTANCE_ACCELERATOR_COUNT, "karpenter.k8s.aws/instance-accelerator-count")                 \
    X(INSTANCE_TENANCY, "karpenter.k8s.aws/instance-tenancy")                                     \
    X(NITRO_SANDBOX, "karpenter.k8s.aws/nitro-sandbox")                                           \
    X(CAPACITY_RESERVATION_ID, "karpenter.k8s.aws/capacity-reservation-id")                       \
    X(CAPACITY_RESERVATION_TYPE, "karpenter.k8s.aws/capacity-reservation-type")                   \
    X(CAPACITY_RESERVATION_INTERRUPTIBLE, "karpenter.k8s.aws/capacity-reservation-interruptible") \
    X(PLACEMENT_GROUP_ID, "karpenter.k8s.aws/placement-group-id")                                 \
    X(PLACEMENT_GROUP_PARTITION, "karpenter.k8s.aws/placement-group-partition")                   \
    /* label values */                                                                            \
    X(ON_DEMAND, "on-demand")                                                                     \
    X(SPOT, "spot")                                                                               \
    X(RESERVED, "reserved")                                                                       \
    X(AMD64, "amd64")                                                                             \
    X(ARM64, "arm64")                                                                             \
    X(LINUX, "linux")                                                                             \
    X(WINDOWS, "windows")                                                                         \
    X(TRUE, "true")                                                                               \
    X(FALSE, "false")                                                                             \
    X(DEFAULT, "default")                                                                         \
    X(KUBE_SYSTEM, "kube-system")                                                                 \
    /* taints and annotations */                                                                  \
    X(TAINT_NOT_READY, "node.kubernetes.io/not-ready")                                            \
    X(TAINT_UNREACHABLE, "node.kubernetes.io/unreachable")                                        \
    X(TAINT_UNSCHEDULABLE, "node.kubernetes.io/unschedulable")                                    \
    X(TAINT_UNINITIALIZED, "node.cloudprovider.kubernetes.io/uninitialized")                      \
    X(TAINT_UNREGISTERED, "karpenter.sh/unregistered")                                            \
    X(TAINT_DISRUPTED, "karpenter.sh/disrupted")                                                  \
    X(TAINT_TO_BE_DELETED, "ToBeDeletedByClusterAutoscaler")                                      \
    X(TAINT_DELETION_CANDIDATE, "DeletionCandidateOfClusterAutoscaler")                           \
    X(DO_NOT_DISRUPT, "karpenter.sh/do-not-disrupt")                                              \
    X(POD_DELETION_COST, "controller.kubernetes.io/pod-deletion-cost")                            \
    X(SAFE_TO_EVICT, "cluster-autoscaler.kubernetes.io/safe-to-evict")                            \
    X(NAMESPACE_NAME, "kubernetes.io/metadata.name")

typedef enum wb_name {
    WB_NAME_NONE = 0,
#define WB_NAMES_ENUM(constant, text) WB_NAME_##constant,
    WB_NAMES(WB_NAMES_ENUM)
#undef WB_NAMES_ENUM
    WB_NAME_COUNT
} wb_name;

/* Interns every name at its fixed id; intern must be fresh (asserted). */
void wb_names_init(wb_intern *intern);

/* The current name of a label key whose old name Karpenter still reads (zone, region, arch, os,
 * instance type, EBS CSI zone); any other key as it is. Source: spec/scheduling.md section 2.6. */
uint32_t wb_names_unalias(wb_intern *intern, uint32_t label_key);

/* Well-known labels (section 2.6): a new NodeClaim may leave them undefined. */
bool wb_names_is_well_known(uint32_t label_key);

/* Restricted for pods' node selectors and NodePool requirements (section 2.6). */
bool wb_names_is_restricted(const wb_intern *intern, uint32_t label_key);

#endif
