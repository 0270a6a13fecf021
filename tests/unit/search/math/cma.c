/* cma: an update against the package cmaes, convergence, the margin.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "search/math/cma.h"
#include "search/math/normal.h"

enum { DIMENSION = 4, POPULATION = 8, GENERATIONS = 12 };

struct scored {
    double x[DIMENSION], loss;
};

static int by_loss(const void *a, const void *b)
{
    double x = ((const struct scored *)a)->loss,
           y = ((const struct scored *)b)->loss;

    return (x > y) - (x < y);
}

static double bowl(const double *x)
{
    double sum = 0;

    for (int i = 0; i < DIMENSION; i++)
        sum += (i + 1) * (x[i] - 0.4) * (x[i] - 0.4);
    return sum;
}

static void tell_sorted(struct cma *c, struct scored *points)
{
    double rows[POPULATION * DIMENSION];

    for (int k = 0; k < POPULATION; k++)
        points[k].loss = bowl(points[k].x);
    qsort(points, POPULATION, sizeof *points, by_loss);
    for (int k = 0; k < POPULATION; k++)
        memcpy(rows + k * DIMENSION, points[k].x, sizeof points[k].x);
    cma_tell(c, rows, POPULATION);
}

static void start(struct cma *c, bool diagonal)
{
    const double mean[DIMENSION] = { 0.5, 0.5, 0.5, 0.5 };

    assert_int_equal(cma_init(c, DIMENSION, diagonal), 0);
    cma_start(c, mean, 0.25);
}

static void near(double is, double expected)
{
    assert_true(fabs(is - expected) <= 1e-9 * (1 + fabs(expected)));
}

/* The numbers are from tests/reference/cma.py. */
static void updates_are_those_of_cmaes(void **unused)
{
    static const double mean[] = { 0.367759487607025, 0.51715054742901,
                                   0.617966220277706, 0.384666913795008 };
    static const double lower[] = { 1.15636797495382,    0.51806313905525,
                                    0.741816192516821,   -0.538673077316159,
                                    -0.262499561465031,  1.80602537205023,
                                    -0.0697289449387834, 0.525536102217259,
                                    -0.36767142791927,   0.829350071554203 };
    struct cma c;

    (void)unused;
    start(&c, false);
    for (int g = 0; g < GENERATIONS; g++) {
        struct scored points[POPULATION];
        for (int k = 0; k < POPULATION; k++)
            for (int i = 0; i < DIMENSION; i++)
                points[k].x[i] = 0.5 + 0.3 * sin(7.0 * g + 3.0 * k + 2.0 * i) /
                                           (1 + 0.1 * g);
        tell_sorted(&c, points);
    }
    near(cma_sigma(&c), 0.204607340509936);
    for (int i = 0, at = 0; i < DIMENSION; i++) {
        near(c.mean[i], mean[i]);
        for (int j = 0; j <= i; j++)
            near(c.c[i * DIMENSION + j], lower[at++]);
    }
    cma_clear(&c);
}

static void the_minimum_is_found(void **unused)
{
    (void)unused;
    for (int diagonal = 0; diagonal < 2; diagonal++) {
        struct random r;
        struct cma c;

        start(&c, diagonal);
        random_seed(&r, 1, 0);
        for (int g = 0; g < 80; g++) {
            struct scored points[POPULATION];
            for (int k = 0; k < POPULATION; k++)
                cma_sample(&c, &r, points[k].x);
            tell_sorted(&c, points);
        }
        assert_true(bowl(c.mean) < 1e-6);
        assert_true(cma_deviation(&c, 0) < 1e-2);
        cma_clear(&c);
    }
}

/* After the correction each side of the cell is likely enough, and what was
 * likely enough before is left alone. */
static void the_margin_holds(void **unused)
{
    static const struct {
        double mean, deviation, low, high;
    } cases[] = {
        { 0.50, 0.001, 0.4, 0.6 },       { 0.41, 0.02, 0.4, 0.6 },
        { 0.05, 0.001, -INFINITY, 0.1 }, { 0.95, 0.01, 0.9, INFINITY },
        { 0.50, 0.2, 0.4, 0.6 },
    };
    const double margin = 0.03;

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double mean[DIMENSION] = { cases[i].mean };
        struct cma c;

        assert_int_equal(cma_init(&c, DIMENSION, false), 0);
        cma_start(&c, mean, cases[i].deviation);
        cma_margin(&c, 0, cases[i].low, cases[i].high, margin);
        double s = cma_deviation(&c, 0), m = c.mean[0];
        double below = normal_cdf((cases[i].low - m) / s);
        double above = normal_cdf((m - cases[i].high) / s);
        if (isfinite(cases[i].low) && isfinite(cases[i].high)) {
            assert_true(below >= margin / 2 - 1e-9);
            assert_true(above >= margin / 2 - 1e-9);
        }
        assert_true(below + above >= margin - 1e-9);
        if (cases[i].deviation == 0.2)
            assert_true(m == cases[i].mean && c.stretch[0] == 1);
        cma_clear(&c);
    }
}

static void points_from_elsewhere_are_pulled_in(void **unused)
{
    double far[DIMENSION] = { 100, 0.5, 0.5, 0.5 },
           close[DIMENSION] = { 0.6, 0.5, 0.5, 0.5 };
    struct cma c;

    (void)unused;
    start(&c, false);
    cma_inject(&c, far);
    cma_inject(&c, close);
    near(far[0], 0.5 + 0.25 * (2 + 8.0 / 6));
    near(close[0], 0.6);
    cma_clear(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_are_those_of_cmaes),
        cmocka_unit_test(the_minimum_is_found),
        cmocka_unit_test(the_margin_holds),
        cmocka_unit_test(points_from_elsewhere_are_pulled_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
