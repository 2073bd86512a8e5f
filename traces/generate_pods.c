/*
 * What services and batch queues share while their pods are made: draws, the week, and the sorter
 * that takes the pods.
 */
#include <assert.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "traces/generate_internal.h"

#define SOURCE_ORDINALS (UINT64_C(1) << 40) /* draws of one source never meet another's */

wb_random_key wb_generate_pods_key(const wb_generator *gen, wb_random_stream stream,
                                   uint32_t source, uint64_t ordinal)
{
    assert(ordinal < SOURCE_ORDINALS);
    return (wb_random_key){gen->seed, stream, (uint64_t)source * SOURCE_ORDINALS + ordinal};
}

int64_t wb_generate_pods_scaled(const wb_generator *gen, int64_t count)
{
    assert(count >= 0);
    const int64_t value = (int64_t)((double)count * gen->options->scale + 0.5);
    return count > 0 && value == 0 ? 1 : value;
}

int64_t wb_generate_pods_profile_at(const wb_generator *gen, const wb_generated_profile *profile,
                                    int64_t at_ms)
{
    assert(at_ms >= 0);
    const int64_t week_ms = WB_GENERATE_WEEK_HOURS * WB_MS_PER_HOUR;
    const int64_t of_week_ms = (at_ms + gen->spec->week_offset_ms) % week_ms;
    const int64_t hour = of_week_ms / WB_MS_PER_HOUR;
    const int64_t into_ms = of_week_ms % WB_MS_PER_HOUR;
    const int64_t from = profile->hours[hour];
    if (profile->is_stepped) {
        return from;
    }
    const int64_t to = profile->hours[(hour + 1) % WB_GENERATE_WEEK_HOURS];
    return from + (to - from) * into_ms / WB_MS_PER_HOUR;
}

int64_t wb_generate_pods_trend_at(const wb_generated_profile *profile, int64_t at_ms)
{
    assert(at_ms >= 0 && (profile->trend == NULL || profile->trend_every_ms > 0));
    return profile->trend == NULL
               ? 1000
               : profile->trend[at_ms / profile->trend_every_ms % profile->trend_count];
}

uint32_t wb_generate_pods_choice(const wb_generator *gen, const wb_generated_pods *pods,
                                 uint32_t source, uint64_t unit)
{
    if (pods->choice_count == 1) {
        return 0;
    }
    const wb_random_key key = wb_generate_pods_key(gen, WB_RANDOM_GENERATE_SIZE, source, unit);
    const double place =
        wb_random_unit(key, 0) * pods->choices[pods->choice_count - 1].weight_until;
    uint32_t low = 0;
    uint32_t high = pods->choice_count - 1;
    while (low < high) { /* the first whose sum of weights lies above the place */
        const uint32_t middle = low + (high - low) / 2;
        if (pods->choices[middle].weight_until > place) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

uint32_t wb_generate_pods_constraints(const wb_generator *gen, const wb_generated_pods *pods,
                                      uint32_t source, uint64_t unit, uint64_t ordinal)
{
    uint32_t drawn = 0;
    assert(pods->constraint_count <= WB_GENERATE_CONSTRAINTS_MAX);
    for (uint32_t i = 0; i < pods->constraint_count; i++) {
        const wb_generated_constraint *constraint = &pods->constraints[i];
        const wb_random_key key = wb_generate_pods_key(gen, WB_RANDOM_GENERATE_CHOICE, source,
                                                       constraint->is_per_pod ? ordinal : unit);
        /* the draws of pods behind those of units, which may have the same number */
        const uint64_t draw = i + (constraint->is_per_pod ? WB_GENERATE_CONSTRAINTS_MAX : 0);
        drawn |= wb_random_unit(key, draw) < constraint->share ? UINT32_C(1) << i : 0;
    }
    return drawn;
}

uint32_t wb_generate_pods_events(const wb_generator *gen, wb_random_key row, double per_week,
                                 int64_t *out_ms)
{
    uint32_t count = 0;
    double clock_ms = 0.0;
    while (per_week > 0.0 && count < WB_GENERATE_EVENTS_MAX) {
        clock_ms += wb_random_exponential(row, count, 7.0 * (double)WB_MS_PER_DAY / per_week);
        if (clock_ms >= (double)gen->spec->span_ms) {
            break;
        }
        out_ms[count++] = (int64_t)clock_ms;
    }
    return count;
}

/* ---- shapes and pods ---- */

uint64_t wb_generate_pods_shape_key(uint32_t source, uint32_t variant)
{
    return wb_hash_map_join(source, variant);
}

void wb_generate_pods_note_shape(wb_generator *gen, uint32_t source, uint32_t variant)
{
    uint64_t row = 0;
    if (wb_hash_map_get(&gen->shape_rows, wb_generate_pods_shape_key(source, variant), &row)) {
        return;
    }
    if (gen->shape_count == WB_TRACE_SHAPES_MAX) {
        gen->status = wb_fail(&gen->err, WB_ERR_LIMIT, "%s: makes more than %u shapes of pods",
                              gen->options->spec_path, WB_TRACE_SHAPES_MAX);
        return;
    }
    if (gen->shape_count == gen->shape_capacity) {
        gen->shape_capacity =
            wb_heap_memory_next_capacity(gen->shape_capacity, gen->shape_count + 1);
        gen->shapes =
            wb_heap_memory_resize(gen->shapes, gen->shape_capacity, sizeof gen->shapes[0]);
    }
    (void)wb_hash_map_put(&gen->shape_rows, wb_generate_pods_shape_key(source, variant),
                          gen->shape_count);
    gen->shapes[gen->shape_count++] = (wb_generated_shape){source, variant};
}

void wb_generate_pods_add(wb_generator *gen, const wb_generated_pod *pod)
{
    assert(pod->until_ms < 0 || pod->runs_ms < 0);
    assert(pod->at_ms >= 0 && (pod->until_ms < 0 || pod->until_ms >= pod->at_ms));
    if (gen->pod_count == WB_GENERATE_PODS_MAX) {
        gen->is_full = true;
        return;
    }
    if (gen->status == WB_OK) {
        gen->status = wb_trace_sort_add(gen->sort, pod->at_ms, pod, sizeof *pod, &gen->err);
        wb_generate_pods_note_shape(gen, pod->source, pod->variant);
        gen->pod_count++;
    }
}
