/* attempt: one attempt at one trial, from its start to how it ended.
 *
 * Starts the program, keeps its output in the trial's log, reports the metrics
 * it prints, and stops it when the study or the user says so: SIGTERM to all
 * of it, and SIGKILL when a time of grace has passed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WORKER_ATTEMPT_H
#define LAUNCHER_WORKER_ATTEMPT_H

#include "base/error.h"
#include "client/sender.h"
#include "launcher/service/outcome.h"
#include "launcher/worker/executor.h"

/* All borrowed. */
struct attempt {
    const struct executor *executor;
    char *const *argv, *const *environment;
    const char *log;   /* its file, appended to */
    const char *title; /* the line in the log that begins the attempt */
    struct sender *sender;
    int wake_fd;    /* readable when the sender knows a new decision */
    int signal_fd;  /* a signalfd: the first signal interrupts the attempt, a
                       second by the same process ends it at once */
    double grace_s; /* between SIGTERM and SIGKILL */
};

struct ending {
    enum outcome outcome;
    char reason[256]; /* why, when it failed: "exit status 3: <last line>" */
    bool interrupted; /* a signal came */
};

/* Run the attempt to its end. Whatever the trial does is no error: the answer
 * is in '*e'. */
void attempt_run(const struct attempt *a, struct ending *e);

#endif
