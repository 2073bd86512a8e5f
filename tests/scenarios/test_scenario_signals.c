/* spec.loads: points and CSV files, what is wrong with them, who is not fed; and a whole run. */
#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/published_fixture.h"
#include "tests/scenarios/scenario_fixture.h"

static const char manifest[] =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  replicas: 4\n"
    "  selector: {matchLabels: {a: b}}\n"
    "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}\n"
    "---\n"
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec:\n"
    "  scaleTargetRef: {kind: Deployment, name: d}\n"
    "  maxReplicas: 5\n";

static const char head[] =
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n"
    "  zones: [us-east-1a]\n"
    "  workload: [{manifest: d.yaml}]\n"
    "  contenders: [{name: n, kind: fixed, nodes: [{instanceType: m5.large}]}]\n"
    "  loads:\n"
    "    - target: {kind: Deployment, name: d}\n"
    "      metric: cpu\n";

#define NOT_FED "HorizontalPodAutoscaler 'h': nothing in spec.loads feeds its metric 'cpu'"

/* The one signal's points as "ms=thousandths", or the first finding. */
static const struct {
    const char *name, *body, *csv, *expected;
} rows[] = {
    {"points", "      points: [{at: 0s, value: 1}, {at: 1m, value: 250m}]\n", "",
     "0=1000 60000=250"},
    {"a file, seconds and durations, a header, a comment", "      file: l.csv\n",
     "time,cpu\n0,1\n\n# later\n90, 2.5\r\n2m,\"500m\"", "0=1000 90000=2500 120000=500"},
    {"fractions of seconds", "      file: l.csv\n", "0.25,1\n", "250=1000"},
    {"no points", "", "", "has no points, expected 'points' or a 'file' with some"},
    {"an empty file", "      file: l.csv\n", "time,cpu\n",
     "has no points, expected 'points' or a 'file' with some"},
    {"back in time", "      points: [{at: 1m, value: 1}, {at: 0s, value: 1}]\n", "",
     "lies before the point in front of it"},
    {"back in time, in a file", "      file: l.csv\n", "5,1\n4,1\n", "l.csv:2: times go backwards"},
    {"less than nothing", "      points: [{at: 0s, value: -1}]\n", "",
     "'-1' is not a quantity of 0 or more"},
    {"no number", "      file: l.csv\n", "0,1\n1,many\n",
     "l.csv:2: the second cell is no quantity of 0 or more"},
    {"no time", "      file: l.csv\n", "0,1\nsoon,1\n",
     "l.csv:2: the first cell is no time, expected seconds or 1h30m"},
    {"no file", "      file: absent.csv\n", "", "absent.csv"},
};

static void load(wb_scenario_fixture *fixture, const char *body, const char *csv)
{
    wb_scenario_fixture_init(fixture);
    (void)wb_scenario_fixture_write(fixture, "d.yaml", manifest);
    (void)wb_scenario_fixture_write(fixture, "l.csv", csv);
    char text[2048];
    (void)snprintf(text, sizeof text, "%s%s", head, body);
    (void)wb_scenario_fixture_write(fixture, "s.yaml", text);
    wb_scenario_fixture_load(fixture, "s.yaml");
}

static void print_points(const wb_scenario_fixture *fixture, char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < fixture->scenario.signals[0].point_count; i++) {
        const wb_load_point *point = &fixture->scenario.signals[0].points[i];
        length += (size_t)snprintf(out + length, size - length, "%s%lld=%lld", i > 0 ? " " : "",
                                   (long long)point->at_ms, (long long)point->value);
    }
}

static void test_signals(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_scenario_fixture fixture;
        load(&fixture, rows[i].body, rows[i].csv);
        char found[1024];
        if (fixture.status == WB_OK) {
            print_points(&fixture, found, sizeof found);
            CU_ASSERT_EQUAL(fixture.findings.warning_count, 0);
        } else {
            (void)snprintf(found, sizeof found, "%s", fixture.findings.errors[0].text);
        }
        const bool is_right = strstr(found, rows[i].expected) != NULL;
        CU_ASSERT(is_right);
        if (!is_right) {
            printf("\n  %s: %s", rows[i].name, found);
        }
        wb_scenario_fixture_release(&fixture);
    }
}

static void test_not_fed(void)
{
    wb_scenario_fixture fixture;
    load(&fixture, "      points: [{value: 1}]\n    - {metric: other, points: [{value: 1}]}\n", "");
    CU_ASSERT_EQUAL(fixture.findings.warning_count, 0);
    wb_scenario_fixture_release(&fixture);
    load(&fixture, "      points: [{value: 1}]\n      interpolation: step\n", "");
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
    CU_ASSERT(fixture.scenario.signals[0].is_stepped);
    wb_scenario_fixture_release(&fixture);
    wb_scenario_fixture_init(&fixture);
    (void)wb_scenario_fixture_write(&fixture, "d.yaml", manifest);
    (void)wb_scenario_fixture_write(
        &fixture, "s.yaml",
        "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n"
        "  workload: [{manifest: d.yaml}]\n"
        "  contenders: [{name: n, kind: fixed, nodes: [{instanceType: m5.large}]}]\n");
    wb_scenario_fixture_load(&fixture, "s.yaml");
    CU_ASSERT_EQUAL_FATAL(fixture.findings.warning_count, 1);
    CU_ASSERT_STRING_EQUAL(fixture.findings.warnings[0].text, NOT_FED);
    wb_scenario_fixture_release(&fixture);
}

/* ---- scenarios/hpa-web ---- */

#define WEB "../hpa-web/scenario.yaml"
/* Pods of an owner that run, at the end of some minutes. */
#define RUNNING(owner, minutes)                                                                   \
    "select group_concat(n, ' ') from (select m.column1 as at, (select count(*) from pods where " \
    "run_id = ?1 and owner = '" owner "' and running_ms <= m.column1 * 60000 and (gone_ms is "    \
    "null or gone_ms > m.column1 * 60000)) as n from (values " minutes ") m order by 1)"
#define SCALES  "select count(*) from decisions where run_id = ?1 and kind = 'replicas'"
#define MINUTES "(0), (5), (60), (100), (105), (110), (120), (140), (180), (240), (300), (359)"

static const wb_published_row web_rows[] = {
    {"web", WEB, 0, 1, RUNNING("web", MINUTES), "0 20 51 252 334 334 334 203 116 71 21 21"},
    {"worker", WEB, 0, 1, RUNNING("worker", "(179), (185), (200), (220), (240), (260)"),
     "2 22 42 42 23 2"},
    {"changes", WEB, 0, 1, SCALES, "140"},
    {"web", WEB, 1, 1, RUNNING("web", MINUTES), "0 21 51 161 311 339 339 203 114 63 21 21"},
    {"worker", WEB, 1, 1, RUNNING("worker", "(179), (185), (200), (220), (240), (260)"),
     "2 10 42 42 23 2"},
    {"changes", WEB, 1, 1, SCALES, "143"},
};

static void test_web(void)
{
    wb_published_fixture_check(web_rows, WB_TEST_COUNT(web_rows));
}

static const wb_test_case cases[] = {
    {"points and files", test_signals},
    {"autoscalers without a signal are named", test_not_fed},
    {"load decides pods under both contenders", test_web},
};

int main(void)
{
    return wb_test_run("scenario signals", cases, WB_TEST_COUNT(cases));
}
