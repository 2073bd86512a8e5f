/*
 * Matching of labels: the innermost step of scheduling.
 *
 * Every pod is held against every node and every pair of terms against every pod, so all but Gt and
 * Lt is a comparison of ids; those two go back to the texts. Nothing here allocates but
 * wb_labels_with.
 *
 *     expression     key absent     key present
 *     In             no             value among those listed
 *     NotIn          yes            value not among them
 *     Exists         no             yes
 *     DoesNotExist   yes            no
 *     Gt, Lt …       no             both integers, and in order
 */
#include "kube/label.h"

#include <assert.h>
#include <string.h>

#include "kube/syntax.h"

/* Index of the first item whose key is at least key: sets hold 2 to 40 labels. */
static uint32_t lower_bound(wb_labels labels, uint32_t key)
{
    uint32_t low = 0;
    uint32_t high = labels.count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (labels.items[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool wb_labels_has(wb_labels labels, uint32_t key)
{
    assert(labels.items != NULL || labels.count == 0);
    const uint32_t index = lower_bound(labels, key);
    return index < labels.count && labels.items[index].key == key;
}

uint32_t wb_labels_get(wb_labels labels, uint32_t key)
{
    assert(labels.items != NULL || labels.count == 0);
    const uint32_t index = lower_bound(labels, key);
    return index < labels.count && labels.items[index].key == key ? labels.items[index].value : 0;
}

/* Copies: sets are shared between pods, so none is ever changed in place. */
wb_labels wb_labels_with(wb_arena *arena, wb_labels labels, uint32_t key, uint32_t value)
{
    assert(arena != NULL);
    assert(key != 0);
    const uint32_t index = lower_bound(labels, key);
    const bool replaces = index < labels.count && labels.items[index].key == key;
    const uint32_t count = labels.count + (replaces ? 0U : 1U);
    wb_label *items = WB_ARENA_ARRAY(arena, wb_label, count);
    if (index > 0) {
        memcpy(items, labels.items, index * sizeof(*items));
    }
    items[index] = (wb_label){.key = key, .value = value};
    const uint32_t rest = index + (replaces ? 1U : 0U);
    if (rest < labels.count) {
        memcpy(items + index + 1, labels.items + rest, (labels.count - rest) * sizeof(*items));
    }
    return (wb_labels){.items = items, .count = count};
}

/* Lists of values are short (2 on average, 60 for instance types): a walk, not a set. */
static bool holds_value(const wb_label_expression *expression, uint32_t value)
{
    for (uint32_t i = 0; i < expression->value_count; i++) {
        if (expression->values[i] == value) {
            return true;
        }
    }
    return false;
}

/* The four operators that compare ids only; Gt and Lt are not among them and match nothing. */
static bool set_operator_matches(const wb_label_expression *expression, wb_labels labels)
{
    const bool has = wb_labels_has(labels, expression->key);
    switch (expression->op) {
    case WB_OPERATOR_IN:
        return has && holds_value(expression, wb_labels_get(labels, expression->key));
    case WB_OPERATOR_NOT_IN:
        return !has || !holds_value(expression, wb_labels_get(labels, expression->key));
    case WB_OPERATOR_EXISTS: return has;
    case WB_OPERATOR_DOES_NOT_EXIST: return !has;
    case WB_OPERATOR_GT:
    case WB_OPERATOR_LT:
    case WB_OPERATOR_GTE:
    case WB_OPERATOR_LTE: return false;
    }
    return false;
}

/* Expressions are ANDed, so an empty selector matches everything and a nil one nothing. */
bool wb_label_selector_matches(const wb_label_selector *selector, wb_labels labels)
{
    assert(selector != NULL);
    if (!selector->is_set) {
        return false;
    }
    for (uint32_t i = 0; i < selector->expression_count; i++) {
        if (!set_operator_matches(&selector->expressions[i], labels)) {
            return false;
        }
    }
    return true;
}

/* labels.Requirement.Matches of apimachinery: exactly one bound, integers on both sides, an absent
 * key never within bounds. */
bool wb_label_expression_matches(const wb_intern *intern, const wb_label_expression *expression,
                                 wb_labels labels)
{
    assert(intern != NULL);
    assert(expression != NULL);
    if (expression->op <= WB_OPERATOR_DOES_NOT_EXIST) {
        return set_operator_matches(expression, labels);
    }
    int64_t have = 0;
    int64_t bound = 0;
    if (expression->value_count != 1 || !wb_labels_has(labels, expression->key) ||
        !wb_syntax_parse_int64(wb_intern_text(intern, wb_labels_get(labels, expression->key)),
                               &have) ||
        !wb_syntax_parse_int64(wb_intern_text(intern, expression->values[0]), &bound)) {
        return false;
    }
    switch (expression->op) {
    case WB_OPERATOR_GT: return have > bound;
    case WB_OPERATOR_LT: return have < bound;
    case WB_OPERATOR_GTE: return have >= bound;
    default: return have <= bound;
    }
}

/* v1.Toleration.ToleratesTaint: effect, then key, then what the operator says of the value. */
bool wb_toleration_tolerates(const wb_intern *intern, const wb_toleration *toleration,
                             const wb_taint *taint)
{
    assert(toleration != NULL);
    assert(taint != NULL);
    assert(taint->effect != WB_TAINT_ANY);
    if (toleration->effect != WB_TAINT_ANY && toleration->effect != taint->effect) {
        return false;
    }
    if (toleration->key != 0 && toleration->key != taint->key) {
        return false;
    }
    if (toleration->op == WB_TOLERATION_EXISTS) {
        return true;
    }
    if (toleration->op == WB_TOLERATION_EQUAL) {
        return toleration->value == taint->value;
    }
    /* Numeric: the taint's value must lie below (Lt) or above (Gt) the toleration's. */
    int64_t tolerated = 0;
    int64_t have = 0;
    if (!wb_syntax_parse_int64(wb_intern_text(intern, toleration->value), &tolerated) ||
        !wb_syntax_parse_int64(wb_intern_text(intern, taint->value), &have)) {
        return false;
    }
    return toleration->op == WB_TOLERATION_LT ? have < tolerated : have > tolerated;
}

bool wb_tolerations_tolerate(const wb_intern *intern, const wb_toleration *tolerations,
                             uint32_t count, const wb_taint *taint)
{
    assert(tolerations != NULL || count == 0);
    for (uint32_t i = 0; i < count; i++) {
        if (wb_toleration_tolerates(intern, &tolerations[i], taint)) {
            return true;
        }
    }
    return false;
}
