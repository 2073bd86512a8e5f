/*
 * Labels, and everything that is matched against them: expressions, label selectors, taints and
 * tolerations. Keys and values are interned ids; where order of text matters (numbers in Gt and Lt,
 * tie-breaks) callers go through the intern table.
 */
#ifndef WB_KUBE_LABEL_H
#define WB_KUBE_LABEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/intern.h"

typedef struct wb_label {
    uint32_t key, value; /* interned */
} wb_label;

/* Sorted by key id, each key once. Items live in the arena of whoever made the set. */
typedef struct wb_labels {
    const wb_label *items;
    uint32_t count;
} wb_labels;

/* The value of key, or 0 when absent (a label whose value is "" has value id 0 and *has true:
 * use wb_labels_has where that matters). */
uint32_t wb_labels_get(wb_labels labels, uint32_t key);
bool wb_labels_has(wb_labels labels, uint32_t key);

/* A set with one more label, in arena; replaces the value of a key that is there. */
wb_labels wb_labels_with(wb_arena *arena, wb_labels labels, uint32_t key, uint32_t value);

typedef enum wb_operator {
    WB_OPERATOR_IN,
    WB_OPERATOR_NOT_IN,
    WB_OPERATOR_EXISTS,
    WB_OPERATOR_DOES_NOT_EXIST,
    WB_OPERATOR_GT,
    WB_OPERATOR_LT,
    WB_OPERATOR_GTE, /* Karpenter's NodePools only */
    WB_OPERATOR_LTE,
} wb_operator;

typedef struct wb_label_expression {
    uint32_t key; /* interned */
    wb_operator op;
    uint32_t value_count;
    const uint32_t *values; /* interned, in the order of the file */
    int32_t min_values;     /* NodePool requirements only; 0: not set */
} wb_label_expression;

/* metav1.LabelSelector; matchLabels are folded in as In expressions. */
typedef struct wb_label_selector {
    bool
        is_set; /* false: a nil selector, which selects nothing; set and empty selects everything */
    uint32_t expression_count;
    const wb_label_expression *expressions; /* ANDed */
} wb_label_selector;

/* Kubernetes' metav1 matching (NotIn and DoesNotExist match an absent key). */
bool wb_label_selector_matches(const wb_label_selector *selector, wb_labels labels);

/* Node-selector matching of one expression against a node's labels, Gt and Lt as integers
 * (something that is no integer on either side does not match). */
bool wb_label_expression_matches(const wb_intern *intern, const wb_label_expression *expression,
                                 wb_labels labels);

typedef enum wb_taint_effect {
    WB_TAINT_ANY, /* tolerations only: matches every effect */
    WB_TAINT_NO_SCHEDULE,
    WB_TAINT_PREFER_NO_SCHEDULE,
    WB_TAINT_NO_EXECUTE,
} wb_taint_effect;

typedef struct wb_taint {
    uint32_t key, value; /* interned */
    wb_taint_effect effect;
} wb_taint;

typedef enum wb_toleration_operator {
    WB_TOLERATION_EQUAL,
    WB_TOLERATION_EXISTS,
    WB_TOLERATION_LT, /* integers; newer API servers */
    WB_TOLERATION_GT,
} wb_toleration_operator;

typedef struct wb_toleration {
    uint32_t key, value; /* interned; key 0 with Exists tolerates every taint */
    wb_toleration_operator op;
    wb_taint_effect effect;
    int64_t seconds; /* tolerationSeconds; -1: for ever */
} wb_toleration;

/* Whether toleration covers key, value and effect of taint; Lt and Gt compare values as integers,
 * the taint's on the left. */
bool wb_toleration_tolerates(const wb_intern *intern, const wb_toleration *toleration,
                             const wb_taint *taint);

/* True when some of count tolerations tolerates taint. */
bool wb_tolerations_tolerate(const wb_intern *intern, const wb_toleration *tolerations,
                             uint32_t count, const wb_taint *taint);

#endif
