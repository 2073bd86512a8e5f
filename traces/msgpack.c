/*
 * MessagePack into JSON text, so that what follows (positions, limits, one tree) is the document
 * reader's and not written twice.
 *
 * One pass over the bytes; each value is converted where it stands, lists and maps by calling for
 * what they hold, at most 100 deep. Every length is held against the bytes that are left before
 * anything is done with it: a few bytes that announce four billion elements cost nothing.
 *
 *     0x00-0x7f  number       0x90-0x9f  list of n     0xc0       null         0xe0-0xff  -32 to -1
 *     0x80-0x8f  map of n     0xa0-0xbf  string of n   0xc2 0xc3  false, true  others: long_forms
 *
 * SimKube's maps have keys that are no strings (pairs of an owner's kind and its name); JSON has
 * none, so such a key becomes its parts joined by '|'. A map as a key is refused.
 */
#include "traces/msgpack.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NESTING_MAX 100

/* One conversion: next only grows, and never past length. */
typedef struct unpacker {
    const unsigned char *bytes;
    size_t length, next;
    size_t value_at; /* where the value at hand begins */
    bool is_in_key;  /* of a map: only scalars and arrays of them */
    wb_text *out;
    wb_error *err;
} unpacker;

/* Lists and maps call it for what they hold, down to NESTING_MAX. */
static wb_status convert_value(unpacker *in, int depth);

static wb_status fail_at(const unpacker *in, size_t offset, const char *what)
{
    assert(offset <= in->length);
    return wb_fail(in->err, WB_ERR_INPUT, "byte %zu: %s", offset, what);
}

/* size bytes, most significant first; size is 1 to 8. */
static wb_status take_number(unpacker *in, size_t size, uint64_t *out)
{
    assert(size >= 1 && size <= 8);
    if (size > in->length - in->next) {
        return fail_at(in, in->next, "the data ends in the middle of a value");
    }
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | in->bytes[in->next++];
    }
    *out = value;
    return WB_OK;
}

static wb_status take_bytes(unpacker *in, uint64_t count, const char **out)
{
    assert(in->next <= in->length);
    if (count > in->length - in->next) {
        return fail_at(in, in->next, "a length runs past the end of the data");
    }
    *out = (const char *)in->bytes + in->next;
    in->next += (size_t)count;
    return WB_OK;
}

static wb_status convert_string(unpacker *in, uint64_t length)
{
    const char *text = NULL;
    WB_TRY(take_bytes(in, length, &text));
    wb_text_add_json_bytes(in->out, text, (size_t)length);
    return WB_OK;
}

/* Sign extension by shifting the value up to bit 63 and dividing it back: the right shift of a
 * negative number is left to the compiler by C11, the division is not. */
static wb_status convert_signed(unpacker *in, size_t size)
{
    uint64_t raw = 0;
    WB_TRY(take_number(in, size, &raw));
    assert(size >= 1 && size <= 8); /* the table below: a shift by 64 has no meaning in C */
    const unsigned shift = (unsigned)(64 - 8 * size);
    const int64_t value = (int64_t)(raw << shift) / (int64_t)(UINT64_C(1) << shift);
    wb_text_add_format(in->out, "%lld", (long long)value);
    return WB_OK;
}

/* NaN and infinity have no JSON, and no meaning as a time or an amount. */
static wb_status convert_float(unpacker *in, size_t size)
{
    assert(size == 4 || size == 8);
    uint64_t raw = 0;
    const size_t offset = in->next;
    WB_TRY(take_number(in, size, &raw));
    double value = 0.0;
    if (size == 4) {
        const uint32_t half = (uint32_t)raw;
        float narrow = 0.0F;
        memcpy(&narrow, &half, sizeof narrow);
        value = (double)narrow;
    } else {
        memcpy(&value, &raw, sizeof value);
    }
    if (!isfinite(value)) {
        return fail_at(in, offset, "a number that is not finite");
    }
    wb_text_add_format(in->out, "%.17g", value);
    return WB_OK;
}

/* NOLINTBEGIN(misc-no-recursion): at most NESTING_MAX deep, which convert_value checks */
static wb_status convert_array(unpacker *in, uint64_t count, int depth)
{
    if (count > in->length - in->next) { /* an element has at least one byte */
        return fail_at(in, in->next, "an array is longer than the data");
    }
    wb_text_add_string(in->out, "[");
    for (uint64_t i = 0; i < count; i++) {
        wb_text_add_string(in->out, i > 0 ? "," : "");
        WB_TRY(convert_value(in, depth + 1));
    }
    wb_text_add_string(in->out, "]");
    return WB_OK;
}

/* Drops the JSON around what a key was converted to and writes it as one string. */
static void add_key(wb_text *out, const wb_text *converted)
{
    wb_text plain;
    wb_text_init(&plain);
    const char *text = wb_text_string(converted);
    for (const char *at = text; *at != 0; at++) {
        if (*at == ',') {
            wb_text_add_string(&plain, "|");
        } else if (strchr("[]\"", *at) == NULL) {
            wb_text_add(&plain, at, 1);
        }
    }
    wb_text_add_json_string(out, wb_text_string(&plain));
    wb_text_release(&plain);
}

static wb_status convert_key(unpacker *in, int depth)
{
    assert(!in->is_in_key); /* a map in a key is refused */
    wb_text key;
    wb_text_init(&key);
    wb_text *out = in->out;
    in->out = &key;
    in->is_in_key = true;
    const wb_status status = convert_value(in, depth + 1);
    in->is_in_key = false;
    in->out = out;
    if (status == WB_OK) {
        if (wb_text_string(&key)[0] == '"') {
            wb_text_add_string(out, wb_text_string(&key));
        } else {
            add_key(out, &key);
        }
    }
    wb_text_release(&key);
    return status;
}

/* A map in a key is refused: each level would escape the text of the one inside anew, so that a few
 * hundred bytes grow without bound. */
static wb_status convert_map(unpacker *in, uint64_t count, int depth)
{
    if (in->is_in_key) {
        return fail_at(in, in->value_at, "a map as a key of a map");
    }
    if (count > (in->length - in->next) / 2) {
        return fail_at(in, in->next, "a map is longer than the data");
    }
    wb_text_add_string(in->out, "{");
    for (uint64_t i = 0; i < count; i++) {
        wb_text_add_string(in->out, i > 0 ? "," : "");
        WB_TRY(convert_key(in, depth));
        wb_text_add_string(in->out, ":");
        WB_TRY(convert_value(in, depth + 1));
    }
    wb_text_add_string(in->out, "}");
    return WB_OK;
}

/* Binary data and extension types decide nothing in a trace. */
static wb_status skip_bytes(unpacker *in, uint64_t length)
{
    const char *ignored = NULL;
    WB_TRY(take_bytes(in, length, &ignored));
    wb_text_add_string(in->out, "null");
    return WB_OK;
}

typedef enum value_kind {
    VALUE_UNSIGNED,
    VALUE_SIGNED,
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_ARRAY,
    VALUE_MAP,
    VALUE_BINARY,
    VALUE_EXTENSION,
} value_kind;

/* The types whose first byte is 0xc4 to 0xdf: how many bytes of number or length follow. */
static const struct {
    unsigned char tag, size;
    value_kind kind;
} long_forms[] = {
    {0xc4, 1, VALUE_BINARY},    {0xc5, 2, VALUE_BINARY},    {0xc6, 4, VALUE_BINARY},
    {0xc7, 1, VALUE_EXTENSION}, {0xc8, 2, VALUE_EXTENSION}, {0xc9, 4, VALUE_EXTENSION},
    {0xca, 4, VALUE_FLOAT},     {0xcb, 8, VALUE_FLOAT},     {0xcc, 1, VALUE_UNSIGNED},
    {0xcd, 2, VALUE_UNSIGNED},  {0xce, 4, VALUE_UNSIGNED},  {0xcf, 8, VALUE_UNSIGNED},
    {0xd0, 1, VALUE_SIGNED},    {0xd1, 2, VALUE_SIGNED},    {0xd2, 4, VALUE_SIGNED},
    {0xd3, 8, VALUE_SIGNED},    {0xd9, 1, VALUE_STRING},    {0xda, 2, VALUE_STRING},
    {0xdb, 4, VALUE_STRING},    {0xdc, 2, VALUE_ARRAY},     {0xdd, 4, VALUE_ARRAY},
    {0xde, 2, VALUE_MAP},       {0xdf, 4, VALUE_MAP},
};

static wb_status convert_long_form(unpacker *in, unsigned char tag, int depth)
{
    size_t form = 0;
    const size_t form_count = sizeof(long_forms) / sizeof(long_forms[0]);
    while (form < form_count && long_forms[form].tag != tag) {
        form++;
    }
    if (form == form_count) {
        return fail_at(in, in->value_at, "a type that traces do not use");
    }
    const size_t size = long_forms[form].size;
    if (long_forms[form].kind == VALUE_SIGNED) {
        return convert_signed(in, size);
    }
    if (long_forms[form].kind == VALUE_FLOAT) {
        return convert_float(in, size);
    }
    uint64_t number = 0;
    WB_TRY(take_number(in, size, &number));
    switch (long_forms[form].kind) {
    case VALUE_STRING: return convert_string(in, number);
    case VALUE_ARRAY: return convert_array(in, number, depth);
    case VALUE_MAP: return convert_map(in, number, depth);
    case VALUE_BINARY: return skip_bytes(in, number);
    case VALUE_EXTENSION: return skip_bytes(in, number + 1); /* its type byte */
    case VALUE_UNSIGNED:
    case VALUE_SIGNED:
    case VALUE_FLOAT: break;
    }
    wb_text_add_format(in->out, "%llu", (unsigned long long)number);
    return WB_OK;
}

static wb_status convert_value(unpacker *in, int depth)
{
    if (depth > NESTING_MAX) {
        return fail_at(in, in->next, "nested deeper than 100 levels");
    }
    uint64_t first = 0;
    in->value_at = in->next;
    WB_TRY(take_number(in, 1, &first));
    const unsigned char tag = (unsigned char)first;
    if (tag < 0x80) {
        wb_text_add_format(in->out, "%u", tag);
        return WB_OK;
    }
    if (tag < 0x90) {
        return convert_map(in, tag & 0x0fU, depth);
    }
    if (tag < 0xa0) {
        return convert_array(in, tag & 0x0fU, depth);
    }
    if (tag < 0xc0) {
        return convert_string(in, tag & 0x1fU);
    }
    if (tag >= 0xe0) {
        wb_text_add_format(in->out, "%d", (int)tag - 256);
        return WB_OK;
    }
    if (tag == 0xc0 || tag == 0xc2 || tag == 0xc3) {
        wb_text_add_string(in->out, tag == 0xc0 ? "null" : tag == 0xc2 ? "false" : "true");
        return WB_OK;
    }
    return convert_long_form(in, tag, depth);
}
/* NOLINTEND(misc-no-recursion) */

wb_status wb_msgpack_to_json(const unsigned char *bytes, size_t length, wb_text *out, wb_error *err)
{
    assert(bytes != NULL && out != NULL);
    unpacker in = {.bytes = bytes, .length = length, .out = out, .err = err};
    WB_TRY(convert_value(&in, 0));
    assert(!in.is_in_key);
    return in.next == length ? WB_OK : fail_at(&in, in.next, "data behind the end of the value");
}
