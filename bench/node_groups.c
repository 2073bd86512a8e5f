/*
 * One pass of Cluster Autoscaler's loop over a world that stands still, timed: scale-up with pods
 * pending, scale-down with nodes half empty.
 *
 *     groups   m5, c5 and r5 in six sizes; for the scale-down one of m5.xlarge
 *     ops      everything is granted and nothing happens: what is timed is the loop's own work
 *
 * A pass is the loop's first, so that nothing is answered from what it remembers.
 */
#include "bench/node_groups.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "base/random.h"
#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"
#include "bench/stopwatch.h"

#define GIB      (INT64_C(1) << 30)
#define MIB      (INT64_C(1) << 20)
#define PASS_MS  (10 * WB_MS_PER_SECOND)
#define LONG_AGO (-WB_MS_PER_HOUR)

/* m5, c5 and r5 of six sizes. */
static const struct {
    const char *family;
    int64_t gib_per_cpu;
} families[] = {{"m5", 4}, {"c5", 2}, {"r5", 8}};

enum {
    SIZE_COUNT = 6, /* 2, 4, 8, 16, 32, 64 cores */
    REPLICAS_MAX = 40,
    NODE_PODS_LEAST = 3,
    NODE_PODS_SPREAD = 7,
    OWNER_COUNT = 61 /* of the pods that run */
};

/* A world that stands still: groups, nodes and pending pods, and a cloud that says yes. */
typedef struct still_world {
    wb_arena arena;
    wb_intern intern;
    const wb_node_groups_options *options;
    wb_ca_group *groups;
    uint32_t group_count;
    int32_t *targets;
    wb_ca_instance *instances; /* of group 0 */
    uint32_t instance_count;
    wb_ca_snapshot_pod *pending;
    uint32_t pending_count;
    int32_t added_count;
    wb_ca_loop loop;
    uint64_t draw_count;
} still_world;

static uint64_t draw(still_world *w, uint64_t bound)
{
    const wb_random_key key = {w->options->seed, WB_RANDOM_GENERATE_SIZE, w->draw_count++};
    return wb_random_below(key, 0, bound);
}

/* ---- ops ---- */

static void refresh(void *context)
{
    (void)context;
}

static int32_t target_size(void *context, uint32_t group)
{
    return ((const still_world *)context)->targets[group];
}

static uint32_t instances(void *context, uint32_t group, const wb_ca_instance **out)
{
    const still_world *w = context;
    *out = w->instances;
    return group == 0 ? w->instance_count : 0;
}

static uint32_t pending_pods(void *context, const wb_ca_snapshot_pod **out)
{
    const still_world *w = context;
    *out = w->pending;
    return w->pending_count;
}

static uint32_t budgets(void *context, const wb_ca_budget **out)
{
    (void)context;
    *out = NULL;
    return 0;
}

static int32_t replicas(void *context, const wb_ca_snapshot_pod *pod)
{
    (void)context;
    (void)pod;
    return REPLICAS_MAX;
}

static uint32_t daemons(void *context, wb_labels labels, const wb_taint *taints,
                        uint32_t taint_count, wb_node_template_pod *out)
{
    (void)context;
    (void)labels;
    (void)taints;
    (void)taint_count;
    (void)out;
    return 0;
}

static bool increase_size(void *context, uint32_t group, int32_t delta)
{
    assert(delta > 0);
    still_world *w = context;
    w->targets[group] += delta;
    w->added_count += delta;
    return true;
}

static bool decrease_target(void *context, uint32_t group, int32_t delta)
{
    (void)context;
    (void)group;
    (void)delta;
    return false;
}

static bool delete_instances(void *context, uint32_t group, const uint64_t *keys, uint32_t count)
{
    (void)context;
    (void)group;
    (void)keys;
    (void)count;
    return false;
}

static bool delete_node(void *context, uint32_t node_id)
{
    (void)context;
    (void)node_id;
    return false;
}

static void set_taint(void *context, uint32_t node_id, wb_ca_taint taint, bool is_on)
{
    (void)context;
    (void)node_id;
    (void)taint;
    (void)is_on;
}

static wb_ca_eviction evict(void *context, uint32_t pod_id)
{
    (void)context;
    (void)pod_id;
    return WB_CA_EVICTION_REFUSED;
}

static void decided(void *context, const wb_decision *decision)
{
    (void)context;
    (void)decision;
}

/* ---- making the world ---- */

static wb_resource_list resources(still_world *w, int64_t cpu_milli, int64_t memory_bytes,
                                  int64_t pods)
{
    assert(cpu_milli > 0 && memory_bytes > 0 && pods > 0);
    wb_resource *items = WB_ARENA_ARRAY(&w->arena, wb_resource, 3);
    items[0] = (wb_resource){WB_NAME_CPU, cpu_milli};
    items[1] = (wb_resource){WB_NAME_MEMORY, memory_bytes};
    items[2] = (wb_resource){WB_NAME_PODS, pods};
    return (wb_resource_list){items, 3};
}

static void add_group(still_world *w, const char *name, wb_resource_list capacity)
{
    assert(w != NULL);
    w->groups[w->group_count++] = (wb_ca_group){
        .name = name,
        .max_count = 1000000,
        .labels = wb_labels_with(&w->arena, (wb_labels){0}, WB_NAME_INSTANCE_TYPE,
                                 wb_intern_add(&w->intern, name)),
        .capacity = capacity,
        .utilization_threshold = 0.5,
        .gpu_utilization_threshold = 0.5,
        .unneeded_time_ms = 10 * WB_MS_PER_MINUTE,
        .unready_time_ms = 20 * WB_MS_PER_MINUTE,
    };
}

static void add_groups(still_world *w)
{
    for (uint32_t i = 0; i < w->options->group_count; i++) {
        const uint32_t family = i % (sizeof(families) / sizeof(families[0]));
        const uint32_t size = i / (sizeof(families) / sizeof(families[0])) % SIZE_COUNT;
        const int64_t cpus = INT64_C(2) << size;
        char name[48];
        (void)snprintf(name, sizeof(name), "%s-%lld-%u", families[family].family, (long long)cpus,
                       i);
        add_group(w, wb_arena_copy_string(&w->arena, name),
                  resources(w, cpus * 1000, cpus * families[family].gib_per_cpu * GIB, 110));
    }
}

static void start(still_world *w, const wb_node_groups_options *options)
{
    *w = (still_world){.options = options};
    wb_arena_init(&w->arena, "bench", 0, NULL);
    wb_intern_init(&w->intern, &w->arena);
    wb_names_init(&w->intern);
    w->groups = WB_ARENA_ARRAY(&w->arena, wb_ca_group, (size_t)options->group_count + 1);
    w->targets = WB_ARENA_ARRAY(&w->arena, int32_t, (size_t)options->group_count + 1);
}

static void make_loop(still_world *w)
{
    const wb_ca_world world = {
        .context = w,
        .refresh = refresh,
        .target_size = target_size,
        .instances = instances,
        .pending_pods = pending_pods,
        .budgets = budgets,
        .replicas = replicas,
        .daemons = daemons,
        .increase_size = increase_size,
        .decrease_target = decrease_target,
        .delete_instances = delete_instances,
        .delete_node = delete_node,
        .set_taint = set_taint,
        .evict = evict,
        .decided = decided,
    };
    wb_ca_flags flags;
    wb_ca_flags_init(&flags);
    flags.max_scale_down_parallelism = w->options->parallelism;
    const wb_ca_loop_options options = {
        .flags = &flags,
        .world = &world,
        .groups = w->groups,
        .group_count = w->group_count,
        .seed = w->options->seed,
    };
    const wb_status status = wb_ca_loop_init(&w->loop, &w->arena, &w->intern, &options, NULL);
    assert(status == WB_OK); /* the flags are the defaults */
    (void)status;
}

static void finish(still_world *w)
{
    wb_ca_loop_release(&w->loop);
    wb_intern_release(&w->intern);
    wb_arena_release(&w->arena);
}

static uint32_t make_shape(still_world *w, const char *app, int64_t cpu_milli, int64_t memory_bytes)
{
    assert(cpu_milli > 0 && memory_bytes > 0);
    wb_pod_template *template = WB_ARENA_NEW(&w->arena, wb_pod_template);
    template->labels = wb_labels_with(&w->arena, (wb_labels){0}, wb_intern_add(&w->intern, "app"),
                                      wb_intern_add(&w->intern, app));
    template->requests = resources(w, cpu_milli, memory_bytes, 1);
    return wb_ca_snapshot_add_shape(&w->loop.snapshot, template, WB_NAME_DEFAULT);
}

static wb_ca_snapshot_pod make_pod(uint32_t pod_id, uint32_t shape, uint32_t owner)
{
    return (wb_ca_snapshot_pod){
        .pod_id = pod_id,
        .shape = shape,
        .owner = owner,
        .owner_kind = WB_OWNER_REPLICA_SET,
        .name = "pod",
        .created_ms = LONG_AGO,
        .deletion_ms = -1,
    };
}

static void add_pending(still_world *w)
{
    static const int64_t cpus[] = {50, 100, 200, 250, 500, 750, 1000, 1500, 2000};
    static const int64_t mibs[] = {64, 128, 256, 512, 1024, 2048, 4096};
    const uint32_t count = w->options->pod_count;
    w->pending = WB_ARENA_ARRAY(&w->arena, wb_ca_snapshot_pod, (size_t)count + 1);
    for (uint32_t owner = 0; w->pending_count < count; owner++) {
        const bool is_identical = w->options->are_identical;
        const int64_t cpu_milli = is_identical ? 250 : cpus[draw(w, 9)];
        const int64_t memory_mib = is_identical ? 512 : mibs[draw(w, 7)];
        uint64_t replica_count = is_identical ? count : 1 + draw(w, REPLICAS_MAX);
        char app[24];
        (void)snprintf(app, sizeof(app), "app-%u", owner);
        const uint32_t shape = make_shape(w, app, cpu_milli, memory_mib * MIB);
        for (; replica_count > 0 && w->pending_count < count; replica_count--) {
            w->pending[w->pending_count] = make_pod(w->pending_count, shape, owner);
            w->pending_count++;
        }
    }
}

/* Nodes of m5.xlarge, filled unevenly. */
static void add_nodes(still_world *w)
{
    static const int64_t cpus[] = {50, 100, 150, 200, 300, 400};
    static const int64_t mibs[] = {128, 256, 512, 1024};
    const wb_resource_list capacity = w->groups[0].capacity;
    uint32_t next_pod = 0;
    w->instances = WB_ARENA_ARRAY(&w->arena, wb_ca_instance, w->options->node_count);
    for (uint32_t i = 0; i < w->options->node_count; i++) {
        char name[24];
        (void)snprintf(name, sizeof(name), "node-%u", i);
        wb_ca_snapshot_node node = {
            .node_id = i,
            .name = wb_intern_add(&w->intern, name),
            .capacity = capacity,
            .allocatable = capacity,
            .is_ready = true,
            .created_ms = LONG_AGO,
            .ready_since_ms = LONG_AGO,
        };
        node.labels = wb_labels_with(&w->arena, w->groups[0].labels, WB_NAME_HOSTNAME, node.name);
        const uint32_t row = wb_ca_loop_set_node(&w->loop, &node);
        w->instances[w->instance_count++] = (wb_ca_instance){.key = i, .node_id = i};
        const uint64_t pod_count = NODE_PODS_LEAST + draw(w, NODE_PODS_SPREAD);
        for (uint64_t p = 0; p < pod_count; p++) {
            const uint32_t owner = (uint32_t)draw(w, OWNER_COUNT);
            char app[24];
            (void)snprintf(app, sizeof(app), "app-%u", owner);
            const uint32_t shape = make_shape(w, app, cpus[draw(w, 6)], mibs[draw(w, 4)] * MIB);
            const wb_ca_snapshot_pod pod = make_pod(next_pod++, shape, owner);
            (void)wb_ca_snapshot_add_pod(&w->loop.snapshot, &pod, row);
        }
    }
    w->targets[0] = (int32_t)w->options->node_count;
}

/* ---- measuring ---- */

/* One cold pass; its CPU milliseconds. */
static double time_pass(still_world *w)
{
    const int64_t begin_ns = wb_stopwatch_cpu_ns();
    wb_ca_loop_run(&w->loop, PASS_MS);
    return (double)(wb_stopwatch_cpu_ns() - begin_ns) / 1e6;
}

static void run_scale_up(const wb_node_groups_options *options, wb_node_groups_result *out)
{
    still_world w;
    start(&w, options);
    add_groups(&w);
    make_loop(&w);
    add_pending(&w);
    out->scale_up_ms = time_pass(&w);
    out->added_node_count = (uint32_t)w.added_count;
    out->option_count = w.loop.report.scale_up.option_count;
    out->rule_checks += w.loop.snapshot.fit_count;
    finish(&w);
}

static void run_scale_down(const wb_node_groups_options *options, wb_node_groups_result *out)
{
    still_world w;
    start(&w, options);
    add_group(&w, "m5.xlarge", resources(&w, 4000, 16 * GIB, 58));
    make_loop(&w);
    add_nodes(&w);
    out->scale_down_ms = time_pass(&w);
    out->unneeded_count = w.loop.scale_down.unneeded_count;
    out->rule_checks += w.loop.snapshot.fit_count;
    finish(&w);
}

void wb_node_groups_run(const wb_node_groups_options *options, wb_node_groups_result *out)
{
    assert(options != NULL && out != NULL && options->group_count > 0);
    *out = (wb_node_groups_result){0};
    run_scale_up(options, out);
    run_scale_down(options, out);
}
