/* surrogate: see surrogate.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/surrogate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { LEARNED_MAX = 64, LEARN_STEPS = 14 };

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
    s->noise = s->targets + SURROGATE_MAX;
    s->scratch = s->noise + SURROGATE_MAX;
    return 0;
}

void surrogate_clear(struct surrogate *s)
{
    gp_clear(&s->gp);
    free(s->block);
}

/* The targets: the values at mean 0 and deviation 1. */
static void standardize(struct surrogate *s, const double *values)
{
    double worst = -INFINITY, sum = 0, squares = 0;

    for (size_t i = 0; i < s->count; i++)
        worst = isfinite(values[i]) ? fmax(worst, values[i]) : worst;
    for (size_t i = 0; i < s->count; i++) {
        s->targets[i] = isfinite(values[i]) ? values[i]
                        : isfinite(worst)   ? worst
                                            : 0;
        sum += s->targets[i] / (double)s->count;
    }
    for (size_t i = 0; i < s->count; i++)
        squares += (s->targets[i] - sum) * (s->targets[i] - sum);
    s->mean = sum;
    s->deviation = sqrt(squares / (double)s->count);
    if (!(s->deviation > 0))
        s->deviation = 1;
    for (size_t i = 0; i < s->count; i++)
        s->targets[i] = (s->targets[i] - sum) / s->deviation;
}

static int condition(struct surrogate *s)
{
    return gp_condition(&s->gp, s->theta, s->unordered, s->dimension, s->rows,
                        s->targets, s->noise, s->count);
}

int surrogate_fit(struct surrogate *s, const double *rows, const double *values,
                  size_t count)
{
    size_t learned = count < LEARNED_MAX ? count : LEARNED_MAX;

    assert(count > 0 && count <= SURROGATE_MAX);
    s->rows = rows;
    s->count = count;
    standardize(s, values);
    gp_prior(s->theta, s->dimension);
    if (gp_learn(s->theta, s->unordered, s->dimension, rows, s->targets,
                 s->noise, learned, LEARN_STEPS))
        return -1;
    return condition(s);
}

int surrogate_believe(struct surrogate *s, size_t more)
{
    double variance;

    assert(s->count + more <= SURROGATE_MAX);
    for (size_t i = s->count; i < s->count + more; i++)
        gp_predict(&s->gp, s->rows + i * s->dimension, 1, s->scratch,
                   &s->targets[i], &variance);
    s->count += more;
    return more ? condition(s) : 0;
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
