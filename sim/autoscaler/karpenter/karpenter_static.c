/*
 * Static NodePools: spec.replicas nodes whatever the pods need, looked at each minute and whenever
 * one of their NodeClaims is deleted. Missing ones are made from the template, as far as
 * limits.nodes allows; of too many those go first that cost least. Behind the feature gate
 * StaticCapacity. Source: spec/disruption.md section 15, Karpenter's static controllers.
 *
 * The controller itself never backs off: making the NodeClaim succeeds, and what its launch comes
 * to is the NodeClaim's. A launch that the API refuses stays, as any other, and is tried again from
 * 1 s to a minute (karpenter_launch.c). One for want of capacity deletes its NodeClaim, which has
 * the controller make the next one at once: those find their offerings hidden and do not get as far
 * as EC2, so calls are made only while something is not hidden, and NodeClaims come and go in
 * between without end. These are not simulated one by one; what they do to others is: an unlaunched
 * NodeClaim is always there, so the cluster state is not in step, and nothing else is provisioned
 * or disrupted until the pool has its nodes (kubernetes-sigs/karpenter issue 3198).
 */
#include <assert.h>

#include "base/duration.h"
#include "base/sort.h"
#include "kube/names.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

#define CHECK_MS WB_MS_PER_MINUTE
#define RETRY_MS WB_MS_PER_SECOND /* what a refused call and the next NodeClaim take; assumed */

/* Which of too many goes first. */
typedef enum victim_class {
    VICTIM_UNLAUNCHED,
    VICTIM_EMPTY,
    VICTIM_IN_USE,
    VICTIM_PROTECTED, /* one of its pods is do-not-disrupt */
} victim_class;

typedef struct victim {
    victim_class class;
    double cost; /* of its pods, less with age */
    uint32_t claim_id;
} victim;

/* What is there of a pool: all its claims, and those that nothing has begun to end. */
typedef struct pool_count {
    int64_t all, running, replaced; /* replaced: by a command that waits for another node */
} pool_count;

static pool_count count_claims(const wb_karpenter *self, const wb_nodepool *pool)
{
    pool_count count = {0};
    for (uint32_t i = 0; i < self->living_count; i++) {
        const wb_karpenter_claim *claim = &self->claims[self->living_claims[i]];
        if (claim->pool == pool) {
            count.all++;
            count.running += claim->deleted_ms < 0 && !claim->is_marked;
            count.replaced += claim->deleted_ms < 0 && claim->is_marked;
        }
    }
    const uint32_t unlaunched = wb_karpenter_count_launches(self, pool);
    count.all += unlaunched;
    count.running += unlaunched;
    return count;
}

/* ---- when it is looked ---- */

/* Of several looks the earliest counts. */
static void schedule_look(wb_karpenter *self, int64_t at_ms)
{
    if (self->settings.keeps_static_pools && at_ms < self->static_due_ms) {
        self->static_due_ms = at_ms;
        wb_karpenter_schedule(self, at_ms, WB_KARPENTER_EVENT_STATIC, 0);
    }
}

void wb_karpenter_note_static(wb_karpenter *self, const wb_nodepool *pool)
{
    assert(pool != NULL);
    if (pool->replicas >= 0) {
        schedule_look(self, self->env.kernel->now_ms);
    }
}

void wb_karpenter_retry_static(wb_karpenter *self)
{
    if (self->static_is_short) {
        schedule_look(self, self->env.kernel->now_ms);
    }
}

void wb_karpenter_start_static(wb_karpenter *self)
{
    for (uint32_t i = 0; i < self->pool_count; i++) {
        wb_karpenter_note_static(self, &self->pools[i]);
    }
    wb_karpenter_retry_static(self); /* one that was short may have been deleted */
}

/* ---- too few ---- */

static void announce_shortage(wb_karpenter *self, const wb_nodepool *pool)
{
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = "static-capacity-short",
        .subject = wb_intern_text(self->env.intern, pool->name),
        .outcome = "NodeClaims are made and deleted until there is capacity",
        .reason = "insufficient capacity; meanwhile the cluster state is not in step, and nothing "
                  "else is provisioned or disrupted",
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
}

/* NodeClaims that come and go keep the cluster state out of step. */
static void note_shortage(wb_karpenter *self, const wb_nodepool *pool)
{
    const bool is_short = pool != NULL;
    if (is_short == self->static_is_short) {
        return;
    }
    self->static_is_short = is_short;
    if (is_short) {
        self->unlaunched_count++;
        announce_shortage(self, pool);
    } else {
        assert(self->unlaunched_count > 0);
        self->unlaunched_count--;
        wb_karpenter_note_change(self);
        wb_karpenter_wake_loop(self);
    }
}

/* False: for want of capacity not all of them were launched. */
static bool make_missing(wb_karpenter *self, const wb_nodepool *pool, const pool_count *count)
{
    int64_t missing = pool->replicas - count->running - count->replaced;
    if (pool->limit_nodes >= 0 && pool->limit_nodes - count->all < missing) {
        missing = pool->limit_nodes - count->all;
    }
    wb_arena *arena = &self->solve_arena;
    const wb_requirements asked =
        wb_requirements_from_expressions(arena, self->env.intern, pool->requirements,
                                         pool->requirement_count);
    const wb_requirements labels =
        wb_requirements_from_labels(arena, self->env.intern, pool->labels);
    const wb_karpenter_claim_request request = {
        .pool = pool,
        .requirements = wb_requirements_merge(arena, self->env.intern, asked, labels),
        .why = "static capacity",
        .is_retried = true,
        .command_id = WB_NO_ID,
    };
    for (int64_t i = 0; i < missing; i++) {
        self->launch_refusal = NULL;
        self->launch_was_asked = false;
        if (wb_karpenter_create_claim(self, &request) != WB_NO_ID || self->launch_refusal != NULL) {
            continue; /* launched, or kept for another try */
        }
        if (self->launch_was_asked) { /* what had no capacity is hidden; there may be more */
            schedule_look(self, self->env.kernel->now_ms + RETRY_MS);
        }
        return false;
    }
    return true;
}

/* ---- too many ---- */

static double lifetime_left(const wb_karpenter *self, const wb_karpenter_claim *claim)
{
    if (claim->origin->expire_after_ms == WB_DURATION_NEVER) {
        return 1.0;
    }
    const double whole = (double)claim->origin->expire_after_ms;
    const double left = whole - (double)(self->env.kernel->now_ms - claim->created_ms);
    return left > 0.0 ? left / whole : 0.0;
}

static victim weigh(const wb_karpenter *self, uint32_t claim_id)
{
    const wb_cluster *cluster = self->env.cluster;
    const wb_karpenter_claim *claim = &self->claims[claim_id];
    victim made = {.class = VICTIM_UNLAUNCHED, .claim_id = claim_id};
    if (claim->launched_ms < 0) {
        return made;
    }
    made.class = VICTIM_EMPTY;
    for (uint32_t pod_id = claim->node_id == WB_NO_ID ? WB_NO_ID
                                                      : cluster->nodes[claim->node_id].first_pod;
         pod_id != WB_NO_ID; pod_id = cluster->pods.next_on_node[pod_id]) {
        const bool is_held = wb_karpenter_protected_until(self, pod_id) > self->env.kernel->now_ms;
        const victim_class class = is_held ? VICTIM_PROTECTED
                                   : wb_karpenter_pod_is_reschedulable(self, pod_id) ? VICTIM_IN_USE
                                                                                     : VICTIM_EMPTY;
        made.class = class > made.class ? class : made.class;
        made.cost +=
            wb_disruption_eviction_cost(self->env.intern, wb_cluster_pod_template(cluster, pod_id));
    }
    made.cost *= lifetime_left(self, claim);
    return made;
}

static int compare_victims(const void *a, const void *b, void *context)
{
    const victim *left = a;
    const victim *right = b;
    (void)context;
    if (left->class != right->class) {
        return left->class < right->class ? -1 : 1;
    }
    if (left->cost < right->cost || left->cost > right->cost) {
        return left->cost < right->cost ? -1 : 1;
    }
    return (left->claim_id > right->claim_id) - (left->claim_id < right->claim_id);
}

static void end_surplus(wb_karpenter *self, const wb_nodepool *pool, int64_t surplus)
{
    surplus -= wb_karpenter_cancel_launches(self, pool, (uint32_t)surplus);
    victim *victims = WB_ARENA_ARRAY(&self->solve_arena, victim, self->living_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->living_count; i++) {
        const wb_karpenter_claim *claim = &self->claims[self->living_claims[i]];
        if (claim->pool == pool && claim->deleted_ms < 0 && !claim->is_marked) {
            victims[count++] = weigh(self, self->living_claims[i]);
        }
    }
    wb_sort(victims, count, sizeof victims[0], compare_victims, NULL);
    for (uint32_t i = 0; i < count && (int64_t)i < surplus; i++) {
        wb_karpenter_delete_claim(self, victims[i].claim_id, WB_CAUSE_SCALE_DOWN);
    }
}

/* ---- a look ---- */

void wb_karpenter_on_static(wb_karpenter *self)
{
    const int64_t now_ms = self->env.kernel->now_ms;
    if (self->static_due_ms > now_ms) {
        return; /* overtaken */
    }
    self->static_due_ms = INT64_MAX;
    const bool is_barred = self->env.cloud->permissions.no_launch != NULL; /* by IAM */
    const wb_nodepool *short_pool = NULL;
    wb_karpenter_refresh_world(self);
    for (uint32_t i = 0; i < self->pool_count; i++) {
        const wb_nodepool *pool = &self->pools[i];
        if (pool->replicas < 0) {
            continue;
        }
        const pool_count count = count_claims(self, pool);
        if (count.running + count.replaced < pool->replicas && pool->is_ready && !is_barred) {
            short_pool = make_missing(self, pool, &count) ? short_pool : pool;
        } else if (count.running > pool->replicas) {
            end_surplus(self, pool, count.running - pool->replicas);
        }
    }
    note_shortage(self, short_pool);
    wb_arena_clear(&self->solve_arena);
    schedule_look(self, now_ms + CHECK_MS);
}
