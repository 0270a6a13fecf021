/* qmc: even in conditional spaces, the same after a restart.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

static void make_space(struct space *s)
{
    space_init(s);
    build_add(s, build_choice("c", "a b c d"));
    build_add(s, build_log("l", 1e-4, 1));
    build_add(s, build_when(build_float("f", 0, 1), "c", "b"));
    build_finish(s);
}

static void shares_are_exact(void **unused)
{
    int choice[4] = { 0 }, decade[4] = { 0 }, half[2] = { 0 };
    struct space s;
    struct play p;

    (void)unused;
    make_space(&s);
    play_begin(&p, &s, "qmc", NULL, "none", NULL, 3);
    for (int i = 0; i < 256; i++) {
        assert_int_equal(play_ask(&p), SUGGEST_NEW);
        assert_true(space_contains(&s, p.x));
        play_start(&p);
        choice[(int)p.x[0]]++;
        decade[(int)(log10(p.x[1]) + 4)]++;
        if (!isnan(p.x[2]))
            half[p.x[2] > 0.5]++;
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(choice[i], 64);
        assert_int_equal(decade[i], 64);
    }
    assert_in_range(half[0], 30, 34); /* 32 each by chance within 4 */
    play_end(&p);
    space_clear(&s);
}

static void seeds_differ_and_repeat(void **unused)
{
    double first[3][3];
    struct space s;

    (void)unused;
    make_space(&s);
    for (int i = 0; i < 3; i++) {
        struct play p;
        play_begin(&p, &s, "qmc", NULL, "none", NULL, i == 2 ? 0 : (uint64_t)i);
        play_ask(&p);
        for (int k = 0; k < 3; k++)
            first[i][k] = p.x[k];
        play_end(&p);
    }
    assert_true(first[0][1] == first[2][1]);
    assert_true(first[0][1] != first[1][1]);
    space_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_exact),
        cmocka_unit_test(seeds_differ_and_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
