/*
 * A small cluster with the real scheduler, for tests of what it binds and when.
 */
#ifndef WB_TESTS_SIM_SCHEDULER_FIXTURE_H
#define WB_TESTS_SIM_SCHEDULER_FIXTURE_H

#include "kube/names.h"
#include "sim/cluster/scheduler.h"

typedef struct wb_scheduler_fixture {
    wb_arena arena;
    wb_intern intern;
    wb_kernel kernel;
    wb_observers observers;
    wb_cluster cluster;
    wb_scheduler *scheduler; /* owned */
    uint32_t unschedulable_count;
    char last_reason[512];
} wb_scheduler_fixture;

/* No nodes, no pods. NULL: default options. */
void wb_scheduler_fixture_init(wb_scheduler_fixture *fixture, const wb_cluster_options *cluster,
                               const wb_scheduler_options *scheduler);
void wb_scheduler_fixture_release(wb_scheduler_fixture *fixture);

/* A ready node in a zone with so many CPUs (4 GiB of memory per CPU, 110 pods). */
uint32_t wb_scheduler_fixture_node(wb_scheduler_fixture *fixture, const char *name,
                                   const char *zone, int64_t cpus);

/* A template with label app=<app>, so much cpu and a GiB of memory. In the arena. */
wb_pod_template *wb_scheduler_fixture_template(wb_scheduler_fixture *fixture, const char *app,
                                               int64_t cpu_milli);

/* A bare pod of template in namespace default that lives until it is deleted. */
uint32_t wb_scheduler_fixture_pod(wb_scheduler_fixture *fixture, const char *name,
                                  const wb_pod_template *template);

/* The same, of an owner. */
uint32_t wb_scheduler_fixture_owned(wb_scheduler_fixture *fixture, const char *name,
                                    const wb_pod_template *template, uint32_t owner_id);

/* Runs until at_ms, then checks the sums of cluster and scheduler. */
void wb_scheduler_fixture_run(wb_scheduler_fixture *fixture, int64_t at_ms);

/* Name of the node on which pod is, or "". */
const char *wb_scheduler_fixture_place(const wb_scheduler_fixture *fixture, uint32_t pod_id);

/* A selector of app=<app>, in the arena. */
wb_label_selector wb_scheduler_fixture_selector(wb_scheduler_fixture *fixture, const char *app);

#endif
