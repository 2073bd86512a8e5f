/*
 * What was ruled out for a NodeClaim, for people who ask why it is what it is: NodePools that come
 * before its own, and instance types, constraint by constraint, with how many each took.
 *
 *     815 types ──▶ the NodePool's requirements ──▶ those that the pods add ──▶ room ──▶ offerings
 *
 * The solver decides all of it at once; here its single questions are asked again. What only the
 * requirements decide is remembered by requirements, of which a run has some dozens; room and
 * offerings are asked of the types that are left, a few hundred per claim. Decides nothing.
 */
#include <assert.h>
#include <string.h>

#include "base/bitset.h"
#include "base/quantity.h"
#include "kube/names.h"
#include "solver/taints.h"
#include "solver/world_view.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define MEMOS_MAX 256 /* of one world; beyond it nothing is remembered */

/* What requirements leave of a pool's types, and the words for it. Lives as long as the world. */
struct wb_karpenter_ruled_out {
    struct wb_karpenter_ruled_out *next;
    wb_requirements requirements;
    uint32_t pool_index, type_count;
    uint64_t *types; /* left; over the world's index */
    const char *text;
};

/* A claim being explained. */
typedef struct subject {
    wb_karpenter *self;
    const wb_karpenter_claim_request *request;
    uint32_t pool_index;
    size_t word_count;
    uint64_t *types;
    wb_text *out;
} subject;

static uint32_t pool_index_of(const wb_karpenter *self, const wb_nodepool *pool)
{
    uint32_t index = 0;
    while (index < wb_solver_world_pool_count(self->world) &&
           wb_solver_world_pool(self->world, index)->name != pool->name) {
        index++;
    }
    return index;
}

/* ", 12 by " before what took so many; nothing when none were taken. */
static bool add_count(const subject *of, uint32_t removed)
{
    if (removed > 0) {
        wb_text_add_format(of->out, ", %u by ", removed);
    }
    return removed > 0;
}

/* ---- requirements ---- */

static uint32_t drop_unmet(const subject *of, const wb_requirement *one)
{
    const wb_requirements asked = {.items = one, .count = 1};
    uint32_t removed = 0;
    for (size_t t = wb_bitset_next(of->types, of->word_count, 0); t != SIZE_MAX;
         t = wb_bitset_next(of->types, of->word_count, t + 1)) {
        if (!wb_requirements_intersects(
                of->self->env.intern, wb_world_view_type_requirements(of->self->world, (uint32_t)t),
                asked, NULL)) {
            wb_bitset_remove(of->types, t);
            removed++;
        }
    }
    return removed;
}

static void apply_requirements(const subject *of, wb_requirements requirements, const char *whose)
{
    for (uint32_t i = 0; i < requirements.count; i++) {
        if (add_count(of, drop_unmet(of, &requirements.items[i]))) {
            wb_text_add_string(of->out, whose);
            wb_requirement_print(of->self->env.intern, &requirements.items[i], of->out);
        }
    }
}

static struct wb_karpenter_ruled_out *make_memo(const subject *of)
{
    wb_karpenter *self = of->self;
    const wb_world_view_types range = wb_world_view_pool_types(self->world, of->pool_index);
    struct wb_karpenter_ruled_out *memo =
        WB_ARENA_NEW(&self->world_arena, struct wb_karpenter_ruled_out);
    wb_text text;
    wb_text_init(&text);
    subject inner = *of;
    inner.types = WB_ARENA_ARRAY(&self->world_arena, uint64_t, of->word_count);
    inner.out = &text;
    for (uint32_t t = range.begin; t < range.end; t++) {
        wb_bitset_add(inner.types, t);
    }
    apply_requirements(&inner, wb_world_view_pool_requirements(self->world, of->pool_index),
                       "the NodePool's ");
    apply_requirements(&inner, of->request->requirements, "the pods' ");
    *memo = (struct wb_karpenter_ruled_out){
        .next = self->ruled_out,
        .requirements = wb_requirements_copy(&self->world_arena, of->request->requirements),
        .pool_index = of->pool_index,
        .type_count = range.end - range.begin,
        .types = inner.types,
        .text = wb_arena_copy_string(&self->world_arena, wb_text_string(&text)),
    };
    wb_text_release(&text);
    return memo;
}

static const struct wb_karpenter_ruled_out *recall(const subject *of)
{
    wb_karpenter *self = of->self;
    uint32_t count = 0;
    for (const struct wb_karpenter_ruled_out *one = self->ruled_out; one != NULL;
         one = one->next, count++) {
        if (one->pool_index == of->pool_index &&
            wb_requirements_equals(one->requirements, of->request->requirements)) {
            return one;
        }
    }
    struct wb_karpenter_ruled_out *made = make_memo(of);
    if (count < MEMOS_MAX) {
        self->ruled_out = made;
    }
    return made;
}

/* ---- room and offerings ---- */

static bool has_room(const subject *of, uint32_t type_index)
{
    wb_arena *arena = &of->self->solve_arena;
    const wb_arena_mark mark = wb_arena_get_mark(arena);
    const wb_resource_list there = wb_solver_world_allocatable(arena, of->self->world, type_index);
    bool fits = true;
    for (uint32_t i = 0; fits && i < of->request->requests.count; i++) {
        const wb_resource *asked = &of->request->requests.items[i];
        fits = asked->amount <= wb_resource_list_get(there, asked->name);
    }
    wb_arena_rewind(arena, mark);
    return fits;
}

static bool has_offering(const subject *of, uint32_t type_index)
{
    return wb_world_view_has_offering(of->self->world, type_index, of->request->requirements);
}

static uint32_t narrow(const subject *of, bool (*test)(const subject *of, uint32_t type_index))
{
    uint32_t removed = 0;
    for (size_t t = wb_bitset_next(of->types, of->word_count, 0); t != SIZE_MAX;
         t = wb_bitset_next(of->types, of->word_count, t + 1)) {
        if (!test(of, (uint32_t)t)) {
            wb_bitset_remove(of->types, t);
            removed++;
        }
    }
    return removed;
}

/* "room for 12500m cpu, 25Gi memory, 14 pods". */
static void print_room(const subject *of)
{
    const char *separator = "room for ";
    for (uint32_t i = 0; i < of->request->requests.count; i++) {
        const wb_resource *asked = &of->request->requests.items[i];
        char amount[48];
        if (asked->name == WB_NAME_CPU) {
            wb_quantity_print_milli(asked->amount, amount);
        } else {
            wb_quantity_print_bytes(asked->amount, amount);
        }
        wb_text_add_format(of->out, "%s%s %s", separator, amount,
                           wb_intern_text(of->self->env.intern, asked->name));
        separator = ", ";
    }
}

/* What the solver left out beyond that: it keeps so many of the cheapest, and a replacement has to
 * be cheaper than what it replaces. */
static void print_rest(const subject *of)
{
    const uint32_t left = (uint32_t)wb_bitset_member_count(of->types, of->word_count);
    const bool is_provision = strcmp(of->request->why, "provision") == 0;
    if (of->request->type_count > 0 && left > of->request->type_count &&
        add_count(of, left - of->request->type_count)) {
        wb_text_add_string(of->out, is_provision ? "being dearer than the others"
                                                 : "being no cheaper than what it replaces");
    }
}

/* ---- NodePools ---- */

/* Why a pool that is asked before the claim's own could not have the pod that opened the claim. */
static const char *refusal_of(wb_karpenter *self, uint32_t pool_index,
                              const wb_pod_template *template)
{
    const wb_nodepool *pool = wb_solver_world_pool(self->world, pool_index);
    const wb_taints_tolerance tolerance = {template->tolerations, template->toleration_count, true};
    if (!wb_taints_tolerated(self->env.intern, pool->taints, pool->taint_count, tolerance)) {
        return "its taints are not tolerated";
    }
    wb_arena *arena = &self->solve_arena;
    const wb_arena_mark mark = wb_arena_get_mark(arena);
    const wb_compatibility found = wb_requirements_compatible(
        self->env.intern, wb_world_view_pool_requirements(self->world, pool_index),
        wb_requirements_from_labels(arena, self->env.intern, template->node_selector),
        WB_UNDEFINED_WELL_KNOWN, NULL);
    wb_arena_rewind(arena, mark);
    return found != WB_COMPATIBLE ? "the pods' node selector excludes it"
                                  : "no type of it would do, or its limits are used up";
}

static void print_pools(const subject *of)
{
    wb_karpenter *self = of->self;
    for (uint32_t i = 0; of->request->first_pod != NULL && i < of->pool_index; i++) {
        const wb_nodepool *pool = wb_solver_world_pool(self->world, i);
        wb_text_add_format(of->out, "%sNodePool %s was asked before: %s", i > 0 ? "; " : "",
                           wb_intern_text(self->env.intern, pool->name),
                           refusal_of(self, i, of->request->first_pod));
    }
    if (of->out->length > 0) {
        wb_text_add_string(of->out, "; ");
    }
}

const char *wb_karpenter_describe_ruled_out(wb_karpenter *self,
                                            const wb_karpenter_claim_request *request)
{
    assert(self->world != NULL && request->pool != NULL);
    const uint32_t pool_index = pool_index_of(self, request->pool);
    if (pool_index == wb_solver_world_pool_count(self->world)) {
        return ""; /* a static pool: nothing is solved for it */
    }
    wb_text text;
    wb_text_init(&text);
    subject of = {
        .self = self,
        .request = request,
        .pool_index = pool_index,
        .word_count = wb_bitset_word_count(wb_solver_world_type_count(self->world)),
        .out = &text,
    };
    const struct wb_karpenter_ruled_out *memo = recall(&of);
    of.types = WB_ARENA_ARRAY(&self->solve_arena, uint64_t, of.word_count);
    wb_bitset_copy(of.types, memo->types, of.word_count);
    print_pools(&of);
    wb_text_add_format(&text, "of %u instance types of NodePool %s%s", memo->type_count,
                       wb_intern_text(self->env.intern, request->pool->name), memo->text);
    if (add_count(&of, narrow(&of, has_room))) {
        print_room(&of);
    }
    if (add_count(&of, narrow(&of, has_offering))) {
        wb_text_add_string(&text, "having no available offering");
    }
    print_rest(&of);
    const char *kept = wb_arena_copy_string(self->env.arena, wb_text_string(&text));
    wb_text_release(&text);
    return kept;
}
