/*
 * The HorizontalPodAutoscaler's controller on a small cluster with a scheduler: load in, replicas
 * out, second by second.
 */
#include <stdio.h>
#include <string.h>

#include "sim/cluster/hpa_controller.h"
#include "tests/harness.h"
#include "tests/sim/scheduler_fixture.h"

#define S(seconds) ((int64_t)(seconds)*1000)

typedef struct hpa_world {
    wb_scheduler_fixture f;
    wb_hpa_controller *controller; /* owned */
    wb_load_point points[4];
    wb_load_signal signal;
    wb_hpa_metric metric;
    wb_hpa hpa;
    uint32_t owner;
} hpa_world;

/* A Deployment of 3 pods of 1 CPU on one node of 64, under an autoscaler of 1 to 20; pods run from
 * 0 s on. */
static void init(hpa_world *world, wb_hpa_metric metric)
{
    memset(world, 0, sizeof(*world));
    wb_scheduler_fixture_init(&world->f, NULL, NULL);
    (void)wb_scheduler_fixture_node(&world->f, "n1", "a", 64);
    const uint32_t name = wb_intern_add(&world->f.intern, "web");
    const wb_workload workload = {.kind = WB_OWNER_DEPLOYMENT,
                                  .name = name,
                                  .namespace_name = WB_NAME_DEFAULT,
                                  .template = wb_scheduler_fixture_template(&world->f, "web", 1000),
                                  .replicas = 3,
                                  .max_unavailable = 1,
                                  .max_surge = 1};
    wb_error err;
    CU_ASSERT_EQUAL_FATAL(wb_cluster_apply_workload(&world->f.cluster, &workload, &err), WB_OK);
    world->metric = metric;
    world->hpa = (wb_hpa){.name = name,
                          .namespace_name = WB_NAME_DEFAULT,
                          .target_kind = WB_OWNER_DEPLOYMENT,
                          .target_name = name,
                          .min_replicas = 1,
                          .max_replicas = 20,
                          .metrics = &world->metric,
                          .metric_count = 1};
    world->signal = (wb_load_signal){.target_kind = WB_OWNER_DEPLOYMENT,
                                     .namespace_name = WB_NAME_DEFAULT,
                                     .target_name = name,
                                     .metric = metric.name,
                                     .points = world->points,
                                     .is_stepped = true};
    world->owner =
        wb_cluster_add_owner(&world->f.cluster, WB_OWNER_DEPLOYMENT, WB_NAME_DEFAULT, name);
    world->controller = wb_hpa_controller_new(&world->f.cluster, &world->signal, 1);
}

static void release(hpa_world *world)
{
    wb_hpa_controller_free(world->controller);
    wb_scheduler_fixture_release(&world->f);
}

static void add_load(hpa_world *world, int64_t at_ms, int64_t value)
{
    world->points[world->signal.point_count++] = (wb_load_point){at_ms, value};
}

static int32_t replicas(const hpa_world *world)
{
    const wb_owner *owner = &world->f.cluster.owners[world->owner];
    return world->f.cluster.workloads[owner->workload_index].replicas;
}

static void expect(hpa_world *world, int64_t at_s, int32_t expected)
{
    wb_scheduler_fixture_run(&world->f, S(at_s));
    const int32_t found = replicas(world);
    CU_ASSERT_EQUAL(found, expected);
    if (found != expected) {
        printf("\n    failed: at %lld s: %d\n", (long long)at_s, found);
    }
}

static const wb_hpa_metric half_of_cpu = {.name = WB_NAME_CPU,
                                          .target_kind = WB_HPA_UTILIZATION,
                                          .target = 50};

/* 3 pods that use 4 CPUs, at 50 %: 8 are needed, but without behavior it doubles first. */
static void test_load_decides(void)
{
    hpa_world world;
    init(&world, half_of_cpu);
    add_load(&world, 0, 4000);
    add_load(&world, S(600), 1000);
    wb_hpa_controller_apply(world.controller, &world.hpa);
    expect(&world, 0, 3);  /* no pod has a metric */
    expect(&world, 29, 3); /* too young: cpu of the first 30 s is not believed */
    expect(&world, 30, 6); /* 133 % of 50 %: 8, at most double */
    expect(&world, 44, 6); /* new pods are not believed yet */
    expect(&world, 60, 8); /* 6 pods at 0.67 */
    expect(&world, 599, 8);
    expect(&world, 885, 8); /* five minutes after it last wanted more */
    expect(&world, 900, 2); /* 1 CPU at 50 % */
    release(&world);
}

/* An unready target of others: the bounds rule without any metric. */
static void test_bounds(void)
{
    hpa_world world;
    init(&world, half_of_cpu);
    add_load(&world, 0, 0);
    world.hpa.min_replicas = 5;
    wb_hpa_controller_apply(world.controller, &world.hpa);
    expect(&world, 0, 5);
    world.hpa.min_replicas = 1;
    world.hpa.max_replicas = 2;
    wb_hpa_controller_apply(world.controller, &world.hpa); /* changed: the next look sees it */
    expect(&world, 14, 5);
    expect(&world, 15, 2);
    CU_ASSERT(wb_hpa_controller_delete(world.controller, WB_NAME_DEFAULT, world.hpa.name));
    CU_ASSERT(!wb_hpa_controller_delete(world.controller, WB_NAME_DEFAULT, world.hpa.name));
    CU_ASSERT(wb_cluster_scale_workload(&world.f.cluster, WB_OWNER_DEPLOYMENT, WB_NAME_DEFAULT,
                                        world.hpa.target_name, 9));
    expect(&world, 600, 9);
    release(&world);
}

static void test_external(void)
{
    const wb_hpa_metric queue = {.kind = WB_HPA_EXTERNAL,
                                 .name = WB_NAME_SPOT, /* any name will do */
                                 .target_kind = WB_HPA_AVERAGE_VALUE,
                                 .target = 100000};
    hpa_world world;
    init(&world, queue);
    world.signal.is_external = true;
    add_load(&world, 0, 450000);
    wb_hpa_controller_apply(world.controller, &world.hpa);
    expect(&world, 0, 5); /* 450 messages, 100 each: needs no pod's word */
    release(&world);
}

static void test_no_signal(void)
{
    hpa_world world;
    init(&world, half_of_cpu);
    add_load(&world, 0, 4000);
    world.signal.metric = WB_NAME_MEMORY;
    world.hpa.min_replicas = 7;
    wb_hpa_controller_apply(world.controller, &world.hpa);
    expect(&world, 600, 3); /* nothing feeds it: left alone, bounds included */
    release(&world);
}

/* ---- signals ---- */

static void test_signals(void)
{
    static const wb_load_point points[] = {{S(10), 100}, {S(20), 300}, {S(20), 500}, {S(30), 0}};
    static const struct {
        int64_t at_s, linear, stepped;
    } rows[] = {{0, 100, 100},  {10, 100, 100}, {15, 200, 100}, {19, 280, 100},
                {20, 500, 500}, {25, 250, 500}, {30, 0, 0},     {99, 0, 0}};
    wb_load_signal signal = {.points = points, .point_count = 4};
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        signal.is_stepped = false;
        CU_ASSERT_EQUAL(wb_load_signal_at(&signal, S(rows[i].at_s)), rows[i].linear);
        signal.is_stepped = true;
        CU_ASSERT_EQUAL(wb_load_signal_at(&signal, S(rows[i].at_s)), rows[i].stepped);
    }
}

static const wb_test_case cases[] = {
    {"load decides", test_load_decides},
    {"bounds rule without metrics", test_bounds},
    {"external metrics", test_external},
    {"without a signal nothing happens", test_no_signal},
    {"signals between and at their points", test_signals},
};

int main(void)
{
    return wb_test_run("hpa controller", cases, WB_TEST_COUNT(cases));
}
