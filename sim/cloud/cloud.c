/* Instances: launch, boot, registration, termination. What a fleet launches is in cloud_fleet.c,
 * groups are in cloud_asg.c, money in cloud_billing.c. */
#include "sim/cloud/cloud.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/cloud/boot_class.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

/* A stable name for the pool's draws: texts, not interned ids, since those depend on what else a
 * contender's manifests mention. */
uint64_t wb_cloud_pool_hash(const wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                            wb_capacity_type capacity_type)
{
    const char *type_name = wb_intern_text(cloud->intern, cloud->catalog->types[type_index].name);
    const char *zone_name = wb_intern_text(cloud->intern, zone);
    const uint64_t type_hash = wb_digest_hash64(type_name, strlen(type_name));
    const uint64_t zone_hash = wb_digest_hash64(zone_name, strlen(zone_name));
    return wb_hash_map_join(wb_hash_map_join(type_hash, zone_hash), (uint64_t)capacity_type);
}

static int64_t draw(const wb_cloud *cloud, const wb_boot_phase *phase, uint32_t instance_id,
                    uint32_t phase_index)
{
    const wb_instance *instance = &cloud->instances[instance_id];
    const uint64_t pool =
        wb_cloud_pool_hash(cloud, instance->type_index, instance->zone, instance->capacity_type);
    return wb_boot_model_draw(phase, cloud->seed, pool, instance->pool_ordinal, phase_index);
}

/* The phases that classes of instance types differ in; those of no class are all unset. */
static const wb_boot_class *class_of(const wb_cloud *cloud, uint32_t instance_id)
{
    static const wb_boot_class none = {WB_BOOT_CLASS_OF("")};
    const wb_boot_class *const *of_type = cloud->boot.class_of_type;
    const uint32_t type_index = cloud->instances[instance_id].type_index;
    return of_type != NULL && of_type[type_index] != NULL ? of_type[type_index] : &none;
}

/* The phases that AMI families differ in. */
static const wb_boot_model *family_boot(const wb_cloud *cloud, uint32_t instance_id)
{
    const wb_boot_model *boot = cloud->instances[instance_id].launch_template->boot;
    return boot != NULL ? boot : &cloud->boot;
}

/* Boot events are few beside pods'; running out of the queue's limit here is reported by the next
 * pod event, so a refused push only stops this machine. */
static void schedule(wb_cloud *cloud, int64_t at_ms, wb_event_kind kind, uint32_t instance_id)
{
    const wb_status status =
        wb_kernel_schedule(cloud->kernel, at_ms, WB_PHASE_CLOUD, (uint16_t)kind, instance_id, NULL);
    assert(status == WB_OK);
    (void)status;
}

static wb_status on_launched(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    wb_instance *instance = &cloud->instances[event->subject];
    (void)err;
    if (instance->state != WB_INSTANCE_PENDING) {
        return WB_OK; /* terminated while the call was under way */
    }
    instance->launched_ms = cloud->kernel->now_ms;
    WB_NOTIFY(cloud->observers, instance_launched, event->subject);
    if (cloud->client.instance_launched != NULL) {
        cloud->client.instance_launched(cloud->client.context, event->subject);
    }
    return WB_OK;
}

static wb_status on_running(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    wb_instance *instance = &cloud->instances[event->subject];
    (void)err;
    if (instance->state != WB_INSTANCE_PENDING) {
        return WB_OK; /* terminated while it was pending */
    }
    instance->state = WB_INSTANCE_RUNNING;
    instance->running_ms = cloud->kernel->now_ms;
    if (instance->asg_id != WB_NO_ID) {
        wb_cloud_asg_in_service(cloud, event->subject);
        instance = &cloud->instances[event->subject]; /* others may have been launched */
    }
    if (!instance->launch_template->never_registers && cloud->permissions.no_join == NULL &&
        !wb_cloud_faults_keep_away(cloud, event->subject)) {
        const wb_boot_phase *join = wb_boot_class_phase(&class_of(cloud, event->subject)->join,
                                                        &family_boot(cloud, event->subject)->join);
        schedule(cloud,
                 instance->running_ms + draw(cloud, join, event->subject, WB_BOOT_PHASE_JOIN),
                 WB_EVENT_INSTANCE_REGISTERED, event->subject);
    }
    return WB_OK;
}

/* Adds or replaces one label of a set under construction that has room for one more. */
static void put_label(wb_label *items, uint32_t *count, uint32_t key, uint32_t value)
{
    uint32_t at = 0;
    while (at < *count && items[at].key < key) {
        at++;
    }
    if (at < *count && items[at].key == key) {
        items[at].value = value;
        return;
    }
    memmove(&items[at + 1], &items[at], (*count - at) * sizeof items[0]);
    items[at] = (wb_label){key, value};
    (*count)++;
}

/* Labels that the kubelet and the cloud controller give the Node. One allocation: a run may make
 * 100,000 nodes. */
static wb_labels node_labels(wb_cloud *cloud, const wb_instance *instance)
{
    static const uint32_t market_names[] = {WB_NAME_ON_DEMAND, WB_NAME_SPOT, WB_NAME_RESERVED};
    const wb_catalog_type *type = &cloud->catalog->types[instance->type_index];
    const wb_launch_template *template = instance->launch_template;
    wb_label *items =
        WB_ARENA_ARRAY(cloud->arena, wb_label, template->labels.count + type->labels.count + 4);
    uint32_t count = 0;
    for (uint32_t i = 0; i < type->labels.count; i++) {
        const wb_label label = type->labels.items[i];
        const bool is_plain = label.key == WB_NAME_ARCH || label.key == WB_NAME_OS;
        if (is_plain || template->has_karpenter_labels) {
            put_label(items, &count, label.key, label.value);
        }
    }
    for (uint32_t i = 0; i < template->labels.count; i++) {
        put_label(items, &count, template->labels.items[i].key, template->labels.items[i].value);
    }
    put_label(items, &count, WB_NAME_INSTANCE_TYPE, type->name);
    put_label(items, &count, WB_NAME_ZONE, instance->zone);
    put_label(items, &count, WB_NAME_REGION, cloud->catalog->region);
    if (template->has_karpenter_labels) {
        put_label(items, &count, WB_NAME_CAPACITY_TYPE, market_names[instance->capacity_type]);
    }
    return (wb_labels){items, count};
}

/* A machine in a zone that is out is not heard of before that is over. True: it comes later. */
static bool waits_for_zone(wb_cloud *cloud, const wb_event *event)
{
    const int64_t end_ms = wb_cloud_outage_end_ms(cloud, cloud->instances[event->subject].zone);
    if (end_ms >= 0 && end_ms < INT64_MAX) {
        schedule(cloud, end_ms, (wb_event_kind)event->kind, event->subject);
    }
    return end_ms >= 0;
}

/* Baseline bandwidth in Mbit/s; 0: not known. */
static int32_t network_mbps(const wb_cloud *cloud, const wb_catalog_type *type)
{
    const uint32_t value = wb_labels_get(type->labels, WB_NAME_INSTANCE_NETWORK_BANDWIDTH);
    const long mbps = value != 0 ? strtol(wb_intern_text(cloud->intern, value), NULL, 10) : 0;
    return mbps > 0 && mbps < INT32_MAX ? (int32_t)mbps : 0;
}

static wb_status on_registered(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    wb_instance *instance = &cloud->instances[event->subject];
    (void)err;
    if (instance->state != WB_INSTANCE_RUNNING || waits_for_zone(cloud, event)) {
        return WB_OK;
    }
    const wb_launch_template *template = instance->launch_template;
    const wb_catalog *sizes = template->sizes != NULL ? template->sizes : cloud->catalog;
    assert(sizes->type_count == cloud->catalog->type_count);
    const wb_catalog_type *type = &sizes->types[instance->type_index];
    char name[128];
    (void)snprintf(name, sizeof name, "%s-%05u", template->name_prefix, event->subject);
    const wb_node_create create = {
        .name = name,
        .labels = node_labels(cloud, instance),
        .taints = template->taints,
        .taint_count = template->taint_count,
        .capacity = type->capacity,
        .allocatable = wb_resource_list_subtract(cloud->arena, type->capacity, type->overhead),
        .instance_id = event->subject,
        .claim_id = instance->claim_id,
        .is_managed_by_contender = true,
        .pod_start_median_ms = -1,
        .network_mbps = network_mbps(cloud, type),
        .volume_limit = wb_cloud_storage_limit(cloud, instance->type_index),
    };
    instance->registered_ms = cloud->kernel->now_ms;
    const uint32_t node_id = wb_cluster_add_node(cloud->cluster, &create);
    instance = &cloud->instances[event->subject];
    instance->node_id = node_id;
    wb_cloud_network_note_join(cloud, event->subject);
    wb_cloud_templates_tag(cloud, event->subject);
    if (cloud->client.instance_registered != NULL) {
        cloud->client.instance_registered(cloud->client.context, event->subject, node_id);
    }
    const wb_boot_phase *ready = wb_boot_class_phase(&class_of(cloud, event->subject)->ready,
                                                     &family_boot(cloud, event->subject)->ready);
    schedule(cloud, cloud->kernel->now_ms + draw(cloud, ready, event->subject, WB_BOOT_PHASE_READY),
             WB_EVENT_INSTANCE_READY, event->subject);
    return WB_OK;
}

static bool is_up(const wb_cloud *cloud, const wb_instance *instance)
{
    return instance->state == WB_INSTANCE_RUNNING &&
           cloud->cluster->nodes[instance->node_id].state != WB_NODE_STATE_GONE;
}

static wb_status on_agent_done(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    const wb_instance instance = cloud->instances[event->subject];
    (void)err;
    if (!is_up(cloud, &instance)) {
        return WB_OK;
    }
    for (uint32_t i = 0; i < instance.launch_template->startup_taint_count; i++) {
        const wb_taint *taint = &instance.launch_template->startup_taints[i];
        (void)wb_cluster_remove_node_taint(cloud->cluster, instance.node_id, taint->key,
                                           taint->effect);
    }
    if (cloud->client.startup_taints_gone != NULL) {
        cloud->client.startup_taints_gone(cloud->client.context, event->subject, instance.node_id);
    }
    return WB_OK;
}

static wb_status on_ready(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    wb_instance *instance = &cloud->instances[event->subject];
    (void)err;
    const uint32_t node_id = instance->node_id;
    if (!is_up(cloud, instance) || waits_for_zone(cloud, event)) {
        return WB_OK;
    }
    instance->ready_ms = cloud->kernel->now_ms;
    wb_cluster_set_node_ready(cloud->cluster, node_id, true);
    if (instance->launch_template->startup_taint_count > 0) {
        const wb_boot_phase *agent =
            wb_boot_class_phase(&class_of(cloud, event->subject)->startup_taints,
                                &cloud->boot.startup_taints);
        schedule(cloud,
                 cloud->kernel->now_ms +
                     draw(cloud, agent, event->subject, WB_BOOT_PHASE_STARTUP_TAINTS),
                 WB_EVENT_INSTANCE_AGENT_DONE, event->subject);
    }
    if (cloud->client.instance_ready != NULL) {
        cloud->client.instance_ready(cloud->client.context, event->subject, node_id);
    }
    return WB_OK;
}

void wb_cloud_forget_living(wb_cloud *cloud, uint32_t instance_id)
{
    uint32_t at = 0;
    while (at < cloud->living_instance_count && cloud->living_instances[at] != instance_id) {
        at++;
    }
    assert(at < cloud->living_instance_count);
    cloud->living_instance_count--;
    memmove(&cloud->living_instances[at], &cloud->living_instances[at + 1],
            (cloud->living_instance_count - at) * sizeof cloud->living_instances[0]);
}

static wb_status on_terminated(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    wb_instance *instance = &cloud->instances[event->subject];
    (void)err;
    assert(instance->state == WB_INSTANCE_SHUTTING_DOWN);
    instance->state = WB_INSTANCE_TERMINATED;
    wb_cloud_network_note_end(cloud, event->subject);
    wb_cloud_forget_living(cloud, event->subject);
    const uint32_t node_id = instance->node_id;
    const wb_cause cause = instance->cause;
    if (instance->has_vanished && cloud->client.instance_vanished != NULL) {
        cloud->client.instance_vanished(cloud->client.context, event->subject);
        return WB_OK;
    }
    if (node_id != WB_NO_ID && cloud->cluster->nodes[node_id].state != WB_NODE_STATE_GONE) {
        wb_cluster_remove_node(cloud->cluster, node_id, cause);
    }
    if (cloud->client.instance_gone != NULL) {
        cloud->client.instance_gone(cloud->client.context, event->subject, cause);
    }
    return WB_OK;
}

void wb_cloud_init(wb_cloud *cloud, wb_cluster *cluster, const wb_cloud_options *options)
{
    assert(cluster != NULL && options->catalog != NULL);
    *cloud = (wb_cloud){
        .kernel = cluster->kernel,
        .cluster = cluster,
        .observers = cluster->observers,
        .arena = cluster->arena,
        .intern = cluster->intern,
        .catalog = options->catalog,
        .boot = options->boot,
        .seed = options->seed,
        .weather = options->weather,
        .faults = options->faults,
        .fault_count = options->fault_count,
        .releases = options->releases,
        .release_count = options->release_count,
        .throttle = {.limits = options->limits},
        .calls_are_full = options->calls_are_full,
        .market = options->market != NULL ? *options->market : wb_market_none(),
        .storage = {.options = options->storage},
        .network = options->network != NULL ? *options->network : (wb_network){0},
    };
    wb_hash_map_init(&cloud->pool_ordinals);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_INSTANCE_LAUNCHED, on_launched, cloud);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_INSTANCE_RUNNING, on_running, cloud);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_INSTANCE_REGISTERED, on_registered, cloud);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_INSTANCE_READY, on_ready, cloud);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_INSTANCE_AGENT_DONE, on_agent_done, cloud);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_INSTANCE_TERMINATED, on_terminated, cloud);
    wb_cloud_spot_init(cloud);
    wb_cloud_price_init(cloud);
    wb_cloud_quota_init(cloud);
    wb_cloud_throttle_init(cloud);
    wb_cloud_templates_init(cloud);
    wb_cloud_market_init(cloud);
    wb_cloud_outage_init(cloud);
    wb_cloud_faults_init(cloud);
    wb_cloud_asg_init(cloud);
    wb_cloud_storage_init(cloud); /* before addresses: a pod waits for its volumes first */
    wb_cloud_network_init(cloud);
}

void wb_cloud_release(wb_cloud *cloud)
{
    wb_heap_memory_free(cloud->instances);
    wb_heap_memory_free(cloud->living_instances);
    wb_heap_memory_free(cloud->asgs);
    wb_hash_map_release(&cloud->pool_ordinals);
    wb_cloud_spot_release(cloud);
    wb_cloud_market_release(cloud);
    wb_cloud_templates_release(cloud);
    wb_cloud_network_release(cloud);
    wb_cloud_storage_release(cloud);
    wb_hash_map_release(&cloud->price_by_pool);
    *cloud = (wb_cloud){0};
}

void wb_cloud_set_client(wb_cloud *cloud, const wb_cloud_client *client)
{
    assert(cloud->instance_count == 0); /* nobody may miss an instance */
    cloud->client = *client;
}

static uint32_t next_pool_ordinal(wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                                  wb_capacity_type capacity_type)
{
    const uint64_t key =
        ((uint64_t)type_index << 34) | ((uint64_t)zone << 2) | (uint64_t)capacity_type;
    uint64_t ordinal = 0;
    (void)wb_hash_map_get(&cloud->pool_ordinals, key, &ordinal);
    (void)wb_hash_map_put(&cloud->pool_ordinals, key, ordinal + 1);
    return (uint32_t)ordinal;
}

wb_instance *wb_cloud_add_instance_row(wb_cloud *cloud)
{
    if (cloud->instance_count == cloud->instance_capacity) {
        const size_t capacity =
            wb_heap_memory_next_capacity(cloud->instance_capacity, cloud->instance_count + 1U);
        cloud->instances =
            wb_heap_memory_resize(cloud->instances, capacity, sizeof cloud->instances[0]);
        cloud->living_instances = wb_heap_memory_resize(cloud->living_instances, capacity,
                                                        sizeof cloud->living_instances[0]);
        cloud->instance_capacity = (uint32_t)capacity;
    }
    cloud->living_instances[cloud->living_instance_count++] = cloud->instance_count;
    return &cloud->instances[cloud->instance_count++];
}

uint32_t wb_cloud_launch(wb_cloud *cloud, const wb_fleet_request *request,
                         const wb_fleet_override *chosen, uint32_t asg_id, int64_t delay_ms)
{
    assert(request->launch_template != NULL);
    const int64_t now_ms = cloud->kernel->now_ms;
    const uint32_t instance_id = cloud->instance_count;
    *wb_cloud_add_instance_row(cloud) = (wb_instance){
        .state = WB_INSTANCE_PENDING,
        .capacity_type = request->capacity_type,
        .type_index = chosen->type_index,
        .zone = chosen->zone,
        .pool_ordinal =
            next_pool_ordinal(cloud, chosen->type_index, chosen->zone, request->capacity_type),
        .claim_id = request->claim_id,
        .node_id = WB_NO_ID,
        .fault_index = WB_NO_ID,
        .reserved_until_ms = -1,
        .asg_id = asg_id,
        .launch_template = request->launch_template,
        .price_nusd_per_hour =
            wb_cloud_price_nusd(cloud, chosen->type_index, chosen->zone, request->capacity_type),
        .requested_ms = now_ms,
        .launched_ms = -1,
        .running_ms = -1,
        .registered_ms = -1,
        .ready_ms = -1,
        .ended_ms = -1,
        .recommended_ms = -1,
        .notice_ms = -1,
        .impaired_ms = -1,
    };
    wb_cloud_quota_note(cloud, &cloud->instances[instance_id], 1);
    wb_cloud_network_note_launch(cloud, instance_id, chosen);
    wb_cloud_spot_note_launch(cloud, instance_id);
    const int64_t launched_ms =
        now_ms + delay_ms + draw(cloud, &cloud->boot.api, instance_id, WB_BOOT_PHASE_API);
    const wb_boot_phase *start =
        wb_boot_class_phase(&class_of(cloud, instance_id)->start, &cloud->boot.start);
    const int64_t running_ms = launched_ms + draw(cloud, start, instance_id, WB_BOOT_PHASE_START);
    schedule(cloud, launched_ms, WB_EVENT_INSTANCE_LAUNCHED, instance_id);
    schedule(cloud, running_ms, WB_EVENT_INSTANCE_RUNNING, instance_id);
    return instance_id;
}

/* How long until the instance is gone, or is found gone by the one who told it to end. */
static int64_t shutdown_ms(const wb_cloud *cloud, uint32_t instance_id, bool is_told)
{
    const wb_boot_phase *shutdown =
        wb_boot_class_phase(&class_of(cloud, instance_id)->shutdown, &cloud->boot.shutdown);
    const int64_t drawn_ms = draw(cloud, shutdown, instance_id, WB_BOOT_PHASE_SHUTDOWN);
    const int64_t poll_ms = cloud->instances[instance_id].launch_template->gone_poll_ms;
    return is_told && poll_ms > 0 ? (drawn_ms + poll_ms - 1) / poll_ms * poll_ms : drawn_ms;
}

/* EC2 charges nothing for a spot machine that it takes back within its first hour. */
static bool is_free(const wb_cloud *cloud, const wb_instance *instance)
{
    return !cloud->weather.first_hour_is_charged && instance->running_ms >= 0 &&
           cloud->kernel->now_ms - instance->running_ms < WB_MS_PER_HOUR;
}

/* Ends billing now and begins the shutdown. False when it had ended before. is_told: by its
 * launcher, not by the cloud. */
static bool begin_shutdown(wb_cloud *cloud, uint32_t instance_id, wb_cause cause, bool is_told)
{
    assert(instance_id < cloud->instance_count);
    wb_instance *instance = &cloud->instances[instance_id];
    if (instance->ended_ms >= 0) {
        return false;
    }
    const int64_t now_ms = cloud->kernel->now_ms;
    if (cloud->weather.first_hour_is_free_when_left && instance->notice_ms >= 0) {
        instance->is_free = is_free(cloud, instance);
    }
    instance->cost_nusd = wb_cloud_instance_cost_nusd(cloud, instance_id, now_ms);
    instance->ended_ms = now_ms;
    instance->cause = cause;
    instance->state = WB_INSTANCE_SHUTTING_DOWN;
    cloud->ended_cost_nusd[instance->capacity_type] += instance->cost_nusd;
    wb_cloud_quota_note(cloud, instance, -1);
    WB_NOTIFY(cloud->observers, instance_ended, instance_id, cause);
    schedule(cloud, now_ms + shutdown_ms(cloud, instance_id, is_told), WB_EVENT_INSTANCE_TERMINATED,
             instance_id);
    return true;
}

/* The front door for a call that ends one machine. */
static const char *begin_end_call(wb_cloud *cloud, wb_cloud_action action, uint32_t instance_id,
                                  bool is_service)
{
    assert(instance_id < cloud->instance_count);
    wb_cloud_call call = {
        .action = action,
        .is_service = is_service,
        .resource_count = 1,
        .instance_id = instance_id,
        .asg_id = cloud->instances[instance_id].asg_id,
        .merge_key = cloud->instances[instance_id].claim_id != WB_NO_ID ? 1 : 0,
    };
    const char *code = wb_cloud_api_begin(&cloud->api, &call);
    if (code != NULL) {
        wb_cloud_announce_error(cloud, action, code, instance_id);
        return code;
    }
    wb_cloud_api_end(&cloud->api, action, NULL);
    return NULL;
}

static void end_instance(wb_cloud *cloud, uint32_t instance_id, wb_cause cause)
{
    if (begin_shutdown(cloud, instance_id, cause, true) &&
        cloud->instances[instance_id].asg_id != WB_NO_ID) {
        wb_cloud_asg_lost_instance(cloud, instance_id, false);
    }
}

const char *wb_cloud_terminate(wb_cloud *cloud, uint32_t instance_id, wb_cause cause)
{
    assert(cloud != NULL);
    const char *code = begin_end_call(cloud, WB_CLOUD_TERMINATE_INSTANCES, instance_id, false);
    if (code == NULL) {
        end_instance(cloud, instance_id, cause);
    }
    return code;
}

void wb_cloud_asg_end(wb_cloud *cloud, uint32_t instance_id, wb_cause cause)
{
    assert(cloud->instances[instance_id].asg_id != WB_NO_ID);
    (void)begin_end_call(cloud, WB_CLOUD_TERMINATE_INSTANCES, instance_id, true);
    end_instance(cloud, instance_id, cause);
}

void wb_cloud_lose(wb_cloud *cloud, uint32_t instance_id)
{
    assert(cloud->instances[instance_id].ended_ms < 0);
    if (begin_shutdown(cloud, instance_id, WB_CAUSE_INSTANCE_LOST, false) &&
        cloud->instances[instance_id].asg_id != WB_NO_ID) {
        wb_cloud_asg_lost_instance(cloud, instance_id, false);
    }
}

void wb_cloud_stop_instance(wb_cloud *cloud, uint32_t instance_id)
{
    wb_cloud_lose(cloud, instance_id);
    const uint32_t node_id = cloud->instances[instance_id].node_id;
    if (node_id != WB_NO_ID && cloud->cluster->nodes[node_id].state != WB_NODE_STATE_GONE) {
        wb_cluster_set_node_unreachable(cloud->cluster, node_id);
    }
    if (cloud->client.instance_stopped != NULL) {
        cloud->client.instance_stopped(cloud->client.context, instance_id);
    }
}

void wb_cloud_reclaim(wb_cloud *cloud, uint32_t instance_id)
{
    assert(cloud->instances[instance_id].ended_ms < 0);
    wb_instance *instance = &cloud->instances[instance_id];
    instance->is_free = is_free(cloud, instance);
    (void)begin_shutdown(cloud, instance_id, WB_CAUSE_INTERRUPTION, false);
    if (cloud->instances[instance_id].asg_id != WB_NO_ID) {
        wb_cloud_asg_lost_instance(cloud, instance_id, false);
    }
}

const char *wb_cloud_asg_terminate(wb_cloud *cloud, uint32_t instance_id, wb_cause cause)
{
    assert(cloud->instances[instance_id].asg_id != WB_NO_ID);
    const char *code = begin_end_call(cloud, WB_CLOUD_TERMINATE_IN_GROUP, instance_id, false);
    if (code == NULL && begin_shutdown(cloud, instance_id, cause, true)) {
        wb_cloud_asg_lost_instance(cloud, instance_id, true);
    }
    return code;
}
