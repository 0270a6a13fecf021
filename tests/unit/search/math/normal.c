/* normal: against reference numbers from tests/reference/normal_and_gp.py.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "search/math/normal.h"

static void near(double is, double should, double relative)
{
    if (!(fabs(is - should) <= relative * fabs(should) + 1e-300))
        fail_msg("%.17g, not %.17g", is, should);
}

static void the_cdf_holds_in_the_tails(void **unused)
{
    static const double rows[][2] = {
        { -37.0, 5.7255712225245768e-300 }, { -8.0, 6.2209605742717841e-16 },
        { -1.5, 0.066807201268858066 },     { 0.0, 0.5 },
        { 0.5, 0.6914624612740131 },        { 3.0, 0.99865010196836991 },
        { 8.0, 0.99999999999999938 },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        near(normal_cdf(rows[i][0]), rows[i][1], 1e-13);
}

static void the_quantile_is_exact(void **unused)
{
    static const double rows[][2] = {
        { 1e-40, -13.310921371425171 },
        { 9.9999999999999995e-21, -9.2623400897984076 },
        { 0.001, -3.0902323061678135 },
        { 0.024250000000000001, -1.9729610513118848 },
        { 0.25, -0.67448975019608174 },
        { 0.5, 0.0 },
        { 0.69999999999999996, 0.52440051270804066 },
        { 0.999, 3.0902323061678133 },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        near(normal_quantile(rows[i][0]), rows[i][1], 1e-14);
    assert_true(normal_quantile(0) == -INFINITY);
    assert_true(normal_quantile(1) == INFINITY);
}

static void truncation_moves_the_quantiles(void **unused)
{
    static const double rows[][4] = {
        { 0.5, 0.5, 1.0, 0.5 },
        { 0.125, 0.0, 0.25, 0.039325159391199608 },
        { 0.875, 0.75, 0.5, 0.89407044573733249 },
        { 0.5, 1.0, 0.0625, 0.95784439061274489 },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        near(normal_truncated(rows[i][0], rows[i][1], rows[i][2], 0, 1),
             rows[i][3], 1e-13);
    assert_true(normal_truncated(0, 0.5, 1e-9, 0, 1) >= 0);
    assert_true(normal_truncated(1, 0.5, 100, 0, 1) <= 1);
}

/* The sum of what is gained at each value, by its density. */
static void the_excess_is_an_integral(void **unused)
{
    (void)unused;
    for (double z = -4; z <= 4; z += 0.5) {
        const double width = 1e-3;
        double sum = 0;

        for (double y = -12 + width / 2; y < z; y += width)
            sum += (z - y) * exp(-0.5 * y * y) * width / sqrt(2 * M_PI);
        near(normal_excess(z), sum, 1e-5);
    }
    near(normal_excess(0), 1 / sqrt(2 * M_PI), 1e-15);
    near(normal_excess(30), 30, 1e-15);
}

static void logarithms_add_without_overflow(void **unused)
{
    const double large[] = { 1000, 1000 },
                 small[] = { -2000, -2000, -INFINITY },
                 mixed[] = { 0, -INFINITY, 0, 0 };

    (void)unused;
    near(log_sum_exp(large, 2), 1000 + log(2), 1e-15);
    near(log_sum_exp(small, 3), -2000 + log(2), 1e-15);
    near(log_sum_exp(mixed, 4), log(3), 1e-15);
    assert_true(log_sum_exp(mixed, 0) == -INFINITY);
    assert_true(log_sum_exp(mixed + 1, 1) == -INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cdf_holds_in_the_tails),
        cmocka_unit_test(the_quantile_is_exact),
        cmocka_unit_test(truncation_moves_the_quantiles),
        cmocka_unit_test(the_excess_is_an_integral),
        cmocka_unit_test(logarithms_add_without_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
