/*
 * A small cluster for tests: kernel, tables, and a scheduler that takes the first node that fits.
 */
#ifndef WB_TESTS_SIM_CLUSTER_FIXTURE_H
#define WB_TESTS_SIM_CLUSTER_FIXTURE_H

#include "kube/names.h"
#include "sim/cluster/cluster.h"

/* What observers were told, counted. */
typedef struct wb_cluster_fixture_calls {
    uint32_t created, unschedulable, bound, running, terminating, gone, refused;
    uint32_t node_added, node_ready, node_changed, node_removed;
} wb_cluster_fixture_calls;

typedef struct wb_cluster_fixture {
    wb_arena arena;
    wb_intern intern;
    wb_kernel kernel;
    wb_observers observers;
    wb_cluster cluster;
    wb_cluster_fixture_calls calls;
    struct wb_scheduler *scheduler; /* owned */
} wb_cluster_fixture;

/* Starts it: no nodes, no pods; options as default_options unless given. The scheduler binds in the
 * phase of schedulers, in order of creation. */
void wb_cluster_fixture_init(wb_cluster_fixture *fixture, const wb_cluster_options *options);
void wb_cluster_fixture_release(wb_cluster_fixture *fixture);

/* A template with label app=<app>, these requests and a pod slot; grace 30 s. In the arena. */
wb_pod_template *wb_cluster_fixture_template(wb_cluster_fixture *fixture, const char *app,
                                             int64_t cpu_milli, int64_t memory_bytes);

/* A node of so many CPUs (4 GiB of memory per CPU, 110 pods), ready at once. */
uint32_t wb_cluster_fixture_node(wb_cluster_fixture *fixture, const char *name, int64_t cpus);

/* The same, not ready. */
uint32_t wb_cluster_fixture_new_node(wb_cluster_fixture *fixture, const char *name, int64_t cpus);

/* An owner driven by the trace in namespace default. */
uint32_t wb_cluster_fixture_owner(wb_cluster_fixture *fixture, wb_owner_kind kind,
                                  const char *name);

/* A pod of app (100m, 128 MiB) in namespace default that lives as create says; the fields name,
 * namespace_name and shape_id of create are filled in. */
uint32_t wb_cluster_fixture_pod(wb_cluster_fixture *fixture, const char *name, const char *app,
                                wb_pod_create create);

/* A workload of kind with one template of app, in namespace default; pods of 100m and 128 MiB. */
wb_workload wb_cluster_fixture_workload(wb_cluster_fixture *fixture, wb_owner_kind kind,
                                        const char *name, int32_t replicas);

/* Puts workload in force; it must be accepted. Returns its owner. */
uint32_t wb_cluster_fixture_apply(wb_cluster_fixture *fixture, const wb_workload *workload);

/* Runs until at_ms, then checks every sum. */
void wb_cluster_fixture_run(wb_cluster_fixture *fixture, int64_t at_ms);

/* A selector of app=<app>, in the arena. */
wb_label_selector wb_cluster_fixture_selector(wb_cluster_fixture *fixture, const char *app);

/* The only living pod of that name in namespace default; WB_NO_ID: none. */
uint32_t wb_cluster_fixture_find(const wb_cluster_fixture *fixture, const char *name);

#endif
