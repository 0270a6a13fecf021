/* Reports are delivered by a thread: spooled while nobody answers, kept in
 * memory when there is no disk either, and the lease is kept alive.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/eventfd.h>

#include "client/sender.h"
#include "tests/unit/client/controller.h"

/* Push reports of the steps first..last. */
static void push(struct sender *s, int64_t first, int64_t last)
{
    for (int64_t step = first; step <= last; step++) {
        struct tree *t = tree_map();

        tree_set_int(t, "step", step);
        sender_push(s, t);
    }
}

static void what_nobody_took_is_in_the_spool(void **state)
{
    struct controller c;
    char folder[64], spool[80];
    struct lease lease = { 12, 2, "abc" };
    struct sender_options o = {
        .run = folder, .lease = &lease, .spool = spool, .wake_fd = -1
    };
    struct sender *s;

    (void)state;
    folder_make(folder);
    snprintf(spool, sizeof spool, "%s/spool.jsonl", folder);
    s = sender_create(&o, NULL);
    push(s, 1, 3);
    sender_destroy(s, 0);
    assert_true(file_exists(spool));
    controller_init(&c); /* the same attempt goes on */
    controller_start(&c, 0, folder);
    s = sender_create(&o, NULL);
    assert_true(controller_await(&c, &c.step_count, 3));
    sender_destroy(s, 5);
    assert_false(file_exists(spool));
    assert_int_equal(c.step_count, 3);
    controller_stop(&c);
    folder_remove(folder);
}

/* A controller with too much to do is left alone as long as it asks for; the
 * reports are kept. */
static void who_is_told_to_wait_comes_back(void **state)
{
    struct controller c;
    char run[64], spool[80];
    struct lease lease = { 12, 2, "abc" };
    struct sender_options o = {
        .run = run, .lease = &lease, .spool = spool, .wake_fd = -1
    };
    struct sender *s;

    (void)state;
    folder_make(run);
    snprintf(spool, sizeof spool, "%s/spool.jsonl", run);
    controller_init(&c);
    controller_set(&c, 429, "continue");
    controller_start(&c, 0, run);
    s = sender_create(&o, NULL);
    push(s, 1, 1);
    assert_true(controller_await(&c, &c.calls, 1));
    push(s, 2, 40);
    controller_set(&c, 200, "continue");
    assert_true(controller_await(&c, &c.step_count, 40));
    sender_destroy(s, 5);
    assert_false(file_exists(spool));
    for (int64_t step = 1; step <= 40; step++)
        assert_int_equal(c.steps[step - 1], step);
    controller_stop(&c);
    folder_remove(run);
}

static void a_spool_that_cannot_be_written_keeps_reports_in_memory(void **state)
{
    struct controller c;
    char run[64];
    struct lease lease = { 12, 2, "abc" };
    struct sender_options o = {
        .run = run, .lease = &lease, .spool = "/nowhere/spool", .wake_fd = -1
    };
    struct sender *s;

    (void)state;
    folder_make(run);
    controller_init(&c);
    s = sender_create(&o, NULL);
    push(s, 1, 5);
    assert_false(sender_settle(s, 0.05));
    controller_start(&c, 0, run);
    assert_true(sender_settle(s, 20));
    sender_destroy(s, 5);
    assert_int_equal(c.step_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(c.steps[i], i + 1);
    controller_stop(&c);
    folder_remove(run);
}

static void heartbeats_renew_and_wake(void **state)
{
    struct controller c;
    char run[64], spool[80];
    struct lease lease = { 12, 2, "abc" };
    struct sender_options o = {
        .run = run, .lease = &lease, .spool = spool, .heartbeat_s = 0.02
    };
    struct pollfd woken;
    struct sender *s;

    (void)state;
    folder_make(run);
    snprintf(spool, sizeof spool, "%s/spool.jsonl", run);
    o.wake_fd = eventfd(0, EFD_CLOEXEC);
    woken = (struct pollfd){ o.wake_fd, POLLIN, 0 };
    controller_init(&c);
    controller_start(&c, 0, run);
    s = sender_create(&o, NULL);
    assert_true(controller_await(&c, &c.heartbeats, 3));
    assert_int_equal(poll(&woken, 1, 0), 0);
    controller_set(&c, 200, "pause");
    assert_int_equal(poll(&woken, 1, 20000), 1);
    assert_int_equal(sender_decision(s), SENTEI_PAUSE);
    sender_destroy(s, 5);
    close(o.wake_fd);
    controller_stop(&c);
    folder_remove(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_took_is_in_the_spool),
        cmocka_unit_test(who_is_told_to_wait_comes_back),
        cmocka_unit_test(
            a_spool_that_cannot_be_written_keeps_reports_in_memory),
        cmocka_unit_test(heartbeats_renew_and_wake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
