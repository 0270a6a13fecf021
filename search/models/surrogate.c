/* surrogate: see surrogate.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/surrogate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { LEARN_STEPS = 14 };

int surrogate_init(struct surrogate *s, const bool *unordered, size_t dimension)
{
    *s = (struct surrogate){ .gp = GP_INIT,
                             .unordered = unordered,
                             .dimension = dimension };
    s->block = calloc(2 + dimension + (size_t)SURROGATE_MAX * (2 + GP_BLOCK),
                      sizeof *s->block);
    if (s->block == NULL)
        return -1;
    s->theta = s->block;
    s->targets = s->theta + 2 + dimension;
    s->noises = s->targets + SURROGATE_MAX;
    s->scratch = s->noises + SURROGATE_MAX;
    return 0;
}

void surrogate_clear(struct surrogate *s)
{
    gp_clear(&s->gp);
    free(s->block);
}

int64_t surrogate_startup(size_t dimension)
{
    return dimension < 9 ? (int64_t)dimension + 3 : 12;
}

/* Values to mean 0 and deviation 1. */
static void standardize(struct surrogate *s, const double *values,
                        const double *variances)
{
    double worst = -INFINITY, sum = 0, squares = 0, n = (double)s->count;

    for (size_t i = 0; i < s->count; i++)
        worst = isfinite(values[i]) ? fmax(worst, values[i]) : worst;
    for (size_t i = 0; i < s->count; i++) {
        s->targets[i] = isfinite(values[i]) ? values[i]
                        : isfinite(worst)   ? worst
                                            : 0;
        sum += s->targets[i];
    }
    s->mean = sum / n;
    for (size_t i = 0; i < s->count; i++)
        squares += (s->targets[i] - s->mean) * (s->targets[i] - s->mean);
    s->deviation = sqrt(squares / n);
    if (!(s->deviation > 0))
        s->deviation = 1;
    for (size_t i = 0; i < s->count; i++) {
        s->targets[i] = (s->targets[i] - s->mean) / s->deviation;
        s->noises[i] =
            variances ? variances[i] / (s->deviation * s->deviation) : 0;
    }
}

static void take(struct surrogate *s, const double *rows, const double *values,
                 const double *variances, size_t count)
{
    assert(count > 0 && count <= SURROGATE_MAX);
    s->rows = rows;
    s->count = count;
    s->believes = false;
    standardize(s, values, variances);
}

static int learn(struct surrogate *s)
{
    size_t count = s->count < SURROGATE_LEARNED ? s->count : SURROGATE_LEARNED;

    gp_prior(s->theta, s->dimension);
    return gp_learn(s->theta, s->unordered, s->dimension, s->rows, s->targets,
                    s->noises, count, LEARN_STEPS);
}

static int condition(struct surrogate *s)
{
    return gp_condition(&s->gp, s->theta, s->unordered, s->dimension, s->rows,
                        s->targets, s->noises, s->count);
}

int surrogate_learn(struct surrogate *s, const double *rows,
                    const double *values, const double *variances, size_t count)
{
    take(s, rows, values, variances, count);
    return learn(s);
}

int surrogate_condition(struct surrogate *s, const double *rows,
                        const double *values, const double *variances,
                        size_t count)
{
    take(s, rows, values, variances, count);
    return condition(s);
}

double surrogate_noise(const struct surrogate *s)
{
    return s->deviation * exp(s->theta[1] / 2);
}

int surrogate_fit(struct surrogate *s, const double *rows, const double *values,
                  size_t count)
{
    take(s, rows, values, NULL, count);
    return learn(s) ? -1 : condition(s);
}

void surrogate_believe(struct surrogate *s, size_t i)
{
    assert(i <= s->count && i < SURROGATE_MAX);
    gp_predict(&s->gp, s->rows + i * s->dimension, 1, NULL, &s->targets[i],
               NULL);
    s->noises[i] = 0;
    s->count += i == s->count;
    s->believes = true;
}

int surrogate_settle(struct surrogate *s)
{
    return s->believes ? condition(s) : 0;
}

void surrogate_predict(const struct surrogate *s, const double *points,
                       size_t count, double *mean, double *variance)
{
    gp_predict(&s->gp, points, count, s->scratch, mean, variance);
    for (size_t i = 0; i < count; i++) {
        mean[i] = s->mean + s->deviation * mean[i];
        variance[i] *= s->deviation * s->deviation;
    }
}
