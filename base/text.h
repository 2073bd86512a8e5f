/*
 * A growing string for output that is built piece by piece (messages, JSON, CSV, SQL).
 *
 * One row of CSV, into a text that is kept and cleared for the next:
 *
 *     wb_text_clear(&row);
 *     wb_text_add_csv_field(&row, wb_intern_text(names, pool));
 *     wb_text_add_format(&row, ",%lld\n", (long long)cost_nusd);
 *     WB_TRY(wb_file_writer_write(writer, row.bytes, row.length, err));
 */
#ifndef WB_BASE_TEXT_H
#define WB_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct wb_text {
    char *bytes; /* owned; always zero-terminated once anything was added; may be NULL before */
    size_t length, capacity;
} wb_text;

/* Starts empty, without memory. */
void wb_text_init(wb_text *text);

/* Frees the bytes; text is then as after init. */
void wb_text_release(wb_text *text);

/* Empties text but keeps its memory. */
void wb_text_clear(wb_text *text);

/* Adds length bytes, which may hold zero bytes. */
void wb_text_add(wb_text *text, const char *bytes, size_t length);

/* Adds string up to its zero byte. */
void wb_text_add_string(wb_text *text, const char *string);

/* Adds what printf would print. */
WB_PRINTF(2, 3) void wb_text_add_format(wb_text *text, const char *fmt, ...);

/* Adds number in decimal; faster than add_format. */
void wb_text_add_int64(wb_text *text, int64_t number);

/* Adds string with the escapes of JSON, quotes included; invalid UTF-8 becomes U+FFFD. */
void wb_text_add_json_string(wb_text *text, const char *string);

/* The same for length bytes that may hold zero bytes. */
void wb_text_add_json_bytes(wb_text *text, const char *bytes, size_t length);

/* Adds string as one CSV field (RFC 4180: quoted only where needed). */
void wb_text_add_csv_field(wb_text *text, const char *string);

/* The contents, "" when nothing was added; valid until the next change. */
const char *wb_text_string(const wb_text *text);

#endif
