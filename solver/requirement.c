#include "solver/requirement.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/hash_map.h"
#include "base/sort.h"
#include "kube/names.h"

/* Bounds of one or of two requirements, the narrower side of each. */
typedef struct bounds {
    bool has_gte, has_lte;
    int64_t gte, lte;
} bounds;

static bounds narrower_bounds(const wb_requirement *a, const wb_requirement *b)
{
    bounds both = {a->has_gte, a->has_lte, a->gte, a->lte};
    if (b->has_gte && (!both.has_gte || b->gte > both.gte)) {
        both.has_gte = true;
        both.gte = b->gte;
    }
    if (b->has_lte && (!both.has_lte || b->lte < both.lte)) {
        both.has_lte = true;
        both.lte = b->lte;
    }
    return both;
}

static bool are_exclusive(bounds limits)
{
    return limits.has_gte && limits.has_lte && limits.gte > limits.lte;
}

/* Go's strconv.Atoi: an optional sign and decimal digits that fit 64 bits, nothing else. */
static bool parse_integer(const char *text, int64_t *out)
{
    const char *digits = text + (*text == '-' || *text == '+');
    if (*digits == '\0') {
        return false;
    }
    uint64_t magnitude = 0;
    for (const char *at = digits; *at != '\0'; at++) {
        if (*at < '0' || *at > '9') {
            return false;
        }
        const uint64_t digit = (uint64_t)(*at - '0');
        if (magnitude > (UINT64_MAX - digit) / 10) {
            return false;
        }
        magnitude = magnitude * 10 + digit;
    }
    if (magnitude > (uint64_t)INT64_MAX + (*text == '-')) {
        return false;
    }
    *out = *text == '-' ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

static bool is_within(const wb_intern *intern, bounds limits, uint32_t value)
{
    if (!limits.has_gte && !limits.has_lte) {
        return true;
    }
    int64_t number = 0;
    return parse_integer(wb_intern_text(intern, value), &number) &&
           (!limits.has_gte || number >= limits.gte) && (!limits.has_lte || number <= limits.lte);
}

wb_requirement_kind wb_requirement_kind_of(const wb_requirement *requirement)
{
    assert(requirement != NULL);
    if (requirement->is_complement) {
        return requirement->value_count > 0 ? WB_REQUIREMENT_NOT_IN : WB_REQUIREMENT_EXISTS;
    }
    return requirement->value_count > 0 ? WB_REQUIREMENT_IN : WB_REQUIREMENT_DOES_NOT_EXIST;
}

wb_requirement wb_requirement_in(wb_arena *arena, uint32_t key, const uint32_t *values,
                                 uint32_t count)
{
    assert(arena != NULL);
    assert(key != 0 && (count == 0 || values != NULL));
    uint32_t *sorted = wb_arena_alloc(arena, count * sizeof(*sorted));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) { /* insertion: sets are short, mostly of one value */
        uint32_t slot = kept;
        while (slot > 0 && sorted[slot - 1] > values[i]) {
            slot--;
        }
        if (slot > 0 && sorted[slot - 1] == values[i]) {
            continue;
        }
        memmove(sorted + slot + 1, sorted + slot, (kept - slot) * sizeof(*sorted));
        sorted[slot] = values[i];
        kept++;
    }
    return (wb_requirement){.key = key, .values = sorted, .value_count = kept};
}

static wb_requirement exists(uint32_t key)
{
    assert(key != 0);
    return (wb_requirement){.key = key, .is_complement = true};
}

wb_requirement wb_requirement_does_not_exist(uint32_t key)
{
    assert(key != 0);
    return (wb_requirement){.key = key};
}

/* Gt n and Lt n become inclusive; beyond the largest integer nothing is left. */
static wb_requirement from_bound(const wb_intern *intern, uint32_t key,
                                 const wb_label_expression *expression)
{
    int64_t number = 0;
    const bool is_number = expression->value_count > 0 &&
                           parse_integer(wb_intern_text(intern, expression->values[0]), &number);
    const bool is_lower = expression->op == WB_OPERATOR_GT || expression->op == WB_OPERATOR_GTE;
    const bool is_strict = expression->op == WB_OPERATOR_GT || expression->op == WB_OPERATOR_LT;
    if (!is_number || (is_strict && number == (is_lower ? INT64_MAX : INT64_MIN))) {
        return wb_requirement_does_not_exist(key);
    }
    wb_requirement bound = exists(key);
    if (is_lower) {
        bound.has_gte = true;
        bound.gte = number + is_strict;
    } else {
        bound.has_lte = true;
        bound.lte = number - is_strict;
    }
    return bound;
}

wb_requirement wb_requirement_from_expression(wb_arena *arena, wb_intern *intern,
                                              const wb_label_expression *expression)
{
    assert(arena != NULL && intern != NULL && expression != NULL);
    const uint32_t key = wb_names_unalias(intern, expression->key);
    wb_requirement made = wb_requirement_does_not_exist(key);
    switch (expression->op) {
    case WB_OPERATOR_IN:
    case WB_OPERATOR_NOT_IN:
        made = wb_requirement_in(arena, key, expression->values, expression->value_count);
        made.is_complement = expression->op == WB_OPERATOR_NOT_IN;
        break;
    case WB_OPERATOR_EXISTS: made = exists(key); break;
    case WB_OPERATOR_DOES_NOT_EXIST: break;
    case WB_OPERATOR_GT:
    case WB_OPERATOR_LT:
    case WB_OPERATOR_GTE:
    case WB_OPERATOR_LTE: made = from_bound(intern, key, expression); break;
    }
    made.min_values = expression->min_values;
    return made;
}

/* Whether the set lists value, complement or not, bounds ignored. */
static bool lists(const wb_requirement *requirement, uint32_t value)
{
    uint32_t low = 0;
    uint32_t high = requirement->value_count;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (requirement->values[middle] < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < requirement->value_count && requirement->values[low] == value;
}

bool wb_requirement_has(const wb_intern *intern, const wb_requirement *requirement, uint32_t value)
{
    assert(intern != NULL && requirement != NULL);
    const bounds limits = narrower_bounds(requirement, requirement);
    return lists(requirement, value) != requirement->is_complement &&
           is_within(intern, limits, value);
}

/* Whether value belongs to the set of the intersection: for two complements the excluded ones. */
static bool belongs(const wb_requirement *a, const wb_requirement *b, uint32_t value)
{
    if (a->is_complement && b->is_complement) {
        return true;
    }
    return lists(a, value) != a->is_complement && lists(b, value) != b->is_complement;
}

wb_requirement wb_requirement_intersect(wb_arena *arena, const wb_intern *intern,
                                        const wb_requirement *a, const wb_requirement *b)
{
    assert(arena != NULL && intern != NULL);
    assert(a->key == b->key);
    const bounds limits = narrower_bounds(a, b);
    wb_requirement both = {
        .key = a->key,
        .min_values = a->min_values > b->min_values ? a->min_values : b->min_values,
    };
    if (are_exclusive(limits)) {
        return both; /* DoesNotExist */
    }
    both.is_complement = a->is_complement && b->is_complement;
    if (both.is_complement) { /* a plain set needs no bounds any more */
        both.has_gte = limits.has_gte;
        both.has_lte = limits.has_lte;
        both.gte = limits.gte;
        both.lte = limits.lte;
    }
    uint32_t *values = wb_arena_alloc(arena, (a->value_count + b->value_count) * sizeof(*values));
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < a->value_count || j < b->value_count) { /* the union, each value judged once */
        uint32_t value = 0;
        if (j == b->value_count || (i < a->value_count && a->values[i] <= b->values[j])) {
            value = a->values[i];
            j += j < b->value_count && b->values[j] == value;
            i++;
        } else {
            value = b->values[j++];
        }
        if (belongs(a, b, value) && is_within(intern, limits, value)) {
            values[both.value_count++] = value;
        }
    }
    both.values = values;
    return both;
}

bool wb_requirement_has_intersection(const wb_intern *intern, const wb_requirement *a,
                                     const wb_requirement *b)
{
    assert(intern != NULL);
    assert(a->key == b->key);
    const bounds limits = narrower_bounds(a, b);
    if (are_exclusive(limits)) {
        return false;
    }
    if (a->is_complement && b->is_complement) {
        return true;
    }
    const wb_requirement *plain = a->is_complement ? b : a;
    const wb_requirement *other = a->is_complement ? a : b;
    for (uint32_t i = 0; i < plain->value_count; i++) {
        const uint32_t value = plain->values[i];
        if (lists(other, value) != other->is_complement && is_within(intern, limits, value)) {
            return true;
        }
    }
    return false;
}

bool wb_requirement_equals(const wb_requirement *a, const wb_requirement *b)
{
    assert(a != NULL && b != NULL);
    return a->key == b->key && a->min_values == b->min_values &&
           a->is_complement == b->is_complement && a->has_gte == b->has_gte &&
           a->has_lte == b->has_lte && a->gte == b->gte && a->lte == b->lte &&
           a->value_count == b->value_count &&
           (a->value_count == 0 ||
            memcmp(a->values, b->values, a->value_count * sizeof(*a->values)) == 0);
}

uint64_t wb_requirement_hash(const wb_requirement *requirement)
{
    assert(requirement != NULL);
    const uint64_t flags =
        (uint64_t)requirement->is_complement | (uint64_t)requirement->has_gte << 1 |
        (uint64_t)requirement->has_lte << 2 | (uint64_t)(uint32_t)requirement->min_values << 3;
    uint64_t hash = wb_hash_map_join(requirement->key, flags);
    if (requirement->has_gte || requirement->has_lte) {
        hash = wb_hash_map_join(hash, (uint64_t)requirement->gte);
        hash = wb_hash_map_join(hash, (uint64_t)requirement->lte);
    }
    for (uint32_t i = 0; i < requirement->value_count; i++) {
        hash = wb_hash_map_join(hash, requirement->values[i]);
    }
    return hash;
}

static int compare_texts(const void *a, const void *b, void *context)
{
    const wb_intern *intern = context;
    return strcmp(wb_intern_text(intern, *(const uint32_t *)a),
                  wb_intern_text(intern, *(const uint32_t *)b));
}

/* The values by text, in arena. */
static const uint32_t *values_by_text(wb_arena *arena, wb_intern *intern,
                                      const wb_requirement *requirement)
{
    assert(arena != NULL && intern != NULL);
    uint32_t *values =
        wb_arena_alloc(arena, requirement->value_count * sizeof(*requirement->values));
    if (requirement->value_count > 0) {
        memcpy(values, requirement->values,
               requirement->value_count * sizeof(*requirement->values));
        wb_sort(values, requirement->value_count, sizeof(*values), compare_texts, intern);
    }
    return values;
}

static wb_label_expression bound_expression(wb_arena *arena, wb_intern *intern, uint32_t key,
                                            wb_operator op, int64_t bound)
{
    assert(arena != NULL && intern != NULL);
    char text[24];
    (void)snprintf(text, sizeof(text), "%lld", (long long)bound);
    uint32_t *value = wb_arena_alloc(arena, sizeof(*value));
    *value = wb_intern_add(intern, text);
    return (wb_label_expression){.key = key, .op = op, .value_count = 1, .values = value};
}

const wb_label_expression *wb_requirement_to_expressions(wb_arena *arena, wb_intern *intern,
                                                         const wb_requirement *requirement,
                                                         uint32_t *out_count)
{
    assert(arena != NULL && intern != NULL);
    static const wb_operator operators[] = {
        [WB_REQUIREMENT_IN] = WB_OPERATOR_IN,
        [WB_REQUIREMENT_NOT_IN] = WB_OPERATOR_NOT_IN,
        [WB_REQUIREMENT_EXISTS] = WB_OPERATOR_EXISTS,
        [WB_REQUIREMENT_DOES_NOT_EXIST] = WB_OPERATOR_DOES_NOT_EXIST,
    };
    assert(requirement->key != 0);
    wb_label_expression *made = WB_ARENA_ARRAY(arena, wb_label_expression, 3);
    uint32_t count = 0;
    if (requirement->has_gte) {
        made[count++] =
            bound_expression(arena, intern, requirement->key, WB_OPERATOR_GTE, requirement->gte);
    }
    if (requirement->has_lte) {
        made[count++] =
            bound_expression(arena, intern, requirement->key, WB_OPERATOR_LTE, requirement->lte);
    }
    if (count == 0) {
        made[count++] = (wb_label_expression){
            .key = requirement->key,
            .op = operators[wb_requirement_kind_of(requirement)],
            .value_count = requirement->value_count,
            .values = values_by_text(arena, intern, requirement),
        };
    }
    for (uint32_t i = 0; i < count; i++) {
        made[i].min_values = requirement->min_values;
    }
    *out_count = count;
    return made;
}

void wb_requirement_print(const wb_intern *intern, const wb_requirement *requirement, wb_text *out)
{
    assert(intern != NULL && requirement != NULL && out != NULL);
    static const char *const words[] = {
        [WB_REQUIREMENT_IN] = "In",
        [WB_REQUIREMENT_NOT_IN] = "NotIn",
        [WB_REQUIREMENT_EXISTS] = "Exists",
        [WB_REQUIREMENT_DOES_NOT_EXIST] = "DoesNotExist",
    };
    const wb_requirement_kind kind = wb_requirement_kind_of(requirement);
    const bool is_bound =
        kind == WB_REQUIREMENT_EXISTS && (requirement->has_gte || requirement->has_lte);
    wb_text_add_format(out, "%s%s%s", wb_intern_text(intern, requirement->key), is_bound ? "" : " ",
                       is_bound ? "" : words[kind]);
    for (uint32_t i = 0; i < requirement->value_count; i++) {
        wb_text_add_format(out, "%s%s", i == 0 ? " [" : " ",
                           wb_intern_text(intern, requirement->values[i]));
    }
    wb_text_add_string(out, requirement->value_count > 0 ? "]" : "");
    if (requirement->has_gte) {
        wb_text_add_format(out, " >= %lld", (long long)requirement->gte);
    }
    if (requirement->has_lte) {
        wb_text_add_format(out, " <= %lld", (long long)requirement->lte);
    }
}
