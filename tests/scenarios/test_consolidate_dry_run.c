/*
 * The dry run of disruption: one small cluster per row, and what is said of one of its nodes.
 *
 * Every cluster has the NodePool of the fixture (c, m and r types, spot and on-demand) unless a row
 * brings more; nodes are m5.xlarge, on demand, in us-east-1a, and have been there for a day.
 */
#include <string.h>

#include "kube/names.h"
#include "scenarios/one_shot/consolidate.h"
#include "tests/harness.h"
#include "tests/scenarios/one_shot_fixture.h"

#define CONDITION(type) \
    "{type: " type ", status: \"True\", lastTransitionTime: \"2026-08-02T12:00:00Z\"}"

/* A node and its claim; meta and claim_status are members of maps, with a comma in front. */
#define NODE_OF(name, pool, meta, claim_status, labels)                                            \
    "apiVersion: v1\nkind: Node\nmetadata: {name: " name                                           \
    ", creationTimestamp: \"2026-08-02T12:00:00Z\"" meta                                           \
    ", labels: {kubernetes.io/arch: amd64, kubernetes.io/os: linux, kubernetes.io/hostname: " name \
    ", karpenter.sh/nodepool: " pool ", karpenter.sh/capacity-type: on-demand,"                    \
    " node.kubernetes.io/instance-type: m5.xlarge, topology.kubernetes.io/zone: us-east-1a" labels \
    "}}\nspec: {providerID: \"aws:///" name "\"}\nstatus:\n"                                       \
    "  capacity: {cpu: \"4\", memory: 16Gi, pods: \"58\"}\n"                                       \
    "  allocatable: {cpu: 3920m, memory: 14Gi, pods: \"58\"}\n"                                    \
    "  conditions: [{type: Ready, status: \"True\", lastHeartbeatTime: \"2026-08-03T12:00:00Z\"}]" \
    "\n---\napiVersion: karpenter.sh/v1\nkind: NodeClaim\nmetadata: {name: c-" name                \
    ", creationTimestamp: \"2026-08-02T12:00:00Z\", labels: {karpenter.sh/nodepool: " pool         \
    "}}\nspec:\n  nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n"   \
    "  requirements: []\nstatus:\n  providerID: \"aws:///" name "\"\n  nodeName: " name "\n"       \
    "  conditions: [" CONDITION("Launched") ", " CONDITION("Initialized") claim_status "]\n---\n"
#define INITIALIZED ", karpenter.sh/initialized: \"true\""
#define NODE(name)  NODE_OF(name, "general", "", "", INITIALIZED)

/* A running pod; meta and spec are members of maps, with a comma in front. */
#define POD_OF(name, node, cpu, meta, spec)                                                       \
    "apiVersion: v1\nkind: Pod\nmetadata: {name: " name ", namespace: shop, labels: {app: web}"   \
    ", ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web, uid: u, controller: " \
    "true}]" meta "}\nspec: {nodeName: " node ", containers: [{name: c, image: i, resources: "    \
    "{requests: {cpu: " cpu ", memory: 1Gi}}}]" spec                                              \
    "}\nstatus: {phase: Running, startTime: \"2026-08-02T12:00:00Z\"}\n---\n"
#define POD(name, node, cpu) POD_OF(name, node, cpu, "", "")

#define PDB(name, rule, allowed)                                                                   \
    "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: " name ", namespace: shop" \
    "}\nspec: {" rule                                                                              \
    ", selector: {matchLabels: {app: web}}}\nstatus: {disruptionsAllowed: " allowed                \
    ", currentHealthy: 1, desiredHealthy: 1, expectedPods: 1}\n---\n"

/* A NodePool of one family, with so much of a disruption block. */
#define POOL(name, more, disruption)                                                        \
    "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: " name "}\nspec:\n" more \
    "  template:\n    spec:\n"                                                              \
    "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}\n"   \
    "      requirements:\n"                                                                 \
    "        - {key: karpenter.k8s.aws/instance-family, operator: In, values: [m5]}\n"      \
    "        - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}\n"      \
    "  disruption: {" disruption "}\n---\n"
#define OTHER(name, disruption) POOL(name, "", disruption) NODE_OF("n", name, "", "", INITIALIZED)

static const struct {
    const char *name, *files;
    const char *node; /* NULL: only the commands matter */
    const char *code, *text;
    uint32_t command_count;
    const char *policy; /* NULL: none */
} rows[] = {
    {"an empty node goes", NODE("n"), NULL, "", "", 1, NULL},
    {"a node whose pod fits on a smaller one is replaced", NODE("n") POD("p", "n", "1"),
     "general-new-1", "spot-to-spot-disabled", "c6a.large", 1, "budgets=100%"},
    {"two half-empty nodes become one",
     OTHER("other", "consolidateAfter: 0s, budgets: [{nodes: \"2\"}]")
         NODE_OF("m", "other", "", "", INITIALIZED) POD("p", "n", "1500m") POD("q", "m", "2"),
     NULL, "", "", 1, NULL},
    {"do-not-disrupt on the node",
     NODE_OF("n", "general", ", annotations: {karpenter.sh/do-not-disrupt: \"true\"}", "",
             INITIALIZED),
     "n", "node-do-not-disrupt", "annotated", 0, NULL},
    {"do-not-disrupt on a pod names the pod",
     NODE("n") POD_OF("p", "n", "1", ", annotations: {karpenter.sh/do-not-disrupt: \"true\"}", ""),
     "n", "pod-do-not-disrupt", "shop/p", 0, NULL},
    {"do-not-disrupt for a time ends within the day",
     NODE("n") POD_OF("p", "n", "1", ", annotations: {karpenter.sh/do-not-disrupt: 30h}", ""), NULL,
     "", "", 1, NULL},
    {"a PDB names itself and the pod",
     NODE("n") POD("p", "n", "1") PDB("web", "minAvailable: 1", "0"), "n", "pdb",
     "PDB shop/web (minAvailable 1, 1 of 1 pods healthy) allows no eviction of shop/p", 0, NULL},
    {"two PDBs over one pod",
     NODE("n") POD("p", "n", "1") PDB("a", "minAvailable: 0", "1") PDB("b", "minAvailable: 0", "1"),
     "n", "multiple-pdbs", "PDBs shop/a and shop/b both select", 0, NULL},
    {"not initialized", NODE_OF("n", "general", "", "", ""), "n", "not-initialized",
     "it is not initialized", 0, NULL},
    {"being deleted, and a pod holds it",
     NODE_OF("n", "general", ", deletionTimestamp: \"2026-08-03T11:00:00Z\"", "", INITIALIZED)
         POD_OF("p", "n", "1", ", annotations: {karpenter.sh/do-not-disrupt: \"true\"}", ""),
     "n", "deleting", "deleting", 0, NULL},
    {"a NodePool that is not there", NODE_OF("n", "gone", "", "", INITIALIZED), "n",
     "nodepool-not-found", "not there", 0, NULL},
    {"static",
     POOL("fixed", "  replicas: 1\n", "consolidateAfter: 0s")
         NODE_OF("n", "fixed", "", "", INITIALIZED) POD("p", "n", "1"),
     "n", "static", "NodePool fixed is static: it keeps its 1 replicas", 0, NULL},
    {"consolidateAfter Never", OTHER("other", "consolidateAfter: Never"), "n",
     "consolidation-disabled", "NodePool other has consolidateAfter: Never", 0, NULL},
    {"WhenEmpty, and a pod",
     OTHER("other", "consolidateAfter: 0s, consolidationPolicy: WhenEmpty") POD("p", "n", "1"), "n",
     "policy-when-empty", "NodePool other consolidates WhenEmpty, and 1 pod runs here", 0, NULL},
    {"consolidateAfter longer than the day", OTHER("other", "consolidateAfter: 72h"), "n",
     "not-consolidatable", "due at 2026-08-05T12:00:00Z", 0, NULL},
    {"a budget of none", OTHER("other", "consolidateAfter: 0s, budgets: [{nodes: \"0\"}]"), "n",
     "budget", "budgets of NodePool other allow 0 of 1 nodes (0)", 0, NULL},
    {"an override opens that budget",
     OTHER("other", "consolidateAfter: 0s, budgets: [{nodes: \"0\"}]"), NULL, "", "", 1,
     "other/budgets=1"},
    {"nothing cheaper in the family",
     OTHER("other", "consolidateAfter: 0s")
         POD_OF("p", "n", "3", "", ", nodeSelector: {karpenter.sh/nodepool: other}"),
     "n", "not-cheaper", "m5.xlarge, launches for 0.1920 USD/h; this one costs 0.1920", 0, NULL},
    {"a pod that fits nowhere else",
     NODE("n") POD_OF("p", "n", "1", "", ", nodeSelector: {disk: here}"), "n",
     "pods-would-not-schedule", "shop/p fits on no other node", 0, NULL},
    {"drift replaces at any price",
     POOL("other", "", "consolidateAfter: Never")
         NODE_OF("n", "other", "", ", " CONDITION("Drifted"), INITIALIZED)
             POD_OF("p", "n", "3", "", ", nodeSelector: {karpenter.sh/nodepool: other}"),
     "other-new-1", "consolidation-disabled", "Never", 1, NULL},
};

static const wb_consolidate_stay *find_stay(const wb_consolidate_report *report, const char *node)
{
    for (uint32_t i = 0; i < report->stay_count; i++) {
        if (strcmp(wb_intern_text(report->input->intern, report->stays[i].node.name), node) == 0) {
            return &report->stays[i];
        }
    }
    return NULL;
}

/* Whether some reason of the node has that code and says that. */
static bool is_said(const wb_consolidate_stay *stay, const char *code, const char *text)
{
    for (uint32_t i = 0; stay != NULL && i < stay->reason_count; i++) {
        if (strcmp(stay->reasons[i].code, code) == 0 &&
            strstr(stay->reasons[i].text, text) != NULL) {
            return true;
        }
    }
    return false;
}

static void print_report(const wb_consolidate_report *report)
{
    printf(" %u commands", report->command_count);
    for (uint32_t i = 0; i < report->stay_count; i++) {
        printf("\n      %s:", wb_intern_text(report->input->intern, report->stays[i].node.name));
        for (uint32_t r = 0; r < report->stays[i].reason_count; r++) {
            printf(" %s (%s)", report->stays[i].reasons[r].code, report->stays[i].reasons[r].text);
        }
    }
}

static void run_rows(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_one_shot_fixture f;
        wb_one_shot_fixture_read(&f, wb_one_shot_fixture_pool, rows[i].files, false);
        CU_ASSERT_EQUAL_FATAL(f.status, WB_OK);
        const wb_consolidate_options options = {.policies = &rows[i].policy,
                                                .policy_count = rows[i].policy != NULL ? 1 : 0,
                                                .now_ms = -1,
                                                .within_ms = 24 * 3600 * 1000,
                                                .command_limit = 100};
        wb_consolidate_report report;
        CU_ASSERT_EQUAL_FATAL(wb_consolidate_run(&f.arena, &f.input, &options, &report, &f.err),
                              WB_OK);
        const bool is_right =
            report.command_count == rows[i].command_count && report.stopped == NULL &&
            (rows[i].node == NULL ||
             is_said(find_stay(&report, rows[i].node), rows[i].code, rows[i].text));
        CU_ASSERT(is_right);
        if (!is_right) {
            printf("\n    %s:", rows[i].name);
            print_report(&report);
        }
        wb_one_shot_fixture_release(&f);
    }
}

/* Savings are those of the nodes, and add up; nodes come and go as the commands say. */
static void adds_up(void)
{
    static const char files[] = NODE("a") NODE("b") POD("p", "a", "500m") POD("q", "b", "2");
    wb_one_shot_fixture f;
    wb_one_shot_fixture_read(&f, wb_one_shot_fixture_pool, files, false);
    static const char *const policies[] = {"budgets=100%"};
    const wb_consolidate_options options = {.policies = policies,
                                            .policy_count = 1,
                                            .now_ms = -1,
                                            .within_ms = 24 * 3600 * 1000,
                                            .command_limit = 100};
    wb_consolidate_report report;
    CU_ASSERT_EQUAL_FATAL(wb_consolidate_run(&f.arena, &f.input, &options, &report, &f.err), WB_OK);
    double saving = 0;
    uint32_t nodes = report.before_count;
    uint32_t moved = 0;
    for (uint32_t i = 0; i < report.command_count; i++) {
        const wb_consolidate_step *step = &report.commands[i];
        saving += step->saving_usd_per_hour;
        nodes += step->launched_count;
        nodes -= step->removed_count;
        moved += step->moved_count;
        CU_ASSERT(step->saving_usd_per_hour > 0);
    }
    CU_ASSERT(report.command_count > 0);
    CU_ASSERT_DOUBLE_EQUAL(saving, report.before_usd_per_hour - report.after_usd_per_hour, 1e-9);
    CU_ASSERT_EQUAL(nodes, report.after_count);
    CU_ASSERT_EQUAL(moved, report.moved_count);
    CU_ASSERT_EQUAL(report.stay_count, report.after_count);
    uint32_t pods = 0;
    for (uint32_t i = 0; i < report.stay_count; i++) {
        pods += report.stays[i].node.pod_count;
    }
    CU_ASSERT_EQUAL(pods, 2);
    wb_one_shot_fixture_release(&f);
}

static const wb_test_case cases[] = {
    {"each node's fate, and why", run_rows},
    {"commands add up to the totals", adds_up},
};

int main(void)
{
    return wb_test_run("consolidate", cases, WB_TEST_COUNT(cases));
}
