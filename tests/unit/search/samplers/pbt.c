/* pbt: a population trains in turns, copies its best and comes to an end.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

enum { TRIALS_MAX = 200, LAST = 12, INTERVAL = 3, MEMBERS = 6 };
static const char options[] =
    "{\"population\":6,\"interval\":3,\"quantile\":0.25,\"resample\":0.2}";

static void make_space(struct space *s)
{
    space_init(s);
    build_add(s, build_log("rate", 1e-4, 1));
    build_add(s, build_int("turns", 1, 9));
    build_add(s, build_choice("kind", "a b c"));
    struct parameter p = build_choice("size", "small middle large");
    p.ordered = true;
    build_add(s, build_when(p, "kind", "a"));
    build_finish(s);
}

/* What the engine wants now; a fresh one must want the same. */
static struct suggestion ask(struct play *p, const struct space *space)
{
    const struct engine_options o = { .sampler = "pbt",
                                      .sampler_options = p->sampler_options,
                                      .seed = 3 };
    struct suggestion s = { .x = p->x }, other;
    struct error err = ERROR_INIT;
    struct engine *fresh;
    double x[16];

    assert_int_equal(engine_create(&fresh, space, &o, &err), 0);
    other = (struct suggestion){ .x = x };
    assert_int_equal(engine_suggest(p->engine, &p->history, 0, &s, &err), 0);
    assert_int_equal(engine_suggest(fresh, &p->history, 0, &other, &err), 0);
    assert_int_equal(s.kind, other.kind);
    assert_int_equal(s.trial, other.trial);
    if (s.kind == SUGGEST_NEW) {
        assert_int_equal(s.parent, other.parent);
        assert_true(space_same(space, s.x, x));
        assert_true(space_contains(space, s.x));
    }
    engine_destroy(fresh);
    return s;
}

/* Train from where it is; a step is worth the more the nearer the rate is to
 * 0.03. 'quality' is what a checkpoint holds. */
static void train(struct play *p, int64_t number, double *quality)
{
    struct trial *t = &p->history.trials[number];
    int64_t step = trial_last_step(t);
    enum decision d = DECISION_CONTINUE;

    if (step < 0 && t->parent >= 0) {
        quality[number] = quality[t->parent];
        step = trial_last_step(&p->history.trials[t->parent]);
        d = play_report(p, number, step, -quality[number]);
    }
    step = step < 0 ? 0 : step;
    for (; d == DECISION_CONTINUE && step < LAST;) {
        quality[number] += 1 / (1 + fabs(log(t->x[0] / 0.03)));
        d = play_report(p, number, ++step, -quality[number]);
        assert_true(d != DECISION_PAUSE || step % INTERVAL == 0);
    }
    play_finish(p, number,
                d == DECISION_PRUNE   ? TRIAL_PRUNED
                : d == DECISION_PAUSE ? TRIAL_PAUSED
                                      : TRIAL_COMPLETE,
                -quality[number]);
}

static size_t members(const struct history *h)
{
    return h->count - h->in_state[TRIAL_PRUNED] - h->in_state[TRIAL_FAILED];
}

static void a_population_trains_in_turns(void **unused)
{
    double quality[TRIALS_MAX] = { 0 }, first = 0, last = 0;
    int copies = 0, resumed = 0;
    struct space space;
    struct play p;

    (void)unused;
    make_space(&space);
    play_begin(&p, &space, "pbt", options, "auto", NULL, 3);
    for (;;) { /* one worker */
        struct suggestion s = ask(&p, &space);
        int64_t number = s.trial;

        if (s.kind == SUGGEST_EXHAUSTED)
            break;
        assert_true(s.kind == SUGGEST_NEW || s.kind == SUGGEST_RESUME);
        if (s.kind == SUGGEST_NEW) {
            assert_true(members(&p.history) < MEMBERS);
            assert_true(s.parent < 0 ||
                        p.history.trials[s.parent].state == TRIAL_PAUSED);
            number = play_start(&p);
            assert_true(number < TRIALS_MAX);
            p.history.trials[number].parent = s.parent;
            copies += s.parent >= 0;
        } else {
            history_set_state(&p.history, number, TRIAL_RUNNING);
            resumed++;
        }
        train(&p, number, quality);
    }
    assert_int_equal(p.history.in_state[TRIAL_COMPLETE], MEMBERS);
    assert_int_equal(p.history.in_state[TRIAL_PAUSED], 0);
    if (copies < 3 || resumed < MEMBERS)
        fail_msg("%d copies, %d resumed", copies, resumed);
    assert_int_equal(p.history.in_state[TRIAL_PRUNED], copies);
    for (size_t i = 0; i < p.history.count; i++) {
        double distance = fabs(log(p.history.trials[i].x[0] / 0.03));

        if (i < MEMBERS)
            first += distance / MEMBERS;
        if (p.history.trials[i].state == TRIAL_COMPLETE)
            last += distance / MEMBERS;
    }
    assert_true(last < first); /* the rates have moved towards the best */
    play_end(&p);
    space_clear(&space);
}

static void it_goes_with_no_other_pruner(void **unused)
{
    struct tree *map = play_options(options);
    const struct engine_options o = { .sampler = "pbt",
                                      .sampler_options = map,
                                      .pruner = "median" };
    struct error err = ERROR_INIT;
    struct space space;
    struct engine *e;

    (void)unused;
    make_space(&space);
    assert_int_equal(engine_create(&e, &space, &o, &err), -1);
    assert_non_null(strstr(err.what, "leave the pruner out"));
    tree_destroy(map);
    space_clear(&space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_population_trains_in_turns),
        cmocka_unit_test(it_goes_with_no_other_pruner),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
