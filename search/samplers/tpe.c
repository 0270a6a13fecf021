/* tpe: the tree-structured Parzen estimator, multivariate.
 *
 * The trials are split into a few good ones and the rest; each set becomes a
 * density; of some points drawn from the good one, that with the highest ratio
 * good : rest is tried next. Bergstra et al., Algorithms for hyper-parameter
 * optimization, NeurIPS 2011; all parameters at once: Falkner et al., BOHB,
 * ICML 2018; the choices made here follow Watanabe, Tree-structured Parzen
 * estimator: understanding its algorithm components, 2023. Good trials weigh
 * as what each gains, with two to four objectives as the volume that each adds
 * (ranking.h).
 *
 * Parameters under the same conditions form a group with densities of its own,
 * over the trials in which the group was active. Options have Optuna's names,
 * with or without its n_ and ei_; unlike there, multivariate, group and
 * constant_liar are on unless switched off. How trials compare, and what
 * becomes of those still running, says ranking.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/parameter.h"
#include "search/sampler.h"
#include "search/models/coordinates.h"
#include "search/models/parzen.h"
#include "search/models/ranking.h"

/* Such a share of the trials is good, at most GOOD_MAX; weighed as what they
 * gain, more may be. The rest is thinned out evenly to REST_MAX kernels: more
 * cost time and change the density little. */
static const double GOOD_SHARE = 0.15, GOOD_SHARE_SEVERAL = 0.1;
enum { GOOD_MAX = 25, REST_MAX = 500 };

/* Of more objectives the volumes that good trials add would cost tens of
 * milliseconds. */
enum { WEIGHED_OBJECTIVES = 4 };

struct group {
    size_t *members; /* parameter indices */
    size_t count;
    struct parzen_axis *axes; /* one a member */
};

struct tpe {
    int64_t startup_trials;
    int64_t candidates;
    bool multivariate;  /* all of a group at once, else each by itself */
    bool group;         /* conditional parameters too */
    bool constant_liar; /* trials not ended count as bad */
    const struct space *space;
    struct group *groups; /* a parent's group before its children's */
    size_t group_count;

    struct ranking ranking;
    struct coordinates coordinates;
    size_t *trials;  /* those a group learns from: the good, then the rest */
    size_t capacity; /* of 'trials' */

    struct parzen good, rest;
    double *rows; /* GOOD_MAX + REST_MAX points of a group */
};

/* How many trials a group has: ended, among them such that there is something
 * to learn from, and not ended. */
struct census {
    size_t ended, learned, pending;
};

/* --- groups -------------------------------------------------------------- */

static bool same_condition(const struct condition *a, const struct condition *b)
{
    if (a->parent != b->parent || (a->values == NULL) != (b->values == NULL))
        return false;
    return a->values ? tree_equal(a->values, b->values)
                     : a->low == b->low && a->high == b->high;
}

static bool same_conditions(const struct parameter *a,
                            const struct parameter *b)
{
    if (a->condition_count != b->condition_count)
        return false;
    for (size_t i = 0; i < a->condition_count; i++)
        if (!same_condition(&a->conditions[i], &b->conditions[i]))
            return false;
    return true;
}

/* A kernel of a whole number is not much narrower than the number's cell. */
static struct parzen_axis axis_of(const struct parameter *p)
{
    double count = parameter_count(p);

    if (coordinate_unordered(p))
        return (struct parzen_axis){ .choices = (size_t)count };
    return (struct parzen_axis){ .narrowest = p->log ? 0 : 0.5 / count };
}

static struct group *group_of(struct tpe *t, size_t parameter)
{
    const struct parameter *p = t->space->parameters;
    bool joins =
        t->multivariate && (t->group || p[parameter].condition_count == 0);

    for (size_t g = 0; joins && g < t->group_count; g++) {
        assert(t->groups[g].members); /* or make_groups() had stopped */
        if (same_conditions(&p[t->groups[g].members[0]], &p[parameter]))
            return &t->groups[g];
    }
    struct group *g = &t->groups[t->group_count++];
    g->members = calloc(t->space->count, sizeof *g->members);
    g->axes = calloc(t->space->count, sizeof *g->axes);
    return g;
}

static int make_groups(struct tpe *t)
{
    for (size_t k = 0; k < t->space->count; k++) {
        size_t i = t->space->order[k];
        struct group *g = group_of(t, i);

        if (g->members == NULL || g->axes == NULL)
            return -1;
        g->axes[g->count] = axis_of(&t->space->parameters[i]);
        g->members[g->count++] = i;
    }
    return 0;
}

/* --- making -------------------------------------------------------------- */

static void tpe_destroy(void *state)
{
    struct tpe *t = state;

    if (t == NULL)
        return;
    for (size_t g = 0; t->groups != NULL && g < t->group_count; g++) {
        free(t->groups[g].members);
        free(t->groups[g].axes);
    }
    free(t->groups);
    ranking_clear(&t->ranking);
    coordinates_clear(&t->coordinates);
    free(t->trials);
    parzen_clear(&t->good);
    parzen_clear(&t->rest);
    free(t->rows);
    free(t);
}

static int tpe_create(void **state, const struct space *space,
                      struct reader *options, struct error *err)
{
    struct tpe *t = calloc(1, sizeof *t);
    size_t room = space->count + 1;

    *state = t;
    if (t == NULL)
        return error_memory(err);
    *t = (struct tpe){
        .startup_trials = 10,
        .candidates = 24,
        .multivariate = true,
        .group = true,
        .constant_liar = true,
        .space = space,
        .ranking = RANKING_INIT,
        .coordinates = COORDINATES_INIT,
        .good = PARZEN_INIT,
        .rest = PARZEN_INIT,
    };
    reader_int(options, "startup_trials", 1, INT32_MAX, &t->startup_trials);
    reader_int(options, "n_startup_trials", 1, INT32_MAX, &t->startup_trials);
    reader_int(options, "candidates", 1, 10000, &t->candidates);
    reader_int(options, "n_ei_candidates", 1, 10000, &t->candidates);
    reader_bool(options, "multivariate", &t->multivariate);
    reader_bool(options, "group", &t->group);
    reader_bool(options, "constant_liar", &t->constant_liar);
    t->groups = calloc(room, sizeof *t->groups);
    t->rows = malloc((GOOD_MAX + REST_MAX) * room * sizeof *t->rows);
    if (t->groups == NULL || t->rows == NULL || make_groups(t))
        return error_memory(err);
    return 0;
}

/* --- the trials, seen as points ------------------------------------------ */

static int update(struct tpe *t, const struct history *h)
{
    if (h->count > t->capacity) {
        size_t *grown = realloc(t->trials, 2 * h->count * sizeof *grown);
        if (grown == NULL)
            return -1;
        t->trials = grown;
        t->capacity = 2 * h->count;
    }
    return coordinates_update(&t->coordinates, h) ||
                   ranking_update(&t->ranking, h)
               ? -1
               : 0;
}

/* Put the trials in which a group was active into t->trials, those not ended
 * last. */
static struct census find_trials(struct tpe *t, const struct history *h,
                                 const struct group *g)
{
    const double *unit = t->coordinates.rows + g->members[0];
    struct census c = { 0, 0, 0 };

    for (size_t i = 0; i < h->count; i++)
        if (!isnan(unit[i * t->space->count]) &&
            !ranking_pending(&t->ranking, i)) {
            t->trials[c.ended++] = i;
            c.learned += ranking_finished(&t->ranking, i);
        }
    for (size_t i = 0; i < h->count; i++)
        if (!isnan(unit[i * t->space->count]) &&
            ranking_pending(&t->ranking, i))
            t->trials[c.ended + c.pending++] = i;
    return c;
}

/* Bring the 'want' best of 'count' trials to the front, in order. The others
 * keep theirs, so that thinning them out is even over time. */
static void bring_forward(struct tpe *t, size_t count, size_t want)
{
    size_t best[GOOD_MAX + 1], n = 0, at = count;

    assert(want > 0 && want <= count && want <= GOOD_MAX + 1);
    for (size_t i = 0; i < count; i++)
        n = ranking_insert(&t->ranking, t->trials[i], want, best, n);
    for (size_t i = count; i-- > 0;)
        if (ranking_before(&t->ranking, best[n - 1], t->trials[i]))
            t->trials[--at] = t->trials[i];
    assert(at == n);
    memcpy(t->trials, best, n * sizeof *best);
}

/* Copy a group's coordinates in 'kept' of 'count' trials, evenly chosen. */
static void gather(const struct tpe *t, const struct group *g,
                   const size_t *trials, size_t count, size_t kept, double *row)
{
    for (size_t k = 0; k < kept; k++) {
        const double *unit =
            t->coordinates.rows + trials[k * count / kept] * t->space->count;

        for (size_t m = 0; m < g->count; m++)
            *row++ = unit[g->members[m]];
    }
}

static size_t at_most(size_t count, size_t most)
{
    return count < most ? count : most;
}

/* How much the good ones count, the first of t->trials, behind which the next
 * best stands. Returns 0, or -1 when out of memory. */
static int weigh(const struct tpe *t, const struct history *h, size_t good,
                 size_t ended, double *weights)
{
    if (h->objective_count > 1 && h->objective_count <= WEIGHED_OBJECTIVES)
        return ranking_weigh(&t->ranking, h, t->trials, good, weights);
    if (h->objective_count == 1 && good < ended)
        ranking_weigh_gains(&t->ranking, t->trials, good, t->trials[good],
                            weights);
    else
        for (size_t i = 0; i < good; i++)
            weights[i] = 1;
    return 0;
}

/* Fit both densities. Of the rest, those not ended go first: a thousand old
 * results would else hide where the other workers are. Returns 0, or -1 when
 * out of memory. */
static int fit(struct tpe *t, const struct history *h, const struct group *g,
               struct census c)
{
    double share = h->objective_count > 1 ? GOOD_SHARE_SEVERAL : GOOD_SHARE;
    double weights[GOOD_MAX];
    size_t good = at_most((size_t)ceil(share * (double)c.learned), GOOD_MAX);

    bring_forward(t, c.ended, at_most(good + 1, c.ended));
    gather(t, g, t->trials, good, good, t->rows);
    if (weigh(t, h, good, c.ended, weights) ||
        parzen_fit(&t->good, g->axes, g->count, t->rows, weights, good))
        return -1;
    size_t pending = t->constant_liar ? at_most(c.pending, REST_MAX / 2) : 0;
    size_t ended = at_most(c.ended - good, REST_MAX - pending);
    gather(t, g, t->trials + c.ended, c.pending, pending, t->rows);
    gather(t, g, t->trials + good, c.ended - good, ended,
           t->rows + pending * g->count);
    return parzen_fit(&t->rest, g->axes, g->count, t->rows, NULL,
                      pending + ended);
}

/* --- suggesting ---------------------------------------------------------- */

/* Draw a candidate: legal values of the group's members, those fixed in 'x'
 * kept, and their coordinates. */
static void draw(struct tpe *t, const struct group *g, struct random *random,
                 const double *x, double *values, double *units)
{
    parzen_sample(&t->good, random, units);
    for (size_t m = 0; m < g->count; m++) {
        const struct parameter *p = &t->space->parameters[g->members[m]];
        double fixed = x[g->members[m]];

        if (!isnan(fixed))
            values[m] = fixed;
        else
            values[m] = coordinate_unordered(p)
                            ? units[m]
                            : parameter_from_unit(p, units[m]);
        units[m] = coordinate_of(p, values[m]);
    }
}

static void choose_best(struct tpe *t, const struct group *g,
                        struct random *random, double *x)
{
    double *units = t->rows, *values = units + g->count;
    double *best = values + g->count, highest = -INFINITY;

    for (int64_t i = 0; i < t->candidates; i++) {
        draw(t, g, random, x, values, units);
        double ratio = parzen_log_density(&t->good, units) -
                       parzen_log_density(&t->rest, units);
        if (i == 0 || ratio > highest) {
            memcpy(best, values, g->count * sizeof *best);
            highest = ratio;
        }
    }
    for (size_t m = 0; m < g->count; m++)
        x[g->members[m]] = best[m];
}

static int suggest_group(struct tpe *t, const struct history *h,
                         const struct group *g, struct random *random,
                         double *x)
{
    struct census c = find_trials(t, h, g);

    if (c.learned >= (size_t)t->startup_trials) {
        if (fit(t, h, g, c))
            return -1;
        choose_best(t, g, random, x);
        return 0;
    }
    for (size_t m = 0; m < g->count; m++) {
        const struct parameter *p = &t->space->parameters[g->members[m]];

        if (isnan(x[g->members[m]]))
            x[g->members[m]] = parameter_from_unit(p, random_uniform(random));
    }
    return 0;
}

static int tpe_suggest(void *state, const struct history *h,
                       struct random *random, struct suggestion *s,
                       struct error *err)
{
    struct tpe *t = state;

    if (update(t, h))
        return error_memory(err);
    for (size_t i = 0; i < t->group_count; i++) {
        const struct group *g = &t->groups[i];

        if (space_active(t->space, g->members[0], s->x) &&
            suggest_group(t, h, g, random, s->x))
            return error_memory(err);
    }
    return 0;
}

static void tpe_describe(const void *state, struct text *out)
{
    const struct tpe *t = state;

    text_format(out, "%s, after %lld random trials the best of %lld candidates",
                !t->multivariate ? "each parameter by itself"
                : t->group       ? "multivariate"
                           : "multivariate, conditional ones by themselves",
                (long long)t->startup_trials, (long long)t->candidates);
}

const struct sampler sampler_tpe = {
    .name = "tpe",
    .create = tpe_create,
    .suggest = tpe_suggest,
    .describe = tpe_describe,
    .destroy = tpe_destroy,
};
