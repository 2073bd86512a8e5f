/* MAP_ANONYMOUS and madvise are no part of POSIX; every Unix we build on has them. */
#define _DEFAULT_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

#include "base/page_memory.h"

#include <assert.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/heap_memory.h"

static unsigned char *map_pages(size_t size_bytes)
{
    void *pages =
        mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) {
        wb_heap_memory_refuse(size_bytes);
    }
    return pages;
}

/* mmap aligns to 4 KiB: maps 2 MiB too many and gives back what lies outside the aligned part. */
static void *map_huge_pages(size_t size_bytes)
{
    unsigned char *pages = map_pages(size_bytes + WB_PAGE_MEMORY_HUGE_BYTES);
    const size_t head_bytes =
        WB_PAGE_MEMORY_HUGE_BYTES - (uintptr_t)pages % WB_PAGE_MEMORY_HUGE_BYTES;
    munmap(pages, head_bytes);
    unsigned char *aligned = pages + head_bytes;
    if (head_bytes < WB_PAGE_MEMORY_HUGE_BYTES) {
        munmap(aligned + size_bytes, WB_PAGE_MEMORY_HUGE_BYTES - head_bytes);
    }
#ifdef MADV_HUGEPAGE
    /* A wish: on a system without huge pages it fails, and small ones serve. */
    (void)madvise(aligned, size_bytes, MADV_HUGEPAGE);
#endif
    return aligned;
}

/* What is mapped for a request: whole pages. */
static size_t round_to_pages(size_t size_bytes)
{
    const size_t page_bytes =
        size_bytes >= WB_PAGE_MEMORY_HUGE_BYTES ? WB_PAGE_MEMORY_HUGE_BYTES : 4096;
    assert(size_bytes <= SIZE_MAX - 2 * WB_PAGE_MEMORY_HUGE_BYTES);
    return (size_bytes + page_bytes - 1) / page_bytes * page_bytes;
}

void *wb_page_memory_alloc(size_t size_bytes)
{
    assert(size_bytes > 0);
    const size_t mapped_bytes = round_to_pages(size_bytes);
    return mapped_bytes >= WB_PAGE_MEMORY_HUGE_BYTES ? map_huge_pages(mapped_bytes)
                                                     : map_pages(mapped_bytes);
}

void wb_page_memory_free(void *memory, size_t size_bytes)
{
    if (memory != NULL) {
        assert((uintptr_t)memory % 4096 == 0);
        munmap(memory, round_to_pages(size_bytes));
    }
}
