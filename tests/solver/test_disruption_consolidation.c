/* What nodes are replaced by, and which sets are tried. */
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/solver/disruption_fixture.h"

static void allow_markets(wb_disruption_fixture *fixture, uint32_t pool_index, bool spot,
                          bool on_demand)
{
    uint32_t *markets = WB_ARENA_ARRAY(&fixture->arena, uint32_t, 2);
    wb_label_expression *asked = WB_ARENA_NEW(&fixture->arena, wb_label_expression);
    *asked = (wb_label_expression){.key = WB_NAME_CAPACITY_TYPE, .op = WB_OPERATOR_IN};
    asked->values = markets;
    if (spot) {
        markets[asked->value_count++] = WB_NAME_SPOT;
    }
    if (on_demand) {
        markets[asked->value_count++] = WB_NAME_ON_DEMAND;
    }
    fixture->nodepools[pool_index].requirements = asked;
}

/* A node of type t<type> with pods of so many milli-CPU each. */
static uint32_t add_node(wb_disruption_fixture *fixture, const char *name, uint32_t type,
                         uint32_t market, int64_t cpu_milli, uint32_t pods)
{
    const uint32_t node = wb_disruption_fixture_node(fixture, name, "default", type, market);
    for (uint32_t i = 0; i < pods; i++) {
        (void)wb_disruption_fixture_pod(fixture, node, cpu_milli);
    }
    return node;
}

/* ---- one node ---- */

static const struct {
    const char *name;
    uint32_t type, market;
    int64_t cpu_milli;
    bool spot, on_demand, spot_to_spot;
    const char *types; /* of the replacement; NULL: none */
    double saving;
    uint32_t blocked;
} single_nodes[] = {
    {"a smaller type replaces", 8, WB_NAME_ON_DEMAND, 5900, false, true, false, "t6 t7", 0.2, 0},
    {"an equal price is not cheaper", 6, WB_NAME_ON_DEMAND, 5900, false, true, false, NULL, 0,
     WB_BLOCKED_NOT_CHEAPER},
    {"on demand to spot: only what spot makes cheaper", 4, WB_NAME_ON_DEMAND, 3900, true, true,
     false, "t4 t5 t6 t7 t8 t9", 0.24, 0},
    {"spot in a pool that only allows on-demand", 10, WB_NAME_SPOT, 900, false, true, false,
     "t1 t2 t3", 0.3, 0},
    {"spot to spot is off", 10, WB_NAME_SPOT, 900, true, true, false, NULL, 0,
     WB_BLOCKED_SPOT_TO_SPOT_DISABLED},
    {"spot to spot with nothing cheaper", 10, WB_NAME_SPOT, 9900, true, true, true, NULL, 0,
     WB_BLOCKED_NOT_CHEAPER},
};

static void single_nodes_by_table(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(single_nodes); i++) {
        wb_disruption_fixture fixture;
        wb_disruption_fixture_init(&fixture);
        allow_markets(&fixture, 0, single_nodes[i].spot, single_nodes[i].on_demand);
        fixture.state.spot_to_spot = single_nodes[i].spot_to_spot;
        wb_disruption_fixture_start(&fixture);
        (void)add_node(&fixture, "n", single_nodes[i].type, single_nodes[i].market,
                       single_nodes[i].cpu_milli, 1);
        wb_disruption *picture = wb_disruption_fixture_look(&fixture);
        const wb_disruption_outcome outcome =
            wb_disruption_compute(picture, WB_DISRUPTION_SINGLE_NODE);
        CU_ASSERT_EQUAL(outcome.command_count, single_nodes[i].types != NULL ? 1 : 0);
        CU_ASSERT_EQUAL(wb_disruption_blocked(picture, 0), single_nodes[i].blocked);
        if (single_nodes[i].types != NULL && outcome.command_count == 1) {
            const wb_disruption_command *command = &outcome.commands[0];
            CU_ASSERT_EQUAL_FATAL(command->replacement_count, 1);
            const char *types = wb_disruption_fixture_types(&fixture, command->replacements);
            if (strcmp(types, single_nodes[i].types) != 0) {
                printf("\n    %s: %s", single_nodes[i].name, types);
            }
            CU_ASSERT_STRING_EQUAL(types, single_nodes[i].types);
            CU_ASSERT_DOUBLE_EQUAL(command->saving_usd_per_hour, single_nodes[i].saving, 1e-9);
            const wb_requirement *market =
                wb_requirements_get(command->replacements[0].requirements, WB_NAME_CAPACITY_TYPE);
            CU_ASSERT_EQUAL(market->value_count, 1); /* where both would do, pinned to spot */
            CU_ASSERT_EQUAL(market->values[0],
                            single_nodes[i].spot ? WB_NAME_SPOT : WB_NAME_ON_DEMAND);
        }
        wb_disruption_fixture_release(&fixture);
    }
}

/*
 * The worked example of spot to spot (facts/published-results.md §6), with the implementation's 15
 * types: a node stays as long as fewer than 15 cheaper types fit, and what replaces it is among the
 * 15 cheapest.
 */
static const struct {
    const char *name;
    int64_t cpu_milli; /* of its pods: which types fit */
    const char *types;
} spot_sizes[] = {
    {"t7 and up fit: t7 to t20 are cheaper, 14 of them", 6500, NULL},
    {"a pod left and t6 fits: 15", 5500, "t6 t7 t8 t9 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20"},
    {"t2 fits: 19, cut to the 15 cheapest", 1500,
     "t2 t3 t4 t5 t6 t7 t8 t9 t10 t11 t12 t13 t14 t15 t16"},
};

static void spot_to_spot_needs_fifteen(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(spot_sizes); i++) {
        wb_disruption_fixture fixture;
        wb_disruption_fixture_init(&fixture);
        allow_markets(&fixture, 0, true, false);
        fixture.state.spot_to_spot = true;
        wb_disruption_fixture_start(&fixture);
        (void)add_node(&fixture, "n", 21, WB_NAME_SPOT, spot_sizes[i].cpu_milli, 1);
        wb_disruption *picture = wb_disruption_fixture_look(&fixture);
        const wb_disruption_outcome outcome =
            wb_disruption_compute(picture, WB_DISRUPTION_SINGLE_NODE);
        if (spot_sizes[i].types == NULL) {
            CU_ASSERT_EQUAL(outcome.command_count, 0);
            CU_ASSERT_EQUAL(wb_disruption_blocked(picture, 0), WB_BLOCKED_SPOT_TO_SPOT_TOO_FEW);
        } else {
            CU_ASSERT_EQUAL_FATAL(outcome.command_count, 1);
            CU_ASSERT_STRING_EQUAL(wb_disruption_fixture_types(&fixture,
                                                               outcome.commands[0].replacements),
                                   spot_sizes[i].types);
        }
        wb_disruption_fixture_release(&fixture);
    }
}

/* minValues may need more than 15; and fewer may be left than it needs. */
static void spot_to_spot_minds_min_values(void)
{
    for (int wanted = 17; wanted <= 20; wanted += 3) {
        wb_disruption_fixture fixture;
        wb_disruption_fixture_init(&fixture);
        allow_markets(&fixture, 0, true, false);
        wb_label_expression *asked = WB_ARENA_ARRAY(&fixture.arena, wb_label_expression, 2);
        asked[0] = fixture.nodepools[0].requirements[0];
        asked[1] = (wb_label_expression){.key = WB_NAME_INSTANCE_TYPE,
                                         .op = WB_OPERATOR_EXISTS,
                                         .min_values = wanted};
        fixture.nodepools[0].requirements = asked;
        fixture.nodepools[0].requirement_count = 2;
        fixture.state.spot_to_spot = true;
        wb_disruption_fixture_start(&fixture);
        (void)add_node(&fixture, "n", 20, WB_NAME_SPOT, 900, 1); /* t1 to t19 are cheaper */
        wb_disruption *picture = wb_disruption_fixture_look(&fixture);
        const wb_disruption_outcome outcome =
            wb_disruption_compute(picture, WB_DISRUPTION_SINGLE_NODE);
        if (wanted == 17) {
            CU_ASSERT_EQUAL_FATAL(outcome.command_count, 1);
            CU_ASSERT_EQUAL(outcome.commands[0].replacements[0].type_count, 17);
        } else {
            CU_ASSERT_EQUAL(outcome.command_count, 0);
            CU_ASSERT_EQUAL(wb_disruption_blocked(picture, 0), WB_BLOCKED_MIN_VALUES);
        }
        wb_disruption_fixture_release(&fixture);
    }
}

/* Where pods go decides: room on another node, a pending pod that takes it, a node still starting,
 * a node within its consolidateAfter. */
static const struct {
    const char *name;
    int64_t pending_milli;
    bool is_starting, is_young;
    uint32_t blocked; /* 0: deleted */
} destinations[] = {
    {"the pods fit on the other node", 0, false, false, 0},
    {"a pending pod that takes the room needs a new node", 2500, false, false,
     WB_BLOCKED_NOT_CHEAPER},
    {"a pending pod without any place does not matter", 99000, false, false, 0},
    {"a node that is starting is no place yet", 0, true, false,
     WB_BLOCKED_UNINITIALIZED_DESTINATION},
    {"a young node takes no pods that run", 0, false, true, WB_BLOCKED_NOT_CHEAPER},
};

static void destinations_by_table(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(destinations); i++) {
        wb_disruption_fixture fixture;
        wb_disruption_fixture_init(&fixture);
        fixture.nodepools[0].consolidate_after_ms = destinations[i].is_young ? WB_MS_PER_HOUR : 0;
        wb_disruption_fixture_start(&fixture);
        (void)add_node(&fixture, "small", 1, WB_NAME_ON_DEMAND, 900, 1);
        const uint32_t large = add_node(&fixture, "large", 3, WB_NAME_ON_DEMAND, 100, 1);
        fixture.nodes[large].is_protected = true;
        if (destinations[i].is_young) {
            fixture.nodes[large].last_pod_event_ms = WB_DISRUPTION_FIXTURE_NOW - 1000;
        }
        if (destinations[i].is_starting) {
            const wb_solver_node_desc desc = {
                .name = wb_solver_node_name(fixture.nodes[large].solver_node),
                .nodepool = fixture.nodepools[0].name,
                .labels = wb_solver_node_labels(fixture.nodes[large].solver_node),
                .is_managed = true,
                .has_node = true,
                .capacity = fixture.catalog.types[2].capacity,
                .allocatable = fixture.catalog.types[2].capacity,
            };
            wb_solver_node_update(fixture.state.world, fixture.nodes[large].solver_node, &desc);
            fixture.nodes[large].initialized_ms = -1;
        }
        if (destinations[i].pending_milli > 0) {
            wb_disruption_fixture_pending(&fixture, destinations[i].pending_milli);
        }
        wb_disruption *picture = wb_disruption_fixture_look(&fixture);
        const wb_disruption_outcome outcome =
            wb_disruption_compute(picture, WB_DISRUPTION_SINGLE_NODE);
        if (wb_disruption_blocked(picture, 0) != destinations[i].blocked) {
            printf("\n    %s: %#x", destinations[i].name, wb_disruption_blocked(picture, 0));
        }
        CU_ASSERT_EQUAL(wb_disruption_blocked(picture, 0), destinations[i].blocked);
        CU_ASSERT_EQUAL(outcome.command_count, destinations[i].blocked == 0 ? 1 : 0);
        wb_disruption_fixture_release(&fixture);
    }
}

/* ---- many nodes ---- */

/* Three half-empty nodes become one; a type that is among the removed ones may not replace them. */
static void many_become_one(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    wb_disruption_fixture_start(&fixture);
    (void)add_node(&fixture, "a", 8, WB_NAME_ON_DEMAND, 2900, 1);
    (void)add_node(&fixture, "b", 8, WB_NAME_ON_DEMAND, 2900, 1);
    (void)add_node(&fixture, "c", 6, WB_NAME_ON_DEMAND, 2900, 2);
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    const wb_disruption_outcome outcome = wb_disruption_compute(picture, WB_DISRUPTION_MULTI_NODE);
    CU_ASSERT_EQUAL_FATAL(outcome.command_count, 1);
    /* a and b would fit on one t6; with c as well only t12 and up would do, dearer than c's t6. */
    CU_ASSERT_STRING_EQUAL(wb_disruption_fixture_names(&fixture, &outcome.commands[0]), "a b c");
    CU_ASSERT_STRING_EQUAL(wb_disruption_fixture_types(&fixture, outcome.commands[0].replacements),
                           "t12 t13 t14 t15 t16 t17 t18 t19 t20 t21");
    CU_ASSERT_EQUAL(outcome.commands[0].move_count, 4);
    wb_disruption_fixture_release(&fixture);
}

static void same_type_rule(void)
{
    static const struct {
        const char *name;
        uint32_t first, second;
        const char *types; /* NULL: no command */
    } rows[] = {
        {"t4 could replace t6 and t4: keep that one instead", 6, 4, NULL},
        {"t4 is cheaper than the cheapest of the same types", 6, 5, "t4"},
        {"other types don't matter", 12, 3, "t4 t5 t6 t7 t8 t9 t10 t11"},
    };
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_disruption_fixture fixture;
        wb_disruption_fixture_init(&fixture);
        wb_disruption_fixture_start(&fixture);
        (void)add_node(&fixture, "a", rows[i].first, WB_NAME_ON_DEMAND, 1950, 1);
        (void)add_node(&fixture, "b", rows[i].second, WB_NAME_ON_DEMAND, 1950, 1);
        wb_disruption *picture = wb_disruption_fixture_look(&fixture);
        const wb_disruption_outcome outcome =
            wb_disruption_compute(picture, WB_DISRUPTION_MULTI_NODE);
        CU_ASSERT_EQUAL(outcome.command_count, rows[i].types != NULL ? 1 : 0);
        CU_ASSERT_EQUAL(outcome.simulation_count, 1);
        if (rows[i].types != NULL && outcome.command_count == 1) {
            const char *types =
                wb_disruption_fixture_types(&fixture, outcome.commands[0].replacements);
            if (strcmp(types, rows[i].types) != 0) {
                printf("\n    %s: %s", rows[i].name, types);
            }
            CU_ASSERT_STRING_EQUAL(types, rows[i].types);
        }
        wb_disruption_fixture_release(&fixture);
    }
}

/* 300 candidates whose pods all fit on one large protected node: the cap is an index of 100. */
static void a_hundred_and_one_at_once(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    wb_disruption_fixture_start(&fixture);
    for (uint32_t i = 0; i < 300; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "n-%03u", i);
        (void)add_node(&fixture, name, 1, WB_NAME_ON_DEMAND, 10, 1);
    }
    const uint32_t large = add_node(&fixture, "zz", 24, WB_NAME_ON_DEMAND, 10, 1);
    fixture.nodes[large].is_protected = true;
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    const wb_disruption_outcome outcome = wb_disruption_compute(picture, WB_DISRUPTION_MULTI_NODE);
    CU_ASSERT_EQUAL_FATAL(outcome.command_count, 1);
    CU_ASSERT_EQUAL(outcome.commands[0].candidate_count, 101);
    CU_ASSERT_EQUAL(outcome.commands[0].replacement_count, 0);
    CU_ASSERT_EQUAL(outcome.simulation_count, 7); /* 51, 76, 89, 95, 98, 100, 101 */
    wb_disruption_fixture_release(&fixture);
}

/* A limit ends the search with what it has found so far. */
static void limits_cut_the_search_short(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    (void)wb_disruption_fixture_pool(&fixture, "other");
    wb_disruption_fixture_start(&fixture);
    for (uint32_t i = 0; i < 8; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "n-%u", i);
        (void)add_node(&fixture, name, 1, WB_NAME_ON_DEMAND, 990, 1);
    }
    const uint32_t last = wb_disruption_fixture_node(&fixture, "x", "other", 1, WB_NAME_ON_DEMAND);
    (void)wb_disruption_fixture_pod(&fixture, last, 480);
    (void)wb_disruption_fixture_pod(&fixture, last, 480);
    fixture.state.multi_node_limit = 1;
    fixture.state.single_node_limit = 1;
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    wb_disruption_outcome outcome = wb_disruption_compute(picture, WB_DISRUPTION_MULTI_NODE);
    CU_ASSERT_EQUAL(outcome.simulation_count, 1);
    CU_ASSERT(outcome.is_cut_off);
    outcome = wb_disruption_compute(picture, WB_DISRUPTION_SINGLE_NODE);
    CU_ASSERT_EQUAL(outcome.simulation_count, 1);
    CU_ASSERT(outcome.is_cut_off);
    CU_ASSERT_EQUAL_FATAL(outcome.unseen_pool_count, 1);
    CU_ASSERT_EQUAL(outcome.unseen_pools[0], fixture.nodepools[1].name);
    wb_disruption_fixture_release(&fixture);
}

/* Candidates are dealt out between pools; pools that were not reached last time come first. Who was
 * looked at shows in who is noted as blocked when the search stops. */
static void deal_between_pools(void)
{
    for (int unseen = 0; unseen < 2; unseen++) {
        wb_disruption_fixture fixture;
        wb_disruption_fixture_init(&fixture);
        (void)wb_disruption_fixture_pool(&fixture, "other");
        wb_disruption_fixture_start(&fixture);
        static const char *const names[] = {"a", "b", "c", "x", "y"};
        for (uint32_t i = 0; i < 5; i++) {
            const uint32_t node =
                wb_disruption_fixture_node(&fixture, names[i], i < 3 ? "default" : "other", 1,
                                           WB_NAME_ON_DEMAND);
            (void)wb_disruption_fixture_pod(&fixture, node, 990);
        }
        const uint32_t other = fixture.nodepools[1].name;
        fixture.state.unseen_pools = &other;
        fixture.state.unseen_pool_count = (uint32_t)unseen;
        fixture.state.single_node_limit = 3;
        wb_disruption *picture = wb_disruption_fixture_look(&fixture);
        (void)wb_disruption_compute(picture, WB_DISRUPTION_SINGLE_NODE);
        char seen[8] = "";
        for (uint32_t i = 0; i < 5; i++) {
            if (wb_disruption_blocked(picture, i) != 0) {
                (void)snprintf(seen + strlen(seen), 2, "%s", names[i]);
            }
        }
        CU_ASSERT_STRING_EQUAL(seen, unseen == 0 ? "abx" : "axy"); /* a x b, or x a y */
        wb_disruption_fixture_release(&fixture);
    }
}

/* A node whose offering nobody lists costs nothing: never replaced, but deleted if others have
 * room. */
static void unknown_price(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    wb_disruption_fixture_start(&fixture);
    const uint32_t odd = wb_disruption_fixture_node(&fixture, "odd", "default", 2,
                                                    wb_intern_add(&fixture.intern, "rented"));
    (void)wb_disruption_fixture_pod(&fixture, odd, 900);
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    const wb_disruption_candidates found = wb_disruption_find_all(picture);
    CU_ASSERT_FALSE(found.items[0].has_offering);
    CU_ASSERT_DOUBLE_EQUAL(found.items[0].price_usd_per_hour, 0, 0.0);
    CU_ASSERT_EQUAL(wb_disruption_compute(picture, WB_DISRUPTION_SINGLE_NODE).command_count, 0);
    CU_ASSERT_EQUAL(wb_disruption_blocked(picture, 0), WB_BLOCKED_NOT_CHEAPER);
    (void)wb_disruption_fixture_node(&fixture, "empty", "default", 2, WB_NAME_ON_DEMAND);
    picture = wb_disruption_fixture_look(&fixture);
    CU_ASSERT_EQUAL(wb_disruption_compute(picture, WB_DISRUPTION_SINGLE_NODE).command_count, 1);
    wb_disruption_fixture_release(&fixture);
}

static const wb_test_case cases[] = {
    {"one node is replaced by what is cheaper", single_nodes_by_table},
    {"spot to spot needs fifteen cheaper types, and keeps fifteen", spot_to_spot_needs_fifteen},
    {"spot to spot keeps what minValues needs", spot_to_spot_minds_min_values},
    {"where the pods go decides", destinations_by_table},
    {"many nodes become one", many_become_one},
    {"a replacement of a removed type must be cheaper than that node", same_type_rule},
    {"at most 101 nodes go at once", a_hundred_and_one_at_once},
    {"limits cut a search short", limits_cut_the_search_short},
    {"candidates are dealt out between pools", deal_between_pools},
    {"a node without a price is only ever deleted", unknown_price},
};

int main(void)
{
    return wb_test_run("consolidation", cases, WB_TEST_COUNT(cases));
}
