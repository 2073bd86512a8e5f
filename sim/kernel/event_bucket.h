/*
 * Unsorted lists of events as chains of chunks of one KiB, and the pool that the chunks come from.
 *
 *     bucket ──▶ chunk (newest, partly filled) ──▶ chunk (full) ──▶ chunk (full, oldest)
 *
 * A calendar appends to a thousand lists by turns and empties one after the other. A chunk is big
 * enough that walking a list is mostly sequential, small enough that a thousand half-filled ones
 * don't matter. Its size is no power of two, so that the first lines of many chunks, the ones in
 * use, don't compete for the same few sets of the cache. Freed chunks are handed out newest first,
 * still in cache. Private to sim/kernel.
 */
#ifndef WB_SIM_KERNEL_EVENT_BUCKET_H
#define WB_SIM_KERNEL_EVENT_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/kernel/event.h"

#define WB_EVENT_CHUNK_CAPACITY 42

typedef struct wb_event_chunk {
    struct wb_event_chunk *older; /* the next one of the list, or of the free list */
    wb_event events[WB_EVENT_CHUNK_CAPACITY];
} wb_event_chunk;

typedef struct wb_event_bucket {
    wb_event_chunk *newest; /* owned; NULL when empty */
    uint32_t newest_count;  /* events in newest; WB_EVENT_CHUNK_CAPACITY when there is none */
    uint32_t count;         /* events in all chunks; all but the newest are full */
} wb_event_bucket;

#define WB_EVENT_BUCKET_EMPTY ((wb_event_bucket){NULL, WB_EVENT_CHUNK_CAPACITY, 0})

struct wb_event_segment;

typedef struct wb_event_pool {
    wb_event_chunk *free_chunks;       /* newest freed first */
    struct wb_event_segment *segments; /* owned; newest first */
    size_t unused_chunk_count;         /* at the end of the newest segment, never handed out yet */
    size_t memory_bytes;               /* of all segments */
} wb_event_pool;

/* Starts without memory. */
void wb_event_pool_init(wb_event_pool *pool);

/* Frees all chunks at once, those in buckets too. */
void wb_event_pool_release(wb_event_pool *pool);

static inline void wb_event_pool_give_back(wb_event_pool *pool, wb_event_chunk *chunk)
{
    chunk->older = pool->free_chunks;
    pool->free_chunks = chunk;
}

/* Puts a fresh chunk in front of bucket, whose newest one is full. */
void wb_event_bucket_extend(wb_event_bucket *bucket, wb_event_pool *pool);

static inline bool wb_event_bucket_has_room(const wb_event_bucket *bucket)
{
    return bucket->newest_count != WB_EVENT_CHUNK_CAPACITY;
}

/* Where the next event is to be written; bucket must have room, and counts it at once. */
static inline wb_event *wb_event_bucket_next(wb_event_bucket *bucket)
{
    bucket->count++;
    return &bucket->newest->events[bucket->newest_count++];
}

static inline void wb_event_bucket_append(wb_event_bucket *bucket, wb_event_pool *pool,
                                          const wb_event *event)
{
    if (!wb_event_bucket_has_room(bucket)) {
        wb_event_bucket_extend(bucket, pool);
    }
    *wb_event_bucket_next(bucket) = *event;
}

/* Turns the chain round, so that a walk from the returned chunk meets the oldest event first; the
 * last chunk of the walk is then the partly filled one. The bucket is left empty. */
wb_event_chunk *wb_event_bucket_take_oldest_first(wb_event_bucket *bucket);

#endif
