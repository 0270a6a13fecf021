/* keeper: see keeper.h. After fork() only async-signal-safe functions are
 * called where a worker, which has threads, has forked.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/worker/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* It cannot be started: tell errno, or, where nobody is there to read that, a
 * person. */
static _Noreturn void give_up(const struct keeper *k, const char *program)
{
    int why = errno;

    if (k->failure < 0)
        perror(program);
    else if (write(k->failure, &why, sizeof why) < 0)
        _exit(126);
    _exit(127);
}

/* In the program's process: become it. */
static _Noreturn void become(const struct keeper *k, char *const *argv,
                             char *const *environment)
{
    int nothing = open("/dev/null", O_RDONLY);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    set_signals(SIG_DFL);
    if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(k->output, 1) == 1 &&
        dup2(k->output, 2) == 2)
        execvpe(argv[0], argv, environment);
    give_up(k, argv[0]);
}

static void kill_group(int signal_number)
{
    (void)signal_number;
    kill(0, SIGKILL);
}

static void stop_group(int signal_number)
{
    (void)signal_number;
    kill(0, SIGTERM);
}

/* End as the program ended. */
static _Noreturn void end_like(int status)
{
    struct rlimit none = { 0, 0 };

    if (WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    setrlimit(RLIMIT_CORE, &none);
    set_signals(SIG_DFL);
    raise(WTERMSIG(status));
    _exit(128 + WTERMSIG(status));
}

void keeper_run(const struct keeper *k, char *const *argv,
                char *const *environment)
{
    struct sigaction killing = { .sa_handler = kill_group };
    struct sigaction stopping = { .sa_handler = stop_group };
    int status = 0;
    pid_t program;

    setpgid(0, 0);
    set_signals(SIG_IGN);
    sigaction(PARENT_DIED, &killing, NULL);
    if (k->stop)
        sigaction(k->stop, &stopping, NULL);
    prctl(PR_SET_PDEATHSIG, PARENT_DIED);
    if (getppid() != k->parent) /* it died before that line */
        _exit(1);
    program = fork();
    if (program == 0)
        become(k, argv, environment);
    if (program < 0)
        give_up(k, argv[0]);
    close_range(0, ~0u, 0);
    while (waitpid(program, &status, 0) < 0)
        ;
    end_like(status);
}
