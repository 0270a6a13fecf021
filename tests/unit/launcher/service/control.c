/* control: what can be tried again, and a person's word on a trial.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/launcher/service/desk.h"

static int retry(struct desk *d, int64_t trial)
{
    return desk_post(d, "/v1/retry", "{'trial': %jd}", (intmax_t)trial);
}

static void a_failed_trial_gets_all_its_attempts_again(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "retry: {attempts: 2}\nstop: {trials: 1}\n", 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 2; i++) {
            struct handout h = desk_ask(&d, "a:1:0");
            assert_int_equal(h.trial, 0);
            assert_int_equal(retry(&d, 0), 409); /* it runs */
            desk_tell(&d, &h, "failed");
        }
        assert_string_equal(desk_text(&d, "state"), "failed");
        assert_int_equal(desk_ask(&d, "a:1:0").trial, -1);
        assert_string_equal(desk_text(&d, "kind"), "done");
        assert_int_equal(retry(&d, 0), 200);
        if (round == 0)
            desk_restart(&d);
    }
    struct handout h = desk_ask(&d, "a:1:0");
    desk_report(&d, &h, 1, "0.5");
    desk_tell(&d, &h, "complete");
    assert_int_equal(retry(&d, 0), 409);
    assert_int_equal(retry(&d, 1), 404);
    assert_int_equal(desk_post(&d, "/v1/retry", "{'trial': 'x'}"), 400);
    desk_close(&d);
}

/* The search must not take a trial that waits again for one that has ended. */
static void a_pruned_trial_goes_on(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "search: {sampler: random}\n", 0);
    struct handout h = desk_ask(&d, "a:1:0");
    desk_report(&d, &h, 3, "0.5");
    desk_tell(&d, &h, "pruned");
    assert_int_equal(retry(&d, 0), 200);
    h = desk_ask(&d, "b:1:0");
    assert_int_equal(h.trial, 0);
    assert_int_equal(h.last_step, 3);
    desk_report(&d, &h, 4, "0.6");
    desk_tell(&d, &h, "complete");
    assert_true(desk_trial_number(&d, 0, "value") == 0.6);
    desk_close(&d);
}

/* A pause holds everything back and ends nothing; 'resume' hands out first what
 * was interrupted. */
static void a_pause_and_after(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "stop: {trials: 2}\n", 0);
    h = desk_ask(&d, "a:1:0");
    assert_int_equal(desk_post(&d, "/v1/pause", "{'reason': 'lunch'}"), 200);
    assert_int_equal(desk_post(&d, "/v1/pause", "{'reason': 'again'}"), 200);
    desk_report(&d, &h, 1, "0.5");
    assert_string_equal(desk_text(&d, "decision"), "pause");
    desk_tell(&d, &h, "paused");
    assert_int_equal(desk_ask(&d, "a:1:0").trial, -1);
    assert_string_equal(desk_text(&d, "kind"), "wait");
    desk_get(&d, "/v1/study");
    assert_string_equal(desk_text(&d, "state"), "running");
    assert_string_equal(desk_text(&d, "reason"), "paused: lunch");
    assert_int_equal(desk_post(&d, "/v1/resume", "{}"), 200);
    h = desk_ask(&d, "a:1:0");
    assert_int_equal(h.trial, 0);
    assert_int_equal(h.last_step, 1);

    assert_int_equal(desk_post(&d, "/v1/pause", "{'reason': 3}"), 400);
    desk_post(&d, "/v1/pause", "{}");
    desk_post(&d, "/v1/stop", "{}"); /* a pause does not keep it from ending */
    desk_tell(&d, &h, "interrupted");
    assert_int_equal(desk_ask(&d, "a:1:0").trial, -1);
    assert_string_equal(desk_text(&d, "kind"), "done");
    assert_int_equal(desk_post(&d, "/v1/resume", "{}"), 409);
    assert_int_equal(desk_post(&d, "/v1/pause", "{}"), 409);
    desk_restart(&d); /* who starts it anew goes on */
    assert_int_equal(desk_ask(&d, "a:1:0").trial, 0);
    desk_close(&d);
}

static void a_view_can_do_it_too(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "retry: {attempts: 1}\nstop: {trials: 1}\n", 0);
    struct handout h = desk_ask(&d, "a:1:0");
    desk_tell(&d, &h, "failed");
    desk_ask(&d, "a:1:0");
    d.view = true;
    desk_restart(&d);
    assert_int_equal(retry(&d, 0), 200);
    assert_int_equal(
        desk_post(&d, "/v1/annotate", "{'trial': 0, 'note': 'a wrong path'}"),
        200);
    d.view = false;
    desk_restart(&d);
    assert_string_equal(desk_trial_text(&d, 0, "state"), "waiting");
    assert_string_equal(desk_trial_text(&d, 0, "note"), "a wrong path");
    assert_int_equal(desk_ask(&d, "a:1:0").trial, 0);
    assert_int_equal(desk_post(&d, "/v1/annotate", "{'trial': 0}"), 400);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_trial_gets_all_its_attempts_again),
        cmocka_unit_test(a_pruned_trial_goes_on),
        cmocka_unit_test(a_pause_and_after),
        cmocka_unit_test(a_view_can_do_it_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
