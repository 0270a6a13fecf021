/* Who connects and shows no token is shut out in time, and when there are too
 * many; who has shown one stays.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launcher/controller/strangers.h"

/* The two ends of a connection: ours is a stranger's. */
struct guest {
    struct stranger s;
    int ours, theirs;
};

static void connect_guest(struct guest *g)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends),
                     0);
    g->ours = ends[0];
    g->theirs = ends[1];
}

static void close_guest(struct guest *g)
{
    close(g->ours);
    close(g->theirs);
}

/* Whether the other end finds that it was shut out. */
static bool is_out(const struct guest *g)
{
    char byte;

    return read(g->theirs, &byte, 1) == 0;
}

static void the_silent_are_shut_out_in_time(void **state)
{
    struct strangers all = { 0 };
    struct guest first, second, known;

    (void)state;
    connect_guest(&first);
    connect_guest(&second);
    connect_guest(&known);
    assert_true(strangers_expire(&all, 0) < 0);
    strangers_add(&all, &first.s, first.ours, 100);
    strangers_add(&all, &known.s, known.ours, 101);
    strangers_add(&all, &second.s, second.ours, 110);
    strangers_remove(&all, &known.s);
    assert_true(strangers_expire(&all, 110) == STRANGERS_S - 10);
    assert_false(is_out(&first));
    assert_true(strangers_expire(&all, 100 + STRANGERS_S) == 10);
    assert_true(is_out(&first));
    assert_false(is_out(&second) || is_out(&known));
    assert_true(strangers_expire(&all, 110 + STRANGERS_S) < 0);
    assert_true(is_out(&second));
    assert_false(is_out(&known));
    strangers_remove(&all, &first.s); /* as when its end is noticed */
    assert_int_equal(all.count, 0);
    close_guest(&first);
    close_guest(&second);
    close_guest(&known);
}

static void the_oldest_makes_room(void **state)
{
    struct stranger *others = calloc(STRANGERS_MAX, sizeof *others);
    struct strangers all = { 0 };
    struct guest first;

    (void)state;
    assert_non_null(others);
    connect_guest(&first);
    strangers_add(&all, &first.s, first.ours, 0);
    for (size_t i = 0; i < STRANGERS_MAX - 1; i++)
        strangers_add(&all, &others[i], first.theirs, 1);
    assert_false(is_out(&first));
    strangers_add(&all, &others[STRANGERS_MAX - 1], first.theirs, 1);
    assert_true(is_out(&first));
    assert_int_equal(all.count, STRANGERS_MAX);
    assert_ptr_equal(all.oldest, &others[0]);
    for (size_t i = 0; i < STRANGERS_MAX; i++)
        strangers_remove(&all, &others[i]);
    assert_null(all.oldest);
    assert_null(all.newest);
    free(others);
    close_guest(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_silent_are_shut_out_in_time),
        cmocka_unit_test(the_oldest_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
