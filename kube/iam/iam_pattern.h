/*
 * Text patterns of IAM policies: wildcards, ARNs by their parts, and policy variables.
 *
 * A pattern is text in which * stands for any number of bytes and ? for one. What a variable puts
 * into a pattern is literal, also where it holds a * or a ?: expanded patterns mark such bytes with
 * WB_IAM_PATTERN_LITERAL in front, and every function here understands the mark.
 */
#ifndef WB_KUBE_IAM_IAM_PATTERN_H
#define WB_KUBE_IAM_IAM_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* The byte before a literal byte of an expanded pattern; no policy may hold it otherwise. */
#define WB_IAM_PATTERN_LITERAL '\x01'

/* One condition key of a request. Its name is compared without regard to case, as IAM does. */
typedef struct wb_iam_context_value {
    const char *key;           /* "aws:RequestTag/team" */
    const char *const *values; /* borrowed */
    uint32_t value_count;      /* 0: the key is there, and empty */
} wb_iam_context_value;

typedef struct wb_iam_context {
    const wb_iam_context_value *items; /* borrowed */
    uint32_t count;
} wb_iam_context;

/* The values under key, or NULL. */
const wb_iam_context_value *wb_iam_pattern_find_key(const wb_iam_context *context, const char *key);

/* Whether a and b are the same but for the case of ASCII letters. */
bool wb_iam_pattern_same_name(const char *a, const char *b);

/* text with ${key}, ${key, 'default'}, ${*}, ${?} and ${$} replaced; NULL when a key without a
 * default is not in context. Lives as long as the arena. */
const char *wb_iam_pattern_expand(wb_arena *arena, const char *text, const wb_iam_context *context);

/* Whether text matches pattern as a whole. */
bool wb_iam_pattern_matches(const char *pattern, const char *text, bool ignores_case);

/* Whether text equals pattern, whose * and ? are literal. */
bool wb_iam_pattern_equals(const char *pattern, const char *text, bool ignores_case);

/* The same for ARNs: each of the six parts between colons by itself, the last one reaching to the
 * end; parts that the pattern leaves out match anything, and so does the pattern "*". */
bool wb_iam_pattern_matches_arn(const char *pattern, const char *arn);

/* How near a pattern comes to an ARN that it does not match: parts that do match, the resource
 * itself counting most. */
uint32_t wb_iam_pattern_nearness(const char *pattern, const char *arn);

#endif
