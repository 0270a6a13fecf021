/* dense: an example's plain numbers, brought to mean 0 and deviation 1.
 *
 * A number field gives two columns, sign(x) ln(1 + |x|) and whether it is
 * missing; a vector its values; with frames FLAT the first frames their values.
 * What is missing becomes the mean.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_DENSE_H
#define TRAINER_BATCH_DENSE_H

#include "base/error.h"
#include "trainer/batch/inputs.h"
#include "trainer/data/dataset.h"

/* Means and one over deviations, learned from training rows. */
struct standard {
    float *mean, *scale; /* [count] */
    size_t count;
};

/* Learn the dense columns, or the values of a frame, from rows of a set.
 * Returns 0 and the caller clears, or -1 with 'err'. Nothing to learn gives
 * count 0. */
int standard_dense(struct standard *s, const struct inputs *in,
                   const struct dataset *data, const uint32_t *row,
                   size_t count, struct error *err);
int standard_frames(struct standard *s, const struct inputs *in,
                    const struct dataset *data, const uint32_t *row,
                    size_t count, struct error *err);

/* Room for 'count' values: means 0, scales 1. */
int standard_init(struct standard *s, size_t count, struct error *err);
void standard_clear(struct standard *s);

/* The dense columns of a row, by the standard 's'. */
void dense_fill(const struct inputs *in, const struct standard *s,
                const struct row *row, float *out);

/* The first 'kept' frames of a row. */
void dense_frames(const struct inputs *in, const struct standard *s,
                  const struct row *row, size_t kept, float *out);

#endif
