/*
 * The calls beside launch and end that Karpenter makes: a launch template for each kind of node,
 * looked for and made on first use, and the tags of a node that has registered. They count towards
 * the rate limits and need permissions; only a scenario that asks for either has them made.
 * Source: spec/disruption.md section 19, facts/aws-api.md section 2.
 */
#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/duration.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

#define TAG_RETRY_MS (10 * WB_MS_PER_SECOND)

static uint64_t join_text(const wb_cloud *cloud, uint64_t key, uint32_t text_id)
{
    const char *text = wb_intern_text(cloud->intern, text_id);
    return wb_hash_map_join(key, wb_digest_hash64(text, strlen(text)));
}

/* What makes nodes differ in a launch template: their labels and taints, by text. */
static uint64_t key_of(const wb_cloud *cloud, const wb_launch_template *template)
{
    uint64_t key = 1;
    for (uint32_t i = 0; i < template->labels.count; i++) {
        key = join_text(cloud, key, template->labels.items[i].key);
        key = join_text(cloud, key, template->labels.items[i].value);
    }
    for (uint32_t i = 0; i < template->taint_count; i++) {
        key = join_text(cloud, key, template->taints[i].key);
        key = join_text(cloud, key, template->taints[i].value);
    }
    return key;
}

static const char *make_call(wb_cloud *cloud, wb_cloud_action action, uint32_t instance_id)
{
    wb_cloud_call call = {
        .action = action,
        .resource_count = instance_id != WB_NO_ID ? 1 : 0,
        .instance_id = instance_id,
        .asg_id = WB_NO_ID,
    };
    const char *code = wb_cloud_api_begin(&cloud->api, &call);
    if (code == NULL) {
        wb_cloud_api_end(&cloud->api, action, NULL);
    } else {
        wb_cloud_announce_error(cloud, action, code, instance_id);
    }
    return code;
}

const char *wb_cloud_describe(wb_cloud *cloud, wb_cloud_action action)
{
    assert(action >= WB_CLOUD_DESCRIBE_INSTANCES);
    return make_call(cloud, action, WB_NO_ID);
}

const char *wb_cloud_templates_ensure(wb_cloud *cloud, const wb_fleet_request *request)
{
    assert(cloud != NULL && request->launch_template != NULL);
    uint64_t known = 0;
    if (!cloud->calls_are_full || request->claim_id == WB_NO_ID) {
        return NULL; /* a group's template is made with the group, before the run */
    }
    const uint64_t key = key_of(cloud, request->launch_template);
    if (wb_hash_map_get(&cloud->template_keys, key, &known)) {
        return NULL;
    }
    const char *code = make_call(cloud, WB_CLOUD_DESCRIBE_LAUNCH_TEMPLATES, WB_NO_ID);
    if (code == NULL) {
        code = make_call(cloud, WB_CLOUD_CREATE_LAUNCH_TEMPLATE, WB_NO_ID);
    }
    if (code == NULL) {
        (void)wb_hash_map_put(&cloud->template_keys, key, 1);
    }
    return code;
}

void wb_cloud_templates_tag(wb_cloud *cloud, uint32_t instance_id)
{
    assert(instance_id < cloud->instance_count);
    const wb_instance *instance = &cloud->instances[instance_id];
    if (!cloud->calls_are_full || instance->claim_id == WB_NO_ID || instance->ended_ms >= 0 ||
        make_call(cloud, WB_CLOUD_CREATE_TAGS, instance_id) == NULL) {
        return;
    }
    const wb_status status =
        wb_kernel_schedule(cloud->kernel, cloud->kernel->now_ms + TAG_RETRY_MS, WB_PHASE_CLOUD,
                           WB_EVENT_INSTANCE_TAG, instance_id, NULL);
    assert(status == WB_OK); /* one for each machine at most */
    (void)status;
}

static wb_status on_tag(void *context, const wb_event *event, wb_error *err)
{
    (void)err;
    wb_cloud_templates_tag(context, event->subject);
    return WB_OK;
}

void wb_cloud_templates_init(wb_cloud *cloud)
{
    assert(cloud != NULL);
    wb_hash_map_init(&cloud->template_keys);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_INSTANCE_TAG, on_tag, cloud);
}

void wb_cloud_templates_release(wb_cloud *cloud)
{
    wb_hash_map_release(&cloud->template_keys);
}
