/*
 * What claims use up together: the limits of their NodePools, the instances of reservations.
 */
#include <assert.h>

#include "solver/validator_internal.h"

static const char *text_of(const wb_validation *of, uint32_t id)
{
    return wb_intern_text(of->intern, id);
}

/* ---- reservations ---- */

/* A claim that holds reservations names them. */
static bool holds_reservation(const wb_solver_claim *claim, uint32_t reservation_id)
{
    const wb_requirement *ids =
        wb_requirements_get(claim->requirements, WB_NAME_CAPACITY_RESERVATION_ID);
    for (uint32_t i = 0; ids != NULL && !ids->is_complement && i < ids->value_count; i++) {
        if (ids->values[i] == reservation_id) {
            return true;
        }
    }
    return false;
}

/* No more claims hold a reservation than it has instances. */
static bool check_reservations(wb_validation *of)
{
    const wb_solver_world *world = of->input->world;
    for (uint32_t t = 0; t < wb_solver_world_type_count(world); t++) {
        const uint32_t count = wb_solver_world_type(world, t)->offering_count;
        for (uint32_t o = 0; o < count; o++) {
            const wb_offering offering = wb_solver_world_offering(world, t, o);
            int32_t holders = 0;
            for (uint32_t c = 0; offering.reservation_id != 0 && c < of->result->claim_count; c++) {
                const wb_solver_claim *claim = &of->result->claims[c];
                holders += holds_reservation(claim, offering.reservation_id);
            }
            if (holders > 0 && holders > offering.reservation_count) {
                wb_text_add_format(of->violation, "%d claims hold reservation %s, which has %d",
                                   holders, text_of(of, offering.reservation_id),
                                   offering.reservation_count);
                return false;
            }
        }
    }
    return true;
}

/* ---- NodePools ---- */

/* What nodes of the pool have, those that stay; an entry that a starting node does not show yet is
 * its claim's. */
static int64_t capacity_in_use(const wb_validation *of, const wb_nodepool *nodepool,
                               uint32_t resource)
{
    int64_t sum = 0;
    for (uint32_t n = 0; n < of->problem->node_count; n++) {
        const wb_solver_node_desc *desc = of->input->nodes[n].desc;
        if (desc->nodepool != nodepool->name || !wb_validator_node_is_offered(of, n)) {
            continue;
        }
        int64_t amount = wb_resource_list_get(desc->capacity, resource);
        if (amount == 0 && desc->is_managed && !desc->is_initialized) {
            amount = wb_resource_list_get(desc->claim_capacity, resource);
        }
        sum += amount;
    }
    return sum;
}

/* A claim counts as the largest node that it may become. */
static int64_t largest_capacity(const wb_validation *of, const wb_solver_claim *claim,
                                uint32_t resource)
{
    int64_t largest = 0;
    for (uint32_t i = 0; i < claim->type_count; i++) {
        const wb_catalog_type *type =
            wb_solver_world_type(of->input->world, claim->type_indices[i]);
        const int64_t amount = wb_resource_list_get(type->capacity, resource);
        largest = amount > largest ? amount : largest;
    }
    return largest;
}

/* Upstream does not count the nodes that one solve opens, so only what was there counts. */
static int64_t count_nodes(const wb_validation *of, const wb_nodepool *nodepool)
{
    int64_t count = 0;
    for (uint32_t n = 0; n < of->problem->node_count; n++) {
        count += of->input->nodes[n].desc->nodepool == nodepool->name &&
                 wb_validator_node_is_offered(of, n);
    }
    return count;
}

static bool check_pool_limits(wb_validation *of, uint32_t pool_index)
{
    const wb_nodepool *nodepool = wb_solver_world_pool(of->input->world, pool_index);
    uint32_t claim_count = 0;
    for (uint32_t c = 0; c < of->result->claim_count; c++) {
        claim_count += of->result->claims[c].pool_index == pool_index;
    }
    for (uint32_t i = 0; claim_count > 0 && i < nodepool->limits.count; i++) {
        const uint32_t resource = nodepool->limits.items[i].name;
        int64_t sum = capacity_in_use(of, nodepool, resource);
        for (uint32_t c = 0; c < of->result->claim_count; c++) {
            const wb_solver_claim *claim = &of->result->claims[c];
            sum += claim->pool_index == pool_index ? largest_capacity(of, claim, resource) : 0;
        }
        if (sum > nodepool->limits.items[i].amount) {
            wb_text_add_format(of->violation,
                               "NodePool %s may grow to %lld of %s, its limit is %lld",
                               text_of(of, nodepool->name), (long long)sum, text_of(of, resource),
                               (long long)nodepool->limits.items[i].amount);
            return false;
        }
    }
    const int64_t node_count = count_nodes(of, nodepool);
    if (claim_count > 0 && nodepool->limit_nodes >= 0 && node_count >= nodepool->limit_nodes) {
        wb_text_add_format(of->violation, "NodePool %s opens a claim with %lld of %lld nodes there",
                           text_of(of, nodepool->name), (long long)node_count,
                           (long long)nodepool->limit_nodes);
        return false;
    }
    return true;
}

bool wb_validator_check_limits(wb_validation *of)
{
    for (uint32_t p = 0; p < wb_solver_world_pool_count(of->input->world); p++) {
        if (!check_pool_limits(of, p)) {
            return false;
        }
    }
    return check_reservations(of);
}
