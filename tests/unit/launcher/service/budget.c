/* When a study has had enough, and what its workers are told then.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/launcher/service/desk.h"

/* One trial to its end. */
static void run_trial(struct desk *d, const char *value, double seconds)
{
    struct handout h = desk_ask(d, "a:1:0");

    assert_true(h.trial >= 0);
    d->now += seconds;
    assert_int_equal(desk_report(d, &h, 1, value), 200);
    assert_int_equal(desk_tell(d, &h, "complete"), 200);
}

static void assert_done(struct desk *d, const char *reason)
{
    assert_int_equal(desk_ask(d, "a:1:0").trial, -1);
    assert_string_equal(desk_text(d, "kind"), "done");
    assert_string_equal(desk_text(d, "reason"), reason);
    assert_int_equal(desk_get(d, "/v1/study"), 200);
    assert_string_equal(desk_text(d, "state"), "finished");
}

static void as_many_trials_as_asked_for(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "stop: {trials: 2}\n", 0);
    run_trial(&d, "1", 1);
    run_trial(&d, "2", 1);
    assert_done(&d, "2 of 2 trials");
    assert_int_equal(desk_post(&d, "/v1/stop", "{}"), 200);
    assert_done(&d, "2 of 2 trials"); /* it has ended: too late to stop it */
    desk_restart(&d); /* at the end another one takes over: nobody asks it */
    desk_get(&d, "/v1/study");
    assert_string_equal(desk_text(&d, "state"), "finished");
    desk_close(&d);
}

static void the_last_trials_are_waited_for(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "stop: {trials: 1}\n", 0);
    h = desk_ask(&d, "a:1:0");
    assert_int_equal(desk_ask(&d, "b:1:0").trial, -1);
    assert_string_equal(desk_text(&d, "kind"), "wait");
    desk_tell(&d, &h, "failed"); /* which makes work for b */
    assert_false(service_is_over(d.service, d.now));
    assert_int_equal(desk_ask(&d, "b:1:0").trial, 0);
    desk_close(&d);
}

static void hours(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "stop: {hours: 1}\n", 0);
    h = desk_ask(&d, "a:1:0");
    desk_wait(&d, 3599);
    h = desk_ask(&d, "a:1:0"); /* lost meanwhile, and handed out again */
    desk_report(&d, &h, 1, "0.5");
    assert_string_equal(desk_text(&d, "decision"), "continue");
    desk_wait(&d, 2);
    desk_report(&d, &h, 2, "0.5");
    assert_string_equal(desk_text(&d, "decision"), "pause");
    desk_tell(&d, &h, "paused");
    assert_int_equal(desk_ask(&d, "a:1:0").trial, -1);
    assert_string_equal(desk_text(&d, "kind"), "done");
    assert_non_null(strstr(desk_text(&d, "reason"), "of 1 hours"));
    desk_close(&d);
}

static void gpu_hours(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d,
              "stop: {gpu_hours: 4}\n"
              "resources: {nodes: 1, tasks_per_node: 4, gpus_per_task: 1}\n",
              0);
    run_trial(&d, "1", 1800);
    desk_get(&d, "/v1/study");
    assert_true(desk_number(&d, "gpu_hours") == 2);
    run_trial(&d, "2", 1800);
    assert_done(&d, "4 of 4 GPU-hours");
    desk_close(&d);
}

static void no_improvement(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "stop: {no_improvement: 2}\n", 0);
    run_trial(&d, "1", 1);
    run_trial(&d, "3", 1);
    run_trial(&d, "2", 1);
    run_trial(&d, "3", 1);
    assert_done(&d, "no improvement in 2 trials");
    desk_get(&d, "/v1/study");
    const struct tree *list = tree_get(d.reply, "improvements");

    assert_int_equal(tree_count(list), 2);
    assert_int_equal(tree_integer(tree_at(tree_at(list, 1), 0)), 1);
    assert_true(tree_number(tree_at(tree_at(list, 1), 1)) == 3);
    desk_close(&d);
}

static void nothing_better_is_expected(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d,
              "stop: {trials: 100, regret: 0.01}\n"
              "search: {sampler: random}\n",
              0);
    for (int i = 0; i < 20; i++)
        run_trial(&d, "1", 1); /* whatever the parameters are */
    assert_int_equal(desk_ask(&d, "a:1:0").trial, -1);
    assert_string_equal(desk_text(&d, "kind"), "done");
    assert_non_null(strstr(desk_text(&d, "reason"),
                           "no trial is expected to be better by "));
    desk_close(&d);
}

/* A trial that reports 'value' and what the constraint is about. */
static void run_bounded(struct desk *d, const char *value, const char *size)
{
    struct handout h = desk_ask(d, "a:1:0");

    assert_int_equal(desk_post(d, "/v1/report",
                               "{'trial': %jd, 'attempt': 1, 'lease': '%s', "
                               "'step': 1, 'metrics': {'v': %s, 'size': %s}}",
                               (intmax_t)h.trial, h.lease, value, size),
                     200);
    d->now += 1;
    desk_tell(d, &h, "complete");
}

static void what_breaks_a_constraint_is_no_improvement(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d,
              "constraints: [{metric: size, max: 10}]\n"
              "stop: {no_improvement: 2}\n",
              0);
    for (int i = 0; i < 3; i++) /* nothing to improve on yet */
        run_bounded(&d, "9", "11");
    assert_int_equal(desk_get(&d, "/v1/study"), 200);
    assert_int_equal(tree_kind(tree_get(d.reply, "best")), TREE_NULL);
    run_bounded(&d, "1", "10"); /* trial 3, the first that counts */
    run_bounded(&d, "5", "10.5");
    run_bounded(&d, "6", "'nan'");
    assert_done(&d, "no improvement in 2 trials");
    assert_int_equal(desk_get(&d, "/v1/study"), 200);
    assert_true(desk_number(&d, "best.trial") == 3);
    assert_int_equal(desk_get(&d, "/v1/leaderboard"), 200);
    const struct tree *rows = tree_get(d.reply, "rows");
    assert_int_equal(tree_integer(tree_get(tree_at(rows, 0), "trial")), 3);
    assert_int_equal(tree_integer(tree_get(tree_at(rows, 1), "trial")), 0);
    desk_close(&d);
}

static void a_space_without_an_untried_point(void **state)
{
    static const char grid[] = "search: {sampler: grid, pruner: none}\n"
                               "stop: {trials: 100}\n";
    struct error err = ERROR_INIT;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    service_close(d.service);
    study_destroy(d.study);
    char *text = text_print("study: desk\n"
                            "objective: {metric: v, direction: maximize}\n"
                            "space: {n: {type: int, low: 1, high: 3}}\n"
                            "trainer: {command: [\"true\"]}\n%s",
                            grid);
    d.study = study_parse(text, strlen(text), "grid.yaml", &err);
    if (!d.study)
        fail_msg("%s", err.what);
    desk_serve(&d);
    for (int i = 0; i < 3; i++)
        run_trial(&d, "1", 1);
    assert_done(&d, "no untried point is left in the space");
    free(text);
    desk_close(&d);
}

static void stopped_by_hand_and_gone_on_with(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    h = desk_ask(&d, "a:1:0");
    assert_int_equal(desk_post(&d, "/v1/stop", "{'reason': 'enough'}"), 200);
    assert_int_equal(desk_ask(&d, "b:1:0").trial, -1);
    assert_string_equal(desk_text(&d, "kind"), "wait"); /* for a's trial */
    desk_report(&d, &h, 1, "0.5");
    assert_string_equal(desk_text(&d, "decision"), "pause");
    desk_tell(&d, &h, "paused");
    assert_int_equal(desk_ask(&d, "b:1:0").trial, -1);
    assert_string_equal(desk_text(&d, "reason"), "enough");
    assert_int_equal(desk_get(&d, "/v1/study"), 200);
    assert_string_equal(desk_text(&d, "state"), "stopped");

    desk_restart(&d);
    assert_int_equal(desk_get(&d, "/v1/study"), 200);
    assert_string_equal(desk_text(&d, "state"), "running");
    desk_close(&d);
}

static void everybody_is_told(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "stop: {trials: 1}\n", 0);
    assert_int_equal(desk_ask(&d, "b:1:0").trial, 0);
    struct handout h = desk_ask(&d, "b:1:0");

    assert_int_equal(desk_ask(&d, "a:1:0").trial, -1);
    desk_report(&d, &h, 1, "1");
    desk_tell(&d, &h, "complete");
    assert_false(service_is_over(d.service, d.now));
    desk_ask(&d, "a:1:0");
    assert_false(service_is_over(d.service, d.now)); /* b does not know */
    desk_ask(&d, "b:1:0");
    assert_true(service_is_over(d.service, d.now));
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_trials_as_asked_for),
        cmocka_unit_test(the_last_trials_are_waited_for),
        cmocka_unit_test(hours),
        cmocka_unit_test(gpu_hours),
        cmocka_unit_test(no_improvement),
        cmocka_unit_test(nothing_better_is_expected),
        cmocka_unit_test(what_breaks_a_constraint_is_no_improvement),
        cmocka_unit_test(a_space_without_an_untried_point),
        cmocka_unit_test(stopped_by_hand_and_gone_on_with),
        cmocka_unit_test(everybody_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
