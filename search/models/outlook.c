/* outlook: see outlook.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/outlook.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PENDING_MAX = 32 }; /* trials that have not reported and yet count */
static const double FAILED_VARIANCE = 0.1;

int outlook_init(struct outlook *o, const struct space *space)
{
    size_t d = space->count;

    *o = (struct outlook){ .space = space };
    forecast_init(&o->forecast);
    o->rows = calloc(SURROGATE_MAX * d + 1, sizeof *o->rows);
    o->good = calloc(OUTLOOK_CENTRES * d + 1, sizeof *o->good);
    if (o->rows == NULL || o->good == NULL ||
        candidates_init(&o->candidates, space))
        return -1;
    return surrogate_init(&o->model, o->candidates.unordered, d);
}

void outlook_clear(struct outlook *o)
{
    forecast_clear(&o->forecast);
    candidates_clear(&o->candidates);
    surrogate_clear(&o->model);
    free(o->trials);
    free(o->means);
    free(o->variances);
    free(o->rows);
    free(o->good);
}

static int reserve(struct outlook *o, size_t count)
{
    size_t capacity = 2 * count + 1;

    if (count <= o->capacity)
        return 0;
    free(o->trials);
    free(o->means);
    free(o->variances);
    o->trials = malloc(capacity * sizeof *o->trials);
    o->means = malloc(capacity * sizeof *o->means);
    o->variances = malloc(capacity * sizeof *o->variances);
    o->capacity = o->trials && o->means && o->variances ? capacity : 0;
    return o->capacity ? 0 : -1;
}

/* Fill means and variances; trials that are known, by number. */
static void survey(struct outlook *o, const struct history *h, bool running)
{
    struct forecast *f = &o->forecast;
    double worst = 1;

    o->known = 0;
    for (size_t i = 0; i < h->count; i++) {
        o->means[i] = NAN;
        if (!forecast_relevant(f, i) || (!running && forecast_pending(f, i)))
            continue;
        if (h->trials[i].state == TRIAL_FAILED)
            o->trials[o->known++] = i;
        else if (forecast_of(f, h, i, &o->means[i], &o->variances[i])) {
            o->trials[o->known++] = i;
            worst = fmax(worst, o->means[i]);
        }
    }
    for (size_t k = 0; k < o->known; k++)
        if (h->trials[o->trials[k]].state == TRIAL_FAILED) {
            o->means[o->trials[k]] = worst;
            o->variances[o->trials[k]] = FAILED_VARIANCE;
        }
}

int outlook_update(struct outlook *o, const struct history *h, bool running)
{
    if (forecast_update(&o->forecast, h) || reserve(o, h->count))
        return -1;
    survey(o, h, running);
    return 0;
}

/* ---- learning ----------------------------------------------------------- */

static bool is_better(const struct outlook *o, const struct history *h,
                      size_t a, size_t b)
{
    double x = trial_violation(h, &h->trials[a]);
    double y = trial_violation(h, &h->trials[b]);

    return x != y ? x < y : o->means[a] < o->means[b];
}

/* Bring the 'want' best to the front of 'trials', in order. */
static void sort_best(struct outlook *o, const struct history *h, size_t want)
{
    for (size_t i = 0; i < want; i++) {
        size_t best = i;
        for (size_t j = i + 1; j < o->known; j++)
            if (is_better(o, h, o->trials[j], o->trials[best]))
                best = j;
        size_t trial = o->trials[best];
        memmove(&o->trials[i + 1], &o->trials[i],
                (best - i) * sizeof *o->trials);
        o->trials[i] = trial;
    }
}

static void take(struct outlook *o, size_t i, size_t trial)
{
    size_t d = o->space->count;

    memcpy(o->rows + i * d, o->forecast.coordinates.rows + trial * d,
           d * sizeof *o->rows);
    o->taken[i] = trial;
}

/* Choose 'most' of those known: the better half by value, then the newest, or
 * some of all the others. Their rows, values and variances go to the front.
 * Returns how many. */
static size_t gather(struct outlook *o, const struct history *h, bool evenly,
                     size_t most, double *values, double *variances)
{
    size_t best = o->known < most ? o->known : most / 2;
    size_t n = o->known < most ? o->known : most;

    sort_best(o, h, best);
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        if (i >= best)
            at = evenly ? best + (i - best) * (o->known - best) / (n - best)
                        : o->known - n + i;
        size_t trial = o->trials[at];
        take(o, i, trial);
        values[i] = o->means[trial];
        variances[i] = o->variances[trial];
    }
    return n;
}

int outlook_learn(struct outlook *o, const struct history *h, bool evenly)
{
    double values[SURROGATE_MAX], variances[SURROGATE_MAX];
    size_t n = gather(o, h, evenly, SURROGATE_LEARNED, values, variances);

    if (surrogate_learn(&o->model, o->rows, values, variances, n))
        return -1;
    n = gather(o, h, evenly, SURROGATE_MAX - PENDING_MAX, values, variances);
    return surrogate_condition(&o->model, o->rows, values, variances, n);
}

int outlook_believe(struct outlook *o, const struct history *h)
{
    size_t n = o->model.count;

    for (size_t i = 0; i < n; i++)
        if (forecast_pending(&o->forecast, o->taken[i]))
            surrogate_believe(&o->model, i);
    for (size_t i = h->count; i-- > 0 && n < SURROGATE_MAX;)
        if (isnan(o->means[i]) && forecast_pending(&o->forecast, i)) {
            take(o, n, i);
            surrogate_believe(&o->model, n++);
        }
    return surrogate_settle(&o->model);
}

/* ---- asking ------------------------------------------------------------- */

bool outlook_tried(const struct outlook *o, const double *point)
{
    size_t d = o->space->count;

    for (size_t i = 0; i < o->model.count; i++)
        if (coordinates_equal(o->rows + i * d, point, d))
            return true;
    return false;
}

void outlook_search(struct outlook *o, struct random *random,
                    candidates_score score, void *context, double *x)
{
    size_t d = o->space->count;
    size_t count = o->known < OUTLOOK_CENTRES ? o->known : OUTLOOK_CENTRES;

    for (size_t i = 0; i < count; i++)
        memcpy(o->good + i * d, o->forecast.coordinates.rows + o->trials[i] * d,
               d * sizeof *o->good);
    candidates_search(&o->candidates, random, o->good, count, score, context,
                      x);
}
