/*
 * Validity of UTF-8, for every text that comes from outside. Strict as RFC 3629: no overlong forms,
 * no surrogates, nothing beyond U+10FFFF.
 */
#ifndef WB_BASE_UTF8_H
#define WB_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes (1 to 4) of the valid sequence that text of length bytes starts with, or 0 when it starts
 * with none (also when length is 0). */
size_t wb_utf8_sequence_length(const char *text, size_t length);

/* Offset of the first byte that is not valid UTF-8, or length. */
size_t wb_utf8_find_invalid(const char *text, size_t length);

/* Writes code_point, at most U+10FFFF and no surrogate, and returns the bytes written (1 to 4). */
size_t wb_utf8_encode(uint32_t code_point, char out[4]);

#endif
