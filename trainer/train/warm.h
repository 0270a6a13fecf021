/* warm: begin with what an earlier training found (init_from).
 *
 * Weights, running statistics and embeddings are taken by name from the same
 * fold of the file, else from its fold 0; the optimiser begins anew. A
 * category's rows are found by their values: one that the earlier set did not
 * have keeps its fresh row. A tensor that is not there, or of another shape, is
 * refused, or with init_other: fresh left as it was drawn.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_TRAIN_WARM_H
#define TRAINER_TRAIN_WARM_H

#include "trainer/train/train.h"

/* Take the weights of t->config->init_from into the folds. Returns 0, or -1
 * with 'err'. */
int warm_start(struct training *t, struct error *err);

#endif
