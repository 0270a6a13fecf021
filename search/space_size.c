/* space_size: counting a conditional space, and finding its k-th point.
 *
 * Parameters tied by conditions form a component; the count is the product
 * over components. Inside one the count walks the parameters, parents first:
 * the values of a parent fall into runs that meet the same conditions, so one
 * value stands for its run. A parameter nobody depends on is one run.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/parameter.h"
#include "search/space.h"

static const double SIZE_MAX_POINTS = 1e15;
enum { WORK_MAX = 1000000 };

struct counter {
    const struct space *space;
    size_t *component; /* of a parameter: the lowest index in it */
    double **cuts;     /* of a parameter: the first value of each run */
    size_t *cut_count;
    double *x; /* the point so far */
    long work; /* steps left */
};

static void counter_clear(struct counter *c)
{
    for (size_t i = 0; c->cuts != NULL && i < c->space->count; i++)
        free(c->cuts[i]);
    free(c->cuts);
    free(c->cut_count);
    free(c->component);
    free(c->x);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Where a condition on a parameter of 'count' values begins and ceases to
 * hold, as value indices. */
static size_t add_cuts(const struct parameter *p, const struct condition *c,
                       double *cuts)
{
    size_t n = 0;

    for (size_t i = 0; i < c->accepted_count; i++) {
        double k = parameter_index(p, c->accepted[i]);
        cuts[n++] = k;
        cuts[n++] = k + 1;
    }
    if (c->values == NULL) {
        double first = parameter_index(p, c->low);
        double last = parameter_index(p, c->high);
        cuts[n++] = first + (parameter_value(p, first) < c->low);
        cuts[n++] = last + (parameter_value(p, last) <= c->high);
    }
    return n;
}

/* Find the runs of parameter 'i'. Returns 0, or -1 when out of memory. */
static int find_runs(struct counter *c, size_t i)
{
    const struct space *s = c->space;
    double count = parameter_count(&s->parameters[i]);
    size_t room = 1, n = 0, kept = 0;

    if (!isfinite(count))
        return 0;
    for (size_t j = 0; j < s->count; j++)
        for (size_t k = 0; k < s->parameters[j].condition_count; k++)
            if (s->parameters[j].conditions[k].parent == i)
                room += 2 + 2 * s->parameters[j].conditions[k].accepted_count;
    double *cuts = malloc(room * sizeof *cuts);
    if (cuts == NULL)
        return -1;
    cuts[n++] = 0;
    for (size_t j = 0; j < s->count; j++)
        for (size_t k = 0; k < s->parameters[j].condition_count; k++)
            if (s->parameters[j].conditions[k].parent == i)
                n += add_cuts(&s->parameters[i],
                              &s->parameters[j].conditions[k], cuts + n);
    qsort(cuts, n, sizeof *cuts, by_value);
    for (size_t k = 0; k < n; k++)
        if (cuts[k] < count && (kept == 0 || cuts[k] > cuts[kept - 1]))
            cuts[kept++] = cuts[k];
    c->cuts[i] = cuts;
    c->cut_count[i] = kept;
    return 0;
}

/* Join the components of a parameter and its parents, children last, until
 * nothing changes. */
static void find_components(struct counter *c)
{
    const struct space *s = c->space;
    bool changed = true;

    for (size_t i = 0; i < s->count; i++)
        c->component[i] = i;
    while (changed) {
        changed = false;
        for (size_t i = 0; i < s->count; i++)
            for (size_t k = 0; k < s->parameters[i].condition_count; k++) {
                size_t *a = &c->component[i];
                size_t *b =
                    &c->component[s->parameters[i].conditions[k].parent];
                changed = changed || *a != *b;
                *a = *b = *a < *b ? *a : *b;
            }
    }
}

static int counter_init(struct counter *c, const struct space *s)
{
    size_t room = s->count + 1;

    *c = (struct counter){ .space = s, .work = WORK_MAX };
    c->component = malloc(room * sizeof *c->component);
    c->cuts = calloc(room, sizeof *c->cuts);
    c->cut_count = calloc(room, sizeof *c->cut_count);
    c->x = malloc(room * sizeof *c->x);
    if (!c->component || !c->cuts || !c->cut_count || !c->x)
        return -1;
    for (size_t i = 0; i < s->count; i++) {
        if (find_runs(c, i))
            return -1;
        c->x[i] = NAN;
    }
    find_components(c);
    return 0;
}

/* How many values the 'r'-th run of parameter 'i' has. */
static double run_length(const struct counter *c, size_t i, size_t r)
{
    double end = r + 1 < c->cut_count[i]
                     ? c->cuts[i][r + 1]
                     : parameter_count(&c->space->parameters[i]);

    return end - c->cuts[i][r];
}

/* Points of component 'which' over the parameters order[k..], given the
 * values of those before. */
static double count_from(struct counter *c, size_t which, size_t k)
{
    const struct space *s = c->space;

    while (k < s->count && c->component[s->order[k]] != which)
        k++;
    if (k == s->count)
        return 1;
    if (--c->work < 0)
        return INFINITY;
    size_t i = s->order[k];
    double sum = 0;
    if (!space_active(s, i, c->x))
        return count_from(c, which, k + 1);
    if (c->cuts[i] == NULL)
        return INFINITY;
    for (size_t r = 0; r < c->cut_count[i]; r++) {
        c->x[i] = parameter_value(&s->parameters[i], c->cuts[i][r]);
        sum += run_length(c, i, r) * count_from(c, which, k + 1);
    }
    c->x[i] = NAN;
    return sum;
}

double space_size(const struct space *s)
{
    struct counter c;
    double size = INFINITY;

    if (counter_init(&c, s) == 0) {
        size = 1;
        for (size_t i = 0; i < s->count; i++)
            if (c.component[i] == i)
                size *= count_from(&c, i, 0);
    }
    counter_clear(&c);
    return size <= SIZE_MAX_POINTS ? size : INFINITY;
}

/* Choose the values of component 'which' so that it is its 'rank'-th point. */
static void descend(struct counter *c, size_t which, double rank)
{
    const struct space *s = c->space;

    for (size_t k = 0; k < s->count; k++) {
        size_t i = s->order[k], r = 0;
        const struct parameter *p = &s->parameters[i];
        double below;

        if (c->component[i] != which || !space_active(s, i, c->x))
            continue;
        for (;; r++) {
            c->x[i] = parameter_value(p, c->cuts[i][r]);
            c->work = WORK_MAX;
            below = count_from(c, which, k + 1);
            if (rank < run_length(c, i, r) * below)
                break;
            rank -= run_length(c, i, r) * below;
        }
        c->x[i] = parameter_value(p, c->cuts[i][r] + floor(rank / below));
        rank = fmod(rank, below);
    }
}

int space_nth(const struct space *s, double k, double *x)
{
    struct counter c;
    int status = counter_init(&c, s);

    for (size_t i = 0; status == 0 && i < s->count; i++) {
        if (c.component[i] != i)
            continue;
        c.work = WORK_MAX;
        double size = count_from(&c, i, 0);
        descend(&c, i, fmod(k, size));
        k = floor(k / size);
    }
    if (status == 0 && s->count > 0)
        memcpy(x, c.x, s->count * sizeof *x);
    counter_clear(&c);
    return status;
}
