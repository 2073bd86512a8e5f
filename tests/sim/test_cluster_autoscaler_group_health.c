/* The registry of one group: requests, time-outs, back-off, missing machines. */
#include <string.h>

#include "base/duration.h"
#include "sim/autoscaler/cluster_autoscaler/group_health.h"
#include "tests/harness.h"

#define MINUTE WB_MS_PER_MINUTE

static wb_ca_flags flags;

/* One loop: target, ready nodes, and so many instances without a node (keys from 1). */
static wb_group_health_news loop(wb_group_health *health, int32_t target, int32_t ready,
                                 uint32_t missing, int64_t now_ms)
{
    wb_ca_instance instances[32];
    for (uint32_t i = 0; i < missing; i++) {
        instances[i] = (wb_ca_instance){.key = i + 1U, .node_id = WB_CA_SNAPSHOT_NONE};
    }
    wb_group_health_news news;
    wb_group_health_begin(health, target);
    health->ready = ready;
    wb_group_health_update(health, &flags, instances, missing, now_ms, &news);
    return news;
}

static void test_request_is_fulfilled(void)
{
    wb_group_health health;
    wb_group_health_init(&health);
    wb_group_health_request(&health, &flags, 3, 0);
    (void)loop(&health, 5, 2, 3, 10000);
    CU_ASSERT_EQUAL(wb_group_health_upcoming(&health, 10000), 3);
    (void)loop(&health, 5, 4, 1, 60000);
    CU_ASSERT_EQUAL(wb_group_health_upcoming(&health, 60000), 1);
    (void)loop(&health, 5, 5, 0, 90000);
    CU_ASSERT_FALSE(health.has_request);
    CU_ASSERT_EQUAL(wb_group_health_upcoming(&health, 90000), 0);
    CU_ASSERT_FALSE(wb_group_health_is_backed_off(&health, 90000));
    /* Without a request of its own nothing is upcoming: an ASG that replaces a lost machine. */
    (void)loop(&health, 5, 4, 1, 100000);
    CU_ASSERT_EQUAL(wb_group_health_upcoming(&health, 100000), 0);
    wb_group_health_release(&health);
}

static void test_request_times_out(void)
{
    wb_group_health health;
    wb_group_health_init(&health);
    wb_group_health_request(&health, &flags, 2, 0);
    wb_group_health_news news = loop(&health, 2, 0, 2, 15 * MINUTE);
    CU_ASSERT_EQUAL(news.timed_out_increase, 0); /* strictly later */
    news = loop(&health, 2, 0, 2, 15 * MINUTE + 10000);
    CU_ASSERT_EQUAL(news.timed_out_increase, 2);
    CU_ASSERT_TRUE(wb_group_health_is_backed_off(&health, 15 * MINUTE + 10000));
    CU_ASSERT_EQUAL(wb_group_health_upcoming(&health, 15 * MINUTE + 10000), 0);
    CU_ASSERT_EQUAL(health.long_unregistered, 0); /* first missed in the loop at 15 min */
    (void)loop(&health, 2, 0, 2, 30 * MINUTE + 10000);
    CU_ASSERT_EQUAL(health.long_unregistered, 2);
    wb_group_health_release(&health);
}

static const struct {
    const char *name;
    int64_t fails_at_ms, until_ms;
} failures[] = {
    {"the first failure backs off for five minutes", 0, 5 * MINUTE},
    {"failing within a back-off renews it", 2 * MINUTE, 7 * MINUTE},
    {"at its very end it is still within", 7 * MINUTE, 12 * MINUTE},
    {"after its end it doubles", 12 * MINUTE + 1, 22 * MINUTE + 1},
    {"and again", 23 * MINUTE, 43 * MINUTE},
    {"up to the longest", 44 * MINUTE, 74 * MINUTE},
    {"and no longer", 75 * MINUTE, 105 * MINUTE},
};

static void test_back_off(void)
{
    wb_group_health health;
    wb_group_health_init(&health);
    for (size_t i = 0; i < WB_TEST_COUNT(failures); i++) {
        wb_group_health_fail(&health, &flags, failures[i].fails_at_ms);
        const bool is_right = wb_group_health_is_backed_off(&health, failures[i].until_ms) &&
                              !wb_group_health_is_backed_off(&health, failures[i].until_ms + 1);
        if (!is_right) {
            CU_FAIL(failures[i].name);
            printf("\n    %s: until %lld", failures[i].name, (long long)health.backoff_until_ms);
        }
    }
    /* A success does not clear it; three hours without a failure do. */
    const int64_t forgotten_ms = 75 * MINUTE + 180 * MINUTE;
    (void)loop(&health, 1, 1, 0, forgotten_ms);
    CU_ASSERT_TRUE(health.backoff_duration_ms > 0);
    (void)loop(&health, 1, 1, 0, forgotten_ms + 1);
    CU_ASSERT_EQUAL(health.backoff_duration_ms, 0);
    wb_group_health_release(&health);
}

static void test_creation_errors(void)
{
    wb_group_health health;
    wb_group_health_init(&health);
    wb_group_health_request(&health, &flags, 5, 0);
    wb_ca_instance instances[5];
    for (uint32_t i = 0; i < 5; i++) {
        instances[i] =
            (wb_ca_instance){.key = i + 1U, .node_id = WB_CA_SNAPSHOT_NONE, .has_failed = i >= 2};
    }
    wb_group_health_news news;
    wb_group_health_begin(&health, 5);
    wb_group_health_update(&health, &flags, instances, 5, 60000, &news);
    CU_ASSERT_EQUAL(news.new_failure_count, 3);
    CU_ASSERT_EQUAL(health.request_increase, 2); /* the others still come */
    CU_ASSERT_TRUE(wb_group_health_is_backed_off(&health, 60000));
    wb_group_health_begin(&health, 5);
    wb_group_health_update(&health, &flags, instances, 5, 70000, &news);
    CU_ASSERT_EQUAL(news.new_failure_count, 0); /* known already */
    wb_group_health_release(&health);
}

static const struct {
    const char *name;
    int32_t target, ready, unready;
    bool is_healthy;
} groups[] = {
    {"an empty group", 0, 0, 0, true},
    {"three missing are tolerated", 3, 0, 0, true},
    {"four missing of four are not", 4, 0, 0, false},
    {"four missing of thirteen", 13, 9, 0, true},
    {"five unready of ten", 10, 5, 5, false},
    {"four unready of ten", 10, 6, 4, true},
};

static void test_healthy(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(groups); i++) {
        wb_group_health health;
        wb_group_health_init(&health);
        wb_group_health_begin(&health, groups[i].target);
        health.ready = groups[i].ready;
        health.unready = groups[i].unready;
        if (wb_group_health_is_healthy(&health, &flags) != groups[i].is_healthy) {
            CU_FAIL(groups[i].name);
            printf("\n    %s", groups[i].name);
        }
        wb_group_health_release(&health);
    }
}

static void test_wrong_sizes(void)
{
    wb_group_health health;
    wb_group_health_init(&health);
    (void)loop(&health, 4, 2, 0, 10000);
    CU_ASSERT_EQUAL(wb_group_health_excess(&health, &flags, 10000), 0);
    (void)loop(&health, 4, 2, 0, 10000 + 15 * MINUTE);
    CU_ASSERT_EQUAL(wb_group_health_excess(&health, &flags, 10000 + 15 * MINUTE), 0);
    CU_ASSERT_EQUAL(wb_group_health_next_ms(&health, &flags, 10000 + 15 * MINUTE),
                    10001 + 15 * MINUTE);
    (void)loop(&health, 4, 2, 0, 20000 + 15 * MINUTE);
    CU_ASSERT_EQUAL(wb_group_health_excess(&health, &flags, 20000 + 15 * MINUTE), 2);
    (void)loop(&health, 4, 3, 0, 30000 + 15 * MINUTE); /* another difference: the clock restarts */
    CU_ASSERT_EQUAL(wb_group_health_excess(&health, &flags, 30000 + 15 * MINUTE), 0);
    (void)loop(&health, 3, 3, 0, 40000 + 15 * MINUTE);
    CU_ASSERT_EQUAL(health.wrong_since_ms, -1);
    wb_group_health_release(&health);
}

static const wb_test_case tests[] = {
    {"a request ends when its nodes are there", test_request_is_fulfilled},
    {"a request that takes too long fails", test_request_times_out},
    {"back-off doubles and is forgotten", test_back_off},
    {"machines that could not be made shrink the request", test_creation_errors},
    {"a group is healthy while few are missing", test_healthy},
    {"a target that stays too high is excess", test_wrong_sizes},
};

int main(void)
{
    wb_ca_flags_init(&flags);
    return wb_test_run("cluster_autoscaler_group_health", tests, WB_TEST_COUNT(tests));
}
