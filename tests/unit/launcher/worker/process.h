/* process: whether a process has ended, for tests.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_LAUNCHER_WORKER_PROCESS_H
#define TESTS_UNIT_LAUNCHER_WORKER_PROCESS_H

#include <poll.h>
#include <stdbool.h>
#include <sys/pidfd.h>
#include <unistd.h>

/* Wait (20 s at most) until process 'pid' has ended, be it reaped or not.
 * Returns whether it has. */
static inline bool process_ends(long pid)
{
    int fd = pidfd_open((pid_t)pid, 0);
    struct pollfd end = { fd, POLLIN, 0 };
    bool ended = fd < 0 || poll(&end, 1, 20000) == 1;

    if (fd >= 0)
        close(fd);
    return pid > 0 && ended;
}

#endif
