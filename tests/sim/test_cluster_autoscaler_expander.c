/* Expanders: what each keeps, chains, the draw, the words. */
#include <string.h>

#include "sim/autoscaler/cluster_autoscaler/expander.h"
#include "tests/harness.h"

#define GIB (INT64_C(1) << 30)

static wb_arena arena;

/* Three groups: the first wastes least, the second places most pods on fewest nodes. */
static void fill(wb_expander_option *options)
{
    options[0] = (wb_expander_option){.group = 0,
                                      .group_name = "small",
                                      .node_count = 4,
                                      .pod_count = 8,
                                      .cpu_milli = 8000,
                                      .memory_bytes = 8 * GIB,
                                      .node_cpu_milli = 2000,
                                      .node_memory_bytes = 4 * GIB,
                                      .node_price = 0.1};
    options[1] = (wb_expander_option){.group = 1,
                                      .group_name = "big-spot",
                                      .node_count = 1,
                                      .pod_count = 10,
                                      .cpu_milli = 10000,
                                      .memory_bytes = 10 * GIB,
                                      .node_cpu_milli = 16000,
                                      .node_memory_bytes = 64 * GIB,
                                      .node_price = 0.8};
    options[2] = options[0];
    options[2].group = 2;
    options[2].group_name = "small-too";
}

static const struct {
    const char *expander;
    uint32_t kept[3], kept_count;
} filters[] = {
    {"most-pods", {1}, 1},
    {"least-nodes", {1}, 1},
    {"least-waste", {0, 2}, 2},
};

static void test_each_expander_keeps_the_best(void)
{
    wb_expander expander;
    wb_ca_flags flags;
    wb_ca_flags_init(&flags);
    CU_ASSERT_EQUAL(wb_expander_init(&expander, &arena, &flags, 1, NULL), WB_OK);
    for (size_t i = 0; i < WB_TEST_COUNT(filters); i++) {
        wb_expander_option options[3];
        uint32_t kept[3];
        fill(options);
        const uint32_t count = wb_expander_filter(&expander, filters[i].expander, options, 3, kept);
        CU_ASSERT_EQUAL(count, filters[i].kept_count);
        for (uint32_t k = 0; k < count; k++) {
            CU_ASSERT_EQUAL(kept[k], filters[i].kept[k]);
        }
    }
}

static void test_waste_is_over_capacity(void)
{
    wb_expander expander;
    wb_ca_flags flags;
    wb_ca_flags_init(&flags);
    CU_ASSERT_EQUAL(wb_expander_init(&expander, &arena, &flags, 1, NULL), WB_OK);
    wb_expander_option options[3];
    uint32_t kept[3];
    fill(options);
    (void)wb_expander_filter(&expander, "least-waste", options, 3, kept);
    CU_ASSERT_DOUBLE_EQUAL(options[0].figure, 0.5, 1e-12);             /* 0 + (1 - 8/16) */
    CU_ASSERT_DOUBLE_EQUAL(options[1].figure, 0.375 + 0.84375, 1e-12); /* 6/16 + 54/64 */
}

static const struct {
    const char *name, *map;
    uint32_t kept_count;
    uint32_t first;
} priorities[] = {
    {"the highest match wins", "10:\n  - .*\n50:\n  - spot$\n", 1, 1},
    {"a group that matches nothing is out", "10:\n  - ^small\n", 2, 0},
    {"no match keeps all", "10:\n  - ^other\n", 3, 0},
    {"no map keeps all", "", 3, 0},
    {"a bad map keeps all", "- [", 3, 0},
    {"a bad pattern matches nothing", "10:\n  - '('\n5:\n  - small-too\n", 1, 2},
    {"patterns search anywhere", "1:\n  - g-sp\n", 1, 1},
};

static void test_priorities(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(priorities); i++) {
        wb_expander expander;
        wb_ca_flags flags;
        wb_ca_flags_init(&flags);
        flags.priority_config = priorities[i].map;
        CU_ASSERT_EQUAL(wb_expander_init(&expander, &arena, &flags, 1, NULL), WB_OK);
        wb_expander_option options[3];
        uint32_t kept[3];
        fill(options);
        const uint32_t count = wb_expander_filter(&expander, "priority", options, 3, kept);
        if (count != priorities[i].kept_count || kept[0] != priorities[i].first) {
            CU_FAIL(priorities[i].name);
            printf("\n    %s: %u kept, first %u", priorities[i].name, count, kept[0]);
        }
    }
}

/* What the golden case 010 records for one m5.2xlarge and twelve pods of 500m and 1 GiB. */
static void test_price_score(void)
{
    wb_expander expander;
    wb_ca_flags flags;
    wb_ca_flags_init(&flags);
    CU_ASSERT_EQUAL(wb_expander_init(&expander, &arena, &flags, 1, NULL), WB_OK);
    expander.cluster_node_count = 24;
    wb_expander_option option = {.group_name = "m5-2xlarge",
                                 .node_count = 1,
                                 .pod_count = 12,
                                 .cpu_milli = 6000,
                                 .memory_bytes = 12 * GIB,
                                 .node_cpu_milli = 8000,
                                 .node_memory_bytes = 32 * GIB,
                                 .node_price = 0.384};
    uint32_t kept[1];
    (void)wb_expander_filter(&expander, "price", &option, 1, kept);
    CU_ASSERT_DOUBLE_EQUAL(option.stabilized_ratio, 1.487630, 5e-7);
    CU_ASSERT_DOUBLE_EQUAL(option.unfitness, 1.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(option.figure, 1.487630, 5e-7);
    option.node_count = 4; /* of 2 cores, where 8 are preferred: unfit, less so for more nodes */
    option.node_cpu_milli = 2000;
    (void)wb_expander_filter(&expander, "price", &option, 1, kept);
    CU_ASSERT_DOUBLE_EQUAL(option.unfitness, 4.0, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(option.suppressed, 3.0 * (1.0 - 0.197375320224904) + 1.0, 1e-9);
    option.node_has_gpu = true;
    (void)wb_expander_filter(&expander, "price", &option, 1, kept);
    CU_ASSERT_DOUBLE_EQUAL(option.suppressed, 1000.0, 1e-12);
}

static wb_status init_chain(wb_expander *expander, const char *chain, wb_error *err)
{
    wb_findings findings;
    wb_findings_init(&findings, &arena, false);
    wb_ca_flags flags;
    wb_ca_flags_init(&flags);
    const wb_setting settings[] = {
        {.name = "expander", .value = chain},
        {.name = "priority-config", .value = "5:\n  - big-.*\n"},
    };
    wb_ca_flags_apply(&flags, settings, 2, &findings);
    CU_ASSERT_EQUAL(findings.error_count, 0);
    return wb_expander_init(expander, &arena, &flags, 7, err);
}

static const struct {
    const char *chain;
    uint32_t chosen; /* 3: any of the two small ones */
    const char *reason;
} chains[] = {
    {"most-pods", 1, "most-pods: pods placed 10 against 8 of group small"},
    {"least-nodes,least-waste", 1, "least-nodes: nodes 1 against 4 of group small"},
    {"least-waste", 3, "least-waste: waste 0.50 against 1.22 of group big-spot"},
    {"least-waste,random", 3, NULL},
    {"random", 4, "random: one of 3 equally good groups"},
    {"priority", 1, "priority: 5, the highest of 3 groups"},
    {"priority,random", 1, "priority: 5, the highest of 3 groups"},
};

static void test_chains(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(chains); i++) {
        wb_expander expander;
        CU_ASSERT_EQUAL(init_chain(&expander, chains[i].chain, NULL), WB_OK);
        wb_expander_option options[3];
        char reason[200];
        fill(options);
        const uint32_t chosen = wb_expander_choose(&expander, options, 3, reason, sizeof(reason));
        CU_ASSERT_TRUE(chosen == chains[i].chosen || chains[i].chosen == 4 ||
                       (chains[i].chosen == 3 && chosen != 1));
        if (chains[i].reason != NULL && strcmp(reason, chains[i].reason) != 0) {
            CU_FAIL("reason");
            printf("\n    %s: '%s'", chains[i].chain, reason);
        }
    }
}

/* Ties are drawn: every option comes, and the same seed draws the same. */
static void test_draws(void)
{
    wb_expander first;
    wb_expander second;
    CU_ASSERT_EQUAL(init_chain(&first, "random", NULL), WB_OK);
    CU_ASSERT_EQUAL(init_chain(&second, "random", NULL), WB_OK);
    uint32_t seen[3] = {0};
    for (int i = 0; i < 300; i++) {
        wb_expander_option options[3];
        char reason[200];
        fill(options);
        const uint32_t chosen = wb_expander_choose(&first, options, 3, reason, sizeof(reason));
        seen[chosen]++;
        CU_ASSERT_EQUAL(wb_expander_choose(&second, options, 3, reason, sizeof(reason)), chosen);
    }
    CU_ASSERT_TRUE(seen[0] > 60 && seen[1] > 60 && seen[2] > 60);
}

static void test_bad_names(void)
{
    wb_expander expander;
    wb_error err;
    CU_ASSERT_EQUAL(init_chain(&expander, "least-wast", &err), WB_ERR_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "least-waste"));
    CU_ASSERT_EQUAL(init_chain(&expander, "random,least-waste", &err), WB_ERR_INPUT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "last"));
}

static const wb_test_case tests[] = {
    {"each expander keeps the best", test_each_expander_keeps_the_best},
    {"waste is measured over capacity", test_waste_is_over_capacity},
    {"priorities match names", test_priorities},
    {"the price score is the real program's", test_price_score},
    {"a chain decides by its first difference", test_chains},
    {"ties are drawn by seed", test_draws},
    {"unknown names are refused", test_bad_names},
};

int main(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    const int result = wb_test_run("cluster_autoscaler_expander", tests, WB_TEST_COUNT(tests));
    wb_arena_release(&arena);
    return result;
}
