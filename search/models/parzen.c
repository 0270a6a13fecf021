/* parzen: see parzen.h.
 *
 * The density is asked for a few dozen points against hundreds of kernels, so
 * whatever does not depend on the point is folded into one number a kernel, and
 * the arrays are laid out axis by axis for the compiler to vectorise.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/parzen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/normal.h"

enum { LANES = 8 };

/* Up to so many points each kernel has a width of its own. */
enum { FEW = 32 };

/* Scott's factor for a normal density. */
static const double SCOTT = 1.059;

/* The deviation of the prior's kernel: nearly flat over 0..1. */
static const double PRIOR_DEVIATION = 1;

void parzen_clear(struct parzen *p)
{
    free(p->block);
    free(p->cdf);
    *p = (struct parzen)PARZEN_INIT;
}

/* --- the normal cdf, from a table: an error of 1e-5 does not matter here --- */

enum { CDF_REACH = 8, CDF_PER_UNIT = 64 };

static int make_table(struct parzen *p)
{
    const int nodes = 2 * CDF_REACH * CDF_PER_UNIT + 2;

    if (p->cdf != NULL)
        return 0;
    p->cdf = malloc((size_t)nodes * sizeof *p->cdf);
    if (p->cdf == NULL)
        return -1;
    for (int i = 0; i < nodes; i++)
        p->cdf[i] = normal_cdf((double)i / CDF_PER_UNIT - CDF_REACH);
    return 0;
}

static double fast_cdf(const struct parzen *p, double z)
{
    double inside = z < -CDF_REACH ? -CDF_REACH : z > CDF_REACH ? CDF_REACH : z;
    double place = (inside + CDF_REACH) * CDF_PER_UNIT;
    size_t i = (size_t)place;

    return p->cdf[i] + (place - (double)i) * (p->cdf[i + 1] - p->cdf[i]);
}

/* --- fitting ------------------------------------------------------------- */

/* Lay the arrays out for 'count' kernels of 'dimension' axes. */
static int reserve(struct parzen *p, size_t count, size_t dimension)
{
    size_t stride = (count + LANES - 1) / LANES * LANES;
    size_t size = (3 * dimension + 3) * stride + dimension;

    if (size > p->block_size) {
        double *grown = realloc(p->block, size * sizeof *grown);
        if (grown == NULL)
            return -1;
        p->block = grown;
        p->block_size = size;
    }
    memset(p->block, 0, size * sizeof *p->block);
    p->count = count;
    p->stride = stride;
    p->dimension = dimension;
    p->mean = p->block;
    p->deviation = p->mean + dimension * stride;
    p->curvature = p->deviation + dimension * stride;
    p->offset = p->curvature + dimension * stride;
    p->scratch = p->offset + stride;
    p->weight = p->scratch + stride;
    p->same = p->weight + stride;
    return 0;
}

/* The deviation of the kernels of many points: Scott's rule for their spread,
 * but never so narrow that the kernels of points on top of each other miss all
 * that lies beside them. */
static void fit_common_width(const double *points, size_t n, size_t dimension,
                             double *deviation)
{
    double sum = 0, squares = 0;

    for (size_t k = 0; k < n; k++)
        sum += points[k];
    double mean = sum / (double)n;
    for (size_t k = 0; k < n; k++)
        squares += (points[k] - mean) * (points[k] - mean);
    double spread = sqrt(squares / (double)n);
    double width =
        SCOTT * spread * pow((double)n, -1.0 / (double)(dimension + 4));
    for (size_t k = 0; k < n; k++)
        deviation[k] = fmax(width, 1 / fmin(100, (double)n + 2));
}

/* Of few points each kernel reaches to the farther one of its neighbours
 * (Bergstra et al. 2011), with the least width of Optuna ("magic clip"). */
static void fit_own_widths(const double *points, size_t n, double *deviation)
{
    size_t order[FEW];
    double least = 1 / fmin(100, (double)n + 2);

    for (size_t k = 0; k < n; k++) {
        size_t at = k;
        for (; at > 0 && points[k] < points[order[at - 1]]; at--)
            order[at] = order[at - 1];
        order[at] = k;
    }
    for (size_t at = 0; at < n; at++) {
        double here = points[order[at]];
        double left = at > 0 ? here - points[order[at - 1]] : 0;
        double right = at + 1 < n ? points[order[at + 1]] - here : 0;
        deviation[order[at]] = fmax(fmax(left, right), least);
    }
    if (n == 1)
        deviation[0] = fmax(points[0], 1 - points[0]);
}

/* Make the kernels of a numeric axis; p->scratch takes up their normalisers. */
static void fit_numeric(struct parzen *p, size_t axis)
{
    double *mean = p->mean + axis * p->stride;
    double *deviation = p->deviation + axis * p->stride;
    double *curvature = p->curvature + axis * p->stride;
    size_t prior = p->count - 1;

    if (prior > FEW)
        fit_common_width(mean, prior, p->dimension, deviation);
    else
        fit_own_widths(mean, prior, deviation);
    mean[prior] = 0.5;
    for (size_t k = 0; k < p->count; k++) {
        double d = k == prior ? PRIOR_DEVIATION
                              : fmax(deviation[k], p->axes[axis].narrowest);
        double mass =
            fast_cdf(p, (1 - mean[k]) / d) - fast_cdf(p, -mean[k] / d);

        deviation[k] = d;
        curvature[k] = -0.5 / (d * d);
        p->scratch[k] += log(d * mass);
    }
}

/* The same for unordered choices: of kernels + choices counts, a kernel's own
 * choice has kernels + 1, each other has 1. The prior has no own one (-1). */
static void fit_choices(struct parzen *p, size_t axis)
{
    double choices = (double)p->axes[axis].choices, kernels = (double)p->count;

    p->same[axis] = log(kernels + 1);
    for (size_t k = 0; k + 1 < p->count; k++)
        p->scratch[k] += log(kernels + choices);
    p->mean[axis * p->stride + p->count - 1] = -1;
    p->scratch[p->count - 1] += log(choices);
}

static void fit_weights(struct parzen *p, const double *weights)
{
    size_t points = p->count - 1;
    double sum = 1;

    for (size_t k = 0; k < points; k++)
        sum += weights ? weights[k] : 1;
    for (size_t k = 0; k < p->count; k++)
        p->weight[k] = (weights && k < points ? weights[k] : 1) / sum;
}

int parzen_fit(struct parzen *p, const struct parzen_axis *axes,
               size_t dimension, const double *rows, const double *weights,
               size_t count)
{
    if (make_table(p) || reserve(p, count + 1, dimension))
        return -1;
    p->axes = axes;
    fit_weights(p, weights);
    for (size_t axis = 0; axis < dimension; axis++) {
        for (size_t k = 0; k < count; k++)
            p->mean[axis * p->stride + k] = rows[k * dimension + axis];
        if (axes[axis].choices > 0)
            fit_choices(p, axis);
        else
            fit_numeric(p, axis);
    }
    /* numeric kernels without their 1 / sqrt(2 pi) so far */
    double numeric = 0;
    for (size_t axis = 0; axis < dimension; axis++)
        numeric += axes[axis].choices == 0;
    double constant = 0.5 * numeric * log(2 * M_PI);
    for (size_t k = 0; k < p->count; k++)
        p->offset[k] = log(p->weight[k]) - p->scratch[k] - constant;
    return 0;
}

/* --- using --------------------------------------------------------------- */

static double sample_choice(const struct parzen *p, size_t axis, double own,
                            struct random *random)
{
    double choices = (double)p->axes[axis].choices, kernels = (double)p->count;
    double u = random_uniform(random) * (own < 0 ? choices : kernels + choices);

    return u < choices ? floor(u) : own;
}

static size_t draw_kernel(const struct parzen *p, struct random *random)
{
    double u = random_uniform(random);
    size_t k = 0;

    while (k + 1 < p->count && u >= p->weight[k])
        u -= p->weight[k++];
    return k;
}

void parzen_sample(const struct parzen *p, struct random *random, double *x)
{
    size_t k = draw_kernel(p, random);

    for (size_t axis = 0; axis < p->dimension; axis++) {
        double mean = p->mean[axis * p->stride + k];
        double deviation = p->deviation[axis * p->stride + k];

        x[axis] = p->axes[axis].choices > 0
                      ? sample_choice(p, axis, mean, random)
                      : normal_truncated(random_uniform(random), mean,
                                         deviation, 0, 1);
    }
}

double parzen_log_density(const struct parzen *p, const double *x)
{
    double *sum = p->scratch;

    memcpy(sum, p->offset, p->stride * sizeof *sum);
    for (size_t axis = 0; axis < p->dimension; axis++) {
        const double *mean = p->mean + axis * p->stride;
        const double *curvature = p->curvature + axis * p->stride;
        double at = x[axis], same = p->same[axis];

        if (p->axes[axis].choices > 0) {
            for (size_t k = 0; k < p->stride; k++)
                sum[k] += mean[k] == at ? same : 0;
            continue;
        }
        for (size_t k = 0; k < p->stride; k += LANES)
            for (size_t j = k; j < k + LANES; j++)
                sum[j] += curvature[j] * (at - mean[j]) * (at - mean[j]);
    }
    return log_sum_exp(sum, p->count);
}
