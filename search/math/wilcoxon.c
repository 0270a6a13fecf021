/* wilcoxon: see wilcoxon.h. Ranks are kept doubled, so that averages of ties
 * are whole numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/math/wilcoxon.h"

#include <math.h>
#include <stdlib.h>

#include "search/math/normal.h"

/* Doubled ranks: of all, their sum at most. */
enum { SUM_MAX = WILCOXON_EXACT_MAX * (WILCOXON_EXACT_MAX + 1) };

static int by_magnitude(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);

    return (x > y) - (x < y);
}

/* How many from 'first' on have the same magnitude. */
static size_t run_length(const double *sorted, size_t first, size_t count)
{
    size_t last = first + 1;

    while (last < count && fabs(sorted[last]) == fabs(sorted[first]))
        last++;
    return last - first;
}

/* P(sum of the ranks with plus >= 'above') when every sign of the differences
 * that are not zero is as likely; 'above' counts half of the zeros' ranks
 * already taken out. 'ranks' are doubled. */
static double exact_tail(const size_t *ranks, size_t count, size_t above)
{
    double ways[SUM_MAX + 1] = { 1 }, tail = 0;
    size_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t s = sum + 1; s-- > 0;)
            ways[s + ranks[i]] += ways[s];
        sum += ranks[i];
    }
    for (size_t s = above; s <= sum; s++)
        tail += ways[s];
    return ldexp(tail, -(int)count);
}

/* The doubled sum of ranks above zero, and the ranks of what is not zero. */
static double sum_ranks(const double *sorted, size_t count, size_t *ranks,
                        size_t *zeros, double *ties)
{
    double above = 0;

    *zeros = 0;
    *ties = 0;
    for (size_t i = 0, run; i < count; i += run) {
        run = run_length(sorted, i, count);
        size_t rank = 2 * i + run + 1;
        double length = (double)run;

        *ties += length * (length * length - 1);
        for (size_t k = i; k < i + run; k++) {
            ranks[k] = rank;
            above += sorted[k] > 0 ? (double)rank : 0;
        }
        if (sorted[i] == 0)
            *zeros = run;
    }
    return above;
}

double wilcoxon_above(const double *differences, size_t count)
{
    double *sorted = malloc((count + 1) * sizeof *sorted), p = NAN, ties;
    size_t *ranks = malloc((count + 1) * sizeof *ranks), zeros;

    if (count == 0 || !sorted || !ranks)
        goto out;
    for (size_t i = 0; i < count; i++)
        sorted[i] = differences[i];
    qsort(sorted, count, sizeof *sorted, by_magnitude);
    double above = sum_ranks(sorted, count, ranks, &zeros, &ties);
    if (count <= WILCOXON_EXACT_MAX) {
        p = exact_tail(ranks + zeros, count - zeros, (size_t)above);
        goto out;
    }
    double n = (double)count;
    double split = above / 2 + (double)zeros * (double)(zeros + 1) / 4;
    double variance = (n * (n + 1) * (2 * n + 1) - ties / 2) / 24;
    p = variance > 0 ? normal_cdf((n * (n + 1) / 4 - split) / sqrt(variance))
                     : 0.5;
out:
    free(sorted);
    free(ranks);
    return p;
}
