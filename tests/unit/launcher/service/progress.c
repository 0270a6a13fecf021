/* progress: what the pruner decides, and what is left of it when the attempt or
 * the controller ends first.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/launcher/service/desk.h"

#define STOPPING                                                     \
    "search: {sampler: random, pruner: {type: asha, min_step: 1}}\n" \
    "stop: {trials: 4}\n"
#define PAUSING                                         \
    "search: {sampler: random, "                        \
    "pruner: {type: asha, min_step: 1, mode: pause}}\n" \
    "stop: {trials: 6}\n"

/* A trial that reports 'value' at step 1 and completes if it may; returns
 * whether it was told to go on, the trial in '*h'. */
static bool begin(struct desk *d, const char *worker, const char *value,
                  struct handout *h)
{
    *h = desk_ask(d, worker);
    assert_true(h->trial >= 0);
    assert_int_equal(desk_report(d, h, 1, value), 200);
    if (strcmp(desk_text(d, "decision"), "continue") != 0)
        return false;
    assert_int_equal(desk_tell(d, h, "complete"), 200);
    return true;
}

/* Three trials, of which the last is told 'decision'. */
static struct handout until(struct desk *d, const char *decision)
{
    struct handout h;

    assert_true(begin(d, "a:1:0", "9", &h));
    assert_true(begin(d, "a:1:0", "8", &h));
    assert_false(begin(d, "a:1:0", "7", &h));
    assert_string_equal(desk_text(d, "decision"), decision);
    return h;
}

static const char *heartbeat(struct desk *d, const struct handout *h)
{
    assert_int_equal(desk_post(d, "/v1/heartbeat",
                               "{'trial': %jd, 'attempt': %jd, 'lease': '%s'}",
                               (intmax_t)h->trial, (intmax_t)h->attempt,
                               h->lease),
                     200);
    return desk_text(d, "decision");
}

static void a_decision_outlives_the_controller(void **state)
{
    static const struct {
        const char *lines, *decision;
    } rows[] = { { STOPPING, "prune" }, { PAUSING, "pause" } };

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct desk d;

        desk_open(&d, rows[i].lines, 0);
        struct handout h = until(&d, rows[i].decision);
        desk_restart(&d);
        assert_string_equal(heartbeat(&d, &h), rows[i].decision);
        desk_close(&d);
    }
}

static void a_pruned_trial_is_not_tried_again(void **state)
{
    static const char *const outcomes[] = { "failed", "interrupted", NULL };

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct desk d;

        desk_open(&d, STOPPING, 0);
        struct handout h = until(&d, "prune");
        if (outcomes[i])
            desk_tell(&d, &h, outcomes[i]);
        else
            desk_wait(&d, DESK_LEASE_SECONDS + 1); /* it is lost */
        assert_string_equal(desk_trial_text(&d, h.trial, "state"), "pruned");
        assert_int_equal(desk_ask(&d, "b:1:0").trial, 3);
        desk_close(&d);
    }
}

static void a_paused_trial_goes_on_when_it_is_among_the_best(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, PAUSING, 0);
    h = until(&d, "pause");
    assert_int_equal(desk_tell(&d, &h, "paused"), 200);
    assert_string_equal(desk_text(&d, "state"), "paused");
    assert_int_equal(desk_ask(&d, "b:1:0").trial, 3); /* not this one yet */
    h = desk_ask(&d, "b:1:0");
    desk_report(&d, &h, 1, "8.5");
    assert_string_equal(desk_text(&d, "decision"), "pause");
    desk_tell(&d, &h, "paused");
    for (int i = 4; i < 6; i++) {
        assert_false(begin(&d, "b:1:0", "1", &h));
        desk_tell(&d, &h, "paused");
    }
    /* six have begun, two of them go on: 9, which has ended, and 8.5 */
    h = desk_ask(&d, "c:1:0");
    assert_int_equal(h.trial, 3);
    assert_int_equal(h.attempt, 2);
    assert_int_equal(h.last_step, 1);
    desk_report(&d, &h, 2, "8.7");
    desk_tell(&d, &h, "complete");
    /* the rest stay paused, and the study ends */
    assert_int_equal(desk_ask(&d, "c:1:0").trial, -1);
    assert_string_equal(desk_text(&d, "reason"), "6 of 6 trials");
    assert_string_equal(desk_trial_text(&d, 2, "state"), "paused");
    assert_true(desk_trial_number(&d, 2, "value") == 7);
    assert_int_equal(desk_get(&d, "/v1/study"), 200);
    assert_true(desk_number(&d, "states.paused") == 3);
    desk_close(&d);
}

static void who_paused_because_the_study_stopped_goes_on_first(void **state)
{
    struct handout h, other;
    struct desk d;

    (void)state;
    desk_open(&d, PAUSING, 0);
    other = until(&d, "pause");
    h = desk_ask(&d, "b:1:0");
    assert_int_equal(desk_post(&d, "/v1/stop", "{}"), 200);
    assert_string_equal(heartbeat(&d, &h), "pause");
    desk_tell(&d, &other, "interrupted"); /* but the pruner had paused it */
    desk_tell(&d, &h, "paused");
    desk_restart(&d);
    assert_int_equal(desk_ask(&d, "b:1:0").trial, h.trial);
    assert_int_equal(desk_ask(&d, "c:1:0").trial, h.trial + 1);
    desk_close(&d);
}

/* Folds are counted again after a restart, and one that a trial reports twice
 * counts once. */
static void a_mean_over_folds_outlives_the_controller(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "search: {pruner: none}\nstop: {trials: 1}\n", 0);
    d.study->objectives[0].value = VALUE_MEAN;
    h = desk_ask(&d, "a:1:0");
    desk_report(&d, &h, 1, "0.25");
    desk_report(&d, &h, 2, "0.5");
    assert_true(desk_trial_number(&d, h.trial, "value") == 0.375);
    desk_restart(&d);
    desk_report(&d, &h, 3, "0.75");
    assert_true(desk_trial_number(&d, h.trial, "value") == 0.5);
    assert_true(desk_trial_number(&d, h.trial, "std") == 0.25);
    desk_report(&d, &h, 2, "0.5");
    assert_int_equal(desk_tell(&d, &h, "complete"), 200);
    assert_true(desk_trial_number(&d, h.trial, "value") == 0.5);
    assert_true(desk_trial_number(&d, h.trial, "best_step") == 3);
    desk_restart(&d);
    assert_true(desk_trial_number(&d, h.trial, "value") == 0.5);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mean_over_folds_outlives_the_controller),
        cmocka_unit_test(a_decision_outlives_the_controller),
        cmocka_unit_test(a_pruned_trial_is_not_tried_again),
        cmocka_unit_test(a_paused_trial_goes_on_when_it_is_among_the_best),
        cmocka_unit_test(who_paused_because_the_study_stopped_goes_on_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
