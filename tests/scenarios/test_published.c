/*
 * SimKube's experiments and the Cluster Autoscaler scalability report, as shipped: the figures that
 * docs/fidelity.md compares with the published ones.
 */
#include "tests/harness.h"
#include "tests/scenarios/published_fixture.h"

#define ONE_A "simkube-1a/scenario.yaml"
#define ONE_B "simkube-1b/scenario.yaml"
#define ONE_C "simkube-1c/scenario.yaml"

#define INTEGRAL "select pending_pod_ms / 1000 from figures where run_id = ?1"
#define WAITING                                                                                \
    "select count(*) from samples where run_id = ?1 and pods_pending > 0 and at_ms < (select " \
    "end_ms from runs where run_id = ?1)"
#define MOST        "select max(pods_pending) from samples where run_id = ?1"
#define MOST_NODES  "select nodes_max from figures where run_id = ?1"
#define RUNNING_MAX "select max(pods_running) from samples where run_id = ?1"
#define TYPES                                                                              \
    "select group_concat(n || ' x ' || instance_type, ' + ') from (select instance_type, " \
    "count(*) as n from instances where run_id = ?1 group by 1 order by 2 desc, 1)"
/* Pods that run, or wait, at some seconds. */
#define AT(column, seconds)                                                                     \
    "select group_concat(" column ", ' ') from (select " column " from samples where run_id = " \
    "?1 and at_ms / 1000 in (" seconds ") order by at_ms)"
/* Every number of pods that were wanted, one after the other. */
#define DEMAND                                                                                     \
    "select group_concat(d, ' ') from (select at_ms, pods_pending + pods_running as d, "           \
    "lag(pods_pending + pods_running) over (order by at_ms) as b, lead(pods_pending + "            \
    "pods_running, 10) over (order by at_ms) as a from samples where run_id = ?1 order by at_ms) " \
    "where d <> b and d = a"

static const wb_published_row simkube_rows[] = {
    {"pending pod-seconds", ONE_A, 0, 1, INTEGRAL, "8300"},
    {"seconds with a pending pod", ONE_A, 0, 1, WAITING, "617"},
    {"most pending", ONE_A, 0, 1, MOST, "20"},
    {"most running", ONE_A, 0, 1, RUNNING_MAX, "32"},
    {"running", ONE_A, 0, 1, AT("pods_running", "60, 480, 600, 900, 1140"), "27 29 32 32 32"},
    {"pending", ONE_A, 0, 1,
     AT("pods_pending", "480, 600, 720, 780, 840, 900, 960, 1020, 1080, 1140"),
     "0 10 10 8 20 20 19 14 14 10"},

    {"types", ONE_B, 0, 1, TYPES, "7 x c6a.xlarge + 1 x c6a.8xlarge"},
    {"pending pod-seconds", ONE_B, 0, 1, INTEGRAL, "38"},
    {"seconds with a pending pod", ONE_B, 0, 1, WAITING, "8"},
    {"most pending", ONE_B, 0, 1, MOST, "27"},
    {"most running", ONE_B, 0, 1, RUNNING_MAX, "52"},
    {"types, whatever the seed", ONE_B, 0, 2, TYPES, "7 x c6a.xlarge + 1 x c6a.8xlarge"},
    {"types, whatever the seed", ONE_B, 0, 3, TYPES, "7 x c6a.xlarge + 1 x c6a.8xlarge"},
    {"types", ONE_B, 1, 1, TYPES, "1 x c6i.16xlarge"},
    {"pending pod-seconds", ONE_B, 1, 1, INTEGRAL, "270"},
    {"most pending", ONE_B, 1, 1, MOST, "27"},
    {"most running", ONE_B, 1, 1, RUNNING_MAX, "52"},
    {"types", ONE_B, 1, 2, TYPES, "1 x m6a.24xlarge"},
    {"types", ONE_B, 1, 3, TYPES, "9 x m6i.xlarge + 1 x m6i.8xlarge + 1 x r6a.2xlarge"},
    {"types", ONE_B, 1, 6, TYPES, "1 x c6i.12xlarge + 1 x m7a.12xlarge"},

    {"demand", ONE_C, 0, 1, DEMAND, "2605 2805 4155 4008 5115 5070 4515"},
    {"running", ONE_C, 0, 1, AT("pods_running", "60, 120, 180"), "997 1995 2605"},
    {"pending pod-seconds", ONE_C, 0, 1, INTEGRAL, "25175"},
    {"seconds with a pending pod", ONE_C, 0, 1, WAITING, "281"},
    {"most pending", ONE_C, 0, 1, MOST, "193"},
    {"most nodes", ONE_C, 0, 1, MOST_NODES, "81"},
    {"running", ONE_C, 1, 1, AT("pods_running", "60, 120, 180, 240"), "518 1254 2184 2605"},
    {"pending pod-seconds", ONE_C, 1, 1, INTEGRAL, "112759"},
    {"seconds with a pending pod", ONE_C, 1, 1, WAITING, "482"},
    {"most pending", ONE_C, 1, 1, MOST, "852"},
    {"most nodes", ONE_C, 1, 1, MOST_NODES, "731"},
};

#define CASE(n) "ca-scalability/case-" #n ".yaml"
/* At the end: nodes, of these full (no room for a filler), pods that run, pods that wait. */
#define END                                                                                  \
    "select s.nodes || ' nodes, ' || s.pods_running || ' run, ' || s.pods_pending || "       \
    "' wait, ' || (select count(*) from instances where run_id = ?1 and ended_ms < s.at_ms)" \
    " || ' removed' from samples s where s.run_id = ?1 order by s.at_ms desc limit 1"
/* Pods on the nodes that have fillers: the least and the most. */
#define FILLERS                                                                        \
    "select min(n) || ' to ' || max(n) || ' on ' || count(*) from (select count(*) n " \
    "from pods where run_id = ?1 and owner = 'filler' and node_id is not null group "  \
    "by node_id)"

static const wb_published_row scalability_rows[] = {
    {"end", CASE(1), 0, 1, END, "1000 nodes, 29972 run, 0 wait, 0 removed"},
    {"every new node is full", CASE(1), 0, 1, FILLERS, "30 to 30 on 999"},
    {"end", CASE(2), 0, 1, END, "1000 nodes, 29972 run, 0 wait, 0 removed"},
    {"every new node is full", CASE(2), 0, 1, FILLERS, "30 to 30 on 999"},
    {"end", CASE(3), 0, 1, END, "700 nodes, 700 run, 0 wait, 300 removed"},
    {"end", CASE(4), 0, 1, END, "970 nodes, 1000 run, 0 wait, 30 removed"},
    {"end", CASE(5), 0, 1, END, "1000 nodes, 1000 run, 0 wait, 0 removed"},
    {"end", CASE(6), 0, 1, END, "1000 nodes, 29971 run, 1000 wait, 0 removed"},
    {"every new node is full", CASE(6), 0, 1, FILLERS, "30 to 30 on 999"},
};

static void test_simkube(void)
{
    wb_published_fixture_check(simkube_rows, WB_TEST_COUNT(simkube_rows));
}

static void test_scalability(void)
{
    wb_published_fixture_check(scalability_rows, WB_TEST_COUNT(scalability_rows));
}

static const wb_test_case cases[] = {
    {"SimKube's three experiments", test_simkube},
    {"the six cases of Cluster Autoscaler's scalability", test_scalability},
};

int main(void)
{
    return wb_test_run("published", cases, WB_TEST_COUNT(cases));
}
