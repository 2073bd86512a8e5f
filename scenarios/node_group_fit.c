#include "scenarios/node_group_fit.h"

#include <assert.h>
#include <string.h>

#include "base/hash_map.h"
#include "kube/names.h"

/* Keys whose value the instance type decides. */
static bool is_of_type(const wb_intern *intern, uint32_t key)
{
    static const char prefix[] = "karpenter.k8s.aws/instance-";
    return key == WB_NAME_ARCH || key == WB_NAME_OS || key == WB_NAME_INSTANCE_TYPE ||
           strncmp(wb_intern_text(intern, key), prefix, sizeof prefix - 1) == 0;
}

/* Keys whose value is decided at the launch. */
static bool is_of_launch(uint32_t key)
{
    return key == WB_NAME_ZONE || key == WB_NAME_CAPACITY_TYPE || key == WB_NAME_REGION ||
           key == WB_NAME_HOSTNAME || key == WB_NAME_ZONE_ID;
}

/* Of ORed terms the first is taken, as Karpenter does before it relaxes. */
static const wb_node_term *first_term(const wb_pod_template *template)
{
    return template->required_term_count > 0 ? &template->required_terms[0] : NULL;
}

static bool tolerates_all(const wb_intern *intern, const wb_nodepool *pool,
                          const wb_pod_template *template)
{
    for (uint32_t i = 0; i < pool->taint_count; i++) {
        if (pool->taints[i].effect != WB_TAINT_PREFER_NO_SCHEDULE &&
            !wb_tolerations_tolerate(intern, template->tolerations, template->toleration_count,
                                     &pool->taints[i])) {
            return false;
        }
    }
    return true;
}

/* Whether a node of the pool can have this label as the expression wants it: by the template's
 * labels, or by a requirement that leaves the value open. */
static bool can_have(const wb_intern *intern, const wb_nodepool *pool,
                     const wb_label_expression *wanted)
{
    const wb_label name = {WB_NAME_NODEPOOL, pool->name};
    if (wanted->key == WB_NAME_NODEPOOL) {
        return wb_label_expression_matches(intern, wanted, (wb_labels){&name, 1});
    }
    for (uint32_t i = 0; i < pool->requirement_count; i++) {
        const wb_label_expression *offered = &pool->requirements[i];
        for (uint32_t v = 0; offered->key == wanted->key && v < offered->value_count; v++) {
            const wb_label label = {offered->key, offered->values[v]};
            if (wb_label_expression_matches(intern, wanted, (wb_labels){&label, 1})) {
                return true;
            }
        }
    }
    return wb_label_expression_matches(intern, wanted, pool->labels);
}

bool wb_node_group_fit_takes(const wb_intern *intern, const wb_nodepool *pool,
                             const wb_pod_template *template)
{
    assert(intern != NULL && pool != NULL && template != NULL);
    if (!tolerates_all(intern, pool, template)) {
        return false;
    }
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label *label = &template->node_selector.items[i];
        const wb_label_expression wanted = {
            .key = label->key, .op = WB_OPERATOR_IN, .values = &label->value, .value_count = 1};
        if (!is_of_type(intern, label->key) && !is_of_launch(label->key) &&
            !can_have(intern, pool, &wanted)) {
            return false;
        }
    }
    const wb_node_term *term = first_term(template);
    for (uint32_t i = 0; term != NULL && i < term->expression_count; i++) {
        const wb_label_expression *wanted = &term->expressions[i];
        if (!is_of_type(intern, wanted->key) && !is_of_launch(wanted->key) &&
            !can_have(intern, pool, wanted)) {
            return false;
        }
    }
    return true;
}

/* Every expression about one of the keys agrees with the labels. */
static bool all_match(const wb_intern *intern, const wb_label_expression *expressions,
                      uint32_t count, uint32_t only_key, wb_labels labels)
{
    for (uint32_t i = 0; i < count; i++) {
        const bool is_asked =
            only_key != 0 ? expressions[i].key == only_key : is_of_type(intern, expressions[i].key);
        if (is_asked && !wb_label_expression_matches(intern, &expressions[i], labels)) {
            return false;
        }
    }
    return true;
}

/* The same of pool and pod; only_key 0: all keys that a type decides. */
static bool agree(const wb_intern *intern, const wb_nodepool *pool, const wb_pod_template *template,
                  uint32_t only_key, wb_labels labels)
{
    if (!all_match(intern, pool->requirements, pool->requirement_count, only_key, labels)) {
        return false;
    }
    if (template == NULL) {
        return true;
    }
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label *label = &template->node_selector.items[i];
        const wb_label_expression wanted = {
            .key = label->key, .op = WB_OPERATOR_IN, .values = &label->value, .value_count = 1};
        if (!all_match(intern, &wanted, 1, only_key, labels)) {
            return false;
        }
    }
    const wb_node_term *term = first_term(template);
    return term == NULL ||
           all_match(intern, term->expressions, term->expression_count, only_key, labels);
}

bool wb_node_group_fit_allows(const wb_intern *intern, const wb_nodepool *pool,
                              const wb_pod_template *template, const wb_catalog_type *type)
{
    assert(intern != NULL && pool != NULL && type != NULL);
    return agree(intern, pool, template, 0, type->labels);
}

bool wb_node_group_fit_allows_value(const wb_intern *intern, const wb_nodepool *pool,
                                    const wb_pod_template *template, uint32_t key, uint32_t value)
{
    assert(intern != NULL && pool != NULL && key != 0);
    const wb_label label = {key, value};
    return agree(intern, pool, template, key, (wb_labels){&label, 1});
}

bool wb_node_group_fit_is_zonal(const wb_pod_template *template)
{
    assert(template != NULL);
    for (uint32_t i = 0; i < template->spread_count; i++) {
        if (template->spreads[i].topology_key == WB_NAME_ZONE &&
            template->spreads[i].when_unsatisfiable == WB_SPREAD_DO_NOT_SCHEDULE) {
            return true;
        }
    }
    for (uint32_t i = 0; i < template->affinity_required_count; i++) {
        if (template->affinity_required[i].topology_key == WB_NAME_ZONE) {
            return true;
        }
    }
    for (uint32_t i = 0; i < template->anti_affinity_required_count; i++) {
        if (template->anti_affinity_required[i].topology_key == WB_NAME_ZONE) {
            return true;
        }
    }
    return wb_node_group_fit_selects(template, WB_NAME_ZONE);
}

/* Whether the pod narrows down types by the key. */
static bool narrows(const wb_intern *intern, uint32_t key)
{
    return is_of_type(intern, key) && key != WB_NAME_ARCH && key != WB_NAME_OS;
}

uint64_t wb_node_group_fit_selector_hash(const wb_intern *intern, const wb_pod_template *template)
{
    assert(intern != NULL && template != NULL);
    const wb_node_term *term = first_term(template);
    uint64_t hash = 0;
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label *label = &template->node_selector.items[i];
        if (narrows(intern, label->key)) {
            hash = wb_hash_map_join(wb_hash_map_join(hash, label->key), label->value);
        }
    }
    for (uint32_t i = 0; term != NULL && i < term->expression_count; i++) {
        const wb_label_expression *wanted = &term->expressions[i];
        if (!narrows(intern, wanted->key)) {
            continue;
        }
        hash = wb_hash_map_join(wb_hash_map_join(hash, wanted->key), (uint64_t)wanted->op);
        for (uint32_t v = 0; v < wanted->value_count; v++) {
            hash = wb_hash_map_join(hash, wanted->values[v]);
        }
    }
    return hash;
}

uint32_t wb_node_group_fit_selected_keys(const wb_intern *intern, const wb_pod_template *template,
                                         uint32_t *out, uint32_t capacity)
{
    assert(intern != NULL && template != NULL && out != NULL);
    const wb_node_term *term = first_term(template);
    uint32_t count = 0;
    for (uint32_t i = 0; i < template->node_selector.count && count < capacity; i++) {
        if (narrows(intern, template->node_selector.items[i].key)) {
            out[count++] = template->node_selector.items[i].key;
        }
    }
    for (uint32_t i = 0; term != NULL && i < term->expression_count && count < capacity; i++) {
        if (narrows(intern, term->expressions[i].key)) {
            out[count++] = term->expressions[i].key;
        }
    }
    return count;
}

bool wb_node_group_fit_selects(const wb_pod_template *template, uint32_t key)
{
    assert(template != NULL && key != 0);
    const wb_node_term *term = first_term(template);
    for (uint32_t i = 0; term != NULL && i < term->expression_count; i++) {
        if (term->expressions[i].key == key) {
            return true;
        }
    }
    return wb_labels_has(template->node_selector, key);
}
