/*
 * Filters that read one node and the shape alone: NodeUnschedulable, NodeName, TaintToleration,
 * NodeAffinity, NodePorts, NodeResourcesFit, in this order.
 *
 * Called for every node of every cycle, so a shape that comes back keeps an entry per node slot:
 * labels and taints are matched again only when the node's static version moved, resources and
 * ports when anything on the node did. In steady replay some 99 % of the entries are fresh, and a
 * fresh one costs a comparison of versions.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/cluster/scheduler_internal.h"

/* ---- labels and taints ---- */

/* Fields know metadata.name alone, and In and NotIn alone. */
static bool field_matches(const wb_label_expression *field, uint32_t node_name)
{
    bool is_listed = false;
    for (uint32_t i = 0; i < field->value_count; i++) {
        is_listed = is_listed || field->values[i] == node_name;
    }
    return field->op == WB_OPERATOR_IN ? is_listed : field->op == WB_OPERATOR_NOT_IN && !is_listed;
}

bool wb_scheduler_filter_node_term(const wb_scheduler_core *core, const wb_node_term *term,
                                   wb_labels labels, uint32_t node_name)
{
    if (term->expression_count == 0 && term->field_count == 0) {
        return false; /* an empty term matches nothing */
    }
    for (uint32_t i = 0; i < term->expression_count; i++) {
        if (!wb_label_expression_matches(core->intern, &term->expressions[i], labels)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < term->field_count; i++) {
        if (!field_matches(&term->fields[i], node_name)) {
            return false;
        }
    }
    return true;
}

bool wb_scheduler_filter_node_affinity(const wb_scheduler_core *core,
                                       const wb_pod_template *template, const wb_scheduler_row *row)
{
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label wanted = template->node_selector.items[i];
        if (!wb_labels_has(row->node.labels, wanted.key) ||
            wb_labels_get(row->node.labels, wanted.key) != wanted.value) {
            return false;
        }
    }
    if (!template->required_is_set) {
        return true;
    }
    for (uint32_t i = 0; i < template->required_term_count; i++) {
        if (wb_scheduler_filter_node_term(core, &template->required_terms[i], row->node.labels,
                                          row->node.name)) {
            return true;
        }
    }
    return false;
}

static bool tolerates(const wb_scheduler_core *core, const wb_pod_template *template,
                      const wb_taint *taint)
{
    return wb_tolerations_tolerate(core->intern, template->tolerations, template->toleration_count,
                                   taint);
}

bool wb_scheduler_filter_node_taints(const wb_scheduler_core *core, const wb_pod_template *template,
                                     const wb_scheduler_row *row)
{
    for (uint32_t i = 0; i < row->node.taint_count; i++) {
        const wb_taint *taint = &row->taints[i];
        if (taint->effect != WB_TAINT_PREFER_NO_SCHEDULE && !tolerates(core, template, taint)) {
            return false;
        }
    }
    return true;
}

/* The first static filter that rejects, or PASSED. */
static wb_scheduler_plugin static_verdict(const wb_scheduler_core *core,
                                          const wb_scheduler_shape *shape, uint32_t slot)
{
    const wb_scheduler_row *row = &core->rows[slot];
    const wb_pod_template *template = shape->template;
    if (row->node.is_unschedulable) {
        const wb_taint cordon = {.key = WB_NAME_TAINT_UNSCHEDULABLE,
                                 .effect = WB_TAINT_NO_SCHEDULE};
        if (!tolerates(core, template, &cordon)) {
            return WB_PLUGIN_NODE_UNSCHEDULABLE;
        }
    }
    if (template->node_name != 0 && template->node_name != row->node.name) {
        return WB_PLUGIN_NODE_NAME;
    }
    if (!wb_scheduler_filter_node_taints(core, template, row)) {
        return WB_PLUGIN_TAINT_TOLERATION;
    }
    if (!wb_scheduler_filter_node_affinity(core, template, row)) {
        return WB_PLUGIN_NODE_AFFINITY;
    }
    return WB_PLUGIN_PASSED;
}

/* ---- ports ---- */

static bool is_any_address(const wb_scheduler_core *core, uint32_t ip)
{
    return ip == 0 || strcmp(wb_intern_text(core->intern, ip), "0.0.0.0") == 0;
}

/* An address collides with itself and with every address. */
static bool ports_collide(const wb_scheduler_core *core, const wb_host_port *a,
                          const wb_host_port *b)
{
    assert(a->port != 0 && b->port != 0);
    return a->port == b->port && a->protocol == b->protocol &&
           (a->ip == b->ip || is_any_address(core, a->ip) || is_any_address(core, b->ip));
}

static bool templates_collide(const wb_scheduler_core *core, const wb_pod_template *a,
                              const wb_pod_template *b)
{
    for (uint32_t i = 0; i < a->host_port_count; i++) {
        for (uint32_t j = 0; j < b->host_port_count; j++) {
            if (ports_collide(core, &a->host_ports[i], &b->host_ports[j])) {
                return true;
            }
        }
    }
    return false;
}

static bool host_ports_are_free(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                                uint32_t slot)
{
    assert(core->rows[slot].host_port_pod_count <= core->rows[slot].pod_count);
    const wb_scheduler_row *row = &core->rows[slot];
    if (!shape->uses_host_ports || row->host_port_pod_count == 0) {
        return true;
    }
    for (uint32_t pod = row->first_pod; pod != WB_SCHEDULER_NONE; pod = core->pods[pod].next) {
        const wb_scheduler_shape *other = &core->shapes[core->pods[pod].pod.shape];
        if (other->uses_host_ports && templates_collide(core, shape->template, other->template)) {
            return false;
        }
    }
    return true;
}

/* ---- resources ---- */

/* Bits of the resources that lack; *out_hopeless: one of them exceeds the whole allocatable. */
static uint64_t lacking_resources(const wb_scheduler_core *core, const wb_scheduler_shape *shape,
                                  uint32_t slot, bool *out_hopeless)
{
    assert(core->resource_count <= core->resource_stride);
    const size_t first = (size_t)slot * core->resource_stride;
    const int64_t *restrict allocatable = &core->allocatable[first];
    const int64_t *restrict requested = &core->requested[first];
    uint64_t lacking = 0;
    bool is_hopeless = false;
    if (requested[WB_SCHEDULER_RESOURCE_PODS] + 1 > allocatable[WB_SCHEDULER_RESOURCE_PODS]) {
        lacking |= UINT64_C(1) << WB_SCHEDULER_RESOURCE_PODS; /* removing pods always helps */
    }
    for (uint32_t i = 0; i < shape->request_count; i++) {
        const uint32_t resource = shape->requests[i].resource;
        const int64_t amount = shape->requests[i].amount;
        if (amount > allocatable[resource] - requested[resource]) {
            lacking |= UINT64_C(1) << resource;
            is_hopeless = is_hopeless || amount > allocatable[resource];
        }
    }
    *out_hopeless = is_hopeless;
    return lacking;
}

/* ---- entries ---- */

/* Works an entry out, the static part only when labels, taints or cordon changed. Scores are
 * filled in only for a node that passes: nobody reads them elsewhere. */
static void fill_entry(wb_scheduler_core *core, const wb_scheduler_shape *shape, uint32_t slot,
                       wb_scheduler_entry *entry, wb_scheduler_detail *detail)
{
    const wb_scheduler_row *row = &core->rows[slot];
    assert(row->is_present);
    core->counters.filter_calls++;
    if (detail->static_version != row->static_version) {
        detail->static_plugin = (uint8_t)static_verdict(core, shape, slot);
        detail->static_version = row->static_version;
        if (detail->static_plugin == WB_PLUGIN_PASSED) {
            wb_scheduler_score_node_fill_static(core, shape, slot, detail);
        }
    }
    entry->version = core->versions[slot];
    entry->plugin = detail->static_plugin;
    entry->soft_taints = detail->soft_taints;
    detail->lacking = 0;
    detail->is_unresolvable = entry->plugin != WB_PLUGIN_PASSED;
    if (entry->plugin != WB_PLUGIN_PASSED) {
        return;
    }
    if (!host_ports_are_free(core, shape, slot)) {
        entry->plugin = WB_PLUGIN_NODE_PORTS;
        return;
    }
    detail->lacking = lacking_resources(core, shape, slot, &detail->is_unresolvable);
    if (detail->lacking != 0) {
        entry->plugin = WB_PLUGIN_NODE_RESOURCES_FIT;
        return;
    }
    wb_scheduler_score_node_fill(core, shape, slot, entry);
}

/* Adds sign nodes with this verdict to the histogram of shape's failures. */
static void count_verdict(wb_scheduler_failure *failure, uint8_t plugin, uint64_t lacking,
                          uint32_t sign)
{
    assert(failure->histogram != NULL && plugin <= WB_PLUGIN_PASSED);
    if (plugin == WB_PLUGIN_PASSED) {
        failure->passing_count += sign;
    } else if (plugin != WB_PLUGIN_NODE_RESOURCES_FIT) {
        failure->histogram[wb_scheduler_report_plugin_reason(plugin)] += sign;
    } else {
        for (uint64_t bits = lacking; bits != 0; bits &= bits - 1) {
            failure->histogram[WB_REASON_COUNT + (uint32_t)__builtin_ctzll(bits)] += sign;
        }
    }
    failure->is_text_stale = true;
}

#define MINUS_ONE UINT32_MAX

const wb_scheduler_entry *wb_scheduler_filter_node_entry(wb_scheduler_core *core,
                                                         wb_scheduler_shape *shape, uint32_t slot)
{
    assert(slot < core->slot_count);
    if (shape->entries == NULL || slot >= shape->entry_capacity) {
        core->uncached_entry = (wb_scheduler_entry){0};
        core->uncached_detail = (wb_scheduler_detail){0};
        fill_entry(core, shape, slot, &core->uncached_entry, &core->uncached_detail);
        return &core->uncached_entry;
    }
    wb_scheduler_entry *entry = &shape->entries[slot];
    if (entry->version == core->versions[slot]) {
        return entry;
    }
    const wb_scheduler_entry before = *entry;
    const uint64_t lacked = shape->details[slot].lacking;
    fill_entry(core, shape, slot, entry, &shape->details[slot]);
    if (shape->failure.is_counted && (before.version == 0 || before.plugin != entry->plugin ||
                                      lacked != shape->details[slot].lacking)) {
        if (before.version != 0) {
            count_verdict(&shape->failure, before.plugin, lacked, MINUS_ONE);
        }
        count_verdict(&shape->failure, entry->plugin, shape->details[slot].lacking, 1);
    }
    return entry;
}

const wb_scheduler_detail *wb_scheduler_filter_node_detail(wb_scheduler_core *core,
                                                           wb_scheduler_shape *shape, uint32_t slot)
{
    const wb_scheduler_entry *entry = wb_scheduler_filter_node_entry(core, shape, slot);
    return entry == &core->uncached_entry ? &core->uncached_detail : &shape->details[slot];
}

void wb_scheduler_filter_node_forget(wb_scheduler_shape *shape, uint32_t slot)
{
    assert(slot < shape->entry_capacity);
    wb_scheduler_entry *entry = &shape->entries[slot];
    if (entry->version != 0 && shape->failure.is_counted) {
        count_verdict(&shape->failure, entry->plugin, shape->details[slot].lacking, MINUS_ONE);
    }
    *entry = (wb_scheduler_entry){0};
    shape->details[slot] = (wb_scheduler_detail){0};
}
