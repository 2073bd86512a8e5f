#include "base/file.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

#include "base/byte_source.h"
#include "base/heap_memory.h"

/* Reads all of source to *bytes on the heap (owned by the caller, on failure too). */
static wb_status read_all(wb_byte_source *source, const char *path, size_t limit_bytes,
                          char **bytes, size_t *length, wb_error *err)
{
    const int64_t size_bytes = wb_file_size_bytes(path);
    size_t capacity =
        size_bytes > 0 && (uint64_t)size_bytes < limit_bytes ? (size_t)size_bytes + 1 : 64U << 10;
    for (;;) {
        /* One byte above the limit shows that there is more. */
        capacity = capacity > limit_bytes ? limit_bytes + 1 : capacity;
        *bytes = wb_heap_memory_resize(*bytes, capacity, 1);
        size_t added = 0;
        WB_TRY(wb_byte_source_read(source, *bytes + *length, capacity - *length, &added, err));
        *length += added;
        if (added == 0) {
            return WB_OK;
        }
        if (*length > limit_bytes) {
            return wb_fail(err, WB_ERR_LIMIT, "%s: more than %zu bytes, expected at most that many",
                           path, limit_bytes);
        }
        if (*length == capacity) {
            capacity = wb_heap_memory_next_capacity(capacity, capacity + 1);
        }
    }
}

wb_status wb_file_read(wb_arena *arena, const char *path, size_t limit_bytes, char **out_text,
                       size_t *out_length, wb_error *err)
{
    assert(arena != NULL && path != NULL);
    assert(out_text != NULL && out_length != NULL);
    assert(limit_bytes < SIZE_MAX);
    wb_byte_source *source = NULL;
    WB_TRY(wb_byte_source_open(path, &source, err));
    char *bytes = NULL;
    size_t length = 0;
    const wb_status status = read_all(source, path, limit_bytes, &bytes, &length, err);
    if (status == WB_OK) {
        *out_text = wb_arena_copy_text(arena, bytes, length);
        *out_length = length;
    }
    wb_heap_memory_free(bytes);
    wb_byte_source_close(source);
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
