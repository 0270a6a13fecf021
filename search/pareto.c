/* pareto: see pareto.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/pareto.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static double or_worst(double loss)
{
    return isnan(loss) ? INFINITY : loss;
}

bool pareto_dominates(const double *a, const double *b, size_t objectives)
{
    bool better = false;

    for (size_t o = 0; o < objectives; o++) {
        double x = or_worst(a[o]), y = or_worst(b[o]);
        if (x > y)
            return false;
        better = better || x < y;
    }
    return better;
}

/* --- fronts -------------------------------------------------------------- */

/* A row in a sort: by all its losses, the first one first. */
struct row {
    const double *losses;
    size_t objectives, index;
};

static int by_losses(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    for (size_t o = 0; o < x->objectives; o++) {
        double u = or_worst(x->losses[o]), v = or_worst(y->losses[o]);
        if (u != v)
            return u < v ? -1 : 1;
    }
    return x->index < y->index ? -1 : 1;
}

/* The rows met so far: each front's last one, and the one before each. Only
 * an earlier row can dominate a later one. */
struct fronts {
    const struct row *rows;
    size_t *last, *before; /* places in 'rows', NONE at the end of a chain */
    size_t count;
};
static const size_t NONE = SIZE_MAX;

/* Whether a row of front 'f' dominates 'row'. Of two objectives the last one
 * has the least second loss, so it alone decides. */
static bool front_dominates(const struct fronts *s, size_t f,
                            const struct row *row)
{
    for (size_t at = s->last[f]; at != NONE; at = s->before[at]) {
        if (pareto_dominates(s->rows[at].losses, row->losses, row->objectives))
            return true;
        if (row->objectives <= 2)
            return false;
    }
    return false;
}

/* The first front that does not dominate row 'at': by bisection, for a row
 * that a front dominates is dominated by all before it. */
static size_t place(struct fronts *s, size_t at)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (front_dominates(s, middle, &s->rows[at]))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == s->count)
        s->last[s->count++] = NONE;
    s->before[at] = s->last[low];
    s->last[low] = at;
    return low;
}

int pareto_fronts(const double *losses, size_t count, size_t objectives,
                  size_t *front)
{
    struct row *rows = calloc(count + 1, sizeof *rows);
    size_t *chains = calloc(2 * count + 1, sizeof *chains);
    int status = -1;

    if (rows == NULL || chains == NULL)
        goto out;
    struct fronts s = { .rows = rows,
                        .last = chains,
                        .before = chains + count };
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct row){ losses + i * objectives, objectives, i };
    qsort(rows, count, sizeof *rows, by_losses);
    for (size_t i = 0; i < count; i++)
        front[rows[i].index] = place(&s, i);
    status = 0;
out:
    free(rows);
    free(chains);
    return status;
}

/* --- crowding ------------------------------------------------------------ */

struct item {
    double loss;
    size_t at;
};

static int by_loss(const void *a, const void *b)
{
    const struct item *x = a, *y = b;

    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

int pareto_crowding(const double *losses, size_t objectives,
                    const size_t *members, size_t count, double *crowding)
{
    struct item *items = calloc(count + 1, sizeof *items);

    if (items == NULL)
        return -1;
    for (size_t k = 0; k < count; k++)
        crowding[k] = 0;
    for (size_t o = 0; o < objectives && count > 0; o++) {
        for (size_t k = 0; k < count; k++)
            items[k] =
                (struct item){ or_worst(losses[members[k] * objectives + o]),
                               k };
        qsort(items, count, sizeof *items, by_loss);
        double range = items[count - 1].loss - items[0].loss;
        crowding[items[0].at] = crowding[items[count - 1].at] = INFINITY;
        for (size_t k = 1; k + 1 < count && isfinite(range) && range > 0; k++)
            crowding[items[k].at] +=
                (items[k + 1].loss - items[k - 1].loss) / range;
    }
    free(items);
    return 0;
}
