/*
 * What a scheduler's settings do to whole pods: where a few pods go, one after another, on three
 * nodes, worked out by hand from the formulas; and when they are tried again.
 */
#include <string.h>

#include "tests/harness.h"
#include "tests/sim/scheduler_fixture.h"

/* ---- where ---- */

/* The default profile with one thing changed. */
typedef struct profile_row {
    const char *name;
    void (*change)(wb_scheduler_profile *profile);
    uint32_t pod_count;
    const char *places; /* on n1 (4 CPUs, zone a), n2 (8, a), n3 (4, b) */
    bool is_owned;      /* pods of one ReplicaSet */
} profile_row;

static void leave(wb_scheduler_profile *profile)
{
    (void)profile;
}

static void pack(wb_scheduler_profile *profile)
{
    profile->strategy = WB_SCORE_MOST_ALLOCATED;
}

static void turn_scores_off(wb_scheduler_profile *profile)
{
    memset(profile->weights, 0, sizeof(profile->weights));
}

/* Half full is best: 0 at 0 %, 100 at 50 %, 0 at 100 %, by cpu alone. */
static void fill_half(wb_scheduler_profile *profile)
{
    static const wb_score_point points[] = {{0, 0}, {50, 100}, {100, 0}};
    static const wb_score_resource cpu[] = {{WB_NAME_CPU, 1}};
    turn_scores_off(profile);
    profile->weights[WB_SCORE_NODE_RESOURCES_FIT] = 1;
    profile->strategy = WB_SCORE_CAPACITY_RATIO;
    profile->points = points;
    profile->point_count = 3;
    profile->resources = cpu;
    profile->resource_count = 1;
}

static void spread_only(wb_scheduler_profile *profile)
{
    turn_scores_off(profile);
    profile->weights[WB_SCORE_POD_TOPOLOGY_SPREAD] = 2;
}

static void spread_zones(wb_scheduler_profile *profile)
{
    static const wb_spread_constraint zones[] = {
        {.topology_key = WB_NAME_ZONE,
         .max_skew = 1,
         .when_unsatisfiable = WB_SPREAD_SCHEDULE_ANYWAY},
    };
    spread_only(profile);
    profile->has_system_spreads = false;
    profile->default_spreads = zones;
    profile->default_spread_count = 1;
}

static void spread_nothing(wb_scheduler_profile *profile)
{
    spread_only(profile);
    profile->has_system_spreads = false;
}

static const profile_row rows[] = {
    {"as it comes: the emptiest", leave, 3, "n2 n2 n1", false},
    {"MostAllocated fills one node after the other", pack, 5, "n1 n1 n1 n1 n3", false},
    {"no scores: the first by name that fits", turn_scores_off, 5, "n1 n1 n1 n1 n2", false},
    {"a curve with its top at half", fill_half, 6, "n1 n1 n1 n3 n3 n3", false},
    {"the system's default constraints: hosts, then zones", spread_only, 4, "n1 n3 n2 n3", true},
    {"a list of zones alone", spread_zones, 4, "n1 n3 n1 n3", true},
    {"an empty list", spread_nothing, 3, "n1 n1 n1", true},
};

static void place_all(wb_scheduler_fixture *f, const profile_row *row, char *out, size_t size)
{
    (void)wb_scheduler_fixture_node(f, "n1", "a", 4);
    (void)wb_scheduler_fixture_node(f, "n2", "a", 8);
    (void)wb_scheduler_fixture_node(f, "n3", "b", 4);
    const wb_pod_template *template = wb_scheduler_fixture_template(f, "web", 1000);
    const uint32_t owner = wb_cluster_add_owner(&f->cluster, WB_OWNER_REPLICA_SET, WB_NAME_DEFAULT,
                                                wb_intern_add(&f->intern, "rs"));
    size_t length = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < row->pod_count; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "p%u", i);
        const uint32_t pod = row->is_owned ? wb_scheduler_fixture_owned(f, name, template, owner)
                                           : wb_scheduler_fixture_pod(f, name, template);
        wb_scheduler_fixture_run(f, i);
        length += (size_t)snprintf(out + length, size - length, "%s%s", i > 0 ? " " : "",
                                   wb_scheduler_fixture_place(f, pod));
    }
}

static void test_places(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_scheduler_profile profile = wb_scheduler_config_default_profile();
        rows[i].change(&profile);
        wb_scheduler_config config = *wb_scheduler_config_default();
        config.profiles = &profile;
        const wb_scheduler_options options = {.config = &config};
        wb_scheduler_fixture f;
        wb_scheduler_fixture_init(&f, NULL, &options);
        char places[64];
        place_all(&f, &rows[i], places, sizeof(places));
        if (strcmp(places, rows[i].places) != 0) {
            printf("\n    failed: %s: %s\n", rows[i].name, places);
        }
        CU_ASSERT_STRING_EQUAL(places, rows[i].places);
        wb_scheduler_fixture_release(&f);
    }
}

/* ---- ties ---- */

/* How many of 64 equal pods, each without requests, go to each of four equal nodes. */
static void draw_places(uint64_t seed, uint32_t counts[4])
{
    wb_scheduler_profile profile = wb_scheduler_config_default_profile();
    turn_scores_off(&profile);
    wb_scheduler_config config = *wb_scheduler_config_default();
    config.profiles = &profile;
    const wb_scheduler_options options = {.config = &config, .ties_are_drawn = true};
    wb_cluster_options cluster = wb_cluster_default_options();
    cluster.seed = seed;
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, &cluster, &options);
    static const char *const names[] = {"n1", "n2", "n3", "n4"};
    for (uint32_t i = 0; i < 4; i++) {
        (void)wb_scheduler_fixture_node(&f, names[i], "a", 64);
        counts[i] = 0;
    }
    const wb_pod_template *template = wb_scheduler_fixture_template(&f, "web", 1000);
    for (uint32_t i = 0; i < 64; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "p%u", i);
        const uint32_t pod = wb_scheduler_fixture_pod(&f, name, template);
        wb_scheduler_fixture_run(&f, i);
        counts[wb_scheduler_fixture_place(&f, pod)[1] - '1']++;
    }
    wb_scheduler_fixture_release(&f);
}

static void test_ties(void)
{
    uint32_t first[4];
    uint32_t again[4];
    uint32_t other[4];
    draw_places(1, first);
    draw_places(1, again);
    draw_places(2, other);
    CU_ASSERT_EQUAL(memcmp(first, again, sizeof(first)), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(first, other, sizeof(first)), 0);
    for (uint32_t i = 0; i < 4; i++) { /* 16 each, give or take */
        CU_ASSERT(first[i] >= 6 && first[i] <= 26);
        CU_ASSERT(other[i] >= 6 && other[i] <= 26);
    }
}

/* ---- when ---- */

static void test_backoff_of_config(void)
{
    wb_scheduler_config config = *wb_scheduler_config_default();
    config.first_backoff_ms = 5000;
    const wb_scheduler_options options = {.config = &config, .waits_for_backoff = true};
    wb_scheduler_fixture f;
    wb_scheduler_fixture_init(&f, NULL, &options);
    const wb_pod_template *template = wb_scheduler_fixture_template(&f, "web", 1000);
    const uint32_t pod = wb_scheduler_fixture_pod(&f, "p", template);
    wb_scheduler_fixture_run(&f, 500); /* no node: fails at 0, and may be tried again at 5 s */
    (void)wb_scheduler_fixture_node(&f, "n1", "a", 4);
    wb_scheduler_fixture_run(&f, 4999);
    CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&f, pod), "");
    wb_scheduler_fixture_run(&f, 5000);
    CU_ASSERT_STRING_EQUAL(wb_scheduler_fixture_place(&f, pod), "n1");
    wb_scheduler_fixture_release(&f);
}

static const wb_test_case cases[] = {
    {"pods go where the profile says", test_places},
    {"ties are drawn by the seed", test_ties},
    {"back-off as configured", test_backoff_of_config},
};

int main(void)
{
    return wb_test_run("scheduler profiles", cases, WB_TEST_COUNT(cases));
}
