/* schedule: the share of positives in a batch, epoch by epoch.
 *
 * Training on a rare class may begin with balanced batches (5:5) and go back
 * to the natural ratio, so that the last epochs see the world as it is.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_SCHEDULE_H
#define TRAINER_BATCH_SCHEDULE_H

#include <stdint.h>

enum schedule_kind {
    SCHEDULE_NATURAL,    /* the natural share, always */
    SCHEDULE_LINEAR,     /* a straight line */
    SCHEDULE_COSINE,     /* half a cosine: slow, fast, slow */
    SCHEDULE_STEP,       /* 'start' until the ramp ends */
    SCHEDULE_EXPONENTIAL /* a straight line in the logarithm */
};

/* In the order of the enum, ends with NULL. */
extern const char *const schedule_names[];

struct schedule {
    enum schedule_kind kind;
    double start;        /* share of positives in epoch 0, in (0, 1) */
    int64_t ramp_epochs; /* the first epoch with the natural share, >= 1 */
};

/* The share in 'epoch' (from 0) where 'natural' is that of the data. */
double schedule_share(const struct schedule *s, double natural, int64_t epoch);

#endif
