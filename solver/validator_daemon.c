/*
 * DaemonSets that come along, and the host ports that they and others hold.
 *
 * Upstream forgets required terms of a DaemonSet that failed for one instance type (spec section
 * 13c), so it may overlook a DaemonSet that has several. Only those are counted here which upstream
 * must count as well: for instance types, where the last term, which is never forgotten, admits the
 * type; for nodes, where all terms do.
 */
#include <assert.h>
#include <string.h>

#include "solver/validator_internal.h"

/* ---- what a DaemonSet asks of labels ---- */

/* Its selector and one of its terms, as one list of expressions. */
typedef struct demands {
    wb_label_expression *expressions;
    uint32_t count;
} demands;

static demands demands_of(const wb_validation *of, const wb_pod_template *template,
                          const wb_node_term *term)
{
    const uint32_t term_count = term != NULL ? term->expression_count : 0;
    demands made = {
        .expressions = WB_ARENA_ARRAY(of->arena, wb_label_expression,
                                      (size_t) template->node_selector.count + term_count),
    };
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label *label = &template->node_selector.items[i];
        made.expressions[made.count++] = (wb_label_expression){
            .key = label->key, .op = WB_OPERATOR_IN, .value_count = 1, .values = &label->value};
    }
    for (uint32_t i = 0; i < term_count; i++) {
        made.expressions[made.count++] = term->expressions[i];
    }
    for (uint32_t i = 0; i < made.count; i++) {
        made.expressions[i].key = wb_names_unalias(of->intern, made.expressions[i].key);
    }
    return made;
}

/* Whether all expressions about key accept the value (NULL: that there is none). */
static bool all_accept(const wb_validation *of, const demands *asked, uint32_t key,
                       const wb_validator_value *value)
{
    for (uint32_t i = 0; i < asked->count; i++) {
        if (asked->expressions[i].key == key &&
            !wb_validator_accepts_value(of, &asked->expressions[i], value)) {
            return false;
        }
    }
    return true;
}

/* Requirements and labels of the pool, and what all of its nodes carry. */
static wb_requirements pool_labels(const wb_validation *of, const wb_nodepool *nodepool)
{
    static const uint32_t is_true[] = {WB_NAME_TRUE};
    wb_arena *arena = of->arena;
    wb_requirements made =
        wb_requirements_from_expressions(arena, of->intern, nodepool->requirements,
                                         nodepool->requirement_count);
    made = wb_requirements_merge(arena, of->intern, made,
                                 wb_requirements_from_labels(arena, of->intern, nodepool->labels));
    const wb_requirement fixed[] = {
        wb_requirement_in(arena, WB_NAME_NODEPOOL, &nodepool->name, 1),
        wb_requirement_in(arena, WB_NAME_REGISTERED, is_true, 1),
        wb_requirement_in(arena, WB_NAME_INITIALIZED, is_true, 1),
    };
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        made = wb_requirements_add(arena, of->intern, made, &fixed[i]);
    }
    return made;
}

/* Whether some node of the type from the pool meets the expression and the others of its key. */
static bool can_be_met(const wb_validation *of, wb_requirements pool,
                       wb_validator_type_label of_type, const demands *asked,
                       const wb_label_expression *expression)
{
    const wb_requirement *given = wb_requirements_get(pool, expression->key);
    if (given == NULL && !wb_names_is_well_known(expression->key)) {
        return all_accept(of, asked, expression->key, NULL); /* nodes won't have the label */
    }
    const wb_validator_options options = wb_validator_options_of(of, given, of_type, expression);
    bool can = options.may_be_absent && all_accept(of, asked, expression->key, NULL);
    for (uint32_t i = 0; i < options.count; i++) {
        can = can || all_accept(of, asked, expression->key, &options.values[i]);
    }
    return can;
}

static bool comes_to_type(const wb_validation *of, const wb_pod_template *template,
                          uint32_t pool_index, uint32_t type_index)
{
    const wb_nodepool *nodepool = wb_solver_world_pool(of->input->world, pool_index);
    for (uint32_t i = 0; i < nodepool->taint_count; i++) {
        const wb_taint *taint = &nodepool->taints[i];
        if (taint->effect != WB_TAINT_PREFER_NO_SCHEDULE &&
            !wb_tolerations_tolerate(of->intern, template->tolerations, template->toleration_count,
                                     taint)) {
            return false;
        }
    }
    const uint32_t term_count = template->required_term_count;
    const demands asked =
        demands_of(of, template, term_count > 0 ? &template->required_terms[term_count - 1] : NULL);
    if (asked.count == 0) {
        return true;
    }
    const wb_requirements pool = pool_labels(of, nodepool);
    for (uint32_t i = 0; i < asked.count; i++) {
        const wb_validator_type_label of_type =
            wb_validator_type_values(of, pool_index, type_index, asked.expressions[i].key);
        if (!can_be_met(of, pool, of_type, &asked, &asked.expressions[i])) {
            return false;
        }
    }
    return true;
}

const wb_validator_daemons *wb_validator_daemons_of(wb_validation *of, uint32_t pool_index,
                                                    uint32_t type_index)
{
    assert(type_index < wb_solver_world_type_count(of->input->world));
    const wb_solver_world_desc *desc = of->input->desc;
    const uint32_t stride = wb_solver_world_type_count(of->input->world);
    wb_validator_daemons *known = &of->daemons[(size_t)pool_index * stride + type_index];
    if (known->is_known) {
        return known;
    }
    known->is_known = true;
    for (uint32_t d = 0; d < desc->daemon_count; d++) {
        const wb_pod_template *template = desc->daemon_templates[d];
        if (!comes_to_type(of, template, pool_index, type_index)) {
            continue;
        }
        known->requests = wb_resource_list_add(of->arena, known->requests, template->requests);
        if (template->host_port_count > 0) {
            wb_host_port *ports =
                WB_ARENA_ARRAY(of->arena, wb_host_port,
                               (size_t)known->port_count + template->host_port_count);
            if (known->port_count > 0) {
                memcpy(ports, known->ports, known->port_count * sizeof(*ports));
            }
            memcpy(ports + known->port_count, template->host_ports,
                   template->host_port_count * sizeof(*ports));
            known->ports = ports;
            known->port_count += template->host_port_count;
        }
    }
    return known;
}

/* ---- existing nodes ---- */

static bool node_meets(const wb_validation *of, uint32_t node_index, const demands *asked)
{
    for (uint32_t i = 0; i < asked->count; i++) {
        uint32_t id = 0;
        const bool has = wb_validator_node_label(of, node_index, asked->expressions[i].key, &id);
        const wb_validator_value value = wb_validator_value_of(of->intern, id);
        if (!wb_validator_accepts_value(of, &asked->expressions[i], has ? &value : NULL)) {
            return false;
        }
    }
    return true;
}

/* Nodes are judged by the first term that is left, whichever that is: all must hold. */
static bool comes_to_node(const wb_validation *of, const wb_pod_template *template,
                          uint32_t node_index)
{
    const wb_solver_node_desc *desc = of->input->nodes[node_index].desc;
    for (uint32_t i = 0; i < desc->taint_count; i++) {
        if ((wb_validator_taint_blocks(of, desc, &desc->taints[i]) ||
             desc->taints[i].effect == WB_TAINT_PREFER_NO_SCHEDULE) &&
            !wb_tolerations_tolerate(of->intern, template->tolerations, template->toleration_count,
                                     &desc->taints[i])) {
            return false;
        }
    }
    demands asked = demands_of(of, template, NULL);
    bool meets = node_meets(of, node_index, &asked);
    for (uint32_t t = 0; meets && t < template->required_term_count; t++) {
        asked = demands_of(of, template, &template->required_terms[t]);
        meets = node_meets(of, node_index, &asked);
    }
    return meets;
}

wb_resource_list wb_validator_node_daemons(const wb_validation *of, uint32_t node_index)
{
    assert(node_index < of->problem->node_count);
    const wb_solver_world_desc *desc = of->input->desc;
    wb_resource_list sum = {0};
    for (uint32_t d = 0; d < desc->daemon_count; d++) {
        if (comes_to_node(of, desc->daemon_templates[d], node_index)) {
            sum = wb_resource_list_add(of->arena, sum, desc->daemon_templates[d]->requests);
        }
    }
    return sum;
}

/* ---- host ports ---- */

static bool is_any_address(const wb_intern *intern, uint32_t ip)
{
    const char *text = wb_intern_text(intern, ip);
    return ip == 0 || strcmp(text, "0.0.0.0") == 0 || strcmp(text, "::") == 0;
}

bool wb_validator_ports_clash(const wb_validation *of, const wb_host_port *a, uint32_t a_count,
                              const wb_host_port *b, uint32_t b_count)
{
    for (uint32_t i = 0; i < a_count; i++) {
        for (uint32_t j = 0; j < b_count; j++) {
            const bool is_same_address = a[i].ip == b[j].ip ||
                                         is_any_address(of->intern, a[i].ip) ||
                                         is_any_address(of->intern, b[j].ip);
            if (!a[i].is_init_container && !b[j].is_init_container && is_same_address &&
                a[i].port == b[j].port && a[i].protocol == b[j].protocol) {
                return true;
            }
        }
    }
    return false;
}
