/*
 * Arenas as lists of blocks. Nearly every allocation is "add to used_bytes": objects of a manifest,
 * nodes of a document, columns of a solve. Nothing is freed one by one, so there is nothing to
 * leak.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/page_memory.h"

/*
 * One block:
 *
 *     | header | handed out (used_bytes) | still free |
 *              ^ bytes                                ^ bytes + capacity_bytes
 *
 * Blocks double from one page to 32 MiB, so that an arena of a few strings costs one page and one
 * of a gigabyte some 40 system calls. A larger request gets a block of its own size. From 2 MiB on
 * blocks come as huge pages: reading a cluster's pods as JSON spent two thirds of its time in page
 * faults before.
 */
struct wb_arena_block {
    wb_arena_block *older;
    size_t capacity_bytes, used_bytes;
    alignas(max_align_t) unsigned char bytes[];
};

enum {
    ALIGNMENT = alignof(max_align_t)
};

/* Under ASan what is not handed out is poisoned, so that a step past the end of an allocation, or
 * into memory that a rewind gave back, is caught as it would be on the heap. */
#if defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define WB_ARENA_POISONS 1
#    endif
#elif defined(__SANITIZE_ADDRESS__)
#    define WB_ARENA_POISONS 1
#endif
#ifdef WB_ARENA_POISONS
#    include <sanitizer/asan_interface.h>
#else
#    define ASAN_POISON_MEMORY_REGION(bytes, size)   ((void)(bytes), (void)(size))
#    define ASAN_UNPOISON_MEMORY_REGION(bytes, size) ((void)(bytes), (void)(size))
#endif

static const size_t first_block_bytes = 4096 - sizeof(wb_arena_block);
static const size_t largest_block_bytes = (32U << 20) - sizeof(wb_arena_block);

static size_t rounded_up(size_t size)
{
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

_Noreturn static void report_limit(const wb_arena *arena, size_t request_bytes)
{
    if (arena->on_limit != NULL) {
        arena->on_limit(arena->name, arena->limit_bytes, request_bytes);
    } else {
        (void)fprintf(stderr, "arena '%s': limit of %zu bytes reached by a request of %zu bytes\n",
                      arena->name, arena->limit_bytes, request_bytes);
    }
    abort(); /* a handler that returns breaks its contract */
}

/* Decides by size alone, so that freeing needs no mark in the block. */
static bool is_in_pages(size_t capacity_bytes)
{
    return sizeof(wb_arena_block) + capacity_bytes >= WB_PAGE_MEMORY_HUGE_BYTES;
}

/* The bytes are not zeroed (pages happen to be): zalloc does that where it is asked for, and most
 * callers write every byte anyway. */
static wb_arena_block *new_block(size_t capacity_bytes)
{
    const size_t size_bytes = sizeof(wb_arena_block) + capacity_bytes;
    wb_arena_block *block = is_in_pages(capacity_bytes) ? wb_page_memory_alloc(size_bytes)
                                                        : wb_heap_memory_alloc(1, size_bytes);
    block->capacity_bytes = capacity_bytes;
    ASAN_POISON_MEMORY_REGION(block->bytes, capacity_bytes);
    return block;
}

/* NULL is allowed. */
static void free_block(wb_arena_block *block)
{
    if (block == NULL) {
        return;
    }
    ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->capacity_bytes); /* others may get it next */
    if (is_in_pages(block->capacity_bytes)) {
        wb_page_memory_free(block, sizeof(wb_arena_block) + block->capacity_bytes);
    } else {
        wb_heap_memory_free(block);
    }
}

/* Of the spare and one more block the larger stays for reuse. Without this a loop whose scratch
 * marks straddle the end of a block would fetch and return a block on every turn. */
static void keep_or_free(wb_arena *arena, wb_arena_block *block)
{
    wb_arena_block *spare = arena->spare;
    if (spare == NULL || spare->capacity_bytes < block->capacity_bytes) {
        arena->spare = block;
        block = spare;
    }
    free_block(block);
}

/* Puts a block with at least need_bytes of room in front. What is left of the block before is
 * lost until a rewind: at most one object of the usual small size, or half a block before a
 * large one. */
static void push_block(wb_arena *arena, size_t need_bytes)
{
    wb_arena_block *block = arena->spare;
    if (block != NULL && block->capacity_bytes >= need_bytes) {
        arena->spare = NULL;
    } else {
        size_t capacity_bytes = first_block_bytes;
        if (arena->blocks != NULL) {
            /* The header is counted in, so that sizes stay powers of two. */
            capacity_bytes = 2 * arena->blocks->capacity_bytes + sizeof(wb_arena_block);
        }
        if (capacity_bytes > largest_block_bytes) {
            capacity_bytes = largest_block_bytes;
        }
        block = new_block(capacity_bytes < need_bytes ? need_bytes : capacity_bytes);
    }
    block->used_bytes = 0;
    block->older = arena->blocks;
    arena->blocks = block;
}

void wb_arena_init(wb_arena *arena, const char *name, size_t limit_bytes,
                   wb_arena_limit_handler on_limit)
{
    assert(arena != NULL);
    assert(name != NULL);
    *arena = (wb_arena){.name = name, .limit_bytes = limit_bytes, .on_limit = on_limit};
}

void wb_arena_release(wb_arena *arena)
{
    assert(arena != NULL);
    for (wb_arena_block *block = arena->blocks; block != NULL;) {
        wb_arena_block *older = block->older;
        free_block(block);
        block = older;
    }
    free_block(arena->spare);
    arena->blocks = NULL;
    arena->spare = NULL;
    arena->used_bytes = 0;
}

void wb_arena_clear(wb_arena *arena)
{
    wb_arena_rewind(arena, (wb_arena_mark){NULL, 0, 0});
}

/* The path that matters: two comparisons and two additions. Everything else is behind a branch that
 * is taken once per block. */
void *wb_arena_alloc(wb_arena *arena, size_t size)
{
    assert(arena != NULL);
    assert(arena->name != NULL); /* initialised */
    const size_t need_bytes = size == 0 ? ALIGNMENT : rounded_up(size);
    if (need_bytes < size || need_bytes > SIZE_MAX / 2) {
        report_limit(arena, size);
    }
    if (arena->limit_bytes != 0 && need_bytes > arena->limit_bytes - arena->used_bytes) {
        report_limit(arena, size);
    }
    wb_arena_block *block = arena->blocks;
    if (block == NULL || block->capacity_bytes - block->used_bytes < need_bytes) {
        push_block(arena, need_bytes);
        block = arena->blocks;
    }
    void *result = block->bytes + block->used_bytes;
    block->used_bytes += need_bytes;
    arena->used_bytes += need_bytes;
    ASAN_UNPOISON_MEMORY_REGION(result, size);
    assert((uintptr_t)result % ALIGNMENT == 0);
    return result;
}

void *wb_arena_zalloc(wb_arena *arena, size_t count, size_t size)
{
    assert(size == 0 || count <= SIZE_MAX / size);
    void *result = wb_arena_alloc(arena, count * size);
    memset(result, 0, count * size);
    return result;
}

/* Stretches the newest allocation where it stands; false when old is not it or has no room. */
static bool grow_in_place(wb_arena *arena, const void *old, size_t old_bytes, size_t new_bytes)
{
    wb_arena_block *block = arena->blocks;
    const size_t old_room = old_bytes == 0 ? ALIGNMENT : rounded_up(old_bytes);
    if (old == NULL || block == NULL || block->used_bytes < old_room ||
        (const unsigned char *)old != block->bytes + block->used_bytes - old_room) {
        return false;
    }
    if (new_bytes <= old_room) {
        ASAN_UNPOISON_MEMORY_REGION(old, new_bytes);
        return true;
    }
    const size_t more_bytes = rounded_up(new_bytes) - old_room;
    if (block->capacity_bytes - block->used_bytes < more_bytes) {
        return false;
    }
    if (arena->limit_bytes != 0 && more_bytes > arena->limit_bytes - arena->used_bytes) {
        report_limit(arena, new_bytes);
    }
    block->used_bytes += more_bytes;
    arena->used_bytes += more_bytes;
    ASAN_UNPOISON_MEMORY_REGION(old, new_bytes);
    return true;
}

void *wb_arena_grow(wb_arena *arena, void *old, size_t old_count, size_t new_count, size_t size)
{
    assert(old != NULL || old_count == 0);
    assert(new_count >= old_count);
    assert(size > 0 && new_count <= SIZE_MAX / 2 / size);
    if (grow_in_place(arena, old, old_count * size, new_count * size)) {
        return old;
    }
    void *result = wb_arena_alloc(arena, new_count * size);
    if (old_count > 0) {
        memcpy(result, old, old_count * size);
    }
    return result;
}

char *wb_arena_copy_text(wb_arena *arena, const char *text, size_t length)
{
    assert(text != NULL || length == 0);
    assert(length < SIZE_MAX);
    char *copy = wb_arena_alloc(arena, length + 1);
    if (length > 0) {
        memcpy(copy, text, length);
    }
    copy[length] = '\0';
    return copy;
}

char *wb_arena_copy_string(wb_arena *arena, const char *text)
{
    assert(text != NULL);
    return wb_arena_copy_text(arena, text, strlen(text));
}

wb_arena_mark wb_arena_get_mark(const wb_arena *arena)
{
    assert(arena != NULL);
    return (wb_arena_mark){
        .block = arena->blocks,
        .block_used_bytes = arena->blocks == NULL ? 0 : arena->blocks->used_bytes,
        .used_bytes = arena->used_bytes,
    };
}

/* Blocks newer than the mark go back; the block of the mark only forgets its tail. An arena that
 * was empty at the mark has no block then, which the loop handles as any other. */
void wb_arena_rewind(wb_arena *arena, wb_arena_mark mark)
{
    assert(arena != NULL);
    assert(mark.used_bytes <= arena->used_bytes); /* else an earlier mark was rewound before */
    while (arena->blocks != mark.block) {
        wb_arena_block *block = arena->blocks;
        assert(block != NULL); /* the mark belongs to another arena */
        arena->blocks = block->older;
        ASAN_POISON_MEMORY_REGION(block->bytes, block->capacity_bytes);
        keep_or_free(arena, block);
    }
    if (arena->blocks != NULL) {
        assert(mark.block_used_bytes <= arena->blocks->used_bytes);
        arena->blocks->used_bytes = mark.block_used_bytes;
        ASAN_POISON_MEMORY_REGION(arena->blocks->bytes + mark.block_used_bytes,
                                  arena->blocks->capacity_bytes - mark.block_used_bytes);
    }
    arena->used_bytes = mark.used_bytes;
}
