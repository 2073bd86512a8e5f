#include "solver/launch.h"

#include <assert.h>
#include <float.h>
#include <string.h>

#include "base/sort.h"
#include "kube/names.h"
#include "solver/min_values.h"
#include "solver/solver_world_internal.h"

/* A type that may be launched, and those of its offerings that still may. */
typedef struct candidate {
    uint32_t type_index;
    uint32_t first, count; /* in the draft's offerings */
    double cheapest;       /* of them */
} candidate;

typedef struct draft {
    const wb_solver_world *world;
    candidate *types;
    uint32_t type_count;
    uint32_t *offerings; /* indices within their type, catalogue order */
    uint32_t offering_count;
} draft;

static const wb_offering *offering_of(const draft *made, const candidate *type, uint32_t slot)
{
    assert(made != NULL && type != NULL);
    const uint32_t first = made->world->types[type->type_index].first_offering;
    return &made->world->offerings[first + made->offerings[type->first + slot]].now;
}

static bool type_fits(const wb_solver_world *world, uint32_t type_index, wb_resource_list requests)
{
    const wb_world_type *type = &world->types[type_index];
    for (uint32_t i = 0; i < requests.count; i++) {
        int64_t allocatable = 0;
        for (uint32_t r = 0; r < world->type_resource_count; r++) {
            if (world->resource_names[r] == requests.items[i].name) {
                allocatable = wb_solver_world_allocatable_of(world, r, type_index);
            }
        }
        if (requests.items[i].amount > allocatable) {
            return false;
        }
    }
    return !type->is_negative;
}

/* Available offerings that the requirements allow. */
static void add_candidate(draft *made, wb_requirements requirements, uint32_t type_index)
{
    const wb_world_type *type = &made->world->types[type_index];
    candidate *one = &made->types[made->type_count];
    *one = (candidate){.type_index = type_index, .first = made->offering_count};
    for (uint32_t i = 0; i < type->offering_count; i++) {
        const wb_world_offering *offering = &made->world->offerings[type->first_offering + i];
        if (offering->now.is_available &&
            wb_requirements_compatible(made->world->intern, requirements, offering->requirements,
                                       WB_UNDEFINED_WELL_KNOWN, NULL) == WB_COMPATIBLE) {
            made->offerings[made->offering_count++] = i;
        }
    }
    one->count = made->offering_count - one->first;
    made->type_count += one->count > 0;
}

/* Accelerators and bare metal are only asked for when nothing else will do. */
static bool is_exotic(const wb_solver_world *world, uint32_t type_index)
{
    static const uint32_t accelerators[] = {WB_NAME_NVIDIA_GPU, WB_NAME_AMD_GPU, WB_NAME_NEURON,
                                            WB_NAME_NEURON_CORE, WB_NAME_HABANA_GAUDI};
    const wb_catalog_type *type = world->types[type_index].source;
    for (size_t i = 0; i < sizeof(accelerators) / sizeof(accelerators[0]); i++) {
        if (wb_resource_list_get(type->capacity, accelerators[i]) > 0) {
            return true;
        }
    }
    return strstr(wb_intern_text(world->intern, type->name), "metal") != NULL;
}

static void drop_exotic(draft *made)
{
    uint32_t plain_count = 0;
    for (uint32_t i = 0; i < made->type_count; i++) {
        plain_count += !is_exotic(made->world, made->types[i].type_index);
    }
    if (plain_count == 0) {
        return;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < made->type_count; i++) {
        if (!is_exotic(made->world, made->types[i].type_index)) {
            made->types[kept++] = made->types[i];
        }
    }
    made->type_count = kept;
}

/* The lowest price under a market over all candidates; DBL_MAX without any. */
static double lowest_price(const draft *made, wb_capacity_type capacity_type)
{
    double lowest = DBL_MAX;
    for (uint32_t t = 0; t < made->type_count; t++) {
        for (uint32_t i = 0; i < made->types[t].count; i++) {
            const wb_offering *offering = offering_of(made, &made->types[t], i);
            if (offering->capacity_type == capacity_type && offering->price_usd_per_hour < lowest) {
                lowest = offering->price_usd_per_hour;
            }
        }
    }
    return lowest;
}

/* Spot dearer than the cheapest on-demand offering makes no sense when either is allowed. */
static void drop_dear_spot(draft *made)
{
    const double on_demand = lowest_price(made, WB_CAPACITY_ON_DEMAND);
    if (on_demand >= DBL_MAX || lowest_price(made, WB_CAPACITY_SPOT) >= DBL_MAX) {
        return;
    }
    uint32_t kept_types = 0;
    for (uint32_t t = 0; t < made->type_count; t++) {
        candidate type = made->types[t];
        uint32_t kept = 0;
        for (uint32_t i = 0; i < type.count; i++) {
            const wb_offering *offering = offering_of(made, &type, i);
            if (offering->capacity_type != WB_CAPACITY_SPOT ||
                offering->price_usd_per_hour <= on_demand) {
                made->offerings[type.first + kept++] = made->offerings[type.first + i];
            }
        }
        type.count = kept;
        if (kept > 0) {
            made->types[kept_types++] = type;
        }
    }
    assert(kept_types > 0); /* the cheapest on-demand offering itself stays */
    made->type_count = kept_types;
}

static int compare_candidates(const void *a, const void *b, void *context)
{
    const wb_solver_world *world = context;
    const candidate *p = a;
    const candidate *q = b;
    if (p->cheapest < q->cheapest || p->cheapest > q->cheapest) {
        return p->cheapest < q->cheapest ? -1 : 1;
    }
    const int by_name =
        strcmp(wb_intern_text(world->intern, world->types[p->type_index].source->name),
               wb_intern_text(world->intern, world->types[q->type_index].source->name));
    return by_name != 0 ? by_name
                        : (p->type_index > q->type_index) - (p->type_index < q->type_index);
}

static void sort_candidates(wb_arena *arena, draft *made)
{
    assert(arena != NULL && made != NULL);
    for (uint32_t t = 0; t < made->type_count; t++) {
        candidate *type = &made->types[t];
        type->cheapest = DBL_MAX;
        for (uint32_t i = 0; i < type->count; i++) {
            const double price = offering_of(made, type, i)->price_usd_per_hour;
            type->cheapest = price < type->cheapest ? price : type->cheapest;
        }
    }
    wb_solver_world *readable = WB_ARENA_NEW(arena, wb_solver_world);
    *readable = *made->world; /* a comparator's context is not const; nothing writes it */
    wb_sort(made->types, made->type_count, sizeof(*made->types), compare_candidates, readable);
}

/* Whether the first count types still offer what minValues asks for. */
static bool cut_is_allowed(wb_arena *arena, const draft *made, wb_requirements requirements,
                           uint32_t count)
{
    assert(arena != NULL && made != NULL);
    if (made->world->min_values_best_effort || !wb_requirements_has_min_values(requirements)) {
        return true;
    }
    uint64_t *kept = WB_ARENA_ARRAY(arena, uint64_t, made->world->word_count);
    for (uint32_t i = 0; i < count; i++) {
        wb_bitset_add(kept, made->types[i].type_index);
    }
    return wb_min_values_satisfied(made->world, requirements, kept);
}

/* Reserved before spot before on-demand; one market per call, with no fall-back inside it. */
static wb_capacity_type choose_market(const draft *made)
{
    static const wb_capacity_type order[] = {WB_CAPACITY_RESERVED, WB_CAPACITY_SPOT};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (lowest_price(made, order[i]) < DBL_MAX) {
            return order[i];
        }
    }
    return WB_CAPACITY_ON_DEMAND;
}

static void fill_overrides(wb_arena *arena, const draft *made, wb_launch_plan *out)
{
    assert(arena != NULL && made != NULL && out != NULL);
    wb_launch_override *overrides = WB_ARENA_ARRAY(arena, wb_launch_override, made->offering_count);
    for (uint32_t t = 0; t < made->type_count; t++) {
        const candidate *type = &made->types[t];
        for (uint32_t i = 0; i < type->count; i++) {
            const wb_offering *offering = offering_of(made, type, i);
            if (offering->capacity_type == out->capacity_type) {
                overrides[out->override_count++] =
                    (wb_launch_override){type->type_index, made->offerings[type->first + i],
                                         offering->price_usd_per_hour};
            }
        }
    }
    out->overrides = overrides;
}

wb_launch_plan wb_launch_prepare(wb_arena *arena, const wb_solver_world *world,
                                 const wb_launch_request *request)
{
    assert(arena != NULL && world != NULL);
    assert(request->type_count == 0 || request->type_indices != NULL);
    draft made = {.world = world,
                  .types = WB_ARENA_ARRAY(arena, candidate, request->type_count + 1),
                  .offerings = WB_ARENA_ARRAY(arena, uint32_t, world->offering_count)};
    for (uint32_t i = 0; i < request->type_count; i++) {
        const uint32_t type_index = request->type_indices[i];
        assert(type_index < world->type_count);
        if (wb_requirements_intersects(world->intern, world->types[type_index].requirements,
                                       request->requirements, NULL) &&
            type_fits(world, type_index, request->requests)) {
            add_candidate(&made, request->requirements, type_index);
        }
    }
    if (!wb_requirements_has_min_values(request->requirements)) {
        drop_exotic(&made);
        drop_dear_spot(&made);
    }
    sort_candidates(arena, &made);
    if (made.type_count > WB_LAUNCH_MAX_TYPES) {
        if (!cut_is_allowed(arena, &made, request->requirements, WB_LAUNCH_MAX_TYPES)) {
            made.type_count = 0;
        } else {
            made.type_count = WB_LAUNCH_MAX_TYPES;
        }
    }
    wb_launch_plan plan = {.type_count = made.type_count, .is_insufficient = made.type_count == 0};
    uint32_t *indices = WB_ARENA_ARRAY(arena, uint32_t, made.type_count);
    for (uint32_t t = 0; t < made.type_count; t++) {
        indices[t] = made.types[t].type_index;
    }
    plan.type_indices = indices;
    plan.capacity_type = choose_market(&made);
    fill_overrides(arena, &made, &plan);
    return plan;
}
