/*
 * The validator can fail: a right answer to one small problem, and some forty ways to spoil it (the
 * answer, or the question behind its back), each with the sentence that must come.
 *
 * Two zones, two NodePools (one tainted), two existing nodes, one DaemonSet; four pods spread over
 * the zones, two that keep apart by host, one that keeps apart from another by zone, two for a
 * taint,
 * and one each for a labelled node, a friend, a volume, and one that fits nowhere.
 */
#include <string.h>

#include "kube/names.h"
#include "solver/validator.h"
#include "tests/harness.h"

enum {
    WEB = 0, /* 4 pods */
    DB = 4,  /* 2 */
    LEADER = 6,
    JOB = 7, /* 2 */
    LOCAL = 9,
    FRIEND,
    DISK,
    GIANT,
    POD_COUNT,
    TYPE_COUNT = 4,
    NODE_COUNT = 2,
    TEMPLATE_COUNT = 8
};

/* Templates, in the order of the pods above. */
enum {
    T_WEB,
    T_DB,
    T_LEADER,
    T_JOB,
    T_LOCAL,
    T_FRIEND,
    T_DISK,
    T_GIANT
};

typedef struct scene {
    wb_arena arena;
    wb_intern intern;
    uint32_t zones[2], families[2];
    wb_offering offerings[TYPE_COUNT][4];
    wb_catalog_type types[TYPE_COUNT];
    wb_catalog catalog;
    wb_label_expression requirements[2];
    wb_taint taint;
    wb_nodepool pools[2];
    wb_solver_pool world_pools[2];
    wb_pod_template daemon;
    const wb_pod_template *daemons[1];
    wb_solver_world_desc desc;
    wb_solver_world *world;
    wb_solver_node_desc node_descs[NODE_COUNT];
    wb_pod_template cache; /* runs on node 0 */
    wb_validator_pod running[NODE_COUNT];
    wb_solver_node *nodes[NODE_COUNT];
    uint8_t roles[NODE_COUNT];
    wb_validator_node shown_nodes[NODE_COUNT];
    wb_pod_template templates[TEMPLATE_COUNT];
    const wb_pod_template *pod_templates[POD_COUNT];
    wb_spread_constraint spread;
    wb_pod_term apart_by_host, apart_by_zone, friendly;
    wb_volume volume;
    wb_volume_claim volume_claim;
    wb_persistent_volume disk;
    wb_node_term disk_term;
    wb_solver_pod pods[POD_COUNT];
    wb_solver_problem problem;
    wb_solver_result result;
} scene;

/* ---- pieces ---- */

static uint32_t word(scene *of, const char *text)
{
    return wb_intern_add(&of->intern, text);
}

static wb_resource_list sizes(scene *of, int64_t cpu_milli, int64_t memory_mib, int64_t pods)
{
    wb_resource *items = WB_ARENA_ARRAY(&of->arena, wb_resource, 3);
    items[0] = (wb_resource){WB_NAME_CPU, cpu_milli};
    items[1] = (wb_resource){WB_NAME_MEMORY, memory_mib << 20};
    items[2] = (wb_resource){WB_NAME_PODS, pods};
    return (wb_resource_list){.items = items, .count = pods > 0 ? 3 : 2};
}

static wb_labels label(scene *of, wb_labels labels, const char *key, const char *value)
{
    return wb_labels_with(&of->arena, labels, word(of, key), word(of, value));
}

static wb_label_expression in_value(scene *of, uint32_t key, uint32_t value)
{
    uint32_t *values = WB_ARENA_NEW(&of->arena, uint32_t);
    values[0] = value;
    return (
        wb_label_expression){.key = key, .op = WB_OPERATOR_IN, .value_count = 1, .values = values};
}

static wb_label_selector select_app(scene *of, const char *app)
{
    wb_label_expression *expression = WB_ARENA_NEW(&of->arena, wb_label_expression);
    *expression = in_value(of, word(of, "app"), word(of, app));
    return (wb_label_selector){.is_set = true, .expression_count = 1, .expressions = expression};
}

static wb_toleration *tolerate(scene *of, const char *key)
{
    wb_toleration *made = WB_ARENA_NEW(&of->arena, wb_toleration);
    *made = (wb_toleration){.key = word(of, key), .op = WB_TOLERATION_EXISTS, .seconds = -1};
    return made;
}

static wb_host_port *port(scene *of, uint16_t number)
{
    wb_host_port *made = WB_ARENA_NEW(&of->arena, wb_host_port);
    *made = (wb_host_port){.port = number};
    return made;
}

/* ---- the problem ---- */

static void make_catalog(scene *of)
{
    static const char *const names[TYPE_COUNT] = {"small", "medium", "large", "huge"};
    static const int64_t cpus[TYPE_COUNT] = {2, 4, 8, 16};
    of->zones[0] = word(of, "zone-a");
    of->zones[1] = word(of, "zone-b");
    of->families[0] = word(of, "even");
    of->families[1] = word(of, "odd");
    for (uint32_t t = 0; t < TYPE_COUNT; t++) {
        for (uint32_t o = 0; o < 4; o++) {
            of->offerings[t][o] = (wb_offering){
                .zone = of->zones[o % 2],
                .capacity_type = o < 2 ? WB_CAPACITY_ON_DEMAND : WB_CAPACITY_SPOT,
                .price_usd_per_hour = (double)cpus[t] * (o < 2 ? 0.05 : 0.02),
                .is_available = true,
            };
        }
        wb_labels labels = {0};
        labels = wb_labels_with(&of->arena, labels, WB_NAME_INSTANCE_TYPE, word(of, names[t]));
        labels = wb_labels_with(&of->arena, labels, WB_NAME_ARCH, WB_NAME_AMD64);
        labels = wb_labels_with(&of->arena, labels, WB_NAME_OS, WB_NAME_LINUX);
        labels = wb_labels_with(&of->arena, labels, WB_NAME_INSTANCE_FAMILY, of->families[t % 2]);
        of->types[t] = (wb_catalog_type){
            .name = word(of, names[t]),
            .labels = labels,
            .capacity = sizes(of, cpus[t] * 1000, cpus[t] * 2048, 20),
            .overhead = sizes(of, 100, 200, 0),
            .offerings = of->offerings[t],
            .offering_count = 4,
        };
    }
    of->catalog = (wb_catalog){.region = word(of, "region"),
                               .zones = of->zones,
                               .zone_count = 2,
                               .types = of->types,
                               .type_count = TYPE_COUNT};
}

static void make_world(scene *of)
{
    of->requirements[0] = in_value(of, WB_NAME_CAPACITY_TYPE, WB_NAME_ON_DEMAND);
    of->requirements[1] = (wb_label_expression){.key = WB_NAME_INSTANCE_FAMILY,
                                                .op = WB_OPERATOR_EXISTS,
                                                .min_values = 2};
    of->taint = (wb_taint){word(of, "dedicated"), WB_NAME_TRUE, WB_TAINT_NO_SCHEDULE};
    for (uint32_t p = 0; p < 2; p++) {
        of->pools[p] = (wb_nodepool){.name = word(of, p == 0 ? "general" : "special"),
                                     .weight = 10 - (int32_t)p,
                                     .is_ready = true,
                                     .replicas = -1,
                                     .node_class_name = WB_NAME_DEFAULT,
                                     .requirements = of->requirements,
                                     .requirement_count = 2,
                                     .limits = sizes(of, 100000, 1 << 20, 0),
                                     .limit_nodes = 10};
        of->world_pools[p] = (wb_solver_pool){&of->pools[p], &of->catalog};
    }
    of->pools[1].labels = label(of, of->pools[1].labels, "team", "special");
    of->pools[1].taints = &of->taint;
    of->pools[1].taint_count = 1;
    of->daemon.requests = sizes(of, 100, 100, 1);
    of->daemon.tolerations = tolerate(of, "dedicated");
    of->daemon.toleration_count = 1;
    of->daemon.host_ports = port(of, 9100);
    of->daemon.host_port_count = 1;
    of->daemons[0] = &of->daemon;
    of->desc = (wb_solver_world_desc){.intern = &of->intern,
                                      .pools = of->world_pools,
                                      .pool_count = 2,
                                      .daemon_templates = of->daemons,
                                      .daemon_count = 1};
    of->world = wb_solver_world_new(&of->arena, &of->desc);
}

/* Node 0 takes only pods that tolerate its taint and runs a cache in zone a; node 1 is full. */
static void make_nodes(scene *of)
{
    of->cache.labels = label(of, of->cache.labels, "app", "cache");
    of->cache.requests = sizes(of, 1500, 1000, 1);
    of->problem.nodes = of->nodes;
    of->problem.node_roles = of->roles;
    of->problem.node_count = NODE_COUNT;
    for (uint32_t n = 0; n < NODE_COUNT; n++) {
        wb_labels labels = label(of, of->types[n].labels, "disk", n == 0 ? "ssd" : "none");
        labels = wb_labels_with(&of->arena, labels, WB_NAME_ZONE, of->zones[n]);
        of->node_descs[n] =
            (wb_solver_node_desc){.name = word(of, n == 0 ? "node-0" : "node-1"),
                                  .nodepool = of->pools[0].name,
                                  .labels = labels,
                                  .taints = &of->taint,
                                  .taint_count = 1 - n,
                                  .is_managed = true,
                                  .is_initialized = true,
                                  .has_node = true,
                                  .capacity = of->types[n].capacity,
                                  .allocatable = sizes(of, 2000, n == 0 ? 8192 : 1024, 20)};
        of->nodes[n] = wb_solver_node_new(of->world, &of->node_descs[n]);
        of->running[n] =
            (wb_validator_pod){.template = &of->cache, .namespace_name = WB_NAME_DEFAULT};
        wb_solver_node_bind(of->world, of->nodes[n],
                            wb_solver_world_shape(of->world, &of->cache, WB_NAME_DEFAULT), 0, 0);
        of->shown_nodes[n] = (wb_validator_node){&of->node_descs[n], &of->running[n], 1};
    }
}

static void make_rules(scene *of)
{
    wb_pod_template *all = of->templates;
    of->spread = (wb_spread_constraint){.max_skew = 1,
                                        .topology_key = WB_NAME_ZONE,
                                        .selector = select_app(of, "web")};
    all[T_WEB].spreads = &of->spread;
    all[T_WEB].spread_count = 1;
    of->apart_by_host =
        (wb_pod_term){.topology_key = WB_NAME_HOSTNAME, .selector = select_app(of, "db")};
    all[T_DB].anti_affinity_required = &of->apart_by_host;
    all[T_DB].anti_affinity_required_count = 1;
    of->apart_by_zone =
        (wb_pod_term){.topology_key = WB_NAME_ZONE, .selector = select_app(of, "disk")};
    all[T_LEADER].anti_affinity_required = &of->apart_by_zone;
    all[T_LEADER].anti_affinity_required_count = 1;
    of->friendly = (wb_pod_term){.topology_key = WB_NAME_ZONE, .selector = select_app(of, "cache")};
    all[T_FRIEND].affinity_required = &of->friendly;
    all[T_FRIEND].affinity_required_count = 1;
    all[T_JOB].node_selector = label(of, (wb_labels){0}, "team", "special");
    all[T_JOB].tolerations = tolerate(of, "dedicated");
    all[T_JOB].toleration_count = 1;
    all[T_LOCAL].node_selector = label(of, (wb_labels){0}, "disk", "ssd");
    all[T_LOCAL].tolerations = all[T_JOB].tolerations;
    all[T_LOCAL].toleration_count = 1;
}

/* A bound volume in zone b. */
static void make_volume(scene *of)
{
    wb_label_expression *there = WB_ARENA_NEW(&of->arena, wb_label_expression);
    *there = in_value(of, WB_NAME_ZONE, of->zones[1]);
    of->disk_term = (wb_node_term){.expressions = there, .expression_count = 1};
    of->disk = (wb_persistent_volume){.name = word(of, "pv"),
                                      .required_terms = &of->disk_term,
                                      .required_term_count = 1};
    of->volume_claim = (wb_volume_claim){.name = word(of, "data"),
                                         .namespace_name = WB_NAME_DEFAULT,
                                         .volume_name = of->disk.name,
                                         .is_bind_completed = true};
    of->volume = (wb_volume){.kind = WB_VOLUME_CLAIM,
                             .name = word(of, "data"),
                             .claim_name = of->volume_claim.name};
    of->templates[T_DISK].volumes = &of->volume;
    of->templates[T_DISK].volume_count = 1;
    of->problem.volume_claims = &of->volume_claim;
    of->problem.volume_claim_count = 1;
    of->problem.persistent_volumes = &of->disk;
    of->problem.persistent_volume_count = 1;
}

static void make_pods(scene *of)
{
    static const char *const apps[TEMPLATE_COUNT] = {"web",   "db",     "leader", "job",
                                                     "local", "friend", "disk",   "giant"};
    static const uint32_t first[TEMPLATE_COUNT + 1] = {WEB,    DB,   LEADER, JOB,      LOCAL,
                                                       FRIEND, DISK, GIANT,  POD_COUNT};
    static const int64_t cpu_milli[TEMPLATE_COUNT] = {1000, 1000, 1000, 500,
                                                      300,  1000, 1000, 100000};
    make_rules(of);
    make_volume(of);
    of->problem.pods = of->pods;
    of->problem.pod_count = POD_COUNT;
    for (uint32_t t = 0; t < TEMPLATE_COUNT; t++) {
        wb_pod_template *template = &of->templates[t];
        template->labels = label(of, template->labels, "app", apps[t]);
        template->requests = sizes(of, cpu_milli[t], 512, 1);
        for (uint32_t i = first[t]; i < first[t + 1]; i++) {
            of->pod_templates[i] = template;
            of->pods[i] = (wb_solver_pod){
                .name = word(of, apps[t]),
                .namespace_name = WB_NAME_DEFAULT,
                .uid = word(of, "uid"),
                .created_ms = INT64_C(1000) * i, /* the order counts whole seconds */
                .shape_id = wb_solver_world_shape(of->world, template, WB_NAME_DEFAULT),
                .bound_node_index = UINT32_MAX,
            };
        }
    }
}

static void make_scene(scene *of)
{
    *of = (scene){0};
    wb_arena_init(&of->arena, "scene", 0, NULL);
    wb_intern_init(&of->intern, &of->arena);
    wb_names_init(&of->intern);
    make_catalog(of);
    make_world(of);
    make_nodes(of);
    make_pods(of);
    of->result = wb_provisioning_solve(&of->arena, of->world, &of->problem);
}

static void release_scene(scene *of)
{
    for (uint32_t n = 0; n < NODE_COUNT; n++) {
        wb_solver_node_free(of->nodes[n]);
    }
    wb_solver_world_release(of->world);
    wb_intern_release(&of->intern);
    wb_arena_release(&of->arena);
}

static bool accepts(const scene *of, wb_text *violation)
{
    const wb_validator_input input = {.desc = &of->desc,
                                      .world = of->world,
                                      .problem = &of->problem,
                                      .nodes = of->shown_nodes,
                                      .templates = of->pod_templates};
    return wb_validator_accepts(&input, &of->result, violation);
}

/* ---- spoiling the answer ---- */

static wb_solver_claim *claim_of(const scene *of, uint32_t pod_index)
{
    return &of->result.claims[of->result.placements[pod_index].claim_index];
}

/* The claim's pods, or types, as an array that may be changed. */
static uint32_t *own_ids(scene *of, const uint32_t *ids, uint32_t count)
{
    uint32_t *made = WB_ARENA_ARRAY(&of->arena, uint32_t, count + 1U);
    memcpy(made, ids, count * sizeof(*made));
    return made;
}

static void take_out(scene *of, uint32_t pod_index)
{
    wb_solver_placement *placement = &of->result.placements[pod_index];
    if (placement->claim_index != WB_PLACED_ON_NONE) {
        wb_solver_claim *claim = &of->result.claims[placement->claim_index];
        uint32_t *kept = own_ids(of, claim->pod_indices, claim->pod_count);
        uint32_t count = 0;
        for (uint32_t i = 0; i < claim->pod_count; i++) {
            if (kept[i] != pod_index) {
                kept[count++] = kept[i];
            }
        }
        claim->pod_indices = kept;
        claim->pod_count = count;
    }
    *placement = (wb_solver_placement){WB_PLACED_ON_NONE, WB_PLACED_ON_NONE, 0};
}

static void move_to_claim(scene *of, uint32_t pod_index, uint32_t neighbour)
{
    take_out(of, pod_index);
    wb_solver_claim *claim = claim_of(of, neighbour);
    uint32_t *pods = own_ids(of, claim->pod_indices, claim->pod_count);
    pods[claim->pod_count] = pod_index;
    claim->pod_indices = pods;
    claim->pod_count++;
    claim->requests =
        wb_resource_list_add(&of->arena, claim->requests, of->pod_templates[pod_index]->requests);
    of->result.placements[pod_index].claim_index = of->result.placements[neighbour].claim_index;
}

static void move_to_node(scene *of, uint32_t pod_index, uint32_t node_index)
{
    take_out(of, pod_index);
    of->result.placements[pod_index].node_index = node_index;
}

static void set_zone(scene *of, wb_solver_claim *claim, uint32_t zone)
{
    const wb_requirement there = wb_requirement_in(&of->arena, WB_NAME_ZONE, &zone, 1);
    claim->requirements = wb_requirements_set(&of->arena, claim->requirements, &there);
    claim->cheapest =
        wb_provisioning_cheapest(of->world, claim->requirements, claim->type_indices[0]);
}

static void place_twice(scene *of)
{
    of->result.placements[LOCAL].claim_index = 0;
}

static void forget_a_pod(scene *of)
{
    take_out(of, WEB);
}

static void refuse_without_saying(scene *of)
{
    of->result.placements[GIANT].refused = 0;
}

static void invent_a_claim(scene *of)
{
    of->result.placements[WEB].claim_index = 99;
}

static void miscount(scene *of)
{
    of->result.placed_count++;
}

static void swap_pods(scene *of)
{
    const uint32_t *first = claim_of(of, DB)->pod_indices;
    const uint32_t first_count = claim_of(of, DB)->pod_count;
    wb_solver_claim *other = claim_of(of, JOB);
    claim_of(of, DB)->pod_indices = other->pod_indices;
    claim_of(of, DB)->pod_count = other->pod_count;
    other->pod_indices = first;
    other->pod_count = first_count;
}

static void cross_a_taint(scene *of)
{
    move_to_claim(of, DB, JOB);
}

static void leave_a_selector(scene *of)
{
    move_to_claim(of, JOB, WEB);
}

static void go_to_a_tainted_node(scene *of)
{
    of->templates[T_LOCAL].toleration_count = 0;
}

static void go_to_another_disk(scene *of)
{
    move_to_node(of, LOCAL, 1);
}

static void overfill_a_node(scene *of)
{
    of->templates[T_LOCAL].requests = sizes(of, 401, 512, 1); /* 2000 less 1500 less 100 */
}

static void use_a_node_that_goes(scene *of)
{
    of->roles[0] = WB_NODE_ROLE_REMOVED;
}

static void overfill_a_claim(scene *of)
{
    of->templates[T_JOB].requests = sizes(of, 901, 512, 1); /* small: 2000 less 100 less 100 */
}

static void ask_for_what_no_type_has(scene *of)
{
    wb_resource_list more = of->templates[T_WEB].requests;
    of->templates[T_WEB].requests = wb_resource_list_with(&of->arena, more, WB_NAME_NVIDIA_GPU, 1);
}

static void list_the_wrong_zone(scene *of)
{
    const uint32_t elsewhere = word(of, "zone-c");
    set_zone(of, claim_of(of, JOB), elsewhere);
}

static void sell_out(scene *of)
{
    wb_solver_world_set_available(of->world, of->types[1].name, 0, WB_CAPACITY_ON_DEMAND, false);
}

static void list_dearer_first(scene *of)
{
    wb_solver_claim *claim = claim_of(of, JOB);
    uint32_t *types = own_ids(of, claim->type_indices, claim->type_count);
    const uint32_t first = types[1];
    types[1] = types[2];
    types[2] = first;
    claim->type_indices = types;
}

static void list_a_type_twice(scene *of)
{
    wb_solver_claim *claim = claim_of(of, JOB);
    uint32_t *types = own_ids(of, claim->type_indices, claim->type_count);
    types[1] = types[0];
    claim->type_indices = types;
}

static void list_nothing(scene *of)
{
    claim_of(of, JOB)->type_count = 0;
}

static void name_a_dearer_offering(scene *of)
{
    wb_solver_cheapest *cheapest = &claim_of(of, JOB)->cheapest;
    cheapest->offering_index += 2; /* spot: not allowed */
}

static void cut_below_min_values(scene *of)
{
    claim_of(of, JOB)->type_count = 1;
}

static void lose_min_values(scene *of)
{
    wb_requirement kept =
        *wb_requirements_get(claim_of(of, JOB)->requirements, WB_NAME_INSTANCE_FAMILY);
    kept.min_values = 0;
    claim_of(of, JOB)->requirements =
        wb_requirements_set(&of->arena, claim_of(of, JOB)->requirements, &kept);
}

static void leave_the_pool(scene *of)
{
    claim_of(of, JOB)->requirements =
        wb_requirements_without(&of->arena, claim_of(of, JOB)->requirements, WB_NAME_CAPACITY_TYPE);
}

static void keep_a_host_name(scene *of)
{
    const uint32_t name = word(of, "placeholder");
    const wb_requirement host = wb_requirement_in(&of->arena, WB_NAME_HOSTNAME, &name, 1);
    claim_of(of, JOB)->requirements =
        wb_requirements_set(&of->arena, claim_of(of, JOB)->requirements, &host);
}

static void request_too_little(scene *of)
{
    claim_of(of, JOB)->requests = sizes(of, 1, 512, 1);
}

static void lower_the_limit(scene *of)
{
    of->pools[0].limits = sizes(of, 20000, 1 << 20, 0);
}

static void lower_the_node_limit(scene *of)
{
    of->pools[0].limit_nodes = NODE_COUNT;
}

static void share_a_port(scene *of)
{
    of->templates[T_WEB].host_ports = port(of, 80);
    of->templates[T_WEB].host_port_count = 1;
}

static void take_the_daemons_port(scene *of)
{
    of->templates[T_FRIEND].host_ports = port(of, 9100);
    of->templates[T_FRIEND].host_port_count = 1;
}

static void take_a_running_pods_port(scene *of)
{
    of->templates[T_LOCAL].host_ports = port(of, 6379);
    of->templates[T_LOCAL].host_port_count = 1;
    of->cache.host_ports = port(of, 6379);
    of->cache.host_port_count = 1;
}

static void crowd_a_zone(scene *of)
{
    for (uint32_t i = WEB; i < DB; i++) {
        set_zone(of, claim_of(of, i), of->zones[1]);
    }
}

static void leave_the_zone_open(scene *of)
{
    const wb_requirement zones = wb_requirement_in(&of->arena, WB_NAME_ZONE, of->zones, 2);
    claim_of(of, WEB)->requirements =
        wb_requirements_set(&of->arena, claim_of(of, WEB)->requirements, &zones);
}

static void crowd_a_host(scene *of)
{
    of->spread.topology_key = WB_NAME_HOSTNAME;
}

static void join_hosts(scene *of)
{
    move_to_claim(of, DB, DB + 1);
}

static void join_zones(scene *of)
{
    of->spread.when_unsatisfiable = WB_SPREAD_SCHEDULE_ANYWAY;
    set_zone(of, claim_of(of, LEADER), of->zones[1]);
}

static void meet_a_running_enemy(scene *of)
{
    of->cache.anti_affinity_required = &of->apart_by_host;
    of->cache.anti_affinity_required_count = 1;
    of->apart_by_host.selector = select_app(of, "local");
}

static void lose_the_friend(scene *of)
{
    of->friendly.selector = select_app(of, "nobody");
}

static void leave_the_friend(scene *of)
{
    of->running[1].template = &of->daemon; /* the only cache is in zone a then */
    set_zone(of, claim_of(of, FRIEND), of->zones[1]);
}

static void be_first_beside_a_friend(scene *of)
{
    leave_the_friend(of);
    of->templates[T_FRIEND].labels = of->cache.labels; /* selects itself: may be the first */
}

static void leave_the_volume(scene *of)
{
    set_zone(of, claim_of(of, DISK), of->zones[0]);
}

static void contradict_affinity(scene *of)
{
    wb_node_term *term = WB_ARENA_NEW(&of->arena, wb_node_term);
    wb_label_expression *expression = WB_ARENA_NEW(&of->arena, wb_label_expression);
    *expression = in_value(of, WB_NAME_INSTANCE_FAMILY, of->families[0]);
    *term = (wb_node_term){.expressions = expression, .expression_count = 1};
    of->templates[T_JOB].required_terms = term;
    of->templates[T_JOB].required_term_count = 1;
    of->templates[T_JOB].required_is_set = true;
}

static const struct {
    const char *name;
    void (*spoil)(scene *of);
    const char *sentence; /* a part of it */
} faults[] = {
    {"a pod with two places", place_twice, "pod local has 2 answers instead of one"},
    {"a pod that is forgotten", forget_a_pod, "pod web has 0 answers instead of one"},
    {"a refusal without a reason", refuse_without_saying, "pod giant has 0 answers"},
    {"a claim that there is not", invent_a_claim, "pod web goes to a node or claim that there is"},
    {"counts that don't add up", miscount, "1 pods are refused, the result counts 1"},
    {"claims that swapped their pods", swap_pods, "which is not its own"},
    {"a pod in a tainted pool", cross_a_taint, "pod db does not tolerate the taint dedicated"},
    {"a pod that left its selector", leave_a_selector, "pod job asks for team"},
    {"a pod on a tainted node", go_to_a_tainted_node, "pod local does not tolerate the taint"},
    {"a pod on a node without its label", go_to_another_disk, "pod local asks for disk"},
    {"an affinity that some type contradicts", contradict_affinity,
     "pod job asks for karpenter.k8s.aws/instance-family"},
    {"a volume in another zone", leave_the_volume, "pod disk has volume data, which may not be"},
    {"two pods on one host port", share_a_port, "shares a host port with another pod"},
    {"a DaemonSet's host port", take_the_daemons_port,
     "pod friend shares a host port with a Daemon"},
    {"a running pod's host port", take_a_running_pods_port, "pod local shares a host port"},
    {"a node that is too full", overfill_a_node,
     "node node-0 has 2000 of cpu allocatable, its "
     "pods ask for 2001"},
    {"a node that is about to go", use_a_node_that_goes, "node-0, which is not offered to it"},
    {"a type that is too small", overfill_a_claim,
     "lists type small, which has 1900 of cpu "
     "allocatable, its pods and DaemonSets ask for "
     "1902"},
    {"a resource that no type has", ask_for_what_no_type_has, "has 0 of nvidia.com/gpu"},
    {"a zone that the types don't have", list_the_wrong_zone,
     "does not meet its requirement on "
     "topology.kubernetes.io/zone"},
    {"a type that is sold out", sell_out, "lists type medium, of which it can have no offering"},
    {"a dearer type first", list_dearer_first, "lists type large before medium, which is cheaper"},
    {"a type that is listed twice", list_a_type_twice, "twice"},
    {"an empty list of types", list_nothing, "lists 0 instance types"},
    {"an offering that is not allowed", name_a_dearer_offering, "a cheapest offering that is not"},
    {"fewer values than minValues", cut_below_min_values, "offers fewer than 2 values"},
    {"minValues forgotten", lose_min_values, "has lost minValues of"},
    {"a requirement of the pool forgotten", leave_the_pool, "leaves what NodePool special says"},
    {"a placeholder's name", keep_a_host_name, "says on kubernetes.io/hostname"},
    {"requests below the pods'", request_too_little, "requests 1 of cpu, its pods ask for 1000"},
    {"a limit that is too low", lower_the_limit, "NodePool general may grow to"},
    {"a limit of nodes that is reached", lower_the_node_limit, "opens a claim with 2 of 2 nodes"},
    {"a spread in one zone", crowd_a_zone,
     "pod web makes 4 pods in its domain of "
     "topology.kubernetes.io/zone, the least has 0"},
    {"a spread that is not settled", leave_the_zone_open, "but its domain is not settled"},
    {"a spread on one host", crowd_a_host, "pods in its domain of kubernetes.io/hostname"},
    {"enemies on one host", join_hosts, "pod db is in one domain of kubernetes.io/hostname"},
    {"enemies in one zone", join_zones, "pod leader is in one domain of topology"},
    {"a running pod's enemy", meet_a_running_enemy, "pod local is in one domain of"},
    {"a friend who does not exist", lose_the_friend, "pod friend has no partner"},
    {"a friend in another zone", leave_the_friend, "pod friend has no partner"},
    {"the first of its kind that is not", be_first_beside_a_friend, "pod friend has no partner"},
};

/* ---- tests ---- */

static void accepts_the_right_answer(void)
{
    scene of;
    make_scene(&of);
    wb_text violation;
    wb_text_init(&violation);
    CU_ASSERT(accepts(&of, &violation));
    CU_ASSERT_STRING_EQUAL(wb_text_string(&violation), "");
    CU_ASSERT(wb_validator_accepts_solve(of.world, &of.problem, &of.result, &violation));
    /* The scene is what its head says, or the faults below would not be what they are called. */
    CU_ASSERT_EQUAL(of.result.refused_count, 1);
    CU_ASSERT_EQUAL(of.result.placements[LOCAL].node_index, 0);
    CU_ASSERT(of.result.claim_count >= 3);
    wb_text_release(&violation);
    release_scene(&of);
}

static void finds_every_planted_fault(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(faults); i++) {
        scene of;
        make_scene(&of);
        faults[i].spoil(&of);
        wb_text violation;
        wb_text_init(&violation);
        const bool is_accepted = accepts(&of, &violation);
        CU_ASSERT(!is_accepted);
        if (strstr(wb_text_string(&violation), faults[i].sentence) == NULL) {
            printf("\n    %s: \"%s\" instead of \"...%s...\"", faults[i].name,
                   wb_text_string(&violation), faults[i].sentence);
            CU_ASSERT(false);
        }
        wb_text_release(&violation);
        release_scene(&of);
    }
}

static const wb_test_case cases[] = {
    {"a solver's answer is accepted", accepts_the_right_answer},
    {"every planted fault is found, and named", finds_every_planted_fault},
};

int main(void)
{
    return wb_test_run("validator", cases, WB_TEST_COUNT(cases));
}
