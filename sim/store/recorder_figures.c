/*
 * The figures of a run, summed from the tables in memory when it ends. The database gives the same
 * by its views and by plain SQL over its tables (tests/sim/test_store_figures.c compares them):
 * here they take a few passes over pods and nodes, in SQL minutes of a large run.
 */
#include <assert.h>
#include <string.h>

#include "base/hash_map.h"
#include "base/heap_memory.h"
#include "base/sort.h"
#include "sim/store/store.h"
#include "sim/store/store_internal.h"

#define BYTES_PER_MIB 1048576

static int compare_int64(const void *a, const void *b, void *context)
{
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;
    (void)context;
    return left < right ? -1 : left > right ? 1 : 0;
}

/* Nearest rank: the smallest value that at least percent of all do not exceed. */
static int64_t percentile(const int64_t *sorted, size_t count, size_t percent)
{
    assert(percent <= 100);
    return count == 0 ? 0 : sorted[(count * percent + 99) / 100 - 1];
}

/* From creation to running, of every pod that ran: replacements of evicted pods too, for their wait
 * is what a disruption costs. All are kept and sorted, so the percentiles are exact. */
static void sum_latency(const wb_recorder *recorder, wb_run_figures *out)
{
    const wb_pod_table *pods = &recorder->env.cluster->pods;
    int64_t *latencies = wb_heap_memory_alloc((size_t)pods->count + 1, sizeof *latencies);
    size_t count = 0;
    for (uint32_t i = 0; i < pods->count; i++) {
        if (pods->running_ms[i] >= 0 && (pods->flags[i] & WB_POD_IS_DAEMON) == 0) {
            latencies[count++] = pods->running_ms[i] - pods->created_ms[i];
        }
    }
    wb_sort_stable(latencies, count, sizeof *latencies, compare_int64, NULL);
    out->pod_latency_ms_p50 = percentile(latencies, count, 50);
    out->pod_latency_ms_p90 = percentile(latencies, count, 90);
    out->pod_latency_ms_p99 = percentile(latencies, count, 99);
    out->pod_latency_ms_max = percentile(latencies, count, 100);
    wb_heap_memory_free(latencies);
}

/* Follows a pod of the workload through its replacements: every one ends in exactly one count. */
static void count_pod(const wb_pod_table *pods, uint32_t root, wb_run_figures *out)
{
    assert(pods->replaces[root] == WB_NO_ID); /* the first of its chain */
    bool has_run = false;
    uint32_t last = root;
    for (uint32_t pod_id = root; pod_id != WB_NO_ID; pod_id = pods->replaced_by[pod_id]) {
        has_run = has_run || pods->running_ms[pod_id] >= 0;
        last = pod_id;
    }
    out->pods_total++;
    if (!has_run) {
        out->pods_unscheduled++;
        return;
    }
    switch ((wb_pod_state)pods->state[last]) {
    case WB_POD_STATE_SUCCEEDED:
    case WB_POD_STATE_DELETED: out->pods_finished++; break;
    case WB_POD_STATE_RUNNING: out->pods_running++; break;
    case WB_POD_STATE_TERMINATING:
        if (pods->cause[last] == WB_CAUSE_WORKLOAD) {
            out->pods_finished++; /* its recorded end has come */
        } else {
            out->pods_lost++;
        }
        break;
    case WB_POD_STATE_PENDING:
    case WB_POD_STATE_STARTING:
    case WB_POD_STATE_EVICTED:
    case WB_POD_STATE_LOST: out->pods_lost++; break;
    }
}

/* Sums over nodes and time; CPU in milli-CPU x ms, memory in MiB x ms. */
typedef struct use_sums {
    double cpu_used, cpu_there, cpu_capacity, cpu_daemons;
    double memory_used, memory_there, memory_capacity, memory_daemons;
    double idle_nusd;
} use_sums;

/* A node's idle cost is its cost times what neither CPU nor memory asks for: the scarcer of the two
 * counts, since the rest could not have been used by the same pods. */
static void add_node_use(const wb_recorder *recorder, uint32_t node_id, use_sums *sums)
{
    assert(node_id < recorder->node_capacity);
    const wb_cluster_node *node = &recorder->env.cluster->nodes[node_id];
    const wb_node_use *use = &recorder->nodes[node_id];
    const int64_t end_ms = node->gone_ms >= 0 ? node->gone_ms : recorder->env.kernel->now_ms;
    const double life_ms = (double)(end_ms - node->added_ms);
    const double cpu = (double)node->allocatable[0] * life_ms;
    const int64_t allocatable_mib = node->allocatable[1] / BYTES_PER_MIB;
    const int64_t capacity_mib = node->capacity[1] / BYTES_PER_MIB;
    const double memory = (double)allocatable_mib * life_ms;
    sums->cpu_used += (double)use->cpu_milli_ms;
    sums->cpu_there += cpu;
    sums->cpu_capacity += (double)node->capacity[0] * life_ms;
    sums->cpu_daemons += (double)use->daemon_cpu_milli_ms;
    sums->memory_used += (double)use->memory_mib_ms;
    sums->memory_there += memory;
    sums->memory_capacity += (double)capacity_mib * life_ms;
    sums->memory_daemons += (double)use->daemon_memory_mib_ms;
    const double cpu_share = cpu > 0.0 ? (double)use->cpu_milli_ms / cpu : 0.0;
    const double memory_share = memory > 0.0 ? (double)use->memory_mib_ms / memory : 0.0;
    const double share = cpu_share > memory_share ? cpu_share : memory_share;
    if (node->instance_id != WB_NO_ID && share < 1.0) {
        sums->idle_nusd +=
            (double)recorder->env.cloud->instances[node->instance_id].cost_nusd * (1.0 - share);
    }
}

static double share_of(double part, double whole)
{
    return whole > 0.0 ? part / whole : 0.0;
}

static void sum_use(const wb_recorder *recorder, wb_run_figures *out)
{
    use_sums sums = {0};
    for (uint32_t i = 0; i < recorder->env.cluster->node_count; i++) {
        add_node_use(recorder, i, &sums);
    }
    out->utilisation_cpu = share_of(sums.cpu_used, sums.cpu_there);
    out->utilisation_memory = share_of(sums.memory_used, sums.memory_there);
    out->committed_cpu = share_of(sums.cpu_used - sums.cpu_daemons, sums.cpu_capacity);
    out->committed_memory = share_of(sums.memory_used - sums.memory_daemons, sums.memory_capacity);
    out->daemon_cpu = share_of(sums.cpu_daemons, sums.cpu_capacity);
    out->daemon_memory = share_of(sums.memory_daemons, sums.memory_capacity);
    out->cost_idle_nusd = (int64_t)sums.idle_nusd;
}

/* What the run of a pod has done when it is taken away is thrown away, unless its successor goes on
 * from a checkpoint. CPU is what it asked for. */
static int64_t lost_work(const wb_recorder *recorder, uint32_t pod_id)
{
    const wb_cluster *cluster = recorder->env.cluster;
    const wb_pod_table *pods = &cluster->pods;
    const uint8_t flags = pods->flags[pod_id];
    const bool is_saved =
        (flags & WB_POD_IS_CHECKPOINTED) != 0 && pods->state[pod_id] != WB_POD_STATE_LOST;
    if ((flags & WB_POD_IS_BATCH) == 0 || (flags & WB_POD_IS_DAEMON) != 0 || is_saved ||
        pods->running_ms[pod_id] < 0 ||
        !wb_cluster_cause_is_eviction((wb_cause)pods->cause[pod_id])) {
        return 0;
    }
    const int64_t end_ms =
        pods->gone_ms[pod_id] >= 0 ? pods->gone_ms[pod_id] : recorder->env.kernel->now_ms;
    return cluster->shapes[pods->shape_id[pod_id]].cpu_milli * (end_ms - pods->running_ms[pod_id]);
}

/* Pods of the workload that have a node, or had one. */
static bool has_been_bound(const wb_pod_table *pods, uint32_t pod_id)
{
    return pods->bound_ms[pod_id] >= 0 && (pods->flags[pod_id] & WB_POD_IS_DAEMON) == 0;
}

/* Where all of a pool of machines fails at once, how many pods does it take along? The expected
 * answer for the largest pool: its share of pod time. A pool is an instance type in a zone, as EC2
 * has them. */
static void sum_blast_radius(const wb_recorder *recorder, wb_run_figures *out)
{
    const wb_cluster *cluster = recorder->env.cluster;
    const wb_pod_table *pods = &cluster->pods;
    int64_t *pod_ms = wb_heap_memory_zalloc((size_t)cluster->node_count + 1, sizeof *pod_ms);
    wb_hash_map pools; /* (type, zone): its index in pod_ms; there are at most as many as nodes */
    wb_hash_map_init(&pools);
    uint64_t pool_count = 0;
    int64_t total_ms = 0;
    int64_t largest_ms = 0;
    for (uint32_t i = 0; i < pods->count; i++) {
        if (!has_been_bound(pods, i)) {
            continue;
        }
        const wb_cluster_node *node = &cluster->nodes[pods->node_id[i]];
        const uint64_t key = (uint64_t)node->instance_type << 32U | node->zone;
        uint64_t pool = pool_count;
        if (!wb_hash_map_get(&pools, key, &pool)) {
            (void)wb_hash_map_put(&pools, key, pool_count++);
        }
        const int64_t end_ms =
            pods->gone_ms[i] >= 0 ? pods->gone_ms[i] : recorder->env.kernel->now_ms;
        pod_ms[pool] += end_ms - pods->bound_ms[i];
        total_ms += end_ms - pods->bound_ms[i];
        largest_ms = pod_ms[pool] > largest_ms ? pod_ms[pool] : largest_ms;
    }
    out->blast_radius = share_of((double)largest_ms, (double)total_ms);
    wb_hash_map_release(&pools);
    wb_heap_memory_free(pod_ms);
}

/* The contender's own doing, by what its instances ended of. */
static bool is_disruption(wb_cause cause)
{
    assert(cause < WB_CAUSE_COUNT);
    switch (cause) {
    case WB_CAUSE_EMPTINESS:
    case WB_CAUSE_CONSOLIDATION:
    case WB_CAUSE_DRIFT:
    case WB_CAUSE_EXPIRATION:
    case WB_CAUSE_NODE_REPAIR:
    case WB_CAUSE_SCALE_DOWN:
    case WB_CAUSE_REBALANCE: return true;
    case WB_CAUSE_NONE:
    case WB_CAUSE_FINISHED:
    case WB_CAUSE_WORKLOAD:
    case WB_CAUSE_INTERRUPTION:
    case WB_CAUSE_PREEMPTION:
    case WB_CAUSE_INSTANCE_LOST:
    case WB_CAUSE_LAUNCH_FAILED:
    case WB_CAUSE_NODE_NOT_READY:
    case WB_CAUSE_GARBAGE_COLLECTION:
    case WB_CAUSE_NODEPOOL_DELETED:
    case WB_CAUSE_RECORDED: /* why is not known */
    case WB_CAUSE_HORIZON:
    case WB_CAUSE_COUNT: return false;
    }
    return false;
}

/* An interruption is survived when no pod was still on the machine when it went, and none of those
 * that had to leave was a bare one, which nobody makes again. */
static void sum_survivals(const wb_recorder *recorder, wb_run_figures *out)
{
    const wb_cluster *cluster = recorder->env.cluster;
    const wb_cloud *cloud = recorder->env.cloud;
    const wb_pod_table *pods = &cluster->pods;
    bool *has_loss = wb_heap_memory_zalloc((size_t)cloud->instance_count + 1, sizeof *has_loss);
    for (uint32_t i = 0; i < pods->count; i++) {
        const uint32_t instance_id =
            has_been_bound(pods, i) ? cluster->nodes[pods->node_id[i]].instance_id : WB_NO_ID;
        if (instance_id != WB_NO_ID && cloud->instances[instance_id].ended_ms >= 0) {
            const int64_t gone_ms = pods->gone_ms[i];
            has_loss[instance_id] =
                has_loss[instance_id] || gone_ms < 0 ||
                gone_ms >= cloud->instances[instance_id].ended_ms ||
                (pods->state[i] == WB_POD_STATE_LOST && pods->cause[i] == WB_CAUSE_INTERRUPTION);
        }
    }
    for (uint32_t i = 0; i < cloud->instance_count; i++) {
        const bool is_interrupted = cloud->instances[i].cause == WB_CAUSE_INTERRUPTION;
        out->interruptions += is_interrupted ? 1 : 0;
        out->interruptions_survived += is_interrupted && !has_loss[i] ? 1 : 0;
    }
    wb_heap_memory_free(has_loss);
}

/* The bill, by instance: what each was, and what ended it. */
static void sum_instances(const wb_recorder *recorder, wb_run_figures *out)
{
    const wb_cloud *cloud = recorder->env.cloud;
    const int64_t end_ms = recorder->env.kernel->now_ms;
    int64_t instance_sum_nusd = 0;
    out->cost_nusd = wb_cloud_cost_nusd(cloud, end_ms);
    out->cost_on_demand_nusd = wb_cloud_cost_by_market_nusd(cloud, end_ms, WB_CAPACITY_ON_DEMAND);
    out->cost_spot_nusd = wb_cloud_cost_by_market_nusd(cloud, end_ms, WB_CAPACITY_SPOT);
    for (uint32_t i = 0; i < cloud->instance_count; i++) {
        const wb_instance *instance = &cloud->instances[i];
        instance_sum_nusd += instance->cost_nusd;
        out->node_ms += instance->running_ms >= 0 ? instance->ended_ms - instance->running_ms : 0;
        out->disruptions += is_disruption(instance->cause) ? 1 : 0;
        out->churn += instance->cause == WB_CAUSE_HORIZON ? 1 : 2;
    }
    assert(instance_sum_nusd == out->cost_nusd); /* no cent is lost between rows and total */
    out->nodes_launched = cloud->instance_count;
    out->nodes_max = recorder->living_node_max;
    out->api_calls = (int64_t)cloud->api.changing_count;
}

void wb_recorder_sum_up(const wb_recorder *recorder, wb_run_figures *out)
{
    assert(recorder != NULL && out != NULL);
    const wb_cluster *cluster = recorder->env.cluster;
    for (uint32_t i = 0; i < cluster->pods.count; i++) {
        if (cluster->pods.replaces[i] == WB_NO_ID &&
            (cluster->pods.flags[i] & WB_POD_IS_DAEMON) == 0) {
            count_pod(&cluster->pods, i, out);
        }
        out->work_lost_cpu_milli_ms += lost_work(recorder, i);
    }
    assert(out->pods_total ==
           out->pods_finished + out->pods_running + out->pods_unscheduled + out->pods_lost);
    sum_latency(recorder, out);
    sum_use(recorder, out);
    sum_instances(recorder, out);
    sum_survivals(recorder, out);
    sum_blast_radius(recorder, out);
    out->evictions = (int64_t)cluster->eviction_count;
    out->evictions_refused = (int64_t)cluster->eviction_refused_count;
    out->pending_pod_ms = recorder->pending_pod_ms;
}
