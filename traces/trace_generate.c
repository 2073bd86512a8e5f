/*
 * Makes the pods of a specification, sorts them by time, writes them.
 *
 * A service's n-th replica lives while the target is above n: the day's profile gives its
 * intervals, each one pod. A batch queue is a Poisson process whose rate follows the profile.
 * Every draw is a pure function of (seed, source, ordinal).
 */
#include "traces/trace_generate.h"

#include <assert.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "base/sort.h"
#include "traces/generate_internal.h"

#define PODS_MAX        ((size_t)20000000)
#define SOURCE_ORDINALS (UINT64_C(1) << 40) /* draws of one source never meet another's */

typedef struct generated_pod {
    int64_t at_ms, until_ms, runs_ms; /* one of the latter is -1 */
    uint32_t source;                  /* services first, then batches */
    uint32_t ordinal;                 /* within its source */
} generated_pod;

typedef struct generator {
    const wb_generate_spec *spec;
    const wb_trace_generate_options *options;
    uint64_t seed;
    generated_pod *pods; /* owned */
    size_t count, capacity;
    bool is_full; /* PODS_MAX is reached: what comes is dropped, and the whole refused */
} generator;

static void add_pod(generator *gen, const generated_pod *pod)
{
    assert(pod->until_ms < 0 || pod->runs_ms < 0);
    assert(pod->at_ms >= 0 && (pod->until_ms < 0 || pod->until_ms >= pod->at_ms));
    if (gen->count == PODS_MAX) {
        gen->is_full = true;
        return;
    }
    if (gen->count == gen->capacity) {
        gen->capacity = wb_heap_memory_next_capacity(gen->capacity, gen->count + 1);
        gen->pods = wb_heap_memory_resize(gen->pods, gen->capacity, sizeof gen->pods[0]);
    }
    gen->pods[gen->count++] = *pod;
}

static wb_random_key key_of(const generator *gen, wb_random_stream stream, uint32_t source,
                            uint64_t ordinal)
{
    assert(ordinal < SOURCE_ORDINALS);
    return (wb_random_key){gen->seed, stream, (uint64_t)source * SOURCE_ORDINALS + ordinal};
}

/* Per mille at a time of day, between the hours' values on a straight line. */
static int64_t profile_at(const int32_t *profile, int64_t at_ms)
{
    assert(at_ms >= 0);
    const int64_t of_day_ms = at_ms % WB_MS_PER_DAY;
    const int64_t hour = of_day_ms / WB_MS_PER_HOUR;
    const int64_t into_ms = of_day_ms % WB_MS_PER_HOUR;
    const int64_t from = profile[hour];
    const int64_t to = profile[(hour + 1) % WB_PROFILE_HOURS];
    return from + (to - from) * into_ms / WB_MS_PER_HOUR;
}

/* A scale below 1 never rounds a source away: one pod of each shape is left. */
static int64_t scaled(const generator *gen, int64_t count)
{
    assert(count >= 0);
    const int64_t value = (int64_t)((double)count * gen->options->scale + 0.5);
    return count > 0 && value == 0 ? 1 : value;
}

static int64_t target_at(const generator *gen, const wb_generated_service *service, int64_t at_ms)
{
    const int64_t base = scaled(gen, service->base_count);
    const int64_t peak = scaled(gen, service->peak_count);
    return base + (peak - base) * profile_at(service->profile, at_ms) / 1000;
}

/* A start or an end lies somewhere in the first quarter of its step, so that a scale-up is not one
 * instant. */
static int64_t jitter_of(const generator *gen, uint32_t source, int64_t replica, int64_t at_ms)
{
    assert(source < gen->spec->service_count && replica >= 0);
    const int64_t step_ms = gen->spec->services[source].step_ms;
    const wb_random_key key = key_of(gen, WB_RANDOM_GENERATE_ARRIVAL, source,
                                     (uint64_t)replica << 20 | (uint64_t)(at_ms / step_ms));
    return at_ms == 0 ? 0 : (int64_t)wb_random_below(key, 0, (uint64_t)step_ms / 4 + 1);
}

/* The n-th replica's intervals: from where the target rises above n to where it falls to n. */
static void add_replica(generator *gen, uint32_t source, int64_t replica, uint32_t *ordinal)
{
    const wb_generated_service *service = &gen->spec->services[source];
    int64_t since_ms = -1;
    for (int64_t at_ms = 0; at_ms <= gen->spec->span_ms; at_ms += service->step_ms) {
        const bool is_wanted =
            at_ms < gen->spec->span_ms && target_at(gen, service, at_ms) > replica;
        if (is_wanted && since_ms < 0) {
            since_ms = at_ms + jitter_of(gen, source, replica, at_ms);
        } else if (!is_wanted && since_ms >= 0) {
            const int64_t end_ms = at_ms + jitter_of(gen, source, replica, at_ms);
            const generated_pod pod = {
                .at_ms = since_ms,
                .until_ms = end_ms < gen->spec->span_ms ? end_ms : gen->spec->span_ms,
                .runs_ms = -1,
                .source = source,
                .ordinal = (*ordinal)++,
            };
            add_pod(gen, &pod);
            since_ms = -1;
        }
    }
    if (since_ms >= 0 && since_ms < gen->spec->span_ms) { /* there to the end */
        const generated_pod pod = {since_ms, gen->spec->span_ms, -1, source, (*ordinal)++};
        add_pod(gen, &pod);
    }
}

/* Replica by replica and not hour by hour, so that a pod is made with its end known and needs no
 * delete record. */
static void add_service(generator *gen, uint32_t source)
{
    assert(source < gen->spec->service_count);
    const wb_generated_service *service = &gen->spec->services[source];
    const int64_t peak_count = scaled(gen, service->peak_count);
    uint32_t ordinal = 0;
    if (peak_count > (int64_t)PODS_MAX) { /* each replica is a pod at least, if the peak is met */
        gen->is_full = true;
        return;
    }
    for (int64_t replica = 0; replica < peak_count && !gen->is_full; replica++) {
        add_replica(gen, source, replica, &ordinal);
    }
}

/* At least a second: shorter pods than a kubelet can start are none that anybody recorded. */
static int64_t duration_of(const generator *gen, const wb_generated_batch *batch, uint32_t source,
                           uint64_t ordinal)
{
    const wb_random_key key = key_of(gen, WB_RANDOM_GENERATE_DURATION, source, ordinal);
    const double ms =
        batch->duration_sigma > 0.0
            ? wb_random_lognormal(key, 0, (double)batch->duration_median_ms, batch->duration_sigma)
            : (double)batch->duration_median_ms;
    const int64_t rounded = (int64_t)ms;
    return rounded < 1000                     ? 1000
           : rounded > batch->duration_max_ms ? batch->duration_max_ms
                                              : rounded;
}

static int64_t profile_peak(const int32_t *profile)
{
    int64_t peak = 0;
    for (size_t i = 0; i < WB_PROFILE_HOURS; i++) {
        peak = profile[i] > peak ? profile[i] : peak;
    }
    return peak;
}

/* The pods of a job start together and run for times of their own: what a batch queue's
 * stragglers are made of. */
static void add_job(generator *gen, uint32_t source, int64_t at_ms, uint32_t *ordinal)
{
    assert(source >= gen->spec->service_count); /* services come first */
    const wb_generated_batch *batch = &gen->spec->batches[source - gen->spec->service_count];
    for (int64_t i = 0; i < batch->pods_per_job; i++) {
        const generated_pod pod = {
            .at_ms = at_ms,
            .until_ms = -1,
            .runs_ms = duration_of(gen, batch, source, *ordinal),
            .source = source,
            .ordinal = *ordinal,
        };
        add_pod(gen, &pod);
        (*ordinal)++;
    }
}

/* A Poisson process whose rate follows the day, by thinning: candidates arrive at the peak's rate,
 * and each stays with the share of the peak that its own time has. */
static void add_batch(generator *gen, uint32_t batch_index)
{
    assert(batch_index < gen->spec->batch_count);
    const wb_generated_batch *batch = &gen->spec->batches[batch_index];
    const uint32_t source = gen->spec->service_count + batch_index;
    const int64_t peak = profile_peak(batch->profile);
    const double per_hour = batch->jobs_per_hour * gen->options->scale * (double)peak / 1000.0;
    uint32_t ordinal = 0;
    double clock_ms = 0.0; /* keeps the fractions: dropping them would speed up dense arrivals */
    for (uint64_t candidate = 0; per_hour > 0.0 && !gen->is_full; candidate++) {
        const wb_random_key key = key_of(gen, WB_RANDOM_GENERATE_ARRIVAL, source, candidate);
        clock_ms += wb_random_exponential(key, 0, (double)WB_MS_PER_HOUR / per_hour);
        if (clock_ms >= (double)gen->spec->span_ms) {
            break;
        }
        const int64_t at_ms = (int64_t)clock_ms;
        if (wb_random_unit(key, 1) * (double)peak < (double)profile_at(batch->profile, at_ms)) {
            add_job(gen, source, at_ms, &ordinal);
        }
    }
}

static int compare_pods(const void *a, const void *b, void *context)
{
    const generated_pod *left = a;
    const generated_pod *right = b;
    (void)context;
    if (left->at_ms != right->at_ms) {
        return left->at_ms < right->at_ms ? -1 : 1;
    }
    if (left->source != right->source) {
        return left->source < right->source ? -1 : 1;
    }
    return left->ordinal < right->ordinal ? -1 : left->ordinal > right->ordinal ? 1 : 0;
}

static wb_status write_sources(const generator *gen, wb_trace_writer *writer, wb_error *err)
{
    const wb_generate_spec *spec = gen->spec;
    for (uint32_t i = 0; i < spec->service_count; i++) {
        const wb_generated_service *service = &spec->services[i];
        WB_TRY(
            wb_trace_writer_shape(writer, i, service->namespace_name, service->template_json, err));
        WB_TRY(wb_trace_writer_owner(writer, i, WB_OWNER_DEPLOYMENT, service->namespace_name,
                                     service->name, err));
    }
    for (uint32_t i = 0; i < spec->batch_count; i++) {
        const wb_generated_batch *batch = &spec->batches[i];
        const uint32_t number = spec->service_count + i;
        WB_TRY(wb_trace_writer_shape(writer, number, batch->namespace_name, batch->template_json,
                                     err));
        WB_TRY(wb_trace_writer_owner(writer, number, WB_OWNER_JOB, batch->namespace_name,
                                     batch->name, err));
    }
    return WB_OK;
}

static wb_status write_pods(const generator *gen, wb_trace_writer *writer, wb_error *err)
{
    const wb_generate_spec *spec = gen->spec;
    WB_TRY(write_sources(gen, writer, err));
    for (size_t i = 0; i < gen->count; i++) {
        const generated_pod *pod = &gen->pods[i];
        const bool is_batch = pod->source >= spec->service_count;
        const wb_generated_batch *batch =
            is_batch ? &spec->batches[pod->source - spec->service_count] : NULL;
        char name[160];
        (void)snprintf(name, sizeof name, "%s-%u",
                       is_batch ? batch->name : spec->services[pod->source].name, pod->ordinal);
        const wb_trace_pod record = {
            .at_ms = pod->at_ms,
            .name = name,
            .shape_number = pod->source,
            .owner_number = pod->source,
            .until_ms = pod->until_ms,
            .runs_ms = pod->runs_ms,
            .is_checkpointed = is_batch && batch->is_checkpointed,
        };
        WB_TRY(wb_trace_writer_pod(writer, &record, err));
    }
    return WB_OK;
}

static wb_status write_trace(const generator *gen, wb_error *err)
{
    const wb_trace_info_header header = {.epoch_ms = gen->spec->epoch_ms,
                                         .end_ms = gen->spec->span_ms,
                                         .source = "generated"};
    wb_trace_writer *writer = NULL;
    WB_TRY(wb_trace_writer_open(gen->options->output_path, &header, &writer, err));
    const wb_status status = write_pods(gen, writer, err);
    if (status != WB_OK) {
        wb_trace_writer_abandon(writer);
        return status;
    }
    return wb_trace_writer_commit(writer, gen->spec->span_ms, err);
}

wb_status wb_trace_generate(const wb_trace_generate_options *options, wb_arena *arena,
                            wb_intern *intern, wb_findings *findings, wb_trace_generate_report *out,
                            wb_error *err)
{
    assert(options->scale > 0.0 && out != NULL);
    wb_generate_spec spec;
    WB_TRY(wb_generate_spec_read(options->spec_path, arena, intern, findings, &spec, err));
    generator gen = {.spec = &spec,
                     .options = options,
                     .seed = options->seed_is_set ? options->seed : spec.seed};
    for (uint32_t i = 0; i < spec.service_count; i++) {
        add_service(&gen, i);
    }
    const size_t service_pods = gen.count;
    for (uint32_t i = 0; i < spec.batch_count; i++) {
        add_batch(&gen, i);
    }
    wb_status status = WB_OK;
    if (gen.is_full) {
        status = wb_fail(err, WB_ERR_LIMIT, "%s: makes more than %zu pods, expected less (scale)",
                         options->spec_path, PODS_MAX);
    } else {
        wb_sort(gen.pods, gen.count, sizeof gen.pods[0], compare_pods, NULL);
        status = write_trace(&gen, err);
    }
    wb_heap_memory_free(gen.pods);
    WB_TRY(status);
    *out = (wb_trace_generate_report){
        .pod_count = gen.count,
        .service_pod_count = service_pods,
        .batch_pod_count = gen.count - service_pods,
        .shape_count = spec.service_count + spec.batch_count,
        .end_ms = spec.span_ms,
    };
    return WB_OK;
}
