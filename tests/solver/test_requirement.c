/* Requirement algebra by table: "a" and "b" as little texts, and what their intersection prints. */
#include <string.h>

#include "kube/names.h"
#include "solver/requirement.h"
#include "tests/harness.h"

/* One side: an operator and values separated by blanks. */
static const struct {
    const char *name;
    const char *a_op, *a_values, *b_op, *b_values;
    const char *both; /* as wb_requirement_print writes it, without the key */
    bool intersects;
} intersections[] = {
    {"common values stay", "In", "x y z", "In", "y z w", "In [y z]", true},
    {"nothing in common is DoesNotExist", "In", "x", "In", "y", "DoesNotExist", false},
    {"excluded values go", "In", "x y", "NotIn", "y", "In [x]", true},
    {"all excluded", "In", "x", "NotIn", "x", "DoesNotExist", false},
    {"exclusions join", "NotIn", "x", "NotIn", "y", "NotIn [x y]", true},
    {"Exists changes nothing", "Exists", "", "In", "x", "In [x]", true},
    {"DoesNotExist wins", "DoesNotExist", "", "Exists", "", "DoesNotExist", false},
    {"absence meets exclusion in nothing", "DoesNotExist", "", "NotIn", "x", "DoesNotExist", false},
    {"a bound filters values", "In", "2 5 9 x", "Gt", "4", "In [5 9]", true},
    {"Gt and Lt leave a window", "Gt", "4", "Lt", "9", ">= 5 <= 8", true},
    {"Gte and Lte are inclusive", "Gte", "5", "Lte", "5", ">= 5 <= 5", true},
    {"an empty window", "Gt", "5", "Lt", "6", "DoesNotExist", false},
    {"the narrower bound stays", "Gt", "2", "Gt", "7", ">= 8", true},
    {"exclusions out of bounds are forgotten", "NotIn", "3 7", "Gt", "4", "NotIn [7] >= 5", true},
    {"beyond the largest integer", "Gt", "9223372036854775807", "Exists", "", "DoesNotExist",
     false},
};

static const char *const operators[] = {"In", "NotIn", "Exists", "DoesNotExist",
                                        "Gt", "Lt",    "Gte",    "Lte"};

static wb_requirement make(wb_arena *arena, wb_intern *intern, const char *op, const char *values)
{
    uint32_t ids[8];
    wb_label_expression expression = {.key = wb_intern_add(intern, "k"), .values = ids};
    for (size_t i = 0; i < WB_TEST_COUNT(operators); i++) {
        if (strcmp(op, operators[i]) == 0) {
            expression.op = (wb_operator)i;
        }
    }
    for (const char *at = values; *at != '\0';) {
        const size_t length = strcspn(at, " ");
        ids[expression.value_count++] = wb_intern_add_length(intern, at, length);
        at += length + (at[length] == ' ' ? 1 : 0);
    }
    return wb_requirement_from_expression(arena, intern, &expression);
}

/* Row i with its sides in the order given. */
static void check_intersection(wb_arena *arena, wb_intern *intern, size_t i,
                               const wb_requirement *left, const wb_requirement *right)
{
    const wb_requirement both = wb_requirement_intersect(arena, intern, left, right);
    wb_text text;
    wb_text_init(&text);
    wb_requirement_print(intern, &both, &text);
    if (strcmp(wb_text_string(&text) + 2, intersections[i].both) != 0) {
        printf("\n    %s: got %s", intersections[i].name, wb_text_string(&text));
        CU_FAIL("intersection");
    }
    wb_text_release(&text);
    CU_ASSERT_EQUAL(wb_requirement_has_intersection(intern, left, right),
                    intersections[i].intersects);
}

static void intersects_by_table(void)
{
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    for (size_t i = 0; i < WB_TEST_COUNT(intersections); i++) {
        const wb_requirement a =
            make(&arena, &intern, intersections[i].a_op, intersections[i].a_values);
        const wb_requirement b =
            make(&arena, &intern, intersections[i].b_op, intersections[i].b_values);
        check_intersection(&arena, &intern, i, &a, &b);
        check_intersection(&arena, &intern, i, &b, &a);
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static void check_values(wb_arena *arena, wb_intern *intern, const wb_requirement *a,
                         const wb_requirement *b)
{
    static const char *const probes[] = {"0", "1", "2", "3", "x", "y", "z", "-1", "02"};
    const wb_requirement both = wb_requirement_intersect(arena, intern, a, b);
    for (size_t p = 0; p < WB_TEST_COUNT(probes); p++) {
        const uint32_t value = wb_intern_add(intern, probes[p]);
        CU_ASSERT_EQUAL(wb_requirement_has(intern, &both, value),
                        wb_requirement_has(intern, a, value) &&
                            wb_requirement_has(intern, b, value));
    }
}

/* Enumerated: has(value) of an intersection is has(value) of both sides, for every pair. */
static void has_follows_from_both_sides(void)
{
    static const char *const sides[][2] = {
        {"In", "1 2 x"},      {"In", "2 y"}, {"NotIn", "2"}, {"NotIn", "1 x"}, {"Exists", ""},
        {"DoesNotExist", ""}, {"Gt", "1"},   {"Lt", "2"},    {"Gte", "2"},     {"Lte", "1"},
    };
    wb_arena arena;
    wb_intern intern;
    wb_arena_init(&arena, "test", 0, NULL);
    wb_intern_init(&intern, &arena);
    wb_names_init(&intern);
    for (size_t i = 0; i < WB_TEST_COUNT(sides); i++) {
        for (size_t j = 0; j < WB_TEST_COUNT(sides); j++) {
            const wb_requirement a = make(&arena, &intern, sides[i][0], sides[i][1]);
            const wb_requirement b = make(&arena, &intern, sides[j][0], sides[j][1]);
            check_values(&arena, &intern, &a, &b);
        }
    }
    wb_intern_release(&intern);
    wb_arena_release(&arena);
}

static const wb_test_case cases[] = {
    {"two requirements meet as the table says, either way round", intersects_by_table},
    {"a value is in the intersection when it is in both", has_follows_from_both_sides},
};

int main(void)
{
    return wb_test_run("requirement", cases, WB_TEST_COUNT(cases));
}
