/*
 * Requirements: what may stand under a label key, as Karpenter's scheduler reasons about it.
 *
 * A requirement is a set of values or the complement of one, with optional integer bounds:
 *
 *     In a,b         plain       {a, b}          NotIn a,b      complement  {a, b}
 *     DoesNotExist   plain       {}              Exists         complement  {}
 *     Gt 3           complement  {}  gte 4       Lte 9          complement  {}  lte 9
 *
 * A map holds at most one requirement per key; a key that is missing reads as Exists. A pod has some
 * 0 to 10 requirements, an instance type some 30. Values are immutable once made: operations build
 * new ones in the arena that they are given and share what they can.
 * Source: spec/scheduling.md section 2. Knows nothing of pods, nodes or prices.
 */
#ifndef WB_SOLVER_REQUIREMENTS_H
#define WB_SOLVER_REQUIREMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/intern.h"
#include "base/text.h"
#include "kube/label.h"

typedef struct wb_requirement {
    uint32_t key;           /* interned */
    int32_t min_values;     /* 0: none */
    const uint32_t *values; /* interned, ascending ids, each once; borrowed from the arena */
    uint32_t value_count;
    bool is_complement; /* the set lists what is excluded */
    bool has_gte, has_lte;
    int64_t gte, lte; /* inclusive bounds, where has_gte and has_lte say so */
} wb_requirement;

typedef struct wb_requirements {
    const wb_requirement *items; /* ascending key ids, each once; borrowed from the arena */
    uint32_t count;
} wb_requirements;

/* What a requirement reads back as. Bounds do not matter: Gt without values is Exists. */
typedef enum wb_requirement_kind {
    WB_REQUIREMENT_IN,
    WB_REQUIREMENT_NOT_IN,
    WB_REQUIREMENT_EXISTS,
    WB_REQUIREMENT_DOES_NOT_EXIST,
} wb_requirement_kind;

wb_requirement_kind wb_requirement_kind_of(const wb_requirement *requirement);

/* One expression as a requirement; label aliases are rewritten to their current key. */
wb_requirement wb_requirements_from_expression(wb_arena *arena, wb_intern *intern,
                                               const wb_label_expression *expression);

/* key In {value}; key Exists; key DoesNotExist. */
wb_requirement wb_requirements_in(wb_arena *arena, uint32_t key, uint32_t value);
wb_requirement wb_requirements_exists(uint32_t key);
wb_requirement wb_requirements_does_not_exist(uint32_t key);

/* Whether value (a text that may be any label value) is allowed. */
bool wb_requirement_has(const wb_intern *intern, const wb_requirement *requirement, uint32_t value);

/* The number of values that are allowed: SIZE_MAX for a complement. */
size_t wb_requirement_length(const wb_requirement *requirement);

/* a and b, which must name the same key. */
wb_requirement wb_requirement_intersect(wb_arena *arena, const wb_intern *intern,
                                        const wb_requirement *a, const wb_requirement *b);

/* Whether the intersection allows something, without building it (two complements always do,
 * unless their bounds exclude each other). */
bool wb_requirement_has_intersection(const wb_intern *intern, const wb_requirement *a,
                                     const wb_requirement *b);

bool wb_requirement_equals(const wb_requirement *a, const wb_requirement *b);

/* The requirement under key, or NULL. */
const wb_requirement *wb_requirements_get(wb_requirements requirements, uint32_t key);

/* A new map: requirements with one more, intersected with what is there under its key. */
wb_requirements wb_requirements_add(wb_arena *arena, const wb_intern *intern,
                                    wb_requirements requirements, const wb_requirement *added);

/* A new map: both, intersected key by key. */
wb_requirements wb_requirements_merge(wb_arena *arena, const wb_intern *intern, wb_requirements a,
                                      wb_requirements b);

/* A new map without key. */
wb_requirements wb_requirements_without(wb_arena *arena, wb_requirements requirements,
                                        uint32_t key);

/* ANDed expressions as a map. */
wb_requirements wb_requirements_from_expressions(wb_arena *arena, wb_intern *intern,
                                                 const wb_label_expression *expressions,
                                                 uint32_t count);

/* Labels as a map of In; aliases are rewritten. */
wb_requirements wb_requirements_from_labels(wb_arena *arena, wb_intern *intern, wb_labels labels);

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

/* Equality of maps and a hash to go with it. */
bool wb_requirements_equals(wb_requirements a, wb_requirements b);
uint64_t wb_requirements_hash(wb_requirements requirements);

/* Reads back as expressions, as a NodeClaim's spec has them: a bound first (Gte, Lte), then the set
 * form; values in the order of their texts. *out_count is how many (1 to 3). */
const wb_label_expression *wb_requirement_to_expressions(wb_arena *arena, wb_intern *intern,
                                                         const wb_requirement *requirement,
                                                         uint32_t *out_count);

/* "zone In [a b]", for messages. */
void wb_requirement_print(const wb_intern *intern, const wb_requirement *requirement, wb_text *out);

#endif
