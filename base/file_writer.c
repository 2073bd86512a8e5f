/*
 * Writing beside the target and renaming, as rename(2) is the one step that others see whole.
 *
 *     open      <path>.tmp-<pid>  made, or emptied when a dead process of that number left it
 *     write     through one buffer, packed on the way when the name ends in .zst
 *     commit    flush, fsync, rename, fsync of the folder
 *     abandon   unlink
 */
#include "base/file_writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#include "base/heap_memory.h"

enum {
    BUFFER_BYTES = 128 << 10
};

struct wb_file_writer {
    char *path;      /* owned */
    char *temporary; /* owned; "" when written to directly */
    int file;        /* owned, but for standard output */
    ZSTD_CCtx *zstd; /* owned; NULL unless .zst */
    char *buffer;    /* owned; BUFFER_BYTES on their way to the file */
    size_t buffered;
};

static bool is_packed_name(const char *path)
{
    const size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".zst") == 0;
}

/* Renaming over a device or pipe would replace it by a file. */
static bool is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

/* Only memory: what becomes of the file has been decided by then. */
static void free_writer(wb_file_writer *writer)
{
    (void)ZSTD_freeCCtx(writer->zstd);
    wb_heap_memory_free(writer->path);
    wb_heap_memory_free(writer->temporary);
    wb_heap_memory_free(writer->buffer);
    wb_heap_memory_free(writer);
}

/* Mode 0666 less the umask, as any program's output. O_TRUNC and not O_EXCL: in a container the
 * process number is often the same, and a file left by a killed run must not block the next. */
static wb_status open_file(wb_file_writer *writer, wb_error *err)
{
    if (strcmp(writer->path, "-") == 0) {
        writer->file = STDOUT_FILENO;
        return WB_OK;
    }
    const char *target = writer->temporary[0] == '\0' ? writer->path : writer->temporary;
    writer->file = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return writer->file < 0 ? wb_fail_io(err, writer->path, "create", errno) : WB_OK;
}

wb_status wb_file_writer_open(const char *path, wb_file_writer **out, wb_error *err)
{
    assert(path != NULL);
    assert(out != NULL);
    wb_file_writer *writer = wb_heap_memory_zalloc(1, sizeof(*writer));
    const size_t room = strlen(path) + 32;
    writer->path = wb_heap_memory_zalloc(room, 1);
    writer->temporary = wb_heap_memory_zalloc(room, 1);
    writer->buffer = wb_heap_memory_alloc(BUFFER_BYTES, 1);
    memcpy(writer->path, path, strlen(path) + 1);
    if (strcmp(path, "-") != 0 && !is_special(path)) {
        (void)snprintf(writer->temporary, room, "%s.tmp-%ld", path, (long)getpid());
    }
    wb_status status = WB_OK;
    if (is_packed_name(path)) {
        writer->zstd = ZSTD_createCCtx();
        if (writer->zstd == NULL) {
            status = wb_fail(err, WB_ERR_IO, "%s: no memory to pack it with", path);
        }
    }
    if (status == WB_OK) {
        status = open_file(writer, err);
    }
    if (status != WB_OK) {
        free_writer(writer);
        return status;
    }
    *out = writer;
    return WB_OK;
}

/* write(2) may take less than it was given; EINTR is tried again. ENOSPC, EFBIG and EIO end here,
 * with the path of the target and not of the temporary file, which nobody asked for. */
static wb_status flush(wb_file_writer *writer, wb_error *err)
{
    for (size_t at = 0; at < writer->buffered;) {
        const ssize_t written = write(writer->file, writer->buffer + at, writer->buffered - at);
        if (written < 0 && errno != EINTR) {
            return wb_fail_io(err, writer->path, "write", errno);
        }
        at += written < 0 ? 0 : (size_t)written;
    }
    writer->buffered = 0;
    return WB_OK;
}

static wb_status flush_when_full(wb_file_writer *writer, wb_error *err)
{
    assert(writer->buffered <= BUFFER_BYTES);
    return writer->buffered == BUFFER_BYTES ? flush(writer, err) : WB_OK;
}

/* Packs bytes to the buffer; with ZSTD_e_end also closes the frame. */
static wb_status pack(wb_file_writer *writer, const char *bytes, size_t length,
                      ZSTD_EndDirective directive, wb_error *err)
{
    ZSTD_inBuffer from = {bytes, length, 0};
    for (bool is_done = false; !is_done;) {
        ZSTD_outBuffer to = {writer->buffer, BUFFER_BYTES, writer->buffered};
        const size_t left = ZSTD_compressStream2(writer->zstd, &to, &from, directive);
        if (ZSTD_isError(left)) {
            return wb_fail(err, WB_ERR_IO, "%s: cannot pack: %s", writer->path,
                           ZSTD_getErrorName(left));
        }
        writer->buffered = to.pos;
        is_done = directive == ZSTD_e_end ? left == 0 : from.pos == from.size;
        WB_TRY(flush_when_full(writer, err));
    }
    return WB_OK;
}

wb_status wb_file_writer_write(wb_file_writer *writer, const char *bytes, size_t length,
                               wb_error *err)
{
    assert(writer != NULL);
    assert(bytes != NULL || length == 0);
    if (writer->zstd != NULL) {
        return pack(writer, bytes, length, ZSTD_e_continue, err);
    }
    while (length > 0) {
        const size_t room = BUFFER_BYTES - writer->buffered;
        const size_t step = length < room ? length : room;
        memcpy(writer->buffer + writer->buffered, bytes, step);
        writer->buffered += step;
        bytes += step;
        length -= step;
        WB_TRY(flush_when_full(writer, err));
    }
    return WB_OK;
}

/* Makes the rename itself survive a power cut. Best effort: some file systems refuse it. */
static void sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const size_t length = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (length >= sizeof(folder)) {
        return;
    }
    memcpy(folder, path, length);
    folder[length] = '\0';
    const int file = open(length == 0 ? "." : folder, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        (void)fsync(file);
        (void)close(file);
    }
}

/* Up to the rename every failure leaves the old file as it was; after it the new one is
 * complete. */
static wb_status finish(wb_file_writer *writer, wb_error *err)
{
    if (writer->zstd != NULL) {
        WB_TRY(pack(writer, NULL, 0, ZSTD_e_end, err));
    }
    WB_TRY(flush(writer, err));
    if (writer->temporary[0] == '\0') {
        return WB_OK;
    }
    if (fsync(writer->file) != 0) {
        return wb_fail_io(err, writer->path, "write", errno);
    }
    if (rename(writer->temporary, writer->path) != 0) {
        return wb_fail_io(err, writer->path, "rename to", errno);
    }
    sync_folder(writer->path);
    return WB_OK;
}

wb_status wb_file_writer_commit(wb_file_writer *writer, wb_error *err)
{
    assert(writer != NULL);
    const wb_status status = finish(writer, err);
    if (status != WB_OK) {
        wb_file_writer_abandon(writer);
        return status;
    }
    wb_status closed = WB_OK;
    if (writer->file != STDOUT_FILENO && close(writer->file) != 0) {
        closed = wb_fail_io(err, writer->path, "close", errno);
    }
    free_writer(writer);
    return closed;
}

void wb_file_writer_abandon(wb_file_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->file != STDOUT_FILENO) {
        (void)close(writer->file);
    }
    if (writer->temporary[0] != '\0') {
        (void)unlink(writer->temporary);
    }
    free_writer(writer);
}

wb_status wb_file_writer_write_file(const char *path, const char *bytes, size_t length,
                                    wb_error *err)
{
    assert(path != NULL && (bytes != NULL || length == 0));
    wb_file_writer *writer = NULL;
    WB_TRY(wb_file_writer_open(path, &writer, err));
    const wb_status status = wb_file_writer_write(writer, bytes, length, err);
    if (status != WB_OK) {
        wb_file_writer_abandon(writer);
        return status;
    }
    return wb_file_writer_commit(writer, err);
}
