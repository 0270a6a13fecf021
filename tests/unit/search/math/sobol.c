/* sobol: against scipy, and what scrambling keeps.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/math/sobol.h"

/* From tests/reference/sobol.py. */
static const struct {
    uint32_t index;
    size_t dimension;
    uint32_t bits;
} points[] = {
    { 1u, 0, 2147483648u },   { 1u, 1, 2147483648u },
    { 1u, 2, 2147483648u },   { 1u, 20, 2147483648u },
    { 1u, 63, 2147483648u },  { 1u, 127, 2147483648u },
    { 3u, 0, 3221225472u },   { 3u, 1, 1073741824u },
    { 3u, 2, 1073741824u },   { 3u, 20, 1073741824u },
    { 3u, 63, 3221225472u },  { 3u, 127, 1073741824u },
    { 2u, 0, 1073741824u },   { 2u, 1, 3221225472u },
    { 2u, 2, 3221225472u },   { 2u, 20, 3221225472u },
    { 2u, 63, 1073741824u },  { 2u, 127, 3221225472u },
    { 4u, 0, 536870912u },    { 4u, 1, 2684354560u },
    { 4u, 2, 1610612736u },   { 4u, 20, 3758096384u },
    { 4u, 63, 1610612736u },  { 4u, 127, 1610612736u },
    { 86u, 0, 1778384896u },  { 86u, 1, 1107296256u },
    { 86u, 2, 3321888768u },  { 86u, 20, 3254779904u },
    { 86u, 63, 2785017856u }, { 86u, 127, 1979711488u },
    { 769u, 0, 2160066560u }, { 769u, 1, 3225419776u },
    { 769u, 2, 1950351360u }, { 769u, 20, 4097835008u },
    { 769u, 63, 180355072u }, { 769u, 127, 2982150144u },
    { 512u, 0, 4194304u },    { 512u, 1, 3233808384u },
    { 512u, 2, 2629828608u }, { 512u, 20, 3720347648u },
    { 512u, 63, 171966464u }, { 512u, 127, 3007315968u },
};

static void points_are_those_of_scipy(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++)
        assert_int_equal(sobol_bits(points[i].index, points[i].dimension),
                         points[i].bits);
}

/* Of 2^k points in a row, each of 2^k slices of an axis holds one, and each
 * cell of 16 x 16 of the first two axes holds one of 256. */
static void scrambled_points_are_even(void **unused)
{
    static const size_t dimensions[] = { 0, 1, 77, 128, 500, 999 };
    enum { POINTS = 256, SIDE = 16 };
    int square[SIDE][SIDE] = { { 0 } };

    (void)unused;
    for (size_t d = 0; d < sizeof dimensions / sizeof *dimensions; d++) {
        int slices[POINTS] = { 0 };
        for (uint32_t i = 0; i < POINTS; i++) {
            double u = sobol_scrambled(512 + i, dimensions[d], 7);
            assert_true(u > 0 && u < 1);
            slices[(int)(u * POINTS)]++;
        }
        for (int i = 0; i < POINTS; i++)
            assert_int_equal(slices[i], 1);
    }
    for (uint32_t i = 0; i < POINTS; i++)
        square[(int)(sobol_scrambled(i, 0, 3) * SIDE)]
              [(int)(sobol_scrambled(i, 1, 3) * SIDE)]++;
    for (int i = 0; i < SIDE * SIDE; i++)
        assert_int_equal(square[i / SIDE][i % SIDE], 1);
}

/* Over the seeds a point is anywhere, and dimensions 128 apart are no copies. */
static void seeds_and_dimensions_differ(void **unused)
{
    enum { SEEDS = 4000 };
    double mean = 0, product = 0;

    (void)unused;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        mean += sobol_scrambled(5, 3, seed) / SEEDS;
    assert_true(mean > 0.48 && mean < 0.52); /* deviation 0.0046 */
    for (uint32_t i = 0; i < SEEDS; i++)
        product += (sobol_scrambled(i, 3, 1) - 0.5) *
                   (sobol_scrambled(i, 131, 1) - 0.5) / SEEDS;
    assert_true(product > -0.006 && product < 0.006); /* deviation 0.0013 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_those_of_scipy),
        cmocka_unit_test(scrambled_points_are_even),
        cmocka_unit_test(seeds_and_dimensions_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
