/*
 * Everything that NodePools could buy, and for which pods: the widest reading of the rules, for
 * bounds that must hold for any schedule.
 *
 * An option is a pool, an instance type and an offering that the pool's requirements let through;
 * its limits, budgets and the availability of the moment do not count. A wish is what a pod says of
 * nodes: selector and required affinity (any of its terms), tolerations. Preferences, spreading,
 * affinity to other pods, volumes and ports are left out, so that options are allowed that the real
 * scheduler would refuse, and never the other way round. Some 10,000 options, 1 to 100 wishes.
 */
#ifndef WB_SOLVER_MACHINE_LIST_H
#define WB_SOLVER_MACHINE_LIST_H

#include "kube/pod.h"
#include "solver/solver_world.h"

/* Indices are the world's; the offering's counts within its type. */
typedef struct wb_machine_option {
    uint32_t pool_index, type_index, offering_index;
    wb_offering offering;
} wb_machine_option;

/* Every option of the world's pools, in the order of pools, types, offerings; reserved capacity is
 * left out. Lives in arena. */
uint32_t wb_machine_list_make(wb_arena *arena, const wb_solver_world *world,
                              const wb_machine_option **out);

/* What a pod of a template asks of its node. */
typedef struct wb_machine_wish {
    const wb_requirements *alternatives; /* one of them must be met; none: no node does */
    uint32_t alternative_count;
    const wb_toleration *tolerations; /* borrowed from the template */
    uint32_t toleration_count;
    bool names_hosts; /* asks for certain nodes by name, which no option can tell */
} wb_machine_wish;

/* The wish of a template, in arena. */
wb_machine_wish wb_machine_list_wish(wb_arena *arena, wb_intern *intern,
                                     const wb_pod_template *template);

/* Whether two wishes are met by the same options. */
bool wb_machine_list_same(const wb_machine_wish *a, const wb_machine_wish *b);

/* Whether the option can be a node for such a pod. */
bool wb_machine_list_allows(const wb_solver_world *world, const wb_machine_option *option,
                            const wb_machine_wish *wish);

/* Whether every node of the option carries a pod of that DaemonSet, whatever else its labels turn
 * out to be: startup taints must be tolerated too, and only labels with known values count. */
bool wb_machine_list_carries(const wb_solver_world *world, const wb_machine_option *option,
                             const wb_machine_wish *daemon);

#endif
