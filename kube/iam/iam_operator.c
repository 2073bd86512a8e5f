/*
 * One row per operator. Negated ones are rows of their own that share the comparison of what they
 * negate. Numbers are compared as doubles, dates as milliseconds: what IAM documents for both.
 * IPv6 is read by no cluster autoscaler's policy and is not known here.
 */
#include "kube/iam/iam_operator.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/nearest.h"
#include "kube/iam/iam_pattern.h"

static bool string_equals(const char *pattern, const char *value)
{
    return wb_iam_pattern_equals(pattern, value, false);
}

static bool string_equals_ignoring_case(const char *pattern, const char *value)
{
    return wb_iam_pattern_equals(pattern, value, true);
}

static bool string_like(const char *pattern, const char *value)
{
    return wb_iam_pattern_matches(pattern, value, false);
}

static bool read_number(const char *text, double *out)
{
    char *end = NULL;
    *out = strtod(text, &end);
    return end != text && *end == '\0' && *out - *out == 0.0; /* finite */
}

static bool is_number(const char *text)
{
    double number = 0.0;
    return read_number(text, &number);
}

/* Where a value of the request lies, seen from the policy's. */
enum {
    BELOW = 1,
    EQUAL = 2,
    ABOVE = 4
};

static unsigned order_of_numbers(const char *pattern, const char *value)
{
    double wanted = 0.0;
    double found = 0.0;
    if (!read_number(pattern, &wanted) || !read_number(value, &found)) {
        return 0;
    }
    return found < wanted ? BELOW : found > wanted ? ABOVE : EQUAL;
}

/* Epoch seconds or RFC 3339. */
static bool read_date(const char *text, int64_t *out_ms)
{
    char *end = NULL;
    const long long seconds = strtoll(text, &end, 10);
    if (end != text && *end == '\0' && seconds > -1000000000000LL && seconds < 1000000000000LL) {
        *out_ms = seconds * 1000;
        return true;
    }
    return wb_duration_parse_time(text, out_ms, NULL) == WB_OK;
}

static bool is_date(const char *text)
{
    int64_t at_ms = 0;
    return read_date(text, &at_ms);
}

static unsigned order_of_dates(const char *pattern, const char *value)
{
    int64_t wanted = 0;
    int64_t found = 0;
    if (!read_date(pattern, &wanted) || !read_date(value, &found)) {
        return 0;
    }
    return found < wanted ? BELOW : found > wanted ? ABOVE : EQUAL;
}

static bool is_bool(const char *text)
{
    return wb_iam_pattern_same_name(text, "true") || wb_iam_pattern_same_name(text, "false");
}

static bool bool_equals(const char *pattern, const char *value)
{
    return wb_iam_pattern_same_name(pattern, value);
}

/* "203.0.113.0/24" or one address; the mask is all ones for the latter. */
static bool read_address(const char *text, uint32_t *out_address, uint32_t *out_mask)
{
    uint32_t address = 0;
    for (int i = 0; i < 4; i++) {
        char *end = NULL;
        const unsigned long byte = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 256;
        if (byte > 255 || (i < 3 && *end != '.')) {
            return false;
        }
        address = address << 8 | (uint32_t)byte;
        text = i < 3 ? end + 1 : end;
    }
    unsigned long bits = 32;
    if (*text == '/') {
        char *end = NULL;
        bits = text[1] >= '0' && text[1] <= '9' ? strtoul(text + 1, &end, 10) : 33;
        text = end != NULL ? end : text;
    }
    *out_address = address;
    *out_mask = bits == 0 ? 0 : bits > 32 ? 0 : UINT32_MAX << (32 - bits);
    return *text == '\0' && bits <= 32;
}

static bool is_address(const char *text)
{
    uint32_t address = 0;
    uint32_t mask = 0;
    return read_address(text, &address, &mask);
}

static bool address_lies_in(const char *pattern, const char *value)
{
    uint32_t network = 0;
    uint32_t mask = 0;
    uint32_t address = 0;
    uint32_t own_mask = 0;
    return read_address(pattern, &network, &mask) && read_address(value, &address, &own_mask) &&
           (network & mask) == (address & mask);
}

static bool is_arn(const char *text)
{
    return strcmp(text, "*") == 0 || strncmp(text, "arn:", 4) == 0 || strncmp(text, "${", 2) == 0;
}

static const char a_number[] = "a number";
static const char a_date[] = "a time such as 2026-01-31T00:00:00Z";
static const char an_arn[] = "an ARN, \"arn:partition:service:region:account:resource\"";
static const char an_address[] = "an IPv4 address or range such as 203.0.113.0/24";
static const char a_bool[] = "\"true\" or \"false\"";

static const wb_iam_operator operators[] = {
    {.name = "StringEquals", .has_variables = true, .compare = string_equals},
    {.name = "StringNotEquals",
     .is_negated = true,
     .has_variables = true,
     .compare = string_equals},
    {.name = "StringEqualsIgnoreCase",
     .has_variables = true,
     .compare = string_equals_ignoring_case},
    {.name = "StringNotEqualsIgnoreCase",
     .is_negated = true,
     .has_variables = true,
     .compare = string_equals_ignoring_case},
    {.name = "StringLike", .has_variables = true, .compare = string_like},
    {.name = "StringNotLike", .is_negated = true, .has_variables = true, .compare = string_like},
    {.name = "NumericEquals",
     .order = order_of_numbers,
     .accepts = EQUAL,
     .is_value = is_number,
     .expects = a_number},
    {.name = "NumericNotEquals",
     .is_negated = true,
     .order = order_of_numbers,
     .accepts = EQUAL,
     .is_value = is_number,
     .expects = a_number},
    {.name = "NumericLessThan",
     .order = order_of_numbers,
     .accepts = BELOW,
     .is_value = is_number,
     .expects = a_number},
    {.name = "NumericLessThanEquals",
     .order = order_of_numbers,
     .accepts = BELOW | EQUAL,
     .is_value = is_number,
     .expects = a_number},
    {.name = "NumericGreaterThan",
     .order = order_of_numbers,
     .accepts = ABOVE,
     .is_value = is_number,
     .expects = a_number},
    {.name = "NumericGreaterThanEquals",
     .order = order_of_numbers,
     .accepts = ABOVE | EQUAL,
     .is_value = is_number,
     .expects = a_number},
    {.name = "DateEquals",
     .order = order_of_dates,
     .accepts = EQUAL,
     .is_value = is_date,
     .expects = a_date},
    {.name = "DateNotEquals",
     .is_negated = true,
     .order = order_of_dates,
     .accepts = EQUAL,
     .is_value = is_date,
     .expects = a_date},
    {.name = "DateLessThan",
     .order = order_of_dates,
     .accepts = BELOW,
     .is_value = is_date,
     .expects = a_date},
    {.name = "DateLessThanEquals",
     .order = order_of_dates,
     .accepts = BELOW | EQUAL,
     .is_value = is_date,
     .expects = a_date},
    {.name = "DateGreaterThan",
     .order = order_of_dates,
     .accepts = ABOVE,
     .is_value = is_date,
     .expects = a_date},
    {.name = "DateGreaterThanEquals",
     .order = order_of_dates,
     .accepts = ABOVE | EQUAL,
     .is_value = is_date,
     .expects = a_date},
    {.name = "Bool", .compare = bool_equals, .is_value = is_bool, .expects = a_bool},
    {.name = "BinaryEquals", .compare = string_equals},
    {.name = "IpAddress",
     .compare = address_lies_in,
     .is_value = is_address,
     .expects = an_address},
    {.name = "NotIpAddress",
     .is_negated = true,
     .compare = address_lies_in,
     .is_value = is_address,
     .expects = an_address},
    {.name = "ArnEquals",
     .has_variables = true,
     .compare = wb_iam_pattern_matches_arn,
     .is_value = is_arn,
     .expects = an_arn},
    {.name = "ArnNotEquals",
     .is_negated = true,
     .has_variables = true,
     .compare = wb_iam_pattern_matches_arn,
     .is_value = is_arn,
     .expects = an_arn},
    {.name = "ArnLike",
     .has_variables = true,
     .compare = wb_iam_pattern_matches_arn,
     .is_value = is_arn,
     .expects = an_arn},
    {.name = "ArnNotLike",
     .is_negated = true,
     .has_variables = true,
     .compare = wb_iam_pattern_matches_arn,
     .is_value = is_arn,
     .expects = an_arn},
    {.name = "Null",
     .is_null = true,
     .compare = bool_equals,
     .is_value = is_bool,
     .expects = a_bool},
};

#define OPERATOR_COUNT (sizeof operators / sizeof operators[0])

bool wb_iam_operator_compare(const wb_iam_operator *rule, const char *pattern, const char *value)
{
    assert(rule != NULL && pattern != NULL && value != NULL);
    return rule->compare != NULL ? rule->compare(pattern, value)
                                 : (rule->order(pattern, value) & rule->accepts) != 0;
}

static const char all_prefix[] = "ForAllValues:";
static const char any_prefix[] = "ForAnyValue:";
static const char exists_suffix[] = "IfExists";

/* Cuts prefix and suffix off; what is left goes to name. False when it is too long for any. */
static bool cut(const char *text, wb_iam_operator_use *use, char *name, size_t size)
{
    *use = (wb_iam_operator_use){.rule = NULL};
    if (strncmp(text, all_prefix, sizeof all_prefix - 1) == 0) {
        use->quantifier = WB_IAM_QUANTIFIER_ALL;
        text += sizeof all_prefix - 1;
    } else if (strncmp(text, any_prefix, sizeof any_prefix - 1) == 0) {
        use->quantifier = WB_IAM_QUANTIFIER_ANY;
        text += sizeof any_prefix - 1;
    }
    size_t length = strlen(text);
    const size_t suffix = sizeof exists_suffix - 1;
    if (length > suffix && strcmp(text + length - suffix, exists_suffix) == 0) {
        use->if_exists = true;
        length -= suffix;
    }
    if (length >= size) {
        return false;
    }
    memcpy(name, text, length);
    name[length] = '\0';
    return true;
}

bool wb_iam_operator_find(const char *text, wb_iam_operator_use *out)
{
    assert(text != NULL && out != NULL);
    char name[64];
    if (!cut(text, out, name, sizeof name)) {
        return false;
    }
    for (size_t i = 0; i < OPERATOR_COUNT; i++) {
        if (wb_iam_pattern_same_name(operators[i].name, name)) {
            out->rule = &operators[i];
            return !(operators[i].is_null && out->if_exists);
        }
    }
    return false;
}

const char *wb_iam_operator_nearest(const char *text)
{
    assert(text != NULL);
    const char *names[OPERATOR_COUNT];
    for (size_t i = 0; i < OPERATOR_COUNT; i++) {
        names[i] = operators[i].name;
    }
    wb_iam_operator_use use;
    char name[64];
    return cut(text, &use, name, sizeof name)
               ? wb_nearest_name(name, strlen(name), names, OPERATOR_COUNT)
               : NULL;
}
