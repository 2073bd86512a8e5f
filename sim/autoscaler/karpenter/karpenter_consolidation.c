/*
 * What a set of candidates could be replaced by: nothing (delete), one cheaper NodeClaim (replace),
 * or no command. Source: spec/disruption.md sections 6, 9 and 10. The Balanced policy's score is
 * not applied here: pools that ask for it are treated as WhenEmptyOrUnderutilized.
 */
#include <assert.h>
#include <math.h>

#include "base/duration.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define SPOT_TO_SPOT_TYPES_MIN 15

static bool is_candidate(const wb_karpenter_candidate *candidates, uint32_t count,
                         uint32_t claim_id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (candidates[i].claim_id == claim_id) {
            return true;
        }
    }
    return false;
}

/* A node inside its own consolidateAfter window takes no pods that run now. */
static bool is_in_window(const wb_karpenter *self, const wb_karpenter_claim *claim)
{
    const int64_t after_ms = claim->pool->consolidate_after_ms;
    if (after_ms == WB_DURATION_NEVER || after_ms == 0 || claim->initialized_ms < 0) {
        return false;
    }
    const int64_t since_ms =
        claim->last_pod_event_ms >= 0 ? claim->last_pod_event_ms : claim->initialized_ms;
    return self->env.kernel->now_ms - since_ms < after_ms;
}

/* Pods of one simulation, in this order: waiting ones, candidates', those of deleting nodes. */
typedef struct simulated {
    wb_solver_problem problem;
    wb_solver_result result;
    uint8_t *roles;
    uint32_t *claim_ids;
    uint32_t waiting_count; /* pods that need not find a place for the command to stand */
} simulated;

static void add_pods(wb_karpenter *self, simulated *sim, wb_solver_pod *pods, uint32_t *count,
                     wb_node_role role)
{
    for (uint32_t i = 0; i < sim->problem.node_count; i++) {
        if (sim->roles[i] == role) {
            *count = wb_karpenter_add_pods_of(self, sim->claim_ids[i], i, pods, *count);
        }
    }
}

static void simulate(wb_karpenter *self, const wb_karpenter_candidate *candidates, uint32_t count,
                     simulated *sim)
{
    wb_karpenter_begin_problem(self, &sim->problem);
    sim->problem.options.reserved_mode = WB_RESERVED_FALLBACK;
    wb_karpenter_fill_nodes(self, &sim->problem, &sim->roles, &sim->claim_ids);
    size_t room = (size_t)self->waiting_count + 1;
    for (uint32_t i = 0; i < sim->problem.node_count; i++) {
        const wb_karpenter_claim *claim = &self->claims[sim->claim_ids[i]];
        if (sim->roles[i] == WB_NODE_ROLE_OFFERED) {
            if (is_candidate(candidates, count, sim->claim_ids[i])) {
                sim->roles[i] = WB_NODE_ROLE_REMOVED;
            } else if (is_in_window(self, claim)) {
                sim->roles[i] = WB_NODE_ROLE_OFFERED_TO_PENDING;
            }
        }
        if (claim->node_id != WB_NO_ID &&
            (sim->roles[i] == WB_NODE_ROLE_REMOVED || sim->roles[i] == WB_NODE_ROLE_DELETING)) {
            room += self->env.cluster->nodes[claim->node_id].pod_count;
        }
    }
    wb_solver_pod *pods = wb_arena_alloc(&self->solve_arena, room * sizeof(pods[0]));
    uint32_t pod_count = wb_karpenter_add_waiting_pods(self, &sim->problem, pods);
    sim->waiting_count = pod_count;
    add_pods(self, sim, pods, &pod_count, WB_NODE_ROLE_REMOVED);
    add_pods(self, sim, pods, &pod_count, WB_NODE_ROLE_DELETING);
    sim->problem.pods = pods;
    sim->problem.pod_count = pod_count;
    sim->result = wb_provisioning_solve(&self->solve_arena, self->world, &sim->problem);
}

/* Every pod that runs now has a place, on an initialised node or the new NodeClaim. */
static bool all_placed(const wb_karpenter *self, const simulated *sim)
{
    for (uint32_t i = sim->waiting_count; i < sim->problem.pod_count; i++) {
        const wb_solver_placement *placement = &sim->result.placements[i];
        if (placement->refused != 0) {
            return false;
        }
        const uint32_t from = sim->problem.pods[i].bound_node_index;
        const bool is_deleting = sim->roles[from] == WB_NODE_ROLE_DELETING;
        if (placement->node_index != WB_PLACED_ON_NONE && !is_deleting &&
            self->claims[sim->claim_ids[placement->node_index]].initialized_ms < 0) {
            return false;
        }
    }
    return true;
}

static bool allows(const wb_karpenter *self, wb_requirements requirements, uint32_t key,
                   uint32_t value)
{
    const wb_requirement *requirement = wb_requirements_get(requirements, key);
    return requirement == NULL || wb_requirement_has(self->env.intern, requirement, value);
}

static const uint32_t market_names[] = {WB_NAME_ON_DEMAND, WB_NAME_SPOT, WB_NAME_RESERVED};

/* Section 9.1 step 6: dearest reserved, else dearest spot, else dearest on-demand, or infinite. */
static double launch_price(const wb_karpenter *self, uint32_t type_index,
                           wb_requirements requirements)
{
    static const wb_capacity_type order[] = {WB_CAPACITY_RESERVED, WB_CAPACITY_SPOT,
                                             WB_CAPACITY_ON_DEMAND};
    const wb_catalog_type *type = wb_solver_world_type(self->world, type_index);
    for (size_t market = 0; market < 3; market++) {
        double dearest = -1.0;
        for (uint32_t i = 0; i < type->offering_count; i++) {
            const wb_offering offering = wb_solver_world_offering(self->world, type_index, i);
            if (offering.capacity_type == order[market] && offering.is_available &&
                allows(self, requirements, WB_NAME_ZONE, offering.zone) &&
                allows(self, requirements, WB_NAME_CAPACITY_TYPE, market_names[order[market]]) &&
                offering.price_usd_per_hour > dearest) {
                dearest = offering.price_usd_per_hour;
            }
        }
        if (dearest >= 0.0) {
            return dearest;
        }
    }
    return (double)INFINITY;
}

/* Keeps the types that launch for less than limit; returns how many. */
static uint32_t keep_cheaper(const wb_karpenter *self, uint32_t *types, uint32_t count,
                             wb_requirements requirements, double limit)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (launch_price(self, types[i], requirements) < limit) {
            types[kept++] = types[i];
        }
    }
    return kept;
}

/* The same-type rule of the multi-node search: where a replacement type is also one of the removed
 * nodes' types, keeping that node would be as good, so only cheaper types are of use. */
static double same_type_limit(const wb_karpenter *self, const wb_karpenter_candidate *candidates,
                              uint32_t count, const uint32_t *types, uint32_t type_count)
{
    double limit = (double)INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        const wb_karpenter_claim *claim = &self->claims[candidates[i].claim_id];
        const uint32_t name = self->env.catalog->types[claim->type_index].name;
        for (uint32_t t = 0; t < type_count; t++) {
            if (wb_solver_world_type(self->world, types[t])->name == name &&
                candidates[i].price_usd_per_hour < limit) {
                limit = candidates[i].price_usd_per_hour;
            }
        }
    }
    return limit;
}

static bool all_spot(const wb_karpenter *self, const wb_karpenter_candidate *candidates,
                     uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (self->claims[candidates[i].claim_id].capacity_type != WB_CAPACITY_SPOT) {
            return false;
        }
    }
    return true;
}

/* The set that a command is computed for. */
typedef struct candidate_set {
    const wb_karpenter_candidate *candidates;
    uint32_t count;
    bool is_multi;
    double price_usd_per_hour; /* sum of the candidates' */
} candidate_set;

/* The replacement's types that make it worth it, or 0. requirements may be narrowed to spot. */
static uint32_t filter_types(wb_karpenter *self, const candidate_set *set, uint32_t *types,
                             uint32_t type_count, wb_requirements *requirements)
{
    const bool is_multi = set->is_multi;
    const bool may_be_spot = allows(self, *requirements, WB_NAME_CAPACITY_TYPE, WB_NAME_SPOT);
    const bool may_be_on_demand =
        allows(self, *requirements, WB_NAME_CAPACITY_TYPE, WB_NAME_ON_DEMAND);
    const bool is_spot_to_spot = may_be_spot && all_spot(self, set->candidates, set->count);
    const uint32_t spot = WB_NAME_SPOT;
    const wb_requirement only_spot =
        wb_requirement_in(&self->solve_arena, WB_NAME_CAPACITY_TYPE, &spot, 1);
    if (is_spot_to_spot) {
        if (!self->settings.spot_to_spot) {
            return 0;
        }
        *requirements = wb_requirements_set(&self->solve_arena, *requirements, &only_spot);
    }
    uint32_t kept = keep_cheaper(self, types, type_count, *requirements, set->price_usd_per_hour);
    if (is_spot_to_spot && !is_multi) {
        kept = kept < SPOT_TO_SPOT_TYPES_MIN ? 0 : SPOT_TO_SPOT_TYPES_MIN;
    }
    if (is_multi && kept > 0) {
        const double limit = same_type_limit(self, set->candidates, set->count, types, kept);
        kept = keep_cheaper(self, types, kept, *requirements, limit);
    }
    if (may_be_spot && may_be_on_demand) { /* no fall-back to dearer on-demand at launch */
        *requirements = wb_requirements_set(&self->solve_arena, *requirements, &only_spot);
    }
    return kept;
}

static void set_claims(wb_karpenter *self, const wb_karpenter_candidate *candidates, uint32_t count,
                       wb_karpenter_command *out)
{
    out->claim_ids = WB_ARENA_ARRAY(self->env.arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        out->claim_ids[i] = candidates[i].claim_id;
    }
    out->claim_count = count;
    out->replacement = WB_NO_ID;
    out->pool = NULL;
}

/* Keeps what the launch needs in the run's arena: it may come 15 s later. */
static bool set_replacement(wb_karpenter *self, const candidate_set *set,
                            const wb_solver_claim *claim, wb_karpenter_command *out)
{
    uint32_t *types = WB_ARENA_ARRAY(&self->solve_arena, uint32_t, (size_t)claim->type_count + 1);
    for (uint32_t i = 0; i < claim->type_count; i++) {
        types[i] = claim->type_indices[i];
    }
    wb_requirements requirements = claim->requirements;
    const uint32_t kept = filter_types(self, set, types, claim->type_count, &requirements);
    if (kept == 0) {
        return false;
    }
    const wb_solver_cheapest cheapest =
        wb_provisioning_cheapest(self->world, requirements, types[0]);
    uint32_t *kept_types = WB_ARENA_ARRAY(self->env.arena, uint32_t, kept);
    for (uint32_t i = 0; i < kept; i++) {
        kept_types[i] = types[i];
    }
    set_claims(self, set->candidates, set->count, out);
    out->pool = wb_solver_world_pool(self->world, claim->pool_index);
    out->requirements = wb_requirements_copy(self->env.arena, requirements);
    out->type_indices = kept_types;
    out->type_count = kept;
    out->pod_count = claim->pod_count;
    const wb_resource_list nothing = {0};
    out->requests = wb_resource_list_add(self->env.arena, claim->requests, nothing);
    out->saving_usd_per_hour = set->price_usd_per_hour - cheapest.price_usd_per_hour;
    return true;
}

bool wb_karpenter_compute_consolidation(wb_karpenter *self,
                                        const wb_karpenter_candidate *candidates, uint32_t count,
                                        bool is_multi, wb_karpenter_command *out)
{
    assert(count > 0 && out != NULL);
    const wb_arena_mark mark = wb_arena_get_mark(&self->solve_arena);
    simulated sim;
    simulate(self, candidates, count, &sim);
    candidate_set set = {.candidates = candidates, .count = count, .is_multi = is_multi};
    for (uint32_t i = 0; i < count; i++) {
        set.price_usd_per_hour += candidates[i].price_usd_per_hour;
    }
    bool is_worth_it = false;
    if (all_placed(self, &sim) && sim.result.claim_count == 0) {
        set_claims(self, candidates, count, out);
        out->saving_usd_per_hour = set.price_usd_per_hour;
        is_worth_it = true;
    } else if (all_placed(self, &sim) && sim.result.claim_count == 1) {
        is_worth_it = set_replacement(self, &set, &sim.result.claims[0], out);
    }
    wb_arena_rewind(&self->solve_arena, mark);
    return is_worth_it;
}
