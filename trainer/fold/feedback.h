/* feedback: categories that the model does badly on come more often.
 *
 * After each epoch the validation rows of a category give its loss; a category
 * above the mean gets a weight above 1 for the weighted batch sampler. As the
 * next epoch is drawn while this one is trained, what is learned after epoch e
 * applies from epoch e + 2 on.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_FOLD_FEEDBACK_H
#define TRAINER_FOLD_FEEDBACK_H

#include "base/error.h"
#include "trainer/config.h"
#include "trainer/data/dataset.h"

struct part;

/* How a category does on some rows. */
struct category_score {
    size_t rows, positives;       /* judged */
    size_t right, positive_right; /* by the likeliest class */
    size_t trained, trained_positives;
    double loss; /* mean log loss, each class weighing as much as the other,
                    drawn towards that of all rows where there are few */
    double weight;
};

struct feedback {
    size_t field, count;          /* count: categories, 0: there is none */
    struct category_score *score; /* [count] after the last epoch */
    double *now, *next; /* [count] weights of this epoch, and of the next */
    double *learned; /* [count] by a helper, not in use yet (train/helper.h) */
};

/* Start with weights of 1, for batch.by of the configuration when that is a
 * category. Returns 0, or -1 with 'err'; feedback_clear() in any case. */
int feedback_init(struct feedback *f, const struct config *c,
                  const struct dataset *data, const struct part *training,
                  struct error *err);
void feedback_clear(struct feedback *f);

/* 'now' becomes 'next', and that what was 'learned'. */
void feedback_turn(struct feedback *f);

/* Learn from the judged rows: 'now' becomes 'next', which is made anew.
 * Returns 0, or -1 with 'err'. */
int feedback_learn(struct feedback *f, const struct config *c,
                   const struct dataset *data, const struct part *judged,
                   size_t outputs, struct error *err);

#endif
