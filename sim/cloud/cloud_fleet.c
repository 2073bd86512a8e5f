/*
 * CreateFleet, type instant: which of the overrides is launched, and why the others are refused.
 * Groups choose their machines by the same rules.
 */
#include <assert.h>
#include <string.h>

#include "base/heap_memory.h"
#include "sim/cloud/cloud.h"
#include "sim/cloud/cloud_internal.h"
#include "sim/cloud/identity.h"

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
    const wb_fleet_override asked = {.type_index = type_index, .zone = zone};
    if (offering == NULL ||
        wb_cloud_offering_has_ended(cloud, &asked, capacity_type, cloud->kernel->now_ms)) {
        return "Unsupported";
    }
    const char *code = wb_cloud_quota_refusal(cloud, type_index, capacity_type);
    if (code != NULL) {
        return code; /* EC2 looks at the account before it looks for room */
    }
    const bool is_short =
        capacity_type == WB_CAPACITY_SPOT && wb_cloud_spot_is_short(cloud, type_index, zone);
    if (!offering->is_available || is_short || wb_cloud_outage_end_ms(cloud, zone) >= 0) {
        return "InsufficientInstanceCapacity";
    }
    return wb_cloud_market_refusal(cloud, type_index, zone, capacity_type);
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
    const bool is_known = cloud->weather.is_on || cloud->market.capacity_count > 0;
    if (request->capacity_type != WB_CAPACITY_SPOT || !is_known || share <= 0.0) {
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

static void add_error(wb_fleet_result *out, const wb_fleet_override *override, const char *code)
{
    if (out->error_count < WB_FLEET_ERRORS_MAX) {
        out->errors[out->error_count++] = (wb_fleet_error){.type_index = override->type_index,
                                                           .zone = override->zone,
                                                           .code = code,
                                                           .subnet = override->subnet};
    }
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
        if (code == NULL && cloud->identity != NULL) {
            code = wb_identity_refuse_type(cloud->identity, request, override->type_index);
        }
        code = code != NULL ? code : wb_cloud_network_refusal(cloud, override);
        if (code != NULL) {
            add_error(out, override, code);
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
    const bool is_refused_by_iam =
        cloud->permissions.code != NULL && strcmp(cloud->permissions.code, code) == 0;
    const char *subject = is_refused_by_iam ? cloud->permissions.message : "";
    if (!is_refused_by_iam && instance_id != WB_NO_ID) {
        const uint32_t type_index = cloud->instances[instance_id].type_index;
        subject = wb_intern_text(cloud->intern, cloud->catalog->types[type_index].name);
    }
    WB_NOTIFY(cloud->observers, cloud_error, wb_cloud_api_action_name(action), code, subject);
}

/* Requests for the same pools are equal to Karpenter's batcher. Never 0. */
static uint64_t merge_key(const wb_fleet_request *request)
{
    uint64_t key = wb_hash_map_join(request->capacity_type, request->strategy);
    for (uint32_t i = 0; i < request->override_count; i++) {
        key = wb_hash_map_join(key, request->overrides[i].type_index);
        key = wb_hash_map_join(key, request->overrides[i].zone);
    }
    return key | 1;
}

/* The front door: false when the call as a whole, or one that it needs, is refused. */
static bool begin_call(wb_cloud *cloud, const wb_fleet_request *request, wb_fleet_result *out)
{
    out->call_error = wb_cloud_templates_ensure(cloud, request);
    if (out->call_error != NULL) {
        return false;
    }
    wb_cloud_call call = {
        .action = WB_CLOUD_CREATE_FLEET,
        .resource_count = request->count == 0 ? 1 : request->count,
        .instance_id = WB_NO_ID,
        .asg_id = WB_NO_ID,
        .fleet = request,
        .merge_key = request->claim_id != WB_NO_ID ? merge_key(request) : 0,
    };
    out->call_error = wb_cloud_api_begin(&cloud->api, &call);
    out->delay_ms = call.delay_ms;
    if (out->call_error != NULL) {
        wb_cloud_announce_error(cloud, WB_CLOUD_CREATE_FLEET, out->call_error, WB_NO_ID);
    }
    return out->call_error == NULL;
}

/* Overrides with the price of the moment as their priority, where the strategy goes by price and
 * prices move; NULL: they can stay as they are. Owned by the caller. */
static wb_fleet_override *price_overrides(const wb_cloud *cloud, const wb_fleet_request *request)
{
    const bool by_price = request->strategy == WB_ALLOCATION_LOWEST_PRICE ||
                          request->strategy == WB_ALLOCATION_PRICE_CAPACITY_OPTIMIZED;
    if (request->capacity_type != WB_CAPACITY_SPOT || !by_price || cloud->market.price_count == 0) {
        return NULL;
    }
    wb_fleet_override *priced = wb_heap_memory_alloc(request->override_count, sizeof priced[0]);
    for (uint32_t i = 0; i < request->override_count; i++) {
        priced[i] = request->overrides[i];
        if (wb_cloud_offering(cloud, priced[i].type_index, priced[i].zone, WB_CAPACITY_SPOT) !=
            NULL) {
            priced[i].priority = (double)wb_cloud_price_nusd(cloud, priced[i].type_index,
                                                             priced[i].zone, WB_CAPACITY_SPOT);
        }
    }
    return priced;
}

/* An override that was refused twice, as capacity ran out, is told once. */
static void keep_first_errors(wb_fleet_result *out)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < out->error_count; i++) {
        uint32_t seen = 0;
        while (seen < kept && (out->errors[seen].type_index != out->errors[i].type_index ||
                               out->errors[seen].zone != out->errors[i].zone)) {
            seen++;
        }
        if (seen == kept) {
            out->errors[kept++] = out->errors[i];
        }
    }
    out->error_count = kept;
}

static void launch_all(wb_cloud *cloud, const wb_fleet_request *request, wb_fleet_result *out)
{
    const uint32_t count = request->count == 0 ? 1 : request->count;
    while (out->launched_count < count) {
        const uint32_t chosen = wb_cloud_choose(cloud, request, out);
        keep_first_errors(out);
        if (chosen == UINT32_MAX) {
            return;
        }
        const uint32_t instance_id =
            wb_cloud_launch(cloud, request, &request->overrides[chosen], WB_NO_ID, out->delay_ms);
        if (request->instance_ids != NULL) {
            request->instance_ids[out->launched_count] = instance_id;
        }
        out->instance_id = out->launched_count == 0 ? instance_id : out->instance_id;
        out->launched_count++;
    }
}

void wb_cloud_create_fleet(wb_cloud *cloud, const wb_fleet_request *request, wb_fleet_result *out)
{
    assert(request->override_count > 0);
    *out = (wb_fleet_result){.instance_id = WB_NO_ID};
    if (!begin_call(cloud, request, out)) {
        return;
    }
    wb_fleet_request priced = *request;
    wb_fleet_override *overrides = price_overrides(cloud, request);
    priced.overrides = overrides != NULL ? overrides : request->overrides;
    launch_all(cloud, &priced, out);
    wb_heap_memory_free(overrides);
    for (uint32_t i = 0; i < out->error_count; i++) {
        announce_refusal(cloud, &out->errors[i]);
    }
    const bool is_short = out->launched_count < (request->count == 0 ? 1 : request->count);
    wb_cloud_api_end(&cloud->api, WB_CLOUD_CREATE_FLEET, is_short ? out->errors[0].code : NULL);
}
