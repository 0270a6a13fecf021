/* keeper: the process between a program and whoever started it.
 *
 *     worker --- keeper (leads the group) --- program --- whatever it starts
 *
 * The kernel tells a process when its parent dies (PR_SET_PDEATHSIG), but not
 * its grandchildren. So between the two stands a keeper: it waits for the
 * program and ends as the program ended; when its own parent dies, by kill -9
 * too, it kills the whole group.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WORKER_KEEPER_H
#define LAUNCHER_WORKER_KEEPER_H

#include <sys/types.h>

struct keeper {
    pid_t parent; /* who started it */
    int output;   /* the program's stdout and stderr */
    int failure; /* where errno is written when it cannot be started; -1: a line
                     about it goes to stderr */
    int stop; /* a signal that becomes a SIGTERM to the group; 0: none does */
};

/* Be the keeper of argv[0] (looked up in PATH; its stdin is empty) in this
 * process, to its end. Signals to the group are for the program alone. */
_Noreturn void keeper_run(const struct keeper *k, char *const *argv,
                          char *const *environment);

#endif
