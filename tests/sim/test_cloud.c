/* Fleets and instances: who is launched, how it boots whatever else happens, how it ends. */
#include <string.h>

#include "sim/cloud/cloud_internal.h"
#include "tests/harness.h"
#include "tests/sim/cloud_fixture.h"

enum {
    CHEAP = WB_CLOUD_FIXTURE_CHEAP,
    ALSO = WB_CLOUD_FIXTURE_ALSO,
    DEAR = WB_CLOUD_FIXTURE_DEAR,
    SCARCE = WB_CLOUD_FIXTURE_SCARCE
};

/* ---- choice ---- */

static const struct {
    const char *name;
    struct {
        uint32_t type_index, zone_index;
        double priority;
    } overrides[4];
    uint32_t override_count;
    wb_capacity_type capacity_type;
    uint32_t type_index, zone_index; /* expected; type UINT32_MAX: nothing */
    const char *errors;              /* codes of the refused, joined */
} choice_cases[] = {
    {"the lowest price",
     {{DEAR, 0, 0.25}, {CHEAP, 1, 0.10}},
     2,
     WB_CAPACITY_ON_DEMAND,
     CHEAP,
     1,
     ""},
    {"equal prices: the type's name",
     {{CHEAP, 0, 0.10}, {ALSO, 2, 0.10}},
     2,
     WB_CAPACITY_ON_DEMAND,
     ALSO,
     2,
     ""},
    {"equal prices and types: the zone's name",
     {{CHEAP, 2, 0.10}, {CHEAP, 1, 0.10}},
     2,
     WB_CAPACITY_ON_DEMAND,
     CHEAP,
     1,
     ""},
    {"the priority that is given decides, not the catalog",
     {{CHEAP, 0, 0.9}, {DEAR, 0, 0.8}},
     2,
     WB_CAPACITY_ON_DEMAND,
     DEAR,
     0,
     ""},
    {"no capacity: the next",
     {{SCARCE, 0, 0.05}, {CHEAP, 0, 0.10}},
     2,
     WB_CAPACITY_ON_DEMAND,
     CHEAP,
     0,
     "InsufficientInstanceCapacity "},
    {"not sold there: the next",
     {{SCARCE, 2, 0.05}, {SCARCE, 1, 0.05}},
     2,
     WB_CAPACITY_ON_DEMAND,
     SCARCE,
     1,
     "Unsupported "},
    {"another market",
     {{ALSO, 0, 0.01}, {CHEAP, 0, 0.04}},
     2,
     WB_CAPACITY_SPOT,
     CHEAP,
     0,
     "Unsupported "},
    {"nothing at all",
     {{SCARCE, 0, 0.05}, {SCARCE, 2, 0.05}},
     2,
     WB_CAPACITY_ON_DEMAND,
     UINT32_MAX,
     0,
     "InsufficientInstanceCapacity Unsupported "},
};

static void choose_the_first_that_has_capacity(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(choice_cases); i++) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init(&fixture, "instant", 1);
        wb_fleet_override overrides[4];
        for (uint32_t o = 0; o < choice_cases[i].override_count; o++) {
            overrides[o] =
                (wb_fleet_override){.type_index = choice_cases[i].overrides[o].type_index,
                                    .zone = fixture.zones[choice_cases[i].overrides[o].zone_index],
                                    .priority = choice_cases[i].overrides[o].priority};
        }
        const wb_fleet_request request = {.overrides = overrides,
                                          .override_count = choice_cases[i].override_count,
                                          .capacity_type = choice_cases[i].capacity_type,
                                          .launch_template = &fixture.launch_template,
                                          .claim_id = 7};
        wb_fleet_result result;
        wb_cloud_create_fleet(&fixture.cloud, &request, &result);
        char errors[128] = "";
        for (uint32_t e = 0; e < result.error_count; e++) {
            (void)snprintf(errors + strlen(errors), sizeof errors - strlen(errors), "%s ",
                           result.errors[e].code);
        }
        CU_ASSERT_STRING_EQUAL(errors, choice_cases[i].errors);
        const bool is_none = choice_cases[i].type_index == UINT32_MAX;
        CU_ASSERT_EQUAL(result.instance_id == WB_NO_ID, is_none);
        CU_ASSERT_EQUAL(fixture.cloud.api.changing_count, 1);
        CU_ASSERT_EQUAL(wb_cloud_api_error_count(&fixture.cloud.api), is_none ? 1 : 0);
        if (!is_none && result.instance_id != WB_NO_ID) {
            const wb_instance *instance = &fixture.cloud.instances[result.instance_id];
            const bool is_same = instance->type_index == choice_cases[i].type_index &&
                                 instance->zone == fixture.zones[choice_cases[i].zone_index];
            if (!is_same) {
                printf("\n  %s\n", choice_cases[i].name);
            }
            CU_ASSERT(is_same);
            CU_ASSERT_EQUAL(instance->claim_id, 7);
        }
        wb_cloud_fixture_release(&fixture);
    }
}

/* ---- boot ---- */

/* How the n-th machine of (cheap, zone b, on-demand) boots. */
typedef struct boot_times {
    int64_t api_ms, start_ms, join_ms, ready_ms;
} boot_times;

static boot_times boot_of(const wb_cloud_fixture *fixture, uint32_t instance_id)
{
    const wb_instance *instance = &fixture->cloud.instances[instance_id];
    return (boot_times){
        instance->launched_ms - instance->requested_ms,
        instance->running_ms - instance->launched_ms,
        instance->registered_ms - instance->running_ms,
        instance->ready_ms - instance->registered_ms,
    };
}

/* The third machine of one pool, after others of the same and of other pools: at which times, of
 * which order, and how many, must not matter. */
static boot_times boot_third(uint64_t seed, uint32_t others_before, uint32_t others_between,
                             int64_t pause_ms)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "karpenter-typical", seed);
    for (uint32_t i = 0; i < others_before; i++) {
        (void)wb_intern_add(&fixture.base.intern, i % 2 == 0 ? "a-contender's-word" : "another");
        (void)wb_cloud_fixture_launch(&fixture, i % 2 == 0 ? DEAR : CHEAP, i % 2 == 0 ? 1 : 0);
    }
    uint32_t third = 0;
    for (uint32_t n = 0; n < 3; n++) {
        wb_cluster_fixture_run(&fixture.base, fixture.base.kernel.now_ms + pause_ms);
        for (uint32_t i = 0; i < others_between; i++) {
            (void)wb_cloud_fixture_launch_of(&fixture, CHEAP, 1, WB_CAPACITY_SPOT);
        }
        third = wb_cloud_fixture_launch(&fixture, CHEAP, 1);
    }
    wb_cluster_fixture_run(&fixture.base, fixture.base.kernel.now_ms + 600000);
    const boot_times times = boot_of(&fixture, third);
    wb_cloud_fixture_release(&fixture);
    return times;
}

static bool is_same_boot(boot_times a, boot_times b)
{
    return a.api_ms == b.api_ms && a.start_ms == b.start_ms && a.join_ms == b.join_ms &&
           a.ready_ms == b.ready_ms;
}

static void boot_alike_whatever_else_is_launched(void)
{
    const boot_times alone = boot_third(42, 0, 0, 0);
    CU_ASSERT(alone.api_ms > 0 && alone.start_ms > 0 && alone.join_ms > 0 && alone.ready_ms > 0);
    CU_ASSERT(is_same_boot(alone, boot_third(42, 9, 0, 0)));
    CU_ASSERT(is_same_boot(alone, boot_third(42, 0, 4, 0)));
    CU_ASSERT(is_same_boot(alone, boot_third(42, 5, 3, 12345)));
    CU_ASSERT(!is_same_boot(alone, boot_third(43, 0, 0, 0)));
}

/* Machines of one pool and of two pools differ: each draws for itself. */
static void boot_each_in_its_own_time(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "karpenter-typical", 42);
    const uint32_t first = wb_cloud_fixture_launch(&fixture, CHEAP, 0);
    const uint32_t second = wb_cloud_fixture_launch(&fixture, CHEAP, 0);
    const uint32_t elsewhere = wb_cloud_fixture_launch(&fixture, CHEAP, 1);
    const uint32_t other_type = wb_cloud_fixture_launch(&fixture, ALSO, 0);
    const uint32_t other_market = wb_cloud_fixture_launch_of(&fixture, CHEAP, 0, WB_CAPACITY_SPOT);
    wb_cluster_fixture_run(&fixture.base, 600000);
    CU_ASSERT(!is_same_boot(boot_of(&fixture, first), boot_of(&fixture, second)));
    CU_ASSERT(!is_same_boot(boot_of(&fixture, first), boot_of(&fixture, elsewhere)));
    CU_ASSERT(!is_same_boot(boot_of(&fixture, first), boot_of(&fixture, other_type)));
    CU_ASSERT(!is_same_boot(boot_of(&fixture, first), boot_of(&fixture, other_market)));
    CU_ASSERT_EQUAL(fixture.cloud.instances[second].pool_ordinal, 1);
    CU_ASSERT_EQUAL(fixture.cloud.instances[elsewhere].pool_ordinal, 0);
    wb_cloud_fixture_release(&fixture);
}

/* The presets in the median of 400 machines: what field reports give, boot_model.c says which. */
static const struct {
    const char *preset;
    int64_t lowest_ms, highest_ms; /* launch call to Ready */
} preset_cases[] = {
    {"karpenter-typical", 45000, 52000},
    {"ca-asg-typical", 145000, 160000}, /* the group's own reaction comes before */
    {"instant", 0, 0},
};

static void boot_as_reported(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(preset_cases); i++) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init(&fixture, preset_cases[i].preset, 7);
        for (uint32_t n = 0; n < 400; n++) {
            (void)wb_cloud_fixture_launch(&fixture, CHEAP, n % 3);
        }
        wb_cluster_fixture_run(&fixture.base, 3600000);
        uint32_t below = 0;
        uint32_t above = 0;
        for (uint32_t n = 0; n < 400; n++) {
            const int64_t boot_ms = fixture.cloud.instances[n].ready_ms;
            below += boot_ms < preset_cases[i].lowest_ms ? 1 : 0;
            above += boot_ms > preset_cases[i].highest_ms ? 1 : 0;
        }
        CU_ASSERT(below < 200 && above < 200); /* the median lies between */
        CU_ASSERT_EQUAL(fixture.ready, 400);
        wb_cloud_fixture_release(&fixture);
    }
    wb_boot_model model;
    wb_error err;
    CU_ASSERT_EQUAL(wb_boot_model_preset("slow", &model, &err), WB_ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "'slow' is not a boot model, expected karpenter-typical, "
                           "ca-asg-typical, instant, al2023, al2, bottlerocket, windows or "
                           "by-ami-family");
}

static void join_as_a_node(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "instant", 1);
    const uint32_t instance_id = wb_cloud_fixture_launch(&fixture, CHEAP, 1);
    wb_cluster_fixture_run(&fixture.base, 1000);
    const wb_instance *instance = &fixture.cloud.instances[instance_id];
    CU_ASSERT_NOT_EQUAL_FATAL(instance->node_id, WB_NO_ID);
    const wb_cluster_node *node = &fixture.base.cluster.nodes[instance->node_id];
    CU_ASSERT_EQUAL(node->state, WB_NODE_STATE_READY);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&fixture.base.intern, node->name), "n-00000");
    CU_ASSERT_EQUAL(node->zone, fixture.zones[1]);
    CU_ASSERT_EQUAL(node->instance_type, fixture.catalog.types[CHEAP].name);
    CU_ASSERT_EQUAL(node->allocatable[0], 4000 - 80);
    CU_ASSERT_EQUAL(instance->price_nusd_per_hour, 100000000);
    wb_cloud_fixture_release(&fixture);
}

static void stay_away_when_the_kubelet_is_broken(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "karpenter-typical", 1);
    fixture.launch_template.never_registers = true;
    const uint32_t instance_id = wb_cloud_fixture_launch(&fixture, CHEAP, 0);
    wb_cluster_fixture_run(&fixture.base, 3600000);
    CU_ASSERT_EQUAL(fixture.cloud.instances[instance_id].state, WB_INSTANCE_RUNNING);
    CU_ASSERT_EQUAL(fixture.cloud.instances[instance_id].node_id, WB_NO_ID);
    CU_ASSERT_EQUAL(fixture.registered, 0);
    CU_ASSERT(wb_cloud_cost_nusd(&fixture.cloud, 3600000) > 0);
    wb_cloud_fixture_release(&fixture);
}

/* ---- the end ---- */

/* Terminated at every moment of its boot, a machine never registers later, its hooks are called in
 * order, and its node goes with it. */
static void end_at_any_moment(void)
{
    for (int64_t at_ms = 0; at_ms <= 70000; at_ms += 500) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init(&fixture, "karpenter-typical", 3);
        const uint32_t instance_id = wb_cloud_fixture_launch(&fixture, CHEAP, 0);
        wb_cluster_fixture_run(&fixture.base, at_ms);
        const wb_instance before = fixture.cloud.instances[instance_id];
        const uint32_t registered = fixture.registered;
        wb_cloud_terminate(&fixture.cloud, instance_id, WB_CAUSE_EMPTINESS);
        wb_cloud_terminate(&fixture.cloud, instance_id, WB_CAUSE_DRIFT); /* too late to matter */
        const wb_instance *after = &fixture.cloud.instances[instance_id];
        CU_ASSERT_EQUAL(after->state, WB_INSTANCE_SHUTTING_DOWN);
        CU_ASSERT_EQUAL(after->ended_ms, at_ms);
        wb_cluster_fixture_run(&fixture.base, 600000);
        after = &fixture.cloud.instances[instance_id];
        CU_ASSERT_EQUAL(after->state, WB_INSTANCE_TERMINATED);
        CU_ASSERT_EQUAL(after->cause, WB_CAUSE_EMPTINESS);
        CU_ASSERT_EQUAL(after->running_ms, before.running_ms);
        CU_ASSERT_EQUAL(after->launched_ms, before.launched_ms);
        CU_ASSERT_EQUAL(after->cost_nusd == 0, before.running_ms < 0); /* pending costs nothing */
        CU_ASSERT_EQUAL(fixture.registered, registered);
        CU_ASSERT_EQUAL(fixture.gone, 1);
        CU_ASSERT_EQUAL(fixture.ended, 1);
        CU_ASSERT_EQUAL(fixture.cloud.living_instance_count, 0);
        CU_ASSERT_EQUAL(fixture.base.cluster.living_node_count, 0);
        wb_cloud_fixture_release(&fixture);
    }
}

/* Who asks every 5 s finds a machine gone after 12 s at 15 s; the cloud's own doing is not asked
 * for. */
static const struct {
    const char *name;
    int64_t poll_ms, shutdown_ms, gone_after_ms;
    bool is_reclaimed;
} poll_rows[] = {
    {"nobody asks", 0, 12000, 12000, false},
    {"between two questions", 5000, 12000, 15000, false},
    {"just when asked", 5000, 10000, 10000, false},
    {"at once", 5000, 0, 0, false},
    {"taken back by the cloud", 5000, 12000, 12000, true},
};

static void be_found_gone_when_asked(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(poll_rows); i++) {
        wb_cloud_fixture fixture;
        wb_cloud_fixture_init(&fixture, "instant", 3);
        fixture.cloud.boot.shutdown = (wb_boot_phase){poll_rows[i].shutdown_ms, 0.0};
        fixture.launch_template.gone_poll_ms = poll_rows[i].poll_ms;
        const uint32_t instance_id = wb_cloud_fixture_launch(&fixture, CHEAP, 0);
        wb_cluster_fixture_run(&fixture.base, 60000);
        if (poll_rows[i].is_reclaimed) {
            wb_cloud_reclaim(&fixture.cloud, instance_id);
        } else {
            wb_cloud_terminate(&fixture.cloud, instance_id, WB_CAUSE_EMPTINESS);
        }
        if (poll_rows[i].gone_after_ms > 0) {
            wb_cluster_fixture_run(&fixture.base, 60000 + poll_rows[i].gone_after_ms - 1);
            CU_ASSERT_EQUAL(fixture.gone, 0);
            CU_ASSERT_EQUAL(fixture.base.cluster.living_node_count, 1);
        }
        wb_cluster_fixture_run(&fixture.base, 60000 + poll_rows[i].gone_after_ms);
        CU_ASSERT_EQUAL(fixture.gone, 1);
        CU_ASSERT_EQUAL(fixture.base.cluster.living_node_count, 0);
        wb_cloud_fixture_release(&fixture);
    }
}

static void leave_a_node_that_the_contender_removed(void)
{
    wb_cloud_fixture fixture;
    wb_cloud_fixture_init(&fixture, "karpenter-typical", 3);
    const uint32_t instance_id = wb_cloud_fixture_launch(&fixture, CHEAP, 0);
    wb_cluster_fixture_run(&fixture.base, 600000);
    wb_cloud_terminate(&fixture.cloud, instance_id, WB_CAUSE_DRIFT);
    wb_cluster_remove_node(&fixture.base.cluster, fixture.cloud.instances[instance_id].node_id,
                           WB_CAUSE_DRIFT);
    wb_cluster_fixture_run(&fixture.base, 1200000);
    CU_ASSERT_EQUAL(fixture.base.calls.node_removed, 1);
    CU_ASSERT_EQUAL(fixture.gone, 1);
    wb_cloud_fixture_release(&fixture);
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"a machine is found gone when asked for", be_found_gone_when_asked},
        {"a fleet takes the first that has capacity", choose_the_first_that_has_capacity},
        {"a machine boots alike whatever else is launched", boot_alike_whatever_else_is_launched},
        {"every machine boots in its own time", boot_each_in_its_own_time},
        {"presets boot as was reported", boot_as_reported},
        {"a machine joins as a node", join_as_a_node},
        {"a broken kubelet never joins", stay_away_when_the_kubelet_is_broken},
        {"a machine may end at any moment of its boot", end_at_any_moment},
        {"a node that is gone is not removed again", leave_a_node_that_the_contender_removed},
    };
    return wb_test_run("cloud", cases, WB_TEST_COUNT(cases));
}
