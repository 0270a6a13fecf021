/* fold: one split of a data set, and the weights trained on it.
 *
 * A training has one fold (the set's own train / validation split) or as many
 * as the set has folds; they share one model's shape and take turns.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_FOLD_FOLD_H
#define TRAINER_FOLD_FOLD_H

#include "trainer/batch/batch.h"
#include "trainer/batch/sampler.h"
#include "trainer/fold/calibration.h"
#include "trainer/config.h"
#include "trainer/data/dataset.h"
#include "trainer/fold/feedback.h"
#include "trainer/model/model.h"

/* The rows of a split, their labels, and what the model says of them. */
struct part {
    uint32_t *row;
    float *label, *logit; /* logits: [count][outputs] */
    size_t count;
};

struct fold {
    struct part part[3]; /* by enum split */
    struct batch_source source;
    struct statistics statistics; /* of the training rows */
    float *class_weight;          /* NULL: all 1 */
    float *loss_weight;           /* the same in the backend's memory */
    struct sampler sampler;
    struct feedback feedback;
    struct weights weights;
    struct calibration calibration; /* after the last epoch that was judged */
    double loss; /* sum over this epoch's training rows so far */
};

/* Whether the set can be split as the configuration says: 0, or -1 with 'err'
 * (no such folds, an empty split, a class missing). */
int fold_check(const struct config *c, const struct dataset *data,
               struct error *err);

/* Fold 'number' of a set, with new weights. 'data', 'inputs', 'm' and 'c' are
 * borrowed. Returns 0, or -1 with 'err'; fold_clear() in any case. */
int fold_init(struct fold *f, size_t number, const struct config *c,
              const struct dataset *data, const struct inputs *in,
              const struct model *m, struct error *err);
void fold_clear(struct fold *f, const struct model *m);

/* Fill the logits of a part, on every rank; each computes its slice. Returns
 * 0, or -1 with 'err'. */
int fold_judge(struct fold *f, enum split split, struct model *m,
               struct batch *batch, struct error *err);

/* Learn the calibration after an epoch (from 0) whose validation rows are
 * judged. Returns 0, or -1 with 'err'. */
int fold_calibrate(struct fold *f, size_t classes, int64_t epoch,
                   struct error *err);

#endif
