/* A study is served: trials go out, reports come in, and each call may come
 * twice, broken, or when the disk is full.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/launcher/service/desk.h"

#include <math.h>

extern long allocations_left; /* tests/scarce/allocate */

static void a_trial_from_ask_to_leaderboard(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "stop: {trials: 1}\n", 0);
    h = desk_ask(&d, "a:1:0");
    assert_int_equal(h.trial, 0);
    assert_int_equal(h.attempt, 1);
    assert_int_equal(h.last_step, 0);
    assert_string_equal(desk_text(&d, "folder"), "/runs/desk/trials/00000");
    assert_true(desk_number(&d, "params.x") >= 0);
    desk_wait(&d, 2);
    assert_int_equal(desk_report(&d, &h, 1, "0.5"), 200);
    assert_string_equal(desk_text(&d, "decision"), "continue");
    assert_int_equal(desk_report(&d, &h, 2, "0.4"), 200);
    desk_wait(&d, 3);
    assert_int_equal(desk_tell(&d, &h, "complete"), 200);
    assert_string_equal(desk_text(&d, "state"), "complete");

    assert_int_equal(desk_get(&d, "/v1/leaderboard"), 200);
    const struct tree *row = tree_at(tree_get(d.reply, "rows"), 0);

    assert_true(tree_number(tree_get(row, "value")) == 0.5);
    assert_int_equal(tree_integer(tree_get(row, "best_step")), 1);
    assert_int_equal(tree_integer(tree_get(row, "step")), 2);
    assert_true(tree_number(tree_get(row, "seconds")) == 5);
    assert_true(tree_number(tree_get(tree_get(row, "metrics"), "v")) == 0.5);
    assert_true(desk_number(&d, "study.best.value") == 0.5);
    assert_int_equal(tree_count(tree_find(d.reply, "study.improvements")), 1);

    assert_int_equal(desk_ask(&d, "a:1:0").trial, -1);
    assert_string_equal(desk_text(&d, "kind"), "done");
    assert_string_equal(desk_text(&d, "reason"), "1 of 1 trials");
    assert_true(service_is_over(d.service, d.now));
    desk_close(&d);
}

static void a_lost_reply_does_no_harm(void **state)
{
    struct handout h, again;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    h = desk_ask(&d, "a:1:0");
    again = desk_ask(&d, "a:1:0");
    assert_int_equal(again.trial, h.trial);
    assert_string_equal(again.lease, h.lease);
    for (int i = 0; i < 2; i++)
        assert_int_equal(desk_report(&d, &h, 1, i ? "0.9" : "0.5"), 200);
    assert_true(desk_trial_number(&d, 0, "value") == 0.5);
    assert_true(desk_trial_number(&d, 0, "reports") == 1);
    for (int i = 0; i < 2; i++)
        assert_int_equal(desk_tell(&d, &h, "complete"), 200);
    assert_int_equal(desk_report(&d, &h, 1, "0.5"), 200); /* known */
    assert_int_equal(desk_report(&d, &h, 2, "0.5"), 409); /* too late */
    assert_int_equal(desk_tell(&d, &h, "failed"), 409);
    desk_close(&d);
}

static void reports_in_a_list(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    h = desk_ask(&d, "a:1:0");
    for (int i = 0; i < 2; i++)
        assert_int_equal(
            desk_post(&d, "/v1/report",
                      "{'trial': 0, 'attempt': 1, 'lease': '%s', 'reports': ["
                      "{'step': 3, 'metrics': {'v': 0.3, 'w': 'inf'}},"
                      "{'step': 1, 'metrics': {'w': 'nan'}}]}",
                      h.lease),
            200);
    assert_int_equal(desk_get(&d, "/v1/trials/0"), 200);
    const struct tree *curve = tree_get(d.reply, "curve");

    assert_int_equal(tree_count(curve), 2);
    assert_int_equal(tree_integer(tree_get(tree_at(curve, 0), "step")), 1);
    assert_true(isnan(tree_number(tree_find(tree_at(curve, 0), "metrics.w"))));
    assert_true(isinf(tree_number(tree_find(tree_at(curve, 1), "metrics.w"))));
    assert_true(desk_number(&d, "metrics.v") == 0.3); /* of the last step */
    desk_restart(&d);
    assert_true(desk_trial_number(&d, 0, "metrics.v") == 0.3);
    desk_close(&d);
}

/* Who held a trial when the last controller ended is no worker of today. */
static void without_a_controller_nobody_works(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    desk_ask(&d, "a:1:0");
    assert_int_equal(desk_get(&d, "/v1/study"), 200);
    assert_int_equal(tree_count(tree_get(d.reply, "workers")), 1);
    d.view = true;
    desk_restart(&d);
    assert_int_equal(desk_get(&d, "/v1/study"), 200);
    assert_int_equal(tree_count(tree_get(d.reply, "workers")), 0);
    assert_true(desk_number(&d, "states.running") == 1);
    desk_close(&d);
}

/* A reason is cut to its column in the middle of a character. */
static void a_reason_cut_short_can_be_read(void **state)
{
    struct text reason = TEXT_INIT, reply = TEXT_INIT;
    struct handout h;
    struct tree *back;
    struct desk d;

    (void)state;
    for (int i = 0; i < 100; i++)
        text_append(&reason, i ? "\xe5\x89\xaa" : "x");
    desk_open(&d, "", 0);
    h = desk_ask(&d, "a:1:0");
    assert_int_equal(desk_post(&d, "/v1/tell",
                               "{'trial': 0, 'attempt': 1, 'lease': '%s', "
                               "'outcome': 'failed', 'reason': '%s'}",
                               h.lease, text_get(&reason)),
                     200);
    assert_int_equal(desk_get(&d, "/v1/trials/0"), 200);
    json_format(d.reply, &reply);
    back = json_parse(text_get(&reply), reply.size, "reply", &d.err);
    assert_non_null(back);
    tree_destroy(back);
    text_clear(&reply);
    text_clear(&reason);
    desk_close(&d);
}

static void nan_is_the_worst_result(void **state)
{
    struct handout bad, good;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    bad = desk_ask(&d, "a:1:0");
    assert_int_equal(desk_report(&d, &bad, 1, "'nan'"), 200);
    assert_int_equal(desk_report(&d, &bad, 2, "'nan'"), 200);
    assert_int_equal(desk_tell(&d, &bad, "complete"), 200);
    assert_string_equal(desk_trial_text(&d, 0, "value"), "");
    assert_int_equal(tree_kind(tree_get(d.reply, "value")), TREE_FLOAT);
    assert_true(isnan(desk_number(&d, "value")));
    good = desk_ask(&d, "a:1:0");
    assert_int_equal(desk_report(&d, &good, 1, "-1e300"), 200);
    assert_int_equal(desk_get(&d, "/v1/leaderboard?top=1"), 200);
    assert_int_equal(
        tree_integer(tree_get(tree_at(tree_get(d.reply, "rows"), 0), "trial")),
        1);
    desk_restart(&d);
    assert_true(isnan(desk_trial_number(&d, 0, "value")));
    desk_close(&d);
}

static void a_trial_that_never_reports_has_failed(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    h = desk_ask(&d, "a:1:0");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(desk_tell(&d, &h, "complete"), 200);
        assert_string_equal(desk_text(&d, "state"), "failed");
    }
    assert_string_equal(desk_trial_text(&d, 0, "reason"),
                        "ended without ever reporting v");
    desk_close(&d);
}

/* ---- wrong requests --------------------------------------------------- */

static void a_wrong_request_names_the_field(void **state)
{
    static const struct {
        const char *path, *body, *word;
        int status;
    } rows[] = {
        { "/v1/ask", "{}", "worker", 400 },
        { "/v1/ask", "{'worker': 3}", "worker", 400 },
        { "/v1/ask", "[]", "map", 400 },
        { "/v1/report", "{}", "trial", 400 },
        { "/v1/report", "{'trial': 0}", "attempt", 400 },
        { "/v1/report", "{'trial': 0, 'attempt': 1}", "lease", 400 },
        { "/v1/report", "{'trial': 0, 'attempt': 1, 'lease': 'x'}", "step",
          400 },
        { "/v1/report", "{'trial': 0, 'attempt': 1, 'lease': 'x', 'step': 1}",
          "metrics", 400 },
        { "/v1/report",
          "{'trial': 0, 'attempt': 1, 'lease': 'x', 'step': -1, 'metrics': {}}",
          "step", 400 },
        { "/v1/report",
          "{'trial': 0, 'attempt': 1, 'lease': 'x', 'step': 1, "
          "'metrics': {'v': 'high'}}",
          "metrics.v", 400 },
        { "/v1/report",
          "{'trial': 0, 'attempt': 1, 'lease': 'x', 'reports': 3}", "reports",
          400 },
        { "/v1/report",
          "{'trial': 0, 'attempt': 1, 'lease': 'x', 'reports': [{}]}", "step",
          400 },
        { "/v1/report",
          "{'trial': 9, 'attempt': 1, 'lease': 'x', 'step': 1, 'metrics': {}}",
          "no trial 9", 404 },
        { "/v1/report",
          "{'trial': 0, 'attempt': 1, 'lease': 'x', 'step': 1, 'metrics': {}}",
          "stale lease", 409 },
        { "/v1/heartbeat", "{'trial': 0, 'attempt': 1}", "lease", 400 },
        { "/v1/tell", "{'trial': 0, 'attempt': 1, 'lease': 'x'}", "outcome",
          400 },
        { "/v1/tell",
          "{'trial': 0, 'attempt': 1, 'lease': 'x', 'outcome': 'won'}",
          "outcome", 400 },
        { "/v1/tell",
          "{'trial': 0, 'attempt': 1, 'lease': 'x', 'outcome': 'lost'}",
          "outcome", 400 },
        { "/v1/enqueue", "{}", "params", 400 },
        { "/v1/enqueue", "{'params': {'y': 1}}", "y", 400 },
        { "/v1/enqueue", "{'params': {'n': 99}}", "n", 400 },
        { "/v1/stop", "{'reason': 1}", "reason", 400 },
        { "/v1/nothing", "{}", "no POST /v1/nothing", 404 },
        { "/v1/study", "{}", "no POST /v1/study", 404 },
    };
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    desk_ask(&d, "a:1:0");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = desk_post(&d, rows[i].path, "%s", rows[i].body);

        if (status != rows[i].status ||
            !strstr(desk_text(&d, "error.what"), rows[i].word))
            fail_msg("%s %s: %d %s", rows[i].path, rows[i].body, status,
                     desk_text(&d, "error.what"));
    }
    assert_true(desk_trial_number(&d, 0, "reports") == 0);
    desk_close(&d);
}

static void a_wrong_question(void **state)
{
    static const struct {
        const char *path;
        int status;
    } rows[] = {
        { "/v1/trials/7", 404 },
        { "/v1/trials/x", 404 },
        { "/v1/trials/", 404 },
        { "/v1/trials/-1", 404 },
        { "/v1/trials?limit=x", 400 },
        { "/v1/trials?state=odd", 400 },
        { "/v1/leaderboard?top=-1", 400 },
        { "/", 404 },
        { "/v1/ask", 404 },
    };
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (desk_get(&d, rows[i].path) != rows[i].status)
            fail_msg("%s: %d", rows[i].path, d.status);
    desk_close(&d);
}

/* ---- lists ------------------------------------------------------------ */

static void pages_of_trials(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(
            desk_post(&d, "/v1/enqueue", "{'params': {'n': %d}}", i + 1), 200);
    desk_ask(&d, "a:1:0");
    assert_int_equal(desk_get(&d, "/v1/trials?state=waiting&offset=1&limit=2"),
                     200);
    const struct tree *rows = tree_get(d.reply, "trials");

    assert_int_equal(tree_count(rows), 2);
    assert_int_equal(tree_integer(tree_get(tree_at(rows, 0), "trial")), 2);
    assert_int_equal(tree_integer(tree_get(tree_at(rows, 1), "trial")), 3);
    desk_close(&d);
}

static void enqueued_points_come_first_and_once(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "enqueue: [{n: 7}, {n: 8, x: 0.5}]\n", 0);
    desk_restart(&d); /* not again */
    assert_int_equal(desk_ask(&d, "a:1:0").trial, 0);
    assert_true(desk_number(&d, "params.n") == 7);
    assert_true(desk_number(&d, "params.x") >= 0);
    assert_int_equal(desk_ask(&d, "a:1:1").trial, 1);
    assert_true(desk_number(&d, "params.x") == 0.5);
    assert_int_equal(desk_ask(&d, "a:1:2").trial, 2);
    desk_close(&d);
}

/* ---- trouble ---------------------------------------------------------- */

static void a_full_disk_is_said_and_nothing_stored_is_lost(void **state)
{
    struct handout h;
    struct desk d;
    int step = 0;

    (void)state;
    desk_open(&d, "", 96 * 1024);
    h = desk_ask(&d, "a:1:0");
    while (desk_report(&d, &h, step + 1, "0.5") == 200)
        step++;
    assert_int_equal(d.status, 503);
    assert_non_null(strstr(d.err.what, "no space left"));
    assert_true(step > 100);
    assert_int_equal(desk_get(&d, "/v1/study"), 200);
    assert_non_null(strstr(desk_text(&d, "trouble"), "no space left"));
    assert_true(desk_trial_number(&d, 0, "reports") == step);
    assert_true(desk_trial_number(&d, 0, "step") == step);
    assert_int_equal(desk_report(&d, &h, step, "0.5"), 200); /* known */
    desk_close(&d);
}

/* One call, for which the allocation after 'left' others fails; 'd->status' and
 * 'd->reply' say what came of it. False when there were not so many. */
static bool lacking_call(struct desk *d, const char *path,
                         const struct tree *body, long left)
{
    struct call c = { "POST", path, "", body, d->now };
    struct reply r;
    bool lacked;

    allocations_left = left;
    service_handle(d->service, &c, &r);
    lacked = allocations_left < 0;
    allocations_left = -1;
    tree_destroy(d->reply);
    d->reply = r.body;
    d->status = r.status;
    return lacked;
}

/* A trial is handed out whole or not at all. */
static void lack_of_memory_hands_out_no_half_trial(void **state)
{
    struct tree *body = tree_map();
    bool lacked = true;

    (void)state;
    tree_set_string(body, "worker", "a:1:0");
    for (long left = 0; lacked; left++) {
        struct desk d;

        desk_open(&d, "", 0);
        lacked = lacking_call(&d, "/v1/ask", body, left);
        if (d.status == 200) {
            assert_string_equal(desk_text(&d, "folder"),
                                "/runs/desk/trials/00000");
            assert_true(*desk_text(&d, "lease"));
            assert_int_equal(tree_count(tree_get(d.reply, "params")), 2);
        }
        if (service_commit(d.service, &d.err) == 0)
            assert_int_equal(desk_ask(&d, "a:1:0").trial, 0);
        desk_close(&d);
    }
    tree_destroy(body);
}

/* Whoever is told that his request is wrong does not send it again. */
static void lack_of_memory_is_not_the_senders_fault(void **state)
{
    struct tree *body = tree_map(), *params = tree_map();
    bool lacked = true;
    int failed = 0;

    (void)state;
    tree_set_int(params, "n", 3);
    tree_set(body, "params", params);
    for (long left = 0; lacked; left++) {
        struct desk d;

        desk_open(&d, "", 0);
        lacked = lacking_call(&d, "/v1/enqueue", body, left);
        assert_true(d.status == 200 || d.status == 500 || d.status == 503);
        failed += d.status == 500;
        if (service_commit(d.service, &d.err) == 0)
            assert_int_equal(desk_call(&d, "POST", "/v1/enqueue", body), 200);
        desk_close(&d);
    }
    assert_true(failed > 0);
    tree_destroy(body);
}

/* The same calls in the same order: the same trials, restarts or not. */
static void the_same_seed_gives_the_same_trials(void **state)
{
    struct desk d[2];

    (void)state;
    for (int i = 0; i < 2; i++)
        desk_open(&d[i], "search: {sampler: random, pruner: none, seed: 5}\n",
                  0);
    for (int trial = 0; trial < 8; trial++) {
        double x[2], n[2];

        for (int i = 0; i < 2; i++) {
            struct handout h = desk_ask(&d[i], "a:1:0");

            x[i] = desk_number(&d[i], "params.x");
            n[i] = desk_number(&d[i], "params.n");
            assert_int_equal(desk_report(&d[i], &h, 1, "0.5"), 200);
            assert_int_equal(desk_tell(&d[i], &h, "complete"), 200);
        }
        assert_true(x[0] == x[1] && n[0] == n[1]);
        desk_restart(&d[1]);
    }
    desk_close(&d[0]);
    desk_close(&d[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_from_ask_to_leaderboard),
        cmocka_unit_test(a_lost_reply_does_no_harm),
        cmocka_unit_test(reports_in_a_list),
        cmocka_unit_test(without_a_controller_nobody_works),
        cmocka_unit_test(a_reason_cut_short_can_be_read),
        cmocka_unit_test(nan_is_the_worst_result),
        cmocka_unit_test(a_trial_that_never_reports_has_failed),
        cmocka_unit_test(a_wrong_request_names_the_field),
        cmocka_unit_test(a_wrong_question),
        cmocka_unit_test(pages_of_trials),
        cmocka_unit_test(enqueued_points_come_first_and_once),
        cmocka_unit_test(a_full_disk_is_said_and_nothing_stored_is_lost),
        cmocka_unit_test(lack_of_memory_hands_out_no_half_trial),
        cmocka_unit_test(lack_of_memory_is_not_the_senders_fault),
        cmocka_unit_test(the_same_seed_gives_the_same_trials),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
