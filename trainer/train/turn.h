/* turn: one fold's part of an epoch, batch by batch: forward, backward, the sum
 * over the ranks, the optimiser.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_TRAIN_TURN_H
#define TRAINER_TRAIN_TURN_H

#include "trainer/train/train.h"

/* Train fold t->turn from t->step to the end of its epoch, or until any rank
 * wants to stop: '*stop'. Returns 0, or -1 with 'err'. */
int turn_train(struct training *t, bool *stop, struct error *err);

#endif
