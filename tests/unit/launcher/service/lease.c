/* Leases: who holds a trial, and what becomes of it when nobody does.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/launcher/service/desk.h"

static int heartbeat(struct desk *d, const struct handout *h)
{
    return desk_post(d, "/v1/heartbeat",
                     "{'trial': %jd, 'attempt': %jd, 'lease': '%s'}",
                     (intmax_t)h->trial, (intmax_t)h->attempt, h->lease);
}

static void silence_loses_the_trial_and_a_heartbeat_keeps_it(void **state)
{
    struct handout kept, lost, again;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    kept = desk_ask(&d, "a:1:0");
    lost = desk_ask(&d, "b:1:0");
    desk_report(&d, &lost, 4, "0.5");
    for (int i = 0; i < 4; i++) {
        desk_wait(&d, 10);
        assert_int_equal(heartbeat(&d, &kept), 200);
        assert_true(desk_number(&d, "lease_s") == DESK_LEASE_SECONDS);
    }
    assert_string_equal(desk_trial_text(&d, kept.trial, "state"), "running");
    assert_string_equal(desk_trial_text(&d, lost.trial, "state"), "waiting");
    assert_non_null(strstr(desk_text(&d, "reason"), "silent"));
    again = desk_ask(&d, "c:1:0");
    assert_int_equal(again.trial, lost.trial);
    assert_int_equal(again.attempt, 2);
    assert_int_equal(again.last_step, 4);
    desk_close(&d);
}

static void whoever_lost_it_is_fenced_off(void **state)
{
    struct handout old, fresh;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    old = desk_ask(&d, "a:1:0");
    desk_wait(&d, 31);
    fresh = desk_ask(&d, "b:1:0");
    assert_int_equal(fresh.trial, old.trial);
    assert_int_equal(desk_report(&d, &old, 1, "0.9"), 409);
    assert_int_equal(heartbeat(&d, &old), 409);
    assert_int_equal(desk_tell(&d, &old, "complete"), 409);
    fresh.attempt = 1; /* its token, another's number */
    assert_int_equal(desk_report(&d, &fresh, 1, "0.9"), 409);
    fresh.attempt = 2;
    assert_int_equal(desk_report(&d, &fresh, 1, "0.5"), 200);
    assert_true(desk_trial_number(&d, old.trial, "value") == 0.5);
    desk_close(&d);
}

static void who_comes_back_in_time_goes_on(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    h = desk_ask(&d, "a:1:0");
    desk_wait(&d, 31);
    assert_string_equal(desk_trial_text(&d, 0, "state"), "waiting");
    assert_int_equal(desk_report(&d, &h, 1, "0.5"), 200);
    assert_string_equal(desk_trial_text(&d, 0, "state"), "running");
    assert_int_equal(tree_count(tree_get(d.reply, "attempts")), 1);
    assert_int_equal(desk_tell(&d, &h, "complete"), 200);
    assert_true(desk_trial_number(&d, 0, "seconds") == 31);
    desk_close(&d);
}

static void failures_are_tried_again_as_often_as_allowed(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "retry: {attempts: 3}\n", 0);
    for (int i = 1; i <= 3; i++) {
        h = desk_ask(&d, "a:1:0");
        assert_int_equal(h.trial, 0);
        assert_int_equal(h.attempt, i);
        assert_int_equal(desk_tell(&d, &h, "failed"), 200);
        assert_string_equal(desk_text(&d, "state"),
                            i < 3 ? "waiting" : "failed");
    }
    assert_string_equal(desk_trial_text(&d, 0, "reason"), "so it was told");
    assert_int_equal(tree_count(tree_get(d.reply, "attempts")), 3);
    assert_int_equal(desk_ask(&d, "a:1:0").trial, 1);
    desk_close(&d);
}

static void a_wrong_configuration_is_not_tried_again(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "retry: {attempts: 3}\n", 0);
    h = desk_ask(&d, "a:1:0");
    assert_int_equal(desk_tell(&d, &h, "invalid"), 200);
    assert_string_equal(desk_text(&d, "state"), "failed");
    assert_string_equal(desk_trial_text(&d, 0, "reason"), "so it was told");
    assert_int_equal(desk_ask(&d, "a:1:0").trial, 1);
    desk_close(&d);
}

static void interruptions_are_no_failures(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "retry: {attempts: 1}\nenqueue: [{n: 1}, {n: 2}]\n", 0);
    for (int i = 1; i <= 5; i++) {
        struct handout h = desk_ask(&d, "a:1:0");

        /* the second enqueued one waits, and waiting ones go first */
        assert_int_equal(h.trial, i == 1 ? 0 : i == 2 ? 1 : 0);
        assert_int_equal(desk_tell(&d, &h, "interrupted"), 200);
        assert_string_equal(desk_text(&d, "state"), "paused");
    }
    assert_string_equal(desk_trial_text(&d, 0, "state"), "paused");
    assert_int_equal(tree_count(tree_get(d.reply, "attempts")), 4);
    desk_close(&d);
}

static void a_later_attempt_overwrites_what_it_repeats(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    h = desk_ask(&d, "a:1:0");
    desk_report(&d, &h, 1, "0.4");
    desk_report(&d, &h, 2, "0.9");
    desk_tell(&d, &h, "failed");
    h = desk_ask(&d, "a:1:0");
    assert_int_equal(h.attempt, 2);
    assert_int_equal(desk_report(&d, &h, 2, "0.3"), 200);
    assert_true(desk_trial_number(&d, 0, "value") == 0.4);
    assert_true(desk_trial_number(&d, 0, "best_step") == 1);
    assert_true(desk_trial_number(&d, 0, "reports") == 3);
    assert_int_equal(tree_count(tree_get(d.reply, "curve")), 2);
    assert_true(desk_number(&d, "metrics.v") == 0.4);
    desk_restart(&d);
    assert_true(desk_trial_number(&d, 0, "value") == 0.4);
    assert_true(desk_number(&d, "metrics.v") == 0.4);
    desk_close(&d);
}

/* ---- another controller ----------------------------------------------- */

static void a_lease_outlives_the_controller(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    h = desk_ask(&d, "a:1:0");
    desk_report(&d, &h, 1, "0.5");
    d.now += 1000; /* nobody served for long */
    desk_restart(&d);
    assert_int_equal(desk_report(&d, &h, 1, "0.5"), 200);
    assert_int_equal(desk_report(&d, &h, 2, "0.6"), 200);
    assert_int_equal(desk_tell(&d, &h, "complete"), 200);
    assert_true(desk_trial_number(&d, 0, "reports") == 2);
    desk_close(&d);
}

static bool b_is_dead(const char *worker)
{
    return worker[0] == 'b';
}

static void workers_that_died_with_the_controller(void **state)
{
    struct handout b, again;
    struct desk d;

    (void)state;
    desk_open(&d, "retry: {attempts: 1}\n", 0);
    desk_ask(&d, "a:1:0");
    b = desk_ask(&d, "b:1:0");
    desk_report(&d, &b, 3, "0.5");
    d.worker_is_dead = b_is_dead;
    d.now += 1;
    desk_restart(&d);
    again = desk_ask(&d, "c:1:0");
    assert_int_equal(again.trial, b.trial); /* at once, and no failure */
    assert_int_equal(again.last_step, 3);
    assert_string_equal(desk_trial_text(&d, 0, "state"), "running");
    desk_close(&d);
}

static bool b_has_ended;

static bool b_is_dead_by_now(const char *worker)
{
    return b_has_ended && worker[0] == 'b';
}

/* Killed together, but the next controller is up before the worker is gone. */
static void a_worker_that_died_a_little_later(void **state)
{
    struct handout b, again;
    struct desk d;

    (void)state;
    desk_open(&d, "retry: {attempts: 1}\n", 0);
    b = desk_ask(&d, "b:1:0");
    desk_report(&d, &b, 3, "0.5");
    d.worker_is_dead = b_is_dead_by_now;
    d.now += 1;
    desk_restart(&d);
    assert_string_equal(desk_trial_text(&d, 0, "state"), "running");
    b_has_ended = true;
    desk_wait(&d, 1);
    assert_string_equal(desk_trial_text(&d, 0, "state"), "paused");
    again = desk_ask(&d, "c:1:0");
    assert_int_equal(again.trial, b.trial);
    assert_int_equal(again.last_step, 3);
    desk_close(&d);
}

static void a_worker_that_dies_is_noticed_at_once(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    d.worker_is_dead = b_is_dead;
    desk_restart(&d);
    h = desk_ask(&d, "b:1:0");
    desk_wait(&d, 1);
    assert_string_equal(desk_trial_text(&d, h.trial, "state"), "waiting");
    assert_non_null(strstr(desk_text(&d, "reason"), "died"));
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_loses_the_trial_and_a_heartbeat_keeps_it),
        cmocka_unit_test(whoever_lost_it_is_fenced_off),
        cmocka_unit_test(who_comes_back_in_time_goes_on),
        cmocka_unit_test(failures_are_tried_again_as_often_as_allowed),
        cmocka_unit_test(a_wrong_configuration_is_not_tried_again),
        cmocka_unit_test(interruptions_are_no_failures),
        cmocka_unit_test(a_later_attempt_overwrites_what_it_repeats),
        cmocka_unit_test(a_lease_outlives_the_controller),
        cmocka_unit_test(workers_that_died_with_the_controller),
        cmocka_unit_test(a_worker_that_died_a_little_later),
        cmocka_unit_test(a_worker_that_dies_is_noticed_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
