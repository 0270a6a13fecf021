/* calibration: logits of a model to probabilities of the natural world.
 *
 * A model that saw other shares of the classes than there are, or weighed them,
 * answers for that world. Its logits are shifted back by what they saw: for one
 * output by the log-odds, for more by the logarithm of each class's share
 * (Saerens, Latinne & Decaestecker 2002; Elkan 2001). After that slope and
 * offset are fitted on validation rows: for one output Platt's scaling (1999)
 * by Newton's method, for more one temperature (Guo et al. 2017).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_FOLD_CALIBRATION_H
#define TRAINER_FOLD_CALIBRATION_H

#include <stddef.h>

#include "base/error.h"

enum calibration_kind { CALIBRATION_NONE, CALIBRATION_PRIOR, CALIBRATION_FIT };
extern const char *const calibration_names[]; /* ends with NULL */

struct calibration {
    size_t outputs;
    float *shift;  /* [outputs]: added */
    float line[2]; /* then slope and, for one output, offset */
};

/* No change. Returns 0 and the caller clears, or -1 with 'err'. */
int calibration_init(struct calibration *c, size_t outputs, struct error *err);
void calibration_clear(struct calibration *c);

/* Class k was a share seen[k] of the rows where it is natural[k], and such a row
 * weighed weight[k] (NULL: 1); classes are two for one output. A class that is
 * not there is left as it is. */
void calibration_set_prior(struct calibration *c, const double *natural,
                           const double *seen, const float *weight);

/* Fit slope and offset to rows of logits [count][outputs] and their labels; left
 * as they are where nothing can be fitted (one class, no finite answer). */
void calibration_fit(struct calibration *c, const float *logit,
                     const float *label, size_t count);

/* Logits to 'outputs' probabilities: one output gives that of label 1, more
 * those of all classes. */
void calibration_apply(const struct calibration *c, enum calibration_kind kind,
                       const float *logit, double *probability);

#endif
