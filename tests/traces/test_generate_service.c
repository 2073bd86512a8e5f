/* Services of a generated trace: the week, crowds, rollouts, volumes, constraints by share. */
#include <string.h>

#include "tests/harness.h"
#include "tests/traces/generate_fixture.h"

#define HEAD   WB_GENERATE_HEAD
#define POD    WB_GENERATE_POD
#define MONDAY "  epoch: \"2026-01-05T00:00:00Z\"\n"
#define MINUTE INT64_C(60000)
#define HOUR   INT64_C(3600000)

/* What is there at some times, row by row; a Monday at 0:00 is time 0 unless the row says more. */
static const struct {
    const char *name, *spec;
    struct {
        int64_t at_ms, alive;
    } expected[6];
} rows[] = {
    {"weekends have a factor of their own",
     HEAD MONDAY "  span: 168h\n  services:\n  - name: a\n    base: 2\n    peak: 12\n"
                 "    weekend: 0.5\n    " POD,
     {{12 * HOUR, 12}, {108 * HOUR, 12}, {125 * HOUR, 7}, {160 * HOUR, 7}}},
    {"the calendar says when the weekend is",
     HEAD "  epoch: \"2026-01-09T12:00:00Z\"\n  span: 96h\n  services:\n  - name: a\n    base: 0\n"
          "    peak: 10\n    weekend: 0\n    " POD,
     {{6 * HOUR, 10}, {13 * HOUR, 0}, {58 * HOUR, 0}, {61 * HOUR, 10}}},
    {"seven factors, Monday first",
     HEAD MONDAY "  span: 168h\n  services:\n  - name: a\n    base: 0\n    peak: 10\n"
                 "    week: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]\n    " POD,
     {{5 * HOUR, 1}, {29 * HOUR, 2}, {53 * HOUR, 3}, {150 * HOUR, 7}}},
    {"hours of one's own, in steps",
     HEAD MONDAY "  services:\n  - name: a\n    base: 0\n    peak: 10\n    stepped: true\n"
                 "    hours: [0.1, 1, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, "
                 "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.3]\n    " POD,
     {{30 * MINUTE, 1},
      {90 * MINUTE, 10},
      {150 * MINUTE, 5},
      {5 * HOUR, 0},
      {23 * HOUR + MINUTE * 30, 3}}},
    {"a crowd comes in a tenth of its length, stays to half, and goes",
     HEAD MONDAY "  services:\n  - name: a\n    base: 10\n    step: 1m\n"
                 "    crowds: [{at: 10h, factor: 3, length: 100m}]\n    " POD,
     {{10 * HOUR - MINUTE, 10},
      {10 * HOUR + 5 * MINUTE + 30000, 20},
      {10 * HOUR + 30 * MINUTE, 30},
      {10 * HOUR + 75 * MINUTE + 30000, 20},
      {12 * HOUR, 10}}},
    {"a trend goes on top, again and again",
     HEAD MONDAY "  span: 96h\n  services:\n  - name: a\n    base: 0\n    peak: 10\n"
                 "    trend: {every: 24h, factors: [1, 0.5, 2]}\n    " POD,
     {{12 * HOUR, 10}, {36 * HOUR, 5}, {60 * HOUR, 20}, {84 * HOUR, 10}}},
    {"a crowd may be a lull",
     HEAD MONDAY "  services:\n  - name: a\n    base: 10\n    step: 1m\n"
                 "    crowds: [{at: 1h, factor: 0, length: 100m}]\n    " POD,
     {{HOUR - MINUTE, 10}, {HOUR + 30 * MINUTE, 0}, {4 * HOUR, 10}}},
};

static void follow_the_load(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_generate_fixture f;
        wb_generate_fixture_run(&f, rows[i].spec, 1.0, -1);
        CU_ASSERT_EQUAL(f.status, WB_OK);
        for (size_t j = 0; j < 6 && rows[i].expected[j].at_ms > 0; j++) {
            const int64_t alive = wb_generate_fixture_alive(&f, rows[i].expected[j].at_ms);
            if (alive != rows[i].expected[j].alive) {
                printf("\n  %s: %lld there at %lld ms, expected %lld\n", rows[i].name,
                       (long long)alive, (long long)rows[i].expected[j].at_ms,
                       (long long)rows[i].expected[j].alive);
                CU_FAIL("another load");
            }
        }
        wb_generate_fixture_release(&f);
    }
}

/* Two a week for 50 weeks: 100 crowds, within six standard deviations. */
static void draw_crowds(void)
{
    wb_generate_fixture f;
    wb_generate_fixture_run(&f,
                            HEAD "  span: 8400h\n  services:\n  - name: a\n    base: 1\n"
                                 "    crowds: [{perWeek: 2, factor: 2, length: 20m}]\n    " POD,
                            1.0, -1);
    /* each is one more pod; few overlap */
    CU_ASSERT(f.pod_count > 1 + 40 && f.pod_count < 1 + 160);
    wb_generate_fixture_release(&f);
}

typedef struct rollout_case {
    const char *name, *how;
    int64_t least, most, ready; /* there at any time; of them made a minute ago or more */
    int64_t end_ms;             /* when the last new pod is made */
} rollout_case;

static const rollout_case rollout_cases[] = {
    {"surge and unavailable together", "{at: [2h], maxSurge: 2, maxUnavailable: 1, readyAfter: 1m}",
     10, 12, 9, 2 * HOUR + 3 * MINUTE},
    {"only beside the old ones", "{at: [2h], maxSurge: 3, maxUnavailable: 0, readyAfter: 1m}", 10,
     13, 10, 2 * HOUR + 3 * MINUTE},
    {"only in place of the old ones", "{at: [2h], maxSurge: 0, maxUnavailable: 2, readyAfter: 1m}",
     10, 10, 8, 2 * HOUR + 4 * MINUTE},
    {"surge rounded up, unavailable down",
     "{at: [2h], maxSurge: 15%, maxUnavailable: 15%, "
     "readyAfter: 1m}",
     10, 12, 9, 2 * HOUR + 3 * MINUTE},
    {"a quarter each, when nothing is said", "{at: [2h], readyAfter: 1m}", 10, 13, 8,
     2 * HOUR + MINUTE},
};

static void check_rollout(const rollout_case *row)
{
    char spec[600];
    wb_generate_fixture f;
    (void)snprintf(spec, sizeof spec,
                   HEAD
                   "  span: 4h\n  services:\n  - name: a\n    base: 10\n    rollouts: %s\n    %s",
                   row->how, POD);
    wb_generate_fixture_run(&f, spec, 1.0, -1);
    CU_ASSERT_EQUAL(f.pod_count, 20); /* each replaced once */
    int64_t last_ms = 0;
    for (size_t i = 0; i < f.pod_count; i++) {
        last_ms = f.pods[i].at_ms > last_ms ? f.pods[i].at_ms : last_ms;
    }
    CU_ASSERT_EQUAL(last_ms, row->end_ms);
    for (int64_t at_ms = 2 * HOUR - MINUTE; at_ms < 3 * HOUR; at_ms += 10000) {
        const int64_t alive = wb_generate_fixture_alive(&f, at_ms);
        int64_t ready = 0;
        for (size_t i = 0; i < f.pod_count; i++) {
            ready += f.pods[i].at_ms <= at_ms - MINUTE && f.pods[i].until_ms > at_ms ? 1 : 0;
        }
        if (alive < row->least || alive > row->most || ready < row->ready) {
            printf("\n  %s: at %lld ms %lld are there, %lld ready\n", row->name, (long long)at_ms,
                   (long long)alive, (long long)ready);
            CU_FAIL("another rollout");
            break;
        }
    }
    wb_generate_fixture_release(&f);
}

static void roll_out_in_steps(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rollout_cases); i++) {
        check_rollout(&rollout_cases[i]);
    }
}

/* The last pod first, the next when it is ready; its claims and their class come with the trace. */
static void number_stateful_pods(void)
{
    wb_generate_fixture f;
    wb_generate_fixture_run(&f,
                            HEAD "  span: 4h\n  services:\n  - name: db\n    kind: StatefulSet\n"
                                 "    namespace: data\n    base: 3\n"
                                 "    volumes: [{name: data, size: 20Gi, storageClass: fast}]\n"
                                 "    rollouts: {at: [2h], readyAfter: 4m}\n    " POD,
                            1.0, -1);
    CU_ASSERT_EQUAL_FATAL(f.pod_count, 6);
    static const char *const names[] = {"db-0", "db-1", "db-2", "db-2-r1", "db-1-r1", "db-0-r1"};
    for (size_t i = 0; i < 6; i++) {
        CU_ASSERT_STRING_EQUAL(f.pods[i].name, names[i]);
        CU_ASSERT_EQUAL(f.pods[i].at_ms,
                        i < 3 ? 0 : 2 * HOUR + ((int64_t)i - 3) * 4 * MINUTE + MINUTE);
    }
    CU_ASSERT_EQUAL(f.pods[2].until_ms, 2 * HOUR);     /* gone before the new one comes */
    CU_ASSERT_EQUAL(f.pods[3].shape, f.pods[2].shape); /* the same claim */
    CU_ASSERT_EQUAL(f.report.shape_count, 3);
    CU_ASSERT_EQUAL(wb_generate_fixture_count(&f, "\"kind\":\"PersistentVolumeClaim\""), 3);
    CU_ASSERT_EQUAL(wb_generate_fixture_count(&f, "\"kind\":\"StorageClass\""), 1);
    CU_ASSERT_EQUAL(wb_generate_fixture_count(&f, "\"claimName\":\"data-db-2\""), 1);
    CU_ASSERT_EQUAL(wb_generate_fixture_count(&f, "\"storage\":\"20Gi\""), 3);
    wb_generate_fixture_release(&f);
}

/* Of 400 services within six standard deviations; each constraint for itself. */
static void share_constraints_among_owners(void)
{
    wb_generate_fixture f;
    wb_generate_fixture_run(&f,
                            HEAD
                            "  services:\n  - name: a\n    copies: 400\n    constraints:\n"
                            "    - {share: 0.3, spread: zone}\n"
                            "    - {share: 0.5, nodeSelector: {kubernetes.io/arch: arm64}}\n"
                            "    - {share: 0, antiAffinity: host}\n"
                            "    - {share: 1, tolerations: [{key: x, operator: Exists}]}\n    " POD,
                            1.0, -1);
    CU_ASSERT_EQUAL(f.pod_count, 400);
    const int64_t spread = (int64_t)wb_generate_fixture_count(&f, "DoNotSchedule");
    const int64_t arm = (int64_t)wb_generate_fixture_count(&f, "arm64");
    CU_ASSERT(spread > 120 - 55 && spread < 120 + 55);
    CU_ASSERT(arm > 200 - 60 && arm < 200 + 60);
    CU_ASSERT_EQUAL(wb_generate_fixture_count(&f, "podAntiAffinity"), 0);
    CU_ASSERT_EQUAL(wb_generate_fixture_count(&f, "\"tolerations\""), 400);
    wb_generate_fixture_release(&f);
}

/* Four shapes of one queue, drawn by each pod: 20 % have both. */
static void share_constraints_among_pods(void)
{
    wb_generate_fixture f;
    wb_generate_fixture_run(
        &f,
        HEAD "  batches:\n  - name: a\n    jobsPerHour: 100\n    podsPerJob: 5\n"
             "    constraints:\n    - {share: 0.4, per: pod, antiAffinity: host, soft: true}\n"
             "    - {share: 0.5, per: pod, affinity: zone}\n    " POD,
        1.0, -1);
    int64_t of_shape[4] = {0};
    CU_ASSERT_EQUAL_FATAL(f.report.shape_count, 4);
    for (size_t i = 0; i < f.pod_count; i++) {
        of_shape[f.pods[i].shape]++;
    }
    /* shapes in order of their bits: none, anti, affinity, both; about 12,000 pods */
    static const double expected[] = {0.3, 0.2, 0.3, 0.2};
    for (size_t i = 0; i < 4; i++) {
        const double share = (double)of_shape[i] / (double)f.pod_count;
        CU_ASSERT(share > expected[i] - 0.025 && share < expected[i] + 0.025);
    }
    CU_ASSERT_EQUAL(wb_generate_fixture_count(&f, "preferredDuring"), 2);
    wb_generate_fixture_release(&f);
}

static const wb_generate_bad_case bad_cases[] = {
    {"hours that are no day", HEAD "  services:\n  - name: a\n    hours: [1, 2]\n    " POD,
     "s.yaml:7:12: spec.services[0].hours: has 2 numbers, expected 24 (a day) or 168 (a week from "
     "Monday)"},
    {"a week of six days", HEAD "  services:\n  - name: a\n    week: [1, 1, 1, 1, 1, 1]\n    " POD,
     "s.yaml:7:11: spec.services[0].week: has 6 numbers, expected 7 (Monday to Sunday)"},
    {"profile and hours",
     HEAD "  services:\n  - name: a\n    profile: flat\n"
          "    hours: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n    " POD,
     "s.yaml:8:12: spec.services[0].hours: stands beside profile, expected one of the two"},
    {"a negative weekend", HEAD "  services:\n  - name: a\n    weekend: -1\n    " POD,
     "s.yaml:7:14: spec.services[0].weekend: is '-1', expected a factor from 0 to 1000"},
    {"a trend without factors",
     HEAD "  services:\n  - name: a\n    trend: {every: 24h, factors: []}\n    " POD,
     "s.yaml:7:34: spec.services[0].trend.factors: has 0 numbers, expected 1 to 1000"},
    {"a crowd at no time", HEAD "  services:\n  - name: a\n    crowds: [{factor: 2}]\n    " POD,
     "s.yaml:7:14: spec.services[0].crowds[0]: has none of at and perWeek, expected one"},
    {"a rollout that cannot go on",
     HEAD "  services:\n  - name: a\n    rollouts: {at: [1h], maxSurge: 0, maxUnavailable: 0}\n"
          "    " POD,
     "s.yaml:7:15: spec.services[0].rollouts: maxSurge and maxUnavailable are both 0, expected one "
     "that is not"},
    {"a share of pods that is none",
     HEAD "  services:\n  - name: a\n    rollouts: {at: [1h], maxSurge: 120%}\n    " POD,
     "s.yaml:7:36: spec.services[0].rollouts.maxSurge: '120%' is not a number of pods or a "
     "percentage between 0% and 100%"},
    {"volumes of a Deployment",
     HEAD "  services:\n  - name: a\n    volumes: [{name: data}]\n    " POD,
     "s.yaml:7:14: spec.services[0].volumes: belong to a Deployment, expected kind: StatefulSet"},
    {"a constraint of two kinds",
     HEAD "  services:\n  - name: a\n    constraints: [{spread: zone, affinity: host}]\n    " POD,
     "s.yaml:7:19: spec.services[0].constraints[0]: has several of spread, affinity, antiAffinity, "
     "nodeSelector, tolerations, pod, expected one"},
    {"a share above one",
     HEAD "  services:\n  - name: a\n    constraints: [{share: 1.5, spread: zone}]\n    " POD,
     "s.yaml:7:27: spec.services[0].constraints[0].share: is '1.5', expected a share from 0 to 1"},
    {"a toleration that the API refuses",
     HEAD "  services:\n  - name: a\n"
          "    constraints: [{tolerations: [{operator: Sometimes}]}]\n    " POD,
     ""},
    {"two constraints that are one",
     HEAD
     "  services:\n  - name: a\n    constraints: [{spread: zone}, {share: 0.1, spread: zone}]\n"
     "    " POD,
     "s.yaml:7:35: spec.services[0].constraints[1]: makes a pod template that is refused: "
     "spec.topologySpreadConstraints[1]: Duplicate value: "
     "\"{topology.kubernetes.io/zone, DoNotSchedule}\""},
    {"a volume that the template has",
     HEAD "  services:\n  - name: a\n    kind: StatefulSet\n    volumes: [{name: v}]\n"
          "    pod: {spec: {volumes: [{name: v, emptyDir: {}}], containers: [{name: c}]}}\n",
     "s.yaml:8:14: spec.services[0].volumes: makes a pod template that is refused: "
     "spec.volumes[1].name: Duplicate value: \"v\""},
    {"a volume whose name no claim can have",
     HEAD "  services:\n  - name: a\n    kind: StatefulSet\n    volumes: [{name: 'v\"'}]\n    " POD,
     "s.yaml:8:22: spec.services[0].volumes[0].name: Invalid value: \"v\"\": a lowercase RFC 1123 "
     "label must consist of lower case alphanumeric characters or '-', and must start and end with "
     "an alphanumeric character (e.g. 'my-name' or '123-abc')"},
    {"a class whose name no object can have",
     HEAD "  services:\n  - name: a\n    kind: StatefulSet\n    volumes: [{storageClass: gp=3}]\n"
          "    " POD,
     "s.yaml:8:30: spec.services[0].volumes[0].storageClass: Invalid value: \"gp=3\": a lowercase "
     "RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
     "start and end with an alphanumeric character (e.g. 'example.com')"},
    {"a volume of no size",
     HEAD "  services:\n  - name: a\n    kind: StatefulSet\n    volumes: [{size: 0Gi}]\n    " POD,
     "s.yaml:8:22: spec.services[0].volumes[0].size: is 0Gi, expected more than 0"},
    {"no copies", HEAD "  services:\n  - name: a\n    copies: 0\n    " POD,
     "s.yaml:7:13: spec.services[0].copies: is 0, expected 1 to 10000"},
    {"a service set too often",
     HEAD "  span: 8760h\n  services:\n  - name: a\n    step: 1ms\n    " POD,
     "s.yaml:5:3: spec: has a service whose replicas are set more than 10000000 times"},
};

static void refuse_bad_services(void)
{
    wb_generate_fixture_refuse(bad_cases, WB_TEST_COUNT(bad_cases));
}

/* 300 replicas are fine, twenty times as many have no claims of their own. */
static void stop_at_too_many_claims(void)
{
    static const char spec[] = HEAD "  services:\n  - name: db\n    kind: StatefulSet\n"
                                    "    base: 300\n    volumes: [{name: data}]\n    " POD;
    wb_generate_fixture f;
    wb_generate_fixture_run(&f, spec, 1.0, -1);
    CU_ASSERT_EQUAL(f.status, WB_OK);
    wb_generate_fixture_release(&f);
    wb_generate_fixture_run(&f, spec, 20.0, -1);
    CU_ASSERT_EQUAL(f.status, WB_ERR_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.err.text, "has 6000 replicas, expected at most 1000"));
    wb_generate_fixture_release(&f);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"services follow week, hours and crowds", follow_the_load},
        {"crowds are drawn", draw_crowds},
        {"rollouts go in steps", roll_out_in_steps},
        {"StatefulSets are numbered and have claims", number_stateful_pods},
        {"constraints are shared among owners", share_constraints_among_owners},
        {"constraints are shared among pods", share_constraints_among_pods},
        {"bad services are refused with their place", refuse_bad_services},
        {"too many claims are a limit", stop_at_too_many_claims},
    };
    return wb_test_run("generate service", cases, WB_TEST_COUNT(cases));
}
