/* order: the trials of a study, best first.
 *
 * Of one objective as results_compare() has it. Of several, trials with a value
 * that are feasible and have not failed stand by Pareto front first.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_RESULTS_ORDER_H
#define LAUNCHER_RESULTS_ORDER_H

#include "launcher/results/results.h"

struct place {
    int64_t front;            /* from 1; 0: none, or there is one objective */
    struct standing standing; /* with the trial's number */
};

/* The places so far, unordered; of one objective no more than twice those that
 * are wanted: then the worse half is left out. */
struct order {
    const struct study *study; /* borrowed */
    size_t most;               /* places wanted, 1 or more */
    struct place *places;
    size_t count, capacity;
    bool cut;       /* places[most - 1] was the last of the best 'most' */
    double *losses; /* of several objectives: of each place */
};

/* Begin with { .study = study, .most = most }; add the trials, then
 * order_finish() leaves the first 'most' of them in 'places'; order_clear(),
 * also after a failure. Few of many take one pass and little memory. */
results_fn order_add;
int order_finish(struct order *o, struct error *err);
void order_clear(struct order *o);

#endif
