/* PersistentVolumeClaim, PersistentVolume, StorageClass, CSINode: what ties a pod to zones. */
#ifndef WB_KUBE_STORAGE_H
#define WB_KUBE_STORAGE_H

#include "kube/pod.h"

typedef struct wb_volume_claim {
    uint32_t name, namespace_name, uid;
    uint32_t storage_class; /* interned; 0: none */
    uint32_t volume_name;   /* spec.volumeName; 0: unbound */
    bool is_bind_completed; /* annotation pv.kubernetes.io/bind-completed */
    bool is_lost, is_deleting;
    bool is_read_write_once_pod;
    uint32_t selected_node; /* annotation volume.kubernetes.io/selected-node */
    int64_t request_bytes;
} wb_volume_claim;

typedef struct wb_persistent_volume {
    uint32_t name;
    uint32_t storage_class, driver;     /* csi.driver, or the in-tree plugin's CSI name */
    const wb_node_term *required_terms; /* nodeAffinity.required, ORed */
    uint32_t required_term_count;
    wb_labels labels;
    bool is_local_or_host_path, is_deleting;
    bool is_available;                    /* phase Available or absent, no claimRef */
    uint32_t claim_namespace, claim_name; /* claimRef */
    int64_t capacity_bytes;
} wb_persistent_volume;

typedef struct wb_storage_class {
    uint32_t name, provisioner;
    bool is_immediate; /* volumeBindingMode Immediate (the default) */
    bool is_default;
    const wb_node_term *allowed_topologies; /* ORed; matchLabelExpressions as In */
    uint32_t allowed_topology_count;
} wb_storage_class;

/* Attach limit of one driver on one node (CSINode). */
typedef struct wb_attach_limit {
    uint32_t node_name, driver;
    int32_t count; /* -1: no limit */
} wb_attach_limit;

#endif
