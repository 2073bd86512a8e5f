/*
 * One pod at a time: when it starts, runs, stops and goes, and in which state it ends.
 */
#include "tests/harness.h"
#include "tests/sim/cluster_fixture.h"

static const wb_pod_create bare = {.owner_id = WB_NO_ID,
                                   .lifetime = WB_LIFETIME_OPEN,
                                   .bound_node_id = WB_NO_ID,
                                   .replaces = WB_NO_ID};

static wb_pod_create with_lifetime(wb_lifetime_kind lifetime, int64_t ms)
{
    wb_pod_create create = bare;
    create.lifetime = lifetime;
    create.end_ms = ms;
    create.duration_ms = ms;
    return create;
}

/* ---- lives ---- */

/* A pod is created at 1 s; the node is there from node_ms, ready from ready_ms. */
static const struct {
    const char *name;
    wb_lifetime_kind lifetime;
    int64_t life_ms;                       /* end_ms or duration_ms */
    int64_t node_ms, ready_ms;             /* -1: never */
    int64_t bound_ms, running_ms, gone_ms; /* expected; -1: never within 100 s */
    wb_pod_state state;
} life_rows[] = {
    {"runs for its duration", WB_LIFETIME_DURATION, 5000, 0, 0, 1000, 1200, 6200,
     WB_POD_STATE_SUCCEEDED},
    {"runs on without an end", WB_LIFETIME_OPEN, 0, 0, 0, 1000, 1200, -1, WB_POD_STATE_RUNNING},
    {"a service stops at its end, a second later it is gone", WB_LIFETIME_UNTIL, 9000, 0, 0, 1000,
     1200, 10000, WB_POD_STATE_DELETED},
    {"a late node delays a batch run's end", WB_LIFETIME_DURATION, 5000, 20000, 20000, 20000, 20200,
     25200, WB_POD_STATE_SUCCEEDED},
    {"a late node does not delay a service's end", WB_LIFETIME_UNTIL, 30000, 20000, 20000, 20000,
     20200, 31000, WB_POD_STATE_DELETED},
    {"a service whose end comes first never runs", WB_LIFETIME_UNTIL, 15000, 20000, 20000, -1, -1,
     15000, WB_POD_STATE_DELETED},
    {"nothing starts without a node", WB_LIFETIME_DURATION, 5000, -1, -1, -1, -1, -1,
     WB_POD_STATE_PENDING},
    {"a taint keeps it off until the node is ready", WB_LIFETIME_DURATION, 5000, 2000, 8000, 8000,
     8200, 13200, WB_POD_STATE_SUCCEEDED},
    {"a run of no length ends when it starts", WB_LIFETIME_DURATION, 0, 0, 0, 1000, 1200, 1200,
     WB_POD_STATE_SUCCEEDED},
    {"an end that has passed is now", WB_LIFETIME_UNTIL, 500, 0, 0, -1, -1, 1000,
     WB_POD_STATE_DELETED},
};

static void check_life(size_t row)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.pod_start_ms = 200;
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    if (life_rows[row].node_ms == 0) {
        (void)wb_cluster_fixture_node(&f, "n1", 2);
    }
    wb_cluster_fixture_run(&f, 1000);
    const uint32_t pod_id =
        wb_cluster_fixture_pod(&f, "p", "web",
                               with_lifetime(life_rows[row].lifetime, life_rows[row].life_ms));
    if (life_rows[row].node_ms > 0) {
        wb_cluster_fixture_run(&f, life_rows[row].node_ms);
        const uint32_t node_id = wb_cluster_fixture_new_node(&f, "n1", 2);
        wb_cluster_fixture_run(&f, life_rows[row].ready_ms);
        wb_cluster_set_node_ready(&f.cluster, node_id, true);
    }
    wb_cluster_fixture_run(&f, 100000);
    const wb_pod_table *pods = &f.cluster.pods;
    CU_ASSERT_EQUAL(pods->created_ms[pod_id], 1000);
    CU_ASSERT_EQUAL(pods->bound_ms[pod_id], life_rows[row].bound_ms);
    CU_ASSERT_EQUAL(pods->running_ms[pod_id], life_rows[row].running_ms);
    CU_ASSERT_EQUAL(pods->gone_ms[pod_id], life_rows[row].gone_ms);
    CU_ASSERT_EQUAL(pods->state[pod_id], life_rows[row].state);
    wb_cluster_fixture_release(&f);
}

static void test_lives(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(life_rows); i++) {
        const unsigned failures = CU_get_number_of_failures();
        check_life(i);
        if (CU_get_number_of_failures() != failures) {
            printf("\n    failed: %s\n", life_rows[i].name);
        }
    }
}

/* ---- stopping ---- */

static const struct {
    const char *name;
    int64_t grace_ms, stop_ms, limit_ms; /* limit -1: deleted, not killed */
    int64_t expected_ms;                 /* from the call to the end */
} stop_rows[] = {
    {"containers stop before the grace period is over", 30000, 1000, -1, 1000},
    {"a short grace period cuts them off", 400, 1000, -1, 400},
    {"no grace period: gone in the same millisecond", 0, 1000, -1, 0},
    {"slow containers use their grace period up", 30000, 90000, -1, 30000},
    {"a killer's limit is shorter", 30000, 20000, 2000, 2000},
    {"a killer's limit is longer than it takes", 30000, 1000, 2000, 1000},
    {"a killer may give no time at all", 30000, 1000, 0, 0},
};

static void check_stop(size_t row)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.pod_stop_ms = stop_rows[row].stop_ms;
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    (void)wb_cluster_fixture_node(&f, "n1", 2);
    wb_pod_template *template = wb_cluster_fixture_template(&f, "web", 100, 1);
    template->grace_period_ms = stop_rows[row].grace_ms;
    wb_pod_create create = bare;
    create.name = "p";
    create.namespace_name = WB_NAME_DEFAULT;
    create.shape_id = wb_cluster_add_shape(&f.cluster, template, WB_NAME_DEFAULT);
    uint32_t pod_id;
    CU_ASSERT_EQUAL(wb_cluster_create_pod(&f.cluster, &create, &pod_id, NULL), WB_OK);
    wb_cluster_fixture_run(&f, 5000);
    if (stop_rows[row].limit_ms < 0) {
        wb_cluster_delete_pod(&f.cluster, pod_id, WB_CAUSE_WORKLOAD);
    } else {
        wb_cluster_kill_pod(&f.cluster, pod_id, WB_CAUSE_EXPIRATION, stop_rows[row].limit_ms);
    }
    CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_TERMINATING);
    wb_cluster_fixture_run(&f, 100000);
    CU_ASSERT_EQUAL(f.cluster.pods.gone_ms[pod_id], 5000 + stop_rows[row].expected_ms);
    wb_cluster_fixture_release(&f);
}

static void test_stops(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(stop_rows); i++) {
        const unsigned failures = CU_get_number_of_failures();
        check_stop(i);
        if (CU_get_number_of_failures() != failures) {
            printf("\n    failed: %s\n", stop_rows[i].name);
        }
    }
}

static void test_second_kill_shortens(void)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.pod_stop_ms = 60000;
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    (void)wb_cluster_fixture_node(&f, "n1", 2);
    const uint32_t pod_id = wb_cluster_fixture_pod(&f, "p", "web", bare);
    wb_cluster_fixture_run(&f, 1000);
    wb_cluster_kill_pod(&f.cluster, pod_id, WB_CAUSE_DRIFT, -1);
    wb_cluster_kill_pod(&f.cluster, pod_id, WB_CAUSE_DRIFT, 40000); /* later than 30 s: no matter */
    CU_ASSERT_EQUAL(f.cluster.pods.due_ms[pod_id], 31000);
    wb_cluster_fixture_run(&f, 11000);
    wb_cluster_kill_pod(&f.cluster, pod_id, WB_CAUSE_DRIFT, 500);
    wb_cluster_fixture_run(&f, 100000);
    CU_ASSERT_EQUAL(f.cluster.pods.gone_ms[pod_id], 11500);
    CU_ASSERT_EQUAL(f.cluster.eviction_count, 1);
    wb_cluster_kill_pod(&f.cluster, pod_id, WB_CAUSE_DRIFT, 0); /* long gone: nothing */
    CU_ASSERT_EQUAL(f.cluster.eviction_count, 1);
    wb_cluster_fixture_release(&f);
}

/* ---- images ---- */

static uint32_t image_shape(wb_cluster_fixture *f, const char *first, const char *second)
{
    wb_pod_template *template = wb_cluster_fixture_template(f, "web", 100, 1);
    wb_container *containers = WB_ARENA_ARRAY(&f->arena, wb_container, 2);
    containers[0].image = wb_intern_add(&f->intern, first);
    containers[1].image = wb_intern_add(&f->intern, second);
    template->containers = containers;
    template->container_count = second[0] == '\0' ? 1 : 2;
    return wb_cluster_add_shape(&f->cluster, template, WB_NAME_DEFAULT);
}

static int64_t start_on(wb_cluster_fixture *f, const char *name, uint32_t shape_id,
                        uint32_t node_id)
{
    wb_pod_create create = bare;
    create.name = name;
    create.namespace_name = WB_NAME_DEFAULT;
    create.shape_id = shape_id;
    create.bound_node_id = node_id;
    uint32_t pod_id = WB_NO_ID;
    CU_ASSERT_EQUAL(wb_cluster_create_pod(&f->cluster, &create, &pod_id, NULL), WB_OK);
    return f->cluster.pods.due_ms[pod_id] - f->kernel.now_ms;
}

static void test_images(void)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.pod_start_ms = 100;
    options.image_pull_median_ms = 10000;
    wb_cluster_fixture f; /* sigma 0: every pull takes the median */
    wb_cluster_fixture_init(&f, &options);
    const uint32_t n1 = wb_cluster_fixture_node(&f, "n1", 2);
    const uint32_t n2 = wb_cluster_fixture_node(&f, "n2", 2);
    const uint32_t red = image_shape(&f, "red", "");
    CU_ASSERT_EQUAL(start_on(&f, "a", red, n1), 10100);
    wb_cluster_fixture_run(&f, 4000);
    CU_ASSERT_EQUAL(start_on(&f, "b", red, n1), 6100); /* waits for the pull under way */
    CU_ASSERT_EQUAL(start_on(&f, "c", red, n2), 10100);
    wb_cluster_fixture_run(&f, 20000);
    CU_ASSERT_EQUAL(start_on(&f, "d", red, n1), 100);
    /* Two images: one is there, the other is pulled; neither: one after the other. */
    CU_ASSERT_EQUAL(start_on(&f, "e", image_shape(&f, "red", "blue"), n1), 10100);
    CU_ASSERT_EQUAL(start_on(&f, "f", image_shape(&f, "green", "white"), n1), 20100);
    wb_cluster_fixture_release(&f);
}

static void test_pull_draws(void)
{
    int64_t first[2];
    for (int run = 0; run < 2; run++) {
        wb_cluster_options options = wb_cluster_default_options();
        options.image_pull_median_ms = 10000;
        options.image_pull_sigma = 0.5;
        options.seed = 7;
        wb_cluster_fixture f;
        wb_cluster_fixture_init(&f, &options);
        if (run == 1) { /* another history: ids differ, names don't */
            (void)wb_cluster_fixture_node(&f, "before", 2);
        }
        const uint32_t n1 = wb_cluster_fixture_node(&f, "n1", 2);
        const uint32_t n2 = wb_cluster_fixture_node(&f, "n2", 2);
        const uint32_t red = image_shape(&f, "red", "");
        first[run] = start_on(&f, "a", red, n1);
        CU_ASSERT_NOT_EQUAL(first[run], start_on(&f, "b", red, n2));
        wb_cluster_fixture_release(&f);
    }
    CU_ASSERT_EQUAL(first[0], first[1]); /* common random numbers */
}

static void test_start_delay_of_node(void)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.pod_start_ms = 100;
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    const wb_node_create create = {.name = "slow",
                                   .instance_id = WB_NO_ID,
                                   .claim_id = WB_NO_ID,
                                   .is_ready = true,
                                   .pod_start_median_ms = 3000};
    const uint32_t node_id = wb_cluster_add_node(&f.cluster, &create);
    CU_ASSERT_EQUAL(start_on(&f, "a", image_shape(&f, "red", ""), node_id), 3000);
    wb_cluster_fixture_release(&f);
}

/* ---- names, shapes, limits, hooks ---- */

static void test_names(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    const uint32_t first = wb_cluster_fixture_pod(&f, "a", "web", bare);
    CU_ASSERT_EQUAL(wb_cluster_fixture_find(&f, "a"), first);
    CU_ASSERT_EQUAL(wb_cluster_fixture_find(&f, "b"), WB_NO_ID);
    CU_ASSERT_EQUAL(wb_cluster_find_pod(&f.cluster, WB_NAME_KUBE_SYSTEM, "a"), WB_NO_ID);
    wb_cluster_delete_pod(&f.cluster, first, WB_CAUSE_WORKLOAD);
    CU_ASSERT_EQUAL(wb_cluster_fixture_find(&f, "a"), WB_NO_ID);
    const uint32_t second = wb_cluster_fixture_pod(&f, "a", "web", bare);
    CU_ASSERT_EQUAL(wb_cluster_fixture_find(&f, "a"), second);
    CU_ASSERT_STRING_EQUAL(f.cluster.pods.name[first], "a"); /* the row stays readable */
    wb_cluster_fixture_release(&f);
}

static void test_shapes(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    wb_cluster *c = &f.cluster;
    const uint32_t a =
        wb_cluster_add_shape(c, wb_cluster_fixture_template(&f, "x", 5, 7), WB_NAME_DEFAULT);
    const uint32_t again =
        wb_cluster_add_shape(c, wb_cluster_fixture_template(&f, "x", 5, 7), WB_NAME_DEFAULT);
    const uint32_t bigger =
        wb_cluster_add_shape(c, wb_cluster_fixture_template(&f, "x", 6, 7), WB_NAME_DEFAULT);
    const uint32_t elsewhere =
        wb_cluster_add_shape(c, wb_cluster_fixture_template(&f, "x", 5, 7), WB_NAME_KUBE_SYSTEM);
    CU_ASSERT_EQUAL(a, again);
    CU_ASSERT_NOT_EQUAL(a, bigger);
    CU_ASSERT_NOT_EQUAL(a, elsewhere);
    CU_ASSERT_EQUAL(c->shapes[a].cpu_milli, 5);
    CU_ASSERT_EQUAL(c->shapes[a].memory_bytes, 7);
    CU_ASSERT_EQUAL(c->shapes[a].request_count, 3);
    CU_ASSERT_EQUAL(c->shapes[a].requests[2].resource, 2); /* pods */
    wb_cluster_fixture_release(&f);
}

static void test_limit(void)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.pod_limit = 2;
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    const uint32_t first = wb_cluster_fixture_pod(&f, "a", "web", bare);
    (void)wb_cluster_fixture_pod(&f, "b", "web", bare);
    wb_pod_create create = bare;
    create.name = "c";
    create.namespace_name = WB_NAME_DEFAULT;
    create.shape_id = f.cluster.pods.shape_id[first];
    uint32_t pod_id = 77;
    wb_error err;
    CU_ASSERT_EQUAL(wb_cluster_create_pod(&f.cluster, &create, &pod_id, &err), WB_ERR_LIMIT);
    CU_ASSERT_EQUAL(pod_id, 77);
    CU_ASSERT_STRING_EQUAL(err.text, "more than 2 pods (limits.pods)");
    CU_ASSERT_EQUAL(f.cluster.pods.count, 2);
    wb_cluster_fixture_release(&f);
}

/* A replacement that can't be made is no silent loss: the run ends with its error. */
static void test_deferred_error(void)
{
    wb_cluster_options options = wb_cluster_default_options();
    options.pod_limit = 1;
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, &options);
    (void)wb_cluster_fixture_node(&f, "n1", 2);
    wb_pod_create create = bare;
    create.owner_id = wb_cluster_fixture_owner(&f, WB_OWNER_DEPLOYMENT, "web");
    const uint32_t pod_id = wb_cluster_fixture_pod(&f, "a", "web", create);
    wb_cluster_fixture_run(&f, 1000);
    CU_ASSERT_EQUAL(wb_cluster_status(&f.cluster, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_cluster_evict_pod(&f.cluster, pod_id, WB_CAUSE_DRIFT), WB_EVICTION_ACCEPTED);
    CU_ASSERT_EQUAL(wb_cluster_status(&f.cluster, NULL), WB_ERR_LIMIT);
    wb_error err;
    CU_ASSERT_EQUAL(wb_kernel_run_until(&f.kernel, 10000, &err), WB_ERR_LIMIT);
    CU_ASSERT_STRING_EQUAL(err.text, "more than 1 pods (limits.pods)");
    wb_cluster_fixture_release(&f);
}

static void test_hooks(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    const uint32_t a = wb_cluster_fixture_pod(&f, "a", "web", bare);
    wb_cluster_fixture_run(&f, 1000);
    CU_ASSERT_EQUAL(f.calls.unschedulable, 1);
    CU_ASSERT_EQUAL(f.cluster.pods.first_unschedulable_ms[a], 0);
    const uint32_t n1 = wb_cluster_fixture_node(&f, "n1", 2);
    wb_cluster_fixture_run(&f, 2000);
    wb_cluster_delete_pod(&f.cluster, a, WB_CAUSE_WORKLOAD);
    wb_cluster_fixture_run(&f, 4000);
    wb_cluster_remove_node(&f.cluster, n1, WB_CAUSE_EMPTINESS);
    CU_ASSERT_EQUAL(f.calls.created, 1);
    CU_ASSERT_EQUAL(f.calls.bound, 1);
    CU_ASSERT_EQUAL(f.calls.running, 1);
    CU_ASSERT_EQUAL(f.calls.terminating, 1);
    CU_ASSERT_EQUAL(f.calls.gone, 1);
    CU_ASSERT_EQUAL(f.calls.node_added, 1);
    CU_ASSERT_EQUAL(f.calls.node_ready, 1);
    CU_ASSERT_EQUAL(f.calls.node_removed, 1);
    wb_cluster_fixture_release(&f);
}

static void test_cause_names(void)
{
    CU_ASSERT_STRING_EQUAL(wb_cause_name(WB_CAUSE_SCALE_DOWN), "scale-down");
    for (int cause = 0; cause < WB_CAUSE_COUNT; cause++) {
        CU_ASSERT(wb_cause_name((wb_cause)cause)[0] != '\0');
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a pod lives as its lifetime and its node allow", test_lives},
        {"a pod stops within its grace period", test_stops},
        {"a second kill can only shorten", test_second_kill_shortens},
        {"the first pod of an image pulls it for all", test_images},
        {"a pull takes as long in every history", test_pull_draws},
        {"a node may start pods at its own pace", test_start_delay_of_node},
        {"a name finds the living pod", test_names},
        {"equal templates of a namespace are one shape", test_shapes},
        {"the limit of pods is refused", test_limit},
        {"a replacement beyond the limit ends the run", test_deferred_error},
        {"observers hear of every step once", test_hooks},
        {"every cause has a name", test_cause_names},
    };
    return wb_test_run("sim/cluster pods", cases, WB_TEST_COUNT(cases));
}
