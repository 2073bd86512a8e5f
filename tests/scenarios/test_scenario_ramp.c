/* Workload steps that are ramps, written out by the loader; and nodes without reserve. */
#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/scenario_fixture.h"

static const char head[] = "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: s}\nspec:\n"
                           "  zones: [us-east-1a]\n";
static const char manifest[] =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  replicas: 4\n"
    "  selector: {matchLabels: {a: b}}\n"
    "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}\n";

/* The steps that scale, in order: "at=replicas". */
static const struct {
    const char *name, *steps, *expected;
} rows[] = {
    {"no ramp", "    - {scale: {kind: Deployment, name: d, replicas: 9}, at: 5s}\n", "5000=9"},
    {"up from the manifest's, the first step at once",
     "    - {scale: {kind: Deployment, name: d, replicas: 10, over: 3s}, at: 5s}\n",
     "5000=6 6000=8 7000=10"},
    {"down from an earlier step's",
     "    - {scale: {kind: Deployment, name: d, replicas: 10}, at: 1s}\n"
     "    - {scale: {kind: Deployment, name: d, replicas: 1, over: 3s}, at: 2s}\n",
     "1000=10 2000=7 3000=4 4000=1"},
    {"slower than a pod a second: only steps that change something",
     "    - {scale: {kind: Deployment, name: d, replicas: 6, over: 6s}, at: 0s}\n",
     "2000=5 5000=6"},
    {"two ramps one after the other",
     "    - {scale: {kind: Deployment, name: d, replicas: 6, over: 2s}, at: 0s}\n"
     "    - {scale: {kind: Deployment, name: d, replicas: 2, over: 2s}, at: 4s}\n",
     "0=5 1000=6 4000=4 5000=2"},
    {"a part of a second is a second",
     "    - {scale: {kind: Deployment, name: d, replicas: 8, over: 1500ms}, at: 0s}\n",
     "0=6 1000=8"},
};

static void load(wb_scenario_fixture *fixture, const char *extra, const char *steps)
{
    wb_scenario_fixture_init(fixture);
    (void)wb_scenario_fixture_write(fixture, "d.yaml", manifest);
    char text[2048];
    (void)snprintf(text, sizeof text,
                   "%s%s  workload:\n    - {manifest: d.yaml}\n%s"
                   "  contenders: [{name: n, kind: fixed, nodes: [{instanceType: m5.large}]}]\n",
                   head, extra, steps);
    (void)wb_scenario_fixture_write(fixture, "s.yaml", text);
    wb_scenario_fixture_load(fixture, "s.yaml");
    CU_ASSERT_EQUAL_FATAL(fixture->status, WB_OK);
}

static void test_ramps(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_scenario_fixture fixture;
        load(&fixture, "", rows[i].steps);
        char found[256] = "";
        size_t length = 0;
        for (uint32_t s = 0; s < fixture.scenario.step_count; s++) {
            const wb_scenario_step *step = &fixture.scenario.steps[s];
            if (step->kind == WB_STEP_SCALE) {
                length +=
                    (size_t)snprintf(found + length, sizeof found - length, "%s%lld=%d",
                                     length > 0 ? " " : "", (long long)step->at_ms, step->replicas);
            }
        }
        if (strcmp(found, rows[i].expected) != 0) {
            printf("\n  %s: %s", rows[i].name, found);
        }
        CU_ASSERT_STRING_EQUAL(found, rows[i].expected);
        wb_scenario_fixture_release(&fixture);
    }
}

static void test_overhead(void)
{
    static const struct {
        const char *field;
        bool holds_back;
    } overheads[] = {{"", true},
                     {"  nodeOverhead: eks\n", true},
                     {"  nodeOverhead: none\n", false}};
    for (size_t i = 0; i < WB_TEST_COUNT(overheads); i++) {
        wb_scenario_fixture fixture;
        load(&fixture, overheads[i].field, "");
        CU_ASSERT_EQUAL(fixture.scenario.catalog.types[0].overhead.count > 0,
                        overheads[i].holds_back);
        wb_scenario_fixture_release(&fixture);
    }
}

static const wb_test_case cases[] = {
    {"ramps are written out", test_ramps},
    {"nodes may hold nothing back", test_overhead},
};

int main(void)
{
    return wb_test_run("scenario ramps", cases, WB_TEST_COUNT(cases));
}
