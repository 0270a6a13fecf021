/* notifier: see notifier.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/notifier.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"

enum { PATIENCE_MS = 15000 };

pid_t notifier_start(const char *run, struct error *err)
{
    const char *const words[] = { "sentei", "notify", run, NULL };
    char *log = file_join(run, "notify.log");
    pid_t pid = log ? child_start(words, log, 0600, -1, err) : -1;

    if (!log)
        error_memory(err);
    free(log);
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
