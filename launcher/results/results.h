/* results: what a trial's reports add up to.
 *
 * A trial stands for one moment of its training: the best step of the first
 * objective, or the last ("value: last"). All objectives and constraints are
 * taken from that step's report; one that is missing there keeps what it had.
 * Where steps are folds ("value: mean") all are means over the steps, and 'std'
 * is the first objective's deviation over them.
 * A NaN is worse than any number.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_RESULTS_RESULTS_H
#define LAUNCHER_RESULTS_RESULTS_H

#include <stdbool.h>

#include "base/report.h"
#include "launcher/store/store.h"
#include "launcher/study/study.h"

/* How many results a trial of this study has: objectives, then constraints. */
size_t results_count(const struct study *study);

/* Add one report. Returns false when it takes back what the value rested on (a
 * later attempt reported the best step again, and worse; a fold again), or the
 * mean's count is not known (the trial was read from the store): then all
 * reports must be added again, by step, after results_reset(). */
bool results_add(const struct study *study, struct store_trial *t,
                 const struct report *r);
void results_reset(struct store_trial *t);

/* A value as a loss: lower is better, NaN is INFINITY. */
double results_loss(const struct study *study, size_t objective, double value);

/* The losses, and the constraints as "<= 0 holds"; INFINITY where nothing was
 * reported. Arrays of objective_count and constraint_count. */
void results_losses(const struct study *study, const struct store_trial *t,
                    double *losses);
void results_constraints(const struct study *study, const struct store_trial *t,
                         double *constraints);

/* Whether every constraint was reported and holds. */
bool results_feasible(const struct study *study, const struct store_trial *t);

/* Whether it can be the best one: feasible, with a value, not failed. */
bool results_may_win(const struct study *study, const struct store_trial *t);

/* What many trials come to is built by one call for each, with the seconds it
 * has been worked on; what is built is the context. Returns 0, or -1 with 'err'
 * to stop. */
typedef int results_fn(void *context, const struct store_trial *row,
                       double busy_s, struct error *err);

/* What a trial is ranked by: not failed before failed, with a value before
 * without, feasible first, of means those over all folds first, then by loss,
 * then by number. */
struct standing {
    int fault; /* 0 of the best kind of trials */
    double loss;
    int64_t number;
};
struct standing results_standing(const struct study *study,
                                 const struct store_trial *t);

/* Which ranks first: < 0 when 'a' does. */
int standing_compare(const struct standing *a, const struct standing *b);
int results_compare(const struct study *study, const struct store_trial *a,
                    const struct store_trial *b);

#endif
