/*
 * Interned strings: every distinct text once, named by a small id.
 *
 * Labels, resource names and zones are compared millions of times in a solve; as ids they compare
 * in one instruction. Ids count from 1 in order of first appearance, so they are the same in every
 * run on the same input; 0 is "no string". Ids carry no alphabetical order: whoever needs that
 * compares texts. Some 100 to 100,000 strings in real use. Process lifetime.
 *
 * Once while loading, then by id:
 *
 *     const uint32_t zone = wb_intern_add(&names, wb_node_string(node, ""));
 *     ...
 *     if (pod->zone == node->zone) ...
 *     wb_text_add_string(out, wb_intern_text(&names, zone));
 */
#ifndef WB_BASE_INTERN_H
#define WB_BASE_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct wb_intern_slot wb_intern_slot;

typedef struct wb_intern {
    wb_arena *arena;     /* borrowed: where the texts live */
    const char **texts;  /* owned; texts[id], index 0 is "" */
    uint32_t *lengths;   /* owned */
    uint32_t count;      /* ids given so far, 0 included */
    uint32_t capacity;   /* of texts and lengths */
    uint32_t *slots;     /* owned; open addressing, 0 is empty */
    uint32_t slot_count; /* a power of two */
} wb_intern;

/* Starts with the empty text only; arena must outlive intern. */
void wb_intern_init(wb_intern *intern, wb_arena *arena);

/* Frees the table; the texts stay in the arena. */
void wb_intern_release(wb_intern *intern);

/* The id of text, given on first sight. The empty text has id 0. */
uint32_t wb_intern_add(wb_intern *intern, const char *text);

/* The same for text that need not end in a zero byte. */
uint32_t wb_intern_add_length(wb_intern *intern, const char *text, size_t length);

/* The id of text, or 0 when it was never added. */
uint32_t wb_intern_find(const wb_intern *intern, const char *text);

/* The text of id, which must have been given by this table; "" for 0. Valid while the table is. */
const char *wb_intern_text(const wb_intern *intern, uint32_t id);

#endif
