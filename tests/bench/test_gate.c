/*
 * The gate's parts on real runs that are changed by hand: trails must bracket every planted
 * difference, the diff must name exactly it, and a baseline must survive its file.
 */
#include <string.h>

#include <sqlite3.h>

#include "base/file_writer.h"
#include "bench/baseline.h"
#include "bench/run_diff.h"
#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"

/* Two runs of one contender of a shipped scenario in one database; the second is to be changed. */
static void set_up(wb_run_fixture *fixture, const char *scenario, uint32_t contender)
{
    wb_run_fixture_init(fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(fixture, scenario));
    for (int i = 0; i < 2; i++) {
        (void)wb_run_fixture_run(fixture, contender, WB_EVENT_QUEUE_CALENDAR);
    }
}

static void execute(wb_run_fixture *fixture, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(fixture->db, sql, NULL, NULL, &message) != SQLITE_OK) {
        printf("\n  %s: %s\n", sql, message);
        CU_FAIL_FATAL("the change cannot be made");
    }
}

static wb_run_difference find(wb_run_fixture *fixture)
{
    const wb_run_side a = {fixture->store, 1, "A"};
    const wb_run_side b = {fixture->store, 2, "B"};
    wb_run_difference found;
    CU_ASSERT_EQUAL_FATAL(wb_run_diff_find(&a, &b, &fixture->arena, &found, NULL), WB_OK);
    return found;
}

static void test_a_trail_brackets_every_change(void)
{
    wb_run_fixture fixture;
    set_up(&fixture, "churn", 0); /* some 190 decisions: six to a mark */
    wb_decision_trail trail;
    CU_ASSERT_EQUAL_FATAL(wb_decision_trail_read(fixture.store, 1, &fixture.arena, &trail, NULL),
                          WB_OK);
    CU_ASSERT_EQUAL(trail.mark_count, WB_DECISION_TRAIL_MARKS);
    wb_decision_parting parting;
    CU_ASSERT_EQUAL(
        wb_decision_trail_compare(fixture.store, 2, &trail, &fixture.arena, &parting, NULL), WB_OK);
    CU_ASSERT_EQUAL(parting.parted_count, 0);
    for (uint32_t i = 0; i < trail.decision_count; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql,
                       "UPDATE decisions SET pod_count = pod_count + 1 WHERE run_id = 2 AND"
                       " decision_id = %u",
                       i);
        execute(&fixture, sql);
        CU_ASSERT_EQUAL(wb_decision_trail_compare(fixture.store, 2, &trail, &fixture.arena,
                                                  &parting, NULL),
                        WB_OK);
        CU_ASSERT(parting.same_count <= i && i < parting.parted_count);
        CU_ASSERT(parting.parted_count - parting.same_count <=
                  trail.decision_count / WB_DECISION_TRAIL_MARKS + 1);
        CU_ASSERT_EQUAL(find(&fixture).same_count, i); /* and the diff names exactly it */
        (void)snprintf(sql, sizeof sql,
                       "UPDATE decisions SET pod_count = pod_count - 1 WHERE run_id = 2 AND"
                       " decision_id = %u",
                       i);
        execute(&fixture, sql);
    }
    execute(&fixture, "UPDATE decisions SET reason = 'other words' WHERE run_id = 2");
    CU_ASSERT_EQUAL(
        wb_decision_trail_compare(fixture.store, 2, &trail, &fixture.arena, &parting, NULL), WB_OK);
    CU_ASSERT_EQUAL(parting.parted_count, 0); /* wording is no decision */
    wb_run_fixture_release(&fixture);
}

static void test_a_trail_survives_its_text(void)
{
    static const char *const wrong[] = {"1",   "1:",      "x:12",    "1:zz",
                                        "0:1", "2:1 2:1", "2:1 1:1", "1:1,2:2"};
    const wb_decision_trail trail = {9, 3, {3, 6, 9}, {0x0012, 0xffff, 0x0000}};
    wb_text text;
    wb_text_init(&text);
    wb_decision_trail_print(&trail, &text);
    CU_ASSERT_STRING_EQUAL(wb_text_string(&text), "3:0012 6:ffff 9:0000");
    wb_decision_trail back;
    CU_ASSERT(wb_decision_trail_parse(wb_text_string(&text), &back));
    CU_ASSERT_EQUAL(back.decision_count, 9);
    CU_ASSERT_EQUAL(back.prints[1], 0xffff);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        CU_ASSERT(!wb_decision_trail_parse(wrong[i], &back));
    }
    wb_text_release(&text);
}

static void test_the_other_side_is_told_too(void)
{
    wb_run_fixture fixture;
    set_up(&fixture, "churn", 0);
    CU_ASSERT(!find(&fixture).is_different);
    /* B gives a command up that A carries out, and says why. */
    execute(&fixture,
            "DELETE FROM decisions WHERE run_id = 2 AND decision_id = (SELECT min(decision_id)"
            " FROM decisions WHERE run_id = 2 AND outcome LIKE 'delete 1 node%')");
    execute(&fixture,
            "UPDATE commands SET state = 'rejected', failure = 'budget' WHERE run_id = 2");
    const wb_run_difference found = find(&fixture);
    CU_ASSERT(found.is_different);
    CU_ASSERT_STRING_EQUAL(found.kind, "decision");
    CU_ASSERT_PTR_NOT_NULL(strstr(found.sentence, " A deleted default-"));
    CU_ASSERT_PTR_NOT_NULL(strstr(found.sentence, ", B kept it: budget"));
    wb_run_fixture_release(&fixture);
}

static void test_pods_differ_where_decisions_do_not(void)
{
    wb_run_fixture fixture;
    set_up(&fixture, "nginx-demo", 0);
    execute(&fixture, "UPDATE pods SET bound_ms = bound_ms + 5 WHERE run_id = 2 AND pod_id = 2");
    const wb_run_difference found = find(&fixture);
    CU_ASSERT_STRING_EQUAL(found.kind, "pod");
    CU_ASSERT_PTR_NOT_NULL(strstr(found.sentence, "decisions are the same; A: default/nginx-"));
    CU_ASSERT_PTR_NOT_NULL(strstr(found.sentence, " was bound to "));
    execute(&fixture, "UPDATE pods SET bound_ms = bound_ms - 5 WHERE run_id = 2 AND pod_id = 2");
    execute(&fixture, "UPDATE runs SET digest = 'other' WHERE run_id = 2");
    CU_ASSERT_STRING_EQUAL(find(&fixture).kind, "record");
    const wb_run_side gone = {fixture.store, 9, "C"};
    const wb_run_side a = {fixture.store, 1, "A"};
    wb_run_difference none;
    CU_ASSERT_EQUAL(wb_run_diff_find(&a, &gone, &fixture.arena, &none, NULL), WB_ERR_INPUT);
    wb_run_fixture_release(&fixture);
}

static void test_a_baseline_survives_its_file(void)
{
    wb_run_fixture fixture;
    set_up(&fixture, "nginx-demo", 0);
    execute(&fixture, "INSERT INTO jobs VALUES (1, 'set', 'd', 0, 2, 'one'),"
                      " (2, 'set', 'd', 1, 2, 'two')");
    wb_baseline made;
    CU_ASSERT_EQUAL_FATAL(wb_baseline_from_store(fixture.store, &fixture.arena, &made, NULL),
                          WB_OK);
    CU_ASSERT_EQUAL(made.run_count, 2);
    CU_ASSERT_STRING_EQUAL(wb_baseline_value_of(&made.runs[0], "work.rows"),
                           wb_baseline_value_of(&made.runs[1], "work.rows"));
    wb_text text;
    wb_text again;
    wb_text_init(&text);
    wb_text_init(&again);
    wb_baseline_print(&made, &text);
    const char *path = wb_scratch_folder_join(&fixture.folder, "baseline");
    CU_ASSERT_EQUAL(wb_file_writer_write_file(path, text.bytes, text.length, NULL), WB_OK);
    wb_baseline back;
    CU_ASSERT_EQUAL_FATAL(wb_baseline_read(path, &fixture.arena, &back, NULL), WB_OK);
    wb_baseline_print(&back, &again);
    CU_ASSERT_STRING_EQUAL(text.bytes, again.bytes);
    wb_text_release(&text);
    wb_text_release(&again);
    wb_run_fixture_release(&fixture);
}

static void test_a_broken_baseline_names_its_line(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "holds no run"},
        {"suite x\n", ":1: found 'suite x', expected 'werkbank-baseline 1'"},
        {"werkbank-baseline 2\n", ":1: found 'werkbank-baseline 2'"},
        {"werkbank-baseline 1\ncolour red\n", ":2: found 'colour red', expected suite"},
        {"werkbank-baseline 1\n  cost_usd 1\n", ":2: 'cost_usd' stands in front of"},
        {"werkbank-baseline 1\nrun a\nrun a\n", ":3: run 'a' occurs twice"},
        {"werkbank-baseline 1\nrun a\n\n  trail 5\n", ":4: '5' is no trail"},
    };
    wb_scratch_folder folder;
    wb_arena arena;
    wb_scratch_folder_init(&folder);
    wb_arena_init(&arena, "test", 0, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path =
            wb_scratch_folder_write(&folder, "baseline", cases[i].text, strlen(cases[i].text));
        wb_baseline baseline;
        wb_error err = {0};
        CU_ASSERT_EQUAL(wb_baseline_read(path, &arena, &baseline, &err), WB_ERR_INPUT);
        if (strstr(err.text, cases[i].message) == NULL) {
            printf("\n  found '%s', expected '%s'\n", err.text, cases[i].message);
            CU_FAIL("another message");
        }
    }
    wb_arena_release(&arena);
    wb_scratch_folder_release(&folder);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a trail brackets every change", test_a_trail_brackets_every_change},
        {"a trail survives its text", test_a_trail_survives_its_text},
        {"the other side is told too", test_the_other_side_is_told_too},
        {"pods differ where decisions do not", test_pods_differ_where_decisions_do_not},
        {"a baseline survives its file", test_a_baseline_survives_its_file},
        {"a broken baseline names its line", test_a_broken_baseline_names_its_line},
    };
    return wb_test_run("gate", cases, WB_TEST_COUNT(cases));
}
