/* asha: where the rungs stand and who passes them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "tests/unit/search/play.h"

static struct space nothing;

/* Run a trial of constant 'loss' over the given steps (ended by 0); returns
 * the step it was pruned at, or 0. */
static int64_t run(struct play *p, double loss, const int64_t *steps)
{
    int64_t number = play_start(p);

    for (; *steps > 0; steps++)
        if (play_report(p, number, *steps, loss) == DECISION_PRUNE) {
            play_finish(p, number, TRIAL_PRUNED, loss);
            return *steps;
        }
    play_finish(p, number, TRIAL_COMPLETE, loss);
    return 0;
}

static const int64_t every[] = { 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,
                                 12, 13, 14, 15, 16, 17, 18, 19, 20, 0 };

static void a_third_goes_on(void **unused)
{
    struct play p;

    (void)unused;
    play_begin(&p, &nothing, "random", NULL, "asha", NULL, 1);
    assert_int_equal(run(&p, 5, every), 0); /* too few to compare with */
    assert_int_equal(run(&p, 6, every), 0);
    assert_int_equal(run(&p, 7, every), 3); /* third of three: one goes on */
    assert_int_equal(run(&p, 5.5, every), 3);
    assert_int_equal(run(&p, 5, every), 0); /* equal to the best */
    for (int i = 0; i < 3; i++)
        assert_int_equal(run(&p, 8, every), 3);
    assert_int_equal(run(&p, 5.2, every), 9); /* 3rd of 9; 3rd of 4 at 9 */
    assert_int_equal(run(&p, 1, every), 0);
    assert_int_equal(run(&p, NAN, every), 3);
    play_end(&p);
}

static void options_move_the_rungs(void **unused)
{
    static const struct {
        const char *options;
        int64_t end;
    } rows[] = {
        { "{\"min_step\":1}", 1 },
        { "{\"min_step\":4}", 4 },
        { "{\"min_step\":1,\"grace\":5}", 9 }, /* rungs 1 and 3 are too early */
        { "{\"min_step\":2,\"grace\":3,\"reduction\":2}", 4 },
        { "{\"grace\":7}", 7 },
        { "{\"min_step\":50}", 0 },
        { "{\"startup_trials\":9}", 0 },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play p;

        play_begin(&p, &nothing, "random", NULL, "asha", rows[i].options, 1);
        run(&p, 1, every);
        run(&p, 1, every);
        run(&p, 1, every);
        assert_int_equal(run(&p, 9, every), rows[i].end);
        play_end(&p);
    }
}

/* Steps may be anything: here trials report every 100 iterations, some at
 * other ones, and rungs follow the third report. */
static void steps_need_not_be_epochs(void **unused)
{
    static const int64_t hundreds[] = { 100, 200, 300, 400,  500, 600,
                                        700, 800, 900, 1000, 0 };
    static const int64_t others[] = { 150, 299, 310, 890, 1000, 0 };
    static const int64_t sparse[] = { 50, 60, 1000, 0 };
    struct play p;

    (void)unused;
    play_begin(&p, &nothing, "random", NULL, "asha", NULL, 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(run(&p, 1, hundreds), 0);
    assert_int_equal(run(&p, 2, hundreds), 300);
    assert_int_equal(run(&p, 2, others), 310); /* first at or after 300 */
    assert_int_equal(run(&p, 1, others), 0);
    assert_int_equal(run(&p, 2, sparse), 1000); /* jumps both rungs at once */
    play_end(&p);
}

static void only_a_rung_just_reached_judges(void **unused)
{
    struct play p;
    int64_t number;

    (void)unused;
    play_begin(&p, &nothing, "random", NULL, "asha", NULL, 1);
    for (int i = 0; i < 3; i++)
        run(&p, 1, every);
    number = play_start(&p);
    for (int64_t step = 1; step <= 4; step++)
        history_report(&p.history, number, step, 9, 0);
    assert_int_equal(engine_judge(p.engine, &p.history, number),
                     DECISION_CONTINUE);
    /* asked twice at the rung, it answers twice the same */
    for (int64_t step = 5; step <= 9; step++)
        history_report(&p.history, number, step, 9, 0);
    assert_int_equal(engine_judge(p.engine, &p.history, number),
                     DECISION_PRUNE);
    assert_int_equal(engine_judge(p.engine, &p.history, number),
                     DECISION_PRUNE);
    play_end(&p);
}

/* An engine that followed a study decides like one that sees it at once, also
 * when old reports change and the rungs move. */
static void caches_do_not_matter(void **unused)
{
    const struct engine_options options = { .pruner = "asha", .seed = 1 };
    struct play p;
    struct random r;

    (void)unused;
    random_seed(&r, 1, 1);
    play_begin(&p, &nothing, "random", NULL, "asha", NULL, 1);
    int64_t slow = play_start(&p); /* trial 0: its third report comes late */
    for (int i = 1; i < 80; i++) {
        int64_t number = play_start(&p), step = 0;
        enum decision d = DECISION_CONTINUE;

        while (d == DECISION_CONTINUE && step < 40) {
            struct error err = ERROR_INIT;
            struct engine *fresh;

            step += 1 + (int64_t)random_below(&r, 3);
            d = play_report(&p, number, step, random_uniform(&r));
            assert_int_equal(engine_create(&fresh, &nothing, &options, &err),
                             0);
            assert_int_equal(engine_judge(fresh, &p.history, number), d);
            engine_destroy(fresh);
        }
        play_finish(&p, number,
                    d == DECISION_PRUNE ? TRIAL_PRUNED : TRIAL_COMPLETE, 1);
        if (i % 9 == 0)
            history_report(&p.history, slow, i, random_uniform(&r), 0);
        if (i % 7 == 0) /* another attempt reports other values */
            history_report(&p.history, number / 2,
                           p.history.trials[number / 2].curve_count
                               ? p.history.trials[number / 2].curve[0].step
                               : 1,
                           random_uniform(&r), 0);
    }
    assert_true(p.history.in_state[TRIAL_PRUNED] > 20);
    assert_true(p.history.in_state[TRIAL_COMPLETE] > 5);
    play_end(&p);
}

/* Run or go on with trial 'number' to its next pause, or to step 'end'. Returns
 * the step it paused at, or 0. */
static int64_t go_on(struct play *p, int64_t number, double loss, int64_t end)
{
    int64_t step = trial_last_step(&p->history.trials[number]);

    history_set_state(&p->history, number, TRIAL_RUNNING);
    for (step = step < 0 ? 1 : step + 1; step <= end; step++)
        if (play_report(p, number, step, loss) == DECISION_PAUSE) {
            history_set_state(&p->history, number, TRIAL_PAUSED);
            return step;
        }
    play_finish(p, number, TRIAL_COMPLETE, loss);
    return 0;
}

static void who_is_among_the_best_after_all_goes_on(void **unused)
{
    struct play p;

    (void)unused;
    play_begin(&p, &nothing, "random", NULL, "asha",
               "{\"min_step\":1,\"mode\":\"pause\"}", 1);
    assert_int_equal(go_on(&p, play_start(&p), 5, 9), 0); /* nobody to beat */
    assert_int_equal(go_on(&p, play_start(&p), 6, 9), 0);
    assert_int_equal(go_on(&p, play_start(&p), 5.5, 9), 1); /* 1 of 3 goes on */
    assert_int_equal(go_on(&p, play_start(&p), 5.4, 9), 1);
    assert_int_equal(engine_promote(p.engine, &p.history), -1);
    assert_int_equal(go_on(&p, play_start(&p), 7, 9), 1);
    assert_int_equal(engine_promote(p.engine, &p.history), -1);
    assert_int_equal(go_on(&p, play_start(&p), 8, 9), 1);
    /* two of six go on: 5 and 5.4, which is trial 3 */
    assert_int_equal(play_ask(&p), SUGGEST_RESUME);
    assert_int_equal(engine_promote(p.engine, &p.history), 3);
    assert_int_equal(go_on(&p, 3, 5.4, 9), 3); /* third there: 1 of 3 goes on */
    assert_int_equal(engine_promote(p.engine, &p.history), -1);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_third_goes_on),
        cmocka_unit_test(options_move_the_rungs),
        cmocka_unit_test(steps_need_not_be_epochs),
        cmocka_unit_test(only_a_rung_just_reached_judges),
        cmocka_unit_test(caches_do_not_matter),
        cmocka_unit_test(who_is_among_the_best_after_all_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
