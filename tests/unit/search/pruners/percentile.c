/* percentile and median: who is stopped, and when nobody is.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "tests/unit/search/play.h"

static struct space nothing;

/* A study in which 'count' completed trials had losses 'first', first + 1, ...
 * at each of 'steps' steps. */
static void begin(struct play *p, const char *options, int count, double first,
                  int64_t steps)
{
    play_begin(p, &nothing, "random", NULL, "median", options, 1);
    for (int i = 0; i < count; i++) {
        int64_t number = play_start(p);
        for (int64_t step = 1; step <= steps; step++)
            history_report(&p->history, number, step, first + i, 0);
        play_finish(p, number, TRIAL_COMPLETE, first + i);
    }
}

/* The step at which a trial with constant 'loss' is pruned, or 0. */
static int64_t end_of(struct play *p, double loss, int64_t steps)
{
    int64_t number = play_start(p);

    for (int64_t step = 1; step <= steps; step++)
        if (play_report(p, number, step, loss) == DECISION_PRUNE)
            return step;
    return 0;
}

static void the_worse_half_ends(void **unused)
{
    struct play p;

    (void)unused;
    begin(&p, NULL, 5, 10, 8); /* 10 11 12 13 14 */
    assert_int_equal(end_of(&p, 12, 8), 0);
    assert_int_equal(end_of(&p, 12.5, 8), 3); /* its third report */
    assert_int_equal(end_of(&p, NAN, 8), 3);
    assert_int_equal(end_of(&p, -INFINITY, 8), 0);
    assert_int_equal(end_of(&p, 100, 2), 0);
    play_end(&p);
}

static void nobody_ends_before_there_is_a_measure(void **unused)
{
    struct play p;

    (void)unused;
    begin(&p, NULL, 4, 10, 8); /* one too few */
    assert_int_equal(end_of(&p, 1000, 8), 0);
    int64_t fifth = play_start(&p);
    for (int64_t step = 1; step <= 4; step++) /* reaches step 4 only */
        history_report(&p.history, fifth, step, 14, 0);
    play_finish(&p, fifth, TRIAL_COMPLETE, 14);
    int64_t number = play_start(&p);
    assert_int_equal(play_report(&p, number, 5, 1000), DECISION_CONTINUE);
    assert_int_equal(play_report(&p, number, 6, 1000), DECISION_CONTINUE);
    assert_int_equal(play_report(&p, number, 7, 1000), DECISION_CONTINUE);
    assert_int_equal(end_of(&p, 1000, 8), 3);
    play_end(&p);
}

static void the_best_so_far_counts(void **unused)
{
    struct play p;
    int64_t number;

    (void)unused;
    begin(&p, NULL, 5, 10, 8);
    number = play_start(&p);
    assert_int_equal(play_report(&p, number, 1, 11), DECISION_CONTINUE);
    for (int64_t step = 2; step <= 8; step++)
        assert_int_equal(play_report(&p, number, step, 99), DECISION_CONTINUE);
    play_end(&p);
}

static void options_move_the_steps(void **unused)
{
    static const struct {
        const char *options;
        int64_t end;
    } rows[] = {
        { "{\"grace\":1}", 1 },
        { "{\"grace\":1,\"warmup_steps\":4}", 5 },
        { "{\"grace\":2,\"interval_steps\":3}", 4 },
        { "{\"grace\":1,\"warmup_steps\":2,\"interval_steps\":5}", 3 },
        { "{\"grace\":2,\"warmup_steps\":1,\"interval_steps\":5}", 2 },
        { "{\"grace\":3,\"warmup_steps\":1,\"interval_steps\":5}", 7 },
        { "{\"startup_trials\":6}", 0 },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play p;

        begin(&p, rows[i].options, 5, 10, 8);
        assert_int_equal(end_of(&p, 50, 8), rows[i].end);
        play_end(&p);
    }
}

/* An engine that followed a study decides like one that sees it at once. */
static void caches_do_not_matter(void **unused)
{
    const struct engine_options options = { .pruner = "median", .seed = 1 };
    struct play p;
    struct random r;

    (void)unused;
    random_seed(&r, 1, 1);
    begin(&p, NULL, 3, 0, 3);
    for (int i = 0; i < 60; i++) {
        int64_t number = play_start(&p), step = 0;
        enum decision d = DECISION_CONTINUE;

        while (d == DECISION_CONTINUE && step < 20) {
            struct error err = ERROR_INIT;
            struct engine *fresh;

            step += 1 + (int64_t)random_below(&r, 3);
            d = play_report(&p, number, step, random_uniform(&r) * 3);
            assert_int_equal(engine_create(&fresh, &nothing, &options, &err),
                             0);
            assert_int_equal(engine_judge(fresh, &p.history, number), d);
            engine_destroy(fresh);
        }
        play_finish(&p, number,
                    d == DECISION_PRUNE ? TRIAL_PRUNED : TRIAL_COMPLETE, 1);
        if (i % 7 == 0) /* a late report of a completed trial */
            history_report(&p.history, 1, 2, random_uniform(&r), 0);
    }
    assert_true(p.history.in_state[TRIAL_PRUNED] > 10);
    assert_true(p.history.in_state[TRIAL_COMPLETE] > 10);
    play_end(&p);
}

static void another_percentile_is_another_bar(void **unused)
{
    static const struct {
        const char *options;
        double lasts, ends; /* constant losses, beside 10 11 12 13 14 */
    } rows[] = {
        { NULL, 11, 11.5 }, /* the best quarter */
        { "{\"percentile\":0}", 10, 10.5 },
        { "{\"percentile\":90}", 13.5, 13.7 }, /* 13.6 */
        { "{\"percentile\":100}", 14, 14.5 },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play p;

        begin(&p, NULL, 5, 10, 8);
        p.pruner_options = play_options(rows[i].options);
        const struct engine_options o = { .pruner = "percentile",
                                          .pruner_options = p.pruner_options };
        struct error err = ERROR_INIT;
        engine_destroy(p.engine);
        assert_int_equal(engine_create(&p.engine, &nothing, &o, &err), 0);
        assert_int_equal(end_of(&p, rows[i].lasts, 8), 0);
        assert_int_equal(end_of(&p, rows[i].ends, 8), 3);
        play_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worse_half_ends),
        cmocka_unit_test(nobody_ends_before_there_is_a_measure),
        cmocka_unit_test(the_best_so_far_counts),
        cmocka_unit_test(options_move_the_steps),
        cmocka_unit_test(caches_do_not_matter),
        cmocka_unit_test(another_percentile_is_another_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
