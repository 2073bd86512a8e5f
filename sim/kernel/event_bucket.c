#include "sim/kernel/event_bucket.h"

#include <assert.h>

#include "base/page_memory.h"

static_assert(sizeof(wb_event_chunk) == 1016, "no power of two, see the header");

/* The first bytes of a segment, in the place of its first chunk. */
typedef struct wb_event_segment {
    struct wb_event_segment *older;
    size_t size_bytes;
} wb_event_segment;

/* Segments double from the first to the second size: a queue of a thousand events should not cost
 * megabytes, one of a million should lie in huge pages. */
#define SEGMENT_BYTES_MIN ((size_t)64 << 10)
#define SEGMENT_BYTES_MAX ((size_t)2 << 20)

void wb_event_pool_init(wb_event_pool *pool)
{
    *pool = (wb_event_pool){0};
}

void wb_event_pool_release(wb_event_pool *pool)
{
    /* Buckets need no visit: all their chunks lie in these segments. */
    for (wb_event_segment *segment = pool->segments; segment != NULL;) {
        wb_event_segment *older = segment->older;
        wb_page_memory_free(segment, segment->size_bytes);
        segment = older;
    }
    *pool = (wb_event_pool){0};
}

/* As large as all segments before it together, within the bounds: few of them, little to spare. */
static void add_segment(wb_event_pool *pool)
{
    size_t size_bytes = pool->memory_bytes;
    if (size_bytes < SEGMENT_BYTES_MIN) {
        size_bytes = SEGMENT_BYTES_MIN;
    } else if (size_bytes > SEGMENT_BYTES_MAX) {
        size_bytes = SEGMENT_BYTES_MAX;
    }
    wb_event_segment *segment = wb_page_memory_alloc(size_bytes);
    segment->older = pool->segments;
    segment->size_bytes = size_bytes;
    pool->segments = segment;
    pool->memory_bytes += size_bytes;
    pool->unused_chunk_count = size_bytes / sizeof(wb_event_chunk) - 1;
}

/* A chunk with undefined contents. */
static wb_event_chunk *take_chunk(wb_event_pool *pool)
{
    /* What was freed last comes first, and fresh memory only when nothing is free: a queue in
     * steady state lives in the same chunks for ever. */
    wb_event_chunk *chunk = pool->free_chunks;
    if (chunk != NULL) {
        pool->free_chunks = chunk->older;
        return chunk;
    }
    if (pool->unused_chunk_count == 0) {
        add_segment(pool);
    }
    const size_t chunk_count = pool->segments->size_bytes / sizeof(wb_event_chunk);
    assert(pool->unused_chunk_count < chunk_count);
    chunk = (wb_event_chunk *)(void *)pool->segments;
    return chunk + (chunk_count - pool->unused_chunk_count--);
}

void wb_event_bucket_extend(wb_event_bucket *bucket, wb_event_pool *pool)
{
    assert(bucket->newest_count == WB_EVENT_CHUNK_CAPACITY);
    wb_event_chunk *chunk = take_chunk(pool);
    chunk->older = bucket->newest;
    bucket->newest = chunk;
    bucket->newest_count = 0;
}

wb_event_chunk *wb_event_bucket_take_oldest_first(wb_event_bucket *bucket)
{
    wb_event_chunk *behind = NULL;
    for (wb_event_chunk *chunk = bucket->newest; chunk != NULL;) {
        wb_event_chunk *older = chunk->older;
        chunk->older = behind;
        behind = chunk;
        chunk = older;
    }
    *bucket = WB_EVENT_BUCKET_EMPTY;
    return behind;
}
