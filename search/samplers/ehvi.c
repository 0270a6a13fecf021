/* ehvi: Bayesian optimization of several objectives by the hypervolume that a
 * trial is expected to add (search/math/improvement.h).
 *
 * A Gaussian process for each objective learns from the best completed trials
 * and the newest; trials still running are taken at what is expected of them,
 * as results and as part of the front. The gain is multiplied by the
 * probability of being feasible. The reference point is a tenth of the range
 * beyond the worst loss. Of more than three objectives each ask takes another
 * three.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/improvement.h"
#include "search/sampler.h"
#include "search/models/candidates.h"
#include "search/models/coordinates.h"
#include "search/models/feasibility.h"
#include "search/models/ranking.h"
#include "search/models/surrogate.h"

enum { BEST_MAX = 96, PENDING_MAX = 32, CENTRES = 24 };
enum { OBJECTIVES = IMPROVEMENT_OBJECTIVES };

struct ehvi {
    int64_t startup_trials;
    const struct space *space;
    struct candidates candidates;
    struct surrogate models[OBJECTIVES];
    struct feasibility feasibility;
    struct improvement improvement;
    struct ranking ranking;
    struct coordinates coordinates;
    double *rows;             /* those the models know */
    size_t members[BEST_MAX]; /* their trials, best first */
    double losses[SURROGATE_MAX * OBJECTIVES];
    size_t chosen[OBJECTIVES], objectives; /* those of this ask */
};

static void ehvi_destroy(void *state)
{
    struct ehvi *e = state;

    if (e == NULL)
        return;
    candidates_clear(&e->candidates);
    for (size_t o = 0; o < OBJECTIVES; o++)
        surrogate_clear(&e->models[o]);
    feasibility_clear(&e->feasibility);
    improvement_clear(&e->improvement);
    ranking_clear(&e->ranking);
    coordinates_clear(&e->coordinates);
    free(e->rows);
    free(e);
}

static int ehvi_create(void **state, const struct space *space,
                       struct reader *options, struct error *err)
{
    struct ehvi *e = calloc(1, sizeof *e);
    size_t d = space->count;

    *state = e;
    if (e == NULL)
        return error_memory(err);
    e->space = space;
    e->startup_trials = surrogate_startup(d);
    reader_int(options, "startup_trials", 1, INT32_MAX, &e->startup_trials);
    e->feasibility = (struct feasibility)FEASIBILITY_INIT;
    e->improvement = (struct improvement)IMPROVEMENT_INIT;
    e->ranking = (struct ranking)RANKING_INIT;
    e->coordinates = (struct coordinates)COORDINATES_INIT;
    e->rows = calloc(SURROGATE_MAX * d + 1, sizeof *e->rows);
    if (e->rows == NULL || candidates_init(&e->candidates, space))
        return error_memory(err);
    for (size_t o = 0; o < OBJECTIVES; o++)
        if (surrogate_init(&e->models[o], e->candidates.unordered, d))
            return error_memory(err);
    return 0;
}

/* --- what is known ------------------------------------------------------- */

/* Choose the objectives of this ask, all when they are few. */
static void choose_objectives(struct ehvi *e, const struct history *h,
                              struct random *random)
{
    size_t left = h->objective_count;

    e->objectives = 0;
    for (size_t o = 0; o < h->objective_count; o++) {
        size_t wanted = OBJECTIVES - e->objectives;
        if (left <= wanted || random_below(random, left) < wanted)
            e->chosen[e->objectives++] = o;
        left--;
    }
}

/* Teach the models the 'known' members. */
static int learn(struct ehvi *e, const struct history *h, size_t known)
{
    size_t d = e->space->count;
    double values[BEST_MAX];

    for (size_t i = 0; i < known; i++)
        memcpy(e->rows + i * d, e->coordinates.rows + e->members[i] * d,
               d * sizeof *e->rows);
    for (size_t o = 0; o < e->objectives; o++) {
        for (size_t i = 0; i < known; i++)
            values[i] = h->trials[e->members[i]].losses[e->chosen[o]];
        if (surrogate_fit(&e->models[o], e->rows, values, known))
            return -1;
        for (size_t i = 0; i < known; i++)
            e->losses[i * e->objectives + o] =
                isfinite(values[i]) ? values[i] : INFINITY;
    }
    return 0;
}

/* Add the newest pending trials behind the 'known' rows, at what is expected.
 * Returns how many, or -1 when out of memory. */
static int believe(struct ehvi *e, const struct history *h, size_t known)
{
    size_t d = e->space->count, more = 0;

    for (size_t i = h->count; i-- > 0 && more < PENDING_MAX;)
        if (ranking_pending(&e->ranking, i))
            memcpy(e->rows + (known + more++) * d, e->coordinates.rows + i * d,
                   d * sizeof *e->rows);
    for (size_t o = 0; o < e->objectives; o++) {
        for (size_t i = known; i < known + more; i++) {
            double variance;
            surrogate_predict(&e->models[o], e->rows + i * d, 1,
                              &e->losses[i * e->objectives + o], &variance);
            surrogate_believe(&e->models[o], i);
        }
        if (surrogate_settle(&e->models[o]))
            return -1;
    }
    return (int)more;
}

/* A tenth of the range beyond the worst of 'count' rows. */
static void find_reference(const struct ehvi *e, size_t count,
                           double *reference)
{
    for (size_t o = 0; o < e->objectives; o++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < count; i++) {
            double loss = e->losses[i * e->objectives + o];
            low = fmin(low, loss);
            high = isinf(loss) ? high : fmax(high, loss);
        }
        reference[o] = high > low ? high + 0.1 * (high - low)
                                  : (isinf(high) ? 1 : high + 1);
    }
}

/* --- suggesting ---------------------------------------------------------- */

static void score(void *context, const double *points, size_t count,
                  double *scores)
{
    double mean[OBJECTIVES][GP_BLOCK], variance[OBJECTIVES][GP_BLOCK];
    const struct ehvi *e = context;

    for (size_t o = 0; o < e->objectives; o++)
        surrogate_predict(&e->models[o], points, count, mean[o], variance[o]);
    for (size_t b = 0; b < count; b++) {
        double at[OBJECTIVES], deviation[OBJECTIVES];
        for (size_t o = 0; o < e->objectives; o++) {
            at[o] = mean[o][b];
            deviation[o] = sqrt(fmax(variance[o][b], 1e-300));
        }
        scores[b] = log(improvement_expected(&e->improvement, at, deviation));
    }
    feasibility_weigh(&e->feasibility, points, count, scores);
}

static int propose(struct ehvi *e, const struct history *h, size_t known,
                   struct random *random, double *x)
{
    double reference[OBJECTIVES];

    choose_objectives(e, h, random);
    if (learn(e, h, known))
        return -1;
    int more = believe(e, h, known);
    if (more < 0)
        return -1;
    find_reference(e, known + (size_t)more, reference);
    size_t feasible = ranking_complete(&e->ranking, e->members, known);
    if (feasible < known) /* believed ones follow the feasible ones */
        memmove(e->losses + feasible * e->objectives,
                e->losses + known * e->objectives,
                (size_t)more * e->objectives * sizeof *e->losses);
    if (improvement_fit(&e->improvement, e->losses, feasible + (size_t)more,
                        e->objectives, reference) ||
        feasibility_fit(&e->feasibility, h, e->candidates.unordered,
                        e->coordinates.rows))
        return -1;
    candidates_search(&e->candidates, random, e->rows,
                      known < CENTRES ? known : CENTRES, score, e, x);
    return 0;
}

static int ehvi_suggest(void *state, const struct history *h,
                        struct random *random, struct suggestion *s,
                        struct error *err)
{
    struct ehvi *e = state;

    if (coordinates_update(&e->coordinates, h) ||
        ranking_update(&e->ranking, h))
        return error_memory(err);
    size_t known =
        ranking_best(&e->ranking, h, TIER_INFEASIBLE, BEST_MAX, e->members);
    if (e->space->count == 0 || known < (size_t)e->startup_trials) {
        random_fill(e->space, random, s->x);
        return 0;
    }
    return propose(e, h, known, random, s->x) ? error_memory(err) : 0;
}

static void ehvi_describe(const void *state, struct text *out)
{
    const struct ehvi *e = state;

    text_format(out,
                "expected hypervolume improvement by Gaussian processes, after "
                "%lld random trials",
                (long long)e->startup_trials);
}

const struct sampler sampler_ehvi = {
    .name = "ehvi",
    .create = ehvi_create,
    .suggest = ehvi_suggest,
    .describe = ehvi_describe,
    .destroy = ehvi_destroy,
};
