/*
 * What a run really gave its pods: room on machines that were paid for, by class of pods and by
 * interval of time.
 *
 * A pod counts from the moment it is bound until it is gone, as far as its machine was being billed
 * and cost something; reserved capacity is paid elsewhere. DaemonSets' pods do not count: they go
 * with the machines. Pods with equal requests and equal wishes are a class; where there are too
 * many classes, requests are rounded down until there are not, which asks for less and so leaves a
 * bound a bound.
 */
#ifndef WB_SCENARIOS_BOUND_RUN_CLASSES_H
#define WB_SCENARIOS_BOUND_RUN_CLASSES_H

#include "solver/machine_list.h"
#include "sim/cloud/cloud.h"

#define WB_RUN_CLASSES_MAX 160

/* A finished run in memory: its billing is closed. */
typedef struct wb_finished_run {
    const wb_cluster *cluster;
    const wb_cloud *cloud;
    wb_intern *intern;
    int64_t end_ms;
} wb_finished_run;

/* Where and when a pod was served; false: nowhere that cost something, or it is a daemon. */
typedef struct wb_served_pod {
    uint32_t instance_id;
    int64_t begin_ms, end_ms;
} wb_served_pod;
bool wb_run_classes_served(const wb_finished_run *run, uint32_t pod_id, wb_served_pod *out);

typedef struct wb_run_classes {
    uint32_t class_count, resource_count; /* resources: the cluster's dense index */
    double *requests;                     /* [class * resource_count + resource] */
    uint32_t *wish_of;                    /* by class: into wishes */
    wb_machine_wish *wishes;
    uint32_t wish_count;
    uint32_t *class_of_shape; /* by the cluster's shape id; UINT32_MAX: never served */
    int64_t *served_ms;       /* by class, over the whole run */
    uint32_t *pod_counts;     /* by class: pods served */
    int64_t served_sum_ms;
    uint32_t rounding_bits; /* significant bits that requests were cut to; 0: as they are */
} wb_run_classes;

/* Finds the classes of all pods that were served. Everything lives in arena. */
void wb_run_classes_make(wb_arena *arena, const wb_finished_run *run, wb_run_classes *out);

/* The most pods of each class that were served at one moment, in arena; where the run has too many
 * pods to count that, the pods of the class. */
uint32_t *wb_run_classes_most(wb_arena *arena, const wb_finished_run *run,
                              const wb_run_classes *classes);

/* How long each of so many intervals of a run is. */
int64_t wb_run_classes_interval_ms(int64_t end_ms, uint32_t interval_count);

/* The served time by interval and class, [interval * class_count + class], in ms; intervals are of
 * equal length over the run. */
double *wb_run_classes_demand(wb_arena *arena, const wb_finished_run *run,
                              const wb_run_classes *classes, uint32_t interval_count);

#endif
