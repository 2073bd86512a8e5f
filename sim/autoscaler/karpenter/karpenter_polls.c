/*
 * What Karpenter asks the cloud for again and again, whatever happens. Its answers are known here
 * without asking; the calls are made only where they count: under rate limits and permissions.
 * Source: facts/aws-api.md section 3, spec/disruption.md sections 18 and 19.
 */
#include <assert.h>

#include "base/duration.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define POLL_MS WB_MS_PER_MINUTE

static const struct {
    wb_cloud_action action;
    int64_t every_minutes;
} polls[] = {
    {WB_CLOUD_DESCRIBE_INSTANCE_STATUS, 1}, /* status checks, scheduled events */
    {WB_CLOUD_DESCRIBE_SUBNETS, 1},         /* the NodeClass's list */
    {WB_CLOUD_DESCRIBE_INSTANCES, 2},       /* garbage collection */
    {WB_CLOUD_DESCRIBE_SECURITY_GROUPS, 5}, /* the NodeClass's, as its images */
    {WB_CLOUD_DESCRIBE_IMAGES, 5},
    {WB_CLOUD_DESCRIBE_INSTANCE_TYPES, 720}, /* every 12 h, as the next */
    {WB_CLOUD_DESCRIBE_INSTANCE_TYPE_OFFERINGS, 720},
};

/* A refused poll is one that comes again. */
void wb_karpenter_on_poll(wb_karpenter *self, uint32_t minute)
{
    assert(self->env.cloud->calls_are_full);
    for (size_t i = 0; i < sizeof(polls) / sizeof(polls[0]); i++) {
        if (minute % polls[i].every_minutes == 0) {
            (void)wb_cloud_describe(self->env.cloud, polls[i].action);
        }
    }
    wb_karpenter_schedule(self, self->env.kernel->now_ms + POLL_MS, WB_KARPENTER_EVENT_POLL,
                          minute + 1);
}

void wb_karpenter_start_polls(wb_karpenter *self)
{
    if (self->env.cloud->calls_are_full) {
        wb_karpenter_schedule(self, self->env.kernel->now_ms, WB_KARPENTER_EVENT_POLL, 0);
    }
}
