/* The node-group benchmark: what it decides is fixed by its options; the real program's counts. */
#include "bench/node_groups.h"
#include "tests/harness.h"

static const struct {
    const char *name;
    wb_node_groups_options options;
    uint32_t added_nodes, options_found, unneeded;
} rows[] = {
    {"a thousand equal pods, as the real one decides",
     {.pod_count = 1000,
      .group_count = 20,
      .node_count = 100,
      .parallelism = 10,
      .are_identical = true},
     16,
     20,
     20},
    {"five thousand",
     {.pod_count = 5000,
      .group_count = 20,
      .node_count = 500,
      .parallelism = 10,
      .are_identical = true},
     80,
     20,
     20},
    {"a pass stops at twice the parallelism",
     {.pod_count = 10, .group_count = 1, .node_count = 300, .parallelism = 30},
     5,
     1,
     60},
};

static void test_rows(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_node_groups_result result;
        wb_node_groups_run(&rows[i].options, &result);
        if (result.added_node_count != rows[i].added_nodes ||
            result.option_count != rows[i].options_found ||
            result.unneeded_count != rows[i].unneeded) {
            CU_FAIL("row");
            printf("\n    %s: %u nodes, %u options, %u unneeded", rows[i].name,
                   result.added_node_count, result.option_count, result.unneeded_count);
        }
        CU_ASSERT_TRUE(result.scale_up_ms >= 0.0 && result.scale_down_ms >= 0.0);
    }
}

/* The work is bounded: rules are asked once per kind of pod and group, and per candidate. */
static void test_work(void)
{
    const wb_node_groups_options options = {
        .pod_count = 10000, .group_count = 20, .node_count = 1000, .parallelism = 10, .seed = 1};
    wb_node_groups_result result;
    wb_node_groups_run(&options, &result);
    CU_ASSERT_TRUE(result.rule_checks < 20000);
    wb_node_groups_result again;
    wb_node_groups_run(&options, &again);
    CU_ASSERT_EQUAL(again.rule_checks, result.rule_checks);
    CU_ASSERT_EQUAL(again.added_node_count, result.added_node_count);
}

static const wb_test_case tests[] = {
    {"rows of options and decisions", test_rows},
    {"the work is counted and bounded", test_work},
};

int main(void)
{
    return wb_test_run("node_groups", tests, WB_TEST_COUNT(tests));
}
