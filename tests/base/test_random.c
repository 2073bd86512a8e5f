/*
 * Random values are part of every stored result: the tables below may never change. A new stream
 * or function gets new rows.
 */
#include <math.h>
#include <stddef.h>

#include "base/random.h"
#include "tests/harness.h"

static const struct {
    wb_random_key key;
    uint64_t draw;
    uint64_t bits, below_1000;
    double unit, exponential_60, normal, lognormal_25_half;
} pinned[] = {
    {{0, WB_RANDOM_BENCH_HOLD, 0},
     0,
     UINT64_C(0x6ad5ff626bac2349),
     417,
     0x1.ab57fd89aeb08p-2,
     0x1.03433f3a92337p+5,
     -0x1.ab7cdf08d891ep-3,
     0x1.685b98793bd31p+4},
    {{1, WB_RANDOM_BENCH_HOLD, 0},
     0,
     UINT64_C(0x512336713bb0450d),
     316,
     0x1.448cd9c4eec1p-2,
     0x1.6dee4018d5599p+4,
     -0x1.e7b17503d0fe9p-2,
     0x1.3b3d58ee04ca4p+4},
    {{0, WB_RANDOM_GENERATE_ARRIVAL, 0},
     0,
     UINT64_C(0xbf3bd92b9263a13a),
     747,
     0x1.7e77b25724c74p-1,
     0x1.49dab99f7a61p+6,
     0x1.548814e1c6e4fp-1,
     0x1.16e76e302c63cp+5},
    {{0, WB_RANDOM_BENCH_HOLD, 1},
     0,
     UINT64_C(0x1de85163a8da5fe1),
     116,
     0x1.de85163a8da58p-4,
     0x1.dd0e34bc86bbcp+2,
     -0x1.30e598005d686p+0,
     0x1.b9075c2ae09dap+3},
    {{0, WB_RANDOM_BENCH_HOLD, 0},
     1,
     UINT64_C(0x8f0a26f0432b38c8),
     558,
     0x1.1e144de086567p-1,
     0x1.88b51eea53aafp+5,
     0x1.2eb063a5a9d1fp-3,
     0x1.aeadd89bf673fp+4},
    {{42, WB_RANDOM_TEST, 7},
     3,
     UINT64_C(0xb39faf90b699b5bb),
     701,
     0x1.673f5f216d336p-1,
     0x1.22480bc78620ap+6,
     0x1.0eef0a1c3b103p-1,
     0x1.0493e469c8e8bp+5},
    {{UINT64_MAX, WB_RANDOM_TEST, UINT64_MAX},
     UINT64_MAX,
     UINT64_C(0xbf78489d07836f22),
     747,
     0x1.7ef0913a0f06dp-1,
     0x1.4abb15e5550d1p+6,
     0x1.56026c965736ap-1,
     0x1.174e8d8d78f94p+5},
    {{20260115, WB_RANDOM_BOOT_LATENCY, 12},
     0,
     UINT64_C(0x97756935772de3d1),
     591,
     0x1.2eead26aee5bcp-1,
     0x1.ade2ab069f4dp+5,
     0x1.daa1a0ff3041p-3,
     0x1.c1249c4c97bap+4},
};

static void keep_the_pinned_draws(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(pinned); i++) {
        const wb_random_key key = pinned[i].key;
        const uint64_t draw = pinned[i].draw;
        CU_ASSERT_EQUAL(wb_random_bits(key, draw), pinned[i].bits);
        CU_ASSERT_EQUAL(wb_random_below(key, draw, 1000), pinned[i].below_1000);
        CU_ASSERT_EQUAL(wb_random_unit(key, draw), pinned[i].unit);
        CU_ASSERT_EQUAL(wb_random_exponential(key, draw, 60), pinned[i].exponential_60);
        CU_ASSERT_EQUAL(wb_random_normal(key, draw), pinned[i].normal);
        CU_ASSERT_EQUAL(wb_random_lognormal(key, draw, 25, 0.5), pinned[i].lognormal_25_half);
    }
}

typedef struct point {
    double x, y;
} point;

static const point pinned_logs[] = {
    {0x1p+0, 0x0p+0},
    {0x1p+1, 0x1.62e42fefa39efp-1},
    {0x1p-1, -0x1.62e42fefa39efp-1},
    {0x1.8p+1, 0x1.193ea7aad030bp+0},
    {0x1.4p+3, 0x1.26bb1bbb55516p+1},
    {0x1.56e1fc2f8f359p-997, -0x1.5963447f87fb5p+9},
    {0x1.7e43c8800759cp+996, 0x1.5963447f87fb5p+9},
    {0x0.0000000000001p-1022, -0x1.74385446d71c3p+9},
    {0x1.fffffca501acbp-1, -0x1.ad7f2b1049b9fp-24},
    {0x1.000001ad7f29bp+0, 0x1.ad7f2847b6491p-24},
    {0x1.6a09e65dc27dfp+0, 0x1.62e42fd2cf8f6p-2},
    {0x1.6a09e667f3bcep+0, 0x1.62e42fefa39f3p-2},
    {0x1.dp+2, 0x1.fb22e98a1c24ep+0},
};

static const point pinned_exps[] = {
    {0x0p+0, 0x1p+0},
    {0x1p+0, 0x1.5bf0a8b14576ap+1},
    {-0x1p+0, 0x1.78b56362cef38p-2},
    {0x1.999999999999ap-4, 0x1.1aec7b35a00d4p+0},
    {-0x1.62e42fefa39eep-2, 0x1.6a09e667f3bcdp-1},
    {0x1.62e42fefa39efp-2, 0x1.6a09e667f3bccp+0},
    {0x1.4p+3, 0x1.5829dcf95056p+14},
    {-0x1.4p+3, 0x1.7cd79b5647c9ap-15},
    {0x1.5ep+9, 0x1.d945df4f8ec8ep+1009},
    {-0x1.5ep+9, 0x1.14f2b0fb9307fp-1010},
    {-0x1.72p+9, 0x0.0000000000055p-1022},
    {0x1.62d999999999ap+9, 0x1.d75ae7a50ee14p+1023},
    {0x1.12e0be826d695p-30, 0x1.000000044b83p+0},
    {0x1.62p+6, 0x1.99b987155fe28p+127},
};

static void keep_the_pinned_functions(void)
{
    for (size_t i = 0; i < WB_TEST_COUNT(pinned_logs); i++) {
        CU_ASSERT_EQUAL(wb_random_log(pinned_logs[i].x), pinned_logs[i].y);
    }
    for (size_t i = 0; i < WB_TEST_COUNT(pinned_exps); i++) {
        CU_ASSERT_EQUAL(wb_random_exp(pinned_exps[i].x), pinned_exps[i].y);
    }
    CU_ASSERT_EQUAL(wb_random_exp(1000), HUGE_VAL);
    CU_ASSERT_EQUAL(wb_random_exp(-1000), 0);
}

static double relative_error(double found, double expected)
{
    return expected == 0 ? fabs(found) : fabs((found - expected) / expected);
}

static void stay_close_to_libm(void)
{
    enum {
        COUNT = 200000
    };
    double worst_log = 0;
    double worst_exp = 0;
    for (int i = 1; i < COUNT; i++) {
        const double share = (double)i / COUNT;
        const double far = exp((share - 0.5) * 1400); /* 1e-304 to 1e304 */
        const double near = 0.5 + 1.5 * share;        /* where the logarithm passes zero */
        const double argument = (share - 0.5) * 1400; /* results as far */
        const double small = (share - 0.5) * 1e-3;
        worst_log = fmax(worst_log, relative_error(wb_random_log(far), log(far)));
        worst_log = fmax(worst_log, relative_error(wb_random_log(near), log(near)));
        worst_exp = fmax(worst_exp, relative_error(wb_random_exp(argument), exp(argument)));
        worst_exp = fmax(worst_exp, relative_error(wb_random_exp(small), exp(small)));
    }
    /* The bounds that random.c derives; 1e-12 is what callers may rely on. */
    CU_ASSERT(worst_log < 1e-15);
    CU_ASSERT(worst_exp < 5e-16);
}

enum {
    DRAWS = 200000
};

static const wb_random_key test_key = {42, WB_RANDOM_TEST, 0};

static void draw_the_right_moments(void)
{
    double unit = 0;
    double exponential = 0;
    double normal = 0;
    double normal_squared = 0;
    int below_median = 0;
    for (uint64_t i = 0; i < DRAWS; i++) {
        const double deviate = wb_random_normal(test_key, i);
        unit += wb_random_unit(test_key, i);
        exponential += wb_random_exponential(test_key, i, 60);
        normal += deviate;
        normal_squared += deviate * deviate;
        below_median += wb_random_lognormal(test_key, i, 25, 2) < 25 ? 1 : 0;
    }
    /* Five standard errors of each mean. */
    const double error = 5 / sqrt((double)DRAWS);
    CU_ASSERT(fabs(unit / DRAWS - 0.5) < error * 0.2887);
    CU_ASSERT(fabs(exponential / DRAWS - 60) < error * 60);
    CU_ASSERT(fabs(normal / DRAWS) < error);
    CU_ASSERT(fabs(normal_squared / DRAWS - 1) < error * 1.4143);
    CU_ASSERT(fabs((double)below_median / DRAWS - 0.5) < error * 0.5);
}

/* Chi-squared of count values that should fall evenly on 256 boxes: near 255, 400 is beyond one in
 * ten million. */
static double chi_squared(const int boxes[256], int count)
{
    double sum = 0;
    for (int i = 0; i < 256; i++) {
        const double off = boxes[i] - count / 256.0;
        sum += off * off / (count / 256.0);
    }
    return sum;
}

/* The i-th result when only one input changes: seed, stream, ordinal or draw number. */
static uint64_t bits_by_input(int input, uint64_t i)
{
    wb_random_key key = test_key;
    switch (input) {
    case 0: key.seed = i; break;
    case 1: /* streams are few, so the ordinal carries on where they end */
        key.stream = (wb_random_stream)(i % 1024);
        key.ordinal = i / 1024;
        break;
    case 2: key.ordinal = i; break;
    default: break;
    }
    return wb_random_bits(key, input == 3 ? i : 0);
}

/* Each of the four inputs alone must scatter every byte of the result: a weak round shows here. */
static void scatter_by_each_input(void)
{
    for (int input = 0; input < 4; input++) {
        for (int byte = 0; byte < 8; byte++) {
            int boxes[256] = {0};
            int flips[256] = {0};
            uint64_t before = 0;
            for (uint64_t i = 0; i < 20000; i++) {
                const uint64_t bits = bits_by_input(input, i);
                boxes[bits >> (8 * byte) & 0xff]++;
                flips[(bits ^ before) >> (8 * byte) & 0xff]++;
                before = bits;
            }
            CU_ASSERT(chi_squared(boxes, 20000) < 400);
            CU_ASSERT(chi_squared(flips, 20000) < 400);
        }
    }
}

static void stay_below_the_bound(void)
{
    static const uint64_t bounds[] = {1, 2, 3, 10, 1000, UINT64_C(1) << 40, UINT64_MAX};
    for (size_t b = 0; b < WB_TEST_COUNT(bounds); b++) {
        for (uint64_t i = 0; i < 2000; i++) {
            CU_ASSERT(wb_random_below(test_key, i, bounds[b]) < bounds[b]);
        }
    }
    int seen[10] = {0};
    for (uint64_t i = 0; i < 10000; i++) {
        seen[wb_random_below(test_key, i, 10)]++;
    }
    for (int i = 0; i < 10; i++) {
        CU_ASSERT(seen[i] > 850 && seen[i] < 1150);
    }
}

static void stay_in_range(void)
{
    for (uint64_t i = 0; i < DRAWS; i++) {
        const double unit = wb_random_unit(test_key, i);
        const double exponential = wb_random_exponential(test_key, i, 1);
        CU_ASSERT(unit >= 0 && unit < 1);
        CU_ASSERT(exponential >= 0 && exponential < 37); /* 53 ln 2 at most */
        CU_ASSERT(fabs(wb_random_normal(test_key, i)) < 9);
    }
    CU_ASSERT_EQUAL(wb_random_lognormal(test_key, 0, 25, 0), 25);
    CU_ASSERT_EQUAL(wb_random_exponential(test_key, 0, 0), 0);
}

static const wb_test_case cases[] = {
    {"the pinned draws are unchanged", keep_the_pinned_draws},
    {"the pinned logarithms and exponentials are unchanged", keep_the_pinned_functions},
    {"log and exp are within their bounds of libm", stay_close_to_libm},
    {"the distributions have their moments", draw_the_right_moments},
    {"each input scatters each byte", scatter_by_each_input},
    {"below stays below and is even", stay_below_the_bound},
    {"values stay in their ranges", stay_in_range},
};

int main(void)
{
    return wb_test_run("random", cases, WB_TEST_COUNT(cases));
}
