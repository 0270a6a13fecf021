/* sampler: which examples make the batches of an epoch, and in which order.
 *
 * An epoch has as many batches as the rows fill (the rest waits for another
 * shuffle). With the natural share every row comes at most once. With another
 * share, each batch has batch x share positives in the mean, exactly: whole
 * numbers drawn by stochastic rounding; positives are repeated in new orders
 * as often as it takes, negatives are left out (chosen anew each epoch).
 * All of it follows from (seed, stream, epoch): a resumed epoch is the same.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_SAMPLER_H
#define TRAINER_BATCH_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "trainer/batch/schedule.h"

struct sampler {
    struct schedule schedule;
    uint64_t seed, stream;
    size_t batch, batches; /* rows of a batch, batches of an epoch */
    size_t *class_rows[2]; /* negatives, positives */
    size_t class_count[2];
    size_t *scratch; /* a shuffled copy: all rows, or one class */
    uint32_t *order; /* [batches * batch] of the present epoch */
};

/* Take 'count' >= 1 rows and their labels (0 or 1; both copied). A batch is at
 * most all of them. Returns 0 and the caller clears, or -1 with 'err'. */
int sampler_init(struct sampler *s, const struct schedule *schedule,
                 const uint32_t *row, const float *label, size_t count,
                 size_t batch, uint64_t seed, uint64_t stream,
                 struct error *err);
void sampler_clear(struct sampler *s);

/* The share of positives among the rows, and in a batch of 'epoch'. */
double sampler_natural(const struct sampler *s);
double sampler_share(const struct sampler *s, int64_t epoch);

/* Draw the order of 'epoch' (from 0). */
void sampler_start(struct sampler *s, int64_t epoch);

/* The rows of batch 'i' of the present epoch, s->batch of them. Borrowed until
 * the next sampler_start(). */
const uint32_t *sampler_batch(const struct sampler *s, size_t i);

#endif
