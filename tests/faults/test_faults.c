/*
 * Every allocation, every write and every I/O of SQLite fails in turn, in whole commands over small
 * inputs (fault_points.c says how). Whatever fails: one clear line and status 3 (2 where an output
 * could not even be opened), or the failure is borne and the result is the same to the byte; and no
 * file is lost or half written, the database stays valid, and the next run into it works.
 *
 * Sizes: nginx-demo passes some 2,600 allocations of ours, 7,600 of SQLite's, 100 of its writes.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

#define WORDS_MAX   12
#define SECONDS_MAX 300 /* a command that hangs is ended by SIGALRM */
#define REPORT_FILE 3
#define ANY_NUMBER  UINT64_MAX

/* Under ASan a fork costs ten times as much: every so many-th point, a prime to meet all kinds. */
#if defined(__SANITIZE_ADDRESS__)
#    define STRIDE 17
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define STRIDE 17
#    endif
#endif
#ifndef STRIDE
#    define STRIDE 1
#endif

static wb_scratch_folder folder;

/* ---------------------------------------------------------------------------- commands */

/* What a command printed and how it ended: -1 by a signal. */
typedef struct command_end {
    int status;
    char output[65536], errors[4096], report[8192];
} command_end;

static void read_all(int file, char *out, size_t size)
{
    size_t length = 0;
    ssize_t added = 1;
    while (added > 0 && length + 1 < size) {
        added = read(file, out + length, size - 1 - length);
        length += added > 0 ? (size_t)added : 0;
    }
    out[length] = 0;
}

_Noreturn static void become(const char *fault, const char *const *words, int ends[3][2])
{
    const char *program = getenv("WERKBANK_WITH_FAULTS");
    assert(program != NULL); /* else main skips */
    char *arguments[WORDS_MAX + 2] = {NULL};
    arguments[0] = strdup("werkbank");
    for (size_t i = 0; words[i] != NULL; i++) {
        arguments[i + 1] = strdup(words[i]);
    }
    for (int i = 0; i < 3; i++) {
        const int kept = fcntl(ends[i][1], F_DUPFD, 10); /* above the numbers that are given here */
        (void)dup2(kept, i + 1);
        (void)close(kept);
    }
    (void)setenv("WERKBANK_FAULT", fault, 1);
    (void)setenv("WERKBANK_FAULT_OUTPUT", wb_scratch_folder_join(&folder, "expected"), 1);
    (void)alarm(SECONDS_MAX);
    (void)execv(program, arguments);
    _exit(127);
}

/* Runs the words under that fault. A command here prints less than a pipe holds. */
static void run(const char *fault, const char *const *words, command_end *out)
{
    int ends[3][2];
    (void)fflush(stdout);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL_FATAL(pipe(ends[i]), 0);
        (void)fcntl(ends[i][0], F_SETFD, FD_CLOEXEC);
        (void)fcntl(ends[i][1], F_SETFD, FD_CLOEXEC);
    }
    const pid_t child = fork();
    if (child == 0) {
        become(fault, words, ends);
    }
    char *const texts[] = {out->output, out->errors, out->report};
    const size_t sizes[] = {sizeof out->output, sizeof out->errors, sizeof out->report};
    for (int i = 0; i < 3; i++) {
        (void)close(ends[i][1]);
    }
    for (int i = 2; i >= 0; i--) {
        read_all(ends[i][0], texts[i], sizes[i]);
        (void)close(ends[i][0]);
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    out->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A number that the report names. */
static uint64_t reported(const command_end *end, const char *name)
{
    const char *line = strstr(end->report, "points ");
    const char *at = line == NULL ? NULL : strstr(line, name);
    return at == NULL ? ANY_NUMBER : strtoull(at + strlen(name), NULL, 10);
}

/* Runs the words unharmed; the count of points of that kind. The output is what is expected from
 * then on. */
static uint64_t count_points(const char *kind, const char *const *words)
{
    static command_end end;
    char fault[64];
    (void)snprintf(fault, sizeof fault, "%s count", kind);
    run(fault, words, &end);
    CU_ASSERT_EQUAL(end.status, 0);
    CU_ASSERT_STRING_EQUAL(end.errors, "");
    (void)wb_scratch_folder_write(&folder, "expected", end.output, strlen(end.output));
    const uint64_t count = reported(&end, "points ");
    CU_ASSERT(count > 0 && count != ANY_NUMBER);
    return count;
}

static bool is_one_line(const char *text)
{
    const char *end = strchr(text, '\n');
    return strncmp(text, "werkbank: ", 10) == 0 && end != NULL && end[1] == 0;
}

static const char *source_path(const char *name)
{
    static char paths[2][1024];
    static unsigned next;
    const char *source = getenv("WERKBANK_SOURCE");
    char *path = paths[next++ % 2];
    (void)snprintf(path, sizeof paths[0], "%s/%s", source == NULL ? "." : source, name);
    return path;
}

/* ---------------------------------------------------------------------------- memory */

/* Each point of the kind fails in a child of one run. */
static void refuse_each(const char *kind, const char *const *words)
{
    static command_end end;
    char fault[64];
    const uint64_t count = count_points(kind, words);
    (void)snprintf(fault, sizeof fault, "%s each %d", kind, STRIDE);
    run(fault, words, &end);
    CU_ASSERT_EQUAL(end.status, 0); /* the parent goes on unharmed */
    CU_ASSERT_EQUAL(reported(&end, "tried "), count / STRIDE);
    CU_ASSERT_EQUAL(reported(&end, "violations "), 0);
    if (reported(&end, "violations ") != 0) {
        printf("\n%s", end.report);
    }
}

static void end_a_run_when_memory_is_refused(void)
{
    const char *const words[] = {"run", source_path("scenarios/nginx-demo/scenario.yaml"), "-o",
                                 "json", NULL};
    refuse_each("heap", words);
}

static void end_a_run_when_sqlite_has_no_memory(void)
{
    const char *const words[] = {"run", source_path("scenarios/nginx-demo/scenario.yaml"), "-o",
                                 "json", NULL};
    refuse_each("sqlite-heap", words);
}

static void end_other_commands_when_memory_is_refused(void)
{
    const char *const solve[] = {"solve", "-f",   source_path("scenarios/solve/web"),
                                 "-o",    "json", NULL};
    refuse_each("heap", solve);
    const char *const show[] = {"catalog", "show", "m5.large", "-o", "json", NULL};
    refuse_each("heap", show);
    char out[512];
    (void)snprintf(out, sizeof out, "%s", wb_scratch_folder_join(&folder, "memory.trace.zst"));
    const char *const generate[] = {"trace",
                                    "generate",
                                    source_path("scenarios/day/day.spec.yaml"),
                                    "--scale-percent",
                                    "1",
                                    "--out",
                                    out,
                                    NULL};
    refuse_each("heap", generate);
    const char *const info[] = {"trace", "info", out, "-o", "json", NULL};
    refuse_each("heap", info);
}

/* ---------------------------------------------------------------------------- the database */

static char database[512];

static void remove_database(void)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < WB_TEST_COUNT(endings); i++) {
        char path[600];
        (void)snprintf(path, sizeof path, "%s%s", database, endings[i]);
        (void)unlink(path);
    }
}

/* The first value of a query, as text; "" without a row. */
static const char *ask(const char *sql)
{
    static char text[256];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    text[0] = 0;
    if (sqlite3_open(database, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0) != NULL) {
        (void)snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(statement, 0));
    }
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return text;
}

/* Whole, and every run either finished with its figures or neither. */
static bool is_valid_database(bool is_finished)
{
    if (strcmp(ask("PRAGMA integrity_check"), "ok") != 0) {
        return false;
    }
    if (strcmp(ask("SELECT count(*) FROM sqlite_schema"), "0") == 0) {
        return !is_finished; /* made, but not filled */
    }
    return strcmp(ask("SELECT (SELECT count(*) FROM runs WHERE state = 'finished') ="
                      " (SELECT count(*) FROM figures)"),
                  "1") == 0 &&
           (!is_finished || strcmp(ask("SELECT sum(state = 'finished') FROM runs"), "2") == 0);
}

/* One failure of the kind: how the command ended, what it left, and whether the next run works. */
static bool survives(const char *fault, const char *const *words, const char *expected)
{
    static command_end end;
    remove_database();
    run(fault, words, &end);
    const bool is_borne =
        end.status == 0 && strcmp(end.output, expected) == 0 && end.errors[0] == 0;
    const bool is_told =
        (end.status == 2 || end.status == 3) && is_one_line(end.errors) && end.output[0] == 0;
    const bool is_valid = is_valid_database(end.status == 0);
    static command_end next;
    run("sqlite-io count", words, &next);
    const bool goes_on = next.status == 0 && strcmp(next.output, expected) == 0;
    if ((is_borne || is_told) && is_valid && goes_on) {
        return true;
    }
    printf("\n    %s: status %d, database %s, next run %d, '%s'", fault, end.status,
           is_valid ? "valid" : "broken", next.status, end.errors);
    return false;
}

static void keep_the_database_valid(void)
{
    static command_end plain;
    static const char *const modes[] = {"at", "from"};
    (void)snprintf(database, sizeof database, "%s", wb_scratch_folder_join(&folder, "x.db"));
    const char *const words[] = {"run",  source_path("scenarios/nginx-demo/scenario.yaml"),
                                 "-o",   "json",
                                 "--db", database,
                                 NULL};
    remove_database();
    const uint64_t count = count_points("sqlite-io", words);
    remove_database();
    run("sqlite-io count", words, &plain);
    for (size_t m = 0; m < WB_TEST_COUNT(modes); m++) {
        for (uint64_t n = 1; n <= count; n += STRIDE) {
            char fault[64];
            (void)snprintf(fault, sizeof fault, "sqlite-io %s %llu", modes[m],
                           (unsigned long long)n);
            CU_ASSERT(survives(fault, words, plain.output));
        }
    }
    remove_database();
}

/* ---------------------------------------------------------------------------- our own files */

static size_t read_file(const char *path, char *out, size_t size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return 0;
    }
    const size_t length = fread(out, 1, size, file);
    (void)fclose(file);
    return length;
}

/* The trace is there whole or not at all, whichever call failed; nothing lies beside it. */
static void write_a_file_whole_or_not(void)
{
    static char expected[65536];
    static char found[65536];
    static command_end end;
    char path[512];
    (void)snprintf(path, sizeof path, "%s", wb_scratch_folder_join(&folder, "whole.trace.zst"));
    const char *const words[] = {"trace",
                                 "generate",
                                 source_path("scenarios/day/day.spec.yaml"),
                                 "--scale-percent",
                                 "1",
                                 "--out",
                                 path,
                                 NULL};
    const uint64_t count = count_points("file", words);
    const size_t length = read_file(path, expected, sizeof expected);
    CU_ASSERT(length > 0);
    for (uint64_t n = 1; n <= count; n++) {
        char fault[64];
        (void)snprintf(fault, sizeof fault, "file at %llu", (unsigned long long)n);
        CU_ASSERT_EQUAL(unlink(path) == 0 || errno == ENOENT, 1);
        const size_t file_count = wb_scratch_folder_file_count(&folder);
        run(fault, words, &end);
        const size_t found_length = read_file(path, found, sizeof found);
        const bool is_whole = found_length == length && memcmp(found, expected, length) == 0;
        const bool is_there = access(path, F_OK) == 0;
        const bool is_told =
            (end.status == 2 || end.status == 3) && is_one_line(end.errors) && end.output[0] == 0;
        CU_ASSERT(is_told || end.status == 0);
        CU_ASSERT(is_whole || (is_told && !is_there));
        CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&folder), file_count + (is_there ? 1 : 0));
        if (!(is_told || end.status == 0) || !(is_whole || !is_there)) {
            printf("\n    %s: status %d, %zu bytes, '%s'", fault, end.status, found_length,
                   end.errors);
        }
    }
}

static void say_when_the_result_cannot_be_printed(void)
{
    static command_end end;
    const char *const words[] = {"run", source_path("scenarios/nginx-demo/scenario.yaml"), NULL};
    const uint64_t count = count_points("file", words);
    for (uint64_t n = 1; n <= count; n++) {
        char fault[64];
        (void)snprintf(fault, sizeof fault, "file at %llu", (unsigned long long)n);
        run(fault, words, &end);
        const bool is_told = end.status == 3 && is_one_line(end.errors);
        CU_ASSERT(is_told || (end.status == 0 && end.output[0] != 0 && end.errors[0] == 0));
    }
}

/* ---------------------------------------------------------------------------- */

static void make_folder(void)
{
    wb_scratch_folder_init(&folder);
}

static void remove_folder(void)
{
    wb_scratch_folder_release(&folder);
}

int main(void)
{
    const char *program = getenv("WERKBANK_WITH_FAULTS");
    if (program == NULL || access(program, X_OK) != 0) {
        wb_test_skip("no werkbank_with_faults: this linker has no --wrap");
    }
    static const wb_test_case cases[] = {
        {"(a folder is made)", make_folder},
        {"a run ends with one line when memory is refused", end_a_run_when_memory_is_refused},
        {"so it does when SQLite has no memory", end_a_run_when_sqlite_has_no_memory},
        {"so do other commands", end_other_commands_when_memory_is_refused},
        {"the database stays valid when SQLite cannot write", keep_the_database_valid},
        {"a file is written whole or not", write_a_file_whole_or_not},
        {"a result that cannot be printed is said", say_when_the_result_cannot_be_printed},
        {"(the folder is removed)", remove_folder},
    };
    return wb_test_run("faults", cases, WB_TEST_COUNT(cases));
}
