/* gp: Bayesian optimization with a Gaussian process and expected improvement.
 *
 * The process learns from every trial: from a finished one what it reached,
 * from one that was stopped or still runs what it would reach (forecast.h), as
 * a value that is less certain. Trials that have not reported are taken at what
 * is expected of them ("kriging believer", Ginsbourger et al. 2010), so workers
 * that ask at the same time are sent to different places. The next point has
 * the highest expected improvement (Jones et al. 1998; in logarithms: Ament et
 * al., NeurIPS 2023) among random ones and ones near the best, then refined.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/forecast.h"
#include "search/math/gp.h"
#include "search/math/normal.h"
#include "search/parameter.h"
#include "search/sampler.h"

enum {
    LEARNED_MAX = 64, /* trials the hyperparameters are learned from */
    KEPT_MAX = 160,   /* trials the process is conditioned on */
    LEARN_STEPS = 14,
    SPREAD = 192, /* candidates from all over the space */
    NEAR = 192,   /* and near good trials */
    ROUNDS = 5,   /* of refining the best one */
    ROUND = 32,
    CENTRES = 6 /* good trials */
};

struct gp_sampler {
    int64_t startup_trials;
    const struct space *space;
    struct forecast forecast;
    struct gp gp;
    size_t *trials; /* those known, best first */
    double *means, *variances;
    size_t capacity;
    double *rows, *targets, *noises; /* KEPT_MAX of them */
    double *scratch, *theta;
    double *points; /* GP_BLOCK candidates, in coordinates */
    double *values; /* and as values */
    double *best_point, *best_values, *fixed;
    double *block;
};

static void gp_destroy(void *state)
{
    struct gp_sampler *g = state;

    if (g == NULL)
        return;
    forecast_clear(&g->forecast);
    gp_clear(&g->gp);
    free(g->trials);
    free(g->means);
    free(g->variances);
    free(g->block);
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
    g->startup_trials = 0;
    forecast_init(&g->forecast);
    reader_int(options, "startup_trials", 1, INT32_MAX, &g->startup_trials);
    if (g->startup_trials == 0)
        g->startup_trials = d + 3 < 12 ? (int64_t)d + 3 : 12;
    g->block = calloc(KEPT_MAX * (d + 2 + GP_BLOCK) + 2 + d +
                          2 * (size_t)GP_BLOCK * d + 3 * d + 1,
                      sizeof *g->block);
    if (g->block == NULL)
        return error_memory(err);
    g->rows = g->block;
    g->targets = g->rows + KEPT_MAX * d;
    g->noises = g->targets + KEPT_MAX;
    g->scratch = g->noises + KEPT_MAX;
    g->theta = g->scratch + (size_t)KEPT_MAX * GP_BLOCK;
    g->points = g->theta + 2 + d;
    g->values = g->points + (size_t)GP_BLOCK * d;
    g->best_point = g->values + (size_t)GP_BLOCK * d;
    g->best_values = g->best_point + d;
    g->fixed = g->best_values + d;
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
 * Their rows, targets and noises go to the front. Returns how many. */
static size_t gather(struct gp_sampler *g, size_t known, size_t most)
{
    size_t d = g->space->count, best = known < most ? known : most / 2;
    size_t n = known < most ? known : most;

    sort_best(g, known,
              best < CENTRES ? (known < CENTRES ? known : CENTRES) : best);
    for (size_t i = 0; i < n; i++) {
        size_t trial = i < best ? g->trials[i] : g->trials[known - n + i];
        memcpy(g->rows + i * d, g->forecast.units + trial * d,
               d * sizeof *g->rows);
        g->targets[i] = g->means[trial];
        g->noises[i] = g->variances[trial];
    }
    return n;
}

/* Targets to mean 0 and deviation 1. */
static void standardize(struct gp_sampler *g, size_t n, double *mean,
                        double *deviation)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++)
        sum += g->targets[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (g->targets[i] - *mean) * (g->targets[i] - *mean);
    *deviation = fmax(sqrt(squares / (double)n), 1e-6);
    for (size_t i = 0; i < n; i++) {
        g->targets[i] = (g->targets[i] - *mean) / *deviation;
        g->noises[i] /= *deviation * *deviation;
    }
}

/* Trials without a report, at what is expected of them. */
static int believe(struct gp_sampler *g, const struct history *h, size_t *n)
{
    size_t d = g->space->count, first = *n;
    double mean, variance;

    for (size_t i = h->count; i-- > 0 && *n < KEPT_MAX;)
        if (isnan(g->means[i]) && (h->trials[i].state == TRIAL_RUNNING ||
                                   h->trials[i].state == TRIAL_WAITING)) {
            const double *unit = g->forecast.units + i * d;
            gp_predict(&g->gp, unit, 1, g->scratch, &mean, &variance);
            memcpy(g->rows + *n * d, unit, d * sizeof *unit);
            g->targets[*n] = mean;
            g->noises[(*n)++] = 0;
        }
    return *n == first ? 0
                       : gp_condition(&g->gp, g->theta, g->forecast.unordered,
                                      d, g->rows, g->targets, g->noises, *n);
}

/* ---- candidates --------------------------------------------------------- */

/* log of the expected improvement over 'bar', for minimization. */
static double log_improvement(double mean, double variance, double bar)
{
    double s = sqrt(variance), z = (bar - mean) / s;

    if (z > -5)
        return log(s) + log(exp(-0.5 * z * z) * 0.39894228040143267794 +
                            z * normal_cdf(z));
    return log(s) - 0.5 * z * z - 0.91893853320467274178 - 2 * log(-z);
}

/* Make candidate 'b' legal: values from its coordinates, and the coordinates of
 * those values; what is fixed stays. */
static void settle(struct gp_sampler *g, size_t b)
{
    size_t d = g->space->count;
    double *point = g->points + b * d, *value = g->values + b * d;

    for (size_t k = 0; k < d; k++) {
        size_t i = g->space->order[k];
        const struct parameter *p = &g->space->parameters[i];

        if (!space_active(g->space, i, value)) {
            value[i] = point[i] = NAN;
            continue;
        }
        value[i] =
            isnan(g->fixed[i]) ? parameter_from_unit(p, point[i]) : g->fixed[i];
        point[i] = g->forecast.unordered[i] ? value[i]
                                            : parameter_to_unit(p, value[i]);
    }
}

/* A coordinate in 0..1 for an unordered choice too. */
static double to_unit(const struct gp_sampler *g, size_t axis, double v)
{
    if (isnan(v))
        return 0.5;
    return g->forecast.unordered[axis]
               ? parameter_to_unit(&g->space->parameters[axis], v)
               : v;
}

/* Candidate 'b' near a point: some coordinates move, by a bit or a lot. */
static void draw_near(struct gp_sampler *g, struct random *random,
                      const double *centre, double widest, size_t b)
{
    size_t d = g->space->count;
    double *point = g->points + b * d;
    double width = widest * pow(0.02, random_uniform(random));
    double share = fmax(2.0 / (double)d, random_uniform(random));

    for (size_t a = 0; a < d; a++) {
        double u = to_unit(g, a, centre[a]);
        if (random_uniform(random) < share)
            u = g->forecast.unordered[a] ? random_uniform(random)
                                         : u + width * random_normal(random);
        point[a] = fmax(0, fmin(u, 1 - 1e-12));
    }
    settle(g, b);
}

static void draw_anywhere(struct gp_sampler *g, struct random *random, size_t b)
{
    for (size_t a = 0; a < g->space->count; a++)
        g->points[b * g->space->count + a] = random_uniform(random);
    settle(g, b);
}

/* Keep the best of GP_BLOCK candidates. */
static void weigh(struct gp_sampler *g, double bar, double *highest)
{
    double mean[GP_BLOCK], variance[GP_BLOCK];
    size_t d = g->space->count;

    gp_predict(&g->gp, g->points, GP_BLOCK, g->scratch, mean, variance);
    for (size_t b = 0; b < GP_BLOCK; b++) {
        double score = log_improvement(mean[b], variance[b], bar);
        if (score > *highest) {
            *highest = score;
            memcpy(g->best_point, g->points + b * d, d * sizeof *g->points);
            memcpy(g->best_values, g->values + b * d, d * sizeof *g->values);
        }
    }
}

static void choose(struct gp_sampler *g, struct random *random, size_t known,
                   double bar, double *x)
{
    size_t d = g->space->count, centres = known < CENTRES ? known : CENTRES;
    double highest = -INFINITY;

    memcpy(g->fixed, x, d * sizeof *x);
    draw_anywhere(g, random, 0);
    memcpy(g->best_point, g->points, d * sizeof *x);
    memcpy(g->best_values, g->values, d * sizeof *x);
    for (size_t i = 0; i < SPREAD; i += GP_BLOCK) {
        for (size_t b = 0; b < GP_BLOCK; b++)
            draw_anywhere(g, random, b);
        weigh(g, bar, &highest);
    }
    for (size_t i = 0; i < NEAR; i += GP_BLOCK) {
        for (size_t b = 0; b < GP_BLOCK; b++) {
            size_t trial = g->trials[random_below(random, centres)];
            draw_near(g, random, g->forecast.units + trial * d, 0.5, b);
        }
        weigh(g, bar, &highest);
    }
    for (int i = 0; i < ROUNDS * ROUND; i += GP_BLOCK) {
        for (size_t b = 0; b < GP_BLOCK; b++)
            draw_near(g, random, g->best_point, 0.25, b);
        weigh(g, bar, &highest);
    }
    memcpy(x, g->best_values, d * sizeof *x);
}

/* ---- suggesting --------------------------------------------------------- */

static int propose(struct gp_sampler *g, const struct history *h, size_t known,
                   struct random *random, double *x)
{
    size_t d = g->space->count, n;
    double mean, deviation, bar = INFINITY;

    gp_prior(g->theta, d);
    n = gather(g, known, LEARNED_MAX);
    standardize(g, n, &mean, &deviation);
    if (gp_learn(g->theta, g->forecast.unordered, d, g->rows, g->targets,
                 g->noises, n, LEARN_STEPS))
        return -1;
    n = gather(g, known, KEPT_MAX - 32);
    standardize(g, n, &mean, &deviation);
    if (gp_condition(&g->gp, g->theta, g->forecast.unordered, d, g->rows,
                     g->targets, g->noises, n))
        return -1;
    for (size_t i = 0; i < n && i < 16; i++) {
        double at, doubt;
        gp_predict(&g->gp, g->rows + i * d, 1, g->scratch, &at, &doubt);
        bar = fmin(bar, at);
    }
    if (believe(g, h, &n))
        return -1;
    choose(g, random, known, bar, x);
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
