/* statistics: what must be known of the training rows to make a batch.
 *
 * Belongs to a fold's weights: a model is used with the statistics it was
 * trained with.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_STATISTICS_H
#define TRAINER_BATCH_STATISTICS_H

#include "trainer/batch/dense.h"
#include "trainer/batch/ngram.h"

struct statistics {
    float *idf; /* one value a text bucket, or NULL: not weighed by it */
    size_t idf_count;
    struct standard dense, frames;
};

/* Learn them from rows of a set. Returns 0, or -1 with 'err';
 * statistics_clear() in any case. */
int statistics_learn(struct statistics *s, const struct inputs *in,
                     const struct ngram_options *ngram,
                     const struct dataset *data, const uint32_t *row,
                     size_t count, struct error *err);

/* Room for them, to be read from a file. */
int statistics_init(struct statistics *s, const struct inputs *in,
                    const struct ngram_options *ngram, struct error *err);
void statistics_clear(struct statistics *s);

#endif
