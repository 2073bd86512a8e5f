/*
 * The stupid implementation of every sum: counts all from the pods' states and compares. Shares no
 * code with the verbs that keep the sums, so that a mistake there can't hide here.
 */
#include <assert.h>

#include "base/heap_memory.h"
#include "sim/cluster/cluster_internal.h"

/* What the pods' rows add up to. */
typedef struct check_sums {
    uint32_t pending, starting, running, terminating, stuck, stuck_batch;
    uint32_t *node_pods, *node_movable; /* owned; per node */
    int64_t *node_requested;            /* owned; per node and resource */
    int64_t *daemon_cpu, *daemon_memory;
    uint32_t *owner_living, *owner_active;                      /* owned; per owner */
    uint32_t *available, *outdated_active, *outdated_available; /* owned; per workload */
    wb_pdb_count *pdbs;                                         /* owned; per PDB */
} check_sums;

static void init_sums(check_sums *sums, const wb_cluster *cluster)
{
    const size_t nodes = cluster->node_count;
    const size_t owners = cluster->owner_count;
    const size_t workloads = cluster->workload_count;
    *sums = (check_sums){
        .node_pods = wb_heap_memory_zalloc(nodes, sizeof(uint32_t)),
        .node_movable = wb_heap_memory_zalloc(nodes, sizeof(uint32_t)),
        .node_requested = wb_heap_memory_zalloc(nodes * cluster->resource_count, sizeof(int64_t)),
        .daemon_cpu = wb_heap_memory_zalloc(nodes, sizeof(int64_t)),
        .daemon_memory = wb_heap_memory_zalloc(nodes, sizeof(int64_t)),
        .owner_living = wb_heap_memory_zalloc(owners, sizeof(uint32_t)),
        .owner_active = wb_heap_memory_zalloc(owners, sizeof(uint32_t)),
        .available = wb_heap_memory_zalloc(workloads, sizeof(uint32_t)),
        .outdated_active = wb_heap_memory_zalloc(workloads, sizeof(uint32_t)),
        .outdated_available = wb_heap_memory_zalloc(workloads, sizeof(uint32_t)),
        .pdbs = wb_heap_memory_zalloc(cluster->pdb_count, sizeof(wb_pdb_count)),
    };
}

static void release_sums(check_sums *sums)
{
    wb_heap_memory_free(sums->node_pods);
    wb_heap_memory_free(sums->node_movable);
    wb_heap_memory_free(sums->node_requested);
    wb_heap_memory_free(sums->daemon_cpu);
    wb_heap_memory_free(sums->daemon_memory);
    wb_heap_memory_free(sums->owner_living);
    wb_heap_memory_free(sums->owner_active);
    wb_heap_memory_free(sums->available);
    wb_heap_memory_free(sums->outdated_active);
    wb_heap_memory_free(sums->outdated_available);
    wb_heap_memory_free(sums->pdbs);
}

/* ---- adding up ---- */

static void add_to_node(check_sums *sums, const wb_cluster *cluster, uint32_t pod_id)
{
    const wb_shape *shape = &cluster->shapes[cluster->pods.shape_id[pod_id]];
    const uint32_t node_id = cluster->pods.node_id[pod_id];
    assert(node_id < cluster->node_count);
    assert(cluster->nodes[node_id].state != WB_NODE_STATE_GONE);
    const bool is_daemon = (cluster->pods.flags[pod_id] & WB_POD_IS_DAEMON) != 0;
    sums->node_pods[node_id]++;
    sums->node_movable[node_id] += is_daemon ? 0 : 1;
    for (uint32_t i = 0; i < shape->request_count; i++) {
        sums->node_requested[(size_t)node_id * cluster->resource_count +
                             shape->requests[i].resource] += shape->requests[i].amount;
    }
    if (is_daemon) {
        sums->daemon_cpu[node_id] += shape->cpu_milli;
        sums->daemon_memory[node_id] += shape->memory_bytes;
    }
}

static void add_to_owner(check_sums *sums, const wb_cluster *cluster, uint32_t pod_id,
                         bool is_healthy)
{
    const uint32_t owner_id = cluster->pods.owner_id[pod_id];
    const wb_owner *owner = &cluster->owners[owner_id];
    const bool is_active = cluster->pods.state[pod_id] != WB_POD_STATE_TERMINATING;
    sums->owner_living[owner_id]++;
    sums->owner_active[owner_id] += is_active ? 1 : 0;
    if (owner->workload_index == WB_NO_ID || !is_active) {
        return;
    }
    const uint32_t index = owner->workload_index;
    const bool is_outdated = cluster->shapes[cluster->pods.shape_id[pod_id]].base_shape_id !=
                             cluster->controllers->items[index].shape_id;
    sums->available[index] += is_healthy ? 1 : 0;
    sums->outdated_active[index] += is_outdated ? 1 : 0;
    sums->outdated_available[index] += is_outdated && is_healthy ? 1 : 0;
}

static bool has_stated_replicas(const wb_cluster *cluster, uint32_t owner_id)
{
    return owner_id != WB_NO_ID && cluster->owners[owner_id].desired_replicas >= 0 &&
           cluster->owners[owner_id].kind != WB_OWNER_JOB;
}

static bool has_selector_for(const wb_cluster *cluster, uint32_t pdb_index, uint32_t shape_id)
{
    const wb_pdb *pdb = &cluster->pdbs[pdb_index];
    const wb_shape *shape = &cluster->shapes[shape_id];
    return pdb->namespace_name == shape->namespace_name &&
           wb_label_selector_matches(&pdb->selector, shape->template->labels);
}

static void add_to_pdbs(check_sums *sums, const wb_cluster *cluster, uint32_t pod_id,
                        bool is_healthy)
{
    const bool is_expected = !has_stated_replicas(cluster, cluster->pods.owner_id[pod_id]) &&
                             (cluster->pods.state[pod_id] != WB_POD_STATE_TERMINATING ||
                              wb_cluster_pod_awaits_successor(cluster, pod_id));
    for (uint32_t i = 0; i < cluster->pdb_count; i++) {
        if (has_selector_for(cluster, i, cluster->pods.shape_id[pod_id])) {
            sums->pdbs[i].healthy += is_healthy ? 1 : 0;
            sums->pdbs[i].expected += is_expected ? 1 : 0;
        }
    }
}

static void add_pod(check_sums *sums, const wb_cluster *cluster, uint32_t pod_id)
{
    const wb_pod_state state = (wb_pod_state)cluster->pods.state[pod_id];
    const bool is_counted = (cluster->pods.flags[pod_id] & WB_POD_IS_DAEMON) == 0;
    sums->pending += is_counted && state == WB_POD_STATE_PENDING ? 1 : 0;
    sums->starting += is_counted && state == WB_POD_STATE_STARTING ? 1 : 0;
    sums->running += is_counted && state == WB_POD_STATE_RUNNING ? 1 : 0;
    sums->terminating += is_counted && state == WB_POD_STATE_TERMINATING ? 1 : 0;
    if (is_counted && (cluster->pods.flags[pod_id] & WB_POD_IS_STUCK) != 0) {
        sums->stuck++;
        sums->stuck_batch += (cluster->pods.flags[pod_id] & WB_POD_IS_BATCH) != 0 ? 1U : 0U;
    }
    if (state != WB_POD_STATE_PENDING) {
        add_to_node(sums, cluster, pod_id);
    }
    const bool is_healthy =
        state == WB_POD_STATE_RUNNING && cluster->nodes[cluster->pods.node_id[pod_id]].is_ready;
    if (cluster->pods.owner_id[pod_id] != WB_NO_ID) {
        add_to_owner(sums, cluster, pod_id, is_healthy);
    }
    add_to_pdbs(sums, cluster, pod_id, is_healthy);
}

static void add_desired(check_sums *sums, const wb_cluster *cluster)
{
    for (uint32_t owner_id = 0; owner_id < cluster->owner_count; owner_id++) {
        const wb_owner *owner = &cluster->owners[owner_id];
        if (!has_stated_replicas(cluster, owner_id)) {
            continue;
        }
        const uint32_t shape_id = cluster->controllers->items[owner->workload_index].shape_id;
        for (uint32_t i = 0; i < cluster->pdb_count; i++) {
            if (has_selector_for(cluster, i, shape_id)) {
                sums->pdbs[i].expected += owner->desired_replicas;
            }
        }
    }
}

/* ---- comparing ---- */

static void check_times(const wb_cluster *cluster, uint32_t pod_id)
{
    const wb_pod_table *pods = &cluster->pods;
    const wb_pod_state state = (wb_pod_state)pods->state[pod_id];
    const bool is_gone = state > WB_POD_STATE_TERMINATING;
    assert(pods->created_ms[pod_id] >= 0);
    assert(pods->bound_ms[pod_id] < 0 || pods->bound_ms[pod_id] >= pods->created_ms[pod_id]);
    assert(pods->running_ms[pod_id] < 0 || pods->running_ms[pod_id] >= pods->bound_ms[pod_id]);
    assert((pods->gone_ms[pod_id] >= 0) == is_gone);
    assert((pods->bound_ms[pod_id] >= 0) == (pods->node_id[pod_id] != WB_NO_ID));
    assert(state != WB_POD_STATE_PENDING || pods->bound_ms[pod_id] < 0);
    assert(state != WB_POD_STATE_RUNNING || pods->running_ms[pod_id] >= 0);
    assert((pods->cause[pod_id] != WB_CAUSE_NONE) == (state >= WB_POD_STATE_TERMINATING));
    const bool is_stuck = (pods->flags[pod_id] & WB_POD_IS_STUCK) != 0;
    assert(!is_stuck || (state == WB_POD_STATE_TERMINATING &&
                         cluster->nodes[pods->node_id[pod_id]].is_unreachable));
    assert(is_stuck || pods->due_ms[pod_id] < 0 || pods->due_ms[pod_id] >= cluster->kernel->now_ms);
    assert(state != WB_POD_STATE_TERMINATING || pods->due_ms[pod_id] >= 0);
    assert(!is_gone || pods->due_ms[pod_id] < 0);
}

static void check_links(const wb_cluster *cluster, uint32_t pod_id)
{
    const wb_pod_table *pods = &cluster->pods;
    const uint32_t replaces = pods->replaces[pod_id];
    const uint32_t replaced_by = pods->replaced_by[pod_id];
    assert(replaces == WB_NO_ID || pods->replaced_by[replaces] == pod_id);
    assert(replaced_by == WB_NO_ID || pods->replaces[replaced_by] == pod_id);
    assert((replaces != WB_NO_ID) == ((pods->flags[pod_id] & WB_POD_IS_REPLACEMENT) != 0));
    assert(replaced_by == WB_NO_ID || pods->state[pod_id] >= WB_POD_STATE_TERMINATING);
}

static void check_node(const wb_cluster *cluster, const check_sums *sums, uint32_t node_id)
{
    const wb_cluster_node *node = &cluster->nodes[node_id];
    const wb_pod_table *pods = &cluster->pods;
    uint32_t previous = WB_NO_ID;
    uint32_t count = 0;
    for (uint32_t id = node->first_pod; id != WB_NO_ID; id = pods->next_on_node[id]) {
        assert(pods->node_id[id] == node_id && pods->previous_on_node[id] == previous);
        assert(wb_cluster_pod_is_living(cluster, id));
        previous = id;
        count++;
    }
    for (uint32_t id = node->first_waiting; id != WB_NO_ID; id = pods->next_on_node[id]) {
        assert(pods->state[id] == WB_POD_STATE_PENDING && pods->nominated_node_id[id] == node_id);
        assert((pods->flags[id] & WB_POD_IS_PINNED) != 0);
    }
    assert(node->pod_count == sums->node_pods[node_id] && node->pod_count == count);
    assert(node->movable_pod_count == sums->node_movable[node_id]);
    assert(node->daemon_cpu_milli == sums->daemon_cpu[node_id]);
    assert(node->daemon_memory_bytes == sums->daemon_memory[node_id]);
    for (uint32_t i = 0; i < cluster->resource_count; i++) {
        assert(node->requested[i] ==
               sums->node_requested[(size_t)node_id * cluster->resource_count + i]);
    }
    assert((node->empty_since_ms < 0) == (node->movable_pod_count > 0));
    assert((node->gone_ms >= 0) == (node->state == WB_NODE_STATE_GONE));
    assert(node->state != WB_NODE_STATE_GONE || (node->pod_count == 0 && !node->is_ready));
    assert(node->state != WB_NODE_STATE_READY || node->is_ready);
    assert(node->state != WB_NODE_STATE_REGISTERED || !node->is_ready);
}

static void check_nodes(const wb_cluster *cluster, const check_sums *sums)
{
    uint32_t living = 0;
    uint32_t ready = 0;
    for (uint32_t node_id = 0; node_id < cluster->node_count; node_id++) {
        const wb_cluster_node *node = &cluster->nodes[node_id];
        check_node(cluster, sums, node_id);
        if (node->state != WB_NODE_STATE_GONE) {
            assert(cluster->living_nodes[living] == node_id);
            assert(wb_cluster_find_node(cluster, node->name) == node_id);
            living++;
        }
        ready += node->is_ready ? 1 : 0;
    }
    assert(living == cluster->living_node_count);
    assert(ready == cluster->ready_node_count);
}

static void check_owner(const wb_cluster *cluster, const check_sums *sums, uint32_t owner_id)
{
    const wb_owner *owner = &cluster->owners[owner_id];
    const wb_pod_table *pods = &cluster->pods;
    uint32_t previous = WB_NO_ID;
    uint32_t count = 0;
    for (uint32_t id = owner->first_pod; id != WB_NO_ID; id = pods->next_of_owner[id]) {
        assert(pods->owner_id[id] == owner_id && pods->previous_of_owner[id] == previous);
        assert(wb_cluster_pod_is_living(cluster, id));
        previous = id;
        count++;
    }
    assert(owner->living_count == count && owner->living_count == sums->owner_living[owner_id]);
    assert(owner->active_count == sums->owner_active[owner_id]);
    const uint32_t index = owner->workload_index;
    if (index == WB_NO_ID) {
        assert(owner->desired_replicas == -1);
        return;
    }
    const wb_controller *controller = &cluster->controllers->items[index];
    assert(controller->is_in_force && controller->owner_id == owner_id);
    assert(cluster->workloads[index].kind == owner->kind);
    assert(controller->available_count == sums->available[index]);
    assert(controller->outdated_active_count == sums->outdated_active[index]);
    assert(controller->outdated_available_count == sums->outdated_available[index]);
    for (uint32_t i = 0; i < controller->slot_count; i++) {
        const uint32_t id = controller->slots[i];
        assert(id == WB_NO_ID || pods->owner_id[id] == owner_id);
        assert(id == WB_NO_ID || wb_cluster_pod_is_living(cluster, id));
    }
}

void wb_cluster_check(const wb_cluster *cluster)
{
    assert(cluster != NULL);
    check_sums sums;
    init_sums(&sums, cluster);
    uint64_t lost = 0;
    for (uint32_t pod_id = 0; pod_id < cluster->pods.count; pod_id++) {
        check_times(cluster, pod_id);
        check_links(cluster, pod_id);
        lost += cluster->pods.state[pod_id] == WB_POD_STATE_LOST ? 1 : 0;
        if (wb_cluster_pod_is_living(cluster, pod_id)) {
            add_pod(&sums, cluster, pod_id);
        }
    }
    add_desired(&sums, cluster);
    assert(cluster->lost_count == lost);
    assert(cluster->pending_count == sums.pending);
    assert(cluster->starting_count == sums.starting);
    assert(cluster->running_count == sums.running);
    assert(cluster->terminating_count == sums.terminating);
    assert(cluster->stuck_count == sums.stuck && cluster->stuck_batch_count == sums.stuck_batch);
    check_nodes(cluster, &sums);
    for (uint32_t owner_id = 0; owner_id < cluster->owner_count; owner_id++) {
        check_owner(cluster, &sums, owner_id);
    }
    for (uint32_t i = 0; i < cluster->pdb_count; i++) {
        assert(cluster->pdb_counts[i].healthy == sums.pdbs[i].healthy);
        assert(cluster->pdb_counts[i].expected == sums.pdbs[i].expected);
    }
    release_sums(&sums);
}
