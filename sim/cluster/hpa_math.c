#include "sim/cluster/hpa_math.h"

#include <assert.h>

#include "base/duration.h"
#include "base/heap_memory.h"

/* --horizontal-pod-autoscaler-downscale-stabilization, where no behavior states a window. */
#define DOWN_WINDOW_MS (5 * WB_MS_PER_MINUTE)

/* Without behavior a scale-up at most doubles, but may always go to four. */
#define UP_FACTOR 2
#define UP_LEAST  4

/* ---- numbers ---- */

static int32_t least_of(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most_of(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Go's int32(math.Ceil(x)) for what replicas can be, without asking libm. */
static int32_t ceil_count(double value)
{
    if (value >= (double)INT32_MAX) {
        return INT32_MAX;
    }
    if (value <= 0) {
        return 0;
    }
    const int32_t whole = (int32_t)value;
    return (double)whole < value ? whole + 1 : whole;
}

static bool is_near(double ratio, wb_hpa_tolerances tolerances)
{
    return 1.0 - tolerances.down <= ratio && ratio <= 1.0 + tolerances.up;
}

/* ---- from metrics to a proposal ---- */

/* Usage as against the target: 1 is on it. */
static double usage_ratio(const wb_hpa_metric *metric, int64_t usage, int64_t requests,
                          int32_t count)
{
    assert(metric->target > 0 && count > 0);
    if (metric->target_kind == WB_HPA_UTILIZATION) {
        return (double)(usage * 100 / requests) / (double)metric->target;
    }
    return (double)(usage / count) / (double)metric->target;
}

/* What pods without a metric are taken to use, when the others are below their target: all that
 * they asked for, or what was wanted of them. */
static int64_t assumed_usage(const wb_hpa_metric *metric, const wb_hpa_pods *pods)
{
    if (metric->target_kind == WB_HPA_UTILIZATION) {
        const int64_t percent = metric->target > 100 ? metric->target : 100;
        return pods->missing_requests * percent / 100;
    }
    return metric->target * pods->missing_count;
}

int32_t wb_hpa_math_by_pods(const wb_hpa_metric *metric, const wb_hpa_pods *pods, int32_t current,
                            wb_hpa_tolerances tolerances)
{
    assert(metric->kind != WB_HPA_EXTERNAL && current >= 0);
    const bool needs_requests = metric->target_kind == WB_HPA_UTILIZATION;
    if (pods->ready_count == 0 || (needs_requests && pods->ready_requests == 0)) {
        return -1;
    }
    const double ratio = usage_ratio(metric, pods->usage, pods->ready_requests, pods->ready_count);
    const bool counts_unready = pods->unready_count > 0 && ratio > 1.0;
    if (!counts_unready && pods->missing_count == 0) {
        return is_near(ratio, tolerances) ? current : ceil_count(ratio * (double)pods->ready_count);
    }
    /* Pods that say nothing are assumed to dampen whichever change is due. */
    int64_t usage = pods->usage;
    int64_t requests = pods->ready_requests;
    int32_t count = pods->ready_count;
    if (pods->missing_count > 0 && (ratio < 1.0 || ratio > 1.0)) {
        usage += ratio < 1.0 ? assumed_usage(metric, pods) : 0;
        requests += pods->missing_requests;
        count += pods->missing_count;
    }
    if (counts_unready) {
        requests += pods->unready_requests;
        count += pods->unready_count;
    }
    const double damped = usage_ratio(metric, usage, requests, count);
    if (is_near(damped, tolerances) || (ratio < 1.0 && damped > 1.0) ||
        (ratio > 1.0 && damped < 1.0)) {
        return current;
    }
    const int32_t proposal = ceil_count(damped * (double)count);
    const bool turns = damped < 1.0 ? proposal > current : proposal < current;
    return turns ? current : proposal;
}

int32_t wb_hpa_math_by_value(const wb_hpa_metric *metric, int64_t value, int32_t status_count,
                             int32_t ready_count, wb_hpa_tolerances tolerances)
{
    assert(metric->kind == WB_HPA_EXTERNAL && metric->target > 0);
    if (metric->target_kind == WB_HPA_AVERAGE_VALUE) {
        const double ratio = (double)value / ((double)metric->target * (double)status_count);
        if (status_count > 0 && is_near(ratio, tolerances)) {
            return status_count;
        }
        return ceil_count((double)value / (double)metric->target);
    }
    const double ratio = (double)value / (double)metric->target;
    if (status_count == 0) {
        return ceil_count(ratio);
    }
    return is_near(ratio, tolerances) ? status_count : ceil_count(ratio * (double)ready_count);
}

/* ---- memory ---- */

static void add_record(wb_hpa_records *records, int64_t at_ms, int32_t amount)
{
    assert(records->count == 0 || records->items[records->count - 1].at_ms <= at_ms);
    if (records->count == records->capacity) {
        records->capacity = records->capacity * 2 + 8;
        records->items =
            wb_heap_memory_resize(records->items, records->capacity, sizeof(*records->items));
    }
    records->items[records->count++] = (wb_hpa_record){at_ms, amount};
}

/* Forgets what is older than before_ms. */
static void forget_before(wb_hpa_records *records, int64_t before_ms)
{
    uint32_t old = 0;
    while (old < records->count && records->items[old].at_ms < before_ms) {
        old++;
    }
    for (uint32_t i = old; i < records->count; i++) {
        records->items[i - old] = records->items[i];
    }
    records->count -= old;
}

/* ---- stabilisation ---- */

/* Without behavior: never below the highest recommendation of the last five minutes. */
static int32_t stabilise_plainly(wb_hpa_history *history, int64_t now_ms, int32_t desired)
{
    int32_t highest = desired;
    forget_before(&history->recommendations, now_ms - DOWN_WINDOW_MS);
    for (uint32_t i = 0; i < history->recommendations.count; i++) {
        highest = most_of(highest, history->recommendations.items[i].amount);
    }
    return highest;
}

/* Up no further than the lowest recommendation of one window, down no further than the highest of
 * the other. */
static int32_t stabilise(const wb_hpa *hpa, wb_hpa_history *history, int64_t now_ms,
                         int32_t current, int32_t desired)
{
    const int64_t up_ms = now_ms - hpa->up.window_ms;
    const int64_t down_ms = now_ms - hpa->down.window_ms;
    forget_before(&history->recommendations, up_ms < down_ms ? up_ms : down_ms);
    int32_t lowest = desired;
    int32_t highest = desired;
    for (uint32_t i = 0; i < history->recommendations.count; i++) {
        const wb_hpa_record *record = &history->recommendations.items[i];
        lowest = record->at_ms > up_ms ? least_of(lowest, record->amount) : lowest;
        highest = record->at_ms > down_ms ? most_of(highest, record->amount) : highest;
    }
    return least_of(most_of(current, lowest), highest);
}

/* ---- policies ---- */

static int32_t change_since(const wb_hpa_records *records, int64_t since_ms)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < records->count; i++) {
        sum += records->items[i].at_ms > since_ms ? records->items[i].amount : 0;
    }
    return sum;
}

/* What one policy lets replicas become. Percentages round away from no change upwards, and away
 * from it downwards. */
static int32_t allow(const wb_hpa_policy *policy, int32_t start, bool is_up)
{
    if (!policy->is_percent) {
        const int64_t allowed = (int64_t)start + (is_up ? policy->value : -(int64_t)policy->value);
        return allowed > INT32_MAX ? INT32_MAX : (int32_t)allowed;
    }
    const double share = (double)policy->value / 100;
    return is_up ? ceil_count((double)start * (1 + share)) : (int32_t)((double)start * (1 - share));
}

/* The farthest that the policies of one direction let replicas go. */
static int32_t policy_limit(const wb_hpa_rules *rules, const wb_hpa_history *history,
                            int64_t now_ms, int32_t current, bool is_up)
{
    assert(rules->policy_count > 0);
    if (rules->select == WB_HPA_SELECT_DISABLED) {
        return current;
    }
    const bool takes_highest = (rules->select == WB_HPA_SELECT_MAX) == is_up;
    int32_t limit = takes_highest ? INT32_MIN : INT32_MAX;
    for (uint32_t i = 0; i < rules->policy_count; i++) {
        const int64_t since_ms = now_ms - rules->policies[i].period_ms;
        const int32_t start = current - change_since(&history->ups, since_ms) +
                              change_since(&history->downs, since_ms);
        const int32_t allowed = allow(&rules->policies[i], start, is_up);
        limit = takes_highest ? most_of(limit, allowed) : least_of(limit, allowed);
    }
    return is_up ? most_of(limit, current) : least_of(limit, current);
}

static int32_t limit_by_policies(const wb_hpa *hpa, const wb_hpa_history *history, int64_t now_ms,
                                 int32_t current, int32_t desired)
{
    if (desired > current) {
        const int32_t most = policy_limit(&hpa->up, history, now_ms, current, true);
        return least_of(desired, least_of(hpa->max_replicas, most));
    }
    if (desired < current) {
        const int32_t least = policy_limit(&hpa->down, history, now_ms, current, false);
        return most_of(desired, most_of(hpa->min_replicas, least));
    }
    return desired;
}

static int32_t limit_plainly(const wb_hpa *hpa, int32_t current, int32_t desired)
{
    const int64_t doubled = (int64_t)current * UP_FACTOR;
    const int64_t most = doubled > UP_LEAST ? doubled : UP_LEAST;
    const int32_t highest = most < hpa->max_replicas ? (int32_t)most : hpa->max_replicas;
    return desired < hpa->min_replicas ? hpa->min_replicas : least_of(desired, highest);
}

int32_t wb_hpa_math_limit(const wb_hpa *hpa, wb_hpa_history *history, int64_t now_ms,
                          int32_t current, int32_t desired)
{
    assert(hpa->min_replicas >= 1 && hpa->max_replicas >= hpa->min_replicas);
    assert(current >= 0 && desired >= 0);
    int32_t result = 0;
    if (hpa->has_behavior) {
        result = stabilise(hpa, history, now_ms, current, desired);
        result = limit_by_policies(hpa, history, now_ms, current, result);
    } else {
        result = stabilise_plainly(history, now_ms, desired);
        result = limit_plainly(hpa, current, result);
    }
    add_record(&history->recommendations, now_ms, desired);
    return result;
}

static int64_t longest_period(const wb_hpa *hpa)
{
    const wb_hpa_rules *const directions[] = {&hpa->up, &hpa->down};
    int64_t longest_ms = 0;
    for (size_t d = 0; d < 2; d++) {
        for (uint32_t i = 0; i < directions[d]->policy_count; i++) {
            const int64_t period_ms = directions[d]->policies[i].period_ms;
            longest_ms = period_ms > longest_ms ? period_ms : longest_ms;
        }
    }
    return longest_ms;
}

void wb_hpa_math_remember_change(const wb_hpa *hpa, wb_hpa_history *history, int64_t now_ms,
                                 int32_t current, int32_t next)
{
    if (!hpa->has_behavior || next == current) {
        return; /* nobody would ask */
    }
    const int64_t before_ms = now_ms - longest_period(hpa);
    forget_before(&history->ups, before_ms);
    forget_before(&history->downs, before_ms);
    if (next > current) {
        add_record(&history->ups, now_ms, next - current);
    } else {
        add_record(&history->downs, now_ms, current - next);
    }
}

void wb_hpa_math_release(wb_hpa_history *history)
{
    wb_hpa_records *const all[] = {&history->recommendations, &history->ups, &history->downs};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        wb_heap_memory_free(all[i]->items);
        *all[i] = (wb_hpa_records){0};
    }
}
