/*
 * One event and the total order in which events happen: (at_ms, phase, seq).
 *
 * Time alone would not do: a replayed trace holds thousands of events in one millisecond, and a
 * heap hands out equal keys in an order that depends on what was pushed before. phase lets the
 * cloud act before the controllers that look at it in that millisecond; seq makes the rest first
 * in, first out. phase and seq share one word, so that a comparison is one of 128-bit numbers.
 */
#ifndef WB_SIM_KERNEL_EVENT_H
#define WB_SIM_KERNEL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define WB_EVENT_SEQ_BITS 48

typedef struct wb_event {
    int64_t at_ms;    /* virtual time since the scenario's epoch, >= 0 */
    uint64_t order;   /* phase << 48 | seq; given by push, unique within a queue */
    uint32_t subject; /* pod id, node id, ...: kind says which */
    uint16_t kind;    /* means something to the simulation, nothing to the queue */
    uint16_t phase;   /* wb_phase of kernel.h; below 2^15 */
} wb_event;

/* How many events were pushed before this one into the same queue. */
static inline uint64_t wb_event_seq(const wb_event *event)
{
    return event->order & ((UINT64_C(1) << WB_EVENT_SEQ_BITS) - 1);
}

/* (at_ms, phase, seq) as one number; at_ms >= 0 makes unsigned comparison right. */
__extension__ typedef unsigned __int128 wb_event_key;

static inline wb_event_key wb_event_key_of(const wb_event *event)
{
    return (wb_event_key)(uint64_t)event->at_ms << 64 | event->order;
}

/* For the kernel's hot paths, where an event travels in registers: written to memory on the way and
 * read back in other pieces, it would wait for the store buffer. */
static inline wb_event wb_event_make(wb_event_key key, uint32_t subject, uint16_t kind,
                                     uint16_t phase)
{
    return (wb_event){(int64_t)(key >> 64), (uint64_t)key, subject, kind, phase};
}

/* The order of the simulation; total, since no two events of a queue share a seq. */
static inline bool wb_event_comes_before(const wb_event *a, const wb_event *b)
{
    return wb_event_key_of(a) < wb_event_key_of(b);
}

#endif
