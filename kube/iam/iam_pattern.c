/*
 * Matching backs up to the latest * only, which is enough for globs: an earlier * could not help
 * where the latest one fails. So a hostile pattern costs length times length and no more.
 */
#include "kube/iam/iam_pattern.h"

#include <assert.h>
#include <string.h>

#define ARN_PART_COUNT 6

typedef struct slice {
    const char *begin, *end;
} slice;

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool same_byte(char a, char b, bool ignores_case)
{
    return ignores_case ? lower(a) == lower(b) : a == b;
}

bool wb_iam_pattern_same_name(const char *a, const char *b)
{
    assert(a != NULL && b != NULL);
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == '\0' && *b == '\0';
}

const wb_iam_context_value *wb_iam_pattern_find_key(const wb_iam_context *context, const char *key)
{
    assert(context != NULL && key != NULL);
    for (uint32_t i = 0; i < context->count; i++) {
        if (wb_iam_pattern_same_name(context->items[i].key, key)) {
            return &context->items[i];
        }
    }
    return NULL;
}

/* One byte of a pattern: its meaning, and how many bytes it takes. */
static bool is_special(slice pattern, char wildcard)
{
    return pattern.begin < pattern.end && *pattern.begin == wildcard;
}

static size_t unit_length(slice pattern)
{
    assert(pattern.begin < pattern.end);
    return *pattern.begin == WB_IAM_PATTERN_LITERAL && pattern.begin + 1 < pattern.end ? 2 : 1;
}

static bool slice_matches(slice pattern, slice text, bool ignores_case)
{
    slice retry_pattern = {NULL, NULL};
    const char *retry_text = NULL;
    while (text.begin < text.end) {
        if (is_special(pattern, '*')) {
            pattern.begin++;
            retry_pattern = pattern;
            retry_text = text.begin;
            continue;
        }
        if (pattern.begin < pattern.end) {
            const size_t length = unit_length(pattern);
            if (is_special(pattern, '?') ||
                same_byte(pattern.begin[length - 1], *text.begin, ignores_case)) {
                pattern.begin += length;
                text.begin++;
                continue;
            }
        }
        if (retry_text == NULL) {
            return false;
        }
        pattern = retry_pattern;
        text.begin = ++retry_text;
    }
    while (is_special(pattern, '*')) {
        pattern.begin++;
    }
    return pattern.begin == pattern.end;
}

static slice whole(const char *text)
{
    return (slice){text, text + strlen(text)};
}

bool wb_iam_pattern_matches(const char *pattern, const char *text, bool ignores_case)
{
    assert(pattern != NULL && text != NULL);
    return slice_matches(whole(pattern), whole(text), ignores_case);
}

bool wb_iam_pattern_equals(const char *pattern, const char *text, bool ignores_case)
{
    assert(pattern != NULL && text != NULL);
    slice left = whole(pattern);
    for (; left.begin < left.end && *text != '\0'; text++) {
        const size_t length = unit_length(left);
        if (!same_byte(left.begin[length - 1], *text, ignores_case)) {
            return false;
        }
        left.begin += length;
    }
    return left.begin == left.end && *text == '\0';
}

/* Cuts at colons that no mark makes literal; the last part takes the rest. */
static uint32_t split_arn(const char *text, slice parts[ARN_PART_COUNT])
{
    uint32_t count = 0;
    const char *begin = text;
    const char *at = text;
    for (; *at != '\0' && count < ARN_PART_COUNT - 1; at++) {
        if (*at == WB_IAM_PATTERN_LITERAL && at[1] != '\0') {
            at++;
        } else if (*at == ':') {
            parts[count++] = (slice){begin, at};
            begin = at + 1;
        }
    }
    parts[count++] = whole(begin);
    return count;
}

bool wb_iam_pattern_matches_arn(const char *pattern, const char *arn)
{
    assert(pattern != NULL && arn != NULL);
    if (strcmp(pattern, "*") == 0) {
        return true;
    }
    slice wanted[ARN_PART_COUNT];
    slice found[ARN_PART_COUNT];
    const uint32_t wanted_count = split_arn(pattern, wanted);
    const uint32_t found_count = split_arn(arn, found);
    if (wanted_count == 1 || found_count < ARN_PART_COUNT) {
        return wb_iam_pattern_matches(pattern, arn, false);
    }
    for (uint32_t i = 0; i < wanted_count; i++) {
        if (!slice_matches(wanted[i], found[i], false)) {
            return false;
        }
    }
    return true;
}

uint32_t wb_iam_pattern_nearness(const char *pattern, const char *arn)
{
    assert(pattern != NULL && arn != NULL);
    slice wanted[ARN_PART_COUNT];
    slice found[ARN_PART_COUNT];
    const uint32_t wanted_count = split_arn(pattern, wanted);
    const uint32_t found_count = split_arn(arn, found);
    uint32_t nearness = 0;
    for (uint32_t i = 0; i < wanted_count && i < found_count; i++) {
        const uint32_t weight = i + 1 == ARN_PART_COUNT ? ARN_PART_COUNT : 1;
        nearness += slice_matches(wanted[i], found[i], false) ? weight : 0;
    }
    return nearness;
}

/* Adds length bytes, each marked as literal. */
static char *add_literal(char *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        *out++ = WB_IAM_PATTERN_LITERAL;
        *out++ = bytes[i];
    }
    return out;
}

/* What stands between ${ and }: a key and its default, if any. */
typedef struct variable {
    char key[256];
    slice fallback; /* begin NULL: none */
} variable;

static bool read_variable(slice body, variable *out)
{
    const char *comma = memchr(body.begin, ',', (size_t)(body.end - body.begin));
    const char *key_end = comma != NULL ? comma : body.end;
    while (body.begin < key_end && *body.begin == ' ') {
        body.begin++;
    }
    while (key_end > body.begin && key_end[-1] == ' ') {
        key_end--;
    }
    const size_t length = (size_t)(key_end - body.begin);
    *out = (variable){.key = ""};
    if (length == 0 || length >= sizeof out->key) {
        return false;
    }
    memcpy(out->key, body.begin, length);
    if (comma != NULL) {
        const char *open = memchr(comma, '\'', (size_t)(body.end - comma));
        const char *close =
            open != NULL ? memchr(open + 1, '\'', (size_t)(body.end - open - 1)) : NULL;
        if (close == NULL) {
            return false;
        }
        out->fallback = (slice){open + 1, close};
    }
    return true;
}

/* The value of a variable's body; false when there is none. */
static bool find_value(slice body, const wb_iam_context *context, slice *out)
{
    if (body.end - body.begin == 1 && strchr("*?$", *body.begin) != NULL) {
        *out = body;
        return true;
    }
    variable read;
    if (!read_variable(body, &read)) {
        return false;
    }
    const wb_iam_context_value *value = wb_iam_pattern_find_key(context, read.key);
    if (value != NULL && value->value_count == 1) { /* of several, none is the value */
        *out = whole(value->values[0]);
        return true;
    }
    *out = read.fallback;
    return read.fallback.begin != NULL;
}

/* Bytes that the expansion may take: all values are at most as long as the longest. */
static size_t longest_value(const char *text, const wb_iam_context *context)
{
    size_t longest = strlen(text);
    for (uint32_t i = 0; i < context->count; i++) {
        if (context->items[i].value_count == 1 && strlen(context->items[i].values[0]) > longest) {
            longest = strlen(context->items[i].values[0]);
        }
    }
    return longest;
}

const char *wb_iam_pattern_expand(wb_arena *arena, const char *text, const wb_iam_context *context)
{
    assert(text != NULL && context != NULL);
    size_t variable_count = 0;
    for (const char *at = strstr(text, "${"); at != NULL; at = strstr(at + 2, "${")) {
        variable_count++;
    }
    if (variable_count == 0) {
        return text;
    }
    char *expanded =
        wb_arena_alloc(arena, strlen(text) + 1 + 2 * variable_count * longest_value(text, context));
    char *out = expanded;
    for (const char *at = text; *at != '\0';) {
        const char *close = at[0] == '$' && at[1] == '{' ? strchr(at, '}') : NULL;
        if (close == NULL) {
            *out++ = *at++;
            continue;
        }
        slice value = {NULL, NULL};
        if (!find_value((slice){at + 2, close}, context, &value)) {
            return NULL;
        }
        out = add_literal(out, value.begin, (size_t)(value.end - value.begin));
        at = close + 1;
    }
    *out = '\0';
    return expanded;
}
