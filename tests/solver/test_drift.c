/* What drift is, by table: the first reason counts, hashes of two versions don't. */
#include <string.h>

#include "kube/names.h"
#include "solver/drift.h"
#include "tests/harness.h"

/* Against a pool whose requirement is capacity-type In [spot] and a class that selects images 1 and
 * 2, subnets 3 and 4, groups 5 and 6; both hashes are 7 of version v3. */
static const struct {
    const char *name;
    bool is_on_demand;
    wb_drift_hash pool, node_class;
    uint64_t image, subnet, groups[2];
    wb_drift_reason reason;
} cases[] = {
    {"as it should be", false, {7, "v3"}, {7, "v3"}, 2, 4, {6, 5}, WB_DRIFT_NONE},
    {"another pool hash", false, {8, "v3"}, {7, "v3"}, 2, 4, {5, 6}, WB_DRIFT_NODEPOOL},
    {"another hash of an older version", false, {8, "v2"}, {7, "v3"}, 2, 4, {5, 6}, WB_DRIFT_NONE},
    {"no hash at all", false, {8, NULL}, {9, NULL}, 2, 4, {5, 6}, WB_DRIFT_NONE},
    {"labels that don't meet the pool",
     true,
     {7, "v3"},
     {7, "v3"},
     2,
     4,
     {5, 6},
     WB_DRIFT_REQUIREMENTS},
    {"another class hash", false, {7, "v3"}, {8, "v3"}, 2, 4, {5, 6}, WB_DRIFT_NODECLASS},
    {"an image that is not selected", false, {7, "v3"}, {7, "v3"}, 9, 4, {5, 6}, WB_DRIFT_AMI},
    {"another group", false, {7, "v3"}, {7, "v3"}, 2, 4, {5, 9}, WB_DRIFT_SECURITY_GROUP},
    {"a subnet that is not selected", false, {7, "v3"}, {7, "v3"}, 2, 9, {5, 6}, WB_DRIFT_SUBNET},
    {"all at once: the first reason", true, {8, "v3"}, {8, "v3"}, 9, 9, {8, 9}, WB_DRIFT_NODEPOOL},
    {"class before image", false, {7, "v3"}, {8, "v3"}, 9, 9, {8, 9}, WB_DRIFT_NODECLASS},
    {"group before subnet", false, {7, "v3"}, {7, "v3"}, 1, 9, {8, 9}, WB_DRIFT_SECURITY_GROUP},
};

static void first_reason(void)
{
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    static const uint64_t images[] = {1, 2};
    static const uint64_t subnets[] = {3, 4};
    static const uint64_t groups[] = {5, 6};
    const uint32_t spot = WB_NAME_SPOT;
    const wb_label_expression asked = {
        .key = WB_NAME_CAPACITY_TYPE, .op = WB_OPERATOR_IN, .values = &spot, .value_count = 1};
    const wb_nodepool pool = {.requirements = &asked, .requirement_count = 1};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const wb_label label = {WB_NAME_CAPACITY_TYPE,
                                cases[i].is_on_demand ? WB_NAME_ON_DEMAND : WB_NAME_SPOT};
        const wb_drift_machine machine = {{&label, 1},    cases[i].pool,   cases[i].node_class,
                                          cases[i].image, cases[i].subnet, {cases[i].groups, 2}};
        const wb_drift_wish wish = {&pool,       NULL,         {7, "v3"},  {7, "v3"},
                                    {images, 2}, {subnets, 2}, {groups, 2}};
        const wb_drift_reason reason = wb_drift_find(&arena, &intern, &machine, &wish);
        CU_ASSERT_EQUAL(reason, cases[i].reason);
        if (reason != cases[i].reason) {
            printf("\n  %s: %s\n", cases[i].name, wb_drift_reason_name(reason));
        }
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static const wb_test_case tests[] = {{"the first reason that holds", first_reason}};

int main(void)
{
    return wb_test_run("drift", tests, WB_TEST_COUNT(tests));
}
