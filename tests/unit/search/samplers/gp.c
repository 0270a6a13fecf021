/* gp: studies small enough to know what must come out.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

enum { STEPS = 5 };

/* Run 'trials' one after another; returns the lowest loss. */
static double search(const struct space *s, const char *sampler, uint64_t seed,
                     int trials, double (*loss_at)(const double *x))
{
    double best = INFINITY;
    struct play p;

    play_begin(&p, s, sampler, NULL, "none", NULL, seed);
    for (int i = 0; i < trials; i++) {
        play_ask(&p);
        int64_t number = play_start(&p);
        double loss = loss_at(p.x);
        for (int step = 1; step <= STEPS; step++)
            play_report(&p, number, step, loss + 1.0 / step);
        play_finish(&p, number, TRIAL_COMPLETE, loss + 1.0 / STEPS);
        best = fmin(best, loss);
    }
    play_end(&p);
    return best;
}

/* The least at (0.2, 0.7, 0.4): 0. */
static double bowl(const double *x)
{
    return pow(x[0] - 0.2, 2) + pow(x[1] - 0.7, 2) + pow(x[2] - 0.4, 2);
}

static void a_bowl_is_searched_to_its_bottom(void **unused)
{
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_add(&s, build_float("b", 0, 1));
    build_add(&s, build_float("c", 0, 1));
    build_finish(&s);
    for (uint64_t seed = 0; seed < 3; seed++) {
        double found = search(&s, "gp", seed, 40, bowl);
        assert_true(found < 2e-3);
        assert_true(found < 0.2 * search(&s, "random", seed, 40, bowl));
    }
    space_clear(&s);
}

/* The least in a corner, as where a range was chosen too small. */
static double slope(const double *x)
{
    return x[0] - x[1] + 0.5 * x[2];
}

static void corners_are_looked_into(void **unused)
{
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_add(&s, build_float("b", 0, 1));
    build_add(&s, build_int("c", 0, 4));
    build_finish(&s);
    assert_true(search(&s, "gp", 1, 30, slope) < -0.99);
    space_clear(&s);
}

/* Choice 2 is best, and only there x matters: at 0.3. */
static double branch(const double *x)
{
    return x[0] == 2 ? fabs(x[1] - 0.3) : 1 + x[0];
}

static void branches_are_told_apart(void **unused)
{
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_choice("kind", "a b c d e"));
    build_add(&s, build_when(build_float("x", 0, 1), "kind", "c"));
    build_finish(&s);
    assert_true(search(&s, "gp", 1, 40, branch) < 0.03);
    space_clear(&s);
}

static double nothing(const double *x)
{
    (void)x;
    return 1;
}

static void equal_losses_leave_it_looking_around(void **unused)
{
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_finish(&s);
    assert_true(search(&s, "gp", 1, 30, nothing) == 1);
    space_clear(&s);
}

/* Workers that ask at once, before anything is reported, go apart. */
static void equal_asks_get_different_points(void **unused)
{
    double asked[8];
    struct space s;
    struct play p;

    (void)unused;
    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_finish(&s);
    play_begin(&p, &s, "gp", NULL, "none", NULL, 3);
    for (int i = 0; i < 12; i++) {
        play_ask(&p);
        int64_t number = play_start(&p);
        play_report(&p, number, 1, pow(p.x[0] - 0.5, 2));
        play_finish(&p, number, TRIAL_COMPLETE, pow(p.x[0] - 0.5, 2));
    }
    for (int i = 0; i < 8; i++) {
        play_ask(&p);
        play_start(&p);
        asked[i] = p.x[0];
        for (int j = 0; j < i; j++)
            assert_true(fabs(asked[i] - asked[j]) > 1e-6);
    }
    play_end(&p);
    space_clear(&s);
}

/* Where a > 0.4 nothing is feasible, and that is most of the space: the bowl's
 * bottom at a = 0.2 may be had, that of one turned round may not. */
static double mirrored_bowl(const double *x)
{
    return pow(x[0] - 0.8, 2) + pow(x[1] - 0.7, 2);
}

/* The lowest feasible loss of 30 trials; '*feasible' counts them. */
static double search_feasible(const char *sampler, int *feasible)
{
    double best = INFINITY;
    struct space s;
    struct play p;

    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_add(&s, build_float("b", 0, 1));
    build_finish(&s);
    play_begin(&p, &s, sampler, NULL, "none", NULL, 1);
    history_clear(&p.history);
    history_init(&p.history, &s, 1, 1);
    *feasible = 0;
    for (int i = 0; i < 30; i++) {
        play_ask(&p);
        int64_t number = play_start(&p);
        double loss = mirrored_bowl(p.x), over = p.x[0] - 0.4;
        history_finish(&p.history, number, &loss, &over);
        history_set_state(&p.history, number, TRIAL_COMPLETE);
        *feasible += over <= 0;
        if (over <= 0)
            best = fmin(best, loss);
    }
    play_end(&p);
    space_clear(&s);
    return best;
}

static void the_edge_of_what_is_feasible_is_found(void **unused)
{
    int ours, chance;

    (void)unused;
    assert_true(search_feasible("gp", &ours) < 0.16 + 0.005);
    assert_true(search_feasible("random", &chance) > 0.16 + 0.005);
    assert_true(ours > chance);
}

/* Nothing was feasible yet: the loss says nothing about where to look. */
static void what_is_feasible_is_looked_for_first(void **unused)
{
    struct space s;
    struct play p;

    (void)unused;
    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_finish(&s);
    play_begin(&p, &s, "gp", NULL, "none", NULL, 1);
    history_clear(&p.history);
    history_init(&p.history, &s, 1, 1);
    for (int i = 0; i < 8; i++) {
        double x = 0.5 + i / 16.0, loss = 1 - x, over = x - 0.1;
        int64_t number = history_add(&p.history, &x);
        history_finish(&p.history, number, &loss, &over);
        history_set_state(&p.history, number, TRIAL_COMPLETE);
    }
    play_ask(&p);
    assert_true(p.x[0] <= 0.1);
    play_end(&p);
    space_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bowl_is_searched_to_its_bottom),
        cmocka_unit_test(corners_are_looked_into),
        cmocka_unit_test(branches_are_told_apart),
        cmocka_unit_test(equal_losses_leave_it_looking_around),
        cmocka_unit_test(equal_asks_get_different_points),
        cmocka_unit_test(the_edge_of_what_is_feasible_is_found),
        cmocka_unit_test(what_is_feasible_is_looked_for_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
