/* executor: how a trial's program is started, signalled and awaited.
 *
 * One interface, one file a place: here (local.c, of several ranks mpirun.c), in
 * a Slurm job (srun.c), nowhere (null.c). An
 * executor blocks no longer than starting takes; output and end are file
 * descriptors for the worker's event loop.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WORKER_EXECUTOR_H
#define LAUNCHER_WORKER_EXECUTOR_H

#include <sys/types.h>

#include "base/error.h"

/* A program that was started. */
struct task {
    pid_t pid;  /* leads its own process group */
    int output; /* its stdout and stderr, not blocking */
    int ended;  /* readable once it has ended */
};

/* What the place itself says in a line of output. */
enum remark {
    REMARK_NONE,   /* the line is the program's own */
    REMARK_BROKEN, /* the program was not started: no failure of its trial */
    REMARK_EXITED, /* a process of it ended with an exit status other than 0 */
    REMARK_KILLED, /* one was killed */
    REMARK_OTHER
};

struct executor {
    const char *name;

    /* Start argv[0] (looked up in PATH) with this environment, stdin empty.
     * Returns 0 with '*t', or -1 with 'err' and nothing started. */
    int (*start)(char *const *argv, char *const *environment, struct task *t,
                 struct error *err);

    /* Send a signal to the program and all it started. */
    void (*signal)(const struct task *t, int signal_number);

    /* Once it has ended: kill what it left behind, close 'ended' and return
     * its status as waitpid() gives it. 'output' stays open. */
    int (*reap)(struct task *t);

    /* Of a program of several processes reap() cannot tell which one began the
     * end; what is said of the first does. For REMARK_EXITED '*status' is its
     * exit status. NULL: the place says nothing. */
    enum remark (*remark)(const char *line, int *status);
};

/* Child processes of this one. They die with it, and so does all they
 * started, even when this process is killed by force. */
extern const struct executor executor_local;

/* Starts nothing: argv[1], argv[2], ... are the lines of output, the status is
 * 0. For tests. */
extern const struct executor executor_null;

#endif
