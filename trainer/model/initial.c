/* See initial.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/initial.h"

#include <math.h>
#include <stdlib.h>

const char *const initial_names[] = { "he", "xavier", "orthogonal", "normal",
                                      NULL };

static double deviation(const struct initial_options *o,
                        const struct parameter *p)
{
    double gain = o->gain * p->gain;

    switch (o->scheme) {
    case INITIAL_XAVIER:
        return gain * sqrt(2.0 / (double)(p->fan_in + p->fan_out));
    case INITIAL_NORMAL:
        return gain * 0.05;
    case INITIAL_HE:
    case INITIAL_ORTHOGONAL:
        break;
    }
    return gain * sqrt(2.0 / (double)p->fan_in);
}

/* Vector 'i' of 'count' values that lie 'step' apart. */
struct vectors {
    double *at;
    size_t count, size, to_next, step;
};

static double product(const struct vectors *v, size_t i, size_t j)
{
    double sum = 0;
    size_t k;

    for (k = 0; k < v->size; k++)
        sum += v->at[i * v->to_next + k * v->step] *
               v->at[j * v->to_next + k * v->step];
    return sum;
}

static void take_away(const struct vectors *v, size_t i, double share, size_t j)
{
    size_t k;

    for (k = 0; k < v->size; k++)
        v->at[i * v->to_next + k * v->step] -=
            share * v->at[j * v->to_next + k * v->step];
}

/* Gram and Schmidt's way, each vector twice for the rounding. */
static void make_orthonormal(const struct vectors *v)
{
    size_t i, j, k;
    double length;

    for (i = 0; i < v->count; i++) {
        for (j = 0; j < 2 * i; j++)
            take_away(v, i, product(v, i, j % i), j % i);
        length = sqrt(product(v, i, i));
        for (k = 0; k < v->size; k++)
            v->at[i * v->to_next + k * v->step] /= length;
    }
}

static int draw_orthogonal(double gain, const struct parameter *p,
                           struct random *random, float *out, struct error *err)
{
    size_t rows = p->shape[0], columns = p->count / rows, i;
    double *matrix = calloc(p->count, sizeof *matrix);
    struct vectors lines = { matrix, rows, columns, columns, 1 };
    struct vectors posts = { matrix, columns, rows, 1, columns };

    if (!matrix)
        return error_memory(err);
    for (i = 0; i < p->count; i++)
        matrix[i] = random_normal(random);
    make_orthonormal(rows <= columns ? &lines : &posts);
    for (i = 0; i < p->count; i++)
        out[i] = (float)(gain * sqrt(2) * matrix[i]);
    free(matrix);
    return 0;
}

int initial_draw(const struct initial_options *o, const struct parameter *p,
                 struct random *random, float *out, struct error *err)
{
    double wide = deviation(o, p);
    size_t i;

    if (p->fan_in > 0 && o->scheme == INITIAL_ORTHOGONAL)
        return draw_orthogonal(o->gain * p->gain, p, random, out, err);
    for (i = 0; i < p->count; i++)
        out[i] =
            (float)(p->fan_in > 0 ? wide * random_normal(random) : p->start);
    return 0;
}
