/*
 * The lock is flock's, which ends with the process however that ends; workers inherit it, so a
 * killed pool's folder stays locked until the last of its workers is gone: who starts it again at
 * once waits for that moment.
 */
#include "bench/run_parts.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"

#define LOCK_TRIES    20
#define LOCK_PAUSE_MS 100

static wb_status make_folder(const wb_run_pool_options *options, wb_run_parts *parts, wb_error *err)
{
    assert(options != NULL);
    int length = 0;
    if (options->folder != NULL) {
        length = snprintf(parts->folder, sizeof parts->folder, "%s", options->folder);
    } else if (options->db_path != NULL) {
        length = snprintf(parts->folder, sizeof parts->folder, "%s.parts", options->db_path);
    } else {
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment */
        const char *root = getenv("TMPDIR");
        length = snprintf(parts->folder, sizeof parts->folder, "%s/werkbank-XXXXXX",
                          root != NULL && *root != 0 ? root : "/tmp");
        parts->is_temporary = true;
    }
    if (length <= 0 || (size_t)length + 64 >= sizeof parts->folder) {
        return wb_fail(err, WB_ERR_LIMIT, "the folder for parts: a path of %d bytes is too long",
                       length);
    }
    const bool is_made = parts->is_temporary ? mkdtemp(parts->folder) != NULL
                                             : mkdir(parts->folder, 0777) == 0 || errno == EEXIST;
    return is_made ? WB_OK : wb_fail_io(err, parts->folder, "make the folder", errno);
}

static void lock_path(const wb_run_parts *parts, char *out, size_t size)
{
    (void)snprintf(out, size, "%s/lock", parts->folder);
}

static int take_lock(int file)
{
    return flock(file, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
}

wb_status wb_run_parts_open(const wb_run_pool_options *options, wb_run_parts *out, wb_error *err)
{
    assert(options != NULL && out != NULL);
    *out = (wb_run_parts){.lock = -1};
    WB_TRY(make_folder(options, out, err));
    char path[WB_RUN_PARTS_PATH_MAX + 8];
    lock_path(out, path, sizeof path);
    out->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (out->lock < 0) {
        return wb_fail_io(err, path, "open", errno);
    }
    int error_number = take_lock(out->lock);
    for (int i = 0; i < LOCK_TRIES && error_number == EWOULDBLOCK; i++) {
        (void)poll(NULL, 0, LOCK_PAUSE_MS);
        error_number = take_lock(out->lock);
    }
    if (error_number != 0) {
        (void)close(out->lock);
        out->lock = -1;
        return error_number == EWOULDBLOCK
                   ? wb_fail(err, WB_ERR_LIMIT,
                             "%s: another werkbank is at work in this folder, expected one at a "
                             "time",
                             out->folder)
                   : wb_fail_io(err, path, "lock", error_number);
    }
    return WB_OK;
}

/* "000123-<16 hex digits>.db", with whatever SQLite or a worker hung behind it. */
static bool is_part_name(const char *name)
{
    return strlen(name) >= 26 && strspn(name, "0123456789") == 6 && name[6] == '-' &&
           strspn(name + 7, "0123456789abcdef") == 16 && strncmp(name + 23, ".db", 3) == 0;
}

static void remove_parts(const wb_run_parts *parts)
{
    assert(parts != NULL);
    DIR *folder = opendir(parts->folder);
    if (folder == NULL) {
        return;
    }
    const struct dirent *entry = NULL;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): this stream is ours alone */
    while ((entry = readdir(folder)) != NULL) {
        if (is_part_name(entry->d_name)) {
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
        }
    }
    (void)closedir(folder);
}

void wb_run_parts_close(wb_run_parts *parts, bool is_done)
{
    assert(parts != NULL);
    if (parts->lock < 0) {
        return;
    }
    if (is_done || parts->is_temporary) {
        char path[WB_RUN_PARTS_PATH_MAX + 8];
        remove_parts(parts);
        lock_path(parts, path, sizeof path);
        (void)unlink(path);
        (void)rmdir(parts->folder); /* stays when the user keeps other files in it */
    }
    (void)close(parts->lock);
    parts->lock = -1;
}

const char *wb_run_parts_path(const wb_run_parts *parts, const wb_run_job *job, uint32_t index,
                              const wb_run_pool_options *options, wb_arena *arena)
{
    assert(job->key != NULL && options->version != NULL);
    wb_digest *digest = wb_digest_new();
    wb_digest_add_text(digest, job->key);
    wb_digest_add_text(digest, job->inputs_digest != NULL ? job->inputs_digest : "");
    wb_digest_add_text(digest, options->version);
    wb_digest_add_text(digest, options->program != NULL ? options->program : "");
    wb_digest_add_int64(digest, options->keep);
    char hex[33];
    wb_digest_text(digest, hex);
    wb_digest_free(digest);
    char path[WB_RUN_PARTS_PATH_MAX + 64];
    (void)snprintf(path, sizeof path, "%s/%06u-%.16s.db", parts->folder, index, hex);
    return wb_arena_copy_string(arena, path);
}

bool wb_run_parts_read(const char *path, wb_arena *arena, wb_run_figures *out)
{
    assert(path != NULL && out != NULL);
    wb_store *store = NULL;
    if (access(path, R_OK) != 0 || wb_store_open_readonly(path, &store, NULL) != WB_OK) {
        return false;
    }
    wb_run_figures *runs = NULL;
    uint32_t count = 0;
    const wb_status status = wb_store_figures(store, arena, &runs, &count, NULL);
    wb_store_close(store);
    if (status != WB_OK || count != 1) {
        return false;
    }
    *out = runs[0];
    return true;
}
