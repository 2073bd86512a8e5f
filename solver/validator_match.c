/*
 * Label by label: what a node carries or may come to carry, against what a pod asks of it.
 *
 * An existing node has its labels. A claim becomes one of many nodes: for each instance type in its
 * list, a label may have any value that the claim's requirement admits of those the type has. A
 * demand on labels holds when every one of these possibilities meets it. Everything is enumerated;
 * where a label is left open by both sides, the values that somebody names stand for all others,
 * with one more that nobody names.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "solver/validator_internal.h"

#define NOBODYS_VALUE UINT32_MAX

/* ---- values ---- */

/* Decimal integers as Kubernetes reads them in Gt and Lt. */
static bool read_number(const char *text, int64_t *out)
{
    const bool is_negative = text[0] == '-';
    const char *digit = text + (text[0] == '-' || text[0] == '+');
    int64_t number = 0;
    if (*digit == '\0' || strlen(digit) > 18) {
        return false; /* no label holds a number of 19 digits in earnest */
    }
    for (; *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '9') {
            return false;
        }
        number = number * 10 + (*digit - '0');
    }
    *out = is_negative ? -number : number;
    return true;
}

wb_validator_value wb_validator_value_of(const wb_intern *intern, uint32_t id)
{
    wb_validator_value value = {.id = id};
    value.is_number = read_number(wb_intern_text(intern, id), &value.number);
    return value;
}

static bool lists(const uint32_t *values, uint32_t count, uint32_t id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (values[i] == id) {
            return true;
        }
    }
    return false;
}

bool wb_validator_admits(const wb_requirement *requirement, const wb_validator_value *value)
{
    if (requirement == NULL) {
        return true;
    }
    if (lists(requirement->values, requirement->value_count, value->id) ==
        requirement->is_complement) {
        return false;
    }
    const bool is_bounded = requirement->has_gte || requirement->has_lte;
    return !is_bounded ||
           (value->is_number && (!requirement->has_gte || value->number >= requirement->gte) &&
            (!requirement->has_lte || value->number <= requirement->lte));
}

/* One bound of Gt, Lt, Gte or Lte. */
static bool is_within(const wb_validation *of, const wb_label_expression *expression,
                      const wb_validator_value *value)
{
    if (!value->is_number || expression->value_count != 1) {
        return false;
    }
    const wb_validator_value bound = wb_validator_value_of(of->intern, expression->values[0]);
    if (!bound.is_number) {
        return false;
    }
    switch (expression->op) {
    case WB_OPERATOR_GT: return value->number > bound.number;
    case WB_OPERATOR_LT: return value->number < bound.number;
    case WB_OPERATOR_GTE: return value->number >= bound.number;
    case WB_OPERATOR_LTE: return value->number <= bound.number;
    default: return false;
    }
}

bool wb_validator_accepts_value(const wb_validation *of, const wb_label_expression *expression,
                                const wb_validator_value *value)
{
    switch (expression->op) {
    case WB_OPERATOR_IN:
        return value != NULL && lists(expression->values, expression->value_count, value->id);
    case WB_OPERATOR_NOT_IN:
        return value == NULL || !lists(expression->values, expression->value_count, value->id);
    case WB_OPERATOR_EXISTS: return value != NULL;
    case WB_OPERATOR_DOES_NOT_EXIST: return value == NULL;
    default: return value != NULL && is_within(of, expression, value);
    }
}

/* ---- instance types ---- */

const wb_catalog *wb_validator_catalog(const wb_validation *of, uint32_t pool_index)
{
    const wb_nodepool *nodepool = wb_solver_world_pool(of->input->world, pool_index);
    const wb_solver_world_desc *desc = of->input->desc;
    for (uint32_t i = 0; i < desc->pool_count; i++) {
        if (desc->pools[i].nodepool == nodepool) {
            return desc->pools[i].catalog;
        }
    }
    assert(false); /* the world was made of desc */
    return NULL;
}

static const uint32_t market_names[] = {
    [WB_CAPACITY_ON_DEMAND] = WB_NAME_ON_DEMAND,
    [WB_CAPACITY_SPOT] = WB_NAME_SPOT,
    [WB_CAPACITY_RESERVED] = WB_NAME_RESERVED,
};

/* What the offerings say under key: of reservation labels only reserved ones have any. */
static wb_validator_type_label values_of_offerings(const wb_validation *of,
                                                   const wb_catalog_type *type, uint32_t key)
{
    uint32_t *values = WB_ARENA_ARRAY(of->arena, uint32_t, type->offering_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering *offering = &type->offerings[i];
        const bool is_reserved = offering->capacity_type == WB_CAPACITY_RESERVED;
        uint32_t value = 0;
        switch (key) {
        case WB_NAME_ZONE: value = offering->zone; break;
        case WB_NAME_CAPACITY_TYPE: value = market_names[offering->capacity_type]; break;
        case WB_NAME_CAPACITY_RESERVATION_ID: value = offering->reservation_id; break;
        case WB_NAME_CAPACITY_RESERVATION_TYPE: value = is_reserved ? WB_NAME_DEFAULT : 0; break;
        default: value = is_reserved ? WB_NAME_FALSE : 0; break;
        }
        if (value != 0 && !lists(values, count, value)) {
            values[count++] = value;
        }
    }
    return (wb_validator_type_label){.is_known = true, .values = values, .count = count};
}

static bool comes_from_offerings(uint32_t key)
{
    return key == WB_NAME_ZONE || key == WB_NAME_CAPACITY_TYPE ||
           key == WB_NAME_CAPACITY_RESERVATION_ID || key == WB_NAME_CAPACITY_RESERVATION_TYPE ||
           key == WB_NAME_CAPACITY_RESERVATION_INTERRUPTIBLE;
}

/* Labels that the AWS provider sets on all its types; the ones a type lacks do not exist there. */
static bool is_providers(const wb_intern *intern, uint32_t key)
{
    static const char prefix[] = "karpenter.k8s.aws/";
    return key == WB_NAME_WINDOWS_BUILD ||
           (wb_names_is_well_known(key) && key != WB_NAME_PLACEMENT_GROUP_ID &&
            key != WB_NAME_PLACEMENT_GROUP_PARTITION &&
            strncmp(wb_intern_text(intern, key), prefix, sizeof(prefix) - 1) == 0);
}

static wb_validator_type_label one_label(const wb_validation *of, uint32_t value)
{
    uint32_t *values = WB_ARENA_NEW(of->arena, uint32_t);
    values[0] = value;
    return (wb_validator_type_label){.is_known = true, .values = values, .count = 1};
}

/* What only the provider's own types say. */
static wb_validator_type_label provider_label(const wb_validation *of, const wb_catalog *catalog,
                                              uint32_t key)
{
    if (key == WB_NAME_REGION && catalog->region != 0) {
        return one_label(of, catalog->region);
    }
    if (key == WB_NAME_INSTANCE_TENANCY) {
        uint32_t *values = WB_ARENA_ARRAY(of->arena, uint32_t, 2);
        values[0] = WB_NAME_DEFAULT;
        values[1] = wb_intern_find(of->intern, "dedicated");
        return (wb_validator_type_label){.is_known = true, .values = values, .count = 2};
    }
    return (wb_validator_type_label){.is_known = is_providers(of->intern, key)};
}

wb_validator_type_label wb_validator_type_values(const wb_validation *of, uint32_t pool_index,
                                                 uint32_t type_index, uint32_t key)
{
    const wb_catalog_type *type = wb_solver_world_type(of->input->world, type_index);
    if (comes_from_offerings(key)) {
        const wb_validator_type_label offered = values_of_offerings(of, type, key);
        const bool must_say = key == WB_NAME_ZONE || key == WB_NAME_CAPACITY_TYPE;
        if (offered.count > 0 || must_say || !type->plain_requirements) {
            return offered;
        }
    }
    for (uint32_t i = 0; i < type->extra_requirement_count; i++) {
        const wb_extra_requirement *extra = &type->extra_requirements[i];
        if (wb_names_unalias(of->intern, extra->key) == key) {
            return (wb_validator_type_label){true, extra->values, extra->value_count};
        }
    }
    for (uint32_t i = 0; i < type->labels.count; i++) {
        if (wb_names_unalias(of->intern, type->labels.items[i].key) == key) {
            return one_label(of, type->labels.items[i].value);
        }
    }
    if (key == WB_NAME_INSTANCE_TYPE) {
        return one_label(of, type->name);
    }
    if (!type->plain_requirements) {
        return provider_label(of, wb_validator_catalog(of, pool_index), key);
    }
    return (wb_validator_type_label){0};
}

/* ---- possibilities ---- */

static void add_option(const wb_validation *of, wb_validator_options *options,
                       const wb_requirement *requirement, wb_validator_value value)
{
    if (!wb_validator_admits(requirement, &value)) {
        return;
    }
    if (options->count == options->capacity) {
        const uint32_t capacity = options->capacity * 2 + 8;
        options->values = wb_arena_grow(of->arena, options->values, options->count, capacity,
                                        sizeof(*options->values));
        options->capacity = capacity;
    }
    options->values[options->count++] = value;
}

/* The number as a value, under its id where somebody has named it. */
static wb_validator_value number_value(const wb_validation *of, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof(text), "%lld", (long long)number);
    const uint32_t id = wb_intern_find(of->intern, text);
    return (wb_validator_value){id == 0 ? NOBODYS_VALUE : id, true, number};
}

/* A label that nothing settles: what is named, numbers around each bound, and something else. */
static void add_open_options(const wb_validation *of, wb_validator_options *options,
                             const wb_requirement *requirement,
                             const wb_label_expression *expression)
{
    for (uint32_t i = 0; i < expression->value_count; i++) {
        const wb_validator_value named = wb_validator_value_of(of->intern, expression->values[i]);
        add_option(of, options, requirement, named);
        for (int64_t step = -1; named.is_number && step <= 1; step++) {
            add_option(of, options, requirement, number_value(of, named.number + step));
        }
    }
    for (int64_t step = -1; requirement != NULL && step <= 1; step++) {
        if (requirement->has_gte) {
            add_option(of, options, requirement, number_value(of, requirement->gte + step));
        }
        if (requirement->has_lte) {
            add_option(of, options, requirement, number_value(of, requirement->lte + step));
        }
    }
    add_option(of, options, requirement, (wb_validator_value){.id = NOBODYS_VALUE});
}

wb_validator_options wb_validator_options_of(const wb_validation *of,
                                             const wb_requirement *requirement,
                                             wb_validator_type_label type_label,
                                             const wb_label_expression *expression)
{
    wb_validator_options options = {0};
    if (type_label.is_known) {
        for (uint32_t i = 0; i < type_label.count; i++) {
            add_option(of, &options, requirement,
                       wb_validator_value_of(of->intern, type_label.values[i]));
        }
        options.may_be_absent = type_label.count == 0;
    } else if (requirement != NULL && !requirement->is_complement) {
        for (uint32_t i = 0; i < requirement->value_count; i++) {
            add_option(of, &options, requirement,
                       wb_validator_value_of(of->intern, requirement->values[i]));
        }
        options.may_be_absent = requirement->value_count == 0;
    } else {
        add_open_options(of, &options, requirement, expression);
        /* Karpenter makes up a value for a label that a claim names and leaves open. */
        options.may_be_absent = requirement == NULL;
    }
    return options;
}

static bool all_accepted(const wb_validation *of, const wb_validator_options *options,
                         const wb_label_expression *expression)
{
    for (uint32_t i = 0; i < options->count; i++) {
        if (!wb_validator_accepts_value(of, expression, &options->values[i])) {
            return false;
        }
    }
    return !options->may_be_absent || wb_validator_accepts_value(of, expression, NULL);
}

/* ---- hosts ---- */

bool wb_validator_node_label(const wb_validation *of, uint32_t node_index, uint32_t key,
                             uint32_t *out_value)
{
    const wb_solver_node_desc *desc = of->input->nodes[node_index].desc;
    for (uint32_t i = 0; i < desc->labels.count; i++) {
        if (wb_names_unalias(of->intern, desc->labels.items[i].key) == key) {
            *out_value = desc->labels.items[i].value;
            return true;
        }
    }
    *out_value = desc->name;
    return key == WB_NAME_HOSTNAME;
}

/* A host that has no name yet: any name but those that are given. */
static bool holds_for_new_host(const wb_validation *of, const wb_label_expression *expression)
{
    static const wb_validator_value new_name = {.id = NOBODYS_VALUE};
    return wb_validator_accepts_value(of, expression, &new_name);
}

static bool holds_on_claim(const wb_validation *of, const wb_solver_claim *claim,
                           const wb_label_expression *expression)
{
    const uint32_t key = wb_names_unalias(of->intern, expression->key);
    if (key == WB_NAME_HOSTNAME) {
        return holds_for_new_host(of, expression);
    }
    const wb_requirement *requirement = wb_requirements_get(claim->requirements, key);
    const wb_arena_mark mark = wb_arena_get_mark(of->arena);
    bool holds = false;
    if (requirement != NULL && !requirement->is_complement && requirement->value_count > 0) {
        static const wb_validator_type_label nothing_said = {0};
        const wb_validator_options all =
            wb_validator_options_of(of, requirement, nothing_said, expression);
        holds = all_accepted(of, &all, expression); /* the short way: whatever the type */
        wb_arena_rewind(of->arena, mark);
    }
    if (holds) {
        return true;
    }
    holds = claim->type_count > 0;
    for (uint32_t i = 0; holds && i < claim->type_count; i++) {
        const wb_validator_type_label of_type =
            wb_validator_type_values(of, claim->pool_index, claim->type_indices[i], key);
        const wb_validator_options options =
            wb_validator_options_of(of, requirement, of_type, expression);
        holds = all_accepted(of, &options, expression);
        wb_arena_rewind(of->arena, mark);
    }
    return holds;
}

bool wb_validator_expression_holds(const wb_validation *of, uint32_t host,
                                   const wb_label_expression *expression)
{
    if (host >= of->problem->node_count) {
        return holds_on_claim(of, &of->result->claims[host - of->problem->node_count], expression);
    }
    const uint32_t key = wb_names_unalias(of->intern, expression->key);
    uint32_t id = 0;
    if (!wb_validator_node_label(of, host, key, &id)) {
        return wb_validator_accepts_value(of, expression, NULL);
    }
    const wb_validator_value value = wb_validator_value_of(of->intern, id);
    return wb_validator_accepts_value(of, expression, &value);
}

/* matchFields know metadata.name only. */
static bool field_holds(const wb_validation *of, uint32_t host, const wb_label_expression *field)
{
    if (host >= of->problem->node_count) {
        return holds_for_new_host(of, field);
    }
    const wb_validator_value name =
        wb_validator_value_of(of->intern, of->input->nodes[host].desc->name);
    return wb_validator_accepts_value(of, field, &name);
}

bool wb_validator_fields_hold(const wb_validation *of, uint32_t host, const wb_node_term *term)
{
    for (uint32_t i = 0; i < term->field_count; i++) {
        if (!field_holds(of, host, &term->fields[i])) {
            return false;
        }
    }
    return true;
}

bool wb_validator_term_holds(const wb_validation *of, uint32_t host, const wb_node_term *term)
{
    for (uint32_t i = 0; i < term->expression_count; i++) {
        if (!wb_validator_expression_holds(of, host, &term->expressions[i])) {
            return false;
        }
    }
    return term->expression_count + term->field_count > 0 && /* an empty term matches nothing */
           wb_validator_fields_hold(of, host, term);
}

bool wb_validator_selector_holds(const wb_validation *of, uint32_t host, wb_labels selector,
                                 uint32_t *out_key)
{
    for (uint32_t i = 0; i < selector.count; i++) {
        const wb_label_expression expression = {
            .key = selector.items[i].key,
            .op = WB_OPERATOR_IN,
            .value_count = 1,
            .values = &selector.items[i].value,
        };
        if (!wb_validator_expression_holds(of, host, &expression)) {
            *out_key = expression.key;
            return false;
        }
    }
    return true;
}

bool wb_validator_class_allows(const wb_validation *of, uint32_t class_id, uint32_t key,
                               uint32_t id)
{
    const wb_pod_template *template = of->classes[class_id].template;
    const wb_validator_value value = wb_validator_value_of(of->intern, id);
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label *label = &template->node_selector.items[i];
        if (wb_names_unalias(of->intern, label->key) == key && label->value != id) {
            return false;
        }
    }
    for (uint32_t t = 0; t < template->required_term_count; t++) {
        const wb_node_term *term = &template->required_terms[t];
        for (uint32_t e = 0; e < term->expression_count; e++) {
            if (wb_names_unalias(of->intern, term->expressions[e].key) == key &&
                !wb_validator_accepts_value(of, &term->expressions[e], &value)) {
                return false;
            }
        }
    }
    return true;
}
