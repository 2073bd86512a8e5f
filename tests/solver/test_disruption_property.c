/*
 * Random clusters, and what must hold of every command whatever the cluster: no pod without a
 * place, no node filled beyond what it has, no PDB and no budget broken, nobody touched who is
 * protected, and no consolidation that raises the hourly price. Checked from the picture and the
 * command alone, by sums of our own. A failure prints the cluster's number; WERKBANK_PROPERTY_FIRST
 * starts there, WERKBANK_PROPERTY_ROUNDS sets how many.
 */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/random.h"
#include "tests/harness.h"
#include "tests/solver/disruption_fixture.h"

#ifdef WB_DEBUG_CHECKS /* every solve is checked there as well, slowly */
#    define DEFAULT_ROUNDS 400
#else
#    define DEFAULT_ROUNDS 4000
#endif
#define EPSILON 1e-9

/* What was drawn of one cluster. */
typedef struct cluster {
    wb_disruption_fixture fixture;
    wb_random_key key;
    uint64_t draw;
    uint64_t number;
} cluster;

/* That the rounds met what they are about. */
typedef struct totals {
    uint64_t commands, replacements, moves, by_method[WB_DISRUPTION_METHOD_COUNT];
} totals;

static uint32_t roll(cluster *of, uint32_t bound)
{
    return (uint32_t)wb_random_below(of->key, of->draw++, bound);
}

static bool chance(cluster *of, uint32_t percent)
{
    return roll(of, 100) < percent;
}

/* ---- drawing ---- */

static void draw_pool(cluster *of, wb_nodepool *pool)
{
    static const wb_consolidation_policy policies[] = {WB_CONSOLIDATE_WHEN_EMPTY_OR_UNDERUTILIZED,
                                                       WB_CONSOLIDATE_WHEN_EMPTY_OR_UNDERUTILIZED,
                                                       WB_CONSOLIDATE_WHEN_EMPTY,
                                                       WB_CONSOLIDATE_BALANCED};
    wb_budget *budget = WB_ARENA_NEW(&of->fixture.arena, wb_budget);
    *budget = (wb_budget){.is_percent = chance(of, 60)};
    budget->nodes = (int32_t)(budget->is_percent ? roll(of, 5) * 25 : roll(of, 4));
    budget->reasons = chance(of, 30) ? WB_DISRUPTION_UNDERUTILIZED : 0;
    pool->budgets = budget;
    pool->consolidation_policy = policies[roll(of, 4)];
    pool->consolidate_after_ms = chance(of, 20) ? WB_MS_PER_HOUR : 0;
    if (chance(of, 40)) { /* spot too */
        wb_label_expression *asked = WB_ARENA_NEW(&of->fixture.arena, wb_label_expression);
        static const uint32_t markets[] = {WB_NAME_SPOT, WB_NAME_ON_DEMAND};
        *asked = (wb_label_expression){.key = WB_NAME_CAPACITY_TYPE,
                                       .op = WB_OPERATOR_IN,
                                       .values = markets,
                                       .value_count = 2};
        pool->requirements = asked;
    }
}

static void draw_pods(cluster *of, uint32_t node_index, uint32_t type)
{
    static const char *const apps[] = {"a", "b", "c"};
    int64_t room_milli = (int64_t)type * 1000;
    const uint32_t count = chance(of, 20) ? 0 : 1 + roll(of, 4);
    for (uint32_t i = 0; i < count; i++) {
        const int64_t cpu_milli = 200 + 100 * (int64_t)roll(of, 20);
        if (cpu_milli > room_milli) {
            continue;
        }
        room_milli -= cpu_milli;
        wb_disruption_pod *pod = wb_disruption_fixture_pod(&of->fixture, node_index, cpu_milli);
        wb_disruption_fixture_label(&of->fixture, pod, "app", apps[roll(of, 3)]);
        if (chance(of, 4)) {
            wb_disruption_fixture_annotate(&of->fixture, pod, WB_NAME_DO_NOT_DISRUPT, "true");
        }
        if (chance(of, 10)) {
            pod->owner_kind = WB_OWNER_DAEMON_SET;
        }
        pod->is_terminating = chance(of, 3);
    }
}

static void draw_node(cluster *of, uint32_t number)
{
    static const char *const pools[] = {"default", "second"};
    char name[16];
    (void)snprintf(name, sizeof name, "n-%02u", number);
    const uint32_t type = 1 + roll(of, 8);
    const uint32_t market = chance(of, 30) ? WB_NAME_SPOT : WB_NAME_ON_DEMAND;
    const uint32_t index =
        wb_disruption_fixture_node(&of->fixture, name, pools[roll(of, 2)], type, market);
    wb_disruption_node *node = &of->fixture.nodes[index];
    draw_pods(of, index, type);
    node->is_nominated = chance(of, 4);
    node->is_protected = chance(of, 4);
    node->is_marked = chance(of, 4);
    node->is_ready = !chance(of, 4);
    node->is_consolidatable = !chance(of, 10);
    node->drifted_ms = chance(of, 10) ? WB_DISRUPTION_FIXTURE_NOW - WB_MS_PER_HOUR : -1;
    node->termination_grace_period_ms = -1;
}

static void draw_cluster(uint64_t number, cluster *out)
{
    out->key = (wb_random_key){7, WB_RANDOM_TEST, number};
    out->draw = 0;
    out->number = number;
    wb_disruption_fixture_init(&out->fixture);
    (void)wb_disruption_fixture_pool(&out->fixture, "second");
    draw_pool(out, &out->fixture.nodepools[0]);
    draw_pool(out, &out->fixture.nodepools[1]);
    out->fixture.state.spot_to_spot = chance(out, 50);
    wb_disruption_fixture_start(&out->fixture);
    const uint32_t node_count = 2 + roll(out, 9);
    for (uint32_t i = 0; i < node_count; i++) {
        draw_node(out, i);
    }
    if (chance(out, 50)) {
        wb_disruption_fixture_pdb(&out->fixture, "a")->disruptions_allowed = (int32_t)roll(out, 2);
    }
    if (chance(out, 20)) {
        wb_disruption_fixture_pending(&out->fixture, 500);
    }
}

/* ---- laws ---- */

static bool complain(const cluster *of, const wb_disruption_command *command, const char *law)
{
    printf("\n    cluster %llu, %s: %s", (unsigned long long)of->number,
           wb_disruption_method_name(command->method), law);
    return false;
}

static const wb_disruption_node *node_of(const cluster *of, uint32_t name)
{
    for (uint32_t i = 0; i < of->fixture.state.node_count; i++) {
        if (wb_solver_node_name(of->fixture.nodes[i].solver_node) == name) {
            return &of->fixture.nodes[i];
        }
    }
    return NULL;
}

static bool must_move(const wb_disruption_pod *pod)
{
    return !pod->is_terminating && pod->owner_kind != WB_OWNER_DAEMON_SET;
}

static const wb_disruption_move *move_of(const wb_disruption_command *command, uint32_t pod_name)
{
    for (uint32_t i = 0; i < command->move_count; i++) {
        if (command->moves[i].name == pod_name) {
            return &command->moves[i];
        }
    }
    return NULL;
}

/* Candidates: nothing about them or their pods forbids it. */
static bool check_candidates(const cluster *of, const wb_disruption_command *command)
{
    for (uint32_t c = 0; c < command->candidate_count; c++) {
        const wb_disruption_node *node = node_of(of, command->candidate_names[c]);
        if (node->is_marked || node->is_nominated || node->is_protected) {
            return complain(of, command, "a node goes that must not");
        }
        for (uint32_t i = 0; i < node->pod_count; i++) {
            const wb_disruption_pod *pod = &node->pods[i];
            if (wb_labels_has(pod->template->annotations, WB_NAME_DO_NOT_DISRUPT) &&
                !pod->is_terminating) {
                return complain(of, command, "a pod is disrupted that must not be");
            }
            const bool is_selected =
                of->fixture.state.pdb_count > 0 && !pod->is_terminating &&
                wb_label_selector_matches(&of->fixture.pdbs[0].selector, pod->template->labels);
            if (is_selected && of->fixture.pdbs[0].disruptions_allowed == 0) {
                return complain(of, command, "a PDB is broken");
            }
            const wb_disruption_move *move = move_of(command, pod->name);
            const bool is_emptiness = command->method == WB_DISRUPTION_EMPTINESS;
            if (must_move(pod) && (is_emptiness || move == NULL)) {
                return complain(of, command, "a pod is left without a place");
            }
        }
    }
    return true;
}

/* Destinations: they stay, and hold what comes beside what is there. */
static bool check_destinations(const cluster *of, const wb_disruption_command *command)
{
    for (uint32_t i = 0; i < command->move_count; i++) {
        const wb_disruption_move *move = &command->moves[i];
        for (uint32_t c = 0; c < command->candidate_count; c++) {
            if (move->to_node == command->candidate_names[c]) {
                return complain(of, command, "a pod moves to a node that goes");
            }
        }
        if (move->to_node != 0 && node_of(of, move->to_node)->is_marked) {
            return complain(of, command, "a pod moves to a node that is being deleted");
        }
    }
    return true;
}

/* CPU of a pod by name, pending ones included. */
static int64_t cpu_of(const cluster *of, uint32_t pod_name)
{
    for (uint32_t n = 0; n < of->fixture.state.node_count; n++) {
        const wb_disruption_node *node = &of->fixture.nodes[n];
        for (uint32_t i = 0; i < node->pod_count; i++) {
            if (node->pods[i].name == pod_name) {
                return wb_resource_list_get(node->pods[i].template->requests, WB_NAME_CPU);
            }
        }
    }
    return 500; /* the pending one */
}

static int64_t type_cpu_of(const cluster *of, uint32_t type_index)
{
    return wb_resource_list_get(of->fixture.catalog.types[type_index].capacity, WB_NAME_CPU);
}

static bool check_room(const cluster *of, const wb_disruption_command *command)
{
    for (uint32_t n = 0; n < of->fixture.state.node_count; n++) {
        const wb_disruption_node *node = &of->fixture.nodes[n];
        const uint32_t name = wb_solver_node_name(node->solver_node);
        const uint32_t type = wb_catalog_find(
            &of->fixture.catalog,
            wb_labels_get(wb_solver_node_labels(node->solver_node), WB_NAME_INSTANCE_TYPE));
        int64_t used_milli = 0;
        for (uint32_t i = 0; i < node->pod_count; i++) {
            used_milli += wb_resource_list_get(node->pods[i].template->requests, WB_NAME_CPU);
        }
        for (uint32_t i = 0; i < command->move_count; i++) {
            used_milli +=
                command->moves[i].to_node == name ? cpu_of(of, command->moves[i].name) : 0;
        }
        if (used_milli > type_cpu_of(of, type)) {
            return complain(of, command, "a node is filled beyond what it has");
        }
    }
    for (uint32_t r = 0; r < command->replacement_count; r++) {
        int64_t used_milli = 0;
        for (uint32_t i = 0; i < command->move_count; i++) {
            used_milli +=
                command->moves[i].replacement_index == r ? cpu_of(of, command->moves[i].name) : 0;
        }
        for (uint32_t t = 0; t < command->replacements[r].type_count; t++) {
            if (used_milli > type_cpu_of(of, command->replacements[r].type_indices[t])) {
                return complain(of, command, "a replacement is too small for its pods");
            }
        }
    }
    return true;
}

/* Nodes of a pool that the command takes against what its budgets leave. */
static bool check_budgets(const cluster *of, const wb_disruption_command *command)
{
    for (uint32_t p = 0; p < of->fixture.state.pool_count; p++) {
        int64_t count = 0;
        int64_t gone = 0;
        int64_t taken = 0;
        for (uint32_t i = 0; i < of->fixture.state.node_count; i++) {
            const wb_disruption_node *node = &of->fixture.nodes[i];
            if (wb_labels_get(wb_solver_node_labels(node->solver_node), WB_NAME_NODEPOOL) ==
                of->fixture.nodepools[p].name) {
                count++;
                gone += !node->is_ready || node->is_marked;
            }
        }
        for (uint32_t c = 0; c < command->candidate_count; c++) {
            taken += command->candidates[c].pool_index == p;
        }
        const wb_budget *budget = &of->fixture.nodepools[p].budgets[0];
        const uint32_t reason = wb_disruption_reason(command->method);
        const bool applies = budget->reasons == 0 || (budget->reasons & reason) != 0;
        const int64_t allowed =
            budget->is_percent ? (count * budget->nodes + 99) / 100 : budget->nodes;
        if (applies && taken > 0 && taken > allowed - gone) {
            return complain(of, command, "a budget is broken");
        }
    }
    return true;
}

/* What the type costs at worst under the markets that are asked for: t<i> costs 0.10 * i on demand,
 * 0.04 * i on spot. */
static double worst_price(const cluster *of, const wb_disruption_replacement *made,
                          uint32_t type_index)
{
    const wb_requirement *market = wb_requirements_get(made->requirements, WB_NAME_CAPACITY_TYPE);
    const bool is_spot =
        market == NULL || wb_requirement_has(&of->fixture.intern, market, WB_NAME_SPOT);
    return (is_spot ? 0.04 : 0.10) * (double)(type_index + 1);
}

static bool check_price(const cluster *of, const wb_disruption_command *command)
{
    const bool is_consolidation =
        command->method == WB_DISRUPTION_MULTI_NODE || command->method == WB_DISRUPTION_SINGLE_NODE;
    double removed = 0;
    for (uint32_t c = 0; c < command->candidate_count; c++) {
        removed += command->candidates[c].price_usd_per_hour;
    }
    if (is_consolidation && command->replacement_count > 1) {
        return complain(of, command, "more than one replacement");
    }
    for (uint32_t r = 0; is_consolidation && r < command->replacement_count; r++) {
        const wb_disruption_replacement *made = &command->replacements[r];
        for (uint32_t t = 0; t < made->type_count; t++) {
            if (worst_price(of, made, made->type_indices[t]) >= removed) {
                return complain(of, command, "the price rises, or stays");
            }
        }
    }
    if (is_consolidation && command->saving_usd_per_hour < -EPSILON) {
        return complain(of, command, "it expects to lose");
    }
    return true;
}

static bool check_command(const cluster *of, const wb_disruption_command *command, totals *sum)
{
    sum->commands++;
    sum->replacements += command->replacement_count;
    sum->moves += command->move_count;
    sum->by_method[command->method]++;
    return check_candidates(of, command) && check_destinations(of, command) &&
           check_room(of, command) && check_budgets(of, command) && check_price(of, command);
}

static bool check_cluster(uint64_t number, totals *sum)
{
    cluster drawn;
    draw_cluster(number, &drawn);
    bool is_right = true;
    for (int m = 0; m < WB_DISRUPTION_METHOD_COUNT; m++) {
        wb_disruption *picture = wb_disruption_fixture_look(&drawn.fixture);
        const wb_disruption_outcome outcome =
            wb_disruption_compute(picture, (wb_disruption_method)m);
        for (uint32_t i = 0; i < outcome.command_count; i++) {
            is_right = check_command(&drawn, &outcome.commands[i], sum) && is_right;
        }
    }
    wb_disruption_fixture_release(&drawn.fixture);
    return is_right;
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void holds_on_random_clusters(void)
{
    const uint64_t first = setting("WERKBANK_PROPERTY_FIRST", 0);
    const uint64_t count = setting("WERKBANK_PROPERTY_ROUNDS", DEFAULT_ROUNDS);
    totals sum = {0};
    uint64_t wrong = 0;
    for (uint64_t number = first; number < first + count; number++) {
        wrong += !check_cluster(number, &sum);
    }
    printf("\n    %llu clusters: %llu commands (%llu emptiness, %llu drift, %llu multi, %llu "
           "single), %llu replacements, %llu moves ",
           (unsigned long long)count, (unsigned long long)sum.commands,
           (unsigned long long)sum.by_method[WB_DISRUPTION_EMPTINESS],
           (unsigned long long)sum.by_method[WB_DISRUPTION_DRIFT],
           (unsigned long long)sum.by_method[WB_DISRUPTION_MULTI_NODE],
           (unsigned long long)sum.by_method[WB_DISRUPTION_SINGLE_NODE],
           (unsigned long long)sum.replacements, (unsigned long long)sum.moves);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT(count < 100 ||
              (sum.by_method[WB_DISRUPTION_EMPTINESS] > 0 &&
               sum.by_method[WB_DISRUPTION_DRIFT] > 0 &&
               sum.by_method[WB_DISRUPTION_MULTI_NODE] > 0 &&
               sum.by_method[WB_DISRUPTION_SINGLE_NODE] > 0 && sum.replacements > 0));
}

/* ---- that the laws can fail ---- */

typedef enum fault {
    FAULT_POD_FORGOTTEN,
    FAULT_NODE_OVERFULL,
    FAULT_TO_A_NODE_THAT_GOES,
    FAULT_PROTECTED_NODE,
    FAULT_PDB,
    FAULT_BUDGET,
    FAULT_DEAR_REPLACEMENT,
    FAULT_COUNT
} fault;

/* Changes the cluster or the command so that one law is broken. */
static void plant(cluster *of, fault planted, wb_disruption_command *command,
                  wb_disruption_move *moves)
{
    command->moves = moves;
    switch (planted) {
    case FAULT_POD_FORGOTTEN: command->move_count--; break;
    case FAULT_NODE_OVERFULL:
        for (uint32_t i = 0; i < command->move_count; i++) {
            moves[i].to_node = wb_solver_node_name(of->fixture.nodes[1].solver_node);
            moves[i].replacement_index = UINT32_MAX;
        }
        break;
    case FAULT_TO_A_NODE_THAT_GOES: moves[0].to_node = command->candidate_names[0]; break;
    case FAULT_PROTECTED_NODE: of->fixture.nodes[0].is_protected = true; break;
    case FAULT_PDB: wb_disruption_fixture_pdb(&of->fixture, "a")->disruptions_allowed = 0; break;
    case FAULT_BUDGET: {
        static const wb_budget none[] = {{.nodes = 0}};
        of->fixture.nodepools[0].budgets = none;
        break;
    }
    case FAULT_DEAR_REPLACEMENT: {
        wb_disruption_candidate *free_one =
            WB_ARENA_NEW(&of->fixture.arena, wb_disruption_candidate);
        *free_one = command->candidates[0];
        free_one->price_usd_per_hour = 0.01;
        command->candidates = free_one;
        break;
    }
    case FAULT_COUNT: break;
    }
}

/* A large node with two pods that one of t2 would hold, beside a full node. */
static void finds_planted_faults(void)
{
    for (int planted = 0; planted <= FAULT_COUNT; planted++) {
        cluster of = {.number = (uint64_t)planted};
        wb_disruption_fixture_init(&of.fixture);
        wb_disruption_fixture_start(&of.fixture);
        (void)wb_disruption_fixture_node(&of.fixture, "n-0", "default", 8, WB_NAME_ON_DEMAND);
        (void)wb_disruption_fixture_node(&of.fixture, "n-1", "default", 1, WB_NAME_ON_DEMAND);
        for (uint32_t i = 0; i < 2; i++) {
            wb_disruption_pod *pod = wb_disruption_fixture_pod(&of.fixture, 0, 900);
            wb_disruption_fixture_label(&of.fixture, pod, "app", "a");
        }
        (void)wb_disruption_fixture_pod(&of.fixture, 1, 900);
        const wb_disruption_outcome outcome =
            wb_disruption_compute(wb_disruption_fixture_look(&of.fixture),
                                  WB_DISRUPTION_SINGLE_NODE);
        CU_ASSERT_EQUAL_FATAL(outcome.command_count, 1);
        wb_disruption_command command = outcome.commands[0];
        CU_ASSERT_EQUAL_FATAL(command.move_count, 2);
        wb_disruption_move moves[2] = {command.moves[0], command.moves[1]};
        plant(&of, (fault)planted, &command, moves);
        totals sum = {0};
        CU_ASSERT_EQUAL(check_command(&of, &command, &sum), planted == FAULT_COUNT);
        wb_disruption_fixture_release(&of.fixture);
    }
}

static const wb_test_case cases[] = {
    {"random clusters: commands keep the laws", holds_on_random_clusters},
    {"a fault planted in a command breaks a law", finds_planted_faults},
};

int main(void)
{
    return wb_test_run("disruption property", cases, WB_TEST_COUNT(cases));
}
