/*
 * What each pod asks of its host on its own account: selector, node affinity, taints, volumes, host
 * ports. Pods of one class ask the same, so that a claim is looked at once per class.
 */
#include <assert.h>
#include <string.h>

#include "solver/validator_internal.h"

static const char *text_of(const wb_validation *of, uint32_t id)
{
    return wb_intern_text(of->intern, id);
}

/* "node n1", "claim 2". */
static const char *host_name(const wb_validation *of, uint32_t host)
{
    const uint32_t node_count = of->problem->node_count;
    wb_text name;
    wb_text_init(&name);
    if (host < node_count) {
        wb_text_add_format(&name, "node %s", text_of(of, of->input->nodes[host].desc->name));
    } else {
        wb_text_add_format(&name, "claim %u", host - node_count);
    }
    const char *kept = wb_arena_copy_string(of->arena, wb_text_string(&name));
    wb_text_release(&name);
    return kept;
}

/* ---- labels ---- */

static bool term_names_key(const wb_validation *of, const wb_node_term *term, uint32_t key)
{
    for (uint32_t i = 0; i < term->expression_count; i++) {
        if (wb_names_unalias(of->intern, term->expressions[i].key) == key) {
            return true;
        }
    }
    return false;
}

/* Whether the template says something about key in its selector or affinity. */
static bool names_key(const wb_validation *of, const wb_pod_template *template, uint32_t key)
{
    bool names = false;
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        names = names || wb_names_unalias(of->intern, template->node_selector.items[i].key) == key;
    }
    for (uint32_t i = 0; i < template->required_term_count; i++) {
        names = names || term_names_key(of, &template->required_terms[i], key);
    }
    for (uint32_t i = 0; i < template->preferred_term_count; i++) {
        names = names || term_names_key(of, &template->preferred_terms[i], key);
    }
    return names;
}

/* Upstream adds what each pod asks to what it knows of a node; a label that the node lacks counts
 * as known from then on. So a pod that names such a label may follow one that named it before. */
static bool may_be_thought_known(const wb_validation *of, uint32_t host, uint32_t key,
                                 uint32_t least)
{
    uint32_t value = 0;
    if (host >= of->problem->node_count || wb_validator_node_label(of, host, key, &value)) {
        return false;
    }
    uint32_t naming_count = 0;
    for (uint32_t i = 0; i < of->problem->pod_count; i++) {
        naming_count += of->result->placements[i].node_index == host &&
                        names_key(of, of->classes[of->class_of_pod[i]].template, key);
    }
    return naming_count >= least;
}

/* A label that a claim lost sight of: one pod wants Exists (or a bound), then one says NotIn, which
 * reads as if the label could be missing, then one wants it not to exist. */
static bool may_be_forgotten(const wb_validation *of, uint32_t host, uint32_t key,
                             const wb_label_expression *expression)
{
    if (host < of->problem->node_count || expression->op == WB_OPERATOR_IN) {
        return false;
    }
    const wb_solver_claim *claim = &of->result->claims[host - of->problem->node_count];
    const wb_requirement *left = wb_requirements_get(claim->requirements, key);
    uint32_t naming_count = 0;
    for (uint32_t i = 0; i < claim->pod_count; i++) {
        const uint32_t class_id = of->class_of_pod[claim->pod_indices[i]];
        naming_count += names_key(of, of->classes[class_id].template, key);
    }
    return naming_count > 2 && left != NULL && !left->is_complement && left->value_count == 0;
}

/* Upstream makes one requirement per key of all that a pod wants, the preference that counts now
 * included, and reads it back as one operator. Two things are lost in that, and the pod gets a node
 * without the label, on which it never runs: Exists (or a bound) beside NotIn reads as NotIn alone;
 * and of wishes that contradict each other nothing is left, which reads as DoesNotExist. */
static bool holds_as_read(const wb_validation *of, uint32_t host, wb_requirements together,
                          const wb_label_expression *expression)
{
    const uint32_t key = wb_names_unalias(of->intern, expression->key);
    const wb_requirement *read = wb_requirements_get(together, key);
    assert(read != NULL); /* expression is part of it */
    const bool is_contradiction = !read->is_complement && read->value_count == 0;
    const bool is_not_in = read->is_complement && read->value_count > 0;
    const wb_label_expression missing = {.key = key, .op = WB_OPERATOR_DOES_NOT_EXIST};
    return (!is_contradiction && wb_validator_expression_holds(of, host, expression)) ||
           ((is_contradiction || is_not_in) && wb_validator_expression_holds(of, host, &missing)) ||
           may_be_thought_known(of, host, key, 2) || may_be_forgotten(of, host, key, expression);
}

static wb_requirements with_term(const wb_validation *of, wb_requirements before,
                                 const wb_node_term *term)
{
    return wb_requirements_merge(of->arena, of->intern, before,
                                 wb_requirements_from_expressions(of->arena, of->intern,
                                                                  term->expressions,
                                                                  term->expression_count));
}

/* Selector and one term (NULL: none) on a host; together is all that the pod is taken to want.
 * *out_key is what failed. */
static bool labels_hold(const wb_validation *of, const wb_validator_resident *pod,
                        const wb_node_term *term, wb_requirements together, uint32_t *out_key)
{
    const wb_labels selector = of->classes[pod->class_id].template->node_selector;
    for (uint32_t i = 0; i < selector.count; i++) {
        const wb_label_expression expression = {.key = selector.items[i].key,
                                                .op = WB_OPERATOR_IN,
                                                .value_count = 1,
                                                .values = &selector.items[i].value};
        *out_key = expression.key;
        if (!holds_as_read(of, pod->host, together, &expression)) {
            return false;
        }
    }
    for (uint32_t i = 0; term != NULL && i < term->expression_count; i++) {
        *out_key = term->expressions[i].key;
        if (!holds_as_read(of, pod->host, together, &term->expressions[i])) {
            return false;
        }
    }
    return term == NULL || (term->expression_count + term->field_count > 0 &&
                            wb_validator_fields_hold(of, pod->host, term));
}

/* The same, with one of the pod's preferences or with none. */
static bool labels_may_hold(const wb_validation *of, const wb_validator_resident *pod,
                            const wb_node_term *term, uint32_t *out_key)
{
    const wb_pod_template *template = of->classes[pod->class_id].template;
    wb_requirements strict =
        wb_requirements_from_labels(of->arena, of->intern, template->node_selector);
    if (term != NULL) {
        strict = with_term(of, strict, term);
    }
    bool holds = labels_hold(of, pod, term, strict, out_key);
    for (uint32_t i = 0; i < template->preferred_term_count && !holds; i++) {
        uint32_t key = 0;
        const wb_requirements wished = with_term(of, strict, &template->preferred_terms[i]);
        holds = labels_hold(of, pod, term, wished, &key);
    }
    return holds;
}

/* The selector, with one of the required terms where there are any. */
static bool check_labels(wb_validation *of, const wb_validator_resident *pod)
{
    const wb_pod_template *template = of->classes[pod->class_id].template;
    uint32_t key = 0;
    bool holds = !template->required_is_set && template->required_term_count == 0 &&
                 labels_may_hold(of, pod, NULL, &key);
    for (uint32_t i = 0; i < template->required_term_count && !holds; i++) {
        holds = labels_may_hold(of, pod, &template->required_terms[i], &key);
    }
    if (!holds) {
        wb_text_add_format(of->violation, "%s asks for %s, which %s may not have as it asks",
                           wb_validator_pod_name(of, pod->pod_index), text_of(of, key),
                           host_name(of, pod->host));
    }
    return holds;
}

/* ---- taints ---- */

static bool check_taints(wb_validation *of, const wb_validator_resident *pod)
{
    const wb_pod_template *template = of->classes[pod->class_id].template;
    const bool is_node = pod->host < of->problem->node_count;
    const wb_solver_node_desc *desc = is_node ? of->input->nodes[pod->host].desc : NULL;
    const wb_nodepool *nodepool =
        is_node ? NULL
                : wb_solver_world_pool(
                      of->input->world,
                      of->result->claims[pod->host - of->problem->node_count].pool_index);
    const wb_taint *taints = is_node ? desc->taints : nodepool->taints;
    const uint32_t count = is_node ? desc->taint_count : nodepool->taint_count;
    for (uint32_t i = 0; i < count; i++) {
        const bool blocks = is_node ? wb_validator_taint_blocks(of, desc, &taints[i])
                                    : taints[i].effect != WB_TAINT_PREFER_NO_SCHEDULE;
        if (blocks && !wb_tolerations_tolerate(of->intern, template->tolerations,
                                               template->toleration_count, &taints[i])) {
            wb_text_add_format(of->violation, "%s does not tolerate the taint %s of %s",
                               wb_validator_pod_name(of, pod->pod_index),
                               text_of(of, taints[i].key), host_name(of, pod->host));
            return false;
        }
    }
    return true;
}

/* ---- volumes ---- */

static const wb_volume_claim *find_claim(const wb_solver_problem *problem, uint32_t name,
                                         uint32_t namespace_name)
{
    for (uint32_t i = 0; i < problem->volume_claim_count; i++) {
        if (problem->volume_claims[i].name == name &&
            problem->volume_claims[i].namespace_name == namespace_name) {
            return &problem->volume_claims[i];
        }
    }
    return NULL;
}

/* The claim that a volume stands for: the one it names, or "<pod>-<volume>". */
static const wb_volume_claim *claim_of(const wb_validation *of, const wb_validator_resident *pod,
                                       const wb_volume *volume)
{
    const uint32_t namespace_name = of->classes[pod->class_id].namespace_name;
    if (volume->kind == WB_VOLUME_CLAIM) {
        return find_claim(of->problem, volume->claim_name, namespace_name);
    }
    wb_text name;
    wb_text_init(&name);
    wb_text_add_format(&name, "%s-%s", text_of(of, pod->pod_name), text_of(of, volume->name));
    const uint32_t id = wb_intern_find(of->intern, wb_text_string(&name));
    wb_text_release(&name);
    return id == 0 ? NULL : find_claim(of->problem, id, namespace_name);
}

/* Where a volume may be: the terms of its persistent volume, or of its class. */
typedef struct places {
    const wb_node_term *terms; /* ORed; none: anywhere */
    uint32_t count;
    bool ignores_host; /* local volumes: upstream leaves their host name out */
} places;

static places places_of(const wb_validation *of, const wb_validator_resident *pod,
                        const wb_volume *volume)
{
    const wb_solver_problem *problem = of->problem;
    const wb_volume_claim *claim = claim_of(of, pod, volume);
    for (uint32_t i = 0;
         claim != NULL && claim->volume_name != 0 && i < problem->persistent_volume_count; i++) {
        const wb_persistent_volume *one = &problem->persistent_volumes[i];
        if (one->name == claim->volume_name) {
            return (places){one->required_terms, one->required_term_count,
                            one->is_local_or_host_path};
        }
    }
    const bool is_bound = claim != NULL && claim->volume_name != 0;
    const bool is_missing = claim == NULL && volume->kind == WB_VOLUME_CLAIM;
    const uint32_t class_name = claim != NULL ? claim->storage_class : volume->storage_class;
    for (uint32_t i = 0; !is_bound && !is_missing && i < problem->storage_class_count; i++) {
        const wb_storage_class *class = &problem->storage_classes[i];
        if (class_name != 0 ? class->name == class_name : class->is_default) {
            return (places){class->allowed_topologies, class->allowed_topology_count, false};
        }
    }
    return (places){0};
}

static bool place_holds(const wb_validation *of, uint32_t host, const wb_node_term *term,
                        bool ignores_host)
{
    for (uint32_t i = 0; i < term->expression_count; i++) {
        const wb_label_expression *expression = &term->expressions[i];
        if (!(ignores_host && expression->key == WB_NAME_HOSTNAME) &&
            !wb_validator_expression_holds(of, host, expression) &&
            !may_be_thought_known(of, host, wb_names_unalias(of->intern, expression->key), 1)) {
            return false;
        }
    }
    return true;
}

static bool check_volumes(wb_validation *of, const wb_validator_resident *pod)
{
    const wb_pod_template *template = of->classes[pod->class_id].template;
    for (uint32_t v = 0; v < template->volume_count; v++) {
        const wb_volume *volume = &template->volumes[v];
        if (volume->kind != WB_VOLUME_CLAIM && volume->kind != WB_VOLUME_EPHEMERAL) {
            continue;
        }
        const places allowed = places_of(of, pod, volume);
        bool holds = allowed.count == 0;
        for (uint32_t i = 0; i < allowed.count && !holds; i++) {
            holds = place_holds(of, pod->host, &allowed.terms[i], allowed.ignores_host);
        }
        if (!holds) {
            wb_text_add_format(of->violation, "%s has volume %s, which may not be where %s is",
                               wb_validator_pod_name(of, pod->pod_index), text_of(of, volume->name),
                               host_name(of, pod->host));
            return false;
        }
    }
    return true;
}

/* ---- host ports ---- */

static bool check_daemon_ports(wb_validation *of, const wb_validator_resident *pod)
{
    const wb_pod_template *template = of->classes[pod->class_id].template;
    const wb_solver_claim *claim = &of->result->claims[pod->host - of->problem->node_count];
    for (uint32_t i = 0; i < claim->type_count; i++) {
        const wb_validator_daemons *daemons =
            wb_validator_daemons_of(of, claim->pool_index, claim->type_indices[i]);
        if (wb_validator_ports_clash(of, template->host_ports, template->host_port_count,
                                     daemons->ports, daemons->port_count)) {
            wb_text_add_format(of->violation, "%s shares a host port with a DaemonSet in %s",
                               wb_validator_pod_name(of, pod->pod_index), host_name(of, pod->host));
            return false;
        }
    }
    return true;
}

static bool check_ports(wb_validation *of, const wb_validator_resident *pod)
{
    const wb_pod_template *template = of->classes[pod->class_id].template;
    if (template->host_port_count == 0) {
        return true;
    }
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *other = &of->residents[i];
        const wb_pod_template *others = of->classes[other->class_id].template;
        if (other != pod && other->host == pod->host &&
            wb_validator_ports_clash(of, template->host_ports, template->host_port_count,
                                     others->host_ports, others->host_port_count)) {
            wb_text_add_format(of->violation, "%s shares a host port with another pod on %s",
                               wb_validator_pod_name(of, pod->pod_index), host_name(of, pod->host));
            return false;
        }
    }
    return pod->host < of->problem->node_count || check_daemon_ports(of, pod);
}

/* ---- all pods ---- */

static bool has_claim_volumes(const wb_pod_template *template)
{
    for (uint32_t v = 0; v < template->volume_count; v++) {
        if (template->volumes[v].kind == WB_VOLUME_CLAIM ||
            template->volumes[v].kind == WB_VOLUME_EPHEMERAL) {
            return true;
        }
    }
    return false;
}

bool wb_validator_check_pods(wb_validation *of)
{
    assert(of->violation->length == 0);
    uint32_t last_class = UINT32_MAX;
    uint32_t last_host = UINT32_MAX;
    for (uint32_t i = 0; i < of->resident_count; i++) {
        const wb_validator_resident *pod = &of->residents[i];
        if (pod->pod_index == UINT32_MAX) {
            continue; /* where it runs is not the solver's doing */
        }
        const bool is_new = pod->class_id != last_class || pod->host != last_host;
        last_class = pod->class_id;
        last_host = pod->host;
        const wb_arena_mark mark = wb_arena_get_mark(of->arena);
        if (is_new && (!check_labels(of, pod) || !check_taints(of, pod))) {
            return false;
        }
        if (has_claim_volumes(of->classes[pod->class_id].template) && !check_volumes(of, pod)) {
            return false;
        }
        wb_arena_rewind(of->arena, mark);
        if (!check_ports(of, pod)) { /* remembers what it learns of DaemonSets */
            return false;
        }
    }
    return true;
}
