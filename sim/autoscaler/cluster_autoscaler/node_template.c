/*
 * Templates: sanitising what a real node carries, and making new nodes of the result. Labels and
 * resources are borrowed from where they came, since neither changes during a run; taints are few
 * and copied.
 */
#include "sim/autoscaler/cluster_autoscaler/node_template.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "kube/names.h"

/* Put on nodes by their conditions, by the cloud controller or by the autoscaler itself. */
static const uint32_t passing_taints[] = {
    WB_NAME_TAINT_NOT_READY,     WB_NAME_TAINT_UNREACHABLE,   WB_NAME_TAINT_UNSCHEDULABLE,
    WB_NAME_TAINT_UNINITIALIZED, WB_NAME_TAINT_TO_BE_DELETED, WB_NAME_TAINT_DELETION_CANDIDATE,
};

static const char *const passing_taint_names[] = {
    "node.kubernetes.io/memory-pressure",
    "node.kubernetes.io/disk-pressure",
    "node.kubernetes.io/pid-pressure",
    "node.kubernetes.io/network-unavailable",
};

static const char *const startup_prefixes[] = {
    "startup-taint.cluster-autoscaler.kubernetes.io/",
    "ignore-taint.cluster-autoscaler.kubernetes.io/",
};

/* Whether a list of keys names this one. */
static bool is_listed(const wb_ca_flags_list *list, const char *key)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], key) == 0) {
            return true;
        }
    }
    return false;
}

bool wb_node_template_is_startup_taint(const wb_intern *intern, const wb_ca_flags *flags,
                                       uint32_t key)
{
    assert(intern != NULL && flags != NULL);
    const char *text = wb_intern_text(intern, key);
    for (size_t i = 0; i < sizeof(startup_prefixes) / sizeof(startup_prefixes[0]); i++) {
        if (strncmp(text, startup_prefixes[i], strlen(startup_prefixes[i])) == 0) {
            return true;
        }
    }
    return is_listed(&flags->startup_taint, text) || is_listed(&flags->ignore_taint, text);
}

/* Whether the taint belongs to a node's condition or to the autoscaler and not to its group. */
static bool drops_taint(const wb_intern *intern, const wb_ca_flags *flags, const wb_taint *taint)
{
    assert(taint->key != 0);
    for (size_t i = 0; i < sizeof(passing_taints) / sizeof(passing_taints[0]); i++) {
        if (taint->key == passing_taints[i]) {
            return true;
        }
    }
    const char *text = wb_intern_text(intern, taint->key);
    for (size_t i = 0; i < sizeof(passing_taint_names) / sizeof(passing_taint_names[0]); i++) {
        if (strcmp(text, passing_taint_names[i]) == 0) {
            return true;
        }
    }
    return wb_node_template_is_startup_taint(intern, flags, taint->key);
}

void wb_node_template_add_pod(wb_node_template *template, const wb_node_template_pod *pod)
{
    assert(template != NULL && pod != NULL);
    for (uint32_t i = 0; i < template->pod_count; i++) {
        if (pod->owner != WB_CA_SNAPSHOT_NONE && template->pods[i].owner == pod->owner) {
            return;
        }
    }
    if (template->pod_count < WB_NODE_TEMPLATE_PODS_MAX) { /* nobody runs that many */
        template->pods[template->pod_count++] = *pod;
    }
}

void wb_node_template_take_node(const wb_ca_snapshot *snapshot, const wb_ca_flags *flags,
                                uint32_t row, wb_node_template *out)
{
    assert(row < snapshot->node_row_count);
    const wb_ca_snapshot_node *node = &snapshot->nodes[row];
    const uint32_t group = out->group;
    const char *group_name = out->group_name;
    *out = (wb_node_template){
        .is_known = true,
        .is_from_node = true,
        .group = group,
        .group_name = group_name,
        .labels = node->labels,
        .capacity = node->capacity,
        .allocatable = node->allocatable,
    };
    for (uint32_t i = 0; i < node->taint_count; i++) {
        if (!drops_taint(snapshot->intern, flags, &node->taints[i])) {
            out->taints[out->taint_count++] = node->taints[i];
        }
    }
    for (uint32_t pod_row = node->first_pod; pod_row != WB_CA_SNAPSHOT_NONE;
         pod_row = snapshot->pods[pod_row].next) {
        const wb_ca_snapshot_pod *pod = &snapshot->pods[pod_row];
        if ((pod->is_daemon || pod->is_mirror) && pod->deletion_ms < 0) {
            const wb_node_template_pod kept = {.shape = pod->shape,
                                               .owner = pod->owner,
                                               .is_mirror = pod->is_mirror};
            wb_node_template_add_pod(out, &kept);
        }
    }
}

uint32_t wb_node_template_add_node(const wb_node_template *template, wb_ca_snapshot *snapshot,
                                   wb_arena *scratch, uint32_t ordinal)
{
    assert(template->is_known && snapshot->fork_depth > 0);
    char name[160];
    (void)snprintf(name, sizeof(name), "template-%.120s-%u", template->group_name, ordinal);
    wb_ca_snapshot_node node = {
        .node_id = WB_CA_SNAPSHOT_NONE,
        .name = wb_intern_add(snapshot->intern, name),
        .group = template->group,
        .taint_count = template->taint_count,
        .capacity = template->capacity,
        .allocatable = template->allocatable,
        .is_ready = true,
    };
    node.labels = wb_labels_with(scratch, template->labels, WB_NAME_HOSTNAME, node.name);
    memcpy(node.taints, template->taints, template->taint_count * sizeof(node.taints[0]));
    const uint32_t row = wb_ca_snapshot_add_node(snapshot, &node);
    for (uint32_t i = 0; i < template->pod_count; i++) {
        const wb_ca_snapshot_pod pod = {
            .pod_id = WB_CA_SNAPSHOT_NONE,
            .shape = template->pods[i].shape,
            .owner = template->pods[i].owner,
            .owner_kind = template->pods[i].is_mirror ? WB_OWNER_NODE : WB_OWNER_DAEMON_SET,
            .name = "",
            .deletion_ms = -1,
            .is_daemon = !template->pods[i].is_mirror,
            .is_mirror = template->pods[i].is_mirror,
        };
        (void)wb_ca_snapshot_add_pod(snapshot, &pod, row);
    }
    return row;
}
