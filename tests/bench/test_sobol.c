/* Sobol points are even: the first 2^k of them fall one into each of the 2^k parts of every axis,
 * and of the plane of the first two axes into each of the squares and strips of that area. */
#include "bench/sobol.h"
#include "tests/harness.h"

#define POINTS 64

static void every_axis_is_even(void)
{
    for (uint64_t seed = 0; seed < 5; seed++) {
        for (uint32_t d = 0; d < WB_SOBOL_DIMENSIONS_MAX; d++) {
            int hits[POINTS] = {0};
            for (uint32_t i = 0; i < POINTS; i++) {
                double at[WB_SOBOL_DIMENSIONS_MAX];
                wb_sobol_point(seed, i, WB_SOBOL_DIMENSIONS_MAX, at);
                CU_ASSERT_TRUE(at[d] >= 0.0 && at[d] < 1.0);
                hits[(int)(at[d] * POINTS)]++;
            }
            for (uint32_t i = 0; i < POINTS; i++) {
                CU_ASSERT_EQUAL(hits[i], 1);
            }
        }
    }
}

static void the_plane_is_even(void)
{
    for (int wide = 1; wide <= POINTS; wide *= 2) {
        int hits[POINTS] = {0};
        const int high = POINTS / wide;
        for (uint32_t i = 0; i < POINTS; i++) {
            double at[2];
            wb_sobol_point(7, i, 2, at);
            hits[(int)(at[0] * wide) * high + (int)(at[1] * high)]++;
        }
        for (int i = 0; i < POINTS; i++) {
            CU_ASSERT_EQUAL(hits[i], 1);
        }
    }
}

static void seeds_differ(void)
{
    double one[2];
    double other[2];
    wb_sobol_point(1, 3, 2, one);
    wb_sobol_point(2, 3, 2, other);
    CU_ASSERT_TRUE(one[0] != other[0] && one[1] != other[1]);
    wb_sobol_point(1, 3, 2, other);
    CU_ASSERT_TRUE(one[0] == other[0] && one[1] == other[1]);
}

static const wb_test_case cases[] = {
    {"every axis is even", every_axis_is_even},
    {"the plane is even", the_plane_is_even},
    {"a seed gives one sequence", seeds_differ},
};

int main(void)
{
    return wb_test_run("Sobol points", cases, WB_TEST_COUNT(cases));
}
