/* gp: Bayesian optimization with a Gaussian process and expected improvement.
 *
 * The process learns from every trial (models/outlook.h). Trials that have not
 * ended are taken at what is expected of them ("kriging believer", Ginsbourger
 * et al. 2010), so workers that ask at the same time are sent to different
 * places. The next point has the highest expected improvement (Jones et al.
 * 1998; in logarithms: Ament et al., NeurIPS 2023) for what it will cost
 * (models/price.h), times the probability of being feasible (Gardner et al.
 * 2014); that alone until a trial was feasible.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/normal.h"
#include "search/models/feasibility.h"
#include "search/models/outlook.h"
#include "search/models/price.h"
#include "search/sampler.h"

struct gp_sampler {
    int64_t startup_trials;
    const struct space *space;
    struct outlook outlook;
    struct feasibility feasibility;
    struct price price;
    double bar; /* to be improved upon; INFINITY: nothing is feasible yet */
};

static void gp_destroy(void *state)
{
    struct gp_sampler *g = state;

    if (g == NULL)
        return;
    outlook_clear(&g->outlook);
    feasibility_clear(&g->feasibility);
    free(g);
}

static int gp_create(void **state, const struct space *space,
                     struct reader *options, struct error *err)
{
    struct gp_sampler *g = calloc(1, sizeof *g);

    *state = g;
    if (g == NULL)
        return error_memory(err);
    g->space = space;
    g->feasibility = (struct feasibility)FEASIBILITY_INIT;
    g->startup_trials = surrogate_startup(space->count);
    reader_int(options, "startup_trials", 1, INT32_MAX, &g->startup_trials);
    return outlook_init(&g->outlook, space) ? error_memory(err) : 0;
}

/* ---- what is to be beaten ----------------------------------------------- */

/* Whether a trial keeps to the constraints, or one that has not ended likely
 * will. */
static bool is_feasible(const struct gp_sampler *g, const struct history *h,
                        size_t trial)
{
    const struct trial *t = &h->trials[trial];
    double log_chance = 0;

    if (t->constraints != NULL)
        return trial_violation(h, t) == 0;
    feasibility_weigh(&g->feasibility,
                      g->outlook.forecast.coordinates.rows +
                          trial * g->space->count,
                      1, &log_chance);
    return log_chance >= log(0.5);
}

/* The lowest value expected at a point that was tried and is feasible. */
static double find_bar(const struct gp_sampler *g, const struct history *h)
{
    const struct outlook *o = &g->outlook;
    double mean[GP_BLOCK], bar = INFINITY;
    size_t n = o->model.count;

    for (size_t i = 0; i < n; i += GP_BLOCK) {
        size_t count = n - i < GP_BLOCK ? n - i : GP_BLOCK;
        gp_predict(&o->model.gp, o->rows + i * g->space->count, count, NULL,
                   mean, NULL);
        for (size_t b = 0; b < count; b++)
            if (mean[b] < bar && is_feasible(g, h, o->taken[i + b]))
                bar = mean[b];
    }
    return bar;
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

static void score(void *context, const double *points, size_t count,
                  double *scores)
{
    const struct gp_sampler *g = context;
    const struct outlook *o = &g->outlook;
    double mean[GP_BLOCK], variance[GP_BLOCK];

    gp_predict(&o->model.gp, points, count, o->model.scratch, mean, variance);
    for (size_t b = 0; b < count; b++)
        if (outlook_tried(o, points + b * g->space->count))
            scores[b] = -INFINITY;
        else if (isinf(g->bar))
            scores[b] = 0;
        else
            scores[b] = log_improvement(mean[b], variance[b], g->bar) -
                        price_of(&g->price, mean[b], sqrt(variance[b]));
    feasibility_weigh(&g->feasibility, points, count, scores);
}

/* ---- suggesting --------------------------------------------------------- */

static int propose(struct gp_sampler *g, const struct history *h,
                   struct random *random, double *x)
{
    struct outlook *o = &g->outlook;

    if (outlook_learn(o, h, false) || outlook_believe(o, h) ||
        feasibility_fit(&g->feasibility, h, o->candidates.unordered,
                        o->forecast.coordinates.rows))
        return -1;
    g->bar = find_bar(g, h);
    price_learn(&g->price, o, h);
    outlook_search(o, random, score, g, x);
    return 0;
}

static int gp_suggest(void *state, const struct history *h,
                      struct random *random, struct suggestion *s,
                      struct error *err)
{
    struct gp_sampler *g = state;

    if (outlook_update(&g->outlook, h, true))
        return error_memory(err);
    if (g->space->count == 0 || g->outlook.known < (size_t)g->startup_trials) {
        random_fill(g->space, random, s->x);
        return 0;
    }
    return propose(g, h, random, s->x) ? error_memory(err) : 0;
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
