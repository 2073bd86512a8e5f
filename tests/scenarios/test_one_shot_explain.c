/* What the explanation says of a pod: the constraint that took the last types, and what helps. */
#include <string.h>

#include "kube/names.h"
#include "scenarios/one_shot/one_shot_explain.h"
#include "tests/harness.h"
#include "tests/scenarios/one_shot_fixture.h"

#define POD(spec)                                                                    \
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: p}}\nspec:\n" \
    "  containers: [{name: c, image: i, resources: {requests: {cpu: 1, memory: 1Gi}}}]\n" spec
#define BIG_POD                                                                  \
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: " \
    "[{name: c, image: i, resources: {requests: {cpu: 1, memory: 90000Gi}}}]\n"
#define POOL(name, rest)                                                                    \
    "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: " name "}\nspec:\n" rest \
    "  template:\n    spec:\n      nodeClassRef: {group: karpenter.k8s.aws, kind: "         \
    "EC2NodeClass, name: default}\n      requirements:\n"                                   \
    "        - {key: karpenter.k8s.aws/instance-family, operator: In, values: [m5]}\n"

static const struct {
    const char *name, *pool, *pod;
    wb_one_shot_step_kind last_kind;
    const char *last_step; /* part of its text */
    const char *best_fix;  /* part of it; NULL: nothing helps */
} rows[] = {
    {"a label of the pool's own types", POOL("a", ""),
     POD("  nodeSelector: {karpenter.k8s.aws/instance-family: c5}\n"), WB_ONE_SHOT_STEP_POD,
     "node selector karpenter.k8s.aws/instance-family In [c5], where the NodePool has",
     "drop the node selector karpenter.k8s.aws/instance-family=c5"},
    {"a label that nobody gives", POOL("a", ""), POD("  nodeSelector: {team: ml}\n"),
     WB_ONE_SHOT_STEP_POD, "a label that the NodePool does not give its nodes",
     "drop the node selector team=ml"},
    {"a taint", POOL("a", "") "      taints: [{key: gpu, effect: NoSchedule}]\n", POD(""),
     WB_ONE_SHOT_STEP_TAINT, "taint gpu:NoSchedule, which the pod does not tolerate",
     "tolerate the taint gpu:NoSchedule of NodePool a"},
    {"a limit", POOL("a", "  limits: {cpu: 1}\n"), POD(""), WB_ONE_SHOT_STEP_LIMIT,
     "limit of 1 cpu, of which 1 is left", "raise the limit cpu of NodePool a (now 1)"},
    {"too large a request", POOL("a", ""), BIG_POD, WB_ONE_SHOT_STEP_ROOM,
     "the pod's request of 90000Gi memory", "lower the request of 90000Gi memory to 3"},
    {"minValues",
     POOL("a", "") "        - {key: karpenter.k8s.aws/instance-cpu, operator: Gt, "
                   "values: ['2'], minValues: 5}\n",
     POD("  nodeSelector: {node.kubernetes.io/instance-type: m5.xlarge}\n"),
     WB_ONE_SHOT_STEP_SOLVER, "too few values are left for minValues",
     "drop the node selector node.kubernetes.io/instance-type=m5.xlarge"},
    {"two things at once", POOL("a", "  limits: {cpu: 1}\n"), POD("  nodeSelector: {team: ml}\n"),
     WB_ONE_SHOT_STEP_POD, "the pod's node selector team In [ml]",
     "drop the node selector team=ml, and raise the limit cpu of NodePool a"},
    {"an affinity to a pod that is elsewhere", POOL("a", ""),
     POD("  affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
         "[{topologyKey: topology.kubernetes.io/zone, "
         "labelSelector: {matchLabels: {app: q}}}]}}\n"),
     WB_ONE_SHOT_STEP_SOLVER, "no domain satisfies a spread or affinity rule",
     "drop the required pod affinity over topology.kubernetes.io/zone"},
};

static void says(const char *row, const char *what, const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL) {
        printf("\n%s: %s is '%s', not '%s'\n", row, what, text != NULL ? text : "none", part);
        CU_FAIL("another text");
    }
}

static void reasons_and_remedies(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_one_shot_fixture f;
        wb_one_shot_explanation found;
        wb_one_shot_fixture_solve(&f, rows[i].pool, rows[i].pod);
        CU_ASSERT_EQUAL_FATAL(f.solution.left_count, 1);
        wb_one_shot_explain(&f.arena, &f.solution, 0, &found);
        CU_ASSERT_EQUAL_FATAL(found.funnel_count, 1);
        const wb_one_shot_funnel *funnel = &found.funnels[0];
        CU_ASSERT_EQUAL(funnel->left_count, 0);
        CU_ASSERT_TRUE_FATAL(funnel->step_count > 0);
        const wb_one_shot_step *last = &funnel->steps[funnel->step_count - 1];
        says(rows[i].name, "the last step", last->text, rows[i].last_step);
        CU_ASSERT_EQUAL(last->kind, rows[i].last_kind);
        says(rows[i].name, "what helps", found.fixes.count > 0 ? found.fixes.items[0].text : NULL,
             rows[i].best_fix);
        wb_one_shot_fixture_release(&f);
    }
}

/* Each remedy, carried out by hand, must do what it promises: the price of the claims is the sum
 * that the explanation adds. */
static void remedies_cost_what_they_say(void)
{
    wb_one_shot_fixture f;
    wb_one_shot_explanation found;
    wb_one_shot_fixture_solve(&f, POOL("a", ""),
                              POD("  nodeSelector: {karpenter.k8s.aws/instance-family: c5}\n"));
    wb_one_shot_explain(&f.arena, &f.solution, 0, &found);
    CU_ASSERT_EQUAL_FATAL(found.fixes.count, 2);
    CU_ASSERT_FALSE(found.fixes.are_pairs);
    const double dropped = found.fixes.items[0].added_price_usd_per_hour;
    wb_one_shot_fixture_release(&f);
    wb_one_shot_fixture_solve(&f, POOL("a", ""), POD(""));
    CU_ASSERT_EQUAL(f.solution.left_count, 0);
    CU_ASSERT_DOUBLE_EQUAL(f.solution.price_usd_per_hour, dropped, 1e-12);
    wb_one_shot_fixture_release(&f);
}

/* One zone has a node with room for four, and the limit allows no other: spread, one of five pods
 * is placed. More pods come before less money. */
static void remedies_come_by_pods_then_by_price(void)
{
    static const char files[] =
        "apiVersion: v1\nkind: Node\nmetadata:\n  name: n\n  labels: {kubernetes.io/hostname: n, "
        "topology.kubernetes.io/zone: us-east-1a}\nstatus:\n"
        "  allocatable: {cpu: 4, memory: 16Gi, pods: 50}\n"
        "  capacity: {cpu: 4, memory: 16Gi, pods: 50}\n"
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 5\n"
        "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
        "    spec:\n      containers: [{name: c, image: i, resources: {requests: {cpu: 1}}}]\n"
        "      topologySpreadConstraints: [{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, "
        "whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]\n";
    wb_one_shot_fixture f;
    wb_one_shot_explanation found;
    wb_one_shot_fixture_solve(&f, POOL("a", "  limits: {cpu: 1}\n"), files);
    CU_ASSERT_EQUAL_FATAL(f.solution.left_count, 4);
    wb_one_shot_explain(&f.arena, &f.solution, 4, &found);
    CU_ASSERT_FALSE(found.is_placed);
    CU_ASSERT_EQUAL(found.nodes.offered, 1);
    CU_ASSERT_EQUAL(found.nodes.other, 1);
    CU_ASSERT_EQUAL_FATAL(found.fixes.count, 2);
    says("first", "what helps", found.fixes.items[0].text, "raise the limit cpu of NodePool a");
    says("second", "what helps", found.fixes.items[1].text, "ScheduleAnyway");
    CU_ASSERT_EQUAL(found.fixes.items[0].placed_count, 5);
    CU_ASSERT_EQUAL(found.fixes.items[1].placed_count, 4);
    CU_ASSERT_TRUE(found.fixes.items[0].added_price_usd_per_hour >
                   found.fixes.items[1].added_price_usd_per_hour);
    wb_one_shot_fixture_release(&f);
}

static void pods_are_found_by_any_of_their_names(void)
{
    static const char *const names[] = {"p", "default/p", "Pod/p", "Pod/default/p"};
    wb_one_shot_fixture f;
    wb_one_shot_fixture_solve(&f, POOL("a", ""), POD(""));
    for (size_t i = 0; i < WB_TEST_COUNT(names); i++) {
        uint32_t index = 7;
        CU_ASSERT_EQUAL(wb_one_shot_explain_find(&f.arena, &f.solution, names[i], &index, &f.err),
                        WB_OK);
        CU_ASSERT_EQUAL(index, 0);
    }
    uint32_t index = 7;
    CU_ASSERT_EQUAL(wb_one_shot_explain_find(&f.arena, &f.solution, "other/p", &index, &f.err),
                    WB_ERR_INPUT);
    CU_ASSERT_EQUAL(index, 7);
    wb_one_shot_fixture_release(&f);
}

static const wb_test_case cases[] = {
    {"each reason is named, and its remedy", reasons_and_remedies},
    {"a remedy costs what the explanation says", remedies_cost_what_they_say},
    {"remedies come by pods, then by price", remedies_come_by_pods_then_by_price},
    {"pods are found by any of their names", pods_are_found_by_any_of_their_names},
};

int main(void)
{
    return wb_test_run("one_shot_explain", cases, WB_TEST_COUNT(cases));
}
