/*
 * A topology group: one spread, affinity or anti-affinity rule and its counts per domain.
 *
 * Pods whose rules are the same share a group. A domain is a value of the group's key; of the key
 * hostname every node and open claim is one, counted in an array by host index. Other keys have 3
 * to 10 domains (zones), kept in the order of their texts, since ties go to the smallest.
 * Some 1 to 50 groups per solve. Source: spec/scheduling.md section 10.
 */
#ifndef WB_SOLVER_TOPOLOGY_GROUP_H
#define WB_SOLVER_TOPOLOGY_GROUP_H

#include "solver/pod_shape.h"

typedef enum wb_topology_kind {
    WB_TOPOLOGY_SPREAD,
    WB_TOPOLOGY_AFFINITY,
    WB_TOPOLOGY_ANTI_AFFINITY,
    WB_TOPOLOGY_INVERSE, /* required anti-affinity of others: counts owners, binds the selected */
} wb_topology_kind;

/* Nodes that a spread counts. */
typedef struct wb_topology_filter {
    const wb_requirements *terms; /* ORed; none: every node */
    uint32_t term_count;
    bool honors_affinity, honors_taints;
    wb_taints_tolerance tolerance;
} wb_topology_filter;

typedef struct wb_topology_domain {
    uint32_t value;
    int32_t count;
    bool is_given; /* by what the pools can make: stays known */
} wb_topology_domain;

/* Claims (hosts from first_claim on) that a hostname rule rules out for good: counts only grow. */
typedef struct wb_topology_taken {
    uint64_t *claims; /* bitset by claim */
    size_t word_count;
} wb_topology_taken;

typedef struct wb_topology_group {
    wb_topology_kind kind;
    uint32_t key;
    bool is_hostname;
    const uint32_t *namespaces; /* ascending ids */
    uint32_t namespace_count;
    wb_label_selector selector; /* expressions and values in a fixed order */
    int32_t max_skew, min_domains;
    wb_topology_filter filter;
    wb_topology_domain *domains; /* by text; not for hostname */
    uint32_t domain_count, domain_capacity, given_count;
    int32_t *host_counts; /* hostname only */
    uint32_t host_capacity;
    bool counts_are_borrowed;   /* domains and host_counts are another group's until changed */
    uint32_t first_claim;       /* hosts below are nodes */
    wb_topology_taken taken[2]; /* for pods that the group does not select, and that it does */
    uint32_t used_count;        /* domains or hosts with a count above zero */
    uint64_t version;           /* changes with every count */
} wb_topology_group;

/* Whether both count the same nodes for the same reasons. */
bool wb_topology_filters_equal(const wb_topology_filter *a, const wb_topology_filter *b);

/* Whether upstream takes the two for one and the same rule: minDomains does not count, nor do the
 * operators and values of a filter; the first one's stay. */
bool wb_topology_group_equals(const wb_topology_group *a, const wb_topology_group *b);

/* Whether the group's namespaces and selector select pods with labels. */
bool wb_topology_group_selects(const wb_topology_group *group, const wb_pod_labels *labels);

/* Whether pods with labels that run already count: upstream lists them with the rule's selector,
 * and without one lists all of its namespaces, though such a rule selects no pod. */
bool wb_topology_group_counts_running(const wb_topology_group *group, const wb_pod_labels *labels);

/* Whether a node with these taints and requirements counts. */
bool wb_topology_group_counts_node(const wb_topology_group *group, const wb_intern *intern,
                                   const wb_taint *taints, uint32_t taint_count,
                                   wb_requirements requirements);

/* The same group over again, whose counts are copied when first changed; lender's must not change
 * as long as they are borrowed. */
wb_topology_group wb_topology_group_borrow(const wb_topology_group *lender);

/* Makes value known, with its count; makes the domain at that index unknown again; makes host known
 * up to its index. */
wb_topology_domain *wb_topology_group_domain(wb_topology_group *group, wb_arena *arena,
                                             const wb_intern *intern, uint32_t value);
void wb_topology_group_forget(wb_topology_group *group, wb_arena *arena, uint32_t domain_index);
void wb_topology_group_reserve_host(wb_topology_group *group, wb_arena *arena, uint32_t host_index);

/* One more pod in a domain, or on a host. */
void wb_topology_group_record(wb_topology_group *group, wb_arena *arena, const wb_intern *intern,
                              uint32_t value);
void wb_topology_group_record_host(wb_topology_group *group, wb_arena *arena, uint32_t host_index);

/* Section 10.3: the domains that a pod of shape may still choose, given what the node side and the
 * pod side allow under the key (NULL: anything); DoesNotExist when there are none. Not for hostname
 * groups. */
wb_requirement wb_topology_group_choose(const wb_topology_group *group, wb_arena *arena,
                                        const wb_intern *intern, bool selects_itself,
                                        const wb_requirement *pod_side,
                                        const wb_requirement *node_side);

/* The same where the node side is one value: whether it is among the domains to choose from. */
bool wb_topology_group_allows_value(const wb_topology_group *group, const wb_intern *intern,
                                    bool selects_itself, const wb_requirement *pod_side,
                                    uint32_t value);

/* The same for a hostname group and one host. */
bool wb_topology_group_allows_host(const wb_topology_group *group, bool selects_itself,
                                   uint32_t host_index);

#endif
