/*
 * Whole files into an arena. A plain file's size is known, so its bytes are read to where they
 * stay; what comes out of an archive or a pipe grows on the heap first, because an arena could only
 * grow it by leaving a copy behind each time.
 */
#include "base/file.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

#include "base/byte_source.h"
#include "base/heap_memory.h"

enum {
    DEFAULT_LIMIT_BYTES = 1 << 30
};

typedef struct contents {
    char *bytes;
    size_t length;
} contents;

static wb_status fail_limit(const char *path, size_t limit_bytes, wb_error *err)
{
    return wb_fail(err, WB_ERR_LIMIT, "%s: more than %zu bytes, expected at most that many", path,
                   limit_bytes);
}

/* Reads until capacity is full or the file ends. */
static wb_status read_up_to(wb_byte_source *source, contents *text, size_t capacity, wb_error *err)
{
    assert(text->length <= capacity);
    size_t added = 1;
    while (added > 0 && text->length < capacity) {
        WB_TRY(wb_byte_source_read(source, text->bytes + text->length, capacity - text->length,
                                   &added, err));
        text->length += added;
    }
    return WB_OK;
}

/* Reads the rest of source behind text, whose bytes are on the heap (owned by the caller, also on
 * failure). Serves archives and pipes, whose length only shows at the end. */
static wb_status read_rest(wb_byte_source *source, const char *path, size_t limit_bytes,
                           contents *text, wb_error *err)
{
    size_t capacity = text->length;
    do {
        capacity = wb_heap_memory_next_capacity(capacity, text->length + (64U << 10));
        /* One byte above the limit shows that there is more. */
        capacity = capacity > limit_bytes ? limit_bytes + 1 : capacity;
        text->bytes = wb_heap_memory_resize(text->bytes, capacity, 1);
        WB_TRY(read_up_to(source, text, capacity, err));
        if (text->length > limit_bytes) {
            return fail_limit(path, limit_bytes, err);
        }
    } while (text->length == capacity);
    return WB_OK;
}

/* The one copy at the end costs less than growing in the arena, which would leave as many bytes
 * again behind in outgrown copies. */
static wb_status read_unknown_length(wb_arena *arena, wb_byte_source *source, const char *path,
                                     size_t limit_bytes, contents *out, wb_error *err)
{
    contents text = {NULL, 0};
    const wb_status status = read_rest(source, path, limit_bytes, &text, err);
    if (status == WB_OK) {
        out->bytes = wb_arena_copy_text(arena, text.bytes, text.length);
        out->length = text.length;
    }
    wb_heap_memory_free(text.bytes);
    return status;
}

/* Reads a plain file straight to the arena: what it is appended meanwhile is left out. */
static wb_status read_known_length(wb_arena *arena, wb_byte_source *source, size_t size_bytes,
                                   contents *out, wb_error *err)
{
    contents text = {wb_arena_alloc(arena, size_bytes + 1), 0};
    WB_TRY(read_up_to(source, &text, size_bytes, err));
    text.bytes[text.length] = '\0';
    *out = text;
    return WB_OK;
}

wb_status wb_file_read(wb_arena *arena, const char *path, size_t limit_bytes, char **out_text,
                       size_t *out_length, wb_error *err)
{
    assert(arena != NULL && path != NULL);
    assert(out_text != NULL && out_length != NULL);
    assert(limit_bytes < SIZE_MAX);
    limit_bytes = limit_bytes == 0 ? DEFAULT_LIMIT_BYTES : limit_bytes;
    wb_byte_source *source = NULL;
    WB_TRY(wb_byte_source_open(path, &source, err));
    const int64_t size_bytes = wb_byte_source_size_bytes(source);
    contents text = {NULL, 0};
    wb_status status = WB_OK;
    if (size_bytes > 0 && (uint64_t)size_bytes > limit_bytes) {
        status = fail_limit(path, limit_bytes, err);
    } else if (size_bytes > 0) {
        status = read_known_length(arena, source, (size_t)size_bytes, &text, err);
    } else {
        status = read_unknown_length(arena, source, path, limit_bytes, &text, err);
    }
    wb_byte_source_close(source);
    if (status == WB_OK) {
        *out_text = text.bytes;
        *out_length = text.length;
    }
    return status;
}

int64_t wb_file_size_bytes(const char *path)
{
    assert(path != NULL);
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
        return -1;
    }
    return (int64_t)info.st_size;
}
