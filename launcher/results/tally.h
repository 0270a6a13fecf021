/* tally: what the trials of a study come to: how many, how long, the best.
 *
 * Counted in one pass over the trials; the same for a controller's, which are in
 * memory, and for a view's, which are in the store.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_RESULTS_TALLY_H
#define LAUNCHER_RESULTS_TALLY_H

#include "launcher/results/results.h"

/* A trial that was better than all before it. */
struct improvement {
    struct standing standing;
    double value;
};

struct tally {
    const struct study *study; /* borrowed */
    int64_t trials, imported, reports;
    int64_t in_state[TRIAL_STATES];
    double busy_s;
    struct improvement *improvements; /* by number; the last is the best */
    size_t improvement_count, improvement_capacity;
};

/* Begin with { .study = study }; add each trial by number, then read it;
 * tally_clear(), also after a failure. */
results_fn tally_add;
void tally_clear(struct tally *t);

#endif
