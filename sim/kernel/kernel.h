/*
 * The virtual clock: takes events in their total order and hands each to the one handler of its
 * kind. This is the only clock of a simulation; whoever needs the time reads now_ms.
 *
 * A handler may schedule and cancel, at the present millisecond too: an event of the same time with
 * a later (phase, seq) still happens in this millisecond. An event of an earlier phase of the
 * present millisecond happens next, before what was already waiting. Nothing may be scheduled in
 * the past. Knows no event kind by name: the simulation numbers its kinds from 0.
 */
#ifndef WB_SIM_KERNEL_KERNEL_H
#define WB_SIM_KERNEL_KERNEL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "sim/kernel/event_queue.h"

/* Who acts first within one millisecond. */
typedef enum wb_phase {
    WB_PHASE_CLOUD,      /* instances appear, are interrupted, end; prices change */
    WB_PHASE_CLUSTER,    /* pods arrive and end, nodes register, objects change */
    WB_PHASE_SCHEDULER,  /* pods are bound */
    WB_PHASE_CONTROLLER, /* autoscalers look at the result */
    WB_PHASE_RECORDER,   /* what this millisecond left behind is written down */
} wb_phase;

/* Event kinds are below this. */
#define WB_KERNEL_KIND_LIMIT 256

/* Often enough that an interrupt is obeyed within milliseconds, seldom enough to cost nothing. */
#define WB_KERNEL_LOOK_INTERVAL 1024

/* As until_ms: run until no event is pending. */
#define WB_KERNEL_FOREVER INT64_MAX

/* Handles one event; *event is valid during the call. A status other than WB_OK ends the run. */
typedef wb_status (*wb_kernel_handler)(void *context, const wb_event *event, wb_error *err);

typedef struct wb_kernel wb_kernel;

/* Called between two events; must not schedule. */
typedef void (*wb_kernel_progress)(void *context, const wb_kernel *kernel);

typedef struct wb_kernel_subscriber {
    wb_kernel_handler handle; /* NULL: no event of this kind may be scheduled */
    void *context;            /* borrowed from whoever subscribed */
    uint64_t event_count;     /* handed over so far */

    wb_kernel_handler held_handle; /* while events of the kind are held back: who gets them then */
    void *held_context;
    int64_t held_until_ms;
} wb_kernel_subscriber;

struct wb_kernel {
    int64_t now_ms;       /* since the scenario's epoch; never goes back */
    uint64_t event_count; /* handed over so far, all kinds */
    wb_event_queue queue; /* owned */
    wb_kernel_subscriber subscribers[WB_KERNEL_KIND_LIMIT];

    const volatile sig_atomic_t *stop_flag; /* borrowed; may be NULL */
    wb_kernel_progress progress;            /* may be NULL */
    void *progress_context;                 /* borrowed */
    uint64_t progress_interval_events;
    uint64_t next_progress; /* event_count at which progress is called again */
    uint64_t next_look;     /* event_count at which stop_flag and next_progress are looked at */
    bool is_stopped;        /* the last run was ended by the flag or by stop */
};

/* Starts at 0 ms with nothing pending. event_limit 0 means WB_EVENT_QUEUE_LIMIT_DEFAULT. */
void wb_kernel_init(wb_kernel *kernel, wb_event_queue_kind queue_kind, size_t event_limit);
void wb_kernel_release(wb_kernel *kernel);

/* Makes handle the one receiver of events of kind; kind must not have one yet. */
void wb_kernel_subscribe(wb_kernel *kernel, uint16_t kind, wb_kernel_handler handle, void *context);

/* An event of a subscribed kind at at_ms >= now_ms. WB_ERR_LIMIT: too many are pending. */
WB_MUST_CHECK wb_status wb_kernel_schedule(wb_kernel *kernel, int64_t at_ms, wb_phase phase,
                                           uint16_t kind, uint32_t subject, wb_error *err);

/* The same for event->{at_ms, phase, kind, subject}, which may be cancelled under *out_handle. */
WB_MUST_CHECK wb_status wb_kernel_schedule_cancellable(wb_kernel *kernel, const wb_event *event,
                                                       uint64_t *out_handle, wb_error *err);

/* False when handle is WB_EVENT_HANDLE_NONE, or its event has happened or was cancelled. */
bool wb_kernel_cancel(wb_kernel *kernel, uint64_t handle);

/* Holds events of kind back until until_ms: those that are due before are handed over then, in
 * their order, with that time; of several holds the latest counts. Kinds that nobody subscribed are
 * passed over. Not for events that somebody may cancel. */
void wb_kernel_hold(wb_kernel *kernel, uint16_t kind, int64_t until_ms);

/* Runs events until none at or before until_ms is pending, then moves the clock to until_ms
 * (unless that is WB_KERNEL_FOREVER). Ends early, with now_ms at the last event, when a handler
 * fails (its status is returned), or when stopped (WB_OK; is_stopped says so). May be called again
 * to go on, also after a stop. */
WB_MUST_CHECK wb_status wb_kernel_run_until(wb_kernel *kernel, int64_t until_ms, wb_error *err);

/* Runs the next event if it is not later than until_ms; *out_ran says whether there was one. */
WB_MUST_CHECK wb_status wb_kernel_step(wb_kernel *kernel, int64_t until_ms, bool *out_ran,
                                       wb_error *err);

/* Ends the present run after the present event; for handlers. */
void wb_kernel_stop(wb_kernel *kernel);

/* Has flag (set by a signal handler, say) stop a run when it is not 0; looked at every
 * WB_KERNEL_LOOK_INTERVAL events. flag may be NULL. */
void wb_kernel_watch_stop_flag(wb_kernel *kernel, const volatile sig_atomic_t *flag);

/* Has progress called every interval_events (> 0) events, or so: it is due at every
 * WB_KERNEL_LOOK_INTERVAL-th event at most. progress NULL ends that. */
void wb_kernel_report_progress(wb_kernel *kernel, wb_kernel_progress progress, void *context,
                               uint64_t interval_events);

/* Events of kind handed over so far. */
uint64_t wb_kernel_kind_count(const wb_kernel *kernel, uint16_t kind);

#endif
