/* One row per check: files that it is told of, and files beside them that it is not. */
#include <string.h>

#include "kube/names.h"
#include "scenarios/one_shot/lint.h"
#include "tests/harness.h"
#include "tests/scenarios/one_shot_fixture.h"

#define FIRST "        - {key: karpenter.k8s.aws/instance-category, operator: In, values: [c, m]}\n"
#define POOL(name, top, requirements)                                                             \
    "---\napiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: " name "}\n"              \
    "spec:\n" top "  template:\n    spec:\n      nodeClassRef: {group: karpenter.k8s.aws, kind: " \
    "EC2NodeClass, name: default}\n      requirements:\n" FIRST requirements
#define CLASS                                                                                \
    "---\napiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: default}\n" \
    "spec:\n  role: node\n  amiSelectorTerms: [{alias: al2023@latest}]\n"                    \
    "  subnetSelectorTerms: [{tags: {a: b}}]\n"                                              \
    "  securityGroupSelectorTerms: [{tags: {a: b}}]\n"
#define WEB(replicas, spec)                                                                  \
    "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"             \
    "  replicas: " replicas "\n  selector: {matchLabels: {app: web}}\n  template:\n"         \
    "    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: c, image: i, " \
    "resources: {requests: {cpu: 1, memory: 1Gi}}}]\n" spec
#define SPREAD(key, more, app)                                              \
    "      topologySpreadConstraints: [{maxSkew: 1, topologyKey: " key ", " \
    "whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: " app "}}" more "}]\n"
#define AFFINITY(app)                                                                     \
    "      affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "     \
    "[{topologyKey: topology.kubernetes.io/zone, labelSelector: {matchLabels: {app: " app \
    "}}}]}}\n"
#define PDB(name, bound, app)                                                             \
    "---\napiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: " name "}\n" \
    "spec: {" bound "selector: {matchLabels: {app: " app "}}}\n"
#define A_POOL POOL("a", "", "") CLASS

static const struct {
    const char *name, *files;
    const char *told; /* checks in order, divided by blanks; errors with a ! */
} rows[] = {
    {"nothing bites", A_POOL WEB("2", ""), ""},
    {"a NodeClass that is not there", POOL("a", "", "") WEB("2", ""), "nodeclass-missing"},
    {"two requirements that exclude each other",
     POOL("a", "",
          "        - {key: karpenter.k8s.aws/instance-category, operator: In, values: [r]}\n")
         CLASS,
     "requirements-contradict!"},
    {"requirements that no type meets",
     POOL("a", "",
          "        - {key: karpenter.k8s.aws/instance-cpu, operator: Gt, values: ['9999']}\n")
         CLASS,
     "pool-without-types!"},
    {"minValues that are met",
     POOL("a", "",
          "        - {key: karpenter.k8s.aws/instance-family, operator: In, values: [m5, c5, m6a], "
          "minValues: 3}\n") CLASS,
     ""},
    {"minValues more than the families that are left",
     POOL("a", "",
          "        - {key: karpenter.k8s.aws/instance-family, operator: In, values: "
          "[m5, c5, r5], minValues: 3}\n") CLASS,
     "min-values-unmet!"},
    {"a limit below one node", POOL("a", "  limits: {cpu: 500m}\n", "") CLASS, "limit-below-node!"},
    {"no node at all", POOL("a", "  limits: {nodes: 0}\n", "") CLASS, "limit-below-node!"},
    {"a heavier pool that takes everything",
     POOL("a", "  weight: 10\n", "")
         POOL("b", "", "        - {key: kubernetes.io/arch, operator: In, values: [amd64]}\n")
             CLASS,
     "pool-never-wins"},
    {"a heavier pool that takes other things",
     POOL("a", "  weight: 10\n",
          "        - {key: kubernetes.io/arch, operator: In, values: [arm64]}\n")
         POOL("b", "", "        - {key: kubernetes.io/arch, operator: In, values: [amd64]}\n")
             CLASS,
     ""},
    {"a heavier pool with a limit leaves something",
     POOL("a", "  weight: 10\n  limits: {cpu: 1000}\n", "") POOL("b", "", "") CLASS, ""},
    {"a heavier pool with a taint leaves what does not tolerate it",
     POOL("a", "  weight: 10\n", "      taints: [{key: k, effect: NoSchedule}]\n") POOL("b", "", "")
         CLASS,
     ""},
    {"a lighter pool with a label of its own can be asked for",
     POOL("a", "  weight: 10\n", "")
         POOL("b", "", "        - {key: team, operator: In, values: [ml]}\n") CLASS,
     ""},
    {"a spot pool with few types",
     POOL("a", "",
          "        - {key: karpenter.sh/capacity-type, operator: In, values: [spot]}\n"
          "        - {key: karpenter.k8s.aws/instance-family, operator: In, values: [m5]}\n") CLASS,
     "spot-to-spot"},
    {"a budget of nothing",
     POOL("a", "  disruption: {consolidateAfter: 0s, budgets: [{nodes: '0'}]}\n", "") CLASS,
     "budget-blocks"},
    {"a pod that fits nowhere", A_POOL WEB("1", "      nodeSelector: {team: ml}\n"),
     "pod-unserved!"},
    {"a pod that opts out of Karpenter's nodes means it",
     A_POOL WEB("1",
                "      affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
                "{nodeSelectorTerms: [{matchExpressions: [{key: karpenter.sh/nodepool, operator: "
                "DoesNotExist}]}]}}}\n"),
     ""},
    {"a selector and an affinity that exclude each other",
     A_POOL WEB("1",
                "      nodeSelector: {kubernetes.io/arch: amd64}\n"
                "      affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
                "{nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/arch, operator: In, "
                "values: [arm64]}]}]}}}\n"),
     "requirements-contradict!"},
    {"an affinity to nothing", A_POOL WEB("1", AFFINITY("cache")), "affinity-to-nothing!"},
    {"an affinity to itself", A_POOL WEB("2", AFFINITY("web")), ""},
    {"a key that no node has", A_POOL WEB("1", SPREAD("example.com/rack", "", "web")),
     "unknown-topology-key!"},
    {"a key that a pool gives",
     POOL("a", "", "        - {key: example.com/rack, operator: In, values: [r1]}\n")
         CLASS WEB("1", SPREAD("example.com/rack", "", "web")),
     ""},
    {"more domains than there are zones",
     A_POOL WEB("4", SPREAD("topology.kubernetes.io/zone", ", minDomains: 4", "web")),
     "pod-unserved! spread-unsatisfiable!"},
    {"more domains than there are zones, and few pods",
     A_POOL WEB("2", SPREAD("topology.kubernetes.io/zone", ", minDomains: 4", "web")),
     "spread-unsatisfiable"},
    {"a spread over others", A_POOL WEB("2", SPREAD("topology.kubernetes.io/zone", "", "x")),
     "spread-selects-others"},
    {"a limit below what the pods need", POOL("a", "  limits: {cpu: 4}\n", "") CLASS WEB("9", ""),
     "limit-below-need"},
    {"a pod without requests",
     A_POOL "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
            "spec: {containers: [{name: c, image: i}]}\n",
     "no-requests"},
    {"a budget that allows none", A_POOL WEB("2", "") PDB("b", "maxUnavailable: 0, ", "web"),
     "pdb-blocks-drain!"},
    {"a budget that wants all", A_POOL WEB("2", "") PDB("b", "minAvailable: 100%, ", "web"),
     "pdb-blocks-drain!"},
    {"a budget that wants as many as there are",
     A_POOL WEB("2", "") PDB("b", "minAvailable: 2, ", "web"), "pdb-blocks-drain!"},
    {"a budget that leaves one", A_POOL WEB("2", "") PDB("b", "minAvailable: 1, ", "web"), ""},
    {"a budget without bounds", A_POOL WEB("2", "") PDB("b", "", "web"), "pdb-blocks-drain!"},
    {"a budget for nobody", A_POOL WEB("2", "") PDB("b", "minAvailable: 1, ", "db"),
     "pdb-selects-nothing"},
    {"two budgets for one pod",
     A_POOL WEB("2", "") PDB("b", "minAvailable: 1, ", "web") PDB("c", "minAvailable: 1, ", "web"),
     "pdb-overlap!"},
};

static void print_told(const wb_lint_report *report, wb_text *out)
{
    for (uint32_t i = 0; i < report->count; i++) {
        wb_text_add_format(out, "%s%s%s", i > 0 ? " " : "", report->findings[i].check,
                           report->findings[i].severity == WB_SEVERITY_ERROR ? "!" : "");
    }
}

static void each_check_is_told_of_what_it_should(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_one_shot_fixture f;
        wb_lint_report report;
        wb_one_shot_fixture_read(&f, rows[i].files, NULL, true);
        if (f.status != WB_OK) {
            printf("\n%s: %s\n", rows[i].name, f.err.text);
            CU_FAIL_FATAL("the test's own files are refused");
        }
        wb_lint_run(&f.arena, &f.input, &report);
        wb_text told;
        wb_text_init(&told);
        print_told(&report, &told);
        if (strcmp(wb_text_string(&told), rows[i].told) != 0) {
            printf("\n%s: '%s', not '%s'\n", rows[i].name, wb_text_string(&told), rows[i].told);
            CU_FAIL("other findings");
        }
        wb_text_release(&told);
        wb_one_shot_fixture_release(&f);
    }
}

static void findings_have_places(void)
{
    wb_one_shot_fixture f;
    wb_lint_report report;
    wb_one_shot_fixture_read(&f, POOL("a", "  limits:\n    cpu: 500m\n", "") CLASS, NULL, true);
    CU_ASSERT_EQUAL_FATAL(f.status, WB_OK);
    wb_lint_run(&f.arena, &f.input, &report);
    CU_ASSERT_EQUAL_FATAL(report.count, 1);
    CU_ASSERT_EQUAL(report.findings[0].position.line, 7);
    CU_ASSERT_STRING_EQUAL(report.findings[0].path, "spec.limits.cpu");
    CU_ASSERT_STRING_EQUAL(report.findings[0].object, "NodePool a");
    wb_one_shot_fixture_release(&f);
}

/* solve refuses manifests, and takes a dump as it is: the API server has accepted it. */
static void refusals_are_for_manifests(void)
{
    static const char *const statuses[] = {"", "status: {replicas: 1}\n"};
    for (size_t i = 0; i < 2; i++) {
        wb_one_shot_fixture f;
        wb_text files;
        wb_text_init(&files);
        wb_text_add_format(&files, "%s%s%s", A_POOL, WEB("1", AFFINITY("cache")), statuses[i]);
        wb_one_shot_fixture_read(&f, wb_text_string(&files), NULL, false);
        CU_ASSERT_EQUAL_FATAL(f.status, WB_OK);
        CU_ASSERT_EQUAL(wb_lint_refuse(&f.arena, &f.input, &f.findings, &f.err),
                        i == 0 ? WB_ERR_INPUT : WB_OK);
        CU_ASSERT_EQUAL(f.findings.error_count, i == 0 ? 1 : 0);
        wb_text_release(&files);
        wb_one_shot_fixture_release(&f);
    }
}

static const wb_test_case cases[] = {
    {"each check is told of what it should be", each_check_is_told_of_what_it_should},
    {"findings have places", findings_have_places},
    {"refusals are for manifests, not for dumps", refusals_are_for_manifests},
};

int main(void)
{
    return wb_test_run("lint_checks", cases, WB_TEST_COUNT(cases));
}
