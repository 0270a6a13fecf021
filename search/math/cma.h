/* cma: the normal distribution that covariance matrix adaptation moves.
 *
 * Hansen, The CMA evolution strategy: a tutorial, 2016 (arXiv 1604.00772), with
 * negative weights; for whole numbers the margin of Hamano et al., CMA-ES with
 * margin, GECCO 2022: no value of an axis ever becomes too unlikely. In many
 * dimensions only the axes' own variances are adapted (Ros & Hansen, A simple
 * modification in CMA-ES achieving linear time and space complexity, 2008).
 * A point is x = mean + sigma * stretch * y with y of covariance C; 'stretch'
 * is 1 but where the margin widened an axis.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MATH_CMA_H
#define SEARCH_MATH_CMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/random.h"

struct cma {
    size_t dimension;
    bool diagonal; /* C and its axes are the axes' own variances */
    double *mean, *stretch, *path_sigma, *path_c;
    double *c;                /* C: dimension^2, or dimension if diagonal */
    double *axes, *deviation; /* C = axes diag(deviation^2) axes' */
    double *work;             /* dimension^2 + 3 dimension */
    double *state; /* sigma, generations; then all above but 'work' */
    size_t state_size;
};

#define CMA_INIT      \
    {                 \
        .state = NULL \
    }

/* Make room for a distribution in 'dimension' axes, at least 1; free it.
 * Returns 0, or -1 when out of memory. */
int cma_init(struct cma *c, size_t dimension, bool diagonal);
void cma_clear(struct cma *c);

/* Start anew: C = 1, no path. */
void cma_start(struct cma *c, const double *mean, double sigma);

/* Make 'to' like 'from'; both of the same dimension. */
void cma_copy(struct cma *to, const struct cma *from);

/* The population size for a dimension: 4 + 3 / 2 log(dimension). The tutorial
 * has 3 log(dimension); a training costs too much for so few generations. */
size_t cma_population(size_t dimension);

/* Draw a point. */
void cma_sample(struct cma *c, struct random *random, double *x);

/* Learn from one generation: 'count' (2 or more) points, best first, rows of
 * 'dimension'. */
void cma_tell(struct cma *c, const double *points, size_t count);

/* Shorten 'x' - mean, in place, to what a point drawn from here might have:
 * for points that came from elsewhere (Hansen, Injecting external solutions
 * into CMA-ES, 2011). */
void cma_inject(struct cma *c, double *x);

/* See to it that 'axis' leaves the cell low..high of its mean with probability
 * 'margin' or more; low or high is infinite at the end of the range. */
void cma_margin(struct cma *c, size_t axis, double low, double high,
                double margin);

/* The deviation of one axis; sigma; the ratio of C's longest axis to its
 * shortest, squared. */
double cma_deviation(const struct cma *c, size_t axis);
double cma_sigma(const struct cma *c);
double cma_condition(const struct cma *c);

#endif
