/*
 * The pods of a service. Its n-th replica lives while the target is above n: profile and crowds
 * give the target at each step, the steps give the replica's intervals, and rollouts cut an
 * interval into one pod after the other.
 */
#include <assert.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "traces/generate_internal.h"

/* A rollout as it happens: the replicas in groups, surge of each group beside the old pods, the
 * rest in their place. */
typedef struct rollout {
    int64_t at_ms, ready_ms;
    int64_t replicas, group, surge; /* group >= 1, surge <= group */
} rollout;

typedef struct service_plan {
    const wb_generated_service *service;
    uint32_t source;
    int64_t *targets; /* owned: at each step */
    size_t step_count;
    int64_t most;      /* of the targets */
    rollout *rollouts; /* owned, in order of time, none before the one before has ended */
    uint32_t rollout_count;
    uint32_t choice;
} service_plan;

/* ---- targets ---- */

/* Per mille of a crowd that is there: it comes in the first tenth of its length, stays to half, and
 * goes on a straight line. */
static int64_t crowd_share(int64_t into_ms, int64_t length_ms)
{
    if (into_ms < 0 || into_ms >= length_ms) {
        return 0;
    }
    const int64_t permille = into_ms * 1000 / length_ms;
    return permille < 100 ? permille * 10 : permille < 500 ? 1000 : (1000 - permille) * 2;
}

static void add_crowd(service_plan *plan, const wb_generated_crowd *crowd, int64_t at_ms)
{
    const int64_t step_ms = plan->service->step_ms;
    assert(at_ms >= 0 && crowd->length_ms > 0);
    for (size_t step = (size_t)(at_ms / step_ms); step < plan->step_count; step++) {
        const int64_t into_ms = (int64_t)step * step_ms - at_ms;
        if (into_ms >= crowd->length_ms) {
            break;
        }
        const int64_t share = crowd_share(into_ms, crowd->length_ms);
        const int64_t factor_ppm = 1000000 + (crowd->factor_permille - 1000) * share;
        plan->targets[step] =
            (int64_t)((double)plan->targets[step] * (double)factor_ppm / 1e6 + 0.5);
    }
}

static void add_crowds(const wb_generator *gen, service_plan *plan)
{
    int64_t *times = wb_heap_memory_alloc(WB_GENERATE_EVENTS_MAX, sizeof *times);
    for (uint32_t i = 0; i < plan->service->crowd_count; i++) {
        const wb_generated_crowd *crowd = &plan->service->crowds[i];
        const wb_random_key row =
            wb_generate_pods_key(gen, WB_RANDOM_GENERATE_CROWD, plan->source, i);
        uint32_t count = 1;
        if (crowd->at_ms >= 0) {
            times[0] = crowd->at_ms;
        } else {
            count = wb_generate_pods_events(gen, row, crowd->per_week, times);
        }
        for (uint32_t j = 0; j < count; j++) {
            add_crowd(plan, crowd, times[j]);
        }
    }
    wb_heap_memory_free(times);
}

static void set_targets(const wb_generator *gen, service_plan *plan)
{
    const wb_generated_service *service = plan->service;
    const int64_t base = wb_generate_pods_scaled(gen, service->base_count);
    const int64_t peak = wb_generate_pods_scaled(gen, service->peak_count);
    plan->step_count = (size_t)((gen->spec->span_ms + service->step_ms - 1) / service->step_ms);
    plan->targets = wb_heap_memory_alloc(plan->step_count, sizeof plan->targets[0]);
    for (size_t i = 0; i < plan->step_count; i++) {
        const int64_t at_ms = (int64_t)i * service->step_ms;
        const int64_t profile = wb_generate_pods_profile_at(gen, &service->profile, at_ms);
        const int64_t trend = wb_generate_pods_trend_at(&service->profile, at_ms);
        plan->targets[i] = base + (peak - base) * (profile * trend / 1000) / 1000;
    }
    assert(plan->step_count > 0); /* no span is 0 */
    add_crowds(gen, plan);
    plan->most = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        plan->most = plan->targets[i] > plan->most ? plan->targets[i] : plan->most;
    }
}

/* ---- rollouts ---- */

/* Surge is rounded up and unavailable down, as Kubernetes does it. */
static int64_t pods_of(const wb_generated_share *share, int64_t replicas, bool rounds_up)
{
    return share->is_percent ? (replicas * share->count + (rounds_up ? 99 : 0)) / 100
                             : share->count;
}

static void add_rollout(service_plan *plan, int64_t at_ms)
{
    const wb_generated_rollouts *how = &plan->service->rollouts;
    if (plan->rollout_count > 0) { /* one at a time */
        const rollout *last = &plan->rollouts[plan->rollout_count - 1];
        const int64_t groups = (last->replicas + last->group - 1) / last->group;
        const int64_t end_ms = last->at_ms + groups * last->ready_ms;
        at_ms = at_ms < end_ms ? end_ms : at_ms;
    }
    const size_t step = (size_t)(at_ms / plan->service->step_ms);
    if (step >= plan->step_count || plan->targets[step] == 0) {
        return;
    }
    rollout next = {.at_ms = at_ms,
                    .ready_ms = how->ready_after_ms,
                    .replicas = plan->targets[step],
                    .group = 1};
    if (plan->service->kind != WB_OWNER_STATEFUL_SET) { /* there, one pod after the other */
        const int64_t unavailable = pods_of(&how->max_unavailable, next.replicas, false);
        next.surge = pods_of(&how->max_surge, next.replicas, true);
        next.group = next.surge + unavailable > 0 ? next.surge + unavailable : 1;
    }
    assert(next.group >= 1 && next.surge <= next.group);
    plan->rollouts[plan->rollout_count++] = next;
}

/* Fixed times and random ones, merged in order of time. */
static void set_rollouts(const wb_generator *gen, service_plan *plan)
{
    const wb_generated_rollouts *how = &plan->service->rollouts;
    int64_t *times = wb_heap_memory_alloc(WB_GENERATE_EVENTS_MAX, sizeof *times);
    const wb_random_key row =
        wb_generate_pods_key(gen, WB_RANDOM_GENERATE_ROLLOUT, plan->source, 0);
    const uint32_t count = wb_generate_pods_events(gen, row, how->per_week, times);
    plan->rollouts =
        wb_heap_memory_alloc((size_t)count + how->at_count + 1, sizeof plan->rollouts[0]);
    uint32_t fixed = 0;
    for (uint32_t i = 0; i < count; i++) {
        while (fixed < how->at_count && how->at_ms[fixed] <= times[i]) {
            add_rollout(plan, how->at_ms[fixed++]);
        }
        add_rollout(plan, times[i]);
    }
    while (fixed < how->at_count) {
        add_rollout(plan, how->at_ms[fixed++]);
    }
    wb_heap_memory_free(times);
}

/* ---- pods ---- */

/* A start or an end lies somewhere in the first quarter of its step, so that a scale-up is not one
 * instant. */
static int64_t jitter_of(const wb_generator *gen, const service_plan *plan, int64_t replica,
                         int64_t at_ms)
{
    assert(plan->source < gen->spec->service_count && replica >= 0);
    const uint64_t step_ms = (uint64_t)plan->service->step_ms;
    const uint64_t step = (uint64_t)at_ms / step_ms;
    const uint64_t limit = UINT64_C(1) << 20;
    const uint64_t ordinal = (uint64_t)replica < limit && step < limit
                                 ? (uint64_t)replica << 20 | step
                                 : wb_hash_map_join((uint64_t)replica, step) >> 24;
    const wb_random_key key =
        wb_generate_pods_key(gen, WB_RANDOM_GENERATE_ARRIVAL, plan->source, ordinal);
    return at_ms == 0 ? 0 : (int64_t)wb_random_below(key, 0, step_ms / 4 + 1);
}

typedef struct replica_state {
    int64_t replica;
    uint32_t ordinal; /* of the service's next pod */
    uint32_t incarnation;
} replica_state;

static void add_pod(wb_generator *gen, const service_plan *plan, replica_state *state,
                    int64_t since_ms, int64_t until_ms)
{
    const wb_generated_pods *pods = &plan->service->pods;
    const int64_t span_ms = gen->spec->span_ms;
    assert(since_ms >= 0 && since_ms <= until_ms);
    const uint32_t constraints =
        wb_generate_pods_constraints(gen, pods, plan->source, 0, state->ordinal);
    const wb_generated_pod pod = {
        .at_ms = since_ms,
        .until_ms = until_ms < span_ms ? until_ms : span_ms,
        .runs_ms = -1,
        .source = plan->source,
        .ordinal = state->ordinal++,
        .replica = (uint32_t)state->replica,
        .incarnation = state->incarnation++,
        .variant = wb_generate_template_variant(
            pods, pods->volume_count > 0 ? (uint32_t)state->replica : 0, plan->choice, constraints),
    };
    wb_generate_pods_add(gen, &pod);
}

/* One interval of a replica: a pod, and one more for each rollout that comes along. */
static void add_interval(wb_generator *gen, const service_plan *plan, replica_state *state,
                         int64_t since_ms, int64_t until_ms)
{
    const bool is_stateful = plan->service->kind == WB_OWNER_STATEFUL_SET;
    for (uint32_t i = 0; i < plan->rollout_count; i++) {
        const rollout *next = &plan->rollouts[i];
        if (next->at_ms <= since_ms || next->at_ms >= until_ms ||
            state->replica >= next->replicas) {
            continue; /* not there yet, gone, or made of the new template from the start */
        }
        /* a StatefulSet begins at its last pod, and waits until the old one is gone */
        const int64_t place = is_stateful ? next->replicas - 1 - state->replica : state->replica;
        const bool is_surge = place % next->group < next->surge;
        const int64_t step_ms = next->at_ms + place / next->group * next->ready_ms;
        const int64_t made_ms = is_stateful ? step_ms + next->ready_ms / 4 : step_ms;
        const int64_t gone_ms = is_surge ? step_ms + next->ready_ms : step_ms;
        if (made_ms >= until_ms) {
            break; /* scaled away before its turn */
        }
        add_pod(gen, plan, state, since_ms, gone_ms < until_ms ? gone_ms : until_ms);
        since_ms = made_ms;
    }
    add_pod(gen, plan, state, since_ms, until_ms);
}

/* The replica's intervals: from where the target rises above it to where it falls to it. */
static void add_replica(wb_generator *gen, const service_plan *plan, replica_state *state)
{
    const int64_t step_ms = plan->service->step_ms;
    const int64_t span_ms = gen->spec->span_ms;
    int64_t since_ms = -1;
    state->incarnation = 0;
    for (int64_t at_ms = 0; at_ms <= span_ms; at_ms += step_ms) {
        const bool is_wanted = at_ms < span_ms && plan->targets[at_ms / step_ms] > state->replica;
        if (is_wanted && since_ms < 0) {
            since_ms = at_ms + jitter_of(gen, plan, state->replica, at_ms);
        } else if (!is_wanted && since_ms >= 0) {
            const int64_t end_ms = at_ms + jitter_of(gen, plan, state->replica, at_ms);
            add_interval(gen, plan, state, since_ms, end_ms < span_ms ? end_ms : span_ms);
            since_ms = -1;
        }
    }
    if (since_ms >= 0 && since_ms < span_ms) { /* there to the end */
        add_interval(gen, plan, state, since_ms, span_ms);
    }
}

/* Replica by replica and not hour by hour, so that a pod is made with its end known and needs no
 * delete record. */
static void add_replicas(wb_generator *gen, const service_plan *plan)
{
    if (plan->most > (int64_t)WB_GENERATE_PODS_MAX) { /* each replica is a pod at least */
        gen->is_full = true;
        return;
    }
    if (plan->service->pods.volume_count > 0 && plan->most > WB_GENERATE_REPLICAS_MAX) {
        gen->status = wb_fail(&gen->err, WB_ERR_LIMIT,
                              "service '%s' with volumes has %lld replicas, expected at most %d",
                              plan->service->name, (long long)plan->most, WB_GENERATE_REPLICAS_MAX);
        return;
    }
    replica_state state = {0};
    for (; state.replica < plan->most && !gen->is_full && gen->status == WB_OK; state.replica++) {
        add_replica(gen, plan, &state);
    }
}

void wb_generate_service_add(wb_generator *gen, uint32_t source)
{
    assert(source < gen->spec->service_count);
    service_plan plan = {.service = &gen->spec->services[source], .source = source};
    plan.choice = wb_generate_pods_choice(gen, &plan.service->pods, source, 0);
    set_targets(gen, &plan);
    set_rollouts(gen, &plan);
    add_replicas(gen, &plan);
    wb_heap_memory_free(plan.targets);
    wb_heap_memory_free(plan.rollouts);
}
