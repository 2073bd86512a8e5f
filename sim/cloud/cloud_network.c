/*
 * Addresses of subnets (network.h), kept as machines and their pods come and go.
 *
 * A launch takes the machine's own address; without one it is refused with
 * InsufficientFreeAddressesInSubnet. From the moment its node joins, the CNI takes what its pods
 * and the warm target need, and gives back interfaces and prefixes that they need no longer. A pod
 * that finds no address waits in ContainerCreating until one is there, tried again as often as the
 * kubelet does. All goes back when the machine is gone.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

#define RETRY_MS (10 * WB_MS_PER_SECOND) /* of a pod sandbox that failed: the kubelet's back-off */

static const char no_address[] = "InsufficientFreeAddressesInSubnet";

static bool is_on(const wb_cloud *cloud)
{
    return cloud->network.subnet_count > 0;
}

static int64_t free_addresses(const wb_cloud *cloud, uint32_t subnet)
{
    assert(subnet > 0 && subnet <= cloud->network.subnet_count);
    return cloud->network.subnets[subnet - 1].address_count - cloud->subnets[subnet - 1].used_count;
}

int64_t wb_cloud_subnet_free(const wb_cloud *cloud, uint32_t subnet)
{
    return free_addresses(cloud, subnet);
}

uint32_t wb_cloud_network_roomiest(const wb_cloud *cloud, uint32_t zone)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i <= cloud->network.subnet_count; i++) {
        if (cloud->network.subnets[i - 1].zone == zone &&
            (best == 0 || free_addresses(cloud, i) > free_addresses(cloud, best))) {
            best = i;
        }
    }
    return best;
}

/* The subnet that a launch goes to: the one that was asked for, or the zone's roomiest. */
static uint32_t subnet_of(const wb_cloud *cloud, const wb_fleet_override *override)
{
    return override->subnet > 0 ? override->subnet
                                : wb_cloud_network_roomiest(cloud, override->zone);
}

const char *wb_cloud_network_refusal(wb_cloud *cloud, const wb_fleet_override *override)
{
    assert(override != NULL);
    if (!is_on(cloud)) {
        return NULL;
    }
    const uint32_t subnet = subnet_of(cloud, override);
    if (subnet > 0 && free_addresses(cloud, subnet) > 0) {
        return NULL;
    }
    if (subnet > 0) {
        cloud->subnets[subnet - 1].refused_launch_count++;
    }
    return no_address;
}

static void take(wb_cloud *cloud, wb_instance *instance, int64_t count)
{
    wb_cloud_subnet *subnet = &cloud->subnets[instance->subnet - 1];
    instance->address_count += count;
    subnet->used_count += count;
    assert(instance->address_count >= 0 && subnet->used_count >= 0);
    if (subnet->used_count > subnet->peak_count) {
        subnet->peak_count = subnet->used_count;
    }
}

void wb_cloud_network_note_launch(wb_cloud *cloud, uint32_t instance_id,
                                  const wb_fleet_override *chosen)
{
    assert(instance_id < cloud->instance_count);
    if (is_on(cloud)) {
        wb_instance *instance = &cloud->instances[instance_id];
        instance->subnet = subnet_of(cloud, chosen);
        if (instance->subnet > 0) {
            take(cloud, instance, 1);
        }
    }
}

/* ---- pods ---- */

static wb_network_card card_of(const wb_cloud *cloud, const wb_instance *instance)
{
    const wb_catalog_type *type = &cloud->catalog->types[instance->type_index];
    return (wb_network_card){type->eni_count, type->eni_ipv4_count};
}

/* What the CNI holds for the pods that are there, as far as the subnet has it. */
static void resize(wb_cloud *cloud, wb_instance *instance)
{
    const int64_t wanted = wb_network_addresses_for(&cloud->network, card_of(cloud, instance),
                                                    instance->pod_address_count);
    const int64_t more = wanted - instance->address_count;
    const int64_t room = free_addresses(cloud, instance->subnet);
    take(cloud, instance, more < room ? more : room);
}

static bool *pod_mark(wb_cloud *cloud, uint32_t pod_id)
{
    if (pod_id >= cloud->pod_address_capacity) {
        const uint32_t old = cloud->pod_address_capacity;
        cloud->pod_address_capacity =
            (uint32_t)wb_heap_memory_next_capacity(old, (size_t)pod_id + 1);
        cloud->pod_has_address =
            wb_heap_memory_resize(cloud->pod_has_address, cloud->pod_address_capacity,
                                  sizeof cloud->pod_has_address[0]);
        memset(&cloud->pod_has_address[old], 0,
               (cloud->pod_address_capacity - old) * sizeof cloud->pod_has_address[0]);
    }
    return &cloud->pod_has_address[pod_id];
}

/* The machine with a subnet that a pod is on, or NULL; pods of the host network need nothing. */
static wb_instance *instance_of(wb_cloud *cloud, uint32_t pod_id)
{
    const uint32_t node_id = cloud->cluster->pods.node_id[pod_id];
    if (node_id == WB_NO_ID || wb_cluster_pod_template(cloud->cluster, pod_id)->is_host_network) {
        return NULL;
    }
    const uint32_t instance_id = cloud->cluster->nodes[node_id].instance_id;
    return instance_id == WB_NO_ID || cloud->instances[instance_id].subnet == 0
               ? NULL
               : &cloud->instances[instance_id];
}

static void look_again(wb_cloud *cloud)
{
    if (cloud->address_retry_is_due || cloud->address_waiting_count == 0) {
        return;
    }
    cloud->address_retry_is_due = true;
    const wb_status status = wb_kernel_schedule(cloud->kernel, cloud->kernel->now_ms + RETRY_MS,
                                                WB_PHASE_CLOUD, WB_EVENT_ADDRESS_RETRY, 0, NULL);
    assert(status == WB_OK);
    (void)status;
}

static void add_waiting(wb_cloud *cloud, uint32_t pod_id)
{
    for (uint32_t i = 0; i < cloud->address_waiting_count; i++) {
        if (cloud->address_waiting[i] == pod_id) {
            return; /* asked again out of turn, as its node came back */
        }
    }
    if (cloud->address_waiting_count == cloud->address_waiting_capacity) {
        cloud->address_waiting_capacity =
            (uint32_t)wb_heap_memory_next_capacity(cloud->address_waiting_capacity,
                                                   (size_t)cloud->address_waiting_count + 1);
        cloud->address_waiting =
            wb_heap_memory_resize(cloud->address_waiting, cloud->address_waiting_capacity,
                                  sizeof cloud->address_waiting[0]);
    }
    cloud->address_waiting[cloud->address_waiting_count++] = pod_id;
    look_again(cloud);
}

/* The first time that a pod finds none, said once; the retries only count on. */
static void complain(wb_cloud *cloud, const wb_instance *instance)
{
    wb_cloud_subnet *subnet = &cloud->subnets[instance->subnet - 1];
    subnet->waiting_pod_count++;
    wb_cloud_api_end(&cloud->api, WB_CLOUD_ASSIGN_ADDRESSES, no_address);
    WB_NOTIFY(cloud->observers, cloud_error, wb_cloud_api_action_name(WB_CLOUD_ASSIGN_ADDRESSES),
              no_address,
              wb_intern_text(cloud->intern, cloud->network.subnets[instance->subnet - 1].id));
}

/* The gate before a pod's start: it goes on when it has an address. */
static int64_t ready_ms(void *context, uint32_t pod_id)
{
    wb_cloud *cloud = context;
    const int64_t now_ms = cloud->kernel->now_ms;
    wb_instance *instance = instance_of(cloud, pod_id);
    if (instance == NULL || *pod_mark(cloud, pod_id)) {
        return now_ms;
    }
    instance->pod_address_count++;
    resize(cloud, instance);
    if (wb_network_pods_for(&cloud->network, card_of(cloud, instance), instance->address_count) >=
        instance->pod_address_count) {
        *pod_mark(cloud, pod_id) = true;
        return now_ms;
    }
    instance->pod_address_count--;
    if (!cloud->is_retrying_addresses) {
        complain(cloud, instance);
    }
    add_waiting(cloud, pod_id);
    return INT64_MAX;
}

static wb_status on_retry(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    (void)event;
    (void)err;
    const uint32_t count = cloud->address_waiting_count;
    uint32_t *waiting = cloud->address_waiting;
    cloud->address_waiting = NULL; /* those that find none again line up anew */
    cloud->address_waiting_count = cloud->address_waiting_capacity = 0;
    cloud->address_retry_is_due = false;
    cloud->is_retrying_addresses = true;
    for (uint32_t i = 0; i < count; i++) {
        wb_cluster_retry_start(cloud->cluster, waiting[i]);
    }
    cloud->is_retrying_addresses = false;
    wb_heap_memory_free(waiting);
    return WB_OK;
}

static void on_pod_gone(void *context, uint32_t pod_id, wb_cause cause)
{
    wb_cloud *cloud = context;
    (void)cause;
    if (!*pod_mark(cloud, pod_id)) {
        return;
    }
    *pod_mark(cloud, pod_id) = false;
    wb_instance *instance = instance_of(cloud, pod_id);
    if (instance != NULL && instance->state != WB_INSTANCE_TERMINATED) {
        instance->pod_address_count--;
        resize(cloud, instance);
    }
}

/* ---- life ---- */

void wb_cloud_network_note_join(wb_cloud *cloud, uint32_t instance_id)
{
    assert(instance_id < cloud->instance_count);
    wb_instance *instance = &cloud->instances[instance_id];
    if (instance->subnet > 0) {
        resize(cloud, instance);
    }
}

void wb_cloud_network_note_end(wb_cloud *cloud, uint32_t instance_id)
{
    assert(cloud->instances[instance_id].state == WB_INSTANCE_TERMINATED);
    wb_instance *instance = &cloud->instances[instance_id];
    if (instance->subnet > 0) {
        take(cloud, instance, -instance->address_count);
        instance->pod_address_count = 0;
    }
}

void wb_cloud_network_init(wb_cloud *cloud)
{
    if (!is_on(cloud)) {
        return;
    }
    cloud->subnets = WB_ARENA_ARRAY(cloud->arena, wb_cloud_subnet, cloud->network.subnet_count);
    const wb_observer observer = {.context = cloud, .pod_gone = on_pod_gone};
    wb_observers_add(cloud->observers, &observer);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_ADDRESS_RETRY, on_retry, cloud);
    const wb_cluster_start_gate gate = {
        .context = cloud,
        .ready_ms = ready_ms,
        .need = "an address of its node's subnet, which has none left",
    };
    wb_cluster_add_start_gate(cloud->cluster, &gate);
}

void wb_cloud_network_release(wb_cloud *cloud)
{
    wb_heap_memory_free(cloud->pod_has_address);
    wb_heap_memory_free(cloud->address_waiting);
}
