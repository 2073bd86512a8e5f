/*
 * Preemption (PostFilter of the default profile): on which node would evicting pods of lower
 * priority let the pod in, and which pods.
 *
 * Each candidate node is tried out on the tables themselves: victims are displaced, the filters
 * run, and everything is put back. So spread, affinity and host ports see exactly what they would
 * see.
 *
 * Source: spec/kube-scheduler.md section 5. Where kube-scheduler draws a random offset, ours begins
 * with the first node; ties go to the first by name.
 */
#include <assert.h>
#include <string.h>

#include "base/sort.h"
#include "sim/cluster/scheduler_internal.h"

/* One pod that may have to go. */
typedef struct wb_victim {
    wb_scheduler_core_pod pod;
    int32_t priority;
    bool breaks_pdb;
} wb_victim;

typedef struct candidate {
    uint32_t slot;
    wb_victim *victims; /* most important first; in scratch */
    uint32_t count;
    int32_t pdb_violations;
} candidate;

/* Higher priority first, then the earlier start. */
static int compare_importance(const void *a, const void *b, void *context)
{
    (void)context;
    const wb_victim *x = a;
    const wb_victim *y = b;
    if (x->priority != y->priority) {
        return x->priority > y->priority ? -1 : 1;
    }
    if (x->pod.start_ms != y->pod.start_ms) {
        return x->pod.start_ms < y->pod.start_ms ? -1 : 1;
    }
    return (x->pod.pod_id > y->pod.pod_id) - (x->pod.pod_id < y->pod.pod_id);
}

/* The pods of slot with a lower priority, most important first. */
static wb_victim *gather_victims(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                 uint32_t slot, uint32_t *out_count)
{
    assert(core->rows[slot].is_present);
    wb_victim *victims =
        WB_ARENA_ARRAY(&core->scratch, wb_victim, (size_t)core->rows[slot].pod_count + 1);
    uint32_t count = 0;
    for (uint32_t row = core->rows[slot].first_pod; row != WB_SCHEDULER_NONE;
         row = core->pods[row].next) {
        const wb_scheduler_core_pod *pod = &core->pods[row].pod;
        const int32_t priority = core->shapes[pod->shape].priority;
        if (priority < cycle->shape->priority) {
            victims[count++] = (wb_victim){.pod = *pod, .priority = priority};
        }
    }
    wb_sort(victims, count, sizeof(*victims), compare_importance, NULL);
    *out_count = count;
    return victims;
}

/* ---- PDBs ---- */

/* A pod without labels is selected by nobody. */
static bool pdb_selects(const wb_scheduler_core *core, const wb_pdb *pdb,
                        const wb_scheduler_core_pod *pod)
{
    const wb_scheduler_shape *shape = &core->shapes[pod->shape];
    /* Here an empty selector selects nothing, unlike in the eviction API. */
    return pdb->namespace_name == shape->namespace_name && shape->template->labels.count > 0 &&
           pdb->selector.expression_count > 0 &&
           wb_label_selector_matches(&pdb->selector, shape->template->labels);
}

static bool is_disrupted_already(const wb_scheduler_core *core, const wb_pdb *pdb,
                                 const wb_scheduler_core_pod *pod)
{
    for (uint32_t i = 0; i < pdb->disrupted_pod_count; i++) {
        if (strcmp(wb_intern_text(core->intern, pdb->disrupted_pods[i]), pod->name) == 0) {
            return true;
        }
    }
    return false;
}

/* In order of importance each pod uses up one disruption of every PDB that selects it; those beyond
 * what is allowed break it. */
static void mark_violations(wb_scheduler_core *core, wb_victim *victims, uint32_t count)
{
    assert(core->pdb_count == 0 || core->pdbs != NULL);
    int32_t *left = WB_ARENA_ARRAY(&core->scratch, int32_t, (size_t)core->pdb_count + 1);
    for (uint32_t i = 0; i < core->pdb_count; i++) {
        left[i] = core->pdb_allowed == NULL ? core->pdbs[i].disruptions_allowed
                                            : core->pdb_allowed(core->pdb_context, i);
    }
    for (uint32_t v = 0; v < count; v++) {
        for (uint32_t i = 0; i < core->pdb_count; i++) {
            const wb_pdb *pdb = &core->pdbs[i];
            if (pdb_selects(core, pdb, &victims[v].pod) &&
                !is_disrupted_already(core, pdb, &victims[v].pod)) {
                victims[v].breaks_pdb = --left[i] < 0 || victims[v].breaks_pdb;
            }
        }
    }
}

/* ---- one node ---- */

/* Off its node for the moment; resources, ports and counts follow. */
static void take_off(wb_scheduler_core *core, const wb_victim *victim)
{
    uint64_t row = 0;
    const bool is_there = wb_hash_map_get(&core->pod_by_id, victim->pod.pod_id, &row);
    assert(is_there);
    (void)is_there;
    wb_scheduler_core_displace(core, (uint32_t)row);
}

/* The row may be another one now. */
static void put_back(wb_scheduler_core *core, const wb_victim *victim, uint32_t slot)
{
    assert(slot < core->slot_count);
    const uint32_t row = wb_scheduler_core_place(core, &victim->pod, slot);
    wb_hash_map_put(&core->pod_by_id, victim->pod.pod_id, row);
}

/* Puts back whom it can while the pod still fits: first those whose eviction would break a PDB.
 * Those that stay away are the victims, again by importance. */
static void reprieve(wb_scheduler_core *core, const wb_scheduler_cycle *cycle, uint32_t slot,
                     wb_victim *victims, candidate *out)
{
    assert(out->count > 0 && out->pdb_violations == 0);
    const uint32_t count = out->count;
    bool *stays = WB_ARENA_ARRAY(&core->scratch, bool, (size_t)count + 1);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < count; i++) {
            if (victims[i].breaks_pdb != (round == 0)) {
                continue;
            }
            wb_scheduler_rejection ignored;
            put_back(core, &victims[i], slot);
            stays[i] = wb_scheduler_cycle_passes(core, cycle, slot, &ignored);
            if (!stays[i]) {
                take_off(core, &victims[i]);
                out->pdb_violations += round == 0 ? 1 : 0;
            }
        }
    }
    out->victims = WB_ARENA_ARRAY(&core->scratch, wb_victim, (size_t)count + 1);
    out->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!stays[i]) {
            out->victims[out->count++] = victims[i];
        }
    }
    for (uint32_t i = 0; i < out->count; i++) {
        put_back(core, &out->victims[i], slot);
    }
}

/* Whether preemption works on slot; out is filled when it does. Leaves the tables as they were. */
static bool try_node(wb_scheduler_core *core, const wb_scheduler_cycle *cycle, uint32_t slot,
                     candidate *out)
{
    uint32_t count = 0;
    wb_victim *victims = gather_victims(core, cycle, slot, &count);
    if (count == 0) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        take_off(core, &victims[i]);
    }
    wb_scheduler_rejection ignored;
    if (!wb_scheduler_cycle_passes(core, cycle, slot, &ignored)) {
        for (uint32_t i = 0; i < count; i++) {
            put_back(core, &victims[i], slot);
        }
        return false;
    }
    mark_violations(core, victims, count);
    *out = (candidate){.slot = slot, .count = count};
    reprieve(core, cycle, slot, victims, out);
    return out->count > 0;
}

/* ---- all nodes ---- */

/* Slots whose rejection removing pods may cure, in the order of the search. */
static uint32_t *gather_slots(wb_scheduler_core *core, uint32_t *out_count)
{
    uint32_t *slots = WB_ARENA_ARRAY(&core->scratch, uint32_t, (size_t)core->order.count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < core->order.count; i++) {
        const uint32_t slot = core->order.items[i];
        assert(core->rejections[slot].is_visited);
        if (!core->rejections[slot].is_unresolvable) {
            slots[count++] = slot;
        }
    }
    *out_count = count;
    return slots;
}

static candidate *find_candidates(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                  uint32_t *out_count)
{
    uint32_t slot_count = 0;
    const uint32_t *slots = gather_slots(core, &slot_count);
    const wb_scheduler_profile *profile = cycle->shape->rules->config;
    const uint32_t least = (uint32_t)profile->candidate_least;
    uint32_t wanted =
        (uint32_t)((uint64_t)slot_count * (uint32_t)profile->candidate_percentage / 100);
    wanted = wanted < least ? least : wanted;
    candidate *candidates = WB_ARENA_ARRAY(&core->scratch, candidate, (size_t)slot_count + 1);
    uint32_t count = 0;
    bool has_harmless = false;
    for (uint32_t i = 0; i < slot_count && !(has_harmless && count >= wanted); i++) {
        if (try_node(core, cycle, slots[i], &candidates[count])) {
            has_harmless = has_harmless || candidates[count].pdb_violations == 0;
            count++;
        }
    }
    *out_count = count;
    return candidates;
}

/* The k-th criterion of the choice; smaller is better. */
static int64_t criterion(const candidate *of, int k)
{
    assert(of->count > 0);
    const int32_t highest = of->victims[0].priority;
    if (k == 0) {
        return of->pdb_violations;
    }
    if (k == 1) {
        return highest;
    }
    if (k == 2) { /* shifted, so that counts matter among negative priorities too */
        int64_t sum = 0;
        for (uint32_t i = 0; i < of->count; i++) {
            sum += (int64_t)of->victims[i].priority + INT64_C(1) + INT32_MAX;
        }
        return sum;
    }
    if (k == 3) {
        return of->count;
    }
    int64_t earliest = of->victims[0].pod.start_ms;
    for (uint32_t i = 1; i < of->count && of->victims[i].priority == highest; i++) {
        earliest = of->victims[i].pod.start_ms < earliest ? of->victims[i].pod.start_ms : earliest;
    }
    return -earliest; /* the latest is best */
}

enum {
    CRITERION_COUNT = 5
};

/* Less is better; 0: the criteria can't tell them apart. */
static int compare_candidates(const candidate *a, const candidate *b)
{
    for (int k = 0; k < CRITERION_COUNT; k++) {
        const int64_t x = criterion(a, k);
        const int64_t y = criterion(b, k);
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return 0;
}

/* The best candidate; of equal ones the first by name (kube-scheduler: any). */
static uint32_t choose_candidate(const wb_scheduler_core *core, const candidate *candidates,
                                 uint32_t count)
{
    assert(count > 0);
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++) {
        const int order = compare_candidates(&candidates[i], &candidates[best]);
        if (order < 0 ||
            (order == 0 && core->ranks[candidates[i].slot] < core->ranks[candidates[best].slot])) {
            best = i;
        }
    }
    return best;
}

static void report_candidates(const wb_scheduler_core *core, const candidate *candidates,
                              uint32_t count, uint32_t best, wb_scheduler_report *report)
{
    assert(best < count);
    report->candidates =
        WB_ARENA_ARRAY(report->arena, wb_scheduler_report_candidate, (size_t)count + 1);
    report->candidate_count = count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *victims =
            WB_ARENA_ARRAY(report->arena, uint32_t, (size_t)candidates[i].count + 1);
        for (uint32_t v = 0; v < candidates[i].count; v++) {
            victims[v] = candidates[i].victims[v].pod.pod_id;
        }
        report->candidates[i] = (wb_scheduler_report_candidate){
            .node_id = core->rows[candidates[i].slot].node.node_id,
            .victims = victims,
            .victim_count = candidates[i].count,
            .pdb_violations = candidates[i].pdb_violations,
            .is_equally_good = compare_candidates(&candidates[i], &candidates[best]) == 0,
        };
    }
}

/* ---- the decision ---- */

/* False while victims of an earlier preemption for the pod are still on their way out. */
static bool may_preempt_now(const wb_scheduler_core *core, const wb_scheduler_cycle *cycle)
{
    if (cycle->shape->template->preemption_policy == WB_PREEMPT_NEVER) {
        return false;
    }
    const uint32_t node_id = wb_scheduler_core_nominated_node(core, cycle->pod->pod_id);
    if (node_id == WB_SCHEDULER_NONE) {
        return true;
    }
    const uint32_t slot = wb_scheduler_core_slot(core, node_id);
    if (core->rejections[slot].is_unresolvable) {
        return true; /* waiting there is pointless */
    }
    for (uint32_t row = core->rows[slot].first_pod; row != WB_SCHEDULER_NONE;
         row = core->pods[row].next) {
        const wb_scheduler_core_pod *pod = &core->pods[row].pod;
        if (pod->is_terminating && core->shapes[pod->shape].priority < cycle->shape->priority) {
            return false;
        }
    }
    return true;
}

/* Ends the nominations to slot of pods with a lower priority: they may not fit any more. */
static void displace_nominations(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                 uint32_t slot, wb_scheduler_decision *out)
{
    core->displaced.count = 0;
    for (uint32_t id = core->rows[slot].first_nominated; id != WB_SCHEDULER_NONE;
         id = core->nominations[id].next) {
        const wb_scheduler_core_pod *pod = &core->nominations[id].pod;
        if (core->shapes[pod->shape].priority < cycle->shape->priority) {
            wb_scheduler_core_list_add(&core->displaced, pod->pod_id);
        }
    }
    for (uint32_t i = 0; i < core->displaced.count; i++) {
        wb_scheduler_core_clear_nomination(core, core->displaced.items[i]);
    }
    out->displaced = core->displaced.items;
    out->displaced_count = core->displaced.count;
}

void wb_scheduler_preemption_run(wb_scheduler_core *core, const wb_scheduler_cycle *cycle,
                                 wb_scheduler_report *report, wb_scheduler_decision *out)
{
    assert(out->victim_count == 0 && out->node_id == WB_SCHEDULER_NONE);
    if (!may_preempt_now(core, cycle)) {
        return; /* an earlier nomination stays */
    }
    uint32_t count = 0;
    const candidate *candidates = NULL;
    if (wb_scheduler_failure_may_preempt(core, cycle->shape)) {
        candidates = find_candidates(core, cycle, &count);
    }
    if (count == 0) {
        wb_scheduler_core_clear_nomination(core, cycle->pod->pod_id);
        return;
    }
    core->counters.preemptions++;
    const uint32_t best = choose_candidate(core, candidates, count);
    if (report != NULL) {
        report_candidates(core, candidates, count, best, report);
    }
    core->victims.count = 0;
    for (uint32_t i = 0; i < candidates[best].count; i++) {
        wb_scheduler_core_list_add(&core->victims, candidates[best].victims[i].pod.pod_id);
    }
    out->victims = core->victims.items;
    out->victim_count = core->victims.count;
    const uint32_t slot = candidates[best].slot;
    out->nominated_node_id = core->rows[slot].node.node_id;
    displace_nominations(core, cycle, slot, out);
    wb_scheduler_core_nominate(core, cycle->pod, out->nominated_node_id);
}
