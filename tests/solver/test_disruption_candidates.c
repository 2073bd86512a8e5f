/* Which nodes may go, why the others may not, what they cost, in which order. */
#include <math.h>
#include <string.h>

#include "base/duration.h"
#include "tests/harness.h"
#include "tests/solver/disruption_fixture.h"

/* ---- what a pod costs ---- */

static const struct {
    const char *name, *deletion_cost;
    int32_t priority;
    double cost;
} eviction_costs[] = {
    {"an ordinary pod costs 1", NULL, 0, 1.0},
    {"deletion cost counts in units of 2^27", "134217728", 0, 2.0},
    {"underscores may part digits", "134_217_728", 0, 2.0},
    {"but not end a number", "134217728_", 0, 1.0},
    {"nor stand before an exponent", "134217728_e0", 0, 1.0},
    {"nor twice in a row", "134__217728", 0, 1.0},
    {"a hexadecimal number has an exponent", "0x1p27", 0, 2.0},
    {"and its prefix counts as a digit", "0x_8p24", 0, 2.0},
    {"without exponent it is unreadable", "0x8000000", 0, 1.0},
    {"a negative one makes it cheap", "-134217728", 0, 0.0},
    {"it may be a fraction", "67108864.0", 0, 1.5},
    {"or have an exponent", "6.7108864e7", 0, 1.5},
    {"what is no number is ignored", "dear", 0, 1.0},
    {"a number with something behind it too", "134217728x", 0, 1.0},
    {"blanks make it no number", " 134217728", 0, 1.0},
    {"priority counts in units of 2^25", NULL, 33554432, 2.0},
    {"system-node-critical meets the upper bound", NULL, 2000001000, 10.0},
    {"the lower bound", NULL, -2147483647 - 1, -10.0},
    {"both together", "134217728", 33554432, 3.0},
};

static void eviction_costs_by_table(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    for (size_t i = 0; i < WB_TEST_COUNT(eviction_costs); i++) {
        wb_pod_template template = {.priority = eviction_costs[i].priority};
        if (eviction_costs[i].deletion_cost != NULL) {
            template.annotations =
                wb_labels_with(&fixture.arena, template.annotations, WB_NAME_POD_DELETION_COST,
                               wb_intern_add(&fixture.intern, eviction_costs[i].deletion_cost));
        }
        const double cost = wb_disruption_eviction_cost(&fixture.intern, &template);
        if (cost < eviction_costs[i].cost || cost > eviction_costs[i].cost) {
            printf("\n    %s: %.9f", eviction_costs[i].name, cost);
        }
        CU_ASSERT_DOUBLE_EQUAL(cost, eviction_costs[i].cost, 0.0);
    }
    wb_disruption_fixture_release(&fixture);
}

/* ---- what keeps a node ---- */

/* One node with two pods of app "web"; what spoils it is the row's. */
typedef struct setting {
    wb_disruption_fixture fixture;
    wb_disruption_pod *first, *second;
} setting;

static void open_setting(setting *at)
{
    wb_disruption_fixture_init(&at->fixture);
    wb_disruption_fixture_start(&at->fixture);
    const uint32_t node =
        wb_disruption_fixture_node(&at->fixture, "n", "default", 4, WB_NAME_ON_DEMAND);
    at->first = wb_disruption_fixture_pod(&at->fixture, node, 100);
    at->second = wb_disruption_fixture_pod(&at->fixture, node, 200);
    wb_disruption_fixture_label(&at->fixture, at->first, "app", "web");
    wb_disruption_fixture_label(&at->fixture, at->second, "app", "web");
}

static void protect(setting *at, const char *value, int64_t age_ms)
{
    wb_disruption_fixture_annotate(&at->fixture, at->second, WB_NAME_DO_NOT_DISRUPT, value);
    at->second->start_ms = age_ms < 0 ? -1 : WB_DISRUPTION_FIXTURE_NOW - age_ms;
}

static wb_pdb *hold(setting *at)
{
    wb_pdb *pdb = wb_disruption_fixture_pdb(&at->fixture, "web");
    pdb->disruptions_allowed = 0;
    return pdb;
}

static void nothing(setting *at)
{
    (void)at;
}

static void queued(setting *at)
{
    at->fixture.nodes[0].is_queued = true;
    at->fixture.nodes[0].is_marked = true;
}

static void unmanaged(setting *at)
{
    at->fixture.nodes[0].has_claim = false;
}

static void marked(setting *at)
{
    at->fixture.nodes[0].is_marked = true;
    at->fixture.nodes[0].is_nominated = true; /* comes later in the order */
}

static void nominated(setting *at)
{
    at->fixture.nodes[0].is_nominated = true;
    at->fixture.nodes[0].is_protected = true;
}

static void protected_node(setting *at)
{
    at->fixture.nodes[0].is_protected = true;
    protect(at, "true", 0);
}

static void without_types(setting *at)
{
    static const wb_catalog empty;
    at->fixture.pools[0].catalog = &empty;
}

static void protected_pod(setting *at)
{
    protect(at, "true", WB_MS_PER_DAY);
    (void)hold(at); /* PDBs are asked after all annotations */
}

static void protected_daemon(setting *at)
{
    protect(at, "true", WB_MS_PER_DAY);
    at->second->owner_kind = WB_OWNER_DAEMON_SET;
}

static void finished_protected(setting *at)
{
    protect(at, "true", WB_MS_PER_DAY);
    at->second->phase = WB_POD_SUCCEEDED;
}

static void protected_for_a_while(setting *at)
{
    protect(at, "30m", 30 * WB_MS_PER_MINUTE - 1);
}

static void protected_long_enough(setting *at)
{
    protect(at, "30m", 30 * WB_MS_PER_MINUTE);
}

static void protected_without_start(setting *at)
{
    protect(at, "1h30m", -1);
}

static void protected_by_nonsense(setting *at)
{
    protect(at, "yes", 0);
}

static void protected_by_zero(setting *at)
{
    protect(at, "0s", 0);
}

static void held(setting *at)
{
    (void)hold(at);
}

static void held_twice(setting *at)
{
    (void)wb_disruption_fixture_pdb(&at->fixture, "web");
    (void)wb_disruption_fixture_pdb(&at->fixture, "web"); /* both would allow it */
}

static void held_elsewhere(setting *at)
{
    hold(at)->namespace_name = WB_NAME_KUBE_SYSTEM;
}

static void held_but_unhealthy(setting *at)
{
    hold(at)->always_allows_unhealthy = true;
    at->first->ready_is_false = true;
    at->second->ready_is_false = true;
}

static void held_and_one_is_healthy(setting *at)
{
    hold(at)->always_allows_unhealthy = true;
    at->first->ready_is_false = true;
}

static void held_but_tolerant(setting *at)
{
    static const wb_toleration all[] = {{.op = WB_TOLERATION_EXISTS}};
    (void)hold(at);
    wb_disruption_pod *const pods[] = {at->first, at->second};
    for (size_t i = 0; i < 2; i++) {
        wb_disruption_fixture_template(pods[i])->tolerations = all;
        wb_disruption_fixture_template(pods[i])->toleration_count = 1;
    }
}

static void held_but_leaving(setting *at)
{
    (void)hold(at);
    at->first->is_terminating = true;
    at->second->is_terminating = true;
}

static const struct {
    const char *name;
    void (*spoil)(setting *at);
    uint32_t blocked;
} node_checks[] = {
    {"a plain node is a candidate", nothing, 0},
    {"a running command comes before all", queued, WB_BLOCKED_QUEUED},
    {"no NodeClaim", unmanaged, WB_BLOCKED_NOT_MANAGED},
    {"marked before nominated", marked, WB_BLOCKED_DELETING},
    {"nominated before protected", nominated, WB_BLOCKED_NOMINATED},
    {"the node's annotation before its pods'", protected_node, WB_BLOCKED_NODE_DO_NOT_DISRUPT},
    {"a pool without types is not found", without_types, WB_BLOCKED_NODEPOOL_NOT_FOUND},
    {"a pod that must not be disrupted", protected_pod, WB_BLOCKED_POD_DO_NOT_DISRUPT},
    {"even if it is a DaemonSet's", protected_daemon, WB_BLOCKED_POD_DO_NOT_DISRUPT},
    {"a finished one protects nothing", finished_protected, 0},
    {"a duration protects up to that age", protected_for_a_while, WB_BLOCKED_POD_DO_NOT_DISRUPT},
    {"and not at it", protected_long_enough, 0},
    {"of unknown age it protects", protected_without_start, WB_BLOCKED_POD_DO_NOT_DISRUPT},
    {"other words protect nothing", protected_by_nonsense, 0},
    {"nor does a duration of zero", protected_by_zero, 0},
    {"a PDB that allows nothing", held, WB_BLOCKED_PDB},
    {"two PDBs on a pod, whatever they allow", held_twice, WB_BLOCKED_MULTIPLE_PDBS},
    {"a PDB of another namespace", held_elsewhere, 0},
    {"unhealthy pods may always go", held_but_unhealthy, 0},
    {"but healthy ones not", held_and_one_is_healthy, WB_BLOCKED_PDB},
    {"who tolerates the taint is never evicted", held_but_tolerant, 0},
    {"who is leaving needs no eviction", held_but_leaving, 0},
};

static void node_checks_by_table(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(node_checks); i++) {
        setting at;
        open_setting(&at);
        node_checks[i].spoil(&at);
        wb_disruption *picture = wb_disruption_fixture_look(&at.fixture);
        const wb_disruption_candidates found = wb_disruption_find_all(picture);
        const uint32_t blocked = wb_disruption_blocked(picture, 0);
        if (blocked != node_checks[i].blocked) {
            printf("\n    %s: %#x", node_checks[i].name, blocked);
        }
        CU_ASSERT_EQUAL(blocked, node_checks[i].blocked);
        CU_ASSERT_EQUAL(found.count, node_checks[i].blocked == 0 ? 1 : 0);
        wb_disruption_fixture_release(&at.fixture);
    }
}

/* Drift may go over pods that hold a node once the node's own deadline bounds them. */
static void grace_period_bounds_pods(void)
{
    for (int has_deadline = 0; has_deadline < 2; has_deadline++) {
        setting at;
        open_setting(&at);
        protected_pod(&at);
        at.fixture.nodes[0].drifted_ms = WB_DISRUPTION_FIXTURE_NOW;
        at.fixture.nodes[0].termination_grace_period_ms = has_deadline ? WB_MS_PER_HOUR : -1;
        wb_disruption *picture = wb_disruption_fixture_look(&at.fixture);
        CU_ASSERT_EQUAL(wb_disruption_find(picture, WB_DISRUPTION_DRIFT).count,
                        (uint32_t)has_deadline);
        CU_ASSERT_EQUAL(wb_disruption_find(picture, WB_DISRUPTION_SINGLE_NODE).count, 0);
        wb_disruption_fixture_release(&at.fixture);
    }
}

/* ---- the methods' own filters ---- */

static void never(setting *at)
{
    at->fixture.nodepools[0].consolidate_after_ms = WB_DURATION_NEVER;
}

static void when_empty(setting *at)
{
    at->fixture.nodepools[0].consolidation_policy = WB_CONSOLIDATE_WHEN_EMPTY;
}

static void too_early(setting *at)
{
    at->fixture.nodes[0].is_consolidatable = false;
}

static void empty_of_sorts(setting *at)
{
    wb_disruption_fixture_template(at->first)->priority = -33554432;
    wb_disruption_fixture_annotate(&at->fixture, at->second, WB_NAME_POD_DELETION_COST,
                                   "-134217728");
}

static void empty_too_early(setting *at)
{
    empty_of_sorts(at);
    too_early(at);
}

static void empty_with_buffer(setting *at)
{
    empty_of_sorts(at);
    at->fixture.nodes[0].has_buffer_pods = true;
}

static void daemons_only(setting *at)
{
    at->first->owner_kind = WB_OWNER_DAEMON_SET;
    at->second->owner_kind = WB_OWNER_NODE;
}

static void statefully_leaving(setting *at)
{
    at->first->is_terminating = true; /* a ReplicaSet makes another at once, elsewhere */
    at->second->is_terminating = true;
    at->second->owner_kind = WB_OWNER_STATEFUL_SET;
}

static void drifted(setting *at)
{
    at->fixture.nodes[0].drifted_ms = WB_DISRUPTION_FIXTURE_NOW;
}

static void drifted_static(setting *at)
{
    drifted(at);
    at->fixture.nodepools[0].replicas = 1;
}

static const struct {
    const char *name;
    void (*change)(setting *at);
    const char *methods; /* letters: Emptiness, Static drift, Drift, Multi and single */
    uint32_t blocked;
} filters[] = {
    {"a used node is for consolidation", nothing, "M", 0},
    {"consolidateAfter Never", never, "", WB_BLOCKED_CONSOLIDATION_DISABLED},
    {"policy WhenEmpty", when_empty, "", WB_BLOCKED_POLICY_WHEN_EMPTY},
    {"within consolidateAfter", too_early, "", WB_BLOCKED_NOT_CONSOLIDATABLE},
    {"pods that cost nothing make it empty", empty_of_sorts, "E", 0},
    {"empty, but too early", empty_too_early, "", WB_BLOCKED_NOT_CONSOLIDATABLE},
    {"empty, but room for buffer pods", empty_with_buffer, "", WB_BLOCKED_BUFFER_PODS},
    {"daemons and static pods don't count", daemons_only, "E", 0},
    {"a StatefulSet's pod counts while it leaves", statefully_leaving, "M", 0},
    {"a drifted node is for consolidation too", drifted, "DM", 0},
    {"a static pool's only for static drift", drifted_static, "S", 0},
};

static void filters_by_table(void)
{
    static const char letters[] = {'E', 'S', 'D', 'M', 'M'};
    for (size_t i = 0; i < WB_TEST_COUNT(filters); i++) {
        setting at;
        open_setting(&at);
        filters[i].change(&at);
        wb_disruption *picture = wb_disruption_fixture_look(&at.fixture);
        for (int m = 0; m < WB_DISRUPTION_METHOD_COUNT; m++) {
            const bool expected = strchr(filters[i].methods, letters[m]) != NULL;
            const uint32_t count = wb_disruption_find(picture, (wb_disruption_method)m).count;
            if (count != (expected ? 1U : 0U)) {
                printf("\n    %s: %s", filters[i].name,
                       wb_disruption_method_name((wb_disruption_method)m));
            }
            CU_ASSERT_EQUAL(count, expected ? 1 : 0);
        }
        CU_ASSERT_EQUAL(wb_disruption_blocked(picture, 0), filters[i].blocked);
        wb_disruption_fixture_release(&at.fixture);
    }
}

/* ---- order and costs ---- */

static void highest_savings_ratio_first(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    wb_disruption_fixture_start(&fixture);
    static const struct {
        const char *name;
        uint32_t type, pods;
    } rows[] = {{"c", 4, 1}, {"b", 8, 3}, {"a", 2, 3}, {"e", 4, 1}, {"d", 8, 7}};
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        const uint32_t node = wb_disruption_fixture_node(&fixture, rows[i].name, "default",
                                                         rows[i].type, WB_NAME_ON_DEMAND);
        for (uint32_t p = 0; p < rows[i].pods; p++) {
            (void)wb_disruption_fixture_pod(&fixture, node, 100);
        }
    }
    /* Ratios: c and e 0.4/2 = 0.2, b 0.8/4 = 0.2, d 0.8/8 = 0.1, a 0.2/4 = 0.05; ties by name. */
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    CU_ASSERT_STRING_EQUAL(
        wb_disruption_fixture_candidates(&fixture, wb_disruption_find_all(picture)), "b c e d a");
    wb_disruption_fixture_release(&fixture);
}

static void costs_add_up(void)
{
    setting at;
    open_setting(&at);
    wb_disruption_fixture_template(at.first)->priority = -67108864; /* costs -1 */
    at.fixture.nodes[0].expire_after_ms = 4 * WB_MS_PER_DAY;        /* half of it is over */
    wb_disruption *picture = wb_disruption_fixture_look(&at.fixture);
    const wb_disruption_candidates found = wb_disruption_find_all(picture);
    CU_ASSERT_EQUAL_FATAL(found.count, 1);
    CU_ASSERT_DOUBLE_EQUAL(found.items[0].reschedule_cost, 2.0, 0.0); /* never less for a pod */
    CU_ASSERT_DOUBLE_EQUAL(found.items[0].disruption_cost, 0.0, 0.0); /* (1 - 1) / 2 */
    CU_ASSERT_DOUBLE_EQUAL(found.items[0].price_usd_per_hour, 0.4, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(found.items[0].savings_ratio, 0.2, 1e-12);
    CU_ASSERT(found.items[0].has_offering);
    wb_disruption_fixture_release(&at.fixture);
}

/* The price is that of the node's own zone and market, also when nothing is to be had there. */
static void prices_of_its_own_offering(void)
{
    wb_disruption_fixture fixture;
    wb_disruption_fixture_init(&fixture);
    wb_disruption_fixture_start(&fixture);
    const uint32_t type = fixture.catalog.types[2].name;
    const uint32_t zone = fixture.catalog.zones[0];
    wb_solver_world_set_price(fixture.state.world, type, fixture.catalog.zones[1], WB_CAPACITY_SPOT,
                              9.0);
    wb_solver_world_set_price(fixture.state.world, type, zone, WB_CAPACITY_SPOT, 0.11);
    wb_solver_world_set_available(fixture.state.world, type, zone, WB_CAPACITY_SPOT, false);
    (void)wb_disruption_fixture_node(&fixture, "n", "default", 3, WB_NAME_SPOT);
    wb_disruption *picture = wb_disruption_fixture_look(&fixture);
    const wb_disruption_candidates found = wb_disruption_find_all(picture);
    CU_ASSERT_EQUAL_FATAL(found.count, 1);
    CU_ASSERT_DOUBLE_EQUAL(found.items[0].price_usd_per_hour, 0.11, 1e-12);
    wb_disruption_fixture_release(&fixture);
}

static void consolidatable_when_due(void)
{
    const wb_nodepool pool = {.consolidate_after_ms = 30000};
    const wb_nodepool disabled = {.consolidate_after_ms = WB_DURATION_NEVER};
    CU_ASSERT_FALSE(wb_disruption_is_consolidatable(&pool, 1000, -1, 30999));
    CU_ASSERT_TRUE(wb_disruption_is_consolidatable(&pool, 1000, -1, 31000));
    CU_ASSERT_FALSE(wb_disruption_is_consolidatable(&pool, 1000, 5000, 31000));
    CU_ASSERT_TRUE(wb_disruption_is_consolidatable(&pool, 1000, 5000, 35000));
    CU_ASSERT_FALSE(wb_disruption_is_consolidatable(&pool, -1, 5000, 35000));
    CU_ASSERT_FALSE(wb_disruption_is_consolidatable(&disabled, 1000, -1, INT64_MAX / 2));
    const wb_nodepool at_once = {.consolidate_after_ms = 0};
    CU_ASSERT_TRUE(wb_disruption_is_consolidatable(&at_once, 1000, 5000, 5000));
    CU_ASSERT_TRUE(wb_disruption_is_consolidatable(&at_once, 1000, 5000, 4000)); /* ahead */
}

static void every_bit_has_words(void)
{
    for (uint32_t bit = WB_BLOCKED_QUEUED; bit <= WB_BLOCKED_SCORE; bit <<= 1) {
        CU_ASSERT(wb_disruption_blocked_name(bit)[0] != '\0');
        CU_ASSERT(wb_disruption_blocked_sentence(bit)[0] != '\0');
    }
}

static const wb_test_case cases[] = {
    {"evicting a pod costs what the table says", eviction_costs_by_table},
    {"the first check that fails keeps a node", node_checks_by_table},
    {"a terminationGracePeriod lets drift go over pods", grace_period_bounds_pods},
    {"each method takes what its filter lets through", filters_by_table},
    {"candidates come by savings ratio, then by name", highest_savings_ratio_first},
    {"costs and ratio of a node add up", costs_add_up},
    {"a node costs what its own offering does", prices_of_its_own_offering},
    {"Consolidatable turns true exactly when due", consolidatable_when_due},
    {"every reason has a word and a sentence", every_bit_has_words},
};

int main(void)
{
    return wb_test_run("disruption candidates", cases, WB_TEST_COUNT(cases));
}
