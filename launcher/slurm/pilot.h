/* pilot: what an element of the array runs: a controller that stands by, and
 * workers whose trials are steps of the job.
 *
 * It ends when the study is done. Ahead of the job's time limit, by Slurm's
 * signal (USR1) or by the clock, whichever comes first, its trials checkpoint
 * and are handed back, and the element goes back into the queue. The same, but
 * for the queue, upon SIGTERM: preemption, which requeues by itself, or
 * scancel, which does not want it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_PILOT_H
#define LAUNCHER_SLURM_PILOT_H

#include <stdbool.h>

#include "base/error.h"

struct pilot_options {
    const char *run; /* the run folder */
    double grace_s;  /* from SIGTERM to SIGKILL for a trial */
    double defer_s; /* how long to leave the controller's part to another job */
    bool serve_only; /* no workers: this job is the controller's */
};

/* Returns 0, or -1 with 'err': no such run, no Slurm job, workers that fail
 * over and over. */
int pilot_run(const struct pilot_options *o, struct error *err);

#endif
