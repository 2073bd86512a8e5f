/*
 * The scheduler's caches against its plain mode: random programs of pods and nodes run in two
 * worlds at once, and after every step each pod must be in the same place, and each refusal must
 * have been worded alike. The seed of a failing program is printed.
 */
#include <string.h>

#include "base/random.h"
#include "tests/harness.h"
#include "tests/sim/scheduler_fixture.h"

enum {
    PROGRAM_COUNT = 60,
    STEP_COUNT = 120,
    TEMPLATE_COUNT = 10
};

typedef struct model_world {
    wb_scheduler_fixture f;
    wb_pod_template *templates[TEMPLATE_COUNT];
    uint32_t owner_id;
} model_world;

typedef struct model_program {
    wb_random_key key;
    uint64_t draw;
    model_world worlds[2]; /* with caches, plain */
    uint32_t node_serial, pod_serial;
} model_program;

static uint64_t pick(model_program *program, uint64_t bound)
{
    return wb_random_below(program->key, program->draw++, bound);
}

/* ---- templates ---- */

static const uint32_t keys[] = {WB_NAME_ZONE, WB_NAME_HOSTNAME};
static const char *const apps[] = {"a", "b", "c"};
static const char *const zones[] = {"z1", "z2", "z3"};

/* What one template asks for, drawn once for both worlds. */
typedef struct model_choice {
    uint64_t app, cpu, feature, key, other, skew, priority, weight;
} model_choice;

static void add_spread(wb_scheduler_fixture *f, wb_pod_template *t, const model_choice *c,
                       wb_spread_unsatisfiable kind)
{
    wb_spread_constraint *spread = WB_ARENA_NEW(&f->arena, wb_spread_constraint);
    *spread = (wb_spread_constraint){.max_skew = 1 + (int32_t)c->skew,
                                     .min_domains = c->weight == 0 ? 3 : 0,
                                     .topology_key = keys[c->key],
                                     .when_unsatisfiable = kind,
                                     .selector = wb_scheduler_fixture_selector(f, apps[c->other])};
    t->spreads = spread;
    t->spread_count = 1;
}

static wb_pod_term *make_term(wb_scheduler_fixture *f, const model_choice *c)
{
    wb_pod_term *term = WB_ARENA_NEW(&f->arena, wb_pod_term);
    *term = (wb_pod_term){.selector = wb_scheduler_fixture_selector(f, apps[c->other]),
                          .topology_key = keys[c->key],
                          .weight = 1 + (int32_t)c->weight};
    return term;
}

static void add_feature(wb_scheduler_fixture *f, wb_pod_template *t, const model_choice *c)
{
    switch (c->feature) {
    case 0: add_spread(f, t, c, WB_SPREAD_DO_NOT_SCHEDULE); break;
    case 1: add_spread(f, t, c, WB_SPREAD_SCHEDULE_ANYWAY); break;
    case 2:
        t->affinity_required = make_term(f, c);
        t->affinity_required_count = 1;
        break;
    case 3:
        t->anti_affinity_required = make_term(f, c);
        t->anti_affinity_required_count = 1;
        break;
    case 4:
        t->affinity_preferred = make_term(f, c);
        t->affinity_preferred_count = 1;
        break;
    case 5:
        t->anti_affinity_preferred = make_term(f, c);
        t->anti_affinity_preferred_count = 1;
        break;
    case 6:
        t->node_selector = wb_labels_with(&f->arena, (wb_labels){0}, WB_NAME_ZONE,
                                          wb_intern_add(&f->intern, zones[c->other]));
        break;
    case 7: {
        wb_host_port *port = WB_ARENA_NEW(&f->arena, wb_host_port);
        *port = (wb_host_port){.port = 80, .protocol = WB_PORT_TCP};
        t->host_ports = port;
        t->host_port_count = 1;
        break;
    }
    default: break; /* plain pods are the most frequent */
    }
}

static void make_templates(model_program *program)
{
    for (int i = 0; i < TEMPLATE_COUNT; i++) {
        const model_choice c = {
            .app = pick(program, 3),
            .cpu = pick(program, 8),
            .feature = pick(program, 12),
            .key = pick(program, 2),
            .other = pick(program, 3),
            .skew = pick(program, 2),
            .priority = pick(program, 4),
            .weight = pick(program, 5),
        };
        for (int w = 0; w < 2; w++) {
            wb_scheduler_fixture *f = &program->worlds[w].f;
            wb_pod_template *t =
                wb_scheduler_fixture_template(f, apps[c.app], 250 * (int64_t)c.cpu);
            t->priority_is_set = c.priority == 0;
            t->priority = c.priority == 0 ? 10 : 0;
            add_feature(f, t, &c);
            program->worlds[w].templates[i] = t;
        }
    }
}

/* ---- steps ---- */

static void add_node(model_program *program)
{
    char name[32];
    /* Names out of order, so that order of names and of arrival differ. */
    (void)snprintf(name, sizeof(name), "n%02u-%u", (program->node_serial * 37U) % 100U,
                   program->node_serial);
    program->node_serial++;
    const uint64_t zone = pick(program, 4);
    const int64_t cpus = 1 + (int64_t)pick(program, 4);
    for (int w = 0; w < 2; w++) {
        (void)wb_scheduler_fixture_node(&program->worlds[w].f, name, zone < 3 ? zones[zone] : NULL,
                                        cpus);
    }
}

/* One of the living nodes, or WB_NO_ID. */
static uint32_t pick_node(model_program *program)
{
    const wb_cluster *cluster = &program->worlds[0].f.cluster;
    return cluster->living_node_count == 0
               ? WB_NO_ID
               : cluster->living_nodes[pick(program, cluster->living_node_count)];
}

static void change_node(model_program *program)
{
    const uint32_t node_id = pick_node(program);
    const uint64_t how = pick(program, 5);
    for (int w = 0; w < 2 && node_id != WB_NO_ID; w++) {
        wb_cluster *cluster = &program->worlds[w].f.cluster;
        wb_intern *intern = &program->worlds[w].f.intern;
        const uint32_t key = wb_intern_add(intern, "busy");
        const wb_taint taint = {key, 0,
                                how == 0 ? WB_TAINT_NO_SCHEDULE : WB_TAINT_PREFER_NO_SCHEDULE};
        switch (how) {
        case 0:
        case 1: wb_cluster_add_node_taint(cluster, node_id, taint); break;
        case 2:
            (void)wb_cluster_remove_node_taint(cluster, node_id, key, WB_TAINT_NO_SCHEDULE);
            break;
        case 3:
            wb_cluster_set_node_label(cluster, node_id, WB_NAME_ZONE,
                                      wb_intern_add(intern, zones[node_id % 3]));
            break;
        default: wb_cluster_remove_node(cluster, node_id, WB_CAUSE_SCALE_DOWN); break;
        }
    }
}

static void add_pods(model_program *program)
{
    const uint64_t template = pick(program, TEMPLATE_COUNT);
    const uint64_t count = 1 + pick(program, 4);
    const bool is_owned = pick(program, 3) == 0;
    for (uint64_t i = 0; i < count; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "p%u", program->pod_serial++);
        for (int w = 0; w < 2; w++) {
            model_world *world = &program->worlds[w];
            (void)wb_scheduler_fixture_owned(&world->f, name, world->templates[template],
                                             is_owned ? world->owner_id : WB_NO_ID);
        }
    }
}

static void delete_pod(model_program *program)
{
    const uint32_t count = program->worlds[0].f.cluster.pods.count;
    if (count == 0) {
        return;
    }
    const uint32_t pod_id = (uint32_t)pick(program, count);
    for (int w = 0; w < 2; w++) {
        wb_cluster_delete_pod(&program->worlds[w].f.cluster, pod_id, WB_CAUSE_WORKLOAD);
    }
}

static void step(model_program *program)
{
    const uint64_t kind = pick(program, 10);
    if (kind < 2) {
        add_node(program);
    } else if (kind < 3) {
        change_node(program);
    } else if (kind < 8) {
        add_pods(program);
    } else {
        delete_pod(program);
    }
}

/* ---- comparison ---- */

static bool worlds_agree(const model_program *program)
{
    const wb_scheduler_fixture *a = &program->worlds[0].f;
    const wb_scheduler_fixture *b = &program->worlds[1].f;
    if (a->cluster.pods.count != b->cluster.pods.count ||
        a->unschedulable_count != b->unschedulable_count ||
        strcmp(a->last_reason, b->last_reason) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < a->cluster.pods.count; i++) {
        if (a->cluster.pods.node_id[i] != b->cluster.pods.node_id[i] ||
            a->cluster.pods.state[i] != b->cluster.pods.state[i] ||
            a->cluster.pods.nominated_node_id[i] != b->cluster.pods.nominated_node_id[i]) {
            return false;
        }
    }
    return true;
}

/* A law of its own: nobody waits who could be placed. Returns a pod that breaks it, or WB_NO_ID.
 * Not asked while pods terminate: spread stops counting them at once, but only their end is an
 * event. */
static uint32_t find_forgotten(model_world *world)
{
    const wb_cluster *cluster = &world->f.cluster;
    if (cluster->terminating_count > 0) {
        return WB_NO_ID;
    }
    for (uint32_t pod = 0; pod < cluster->pods.count; pod++) {
        if (cluster->pods.state[pod] != WB_POD_STATE_PENDING) {
            continue;
        }
        for (uint32_t i = 0; i < cluster->living_node_count; i++) {
            if (wb_scheduler_filter(world->f.scheduler, pod, cluster->living_nodes[i], NULL, 0) ==
                NULL) {
                return pod;
            }
        }
    }
    return WB_NO_ID;
}

static void init_world(model_world *world, bool is_plain)
{
    const wb_scheduler_options options = {.is_plain = is_plain};
    wb_scheduler_fixture_init(&world->f, NULL, &options);
    world->owner_id = wb_cluster_add_owner(&world->f.cluster, WB_OWNER_REPLICA_SET, WB_NAME_DEFAULT,
                                           wb_intern_add(&world->f.intern, "owner"));
}

/* Returns the number of known failures, to see that the short cut was taken at all. */
static uint64_t run_program(uint64_t seed, int first_nodes)
{
    static model_program program;
    program = (model_program){.key = {.seed = seed, .stream = WB_RANDOM_TEST}};
    for (int w = 0; w < 2; w++) {
        init_world(&program.worlds[w], w == 1);
    }
    make_templates(&program);
    for (int n = 0; n < first_nodes; n++) {
        add_node(&program);
    }
    bool agree = true;
    int64_t now_ms = 0;
    int i = 0;
    for (; agree && i < STEP_COUNT; i++) {
        step(&program);
        now_ms += (int64_t)pick(&program, 3) * 700;
        for (int w = 0; w < 2; w++) {
            wb_scheduler_fixture_run(&program.worlds[w].f, now_ms);
        }
        agree = worlds_agree(&program);
        const uint32_t forgotten = find_forgotten(&program.worlds[i % 2]);
        CU_ASSERT_EQUAL(forgotten, WB_NO_ID);
        if (forgotten != WB_NO_ID) {
            printf("\n    seed %llu: pod %u is forgotten at step %d\n", (unsigned long long)seed,
                   forgotten, i);
            agree = false;
        }
    }
    CU_ASSERT_TRUE(agree);
    if (!agree) {
        printf("\n    seed %llu: differs after step %d; with caches '%s' (%u), plain '%s' (%u)\n",
               (unsigned long long)seed, i, program.worlds[0].f.last_reason,
               program.worlds[0].f.unschedulable_count, program.worlds[1].f.last_reason,
               program.worlds[1].f.unschedulable_count);
    }
    const uint64_t known = wb_scheduler_get_counters(program.worlds[0].f.scheduler).known_failures;
    CU_ASSERT_EQUAL(wb_scheduler_get_counters(program.worlds[1].f.scheduler).known_failures, 0);
    for (int w = 0; w < 2; w++) {
        wb_scheduler_fixture_release(&program.worlds[w].f);
    }
    return known;
}

static void test_programs(void)
{
    uint64_t known = 0;
    for (uint64_t seed = 1; seed <= PROGRAM_COUNT; seed++) {
        known += run_program(seed, 0);
    }
    CU_ASSERT_TRUE(known > 0);
}

/* From 100 nodes on a search stops early, and the next begins where it stopped. */
static void test_many_nodes(void)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        (void)run_program(seed, 240);
    }
}

static const wb_test_case cases[] = {
    {"random programs end alike with the caches on and off", test_programs},
    {"so they do where a search does not look at every node", test_many_nodes},
};

int main(void)
{
    return wb_test_run("scheduler model", cases, WB_TEST_COUNT(cases));
}
