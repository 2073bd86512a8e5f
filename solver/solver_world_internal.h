/*
 * The inside of a world, for the solver's own files.
 *
 * Resources have a dense index per world, so that sums are arrays; types are columns by resource
 * (allocatable[resource * type_stride + type]), so that "which types have room" is one loop over
 * plain integers. Sets of types are bitsets over the world's type index.
 */
#ifndef WB_SOLVER_SOLVER_WORLD_INTERNAL_H
#define WB_SOLVER_SOLVER_WORLD_INTERNAL_H

#include "base/bitset.h"
#include "base/hash_map.h"
#include "kube/names.h"
#include "solver/solver_world.h"

/* Dense indices that every world has: pods ask for these three. */
enum {
    WB_WORLD_CPU = 0,
    WB_WORLD_MEMORY = 1,
    WB_WORLD_PODS = 2,
    WB_WORLD_KEY_MEMOS = 64
};

/* One requested resource by its dense index. */
typedef struct wb_demand {
    uint32_t resource;
    int64_t amount;
} wb_demand;

typedef struct wb_demands {
    const wb_demand *items;
    uint32_t count;
} wb_demands;

typedef struct wb_world_type {
    const wb_catalog_type *source; /* borrowed */
    wb_requirements requirements;
    uint32_t first_offering, offering_count; /* in the world's offerings */
    bool is_negative;                        /* overhead exceeds capacity somewhere: never fits */
} wb_world_type;

typedef struct wb_world_offering {
    wb_offering now; /* price and availability as last set */
    wb_requirements requirements;
    uint32_t type_index;
    uint32_t zone_index; /* in the world's zones */
} wb_world_offering;

/* A DaemonSet's pod. Judging it changes it (spec 13c): required terms that failed once are gone,
 * and it tolerates PreferNoSchedule from the first look on. */
typedef struct wb_world_daemon {
    const wb_pod_template *template; /* borrowed */
    wb_demands demands;
    uint32_t first_term; /* of the template's required terms; those before are gone */
    bool tolerates_preference;
    wb_requirements *strict; /* per first_term */
} wb_world_daemon;

/* Types of one template that get the same DaemonSets. */
typedef struct wb_daemon_group {
    uint64_t *types;           /* bitset over the world's types */
    const uint32_t *daemons;   /* indices */
    uint32_t daemon_count;     /* 0: no overhead at all */
    const int64_t *overhead;   /* dense, world's resource_count at preparation */
    const bool *has_overhead;  /* dense: resources that the daemons name */
    uint32_t resource_count;   /* of overhead */
    const wb_host_port *ports; /* of the daemons */
    uint32_t port_count;
} wb_daemon_group;

/* A NodePool as a template for claims. */
typedef struct wb_world_pool {
    const wb_nodepool *nodepool; /* borrowed */
    wb_requirements requirements;
    wb_requirements given;         /* the pool's own requirements and labels, nothing added */
    uint32_t type_begin, type_end; /* of its catalog; the pool can use no others */
    uint64_t *compatible;          /* types that meet the requirements and have any room */
    bool limits_resources, limits_nodes;
    wb_demands limits;
    /* Below: by wb_solver_world_prepare, from the offerings of the moment. */
    uint64_t *types; /* candidates of a new claim */
    uint32_t type_count;
    int64_t *largest;       /* per limit: the most that a candidate has */
    uint32_t *largest_type; /* and one that has it */
    wb_daemon_group *groups;
    uint32_t group_count;
} wb_world_pool;

/* A value that some pool can give to a label key, and the pools that can. */
typedef struct wb_world_domain {
    uint32_t value;
    uint64_t *pools; /* bitset */
} wb_world_domain;

/* All values that pools can give to a key, in the order of their texts. */
typedef struct wb_world_universe {
    uint32_t key;
    wb_world_domain *domains;
    uint32_t count, capacity;
} wb_world_universe;

/* A label key and its current name, remembered while types are built. */
typedef struct wb_key_memo {
    uint32_t key, current;
} wb_key_memo;

typedef struct wb_solver_shape wb_solver_shape;
typedef struct wb_node_entry wb_node_entry;
typedef struct wb_solver_node wb_solver_node;
typedef struct wb_pod_labels wb_pod_labels;
typedef struct wb_pod_kind wb_pod_kind;
typedef struct wb_claim_classes wb_claim_classes;

struct wb_solver_world {
    wb_arena *arena;   /* lasting, below: not the caller's, which a solve may share and rewind */
    wb_arena lasting;  /* owned */
    wb_arena prepared; /* owned: what wb_solver_world_prepare made, emptied by the next */
    wb_intern *intern;
    uint32_t *resource_names;
    uint32_t resource_count, resource_capacity;
    uint32_t type_resource_count; /* resources that types have columns for; others are 0 there */
    wb_world_type *types;
    uint32_t type_count, type_stride;
    size_t word_count; /* of a type bitset */
    int64_t *allocatable, *capacity;
    const wb_catalog **catalogs; /* distinct, with the index of their first type */
    uint32_t *catalog_first_type;
    uint32_t catalog_count;
    wb_world_offering *offerings;
    uint32_t offering_count;
    uint32_t *reserved_offerings; /* indices of those of reserved capacity, ascending */
    uint32_t reserved_count, reserved_capacity;
    wb_key_memo unaliased[WB_WORLD_KEY_MEMOS];
    wb_requirement tenancy;       /* that every type has */
    wb_requirements *market_maps; /* of offerings: two per zone, on-demand and spot */
    uint32_t market_map_count;
    uint32_t *zones; /* all zones of offerings, in the order of the catalogs */
    uint32_t zone_count, zone_capacity;
    wb_world_pool *pools;
    uint32_t pool_count;
    wb_world_universe **universes; /* by key, made on demand */
    uint32_t universe_count;
    bool prefers_no_schedule; /* some pool has a PreferNoSchedule taint */
    bool min_values_best_effort, reserved_capacity_off;
    wb_world_daemon *daemons;
    uint32_t daemon_count, daemon_namespace;
    bool daemons_have_choices; /* some daemon has several required terms */
    uint64_t offering_version, prepared_version, daemon_version;
    wb_solver_shape **shapes;
    uint32_t shape_count, shape_capacity;
    wb_solver_shape *last_shape; /* found last; NULL: none yet */
    wb_pod_kind **kinds;
    uint32_t kind_count, kind_capacity;
    wb_hash_map shape_by_hash, kind_by_hash, labels_by_hash;
    wb_pod_labels **label_sets;
    uint32_t label_set_count, label_set_capacity;
    wb_solver_shape **listed_shapes; /* those that ran on some node at some time */
    uint32_t listed_count, listed_capacity;
    wb_solver_shape **repelling_shapes; /* those of them with required anti-affinity */
    uint32_t repelling_count, repelling_capacity;
    wb_node_entry *free_entries;
    wb_solver_node **nodes_by_name; /* all nodes of the world, so that no solve sorts them */
    uint32_t node_count, node_capacity;
    uint64_t solve_serial, try_serial;
    uint64_t stamp_serial;     /* that the nodes of the last problem were stamped with */
    wb_claim_classes *classes; /* what is known of claims' requirements; NULL until asked for */
};

/* Dense index of a resource name, given on first sight. */
uint32_t wb_solver_world_resource(wb_solver_world *world, uint32_t name);

/* A sparse list by dense index, in arena. */
wb_demands wb_solver_world_demands(wb_solver_world *world, wb_arena *arena, wb_resource_list list);

/* A dense vector of count resources as a list without zeros. */
wb_resource_list wb_solver_world_list(const wb_solver_world *world, wb_arena *arena,
                                      const int64_t *dense, uint32_t count);

/* Building steps, in this order (solver_world_types.c, solver_world_pools.c). */
void wb_solver_world_build_types(wb_solver_world *world, const wb_solver_world_desc *desc);
void wb_solver_world_build_pools(wb_solver_world *world, const wb_solver_world_desc *desc);

/* Requirements of a NodePool's claims before any pod: its own, its labels, its name and class, and
 * the two keys that only the simulation has. In arena. */
wb_requirements wb_solver_world_template(wb_solver_world *world, wb_arena *arena,
                                         const wb_nodepool *pool);

/* Brings templates and daemon groups up to the offerings of the moment; called by each solve. */
void wb_solver_world_prepare(wb_solver_world *world);

static inline int64_t wb_solver_world_allocatable_of(const wb_solver_world *world,
                                                     uint32_t resource, uint32_t type_index)
{
    return resource < world->type_resource_count
               ? world->allocatable[(size_t)resource * world->type_stride + type_index]
               : 0;
}

static inline int64_t wb_solver_world_capacity_of(const wb_solver_world *world, uint32_t resource,
                                                  uint32_t type_index)
{
    return resource < world->type_resource_count
               ? world->capacity[(size_t)resource * world->type_stride + type_index]
               : 0;
}

#endif
