#include "scenarios/one_shot/consolidate.h"

#include <assert.h>
#include <string.h>

#include "base/cron.h"
#include "base/duration.h"
#include "kube/names.h"
#include "scenarios/one_shot/consolidate_internal.h"

#define VALIDATION_MS (15 * WB_MS_PER_SECOND)
#define SETTLE_MS     WB_MS_PER_MINUTE /* launches, drains: after it nothing is under way */
#define PRICE_EPSILON 1e-9

/* --- When something changes by itself -------------------------------------------------- */

static void keep_next(int64_t at_ms, int64_t now_ms, int64_t *next_ms)
{
    if (at_ms > now_ms && at_ms < *next_ms) {
        *next_ms = at_ms;
    }
}

/* A budget's window opens at the schedule's next hit, and closes its duration after the last. */
static void look_at_budgets(const wb_nodepool *pool, int64_t now_ms, int64_t *next_ms)
{
    for (uint32_t i = 0; i < pool->budget_count; i++) {
        const wb_budget *budget = &pool->budgets[i];
        wb_cron cron;
        int64_t hit_ms = 0;
        if (budget->schedule == NULL || wb_cron_parse(budget->schedule, &cron, NULL) != WB_OK) {
            continue;
        }
        if (wb_cron_next(&cron, now_ms, &hit_ms)) {
            keep_next(hit_ms, now_ms, next_ms);
        }
        if (wb_cron_next(&cron, now_ms - budget->duration_ms, &hit_ms)) {
            keep_next(hit_ms + budget->duration_ms, now_ms, next_ms);
        }
    }
}

static const wb_nodepool *pool_of(const wb_consolidate_cluster *cluster, uint32_t name)
{
    for (uint32_t i = 0; i < cluster->input->pool_count; i++) {
        if (cluster->pools[i].nodepool->name == name) {
            return cluster->pools[i].nodepool;
        }
    }
    return NULL;
}

/* A do-not-disrupt that lasts for a time only. */
static void look_at_pods(const wb_consolidate_place *place, const wb_intern *intern, int64_t now_ms,
                         int64_t *next_ms)
{
    for (uint32_t i = 0; i < place->pod_count; i++) {
        const wb_disruption_pod *pod = &place->pods[i];
        const uint32_t value = wb_labels_get(pod->template->annotations, WB_NAME_DO_NOT_DISRUPT);
        int64_t lasts_ms = 0;
        if (value != 0 && pod->start_ms >= 0 &&
            wb_duration_parse(wb_intern_text(intern, value), &lasts_ms, NULL) == WB_OK) {
            keep_next(pod->start_ms + lasts_ms, now_ms, next_ms);
        }
    }
}

/* The next moment at which a node may be looked at with other eyes; INT64_MAX: none. */
static int64_t next_moment(const wb_consolidate_cluster *cluster)
{
    int64_t next_ms = INT64_MAX;
    for (uint32_t i = 0; i < cluster->input->pool_count; i++) {
        look_at_budgets(cluster->pools[i].nodepool, cluster->now_ms, &next_ms);
    }
    for (uint32_t i = 0; i < cluster->place_count; i++) {
        const wb_consolidate_place *place = &cluster->places[i];
        const wb_nodepool *pool = pool_of(cluster, place->shown.nodepool);
        if (place->is_gone || pool == NULL || place->node.initialized_ms < 0) {
            continue;
        }
        if (pool->consolidate_after_ms != WB_DURATION_NEVER) {
            const int64_t since_ms = place->node.last_pod_event_ms >= 0
                                         ? place->node.last_pod_event_ms
                                         : place->node.initialized_ms;
            keep_next(since_ms + pool->consolidate_after_ms, cluster->now_ms, &next_ms);
        }
        look_at_pods(place, cluster->intern, cluster->now_ms, &next_ms);
    }
    return next_ms;
}

/* --- The loop -------------------------------------------------------------------------- */

static void add_command(wb_consolidate_cluster *cluster, const wb_consolidate_step *made,
                        wb_consolidate_report *out)
{
    if (out->command_count == cluster->command_capacity) {
        cluster->command_capacity = cluster->command_capacity * 2 + 16;
        cluster->commands = wb_arena_grow(cluster->arena, cluster->commands, out->command_count,
                                          cluster->command_capacity, sizeof(*made));
    }
    cluster->commands[out->command_count++] = *made;
    out->commands = cluster->commands;
}

/* The first command of the first method that has one; false: none has. */
static bool find_command(wb_disruption *picture, wb_disruption_command *out)
{
    for (int m = 0; m < WB_DISRUPTION_METHOD_COUNT; m++) {
        const wb_disruption_outcome outcome =
            wb_disruption_compute(picture, (wb_disruption_method)m);
        if (outcome.command_count > 0) {
            *out = outcome.commands[0];
            return true;
        }
    }
    return false;
}

/* Where time stands still (nothing is waited for) it also stands still for commands. */
static void let_pass(wb_consolidate_cluster *cluster, int64_t ms)
{
    const int64_t last_ms = cluster->start_ms + cluster->options->within_ms;
    cluster->now_ms = cluster->now_ms + ms < last_ms ? cluster->now_ms + ms : last_ms;
}

/* One command; false when the run is over, with the reason in out->stopped. */
static bool carry_out(wb_consolidate_cluster *cluster, const wb_disruption_command *found,
                      wb_consolidate_report *out)
{
    uint32_t before = 0;
    uint32_t after = 0;
    double before_usd = 0;
    double after_usd = 0;
    wb_consolidate_count(cluster, &before, &before_usd);
    let_pass(cluster, wb_disruption_waits(found->method) ? VALIDATION_MS : 0);
    const int64_t issued_ms = cluster->now_ms;
    let_pass(cluster, SETTLE_MS);
    const uint32_t pending_count = cluster->pending_count;
    wb_consolidate_step made;
    if (!wb_consolidate_apply(cluster, found, &made)) {
        out->stopped = wb_consolidate_format(
            cluster,
            "Karpenter would try the same command again and again: to replace %s, and nothing of "
            "what it asks for can be launched",
            wb_intern_text(cluster->intern, found->candidate_names[0]));
        return false;
    }
    if (cluster->pending_count > pending_count && cluster->options->within_ms > 0) {
        (void)wb_consolidate_provision(cluster);
    }
    for (uint32_t i = 0; i < cluster->place_count; i++) {
        cluster->places[i].tried_ms = -1;
    }
    made.after_ms = issued_ms - cluster->start_ms;
    add_command(cluster, &made, out);
    out->moved_count += made.moved_count;
    out->lost_count += made.lost_count;
    wb_consolidate_count(cluster, &after, &after_usd);
    const bool is_drift = !wb_disruption_waits(found->method);
    if (!is_drift && after >= before && after_usd > before_usd - PRICE_EPSILON) {
        out->stopped = wb_consolidate_format(
            cluster,
            "command %u makes the cluster no cheaper and no smaller: it would go on in "
            "circles",
            out->command_count);
        return false;
    }
    if (out->command_count >= cluster->options->command_limit) {
        out->stopped =
            wb_consolidate_format(cluster,
                                  "after %u command%s there are still more (--max-commands)",
                                  out->command_count, out->command_count == 1 ? "" : "s");
        return false;
    }
    return true;
}

/* What is under way comes first, where it is given the time. */
static void begin(wb_consolidate_cluster *cluster, wb_consolidate_report *out)
{
    wb_consolidate_start(cluster);
    if (cluster->options->within_ms > 0) {
        const int64_t start_ms = cluster->now_ms;
        let_pass(cluster, SETTLE_MS);
        cluster->now_ms = wb_consolidate_provision(cluster) ? cluster->now_ms : start_ms;
    } else if (cluster->pending_count > 0) {
        wb_consolidate_note(cluster,
                            "pods: %u wait for a node; every simulation plans for them too",
                            cluster->pending_count);
    }
    wb_consolidate_count(cluster, &out->before_count, &out->before_usd_per_hour);
}

static void run(wb_consolidate_cluster *cluster, wb_consolidate_report *out)
{
    const int64_t last_ms = cluster->start_ms + cluster->options->within_ms;
    bool goes_on = true;
    while (goes_on) {
        wb_disruption *picture = wb_consolidate_look(cluster, false);
        wb_disruption_command found;
        if (find_command(picture, &found)) {
            goes_on = carry_out(cluster, &found, out);
            continue;
        }
        wb_consolidate_note_tried(cluster, picture);
        const int64_t next_ms = next_moment(cluster);
        goes_on = next_ms <= last_ms;
        cluster->now_ms = goes_on ? next_ms : cluster->now_ms;
    }
    wb_consolidate_explain(cluster, out);
}

wb_status wb_consolidate_run(wb_arena *arena, const wb_one_shot_input *input,
                             const wb_consolidate_options *options, wb_consolidate_report *out,
                             wb_error *err)
{
    assert(!input->options.ignores_cluster);
    assert(options->within_ms >= 0 && options->command_limit > 0);
    wb_consolidate_cluster cluster = {
        .arena = arena, .input = input, .options = options, .intern = input->intern};
    *out = (wb_consolidate_report){.input = input};
    WB_TRY(wb_consolidate_override(&cluster, err));
    wb_arena_init(&cluster.pass, "picture", 0, NULL);
    wb_arena_init(&cluster.scratch, "simulation", 0, NULL);
    begin(&cluster, out);
    run(&cluster, out);
    wb_consolidate_count(&cluster, &out->after_count, &out->after_usd_per_hour);
    out->start_ms = cluster.start_ms;
    out->end_ms = cluster.now_ms;
    out->notes = cluster.notes;
    out->note_count = cluster.note_count;
    wb_consolidate_end(&cluster);
    return WB_OK;
}
