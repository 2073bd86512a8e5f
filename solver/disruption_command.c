/*
 * Commands as the caller gets them: copied out of the scratch of the simulation that found them.
 */
#include <assert.h>
#include <float.h>
#include <string.h>

#include "solver/claim_classes.h"
#include "solver/disruption_internal.h"
#include "solver/offering_filter.h"

double wb_disruption_set_price(wb_disruption_set set)
{
    double sum = 0;
    for (uint32_t i = 0; i < set.count; i++) {
        sum += set.items[i].price_usd_per_hour;
    }
    return sum;
}

wb_disruption_command wb_disruption_command_start(wb_disruption *disruption,
                                                  wb_disruption_method method,
                                                  wb_disruption_set set)
{
    assert(set.count > 0);
    wb_disruption_candidate *items =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_candidate, set.count);
    uint32_t *names = WB_ARENA_ARRAY(disruption->arena, uint32_t, set.count);
    memcpy(items, set.items, set.count * sizeof(*items));
    for (uint32_t i = 0; i < set.count; i++) {
        names[i] = disruption->state->nodes[items[i].node_index].solver_node->name;
    }
    return (wb_disruption_command){
        .method = method,
        .candidates = items,
        .candidate_names = names,
        .candidate_count = set.count,
        .saving_usd_per_hour = wb_disruption_set_price(set),
    };
}

static uint32_t name_of_node(const wb_disruption *disruption, uint32_t node_index)
{
    return node_index != UINT32_MAX ? disruption->state->nodes[node_index].solver_node->name : 0;
}

void wb_disruption_command_add_moves(wb_disruption *disruption, const wb_disruption_trial *trial,
                                     wb_disruption_command *out)
{
    assert(disruption != NULL && trial != NULL && out != NULL);
    wb_disruption_move *moves =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_move, trial->pod_count);
    for (uint32_t i = 0; i < trial->pod_count; i++) {
        const wb_solver_placement *placement = &trial->result.placements[i];
        if (placement->refused != 0) {
            continue; /* a pending pod that still finds no place */
        }
        moves[out->move_count++] = (wb_disruption_move){
            .name = trial->pods[i].name,
            .namespace_name = trial->pods[i].namespace_name,
            .from_node = name_of_node(disruption, trial->pods[i].bound_node_index),
            .to_node = name_of_node(disruption, placement->node_index),
            .replacement_index = placement->claim_index,
        };
    }
    out->moves = moves;
}

static uint32_t find_pool(const wb_disruption *disruption, const wb_nodepool *nodepool)
{
    uint32_t index = 0;
    while (index < disruption->state->pool_count &&
           disruption->state->pools[index].nodepool->name != nodepool->name) {
        index++;
    }
    assert(index < disruption->state->pool_count); /* the picture has all pools of its world */
    return index;
}

/* Types in the order of the cheapest offering that requirements leave them, those without any last.
 */
static void order_types(const wb_disruption *disruption, wb_requirements requirements,
                        uint32_t *types, uint32_t count)
{
    const wb_offering_filter filter = wb_offering_filter_of(disruption->world, requirements);
    wb_priced_type *priced = wb_arena_alloc(disruption->scratch, (count + 1U) * sizeof(*priced));
    for (uint32_t i = 0; i < count; i++) {
        priced[i] = (wb_priced_type){wb_offering_filter_price(&filter, types[i]), types[i]};
    }
    wb_claim_classes_sort_priced(disruption->world, priced, count);
    for (uint32_t i = 0; i < count; i++) {
        types[i] = priced[i].type_index;
    }
}

static wb_disruption_replacement copy_draft(wb_disruption *disruption,
                                            const wb_disruption_draft *draft)
{
    wb_arena *arena = disruption->arena;
    const wb_nodepool *nodepool = wb_solver_world_pool(disruption->world, draft->claim->pool_index);
    static const wb_resource_list nothing = {0};
    wb_disruption_replacement made = {
        .nodepool = nodepool,
        .pool_index = find_pool(disruption, nodepool),
        .requirements = wb_requirements_copy(arena, draft->requirements),
        .type_count = draft->type_count,
        .cheapest = {UINT32_MAX, UINT32_MAX, DBL_MAX},
        .requests = wb_resource_list_add(arena, draft->claim->requests, nothing),
        .pod_count = draft->claim->pod_count,
    };
    uint32_t *types = wb_arena_alloc(arena, (draft->type_count + 1U) * sizeof(*types));
    memcpy(types, draft->types, draft->type_count * sizeof(*types));
    order_types(disruption, draft->requirements, types, draft->type_count);
    made.type_indices = types;
    if (draft->type_count > 0) {
        made.cheapest = wb_provisioning_cheapest(disruption->world, draft->requirements, types[0]);
    }
    return made;
}

void wb_disruption_command_add_draft(wb_disruption *disruption, const wb_disruption_draft *draft,
                                     wb_disruption_command *out)
{
    assert(disruption != NULL && draft != NULL && out != NULL);
    wb_disruption_replacement *made = WB_ARENA_NEW(disruption->arena, wb_disruption_replacement);
    *made = copy_draft(disruption, draft);
    out->replacements = made;
    out->replacement_count = 1;
}

void wb_disruption_command_add_claims(wb_disruption *disruption, const wb_disruption_trial *trial,
                                      wb_disruption_command *out)
{
    assert(disruption != NULL && trial != NULL && out != NULL);
    const wb_solver_result *result = &trial->result;
    wb_disruption_replacement *made =
        WB_ARENA_ARRAY(disruption->arena, wb_disruption_replacement, result->claim_count);
    double price = 0;
    for (uint32_t i = 0; i < result->claim_count; i++) {
        const wb_solver_claim *claim = &result->claims[i];
        uint32_t *types =
            wb_arena_alloc(disruption->scratch, (claim->type_count + 1U) * sizeof(*types));
        memcpy(types, claim->type_indices, claim->type_count * sizeof(*types));
        const wb_disruption_draft draft = {claim, claim->requirements, types, claim->type_count};
        made[i] = copy_draft(disruption, &draft);
        price +=
            made[i].cheapest.type_index != UINT32_MAX ? made[i].cheapest.price_usd_per_hour : 0;
    }
    out->replacements = made;
    out->replacement_count = result->claim_count;
    out->saving_usd_per_hour -= price;
}
