/*
 * The condition operators of IAM: their names, and what each says of one value of the policy and
 * one of the request. How several values combine, and what a missing key means, is the decision's
 * business (iam_decision.h).
 */
#ifndef WB_KUBE_IAM_IAM_OPERATOR_H
#define WB_KUBE_IAM_IAM_OPERATOR_H

#include <stdbool.h>
#include <stdint.h>

typedef enum wb_iam_quantifier {
    WB_IAM_QUANTIFIER_NONE,
    WB_IAM_QUANTIFIER_ALL, /* ForAllValues: */
    WB_IAM_QUANTIFIER_ANY, /* ForAnyValue: */
} wb_iam_quantifier;

/* A row of the table of operators; opaque but for what its fields say. */
typedef struct wb_iam_operator {
    const char *name;
    bool is_negated;    /* StringNotEquals: compares as StringEquals, and turns the answer round */
    bool is_null;       /* Null: asks whether the key is there */
    bool has_variables; /* policy variables in its values are replaced */
    bool (*compare)(const char *pattern, const char *value);   /* NULL: by order */
    unsigned (*order)(const char *pattern, const char *value); /* one bit; 0: not comparable */
    unsigned accepts;                                          /* bits of order */
    bool (*is_value)(const char *text); /* whether the policy may name text; NULL: anything */
    const char *expects;                /* what is_value wants, for messages */
} wb_iam_operator;

/* An operator as a policy spells it. */
typedef struct wb_iam_operator_use {
    const wb_iam_operator *rule;
    wb_iam_quantifier quantifier;
    bool if_exists; /* ...IfExists */
} wb_iam_operator_use;

/* Reads "ForAllValues:StringEqualsIfExists"; false when it is none. */
bool wb_iam_operator_find(const char *text, wb_iam_operator_use *out);

/* Whether a value of the request is what the policy names; negation is left to the caller. */
bool wb_iam_operator_compare(const wb_iam_operator *rule, const char *pattern, const char *value);

/* The known name nearest to a misspelt one (without prefix and suffix), or NULL. */
const char *wb_iam_operator_nearest(const char *text);

#endif
