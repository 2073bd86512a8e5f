#include "kube/nodeclass.h"

#include <assert.h>
#include <stddef.h>

wb_nodeclass wb_nodeclass_with_kubelet(const wb_nodeclass *base, const wb_nodeclass *kubelet)
{
    assert(base != NULL);
    wb_nodeclass joined = *base;
    if (kubelet != NULL) { /* as a whole: the provider reads one or the other */
        joined.max_pods = kubelet->max_pods;
        joined.pods_per_core = kubelet->pods_per_core;
        joined.kube_reserved = kubelet->kube_reserved;
        joined.system_reserved = kubelet->system_reserved;
        joined.eviction_hard_memory = kubelet->eviction_hard_memory;
        joined.eviction_soft_memory = kubelet->eviction_soft_memory;
        joined.eviction_hard_disk = kubelet->eviction_hard_disk;
        joined.eviction_soft_disk = kubelet->eviction_soft_disk;
    }
    return joined;
}
