/* See initial.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/initial.h"

#include <math.h>
#include <stdbool.h>
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

static double product(const double *a, const double *b, size_t size)
{
    double sum = 0;
    size_t k;

    for (k = 0; k < size; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Take from 'a' what lies in the direction of 'b', which has length 1. */
static void take_away(double *a, const double *b, size_t size)
{
    double share = product(a, b, size);
    size_t k;

    for (k = 0; k < size; k++)
        a[k] -= share * b[k];
}

/* Gram and Schmidt's way, each line twice for the rounding. */
static void make_orthonormal(double *matrix, size_t lines, size_t size)
{
    double *line = matrix, length;
    size_t i, j, k;

    for (i = 0; i < lines; i++, line += size) {
        for (j = 0; j < 2 * i; j++)
            take_away(line, matrix + j % i * size, size);
        length = sqrt(product(line, line, size));
        for (k = 0; k < size; k++)
            line[k] /= length;
    }
}

static int draw_orthogonal(double gain, const struct parameter *p,
                           struct random *random, float *out, struct error *err)
{
    size_t rows = p->shape[0], columns = p->count / rows, i, k;
    bool wide = rows <= columns; /* lines are rows, else columns */
    size_t lines = wide ? rows : columns, size = wide ? columns : rows;
    double *matrix = calloc(lines * size, sizeof *matrix);

    if (!matrix)
        return error_memory(err);
    for (i = 0; i < lines * size; i++)
        matrix[i] = random_normal(random);
    make_orthonormal(matrix, lines, size);
    for (i = 0; i < lines; i++)
        for (k = 0; k < size; k++)
            out[wide ? i * size + k : k * lines + i] =
                (float)(gain * sqrt(2) * matrix[i * size + k]);
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
