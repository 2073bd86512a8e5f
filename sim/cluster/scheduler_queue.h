/*
 * kube-scheduler's queue: pods that may be tried now (active), pods that failed and got help but
 * must still wait (back-off), and pods that failed and wait for an event that may help
 * (unschedulable).
 *
 *     add ──▶ active ──pop──▶ in flight ──done──▶ (forgotten: bound)
 *               ▲                 │ reject
 *               │ back-off over   ▼
 *            back-off ◀──wake── unschedulable        wake goes straight to active once the
 *                                                    back-off is over
 *
 * Order in active: higher priority, then the time stamp, then who got its stamp first. The stamp is
 * renewed when a pod fails, so a pod put back lines up behind those that came meanwhile. Order in
 * back-off: the second in which the back-off ends, then the same.
 *
 * Unschedulable pods lie in one group per shape, in order of their stamps, since pods of a shape
 * fail alike: an event helps all of a group or none. A group can be woken as a whole, or one pod at
 * a time: then its first pod goes out for all; when it is bound the next one follows, when it fails
 * the attempt counts for the whole group (all stamps are renewed, all attempts counted, in constant
 * time). So ten thousand equal pods that wait cost one attempt per event and not ten thousand, and
 * the same pods get the same nodes.
 *
 * Knows nothing of nodes or events. Some 10,000 pods at a time in real use, a million at most.
 * Source: spec/kube-scheduler.md section 1.
 */
#ifndef WB_SIM_CLUSTER_SCHEDULER_QUEUE_H
#define WB_SIM_CLUSTER_SCHEDULER_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash_map.h"

#define WB_SCHEDULER_QUEUE_NONE UINT32_MAX

/* The defaults of podInitialBackoffSeconds and podMaxBackoffSeconds,
 * podMaxInUnschedulablePodsDuration, and how often the flush looks. */
#define WB_SCHEDULER_BACKOFF_FIRST_MS INT64_C(1000)
#define WB_SCHEDULER_BACKOFF_MAX_MS   INT64_C(10000)
#define WB_SCHEDULER_FLUSH_AGE_MS     INT64_C(300000)
#define WB_SCHEDULER_FLUSH_PERIOD_MS  INT64_C(30000)

typedef enum wb_scheduler_queue_place {
    WB_QUEUE_NOWHERE,
    WB_QUEUE_ACTIVE,
    WB_QUEUE_BACKOFF,
    WB_QUEUE_UNSCHEDULABLE,
    WB_QUEUE_IN_FLIGHT,
} wb_scheduler_queue_place;

typedef struct wb_scheduler_queue_item {
    uint32_t pod_id, shape;
    int32_t priority;
    uint32_t attempts; /* so far */
    int64_t stamp_ms;  /* when it was put into the queue, or failed last */
    uint64_t stamp_seq;
    int64_t backoff_end_ms;  /* on a whole second */
    uint32_t heap_index;     /* in the heap of its place */
    uint32_t group;          /* while unschedulable, or out for its group */
    uint32_t touch_count;    /* of the group when it joined */
    uint32_t next, previous; /* within the group */
    bool is_out;             /* for its group */
    wb_scheduler_queue_place place;
} wb_scheduler_queue_item;

/* A binary heap of items. */
typedef struct wb_scheduler_queue_heap {
    uint32_t *items; /* owned */
    uint32_t count, capacity;
    bool is_backoff; /* which order */
} wb_scheduler_queue_heap;

/* Unschedulable pods of one shape. Rows stay when they are empty. */
typedef struct wb_scheduler_queue_group {
    uint32_t shape;
    uint32_t plugins; /* that rejected a pod of it last */
    uint32_t first, last, count;
    uint32_t live_index; /* in live_groups, while it is not empty */
    /* Attempts that the first pod made for all: how many, when the last was. Items that joined
     * before have their stamp renewed to touch_ms, whatever they say themselves. */
    uint32_t touch_count;
    int64_t touch_ms;
    bool is_out; /* a pod of it is out for all */
} wb_scheduler_queue_group;

typedef struct wb_scheduler_queue {
    wb_scheduler_queue_item *items; /* owned; rows are reused */
    uint32_t item_count, item_capacity;
    uint32_t *free_items; /* owned */
    uint32_t free_count, free_capacity;
    wb_hash_map item_by_pod;
    wb_scheduler_queue_heap active, backoff;
    wb_scheduler_queue_group *groups; /* owned */
    uint32_t *live_groups;            /* owned: groups that are not empty, in no order */
    uint32_t group_count, group_capacity, live_group_count;
    wb_hash_map group_by_shape;
    uint32_t unschedulable_count;
    uint64_t next_seq;
    int64_t first_backoff_ms, longest_backoff_ms; /* the defaults, unless set after init */
    bool waits_for_backoff; /* true: an empty active queue does not take from back-off early
                               (feature gate SchedulerPopFromBackoffQ off) */
} wb_scheduler_queue;

/* Starts empty; frees what is inside. */
void wb_scheduler_queue_init(wb_scheduler_queue *queue);
void wb_scheduler_queue_release(wb_scheduler_queue *queue);

/* A new pod, to active. One that the queue knows already stays where it is. */
void wb_scheduler_queue_add(wb_scheduler_queue *queue, uint32_t pod_id, uint32_t shape,
                            int32_t priority, int64_t now_ms);

/* Forgets a pod, wherever it is: bound, or gone; false when it was not known. One that was out for
 * its group hands over to the next. */
bool wb_scheduler_queue_remove(wb_scheduler_queue *queue, uint32_t pod_id, int64_t now_ms);

/* Takes the next pod to try and counts the attempt: the first of active; when active is empty the
 * first of back-off, unless waits_for_backoff. False when there is none. */
bool wb_scheduler_queue_pop(wb_scheduler_queue *queue, uint32_t *out_pod_id);

/* A pod that was popped failed: plugins (bits) rejected it. */
void wb_scheduler_queue_reject(wb_scheduler_queue *queue, uint32_t pod_id, uint32_t plugins,
                               int64_t now_ms);

/* An event may help: to back-off, or to active when its back-off is over. A pod that is not
 * unschedulable stays where it is. */
void wb_scheduler_queue_wake(wb_scheduler_queue *queue, uint32_t pod_id, int64_t now_ms);

/* The same for all of groups[group]. */
void wb_scheduler_queue_wake_group(wb_scheduler_queue *queue, uint32_t group, int64_t now_ms);

/* The same one pod at a time; only for pods that can be told apart by nothing but their order, and
 * not with waits_for_backoff. */
void wb_scheduler_queue_wake_first(wb_scheduler_queue *queue, uint32_t group, int64_t now_ms);

/* Whether groups[group] has been unschedulable for more than five minutes: its oldest pod. */
bool wb_scheduler_queue_is_overdue(const wb_scheduler_queue *queue, uint32_t group, int64_t now_ms);

/* Moves pods whose back-off is over to active; called on whole seconds. */
void wb_scheduler_queue_end_backoffs(wb_scheduler_queue *queue, int64_t now_ms);

/* When that has something to do next, or -1. */
int64_t wb_scheduler_queue_next_backoff_ms(const wb_scheduler_queue *queue);

/* The next of the flushes, every 30 s from 0 on, that finds some group overdue; -1: none. */
int64_t wb_scheduler_queue_next_flush_ms(const wb_scheduler_queue *queue);

/* Whether pop would give a pod. */
bool wb_scheduler_queue_is_ready(const wb_scheduler_queue *queue);

/* Where a pod is. */
wb_scheduler_queue_place wb_scheduler_queue_find(const wb_scheduler_queue *queue, uint32_t pod_id);

/* Length of the back-off after attempts unschedulable results: the first one, doubling up to the
 * longest; 0 attempts: none. */
int64_t wb_scheduler_queue_backoff_ms(const wb_scheduler_queue *queue, uint32_t attempts);

#endif
