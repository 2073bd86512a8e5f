/*
 * The pending-event set against a sorted array that can't be wrong, for both implementations: rows
 * with their expected order, then random programs over the time distributions that hurt.
 */
#include <assert.h>
#include <string.h>

#include "base/hash_map.h"
#include "base/heap_memory.h"
#include "sim/kernel/event_calendar.h"
#include "sim/kernel/event_queue.h"
#include "tests/harness.h"

/* Pushes a copy of *event for good. */
static wb_status push(wb_event_queue *queue, const wb_event *event, wb_error *err)
{
    return wb_event_queue_push(queue, event->at_ms, event->phase, event->kind, event->subject, err);
}

static const wb_event_queue_kind queue_kinds[] = {WB_EVENT_QUEUE_CALENDAR, WB_EVENT_QUEUE_HEAP};

/* ---- Rows ---- */

enum {
    ROW_EVENTS_MAX = 6
};

static const struct {
    const char *name;
    size_t count;
    struct {
        int64_t at_ms;
        uint16_t phase;
    } pushed[ROW_EVENTS_MAX];
    const char *order; /* subjects as they leave: 'a' was pushed first */
} order_rows[] = {
    {"nothing gives nothing", 0, {{0, 0}}, ""},
    {"earlier leaves first", 3, {{30, 0}, {10, 0}, {20, 0}}, "bca"},
    {"the same time leaves in order of arrival", 4, {{5, 1}, {5, 1}, {5, 1}, {5, 1}}, "abcd"},
    {"a lower phase goes before an earlier arrival", 3, {{5, 3}, {5, 0}, {5, 2}}, "bca"},
    {"time goes before phase", 2, {{6, 0}, {5, 9}}, "ba"},
    {"phases and arrivals mix", 6, {{5, 1}, {5, 0}, {5, 1}, {5, 0}, {4, 7}, {5, 1}}, "ebdacf"},
    {"the largest phase is allowed", 2, {{5, 0x7FFF}, {5, 0x7FFE}}, "ba"},
    {"time 0 and the end of time", 3, {{INT64_MAX, 0}, {0, 0}, {INT64_MAX, 0}}, "bac"},
};

static void check_row(size_t row, wb_event_queue_kind kind)
{
    wb_event_queue queue;
    wb_event_queue_init(&queue, kind, 0);
    for (size_t i = 0; i < order_rows[row].count; i++) {
        const wb_status status =
            wb_event_queue_push(&queue, order_rows[row].pushed[i].at_ms,
                                order_rows[row].pushed[i].phase, 7, 'a' + (uint32_t)i, NULL);
        CU_ASSERT_EQUAL(status, WB_OK);
    }
    char order[ROW_EVENTS_MAX + 1] = "";
    size_t length = 0;
    for (wb_event event; wb_event_queue_pop(&queue, &event);) {
        const size_t index = event.subject - 'a';
        CU_ASSERT_EQUAL(event.at_ms, order_rows[row].pushed[index].at_ms);
        CU_ASSERT_EQUAL(event.phase, order_rows[row].pushed[index].phase);
        CU_ASSERT_EQUAL(event.kind, 7);
        CU_ASSERT_EQUAL(wb_event_seq(&event), index);
        order[length++] = (char)event.subject;
    }
    if (strcmp(order, order_rows[row].order) != 0) {
        printf("\n%s: '%s' instead of '%s'\n", order_rows[row].name, order, order_rows[row].order);
        CU_FAIL("order");
    }
    wb_event_queue_release(&queue);
}

static void test_order_rows(void)
{
    for (size_t row = 0; row < WB_TEST_COUNT(order_rows); row++) {
        for (size_t k = 0; k < WB_TEST_COUNT(queue_kinds); k++) {
            check_row(row, queue_kinds[k]);
        }
    }
}

/* ---- Random programs against a sorted array ---- */

/* Wrong on purpose, to see that a program notices: the sorted array forgets a rule. */
typedef enum planted_fault {
    FAULT_NONE,
    FAULT_PHASE_IGNORED,
    FAULT_TIES_LAST_IN_FIRST_OUT,
    FAULT_CANCELLED_EVENT_HAPPENS,
    FAULT_SUBJECT_OF_NEIGHBOUR,
} planted_fault;

typedef struct model_event {
    int64_t at_ms;
    uint64_t seq, handle;
    uint32_t subject;
    uint16_t phase;
} model_event;

enum {
    MODEL_MAX = 6000,
    HANDLES_MAX = 4096
};

typedef struct model {
    model_event events[MODEL_MAX]; /* latest first, so that the earliest is taken off the end */
    size_t count;
    planted_fault fault;
} model;

static bool model_comes_before(const model *m, const model_event *a, const model_event *b)
{
    if (a->at_ms != b->at_ms) {
        return a->at_ms < b->at_ms;
    }
    if (a->phase != b->phase && m->fault != FAULT_PHASE_IGNORED) {
        return a->phase < b->phase;
    }
    return m->fault == FAULT_TIES_LAST_IN_FIRST_OUT ? a->seq > b->seq : a->seq < b->seq;
}

static void model_push(model *m, model_event event)
{
    assert(m->count < MODEL_MAX);
    size_t slot = m->count++;
    for (; slot > 0 && model_comes_before(m, &m->events[slot - 1], &event); slot--) {
        m->events[slot] = m->events[slot - 1];
    }
    m->events[slot] = event;
}

static bool model_cancel(model *m, uint64_t handle)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->events[i].handle == handle) {
            m->count--;
            memmove(&m->events[i], &m->events[i + 1], (m->count - i) * sizeof(model_event));
            return true;
        }
    }
    return false;
}

/* How far ahead of now an event is pushed, from 64 random bits. */
typedef int64_t (*draw_delay)(uint64_t bits, uint64_t operation);

static int64_t draw_uniform(uint64_t bits, uint64_t operation)
{
    (void)operation;
    return (int64_t)(bits % 1000);
}

static int64_t draw_same_time(uint64_t bits, uint64_t operation)
{
    (void)bits;
    (void)operation;
    return 0;
}

static int64_t draw_bursts(uint64_t bits, uint64_t operation)
{
    return (bits % 50 == 0) ? (int64_t)(bits >> 40) : (int64_t)(operation % 4000 < 2000 ? 3 : 5000);
}

static int64_t draw_skewed(uint64_t bits, uint64_t operation)
{
    (void)operation;
    return (int64_t)((bits >> 16) >> (bits % 48)); /* every order of magnitude equally often */
}

static int64_t draw_far_future(uint64_t bits, uint64_t operation)
{
    (void)operation;
    return bits % 8 == 0 ? INT64_MAX / 2 + (int64_t)(bits >> 4) % 1000 : (int64_t)(bits >> 54);
}

static int64_t draw_later_and_later(uint64_t bits, uint64_t operation)
{
    (void)bits;
    return (int64_t)(operation * 3);
}

static int64_t draw_sooner_and_sooner(uint64_t bits, uint64_t operation)
{
    (void)bits;
    return (int64_t)(100000 - operation);
}

static int64_t draw_near_and_far(uint64_t bits, uint64_t operation)
{
    (void)operation;
    return bits % 2 == 0 ? (int64_t)(bits >> 60) : (int64_t)(1000000 + (bits >> 44));
}

static const struct {
    const char *name;
    draw_delay draw;
} distributions[] = {
    {"uniform", draw_uniform},
    {"all at the same time", draw_same_time},
    {"bursts in one millisecond", draw_bursts},
    {"skewed over all magnitudes", draw_skewed},
    {"some at the end of time", draw_far_future},
    {"later and later", draw_later_and_later},
    {"sooner and sooner", draw_sooner_and_sooner},
    {"half near, half far", draw_near_and_far},
};

typedef struct program {
    wb_event_queue_kind kind;
    draw_delay draw;
    uint64_t seed;
    uint64_t operation_count;
    planted_fault fault;
} program;

typedef struct machine {
    wb_event_queue queue;
    model model;
    uint64_t handles[HANDLES_MAX]; /* given so far, the oldest overwritten */
    size_t handle_count;
    uint64_t pushed;
} machine;

/* Pushes one event into both; false when they disagree. */
static bool run_push(machine *m, const program *p, uint64_t bits, uint64_t operation)
{
    const int64_t delay = p->draw(wb_hash_map_mix(bits), operation);
    const int64_t now_ms = m->queue.now_ms;
    const wb_event event = {
        .at_ms = delay > INT64_MAX - now_ms ? INT64_MAX : now_ms + delay,
        .phase = (uint16_t)(bits >> 8 & 3),
        .subject = (uint32_t)(bits >> 32),
        .kind = (uint16_t)m->pushed,
    };
    uint64_t handle = WB_EVENT_HANDLE_NONE;
    if ((bits >> 16 & 3) == 0) {
        if (wb_event_queue_push_cancellable(&m->queue, &event, &handle, NULL) != WB_OK) {
            return false;
        }
        m->handles[m->handle_count++ % HANDLES_MAX] = handle;
    } else if (push(&m->queue, &event, NULL) != WB_OK) {
        return false;
    }
    model_push(&m->model, (model_event){.at_ms = event.at_ms,
                                        .seq = m->pushed++,
                                        .handle = handle,
                                        .subject = event.subject,
                                        .phase = event.phase});
    return true;
}

static bool run_cancel(machine *m, const program *p, uint64_t bits)
{
    if (m->handle_count == 0) {
        return !wb_event_queue_cancel(&m->queue, WB_EVENT_HANDLE_NONE);
    }
    const size_t known = m->handle_count < HANDLES_MAX ? m->handle_count : HANDLES_MAX;
    const uint64_t handle = m->handles[(bits >> 8) % known];
    const bool cancelled = wb_event_queue_cancel(&m->queue, handle);
    if (p->fault == FAULT_CANCELLED_EVENT_HAPPENS) {
        return true;
    }
    return cancelled == model_cancel(&m->model, handle);
}

static bool run_pop(machine *m, const program *p)
{
    int64_t at_ms = -1;
    wb_event event;
    const bool has_time = wb_event_queue_peek_time(&m->queue, &at_ms);
    if (has_time && wb_event_queue_pop_until(&m->queue, at_ms - 1, &event)) {
        return false;
    }
    if (wb_event_queue_pop(&m->queue, &event) != (m->model.count > 0)) {
        return false;
    }
    if (m->model.count == 0) {
        return !has_time;
    }
    const model_event expected = m->model.events[--m->model.count];
    const uint32_t subject = expected.subject + (p->fault == FAULT_SUBJECT_OF_NEIGHBOUR);
    return has_time && at_ms == event.at_ms && event.at_ms == expected.at_ms &&
           event.phase == expected.phase && wb_event_seq(&event) == expected.seq &&
           event.kind == (uint16_t)expected.seq && event.subject == subject;
}

/* Runs p; the operation at which queue and array part, or UINT64_MAX. */
static uint64_t run_program(const program *p)
{
    machine *m = wb_heap_memory_zalloc(1, sizeof(*m));
    wb_event_queue_init(&m->queue, p->kind, 0);
    m->model.fault = p->fault;
    uint64_t parted = UINT64_MAX;
    for (uint64_t i = 0; i < p->operation_count && parted == UINT64_MAX; i++) {
        const uint64_t bits = wb_hash_map_mix(p->seed + i);
        /* Waves of filling and draining; the last wave drains. */
        const uint64_t push_share = i / 3000 % 2 == 0 ? 160 : 90;
        bool agree = true;
        if (m->model.count < MODEL_MAX && (bits & 0xFF) < push_share) {
            agree = run_push(m, p, bits, i);
        } else if ((bits >> 20 & 7) == 0) {
            agree = run_cancel(m, p, bits);
        } else {
            agree = run_pop(m, p);
        }
        if (i % 256 == 0) {
            wb_event_queue_check(&m->queue);
        }
        parted = agree && wb_event_queue_count(&m->queue) == m->model.count ? parted : i;
    }
    while (parted == UINT64_MAX && m->model.count > 0) {
        parted = run_pop(m, p) ? UINT64_MAX : p->operation_count;
    }
    wb_event_queue_release(&m->queue);
    wb_heap_memory_free(m);
    return parted;
}

static void check_program(size_t d, wb_event_queue_kind kind, uint64_t seed)
{
    const program p = {kind, distributions[d].draw, seed << 32, 30000, FAULT_NONE};
    const uint64_t parted = run_program(&p);
    if (parted != UINT64_MAX) {
        printf("\n%s, %s, seed %llu: parted from the sorted array at operation %llu\n",
               distributions[d].name, wb_event_queue_kind_name(kind), (unsigned long long)seed,
               (unsigned long long)parted);
        CU_FAIL("program");
    }
}

static void test_programs(void)
{
    for (size_t d = 0; d < WB_TEST_COUNT(distributions); d++) {
        for (size_t k = 0; k < WB_TEST_COUNT(queue_kinds); k++) {
            for (uint64_t seed = 1; seed <= 3; seed++) {
                check_program(d, queue_kinds[k], seed);
            }
        }
    }
}

static void test_planted_faults_are_noticed(void)
{
    const planted_fault faults[] = {FAULT_PHASE_IGNORED, FAULT_TIES_LAST_IN_FIRST_OUT,
                                    FAULT_CANCELLED_EVENT_HAPPENS, FAULT_SUBJECT_OF_NEIGHBOUR};
    for (size_t f = 0; f < WB_TEST_COUNT(faults); f++) {
        for (size_t k = 0; k < WB_TEST_COUNT(queue_kinds); k++) {
            const program p = {queue_kinds[k], draw_uniform, UINT64_C(1) << 32, 30000, faults[f]};
            CU_ASSERT_NOT_EQUAL(run_program(&p), UINT64_MAX);
        }
    }
}

/* ---- Both implementations in step, at sizes where the array is too slow ---- */

enum {
    STEP_PENDING = 60000,
    STEP_COUNT = 120000
};

/* Pushes the same into both queues, cancellable every fifth time; the handles must be equal. */
static bool push_both(wb_event_queue *queues, const wb_event *event, uint64_t bits,
                      uint64_t *handle)
{
    uint64_t handles[2] = {*handle, *handle};
    bool ok = true;
    for (size_t k = 0; k < 2; k++) {
        const wb_status status =
            bits % 5 == 0 ? wb_event_queue_push_cancellable(&queues[k], event, &handles[k], NULL)
                          : push(&queues[k], event, NULL);
        ok = ok && status == WB_OK;
    }
    *handle = handles[0];
    return ok && handles[0] == handles[1];
}

/* Takes the earliest of both queues; they must be the same event. */
static bool pop_both(wb_event_queue *queues)
{
    wb_event events[2];
    const bool found[2] = {wb_event_queue_pop(&queues[0], &events[0]),
                           wb_event_queue_pop(&queues[1], &events[1])};
    return found[0] == found[1] &&
           (!found[0] ||
            (events[0].at_ms == events[1].at_ms && events[0].order == events[1].order &&
             events[0].subject == events[1].subject && events[0].phase == events[1].phase &&
             events[0].kind == events[1].kind));
}

/* True when heap and calendar agree all along on STEP_PENDING events drawn by draw. */
static bool run_in_step(draw_delay draw)
{
    wb_event_queue queues[2];
    wb_event_queue_init(&queues[0], WB_EVENT_QUEUE_CALENDAR, 0);
    wb_event_queue_init(&queues[1], WB_EVENT_QUEUE_HEAP, 0);
    uint64_t handle = WB_EVENT_HANDLE_NONE;
    bool agree = true;
    for (uint64_t i = 0; i < STEP_PENDING + STEP_COUNT && agree; i++) {
        const uint64_t bits = wb_hash_map_mix(i);
        const int64_t delay = draw(wb_hash_map_mix(bits), i);
        const int64_t now_ms = queues[0].now_ms;
        const wb_event event = {
            .at_ms = delay > INT64_MAX - now_ms ? INT64_MAX : now_ms + (delay < 0 ? 0 : delay),
            .phase = (uint16_t)(bits >> 50 & 3),
            .subject = (uint32_t)i,
        };
        agree = push_both(queues, &event, bits, &handle);
        if (bits >> 60 == 0) {
            agree = agree && wb_event_queue_cancel(&queues[0], handle) ==
                                 wb_event_queue_cancel(&queues[1], handle);
        }
        agree = agree && (i < STEP_PENDING || pop_both(queues));
    }
    wb_event_queue_check(&queues[0]);
    wb_event_queue_check(&queues[1]);
    agree = agree && queues[0].count == queues[1].count && queues[0].count > STEP_PENDING / 2;
    while (agree && queues[0].count > 0) {
        agree = pop_both(queues);
    }
    wb_event_queue_release(&queues[0]);
    wb_event_queue_release(&queues[1]);
    return agree;
}

static void test_in_step(void)
{
    for (size_t d = 0; d < WB_TEST_COUNT(distributions); d++) {
        if (!run_in_step(distributions[d].draw)) {
            printf("\n%s: heap and calendar disagree\n", distributions[d].name);
            CU_FAIL("in step");
        }
    }
}

/* ---- Work: counted, never timed ---- */

enum {
    WORK_PENDING = 200000
};

/* Fills a calendar with WORK_PENDING events and serves them all, each pushed once more on the way;
 * returns the moves of events per event served. */
static double moves_per_event(draw_delay draw)
{
    wb_event_queue queue;
    wb_event_queue_init(&queue, WB_EVENT_QUEUE_CALENDAR, 0);
    for (uint64_t i = 0; i < UINT64_C(2) * WORK_PENDING; i++) {
        wb_event event = {.subject = (uint32_t)i};
        if (i >= WORK_PENDING) {
            CU_ASSERT_TRUE(wb_event_queue_pop(&queue, &event));
        }
        const int64_t delay = draw(wb_hash_map_mix(i), i);
        event.at_ms = queue.now_ms + (delay < 0               ? 0
                                      : delay > INT64_MAX / 2 ? INT64_MAX / 2
                                                              : delay);
        CU_ASSERT_EQUAL(push(&queue, &event, NULL), WB_OK);
    }
    for (wb_event event; wb_event_queue_pop(&queue, &event);) {}
    const wb_event_calendar_work work = queue.calendar->work;
    wb_event_queue_release(&queue);
    return (double)(work.moved + work.sorted + work.heaped) / (2.0 * WORK_PENDING);
}

static void test_no_distribution_is_quadratic(void)
{
    for (size_t d = 0; d < WB_TEST_COUNT(distributions); d++) {
        const double moves = moves_per_event(distributions[d].draw);
        if (moves > 12.0) {
            printf("\n%s: %.1f moves per event\n", distributions[d].name, moves);
            CU_FAIL("moves");
        }
    }
}

/* A handle must not reach the next event that gets the same row of the table. */
static void test_old_handles_are_dead(void)
{
    for (size_t k = 0; k < WB_TEST_COUNT(queue_kinds); k++) {
        wb_event_queue queue;
        wb_event_queue_init(&queue, queue_kinds[k], 0);
        wb_event event = {.at_ms = 1};
        uint64_t popped = WB_EVENT_HANDLE_NONE;
        uint64_t cancelled = WB_EVENT_HANDLE_NONE;
        uint64_t living = WB_EVENT_HANDLE_NONE;
        CU_ASSERT_EQUAL(wb_event_queue_push_cancellable(&queue, &event, &popped, NULL), WB_OK);
        CU_ASSERT_TRUE(wb_event_queue_pop(&queue, &event));
        CU_ASSERT_EQUAL(wb_event_queue_push_cancellable(&queue, &event, &cancelled, NULL), WB_OK);
        CU_ASSERT_FALSE(wb_event_queue_cancel(&queue, popped));
        CU_ASSERT_TRUE(wb_event_queue_cancel(&queue, cancelled));
        CU_ASSERT_FALSE(wb_event_queue_pop(&queue, &event));
        CU_ASSERT_EQUAL(wb_event_queue_push_cancellable(&queue, &event, &living, NULL), WB_OK);
        CU_ASSERT_FALSE(wb_event_queue_cancel(&queue, popped));
        CU_ASSERT_FALSE(wb_event_queue_cancel(&queue, cancelled));
        CU_ASSERT_TRUE(wb_event_queue_cancel(&queue, living));
        wb_event_queue_release(&queue);
    }
}

/* Filled, emptied to the last event, asked once more and filled again, by turns. */
static void test_emptied_queues_start_again(void)
{
    wb_event_queue queues[2];
    wb_event_queue_init(&queues[0], WB_EVENT_QUEUE_CALENDAR, 0);
    wb_event_queue_init(&queues[1], WB_EVENT_QUEUE_HEAP, 0);
    bool agree = true;
    for (uint64_t i = 0; i < 40000 && agree; i++) {
        const uint64_t bits = wb_hash_map_mix(i);
        const wb_event event = {.at_ms = queues[0].now_ms + draw_skewed(bits, i) % 100000,
                                .subject = (uint32_t)i};
        uint64_t handle = WB_EVENT_HANDLE_NONE;
        agree = push_both(queues, &event, bits, &handle);
        while (agree && bits % 700 == 0 && queues[1].count > 0) {
            agree = pop_both(queues);
        }
        agree = agree && (bits % 700 != 0 || pop_both(queues));
    }
    CU_ASSERT_TRUE(agree);
    wb_event_queue_check(&queues[0]);
    wb_event_queue_release(&queues[0]);
    wb_event_queue_release(&queues[1]);
}

/* A timer that is set anew on every event must not leave a heap of dead events behind. */
static void test_cancelled_events_do_not_pile_up(void)
{
    for (size_t k = 0; k < WB_TEST_COUNT(queue_kinds); k++) {
        wb_event_queue queue;
        wb_event_queue_init(&queue, queue_kinds[k], 0);
        uint64_t handle = WB_EVENT_HANDLE_NONE;
        for (int64_t i = 0; i < 100000; i++) {
            const wb_event timer = {.at_ms = 1000000 + i, .subject = (uint32_t)i};
            CU_ASSERT_EQUAL(wb_event_queue_cancel(&queue, handle), i > 0);
            CU_ASSERT_EQUAL(wb_event_queue_push_cancellable(&queue, &timer, &handle, NULL), WB_OK);
            CU_ASSERT_TRUE(queue.stale_count <= 66);
        }
        wb_event_queue_check(&queue);
        wb_event event;
        CU_ASSERT_TRUE(wb_event_queue_pop(&queue, &event));
        CU_ASSERT_EQUAL(event.subject, 99999);
        CU_ASSERT_FALSE(wb_event_queue_cancel(&queue, handle));
        CU_ASSERT_FALSE(wb_event_queue_pop(&queue, &event));
        wb_event_queue_release(&queue);
    }
}

enum {
    STORM_COUNT = 40000
};

/* Fills both queues with STORM_COUNT events, three in four of them cancellable, and serves some, so
 * that the calendar has an open day with a heap beside it and rungs below. */
static bool fill_before_storm(wb_event_queue *queues, uint64_t *handles)
{
    bool agree = true;
    for (uint64_t i = 0; i < STORM_COUNT; i++) {
        const uint64_t bits = wb_hash_map_mix(i);
        const wb_event event = {.at_ms = queues[0].now_ms + draw_skewed(bits, i),
                                .subject = (uint32_t)i};
        handles[i] = WB_EVENT_HANDLE_NONE;
        agree = agree && push_both(queues, &event, i % 4 == 0 ? 1 : 5, &handles[i]);
        agree = agree && (i % 16 != 0 || pop_both(queues));
    }
    return agree;
}

/* Nine in ten cancellable events are taken back at once: stale ones are swept, the rest stays. */
static void test_cancel_storm(void)
{
    uint64_t *handles = wb_heap_memory_alloc(STORM_COUNT, sizeof(*handles));
    wb_event_queue queues[2];
    wb_event_queue_init(&queues[0], WB_EVENT_QUEUE_CALENDAR, 0);
    wb_event_queue_init(&queues[1], WB_EVENT_QUEUE_HEAP, 0);
    bool agree = fill_before_storm(queues, handles);
    bool was_swept = false;
    size_t cancelled = 0;
    const size_t before = queues[0].count;
    /* Until the stale ones outnumber the rest. */
    for (size_t i = 0; i < STORM_COUNT && agree; i++) {
        if (i % 10 != 0) {
            const size_t stale = queues[0].stale_count;
            const bool was_pending = wb_event_queue_cancel(&queues[0], handles[i]);
            was_swept = was_swept || queues[0].stale_count < stale;
            agree = wb_event_queue_cancel(&queues[1], handles[i]) == was_pending;
            cancelled += was_pending;
        } else {
            agree = pop_both(queues);
        }
        if (i % 1000 == 0) {
            wb_event_queue_check(&queues[0]);
            wb_event_queue_check(&queues[1]);
        }
    }
    CU_ASSERT_TRUE(agree && cancelled > STORM_COUNT / 2);
    CU_ASSERT_TRUE(queues[0].count == queues[1].count && queues[0].count < before - cancelled);
    CU_ASSERT_TRUE(was_swept);
    agree = agree && fill_before_storm(queues, handles) && fill_before_storm(queues, handles);
    while (agree && queues[0].count > 0) {
        agree = pop_both(queues);
    }
    CU_ASSERT_TRUE(agree);
    wb_event_queue_release(&queues[0]);
    wb_event_queue_release(&queues[1]);
    wb_heap_memory_free(handles);
}

/* The goal is 32 bytes per pending event, all spare room included, where there are many. */
static void test_memory_per_event(void)
{
    enum {
        PENDING = 400000
    };
    wb_event_queue queue;
    wb_event_queue_init(&queue, WB_EVENT_QUEUE_CALENDAR, 0);
    for (uint64_t i = 0; i < 3 * (uint64_t)PENDING; i++) {
        wb_event event = {0};
        if (i >= PENDING) {
            CU_ASSERT_TRUE(wb_event_queue_pop(&queue, &event));
        }
        event.at_ms += draw_uniform(wb_hash_map_mix(i), i) << 20;
        CU_ASSERT_EQUAL(push(&queue, &event, NULL), WB_OK);
    }
    CU_ASSERT_EQUAL(wb_event_queue_count(&queue), PENDING);
    CU_ASSERT_TRUE(wb_event_queue_memory_bytes(&queue) < 32 * (size_t)PENDING);
    wb_event_queue_release(&queue);
}

static void test_limit(void)
{
    for (size_t k = 0; k < WB_TEST_COUNT(queue_kinds); k++) {
        wb_event_queue queue;
        wb_event_queue_init(&queue, queue_kinds[k], 2);
        const wb_event event = {.at_ms = 5};
        uint64_t handle = 77;
        wb_error err = {0};
        CU_ASSERT_EQUAL(push(&queue, &event, &err), WB_OK);
        CU_ASSERT_EQUAL(wb_event_queue_push_cancellable(&queue, &event, &handle, &err), WB_OK);
        CU_ASSERT_EQUAL(push(&queue, &event, &err), WB_ERR_LIMIT);
        CU_ASSERT_STRING_EQUAL(err.text, "more than 2 events pending at 0 ms: raise limits.events");
        uint64_t untouched = 77;
        CU_ASSERT_EQUAL(wb_event_queue_push_cancellable(&queue, &event, &untouched, &err),
                        WB_ERR_LIMIT);
        CU_ASSERT_EQUAL(untouched, 77);
        CU_ASSERT_EQUAL(wb_event_queue_count(&queue), 2);
        CU_ASSERT_TRUE(wb_event_queue_cancel(&queue, handle));
        CU_ASSERT_EQUAL(push(&queue, &event, &err), WB_OK);
        wb_event_queue_check(&queue);
        wb_event_queue_release(&queue);
    }
}

static void test_kind_names(void)
{
    for (size_t k = 0; k < WB_TEST_COUNT(queue_kinds); k++) {
        wb_event_queue_kind found = WB_EVENT_QUEUE_CALENDAR;
        CU_ASSERT_TRUE(wb_event_queue_kind_find(wb_event_queue_kind_name(queue_kinds[k]), &found));
        CU_ASSERT_EQUAL(found, queue_kinds[k]);
    }
    wb_event_queue_kind untouched = WB_EVENT_QUEUE_HEAP;
    CU_ASSERT_FALSE(wb_event_queue_kind_find("ladder", &untouched));
    CU_ASSERT_EQUAL(untouched, WB_EVENT_QUEUE_HEAP);
}

int main(void)
{
    const wb_test_case cases[] = {
        {"events leave by time, phase, arrival", test_order_rows},
        {"random programs agree with a sorted array", test_programs},
        {"planted faults are noticed", test_planted_faults_are_noticed},
        {"heap and calendar agree at size", test_in_step},
        {"no distribution is quadratic", test_no_distribution_is_quadratic},
        {"an old handle reaches nothing", test_old_handles_are_dead},
        {"an emptied queue starts again", test_emptied_queues_start_again},
        {"cancelled events do not pile up", test_cancelled_events_do_not_pile_up},
        {"a storm of cancellations leaves the rest in order", test_cancel_storm},
        {"a pending event costs less than 32 bytes", test_memory_per_event},
        {"the limit is a status and names its option", test_limit},
        {"kinds are found by name", test_kind_names},
    };
    return wb_test_run("sim/kernel/event_queue", cases, WB_TEST_COUNT(cases));
}
