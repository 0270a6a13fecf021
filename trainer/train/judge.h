/* judge: what an epoch was worth, as a report.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_TRAIN_JUDGE_H
#define TRAINER_TRAIN_JUDGE_H

#include "trainer/train/train.h"

/* Begin t->report for step t->epoch with what the training itself tells:
 * train.loss, train.twins, model.parameters, samples_per_s. Returns 0, or -1 with
 * 'err'. */
int judge_training(struct training *t, struct error *err);

/* Judge every fold on its validation rows, and on the test rows if there are any,
 * for the rest of t->report: val.<metric> (with folds the mean, .std, and
 * .fold<k> for pr_auc and roc_auc), test.<metric> (with folds of the mean of their
 * probabilities). What categories and calibrations learn from it is in the folds
 * then. Returns 0, or -1 with 'err'. */
int judge_rows(struct training *t, struct error *err);

#endif
