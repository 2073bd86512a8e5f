/* Arenas against a plain list of what was handed out, and what happens at the limit. */
#include <assert.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash_map.h"
#include "tests/base/child_process.h"
#include "tests/harness.h"

static jmp_buf limit_reached;
static size_t seen_limit_bytes, seen_request_bytes;
static const char *seen_name;

static void jump_out(const char *name, size_t limit_bytes, size_t request_bytes)
{
    seen_name = name;
    seen_limit_bytes = limit_bytes;
    seen_request_bytes = request_bytes;
    longjmp(limit_reached, 1);
}

static void align_for_any_type(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    unsigned char *before = NULL;
    for (size_t size = 0; size < 200; size++) {
        unsigned char *memory = wb_arena_alloc(&arena, size);
        CU_ASSERT_EQUAL((uintptr_t)memory % _Alignof(max_align_t), 0);
        CU_ASSERT(memory != before); /* size 0 too */
        assert(memory != NULL);
        memset(memory, 0xff, size);
        before = memory;
    }
    wb_arena_release(&arena);
}

static void zero_memory_used_before(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    unsigned char *used = wb_arena_alloc(&arena, 3000);
    assert(used != NULL);
    memset(used, 0xff, 3000);
    wb_arena_clear(&arena);
    const unsigned char *bytes = wb_arena_zalloc(&arena, 1000, 3);
    size_t set_count = 0;
    for (size_t i = 0; i < 3000; i++) {
        set_count += bytes[i] != 0;
    }
    CU_ASSERT_EQUAL(set_count, 0);
    wb_arena_release(&arena);
}

static void call_the_handler_at_the_limit(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "small", 1024, jump_out);
    (void)wb_arena_alloc(&arena, 1008);
    (void)wb_arena_alloc(&arena, 16); /* exactly full */
    CU_ASSERT_EQUAL(arena.used_bytes, 1024);
    if (setjmp(limit_reached) == 0) {
        (void)wb_arena_alloc(&arena, 1);
        CU_FAIL("the limit let one byte more through");
    }
    CU_ASSERT_STRING_EQUAL(seen_name, "small");
    CU_ASSERT_EQUAL(seen_limit_bytes, 1024);
    CU_ASSERT_EQUAL(seen_request_bytes, 1);
    if (setjmp(limit_reached) == 0) {
        (void)wb_arena_alloc(&arena, SIZE_MAX - 3); /* rounds up past the end */
        CU_FAIL("no handler for an absurd size");
    }
    wb_arena_release(&arena);
}

static void call_the_handler_when_growing(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "small", 64, jump_out);
    void *array = wb_arena_grow(&arena, NULL, 0, 4, 8);
    if (setjmp(limit_reached) == 0) {
        (void)wb_arena_grow(&arena, array, 4, 9, 8);
        CU_FAIL("the limit let growth through");
    }
    CU_ASSERT_EQUAL(seen_request_bytes, 72);
    wb_arena_release(&arena);
}

static void pass_the_default_limit(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "run", 100, NULL);
    (void)wb_arena_alloc(&arena, 101);
}

static void abort_by_default(void)
{
    char text[256];
    CU_ASSERT(wb_child_process_aborts(pass_the_default_limit, text, sizeof(text)));
    CU_ASSERT_STRING_EQUAL(text,
                           "arena 'run': limit of 100 bytes reached by a request of 101 bytes\n");
}

static void grow_in_place_and_by_copy(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    int *first = wb_arena_grow(&arena, NULL, 0, 4, sizeof(int));
    for (int i = 0; i < 4; i++) {
        first[i] = i;
    }
    int *stretched = wb_arena_grow(&arena, first, 4, 100, sizeof(int));
    CU_ASSERT_PTR_EQUAL(stretched, first); /* newest: in place */
    (void)wb_arena_alloc(&arena, 1);
    int *moved = wb_arena_grow(&arena, stretched, 100, 200, sizeof(int));
    CU_ASSERT(moved != stretched);
    for (int i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(moved[i], i);
    }
    int *large = wb_arena_grow(&arena, moved, 200, 100000, sizeof(int)); /* past the block */
    CU_ASSERT_EQUAL(large[3], 3);
    wb_arena_release(&arena);
}

static void copy_texts(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    CU_ASSERT_STRING_EQUAL(wb_arena_copy_string(&arena, "pod"), "pod");
    CU_ASSERT_STRING_EQUAL(wb_arena_copy_text(&arena, "podium", 3), "pod");
    CU_ASSERT_STRING_EQUAL(wb_arena_copy_text(&arena, NULL, 0), "");
    wb_arena_release(&arena);
}

static void reuse_memory_after_clear(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    void *before = wb_arena_alloc(&arena, 100000);
    for (int i = 0; i < 5; i++) {
        wb_arena_clear(&arena);
        CU_ASSERT_EQUAL(arena.used_bytes, 0);
        CU_ASSERT_PTR_EQUAL(wb_arena_alloc(&arena, 100000), before);
    }
    wb_arena_release(&arena);
}

static void reuse_memory_after_rewind(void)
{
    wb_arena arena;
    wb_arena_init(&arena, "test", 0, NULL);
    (void)wb_arena_alloc(&arena, 100);
    const wb_arena_mark mark = wb_arena_get_mark(&arena);
    void *before = wb_arena_alloc(&arena, 100);
    (void)wb_arena_alloc(&arena, 100000); /* a block of its own */
    wb_arena_rewind(&arena, mark);
    CU_ASSERT_PTR_EQUAL(wb_arena_alloc(&arena, 100), before);
    wb_arena_release(&arena);
}

/* ---- Random programs: whatever is alive keeps its bytes -------------------------------------- */

enum {
    LIVE_MAX = 400,
    MARK_MAX = 20
};

typedef struct model {
    wb_arena arena;
    struct {
        unsigned char *bytes;
        size_t size;
        unsigned char fill;
    } live[LIVE_MAX];
    size_t live_count;
    struct {
        wb_arena_mark mark;
        size_t live_count, used_bytes;
    } marks[MARK_MAX];
    size_t mark_count;
} model;

static void allocate(model *m, uint64_t bits)
{
    if (m->live_count == LIVE_MAX) {
        return;
    }
    static const size_t sizes[] = {0, 1, 15, 16, 17, 100, 1000, 4064, 5000, 70000, 3000000};
    const size_t size = sizes[bits % WB_TEST_COUNT(sizes)];
    m->live[m->live_count].bytes = wb_arena_alloc(&m->arena, size);
    m->live[m->live_count].size = size;
    m->live[m->live_count].fill = (unsigned char)(bits >> 32);
    memset(m->live[m->live_count].bytes, m->live[m->live_count].fill, size);
    m->live_count++;
}

static void grow_newest(model *m, uint64_t bits)
{
    const size_t newest = m->live_count - 1;
    const size_t size = m->live[newest].size + (size_t)(bits % 500);
    unsigned char *bytes =
        wb_arena_grow(&m->arena, m->live[newest].bytes, m->live[newest].size, size, 1);
    memset(bytes + m->live[newest].size, m->live[newest].fill, size - m->live[newest].size);
    m->live[newest].bytes = bytes;
    m->live[newest].size = size;
}

static void set_mark(model *m)
{
    if (m->mark_count < MARK_MAX) {
        m->marks[m->mark_count].mark = wb_arena_get_mark(&m->arena);
        m->marks[m->mark_count].live_count = m->live_count;
        m->marks[m->mark_count++].used_bytes = m->arena.used_bytes;
    }
}

static void rewind_some(model *m, uint64_t bits)
{
    if (m->mark_count > 0) {
        m->mark_count = (size_t)(bits % m->mark_count);
        m->live_count = m->marks[m->mark_count].live_count;
        wb_arena_rewind(&m->arena, m->marks[m->mark_count].mark);
        CU_ASSERT_EQUAL(m->arena.used_bytes, m->marks[m->mark_count].used_bytes);
    }
}

static bool keeps_its_bytes(const model *m)
{
    for (size_t i = 0; i < m->live_count; i++) {
        for (size_t at = 0; at < m->live[i].size; at += 1 + m->live[i].size / 64) {
            if (m->live[i].bytes[at] != m->live[i].fill) {
                return false;
            }
        }
    }
    return true;
}

static void run_program(uint64_t seed)
{
    static model m;
    m = (model){.live_count = 0};
    wb_arena_init(&m.arena, "model", 0, NULL);
    for (uint64_t step = 0; step < 300; step++) {
        const uint64_t bits = wb_hash_map_join(seed, step);
        switch ((bits >> 16) % 8) {
        case 0: set_mark(&m); break;
        case 1: rewind_some(&m, bits); break;
        case 2:
            /* Growing what lies before a mark would leave the mark behind the array's end. */
            if (m.live_count > 0 && m.mark_count == 0) {
                grow_newest(&m, bits);
            }
            break;
        default: allocate(&m, bits); break;
        }
        if (!keeps_its_bytes(&m)) {
            printf("seed %llu, step %llu\n", (unsigned long long)seed, (unsigned long long)step);
            CU_FAIL("an allocation was overwritten");
            break;
        }
    }
    wb_arena_release(&m.arena);
}

static void run_programs(void)
{
    for (uint64_t seed = 0; seed < 30; seed++) {
        run_program(seed);
    }
}

static const wb_test_case cases[] = {
    {"memory is aligned for any type and never shared", align_for_any_type},
    {"zalloc zeroes memory that was used before", zero_memory_used_before},
    {"the limit is exact and calls the handler", call_the_handler_at_the_limit},
    {"growing in place respects the limit", call_the_handler_when_growing},
    {"without a handler the process aborts with one line", abort_by_default},
    {"an array grows in place or by copy", grow_in_place_and_by_copy},
    {"texts are copied with a zero byte behind", copy_texts},
    {"a cleared arena reuses its largest block", reuse_memory_after_clear},
    {"memory behind a mark is handed out again", reuse_memory_after_rewind},
    {"random programs never overwrite what is alive", run_programs},
};

int main(void)
{
    return wb_test_run("arena", cases, WB_TEST_COUNT(cases));
}
