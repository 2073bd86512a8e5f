#include "scenarios/bound/bound_machines.h"

#include <assert.h>

#include "base/bitset.h"
#include "kube/names.h"

#define NO_OPTION UINT32_MAX

/* Machines of the run that are alike: of one pool or group, one type, zone and market. */
typedef struct machine_kind {
    uint32_t type_index, zone, pool, asg_id;
    wb_capacity_type capacity_type;
    const wb_catalog *sizes; /* compared, not followed */
    int64_t price_nusd;      /* the least */
    const int64_t *allocatable;
    uint64_t *seen;  /* classes that ran there */
    uint32_t option; /* that covers it, or NO_OPTION */
} machine_kind;

/* Everything on the way. */
typedef struct machine_maker {
    wb_arena *arena;
    const wb_bound_universe *universe;
    const wb_finished_run *run;
    const wb_run_classes *classes;
    uint32_t contender;
    size_t word_count;     /* of a set of classes */
    double **rooms;        /* by option: allocatable */
    double **daemon_loads; /* by option */
    uint64_t **allowed;    /* by option */
    machine_kind *kinds;   /* in the order of their first instance */
    uint32_t kind_count, kind_capacity;
    uint32_t *kind_of_node; /* by node id; NO_OPTION: without a served pod */
} machine_maker;

/* ---- options ---- */

static double *dense_amounts(const machine_maker *maker, wb_resource_list list)
{
    const wb_cluster *cluster = maker->run->cluster;
    double *dense = WB_ARENA_ARRAY(maker->arena, double, maker->classes->resource_count);
    for (uint32_t r = 0; r < maker->classes->resource_count; r++) {
        const int64_t amount = wb_resource_list_get(list, cluster->resource_names[r]);
        dense[r] = amount > 0 ? (double)amount : 0.0;
    }
    return dense;
}

/* What the DaemonSets in force take of every node of the option. */
static double *daemon_load(const machine_maker *maker, const wb_machine_option *option,
                           const wb_machine_wish *wishes)
{
    const wb_cluster *cluster = maker->run->cluster;
    double *sum = WB_ARENA_ARRAY(maker->arena, double, maker->classes->resource_count);
    for (uint32_t w = 0; w < cluster->workload_count; w++) {
        const wb_workload *workload = &cluster->workloads[w];
        if (workload->kind != WB_OWNER_DAEMON_SET ||
            !wb_machine_list_carries(maker->universe->world, option, &wishes[w])) {
            continue;
        }
        for (uint32_t r = 0; r < maker->classes->resource_count; r++) {
            sum[r] += (double)wb_resource_list_get(workload->template->requests,
                                                   cluster->resource_names[r]);
        }
    }
    return sum;
}

/* Classes by their wishes. */
static uint64_t *allowed_classes(const machine_maker *maker, const wb_machine_option *option)
{
    const wb_run_classes *classes = maker->classes;
    uint64_t *allowed = WB_ARENA_ARRAY(maker->arena, uint64_t, maker->word_count);
    for (uint32_t w = 0; w < classes->wish_count; w++) {
        if (!wb_machine_list_allows(maker->universe->world, option, &classes->wishes[w])) {
            continue;
        }
        for (uint32_t g = 0; g < classes->class_count; g++) {
            if (classes->wish_of[g] == w) {
                wb_bitset_add(allowed, g);
            }
        }
    }
    return allowed;
}

/* Options of one type stand together: what is the type's is asked for once. */
static void measure_options(machine_maker *maker)
{
    const wb_bound_universe *universe = maker->universe;
    const wb_cluster *cluster = maker->run->cluster;
    const size_t count = (size_t)universe->option_count + 1;
    maker->rooms = WB_ARENA_ARRAY(maker->arena, double *, count);
    maker->daemon_loads = WB_ARENA_ARRAY(maker->arena, double *, count);
    maker->allowed = WB_ARENA_ARRAY(maker->arena, uint64_t *, count);
    wb_machine_wish *wishes =
        WB_ARENA_ARRAY(maker->arena, wb_machine_wish, (size_t)cluster->workload_count + 1);
    for (uint32_t w = 0; w < cluster->workload_count; w++) {
        if (cluster->workloads[w].kind == WB_OWNER_DAEMON_SET) {
            wishes[w] = wb_machine_list_wish(maker->arena, maker->run->intern,
                                             cluster->workloads[w].template);
        }
    }
    for (uint32_t i = 0; i < universe->option_count; i++) {
        const wb_machine_option *option = &universe->options[i];
        const bool is_same_type = i > 0 && option[-1].type_index == option->type_index;
        maker->rooms[i] =
            is_same_type
                ? maker->rooms[i - 1]
                : dense_amounts(maker, wb_solver_world_allocatable(maker->arena, universe->world,
                                                                   option->type_index));
        maker->daemon_loads[i] = daemon_load(maker, option, wishes);
        maker->allowed[i] = allowed_classes(maker, option);
    }
}

/* ---- what the run shows ---- */

static bool is_of_kind(const machine_kind *kind, const wb_instance *instance, uint32_t pool)
{
    return kind->type_index == instance->type_index && kind->zone == instance->zone &&
           kind->capacity_type == instance->capacity_type &&
           kind->sizes == instance->launch_template->sizes && kind->pool == pool &&
           kind->asg_id == instance->asg_id;
}

static uint32_t find_kind(machine_maker *maker, const wb_instance *instance, uint32_t node_id)
{
    const uint32_t pool = wb_labels_get(instance->launch_template->labels, WB_NAME_NODEPOOL);
    for (uint32_t k = 0; k < maker->kind_count; k++) {
        if (is_of_kind(&maker->kinds[k], instance, pool)) {
            return k;
        }
    }
    if (maker->kind_count == maker->kind_capacity) {
        const uint32_t wider = maker->kind_capacity == 0 ? 64 : maker->kind_capacity * 2;
        maker->kinds = wb_arena_grow(maker->arena, maker->kinds, maker->kind_count, wider,
                                     sizeof maker->kinds[0]);
        maker->kind_capacity = wider;
    }
    maker->kinds[maker->kind_count] = (machine_kind){
        .type_index = instance->type_index,
        .zone = instance->zone,
        .pool = pool,
        .asg_id = instance->asg_id,
        .capacity_type = instance->capacity_type,
        .sizes = instance->launch_template->sizes,
        .price_nusd = instance->price_nusd_per_hour,
        .allocatable = maker->run->cluster->nodes[node_id].allocatable,
        .seen = WB_ARENA_ARRAY(maker->arena, uint64_t, maker->word_count),
        .option = NO_OPTION,
    };
    return maker->kind_count++;
}

static void look_at_pods(machine_maker *maker)
{
    const wb_cluster *cluster = maker->run->cluster;
    maker->kind_of_node = WB_ARENA_ARRAY(maker->arena, uint32_t, (size_t)cluster->node_count + 1);
    for (uint32_t n = 0; n < cluster->node_count; n++) {
        maker->kind_of_node[n] = NO_OPTION;
    }
    for (uint32_t id = 0; id < cluster->pods.count; id++) {
        wb_served_pod served;
        const uint32_t class_index = maker->classes->class_of_shape[cluster->pods.shape_id[id]];
        if (class_index == UINT32_MAX || !wb_run_classes_served(maker->run, id, &served)) {
            continue;
        }
        const uint32_t node_id = cluster->pods.node_id[id];
        const wb_instance *instance = &maker->run->cloud->instances[served.instance_id];
        if (maker->kind_of_node[node_id] == NO_OPTION) {
            maker->kind_of_node[node_id] = find_kind(maker, instance, node_id);
        }
        machine_kind *kind = &maker->kinds[maker->kind_of_node[node_id]];
        wb_bitset_add(kind->seen, class_index);
        kind->price_nusd = instance->price_nusd_per_hour < kind->price_nusd
                               ? instance->price_nusd_per_hour
                               : kind->price_nusd;
    }
}

/* The price history of a spot pool, or NULL. */
static const wb_market_series *find_prices(const machine_maker *maker, uint32_t type_name,
                                           uint32_t zone, wb_capacity_type capacity_type)
{
    const wb_cloud *cloud = maker->run->cloud;
    const uint32_t type_index = wb_catalog_find(cloud->catalog, type_name);
    for (uint32_t i = 0; i < cloud->market.price_count; i++) {
        const wb_market_series *series = &cloud->market.prices[i];
        if (capacity_type == WB_CAPACITY_SPOT && type_index != UINT32_MAX &&
            wb_market_names(series, type_index, zone)) {
            return series;
        }
    }
    return NULL;
}

static int64_t price_nusd_of(const wb_machine_option *option)
{
    return (int64_t)(option->offering.price_usd_per_hour * 1e9 + 0.5);
}

/* Whether all that the run did with machines of the kind is possible with the option, at no higher
 * price (which a price history decides interval by interval). */
static bool covers(const machine_maker *maker, uint32_t index, const machine_kind *kind)
{
    const wb_machine_option *option = &maker->universe->options[index];
    const uint32_t type_name = maker->run->cloud->catalog->types[kind->type_index].name;
    if (maker->universe->contender_of_pool[option->pool_index] != maker->contender ||
        option->offering.zone != kind->zone ||
        option->offering.capacity_type != kind->capacity_type ||
        wb_solver_world_type(maker->universe->world, option->type_index)->name != type_name) {
        return false;
    }
    if (price_nusd_of(option) > kind->price_nusd &&
        find_prices(maker, type_name, kind->zone, kind->capacity_type) == NULL) {
        return false;
    }
    for (uint32_t r = 0; r < maker->classes->resource_count; r++) {
        if (maker->rooms[index][r] < (double)kind->allocatable[r]) {
            return false;
        }
    }
    for (size_t w = 0; w < maker->word_count; w++) {
        if ((kind->seen[w] & ~maker->allowed[index][w]) != 0) {
            return false;
        }
    }
    return true;
}

static void cover_kinds(machine_maker *maker)
{
    for (uint32_t k = 0; k < maker->kind_count; k++) {
        for (uint32_t i = 0; i < maker->universe->option_count; i++) {
            if (covers(maker, i, &maker->kinds[k])) {
                maker->kinds[k].option = i;
                break;
            }
        }
    }
}

/* ---- DaemonSets ---- */

/* When a node had pods of the workload. */
typedef struct busy_time {
    int64_t first_ms, last_ms; /* -1: never */
} busy_time;

static int64_t gone_ms_of(const machine_maker *maker, uint32_t pod_id)
{
    const int64_t gone_ms = maker->run->cluster->pods.gone_ms[pod_id];
    return gone_ms >= 0 ? gone_ms : maker->run->end_ms;
}

static busy_time *find_busy_times(const machine_maker *maker)
{
    const wb_cluster *cluster = maker->run->cluster;
    busy_time *times = WB_ARENA_ARRAY(maker->arena, busy_time, (size_t)cluster->node_count + 1);
    for (uint32_t n = 0; n < cluster->node_count; n++) {
        times[n] = (busy_time){-1, -1};
    }
    for (uint32_t id = 0; id < cluster->pods.count; id++) {
        const int64_t bound_ms = cluster->pods.bound_ms[id];
        if (bound_ms < 0 || wb_cluster_pod_is_daemon(cluster, id)) {
            continue;
        }
        busy_time *busy = &times[cluster->pods.node_id[id]];
        const int64_t gone_ms = gone_ms_of(maker, id);
        busy->first_ms =
            busy->first_ms < 0 || bound_ms < busy->first_ms ? bound_ms : busy->first_ms;
        busy->last_ms = gone_ms > busy->last_ms ? gone_ms : busy->last_ms;
    }
    return times;
}

/* Whether every node with pods carried, all the while, what its option's DaemonSets take. */
static bool daemons_are_borne_out(const machine_maker *maker)
{
    const wb_cluster *cluster = maker->run->cluster;
    const uint32_t resource_count = maker->classes->resource_count;
    const busy_time *times = find_busy_times(maker);
    double *carried =
        WB_ARENA_ARRAY(maker->arena, double, (size_t)cluster->node_count *resource_count + 1);
    for (uint32_t id = 0; id < cluster->pods.count; id++) {
        const int64_t bound_ms = cluster->pods.bound_ms[id];
        if (bound_ms < 0 || !wb_cluster_pod_is_daemon(cluster, id)) {
            continue;
        }
        const uint32_t node_id = cluster->pods.node_id[id];
        if (bound_ms > times[node_id].first_ms || gone_ms_of(maker, id) < times[node_id].last_ms) {
            continue;
        }
        const wb_shape *shape = &cluster->shapes[cluster->pods.shape_id[id]];
        for (uint32_t i = 0; i < shape->request_count; i++) {
            carried[(size_t)node_id * resource_count + shape->requests[i].resource] +=
                (double)shape->requests[i].amount;
        }
    }
    for (uint32_t n = 0; n < cluster->node_count; n++) {
        const uint32_t kind = maker->kind_of_node[n];
        if (kind == NO_OPTION || maker->kinds[kind].option == NO_OPTION) {
            continue;
        }
        const double *load = maker->daemon_loads[maker->kinds[kind].option];
        for (uint32_t r = 0; r < resource_count; r++) {
            if (carried[(size_t)n * resource_count + r] < load[r]) {
                return false;
            }
        }
    }
    return true;
}

/* ---- together ---- */

static void add_option(const machine_maker *maker, uint32_t index, wb_bound_machines *out)
{
    const wb_machine_option *option = &maker->universe->options[index];
    const uint32_t resource_count = maker->classes->resource_count;
    double *capacity = WB_ARENA_ARRAY(maker->arena, double, resource_count);
    for (uint32_t r = 0; r < resource_count; r++) {
        const double load = out->counts_daemons ? maker->daemon_loads[index][r] : 0.0;
        const double left = maker->rooms[index][r] - load;
        capacity[r] = left > 0.0 ? left : 0.0;
    }
    out->items[out->count] = (wb_cost_bound_machine){
        .price = (double)price_nusd_of(option) / 1e9,
        .capacity = capacity,
        .classes = maker->allowed[index],
    };
    out->names[out->count++] = (wb_bound_machine){
        .type_name = wb_solver_world_type(maker->universe->world, option->type_index)->name,
        .zone = option->offering.zone,
        .capacity_type = option->offering.capacity_type,
        .contender = maker->universe->contender_of_pool[option->pool_index],
        .listed_nusd = price_nusd_of(option),
        .prices =
            find_prices(maker,
                        wb_solver_world_type(maker->universe->world, option->type_index)->name,
                        option->offering.zone, option->offering.capacity_type),
    };
    out->have_prices = out->have_prices || out->names[out->count - 1].prices != NULL;
}

static void add_seen(const machine_maker *maker, const machine_kind *kind, wb_bound_machines *out)
{
    const uint32_t resource_count = maker->classes->resource_count;
    double *capacity = WB_ARENA_ARRAY(maker->arena, double, resource_count);
    for (uint32_t r = 0; r < resource_count; r++) {
        capacity[r] = kind->allocatable[r] > 0 ? (double)kind->allocatable[r] : 0.0;
    }
    out->items[out->count] = (wb_cost_bound_machine){
        .price = (double)kind->price_nusd / 1e9,
        .capacity = capacity,
        .classes = kind->seen,
    };
    out->names[out->count++] = (wb_bound_machine){
        .type_name = maker->run->cloud->catalog->types[kind->type_index].name,
        .zone = kind->zone,
        .capacity_type = kind->capacity_type,
        .contender = maker->contender,
        .listed_nusd = kind->price_nusd,
        .prices = find_prices(maker, maker->run->cloud->catalog->types[kind->type_index].name,
                              kind->zone, kind->capacity_type),
    };
    out->have_prices = out->have_prices || out->names[out->count - 1].prices != NULL;
    out->seen_count++;
}

void wb_bound_machines_make(wb_arena *arena, const wb_bound_universe *universe,
                            const wb_finished_run *run, const wb_run_classes *classes,
                            uint32_t contender, wb_bound_machines *out)
{
    assert(classes->class_count > 0);
    machine_maker maker = {
        .arena = arena,
        .universe = universe,
        .run = run,
        .classes = classes,
        .contender = contender,
        .word_count = wb_bitset_word_count(classes->class_count),
    };
    measure_options(&maker);
    look_at_pods(&maker);
    cover_kinds(&maker);
    const size_t room = (size_t)universe->option_count + maker.kind_count + 1;
    *out = (wb_bound_machines){
        .items = WB_ARENA_ARRAY(arena, wb_cost_bound_machine, room),
        .names = WB_ARENA_ARRAY(arena, wb_bound_machine, room),
        .counts_daemons = daemons_are_borne_out(&maker),
    };
    for (uint32_t i = 0; i < universe->option_count; i++) {
        if (price_nusd_of(&universe->options[i]) > 0) {
            add_option(&maker, i, out);
        }
    }
    for (uint32_t k = 0; k < maker.kind_count; k++) {
        if (maker.kinds[k].option == NO_OPTION) {
            add_seen(&maker, &maker.kinds[k], out);
        }
    }
}

/* A second is billed at the price in force when it began: up to a second before. A price of nothing
 * is told as next to nothing, since machines of the programs must cost something. */
double wb_bound_machines_least_price(const wb_bound_machine *machine, int64_t from_ms,
                                     int64_t to_ms)
{
    assert(from_ms <= to_ms);
    int64_t least_nusd = machine->listed_nusd;
    if (machine->prices != NULL) {
        const int64_t begin_ms = from_ms > 1000 ? from_ms - 1000 : 0;
        least_nusd = wb_market_value(machine->prices, begin_ms, machine->listed_nusd);
        for (uint32_t i = 0; i < machine->prices->point_count; i++) {
            const wb_market_point *point = &machine->prices->points[i];
            if (point->at_ms > begin_ms && point->at_ms <= to_ms) {
                least_nusd = point->value < least_nusd ? point->value : least_nusd;
            }
        }
    }
    return least_nusd > 0 ? (double)least_nusd / 1e9 : 1e-12;
}
