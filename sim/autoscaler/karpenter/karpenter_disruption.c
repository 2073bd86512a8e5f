/*
 * The disruption loop: the solver's methods in their order, on a picture of the cluster. The first
 * that finds a command has it wait 15 s, looks again, and starts it; drift starts when its search
 * is over. Source: spec/disruption.md sections 2, 12, 13; what is decided is solver/disruption.h.
 *
 * The real loop passes every 10 s. A pass over a cluster in which nothing has changed finds what
 * the last one found, so here a pass is due on the 10 s raster only after a change, or when a
 * window (consolidateAfter, nomination) that held a node back has closed.
 */
#include <assert.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define PASS_MS            (10 * WB_MS_PER_SECOND)
#define VALIDATION_MS      (15 * WB_MS_PER_SECOND)
#define OUT_OF_STEP_MS     WB_MS_PER_SECOND
#define STATE_AGE_MS       (5 * WB_MS_PER_MINUTE)
#define NOMINATION_MS      (20 * WB_MS_PER_SECOND)
#define COMMAND_PER_NODE   80 /* ms */
#define COMMAND_LEAST_MS   (10 * WB_MS_PER_MINUTE)
#define COMMAND_AT_MOST_MS WB_MS_PER_HOUR

/* ---- when it passes ---- */

/* Of several events the earliest counts. */
static void schedule_loop(wb_karpenter *self, int64_t at_ms)
{
    if (at_ms < self->loop_due_ms) {
        self->loop_due_ms = at_ms;
        wb_karpenter_schedule(self, at_ms, WB_KARPENTER_EVENT_LOOP, 0);
    }
}

/* The first tick of the raster of 10 s since the last pass that is not before at_ms. */
static int64_t tick_at(const wb_karpenter *self, int64_t at_ms)
{
    const int64_t first_ms = self->loop_last_ms + PASS_MS;
    const int64_t late_ms = at_ms > first_ms ? at_ms - first_ms : 0;
    return first_ms + (late_ms + PASS_MS - 1) / PASS_MS * PASS_MS;
}

void wb_karpenter_wake_loop(wb_karpenter *self)
{
    if (!self->loop_is_blocked && !self->settings.disruption_is_off && self->living_count > 0) {
        schedule_loop(self, tick_at(self, self->env.kernel->now_ms));
    }
}

/* ---- the nothing-changed memory ---- */

void wb_karpenter_mark_state(wb_karpenter *self)
{
    self->state_ms = self->env.kernel->now_ms;
    self->state_serial++;
}

static bool has_memory(wb_disruption_method method)
{
    return method == WB_DISRUPTION_EMPTINESS || method == WB_DISRUPTION_MULTI_NODE ||
           method == WB_DISRUPTION_SINGLE_NODE;
}

/* Passes that were not simulated would have found the state five minutes old, searched again, found
 * what they had found before, and remembered that. Source: spec/disruption.md section 2. */
static void age_state(wb_karpenter *self)
{
    const int64_t now_ms = self->env.kernel->now_ms;
    int64_t tick_ms = tick_at(self, self->state_ms + STATE_AGE_MS);
    while (tick_ms < now_ms) {
        for (int m = 0; m < WB_DISRUPTION_METHOD_COUNT; m++) {
            self->memory[m] += self->memory[m] == self->state_serial ? 1 : 0;
        }
        self->state_ms = tick_ms;
        self->state_serial++;
        tick_ms = tick_at(self, self->state_ms + STATE_AGE_MS);
    }
    if (now_ms - self->state_ms >= STATE_AGE_MS) {
        wb_karpenter_mark_state(self);
    }
}

/* ---- a pass ---- */

/* When the node may be a candidate as far as time goes; INT64_MAX: not before something changes. */
static int64_t may_go_ms(const wb_karpenter_claim *claim)
{
    if (claim->node_id == WB_NO_ID || claim->initialized_ms < 0 || claim->is_marked ||
        claim->is_orphaned || claim->command_id != WB_NO_ID) {
        return INT64_MAX;
    }
    if (claim->drifted_ms >= 0) {
        return claim->nominated_until_ms;
    }
    if (claim->pool->consolidate_after_ms == WB_DURATION_NEVER) {
        return INT64_MAX;
    }
    const int64_t since_ms =
        claim->last_pod_event_ms >= 0 ? claim->last_pod_event_ms : claim->initialized_ms;
    const int64_t ready_ms = since_ms + claim->pool->consolidate_after_ms;
    return ready_ms > claim->nominated_until_ms ? ready_ms : claim->nominated_until_ms;
}

/* Whether there may be a candidate now; *out_next_ms is when the next one may join. */
static bool look_ahead(const wb_karpenter *self, int64_t *out_next_ms)
{
    bool some = false;
    *out_next_ms = INT64_MAX;
    for (uint32_t i = 0; i < self->living_count; i++) {
        const int64_t when_ms = may_go_ms(&self->claims[self->living_claims[i]]);
        if (when_ms <= self->env.kernel->now_ms) {
            some = true;
        } else if (when_ms < *out_next_ms) {
            *out_next_ms = when_ms;
        }
    }
    return some;
}

static wb_cause cause_of(wb_disruption_method method)
{
    switch (method) {
    case WB_DISRUPTION_EMPTINESS: return WB_CAUSE_EMPTINESS;
    case WB_DISRUPTION_STATIC_DRIFT:
    case WB_DISRUPTION_DRIFT: return WB_CAUSE_DRIFT;
    case WB_DISRUPTION_MULTI_NODE:
    case WB_DISRUPTION_SINGLE_NODE: return WB_CAUSE_CONSOLIDATION;
    case WB_DISRUPTION_METHOD_COUNT: break;
    }
    assert(false && "one of the methods");
    return WB_CAUSE_NONE;
}

/* The NodeClaims that a command of a picture just taken is about. */
static void set_claims(wb_karpenter *self, wb_karpenter_command *command,
                       const wb_disruption_command *found)
{
    if (command->claim_ids == NULL) {
        command->claim_ids = WB_ARENA_ARRAY(self->env.arena, uint32_t, found->candidate_count);
    }
    for (uint32_t i = 0; i < found->candidate_count; i++) {
        assert(found->candidates[i].node_index < self->living_count);
        command->claim_ids[i] = self->living_claims[found->candidates[i].node_index];
    }
    command->claim_count = found->candidate_count;
}

/* The nodes that the simulation put pods on. */
static void set_destinations(wb_karpenter *self, wb_karpenter_command *command,
                             const wb_disruption_command *found)
{
    command->destination_ids = WB_ARENA_ARRAY(self->env.arena, uint32_t, found->move_count);
    for (uint32_t i = 0; i < found->move_count; i++) {
        const uint32_t node_id = wb_cluster_find_node(self->env.cluster, found->moves[i].to_node);
        const uint32_t claim_id =
            node_id == WB_NO_ID ? WB_NO_ID : self->env.cluster->nodes[node_id].claim_id;
        if (claim_id != WB_NO_ID) {
            command->destination_ids[command->destination_count++] = claim_id;
        }
    }
}

static uint32_t add_command(wb_karpenter *self, const wb_disruption_command *found,
                            const wb_disruption_outcome *outcome)
{
    if (self->command_count == self->command_capacity) {
        self->command_capacity =
            (uint32_t)wb_heap_memory_next_capacity(self->command_capacity,
                                                   (size_t)self->command_count + 1);
        self->commands =
            wb_heap_memory_resize(self->commands, self->command_capacity, sizeof self->commands[0]);
    }
    wb_karpenter_command *command = &self->commands[self->command_count];
    *command = (wb_karpenter_command){
        .cause = cause_of(found->method),
        .plan = wb_karpenter_keep_command(self, found),
        .replacement_ids = WB_ARENA_ARRAY(self->env.arena, uint32_t, found->replacement_count),
        .found_ms = self->env.kernel->now_ms + self->loop_takes_ms,
        .started_ms = -1,
        .deleted_ms = -1,
        .finished_ms = -1,
        .considered_count = outcome->candidate_count,
        .simulation_count = outcome->simulation_count,
        .failure = "",
    };
    for (uint32_t i = 0; i < found->replacement_count; i++) {
        command->replacement_ids[i] = WB_NO_ID;
    }
    set_claims(self, command, found);
    set_destinations(self, command, found);
    return self->command_count++;
}

static void start_command(wb_karpenter *self, uint32_t command_id);

/* How long the simulation of one removal computes. */
static int64_t removal_ms(const wb_karpenter *self)
{
    return wb_decision_latency_removal_ms(&self->contender->decision_latency, self->living_count,
                                          wb_solver_world_type_count(self->world));
}

/* Has the commands of a method started when its search is over, or the first looked at again 15 s
 * after that. */
static void take_up(wb_karpenter *self, wb_disruption_method method,
                    const wb_disruption_outcome *outcome)
{
    const uint32_t first_id = self->command_count;
    for (uint32_t i = 0; i < outcome->command_count; i++) {
        (void)add_command(self, &outcome->commands[i], outcome);
    }
    if (wb_disruption_waits(method)) {
        self->loop_is_blocked = true;
        const int64_t found_ms = self->env.kernel->now_ms + self->loop_takes_ms;
        /* The look itself simulates once, unless the nodes are empty; what counts is how things
         * are at its end, for candidates are checked again then. */
        const int64_t look_ms = method == WB_DISRUPTION_EMPTINESS ? 0 : removal_ms(self);
        wb_karpenter_schedule(self, found_ms + VALIDATION_MS + look_ms, WB_KARPENTER_EVENT_VALIDATE,
                              first_id);
        return;
    }
    if (self->loop_takes_ms > 0) {
        self->loop_is_blocked = true;
        wb_karpenter_schedule(self, self->env.kernel->now_ms + self->loop_takes_ms,
                              WB_KARPENTER_EVENT_VALIDATE, first_id);
        return;
    }
    for (uint32_t i = 0; i < outcome->command_count; i++) {
        start_command(self, first_id + i);
    }
}

/* The time that a search took, and what it did not get to, which is first the next time. */
static void note_search(wb_karpenter *self, wb_disruption_method method,
                        const wb_disruption_outcome *outcome)
{
    self->loop_takes_ms += outcome->simulation_count * removal_ms(self);
    if (method != WB_DISRUPTION_SINGLE_NODE) {
        return;
    }
    self->unseen_pool_count = outcome->unseen_pool_count;
    if (outcome->unseen_pool_count > 0) {
        self->unseen_pools = wb_heap_memory_resize(self->unseen_pools, outcome->unseen_pool_count,
                                                   sizeof self->unseen_pools[0]);
    }
    for (uint32_t i = 0; i < outcome->unseen_pool_count; i++) {
        self->unseen_pools[i] = outcome->unseen_pools[i];
    }
}

/* Asks the methods from first on; the first with a command has it started, or waits to look at it
 * again. False: none has any. A method that searched everything and found nothing does so again
 * only when the state is another: *out_is_remembered says that one did not search for that. */
static bool ask_methods(wb_karpenter *self, int first, bool *out_is_remembered)
{
    *out_is_remembered = false;
    self->loop_takes_ms = 0;
    wb_disruption *picture = wb_karpenter_take_picture(self);
    for (int m = first; m < WB_DISRUPTION_METHOD_COUNT; m++) {
        const wb_disruption_method method = (wb_disruption_method)m;
        if (has_memory(method) && self->memory[m] == self->state_serial) {
            *out_is_remembered = true;
            continue;
        }
        const wb_disruption_outcome outcome = wb_disruption_compute(picture, method);
        note_search(self, method, &outcome);
        if (outcome.command_count > 0) {
            wb_karpenter_note_holds(self, picture, true); /* before its nodes change */
            take_up(self, method, &outcome);
            return true;
        }
        if (outcome.candidate_count > 0 && !outcome.is_constrained && !outcome.is_cut_off) {
            self->memory[m] = self->state_serial;
        }
    }
    wb_karpenter_note_holds(self, picture, first > 0 || *out_is_remembered);
    return false;
}

/* The end of a pass: after an action the next one follows at once. */
static void end_pass(wb_karpenter *self, bool has_acted, bool is_remembered)
{
    wb_arena_clear(&self->solve_arena);
    if (self->loop_is_blocked) {
        return; /* it goes on when the command has been looked at again */
    }
    self->loop_last_ms = self->env.kernel->now_ms + self->loop_takes_ms;
    self->loop_takes_ms = 0;
    if (has_acted) {
        schedule_loop(self, self->loop_last_ms);
        return;
    }
    int64_t next_ms = INT64_MAX;
    (void)look_ahead(self, &next_ms);
    const int64_t search_ms = is_remembered ? self->state_ms + STATE_AGE_MS : INT64_MAX;
    next_ms = search_ms < next_ms ? search_ms : next_ms;
    if (next_ms != INT64_MAX) {
        schedule_loop(self, tick_at(self, next_ms));
    }
}

wb_status wb_karpenter_on_loop(wb_karpenter *self, wb_error *err)
{
    (void)err;
    const int64_t now_ms = self->env.kernel->now_ms;
    if (self->loop_due_ms > now_ms || self->loop_is_blocked) {
        self->loop_due_ms = self->loop_is_blocked ? INT64_MAX : self->loop_due_ms;
        return WB_OK; /* overtaken */
    }
    self->loop_due_ms = INT64_MAX;
    if (self->world == NULL) {
        return WB_OK;
    }
    if (self->unlaunched_count > 0) { /* the state is not in step */
        self->loop_last_ms = now_ms - PASS_MS + OUT_OF_STEP_MS;
        schedule_loop(self, now_ms + OUT_OF_STEP_MS);
        return WB_OK;
    }
    age_state(self);
    int64_t next_ms = INT64_MAX;
    bool has_acted = false;
    bool is_remembered = false;
    if (look_ahead(self, &next_ms)) {
        wb_karpenter_refresh_world(self);
        has_acted = ask_methods(self, 0, &is_remembered);
    }
    end_pass(self, has_acted, is_remembered);
    return WB_OK;
}

/* ---- execution ---- */

static void describe(const wb_karpenter *self, const wb_karpenter_command *command, char *out,
                     size_t size)
{
    const uint32_t made = command->plan.replacement_count;
    const char *plural = command->claim_count == 1 ? "" : "s";
    if (made == 0) {
        (void)snprintf(out, size, "delete %u node%s", command->claim_count, plural);
    } else if (made > 1) {
        (void)snprintf(out, size, "replace %u node%s by %u nodes", command->claim_count, plural,
                       made);
    } else if (command->replacement_ids[0] == WB_NO_ID) {
        (void)snprintf(out, size, "replace %u node%s by one whose launch was refused: %s",
                       command->claim_count, plural, self->launch_refusal);
    } else {
        const wb_karpenter_claim *claim = &self->claims[command->replacement_ids[0]];
        (void)snprintf(out, size, "replace %u node%s by %s %s", command->claim_count, plural,
                       wb_intern_text(self->env.intern,
                                      self->env.catalog->types[claim->type_index].name),
                       wb_capacity_type_name(claim->capacity_type));
    }
}

static void announce(wb_karpenter *self, const wb_karpenter_command *command)
{
    const wb_karpenter_claim *first = &self->claims[command->claim_ids[0]];
    const bool is_delete = command->plan.replacement_count == 0;
    char subject[160];
    char outcome[256];
    char drift[160];
    (void)snprintf(drift, sizeof drift, "%s: %s", wb_drift_reason_name(first->drift_reason),
                   wb_drift_reason_sentence(first->drift_reason));
    (void)snprintf(subject, sizeof subject, "%s%s", first->name,
                   command->claim_count > 1 ? " and others" : "");
    describe(self, command, outcome, sizeof outcome);
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = wb_disruption_method_name(command->plan.method),
        .subject = subject,
        .outcome = outcome,
        .reason = command->cause == WB_CAUSE_EMPTINESS ? "no pod that would have to move"
                  : command->cause == WB_CAUSE_DRIFT   ? drift
                  : is_delete                          ? "its pods fit on other nodes"
                                                       : "its pods fit on one cheaper node",
        .pod_count = is_delete ? 0 : command->plan.replacements[0].pod_count,
        .node_count = command->claim_count,
        .saving_nusd_per_hour = (int64_t)(command->plan.saving_usd_per_hour * 1e9),
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
    wb_karpenter_mark_state(self);
}

/* Where pods are to go is no candidate for a while. */
static void nominate_destinations(wb_karpenter *self, const wb_karpenter_command *command)
{
    const int64_t until_ms = self->env.kernel->now_ms + NOMINATION_MS;
    for (uint32_t i = 0; i < command->destination_count; i++) {
        wb_karpenter_claim *claim = &self->claims[command->destination_ids[i]];
        claim->nominated_until_ms =
            until_ms > claim->nominated_until_ms ? until_ms : claim->nominated_until_ms;
    }
}

/* Replacements are nobody's wait any more. */
static void let_replacements_go(wb_karpenter *self, const wb_karpenter_command *command)
{
    for (uint32_t i = 0; i < command->plan.replacement_count; i++) {
        if (command->replacement_ids[i] != WB_NO_ID) {
            self->claims[command->replacement_ids[i]].command_id = WB_NO_ID;
        }
    }
}

static void finish(wb_karpenter *self, uint32_t command_id)
{
    wb_karpenter_command *command = &self->commands[command_id];
    command->state = WB_KARPENTER_COMMAND_DONE;
    command->deleted_ms = self->env.kernel->now_ms;
    self->running_command_count--;
    let_replacements_go(self, command);
    for (uint32_t i = 0; i < command->claim_count; i++) {
        wb_karpenter_claim *claim = &self->claims[command->claim_ids[i]];
        claim->command_id = WB_NO_ID;
        if (claim->gone_ms < 0 && claim->deleted_ms < 0) { /* else something else ends it */
            claim->removed_by = command_id;
            command->going_count++;
        }
        wb_karpenter_delete_claim(self, command->claim_ids[i], command->cause);
    }
}

static void fail(wb_karpenter *self, uint32_t command_id, const char *why)
{
    wb_karpenter_command *command = &self->commands[command_id];
    command->state = WB_KARPENTER_COMMAND_FAILED;
    command->failure = why;
    self->running_command_count--;
    let_replacements_go(self, command);
    set_marks(self, command, command_id, false);
    wb_karpenter_wake_loop(self);
}

/* Creates the NodeClaims of a plan; false when one had no capacity: those before it stay. One whose
 * launch the API refuses is waited for. */
static bool create_replacements(wb_karpenter *self, uint32_t command_id)
{
    for (uint32_t i = 0; i < self->commands[command_id].plan.replacement_count; i++) {
        const wb_karpenter_command *command = &self->commands[command_id];
        const wb_disruption_replacement *planned = &command->plan.replacements[i];
        const wb_karpenter_claim_request request = {
            .pool = planned->nodepool,
            .requirements = planned->requirements,
            .type_indices = planned->type_indices,
            .type_count = planned->type_count,
            .pod_count = planned->pod_count,
            .requests = planned->requests,
            .why = "replacement",
            .is_retried = true,
            .command_id = command_id,
            .replacement = i,
        };
        self->launch_refusal = NULL;
        const uint32_t claim_id = wb_karpenter_create_claim(self, &request);
        if (claim_id != WB_NO_ID) {
            command->replacement_ids[i] = claim_id;
            self->claims[claim_id].command_id = command_id;
        } else if (self->launch_refusal == NULL) {
            return false;
        }
    }
    return true;
}

void wb_karpenter_adopt_replacement(wb_karpenter *self, uint32_t command_id, uint32_t replacement,
                                    uint32_t claim_id)
{
    assert(command_id < self->command_count && claim_id < self->claim_count);
    const wb_karpenter_command *command = &self->commands[command_id];
    assert(replacement < command->plan.replacement_count);
    if (command->state == WB_KARPENTER_COMMAND_WAITING) {
        command->replacement_ids[replacement] = claim_id;
        self->claims[claim_id].command_id = command_id;
    }
}

void wb_karpenter_miss_replacement(wb_karpenter *self, uint32_t command_id, const char *why)
{
    assert(command_id < self->command_count && why != NULL);
    if (self->commands[command_id].state == WB_KARPENTER_COMMAND_WAITING) {
        fail(self, command_id, why);
    }
}

/* How long a command may take: the more nodes are being replaced, the longer. */
static int64_t time_limit_ms(const wb_karpenter *self)
{
    int64_t nodes = 0;
    for (uint32_t i = 0; i < self->command_count; i++) {
        const wb_karpenter_command *command = &self->commands[i];
        nodes += command->state == WB_KARPENTER_COMMAND_WAITING ? command->claim_count : 0;
    }
    const int64_t limit_ms = nodes * COMMAND_PER_NODE;
    return limit_ms < COMMAND_LEAST_MS     ? COMMAND_LEAST_MS
           : limit_ms > COMMAND_AT_MOST_MS ? COMMAND_AT_MOST_MS
                                           : limit_ms;
}

static void start_command(wb_karpenter *self, uint32_t command_id)
{
    wb_karpenter_command *command = &self->commands[command_id];
    command->state = WB_KARPENTER_COMMAND_WAITING;
    command->started_ms = self->env.kernel->now_ms;
    self->running_command_count++;
    set_marks(self, command, command_id, true);
    if (!create_replacements(self, command_id)) {
        fail(self, command_id, "no capacity for a replacement");
        return;
    }
    nominate_destinations(self, command);
    const int64_t now_ms = self->env.kernel->now_ms;
    command->deadline_ms = now_ms + time_limit_ms(self);
    wb_karpenter_schedule(self,
                          command->plan.replacement_count > 0 ? command->deadline_ms
                                                              : now_ms + WB_MS_PER_SECOND,
                          WB_KARPENTER_EVENT_COMMAND, command_id);
    announce(self, &self->commands[command_id]);
}

/* Whether what a command found is still there to be carried out. */
static bool is_there_still(const wb_karpenter *self, const wb_karpenter_command *command)
{
    bool is_there = true;
    for (uint32_t i = 0; i < command->claim_count; i++) {
        const wb_karpenter_claim *claim = &self->claims[command->claim_ids[i]];
        is_there = is_there && claim->gone_ms < 0 && claim->deleted_ms < 0;
    }
    return is_there;
}

/* The search for drift is over, with a decision latency: its commands start as they were found,
 * without another look; not one whose node is going by now. A change of pools in that time has it
 * searched again. Either way the next pass follows at once. */
static void start_found(wb_karpenter *self, uint32_t first_id, bool is_void)
{
    const uint32_t count = self->command_count; /* nobody added one while the loop was blocked */
    for (uint32_t i = first_id; i < count; i++) {
        if (!is_void && is_there_still(self, &self->commands[i])) {
            start_command(self, i);
        } else {
            self->commands[i].state = WB_KARPENTER_COMMAND_REJECTED;
            self->commands[i].failure = wb_disruption_verdict_name(WB_DISRUPTION_CHURN);
        }
    }
    end_pass(self, true, false);
}

/* A failed validation ends its method; those behind it are asked in the same pass. */
void wb_karpenter_on_validate(wb_karpenter *self, uint32_t command_id)
{
    assert(command_id < self->command_count);
    self->loop_is_blocked = false;
    self->loop_takes_ms = 0;
    const bool is_void = self->validation_is_void;
    self->validation_is_void = false;
    if (!wb_disruption_waits(self->commands[command_id].plan.method)) {
        start_found(self, command_id, is_void);
        return;
    }
    wb_karpenter_refresh_world(self);
    wb_disruption_command held = {0};
    const wb_disruption_verdict verdict =
        is_void ? WB_DISRUPTION_CHURN
                : wb_disruption_validate(wb_karpenter_take_picture(self),
                                         &self->commands[command_id].plan, &held);
    bool has_acted = verdict == WB_DISRUPTION_VALID;
    bool is_remembered = false;
    if (has_acted) {
        set_claims(self, &self->commands[command_id], &held);
        start_command(self, command_id);
    } else {
        self->commands[command_id].state = WB_KARPENTER_COMMAND_REJECTED;
        self->commands[command_id].failure = wb_disruption_verdict_name(verdict);
        has_acted =
            ask_methods(self, (int)self->commands[command_id].plan.method + 1, &is_remembered);
    }
    end_pass(self, has_acted, is_remembered);
}

void wb_karpenter_on_command(wb_karpenter *self, uint32_t command_id)
{
    assert(command_id < self->command_count);
    const wb_karpenter_command *command = &self->commands[command_id];
    if (command->state != WB_KARPENTER_COMMAND_WAITING) {
        return;
    }
    bool all_are_ready = true;
    bool some_is_gone = false;
    for (uint32_t i = 0; i < command->plan.replacement_count; i++) {
        if (command->replacement_ids[i] == WB_NO_ID) { /* its launch is tried again */
            all_are_ready = false;
            continue;
        }
        const wb_karpenter_claim *claim = &self->claims[command->replacement_ids[i]];
        all_are_ready = all_are_ready && claim->initialized_ms >= 0;
        some_is_gone = some_is_gone || (claim->initialized_ms < 0 && claim->gone_ms >= 0);
    }
    if (all_are_ready) {
        finish(self, command_id);
    } else if (some_is_gone || self->env.kernel->now_ms >= command->deadline_ms) {
        fail(self, command_id,
             some_is_gone ? "a replacement is gone" : "its replacements took too long");
    }
}
