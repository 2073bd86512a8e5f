/* The virtual clock: who is called, when, in which order, and how a run ends. */
#include <string.h>

#include "sim/kernel/kernel.h"
#include "tests/harness.h"

enum {
    KIND_LETTER,
    KIND_ECHO,
    KIND_FAIL,
    KIND_STOP,
    KIND_COUNT
};

enum {
    LOG_MAX = 4096
};

/* What handlers see and leave behind: one character per event. */
typedef struct world {
    wb_kernel kernel;
    char log[LOG_MAX];
    size_t log_length;
    uint64_t handle; /* of an event that a handler may cancel */
    uint64_t progress_calls;
    uint64_t progress_last_count;
} world;

static wb_status log_letter(void *context, const wb_event *event, wb_error *err)
{
    (void)err;
    world *w = context;
    CU_ASSERT_EQUAL(w->kernel.now_ms, event->at_ms);
    w->log[w->log_length++ % (LOG_MAX - 1)] = (char)event->subject;
    return WB_OK;
}

/* Logs, and schedules in the same millisecond: a letter of a later and one of an earlier phase. */
static wb_status echo(void *context, const wb_event *event, wb_error *err)
{
    world *w = context;
    WB_TRY(log_letter(context, event, err));
    WB_TRY(wb_kernel_schedule(&w->kernel, event->at_ms, WB_PHASE_RECORDER, KIND_LETTER, 'z', err));
    return wb_kernel_schedule(&w->kernel, event->at_ms, WB_PHASE_CLOUD, KIND_LETTER, 'a', err);
}

static wb_status fail(void *context, const wb_event *event, wb_error *err)
{
    (void)context;
    return wb_fail(err, WB_ERR_INPUT, "event %u is refused", (unsigned)event->subject);
}

static wb_status stop(void *context, const wb_event *event, wb_error *err)
{
    world *w = context;
    WB_TRY(log_letter(context, event, err));
    wb_kernel_stop(&w->kernel);
    return WB_OK;
}

static void init_world(world *w, wb_event_queue_kind kind)
{
    memset(w, 0, sizeof(*w));
    wb_kernel_init(&w->kernel, kind, 0);
    const wb_kernel_handler handlers[KIND_COUNT] = {log_letter, echo, fail, stop};
    for (uint32_t k = 0; k < KIND_COUNT; k++) {
        wb_kernel_subscribe(&w->kernel, (uint16_t)k, handlers[k], w);
    }
}

typedef struct planned_event {
    int64_t at_ms;
    wb_phase phase;
    uint16_t kind;
    char letter;
} planned_event;

enum {
    PLAN_MAX = 5
};

static const struct {
    const char *name;
    size_t count;
    planned_event plan[PLAN_MAX];
    int64_t until_ms;
    wb_status status;
    const char *log;
    int64_t now_ms; /* after the run */
    size_t pending; /* after the run */
    bool is_stopped;
} run_rows[] = {
    {"nothing pending moves the clock all the same", 0, {{0}}, 50, WB_OK, "", 50, 0, false},
    {"run for ever ends at the last event",
     1,
     {{7, WB_PHASE_CLOUD, KIND_LETTER, 'x'}},
     WB_KERNEL_FOREVER,
     WB_OK,
     "x",
     7,
     0,
     false},
    {"events at the end belong to the run, later ones do not",
     3,
     {{20, WB_PHASE_CLOUD, KIND_LETTER, 'c'},
      {10, WB_PHASE_CLOUD, KIND_LETTER, 'b'},
      {11, WB_PHASE_CLOUD, KIND_LETTER, 'n'}},
     11,
     WB_OK,
     "bn",
     11,
     1,
     false},
    {"within a millisecond phases come in order",
     5,
     {{5, WB_PHASE_RECORDER, KIND_LETTER, 'r'},
      {5, WB_PHASE_CONTROLLER, KIND_LETTER, 'c'},
      {5, WB_PHASE_SCHEDULER, KIND_LETTER, 's'},
      {5, WB_PHASE_CLUSTER, KIND_LETTER, 'p'},
      {5, WB_PHASE_CLOUD, KIND_LETTER, 'i'}},
     5,
     WB_OK,
     "ipscr",
     5,
     0,
     false},
    {"a handler's events of this millisecond happen in it, earlier phases next",
     2,
     {{5, WB_PHASE_CLUSTER, KIND_ECHO, 'e'}, {5, WB_PHASE_CONTROLLER, KIND_LETTER, 'c'}},
     5,
     WB_OK,
     "eacz",
     5,
     0,
     false},
    {"a failing handler ends the run at its event",
     2,
     {{5, WB_PHASE_CLUSTER, KIND_FAIL, 'f'}, {6, WB_PHASE_CLUSTER, KIND_LETTER, 'n'}},
     9,
     WB_ERR_INPUT,
     "",
     5,
     1,
     false},
    {"a handler may stop the run",
     2,
     {{5, WB_PHASE_CLUSTER, KIND_STOP, 's'}, {6, WB_PHASE_CLUSTER, KIND_LETTER, 'n'}},
     9,
     WB_OK,
     "s",
     5,
     1,
     true},
};

static void check_run(size_t row, wb_event_queue_kind kind)
{
    static world w;
    init_world(&w, kind);
    for (size_t i = 0; i < run_rows[row].count; i++) {
        const planned_event *planned = &run_rows[row].plan[i];
        CU_ASSERT_EQUAL(wb_kernel_schedule(&w.kernel, planned->at_ms, planned->phase, planned->kind,
                                           (uint32_t)planned->letter, NULL),
                        WB_OK);
    }
    wb_error err = {0};
    const wb_status status = wb_kernel_run_until(&w.kernel, run_rows[row].until_ms, &err);
    const bool as_expected = status == run_rows[row].status &&
                             strcmp(w.log, run_rows[row].log) == 0 &&
                             w.kernel.now_ms == run_rows[row].now_ms &&
                             wb_event_queue_count(&w.kernel.queue) == run_rows[row].pending &&
                             w.kernel.is_stopped == run_rows[row].is_stopped;
    if (!as_expected) {
        printf("\n%s: status %d, log '%s', now %lld\n", run_rows[row].name, (int)status, w.log,
               (long long)w.kernel.now_ms);
        CU_FAIL("run");
    }
    wb_kernel_release(&w.kernel);
}

static void test_run_rows(void)
{
    for (size_t row = 0; row < WB_TEST_COUNT(run_rows); row++) {
        check_run(row, WB_EVENT_QUEUE_CALENDAR);
        check_run(row, WB_EVENT_QUEUE_HEAP);
    }
}

static void test_cancellation(void)
{
    static world w;
    init_world(&w, WB_EVENT_QUEUE_CALENDAR);
    uint64_t handles[3];
    for (uint32_t i = 0; i < 3; i++) {
        const wb_event event = {
            .at_ms = 10 + i, .phase = WB_PHASE_CONTROLLER, .kind = KIND_LETTER, .subject = 'a' + i};
        CU_ASSERT_EQUAL(wb_kernel_schedule_cancellable(&w.kernel, &event, &handles[i], NULL),
                        WB_OK);
    }
    CU_ASSERT_TRUE(wb_kernel_cancel(&w.kernel, handles[1]));
    CU_ASSERT_FALSE(wb_kernel_cancel(&w.kernel, handles[1]));
    CU_ASSERT_FALSE(wb_kernel_cancel(&w.kernel, WB_EVENT_HANDLE_NONE));
    CU_ASSERT_EQUAL(wb_kernel_run_until(&w.kernel, 10, NULL), WB_OK);
    CU_ASSERT_FALSE(wb_kernel_cancel(&w.kernel, handles[0]));
    CU_ASSERT_EQUAL(wb_kernel_run_until(&w.kernel, 100, NULL), WB_OK);
    CU_ASSERT_STRING_EQUAL(w.log, "ac");
    wb_kernel_release(&w.kernel);
}

static void count_progress(void *context, const wb_kernel *kernel)
{
    world *w = context;
    w->progress_calls++;
    CU_ASSERT_TRUE(kernel->event_count >= w->progress_last_count + 3000);
    w->progress_last_count = kernel->event_count;
}

static void schedule_letters(world *w, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        CU_ASSERT_EQUAL(wb_kernel_schedule(&w->kernel, i, WB_PHASE_CLUSTER, KIND_LETTER, 'x', NULL),
                        WB_OK);
    }
}

static void test_progress_and_counters(void)
{
    static world w;
    init_world(&w, WB_EVENT_QUEUE_CALENDAR);
    schedule_letters(&w, 20000);
    CU_ASSERT_EQUAL(wb_kernel_schedule(&w.kernel, 30000, WB_PHASE_CLUSTER, KIND_ECHO, 'e', NULL),
                    WB_OK);
    wb_kernel_report_progress(&w.kernel, count_progress, &w, 3000);
    CU_ASSERT_EQUAL(wb_kernel_run_until(&w.kernel, WB_KERNEL_FOREVER, NULL), WB_OK);
    CU_ASSERT_TRUE(w.progress_calls >= 4 && w.progress_calls <= 7);
    CU_ASSERT_EQUAL(wb_kernel_kind_count(&w.kernel, KIND_LETTER), 20002);
    CU_ASSERT_EQUAL(wb_kernel_kind_count(&w.kernel, KIND_ECHO), 1);
    CU_ASSERT_EQUAL(wb_kernel_kind_count(&w.kernel, KIND_FAIL), 0);
    CU_ASSERT_EQUAL(w.kernel.event_count, 20003);
    wb_kernel_release(&w.kernel);
}

static void test_stop_flag(void)
{
    static world w;
    init_world(&w, WB_EVENT_QUEUE_CALENDAR);
    schedule_letters(&w, 20000);
    volatile sig_atomic_t flag = 1;
    wb_kernel_watch_stop_flag(&w.kernel, &flag);
    CU_ASSERT_EQUAL(wb_kernel_run_until(&w.kernel, WB_KERNEL_FOREVER, NULL), WB_OK);
    CU_ASSERT_TRUE(w.kernel.is_stopped);
    CU_ASSERT_EQUAL(w.kernel.event_count, WB_KERNEL_LOOK_INTERVAL);
    CU_ASSERT_EQUAL(w.kernel.now_ms, WB_KERNEL_LOOK_INTERVAL - 1);
    flag = 0;
    CU_ASSERT_EQUAL(wb_kernel_run_until(&w.kernel, WB_KERNEL_FOREVER, NULL), WB_OK);
    CU_ASSERT_FALSE(w.kernel.is_stopped);
    CU_ASSERT_EQUAL(w.kernel.event_count, 20000);
    wb_kernel_release(&w.kernel);
}

static void test_step(void)
{
    static world w;
    init_world(&w, WB_EVENT_QUEUE_HEAP);
    schedule_letters(&w, 2);
    bool ran = false;
    CU_ASSERT_EQUAL(wb_kernel_step(&w.kernel, 0, &ran, NULL), WB_OK);
    CU_ASSERT_TRUE(ran);
    CU_ASSERT_EQUAL(wb_kernel_step(&w.kernel, 0, &ran, NULL), WB_OK);
    CU_ASSERT_FALSE(ran);
    CU_ASSERT_EQUAL(w.kernel.now_ms, 0);
    CU_ASSERT_EQUAL(wb_kernel_step(&w.kernel, 1, &ran, NULL), WB_OK);
    CU_ASSERT_TRUE(ran);
    CU_ASSERT_EQUAL(w.kernel.now_ms, 1);
    wb_kernel_release(&w.kernel);
}

static void test_event_limit(void)
{
    wb_kernel kernel;
    wb_kernel_init(&kernel, WB_EVENT_QUEUE_CALENDAR, 1);
    wb_kernel_subscribe(&kernel, 0, fail, NULL);
    wb_error err = {0};
    CU_ASSERT_EQUAL(wb_kernel_schedule(&kernel, 1, WB_PHASE_CLOUD, 0, 0, &err), WB_OK);
    CU_ASSERT_EQUAL(wb_kernel_schedule(&kernel, 1, WB_PHASE_CLOUD, 0, 0, &err), WB_ERR_LIMIT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "limits.events"));
    wb_kernel_release(&kernel);
}

/* Letters that are due from 10 to 40 are held back until 30; the hold is extended once. What is
 * held comes in its order, with the time of the end, after what was due then. */
static void test_hold(void)
{
    static const planned_event plan[] = {
        {5, WB_PHASE_CLUSTER, KIND_LETTER, 'a'},     {20, WB_PHASE_CONTROLLER, KIND_LETTER, 'c'},
        {11, WB_PHASE_CONTROLLER, KIND_LETTER, 'b'}, {30, WB_PHASE_CONTROLLER, KIND_LETTER, 'd'},
        {40, WB_PHASE_CLUSTER, KIND_LETTER, 'e'},
    };
    world w;
    wb_error err = {0};
    init_world(&w, WB_EVENT_QUEUE_CALENDAR);
    for (size_t i = 0; i < WB_TEST_COUNT(plan); i++) {
        CU_ASSERT_EQUAL(wb_kernel_schedule(&w.kernel, plan[i].at_ms, plan[i].phase, plan[i].kind,
                                           (uint32_t)plan[i].letter, &err),
                        WB_OK);
    }
    CU_ASSERT_EQUAL(wb_kernel_run_until(&w.kernel, 10, &err), WB_OK);
    wb_kernel_hold(&w.kernel, KIND_LETTER, 15);
    wb_kernel_hold(&w.kernel, KIND_LETTER, 30);
    wb_kernel_hold(&w.kernel, KIND_LETTER, 12); /* the latest counts */
    wb_kernel_hold(&w.kernel, 200, 30);         /* nobody's */
    CU_ASSERT_EQUAL(wb_kernel_run_until(&w.kernel, 29, &err), WB_OK);
    CU_ASSERT_STRING_EQUAL(w.log, "a");
    CU_ASSERT_EQUAL(wb_kernel_run_until(&w.kernel, 30, &err), WB_OK);
    CU_ASSERT_STRING_EQUAL(w.log, "adbc");
    CU_ASSERT_EQUAL(wb_kernel_run_until(&w.kernel, 50, &err), WB_OK);
    CU_ASSERT_STRING_EQUAL(w.log, "adbce");
    wb_kernel_release(&w.kernel);
}

int main(void)
{
    const wb_test_case cases[] = {
        {"runs end where they should", test_run_rows},
        {"a cancelled event does not happen", test_cancellation},
        {"progress is reported and events are counted", test_progress_and_counters},
        {"the stop flag ends a run, which may go on", test_stop_flag},
        {"a step is one event", test_step},
        {"too many pending events are a status", test_event_limit},
        {"events that are held back come later, in their order", test_hold},
    };
    return wb_test_run("sim/kernel/kernel", cases, WB_TEST_COUNT(cases));
}
