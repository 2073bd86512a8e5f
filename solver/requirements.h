/*
 * Requirement maps: at most one requirement per label key; a key that is missing reads as Exists.
 *
 * The meeting of two maps is where scheduling is decided: what a node (or claim) offers against
 * what a pod asks. A pod has some 0 to 10 requirements, a claim 10, an instance type 30. Maps are
 * sorted arrays, immutable once made; operations build new ones in the arena that they are given.
 * Source: spec/scheduling.md sections 2.3 and 2.4.
 */
#ifndef WB_SOLVER_REQUIREMENTS_H
#define WB_SOLVER_REQUIREMENTS_H

#include "solver/requirement.h"

typedef struct wb_requirements {
    const wb_requirement *items; /* ascending key ids, each once; borrowed from the arena */
    uint32_t count;
} wb_requirements;

/* ANDed expressions as a map. */
wb_requirements wb_requirements_from_expressions(wb_arena *arena, wb_intern *intern,
                                                 const wb_label_expression *expressions,
                                                 uint32_t count);

/* Labels as a map of In; aliases are rewritten. */
wb_requirements wb_requirements_from_labels(wb_arena *arena, wb_intern *intern, wb_labels labels);

/* The requirement under key, or NULL. */
const wb_requirement *wb_requirements_get(wb_requirements requirements, uint32_t key);

/* A new map: requirements with one more, intersected with what is there under its key. */
wb_requirements wb_requirements_add(wb_arena *arena, const wb_intern *intern,
                                    wb_requirements requirements, const wb_requirement *added);

/* A new map: the same with replaced under its key, whatever was there. */
wb_requirements wb_requirements_set(wb_arena *arena, wb_requirements requirements,
                                    const wb_requirement *replaced);

/* A new map: both, intersected key by key. */
wb_requirements wb_requirements_merge(wb_arena *arena, const wb_intern *intern, wb_requirements a,
                                      wb_requirements b);

/* A new map without key. */
wb_requirements wb_requirements_without(wb_arena *arena, wb_requirements requirements,
                                        uint32_t key);

/* A deep copy in arena, values included. */
wb_requirements wb_requirements_copy(wb_arena *arena, wb_requirements requirements);

/* Section 2.4. For every key that both name the two must intersect, or both be of the kinds NotIn
 * and DoesNotExist. On failure *out_key (may be NULL) is the first such key. */
bool wb_requirements_intersects(const wb_intern *intern, wb_requirements node_side,
                                wb_requirements incoming, uint32_t *out_key);

typedef enum wb_undefined_labels {
    WB_UNDEFINED_NONE,       /* existing nodes: a label that is not there is not there */
    WB_UNDEFINED_WELL_KNOWN, /* new claims: a well-known label may be undefined */
} wb_undefined_labels;

typedef enum wb_compatibility {
    WB_COMPATIBLE,
    WB_INCOMPATIBLE_UNDEFINED, /* a label without known values is asked for */
    WB_INCOMPATIBLE_VALUES,
} wb_compatibility;

/* Section 2.4: compatible(node side, incoming). *out_key (may be NULL) is the key that failed. */
wb_compatibility wb_requirements_compatible(const wb_intern *intern, wb_requirements node_side,
                                            wb_requirements incoming,
                                            wb_undefined_labels allow_undefined, uint32_t *out_key);

/* Whether some requirement asks for minValues. */
bool wb_requirements_has_min_values(wb_requirements requirements);

/* Equality of maps and a hash to go with it. */
bool wb_requirements_equals(wb_requirements a, wb_requirements b);
uint64_t wb_requirements_hash(wb_requirements requirements);

#endif
