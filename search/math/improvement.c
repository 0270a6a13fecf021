/* improvement: see improvement.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/math/improvement.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/normal.h"

void improvement_clear(struct improvement *v)
{
    free(v->boxes);
    *v = (struct improvement)IMPROVEMENT_INIT;
}

static int add_box(struct improvement *v, const struct improvement_box *box)
{
    if (v->count == v->capacity) {
        size_t capacity = 2 * v->capacity + 16;
        struct improvement_box *grown =
            realloc(v->boxes, capacity * sizeof *grown);
        if (grown == NULL)
            return -1;
        v->boxes = grown;
        v->capacity = capacity;
    }
    v->boxes[v->count++] = *box;
    return 0;
}

static int by_loss(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (x[0] > y[0]) - (x[0] < y[0]);
}

static int by_last(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (x[2] > y[2]) - (x[2] < y[2]);
}

/* The strips below a staircase of two losses, 'box' saying what holds in the
 * third. 'rows' are sorted by the first loss, 'stride' apart; of three losses
 * only rows whose third is at most 'last_used' take part. */
static int add_strips(struct improvement *v, const double *rows, size_t count,
                      size_t stride, double last_used, const double *reference,
                      struct improvement_box box)
{
    double height = reference[1];

    box.low[1] = -INFINITY;
    box.low[0] = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        const double *row = rows + i * stride;

        if ((stride > 2 && row[2] > last_used) || row[1] >= height)
            continue;
        box.high[0] = row[0];
        box.high[1] = height;
        if (box.high[0] > box.low[0] && add_box(v, &box))
            return -1;
        box.low[0] = row[0];
        height = row[1];
    }
    box.high[0] = reference[0];
    box.high[1] = height;
    return add_box(v, &box);
}

/* Three objectives: between two levels of the third, those rows count that
 * reached the lower level. 'levels' are the same rows sorted by the third. */
static int add_slabs(struct improvement *v, const double *rows,
                     const double *levels, size_t count,
                     const double *reference)
{
    struct improvement_box box = { .low = { 0 } };
    double low = -INFINITY;

    for (size_t i = 0; i <= count; i++) {
        double high = i < count ? levels[3 * i + 2] : reference[2];

        if (!(high > low))
            continue;
        box.low[2] = low;
        box.high[2] = high;
        if (add_strips(v, rows, count, 3, low, reference, box))
            return -1;
        low = high;
    }
    return 0;
}

static int cut(struct improvement *v, double *rows, double *levels,
               size_t count, const double *reference)
{
    struct improvement_box box = { .low = { -INFINITY } };
    size_t m = v->objectives;

    qsort(rows, count, m * sizeof *rows, by_loss);
    if (m == 1) {
        box.high[0] = count ? rows[0] : reference[0];
        return add_box(v, &box);
    }
    if (m == 2)
        return add_strips(v, rows, count, 2, 0, reference, box);
    memcpy(levels, rows, count * m * sizeof *rows);
    qsort(levels, count, m * sizeof *rows, by_last);
    return add_slabs(v, rows, levels, count, reference);
}

int improvement_fit(struct improvement *v, const double *rows, size_t count,
                    size_t objectives, const double *reference)
{
    size_t m = objectives, kept = 0;
    double *inside = malloc((2 * count * m + 1) * sizeof *inside);

    assert(m >= 1 && m <= IMPROVEMENT_OBJECTIVES);
    if (inside == NULL)
        return -1;
    v->objectives = m;
    v->count = 0;
    for (size_t i = 0; i < count; i++) {
        bool below = true;
        for (size_t o = 0; o < m; o++)
            below = below && rows[i * m + o] < reference[o];
        if (below)
            memcpy(inside + kept++ * m, rows + i * m, m * sizeof *inside);
    }
    int status = cut(v, inside, inside + count * m, kept, reference);
    free(inside);
    return status;
}

/* E[max(0, t - Y)] for a normal Y. */
static double expected_below(double t, double mean, double deviation)
{
    double z = (t - mean) / deviation;

    if (isinf(t))
        return 0; /* only as the lower end of a box */
    return deviation * normal_excess(z);
}

double improvement_expected(const struct improvement *v, const double *mean,
                            const double *deviation)
{
    double sum = 0;

    for (size_t i = 0; i < v->count; i++) {
        double product = 1;
        for (size_t o = 0; o < v->objectives && product > 0; o++)
            product *=
                expected_below(v->boxes[i].high[o], mean[o], deviation[o]) -
                expected_below(v->boxes[i].low[o], mean[o], deviation[o]);
        sum += fmax(product, 0);
    }
    return sum;
}
