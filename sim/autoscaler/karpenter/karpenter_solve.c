/*
 * One provisioning solve: what goes into it, and what is done with its answer.
 *
 * In a simulation the answer is there at once. With a decision latency it is kept until the real
 * controller would have found it, and then carried out as it was found: pods that came meanwhile
 * wait for the next window, as they do for the real one, which makes one solve at a time. A solve
 * that would take more than a minute is cut off there; the pods not looked at by then stay for the
 * next. Source: spec/scheduling.md section 1.
 */
#include <assert.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/heap_memory.h"
#include "sim/autoscaler/karpenter/karpenter_internal.h"

/* A solve and what is known about its pods: the first waiting_count of them wait, the others are on
 * nodes that are being deleted. Lives in the arena of the solve. */
struct wb_karpenter_pass {
    wb_solver_problem problem;
    wb_solver_result result;
    uint32_t *claim_ids; /* by node of the problem */
    uint32_t *pod_ids;   /* by pod of the problem */
    uint32_t waiting_count;
};

/* ---- the question ---- */

static uint32_t count_pods_on_marked(const wb_karpenter *self)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->living_count; i++) {
        const wb_karpenter_claim *claim = &self->claims[self->living_claims[i]];
        if (claim->is_marked && claim->node_id != WB_NO_ID) {
            count += self->env.cluster->nodes[claim->node_id].pod_count;
        }
    }
    return count;
}

/* The pods of nodes that are being deleted, appended to the pass. */
static void add_deleting_pods(wb_karpenter *self, wb_karpenter_pass *pass, const uint8_t *roles,
                              wb_solver_pod *pods)
{
    const wb_cluster *cluster = self->env.cluster;
    for (uint32_t i = 0; i < pass->problem.node_count; i++) {
        const wb_karpenter_claim *claim = &self->claims[pass->claim_ids[i]];
        if (roles[i] != WB_NODE_ROLE_DELETING || claim->node_id == WB_NO_ID) {
            continue;
        }
        uint32_t count = pass->problem.pod_count;
        for (uint32_t pod_id = cluster->nodes[claim->node_id].first_pod; pod_id != WB_NO_ID;
             pod_id = cluster->pods.next_on_node[pod_id]) {
            if (wb_karpenter_pod_is_reschedulable(self, pod_id)) {
                pass->pod_ids[count++] = pod_id;
            }
        }
        pass->problem.pod_count =
            wb_karpenter_add_pods_of(self, pass->claim_ids[i], i, pods, pass->problem.pod_count);
        assert(pass->problem.pod_count == count);
    }
}

static wb_karpenter_pass *ask(wb_karpenter *self)
{
    wb_karpenter_pass *pass = WB_ARENA_NEW(&self->solve_arena, wb_karpenter_pass);
    wb_karpenter_begin_problem(self, &pass->problem);
    uint8_t *roles = NULL;
    wb_karpenter_fill_nodes(self, &pass->problem, &roles, &pass->claim_ids);
    const size_t room = (size_t)self->waiting_count + count_pods_on_marked(self) + 1;
    wb_solver_pod *pods = wb_arena_alloc(&self->solve_arena, room * sizeof(pods[0]));
    pass->pod_ids = wb_arena_alloc(&self->solve_arena, room * sizeof(pass->pod_ids[0]));
    pass->waiting_count = wb_karpenter_add_waiting_pods(self, &pass->problem, pods, pass->pod_ids);
    pass->problem.pods = pods;
    pass->problem.pod_count = pass->waiting_count;
    add_deleting_pods(self, pass, roles, pods);
    return pass;
}

/* ---- how long the answer takes ---- */

/* Whether its preferences are dropped one by one where they can't be met. */
static bool is_preferring(const wb_pod_template *template)
{
    bool is_spread_softly = false;
    for (uint32_t i = 0; i < template->spread_count; i++) {
        is_spread_softly |= template->spreads[i].when_unsatisfiable == WB_SPREAD_SCHEDULE_ANYWAY;
    }
    return is_spread_softly || template->preferred_term_count > 0 ||
           template->affinity_preferred_count > 0 || template->anti_affinity_preferred_count > 0;
}

static wb_decision_size size_of(const wb_karpenter *self, const wb_karpenter_pass *pass)
{
    const wb_cluster *cluster = self->env.cluster;
    wb_decision_size size = {
        .pod_count = pass->problem.pod_count,
        .node_count = pass->problem.node_count,
        .type_count = wb_solver_world_type_count(self->world),
    };
    if (self->settings.preference_policy == WB_PREFERENCE_IGNORE) {
        return size;
    }
    for (uint32_t i = 0; i < pass->problem.pod_count; i++) {
        const wb_shape *shape = &cluster->shapes[cluster->pods.shape_id[pass->pod_ids[i]]];
        size.preferring_count += is_preferring(shape->template) ? 1 : 0;
    }
    return size;
}

/* The time of the solve up to its limit; sets how many pods it gets to by then. */
static int64_t take_time(const wb_karpenter *self, wb_karpenter_pass *pass)
{
    const wb_decision_latency *latency = &self->contender->decision_latency;
    if (latency->percent == 0) {
        return 0;
    }
    const wb_decision_size size = size_of(self, pass);
    const int64_t takes_ms = wb_decision_latency_solve_ms(latency, &size);
    if (takes_ms <= WB_DECISION_LATENCY_SOLVE_LIMIT_MS) {
        return takes_ms;
    }
    pass->problem.options.try_limit = wb_decision_latency_pods_in_time(latency, &size);
    return WB_DECISION_LATENCY_SOLVE_LIMIT_MS;
}

/* ---- the answer ---- */

static void note_refusals(wb_karpenter *self, const wb_karpenter_pass *pass)
{
    for (uint32_t i = 0; i < pass->waiting_count; i++) {
        uint32_t *mark = wb_karpenter_pod_mark(self, pass->pod_ids[i]);
        *mark = (*mark & ~WB_KARPENTER_POD_REFUSED) | pass->result.placements[i].refused;
    }
}

/* Nodes and NodeClaims that were given pods are no candidates for disruption for 20 s. */
static void nominate(wb_karpenter *self, const wb_karpenter_pass *pass)
{
    const int64_t until_ms = self->env.kernel->now_ms + wb_karpenter_nomination_window_ms(self);
    for (uint32_t i = 0; i < pass->problem.pod_count; i++) {
        const uint32_t node_index = pass->result.placements[i].node_index;
        if (node_index != WB_PLACED_ON_NONE) {
            self->claims[pass->claim_ids[node_index]].nominated_until_ms = until_ms;
        }
    }
}

static const wb_pod_template *template_of(const wb_karpenter *self, uint32_t pod_id)
{
    const wb_cluster *cluster = self->env.cluster;
    return cluster->shapes[cluster->pods.shape_id[pod_id]].template;
}

/* Creates the NodeClaims of the result; their ids, WB_NO_ID for one that was not launched. */
static uint32_t *create_claims(wb_karpenter *self, const wb_karpenter_pass *pass)
{
    const wb_solver_result *result = &pass->result;
    uint32_t *created =
        wb_arena_alloc(&self->solve_arena, ((size_t)result->claim_count + 1) * sizeof(created[0]));
    for (uint32_t i = 0; i < result->claim_count; i++) {
        const wb_solver_claim *claim = &result->claims[i];
        const wb_karpenter_claim_request request = {
            .pool = wb_solver_world_pool(self->world, claim->pool_index),
            .requirements = claim->requirements,
            .type_indices = claim->type_indices,
            .type_count = claim->type_count,
            .pod_count = claim->pod_count,
            .requests = claim->requests,
            .why = "provision",
            .first_pod = template_of(self, pass->pod_ids[claim->pod_indices[0]]),
            .is_retried = true,
            .command_id = WB_NO_ID,
        };
        created[i] = wb_karpenter_create_claim(self, &request);
        if (created[i] == WB_NO_ID) {
            wb_karpenter_note_change(self); /* round again, without the hidden offerings */
        }
    }
    return created;
}

/* Which pod was meant for which NodeClaim: the real provisioner finds the same every 10 s, and
 * nominates it each time. */
static void keep_plan(wb_karpenter *self, const wb_karpenter_pass *pass, const uint32_t *created)
{
    self->plan_count = 0;
    if (pass->problem.pod_count > self->plan_capacity) {
        self->plan_capacity =
            (uint32_t)wb_heap_memory_next_capacity(self->plan_capacity, pass->problem.pod_count);
        self->plan = wb_heap_memory_resize(self->plan, self->plan_capacity, sizeof self->plan[0]);
    }
    for (uint32_t i = 0; i < pass->problem.pod_count; i++) {
        const wb_solver_placement *placement = &pass->result.placements[i];
        const uint32_t claim_id =
            placement->node_index != WB_PLACED_ON_NONE    ? pass->claim_ids[placement->node_index]
            : placement->claim_index != WB_PLACED_ON_NONE ? created[placement->claim_index]
                                                          : WB_NO_ID;
        if (claim_id != WB_NO_ID) {
            self->plan[self->plan_count++] =
                (wb_karpenter_planned_pod){.pod_id = pass->pod_ids[i], .claim_id = claim_id};
        }
    }
}

static void act(wb_karpenter *self, const wb_karpenter_pass *pass)
{
    note_refusals(self, pass);
    nominate(self, pass);
    keep_plan(self, pass, create_claims(self, pass));
}

/* That the solve took its time is a decision of its own: people look for why they waited. */
static void announce_wait(const wb_karpenter *self, const wb_karpenter_pass *pass, int64_t takes_ms)
{
    char outcome[96];
    const uint32_t limit = pass->problem.options.try_limit;
    const uint32_t count = pass->problem.pod_count;
    (void)snprintf(outcome, sizeof outcome, "%u of %u pods in %lld.%03lld s",
                   limit != 0 && limit < count ? limit : count, count,
                   (long long)(takes_ms / WB_MS_PER_SECOND),
                   (long long)(takes_ms % WB_MS_PER_SECOND));
    const wb_decision decision = {
        .at_ms = self->env.kernel->now_ms,
        .kind = "solve",
        .subject = "batch",
        .outcome = outcome,
        .reason = limit != 0 ? "the solve was cut off after its minute" : "computed as measured",
        .pod_count = count,
        .node_count = pass->result.claim_count,
    };
    WB_NOTIFY(self->env.observers, decision, &decision);
}

void wb_karpenter_solve(wb_karpenter *self)
{
    assert(self->pass == NULL);
    wb_karpenter_pass *pass = ask(self);
    if (pass->problem.pod_count == 0) {
        wb_arena_clear(&self->solve_arena);
        return;
    }
    const int64_t takes_ms = take_time(self, pass);
    pass->result = wb_provisioning_solve(&self->solve_arena, self->world, &pass->problem);
    self->work.simulations++;
    self->work.requirement_checks += wb_provisioning_check_count(&pass->result.work);
    if (pass->problem.options.try_limit != 0) {
        self->change_count++; /* the rest is a reason to solve again */
    }
    if (takes_ms == 0) {
        act(self, pass);
        wb_arena_clear(&self->solve_arena);
        return;
    }
    announce_wait(self, pass, takes_ms);
    self->pass = pass;
    const wb_arena kept = self->solve_arena;
    self->solve_arena = self->pass_arena;
    self->pass_arena = kept;
    wb_karpenter_schedule(self, self->env.kernel->now_ms + takes_ms, WB_KARPENTER_EVENT_DECIDED, 0);
}

void wb_karpenter_on_decided(wb_karpenter *self)
{
    const wb_karpenter_pass *pass = self->pass;
    assert(pass != NULL);
    self->pass = NULL;
    act(self, pass);
    wb_arena_clear(&self->solve_arena);
    wb_arena_clear(&self->pass_arena);
    wb_karpenter_resume_batches(self);
}
