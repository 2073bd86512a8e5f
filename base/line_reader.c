/*
 * Lines out of one buffer:
 *
 *     bytes  | handed out | at: next lines ... | half a line | room |
 *                                                            ^ length
 *
 * A line is found by memchr and handed out where it lies; when only half of one is left, it moves
 * to the front and the rest of the buffer is filled. Traces have lines of 100 to 300 bytes, a
 * million of them and more; pods as JSON lines have some KB each.
 */
#include "base/line_reader.h"

#include <assert.h>
#include <string.h>

#include "base/byte_source.h"
#include "base/heap_memory.h"

/* A few thousand trace lines at a time; the limit guards against archives that unpack to one
 * endless line. */
static const size_t first_capacity = 256U << 10;
static const size_t max_line_bytes = 64U << 20;

struct wb_line_reader {
    wb_byte_source *source; /* owned */
    char *path;             /* owned */
    char *bytes;            /* owned; [at, length) is read and not handed out yet */
    size_t at, length, capacity;
    uint64_t line;
    bool is_at_end; /* of the source */
};

wb_status wb_line_reader_open(const char *path, wb_line_reader **out, wb_error *err)
{
    assert(path != NULL);
    assert(out != NULL);
    wb_byte_source *source = NULL;
    WB_TRY(wb_byte_source_open(path, &source, err));
    wb_line_reader *reader = wb_heap_memory_zalloc(1, sizeof(*reader));
    reader->source = source;
    reader->path = wb_heap_memory_alloc(strlen(path) + 1, 1);
    memcpy(reader->path, path, strlen(path) + 1);
    reader->capacity = first_capacity;
    reader->bytes = wb_heap_memory_alloc(reader->capacity + 1, 1);
    *out = reader;
    return WB_OK;
}

void wb_line_reader_close(wb_line_reader *reader)
{
    if (reader != NULL) {
        wb_byte_source_close(reader->source);
        wb_heap_memory_free(reader->bytes);
        wb_heap_memory_free(reader->path);
        wb_heap_memory_free(reader);
    }
}

/* Reads more behind what is there, after moving that to the front or making room. */
static wb_status fill(wb_line_reader *reader, wb_error *err)
{
    const size_t kept = reader->length - reader->at;
    memmove(reader->bytes, reader->bytes + reader->at, kept);
    reader->at = 0;
    reader->length = kept;
    if (reader->capacity - kept < first_capacity / 2) {
        reader->capacity *= 2;
        reader->bytes = wb_heap_memory_resize(reader->bytes, reader->capacity + 1, 1);
    }
    size_t added = 0;
    WB_TRY(wb_byte_source_read(reader->source, reader->bytes + kept, reader->capacity - kept,
                               &added, err));
    assert(added <= reader->capacity - kept);
    reader->length += added;
    reader->is_at_end = added == 0;
    return WB_OK;
}

/* Reads until the next line end is in the buffer: *out_length bytes lie before it. Without one up
 * to the end of the file, *out_is_cut is set. */
static wb_status find_line_end(wb_line_reader *reader, size_t *out_length, bool *out_is_cut,
                               wb_error *err)
{
    size_t length = 0; /* searched so far */
    const char *end = NULL;
    for (;;) {
        const char *start = reader->bytes + reader->at;
        end = memchr(start + length, '\n', reader->length - reader->at - length);
        length = end == NULL ? reader->length - reader->at : (size_t)(end - start);
        if (length > max_line_bytes) {
            return wb_fail(err, WB_ERR_LIMIT,
                           "%s:%llu: a line of more than %zu MiB, expected shorter", reader->path,
                           (unsigned long long)reader->line + 1, max_line_bytes >> 20);
        }
        if (end != NULL || reader->is_at_end) {
            break;
        }
        WB_TRY(fill(reader, err));
    }
    *out_length = length;
    *out_is_cut = end == NULL;
    return WB_OK;
}

wb_status wb_line_reader_next(wb_line_reader *reader, char **out_line, size_t *out_length,
                              bool *out_is_cut, wb_error *err)
{
    assert(reader != NULL);
    assert(out_line != NULL && out_length != NULL && out_is_cut != NULL);
    size_t length = 0;
    bool is_cut = false;
    WB_TRY(find_line_end(reader, &length, &is_cut, err));
    const bool is_over = is_cut && length == 0;
    char *line = reader->bytes + reader->at;
    reader->at += length + (is_cut ? 0 : 1);
    assert(reader->at <= reader->length);
    if (!is_cut && length > 0 && line[length - 1] == '\r') {
        length--;
    }
    line[length] = '\0'; /* one byte more than capacity is there */
    reader->line += is_over ? 0 : 1;
    *out_line = is_over ? NULL : line;
    *out_length = length;
    *out_is_cut = is_cut && !is_over;
    return WB_OK;
}

uint64_t wb_line_reader_line(const wb_line_reader *reader)
{
    assert(reader != NULL);
    return reader->line;
}

uint64_t wb_line_reader_offset_bytes(const wb_line_reader *reader)
{
    assert(reader != NULL);
    return wb_byte_source_offset_bytes(reader->source);
}
