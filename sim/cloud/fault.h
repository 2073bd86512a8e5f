/*
 * Faults that a scenario sets: machines that fall ill, die, or never join. The same for every
 * contender: whether a fault hits a machine is a function of (seed, fault, pool, ordinal in the
 * pool), never of who launched it.
 */
#ifndef WB_SIM_CLOUD_FAULT_H
#define WB_SIM_CLOUD_FAULT_H

#include <stdint.h>

typedef enum wb_fault_kind {
    WB_FAULT_NOT_READY,       /* the kubelet does not report: nodes that are Ready turn NotReady */
    WB_FAULT_CONDITION,       /* a condition of the node turns False ("StorageReady") */
    WB_FAULT_LOST,            /* the machine ends without warning */
    WB_FAULT_NEVER_REGISTERS, /* machines that start within the time never join */
} wb_fault_kind;

typedef struct wb_fault {
    wb_fault_kind kind;
    int64_t at_ms, for_ms; /* for_ms -1: for good */
    uint32_t condition;    /* CONDITION: its name, interned */
    double share;          /* of the machines, each drawn for itself; (0, 1] */
    uint32_t count;        /* the oldest of those; UINT32_MAX: all */
} wb_fault;

#endif
