/* ranking: see ranking.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/hypervolume.h"
#include "search/pareto.h"

static const double LEAST = 1e-12; /* weight */

void ranking_clear(struct ranking *r)
{
    free(r->standings);
    free(r->losses);
    free(r->places);
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

static double or_worst(double loss)
{
    return isnan(loss) ? INFINITY : loss;
}

static struct standing standing_of(const struct history *h,
                                   const struct trial *t)
{
    double best = or_worst(trial_best_loss(t, INT64_MAX));
    double broken = trial_violation(h, t);

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

/* --- several objectives -------------------------------------------------- */

/* Room for what the sort of all completed trials needs. */
static int reserve_objectives(struct ranking *r, const struct history *h)
{
    size_t m = h->objective_count;

    if (h->count <= r->room)
        return 0;
    free(r->losses);
    free(r->places);
    r->losses = malloc(2 * h->count * (m + 1) * sizeof *r->losses);
    r->places = malloc((8 * h->count + 1) * sizeof *r->places);
    r->room = r->losses && r->places ? 2 * h->count : 0;
    return r->room ? 0 : -1;
}

/* Put the rows front by front into 'members'; 'start' gets where each front
 * begins, and the end. Returns how many fronts. */
static size_t sort_fronts(const size_t *front, size_t count, size_t *members,
                          size_t *start)
{
    size_t fronts = 0;

    memset(start, 0, (count + 1) * sizeof *start);
    for (size_t i = 0; i < count; i++) {
        start[front[i] + 1]++;
        fronts = front[i] + 1 > fronts ? front[i] + 1 : fronts;
    }
    for (size_t f = 0; f < fronts; f++)
        start[f + 1] += start[f];
    for (size_t i = count; i-- > 0;)
        members[--start[front[i] + 1]] = i;
    /* each front's end was counted down to its beginning */
    memmove(start, start + 1, fronts * sizeof *start);
    start[fronts] = count;
    return fronts;
}

/* Rank completed trials by front, then by crowding. */
static int rank_objectives(struct ranking *r, const struct history *h)
{
    size_t m = h->objective_count, count = 0;

    if (h->count == 0)
        return 0;
    if (reserve_objectives(r, h))
        return -1;
    size_t *trials = r->places, *front = trials + r->room;
    size_t *members = front + r->room, *start = members + r->room;
    double *crowding = r->losses + r->room * m;
    for (size_t i = 0; i < h->count; i++)
        if (r->standings[i].tier == TIER_COMPLETE) {
            memcpy(r->losses + count * m, h->trials[i].losses,
                   m * sizeof *r->losses);
            trials[count++] = i;
        }
    if (pareto_fronts(r->losses, count, m, front))
        return -1;
    size_t fronts = sort_fronts(front, count, members, start);
    for (size_t f = 0; f < fronts; f++) {
        size_t *group = members + start[f], size = start[f + 1] - start[f];
        if (pareto_crowding(r->losses, m, group, size, crowding))
            return -1;
        for (size_t k = 0; k < size; k++)
            r->standings[trials[group[k]]] =
                (struct standing){ TIER_COMPLETE, (double)f, -crowding[k] };
    }
    return 0;
}

int ranking_update(struct ranking *r, const struct history *h)
{
    int64_t number;

    if (reserve(r, h->count))
        return -1;
    history_follow(&r->cursor, h);
    while ((number = history_next(&r->cursor, h)) >= 0)
        r->standings[number] = standing_of(h, &h->trials[number]);
    return h->objective_count > 1 ? rank_objectives(r, h) : 0;
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

size_t ranking_insert(const struct ranking *r, size_t trial, size_t most,
                      size_t *members, size_t count)
{
    if (count == most && !ranking_before(r, trial, members[count - 1]))
        return count;
    count += count < most;
    size_t at = count - 1;
    for (; at > 0 && ranking_before(r, trial, members[at - 1]); at--)
        members[at] = members[at - 1];
    members[at] = trial;
    return count;
}

size_t ranking_best(const struct ranking *r, const struct history *h,
                    enum tier lowest, size_t most, size_t *members)
{
    size_t count = 0;

    for (size_t i = 0; i < h->count; i++)
        if (r->standings[i].tier <= lowest)
            count = ranking_insert(r, i, most, members, count);
    return count;
}

size_t ranking_complete(const struct ranking *r, const size_t *members,
                        size_t count)
{
    while (count > 0 && r->standings[members[count - 1]].tier != TIER_COMPLETE)
        count--;
    return count;
}

/* Put the losses of 'count' trials into rows, and into 'reference' a point a
 * tenth of the range beyond the worst. */
static void collect_losses(const struct history *h, const size_t *members,
                           size_t count, double *rows, double *reference)
{
    size_t m = h->objective_count;

    for (size_t o = 0; o < m; o++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < count; i++) {
            double loss = h->trials[members[i]].losses[o];
            rows[i * m + o] = loss;
            low = fmin(low, loss);
            high = isinf(loss) ? high : fmax(high, loss);
        }
        reference[o] = high + (high > low ? 0.1 * (high - low) : 1);
    }
}

void ranking_weigh_gains(const struct ranking *r, const size_t *members,
                         size_t count, size_t next, double *weights)
{
    const struct standing *bar = &r->standings[next];
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        weights[i] = bar->first - r->standings[members[i]].first;
        sum += weights[i];
    }
    bool told = bar->tier == TIER_COMPLETE && sum > 0 && isfinite(sum);
    for (size_t i = 0; i < count; i++)
        weights[i] = told ? fmax(weights[i] / sum * (double)count, LEAST) : 1;
}

int ranking_weigh(const struct ranking *r, const struct history *h,
                  const size_t *members, size_t count, double *weights)
{
    size_t complete = ranking_complete(r, members, count);
    size_t m = h->objective_count;
    double reference[m], most = 0;
    double *rows = malloc((complete * m + 1) * sizeof *rows);

    if (rows == NULL)
        return -1;
    collect_losses(h, members, complete, rows, reference);
    int rc = hypervolume_contributions(rows, complete, m, reference, weights);
    free(rows);
    if (rc)
        return -1;
    for (size_t i = 0; i < complete; i++)
        most = fmax(most, weights[i]);
    for (size_t i = 0; i < count; i++)
        weights[i] =
            most > 0 ? fmax(i < complete ? weights[i] / most : 0, LEAST) : 1;
    return 0;
}
