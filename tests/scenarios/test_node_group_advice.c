/*
 * Which node groups are advised: by ratio, size, market, zones, GPUs, selectors; and that a
 * scenario takes what is printed.
 */
#include <string.h>

#include "scenarios/node_group_advice.h"
#include "tests/harness.h"
#include "tests/kube/manifest_fixture.h"
#include "tests/scenarios/scenario_fixture.h"
#include "tools/cli/nodegroups_output.h"

/* A NodePool of plain c, m and r types; more: lines of the template's spec, and requirements. */
#define POOL(name, markets, spec, requirements)                                          \
    "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: " name "}\n"          \
    "spec:\n  template:\n    spec:\n"                                                    \
    "      nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: d}\n" spec \
    "      requirements:\n"                                                              \
    "        - {key: karpenter.sh/capacity-type, operator: In, values: [" markets "]}\n" \
    "        - {key: karpenter.k8s.aws/instance-family, operator: In,\n"                 \
    "           values: [c5, m5, r5, c5a, m5a, r5a, c6g, m6g, r6g, g4dn]}\n" requirements "---\n"

/* A Deployment whose pods ask for so much. */
#define PODS(name, replicas, cpu, memory, spec)                                     \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " name "}\n"           \
    "spec:\n  replicas: " replicas "\n  selector: {matchLabels: {app: " name "}}\n" \
    "  template:\n    metadata: {labels: {app: " name "}}\n    spec:\n" spec        \
    "      containers:\n        - {name: c, image: i, resources: {requests:"        \
    " {cpu: " cpu ", memory: " memory "}}}\n---\n"

#define AMD "        - {key: kubernetes.io/arch, operator: In, values: [amd64]}\n"
#define SPREAD                                                           \
    "      topologySpreadConstraints:\n"                                 \
    "        - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone,\n" \
    "           whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: a}}}\n"

static const struct {
    const char *name, *files;
    const char *groups; /* "<name>: <first type> +<others> <market> max <max>[ per zone]", lines */
} cases[] = {
    {"one ratio: one group, with three of its pods a node",
     POOL("p", "on-demand", "", AMD) PODS("a", "10", "1", "4Gi", ""),
     "p-general: m5a.xlarge +1 on-demand max 1000\n"},
    {"much demand makes larger nodes",
     POOL("p", "on-demand", "", AMD) PODS("a", "400", "1", "4Gi", ""),
     "p-general: m5a.4xlarge +1 on-demand max 1000\n"},
    {"three ratios make three groups",
     POOL("p", "on-demand", "", AMD) PODS("a", "10", "1", "2Gi", "") PODS("b", "10", "1", "4Gi", "")
         PODS("c", "10", "1", "8Gi", ""),
     "p-compute: c5a.xlarge +1 on-demand max 1000\n"
     "p-general: m5a.xlarge +1 on-demand max 1000\n"
     "p-memory: r5a.xlarge +1 on-demand max 1000\n"},
    {"a small class joins the large one",
     POOL("p", "on-demand", "", AMD) PODS("a", "40", "1", "4Gi", "") PODS("b", "1", "1", "2Gi", ""),
     "p-general: m5a.xlarge +1 on-demand max 1000\n"},
    {"a few large pods get nodes of their own",
     POOL("p", "on-demand", "", AMD) PODS("a", "100", "500m", "2Gi", "")
         PODS("b", "1", "12", "48Gi", ""),
     "p-general: m5a.xlarge +1 on-demand max 1000\n"
     "p-general-large: m5a.4xlarge +1 on-demand max 1000\n"},
    {"spot has on-demand behind it",
     POOL("p", "spot, on-demand", "", AMD) PODS("a", "10", "1", "4Gi", ""),
     "p-general-spot: m5.xlarge +1 spot max 1000\n"
     "p-general: m5a.xlarge +1 on-demand max 1000\n"},
    {"pods that are spread over zones get a group in each",
     POOL("p", "on-demand", "", AMD) PODS("a", "10", "1", "4Gi", SPREAD),
     "p-general: m5a.xlarge +1 on-demand max 1000 per zone\n"},
    {"arm64 where the pool allows nothing else",
     POOL("p", "on-demand", "",
          "        - {key: kubernetes.io/arch, operator: In, values: [arm64]}\n")
         PODS("a", "10", "1", "4Gi", ""),
     "p-general-arm64: m6g.xlarge +0 on-demand max 1000\n"},
    {"a pool for those who tolerate it",
     POOL("own", "on-demand", "      taints: [{key: own, effect: NoSchedule}]\n", AMD)
         POOL("p", "on-demand", "", AMD) PODS("a", "10", "1", "4Gi", "")
             PODS("b", "10", "1", "4Gi",
                  "      tolerations: [{key: own, operator: Exists}]\n"
                  "      nodeSelector: {karpenter.sh/nodepool: own}\n"),
     "p-general: m5a.xlarge +1 on-demand max 1000\n"
     "own-general: m5a.xlarge +1 on-demand max 1000 taints own labels karpenter.sh/nodepool=own\n"},
    {"GPUs by their number",
     POOL("p", "on-demand", "", AMD) PODS("a", "2", "1", "4Gi}, limits: {nvidia.com/gpu: 1", "")
         PODS("b", "1", "1", "4Gi}, limits: {nvidia.com/gpu: 4", ""),
     "p-gpu1: g4dn.xlarge +0 on-demand max 1000\n"
     "p-gpu4: g4dn.12xlarge +0 on-demand max 1000\n"},
    {"pods that select a family",
     POOL("p", "on-demand", "", AMD) PODS("a", "10", "1", "4Gi", "") PODS(
         "b", "10", "1", "4Gi", "      nodeSelector: {karpenter.k8s.aws/instance-family: m5}\n"),
     "p-general: m5a.xlarge +1 on-demand max 1000\n"
     "p-general-2: m5.xlarge +0 on-demand max 1000 labels karpenter.k8s.aws/instance-family=m5\n"},
};

static void tell(const wb_intern *intern, const wb_catalog *catalog,
                 const wb_node_group_advice_set *set, wb_text *out)
{
    for (uint32_t i = 0; i < set->group_count; i++) {
        const wb_node_group *group = &set->groups[i].group;
        wb_text_add_format(out, "%s: %s +%u %s max %d%s", group->name,
                           wb_intern_text(intern, catalog->types[group->type_indexes[0]].name),
                           group->type_count - 1, wb_capacity_type_name(group->capacity_type),
                           group->max_count, group->is_per_zone ? " per zone" : "");
        for (uint32_t t = 0; t < group->taint_count; t++) {
            wb_text_add_format(out, " taints %s", wb_intern_text(intern, group->taints[t].key));
        }
        for (uint32_t l = 0; l < group->labels.count; l++) {
            wb_text_add_format(out, " labels %s=%s",
                               wb_intern_text(intern, group->labels.items[l].key),
                               wb_intern_text(intern, group->labels.items[l].value));
        }
        wb_text_add_string(out, "\n");
        CU_ASSERT(strlen(set->groups[i].why) > 20);
    }
}

/* Reads files and makes the advice; the fixture owns everything. */
static wb_status advise(wb_manifest_fixture *f, const char *files, wb_catalog *catalog,
                        wb_node_group_demand *demand, wb_node_group_advice *out)
{
    wb_manifest_fixture_init(f);
    wb_manifest_fixture_load(f, files);
    CU_ASSERT_EQUAL(f->findings.error_count, 0);
    const wb_catalog_place place = {.region = "us-east-1"};
    CU_ASSERT_EQUAL_FATAL(wb_catalog_load(&f->arena, &f->intern, &place, catalog, NULL), WB_OK);
    wb_node_group_demand_init(demand, &f->arena, &f->intern);
    wb_node_group_demand_add_manifest(demand, &f->manifest);
    const wb_node_group_advice_input input = {
        .intern = &f->intern,
        .catalog = catalog,
        .pools = f->manifest.nodepools,
        .zones = catalog->zones,
        .pool_count = f->manifest.nodepool_count,
        .zone_count = catalog->zone_count,
        .demand = demand,
    };
    return wb_node_group_advice_make(&f->arena, &input, out, NULL);
}

static void advise_by_the_rules(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(cases); i++) {
        wb_manifest_fixture f;
        wb_catalog catalog;
        wb_node_group_demand demand;
        wb_node_group_advice advice;
        CU_ASSERT_EQUAL_FATAL(advise(&f, cases[i].files, &catalog, &demand, &advice), WB_OK);
        wb_text text;
        wb_text_init(&text);
        tell(&f.intern, &catalog, &advice.engineered, &text);
        const bool is_same = strcmp(wb_text_string(&text), cases[i].groups) == 0;
        if (!is_same) {
            printf("\n%s:\n%s", cases[i].name, wb_text_string(&text));
        }
        CU_ASSERT(is_same);
        CU_ASSERT_EQUAL(advice.naive.group_count, 1);
        CU_ASSERT_EQUAL(advice.naive.groups[0].group.type_count, 1);
        wb_text_release(&text);
        wb_manifest_fixture_release(&f);
    }
}

/* Nobody takes the pods, or there are none. */
static void refuse_what_has_no_answer(void)
{
    static const char *const files[] = {
        POOL("p", "on-demand", "", AMD),
        POOL("p", "on-demand", "      taints: [{key: own, effect: NoSchedule}]\n", AMD)
            PODS("a", "10", "1", "4Gi", ""),
        POOL("p", "on-demand", "", AMD) PODS("a", "1", "500", "4Gi", ""),
    };
    for (size_t i = 0; i < WB_TEST_COUNT(files); i++) {
        wb_manifest_fixture f;
        wb_catalog catalog;
        wb_node_group_demand demand;
        wb_node_group_advice advice;
        CU_ASSERT_EQUAL(advise(&f, files[i], &catalog, &demand, &advice), WB_ERR_INPUT);
        wb_manifest_fixture_release(&f);
    }
}

/* What -o yaml prints, put under spec, is a scenario that loads without a word. */
static void print_what_a_scenario_takes(void)
{
    wb_manifest_fixture f;
    wb_catalog catalog;
    wb_node_group_demand demand;
    wb_node_group_advice advice;
    static const char pods[] = PODS("a", "10", "1", "4Gi", SPREAD);
    static const char files[] =
        POOL("p", "spot, on-demand", "      taints: [{key: own, value: x, effect: NoExecute}]\n",
             AMD) PODS("a", "10", "1", "4Gi", SPREAD "      tolerations: [{operator: Exists}]\n");
    CU_ASSERT_EQUAL_FATAL(advise(&f, files, &catalog, &demand, &advice), WB_OK);
    const wb_nodegroups_output output = {.arena = &f.arena,
                                         .intern = &f.intern,
                                         .catalog = &catalog,
                                         .advice = &advice,
                                         .zone_count = catalog.zone_count};
    wb_text yaml;
    wb_text text;
    wb_text_init(&yaml);
    wb_text_init(&text);
    wb_nodegroups_output_yaml(&output, &yaml);
    wb_text_add_string(&text,
                       "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n"
                       "  horizon: 1h\n  workload: [{manifest: pods.yaml}]\n");
    for (const char *line = wb_text_string(&yaml); *line != '\0';) {
        const size_t length = strcspn(line, "\n") + 1;
        wb_text_add_format(&text, "  %.*s", (int)length, line);
        line += length;
    }
    wb_scenario_fixture scenario;
    wb_scenario_fixture_init(&scenario);
    (void)wb_scenario_fixture_write(&scenario, "pods.yaml", pods);
    (void)wb_scenario_fixture_write(&scenario, "s.yaml", wb_text_string(&text));
    wb_scenario_fixture_load(&scenario, "s.yaml");
    CU_ASSERT_EQUAL(scenario.status, WB_OK);
    CU_ASSERT_EQUAL(scenario.findings.warning_count, 0);
    CU_ASSERT_EQUAL_FATAL(scenario.scenario.contender_count, 2);
    CU_ASSERT_EQUAL(scenario.scenario.contenders[0].node_group_count, 2);
    CU_ASSERT(scenario.scenario.contenders[0].node_groups[0].is_per_zone);
    CU_ASSERT_EQUAL(scenario.scenario.contenders[0].node_groups[0].taint_count, 1);
    wb_scenario_fixture_release(&scenario);
    wb_text_release(&text);
    wb_text_release(&yaml);
    wb_manifest_fixture_release(&f);
}

static const wb_test_case tests[] = {
    {"groups follow the rules", advise_by_the_rules},
    {"what has no answer is refused", refuse_what_has_no_answer},
    {"a scenario takes what is printed", print_what_a_scenario_takes},
};

int main(void)
{
    return wb_test_run("node_group_advice", tests, WB_TEST_COUNT(tests));
}
