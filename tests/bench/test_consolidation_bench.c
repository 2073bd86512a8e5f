/* The consolidation benchmark: what it decides is fixed by its options, and as the real controller
 * decided on such clusters. */
#include "bench/consolidation_bench.h"
#include "tests/harness.h"

static const struct {
    const char *name;
    wb_consolidation_bench_options options;
    wb_consolidation_bench_method multi_node, single_node; /* times aside */
} rows[] = {
    {"of tight nodes none goes, and single-node tries each",
     {.node_count = 40, .is_tight = true, .seed = 1},
     {.simulation_count = 5},
     {.simulation_count = 40}},
    {"a hundred loose nodes become one",
     {.node_count = 100, .seed = 1},
     {.simulation_count = 7, .removed_count = 100, .made_count = 1},
     {.simulation_count = 1, .removed_count = 1}},
    {"of three hundred, 101 go at once and nothing comes",
     {.node_count = 300, .seed = 1},
     {.simulation_count = 7, .removed_count = 101},
     {.simulation_count = 1, .removed_count = 1}},
};

static bool decides(const wb_consolidation_bench_method *found,
                    const wb_consolidation_bench_method *expected)
{
    return found->simulation_count == expected->simulation_count &&
           found->removed_count == expected->removed_count &&
           found->made_count == expected->made_count && found->ms >= 0.0;
}

static void decides_as_the_real_one(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_consolidation_bench_result result;
        wb_error err = {0};
        const wb_status status = wb_consolidation_bench_run(&rows[i].options, &result, &err);
        CU_ASSERT_EQUAL(status, WB_OK);
        CU_ASSERT_EQUAL(result.pod_count, 10 * rows[i].options.node_count);
        CU_ASSERT(result.pass_ms >= 0.0 && result.world_ms >= 0.0 && result.rss_bytes > 0);
        if (!decides(&result.multi_node, &rows[i].multi_node) ||
            !decides(&result.single_node, &rows[i].single_node)) {
            CU_FAIL("row");
            printf("\n    %s: multi-node tried %u: %u by %u; single-node tried %u: %u by %u",
                   rows[i].name, result.multi_node.simulation_count,
                   result.multi_node.removed_count, result.multi_node.made_count,
                   result.single_node.simulation_count, result.single_node.removed_count,
                   result.single_node.made_count);
        }
    }
}

static const wb_test_case cases[] = {
    {"loose and tight clusters end as the real ones did", decides_as_the_real_one},
};

int main(void)
{
    return wb_test_run("consolidation bench", cases, WB_TEST_COUNT(cases));
}
