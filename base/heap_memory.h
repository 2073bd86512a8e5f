/*
 * Growable heap blocks for the few structures that outgrow an arena's habits (tables of a million
 * rows, hash maps, I/O buffers). malloc occurs in base/ only; failure prints one line and aborts,
 * since no caller could go on.
 */
#ifndef WB_BASE_HEAP_MEMORY_H
#define WB_BASE_HEAP_MEMORY_H

#include <stddef.h>

/* count * size bytes, not zeroed; owned by the caller, who frees with wb_heap_memory_free. */
void *wb_heap_memory_alloc(size_t count, size_t size);

/* The same, zeroed. */
void *wb_heap_memory_zalloc(size_t count, size_t size);

/* Like realloc, with an overflow check; old may be NULL. */
void *wb_heap_memory_resize(void *old, size_t count, size_t size);

/* NULL is allowed. */
void wb_heap_memory_free(void *memory);

/* The next capacity for an array that must hold at least needed elements: grows by half. */
size_t wb_heap_memory_next_capacity(size_t capacity, size_t needed);

#endif
