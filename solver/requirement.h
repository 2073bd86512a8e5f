/*
 * One requirement: what may stand under one label key, as Karpenter's scheduler reasons about it.
 *
 * A set of values or the complement of one, with optional integer bounds:
 *
 *     In a,b         plain       {a, b}          NotIn a,b      complement  {a, b}
 *     DoesNotExist   plain       {}              Exists         complement  {}
 *     Gt 3           complement  {}  gte 4       Lte 9          complement  {}  lte 9
 *
 * Values are immutable once made: operations build new ones in the arena that they are given and
 * share what they can. Sets hold 1 to 1,400 values, mostly 1 to 3.
 * Source: spec/scheduling.md sections 2.1 and 2.2. Knows nothing of pods, nodes or prices.
 */
#ifndef WB_SOLVER_REQUIREMENT_H
#define WB_SOLVER_REQUIREMENT_H

#include <stdbool.h>
#include <stddef.h>
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
    int64_t gte, lte; /* inclusive bounds, where has_gte and has_lte say so; else 0 */
} wb_requirement;

/* What a requirement reads back as. Bounds do not matter: Gt without values is Exists. */
typedef enum wb_requirement_kind {
    WB_REQUIREMENT_IN,
    WB_REQUIREMENT_NOT_IN,
    WB_REQUIREMENT_EXISTS,
    WB_REQUIREMENT_DOES_NOT_EXIST,
} wb_requirement_kind;

/* The kind that a requirement's set has, whatever it was written as. */
wb_requirement_kind wb_requirement_kind_of(const wb_requirement *requirement);

/* One expression as a requirement; label aliases are rewritten to their current key. */
wb_requirement wb_requirement_from_expression(wb_arena *arena, wb_intern *intern,
                                              const wb_label_expression *expression);

/* key In values (any order, repeats allowed); key DoesNotExist. */
wb_requirement wb_requirement_in(wb_arena *arena, uint32_t key, const uint32_t *values,
                                 uint32_t count);
wb_requirement wb_requirement_does_not_exist(uint32_t key);

/* Whether value is allowed. */
bool wb_requirement_has(const wb_intern *intern, const wb_requirement *requirement, uint32_t value);

/* a and b, which must name the same key. */
wb_requirement wb_requirement_intersect(wb_arena *arena, const wb_intern *intern,
                                        const wb_requirement *a, const wb_requirement *b);

/* Whether the intersection allows something, without building it (two complements always do,
 * unless their bounds exclude each other). */
bool wb_requirement_has_intersection(const wb_intern *intern, const wb_requirement *a,
                                     const wb_requirement *b);

/* Equality, min_values included, and a hash to go with it. */
bool wb_requirement_equals(const wb_requirement *a, const wb_requirement *b);
uint64_t wb_requirement_hash(const wb_requirement *requirement);

/* Reads back as expressions, as a NodeClaim's spec has them: the bounds (Gte, Lte) alone where
 * there are any, else the set form; values in the order of their texts. *out_count is how many (1
 * or 2). */
const wb_label_expression *wb_requirement_to_expressions(wb_arena *arena, wb_intern *intern,
                                                         const wb_requirement *requirement,
                                                         uint32_t *out_count);

/* "topology.kubernetes.io/zone In [a b]", for messages. */
void wb_requirement_print(const wb_intern *intern, const wb_requirement *requirement, wb_text *out);

#endif
