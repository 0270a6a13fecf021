/* Metrics against scikit-learn 1.2.1's numbers for the same scores.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "trainer/metrics.h"

static const char *const names[] = { "pr_auc",   "roc_auc",
                                     "log_loss", "f1",
                                     "accuracy", "recall_at_precision90" };

static void expect(const float *logit, const float *label, size_t count,
                   const double *numbers)
{
    struct error err = ERROR_INIT;
    struct metrics m;
    size_t i;

    assert_int_equal(metrics_compute(logit, 1, label, count, &m, &err), 0);
    for (i = 0; i < METRIC_COUNT && metrics_apply(i, 2); i++) {
        assert_string_equal(metric_fields[i].name, names[i]);
        if (fabs(metrics_get(&m, i) - numbers[i]) > 1e-12)
            fail_msg("%s: %.17g, not %.17g", names[i], metrics_get(&m, i),
                     numbers[i]);
    }
}

static void test_twenty_rows_with_ties(void **state)
{
    const float label[] = { 0, 0, 1, 0, 1, 0, 0, 1, 0, 0,
                            1, 0, 0, 0, 1, 0, 0, 0, 0, 1 };
    const float logit[] = { -2,    -1.5F, 0.5F,  0.5F,  2,  -0.25F, 0.5F,
                            -1.5F, -3,    1,     1.25F, -2, -2,     0.25F,
                            3,     -1,    -0.5F, 2,     -4, -2 };
    const double numbers[] = {
        0.6011904761904762, 0.7202380952380952, 0.6478179243074283, 0.6, 0.65,
        0.16666666666666666
    };

    (void)state;
    expect(logit, label, 20, numbers);
}

/* label = 13 divides 7919 i; logit = (104729 i mod 997) / 100 - 5 + 1.5 label,
 * rounded to quarters (halves to even, as numpy does). */
static void test_five_hundred_rows(void **state)
{
    const double numbers[] = { 0.2238994646757662,
                               0.6108237388063853,
                               1.3545499049681071,
                               0.22727272727272727,
                               0.502,
                               0.1282051282051282 };
    float label[500], logit[500];
    int i;

    (void)state;
    for (i = 0; i < 500; i++) {
        label[i] = i * 7919 % 13 == 0;
        logit[i] = (float)(rint(((double)(i * 104729LL % 997) / 100.0 - 5 +
                                 1.5 * (double)label[i]) *
                                4) /
                           4);
    }
    expect(logit, label, 500, numbers);
}

static void test_what_cannot_be_judged_is_nan(void **state)
{
    const float label[] = { 0, 1, 0 }, negative[] = { 0, 0, 0 };
    const float logit[] = { 1, 2, 3 }, broken[] = { 1, NAN, 3 };
    struct error err = ERROR_INIT;
    struct metrics m;
    size_t i;

    (void)state;
    assert_int_equal(metrics_compute(broken, 1, label, 3, &m, &err), 0);
    for (i = 0; i < METRIC_COUNT; i++)
        assert_true(isnan(metrics_get(&m, i)));
    assert_int_equal(metrics_compute(logit, 1, negative, 3, &m, &err), 0);
    assert_true(isnan(m.pr_auc) && isnan(m.roc_auc) && isnan(m.f1));
    assert_true(m.accuracy == 0);
    assert_true(isfinite(m.log_loss));
    assert_int_equal(metrics_compute(logit, 1, label, 0, &m, &err), 0);
    assert_true(isnan(m.log_loss));
}

static void test_a_perfect_order(void **state)
{
    const float label[] = { 0, 1, 0, 1 }, logit[] = { -9, 9, -8, 8 };
    struct error err = ERROR_INIT;
    struct metrics m;

    (void)state;
    assert_int_equal(metrics_compute(logit, 1, label, 4, &m, &err), 0);
    assert_true(m.pr_auc == 1 && m.roc_auc == 1 && m.f1 == 1);
    assert_true(m.accuracy == 1 && m.recall_at_precision90 == 1);
}

/* Five rows of three classes; class 2 is never said, class 1 once wrongly. */
static void test_many_classes(void **state)
{
    const float logit[] = { 2, 0, 0, 0, 3, 0, 0, 1, 0, 1, 0, 0.5F, 4, 0, 0 };
    const float label[] = { 0, 1, 0, 2, 0 };
    double want = 0;
    struct error err = ERROR_INIT;
    struct metrics m;
    size_t i, k;

    (void)state;
    assert_int_equal(metrics_compute(logit, 3, label, 5, &m, &err), 0);
    for (i = 0; i < 5; i++) {
        double sum = 0;

        for (k = 0; k < 3; k++)
            sum += exp((double)logit[3 * i + k]);
        want -= log(exp((double)logit[3 * i + (size_t)label[i]]) / sum) / 5;
    }
    assert_true(fabs(m.log_loss - want) < 1e-12);
    assert_true(fabs(m.accuracy - 3.0 / 5) < 1e-12);
    /* f1_score(..., average="macro"): 2*2/(3+3), 2*1/(1+2), 0 */
    assert_true(fabs(m.macro_f1 - (2.0 / 3 + 2.0 / 3 + 0) / 3) < 1e-12);
    assert_true(isnan(m.pr_auc));
    assert_string_equal(metrics_main(3), "val.accuracy");
    assert_string_equal(metrics_main(2), "val.pr_auc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twenty_rows_with_ties),
        cmocka_unit_test(test_five_hundred_rows),
        cmocka_unit_test(test_what_cannot_be_judged_is_nan),
        cmocka_unit_test(test_a_perfect_order),
        cmocka_unit_test(test_many_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
