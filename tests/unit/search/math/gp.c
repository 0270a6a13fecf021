/* gp: the posterior against reference numbers from
 * tests/reference/normal_and_gp.py, and what is learned from data whose making
 * is known.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "search/math/gp.h"

static const bool unordered[] = { false, true };
static const double rows[] = { 0.1, 0, 0.4, 1, 0.5, 0, 0.8, 2, 0.95, 1 };
static const double targets[] = { 0.3, -1.2, 0.4, 0.9, -0.5 };
static const double variances[] = { 0, 0.2, 0, 0.05, 0 };

static void the_posterior_is_the_reference(void **unused)
{
    static const struct {
        double x[2], mean, variance;
    } cases[] = {
        { { 0.45, 1 }, -1.01359158665326, 0.240728941279733 },
        { { 0, 2 }, 0.00680906403284563, 1.53710093521059 },
        { { 0.5, 0 }, 0.396948138176276, 0.00992741460029634 },
    };
    const double theta[] = { log(1.7), log(0.01), log(0.3), log(0.7) };
    double scratch[5 * GP_BLOCK], points[6], mean[3], variance[3];
    struct gp g = GP_INIT;

    (void)unused;
    assert_int_equal(
        gp_condition(&g, theta, unordered, 2, rows, targets, variances, 5), 0);
    for (int i = 0; i < 3; i++) {
        points[2 * i] = cases[i].x[0];
        points[2 * i + 1] = cases[i].x[1];
    }
    gp_predict(&g, points, 3, scratch, mean, variance);
    for (int i = 0; i < 3; i++) {
        assert_float_equal(mean[i], cases[i].mean, 1e-12);
        assert_float_equal(variance[i], cases[i].variance, 1e-12);
    }
    gp_clear(&g);
}

static void an_inactive_value_is_like_itself_alone(void **unused)
{
    const double theta[] = { 0, -9, 0 }, x[] = { NAN, 0.5 }, y[] = { 1, -1 };
    const double none[] = { 0, 0 };
    double scratch[2 * GP_BLOCK], mean[2], variance[2];
    struct gp g = GP_INIT;

    (void)unused;
    assert_int_equal(gp_condition(&g, theta, unordered, 1, x, y, none, 2), 0);
    gp_predict(&g, x, 2, scratch, mean, variance);
    assert_true(mean[0] > 0.9 && mean[1] < -0.9);
    assert_true(variance[0] < 0.01 && variance[1] < 0.01);
    gp_clear(&g);
}

enum { N = 50 };

/* Targets sin(7 x0) + noise; x1 has no influence. */
static void make_data(double *x, double *y, double noise)
{
    struct random r;

    random_seed(&r, 5, 5);
    for (int i = 0; i < N; i++) {
        x[2 * i] = random_uniform(&r);
        x[2 * i + 1] = random_uniform(&r);
        y[i] = sin(7 * x[2 * i]) + noise * random_normal(&r);
    }
}

static void what_matters_gets_a_short_length(void **unused)
{
    static const bool ordered[2];
    double x[2 * N], y[N], none[N] = { 0 }, theta[4];

    (void)unused;
    make_data(x, y, 0);
    gp_prior(theta, 2);
    assert_int_equal(gp_learn(theta, ordered, 2, x, y, none, N, 30), 0);
    assert_true(theta[3] > theta[2] + 1);
    assert_true(theta[1] < -5);
}

static void noise_is_told_from_shape(void **unused)
{
    static const bool ordered[2];
    double x[2 * N], y[N], none[N] = { 0 }, theta[4];

    (void)unused;
    make_data(x, y, 0.5);
    gp_prior(theta, 2);
    assert_int_equal(gp_learn(theta, ordered, 2, x, y, none, N, 40), 0);
    assert_true(exp(theta[1]) > 0.08 && exp(theta[1]) < 0.6);
}

static void a_known_variance_excuses_a_point(void **unused)
{
    const double theta[] = { 0, -9, 0 }, x[] = { 0.4, 0.5, 0.6 };
    const double y[] = { 0, 2, 0 }, sure[] = { 0, 0, 0 }, loose[] = { 0, 9, 0 };
    double scratch[3 * GP_BLOCK], at = 0.5, mean, variance;
    struct gp g = GP_INIT;

    (void)unused;
    assert_int_equal(gp_condition(&g, theta, unordered, 1, x, y, sure, 3), 0);
    gp_predict(&g, &at, 1, scratch, &mean, &variance);
    assert_true(mean > 1.5);
    assert_int_equal(gp_condition(&g, theta, unordered, 1, x, y, loose, 3), 0);
    gp_predict(&g, &at, 1, scratch, &mean, &variance);
    assert_true(fabs(mean) < 0.1);
    gp_clear(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_posterior_is_the_reference),
        cmocka_unit_test(an_inactive_value_is_like_itself_alone),
        cmocka_unit_test(what_matters_gets_a_short_length),
        cmocka_unit_test(noise_is_told_from_shape),
        cmocka_unit_test(a_known_variance_excuses_a_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
