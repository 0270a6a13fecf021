/* What a trial's reports add up to.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "launcher/results/results.h"

/* "1=0.5 2=nan 3=" means: at step 3 the objective was not reported. */
static const struct {
    const char *name;
    bool maximize;
    enum trial_value value_is;
    struct {
        int step;
        double value;
    } reports[4];
    int count;
    int best_step;
    double value;
    bool sound;
} rows[] = {
    { "best of a maximum",
      true,
      VALUE_BEST,
      { { 1, 0.5 }, { 2, 0.9 }, { 3, 0.7 } },
      3,
      2,
      0.9,
      true },
    { "best of a minimum",
      false,
      VALUE_BEST,
      { { 1, 0.5 }, { 2, 0.9 }, { 3, 0.1 } },
      3,
      3,
      0.1,
      true },
    { "the last",
      true,
      VALUE_LAST,
      { { 1, 0.5 }, { 3, 0.4 }, { 2, 0.9 } },
      3,
      3,
      0.4,
      true },
    { "the first of equals",
      true,
      VALUE_BEST,
      { { 1, 0.5 }, { 2, 0.5 } },
      2,
      1,
      0.5,
      true },
    { "NaN is beaten by anything",
      true,
      VALUE_BEST,
      { { 1, NAN }, { 2, -5 } },
      2,
      2,
      -5,
      true },
    { "NaN beats nothing",
      false,
      VALUE_BEST,
      { { 1, 5 }, { 2, NAN } },
      2,
      1,
      5,
      true },
    { "only NaN",
      false,
      VALUE_BEST,
      { { 1, NAN }, { 2, NAN } },
      2,
      1,
      NAN,
      true },
    { "infinity is a number",
      true,
      VALUE_BEST,
      { { 1, NAN }, { 2, -INFINITY } },
      2,
      2,
      -INFINITY,
      true },
    { "the best step again, better",
      true,
      VALUE_BEST,
      { { 2, 0.5 }, { 2, 0.6 } },
      2,
      2,
      0.6,
      true },
    { "the best step again, worse",
      true,
      VALUE_BEST,
      { { 1, 0.4 }, { 2, 0.5 }, { 2, 0.3 } },
      3,
      2,
      0.3,
      false },
    { "the mean over folds",
      true,
      VALUE_MEAN,
      { { 1, 0.25 }, { 2, 0.5 }, { 3, 0.75 } },
      3,
      3,
      0.5,
      true },
    { "a fold again takes its first value back",
      true,
      VALUE_MEAN,
      { { 1, 0.5 }, { 2, 0.5 }, { 2, 0.5 } },
      3,
      2,
      0.5,
      false },
    { "a mean with a NaN is none",
      false,
      VALUE_MEAN,
      { { 1, 0.5 }, { 2, NAN }, { 3, 0.5 } },
      3,
      3,
      NAN,
      true },
};

static struct study one_objective(bool maximize, enum trial_value value)
{
    struct study study = { .objective_count = 1 };

    study.objectives[0] = (struct objective){ "v", maximize, value };
    return study;
}

static void the_value_of_a_curve(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct study study = one_objective(rows[i].maximize, rows[i].value_is);
        struct store_trial t;
        bool sound = true;

        store_trial_init(&t, 0, "{}", results_count(&study), 0);
        for (int k = 0; k < rows[i].count; k++) {
            struct report r = { .step = rows[i].reports[k].step };

            assert_int_equal(
                report_add(&r, "v", rows[i].reports[k].value, NULL), 0);
            sound &= results_add(&study, &t, &r);
        }
        if (t.best_step != rows[i].best_step || sound != rows[i].sound ||
            (t.results[0] != rows[i].value &&
             !(isnan(t.results[0]) && isnan(rows[i].value))))
            fail_msg("%s: step %d, value %g", rows[i].name, (int)t.best_step,
                     t.results[0]);
    }
}

static void a_report_without_the_objective(void **state)
{
    struct study study = one_objective(true, VALUE_BEST);
    struct report r = { .step = 4 };
    struct store_trial t;

    (void)state;
    store_trial_init(&t, 0, "{}", 1, 0);
    assert_int_equal(report_add(&r, "other", 1, NULL), 0);
    assert_true(results_add(&study, &t, &r));
    assert_int_equal(t.step, 4);
    assert_int_equal(t.best_step, -1);
    assert_int_equal(t.known, 0);
}

/* Two objectives and a constraint; each known from where it was reported. */
static struct study several(void)
{
    struct study study = one_objective(true, VALUE_BEST);

    study.objectives[1] = (struct objective){ "loss", false, VALUE_BEST };
    study.objective_count = 2;
    study.constraints[0] = (struct study_constraint){ "size", -INFINITY, 100 };
    study.constraint_count = 1;
    return study;
}

static void all_results_are_those_of_one_moment(void **state)
{
    struct study study = several();
    struct report first = { .step = 1 }, second = { .step = 2 },
                  third = { .step = 3 };
    double losses[2], constraint;
    struct store_trial t;

    (void)state;
    store_trial_init(&t, 0, "{}", results_count(&study), 0);
    assert_false(results_feasible(&study, &t)); /* not known yet */
    report_add(&first, "v", 0.5, NULL);
    report_add(&first, "loss", 3, NULL);
    report_add(&first, "size", 90, NULL);
    report_add(&second, "v", 0.8, NULL);
    report_add(&second, "loss", 4, NULL);
    report_add(&second, "v.std", 0.01, NULL);
    report_add(&third, "v", 0.7, NULL);
    report_add(&third, "loss", 1, NULL);
    results_add(&study, &t, &first);
    results_add(&study, &t, &second);
    results_add(&study, &t, &third);
    results_losses(&study, &t, losses);
    results_constraints(&study, &t, &constraint);
    assert_true(losses[0] == -0.8 && losses[1] == 4 && constraint == -10);
    assert_true(t.std == 0.01);
    assert_true(results_feasible(&study, &t));
}

static void ranking(void **state)
{
    struct study study = several();
    struct store_trial t[6];

    (void)state;
    for (int i = 0; i < 6; i++) {
        store_trial_init(&t[i], i, "{}", results_count(&study), 0);
        t[i].state = TRIAL_COMPLETE;
        t[i].known = 1 | 4;
        t[i].results[0] = 0.5;
        t[i].results[2] = 50;
    }
    t[1].results[0] = 0.4;     /* worse than 0 */
    t[2].results[0] = NAN;     /* worse than any number */
    t[3].results[2] = 500;     /* breaks the constraint */
    t[4].known = 0;            /* no value */
    t[5].state = TRIAL_FAILED; /* and last, the failed */
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 6; k++) {
            int order = results_compare(&study, &t[i], &t[k]);

            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
}

static struct report fold(int step, double value)
{
    struct report r = { .step = step };

    assert_int_equal(report_add(&r, "v", value, NULL), 0);
    return r;
}

static void a_mean_knows_its_deviation(void **state)
{
    struct study study = one_objective(true, VALUE_MEAN);
    const double values[] = { 1, 3, 8 }, stds[] = { NAN, M_SQRT2, sqrt(13) };
    struct store_trial t;

    (void)state;
    store_trial_init(&t, 0, "{}", 1, 0);
    for (int i = 0; i < 3; i++) {
        struct report r = fold(i + 1, values[i]);
        assert_true(results_add(&study, &t, &r));
        assert_true(i == 0 ? isnan(t.std) : fabs(t.std - stds[i]) < 1e-12);
    }
}

/* Only the mean is stored: one report more cannot be added to it. */
static void a_mean_from_the_store_is_added_up_again(void **state)
{
    struct study study = one_objective(true, VALUE_MEAN);
    struct report r = fold(3, 0.75);
    struct store_trial t;

    (void)state;
    store_trial_init(&t, 0, "{}", 1, 0);
    t.results[0] = 0.375;
    t.known = 1;
    t.step = t.best_step = 2;
    assert_false(results_add(&study, &t, &r));
    results_reset(&t);
    for (int i = 1; i <= 3; i++) {
        r = fold(i, 0.25 * i);
        assert_true(results_add(&study, &t, &r));
    }
    assert_true(t.results[0] == 0.5);
}

/* Two folds that went well do not beat all five. */
static void a_mean_over_some_folds_ranks_behind(void **state)
{
    struct study study = one_objective(true, VALUE_MEAN);
    struct store_trial all, some;

    (void)state;
    store_trial_init(&all, 0, "{}", 1, 0);
    store_trial_init(&some, 1, "{}", 1, 0);
    all.known = some.known = 1;
    all.state = TRIAL_COMPLETE;
    some.state = TRIAL_PRUNED;
    all.results[0] = 0.5;
    some.results[0] = 0.9;
    assert_true(results_compare(&study, &all, &some) < 0);
    study.objectives[0].value = VALUE_LAST;
    assert_true(results_compare(&study, &all, &some) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_value_of_a_curve),
        cmocka_unit_test(a_report_without_the_objective),
        cmocka_unit_test(all_results_are_those_of_one_moment),
        cmocka_unit_test(ranking),
        cmocka_unit_test(a_mean_knows_its_deviation),
        cmocka_unit_test(a_mean_from_the_store_is_added_up_again),
        cmocka_unit_test(a_mean_over_some_folds_ranks_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
