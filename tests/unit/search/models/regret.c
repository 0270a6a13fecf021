/* regret: the bound holds, falls, and ends where the noise begins.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/models/regret.h"
#include "tests/unit/search/build.h"

static const double NOISE = 0.05;

/* The least at (0.2, 0.7): 0. */
static double bowl(const double *x)
{
    return pow(x[0] - 0.2, 2) + pow(x[1] - 0.7, 2);
}

struct bench {
    struct space space;
    struct history history;
    struct random random;
    struct regret *regret;
};

static void begin(struct bench *b)
{
    space_init(&b->space);
    build_add(&b->space, build_float("a", 0, 1));
    build_add(&b->space, build_float("b", 0, 1));
    build_finish(&b->space);
    history_init(&b->history, &b->space, 1, 0);
    random_seed(&b->random, 1, 1);
    assert_int_equal(regret_create(&b->regret, &b->space, 1), 0);
}

static void end(struct bench *b)
{
    regret_destroy(b->regret);
    history_clear(&b->history);
    space_clear(&b->space);
}

/* A place on one axis, at most 'far' from 'middle'. */
static double near(struct bench *b, double middle, double far)
{
    double x = middle + far * (2 * random_uniform(&b->random) - 1);

    return fmax(0, fmin(x, 1));
}

/* 'trials' more within 'far' of the bowl's bottom, their results with some
 * noise. Returns the lowest true loss. */
static double run(struct bench *b, int trials, double far, double noise)
{
    double best = INFINITY;

    for (int i = 0; i < trials; i++) {
        const double x[2] = { near(b, 0.2, far), near(b, 0.7, far) };
        double losses[2] = { bowl(x) + noise * random_normal(&b->random), 0 };
        int64_t number = history_add(&b->history, x);

        history_finish(&b->history, number, losses, losses);
        history_set_state(&b->history, number, TRIAL_COMPLETE);
        best = fmin(best, bowl(x));
    }
    return best;
}

/* The bound now; NAN when there is none. */
static double bound(struct bench *b)
{
    assert_int_equal(regret_update(b->regret, &b->history), 0);
    return b->regret->known ? b->regret->bound : (double)NAN;
}

static void the_bound_holds_and_falls(void **unused)
{
    struct bench b;

    (void)unused;
    begin(&b);
    double best = run(&b, REGRET_MIN_TRIALS - 1, 1, 0);
    assert_true(isnan(bound(&b)));
    best = fmin(best, run(&b, 1, 1, 0));
    double before = bound(&b);
    assert_true(before >= best);
    best = fmin(best, run(&b, 10, 0.1, 0));
    assert_true(bound(&b) >= best && bound(&b) < before / 4);
    end(&b);
}

static void it_is_low_below_the_tolerance_or_the_noise(void **unused)
{
    struct bench b;

    (void)unused;
    begin(&b);
    run(&b, 30, 1, 0);
    assert_false(regret_is_low(b.regret, &b.history, bound(&b) / 2));
    assert_true(regret_is_low(b.regret, &b.history, bound(&b)));
    end(&b);
    begin(&b);
    run(&b, 30, 1, NOISE);
    assert_false(regret_is_low(b.regret, &b.history, 0));
    run(&b, 70, 0.1, NOISE); /* where the bowl is flat beside it */
    assert_true(regret_is_low(b.regret, &b.history, 0));
    end(&b);
}

static void noise_is_told_from_what_can_be_gained(void **unused)
{
    struct bench b;

    (void)unused;
    begin(&b);
    run(&b, 120, 1, NOISE);
    assert_true(bound(&b) > 0);
    assert_true(b.regret->noise > NOISE / 2 && b.regret->noise < NOISE * 2);
    end(&b);
}

/* A trial that only runs says nothing yet, whatever it reports. */
static void reports_change_nothing(void **unused)
{
    const double x[2] = { 0.9, 0.1 };
    struct bench b;

    (void)unused;
    begin(&b);
    run(&b, 30, 1, 0);
    double before = bound(&b);
    int64_t number = history_add(&b.history, x);
    history_set_state(&b.history, number, TRIAL_RUNNING);
    history_report(&b.history, number, 1, -1, 1);
    assert_true(bound(&b) == before);
    end(&b);
}

static void of_other_studies_nothing_is_known(void **unused)
{
    struct bench b;

    (void)unused;
    begin(&b);
    for (size_t objectives = 1; objectives <= 2; objectives++) {
        history_clear(&b.history);
        history_init(&b.history, &b.space, objectives, 2 - objectives);
        run(&b, 30, 1, 0);
        assert_true(isnan(bound(&b)));
        assert_false(regret_is_low(b.regret, &b.history, 10));
    }
    end(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bound_holds_and_falls),
        cmocka_unit_test(it_is_low_below_the_tolerance_or_the_noise),
        cmocka_unit_test(noise_is_told_from_what_can_be_gained),
        cmocka_unit_test(reports_change_nothing),
        cmocka_unit_test(of_other_studies_nothing_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
