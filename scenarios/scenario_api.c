/* spec.apiLimits: the rate limits of EC2's API, off where it is absent. */
#include <assert.h>

#include "scenarios/scenario_internal.h"

static void load_rate(const wb_field *limits, wb_throttle_bucket bucket, wb_throttle_rate *out)
{
    const wb_field field = wb_field_get(limits, wb_throttle_bucket_name(bucket));
    const wb_field size = wb_field_get(&field, "size");
    const wb_field per_second = wb_field_get(&field, "perSecond");
    if (!wb_field_is_set(&field)) {
        return;
    }
    out->size = wb_field_int32(&size, out->size);
    out->per_second = wb_field_int32(&per_second, out->per_second);
    if (out->size < 0) {
        wb_field_error(&size, "is %d, expected 0 (unlimited) or more tokens", out->size);
    }
    if (out->per_second < 0 || (out->size > 0 && out->per_second == 0)) {
        wb_field_error(wb_field_is_set(&per_second) ? &per_second : &field,
                       "refills %d tokens per second, expected 1 or more", out->per_second);
    }
}

void wb_scenario_load_api(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    wb_throttle_limits *out = &loader->scenario->api_limits;
    const wb_field limits = wb_field_get(spec, "apiLimits");
    *out = wb_throttle_default();
    out->is_on = wb_field_is_set(&limits);
    out->per_action = wb_field_get_bool(&limits, "perAction", false);
    for (int i = 0; i < WB_THROTTLE_BUCKET_COUNT; i++) {
        load_rate(&limits, (wb_throttle_bucket)i, &out->rates[i]);
    }
}
