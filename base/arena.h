/*
 * Memory by lifetime: a list of blocks that is handed out forwards and given back at once.
 *
 *     process ──────────────────────────────────────────▶  interned strings, catalog
 *       run    ├───────────────────────────────┤           one simulation
 *         solve   ├────┤ ├────┤ ├────┤                     one pass of the solver, emptied after it
 *           scratch ├┤ ├┤  ├┤                              mark at function entry, rewind at exit
 *
 * Calls do not return NULL. Past its byte limit an arena calls the handler it was made with, which
 * must not return (the command prints one line and exits; a test longjmps).
 *
 * A function that needs memory for itself only takes a mark and rewinds to it:
 *
 *     const wb_arena_mark mark = wb_arena_get_mark(scratch);
 *     int64_t *sums = WB_ARENA_ARRAY(scratch, int64_t, zone_count);
 *     ...
 *     wb_arena_rewind(scratch, mark);
 *
 * One that returns memory takes the arena as a parameter and says so: "lives as long as the arena".
 * Marks nest; rewinding to an earlier one ends all later ones.
 */
#ifndef WB_BASE_ARENA_H
#define WB_BASE_ARENA_H

#include <stddef.h>

/* Called with the arena's name, its limit and the request that went past it. Must not return. */
typedef void (*wb_arena_limit_handler)(const char *name, size_t limit_bytes, size_t request_bytes);

typedef struct wb_arena_block wb_arena_block;

typedef struct wb_arena {
    const char *name;       /* borrowed: a string literal, for the handler's message */
    wb_arena_block *blocks; /* owned; newest first */
    wb_arena_block *spare;  /* owned; the largest block that a rewind or clear left over, or NULL */
    size_t used_bytes;      /* handed out so far, over all blocks */
    size_t limit_bytes;
    wb_arena_limit_handler on_limit; /* NULL: prints to standard error and aborts */
} wb_arena;

/* A place to rewind to; valid until an earlier mark is rewound. */
typedef struct wb_arena_mark {
    wb_arena_block *block;
    size_t block_used_bytes, used_bytes;
} wb_arena_mark;

/* Starts empty. limit_bytes 0 means no limit. */
void wb_arena_init(wb_arena *arena, const char *name, size_t limit_bytes,
                   wb_arena_limit_handler on_limit);

/* Gives all memory back to the system; the arena must be initialised again before further use. */
void wb_arena_release(wb_arena *arena);

/* Forgets all allocations but keeps the largest block for reuse. */
void wb_arena_clear(wb_arena *arena);

/* size bytes aligned for any type, not zeroed; size 0 gives a valid unique pointer. The result
 * lives as long as the arena, or until an earlier mark is rewound. */
void *wb_arena_alloc(wb_arena *arena, size_t size);

/* count * size zeroed bytes; the product must not overflow (asserted). */
void *wb_arena_zalloc(wb_arena *arena, size_t count, size_t size);

/* Grows an array: a copy of old_count elements in room for new_count; in place where old is the
 * newest allocation. old may be NULL with old_count 0. */
void *wb_arena_grow(wb_arena *arena, void *old, size_t old_count, size_t new_count, size_t size);

/* A zero-terminated copy of length bytes of text. */
char *wb_arena_copy_text(wb_arena *arena, const char *text, size_t length);

/* A zero-terminated copy of text. */
char *wb_arena_copy_string(wb_arena *arena, const char *text);

/* Where the arena stands now. */
wb_arena_mark wb_arena_get_mark(const wb_arena *arena);

/* Frees everything allocated since mark. */
void wb_arena_rewind(wb_arena *arena, wb_arena_mark mark);

/* Sugar: one zeroed value, an array of zeroed values. */
#define WB_ARENA_NEW(arena, type)          ((type *)wb_arena_zalloc((arena), 1, sizeof(type)))
#define WB_ARENA_ARRAY(arena, type, count) ((type *)wb_arena_zalloc((arena), (count), sizeof(type)))

#endif
