/*
 * Growable heap blocks for the few structures that outgrow an arena's habits (tables of a million
 * rows, hash maps, I/O buffers). malloc occurs in base/ only, so here is also the one place that
 * decides what a refusal means:
 *
 *     arena block ─┐
 *     table, map ──┼─▶ heap_memory ─▶ malloc ─▶ refused ─┬─▶ the handler: the command says one
 *     library's ───┤                                     │   line and exits with status 3
 *     huge pages ──┴─▶ page_memory ─▶ mmap ───▶ refused ─┘   (without one: abort)
 *
 * No call returns NULL. The structures that live here cannot be half grown, and a run that lost one
 * could not go on; what it wrote so far is a database whose run is unfinished.
 */
#ifndef WB_BASE_HEAP_MEMORY_H
#define WB_BASE_HEAP_MEMORY_H

#include <stddef.h>

/* Called with the request that the system refused. Must not return, and should not allocate. */
typedef void (*wb_heap_memory_handler)(size_t request_bytes);

/* For a process that makes and frees arenas all the time, as a command does: freed blocks stay with
 * the process instead of going back to the system, which would have to zero each page again. Call
 * once, before there are threads. Without it the C library's own habits hold. */
void wb_heap_memory_keep_freed(void);

/* Whom a refusal goes to from now on, in the whole process; NULL, as at the start: one line on
 * standard error, then abort(). */
void wb_heap_memory_on_refusal(wb_heap_memory_handler handler);

/* For who asks the system by other means (pages, a library that says it had no memory): ends the
 * process as a refusal here does. request_bytes may be a guess. */
_Noreturn void wb_heap_memory_refuse(size_t request_bytes);

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
