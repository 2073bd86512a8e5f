/*
 * The AWS comparator: equal capacity but for a little memory, nearly equal allocatable and free
 * resources, equal labels apart from those that tell zones and groups apart.
 */
#include "sim/autoscaler/cluster_autoscaler/similar_groups.h"

#include <assert.h>
#include <string.h>

#include "kube/names.h"
#include "sim/autoscaler/cluster_autoscaler/ca_loop.h"

/* Labels in which similar groups may differ on AWS. */
static const char *const ignored_labels[] = {
    "kubernetes.io/hostname",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "topology.ebs.csi.aws.com/zone",
    "topology.k8s.aws/zone-id",
    "beta.kubernetes.io/fluentd-ds-ready",
    "kops.k8s.io/instancegroup",
    "alpha.eksctl.io/instance-id",
    "alpha.eksctl.io/nodegroup-name",
    "eks.amazonaws.com/nodegroup",
    "k8s.amazonaws.com/eniConfig",
    "lifecycle",
};

/* Whether a flag's list names the label. */
static bool is_in_list(const wb_ca_flags_list *list, const char *text)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* By nature, or by --balancing-ignore-label. */
static bool is_ignored(const wb_ca_loop *loop, uint32_t key)
{
    const char *text = wb_intern_text(loop->intern, key);
    for (size_t i = 0; i < sizeof(ignored_labels) / sizeof(ignored_labels[0]); i++) {
        if (strcmp(ignored_labels[i], text) == 0) {
            return true;
        }
    }
    return is_in_list(&loop->flags.balancing_ignore_label, text);
}

/* Each label of a that counts is in b with the same value. */
static bool labels_are_in(const wb_ca_loop *loop, wb_labels a, wb_labels b)
{
    const bool only_listed = loop->flags.balancing_label.count > 0;
    for (uint32_t i = 0; i < a.count; i++) {
        const wb_label label = a.items[i];
        const bool counts = only_listed ? is_in_list(&loop->flags.balancing_label,
                                                     wb_intern_text(loop->intern, label.key))
                                        : !is_ignored(loop, label.key);
        if (counts &&
            (!wb_labels_has(b, label.key) || wb_labels_get(b, label.key) != label.value)) {
            return false;
        }
    }
    return true;
}

/* Whether two amounts differ by at most this share of the larger. */
static bool is_within(int64_t a, int64_t b, double ratio)
{
    assert(ratio >= 0.0);
    const double larger = (double)(a > b ? a : b);
    const double smaller = (double)(a > b ? b : a);
    return larger - smaller <= larger * ratio;
}

/* Capacity must be equal but for memory. */
static bool capacities_agree(const wb_ca_loop *loop, wb_resource_list a, wb_resource_list b)
{
    if (a.count != b.count) {
        return false;
    }
    for (uint32_t i = 0; i < a.count; i++) {
        const uint32_t name = a.items[i].name;
        const int64_t other = wb_resource_list_get(b, name);
        if (!wb_resource_list_has(b, name) ||
            (name == WB_NAME_MEMORY
                 ? !is_within(a.items[i].amount, other, loop->flags.memory_difference_ratio)
                 : a.items[i].amount != other)) {
            return false;
        }
    }
    return true;
}

/* The same resources on both sides, in nearly the same amounts. */
static bool lists_agree(wb_resource_list a, wb_resource_list b, double ratio)
{
    if (a.count != b.count) {
        return false;
    }
    for (uint32_t i = 0; i < a.count; i++) {
        if (!wb_resource_list_has(b, a.items[i].name) ||
            !is_within(a.items[i].amount, wb_resource_list_get(b, a.items[i].name), ratio)) {
            return false;
        }
    }
    return true;
}

/* What is free of a resource once the template's own pods are there. */
static int64_t free_amount(const wb_ca_loop *loop, const wb_node_template *template, uint32_t name)
{
    assert(template->is_known);
    int64_t amount = wb_resource_list_get(template->allocatable, name);
    for (uint32_t i = 0; i < template->pod_count; i++) {
        const wb_pod_template *pod = loop->snapshot.shapes[template->pods[i].shape].template;
        amount -= wb_resource_list_get(pod->requests, name);
    }
    return amount;
}

static bool is_similar(const wb_ca_loop *loop, const wb_node_template *a, const wb_node_template *b)
{
    assert(a->is_known && b->is_known);
    if (!capacities_agree(loop, a->capacity, b->capacity) ||
        !lists_agree(a->allocatable, b->allocatable,
                     loop->flags.max_allocatable_difference_ratio)) {
        return false;
    }
    for (uint32_t i = 0; i < a->allocatable.count; i++) {
        const uint32_t name = a->allocatable.items[i].name;
        if (!is_within(free_amount(loop, a, name), free_amount(loop, b, name),
                       loop->flags.max_free_difference_ratio)) {
            return false;
        }
    }
    return labels_are_in(loop, a->labels, b->labels) && labels_are_in(loop, b->labels, a->labels);
}

uint32_t wb_similar_groups_find(const wb_ca_loop *loop, uint32_t group, uint32_t *out)
{
    assert(group < loop->group_count && out != NULL);
    uint32_t count = 0;
    for (uint32_t other = 0; other < loop->group_count; other++) {
        if (other != group && loop->templates[other].is_known &&
            is_similar(loop, &loop->templates[group], &loop->templates[other])) {
            out[count++] = other;
        }
    }
    return count;
}
