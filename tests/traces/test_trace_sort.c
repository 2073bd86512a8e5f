/* The sorter against a stable sort in memory: the same order however little memory it has. */
#include <string.h>

#include "base/random.h"
#include "traces/trace_sort.h"
#include "tests/harness.h"

#define RECORDS_MAX 5000

static const struct {
    const char *name;
    size_t memory_bytes;
    uint32_t record_count, time_count;
    size_t length_max;
} sort_cases[] = {
    {"nothing", 1000, 0, 1, 8},
    {"one record", 1000, 1, 1, 8},
    {"all in memory", 0, 2000, 100, 60},
    {"all at one time", 4096, 1000, 1, 20},
    {"many runs", 2048, 5000, 1000000, 40},
    {"records larger than the memory", 64, 200, 50, 300},
    {"records larger than a run's buffer", 1000, 20, 5, 200000},
};

static uint64_t draw(size_t row, uint32_t index, uint64_t number, uint64_t bound)
{
    const wb_random_key key = {row, WB_RANDOM_TEST, index};
    return wb_random_below(key, number, bound);
}

static void check_order(size_t row)
{
    static char bytes[200001];
    static unsigned char is_seen[RECORDS_MAX];
    wb_trace_sort *sort = wb_trace_sort_new(sort_cases[row].memory_bytes);
    memset(is_seen, 0, sizeof is_seen);
    for (uint32_t i = 0; i < sort_cases[row].record_count; i++) {
        const size_t length = sizeof i + draw(row, i, 1, sort_cases[row].length_max);
        memset(bytes, (int)(i & 0x7f), length);
        memcpy(bytes, &i, sizeof i);
        const int64_t at_ms = (int64_t)draw(row, i, 0, sort_cases[row].time_count);
        CU_ASSERT_EQUAL_FATAL(wb_trace_sort_add(sort, at_ms, bytes, length, NULL), WB_OK);
    }
    CU_ASSERT_EQUAL_FATAL(wb_trace_sort_finish(sort, NULL), WB_OK);
    int64_t last_ms = -1;
    uint32_t last = 0;
    uint32_t count = 0;
    for (;;) {
        wb_trace_sort_record record;
        uint32_t i = 0;
        CU_ASSERT_EQUAL_FATAL(wb_trace_sort_next(sort, &record, NULL), WB_OK);
        if (record.bytes == NULL) {
            break;
        }
        memcpy(&i, record.bytes, sizeof i);
        CU_ASSERT_FATAL(i < sort_cases[row].record_count && is_seen[i] == 0);
        is_seen[i] = 1;
        CU_ASSERT_EQUAL(record.at_ms, (int64_t)draw(row, i, 0, sort_cases[row].time_count));
        CU_ASSERT_EQUAL(record.length, sizeof i + draw(row, i, 1, sort_cases[row].length_max));
        CU_ASSERT(record.length == sizeof i || record.bytes[record.length - 1] == (char)(i & 0x7f));
        CU_ASSERT(record.at_ms > last_ms || (record.at_ms == last_ms && i > last));
        last_ms = record.at_ms;
        last = i;
        count++;
    }
    CU_ASSERT_EQUAL(count, sort_cases[row].record_count);
    CU_ASSERT_EQUAL(wb_trace_sort_run_count(sort) > 1, row >= 3);
    wb_trace_sort_free(sort);
}

static void sort_everything(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(sort_cases); i++) {
        check_order(i);
    }
}

int main(void)
{
    static const wb_test_case cases[] = {
        {"every record once, by time, then as it came", sort_everything},
    };
    return wb_test_run("trace sort", cases, WB_TEST_COUNT(cases));
}
