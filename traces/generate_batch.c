/*
 * The pods of a batch queue: jobs that arrive by a Poisson process whose rate follows the week, one
 * by one or in bursts, or by a clock; each with its pods, in stages, for as long as they draw.
 */
#include <assert.h>

#include "base/duration.h"
#include "traces/generate_internal.h"

#define LN_2 0.69314718055994530942

/* One queue while its jobs are made. */
typedef struct queue {
    const wb_generated_batch *batch;
    uint32_t source;
    uint32_t ordinal; /* of the next pod */
    uint64_t job;     /* of the next job */
} queue;

/* Between the measured values on straight lines. */
static double measured(const wb_generated_duration *duration, double unit)
{
    assert(duration->quantile_count >= 2 && unit >= 0.0 && unit < 1.0);
    const double place = unit * (double)(duration->quantile_count - 1);
    const uint32_t before = (uint32_t)place;
    const double from = (double)duration->quantiles_ms[before];
    const double to = (double)duration->quantiles_ms[before + 1];
    return from + (to - from) * (place - (double)before);
}

/* Each kind is written by its median, so that changing the kind changes the tail and not the
 * middle. v is uniform in (0, 1]: the share of jobs that are longer. */
static double drawn_ms(const wb_generated_duration *duration, wb_random_key key)
{
    const double median = (double)duration->median_ms;
    const double v = 1.0 - wb_random_unit(key, 0);
    const double shape = duration->kind == WB_GENERATED_EXPONENTIAL ? 1.0 : duration->shape;
    switch (duration->kind) {
    case WB_GENERATED_LOGNORMAL:
        return duration->sigma > 0.0 ? wb_random_lognormal(key, 0, median, duration->sigma)
                                     : median;
    case WB_GENERATED_PARETO: return median * wb_random_exp(-wb_random_log(2.0 * v) / shape);
    case WB_GENERATED_WEIBULL:
    case WB_GENERATED_EXPONENTIAL:
        return v < 1.0 ? median * wb_random_exp(wb_random_log(-wb_random_log(v) / LN_2) / shape)
                       : 0.0;
    case WB_GENERATED_QUANTILES: return measured(duration, wb_random_unit(key, 0));
    }
    return median;
}

/* At least a second: shorter pods than a kubelet can start are none that anybody recorded, unless
 * somebody did. */
static int64_t duration_of(const wb_generator *gen, const wb_generated_duration *duration,
                           uint32_t source, uint64_t ordinal)
{
    const wb_random_key key =
        wb_generate_pods_key(gen, WB_RANDOM_GENERATE_DURATION, source, ordinal);
    const double ms = drawn_ms(duration, key);
    const int64_t least_ms = duration->kind == WB_GENERATED_QUANTILES ? 1 : 1000;
    if (!(ms < (double)duration->max_ms)) {
        return least_ms > duration->max_ms ? least_ms : duration->max_ms;
    }
    return (int64_t)ms < least_ms ? least_ms : (int64_t)ms;
}

/* The pods of a stage start together; returns how long its longest runs. */
static int64_t add_stage(wb_generator *gen, queue *q, const wb_generated_choice *choice,
                         uint32_t choice_index, int64_t at_ms)
{
    const wb_generated_batch *batch = q->batch;
    const wb_generated_duration *duration =
        choice->duration != NULL ? choice->duration : &batch->duration;
    const bool has_end = batch->kind == WB_OWNER_DEPLOYMENT;
    const uint32_t first = q->ordinal;
    const int64_t span_ms = gen->spec->span_ms;
    int64_t longest_ms = 0;
    for (int64_t i = 0; i < choice->pods_per_job && !gen->is_full; i++) {
        const int64_t length_ms =
            duration_of(gen, duration, q->source, batch->is_gang ? first : q->ordinal);
        const int64_t end_ms = at_ms + length_ms < span_ms ? at_ms + length_ms : span_ms;
        const wb_generated_pod pod = {
            .at_ms = at_ms,
            .until_ms = has_end ? end_ms : -1,
            .runs_ms = has_end ? -1 : length_ms,
            .source = q->source,
            .ordinal = q->ordinal,
            .variant = wb_generate_template_variant(
                &batch->pods, 0, choice_index,
                wb_generate_pods_constraints(gen, &batch->pods, q->source, q->job, q->ordinal)),
        };
        wb_generate_pods_add(gen, &pod);
        q->ordinal++;
        longest_ms = length_ms > longest_ms ? length_ms : longest_ms;
    }
    return longest_ms;
}

/* Without a gang the pods of a job run for times of their own: what a batch queue's stragglers are
 * made of. */
static void add_job(wb_generator *gen, queue *q, int64_t at_ms)
{
    assert(q->source >= gen->spec->service_count); /* services come first */
    const uint32_t index = wb_generate_pods_choice(gen, &q->batch->pods, q->source, q->job);
    for (int64_t stage = 0; stage < q->batch->stages && at_ms < gen->spec->span_ms; stage++) {
        at_ms += add_stage(gen, q, &q->batch->pods.choices[index], index, at_ms);
    }
    q->job++;
}

/* The jobs of one arrival: one, or as many as a burst has, geometrically, spread over its time. */
static void add_arrival(wb_generator *gen, queue *q, uint64_t candidate, int64_t at_ms)
{
    if (!(q->batch->burst_jobs > 1.0)) {
        add_job(gen, q, at_ms);
        return;
    }
    const wb_random_key key =
        wb_generate_pods_key(gen, WB_RANDOM_GENERATE_BURST, q->source, candidate);
    const double v = 1.0 - wb_random_unit(key, 0);
    const double more = wb_random_log(v) / wb_random_log(1.0 - 1.0 / q->batch->burst_jobs);
    const uint64_t count = 1 + (more < 1e7 ? (uint64_t)more : UINT64_C(10000000));
    for (uint64_t i = 0; i < count && !gen->is_full; i++) {
        const int64_t job_ms =
            at_ms + (int64_t)wb_random_below(key, 1 + i, (uint64_t)q->batch->burst_within_ms);
        if (job_ms < gen->spec->span_ms) {
            add_job(gen, q, job_ms);
        }
    }
}

static int64_t trend_peak(const wb_generated_profile *profile)
{
    int64_t peak = 0;
    if (profile->trend == NULL) {
        return 1000;
    }
    for (uint32_t i = 0; i < profile->trend_count; i++) {
        peak = profile->trend[i] > peak ? profile->trend[i] : peak;
    }
    return peak;
}

/* Of the hours alone. */
static int64_t profile_peak(const wb_generated_profile *profile)
{
    int64_t peak = 0;
    for (size_t i = 0; i < WB_GENERATE_WEEK_HOURS; i++) {
        peak = profile->hours[i] > peak ? profile->hours[i] : peak;
    }
    return peak;
}

/* By thinning: candidates arrive at the peak's rate, and each stays with the share of the peak that
 * its own time has. */
static void add_random(wb_generator *gen, queue *q)
{
    const wb_generated_batch *batch = q->batch;
    const int64_t peak = profile_peak(&batch->profile);
    const int64_t most = trend_peak(&batch->profile);
    const double per_hour = batch->jobs_per_hour / batch->burst_jobs * gen->options->scale *
                            (double)peak / 1000.0 * ((double)most / 1000.0);
    double clock_ms = 0.0; /* keeps the fractions: dropping them would speed up dense arrivals */
    for (uint64_t candidate = 0; per_hour > 0.0 && !gen->is_full; candidate++) {
        const wb_random_key key =
            wb_generate_pods_key(gen, WB_RANDOM_GENERATE_ARRIVAL, q->source, candidate);
        clock_ms += wb_random_exponential(key, 0, (double)WB_MS_PER_HOUR / per_hour);
        if (clock_ms >= (double)gen->spec->span_ms) {
            break;
        }
        const int64_t at_ms = (int64_t)clock_ms;
        const double trend =
            (double)wb_generate_pods_trend_at(&batch->profile, at_ms) / (double)most;
        if (wb_random_unit(key, 1) * (double)peak <
            (double)wb_generate_pods_profile_at(gen, &batch->profile, at_ms) * trend) {
            add_arrival(gen, q, candidate, at_ms);
        }
    }
}

/* Each time the schedule fires, a job, or as many as the scale makes of one. */
static void add_scheduled(wb_generator *gen, queue *q)
{
    const wb_generated_batch *batch = q->batch;
    const int64_t epoch_ms = gen->spec->epoch_ms;
    const int64_t jobs = wb_generate_pods_scaled(gen, 1);
    assert(epoch_ms >= 0 && jobs >= 1);
    int64_t at_ms = epoch_ms - 1;
    while (!gen->is_full && wb_cron_next(&batch->schedule, at_ms, &at_ms) &&
           at_ms - epoch_ms < gen->spec->span_ms) {
        for (int64_t i = 0; i < jobs && !gen->is_full; i++) {
            const wb_random_key key =
                wb_generate_pods_key(gen, WB_RANDOM_GENERATE_ARRIVAL, q->source, q->job);
            const int64_t job_ms =
                at_ms - epoch_ms + (int64_t)wb_random_below(key, 0, (uint64_t)batch->jitter_ms);
            if (job_ms < gen->spec->span_ms) {
                add_job(gen, q, job_ms);
            }
        }
    }
}

void wb_generate_batch_add(wb_generator *gen, uint32_t batch_index)
{
    assert(batch_index < gen->spec->batch_count);
    queue q = {.batch = &gen->spec->batches[batch_index],
               .source = gen->spec->service_count + batch_index};
    const int64_t initial_jobs = wb_generate_pods_scaled(gen, q.batch->initial_jobs);
    for (int64_t i = 0; i < initial_jobs && !gen->is_full; i++) {
        add_job(gen, &q, 0);
    }
    if (q.batch->has_schedule) {
        add_scheduled(gen, &q);
    } else {
        add_random(gen, &q);
    }
}
