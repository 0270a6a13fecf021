/* parzen: densities against reference numbers from
 * tests/reference/parzen.py, and draws against the density.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "search/models/parzen.h"

static const struct parzen_axis axes[3] = {
    { 0, 0 },
    { 0, 0 },
    { 3, 0 },
};
static const double points[3][3] = {
    { 0.125, 0.5, 2 },
    { 0.25, 0.75, 2 },
    { 0.5, 1, 0 },
};

static void near(double is, double expected)
{
    if (fabs(is - expected) > 1e-4) /* the cdf table costs 1e-5 an axis */
        fail_msg("%.17g, not %.17g", is, expected);
}

static void densities_are_those_of_optuna(void **unused)
{
    static const struct {
        size_t count;
        double x[3], density;
    } rows[] = {
        { 3, { 0.25, 0.75, 2 }, 0.185914399321102 },
        { 3, { 0.25, 0.75, 1 }, -1.00805832621553 },
        { 3, { 1, 0, 0 }, -2.65208974468884 },
        { 3, { 0.5, 1, 0 }, 0.0805619941342499 },
        { 1, { 0.25, 0.75, 2 }, -0.652622212286842 },
        { 1, { 0.25, 0.75, 1 }, -1.24878342960542 },
        { 1, { 1, 0, 0 }, -1.66008769372214 },
        { 1, { 0.5, 1, 0 }, -1.45372245240821 },
        { 0, { 0.25, 0.75, 2 }, -1.07915668768621 },
        { 0, { 0.25, 0.75, 1 }, -1.07915668768621 },
        { 0, { 1, 0, 0 }, -1.26665668768621 },
        { 0, { 0.5, 1, 0 }, -1.14165668768621 },
    };
    struct parzen p = PARZEN_INIT;

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(
            parzen_fit(&p, axes, 3, points[0], NULL, rows[i].count), 0);
        near(parzen_log_density(&p, rows[i].x), rows[i].density);
    }
    parzen_clear(&p);
}

static void many_points_share_a_width(void **unused)
{
    enum { COUNT = 40 };
    static const struct parzen_axis axis = { 0, 0 };
    static const double rows[][2] = {
        { 0, 0.125959404746115 },
        { 0.3, -0.0628559944957693 },
        { 0.9, 0.199563132387578 },
    };
    struct parzen p = PARZEN_INIT;
    double many[COUNT];

    (void)unused;
    for (int k = 0; k < COUNT; k++)
        many[k] = (1 + sin(3 * k)) / 2;
    assert_int_equal(parzen_fit(&p, &axis, 1, many, NULL, COUNT), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        near(parzen_log_density(&p, rows[i]), rows[i][1]);
    parzen_clear(&p);
}

/* The share of the density where axis 0 is below 'end', by the midpoint rule;
 * with 'end' 1 that must be the whole. */
static double share_below(const struct parzen *p, double end)
{
    enum { NODES = 200 };
    double sum = 0, x[3];

    for (int i = 0; i < NODES; i++)
        for (int j = 0; j < NODES; j++)
            for (int c = 0; c < 3; c++) {
                x[0] = (i + 0.5) / NODES * end;
                x[1] = (j + 0.5) / NODES;
                x[2] = c;
                sum += exp(parzen_log_density(p, x));
            }
    return sum / (NODES * NODES) * end;
}

static void draws_follow_the_density(void **unused)
{
    enum { DRAWS = 40000 };
    struct parzen p = PARZEN_INIT;
    struct random r;
    double below = 0, last_choice = 0;

    (void)unused;
    random_seed(&r, 3, 0);
    assert_int_equal(parzen_fit(&p, axes, 3, points[0], NULL, 3), 0);
    for (int i = 0; i < DRAWS; i++) {
        double x[3];

        parzen_sample(&p, &r, x);
        for (int a = 0; a < 2; a++)
            assert_true(x[a] >= 0 && x[a] <= 1);
        assert_true(x[2] == 0 || x[2] == 1 || x[2] == 2);
        below += x[0] < 0.25;
        last_choice += x[2] == 2;
    }
    assert_true(fabs(share_below(&p, 1) - 1) < 1e-3);
    /* 4 standard errors of a share are 0.01 */
    assert_true(fabs(below / DRAWS - share_below(&p, 0.25)) < 0.01);
    /* 4 kernels, 3 choices: two own it (5/7), one does not (1/7), prior 1/3 */
    double expected = (2 * 5.0 / 7 + 1.0 / 7 + 1.0 / 3) / 4;
    assert_true(fabs(last_choice / DRAWS - expected) < 0.01);
    parzen_clear(&p);
}

static void the_prior_stands_alone(void **unused)
{
    struct parzen p = PARZEN_INIT;
    const double middle[3] = { 0.5, 0.5, 0 }, corner[3] = { 1, 1, 0 };

    (void)unused;
    assert_int_equal(parzen_fit(&p, axes, 3, NULL, NULL, 0), 0);
    double spread =
        parzen_log_density(&p, middle) - parzen_log_density(&p, corner);
    assert_true(spread > 0 && spread < 0.3); /* nearly flat */
    parzen_clear(&p);
}

static void equal_points_keep_some_width(void **unused)
{
    enum { COUNT = 300 };
    static const struct parzen_axis axis = { 0, 0 };
    struct parzen p = PARZEN_INIT;
    double same[COUNT], at = 0.3, beside = 0.31;

    (void)unused;
    for (int i = 0; i < COUNT; i++)
        same[i] = at;
    assert_int_equal(parzen_fit(&p, &axis, 1, same, NULL, COUNT), 0);
    assert_true(isfinite(parzen_log_density(&p, &at)));
    assert_true(parzen_log_density(&p, &beside) >
                parzen_log_density(&p, &at) - 1);
    parzen_clear(&p);
}

/* A point that weighs as three is three of it, apart from their widths: of
 * unordered choices. */
static void weights_count_as_so_many_points(void **unused)
{
    static const struct parzen_axis axis = { .choices = 3 };
    static const double once[2] = { 0, 2 }, weights[2] = { 3, 1 };
    struct parzen p = PARZEN_INIT;
    double zero = 0, two = 2, x;
    int count[3] = { 0 };
    struct random r;

    (void)unused;
    assert_int_equal(parzen_fit(&p, &axis, 1, once, weights, 2), 0);
    /* own choice (3 + 1) / 6, another 1 / 6; the prior 1 / 3 */
    near(parzen_log_density(&p, &zero),
         log((3 * 4. / 6 + 1. / 6 + 1. / 3) / 5));
    near(parzen_log_density(&p, &two), log((3 * 1. / 6 + 4. / 6 + 1. / 3) / 5));
    random_seed(&r, 1, 1);
    for (int i = 0; i < 30000; i++) {
        parzen_sample(&p, &r, &x);
        count[(int)x]++;
    }
    assert_true(fabs(count[0] / 30000. - 0.5) < 0.01);
    assert_true(fabs(count[2] / 30000. - 0.3) < 0.01);
    parzen_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(densities_are_those_of_optuna),
        cmocka_unit_test(many_points_share_a_width),
        cmocka_unit_test(draws_follow_the_density),
        cmocka_unit_test(the_prior_stands_alone),
        cmocka_unit_test(equal_points_keep_some_width),
        cmocka_unit_test(weights_count_as_so_many_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
