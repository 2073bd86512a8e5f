#include <stdio.h>
#include <string.h>

#include "base/intern.h"
#include "tests/harness.h"

static void count_ids_from_one(void)
{
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    CU_ASSERT_EQUAL(wb_intern_add(&intern, ""), 0);
    CU_ASSERT_EQUAL(wb_intern_add(&intern, "zone-b"), 1);
    CU_ASSERT_EQUAL(wb_intern_add(&intern, "zone-a"), 2);
    CU_ASSERT_EQUAL(wb_intern_add(&intern, "zone-b"), 1);
    CU_ASSERT_EQUAL(wb_intern_add_length(&intern, "zone-abc", 6), 2);
    CU_ASSERT_EQUAL(wb_intern_find(&intern, "zone-a"), 2);
    CU_ASSERT_EQUAL(wb_intern_find(&intern, "zone"), 0);
    CU_ASSERT_EQUAL(wb_intern_find(&intern, ""), 0);
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&intern, 0), "");
    CU_ASSERT_STRING_EQUAL(wb_intern_text(&intern, 2), "zone-a");
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static void keep_texts_with_zero_bytes_apart(void)
{
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    const uint32_t with_zero = wb_intern_add_length(&intern, "a\0b", 3);
    CU_ASSERT(with_zero != wb_intern_add(&intern, "a"));
    CU_ASSERT_EQUAL(wb_intern_add_length(&intern, "a\0b", 3), with_zero);
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static void keep_ids_and_texts_while_growing(void)
{
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    const char *first = wb_intern_text(&intern, wb_intern_add(&intern, "label-0"));
    enum {
        COUNT = 20000
    };
    char text[32];
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < COUNT; i++) {
            (void)snprintf(text, sizeof(text), "label-%u", i);
            CU_ASSERT_EQUAL(wb_intern_add(&intern, text), i + 1);
        }
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        (void)snprintf(text, sizeof(text), "label-%u", i);
        CU_ASSERT_STRING_EQUAL(wb_intern_text(&intern, i + 1), text);
    }
    CU_ASSERT_PTR_EQUAL(wb_intern_text(&intern, 1), first); /* texts do not move */
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static void tell_a_text_from_its_beginning(void)
{
    /* Longer texts first: a search for "label-1" meets "label-12345" on its way. */
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    char text[32];
    for (uint32_t i = 30000; i > 0; i--) {
        (void)snprintf(text, sizeof(text), "%u", i);
        CU_ASSERT_EQUAL(wb_intern_add(&intern, text), 30001 - i);
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static const wb_test_case cases[] = {
    {"ids count from 1 in order of appearance", count_ids_from_one},
    {"texts may hold zero bytes", keep_texts_with_zero_bytes_apart},
    {"a text is not its beginning", tell_a_text_from_its_beginning},
    {"ids and texts stay while the table grows", keep_ids_and_texts_while_growing},
};

int main(void)
{
    return wb_test_run("intern", cases, WB_TEST_COUNT(cases));
}
