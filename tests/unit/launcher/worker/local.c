/* Child processes: what they inherit, and that they never outlive the worker.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "launcher/worker/executor.h"
#include "tests/unit/launcher/worker/process.h"

static void start_shell(const char *script, char *const *environment,
                        struct task *t)
{
    char *const argv[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };
    struct error err = ERROR_INIT;

    if (executor_local.start(argv, environment, t, &err) < 0)
        fail_msg("%s", err.what);
}

/* All of the output until its end. */
static void read_all(int fd, char *out, size_t size)
{
    size_t used = 0;
    struct pollfd ready = { fd, POLLIN, 0 };
    ssize_t got = 1;

    while (got > 0 && used < size - 1 && poll(&ready, 1, 20000) == 1)
        if ((got = read(fd, out + used, size - 1 - used)) > 0)
            used += (size_t)got;
    out[used] = '\0';
}

/* Signals from 32 on are the C library's; nobody can reset them. */
static void a_program_starts_clean(void **state)
{
    char name[] = "NAME=value";
    char *const environment[] = { name, NULL };
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
    sigset_t blocked;
    char output[512];
    struct task t;

    (void)state;
    sigaction(SIGINT, &ignore, &before);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    start_shell("echo $NAME; read line || echo no input; echo err >&2; "
                "while read word rest; do case $word in Sig[BI][lg]*) "
                "echo $word $((0x$rest & 0x7fffffff));; esac; "
                "done < /proc/$$/status; "
                "set -- $(cat /proc/$$/stat); [ $5 = $PPID ] && echo group",
                environment, &t);
    read_all(t.output, output, sizeof output);
    assert_string_equal(output, "value\nno input\nerr\n"
                                "SigBlk: 0\nSigIgn: 0\ngroup\n");
    assert_true(process_ends(t.pid));
    assert_int_equal(executor_local.reap(&t), 0);
    close(t.output);
    sigaction(SIGINT, &before, NULL);
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
}

static void the_status_is_the_programs(void **state)
{
    char *const environment[] = { NULL };
    struct task t;
    int status;

    (void)state;
    start_shell("exit 42", environment, &t);
    assert_true(process_ends(t.pid));
    status = executor_local.reap(&t);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
    close(t.output);
    start_shell("kill -ABRT $$", environment, &t);
    assert_true(process_ends(t.pid));
    status = executor_local.reap(&t);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    close(t.output);
}

static void a_killed_worker_takes_all_with_it(void **state)
{
    char *const environment[] = { NULL };
    char output[64];
    int pass[2];
    pid_t worker;

    (void)state;
    assert_int_equal(pipe(pass), 0);
    worker = fork();
    if (worker == 0) { /* plays the worker, and tells what it heard */
        struct task t;

        start_shell("sleep 1000 & echo $! $$; wait", environment, &t);
        for (ssize_t got = -1; got <= 0;)
            if ((got = read(t.output, output, sizeof output)) > 0 &&
                write(pass[1], output, (size_t)got) < 0)
                _exit(1);
        pause();
        _exit(0);
    }
    close(pass[1]);
    memset(output, 0, sizeof output);
    assert_true(read(pass[0], output, sizeof output - 1) > 0);
    close(pass[0]);
    kill(worker, SIGKILL);
    waitpid(worker, NULL, 0);
    assert_true(process_ends(strtol(output, NULL, 10)));
    assert_true(process_ends(strtol(strchr(output, ' '), NULL, 10)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_starts_clean),
        cmocka_unit_test(the_status_is_the_programs),
        cmocka_unit_test(a_killed_worker_takes_all_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
