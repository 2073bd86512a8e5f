#include "tests/solver/random_problem.h"

#include <stdio.h>

#include "kube/names.h"

enum {
    LEAST_TYPES = 3,
    MOST_TYPES = 12,
    SMALL_BATCH = 12
};

typedef wb_random_problem_dice dice;

/* ---- draws ---- */

uint32_t wb_random_problem_roll(wb_random_problem_dice *from, uint32_t bound)
{
    return (uint32_t)wb_random_below(from->key, from->draw++, bound);
}

static uint32_t roll(dice *from, uint32_t bound)
{
    return wb_random_problem_roll(from, bound);
}

bool wb_random_problem_chance(wb_random_problem_dice *from, uint32_t percent)
{
    return roll(from, 100) < percent;
}

static bool chance(dice *from, uint32_t percent)
{
    return roll(from, 100) < percent;
}

uint32_t wb_random_problem_name(const wb_random_problem_dice *from, const char *prefix,
                                uint32_t number)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%s%u", prefix, number);
    return wb_intern_add(from->intern, text);
}

static uint32_t named(const dice *from, const char *prefix, uint32_t number)
{
    return wb_random_problem_name(from, prefix, number);
}

static uint32_t zone(const dice *from, uint32_t number)
{
    return named(from, "zone-", number);
}

wb_resource_list wb_random_problem_sizes(const wb_random_problem_dice *from, int64_t cpu_milli,
                                         int64_t memory_mib, int64_t pods)
{
    wb_resource *items = WB_ARENA_ARRAY(from->arena, wb_resource, 3);
    items[0] = (wb_resource){WB_NAME_CPU, cpu_milli};
    items[1] = (wb_resource){WB_NAME_MEMORY, memory_mib << 20};
    items[2] = (wb_resource){WB_NAME_PODS, pods};
    return (wb_resource_list){.items = items, .count = pods > 0 ? 3 : 2};
}

wb_resource_list wb_random_problem_with_disk(const wb_random_problem_dice *from,
                                             wb_resource_list list, uint32_t gib)
{
    return wb_resource_list_with(from->arena, list, WB_NAME_EPHEMERAL_STORAGE, (int64_t)gib << 30);
}

wb_label_expression wb_random_problem_in(const wb_random_problem_dice *from, uint32_t key,
                                         uint32_t value)
{
    uint32_t *values = WB_ARENA_NEW(from->arena, uint32_t);
    *values = value;
    return (
        wb_label_expression){.key = key, .op = WB_OPERATOR_IN, .value_count = 1, .values = values};
}

uint32_t wb_random_problem_namespace(wb_random_problem_dice *from)
{
    return chance(from, 90) ? (uint32_t)WB_NAME_DEFAULT : wb_intern_add(from->intern, "other");
}

/* ---- catalog ---- */

static const wb_offering *make_offerings(dice *from, uint32_t zone_count, double price,
                                         uint32_t *out_count)
{
    wb_offering *made = WB_ARENA_ARRAY(from->arena, wb_offering, (size_t)zone_count * 2 + 1);
    uint32_t count = 0;
    if (chance(from, 5)) {
        made[count++] = (wb_offering){
            .zone = zone(from, roll(from, zone_count)),
            .capacity_type = WB_CAPACITY_RESERVED,
            .price_usd_per_hour = 0.001,
            .is_available = true,
            .reservation_id = named(from, "reservation-", roll(from, 2)),
            .reservation_count = (int32_t)roll(from, 3),
        };
    }
    for (uint32_t z = 0; z < zone_count; z++) {
        for (uint32_t market = 0; market < 2; market++) {
            if (chance(from, 90)) {
                made[count++] = (wb_offering){
                    .zone = zone(from, z),
                    .capacity_type = market == 0 ? WB_CAPACITY_ON_DEMAND : WB_CAPACITY_SPOT,
                    .price_usd_per_hour = price * (market == 0 ? 1.0 : 0.4 + 0.1 * roll(from, 8)),
                    .is_available = chance(from, 85),
                };
            }
        }
    }
    *out_count = count;
    return made;
}

static wb_catalog_type make_type(dice *from, uint32_t index, uint32_t zone_count)
{
    const uint32_t cpu = 1U << (1 + roll(from, 4));
    const uint32_t name = named(from, "type-", index);
    wb_labels labels = {0};
    labels = wb_labels_with(from->arena, labels, WB_NAME_INSTANCE_TYPE, name);
    labels = wb_labels_with(from->arena, labels, WB_NAME_ARCH,
                            chance(from, 75) ? WB_NAME_AMD64 : WB_NAME_ARM64);
    labels = wb_labels_with(from->arena, labels, WB_NAME_OS, WB_NAME_LINUX);
    labels = wb_labels_with(from->arena, labels, WB_NAME_INSTANCE_FAMILY,
                            named(from, "family-", roll(from, 3)));
    labels = wb_labels_with(from->arena, labels, WB_NAME_INSTANCE_CPU, named(from, "", cpu));
    wb_catalog_type type = {
        .name = name,
        .capacity = wb_random_problem_sizes(from, cpu * INT64_C(1000), cpu * INT64_C(2048),
                                            4 + roll(from, 20)),
        .overhead = wb_random_problem_sizes(from, 100, 200, 0),
    };
    if (chance(from, 15)) {
        labels = wb_labels_with(from->arena, labels, WB_NAME_INSTANCE_GPU_NAME,
                                wb_intern_add(from->intern, "t4"));
        type.capacity = wb_resource_list_with(from->arena, type.capacity, WB_NAME_NVIDIA_GPU, 2);
    }
    if (chance(from, 70)) {
        type.capacity = wb_random_problem_with_disk(from, type.capacity, 5 * (1 + roll(from, 4)));
    }
    if (chance(from, 4)) {
        type.capacity = wb_resource_list_with(from->arena, type.capacity, WB_NAME_HUGEPAGES_2MI,
                                              INT64_C(1) << 30);
    }
    type.labels = labels;
    type.offerings = make_offerings(from, zone_count, cpu * 0.05, &type.offering_count);
    return type;
}

static wb_catalog make_catalog(dice *from)
{
    const uint32_t type_count = LEAST_TYPES + roll(from, MOST_TYPES - LEAST_TYPES + 1);
    const uint32_t zone_count = 1 + roll(from, 3);
    wb_catalog_type *types = WB_ARENA_ARRAY(from->arena, wb_catalog_type, type_count);
    for (uint32_t i = 0; i < type_count; i++) {
        types[i] = make_type(from, i, zone_count);
    }
    return (wb_catalog){.region = wb_intern_add(from->intern, "region-1"),
                        .types = types,
                        .type_count = type_count};
}

/* ---- NodePools and DaemonSets ---- */

static void require(dice *from, wb_label_expression *list, uint32_t *count)
{
    if (chance(from, 40)) {
        list[(*count)++] = wb_random_problem_in(from, WB_NAME_ARCH,
                                                chance(from, 70) ? WB_NAME_AMD64 : WB_NAME_ARM64);
    }
    if (chance(from, 30)) {
        list[(*count)++] =
            wb_random_problem_in(from, WB_NAME_CAPACITY_TYPE,
                                 chance(from, 50) ? WB_NAME_SPOT : WB_NAME_ON_DEMAND);
    }
    if (chance(from, 25)) {
        list[*count] = wb_random_problem_in(from, WB_NAME_ZONE, zone(from, roll(from, 3)));
        list[(*count)++].op = chance(from, 80) ? WB_OPERATOR_IN : WB_OPERATOR_NOT_IN;
    }
    if (chance(from, 20)) {
        list[(*count)++] = (wb_label_expression){.key = WB_NAME_INSTANCE_FAMILY,
                                                 .op = WB_OPERATOR_EXISTS,
                                                 .min_values = 1 + (int32_t)roll(from, 3)};
    }
    if (chance(from, 20)) {
        list[(*count)++] = (wb_label_expression){.key = wb_intern_add(from->intern, "rack"),
                                                 .op = WB_OPERATOR_EXISTS};
    }
    if (chance(from, 15)) {
        list[*count] =
            wb_random_problem_in(from, WB_NAME_INSTANCE_CPU, named(from, "", 1U << roll(from, 5)));
        list[(*count)++].op = (wb_operator)(WB_OPERATOR_GT + (int)roll(from, 4));
    }
}

static wb_taint make_taint(dice *from)
{
    return (wb_taint){.key = named(from, "taint-", roll(from, 2)),
                      .value = WB_NAME_TRUE,
                      .effect =
                          chance(from, 60) ? WB_TAINT_NO_SCHEDULE : WB_TAINT_PREFER_NO_SCHEDULE};
}

static wb_nodepool make_pool(dice *from, uint32_t index)
{
    wb_nodepool pool = {.name = named(from, "pool-", index),
                        .weight = (int32_t)roll(from, 3),
                        .is_ready = !chance(from, 3),
                        .replicas = -1,
                        .node_class_name = WB_NAME_DEFAULT,
                        .limit_nodes = chance(from, 5) ? (int64_t)roll(from, 4) : -1};
    wb_label_expression *list = WB_ARENA_ARRAY(from->arena, wb_label_expression, 6);
    require(from, list, &pool.requirement_count);
    pool.requirements = list;
    if (chance(from, 40)) {
        pool.labels = wb_labels_with(from->arena, pool.labels, wb_intern_add(from->intern, "team"),
                                     named(from, "team-", roll(from, 2)));
    }
    if (chance(from, 25)) {
        wb_taint *taint = WB_ARENA_NEW(from->arena, wb_taint);
        *taint = make_taint(from);
        pool.taints = taint;
        pool.taint_count = 1;
    }
    if (chance(from, 30)) {
        pool.limits =
            wb_random_problem_sizes(from, 4000 * (1 + (int64_t)roll(from, 10)), 1 << 20, 0);
    }
    return pool;
}

static void make_world(dice *from, wb_random_problem *out)
{
    out->catalog = make_catalog(from);
    const uint32_t pool_count = 1 + roll(from, WB_RANDOM_PROBLEM_MOST_POOLS);
    for (uint32_t i = 0; i < pool_count; i++) {
        out->pools[i] = make_pool(from, i);
        out->world_pools[i] = (wb_solver_pool){&out->pools[i], &out->catalog};
    }
    const uint32_t daemon_count = roll(from, WB_RANDOM_PROBLEM_MOST_DAEMONS + 1);
    for (uint32_t i = 0; i < daemon_count; i++) {
        out->daemons[i] = wb_random_problem_daemon(from);
    }
    out->desc = (wb_solver_world_desc){
        .intern = from->intern,
        .pools = out->world_pools,
        .pool_count = pool_count,
        .daemon_templates = out->daemons,
        .daemon_count = daemon_count,
        .min_values_best_effort = chance(from, 30),
        .reserved_capacity_off = chance(from, 10),
    };
    out->world = wb_solver_world_new(from->arena, &out->desc);
    out->template_count = 1 + roll(from, WB_RANDOM_PROBLEM_MOST_TEMPLATES);
    for (uint32_t i = 0; i < out->template_count; i++) {
        out->templates[i] = wb_random_problem_template(from);
    }
}

/* ---- storage and namespaces ---- */

static const wb_node_term *zone_terms(dice *from, uint32_t count)
{
    wb_node_term *terms = WB_ARENA_ARRAY(from->arena, wb_node_term, count);
    wb_label_expression *there = WB_ARENA_ARRAY(from->arena, wb_label_expression, count);
    for (uint32_t i = 0; i < count; i++) {
        there[i] = wb_random_problem_in(from, WB_NAME_ZONE, zone(from, roll(from, 3)));
        terms[i] = (wb_node_term){.expressions = &there[i], .expression_count = 1};
    }
    return terms;
}

static void make_objects(dice *from, wb_random_problem *out)
{
    wb_label *owner = WB_ARENA_NEW(from->arena, wb_label);
    *owner = (wb_label){wb_intern_add(from->intern, "owner"), wb_intern_add(from->intern, "us")};
    out->namespaces[0] = (wb_namespace){wb_intern_add(from->intern, "other"), {owner, 1}};
    const uint32_t driver = wb_intern_add(from->intern, "driver");
    for (uint32_t i = 0; i < 2; i++) {
        out->storage_classes[i] = (wb_storage_class){.name = named(from, "class-", i),
                                                     .provisioner = driver,
                                                     .allowed_topologies = zone_terms(from, i),
                                                     .allowed_topology_count = i};
        out->volumes[i] = (wb_persistent_volume){.name = named(from, "pv-", i),
                                                 .driver = driver,
                                                 .required_terms = zone_terms(from, i + 1),
                                                 .required_term_count = i + 1};
    }
    for (uint32_t i = 0; i < 3; i++) {
        out->volume_claims[i] = (wb_volume_claim){.name = named(from, "data-", i),
                                                  .namespace_name = WB_NAME_DEFAULT,
                                                  .storage_class = named(from, "class-", 1),
                                                  .volume_name = i < 2 ? named(from, "pv-", i) : 0,
                                                  .is_bind_completed = i < 2};
    }
    out->problem.namespaces = out->namespaces;
    out->problem.namespace_count = 1;
    out->problem.storage_classes = out->storage_classes;
    out->problem.storage_class_count = 2;
    out->problem.persistent_volumes = out->volumes;
    out->problem.persistent_volume_count = 2;
    out->problem.volume_claims = out->volume_claims;
    out->problem.volume_claim_count = 3;
}

/* ---- nodes ---- */

static const wb_pod_template *some_template(dice *from, const wb_random_problem *out)
{
    return out->templates[roll(from, out->template_count)];
}

static void bind_pods(dice *from, wb_random_problem *out, uint32_t index)
{
    wb_validator_node *shown = &out->shown_nodes[index];
    wb_validator_pod *pods = WB_ARENA_ARRAY(from->arena, wb_validator_pod, 5);
    shown->pods = pods;
    const uint32_t pod_count = roll(from, 4);
    for (uint32_t i = 0; i < pod_count; i++) {
        pods[shown->pod_count++] = (wb_validator_pod){
            .template = some_template(from, out),
            .name = named(from, "running-", index * 10 + i),
            .namespace_name = wb_random_problem_namespace(from),
            .flags = chance(from, 10) ? WB_SOLVER_POD_TERMINATING : 0,
        };
    }
    if (out->desc.daemon_count > 0 && chance(from, 40)) {
        pods[shown->pod_count++] = (wb_validator_pod){.template = out->daemons[0],
                                                      .namespace_name = WB_NAME_KUBE_SYSTEM,
                                                      .flags = WB_SOLVER_POD_DAEMON};
    }
    for (uint32_t i = 0; i < shown->pod_count; i++) {
        wb_solver_node_bind(out->world, out->nodes[index],
                            wb_solver_world_shape(out->world, pods[i].template,
                                                  pods[i].namespace_name),
                            pods[i].name, pods[i].flags);
    }
}

static wb_labels node_labels(dice *from, const wb_random_problem *out, const wb_catalog_type *type,
                             uint32_t name)
{
    wb_labels labels = type->labels;
    labels = wb_labels_with(from->arena, labels, WB_NAME_HOSTNAME, name);
    if (!chance(from, 3)) {
        labels = wb_labels_with(from->arena, labels, WB_NAME_ZONE, zone(from, roll(from, 3)));
    }
    labels = wb_labels_with(from->arena, labels, WB_NAME_CAPACITY_TYPE,
                            chance(from, 50) ? WB_NAME_SPOT : WB_NAME_ON_DEMAND);
    for (uint32_t i = 0; i < out->pools[0].labels.count; i++) {
        labels = wb_labels_with(from->arena, labels, out->pools[0].labels.items[i].key,
                                out->pools[0].labels.items[i].value);
    }
    if (chance(from, 20)) {
        labels = wb_labels_with(from->arena, labels, wb_intern_add(from->intern, "rack"),
                                named(from, "rack-", roll(from, 2)));
    }
    return labels;
}

/* A taint of the pools' kinds, one that goes by itself, or one that a startup taint stands for. */
static void add_taints(dice *from, wb_solver_node_desc *desc)
{
    wb_taint *taints = WB_ARENA_ARRAY(from->arena, wb_taint, 2);
    taints[0] = make_taint(from);
    if (chance(from, 30)) {
        taints[0] = (wb_taint){WB_NAME_TAINT_NOT_READY, 0, WB_TAINT_NO_SCHEDULE};
    }
    taints[1] = make_taint(from);
    desc->taints = taints;
    desc->taint_count = chance(from, 25) ? 1 : 0;
    desc->startup_taints = &taints[chance(from, 50) ? 0 : 1];
    desc->startup_taint_count = chance(from, 30) ? 1 : 0;
}

static void make_node(dice *from, wb_random_problem *out, uint32_t index)
{
    const wb_catalog_type *type = &out->catalog.types[roll(from, out->catalog.type_count)];
    wb_solver_node_desc *desc = WB_ARENA_NEW(from->arena, wb_solver_node_desc);
    const bool is_managed = chance(from, 80);
    *desc = (wb_solver_node_desc){
        .name = named(from, "node-", index),
        .nodepool = is_managed ? out->pools[0].name : 0,
        .labels = node_labels(from, out, type, named(from, "node-", index)),
        .is_managed = is_managed,
        .is_initialized = chance(from, 80),
        .has_node = true,
        .capacity = type->capacity,
        .allocatable = type->capacity,
        .claim_capacity = type->capacity,
        .claim_allocatable = type->capacity,
    };
    add_taints(from, desc);
    if (!desc->is_initialized && is_managed && chance(from, 40)) {
        desc->has_node = false; /* a NodeClaim in flight: shows nothing itself */
        desc->capacity = (wb_resource_list){0};
        desc->allocatable = (wb_resource_list){0};
    }
    if (chance(from, 20)) {
        wb_attach_limit *limit = WB_ARENA_NEW(from->arena, wb_attach_limit);
        *limit = (wb_attach_limit){desc->name, wb_intern_add(from->intern, "driver"),
                                   (int32_t)roll(from, 3)};
        desc->attach_limits = limit;
        desc->attach_limit_count = 1;
    }
    out->nodes[index] = wb_solver_node_new(out->world, desc);
    out->shown_nodes[index].desc = desc;
    if (desc->has_node) {
        bind_pods(from, out, index);
    }
    out->roles[index] =
        (uint8_t)(chance(from, 85) ? (uint32_t)WB_NODE_ROLE_OFFERED : roll(from, 4));
}

/* ---- the batch ---- */

static void add_pod(dice *from, wb_random_problem *out, const wb_pod_template *template,
                    uint32_t namespace_name, uint32_t bound_node_index)
{
    const uint32_t index = out->problem.pod_count++;
    out->pod_templates[index] = template;
    out->pods[index] = (wb_solver_pod){
        .name = named(from, "pod-", index),
        .namespace_name = namespace_name,
        .uid = named(from, "uid-", roll(from, 1000) * 1000 + index),
        .created_ms = 1000 * (int64_t)roll(from, 3),
        .shape_id = wb_solver_world_shape(out->world, template, namespace_name),
        .bound_node_index = bound_node_index,
    };
}

/* Pods of nodes that go are solved for again, as in disruption. */
static void move_pods(dice *from, wb_random_problem *out)
{
    for (uint32_t n = 0; n < out->problem.node_count; n++) {
        wb_validator_node *shown = &out->shown_nodes[n];
        wb_validator_pod *pods = WB_ARENA_ARRAY(from->arena, wb_validator_pod, 5);
        for (uint32_t i = 0; i < shown->pod_count; i++) {
            pods[i] = shown->pods[i];
            const bool is_moved = out->roles[n] >= WB_NODE_ROLE_REMOVED && pods[i].flags == 0;
            if (is_moved) {
                pods[i].is_in_batch = true;
                add_pod(from, out, pods[i].template, pods[i].namespace_name, n);
            }
        }
        shown->pods = pods;
    }
}

static void make_problem(dice *from, wb_random_problem *out)
{
    out->problem.nodes = out->nodes;
    out->problem.node_roles = out->roles;
    out->problem.node_count = roll(from, WB_RANDOM_PROBLEM_MOST_NODES + 1);
    for (uint32_t i = 0; i < out->problem.node_count; i++) {
        make_node(from, out, i);
    }
    out->problem.pods = out->pods;
    const uint32_t most = roll(from, 250) == 0 ? WB_RANDOM_PROBLEM_MOST_PODS - 16 : SMALL_BATCH;
    const uint32_t pending_count = 1 + roll(from, most);
    for (uint32_t i = 0; i < pending_count; i++) {
        const wb_pod_template *template = some_template(from, out);
        add_pod(from, out, template, wb_random_problem_namespace(from), UINT32_MAX);
    }
    if (chance(from, 60)) {
        move_pods(from, out);
    }
    out->problem.options = (wb_solver_options){
        .preference_policy = chance(from, 80) ? WB_PREFERENCE_RESPECT : WB_PREFERENCE_IGNORE,
        .reserved_mode = chance(from, 80) ? WB_RESERVED_STRICT : WB_RESERVED_FALLBACK,
        .open_claim_sort = chance(from, 90) ? WB_OPEN_CLAIM_SORT_EXACT : WB_OPEN_CLAIM_SORT_STABLE,
        .max_types = chance(from, 10) ? 2 : 0,
    };
}

/* ---- life cycle ---- */

void wb_random_problem_make(wb_arena *arena, wb_intern *intern, uint64_t number,
                            wb_random_problem *out)
{
    dice from = {.key = {.seed = 2026, .stream = WB_RANDOM_TEST, .ordinal = number},
                 .arena = arena,
                 .intern = intern};
    *out = (wb_random_problem){0};
    make_world(&from, out);
    make_objects(&from, out);
    make_problem(&from, out);
}

void wb_random_problem_release(wb_random_problem *problem)
{
    for (uint32_t i = 0; i < problem->problem.node_count; i++) {
        wb_solver_node_free(problem->nodes[i]);
    }
    wb_solver_world_release(problem->world);
}

wb_validator_input wb_random_problem_input(const wb_random_problem *problem)
{
    return (wb_validator_input){.desc = &problem->desc,
                                .world = problem->world,
                                .problem = &problem->problem,
                                .nodes = problem->shown_nodes,
                                .templates = problem->pod_templates};
}
