/* cma-es: finds minima of mixed spaces, and depends on nothing but the history.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "tests/unit/search/play.h"

static void make_space(struct space *s)
{
    space_init(s);
    build_add(s, build_float("a", -1, 1));
    build_add(s, build_log("b", 1e-6, 1));
    build_add(s, build_int("n", 0, 20));
    build_add(s, build_choice("c", "p q r"));
    build_add(s, build_when(build_float("d", 0, 1), "c", "q r"));
    build_finish(s);
}

/* 0 at a = 0.3, b = 0.01, n = 17, c = q, d = 0.8. */
static double loss_of(const double *x)
{
    double sum = fabs(x[0] - 0.3) + fabs(log10(x[1]) + 2) / 3 +
                 fabs(x[2] - 17) / 10 + (x[3] != 1);

    return sum + (isnan(x[4]) ? 0.5 : fabs(x[4] - 0.8));
}

static void the_minimum_is_found(void **unused)
{
    double best = INFINITY;
    struct space s;
    struct play p;

    (void)unused;
    make_space(&s);
    play_begin(&p, &s, "cma-es", "{\"restart\": \"none\"}", "none", NULL, 1);
    for (int i = 0; i < 600; i++) {
        play_ask(&p);
        assert_true(space_contains(&s, p.x));
        play_finish(&p, play_start(&p), TRIAL_COMPLETE, loss_of(p.x));
        best = fmin(best, loss_of(p.x));
    }
    assert_true(best < 0.02);
    play_end(&p);
    space_clear(&s);
}

/* Workers end in another order than they began, some fail; at each ask a new
 * engine, which has no caches, says the same as the one that lived through it,
 * through restarts of the search too. */
static void a_new_engine_says_the_same(void **unused)
{
    enum { WORKERS = 7 };
    const struct engine_options options = { .sampler = "cma-es",
                                            .pruner = "none",
                                            .seed = 5 };
    int64_t running[WORKERS];
    struct error err = ERROR_INIT;
    struct space s;
    struct play p;
    struct random r;

    (void)unused;
    make_space(&s);
    random_seed(&r, 1, 0);
    play_begin(&p, &s, "cma-es", NULL, "none", NULL, 5);
    for (int i = 0; i < 400; i++) {
        size_t slot = i < WORKERS ? (size_t)i : random_below(&r, WORKERS);
        if (i >= WORKERS) /* all the same: the run is over soon */
            play_finish(&p, running[slot],
                        random_below(&r, 5) ? TRIAL_COMPLETE : TRIAL_FAILED, 1);
        struct engine *fresh;
        double x[5];
        struct suggestion suggestion = { .x = x };
        assert_int_equal(engine_create(&fresh, &s, &options, &err), 0);
        assert_int_equal(
            engine_suggest(fresh, &p.history, 0, &suggestion, &err), 0);
        play_ask(&p);
        assert_true(space_same(&s, x, p.x));
        engine_destroy(fresh);
        running[slot] = play_start(&p);
    }
    play_end(&p);
    space_clear(&s);
}

/* Many basins, the deepest at 0.8 on each axis. */
static double basins(const double *x)
{
    double sum = 0;

    for (int i = 0; i < 2; i++) {
        double away = 12 * (x[i] - 0.8);
        sum += away * away + 10 - 10 * cos(2 * M_PI * away);
    }
    return sum;
}

/* A first run ends in some basin; small populations look into others too. */
static void restarts_find_the_deepest_basin(void **unused)
{
    static const char *const options[] = { "{\"restart\": \"bipop\"}",
                                           "{\"restart\": \"ipop\"}" };
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_add(&s, build_float("b", 0, 1));
    build_finish(&s);
    for (int k = 0; k < 2; k++) {
        double best = INFINITY;
        struct play p;

        play_begin(&p, &s, "cma-es", options[k], "none", NULL, 2);
        for (int i = 0; i < 3000; i++) {
            play_ask(&p);
            play_finish(&p, play_start(&p), TRIAL_COMPLETE, basins(p.x));
            best = fmin(best, basins(p.x));
        }
        assert_true(best < 1e-3);
        play_end(&p);
    }
    space_clear(&s);
}

static void only_choices_will_do(void **unused)
{
    int hits = 0;
    struct space s;
    struct play p;

    (void)unused;
    space_init(&s);
    for (char name[] = "a"; name[0] < 'g'; name[0]++)
        build_add(&s, build_choice(name, "1 2 3 4 5 6 7 8"));
    build_finish(&s);
    play_begin(&p, &s, "cma-es", NULL, "none", NULL, 1);
    for (int i = 0; i < 400; i++) {
        double loss = 0;
        play_ask(&p);
        for (int k = 0; k < 6; k++)
            loss += p.x[k] != k;
        play_finish(&p, play_start(&p), TRIAL_COMPLETE, loss);
        hits += i >= 300 && loss <= 2;
    }
    assert_true(hits > 20); /* by chance 0.3 */
    play_end(&p);
    space_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_minimum_is_found),
        cmocka_unit_test(a_new_engine_says_the_same),
        cmocka_unit_test(restarts_find_the_deepest_basin),
        cmocka_unit_test(only_choices_will_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
