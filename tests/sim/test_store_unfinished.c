/* Runs that do not finish: interrupted, abandoned, failed, or out of disk at any byte. The database
 * stays valid, such a run is left out of the figures, and the next run works. */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include <sqlite3.h>

#include "tests/harness.h"
#include "tests/scenarios/scenario_fixture.h"

static wb_scenario_fixture fixture;

static void load_the_world(void)
{
    wb_scenario_fixture_init(&fixture);
    wb_scenario_fixture_write_world(&fixture);
    wb_scenario_fixture_load(&fixture, "world.yaml");
    CU_ASSERT_EQUAL_FATAL(fixture.status, WB_OK);
}

static const char *database(const char *name)
{
    return wb_arena_copy_string(&fixture.arena, wb_scratch_folder_join(&fixture.folder, name));
}

/* The text of a query's first column in its first row, "" without. */
static const char *ask(const char *path, const char *sql)
{
    static char text[256];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    text[0] = 0;
    CU_ASSERT_EQUAL(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL) {
        (void)snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(statement, 0));
    }
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return text;
}

/* How many runs the readers see as finished, and as not. */
static void check_counts(const char *path, uint32_t finished, int64_t unfinished)
{
    wb_store *store = NULL;
    wb_run_figures *rows = NULL;
    uint32_t count = 0;
    int64_t unfinished_count = -1;
    CU_ASSERT_EQUAL_FATAL(wb_store_open_readonly(path, &store, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_store_figures(store, &fixture.arena, &rows, &count, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_store_unfinished_count(store, &unfinished_count, NULL), WB_OK);
    CU_ASSERT_EQUAL(count, finished);
    CU_ASSERT_EQUAL(unfinished_count, unfinished);
    wb_store_close(store);
}

static void stay_running_when_interrupted(void)
{
    static const volatile sig_atomic_t stop = 1;
    const char *path = database("stopped.db");
    wb_store *store = NULL;
    wb_run_figures figures = {0};
    CU_ASSERT_EQUAL_FATAL(wb_store_open(path, &store, NULL), WB_OK);
    wb_scenario_fixture_run(&fixture, 0, store, &stop, &figures);
    CU_ASSERT_EQUAL(fixture.status, WB_ERR_LIMIT);
    CU_ASSERT(strncmp(fixture.err.text, "contender 'few': interrupted at ", 32) == 0);
    wb_store_close(store);
    CU_ASSERT_STRING_EQUAL(ask(path, "SELECT state FROM runs"), "running");
    CU_ASSERT_STRING_EQUAL(ask(path, "SELECT count(*) FROM figures"), "0");
    check_counts(path, 0, 1);
    CU_ASSERT_EQUAL_FATAL(wb_store_open(path, &store, NULL), WB_OK);
    wb_scenario_fixture_run(&fixture, 0, store, NULL, &figures);
    CU_ASSERT_EQUAL(fixture.status, WB_OK);
    wb_store_close(store);
    check_counts(path, 1, 1);
    CU_ASSERT_STRING_EQUAL(ask(path, "SELECT contender FROM runs_summary WHERE state = 'running'"),
                           "few");
}

/* A scenario that fails while it runs: its reason is kept with the run. */
static void say_why_it_failed(void)
{
    const char *path = database("failed.db");
    wb_scenario_fixture failing;
    wb_scenario_fixture_init(&failing);
    (void)wb_scenario_fixture_write(
        &failing, "s.yaml",
        "apiVersion: werkbank/v1\nkind: Scenario\nmetadata: {name: f}\nspec:\n  horizon: 1h\n"
        "  workload:\n  - {trace: t}\n"
        "  - {scale: {kind: Deployment, name: gone, replicas: 2}, at: 1m}\n"
        "  contenders: [{kind: 'null'}]\n");
    (void)wb_scenario_fixture_write(&failing, "t",
                                    "{\"trace\":\"werkbank/v1\"}\n{\"end\":0,\"records\":0}\n");
    wb_scenario_fixture_load(&failing, "s.yaml");
    CU_ASSERT_EQUAL_FATAL(failing.status, WB_OK);
    wb_store *store = NULL;
    wb_run_figures figures = {0};
    CU_ASSERT_EQUAL_FATAL(wb_store_open(path, &store, NULL), WB_OK);
    wb_scenario_fixture_run(&failing, 0, store, NULL, &figures);
    CU_ASSERT_EQUAL(failing.status, WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(failing.err.text,
                           "contender 'null': scale at 60000 ms: no workload 'gone' is there, "
                           "expected one that was applied before");
    wb_store_close(store);
    CU_ASSERT_STRING_EQUAL(ask(path, "SELECT state FROM runs"), "failed");
    CU_ASSERT_STRING_EQUAL(ask(path, "SELECT failure FROM runs"),
                           "scale at 60000 ms: no workload 'gone' is there, expected one that was "
                           "applied before");
    check_counts(path, 0, 1);
    wb_scenario_fixture_release(&failing);
}

/* The largest file that the process may write: the write that passes it fails. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Runs into path with so much room; true when the run finished. */
static bool run_with_room(const char *path, rlim_t bytes)
{
    wb_store *store = NULL;
    wb_run_figures figures = {0};
    wb_error err = {0};
    limit_files(bytes);
    wb_status status = wb_store_open(path, &store, &err);
    if (status == WB_OK) {
        wb_scenario_fixture_run(&fixture, 0, store, NULL, &figures);
        status = fixture.status;
        err = fixture.err;
        wb_store_close(store);
    }
    limit_files(RLIM_INFINITY);
    if (status != WB_OK) {
        CU_ASSERT(status == WB_ERR_IO || status == WB_ERR_INPUT);
        CU_ASSERT(strstr(err.text, "full.db: ") != NULL && strchr(err.text, '\n') == NULL);
    }
    return status == WB_OK;
}

static void survive_a_full_disk(void)
{
    (void)signal(SIGXFSZ, SIG_IGN);
    uint32_t finished = 0;
    for (rlim_t bytes = 4096; bytes < 1500000; bytes += bytes < 100000 ? 9000 : 90000) {
        const char *path = database("full.db");
        const bool has_finished = run_with_room(path, bytes);
        finished += has_finished ? 1 : 0;
        CU_ASSERT_STRING_EQUAL(ask(path, "PRAGMA integrity_check"), "ok");
        CU_ASSERT_STRING_EQUAL(
            ask(path, "SELECT coalesce((SELECT sum(state = 'finished') FROM runs), 0) ="
                      " (SELECT count(*) FROM figures)"),
            strcmp(ask(path, "SELECT count(*) FROM sqlite_schema"), "0") == 0 ? "" : "1");
        if (!has_finished) { /* with room again the same file takes a run */
            CU_ASSERT(run_with_room(path, RLIM_INFINITY));
            CU_ASSERT_STRING_EQUAL(ask(path, "SELECT sum(state = 'finished') FROM runs"), "1");
        }
        (void)remove(path);
        (void)remove(wb_scratch_folder_join(&fixture.folder, "full.db-wal"));
        (void)remove(wb_scratch_folder_join(&fixture.folder, "full.db-shm"));
        (void)remove(wb_scratch_folder_join(&fixture.folder, "full.db-journal"));
    }
    CU_ASSERT(finished > 0); /* the largest are enough */
}

static void release_the_world(void)
{
    wb_scenario_fixture_release(&fixture);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"(a world is loaded)", load_the_world},
        {"an interrupted run stays running", stay_running_when_interrupted},
        {"a failed run says why", say_why_it_failed},
        {"a full disk leaves a valid database", survive_a_full_disk},
        {"(the world is released)", release_the_world},
    };
    return wb_test_run("store unfinished", cases, WB_TEST_COUNT(cases));
}
