/* curve: ends trials that are unlikely to become the best.
 *
 * What a trial would reach is forecast from the curves of those that went on
 * from there, its parameters among the inputs (forecast.h). It ends when the
 * chance that it beats the best that is known or expected of another falls
 * below 'chance'. Until a few trials have run to their end there is nothing to
 * learn from, and asha decides. In the spirit of Domhan et al., Speeding up
 * automatic hyperparameter optimization by extrapolation of learning curves,
 * IJCAI 2015, and Swersky et al., Freeze-thaw Bayesian optimization, 2014.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "search/models/forecast.h"
#include "search/math/normal.h"
#include "search/pruner.h"

/* The lowest of many forecasts is low by luck too: running trials count with so
 * many deviations on top. */
static const double DOUBT = 2;

struct curve {
    struct forecast forecast;
    int64_t grace, startup_trials;
    double chance;
    void *early; /* asha's state */
};

static void curve_destroy(void *state)
{
    struct curve *c = state;

    if (c == NULL)
        return;
    forecast_clear(&c->forecast);
    pruner_asha.destroy(c->early);
    free(c);
}

static int curve_create(void **state, struct reader *options, struct error *err)
{
    struct curve *c = calloc(1, sizeof *c);

    *state = c;
    if (c == NULL)
        return error_memory(err);
    forecast_init(&c->forecast);
    c->grace = 3;
    c->startup_trials = 3;
    c->chance = 0.02;
    reader_float(options, "chance", 0, 1, &c->chance);
    reader_int(options, "startup_trials", 1, INT32_MAX, &c->startup_trials);
    reader_int(options, "grace", 1, INT32_MAX, &c->grace);
    return pruner_asha.create(&c->early, options, err);
}

/* The lowest loss that is known, or expected of a trial other than 'number'. */
static double find_bar(struct curve *c, const struct history *h, size_t number)
{
    struct forecast *f = &c->forecast;
    double bar = forecast_scaled(f, forecast_lowest(f, number));
    double mean, variance;

    for (size_t i = 0; i < h->count; i++)
        if (i != number && forecast_pending(f, i) &&
            h->trials[i].curve_count >= (size_t)c->grace &&
            forecast_of(f, h, i, &mean, &variance))
            bar = fmin(bar, mean + DOUBT * sqrt(variance));
    return bar;
}

static enum decision curve_judge(void *state, const struct history *h,
                                 int64_t number)
{
    struct curve *c = state;
    const struct trial *t = &h->trials[number];
    double mean, variance;

    if (t->curve_count < (size_t)c->grace)
        return DECISION_CONTINUE;
    if (h->in_state[TRIAL_COMPLETE] < (size_t)c->startup_trials)
        return pruner_asha.judge(c->early, h, number);
    if (forecast_update(&c->forecast, h) ||
        !forecast_rung_reached(&c->forecast, t) ||
        !forecast_of(&c->forecast, h, (size_t)number, &mean, &variance))
        return DECISION_CONTINUE;
    double bar = find_bar(c, h, (size_t)number);
    return normal_cdf((bar - mean) / sqrt(variance)) < c->chance
               ? DECISION_PRUNE
               : DECISION_CONTINUE;
}

/* What asha had paused before there was anything to learn from. */
static int64_t curve_promote(void *state, const struct history *h)
{
    struct curve *c = state;

    return pruner_asha.promote(c->early, h);
}

static void curve_describe(const void *state, struct text *out)
{
    const struct curve *c = state;

    text_format(out,
                "ends what beats the best with a chance below %g, after %lld "
                "completed trials; until then asha: ",
                c->chance, (long long)c->startup_trials);
    pruner_asha.describe(c->early, out);
}

const struct pruner pruner_curve = {
    .name = "curve",
    .create = curve_create,
    .judge = curve_judge,
    .promote = curve_promote,
    .describe = curve_describe,
    .destroy = curve_destroy,
};
