/* EC2NodeClass v1 (karpenter.k8s.aws): what of it changes nodes, prices or timings. */
#ifndef WB_KUBE_NODECLASS_H
#define WB_KUBE_NODECLASS_H

#include "kube/label.h"
#include "kube/resource.h"

typedef enum wb_ami_family {
    WB_AMI_FAMILY_AL2023,
    WB_AMI_FAMILY_AL2,
    WB_AMI_FAMILY_BOTTLEROCKET,
    WB_AMI_FAMILY_WINDOWS2019,
    WB_AMI_FAMILY_WINDOWS2022,
    WB_AMI_FAMILY_WINDOWS2025,
    WB_AMI_FAMILY_CUSTOM,
} wb_ami_family;

/* One of subnetSelectorTerms, securityGroupSelectorTerms, amiSelectorTerms: tags or an id/name. */
typedef struct wb_selector_term {
    wb_labels tags;
    uint32_t id, name, alias, owner; /* interned; 0: not given */
} wb_selector_term;

/* The settings of the kubelet and all else that a NodePool's nodes are made by. */
typedef struct wb_nodeclass {
    uint32_t name; /* interned */
    wb_ami_family ami_family;
    uint32_t role, instance_profile;
    const wb_selector_term *subnets, *security_groups, *amis;
    uint32_t subnet_count, security_group_count, ami_count;
    int32_t max_pods;                                /* kubelet.maxPods; 0: by ENI limits */
    int32_t pods_per_core;                           /* 0: none */
    wb_resource_list kube_reserved, system_reserved; /* empty: the EKS defaults */
    /* Thresholds as text, a quantity or a percentage; NULL: not given. Of both a signal's larger
     * one counts; without any it is 100Mi of memory and 10% of the disk. */
    const char *eviction_hard_memory, *eviction_soft_memory; /* memory.available */
    const char *eviction_hard_disk, *eviction_soft_disk;     /* nodefs.available */
    int64_t root_volume_bytes;                               /* default 20 GiB */
    bool is_raid0;                                           /* instanceStorePolicy RAID0 */
    wb_labels tags;
    uint64_t spec_hash; /* what annotation karpenter.k8s.aws/ec2nodeclass-hash stands for: the spec
                           without what selects subnets, groups, images and reservations */
    const uint32_t *zones; /* of the subnets that its terms were found to select; NULL: not known */
    uint32_t zone_count;
    const struct wb_node *source; /* borrowed: the document it was read from; NULL: none */
} wb_nodeclass;

/* base with the kubelet's settings of another one; kubelet NULL: base as it is. */
wb_nodeclass wb_nodeclass_with_kubelet(const wb_nodeclass *base, const wb_nodeclass *kubelet);

#endif
