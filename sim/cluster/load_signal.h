/*
 * The load on a service over time, recorded or scripted: so many CPUs, bytes or requests a second
 * that all of its pods together have to bear, or a number from outside (the length of a queue).
 */
#ifndef WB_SIM_CLUSTER_LOAD_SIGNAL_H
#define WB_SIM_CLUSTER_LOAD_SIGNAL_H

#include "kube/hpa.h"

typedef struct wb_load_point {
    int64_t at_ms;
    int64_t value; /* thousandths: of a CPU, of a byte, of a request a second */
} wb_load_point;

typedef struct wb_load_signal {
    bool is_external;          /* of no target */
    wb_owner_kind target_kind; /* the workload that bears it */
    uint32_t namespace_name, target_name;
    uint32_t metric;             /* interned */
    const wb_load_point *points; /* by ascending time; at least one */
    uint32_t point_count;
    bool is_stepped; /* a value holds until the next; false: straight lines between them */
} wb_load_signal;

/* The value at a time; before the first point the first's, after the last the last's. */
int64_t wb_load_signal_at(const wb_load_signal *signal, int64_t at_ms);

/* The signal that feeds a metric of hpa, or NULL. */
const wb_load_signal *wb_load_signal_find(const wb_load_signal *signals, uint32_t count,
                                          const wb_hpa *hpa, const wb_hpa_metric *metric);

#endif
