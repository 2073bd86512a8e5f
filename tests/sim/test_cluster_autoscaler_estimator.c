/* The snapshot's forks, and both ways of the estimator. */
#include <string.h>

#include "base/random.h"
#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/estimator.h"
#include "tests/harness.h"

#define GIB (INT64_C(1) << 30)

#define SHAPE_COUNT 3 /* of the model of forks */

static wb_arena arena;
static wb_intern intern;

static uint64_t draw(uint64_t round, uint64_t number, uint64_t bound)
{
    return wb_random_below((wb_random_key){11, WB_RANDOM_TEST, round}, number, bound);
}

static wb_resource_list resources(int64_t cpu_milli, int64_t memory_bytes, int64_t pods)
{
    wb_resource_list list =
        wb_resource_list_with(&arena, (wb_resource_list){0}, WB_NAME_CPU, cpu_milli);
    list = wb_resource_list_with(&arena, list, WB_NAME_MEMORY, memory_bytes);
    return wb_resource_list_with(&arena, list, WB_NAME_PODS, pods);
}

static wb_pod_template *make_template(const char *app, int64_t cpu_milli, int64_t memory_bytes)
{
    wb_pod_template *template = WB_ARENA_NEW(&arena, wb_pod_template);
    template->labels = wb_labels_with(&arena, (wb_labels){0}, wb_intern_add(&intern, "app"),
                                      wb_intern_add(&intern, app));
    template->requests = resources(cpu_milli, memory_bytes, 1);
    return template;
}

static wb_ca_snapshot_node make_node(const char *name, int64_t cpu_milli, int64_t memory_bytes)
{
    wb_ca_snapshot_node node = {
        .node_id = 1,
        .name = wb_intern_add(&intern, name),
        .group = WB_CA_SNAPSHOT_NONE,
        .capacity = resources(cpu_milli, memory_bytes, 110),
        .allocatable = resources(cpu_milli, memory_bytes, 110),
        .is_ready = true,
    };
    node.labels = wb_labels_with(&arena, (wb_labels){0}, WB_NAME_HOSTNAME, node.name);
    return node;
}

static wb_ca_snapshot_pod make_pod(uint32_t shape)
{
    return (wb_ca_snapshot_pod){.pod_id = WB_CA_SNAPSHOT_NONE,
                                .shape = shape,
                                .owner = WB_CA_SNAPSHOT_NONE,
                                .name = "",
                                .deletion_ms = -1};
}

/* ---- forks ---- */

/* What a revert must bring back. */
static uint64_t fingerprint(const wb_ca_snapshot *snapshot)
{
    uint64_t hash = snapshot->order_count;
    for (uint32_t i = 0; i < snapshot->order_count; i++) {
        const uint32_t row = snapshot->order[i];
        hash = hash * 31 + row;
        hash = hash * 31 + snapshot->nodes[row].pod_count;
        hash = hash * 31 + (uint64_t)snapshot->free_cpu_milli[row];
        hash = hash * 31 + (uint64_t)snapshot->free_memory_bytes[row];
    }
    return hash;
}

static void change_at_random(wb_ca_snapshot *snapshot, uint64_t round)
{
    for (uint64_t i = 0; i < 40; i++) {
        const uint32_t at = (uint32_t)draw(round, i * 4, snapshot->order_count);
        const uint32_t row = snapshot->order[at];
        const uint64_t what = draw(round, i * 4 + 1, 4);
        if (what == 0 && snapshot->order_count > 2) {
            wb_ca_snapshot_remove_node(snapshot, row);
        } else if (what == 1) {
            char name[40];
            (void)snprintf(name, sizeof(name), "new-%llu-%llu", (unsigned long long)round,
                           (unsigned long long)i);
            const wb_ca_snapshot_node node = make_node(name, 4000, 16 * GIB);
            (void)wb_ca_snapshot_add_node(snapshot, &node);
        } else if (what == 2 && snapshot->nodes[row].first_pod != WB_CA_SNAPSHOT_NONE) {
            wb_ca_snapshot_remove_pod(snapshot, snapshot->nodes[row].first_pod);
        } else {
            const wb_ca_snapshot_pod pod = make_pod((uint32_t)draw(round, i * 4 + 2, SHAPE_COUNT));
            (void)wb_ca_snapshot_add_pod(snapshot, &pod, row);
        }
    }
}

static void test_reverts(void)
{
    wb_ca_snapshot snapshot;
    wb_ca_snapshot_init(&snapshot, &intern);
    for (int i = 0; i < SHAPE_COUNT; i++) {
        char app[8];
        (void)snprintf(app, sizeof(app), "app%d", i);
        (void)wb_ca_snapshot_add_shape(&snapshot, make_template(app, INT64_C(100) * (i + 1), GIB),
                                       WB_NAME_DEFAULT);
    }
    for (int i = 0; i < 6; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "node-%d", i);
        const wb_ca_snapshot_node node = make_node(name, 4000, 16 * GIB);
        (void)wb_ca_snapshot_add_node(&snapshot, &node);
    }
    for (uint64_t round = 0; round < 60; round++) {
        const uint64_t before = fingerprint(&snapshot);
        const uint32_t outer = wb_ca_snapshot_fork(&snapshot);
        change_at_random(&snapshot, round * 3);
        const uint64_t middle = fingerprint(&snapshot);
        const uint32_t inner = wb_ca_snapshot_fork(&snapshot);
        change_at_random(&snapshot, round * 3 + 1);
        wb_ca_snapshot_check_sums(&snapshot);
        if (round % 3 == 0) {
            wb_ca_snapshot_keep(&snapshot, inner);
        } else {
            wb_ca_snapshot_revert(&snapshot, inner);
            CU_ASSERT_EQUAL(fingerprint(&snapshot), middle);
        }
        wb_ca_snapshot_revert(&snapshot, outer);
        CU_ASSERT_EQUAL(fingerprint(&snapshot), before);
        wb_ca_snapshot_check_sums(&snapshot);
        change_at_random(&snapshot, round * 3 + 2); /* the base moves on */
    }
    wb_ca_snapshot_release(&snapshot);
}

static void test_round_robin(void)
{
    wb_ca_snapshot snapshot;
    wb_ca_snapshot_init(&snapshot, &intern);
    const uint32_t shape =
        wb_ca_snapshot_add_shape(&snapshot, make_template("robin", 500, GIB), WB_NAME_DEFAULT);
    uint32_t rows[3];
    for (int i = 0; i < 3; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "robin-%d", i);
        const wb_ca_snapshot_node node = make_node(name, i == 1 ? 400 : 2000, 16 * GIB);
        rows[i] = wb_ca_snapshot_add_node(&snapshot, &node);
    }
    CU_ASSERT_EQUAL(wb_ca_snapshot_find_node(&snapshot, shape, WB_CA_SNAPSHOT_NONE), rows[0]);
    CU_ASSERT_EQUAL(wb_ca_snapshot_find_node(&snapshot, shape, WB_CA_SNAPSHOT_NONE), rows[2]);
    CU_ASSERT_EQUAL(wb_ca_snapshot_find_node(&snapshot, shape, WB_CA_SNAPSHOT_NONE), rows[0]);
    CU_ASSERT_EQUAL(wb_ca_snapshot_find_node(&snapshot, shape, rows[0]), rows[0]); /* hint */
    CU_ASSERT_EQUAL(wb_ca_snapshot_find_node(&snapshot, shape, rows[1]), rows[2]); /* no help */
    snapshot.is_excluded[rows[0]] = true;
    snapshot.is_excluded[rows[2]] = true;
    CU_ASSERT_EQUAL(wb_ca_snapshot_find_node(&snapshot, shape, rows[0]), WB_CA_SNAPSHOT_NONE);
    wb_ca_snapshot_release(&snapshot);
}

/* ---- estimates ---- */

static wb_node_template make_node_template(int64_t cpu_milli, int64_t memory_bytes, int64_t pods)
{
    return (wb_node_template){
        .is_known = true,
        .group_name = "group",
        .capacity = resources(cpu_milli, memory_bytes, pods),
        .allocatable = resources(cpu_milli, memory_bytes, pods),
    };
}

static const struct {
    const char *name;
    int64_t cpu_milli[3]; /* of pods; memory is a GiB */
    uint32_t counts[3];
    uint32_t limit;
    uint32_t nodes, pods;
    uint32_t pod_limit;
} estimates[] = {
    {"ten pods, three to a node", {1200}, {10}, UINT32_MAX, 4, 10, 0},
    {"big ones first, small ones fill up", {3000, 1000}, {2, 2}, UINT32_MAX, 2, 4, 0},
    {"a limit leaves pods over", {1200}, {10}, 2, 2, 6, 0},
    {"small ones fill what the limit allows", {3000, 500}, {3, 8}, 2, 2, 6, 0},
    {"a pod that fits no node adds none", {9000}, {3}, UINT32_MAX, 0, 0, 0},
    {"pods per node are limited too", {10}, {23}, UINT32_MAX, 3, 23, 0},
    {"no node after the time of four pods", {1200}, {10}, UINT32_MAX, 2, 6, 4},
    {"small ones still fill what is there", {3000, 500}, {3, 8}, UINT32_MAX, 2, 6, 2},
};

/* One row, the fast or the plain way. */
static void check_estimate(wb_ca_snapshot *snapshot, size_t row, bool is_plain)
{
    const wb_node_template template = make_node_template(4000, 64 * GIB, 10);
    wb_estimator_pods pods[3];
    uint32_t group_count = 0;
    while (group_count < 3 && estimates[row].counts[group_count] > 0) {
        const wb_pod_template *pod =
            make_template("est", estimates[row].cpu_milli[group_count], GIB);
        pods[group_count] =
            (wb_estimator_pods){wb_ca_snapshot_add_shape(snapshot, pod, WB_NAME_DEFAULT),
                                estimates[row].counts[group_count]};
        group_count++;
    }
    const wb_estimator_request request = {.template = &template,
                                          .pods = pods,
                                          .group_count = group_count,
                                          .node_limit = estimates[row].limit,
                                          .pod_limit = estimates[row].pod_limit,
                                          .is_plain = is_plain};
    wb_estimator_result result;
    wb_estimator_run(snapshot, &arena, &request, &result);
    if (result.node_count != estimates[row].nodes || result.pod_count != estimates[row].pods) {
        CU_FAIL("estimate");
        printf("\n    %s%s: %u nodes, %u pods", estimates[row].name, is_plain ? " (plain)" : "",
               result.node_count, result.pod_count);
    }
}

static void test_estimates(void)
{
    wb_ca_snapshot snapshot;
    wb_ca_snapshot_init(&snapshot, &intern);
    for (size_t row = 0; row < WB_TEST_COUNT(estimates); row++) {
        check_estimate(&snapshot, row, false);
        check_estimate(&snapshot, row, true);
    }
    CU_PASS("every row was looked at");
    wb_ca_snapshot_release(&snapshot);
}

/* Random mixtures: the fast way must say what the plain one says. */
static void test_fast_is_plain(void)
{
    wb_ca_snapshot snapshot;
    wb_ca_snapshot_init(&snapshot, &intern);
    for (uint64_t round = 0; round < 200; round++) {
        wb_estimator_pods pods[12];
        const uint32_t group_count = 1 + (uint32_t)draw(1000 + round, 0, 12);
        for (uint32_t g = 0; g < group_count; g++) {
            const int64_t cpu_milli = 50 + 50 * (int64_t)draw(1000 + round, 10 + g, 60);
            const int64_t memory_bytes = GIB / 4 * (1 + (int64_t)draw(1000 + round, 30 + g, 40));
            pods[g] = (wb_estimator_pods){
                wb_ca_snapshot_add_shape(&snapshot, make_template("mix", cpu_milli, memory_bytes),
                                         WB_NAME_DEFAULT),
                1 + (uint32_t)draw(1000 + round, 50 + g, 15)};
        }
        wb_node_template template = make_node_template(4000, 16 * GIB, 20);
        const wb_node_template_pod daemon = {
            .shape = wb_ca_snapshot_add_shape(&snapshot, make_template("daemon", 150, GIB / 8),
                                              WB_NAME_DEFAULT)};
        wb_node_template_add_pod(&template, &daemon);
        wb_estimator_result results[2];
        for (int plain = 0; plain < 2; plain++) {
            const wb_estimator_request request = {
                .template = &template,
                .pods = pods,
                .group_count = group_count,
                .node_limit = round % 4 == 0 ? 5 : UINT32_MAX,
                .pod_limit = round % 4 == 1 ? 17 : 0,
                .is_plain = plain == 1,
            };
            wb_estimator_run(&snapshot, &arena, &request, &results[plain]);
        }
        CU_ASSERT_EQUAL(results[0].node_count, results[1].node_count);
        CU_ASSERT_EQUAL(results[0].pod_count, results[1].pod_count);
        CU_ASSERT_EQUAL(
            memcmp(results[0].placed, results[1].placed, group_count * sizeof(uint32_t)), 0);
    }
    CU_ASSERT_EQUAL(snapshot.order_count, 0); /* everything was taken back */
    wb_ca_snapshot_release(&snapshot);
}

/* Anti-affinity over hosts needs a node each, whatever the resources say. */
static void test_anti_affinity_is_not_plain(void)
{
    wb_ca_snapshot snapshot;
    wb_ca_snapshot_init(&snapshot, &intern);
    wb_pod_template *pod = make_template("alone", 100, GIB);
    wb_label_expression *expression = WB_ARENA_NEW(&arena, wb_label_expression);
    uint32_t *value = WB_ARENA_NEW(&arena, uint32_t);
    *value = wb_intern_add(&intern, "alone");
    *expression = (wb_label_expression){.key = wb_intern_add(&intern, "app"),
                                        .op = WB_OPERATOR_IN,
                                        .value_count = 1,
                                        .values = value};
    wb_pod_term *term = WB_ARENA_NEW(&arena, wb_pod_term);
    *term = (wb_pod_term){.selector = {true, 1, expression}, .topology_key = WB_NAME_HOSTNAME};
    pod->anti_affinity_required = term;
    pod->anti_affinity_required_count = 1;
    const wb_node_template template = make_node_template(4000, 16 * GIB, 20);
    const wb_estimator_pods pods = {wb_ca_snapshot_add_shape(&snapshot, pod, WB_NAME_DEFAULT), 5};
    CU_ASSERT_FALSE(wb_ca_snapshot_is_plain(&snapshot, pods.shape));
    const wb_estimator_request request = {
        .template = &template, .pods = &pods, .group_count = 1, .node_limit = UINT32_MAX};
    wb_estimator_result result;
    wb_estimator_run(&snapshot, &arena, &request, &result);
    CU_ASSERT_EQUAL(result.node_count, 5);
    CU_ASSERT_EQUAL(result.pod_count, 5);
    wb_ca_snapshot_release(&snapshot);
}

static const wb_test_case tests[] = {
    {"a revert brings everything back", test_reverts},
    {"a search goes round robin, hint first", test_round_robin},
    {"estimates are first-fit decreasing", test_estimates},
    {"the fast way says what the plain one says", test_fast_is_plain},
    {"anti-affinity is seen", test_anti_affinity_is_not_plain},
};

int main(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    const int result = wb_test_run("cluster_autoscaler_estimator", tests, WB_TEST_COUNT(tests));
    wb_intern_release(&intern);
    wb_arena_release(&arena);
    return result;
}
