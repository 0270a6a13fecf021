/* history: states, curves, and caches that catch up.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "search/history.h"

static const struct space nothing;

static int64_t add(struct history *h)
{
    int64_t number = history_add(h, NULL);

    assert_true(number >= 0);
    return number;
}

static void names_lead_there_and_back(void **unused)
{
    (void)unused;
    for (int i = 0; i < TRIAL_STATES; i++)
        assert_int_equal(
            trial_state_parse(trial_state_name((enum trial_state)i)), i);
    assert_int_equal(trial_state_parse("dead"), -1);
}

static void states_are_counted(void **unused)
{
    struct history h;

    (void)unused;
    history_init(&h, &nothing, 1, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(add(&h), i);
    assert_int_equal(h.in_state[TRIAL_WAITING], 100);
    history_set_state(&h, 7, TRIAL_RUNNING);
    history_set_state(&h, 7, TRIAL_PRUNED);
    history_set_state(&h, 8, TRIAL_RUNNING);
    assert_int_equal(h.in_state[TRIAL_WAITING], 98);
    assert_int_equal(h.in_state[TRIAL_RUNNING], 1);
    assert_int_equal(h.in_state[TRIAL_PRUNED], 1);
    history_clear(&h);
    assert_int_equal(h.count, 0);
}

static void a_curve_is_kept_by_step(void **unused)
{
    struct history h;

    (void)unused;
    history_init(&h, &nothing, 1, 0);
    add(&h);
    const struct trial *t = &h.trials[0];
    assert_int_equal(trial_last_step(t), -1);
    assert_true(isnan(trial_best_loss(t, INT64_MAX)));
    assert_int_equal(history_report(&h, 0, 5, 0.5, 5), 0);
    assert_int_equal(history_report(&h, 0, 1, 0.9, 1), 0);
    assert_int_equal(history_report(&h, 0, 3, 0.2, 3), 0);
    assert_int_equal(history_report(&h, 0, 5, 0.6, 5), 0); /* replaces */
    assert_int_equal(history_report(&h, 0, 4, NAN, 4), 0);
    assert_int_equal(t->curve_count, 4);
    for (size_t i = 1; i < t->curve_count; i++)
        assert_true(t->curve[i - 1].step < t->curve[i].step);
    assert_true(t->curve[3].loss == 0.6);
    assert_true(isinf(t->curve[2].loss)); /* NaN is the worst */
    assert_true(isnan(trial_best_loss(t, 0)));
    assert_true(trial_best_loss(t, 2) == 0.9);
    assert_true(trial_best_loss(t, INT64_MAX) == 0.2);
    assert_int_equal(trial_last_step(t), 5);
    assert_int_equal(trial_observed_by(t, 4), 3);
    history_clear(&h);
}

static void results_are_kept(void **unused)
{
    const double losses[2] = { 0.25, NAN }, constraint = -1;
    struct history h;

    (void)unused;
    history_init(&h, &nothing, 2, 1);
    add(&h);
    add(&h);
    assert_true(isnan(h.trials[0].losses[1]));
    assert_null(h.trials[0].constraints);
    history_finish(&h, 0, losses, &constraint);
    history_finish(&h, 1, losses, NULL);
    assert_true(h.trials[0].losses[0] == 0.25);
    assert_true(isinf(h.trials[0].losses[1]));
    assert_true(h.trials[0].constraints[0] == -1);
    assert_null(h.trials[1].constraints);
    history_clear(&h);
}

/* What a cursor names, as a bit set; each trial at most once. */
static unsigned changed(struct history_cursor *c, const struct history *h)
{
    unsigned set = 0;
    int64_t number;

    while ((number = history_next(c, h)) >= 0) {
        assert_false(set & 1u << number);
        set |= 1u << number;
    }
    return set;
}

static void a_cache_hears_of_each_change_once(void **unused)
{
    struct history_cursor c = HISTORY_CURSOR_INIT;
    struct history h, other;

    (void)unused;
    history_init(&h, &nothing, 1, 0);
    history_init(&other, &nothing, 1, 0);
    for (int i = 0; i < 5; i++)
        add(&h);
    assert_true(history_follow(&c, &h));
    assert_int_equal(changed(&c, &h), 0x1f);
    assert_false(history_follow(&c, &h));
    assert_int_equal(changed(&c, &h), 0);
    history_set_state(&h, 0, TRIAL_RUNNING);
    history_set_state(&h, 4, TRIAL_RUNNING);
    history_report(&h, 0, 1, 1, 1);
    assert_false(history_follow(&c, &h));
    assert_int_equal(changed(&c, &h), 0x11);

    assert_true(history_follow(&c, &other)); /* another history: start over */
    assert_int_equal(changed(&c, &other), 0);
    assert_true(history_follow(&c, &h));
    assert_int_equal(changed(&c, &h), 0x1f);
    history_unfollow(&c);
    assert_true(history_follow(&c, &h));
    assert_int_equal(changed(&c, &h), 0x1f);

    history_clear(&h); /* the same struct, but not the same history */
    for (int i = 0; i < 9; i++)
        add(&h);
    assert_true(history_follow(&c, &h));
    assert_int_equal(changed(&c, &h), 0x1ff);
    history_clear(&h);
    history_clear(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_there_and_back),
        cmocka_unit_test(states_are_counted),
        cmocka_unit_test(a_curve_is_kept_by_step),
        cmocka_unit_test(results_are_kept),
        cmocka_unit_test(a_cache_hears_of_each_change_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
