/* place: where a training is, saved to its folder and found again.
 *
 * checkpoint.safetensors is the last state, best.safetensors the weights of
 * the epoch with the highest val.pr_auc.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_TRAIN_PLACE_H
#define TRAINER_TRAIN_PLACE_H

#include "trainer/train/train.h"

/* Write the state to go on from. Returns 0, or -1 with 'err'. */
int place_save(struct training *t, struct error *err);

/* Write the weights as the best so far. */
int place_save_best(struct training *t, struct error *err);

/* As train_resume(). */
int place_load(struct training *t, struct error *err);

#endif
