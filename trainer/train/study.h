/* study: what a training tells its study, if it has one, and whoever watches; and
 * whether it is to stop.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_TRAIN_STUDY_H
#define TRAINER_TRAIN_STUDY_H

#include "trainer/train/train.h"

/* Put the last report, t->report, to the study and wait a little for its decision,
 * so that the next epoch is not begun in vain. */
void study_send(struct training *t);

/* One line about 'r' to stdout, by rank 0. */
void study_print(const struct training *t, const struct report *r);

/* What the helper found is told as soon as it is here, and counts from the end of
 * the epoch on. Nobody waits for the study's decision meanwhile. */
void study_tell_answer(struct training *t);

/* Whether this rank has a reason to stop: a signal, or the study's word. */
bool study_wants_stop(const struct training *t);

/* All ranks together: whether any wants to stop; why, the same on all. */
bool study_agree_to_stop(struct training *t);
enum train_end study_reason_to_stop(struct training *t);

#endif
