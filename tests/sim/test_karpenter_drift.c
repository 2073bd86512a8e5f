/*
 * Drift as seen from outside: what of a changed NodePool or EC2NodeClass makes nodes drift, when
 * they go and what they wait for. Source: spec/disruption.md sections 8, 13, 14.
 */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/karpenter_fixture.h"

static wb_karpenter_fixture fixture;

#define SUBNETS "subnetSelectorTerms: [{tags: {a: b}}]"
#define GROUPS  "securityGroupSelectorTerms: [{tags: {a: b}}]"
#define OLD     "{role: r, amiSelectorTerms: [{alias: al2023@v1}], " SUBNETS ", " GROUPS "}"

/* Two nodes of one pod each, initialised at 30 s; the change comes at 100 s. */
static void begin(wb_karpenter_fixture_options options, wb_karpenter_fixture_change change)
{
    change.at_ms = 100000;
    options.changes = &change;
    options.change_count = 1;
    options.class_spec = options.class_spec != NULL ? options.class_spec : OLD;
    wb_karpenter_fixture_init(&fixture, &options);
    wb_karpenter_fixture_run(&fixture, 9000);
    wb_karpenter_fixture_deploy(&fixture, "web", 2, 7000, NULL);
}

static void expect(const char *words, const char *expected)
{
    wb_karpenter_fixture_expect(&fixture, words, expected);
}

static void end(void)
{
    wb_karpenter_fixture_release(&fixture);
}

/* Which change is drift, and by which reason. */
static const struct {
    const char *name;
    wb_karpenter_fixture_options before;
    wb_karpenter_fixture_change change;
    const char *reason; /* of the decision; "": nothing drifts */
} change_cases[] = {
    {"a label of the template",
     {0},
     {.template_metadata = "labels: {team: b}"},
     "NodePoolDrifted:"},
    {"an annotation of the template",
     {0},
     {.template_metadata = "annotations: {example.com/a: b}"},
     "NodePoolDrifted:"},
    {"a taint",
     {0},
     {.template_spec = "taints: [{key: x, effect: PreferNoSchedule}]"},
     "NodePoolDrifted:"},
    {"expireAfter", {0}, {.template_spec = "expireAfter: 20h"}, "NodePoolDrifted:"},
    {"expireAfter written down as it was by default",
     {0},
     {.template_spec = "expireAfter: 720h"},
     ""},
    {"taints in another order",
     {.template_spec = "taints: [{key: x, effect: PreferNoSchedule}, "
                       "{key: y, effect: PreferNoSchedule}]"},
     {.template_spec = "taints: [{key: y, effect: PreferNoSchedule}, "
                       "{key: x, effect: PreferNoSchedule}]"},
     ""},
    {"requirements that the nodes meet still",
     {0},
     {.requirements = "{key: karpenter.sh/capacity-type, operator: In, values: [on-demand, spot]}"},
     ""},
    {"requirements that they don't meet",
     {0},
     {.requirements = "{key: karpenter.sh/capacity-type, operator: In, values: [spot]}"},
     "RequirementsDrifted:"},
    {"limits", {0}, {.limits = "cpu: 1k"}, ""},
    {"disruption", {0}, {.disruption = "consolidateAfter: Never, budgets: [{nodes: '1'}]"}, ""},
    {"another image",
     {0},
     {.class_spec = "{role: r, amiSelectorTerms: [{alias: al2023@v2}], " SUBNETS ", " GROUPS "}"},
     "AMIDrift:"},
    {"an image more, which they were not launched with",
     {.class_spec =
          "{role: r, amiFamily: AL2023, amiSelectorTerms: [{id: ami-1}], " SUBNETS ", " GROUPS "}"},
     {.class_spec =
          "{role: r, amiFamily: AL2023, amiSelectorTerms: [{id: ami-2}, {id: ami-1}], " SUBNETS
          ", " GROUPS "}"},
     ""},
    {"another security group",
     {0},
     {.class_spec = "{role: r, amiSelectorTerms: [{alias: al2023@v1}], " SUBNETS
                    ", securityGroupSelectorTerms: [{tags: {a: c}}]}"},
     "SecurityGroupDrift:"},
    {"another subnet",
     {0},
     {.class_spec = "{role: r, amiSelectorTerms: [{alias: al2023@v1}], " GROUPS
                    ", subnetSelectorTerms: [{tags: {a: c}}]}"},
     "SubnetDrift:"},
    {"tags of the machines",
     {0},
     {.class_spec = "{role: r, amiSelectorTerms: [{alias: al2023@v1}], " SUBNETS ", " GROUPS
                    ", tags: {cost: a}}"},
     "NodeClassDrift:"},
    {"the family that the alias means anyway",
     {0},
     {.class_spec = "{role: r, amiFamily: AL2023, amiSelectorTerms: [{alias: al2023@v1}], " SUBNETS
                    ", " GROUPS "}"},
     ""},
};

static char first_reason[256];

static void see_decision(void *context, const wb_decision *decision)
{
    (void)context;
    if (strcmp(decision->kind, "drift") == 0 && first_reason[0] == 0) {
        (void)snprintf(first_reason, sizeof first_reason, "%s", decision->reason);
    }
}

static void tell_changes_apart(void)
{
    for (size_t i = 0; i < sizeof(change_cases) / sizeof(change_cases[0]); i++) {
        first_reason[0] = 0;
        begin(change_cases[i].before, change_cases[i].change);
        wb_observers_add(&fixture.observers, &(wb_observer){.decision = see_decision});
        wb_karpenter_fixture_run(&fixture, 400000);
        const bool is_right = change_cases[i].reason[0] == 0
                                  ? first_reason[0] == 0
                                  : strncmp(first_reason, change_cases[i].reason,
                                            strlen(change_cases[i].reason)) == 0;
        CU_ASSERT(is_right);
        if (!is_right) {
            printf("\n%s: '%s'\n", change_cases[i].name, first_reason);
        }
        end();
    }
}

/* The default budget of 10 % of two nodes is one at a time: its replacement first, then the drain,
 * then the next one when the first counts no longer. */
static void go_one_after_the_other(void)
{
    begin((wb_karpenter_fixture_options){0},
          (wb_karpenter_fixture_change){.template_metadata = "labels: {team: b}"});
    wb_karpenter_fixture_run(&fixture, 99999);
    wb_text_clear(&fixture.story);
    wb_karpenter_fixture_run(&fixture, 400000);
    expect("claim,decided drift:,instance",
           "102000 claim 2 created: large on-demand us-east-1a\n"
           "102000 decided drift: replace 1 node by large on-demand\n"
           "104000 claim 2 launched\n"
           "117000 claim 2 registered\n"
           "122000 claim 2 initialized\n"
           "128000 instance 0 ended: drift\n"
           "134000 claim 3 created: large on-demand us-east-1a\n"
           "134000 decided drift: replace 1 node by large on-demand\n"
           "136000 claim 3 launched\n"
           "149000 claim 3 registered\n"
           "154000 claim 3 initialized\n"
           "158000 claim 0 gone: drift\n"
           "160000 instance 1 ended: drift\n"
           "190000 claim 1 gone: drift\n");
    end();
}

/* What is drifted no longer stays. */
static void come_back(void)
{
    const wb_karpenter_fixture_change changes[] = {
        {.at_ms = 100000,
         .template_metadata = "labels: {team: b}",
         .disruption = "consolidateAfter: Never, budgets: [{nodes: '0', reasons: [Drifted]}]"},
        {.at_ms = 200000,
         .disruption = "consolidateAfter: Never, budgets: [{nodes: '0', reasons: [Drifted]}]"},
        {.at_ms = 300000},
    };
    wb_karpenter_fixture_init(&fixture, &(wb_karpenter_fixture_options){.changes = changes,
                                                                        .change_count = 3});
    wb_karpenter_fixture_deploy(&fixture, "web", 2, 7000, NULL);
    wb_karpenter_fixture_run(&fixture, 600000);
    expect("decided drift:", "");
    end();
}

/* A release of 10 h is seen when the answer of 0 h is a day old; nodes made after that have it, and
 * a release of another family changes nothing. */
static void see_new_images_after_a_day(void)
{
    const wb_image_release releases[] = {{10 * WB_MS_PER_HOUR, "al2023"},
                                         {30 * WB_MS_PER_HOUR, "bottlerocket"}};
    wb_karpenter_fixture_init(&fixture, &(wb_karpenter_fixture_options){.releases = releases,
                                                                        .release_count = 2});
    wb_karpenter_fixture_run(&fixture, 9000);
    wb_karpenter_fixture_deploy(&fixture, "web", 1, 7000, NULL);
    wb_karpenter_fixture_run(&fixture, 4 * WB_MS_PER_DAY);
    expect("decided drift:", "86402000 decided drift: replace 1 node by large on-demand\n");
    end();
}

static const wb_test_case cases[] = {
    {"what of a pool and its class is drift", tell_changes_apart},
    {"drifted nodes go within the budget", go_one_after_the_other},
    {"a pool that is changed back keeps its nodes", come_back},
    {"a new image is seen when the answer is a day old", see_new_images_after_a_day},
};

int main(void)
{
    return wb_test_run("karpenter drift", cases, WB_TEST_COUNT(cases));
}
