/* random: shares of each value, and what conditions switch off.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/sampler.h"
#include "tests/unit/search/play.h"

static void values_are_uniform(void **unused)
{
    enum { DRAWS = 8000 };
    struct space s;
    int choice[4] = { 0 }, decade[4] = { 0 };
    double mean = 0;

    (void)unused;
    space_init(&s);
    build_add(&s, build_choice("c", "a b c d"));
    build_add(&s, build_log("l", 1e-4, 1));
    build_add(&s, build_when(build_float("f", -1, 1), "c", "b"));
    build_finish(&s);
    for (uint64_t i = 0; i < DRAWS; i++) {
        double x[3] = { NAN, NAN, NAN };
        struct random r;

        random_seed(&r, 9, i);
        random_fill(&s, &r, x);
        assert_true(space_contains(&s, x));
        choice[(int)x[0]]++;
        decade[(int)(log10(x[1]) + 4)]++;
        mean += x[0] == 1 ? x[2] : 0;
    }
    for (int i = 0; i < 4; i++) { /* 2000 with a deviation of 39 */
        assert_in_range(choice[i], 1840, 2160);
        assert_in_range(decade[i], 1840, 2160);
    }
    assert_true(fabs(mean / choice[1]) < 0.05); /* deviation 0.013 */
    space_clear(&s);
}

static void what_is_fixed_stays(void **unused)
{
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_choice("c", "a b"));
    build_add(&s, build_when(build_int("i", 1, 100), "c", "b"));
    build_finish(&s);
    for (uint64_t i = 0; i < 50; i++) {
        double x[2] = { 1, NAN }, y[2] = { 0, 50 };
        struct random r;

        random_seed(&r, 9, i);
        random_fill(&s, &r, x);
        assert_true(x[0] == 1 && x[1] >= 1);
        random_fill(&s, &r, y);
        assert_true(y[0] == 0 && isnan(y[1])); /* switched off */
    }
    space_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_uniform),
        cmocka_unit_test(what_is_fixed_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
