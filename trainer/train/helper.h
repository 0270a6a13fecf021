/* helper: what the team and its helper hand each other: the weights after an
 * epoch there, what they are worth back.
 *
 * With 'helpers: 1' the last rank, on a processor whatever the others have, holds
 * the same data and judges each epoch (serve.h) while the team trains the next.
 * At the end of an epoch the team takes the answer about the one before, if need
 * be waits for it, so what follows from it does not depend on who was faster.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_TRAIN_HELPER_H
#define TRAINER_TRAIN_HELPER_H

#include "trainer/train/train.h"

enum { HELPER_FOLDS = 16 };

struct helper_order {
    int64_t epoch; /* to be judged; 0: there are no more */
    double best;   /* so far */
    int64_t steps[HELPER_FOLDS];
    struct report report; /* what the team knows of this epoch */
};

/* In memory followed by the categories' weights of each fold. */
struct helper_answer {
    double best;
    struct report report;
};

struct helper {
    struct helper_order order;
    float *weights; /* of all folds */
    size_t weights_bytes;
    struct helper_answer *answer;
    size_t answer_bytes;
    bool owed;  /* an answer about order.epoch is to come */
    bool heard; /* it is here: helper_hear() has said so */
};

/* Room for both. NULL with 'err' when memory is out; NULL may be destroyed. */
struct helper *helper_create(const struct training *t, struct error *err);
void helper_destroy(struct helper *h);

/* --- the team's part: rank 0 talks, all ranks make the same calls ------------- */

/* Have the weights of this epoch judged, of which 'known' is known. */
void helper_ask(struct training *t, const struct report *known);

/* Let the talk move on. True on rank 0 once, when the answer has come:
 * t->helper->answer is to be read. Not collective. */
bool helper_hear(struct training *t);

/* Take the answer that is owed, if any: t->report, t->best, and the categories'
 * weights as 'learned' (fold/feedback.h). */
void helper_take(struct training *t);

/* Tell the helper that there is nothing more to do. */
void helper_dismiss(struct training *t);

/* --- the helper's part -------------------------------------------------------- */

/* Wait for the next order and bring its weights into the folds. Returns whether
 * there was one. */
bool helper_await(struct training *t);

/* Answer with t->report, t->best and what was learned about categories. */
void helper_answer(struct training *t);

#endif
