/* improvement: against the hypervolume it means to gain.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/random.h"
#include "search/math/hypervolume.h"
#include "search/math/improvement.h"

enum { ROWS = 9 };

static double gain(const double *rows, size_t m, const double *point,
                   const double *reference)
{
    double all[(ROWS + 1) * 3];

    memcpy(all, rows, ROWS * m * sizeof *rows);
    memcpy(all + ROWS * m, point, m * sizeof *point);
    return hypervolume(all, ROWS + 1, m, reference) -
           hypervolume(rows, ROWS, m, reference);
}

/* Random rows, some of them dominated, equal or beyond the reference. */
static void draw_rows(struct random *r, double *rows, size_t m)
{
    for (size_t i = 0; i < ROWS * m; i++)
        rows[i] = 0.1 * (double)random_below(r, 13);
}

static void certain_losses_gain_their_volume(void **unused)
{
    const double reference[] = { 1, 1, 1 }, sure[] = { 1e-9, 1e-9, 1e-9 };
    struct improvement v = IMPROVEMENT_INIT;
    struct random r;

    (void)unused;
    random_seed(&r, 1, 0);
    for (int round = 0; round < 300; round++) {
        size_t m = 1 + (size_t)round % 3;
        double rows[ROWS * 3], point[3];

        draw_rows(&r, rows, m);
        for (size_t o = 0; o < m; o++)
            point[o] = 1.2 * random_uniform(&r) - 0.1;
        assert_int_equal(improvement_fit(&v, rows, ROWS, m, reference), 0);
        assert_true(fabs(improvement_expected(&v, point, sure) -
                         gain(rows, m, point, reference)) < 1e-7);
    }
    improvement_clear(&v);
}

static void uncertain_losses_gain_the_mean(void **unused)
{
    enum { DRAWS = 20000 };
    const double reference[] = { 1, 1, 1 }, mean[] = { 0.4, 0.5, 0.6 };
    const double deviation[] = { 0.3, 0.2, 0.4 };
    struct improvement v = IMPROVEMENT_INIT;
    struct random r;

    (void)unused;
    random_seed(&r, 2, 0);
    for (size_t m = 1; m <= 3; m++) {
        double rows[ROWS * 3], sum = 0, squares = 0;

        draw_rows(&r, rows, m);
        for (size_t o = 0; o < m; o++)
            rows[o] = 0.7; /* some of the space is taken, not all */
        for (size_t i = m; i < ROWS * m; i++)
            rows[i] = fmax(rows[i], 0.5);
        assert_int_equal(improvement_fit(&v, rows, ROWS, m, reference), 0);
        for (int i = 0; i < DRAWS; i++) {
            double point[3];
            for (size_t o = 0; o < m; o++)
                point[o] = mean[o] + deviation[o] * random_normal(&r);
            double g = gain(rows, m, point, reference);
            sum += g / DRAWS;
            squares += g * g / DRAWS;
        }
        double error = sqrt((squares - sum * sum) / DRAWS);
        assert_true(sum > 0);
        assert_true(fabs(improvement_expected(&v, mean, deviation) - sum) <
                    4 * error);
    }
    improvement_clear(&v);
}

static void without_rows_all_is_open(void **unused)
{
    const double reference[] = { 2, 2 }, point[] = { 1, 1 },
                 sure[] = { 1e-9, 1e-9 };
    struct improvement v = IMPROVEMENT_INIT;

    (void)unused;
    assert_int_equal(improvement_fit(&v, NULL, 0, 2, reference), 0);
    assert_true(fabs(improvement_expected(&v, point, sure) - 1) < 1e-6);
    improvement_clear(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certain_losses_gain_their_volume),
        cmocka_unit_test(uncertain_losses_gain_the_mean),
        cmocka_unit_test(without_rows_all_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
