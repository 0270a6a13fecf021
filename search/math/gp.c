/* gp: see gp.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/math/gp.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SQRT5 = 2.2360679774997896964;

/* The prior of the hyperparameters: normal in their logarithms. */
static const double AMPLITUDE_MEAN = 0.0, AMPLITUDE_DEVIATION = 0.7;
static const double NOISE_MEAN = -5.0, NOISE_DEVIATION = 1.5;
static const double LENGTH_DEVIATION = 1.0;
static const double JITTER = 1e-7;

void gp_clear(struct gp *g)
{
    free(g->block);
    *g = (struct gp)GP_INIT;
}

/* More axes, longer lengths: points are further apart (Hvarfner et al., Vanilla
 * Bayesian optimization performs great in high dimensions, ICML 2024). */
static double length_mean(size_t dimension)
{
    return log(0.35 * sqrt((double)dimension + 1));
}

void gp_prior(double *theta, size_t dimension)
{
    theta[0] = AMPLITUDE_MEAN;
    theta[1] = NOISE_MEAN;
    for (size_t k = 0; k < dimension; k++)
        theta[2 + k] = length_mean(dimension);
}

/* ---- the kernel --------------------------------------------------------- */

static double squared(double a, double b, bool unordered)
{
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b) ? 0 : 1;
    if (unordered)
        return a == b ? 0 : 1;
    return (a - b) * (a - b);
}

static double matern(double r2)
{
    double r = SQRT5 * sqrt(r2);

    return (1 + r + r * r / 3) * exp(-r);
}

/* ---- matrices: n x n, row by row ---------------------------------------- */

/* The upper factor in place of the upper triangle of a positive matrix. */
static void factorize(double *a, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double *pivot = a + k * n;
        double root = sqrt(fmax(pivot[k], 1e-12));

        pivot[k] = root;
        for (size_t j = k + 1; j < n; j++)
            pivot[j] /= root;
        for (size_t i = k + 1; i < n; i++) {
            double *row = a + i * n, factor = pivot[i];
            for (size_t j = i; j < n; j++)
                row[j] -= factor * pivot[j];
        }
    }
}

/* Solve U' U x = b in place. */
static void solve(const double *upper, size_t n, double *x)
{
    for (size_t k = 0; k < n; k++) {
        const double *row = upper + k * n;
        x[k] /= row[k];
        for (size_t j = k + 1; j < n; j++)
            x[j] -= row[j] * x[k];
    }
    for (size_t k = n; k-- > 0;) {
        const double *row = upper + k * n;
        double sum = x[k];
        for (size_t j = k + 1; j < n; j++)
            sum -= row[j] * x[j];
        x[k] = sum / row[k];
    }
}

/* The inverse of U, lower triangle of its transpose: 'out' row i holds column
 * i of U^-1' (zero beyond i). */
static void invert_factor(const double *upper, size_t n, double *out)
{
    memset(out, 0, n * n * sizeof *out);
    for (size_t k = 0; k < n; k++)
        out[k * n + k] = 1;
    for (size_t k = 0; k < n; k++) { /* forward: U' out = I */
        const double *row = upper + k * n;
        double *pivot = out + k * n, scale = 1 / row[k];

        for (size_t j = 0; j <= k; j++)
            pivot[j] *= scale;
        for (size_t i = k + 1; i < n; i++) {
            double *target = out + i * n, factor = row[i];
            for (size_t j = 0; j <= k; j++)
                target[j] -= factor * pivot[j];
        }
    }
}

/* ---- learning ----------------------------------------------------------- */

struct learning {
    size_t n, d;
    const double *targets, *variances;
    double *squares; /* of a pair and axis; pairs i < j in order */
    double *k;       /* covariance, then its factor */
    double *inverse; /* of the factor */
    double *w;       /* alpha alpha' - covariance^-1, rows of the upper part */
    double *slope;   /* of a pair: d kernel / d log length, less square */
    double *plain;   /* of a pair: the kernel without noise */
    double *alpha, *gradient, *step, *last;
    double *scale; /* of an axis: 1 / length squared */
};

static void fill_covariance(struct learning *l, const double *theta)
{
    double amplitude = exp(theta[0]), noise = exp(theta[1]) + JITTER;
    size_t pair = 0;

    for (size_t a = 0; a < l->d; a++)
        l->scale[a] = exp(-2 * theta[2 + a]);
    for (size_t i = 0; i < l->n; i++) {
        l->k[i * l->n + i] = amplitude + noise + l->variances[i];
        for (size_t j = i + 1; j < l->n; j++, pair++) {
            const double *square = l->squares + pair * l->d;
            double r2 = 0;
            for (size_t a = 0; a < l->d; a++)
                r2 += square[a] * l->scale[a];
            double r = SQRT5 * sqrt(r2), e = amplitude * exp(-r);
            l->plain[pair] = e * (1 + r + r * r / 3);
            l->slope[pair] = e * (1 + r) * 5 / 3;
            l->k[i * l->n + j] = l->plain[pair];
        }
    }
}

/* w = alpha alpha' - covariance^-1 for i <= j, from the inverse factor. */
static void fill_weights(struct learning *l)
{
    size_t n = l->n;

    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            l->w[i * n + j] = l->alpha[i] * l->alpha[j];
    for (size_t k = 0; k < n; k++) {
        const double *row = l->inverse + k * n;
        for (size_t i = 0; i <= k; i++) {
            double factor = row[i], *target = l->w + i * n;
            for (size_t j = i; j <= k; j++)
                target[j] -= factor * row[j];
        }
    }
}

static double pull(double value, double mean, double deviation)
{
    return -(value - mean) / (deviation * deviation);
}

/* The gradient of the log posterior density at 'theta'. */
static void compute_gradient(struct learning *l, const double *theta)
{
    size_t n = l->n, pair = 0;
    double noise = exp(theta[1]), trace = 0, plain = 0;

    fill_covariance(l, theta);
    factorize(l->k, n);
    memcpy(l->alpha, l->targets, n * sizeof *l->alpha);
    solve(l->k, n, l->alpha);
    invert_factor(l->k, n, l->inverse);
    fill_weights(l);
    memset(l->gradient, 0, (2 + l->d) * sizeof *l->gradient);
    for (size_t i = 0; i < n; i++) {
        trace += l->w[i * n + i];
        for (size_t j = i + 1; j < n; j++, pair++) {
            double w = l->w[i * n + j], weight = w * l->slope[pair];
            const double *square = l->squares + pair * l->d;
            plain += w * l->plain[pair];
            for (size_t a = 0; a < l->d; a++)
                l->gradient[2 + a] += weight * square[a];
        }
    }
    l->gradient[0] = plain + 0.5 * trace * exp(theta[0]) +
                     pull(theta[0], AMPLITUDE_MEAN, AMPLITUDE_DEVIATION);
    l->gradient[1] =
        0.5 * trace * noise + pull(theta[1], NOISE_MEAN, NOISE_DEVIATION);
    for (size_t a = 0; a < l->d; a++)
        l->gradient[2 + a] =
            l->gradient[2 + a] * exp(-2 * theta[2 + a]) +
            pull(theta[2 + a], length_mean(l->d), LENGTH_DEVIATION);
}

static void rprop(struct learning *l, double *theta)
{
    for (size_t i = 0; i < 2 + l->d; i++) {
        double agreement = l->gradient[i] * l->last[i];

        if (agreement > 0)
            l->step[i] = fmin(l->step[i] * 1.3, 1.0);
        else if (agreement < 0)
            l->step[i] *= 0.5;
        if (l->gradient[i] != 0)
            theta[i] += l->gradient[i] > 0 ? l->step[i] : -l->step[i];
        l->last[i] = l->gradient[i];
    }
}

int gp_learn(double *theta, const bool *unordered, size_t dimension,
             const double *rows, const double *targets, const double *variances,
             size_t count, int steps)
{
    size_t n = count, d = dimension, pairs = n * (n - 1) / 2;
    struct learning l = {
        .n = n, .d = d, .targets = targets, .variances = variances
    };
    double *block =
        malloc((pairs * (d + 2) + 3 * n * n + n + 4 * (2 + d)) * sizeof *block);

    if (block == NULL)
        return -1;
    l.squares = block;
    l.slope = l.squares + pairs * d;
    l.plain = l.slope + pairs;
    l.k = l.plain + pairs;
    l.inverse = l.k + n * n;
    l.w = l.inverse + n * n;
    l.alpha = l.w + n * n;
    l.gradient = l.alpha + n;
    l.step = l.gradient + 2 + d;
    l.last = l.step + 2 + d;
    l.scale = l.last + 2 + d;
    for (size_t i = 0, pair = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++, pair++)
            for (size_t a = 0; a < d; a++)
                l.squares[pair * d + a] =
                    squared(rows[i * d + a], rows[j * d + a], unordered[a]);
    for (size_t i = 0; i < 2 + d; i++) {
        l.step[i] = 0.3;
        l.last[i] = 0;
    }
    for (int i = 0; i < steps; i++) {
        compute_gradient(&l, theta);
        rprop(&l, theta);
    }
    free(block);
    return 0;
}

/* ---- prediction --------------------------------------------------------- */

static int reserve(struct gp *g, size_t n, size_t d)
{
    size_t size = 2 + d + n * d + n * n + n;

    if (size > g->block_size) {
        double *grown = realloc(g->block, size * sizeof *grown);
        if (grown == NULL)
            return -1;
        g->block = grown;
        g->block_size = size;
    }
    g->theta = g->block;
    g->rows = g->theta + 2 + d;
    g->upper = g->rows + n * d;
    g->alpha = g->upper + n * n;
    return 0;
}

/* The kernel of two points. */
static double kernel(const struct gp *g, const double *scale, const double *x,
                     const double *y)
{
    double r2 = 0;

    for (size_t a = 0; a < g->dimension; a++)
        r2 += squared(x[a], y[a], g->unordered[a]) * scale[a];
    return matern(r2);
}

int gp_condition(struct gp *g, const double *theta, const bool *unordered,
                 size_t dimension, const double *rows, const double *targets,
                 const double *variances, size_t count)
{
    size_t n = count, d = dimension;
    double scale[d + 1], amplitude = exp(theta[0]);

    if (reserve(g, n, d))
        return -1;
    g->unordered = unordered;
    g->dimension = d;
    g->count = n;
    memcpy(g->theta, theta, (2 + d) * sizeof *theta);
    memcpy(g->rows, rows, n * d * sizeof *rows);
    memcpy(g->alpha, targets, n * sizeof *targets);
    for (size_t a = 0; a < d; a++)
        scale[a] = exp(-2 * theta[2 + a]);
    for (size_t i = 0; i < n; i++) {
        g->upper[i * n + i] = amplitude + exp(theta[1]) + JITTER + variances[i];
        for (size_t j = i + 1; j < n; j++)
            g->upper[i * n + j] =
                amplitude * kernel(g, scale, rows + i * d, rows + j * d);
    }
    factorize(g->upper, n);
    solve(g->upper, n, g->alpha);
    return 0;
}

/* Wider registers where the machine has them; the sums stay the same. */
#if defined(__x86_64__) && defined(__gnu_linux__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

/* Solve U' v = k for GP_BLOCK right-hand sides in place: rows that are solved,
 * ROWS at a time, are taken out of those below, in their order. */
enum { ROWS = 4 };

WIDE static void solve_block(const struct gp *g, double *v)
{
    size_t n = g->count;

    for (size_t k = 0; k < n; k += ROWS) {
        size_t rows = n - k < ROWS ? n - k : ROWS;
        double done[ROWS][GP_BLOCK] = { 0 };
        const double *upper[ROWS];

        for (size_t r = 0; r < ROWS; r++)
            upper[r] = g->upper + (k + (r < rows ? r : 0)) * n;
        for (size_t r = 0; r < rows; r++) {
            for (size_t b = 0; b < GP_BLOCK; b++) {
                double x = v[(k + r) * GP_BLOCK + b];
                for (size_t q = 0; q < r; q++)
                    x -= upper[q][k + r] * done[q][b];
                v[(k + r) * GP_BLOCK + b] = done[r][b] = x / upper[r][k + r];
            }
        }
        for (size_t i = k + rows; i < n; i++)
            for (size_t b = 0; b < GP_BLOCK; b++) {
                double x = v[i * GP_BLOCK + b];
                for (size_t r = 0; r < ROWS; r++)
                    x -= upper[r][i] * done[r][b];
                v[i * GP_BLOCK + b] = x;
            }
    }
}

void gp_predict(const struct gp *g, const double *points, size_t count,
                double *scratch, double *mean, double *variance)
{
    size_t n = g->count, d = g->dimension;
    double scale[d + 1], amplitude = exp(g->theta[0]);

    assert(count <= GP_BLOCK);
    for (size_t a = 0; a < d; a++)
        scale[a] = exp(-2 * g->theta[2 + a]);
    for (size_t b = 0; b < count; b++)
        mean[b] = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t b = 0; b < GP_BLOCK; b++) {
            double k = b < count ? amplitude * kernel(g, scale, points + b * d,
                                                      g->rows + i * d)
                                 : 0;
            if (b < count)
                mean[b] += k * g->alpha[i];
            if (variance != NULL)
                scratch[i * GP_BLOCK + b] = k;
        }
    if (variance == NULL)
        return;
    solve_block(g, scratch);
    for (size_t b = 0; b < count; b++) {
        variance[b] = amplitude;
        for (size_t i = 0; i < n; i++)
            variance[b] -=
                scratch[i * GP_BLOCK + b] * scratch[i * GP_BLOCK + b];
        variance[b] = fmax(variance[b], 1e-12 * amplitude);
    }
}
