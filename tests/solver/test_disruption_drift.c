/* Drift: who goes first, what replaces it, static NodePools; what drift is. */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/solver/disruption_fixture.h"

static uint32_t add_drifted(wb_disruption_fixture *fixture, const char *name, const char *pool,
                            int64_t minutes_ago, uint32_t pods)
{
    const uint32_t node = wb_disruption_fixture_node(fixture, name, pool, 4, WB_NAME_ON_DEMAND);
    fixture->nodes[node].drifted_ms = WB_DISRUPTION_FIXTURE_NOW - minutes_ago * WB_MS_PER_MINUTE;
    for (uint32_t i = 0; i < pods; i++) {
        (void)wb_disruption_fixture_pod(fixture, node, 1900);
    }
    return node;
}

static const char *first_to_go(wb_disruption_fixture *fixture)
{
    wb_disruption *picture = wb_disruption_fixture_look(fixture);
    const wb_disruption_outcome outcome = wb_disruption_compute(picture, WB_DISRUPTION_DRIFT);
    return outcome.command_count == 1 ? wb_disruption_fixture_names(fixture, outcome.commands)
                                      : "none";
}

static void empty_then_oldest_then_name(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    wb_disruption_fixture_start(&fixture);
    (void)add_drifted(&fixture, "c", "default", 60, 2);
    (void)add_drifted(&fixture, "b", "default", 90, 2);
    (void)add_drifted(&fixture, "a", "default", 90, 2);
    (void)add_drifted(&fixture, "e", "default", 1, 0);
    (void)add_drifted(&fixture, "d", "default", 2, 0);
    CU_ASSERT_STRING_EQUAL(first_to_go(&fixture), "d");
    fixture.nodes[4].is_marked = true;
    CU_ASSERT_STRING_EQUAL(first_to_go(&fixture), "e");
    fixture.nodes[3].is_marked = true;
    CU_ASSERT_STRING_EQUAL(first_to_go(&fixture), "a");
    fixture.nodes[2].is_marked = true;
    CU_ASSERT_STRING_EQUAL(first_to_go(&fixture), "b");
    fixture.nodes[1].is_marked = true;
    CU_ASSERT_STRING_EQUAL(first_to_go(&fixture), "c");
    wb_disruption_fixture_release(&fixture);
}

/* As many replacements as the pods need, at any price: two of t2 for one of t4, when the pool takes
 * nothing larger. */
static void one_becomes_two(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    const uint32_t only = wb_intern_add(&fixture.intern, "t2");
    const wb_label_expression asked[] = {
        fixture.nodepools[0].requirements[0],
        {.key = WB_NAME_INSTANCE_TYPE, .op = WB_OPERATOR_IN, .values = &only, .value_count = 1}};
    fixture.nodepools[0].requirements = asked;
    fixture.nodepools[0].requirement_count = 2;
    wb_disruption_fixture_start(&fixture);
    (void)add_drifted(&fixture, "n", "default", 60, 2);
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    const wb_disruption_outcome outcome = wb_disruption_compute(picture, WB_DISRUPTION_DRIFT);
    CU_ASSERT_EQUAL_FATAL(outcome.command_count, 1);
    CU_ASSERT_EQUAL_FATAL(outcome.commands[0].replacement_count, 2);
    CU_ASSERT_STRING_EQUAL(
        wb_disruption_fixture_types(&fixture, &outcome.commands[0].replacements[1]), "t2");
    CU_ASSERT_DOUBLE_EQUAL(outcome.commands[0].saving_usd_per_hour, 0.0, 1e-12);
    CU_ASSERT_FALSE(wb_disruption_waits(WB_DISRUPTION_DRIFT));
    wb_disruption_fixture_release(&fixture);
}

/* A node whose pods find no place is passed over; the next one goes. */
static void stuck_nodes_are_passed_over(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    wb_disruption_fixture_start(&fixture);
    const uint32_t stuck = add_drifted(&fixture, "a", "default", 90, 1);
    (void)add_drifted(&fixture, "b", "default", 60, 1);
    wb_label *selector = WB_ARENA_NEW(&fixture.arena, wb_label);
    *selector = (wb_label){.key = wb_intern_add(&fixture.intern, "rack"),
                           .value = wb_intern_add(&fixture.intern, "7")};
    wb_disruption_fixture_template(&fixture.pods[stuck][0])->node_selector =
        (wb_labels){selector, 1};
    CU_ASSERT_STRING_EQUAL(first_to_go(&fixture), "b");
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    (void)wb_disruption_compute(picture, WB_DISRUPTION_DRIFT);
    CU_ASSERT_EQUAL(wb_disruption_blocked(picture, stuck), WB_BLOCKED_PODS_WOULD_NOT_SCHEDULE);
    wb_disruption_fixture_release(&fixture);
}

/* ---- who is planned for ---- */

static void leave_alone(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    (void)fixture;
    (void)pod;
}

static void protect(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    wb_disruption_fixture_annotate(fixture, pod, WB_NAME_DO_NOT_DISRUPT, "true");
}

static void put_under(wb_disruption_fixture *fixture, wb_disruption_pod *pod,
                      wb_bound_kind max_kind, int32_t max, bool allows_unhealthy)
{
    wb_disruption_fixture_label(fixture, pod, "app", "web");
    wb_pdb *pdb = wb_disruption_fixture_pdb(fixture, "web");
    pdb->max_unavailable_kind = max_kind;
    pdb->max_unavailable = max;
    pdb->always_allows_unhealthy = allows_unhealthy;
}

static void hold_by_number(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    put_under(fixture, pod, WB_BOUND_COUNT, 0, false);
}

static void hold_by_percent(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    put_under(fixture, pod, WB_BOUND_PERCENT, 0, false);
}

static void hold_by_need(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    put_under(fixture, pod, WB_BOUND_NONE, 0, false);
    fixture->pdbs[0].min_available_kind = WB_BOUND_PERCENT;
    fixture->pdbs[0].min_available = 100;
}

static void hold_by_status(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    put_under(fixture, pod, WB_BOUND_COUNT, 1, false);
    fixture->pdbs[0].disruptions_allowed = 0; /* for now: the spec lets it go one day */
}

static void hold_healthy(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    put_under(fixture, pod, WB_BOUND_COUNT, 0, true);
}

static void hold_unhealthy(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    hold_healthy(fixture, pod);
    pod->ready_is_false = true;
}

static void hold_twice(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    put_under(fixture, pod, WB_BOUND_COUNT, 1, false);
    (void)wb_disruption_fixture_pdb(fixture, "web");
}

static void hold_tolerant(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    static const wb_toleration all[] = {{.op = WB_TOLERATION_EXISTS}};
    hold_twice(fixture, pod);
    wb_disruption_fixture_template(pod)->tolerations = all;
    wb_disruption_fixture_template(pod)->toleration_count = 1;
}

static void finish(wb_disruption_fixture *fixture, wb_disruption_pod *pod)
{
    (void)fixture;
    pod->phase = WB_POD_SUCCEEDED;
}

static const struct {
    const char *name;
    void (*change)(wb_disruption_fixture *fixture, wb_disruption_pod *pod);
    bool moves;
} planned_pods[] = {
    {"an ordinary pod is found a place", leave_alone, true},
    {"one that must not be disrupted is not", protect, false},
    {"nor one that a PDB never lets go", hold_by_number, false},
    {"in percent", hold_by_percent, false},
    {"or because all are needed", hold_by_need, false},
    {"a PDB's status does not matter here", hold_by_status, true},
    {"a healthy pod stays under AlwaysAllow", hold_healthy, false},
    {"an unhealthy one goes", hold_unhealthy, true},
    {"two PDBs hold for ever", hold_twice, false},
    {"who is never evicted is held by none", hold_tolerant, true},
    {"a finished one needs no place", finish, false},
};

/* Two pods, of which the second is the row's; the node's own deadline lets drift go over it. */
static void planned_pods_by_table(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(planned_pods); i++) {
        wb_disruption_fixture fixture;
        wb_disruption_fixture_init(&fixture);
        wb_disruption_fixture_start(&fixture);
        const uint32_t node = add_drifted(&fixture, "n", "default", 60, 2);
        fixture.nodes[node].termination_grace_period_ms = WB_MS_PER_HOUR;
        planned_pods[i].change(&fixture, &fixture.pods[node][1]);
        wb_disruption *picture = wb_disruption_fixture_look(&fixture);
        const wb_disruption_outcome outcome = wb_disruption_compute(picture, WB_DISRUPTION_DRIFT);
        CU_ASSERT_EQUAL_FATAL(outcome.command_count, 1);
        const uint32_t moves = outcome.commands[0].move_count;
        if (moves != (planned_pods[i].moves ? 2U : 1U)) {
            printf("\n    %s: %u", planned_pods[i].name, moves);
        }
        CU_ASSERT_EQUAL(moves, planned_pods[i].moves ? 2 : 1);
        wb_disruption_fixture_release(&fixture);
    }
}

/* ---- static NodePools ---- */

static const struct {
    const char *name;
    int32_t replicas;
    int64_t limit_nodes, reserved;
    int32_t budget;
    const char *commands;
} static_pools[] = {
    {"as many as the budget allows, by name", 4, -1, 0, 2, "s-0;s-1"},
    {"no more than have drifted", 4, -1, 0, 9, "s-0;s-1;s-2"},
    {"none while the pool is to shrink", 3, -1, 0, 9, ""},
    {"no replacement beyond limits.nodes", 4, 6, 0, 9, "s-0;s-1"},
    {"what is promised counts against it", 4, 6, 1, 9, "s-0"},
    {"nor less than none", 4, 4, 3, 9, ""},
    {"a budget of zero", 4, -1, 0, 0, ""},
};

static void static_pools_by_table(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(static_pools); i++) {
        wb_disruption_fixture fixture;
        wb_disruption_fixture_init(&fixture);
        const wb_budget budget = {.nodes = static_pools[i].budget};
        fixture.nodepools[0].replicas = static_pools[i].replicas;
        fixture.nodepools[0].limit_nodes = static_pools[i].limit_nodes;
        fixture.nodepools[0].budgets = &budget;
        fixture.pools[0].reserved_nodes = static_pools[i].reserved;
        wb_disruption_fixture_start(&fixture);
        (void)add_drifted(&fixture, "s-2", "default", 90, 1);
        (void)add_drifted(&fixture, "s-0", "default", 10, 1);
        (void)add_drifted(&fixture, "s-1", "default", 60, 1);
        const uint32_t fresh = add_drifted(&fixture, "s-3", "default", 0, 1);
        fixture.nodes[fresh].drifted_ms = -1;
        wb_disruption *picture = wb_disruption_fixture_look(&fixture);
        const wb_disruption_outcome outcome =
            wb_disruption_compute(picture, WB_DISRUPTION_STATIC_DRIFT);
        char names[64] = "";
        for (uint32_t c = 0; c < outcome.command_count; c++) {
            const wb_disruption_command *command = &outcome.commands[c];
            (void)snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
                           c > 0 ? ";" : "", wb_disruption_fixture_names(&fixture, command));
            CU_ASSERT_EQUAL(command->replacement_count, 1);
            CU_ASSERT_EQUAL(command->replacements[0].type_count, 0);
        }
        if (strcmp(names, static_pools[i].commands) != 0) {
            printf("\n    %s: %s", static_pools[i].name, names);
        }
        CU_ASSERT_STRING_EQUAL(names, static_pools[i].commands);
        wb_disruption_fixture_release(&fixture);
    }
}

/* ---- what drift is ---- */

static void requirements_drift(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    const struct {
        const char *name;
        wb_operator op;
        const char *value, *label; /* label NULL: the node has none */
        bool is_drifted;
    } rows[] = {
        {"the label is one of the values", WB_OPERATOR_IN, "blue", "blue", false},
        {"it is another", WB_OPERATOR_IN, "blue", "red", true},
        {"it is missing", WB_OPERATOR_IN, "blue", NULL, true},
        {"an excluded value", WB_OPERATOR_NOT_IN, "blue", "blue", true},
        {"absent is not excluded", WB_OPERATOR_NOT_IN, "blue", NULL, false},
        {"large enough", WB_OPERATOR_GT, "4", "5", false},
        {"too small", WB_OPERATOR_GT, "4", "4", true},
    };
    const uint32_t key = wb_intern_add(&fixture.intern, "example.com/colour");
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        const uint32_t value = wb_intern_add(&fixture.intern, rows[i].value);
        const wb_label_expression asked = {
            .key = key, .op = rows[i].op, .values = &value, .value_count = 1};
        const wb_nodepool pool = {.requirements = &asked, .requirement_count = 1};
        wb_labels labels = {0};
        if (rows[i].label != NULL) {
            labels = wb_labels_with(&fixture.arena, labels, key,
                                    wb_intern_add(&fixture.intern, rows[i].label));
        }
        const bool is_drifted =
            wb_disruption_requirements_drifted(&fixture.scratch, &fixture.intern, &pool, labels);
        if (is_drifted != rows[i].is_drifted) {
            printf("\n    %s", rows[i].name);
        }
        CU_ASSERT_EQUAL(is_drifted, rows[i].is_drifted);
    }
    wb_disruption_fixture_release(&fixture);
}

static void types_that_are_gone(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    const uint32_t elsewhere = wb_intern_add(&fixture.intern, "zone-z");
    const struct {
        const char *type;
        uint32_t zone, market;
        bool is_gone;
    } rows[] = {
        {"t3", fixture.catalog.zones[0], WB_NAME_SPOT, false},
        {"t99", fixture.catalog.zones[0], WB_NAME_SPOT, true},
        {"t3", elsewhere, WB_NAME_SPOT, true},
        {"t3", fixture.catalog.zones[1], WB_NAME_RESERVED, false}, /* may be on-demand by now */
        {"t3", 0, 0, false},
    };
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_labels labels = {0};
        labels = wb_labels_with(&fixture.arena, labels, WB_NAME_INSTANCE_TYPE,
                                wb_intern_add(&fixture.intern, rows[i].type));
        labels = wb_labels_with(&fixture.arena, labels, WB_NAME_ZONE, rows[i].zone);
        labels = wb_labels_with(&fixture.arena, labels, WB_NAME_CAPACITY_TYPE, rows[i].market);
        CU_ASSERT_EQUAL(wb_disruption_type_not_found(&fixture.catalog, labels), rows[i].is_gone);
    }
    wb_disruption_fixture_release(&fixture);
}

static const wb_test_case cases[] = {
    {"empty nodes first, then the longest drifted, then by name", empty_then_oldest_then_name},
    {"one node may become several", one_becomes_two},
    {"nodes whose pods find no place are passed over", stuck_nodes_are_passed_over},
    {"room is planned for pods that can leave", planned_pods_by_table},
    {"static pools replace one for one within their bounds", static_pools_by_table},
    {"labels that no longer meet the requirements are drift", requirements_drift},
    {"a type that is not offered any more is drift", types_that_are_gone},
};

int main(void)
{
    return wb_test_run("drift", cases, WB_TEST_COUNT(cases));
}
