/* ranking: see ranking.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/samplers/ranking.h"

#include <math.h>
#include <stdlib.h>

/* The share of the sum beside the maximum; ParEGO's. */
static const double AUGMENTATION = 0.05;

void ranking_clear(struct ranking *r)
{
    free(r->standings);
    *r = (struct ranking)RANKING_INIT;
}

static int reserve(struct ranking *r, size_t count)
{
    if (count <= r->capacity)
        return 0;
    struct standing *grown =
        realloc(r->standings, 2 * count * sizeof *r->standings);
    if (grown == NULL)
        return -1;
    r->standings = grown;
    r->capacity = 2 * count;
    return 0;
}

/* By how much a trial breaks its constraints in sum; 0 when feasible. */
static double violation(const struct history *h, const struct trial *t)
{
    double sum = 0;

    for (size_t i = 0; t->constraints != NULL && i < h->constraint_count; i++)
        if (!(t->constraints[i] <= 0))
            sum += isnan(t->constraints[i]) ? INFINITY : t->constraints[i];
    return sum;
}

static double or_worst(double loss)
{
    return isnan(loss) ? INFINITY : loss;
}

static struct standing standing_of(const struct history *h,
                                   const struct trial *t)
{
    double best = or_worst(trial_best_loss(t, INT64_MAX));
    double broken = violation(h, t);

    if (t->state == TRIAL_FAILED)
        return (struct standing){ TIER_FAILED, 0, 0 };
    if (t->state != TRIAL_COMPLETE && t->state != TRIAL_PRUNED)
        return (struct standing){ TIER_PENDING, 0, 0 };
    if (broken > 0)
        return (struct standing){ TIER_INFEASIBLE, broken, 0 };
    if (t->state == TRIAL_PRUNED)
        return (struct standing){ TIER_PRUNED, -(double)trial_last_step(t),
                                  best };
    return (struct standing){ TIER_COMPLETE,
                              isnan(t->losses[0]) ? best : t->losses[0], 0 };
}

/* Lowest and highest finite value of an objective over completed trials. */
static void objective_range(const struct ranking *r, const struct history *h,
                            size_t objective, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < h->count; i++) {
        double loss = h->trials[i].losses[objective];

        if (r->standings[i].tier == TIER_COMPLETE && isfinite(loss)) {
            *low = fmin(*low, loss);
            *high = fmax(*high, loss);
        }
    }
}

/* Replace the losses of completed trials by one number each. */
static void join_objectives(struct ranking *r, const struct history *h,
                            struct random *random)
{
    for (size_t o = 0; o < h->objective_count; o++) {
        double weight = -log(1 - random_uniform(random)), low, high;

        objective_range(r, h, o, &low, &high);
        for (size_t i = 0; i < h->count; i++) {
            struct standing *s = &r->standings[i];

            if (s->tier != TIER_COMPLETE)
                continue;
            double loss = or_worst(h->trials[i].losses[o]);
            double share = high > low ? (loss - low) / (high - low)
                                      : (isfinite(loss) ? 0 : INFINITY);
            double part = isinf(share) ? INFINITY : weight * share;
            s->second = (o ? s->second : 0) + AUGMENTATION * part;
            s->first = o ? fmax(s->first, part) : part;
        }
    }
    for (size_t i = 0; i < h->count; i++)
        if (r->standings[i].tier == TIER_COMPLETE) {
            r->standings[i].first += r->standings[i].second;
            r->standings[i].second = 0;
        }
}

int ranking_update(struct ranking *r, const struct history *h,
                   struct random *random)
{
    int64_t number;

    if (reserve(r, h->count))
        return -1;
    history_follow(&r->cursor, h);
    while ((number = history_next(&r->cursor, h)) >= 0)
        r->standings[number] = standing_of(h, &h->trials[number]);
    if (h->objective_count > 1)
        join_objectives(r, h, random);
    return 0;
}

bool ranking_before(const struct ranking *r, size_t a, size_t b)
{
    const struct standing *x = &r->standings[a], *y = &r->standings[b];

    if (x->tier != y->tier)
        return x->tier < y->tier;
    if (x->first != y->first)
        return x->first < y->first;
    if (x->second != y->second)
        return x->second < y->second;
    return a < b;
}

bool ranking_finished(const struct ranking *r, size_t trial)
{
    return r->standings[trial].tier <= TIER_INFEASIBLE;
}

bool ranking_pending(const struct ranking *r, size_t trial)
{
    return r->standings[trial].tier == TIER_PENDING;
}
