/*
 * What consolidation does over time, in shipped scenarios, to the last figure: a day's load that
 * falls at night (night), nodes that never come to rest (churn), and nodes that are left alone from
 * nine to five (working-hours). The figures are in expected_consolidation.csv; a change that is
 * meant is made with
 *     WB_TEST_UPDATE=1 build/tests/test_consolidation_runs
 * and reviewed as a difference of that file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "tests/harness.h"
#include "tests/scenarios/run_fixture.h"

/* Each gives rows that begin with the contender's name. */
static const struct {
    const char *scenario, *what, *sql;
} questions[] = {
    {"night", "figures",
     "SELECT contender, cost_nusd, nodes_launched, nodes_max, node_ms, evictions FROM figures"
     " JOIN runs USING (run_id) ORDER BY run_id"},
    {"night", "nodes by hour",
     "SELECT contender, group_concat(nodes, ' ') FROM (SELECT run_id, contender, nodes FROM"
     " samples JOIN runs USING (run_id) WHERE at_ms % 14400000 = 0 ORDER BY run_id, at_ms)"
     " GROUP BY run_id"},
    {"night", "millidollars by hour",
     "SELECT contender, group_concat(usd, ' ') FROM (SELECT run_id, contender, cost_nusd / 1000000"
     " AS usd FROM samples JOIN runs USING (run_id) WHERE at_ms % 14400000 = 0 ORDER BY run_id,"
     " at_ms) GROUP BY run_id"},
    {"night", "evictions by hour",
     "SELECT contender, group_concat(n, ' ') FROM (SELECT s.run_id, contender, (SELECT count(*)"
     " FROM events e WHERE e.run_id = s.run_id AND kind = 'eviction' AND e.at_ms <= s.at_ms) AS n"
     " FROM samples s JOIN runs USING (run_id) WHERE at_ms % 14400000 = 0 ORDER BY s.run_id,"
     " at_ms) GROUP BY run_id"},
    {"churn", "figures",
     "SELECT contender, cost_nusd, nodes_launched, nodes_max, node_ms, evictions FROM figures"
     " JOIN runs USING (run_id) ORDER BY run_id"},
    {"churn", "commands",
     "SELECT contender, method, done, rejected, failed, nodes_removed, nodes_made, pods_evicted"
     " FROM churn JOIN runs USING (run_id) ORDER BY run_id, method"},
    {"churn", "evictions by six hours",
     "SELECT contender, (SELECT group_concat(n, ' ') FROM (SELECT (SELECT count(*) FROM events e"
     " WHERE e.run_id = runs.run_id AND kind = 'eviction' AND e.at_ms / 21600000 = part) AS n FROM"
     " (SELECT 0 AS part UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3)))"
     " FROM runs ORDER BY run_id"},
    {"working-hours", "figures",
     "SELECT contender, cost_nusd, nodes_launched, nodes_max, node_ms, evictions FROM figures"
     " JOIN runs USING (run_id) ORDER BY run_id"},
    {"working-hours", "drift: commands, first found, last finished",
     "SELECT contender, count(*), min(found_ms), max(finished_ms) FROM commands JOIN runs USING"
     " (run_id) WHERE method = 'drift' GROUP BY run_id"},
};

static void add_rows(wb_run_fixture *fixture, size_t question, wb_text *out)
{
    sqlite3_stmt *statement = NULL;
    CU_ASSERT_EQUAL_FATAL(
        sqlite3_prepare_v2(fixture->db, questions[question].sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        wb_text_add_format(out, "%s,%s", questions[question].scenario, questions[question].what);
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const unsigned char *cell = sqlite3_column_text(statement, i);
            wb_text_add_format(out, ",%s", cell != NULL ? (const char *)cell : "");
        }
        wb_text_add_string(out, "\n");
    }
    CU_ASSERT_EQUAL(sqlite3_finalize(statement), SQLITE_OK);
}

/* Runs a shipped scenario under all its contenders and asks every question about it. */
static void ask_all(const char *scenario, wb_text *out)
{
    wb_run_fixture fixture;
    wb_run_fixture_init(&fixture);
    CU_ASSERT_FATAL(wb_run_fixture_load_shipped(&fixture, scenario));
    for (uint32_t i = 0; i < fixture.scenario.contender_count; i++) {
        (void)wb_run_fixture_run(&fixture, i, WB_EVENT_QUEUE_CALENDAR);
    }
    for (size_t q = 0; q < WB_TEST_COUNT(questions); q++) {
        if (strcmp(questions[q].scenario, scenario) == 0) {
            add_rows(&fixture, q, out);
        }
    }
    wb_run_fixture_release(&fixture);
}

static void print_path(char *out, size_t size)
{
    const char *source = getenv("WERKBANK_SOURCE");
    (void)snprintf(out, size, "%s/tests/scenarios/expected_consolidation.csv",
                   source != NULL ? source : ".");
}

static void write_expected(const char *path, const wb_text *found)
{
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(found->bytes, 1, found->length, file), found->length);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

/* Prints the first line that differs: expected, then found. */
static void print_difference(const char *expected, const char *found)
{
    while (*expected != '\0' && *found != '\0') {
        const size_t length = strcspn(expected, "\n");
        if (strcspn(found, "\n") != length || memcmp(expected, found, length) != 0) {
            break;
        }
        expected += length + 1;
        found += length + 1;
    }
    printf("\n  expected %.*s\n  found    %.*s", (int)strcspn(expected, "\n"), expected,
           (int)strcspn(found, "\n"), found);
}

static void compare_figures(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "expected", 0, NULL);
    char path[1024];
    print_path(path, sizeof path);
    wb_text found;
    wb_text_init(&found);
    ask_all("night", &found);
    ask_all("churn", &found);
    ask_all("working-hours", &found);
    if (getenv("WB_TEST_UPDATE") != NULL) {
        write_expected(path, &found);
    }
    size_t length = 0;
    char *expected = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_file_read(&arena, path, 0, &expected, &length, NULL), WB_OK);
    const bool is_same = length == found.length && memcmp(expected, found.bytes, length) == 0;
    CU_ASSERT(is_same);
    if (!is_same) {
        print_difference(expected, wb_text_string(&found));
    }
    wb_text_release(&found);
    wb_arena_release(&arena);
}

static const wb_test_case cases[] = {
    {"consolidation comes to the figures that are on record", compare_figures},
};

int main(void)
{
    return wb_test_run("consolidation runs", cases, WB_TEST_COUNT(cases));
}
