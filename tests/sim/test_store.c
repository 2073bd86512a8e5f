/* Opening: what is not ours, or of another version, or cannot be written, is refused in one line.
 * */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "sim/store/store.h"
#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

static wb_scratch_folder folder;

/* Makes a database by statements, outside of the store. */
static const char *make_database(const char *name, const char *sql)
{
    const char *path = wb_scratch_folder_join(&folder, name);
    sqlite3 *db = NULL;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_close(db), SQLITE_OK);
    return path;
}

/* Both ways of opening must refuse path with this message behind it. */
static void expect_refusal(const char *path, wb_status status, const char *message)
{
    for (int is_readonly = 0; is_readonly < 2; is_readonly++) {
        wb_store *store = NULL;
        wb_error err = {0};
        CU_ASSERT_EQUAL(is_readonly ? wb_store_open_readonly(path, &store, &err)
                                    : wb_store_open(path, &store, &err),
                        status);
        CU_ASSERT_EQUAL(err.status, status);
        const bool is_same = strncmp(err.text, path, strlen(path)) == 0 &&
                             strcmp(err.text + strlen(path), message) == 0;
        if (!is_same) {
            printf("\n  found %s\n", err.text);
        }
        CU_ASSERT(is_same);
        CU_ASSERT_PTR_NULL(store);
    }
}

static void refuse_what_is_not_ours(void)
{
    wb_scratch_folder_init(&folder);
    static const char garbage[] = "this is no database, but long enough to be looked at by SQLite "
                                  "and then some more, until a page header would be complete";
    expect_refusal(wb_scratch_folder_write(&folder, "garbage", garbage, sizeof garbage),
                   WB_ERR_INPUT, ": not a werkbank database: file is not a database");
    expect_refusal(make_database("other", "CREATE TABLE t (a)"), WB_ERR_INPUT,
                   ": not a werkbank database, expected one that werkbank run wrote");
    expect_refusal(make_database("claimed", "PRAGMA application_id = 7"), WB_ERR_INPUT,
                   ": not a werkbank database, expected one that werkbank run wrote");
    expect_refusal(make_database("old", "PRAGMA application_id = 2002938673; CREATE TABLE t (a)"),
                   WB_ERR_INPUT, ": schema version 0, expected 3");
    expect_refusal(make_database("new", "PRAGMA application_id = 2002938673;"
                                        "PRAGMA user_version = 9; CREATE TABLE t (a)"),
                   WB_ERR_INPUT, ": schema version 9, expected 3");
    wb_scratch_folder_release(&folder);
}

static void refuse_what_cannot_be_opened(void)
{
    wb_scratch_folder_init(&folder);
    wb_store *store = NULL;
    wb_error err = {0};
    CU_ASSERT_EQUAL(wb_store_open("/nowhere/x.db", &store, &err), WB_ERR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "/nowhere/x.db: cannot open: unable to open database file");
    CU_ASSERT_EQUAL(wb_store_open(folder.path, &store, &err), WB_ERR_IO);
    CU_ASSERT_EQUAL(wb_store_open_readonly("/nowhere/x.db", &store, &err), WB_ERR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "/nowhere/x.db: cannot open: No such file or directory");
    const char *path = wb_scratch_folder_join(&folder, "none.db");
    CU_ASSERT_EQUAL(wb_store_open_readonly(path, &store, &err), WB_ERR_IO);
    CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&folder), 0); /* reading makes nothing */
    wb_scratch_folder_release(&folder);
}

static void refuse_a_file_that_is_read_only(void)
{
    wb_scratch_folder_init(&folder);
    wb_store *store = NULL;
    wb_error err = {0};
    const char *path = wb_scratch_folder_join(&folder, "x.db");
    CU_ASSERT_EQUAL_FATAL(wb_store_open(path, &store, &err), WB_OK);
    wb_store_close(store);
    store = NULL;
    CU_ASSERT_EQUAL(chmod(path, 0444), 0);
    const wb_status status = wb_store_open(path, &store, &err);
    if (geteuid() == 0) { /* root may write everything */
        CU_ASSERT_EQUAL(status, WB_OK);
        wb_store_close(store);
    } else {
        CU_ASSERT_EQUAL(status, WB_ERR_IO);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "x.db: cannot write: the file is read-only"));
    }
    wb_scratch_folder_release(&folder);
}

/* Fresh, empty, or ours already: opened, and marked as ours. */
static void open_what_is_ours(void)
{
    wb_scratch_folder_init(&folder);
    const char *paths[] = {wb_scratch_folder_join(&folder, "fresh.db"),
                           wb_scratch_folder_write(&folder, "empty.db", "", 0), ":memory:"};
    for (size_t i = 0; i < WB_TEST_COUNT(paths); i++) {
        for (int round = 0; round < 2; round++) {
            wb_store *store = NULL;
            wb_error err = {0};
            int64_t unfinished_count = -1;
            CU_ASSERT_EQUAL_FATAL(wb_store_open(paths[i], &store, &err), WB_OK);
            CU_ASSERT_EQUAL(wb_store_unfinished_count(store, &unfinished_count, &err), WB_OK);
            CU_ASSERT_EQUAL(unfinished_count, 0);
            wb_store_close(store);
        }
    }
    wb_store_close(NULL);
    /* a clean close leaves one file, to be copied as it is */
    CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&folder), 2);
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(paths[0], &db), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &statement, NULL), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_step(statement), SQLITE_ROW);
    CU_ASSERT_STRING_EQUAL((const char *)sqlite3_column_text(statement, 0), "wal");
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    wb_scratch_folder_release(&folder);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"what is not ours is refused", refuse_what_is_not_ours},
        {"what cannot be opened is refused", refuse_what_cannot_be_opened},
        {"a read-only file is refused for writing", refuse_a_file_that_is_read_only},
        {"what is ours is opened", open_what_is_ours},
    };
    return wb_test_run("store", cases, WB_TEST_COUNT(cases));
}
