/*
 * DaemonSets: one pod on every node that the template's selector, affinity and tolerations allow.
 *
 * The pods are bound by the controller itself, past the scheduler's queue (the real ones pass
 * through it, pinned by affinity to one node). One that does not fit stays pending, is no business
 * of autoscalers, and is tried again whenever a pod leaves its node. They go with their node.
 *
 * A taint that appears later leaves running pods in place, as NoSchedule does in Kubernetes; a
 * label that no longer matches takes them away. A changed template replaces all pods at once.
 */
#include <assert.h>

#include "kube/names.h"
#include "sim/cluster/cluster_internal.h"

/* ---- who wants which node ---- */

/* The tolerations that the DaemonSet controller adds to every pod. */
static bool is_tolerated_by_daemons(const wb_cluster *cluster, const wb_pod_template *template,
                                    const wb_taint *taint)
{
    const struct wb_cluster_workloads *all = cluster->controllers;
    if (taint->key == WB_NAME_TAINT_NOT_READY || taint->key == WB_NAME_TAINT_UNREACHABLE) {
        return true;
    }
    if (taint->effect != WB_TAINT_NO_SCHEDULE) {
        return false;
    }
    return taint->key == WB_NAME_TAINT_UNSCHEDULABLE || taint->key == all->pressure_keys[0] ||
           taint->key == all->pressure_keys[1] || taint->key == all->pressure_keys[2] ||
           (taint->key == all->network_unavailable_key && template->is_host_network);
}

static bool tolerates_all(const wb_cluster *cluster, const wb_pod_template *template,
                          const wb_taint *taints, uint32_t taint_count)
{
    for (uint32_t i = 0; i < taint_count; i++) {
        if (taints[i].effect != WB_TAINT_PREFER_NO_SCHEDULE &&
            !is_tolerated_by_daemons(cluster, template, &taints[i]) &&
            !wb_tolerations_tolerate(cluster->intern, template->tolerations,
                                     template->toleration_count, &taints[i])) {
            return false;
        }
    }
    return true;
}

static bool matches_term(const wb_cluster *cluster, const wb_node_term *term, wb_labels labels)
{
    if (term->expression_count == 0 && term->field_count == 0) {
        return false;
    }
    for (uint32_t i = 0; i < term->expression_count; i++) {
        if (!wb_label_expression_matches(cluster->intern, &term->expressions[i], labels)) {
            return false;
        }
    }
    /* The only field is metadata.name; a node's host name label has the same value here. */
    const wb_label name = {cluster->controllers->field_name_key,
                           wb_labels_get(labels, WB_NAME_HOSTNAME)};
    for (uint32_t i = 0; i < term->field_count; i++) {
        if (!wb_label_expression_matches(cluster->intern, &term->fields[i],
                                         (wb_labels){&name, 1})) {
            return false;
        }
    }
    return true;
}

static bool selects_labels(const wb_cluster *cluster, const wb_pod_template *template,
                           wb_labels labels)
{
    for (uint32_t i = 0; i < template->node_selector.count; i++) {
        const wb_label wanted = template->node_selector.items[i];
        if (!wb_labels_has(labels, wanted.key) ||
            wb_labels_get(labels, wanted.key) != wanted.value) {
            return false;
        }
    }
    if (!template->required_is_set) {
        return true;
    }
    for (uint32_t i = 0; i < template->required_term_count; i++) {
        if (matches_term(cluster, &template->required_terms[i], labels)) {
            return true;
        }
    }
    return false;
}

uint32_t wb_cluster_daemonsets_for(const wb_cluster *cluster, wb_labels labels,
                                   const wb_taint *taints, uint32_t taint_count,
                                   uint32_t *out_workloads)
{
    assert(cluster != NULL && out_workloads != NULL);
    assert(taints != NULL || taint_count == 0);
    const wb_id_list *daemonsets = &cluster->controllers->daemonsets;
    uint32_t count = 0;
    for (uint32_t i = 0; i < daemonsets->count; i++) {
        const wb_pod_template *template = cluster->workloads[daemonsets->ids[i]].template;
        if (selects_labels(cluster, template, labels) &&
            tolerates_all(cluster, template, taints, taint_count)) {
            out_workloads[count++] = daemonsets->ids[i];
        }
    }
    return count;
}

/* ---- pods ---- */

/* The DaemonSet's living pod on or for the node, or WB_NO_ID. */
static uint32_t find_daemon(wb_cluster *cluster, uint32_t owner_id, uint32_t node_id)
{
    const wb_pod_table *pods = &cluster->pods;
    for (uint32_t id = cluster->nodes[node_id].first_pod; id != WB_NO_ID;
         id = pods->next_on_node[id]) {
        cluster->visit_count++;
        if (pods->owner_id[id] == owner_id) {
            return id;
        }
    }
    for (uint32_t id = cluster->nodes[node_id].first_waiting; id != WB_NO_ID;
         id = pods->next_on_node[id]) {
        cluster->visit_count++;
        if (pods->owner_id[id] == owner_id) {
            return id;
        }
    }
    return WB_NO_ID;
}

/* The link that ends the chain of waiting pods, or that leads to pod_id (WB_NO_ID: to the end). */
static uint32_t *find_waiting_link(wb_cluster *cluster, uint32_t node_id, uint32_t pod_id)
{
    uint32_t *link = &cluster->nodes[node_id].first_waiting;
    while (*link != pod_id) {
        assert(*link != WB_NO_ID);
        cluster->visit_count++;
        link = &cluster->pods.next_on_node[*link];
    }
    return link;
}

void wb_cluster_forget_waiting_daemon(wb_cluster *cluster, uint32_t pod_id)
{
    wb_pod_table *pods = &cluster->pods;
    uint32_t *link = find_waiting_link(cluster, pods->nominated_node_id[pod_id], pod_id);
    *link = pods->next_on_node[pod_id];
    pods->next_on_node[pod_id] = WB_NO_ID;
}

/* The pod exists either way; one that does not fit shows as pending, as it would in kubectl, and
 * leaves a trace in the node's chain of waiting pods instead of in the scheduler's queue. */
static void create_daemon(wb_cluster *cluster, uint32_t workload_index, uint32_t node_id)
{
    const wb_controller *controller = &cluster->controllers->items[workload_index];
    const uint32_t ordinal = cluster->owners[controller->owner_id].created_count++;
    const uint32_t shape_id = controller->shape_id;
    const uint32_t pod_id =
        wb_cluster_create_controlled(cluster, workload_index, ordinal, WB_NO_ID);
    if (pod_id == WB_NO_ID) {
        return;
    }
    if (wb_cluster_node_fits(cluster, node_id, shape_id)) {
        wb_cluster_bind_pod(cluster, pod_id, node_id);
    } else {
        cluster->pods.nominated_node_id[pod_id] = node_id;
        *find_waiting_link(cluster, node_id, WB_NO_ID) = pod_id;
    }
}

/* One DaemonSet on one node: creates its pod, lets it be, or takes it away. */
static void settle(wb_cluster *cluster, uint32_t workload_index, uint32_t node_id)
{
    const wb_controller *controller = &cluster->controllers->items[workload_index];
    const wb_cluster_node *node = &cluster->nodes[node_id];
    const wb_pod_template *template = cluster->workloads[workload_index].template;
    assert(node->state != WB_NODE_STATE_GONE);
    const bool is_selected = selects_labels(cluster, template, node->labels);
    const uint32_t pod_id = find_daemon(cluster, controller->owner_id, node_id);
    if (pod_id != WB_NO_ID) {
        const bool is_outdated = cluster->pods.shape_id[pod_id] != controller->shape_id;
        if (!is_selected || is_outdated) {
            wb_cluster_delete_pod(cluster, pod_id, WB_CAUSE_WORKLOAD);
        }
        return; /* when it is gone, this looks again */
    }
    if (is_selected && tolerates_all(cluster, template, node->taints, node->taint_count)) {
        create_daemon(cluster, workload_index, node_id);
    }
}

void wb_cluster_refresh_daemons(wb_cluster *cluster, uint32_t node_id)
{
    const wb_id_list *daemonsets = &cluster->controllers->daemonsets;
    for (uint32_t i = 0; i < daemonsets->count; i++) {
        settle(cluster, daemonsets->ids[i], node_id);
    }
}

void wb_cluster_reconcile_daemonset(wb_cluster *cluster, uint32_t workload_index)
{
    for (uint32_t i = 0; i < cluster->living_node_count; i++) {
        cluster->visit_count++;
        settle(cluster, workload_index, cluster->living_nodes[i]);
    }
}

void wb_cluster_daemonset_ended_pod(wb_cluster *cluster, uint32_t pod_id)
{
    const wb_pod_table *pods = &cluster->pods;
    const uint32_t node_id =
        pods->node_id[pod_id] != WB_NO_ID ? pods->node_id[pod_id] : pods->nominated_node_id[pod_id];
    const uint32_t owner_id = pods->owner_id[pod_id];
    if (node_id != WB_NO_ID && cluster->nodes[node_id].state != WB_NODE_STATE_GONE) {
        settle(cluster, cluster->owners[owner_id].workload_index, node_id);
    }
}

void wb_cluster_bind_waiting_daemons(wb_cluster *cluster, uint32_t node_id)
{
    if (cluster->nodes[node_id].state == WB_NODE_STATE_GONE) {
        return;
    }
    uint32_t pod_id = cluster->nodes[node_id].first_waiting;
    while (pod_id != WB_NO_ID) {
        const uint32_t next = cluster->pods.next_on_node[pod_id];
        cluster->visit_count++;
        if (wb_cluster_node_fits(cluster, node_id, cluster->pods.shape_id[pod_id])) {
            wb_cluster_forget_waiting_daemon(cluster, pod_id);
            wb_cluster_bind_pod(cluster, pod_id, node_id);
        }
        pod_id = next;
    }
}

void wb_cluster_end_waiting_daemons(wb_cluster *cluster, uint32_t node_id)
{
    assert(cluster->nodes[node_id].state == WB_NODE_STATE_GONE); /* so that none comes back */
    while (cluster->nodes[node_id].first_waiting != WB_NO_ID) {
        wb_cluster_end_pod(cluster, cluster->nodes[node_id].first_waiting, WB_POD_STATE_DELETED,
                           WB_CAUSE_WORKLOAD);
    }
}
