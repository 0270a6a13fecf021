/* regret: see regret.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/regret.h"

#include <math.h>
#include <stdlib.h>

#include "base/random.h"

/* The bounds hold together with probability 1 - RISK by theory, which is far
 * on the safe side: beta is divided by 5, as usual since Srinivas et al. (ICML
 * 2010). */
static const double RISK = 0.1, SAFE = 5;

int regret_create(struct regret **out, const struct space *space, uint64_t seed)
{
    struct regret *r = *out = calloc(1, sizeof *r);

    if (r == NULL)
        return -1;
    r->seed = seed;
    return outlook_init(&r->outlook, space);
}

void regret_destroy(struct regret *r)
{
    if (r != NULL)
        outlook_clear(&r->outlook);
    free(r);
}

static double width_of(double dimension, double trials)
{
    return sqrt(2 * log(dimension * trials * trials * M_PI * M_PI / 6 / RISK) /
                SAFE);
}

/* Lower confidence bounds; the lowest is kept. */
static void score(void *context, const double *points, size_t count,
                  double *scores)
{
    double mean[GP_BLOCK], variance[GP_BLOCK];
    struct regret *r = context;

    surrogate_predict(&r->outlook.model, points, count, mean, variance);
    for (size_t b = 0; b < count; b++) {
        scores[b] = r->width * sqrt(variance[b]) - mean[b];
        r->lowest = fmin(r->lowest, -scores[b]);
    }
}

/* The lowest upper bound of a trial. */
static double lowest_upper(const struct regret *r)
{
    const struct surrogate *model = &r->outlook.model;
    double mean[GP_BLOCK], variance[GP_BLOCK], lowest = INFINITY;

    for (size_t i = 0; i < model->count; i += GP_BLOCK) {
        size_t left = model->count - i, n = left < GP_BLOCK ? left : GP_BLOCK;
        surrogate_predict(model, model->rows + i * model->dimension, n, mean,
                          variance);
        for (size_t b = 0; b < n; b++)
            lowest = fmin(lowest, mean[b] + r->width * sqrt(variance[b]));
    }
    return lowest;
}

static int work_out(struct regret *r, const struct history *h)
{
    size_t d = h->space->count;
    struct outlook *o = &r->outlook;
    struct random random;
    double x[d];

    if (outlook_learn(o, h, true))
        return -1;
    for (size_t i = 0; i < d; i++)
        x[i] = NAN;
    random_seed(&random, r->seed, r->ended);
    r->width = width_of((double)d, (double)o->known);
    r->lowest = INFINITY;
    outlook_search(o, &random, score, r, x);
    double upper = forecast_loss(&o->forecast, lowest_upper(r));
    r->bound = fmax(0, upper - forecast_loss(&o->forecast, r->lowest));
    r->noise = o->forecast.scale * surrogate_noise(&o->model);
    r->known = true;
    return 0;
}

/* Whether no trial has begun or ended since the last time. */
static bool is_known(struct regret *r, const struct history *h)
{
    size_t ended =
        h->count - h->in_state[TRIAL_RUNNING] - h->in_state[TRIAL_WAITING];
    bool same = r->identity == h->identity && r->trials == h->count &&
                r->ended == ended;

    r->identity = h->identity;
    r->trials = h->count;
    r->ended = ended;
    return same;
}

int regret_update(struct regret *r, const struct history *h)
{
    if (is_known(r, h))
        return 0;
    r->known = false;
    if (r->ended < REGRET_MIN_TRIALS || h->space->count == 0 ||
        h->objective_count > 1 || h->constraint_count > 0)
        return 0;
    if (outlook_update(&r->outlook, h, false))
        return -1;
    return r->outlook.known < REGRET_MIN_TRIALS ? 0 : work_out(r, h);
}

bool regret_is_low(struct regret *r, const struct history *h, double tolerance)
{
    return regret_update(r, h) == 0 && r->known &&
           r->bound <= fmax(tolerance, r->noise);
}
