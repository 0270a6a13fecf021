/* What may be had a second, at once, and after too much was taken.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "launcher/controller/rate.h"

/* How many there are to be had at 'now'. */
static int take_all(struct rate *r, double now)
{
    int count = 0;

    for (; rate_has(r, now) && count < 1000; count++)
        rate_take(r, 1);
    return count;
}

static void it_fills_by_the_second(void **state)
{
    struct rate r;

    (void)state;
    rate_init(&r, 10, 20, 100);
    assert_int_equal(take_all(&r, 100), 20);
    assert_int_equal(take_all(&r, 100.5), 5);
    assert_int_equal(take_all(&r, 1000), 20); /* no more than it holds */
    assert_int_equal(take_all(&r, 1000), 0);
}

static void debts_are_made_up_for(void **state)
{
    struct rate r;

    (void)state;
    rate_init(&r, 0.25, 2, 100);
    rate_take(&r, 3); /* a long answer */
    assert_false(rate_has(&r, 100));
    assert_false(rate_has(&r, 104));
    assert_true(rate_has(&r, 104.5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_fills_by_the_second),
        cmocka_unit_test(debts_are_made_up_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
