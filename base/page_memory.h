/*
 * Whole pages straight from the system, for arrays of megabytes that are read all over: from
 * 2 MiB on they are aligned and asked to be huge pages, since at a million events or pods the
 * address translation costs as much as the memory behind it. Zeroed; a refusal
 * goes where those of heap_memory.h go.
 */
#ifndef WB_BASE_PAGE_MEMORY_H
#define WB_BASE_PAGE_MEMORY_H

#include <stddef.h>

#define WB_PAGE_MEMORY_HUGE_BYTES ((size_t)2 << 20)

/* size_bytes > 0 zeroed bytes, aligned to 4 KiB, or to 2 MiB when there are that many; owned by the
 * caller, who gives them back with wb_page_memory_free. */
void *wb_page_memory_alloc(size_t size_bytes);

/* size_bytes as it was asked for; NULL is allowed. */
void wb_page_memory_free(void *memory, size_t size_bytes);

#endif
