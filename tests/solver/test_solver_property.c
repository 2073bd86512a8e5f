/*
 * Random small inputs: the fast solver decides as the plain one, the validator finds nothing wrong,
 * and the same input gives the same result twice.
 *
 * Inputs mix everything that placement reads: NodePools with weights, taints, limits and minValues,
 * DaemonSets, existing nodes with pods, unavailable offerings, selectors, affinity, spread, ports.
 * WERKBANK_PROPERTY_ROUNDS sets how many (100,000 by default; a failure prints its round).
 */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "kube/names.h"
#include "solver/provisioning.h"
#include "solver/validator.h"
#include "tests/harness.h"

enum {
    DEFAULT_ROUNDS = 100000,
    MOST_TYPES = 6,
    MOST_POOLS = 3,
    MOST_NODES = 4,
    MOST_TEMPLATES = 5,
    SMALL_BATCH = 14,
    MOST_PODS = 150 /* one input in 250: above 12 claims their order is upstream's unstable one */
};

/* Draws of one round, in order. */
typedef struct dice {
    wb_random_key key;
    uint64_t draw;
    wb_arena *arena;
    wb_intern *intern;
} dice;

static uint32_t roll(dice *from, uint32_t bound)
{
    return (uint32_t)wb_random_below(from->key, from->draw++, bound);
}

static bool chance(dice *from, uint32_t percent)
{
    return roll(from, 100) < percent;
}

static uint32_t named(const dice *from, const char *prefix, uint32_t number)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "%s%u", prefix, number);
    return wb_intern_add(from->intern, text);
}

static uint32_t zone(const dice *from, uint32_t number)
{
    return named(from, "zone-", number);
}

static wb_resource_list sizes(const dice *from, int64_t cpu_milli, int64_t memory_mib, int64_t pods)
{
    wb_resource *items = WB_ARENA_ARRAY(from->arena, wb_resource, 3);
    items[0] = (wb_resource){WB_NAME_CPU, cpu_milli};
    items[1] = (wb_resource){WB_NAME_MEMORY, memory_mib << 20};
    items[2] = (wb_resource){WB_NAME_PODS, pods};
    return (wb_resource_list){.items = items, .count = pods > 0 ? 3 : 2};
}

static const uint32_t *one_id(const dice *from, uint32_t id)
{
    uint32_t *ids = WB_ARENA_NEW(from->arena, uint32_t);
    *ids = id;
    return ids;
}

static wb_label_expression in_value(const dice *from, uint32_t key, uint32_t value)
{
    return (wb_label_expression){
        .key = key, .op = WB_OPERATOR_IN, .value_count = 1, .values = one_id(from, value)};
}

/* ---- catalog and NodePools ---- */

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

static wb_catalog make_catalog(dice *from)
{
    const uint32_t type_count = 1 + roll(from, MOST_TYPES);
    const uint32_t zone_count = 1 + roll(from, 3);
    wb_catalog_type *types = WB_ARENA_ARRAY(from->arena, wb_catalog_type, type_count);
    for (uint32_t i = 0; i < type_count; i++) {
        const int64_t cpu = INT64_C(1) << (1 + roll(from, 4));
        const uint32_t name = named(from, "type-", i);
        wb_labels labels = {0};
        labels = wb_labels_with(from->arena, labels, WB_NAME_INSTANCE_TYPE, name);
        labels = wb_labels_with(from->arena, labels, WB_NAME_ARCH,
                                chance(from, 75) ? WB_NAME_AMD64 : WB_NAME_ARM64);
        labels = wb_labels_with(from->arena, labels, WB_NAME_OS, WB_NAME_LINUX);
        labels = wb_labels_with(from->arena, labels, WB_NAME_INSTANCE_FAMILY,
                                named(from, "family-", roll(from, 3)));
        types[i] = (wb_catalog_type){
            .name = name,
            .labels = labels,
            .capacity = sizes(from, cpu * 1000, cpu * 2048, 4 + roll(from, 20)),
            .overhead = sizes(from, 100, 200, 0),
        };
        types[i].offerings =
            make_offerings(from, zone_count, (double)cpu * 0.05, &types[i].offering_count);
    }
    return (wb_catalog){.region = wb_intern_add(from->intern, "region-1"),
                        .types = types,
                        .type_count = type_count};
}

static void require(dice *from, wb_label_expression *list, uint32_t *count)
{
    if (chance(from, 40)) {
        list[(*count)++] =
            in_value(from, WB_NAME_ARCH, chance(from, 70) ? WB_NAME_AMD64 : WB_NAME_ARM64);
    }
    if (chance(from, 30)) {
        list[(*count)++] = in_value(from, WB_NAME_CAPACITY_TYPE,
                                    chance(from, 50) ? WB_NAME_SPOT : WB_NAME_ON_DEMAND);
    }
    if (chance(from, 25)) {
        list[(*count)++] = in_value(from, WB_NAME_ZONE, zone(from, roll(from, 3)));
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
                        .is_ready = true,
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
        pool.limits = sizes(from, 4000 * (1 + roll(from, 10)), 1 << 20, 0);
    }
    return pool;
}

/* ---- pods ---- */

static wb_label_selector select_app(dice *from)
{
    wb_label_expression *expression = WB_ARENA_NEW(from->arena, wb_label_expression);
    *expression =
        in_value(from, wb_intern_add(from->intern, "app"), named(from, "app-", roll(from, 3)));
    if (chance(from, 10)) {
        expression->op = WB_OPERATOR_NOT_IN;
    }
    return (wb_label_selector){.is_set = true, .expression_count = 1, .expressions = expression};
}

static uint32_t topology_key(dice *from)
{
    switch (roll(from, 5)) {
    case 0:
    case 1: return WB_NAME_HOSTNAME;
    case 2: return WB_NAME_CAPACITY_TYPE;
    default: return WB_NAME_ZONE;
    }
}

static const wb_pod_term *make_term(dice *from)
{
    wb_pod_term *term = WB_ARENA_NEW(from->arena, wb_pod_term);
    *term = (wb_pod_term){.selector = select_app(from),
                          .topology_key = topology_key(from),
                          .weight = 1 + (int32_t)roll(from, 100)};
    return term;
}

static void add_rules(dice *from, wb_pod_template *pod)
{
    if (chance(from, 25)) {
        wb_spread_constraint *spread = WB_ARENA_NEW(from->arena, wb_spread_constraint);
        *spread = (wb_spread_constraint){
            .max_skew = 1 + (int32_t)roll(from, 2),
            .min_domains = chance(from, 10) ? 2 : 0,
            .topology_key = topology_key(from),
            .when_unsatisfiable =
                chance(from, 75) ? WB_SPREAD_DO_NOT_SCHEDULE : WB_SPREAD_SCHEDULE_ANYWAY,
            .selector = select_app(from),
            .node_affinity_policy = (wb_node_policy)roll(from, 3),
            .node_taints_policy = (wb_node_policy)roll(from, 3),
        };
        pod->spreads = spread;
        pod->spread_count = 1;
    }
    if (chance(from, 12)) {
        pod->affinity_required = make_term(from);
        pod->affinity_required_count = 1;
    }
    if (chance(from, 15)) {
        pod->anti_affinity_required = make_term(from);
        pod->anti_affinity_required_count = 1;
    }
    if (chance(from, 10)) {
        pod->affinity_preferred = make_term(from);
        pod->affinity_preferred_count = 1;
    }
    if (chance(from, 10)) {
        pod->anti_affinity_preferred = make_term(from);
        pod->anti_affinity_preferred_count = 1;
    }
}

static wb_label_expression make_wish(dice *from)
{
    static const wb_operator operators[] = {WB_OPERATOR_IN, WB_OPERATOR_NOT_IN, WB_OPERATOR_EXISTS,
                                            WB_OPERATOR_DOES_NOT_EXIST};
    wb_label_expression wish = {0};
    switch (roll(from, 4)) {
    case 0: wish = in_value(from, WB_NAME_ZONE, zone(from, roll(from, 3))); break;
    case 1:
        wish = in_value(from, WB_NAME_INSTANCE_FAMILY, named(from, "family-", roll(from, 3)));
        break;
    case 2:
        wish = in_value(from, wb_intern_add(from->intern, "team"),
                        named(from, "team-", roll(from, 2)));
        break;
    default:
        wish = in_value(from, wb_intern_add(from->intern, "rack"),
                        named(from, "rack-", roll(from, 2)));
        break;
    }
    wish.op = operators[roll(from, 4)];
    wish.value_count = wish.op <= WB_OPERATOR_NOT_IN ? 1 : 0;
    return wish;
}

static const wb_node_term *make_node_terms(dice *from, uint32_t count)
{
    wb_node_term *terms = WB_ARENA_ARRAY(from->arena, wb_node_term, count);
    for (uint32_t i = 0; i < count; i++) {
        wb_label_expression *wish = WB_ARENA_NEW(from->arena, wb_label_expression);
        *wish = make_wish(from);
        terms[i] = (wb_node_term){.expressions = wish,
                                  .expression_count = 1,
                                  .weight = 1 + (int32_t)roll(from, 100)};
    }
    return terms;
}

static const wb_pod_template *make_template(dice *from)
{
    static const int64_t cpu_milli[] = {100, 250, 500, 1000, 1900, 3000, 7000};
    wb_pod_template *pod = WB_ARENA_NEW(from->arena, wb_pod_template);
    pod->labels = wb_labels_with(from->arena, pod->labels, wb_intern_add(from->intern, "app"),
                                 named(from, "app-", roll(from, 3)));
    pod->requests = sizes(from, cpu_milli[roll(from, 7)], 128 + 512 * roll(from, 8), 1);
    add_rules(from, pod);
    if (chance(from, 15)) {
        pod->node_selector = wb_labels_with(from->arena, pod->node_selector, WB_NAME_ZONE,
                                            zone(from, roll(from, 3)));
    }
    if (chance(from, 20)) {
        pod->required_term_count = 1 + roll(from, 2);
        pod->required_terms = make_node_terms(from, pod->required_term_count);
    }
    if (chance(from, 15)) {
        pod->preferred_term_count = 1 + roll(from, 2);
        pod->preferred_terms = make_node_terms(from, pod->preferred_term_count);
    }
    if (chance(from, 30)) {
        wb_toleration *toleration = WB_ARENA_NEW(from->arena, wb_toleration);
        *toleration = (wb_toleration){.key = named(from, "taint-", roll(from, 2)),
                                      .op = WB_TOLERATION_EXISTS,
                                      .seconds = -1};
        pod->tolerations = toleration;
        pod->toleration_count = 1;
    }
    if (chance(from, 8)) {
        wb_host_port *port = WB_ARENA_NEW(from->arena, wb_host_port);
        *port = (wb_host_port){.port = (uint16_t)(8000 + roll(from, 2))};
        pod->host_ports = port;
        pod->host_port_count = 1;
    }
    return pod;
}

/* ---- one input ---- */

typedef struct input {
    wb_catalog catalog;
    wb_nodepool pools[MOST_POOLS];
    wb_solver_pool world_pools[MOST_POOLS];
    const wb_pod_template *daemons[2];
    const wb_pod_template *templates[MOST_TEMPLATES];
    uint32_t template_count;
    wb_solver_world *world;
    wb_solver_node *nodes[MOST_NODES];
    wb_validator_node shown_nodes[MOST_NODES]; /* the same, as the validator reads them */
    uint8_t roles[MOST_NODES];
    wb_solver_pod pods[MOST_PODS];
    const wb_pod_template *pod_templates[MOST_PODS];
    wb_solver_world_desc desc;
    wb_solver_problem problem;
} input;

static void make_world(dice *from, input *out)
{
    out->catalog = make_catalog(from);
    const uint32_t pool_count = 1 + roll(from, MOST_POOLS);
    for (uint32_t i = 0; i < pool_count; i++) {
        out->pools[i] = make_pool(from, i);
        out->world_pools[i] = (wb_solver_pool){&out->pools[i], &out->catalog};
    }
    const uint32_t daemon_count = roll(from, 3);
    for (uint32_t i = 0; i < daemon_count; i++) {
        wb_pod_template *daemon = WB_ARENA_NEW(from->arena, wb_pod_template);
        daemon->requests = sizes(from, 50 + 50 * roll(from, 4), 64 + 64 * roll(from, 4), 1);
        if (chance(from, 40)) {
            daemon->required_term_count = 1 + roll(from, 2);
            daemon->required_terms = make_node_terms(from, daemon->required_term_count);
        }
        out->daemons[i] = daemon;
    }
    out->desc = (wb_solver_world_desc){
        .intern = from->intern,
        .pools = out->world_pools,
        .pool_count = pool_count,
        .daemon_templates = out->daemons,
        .daemon_count = daemon_count,
        .min_values_best_effort = chance(from, 30),
    };
    out->world = wb_solver_world_new(from->arena, &out->desc);
    out->template_count = 1 + roll(from, MOST_TEMPLATES);
    for (uint32_t i = 0; i < out->template_count; i++) {
        out->templates[i] = make_template(from);
    }
}

static const wb_pod_template *some_template(dice *from, const input *out)
{
    return out->templates[roll(from, out->template_count)];
}

static uint32_t some_namespace(dice *from)
{
    return chance(from, 90) ? (uint32_t)WB_NAME_DEFAULT : wb_intern_add(from->intern, "other");
}

static void bind_pods(dice *from, input *out, uint32_t index)
{
    const uint32_t pod_count = roll(from, 4);
    wb_validator_pod *pods = WB_ARENA_ARRAY(from->arena, wb_validator_pod, 4);
    for (uint32_t i = 0; i < pod_count; i++) {
        pods[i] = (wb_validator_pod){.template = some_template(from, out),
                                     .namespace_name = some_namespace(from)};
        wb_solver_node_bind(
            out->world, out->nodes[index],
            wb_solver_world_shape(out->world, pods[i].template, pods[i].namespace_name), 0, 0);
    }
    out->shown_nodes[index].pods = pods;
    out->shown_nodes[index].pod_count = pod_count;
}

static void make_node(dice *from, input *out, uint32_t index)
{
    const wb_catalog_type *type = &out->catalog.types[roll(from, out->catalog.type_count)];
    wb_labels labels = type->labels;
    const uint32_t name = named(from, "node-", index);
    labels = wb_labels_with(from->arena, labels, WB_NAME_HOSTNAME, name);
    labels = wb_labels_with(from->arena, labels, WB_NAME_ZONE, zone(from, roll(from, 3)));
    labels = wb_labels_with(from->arena, labels, WB_NAME_CAPACITY_TYPE,
                            chance(from, 50) ? WB_NAME_SPOT : WB_NAME_ON_DEMAND);
    wb_taint *taint = WB_ARENA_NEW(from->arena, wb_taint);
    *taint = make_taint(from);
    const bool is_managed = chance(from, 80);
    wb_solver_node_desc *desc = WB_ARENA_NEW(from->arena, wb_solver_node_desc);
    *desc = (wb_solver_node_desc){
        .name = name,
        .nodepool = is_managed ? out->pools[0].name : 0,
        .labels = labels,
        .taints = taint,
        .taint_count = chance(from, 20) ? 1 : 0,
        .is_managed = is_managed,
        .is_initialized = chance(from, 85),
        .has_node = true,
        .capacity = type->capacity,
        .allocatable = type->capacity,
    };
    out->nodes[index] = wb_solver_node_new(out->world, desc);
    out->shown_nodes[index].desc = desc;
    bind_pods(from, out, index);
    out->roles[index] =
        (uint8_t)(chance(from, 85) ? (uint32_t)WB_NODE_ROLE_OFFERED : roll(from, 4));
}

static void make_problem(dice *from, input *out)
{
    out->problem.nodes = out->nodes;
    out->problem.node_roles = out->roles;
    out->problem.node_count = roll(from, MOST_NODES + 1);
    for (uint32_t i = 0; i < out->problem.node_count; i++) {
        make_node(from, out, i);
    }
    out->problem.pods = out->pods;
    out->problem.pod_count = 1 + roll(from, roll(from, 250) == 0 ? MOST_PODS : SMALL_BATCH);
    for (uint32_t i = 0; i < out->problem.pod_count; i++) {
        const uint32_t namespace_name = some_namespace(from);
        out->pod_templates[i] = some_template(from, out);
        out->pods[i] = (wb_solver_pod){
            .name = named(from, "pod-", i),
            .namespace_name = namespace_name,
            .uid = named(from, "uid-", roll(from, 1000) * 100 + i),
            .created_ms = 1000 * (int64_t)roll(from, 3),
            .shape_id = wb_solver_world_shape(out->world, out->pod_templates[i], namespace_name),
            .bound_node_index = UINT32_MAX,
        };
    }
    out->problem.options.preference_policy =
        chance(from, 80) ? WB_PREFERENCE_RESPECT : WB_PREFERENCE_IGNORE;
    out->problem.options.open_claim_sort =
        chance(from, 90) ? WB_OPEN_CLAIM_SORT_EXACT : WB_OPEN_CLAIM_SORT_STABLE;
    out->problem.options.max_types = chance(from, 10) ? 2 : 0;
}

static void release(input *from)
{
    for (uint32_t i = 0; i < from->problem.node_count; i++) {
        wb_solver_node_free(from->nodes[i]);
    }
    wb_solver_world_release(from->world);
}

/* ---- comparison ---- */

static bool resources_equal(wb_resource_list a, wb_resource_list b)
{
    bool is_equal = a.count == b.count;
    for (uint32_t i = 0; is_equal && i < a.count; i++) {
        is_equal = a.items[i].name == b.items[i].name && a.items[i].amount == b.items[i].amount;
    }
    return is_equal;
}

static bool ids_equal(const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count)
{
    return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * sizeof(*a)) == 0);
}

static bool claims_equal(const wb_solver_claim *a, const wb_solver_claim *b)
{
    return a->pool_index == b->pool_index &&
           wb_requirements_equals(a->requirements, b->requirements) &&
           ids_equal(a->type_indices, a->type_count, b->type_indices, b->type_count) &&
           ids_equal(a->pod_indices, a->pod_count, b->pod_indices, b->pod_count) &&
           a->cheapest.type_index == b->cheapest.type_index &&
           a->cheapest.offering_index == b->cheapest.offering_index &&
           a->min_values_relaxed == b->min_values_relaxed &&
           resources_equal(a->requests, b->requests);
}

static bool results_equal(const wb_solver_problem *problem, const wb_solver_result *a,
                          const wb_solver_result *b)
{
    if (a->claim_count != b->claim_count) {
        return false;
    }
    for (uint32_t c = 0; c < a->claim_count; c++) {
        if (!claims_equal(&a->claims[c], &b->claims[c])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < problem->pod_count; i++) {
        if (a->placements[i].node_index != b->placements[i].node_index ||
            a->placements[i].claim_index != b->placements[i].claim_index ||
            a->placements[i].refused != b->placements[i].refused) {
            return false;
        }
    }
    return true;
}

typedef struct totals {
    uint64_t pods, placed, claims, on_nodes;
} totals;

/* Solves a round's input three times; false after saying what is wrong. */
static bool run_round(wb_arena *arena, uint64_t round, totals *sum)
{
    wb_intern intern;
    wb_intern_init(&intern, arena);
    wb_names_init(&intern);
    dice from = {.key = {.seed = 2026, .stream = WB_RANDOM_TEST, .ordinal = round},
                 .arena = arena,
                 .intern = &intern};
    input in = {0};
    make_world(&from, &in);
    make_problem(&from, &in);
    const wb_solver_result fast = wb_provisioning_solve(arena, in.world, &in.problem);
    const wb_solver_result again = wb_provisioning_solve(arena, in.world, &in.problem);
    in.problem.options.plain = true;
    const wb_solver_result plain = wb_provisioning_solve(arena, in.world, &in.problem);
    const wb_validator_input asked = {.desc = &in.desc,
                                      .world = in.world,
                                      .problem = &in.problem,
                                      .nodes = in.shown_nodes,
                                      .templates = in.pod_templates};
    wb_text violation;
    wb_text_init(&violation);
    bool is_right = wb_validator_accepts(&asked, &fast, &violation);
    if (!is_right) {
        printf("\n    round %llu: %s", (unsigned long long)round, wb_text_string(&violation));
    }
    if (!results_equal(&in.problem, &fast, &again) || !results_equal(&in.problem, &fast, &plain)) {
        printf("\n    round %llu: the solvers differ", (unsigned long long)round);
        is_right = false;
    }
    sum->pods += in.problem.pod_count;
    sum->placed += fast.placed_count;
    sum->claims += fast.claim_count;
    for (uint32_t i = 0; i < in.problem.pod_count; i++) {
        sum->on_nodes += fast.placements[i].node_index != WB_PLACED_ON_NONE;
    }
    wb_text_release(&violation);
    release(&in);
    wb_intern_release(&intern);
    return is_right;
}

static void holds_on_random_inputs(void)
{
    const char *wanted = getenv("WERKBANK_PROPERTY_ROUNDS");
    const uint64_t rounds = wanted != NULL ? strtoull(wanted, NULL, 10) : DEFAULT_ROUNDS;
    wb_arena arena;
    wb_arena_init(&arena, "property", 0, NULL);
    totals sum = {0};
    uint64_t wrong = 0;
    for (uint64_t round = 0; round < rounds && wrong < 10; round++) {
        wrong += !run_round(&arena, round, &sum);
        wb_arena_clear(&arena);
    }
    CU_ASSERT_EQUAL(wrong, 0);
    /* Inputs that place nothing, or everything, would prove little. */
    CU_ASSERT(sum.placed * 10 > sum.pods * 3 && sum.placed * 100 < sum.pods * 95);
    CU_ASSERT(sum.on_nodes * 20 > sum.pods && sum.claims * 20 > sum.pods);
    printf("\n    %llu inputs: %llu pods, %llu placed (%llu on nodes), %llu claims",
           (unsigned long long)rounds, (unsigned long long)sum.pods, (unsigned long long)sum.placed,
           (unsigned long long)sum.on_nodes, (unsigned long long)sum.claims);
    wb_arena_release(&arena);
}

static const wb_test_case cases[] = {
    {"fast and plain agree, and the validator with both, on random inputs", holds_on_random_inputs},
};

int main(void)
{
    return wb_test_run("solver property", cases, WB_TEST_COUNT(cases));
}
