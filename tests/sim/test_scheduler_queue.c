/*
 * The scheduler's queue by little programs: rows of operations, and which pods come out in which
 * order.
 *
 *   @500   the time is 500 ms
 *   +3     pod 3 arrives (+3!9: with priority 9; +3/2: of shape 2)
 *   <      a pod is popped, and printed; <*: all that can be popped
 *   x3     pod 3 failed                      w3   an event may help pod 3
 *   e      back-offs end                     W2   ... all pods of shape 2; F2: the first of them
 *   -3     pod 3 is forgotten
 */
#include <stdlib.h>
#include <string.h>

#include "sim/cluster/scheduler_queue.h"
#include "tests/harness.h"

typedef struct queue_program {
    wb_scheduler_queue queue;
    int64_t now_ms;
    char out[256];
    size_t length;
} queue_program;

static uint32_t read_number(const char **text)
{
    char *end = NULL;
    const unsigned long number = strtoul(*text, &end, 10);
    CU_ASSERT_PTR_NOT_EQUAL_FATAL(end, *text);
    *text = end;
    return (uint32_t)number;
}

static void add_pod(queue_program *program, const char **text)
{
    const uint32_t pod = read_number(text);
    uint32_t priority = 0;
    uint32_t shape = 0;
    while (**text == '!' || **text == '/') {
        const char what = *(*text)++;
        *(what == '!' ? &priority : &shape) = read_number(text);
    }
    wb_scheduler_queue_add(&program->queue, pod, shape, (int32_t)priority, program->now_ms);
}

static bool pop(queue_program *program)
{
    uint32_t pod = 0;
    const bool found = wb_scheduler_queue_pop(&program->queue, &pod);
    char text[16] = "-";
    if (found) {
        (void)snprintf(text, sizeof(text), "%u", pod);
    }
    const size_t room = sizeof(program->out) - program->length;
    program->length += (size_t)snprintf(program->out + program->length, room, "%s%s",
                                        program->length == 0 ? "" : " ", text);
    return found;
}

/* The group of a shape, which must be there. */
static uint32_t group_of(const queue_program *program, uint32_t shape)
{
    for (uint32_t i = 0; i < program->queue.group_count; i++) {
        if (program->queue.groups[i].shape == shape) {
            return i;
        }
    }
    CU_FAIL_FATAL("no group of that shape");
    return 0;
}

static void run_operation(queue_program *program, const char **text)
{
    wb_scheduler_queue *queue = &program->queue;
    switch (*(*text)++) {
    case '@': program->now_ms = read_number(text); break;
    case '+': add_pod(program, text); break;
    case '-':
        CU_ASSERT_TRUE(wb_scheduler_queue_remove(queue, read_number(text), program->now_ms));
        break;
    case '<':
        if (**text == '*') {
            (*text)++;
            while (pop(program)) {}
        } else {
            (void)pop(program);
        }
        break;
    case 'x': wb_scheduler_queue_reject(queue, read_number(text), 1, program->now_ms); break;
    case 'w': wb_scheduler_queue_wake(queue, read_number(text), program->now_ms); break;
    case 'W':
        wb_scheduler_queue_wake_group(queue, group_of(program, read_number(text)), program->now_ms);
        break;
    case 'F':
        wb_scheduler_queue_wake_first(queue, group_of(program, read_number(text)), program->now_ms);
        break;
    case 'e': wb_scheduler_queue_end_backoffs(queue, program->now_ms); break;
    default: CU_FAIL_FATAL("an operation that is not known"); break;
    }
}

static const struct {
    const char *name;
    bool waits_for_backoff;
    const char *program, *expected;
} order_rows[] = {
    {"first come, first served", false, "+1 +2 +3 <*", "1 2 3 -"},
    {"higher priority first", false, "+1 +2!5 +3!5 +4 <*", "2 3 1 4 -"},
    {"a later stamp loses against an earlier one", false, "@5 +2 @3 +1 <*", "1 2 -"},
    {"what failed lines up behind what came meanwhile", false, "+1 < @10 +2 x1 @5000 w1 <*",
     "1 2 1 -"},
    {"an empty active queue takes from back-off early", false, "+1 < x1 w1 <*", "1 1 -"},
    {"unless it has to wait", true, "+1 < x1 w1 <*", "1 -"},
    {"until the second in which the back-off ends", true, "@500 +1 < x1 w1 @999 e < @1000 e <",
     "1 - 1"},
    {"active comes before back-off, whatever the priority", false, "+1!9 < x1 w1 @10 +2 <*",
     "1 2 1 -"},
    {"back-offs of one second line up by priority", true, "+1 < x1 @300 +2!5 < x2 W0 @1000 e <*",
     "1 2 2 1 -"},
    {"back-offs of different seconds by their end", false,
     "+1!9 < x1 @2000 w1 < x1 @3000 +2 < x2 W0 <*", "1 1 2 1 2 -"},
    {"a back-off that is over leads straight to active", true, "+1 < x1 @1000 w1 <*", "1 1 -"},
    {"the second failure waits twice as long", true, "+1 < x1 @1000 w1 < x1 @2999 w1 e < @3000 e <",
     "1 1 - 1"},
    {"nobody is woken twice", false, "+1 < x1 w1 w1 <*", "1 1 -"},
    {"a pod that is forgotten does not come back", false, "+1 +2 -1 < x2 -2 <*", "2 -"},
    {"a pod that is known is not added again", false, "+1 +1 <*", "1 -"},
    {"a whole group comes out in order", false, "+1 +2 +3 <* x1 x2 x3 @9000 W0 <*",
     "1 2 3 - 1 2 3 -"},
    {"one at a time: the first goes, the others stay", false, "+1 +2 +3 <* x1 x2 x3 @9000 F0 <*",
     "1 2 3 - 1 -"},
    {"one at a time: when it is bound the next one follows", false,
     "+1 +2 +3 <* x1 x2 x3 @9000 F0 < -1 < -2 <*", "1 2 3 - 1 2 3 -"},
    {"one at a time: when it fails it is still the first", false,
     "+1 +2 +3 <* x1 x2 x3 @9000 F0 < x1 @19000 F0 < -1 <*", "1 2 3 - 1 1 2 -"},
    {"one at a time: it failed for all, so all line up behind a newcomer", false,
     "+1/1 +2/1 <* x1 x2 @9000 F1 < x1 @9500 +3/2 < x3 @30000 W1 W2 <*", "1 2 - 1 3 1 2 3 -"},
    {"one at a time: shapes take turns by their stamps", false,
     "+1/1 +2/2 +3/1 <* x1 x2 x3 @9000 F2 F1 < -1 < -2 <*", "1 2 3 - 1 2 3 -"},
};

static void test_order(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(order_rows); i++) {
        queue_program program = {.now_ms = 0};
        wb_scheduler_queue_init(&program.queue);
        program.queue.waits_for_backoff = order_rows[i].waits_for_backoff;
        for (const char *text = order_rows[i].program; *text != '\0';) {
            if (*text == ' ') {
                text++;
            } else {
                run_operation(&program, &text);
            }
        }
        CU_ASSERT_STRING_EQUAL(program.out, order_rows[i].expected);
        if (strcmp(program.out, order_rows[i].expected) != 0) {
            printf("\n    failed: %s: '%s'\n", order_rows[i].name, program.out);
        }
        wb_scheduler_queue_release(&program.queue);
    }
}

static void test_backoff(void)
{
    static const struct {
        int64_t first_ms, longest_ms, expected_ms[8];
    } rows[] = {
        {1000, 10000, {0, 1000, 2000, 4000, 8000, 10000, 10000, 10000}},
        {5000, 12000, {0, 5000, 10000, 12000, 12000, 12000, 12000, 12000}},
        {3000, 3000, {0, 3000, 3000, 3000, 3000, 3000, 3000, 3000}},
    };
    for (size_t row = 0; row < WB_TEST_COUNT(rows); row++) {
        wb_scheduler_queue queue;
        wb_scheduler_queue_init(&queue);
        CU_ASSERT_EQUAL(wb_scheduler_queue_backoff_ms(&queue, UINT32_MAX), 10000);
        queue.first_backoff_ms = rows[row].first_ms;
        queue.longest_backoff_ms = rows[row].longest_ms;
        for (uint32_t i = 0; i < WB_TEST_COUNT(rows[row].expected_ms); i++) {
            CU_ASSERT_EQUAL(wb_scheduler_queue_backoff_ms(&queue, i), rows[row].expected_ms[i]);
        }
        CU_ASSERT_EQUAL(wb_scheduler_queue_backoff_ms(&queue, UINT32_MAX), rows[row].longest_ms);
        wb_scheduler_queue_release(&queue);
    }
}

/* Attempts that the first pod of a group made count for those behind it. */
static void test_group_attempts(void)
{
    wb_scheduler_queue queue;
    wb_scheduler_queue_init(&queue);
    uint32_t pod = 0;
    for (uint32_t i = 1; i <= 2; i++) {
        wb_scheduler_queue_add(&queue, i, 0, 0, 0);
        CU_ASSERT_TRUE(wb_scheduler_queue_pop(&queue, &pod));
        wb_scheduler_queue_reject(&queue, i, 1, 0);
    }
    for (int64_t at_ms = 20000; at_ms <= 60000; at_ms += 20000) {
        wb_scheduler_queue_wake_first(&queue, 0, at_ms);
        CU_ASSERT_TRUE(wb_scheduler_queue_pop(&queue, &pod));
        CU_ASSERT_EQUAL(pod, 1);
        wb_scheduler_queue_reject(&queue, 1, 1, at_ms);
    }
    /* Four attempts each: 8 s from the last of them. */
    wb_scheduler_queue_wake(&queue, 2, 60000);
    CU_ASSERT_EQUAL(wb_scheduler_queue_find(&queue, 2), WB_QUEUE_BACKOFF);
    CU_ASSERT_EQUAL(wb_scheduler_queue_next_backoff_ms(&queue), 68000);
    wb_scheduler_queue_release(&queue);
}

static const struct {
    const char *name;
    int64_t failed_ms, expected_ms;
} flush_rows[] = {
    {"the first flush that finds it older than five minutes", 0, 330000},
    {"one that finds it just as old does not count", 30000, 360000},
    {"a millisecond earlier does", 29999, 330000},
    {"in between", 12345, 330000},
};

static void test_flush(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(flush_rows); i++) {
        wb_scheduler_queue queue;
        wb_scheduler_queue_init(&queue);
        CU_ASSERT_EQUAL(wb_scheduler_queue_next_flush_ms(&queue), -1);
        uint32_t pod = 0;
        wb_scheduler_queue_add(&queue, 7, 0, 0, 0);
        CU_ASSERT_TRUE(wb_scheduler_queue_pop(&queue, &pod));
        wb_scheduler_queue_reject(&queue, 7, 1, flush_rows[i].failed_ms);
        const int64_t flush_ms = wb_scheduler_queue_next_flush_ms(&queue);
        CU_ASSERT_EQUAL(flush_ms, flush_rows[i].expected_ms);
        CU_ASSERT_TRUE(wb_scheduler_queue_is_overdue(&queue, 0, flush_ms));
        CU_ASSERT_FALSE(
            wb_scheduler_queue_is_overdue(&queue, 0, flush_ms - WB_SCHEDULER_FLUSH_PERIOD_MS));
        wb_scheduler_queue_release(&queue);
    }
}

static const wb_test_case cases[] = {
    {"pods come out in kube-scheduler's order", test_order},
    {"back-off doubles from 1 s to 10 s", test_backoff},
    {"attempts of the first of a group count for all", test_group_attempts},
    {"pods are flushed after more than five minutes", test_flush},
};

int main(void)
{
    return wb_test_run("scheduler queue", cases, WB_TEST_COUNT(cases));
}
