/*
 * Which words of the code occur in which pair of files (x.h and x.c are one pair), to find what
 * nobody uses. One pass over the tree: some 20,000 distinct words.
 */
#ifndef WB_TESTS_TIDY_TIDY_WORDS_H
#define WB_TESTS_TIDY_TIDY_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"
#include "tests/tidy/tidy_tree.h"

typedef struct wb_tidy_words {
    wb_intern intern;     /* owned: of words and of pairs */
    uint32_t *first_pair; /* by word, in the tree's arena; 0: none yet */
    bool *is_shared;      /* by word, in the tree's arena: it occurs in a second pair */
    uint32_t capacity;
} wb_tidy_words;

/* Reads the code of every C file; comments and literals do not count. */
void wb_tidy_words_init(wb_tidy_words *out, const wb_tidy_tree *tree);

/* Gives back what is not in the arena. */
void wb_tidy_words_release(wb_tidy_words *words);

/* Whether word occurs in more than one pair of files. */
bool wb_tidy_words_is_shared(const wb_tidy_words *words, const char *word);

#endif
