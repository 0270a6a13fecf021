/* crew: a controller and its workers as child processes of this one.
 *
 * All are this very program ('sentei controller', 'sentei worker'), in this
 * process group, with SIGINT ignored, and die when this process does, by kill
 * -9 too. What they say goes to RUN/controller.log and RUN/worker.log. One
 * thread; children are watched by crew_reap() upon SIGCHLD.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_LOCAL_CREW_H
#define LAUNCHER_LOCAL_CREW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

enum { CREW_MAX_WORKERS = 1024 };

struct member {
    pid_t pid;         /* 0 when it does not run */
    int failures;      /* ends that were no success, one after another */
    double started;    /* monotonic seconds */
    double restart_at; /* when to start it again; INFINITY: never */
};

struct crew {
    char *run;   /* the run folder, owned */
    char *grace; /* for 'sentei worker --grace', seconds; owned */
    struct member controller;
    struct member *workers; /* owned */
    size_t count;
    bool leaving; /* nobody is started again */
    bool served;  /* the controller ended by itself: no more was to be done */
    bool left;    /* a worker ended before the study was done, as it should
                     (exit status SENTEI_EXIT_PAUSED) */

    /* The caller's to set after crew_init(), borrowed: more words for 'sentei
     * controller' and 'sentei worker', NULL-terminated; and what the names of
     * the logs begin with. */
    const char *const *controller_words, *const *worker_words;
    const char *log_prefix;
};

/* A crew of 'count' workers for 'run', nobody started. With none the controller
 * is what works, and may end by itself. Returns 0, or -1 with 'err'. */
int crew_init(struct crew *c, const char *run, size_t count, double grace_s,
              struct error *err);
void crew_clear(struct crew *c); /* kills who is left */

/* Start the controller and wait until it answers. Returns 0, or -1 with 'err'
 * being what it said (its kind too: another one runs already, ...). */
int crew_start_controller(struct crew *c, struct error *err);

/* Start all workers. */
int crew_start_workers(struct crew *c, struct error *err);

/* See who has ended, and start again who should not have: the controller as
 * long as there are workers, a worker that failed; each a few times. Returns
 * 0, or -1 with 'err' when that did not help. */
int crew_reap(struct crew *c, struct error *err);

/* Seconds until crew_reap() is to be called even if nobody ends; INFINITY. */
double crew_next(const struct crew *c);

/* How many workers run, or will be started again. */
size_t crew_working(const struct crew *c);

/* Ask the workers (their trials checkpoint) or the controller to end: SIGTERM.
 * Nobody is started again. */
void crew_stop_workers(struct crew *c);
void crew_stop_controller(struct crew *c);

/* SIGKILL to all. */
void crew_kill(struct crew *c);

#endif
