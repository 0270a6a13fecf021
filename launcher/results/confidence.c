/* confidence: see confidence.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/results/confidence.h"

#include <math.h>
#include <stdlib.h>

/* The 95 % points of the normal distribution, and of Student's t with one
 * degree of freedom: none is larger. */
static const double normal_95 = 1.6448536269514722;
static const double student_95 = 6.313751514675043;

static bool takes_part(const struct study *study, const struct store_trial *t)
{
    return study->objective_count == 1 &&
           results_standing(study, t).fault == 0 && isfinite(t->results[0]);
}

static struct measured measure(const struct study *study,
                               const struct store_trial *t)
{
    double folds = study->objectives[0].value == VALUE_MEAN && t->reports > 1
                       ? (double)t->reports
                       : 0;

    return (struct measured){ .number = t->number,
                              .loss = results_loss(study, 0, t->results[0]),
                              .variance = isfinite(t->std)
                                              ? t->std * t->std /
                                                    (folds > 0 ? folds : 1)
                                              : 0,
                              .folds = folds,
                              .deviates = isfinite(t->std) };
}

int confidence_add(struct confidence *c, const struct store_trial *t,
                   struct error *err)
{
    if (!takes_part(c->study, t))
        return 0;
    if (c->count == c->capacity) {
        size_t capacity = 2 * c->capacity + 64;
        struct measured *more = realloc(c->items, capacity * sizeof *more);

        if (!more)
            return error_memory(err);
        c->items = more;
        c->capacity = capacity;
    }
    c->items[c->count] = measure(c->study, t);
    c->most = fmax(c->most, c->items[c->count++].variance);
    return 0;
}

void confidence_clear(struct confidence *c)
{
    free(c->items);
    *c = (struct confidence){ .study = c->study };
}

/* ---- the test --------------------------------------------------------- */

/* The 95 % point of Student's t (Abramowitz and Stegun, 26.7.5): too low by
 * 1.2 % at two degrees of freedom, by less than 0.1 % from four on. */
static double student(double freedom)
{
    double z = normal_95, z2 = z * z;

    if (freedom < 2)
        return student_95;
    return z * (1 + (z2 + 1) / (4 * freedom) +
                ((5 * z2 + 16) * z2 + 3) / (96 * freedom * freedom) +
                (((3 * z2 + 19) * z2 + 17) * z2 - 15) /
                    (384 * freedom * freedom * freedom));
}

/* What one variance adds to Welch's degrees of freedom: nothing where its own
 * are not known. */
static double unfreedom(const struct measured *m)
{
    return m->folds > 1 ? m->variance * m->variance / (m->folds - 1) : 0;
}

/* Whether 'a' is surely better than 'b'. */
static bool is_better(const struct measured *a, const struct measured *b)
{
    double variance = a->variance + b->variance;
    double share = unfreedom(a) + unfreedom(b);
    double quantile =
        share > 0 ? student(variance * variance / share) : normal_95;

    return b->loss - a->loss > quantile * sqrt(variance);
}

/* ---- ranks ------------------------------------------------------------ */

static int by_loss(const void *left, const void *right)
{
    const struct measured *a = left, *b = right;

    if (a->loss != b->loss)
        return a->loss < b->loss ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

bool confidence_ranks(struct confidence *c, const struct standing *s,
                      int64_t *first, int64_t *last)
{
    struct measured wanted = { .number = s->number, .loss = s->loss };
    const struct measured *own;
    size_t better = 0, worse = 0, i;

    if (c->most <= 0)
        return false;
    if (!c->sorted)
        qsort(c->items, c->count, sizeof *c->items, by_loss);
    c->sorted = true;
    own = bsearch(&wanted, c->items, c->count, sizeof *c->items, by_loss);
    if (!own || !own->deviates)
        return false;
    /* beyond this all are surely better, or worse */
    double reach = student_95 * sqrt(own->variance + c->most);

    i = (size_t)(own - c->items);
    for (; i > 0 && own->loss - c->items[i - 1].loss <= reach; i--)
        better += is_better(&c->items[i - 1], own);
    better += i;
    i = (size_t)(own - c->items) + 1;
    for (; i < c->count && c->items[i].loss - own->loss <= reach; i++)
        worse += is_better(own, &c->items[i]);
    worse += c->count - i;
    *first = (int64_t)better + 1;
    *last = (int64_t)(c->count - worse);
    return true;
}
