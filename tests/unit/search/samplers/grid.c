/* grid: every point once, in both orders, and what it refuses.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

static void conditional(struct space *s)
{
    space_init(s);
    build_add(s, build_choice("plan", "natural linear cosine"));
    build_add(s, build_when(build_int("ramp", 1, 20), "plan", "linear cosine"));
    build_add(s, build_step(build_float("drop", 0, 0.5), 0.25));
    build_finish(s);
}

static void every_point_once(void **unused)
{
    static const char *const orders[] = { NULL, "{\"order\":\"sequential\"}" };

    (void)unused;
    for (int k = 0; k < 2; k++) {
        struct space s;
        struct play p;
        size_t steps_up = 0;

        conditional(&s);
        play_begin(&p, &s, "grid", orders[k], "none", NULL, 3);
        for (size_t i = 0; i < 41 * 3; i++) {
            double rank = 0, before[3];

            assert_int_equal(play_ask(&p), SUGGEST_NEW);
            assert_true(space_contains(&s, p.x));
            for (size_t j = 0; j < p.history.count; j++)
                assert_false(space_same(&s, p.history.trials[j].x, p.x));
            while (space_nth(&s, rank, before) == 0 &&
                   !space_same(&s, before, p.x))
                rank++;
            steps_up += rank == (double)i;
            play_start(&p);
        }
        assert_int_equal(play_ask(&p), SUGGEST_EXHAUSTED);
        if (k == 1)
            assert_int_equal(steps_up, 41 * 3);
        else
            assert_in_range(steps_up, 0, 20);
        play_end(&p);
        space_clear(&s);
    }
}

static void an_infinite_space_is_refused(void **unused)
{
    const struct engine_options options = { .sampler = "grid", .file = "f" };
    struct error err = ERROR_INIT;
    struct engine *e;
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_int("depth", 1, 5));
    build_add(&s, build_float("rate", 0, 1));
    build_finish(&s);
    assert_int_equal(engine_create(&e, &s, &options, &err), -1);
    assert_null(e);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.what, "'rate' is a float without step"));
    space_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_point_once),
        cmocka_unit_test(an_infinite_space_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
