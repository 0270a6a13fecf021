/* The losses against their definition and its slopes, in double precision.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "trainer/backend/backend.h"

enum { MOST = 20, STRIDE = 32 };

static struct backend *b;

static void expect_close(const char *what, double got, double want,
                         double tolerance)
{
    if (!(fabs(got - want) <= tolerance * (1 + fabs(want))))
        fail_msg("%s: %.9g, not %.9g", what, got, want);
}

/* The loss of one row, as struct loss says it. */
static double define(const struct loss *l, const double *logit, size_t label)
{
    size_t classes = l->outputs > 1 ? l->outputs : 2, k;
    double all = 0, sum = 0, z[MOST];

    for (k = 0; k < classes; k++)
        z[k] = l->outputs > 1 ? logit[k] : k == 0 ? 0 : logit[0];
    for (k = 0; k < classes; k++)
        all += exp(z[k]);
    for (k = 0; k < classes; k++) {
        double p = exp(z[k]) / all;
        double q = (k == label ? 1 - l->smoothing : 0) +
                   l->smoothing / (double)classes;

        sum -= q * pow(1 - p, l->focus) * log(p);
    }
    return sum * (l->weight ? (double)l->weight[label] : 1);
}

static void check_loss(const struct loss *l, const double *logit, size_t rows)
{
    size_t outputs = l->outputs, classes = outputs > 1 ? outputs : 2, i, k;
    float x[4 * STRIDE] = { 0 }, dx[4 * STRIDE] = { 0 }, label[4];
    size_t stride = b->ops->stride(b, outputs);
    double sum = 0, want = 0, moved[MOST], up, down;

    for (i = 0; i < rows; i++) {
        label[i] = (float)((i + 1) % classes);
        for (k = 0; k < outputs; k++)
            x[i * stride + k] = (float)logit[i * outputs + k];
        want += define(l, logit + i * outputs, (size_t)label[i]);
    }
    b->ops->loss(b, l, rows, x, label, 0.5F, dx, &sum);
    expect_close("loss", sum, want, 1e-6);
    for (i = 0; i < rows; i++)
        for (k = 0; k < outputs; k++) {
            for (size_t j = 0; j < outputs; j++)
                moved[j] = logit[i * outputs + j];
            moved[k] += 1e-5;
            up = define(l, moved, (size_t)label[i]);
            moved[k] -= 2e-5;
            down = define(l, moved, (size_t)label[i]);
            expect_close("slope", (double)dx[i * stride + k],
                         0.5 * (up - down) / 2e-5, 1e-5);
        }
}

static void test_losses_and_their_slopes(void **state)
{
    static const float weights[MOST] = { 0.5F, 3, 1, 2 };
    const double logit[] = { 0.25, -2, 1.5, 0.5, 3, -1, -0.5, 1,
                             0,    2,  -3,  1,   1, 2,  3,    4 };
    size_t outputs, way;

    (void)state;
    for (outputs = 1; outputs <= 4; outputs++)
        for (way = 0; way < 8; way++) {
            struct loss l = { .outputs = outputs,
                              .smoothing = way & 1 ? 0.1 : 0,
                              .focus = way & 2 ? 2 : 0,
                              .weight = way & 4 ? weights : NULL };

            if (outputs != 2)
                check_loss(&l, logit, 4);
            l.focus = way & 2 ? 0.5 : 0;
            check_loss(&l, logit, 3);
        }
}

static void test_extreme_logits_stay_finite(void **state)
{
    const float logit[16 * 3] = { [0] = 200, [16] = -200, [32] = 0 };
    const float label[] = { 1, 1, 0 };
    struct loss l = { .outputs = 1, .focus = 0.5 };
    float dx[16 * 3] = { 0 };
    double sum = 0;

    (void)state;
    b->ops->loss(b, &l, 3, logit, label, 1, dx, &sum);
    expect_close("loss", sum, 200 + sqrt(0.5) * log(2), 1e-6);
    assert_true(isfinite(dx[0]) && fabsf(dx[0]) < 1e-6F);
    expect_close("slope", (double)dx[16], -1, 1e-6);
}

static int start(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    b = backend_cpu(&(struct backend_options){ .threads = 1 }, &err);
    return b ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    backend_destroy(b);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_losses_and_their_slopes),
        cmocka_unit_test(test_extreme_logits_stay_finite),
    };
    return cmocka_run_group_tests(tests, start, end);
}
