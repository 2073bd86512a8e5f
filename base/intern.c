/*
 * Interned strings: a table of texts by id, and a hash table of ids beside it.
 *
 *     slots   | 0 | 3 | 0 | 1 | 2 | ...     open addressing by the text's hash; 0 is empty
 *                   |       |   |
 *     texts   | "" | "zone-b" | "zone-a" | "arch" | ...     by id; the bytes live in the arena
 *
 * Texts never move, so that a caller may keep the pointer; the two arrays by id do. At 100,000
 * strings the table takes some 2 MB beside the texts. Slots hold ids of 4 bytes and not hashes: a
 * search meets a wrong text once in a few lookups, and comparing it ends at its length.
 */
#include "base/intern.h"

#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/heap_memory.h"

static const uint32_t least_slot_count = 64;

void wb_intern_init(wb_intern *intern, wb_arena *arena)
{
    assert(intern != NULL);
    assert(arena != NULL);
    *intern = (wb_intern){.arena = arena, .count = 1, .capacity = 32};
    intern->texts = wb_heap_memory_alloc(intern->capacity, sizeof(*intern->texts));
    intern->lengths = wb_heap_memory_alloc(intern->capacity, sizeof(*intern->lengths));
    intern->slot_count = least_slot_count;
    intern->slots = wb_heap_memory_zalloc(intern->slot_count, sizeof(*intern->slots));
    intern->texts[0] = "";
    intern->lengths[0] = 0;
}

void wb_intern_release(wb_intern *intern)
{
    assert(intern != NULL);
    wb_heap_memory_free(intern->texts);
    wb_heap_memory_free(intern->lengths);
    wb_heap_memory_free(intern->slots);
    *intern = (wb_intern){0};
}

/* The slot of text: its id is there, or 0 where it should go. Half of the slots stay empty. */
static uint32_t find_slot(const wb_intern *intern, const char *text, size_t length)
{
    assert(intern->count <= intern->slot_count / 2 + 1);
    const uint32_t mask = intern->slot_count - 1;
    uint32_t slot = (uint32_t)wb_digest_hash64(text, length) & mask;
    for (;; slot = (slot + 1) & mask) {
        const uint32_t id = intern->slots[slot];
        if (id == 0 ||
            (intern->lengths[id] == length && memcmp(intern->texts[id], text, length) == 0)) {
            return slot;
        }
    }
}

/* Hashes are computed again instead of kept: doubling happens a dozen times in the life of a
 * process. */
static void double_slots(wb_intern *intern)
{
    assert(intern->slot_count <= UINT32_MAX / 2);
    wb_heap_memory_free(intern->slots);
    intern->slot_count *= 2;
    intern->slots = wb_heap_memory_zalloc(intern->slot_count, sizeof(*intern->slots));
    for (uint32_t id = 1; id < intern->count; id++) {
        intern->slots[find_slot(intern, intern->texts[id], intern->lengths[id])] = id;
    }
}

/* Both arrays have one capacity, since they have one index. */
static void grow_texts(wb_intern *intern)
{
    const size_t capacity =
        wb_heap_memory_next_capacity(intern->capacity, (size_t)intern->count + 1);
    assert(capacity <= UINT32_MAX);
    intern->texts = wb_heap_memory_resize(intern->texts, capacity, sizeof(*intern->texts));
    intern->lengths = wb_heap_memory_resize(intern->lengths, capacity, sizeof(*intern->lengths));
    intern->capacity = (uint32_t)capacity;
}

uint32_t wb_intern_add_length(wb_intern *intern, const char *text, size_t length)
{
    assert(intern != NULL && intern->slots != NULL);
    assert(text != NULL || length == 0);
    assert(length <= UINT32_MAX);
    if (length == 0) {
        return 0;
    }
    uint32_t slot = find_slot(intern, text, length);
    if (intern->slots[slot] != 0) {
        return intern->slots[slot];
    }
    if (intern->count >= intern->slot_count / 2) {
        double_slots(intern);
        slot = find_slot(intern, text, length);
    }
    if (intern->count == intern->capacity) {
        grow_texts(intern);
    }
    const uint32_t id = intern->count++;
    intern->texts[id] = wb_arena_copy_text(intern->arena, text, length);
    intern->lengths[id] = (uint32_t)length;
    intern->slots[slot] = id;
    return id;
}

uint32_t wb_intern_add(wb_intern *intern, const char *text)
{
    assert(text != NULL);
    return wb_intern_add_length(intern, text, strlen(text));
}

uint32_t wb_intern_find(const wb_intern *intern, const char *text)
{
    assert(intern != NULL && intern->slots != NULL);
    assert(text != NULL);
    const size_t length = strlen(text);
    return length == 0 ? 0 : intern->slots[find_slot(intern, text, length)];
}

const char *wb_intern_text(const wb_intern *intern, uint32_t id)
{
    assert(intern != NULL);
    assert(id < intern->count);
    return intern->texts[id];
}
