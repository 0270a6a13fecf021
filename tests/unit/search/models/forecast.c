/* forecast: where curves would have ended.
 *
 * The curves here fall as quality + 1/step, quality being the parameter x.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "search/models/forecast.h"
#include "tests/unit/search/play.h"

enum { STEPS = 20 };

static struct space space;
static struct history history;
static struct forecast forecast;

static int begin(void **unused)
{
    (void)unused;
    space_init(&space);
    build_add(&space, build_float("x", 0, 1));
    build_finish(&space);
    history_init(&history, &space, 1, 0);
    forecast_init(&forecast);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    forecast_clear(&forecast);
    history_clear(&history);
    space_clear(&space);
    return 0;
}

/* A trial at x up to 'steps'. Returns its number. */
static size_t add(double x, int steps, enum trial_state state)
{
    int64_t number = history_add(&history, &x);
    double loss = INFINITY;

    history_set_state(&history, number, TRIAL_RUNNING);
    for (int step = 1; step <= steps; step++) {
        loss = x + 1.0 / step;
        history_report(&history, number, step, loss, step);
    }
    history_set_state(&history, number, state);
    if (state == TRIAL_COMPLETE || state == TRIAL_PRUNED)
        history_finish(&history, number, &loss, NULL);
    return (size_t)number;
}

static void add_many(int count)
{
    struct random r;

    random_seed(&r, 1, 1);
    for (int i = 0; i < count; i++)
        add(random_uniform(&r), i % 3 ? 6 : STEPS,
            i % 3 ? TRIAL_PRUNED : TRIAL_COMPLETE);
}

static double expected(size_t trial)
{
    double mean, variance;

    assert_int_equal(forecast_update(&forecast, &history), 0);
    assert_true(forecast_of(&forecast, &history, trial, &mean, &variance));
    assert_true(variance >= 0);
    return mean;
}

static void a_stopped_curve_is_carried_on(void **unused)
{
    (void)unused;
    add_many(30);
    for (double x = 0.1; x < 1; x += 0.2) {
        size_t trial = add(x, 6, TRIAL_RUNNING);
        double mean = expected(trial);
        double truth = forecast_scaled(&forecast, x + 1.0 / STEPS);
        double shown = forecast_scaled(&forecast, x + 1.0 / 6);
        assert_true(fabs(mean - truth) < 0.5 * (shown - truth));
    }
}

static void a_complete_trial_is_what_it_is(void **unused)
{
    double mean, variance;

    (void)unused;
    size_t trial = add(0.5, STEPS, TRIAL_COMPLETE);
    add_many(10);
    assert_int_equal(forecast_update(&forecast, &history), 0);
    assert_true(forecast_of(&forecast, &history, trial, &mean, &variance));
    assert_true(mean == forecast_scaled(&forecast, 0.5 + 1.0 / STEPS));
    assert_true(variance == 0);
}

static void nothing_is_known_without_a_report(void **unused)
{
    double mean, variance;

    (void)unused;
    add_many(10);
    size_t trial = add(0.5, 0, TRIAL_RUNNING);
    assert_int_equal(forecast_update(&forecast, &history), 0);
    assert_false(forecast_of(&forecast, &history, trial, &mean, &variance));
}

static void no_end_in_sight_means_no_gain(void **unused)
{
    (void)unused;
    size_t trial = add(0.5, 4, TRIAL_RUNNING);
    add(0.2, 4, TRIAL_PRUNED);
    assert_true(expected(trial) == forecast_scaled(&forecast, 0.75));
}

static void losses_beyond_the_median_count_in_logarithms(void **unused)
{
    (void)unused;
    add_many(30);
    assert_int_equal(forecast_update(&forecast, &history), 0);
    assert_true(forecast_scaled(&forecast, 1e300) < 40);
    assert_true(forecast_scaled(&forecast, INFINITY) < 40);
    assert_true(forecast_scaled(&forecast, 3) < forecast_scaled(&forecast, 4));
}

/* What a cache remembers must not show. */
static void a_fresh_one_says_the_same(void **unused)
{
    struct random r;

    (void)unused;
    random_seed(&r, 3, 3);
    for (int i = 0; i < 60; i++) {
        int steps = 1 + (int)random_below(&r, STEPS);
        size_t trial = add(random_uniform(&r), steps,
                           (enum trial_state)(1 + random_below(&r, 4)));
        struct forecast fresh;
        double mean = expected(trial), other, variance;

        forecast_init(&fresh);
        assert_int_equal(forecast_update(&fresh, &history), 0);
        assert_true(forecast_of(&fresh, &history, trial, &other, &variance));
        assert_true(mean == other);
        forecast_clear(&fresh);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_stopped_curve_is_carried_on, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_complete_trial_is_what_it_is, begin,
                                        end),
        cmocka_unit_test_setup_teardown(nothing_is_known_without_a_report,
                                        begin, end),
        cmocka_unit_test_setup_teardown(no_end_in_sight_means_no_gain, begin,
                                        end),
        cmocka_unit_test_setup_teardown(
            losses_beyond_the_median_count_in_logarithms, begin, end),
        cmocka_unit_test_setup_teardown(a_fresh_one_says_the_same, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
