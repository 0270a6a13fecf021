/* hypervolume: see hypervolume.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/math/hypervolume.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int by_first(const void *a, const void *b)
{
    const double *x = a, *y = b;

    if (x[0] != y[0])
        return x[0] < y[0] ? -1 : 1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

/* One or two objectives; sorts the rows. */
static double sweep(double *rows, size_t count, size_t objectives,
                    const double *reference)
{
    double area = 0, lowest = objectives > 1 ? reference[1] : 0;

    if (objectives == 1) {
        double best = reference[0];
        for (size_t i = 0; i < count; i++)
            best = fmin(best, rows[i]);
        return reference[0] - best;
    }
    qsort(rows, count, 2 * sizeof *rows, by_first);
    for (size_t i = 0; i < count; i++)
        if (rows[2 * i + 1] < lowest) {
            area += (reference[0] - rows[2 * i]) * (lowest - rows[2 * i + 1]);
            lowest = rows[2 * i + 1];
        }
    return area;
}

static bool covers(const double *a, const double *b, size_t objectives)
{
    for (size_t o = 0; o < objectives; o++)
        if (a[o] > b[o])
            return false;
    return true;
}

/* Put into 'limited' the later rows, each no better than row 'first' anywhere,
 * without those that another one covers. Returns how many. */
static size_t limit(const double *rows, size_t first, size_t count, size_t m,
                    double *limited)
{
    size_t kept = 0;

    for (size_t i = first + 1; i < count; i++) {
        double *row = limited + kept * m;
        bool covered = false;

        for (size_t o = 0; o < m; o++)
            row[o] = fmax(rows[i * m + o], rows[first * m + o]);
        for (size_t k = 0; k < kept && !covered; k++)
            covered = covers(limited + k * m, row, m);
        for (size_t k = 0; k < kept && !covered;)
            if (covers(row, limited + k * m, m)) {
                memmove(limited + k * m, limited + (k + 1) * m,
                        (kept - k) * m * sizeof *row);
                row = limited + --kept * m;
            } else
                k++;
        kept += !covered;
    }
    return kept;
}

/* The sum of what each row adds to the later ones. */
static double volume(double *rows, size_t count, size_t m,
                     const double *reference)
{
    double sum = 0;

    if (m <= 2)
        return sweep(rows, count, m, reference);
    double *limited = malloc((count * m + 1) * sizeof *limited);
    if (limited == NULL)
        return NAN;
    for (size_t i = 0; i < count; i++) {
        double box = 1;
        for (size_t o = 0; o < m; o++)
            box *= reference[o] - rows[i * m + o];
        size_t kept = limit(rows, i, count, m, limited);
        sum += box - (kept ? volume(limited, kept, m, reference) : 0);
    }
    free(limited);
    return sum;
}

double hypervolume(const double *rows, size_t count, size_t objectives,
                   const double *reference)
{
    size_t m = objectives, kept = 0;
    double *inside = malloc((count * m + 1) * sizeof *inside);

    if (inside == NULL)
        return NAN;
    for (size_t i = 0; i < count; i++) {
        bool below = true;
        for (size_t o = 0; o < m; o++)
            below = below && rows[i * m + o] < reference[o];
        if (below)
            memcpy(inside + kept++ * m, rows + i * m, m * sizeof *inside);
    }
    double result = kept ? volume(inside, kept, m, reference) : 0;
    free(inside);
    return result;
}

int hypervolume_contributions(const double *rows, size_t count,
                              size_t objectives, const double *reference,
                              double *out)
{
    double all = hypervolume(rows, count, objectives, reference);
    double *others = malloc((count * objectives + 1) * sizeof *others);
    bool failed = others == NULL || isnan(all);

    assert(objectives > 0);
    if (others != NULL)
        memcpy(others, rows, count * objectives * sizeof *others);
    for (size_t i = 0; i < count && !failed; i++) {
        double *row = others + i * objectives, kept = row[0];
        row[0] = NAN;
        double without = hypervolume(others, count, objectives, reference);
        row[0] = kept;
        failed = isnan(without);
        out[i] = fmax(0, all - without);
    }
    free(others);
    return failed ? -1 : 0;
}
