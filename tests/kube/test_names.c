/* Names at fixed ids, aliases of label keys, well-known and restricted labels. */
#include <string.h>

#include "kube/names.h"
#include "tests/harness.h"

static wb_arena arena;
static wb_intern intern;

static void begin(void)
{
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
}

static void end(void)
{
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static void names_have_their_fixed_ids(void)
{
    begin();
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&intern, WB_NAME_CPU), "cpu");
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&intern, WB_NAME_ZONE), "topology.kubernetes.io/zone");
    CU_ASSERT_EQUAL(wb_intern_find(&intern, "kubernetes.io/metadata.name"), WB_NAME_NAMESPACE_NAME);
    CU_ASSERT_EQUAL(intern.count, WB_NAME_COUNT);
    end();
}

static const struct {
    const char *key, *current;
} alias_cases[] = {
    {"failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"},
    {"failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"},
    {"topology.ebs.csi.aws.com/zone", "topology.kubernetes.io/zone"},
    {"beta.kubernetes.io/arch", "kubernetes.io/arch"},
    {"beta.kubernetes.io/os", "kubernetes.io/os"},
    {"beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"},
    {"topology.kubernetes.io/zone", "topology.kubernetes.io/zone"},
    {"example.com/zone", "example.com/zone"},
};

static void old_keys_become_current_ones(void)
{
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(alias_cases); i++) {
        const uint32_t key = wb_intern_add(&intern, alias_cases[i].key);
        CU_ASSERT_STRING_EQUAL(wb_intern_text(&intern, wb_names_unalias(&intern, key)),
                               alias_cases[i].current);
    }
    end();
}

static const struct {
    const char *key;
    bool is_well_known, is_restricted;
} key_cases[] = {
    {"karpenter.sh/nodepool", true, false},
    {"karpenter.sh/capacity-type", true, false},
    {"karpenter.sh/registered", false, true},
    {"karpenter.sh/initialized", false, true},
    {"karpenter.sh/anything", false, true},
    {"sub.karpenter.sh/anything", false, true},
    {"notkarpenter.sh/anything", false, false},
    {"karpenter.sh.example.com/anything", false, false},
    {"karpenter.k8s.aws/instance-family", true, false},
    {"karpenter.k8s.aws/instance-tenancy", true, false},
    {"karpenter.k8s.aws/placement-group-partition", true, false},
    {"karpenter.k8s.aws/instance-colour", false, true},
    {"karpenter.k8s.aws/ec2nodeclass", false, true},
    {"kubernetes.io/hostname", false, true},
    {"kubernetes.io/arch", true, false},
    {"node.kubernetes.io/windows-build", true, false},
    {"topology.k8s.aws/zone-id", true, false},
    {"topology.kubernetes.io/zone", true, false},
    {"kubernetes.io/role", false, false},
    {"karpenter.sh", false, false},
    {"team", false, false},
};

static void labels_are_well_known_or_restricted(void)
{
    begin();
    for (size_t i = 0; i < WB_TEST_COUNT(key_cases); i++) {
        const uint32_t key = wb_intern_add(&intern, key_cases[i].key);
        if (wb_names_is_well_known(key) != key_cases[i].is_well_known ||
            wb_names_is_restricted(&intern, key) != key_cases[i].is_restricted) {
            printf("\n%s\n", key_cases[i].key);
            CU_FAIL("judged wrongly");
        }
    }
    end();
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"names have their fixed ids", names_have_their_fixed_ids},
        {"old label keys become current ones", old_keys_become_current_ones},
        {"labels are well known, restricted or neither", labels_are_well_known_or_restricted},
    };
    return wb_test_run("names", cases, WB_TEST_COUNT(cases));
}
