/*
 * The disruption loop: emptiness, multi-node consolidation, single-node consolidation, in this
 * order; the first that finds a command waits 15 s, looks again, and starts it. Source:
 * spec/disruption.md sections 2 to 5, 7, 9, 12, 13.
 *
 * The real loop passes every 10 s. A pass over a cluster in which nothing has changed finds what
 * the last one found, so here a pass is due on the 10 s raster only after a change, or when a
 * window (consolidateAfter, nomination) that held a node back has closed.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cron.h"
#include "base/duration.h"
#include "base/heap_memory.h"
#include "base/sort.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define PASS_MS          (10 * WB_MS_PER_SECOND)
#define VALIDATION_MS    (15 * WB_MS_PER_SECOND)
#define COMMAND_LIMIT_MS (10 * WB_MS_PER_MINUTE)

void wb_karpenter_wake_loop(wb_karpenter *self)
{
    self->loop_change_count++;
    if (self->loop_is_scheduled || self->loop_is_blocked || self->settings.disruption_is_off ||
        self->living_count == 0) {
        return;
    }
    const int64_t now_ms = self->env.kernel->now_ms;
    const int64_t due_ms = self->loop_last_ms + PASS_MS;
    self->loop_is_scheduled = true;
    wb_karpenter_schedule(self, due_ms > now_ms ? due_ms : now_ms, WB_KARPENTER_EVENT_LOOP, 0);
}

/* ---- candidates ---- */

/* Source: section 4. */
static double eviction_cost(const wb_karpenter *self, uint32_t pod_id)
{
    const wb_cluster *cluster = self->env.cluster;
    const wb_shape *shape = &cluster->shapes[cluster->pods.shape_id[pod_id]];
    const double cost = 1.0 + (double)shape->deletion_cost / 134217728.0 +
                        (double)shape->template->priority / 33554432.0;
    return cost < -10.0 ? -10.0 : cost > 10.0 ? 10.0 : cost;
}

static int64_t consolidatable_ms(const wb_karpenter_claim *claim)
{
    const int64_t since_ms =
        claim->last_pod_event_ms >= 0 ? claim->last_pod_event_ms : claim->initialized_ms;
    return since_ms + claim->pool->consolidate_after_ms;
}

/* What holds for every graceful method, without looking at pods; and when it will, at the earliest
 * (INT64_MAX: not before something changes). */
static bool may_be_disrupted(const wb_karpenter *self, const wb_karpenter_claim *claim,
                             int64_t *out_when_ms)
{
    *out_when_ms = INT64_MAX;
    if (claim->node_id == WB_NO_ID || claim->initialized_ms < 0 || claim->is_marked ||
        claim->command_id != WB_NO_ID || claim->pool->consolidate_after_ms == WB_DURATION_NEVER) {
        return false;
    }
    const int64_t ready_ms = consolidatable_ms(claim);
    *out_when_ms = ready_ms > claim->nominated_until_ms ? ready_ms : claim->nominated_until_ms;
    return *out_when_ms <= self->env.kernel->now_ms;
}

/* Pods on the node: false when one is protected or held by a PDB. */
static bool look_at_pods(const wb_karpenter *self, const wb_karpenter_claim *claim,
                         wb_karpenter_candidate *out)
{
    const wb_cluster *cluster = self->env.cluster;
    out->disruption_cost = 1.0;
    for (uint32_t pod_id = cluster->nodes[claim->node_id].first_pod; pod_id != WB_NO_ID;
         pod_id = cluster->pods.next_on_node[pod_id]) {
        const wb_pod_template *template = wb_cluster_pod_template(cluster, pod_id);
        if (wb_labels_get(template->annotations, WB_NAME_DO_NOT_DISRUPT) == WB_NAME_TRUE) {
            return false;
        }
        if (!wb_karpenter_pod_is_reschedulable(self, pod_id)) {
            continue;
        }
        if (!wb_cluster_can_evict(cluster, pod_id)) {
            return false;
        }
        const double cost = eviction_cost(self, pod_id);
        out->disruption_cost += cost > 0.0 ? cost : 0.0;
    }
    out->is_empty = out->disruption_cost <= 1.0;
    return true;
}

static int compare_candidates(const void *a, const void *b, void *context)
{
    const wb_karpenter_candidate *left = a;
    const wb_karpenter_candidate *right = b;
    const wb_karpenter *self = context;
    const double left_ratio = left->price_usd_per_hour / left->disruption_cost;
    const double right_ratio = right->price_usd_per_hour / right->disruption_cost;
    if (left_ratio < right_ratio || left_ratio > right_ratio) {
        return left_ratio > right_ratio ? -1 : 1; /* highest savings ratio first */
    }
    return strcmp(self->claims[left->claim_id].name, self->claims[right->claim_id].name);
}

/* All candidates, sorted; *out_next_ms is when the next node that is held back by time may join. */
static uint32_t gather(wb_karpenter *self, wb_karpenter_candidate **out, int64_t *out_next_ms)
{
    wb_karpenter_candidate *candidates =
        WB_ARENA_ARRAY(&self->solve_arena, wb_karpenter_candidate, self->living_count + 1);
    uint32_t count = 0;
    *out_next_ms = INT64_MAX;
    for (uint32_t i = 0; i < self->living_count; i++) {
        const wb_karpenter_claim *claim = &self->claims[self->living_claims[i]];
        int64_t when_ms = 0;
        if (!may_be_disrupted(self, claim, &when_ms)) {
            if (when_ms < *out_next_ms) {
                *out_next_ms = when_ms;
            }
            continue;
        }
        candidates[count] =
            (wb_karpenter_candidate){.claim_id = self->living_claims[i],
                                     .price_usd_per_hour = claim->price_usd_per_hour};
        if (look_at_pods(self, claim, &candidates[count])) {
            count++;
        }
    }
    wb_sort(candidates, count, sizeof candidates[0], compare_candidates, self);
    *out = candidates;
    return count;
}

/* ---- budgets ---- */

static bool budget_is_active(const wb_karpenter *self, const wb_budget *budget)
{
    if (budget->schedule == NULL) {
        return true;
    }
    wb_cron cron;
    int64_t hit_ms = 0;
    const int64_t now_ms = self->env.cluster->options.epoch_unix_ms + self->env.kernel->now_ms;
    if (wb_cron_parse(budget->schedule, &cron, NULL) != WB_OK) {
        return true; /* refused by validation; an unreadable one would allow nothing */
    }
    return wb_cron_next(&cron, now_ms - budget->duration_ms, &hit_ms) && hit_ms <= now_ms;
}

/* Source: section 5. Percentages round up; nodes on their way out count against the allowance. */
static int64_t allowed_disruptions(const wb_karpenter *self, const wb_nodepool *pool,
                                   uint32_t reason)
{
    int64_t node_count = 0;
    int64_t unavailable_count = 0;
    for (uint32_t i = 0; i < self->living_count; i++) {
        const wb_karpenter_claim *claim = &self->claims[self->living_claims[i]];
        if (claim->pool != pool || claim->initialized_ms < 0 || claim->is_terminating) {
            continue;
        }
        node_count++;
        const bool is_ready = self->env.cluster->nodes[claim->node_id].is_ready;
        unavailable_count += claim->is_marked || !is_ready ? 1 : 0;
    }
    int64_t allowed = INT32_MAX;
    for (uint32_t i = 0; i < pool->budget_count; i++) {
        const wb_budget *budget = &pool->budgets[i];
        const bool applies = budget->reasons == 0 || (budget->reasons & reason) != 0;
        if (!applies || !budget_is_active(self, budget)) {
            continue;
        }
        const int64_t nodes =
            budget->is_percent ? (node_count * budget->nodes + 99) / 100 : budget->nodes;
        allowed = nodes < allowed ? nodes : allowed;
    }
    const int64_t left = allowed - unavailable_count;
    return left > 0 ? left : 0;
}

/* Allowances of all pools for one reason, spent as candidates are taken. */
typedef struct budget_book {
    int64_t *allowed; /* by index into self->pools */
} budget_book;

static budget_book open_book(wb_karpenter *self, uint32_t reason)
{
    budget_book book = {WB_ARENA_ARRAY(&self->solve_arena, int64_t, self->pool_count + 1)};
    for (uint32_t i = 0; i < self->pool_count; i++) {
        book.allowed[i] = allowed_disruptions(self, &self->pools[i], reason);
    }
    return book;
}

static int64_t *allowance(const wb_karpenter *self, const budget_book *book, uint32_t claim_id)
{
    const ptrdiff_t pool_index = self->claims[claim_id].pool - self->pools;
    assert(pool_index >= 0 && pool_index < (ptrdiff_t)self->pool_count);
    return &book->allowed[pool_index];
}

/* ---- methods ---- */

static bool find_empty(wb_karpenter *self, const wb_karpenter_candidate *candidates, uint32_t count,
                       wb_karpenter_command *out)
{
    const budget_book book = open_book(self, WB_DISRUPTION_EMPTY);
    uint32_t *claim_ids = WB_ARENA_ARRAY(&self->solve_arena, uint32_t, count + 1);
    uint32_t taken = 0;
    double saving = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t *left = allowance(self, &book, candidates[i].claim_id);
        if (candidates[i].is_empty && *left > 0) {
            (*left)--;
            claim_ids[taken++] = candidates[i].claim_id;
            saving += candidates[i].price_usd_per_hour;
        }
    }
    if (taken == 0) {
        return false;
    }
    *out = (wb_karpenter_command){
        .method = "emptiness",
        .cause = WB_CAUSE_EMPTINESS,
        .claim_ids = WB_ARENA_ARRAY(self->env.arena, uint32_t, taken),
        .claim_count = taken,
        .replacement = WB_NO_ID,
        .saving_usd_per_hour = saving,
    };
    memcpy(out->claim_ids, claim_ids, taken * sizeof claim_ids[0]);
    return true;
}

/* Those that consolidation may look at: not empty, and the pool's policy allows it. */
static uint32_t keep_underutilized(const wb_karpenter *self,
                                   const wb_karpenter_candidate *candidates, uint32_t count,
                                   wb_karpenter_candidate *out)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const wb_nodepool *pool = self->claims[candidates[i].claim_id].pool;
        if (!candidates[i].is_empty && pool->consolidation_policy != WB_CONSOLIDATE_WHEN_EMPTY) {
            out[kept++] = candidates[i];
        }
    }
    return kept;
}

/* Binary search for the longest prefix of the sorted list that works (section 9.2). */
static bool find_multi(wb_karpenter *self, const wb_karpenter_candidate *candidates, uint32_t count,
                       wb_karpenter_command *out)
{
    const budget_book book = open_book(self, WB_DISRUPTION_UNDERUTILIZED);
    wb_karpenter_candidate *allowed =
        WB_ARENA_ARRAY(&self->solve_arena, wb_karpenter_candidate, count + 1);
    uint32_t allowed_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t *left = allowance(self, &book, candidates[i].claim_id);
        if (*left > 0) {
            (*left)--;
            allowed[allowed_count++] = candidates[i];
        }
    }
    if (allowed_count < 2) {
        return false;
    }
    int64_t low = 1;
    int64_t high = allowed_count <= 100 ? (int64_t)allowed_count - 1 : 100;
    bool is_found = false;
    while (low <= high) {
        const int64_t middle = (low + high) / 2;
        wb_karpenter_command probe = {0};
        if (wb_karpenter_compute_consolidation(self, allowed, (uint32_t)middle + 1, true, &probe)) {
            *out = probe;
            is_found = true;
            low = middle + 1;
        } else {
            high = middle - 1;
        }
    }
    out->method = "multi-node consolidation";
    return is_found;
}

/* Deals the sorted list out between NodePools, one of each in turn, by first appearance. */
static void interleave(wb_karpenter *self, wb_karpenter_candidate *candidates, uint32_t count)
{
    wb_karpenter_candidate *dealt =
        WB_ARENA_ARRAY(&self->solve_arena, wb_karpenter_candidate, count + 1);
    bool *is_dealt = WB_ARENA_ARRAY(&self->solve_arena, bool, count + 1);
    uint64_t *round_of_pool = WB_ARENA_ARRAY(&self->solve_arena, uint64_t, self->pool_count + 1);
    uint32_t dealt_count = 0;
    for (uint64_t round = 1; dealt_count < count; round++) {
        for (uint32_t i = 0; i < count; i++) {
            const ptrdiff_t pool = self->claims[candidates[i].claim_id].pool - self->pools;
            if (!is_dealt[i] && round_of_pool[pool] < round) {
                round_of_pool[pool] = round;
                is_dealt[i] = true;
                dealt[dealt_count++] = candidates[i];
            }
        }
    }
    memcpy(candidates, dealt, count * sizeof candidates[0]);
}

static bool find_single(wb_karpenter *self, wb_karpenter_candidate *candidates, uint32_t count,
                        wb_karpenter_command *out)
{
    const budget_book book = open_book(self, WB_DISRUPTION_UNDERUTILIZED);
    if (self->pool_count > 1) {
        interleave(self, candidates, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (*allowance(self, &book, candidates[i].claim_id) > 0 &&
            wb_karpenter_compute_consolidation(self, &candidates[i], 1, false, out)) {
            out->method = "single-node consolidation";
            return true;
        }
    }
    return false;
}

static bool find_command(wb_karpenter *self, wb_karpenter_command *out, int64_t *out_next_ms)
{
    wb_karpenter_candidate *candidates = NULL;
    const uint32_t count = gather(self, &candidates, out_next_ms);
    if (count == 0) {
        return false;
    }
    if (find_empty(self, candidates, count, out)) {
        return true;
    }
    wb_karpenter_candidate *rest =
        WB_ARENA_ARRAY(&self->solve_arena, wb_karpenter_candidate, count + 1);
    const uint32_t rest_count = keep_underutilized(self, candidates, count, rest);
    if (find_multi(self, rest, rest_count, out) || find_single(self, rest, rest_count, out)) {
        out->cause = WB_CAUSE_CONSOLIDATION;
        return true;
    }
    return false;
}

static uint32_t add_command(wb_karpenter *self, const wb_karpenter_command *command)
{
    if (self->command_count == self->command_capacity) {
        self->command_capacity =
            (uint32_t)wb_heap_memory_next_capacity(self->command_capacity,
                                                   (size_t)self->command_count + 1);
        self->commands =
            wb_heap_memory_resize(self->commands, self->command_capacity, sizeof self->commands[0]);
    }
    self->commands[self->command_count] = *command;
    self->commands[self->command_count].created_ms = self->env.kernel->now_ms;
    return self->command_count++;
}

/* The next pass on the 10 s raster at or after at_ms. */
static void schedule_pass(wb_karpenter *self, int64_t at_ms)
{
    const int64_t first_ms = self->loop_last_ms + PASS_MS;
    const int64_t late_ms = at_ms > first_ms ? at_ms - first_ms : 0;
    self->loop_is_scheduled = true;
    wb_karpenter_schedule(self, first_ms + (late_ms + PASS_MS - 1) / PASS_MS * PASS_MS,
                          WB_KARPENTER_EVENT_LOOP, 0);
}

wb_status wb_karpenter_on_loop(wb_karpenter *self, wb_error *err)
{
    (void)err;
    self->loop_is_scheduled = false;
    self->loop_last_ms = self->env.kernel->now_ms;
    self->loop_seen_change_count = self->loop_change_count;
    if (self->world == NULL || self->loop_is_blocked) {
        return WB_OK;
    }
    if (self->unlaunched_count > 0) { /* state is not in step */
        schedule_pass(self, self->loop_last_ms);
        return WB_OK;
    }
    wb_karpenter_refresh_world(self);
    wb_karpenter_command command = {0};
    int64_t next_ms = INT64_MAX;
    if (find_command(self, &command, &next_ms)) {
        self->loop_is_blocked = true;
        wb_karpenter_schedule(self, self->loop_last_ms + VALIDATION_MS, WB_KARPENTER_EVENT_VALIDATE,
                              add_command(self, &command));
    } else if (next_ms != INT64_MAX) {
        schedule_pass(self, next_ms);
    }
    wb_arena_clear(&self->solve_arena);
    return WB_OK;
}

/* ---- validation and execution ---- */

static const wb_karpenter_candidate *find_candidate(const wb_karpenter_candidate *candidates,
                                                    uint32_t count, uint32_t claim_id)
{
    for (uint32_t i = 0; i < count; i++) {
        if (candidates[i].claim_id == claim_id) {
            return &candidates[i];
        }
    }
    return NULL;
}

/* Emptiness keeps those that still qualify, within budgets. */
static bool validate_empty(wb_karpenter *self, const wb_karpenter_candidate *candidates,
                           uint32_t count, wb_karpenter_command *command)
{
    const budget_book book = open_book(self, WB_DISRUPTION_EMPTY);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < command->claim_count; i++) {
        const uint32_t claim_id = command->claim_ids[i];
        const wb_karpenter_candidate *found = find_candidate(candidates, count, claim_id);
        int64_t *left = allowance(self, &book, claim_id);
        if (found != NULL && found->is_empty && *left > 0) {
            (*left)--;
            command->claim_ids[kept++] = claim_id;
        }
    }
    command->claim_count = kept;
    return kept > 0;
}

static bool has_type(const wb_karpenter_command *command, uint32_t type_index)
{
    for (uint32_t i = 0; i < command->type_count; i++) {
        if (command->type_indices[i] == type_index) {
            return true;
        }
    }
    return false;
}

/* Consolidation must find the same again: all candidates, no more new nodes, every planned type. */
static bool validate_consolidation(wb_karpenter *self, const wb_karpenter_candidate *candidates,
                                   uint32_t count, const wb_karpenter_command *command)
{
    const budget_book book = open_book(self, WB_DISRUPTION_UNDERUTILIZED);
    wb_karpenter_candidate *planned =
        WB_ARENA_ARRAY(&self->solve_arena, wb_karpenter_candidate, command->claim_count + 1);
    for (uint32_t i = 0; i < command->claim_count; i++) {
        const wb_karpenter_candidate *found =
            find_candidate(candidates, count, command->claim_ids[i]);
        int64_t *left = allowance(self, &book, command->claim_ids[i]);
        if (found == NULL || found->is_empty || *left <= 0) {
            return false;
        }
        (*left)--;
        planned[i] = *found;
    }
    wb_karpenter_command again = {0};
    if (!wb_karpenter_compute_consolidation(self, planned, command->claim_count,
                                            command->claim_count > 1, &again) ||
        (again.pool == NULL) != (command->pool == NULL)) {
        return false;
    }
    for (uint32_t i = 0; i < command->type_count; i++) {
        if (!has_type(&again, command->type_indices[i])) {
            return false;
        }
    }
    return true;
}

static void announce(wb_karpenter *self, const wb_karpenter_command *command)
{
    const wb_intern *intern = self->env.intern;
    const wb_karpenter_claim *first = &self->claims[command->claim_ids[0]];
    char subject[160];
    char outcome[256];
    (void)snprintf(subject, sizeof subject, "%s%s", first->name,
                   command->claim_count > 1 ? " and others" : "");
    if (command->replacement == WB_NO_ID) {
        (void)snprintf(outcome, sizeof outcome, "delete %u node%s", command->claim_count,
                       command->claim_count == 1 ? "" : "s");
    } else {
        const wb_karpenter_claim *claim = &self->claims[command->replacement];
        (void)snprintf(outcome, sizeof outcome, "replace %u node%s by %s %s", command->claim_count,
                       command->claim_count == 1 ? "" : "s",
                       wb_intern_text(intern, self->env.catalog->types[claim->type_index].name),
                       wb_capacity_type_name(claim->capacity_type));
    }
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = command->method,
        .subject = subject,
        .outcome = outcome,
        .reason = command->cause == WB_CAUSE_EMPTINESS ? "no pod that would have to move"
                  : command->replacement == WB_NO_ID   ? "its pods fit on other nodes"
                                                       : "its pods fit on one cheaper node",
        .pod_count = command->pod_count,
        .node_count = command->claim_count,
        .saving_nusd_per_hour = (int64_t)(command->saving_usd_per_hour * 1e9),
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
}

static void set_marks(wb_karpenter *self, const wb_karpenter_command *command, uint32_t command_id,
                      bool is_marked)
{
    const wb_taint taint = {.key = WB_NAME_TAINT_DISRUPTED, .effect = WB_TAINT_NO_SCHEDULE};
    for (uint32_t i = 0; i < command->claim_count; i++) {
        wb_karpenter_claim *claim = &self->claims[command->claim_ids[i]];
        if (claim->gone_ms >= 0 || claim->deleted_ms >= 0) {
            continue;
        }
        claim->is_marked = is_marked;
        claim->command_id = is_marked ? command_id : WB_NO_ID;
        if (is_marked) {
            wb_cluster_add_node_taint(self->env.cluster, claim->node_id, taint);
        } else {
            (void)wb_cluster_remove_node_taint(self->env.cluster, claim->node_id, taint.key,
                                               taint.effect);
        }
        wb_karpenter_update_node(self, command->claim_ids[i]);
    }
}

static void finish(wb_karpenter *self, uint32_t command_id)
{
    wb_karpenter_command *command = &self->commands[command_id];
    command->state = WB_KARPENTER_COMMAND_DONE;
    self->running_command_count--;
    for (uint32_t i = 0; i < command->claim_count; i++) {
        self->claims[command->claim_ids[i]].command_id = WB_NO_ID;
        wb_karpenter_delete_claim(self, command->claim_ids[i], command->cause);
    }
}

static void fail(wb_karpenter *self, uint32_t command_id)
{
    wb_karpenter_command *command = &self->commands[command_id];
    command->state = WB_KARPENTER_COMMAND_FAILED;
    self->running_command_count--;
    set_marks(self, command, command_id, false);
    wb_karpenter_wake_loop(self);
}

static void start_command(wb_karpenter *self, uint32_t command_id)
{
    wb_karpenter_command *command = &self->commands[command_id];
    command->state = WB_KARPENTER_COMMAND_WAITING;
    self->running_command_count++;
    set_marks(self, command, command_id, true);
    if (command->pool != NULL) {
        const wb_karpenter_claim_request request = {
            .pool = command->pool,
            .requirements = command->requirements,
            .type_indices = command->type_indices,
            .type_count = command->type_count,
            .pod_count = command->pod_count,
            .requests = command->requests,
            .why = "replacement",
        };
        command->replacement = wb_karpenter_create_claim(self, &request);
        if (command->replacement == WB_NO_ID) {
            fail(self, command_id);
            return;
        }
        self->claims[command->replacement].command_id = command_id;
        wb_karpenter_schedule(self, self->env.kernel->now_ms + COMMAND_LIMIT_MS,
                              WB_KARPENTER_EVENT_COMMAND, command_id);
    } else {
        wb_karpenter_schedule(self, self->env.kernel->now_ms + WB_MS_PER_SECOND,
                              WB_KARPENTER_EVENT_COMMAND, command_id);
    }
    announce(self, &self->commands[command_id]);
}

void wb_karpenter_on_validate(wb_karpenter *self, uint32_t command_id)
{
    self->loop_is_blocked = false;
    wb_karpenter_refresh_world(self);
    wb_karpenter_command *command = &self->commands[command_id];
    wb_karpenter_candidate *candidates = NULL;
    int64_t next_ms = INT64_MAX;
    const uint32_t count = gather(self, &candidates, &next_ms);
    const bool is_valid = command->cause == WB_CAUSE_EMPTINESS
                              ? validate_empty(self, candidates, count, command)
                              : validate_consolidation(self, candidates, count, command);
    if (is_valid) {
        start_command(self, command_id);
    } else {
        command->state = WB_KARPENTER_COMMAND_FAILED;
    }
    wb_arena_clear(&self->solve_arena);
    if (!self->loop_is_scheduled) { /* after an action at once, after a failure in 10 s */
        self->loop_is_scheduled = true;
        wb_karpenter_schedule(self, self->env.kernel->now_ms + (is_valid ? 0 : PASS_MS),
                              WB_KARPENTER_EVENT_LOOP, 0);
    }
}

void wb_karpenter_on_command(wb_karpenter *self, uint32_t command_id)
{
    const wb_karpenter_command *command = &self->commands[command_id];
    if (command->state != WB_KARPENTER_COMMAND_WAITING) {
        return;
    }
    if (command->pool == NULL) {
        finish(self, command_id);
        return;
    }
    const wb_karpenter_claim *replacement = &self->claims[command->replacement];
    const bool is_late = self->env.kernel->now_ms - command->created_ms >= COMMAND_LIMIT_MS;
    if (replacement->initialized_ms >= 0) {
        self->claims[command->replacement].command_id = WB_NO_ID;
        finish(self, command_id);
    } else if (replacement->gone_ms >= 0 || is_late) {
        self->claims[command->replacement].command_id = WB_NO_ID;
        fail(self, command_id);
    }
}
