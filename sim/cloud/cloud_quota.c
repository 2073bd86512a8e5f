/* What the account may run (quota.h), kept as machines come and go. Counted are vCPUs of machines
 * that are pending or running; EC2 gives them back when a machine begins to shut down. */
#include <assert.h>

#include "kube/names.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"

static wb_quota_market market_of(wb_capacity_type capacity_type)
{
    return capacity_type == WB_CAPACITY_SPOT ? WB_QUOTA_SPOT : WB_QUOTA_ON_DEMAND;
}

static int64_t vcpus_of(const wb_cloud *cloud, uint32_t type_index)
{
    return wb_resource_list_get(cloud->catalog->types[type_index].capacity, WB_NAME_CPU) / 1000;
}

void wb_cloud_quota_init(wb_cloud *cloud)
{
    assert(cloud->catalog != NULL);
    uint8_t *classes = WB_ARENA_ARRAY(cloud->arena, uint8_t, cloud->catalog->type_count + 1);
    for (uint32_t i = 0; i < cloud->catalog->type_count; i++) {
        classes[i] = (uint8_t)wb_quota_class_of(
            wb_intern_text(cloud->intern, cloud->catalog->types[i].name));
    }
    cloud->quota_classes = classes;
}

const char *wb_cloud_quota_refusal(const wb_cloud *cloud, uint32_t type_index,
                                   wb_capacity_type capacity_type)
{
    assert(type_index < cloud->catalog->type_count);
    const wb_quota_market market = market_of(capacity_type);
    const uint8_t class = cloud->quota_classes[type_index];
    const int64_t quota = cloud->market.quotas.vcpus[market][class];
    if (quota < 0 || cloud->quota_used[market][class] + vcpus_of(cloud, type_index) <= quota) {
        return NULL;
    }
    return market == WB_QUOTA_SPOT ? "MaxSpotInstanceCountExceeded" : "VcpuLimitExceeded";
}

void wb_cloud_quota_note(wb_cloud *cloud, const wb_instance *instance, int sign)
{
    assert(sign == 1 || sign == -1);
    int64_t *used = &cloud->quota_used[market_of(instance->capacity_type)]
                                      [cloud->quota_classes[instance->type_index]];
    *used += sign * vcpus_of(cloud, instance->type_index);
    assert(*used >= 0);
}
