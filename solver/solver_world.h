/*
 * What a solver prepares once and uses for many solves: instance types, NodePools, DaemonSets, and
 * the shapes of the pods it has seen.
 *
 * A world is made when NodePools, catalog or DaemonSets change (make a new one then; nodes and
 * shapes belong to their world). Between solves only availability and price of offerings change.
 * A shape is everything about a pod that decides where it may go (its template and its namespace);
 * thousands of pods share one, and what the solver learnt of a shape it keeps.
 * Some 1,400 types, 1 to 50 NodePools, 0 to 20 DaemonSets, 1 to 10,000 shapes.
 * No clock, no I/O, no randomness; not to be shared between threads.
 */
#ifndef WB_SOLVER_SOLVER_WORLD_H
#define WB_SOLVER_SOLVER_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/intern.h"
#include "kube/catalog/catalog.h"
#include "kube/nodepool.h"
#include "kube/pod.h"
#include "solver/requirements.h"

typedef struct wb_solver_world wb_solver_world;

/* A NodePool and the instance types that its NodeClass offers. */
typedef struct wb_solver_pool {
    const wb_nodepool *nodepool; /* borrowed, must outlive the world */
    const wb_catalog *catalog;   /* borrowed; pools may share one (compared by address) */
} wb_solver_pool;

typedef struct wb_solver_world_desc {
    wb_intern *intern;           /* borrowed; grows */
    const wb_solver_pool *pools; /* in any order; static, unready and deleting ones are left out */
    uint32_t pool_count;
    const wb_catalog *catalog; /* borrowed; the types that existing nodes may have; may be NULL */
    const wb_pod_template *const *daemon_templates; /* borrowed, one per DaemonSet */
    uint32_t daemon_count;
    uint32_t daemon_namespace; /* interned; 0: kube-system */
    bool min_values_best_effort;
    bool reserved_capacity_off; /* the feature gate ReservedCapacity */
} wb_solver_world_desc;

/* Prepares a world: the handle lives in arena, everything else is the world's own and grows as it
 * learns. Must be released before arena ends. */
wb_solver_world *wb_solver_world_new(wb_arena *arena, const wb_solver_world_desc *desc);

/* Frees the world; nodes must have been freed before. */
void wb_solver_world_release(wb_solver_world *world);

/* The table of all texts that the world's ids name. */
wb_intern *wb_solver_world_intern(const wb_solver_world *world);

/* Instance types of the world: one index space over the catalogs of all pools, each catalog's types
 * in catalogue order. */
uint32_t wb_solver_world_type_count(const wb_solver_world *world);
const wb_catalog_type *wb_solver_world_type(const wb_solver_world *world, uint32_t type_index);

/* The offering as it is now; offering_index counts within the type, in catalogue order. */
wb_offering wb_solver_world_offering(const wb_solver_world *world, uint32_t type_index,
                                     uint32_t offering_index);

/* capacity - overhead (less hugepages), as the scheduler counts it. */
wb_resource_list wb_solver_world_allocatable(wb_arena *arena, const wb_solver_world *world,
                                             uint32_t type_index);

/* NodePools in the order in which they are tried: weight descending, then name descending.
 * Indices in results count in this order. Unusable pools (static, deleting, not ready) are left
 * out; a pool that no instance type satisfies is in. */
uint32_t wb_solver_world_pool_count(const wb_solver_world *world);
const wb_nodepool *wb_solver_world_pool(const wb_solver_world *world, uint32_t pool_index);

/* The pool of that name, or UINT32_MAX. */
uint32_t wb_solver_world_find_pool(const wb_solver_world *world, uint32_t name);

/* Switches an offering (every type of that name): the unavailable-offerings cache of the cloud
 * provider. zone 0: all zones. Changes nothing about domains or requirements. */
void wb_solver_world_set_available(wb_solver_world *world, uint32_t type_name, uint32_t zone,
                                   wb_capacity_type capacity_type, bool is_available);

/* A new price for an offering (every type of that name). */
void wb_solver_world_set_price(wb_solver_world *world, uint32_t type_name, uint32_t zone,
                               wb_capacity_type capacity_type, double price_usd_per_hour);

/* The same of one type alone: pools may believe in different prices of a name. */
void wb_solver_world_set_type_price(wb_solver_world *world, uint32_t type_index, uint32_t zone,
                                    wb_capacity_type capacity_type, double price_usd_per_hour);

/* Every offering back to what its catalog says: availability, price and reservation. */
void wb_solver_world_reset_offerings(wb_solver_world *world);

/* The shape of pods of template in a namespace; templates that no placement decision tells apart
 * give the same id, which counts from 0. template is borrowed and must outlive the world. */
uint32_t wb_solver_world_shape(wb_solver_world *world, const wb_pod_template *template,
                               uint32_t namespace_name);

/* Shapes seen so far. */
uint32_t wb_solver_world_shape_count(const wb_solver_world *world);

#endif
