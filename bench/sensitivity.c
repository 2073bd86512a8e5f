#include "bench/sensitivity.h"

#include <assert.h>
#include <stdlib.h>

#include "base/duration.h"
#include "base/sort.h"
#include "base/text.h"

#define PARTS_MAX 1000 /* values of a parameter that are told apart */
#define QUARTERS  4

/* Points that share a value, or a part of a range. */
typedef struct part {
    double sum;
    uint32_t count;
    const char *first, *last; /* labels */
} part;

static bool counts(const wb_sweep_point *point)
{
    return point->role == WB_SWEEP_TRIED && point->is_complete && point->run_count > 0 &&
           point->values[0] != NULL;
}

static uint32_t gather(const wb_sweep *sweep, uint32_t *indices)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sweep->point_count; i++) {
        if (counts(&sweep->points[i])) {
            indices[count++] = i;
        }
    }
    return count;
}

/* The number that a drawn value is. */
static double number_of(const wb_sweep_value *value)
{
    int64_t ms = 0;
    wb_error err;
    if (value->node == NULL) {
        return 0.0;
    }
    if (value->node->kind == WB_NODE_STRING &&
        wb_duration_parse(value->node->text, &ms, &err) == WB_OK) {
        return (double)ms;
    }
    return strtod(value->node->text, NULL);
}

typedef struct by_value {
    const wb_sweep *sweep;
    uint32_t parameter;
} by_value;

static int compare_values(const void *a, const void *b, void *context)
{
    const by_value *by = context;
    const uint32_t left = *(const uint32_t *)a;
    const uint32_t right = *(const uint32_t *)b;
    const double x = number_of(by->sweep->points[left].values[by->parameter]);
    const double y = number_of(by->sweep->points[right].values[by->parameter]);
    if (x < y || x > y) {
        return x < y ? -1 : 1;
    }
    return (left > right) - (left < right);
}

static void add(part *to, const wb_sweep *sweep, uint32_t point, uint32_t parameter,
                uint32_t figure)
{
    const char *label = sweep->points[point].values[parameter]->label;
    to->sum += sweep->points[point].figures[figure];
    to->first = to->count == 0 ? label : to->first;
    to->last = label;
    to->count++;
}

/* Deals the points out to the parts of a parameter; returns how many parts there are. */
static uint32_t deal(const wb_sweep *sweep, uint32_t *indices, uint32_t count, uint32_t parameter,
                     uint32_t figure, part *parts)
{
    const wb_sweep_parameter *of = &sweep->spec->parameters[parameter];
    if (of->value_count == 0) {
        by_value by = {sweep, parameter};
        wb_sort(indices, count, sizeof indices[0], compare_values, &by);
        for (uint32_t i = 0; i < count; i++) {
            add(&parts[(uint64_t)i * QUARTERS / count], sweep, indices[i], parameter, figure);
        }
        return QUARTERS;
    }
    const uint32_t part_count = of->value_count < PARTS_MAX ? of->value_count : PARTS_MAX;
    for (uint32_t i = 0; i < count; i++) {
        const wb_sweep_value *value = sweep->points[indices[i]].values[parameter];
        const uint32_t at = (uint32_t)(value - of->values);
        add(&parts[at < part_count ? at : part_count - 1], sweep, indices[i], parameter, figure);
    }
    return part_count;
}

static const char *name_of(wb_arena *arena, const part *of)
{
    if (of->first == of->last) {
        return of->first;
    }
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "%s to %s", of->first, of->last);
    const char *kept = wb_arena_copy_string(arena, wb_text_string(&text));
    wb_text_release(&text);
    return kept;
}

/* The spread between the parts' means, as a share of the spread of all points. */
static void measure(const wb_sweep *sweep, const part *parts, uint32_t part_count, double mean,
                    double spread, wb_sensitivity *out)
{
    double between = 0.0;
    bool is_first = true;
    const bool is_range = sweep->spec->parameters[out->parameter].value_count == 0;
    for (uint32_t i = 0; i < part_count; i++) {
        if (parts[i].count == 0) {
            continue;
        }
        const double own = parts[i].sum / parts[i].count;
        const char *name = is_range ? name_of(sweep->arena, &parts[i]) : parts[i].first;
        between += parts[i].count * (own - mean) * (own - mean);
        if (is_first || own < out->least) {
            out->least = own;
            out->at_least = name;
        }
        if (is_first || own > out->most) {
            out->most = own;
            out->at_most = name;
        }
        is_first = false;
    }
    out->share = spread > 0.0 ? between / spread : 0.0;
}

static int compare_shares(const void *a, const void *b, void *context)
{
    const wb_sensitivity *left = a;
    const wb_sensitivity *right = b;
    (void)context;
    if (left->share < right->share || left->share > right->share) {
        return left->share > right->share ? -1 : 1;
    }
    return (left->parameter > right->parameter) - (left->parameter < right->parameter);
}

void wb_sensitivity_of(const wb_sweep *sweep, uint32_t figure, wb_sensitivity *out)
{
    assert(sweep != NULL && out != NULL && figure < WB_SWEEP_FIGURES_MAX);
    uint32_t *indices = WB_ARENA_ARRAY(sweep->arena, uint32_t, (size_t)sweep->point_count + 1);
    const uint32_t count = gather(sweep, indices);
    double mean = 0.0;
    double spread = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        mean += sweep->points[indices[i]].figures[figure] / count;
    }
    for (uint32_t i = 0; i < count; i++) {
        const double off = sweep->points[indices[i]].figures[figure] - mean;
        spread += off * off;
    }
    for (uint32_t p = 0; p < sweep->spec->parameter_count; p++) {
        part *parts = WB_ARENA_ARRAY(sweep->arena, part, PARTS_MAX);
        out[p] = (wb_sensitivity){.parameter = p, .at_least = "", .at_most = ""};
        const uint32_t part_count = deal(sweep, indices, count, p, figure, parts);
        measure(sweep, parts, part_count, mean, spread, &out[p]);
    }
    wb_sort(out, sweep->spec->parameter_count, sizeof out[0], compare_shares, NULL);
}
