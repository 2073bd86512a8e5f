/*
 * The inside of the validator: what its files share.
 *
 *     validator.c             every pod has one answer; claims and placements agree
 *     validator_match.c       label by label: what a node may carry, what a pod asks
 *     validator_claim.c       instance types, room, offerings, prices, minValues
 *     validator_limit.c       limits of NodePools and reservations
 *     validator_node.c        existing nodes: roles, taints, room
 *     validator_pod.c         what each pod asks of its host: labels, taints, volumes, ports
 *     validator_daemon.c      DaemonSets that come along
 *     validator_roster.c      who ends up where
 *     validator_view.c        a solve in the validator's words
 *     validator_topology.c    spread, affinity and anti-affinity over the roster
 *
 * Every check returns true, or false with the violation written.
 */
#ifndef WB_SOLVER_VALIDATOR_INTERNAL_H
#define WB_SOLVER_VALIDATOR_INTERNAL_H

#include "kube/names.h"
#include "solver/validator.h"

/* Pods with one template in one namespace: what selectors can't tell apart. */
typedef struct wb_validator_class {
    const wb_pod_template *template;
    uint32_t namespace_name;
} wb_validator_class;

/* A pod in its final place. Hosts are numbered: the nodes of the problem, then the claims. */
typedef struct wb_validator_resident {
    uint32_t class_id, host;
    uint32_t pod_index;   /* of the problem; UINT32_MAX: it ran there before */
    uint32_t rank;        /* its place in the claim's list */
    uint32_t pod_name;    /* interned; 0: not known */
    uint32_t count;       /* of equal ones; 1 for pods of the batch */
    bool is_terminating;  /* takes room, counts in no topology */
    bool is_daemon;       /* of a DaemonSet, running */
    bool is_being_placed; /* runs there, and is a pod of the batch: elsewhere in a moment */
} wb_validator_resident;

/* What DaemonSets take of a node of one type from one pool. */
typedef struct wb_validator_daemons {
    bool is_known;
    wb_resource_list requests;
    const wb_host_port *ports;
    uint32_t port_count;
} wb_validator_daemons;

typedef struct wb_validation {
    const wb_validator_input *input;
    const wb_solver_problem *problem;
    const wb_solver_result *result;
    wb_intern *intern;
    wb_arena *arena; /* everything below, until the answer is known */
    wb_text *violation;
    wb_validator_class *classes;
    uint32_t class_count;
    uint32_t *class_of_pod; /* by pod of the problem */
    wb_validator_resident *residents;
    uint32_t resident_count;
    wb_validator_daemons *daemons; /* by pool, then by type of the world */
} wb_validation;

/* "pod web-1", "pod 3" where it has no name; for sentences. */
const char *wb_validator_pod_name(const wb_validation *of, uint32_t pod_index);

/* ---- validator_match.c ---- */

/* One value that a label may have. */
typedef struct wb_validator_value {
    uint32_t id; /* interned; UINT32_MAX: a value that nobody has named */
    bool is_number;
    int64_t number;
} wb_validator_value;

/* All that may stand under a key on a node that does not exist yet. */
typedef struct wb_validator_options {
    wb_validator_value *values;
    uint32_t count, capacity;
    bool may_be_absent;
} wb_validator_options;

/* The catalog that a pool buys from. */
const wb_catalog *wb_validator_catalog(const wb_validation *of, uint32_t pool_index);

/* What an instance type has under a key, as far as the catalog says. */
typedef struct wb_validator_type_label {
    bool is_known;          /* false: nothing is said about that key */
    const uint32_t *values; /* none: a node of that type never has the label */
    uint32_t count;
} wb_validator_type_label;
wb_validator_type_label wb_validator_type_values(const wb_validation *of, uint32_t pool_index,
                                                 uint32_t type_index, uint32_t key);

/* Whether a requirement admits a value (NULL: admits anything). */
bool wb_validator_admits(const wb_requirement *requirement, const wb_validator_value *value);

/* A value as it is compared: by id, and as a number where it is one. */
wb_validator_value wb_validator_value_of(const wb_intern *intern, uint32_t id);

/* Whether an expression accepts a value, or that there is none (NULL). */
bool wb_validator_accepts_value(const wb_validation *of, const wb_label_expression *expression,
                                const wb_validator_value *value);

/* Whether selector and affinity of the class leave a value of key open, whichever term is used. */
bool wb_validator_class_allows(const wb_validation *of, uint32_t class_id, uint32_t key,
                               uint32_t id);

/* Everything that may stand under the expression's key: what the requirement (NULL: none) admits of
 * what the type has. Where both leave it open, the values that expression names and one that nobody
 * does. */
wb_validator_options wb_validator_options_of(const wb_validation *of,
                                             const wb_requirement *requirement,
                                             wb_validator_type_label type_label,
                                             const wb_label_expression *expression);

/* What a pod demands of labels: its selector, each expression of a term. Returns whether the node
 * of a host meets it in every form that it may take. */
bool wb_validator_expression_holds(const wb_validation *of, uint32_t host,
                                   const wb_label_expression *expression);
bool wb_validator_term_holds(const wb_validation *of, uint32_t host, const wb_node_term *term);
bool wb_validator_fields_hold(const wb_validation *of, uint32_t host, const wb_node_term *term);
bool wb_validator_selector_holds(const wb_validation *of, uint32_t host, wb_labels selector,
                                 uint32_t *out_key);

/* The value of a node's label, aliases and host name seen through; false: it has none. */
bool wb_validator_node_label(const wb_validation *of, uint32_t node_index, uint32_t key,
                             uint32_t *out_value);

/* ---- validator_node.c ---- */

/* Whether a taint of a node keeps pods away that don't tolerate it: not one that PreferNoSchedule
 * only advises, nor one that a starting node loses by itself. */
bool wb_validator_taint_blocks(const wb_validation *of, const wb_solver_node_desc *desc,
                               const wb_taint *taint);

/* ---- validator_daemon.c ---- */

/* DaemonSets that certainly come to nodes of the type from the pool. */
const wb_validator_daemons *wb_validator_daemons_of(wb_validation *of, uint32_t pool_index,
                                                    uint32_t type_index);

/* Requests of those that certainly come to an existing node. */
wb_resource_list wb_validator_node_daemons(const wb_validation *of, uint32_t node_index);

/* Whether two lists of host ports clash; init containers' ports don't count. */
bool wb_validator_ports_clash(const wb_validation *of, const wb_host_port *a, uint32_t a_count,
                              const wb_host_port *b, uint32_t b_count);

/* ---- the checks, in the order in which they are made ---- */

/* What each pod asks of its host on its own account. */
bool wb_validator_check_pods(wb_validation *of);

/* Existing nodes: that they take the pods at all, and have room. */
bool wb_validator_check_nodes(wb_validation *of);

/* Claims: every instance type listed can be had and has room, cheapest first. */
bool wb_validator_check_claims(wb_validation *of);

/* Limits of NodePools, instances of reservations. */
bool wb_validator_check_limits(wb_validation *of);

/* Spread, affinity, anti-affinity. */
bool wb_validator_check_topology(wb_validation *of);

/* Whether a node takes pods of the batch at all, by its role. */
bool wb_validator_node_is_offered(const wb_validation *of, uint32_t node_index);

/* Whether it is not on its way out, so that its domains are known without a pod in them. */
bool wb_validator_node_stays(const wb_validation *of, uint32_t node_index);

/* ---- validator_roster.c ---- */

/* Fills classes and residents. */
void wb_validator_fill_roster(wb_validation *of);

/* The values that a host may have under a topology key. */
typedef struct wb_validator_domains {
    const uint32_t *values;
    uint32_t count; /* 0: it has none, or any */
} wb_validator_domains;
wb_validator_domains wb_validator_host_domains(const wb_validation *of, uint32_t host,
                                               uint32_t key);

#endif
