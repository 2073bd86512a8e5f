#include "tests/scenarios/published_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"

static bool is_same_run(const wb_published_row *a, const wb_published_row *b)
{
    return strcmp(a->scenario, b->scenario) == 0 && a->contender_index == b->contender_index &&
           a->seed == b->seed;
}

static void run(wb_run_fixture *fixture, const wb_published_row *row)
{
    const char *source = getenv("WERKBANK_SOURCE");
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/scenarios/published/%s", source != NULL ? source : ".",
                   row->scenario);
    wb_run_fixture_init(fixture);
    CU_ASSERT_TRUE_FATAL(wb_run_fixture_load(fixture, path));
    CU_ASSERT_EQUAL(fixture->findings.warning_count, 0);
    fixture->scenario.seed = row->seed;
    (void)wb_run_fixture_run(fixture, row->contender_index, WB_EVENT_QUEUE_CALENDAR);
}

static void ask(wb_run_fixture *fixture, const wb_published_row *row)
{
    sqlite3_stmt *statement = NULL;
    const int prepared = sqlite3_prepare_v2(fixture->db, row->sql, -1, &statement, NULL);
    if (prepared != SQLITE_OK) {
        printf("\n  %s: %s", row->name, sqlite3_errmsg(fixture->db));
    }
    CU_ASSERT_EQUAL_FATAL(prepared, SQLITE_OK);
    (void)sqlite3_bind_int64(statement, 1, 1);
    CU_ASSERT_EQUAL(sqlite3_step(statement), SQLITE_ROW);
    const unsigned char *text = sqlite3_column_text(statement, 0);
    const char *found = text != NULL ? (const char *)text : "NULL";
    if (strcmp(found, row->expected) != 0) {
        printf("\n  %s, seed %llu: %s: %s", row->scenario, (unsigned long long)row->seed, row->name,
               found);
    }
    CU_ASSERT_STRING_EQUAL(found, row->expected);
    (void)sqlite3_finalize(statement);
}

void wb_published_fixture_check(const wb_published_row *rows, size_t count)
{
    wb_run_fixture fixture;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !is_same_run(&rows[i - 1], &rows[i])) {
            run(&fixture, &rows[i]);
        }
        ask(&fixture, &rows[i]);
        if (i + 1 == count || !is_same_run(&rows[i], &rows[i + 1])) {
            wb_run_fixture_release(&fixture);
        }
    }
}
