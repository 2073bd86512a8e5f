/* spec.spot: whether spot machines are interrupted, how often, and what the scenario sets. */
#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "scenarios/scenario_internal.h"

static double number_between(const wb_field *field, double fallback, double above, double most)
{
    if (!wb_field_is_set(field)) {
        return fallback;
    }
    const double value = wb_node_double(field->node, fallback);
    if (value <= above || value > most) {
        wb_field_error(field, "is '%s', expected a number above %g, up to %g", wb_field_text(field),
                       above, most);
        return fallback;
    }
    return value;
}

static void load_bands(const wb_field *spot, wb_spot_weather *out)
{
    const wb_field bands = wb_field_get(spot, "monthlyByBand");
    const uint32_t count = wb_field_count(&bands);
    if (count != 0 && count != WB_SPOT_WEATHER_BANDS) {
        wb_field_error(&bands,
                       "has %u numbers, expected %d: one for each of the spot advisor's "
                       "bands",
                       count, WB_SPOT_WEATHER_BANDS);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const wb_field band = wb_field_at(&bands, i);
        out->monthly[i] = number_between(&band, out->monthly[i], 0.0, 0.999);
    }
    const wb_field unknown = wb_field_get(spot, "monthlyUnknown");
    out->unknown_monthly = number_between(&unknown, out->unknown_monthly, 0.0, 0.999);
}

static void load_event(wb_scenario_loader *loader, const wb_field *entry,
                       wb_spot_weather_event *out)
{
    const wb_field at = wb_field_get(entry, "at");
    const wb_field type = wb_field_get(entry, "instanceType");
    const wb_field zone = wb_field_get(entry, "zone");
    const wb_field count = wb_field_get(entry, "count");
    (void)wb_field_expect(&at, "when the machines are warned");
    const int32_t wanted = wb_field_int32(&count, INT32_MAX);
    if (wanted < 0) {
        wb_field_error(&count, "is %d, expected 0 (a shortage alone) or more", wanted);
    }
    *out = (wb_spot_weather_event){
        .at_ms = wb_scenario_duration(&at, 0),
        .type_index = UINT32_MAX,
        .zone = wb_scenario_zone(loader, &zone),
        .count = wb_field_is_set(&count) && wanted >= 0 ? (uint32_t)wanted : UINT32_MAX,
    };
    if (wb_field_is_set(&type)) {
        (void)wb_scenario_type(loader, &type, &out->type_index);
    }
}

static void load_events(wb_scenario_loader *loader, const wb_field *spot, wb_spot_weather *out)
{
    const wb_field list = wb_field_get(spot, "events");
    const uint32_t count = wb_field_count(&list);
    wb_spot_weather_event *events =
        WB_ARENA_ARRAY(loader->context.arena, wb_spot_weather_event, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field entry = wb_field_at(&list, i);
        load_event(loader, &entry, &events[i]);
        for (uint32_t j = i; j > 0 && events[j].at_ms < events[j - 1].at_ms; j--) {
            const wb_spot_weather_event later = events[j - 1];
            events[j - 1] = events[j];
            events[j] = later;
        }
    }
    out->events = events;
    out->event_count = count;
}

void wb_scenario_load_spot(wb_scenario_loader *loader, const wb_field *spec)
{
    assert(loader != NULL && spec != NULL);
    static const char *const sources[] = {"none", "advisor"};
    wb_spot_weather *out = &loader->scenario->spot;
    *out = wb_spot_weather_default();
    const wb_field spot = wb_field_get(spec, "spot");
    const wb_field interruptions = wb_field_get(&spot, "interruptions");
    const wb_field notice = wb_field_get(&spot, "notice");
    const wb_field lead = wb_field_get(&spot, "rebalanceLead");
    const wb_field shortage = wb_field_get(&spot, "shortage");
    const wb_field share = wb_field_get(&spot, "share");
    out->is_on = wb_field_choice(&interruptions, sources, 2, 0) == 1;
    out->notice_ms = wb_scenario_duration(&notice, out->notice_ms);
    out->rebalance_lead_ms = wb_scenario_duration(&lead, out->rebalance_lead_ms);
    out->shortage_ms = wb_scenario_duration(&shortage, out->shortage_ms);
    out->share = number_between(&share, out->share, 0.0, 1.0);
    out->first_hour_is_charged = !wb_field_get_bool(&spot, "firstHourFree", true);
    out->first_hour_is_free_when_left = wb_field_get_bool(&spot, "firstHourFreeWhenLeft", false);
    load_bands(&spot, out);
    load_events(loader, &spot, out);
}
