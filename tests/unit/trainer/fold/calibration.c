/* Calibration brings back what sampling, weights and training took away.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "trainer/fold/calibration.h"

enum { ROWS = 20000 };

static float logit[3 * ROWS], label[ROWS];

static double mean_probability(const struct calibration *c,
                               enum calibration_kind kind, size_t k)
{
    double p[3], sum = 0;
    size_t i;

    for (i = 0; i < ROWS; i++) {
        calibration_apply(c, kind, logit + i * c->outputs, p);
        sum += p[k];
    }
    return sum / ROWS;
}

/* Labels drawn from probabilities; the model says them with the log-odds of
 * another share and a wrong slope. */
static void draw_two(double slope, double shift)
{
    struct random r;
    size_t i;

    random_seed(&r, 1, 0);
    for (i = 0; i < ROWS; i++) {
        double z = random_normal(&r) - 3;

        label[i] = random_uniform(&r) < 1 / (1 + exp(-z)) ? 1 : 0;
        logit[i] = (float)(slope * z + shift);
    }
}

static double rate(void)
{
    double sum = 0;
    size_t i;

    for (i = 0; i < ROWS; i++)
        sum += (double)label[i];
    return sum / ROWS;
}

/* Trained with 5:5 where a share of 0.1 is positive, positives weighed twice:
 * exact logits come back, so the mean is the rate. About 0.06, one standard
 * error of the rate is 0.0017. */
static void test_shares_and_weights_are_undone(void **state)
{
    const float weight[] = { 0.5F, 1 };
    const double natural[] = { 0.9, 0.1 }, seen[] = { 0.5, 0.5 };
    double odds = log(0.1 / 0.9), p;
    struct calibration c;
    struct error err = ERROR_INIT;
    size_t i;

    (void)state;
    draw_two(1, -odds + log(2));
    assert_int_equal(calibration_init(&c, 1, &err), 0);
    assert_true(mean_probability(&c, CALIBRATION_PRIOR, 0) > 0.4);
    calibration_set_prior(&c, natural, seen, weight);
    for (i = 0; i < 10; i++) {
        calibration_apply(&c, CALIBRATION_PRIOR, &logit[i], &p);
        assert_true(
            fabs(log(p / (1 - p)) - ((double)logit[i] + odds - log(2))) < 1e-5);
    }
    assert_true(fabs(mean_probability(&c, CALIBRATION_PRIOR, 0) - rate()) <
                0.005);
    assert_true(mean_probability(&c, CALIBRATION_NONE, 0) > 0.4);
    calibration_clear(&c);
}

/* The fitted line makes the mean the rate exactly, and finds the slope. */
static void test_a_fit_finds_slope_and_offset(void **state)
{
    struct calibration c;
    struct error err = ERROR_INIT;

    (void)state;
    draw_two(3, 2);
    assert_int_equal(calibration_init(&c, 1, &err), 0);
    calibration_fit(&c, logit, label, ROWS);
    assert_true(fabsf(c.line[0] - 1.0F / 3) < 0.03F);
    assert_true(fabsf(c.line[1] + 2.0F / 3) < 0.15F);
    assert_true(fabs(mean_probability(&c, CALIBRATION_FIT, 0) - rate()) < 1e-4);
    calibration_fit(&c, logit, label, 1); /* one class: nothing to fit */
    assert_true(c.line[0] == 1 && c.line[1] == 0);
    calibration_clear(&c);
}

/* Three classes, logits twice too sharp; class 2 weighed by four, the classes drawn
 * in other shares than they have. */
static void test_many_classes(void **state)
{
    const float weight[] = { 1, 1, 4 };
    const double natural[] = { 0.6, 0.2, 0.2 }, seen[] = { 0.3, 0.3, 0.4 };
    double share[3] = { 0 };
    struct calibration c;
    struct error err = ERROR_INIT;
    struct random r;
    size_t i, k;

    (void)state;
    random_seed(&r, 2, 0);
    for (i = 0; i < ROWS; i++) {
        double z[3], sum = 0, u;

        for (k = 0; k < 3; k++)
            sum += z[k] = exp(random_normal(&r) - (double)k);
        u = random_uniform(&r) * sum;
        label[i] = u < z[0] ? 0 : u < z[0] + z[1] ? 1 : 2;
        share[(size_t)label[i]] += 1.0 / ROWS;
        for (k = 0; k < 3; k++)
            logit[3 * i + k] =
                (float)(2 * log(z[k]) +
                        log((double)weight[k] * seen[k] / natural[k]));
    }
    assert_int_equal(calibration_init(&c, 3, &err), 0);
    calibration_set_prior(&c, natural, seen, weight);
    calibration_fit(&c, logit, label, ROWS);
    assert_true(fabsf(c.line[0] - 0.5F) < 0.03F);
    for (k = 0; k < 3; k++)
        assert_true(fabs(mean_probability(&c, CALIBRATION_FIT, k) - share[k]) <
                    0.01);
    calibration_clear(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares_and_weights_are_undone),
        cmocka_unit_test(test_a_fit_finds_slope_and_offset),
        cmocka_unit_test(test_many_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
