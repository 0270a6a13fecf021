/* What the initial schemes promise: deviations, and right angles.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "trainer/model/initial.h"

enum { MOST = 64 * 48 };

static float drawn[MOST];

static void draw(enum initial_scheme scheme, double gain, size_t out, size_t in)
{
    struct initial_options o = { scheme, gain };
    struct parameter p = { .rank = 2,
                           .shape = { out, in },
                           .count = out * in,
                           .fan_in = in,
                           .fan_out = out,
                           .gain = 1 };
    struct error err = ERROR_INIT;
    struct random r;

    random_seed(&r, 3, 0);
    assert_int_equal(initial_draw(&o, &p, &r, drawn, &err), 0);
}

static double deviation(size_t count)
{
    double squares = 0;
    size_t i;

    for (i = 0; i < count; i++)
        squares += (double)drawn[i] * (double)drawn[i];
    return sqrt(squares / (double)count);
}

/* The estimate of a deviation from 3072 draws is good to 1.3 %, at one sigma. */
static void test_deviations(void **state)
{
    static const struct {
        enum initial_scheme scheme;
        double gain, want;
    } rows[] = {
        { INITIAL_HE, 1, 0.20412 }, /* sqrt(2 / 48) */
        { INITIAL_HE, 0.5, 0.10206 },
        { INITIAL_XAVIER, 1, 0.13363 }, /* sqrt(2 / 112) */
        { INITIAL_NORMAL, 2, 0.1 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        draw(rows[i].scheme, rows[i].gain, 64, 48);
        if (fabs(deviation(MOST) / rows[i].want - 1) > 0.06)
            fail_msg("row %zu: %g", i, deviation(MOST));
    }
}

static double product(size_t count, size_t i, size_t j, size_t next,
                      size_t step)
{
    double sum = 0;
    size_t k;

    for (k = 0; k < count; k++)
        sum += (double)drawn[i * next + k * step] *
               (double)drawn[j * next + k * step];
    return sum;
}

static void test_orthogonal_rows_or_columns(void **state)
{
    size_t i, j;

    (void)state;
    draw(INITIAL_ORTHOGONAL, 1, 8, 30); /* rows */
    for (i = 0; i < 8; i++)
        for (j = 0; j <= i; j++)
            assert_true(fabs(product(30, i, j, 30, 1) - (i == j ? 2 : 0)) <
                        1e-5);
    draw(INITIAL_ORTHOGONAL, 0.5, 30, 8); /* columns, of half the length */
    for (i = 0; i < 8; i++)
        for (j = 0; j <= i; j++)
            assert_true(fabs(product(30, i, j, 1, 8) - (i == j ? 0.5 : 0)) <
                        1e-5);
}

static void test_the_rest_starts_where_it_says(void **state)
{
    struct initial_options o = { INITIAL_ORTHOGONAL, 3 };
    struct parameter p = { .rank = 1, .shape = { 2 }, .count = 2, .start = 1 };
    struct error err = ERROR_INIT;
    struct random r;

    (void)state;
    random_seed(&r, 1, 0);
    assert_int_equal(initial_draw(&o, &p, &r, drawn, &err), 0);
    assert_true(drawn[0] == 1 && drawn[1] == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deviations),
        cmocka_unit_test(test_orthogonal_rows_or_columns),
        cmocka_unit_test(test_the_rest_starts_where_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
