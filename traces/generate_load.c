/*
 * The values of a specification that say how much there is and when: profiles of the week, flash
 * crowds, rollouts, lengths of jobs. Every complaint is a finding with its place.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/sort.h"
#include "traces/generate_internal.h"

#define DAY_HOURS     24
#define WEEK_DAYS     7
#define QUANTILES_MAX 1001
#define TREND_MAX     1000

/* Office hours, an evening peak, and no shape at all; per mille per hour of the day (UTC). */
static const struct {
    const char *name;
    int32_t hours[DAY_HOURS];
} profiles[] = {
    {"flat", {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000,
              1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}},
    {"office", {40,  20,  0,   0,   10,  40,  150, 400, 750, 950, 1000, 960,
                880, 940, 990, 960, 880, 700, 480, 320, 220, 150, 100,  60}},
    {"evening", {350, 200, 110, 50,  0,   20,  90,  200, 320,  380, 420, 460,
                 500, 490, 470, 480, 550, 680, 840, 960, 1000, 950, 780, 550}},
    {"night", {1000, 960, 900, 820, 700, 520, 300, 120, 40,  0,   0,   0,
               20,   20,  30,  40,  60,  100, 180, 300, 460, 640, 820, 940}},
};

static int64_t duration_of(const wb_field *field, int64_t minimum_ms, int64_t fallback_ms)
{
    int64_t ms = fallback_ms;
    wb_error ignored;
    if (wb_field_is_set(field) &&
        (wb_duration_parse(wb_field_text(field), &ms, &ignored) != WB_OK || ms < minimum_ms ||
         ms > WB_TRACE_TIME_MAX_MS)) {
        wb_field_error(field, "'%s' is not a duration like 1h30m", wb_field_text(field));
        return fallback_ms;
    }
    return ms;
}

int64_t wb_generate_load_duration(const wb_field *parent, const char *name, int64_t fallback_ms)
{
    assert(parent != NULL && name != NULL);
    const wb_field field = wb_field_get(parent, name);
    return duration_of(&field, 1, fallback_ms);
}

int64_t wb_generate_load_count(const wb_field *parent, const char *name, int64_t fallback)
{
    assert(parent != NULL && name != NULL);
    const wb_field field = wb_field_get(parent, name);
    const int64_t value = wb_field_int64(&field, fallback);
    if (value < 0 || value > 10000000) {
        wb_field_error(&field, "is %lld, expected 0 to 10000000", (long long)value);
        return fallback;
    }
    return value;
}

static double number_of(const wb_field *field, double fallback)
{
    const double value = wb_node_double(field->node, fallback);
    if (!(value >= 0.0 && value <= 1e7)) {
        wb_field_error(field, "is '%s', expected a number from 0 to 10000000",
                       wb_field_text(field));
        return fallback;
    }
    return value;
}

double wb_generate_load_number(const wb_field *parent, const char *name, double fallback)
{
    assert(parent != NULL && name != NULL);
    const wb_field field = wb_field_get(parent, name);
    return number_of(&field, fallback);
}

/* A factor from 0 to 1000 in per mille; sums of products of two then fit everywhere. */
static int32_t permille_of(const wb_field *field, double fallback)
{
    const double value = wb_node_double(field->node, fallback);
    if (!(value >= 0.0 && value <= 1000.0)) {
        wb_field_error(field, "is '%s', expected a factor from 0 to 1000", wb_field_text(field));
        return 1000;
    }
    return (int32_t)(value * 1000.0 + 0.5);
}

/* ---- the week ---- */

/* hours: 24 or 168 factors. */
static void take_hours(const wb_field *list, wb_generated_profile *out)
{
    const uint32_t count = wb_field_count(list);
    if (count != DAY_HOURS && count != WB_GENERATE_WEEK_HOURS) {
        wb_field_error(list, "has %u numbers, expected 24 (a day) or 168 (a week from Monday)",
                       count);
        return;
    }
    for (uint32_t i = 0; i < WB_GENERATE_WEEK_HOURS; i++) {
        const wb_field hour = wb_field_at(list, i % count);
        out->hours[i] = i < count ? permille_of(&hour, 1.0) : out->hours[i % count];
    }
}

static void take_named(const wb_field *field, wb_generated_profile *out)
{
    const char *name = wb_field_is_set(field) ? wb_field_text(field) : "flat";
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
        if (strcmp(profiles[i].name, name) == 0) {
            for (size_t hour = 0; hour < WB_GENERATE_WEEK_HOURS; hour++) {
                out->hours[hour] = profiles[i].hours[hour % DAY_HOURS];
            }
            return;
        }
    }
    wb_field_error(field, "'%s' is not one of flat, office, evening, night", name);
}

static void multiply_day(wb_generated_profile *profile, uint32_t day, int64_t factor_permille)
{
    assert(day < WEEK_DAYS && factor_permille >= 0);
    for (size_t hour = 0; hour < DAY_HOURS; hour++) {
        int32_t *value = &profile->hours[(size_t)day * DAY_HOURS + hour];
        const int64_t product = (*value * factor_permille + 500) / 1000;
        *value = product > INT32_MAX ? INT32_MAX : (int32_t)product;
    }
}

/* trend: {every, factors}: what comes on top of the week. */
static void take_trend(const wb_field *entry, wb_generated_profile *out)
{
    const wb_field trend = wb_field_get(entry, "trend");
    const wb_field factors = wb_field_get(&trend, "factors");
    const uint32_t count = wb_field_count(&factors);
    out->trend = NULL;
    out->trend_count = 0;
    if (!wb_field_is_set(&trend)) {
        return;
    }
    if (count == 0 || count > TREND_MAX) {
        wb_field_error(&factors, "has %u numbers, expected 1 to %d", count, TREND_MAX);
        return;
    }
    int32_t *values = WB_ARENA_ARRAY(entry->context->arena, int32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field factor = wb_field_at(&factors, i);
        values[i] = permille_of(&factor, 1.0);
    }
    out->trend = values;
    out->trend_count = count;
    out->trend_every_ms = wb_generate_load_duration(&trend, "every", WB_MS_PER_DAY);
}

void wb_generate_load_profile(const wb_field *entry, wb_generated_profile *out)
{
    assert(entry != NULL && out != NULL);
    const wb_field named = wb_field_get(entry, "profile");
    const wb_field hours = wb_field_get(entry, "hours");
    const wb_field week = wb_field_get(entry, "week");
    const wb_field weekend = wb_field_get(entry, "weekend");
    take_named(&named, out);
    out->is_stepped = wb_field_get_bool(entry, "stepped", false);
    take_trend(entry, out);
    if (wb_field_is_set(&hours)) {
        if (wb_field_is_set(&named)) {
            wb_field_error(&hours, "stands beside profile, expected one of the two");
        }
        take_hours(&hours, out);
    }
    if (wb_field_is_set(&week) && wb_field_is_set(&weekend)) {
        wb_field_error(&weekend, "stands beside week, expected one of the two");
    }
    if (wb_field_is_set(&week) && wb_field_count(&week) != WEEK_DAYS) {
        wb_field_error(&week, "has %u numbers, expected 7 (Monday to Sunday)",
                       wb_field_count(&week));
        return;
    }
    for (uint32_t day = 0; day < WEEK_DAYS; day++) {
        if (wb_field_is_set(&week)) {
            const wb_field factor = wb_field_at(&week, day);
            multiply_day(out, day, permille_of(&factor, 1.0));
        } else if (wb_field_is_set(&weekend) && day >= 5) {
            const size_t before = wb_field_error_count(entry);
            multiply_day(out, day, permille_of(&weekend, 1.0));
            if (wb_field_error_count(entry) > before) {
                return; /* said once, not for Sunday too */
            }
        }
    }
}

/* 1970-01-01 was a Thursday, three days after its Monday. */
int64_t wb_generate_load_week_offset(int64_t epoch_ms)
{
    return epoch_ms < 0 ? 0 : (epoch_ms + 3 * WB_MS_PER_DAY) % (WEEK_DAYS * WB_MS_PER_DAY);
}

/* ---- crowds and rollouts ---- */

static wb_generated_crowd read_crowd(const wb_field *entry)
{
    const wb_field at = wb_field_get(entry, "at");
    const wb_field per_week = wb_field_get(entry, "perWeek");
    const wb_field factor = wb_field_get(entry, "factor");
    if (wb_field_is_set(&at) == wb_field_is_set(&per_week)) {
        wb_field_error(entry, "has %s of at and perWeek, expected one",
                       wb_field_is_set(&at) ? "both" : "none");
    }
    return (wb_generated_crowd){
        .at_ms = wb_field_is_set(&at) ? duration_of(&at, 0, 0) : -1,
        .per_week = number_of(&per_week, 0.0),
        .factor_permille = permille_of(&factor, 3.0),
        .length_ms = wb_generate_load_duration(entry, "length", WB_MS_PER_HOUR),
    };
}

void wb_generate_load_crowds(const wb_field *entry, wb_generated_service *out)
{
    assert(entry != NULL && out != NULL);
    const wb_field list = wb_field_get(entry, "crowds");
    out->crowd_count = wb_field_count(&list);
    wb_generated_crowd *crowds =
        WB_ARENA_ARRAY(entry->context->arena, wb_generated_crowd, (size_t)out->crowd_count + 1);
    for (uint32_t i = 0; i < out->crowd_count; i++) {
        const wb_field crowd = wb_field_at(&list, i);
        crowds[i] = read_crowd(&crowd);
    }
    out->crowds = crowds;
}

/* As a Deployment's strategy has it: "25%" or 3. */
static wb_generated_share read_share(const wb_field *parent, const char *name)
{
    const wb_field field = wb_field_get(parent, name);
    const char *text = wb_field_text(&field);
    char *end = NULL;
    if (!wb_field_is_set(&field)) {
        return (wb_generated_share){25, true};
    }
    const long value = strtol(text, &end, 10);
    const bool is_percent = *end == '%' && end[1] == 0;
    if (text[0] < '0' || text[0] > '9' || (*end != 0 && !is_percent) || value < 0 ||
        value > (is_percent ? 100 : 1000000)) {
        wb_field_error(&field, "'%s' is not a number of pods or a percentage between 0%% and 100%%",
                       text);
    }
    return (wb_generated_share){value, is_percent};
}

static int compare_times(const void *a, const void *b, void *context)
{
    (void)context;
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

void wb_generate_load_rollouts(const wb_field *entry, wb_generated_service *out)
{
    assert(entry != NULL && out != NULL);
    const wb_field field = wb_field_get(entry, "rollouts");
    const wb_field at = wb_field_get(&field, "at");
    const uint32_t count = wb_field_count(&at);
    int64_t *times = WB_ARENA_ARRAY(entry->context->arena, int64_t, (size_t)count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field time = wb_field_at(&at, i);
        times[i] = duration_of(&time, 0, 0);
    }
    wb_sort_stable(times, count, sizeof times[0], compare_times, NULL);
    out->rollouts = (wb_generated_rollouts){
        .at_ms = times,
        .at_count = count,
        .per_week = wb_generate_load_number(&field, "perWeek", 0.0),
        .max_surge = read_share(&field, "maxSurge"),
        .max_unavailable = read_share(&field, "maxUnavailable"),
        .ready_after_ms = wb_generate_load_duration(&field, "readyAfter", 30 * WB_MS_PER_SECOND),
    };
    if (out->rollouts.max_surge.count == 0 && out->rollouts.max_unavailable.count == 0) {
        wb_field_error(&field, "maxSurge and maxUnavailable are both 0, expected one that is not");
    }
}

/* ---- lengths of jobs ---- */

/* A list of durations, never falling: at 0, 1/n ... n/n of the jobs. */
static void take_quantiles(const wb_field *list, wb_generated_duration *out)
{
    const uint32_t count = wb_field_count(list);
    if (count < 2 || count > QUANTILES_MAX) {
        wb_field_error(list, "has %u durations, expected 2 to %d, from the shortest to the longest",
                       count, QUANTILES_MAX);
        return;
    }
    int64_t *values = WB_ARENA_ARRAY(list->context->arena, int64_t, count);
    for (uint32_t i = 0; i < count; i++) {
        const wb_field value = wb_field_at(list, i);
        values[i] = duration_of(&value, 0, 0);
        if (i > 0 && values[i] < values[i - 1]) {
            wb_field_error(&value, "'%s' is shorter than the one before", wb_field_text(&value));
            return;
        }
    }
    out->kind = WB_GENERATED_QUANTILES;
    out->quantiles_ms = values;
    out->quantile_count = count;
}

wb_generated_duration wb_generate_load_lengths(const wb_field *field)
{
    static const char *const names[] = {"lognormal", "pareto", "weibull", "exponential"};
    assert(field != NULL);
    const wb_field kind = wb_field_get(field, "kind");
    const wb_field shape = wb_field_get(field, "shape");
    const wb_field quantiles = wb_field_get(field, "quantiles");
    wb_generated_duration out = {
        .kind = wb_field_is_set(&kind) ? (wb_generated_duration_kind)wb_field_choice(
                                             &kind, names, sizeof(names) / sizeof(names[0]), 0)
                                       : WB_GENERATED_LOGNORMAL,
        .median_ms = wb_generate_load_duration(field, "median", 10 * WB_MS_PER_MINUTE),
        .max_ms = wb_generate_load_duration(
            field, "max", wb_field_is_set(&quantiles) ? WB_TRACE_TIME_MAX_MS : 24 * WB_MS_PER_HOUR),
        .sigma = wb_generate_load_number(field, "sigma", 0.0),
        .shape = number_of(&shape, 1.0),
    };
    const bool has_shape = out.kind == WB_GENERATED_PARETO || out.kind == WB_GENERATED_WEIBULL;
    if (has_shape && !(out.shape >= 0.05)) {
        wb_field_error(&shape, "is %s, expected at least 0.05", wb_field_text(&shape));
        out.shape = 1.0;
    }
    if (wb_field_is_set(&quantiles)) {
        take_quantiles(&quantiles, &out);
    }
    return out;
}
