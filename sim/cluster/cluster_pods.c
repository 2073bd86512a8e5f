/*
 * A pod from creation to its end.
 *
 *     PENDING --bind--> STARTING --pull, start--> RUNNING --duration--> SUCCEEDED
 *        |                 |                         |
 *        |                 +----- delete, evict -----+--> TERMINATING --stopped--> DELETED,
 *        +--------------------- delete, evict, node gone ----------------------->  EVICTED, LOST
 *
 * Each pod has at most one valid event ahead (start, finish or end of grace) whose time is due_ms;
 * an event that comes at another time, or in another state, is stale and is ignored. That is
 * cheaper than a cancellable event per pod: a handle would cost 24 bytes for each of a million
 * pods, and few pods are ever taken away.
 */
#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/heap_memory.h"
#include "base/random.h"
#include "sim/cluster/cluster_internal.h"
#include "sim/kernel/event_kinds.h"

#define POD_LIMIT_DEFAULT (UINT64_C(1) << 31)

/* Every column of the table, for what has to be done to all of them. */
#define POD_COLUMNS(X)         \
    X(state);                  \
    X(shape_id);               \
    X(owner_id);               \
    X(node_id);                \
    X(created_ms);             \
    X(bound_ms);               \
    X(running_ms);             \
    X(gone_ms);                \
    X(first_unschedulable_ms); \
    X(end_ms);                 \
    X(duration_ms);            \
    X(lifetime);               \
    X(cause);                  \
    X(flags);                  \
    X(replaces);               \
    X(replaced_by);            \
    X(nominated_node_id);      \
    X(name);                   \
    X(next_on_node);           \
    X(previous_on_node);       \
    X(next_of_owner);          \
    X(previous_of_owner);      \
    X(due_ms);

/* ---- sums ---- */

bool wb_cluster_pod_is_living(const wb_cluster *cluster, uint32_t pod_id)
{
    assert(pod_id < cluster->pods.count);
    return cluster->pods.state[pod_id] <= WB_POD_STATE_TERMINATING;
}

bool wb_cluster_pod_is_daemon(const wb_cluster *cluster, uint32_t pod_id)
{
    assert(pod_id < cluster->pods.count);
    return (cluster->pods.flags[pod_id] & WB_POD_IS_DAEMON) != 0;
}

const wb_pod_template *wb_cluster_pod_template(const wb_cluster *cluster, uint32_t pod_id)
{
    assert(pod_id < cluster->pods.count);
    return cluster->shapes[cluster->pods.shape_id[pod_id]].template;
}

/* One more or one less, never below nothing: a sum that would go there was wrong before. */
static uint32_t plus(uint32_t value, int32_t sign)
{
    assert(sign == 1 || sign == -1);
    assert(sign > 0 || value > 0);
    return sign > 0 ? value + 1 : value - 1;
}

/* What samples and summaries show. */
static void count_in_cluster(wb_cluster *cluster, wb_pod_state state, int32_t sign)
{
    switch (state) {
    case WB_POD_STATE_PENDING: cluster->pending_count = plus(cluster->pending_count, sign); break;
    case WB_POD_STATE_STARTING:
        cluster->starting_count = plus(cluster->starting_count, sign);
        break;
    case WB_POD_STATE_RUNNING: cluster->running_count = plus(cluster->running_count, sign); break;
    case WB_POD_STATE_TERMINATING:
        cluster->terminating_count = plus(cluster->terminating_count, sign);
        break;
    case WB_POD_STATE_SUCCEEDED:
    case WB_POD_STATE_DELETED:
    case WB_POD_STATE_EVICTED:
    case WB_POD_STATE_LOST: break;
    }
}

/* What controllers decide by. Terminating pods are no longer the controller's business, except that
 * they still exist (living_count): a StatefulSet waits for their names. */
static void count_at_owner(wb_cluster *cluster, uint32_t pod_id, bool is_healthy, int32_t sign)
{
    const wb_pod_table *pods = &cluster->pods;
    wb_owner *owner = &cluster->owners[pods->owner_id[pod_id]];
    const bool is_active = pods->state[pod_id] < WB_POD_STATE_TERMINATING;
    owner->living_count = plus(owner->living_count, sign);
    if (is_active) {
        owner->active_count = plus(owner->active_count, sign);
    }
    wb_controller *controller = wb_cluster_controller_of(cluster, pods->owner_id[pod_id]);
    if (controller == NULL || !is_active) {
        return;
    }
    const bool is_outdated =
        cluster->shapes[pods->shape_id[pod_id]].base_shape_id != controller->shape_id;
    if (is_healthy) {
        controller->available_count = plus(controller->available_count, sign);
    }
    if (is_outdated) {
        controller->outdated_active_count = plus(controller->outdated_active_count, sign);
    }
    if (is_outdated && is_healthy) {
        controller->outdated_available_count = plus(controller->outdated_available_count, sign);
    }
}

void wb_cluster_count_pod(wb_cluster *cluster, uint32_t pod_id, int32_t sign)
{
    assert(pod_id < cluster->pods.count);
    const wb_pod_table *pods = &cluster->pods;
    const wb_pod_state state = (wb_pod_state)pods->state[pod_id];
    if (state > WB_POD_STATE_TERMINATING) {
        return;
    }
    const bool is_healthy =
        state == WB_POD_STATE_RUNNING && cluster->nodes[pods->node_id[pod_id]].is_ready;
    const uint32_t owner_id = pods->owner_id[pod_id];
    if ((pods->flags[pod_id] & WB_POD_IS_DAEMON) == 0) {
        count_in_cluster(cluster, state, sign);
    }
    if (owner_id != WB_NO_ID) {
        count_at_owner(cluster, pod_id, is_healthy, sign);
    }
    const wb_shape *shape = &cluster->shapes[pods->shape_id[pod_id]];
    if (shape->pdb_count == 0) {
        return;
    }
    const bool is_expected =
        !wb_cluster_owner_states_replicas(cluster, owner_id) &&
        (state < WB_POD_STATE_TERMINATING || wb_cluster_pod_awaits_successor(cluster, pod_id));
    for (uint32_t i = 0; i < shape->pdb_count; i++) {
        wb_pdb_count *count = &cluster->pdb_counts[shape->pdbs[i]];
        count->healthy += is_healthy ? sign : 0;
        count->expected += is_expected ? sign : 0;
        assert(count->healthy >= 0 && count->expected >= 0);
    }
}

/* The only way from one living state to another. */
static void change_state(wb_cluster *cluster, uint32_t pod_id, wb_pod_state state)
{
    assert(state <= WB_POD_STATE_TERMINATING);
    wb_cluster_count_pod(cluster, pod_id, -1);
    cluster->pods.state[pod_id] = (uint8_t)state;
    wb_cluster_count_pod(cluster, pod_id, 1);
    cluster->version++;
}

/* ---- names ---- */

/* 64 bits of hash stand for a name. Two living names with one hash would hide one of them from a
 * search; among a million that happens once in 37 million runs. */
static uint64_t name_key(uint32_t namespace_name, const char *name)
{
    return wb_hash_map_join(wb_digest_hash64(name, strlen(name)), namespace_name);
}

uint32_t wb_cluster_latest_pod(const wb_cluster *cluster, uint32_t pod_id)
{
    assert(pod_id < cluster->pods.count);
    uint32_t latest = pod_id;
    while (cluster->pods.replaced_by[latest] != WB_NO_ID) {
        assert(cluster->pods.replaced_by[latest] > latest); /* so this ends */
        latest = cluster->pods.replaced_by[latest];
    }
    return latest;
}

uint32_t wb_cluster_find_pod(const wb_cluster *cluster, uint32_t namespace_name, const char *name)
{
    assert(cluster != NULL && name != NULL);
    uint64_t found;
    if (!wb_hash_map_get(&cluster->pod_by_name, name_key(namespace_name, name), &found)) {
        return WB_NO_ID;
    }
    const uint32_t pod_id = (uint32_t)found;
    const wb_shape *shape = &cluster->shapes[cluster->pods.shape_id[pod_id]];
    if (shape->namespace_name != namespace_name || strcmp(cluster->pods.name[pod_id], name) != 0) {
        return WB_NO_ID; /* another name with the same hash */
    }
    return wb_cluster_latest_pod(cluster, pod_id);
}

/* The pod is gone and nobody replaced it: neither its name nor those of the pods that it replaced
 * mean anything now. (The name of a replaced pod stays, as the name of its replacement.) */
static void forget_names(wb_cluster *cluster, uint32_t pod_id)
{
    for (uint32_t id = pod_id; id != WB_NO_ID; id = cluster->pods.replaces[id]) {
        const wb_shape *shape = &cluster->shapes[cluster->pods.shape_id[id]];
        const uint64_t key = name_key(shape->namespace_name, cluster->pods.name[id]);
        uint64_t found;
        /* A later pod of the same name (or hash) may have taken the entry over. */
        if (wb_hash_map_get(&cluster->pod_by_name, key, &found) && found == id) {
            (void)wb_hash_map_remove(&cluster->pod_by_name, key);
        }
    }
}

/* ---- creation ---- */

/* All columns together: a row is complete or not there. */
static void grow_pods(wb_pod_table *pods)
{
    pods->capacity =
        (uint32_t)wb_heap_memory_next_capacity(pods->capacity, (size_t)pods->count + 1);
#define GROW_COLUMN(column) \
    pods->column = wb_heap_memory_resize(pods->column, pods->capacity, sizeof(*pods->column))
    POD_COLUMNS(GROW_COLUMN)
#undef GROW_COLUMN
}

/* What is asked of many pods and never changes. */
static uint8_t flags_of(const wb_cluster *cluster, const wb_pod_create *create)
{
    uint8_t flags = create->is_checkpointed ? WB_POD_IS_CHECKPOINTED : 0;
    if (create->lifetime == WB_LIFETIME_DURATION) {
        flags |= WB_POD_IS_BATCH;
    }
    if (create->is_held) {
        flags |= WB_POD_IS_HELD;
    }
    if (create->replaces != WB_NO_ID) {
        flags |= WB_POD_IS_REPLACEMENT;
    }
    if (create->owner_id != WB_NO_ID) {
        const wb_owner_kind kind = cluster->owners[create->owner_id].kind;
        if (kind == WB_OWNER_DAEMON_SET || kind == WB_OWNER_NODE) {
            flags |= WB_POD_IS_DAEMON;
        }
        if (kind == WB_OWNER_DAEMON_SET &&
            wb_cluster_controller_of(cluster, create->owner_id) != NULL) {
            flags |= WB_POD_IS_PINNED;
        }
    }
    return flags;
}

/* Every column, in the order of the table; times that a lifetime does not use are -1, so that no
 * reader takes them for meant. */
static void fill_row(wb_cluster *cluster, uint32_t pod_id, const wb_pod_create *create)
{
    wb_pod_table *pods = &cluster->pods;
    pods->state[pod_id] = WB_POD_STATE_PENDING;
    pods->shape_id[pod_id] = create->shape_id;
    pods->owner_id[pod_id] = create->owner_id;
    pods->node_id[pod_id] = WB_NO_ID;
    pods->created_ms[pod_id] = cluster->kernel->now_ms;
    pods->bound_ms[pod_id] = -1;
    pods->running_ms[pod_id] = -1;
    pods->gone_ms[pod_id] = -1;
    pods->first_unschedulable_ms[pod_id] = -1;
    pods->end_ms[pod_id] = create->lifetime == WB_LIFETIME_UNTIL ? create->end_ms : -1;
    pods->duration_ms[pod_id] = create->lifetime == WB_LIFETIME_DURATION ? create->duration_ms : -1;
    pods->lifetime[pod_id] = (uint8_t)create->lifetime;
    pods->cause[pod_id] = WB_CAUSE_NONE;
    pods->flags[pod_id] = flags_of(cluster, create);
    pods->replaces[pod_id] = create->replaces;
    pods->replaced_by[pod_id] = WB_NO_ID;
    pods->nominated_node_id[pod_id] = WB_NO_ID;
    pods->name[pod_id] = wb_arena_copy_string(cluster->arena, create->name);
    pods->next_on_node[pod_id] = WB_NO_ID;
    pods->previous_on_node[pod_id] = WB_NO_ID;
    pods->next_of_owner[pod_id] = WB_NO_ID;
    pods->previous_of_owner[pod_id] = WB_NO_ID;
    pods->due_ms[pod_id] = -1;
}

/* In front: the newest is what a controller mostly looks for. */
static void join_owner(wb_cluster *cluster, uint32_t pod_id)
{
    wb_pod_table *pods = &cluster->pods;
    wb_owner *owner = &cluster->owners[pods->owner_id[pod_id]];
    pods->next_of_owner[pod_id] = owner->first_pod;
    if (owner->first_pod != WB_NO_ID) {
        pods->previous_of_owner[owner->first_pod] = pod_id;
    }
    owner->first_pod = pod_id;
}

static void leave_owner(wb_cluster *cluster, uint32_t pod_id)
{
    wb_pod_table *pods = &cluster->pods;
    const uint32_t next = pods->next_of_owner[pod_id];
    const uint32_t previous = pods->previous_of_owner[pod_id];
    if (previous != WB_NO_ID) {
        pods->next_of_owner[previous] = next;
    } else {
        cluster->owners[pods->owner_id[pod_id]].first_pod = next;
    }
    if (next != WB_NO_ID) {
        pods->previous_of_owner[next] = previous;
    }
    pods->next_of_owner[pod_id] = WB_NO_ID;
    pods->previous_of_owner[pod_id] = WB_NO_ID;
}

static bool is_pinned(const wb_cluster *cluster, uint32_t pod_id)
{
    return (cluster->pods.flags[pod_id] & WB_POD_IS_PINNED) != 0;
}

/* Whether the scheduler knows of the pod while it is pending. */
static bool is_queued(const wb_cluster *cluster, uint32_t pod_id)
{
    return (cluster->pods.flags[pod_id] & (WB_POD_IS_PINNED | WB_POD_IS_HELD)) == 0;
}

/* The row is complete and counted; now others hear of it, listeners before the scheduler, so that
 * a recorder has the pod before anything happens to it. */
static void announce_creation(wb_cluster *cluster, uint32_t pod_id, const wb_pod_create *create)
{
    WB_NOTIFY(cluster->observers, pod_created, pod_id);
    if (create->lifetime == WB_LIFETIME_UNTIL) {
        const int64_t now_ms = cluster->kernel->now_ms;
        wb_cluster_schedule(cluster, create->end_ms > now_ms ? create->end_ms : now_ms,
                            WB_EVENT_POD_DELETE, pod_id);
    }
    if (create->bound_node_id != WB_NO_ID) {
        wb_cluster_bind_pod(cluster, pod_id, create->bound_node_id);
    } else if (cluster->scheduler != NULL && is_queued(cluster, pod_id)) {
        cluster->scheduler_ops->enqueue(cluster->scheduler, pod_id);
    }
}

uint64_t wb_cluster_pod_limit(const wb_cluster *cluster)
{
    return cluster->options.pod_limit != 0 ? cluster->options.pod_limit : POD_LIMIT_DEFAULT;
}

wb_status wb_cluster_create_pod(wb_cluster *cluster, const wb_pod_create *create,
                                uint32_t *out_pod_id, wb_error *err)
{
    assert(cluster != NULL && create != NULL && out_pod_id != NULL);
    assert(create->name != NULL && create->shape_id < cluster->shape_count);
    assert(create->owner_id == WB_NO_ID || create->owner_id < cluster->owner_count);
    assert(create->lifetime != WB_LIFETIME_DURATION || create->duration_ms >= 0);
    wb_pod_table *pods = &cluster->pods;
    wb_shape *shape = &cluster->shapes[create->shape_id];
    assert(shape->namespace_name == create->namespace_name);
    const uint64_t limit = wb_cluster_pod_limit(cluster);
    if (pods->count >= limit) {
        return wb_fail(err, WB_ERR_LIMIT, "more than %llu pods (limits.pods)",
                       (unsigned long long)limit);
    }
    if (pods->count == pods->capacity) {
        grow_pods(pods);
    }
    const uint32_t pod_id = pods->count++;
    fill_row(cluster, pod_id, create);
    if (create->replaces != WB_NO_ID) {
        assert(create->replaces < pod_id);
        pods->replaced_by[create->replaces] = pod_id;
    }
    if (shape->pod_count == 0) {
        shape->owner_hint = create->owner_id;
    }
    shape->pod_count++;
    if (create->owner_id != WB_NO_ID) {
        join_owner(cluster, pod_id);
    }
    (void)wb_hash_map_put(&cluster->pod_by_name, name_key(create->namespace_name, create->name),
                          pod_id);
    wb_cluster_count_pod(cluster, pod_id, 1);
    cluster->version++;
    *out_pod_id = pod_id;
    announce_creation(cluster, pod_id, create);
    return WB_OK;
}

/* ---- binding and starting ---- */

void wb_cluster_mark_unschedulable(wb_cluster *cluster, uint32_t pod_id, const char *reason)
{
    assert(pod_id < cluster->pods.count && reason != NULL);
    assert(cluster->pods.state[pod_id] == WB_POD_STATE_PENDING);
    if (cluster->pods.first_unschedulable_ms[pod_id] < 0) {
        cluster->pods.first_unschedulable_ms[pod_id] = cluster->kernel->now_ms;
        cluster->version++;
    }
    WB_NOTIFY(cluster->observers, pod_unschedulable, pod_id, reason);
}

void wb_cluster_bind_pod(wb_cluster *cluster, uint32_t pod_id, uint32_t node_id)
{
    assert(pod_id < cluster->pods.count && node_id < cluster->node_count);
    assert(cluster->pods.state[pod_id] == WB_POD_STATE_PENDING);
    assert(cluster->nodes[node_id].state != WB_NODE_STATE_GONE);
    cluster->pods.node_id[pod_id] = node_id;
    cluster->pods.bound_ms[pod_id] = cluster->kernel->now_ms;
    cluster->pods.nominated_node_id[pod_id] = WB_NO_ID;
    change_state(cluster, pod_id, WB_POD_STATE_STARTING);
    wb_cluster_join_node(cluster, pod_id);
    WB_NOTIFY(cluster->observers, pod_bound, pod_id, node_id);
    if (cluster->scheduler != NULL) {
        cluster->scheduler_ops->pod_assigned(cluster->scheduler, pod_id, node_id);
    }
    wb_cluster_begin_start(cluster, pod_id);
    if (!cluster->nodes[node_id].is_ready) {
        wb_cluster_watch_pod(cluster, pod_id);
    }
}

/* The pull's median: by size and bandwidth where sizes are known. */
static double median_pull_ms(const wb_cluster *cluster, uint32_t node_id, uint32_t image)
{
    const wb_image_pull_sizes *known = &cluster->options.image_sizes;
    if (known->bytes_per_second == 0) {
        return (double)cluster->options.image_pull_median_ms;
    }
    int64_t bytes = known->otherwise_bytes;
    for (uint32_t i = 0; i < known->count; i++) {
        bytes = known->sizes[i].image == image ? known->sizes[i].bytes : bytes;
    }
    const int64_t of_node = (int64_t)cluster->nodes[node_id].network_mbps * 125000;
    const bool is_slower = of_node > 0 && of_node < known->bytes_per_second;
    return (double)bytes * 1000.0 / (double)(is_slower ? of_node : known->bytes_per_second);
}

/* How long node pulls image: a function of the two names, so that every contender that launches
 * this node waits as long (common random numbers). */
static int64_t draw_pull_ms(const wb_cluster *cluster, uint32_t node_id, uint32_t image)
{
    const char *node_name = wb_intern_text(cluster->intern, cluster->nodes[node_id].name);
    const char *image_name = wb_intern_text(cluster->intern, image);
    const wb_random_key key = {
        .seed = cluster->options.seed,
        .stream = WB_RANDOM_IMAGE_PULL,
        .ordinal = wb_hash_map_join(wb_digest_hash64(node_name, strlen(node_name)),
                                    wb_digest_hash64(image_name, strlen(image_name))),
    };
    const double median_ms = median_pull_ms(cluster, node_id, image);
    if (median_ms <= 0.0) {
        return 0;
    }
    const double pull_ms =
        wb_random_lognormal(key, 0, median_ms, cluster->options.image_pull_sigma);
    return (int64_t)(pull_ms + 0.5);
}

/* When image is on the node, if it is asked for at from_ms: the first to ask pulls it. */
static int64_t pull_image(wb_cluster *cluster, uint32_t node_id, uint32_t image, int64_t from_ms)
{
    const uint64_t key = (uint64_t)node_id << 32 | image;
    uint64_t ready_ms;
    if (!wb_hash_map_get(&cluster->image_ready_ms, key, &ready_ms)) {
        ready_ms = (uint64_t)(from_ms + draw_pull_ms(cluster, node_id, image));
        (void)wb_hash_map_put(&cluster->image_ready_ms, key, ready_ms);
    }
    return (int64_t)ready_ms > from_ms ? (int64_t)ready_ms : from_ms;
}

/* Images of one pod are pulled one after another, as the kubelet does by default. A template that
 * names none (most traces) counts as one image that all such pods share. */
static int64_t pull_images(wb_cluster *cluster, uint32_t pod_id, int64_t from_ms)
{
    int64_t ready_ms = from_ms;
    if (cluster->options.image_pull_median_ms == 0 &&
        cluster->options.image_sizes.bytes_per_second == 0) {
        return ready_ms;
    }
    const uint32_t node_id = cluster->pods.node_id[pod_id];
    const wb_pod_template *template = wb_cluster_pod_template(cluster, pod_id);
    if (template->container_count == 0) {
        return pull_image(cluster, node_id, 0, ready_ms);
    }
    for (uint32_t i = 0; i < template->container_count; i++) {
        ready_ms = pull_image(cluster, node_id, template->containers[i].image, ready_ms);
    }
    return ready_ms;
}

void wb_cluster_retry_start(wb_cluster *cluster, uint32_t pod_id)
{
    assert(pod_id < cluster->pods.count);
    if (cluster->pods.state[pod_id] == WB_POD_STATE_STARTING) {
        wb_cluster_begin_start(cluster, pod_id);
    }
}

void wb_cluster_begin_start(wb_cluster *cluster, uint32_t pod_id)
{
    assert(cluster->pods.state[pod_id] == WB_POD_STATE_STARTING);
    const wb_cluster_node *node = &cluster->nodes[cluster->pods.node_id[pod_id]];
    if (!node->is_ready || cluster->pods.due_ms[pod_id] >= 0) {
        return;
    }
    const int64_t start_ms =
        node->pod_start_median_ms >= 0 ? node->pod_start_median_ms : cluster->options.pod_start_ms;
    const int64_t from_ms = wb_cluster_pass_gates(cluster, pod_id);
    if (from_ms == INT64_MAX) {
        return;
    }
    cluster->pods.due_ms[pod_id] = pull_images(cluster, pod_id, from_ms) + start_ms;
    wb_cluster_schedule(cluster, cluster->pods.due_ms[pod_id], WB_EVENT_POD_STARTED, pod_id);
}

void wb_cluster_release_pod(wb_cluster *cluster, uint32_t pod_id)
{
    assert(pod_id < cluster->pods.count);
    uint8_t *flags = &cluster->pods.flags[pod_id];
    if ((*flags & WB_POD_IS_HELD) == 0 || cluster->pods.state[pod_id] != WB_POD_STATE_PENDING) {
        return;
    }
    *flags = (uint8_t)(*flags & ~WB_POD_IS_HELD);
    if (cluster->scheduler != NULL) {
        cluster->scheduler_ops->enqueue(cluster->scheduler, pod_id);
    }
}

void wb_cluster_start_pod_at(wb_cluster *cluster, uint32_t pod_id, int64_t at_ms)
{
    assert(pod_id < cluster->pods.count);
    const int64_t now_ms = cluster->kernel->now_ms;
    if (cluster->pods.state[pod_id] != WB_POD_STATE_STARTING || cluster->pods.due_ms[pod_id] < 0) {
        return;
    }
    cluster->pods.due_ms[pod_id] = at_ms > now_ms ? at_ms : now_ms;
    wb_cluster_schedule(cluster, cluster->pods.due_ms[pod_id], WB_EVENT_POD_STARTED, pod_id);
}

/* ---- ending ---- */

/* By whom the pod is missed. Its row says why it was taken away and whether another came
 * instead. */
static wb_pod_state end_state(const wb_cluster *cluster, uint32_t pod_id)
{
    const wb_cause cause = (wb_cause)cluster->pods.cause[pod_id];
    const uint32_t owner_id = cluster->pods.owner_id[pod_id];
    if (!wb_cluster_cause_is_eviction(cause) || wb_cluster_pod_is_daemon(cluster, pod_id)) {
        return WB_POD_STATE_DELETED;
    }
    if (owner_id == WB_NO_ID) {
        return WB_POD_STATE_LOST;
    }
    if (cluster->pods.replaced_by[pod_id] != WB_NO_ID) {
        return WB_POD_STATE_EVICTED;
    }
    const wb_controller *controller = wb_cluster_controller_of(cluster, owner_id);
    if (controller == NULL) { /* a service whose recorded end has come misses nothing */
        const bool is_over = cluster->pods.lifetime[pod_id] == WB_LIFETIME_UNTIL &&
                             cluster->pods.end_ms[pod_id] <= cluster->kernel->now_ms;
        return is_over ? WB_POD_STATE_DELETED : WB_POD_STATE_EVICTED;
    }
    if (controller->is_over) {
        return WB_POD_STATE_LOST; /* the Job gave up */
    }
    const bool comes_back = cluster->owners[owner_id].kind == WB_OWNER_STATEFUL_SET &&
                            wb_cluster_slot_is_wanted(cluster, pod_id);
    return comes_back ? WB_POD_STATE_EVICTED : WB_POD_STATE_DELETED; /* scaled down meanwhile */
}

/* A bound pod leaves room, a queued one leaves the queue; a pinned one was never there. */
static void tell_scheduler_of_end(wb_cluster *cluster, uint32_t pod_id, bool was_bound)
{
    if (cluster->scheduler == NULL) {
        return;
    }
    if (was_bound) {
        cluster->scheduler_ops->pod_removed(cluster->scheduler, pod_id,
                                            cluster->pods.node_id[pod_id]);
    } else if (is_queued(cluster, pod_id)) {
        cluster->scheduler_ops->forget(cluster->scheduler, pod_id);
    }
}

/* The order matters: sums and chains first, then the row, then those who look at both (observers,
 * scheduler), then those who act on it (successor, controller, waiting daemons). */
void wb_cluster_end_pod(wb_cluster *cluster, uint32_t pod_id, wb_pod_state state, wb_cause cause)
{
    wb_pod_table *pods = &cluster->pods;
    assert(wb_cluster_pod_is_living(cluster, pod_id));
    assert(state > WB_POD_STATE_TERMINATING);
    const bool was_bound = pods->node_id[pod_id] != WB_NO_ID;
    wb_cluster_forget_stuck(cluster, pod_id);
    const bool awaits_successor = wb_cluster_pod_awaits_successor(cluster, pod_id);
    wb_cluster_count_pod(cluster, pod_id, -1);
    if (was_bound) {
        wb_cluster_leave_node(cluster, pod_id);
    } else if (is_pinned(cluster, pod_id)) {
        wb_cluster_forget_waiting_daemon(cluster, pod_id);
    }
    if (pods->owner_id[pod_id] != WB_NO_ID) {
        leave_owner(cluster, pod_id);
    }
    pods->state[pod_id] = (uint8_t)state;
    pods->cause[pod_id] = (uint8_t)cause;
    pods->gone_ms[pod_id] = cluster->kernel->now_ms;
    pods->due_ms[pod_id] = -1;
    cluster->lost_count += state == WB_POD_STATE_LOST ? 1 : 0;
    cluster->version++;
    WB_NOTIFY(cluster->observers, pod_gone, pod_id, cause);
    tell_scheduler_of_end(cluster, pod_id, was_bound);
    if (awaits_successor) {
        wb_cluster_succeed_pod(cluster, pod_id);
    }
    wb_cluster_controller_ended_pod(cluster, pod_id);
    if (pods->replaced_by[pod_id] == WB_NO_ID) {
        forget_names(cluster, pod_id);
    }
    if (was_bound) {
        wb_cluster_bind_waiting_daemons(cluster, pods->node_id[pod_id]);
    }
}

void wb_cluster_end_terminated(wb_cluster *cluster, uint32_t pod_id)
{
    assert(cluster->pods.state[pod_id] == WB_POD_STATE_TERMINATING);
    wb_cluster_end_pod(cluster, pod_id, end_state(cluster, pod_id),
                       (wb_cause)cluster->pods.cause[pod_id]);
}

int64_t wb_cluster_stop_ms(const wb_cluster *cluster, uint32_t pod_id)
{
    const int64_t grace_ms = wb_cluster_pod_template(cluster, pod_id)->grace_period_ms;
    const int64_t stop_ms = cluster->options.pod_stop_ms;
    assert(grace_ms >= 0);
    return grace_ms < stop_ms ? grace_ms : stop_ms;
}

/* From the order to stop until the pod is gone; without a kubelet that obeys, until the end of its
 * grace period, when it is not gone either. */
static int64_t termination_ms(const wb_cluster *cluster, uint32_t pod_id, int64_t limit_ms)
{
    const bool is_silent = cluster->nodes[cluster->pods.node_id[pod_id]].is_unreachable;
    const int64_t stop_ms = is_silent ? wb_cluster_pod_template(cluster, pod_id)->grace_period_ms
                                      : wb_cluster_stop_ms(cluster, pod_id);
    return limit_ms >= 0 && stop_ms > limit_ms ? limit_ms : stop_ms;
}

void wb_cluster_terminate_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause,
                              int64_t limit_ms)
{
    wb_pod_table *pods = &cluster->pods;
    assert(pods->state[pod_id] < WB_POD_STATE_TERMINATING);
    assert(cause != WB_CAUSE_NONE);
    const bool is_bound = pods->state[pod_id] != WB_POD_STATE_PENDING;
    const int64_t stop_ms = is_bound ? termination_ms(cluster, pod_id, limit_ms) : 0;
    wb_cluster_count_pod(cluster, pod_id, -1);
    pods->state[pod_id] = WB_POD_STATE_TERMINATING;
    pods->cause[pod_id] = (uint8_t)cause;
    wb_cluster_count_pod(cluster, pod_id, 1);
    pods->due_ms[pod_id] = cluster->kernel->now_ms + stop_ms;
    cluster->version++;
    if (is_bound) {
        wb_cluster_note_termination(cluster, pod_id);
        wb_cluster_schedule(cluster, pods->due_ms[pod_id], WB_EVENT_POD_KILLED, pod_id);
        WB_NOTIFY(cluster->observers, pod_terminating, pod_id, cause);
    }
}

void wb_cluster_end_unbound(wb_cluster *cluster, uint32_t pod_id)
{
    const wb_pod_table *pods = &cluster->pods;
    if (pods->state[pod_id] == WB_POD_STATE_TERMINATING && pods->node_id[pod_id] == WB_NO_ID) {
        wb_cluster_end_terminated(cluster, pod_id);
    }
}

void wb_cluster_delete_pod(wb_cluster *cluster, uint32_t pod_id, wb_cause cause)
{
    assert(cluster != NULL && pod_id < cluster->pods.count);
    assert(!wb_cluster_cause_is_eviction(cause));
    wb_pod_table *pods = &cluster->pods;
    if (!wb_cluster_pod_is_living(cluster, pod_id)) {
        return;
    }
    if (pods->state[pod_id] == WB_POD_STATE_TERMINATING) {
        if (wb_cluster_pod_awaits_successor(cluster, pod_id)) {
            wb_cluster_count_pod(cluster, pod_id, -1);
            pods->cause[pod_id] = (uint8_t)cause;
            wb_cluster_count_pod(cluster, pod_id, 1);
        }
        return;
    }
    wb_cluster_terminate_pod(cluster, pod_id, cause, -1);
    wb_cluster_end_unbound(cluster, pod_id);
    wb_cluster_touch_owner(cluster, pods->owner_id[pod_id]);
}

/* ---- events ---- */

/* Whether the event that just came is the one that still counts for the pod. */
static bool is_due(const wb_cluster *cluster, uint32_t pod_id, wb_pod_state state)
{
    assert(pod_id < cluster->pods.count);
    return cluster->pods.state[pod_id] == state &&
           cluster->pods.due_ms[pod_id] == cluster->kernel->now_ms;
}

static wb_status handle_started(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster *cluster = context;
    wb_pod_table *pods = &cluster->pods;
    const uint32_t pod_id = event->subject;
    if (!is_due(cluster, pod_id, WB_POD_STATE_STARTING)) {
        return wb_cluster_status(cluster, err);
    }
    pods->running_ms[pod_id] = cluster->kernel->now_ms;
    pods->due_ms[pod_id] = -1;
    change_state(cluster, pod_id, WB_POD_STATE_RUNNING);
    if (pods->lifetime[pod_id] == WB_LIFETIME_DURATION) {
        pods->due_ms[pod_id] = cluster->kernel->now_ms + pods->duration_ms[pod_id];
        wb_cluster_schedule(cluster, pods->due_ms[pod_id], WB_EVENT_POD_FINISHED, pod_id);
    }
    WB_NOTIFY(cluster->observers, pod_running, pod_id);
    wb_cluster_touch_owner(cluster, pods->owner_id[pod_id]);
    return wb_cluster_status(cluster, err);
}

static wb_status handle_finished(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster *cluster = context;
    if (is_due(cluster, event->subject, WB_POD_STATE_RUNNING)) {
        wb_cluster_end_pod(cluster, event->subject, WB_POD_STATE_SUCCEEDED, WB_CAUSE_FINISHED);
    }
    return wb_cluster_status(cluster, err);
}

/* The recorded end. A replacement has an event of its own, so a pod that is gone by now needs
 * nothing, and delete_pod ignores it. */
static wb_status handle_delete(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster *cluster = context;
    wb_cluster_delete_pod(cluster, event->subject, WB_CAUSE_WORKLOAD);
    return wb_cluster_status(cluster, err);
}

static wb_status handle_killed(void *context, const wb_event *event, wb_error *err)
{
    wb_cluster *cluster = context;
    const uint32_t pod_id = event->subject;
    if (!is_due(cluster, pod_id, WB_POD_STATE_TERMINATING)) {
        return wb_cluster_status(cluster, err);
    }
    if (cluster->nodes[cluster->pods.node_id[pod_id]].is_unreachable) {
        wb_cluster_note_stuck(cluster, pod_id);
    } else {
        wb_cluster_end_terminated(cluster, pod_id);
    }
    return wb_cluster_status(cluster, err);
}

void wb_cluster_subscribe_pods(wb_cluster *cluster)
{
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_POD_STARTED, handle_started, cluster);
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_POD_FINISHED, handle_finished, cluster);
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_POD_DELETE, handle_delete, cluster);
    wb_kernel_subscribe(cluster->kernel, WB_EVENT_POD_KILLED, handle_killed, cluster);
    wb_cluster_subscribe_taints(cluster);
}

void wb_cluster_release_pods(wb_cluster *cluster)
{
#define FREE_COLUMN(column) wb_heap_memory_free(cluster->pods.column)
    POD_COLUMNS(FREE_COLUMN)
#undef FREE_COLUMN
    cluster->pods = (wb_pod_table){0};
}
