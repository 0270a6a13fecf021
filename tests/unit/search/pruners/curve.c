/* curve: who is ended, who goes on.
 *
 * Curves fall as quality + 1/step over 20 steps, quality being x.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

enum { STEPS = 20 };

static struct space space;
static struct play play;

static int begin(void **unused)
{
    (void)unused;
    space_init(&space);
    build_add(&space, build_float("x", 0, 1));
    build_finish(&space);
    play_begin(&play, &space, "random", NULL, "curve", NULL, 1);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    play_end(&play);
    space_clear(&space);
    return 0;
}

/* Run a trial at x to its end; returns the step it was ended at, or STEPS. */
static int run(double x, bool obey)
{
    play.x[0] = x;
    int64_t number = play_start(&play);

    for (int step = 1; step <= STEPS; step++) {
        enum decision d = play_report(&play, number, step, x + 1.0 / step);
        if (d == DECISION_PRUNE && obey) {
            play_finish(&play, number, TRIAL_PRUNED, x + 1.0 / step);
            return step;
        }
    }
    play_finish(&play, number, TRIAL_COMPLETE, x + 1.0 / STEPS);
    return STEPS;
}

static void teach(void)
{
    for (double x = 0.25; x < 1; x += 0.1)
        run(x, false);
}

static void losers_end_early(void **unused)
{
    (void)unused;
    teach();
    assert_in_range(run(0.9, true), 3, 6);
    assert_in_range(run(0.6, true), 3, 8);
}

static void a_new_best_runs_to_its_end(void **unused)
{
    (void)unused;
    teach();
    for (int i = 0; i < 5; i++)
        assert_int_equal(run(0.2 - 0.04 * i, true), STEPS);
}

static void the_first_reports_decide_nothing(void **unused)
{
    (void)unused;
    teach();
    play.x[0] = 1;
    int64_t number = play_start(&play);
    for (int step = 1; step <= 2; step++)
        assert_int_equal(play_report(&play, number, step, 1e9),
                         DECISION_CONTINUE);
    assert_int_equal(play_report(&play, number, 3, 1e9), DECISION_PRUNE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(losers_end_early, begin, end),
        cmocka_unit_test_setup_teardown(a_new_best_runs_to_its_end, begin, end),
        cmocka_unit_test_setup_teardown(the_first_reports_decide_nothing, begin,
                                        end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
