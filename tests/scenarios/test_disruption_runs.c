/*
 * What the shipped scenarios of disruption show, held against the record: how long a rolling change
 * of the image takes under its budget, and that nothing is disrupted while the budget is 0.
 */
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

/* ---- drift ---- */

/* 200 nodes and 800 pods, from the change at 1 h to the last node's end. */
#define ROLL(from, to)                                                                         \
    "SELECT * FROM (SELECT count(*) AS nodes, sum(pods_evicted) AS pods, min(found_ms) AS"     \
    " from_ms, max(finished_ms) AS to_ms FROM commands WHERE run_id = ?1 AND method = 'drift'" \
    " AND state = 'done') WHERE nodes <> 200 OR pods <> 800 OR from_ms <> " #from              \
    " OR to_ms <> " #to

static const struct {
    const char *contender, *roll;
} rolls[] = {
    {"ten percent", ROLL(3600000, 5647025)},
    {"one at a time", ROLL(3600000, 15672025)},
};

/* Nodes that count against the budget: from the command to the call that ends the machine. Of 200
 * nodes, and the replacements that are there beside them, 10 % are at most 22. */
static const char over_budget[] =
    "WITH turns AS (SELECT c.started_ms AS at_ms, 1 AS turn FROM commands c WHERE c.run_id = ?1 AND"
    " c.started_ms IS NOT NULL UNION ALL SELECT i.ended_ms, -1 FROM command_nodes n JOIN claims l"
    " USING (run_id, claim_id) JOIN instances i USING (run_id, instance_id) WHERE n.run_id = ?1"
    " AND n.role = 'candidate'), counts AS (SELECT at_ms, sum(turn) OVER (ORDER BY at_ms, turn"
    " ROWS UNBOUNDED PRECEDING) AS going FROM turns) SELECT max(going) AS most FROM counts"
    " HAVING most > 22";

static void roll_an_image(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, "drift"));
    for (uint32_t i = 0; i < 2; i++) {
        const wb_run_figures figures = wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_CALENDAR);
        printf("\n    %s", rolls[i].contender);
        expect_no_rows(&fixture, figures.run_id, "the roll is another", rolls[i].roll);
        expect_no_rows(&fixture, figures.run_id, "more nodes go than the budget allows",
                       over_budget);
        expect_no_rows(&fixture, figures.run_id, "a pod was lost",
                       "SELECT pods_lost FROM figures WHERE run_id = ?1 AND pods_lost > 0");
        expect_no_rows(&fixture, figures.run_id, "a node of the old image is left",
                       "SELECT claim_id FROM claims WHERE run_id = ?1 AND drift IS NOT NULL AND"
                       " gone_ms IS NULL");
        CU_ASSERT_EQUAL(wb_run_laws_check(&fixture, figures.run_id), 0);
    }
    wb_run_fixture_release(&fixture);
}

/* ---- working hours ---- */

#define IN_HOURS(column) \
    "CAST(strftime('%H', (epoch_ms + " column ") / 1000, 'unixepoch') AS INTEGER) BETWEEN 9 AND 16"
#define COMMANDS_IN_HOURS                                                                       \
    "SELECT command_id, method, found_ms FROM commands JOIN runs USING (run_id) WHERE run_id =" \
    " ?1 AND (" IN_HOURS("found_ms") " OR " IN_HOURS("coalesce(started_ms, found_ms)") ")"

/* The load falls twice and the image changes within these hours, so that there is reason to act:
 * the other contender does. What was put off is done in the evening. */
static void leave_working_hours_alone(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, "working-hours"));
    const int64_t quiet = wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR).run_id;
    const int64_t any = wb_run_fixture_run(&fixture, 1, WB_EVENT_QUEUE_CALENDAR).run_id;
    expect_no_rows(&fixture, quiet, "a command within working hours", COMMANDS_IN_HOURS);
    expect_no_rows(&fixture, quiet, "an eviction within working hours",
                   "SELECT event_id, detail, at_ms FROM events JOIN runs USING (run_id) WHERE"
                   " run_id = ?1 AND kind = 'eviction' AND " IN_HOURS("at_ms"));
    expect_rows(&fixture, any, COMMANDS_IN_HOURS " AND method = 'drift'");
    expect_rows(&fixture, any, COMMANDS_IN_HOURS " AND method = 'single-node consolidation'");
    expect_rows(&fixture, quiet,
                "SELECT 1 FROM commands JOIN runs USING (run_id) WHERE run_id = ?1 AND method ="
                " 'drift' AND strftime('%H:%M', (epoch_ms + found_ms) / 1000, 'unixepoch') ="
                " '17:00'");
    CU_ASSERT_EQUAL(wb_run_laws_check(&fixture, quiet), 0);
    CU_ASSERT_EQUAL(wb_run_laws_check(&fixture, any), 0);
    wb_run_fixture_release(&fixture);
}

/* ---- faults ---- */

#define NODES "{name: m, instanceType: m5.large, count: 12, zone: us-east-1a}"
#define FAULTS                                                                          \
    "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: faults}\nspec:\n"        \
    "  horizon: 1h\n  workload: [{manifest: web.yaml}]\n"                               \
    "  faults: [{at: 10m, kind: lost, share: 0.4}, {at: 0s, kind: neverRegisters, "     \
    "share: 0.3}]\n  contenders:\n"                                                     \
    "  - {name: alone, kind: fixed, nodes: [" NODES "]}\n"                              \
    "  - {name: beside, kind: fixed, nodes: [{name: c, instanceType: c5.large, count: " \
    "5}, " NODES "]}\n"

#define WEB                                                                       \
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n"       \
    "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: " \
    "b}}\n    spec: {containers: [{name: c, image: i}]}\n"

/* The n-th machine of a type, zone and market meets the same fault whoever launched it. */
static void strike_all_contenders_alike(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    (void)wb_scratch_folder_write(&fixture.folder, "web.yaml", WEB, strlen(WEB));
    const char *path =
        wb_scratch_folder_write(&fixture.folder, "faults.yaml", FAULTS, strlen(FAULTS));
    CU_ASSERT_FATAL(wb_run_fixture_load(&fixture, path));
    const int64_t alone = wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR).run_id;
    const int64_t beside = wb_run_fixture_run(&fixture, 1, WB_EVENT_QUEUE_CALENDAR).run_id;
    CU_ASSERT_EQUAL(beside, alone + 1);
    expect_no_rows(&fixture, beside, "a machine had another fate",
                   "WITH fates AS (SELECT run_id, row_number() OVER (PARTITION BY run_id ORDER BY"
                   " instance_id) AS ordinal, coalesce(cause, '') AS cause, registered_ms IS NULL"
                   " AS away FROM instances WHERE instance_type = 'm5.large') SELECT a.ordinal,"
                   " a.cause, b.cause FROM fates a JOIN fates b USING (ordinal) WHERE a.run_id ="
                   " ?1 - 1 AND b.run_id = ?1 AND (a.cause <> b.cause OR a.away <> b.away)");
    expect_rows(&fixture, alone,
                "SELECT 1 FROM instances WHERE run_id = ?1 AND cause = 'instance-lost'");
    expect_rows(&fixture, alone,
                "SELECT 1 FROM instances WHERE run_id = ?1 AND registered_ms IS NULL");
    expect_rows(&fixture, alone,
                "SELECT 1 FROM instances WHERE run_id = ?1 AND registered_ms IS NOT NULL AND cause"
                " <> 'instance-lost'");
    CU_ASSERT_EQUAL(wb_run_laws_check(&fixture, alone), 0);
    wb_run_fixture_release(&fixture);
}

/* ---- manifests from before v1 ---- */

static const struct {
    const char *name, *text;
} older_files[] = {
    {"pool.yaml",
     "apiVersion: karpenter.sh/v1alpha5\nkind: Provisioner\nmetadata: {name: p}\n"
     "spec: {ttlSecondsAfterEmpty: 90, ttlSecondsUntilExpired: 7200, providerRef: {name: n}}\n"
     "---\napiVersion: karpenter.k8s.aws/v1alpha1\nkind: AWSNodeTemplate\nmetadata: {name: n}\n"
     "spec: {subnetSelector: {a: b}, securityGroupSelector: {a: b}}\n"},
    {"web.yaml",
     "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 3\n"
     "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec:\n"
     "      affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{"
     "topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {a: b}}}]}}\n"
     "      containers: [{name: c, image: i, resources: {requests: {cpu: 500m}}}]\n"},
    {"scenario.yaml",
     "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: older}\nspec:\n  horizon: 3h\n"
     "  workload:\n  - {manifest: web.yaml}\n"
     "  - {scale: {kind: Deployment, name: web, replicas: 1}, at: 1h}\n"
     "  contenders: [{kind: karpenter, manifests: pool.yaml, boot: instant}]\n"},
};

/* Two of three nodes are empty after an hour and go 90 s later; the third has expired after two
 * hours, and its pod moves to another one. */
static void honour_the_older_times(void)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    for (size_t i = 0; i < WB_TEST_COUNT(older_files); i++) {
        (void)wb_scratch_folder_write(&fixture.folder, older_files[i].name, older_files[i].text,
                                      strlen(older_files[i].text));
    }
    CU_ASSERT_FATAL(
        wb_run_fixture_load(&fixture, wb_scratch_folder_join(&fixture.folder, "scenario.yaml")));
    const int64_t run_id = wb_run_fixture_run(&fixture, 0, WB_EVENT_QUEUE_CALENDAR).run_id;
    expect_rows(&fixture, run_id,
                "SELECT 1 FROM commands WHERE run_id = ?1 AND method = 'emptiness' AND candidates ="
                " 2 AND found_ms BETWEEN 3690000 AND 3702000");
    expect_no_rows(&fixture, run_id, "a command of another kind",
                   "SELECT method FROM commands WHERE run_id = ?1 AND method <> 'emptiness'");
    expect_rows(&fixture, run_id,
                "SELECT 1 FROM claims WHERE run_id = ?1 AND cause = 'expiration' AND gone_ms >"
                " created_ms + 7200000");
    CU_ASSERT_EQUAL(wb_run_laws_check(&fixture, run_id), 0);
    wb_run_fixture_release(&fixture);
}

static const wb_test_case cases[] = {
    {"a new image rolls over 200 nodes within the budget", roll_an_image},
    {"nothing is disrupted in working hours", leave_working_hours_alone},
    {"faults are the same for all contenders", strike_all_contenders_alike},
    {"a Provisioner's times are honoured", honour_the_older_times},
};

int main(void)
{
    return wb_test_run("disruption runs", cases, WB_TEST_COUNT(cases));
}
