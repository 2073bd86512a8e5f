/*
 * malloc with the checks that every caller would otherwise repeat.
 *
 * Running out ends the process, by a handler for the whole of it and not by a status: some thousand
 * calls would each need a way back that nobody has ever seen work. What a user can bound is bounded
 * before, by the limits of arenas and of the options. tests/faults refuses each request of a run in
 * turn.
 */
#include "base/heap_memory.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __GLIBC__
#    include <malloc.h>
#endif

#include "base/page_memory.h"

/* What the process may hold on to without using it. */
#define KEPT_BYTES_MAX (64 << 20)

void wb_heap_memory_keep_freed(void)
{
#ifdef __GLIBC__
    /* From 128 KiB on, glibc would map each block and unmap it when it is freed: a tenth of a pass
     * of consolidation went into the page faults. Blocks of that size and more are page_memory's.
     */
    /* Called before there are threads. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    (void)mallopt(M_MMAP_THRESHOLD, (int)WB_PAGE_MEMORY_HUGE_BYTES);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe) */
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES_MAX);
#endif
}

/* One for the process and not one per arena: memory is the process's. */
static wb_heap_memory_handler refusal_handler;

void wb_heap_memory_on_refusal(wb_heap_memory_handler handler)
{
    refusal_handler = handler;
}

_Noreturn void wb_heap_memory_refuse(size_t request_bytes)
{
    if (refusal_handler != NULL) {
        refusal_handler(request_bytes);
    } else {
        (void)fprintf(stderr, "heap memory: the system refused a request of %zu bytes\n",
                      request_bytes);
    }
    abort(); /* a handler that returns breaks its contract */
}

/* Asking for 0 bytes may give NULL in C; one byte keeps "never NULL" true. */
static size_t checked_size(size_t count, size_t size)
{
    assert(size > 0);
    if (count > SIZE_MAX / size) {
        (void)fprintf(stderr, "heap memory: %zu elements of %zu bytes are beyond any memory\n",
                      count, size);
        abort();
    }
    return count == 0 ? 1 : count * size;
}

static void *checked_result(void *memory, size_t bytes)
{
    if (memory == NULL) {
        wb_heap_memory_refuse(bytes);
    }
    return memory;
}

void *wb_heap_memory_alloc(size_t count, size_t size)
{
    const size_t bytes = checked_size(count, size);
    return checked_result(malloc(bytes), bytes);
}

void *wb_heap_memory_zalloc(size_t count, size_t size)
{
    const size_t bytes = checked_size(count, size);
    return checked_result(calloc(1, bytes), bytes);
}

void *wb_heap_memory_resize(void *old, size_t count, size_t size)
{
    const size_t bytes = checked_size(count, size);
    return checked_result(realloc(old, bytes), bytes);
}

void wb_heap_memory_free(void *memory)
{
    free(memory);
}

size_t wb_heap_memory_next_capacity(size_t capacity, size_t needed)
{
    /* By half and not by two: a grown table of a million rows then wastes a third at most, and the
     * blocks given back can together hold a later one. */
    const size_t least = 16;
    const size_t half = capacity / 2;
    size_t next = capacity > SIZE_MAX - half ? SIZE_MAX : capacity + half;
    next = next < least ? least : next;
    return next < needed ? needed : next;
}
