/*
 * Launches that the API refused as such (throttled, not authorised, a fault), not for want of
 * capacity. The NodeClaim stays, unlaunched, and its launch is tried again after 1 s, doubling up
 * to a minute; not launched within five minutes it is deleted and its pods go round again. As long
 * as one is unlaunched the cluster state is not in step, and neither the provisioner nor the
 * disruption loop decides anything. A command of the disruption loop waits for its replacements so,
 * and fails when one is given up; a static pool makes another NodeClaim then. Source:
 * spec/disruption.md section 16.
 */
#include <assert.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define RETRY_FIRST_MS WB_MS_PER_SECOND
#define RETRY_MAX_MS   WB_MS_PER_MINUTE
#define LIMIT_MS       (5 * WB_MS_PER_MINUTE) /* launch_timeout */

static void schedule_retry(wb_karpenter *self, uint32_t row)
{
    const wb_karpenter_refused_launch *launch = &self->refused_launches[row];
    const uint32_t doublings = launch->failure_count < 6 ? launch->failure_count : 6;
    const int64_t wait_ms = RETRY_FIRST_MS << doublings;
    const int64_t now_ms = self->env.kernel->now_ms;
    const int64_t due_ms = now_ms + (wait_ms < RETRY_MAX_MS ? wait_ms : RETRY_MAX_MS);
    const int64_t limit_ms = launch->first_ms + LIMIT_MS;
    wb_karpenter_schedule(self, due_ms < limit_ms ? due_ms : limit_ms, WB_KARPENTER_EVENT_LAUNCH,
                          row);
}

void wb_karpenter_keep_launch(wb_karpenter *self, const wb_karpenter_claim_request *request,
                              const char *code)
{
    assert(request->is_retried && code != NULL);
    if (self->refused_launch_count == self->refused_launch_capacity) {
        self->refused_launch_capacity =
            (uint32_t)wb_heap_memory_next_capacity(self->refused_launch_capacity,
                                                   (size_t)self->refused_launch_count + 1);
        self->refused_launches =
            wb_heap_memory_resize(self->refused_launches, self->refused_launch_capacity,
                                  sizeof self->refused_launches[0]);
    }
    wb_arena *arena = self->env.arena;
    const wb_catalog_type **types =
        WB_ARENA_ARRAY(arena, const wb_catalog_type *, request->type_count + 1);
    for (uint32_t i = 0; i < request->type_count; i++) {
        types[i] = wb_solver_world_type(self->world, request->type_indices[i]);
    }
    const wb_resource_list none = {NULL, 0};
    const uint32_t row = self->refused_launch_count++;
    self->refused_launches[row] = (wb_karpenter_refused_launch){
        .pool = request->pool,
        .requirements = wb_requirements_copy(arena, request->requirements),
        .types = types,
        .requests = wb_resource_list_add(arena, none, request->requests),
        .type_count = request->type_count,
        .pod_count = request->pod_count,
        .command_id = request->command_id,
        .replacement = request->replacement,
        .first_ms = self->env.kernel->now_ms,
        .why = request->why,
        .code = code,
    };
    self->unlaunched_count++;
    schedule_retry(self, row);
}

/* The types by their index in the world of today, by name, as the NodeClaim's requirement has them:
 * a change may have given the pool another catalog. In the solve arena. */
static uint32_t find_types(wb_karpenter *self, const wb_karpenter_refused_launch *launch,
                           uint32_t *out)
{
    const wb_catalog *catalog = wb_karpenter_pool_catalog(self, launch->pool);
    const uint32_t known_count = wb_solver_world_type_count(self->world);
    uint32_t count = 0;
    for (uint32_t i = 0; i < launch->type_count; i++) {
        const uint32_t index = wb_catalog_find(catalog, launch->types[i]->name);
        for (uint32_t j = 0; index != UINT32_MAX && j < known_count; j++) {
            if (wb_solver_world_type(self->world, j) == &catalog->types[index]) {
                out[count++] = j;
                break;
            }
        }
    }
    return count;
}

/* Gone from the list, whatever came of it: the state may be in step again. */
static void settle(wb_karpenter *self, uint32_t row)
{
    assert(!self->refused_launches[row].is_over && self->unlaunched_count > 0);
    self->refused_launches[row].is_over = true;
    self->unlaunched_count--;
    wb_karpenter_note_change(self);
    wb_karpenter_wake_loop(self);
}

/* It will not be launched: whoever waits for it hears of that. */
static void drop(wb_karpenter *self, uint32_t row, const char *why)
{
    const uint32_t command_id = self->refused_launches[row].command_id;
    settle(self, row);
    if (command_id != WB_NO_ID) {
        wb_karpenter_miss_replacement(self, command_id, why);
    } else {
        wb_karpenter_trigger(self); /* its pods go round again */
    }
    wb_karpenter_note_static(self, self->refused_launches[row].pool);
}

uint32_t wb_karpenter_count_launches(const wb_karpenter *self, const wb_nodepool *pool)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->refused_launch_count; i++) {
        count += !self->refused_launches[i].is_over && self->refused_launches[i].pool == pool;
    }
    return count;
}

uint32_t wb_karpenter_cancel_launches(wb_karpenter *self, const wb_nodepool *pool, uint32_t count)
{
    uint32_t dropped = 0;
    for (uint32_t i = 0; i < self->refused_launch_count && dropped < count; i++) {
        if (!self->refused_launches[i].is_over && self->refused_launches[i].pool == pool) {
            drop(self, i, "a replacement was too many for its NodePool");
            dropped++;
        }
    }
    return dropped;
}

static void give_up(wb_karpenter *self, uint32_t row)
{
    const wb_karpenter_refused_launch *launch = &self->refused_launches[row];
    char reason[160];
    (void)snprintf(reason, sizeof reason, "CreateFleet was refused %u times in five minutes: %s",
                   launch->failure_count + 1, launch->code);
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = "launch-timeout",
        .subject = wb_intern_text(self->env.intern, launch->pool->name),
        .outcome = "NodeClaim deleted, not launched",
        .reason = reason,
        .pod_count = launch->pod_count,
        .node_count = 0,
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
    drop(self, row, "the launch of a replacement was refused for five minutes");
}

void wb_karpenter_on_launch_due(wb_karpenter *self, uint32_t row)
{
    assert(row < self->refused_launch_count);
    const wb_karpenter_refused_launch launch = self->refused_launches[row];
    if (launch.is_over) { /* its NodePool shrank meanwhile */
        return;
    }
    if (launch.pool->is_deleting) { /* the NodeClaim went with its NodePool */
        drop(self, row, "the NodePool of a replacement is gone");
        return;
    }
    if (self->env.kernel->now_ms >= launch.first_ms + LIMIT_MS) {
        give_up(self, row);
        return;
    }
    const wb_arena_mark mark = wb_arena_get_mark(&self->solve_arena);
    uint32_t *types = WB_ARENA_ARRAY(&self->solve_arena, uint32_t, launch.type_count + 1);
    const wb_karpenter_claim_request request = {
        .pool = launch.pool,
        .requirements = launch.requirements,
        .type_indices = types,
        .type_count = find_types(self, &launch, types),
        .pod_count = launch.pod_count,
        .requests = launch.requests,
        .why = launch.why,
    };
    self->launch_refusal = NULL;
    const bool some_are_left = launch.type_count == 0 || request.type_count > 0;
    const uint32_t claim_id = some_are_left ? wb_karpenter_create_claim(self, &request) : WB_NO_ID;
    wb_arena_rewind(&self->solve_arena, mark);
    if (self->launch_refusal != NULL) {
        self->refused_launches[row].failure_count++;
        self->refused_launches[row].code = self->launch_refusal;
        schedule_retry(self, row);
        return;
    }
    if (claim_id == WB_NO_ID) { /* deleted at once */
        drop(self, row, "no capacity for a replacement");
        return;
    }
    settle(self, row);
    if (launch.command_id != WB_NO_ID) {
        wb_karpenter_adopt_replacement(self, launch.command_id, launch.replacement, claim_id);
    }
}
