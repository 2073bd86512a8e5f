/*
 * From a NodeClaim's instance types to what a fleet request asks for: the AWS provider's filters
 * and the cut to 60 types. Pure. Source: spec/disruption.md section 19, steps 2 to 5 and 7.
 */
#ifndef WB_SOLVER_LAUNCH_H
#define WB_SOLVER_LAUNCH_H

#include "solver/provisioning.h"

#define WB_LAUNCH_MAX_TYPES 60

/* One override of the fleet request: a type in a zone. */
typedef struct wb_launch_override {
    uint32_t type_index, offering_index; /* of the world */
    double price_usd_per_hour;           /* the priority */
} wb_launch_override;

typedef struct wb_launch_plan {
    const uint32_t *type_indices; /* what is left, cheapest first, at most WB_LAUNCH_MAX_TYPES */
    uint32_t type_count;
    wb_capacity_type capacity_type; /* reserved, else spot, else on-demand: the one that is asked */
    const wb_launch_override *overrides; /* of that capacity type; types in order, then zones */
    uint32_t override_count;
    bool is_insufficient; /* no type is left: the claim is deleted at once */
} wb_launch_plan;

/* A claim that is about to be launched. */
typedef struct wb_launch_request {
    wb_requirements requirements;
    const uint32_t *type_indices; /* candidates, of the world */
    uint32_t type_count;
    wb_resource_list requests;
} wb_launch_request;

/* What to ask the cloud for, under the world's offerings as they are now (they may have changed
 * since the solve). Lives in arena. */
wb_launch_plan wb_launch_prepare(wb_arena *arena, const wb_solver_world *world,
                                 const wb_launch_request *request);

#endif
