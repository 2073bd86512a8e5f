/*
 * Every kind of event in one simulation, by the floor that handles it. The kernel itself attaches
 * no meaning to them. subject says which row the event is about.
 */
#ifndef WB_SIM_KERNEL_EVENT_KINDS_H
#define WB_SIM_KERNEL_EVENT_KINDS_H

typedef enum wb_event_kind {
    WB_EVENT_NONE,

    /* cloud (subject: instance, ASG) */
    WB_EVENT_INSTANCE_LAUNCHED,
    WB_EVENT_INSTANCE_RUNNING,
    WB_EVENT_INSTANCE_REGISTERED,
    WB_EVENT_INSTANCE_READY,
    WB_EVENT_INSTANCE_AGENT_DONE, /* its startup taints come off */
    WB_EVENT_INSTANCE_TERMINATED,
    WB_EVENT_INSTANCE_TAG, /* its tags are tried again */
    WB_EVENT_INSTANCE_INTERRUPTED,
    WB_EVENT_SPOT_WAVE,   /* subject: spot pool */
    WB_EVENT_SPOT_SET,    /* subject: the scenario's event */
    WB_EVENT_MARKET_STEP, /* the next step of the market's list */
    WB_EVENT_ZONE_OUTAGE, /* subject: outage << 1, and one more for its end */
    WB_EVENT_ASG_RECONCILE,
    WB_EVENT_CLOUD_TIMER,
    WB_EVENT_ADDRESS_RETRY, /* pods that found no address try again */
    WB_EVENT_VOLUME_RETRY,  /* pods that wait for a volume look again */

    /* cluster (subject: pod, node, workload) */
    WB_EVENT_POD_STARTED,
    WB_EVENT_POD_FINISHED,
    WB_EVENT_POD_DELETE,  /* the recorded or scaled-down end */
    WB_EVENT_POD_KILLED,  /* the grace period is over */
    WB_EVENT_POD_TAINTED, /* it has tolerated its node's NoExecute taint long enough */
    WB_EVENT_WORKLOAD_RECONCILE,
    WB_EVENT_CRON_FIRE,
    WB_EVENT_HPA_SYNC, /* subject: the autoscaler */

    /* kube-scheduler */
    WB_EVENT_SCHEDULER_CYCLE,
    WB_EVENT_SCHEDULER_BACKOFF,
    WB_EVENT_SCHEDULER_FLUSH,

    /* contenders: each numbers its own timers from here; subject as it likes */
    WB_EVENT_CONTROLLER_FIRST,
    WB_EVENT_CONTROLLER_LAST = WB_EVENT_CONTROLLER_FIRST + 31,

    /* the run: next trace record, next scenario step, a time sample, the end */
    WB_EVENT_TRACE_NEXT,
    WB_EVENT_SCENARIO_STEP,
    WB_EVENT_SAMPLE,
    WB_EVENT_HORIZON,

    WB_EVENT_KIND_COUNT
} wb_event_kind;

#endif
