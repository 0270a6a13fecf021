/* surrogate: a Gaussian process over one number of each finished trial: an
 * objective, a constraint.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_SURROGATE_H
#define SEARCH_MODELS_SURROGATE_H

#include <stdbool.h>
#include <stddef.h>

#include "search/math/gp.h"

enum { SURROGATE_MAX = 160 }; /* trials it takes in */

struct surrogate {
    struct gp gp;
    const bool *unordered; /* of each axis; borrowed */
    size_t dimension, count;
    const double *rows;     /* borrowed */
    double mean, deviation; /* of the numbers */
    double *theta, *targets, *noise, *scratch;
    double *block; /* owns the arrays above */
};

/* Returns 0, or -1 when out of memory; clear in any case. */
int surrogate_init(struct surrogate *s, const bool *unordered,
                   size_t dimension);
void surrogate_clear(struct surrogate *s);

/* Learn from 'count' (1..SURROGATE_MAX) rows of coordinates and their values;
 * what is not finite counts as the worst of the others. Borrows 'rows'.
 * Returns 0, or -1 when out of memory. */
int surrogate_fit(struct surrogate *s, const double *rows, const double *values,
                  size_t count);

/* Take in 'more' further rows, which follow those learned from, at what is
 * expected there ("kriging believer", Ginsbourger et al. 2010); their number
 * and those before are at most SURROGATE_MAX. Returns 0, or -1. */
int surrogate_believe(struct surrogate *s, size_t more);

/* Mean and variance at up to GP_BLOCK points. */
void surrogate_predict(const struct surrogate *s, const double *points,
                       size_t count, double *mean, double *variance);

#endif
