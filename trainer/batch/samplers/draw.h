/* draw: one epoch being drawn, and the ways to draw one.
 *
 * Each way is a function that fills 'order' from the strata with the random
 * numbers given, and from nothing else. All need no memory of their own, so
 * that none can fail.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_SAMPLERS_DRAW_H
#define TRAINER_BATCH_SAMPLERS_DRAW_H

#include <stdint.h>

#include "base/random.h"
#include "trainer/batch/samplers/deck.h"
#include "trainer/batch/samplers/strata.h"

struct draw {
    const struct strata *strata; /* for draw_weighted() the lowest bit of a
                                    key tells whether rows are positive */
    const double *weight;        /* [strata]: how much each row of it counts */
    double share;                /* of positives in a batch */
    size_t batch, batches;
    struct random random;
    size_t *cards;     /* [rows] room */
    struct deck *deck; /* [strata + 1] room */
    size_t *turn;      /* [2 * strata] room */
    uint32_t *order;   /* [batches * batch]: the answer, indices of rows */
};

/* Every row at most once, in random order. */
void draw_natural(struct draw *d);

/* In each batch the share of positives, in the mean exactly: whole numbers are
 * drawn by stochastic rounding. Among the positives, and among the negatives,
 * a stratum gets its count times its weight, again exactly in the mean
 * (systematic sampling, Madow 1949). A stratum's rows take turns: a rare class
 * is over-sampled and a frequent one under-sampled, without repeating a row
 * before the others of its stratum came. */
void draw_weighted(struct draw *d);

/* Class-aware sampling (Shen, Lin & Huang 2016, "Relay backpropagation"): the
 * list of strata is gone through in random order, again and again; each time
 * one comes up it gives the next of its rows. */
void draw_class_aware(struct draw *d);

/* Afterwards: exchange rows of equal 'label' between batches until no batch
 * has two rows of one 'group' where that can be had (up to DISTINCT_TRIES
 * places are looked at for each that is one too many). 'stamp' [groups] is
 * zeroed room. Returns how many are left. */
size_t draw_distinct(struct draw *d, const uint32_t *group, const float *label,
                     size_t *stamp);
enum { DISTINCT_TRIES = 1024 };

#endif
