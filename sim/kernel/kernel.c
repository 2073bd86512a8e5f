/*
 * The loop: the earliest event, its handler, again. All of virtual time passes here, so this file
 * is short: no batching, no threads, no clock but the event's.
 */
#include "sim/kernel/kernel.h"

#include <assert.h>

void wb_kernel_init(wb_kernel *kernel, wb_event_queue_kind queue_kind, size_t event_limit)
{
    assert(kernel != NULL);
    *kernel = (wb_kernel){.next_look = WB_KERNEL_LOOK_INTERVAL};
    wb_event_queue_init(&kernel->queue, queue_kind, event_limit);
}

void wb_kernel_release(wb_kernel *kernel)
{
    wb_event_queue_release(&kernel->queue);
}

void wb_kernel_subscribe(wb_kernel *kernel, uint16_t kind, wb_kernel_handler handle, void *context)
{
    assert(kind < WB_KERNEL_KIND_LIMIT && handle != NULL);
    assert(kernel->subscribers[kind].handle == NULL); /* one receiver: order is never in doubt */
    kernel->subscribers[kind].handle = handle;
    kernel->subscribers[kind].context = context;
}

/* Whether an event may be scheduled at all; else the caller has a bug. */
static bool is_schedulable(const wb_kernel *kernel, int64_t at_ms, unsigned phase, unsigned kind)
{
    return at_ms >= kernel->now_ms && phase <= WB_PHASE_RECORDER && kind < WB_KERNEL_KIND_LIMIT &&
           kernel->subscribers[kind].handle != NULL;
}

wb_status wb_kernel_schedule(wb_kernel *kernel, int64_t at_ms, wb_phase phase, uint16_t kind,
                             uint32_t subject, wb_error *err)
{
    assert(is_schedulable(kernel, at_ms, (unsigned)phase, kind));
    return wb_event_queue_push(&kernel->queue, at_ms, (uint16_t)phase, kind, subject, err);
}

wb_status wb_kernel_schedule_cancellable(wb_kernel *kernel, const wb_event *event,
                                         uint64_t *out_handle, wb_error *err)
{
    assert(is_schedulable(kernel, event->at_ms, event->phase, event->kind));
    return wb_event_queue_push_cancellable(&kernel->queue, event, out_handle, err);
}

bool wb_kernel_cancel(wb_kernel *kernel, uint64_t handle)
{
    return wb_event_queue_cancel(&kernel->queue, handle);
}

/* Stands in for the receiver of a kind that is held back. */
static wb_status hold_back(void *context, const wb_event *event, wb_error *err)
{
    wb_kernel *kernel = context;
    wb_kernel_subscriber *subscriber = &kernel->subscribers[event->kind];
    if (event->at_ms < subscriber->held_until_ms) {
        return wb_kernel_schedule(kernel, subscriber->held_until_ms, (wb_phase)event->phase,
                                  event->kind, event->subject, err);
    }
    subscriber->handle = subscriber->held_handle;
    subscriber->context = subscriber->held_context;
    return subscriber->handle(subscriber->context, event, err);
}

void wb_kernel_hold(wb_kernel *kernel, uint16_t kind, int64_t until_ms)
{
    assert(kind < WB_KERNEL_KIND_LIMIT && until_ms >= kernel->now_ms);
    wb_kernel_subscriber *subscriber = &kernel->subscribers[kind];
    if (subscriber->handle == NULL) {
        return;
    }
    if (subscriber->handle != hold_back) {
        subscriber->held_handle = subscriber->handle;
        subscriber->held_context = subscriber->context;
        subscriber->held_until_ms = until_ms;
        subscriber->handle = hold_back;
        subscriber->context = kernel;
    } else if (until_ms > subscriber->held_until_ms) {
        subscriber->held_until_ms = until_ms;
    }
}

wb_status wb_kernel_step(wb_kernel *kernel, int64_t until_ms, bool *out_ran, wb_error *err)
{
    wb_event event;
    if (!wb_event_queue_pop_until(&kernel->queue, until_ms, &event)) {
        *out_ran = false;
        return WB_OK;
    }
    assert(event.at_ms >= kernel->now_ms);
    /* Counted before it is handled: an event whose handler fails did happen. */
    kernel->now_ms = event.at_ms;
    kernel->event_count++;
    wb_kernel_subscriber *subscriber = &kernel->subscribers[event.kind];
    subscriber->event_count++;
    WB_TRY(subscriber->handle(subscriber->context, &event, err));
    *out_ran = true;
    return WB_OK;
}

/* What happens every WB_KERNEL_LOOK_INTERVAL events, between two events. */
static void look_up(wb_kernel *kernel)
{
    kernel->next_look = kernel->event_count + WB_KERNEL_LOOK_INTERVAL;
    if (kernel->stop_flag != NULL && *kernel->stop_flag != 0) {
        kernel->is_stopped = true;
    }
    if (kernel->progress != NULL && kernel->event_count >= kernel->next_progress) {
        kernel->next_progress = kernel->event_count + kernel->progress_interval_events;
        kernel->progress(kernel->progress_context, kernel);
    }
}

wb_status wb_kernel_run_until(wb_kernel *kernel, int64_t until_ms, wb_error *err)
{
    assert(until_ms >= kernel->now_ms);
    kernel->is_stopped = false;
    /* The one loop of a simulation. A step looks up nothing but the handler; the flag and the
     * progress have a counter of their own to be looked at seldom. */
    for (bool ran = true; ran;) {
        WB_TRY(wb_kernel_step(kernel, until_ms, &ran, err));
        if (kernel->event_count >= kernel->next_look) {
            look_up(kernel);
        }
        if (kernel->is_stopped) {
            return WB_OK;
        }
    }
    if (until_ms != WB_KERNEL_FOREVER) {
        kernel->now_ms = until_ms;
    }
    return WB_OK;
}

void wb_kernel_stop(wb_kernel *kernel)
{
    kernel->is_stopped = true;
}

void wb_kernel_watch_stop_flag(wb_kernel *kernel, const volatile sig_atomic_t *flag)
{
    kernel->stop_flag = flag;
}

void wb_kernel_report_progress(wb_kernel *kernel, wb_kernel_progress progress, void *context,
                               uint64_t interval_events)
{
    assert(interval_events > 0);
    kernel->progress = progress;
    kernel->progress_context = context;
    kernel->progress_interval_events = interval_events;
    kernel->next_progress = kernel->event_count + interval_events;
}

uint64_t wb_kernel_kind_count(const wb_kernel *kernel, uint16_t kind)
{
    assert(kind < WB_KERNEL_KIND_LIMIT);
    return kernel->subscribers[kind].event_count;
}
