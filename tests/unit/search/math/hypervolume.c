/* hypervolume: against Optuna, and what counts for nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/random.h"
#include "search/math/hypervolume.h"

/* From tests/reference/hypervolume.py. */
static const struct {
    int objectives, count;
    double volume;
} cases[] = {
    { 1, 1, 0.258529015192104 },   { 1, 7, 0.950122790337048 },
    { 1, 20, 1.0911486907096 },    { 2, 1, 0.212144903132535 },
    { 2, 7, 0.801884681378302 },   { 2, 20, 1.04360479553966 },
    { 3, 1, 0.0212165679436058 },  { 3, 7, 0.584359066221735 },
    { 3, 20, 0.830227173978683 },  { 4, 1, 0.0172299044587526 },
    { 4, 7, 0.320069739674885 },   { 4, 20, 0.543984510868685 },
    { 5, 1, 0.00453739818777496 }, { 5, 7, 0.172062827593889 },
    { 5, 20, 0.317363591663158 },
};

static void volumes_are_those_of_optuna(void **unused)
{
    const double reference[] = { 1.1, 1.1, 1.1, 1.1, 1.1 };

    (void)unused;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        int m = cases[c].objectives, n = cases[c].count;
        double rows[20 * 5];
        for (int i = 0; i < n; i++)
            for (int o = 0; o < m; o++)
                rows[i * m + o] = fabs(sin(1 + 3 * i + 5 * o + i * o));
        double is = hypervolume(rows, (size_t)n, (size_t)m, reference);
        assert_true(fabs(is - cases[c].volume) < 1e-12);
    }
}

static void rows_outside_add_nothing(void **unused)
{
    const double reference[] = { 1, 1, 1 };
    const double rows[] = { 0.5, 0.5, 0.5, 2, 0,   0,   1,  0.1,
                            0.1, NAN, 0,   0, 0.5, 0.5, 0.5 };

    (void)unused;
    assert_true(hypervolume(rows, 5, 3, reference) == 0.125);
    assert_true(hypervolume(rows, 0, 3, reference) == 0);
}

/* By hand, of two objectives: 1 x 1; 1 x 2 less 0.5 x 0.5; what is dominated or outside of
 * the reference adds nothing. Of three: what is missing without a row. */
static void what_a_row_adds_alone(void **unused)
{
    static const double two[5][2] = {
        { 1, 3 }, { 2, 1 }, { 2.5, 2.5 }, { 5, 0 }, { NAN, 0 }
    };
    static const double reference[3] = { 3, 4, 1 };
    double out[5], rows[12][3], fewer[11][3];
    struct random r;

    (void)unused;
    assert_int_equal(hypervolume_contributions(two[0], 5, 2, reference, out),
                     0);
    assert_true(out[0] == 1 && out[1] == 1.75);
    assert_true(out[2] == 0 && out[3] == 0 && out[4] == 0);
    random_seed(&r, 1, 0);
    for (int i = 0; i < 36; i++)
        rows[i / 3][i % 3] = random_uniform(&r);
    double all = hypervolume(rows[0], 12, 3, reference), each[12];
    assert_int_equal(hypervolume_contributions(rows[0], 12, 3, reference, each),
                     0);
    for (int i = 0; i < 12; i++) {
        memcpy(fewer, rows, (size_t)i * sizeof *rows);
        memcpy(fewer + i, rows + i + 1, (size_t)(11 - i) * sizeof *rows);
        double without = hypervolume(fewer[0], 11, 3, reference);
        assert_true(fabs(each[i] - (all - without)) < 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volumes_are_those_of_optuna),
        cmocka_unit_test(rows_outside_add_nothing),
        cmocka_unit_test(what_a_row_adds_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
