/* best: what is kept of the best epoch.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_TRAIN_BEST_H
#define TRAINER_TRAIN_BEST_H

#include "trainer/train/train.h"

/* Where t->report is better than t->best: put that down, write the weights and how
 * each category does into the folder. Returns 0, or -1 with 'err'. */
int best_keep(struct training *t, struct error *err);

#endif
