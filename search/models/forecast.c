/* forecast: see forecast.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TAUGHT_MAX = 64, TAUGHT_MIN = 4, NEW_TRIALS = 192, GOOD_TRIALS = 96 };
static const double RUNG_RATIO = 1.3;
static const double UNKNOWN_VARIANCE = 0.05, LEAST_SCALE = 0.01;

void forecast_init(struct forecast *f)
{
    *f = (struct forecast){ .coordinates = COORDINATES_INIT,
                            .cursor = HISTORY_CURSOR_INIT,
                            .horizon = -1 };
}

void forecast_clear(struct forecast *f)
{
    for (size_t i = 0; i < FORECAST_RUNGS; i++)
        gp_clear(&f->rungs[i].gp);
    coordinates_clear(&f->coordinates);
    free(f->mean);
    free(f->variance);
    free(f->unordered);
    free(f->work);
    forecast_init(f);
}

static bool has_ended(const struct trial *t)
{
    return t->state == TRIAL_COMPLETE
               ? !isnan(t->losses[0])
               : t->curve_count > 0 &&
                     (t->state == TRIAL_PRUNED || t->state == TRIAL_PAUSED);
}

/* The loss of a trial that ended, else the best it has shown; NAN when it has
 * shown none. */
static double best_shown(const struct trial *t)
{
    return isnan(t->losses[0]) ? trial_best_loss(t, INT64_MAX) : t->losses[0];
}

/* ---- memory ------------------------------------------------------------- */

static int grow(double **array, size_t count)
{
    double *grown = realloc(*array, (count + 1) * sizeof *grown);

    if (grown == NULL)
        return -1;
    *array = grown;
    return 0;
}

static int reserve(struct forecast *f, const struct history *h)
{
    size_t d = h->space->count, capacity = 2 * h->count;

    if (f->unordered == NULL) {
        f->unordered = calloc(d + 2, sizeof *f->unordered);
        if (f->unordered == NULL ||
            grow(&f->work, TAUGHT_MAX * (d + 4 + GP_BLOCK) + 2 * d + 8))
            return -1;
        for (size_t i = 0; i < d; i++)
            f->unordered[i] = coordinate_unordered(&h->space->parameters[i]);
    }
    if (h->count <= f->capacity)
        return 0;
    if (grow(&f->mean, capacity) || grow(&f->variance, capacity))
        return -1;
    f->capacity = capacity;
    return 0;
}

/* ---- one scale ---------------------------------------------------------- */

double forecast_scaled(const struct forecast *f, double loss)
{
    double z = (loss - f->best) / f->scale;

    if (!(z < 1e12))
        z = 1e12;
    return z <= 1 ? z : 1 + log(z);
}

double forecast_loss(const struct forecast *f, double scaled)
{
    return f->best + f->scale * (scaled <= 1 ? scaled : exp(scaled - 1));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The best losses of ended trials, or of all. Returns how many, in order. */
static size_t collect(struct forecast *f, const struct history *h, bool all)
{
    size_t count = 0;

    for (size_t i = 0; i < h->count; i++) {
        double loss = best_shown(&h->trials[i]);
        if (loss < INFINITY && (all || has_ended(&h->trials[i])))
            f->mean[count++] = loss; /* filled anew by the caller */
    }
    if (count > 0)
        qsort(f->mean, count, sizeof *f->mean, by_value);
    return count;
}

/* The best loss and the distance of the median trial from it. */
static void find_scale(struct forecast *f, const struct history *h)
{
    size_t count = collect(f, h, false);

    if (count < TAUGHT_MIN)
        count = collect(f, h, true);
    f->best = count ? f->mean[0] : 0;
    f->scale = count ? f->mean[count / 2] - f->best : 1;
    f->good = count > GOOD_TRIALS ? f->mean[GOOD_TRIALS] : INFINITY;
    if (!(f->scale > 0) || isinf(f->scale))
        f->scale = fmax(fabs(f->best) * 1e-9, 1e-300);
}

bool forecast_relevant(const struct forecast *f, const struct history *h,
                       size_t trial)
{
    return trial + NEW_TRIALS >= h->count ||
           best_shown(&h->trials[trial]) < f->good;
}

/* ---- rungs -------------------------------------------------------------- */

static void build_rungs(struct forecast *f, const struct history *h)
{
    int64_t first = INT64_MAX;

    f->horizon = -1;
    for (size_t i = 0; i < h->count; i++) {
        const struct trial *t = &h->trials[i];
        if (t->state == TRIAL_COMPLETE && trial_last_step(t) > f->horizon)
            f->horizon = trial_last_step(t);
        if (has_ended(t) && t->curve_count > 0 && t->curve[0].step < first)
            first = t->curve[0].step;
    }
    f->rung_count = 0;
    for (double step = (double)f->horizon;
         f->rung_count < FORECAST_RUNGS && step >= (double)first && step > 0;
         step /= RUNG_RATIO) {
        f->rungs[f->rung_count].known = false;
        f->rungs[f->rung_count++].step = floor(step);
    }
}

/* The highest rung a trial has reached by 'step': an index, they descend. */
static size_t rung_at(const struct forecast *f, int64_t step)
{
    size_t k = 0;

    while (k + 1 < f->rung_count && f->rungs[k].step > (double)step)
        k++;
    return k;
}

bool forecast_rung_reached(const struct forecast *f, const struct trial *t)
{
    if (f->rung_count == 0 || t->curve_count < 2)
        return true;
    int64_t step = trial_last_step(t),
            before = t->curve[t->curve_count - 2].step;

    return rung_at(f, step) != rung_at(f, before);
}

/* The inputs of a trial at a step: its point, its best loss by then, and how
 * far that fell since half the step. Returns that best loss. */
static double inputs_at(const struct forecast *f, const struct history *h,
                        size_t trial, int64_t step, double *row)
{
    const struct trial *t = &h->trials[trial];
    size_t d = h->space->count;
    double anchor = forecast_scaled(f, trial_best_loss(t, step));
    double before = trial_best_loss(t, step / 2);

    memcpy(row, f->coordinates.rows + trial * d, d * sizeof *row);
    row[d] = anchor;
    row[d + 1] = isnan(before) ? 0 : forecast_scaled(f, before) - anchor;
    return anchor;
}

static double deviation(const double *v, size_t count, size_t stride)
{
    double sum = 0, squares = 0, n = (double)count;

    for (size_t i = 0; i < count; i++) {
        sum += v[i * stride];
        squares += v[i * stride] * v[i * stride];
    }
    return sqrt(fmax(squares / n - sum / n * (sum / n), 0));
}

/* Learn the gains of those that went on from rung 'k'. */
static int teach(struct forecast *f, const struct history *h, size_t k)
{
    size_t d = h->space->count, width = d + 2, n = 0;
    double *rows = f->work, *gains = rows + TAUGHT_MAX * width;
    double *noises = gains + TAUGHT_MAX, theta[width + 2], sum = 0;
    struct forecast_rung *r = &f->rungs[k];

    for (size_t i = h->count; i-- > 0 && n < TAUGHT_MAX;) {
        const struct trial *t = &h->trials[i];
        if (isnan(f->mean[i]) ||
            (double)trial_last_step(t) < f->rungs[k - 1].step)
            continue;
        double anchor = inputs_at(f, h, i, (int64_t)r->step, rows + n * width);
        if (isnan(anchor))
            continue;
        gains[n] = f->mean[i] - anchor;
        noises[n] = f->variance[i];
        sum += gains[n++];
    }
    r->known = n >= TAUGHT_MIN;
    if (!r->known)
        return 0;
    r->mean = sum / (double)n;
    r->scale = fmax(deviation(gains, n, 1), LEAST_SCALE);
    r->anchor = fmax(deviation(rows + d, n, width), LEAST_SCALE);
    r->slope = fmax(deviation(rows + d + 1, n, width), LEAST_SCALE);
    for (size_t i = 0; i < n; i++) {
        gains[i] = (gains[i] - r->mean) / r->scale;
        noises[i] /= r->scale * r->scale;
        rows[i * width + d] /= r->anchor;
        rows[i * width + d + 1] /= r->slope;
    }
    gp_prior(theta, width);
    theta[1] = log(0.1);
    for (size_t a = 0; a < d; a++)
        theta[2 + a] = log(0.8 * sqrt((double)d));
    theta[2 + d] = theta[3 + d] = log(1.5);
    return gp_condition(&r->gp, theta, f->unordered, width, rows, gains, noises,
                        n);
}

bool forecast_of(struct forecast *f, const struct history *h, size_t trial,
                 double *mean, double *variance)
{
    const struct trial *t = &h->trials[trial];
    size_t d = h->space->count, k;
    int64_t step = trial_last_step(t);
    double row[d + 2], gain, doubt, anchor, reached;

    if (t->state == TRIAL_COMPLETE && !isnan(t->losses[0])) {
        *mean = forecast_scaled(f, t->losses[0]);
        *variance = 0;
        return true;
    }
    if (t->curve_count == 0)
        return false;
    anchor = inputs_at(f, h, trial, step, row);
    *mean = reached = forecast_scaled(f, best_shown(t));
    *variance = UNKNOWN_VARIANCE;
    k = rung_at(f, step);
    if (k >= f->rung_count || !f->rungs[k].known)
        return true;
    const struct forecast_rung *r = &f->rungs[k];
    row[d] /= r->anchor;
    row[d + 1] /= r->slope;
    gp_predict(&r->gp, row, 1, f->work, &gain, &doubt);
    *mean = fmin(reached, anchor + r->mean + r->scale * gain);
    *variance = r->scale * r->scale * (doubt + exp(r->gp.theta[1]));
    return true;
}

/* Forecast the ended trials that stand at rung 'k'. */
static void foretell(struct forecast *f, const struct history *h, size_t k)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct trial *t = &h->trials[i];
        double mean, variance;

        if (!has_ended(t) || !isnan(f->mean[i]) ||
            rung_at(f, trial_last_step(t)) != k || !forecast_relevant(f, h, i))
            continue;
        if (forecast_of(f, h, i, &mean, &variance)) {
            f->mean[i] = mean;
            f->variance[i] = variance;
        }
    }
}

static int learn(struct forecast *f, const struct history *h)
{
    find_scale(f, h);
    build_rungs(f, h);
    for (size_t i = 0; i < h->count; i++) {
        f->mean[i] = f->variance[i] = NAN;
        if (h->trials[i].state == TRIAL_COMPLETE)
            forecast_of(f, h, i, &f->mean[i], &f->variance[i]);
    }
    for (size_t k = 0; k < f->rung_count; k++) {
        if (k > 0 && teach(f, h, k))
            return -1;
        foretell(f, h, k);
    }
    if (f->rung_count == 0)
        for (size_t i = 0; i < h->count; i++)
            if (has_ended(&h->trials[i]))
                forecast_of(f, h, i, &f->mean[i], &f->variance[i]);
    return 0;
}

/* Take over what changed. Returns whether an ended trial did. */
static bool catch_up(struct forecast *f, const struct history *h)
{
    bool ended = history_follow(&f->cursor, h);
    int64_t number;

    while ((number = history_next(&f->cursor, h)) >= 0)
        ended = ended || f->ended < TAUGHT_MIN ||
                has_ended(&h->trials[number]) ||
                ((size_t)number < f->known && !isnan(f->mean[number]));
    return ended;
}

int forecast_update(struct forecast *f, const struct history *h)
{
    if (reserve(f, h) || coordinates_update(&f->coordinates, h))
        return -1;
    if (catch_up(f, h))
        f->fitted = false;
    for (; f->known < h->count; f->known++)
        f->mean[f->known] = f->variance[f->known] = NAN;
    if (f->fitted)
        return 0;
    f->known = h->count;
    if (learn(f, h))
        return -1;
    f->ended = 0;
    for (size_t i = 0; i < h->count; i++)
        f->ended += isnan(f->mean[i]) ? 0 : 1;
    f->fitted = true;
    return 0;
}
