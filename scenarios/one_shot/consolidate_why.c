/*
 * Why a node stays: what the solver noted, told with the pods, PDBs, budgets and prices at fault.
 *
 * Where the removal of the node was tried and turned down, it is tried once more, with reasons.
 */
#include <assert.h>
#include <string.h>

#include "base/duration.h"
#include "kube/names.h"
#include "scenarios/one_shot/consolidate_internal.h"

#define PODS_NAMED 3
#define HELD       (WB_BLOCKED_POD_DO_NOT_DISRUPT | WB_BLOCKED_PDB | WB_BLOCKED_MULTIPLE_PDBS)
#define TRIED                                                                             \
    (WB_BLOCKED_PODS_WOULD_NOT_SCHEDULE | WB_BLOCKED_UNINITIALIZED_DESTINATION |          \
     WB_BLOCKED_MORE_THAN_ONE_NEW_NODE | WB_BLOCKED_NOT_CHEAPER | WB_BLOCKED_MIN_VALUES | \
     WB_BLOCKED_SPOT_TO_SPOT_DISABLED | WB_BLOCKED_SPOT_TO_SPOT_TOO_FEW)

/* A node being explained. */
typedef struct subject {
    wb_consolidate_cluster *cluster;
    wb_disruption *picture;
    uint32_t node_index; /* of the picture */
    const wb_disruption_node *node;
    const wb_consolidate_place *place;
    const wb_nodepool *pool; /* NULL: none of the files */
    uint32_t pool_index;
    wb_consolidate_reason *reasons;
    uint32_t reason_count;
} subject;

static const char *text_of(const subject *of, uint32_t id)
{
    return wb_intern_text(of->cluster->intern, id);
}

static void add_reason(subject *of, const char *code, const char *text)
{
    assert(text[0] != '\0');
    of->reasons = wb_arena_grow(of->cluster->arena, of->reasons, of->reason_count,
                                of->reason_count + 1U, sizeof(*of->reasons));
    of->reasons[of->reason_count++] =
        (wb_consolidate_reason){code, wb_arena_copy_string(of->cluster->arena, text)};
}

static void add_bit(subject *of, uint32_t bit, wb_text *text)
{
    add_reason(of, wb_disruption_blocked_name(bit), wb_text_string(text));
    wb_text_release(text);
}

static void print_pod(const subject *of, uint32_t namespace_name, uint32_t name, wb_text *out)
{
    wb_text_add_format(out, "%s/%s", text_of(of, namespace_name), text_of(of, name));
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* --- Pods that hold the node ----------------------------------------------------------- */

static bool is_same_hold(const wb_disruption_holder *a, const wb_disruption_holder *b)
{
    return a->blocked == b->blocked && (a->blocked == WB_BLOCKED_POD_DO_NOT_DISRUPT ||
                                        (a->pdbs[0] == b->pdbs[0] && a->pdbs[1] == b->pdbs[1]));
}

/* One reason per kind and PDB. */
static void explain_holders(subject *of)
{
    const wb_disruption_holder *holders = NULL;
    const uint32_t count = wb_disruption_holders(of->picture, of->node_index, &holders);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t named = 0;
        bool is_told = false;
        for (uint32_t j = 0; j < i; j++) {
            is_told = is_told || is_same_hold(&holders[i], &holders[j]);
        }
        if (is_told) {
            continue;
        }
        wb_text text;
        wb_text_init(&text);
        wb_disruption_print_hold(of->cluster->intern, &holders[i], &text);
        for (uint32_t j = i; j < count; j++) {
            const wb_disruption_pod *pod = &of->node->pods[holders[j].pod_index];
            if (is_same_hold(&holders[i], &holders[j]) && named++ < PODS_NAMED) {
                wb_text_add_string(&text, named > 1 ? ", " : "");
                print_pod(of, pod->namespace_name, pod->name, &text);
            }
        }
        if (named > PODS_NAMED) {
            wb_text_add_format(&text, " and %u more", named - PODS_NAMED);
        }
        add_bit(of, holders[i].blocked, &text);
    }
}

/* --- Removal tried and turned down ----------------------------------------------------- */

static void print_type(const subject *of, uint32_t type_index, wb_text *out)
{
    wb_text_add_string(out,
                       text_of(of, wb_solver_world_type(of->cluster->world, type_index)->name));
}

/* What every NodePool refused the pod for. */
static void print_refusals(const subject *of, const wb_disruption_removal *removal,
                           uint32_t pod_index, wb_text *out)
{
    const char *separator = " ";
    for (uint32_t i = 0; i < removal->result.reason_count; i++) {
        if (removal->result.reasons[i].pod_index == pod_index) {
            wb_text_add_string(out, separator);
            wb_provisioning_reason_print(of->cluster->world, &removal->result.reasons[i], out);
            separator = "; ";
        }
    }
}

/* Pods without a place, one of each shape with its reasons. */
static void explain_unplaced(subject *of, const wb_disruption_removal *removal)
{
    wb_text text;
    wb_text_init(&text);
    uint32_t named = 0;
    uint32_t others = 0;
    uint32_t last_shape = UINT32_MAX;
    for (uint32_t i = removal->pending_count; i < removal->pod_count; i++) {
        const wb_solver_pod *pod = &removal->pods[i];
        if (removal->result.placements[i].refused == 0) {
            continue;
        }
        if (named == PODS_NAMED || pod->shape_id == last_shape) {
            others++;
            continue;
        }
        last_shape = pod->shape_id;
        wb_text_add_string(&text, named++ > 0 ? "; " : "");
        print_pod(of, pod->namespace_name, pod->name, &text);
        wb_text_add_string(&text, " fits on no other node, nor on a new one:");
        print_refusals(of, removal, i, &text);
    }
    if (others > 0) {
        wb_text_add_format(&text, "; and %u more pod%s", others, plural(others));
    }
    add_bit(of, WB_BLOCKED_PODS_WOULD_NOT_SCHEDULE, &text);
}

static void explain_uninitialized(subject *of, const wb_disruption_removal *removal)
{
    const wb_disruption_state *state = &of->cluster->state;
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, wb_disruption_blocked_sentence(WB_BLOCKED_UNINITIALIZED_DESTINATION));
    for (uint32_t i = removal->pending_count; i < removal->pod_count; i++) {
        const uint32_t to = removal->result.placements[i].node_index;
        if (to != WB_PLACED_ON_NONE && state->nodes[to].initialized_ms < 0) {
            wb_text_add_string(&text, ": ");
            print_pod(of, removal->pods[i].namespace_name, removal->pods[i].name, &text);
            wb_text_add_format(&text, " to %s",
                               text_of(of, wb_solver_node_name(state->nodes[to].solver_node)));
            break;
        }
    }
    add_bit(of, WB_BLOCKED_UNINITIALIZED_DESTINATION, &text);
}

static void explain_many(subject *of, const wb_disruption_removal *removal)
{
    wb_text text;
    wb_text_init(&text);
    double price = 0;
    for (uint32_t i = 0; i < removal->result.claim_count; i++) {
        price += removal->result.claims[i].cheapest.price_usd_per_hour;
    }
    wb_text_add_format(&text,
                       "its pods need %u new nodes (%.4f USD/h together; it costs %.4f), and "
                       "Karpenter replaces a node by one at most",
                       removal->result.claim_count, price, of->place->shown.price_usd_per_hour);
    add_bit(of, WB_BLOCKED_MORE_THAN_ONE_NEW_NODE, &text);
}

static uint32_t count_without_room(const wb_disruption_removal *removal)
{
    uint32_t count = 0;
    for (uint32_t i = removal->pending_count; i < removal->pod_count; i++) {
        count += removal->result.placements[i].claim_index != WB_PLACED_ON_NONE;
    }
    return count;
}

/* "2 of its 5 pods fit on no other node; the cheapest node for them is ...". */
static void print_replacement(const subject *of, const wb_disruption_removal *removal, wb_text *out)
{
    const uint32_t count = count_without_room(removal);
    wb_text_add_format(out, "%u pod%s fit%s on no other node", count, plural(count),
                       count == 1 ? "s" : "");
    if (removal->best_type_index == UINT32_MAX) {
        wb_text_add_string(out, "; no node that could take them is available");
        return;
    }
    wb_text_add_string(out, count == 1 ? "; the best new node for it, "
                                       : "; the best new node for them, ");
    print_type(of, removal->best_type_index, out);
    wb_text_add_format(out, ", launches for %.4f USD/h; this one costs %.4f",
                       removal->best_usd_per_hour, of->place->shown.price_usd_per_hour);
}

static void explain_price(subject *of, const wb_disruption_removal *removal, uint32_t bit)
{
    wb_text text;
    wb_text_init(&text);
    print_replacement(of, removal, &text);
    const wb_solver_claim *claim =
        removal->result.claim_count == 1 ? &removal->result.claims[0] : NULL;
    switch (bit) {
    case WB_BLOCKED_NOT_CHEAPER:
        if (claim != NULL && claim->cheapest.type_index != UINT32_MAX &&
            claim->cheapest.price_usd_per_hour < of->place->shown.price_usd_per_hour) {
            wb_text_add_string(&text, " (");
            print_type(of, claim->cheapest.type_index, &text);
            wb_text_add_format(&text,
                               " costs %.4f somewhere, but of several zones Karpenter counts the "
                               "dearest)",
                               claim->cheapest.price_usd_per_hour);
        }
        break;
    case WB_BLOCKED_MIN_VALUES:
        wb_text_add_format(&text,
                           "; of %u types that would do %u are cheaper, too few for minValues",
                           removal->type_count, removal->cheaper_count);
        break;
    case WB_BLOCKED_SPOT_TO_SPOT_TOO_FEW:
        wb_text_add_format(&text,
                           "; a spot node is exchanged for spot only where 15 cheaper types would "
                           "do, here %u",
                           removal->cheaper_count);
        break;
    default:
        wb_text_add_format(&text,
                           "; a spot node is not exchanged for spot while the feature gate "
                           "SpotToSpotConsolidation is off (%u cheaper types would do)",
                           removal->cheaper_count);
    }
    add_bit(of, bit, &text);
}

static void explain_removal(subject *of, uint32_t bits)
{
    const wb_arena_mark mark = wb_arena_get_mark(&of->cluster->scratch);
    const wb_disruption_removal removal = wb_disruption_try_removal(of->picture, of->node_index);
    for (uint32_t bit = 1; bit != 0; bit <<= 1) {
        if ((bits & TRIED & bit) == 0) {
            continue;
        }
        switch (bit) {
        case WB_BLOCKED_PODS_WOULD_NOT_SCHEDULE: explain_unplaced(of, &removal); break;
        case WB_BLOCKED_UNINITIALIZED_DESTINATION: explain_uninitialized(of, &removal); break;
        case WB_BLOCKED_MORE_THAN_ONE_NEW_NODE: explain_many(of, &removal); break;
        default: explain_price(of, &removal, bit);
        }
    }
    wb_arena_rewind(&of->cluster->scratch, mark);
}

/* --- Everything else ------------------------------------------------------------------- */

static void explain_window(subject *of)
{
    char since[48];
    char until[48];
    char after[48];
    const bool has_event = of->node->last_pod_event_ms >= 0;
    const int64_t since_ms = has_event ? of->node->last_pod_event_ms : of->node->initialized_ms;
    wb_duration_print_time(since_ms, since);
    wb_duration_print_time(since_ms + of->pool->consolidate_after_ms, until);
    wb_duration_print(of->pool->consolidate_after_ms, after);
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "consolidateAfter %s has not passed: %s %s, so it is due at %s",
                       after, has_event ? "pods last came or went at" : "it was initialised at",
                       since, until);
    add_bit(of, WB_BLOCKED_NOT_CONSOLIDATABLE, &text);
}

static void print_budget(const wb_budget *budget, wb_text *out)
{
    wb_text_add_format(out, "%d%s", budget->nodes, budget->is_percent ? " %" : "");
    if (budget->schedule != NULL) {
        char lasts[48];
        wb_duration_print(budget->duration_ms, lasts);
        wb_text_add_format(out, " from \"%s\" for %s", budget->schedule, lasts);
    }
}

/* Nodes of the pool that budgets are measured by, and those of them on their way out. */
static void count_nodes(const subject *of, int64_t *out_count, int64_t *out_gone)
{
    const wb_disruption_state *state = &of->cluster->state;
    for (uint32_t i = 0; i < state->node_count; i++) {
        const wb_disruption_node *node = &state->nodes[i];
        const wb_consolidate_place *place = &of->cluster->places[of->cluster->living[i]];
        if (place->shown.nodepool == of->pool->name && node->has_claim &&
            node->initialized_ms >= 0) {
            (*out_count)++;
            *out_gone += !node->is_ready || node->is_marked;
        }
    }
}

static void explain_budget(subject *of)
{
    int64_t count = 0;
    int64_t gone = 0;
    count_nodes(of, &count, &gone);
    uint32_t reason = WB_DISRUPTION_UNDERUTILIZED;
    reason = wb_disruption_budget(of->pool, count, reason, of->cluster->now_ms) - gone > 0
                 ? WB_DISRUPTION_EMPTY
                 : reason;
    const int64_t allowed = wb_disruption_budget(of->pool, count, reason, of->cluster->now_ms);
    wb_text text;
    wb_text_init(&text);
    wb_text_add_format(&text, "budgets of NodePool %s allow %lld of %lld nodes",
                       text_of(of, of->pool->name), (long long)allowed, (long long)count);
    if (gone > 0) {
        wb_text_add_format(&text, ", and %lld %s not ready or being deleted", (long long)gone,
                           gone == 1 ? "is" : "are");
    }
    const char *separator = " (";
    for (uint32_t i = 0; i < of->pool->budget_count; i++) {
        const wb_nodepool alone = {.budgets = &of->pool->budgets[i], .budget_count = 1};
        if (wb_disruption_budget(&alone, count, reason, of->cluster->now_ms) == allowed) {
            wb_text_add_string(&text, separator);
            print_budget(&of->pool->budgets[i], &text);
            separator = ", ";
        }
    }
    wb_text_add_string(&text, separator[0] == ',' ? ")" : "");
    add_bit(of, WB_BLOCKED_BUDGET, &text);
}

static void explain_score(subject *of)
{
    const wb_disruption_totals totals = wb_disruption_pool_totals(of->picture)[of->pool_index];
    const wb_disruption_candidates all = wb_disruption_find_all(of->picture);
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, wb_disruption_blocked_sentence(WB_BLOCKED_SCORE));
    for (uint32_t i = 0; i < all.count; i++) {
        const wb_disruption_candidate *one = &all.items[i];
        if (one->node_index == of->node_index) {
            wb_text_add_format(
                &text, ": deleting it would score %.2f under Balanced, which asks for %.2f",
                wb_disruption_score(one->price_usd_per_hour, one->reschedule_cost, totals),
                WB_DISRUPTION_SCORE_MIN);
        }
    }
    add_bit(of, WB_BLOCKED_SCORE, &text);
}

static void explain_initialization(subject *of)
{
    wb_text text;
    wb_text_init(&text);
    wb_text_add_string(&text, "it is not initialized");
    if (!of->node->is_ready) {
        wb_text_add_string(&text, ": it is not Ready");
    }
    const wb_solver_node_desc *desc = of->place->source != NULL ? &of->place->source->desc : NULL;
    for (uint32_t i = 0; desc != NULL && i < desc->startup_taint_count; i++) {
        for (uint32_t t = 0; t < desc->taint_count; t++) {
            if (desc->taints[t].key == desc->startup_taints[i].key &&
                desc->taints[t].effect == desc->startup_taints[i].effect) {
                wb_text_add_format(&text, ": the startup taint %s is still on it",
                                   text_of(of, desc->taints[t].key));
            }
        }
    }
    add_bit(of, WB_BLOCKED_NOT_INITIALIZED, &text);
}

static void explain_bit(subject *of, uint32_t bit)
{
    wb_text text;
    const char *pool = of->pool != NULL ? text_of(of, of->pool->name) : "";
    switch (bit) {
    case WB_BLOCKED_NOT_INITIALIZED: explain_initialization(of); return;
    case WB_BLOCKED_NOT_CONSOLIDATABLE: explain_window(of); return;
    case WB_BLOCKED_BUDGET: explain_budget(of); return;
    case WB_BLOCKED_SCORE: explain_score(of); return;
    default: break;
    }
    wb_text_init(&text);
    if (bit == WB_BLOCKED_NOT_MANAGED) {
        wb_text_add_string(&text, "it is none of Karpenter's: no NodeClaim stands behind it");
    } else if (bit == WB_BLOCKED_POLICY_WHEN_EMPTY) {
        const uint32_t pods = wb_consolidate_show(of->place).pod_count;
        wb_text_add_format(&text, "NodePool %s consolidates WhenEmpty, and %u pod%s run%s here",
                           pool, pods, plural(pods), pods == 1 ? "s" : "");
    } else if (bit == WB_BLOCKED_CONSOLIDATION_DISABLED) {
        wb_text_add_format(&text, "NodePool %s has consolidateAfter: Never", pool);
    } else {
        wb_text_add_string(&text, wb_disruption_blocked_sentence(bit));
    }
    add_bit(of, bit, &text);
}

/* Multi-node consolidation notes a budget against nodes that single-node has looked at anyway. */
static uint32_t bits_that_matter(uint32_t bits)
{
    return (bits & TRIED) != 0 ? bits & ~WB_BLOCKED_BUDGET : bits;
}

static void explain(subject *of)
{
    const uint32_t bits = bits_that_matter(wb_disruption_blocked(of->picture, of->node_index));
    if (of->pool != NULL && of->pool->replicas >= 0 && (bits & ~HELD) == 0) {
        add_reason(of, "static",
                   wb_consolidate_format(of->cluster,
                                         "NodePool %s is static: it keeps its %d replicas",
                                         text_of(of, of->pool->name), of->pool->replicas));
    }
    if ((bits & HELD) != 0) {
        explain_holders(of);
    }
    for (uint32_t bit = 1; bit != 0; bit <<= 1) {
        if ((bits & ~TRIED & ~HELD & bit) != 0) {
            explain_bit(of, bit);
        }
    }
    if ((bits & TRIED) != 0) {
        explain_removal(of, bits);
    }
    if (of->reason_count == 0) {
        const bool is_early = of->cluster->is_stopped;
        add_reason(of, is_early ? "not-reached" : "none",
                   is_early ? "the run was stopped before its turn" : "no method proposes it");
    }
}

static void find_pool(subject *of)
{
    for (uint32_t i = 0; i < of->cluster->input->pool_count; i++) {
        if (of->cluster->pools[i].nodepool->name == of->place->shown.nodepool) {
            of->pool = of->cluster->pools[i].nodepool;
            of->pool_index = i;
        }
    }
}

void wb_consolidate_note_tried(wb_consolidate_cluster *cluster, const wb_disruption *picture)
{
    for (uint32_t i = 0; i < cluster->state.node_count; i++) {
        if ((wb_disruption_blocked(picture, i) & TRIED) != 0) {
            cluster->places[cluster->living[i]].tried_ms = cluster->now_ms;
        }
    }
}

/* Nodes whose reasons are those of a moment: a picture of it, whose solves say why. */
static void explain_moment(wb_consolidate_cluster *cluster, int64_t at_ms, int64_t end_ms,
                           wb_consolidate_stay *stays)
{
    cluster->now_ms = at_ms;
    wb_disruption *picture = wb_consolidate_look(cluster, true);
    for (int m = 0; m < WB_DISRUPTION_METHOD_COUNT; m++) {
        (void)wb_disruption_compute(picture, (wb_disruption_method)m);
    }
    for (uint32_t i = 0; i < cluster->state.node_count; i++) {
        subject of = {.cluster = cluster,
                      .picture = picture,
                      .node_index = i,
                      .node = &cluster->state.nodes[i],
                      .place = &cluster->places[cluster->living[i]]};
        const int64_t tried_ms = of.place->tried_ms;
        if ((tried_ms >= 0 ? tried_ms : end_ms) == at_ms) {
            find_pool(&of);
            explain(&of);
            stays[i] =
                (wb_consolidate_stay){wb_consolidate_show(of.place), of.reasons, of.reason_count};
        }
    }
}

void wb_consolidate_explain(wb_consolidate_cluster *cluster, wb_consolidate_report *out)
{
    assert(out->stay_count == 0);
    const int64_t end_ms = cluster->now_ms;
    cluster->is_stopped = out->stopped != NULL;
    wb_consolidate_stay *stays =
        WB_ARENA_ARRAY(cluster->arena, wb_consolidate_stay, cluster->place_count);
    explain_moment(cluster, end_ms, end_ms, stays);
    const uint32_t count = cluster->state.node_count;
    for (uint32_t i = 0; i < count; i++) { /* living nodes are the same at all moments */
        if (stays[i].reason_count == 0) {
            explain_moment(cluster, cluster->places[cluster->living[i]].tried_ms, end_ms, stays);
        }
    }
    cluster->now_ms = end_ms;
    out->stays = stays;
    out->stay_count = count;
}
