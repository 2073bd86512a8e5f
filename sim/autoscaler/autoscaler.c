#include "sim/autoscaler/autoscaler.h"

#include <string.h>

#include "sim/autoscaler/cluster_autoscaler/cluster_autoscaler.h"
#include "sim/autoscaler/fixed/fixed_autoscaler.h"
#include "sim/autoscaler/karpenter/karpenter.h"
#include "sim/autoscaler/null/null_autoscaler.h"
#include "sim/autoscaler/recorded/recorded_autoscaler.h"

static const wb_autoscaler_ops *const contenders[] = {
    &wb_karpenter_ops,           &wb_cluster_autoscaler_ops, &wb_fixed_autoscaler_ops,
    &wb_recorded_autoscaler_ops, &wb_null_autoscaler_ops,
};

const wb_autoscaler_ops *const *wb_autoscaler_all(uint32_t *out_count)
{
    *out_count = (uint32_t)(sizeof(contenders) / sizeof(contenders[0]));
    return contenders;
}

const wb_autoscaler_ops *wb_autoscaler_find(const char *kind)
{
    for (size_t i = 0; i < sizeof(contenders) / sizeof(contenders[0]); i++) {
        if (strcmp(contenders[i]->kind, kind) == 0) {
            return contenders[i];
        }
    }
    return NULL;
}
