/* gp: Bayesian optimization with a Gaussian process and expected improvement.
 *
 * The process learns from every trial: from a finished one what it reached,
 * from one that was stopped or still runs what it would reach (forecast.h), as
 * a value that is less certain. Trials that have not reported are taken at what
 * is expected of them ("kriging believer", Ginsbourger et al. 2010), so workers
 * that ask at the same time are sent to different places, and so are those that
 * still run: how they end will be known for nothing. The next point has the
 * highest expected improvement (Jones et al. 1998; in logarithms: Ament et al.,
 * NeurIPS 2023); every fifth ask takes the lowest confidence bound instead (Cox &
 * John 1992), which leaves a local optimum where improvement is expected of its
 * neighbours alone.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/normal.h"
#include "search/models/candidates.h"
#include "search/models/forecast.h"
#include "search/models/surrogate.h"
#include "search/sampler.h"

enum {
    PENDING_MAX = 32, /* trials that have not reported and yet count */
    CENTRES = 6,      /* good trials that candidates are drawn near */
    BOLD_EVERY = 5    /* asks */
};
static const double BOUND = 2.5; /* deviations */

struct gp_sampler {
    int64_t startup_trials;
    const struct space *space;
    struct forecast forecast;
    struct candidates candidates;
    struct surrogate model;
    double bar;     /* to be improved upon, as the model counts */
    bool bold;      /* this ask goes by the confidence bound */
    size_t *trials; /* those known, best first */
    double *means, *variances;
    size_t capacity;
    double *rows;                /* those the model knows */
    size_t taken[SURROGATE_MAX]; /* the trial of each */
    double *good;                /* coordinates of good trials */
};

static void gp_destroy(void *state)
{
    struct gp_sampler *g = state;

    if (g == NULL)
        return;
    forecast_clear(&g->forecast);
    candidates_clear(&g->candidates);
    surrogate_clear(&g->model);
    free(g->trials);
    free(g->means);
    free(g->variances);
    free(g->rows);
    free(g->good);
    free(g);
}

static int gp_create(void **state, const struct space *space,
                     struct reader *options, struct error *err)
{
    struct gp_sampler *g = calloc(1, sizeof *g);
    size_t d = space->count;

    *state = g;
    if (g == NULL)
        return error_memory(err);
    g->space = space;
    g->startup_trials = surrogate_startup(d);
    reader_int(options, "startup_trials", 1, INT32_MAX, &g->startup_trials);
    forecast_init(&g->forecast);
    g->rows = calloc(SURROGATE_MAX * d + 1, sizeof *g->rows);
    g->good = calloc(CENTRES * d + 1, sizeof *g->good);
    if (g->rows == NULL || g->good == NULL ||
        candidates_init(&g->candidates, space) ||
        surrogate_init(&g->model, g->candidates.unordered, d))
        return error_memory(err);
    return 0;
}

static int reserve(struct gp_sampler *g, size_t count)
{
    size_t capacity = 2 * count + 1;

    if (count <= g->capacity)
        return 0;
    free(g->trials);
    free(g->means);
    free(g->variances);
    g->trials = malloc(capacity * sizeof *g->trials);
    g->means = malloc(capacity * sizeof *g->means);
    g->variances = malloc(capacity * sizeof *g->variances);
    g->capacity = g->trials && g->means && g->variances ? capacity : 0;
    return g->capacity ? 0 : -1;
}

/* ---- what is known ------------------------------------------------------ */

/* Fill means and variances; trials that are known go into g->trials, by number.
 * A failed one counts as bad as the worst. Returns how many. */
static size_t survey(struct gp_sampler *g, const struct history *h)
{
    size_t known = 0;
    double worst = 1;

    for (size_t i = 0; i < h->count; i++) {
        g->means[i] = NAN;
        if (h->trials[i].state != TRIAL_FAILED &&
            forecast_relevant(&g->forecast, h, i) &&
            forecast_of(&g->forecast, h, i, &g->means[i], &g->variances[i]))
            worst = fmax(worst, g->means[i]);
    }
    for (size_t i = 0; i < h->count; i++) {
        if (h->trials[i].state == TRIAL_FAILED &&
            forecast_relevant(&g->forecast, h, i)) {
            g->means[i] = worst;
            g->variances[i] = 0.1;
        }
        if (!isnan(g->means[i]))
            g->trials[known++] = i;
    }
    return known;
}

/* Bring the 'want' best of 'count' to the front of g->trials, in order. */
static void sort_best(struct gp_sampler *g, size_t count, size_t want)
{
    for (size_t i = 0; i < want; i++) {
        size_t best = i;
        for (size_t j = i + 1; j < count; j++)
            if (g->means[g->trials[j]] < g->means[g->trials[best]])
                best = j;
        size_t trial = g->trials[best];
        memmove(&g->trials[i + 1], &g->trials[i],
                (best - i) * sizeof *g->trials);
        g->trials[i] = trial;
    }
}

/* Choose 'most' of 'known' trials: the better half by value, then the newest.
 * Their rows, values and variances go to the front. Returns how many. */
static size_t gather(struct gp_sampler *g, size_t known, size_t most,
                     double *values, double *variances)
{
    size_t d = g->space->count, best = known < most ? known : most / 2;
    size_t n = known < most ? known : most;

    sort_best(g, known, best);
    for (size_t i = 0; i < n; i++) {
        size_t trial = i < best ? g->trials[i] : g->trials[known - n + i];
        memcpy(g->rows + i * d, g->forecast.coordinates.rows + trial * d,
               d * sizeof *g->rows);
        values[i] = g->means[trial];
        variances[i] = g->variances[trial];
        g->taken[i] = trial;
    }
    return n;
}

/* Teach the model what is known. */
static int learn(struct gp_sampler *g, size_t known)
{
    double values[SURROGATE_MAX], variances[SURROGATE_MAX];
    size_t n = gather(g, known, SURROGATE_LEARNED, values, variances);

    if (surrogate_learn(&g->model, g->rows, values, variances, n))
        return -1;
    n = gather(g, known, SURROGATE_MAX - PENDING_MAX, values, variances);
    return surrogate_condition(&g->model, g->rows, values, variances, n);
}

static bool pending(const struct trial *t)
{
    return t->state == TRIAL_RUNNING || t->state == TRIAL_WAITING;
}

/* What pending trials will reach costs nothing any more: for the choice of
 * the next one they count as if they had ended where they are expected to. */
static int believe(struct gp_sampler *g, const struct history *h)
{
    size_t d = g->space->count, n = g->model.count;

    for (size_t i = 0; i < n; i++)
        if (pending(&h->trials[g->taken[i]]))
            surrogate_believe(&g->model, i);
    for (size_t i = h->count; i-- > 0 && n < SURROGATE_MAX;)
        if (isnan(g->means[i]) && pending(&h->trials[i])) {
            memcpy(g->rows + n * d, g->forecast.coordinates.rows + i * d,
                   d * sizeof *g->rows);
            surrogate_believe(&g->model, n++);
        }
    return surrogate_settle(&g->model);
}

/* The lowest value expected at a point that was tried. */
static void find_bar(struct gp_sampler *g)
{
    double mean[GP_BLOCK];
    size_t n = g->model.count;

    g->bar = INFINITY;
    for (size_t i = 0; i < n; i += GP_BLOCK) {
        size_t count = n - i < GP_BLOCK ? n - i : GP_BLOCK;
        gp_predict(&g->model.gp, g->rows + i * g->space->count, count, NULL,
                   mean, NULL);
        for (size_t b = 0; b < count; b++)
            g->bar = fmin(g->bar, mean[b]);
    }
}

/* ---- the score ---------------------------------------------------------- */

/* log of the expected improvement over 'bar', for minimization. */
static double log_improvement(double mean, double variance, double bar)
{
    double s = sqrt(variance), z = (bar - mean) / s;

    if (z > -5)
        return log(s) + log(normal_excess(z));
    return log(s) - 0.5 * z * z - 0.91893853320467274178 - 2 * log(-z);
}

static bool tried(const struct gp_sampler *g, const double *point)
{
    size_t d = g->space->count;

    for (size_t i = 0; i < g->model.count; i++)
        if (coordinates_equal(g->rows + i * d, point, d))
            return true;
    return false;
}

static void score(void *context, const double *points, size_t count,
                  double *scores)
{
    const struct gp_sampler *g = context;
    double mean[GP_BLOCK], variance[GP_BLOCK];

    gp_predict(&g->model.gp, points, count, g->model.scratch, mean, variance);
    for (size_t b = 0; b < count; b++)
        if (tried(g, points + b * g->space->count))
            scores[b] = -INFINITY;
        else if (g->bold)
            scores[b] = BOUND * sqrt(variance[b]) - mean[b];
        else
            scores[b] = log_improvement(mean[b], variance[b], g->bar);
}

/* ---- suggesting --------------------------------------------------------- */

static int propose(struct gp_sampler *g, const struct history *h, size_t known,
                   struct random *random, double *x)
{
    size_t d = g->space->count;

    if (learn(g, known) || believe(g, h))
        return -1;
    find_bar(g);
    g->bold = h->count % BOLD_EVERY == BOLD_EVERY - 1;
    for (size_t i = 0; i < known && i < CENTRES; i++)
        memcpy(g->good + i * d, g->forecast.coordinates.rows + g->trials[i] * d,
               d * sizeof *g->good);
    candidates_search(&g->candidates, random, g->good,
                      known < CENTRES ? known : CENTRES, score, g, x);
    return 0;
}

static int gp_suggest(void *state, const struct history *h,
                      struct random *random, struct suggestion *s,
                      struct error *err)
{
    struct gp_sampler *g = state;
    size_t known;

    if (forecast_update(&g->forecast, h) || reserve(g, h->count))
        return error_memory(err);
    known = survey(g, h);
    if (g->space->count == 0 || known < (size_t)g->startup_trials) {
        random_fill(g->space, random, s->x);
        return 0;
    }
    return propose(g, h, known, random, s->x) ? error_memory(err) : 0;
}

static void gp_describe(const void *state, struct text *out)
{
    const struct gp_sampler *g = state;

    text_format(out,
                "a Gaussian process over what trials would reach, after %lld "
                "random ones",
                (long long)g->startup_trials);
}

const struct sampler sampler_gp = {
    .name = "gp",
    .create = gp_create,
    .suggest = gp_suggest,
    .describe = gp_describe,
    .destroy = gp_destroy,
};
