/*
 * Which instance types a claim can still be: requirements, room, an available offering.
 * Source: spec/scheduling.md section 6.
 */
#include <assert.h>

#include "solver/host_ports.h"
#include "solver/provisioning_internal.h"

static bool type_fits(const wb_solve *solve, uint32_t type_index, const int64_t *total,
                      const wb_daemon_group *group)
{
    assert(solve != NULL && group != NULL);
    if (solve->world->types[type_index].is_negative) {
        return false;
    }
    for (uint32_t r = 0; r < solve->resource_count; r++) {
        const int64_t daemons = r < group->resource_count ? group->overhead[r] : 0;
        if (total[r] + daemons > wb_solver_world_allocatable_of(solve->world, r, type_index)) {
            return false;
        }
    }
    return true;
}

static bool judge_type(const wb_solve *solve, const wb_filter_query *query,
                       const wb_daemon_group *group, uint32_t type_index,
                       wb_filter_outcome *outcome)
{
    assert(solve != NULL && query != NULL && group != NULL && outcome != NULL);
    const wb_solver_world *world = solve->world;
    const bool req =
        wb_requirements_intersects(world->intern, world->types[type_index].requirements,
                                   query->requirements, NULL);
    const bool off = wb_offering_filter_has(&query->offerings, type_index);
    const bool fit = off && type_fits(solve, type_index, query->total, group);
    outcome->req = outcome->req || req;
    outcome->fit = outcome->fit || fit;
    outcome->off = outcome->off || off;
    outcome->req_fit = outcome->req_fit || (req && fit && !off);
    outcome->req_off = outcome->req_off || (req && off && !fit);
    outcome->fit_off = outcome->fit_off || (fit && off && !req);
    outcome->req_count += req;
    outcome->fit_count += fit;
    outcome->off_count += off;
    return req && fit && off;
}

void wb_provisioning_filter(const wb_solve *solve, const wb_filter_query *query,
                            uint64_t *out_types, wb_filter_outcome *outcome)
{
    assert(solve != NULL && query != NULL && out_types != NULL && outcome != NULL);
    const size_t words = solve->world->word_count;
    *outcome = (wb_filter_outcome){0};
    wb_bitset_clear(out_types, words);
    for (uint32_t g = 0; g < query->pool->group_count; g++) {
        const wb_daemon_group *group = &query->pool->groups[g];
        if (wb_host_ports_clash(query->ports, query->port_count, group->ports, group->port_count)) {
            continue;
        }
        for (size_t t = wb_bitset_next(group->types, words, 0); t != SIZE_MAX;
             t = wb_bitset_next(group->types, words, t + 1)) {
            if (wb_bitset_has(query->candidates, t) &&
                judge_type(solve, query, group, (uint32_t)t, outcome)) {
                wb_bitset_add(out_types, t);
            }
        }
    }
}

uint32_t wb_provisioning_types_refused(const wb_filter_outcome *outcome)
{
    assert(outcome != NULL);
    const uint32_t refused = WB_REFUSED_INSTANCE_TYPES;
    /* Bits 0, 1, 2 for req, fit, off: the combinations' flags follow each other in that order. */
    const uint32_t unmet =
        (outcome->req ? 0U : 1U) | (outcome->fit ? 0U : 2U) | (outcome->off ? 0U : 4U);
    if (unmet != 0) {
        return refused | WB_REFUSED_TYPES_REQ << (unmet - 1);
    }
    if (outcome->req_fit) {
        return refused | WB_REFUSED_TYPES_OFF_AMONG_REQ_FIT;
    }
    if (outcome->fit_off) {
        return refused | WB_REFUSED_TYPES_REQ_AMONG_FIT_OFF;
    }
    if (outcome->req_off) {
        return refused | WB_REFUSED_TYPES_FIT_AMONG_REQ_OFF;
    }
    return refused | WB_REFUSED_TYPES_TRIPLE;
}
