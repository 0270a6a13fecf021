/* child: see child.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/child.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/text.h"

/* In the child: become the program. */
static void become(pid_t parent, const char *const *words, int log, int kept)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    int nothing = open("/dev/null", O_RDONLY);
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    sigaction(SIGINT, &ignore, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(log, 1) == 1 &&
        dup2(log, 2) == 2 && (kept < 0 || fcntl(kept, F_SETFD, 0) == 0))
        execv("/proc/self/exe", (char *const *)(uintptr_t)words);
    _exit(127);
}

pid_t child_start(const char *const *words, const char *log, mode_t mode,
                  int kept, struct error *err)
{
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode);
    pid_t parent = getpid(), pid;

    if (fd < 0)
        return error_errno(err, "cannot open '%s'", log);
    pid = fork();
    if (pid == 0)
        become(parent, words, fd, kept);
    if (pid < 0)
        error_errno(err, "cannot start a process");
    close(fd);
    return pid;
}

char *child_program(struct error *err)
{
    char path[PATH_MAX], *copy;
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);

    if (size < 0) {
        error_errno(err, "cannot find this program's own path");
        return NULL;
    }
    path[size] = '\0';
    if (!(copy = text_copy(path)))
        error_memory(err);
    return copy;
}
