#include "tests/tidy/tidy_words.h"

#include <assert.h>
#include <string.h>

static void make_room(wb_tidy_words *words, wb_arena *arena, uint32_t id)
{
    if (id < words->capacity) {
        return;
    }
    const uint32_t capacity = 2 * id + 1024;
    words->first_pair = wb_arena_grow(arena, words->first_pair, words->capacity, capacity,
                                      sizeof *words->first_pair);
    words->is_shared =
        wb_arena_grow(arena, words->is_shared, words->capacity, capacity, sizeof *words->is_shared);
    for (uint32_t i = words->capacity; i < capacity; i++) {
        words->first_pair[i] = 0;
        words->is_shared[i] = false;
    }
    words->capacity = capacity;
}

static void add_word(wb_tidy_words *words, wb_arena *arena, uint32_t id, uint32_t pair)
{
    make_room(words, arena, id);
    if (words->first_pair[id] == 0) {
        words->first_pair[id] = pair;
    }
    words->is_shared[id] = words->is_shared[id] || words->first_pair[id] != pair;
}

static void add_file(wb_tidy_words *words, wb_arena *arena, const wb_source_text *source)
{
    const size_t pair_length = strlen(source->path) - strlen(".c");
    const uint32_t pair = wb_intern_add_length(&words->intern, source->path, pair_length);
    size_t i = 0;
    while (i < source->length) {
        size_t length = 0;
        while (wb_source_text_is_word_byte(source->code[i + length])) {
            length++;
        }
        if (length > 0) {
            const uint32_t id = wb_intern_add_length(&words->intern, source->code + i, length);
            add_word(words, arena, id, pair);
        }
        i += length + 1;
    }
}

void wb_tidy_words_init(wb_tidy_words *out, const wb_tidy_tree *tree)
{
    assert(out != NULL && tree != NULL);
    *out = (wb_tidy_words){.capacity = 0};
    wb_intern_init(&out->intern, tree->arena);
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->files[i].source.is_c) {
            add_file(out, tree->arena, &tree->files[i].source);
        }
    }
}

void wb_tidy_words_release(wb_tidy_words *words)
{
    assert(words != NULL);
    wb_intern_release(&words->intern);
}

bool wb_tidy_words_is_shared(const wb_tidy_words *words, const char *word)
{
    assert(words != NULL && word != NULL);
    const uint32_t id = wb_intern_find(&words->intern, word);
    return id != 0 && id < words->capacity && words->is_shared[id];
}
