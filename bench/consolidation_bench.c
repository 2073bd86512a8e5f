/*
 * The cluster of the header, made and kept as a controller keeps it, and its passes.
 *
 * A pass is what the loop does at one look: methods in their order on one picture of the cluster,
 * up to the first with a command, which is looked at again on a second picture, as validation
 * does. Types and the sizes of pods are draws by the node's number, so a cluster depends on the
 * options alone.
 */
#include "bench/consolidation_bench.h"

#include <assert.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/random.h"
#include "kube/names.h"
#include "solver/disruption.h"
#include "bench/stopwatch.h"

enum {
    PODS_PER_NODE = 10,
    STEP_MILLI = 10,      /* pods' sizes are multiples of this, but for a node's last */
    LOOSE_CPU_MIN = 2000, /* types of loose clusters, milli-CPU of capacity */
    LOOSE_CPU_MAX = 16000,
    LOOSE_LEAST_PERCENT = 10, /* of its CPU that the pods of a loose node ask for */
    LOOSE_MOST_PERCENT = 60
};

#define NOW_MS INT64_C(1773144000000) /* any moment: budgets have no schedule here */

/* The cluster as a controller keeps it. */
typedef struct bench_cluster {
    wb_arena arena, scratch; /* owned */
    wb_intern intern;        /* owned */
    const wb_consolidation_bench_options *options;
    wb_catalog catalog;
    wb_nodepool nodepool;
    wb_disruption_pool pool;
    wb_disruption_node *nodes;
    wb_solver_problem frame;
    wb_disruption_state state;
    uint32_t *usable; /* indices of types that the pool may use */
    uint32_t usable_count;
    uint32_t pod_count;
} bench_cluster;

static double ms_since(int64_t start_ns)
{
    return (double)(wb_stopwatch_cpu_ns() - start_ns) / 1e6;
}

static double on_demand_price(const wb_catalog_type *type)
{
    for (uint32_t i = 0; i < type->offering_count; i++) {
        if (type->offerings[i].capacity_type == WB_CAPACITY_ON_DEMAND) {
            return type->offerings[i].price_usd_per_hour;
        }
    }
    return 0;
}

static int64_t allocatable(const wb_catalog_type *type, uint32_t resource)
{
    return wb_resource_list_get(type->capacity, resource) -
           wb_resource_list_get(type->overhead, resource);
}

static void make_pool(bench_cluster *of)
{
    static const wb_budget all[] = {{.is_percent = true, .nodes = 100}};
    static const uint32_t market[] = {WB_NAME_ON_DEMAND};
    static const uint32_t arch[] = {WB_NAME_AMD64};
    static const wb_label_expression asked[] = {
        {.key = WB_NAME_CAPACITY_TYPE, .op = WB_OPERATOR_IN, .values = market, .value_count = 1},
        {.key = WB_NAME_ARCH, .op = WB_OPERATOR_IN, .values = arch, .value_count = 1},
    };
    of->nodepool = (wb_nodepool){
        .name = WB_NAME_DEFAULT,
        .is_ready = true,
        .replicas = -1,
        .requirements = asked,
        .requirement_count = 2,
        .budgets = all,
        .budget_count = 1,
        .node_class_name = WB_NAME_DEFAULT,
        .expire_after_ms = WB_DURATION_NEVER,
        .termination_grace_period_ms = -1,
        .limit_nodes = -1,
    };
    of->pool = (wb_disruption_pool){.nodepool = &of->nodepool, .catalog = &of->catalog};
    of->usable = WB_ARENA_ARRAY(&of->arena, uint32_t, of->catalog.type_count);
    for (uint32_t i = 0; i < of->catalog.type_count; i++) {
        const wb_catalog_type *type = &of->catalog.types[i];
        if (wb_labels_get(type->labels, WB_NAME_ARCH) == WB_NAME_AMD64 &&
            on_demand_price(type) > 0) {
            of->usable[of->usable_count++] = i;
        }
    }
    assert(of->usable_count > 0);
}

/* The type with the cheapest CPU, the smallest of equals. */
static uint32_t cheapest_per_cpu(const bench_cluster *of)
{
    uint32_t best = of->usable[0];
    for (uint32_t i = 1; i < of->usable_count; i++) {
        const wb_catalog_type *type = &of->catalog.types[of->usable[i]];
        const wb_catalog_type *known = &of->catalog.types[best];
        const double price = on_demand_price(type) * (double)allocatable(known, WB_NAME_CPU);
        const double known_price = on_demand_price(known) * (double)allocatable(type, WB_NAME_CPU);
        const bool is_smaller = allocatable(type, WB_NAME_CPU) < allocatable(known, WB_NAME_CPU);
        if (price < known_price || (!(price > known_price) && is_smaller)) {
            best = of->usable[i];
        }
    }
    return best;
}

static wb_random_key key_of(const bench_cluster *of, uint32_t node_index)
{
    return (wb_random_key){of->options->seed, WB_RANDOM_GENERATE_SIZE, node_index};
}

/* Any type of ordinary size. */
static uint32_t random_type(const bench_cluster *of, uint32_t node_index)
{
    assert(node_index < of->options->node_count);
    for (uint64_t draw = 0;; draw++) { /* about every second type will do */
        const uint64_t at = wb_random_below(key_of(of, node_index), draw, of->usable_count);
        const int64_t cpu =
            wb_resource_list_get(of->catalog.types[of->usable[at]].capacity, WB_NAME_CPU);
        if (cpu >= LOOSE_CPU_MIN && cpu <= LOOSE_CPU_MAX) {
            return of->usable[at];
        }
    }
}

static wb_solver_node *make_node(bench_cluster *of, uint32_t index, uint32_t type_index)
{
    assert(type_index < of->catalog.type_count);
    char name[24];
    (void)snprintf(name, sizeof(name), "node-%06u", index);
    const wb_catalog_type *type = &of->catalog.types[type_index];
    const uint32_t name_id = wb_intern_add(&of->intern, name);
    const wb_label more[] = {{WB_NAME_NODEPOOL, WB_NAME_DEFAULT},
                             {WB_NAME_EC2NODECLASS, WB_NAME_DEFAULT},
                             {WB_NAME_INSTANCE_TYPE, type->name},
                             {WB_NAME_CAPACITY_TYPE, WB_NAME_ON_DEMAND},
                             {WB_NAME_ZONE, type->offerings[0].zone},
                             {WB_NAME_REGION, of->catalog.region},
                             {WB_NAME_HOSTNAME, name_id},
                             {WB_NAME_REGISTERED, WB_NAME_TRUE},
                             {WB_NAME_INITIALIZED, WB_NAME_TRUE}};
    const wb_arena_mark mark = wb_arena_get_mark(&of->scratch);
    wb_labels labels = type->labels;
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        labels = wb_labels_with(&of->scratch, labels, more[i].key, more[i].value);
    }
    const wb_resource_list room =
        wb_resource_list_subtract(&of->scratch, type->capacity, type->overhead);
    const wb_solver_node_desc desc = {
        .name = name_id,
        .nodepool = WB_NAME_DEFAULT,
        .labels = labels,
        .is_managed = true,
        .is_initialized = true,
        .has_node = true,
        .capacity = type->capacity,
        .allocatable = room,
    };
    wb_solver_node *made = wb_solver_node_new(of->state.world, &desc);
    wb_arena_rewind(&of->scratch, mark);
    return made;
}

/* CPU of the node's pods: parts of total that differ by up to a third, the last what is left. */
static void deal_cpu(const bench_cluster *of, uint32_t node_index, int64_t total,
                     int64_t parts[PODS_PER_NODE])
{
    assert(total > 0); /* whatever the draws, the parts sum up to it */
    const int64_t mean = total / PODS_PER_NODE;
    const uint64_t steps = (uint64_t)(mean * 2 / 3 / STEP_MILLI) + 1;
    int64_t left = total;
    for (uint32_t i = 0; i + 1 < PODS_PER_NODE; i++) {
        const uint64_t step = wb_random_below(key_of(of, node_index), 1000 + i, steps);
        const int64_t least = mean * 2 / 3 / STEP_MILLI * STEP_MILLI;
        parts[i] = least + (int64_t)step * STEP_MILLI;
        parts[i] = parts[i] < left - (PODS_PER_NODE - i) ? parts[i] : mean / 2;
        left -= parts[i];
    }
    parts[PODS_PER_NODE - 1] = left;
}

static void add_pods(bench_cluster *of, uint32_t node_index, const wb_catalog_type *type)
{
    const int64_t cpu = allocatable(type, WB_NAME_CPU);
    const int64_t memory = allocatable(type, WB_NAME_MEMORY);
    const uint64_t percent =
        of->options->is_tight
            ? 100
            : LOOSE_LEAST_PERCENT + wb_random_below(key_of(of, node_index), 999,
                                                    LOOSE_MOST_PERCENT - LOOSE_LEAST_PERCENT + 1);
    int64_t parts[PODS_PER_NODE];
    deal_cpu(of, node_index, cpu * (int64_t)percent / 100, parts);
    wb_disruption_pod *pods = WB_ARENA_ARRAY(&of->arena, wb_disruption_pod, PODS_PER_NODE);
    for (uint32_t i = 0; i < PODS_PER_NODE; i++) {
        char uid[24];
        (void)snprintf(uid, sizeof(uid), "%010u", of->pod_count++);
        wb_pod_template *template = WB_ARENA_NEW(&of->arena, wb_pod_template);
        const wb_resource_list nothing = {0};
        wb_resource_list requests =
            wb_resource_list_with(&of->arena, nothing, WB_NAME_CPU, parts[i]);
        requests = wb_resource_list_with(&of->arena, requests, WB_NAME_MEMORY,
                                         memory / cpu * parts[i] / 2);
        template->requests = wb_resource_list_with(&of->arena, requests, WB_NAME_PODS, 1);
        pods[i] = (wb_disruption_pod){
            .name = wb_intern_add(&of->intern, uid),
            .namespace_name = WB_NAME_DEFAULT,
            .uid = wb_intern_add(&of->intern, uid),
            .shape_id = wb_solver_world_shape(of->state.world, template, WB_NAME_DEFAULT),
            .template = template,
            .created_ms = NOW_MS - WB_MS_PER_DAY,
            .start_ms = NOW_MS - WB_MS_PER_DAY,
            .owner_kind = WB_OWNER_REPLICA_SET,
            .phase = WB_POD_RUNNING,
        };
        wb_solver_node_bind(of->state.world, of->nodes[node_index].solver_node, pods[i].shape_id, 0,
                            0);
    }
    of->nodes[node_index].pods = pods;
    of->nodes[node_index].pod_count = PODS_PER_NODE;
}

static void make_nodes(bench_cluster *of)
{
    const uint32_t tight = cheapest_per_cpu(of);
    of->nodes = WB_ARENA_ARRAY(&of->arena, wb_disruption_node, of->options->node_count);
    for (uint32_t i = 0; i < of->options->node_count; i++) {
        const uint32_t type_index = of->options->is_tight ? tight : random_type(of, i);
        of->nodes[i] = (wb_disruption_node){
            .solver_node = make_node(of, i, type_index),
            .has_claim = true,
            .is_ready = true,
            .is_consolidatable = true,
            .created_ms = NOW_MS - 2 * WB_MS_PER_DAY,
            .initialized_ms = NOW_MS - 2 * WB_MS_PER_DAY,
            .last_pod_event_ms = -1,
            .drifted_ms = -1,
            .expire_after_ms = WB_DURATION_NEVER,
            .termination_grace_period_ms = -1,
        };
        add_pods(of, i, &of->catalog.types[type_index]);
    }
    of->state.nodes = of->nodes;
    of->state.node_count = of->options->node_count;
}

static wb_status open_cluster(const wb_consolidation_bench_options *options, bench_cluster *of,
                              double *out_world_ms, wb_error *err)
{
    *of = (bench_cluster){.options = options};
    wb_arena_init(&of->arena, "consolidation bench", 0, NULL);
    wb_arena_init(&of->scratch, "consolidation scratch", 0, NULL);
    wb_intern_init(&of->intern, &of->arena);
    wb_names_init(&of->intern);
    const wb_catalog_place place = {.region = "us-east-1"};
    WB_TRY(wb_catalog_load(&of->arena, &of->intern, &place, &of->catalog, err));
    make_pool(of);
    const wb_solver_pool pool = {&of->nodepool, &of->catalog};
    const wb_solver_world_desc desc = {.intern = &of->intern, .pools = &pool, .pool_count = 1};
    const int64_t start_ns = wb_stopwatch_cpu_ns();
    of->state = (wb_disruption_state){
        .now_ms = NOW_MS,
        .world = wb_solver_world_new(&of->arena, &desc),
        .pools = &of->pool,
        .pool_count = 1,
        .frame = &of->frame,
    };
    *out_world_ms = ms_since(start_ns);
    make_nodes(of);
    return WB_OK;
}

static void close_cluster(bench_cluster *of)
{
    for (uint32_t i = 0; i < of->state.node_count; i++) {
        wb_solver_node_free(of->nodes[i].solver_node);
    }
    if (of->state.world != NULL) {
        wb_solver_world_release(of->state.world);
    }
    wb_intern_release(&of->intern);
    wb_arena_release(&of->scratch);
    wb_arena_release(&of->arena);
}

/* Methods first to last in their order, each on one picture, up to the first with a command, which
 * is looked at again on a second. */
static void pass(bench_cluster *of, int first, int last, wb_consolidation_bench_method *out)
{
    wb_arena arena;
    wb_arena_init(&arena, "pass", 0, NULL);
    const int64_t start_ns = wb_stopwatch_cpu_ns();
    wb_disruption *picture = wb_disruption_new(&arena, &of->scratch, &of->state);
    *out = (wb_consolidation_bench_method){0};
    for (int m = first; m <= last && out->removed_count == 0; m++) {
        const wb_disruption_outcome found = wb_disruption_compute(picture, (wb_disruption_method)m);
        out->simulation_count += found.simulation_count;
        if (found.command_count > 0) {
            wb_disruption *again = wb_disruption_new(&arena, &of->scratch, &of->state);
            wb_disruption_command held = {0};
            const wb_disruption_verdict verdict =
                wb_disruption_validate(again, &found.commands[0], &held);
            assert(verdict == WB_DISRUPTION_VALID); /* nothing has changed */
            (void)verdict;
            out->removed_count = held.candidate_count;
            out->made_count = held.replacement_count;
        }
    }
    out->ms = ms_since(start_ns);
    wb_arena_release(&arena);
}

wb_status wb_consolidation_bench_run(const wb_consolidation_bench_options *options,
                                     wb_consolidation_bench_result *out, wb_error *err)
{
    assert(options != NULL && options->node_count > 0);
    bench_cluster of;
    *out = (wb_consolidation_bench_result){0};
    const wb_status status = open_cluster(options, &of, &out->world_ms, err);
    if (status == WB_OK) {
        wb_consolidation_bench_method whole;
        pass(&of, WB_DISRUPTION_EMPTINESS, WB_DISRUPTION_SINGLE_NODE, &whole);
        pass(&of, WB_DISRUPTION_MULTI_NODE, WB_DISRUPTION_MULTI_NODE, &out->multi_node);
        pass(&of, WB_DISRUPTION_SINGLE_NODE, WB_DISRUPTION_SINGLE_NODE, &out->single_node);
        out->pass_ms = whole.ms;
        out->pod_count = of.pod_count;
        out->type_count = of.usable_count;
        out->rss_bytes = wb_stopwatch_resident_bytes_max();
    }
    close_cluster(&of);
    return status;
}
