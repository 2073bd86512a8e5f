/*
 * The hold model: a queue of n pending events, the earliest taken and put back later by an
 * exponential step, again and again. What is measured is one taking and one putting back, the loop
 * of every discrete-event simulation without its handlers.
 */
#include "bench/hold.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/heap_memory.h"
#include "bench/stopwatch.h"

/*
 * Exponential steps in integers, so that every machine draws the same: -ln(u) = ln 2 * -log2(u),
 * and the logarithm to base 2 of a 64-bit word is its leading zeros plus a table of 257 values with
 * a straight line between two. The chord of log2 over 1/256 is off by at most (1/256)^2 / (8 ln 2)
 * = 2.8e-6: three ticks of a step's 2^20.
 */
enum {
    LOG_BITS = 8,
    LOG_ENTRIES = (1 << LOG_BITS) + 1
};

/* Table values are ticks times 2^STEP_FRACTION_BITS. */
enum {
    STEP_FRACTION_BITS = 32
};

/* ln 2 * 2^20 ticks in those units: 0xB17217F7D1CF79AB is ln 2 * 2^64. */
#define LN2_STEP (UINT64_C(0xB17217F7D1CF79AB) >> (64 - 20 - STEP_FRACTION_BITS))

typedef struct step_table {
    uint64_t log[LOG_ENTRIES]; /* ln(1 + i/256) in ticks << STEP_FRACTION_BITS */
    uint64_t state;            /* of the generator */
} step_table;

/* log2 of value / 2^62 in [1, 2), as a fraction of 2^32: squaring doubles the logarithm, so each
 * square past 2 is one binary digit. */
static uint64_t fraction_log2(uint64_t value)
{
    assert(value >> 62 == 1); /* from 1 up to 2 */
    assert(value >> 62 == 1);
    uint64_t digits = 0;
    for (int i = 0; i < 32; i++) {
        __extension__ const unsigned __int128 square = (unsigned __int128)value * value;
        value = (uint64_t)(square >> 62);
        const uint64_t digit = value >> 63;
        value >>= digit;
        digits = digits << 1 | digit;
    }
    return digits;
}

/* The table by integer arithmetic alone: log() differs in the last bit between C libraries. */
static void init_steps(step_table *steps, uint64_t seed)
{
    for (uint64_t i = 0; i + 1 < LOG_ENTRIES; i++) {
        const uint64_t log2 = fraction_log2((UINT64_C(1) << 62) + (i << (62 - LOG_BITS)));
        __extension__ const unsigned __int128 scaled = (unsigned __int128)log2 * LN2_STEP;
        steps->log[i] = (uint64_t)(scaled >> 32);
    }
    steps->log[LOG_ENTRIES - 1] = LN2_STEP;
    steps->state = seed;
}

/* One step in ticks, >= 0, mean WB_HOLD_TICKS_PER_STEP. The word is splitmix64's. */
static inline int64_t draw_step(step_table *steps)
{
    uint64_t word = steps->state += UINT64_C(0x9E3779B97F4A7C15);
    word = (word ^ (word >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94D049BB133111EB);
    word = (word ^ (word >> 31)) | 1;
    const unsigned zeros = (unsigned)__builtin_clzll(word);
    const uint64_t mantissa = word << zeros << 1; /* zeros may be 63: not one shift by 64 */
    const uint64_t index = mantissa >> (64 - LOG_BITS);
    const uint64_t low = steps->log[index];
    const uint64_t rise = steps->log[index + 1] - low;
    const uint64_t within = (mantissa << LOG_BITS) >> 40; /* 24 bits: rise has at most 45 */
    const uint64_t log = low + (((rise >> 8) * within) >> 16);
    return (int64_t)(((zeros + 1) * LN2_STEP - log) >> STEP_FRACTION_BITS);
}

/* The first times are steps from 0: since a step has no memory, that is the steady state
 * already. */
static wb_status fill(wb_event_queue *queue, size_t pending, step_table *steps, wb_error *err)
{
    assert(pending > 0 && pending <= queue->limit);
    for (size_t i = 0; i < pending; i++) {
        WB_TRY(wb_event_queue_push(queue, draw_step(steps), 0, 0, (uint32_t)i, err));
    }
    return WB_OK;
}

/* holds times: the earliest event, again. Adds to *checksum and leaves the last time in *now. */
static wb_status hold(wb_event_queue *queue, uint64_t holds, step_table *steps, uint64_t *checksum,
                      int64_t *now, wb_error *err)
{
    uint64_t sum = *checksum;
    int64_t last = *now;
    for (uint64_t i = 0; i < holds; i++) {
        wb_event event;
        const bool found = wb_event_queue_pop(queue, &event);
        assert(found);
        (void)found;
        last = event.at_ms;
        sum = (sum ^ ((uint64_t)event.at_ms + event.order + event.subject)) *
              UINT64_C(0x9E3779B97F4A7C15);
        WB_TRY(wb_event_queue_push(queue, last + draw_step(steps), 0, 0, event.subject, err));
    }
    *checksum = sum;
    *now = last;
    return WB_OK;
}

/* Warm-up and measured part on an initialised queue. */
static wb_status measure(wb_event_queue *queue, const wb_hold_options *options, step_table *steps,
                         wb_hold_result *out, wb_error *err)
{
    assert(options != NULL);
    uint64_t checksum = options->seed;
    int64_t now = 0;
    WB_TRY(fill(queue, options->pending, steps, err));
    WB_TRY(hold(queue, options->pending, steps, &checksum, &now, err));
    const int64_t begin_ns = wb_stopwatch_cpu_ns();
    WB_TRY(hold(queue, options->holds, steps, &checksum, &now, err));
    const int64_t cpu_ns = wb_stopwatch_cpu_ns() - begin_ns;
    const double holds = (double)options->holds;
    const int64_t queue_bytes = (int64_t)wb_event_queue_memory_bytes(queue);
    *out = (wb_hold_result){
        .holds = options->holds,
        .cpu_ns = cpu_ns,
        .cpu_seconds = (double)cpu_ns / 1e9,
        .holds_per_second = cpu_ns > 0 ? holds * 1e9 / (double)cpu_ns : 0.0,
        .ns_per_hold = (double)cpu_ns / holds,
        .final_event_ticks = now,
        .checksum = checksum,
        .queue_bytes = queue_bytes,
        .bytes_per_pending = (double)queue_bytes / (double)options->pending,
        .resident_bytes_max = wb_stopwatch_resident_bytes_max(),
    };
    return WB_OK;
}

wb_status wb_hold_run(const wb_hold_options *options, wb_hold_result *out, wb_error *err)
{
    assert(options != NULL && out != NULL);
    if (options->pending == 0 || options->holds == 0) {
        return wb_fail(err, WB_ERR_INPUT,
                       "pending is %zu and holds is %" PRIu64 ", both must be at least 1",
                       options->pending, options->holds);
    }
    if (options->pending > WB_EVENT_QUEUE_LIMIT_DEFAULT) {
        return wb_fail(err, WB_ERR_LIMIT, "pending is %zu, the queue takes at most %zu",
                       options->pending, WB_EVENT_QUEUE_LIMIT_DEFAULT);
    }
    step_table steps;
    init_steps(&steps, options->seed);
    wb_event_queue queue;
    /* One hold takes before it pushes, so pending is the limit as well. */
    wb_event_queue_init(&queue, options->queue_kind, options->pending);
    const wb_status status = measure(&queue, options, &steps, out, err);
    wb_event_queue_release(&queue);
    return status;
}
