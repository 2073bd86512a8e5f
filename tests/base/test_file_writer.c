/* Files appear whole or not at all, also where the disk is full. */
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_writer.h"
#include "base/hash_map.h"
#include "tests/base/scratch_folder.h"
#include "tests/harness.h"

static char pattern[700000];

static void check_contents(const char *path, const char *bytes, size_t length)
{
    wb_arena arena;
    wb_arena_init(&arena, "file", 0, NULL);
    char *text = NULL;
    size_t found = 0;
    CU_ASSERT_EQUAL_FATAL(wb_file_read(&arena, path, 0, &text, &found, NULL), WB_OK);
    CU_ASSERT_EQUAL(found, length);
    CU_ASSERT(found == length && memcmp(text, bytes, length) == 0);
    wb_arena_release(&arena);
}

/* Writes length bytes in pieces of step. */
static wb_status write_all(wb_file_writer *writer, size_t length, size_t step, wb_error *err)
{
    for (size_t at = 0; at < length; at += step) {
        WB_TRY(wb_file_writer_write(writer, pattern + at, at + step > length ? length - at : step,
                                    err));
    }
    return WB_OK;
}

static void write_whole_files(void)
{
    static const char *const names[] = {"out.json", "out.json.zst"};
    static const size_t lengths[] = {0, 1, 1000, 131072, sizeof(pattern)};
    wb_scratch_folder folder;
    wb_scratch_folder_init(&folder);
    for (size_t i = 0; i < WB_TEST_COUNT(names) * WB_TEST_COUNT(lengths); i++) {
        const size_t length = lengths[i / 2];
        const char *path = wb_scratch_folder_join(&folder, names[i % 2]);
        wb_file_writer *writer = NULL;
        CU_ASSERT_EQUAL_FATAL(wb_file_writer_open(path, &writer, NULL), WB_OK);
        CU_ASSERT_EQUAL(write_all(writer, length, 1 + length / 7, NULL), WB_OK);
        CU_ASSERT_EQUAL(wb_file_writer_commit(writer, NULL), WB_OK);
        check_contents(path, pattern, length);
    }
    CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&folder), 2);
    wb_scratch_folder_release(&folder);
}

static void keep_the_old_file_until_commit(void)
{
    wb_scratch_folder folder;
    wb_scratch_folder_init(&folder);
    const char *path = wb_scratch_folder_write(&folder, "out", "old", 3);
    wb_file_writer *writer = NULL;
    CU_ASSERT_EQUAL_FATAL(wb_file_writer_open(path, &writer, NULL), WB_OK);
    CU_ASSERT_EQUAL(write_all(writer, sizeof(pattern), 1000, NULL), WB_OK);
    check_contents(path, "old", 3);
    wb_file_writer_abandon(writer);
    check_contents(path, "old", 3);
    CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&folder), 1);
    CU_ASSERT_EQUAL_FATAL(wb_file_writer_open(path, &writer, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_file_writer_write(writer, "new", 3, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_file_writer_commit(writer, NULL), WB_OK);
    check_contents(path, "new", 3);
    CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&folder), 1);
    wb_scratch_folder_release(&folder);
    wb_file_writer_abandon(NULL);
}

static void fail_where_nothing_can_be_made(void)
{
    wb_file_writer *writer = NULL;
    wb_error err;
    CU_ASSERT_EQUAL(wb_file_writer_open("/nonexistent/out.db", &writer, &err), WB_ERR_IO);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "/nonexistent/out.db: cannot create: No such file or directory");
    CU_ASSERT_PTR_NULL(writer);
}

static void fail_to_rename(void)
{
    wb_scratch_folder folder;
    wb_scratch_folder_init(&folder);
    const char *path = wb_scratch_folder_join(&folder, "taken");
    CU_ASSERT_EQUAL_FATAL(mkdir(path, 0700), 0);
    wb_file_writer *writer = NULL;
    wb_error err = {WB_OK, ""};
    CU_ASSERT_EQUAL_FATAL(wb_file_writer_open(path, &writer, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_file_writer_commit(writer, &err), WB_ERR_IO);
    CU_ASSERT(strstr(err.text, "taken: cannot rename to: Is a directory") != NULL);
    CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&folder), 1); /* the folder itself */
    wb_scratch_folder_release(&folder);
}

static void say_that_the_device_is_full(void)
{
    if (access("/dev/full", W_OK) != 0) {
        return; /* only Linux has it; the next test does without */
    }
    wb_file_writer *writer = NULL;
    wb_error err = {WB_OK, ""};
    CU_ASSERT_EQUAL_FATAL(wb_file_writer_open("/dev/full", &writer, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_file_writer_write(writer, "x", 1, NULL), WB_OK);
    CU_ASSERT_EQUAL(wb_file_writer_commit(writer, &err), WB_ERR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "/dev/full: cannot write: No space left on device");
    CU_ASSERT_EQUAL(access("/dev/full", W_OK), 0); /* not renamed over, not removed */
}

/* A file that may not grow past limit_bytes, for every limit: either whole or not there. */
static void leave_nothing_when_the_disk_is_full(void)
{
    static const char *const names[] = {"out", "out.zst"};
    signal(SIGXFSZ, SIG_IGN);
    wb_scratch_folder folder;
    wb_scratch_folder_init(&folder);
    struct rlimit before;
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (size_t i = 0; i < 28; i++) { /* 14 limits, each plain and packed */
        /* The last one cuts the very last write short by a byte. */
        const rlim_t limit_bytes = i / 2 == 13 ? sizeof(pattern) - 1 : (rlim_t)(i / 2) * 50000;
        const struct rlimit full = {limit_bytes, before.rlim_max};
        wb_file_writer *writer = NULL;
        wb_error err = {WB_OK, ""};
        CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &full), 0);
        const char *path = wb_scratch_folder_join(&folder, names[i % 2]);
        CU_ASSERT_EQUAL_FATAL(wb_file_writer_open(path, &writer, NULL), WB_OK);
        wb_status status = write_all(writer, sizeof(pattern), 30000, &err);
        if (status == WB_OK) {
            status = wb_file_writer_commit(writer, &err);
        } else {
            wb_file_writer_abandon(writer);
        }
        CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &before), 0);
        if (status == WB_OK) {
            check_contents(path, pattern, sizeof(pattern));
            CU_ASSERT_EQUAL(remove(path), 0);
        } else {
            CU_ASSERT_EQUAL(status, WB_ERR_IO);
            CU_ASSERT(strstr(err.text, "cannot write: File too large") != NULL);
        }
        CU_ASSERT_EQUAL(wb_scratch_folder_file_count(&folder), 0);
    }
    wb_scratch_folder_release(&folder);
}

static void write_to_standard_output(void)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    fflush(stdout);
    const int output = dup(STDOUT_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    wb_file_writer *writer = NULL;
    wb_status status = wb_file_writer_open("-", &writer, NULL);
    if (status == WB_OK) {
        status = wb_file_writer_write(writer, "hello", 5, NULL);
        const wb_status committed = wb_file_writer_commit(writer, NULL);
        status = status == WB_OK ? committed : status;
    }
    dup2(output, STDOUT_FILENO); /* still open: not ours to close */
    close(output);
    close(ends[1]);
    char bytes[16] = "";
    CU_ASSERT_EQUAL(status, WB_OK);
    CU_ASSERT_EQUAL(read(ends[0], bytes, sizeof(bytes)), 5);
    CU_ASSERT_STRING_EQUAL(bytes, "hello");
    close(ends[0]);
}

static const wb_test_case cases[] = {
    {"what is written is there, packed or not", write_whole_files},
    {"the old file stays until commit", keep_the_old_file_until_commit},
    {"a path without a folder fails at once", fail_where_nothing_can_be_made},
    {"a rename that fails leaves nothing", fail_to_rename},
    {"a full device is named", say_that_the_device_is_full},
    {"a full disk leaves nothing behind", leave_nothing_when_the_disk_is_full},
    {"a dash is standard output", write_to_standard_output},
};

int main(void)
{
    for (size_t i = 0; i < sizeof(pattern); i++) {
        pattern[i] = (char)wb_hash_map_mix(i); /* does not pack */
    }
    return wb_test_run("file_writer", cases, WB_TEST_COUNT(cases));
}
