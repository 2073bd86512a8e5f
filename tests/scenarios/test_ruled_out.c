/* What explain says was ruled out for a NodeClaim: pools that were asked before, constraint by
 * constraint the types, and for a replacement those that are no cheaper. */
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"

#define POOL(name, weight, team)                                                             \
    "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: " name "}\nspec:\n"       \
    "  weight: " weight "\n"                                                                 \
    "  disruption: {consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s}\n" \
    "  template:\n    metadata: {labels: {team: " team "}}\n    spec:\n"                     \
    "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n"
#define TYPES(names)                                                                 \
    "      requirements:\n"                                                          \
    "      - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}\n" \
    "      - {key: node.kubernetes.io/instance-type, operator: In, values: [" names "]}\n"

static const char gold[] = POOL("gold", "30", "mine")
    TYPES("m5.large") "      taints: [{key: gold, value: \"1\", effect: NoSchedule}]\n";
static const char other[] = POOL("other", "20", "other") TYPES("m5.large");
static const char small[] = POOL("small", "10", "mine") TYPES("t3.micro");
static const char last[] =
    POOL("default", "1", "mine") TYPES("m5.large, m5.xlarge, m5.2xlarge, m6g.2xlarge, c5.2xlarge");
static const char class[] =
    "apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: default}\n"
    "spec:\n  role: r\n  amiSelectorTerms: [{alias: al2023@latest}]\n"
    "  subnetSelectorTerms: [{tags: {a: b}}]\n  securityGroupSelectorTerms: [{tags: {a: b}}]\n";

static const char workload[] =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n"
    "    spec:\n      nodeSelector: {kubernetes.io/arch: amd64, team: mine}\n"
    "      containers: [{name: c, image: x, resources: {requests: {cpu: 2, memory: 1Gi}}}]\n";

static const char scenario[] =
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: ruled-out}\nspec:\n  horizon: 2h\n"
    "  zones: [us-east-1a]\n  workload:\n  - {manifest: web.yaml, at: 0s}\n"
    "  - {scale: {kind: Deployment, name: web, replicas: 1}, at: 1h}\n"
    "  contenders: [{name: karpenter, kind: karpenter, manifests: [gold.yaml, other.yaml, "
    "small.yaml, last.yaml, class.yaml]}]\n";

/* A quote is doubled, as SQL has it. */
static const struct {
    const char *name, *text;
    int claim_id;
} rows[] = {
    {"a taint", "NodePool gold was asked before: its taints are not tolerated; ", 0},
    {"a selector", "NodePool other was asked before: the pods'' node selector excludes it; ", 0},
    {"no room", "NodePool small was asked before: no type of it would do, or its limits are used",
     0},
    {"the pool's types", " by the NodePool''s node.kubernetes.io/instance-type In [", 0},
    {"what the pods ask for", ", 1 by the pods'' kubernetes.io/arch In [amd64], ", 0},
    {"room", ", 2 by room for 6 cpu, 3Gi memory, 3 pods", 0},
    {"a replacement need not have a pod", "of ", 1},
    {"a replacement has to be cheaper", " by being no cheaper than what it replaces", 1},
};

static void say_what_was_ruled_out(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    static const char *const files[][2] = {{"gold.yaml", gold},   {"other.yaml", other},
                                           {"small.yaml", small}, {"last.yaml", last},
                                           {"class.yaml", class}, {"web.yaml", workload},
                                           {"s.yaml", scenario}};
    for (size_t i = 0; i < WB_TEST_COUNT(files); i++) {
        (void)wb_scratch_folder_write(&fixture.folder, files[i][0], files[i][1],
                                      strlen(files[i][1]));
    }
    CU_ASSERT_FATAL(
        wb_run_fixture_load(&fixture, wb_scratch_folder_join(&fixture.folder, "s.yaml")));
    const wb_run_figures found = wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR);
    CU_ASSERT(wb_run_fixture_count_rows(&fixture, NULL,
                                        "SELECT 1 FROM claims WHERE run_id = ?1 AND ruled_out"
                                        " IS NOT NULL AND claim_id IN (0, 1)",
                                        found.run_id) == 2);
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        char sql[400];
        (void)snprintf(sql, sizeof sql,
                       "SELECT claim_id, ruled_out FROM claims WHERE run_id = ?1 AND claim_id = %d"
                       " AND instr(ruled_out, '%s') = 0",
                       rows[i].claim_id, rows[i].text);
        CU_ASSERT_EQUAL(wb_run_fixture_count_rows(&fixture, rows[i].name, sql, found.run_id), 0);
    }
    wb_run_fixture_release(&fixture);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"pools and types are ruled out by name", say_what_was_ruled_out},
    };
    return wb_test_run("ruled out", cases, WB_TEST_COUNT(cases));
}
