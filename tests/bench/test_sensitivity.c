/* Which parameter matters: of a figure that is 10 a + b, with a and b from 0 to 3, a explains
 * 100 / 101 of the spread and b the rest; one that does nothing explains nothing. */
#include "bench/sensitivity.h"
#include "tests/harness.h"

#define POINTS 65

static wb_arena arena;
static wb_sweep_spec spec;
static wb_sweep sweep;
static wb_sweep_point points[POINTS];
static wb_sweep_value values[4];
static wb_node nodes[4];

/* The last parameter is continuous when asked for; its numbers are then 0 to 3 as well. */
static void begin(bool is_continuous)
{
    static const char *const labels[4] = {"0", "1", "2", "3"};
    wb_arena_init(&arena, "test", 0, NULL);
    spec = (wb_sweep_spec){.parameter_count = 3};
    for (uint32_t i = 0; i < 4; i++) {
        nodes[i] = (wb_node){.kind = WB_NODE_NUMBER, .text = labels[i], .text_length = 1};
        values[i] = (wb_sweep_value){.label = labels[i], .node = &nodes[i]};
    }
    for (uint32_t p = 0; p < 3; p++) {
        spec.parameters[p].values = values;
        spec.parameters[p].value_count = is_continuous && p == 2 ? 0 : 4;
    }
    sweep = (wb_sweep){.spec = &spec, .arena = &arena, .points = points, .point_count = POINTS};
    points[0] = (wb_sweep_point){.is_complete = true, .run_count = 1}; /* what is there now */
    for (uint32_t i = 1; i < POINTS; i++) {
        const uint32_t a = (i - 1) % 4;
        const uint32_t idle = (i - 1) / 4 % 4;
        const uint32_t b = (i - 1) / 16;
        points[i] = (wb_sweep_point){.is_complete = true, .run_count = 1};
        points[i].values[0] = &values[a];
        points[i].values[1] = &values[idle];
        points[i].values[2] = &values[b];
        points[i].figures[0] = 10.0 * a + b;
    }
}

static void the_spread_is_shared_out(void)
{
    for (int is_continuous = 0; is_continuous < 2; is_continuous++) {
        begin(is_continuous == 1);
        wb_sensitivity rows[3];
        wb_sensitivity_of(&sweep, 0, rows);
        CU_ASSERT_EQUAL(rows[0].parameter, 0);
        CU_ASSERT_DOUBLE_EQUAL(rows[0].share, 100.0 / 101.0, 1e-9);
        CU_ASSERT_STRING_EQUAL(rows[0].at_least, "0");
        CU_ASSERT_STRING_EQUAL(rows[0].at_most, "3");
        CU_ASSERT_DOUBLE_EQUAL(rows[0].least, 1.5, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(rows[0].most, 31.5, 1e-9);
        CU_ASSERT_EQUAL(rows[1].parameter, 2);
        CU_ASSERT_DOUBLE_EQUAL(rows[1].share, 1.0 / 101.0, 1e-9);
        CU_ASSERT_EQUAL(rows[2].parameter, 1);
        CU_ASSERT_DOUBLE_EQUAL(rows[2].share, 0.0, 1e-9);
        wb_arena_release(&arena);
    }
}

/* Points that were given up early, or are there for another reason, do not count. */
static void others_do_not_count(void)
{
    begin(false);
    for (uint32_t i = 1; i < POINTS; i++) {
        points[i].is_complete = (i - 1) / 16 == 0; /* b is always 0 */
    }
    wb_sensitivity rows[3];
    wb_sensitivity_of(&sweep, 0, rows);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].share, 1.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(rows[0].most, 30.0, 1e-9);
    wb_arena_release(&arena);
}

static const wb_test_case cases[] = {
    {"the spread is shared out", the_spread_is_shared_out},
    {"other points do not count", others_do_not_count},
};

int main(void)
{
    return wb_test_run("sensitivity", cases, WB_TEST_COUNT(cases));
}
