#include "solver/offering_filter.h"

#include <assert.h>
#include <float.h>

static bool allows_value(const wb_solver_world *world, const wb_requirement *requirement,
                         uint32_t value)
{
    return requirement == NULL || wb_requirement_has(world->intern, requirement, value);
}

wb_offering_filter wb_offering_filter_of(const wb_solver_world *world, wb_requirements requirements)
{
    assert(world != NULL);
    static const uint32_t markets[] = {
        [WB_CAPACITY_ON_DEMAND] = WB_NAME_ON_DEMAND,
        [WB_CAPACITY_SPOT] = WB_NAME_SPOT,
        [WB_CAPACITY_RESERVED] = WB_NAME_RESERVED,
    };
    wb_offering_filter made = {.world = world, .requirements = requirements};
    const wb_requirement *zone = wb_requirements_get(requirements, WB_NAME_ZONE);
    const wb_requirement *market = wb_requirements_get(requirements, WB_NAME_CAPACITY_TYPE);
    made.is_simple =
        world->zone_count <= 64 &&
        wb_requirements_get(requirements, WB_NAME_CAPACITY_RESERVATION_ID) == NULL &&
        wb_requirements_get(requirements, WB_NAME_CAPACITY_RESERVATION_TYPE) == NULL &&
        wb_requirements_get(requirements, WB_NAME_CAPACITY_RESERVATION_INTERRUPTIBLE) == NULL;
    for (uint32_t z = 0; made.is_simple && z < world->zone_count; z++) {
        made.zones |= (uint64_t)allows_value(world, zone, world->zones[z]) << z;
    }
    for (uint32_t m = 0; m < sizeof(markets) / sizeof(markets[0]); m++) {
        made.markets |= (uint32_t)allows_value(world, market, markets[m]) << m;
    }
    return made;
}

bool wb_offering_filter_allows(const wb_offering_filter *filter, const wb_world_offering *offering)
{
    assert(filter != NULL && offering != NULL);
    if (!offering->now.is_available) {
        return false;
    }
    if (filter->is_simple) {
        return (filter->zones >> offering->zone_index & 1) != 0 &&
               (filter->markets >> offering->now.capacity_type & 1) != 0;
    }
    return wb_requirements_compatible(filter->world->intern, filter->requirements,
                                      offering->requirements, WB_UNDEFINED_WELL_KNOWN,
                                      NULL) == WB_COMPATIBLE;
}

bool wb_offering_filter_has(const wb_offering_filter *filter, uint32_t type_index)
{
    assert(type_index < filter->world->type_count);
    const wb_world_type *type = &filter->world->types[type_index];
    const wb_world_offering *offerings = filter->world->offerings + type->first_offering;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        if (wb_offering_filter_allows(filter, &offerings[i])) {
            return true;
        }
    }
    return false;
}

double wb_offering_filter_price(const wb_offering_filter *filter, uint32_t type_index)
{
    assert(type_index < filter->world->type_count);
    const wb_world_type *type = &filter->world->types[type_index];
    const wb_world_offering *offerings = filter->world->offerings + type->first_offering;
    double lowest = DBL_MAX;
    for (uint32_t i = 0; i < type->offering_count; i++) {
        if (offerings[i].now.price_usd_per_hour < lowest &&
            wb_offering_filter_allows(filter, &offerings[i])) {
            lowest = offerings[i].now.price_usd_per_hour;
        }
    }
    return lowest;
}

double wb_offering_filter_launch_price(const wb_offering_filter *filter, uint32_t type_index)
{
    static const wb_capacity_type order[] = {WB_CAPACITY_RESERVED, WB_CAPACITY_SPOT,
                                             WB_CAPACITY_ON_DEMAND};
    assert(type_index < filter->world->type_count);
    const wb_world_type *type = &filter->world->types[type_index];
    const wb_world_offering *offerings = filter->world->offerings + type->first_offering;
    double dearest[] = {-1.0, -1.0, -1.0};
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_offering *now = &offerings[i].now;
        if (now->price_usd_per_hour > dearest[now->capacity_type] &&
            wb_offering_filter_allows(filter, &offerings[i])) {
            dearest[now->capacity_type] = now->price_usd_per_hour;
        }
    }
    for (size_t m = 0; m < sizeof(order) / sizeof(order[0]); m++) {
        if (dearest[order[m]] >= 0.0) {
            return dearest[order[m]];
        }
    }
    return DBL_MAX;
}
