/* seen: a set of points that grows with a history.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/seen.h"
#include "tests/unit/search/build.h"

static void points_are_found_again(void **unused)
{
    struct seen seen = SEEN_INIT;
    struct history h;
    struct space s;
    double x;

    (void)unused;
    space_init(&s);
    build_add(&s, build_int("i", 0, 999));
    build_finish(&s);
    history_init(&h, &s, 1, 0);
    for (x = 0; x < 1000; x += 2) {
        assert_int_equal(seen_update(&seen, &h), 0);
        assert_false(seen_has(&seen, &h, &x));
        history_add(&h, &x);
        history_add(&h, &x); /* a repetition does not count */
        assert_int_equal(seen_update(&seen, &h), 0);
        assert_int_equal(seen.count, x / 2 + 1);
    }
    for (x = 0; x < 1000; x++)
        assert_int_equal(seen_has(&seen, &h, &x), (int)x % 2 == 0);
    assert_int_equal(seen_find_new(&seen, &h, 1000, 998, &x), 0);
    assert_true(x == 999);
    history_add(&h, &x);
    assert_int_equal(seen_update(&seen, &h), 0);
    assert_int_equal(seen_find_new(&seen, &h, 1000, 998, &x), 0);
    assert_true(x == 1); /* round the end */

    history_clear(&h);
    assert_int_equal(seen_update(&seen, &h), 0);
    assert_int_equal(seen.count, 0);
    seen_clear(&seen);
    space_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
