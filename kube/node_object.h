/* A Node as a dump of a cluster shows it. */
#ifndef WB_KUBE_NODE_OBJECT_H
#define WB_KUBE_NODE_OBJECT_H

#include "kube/label.h"
#include "kube/resource.h"

typedef struct wb_node_image {
    uint32_t name; /* interned, as written */
    int64_t size_bytes;
} wb_node_image;

typedef struct wb_node_object {
    uint32_t name, uid, provider_id; /* interned */
    wb_labels labels, annotations;
    const wb_taint *taints;
    uint32_t taint_count;
    const wb_node_image *images;
    uint32_t image_count;
    wb_resource_list capacity, allocatable;
    int64_t created_ms, deletion_ms; /* epoch ms; -1: absent */
    int64_t heartbeat_ms; /* the newest lastHeartbeatTime: when the kubelet was last heard of */
    bool is_unschedulable, is_ready;
} wb_node_object;

#endif
