/* gp: regression by a Gaussian process over unit coordinates.
 *
 * Matérn-5/2 with a length for each axis (Rasmussen & Williams, Gaussian
 * processes for machine learning, MIT Press 2006, 4.2 and 5.4). On an axis of
 * unordered choices two values are equal or a distance of 1 apart; NAN stands
 * for an inactive parameter, equal to itself and 1 from everything else.
 * Sums run in one order on every machine, so results are equal to the bit.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MATH_GP_H
#define SEARCH_MATH_GP_H

#include <stdbool.h>
#include <stddef.h>

enum { GP_BLOCK = 8 };

struct gp {
    const bool *unordered; /* of each axis; borrowed */
    size_t dimension, count;
    double *theta; /* log: amplitude^2, noise^2, a length each axis */
    double *rows;  /* the points */
    double *upper; /* Cholesky factor of the covariance, row by row */
    double *alpha; /* covariance^-1 targets */
    double *block; /* owns the arrays above */
    size_t block_size;
};

#define GP_INIT       \
    {                 \
        .block = NULL \
    }

void gp_clear(struct gp *g);

/* The hyperparameters before any data: 'theta' gets 2 + dimension values. */
void gp_prior(double *theta, size_t dimension);

/* Improve 'theta' towards the highest posterior density for 'count' points
 * (rows of 'dimension') with targets of about mean 0 and deviation 1, each with
 * a known variance beside the common noise. 'steps' of Rprop (Riedmiller &
 * Braun 1993) by the gradient. Returns 0, or -1 when out of memory. */
int gp_learn(double *theta, const bool *unordered, size_t dimension,
             const double *rows, const double *targets, const double *variances,
             size_t count, int steps);

/* Take the data in under fixed hyperparameters, which are copied. Returns 0,
 * or -1 when out of memory. */
int gp_condition(struct gp *g, const double *theta, const bool *unordered,
                 size_t dimension, const double *rows, const double *targets,
                 const double *variances, size_t count);

/* Mean and variance (without noise) of the function at up to GP_BLOCK points.
 * 'scratch' holds GP_BLOCK * count values; it and 'variance' may be NULL for
 * the mean alone, which is far cheaper. */
void gp_predict(const struct gp *g, const double *points, size_t count,
                double *scratch, double *mean, double *variance);

#endif
