/*
 * Differences by pairs: two contenders under the same seed met the same weather, so the spread of
 * their difference is far smaller than the difference of their spreads, and a few seeds decide.
 *
 *     mean ± t(0.975, n - 1) × s / √n        s over the n differences
 */
#include "bench/paired.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

/* The 97.5 % quantile of Student's t by degrees of freedom, from 1; beyond the table the next lower
 * tabled value, which errs towards a wider interval. Source: any table of the distribution. */
static double quantile_of(uint32_t freedom)
{
    static const double table[] = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
        2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
        2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    };
    static const struct {
        uint32_t freedom;
        double quantile;
    } far[] = {{1000, 1.962}, {120, 1.980}, {60, 2.000}, {40, 2.021}};
    const uint32_t tabled = (uint32_t)(sizeof table / sizeof table[0]);
    assert(freedom >= 1);
    for (size_t i = 0; i < sizeof far / sizeof far[0]; i++) {
        if (freedom >= far[i].freedom) {
            return far[i].quantile;
        }
    }
    return table[(freedom < tabled ? freedom : tabled) - 1];
}

wb_paired wb_paired_differences(const double *values, const double *baselines, uint32_t count)
{
    assert(values != NULL && baselines != NULL && count >= 1);
    double sum = 0.0;
    for (uint32_t i = 0; i < count; i++) {
        sum += values[i] - baselines[i];
    }
    const double mean = sum / (double)count;
    double squares = 0.0; /* in a second pass: differences of large figures cancel in one */
    for (uint32_t i = 0; i < count; i++) {
        const double deviation = values[i] - baselines[i] - mean;
        squares += deviation * deviation;
    }
    wb_paired out = {.count = count, .mean = mean};
    if (count > 1) {
        const double variance = squares / (double)(count - 1);
        out.half_width = quantile_of(count - 1) * sqrt(variance / (double)count);
    }
    return out;
}

bool wb_paired_is_significant(const wb_paired *of)
{
    assert(of != NULL && of->count >= 1);
    return of->mean != 0.0 && (of->mean > of->half_width || of->mean < -of->half_width);
}
