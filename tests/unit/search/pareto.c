/* pareto: fronts against their definition, crowding by hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "search/pareto.h"

static void domination_needs_one_better(void **unused)
{
    static const struct {
        double a[2], b[2];
        bool dominates;
    } cases[] = {
        { { 1, 1 }, { 2, 2 }, true },      { { 1, 1 }, { 1, 2 }, true },
        { { 1, 1 }, { 1, 1 }, false },     { { 1, 3 }, { 2, 2 }, false },
        { { 1, 1 }, { NAN, 1 }, true },    { { NAN, 1 }, { 1, 1 }, false },
        { { NAN, 1 }, { NAN, 1 }, false },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(pareto_dominates(cases[i].a, cases[i].b, 2),
                         cases[i].dominates);
}

/* The front of a row by definition, with ties and NANs among the rows. */
static void fronts_are_as_defined(void **unused)
{
    enum { ROWS = 120 };
    struct random r;

    (void)unused;
    random_seed(&r, 1, 0);
    for (size_t m = 1; m <= 4; m++) {
        double losses[ROWS * 4];
        size_t front[ROWS];

        for (size_t i = 0; i < ROWS * m; i++)
            losses[i] =
                random_below(&r, 30) == 0 ? NAN : (double)random_below(&r, 12);
        assert_int_equal(pareto_fronts(losses, ROWS, m, front), 0);
        for (size_t i = 0; i < ROWS; i++) {
            size_t expected = 0;
            for (size_t j = 0; j < ROWS; j++)
                if (pareto_dominates(losses + j * m, losses + i * m, m) &&
                    front[j] + 1 > expected)
                    expected = front[j] + 1;
            assert_int_equal(front[i], expected);
        }
    }
}

static void crowding_is_room(void **unused)
{
    const double losses[] = { 0, 4, 9, 9, 1, 2, 4, 0, 2, 1 };
    const size_t members[] = { 0, 2, 3, 4 };
    double crowding[4];

    (void)unused;
    assert_int_equal(pareto_crowding(losses, 2, members, 4, crowding), 0);
    assert_true(isinf(crowding[0]) && isinf(crowding[2]));
    assert_true(crowding[1] == 2.0 / 4 + 3.0 / 4);
    assert_true(crowding[3] == 3.0 / 4 + 2.0 / 4);
    assert_int_equal(pareto_crowding(losses, 2, members, 0, crowding), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domination_needs_one_better),
        cmocka_unit_test(fronts_are_as_defined),
        cmocka_unit_test(crowding_is_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
