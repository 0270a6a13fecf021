/* cma: see cma.h. Names of the constants are the tutorial's.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/math/cma.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/eigen.h"
#include "search/math/normal.h"

static const double SIGMA_MAX = 1e32;

/* The scalars at the head of the state. */
enum { SIGMA, GENERATIONS, SCALARS };

/* What follows from dimension and population size. */
struct constants {
    size_t mu;
    double mu_eff, c1, cmu, cc, cs, ds, chi;
    double positive, negative; /* factors of raw weights */
};

/* --- memory -------------------------------------------------------------- */

int cma_init(struct cma *c, size_t dimension, bool diagonal)
{
    size_t d = dimension, matrix = diagonal ? d : d * d;

    assert(d > 0);
    *c = (struct cma){ .dimension = d, .diagonal = diagonal };
    c->state_size = SCALARS + 5 * d + 2 * matrix;
    c->state = calloc(c->state_size + (diagonal ? 0 : d * d) + 3 * d,
                      sizeof *c->state);
    if (c->state == NULL)
        return -1;
    c->mean = c->state + SCALARS;
    c->stretch = c->mean + d;
    c->path_sigma = c->stretch + d;
    c->path_c = c->path_sigma + d;
    c->deviation = c->path_c + d;
    c->c = c->deviation + d;
    c->axes = c->c + matrix;
    c->work = c->state + c->state_size;
    return 0;
}

void cma_clear(struct cma *c)
{
    free(c->state);
    *c = (struct cma)CMA_INIT;
}

void cma_copy(struct cma *to, const struct cma *from)
{
    assert(to->state_size == from->state_size);
    memcpy(to->state, from->state, from->state_size * sizeof *from->state);
}

static double variance(const struct cma *c, size_t axis)
{
    return c->c[c->diagonal ? axis : axis * (c->dimension + 1)];
}

void cma_start(struct cma *c, const double *mean, double sigma)
{
    size_t d = c->dimension;

    memset(c->state, 0, c->state_size * sizeof *c->state);
    memcpy(c->mean, mean, d * sizeof *mean);
    c->state[SIGMA] = sigma;
    for (size_t i = 0; i < d; i++) {
        c->stretch[i] = c->deviation[i] = 1;
        c->c[c->diagonal ? i : i * (d + 1)] = 1;
        c->axes[c->diagonal ? i : i * (d + 1)] = 1;
    }
}

/* --- constants ----------------------------------------------------------- */

size_t cma_population(size_t dimension)
{
    return 4 + (size_t)floor(1.5 * log((double)dimension));
}

static double raw_weight(size_t count, size_t rank)
{
    return log(((double)count + 1) / 2) - log((double)rank + 1);
}

/* (sum w)^2 / sum w^2 over ranks first..last - 1, and their sum. */
static double effective(size_t count, size_t first, size_t last, double *sum)
{
    double squares = 0;

    *sum = 0;
    for (size_t i = first; i < last; i++) {
        *sum += raw_weight(count, i);
        squares += raw_weight(count, i) * raw_weight(count, i);
    }
    return squares > 0 ? *sum * *sum / squares : 0;
}

static struct constants constants_of(const struct cma *c, size_t count)
{
    double d = (double)c->dimension, sum, sum_negative;
    struct constants k = { .mu = count / 2 };

    k.mu_eff = effective(count, 0, k.mu, &sum);
    double minus = effective(count, k.mu, count, &sum_negative);
    k.c1 = 2 / ((d + 1.3) * (d + 1.3) + k.mu_eff);
    k.cmu = fmin(1 - k.c1 - 1e-8, 2 * (k.mu_eff - 2 + 1 / k.mu_eff) /
                                      ((d + 2) * (d + 2) + k.mu_eff));
    if (c->diagonal) {
        k.c1 = fmin(k.c1 * (d + 2) / 3, 0.5);
        k.cmu = fmin(k.cmu * (d + 2) / 3, 1 - k.c1 - 1e-8);
    }
    double most = fmin(
        1 + 2 * minus / (k.mu_eff + 2),
        k.cmu > 0 ? fmin(1 + k.c1 / k.cmu, (1 - k.c1 - k.cmu) / (d * k.cmu))
                  : INFINITY);
    k.positive = sum > 0 ? 1 / sum : 0;
    k.negative = sum_negative < 0 ? -most / sum_negative : 0;
    k.cs = (k.mu_eff + 2) / (d + k.mu_eff + 5);
    k.ds = 1 + 2 * fmax(0, sqrt((k.mu_eff - 1) / (d + 1)) - 1) + k.cs;
    k.cc = (4 + k.mu_eff / d) / (d + 4 + 2 * k.mu_eff / d);
    k.chi = sqrt(d) * (1 - 1 / (4 * d) + 1 / (21 * d * d));
    return k;
}

static double weight_of(const struct constants *k, size_t count, size_t rank)
{
    double raw = raw_weight(count, rank);

    return raw * (raw >= 0 ? k->positive : k->negative);
}

/* --- points ------------------------------------------------------------ */

/* out = C^-1/2 y */
static void whiten(const struct cma *c, const double *y, double *out)
{
    size_t d = c->dimension;

    if (c->diagonal) {
        for (size_t i = 0; i < d; i++)
            out[i] = y[i] / c->deviation[i];
        return;
    }
    memset(out, 0, d * sizeof *out);
    for (size_t k = 0; k < d; k++) {
        double along = 0;
        for (size_t i = 0; i < d; i++)
            along += c->axes[i * d + k] * y[i];
        for (size_t i = 0; i < d; i++)
            out[i] += c->axes[i * d + k] * along / c->deviation[k];
    }
}

static double norm(const double *v, size_t d)
{
    double sum = 0;

    for (size_t i = 0; i < d; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

void cma_sample(struct cma *c, struct random *random, double *x)
{
    size_t d = c->dimension;

    memset(x, 0, d * sizeof *x);
    for (size_t k = 0; k < d; k++) {
        double z = c->deviation[k] * random_normal(random);
        if (c->diagonal)
            x[k] = z;
        for (size_t i = 0; i < d && !c->diagonal; i++)
            x[i] += c->axes[i * d + k] * z;
    }
    for (size_t i = 0; i < d; i++)
        x[i] = c->mean[i] + c->state[SIGMA] * c->stretch[i] * x[i];
}

/* The y of a point. */
static void standardize(const struct cma *c, const double *x, double *y)
{
    for (size_t i = 0; i < c->dimension; i++)
        y[i] = (x[i] - c->mean[i]) / (c->state[SIGMA] * c->stretch[i]);
}

void cma_inject(struct cma *c, double *x)
{
    double d = (double)c->dimension, longest = sqrt(d) + 2 * d / (d + 2);
    double *y = c->work, *white = y + c->dimension;

    standardize(c, x, y);
    whiten(c, y, white);
    double length = norm(white, c->dimension);
    for (size_t i = 0; length > longest && i < c->dimension; i++)
        x[i] = c->mean[i] + (x[i] - c->mean[i]) * longest / length;
}

/* --- learning ------------------------------------------------------------ */

/* C += factor y y' */
static void add_outer(struct cma *c, double factor, const double *y)
{
    size_t d = c->dimension;

    for (size_t i = 0; i < d; i++)
        for (size_t j = c->diagonal ? i : 0; j < (c->diagonal ? i + 1 : d); j++)
            c->c[c->diagonal ? i : i * d + j] += factor * y[i] * y[j];
}

/* Find C's axes; a variance that rounding made negative is lifted. */
static void decompose(struct cma *c)
{
    size_t d = c->dimension;

    if (c->diagonal)
        memcpy(c->deviation, c->c, d * sizeof *c->c);
    else {
        memcpy(c->work, c->c, d * d * sizeof *c->c);
        eigen_symmetric(c->work, d, c->deviation, c->axes);
    }
    for (size_t i = 0; i < d; i++) {
        double lifted = fmax(c->deviation[i], 1e-16);
        if (c->diagonal)
            c->c[i] = lifted;
        c->deviation[i] = sqrt(lifted);
    }
}

/* Move both paths by the weighted mean step; returns whether C's path stands
 * still because sigma is about to grow (h_sigma = 0). */
static bool move_paths(struct cma *c, const struct constants *k,
                       const double *step, double *white)
{
    size_t d = c->dimension;
    double age = c->state[GENERATIONS] + 1;

    whiten(c, step, white);
    for (size_t i = 0; i < d; i++)
        c->path_sigma[i] = (1 - k->cs) * c->path_sigma[i] +
                           sqrt(k->cs * (2 - k->cs) * k->mu_eff) * white[i];
    double length = norm(c->path_sigma, d);
    bool still = length / sqrt(1 - pow(1 - k->cs, 2 * age)) >=
                 (1.4 + 2 / ((double)d + 1)) * k->chi;
    for (size_t i = 0; i < d; i++)
        c->path_c[i] =
            (1 - k->cc) * c->path_c[i] +
            (still ? 0 : sqrt(k->cc * (2 - k->cc) * k->mu_eff) * step[i]);
    return still;
}

/* Forget some of C, learn from its path and from each point's step. */
static void adapt(struct cma *c, const struct constants *k,
                  const double *points, size_t count, bool still)
{
    size_t d = c->dimension;
    double *y = c->work, *white = y + d, sum = 0;

    for (size_t n = 0; n < count; n++)
        sum += weight_of(k, count, n);
    double kept =
        1 - k->c1 - k->cmu * sum + (still ? k->c1 * k->cc * (2 - k->cc) : 0);
    for (size_t i = 0; i < (c->diagonal ? d : d * d); i++)
        c->c[i] *= kept;
    add_outer(c, k->c1, c->path_c);
    for (size_t n = 0; n < count; n++) {
        double w = weight_of(k, count, n);

        standardize(c, points + n * d, y);
        whiten(c, y, white);
        double length = norm(white, d);
        if (w < 0)
            w *= (double)d / (length * length + 1e-8);
        add_outer(c, k->cmu * w, y);
    }
}

void cma_tell(struct cma *c, const double *points, size_t count)
{
    struct constants k = constants_of(c, count);
    size_t d = c->dimension;
    double *y = c->work, *white = y + d, *step = white + d;

    assert(count >= 2);
    c->state[GENERATIONS]++;
    memset(step, 0, d * sizeof *step);
    for (size_t n = 0; n < k.mu; n++) {
        standardize(c, points + n * d, y);
        for (size_t i = 0; i < d; i++)
            step[i] += weight_of(&k, count, n) * y[i];
    }
    bool still = move_paths(c, &k, step, white);
    adapt(c, &k, points, count, still);
    for (size_t i = 0; i < d; i++)
        c->mean[i] += c->state[SIGMA] * c->stretch[i] * step[i];
    c->state[SIGMA] *= exp(k.cs / k.ds * (norm(c->path_sigma, d) / k.chi - 1));
    c->state[SIGMA] = fmin(c->state[SIGMA], SIGMA_MAX);
    decompose(c);
}

/* --- margin -------------------------------------------------------------- */

/* Equations 12 to 20 of the paper. At an end of the range the mean is moved;
 * between two cells mean and deviation are, so that both sides get at least
 * half the margin. */
void cma_margin(struct cma *c, size_t axis, double low, double high,
                double margin)
{
    double deviation = cma_deviation(c, axis), *mean = &c->mean[axis];
    double far = -normal_quantile(fmin(margin, 0.5)) * deviation;

    if (isinf(low) || isinf(high)) {
        if (isfinite(high))
            *mean = fmax(*mean, high - far);
        if (isfinite(low))
            *mean = fmin(*mean, low + far);
        return;
    }
    double below = normal_cdf((low - *mean) / deviation);
    double above = normal_cdf((*mean - high) / deviation);
    double less = fmax(below, margin / 2), more = fmax(above, margin / 2);
    if (less == below && more == above)
        return;
    double between = 1 - below - above, excess = 1 - less - more - between;
    double room = less + more + between - 3 * margin / 2;
    less += excess / room * (less - margin / 2);
    more += excess / room * (more - margin / 2);
    double left = -normal_quantile(less), right = -normal_quantile(more);
    c->stretch[axis] *= (high - low) / (deviation * (left + right));
    *mean = (low * right + high * left) / (left + right);
}

double cma_deviation(const struct cma *c, size_t axis)
{
    return c->state[SIGMA] * c->stretch[axis] * sqrt(variance(c, axis));
}

double cma_sigma(const struct cma *c)
{
    return c->state[SIGMA];
}

double cma_condition(const struct cma *c)
{
    double longest = 0, shortest = INFINITY;

    for (size_t i = 0; i < c->dimension; i++) {
        longest = fmax(longest, c->deviation[i]);
        shortest = fmin(shortest, c->deviation[i]);
    }
    return longest / shortest * (longest / shortest);
}
