/*
 * One way to read bytes for whole files and for lines, so that packed input works everywhere.
 *
 * Both unpackers have the same shape: packed bytes are read ahead into one buffer, a step turns
 * some of them into output, and the state says whether the file may end here. An archive that ends
 * inside a member is an error and never a short file: a trace that lost its tail would replay as a
 * quiet cluster.
 */
#include "base/byte_source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <zstd.h>

#include "base/heap_memory.h"

/* zstd's largest block; reading from disk in such pieces is as fast as in larger ones. */
enum {
    PACKED_BYTES = 128 << 10,
    ZSTD_WINDOW_LOG_MAX = 27 /* 128 MiB, what zstd -19 may ask for; more needs --long=31, and is
                                refused, for it is memory that a file may demand */
};

typedef enum packing {
    PACKING_NONE,
    PACKING_GZIP,
    PACKING_ZSTD
} packing;

struct wb_byte_source {
    char *path; /* owned */
    int file;   /* owned, but for standard input */
    packing packing;
    ZSTD_DCtx *zstd;       /* owned; NULL unless .zst */
    z_stream zlib;         /* owned; initialised when .gz */
    unsigned char *packed; /* owned; PACKED_BYTES read ahead; NULL unless packed */
    size_t packed_at, packed_length;
    uint64_t read_bytes;   /* from the file */
    bool is_inside_member; /* the end of the file here would cut a member or frame short */
    bool is_at_end;        /* of the file */
};

static bool ends_in(const char *path, const char *ending)
{
    const size_t length = strlen(path);
    const size_t ending_length = strlen(ending);
    return length > ending_length && strcmp(path + length - ending_length, ending) == 0;
}

/* On failure the caller closes source, which must know what was initialised: that is why packing is
 * set back where zlib refused. */
static wb_status init_unpacker(wb_byte_source *source, wb_error *err)
{
    if (source->packing == PACKING_NONE) {
        return WB_OK;
    }
    source->packed = wb_heap_memory_alloc(PACKED_BYTES, 1);
    source->is_inside_member = true; /* an empty file is no archive */
    bool is_ready = false;
    if (source->packing == PACKING_ZSTD) {
        source->zstd = ZSTD_createDCtx();
        is_ready = source->zstd != NULL &&
                   !ZSTD_isError(ZSTD_DCtx_setParameter(source->zstd, ZSTD_d_windowLogMax,
                                                        ZSTD_WINDOW_LOG_MAX));
    } else {
        is_ready = inflateInit2(&source->zlib, MAX_WBITS + 16) == Z_OK; /* 16: gzip only */
        source->packing = is_ready ? PACKING_GZIP : PACKING_NONE;
    }
    return is_ready ? WB_OK
                    : wb_fail(err, WB_ERR_IO, "%s: no memory to unpack it with", source->path);
}

wb_status wb_byte_source_open(const char *path, wb_byte_source **out, wb_error *err)
{
    assert(path != NULL);
    assert(out != NULL);
    const bool is_input = strcmp(path, "-") == 0;
    const int file = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return wb_fail_io(err, path, "open", errno);
    }
    wb_byte_source *source = wb_heap_memory_zalloc(1, sizeof(*source));
    source->path = wb_heap_memory_alloc(strlen(path) + 1, 1);
    memcpy(source->path, path, strlen(path) + 1);
    source->file = file;
    if (ends_in(path, ".zst")) {
        source->packing = PACKING_ZSTD;
    } else if (ends_in(path, ".gz")) {
        source->packing = PACKING_GZIP;
    }
    const wb_status status = init_unpacker(source, err);
    if (status != WB_OK) {
        wb_byte_source_close(source);
        return status;
    }
    *out = source;
    return WB_OK;
}

void wb_byte_source_close(wb_byte_source *source)
{
    if (source == NULL) {
        return;
    }
    if (source->packing == PACKING_GZIP) {
        (void)inflateEnd(&source->zlib);
    }
    (void)ZSTD_freeDCtx(source->zstd);
    if (source->file != STDIN_FILENO) {
        (void)close(source->file); /* read only: nothing can be lost */
    }
    wb_heap_memory_free(source->packed);
    wb_heap_memory_free(source->path);
    wb_heap_memory_free(source);
}

/* read(2) may give less than asked for (pipes do), and 0 only at the end. */
static wb_status read_file(wb_byte_source *source, void *out, size_t capacity, size_t *out_length,
                           wb_error *err)
{
    assert(capacity > 0 && capacity <= SSIZE_MAX);
    ssize_t length = 0;
    do {
        length = read(source->file, out, capacity);
    } while (length < 0 && errno == EINTR);
    if (length < 0) {
        return wb_fail_io(err, source->path, "read", errno);
    }
    source->read_bytes += (uint64_t)length;
    source->is_at_end = length == 0;
    *out_length = (size_t)length;
    return WB_OK;
}

/* The offset is where reading stopped, at most one buffer behind the damage itself. */
static wb_status fail_damaged(const wb_byte_source *source, const char *reason, wb_error *err)
{
    return wb_fail(err, WB_ERR_INPUT, "%s: damaged archive (%s) near byte %llu, expected %s data",
                   source->path, reason, (unsigned long long)wb_byte_source_offset_bytes(source),
                   source->packing == PACKING_ZSTD ? "zstd" : "gzip");
}

/* One step of zstd: from the packed bytes at hand to out. */
static wb_status unpack_zstd(wb_byte_source *source, void *out, size_t capacity, size_t *out_length,
                             wb_error *err)
{
    ZSTD_inBuffer from = {source->packed, source->packed_length, source->packed_at};
    ZSTD_outBuffer to = {.dst = out, .size = capacity, .pos = 0};
    const size_t result = ZSTD_decompressStream(source->zstd, &to, &from);
    if (ZSTD_isError(result)) {
        return fail_damaged(source, ZSTD_getErrorName(result), err);
    }
    assert(from.pos >= source->packed_at);
    source->packed_at = from.pos;
    source->is_inside_member = result != 0;
    *out_length = to.pos;
    return WB_OK;
}

/* One step of zlib. */
static wb_status unpack_gzip(wb_byte_source *source, char *out, size_t capacity, size_t *out_length,
                             wb_error *err)
{
    z_stream *zlib = &source->zlib;
    const uInt room = capacity > UINT_MAX ? UINT_MAX : (uInt)capacity;
    zlib->next_in = source->packed + source->packed_at;
    zlib->avail_in = (uInt)(source->packed_length - source->packed_at);
    zlib->next_out = (Bytef *)out;
    zlib->avail_out = room;
    const int result = inflate(zlib, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return fail_damaged(source, zlib->msg == NULL ? "inflate" : zlib->msg, err);
    }
    source->packed_at = source->packed_length - zlib->avail_in;
    source->is_inside_member = result != Z_STREAM_END;
    *out_length = room - zlib->avail_out;
    if (result == Z_STREAM_END) {
        (void)inflateReset(zlib); /* another member may follow */
    }
    return WB_OK;
}

/* One step: reads on when the packed bytes are used up, and unpacks some. *out_length may be 0
 * before the end, too. */
static wb_status unpack(wb_byte_source *source, char *out, size_t capacity, size_t *out_length,
                        wb_error *err)
{
    if (source->packed_at == source->packed_length && !source->is_at_end) {
        source->packed_at = 0;
        WB_TRY(read_file(source, source->packed, PACKED_BYTES, &source->packed_length, err));
    }
    const bool is_drained = source->packed_at == source->packed_length;
    if (is_drained && !source->is_inside_member) {
        *out_length = 0; /* between members: the next step reads on, or this is the end */
        return WB_OK;
    }
    WB_TRY(source->packing == PACKING_ZSTD ? unpack_zstd(source, out, capacity, out_length, err)
                                           : unpack_gzip(source, out, capacity, out_length, err));
    if (is_drained && *out_length == 0 && source->is_inside_member) {
        return wb_fail(err, WB_ERR_INPUT, "%s: the archive ends early, expected all of it",
                       source->path);
    }
    return WB_OK;
}

/* Whether nothing is left to unpack and no member is cut short. */
static bool is_over(const wb_byte_source *source)
{
    return source->is_at_end && source->packed_at == source->packed_length &&
           !source->is_inside_member;
}

wb_status wb_byte_source_read(wb_byte_source *source, char *out, size_t capacity,
                              size_t *out_length, wb_error *err)
{
    assert(source != NULL && out != NULL && out_length != NULL);
    assert(capacity > 0);
    if (source->packing == PACKING_NONE) {
        return read_file(source, out, capacity > SSIZE_MAX ? SSIZE_MAX : capacity, out_length, err);
    }
    size_t length = 0;
    while (length == 0 && !is_over(source)) {
        WB_TRY(unpack(source, out, capacity, &length, err));
    }
    *out_length = length;
    return WB_OK;
}

uint64_t wb_byte_source_offset_bytes(const wb_byte_source *source)
{
    assert(source != NULL);
    assert(source->packed_at <= source->packed_length);
    return source->read_bytes - (source->packed_length - source->packed_at);
}

int64_t wb_byte_source_size_bytes(const wb_byte_source *source)
{
    assert(source != NULL);
    struct stat info;
    if (source->packing != PACKING_NONE || fstat(source->file, &info) != 0 ||
        !S_ISREG(info.st_mode)) {
        return -1;
    }
    return (int64_t)info.st_size;
}
