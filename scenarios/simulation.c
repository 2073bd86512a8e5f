/* Builds the floors of one run, feeds it, ends it. The order of building is the order of floors. */
#include "scenarios/simulation.h"

#include <assert.h>
#include <string.h>

#include "base/digest.h"
#include "base/duration.h"
#include "kube/names.h"
#include "sim/cloud/identity.h"
#include "sim/kernel/event_kinds.h"
#include "sim/kernel/kernel.h"
#include "sim/store/store_bill.h"
#include "scenarios/bound/run_bound.h"
#include "scenarios/run_bill.h"
#include "scenarios/run_parameters.h"
#include "scenarios/workload_feed.h"

#define PROGRESS_INTERVAL_EVENTS 4096
#define SAMPLES_MAX              4000 /* of the time series: a plot shows no more */
/* Batch pods that wait may still begin this long after the workload's end; what runs then may run
 * on, but not for ever. */
#define GRACE_AFTER_END_MS WB_MS_PER_HOUR
#define LIMIT_AFTER_END_MS (60 * WB_MS_PER_DAY)

/* Everything of one run. */
typedef struct simulation {
    const wb_scenario *scenario;
    const wb_contender *contender;
    const wb_simulation_options *options;
    wb_arena arena;
    wb_kernel kernel;
    wb_observers observers;
    wb_cluster cluster;
    wb_cloud cloud;
    wb_scheduler *scheduler;
    const wb_autoscaler_ops *ops;
    void *contender_self;
    wb_workload_feed *feed;
    wb_recorder *recorder;
    int64_t sample_interval_ms;
    uint32_t batch_living_count, batch_bound_count; /* run-to-completion pods */
    bool is_done, look_is_due, is_interrupted;
} simulation;

static wb_status schedule_sample(simulation *sim, wb_error *err)
{
    return wb_kernel_schedule(&sim->kernel, sim->kernel.now_ms + sim->sample_interval_ms,
                              WB_PHASE_RECORDER, WB_EVENT_SAMPLE, 0, err);
}

/* Without a horizon a run is over when its workload has ended and every batch pod has finished, or
 * could not begin within the grace time; services that the workload leaves open end with it. */
static bool is_over(const simulation *sim)
{
    const int64_t now_ms = sim->kernel.now_ms;
    if (sim->scenario->horizon_ms >= 0) {
        return now_ms >= sim->scenario->horizon_ms;
    }
    if (!wb_workload_feed_has_ended(sim->feed)) {
        return false;
    }
    const int64_t end_ms = wb_workload_feed_end_ms(sim->feed);
    const uint32_t living_count = sim->cluster.pending_count + sim->cluster.starting_count +
                                  sim->cluster.running_count + sim->cluster.terminating_count -
                                  sim->cluster.stuck_count;
    if (living_count == 0) {
        return true;
    }
    const uint32_t stuck_count = sim->cluster.stuck_batch_count; /* others do their work */
    if (now_ms >= end_ms && sim->batch_living_count == stuck_count) {
        return true;
    }
    return (now_ms >= end_ms + GRACE_AFTER_END_MS && sim->batch_bound_count == stuck_count) ||
           now_ms >= end_ms + LIMIT_AFTER_END_MS;
}

static void look_for_end(simulation *sim)
{
    if (!sim->is_done && is_over(sim)) {
        sim->is_done = true;
        wb_kernel_stop(&sim->kernel);
    }
}

#ifdef WB_DEBUG_CHECKS
/* Every sum and chain of the tables, recomputed: some thousand times in a run of a debug build. */
static void check_tables(const simulation *sim)
{
    wb_cluster_check(&sim->cluster);
    wb_scheduler_core_check(wb_scheduler_get_core(sim->scheduler));
}
#else
static void check_tables(const simulation *sim)
{
    (void)sim;
}
#endif

static wb_status on_sample(void *context, const wb_event *event, wb_error *err)
{
    simulation *sim = context;
    (void)event;
    check_tables(sim);
    WB_TRY(wb_recorder_sample(sim->recorder, err));
    WB_TRY(wb_recorder_status(sim->recorder, err));
    return schedule_sample(sim, err);
}

static bool is_batch(const simulation *sim, uint32_t pod_id)
{
    return (sim->cluster.pods.flags[pod_id] & WB_POD_IS_BATCH) != 0;
}

static void on_pod_created(void *context, uint32_t pod_id)
{
    simulation *sim = context;
    sim->batch_living_count += is_batch(sim, pod_id) ? 1U : 0U;
}

static void on_pod_bound(void *context, uint32_t pod_id, uint32_t node_id)
{
    simulation *sim = context;
    (void)node_id;
    sim->batch_bound_count += is_batch(sim, pod_id) ? 1U : 0U;
}

/* The run looks for its end when a pod goes and when the end is due; nobody polls for it. A job's
 * replacement is created in the same event, so the look waits for the end of this millisecond. */
static void on_pod_gone(void *context, uint32_t pod_id, wb_cause cause)
{
    simulation *sim = context;
    (void)cause;
    if (is_batch(sim, pod_id)) {
        sim->batch_living_count--;
        sim->batch_bound_count -= sim->cluster.pods.bound_ms[pod_id] >= 0 ? 1U : 0U;
    }
    if (!sim->is_done && !sim->look_is_due && wb_workload_feed_has_ended(sim->feed)) {
        sim->look_is_due = true;
        const wb_status status = wb_kernel_schedule(&sim->kernel, sim->kernel.now_ms,
                                                    WB_PHASE_RECORDER, WB_EVENT_HORIZON, 0, NULL);
        assert(status == WB_OK);
        (void)status;
    }
}

static wb_status on_horizon(void *context, const wb_event *event, wb_error *err)
{
    simulation *sim = context;
    (void)event;
    (void)err;
    sim->look_is_due = false;
    look_for_end(sim);
    return WB_OK;
}

static void on_progress(void *context, const wb_kernel *kernel)
{
    const simulation *sim = context;
    if (sim->options->progress == NULL) {
        return;
    }
    const wb_simulation_progress progress = {
        .now_ms = kernel->now_ms,
        .expected_end_ms = sim->scenario->horizon_ms >= 0 ? sim->scenario->horizon_ms
                                                          : wb_workload_feed_end_ms(sim->feed),
        .event_count = kernel->event_count,
        .pending_count = sim->cluster.pending_count,
        .running_count = sim->cluster.running_count,
        .node_count = sim->cluster.living_node_count,
    };
    sim->options->progress(sim->options->progress_context, &progress);
}

static wb_cluster_options cluster_options(const simulation *sim)
{
    wb_cluster_options options = sim->scenario->cluster;
    const wb_boot_model *boot = &sim->contender->boot;
    options.seed = sim->scenario->seed;
    options.epoch_unix_ms = sim->scenario->epoch_ms >= 0 ? sim->scenario->epoch_ms : 0;
    options.pod_start_ms = options.pod_start_ms >= 0 ? options.pod_start_ms : boot->pod_start_ms;
    options.image_pull_median_ms = boot->image_pull.median_ms;
    options.image_pull_sigma = boot->image_pull.sigma;
    options.image_sizes = sim->scenario->image_sizes;
    return options;
}

/* At most SAMPLES_MAX rows over the expected span. */
static int64_t sample_interval(const simulation *sim, int64_t span_ms)
{
    const int64_t least_ms = span_ms / SAMPLES_MAX;
    const int64_t wanted_ms = sim->scenario->sample_interval_ms;
    return wanted_ms > least_ms ? wanted_ms : least_ms;
}

/* Of all traces: what the recordings held, and what of it is not played as it was. */
static void count_trace(const wb_scenario *scenario, wb_run_identity *identity)
{
    for (uint32_t i = 0; i < scenario->trace_count; i++) {
        const wb_trace_summary *summary = &scenario->traces[i].summary;
        const uint64_t left_out_count = summary->left_out_count;
        identity->trace_record_count +=
            (int64_t)(summary->pod_count + summary->apply_count + left_out_count);
        identity->trace_unmodelled_count += (int64_t)(summary->approximated_count + left_out_count);
    }
}

static wb_status begin_recording(simulation *sim, const wb_autoscaler_env *env, wb_error *err)
{
    char trace_digest[33] = "";
    if (sim->scenario->trace_count > 0) {
        wb_digest *digest = wb_digest_new();
        for (uint32_t i = 0; i < sim->scenario->trace_count; i++) {
            wb_digest_add_text(digest, sim->scenario->traces[i].summary.digest);
        }
        wb_digest_text(digest, trace_digest);
        wb_digest_free(digest);
    }
    wb_text parameters;
    wb_text_init(&parameters);
    wb_run_parameters_print(sim->scenario, sim->contender, env->intern, &parameters);
    wb_run_identity identity = {
        .scenario_name = sim->scenario->name,
        .scenario_digest = sim->scenario->digest,
        .trace_digest = trace_digest,
        .contender_name = sim->contender->name,
        .contender_kind = sim->contender->kind,
        .parameters_json = wb_text_string(&parameters),
        .price_source = sim->scenario->catalog.price_source,
        .seed = sim->scenario->seed,
        .version = sim->options->version,
        .epoch_ms = sim->scenario->epoch_ms,
    };
    count_trace(sim->scenario, &identity);
    const wb_status status =
        wb_recorder_begin(sim->options->store, env, &identity, &sim->recorder, err);
    wb_text_release(&parameters);
    WB_TRY(status);
    wb_recorder_set_contender(sim->recorder, sim->ops, sim->contender_self);
    return WB_OK;
}

static void build_floors(simulation *sim, wb_intern *intern)
{
    wb_arena_init(&sim->arena, "run", sim->options->memory_limit_bytes, NULL);
    wb_kernel_init(&sim->kernel, sim->options->queue_kind, 0);
    wb_kernel_watch_stop_flag(&sim->kernel, sim->options->stop_flag);
    wb_kernel_report_progress(&sim->kernel, on_progress, sim, PROGRESS_INTERVAL_EVENTS);
    wb_observers_init(&sim->observers);
    const wb_cluster_options options = cluster_options(sim);
    wb_cluster_init(&sim->cluster, &sim->kernel, &sim->arena, intern, &sim->observers, &options);
    sim->cluster.manifest = sim->scenario->base;
    sim->scheduler = wb_scheduler_new(&sim->cluster, &sim->contender->scheduler);
    const wb_cloud_options cloud_options = {
        .seed = sim->scenario->seed,
        .boot = sim->contender->boot,
        .catalog = &sim->scenario->catalog,
        .weather = sim->scenario->spot,
        .market = &sim->scenario->market,
        .limits = sim->scenario->api_limits,
        .calls_are_full = sim->scenario->api_limits.is_on,
        .faults = sim->scenario->faults,
        .fault_count = sim->scenario->fault_count,
        .releases = sim->scenario->images,
        .release_count = sim->scenario->image_count,
        .network = &sim->scenario->network,
        .storage = sim->scenario->storage,
    };
    wb_cloud_init(&sim->cloud, &sim->cluster, &cloud_options);
    if (sim->contender->identity != NULL) {
        (void)wb_identity_attach(sim->contender->identity, &sim->cloud);
    }
}

static void release_floors(simulation *sim)
{
    if (sim->ops->destroy != NULL && sim->contender_self != NULL) {
        sim->ops->destroy(sim->contender_self);
    }
    wb_workload_feed_close(sim->feed);
    wb_cloud_release(&sim->cloud);
    wb_scheduler_free(sim->scheduler);
    wb_cluster_release(&sim->cluster);
    wb_kernel_release(&sim->kernel);
    wb_arena_release(&sim->arena);
}

/* The times at which the end may be due by the clock alone, and the length of a sample. */
static wb_status schedule_ends(simulation *sim, wb_error *err)
{
    const int64_t horizon_ms = sim->scenario->horizon_ms;
    const int64_t end_ms = horizon_ms >= 0 ? horizon_ms : wb_workload_feed_end_ms(sim->feed);
    const int64_t looks_ms[] = {end_ms, end_ms + GRACE_AFTER_END_MS, end_ms + LIMIT_AFTER_END_MS};
    for (size_t i = 0; i < (horizon_ms >= 0 ? 1U : 3U); i++) {
        WB_TRY(wb_kernel_schedule(&sim->kernel, looks_ms[i], WB_PHASE_RECORDER, WB_EVENT_HORIZON, 0,
                                  err));
    }
    sim->sample_interval_ms = sample_interval(sim, end_ms);
    return WB_OK;
}

/* Recording begins before the first object exists, so that nothing is missed. */
static wb_status start_all(simulation *sim, wb_intern *intern, wb_error *err)
{
    const wb_autoscaler_env env = {
        .kernel = &sim->kernel,
        .cluster = &sim->cluster,
        .scheduler = sim->scheduler,
        .cloud = &sim->cloud,
        .observers = &sim->observers,
        .arena = &sim->arena,
        .intern = intern,
        .catalog = &sim->scenario->catalog,
        .seed = sim->scenario->seed,
        .zones = sim->scenario->zones,
        .zone_count = sim->scenario->zone_count,
    };
    WB_TRY(sim->ops->create(&env, sim->contender, &sim->contender_self, err));
    WB_TRY(begin_recording(sim, &env, err));
    const wb_observer end_watch = {
        .context = sim,
        .pod_created = on_pod_created,
        .pod_bound = on_pod_bound,
        .pod_gone = on_pod_gone,
    };
    wb_observers_add(&sim->observers, &end_watch);
    wb_kernel_subscribe(&sim->kernel, WB_EVENT_SAMPLE, on_sample, sim);
    wb_kernel_subscribe(&sim->kernel, WB_EVENT_HORIZON, on_horizon, sim);
    if (sim->cloud.identity != NULL) {
        wb_identity_start(sim->cloud.identity);
    }
    WB_TRY(sim->ops->start(sim->contender_self, err));
    const wb_workload_witness witness = {sim->ops, sim->contender_self};
    WB_TRY(wb_workload_feed_open(sim->scenario, &sim->cluster, witness, &sim->feed, err));
    WB_TRY(schedule_ends(sim, err));
    return schedule_sample(sim, err);
}

static wb_status run_to_end(simulation *sim, wb_error *err)
{
    WB_TRY(wb_kernel_run_until(&sim->kernel, WB_KERNEL_FOREVER, err));
    WB_TRY(wb_cluster_status(&sim->cluster, err));
    if (!sim->is_done && sim->kernel.is_stopped) {
        sim->is_interrupted = true;
        return wb_fail(err, WB_ERR_LIMIT, "interrupted at %lld ms of virtual time",
                       (long long)sim->kernel.now_ms);
    }
    return WB_OK;
}

/* In the run's arena: the recorder reads it when it finishes. */
static void compute_bound(simulation *sim)
{
    const wb_finished_run run = {
        .cluster = &sim->cluster,
        .cloud = &sim->cloud,
        .intern = sim->cluster.intern,
        .end_ms = sim->kernel.now_ms,
    };
    wb_store_bound *bound = WB_ARENA_NEW(&sim->arena, wb_store_bound);
    wb_run_bound_compute(&sim->arena, sim->scenario,
                         (uint32_t)(sim->contender - sim->scenario->contenders), &run, bound);
    wb_recorder_set_bound(sim->recorder, bound);
}

static wb_status finish(simulation *sim, wb_run_figures *out, wb_error *err)
{
    WB_TRY(wb_recorder_sample(sim->recorder, err)); /* while the machines still cost something */
    wb_cloud_close(&sim->cloud, sim->kernel.now_ms);
    wb_cloud_check_bill(&sim->cloud);
    WB_TRY(wb_recorder_status(sim->recorder, err));
    compute_bound(sim);
    if (sim->scenario->money.is_set) {
        wb_bill *bill = WB_ARENA_NEW(&sim->arena, wb_bill);
        *bill = wb_run_bill_compute(sim->scenario, &sim->cluster, &sim->cloud, sim->kernel.now_ms,
                                    &sim->arena);
        wb_recorder_set_bill(sim->recorder, bill);
    }
    wb_recorder *recorder = sim->recorder;
    sim->recorder = NULL;
    return wb_recorder_finish(recorder, out, err);
}

wb_status wb_simulation_run(const wb_scenario *scenario, wb_intern *intern,
                            uint32_t contender_index, const wb_simulation_options *options,
                            wb_run_figures *out, wb_error *err)
{
    assert(contender_index < scenario->contender_count && options->store != NULL);
    static const wb_autoscaler_ops no_ops;
    simulation sim = {
        .scenario = scenario,
        .contender = &scenario->contenders[contender_index],
        .options = options,
        .ops = &no_ops,
    };
    sim.ops = wb_autoscaler_find(sim.contender->kind);
    assert(sim.ops != NULL);
    build_floors(&sim, intern);
    wb_error inner = {0};
    wb_status status = start_all(&sim, intern, &inner);
    if (status == WB_OK) {
        status = run_to_end(&sim, &inner);
    }
    if (status == WB_OK) {
        status = finish(&sim, out, &inner);
    }
    if (sim.recorder != NULL) {
        if (sim.is_interrupted) {
            wb_recorder_abandon(sim.recorder);
        } else {
            wb_recorder_fail(sim.recorder, inner.text);
        }
    }
    release_floors(&sim);
    if (status != WB_OK) {
        return wb_fail(err, status, "contender '%s': %s", sim.contender->name, inner.text);
    }
    return WB_OK;
}
