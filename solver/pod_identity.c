#include "solver/pod_identity.h"

#include <assert.h>
#include <string.h>

wb_pod_identity wb_pod_identity_start(wb_arena *arena, uint32_t *room, size_t capacity)
{
    assert(room != NULL && capacity > 0);
    return (wb_pod_identity){.numbers = room, .capacity = capacity, .arena = arena};
}

static void grow(wb_pod_identity *row, size_t needed)
{
    const size_t capacity = needed * 2;
    uint32_t *numbers = wb_arena_alloc(row->arena, capacity * sizeof(*numbers));
    memcpy(numbers, row->numbers, row->count * sizeof(*numbers));
    row->numbers = numbers;
    row->capacity = capacity;
}

static inline void put(wb_pod_identity *row, uint32_t number)
{
    if (row->count == row->capacity) {
        grow(row, row->count + 1);
    }
    row->numbers[row->count++] = number;
}

static inline void put_wide(wb_pod_identity *row, int64_t number)
{
    put(row, (uint32_t)(uint64_t)number);
    put(row, (uint32_t)((uint64_t)number >> 32));
}

static void put_ids(wb_pod_identity *row, const uint32_t *ids, uint32_t count)
{
    put(row, count);
    for (uint32_t i = 0; i < count; i++) {
        put(row, ids[i]);
    }
}

static void put_labels(wb_pod_identity *row, wb_labels labels)
{
    put(row, labels.count);
    for (uint32_t i = 0; i < labels.count; i++) {
        put(row, labels.items[i].key);
        put(row, labels.items[i].value);
    }
}

static void put_resources(wb_pod_identity *row, wb_resource_list list)
{
    put(row, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        put(row, list.items[i].name);
        put_wide(row, list.items[i].amount);
    }
}

static void put_expressions(wb_pod_identity *row, const wb_label_expression *expressions,
                            uint32_t count)
{
    put(row, count);
    for (uint32_t i = 0; i < count; i++) {
        put(row, expressions[i].key);
        put(row, (uint32_t)expressions[i].op);
        put_ids(row, expressions[i].values, expressions[i].value_count);
    }
}

static void put_selector(wb_pod_identity *row, const wb_label_selector *selector)
{
    put(row, selector->is_set);
    put_expressions(row, selector->expressions, selector->expression_count);
}

static void put_node_terms(wb_pod_identity *row, const wb_node_term *terms, uint32_t count)
{
    put(row, count);
    for (uint32_t i = 0; i < count; i++) {
        put(row, (uint32_t)terms[i].weight);
        put_expressions(row, terms[i].expressions, terms[i].expression_count);
        put_expressions(row, terms[i].fields, terms[i].field_count);
    }
}

static void put_pod_terms(wb_pod_identity *row, const wb_pod_term *terms, uint32_t count)
{
    put(row, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_pod_term *term = &terms[i];
        put_selector(row, &term->selector);
        put_selector(row, &term->namespace_selector);
        put_ids(row, term->namespaces, term->namespace_count);
        put(row, term->topology_key);
        put_ids(row, term->match_label_keys, term->match_label_key_count);
        put_ids(row, term->mismatch_label_keys, term->mismatch_label_key_count);
        put(row, (uint32_t)term->weight);
    }
}

static void put_tolerations(wb_pod_identity *row, const wb_toleration *tolerations, uint32_t count)
{
    put(row, count);
    for (uint32_t i = 0; i < count; i++) {
        put(row, tolerations[i].key);
        put(row, tolerations[i].value);
        put(row, (uint32_t)tolerations[i].op);
        put(row, (uint32_t)tolerations[i].effect);
        put_wide(row, tolerations[i].seconds);
    }
}

static void put_spreads(wb_pod_identity *row, const wb_spread_constraint *spreads, uint32_t count)
{
    put(row, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_spread_constraint *spread = &spreads[i];
        put(row, (uint32_t)spread->max_skew);
        put(row, (uint32_t)spread->min_domains);
        put(row, spread->topology_key);
        put(row, (uint32_t)spread->when_unsatisfiable);
        put_selector(row, &spread->selector);
        put(row, (uint32_t)spread->node_affinity_policy);
        put(row, (uint32_t)spread->node_taints_policy);
        put_ids(row, spread->match_label_keys, spread->match_label_key_count);
    }
}

static void put_ports(wb_pod_identity *row, const wb_host_port *ports, uint32_t count)
{
    put(row, count);
    for (uint32_t i = 0; i < count; i++) {
        put(row, ports[i].ip);
        put(row, ports[i].port);
        put(row, (uint32_t)ports[i].protocol);
        put(row, ports[i].is_init_container);
    }
}

/* Volumes without a claim restrict nothing. */
static void put_volumes(wb_pod_identity *row, const wb_volume *volumes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (volumes[i].kind == WB_VOLUME_CLAIM || volumes[i].kind == WB_VOLUME_EPHEMERAL) {
            put(row, (uint32_t)volumes[i].kind);
            put(row, volumes[i].name);
            put(row, volumes[i].claim_name);
            put(row, volumes[i].storage_class);
        }
    }
}

void wb_pod_identity_write_labels(wb_pod_identity *row, wb_labels labels, uint32_t namespace_name)
{
    put(row, namespace_name);
    put_labels(row, labels);
}

void wb_pod_identity_write_kind(wb_pod_identity *row, const wb_pod_template *template,
                                uint32_t namespace_name)
{
    wb_pod_identity_write_labels(row, template->labels, namespace_name);
    put_labels(row, template->node_selector);
    put_node_terms(row, template->required_terms, template->required_term_count);
    put_node_terms(row, template->preferred_terms, template->preferred_term_count);
    put_pod_terms(row, template->affinity_required, template->affinity_required_count);
    put_pod_terms(row, template->affinity_preferred, template->affinity_preferred_count);
    put_pod_terms(row, template->anti_affinity_required, template->anti_affinity_required_count);
    put_pod_terms(row, template->anti_affinity_preferred, template->anti_affinity_preferred_count);
    put_tolerations(row, template->tolerations, template->toleration_count);
    put_spreads(row, template->spreads, template->spread_count);
}

void wb_pod_identity_write_shape(wb_pod_identity *row, const wb_pod_template *template)
{
    put_resources(row, template->requests);
    put_ports(row, template->host_ports, template->host_port_count);
    put(row, template->has_resource_claims);
    put_volumes(row, template->volumes, template->volume_count); /* last: it has no count */
}
