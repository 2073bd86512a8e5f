/*
 * CreateFleet, type instant: which of the overrides is launched, and why the others are refused.
 * Groups choose their machines by the same rules.
 */
#include <assert.h>
#include <string.h>

#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"

const wb_offering *wb_cloud_offering(const wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                                     wb_capacity_type capacity_type)
{
    assert(type_index < cloud->catalog->type_count);
    const wb_catalog_type *type = &cloud->catalog->types[type_index];
    for (uint32_t i = 0; i < type->offering_count; i++) {
        if (type->offerings[i].zone == zone && type->offerings[i].capacity_type == capacity_type) {
            return &type->offerings[i];
        }
    }
    return NULL;
}

/* Whether a is tried before b: priority, then type name, then zone name. */
static bool comes_before(const wb_cloud *cloud, const wb_fleet_override *a,
                         const wb_fleet_override *b)
{
    if (a->priority < b->priority || a->priority > b->priority) {
        return a->priority < b->priority;
    }
    const int by_type =
        strcmp(wb_intern_text(cloud->intern, cloud->catalog->types[a->type_index].name),
               wb_intern_text(cloud->intern, cloud->catalog->types[b->type_index].name));
    if (by_type != 0) {
        return by_type < 0;
    }
    return strcmp(wb_intern_text(cloud->intern, a->zone), wb_intern_text(cloud->intern, b->zone)) <
           0;
}

const char *wb_cloud_refusal(wb_cloud *cloud, uint32_t type_index, uint32_t zone,
                             wb_capacity_type capacity_type)
{
    const wb_offering *offering = wb_cloud_offering(cloud, type_index, zone, capacity_type);
    if (offering == NULL) {
        return "Unsupported";
    }
    const bool is_short =
        capacity_type == WB_CAPACITY_SPOT && wb_cloud_spot_is_short(cloud, type_index, zone);
    return offering->is_available && !is_short ? NULL : "InsufficientInstanceCapacity";
}

/*
 * A pool is deep when it has at least so much of the deepest one's depth. EC2 publishes only what
 * its strategies strive for, so the shares are ours: the deepest for capacity-optimized, a little
 * give for priorities ("best effort"), half for the balance of price and capacity.
 */
static const double least_depths[WB_ALLOCATION_STRATEGY_COUNT] = {
    [WB_ALLOCATION_CAPACITY_OPTIMIZED] = 1.0,
    [WB_ALLOCATION_CAPACITY_OPTIMIZED_PRIORITIZED] = 0.8,
    [WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED] = 0.5,
};

/* The depth that a pool of the request must have; 0 where depth does not matter. */
static double least_depth(wb_cloud *cloud, const wb_fleet_request *request)
{
    const double share = least_depths[request->strategy];
    double deepest = 0.0;
    if (request->capacity_type != WB_CAPACITY_SPOT || !cloud->weather.is_on || share <= 0.0) {
        return 0.0;
    }
    for (uint32_t i = 0; i < request->override_count; i++) {
        const wb_fleet_override *override = &request->overrides[i];
        const double depth = wb_cloud_spot_depth(cloud, override->type_index, override->zone);
        if (depth > deepest && wb_cloud_refusal(cloud, override->type_index, override->zone,
                                                request->capacity_type) == NULL) {
            deepest = depth;
        }
    }
    return deepest * share;
}

uint32_t wb_cloud_choose(wb_cloud *cloud, const wb_fleet_request *request, wb_fleet_result *out)
{
    assert(cloud != NULL && request != NULL && out != NULL);
    const double least = least_depth(cloud, request);
    uint32_t chosen = UINT32_MAX;
    for (uint32_t i = 0; i < request->override_count; i++) {
        const wb_fleet_override *override = &request->overrides[i];
        const char *code =
            wb_cloud_refusal(cloud, override->type_index, override->zone, request->capacity_type);
        if (code != NULL) {
            if (out->error_count < WB_FLEET_ERRORS_MAX) {
                out->errors[out->error_count++] = (wb_fleet_error){
                    .type_index = override->type_index, .zone = override->zone, .code = code};
            }
            continue;
        }
        if (least > 0.0 &&
            wb_cloud_spot_depth(cloud, override->type_index, override->zone) < least) {
            continue;
        }
        if (chosen == UINT32_MAX || comes_before(cloud, override, &request->overrides[chosen])) {
            chosen = i;
        }
    }
    return chosen;
}

static void announce_refusal(const wb_cloud *cloud, const wb_fleet_error *error)
{
    const wb_catalog_type *type = &cloud->catalog->types[error->type_index];
    WB_NOTIFY(cloud->observers, cloud_error, "CreateFleet", error->code,
              wb_intern_text(cloud->intern, type->name));
}

void wb_cloud_announce_error(const wb_cloud *cloud, wb_cloud_action action, const char *code,
                             uint32_t instance_id)
{
    assert(cloud != NULL && code != NULL);
    const char *subject = "";
    if (instance_id != WB_NO_ID) {
        const uint32_t type_index = cloud->instances[instance_id].type_index;
        subject = wb_intern_text(cloud->intern, cloud->catalog->types[type_index].name);
    }
    WB_NOTIFY(cloud->observers, cloud_error, wb_cloud_api_action_name(action), code, subject);
}

/* The front door: false when the call as a whole is refused. */
static bool begin_call(wb_cloud *cloud, const wb_fleet_request *request, wb_fleet_result *out)
{
    wb_cloud_call call = {
        .action = WB_CLOUD_CREATE_FLEET,
        .resource_count = 1,
        .instance_id = WB_NO_ID,
        .asg_id = WB_NO_ID,
        .fleet = request,
    };
    out->call_error = wb_cloud_api_begin(&cloud->api, &call);
    out->delay_ms = call.delay_ms;
    if (out->call_error != NULL) {
        wb_cloud_announce_error(cloud, WB_CLOUD_CREATE_FLEET, out->call_error, WB_NO_ID);
    }
    return out->call_error == NULL;
}

void wb_cloud_create_fleet(wb_cloud *cloud, const wb_fleet_request *request, wb_fleet_result *out)
{
    assert(request->override_count > 0);
    *out = (wb_fleet_result){.instance_id = WB_NO_ID};
    if (!begin_call(cloud, request, out)) {
        return;
    }
    wb_fleet_request asked = *request;
    if (request->capacity_type == WB_CAPACITY_SPOT &&
        request->strategy == WB_ALLOCATION_LOWEST_PRICE) {
        asked.strategy = WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED; /* what Karpenter asks for */
    }
    const uint32_t chosen = wb_cloud_choose(cloud, &asked, out);
    for (uint32_t i = 0; i < out->error_count; i++) {
        announce_refusal(cloud, &out->errors[i]);
    }
    wb_cloud_api_end(&cloud->api, WB_CLOUD_CREATE_FLEET,
                     chosen == UINT32_MAX ? out->errors[0].code : NULL);
    if (chosen != UINT32_MAX) {
        out->instance_id =
            wb_cloud_launch(cloud, request, &request->overrides[chosen], WB_NO_ID, out->delay_ms);
    }
}
