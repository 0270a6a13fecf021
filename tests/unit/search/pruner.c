/* pruner: what holds for every pruner, whatever is reported to it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "tests/unit/search/play.h"

static struct space nothing;

static const struct {
    const char *name, *options;
} pruners[] = {
    { "none", NULL },
    { "median", NULL },
    { "percentile", "{\"percentile\":10,\"interval_steps\":2}" },
    { "patient", "{\"patience\":2}" },
    { "patient", "{\"patience\":1,\"wrapped\":{\"type\":\"asha\","
                 "\"mode\":\"pause\",\"min_step\":1}}" },
    { "threshold", "{\"upper\":0.9,\"warmup_steps\":2}" },
    { "asha", NULL },
    { "asha", "{\"min_step\":1,\"mode\":\"pause\"}" },
    { "hyperband", NULL },
    { "hyperband", "{\"max_step\":30,\"reduction\":2,\"mode\":\"pause\"}" },
    { "wilcoxon", "{\"p_threshold\":0.3}" },
    { "curve", NULL }, /* the last two: they forecast, so the best may end */
    { "curve", "{\"mode\":\"pause\",\"startup_trials\":9}" },
};
enum { PRUNERS = sizeof pruners / sizeof *pruners, CURVES = PRUNERS - 2 };

/* A kind of study: what is reported where. 'k' counts a trial's reports. */
struct kind {
    const char *name;
    int64_t (*step)(struct random *r, int k);
    double (*loss)(struct random *r);
    int reports;
};

static int64_t in_order(struct random *r, int k)
{
    (void)r;
    return k + 1;
}

static int64_t anywhere(struct random *r, int k)
{
    (void)k;
    return (int64_t)random_below(r, 20);
}

static int64_t huge(struct random *r, int k)
{
    return INT64_MAX - 40 + 2 * k + (int64_t)random_below(r, 2);
}

static int64_t far_apart(struct random *r, int k)
{
    (void)r;
    return (int64_t)1 << (6 * k);
}

static double uniform(struct random *r)
{
    return random_uniform(r);
}

static double not_a_number(struct random *r)
{
    (void)r;
    return NAN;
}

static double same(struct random *r)
{
    (void)r;
    return 0.5;
}

static double extreme(struct random *r)
{
    static const double values[] = { NAN,    INFINITY, -INFINITY, 1e308,
                                     -1e308, 0,        0.3,       0.3 };

    return values[random_below(r, 8)];
}

static const struct kind kinds[] = {
    { "as usual", in_order, uniform, 10 },
    { "all NaN", in_order, not_a_number, 10 },
    { "all equal", in_order, same, 10 },
    { "extreme values", in_order, extreme, 10 },
    { "one step", in_order, uniform, 1 },
    { "steps out of order", anywhere, uniform, 10 },
    { "huge steps", huge, uniform, 10 },
    { "steps far apart", far_apart, uniform, 10 },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static struct engine *make_engine(const struct play *p, int pruner)
{
    const struct engine_options o = { .pruner = pruners[pruner].name,
                                      .pruner_options = p->pruner_options };
    struct error err = ERROR_INIT;
    struct engine *e;

    if (engine_create(&e, &nothing, &o, &err))
        fail_msg("%s", err.what);
    return e;
}

/* Run a trial from where it is to its end or pause. Before each decision a
 * fresh engine is asked: it must say the same. Returns how many paused. */
static int run(struct play *p, int pruner, const struct kind *kind,
               int64_t number, struct random *r)
{
    enum decision d = DECISION_CONTINUE;
    int k = (int)p->history.trials[number].curve_count;

    for (; k < kind->reports && d == DECISION_CONTINUE; k++) {
        struct engine *fresh = make_engine(p, pruner);

        d = play_report(p, number, kind->step(r, k), kind->loss(r));
        if (engine_judge(fresh, &p->history, number) != d)
            fail_msg("%s, %s: a fresh engine decides otherwise",
                     pruners[pruner].name, kind->name);
        engine_destroy(fresh);
    }
    play_finish(p, number,
                d == DECISION_PRUNE   ? TRIAL_PRUNED
                : d == DECISION_PAUSE ? TRIAL_PAUSED
                                      : TRIAL_COMPLETE,
                p->history.trials[number].curve[0].loss);
    return d == DECISION_PAUSE;
}

/* The trial that both the pruner and a fresh one promote, or -1. */
static int64_t promoted(struct play *p, int pruner)
{
    struct engine *fresh = make_engine(p, pruner);
    int64_t number = engine_promote(p->engine, &p->history);

    assert_int_equal(engine_promote(fresh, &p->history), number);
    engine_destroy(fresh);
    if (number >= 0)
        assert_int_equal(p->history.trials[number].state, TRIAL_PAUSED);
    return number;
}

static void the_same_history_has_the_same_decisions(void **unused)
{
    (void)unused;
    for (int i = 0; i < PRUNERS; i++)
        for (int j = 0; j < KINDS; j++) {
            struct random r;
            struct play p;
            int left = 400;

            random_seed(&r, 4, (uint64_t)j);
            play_begin(&p, &nothing, "random", NULL, pruners[i].name,
                       pruners[i].options, 1);
            for (int k = 0; k < 40; k++) {
                int64_t number = play_start(&p);

                run(&p, i, &kinds[j], number, &r);
                while ((number = promoted(&p, i)) >= 0 && left-- > 0) {
                    history_set_state(&p.history, number, TRIAL_RUNNING);
                    run(&p, i, &kinds[j], number, &r);
                }
            }
            assert_true(left > 0); /* promoting comes to an end */
            play_end(&p);
        }
}

static void whoever_is_best_at_each_step_goes_on(void **unused)
{
    (void)unused;
    for (int i = 0; i < CURVES; i++) {
        struct random r;
        struct play p;

        random_seed(&r, 5, 5);
        play_begin(&p, &nothing, "random", NULL, pruners[i].name,
                   pruners[i].options, 1);
        for (int k = 0; k < 30; k++) {
            run(&p, i, &kinds[0], play_start(&p), &r);
            int64_t number = play_start(&p);
            for (int64_t step = 1; step <= 10; step++)
                if (play_report(&p, number, step, -k - 0.1 * (double)step) !=
                    DECISION_CONTINUE)
                    fail_msg("%s ends the best", pruners[i].name);
            play_finish(&p, number, TRIAL_COMPLETE, -k - 10);
        }
        play_end(&p);
    }
}

static void options_that_make_no_sense_are_refused(void **unused)
{
    static const struct {
        const char *pruner, *options, *what;
    } rows[] = {
        { "threshold", NULL, "upper" },
        { "threshold", "{\"lower\":2,\"upper\":1}", "at least 2" },
        { "patient", NULL, "patience" },
        { "patient", "{\"patience\":1,\"wrapped\":\"medain\"}", "medain" },
        { "patient", "{\"patience\":1,\"wrapped\":{}}", "no pruner ''" },
        { "patient", "{\"patience\":1,\"wrapped\":{\"type\":\"asha\",\"x\":1}}",
          "wrapped" },
        { "percentile", "{\"percentile\":101}", "percentile" },
        { "hyperband", "{\"min_step\":9,\"max_step\":3}", "less than" },
        { "asha", "{\"mode\":\"wait\"}", "mode" },
        { "wilcoxon", "{\"p_threshold\":2}", "p_threshold" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree *options = play_options(rows[i].options);
        const struct engine_options o = { .pruner = rows[i].pruner,
                                          .pruner_options = options,
                                          .file = "study.yaml" };
        struct error err = ERROR_INIT;
        struct engine *e;

        assert_int_equal(engine_create(&e, &nothing, &o, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.what, rows[i].what))
            fail_msg("%s: %s", rows[i].options, err.what);
        tree_destroy(options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_history_has_the_same_decisions),
        cmocka_unit_test(whoever_is_best_at_each_step_goes_on),
        cmocka_unit_test(options_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
