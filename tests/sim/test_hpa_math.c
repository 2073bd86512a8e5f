/*
 * The HorizontalPodAutoscaler's arithmetic: proposals by hand from the controller's formulas, and
 * short programs of recommendations with what stabilisation and policies make of them.
 */
#include "sim/cluster/hpa_math.h"
#include "tests/harness.h"

static const wb_hpa_tolerances tenth = {0.1, 0.1};

/* ---- proposals ---- */

#define UTILIZATION(percent)                                                            \
    {                                                                                   \
        .kind = WB_HPA_RESOURCE, .target_kind = WB_HPA_UTILIZATION, .target = (percent) \
    }
#define AVERAGE(amount)                                                              \
    {                                                                                \
        .kind = WB_HPA_PODS, .target_kind = WB_HPA_AVERAGE_VALUE, .target = (amount) \
    }

/* Pods ask for 1000 each in the utilization rows. */
static const struct {
    const char *name;
    wb_hpa_metric metric;
    wb_hpa_pods pods;
    int32_t current, expected;
} pod_rows[] = {
    /* 50 % of 30 %: 1.67 * 3 */
    {"above: more", UTILIZATION(30), {3, 0, 0, 1500, 3000, 0, 0}, 3, 5},
    {"below: fewer", UTILIZATION(50), {5, 0, 0, 1000, 5000, 0, 0}, 5, 2},
    {"rounded up", UTILIZATION(50), {5, 0, 0, 1100, 5000, 0, 0}, 5, 3},
    {"within a tenth above", UTILIZATION(100), {3, 0, 0, 3300, 3000, 0, 0}, 3, 3},
    {"just out of it", UTILIZATION(100), {3, 0, 0, 3330, 3000, 0, 0}, 3, 4},
    {"within a tenth below", UTILIZATION(100), {4, 0, 0, 3600, 4000, 0, 0}, 4, 4},
    /* 1999 of 4000 is 49 %, not 49.98 */
    {"percentages are cut", UTILIZATION(50), {4, 0, 0, 1999, 4000, 0, 0}, 4, 4},
    {"nobody has a metric", UTILIZATION(50), {0, 3, 2, 0, 0, 3000, 2000}, 5, -1},
    {"nobody has a request", UTILIZATION(50), {3, 0, 0, 900, 0, 0, 0}, 3, -1},
    /* 60 % of 30 % is 2; with a third pod at 0: 40 % is 1.33 * 3 */
    {"unready pods damp a growth", UTILIZATION(30), {2, 1, 0, 1200, 2000, 1000, 0}, 3, 4},
    {"and may stop it", UTILIZATION(30), {1, 2, 0, 400, 1000, 2000, 0}, 3, 3},
    {"unready pods don't matter below", UTILIZATION(50), {2, 2, 0, 400, 2000, 2000, 0}, 4, 1},
    /* 30 % of 50 %, the other two at 100 %: 65 % is more than the target: nothing */
    {"missing pods stop a shrinking", UTILIZATION(50), {2, 0, 2, 600, 2000, 0, 2000}, 4, 4},
    /* 10 % * 8 and 100 %: 20 % of 50 % is 0.4 * 9 */
    {"or damp it", UTILIZATION(50), {8, 0, 1, 800, 8000, 0, 1000}, 9, 4},
    /* targets above 100 % are what missing pods are assumed to use: 50 % * 4 and 200 % */
    {"more than asked for, where that is the target",
     UTILIZATION(200),
     {4, 0, 1, 2000, 4000, 0, 1000},
     5,
     2},
    /* 90 % of 50 %; with two at 0, 54 %: within a tenth */
    {"missing pods damp a growth", UTILIZATION(50), {3, 0, 2, 2700, 3000, 0, 2000}, 5, 5},
    {"on the target, missing pods change nothing",
     UTILIZATION(50),
     {2, 0, 2, 1000, 2000, 0, 2000},
     4,
     4},
    {"a damped growth is no shrinking", UTILIZATION(50), {2, 4, 0, 1700, 2000, 3000, 0}, 9, 9},
    {"per pod: more", AVERAGE(15000), {3, 0, 0, 60000, 0, 0, 0}, 3, 4},
    {"per pod: fewer", AVERAGE(20000), {5, 0, 0, 40000, 0, 0, 0}, 5, 2},
    {"per pod: missing at the target", AVERAGE(20000), {4, 0, 1, 40000, 0, 0, 0}, 5, 3},
    {"per pod: unready at nothing", AVERAGE(15000), {3, 1, 0, 60000, 0, 0, 0}, 4, 4},
};

static void test_pods(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(pod_rows); i++) {
        const int32_t found =
            wb_hpa_math_by_pods(&pod_rows[i].metric, &pod_rows[i].pods, pod_rows[i].current, tenth);
        CU_ASSERT_EQUAL(found, pod_rows[i].expected);
        if (found != pod_rows[i].expected) {
            printf("\n    failed: %s: %d\n", pod_rows[i].name, found);
        }
    }
}

static const struct {
    const char *name;
    wb_hpa_target_kind kind;
    int64_t target, value;
    int32_t status, ready, expected;
} value_rows[] = {
    {"value: more", WB_HPA_VALUE, 4400, 8600, 3, 3, 6},
    {"value: by the ready ones", WB_HPA_VALUE, 4400, 8800, 3, 2, 4},
    {"value: near enough", WB_HPA_VALUE, 4400, 4800, 3, 3, 3},
    {"value: from nothing", WB_HPA_VALUE, 4400, 8600, 0, 0, 2},
    {"value: to nothing", WB_HPA_VALUE, 4400, 0, 3, 3, 0},
    {"per pod: more", WB_HPA_AVERAGE_VALUE, 2150, 8600, 3, 3, 4},
    {"per pod: fewer", WB_HPA_AVERAGE_VALUE, 2867, 8600, 5, 5, 3},
    {"per pod: near enough", WB_HPA_AVERAGE_VALUE, 2150, 8900, 4, 4, 4},
};

static void test_values(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(value_rows); i++) {
        const wb_hpa_metric metric = {.kind = WB_HPA_EXTERNAL,
                                      .target_kind = value_rows[i].kind,
                                      .target = value_rows[i].target};
        const int32_t found =
            wb_hpa_math_by_value(&metric, value_rows[i].value, value_rows[i].status,
                                 value_rows[i].ready, tenth);
        CU_ASSERT_EQUAL(found, value_rows[i].expected);
        if (found != value_rows[i].expected) {
            printf("\n    failed: %s: %d\n", value_rows[i].name, found);
        }
    }
}

static void test_tolerances(void)
{
    const wb_hpa_metric metric = UTILIZATION(100);
    const wb_hpa_pods above = {4, 0, 0, 4800, 4000, 0, 0};
    const wb_hpa_pods below = {4, 0, 0, 2800, 4000, 0, 0};
    const wb_hpa_tolerances uneven = {0.2, 0.0};
    CU_ASSERT_EQUAL(wb_hpa_math_by_pods(&metric, &above, 4, uneven), 4);
    CU_ASSERT_EQUAL(wb_hpa_math_by_pods(&metric, &above, 4, tenth), 5);
    CU_ASSERT_EQUAL(wb_hpa_math_by_pods(&metric, &below, 4, uneven), 3);
}

/* ---- decisions ---- */

#define S(seconds) ((int64_t)(seconds)*1000)

static const wb_hpa_policy four_or_double[] = {{false, 4, S(15)}, {true, 100, S(15)}};
static const wb_hpa_policy all_at_once[] = {{true, 100, S(15)}};
static const wb_hpa_policy fifth_a_minute[] = {{true, 20, S(60)}};
static const wb_hpa_policy two_a_minute[] = {{false, 2, S(60)}};
static const wb_hpa_policy two_or_half[] = {{false, 2, S(60)}, {true, 50, S(60)}};

#define UP(window, how, list)   .up = {S(window), how, list, WB_TEST_COUNT(list), 0.1}
#define DOWN(window, how, list) .down = {S(window), how, list, WB_TEST_COUNT(list), 0.1}
#define DEFAULT_UP              UP(0, WB_HPA_SELECT_MAX, four_or_double)
#define DEFAULT_DOWN            DOWN(300, WB_HPA_SELECT_MAX, all_at_once)
#define MAX_STEPS               12

/* Replicas follow the decisions; a step wants so many at a second. */
static const struct {
    const char *name;
    wb_hpa hpa;
    int32_t start;
    struct {
        int32_t at_s, desired, expected;
    } steps[MAX_STEPS];
} programs[] = {
    {"without behavior: four, then doubling",
     {.min_replicas = 1, .max_replicas = 60},
     1,
     {{0, 99, 4}, {15, 99, 8}, {30, 99, 16}, {45, 99, 32}, {60, 99, 60}, {75, 99, 60}}},
    {"without behavior: down after five minutes",
     {.min_replicas = 2, .max_replicas = 60},
     10,
     {{0, 10, 10}, {15, 3, 10}, {300, 3, 10}, {315, 3, 3}, {330, 1, 3}, {630, 1, 2}}},
    {"default behavior: four or double",
     {.min_replicas = 1, .max_replicas = 100, .has_behavior = true, DEFAULT_UP, DEFAULT_DOWN},
     1,
     {{0, 99, 5}, {15, 99, 10}, {30, 99, 20}, {45, 99, 40}, {60, 99, 80}, {75, 99, 99}}},
    {"within a period, only what is left of it",
     {.min_replicas = 1, .max_replicas = 100, .has_behavior = true, DEFAULT_UP, DEFAULT_DOWN},
     10,
     {{0, 15, 15}, {5, 99, 20}, {10, 99, 20}, {19, 99, 30}}},
    {"the smaller change",
     {.min_replicas = 1,
      .max_replicas = 100,
      .has_behavior = true,
      UP(0, WB_HPA_SELECT_MIN, four_or_double),
      DEFAULT_DOWN},
     10,
     {{0, 99, 14}, {15, 99, 18}}},
    {"never up",
     {.min_replicas = 1,
      .max_replicas = 100,
      .has_behavior = true,
      UP(0, WB_HPA_SELECT_DISABLED, four_or_double),
      DEFAULT_DOWN},
     10,
     {{0, 99, 10}, {15, 99, 10}}},
    {"never down",
     {.min_replicas = 1,
      .max_replicas = 100,
      .has_behavior = true,
      DEFAULT_UP,
      DOWN(0, WB_HPA_SELECT_DISABLED, all_at_once)},
     10,
     {{0, 1, 10}, {600, 1, 10}}},
    {"a fifth a minute, rounded towards none",
     {.min_replicas = 1,
      .max_replicas = 100,
      .has_behavior = true,
      DEFAULT_UP,
      DOWN(0, WB_HPA_SELECT_MAX, fifth_a_minute)},
     60,
     {{0, 1, 48}, {15, 1, 48}, {60, 1, 38}, {75, 1, 38}, {120, 1, 30}}},
    {"down: the larger change of two",
     {.min_replicas = 1,
      .max_replicas = 100,
      .has_behavior = true,
      DEFAULT_UP,
      DOWN(0, WB_HPA_SELECT_MAX, two_or_half)},
     10,
     {{0, 1, 5}, {60, 1, 2}, {120, 1, 1}}},
    {"down: the smaller change of two",
     {.min_replicas = 1,
      .max_replicas = 100,
      .has_behavior = true,
      DEFAULT_UP,
      DOWN(0, WB_HPA_SELECT_MIN, two_or_half)},
     10,
     {{0, 1, 8}, {60, 1, 6}, {120, 1, 4}, {180, 1, 2}, {240, 1, 1}}},
    {"what was taken comes back into the period's start",
     {.min_replicas = 1,
      .max_replicas = 100,
      .has_behavior = true,
      UP(0, WB_HPA_SELECT_MAX, two_a_minute),
      DOWN(0, WB_HPA_SELECT_MAX, two_a_minute)},
     10,
     {{0, 1, 8}, {15, 99, 12}, {30, 1, 8}}},
    {"up only when it lasts",
     {.min_replicas = 1,
      .max_replicas = 100,
      .has_behavior = true,
      UP(60, WB_HPA_SELECT_MAX, all_at_once),
      DEFAULT_DOWN},
     4,
     {{0, 4, 4}, {15, 8, 4}, {30, 7, 4}, {45, 8, 4}, {60, 8, 7}, {75, 8, 7}, {90, 8, 8}}},
    {"down to the highest of the window",
     {.min_replicas = 1, .max_replicas = 100, .has_behavior = true, DEFAULT_UP, DEFAULT_DOWN},
     9,
     {{0, 9, 9}, {15, 3, 9}, {150, 5, 9}, {299, 2, 9}, {300, 2, 5}, {449, 2, 5}, {450, 2, 2}}},
    {"bounds",
     {.min_replicas = 3,
      .max_replicas = 6,
      .has_behavior = true,
      DEFAULT_UP,
      DOWN(0, WB_HPA_SELECT_MAX, all_at_once)},
     4,
     {{0, 99, 6}, {15, 0, 3}}},
};

static void run_program(size_t p)
{
    wb_hpa_history history = {0};
    int32_t current = programs[p].start;
    for (size_t i = 0; i < MAX_STEPS && programs[p].steps[i].expected > 0; i++) {
        const int64_t now_ms = S(programs[p].steps[i].at_s);
        const int32_t next = wb_hpa_math_limit(&programs[p].hpa, &history, now_ms, current,
                                               programs[p].steps[i].desired);
        wb_hpa_math_remember_change(&programs[p].hpa, &history, now_ms, current, next);
        CU_ASSERT_EQUAL(next, programs[p].steps[i].expected);
        if (next != programs[p].steps[i].expected) {
            printf("\n    failed: %s, second %d: %d\n", programs[p].name, programs[p].steps[i].at_s,
                   next);
        }
        current = next;
    }
    wb_hpa_math_release(&history);
}

static void test_programs(void)
{
    for (size_t p = 0; p < WB_TEST_COUNT(programs); p++) {
        run_program(p);
    }
}

static const wb_test_case cases[] = {
    {"what pods' metrics propose", test_pods},
    {"what an external value proposes", test_values},
    {"each direction has its tolerance", test_tolerances},
    {"what becomes of proposals", test_programs},
};

int main(void)
{
    return wb_test_run("hpa arithmetic", cases, WB_TEST_COUNT(cases));
}
