#include "solver/pod_identity.h"

#include <assert.h>
#include <string.h>

wb_pod_identity wb_pod_identity_start(wb_arena *arena, uint32_t *room, size_t capacity)
{
    assert(arena != NULL);
    assert(room != NULL && capacity > 0);
    return (wb_pod_identity){.numbers = room, .capacity = capacity, .arena = arena};
}

/* Writers take the place to write at and return the place behind: kept in a register, where a count
 * in memory would be read and written for every number. */

static uint32_t *grow(wb_pod_identity *row, const uint32_t *at, size_t needed)
{
    const size_t count = (size_t)(at - row->numbers);
    const size_t capacity = (count + needed) * 2;
    uint32_t *numbers = wb_arena_alloc(row->arena, capacity * sizeof(*numbers));
    memcpy(numbers, row->numbers, count * sizeof(*numbers));
    row->numbers = numbers;
    row->capacity = capacity;
    return numbers + count;
}

/* Room for needed more numbers at the place returned. */
static inline uint32_t *reserve(wb_pod_identity *row, uint32_t *at, size_t needed)
{
    const size_t left = row->capacity - (size_t)(at - row->numbers);
    return left < needed ? grow(row, at, needed) : at;
}

static inline uint32_t *put_wide(uint32_t *at, int64_t number)
{
    *at++ = (uint32_t)(uint64_t)number;
    *at++ = (uint32_t)((uint64_t)number >> 32);
    return at;
}

static uint32_t *put_ids(wb_pod_identity *row, uint32_t *at, const uint32_t *ids, uint32_t count)
{
    at = reserve(row, at, (size_t)count + 1);
    *at++ = count;
    for (uint32_t i = 0; i < count; i++) {
        *at++ = ids[i];
    }
    return at;
}

static uint32_t *put_labels(wb_pod_identity *row, uint32_t *at, wb_labels labels)
{
    at = reserve(row, at, (size_t)labels.count * 2 + 1);
    *at++ = labels.count;
    for (uint32_t i = 0; i < labels.count; i++) {
        *at++ = labels.items[i].key;
        *at++ = labels.items[i].value;
    }
    return at;
}

static uint32_t *put_resources(wb_pod_identity *row, uint32_t *at, wb_resource_list list)
{
    at = reserve(row, at, (size_t)list.count * 3 + 1);
    *at++ = list.count;
    for (uint32_t i = 0; i < list.count; i++) {
        *at++ = list.items[i].name;
        at = put_wide(at, list.items[i].amount);
    }
    return at;
}

static inline uint32_t *put_expressions(wb_pod_identity *row, uint32_t *at,
                                        const wb_label_expression *expressions, uint32_t count)
{
    size_t needed = 1;
    for (uint32_t i = 0; i < count; i++) {
        needed += 2U + expressions[i].value_count + 1U;
    }
    at = reserve(row, at, needed);
    *at++ = count;
    for (uint32_t i = 0; i < count; i++) {
        *at++ = expressions[i].key;
        *at++ = (uint32_t)expressions[i].op;
        *at++ = expressions[i].value_count;
        for (uint32_t v = 0; v < expressions[i].value_count; v++) {
            *at++ = expressions[i].values[v];
        }
    }
    return at;
}

static inline uint32_t *put_selector(wb_pod_identity *row, uint32_t *at,
                                     const wb_label_selector *selector)
{
    assert(row != NULL && selector != NULL);
    at = reserve(row, at, 1);
    *at++ = selector->is_set;
    return put_expressions(row, at, selector->expressions, selector->expression_count);
}

static uint32_t *put_node_terms(wb_pod_identity *row, uint32_t *at, const wb_node_term *terms,
                                uint32_t count)
{
    at = reserve(row, at, 1);
    *at++ = count;
    for (uint32_t i = 0; i < count; i++) {
        at = reserve(row, at, 1);
        *at++ = (uint32_t)terms[i].weight;
        at = put_expressions(row, at, terms[i].expressions, terms[i].expression_count);
        at = put_expressions(row, at, terms[i].fields, terms[i].field_count);
    }
    return at;
}

/* What a term has beside its selector is rare: a bit each, and only what is there. */
static uint32_t term_extras(const wb_pod_term *term)
{
    return (term->namespace_selector.is_set ? 1U : 0U) | (term->namespace_count > 0 ? 2U : 0U) |
           (term->match_label_key_count > 0 ? 4U : 0U) |
           (term->mismatch_label_key_count > 0 ? 8U : 0U);
}

static uint32_t *put_pod_terms(wb_pod_identity *row, uint32_t *at, const wb_pod_term *terms,
                               uint32_t count)
{
    at = reserve(row, at, 1);
    *at++ = count;
    for (uint32_t i = 0; i < count; i++) {
        const wb_pod_term *term = &terms[i];
        const uint32_t extras = term_extras(term);
        at = reserve(row, at, 3);
        *at++ = term->topology_key;
        *at++ = (uint32_t)term->weight;
        *at++ = extras;
        at = put_selector(row, at, &term->selector);
        if (extras != 0) {
            at = put_selector(row, at, &term->namespace_selector);
            at = put_ids(row, at, term->namespaces, term->namespace_count);
            at = put_ids(row, at, term->match_label_keys, term->match_label_key_count);
            at = put_ids(row, at, term->mismatch_label_keys, term->mismatch_label_key_count);
        }
    }
    return at;
}

static uint32_t *put_tolerations(wb_pod_identity *row, uint32_t *at,
                                 const wb_toleration *tolerations, uint32_t count)
{
    at = reserve(row, at, (size_t)count * 6 + 1);
    *at++ = count;
    for (uint32_t i = 0; i < count; i++) {
        *at++ = tolerations[i].key;
        *at++ = tolerations[i].value;
        *at++ = (uint32_t)tolerations[i].op;
        *at++ = (uint32_t)tolerations[i].effect;
        at = put_wide(at, tolerations[i].seconds);
    }
    return at;
}

static uint32_t *put_spreads(wb_pod_identity *row, uint32_t *at,
                             const wb_spread_constraint *spreads, uint32_t count)
{
    at = reserve(row, at, 1);
    *at++ = count;
    for (uint32_t i = 0; i < count; i++) {
        const wb_spread_constraint *spread = &spreads[i];
        at = reserve(row, at, 6);
        *at++ = (uint32_t)spread->max_skew;
        *at++ = (uint32_t)spread->min_domains;
        *at++ = spread->topology_key;
        *at++ = (uint32_t)spread->when_unsatisfiable;
        *at++ = (uint32_t)spread->node_affinity_policy;
        *at++ = (uint32_t)spread->node_taints_policy;
        at = put_selector(row, at, &spread->selector);
        at = put_ids(row, at, spread->match_label_keys, spread->match_label_key_count);
    }
    return at;
}

static uint32_t *put_ports(wb_pod_identity *row, uint32_t *at, const wb_host_port *ports,
                           uint32_t count)
{
    at = reserve(row, at, (size_t)count * 4 + 1);
    *at++ = count;
    for (uint32_t i = 0; i < count; i++) {
        *at++ = ports[i].ip;
        *at++ = ports[i].port;
        *at++ = (uint32_t)ports[i].protocol;
        *at++ = ports[i].is_init_container;
    }
    return at;
}

/* Volumes without a claim restrict nothing. */
static uint32_t *put_volumes(wb_pod_identity *row, uint32_t *at, const wb_volume *volumes,
                             uint32_t count)
{
    at = reserve(row, at, (size_t)count * 4);
    for (uint32_t i = 0; i < count; i++) {
        if (volumes[i].kind == WB_VOLUME_CLAIM || volumes[i].kind == WB_VOLUME_EPHEMERAL) {
            *at++ = (uint32_t)volumes[i].kind;
            *at++ = volumes[i].name;
            *at++ = volumes[i].claim_name;
            *at++ = volumes[i].storage_class;
        }
    }
    return at;
}

static void finish(wb_pod_identity *row, const uint32_t *at)
{
    row->count = (size_t)(at - row->numbers);
    assert(row->count <= row->capacity);
}

static uint32_t *put_seen_by_selectors(wb_pod_identity *row, uint32_t *at, wb_labels labels,
                                       uint32_t namespace_name)
{
    at = reserve(row, at, 1);
    *at++ = namespace_name;
    return put_labels(row, at, labels);
}

void wb_pod_identity_write_labels(wb_pod_identity *row, wb_labels labels, uint32_t namespace_name)
{
    assert(row != NULL);
    finish(row, put_seen_by_selectors(row, row->numbers + row->count, labels, namespace_name));
}

/* Bits for the fields of a kind that are there at all: most pods have one or two. */
enum {
    HAS_SELECTOR = 1 << 0,
    HAS_REQUIRED = 1 << 1,
    HAS_PREFERRED = 1 << 2,
    HAS_POD_TERMS = 1 << 3,
    HAS_TOLERATIONS = 1 << 4,
    HAS_SPREADS = 1 << 5
};

static uint32_t present_fields(const wb_pod_template *template)
{
    const uint32_t pod_terms =
        template->affinity_required_count | template->affinity_preferred_count |
        template->anti_affinity_required_count | template->anti_affinity_preferred_count;
    return (template->node_selector.count > 0 ? (uint32_t)HAS_SELECTOR : 0U) |
           (template->required_term_count > 0 ? (uint32_t)HAS_REQUIRED : 0U) |
           (template->preferred_term_count > 0 ? (uint32_t)HAS_PREFERRED : 0U) |
           (pod_terms > 0 ? (uint32_t)HAS_POD_TERMS : 0U) |
           (template->toleration_count > 0 ? (uint32_t)HAS_TOLERATIONS : 0U) |
           (template->spread_count > 0 ? (uint32_t)HAS_SPREADS : 0U);
}

void wb_pod_identity_write_kind(wb_pod_identity *row, const wb_pod_template *template,
                                uint32_t namespace_name)
{
    assert(row != NULL && template != NULL);
    const uint32_t present = present_fields(template);
    uint32_t *at =
        put_seen_by_selectors(row, row->numbers + row->count, template->labels, namespace_name);
    at = reserve(row, at, 1);
    *at++ = present;
    if ((present & HAS_SELECTOR) != 0) {
        at = put_labels(row, at, template->node_selector);
    }
    if ((present & HAS_REQUIRED) != 0) {
        at = put_node_terms(row, at, template->required_terms, template->required_term_count);
    }
    if ((present & HAS_PREFERRED) != 0) {
        at = put_node_terms(row, at, template->preferred_terms, template->preferred_term_count);
    }
    if ((present & HAS_POD_TERMS) != 0) {
        at = put_pod_terms(row, at, template->affinity_required, template->affinity_required_count);
        at = put_pod_terms(row, at, template->affinity_preferred,
                           template->affinity_preferred_count);
        at = put_pod_terms(row, at, template->anti_affinity_required,
                           template->anti_affinity_required_count);
        at = put_pod_terms(row, at, template->anti_affinity_preferred,
                           template->anti_affinity_preferred_count);
    }
    if ((present & HAS_TOLERATIONS) != 0) {
        at = put_tolerations(row, at, template->tolerations, template->toleration_count);
    }
    if ((present & HAS_SPREADS) != 0) {
        at = put_spreads(row, at, template->spreads, template->spread_count);
    }
    finish(row, at);
}

void wb_pod_identity_write_shape(wb_pod_identity *row, const wb_pod_template *template)
{
    assert(row != NULL && template != NULL);
    uint32_t *at = put_resources(row, row->numbers + row->count, template->requests);
    at = put_ports(row, at, template->host_ports, template->host_port_count);
    at = reserve(row, at, 1);
    *at++ = template->has_resource_claims;
    /* Last, since it has no count of its own. */
    finish(row, put_volumes(row, at, template->volumes, template->volume_count));
}
