/* price: what looks bad ended early, so it is cheap to try.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/models/price.h"
#include "tests/unit/search/build.h"

enum { TRIALS = 24 };

/* Trials along one axis, the loss rising with it; beyond the middle they end
 * after 'early' of 27 reports. */
static struct price learn(int trials, int early)
{
    struct outlook o;
    struct history h;
    struct space s;
    struct price p;

    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_finish(&s);
    history_init(&h, &s, 1, 0);
    for (int i = 0; i < trials; i++) {
        double x = (double)i / trials, loss = x;
        int64_t number = history_add(&h, &x);
        int steps = x > 0.5 ? early : 27;

        for (int step = 1; step <= steps; step++)
            history_report(&h, number, step, loss, step);
        history_finish(&h, number, &loss, NULL);
        history_set_state(&h, number,
                          steps < 27 ? TRIAL_PRUNED : TRIAL_COMPLETE);
    }
    assert_int_equal(outlook_init(&o, &s), 0);
    assert_int_equal(outlook_update(&o, &h, true), 0);
    assert_int_equal(outlook_learn(&o, &h, false), 0);
    price_learn(&p, &o, &h);
    outlook_clear(&o);
    history_clear(&h);
    space_clear(&s);
    return p;
}

/* In the model's targets, whose deviation is 1: good ones about -1. */
static void what_looks_bad_is_cheap(void **unused)
{
    (void)unused;
    struct price p = learn(TRIALS, 3);
    double good = price_of(&p, -1.2, 0.1), bad = price_of(&p, 1.2, 0.1);

    assert_true(fabs(good - log(27)) < 0.5);
    assert_true(fabs(bad - log(3)) < 0.5);
    assert_true(price_of(&p, 1.2, 3) > bad); /* it may be good after all */
    assert_true(price_of(&p, -1e9, 1) <= log(27));
    assert_true(price_of(&p, 1e9, 1) >= log(3));
}

static void without_a_pruner_all_costs_the_same(void **unused)
{
    (void)unused;
    struct price p = learn(TRIALS, 27);

    assert_true(fabs(price_of(&p, 1, 0.1) - price_of(&p, -1, 2)) < 1e-9);
}

static void a_few_trials_tell_nothing(void **unused)
{
    (void)unused;
    struct price p = learn(4, 3);

    assert_true(price_of(&p, 1, 1) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_looks_bad_is_cheap),
        cmocka_unit_test(without_a_pruner_all_costs_the_same),
        cmocka_unit_test(a_few_trials_tell_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
