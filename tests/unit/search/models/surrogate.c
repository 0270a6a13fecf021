/* surrogate: it passes through what it learned from, in the values' own units,
 * doubts what is far, and takes in what is only believed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/models/surrogate.h"

enum { TRIALS = 9 };

static const bool unordered[1] = { false };

/* Far from mean 0 and deviation 1. */
static double curve(double x)
{
    return 1000 + 40 * x * x;
}

/* Trials over the left half of the range. */
static void learn(struct surrogate *s, double *rows, double *values)
{
    for (int i = 0; i < TRIALS; i++) {
        rows[i] = 0.5 * i / (TRIALS - 1);
        values[i] = curve(rows[i]);
    }
    assert_int_equal(surrogate_init(s, unordered, 1), 0);
    assert_int_equal(surrogate_fit(s, rows, values, TRIALS), 0);
}

static void it_knows_what_it_saw(void **unused)
{
    const double points[2] = { 0.28, 1 };
    double rows[TRIALS], values[TRIALS], mean[2], variance[2];
    struct surrogate s;

    (void)unused;
    learn(&s, rows, values);
    surrogate_predict(&s, points, 2, mean, variance);
    assert_true(fabs(mean[0] - curve(0.28)) < 0.5);
    assert_true(variance[0] >= 0 && variance[1] > 10 * variance[0]);
    surrogate_clear(&s);
}

static void belief_takes_doubt_away_and_moves_nothing(void **unused)
{
    double rows[TRIALS + 1], values[TRIALS], before[2], after[2];
    const double far = 0.9;
    struct surrogate s;

    (void)unused;
    learn(&s, rows, values);
    surrogate_predict(&s, &far, 1, &before[0], &before[1]);
    rows[TRIALS] = far;
    surrogate_believe(&s, TRIALS);
    assert_int_equal(surrogate_settle(&s), 0);
    surrogate_predict(&s, &far, 1, &after[0], &after[1]);
    assert_true(after[1] < before[1] / 2);
    assert_true(fabs(after[0] - before[0]) < 0.1 * sqrt(before[1]));
    surrogate_clear(&s);
}

static void belief_takes_the_doubt_of_a_value_away(void **unused)
{
    static const double rows[3] = { 0, 0.5, 1 };
    static const double values[3] = { 1, 3, 2 };
    static const double variances[3] = { 0, 1, 0 };
    double before[2], after[2];
    struct surrogate s;

    (void)unused;
    assert_int_equal(surrogate_init(&s, unordered, 1), 0);
    assert_int_equal(surrogate_learn(&s, rows, values, variances, 3), 0);
    assert_int_equal(surrogate_condition(&s, rows, values, variances, 3), 0);
    surrogate_predict(&s, rows + 1, 1, &before[0], &before[1]);
    assert_true(before[0] > 1.5 && before[0] < 2.9); /* not quite believed */
    surrogate_believe(&s, 1);
    assert_int_equal(surrogate_settle(&s), 0);
    surrogate_predict(&s, rows + 1, 1, &after[0], &after[1]);
    assert_true(after[1] < before[1] / 2);
    assert_true(fabs(after[0] - before[0]) < 0.1 * sqrt(before[1]));
    surrogate_clear(&s);
}

static void what_is_no_number_counts_as_the_worst(void **unused)
{
    static const double rows[4] = { 0, 0.3, 0.6, 1 };
    static const double values[][4] = { { 1, 2, 3, 3 },
                                        { 1, 2, 3, NAN },
                                        { 1, 2, 3, INFINITY } };
    double mean[3], variance[3];

    (void)unused;
    for (size_t i = 0; i < 3; i++) {
        struct surrogate s;
        assert_int_equal(surrogate_init(&s, unordered, 1), 0);
        assert_int_equal(surrogate_fit(&s, rows, values[i], 4), 0);
        surrogate_predict(&s, rows + 3, 1, &mean[i], &variance[i]);
        assert_true(mean[i] == mean[0] && variance[i] == variance[0]);
        surrogate_clear(&s);
    }
}

static void equal_and_missing_values_are_no_trouble(void **unused)
{
    static const double rows[3] = { 0, 0.5, 1 };
    static const struct {
        double value, mean;
    } cases[] = { { 7, 7 }, { NAN, 0 } };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double v = cases[i].value, values[3] = { v, v, v }, mean, variance;
        struct surrogate s;
        assert_int_equal(surrogate_init(&s, unordered, 1), 0);
        assert_int_equal(surrogate_fit(&s, rows, values, 3), 0);
        surrogate_predict(&s, rows, 1, &mean, &variance);
        assert_true(fabs(mean - cases[i].mean) < 1e-9);
        assert_true(variance >= 0 && variance < INFINITY);
        surrogate_clear(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_knows_what_it_saw),
        cmocka_unit_test(belief_takes_doubt_away_and_moves_nothing),
        cmocka_unit_test(belief_takes_the_doubt_of_a_value_away),
        cmocka_unit_test(what_is_no_number_counts_as_the_worst),
        cmocka_unit_test(equal_and_missing_values_are_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
