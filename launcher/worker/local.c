/* local: the executor that starts child processes, each with a keeper.
 * SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/worker/executor.h"
#include "launcher/worker/keeper.h"

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
        keeper_run(&(struct keeper){ worker, output[1], failure[1], 0 }, argv,
                   environment);
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
