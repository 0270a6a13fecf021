/* ehvi: finds a front with few trials, and stays where trials are feasible.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/math/hypervolume.h"
#include "tests/unit/search/play.h"

enum { TRIALS = 40, WORKERS = 3 };

/* Three corners of a triangle in a and b, and a choice that should be "q": the
 * losses are the squared distances. */
static void losses_of(const double *x, double *losses)
{
    static const double corners[3][2] = { { 0.2, 0.2 },
                                          { 0.8, 0.2 },
                                          { 0.5, 0.9 } };

    for (int o = 0; o < 3; o++)
        losses[o] = (x[0] - corners[o][0]) * (x[0] - corners[o][0]) +
                    (x[1] - corners[o][1]) * (x[1] - corners[o][1]) +
                    0.3 * (x[2] != 1);
}

struct outcome {
    double volume;
    int feasible;
};

/* A study with several workers; the constraint, if any, is b <= 0.5. */
static struct outcome play(const char *sampler, size_t objectives,
                           size_t constraints)
{
    static const double reference[] = { 0.6, 0.6, 0.6 };
    double all[TRIALS * 3], losses[TRIALS][3];
    struct outcome o = { 0, 0 };
    struct space s;
    struct play p;

    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_add(&s, build_float("b", 0, 1));
    build_add(&s, build_choice("c", "p q r"));
    build_finish(&s);
    play_begin(&p, &s, sampler, NULL, "none", NULL, 1);
    history_clear(&p.history);
    history_init(&p.history, &s, objectives, constraints);
    for (int i = 0; i < TRIALS + WORKERS; i++) {
        int done = i - WORKERS;
        if (done >= 0) {
            double over = p.history.trials[done].x[1] - 0.5;
            o.feasible += over <= 0;
            history_finish(&p.history, done, losses[done],
                           constraints ? &over : NULL);
            history_set_state(&p.history, done,
                              done % 13 == 5 ? TRIAL_FAILED : TRIAL_COMPLETE);
        }
        if (i >= TRIALS)
            continue;
        assert_int_equal(play_ask(&p), SUGGEST_NEW);
        assert_true(space_contains(&s, p.x));
        losses_of(p.x, losses[i]);
        memcpy(all + (size_t)i * objectives, losses[i],
               objectives * sizeof *all);
        play_start(&p);
    }
    o.volume = hypervolume(all, TRIALS, objectives, reference);
    play_end(&p);
    space_clear(&s);
    return o;
}

static void more_is_dominated_than_by_chance(void **unused)
{
    (void)unused;
    for (size_t objectives = 1; objectives <= 3; objectives++)
        assert_true(play("ehvi", objectives, 0).volume >
                    play("random", objectives, 0).volume);
}

static void infeasible_points_are_avoided(void **unused)
{
    struct outcome ours = play("ehvi", 2, 1), chance = play("random", 2, 1);

    (void)unused;
    assert_true(ours.feasible > chance.feasible + 5);
    assert_true(play("auto", 1, 1).feasible > 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_is_dominated_than_by_chance),
        cmocka_unit_test(infeasible_points_are_avoided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
