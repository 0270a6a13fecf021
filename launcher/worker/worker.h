/* worker: runs trials one after another inside one allocation.
 *
 * Ask, make the trial's folder, run the attempt, tell how it ended, again,
 * until the controller says the study is done. A controller that does not
 * answer is waited for; the trial in hand goes on meanwhile.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WORKER_WORKER_H
#define LAUNCHER_WORKER_WORKER_H

#include <stdbool.h>

#include "base/error.h"
#include "launcher/study/study.h"
#include "launcher/worker/executor.h"

struct worker_options {
    const char *run;   /* the run folder */
    long slot;         /* makes the name host:pid:slot */
    double grace_s;    /* from SIGTERM to SIGKILL for a trial; 30 */
    double patience_s; /* how long to wait for a controller; 600 */
    const struct executor *executor;

    /* Inside an allocation; all zero elsewhere. */
    const char *job; /* becomes part of the name, host:pid:slot@job; or NULL */
    double until;    /* no trial begins that is not likely to end before this
                         time (clock_wall()); 0: for ever */
    bool *left;      /* set when it ended before the study was done; or NULL */
};

/* The study of the run folder 'run', which says what its trials need; the caller
 * destroys. NULL with 'err': no such folder, no such study. */
struct study *worker_study(const char *run, struct error *err);

/* Work until the study is done, or SIGTERM (SIGINT, where it is not ignored)
 * came: the trial is then asked to checkpoint and handed back. A second signal
 * kills it. Blocks these signals for the rest of the process. Returns 0, or -1
 * with 'err': no such run, no controller for 'patience_s', refused. */
int worker_run(const struct worker_options *o, struct error *err);

#endif
