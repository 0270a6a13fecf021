/* parzen: a mixture of product kernels over points in unit coordinates.
 *
 * One kernel an observation and a broad one for the prior. A numeric axis has
 * a normal kernel truncated to 0..1; an axis of unordered choices a kernel
 * that leaves some probability for the others (Aitchison & Aitken 1976). All
 * axes are multiplied, so the mixture knows how they depend on each other. Of up
 * to 32 points it is the estimator of Optuna 5.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_PARZEN_H
#define SEARCH_MODELS_PARZEN_H

#include <stddef.h>

#include "base/random.h"

struct parzen_axis {
    size_t choices;   /* unordered choices; 0: a numeric axis */
    double narrowest; /* the least deviation of a numeric kernel */
};

/* Kernel k of axis a is at [a * stride + k]. */
struct parzen {
    const struct parzen_axis *axes; /* borrowed */
    size_t dimension;
    size_t count, stride; /* kernels, the prior's last; rounded up */
    double *mean;         /* unit coordinates or choices */
    double *deviation;    /* of numeric axes */
    double *curvature;    /* -1 / (2 deviation^2) */
    double *offset;       /* of each kernel: log(weight / normalisers) */
    double *scratch;      /* of each kernel */
    double *same;         /* of each axis: log(own choice / another one) */
    double *weight;       /* of each kernel, of 1 in all */
    double *cdf;          /* the normal cdf as a table */
    double *block;        /* owns the arrays above, but not 'cdf' */
    size_t block_size;
};

#define PARZEN_INIT   \
    {                 \
        .block = NULL \
    }

/* Free what 'p' owns; it is empty again. */
void parzen_clear(struct parzen *p);

/* Fit to 'count' points, rows of 'dimension' coordinates: 0..1, or the index
 * of a choice. The prior weighs 1, each point its entry in 'weights', 1 where
 * that is NULL. Borrows 'axes'. Returns 0, or -1 when out of memory. */
int parzen_fit(struct parzen *p, const struct parzen_axis *axes,
               size_t dimension, const double *rows, const double *weights,
               size_t count);

/* Draw a point into 'x'. */
void parzen_sample(const struct parzen *p, struct random *random, double *x);

/* log(density) at 'x'. */
double parzen_log_density(const struct parzen *p, const double *x);

#endif
