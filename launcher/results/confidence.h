/* confidence: how sure a trial's rank is, where values have a deviation.
 *
 * A value that is a mean over n folds with the deviation s has the standard
 * error s / sqrt(n). A trial is surely better than another one when Welch's test
 * (Biometrika 34, 1947, 28-35), one-sided, says so at 5 %. Its ranks go from one
 * after all that are surely better to one before all that are surely worse:
 * marginal confidence intervals of ranks by pairwise tests, as in Mogstad,
 * Romano, Shaikh and Wilhelm, "Inference for Ranks", Review of Economic Studies
 * 91, 2024, 476-518, section 3; about 90 % for one trial, less for all at once.
 *
 * Where a trial reports a deviation itself ("METRIC.std") nobody knows over how
 * many folds, and it is taken for the error of the value: wider, never too
 * narrow. A value without one is taken as exact. Folds that trials share, which
 * would make differences surer, are taken as independent.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_RESULTS_CONFIDENCE_H
#define LAUNCHER_RESULTS_CONFIDENCE_H

#include "launcher/results/results.h"

/* A trial's value as a loss, its variance where it has a deviation (else 0), and
 * of how many folds (0: not known). */
struct measured {
    int64_t number;
    double loss, variance, folds;
    bool deviates;
};

struct confidence {
    const struct study *study; /* borrowed */
    struct measured *items;    /* by loss and number, once sorted */
    size_t count, capacity;
    double most; /* the largest variance; 0: no value has a deviation */
    bool sorted;
};

/* Begin with { .study = study }, add all trials, ask; confidence_clear(), also
 * after a failure. Trials that cannot win are left out, as are all of a study
 * of several objectives. */
int confidence_add(struct confidence *c, const struct store_trial *t,
                   struct error *err);
void confidence_clear(struct confidence *c);

/* The ranks, from 1, that the trial that stands so may have. Returns false when
 * nothing is known: it has no deviation, or was left out. */
bool confidence_ranks(struct confidence *c, const struct standing *s,
                      int64_t *first, int64_t *last);

#endif
