/*
 * Classes of claims: claims of one NodePool with equal requirements, and what follows from them.
 *
 * Ten thousand open claims share a few dozen requirement maps (a pool's, narrowed to a zone or to
 * what some pods asked). What a pod makes of a map, and which instance types a map allows, is found
 * once per class and kept by the world: a class is a node of a graph whose edges are pods'
 * requirements and topology choices,
 *
 *     pool ──{zone In a}──▶ pool, zone a ──{arch In arm64}──▶ pool, zone a, arm64
 *
 * An edge that leads nowhere (incompatible) is remembered as well. Which types are allowed changes
 * with the availability of offerings, the graph does not.
 */
#ifndef WB_SOLVER_CLAIM_CLASSES_H
#define WB_SOLVER_CLAIM_CLASSES_H

#include "solver/requirement_sets.h"
#include "solver/solver_world_internal.h"
#include "solver/type_columns.h"

typedef struct wb_claim_class wb_claim_class;

struct wb_claim_class {
    uint32_t id, pool_index;
    wb_requirements requirements; /* without hostname */
    bool has_min_values;
    const wb_claim_class *parent; /* its allowed types include ours; NULL: the pool's own class */
    uint64_t *allowed;            /* types that meet them and have an available offering */
    uint64_t allowed_version;     /* of the world's offerings, that allowed is of; 0: of none */
    wb_requirements shown;        /* as a NodeClaim shows them, without the simulation's keys */
    bool is_shown_known;
    uint32_t *by_price; /* the pool's types, cheapest compatible offering first */
    uint32_t by_price_count;
    uint64_t price_version; /* like allowed_version, of by_price */
    uint64_t try_serial;    /* scratch of a solve: the try that try_class belongs to */
    wb_claim_class *try_class;
};

struct wb_claim_classes {
    wb_solver_world *world; /* borrowed */
    wb_arena *arena;        /* borrowed: the world's */
    wb_requirement_sets sets;
    wb_type_columns room;     /* allocatable */
    wb_type_columns capacity; /* as limits count it */
    wb_claim_class **items;   /* by id */
    uint64_t *refused_try;    /* by id: scratch of a solve, the last try that no claim of the class
                                 could take */
    uint32_t count, capacity_count;
    wb_hash_map by_hash; /* equal hashes sit in neighbouring keys */
    wb_hash_map edges;   /* (class, set, kind) to a class, or why there is none */
    wb_claim_class **of_pool;
};

/* The world's, made on first use. */
wb_claim_classes *wb_claim_classes_get(wb_solver_world *world);
void wb_claim_classes_release(wb_claim_classes *classes);

/* The class of a pool's new claims. */
wb_claim_class *wb_claim_classes_of_pool(wb_claim_classes *classes, uint32_t pool_index);

/* The class with these requirements, which narrow parent's. */
wb_claim_class *wb_claim_classes_intern(wb_claim_classes *classes, const wb_claim_class *parent,
                                        wb_requirements requirements);

/* The class after a pod's requirements (a set of classes->sets) were added, or NULL: incompatible;
 * *out_fails_for_good then says that no narrower class will do either. */
wb_claim_class *wb_claim_classes_join(wb_claim_classes *classes, wb_claim_class *class,
                                      uint32_t set_id, bool *out_fails_for_good);

/* The same for a topology choice, whose test is a little different. */
wb_claim_class *wb_claim_classes_narrow(wb_claim_classes *classes, wb_claim_class *class,
                                        uint32_t set_id);

/* Types of the pool that the class allows under the offerings of the moment. */
const uint64_t *wb_claim_classes_allowed(wb_claim_classes *classes, wb_claim_class *class);

/* These types by cheapest available offering that the class allows, ties by name. */
const uint32_t *wb_claim_classes_by_price(wb_claim_classes *classes, wb_claim_class *class,
                                          uint32_t *out_count);

/* A type and its cheapest allowed offering; sorted by price, then by name. */
typedef struct wb_priced_type {
    double price_usd_per_hour;
    uint32_t type_index;
} wb_priced_type;

/* Sorts by price, ties by name. */
void wb_claim_classes_sort_priced(wb_solver_world *world, wb_priced_type *priced, size_t count);

/* The requirements as a NodeClaim shows them: without the keys that only the simulation has. */
wb_requirements wb_claim_classes_shown(wb_claim_classes *classes, wb_claim_class *class);

#endif
