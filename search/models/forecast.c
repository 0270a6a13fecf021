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
    free(f->trials);
    free(f->window);
    free(f->losses);
    free(f->unordered);
    free(f->work);
    forecast_init(f);
}

/* ---- the trials, side by side ------------------------------------------- */

static bool has_ended(const struct forecast_trial *t)
{
    return !isnan(t->shown) &&
           (t->state == TRIAL_COMPLETE || t->state == TRIAL_PRUNED ||
            t->state == TRIAL_PAUSED);
}

static struct forecast_trial look_at(const struct trial *t)
{
    return (struct forecast_trial){
        .shown =
            isnan(t->losses[0]) ? trial_best_loss(t, INT64_MAX) : t->losses[0],
        .first = t->curve_count > 0 ? t->curve[0].step : -1,
        .last = trial_last_step(t),
        .mean = NAN,
        .variance = NAN,
        .state = t->state,
    };
}

bool forecast_pending(const struct forecast *f, size_t trial)
{
    return f->trials[trial].state == TRIAL_RUNNING ||
           f->trials[trial].state == TRIAL_WAITING;
}

bool forecast_relevant(const struct forecast *f, size_t trial)
{
    return trial + NEW_TRIALS >= f->known || f->trials[trial].shown < f->good;
}

double forecast_lowest(const struct forecast *f, size_t other)
{
    double lowest = INFINITY;

    for (size_t i = 0; i < f->known; i++)
        if (i != other && f->trials[i].shown < lowest)
            lowest = f->trials[i].shown;
    return lowest;
}

/* ---- memory ------------------------------------------------------------- */

static int reserve_inputs(struct forecast *f, const struct space *s)
{
    size_t d = s->count;

    if (f->work != NULL)
        return 0;
    free(f->unordered);
    f->unordered = calloc(d + 2, sizeof *f->unordered);
    if (f->unordered == NULL)
        return -1;
    for (size_t i = 0; i < d; i++)
        f->unordered[i] = coordinate_unordered(&s->parameters[i]);
    f->work =
        malloc((TAUGHT_MAX * (d + 4 + GP_BLOCK) + 2 * d + 8) * sizeof *f->work);
    return f->work ? 0 : -1;
}

static int reserve(struct forecast *f, const struct history *h)
{
    size_t capacity = 2 * h->count;
    void *grown;

    if (reserve_inputs(f, h->space))
        return -1;
    if (h->count <= f->capacity)
        return 0;
    if ((grown = realloc(f->trials, capacity * sizeof *f->trials)) == NULL)
        return -1;
    f->trials = grown;
    if ((grown = realloc(f->window, capacity * sizeof *f->window)) == NULL)
        return -1;
    f->window = grown;
    if ((grown = realloc(f->losses, capacity * sizeof *f->losses)) == NULL)
        return -1;
    f->losses = grown;
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

/* The loss of rank 'k' among 'count', those before it to its left (Hoare's
 * selection). */
static double select_rank(double *losses, size_t count, size_t k)
{
    size_t low = 0, high = count - 1;

    while (low < high) {
        double pivot = losses[low + (high - low) / 2];
        size_t i = low, j = high;

        for (;;) {
            while (losses[i] < pivot)
                i++;
            while (losses[j] > pivot)
                j--;
            if (i >= j)
                break;
            double swapped = losses[i];
            losses[i++] = losses[j];
            losses[j--] = swapped;
        }
        if (k <= j)
            high = j;
        else
            low = j + 1;
    }
    return losses[k];
}

/* The losses of ended trials, or of all. Returns how many. */
static size_t collect(struct forecast *f, bool all)
{
    size_t count = 0;

    for (size_t i = 0; i < f->known; i++)
        if (f->trials[i].shown < INFINITY && (all || has_ended(&f->trials[i])))
            f->losses[count++] = f->trials[i].shown;
    return count;
}

/* The best loss and the distance of the median trial from it. */
static void find_scale(struct forecast *f)
{
    size_t count = collect(f, false);

    if (count < TAUGHT_MIN)
        count = collect(f, true);
    f->best = 0;
    f->scale = 1;
    f->good = INFINITY;
    if (count > 0) {
        double median = select_rank(f->losses, count, count / 2);
        f->best = select_rank(f->losses, count, 0);
        f->scale = median - f->best;
    }
    if (count > GOOD_TRIALS)
        f->good = select_rank(f->losses, count, GOOD_TRIALS);
    if (!(f->scale > 0) || isinf(f->scale))
        f->scale = fmax(fabs(f->best) * 1e-9, 1e-300);
}

/* Trials are learned from that are relevant, and the newest complete ones. */
static void find_window(struct forecast *f)
{
    size_t complete = 0, behind = f->known; /* those that count as new enough */

    while (behind > 0 && complete < TAUGHT_MAX)
        complete += f->trials[--behind].state == TRIAL_COMPLETE;
    f->window_count = 0;
    for (size_t i = 0; i < f->known; i++) {
        struct forecast_trial *t = &f->trials[i];
        t->mean = t->variance = NAN;
        if (has_ended(t) && (forecast_relevant(f, i) ||
                             (i >= behind && t->state == TRIAL_COMPLETE)))
            f->window[f->window_count++] = i;
    }
}

/* ---- rungs -------------------------------------------------------------- */

static void build_rungs(struct forecast *f)
{
    int64_t first = INT64_MAX;

    f->horizon = -1;
    for (size_t i = 0; i < f->known; i++) {
        const struct forecast_trial *t = &f->trials[i];
        if (t->state == TRIAL_COMPLETE && t->last > f->horizon)
            f->horizon = t->last;
        if (has_ended(t) && t->first >= 0 && t->first < first)
            first = t->first;
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

    for (size_t w = f->window_count; w-- > 0 && n < TAUGHT_MAX;) {
        size_t i = f->window[w];
        const struct forecast_trial *t = &f->trials[i];
        if (isnan(t->mean) || (double)t->last < f->rungs[k - 1].step)
            continue;
        double anchor = inputs_at(f, h, i, (int64_t)r->step, rows + n * width);
        if (isnan(anchor))
            continue;
        gains[n] = t->mean - anchor;
        noises[n] = t->variance;
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
    *mean = reached = forecast_scaled(f, f->trials[trial].shown);
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

/* Forecast the trials of the window that stand at rung 'k', or above the first
 * of them. */
static void foretell(struct forecast *f, const struct history *h, size_t k)
{
    for (size_t w = 0; w < f->window_count; w++) {
        struct forecast_trial *t = &f->trials[f->window[w]];
        double mean, variance;

        if (isnan(t->mean) &&
            (f->rung_count == 0 || rung_at(f, t->last) == k ||
             t->state == TRIAL_COMPLETE) &&
            forecast_of(f, h, f->window[w], &mean, &variance)) {
            t->mean = mean;
            t->variance = variance;
            f->ended++;
        }
    }
}

static int learn(struct forecast *f, const struct history *h)
{
    find_scale(f);
    find_window(f);
    build_rungs(f);
    f->ended = 0;
    foretell(f, h, 0);
    for (size_t k = 1; k < f->rung_count; k++) {
        if (teach(f, h, k))
            return -1;
        foretell(f, h, k);
    }
    return 0;
}

/* Take over what changed. Returns whether an ended trial did. */
static bool catch_up(struct forecast *f, const struct history *h)
{
    bool ended = history_follow(&f->cursor, h);
    size_t known = ended ? 0 : f->known;
    int64_t number;

    f->known = h->count;
    while ((number = history_next(&f->cursor, h)) >= 0) {
        struct forecast_trial *t = &f->trials[number];
        bool had_ended = (size_t)number < known && has_ended(t);

        *t = look_at(&h->trials[number]);
        ended = ended || f->ended < TAUGHT_MIN || had_ended || has_ended(t);
    }
    return ended;
}

int forecast_update(struct forecast *f, const struct history *h)
{
    if (reserve(f, h) || coordinates_update(&f->coordinates, h))
        return -1;
    if (catch_up(f, h))
        f->fitted = false;
    if (f->fitted)
        return 0;
    if (learn(f, h))
        return -1;
    f->fitted = true;
    return 0;
}
