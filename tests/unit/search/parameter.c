/* parameter: values, indices and unit coordinates of each kind.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "search/parameter.h"

static const struct parameter kinds[] = {
    { .kind = PARAMETER_FLOAT, .low = -3, .high = 5 },
    { .kind = PARAMETER_FLOAT, .low = 1e-300, .high = 1e300, .log = true },
    { .kind = PARAMETER_FLOAT, .low = 0, .high = 1, .step = 0.1 },
    { .kind = PARAMETER_FLOAT, .low = 0.05, .high = 0.98, .step = 0.05 },
    { .kind = PARAMETER_FLOAT, .low = 2, .high = 2 },
    { .kind = PARAMETER_INT, .low = -7, .high = 7 },
    { .kind = PARAMETER_INT, .low = 8, .high = 100, .step = 8 },
    { .kind = PARAMETER_INT, .low = 1, .high = 1000000, .log = true },
    { .kind = PARAMETER_INT, .low = 3, .high = 3 },
    { .kind = PARAMETER_INT, .low = 0, .high = 9007199254740991 },
    { .kind = PARAMETER_CATEGORICAL, .low = 0, .high = 999 },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static void counts(void **unused)
{
    static const double expected[KINDS] = {
        INFINITY, INFINITY, 11, 19, 1, 15, 12, 1e6, 1, 9007199254740992.0, 1000
    };

    (void)unused;
    for (int i = 0; i < KINDS; i++)
        assert_true(parameter_count(&kinds[i]) == expected[i]);
}

static void every_unit_gives_a_legal_value(void **unused)
{
    struct random r;

    (void)unused;
    random_seed(&r, 5, 0);
    for (int i = 0; i < KINDS; i++)
        for (int k = 0; k < 2002; k++) {
            double u = k < 2 ? (double)k : random_uniform(&r);
            double v = parameter_from_unit(&kinds[i], u);
            double back = parameter_to_unit(&kinds[i], v);

            assert_true(parameter_contains(&kinds[i], v));
            assert_true(parameter_snap(&kinds[i], v) == v);
            assert_true(back >= 0 && back <= 1);
            if (parameter_count(&kinds[i]) > 1e9) /* u has 53 bits itself */
                assert_true(fabs(back - u) < 1e-12);
            else
                assert_true(parameter_from_unit(&kinds[i], back) == v);
        }
}

static void all_values_are_equally_likely(void **unused)
{
    enum { DRAWS = 30000 };
    int seen[15] = { 0 };
    struct random r;

    (void)unused;
    random_seed(&r, 6, 0);
    for (int i = 0; i < DRAWS; i++)
        seen[(int)parameter_from_unit(&kinds[5], random_uniform(&r)) + 7]++;
    for (int i = 0; i < 15; i++) /* 2000 with a deviation of 43 */
        assert_in_range(seen[i], 1800, 2200);
}

static void a_logarithm_gives_each_decade_its_share(void **unused)
{
    enum { DRAWS = 30000 };
    int seen[6] = { 0 };
    struct random r;

    (void)unused;
    random_seed(&r, 7, 0);
    for (int i = 0; i < DRAWS; i++) {
        double v = parameter_from_unit(&kinds[7], random_uniform(&r));
        seen[(int)fmin(log10(v), 5)]++;
    }
    for (int i = 1; i < 6; i++) /* the first also has its cell below 1 */
        assert_in_range(seen[i], 4500, 5100);
}

static void steps_are_the_numbers_people_write(void **unused)
{
    (void)unused;
    assert_true(parameter_value(&kinds[2], 3) == 0.3); /* 3 * 0.1 is not */
    assert_true(parameter_value(&kinds[2], 10) == 1);
    assert_true(parameter_contains(&kinds[2], 0.1 + 0.2));
    assert_false(parameter_contains(&kinds[2], 0.35));
    assert_false(parameter_contains(&kinds[6], 9));
    assert_false(parameter_contains(&kinds[6], 104));
    assert_false(parameter_contains(&kinds[5], 0.5));
    assert_false(parameter_contains(&kinds[0], NAN));
    assert_true(parameter_snap(&kinds[2], 0.349) == 0.3);
    assert_true(parameter_snap(&kinds[6], 1e9) == 96);
    assert_true(parameter_snap(&kinds[0], -1e9) == -3);
    assert_true(parameter_contains(&kinds[1], parameter_snap(&kinds[1], NAN)));
}

static void cells_fill_the_axis(void **unused)
{
    (void)unused;
    for (int i = 0; i < KINDS; i++) {
        double sum = 0, count = parameter_count(&kinds[i]);

        if (count == 1 || count > 1e6)
            continue;
        for (double k = 0; k < count; k++)
            sum += parameter_cell(&kinds[i], parameter_value(&kinds[i], k));
        assert_true(fabs(sum - 1) < 1e-9);
    }
    assert_true(parameter_cell(&kinds[0], 0) == 0);
}

static void choices_are_told_apart(void **unused)
{
    struct parameter p = { .kind = PARAMETER_CATEGORICAL,
                           .choices = tree_list() };
    struct tree *text = tree_string("1"), *whole = tree_int(1),
                *absent = tree_string("2");

    (void)unused;
    tree_append(p.choices, tree_string("1"));
    tree_append(p.choices, tree_int(1));
    assert_int_equal(parameter_choice(&p, text), 0);
    assert_int_equal(parameter_choice(&p, whole), 1);
    assert_int_equal(parameter_choice(&p, absent), -1);
    tree_destroy(text);
    tree_destroy(whole);
    tree_destroy(absent);
    tree_destroy(p.choices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(every_unit_gives_a_legal_value),
        cmocka_unit_test(all_values_are_equally_likely),
        cmocka_unit_test(a_logarithm_gives_each_decade_its_share),
        cmocka_unit_test(steps_are_the_numbers_people_write),
        cmocka_unit_test(cells_fill_the_axis),
        cmocka_unit_test(choices_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
