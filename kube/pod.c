/*
 * Pod templates: effective requests, hash.
 *
 * A field added to wb_pod_template belongs in the comparison (pod_equality.c), in the hash only if
 * templates often differ in it alone.
 *
 * containers ─┐
 * sidecars   ─┴─ sum ─┐
 * init containers ────┴─ the larger, per resource ─ pod-level replaces ─ + overhead ─ pods: 1
 */
#include "kube/pod.h"

#include <assert.h>

#include "base/hash_map.h"
#include "kube/names.h"

/* --- Effective requests ------------------------------------------------------------- */

/*
 * Init containers start one after another; a sidecar stays. So the moment of an init container
 * needs the sidecars that started before it and itself, and the pod needs the largest moment.
 *
 *     init a   ████
 *     sidecar  ···████████████████████████
 *     init b       ████
 *     main             ███████████████████
 */
wb_resource_list wb_pod_template_requests(wb_arena *arena, const wb_pod_template *template)
{
    assert(arena != NULL);
    assert(template != NULL);
    assert(template->containers != NULL || template->container_count == 0);
    wb_resource_list running = {0}; /* containers and all sidecars */
    wb_resource_list sidecars = {0};
    wb_resource_list peak = {0}; /* the largest moment of an init container */
    for (uint32_t i = 0; i < template->container_count; i++) {
        const wb_container *container = &template->containers[i];
        if (!container->is_init) {
            running = wb_resource_list_add(arena, running, container->requests);
        } else if (container->is_sidecar) {
            running = wb_resource_list_add(arena, running, container->requests);
            sidecars = wb_resource_list_add(arena, sidecars, container->requests);
            peak = wb_resource_list_max(arena, peak, sidecars);
        } else {
            peak = wb_resource_list_max(arena, peak,
                                        wb_resource_list_add(arena, sidecars, container->requests));
        }
    }
    wb_resource_list total = wb_resource_list_max(arena, running, peak);
    for (uint32_t i = 0; i < template->pod_level_requests.count; i++) {
        const wb_resource *given = &template->pod_level_requests.items[i];
        total = wb_resource_list_with(arena, total, given->name, given->amount);
    }
    total = wb_resource_list_add(arena, total, template->overhead);
    return wb_resource_list_with(arena, total, WB_NAME_PODS, 1);
}

/* --- Hash --------------------------------------------------------------------------- */

static uint64_t hash_ids(uint64_t hash, const uint32_t *ids, uint32_t count)
{
    assert(ids != NULL || count == 0);
    hash = wb_hash_map_join(hash, count);
    for (uint32_t i = 0; i < count; i++) {
        hash = wb_hash_map_join(hash, ids[i]);
    }
    return hash;
}

static uint64_t hash_labels(uint64_t hash, wb_labels labels)
{
    hash = wb_hash_map_join(hash, labels.count);
    for (uint32_t i = 0; i < labels.count; i++) {
        hash =
            wb_hash_map_join(hash, ((uint64_t)labels.items[i].key << 32) | labels.items[i].value);
    }
    return hash;
}

static uint64_t hash_resources(uint64_t hash, wb_resource_list list)
{
    hash = wb_hash_map_join(hash, list.count);
    for (uint32_t i = 0; i < list.count; i++) {
        hash = wb_hash_map_join(hash, list.items[i].name);
        hash = wb_hash_map_join(hash, (uint64_t)list.items[i].amount);
    }
    return hash;
}

static uint64_t hash_expressions(uint64_t hash, const wb_label_expression *expressions,
                                 uint32_t count)
{
    hash = wb_hash_map_join(hash, count);
    for (uint32_t i = 0; i < count; i++) {
        hash = wb_hash_map_join(hash,
                                ((uint64_t)expressions[i].key << 32) | (uint64_t)expressions[i].op);
        hash = hash_ids(hash, expressions[i].values, expressions[i].value_count);
    }
    return hash;
}

static uint64_t hash_node_terms(uint64_t hash, const wb_node_term *terms, uint32_t count)
{
    hash = wb_hash_map_join(hash, count);
    for (uint32_t i = 0; i < count; i++) {
        hash = wb_hash_map_join(hash, (uint64_t)terms[i].weight);
        hash = hash_expressions(hash, terms[i].expressions, terms[i].expression_count);
        hash = hash_expressions(hash, terms[i].fields, terms[i].field_count);
    }
    return hash;
}

static uint64_t hash_pod_terms(uint64_t hash, const wb_pod_term *terms, uint32_t count)
{
    hash = wb_hash_map_join(hash, count);
    for (uint32_t i = 0; i < count; i++) {
        hash = wb_hash_map_join(hash, terms[i].topology_key);
        hash = wb_hash_map_join(hash, (uint64_t)terms[i].weight);
        hash = hash_expressions(hash, terms[i].selector.expressions,
                                terms[i].selector.expression_count);
        hash = hash_ids(hash, terms[i].namespaces, terms[i].namespace_count);
    }
    return hash;
}

/* What thousands of templates differ in goes in; what hardly ever differs (policies, gates,
 * namespace selectors) is left to the comparison. */
uint64_t wb_pod_template_hash(const wb_pod_template *template)
{
    assert(template != NULL);
    uint64_t hash = hash_labels(0, template->labels);
    hash = hash_labels(hash, template->annotations);
    hash = hash_labels(hash, template->node_selector);
    hash = hash_resources(hash, template->requests);
    for (uint32_t i = 0; i < template->container_count; i++) {
        hash = wb_hash_map_join(hash, template->containers[i].image);
        hash = hash_resources(hash, template->containers[i].requests);
    }
    hash = hash_node_terms(hash, template->required_terms, template->required_term_count);
    hash = hash_node_terms(hash, template->preferred_terms, template->preferred_term_count);
    hash = hash_pod_terms(hash, template->affinity_required, template->affinity_required_count);
    hash = hash_pod_terms(hash, template->affinity_preferred, template->affinity_preferred_count);
    hash = hash_pod_terms(hash, template->anti_affinity_required,
                          template->anti_affinity_required_count);
    hash = hash_pod_terms(hash, template->anti_affinity_preferred,
                          template->anti_affinity_preferred_count);
    for (uint32_t i = 0; i < template->toleration_count; i++) {
        const wb_toleration *toleration = &template->tolerations[i];
        hash = wb_hash_map_join(hash, ((uint64_t)toleration->key << 32) | toleration->value);
        hash =
            wb_hash_map_join(hash, ((uint64_t)toleration->op << 32) | (uint64_t)toleration->effect);
    }
    for (uint32_t i = 0; i < template->spread_count; i++) {
        const wb_spread_constraint *spread = &template->spreads[i];
        hash = wb_hash_map_join(hash, ((uint64_t)spread->topology_key << 32) |
                                          (uint32_t)spread->max_skew);
        hash =
            hash_expressions(hash, spread->selector.expressions, spread->selector.expression_count);
    }
    for (uint32_t i = 0; i < template->host_port_count; i++) {
        hash = wb_hash_map_join(hash, template->host_ports[i].port);
    }
    for (uint32_t i = 0; i < template->volume_count; i++) {
        hash = wb_hash_map_join(hash, template->volumes[i].claim_name);
    }
    hash = wb_hash_map_join(hash, template->node_name);
    hash = wb_hash_map_join(hash, template->priority_class_name);
    return wb_hash_map_join(hash, (uint64_t) template->priority);
}
