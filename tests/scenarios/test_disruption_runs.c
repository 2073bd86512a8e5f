/*
 * What the shipped scenarios of disruption show, held against the record: how long a rolling change
 * of the image takes under its budget, and that nothing is disrupted while the budget is 0.
 */
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
    {"ten percent", ROLL(3600000, 5645760)},
    {"one at a time", ROLL(3600000, 15667036)},
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

static const wb_test_case cases[] = {
    {"a new image rolls over 200 nodes within the budget", roll_an_image},
    {"nothing is disrupted in working hours", leave_working_hours_alone},
};

int main(void)
{
    return wb_test_run("disruption runs", cases, WB_TEST_COUNT(cases));
}
