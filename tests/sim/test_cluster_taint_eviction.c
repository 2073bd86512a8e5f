/*
 * Nodes that are not ready or silent: when their pods go, and which of them don't go away.
 */
#include "base/duration.h"
#include "tests/harness.h"
#include "tests/sim/cluster_fixture.h"

#define ILL_MS 100000 /* when the node falls ill; its pods run from 0 on */

typedef enum illness {
    ILLNESS_NOT_READY,
    ILLNESS_SILENT,
} illness;

static void fall_ill(wb_cluster *cluster, uint32_t node_id, illness kind)
{
    if (kind == ILLNESS_SILENT) {
        wb_cluster_set_node_unreachable(cluster, node_id);
    } else {
        wb_cluster_set_node_ready(cluster, node_id, false);
    }
}

/* A pod of an owner, on the node, whose template has that toleration (NULL: none). */
static uint32_t add_pod(wb_cluster_fixture *f, wb_owner_kind kind, uint32_t node_id,
                        const wb_toleration *toleration)
{
    wb_pod_template *template = wb_cluster_fixture_template(f, "web", 100, INT64_C(128) << 20);
    template->tolerations = toleration;
    template->toleration_count = toleration != NULL ? 1 : 0;
    const wb_pod_create create = {
        .name = "p",
        .namespace_name = WB_NAME_DEFAULT,
        .shape_id = wb_cluster_add_shape(&f->cluster, template, WB_NAME_DEFAULT),
        .owner_id = wb_cluster_fixture_owner(f, kind, "own"),
        .lifetime = WB_LIFETIME_OPEN,
        .bound_node_id = node_id,
        .replaces = WB_NO_ID,
    };
    uint32_t pod_id = WB_NO_ID;
    CU_ASSERT_EQUAL_FATAL(wb_cluster_create_pod(&f->cluster, &create, &pod_id, NULL), WB_OK);
    return pod_id;
}

/* ---- when ---- */

#define EXISTS(of_key, of_effect, of_seconds)                               \
    {                                                                       \
        .key = (of_key), .op = WB_TOLERATION_EXISTS, .effect = (of_effect), \
        .seconds = (of_seconds)                                             \
    }

static const struct {
    const char *name;
    illness kind;
    bool has_toleration;
    wb_toleration toleration;
    int64_t stays_ms; /* from the node's illness to the pod's deletion; -1: it stays */
} rows[] = {
    {"five minutes by default", ILLNESS_NOT_READY, false, {0}, 300000},
    {"of a silent kubelet, too", ILLNESS_SILENT, false, {0}, 300000},
    {"as long as the pod says", ILLNESS_NOT_READY, true,
     EXISTS(WB_NAME_TAINT_NOT_READY, WB_TAINT_NO_EXECUTE, 60), 60000},
    {"what it says of the other taint does not count", ILLNESS_SILENT, true,
     EXISTS(WB_NAME_TAINT_NOT_READY, WB_TAINT_NO_EXECUTE, 60), 300000},
    {"at once", ILLNESS_SILENT, true, EXISTS(WB_NAME_TAINT_UNREACHABLE, WB_TAINT_NO_EXECUTE, 0), 0},
    {"for ever", ILLNESS_NOT_READY, true, EXISTS(WB_NAME_TAINT_NOT_READY, WB_TAINT_ANY, -1), -1},
    {"who tolerates everything stays", ILLNESS_SILENT, true, EXISTS(0, WB_TAINT_ANY, -1), -1},
    {"a toleration of NoSchedule is none", ILLNESS_NOT_READY, true,
     EXISTS(WB_NAME_TAINT_NOT_READY, WB_TAINT_NO_SCHEDULE, -1), 300000},
    {"one that does not match keeps the default away",
     ILLNESS_NOT_READY,
     true,
     {.key = WB_NAME_TAINT_NOT_READY,
      .value = WB_NAME_TRUE,
      .op = WB_TOLERATION_EQUAL,
      .effect = WB_TAINT_NO_EXECUTE,
      .seconds = -1},
     0},
};

static void leave_in_time(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(rows); i++) {
        wb_cluster_fixture f;
        wb_cluster_fixture_init(&f, NULL);
        const uint32_t node_id = wb_cluster_fixture_node(&f, "n1", 2);
        const uint32_t pod_id = add_pod(&f, WB_OWNER_DEPLOYMENT, node_id,
                                        rows[i].has_toleration ? &rows[i].toleration : NULL);
        wb_cluster_fixture_run(&f, ILL_MS);
        fall_ill(&f.cluster, node_id, rows[i].kind);
        printf("\n    %s", rows[i].name);
        if (rows[i].stays_ms < 0) {
            wb_cluster_fixture_run(&f, WB_MS_PER_DAY);
            CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_RUNNING);
        } else {
            if (rows[i].stays_ms > 0) {
                wb_cluster_fixture_run(&f, ILL_MS + rows[i].stays_ms - 1);
                CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_RUNNING);
            }
            wb_cluster_fixture_run(&f, ILL_MS + rows[i].stays_ms);
            CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_TERMINATING);
            CU_ASSERT_EQUAL(f.cluster.pods.cause[pod_id], WB_CAUSE_NODE_NOT_READY);
            CU_ASSERT_NOT_EQUAL(f.cluster.pods.replaced_by[pod_id], WB_NO_ID);
        }
        wb_cluster_fixture_release(&f);
    }
}

/* Ready again before the time is over: the time begins anew with the next illness. */
static void forget_what_has_passed(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    const uint32_t node_id = wb_cluster_fixture_node(&f, "n1", 2);
    const uint32_t pod_id = add_pod(&f, WB_OWNER_DEPLOYMENT, node_id, NULL);
    wb_cluster_fixture_run(&f, ILL_MS);
    fall_ill(&f.cluster, node_id, ILLNESS_SILENT);
    wb_cluster_fixture_run(&f, ILL_MS + 299000);
    wb_cluster_set_node_ready(&f.cluster, node_id, true);
    CU_ASSERT_FALSE(f.cluster.nodes[node_id].is_unreachable);
    fall_ill(&f.cluster, node_id, ILLNESS_NOT_READY);
    wb_cluster_fixture_run(&f, ILL_MS + 598999);
    CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_RUNNING);
    wb_cluster_fixture_run(&f, ILL_MS + 599000);
    CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_TERMINATING);
    wb_cluster_fixture_release(&f);
}

/* ---- what does not go away ---- */

/* A StatefulSet's pod of a silent kubelet holds its place; another's is free as soon as the kubelet
 * has stopped it. */
static void hold_the_place(void)
{
    for (int kind = ILLNESS_NOT_READY; kind <= ILLNESS_SILENT; kind++) {
        wb_cluster_fixture f;
        wb_cluster_fixture_init(&f, NULL);
        const uint32_t node_id = wb_cluster_fixture_node(&f, "n1", 2);
        const uint32_t pod_id = add_pod(&f, WB_OWNER_STATEFUL_SET, node_id, NULL);
        wb_cluster_fixture_run(&f, ILL_MS);
        fall_ill(&f.cluster, node_id, (illness)kind);
        wb_cluster_fixture_run(&f, WB_MS_PER_HOUR);
        const bool is_silent = kind == ILLNESS_SILENT;
        CU_ASSERT_EQUAL(wb_cluster_pod_is_living(&f.cluster, pod_id), is_silent);
        CU_ASSERT_EQUAL(f.cluster.stuck_count, is_silent ? 1 : 0);
        CU_ASSERT_EQUAL(f.cluster.pods.replaced_by[pod_id] == WB_NO_ID, is_silent);
        wb_cluster_fixture_release(&f);
    }
}

/* The kubelet speaks again: it stops what it was told to stop. */
static void go_on_when_the_kubelet_does(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    const uint32_t node_id = wb_cluster_fixture_node(&f, "n1", 2);
    const uint32_t pod_id = add_pod(&f, WB_OWNER_STATEFUL_SET, node_id, NULL);
    wb_cluster_fixture_run(&f, ILL_MS);
    fall_ill(&f.cluster, node_id, ILLNESS_SILENT);
    wb_cluster_fixture_run(&f, WB_MS_PER_HOUR);
    wb_cluster_set_node_ready(&f.cluster, node_id, true);
    wb_cluster_fixture_run(&f, WB_MS_PER_HOUR + 999);
    CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_TERMINATING);
    wb_cluster_fixture_run(&f, WB_MS_PER_HOUR + 1000);
    CU_ASSERT_EQUAL(f.cluster.pods.gone_ms[pod_id], WB_MS_PER_HOUR + 1000);
    CU_ASSERT_NOT_EQUAL(f.cluster.pods.replaced_by[pod_id], WB_NO_ID);
    CU_ASSERT_EQUAL(f.cluster.stuck_count, 0);
    wb_cluster_fixture_release(&f);
}

/* Told to stop before the kubelet fell silent: the same. With the Node its pods go. */
static void go_with_the_node(void)
{
    wb_cluster_fixture f;
    wb_cluster_fixture_init(&f, NULL);
    const uint32_t node_id = wb_cluster_fixture_node(&f, "n1", 2);
    const uint32_t pod_id = add_pod(&f, WB_OWNER_DEPLOYMENT, node_id, NULL);
    wb_cluster_fixture_run(&f, ILL_MS);
    wb_cluster_delete_pod(&f.cluster, pod_id, WB_CAUSE_WORKLOAD);
    fall_ill(&f.cluster, node_id, ILLNESS_SILENT);
    CU_ASSERT_EQUAL(f.cluster.pods.due_ms[pod_id], ILL_MS + 30000); /* deletionTimestamp */
    wb_cluster_fixture_run(&f, WB_MS_PER_HOUR);
    CU_ASSERT_EQUAL(f.cluster.pods.state[pod_id], WB_POD_STATE_TERMINATING);
    wb_cluster_remove_node(&f.cluster, node_id, WB_CAUSE_INSTANCE_LOST);
    CU_ASSERT_EQUAL(f.cluster.pods.gone_ms[pod_id], WB_MS_PER_HOUR);
    wb_cluster_fixture_run(&f, WB_MS_PER_HOUR);
    wb_cluster_fixture_release(&f);
}

static const wb_test_case cases[] = {
    {"a pod leaves when it has tolerated its node long enough", leave_in_time},
    {"a recovery makes the time void", forget_what_has_passed},
    {"a silent kubelet's pod holds its place", hold_the_place},
    {"until the kubelet speaks", go_on_when_the_kubelet_does},
    {"or the node goes", go_with_the_node},
};

int main(void)
{
    return wb_test_run("cluster taint eviction", cases, WB_TEST_COUNT(cases));
}
