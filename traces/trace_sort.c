/*
 * An external merge sort. A run on disk is a sequence of records, each with its time and length in
 * front; runs are merged through a binary heap of their first records, compared by time and then by
 * run, so that what came first comes out first.
 *
 * All runs lie one behind the other in one file, read with pread: one descriptor however many there
 * are.
 */
#include "traces/trace_sort.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/heap_memory.h"
#include "base/sort.h"

#define DEFAULT_MEMORY_BYTES ((size_t)64 << 20)
#define RUN_BUFFER_BYTES     ((size_t)64 << 10)

/* What stands in front of a record on disk; written field by field, native byte order: the file
 * never leaves this process. */
#define HEAD_BYTES (sizeof(int64_t) + sizeof(uint64_t))

typedef struct entry {
    int64_t at_ms;
    size_t offset, length; /* in bytes */
} entry;

/* A sorted run on disk and the part of it that is in memory. */
typedef struct sorted_run {
    uint64_t offset, end; /* of what was not read yet, in the file */
    char *buffer;         /* owned */
    size_t at, length, capacity;
    wb_trace_sort_record first; /* points into buffer; bytes NULL: the run is used up */
} sorted_run;

struct wb_trace_sort {
    size_t memory_bytes;
    char *bytes; /* owned: of the records in memory */
    size_t length, capacity;
    entry *entries; /* owned */
    size_t entry_count, entry_capacity;
    size_t next_entry; /* reading without runs */
    int file;          /* -1: none yet */
    uint64_t file_bytes;
    sorted_run *runs; /* owned */
    uint32_t run_count, run_capacity;
    uint32_t *heap; /* owned: run numbers, that with the earliest record on top */
    uint32_t heap_count;
    bool is_finished;
};

wb_trace_sort *wb_trace_sort_new(size_t memory_bytes)
{
    wb_trace_sort *sort = wb_heap_memory_zalloc(1, sizeof *sort);
    sort->memory_bytes = memory_bytes == 0 ? DEFAULT_MEMORY_BYTES : memory_bytes;
    sort->file = -1;
    return sort;
}

void wb_trace_sort_free(wb_trace_sort *sort)
{
    if (sort == NULL) {
        return;
    }
    for (uint32_t i = 0; i < sort->run_count; i++) {
        wb_heap_memory_free(sort->runs[i].buffer);
    }
    if (sort->file >= 0) {
        (void)close(sort->file);
    }
    wb_heap_memory_free(sort->runs);
    wb_heap_memory_free(sort->heap);
    wb_heap_memory_free(sort->entries);
    wb_heap_memory_free(sort->bytes);
    wb_heap_memory_free(sort);
}

/* Unlinked at once: no name to clean up after a signal. */
static wb_status make_file(wb_trace_sort *sort, wb_error *err)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment */
    const char *folder = getenv("TMPDIR");
    char path[512];
    const int length = snprintf(path, sizeof path, "%s/werkbank-sort-XXXXXX",
                                folder != NULL && *folder != 0 ? folder : "/tmp");
    if (length < 0 || (size_t)length >= sizeof path) {
        return wb_fail(err, WB_ERR_INPUT, "TMPDIR: the folder's name is too long");
    }
    sort->file = mkstemp(path);
    if (sort->file < 0) {
        return wb_fail_io(err, path, "create", errno);
    }
    (void)unlink(path);
    return WB_OK;
}

static wb_status write_bytes(wb_trace_sort *sort, const char *bytes, size_t length, wb_error *err)
{
    assert(sort->file >= 0);
    for (size_t done = 0; done < length;) {
        const ssize_t written = write(sort->file, bytes + done, length - done);
        if (written < 0 && errno != EINTR) {
            return wb_fail_io(err, "the temporary file for sorting (TMPDIR)", "write", errno);
        }
        done += written < 0 ? 0 : (size_t)written;
    }
    sort->file_bytes += length;
    return WB_OK;
}

static int compare_entries(const void *a, const void *b, void *context)
{
    const entry *left = a;
    const entry *right = b;
    (void)context;
    return left->at_ms < right->at_ms ? -1 : left->at_ms > right->at_ms ? 1 : 0;
}

static void sort_entries(wb_trace_sort *sort)
{
    wb_sort_stable(sort->entries, sort->entry_count, sizeof sort->entries[0], compare_entries,
                   NULL);
}

/* Adds one record to buffer, handing the buffer on when it is full. */
static wb_status write_entry(wb_trace_sort *sort, const entry *record, char *buffer,
                             size_t *buffered, wb_error *err)
{
    assert(*buffered <= RUN_BUFFER_BYTES);
    if (*buffered + HEAD_BYTES + record->length > RUN_BUFFER_BYTES) {
        WB_TRY(write_bytes(sort, buffer, *buffered, err));
        *buffered = 0;
    }
    const uint64_t length = record->length;
    char head[HEAD_BYTES];
    memcpy(head, &record->at_ms, sizeof record->at_ms);
    memcpy(head + sizeof record->at_ms, &length, sizeof length);
    const char *bytes = sort->bytes + record->offset;
    if (HEAD_BYTES + record->length > RUN_BUFFER_BYTES) { /* the buffer is empty then */
        WB_TRY(write_bytes(sort, head, HEAD_BYTES, err));
        return write_bytes(sort, bytes, record->length, err);
    }
    memcpy(buffer + *buffered, head, HEAD_BYTES);
    memcpy(buffer + *buffered + HEAD_BYTES, bytes, record->length);
    *buffered += HEAD_BYTES + record->length;
    return WB_OK;
}

/* Writes what is in memory as a run, and forgets it. */
static wb_status spill(wb_trace_sort *sort, wb_error *err)
{
    assert(sort->entry_count > 0);
    if (sort->file < 0) {
        WB_TRY(make_file(sort, err));
    }
    sort_entries(sort);
    const uint64_t offset = sort->file_bytes;
    char *buffer = wb_heap_memory_alloc(RUN_BUFFER_BYTES, 1);
    size_t buffered = 0;
    wb_status status = WB_OK;
    for (size_t i = 0; i < sort->entry_count && status == WB_OK; i++) {
        status = write_entry(sort, &sort->entries[i], buffer, &buffered, err);
    }
    if (status == WB_OK) {
        status = write_bytes(sort, buffer, buffered, err);
    }
    wb_heap_memory_free(buffer);
    WB_TRY(status);
    if (sort->run_count == sort->run_capacity) {
        sort->run_capacity =
            (uint32_t)wb_heap_memory_next_capacity(sort->run_capacity, sort->run_count + (size_t)1);
        sort->runs = wb_heap_memory_resize(sort->runs, sort->run_capacity, sizeof sort->runs[0]);
    }
    sort->runs[sort->run_count++] = (sorted_run){.offset = offset, .end = sort->file_bytes};
    sort->entry_count = 0;
    sort->length = 0;
    return WB_OK;
}

wb_status wb_trace_sort_add(wb_trace_sort *sort, int64_t at_ms, const void *bytes, size_t length,
                            wb_error *err)
{
    assert(sort != NULL && bytes != NULL && !sort->is_finished);
    const size_t held = sort->length + sort->entry_count * sizeof sort->entries[0];
    if (sort->entry_count > 0 && held + length + sizeof sort->entries[0] > sort->memory_bytes) {
        WB_TRY(spill(sort, err));
    }
    if (sort->length + length > sort->capacity) {
        sort->capacity = wb_heap_memory_next_capacity(sort->capacity, sort->length + length);
        sort->bytes = wb_heap_memory_resize(sort->bytes, sort->capacity, 1);
    }
    if (sort->entry_count == sort->entry_capacity) {
        sort->entry_capacity =
            wb_heap_memory_next_capacity(sort->entry_capacity, sort->entry_count + 1);
        sort->entries =
            wb_heap_memory_resize(sort->entries, sort->entry_capacity, sizeof sort->entries[0]);
    }
    if (length > 0) { /* before the first byte there is no memory to copy to */
        memcpy(sort->bytes + sort->length, bytes, length);
    }
    sort->entries[sort->entry_count++] = (entry){at_ms, sort->length, length};
    sort->length += length;
    return WB_OK;
}

/* Reads on behind what is in the run's buffer, until needed bytes are there. */
static wb_status fill(const wb_trace_sort *sort, sorted_run *run, size_t needed, wb_error *err)
{
    assert(run->at <= run->length);
    if (run->length > run->at) { /* at first there is no buffer */
        memmove(run->buffer, run->buffer + run->at, run->length - run->at);
    }
    run->length -= run->at;
    run->at = 0;
    if (needed > run->capacity) {
        run->capacity = wb_heap_memory_next_capacity(run->capacity, needed);
        run->buffer = wb_heap_memory_resize(run->buffer, run->capacity, 1);
    }
    while (run->length < run->capacity && run->offset < run->end) {
        const size_t room = run->capacity - run->length;
        const uint64_t left = run->end - run->offset;
        const ssize_t length = pread(sort->file, run->buffer + run->length,
                                     left < room ? (size_t)left : room, (off_t)run->offset);
        if (length == 0 || (length < 0 && errno != EINTR)) {
            return wb_fail_io(err, "the temporary file for sorting (TMPDIR)", "read",
                              length == 0 ? EIO : errno);
        }
        run->length += length < 0 ? 0 : (size_t)length;
        run->offset += length < 0 ? 0 : (uint64_t)length;
    }
    return WB_OK;
}

/* Makes run->first the run's next record. */
static wb_status take_next(const wb_trace_sort *sort, sorted_run *run, wb_error *err)
{
    if (run->length - run->at < HEAD_BYTES) {
        WB_TRY(fill(sort, run, RUN_BUFFER_BYTES, err));
    }
    if (run->length == run->at) {
        run->first.bytes = NULL;
        return WB_OK;
    }
    assert(run->length - run->at >= HEAD_BYTES);
    uint64_t length = 0;
    memcpy(&run->first.at_ms, run->buffer + run->at, sizeof run->first.at_ms);
    memcpy(&length, run->buffer + run->at + sizeof run->first.at_ms, sizeof length);
    const size_t whole = HEAD_BYTES + (size_t)length;
    if (run->length - run->at < whole) {
        WB_TRY(fill(sort, run, whole > RUN_BUFFER_BYTES ? whole : RUN_BUFFER_BYTES, err));
    }
    assert(run->length - run->at >= whole);
    run->first.bytes = run->buffer + run->at + HEAD_BYTES;
    run->first.length = (size_t)length;
    run->at += whole;
    return WB_OK;
}

static bool comes_before(const wb_trace_sort *sort, uint32_t left, uint32_t right)
{
    const int64_t left_ms = sort->runs[left].first.at_ms;
    const int64_t right_ms = sort->runs[right].first.at_ms;
    return left_ms != right_ms ? left_ms < right_ms : left < right;
}

/* Lets the run at place sink to where both below it come later. */
static void sink(wb_trace_sort *sort, uint32_t place)
{
    assert(place < sort->heap_count);
    for (;;) {
        uint32_t first = place;
        for (uint32_t child = 2 * place + 1; child <= 2 * place + 2; child++) {
            if (child < sort->heap_count &&
                comes_before(sort, sort->heap[child], sort->heap[first])) {
                first = child;
            }
        }
        if (first == place) {
            return;
        }
        const uint32_t run = sort->heap[place];
        sort->heap[place] = sort->heap[first];
        sort->heap[first] = run;
        place = first;
    }
}

wb_status wb_trace_sort_finish(wb_trace_sort *sort, wb_error *err)
{
    assert(sort != NULL && !sort->is_finished);
    sort->is_finished = true;
    if (sort->run_count == 0) {
        sort_entries(sort);
        return WB_OK;
    }
    if (sort->entry_count > 0) {
        WB_TRY(spill(sort, err));
    }
    wb_heap_memory_free(sort->bytes); /* the runs' buffers take its place */
    sort->bytes = NULL;
    sort->heap = wb_heap_memory_zalloc(sort->run_count, sizeof sort->heap[0]);
    for (uint32_t i = 0; i < sort->run_count; i++) {
        WB_TRY(take_next(sort, &sort->runs[i], err));
        assert(sort->runs[i].first.bytes != NULL); /* no run is empty */
        sort->heap[sort->heap_count++] = i;
    }
    for (uint32_t i = sort->heap_count; i > 0; i--) {
        sink(sort, i - 1);
    }
    sort->next_entry = SIZE_MAX; /* nothing of the top was handed out yet */
    return WB_OK;
}

static wb_status next_of_runs(wb_trace_sort *sort, wb_trace_sort_record *out, wb_error *err)
{
    if (sort->next_entry != SIZE_MAX && sort->heap_count > 0) { /* the top was handed out before */
        WB_TRY(take_next(sort, &sort->runs[sort->heap[0]], err));
        if (sort->runs[sort->heap[0]].first.bytes == NULL) {
            sort->heap[0] = sort->heap[--sort->heap_count];
        }
        if (sort->heap_count > 0) {
            sink(sort, 0);
        }
    }
    sort->next_entry = 0;
    *out = sort->heap_count > 0 ? sort->runs[sort->heap[0]].first : (wb_trace_sort_record){0};
    return WB_OK;
}

wb_status wb_trace_sort_next(wb_trace_sort *sort, wb_trace_sort_record *out, wb_error *err)
{
    assert(sort != NULL && out != NULL && sort->is_finished);
    if (sort->run_count > 0) {
        return next_of_runs(sort, out, err);
    }
    if (sort->next_entry == sort->entry_count) {
        *out = (wb_trace_sort_record){0};
        return WB_OK;
    }
    const entry *record = &sort->entries[sort->next_entry++];
    *out = (wb_trace_sort_record){.at_ms = record->at_ms,
                                  .bytes = sort->bytes == NULL ? "" : sort->bytes + record->offset,
                                  .length = record->length};
    return WB_OK;
}

uint32_t wb_trace_sort_run_count(const wb_trace_sort *sort)
{
    assert(sort != NULL);
    return sort->run_count;
}
