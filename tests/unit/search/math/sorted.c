/* sorted: the order is that of (loss, trial) however it came about.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/random.h"
#include "search/math/sorted.h"

static void stays_in_order(void **unused)
{
    enum { COUNT = 500 };
    struct sorted s = SORTED_INIT;
    double losses[COUNT];
    struct random r;

    (void)unused;
    random_seed(&r, 1, 0);
    for (int i = 0; i < COUNT; i++) {
        losses[i] = (double)random_below(&r, 50); /* many are equal */
        assert_int_equal(sorted_insert(&s, losses[i], i), 0);
    }
    for (int i = 0; i < COUNT; i += 2)
        sorted_remove(&s, losses[i], i);
    assert_int_equal(s.count, COUNT / 2);
    for (size_t i = 1; i < s.count; i++) {
        const struct sorted_item *a = &s.items[i - 1], *b = &s.items[i];

        assert_true(a->loss < b->loss ||
                    (a->loss == b->loss && a->trial < b->trial));
        assert_int_equal(b->trial % 2, 1);
    }
    sorted_clear(&s);
}

static void ranks_and_quantiles(void **unused)
{
    struct sorted s = SORTED_INIT;

    (void)unused;
    assert_int_equal(sorted_rank(&s, 0), 0);
    sorted_insert(&s, 4, 0);
    assert_true(sorted_quantile(&s, 0.5) == 4);
    sorted_insert(&s, 2, 1);
    assert_true(sorted_quantile(&s, 0.5) == 3);
    sorted_insert(&s, 2, 2);
    sorted_insert(&s, INFINITY, 3);
    sorted_insert(&s, 9, 4);
    assert_true(sorted_quantile(&s, 0.5) == 4);
    assert_true(sorted_quantile(&s, 0) == 2); /* 2 2 4 9 inf */
    assert_true(sorted_quantile(&s, 0.25) == 2);
    assert_true(sorted_quantile(&s, 0.375) == 3);
    assert_true(sorted_quantile(&s, 0.75) == 9);
    assert_true(sorted_quantile(&s, 0.875) == INFINITY);
    assert_true(sorted_quantile(&s, 1) == INFINITY);
    assert_int_equal(sorted_rank(&s, 2), 0);
    assert_int_equal(sorted_rank(&s, 3), 2);
    assert_int_equal(sorted_rank(&s, INFINITY), 4);
    sorted_clear(&s);
    for (int i = 0; i < 4; i++)
        sorted_insert(&s, INFINITY, i);
    assert_true(sorted_quantile(&s, 0.5) == INFINITY);
    sorted_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_in_order),
        cmocka_unit_test(ranks_and_quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
