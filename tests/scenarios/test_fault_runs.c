/*
 * Faults in whole runs: each is survived by every contender, at any time, and named in the record;
 * no pod of an owner is lost, and all run again in the end.
 */
#include <stdio.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/run_laws.h"

static void expect_no_rows(wb_run_fixture *fixture, int64_t run_id, const char *law,
                           const char *sql)
{
    CU_ASSERT_EQUAL(wb_run_fixture_count_rows(fixture, law, sql, run_id), 0);
}

static void expect_rows(wb_run_fixture *fixture, int64_t run_id, const char *sql)
{
    CU_ASSERT(wb_run_fixture_count_rows(fixture, NULL, sql, run_id) > 0);
}

/* ---- the shipped day ---- */

/* Those of workload.yaml: 60 of the Deployment, 5 of the StatefulSet. */
static const char not_whole[] =
    "SELECT * FROM (SELECT sum(owner = 'web') AS web, sum(owner = 'store') AS store FROM pods WHERE"
    " run_id = ?1 AND state = 'running') WHERE web IS NOT 60 OR store IS NOT 5";

static void survive_the_day(void)
{
    static const char *const causes[3][4] = {
        {"node-not-ready", "instance-lost", "garbage-collection", "node-repair"},
        {"node-not-ready", "instance-lost", "garbage-collection", "garbage-collection"},
        {"node-not-ready", "instance-lost", "instance-lost", "instance-lost"},
    };
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, "faults"));
    for (uint32_t i = 0; i < 3; i++) {
        const wb_run_figures figures = wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_CALENDAR);
        const wb_run_figures again = wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_HEAP);
        const int64_t run_id = figures.run_id;
        CU_ASSERT_STRING_EQUAL(figures.digest, again.digest);
        expect_no_rows(&fixture, run_id, "a pod is missing", not_whole);
        expect_no_rows(&fixture, run_id, "a pod is lost",
                       "SELECT name, cause FROM pods WHERE run_id = ?1 AND state = 'lost'");
        for (size_t c = 0; c < 4; c++) {
            char sql[160];
            (void)snprintf(sql, sizeof sql, "SELECT 1 FROM pods WHERE run_id = ?1 AND cause = '%s'",
                           causes[i][c]);
            expect_rows(&fixture, run_id, sql);
        }
        expect_no_rows(&fixture, run_id, "a fault was not named",
                       "SELECT * FROM (SELECT count(*) AS begun, sum(kind = 'lost') AS lost,"
                       " count(DISTINCT kind) AS kinds FROM faults WHERE run_id = ?1 AND NOT"
                       " is_over) WHERE begun <> 18 OR lost <> 5 OR kinds <> 13");
        expect_no_rows(&fixture, run_id, "a fault that lasts did not end",
                       "SELECT * FROM (SELECT count(*) AS n FROM faults WHERE run_id = ?1 AND"
                       " is_over) WHERE n <> 10");
        CU_ASSERT_EQUAL(wb_run_laws_check(&fixture, run_id), 0);
    }
    wb_run_fixture_release(&fixture);
}

/* ---- any fault at any time ---- */

static const char *const faults[] = {
    "kind: notReady, for: 20m, share: 0.5",
    "kind: notReady, count: 1",
    "kind: lost, share: 0.5",
    "kind: vanishes, count: 1",
    "kind: orphaned, count: 1",
    "kind: neverRegisters, for: 20m, share: 0.5",
    "kind: apiError, for: 8m, share: 0.7",
    "kind: apiLatency, delay: 90s, for: 20m",
    "kind: offeringEnds, instanceType: m6i.2xlarge, for: 30m",
    "kind: controlPlane, for: 12m",
};

#define SCENARIO                                                                              \
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: one}\nspec:\n  horizon: 3h\n"  \
    "  workload:\n  - {manifest: %s/scenarios/faults/workload.yaml}\n"                        \
    "  - {scale: {kind: Deployment, name: web, replicas: 60}, at: 20m}\n"                     \
    "  - {scale: {kind: Deployment, name: web, replicas: 25}, at: 40m}\n"                     \
    "  - {scale: {kind: Deployment, name: web, replicas: 60}, at: 65m}\n"                     \
    "  faults: [{at: %us, %s}, {at: 45m, kind: lost, count: 1}]\n  contenders:\n"             \
    "  - {name: k, kind: karpenter, manifests: %s/scenarios/faults/nodepool.yaml, settings: " \
    "{nodeRepair: \"true\"}}\n"                                                               \
    "  - {name: ca, kind: cluster_autoscaler, nodeGroups: [{name: a, instanceTypes: "         \
    "[m6i.2xlarge], min: 0, max: 40}, {name: b, instanceTypes: [m6a.2xlarge], min: 0, max: 40}]}\n"

static void survive(const char *fault, unsigned at_s)
{
    const char *source = getenv("WERKBANK_SOURCE");
    char text[2048];
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    (void)snprintf(text, sizeof text, SCENARIO, source, at_s, fault, source);
    const char *path = wb_scratch_folder_write(&fixture.folder, "one.yaml", text, strlen(text));
    CU_ASSERT_FATAL(wb_run_fixture_load(&fixture, path));
    for (uint32_t i = 0; i < 2; i++) {
        const int64_t run_id = wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_CALENDAR).run_id;
        const bool is_whole = wb_run_fixture_count_rows(&fixture, NULL, not_whole, run_id) == 0;
        const uint32_t broken = wb_run_laws_check(&fixture, run_id);
        if (!is_whole || broken > 0) {
            printf("\n  {at: %us, %s}, contender %u", at_s, fault, i);
        }
        CU_ASSERT(is_whole);
        CU_ASSERT_EQUAL(broken, 0);
        expect_no_rows(&fixture, run_id, "a pod is lost",
                       "SELECT name, cause FROM pods WHERE run_id = ?1 AND state = 'lost'");
    }
    wb_run_fixture_release(&fixture);
}

static void survive_at_any_time(void)
{
    for (size_t f = 0; f < WB_TEST_COUNT(faults); f++) {
        for (unsigned at_s = 3; at_s < 5400; at_s += 901) {
            survive(faults[f], at_s);
        }
    }
}

/* ---- drawn from the seed ---- */

#define DRAWN                                                                                 \
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: one}\nspec:\n  horizon: 60h\n" \
    "  seed: %u\n  workload: [{manifest: %s/scenarios/faults/workload.yaml}]\n"               \
    "  faults: [{every: 2h, kind: lost, share: 0.1}, {every: 5h, kind: controlPlane, for: "   \
    "5m}]\n  contenders:\n"                                                                   \
    "  - {name: k, kind: karpenter, manifests: %s/scenarios/faults/nodepool.yaml}\n"          \
    "  - {name: ca, kind: cluster_autoscaler, nodeGroups: [{name: a, instanceTypes: "         \
    "[m6i.2xlarge], min: 0, max: 40}]}\n"

/* Times at which losses begin, as one number; 0 when there are not some thirty, as 2 h say. */
#define TIMES                                                                 \
    "SELECT * FROM (SELECT count(*) AS n, sum(at_ms % 1000003) AS times FROM" \
    " faults WHERE run_id = ?1 AND kind = 'lost') WHERE n BETWEEN 15 AND 45"

static int64_t draw(wb_run_fixture *fixture, int64_t run_id)
{
    sqlite3_stmt *statement = NULL;
    int64_t times = 0;
    CU_ASSERT_EQUAL_FATAL(sqlite3_prepare_v2(fixture->db, TIMES, -1, &statement, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_bind_int64(statement, 1, run_id), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW) {
        times = sqlite3_column_int64(statement, 1);
    }
    CU_ASSERT_EQUAL(sqlite3_finalize(statement), SQLITE_OK);
    return times;
}

/* The same for both contenders of a seed, others with another. */
static void draw_times_from_the_seed(void)
{
    const char *source = getenv("WERKBANK_SOURCE");
    int64_t times[2][2];
    for (unsigned seed = 0; seed < 2; seed++) {
        char text[2048];
        wb_run_fixture fixture;
        wb_run_fixture_init(&fixture);
        (void)snprintf(text, sizeof text, DRAWN, seed + 1, source, source);
        const char *path = wb_scratch_folder_write(&fixture.folder, "one.yaml", text, strlen(text));
        CU_ASSERT_FATAL(wb_run_fixture_load(&fixture, path));
        for (uint32_t i = 0; i < 2; i++) {
            const int64_t run_id = wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_CALENDAR).run_id;
            times[seed][i] = draw(&fixture, run_id);
            CU_ASSERT_NOT_EQUAL(times[seed][i], 0);
            CU_ASSERT_EQUAL(wb_run_laws_check(&fixture, run_id), 0);
        }
        wb_run_fixture_release(&fixture);
    }
    CU_ASSERT_EQUAL(times[0][0], times[0][1]);
    CU_ASSERT_EQUAL(times[1][0], times[1][1]);
    CU_ASSERT_NOT_EQUAL(times[0][0], times[1][0]);
}

static const wb_test_case cases[] = {
    {"a day on which everything breaks", survive_the_day},
    {"any fault at any time", survive_at_any_time},
    {"faults that are drawn come alike for all", draw_times_from_the_seed},
};

int main(void)
{
    return wb_test_run("fault runs", cases, WB_TEST_COUNT(cases));
}
