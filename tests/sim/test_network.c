/* What selector terms select, and how many addresses pods take: by hand from the CNI's rules. */
#include "sim/cloud/network.h"
#include "tests/harness.h"

static const wb_network plain = {.prefix_delegation = false};
static const wb_network prefixes = {.prefix_delegation = true};
static const wb_network_card m5_xlarge = {4, 15};

static void addresses_follow_the_warm_targets(void)
{
    static const struct {
        int64_t pods, secondary, prefixed;
    } cases[] = {
        {0, 15, 17},  {1, 30, 33},  {14, 30, 33}, {15, 45, 33},   {16, 45, 33},
        {17, 45, 49}, {42, 60, 65}, {56, 60, 81}, {300, 60, 322},
    };
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        CU_ASSERT_EQUAL(wb_network_addresses_for(&plain, m5_xlarge, cases[i].pods),
                        cases[i].secondary);
        CU_ASSERT_EQUAL(wb_network_addresses_for(&prefixes, m5_xlarge, cases[i].pods),
                        cases[i].prefixed);
    }
}

/* What is held for pods is enough for them, as long as the card has room. */
static void held_addresses_are_enough(void)
{
    for (int64_t pods = 0; pods <= 56; pods++) {
        CU_ASSERT(wb_network_pods_for(&plain, m5_xlarge,
                                      wb_network_addresses_for(&plain, m5_xlarge, pods)) >= pods);
    }
    for (int64_t pods = 0; pods <= 896; pods++) {
        CU_ASSERT(wb_network_pods_for(&prefixes, m5_xlarge,
                                      wb_network_addresses_for(&prefixes, m5_xlarge, pods)) >=
                  pods);
    }
    CU_ASSERT_EQUAL(wb_network_pods_for(&plain, m5_xlarge, 1), 0);
    CU_ASSERT_EQUAL(wb_network_pods_for(&plain, m5_xlarge, 20), 18);
    CU_ASSERT_EQUAL(wb_network_pods_for(&prefixes, m5_xlarge, 16), 0);
    CU_ASSERT_EQUAL(wb_network_pods_for(&plain, (wb_network_card){0, 0}, 5), 4);
}

static void prefixes_widen_nodes(void)
{
    CU_ASSERT_EQUAL(wb_network_prefix_pods(m5_xlarge, 4), 110);
    CU_ASSERT_EQUAL(wb_network_prefix_pods((wb_network_card){15, 50}, 96), 250);
    CU_ASSERT_EQUAL(wb_network_prefix_pods((wb_network_card){2, 2}, 1), 34);
}

static void terms_select(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "network", 0, NULL);
    wb_intern intern;
    wb_intern_init(&intern, &arena);
    const uint32_t key = wb_intern_add(&intern, "team");
    const uint32_t shop = wb_intern_add(&intern, "shop");
    const uint32_t any = wb_intern_add(&intern, "*");
    const uint32_t id = wb_intern_add(&intern, "subnet-1");
    const wb_label label = {key, shop};
    const wb_label wild = {key, any};
    const wb_label other = {key, id};
    const wb_subnet subnets[] = {{.id = id, .tags = {&label, 1}}};
    const wb_network_object groups[] = {{.id = key, .name = shop}};
    const wb_network network = {.subnets = subnets,
                                .security_groups = groups,
                                .images = groups,
                                .subnet_count = 1,
                                .security_group_count = 1,
                                .image_count = 1};
    const wb_selector_term by_id[] = {{.id = id}};
    const wb_selector_term by_any[] = {{.tags = {&wild, 1}}};
    const wb_selector_term by_other[] = {{.tags = {&other, 1}}};
    const wb_selector_term by_name[] = {{.name = shop}};
    const wb_selector_term alias[] = {{.alias = id}};
    wb_nodeclass class = {.subnets = by_id,
                          .subnet_count = 1,
                          .security_groups = by_name,
                          .security_group_count = 1,
                          .amis = alias,
                          .ami_count = 1};
    CU_ASSERT_PTR_NULL(wb_network_not_ready(&network, &intern, &class));
    class.subnets = by_any;
    CU_ASSERT(wb_network_selects_subnet(&network, &intern, &class, 0));
    class.amis = by_id;
    CU_ASSERT_STRING_EQUAL(wb_network_not_ready(&network, &intern, &class),
                           "AMISelector did not match any AMIs");
    class.security_groups = by_id;
    CU_ASSERT_STRING_EQUAL(wb_network_not_ready(&network, &intern, &class),
                           "SecurityGroupSelector did not match any SecurityGroups");
    class.subnets = by_other;
    CU_ASSERT_STRING_EQUAL(wb_network_not_ready(&network, &intern, &class),
                           "SubnetSelector did not match any Subnets");
    CU_ASSERT_PTR_NULL(wb_network_not_ready(&plain, &intern, &class));
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static const wb_test_case tests[] = {
    {"addresses follow the warm targets", addresses_follow_the_warm_targets},
    {"held addresses are enough", held_addresses_are_enough},
    {"prefixes widen nodes", prefixes_widen_nodes},
    {"terms select", terms_select},
};

int main(void)
{
    return wb_test_run("network", tests, WB_TEST_COUNT(tests));
}
