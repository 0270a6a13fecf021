/* local: the executor that starts child processes.
 *
 *     worker --- keeper (leads the group) --- program --- whatever it starts
 *
 * The kernel tells a process when its parent dies (PR_SET_PDEATHSIG), but not
 * its grandchildren. So between the two stands a keeper, a bare fork of the
 * worker: it waits for the program and ends as the program ended; when the
 * worker dies, by kill -9 too, it kills the whole group.
 * After fork() only async-signal-safe functions are called: the worker has
 * threads.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/worker/executor.h"

/* One that nobody sends to a trial. */
#define PARENT_DIED (SIGRTMIN + 5)
enum { SIGNALS = 32 };

static void set_signals(void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler };
    sigset_t none;

    for (int i = 1; i < SIGNALS; i++)
        if (i != SIGCHLD)
            sigaction(i, &action, NULL);
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the program's process: become it. Tells errno through 'failure'. */
static void become(char *const *argv, char *const *environment, int output,
                   int failure)
{
    int nothing = open("/dev/null", O_RDONLY), why;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    set_signals(SIG_DFL);
    if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(output, 1) == 1 &&
        dup2(output, 2) == 2)
        execvpe(argv[0], argv, environment);
    why = errno;
    if (write(failure, &why, sizeof why) < 0)
        _exit(126);
    _exit(127);
}

static void kill_group(int signal_number)
{
    (void)signal_number;
    kill(0, SIGKILL);
}

/* End as the program ended. */
static void end_like(int status)
{
    struct rlimit none = { 0, 0 };

    if (WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    setrlimit(RLIMIT_CORE, &none);
    set_signals(SIG_DFL);
    raise(WTERMSIG(status));
    _exit(128 + WTERMSIG(status));
}

/* In the keeper's process. Signals to the group are for the program. */
static void keep(pid_t worker, char *const *argv, char *const *environment,
                 int output, int failure)
{
    struct sigaction killing = { .sa_handler = kill_group };
    int status = 0;
    pid_t program;

    setpgid(0, 0);
    set_signals(SIG_IGN);
    sigaction(PARENT_DIED, &killing, NULL);
    prctl(PR_SET_PDEATHSIG, PARENT_DIED);
    if (getppid() != worker) /* it died before that line */
        _exit(1);
    program = fork();
    if (program == 0)
        become(argv, environment, output, failure);
    if (program < 0 && write(failure, &errno, sizeof errno) < 0)
        _exit(126);
    close_range(0, ~0u, 0);
    while (program > 0 && waitpid(program, &status, 0) < 0)
        ;
    end_like(status);
}

/* Wait until the program runs. Returns 0, or its errno. */
static int await_exec(int failure)
{
    int why = 0;
    ssize_t got;

    while ((got = read(failure, &why, sizeof why)) < 0 && errno == EINTR)
        ;
    return got == sizeof why ? why : 0;
}

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
}

static int local_start(char *const *argv, char *const *environment,
                       struct task *t, struct error *err)
{
    int output[2] = { -1, -1 }, failure[2] = { -1, -1 };
    pid_t worker = getpid();
    int rc = -1;

    *t = (struct task){ .pid = -1, .output = -1, .ended = -1 };
    if (pipe2(output, O_CLOEXEC) < 0 || pipe2(failure, O_CLOEXEC) < 0 ||
        fcntl(output[0], F_SETFL, O_NONBLOCK) < 0 || (t->pid = fork()) < 0) {
        error_errno(err, "cannot start a process");
        goto out;
    }
    if (t->pid == 0)
        keep(worker, argv, environment, output[1], failure[1]);
    setpgid(t->pid, t->pid); /* whoever comes first */
    close(failure[1]);
    failure[1] = -1;
    errno = await_exec(failure[0]);
    t->ended = errno ? -1 : pidfd_open(t->pid, 0);
    if (t->ended < 0) {
        error_errno(err, "cannot start '%s'", argv[0]);
        kill(-t->pid, SIGKILL);
        waitpid(t->pid, NULL, 0);
        goto out;
    }
    t->output = output[0];
    output[0] = -1;
    rc = 0;
out:
    close_pair(output);
    close_pair(failure);
    return rc;
}

static void local_signal(const struct task *t, int signal_number)
{
    kill(-t->pid, signal_number);
}

static int local_reap(struct task *t)
{
    int status = 0;

    kill(-t->pid, SIGKILL); /* before the group's number is free */
    while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(t->ended);
    t->ended = -1;
    return status;
}

const struct executor executor_local = { "local", local_start, local_signal,
                                         local_reap, NULL };
