/* Ticks where a person expects them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/plot/axis.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/text.h"

static void expect_ticks(const struct axis *a, const char *expected)
{
    struct tick ticks[AXIS_TICKS_MAX];
    size_t count = axis_ticks(a, ticks);
    struct text labels = TEXT_INIT;

    for (size_t i = 0; i < count; i++)
        text_format(&labels, "%s%s", i ? " " : "", ticks[i].label);
    assert_string_equal(text_get(&labels), expected);
    text_clear(&labels);
}

static void ticks_of_values(void **state)
{
    static const struct {
        double low, high;
        const char *ticks;
    } rows[] = {
        { 0.08, 0.79, "0 0.2 0.4 0.6 0.8" },
        { 0, 23, "0 5 10 15 20 25" },
        { -1, 1, "-1 -0.5 0 0.5 1" },
        { 3e-9, 1e-8, "2e-09 4e-09 6e-09 8e-09 1e-08" },
        { 1e6, 4e6, "1e+06 1.5e+06 2e+06 2.5e+06 3e+06 3.5e+06 4e+06" },
        { 5, 5, "2 3 4 5 6 7 8" }, /* one value: room on both sides */
        { 0, 0, "-0.6 -0.4 -0.2 0 0.2 0.4 0.6" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct axis a;

        axis_init(&a, "x");
        axis_take(&a, NAN);
        axis_take(&a, rows[i].high);
        axis_take(&a, rows[i].low);
        axis_take(&a, INFINITY);
        axis_finish(&a);
        assert_true(axis_place(&a, rows[i].low) >= 0);
        assert_true(axis_place(&a, rows[i].high) <= 1);
        expect_ticks(&a, rows[i].ticks);
    }
}

static void no_values_at_all(void **state)
{
    struct axis a;

    (void)state;
    axis_init(&a, "x");
    axis_finish(&a);
    expect_ticks(&a, "0 0.2 0.4 0.6 0.8 1");
}

static void parameters(void **state)
{
    struct tree *number = tree_map(), *choice = tree_map(), *list = tree_list();
    struct tree *word = tree_string("b"), *other = tree_string("z");
    struct axis a;

    (void)state;
    tree_set_string(number, "name", "lr");
    tree_set_float(number, "low", 3e-4);
    tree_set_float(number, "high", 0.5);
    tree_set_bool(number, "log", true);
    axis_of_parameter(&a, number);
    expect_ticks(&a, "0.001 0.01 0.1");
    assert_true(fabs(axis_place(&a, 3e-4)) < 1e-12);
    assert_true(fabs(axis_place(&a, 0.5) - 1) < 1e-12);

    tree_append(list, tree_string("a"));
    tree_append(list, tree_string("b"));
    tree_append(list, tree_int(3));
    tree_append(list, tree_bool(true));
    tree_set(choice, "choices", list);
    axis_of_parameter(&a, choice);
    expect_ticks(&a, "a b 3 true");
    assert_true(axis_value(&a, word) == 1);
    assert_true(isnan(axis_value(&a, other)));
    assert_true(isnan(axis_value(&a, NULL)));
    tree_destroy(word);
    tree_destroy(other);
    tree_destroy(number);
    tree_destroy(choice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_of_values),
        cmocka_unit_test(no_values_at_all),
        cmocka_unit_test(parameters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
