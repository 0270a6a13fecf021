/* simulate: virtual time, against curves that are formulas.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "launcher/simulate/simulate.h"

enum { STEPS = 9, ROWS_MAX = 20000 };

/* What a simulation said, and what its trials are to do. */
struct stage {
    struct study *study;
    struct simulate_options o;
    struct simulate_summary summary;
    int64_t asked, failing; /* every 'failing'-th trial fails; 0: none */
    size_t length;          /* of a curve */
    bool sized;             /* x is reported, too, for a constraint */
    size_t count;
    struct simulated_report rows[ROWS_MAX];
};

/* loss |x - 0.3| + 1/step, a second a step and x more. */
static int record(void *context, const struct tree *params,
                  struct recording *out, struct error *err)
{
    struct stage *s = context;
    double x = tree_number(tree_get(params, "x"));

    *out = (struct recording){ .count = s->length, .width = 1 + s->sized };
    out->failed = s->failing > 0 && ++s->asked % s->failing == 0;
    if (out->failed)
        return 0;
    out->rows = calloc(s->length + 1, sizeof *out->rows);
    out->values = calloc(2 * s->length + 1, sizeof *out->values);
    if (!out->rows || !out->values)
        return error_memory(err);
    for (size_t i = 0; i < s->length; i++) {
        double step = (double)i + 1;
        double *values = out->values + i * out->width;
        out->rows[i] = (struct recorded){ (int64_t)i + 1, step * (1 + x),
                                          s->sized ? 3 : 1 };
        values[0] = fabs(x - 0.3) + 1 / step;
        if (s->sized)
            values[1] = x;
    }
    return 0;
}

static int keep(void *context, const struct simulated_report *r,
                struct error *err)
{
    struct stage *s = context;

    (void)err;
    assert_true(s->count < ROWS_MAX);
    s->rows[s->count++] = *r;
    return 0;
}

static void play(struct stage *s, const char *more, int64_t workers,
                 double worker_seconds, int64_t trials)
{
    struct error err = ERROR_INIT;
    char text[512];
    int length = snprintf(text, sizeof text,
                          "study: t\nobjective: {metric: loss, direction: "
                          "minimize}\nspace: {x: {type: float, low: 0, high: "
                          "1}}\noracle: {command: [x]}\n%s",
                          more);

    if (!s->length)
        s->length = STEPS;
    s->study = study_parse(text, (size_t)length, "t.yaml", &err);
    assert_non_null(s->study);
    s->o = (struct simulate_options){ .workers = workers,
                                      .worker_seconds = worker_seconds,
                                      .trials = trials,
                                      .no_improvement = INT64_MAX,
                                      .regret = s->study->stop.regret,
                                      .record = record,
                                      .each = keep,
                                      .context = s };
    if (simulate_study(s->study, &s->o, &s->summary, &err))
        error_print(&err, "play");
    assert_int_equal(err.kind, ERROR_NONE);
}

static struct stage *stage_new(void)
{
    struct stage *s = calloc(1, sizeof *s);

    assert_non_null(s);
    return s;
}

static void stage_free(struct stage *s)
{
    tree_destroy(s->summary.best_params);
    study_destroy(s->study);
    free(s);
}

static void what_breaks_a_constraint_is_not_the_best(void **unused)
{
    struct stage *s = stage_new();
    double best = INFINITY;

    (void)unused;
    s->sized = true;
    play(s,
         "search: {sampler: random, pruner: none, seed: 4}\n"
         "constraints: [{metric: size, min: 0.6}]",
         2, INFINITY, 30);
    double x = tree_number(tree_get(s->summary.best_params, "x"));
    assert_true(x >= 0.6);
    assert_true(fabs(s->summary.best_value - (x - 0.3 + 1.0 / STEPS)) < 1e-12);
    for (size_t i = 0; i < s->count; i++) {
        if (s->rows[i].trial == s->summary.best_trial)
            best = fmin(best, s->rows[i].value);
        assert_true(isnan(s->rows[i].best_value) ||
                    s->rows[i].best_value >= 0.3);
    }
    assert_true(s->summary.best_value == best);
    stage_free(s);
}

static const char plain[] = "search: {sampler: random, pruner: none, seed: 4}";

static void every_trial_reports_every_step_in_time(void **unused)
{
    struct stage *s = stage_new();
    double best = INFINITY, last = 0;

    (void)unused;
    play(s, plain, 3, INFINITY, 20);
    assert_int_equal(s->count, 20 * STEPS);
    assert_int_equal(s->summary.reports, 20 * STEPS);
    assert_int_equal(s->summary.in_state[TRIAL_COMPLETE], 20);
    for (size_t i = 0; i < s->count; i++) {
        best = fmin(best, s->rows[i].value);
        assert_true(s->rows[i].best_value == best);
        assert_true(s->rows[i].worker_seconds >= last);
        last = s->rows[i].worker_seconds;
    }
    assert_true(s->summary.worker_seconds == last);
    assert_true(s->summary.best_value == best);
    assert_non_null(s->summary.best_params);
    stage_free(s);
}

static void workers_are_always_busy(void **unused)
{
    struct stage *s = stage_new();

    (void)unused;
    play(s, plain, 4, 1000, INT64_MAX);
    double work = 0;
    for (size_t i = 0; i < s->count; i++) /* a step takes 1 + x seconds */
        if (s->rows[i].step > 1)
            work += 1;
    assert_true(s->summary.worker_seconds == 1000);
    assert_true(work > 1000 / 2.0 * (STEPS - 1) / STEPS - 4 * STEPS);
    assert_int_equal(s->summary.in_state[TRIAL_RUNNING], 4);
    stage_free(s);
}

static void the_budget_is_cut_sharp(void **unused)
{
    struct stage *s = stage_new();

    (void)unused;
    play(s, plain, 2, 50, INT64_MAX);
    for (size_t i = 0; i < s->count; i++)
        assert_true(s->rows[i].worker_seconds <= 50);
    stage_free(s);
}

static void pruning_saves_time(void **unused)
{
    struct stage *all = stage_new(), *some = stage_new();

    (void)unused;
    play(all, plain, 2, INFINITY, 60);
    play(some, "search: {sampler: random, pruner: median, seed: 4}", 2,
         INFINITY, 60);
    assert_true(some->summary.in_state[TRIAL_PRUNED] > 10);
    assert_true(some->summary.worker_seconds < all->summary.worker_seconds);
    assert_true(some->summary.best_value == all->summary.best_value);
    stage_free(all);
    stage_free(some);
}

static void enqueued_points_come_first(void **unused)
{
    struct stage *s = stage_new();

    (void)unused;
    play(s, "enqueue: [{x: 0.25}, {}, {x: 0.75}]\nsearch: {sampler: random}", 1,
         INFINITY, 5);
    double first[3] = { 0, 0, 0 };
    for (size_t i = 0; i < s->count; i++)
        if (s->rows[i].step == 1 && s->rows[i].trial < 3)
            first[s->rows[i].trial] = s->rows[i].value;
    assert_float_equal(first[0], 1.05, 1e-9);
    assert_float_equal(first[2], 1.45, 1e-9);
    stage_free(s);
}

static void failures_cost_no_time(void **unused)
{
    struct stage *s = stage_new();

    (void)unused;
    s->failing = 3;
    play(s, plain, 2, INFINITY, 30);
    assert_int_equal(s->summary.in_state[TRIAL_FAILED], 10);
    assert_int_equal(s->summary.in_state[TRIAL_COMPLETE], 20);
    stage_free(s);
}

static void nothing_but_failures_ends_in_an_error(void **unused)
{
    struct stage *s = stage_new();
    struct error err = ERROR_INIT;

    (void)unused;
    play(s, plain, 2, INFINITY, 1);
    s->failing = 1;
    s->o.trials = INT64_MAX;
    tree_destroy(s->summary.best_params);
    assert_int_equal(simulate_study(s->study, &s->o, &s->summary, &err), -1);
    assert_non_null(strstr(err.what, "failed"));
    stage_free(s);
}

static void a_trial_that_never_reports_fails(void **unused)
{
    struct error err = ERROR_INIT;
    struct stage *s = stage_new();

    (void)unused;
    play(s, plain, 1, INFINITY, 1);
    tree_destroy(s->summary.best_params);
    s->length = 0;
    s->o.trials = 3;
    assert_int_equal(simulate_study(s->study, &s->o, &s->summary, &err), 0);
    assert_int_equal(s->summary.in_state[TRIAL_FAILED], 3);
    assert_int_equal(s->summary.best_trial, -1);
    stage_free(s);
}

static void a_finite_space_ends_by_itself(void **unused)
{
    struct error err = ERROR_INIT;
    struct stage *s = stage_new();
    static const char text[] =
        "study: t\nobjective: {metric: loss, direction: minimize}\nspace: {x: "
        "{type: int, low: 0, high: 6}}\noracle: {command: [x]}\n";

    (void)unused;
    s->length = STEPS;
    s->study = study_parse(text, strlen(text), "t.yaml", &err);
    s->o = (struct simulate_options){ .workers = 3,
                                      .worker_seconds = INFINITY,
                                      .trials = INT64_MAX,
                                      .no_improvement = INT64_MAX,
                                      .regret = -1,
                                      .record = record,
                                      .context = s };
    assert_int_equal(simulate_study(s->study, &s->o, &s->summary, &err), 0);
    size_t trials = 0;
    for (int i = 0; i < TRIAL_STATES; i++)
        trials += s->summary.in_state[i];
    assert_int_equal(trials, 7);
    stage_free(s);
}

/* The loss is known all over once a few trials have shown that it is a line. */
static void it_ends_when_nothing_better_is_expected(void **unused)
{
    struct stage *s = stage_new();
    size_t trials = 0;

    (void)unused;
    play(s, "stop: {regret: 0.01}\nsearch: {pruner: none}\n", 2, INFINITY, 200);
    for (int i = 0; i < TRIAL_STATES; i++)
        trials += s->summary.in_state[i];
    assert_in_range(trials, 20, 60);
    stage_free(s);
}

static uint64_t trace_of(const char *search)
{
    struct stage *s = stage_new();
    uint64_t hash = 0;

    play(s, search, 5, 400, INT64_MAX);
    for (size_t i = 0; i < s->count; i++) {
        uint64_t bits;
        memcpy(&bits, &s->rows[i].value, sizeof bits);
        hash = random_mix(hash ^ bits ^ (uint64_t)s->rows[i].trial);
    }
    stage_free(s);
    return hash;
}

static void the_same_seed_gives_the_same_trace(void **unused)
{
    (void)unused;
    assert_true(trace_of("search: {seed: 1}") == trace_of("search: {seed: 1}"));
    assert_true(trace_of("search: {seed: 1}") != trace_of("search: {seed: 2}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_breaks_a_constraint_is_not_the_best),
        cmocka_unit_test(every_trial_reports_every_step_in_time),
        cmocka_unit_test(workers_are_always_busy),
        cmocka_unit_test(the_budget_is_cut_sharp),
        cmocka_unit_test(pruning_saves_time),
        cmocka_unit_test(enqueued_points_come_first),
        cmocka_unit_test(failures_cost_no_time),
        cmocka_unit_test(nothing_but_failures_ends_in_an_error),
        cmocka_unit_test(a_trial_that_never_reports_fails),
        cmocka_unit_test(a_finite_space_ends_by_itself),
        cmocka_unit_test(it_ends_when_nothing_better_is_expected),
        cmocka_unit_test(the_same_seed_gives_the_same_trace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
