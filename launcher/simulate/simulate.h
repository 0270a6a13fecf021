/* simulate: a study in virtual time.
 *
 * The search engine as the live service runs it, with workers that take no
 * time: a trial's reports are known when it begins, each becomes so to the
 * engine at its second. Equal times go by worker, so a simulation is a pure
 * function of the study, the options and the source.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SIMULATE_SIMULATE_H
#define LAUNCHER_SIMULATE_SIMULATE_H

#include "base/error.h"
#include "launcher/simulate/recording.h"
#include "launcher/study/study.h"
#include "search/history.h"

enum { SIMULATE_MAX_WORKERS = 65536 };

/* One report. */
struct simulated_report {
    double worker_seconds; /* workers x virtual time */
    int64_t trial, step;
    double value, best_value; /* objective 0; best: of all reports by now that
                                 keep to the constraints, NAN for none */
};

struct simulate_options {
    int64_t workers;
    double worker_seconds;  /* the end; INFINITY: none */
    int64_t trials;         /* none begins after so many; INT64_MAX: no end */
    int64_t no_improvement; /* nor after so many since the best ended */
    double regret;          /* nor when none is expected to be better by more,
                               or than the noise; -1: no such end */

    /* What the trial with these parameters will report; its caller clears the
     * recording. Returns 0, or -1 with 'err', which ends the simulation. */
    int (*record)(void *context, const struct tree *params,
                  struct recording *out, struct error *err);
    /* Called at each report, in order. May be NULL. */
    int (*each)(void *context, const struct simulated_report *r,
                struct error *err);
    void *context;
};

struct simulate_summary {
    double worker_seconds;
    int64_t reports, resumed;
    size_t in_state[TRIAL_STATES];
    int64_t best_trial; /* -1: none */
    double best_value;
    struct tree *best_params; /* owned by the caller; NULL for no best trial */
};

/* Run it. Returns 0, or -1 with 'err' and an empty summary. */
int simulate_study(const struct study *study, const struct simulate_options *o,
                   struct simulate_summary *out, struct error *err);

#endif
