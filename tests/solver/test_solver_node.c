/* Nodes as the solver sees them: room, taints, pods that come and go, names that change. */
#include <string.h>

#include "kube/names.h"
#include "solver/provisioning.h"
#include "tests/harness.h"
#include "tests/solver/small_world.h"

static const wb_small_type types[] = {{"four", 4}};

static wb_solver_node_desc describe(wb_small_world *small, const char *name)
{
    return (wb_solver_node_desc){
        .name = wb_intern_add(&small->intern, name),
        .nodepool = small->pool.name,
        .is_managed = true,
        .is_initialized = true,
        .has_node = true,
        .capacity = small->catalog.types[0].capacity,
        .allocatable = small->catalog.types[0].capacity,
    };
}

static int64_t cpu_left(wb_small_world *small, wb_solver_node *node)
{
    return wb_resource_list_get(wb_solver_node_remaining(&small->arena, node), WB_NAME_CPU);
}

static void counts_pods(void)
{
    wb_small_world small;
    wb_small_world_init(&small, types, 1);
    const wb_solver_node_desc desc = describe(&small, "n");
    wb_solver_node *node = wb_solver_node_new(small.world, &desc);
    const uint32_t shape =
        wb_solver_world_shape(small.world, wb_small_world_template(&small, 500, 100),
                              WB_NAME_DEFAULT);
    CU_ASSERT_EQUAL(cpu_left(&small, node), 4000);
    wb_solver_node_bind(small.world, node, shape, 0, 0);
    wb_solver_node_bind(small.world, node, shape, 0, 0);
    CU_ASSERT_EQUAL(cpu_left(&small, node), 3000);
    wb_solver_node_unbind(small.world, node, shape, 0, 0);
    wb_solver_node_bind(small.world, node, shape, 0, WB_SOLVER_POD_TERMINATING);
    CU_ASSERT_EQUAL(cpu_left(&small, node), 3000); /* a dying pod still takes room */
    wb_solver_node_unbind(small.world, node, shape, 0, WB_SOLVER_POD_TERMINATING);
    CU_ASSERT_EQUAL(cpu_left(&small, node), 3500);
    wb_solver_node_free(node);
    wb_small_world_release(&small);
}

static void shares_shapes_of_equal_templates(void)
{
    wb_small_world small;
    wb_small_world_init(&small, types, 1);
    wb_pod_template *a = wb_small_world_template(&small, 500, 100);
    wb_pod_template *b = wb_small_world_template(&small, 500, 100);
    const uint32_t shape = wb_solver_world_shape(small.world, a, WB_NAME_DEFAULT);
    CU_ASSERT_EQUAL(wb_solver_world_shape(small.world, b, WB_NAME_DEFAULT), shape);
    CU_ASSERT_NOT_EQUAL(wb_solver_world_shape(small.world, b, WB_NAME_KUBE_SYSTEM), shape);
    b->node_selector = wb_labels_with(&small.arena, b->node_selector, WB_NAME_ZONE, WB_NAME_TRUE);
    CU_ASSERT_NOT_EQUAL(wb_solver_world_shape(small.world, b, WB_NAME_DEFAULT), shape);
    CU_ASSERT_EQUAL(wb_solver_world_shape_count(small.world), 3);
    wb_small_world_release(&small);
}

/* The node that takes a pod, or NULL. */
static const char *place_one(wb_small_world *small, wb_solver_node *const *nodes, uint32_t count)
{
    const wb_solver_pod pod = {
        .name = wb_intern_add(&small->intern, "pod"),
        .namespace_name = WB_NAME_DEFAULT,
        .uid = wb_intern_add(&small->intern, "uid"),
        .shape_id = wb_solver_world_shape(small->world, wb_small_world_template(small, 500, 100),
                                          WB_NAME_DEFAULT),
        .bound_node_index = UINT32_MAX,
    };
    const wb_solver_problem problem = {
        .pods = &pod, .pod_count = 1, .nodes = nodes, .node_count = count};
    const wb_solver_result result = wb_provisioning_solve(&small->arena, small->world, &problem);
    const uint32_t index = result.placements[0].node_index;
    return index == WB_PLACED_ON_NONE
               ? NULL
               : wb_intern_text(&small->intern, wb_solver_node_name(nodes[index]));
}

static void tries_nodes_by_name(void)
{
    wb_small_world small;
    wb_small_world_init(&small, types, 1);
    wb_solver_node_desc b = describe(&small, "b");
    wb_solver_node_desc a = describe(&small, "a");
    wb_solver_node *nodes[2] = {wb_solver_node_new(small.world, &b),
                                wb_solver_node_new(small.world, &a)};
    CU_ASSERT_STRING_EQUAL(place_one(&small, nodes, 2), "a");
    a.name = wb_intern_add(&small.intern, "c"); /* it registers under another name */
    wb_solver_node_update(small.world, nodes[1], &a);
    CU_ASSERT_STRING_EQUAL(place_one(&small, nodes, 2), "b");
    b.is_initialized = false; /* those that are ready come first */
    wb_solver_node_update(small.world, nodes[0], &b);
    CU_ASSERT_STRING_EQUAL(place_one(&small, nodes, 2), "c");
    wb_solver_node_free(nodes[0]);
    wb_solver_node_free(nodes[1]);
    wb_small_world_release(&small);
}

static const struct {
    const char *name, *key;
    wb_taint_effect effect;
    bool is_initialized, takes_pods;
} taint_rows[] = {
    {"a node that starts loses not-ready by itself", "node.kubernetes.io/not-ready",
     WB_TAINT_NO_SCHEDULE, false, true},
    {"on a node that was ready it counts", "node.kubernetes.io/not-ready", WB_TAINT_NO_SCHEDULE,
     true, false},
    {"unreachable NoExecute counts always", "node.kubernetes.io/unreachable", WB_TAINT_NO_EXECUTE,
     false, false},
    {"readiness gates go by themselves", "readiness.k8s.io/cni", WB_TAINT_NO_SCHEDULE, false, true},
    {"the claim's startup taint goes by itself", "startup", WB_TAINT_NO_SCHEDULE, false, true},
    {"but not once it was gone", "startup", WB_TAINT_NO_SCHEDULE, true, false},
    {"any other taint counts", "mine", WB_TAINT_NO_SCHEDULE, false, false},
};

static void knows_taints_of_starting_nodes(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(taint_rows); i++) {
        wb_small_world small;
        wb_small_world_init(&small, types, 1);
        const wb_taint taint = {.key = wb_intern_add(&small.intern, taint_rows[i].key),
                                .effect = taint_rows[i].effect};
        const wb_taint startup = {.key = wb_intern_add(&small.intern, "startup"),
                                  .effect = WB_TAINT_NO_SCHEDULE};
        wb_solver_node_desc desc = describe(&small, "n");
        desc.taints = &taint;
        desc.taint_count = 1;
        desc.startup_taints = &startup;
        desc.startup_taint_count = 1;
        desc.is_initialized = taint_rows[i].is_initialized;
        wb_solver_node *node = wb_solver_node_new(small.world, &desc);
        const bool takes_pods = place_one(&small, &node, 1) != NULL;
        if (takes_pods != taint_rows[i].takes_pods) {
            printf("\n    %s", taint_rows[i].name);
            CU_FAIL("taint");
        }
        wb_solver_node_free(node);
        wb_small_world_release(&small);
    }
}

static const wb_test_case cases[] = {
    {"room follows pods that come and go", counts_pods},
    {"equal templates share a shape", shares_shapes_of_equal_templates},
    {"ready nodes first, then by name, also after a change", tries_nodes_by_name},
    {"taints that a starting node loses by itself do not count", knows_taints_of_starting_nodes},
};

int main(void)
{
    return wb_test_run("solver_node", cases, WB_TEST_COUNT(cases));
}
