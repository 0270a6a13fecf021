/* Two ranks, each a process: what becomes of one when the other is well, slow,
 * dead or stopped.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "trainer/comm/watchdog.h"

#define PATIENCE_S 0.5
enum { NOTED_BYTES = 1024 };

static int between[2]; /* the one broadcast: rank 0 writes, rank 1 reads */
static int met[2];     /* the other way: rank 1 has been met by rank 0 */

static void broadcast(struct comm *c, void *bytes, size_t size)
{
    ssize_t done = c->rank == 0 ? write(between[1], bytes, size)
                                : read(between[0], bytes, size);

    assert_int_equal(done, size);
}

static void rest(double seconds)
{
    double until = clock_monotonic() + seconds;
    const struct timespec moment = { 0, 10000000 };

    while (clock_monotonic() < until)
        nanosleep(&moment, NULL);
}

/* A rank that dies before it has been met is not missed. Rank 1 starts only
 * when rank 0 has answered it. */
static void meet(int rank)
{
    char word = '.';

    close(met[rank == 0]);
    assert_int_equal(
        rank == 0 ? read(met[0], &word, 1) : write(met[1], &word, 1), 1);
}

/* What a rank does from when they have met until it leaves. */
typedef void life(void);

static void lives_well(void)
{
    rest(0.1);
}
static void is_slow(void)
{
    rest(3 * PATIENCE_S);
}
static void dies(void)
{
    kill(getpid(), SIGKILL);
}
static void is_stopped(void)
{
    kill(getpid(), SIGSTOP);
}
static void waits_in_vain(void)
{
    rest(60);
}

/* In a process of its own: be 'rank'. Its stderr goes into 'noted'. */
static pid_t be(int rank, life *do_it, int noted)
{
    static char nodes[2][WIREUP_NODE_BYTES] = { "n1", "n2" };
    static const struct comm_ops ops = { .name = "pipe",
                                         .broadcast = broadcast };
    struct comm comm = { &ops, rank, 2 };
    struct wireup up = { .comm = &comm, .nodes = 2, .node = nodes };
    struct error err = ERROR_INIT;
    struct watchdog *w;
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    dup2(noted, 2);
    if (watchdog_start(&w, &up, PATIENCE_S, &err) < 0)
        _exit(9);
    meet(rank);
    do_it();
    watchdog_stop(w);
    _exit(0);
}

/* Both lives; how each ended, and what was said. */
static void play(life *first, life *second, int status[2], char *said)
{
    pid_t pid[2];
    int noted[2];
    ssize_t size;

    assert_int_equal(pipe(between), 0);
    assert_int_equal(pipe(met), 0);
    assert_int_equal(pipe(noted), 0);
    pid[0] = be(0, first, noted[1]);
    pid[1] = be(1, second, noted[1]);
    close(met[0]);
    close(met[1]);
    for (int left = 2; left > 0; left--) {
        int how;
        pid_t ended = waitpid(-1, &how, 0);

        status[ended == pid[1]] = how;
        if (left == 2 && (first == is_stopped || second == is_stopped))
            kill(pid[ended != pid[1]], SIGKILL);
    }
    close(noted[1]);
    size = read(noted[0], said, NOTED_BYTES - 1);
    said[size > 0 ? size : 0] = '\0';
    close(noted[0]);
    close(between[0]);
    close(between[1]);
}

static void a_lost_rank_is_named_and_ends_the_other(void **state)
{
    static const struct {
        life *life[2];
        int lost; /* or -1: nobody is */
        const char *said;
    } rows[] = {
        { { lives_well, lives_well }, -1, "" },
        { { is_slow, lives_well }, -1, "" },
        { { lives_well, is_slow }, -1, "" },
        { { waits_in_vain, dies }, 1, "rank 1 on n2 has died" },
        { { dies, waits_in_vain }, 0, "rank 0 on n1 has died" },
        { { waits_in_vain, is_stopped },
          1,
          "rank 1 on n2 has not been heard of for 0.5 s" },
        { { is_stopped, waits_in_vain },
          0,
          "rank 0 on n1 has not been heard of for 0.5 s" },
    };
    char said[NOTED_BYTES];
    int status[2];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        play(rows[i].life[0], rows[i].life[1], status, said);
        for (int r = 0; r < 2; r++)
            if (r == rows[i].lost)
                assert_true(WIFSIGNALED(status[r]));
            else
                assert_int_equal(WEXITSTATUS(status[r]), rows[i].lost >= 0);
        assert_non_null(strstr(said, rows[i].said));
        assert_true(*rows[i].said || !*said);
        assert_null(strstr(said, "\nsentei")); /* one message */
    }
}

static void one_rank_needs_no_watchdog(void **state)
{
    struct error err = ERROR_INIT;
    struct watchdog *w;
    struct wireup up;
    struct comm c;
    int word = 7;

    (void)state;
    comm_self(&c);
    assert_int_equal(wireup_open(&up, &c, &err), 0);
    assert_int_equal(watchdog_start(&w, &up, 30, &err), 0);
    assert_null(w);
    watchdog_stop(w);
    assert_false(up.pmix);
    assert_int_equal(up.nodes, 1);
    assert_int_equal(up.local_rank, 0);
    assert_int_equal(up.local_size, 1);
    assert_true(*up.node[0]);
    assert_int_equal(wireup_share(&up, "word", &word, sizeof word, &err), 0);
    assert_int_equal(word, 7);
    wireup_close(&up);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_rank_is_named_and_ends_the_other),
        cmocka_unit_test(one_rank_needs_no_watchdog),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
