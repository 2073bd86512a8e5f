/*
 * The pieces that many objects are made of: label maps, expressions, selectors, node terms, taints.
 * Messages are the API server's own (k8s.io/kubernetes pkg/apis/core/validation and
 * k8s.io/apimachinery pkg/apis/meta/v1/validation).
 *
 * What must hold:
 *
 *   label keys     an optional DNS prefix and a slash, a name of at most 63 letters, digits, - _ .
 *   label values   the same as a name, or empty
 *   In, NotIn      at least one value (Karpenter's pools: NotIn may have none)
 *   Exists, DoesNotExist   no values (Karpenter's pools: they are ignored)
 *   Gt, Lt (Gte, Lte)      one integer (Karpenter's pools: not negative)
 *   matchFields    metadata.name with In or NotIn and one value
 *   taints         key and effect; each pair once
 */
#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "kube/manifest_internal.h"
#include "kube/names.h"
#include "kube/syntax.h"

static int compare_label_keys(const void *a, const void *b, void *context)
{
    (void)context;
    const uint32_t x = ((const wb_label *)a)->key;
    const uint32_t y = ((const wb_label *)b)->key;
    return x < y ? -1 : (x > y ? 1 : 0);
}

wb_labels wb_manifest_decode_text_map(const wb_field *map)
{
    assert(map != NULL);
    const uint32_t count = wb_field_entry_count(map);
    if (count == 0) {
        return (wb_labels){0};
    }
    wb_label *items = WB_ARENA_ARRAY(map->context->arena, wb_label, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(map, i);
        items[i] = (wb_label){
            .key = wb_intern_add(map->context->intern, entry.name),
            .value = wb_field_id(&entry),
        };
    }
    /* Keys of one map are distinct (the reader refuses others), so the order is total. */
    wb_sort(items, count, sizeof(*items), compare_label_keys, NULL);
    return (wb_labels){.items = items, .count = count};
}

/* Labels of dumps can be trusted, those of manifests cannot; both are checked, to have one way. */
wb_labels wb_manifest_decode_label_map(const wb_field *map)
{
    assert(map != NULL);
    for (uint32_t i = 0; i < wb_field_entry_count(map); i++) {
        const wb_field entry = wb_field_at(map, i);
        const char *problem = wb_syntax_check_qualified_name(entry.name);
        if (problem != NULL) {
            wb_field_key_error(&entry, "Invalid value: \"%.130s\": %s", entry.name, problem);
        }
        (void)wb_field_accept(&entry, wb_syntax_check_label_value(wb_field_text(&entry)));
    }
    return wb_manifest_decode_text_map(map);
}

/* --- Expressions -------------------------------------------------------------------- */

static const char *const operator_names[] = {
    [WB_OPERATOR_IN] = "In",         [WB_OPERATOR_NOT_IN] = "NotIn",
    [WB_OPERATOR_EXISTS] = "Exists", [WB_OPERATOR_DOES_NOT_EXIST] = "DoesNotExist",
    [WB_OPERATOR_GT] = "Gt",         [WB_OPERATOR_LT] = "Lt",
    [WB_OPERATOR_GTE] = "Gte",       [WB_OPERATOR_LTE] = "Lte",
};

/* Each set of rules knows a prefix of the names. */
static const uint32_t operator_counts[] = {
    [WB_EXPRESSIONS_SELECTOR] = WB_OPERATOR_DOES_NOT_EXIST + 1,
    [WB_EXPRESSIONS_NODE] = WB_OPERATOR_LT + 1,
    [WB_EXPRESSIONS_NODEPOOL] = WB_OPERATOR_LTE + 1,
};

/* The API server leaves integers to the scheduler, which then never places the pod; Karpenter
 * refuses the pool. We refuse both. */
static void check_bound(const wb_field *values, wb_expression_rules rules)
{
    if (wb_field_count(values) != 1) {
        wb_field_error(values, rules == WB_EXPRESSIONS_NODEPOOL
                                   ? "Invalid value: requirements operator 'Gt', 'Lt', 'Gte', or "
                                     "'Lte' must have a single positive integer value"
                                   : "Required value: must be specified single value when "
                                     "`operator` is 'Lt' or 'Gt'");
        return;
    }
    const wb_field value = wb_field_at(values, 0);
    int64_t bound = 0;
    if (!wb_syntax_parse_int64(wb_field_text(&value), &bound)) {
        wb_field_invalid(&value, "must be an integer when `operator` is 'Gt' or 'Lt'");
    } else if (rules == WB_EXPRESSIONS_NODEPOOL && bound < 0) {
        wb_field_invalid(&value, "must be a single positive integer value");
    }
}

/* How many values each operator takes, and what they may look like. */
static void check_values(const wb_field *values, wb_operator op, wb_expression_rules rules)
{
    switch (op) {
    case WB_OPERATOR_IN:
    case WB_OPERATOR_NOT_IN:
        /* Karpenter lets a NotIn without values pass: it excludes nothing. */
        if (wb_field_count(values) == 0 &&
            (op == WB_OPERATOR_IN || rules != WB_EXPRESSIONS_NODEPOOL)) {
            wb_field_error(values, rules == WB_EXPRESSIONS_NODEPOOL
                                       ? "Invalid value: requirements with operator 'In' must "
                                         "have a value defined"
                                       : "Required value: must be specified when `operator` is "
                                         "'In' or 'NotIn'");
        }
        for (uint32_t i = 0; i < wb_field_count(values); i++) {
            const wb_field value = wb_field_at(values, i);
            (void)wb_field_accept(&value, wb_syntax_check_label_value(wb_field_text(&value)));
        }
        return;
    case WB_OPERATOR_EXISTS:
    case WB_OPERATOR_DOES_NOT_EXIST:
        if (wb_field_count(values) == 0) {
            return;
        }
        if (rules == WB_EXPRESSIONS_NODEPOOL) { /* no rule of Karpenter's says so */
            wb_field_warn(values, "has no effect when `operator` is 'Exists' or 'DoesNotExist'");
        } else {
            wb_field_error(values, "Forbidden: may not be specified when `operator` is 'Exists' or "
                                   "'DoesNotExist'");
        }
        return;
    case WB_OPERATOR_GT:
    case WB_OPERATOR_LT:
    case WB_OPERATOR_GTE:
    case WB_OPERATOR_LTE: check_bound(values, rules); return;
    }
}

/* Only In can be held against the number of its values; for others the types decide. */
static void decode_min_values(const wb_field *field, wb_label_expression *expression)
{
    const wb_field min_values = wb_field_get(field, "minValues");
    if (!wb_field_is_set(&min_values)) {
        return;
    }
    const int64_t least = wb_field_int64(&min_values, 1);
    if (least < 1 || least > 50) {
        wb_field_invalid(&min_values, "should be in the range 1-50");
        return;
    }
    if (expression->op == WB_OPERATOR_IN && expression->value_count < (uint32_t)least) {
        wb_field_invalid(&min_values, "requirements with 'minValues' must have at least that many "
                                      "values specified in the 'values' field");
    }
    expression->min_values = (int32_t)least;
}

/* A missing or unknown operator ends the checks: what values it wants is not known. */
static void decode_expression(const wb_field *field, wb_expression_rules rules,
                              wb_label_expression *out)
{
    const wb_field key = wb_field_get(field, "key");
    const wb_field op = wb_field_get(field, "operator");
    const wb_field values = wb_field_get(field, "values");
    *out = (wb_label_expression){.key = wb_field_id(&key)};
    if (wb_field_require(&key, NULL)) {
        (void)wb_field_accept(&key, wb_syntax_check_qualified_name(wb_field_text(&key)));
    }
    out->values = wb_field_ids(&values, &out->value_count);
    if (!wb_field_require(&op, NULL)) {
        return;
    }
    const uint32_t count = operator_counts[rules];
    const uint32_t chosen = wb_field_choice(&op, operator_names, count, count);
    if (chosen == count) {
        return; /* unknown, and said so: what values it wants can't be judged */
    }
    out->op = (wb_operator)chosen;
    check_values(&values, out->op, rules);
    if (rules == WB_EXPRESSIONS_NODEPOOL) {
        decode_min_values(field, out);
    }
}

const wb_label_expression *wb_manifest_decode_expressions(const wb_field *list,
                                                          wb_expression_rules rules,
                                                          uint32_t *out_count)
{
    assert(list != NULL);
    assert(out_count != NULL);
    const uint32_t count = wb_field_count(list);
    *out_count = count;
    if (count == 0) {
        return NULL;
    }
    wb_label_expression *expressions =
        WB_ARENA_ARRAY(list->context->arena, wb_label_expression, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(list, i);
        decode_expression(&element, rules, &expressions[i]);
    }
    return expressions;
}

/* --- Selectors and node terms ------------------------------------------------------- */

/* By text and not by id: ids depend on what else was read before. */
static int compare_expression_texts(const void *a, const void *b, void *context)
{
    const wb_intern *intern = context;
    return strcmp(wb_intern_text(intern, ((const wb_label_expression *)a)->key),
                  wb_intern_text(intern, ((const wb_label_expression *)b)->key));
}

/* matchLabels as In expressions in the order of their keys' texts, so that the order of a map in
 * the file makes no difference to whether two selectors are the same. */
static void fold_match_labels(const wb_field *field, wb_labels labels,
                              wb_label_expression *expressions)
{
    for (uint32_t i = 0; i < labels.count; i++) {
        expressions[i] = (wb_label_expression){
            .key = labels.items[i].key,
            .op = WB_OPERATOR_IN,
            .value_count = 1,
            .values = &labels.items[i].value,
        };
    }
    wb_sort(expressions, labels.count, sizeof(*expressions), compare_expression_texts,
            field->context->intern);
}

void wb_manifest_decode_label_selector(const wb_field *field, wb_label_selector *out)
{
    assert(field != NULL);
    assert(out != NULL);
    *out = (wb_label_selector){.is_set = wb_field_is_set(field)};
    const wb_field match_labels = wb_field_get(field, "matchLabels");
    const wb_field match_expressions = wb_field_get(field, "matchExpressions");
    const wb_labels labels = wb_manifest_decode_label_map(&match_labels);
    uint32_t count = 0;
    const wb_label_expression *rest =
        wb_manifest_decode_expressions(&match_expressions, WB_EXPRESSIONS_SELECTOR, &count);
    out->expression_count = labels.count + count;
    if (out->expression_count == 0) {
        return;
    }
    wb_label_expression *all =
        WB_ARENA_ARRAY(field->context->arena, wb_label_expression, out->expression_count);
    fold_match_labels(field, labels, all);
    if (count > 0) {
        memcpy(all + labels.count, rest, count * sizeof(*all));
    }
    out->expressions = all;
}

/* matchFields knows one field, and compares it with exactly one name. */
static void check_match_fields(const wb_field *list, const wb_label_expression *fields,
                               uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(list, i);
        const wb_field key = wb_field_get(&element, "key");
        const wb_field values = wb_field_get(&element, "values");
        if (wb_field_is_set(&key) && strcmp(wb_field_text(&key), "metadata.name") != 0) {
            wb_field_invalid(&key, "not a valid field selector key");
        }
        if (fields[i].op > WB_OPERATOR_NOT_IN) {
            const wb_field op = wb_field_get(&element, "operator");
            wb_field_invalid(&op, "not a valid selector operator");
        } else if (fields[i].value_count != 1) {
            wb_field_error(&values, "Required value: must be only one value when `operator` is "
                                    "'In' or 'NotIn' for node field selector");
        }
    }
}

void wb_manifest_decode_node_term(const wb_field *field, wb_node_term *out)
{
    assert(field != NULL);
    assert(out != NULL);
    const wb_field expressions = wb_field_get(field, "matchExpressions");
    const wb_field fields = wb_field_get(field, "matchFields");
    *out = (wb_node_term){0};
    out->expressions =
        wb_manifest_decode_expressions(&expressions, WB_EXPRESSIONS_NODE, &out->expression_count);
    out->fields = wb_manifest_decode_expressions(&fields, WB_EXPRESSIONS_NODE, &out->field_count);
    check_match_fields(&fields, out->fields, out->field_count);
}

const wb_node_term *wb_manifest_decode_node_terms(const wb_field *list, uint32_t *out_count)
{
    assert(list != NULL);
    const uint32_t count = wb_field_count(list);
    *out_count = count;
    if (count == 0) {
        return NULL;
    }
    wb_node_term *terms = WB_ARENA_ARRAY(list->context->arena, wb_node_term, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(list, i);
        wb_manifest_decode_node_term(&element, &terms[i]);
    }
    return terms;
}

/* --- Taints ------------------------------------------------------------------------- */

/* Absent is 0 (WB_TAINT_ANY), which tolerations may have and taints may not. */
uint32_t wb_manifest_decode_effect(const wb_field *taint)
{
    static const char *const names[] = {"NoSchedule", "PreferNoSchedule", "NoExecute"};
    static_assert(WB_TAINT_NO_SCHEDULE == 1 && WB_TAINT_NO_EXECUTE == 3, "in the order of names");
    assert(taint != NULL);
    const wb_field effect = wb_field_get(taint, "effect");
    if (wb_field_text(&effect)[0] == '\0') {
        return WB_TAINT_ANY;
    }
    return 1U + wb_field_choice(&effect, names, 3, 0);
}

/* Unique by key and effect: the value makes no second taint. */
static void check_taint(const wb_field *field, const wb_taint *taints, uint32_t index)
{
    const wb_field key = wb_field_get(field, "key");
    const wb_field value = wb_field_get(field, "value");
    const wb_field effect = wb_field_get(field, "effect");
    if (wb_field_require(&key, NULL)) {
        (void)wb_field_accept(&key, wb_syntax_check_qualified_name(wb_field_text(&key)));
    }
    (void)wb_field_accept(&value, wb_syntax_check_label_value(wb_field_text(&value)));
    (void)wb_field_require(&effect, "must be one of NoSchedule, PreferNoSchedule, NoExecute");
    for (uint32_t i = 0; i < index; i++) {
        if (taints[i].key == taints[index].key && taints[i].effect == taints[index].effect) {
            wb_field_error(field,
                           "Duplicate value: \"%s\" of the same effect: taints must be "
                           "unique by key and effect pair",
                           wb_field_text(&key));
            return;
        }
    }
}

/* A missing effect is complained about and read as NoSchedule, so that no taint is lost. */
const wb_taint *wb_manifest_decode_taint_list(const wb_field *list, uint32_t *out_count)
{
    assert(list != NULL);
    const uint32_t count = wb_field_count(list);
    *out_count = count;
    if (count == 0) {
        return NULL;
    }
    wb_taint *taints = WB_ARENA_ARRAY(list->context->arena, wb_taint, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field element = wb_field_at(list, i);
        const uint32_t effect = wb_manifest_decode_effect(&element);
        taints[i] = (wb_taint){
            .key = wb_field_get_id(&element, "key"),
            .value = wb_field_get_id(&element, "value"),
            .effect = effect == WB_TAINT_ANY ? WB_TAINT_NO_SCHEDULE : (wb_taint_effect)effect,
        };
        check_taint(&element, taints, i);
    }
    return taints;
}
