/* nsga-ii: a front is found, constraints are kept.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

/* Schaffer's problem in one parameter and two that should be 0 and "q": the
 * front is all of a = 0..2. */
static void losses_of(const double *x, double *losses)
{
    double off = fabs(x[1]) + (x[2] != 1);

    losses[0] = x[0] * x[0] + off;
    losses[1] = (x[0] - 2) * (x[0] - 2) + off;
}

static void play_two(const char *sampler, size_t constraints, double *best_off,
                     int *last_feasible)
{
    struct space s;
    struct play p;

    space_init(&s);
    build_add(&s, build_float("a", -5, 5));
    build_add(&s, build_int("n", -10, 10));
    build_add(&s, build_choice("c", "p q r"));
    build_finish(&s);
    play_begin(&p, &s, sampler, "{\"population\": 20}", "none", NULL, 1);
    history_clear(&p.history);
    history_init(&p.history, &s, 2, constraints);
    *best_off = INFINITY;
    *last_feasible = 0;
    for (int i = 0; i < 300; i++) {
        double losses[2], constraint;
        play_ask(&p);
        assert_true(space_contains(&s, p.x));
        losses_of(p.x, losses);
        constraint = 1 - p.x[0]; /* a >= 1 */
        int64_t number = play_start(&p);
        history_finish(&p.history, number, losses,
                       constraints ? &constraint : NULL);
        history_set_state(&p.history, number, TRIAL_COMPLETE);
        if (i < 250)
            continue;
        *last_feasible += constraint <= 0;
        *best_off = fmin(*best_off, fabs(p.x[1]) + (p.x[2] != 1));
    }
    play_end(&p);
    space_clear(&s);
}

static void children_come_near_the_front(void **unused)
{
    double off;
    int feasible;

    (void)unused;
    play_two("nsga-ii", 0, &off, &feasible);
    assert_true(off == 0);
    play_two("nsga-ii", 1, &off, &feasible);
    assert_true(off == 0);
    assert_true(feasible > 35); /* of 50; 2 in 5 of the space */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_come_near_the_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
