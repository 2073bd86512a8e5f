/* The hold model: the same answer from both queues, from the theory, and for ever. */
#include <inttypes.h>

#include "bench/hold.h"
#include "tests/harness.h"

static const struct {
    const char *name;
    size_t pending;
    uint64_t holds, seed;
    uint64_t checksum; /* computed by an independent program around Python's heapq */
} hold_rows[] = {
    {"one event", 1, 1000, 1, 0x359767f25dc50b60},
    {"a handful, in the heap beside today", 7, 5000, 1, 0x736a1e3e07d2be31},
    {"a hundred", 100, 20000, 2, 0x1f1e75bff5386edf},
    {"a thousand", 1000, 50000, 1, 0x27f25c89a0948547},
    {"fifty thousand", 50000, 200000, 3, 0xd134a84abbb90481},
};

static void test_rows(void)
{
    for (size_t row = 0; row < WB_TEST_COUNT(hold_rows); row++) {
        wb_hold_options options = {.pending = hold_rows[row].pending,
                                   .holds = hold_rows[row].holds,
                                   .seed = hold_rows[row].seed};
        wb_hold_result calendar;
        wb_hold_result heap;
        options.queue_kind = WB_EVENT_QUEUE_CALENDAR;
        CU_ASSERT_EQUAL(wb_hold_run(&options, &calendar, NULL), WB_OK);
        options.queue_kind = WB_EVENT_QUEUE_HEAP;
        CU_ASSERT_EQUAL(wb_hold_run(&options, &heap, NULL), WB_OK);
        CU_ASSERT_EQUAL(calendar.final_event_ticks, heap.final_event_ticks);
        CU_ASSERT_EQUAL(calendar.checksum, heap.checksum);
        if (calendar.checksum != hold_rows[row].checksum) {
            printf("\n%s: checksum 0x%016" PRIx64 "\n", hold_rows[row].name, calendar.checksum);
            CU_FAIL("checksum");
        }
        CU_ASSERT_TRUE(calendar.queue_bytes > 0 && calendar.resident_bytes_max > 0);
        CU_ASSERT_EQUAL(calendar.holds, options.holds);
    }
}

/* N events that step by 1 on average happen N times per unit of time. */
static void test_time_advances_as_theory_says(void)
{
    const wb_hold_options options = {.pending = 1000, .holds = 1000000, .seed = 5};
    wb_hold_result result;
    CU_ASSERT_EQUAL(wb_hold_run(&options, &result, NULL), WB_OK);
    const double steps = (double)result.final_event_ticks / (double)WB_HOLD_TICKS_PER_STEP;
    const double expected = (double)(options.holds + options.pending) / (double)options.pending;
    CU_ASSERT_DOUBLE_EQUAL(steps / expected, 1.0, 0.005);
}

static void test_options_are_checked(void)
{
    wb_error err = {0};
    wb_hold_result result;
    wb_hold_options options = {.pending = 0, .holds = 5};
    CU_ASSERT_EQUAL(wb_hold_run(&options, &result, &err), WB_ERR_INPUT);
    options = (wb_hold_options){.pending = 5, .holds = 0};
    CU_ASSERT_EQUAL(wb_hold_run(&options, &result, &err), WB_ERR_INPUT);
    options = (wb_hold_options){.pending = WB_EVENT_QUEUE_LIMIT_DEFAULT + 1, .holds = 5};
    CU_ASSERT_EQUAL(wb_hold_run(&options, &result, &err), WB_ERR_LIMIT);
}

int main(void)
{
    const wb_test_case cases[] = {
        {"heap and calendar agree, now and with the past", test_rows},
        {"time advances as theory says", test_time_advances_as_theory_says},
        {"options are checked", test_options_are_checked},
    };
    return wb_test_run("bench/hold", cases, WB_TEST_COUNT(cases));
}
