/* importance: see importance.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/importance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/normal.h"
#include "search/parameter.h"

enum { CELLS = 50, CELLS_MAX = 64 };
static const double TINY = 1e-12;

/* An ended trial. */
struct ranked {
    double loss;
    const double *x;
};

/* How a parameter lies on its grid. */
struct axis {
    const struct parameter *parameter;
    size_t index, cells;
};

/* How often each cell was hit, and how a hit there spreads: row i of 'kernel'
 * is the density of a trial in cell i. */
struct smoothing {
    double counts[CELLS_MAX];
    double kernel[CELLS_MAX][CELLS_MAX];
    double prior[CELLS_MAX];
};

/* ---- the grid ----------------------------------------------------------- */

static struct axis axis_of(const struct space *s, size_t index)
{
    const struct parameter *p = &s->parameters[index];
    double most = CELLS, count = parameter_count(p);

    if (p->kind == PARAMETER_CATEGORICAL)
        most = CELLS_MAX;
    else if (p->kind == PARAMETER_INT && p->log)
        count = ceil(log2(p->high - p->low + 1)) + 1;
    return (struct axis){ p, index, (size_t)fmin(most, count) };
}

/* Choices beyond the most that have a cell of their own share the last. */
static size_t cell_of(const struct axis *a, double v)
{
    const struct parameter *p = a->parameter;
    double u;

    if (a->cells < 2)
        return 0;
    if (p->kind == PARAMETER_CATEGORICAL)
        return v < (double)a->cells ? (size_t)v : a->cells - 1;
    u = p->log ? log(v / p->low) / log(p->high / p->low)
               : (v - p->low) / (p->high - p->low);
    u = ceil(u * (double)(a->cells - 1) - 0.5);
    return (size_t)fmax(0, fmin(u, (double)(a->cells - 1)));
}

/* ---- densities ---------------------------------------------------------- */

/* The first cell by which 'sum' trials are counted; 'beyond': more than. */
static size_t cell_at(const double *counts, size_t cells, double sum,
                      bool beyond)
{
    double seen = 0;
    size_t last = 0;

    for (size_t i = 0; i < cells; i++) {
        if (counts[i] == 0)
            continue;
        last = i;
        seen += counts[i];
        if (beyond ? seen > sum : seen >= sum)
            return i;
    }
    return last;
}

/* Scott's rule on the smaller of deviation and interquartile range; not so
 * narrow that a kernel falls between two cells. */
static double width_of(const double *counts, size_t cells)
{
    double n = 0, sum = 0, squares = 0;

    for (size_t i = 0; i < cells; i++) {
        n += counts[i];
        sum += counts[i] * (double)i;
    }
    for (size_t i = 0; i < cells; i++)
        squares += counts[i] * pow((double)i - sum / n, 2);
    double range = (double)cell_at(counts, cells, floor(n * 3 / 4), true) -
                   (double)cell_at(counts, cells, floor(n / 4), false);
    double spread = fmin(range / 1.34, sqrt(squares / fmax(1, n - 1)));

    return fmax(1.059 * spread * pow(n, -0.2), 0.5 / 1.64);
}

/* A normal density cut off at the ends of the grid. */
static void fill_normal(double *row, size_t cells, double mean, double width)
{
    double below = normal_cdf((-0.5 - mean) / width);
    double whole = normal_cdf(((double)cells - 0.5 - mean) / width) - below;

    for (size_t i = 0; i < cells; i++) {
        double above = normal_cdf(((double)i + 0.5 - mean) / width);
        row[i] = (above - below) / whole;
        below = above;
    }
}

static void fill_choices(struct smoothing *s, size_t cells)
{
    double kernels = 1, even;

    for (size_t i = 0; i < cells; i++)
        kernels += s->counts[i] > 0 ? 1 : 0;
    even = 1 / kernels / (1 + (double)cells / kernels);
    for (size_t i = 0; i < cells; i++) {
        for (size_t j = 0; j < cells; j++)
            s->kernel[i][j] = even;
        s->kernel[i][i] += 1 / (1 + (double)cells / kernels);
        s->prior[i] = 1 / (double)cells;
    }
}

/* The kernels for the counts that are there. */
static void fill_kernels(struct smoothing *s, const struct axis *a)
{
    if (a->parameter->kind == PARAMETER_CATEGORICAL) {
        fill_choices(s, a->cells);
        return;
    }
    double width = width_of(s->counts, a->cells);

    for (size_t i = 0; i < a->cells; i++)
        if (s->counts[i] > 0)
            fill_normal(s->kernel[i], a->cells, (double)i, width);
    fill_normal(s->prior, a->cells, ((double)a->cells - 1) / 2,
                (double)a->cells);
}

static void count_cells(struct smoothing *s, const struct axis *a,
                        const struct ranked *trials, size_t count)
{
    memset(s->counts, 0, sizeof s->counts);
    for (size_t i = 0; i < count; i++)
        s->counts[cell_of(a, trials[i].x[a->index])]++;
    fill_kernels(s, a);
}

/* The density of one parameter. */
static void density_of(const struct smoothing *s, size_t cells, size_t trials,
                       double *density)
{
    double weight = 1 / ((double)trials + 1);

    for (size_t j = 0; j < cells; j++)
        density[j] = s->prior[j] * weight + TINY;
    for (size_t i = 0; i < cells; i++)
        for (size_t j = 0; s->counts[i] > 0 && j < cells; j++)
            density[j] += s->counts[i] * weight * s->kernel[i][j];
}

/* The joint density of two, kernels multiplied; 'density' is cells x cells. */
static void joint_density_of(const struct smoothing *s, const struct axis *a,
                             const struct ranked *trials, size_t count,
                             double *density)
{
    double half[CELLS_MAX][CELLS_MAX] = { { 0 } };
    double weight = 1 / ((double)count + 1);
    size_t rows = a[0].cells, columns = a[1].cells;

    for (size_t t = 0; t < count; t++) {
        size_t i = cell_of(&a[0], trials[t].x[a[0].index]);
        const double *spread =
            s[1].kernel[cell_of(&a[1], trials[t].x[a[1].index])];
        for (size_t j = 0; j < columns; j++)
            half[i][j] += weight * spread[j];
    }
    for (size_t k = 0; k < rows; k++)
        for (size_t j = 0; j < columns; j++)
            density[k * columns + j] =
                weight * s[0].prior[k] * s[1].prior[j] + TINY;
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; s[0].counts[i] > 0 && k < rows; k++)
            for (size_t j = 0; j < columns; j++)
                density[k * columns + j] += s[0].kernel[i][k] * half[i][j];
}

/* Pearson's divergence of 'top' from 'all'. */
static double divergence(const double *top, const double *all, size_t cells)
{
    double sum = 0;

    for (size_t i = 0; i < cells; i++)
        sum += all[i] * pow(top[i] / all[i] - 1, 2);
    return sum;
}

/* ---- trials ------------------------------------------------------------- */

static int by_loss(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    return 0;
}

/* The trials that have ended with a value, best first. */
static size_t rank(struct ranked *ranked, const struct history *h)
{
    size_t count = 0;

    for (size_t i = 0; i < h->count; i++) {
        const struct trial *t = &h->trials[i];
        double loss = t->state == TRIAL_COMPLETE ? t->losses[0]
                      : t->state == TRIAL_PRUNED ? trial_best_loss(t, INT64_MAX)
                                                 : NAN;
        if (!isnan(loss))
            ranked[count++] = (struct ranked){ loss, t->x };
    }
    qsort(ranked, count, sizeof *ranked, by_loss);
    return count;
}

/* Those that have all of these parameters. */
static size_t keep_active(const struct ranked *ranked, size_t count,
                          const struct axis *axes, size_t axis_count,
                          struct ranked *out)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        bool active = true;
        for (size_t a = 0; a < axis_count; a++)
            active = active && !isnan(ranked[i].x[axes[a].index]);
        if (active)
            out[kept++] = ranked[i];
    }
    return kept;
}

/* How many are among the best 'share', equal ones with them. */
static size_t count_top(const struct ranked *ranked, size_t count, double share)
{
    size_t top = (size_t)ceil(share * (double)count);

    while (top > 0 && top < count && ranked[top].loss == ranked[top - 1].loss)
        top++;
    return top;
}

/* ---- importance --------------------------------------------------------- */

/* What is worked in: all of the trials, those that are active, two grids. */
struct work {
    struct ranked *ranked, *active;
    size_t count;
    double share;
    struct smoothing top[2], all[2];
    double top_density[CELLS_MAX * CELLS_MAX],
        all_density[CELLS_MAX * CELLS_MAX];
};

/* The divergence of one or two parameters jointly, in the part of the trials
 * that have them. */
static double judge(struct work *w, const struct axis *axes, size_t count,
                    size_t *active)
{
    size_t cells = axes[0].cells, top;

    *active = keep_active(w->ranked, w->count, axes, count, w->active);
    top = count_top(w->active, *active, w->share);
    if (top < 2 || top == *active)
        return 0;
    for (size_t a = 0; a < count; a++) {
        count_cells(&w->top[a], &axes[a], w->active, top);
        count_cells(&w->all[a], &axes[a], w->active, *active);
    }
    if (count == 1) {
        density_of(w->top, cells, top, w->top_density);
        density_of(w->all, cells, *active, w->all_density);
    } else {
        cells *= axes[1].cells;
        joint_density_of(w->top, axes, w->active, top, w->top_density);
        joint_density_of(w->all, axes, w->active, *active, w->all_density);
    }
    return divergence(w->top_density, w->all_density, cells) * (double)*active /
           (double)w->count;
}

static void judge_all(struct importance *out, struct work *w,
                      const struct space *s)
{
    double total = 0;
    size_t active;

    for (size_t i = 0; i < s->count; i++) {
        struct axis axis = axis_of(s, i);
        out->single[i] = judge(w, &axis, 1, &out->active[i]);
        total += out->single[i];
    }
    for (size_t i = 0; out->pair != NULL && i < s->count; i++)
        for (size_t j = i + 1; j < s->count; j++) {
            struct axis axes[2] = { axis_of(s, i), axis_of(s, j) };
            double joint = judge(w, axes, 2, &active);
            out->pair[i * s->count + j] =
                fmax(0, joint - out->single[i] - out->single[j]);
        }
    if (!(total > 0))
        return;
    for (size_t i = 0; i < s->count; i++)
        out->single[i] /= total;
    for (size_t i = 0; out->pair != NULL && i < s->count * s->count; i++)
        out->pair[i] /= total;
}

static int reserve(struct importance *out, struct work **w, size_t trials,
                   bool pairs)
{
    size_t count = out->count;

    out->active = calloc(count + 1, sizeof *out->active);
    out->single = calloc(count + 1, sizeof *out->single);
    out->pair = pairs ? calloc(count * count + 1, sizeof *out->pair) : NULL;
    *w = calloc(1, sizeof **w);
    if (*w != NULL) {
        (*w)->ranked = calloc(trials + 1, sizeof *(*w)->ranked);
        (*w)->active = calloc(trials + 1, sizeof *(*w)->active);
    }
    return out->active && out->single && (out->pair || !pairs) && *w &&
                   (*w)->ranked && (*w)->active
               ? 0
               : -1;
}

int importance_of(struct importance *out, const struct history *h, double share,
                  bool pairs, struct error *err)
{
    struct work *w;
    int rc = 0;

    *out = (struct importance){ .count = h->space->count };
    if (reserve(out, &w, h->count, pairs)) {
        rc = error_memory(err);
    } else {
        w->share = share;
        w->count = out->trials = rank(w->ranked, h);
        if (w->count >= IMPORTANCE_MIN_TRIALS)
            judge_all(out, w, h->space);
        else
            rc = error_set(err,
                           "%zu trials have ended with a value; importance "
                           "needs %d",
                           w->count, IMPORTANCE_MIN_TRIALS);
    }
    if (w != NULL) {
        free(w->ranked);
        free(w->active);
    }
    free(w);
    if (rc != 0)
        importance_clear(out);
    return rc;
}

void importance_clear(struct importance *out)
{
    free(out->active);
    free(out->single);
    free(out->pair);
    *out = (struct importance){ .count = 0 };
}
