/*
 * Faults that a scenario sets: machines that fall ill, die, vanish or never join, calls that the
 * API refuses or answers late, messages that come late, twice or not at all, offerings that are
 * sold no more, a control plane that stands still. The same for every contender: whether a fault
 * hits a machine is a function of (seed, fault, pool, ordinal in the pool), never of who launched
 * it; whether it hits a call, of (seed, fault, the how-manieth call of its kind).
 */
#ifndef WB_SIM_CLOUD_FAULT_H
#define WB_SIM_CLOUD_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "kube/catalog/catalog.h"
#include "sim/cloud/cloud_api.h"

typedef enum wb_fault_kind {
    WB_FAULT_NOT_READY,         /* the kubelet is silent: nodes that are Ready turn NotReady */
    WB_FAULT_CONDITION,         /* a condition of the node turns False ("StorageReady") */
    WB_FAULT_LOST,              /* the machine ends without warning */
    WB_FAULT_VANISHES,          /* the machine ends, and nobody tells: no message, no event */
    WB_FAULT_IMPAIRED,          /* EC2's status checks of the machine fail */
    WB_FAULT_MAINTENANCE,       /* EC2 announces that it will stop the machine when `for` is over */
    WB_FAULT_ORPHANED,          /* the machine's NodeClaim is lost, the machine goes on */
    WB_FAULT_NEVER_REGISTERS,   /* machines that start within the time never join */
    WB_FAULT_API_ERROR,         /* calls are refused */
    WB_FAULT_API_LATENCY,       /* calls are answered late */
    WB_FAULT_MESSAGE_LOST,      /* messages of the interruption queue never come */
    WB_FAULT_MESSAGE_DELAYED,   /* come late */
    WB_FAULT_MESSAGE_DUPLICATE, /* come twice */
    WB_FAULT_OFFERING_ENDS,     /* an offering is sold no more; a reservation has ended */
    WB_FAULT_CONTROL_PLANE,     /* API server, scheduler and controllers stand still */
    WB_FAULT_KIND_COUNT
} wb_fault_kind;

typedef struct wb_fault {
    wb_fault_kind kind;
    int64_t
        every_ms; /* 0: once, at at_ms; else drawn from the seed: at at_ms and whenever one is over
                         the next comes after so long on average (exponential) */
    int64_t at_ms, for_ms;  /* for_ms -1: for good */
    uint32_t condition;     /* CONDITION: its name, interned */
    double share;           /* of the machines, calls or messages, each drawn for itself; (0, 1] */
    uint32_t count;         /* the oldest of those machines; UINT32_MAX: all */
    wb_cloud_action action; /* API_*: the call; WB_CLOUD_ACTION_COUNT: all */
    const char *code;       /* API_ERROR */
    int64_t delay_ms;       /* API_LATENCY, MESSAGE_*: how much later */
    uint32_t instance_type; /* OFFERING_ENDS: interned */
    uint32_t zone;          /* OFFERING_ENDS: interned; 0: all */
    int capacity_type;      /* OFFERING_ENDS: a wb_capacity_type; -1: all */
} wb_fault;

/* "notReady", ...: as in a scenario. */
const char *wb_fault_kind_name(wb_fault_kind kind);

/* What it hits: "machine", "machines"; "" for the control plane. */
const char *wb_fault_kind_target(wb_fault_kind kind, bool is_plural);

/* Whether a fault that comes once goes on at a moment. */
bool wb_fault_is_on(const wb_fault *fault, int64_t at_ms);

#endif
