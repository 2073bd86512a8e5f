/*
 * Which pods may be in a batch, and the words for why a pod found no place.
 * Source: spec/scheduling.md section 1; class names: golden/scheduling/README.md.
 */
#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "solver/provisioning.h"
#include "solver/volumes.h"

static bool is_bound_or_gated(const wb_pod *pod)
{
    return pod->template->node_name != 0 || pod->nominated_node_name != 0 ||
           pod->template->has_scheduling_gates || !pod->is_unschedulable ||
           pod->phase == WB_POD_SUCCEEDED || pod->phase == WB_POD_FAILED;
}

/* Values that some label can have at all. */
static bool is_known_value(const wb_intern *intern, uint32_t key, uint32_t value)
{
    if (key == WB_NAME_CAPACITY_TYPE) {
        return value == WB_NAME_ON_DEMAND || value == WB_NAME_SPOT || value == WB_NAME_RESERVED;
    }
    return value == WB_NAME_DEFAULT || strcmp(wb_intern_text(intern, value), "dedicated") == 0;
}

static bool asks_only_unknown(const wb_intern *intern, uint32_t key, const uint32_t *values,
                              uint32_t count)
{
    if (key != WB_NAME_CAPACITY_TYPE && key != WB_NAME_INSTANCE_TENANCY) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (is_known_value(intern, key, values[i])) {
            return false;
        }
    }
    return true;
}

static wb_pod_verdict check_expression(wb_intern *intern, const wb_label_expression *expression)
{
    const uint32_t key = wb_names_unalias(intern, expression->key);
    if (key == WB_NAME_NODEPOOL && expression->op == WB_OPERATOR_DOES_NOT_EXIST) {
        return WB_POD_IGNORED_OPT_OUT;
    }
    if (wb_names_is_restricted(intern, key)) {
        return WB_POD_IGNORED_RESTRICTED_LABEL;
    }
    if (expression->op == WB_OPERATOR_IN &&
        asks_only_unknown(intern, key, expression->values, expression->value_count)) {
        return WB_POD_IGNORED_UNKNOWN_VALUE;
    }
    return WB_POD_PROVISIONABLE;
}

static wb_pod_verdict check_term(wb_intern *intern, const wb_node_term *term)
{
    if (term->field_count > 0) {
        return WB_POD_IGNORED_MATCH_FIELDS;
    }
    for (uint32_t i = 0; i < term->expression_count; i++) {
        const wb_pod_verdict verdict = check_expression(intern, &term->expressions[i]);
        if (verdict != WB_POD_PROVISIONABLE) {
            return verdict;
        }
    }
    return WB_POD_PROVISIONABLE;
}

wb_pod_verdict wb_provisioning_validate(wb_intern *intern, const wb_solver_problem *problem,
                                        const wb_pod_template *template, uint32_t pod_name,
                                        uint32_t namespace_name)
{
    assert(intern != NULL && problem != NULL && template != NULL);
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label *label = &template->node_selector.items[i];
        const wb_label_expression as_expression = {
            .key = label->key, .op = WB_OPERATOR_IN, .value_count = 1, .values = &label->value};
        const wb_pod_verdict verdict = check_expression(intern, &as_expression);
        if (verdict != WB_POD_PROVISIONABLE) {
            return verdict;
        }
    }
    for (uint32_t i = 0; i < template->required_term_count; i++) {
        const wb_pod_verdict verdict = check_term(intern, &template->required_terms[i]);
        if (verdict != WB_POD_PROVISIONABLE) {
            return verdict;
        }
    }
    return wb_volumes_are_valid(intern, problem, template, pod_name, namespace_name)
               ? WB_POD_PROVISIONABLE
               : WB_POD_IGNORED_VOLUME;
}

wb_pod_verdict wb_provisioning_check(wb_intern *intern, const wb_solver_problem *problem,
                                     const wb_pod *pod)
{
    assert(intern != NULL && problem != NULL);
    assert(pod->template != NULL);
    if (is_bound_or_gated(pod) || pod->owner_kind == WB_OWNER_DAEMON_SET ||
        pod->owner_kind == WB_OWNER_NODE) {
        return WB_POD_NOT_CONSIDERED;
    }
    return wb_provisioning_validate(intern, problem, pod->template, pod->name, pod->namespace_name);
}

static const struct {
    uint32_t bit;
    const char *name, *sentence;
} classes[] = {
    {WB_REFUSED_TAINT, "taint", "the pod does not tolerate a taint of the NodePool"},
    {WB_REFUSED_REQUIREMENTS, "requirements", "the NodePool's requirements exclude the pod's"},
    {WB_REFUSED_UNDEFINED_LABEL, "requirements:undefined-label",
     "the pod asks for a label that the NodePool does not define"},
    {WB_REFUSED_VOLUME_REQUIREMENTS, "volume-requirements",
     "the pod's volumes are where the NodePool can't go"},
    {WB_REFUSED_TOPOLOGY, "topology", "no domain satisfies a spread or affinity rule"},
    {WB_REFUSED_TOPOLOGY_CONFLICT, "topology-conflict",
     "two spread or affinity rules choose different domains"},
    {WB_REFUSED_LIMITS, "limits", "every instance type goes beyond the NodePool's limits"},
    {WB_REFUSED_NODE_LIMITS, "node-limits", "the NodePool has as many nodes as it may"},
    {WB_REFUSED_MIN_VALUES, "min-values", "too few values are left for minValues"},
    {WB_REFUSED_RESERVED_OFFERING, "reserved-offering",
     "a capacity reservation would serve, but has no instance left"},
    {WB_REFUSED_DRA, "dra", "the pod uses dynamic resource allocation"},
    {WB_REFUSED_NO_NODEPOOL, "no-nodepool", "no NodePool has any instance type"},
    {WB_REFUSED_INSTANCE_TYPES, "instance-types", "no instance type is left"},
    {WB_REFUSED_TYPES_REQ, "instance-types:req", "none meets the requirements"},
    {WB_REFUSED_TYPES_FIT, "instance-types:fit", "none has room"},
    {WB_REFUSED_TYPES_REQ_FIT, "instance-types:req|fit",
     "none meets the requirements, and none has room"},
    {WB_REFUSED_TYPES_OFF, "instance-types:off", "none has an available offering"},
    {WB_REFUSED_TYPES_REQ_OFF, "instance-types:req|off",
     "none meets the requirements, and none has an available offering"},
    {WB_REFUSED_TYPES_FIT_OFF, "instance-types:fit|off", "none has an available offering"},
    {WB_REFUSED_TYPES_REQ_FIT_OFF, "instance-types:req|fit|off",
     "none meets the requirements, and none has an available offering"},
    {WB_REFUSED_TYPES_REQ_AMONG_FIT_OFF, "instance-types:req-among-fit&off",
     "those with room and an offering do not meet the requirements"},
    {WB_REFUSED_TYPES_FIT_AMONG_REQ_OFF, "instance-types:fit-among-req&off",
     "those that meet the requirements and have an offering lack room"},
    {WB_REFUSED_TYPES_OFF_AMONG_REQ_FIT, "instance-types:off-among-req&fit",
     "those that meet the requirements and have room are not available"},
    {WB_REFUSED_TYPES_TRIPLE, "instance-types:triple",
     "none meets requirements, room and offering together"},
    {WB_REFUSED_CUT_OFF, "cut-off", "the solve was cut off before the pod's turn"},
};

const char *wb_provisioning_refused_name(uint32_t bit)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (classes[i].bit == bit) {
            return classes[i].name;
        }
    }
    assert(false && "one of the WB_REFUSED_* bits");
    return "";
}

const char *wb_provisioning_refused_sentence(uint32_t bit)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (classes[i].bit == bit) {
            return classes[i].sentence;
        }
    }
    assert(false && "one of the WB_REFUSED_* bits");
    return "";
}

void wb_provisioning_reason_print(const wb_solver_world *world, const wb_solver_reason *reason,
                                  wb_text *out)
{
    assert(world != NULL && reason != NULL && out != NULL);
    const wb_intern *intern = wb_solver_world_intern(world);
    const wb_nodepool *pool = wb_solver_world_pool(world, reason->pool_index);
    wb_text_add_format(out, "NodePool %s: ", wb_intern_text(intern, pool->name));
    const char *separator = "";
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if ((reason->refused & classes[i].bit) != 0) {
            wb_text_add_format(out, "%s%s", separator, classes[i].sentence);
            separator = "; ";
        }
    }
    if (reason->key != 0) {
        wb_text_add_format(out, " (%s)", wb_intern_text(intern, reason->key));
    }
    if ((reason->refused & WB_REFUSED_INSTANCE_TYPES) != 0) {
        wb_text_add_format(out,
                           ": of %u types %u meet the requirements, %u have room, %u are available",
                           reason->type_count, reason->req_type_count, reason->fit_type_count,
                           reason->off_type_count);
    }
}
