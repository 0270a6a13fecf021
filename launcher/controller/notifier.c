/* notifier: see notifier.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/notifier.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { PATIENCE_MS = 15000 };

/* In the child: become 'sentei notify RUN', for as long as the parent lives. */
static void become(pid_t parent, const char *run, int log)
{
    const char *const argv[] = { "sentei", "notify", run, NULL };
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    int nothing = open("/dev/null", O_RDONLY);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigaction(SIGINT, &ignore, NULL);
    if (getppid() == parent && nothing >= 0 && dup2(nothing, 0) == 0 &&
        dup2(log, 1) == 1 && dup2(log, 2) == 2)
        execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
    _exit(127);
}

pid_t notifier_start(const char *run, struct error *err)
{
    char *path = file_join(run, "notify.log");
    int log =
        path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    pid_t parent = getpid(), pid = -1;

    if (!path)
        error_memory(err);
    else if (log < 0)
        error_errno(err, "cannot open '%s'", path);
    else if ((pid = fork()) == 0)
        become(parent, run, log);
    else if (pid < 0)
        error_errno(err, "cannot start a process");
    if (log >= 0)
        close(log);
    free(path);
    return pid;
}

void notifier_end(pid_t pid)
{
    struct pollfd end = { pid > 0 ? pidfd_open(pid, 0) : -1, POLLIN, 0 };

    if (pid <= 0)
        return;
    kill(pid, SIGTERM);
    if (end.fd < 0 || poll(&end, 1, PATIENCE_MS) <= 0)
        kill(pid, SIGKILL);
    if (end.fd >= 0)
        close(end.fd);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}
