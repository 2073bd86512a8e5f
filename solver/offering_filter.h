/*
 * Which offerings a requirement map allows, decided by two small masks in the ordinary case.
 *
 * Offerings differ in zone and market; a map says once which zones and markets it takes, and each
 * of the 8,000 offerings of a catalog then costs two bit tests. Maps that name reservation labels,
 * and worlds of more than 64 zones, go the long way. Source: spec/scheduling.md section 6.
 */
#ifndef WB_SOLVER_OFFERING_FILTER_H
#define WB_SOLVER_OFFERING_FILTER_H

#include "solver/solver_world_internal.h"

typedef struct wb_offering_filter {
    const wb_solver_world *world; /* borrowed */
    wb_requirements requirements; /* borrowed */
    uint64_t zones;               /* bit per zone of the world */
    uint32_t markets;             /* bit per capacity type */
    bool is_simple;               /* the masks decide */
} wb_offering_filter;

/* The filter of a map, which must stay while the filter is used. */
wb_offering_filter wb_offering_filter_of(const wb_solver_world *world,
                                         wb_requirements requirements);

/* Whether the offering is available and allowed. */
bool wb_offering_filter_allows(const wb_offering_filter *filter, const wb_world_offering *offering);

/* Whether an available offering of the type is allowed. */
bool wb_offering_filter_has(const wb_offering_filter *filter, uint32_t type_index);

/* The lowest price among the type's available, allowed offerings; DBL_MAX without any. */
double wb_offering_filter_price(const wb_offering_filter *filter, uint32_t type_index);

/* What a launch of the type may cost at worst: the dearest allowed, available offering of the
 * market that is tried first (reserved, then spot, then on-demand); DBL_MAX without any. */
double wb_offering_filter_launch_price(const wb_offering_filter *filter, uint32_t type_index);

#endif
