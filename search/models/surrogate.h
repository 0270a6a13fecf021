/* surrogate: a Gaussian process over one number of each finished trial: an
 * objective, a constraint.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_SURROGATE_H
#define SEARCH_MODELS_SURROGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "search/math/gp.h"

enum {
    SURROGATE_MAX = 160,   /* rows it takes in */
    SURROGATE_LEARNED = 64 /* the lengths are learned from the first of them */
};

struct surrogate {
    struct gp gp;          /* over the numbers at mean 0 and deviation 1 */
    const bool *unordered; /* of each axis; borrowed */
    size_t dimension, count;
    const double *rows;     /* borrowed */
    double mean, deviation; /* of the numbers */
    bool believes;          /* in rows that 'gp' has yet to take in */
    double *theta, *targets, *noises, *scratch;
    double *block; /* owns the arrays above */
};

/* Returns 0, or -1 when out of memory; clear in any case. */
int surrogate_init(struct surrogate *s, const bool *unordered,
                   size_t dimension);
void surrogate_clear(struct surrogate *s);

/* Random trials before there is anything to learn: a few more than axes. */
int64_t surrogate_startup(size_t dimension);

/* Learn the lengths anew from 'count' (1..SURROGATE_MAX) rows of coordinates
 * and their values, each of which has a variance of its own ('variances' may be
 * NULL: none); what is not finite counts as the worst of the others. Borrows
 * 'rows'. Returns 0, or -1 when out of memory. */
int surrogate_learn(struct surrogate *s, const double *rows,
                    const double *values, const double *variances,
                    size_t count);

/* Take in rows under the lengths learned last. Otherwise the same. */
int surrogate_condition(struct surrogate *s, const double *rows,
                        const double *values, const double *variances,
                        size_t count);

/* The deviation of results at one and the same point, as it was learned. */
double surrogate_noise(const struct surrogate *s);

/* Both, from the same rows. */
int surrogate_fit(struct surrogate *s, const double *rows, const double *values,
                  size_t count);

/* Row 'i', one of those taken in or the next behind them (SURROGATE_MAX at most
 * in all), is to count as known, at what is expected there ("kriging believer",
 * Ginsbourger et al. 2010): once surrogate_settle() takes in all that is
 * believed, which returns 0, or -1 when out of memory. */
void surrogate_believe(struct surrogate *s, size_t i);
int surrogate_settle(struct surrogate *s);

/* Mean and variance at up to GP_BLOCK points. */
void surrogate_predict(const struct surrogate *s, const double *points,
                       size_t count, double *mean, double *variance);

#endif
