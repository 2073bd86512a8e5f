/*
 * Whether two pod templates are the same.
 *
 * Thousands of pods share some tens of templates, and the solver works in shapes; equality decides
 * which pods share one, so it has to see every field that any decision reads. A field added to
 * wb_pod_template belongs here (tests/kube/test_pod.c has a row per field to catch a forgotten
 * one). Lists of one owner's pods are often the very same list, so places are compared first.
 */
#include <assert.h>
#include <stddef.h>

#include "kube/pod.h"

/* In order: two lists that differ only in order are different templates, at no harm. */
static bool ids_equal(const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count)
{
    assert((a != NULL || a_count == 0) && (b != NULL || b_count == 0));
    if (a_count != b_count) {
        return false;
    }
    for (uint32_t i = 0; i < a_count; i++) {
        if (a[i] != b[i]) {
            return false;
        }
    }
    return true;
}

/* Sets are sorted by id, so equal sets are equal arrays. */
static bool labels_equal(wb_labels a, wb_labels b)
{
    if (a.count != b.count) {
        return false;
    }
    for (uint32_t i = 0; a.items != b.items && i < a.count; i++) {
        if (a.items[i].key != b.items[i].key || a.items[i].value != b.items[i].value) {
            return false;
        }
    }
    return true;
}

static bool resources_equal(wb_resource_list a, wb_resource_list b)
{
    if (a.count != b.count) {
        return false;
    }
    for (uint32_t i = 0; a.items != b.items && i < a.count; i++) {
        if (a.items[i].name != b.items[i].name || a.items[i].amount != b.items[i].amount) {
            return false;
        }
    }
    return true;
}

static bool expressions_equal(const wb_label_expression *a, uint32_t a_count,
                              const wb_label_expression *b, uint32_t b_count)
{
    if (a_count != b_count) {
        return false;
    }
    for (uint32_t i = 0; i < a_count; i++) {
        if (a[i].key != b[i].key || a[i].op != b[i].op || a[i].min_values != b[i].min_values ||
            !ids_equal(a[i].values, a[i].value_count, b[i].values, b[i].value_count)) {
            return false;
        }
    }
    return true;
}

/* A nil selector selects nothing and an empty one everything: is_set tells them apart. */
static bool selectors_equal(const wb_label_selector *a, const wb_label_selector *b)
{
    return a->is_set == b->is_set && expressions_equal(a->expressions, a->expression_count,
                                                       b->expressions, b->expression_count);
}

static bool node_terms_equal(const wb_node_term *a, uint32_t a_count, const wb_node_term *b,
                             uint32_t b_count)
{
    if (a_count != b_count) {
        return false;
    }
    for (uint32_t i = 0; a != b && i < a_count; i++) {
        if (a[i].weight != b[i].weight ||
            !expressions_equal(a[i].expressions, a[i].expression_count, b[i].expressions,
                               b[i].expression_count) ||
            !expressions_equal(a[i].fields, a[i].field_count, b[i].fields, b[i].field_count)) {
            return false;
        }
    }
    return true;
}

static bool pod_term_equals(const wb_pod_term *a, const wb_pod_term *b)
{
    return a->topology_key == b->topology_key && a->weight == b->weight &&
           selectors_equal(&a->selector, &b->selector) &&
           selectors_equal(&a->namespace_selector, &b->namespace_selector) &&
           ids_equal(a->namespaces, a->namespace_count, b->namespaces, b->namespace_count) &&
           ids_equal(a->match_label_keys, a->match_label_key_count, b->match_label_keys,
                     b->match_label_key_count) &&
           ids_equal(a->mismatch_label_keys, a->mismatch_label_key_count, b->mismatch_label_keys,
                     b->mismatch_label_key_count);
}

static bool pod_terms_equal(const wb_pod_term *a, uint32_t a_count, const wb_pod_term *b,
                            uint32_t b_count)
{
    if (a_count != b_count) {
        return false;
    }
    for (uint32_t i = 0; a != b && i < a_count; i++) {
        if (!pod_term_equals(&a[i], &b[i])) {
            return false;
        }
    }
    return true;
}

static bool spreads_equal(const wb_pod_template *a, const wb_pod_template *b)
{
    if (a->spread_count != b->spread_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->spread_count; i++) {
        const wb_spread_constraint *x = &a->spreads[i];
        const wb_spread_constraint *y = &b->spreads[i];
        if (x->max_skew != y->max_skew || x->min_domains != y->min_domains ||
            x->topology_key != y->topology_key || x->when_unsatisfiable != y->when_unsatisfiable ||
            x->node_affinity_policy != y->node_affinity_policy ||
            x->node_taints_policy != y->node_taints_policy ||
            !selectors_equal(&x->selector, &y->selector) ||
            !ids_equal(x->match_label_keys, x->match_label_key_count, y->match_label_keys,
                       y->match_label_key_count)) {
            return false;
        }
    }
    return true;
}

static bool tolerations_equal(const wb_pod_template *a, const wb_pod_template *b)
{
    if (a->toleration_count != b->toleration_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->toleration_count; i++) {
        const wb_toleration *x = &a->tolerations[i];
        const wb_toleration *y = &b->tolerations[i];
        if (x->key != y->key || x->value != y->value || x->op != y->op || x->effect != y->effect ||
            x->seconds != y->seconds) {
            return false;
        }
    }
    return true;
}

static bool containers_equal(const wb_pod_template *a, const wb_pod_template *b)
{
    if (a->container_count != b->container_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->container_count; i++) {
        const wb_container *x = &a->containers[i];
        const wb_container *y = &b->containers[i];
        if (x->name != y->name || x->image != y->image || x->is_init != y->is_init ||
            x->is_sidecar != y->is_sidecar || !resources_equal(x->requests, y->requests) ||
            !resources_equal(x->limits, y->limits)) {
            return false;
        }
    }
    return true;
}

static bool ports_and_volumes_equal(const wb_pod_template *a, const wb_pod_template *b)
{
    if (a->host_port_count != b->host_port_count || a->volume_count != b->volume_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->host_port_count; i++) {
        const wb_host_port *x = &a->host_ports[i];
        const wb_host_port *y = &b->host_ports[i];
        if (x->ip != y->ip || x->port != y->port || x->protocol != y->protocol ||
            x->is_init_container != y->is_init_container) {
            return false;
        }
    }
    for (uint32_t i = 0; i < a->volume_count; i++) {
        const wb_volume *x = &a->volumes[i];
        const wb_volume *y = &b->volumes[i];
        if (x->kind != y->kind || x->name != y->name || x->claim_name != y->claim_name ||
            x->storage_class != y->storage_class) {
            return false;
        }
    }
    return true;
}

/* The cheap fields first: most unequal templates are told apart here. */
static bool scalars_equal(const wb_pod_template *a, const wb_pod_template *b)
{
    return a->node_name == b->node_name && a->priority_class_name == b->priority_class_name &&
           a->scheduler_name == b->scheduler_name && a->priority == b->priority &&
           a->priority_is_set == b->priority_is_set && a->required_is_set == b->required_is_set &&
           a->has_scheduling_gates == b->has_scheduling_gates &&
           a->is_host_network == b->is_host_network &&
           a->preemption_policy == b->preemption_policy &&
           a->grace_period_ms == b->grace_period_ms && a->restarts_always == b->restarts_always;
}

static bool affinities_equal(const wb_pod_template *a, const wb_pod_template *b)
{
    return node_terms_equal(a->required_terms, a->required_term_count, b->required_terms,
                            b->required_term_count) &&
           node_terms_equal(a->preferred_terms, a->preferred_term_count, b->preferred_terms,
                            b->preferred_term_count) &&
           pod_terms_equal(a->affinity_required, a->affinity_required_count, b->affinity_required,
                           b->affinity_required_count) &&
           pod_terms_equal(a->affinity_preferred, a->affinity_preferred_count,
                           b->affinity_preferred, b->affinity_preferred_count) &&
           pod_terms_equal(a->anti_affinity_required, a->anti_affinity_required_count,
                           b->anti_affinity_required, b->anti_affinity_required_count) &&
           pod_terms_equal(a->anti_affinity_preferred, a->anti_affinity_preferred_count,
                           b->anti_affinity_preferred, b->anti_affinity_preferred_count);
}

bool wb_pod_template_places_alike(const wb_pod_template *a, const wb_pod_template *b)
{
    assert(a != NULL);
    assert(b != NULL);
    return a == b ||
           (a->has_resource_claims == b->has_resource_claims &&
            resources_equal(a->requests, b->requests) && labels_equal(a->labels, b->labels) &&
            labels_equal(a->node_selector, b->node_selector) && tolerations_equal(a, b) &&
            affinities_equal(a, b) && spreads_equal(a, b) && ports_and_volumes_equal(a, b));
}

bool wb_pod_template_equals(const wb_pod_template *a, const wb_pod_template *b)
{
    assert(a != NULL);
    assert(b != NULL);
    return a == b || (scalars_equal(a, b) && labels_equal(a->annotations, b->annotations) &&
                      resources_equal(a->pod_level_requests, b->pod_level_requests) &&
                      resources_equal(a->overhead, b->overhead) && containers_equal(a, b) &&
                      wb_pod_template_places_alike(a, b));
}
