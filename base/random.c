/*
 * NOTHING in here may change what it returns: stored runs are compared with new ones by their
 * digest. tests/base/test_random.c pins values of every function.
 */
#include "base/random.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

/* Doubles are computed as doubles; x87 would round twice. */
static_assert(FLT_EVAL_METHOD == 0, "bit-stable results need plain double arithmetic");
static_assert(sizeof(double) == 8 && DBL_MANT_DIG == 53, "IEEE 754 doubles");

__extension__ typedef unsigned __int128 uint128;

/* 2^64 over the golden ratio, odd: successive multiples spread evenly. */
static const uint64_t golden = UINT64_C(0x9e3779b97f4a7c15);

/* splitmix64's finaliser: each input bit flips each output bit with probability near a half. */
static uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

uint64_t wb_random_bits(wb_random_key key, uint64_t draw)
{
    assert((unsigned)key.stream < 1024); /* one of the enum, which grows at its end */
    /* One round per input, so that keys which differ in one bit anywhere share nothing. The last is
     * a step of splitmix64, so the draws of one key are a sequence of known quality. */
    uint64_t state = mix(key.seed + golden);
    state = mix(state ^ ((uint64_t)key.stream + 1));
    state = mix(state + key.ordinal * golden);
    return mix(state + (draw + 1) * golden);
}

uint64_t wb_random_below(wb_random_key key, uint64_t draw, uint64_t bound)
{
    assert(bound > 0);
    return (uint64_t)(((uint128)wb_random_bits(key, draw) * bound) >> 64);
}

double wb_random_unit(wb_random_key key, uint64_t draw)
{
    return (double)(wb_random_bits(key, draw) >> 11) * 0x1p-53;
}

/* ln 2 in two parts: the high one has 20 zero bits at its end, so its product with any exponent is
 * exact. */
static const double ln2_high = 0x1.62e42feep-1;
static const double ln2_low = 0x1.a39ef35793c76p-33;

/* The polynomial of count coefficients, from the highest power down, at x. */
static double horner(const double *coefficients, size_t count, double x)
{
    assert(count > 0);
    double sum = coefficients[0];
    for (size_t i = 1; i < count; i++) {
        sum = sum * x + coefficients[i];
    }
    return sum;
}

/* memcpy is how C lets one look at the bits of a double. */
static uint64_t bits_of(double x)
{
    uint64_t bits = 0;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static double double_of(uint64_t bits)
{
    double x = 0;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

/*
 * x = 2^e * m with m in [sqrt(1/2), sqrt(2)), and with s = (m-1)/(m+1)
 *
 *     ln m = 2 atanh s = 2s (1 + s^2/3 + s^4/5 + ... + s^20/21 + ...)
 *
 * |s| < 0.1716, so the terms left out are below 0.0295^11/23 < 1e-18 of the result; what remains is
 * rounding: some 4 units in the last place, 1e-15 relative.
 */
double wb_random_log(double x)
{
    static const double series[] = {2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13,
                                    2.0 / 11, 2.0 / 9,  2.0 / 7,  2.0 / 5,  2.0 / 3};
    assert(x > 0 && x <= DBL_MAX);
    int exponent = 0;
    if (x < DBL_MIN) { /* subnormal: has no leading one */
        x *= 0x1p54;
        exponent = -54;
    }
    const uint64_t bits = bits_of(x);
    exponent += (int)(bits >> 52) - 1023;
    double m = double_of((bits & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x3ff0000000000000));
    if (m > 0x1.6a09e667f3bcdp+0) { /* sqrt(2) */
        m *= 0.5;
        exponent++;
    }
    const double f = m - 1; /* exact */
    const double s = f / (m + 1);
    const double s2 = s * s;
    const double tail = s * s2 * horner(series, sizeof(series) / sizeof(series[0]), s2);
    const double e = (double)exponent;
    return e * ln2_high + (2 * s + (tail + e * ln2_low));
}

/*
 * x = k ln 2 + r with |r| <= ln(2)/2, and exp r by its series to r^13/13!; the terms left out are
 * below 0.3466^14/14! < 5e-18. With rounding some 2 units in the last place, 5e-16 relative.
 */
double wb_random_exp(double x)
{
    static const double series[] = {
        1.0 / 6227020800,
        1.0 / 479001600,
        1.0 / 39916800,
        1.0 / 3628800,
        1.0 / 362880,
        1.0 / 40320,
        1.0 / 5040,
        1.0 / 720,
        1.0 / 120,
        1.0 / 24,
        1.0 / 6,
        0.5,
        1,
        1,
    };
    assert(x == x); /* a NaN is a bug of the caller */
    if (x > 709.8) {
        return HUGE_VAL;
    }
    if (x < -745.2) {
        return 0;
    }
    const int k = (int)(x * 0x1.71547652b82fep+0 + (x < 0 ? -0.5 : 0.5)); /* 1/ln 2 */
    const double r = (x - k * ln2_high) - k * ln2_low;
    const double power = horner(series, sizeof(series) / sizeof(series[0]), r);
    /* 2^k in two factors: for the largest and the subnormal results 2^k itself is no double. */
    const int half = k / 2;
    assert(half > -1000 && half < 1000);
    return power * double_of((uint64_t)(1023 + half) << 52) *
           double_of((uint64_t)(1023 + k - half) << 52);
}

double wb_random_exponential(wb_random_key key, uint64_t draw, double mean)
{
    assert(mean >= 0);
    return mean * (0 - wb_random_log(1 - wb_random_unit(key, draw))); /* never -0.0 */
}

/* One of the rational approximations below: numerator over denominator. */
static double ratio(const double numerator[8], const double denominator[8], double x)
{
    return horner(numerator, 8, x) / horner(denominator, 8, x);
}

/*
 * The normal deviate below which a share p of the distribution lies, 0 < p < 1: Wichura, Algorithm
 * AS 241 (PPND16), Applied Statistics 37 (1988), relative error about 1e-16. Its square root is
 * taken as exp(log / 2), which needs no library.
 */
static double normal_quantile(double p)
{
    static const double a[] = {2.5090809287301226727e+3, 3.3430575583588128105e+4,
                               6.7265770927008700853e+4, 4.5921953931549871457e+4,
                               1.3731693765509461125e+4, 1.9715909503065514427e+3,
                               1.3314166789178437745e+2, 3.3871328727963666080e+0};
    static const double b[] = {5.2264952788528545610e+3, 2.8729085735721942674e+4,
                               3.9307895800092710610e+4, 2.1213794301586595867e+4,
                               5.3941960214247511077e+3, 6.8718700749205790830e+2,
                               4.2313330701600911252e+1, 1.0};
    static const double c[] = {7.74545014278341407640e-4, 2.27238449892691845833e-2,
                               2.41780725177450611770e-1, 1.27045825245236838258e+0,
                               3.64784832476320460504e+0, 5.76949722146069140550e+0,
                               4.63033784615654529590e+0, 1.42343711074968357734e+0};
    static const double d[] = {1.05075007164441684324e-9, 5.47593808499534494600e-4,
                               1.51986665636164571966e-2, 1.48103976427480074590e-1,
                               6.89767334985100004550e-1, 1.67638483018380384940e+0,
                               2.05319162663775882187e+0, 1.0};
    static const double e[] = {2.01033439929228813265e-7, 2.71155556874348757815e-5,
                               1.24266094738807843860e-3, 2.65321895265761230930e-2,
                               2.96560571828504891230e-1, 1.78482653991729133580e+0,
                               5.46378491116411436990e+0, 6.65790464350110377720e+0};
    static const double f[] = {2.04426310338993978564e-15, 1.42151175831644588870e-7,
                               1.84631831751005468180e-5,  7.86869131145613259100e-4,
                               1.48753612908506148525e-2,  1.36929880922735805310e-1,
                               5.99832206555887937690e-1,  1.0};
    assert(p > 0 && p < 1);
    const double q = p - 0.5;
    if (q >= -0.425 && q <= 0.425) {
        return q * ratio(a, b, 0.180625 - q * q);
    }
    const double r = wb_random_exp(0.5 * wb_random_log(-wb_random_log(q < 0 ? p : 1 - p)));
    const double deviate = r <= 5 ? ratio(c, d, r - 1.6) : ratio(e, f, r - 5);
    return q < 0 ? -deviate : deviate;
}

double wb_random_normal(wb_random_key key, uint64_t draw)
{
    /* The middles of 2^52 equal steps: neither 0 nor 1 can come out. */
    return normal_quantile(((double)(wb_random_bits(key, draw) >> 12) + 0.5) * 0x1p-52);
}

double wb_random_lognormal(wb_random_key key, uint64_t draw, double median, double sigma)
{
    assert(median >= 0);
    assert(sigma >= 0);
    return median * wb_random_exp(sigma * wb_random_normal(key, draw));
}
