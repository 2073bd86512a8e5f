#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include "base/heap_memory.h"
#include "tests/base/child_process.h"
#include "tests/harness.h"

static void give_unique_memory(void)
{
    void *a = wb_heap_memory_alloc(0, 8);
    void *b = wb_heap_memory_zalloc(0, 8);
    CU_ASSERT(a != NULL && b != NULL && a != b);
    wb_heap_memory_free(a);
    wb_heap_memory_free(b);
    wb_heap_memory_free(NULL);
}

static void keep_bytes_when_resized(void)
{
    char *text = wb_heap_memory_resize(NULL, 4, 1);
    memcpy(text, "pod", 4);
    text = wb_heap_memory_resize(text, 100000, 1);
    CU_ASSERT_STRING_EQUAL(text, "pod");
    wb_heap_memory_free(text);
}

static const struct {
    size_t capacity, needed, next;
} capacity_rows[] = {
    {0, 1, 16},         {0, 100, 100},      {16, 17, 24},
    {1000, 1001, 1500}, {1000, 5000, 5000}, {SIZE_MAX, SIZE_MAX, SIZE_MAX},
};

static void grow_by_half(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(capacity_rows); i++) {
        CU_ASSERT_EQUAL(wb_heap_memory_next_capacity(capacity_rows[i].capacity,
                                                     capacity_rows[i].needed),
                        capacity_rows[i].next);
    }
}

static void ask_for_too_many(void)
{
    wb_heap_memory_free(wb_heap_memory_alloc(SIZE_MAX / 4, 8));
}

static void abort_on_overflow(void)
{
    char text[256];
    CU_ASSERT(wb_child_process_aborts(ask_for_too_many, text, sizeof(text)));
    CU_ASSERT(strstr(text, "elements of 8 bytes are beyond any memory") != NULL);
}

/* Takes, writes and frees 24 MiB in blocks; how many pages the system had to find for it. */
static long count_page_faults(void)
{
    enum {
        BLOCK_COUNT = 16,
        BLOCK_BYTES = 3 << 19
    };
    struct rusage before;
    struct rusage after;
    void *blocks[BLOCK_COUNT];
    (void)getrusage(RUSAGE_SELF, &before);
    for (size_t i = 0; i < BLOCK_COUNT; i++) {
        blocks[i] = wb_heap_memory_alloc(BLOCK_BYTES, 1);
        memset(blocks[i], 1, BLOCK_BYTES);
    }
    for (size_t i = 0; i < BLOCK_COUNT; i++) {
        wb_heap_memory_free(blocks[i]);
    }
    (void)getrusage(RUSAGE_SELF, &after);
    return after.ru_minflt - before.ru_minflt;
}

/* A sanitizer's allocator keeps to its own rules, and so may another C library's. */
static bool is_glibc_allocator(void)
{
#if defined(__SANITIZE_ADDRESS__) || !defined(__GLIBC__)
    return false;
#elif defined(__has_feature)
    return !__has_feature(address_sanitizer);
#else
    return true;
#endif
}

static void keep_what_was_freed(void)
{
    wb_heap_memory_keep_freed();
    if (is_glibc_allocator()) {
        (void)count_page_faults();
        CU_ASSERT(count_page_faults() < 1000); /* of 6,144 pages */
    }
}

static const wb_test_case cases[] = {
    {"freed blocks stay with the process when asked to", keep_what_was_freed},
    {"no request gives NULL", give_unique_memory},
    {"resizing keeps the bytes", keep_bytes_when_resized},
    {"capacities grow by half", grow_by_half},
    {"a product that overflows aborts with one line", abort_on_overflow},
};

int main(void)
{
    return wb_test_run("heap_memory", cases, WB_TEST_COUNT(cases));
}
