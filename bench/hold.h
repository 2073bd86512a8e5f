/*
 * The hold model: how fast is the pending-event set when it always holds the same number of events?
 *
 * One hold takes the earliest event and pushes it again, at its time plus an exponential step. It
 * is the standard exercise for event queues, so its figures compare with those of other simulators
 * (docs/benchmarks.md). Steps have a mean of 2^20 ticks, fine enough that hardly any two events of
 * a million share a tick. Drawing a step is part of the hold and of its time.
 */
#ifndef WB_BENCH_HOLD_H
#define WB_BENCH_HOLD_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/kernel/event_queue.h"

/* Ticks of virtual time per mean step. */
#define WB_HOLD_TICKS_PER_STEP (INT64_C(1) << 20)

typedef struct wb_hold_options {
    size_t pending; /* events in the queue, > 0 */
    uint64_t holds; /* measured ones; a warm-up of as many as are pending comes first */
    wb_event_queue_kind queue_kind;
    uint64_t seed;
} wb_hold_options;

typedef struct wb_hold_result {
    uint64_t holds;
    int64_t cpu_ns;             /* of the measured holds, draws included */
    double cpu_seconds;         /* the same in seconds */
    double holds_per_second;    /* per second of CPU time */
    double ns_per_hold;         /* the same upside down */
    int64_t final_event_ticks;  /* time of the last hold; divide by WB_HOLD_TICKS_PER_STEP */
    uint64_t checksum;          /* over time, order and subject of every event taken */
    int64_t queue_bytes;        /* held by the queue at the end, spare room included */
    double bytes_per_pending;   /* queue_bytes / pending */
    int64_t resident_bytes_max; /* of the whole process */
} wb_hold_result;

/* Runs one hold model. Everything in *out but the times and resident_bytes_max is a function of
 * pending, holds and seed, and (queue_bytes apart) the same for every queue_kind. WB_ERR_INPUT:
 * pending or holds is 0; WB_ERR_LIMIT: more pending than a queue takes. */
WB_MUST_CHECK wb_status wb_hold_run(const wb_hold_options *options, wb_hold_result *out,
                                    wb_error *err);

#endif
