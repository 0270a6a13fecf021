/* tpe: it learns, alone and with others running, and where conditions hold.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

enum { SEEDS = 15, TRIALS = 60 };

static void mixed(struct space *s)
{
    space_init(s);
    build_add(s, build_log("rate", 1e-5, 1));
    build_add(s, build_float("shift", -4, 4));
    build_add(s, build_int("depth", 1, 12));
    build_add(s, build_choice("kind", "a b c d"));
    build_add(s, build_when(build_float("extra", 0, 1), "kind", "b c"));
    build_finish(s);
}

/* A bowl: the best is rate 0.01, shift 1, depth 7, kind c, extra 0.25. */
static double bowl(const double *x)
{
    double rate = (log10(x[0]) + 2) / 5, shift = (x[1] - 1) / 8,
           depth = (x[2] - 7) / 11;
    double kind = x[3] == 2 ? 0 : 0.3, extra = isnan(x[4]) ? 0.5 : x[4] - 0.25;

    return rate * rate + shift * shift + depth * depth + kind + extra * extra;
}

/* The best of a study with 'workers' trials at a time. */
static double best_of(const char *sampler, const char *options, uint64_t seed,
                      size_t workers)
{
    struct space s;
    struct play p;
    double best = INFINITY;

    mixed(&s);
    play_begin(&p, &s, sampler, options, "none", NULL, seed);
    for (size_t i = 0; i < TRIALS + workers - 1; i++) {
        if (i >= workers - 1 && workers > 1) {
            int64_t number = (int64_t)(i + 1 - workers);
            play_finish(&p, number, TRIAL_COMPLETE,
                        bowl(p.history.trials[number].x));
        }
        assert_int_equal(play_ask(&p), SUGGEST_NEW);
        int64_t number = play_start(&p);
        if (workers == 1)
            play_finish(&p, number, TRIAL_COMPLETE, bowl(p.x));
    }
    for (size_t i = 0; i < TRIALS; i++)
        best = fmin(best, bowl(p.history.trials[i].x));
    play_end(&p);
    space_clear(&s);
    return best;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_best(const char *sampler, const char *options,
                          size_t workers)
{
    double best[SEEDS];

    for (uint64_t i = 0; i < SEEDS; i++)
        best[i] = best_of(sampler, options, i, workers);
    qsort(best, SEEDS, sizeof *best, by_value);
    return best[SEEDS / 2];
}

static void beats_random_search_clearly(void **unused)
{
    (void)unused;
    double random = median_best("random", NULL, 1);
    assert_true(median_best("tpe", NULL, 1) < random / 2);
    assert_true(median_best("tpe", NULL, 8) < random / 2);
    assert_true(median_best("tpe", "{\"multivariate\": false}", 1) <
                random / 2);
    assert_true(median_best("tpe", "{\"group\": false}", 1) < random / 2);
    assert_true(median_best("tpe", "{\"constant_liar\": false}", 8) <
                random / 2);
}

/* Workers that ask at once must not be sent to one place. */
static void running_trials_keep_others_away(void **unused)
{
    enum { ASKS = 8 };
    double shifts[ASKS], sum = 0, squares = 0;
    struct space s;
    struct play p;

    (void)unused;
    space_init(&s);
    build_add(&s, build_float("shift", -4, 4));
    build_finish(&s);
    play_begin(&p, &s, "tpe", NULL, "none", NULL, 4);
    for (int i = 0; i < 30; i++) {
        play_ask(&p);
        play_finish(&p, play_start(&p), TRIAL_COMPLETE, p.x[0] * p.x[0]);
    }
    for (int i = 0; i < ASKS; i++) {
        play_ask(&p);
        play_start(&p);
        shifts[i] = p.x[0];
        sum += p.x[0] / ASKS;
    }
    for (int i = 0; i < ASKS; i++)
        squares += (shifts[i] - sum) * (shifts[i] - sum) / ASKS;
    assert_true(sqrt(squares) > 0.1);
    play_end(&p);
    space_clear(&s);
}

/* Trials that fail on one side of the range must teach to stay away. */
static void failures_are_avoided(void **unused)
{
    struct space s;
    struct play p;
    int wrong = 0;

    (void)unused;
    space_init(&s);
    build_add(&s, build_float("size", 0, 1));
    build_add(&s, build_float("other", 0, 1));
    build_finish(&s);
    play_begin(&p, &s, "tpe", NULL, "none", NULL, 11);
    for (int i = 0; i < 80; i++) {
        play_ask(&p);
        bool fails = p.x[0] > 0.5;
        wrong += i >= 40 && fails;
        play_finish(&p, play_start(&p), fails ? TRIAL_FAILED : TRIAL_COMPLETE,
                    fails ? NAN : p.x[1]);
    }
    assert_in_range(wrong, 0, 10);
    play_end(&p);
    space_clear(&s);
}

static void options_are_checked(void **unused)
{
    static const struct {
        const char *options, *what;
    } rows[] = {
        { "{\"startup\":3}", "startup" },
        { "{\"startup_trials\":0}", "startup_trials" },
        { "{\"candidates\":\"many\"}", "candidates" },
        { "{\"n_ei_candidates\":0}", "n_ei_candidates" },
        { "{\"group\":1}", "group" },
    };
    struct space s;

    (void)unused;
    mixed(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree *map = play_options(rows[i].options);
        const struct engine_options options = { .sampler = "tpe",
                                                .sampler_options = map,
                                                .file = "study.yaml" };
        struct error err = ERROR_INIT;
        struct engine *e;

        assert_int_equal(engine_create(&e, &s, &options, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.what, rows[i].what));
        tree_destroy(map);
    }
    space_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beats_random_search_clearly),
        cmocka_unit_test(running_trials_keep_others_away),
        cmocka_unit_test(failures_are_avoided),
        cmocka_unit_test(options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
