/*
 * The registry of one group. All comparisons of times are those of the real program, strict or not:
 * on a clock of ten seconds they decide whether something happens one pass earlier.
 */
#include "sim/autoscaler/cluster_autoscaler/group_health.h"

#include <assert.h>

#include "base/heap_memory.h"

void wb_group_health_init(wb_group_health *health)
{
    assert(health != NULL);
    *health = (wb_group_health){
        .wrong_since_ms = -1,
        .last_scale_up_ms = INT64_MIN,
        .last_delete_ms = INT64_MIN,
        .last_delete_failure_ms = INT64_MIN,
    };
}

void wb_group_health_release(wb_group_health *health)
{
    wb_heap_memory_free(health->missing);
    *health = (wb_group_health){0};
}

void wb_group_health_begin(wb_group_health *health, int32_t target)
{
    assert(target >= 0);
    health->target = target;
    health->ready = 0;
    health->unready = 0;
    health->not_started = 0;
    health->deleted = 0;
    health->unregistered = 0;
    health->long_unregistered = 0;
}

/* Nodes that exist, whatever became of their machines. */
static int32_t registered_count(const wb_group_health *health)
{
    return health->ready + health->unready + health->not_started + health->deleted;
}

/* ---- back-off ---- */

void wb_group_health_fail(wb_group_health *health, const wb_ca_flags *flags, int64_t now_ms)
{
    assert(flags->initial_backoff_ms >= 0 && now_ms >= 0);
    int64_t duration_ms = flags->initial_backoff_ms;
    if (health->backoff_duration_ms > 0) {
        duration_ms = health->backoff_duration_ms;
        /* Scale-ups that fail side by side don't make it longer. */
        if (!wb_group_health_is_backed_off(health, now_ms)) {
            duration_ms =
                2 * duration_ms < flags->max_backoff_ms ? 2 * duration_ms : flags->max_backoff_ms;
        }
    }
    health->backoff_duration_ms = duration_ms;
    health->backoff_until_ms = now_ms + duration_ms;
    health->last_failure_ms = now_ms;
}

bool wb_group_health_is_backed_off(const wb_group_health *health, int64_t now_ms)
{
    return health->backoff_duration_ms > 0 && now_ms <= health->backoff_until_ms;
}

/* A success in between does not clear it: only time does. */
static void forget_old_failure(wb_group_health *health, const wb_ca_flags *flags, int64_t now_ms)
{
    if (health->backoff_duration_ms > 0 &&
        health->last_failure_ms + flags->backoff_reset_ms < now_ms) {
        health->backoff_duration_ms = 0;
    }
}

/* ---- requests ---- */

void wb_group_health_request(wb_group_health *health, const wb_ca_flags *flags, int32_t delta,
                             int64_t now_ms)
{
    assert(health->request_increase >= 0);
    if (!health->has_request) {
        if (delta <= 0) {
            return;
        }
        health->has_request = true;
        health->request_increase = 0;
    }
    health->request_increase += delta;
    if (health->request_increase <= 0) {
        health->has_request = false;
        health->request_increase = 0;
    } else if (delta > 0) {
        health->request_expected_ms = now_ms + flags->max_node_provision_time_ms;
    }
}

/* Of the target, what is neither there nor given up. */
static int32_t awaited_count(const wb_group_health *health)
{
    const int32_t count =
        health->target - (health->ready + health->unready + health->long_unregistered);
    return count > 0 ? count : 0;
}

/* The open request is done, too late, or goes on. */
static void settle_request(wb_group_health *health, const wb_ca_flags *flags, int64_t now_ms,
                           wb_group_health_news *out)
{
    if (!health->has_request) {
        return;
    }
    if (awaited_count(health) == 0) {
        health->has_request = false; /* done */
        health->request_increase = 0;
    } else if (health->request_expected_ms < now_ms) {
        out->timed_out_increase = health->request_increase;
        health->has_request = false;
        health->request_increase = 0;
        wb_group_health_fail(health, flags, now_ms);
    }
}

/* ---- instances ---- */

/* The instances without a node, with the time since when they were missed; both lists ascend. */
static int32_t count_missing(wb_group_health *health, const wb_ca_instance *instances,
                             uint32_t count, int64_t now_ms)
{
    wb_group_health_missing *known = health->missing;
    const uint32_t known_count = health->missing_count;
    wb_group_health_missing *missing =
        count > 0 ? wb_heap_memory_alloc(count, sizeof(*missing)) : NULL;
    uint32_t missing_count = 0;
    uint32_t k = 0;
    int32_t new_failure_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        assert(i == 0 || instances[i - 1].key < instances[i].key);
        if (instances[i].node_id != WB_CA_SNAPSHOT_NONE) {
            continue;
        }
        while (k < known_count && known[k].key < instances[i].key) {
            k++;
        }
        const bool is_known = k < known_count && known[k].key == instances[i].key;
        const bool had_failed = is_known && known[k].has_failed;
        missing[missing_count++] = (wb_group_health_missing){
            .key = instances[i].key,
            .since_ms = is_known ? known[k].since_ms : now_ms,
            .has_failed = instances[i].has_failed,
        };
        new_failure_count += instances[i].has_failed && !had_failed ? 1 : 0;
    }
    wb_heap_memory_free(known);
    health->missing = missing;
    health->missing_count = missing_count;
    return new_failure_count;
}

/* Machines that are missing for long are given up for the group's sums. */
static void count_ages(wb_group_health *health, const wb_ca_flags *flags, int64_t now_ms)
{
    health->unregistered = 0;
    health->long_unregistered = 0;
    for (uint32_t i = 0; i < health->missing_count; i++) {
        if (health->missing[i].since_ms + flags->max_node_provision_time_ms < now_ms) {
            health->long_unregistered++;
        } else {
            health->unregistered++;
        }
    }
}

/* Remembers since when registered nodes and target differ in just this way. */
static void note_wrong_size(wb_group_health *health, int64_t now_ms)
{
    const int32_t registered = registered_count(health);
    const int32_t least = health->target - health->long_unregistered -
                          (health->has_request ? health->request_increase : 0);
    if (registered <= health->target && registered >= least) {
        health->wrong_since_ms = -1;
        return;
    }
    if (health->wrong_since_ms < 0 || health->wrong_registered != registered ||
        health->wrong_target != health->target) {
        health->wrong_since_ms = now_ms;
        health->wrong_registered = registered;
        health->wrong_target = health->target;
    }
}

void wb_group_health_update(wb_group_health *health, const wb_ca_flags *flags,
                            const wb_ca_instance *instances, uint32_t count, int64_t now_ms,
                            wb_group_health_news *out)
{
    assert(instances != NULL || count == 0);
    *out = (wb_group_health_news){0};
    const int32_t new_failure_count = count_missing(health, instances, count, now_ms);
    count_ages(health, flags, now_ms);
    forget_old_failure(health, flags, now_ms);
    settle_request(health, flags, now_ms, out);
    if (new_failure_count > 0) {
        wb_group_health_request(health, flags, -new_failure_count, now_ms);
        wb_group_health_fail(health, flags, now_ms);
        out->new_failure_count = new_failure_count;
    }
    note_wrong_size(health, now_ms);
}

bool wb_group_health_is_healthy(const wb_group_health *health, const wb_ca_flags *flags)
{
    assert(health->target >= 0 && health->ready >= 0);
    const int32_t expected = health->target - health->long_unregistered -
                             (health->has_request ? health->request_increase : 0);
    const int32_t missing = expected - health->ready;
    const double present = (double)(health->ready + health->unready + health->not_started);
    return missing <= flags->ok_total_unready_count ||
           (double)missing <= flags->max_total_unready_percentage / 100.0 * present;
}

int32_t wb_group_health_upcoming(const wb_group_health *health, int64_t now_ms)
{
    if (!health->has_request || wb_group_health_is_backed_off(health, now_ms)) {
        return 0;
    }
    return awaited_count(health);
}

int32_t wb_group_health_excess(const wb_group_health *health, const wb_ca_flags *flags,
                               int64_t now_ms)
{
    if (health->wrong_since_ms < 0 ||
        health->wrong_since_ms + flags->max_node_provision_time_ms >= now_ms) {
        return 0;
    }
    const int32_t excess = health->wrong_target - health->wrong_registered;
    return excess > 0 ? excess : 0;
}

/* The earlier of next and at_ms, if at_ms lies ahead. */
static int64_t earlier(int64_t next_ms, int64_t at_ms, int64_t now_ms)
{
    return at_ms > now_ms && at_ms < next_ms ? at_ms : next_ms;
}

int64_t wb_group_health_next_ms(const wb_group_health *health, const wb_ca_flags *flags,
                                int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    /* Everything below is compared with "strictly after". */
    for (uint32_t i = 0; i < health->missing_count; i++) {
        next_ms =
            earlier(next_ms, health->missing[i].since_ms + flags->max_node_provision_time_ms + 1,
                    now_ms);
    }
    if (health->has_request) {
        next_ms = earlier(next_ms, health->request_expected_ms + 1, now_ms);
    }
    if (health->backoff_duration_ms > 0) {
        next_ms = earlier(next_ms, health->backoff_until_ms + 1, now_ms);
        next_ms = earlier(next_ms, health->last_failure_ms + flags->backoff_reset_ms + 1, now_ms);
    }
    if (health->wrong_since_ms >= 0) {
        next_ms = earlier(next_ms, health->wrong_since_ms + flags->max_node_provision_time_ms + 1,
                          now_ms);
    }
    return next_ms;
}
