/*
 * A growing string on the heap. Writers of a million lines keep one and clear it for each line, so
 * that memory is asked for a few times only.
 */
#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/heap_memory.h"
#include "base/utf8.h"

/* Makes room for more bytes and the zero byte behind them. */
static void reserve(wb_text *text, size_t more)
{
    assert(more < SIZE_MAX - text->length);
    const size_t needed = text->length + more + 1;
    if (needed > text->capacity) {
        text->capacity = wb_heap_memory_next_capacity(text->capacity, needed);
        text->bytes = wb_heap_memory_resize(text->bytes, text->capacity, 1);
    }
    assert(text->capacity > text->length + more);
}

void wb_text_init(wb_text *text)
{
    assert(text != NULL);
    *text = (wb_text){0};
}

void wb_text_release(wb_text *text)
{
    assert(text != NULL);
    wb_heap_memory_free(text->bytes);
    *text = (wb_text){0};
}

void wb_text_clear(wb_text *text)
{
    assert(text != NULL);
    text->length = 0;
    if (text->bytes != NULL) {
        text->bytes[0] = '\0';
    }
}

void wb_text_add(wb_text *text, const char *bytes, size_t length)
{
    assert(text != NULL);
    assert(bytes != NULL || length == 0);
    reserve(text, length);
    if (length > 0) {
        memcpy(text->bytes + text->length, bytes, length);
    }
    text->length += length;
    text->bytes[text->length] = '\0';
}

void wb_text_add_string(wb_text *text, const char *string)
{
    assert(string != NULL);
    wb_text_add(text, string, strlen(string));
}

void wb_text_add_format(wb_text *text, const char *fmt, ...)
{
    assert(text != NULL);
    assert(fmt != NULL);
    reserve(text, 64);
    for (;;) {
        const size_t room = text->capacity - text->length;
        va_list args;
        va_start(args, fmt);
        const int length = vsnprintf(text->bytes + text->length, room, fmt, args);
        va_end(args);
        assert(length >= 0);
        if ((size_t)length < room) {
            text->length += (size_t)length;
            return;
        }
        reserve(text, (size_t)length);
    }
}

/* The two-character escape of byte in JSON, or NULL when it has none. */
static const char *short_escape(char byte)
{
    switch (byte) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return NULL;
    }
}

/* DEL (0x7f) is legal in JSON as it is, but goes the slow way, which passes it on unchanged. */
static int is_plain_in_json(char byte)
{
    return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

/* Adds one character that is not plain; returns the bytes of it. */
static size_t add_json_special(wb_text *text, const char *bytes, size_t length)
{
    assert(length > 0);
    const char *escape = short_escape(bytes[0]);
    if (escape != NULL) {
        wb_text_add(text, escape, 2);
        return 1;
    }
    if (bytes[0] >= 0 && bytes[0] < ' ') {
        wb_text_add_format(text, "\\u%04x", (unsigned)bytes[0]);
        return 1;
    }
    const size_t step = wb_utf8_sequence_length(bytes, length);
    if (step == 0) {
        wb_text_add(text, "\xef\xbf\xbd", 3);
        return 1;
    }
    wb_text_add(text, bytes, step);
    return step;
}

void wb_text_add_int64(wb_text *text, int64_t number)
{
    char digits[20]; /* of 2^63, with its sign */
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    assert(text != NULL);
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    wb_text_add(text, digits + at, sizeof digits - at);
}

void wb_text_add_json_bytes(wb_text *text, const char *bytes, size_t length)
{
    assert(text != NULL);
    assert(bytes != NULL || length == 0);
    wb_text_add(text, "\"", 1);
    for (size_t at = 0; at < length;) {
        size_t end = at;
        while (end < length && is_plain_in_json(bytes[end])) {
            end++;
        }
        wb_text_add(text, bytes + at, end - at);
        at = end;
        if (at < length) {
            at += add_json_special(text, bytes + at, length - at);
        }
    }
    wb_text_add(text, "\"", 1);
}

void wb_text_add_json_string(wb_text *text, const char *string)
{
    assert(string != NULL);
    wb_text_add_json_bytes(text, string, strlen(string));
}

void wb_text_add_csv_field(wb_text *text, const char *string)
{
    assert(text != NULL);
    assert(string != NULL);
    if (strpbrk(string, ",\"\r\n") == NULL) {
        wb_text_add_string(text, string);
        return;
    }
    wb_text_add(text, "\"", 1);
    for (const char *rest = string; *rest != '\0';) {
        const size_t run = strcspn(rest, "\"");
        wb_text_add(text, rest, run);
        rest += run;
        if (*rest == '"') {
            wb_text_add(text, "\"\"", 2);
            rest++;
        }
    }
    wb_text_add(text, "\"", 1);
}

const char *wb_text_string(const wb_text *text)
{
    assert(text != NULL);
    return text->bytes == NULL ? "" : text->bytes;
}
