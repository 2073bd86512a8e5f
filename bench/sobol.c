#include "bench/sobol.h"

#include <assert.h>
#include <stddef.h>

#include "base/hash_map.h"

#define BITS 32

/* A primitive polynomial over the field of two elements, and its first direction numbers. */
static const struct {
    uint32_t degree, coefficients, initial[6];
} polynomials[WB_SOBOL_DIMENSIONS_MAX - 1] = {
    {1, 0, {1}},
    {2, 1, {1, 3}},
    {3, 1, {1, 3, 1}},
    {3, 2, {1, 1, 1}},
    {4, 1, {1, 1, 3, 3}},
    {4, 4, {1, 3, 5, 13}},
    {5, 2, {1, 1, 5, 5, 17}},
    {5, 4, {1, 1, 5, 5, 5}},
    {5, 7, {1, 1, 7, 11, 19}},
    {5, 11, {1, 1, 5, 1, 1}},
    {5, 13, {1, 1, 1, 3, 11}},
    {5, 14, {1, 3, 5, 5, 31}},
    {6, 1, {1, 3, 3, 9, 7, 49}},
    {6, 13, {1, 1, 1, 15, 21, 21}},
    {6, 16, {1, 3, 1, 13, 27, 49}},
};

/* The direction numbers of a dimension as binary fractions. */
static void set_directions(uint32_t dimension, uint32_t out[BITS])
{
    if (dimension == 0) { /* van der Corput's sequence */
        for (uint32_t i = 0; i < BITS; i++) {
            out[i] = 1U << (BITS - 1 - i);
        }
        return;
    }
    const uint32_t degree = polynomials[dimension - 1].degree;
    const uint32_t coefficients = polynomials[dimension - 1].coefficients;
    for (uint32_t i = 0; i < BITS; i++) {
        if (i < degree) {
            out[i] = polynomials[dimension - 1].initial[i] << (BITS - 1 - i);
            continue;
        }
        out[i] = out[i - degree] ^ (out[i - degree] >> degree);
        for (uint32_t k = 1; k < degree; k++) {
            if (((coefficients >> (degree - 1 - k)) & 1U) != 0) {
                out[i] ^= out[i - k];
            }
        }
    }
}

void wb_sobol_point(uint64_t seed, uint32_t index, uint32_t dimension_count, double *out)
{
    assert(dimension_count <= WB_SOBOL_DIMENSIONS_MAX);
    assert(out != NULL || dimension_count == 0);
    const uint32_t gray = index ^ (index >> 1);
    for (uint32_t d = 0; d < dimension_count; d++) {
        uint32_t directions[BITS];
        set_directions(d, directions);
        uint32_t bits = (uint32_t)(wb_hash_map_mix(wb_hash_map_join(seed, d)) >> 32);
        for (uint32_t i = 0; i < BITS; i++) {
            bits ^= ((gray >> i) & 1U) != 0 ? directions[i] : 0U;
        }
        out[d] = (double)bits / 4294967296.0;
    }
}
