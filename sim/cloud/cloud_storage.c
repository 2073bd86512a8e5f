/*
 * EBS volumes of PersistentVolumeClaims: made in the zone of the first pod's node, attached before
 * a pod starts, detached when the last pod that uses them is gone.
 *
 * A node that is drained detaches its volumes in order. Of one that went with pods on it nobody
 * hears that they are unmounted: the attach-detach controller waits six minutes, then forces them
 * off, and until then a pod elsewhere sees a Multi-Attach error. Volumes of generic ephemeral
 * claims and of other drivers are not followed. Source: facts/aws-api.md section 5; times of
 * attaching are assumptions (docs/scenario.md).
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/kernel/event_kinds.h"

static const char driver_name[] = "ebs.csi.aws.com";
static const char multi_attach[] = "Multi-Attach error";

static uint64_t claim_key(uint32_t namespace_name, uint32_t name)
{
    return (uint64_t)namespace_name << 32 | name;
}

int32_t wb_cloud_storage_limit(const wb_cloud *cloud, uint32_t type_index)
{
    assert(type_index < cloud->catalog->type_count);
    const wb_catalog_type *type = &cloud->catalog->types[type_index];
    if (!cloud->storage.options.is_on || type->volume_limit <= 0) {
        return 0;
    }
    /* The root volume takes one; the one interface that a shared limit counts at first, none. */
    return type->volume_limit > 1 ? type->volume_limit - 1 : 1;
}

/* ---- which volumes a pod uses ---- */

/* The next volume of a pod from *inout_at on, or NULL. */
static wb_cloud_volume *next_volume(wb_cloud *cloud, uint32_t pod_id, uint32_t *inout_at)
{
    const wb_pod_template *template = wb_cluster_pod_template(cloud->cluster, pod_id);
    const uint32_t namespace_name =
        cloud->cluster->shapes[cloud->cluster->pods.shape_id[pod_id]].namespace_name;
    while (*inout_at < template->volume_count) {
        const wb_volume *volume = &template->volumes[(*inout_at)++];
        uint64_t row = 0;
        if (volume->kind == WB_VOLUME_CLAIM &&
            wb_hash_map_get(&cloud->storage.volume_by_claim,
                            claim_key(namespace_name, volume->claim_name), &row)) {
            return &cloud->storage.volumes[row];
        }
    }
    return NULL;
}

static bool *pod_mark(wb_cloud_storage *storage, uint32_t pod_id)
{
    if (pod_id >= storage->pod_capacity) {
        const uint32_t old = storage->pod_capacity;
        storage->pod_capacity = (uint32_t)wb_heap_memory_next_capacity(old, (size_t)pod_id + 1);
        storage->pod_has_volumes =
            wb_heap_memory_resize(storage->pod_has_volumes, storage->pod_capacity,
                                  sizeof storage->pod_has_volumes[0]);
        memset(&storage->pod_has_volumes[old], 0,
               (storage->pod_capacity - old) * sizeof storage->pod_has_volumes[0]);
    }
    return &storage->pod_has_volumes[pod_id];
}

/* ---- life of a volume ---- */

/* The claim is bound to a new PersistentVolume of the zone, as controllers see it from now on. */
static void provision(wb_cloud *cloud, wb_cloud_volume *volume, uint32_t zone)
{
    wb_cloud_storage *storage = &cloud->storage;
    wb_volume_claim *claim = &storage->claims[volume->claim_index];
    char name[300];
    (void)snprintf(name, sizeof name, "pvc-%s", wb_intern_text(cloud->intern, claim->name));
    volume->zone = zone;
    volume->created_ms = cloud->kernel->now_ms;
    uint32_t *zones = WB_ARENA_ARRAY(cloud->arena, uint32_t, 1);
    zones[0] = zone;
    wb_label_expression *expression = WB_ARENA_NEW(cloud->arena, wb_label_expression);
    *expression = (wb_label_expression){
        .key = WB_NAME_ZONE, .op = WB_OPERATOR_IN, .value_count = 1, .values = zones};
    wb_node_term *term = WB_ARENA_NEW(cloud->arena, wb_node_term);
    *term = (wb_node_term){.expressions = expression, .expression_count = 1};
    claim->volume_name = wb_intern_add(cloud->intern, name);
    claim->is_bind_completed = true;
    storage->persistent_volumes[storage->persistent_volume_count++] = (wb_persistent_volume){
        .name = claim->volume_name,
        .storage_class = claim->storage_class,
        .driver = storage->driver,
        .required_terms = term,
        .required_term_count = 1,
        .claim_namespace = claim->namespace_name,
        .claim_name = claim->name,
        .capacity_bytes = claim->request_bytes,
    };
}

static int64_t draw(const wb_cloud *cloud, const wb_cloud_volume *volume,
                    const wb_boot_phase *phase, uint32_t phase_index)
{
    const uint32_t name_id = cloud->storage.claims[volume->claim_index].name;
    const char *name = wb_intern_text(cloud->intern, name_id);
    return wb_boot_model_draw(phase, cloud->seed, wb_digest_hash64(name, strlen(name)),
                              volume->attach_count, phase_index);
}

static void complain(wb_cloud *cloud, const wb_cloud_volume *volume)
{
    wb_cloud_api_end(&cloud->api, WB_CLOUD_ATTACH_VOLUME, multi_attach);
    WB_NOTIFY(cloud->observers, cloud_error, wb_cloud_api_action_name(WB_CLOUD_ATTACH_VOLUME),
              multi_attach,
              wb_intern_text(cloud->intern, cloud->storage.claims[volume->claim_index].name));
}

/* When the volume is on the node: it may have to leave another one first. */
static int64_t attach(wb_cloud *cloud, wb_cloud_volume *volume, uint32_t node_id)
{
    const int64_t now_ms = cloud->kernel->now_ms;
    volume->user_count++;
    if (volume->node_id == node_id) {
        return volume->ready_ms > now_ms ? volume->ready_ms : now_ms;
    }
    assert(volume->node_id == WB_NO_ID);
    if (volume->is_forced && volume->free_ms > now_ms) {
        complain(cloud, volume);
    }
    const int64_t from_ms = volume->free_ms > now_ms ? volume->free_ms : now_ms;
    volume->node_id = node_id;
    volume->attach_count++;
    volume->ready_ms =
        from_ms + draw(cloud, volume, &cloud->storage.options.attach, WB_BOOT_PHASE_ATTACH);
    volume->waited_ms += volume->ready_ms - now_ms;
    wb_cloud_api_end(&cloud->api, WB_CLOUD_ATTACH_VOLUME, NULL);
    return volume->ready_ms;
}

/* Whether the node can't be heard to unmount: its machine ended, or its kubelet is silent. */
static bool went_unheard(const wb_cloud *cloud, uint32_t node_id)
{
    const wb_cluster_node *node = &cloud->cluster->nodes[node_id];
    const uint32_t instance_id = node->instance_id;
    return node->is_unreachable ||
           (instance_id != WB_NO_ID && cloud->instances[instance_id].ended_ms >= 0);
}

static void detach(wb_cloud *cloud, wb_cloud_volume *volume)
{
    assert(volume->user_count == 0 && volume->node_id != WB_NO_ID);
    const wb_cloud_storage_options *options = &cloud->storage.options;
    volume->is_forced = went_unheard(cloud, volume->node_id);
    volume->forced_count += volume->is_forced ? 1U : 0U;
    volume->node_id = WB_NO_ID;
    volume->free_ms =
        cloud->kernel->now_ms + (volume->is_forced
                                     ? options->force_detach_ms
                                     : draw(cloud, volume, &options->detach, WB_BOOT_PHASE_DETACH));
    if (cloud->storage.waiting_count > 0) {
        const wb_status status = wb_kernel_schedule(cloud->kernel, cloud->kernel->now_ms,
                                                    WB_PHASE_CLOUD, WB_EVENT_VOLUME_RETRY, 0, NULL);
        assert(status == WB_OK);
        (void)status;
    }
}

/* ---- pods ---- */

static void add_waiting(wb_cloud_storage *storage, uint32_t pod_id)
{
    if (storage->waiting_count == storage->waiting_capacity) {
        storage->waiting_capacity =
            (uint32_t)wb_heap_memory_next_capacity(storage->waiting_capacity,
                                                   (size_t)storage->waiting_count + 1);
        storage->waiting = wb_heap_memory_resize(storage->waiting, storage->waiting_capacity,
                                                 sizeof storage->waiting[0]);
    }
    storage->waiting[storage->waiting_count++] = pod_id;
}

/* Whether pods on another node use a volume of the pod. */
static bool is_in_use_elsewhere(wb_cloud *cloud, uint32_t pod_id)
{
    const uint32_t node_id = cloud->cluster->pods.node_id[pod_id];
    uint32_t at = 0;
    for (wb_cloud_volume *volume = next_volume(cloud, pod_id, &at); volume != NULL;
         volume = next_volume(cloud, pod_id, &at)) {
        if (volume->node_id != WB_NO_ID && volume->node_id != node_id) {
            complain(cloud, volume);
            return true;
        }
    }
    return false;
}

/* The gate before a pod's start: it goes on when its volumes are attached. */
static int64_t ready_ms(void *context, uint32_t pod_id)
{
    wb_cloud *cloud = context;
    const uint32_t node_id = cloud->cluster->pods.node_id[pod_id];
    int64_t last_ms = cloud->kernel->now_ms;
    if (!cloud->cluster->shapes[cloud->cluster->pods.shape_id[pod_id]].has_volumes) {
        return last_ms;
    }
    const bool is_marked = *pod_mark(&cloud->storage, pod_id);
    if (!is_marked && is_in_use_elsewhere(cloud, pod_id)) {
        add_waiting(&cloud->storage, pod_id);
        return INT64_MAX;
    }
    *pod_mark(&cloud->storage, pod_id) = true;
    uint32_t at = 0;
    for (wb_cloud_volume *volume = next_volume(cloud, pod_id, &at); volume != NULL;
         volume = next_volume(cloud, pod_id, &at)) {
        if (volume->zone == 0) {
            provision(cloud, volume, cloud->cluster->nodes[node_id].zone);
        }
        const int64_t at_ms = is_marked ? volume->ready_ms : attach(cloud, volume, node_id);
        last_ms = at_ms > last_ms ? at_ms : last_ms;
    }
    return last_ms;
}

static void on_pod_gone(void *context, uint32_t pod_id, wb_cause cause)
{
    wb_cloud *cloud = context;
    (void)cause;
    if (!*pod_mark(&cloud->storage, pod_id)) {
        return;
    }
    *pod_mark(&cloud->storage, pod_id) = false;
    uint32_t at = 0;
    for (wb_cloud_volume *volume = next_volume(cloud, pod_id, &at); volume != NULL;
         volume = next_volume(cloud, pod_id, &at)) {
        assert(volume->user_count > 0);
        volume->user_count--;
        if (volume->user_count == 0) {
            detach(cloud, volume);
        }
    }
}

static wb_status on_retry(void *context, const wb_event *event, wb_error *err)
{
    wb_cloud *cloud = context;
    (void)event;
    (void)err;
    const uint32_t count = cloud->storage.waiting_count;
    uint32_t *waiting = cloud->storage.waiting;
    cloud->storage.waiting = NULL; /* those that wait on line up anew */
    cloud->storage.waiting_count = cloud->storage.waiting_capacity = 0;
    for (uint32_t i = 0; i < count; i++) {
        wb_cluster_retry_start(cloud->cluster, waiting[i]);
    }
    wb_heap_memory_free(waiting);
    return WB_OK;
}

/* ---- beginning and end ---- */

static uint32_t driver_of(const wb_manifest *manifest, const wb_volume_claim *claim)
{
    for (uint32_t i = 0; i < manifest->persistent_volume_count; i++) {
        if (claim->volume_name != 0 && manifest->persistent_volumes[i].name == claim->volume_name) {
            return manifest->persistent_volumes[i].driver;
        }
    }
    for (uint32_t i = 0; i < manifest->storage_class_count; i++) {
        if (manifest->storage_classes[i].name == claim->storage_class) {
            return manifest->storage_classes[i].provisioner;
        }
    }
    return 0;
}

/* Copies of claims and volumes that change as the run goes on, and a row for each of EBS. */
static void copy_objects(wb_cloud *cloud)
{
    wb_cloud_storage *storage = &cloud->storage;
    const wb_manifest *manifest = cloud->cluster->manifest;
    const uint32_t count = manifest->volume_claim_count;
    const uint32_t known = manifest->persistent_volume_count;
    storage->claims = WB_ARENA_ARRAY(cloud->arena, wb_volume_claim, (size_t)count + 1);
    storage->volumes = WB_ARENA_ARRAY(cloud->arena, wb_cloud_volume, (size_t)count + 1);
    storage->persistent_volumes =
        WB_ARENA_ARRAY(cloud->arena, wb_persistent_volume, (size_t)count + known + 1);
    for (uint32_t i = 0; i < known; i++) {
        storage->persistent_volumes[i] = manifest->persistent_volumes[i];
    }
    storage->persistent_volume_count = known;
    for (uint32_t i = 0; i < count; i++) {
        storage->claims[i] = manifest->volume_claims[i];
        if (driver_of(manifest, &storage->claims[i]) != storage->driver) {
            continue;
        }
        const bool is_bound = storage->claims[i].volume_name != 0;
        storage->volumes[storage->volume_count] = (wb_cloud_volume){
            .claim_index = i,
            .zone = is_bound ? UINT32_MAX : 0, /* where it lies the scheduler knows */
            .node_id = WB_NO_ID,
            .created_ms = is_bound ? 0 : -1,
        };
        (void)wb_hash_map_put(&storage->volume_by_claim,
                              claim_key(storage->claims[i].namespace_name, storage->claims[i].name),
                              storage->volume_count++);
    }
}

void wb_cloud_storage_init(wb_cloud *cloud)
{
    wb_hash_map_init(&cloud->storage.volume_by_claim);
    if (!cloud->storage.options.is_on || cloud->cluster->manifest == NULL) {
        cloud->storage.options.is_on = false;
        return;
    }
    cloud->storage.driver = wb_intern_add(cloud->intern, driver_name);
    cloud->cluster->volume_driver = cloud->storage.driver;
    copy_objects(cloud);
    const wb_observer observer = {.context = cloud, .pod_gone = on_pod_gone};
    wb_observers_add(cloud->observers, &observer);
    wb_kernel_subscribe(cloud->kernel, WB_EVENT_VOLUME_RETRY, on_retry, cloud);
    const wb_cluster_start_gate gate = {
        .context = cloud,
        .ready_ms = ready_ms,
        .need = "a volume that another node still holds",
    };
    wb_cluster_add_start_gate(cloud->cluster, &gate);
}

void wb_cloud_storage_release(wb_cloud *cloud)
{
    wb_hash_map_release(&cloud->storage.volume_by_claim);
    wb_heap_memory_free(cloud->storage.pod_has_volumes);
    wb_heap_memory_free(cloud->storage.waiting);
}

double wb_cloud_storage_gib_hours(const wb_cloud *cloud, uint32_t storage_class, int64_t at_ms)
{
    assert(cloud != NULL);
    double sum = 0.0;
    for (uint32_t i = 0; i < cloud->storage.volume_count; i++) {
        const wb_cloud_volume *volume = &cloud->storage.volumes[i];
        const wb_volume_claim *claim = &cloud->storage.claims[volume->claim_index];
        if (volume->created_ms >= 0 && claim->storage_class == storage_class) {
            sum += (double)claim->request_bytes / 1073741824.0 *
                   (double)(at_ms - volume->created_ms) / 3600000.0;
        }
    }
    return sum;
}
