/*
 * Quantities: decimal digits to nano-units in 128 bits, and back to Kubernetes' canonical text.
 *
 * The real code (apimachinery, resource/quantity.go) keeps an int64 with a decimal scale and falls
 * back to big numbers. Within its own bound of 2^63-1 whole units, nano-units need 93 bits, so one
 * 128-bit integer does for both and all arithmetic is exact. Tens of thousands are read while a
 * cluster loads, none while it is simulated.
 */
#include "base/quantity.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

static const int64_t nanos_per_unit = 1000000000;
static const int64_t nanos_per_milli = 1000000;

#define NANOS_PER_UNIT ((uint128)1000000000U)

/* Largest amount in either direction, in nano-units: the API server holds whole units in int64. */
#define MAX_NANOS ((uint128)INT64_MAX * 1000000000U)

/* Exponents are clamped here while they are read: at either end the answer is known already. */
enum {
    EXPONENT_CLAMP = 100000
};

typedef struct suffix {
    const char *text;
    int base, exponent;
} suffix;

static const suffix suffixes[] = {
    {"n", 10, -9}, {"u", 10, -6}, {"m", 10, -3}, {"", 10, 0},   {"k", 10, 3},  {"M", 10, 6},
    {"G", 10, 9},  {"T", 10, 12}, {"P", 10, 15}, {"E", 10, 18}, {"Ki", 2, 10}, {"Mi", 2, 20},
    {"Gi", 2, 30}, {"Ti", 2, 40}, {"Pi", 2, 50}, {"Ei", 2, 60},
};

/* The number before its suffix, as spans of digits in the text. */
typedef struct digits {
    const char *whole, *fraction;
    size_t whole_length, fraction_length;
} digits;

static size_t digit_span(const char *text)
{
    return strspn(text, "0123456789");
}

/* Reads "12", "12.", "12.5" or ".5" and returns what follows, or NULL when there is no digit. */
static const char *read_digits(const char *text, digits *out)
{
    out->whole = text;
    out->whole_length = digit_span(text);
    text += out->whole_length;
    out->fraction = text;
    out->fraction_length = 0;
    if (*text == '.') {
        out->fraction = text + 1;
        out->fraction_length = digit_span(text + 1);
        text += 1 + out->fraction_length;
    }
    return out->whole_length + out->fraction_length == 0 ? NULL : text;
}

/* Reads the digits of "e3", "E-6"; false when they are not one whole number. */
static bool read_exponent(const char *text, int *out)
{
    assert(text[0] == 'e' || text[0] == 'E');
    const bool is_negative = text[1] == '-';
    const char *rest = text + 1 + (text[1] == '-' || text[1] == '+' ? 1 : 0);
    const size_t length = digit_span(rest);
    if (length == 0 || rest[length] != '\0') {
        return false;
    }
    int value = 0;
    for (size_t i = 0; i < length && value < EXPONENT_CLAMP; i++) {
        value = value * 10 + (rest[i] - '0');
    }
    value = value > EXPONENT_CLAMP ? EXPONENT_CLAMP : value;
    *out = is_negative ? -value : value;
    return true;
}

/* Whole names before exponents: "E" is exa and "E3" an exponent, and "e" alone is nothing. */
static bool read_suffix(const char *text, suffix *out, wb_quantity_format *out_format)
{
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (strcmp(text, suffixes[i].text) == 0) {
            *out = suffixes[i];
            *out_format = out->base == 2 ? WB_QUANTITY_BINARY_SI : WB_QUANTITY_DECIMAL_SI;
            return true;
        }
    }
    if (text[0] != 'e' && text[0] != 'E') {
        return false;
    }
    *out = (suffix){text, 10, 0};
    *out_format = WB_QUANTITY_DECIMAL_EXPONENT;
    return read_exponent(text, &out->exponent);
}

/* The i-th digit of whole and fraction read as one number, 0 past the end. */
static unsigned digit_at(const digits *number, size_t i)
{
    if (i < number->whole_length) {
        return (unsigned)(number->whole[i] - '0');
    }
    i -= number->whole_length;
    return i < number->fraction_length ? (unsigned)(number->fraction[i] - '0') : 0;
}

/* Digits times 10^(exponent+9), rounded up; beyond MAX_NANOS gives MAX_NANOS + 1. Walks digit by
 * digit, so that neither a long fraction nor a large exponent needs wider numbers. */
static uint128 scale_decimal(const digits *number, int exponent)
{
    const size_t length = number->whole_length + number->fraction_length;
    const int64_t kept = (int64_t)number->whole_length + exponent + 9; /* digits above the nano */
    uint128 nanos = 0;
    for (int64_t i = 0; i < kept; i++) {
        nanos = nanos * 10 + digit_at(number, (size_t)i);
        if (nanos > MAX_NANOS) {
            return MAX_NANOS + 1;
        }
        if (nanos == 0 && (size_t)i >= length) {
            return 0;
        }
    }
    for (size_t i = kept < 0 ? 0 : (size_t)kept; i < length; i++) {
        if (digit_at(number, i) != 0) {
            return nanos + 1;
        }
    }
    return nanos;
}

/* Digits times 2^exponent, in nano-units, rounded up; beyond MAX_NANOS gives MAX_NANOS + 1. */
static uint128 scale_binary(const digits *number, int exponent)
{
    assert(exponent >= 0 && exponent <= 60);
    uint128 whole = 0;
    for (size_t i = 0; i < number->whole_length; i++) {
        whole = whole * 10 + digit_at(number, i);
        if (whole > (uint128)INT64_MAX >> exponent) {
            return MAX_NANOS + 1;
        }
    }
    /* The fraction from its last digit: floor((m + floor(x)) / 10) is floor((m + x) / 10) for whole
     * m, so nothing is lost by dropping remainders but whether there was one. 9 * 2^60 * 10^9 is
     * below 2^94. */
    const uint128 weight = ((uint128)1 << exponent) * NANOS_PER_UNIT;
    uint128 fraction = 0;
    bool has_rest = false;
    for (size_t i = number->fraction_length; i-- > 0;) {
        const uint128 sum = digit_at(number, number->whole_length + i) * weight + fraction;
        fraction = sum / 10;
        has_rest = has_rest || sum % 10 != 0;
    }
    return (whole << exponent) * NANOS_PER_UNIT + fraction + (has_rest ? 1U : 0U);
}

wb_status wb_quantity_parse(const char *text, wb_quantity *out, wb_error *err)
{
    assert(text != NULL);
    assert(out != NULL);
    const bool is_negative = text[0] == '-';
    const char *start = text + (text[0] == '-' || text[0] == '+' ? 1 : 0);
    digits number;
    suffix unit;
    wb_quantity_format format = WB_QUANTITY_DECIMAL_SI;
    const char *rest = read_digits(start, &number);
    if (rest == NULL) {
        return wb_fail(err, WB_ERR_INPUT,
                       "'%.60s' is not a quantity, expected a number first, such as 100m or 1.5Gi",
                       text);
    }
    if (!read_suffix(rest, &unit, &format)) {
        return wb_fail(err, WB_ERR_INPUT,
                       "'%.60s' is not a quantity, expected after the number one of n u m k M G T "
                       "P E, Ki Mi Gi Ti Pi Ei, an exponent such as e3, or nothing",
                       text);
    }
    const uint128 nanos = unit.base == 2 ? scale_binary(&number, unit.exponent)
                                         : scale_decimal(&number, unit.exponent);
    if (nanos > MAX_NANOS) {
        return wb_fail(err, WB_ERR_INPUT,
                       "'%.60s' is too large for a quantity, expected at most 2^63-1", text);
    }
    *out = (wb_quantity){.nanos = is_negative ? -(int128)nanos : (int128)nanos, .format = format};
    return WB_OK;
}

/* nanos / divisor, away from zero, kept within int64. */
static int64_t divide_up(int128 nanos, int64_t divisor)
{
    assert(divisor > 0);
    int128 result = nanos / divisor;
    if (nanos % divisor != 0) {
        result += nanos > 0 ? 1 : -1;
    }
    if (result > INT64_MAX) {
        return INT64_MAX;
    }
    return result < INT64_MIN ? INT64_MIN : (int64_t)result;
}

int64_t wb_quantity_milli(const wb_quantity *quantity)
{
    assert(quantity != NULL);
    return divide_up(quantity->nanos, nanos_per_milli);
}

int64_t wb_quantity_units(const wb_quantity *quantity)
{
    assert(quantity != NULL);
    return divide_up(quantity->nanos, nanos_per_unit);
}

/* The digits of amount and, behind them, suffix_text. */
static void print_amount(bool is_negative, uint128 amount, const char *suffix_text, char out[48])
{
    char reversed[40]; /* 2^128 has 39 digits */
    size_t length = 0;
    do {
        reversed[length++] = (char)('0' + (int)(amount % 10));
        amount /= 10;
    } while (amount > 0);
    assert(length + strlen(suffix_text) + 2 <= 48);
    size_t at = 0;
    if (is_negative) {
        out[at++] = '-';
    }
    while (length > 0) {
        out[at++] = reversed[--length];
    }
    (void)snprintf(out + at, 48 - at, "%s", suffix_text);
}

static const char *suffix_of(int base, int exponent)
{
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (suffixes[i].exponent == exponent && (suffixes[i].base == base || exponent == 0)) {
            return suffixes[i].text;
        }
    }
    assert(false && "a multiple of 3 from -9 to 18, or of 10 up to 60");
    return "";
}

/* The largest suffix that leaves a whole number: thousands go as long as they divide evenly. exa is
 * the last one there is. */
static void print_decimal(bool is_negative, uint128 nanos, bool as_exponent, char out[48])
{
    assert(nanos > 0 && nanos <= MAX_NANOS);
    int exponent = -9;
    while (nanos % 1000 == 0 && exponent < 18) {
        nanos /= 1000;
        exponent += 3;
    }
    if (!as_exponent) {
        print_amount(is_negative, nanos, suffix_of(10, exponent), out);
        return;
    }
    char text[8] = "";
    if (exponent != 0) {
        (void)snprintf(text, sizeof(text), "e%d", exponent);
    }
    print_amount(is_negative, nanos, text, out);
}

/* The same by 1024. The amount is whole (print saw to that), so at worst it gets no suffix. */
static void print_binary(bool is_negative, uint128 units, char out[48])
{
    assert(units > 0);
    int exponent = 0;
    while (units % 1024 == 0 && exponent < 60) {
        units /= 1024;
        exponent += 10;
    }
    print_amount(is_negative, units, suffix_of(2, exponent), out);
}

void wb_quantity_print(const wb_quantity *quantity, char out[48])
{
    assert(quantity != NULL);
    assert(out != NULL);
    const bool is_negative = quantity->nanos < 0;
    const uint128 nanos = is_negative ? -(uint128)quantity->nanos : (uint128)quantity->nanos;
    if (nanos == 0) {
        (void)snprintf(out, 48, "0");
        return;
    }
    /* resource.Quantity.CanonicalizeBytes: below 1024, or with a fraction, binary suffixes would
     * have to round, so decimal ones are used. */
    const bool is_binary = quantity->format == WB_QUANTITY_BINARY_SI &&
                           nanos >= 1024 * NANOS_PER_UNIT && nanos % NANOS_PER_UNIT == 0;
    if (is_binary) {
        print_binary(is_negative, nanos / NANOS_PER_UNIT, out);
    } else {
        print_decimal(is_negative, nanos, quantity->format == WB_QUANTITY_DECIMAL_EXPONENT, out);
    }
}

void wb_quantity_print_milli(int64_t milli, char out[48])
{
    const wb_quantity quantity = {(int128)milli * nanos_per_milli, WB_QUANTITY_DECIMAL_SI};
    wb_quantity_print(&quantity, out);
}

void wb_quantity_print_bytes(int64_t bytes, char out[48])
{
    /* INT64_MIN has no positive twin within the limit; no amount of bytes comes near it. */
    assert(bytes >= -INT64_MAX);
    const wb_quantity quantity = {(int128)bytes * nanos_per_unit, WB_QUANTITY_BINARY_SI};
    wb_quantity_print(&quantity, out);
}
