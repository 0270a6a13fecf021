/* outlook: what it learns from, in which order, and what it believes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/models/outlook.h"
#include "tests/unit/search/build.h"

enum { TRIALS = 12 };

static void add(struct history *h, double x, enum trial_state state,
                double over)
{
    double loss = pow(x - 0.3, 2);
    int64_t number = history_add(h, &x);

    if (state == TRIAL_COMPLETE)
        history_finish(h, number, &loss,
                       h->constraint_count > 0 ? &over : NULL);
    history_set_state(h, number, state);
}

/* Trials 0..11 at even places of one axis. */
static void begin(struct space *s, struct history *h, struct outlook *o,
                  size_t constraints)
{
    space_init(s);
    build_add(s, build_float("a", 0, 1));
    build_finish(s);
    history_init(h, s, 1, constraints);
    for (int i = 0; i < TRIALS; i++)
        add(h, (double)i / (TRIALS - 1), TRIAL_COMPLETE, i < 5 ? 1 : -1);
    assert_int_equal(outlook_init(o, s), 0);
}

static void end(struct space *s, struct history *h, struct outlook *o)
{
    outlook_clear(o);
    history_clear(h);
    space_clear(s);
}

static double variance_at(struct outlook *o, double x)
{
    double mean, variance;

    surrogate_predict(&o->model, &x, 1, &mean, &variance);
    return variance;
}

static void the_best_trial_is_the_first(void **unused)
{
    struct outlook o;
    struct history h;
    struct space s;

    (void)unused;
    begin(&s, &h, &o, 0);
    assert_int_equal(outlook_update(&o, &h, true), 0);
    assert_int_equal(o.known, TRIALS);
    assert_int_equal(outlook_learn(&o, &h, false), 0);
    assert_int_equal(o.trials[0], 3); /* 3/11 is nearest to 0.3 */
    assert_true(outlook_tried(&o, &h.trials[3].x[0]));
    assert_false(outlook_tried(&o, &(double){ 0.123 }));
    end(&s, &h, &o);
}

static void what_breaks_a_constraint_stands_last(void **unused)
{
    struct outlook o;
    struct history h;
    struct space s;

    (void)unused;
    begin(&s, &h, &o, 1);
    assert_int_equal(outlook_update(&o, &h, true), 0);
    assert_int_equal(outlook_learn(&o, &h, false), 0);
    assert_int_equal(o.trials[0], 5);
    for (int i = 0; i < 5; i++)
        assert_true(o.trials[TRIALS - 1 - i] < 5);
    end(&s, &h, &o);
}

static void a_failed_trial_is_as_bad_as_the_worst(void **unused)
{
    struct outlook o;
    struct history h;
    struct space s;

    (void)unused;
    begin(&s, &h, &o, 0);
    add(&h, 0.31, TRIAL_FAILED, 0);
    assert_int_equal(outlook_update(&o, &h, true), 0);
    assert_int_equal(o.known, TRIALS + 1);
    assert_true(o.means[TRIALS] == o.means[TRIALS - 1]);
    end(&s, &h, &o);
}

/* One that runs and has reported is known only to who wants to know; believed,
 * it takes the doubt away where it is. */
static void running_trials(void **unused)
{
    struct outlook o;
    struct history h;
    struct space s;

    (void)unused;
    begin(&s, &h, &o, 0);
    add(&h, 0.955, TRIAL_RUNNING, 0);
    history_report(&h, TRIALS, 1, 0.5, 1);
    assert_int_equal(outlook_update(&o, &h, false), 0);
    assert_int_equal(o.known, TRIALS);
    assert_int_equal(outlook_learn(&o, &h, false), 0);
    double doubt = variance_at(&o, 0.955);
    assert_int_equal(outlook_believe(&o, &h), 0);
    assert_true(variance_at(&o, 0.955) < doubt);
    assert_int_equal(outlook_update(&o, &h, true), 0);
    assert_int_equal(o.known, TRIALS + 1);
    end(&s, &h, &o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_trial_is_the_first),
        cmocka_unit_test(what_breaks_a_constraint_stands_last),
        cmocka_unit_test(a_failed_trial_is_as_bad_as_the_worst),
        cmocka_unit_test(running_trials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
