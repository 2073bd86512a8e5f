/* What a scenario says arrives where it is used; what it leaves out has its default; what the
 * command line says comes first. */
#include <string.h>

#include "kube/names.h"
#include "tests/harness.h"
#include "tests/scenarios/scenario_fixture.h"

static const char trace_text[] =
    "{\"trace\":\"werkbank/v1\",\"epoch\":\"2026-01-05T00:00:00Z\"}\n"
    "{\"shape\":0,\"template\":{\"spec\":{\"containers\":[{\"name\":\"c\"}]}}}\n"
    "{\"at\":0,\"pod\":\"a\",\"shape\":0,\"runs\":1000}\n{\"end\":1000,\"records\":2}\n";

static const char deployment[] =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"
    "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n"
    "    spec: {containers: [{name: c, image: i}]}\n";

static const char small[] =
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\n"
    "spec: {workload: [{trace: t, shift: 1h}], contenders: [{kind: 'null'}]}\n";

static const char full[] =
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: full, description: all of it}\n"
    "spec:\n  seed: 9\n  horizon: 2h\n  epoch: \"2026-02-01T00:00:00Z\"\n  sampleInterval: 5m\n"
    "  region: us-gov-west-1\n  zones: [us-gov-west-1c, us-gov-west-1a]\n"
    "  cluster: {podStart: 3s, podStop: 4s, schedulingDelay: 5ms, jobDuration: 6s}\n"
    "  workload:\n  - {trace: t}\n"
    "  - {scale: {kind: Deployment, name: web, replicas: 7}, at: 20m}\n"
    "  - {manifest: web.yaml, at: 10m}\n"
    "  - {delete: {kind: Deployment, name: web}, at: 20m}\n"
    "  contenders:\n"
    "  - name: groups\n    kind: cluster_autoscaler\n"
    "    boot: {preset: karpenter-typical, join: {median: 9s, sigma: 0.5}, ready: 7s}\n"
    "    scheduler: {strategy: MostAllocated, percentageOfNodesToScore: 50, preemption: false}\n"
    "    flags: {expander: random, scale-down-delay-after-add: 5m}\n"
    "    nodeGroups:\n"
    "    - {name: g, instanceTypes: [m5.large, c5.large], zones: [us-gov-west-1a], min: 1, max: 5, "
    "capacityType: spot, perZone: true, labels: {tier: x}, taints: [{key: k, value: v, effect: "
    "NoSchedule}]}\n"
    "  - {kind: fixed, nodes: [{name: n, instanceType: m5.large, count: 3, zone: "
    "us-gov-west-1c}]}\n";

static void load(wb_scenario_fixture *fixture, const char *text)
{
    (void)wb_scenario_fixture_write(fixture, "t", trace_text);
    (void)wb_scenario_fixture_write(fixture, "web.yaml", deployment);
    (void)wb_scenario_fixture_write(fixture, "s.yaml", text);
    wb_scenario_fixture_load(fixture, "s.yaml");
    if (fixture->status != WB_OK) {
        printf("\n  %s\n", fixture->err.text);
    }
    CU_ASSERT_EQUAL_FATAL(fixture->status, WB_OK);
    CU_ASSERT_EQUAL(fixture->findings.warning_count, 0);
}

static void leave_out_and_get_defaults(void)
{
    wb_scenario_fixture fixture;
    wb_scenario_fixture_init(&fixture);
    load(&fixture, small);
    const wb_scenario *scenario = &fixture.scenario;
    CU_ASSERT_STRING_EQUAL(scenario->name, "s");
    CU_ASSERT_STRING_EQUAL(scenario->description, "");
    CU_ASSERT_EQUAL(scenario->seed, 1);
    CU_ASSERT_EQUAL(scenario->horizon_ms, -1);
    CU_ASSERT_EQUAL(scenario->sample_interval_ms, 60000);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&fixture.intern, scenario->region), "us-east-1");
    CU_ASSERT_EQUAL(scenario->zone_count, 3);
    CU_ASSERT_EQUAL_FATAL(scenario->trace_count, 1);
    CU_ASSERT_EQUAL(scenario->traces[0].shift_ms, 3600000);
    /* the trace's 0 is an hour into the run */
    CU_ASSERT_EQUAL(scenario->epoch_ms, 1767571200000 - 3600000);
    CU_ASSERT_EQUAL_FATAL(scenario->contender_count, 1);
    CU_ASSERT_STRING_EQUAL(scenario->contenders[0].name, "null");
    CU_ASSERT_STRING_EQUAL(scenario->contenders[0].boot.name, "instant");
    CU_ASSERT_EQUAL(scenario->cluster.pod_start_ms, -1);
    CU_ASSERT_EQUAL(scenario->cluster.pod_stop_ms, 1000);
    CU_ASSERT_EQUAL(scenario->cluster.job_duration_ms, 60000);
    wb_scenario_fixture_release(&fixture);
}

static void check_groups(const wb_scenario_fixture *fixture)
{
    const wb_contender *contender = &fixture->scenario.contenders[0];
    CU_ASSERT_STRING_EQUAL(contender->name, "groups");
    CU_ASSERT_EQUAL(contender->boot.join.median_ms, 9000);
    CU_ASSERT_DOUBLE_EQUAL(contender->boot.join.sigma, 0.5, 0.0);
    CU_ASSERT_EQUAL(contender->boot.ready.median_ms, 7000);
    CU_ASSERT_DOUBLE_EQUAL(contender->boot.ready.sigma, 0.0, 0.0);
    CU_ASSERT_EQUAL(contender->boot.start.median_ms, 6000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(contender->scheduler.config);
    CU_ASSERT_EQUAL(contender->scheduler.config->profiles[0].strategy, WB_SCORE_MOST_ALLOCATED);
    CU_ASSERT_EQUAL(contender->scheduler.percentage_of_nodes_to_score, 50);
    CU_ASSERT(contender->scheduler.preemption_is_off);
    CU_ASSERT_EQUAL_FATAL(contender->setting_count, 2);
    CU_ASSERT_STRING_EQUAL(contender->settings[1].name, "scale-down-delay-after-add");
    CU_ASSERT_STRING_EQUAL(contender->settings[1].value, "5m");
    CU_ASSERT_EQUAL(contender->settings[1].position.line, 22);
    CU_ASSERT_EQUAL_FATAL(contender->node_group_count, 1);
    const wb_node_group *group = &contender->node_groups[0];
    CU_ASSERT_STRING_EQUAL(group->name, "g");
    CU_ASSERT_EQUAL_FATAL(group->type_count, 2);
    const wb_catalog_type *type = &fixture->scenario.catalog.types[group->type_indexes[1]];
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&fixture->intern, type->name), "c5.large");
    CU_ASSERT_EQUAL_FATAL(group->zone_count, 1);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&fixture->intern, group->zones[0]), "us-gov-west-1a");
    CU_ASSERT_EQUAL(group->capacity_type, WB_CAPACITY_SPOT);
    CU_ASSERT_EQUAL(group->min_count, 1);
    CU_ASSERT_EQUAL(group->max_count, 5);
    CU_ASSERT_EQUAL(group->desired_count, 1);
    CU_ASSERT(group->is_per_zone);
    CU_ASSERT_EQUAL(group->labels.count, 1);
    CU_ASSERT_EQUAL(group->taint_count, 1);
}

static void say_all_and_find_it(void)
{
    wb_scenario_fixture fixture;
    wb_scenario_fixture_init(&fixture);
    load(&fixture, full);
    const wb_scenario *scenario = &fixture.scenario;
    CU_ASSERT_STRING_EQUAL(scenario->description, "all of it");
    CU_ASSERT_EQUAL(scenario->seed, 9);
    CU_ASSERT_EQUAL(scenario->horizon_ms, 7200000);
    CU_ASSERT_EQUAL(scenario->epoch_ms, 1769904000000);
    CU_ASSERT_EQUAL(scenario->sample_interval_ms, 300000);
    CU_ASSERT_EQUAL(scenario->cluster.pod_start_ms, 3000);
    CU_ASSERT_EQUAL(scenario->cluster.pod_stop_ms, 4000);
    CU_ASSERT_EQUAL(scenario->cluster.job_duration_ms, 6000);
    CU_ASSERT_EQUAL(scenario->cluster.schedule_mark_ms, 5);
    CU_ASSERT_EQUAL(scenario->cluster.seed, 9);
    CU_ASSERT_EQUAL_FATAL(scenario->zone_count, 2);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&fixture.intern, scenario->zones[0]), "us-gov-west-1c");
    /* by time, equal times as in the file */
    CU_ASSERT_EQUAL_FATAL(scenario->step_count, 3);
    CU_ASSERT_EQUAL(scenario->steps[0].kind, WB_STEP_APPLY);
    CU_ASSERT_EQUAL(scenario->steps[0].at_ms, 600000);
    CU_ASSERT_EQUAL(scenario->steps[0].manifest->workload_count, 1);
    CU_ASSERT_EQUAL(scenario->steps[1].kind, WB_STEP_SCALE);
    CU_ASSERT_EQUAL(scenario->steps[1].replicas, 7);
    CU_ASSERT_EQUAL(scenario->steps[1].namespace_name, WB_NAME_DEFAULT);
    CU_ASSERT_EQUAL(scenario->steps[2].kind, WB_STEP_DELETE);
    CU_ASSERT_EQUAL(scenario->steps[2].owner_kind, WB_OWNER_DEPLOYMENT);
    CU_ASSERT_EQUAL_FATAL(scenario->contender_count, 2);
    check_groups(&fixture);
    const wb_contender *fixed = &scenario->contenders[1];
    CU_ASSERT_STRING_EQUAL(fixed->name, "fixed");
    CU_ASSERT_EQUAL_FATAL(fixed->fixed_nodes_count, 1);
    CU_ASSERT_EQUAL(fixed->fixed_nodes[0].count, 3);
    CU_ASSERT_EQUAL(fixed->fixed_nodes[0].zone, scenario->zones[0]);
    CU_ASSERT_STRING_EQUAL(fixed->fixed_nodes[0].name_prefix, "n");
    wb_scenario_fixture_release(&fixture);
}

static void let_the_command_line_come_first(void)
{
    wb_scenario_fixture fixture;
    wb_scenario_fixture_init(&fixture);
    const char *other =
        wb_scenario_fixture_write(&fixture, "other",
                                  "{\"trace\":\"werkbank/v1\"}\n{\"end\":5,\"records\":0}\n");
    const char *path = wb_arena_copy_string(&fixture.arena, other);
    fixture.overrides.seed_is_set = true;
    fixture.overrides.seed = 77;
    fixture.overrides.trace_paths = &path;
    fixture.overrides.trace_count = 1;
    load(&fixture, small);
    CU_ASSERT_EQUAL(fixture.scenario.seed, 77);
    CU_ASSERT_EQUAL(fixture.scenario.cluster.seed, 77);
    CU_ASSERT_EQUAL_FATAL(fixture.scenario.trace_count, 1);
    CU_ASSERT_STRING_EQUAL(fixture.scenario.traces[0].path, path);
    CU_ASSERT_EQUAL(fixture.scenario.traces[0].shift_ms, 0);
    CU_ASSERT_EQUAL(fixture.scenario.epoch_ms, -1);
    wb_scenario_fixture_release(&fixture);
}

/* ---- another catalog ---- */

static const char catalog_text[] =
    "{\"region\":\"eu-test-1\","
    "\"instanceTypes\":[{\"name\":\"x.large\",\"labels\":{\"kubernetes.io/arch\":\"amd64\"},"
    "\"capacity\":{\"cpu\":\"2\",\"memory\":\"8Gi\",\"pods\":\"29\"},"
    "\"overhead\":{\"cpu\":\"100m\"},"
    "\"offerings\":[{\"zone\":\"eu-test-1a\",\"capacityType\":\"on-demand\",\"price\":0.5,"
    "\"available\":true},{\"zone\":\"eu-test-1b\",\"capacityType\":\"on-demand\",\"price\":0.5,"
    "\"available\":true}]}]}";

#define WITH(spec)                                                               \
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec: {" spec \
    "workload: [{trace: t}], contenders: [{kind: fixed, nodes: [{instanceType: x.large}]}]}\n"

static const struct {
    const char *name, *text;
    const char *message; /* NULL: it loads */
    uint32_t zone_count;
} catalog_cases[] = {
    {"its region and zones are taken", WITH(""), NULL, 2},
    {"its region may be named", WITH("region: eu-test-1, "), NULL, 2},
    {"some of its zones", WITH("zones: [eu-test-1b], "), NULL, 1},
    {"another region", WITH("region: us-east-1, "), "is 'us-east-1', but the catalog ", 0},
    {"a zone of another region", WITH("zones: [us-east-1a], "),
     "'us-east-1a' is not a zone of region eu-test-1, expected eu-test-1a, eu-test-1b ...", 0},
    {"a zone that it lacks", WITH("zones: [eu-test-1c], "), "'eu-test-1c' is not in the catalog",
     0},
};

static void take_another_catalog(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(catalog_cases); i++) {
        wb_scenario_fixture fixture;
        wb_scenario_fixture_init(&fixture);
        fixture.overrides.catalog_path =
            wb_arena_copy_string(&fixture.arena,
                                 wb_scenario_fixture_write(&fixture, "c.json", catalog_text));
        (void)wb_scenario_fixture_write(&fixture, "t", trace_text);
        (void)wb_scenario_fixture_write(&fixture, "s.yaml", catalog_cases[i].text);
        wb_scenario_fixture_load(&fixture, "s.yaml");
        const char *message = catalog_cases[i].message;
        const bool is_right = message == NULL
                                  ? fixture.status == WB_OK
                                  : fixture.findings.error_count == 1 &&
                                        strstr(fixture.findings.errors[0].text, message) != NULL;
        if (!is_right) {
            printf("\n  %s: %s\n", catalog_cases[i].name, fixture.err.text);
        }
        CU_ASSERT(is_right);
        if (fixture.status == WB_OK) {
            CU_ASSERT_EQUAL(fixture.scenario.zone_count, catalog_cases[i].zone_count);
        }
        wb_scenario_fixture_release(&fixture);
    }
}

/* ---- the digest ---- */

static void digest_of(const char *scenario, const char *manifest, const char *catalog, char out[33])
{
    wb_scenario_fixture fixture;
    wb_scenario_fixture_init(&fixture);
    (void)wb_scenario_fixture_write(&fixture, "t", trace_text);
    (void)wb_scenario_fixture_write(&fixture, "web.yaml", manifest);
    (void)wb_scenario_fixture_write(&fixture, "s.yaml", scenario);
    fixture.overrides.catalog_path =
        wb_arena_copy_string(&fixture.arena,
                             wb_scenario_fixture_write(&fixture, "c.json", catalog));
    wb_scenario_fixture_load(&fixture, "s.yaml");
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    memcpy(out, fixture.scenario.digest, 33);
    wb_scenario_fixture_release(&fixture);
}

/* Another byte in any file is another digest; the same bytes in another folder are the same. */
static void fingerprint_every_file(void)
{
    static const char one[] = WITH("objects: web.yaml, ");
    static const char other[] = WITH("objects:  web.yaml, ");
    char digests[4][33];
    char again[33];
    char manifest[512];
    char catalog[1024];
    (void)snprintf(manifest, sizeof manifest, "%s# a comment\n", deployment);
    (void)snprintf(catalog, sizeof catalog, "%s\n", catalog_text);
    digest_of(one, deployment, catalog_text, digests[0]);
    digest_of(other, deployment, catalog_text, digests[1]);
    digest_of(one, manifest, catalog_text, digests[2]);
    digest_of(one, deployment, catalog, digests[3]);
    digest_of(one, deployment, catalog_text, again);
    CU_ASSERT_STRING_EQUAL(digests[0], again);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < i; j++) {
            CU_ASSERT_STRING_NOT_EQUAL(digests[i], digests[j]);
        }
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"what is left out has its default", leave_out_and_get_defaults},
        {"what is said arrives", say_all_and_find_it},
        {"the command line comes first", let_the_command_line_come_first},
        {"another catalog brings region and zones", take_another_catalog},
        {"the digest covers every file", fingerprint_every_file},
    };
    return wb_test_run("scenario values", cases, WB_TEST_COUNT(cases));
}
