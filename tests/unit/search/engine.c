/* engine: what holds for every sampler with every pruner in every space.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "tests/unit/search/play.h"

/* --- spaces -------------------------------------------------------------- */

static void make_empty(struct space *s)
{
    (void)s;
}

static void make_mixed(struct space *s)
{
    build_add(s, build_log("rate", 1e-300, 1e300));
    build_add(s, build_float("shift", -1e9, 1e9));
    build_add(s, build_step(build_float("drop", 0, 0.9), 0.1));
    build_add(s, build_int("seed", -4503599627370495, 4503599627370495));
    build_add(s, build_step(build_int("width", 8, 200), 24));
    build_add(s, build_float("one", 3, 3));
    build_add(s, build_int("single", -2, -2));
    build_add(s, build_choice("only", "this"));
    build_add(s, build_choice("switch", "true false"));
    struct parameter p = build_int("layers", 1, 1000000);
    p.log = true;
    build_add(s, p);
}

static void make_nested(struct space *s)
{
    build_add(s, build_between(build_float("deepest", 0, 1), "deep", 2, 4));
    build_add(s, build_when(build_int("deep", 1, 5), "plan", "b c"));
    build_add(s, build_choice("plan", "a b c"));
    build_add(s, build_when(build_log("other", 1e-3, 1), "plan", "a"));
    struct parameter p = build_choice("size", "small middle large");
    p.ordered = true;
    build_add(s, build_when(p, "plan", "a c"));
}

static void make_small(struct space *s)
{
    build_add(s, build_choice("on", "false true"));
    build_add(s, build_when(build_int("n", 1, 7), "on", "true"));
    build_add(s, build_choice("k", "a b c d e"));
}

static void make_wide(struct space *s)
{
    struct parameter p = build_choice("name", "n");

    for (int i = 1; i < 1000; i++)
        tree_append(p.choices, tree_int(i));
    build_add(s, p);
}

static const struct {
    const char *name;
    void (*make)(struct space *);
} spaces[] = {
    { "empty", make_empty }, { "mixed", make_mixed }, { "nested", make_nested },
    { "small", make_small }, { "wide", make_wide },
};
enum { SPACES = sizeof spaces / sizeof *spaces };
static const char *const samplers[] = { "auto", "random", "grid", "tpe", "gp" };
enum { SAMPLERS = sizeof samplers / sizeof *samplers };
static const char *const pruners[] = { "auto", "none",      "median",
                                       "asha", "hyperband", "curve" };
enum { PRUNERS = sizeof pruners / sizeof *pruners };

/* --- a study of all sorts of ends ---------------------------------------- */

/* Losses without a meaning, but of every kind: equal, NaN, infinite, huge. */
static double some_loss(struct random *r)
{
    static const double odd[] = {
        0, 0, 1, NAN, INFINITY, -1e300, 1e300, 1e-300
    };

    return random_below(r, 3) ? random_uniform(r) : odd[random_below(r, 8)];
}

/* Asks of the slow samplers say as much in fewer. */
static int asks_of(const char *sampler, int asks)
{
    return strcmp(sampler, "gp") == 0 || strcmp(sampler, "auto") == 0
               ? asks * 2 / 5
               : asks;
}

/* Run the newest trial for some steps, to some end. */
static void run_trial(struct play *p, struct random *r)
{
    static const enum trial_state ends[] = { TRIAL_COMPLETE, TRIAL_COMPLETE,
                                             TRIAL_COMPLETE, TRIAL_FAILED,
                                             TRIAL_RUNNING,  TRIAL_PAUSED };
    int64_t number = play_start(p), step = 0;
    enum decision d = DECISION_CONTINUE;

    while (d == DECISION_CONTINUE && step < 12) {
        step += 1 + (int64_t)random_below(r, 2);
        d = play_report(p, number, step, some_loss(r));
    }
    enum trial_state end = ends[random_below(r, 6)];
    play_finish(p, number, d == DECISION_PRUNE ? TRIAL_PRUNED : end,
                some_loss(r));
}

/* Follow one study for 'asks' suggestions; each must be legal, and new while
 * the space is not used up. Returns a hash of everything suggested. */
static uint64_t follow(const struct space *s, const char *sampler,
                       const char *pruner, int asks)
{
    double size = space_size(s), distinct = 0;
    uint64_t hash = 0;
    struct random r;
    struct play p;

    random_seed(&r, 8, 8);
    play_begin(&p, s, sampler, NULL, pruner, NULL, 77);
    for (int i = 0; i < asks; i++) {
        enum suggestion_kind kind = play_ask(&p);
        bool again = false;

        assert_int_equal(kind,
                         distinct < size ? SUGGEST_NEW : SUGGEST_EXHAUSTED);
        if (kind == SUGGEST_EXHAUSTED)
            break;
        assert_true(space_contains(s, p.x));
        for (size_t j = 0; j < p.history.count && !again; j++)
            again = space_same(s, p.history.trials[j].x, p.x);
        assert_false(again && isfinite(size));
        distinct += !again;
        hash = random_mix(hash ^ space_hash(s, p.x));
        run_trial(&p, &r);
    }
    play_end(&p);
    return hash;
}

static void everything_goes_with_everything(void **unused)
{
    (void)unused;
    for (int i = 0; i < SPACES; i++) {
        struct space s;

        space_init(&s);
        spaces[i].make(&s);
        build_finish(&s);
        for (int j = 0; j < SAMPLERS; j++) {
            if (strcmp(samplers[j], "grid") == 0 && isinf(space_size(&s)))
                continue;
            for (int k = 0; k < PRUNERS; k++) {
                int asks = asks_of(samplers[j], 60);
                uint64_t once = follow(&s, samplers[j], pruners[k], asks);
                if (follow(&s, samplers[j], pruners[k], asks) != once)
                    fail_msg("%s %s %s: not the same twice", spaces[i].name,
                             samplers[j], pruners[k]);
            }
        }
        space_clear(&s);
    }
}

/* --- purity -------------------------------------------------------------- */

/* After every trial a fresh engine, which knows no caches, says the same. */
static void a_restart_changes_nothing(void **unused)
{
    (void)unused;
    for (int i = 1; i < SPACES; i++)
        for (int j = 0; j < SAMPLERS; j++) {
            const struct engine_options options = { .sampler = samplers[j],
                                                    .seed = 77 };
            double x[16];
            struct suggestion fresh = { .x = x };
            struct space s;
            struct play p;
            struct random r;

            space_init(&s);
            spaces[i].make(&s);
            build_finish(&s);
            if (strcmp(samplers[j], "grid") == 0 && isinf(space_size(&s))) {
                space_clear(&s);
                continue;
            }
            random_seed(&r, 9, 9);
            play_begin(&p, &s, samplers[j], NULL, "auto", NULL, 77);
            for (int k = 0; k < asks_of(samplers[j], 40); k++) {
                struct error err = ERROR_INIT;
                struct engine *e;

                assert_int_equal(play_ask(&p), SUGGEST_NEW);
                assert_int_equal(engine_create(&e, &s, &options, &err), 0);
                assert_int_equal(engine_suggest(e, &p.history, 0, &fresh, &err),
                                 0);
                assert_true(space_same(&s, x, p.x));
                engine_destroy(e);
                run_trial(&p, &r);
            }
            play_end(&p);
            space_clear(&s);
        }
}

static void another_seed_goes_another_way(void **unused)
{
    struct space s;
    struct play a, b;

    (void)unused;
    space_init(&s);
    make_mixed(&s);
    build_finish(&s);
    play_begin(&a, &s, "random", NULL, "none", NULL, 1);
    play_begin(&b, &s, "random", NULL, "none", NULL, 2);
    play_ask(&a);
    play_ask(&b);
    assert_false(space_same(&s, a.x, b.x));
    play_end(&a);
    play_end(&b);
    space_clear(&s);
}

/* --- the rest ------------------------------------------------------------ */

static void a_partial_point_is_completed(void **unused)
{
    struct space s;

    (void)unused;
    space_init(&s);
    make_nested(&s); /* deepest deep plan other size */
    build_finish(&s);
    for (int j = 0; j < SAMPLERS; j++) {
        struct error err = ERROR_INIT;
        struct play p;
        struct random r;

        if (strcmp(samplers[j], "grid") == 0)
            continue;
        random_seed(&r, 3, 3);
        play_begin(&p, &s, samplers[j], NULL, "none", NULL, 5);
        for (int i = 0; i < 30; i++) {
            double x[5] = { NAN, 3, 2, NAN, NAN };
            struct suggestion fixed = { .x = x };

            assert_int_equal(
                engine_suggest(p.engine, &p.history, 1, &fixed, &err), 0);
            assert_int_equal(fixed.kind, SUGGEST_NEW);
            assert_true(space_contains(&s, x));
            assert_true(x[1] == 3 && x[2] == 2 && !isnan(x[0]));
            play_ask(&p);
            run_trial(&p, &r);
        }
        play_end(&p);
    }
    space_clear(&s);
}

static void several_objectives_are_not_pruned(void **unused)
{
    const double losses[2] = { 1, 2 };
    struct error err = ERROR_INIT;
    struct engine_options options = { .sampler = "tpe", .pruner = "asha" };
    struct engine *e;
    struct history h;
    struct space s;

    (void)unused;
    space_init(&s);
    make_nested(&s);
    build_finish(&s);
    history_init(&h, &s, 2, 0);
    assert_int_equal(engine_create(&e, &s, &options, &err), 0);
    for (int64_t i = 0; i < 30; i++) {
        double x[5];
        struct suggestion next = { .x = x };

        assert_int_equal(engine_suggest(e, &h, 0, &next, &err), 0);
        history_add(&h, x);
        history_set_state(&h, i, TRIAL_RUNNING);
        for (int64_t step = 1; step < 9; step++) {
            history_report(&h, i, step, (double)i, 0);
            assert_int_equal(engine_judge(e, &h, i), DECISION_CONTINUE);
        }
        history_finish(&h, i, losses, NULL);
        history_set_state(&h, i, TRIAL_COMPLETE);
    }
    engine_destroy(e);
    history_clear(&h);
    space_clear(&s);
}

static void unknown_names_are_refused(void **unused)
{
    static const struct {
        const char *sampler, *pruner, *what, *hint;
    } rows[] = {
        { "tpee", "none", "no sampler 'tpee'", "'tpe'" },
        { "tpe", "medain", "no pruner 'medain'", "'median'" },
        { "zzzzzzzz", "none", "auto, random, grid, qmc, tpe", "" },
    };
    struct space s;

    (void)unused;
    space_init(&s);
    build_finish(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct engine_options options = { .sampler = rows[i].sampler,
                                                .pruner = rows[i].pruner };
        struct error err = ERROR_INIT;
        struct engine *e;

        assert_int_equal(engine_create(&e, &s, &options, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.what, rows[i].what));
        assert_non_null(strstr(err.hint, rows[i].hint));
    }
    space_clear(&s);
}

static void decisions_have_names(void **unused)
{
    (void)unused;
    for (int i = 0; i <= DECISION_PAUSE; i++)
        assert_int_equal(decision_parse(decision_name((enum decision)i)), i);
    assert_int_equal(decision_parse("stop"), -1);
}

static void the_engine_describes_itself(void **unused)
{
    struct text out = TEXT_INIT;
    struct space s;
    struct play p;

    (void)unused;
    space_init(&s);
    make_small(&s); /* 8 * 5 points */
    build_finish(&s);
    play_begin(&p, &s, "auto", NULL, "auto", NULL, 5);
    engine_describe(p.engine, &out);
    assert_non_null(strstr(text_get(&out), "sampler auto (gp: "));
    assert_non_null(strstr(text_get(&out), "pruner asha (auto:"));
    text_clear(&out);
    play_end(&p);
    space_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_goes_with_everything),
        cmocka_unit_test(a_restart_changes_nothing),
        cmocka_unit_test(another_seed_goes_another_way),
        cmocka_unit_test(a_partial_point_is_completed),
        cmocka_unit_test(several_objectives_are_not_pruned),
        cmocka_unit_test(unknown_names_are_refused),
        cmocka_unit_test(decisions_have_names),
        cmocka_unit_test(the_engine_describes_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
