/*
 * One file of the tree in the shape that the rules read: its text beside views of the same length,
 * in which what a rule must not see is blank. An offset means the same place in all of them.
 *
 *     text        if (a == '"') { #x; // why
 *     code        if (a == ' ') { #x;            comments gone, literals empty
 *     comments                         // why    everything else gone
 *     statements  like code, without preprocessor directives
 *
 * No C parser: the tree is laid out by clang-format and compiles, so a scanner sees enough. A few
 * hundred files of some 200 lines each. Knows nothing of rules.
 */
#ifndef WB_TESTS_TIDY_SOURCE_TEXT_H
#define WB_TESTS_TIDY_SOURCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct wb_source_text {
    const char *path; /* from the root of the tree, borrowed */
    const char *name; /* the last part of path */
    const char *stem; /* name without its ending, in the arena */
    bool is_c;        /* .c or .h; else the views are all blank */
    bool is_header;
    size_t length;
    const char *text;       /* borrowed, zero-terminated like the views */
    const char *code;       /* in the arena, like what follows */
    const char *comments;   /* delimiters included */
    const char *statements; /* what compiles after preprocessing, roughly */
    size_t *line_starts;    /* line_starts[0] is the offset of line 1 */
    uint32_t line_count;
} wb_source_text;

/* Splits text, which must be zero-terminated and outlive *out. The views live as long as arena. */
void wb_source_text_init(wb_source_text *out, wb_arena *arena, const char *path, const char *text,
                         size_t length);

/* The line of an offset, from 1. */
uint32_t wb_source_text_line(const wb_source_text *source, size_t offset);

/* Offset of the line's first byte, and of the byte behind its last (its line end). */
size_t wb_source_text_line_begin(const wb_source_text *source, uint32_t line);
size_t wb_source_text_line_end(const wb_source_text *source, uint32_t line);

/* Whether view is blank from begin up to, not including, end. */
bool wb_source_text_is_blank(const char *view, size_t begin, size_t end);

/* Offset of the first byte of view at or behind offset that is no blank; source->length if none. */
size_t wb_source_text_skip_blank(const wb_source_text *source, const char *view, size_t offset);

/* The last byte of view before offset that is no blank; 0 when there is none. */
char wb_source_text_byte_before(const char *view, size_t offset);

/* Offset of the bracket that closes the one at offset, or source->length. */
size_t wb_source_text_closing(const wb_source_text *source, const char *view, size_t offset);

/* Whether byte may stand in an identifier. */
bool wb_source_text_is_word_byte(char byte);

/* Offset of the next place at or behind offset where view has word as a whole identifier, or
 * source->length. */
size_t wb_source_text_find_word(const wb_source_text *source, const char *view, size_t offset,
                                const char *word);

/* Whether text begins with prefix. */
bool wb_source_text_has_prefix(const char *text, const char *prefix);

/* Whether text begins with one of the prefixes, which are separated by blanks. */
bool wb_source_text_has_prefix_of(const char *text, const char *prefixes);

/* Whether text ends in suffix. */
bool wb_source_text_has_suffix(const char *text, const char *suffix);

#endif
