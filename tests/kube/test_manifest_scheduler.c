/* KubeSchedulerConfiguration: what is refused, what is warned of, and what the rest decodes to. */
#include "tests/kube/manifest_fixture.h"

#define HEAD "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"
#define ARGS HEAD "profiles:\n- pluginConfig:\n  - "

static const wb_manifest_fixture_case rows[] = {
    {"nothing but a head", HEAD, ""},
    {"parts that decide nothing pass",
     HEAD "leaderElection: {leaderElect: true}\nparallelism: 16\nclientConnection: {qps: 50}\n",
     ""},
    {"another version",
     "apiVersion: kubescheduler.config.k8s.io/v1beta3\nkind: KubeSchedulerConfiguration\n",
     "E 1:13: apiVersion: is 'kubescheduler.config.k8s.io/v1beta3', expected "
     "kubescheduler.config.k8s.io/v1\n"},
    {"an unknown field", HEAD "podInitialBackofSeconds: 2\n",
     "W 3:1: unknown field 'podInitialBackofSeconds', did you mean 'podInitialBackoffSeconds'?\n"},
    {"extenders are named", HEAD "extenders: [{urlPrefix: x}]\n",
     "W 3:12: extenders: is not "
     "simulated\n"},
    {"percentage", HEAD "percentageOfNodesToScore: 101\n",
     "E 3:27: percentageOfNodesToScore: is 101, expected 0 to 100\n"},
    {"no back-off", HEAD "podInitialBackoffSeconds: 0\n",
     "E 3:27: podInitialBackoffSeconds: Invalid value: 0: must be greater than 0\n"},
    {"the longest back-off below the first", HEAD "podInitialBackoffSeconds: 20\n",
     "E 1:1: podMaxBackoffSeconds is below podInitialBackoffSeconds\n"},
    {"two profiles of one name", HEAD "profiles: [{schedulerName: a}, {schedulerName: a}]\n",
     "E 3:32: profiles[1]: schedulerName is that of another profile\n"},
    {"a plugin of somebody else's",
     HEAD "profiles: [{plugins: {score: {enabled: [{name: Coscheduling}]}}}]\n",
     "W 3:48: profiles[0].plugins.score.enabled[0].name: 'Coscheduling' does not come with "
     "kube-scheduler: it is left out\n"},
    {"a filter that is turned off",
     HEAD "profiles: [{plugins: {filter: {disabled: [{name: NodePorts}]}}}]\n",
     "W 3:50: profiles[0].plugins.filter.disabled[0].name: 'NodePorts' is disabled beyond its "
     "score, which is not simulated: filters, queue and binding stay as they are\n"},
    {"a weight below nothing",
     HEAD "profiles: [{plugins: {score: {enabled: [{name: NodeAffinity, weight: -1}]}}}]\n",
     "E 3:70: profiles[0].plugins.score.enabled[0].weight: is -1, expected 0 (counts as 1) to "
     "1000000\n"},
    {"a strategy of no name",
     ARGS "{name: NodeResourcesFit, args: {scoringStrategy: {type: Most}}}\n",
     "E 5:61: profiles[0].pluginConfig[0].args.scoringStrategy.type: Invalid value: \"Most\": must "
     "be one of LeastAllocated, MostAllocated, RequestedToCapacityRatio\n"},
    {"a resource twice",
     ARGS "{name: NodeResourcesFit, args: {scoringStrategy: {resources: [{name: cpu}, "
          "{name: cpu}]}}}\n",
     "E 5:87: profiles[0].pluginConfig[0].args.scoringStrategy.resources[1].name: 'cpu' is there "
     "twice\n"},
    {"a ratio without a curve",
     ARGS "{name: NodeResourcesFit, args: {scoringStrategy: {type: RequestedToCapacityRatio}}}\n",
     "E 5:54: profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape: is "
     "empty, expected at least one point {utilization, score}\n"},
    {"a curve that turns back",
     ARGS "{name: NodeResourcesFit, args: {scoringStrategy: {type: RequestedToCapacityRatio, "
          "requestedToCapacityRatio: {shape: [{utilization: 9, score: 1}, {utilization: 9, score: "
          "11}]}}}}\n",
     "E 5:174: profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[1]"
     ".score: is 11, expected 0 to 10\n"
     "E 5:150: profiles[0].pluginConfig[0].args.scoringStrategy.requestedToCapacityRatio.shape[1]"
     ": utilization 9 does not lie above the point before it\n"},
    {"hard default constraints",
     ARGS "{name: PodTopologySpread, args: {defaultingType: List, defaultConstraints: "
          "[{maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule}]}}\n",
     "E 5:81: profiles[0].pluginConfig[0].args.defaultConstraints[0]: whenUnsatisfiable: "
     "DoNotSchedule is not simulated for default constraints, expected ScheduleAnyway\n"},
    {"default constraints of the system's kind",
     ARGS "{name: PodTopologySpread, args: {defaultConstraints: "
          "[{maxSkew: 1, topologyKey: z, whenUnsatisfiable: ScheduleAnyway}]}}\n",
     "E 5:58: profiles[0].pluginConfig[0].args.defaultConstraints: when .defaultingType is "
     "System, it must be empty\n"},
    {"no candidates for preemption",
     ARGS "{name: DefaultPreemption, args: {minCandidateNodesPercentage: 0, "
          "minCandidateNodesAbsolute: 0}}\n",
     "E 5:37: profiles[0].pluginConfig[0].args: minCandidateNodesPercentage and "
     "minCandidateNodesAbsolute cannot both be zero\n"},
    {"what else would change decisions", ARGS "{name: NodeAffinity, args: {addedAffinity: {}}}\n",
     "W 5:48: profiles[0].pluginConfig[0].args.addedAffinity: is not simulated\n"},
};

/* Reads one configuration; its findings are in the fixture. */
static bool read_config(wb_manifest_fixture *f, const char *text, wb_scheduler_config *out)
{
    wb_document_stream stream = {0};
    wb_error err = {.text = ""};
    const wb_document_input input = {.file = "m", .text = text, .length = strlen(text)};
    if (wb_document_read_text(&f->arena, &input, &stream, &err) != WB_OK) {
        printf("\n%s\n", err.text);
        CU_FAIL_FATAL("the test's own document cannot be read");
    }
    return wb_manifest_decode_scheduler_config(&f->context, stream.roots[0], out);
}

static void test_rules(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_manifest_fixture f;
        wb_manifest_fixture_init(&f);
        wb_scheduler_config config;
        const bool is_good = read_config(&f, rows[i].body, &config);
        CU_ASSERT_EQUAL(is_good, f.findings.error_count == 0);
        const char *told = wb_manifest_fixture_tell(&f);
        if (strcmp(told, rows[i].expected) != 0) {
            printf("\n%s:\n  told     %s  expected %s", rows[i].name, told, rows[i].expected);
        }
        CU_ASSERT_STRING_EQUAL(told, rows[i].expected);
        wb_manifest_fixture_release(&f);
    }
}

static const char full[] = HEAD
    "percentageOfNodesToScore: 30\npodInitialBackoffSeconds: 2\npodMaxBackoffSeconds: 60\n"
    "profiles:\n"
    "- schedulerName: packing\n"
    "  percentageOfNodesToScore: 70\n"
    "  plugins:\n"
    "    multiPoint: {disabled: [{name: DefaultPreemption}], enabled: [{name: NodeAffinity}]}\n"
    "    score: {disabled: [{name: ImageLocality}], enabled: [{name: TaintToleration, weight: "
    "9}]}\n"
    "  pluginConfig:\n"
    "  - {name: NodeResourcesFit, args: {scoringStrategy: {type: RequestedToCapacityRatio,\n"
    "     resources: [{name: cpu, weight: 7}], requestedToCapacityRatio: {shape:\n"
    "     [{utilization: 0, score: 0}, {utilization: 100, score: 10}]}}}}\n"
    "  - {name: PodTopologySpread, args: {defaultingType: List, defaultConstraints:\n"
    "     [{maxSkew: 2, topologyKey: z, whenUnsatisfiable: ScheduleAnyway}]}}\n"
    "  - {name: InterPodAffinity, args: {hardPodAffinityWeight: 40,\n"
    "     ignorePreferredTermsOfExistingPods: true}}\n"
    "  - {name: DefaultPreemption, args: {minCandidateNodesAbsolute: 5}}\n"
    "- {}\n";

static void test_values(void)
{
    wb_manifest_fixture f;
    wb_manifest_fixture_init(&f);
    wb_scheduler_config config;
    CU_ASSERT_TRUE_FATAL(read_config(&f, full, &config));
    CU_ASSERT_STRING_EQUAL(wb_manifest_fixture_tell(&f), "");
    CU_ASSERT_EQUAL(config.first_backoff_ms, 2000);
    CU_ASSERT_EQUAL(config.longest_backoff_ms, 60000);
    CU_ASSERT_EQUAL_FATAL(config.profile_count, 2);
    const wb_scheduler_profile *packing = &config.profiles[0];
    static const int32_t weights[WB_SCORE_PLUGIN_COUNT] = {9, 1, 1, 2, 2, 1, 0};
    for (uint32_t i = 0; i < WB_SCORE_PLUGIN_COUNT; i++) {
        CU_ASSERT_EQUAL(packing->weights[i], weights[i]);
    }
    CU_ASSERT(wb_manifest_fixture_is(&f, packing->scheduler_name, "packing"));
    CU_ASSERT_EQUAL(packing->percentage_of_nodes_to_score, 70);
    CU_ASSERT(packing->preemption_is_off);
    CU_ASSERT_EQUAL(packing->strategy, WB_SCORE_CAPACITY_RATIO);
    CU_ASSERT_EQUAL_FATAL(packing->resource_count, 1);
    CU_ASSERT_EQUAL(packing->resources[0].weight, 7);
    CU_ASSERT_EQUAL_FATAL(packing->point_count, 2);
    CU_ASSERT_EQUAL(packing->points[1].score, 100);
    CU_ASSERT_EQUAL_FATAL(packing->default_spread_count, 1);
    CU_ASSERT(!packing->has_system_spreads);
    CU_ASSERT_EQUAL(packing->default_spreads[0].max_skew, 2);
    CU_ASSERT_EQUAL(packing->hard_affinity_weight, 40);
    CU_ASSERT(packing->ignores_preferred_terms_of_existing);
    CU_ASSERT_EQUAL(packing->candidate_least, 5);
    const wb_scheduler_profile *plain = &config.profiles[1];
    CU_ASSERT(wb_manifest_fixture_is(&f, plain->scheduler_name, "default-scheduler"));
    CU_ASSERT_EQUAL(plain->percentage_of_nodes_to_score, 30);
    CU_ASSERT(plain->has_system_spreads);
    CU_ASSERT_EQUAL(plain->weights[WB_SCORE_TAINT_TOLERATION], 3);
    wb_manifest_fixture_release(&f);
}

static const wb_test_case cases[] = {
    {"what is refused and what is warned of", test_rules},
    {"what the rest decodes to", test_values},
};

int main(void)
{
    return wb_test_run("scheduler configuration", cases, WB_TEST_COUNT(cases));
}
