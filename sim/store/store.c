/*
 * Opening, making and checking the database, and the small verbs that all rows go through.
 *
 * A file is ours by its application_id and readable by its user_version; anything else is refused
 * before a byte is written, so that a slip in --db never touches somebody else's database. A new
 * file gets the whole schema in one transaction. WAL with synchronous = NORMAL: a killed program
 * loses only its open transaction, a power cut the latest ones, neither the file; and readers
 * (compare, the sqlite3 shell) look in while a run goes on.
 *
 * Every step's status is looked at, and tests/faults makes each write of SQLite's fail in turn.
 */
#include "sim/store/store.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/heap_memory.h"
#include "sim/store/store_internal.h"

#define APPLICATION_ID 0x77626b31 /* "wbk1" */

/* "disk I/O error" alone helps nobody: the system's own word (no room, a limit, no permission) is
 * said with it where SQLite kept it. */
wb_status wb_store_fail(const wb_store *store, const char *what, wb_error *err)
{
    assert(store != NULL && what != NULL);
    if (store->db == NULL) { /* SQLite had no memory to open anything in */
        return wb_fail(err, WB_ERR_IO, "%s: cannot %s: out of memory", store->path, what);
    }
    const char *message = sqlite3_errmsg(store->db);
    const int system_error = sqlite3_system_errno(store->db);
    if (sqlite3_errcode(store->db) == SQLITE_IOERR && system_error != 0) {
        char verb[128];
        (void)snprintf(verb, sizeof verb, "%s: %s", what, message);
        return wb_fail_io(err, store->path, verb, system_error);
    }
    return wb_fail(err, WB_ERR_IO, "%s: cannot %s: %s", store->path, what, message);
}

wb_status wb_store_execute(wb_store *store, const char *sql, wb_error *err)
{
    assert(store != NULL && sql != NULL);
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        return wb_store_fail(store, "write", err);
    }
    return WB_OK;
}

wb_status wb_store_prepare(wb_store *store, const char *sql, sqlite3_stmt **out, wb_error *err)
{
    assert(store != NULL && sql != NULL && out != NULL);
    if (sqlite3_prepare_v2(store->db, sql, -1, out, NULL) != SQLITE_OK) {
        return wb_store_fail(store, "prepare a statement", err);
    }
    return WB_OK;
}

/* The first column of the first row; 0 when there is none. */
static wb_status read_number(wb_store *store, const char *sql, int64_t *out, wb_error *err)
{
    sqlite3_stmt *statement = NULL;
    WB_TRY(wb_store_prepare(store, sql, &statement, err));
    const int step = sqlite3_step(statement);
    *out = step == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    const bool has_failed = step != SQLITE_ROW && step != SQLITE_DONE;
    (void)sqlite3_finalize(statement);
    return has_failed ? wb_store_fail(store, "read", err) : WB_OK;
}

/* What a file says it is. */
typedef struct file_identity {
    int64_t application_id, version, table_count;
} file_identity;

static wb_status read_identity(wb_store *store, file_identity *out, wb_error *err)
{
    file_identity found = {0};
    wb_status status = read_number(store, "PRAGMA application_id", &found.application_id, err);
    status =
        status == WB_OK ? read_number(store, "PRAGMA user_version", &found.version, err) : status;
    status = status == WB_OK
                 ? read_number(store, "SELECT count(*) FROM sqlite_schema", &found.table_count, err)
                 : status;
    const int code = sqlite3_errcode(store->db);
    if (status != WB_OK && (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)) {
        return wb_fail(err, WB_ERR_INPUT, "%s: not a werkbank database: %s", store->path,
                       sqlite3_errmsg(store->db));
    }
    WB_TRY(status);
    *out = found;
    return WB_OK;
}

static bool is_empty(const file_identity *identity)
{
    return identity->table_count == 0 && identity->application_id == 0;
}

/* Inside the caller's transaction; the two numbers come last, so that a file with them is
 * complete. */
static wb_status make_schema(wb_store *store, wb_error *err)
{
    for (size_t i = 0; wb_store_schema[i] != NULL; i++) {
        WB_TRY(wb_store_execute(store, wb_store_schema[i], err));
    }
    WB_TRY(wb_store_execute(store, "PRAGMA application_id = 2002938673", err));
    return wb_store_execute(store, "PRAGMA user_version = 3", err);
}

/* Two programs may make the same file at once: who gets the lock second looks again. A failure on
 * the way leaves the transaction open; closing the database takes it back. */
static wb_status fill_empty_file(wb_store *store, file_identity *inout, wb_error *err)
{
    WB_TRY(wb_store_execute(store, "BEGIN IMMEDIATE", err));
    WB_TRY(read_identity(store, inout, err));
    if (is_empty(inout)) {
        WB_TRY(make_schema(store, err));
        *inout = (file_identity){APPLICATION_ID, WB_STORE_SCHEMA_VERSION, 1};
    }
    return wb_store_execute(store, "COMMIT", err);
}

/* A new file gets the schema; an old one must be ours and of this version. */
static wb_status check_schema(wb_store *store, bool may_create, wb_error *err)
{
    file_identity found = {0};
    WB_TRY(read_identity(store, &found, err));
    if (may_create && is_empty(&found)) {
        WB_TRY(fill_empty_file(store, &found, err));
    }
    if (found.application_id != APPLICATION_ID) {
        return wb_fail(err, WB_ERR_INPUT,
                       "%s: not a werkbank database, expected one that werkbank run wrote",
                       store->path);
    }
    if (found.version != WB_STORE_SCHEMA_VERSION) {
        return wb_fail(err, WB_ERR_INPUT, "%s: schema version %lld, expected %d", store->path,
                       (long long)found.version, WB_STORE_SCHEMA_VERSION);
    }
    return WB_OK;
}

/* SQLite opens what it may not write for reading only, without a word. */
static wb_status check_writable(const wb_store *store, wb_error *err)
{
    if (sqlite3_db_readonly(store->db, "main") == 1) {
        return wb_fail(err, WB_ERR_IO, "%s: cannot write: the file is read-only", store->path);
    }
    return WB_OK;
}

static wb_status open_database(const char *path, int flags, wb_store **out, wb_error *err)
{
    assert(path != NULL && out != NULL);
    wb_store *store = wb_heap_memory_zalloc(1, sizeof *store);
    const size_t size = strlen(path) + 1;
    store->path = wb_heap_memory_alloc(size, 1);
    memcpy(store->path, path, size);
    wb_status status = WB_OK;
    if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK) {
        status = wb_store_fail(store, "open", err);
    }
    const bool may_create = (flags & SQLITE_OPEN_CREATE) != 0;
    if (status == WB_OK) {
        (void)sqlite3_busy_timeout(store->db, 10000);
        status = may_create ? check_writable(store, err) : WB_OK;
        status = status == WB_OK ? check_schema(store, may_create, err) : status;
    }
    if (status == WB_OK && may_create) {
        status = wb_store_execute(store,
                                  "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                                  "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536",
                                  err);
    }
    if (status != WB_OK) {
        wb_store_close(store);
        return status;
    }
    *out = store;
    return WB_OK;
}

wb_status wb_store_open(const char *path, wb_store **out, wb_error *err)
{
    return open_database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, out, err);
}

wb_status wb_store_open_readonly(const char *path, wb_store **out, wb_error *err)
{
    assert(path != NULL && out != NULL);
    if (access(path, R_OK) != 0) {
        return wb_fail_io(err, path, "open", errno);
    }
    return open_database(path, SQLITE_OPEN_READONLY, out, err);
}

void wb_store_close(wb_store *store)
{
    if (store == NULL) {
        return;
    }
    (void)sqlite3_close(store->db);
    wb_heap_memory_free(store->path);
    wb_heap_memory_free(store);
}

wb_row wb_row_begin(sqlite3_stmt *statement, wb_digest *digest, int64_t run_id)
{
    assert(statement != NULL);
    (void)sqlite3_bind_int64(statement, 1, run_id);
    return (wb_row){.statement = statement, .digest = digest, .next = 2};
}

void wb_row_add_int(wb_row *row, int64_t value)
{
    assert(row != NULL);
    (void)sqlite3_bind_int64(row->statement, row->next++, value);
    if (row->digest != NULL) {
        wb_digest_add_int64(row->digest, value);
    }
}

void wb_row_add_int_or_null(wb_row *row, int64_t value)
{
    assert(row != NULL);
    if (value >= 0) {
        wb_row_add_int(row, value);
        return;
    }
    (void)sqlite3_bind_null(row->statement, row->next++);
    if (row->digest != NULL) {
        wb_digest_add_int64(row->digest, -1);
    }
}

void wb_row_add_id(wb_row *row, uint32_t id)
{
    wb_row_add_int_or_null(row, id == WB_NO_ID ? -1 : (int64_t)id);
}

void wb_row_add_text(wb_row *row, const char *text)
{
    assert(row != NULL);
    const bool is_empty = text == NULL || *text == 0;
    if (is_empty) {
        (void)sqlite3_bind_null(row->statement, row->next++);
    } else {
        (void)sqlite3_bind_text(row->statement, row->next++, text, -1, SQLITE_STATIC);
    }
    if (row->digest != NULL) {
        wb_digest_add_text(row->digest, is_empty ? "" : text);
    }
}

wb_status wb_row_insert(wb_row *row, const wb_store *store, wb_error *err)
{
    assert(row->next == sqlite3_bind_parameter_count(row->statement) + 1);
    const int step = sqlite3_step(row->statement);
    (void)sqlite3_reset(row->statement);
    return step == SQLITE_DONE ? WB_OK : wb_store_fail(store, "write a row", err);
}
